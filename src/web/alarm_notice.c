/* An electronic notice (督办单) about an alarm to the unit concerned, which receives it and replies. */
#include "web/alarms.h"

#include "web/delivery.h"
#include "web/marks.h"

#include <string.h>

enum { DEADLINE_DAYS = 3, DEADLINE_DAYS_MAX = 60 };

/* That it was sent stands in the alarm's steps as well. */
static void note(struct yw_request *q, const struct yw_alarm *a, const char *number) {
    struct yw_alarm_entry e = {.id = a->id, .has_step = true};
    struct yw_error err = {0};
    memcpy(e.number, a->number, sizeof e.number);
    e.step.kind = YW_STEP_NOTE;
    e.step.at = q->now;
    (void)yw_copy(e.step.by, sizeof e.step.by, q->session.user.name, strlen(q->session.user.name));
    const char *unit = yw_user_unit(q->reg, &q->session.user);
    (void)yw_copy(e.step.unit, sizeof e.step.unit, unit, strlen(unit));
    snprintf(e.step.text, sizeof e.step.text, "发出督办单 %s", number);
    if (yw_alarms_commit(q->web, &e, 1, &err) != YW_OK) yw_log(YW_LOG_ERROR, "alarms: %s", err.text);
}

static unsigned send_notice(struct yw_request *q, const struct yw_alarm *a, const char *text,
                            int64_t deadline) {
    const struct yw_user *u = &q->session.user;
    char number[YW_QUERY_NUMBER];
    struct yw_act act = {.by = u->name, .at = q->now};
    struct yw_buf line;
    if (a == NULL) return yw_problem(q, 404, "not_found", "没有找到", "not found");
    if (!yw_acts_for(q->reg, u, a->state.home) && !yw_acts_for(q->reg, u, a->state.unit))
        return yw_problem(q, 409, "step", "现由其他机构办理", "it is another unit's turn");
    uint64_t id = yw_register_next_query(q->reg);
    yw_query_number(number, id, q->now);
    yw_buf_init(&line, YW_THING_ACT_MAX);
    (void)yw_act_query_put(&line, &act, id, 0, a->number, a->episode.outlet, number, text, deadline);
    unsigned status = yw_commit_thing(q, &line);
    yw_buf_free(&line);
    if (status != 200) return status;
    note(q, a, number);
    yw_alarm_tell(q->web, q->reg, a, YW_STEP_NOTE);
    yw_put_query_row(q, yw_register_query(q->reg, id));
    return 200;
}

YW_HANDLER(yw_post_alarm_notice) {
    char text[YW_QUERY_TEXT_MAX + 1];
    int64_t deadline, otherwise = yw_china_day_start(yw_china_day(q->now) + DEADLINE_DAYS + 1) - YW_SECOND;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = yw_member_text(q, o, "text", text, sizeof text) &&
                yw_member_time(q, o, "deadline", &otherwise, &deadline);
    json_decref(o);
    if (!good) return 422;
    if (text[0] == '\0') return yw_problem(q, 422, "text", "请写明要求", "text: say what is asked");
    if (deadline <= q->now || deadline > q->now + DEADLINE_DAYS_MAX * YW_DAY)
        return yw_problem(q, 422, "deadline", "回复期限应在当前时间之后 60 天以内",
                          "deadline: within 60 days from now");
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = send_notice(q, yw_alarms_find(q->web->alarms, q->params[0]), text, deadline);
    yw_acts_unlock(q->web->acts);
    return status;
}
