/* What officers do about alarms: one step, or one step for many. */
#include "web/alarms.h"

#include "web/delivery.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

/* For whom the user acts in this step: the unit whose turn it is, the desk's for what only the desk may do.
 */
static void act_as(const struct yw_request *q, const struct yw_alarm *a, struct yw_alarm_step *s) {
    const struct yw_user *u = &q->session.user;
    bool desk = s->kind == YW_STEP_ASSIGN || s->kind == YW_STEP_URGE || s->kind == YW_STEP_CLOSE ||
                s->kind == YW_STEP_REOPEN;
    const char *unit = desk ? a->state.home : a->state.unit;
    if (!yw_acts_for(q->reg, u, unit)) {
        unit = yw_user_unit(q->reg, u);
        if (strcmp(unit, desk ? a->state.home : a->state.unit) == 0) unit = "-"; /* acts for nobody */
    }
    (void)yw_copy(s->unit, sizeof s->unit, unit, strlen(unit));
}

bool yw_alarm_may(const struct yw_request *q, const struct yw_alarm *a, struct yw_alarm_step *s,
                  struct yw_step_refusal *why) {
    act_as(q, a, s);
    if (!yw_step_allowed(&a->state, s, why)) return false;
    if (a->step_n >= YW_ALARM_STEPS_MAX) {
        *why = (struct yw_step_refusal){"这条报警的记录已满", "the alarm has no room for more steps"};
        return false;
    }
    if (s->kind == YW_STEP_ASSIGN && (yw_register_unit(q->reg, s->to_unit) == NULL ||
                                      !yw_unit_within(q->reg, s->to_unit, a->state.home))) {
        *why =
            (struct yw_step_refusal){"只能交办给本机构或下级机构", "to_unit: the own unit or one below it"};
        return false;
    }
    return true;
}

static bool read_step(struct yw_request *q, const json_t *o, struct yw_alarm_step *s) {
    char kind[24];
    memset(s, 0, sizeof *s);
    s->at = q->now;
    (void)yw_copy(s->by, sizeof s->by, q->session.user.name, strlen(q->session.user.name));
    if (!yw_member_text(q, o, "kind", kind, sizeof kind) ||
        !yw_member_text(q, o, "text", s->text, sizeof s->text) ||
        !yw_member_text(q, o, "to_unit", s->to_unit, sizeof s->to_unit) ||
        !yw_member_text(q, o, "result", s->result, sizeof s->result))
        return false;
    if (yw_step_parse(kind, &s->kind) && s->kind != YW_STEP_RAISE && s->kind != YW_STEP_WITHDRAWN)
        return true;
    (void)yw_problem(q, 422, "kind", "没有这种办理动作",
                     "kind: take, assign, sign, verify, feedback, return, urge, close, reopen or note");
    return false;
}

static void fill_entry(struct yw_alarm_entry *e, const struct yw_alarm *a, const struct yw_alarm_step *s) {
    memset(e, 0, sizeof *e);
    memcpy(e->number, a->number, sizeof e->number);
    e->id = a->id;
    e->has_step = true;
    e->step = *s;
}

static unsigned refused(struct yw_request *q, const struct yw_step_refusal *why) {
    return yw_problem(q, 409, "step", why->zh, why->en);
}

static unsigned step_one(struct yw_request *q, struct yw_alarm_step *s) {
    struct yw_error err = {0};
    struct yw_step_refusal why;
    const struct yw_alarm *a = yw_alarms_find(q->web->alarms, q->params[0]);
    if (a == NULL) return yw_problem(q, 404, "not_found", "没有找到", "not found");
    if (!yw_alarm_may(q, a, s, &why)) return refused(q, &why);
    struct yw_alarm_entry e;
    fill_entry(&e, a, s);
    enum yw_code code = yw_alarms_commit(q->web, &e, 1, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yw_alarm_tell(q->web, q->reg, a, s->kind);
    yw_put_alarm_page(q, a);
    return 200;
}

YW_HANDLER(yw_post_alarm_step) {
    struct yw_alarm_step s;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = read_step(q, o, &s);
    json_decref(o);
    if (!good) return 422;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = step_one(q, &s);
    yw_acts_unlock(q->web->acts);
    if (status == 200) yw_delivery_wake(q->web);
    return status;
}

/* Each for itself: those that are possible are done, in one line of the journal; the others are told. */
static unsigned step_many(struct yw_request *q, const json_t *numbers, struct yw_alarm_step *s,
                          struct yw_alarm_entry *e) {
    struct yw_buf *b = &q->out;
    struct yw_error err = {0};
    size_t n = 0, i;
    const json_t *v;
    yj_open(b, '{');
    yj_key(b, "refused");
    yj_open(b, '[');
    json_array_foreach(numbers, i, v) {
        const char *number = json_string_value(v);
        const struct yw_alarm *a = number != NULL ? yw_alarms_find(q->web->alarms, number) : NULL;
        struct yw_step_refusal why = {"没有找到", "not found"};
        bool twice = false;
        for (size_t k = 0; k < n && !twice; k++) twice = a != NULL && e[k].id == a->id;
        if (twice) continue;
        bool seen = a != NULL &&
                    yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, a->episode.outlet));
        if (seen && yw_alarm_may(q, a, s, &why)) {
            fill_entry(&e[n++], a, s);
            continue;
        }
        yj_open(b, '{');
        yj_put_text(b, "number", number != NULL ? number : "");
        yj_put_text(b, "text_zh", why.zh);
        yj_put_text(b, "text_en", why.en);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    enum yw_code code = n > 0 ? yw_alarms_commit(q->web, e, n, &err) : YW_OK;
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_key(b, "alarms");
    yj_open(b, '[');
    for (size_t k = 0; k < n; k++) {
        const struct yw_alarm *a = yw_alarms_find(q->web->alarms, e[k].number);
        if (a == NULL) continue;
        yw_alarm_tell(q->web, q->reg, a, s->kind);
        yj_open(b, '{');
        yw_put_alarm(b, q->web, q->reg, a, q->now);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return 200;
}

YW_HANDLER(yw_post_alarm_steps) {
    struct yw_alarm_step s;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = read_step(q, o, &s);
    const json_t *numbers = json_object_get(o, "numbers");
    unsigned status = 422;
    struct yw_alarm_entry *e = calloc(YW_ALARM_MANY, sizeof *e);
    if (good && (!json_is_array(numbers) || json_array_size(numbers) == 0 ||
                 json_array_size(numbers) > YW_ALARM_MANY)) {
        (void)yw_problem(q, 422, "numbers", "numbers 须为 1 至 200 个报警号",
                         "numbers: 1 to 200 numbers of alarms");
    } else if (good && e != NULL) {
        q->reg = yw_acts_lock_alone(q->web->acts);
        status = step_many(q, numbers, &s, e);
        yw_acts_unlock(q->web->acts);
        if (status == 200) yw_delivery_wake(q->web);
    }
    free(e);
    json_decref(o);
    return status;
}
