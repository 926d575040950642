/* Plans of heavy-pollution days: what an enterprise is allowed while one holds. */
#include "web/marks.h"

#include <math.h>
#include <string.h>

enum { LIST_MOST = 500 };

void yw_put_plan(struct yw_request *q, const struct yw_plan_entry *p) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_put_i64(b, "id", p->id);
    yw_put_enterprise_brief(b, yw_register_enterprise(q->reg, p->enterprise));
    yj_put_time(b, "from", p->plan.from);
    yj_put_time(b, "to", p->plan.to);
    yj_put_text(b, "level", p->plan.level);
    yj_put_text(b, "measure", p->plan.measure);
    yj_put_bool(b, "stop", p->plan.stop);
    yj_put_f64(b, "power_share", p->plan.power_share);
    yj_put_f64(b, "flow_share", p->plan.flow_share);
    yj_put_time(b, "at", p->at);
    yj_put_text_or_null(b, "by", yw_is_unit(q) ? NULL : p->by);
    yj_close(b, '}');
}

struct listing {
    struct yw_request *q;
    int64_t from, to;
    size_t n;
};

static bool put_one(void *arg, const struct yw_plan_entry *p) {
    struct listing *l = arg;
    struct yw_request *q = l->q;
    if (p->plan.from >= l->to || p->plan.to <= l->from ||
        !yw_sees_enterprise(q->reg, &q->session.user, yw_register_enterprise(q->reg, p->enterprise)))
        return true;
    if (l->n++ == LIST_MOST) return false;
    yw_put_plan(q, p);
    return true;
}

YW_HANDLER(yw_get_plans) {
    struct listing l = {.q = q};
    int64_t enterprise;
    if (!yw_query_span(q, &l.from, &l.to)) return 400;
    if (!yw_query_i64(q, "enterprise", 0, UINT32_MAX, 0, &enterprise))
        return yw_problem(q, 400, "query", "enterprise 不正确", "enterprise is wrong");
    yj_open(&q->out, '{');
    yj_key(&q->out, "plans");
    yj_open(&q->out, '[');
    yw_register_plans(q->reg, (uint32_t)enterprise, put_one, &l);
    yj_close(&q->out, ']');
    yj_put_bool(&q->out, "more", l.n > LIST_MOST);
    yj_close(&q->out, '}');
    return 200;
}

static bool read_share(struct yw_request *q, const json_t *o, const char *name, double *to) {
    const json_t *v = json_object_get(o, name);
    *to = NAN;
    if (v == NULL || json_is_null(v)) return true;
    *to = json_number_value(v);
    if (json_is_number(v) && *to >= 0 && *to <= 1) return true;
    (void)yw_problem(q, 422, name, "应为 0 到 1 之间的比例",
                     "power_share, flow_share: a share of 0 to 1, or null");
    return false;
}

static bool read_plan(struct yw_request *q, const json_t *o, struct yw_plan_entry *p,
                      char reason[YW_REASON_BYTES + 1]) {
    json_int_t id = json_integer_value(json_object_get(o, "id"));
    json_int_t enterprise = json_integer_value(json_object_get(o, "enterprise"));
    if (!yw_member_text(q, o, "level", p->plan.level, sizeof p->plan.level) ||
        !yw_member_text(q, o, "measure", p->plan.measure, sizeof p->plan.measure) ||
        !yw_member_text(q, o, "reason", reason, YW_REASON_BYTES + 1) ||
        !yw_member_time(q, o, "from", NULL, &p->plan.from) ||
        !yw_member_time(q, o, "to", NULL, &p->plan.to) ||
        !read_share(q, o, "power_share", &p->plan.power_share) ||
        !read_share(q, o, "flow_share", &p->plan.flow_share))
        return false;
    p->plan.stop = json_is_true(json_object_get(o, "stop"));
    p->enterprise = enterprise > 0 && enterprise <= UINT32_MAX ? (uint32_t)enterprise : 0;
    p->id = id > 0 && id <= UINT32_MAX ? (uint32_t)id : 0;
    if (p->plan.level[0] == '\0') {
        (void)yw_problem(q, 422, "level", "请填写预警级别", "level: must be filled in");
    } else if (p->plan.to <= p->plan.from || p->plan.to - p->plan.from > 120 * YW_DAY) {
        (void)yw_problem(q, 422, "to", "结束时间应晚于开始时间，且不超过 120 天",
                         "to: must lie behind from, at most 120 days");
    } else {
        return true;
    }
    return false;
}

static unsigned write_plan(struct yw_request *q, const json_t *o) {
    struct yw_plan_entry p = {0};
    char reason[YW_REASON_BYTES + 1];
    if (!read_plan(q, o, &p, reason)) return 422;
    const struct yw_plan_entry *old = p.id != 0 ? yw_register_plan(q->reg, p.id) : NULL;
    if (!yw_sees_enterprise(q->reg, &q->session.user, yw_register_enterprise(q->reg, p.enterprise)) ||
        (p.id != 0 && (old == NULL || old->enterprise != p.enterprise)))
        return yw_problem(q, 422, "enterprise", "没有这个排污单位或这项措施",
                          "enterprise: there is no such enterprise, or no such plan of it");
    if (p.id == 0) p.id = yw_register_next_plan(q->reg);
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
    yw_buf_init(&act, YW_THING_ACT_MAX);
    (void)yw_act_plan_put(&act, &a, &p);
    unsigned status = yw_commit_thing(q, &act);
    yw_buf_free(&act);
    if (status == 200) yw_put_plan(q, yw_register_plan(q->reg, p.id));
    return status;
}

YW_HANDLER(yw_post_plan) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = write_plan(q, o);
    yw_acts_unlock(q->web->acts);
    json_decref(o);
    return status;
}

YW_HANDLER(yw_delete_plan) {
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now};
    yw_buf_init(&act, YW_THING_ACT_MAX);
    (void)yw_act_plan_drop(&act, &a, q->id);
    (void)yw_acts_lock_alone(q->web->acts);
    unsigned status = yw_commit_thing(q, &act);
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    if (status != 200) return status;
    yj_open(&q->out, '{');
    yj_close(&q->out, '}');
    return 200;
}
