/* Queries (标记质疑 and other 督办单): raised by officers and operators, received and replied to by the unit,
 * closed by officers and operators. Nobody changes a mark here. */
#include "web/marks.h"

#include <string.h>

enum { LIST_MOST = 200, DEADLINE_DAYS_MAX = 60, DEADLINE_DAYS = 3 };

static unsigned put_query(struct yw_request *q) {
    yw_put_query_row(q, yw_register_query(q->reg, q->thing));
    return 200;
}

YW_HANDLER(yw_get_query) {
    return put_query(q);
}

struct listing {
    struct yw_request *q;
    const char *state;
    uint32_t outlet;
    uint64_t before;
    int64_t limit;
    size_t n;
    uint64_t last;
    bool more;
};

static bool wanted(const struct listing *l, const struct yw_query_row *d) {
    const char *s = l->state;
    if (d->head.id >= l->before) return false;
    if (strcmp(s, "open") == 0) return d->state != YW_QUERY_CLOSED;
    if (strcmp(s, "overdue") == 0) return d->state < YW_QUERY_REPLIED && l->q->now > d->deadline;
    return s[0] == '\0' || strcmp(s, yw_query_state_name(d->state)) == 0;
}

static bool put_one(void *arg, const struct yw_query_row *d) {
    struct listing *l = arg;
    struct yw_request *q = l->q;
    if (!wanted(l, d) ||
        !yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, d->head.outlet)))
        return true;
    if (l->n == (size_t)l->limit) {
        l->more = true;
        return false;
    }
    l->n++;
    l->last = d->head.id;
    yw_put_query_row(q, d);
    return true;
}

YW_HANDLER(yw_get_queries) {
    static const char *const states[] = {"", "open", "overdue", "sent", "received", "replied", "closed"};
    struct listing l = {.q = q, .state = yw_query(q, "state")};
    int64_t outlet, before;
    bool known = false;
    for (size_t i = 0; i < YW_COUNT(states); i++) known = known || strcmp(l.state, states[i]) == 0;
    if (!known || !yw_query_i64(q, "outlet", 0, UINT32_MAX, 0, &outlet) ||
        !yw_query_i64(q, "before", 1, INT64_MAX, INT64_MAX, &before) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 50, &l.limit))
        return yw_problem(q, 400, "query", "state、outlet、before 或 limit 不正确",
                          "state, outlet, before or limit is wrong");
    l.outlet = (uint32_t)outlet;
    l.before = (uint64_t)before;
    yj_open(&q->out, '{');
    yj_key(&q->out, "queries");
    yj_open(&q->out, '[');
    yw_register_queries(q->reg, l.outlet, put_one, &l);
    yj_close(&q->out, ']');
    yj_key(&q->out, "next");
    l.more ? yj_i64(&q->out, (int64_t)l.last) : yj_null(&q->out);
    yj_close(&q->out, '}');
    return 200;
}

/* ---- raising one ---- */

YW_HANDLER(yw_post_mark_query) {
    char text[YW_QUERY_TEXT_MAX + 1], number[YW_QUERY_NUMBER];
    int64_t deadline, otherwise = yw_china_day_start(yw_china_day(q->now) + DEADLINE_DAYS + 1) - YW_SECOND;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = yw_member_text(q, o, "text", text, sizeof text) &&
                yw_member_time(q, o, "deadline", &otherwise, &deadline);
    json_decref(o);
    if (!good) return 422;
    if (text[0] == '\0') return yw_problem(q, 422, "text", "请写明质疑的内容", "text: say what is doubted");
    if (deadline <= q->now || deadline > q->now + DEADLINE_DAYS_MAX * YW_DAY)
        return yw_problem(q, 422, "deadline", "回复期限应在当前时间之后 60 天以内",
                          "deadline: within 60 days from now");
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_mark_row *m = yw_register_mark(q->reg, q->thing);
    unsigned status = 200;
    if (m->withdrawn) status = yw_problem(q, 409, "withdrawn", "该标记已撤销", "this mark was withdrawn");
    if (status == 200) {
        struct yw_buf act;
        struct yw_act a = {.by = q->session.user.name, .at = q->now};
        uint64_t id = yw_register_next_query(q->reg);
        yw_query_number(number, id, q->now);
        yw_buf_init(&act, YW_THING_ACT_MAX);
        (void)yw_act_query_put(&act, &a, id, q->thing, NULL, m->head.outlet, number, text, deadline);
        status = yw_commit_thing(q, &act);
        yw_buf_free(&act);
        q->thing = id;
    }
    if (status == 200) status = put_query(q);
    yw_acts_unlock(q->web->acts);
    return status;
}

/* ---- its steps ---- */

static unsigned step(struct yw_request *q, const char *act_name, uint8_t state, bool with_text,
                     bool with_result) {
    char text[YW_QUERY_TEXT_MAX + 1], result[16] = "";
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = yw_member_text(q, o, "text", text, sizeof text) &&
                yw_member_text(q, o, "result", result, sizeof result);
    json_decref(o);
    if (!good) return 422;
    if (with_text && text[0] == '\0')
        return yw_problem(q, 422, "text", "请填写内容", "text: must be filled in");
    if (with_result && strcmp(result, "amended") != 0 && strcmp(result, "kept") != 0)
        return yw_problem(q, 422, "result", "result 只能是 amended（已修改标记）或 kept（维持原标记）",
                          "result: amended or kept");
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_query_row *d = yw_register_query(q->reg, q->thing);
    unsigned status = 200;
    if (d->state >= state)
        status = yw_problem(q, 409, "state", "该督办单已办理到这一步或之后",
                            "this notice has come that far already");
    if (status == 200) {
        struct yw_buf act;
        struct yw_act a = {.by = q->session.user.name, .at = q->now};
        yw_buf_init(&act, YW_THING_ACT_MAX);
        (void)yw_act_query_step(&act, &a, act_name, q->thing, with_text ? text : NULL,
                                with_result ? result : NULL);
        status = yw_commit_thing(q, &act);
        yw_buf_free(&act);
    }
    if (status == 200) status = put_query(q);
    yw_acts_unlock(q->web->acts);
    return status;
}

YW_HANDLER(yw_post_query_receive) {
    return step(q, "query.receive", YW_QUERY_RECEIVED, false, false);
}
YW_HANDLER(yw_post_query_reply) {
    return step(q, "query.reply", YW_QUERY_REPLIED, true, true);
}
YW_HANDLER(yw_post_query_close) {
    return step(q, "query.close", YW_QUERY_CLOSED, true, false);
}
