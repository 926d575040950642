/* The chain of an alarm: which step leads where, and by when. */
#include <string.h>

#include "alarm/alarm.h"

#define AT(stage)   (1u << YW_STAGE_##stage)
#define OPEN_STAGES (AT(RAISED) | AT(DESK) | AT(ASSIGN) | AT(SIGN) | AT(VERIFY) | AT(FEEDBACK) | AT(REVIEW))

/* Whose turn a step belongs to. */
enum turn { ANYBODY, WHOSE_TURN, HOME };

/* What a step needs. Stages are those in which it is possible. */
static const struct rule {
    unsigned stages;
    enum turn turn;
    bool text, result;
} rules[YW_STEP_COUNT] = {
    [YW_STEP_TAKE] = {AT(RAISED) | AT(FEEDBACK), WHOSE_TURN, false, false},
    [YW_STEP_ASSIGN] = {AT(DESK) | AT(ASSIGN) | AT(FEEDBACK) | AT(REVIEW), HOME, false, false},
    [YW_STEP_SIGN] = {AT(ASSIGN), WHOSE_TURN, false, false},
    [YW_STEP_VERIFY] = {AT(SIGN) | AT(VERIFY), WHOSE_TURN, true, true},
    [YW_STEP_FEEDBACK] = {AT(VERIFY), WHOSE_TURN, true, false},
    [YW_STEP_RETURN] = {AT(ASSIGN) | AT(SIGN) | AT(FEEDBACK) | AT(REVIEW), WHOSE_TURN, true, false},
    [YW_STEP_URGE] = {OPEN_STAGES, HOME, false, false},
    [YW_STEP_CLOSE] = {AT(DESK) | AT(FEEDBACK) | AT(REVIEW), HOME, false, true},
    [YW_STEP_REOPEN] = {AT(CLOSED), HOME, true, false},
    [YW_STEP_NOTE] = {OPEN_STAGES | AT(CLOSED), ANYBODY, true, false},
    [YW_STEP_WITHDRAWN] = {OPEN_STAGES, ANYBODY, false, false},
};

static bool refuse(struct yw_step_refusal *why, const char *zh, const char *en) {
    if (why != NULL) *why = (struct yw_step_refusal){zh, en};
    return false;
}

/* A step that the stage does not know: what has to happen first. */
static bool refuse_stage(const struct yw_alarm_state *s, uint8_t kind, struct yw_step_refusal *why) {
    if (s->stage == YW_STAGE_CLOSED)
        return refuse(why, "已办结归档，请先重新办理", "it is closed: reopen it first");
    switch (kind) {
    case YW_STEP_TAKE:
        return refuse(why, "已开始核查", "it was begun already");
    case YW_STEP_ASSIGN:
        return s->stage == YW_STAGE_RAISED
                   ? refuse(why, "请先开始非现场核查", "begin the desk check first")
                   : refuse(why, "承办机构已签收，须其反馈或退回后再交办",
                            "the unit has signed for it: it must feed back or send back first");
    case YW_STEP_SIGN:
        return s->stage == YW_STAGE_RAISED || s->stage == YW_STAGE_DESK
                   ? refuse(why, "尚未交办", "it was not assigned yet")
                   : refuse(why, "已签收", "it was signed for already");
    case YW_STEP_VERIFY:
        return s->stage < YW_STAGE_SIGN
                   ? refuse(why, "请先签收", "sign for it first")
                   : refuse(why, "已反馈，等待甄别", "it was fed back and waits for review");
    case YW_STEP_FEEDBACK:
        return s->stage < YW_STAGE_VERIFY ? refuse(why, "请先填写核实情况", "say what was verified first")
                                          : refuse(why, "已反馈", "it was fed back already");
    case YW_STEP_RETURN:
        return s->stage < YW_STAGE_ASSIGN
                   ? refuse(why, "尚未交办，无可退回", "it was not assigned: nothing to send back")
                   : refuse(why, "已填写核实情况，请反馈", "it was verified: feed it back");
    case YW_STEP_CLOSE:
        return s->stage == YW_STAGE_RAISED ? refuse(why, "请先开始非现场核查", "begin the desk check first")
                                           : refuse(why, "承办机构尚未反馈", "the unit has not fed back yet");
    case YW_STEP_REOPEN:
        return refuse(why, "尚未办结", "it is not closed");
    default:
        return refuse(why, "没有这种办理动作", "there is no such step");
    }
}

static bool is_closing(const struct yw_alarm_state *s, const struct yw_alarm_step *step) {
    return step->kind == YW_STEP_CLOSE && s->withdrawn && s->stage == YW_STAGE_RAISED;
}

bool yw_step_allowed(const struct yw_alarm_state *s, const struct yw_alarm_step *step,
                     struct yw_step_refusal *why) {
    if (step->kind == YW_STEP_RAISE) return s->since == 0 || refuse(why, "已生成", "it was raised already");
    if (step->kind >= YW_STEP_COUNT) return refuse(why, "没有这种办理动作", "there is no such step");
    if (s->since == 0) return refuse(why, "没有这条报警", "there is no such alarm");
    const struct rule *r = &rules[step->kind];
    if ((r->stages & 1u << s->stage) == 0 && !is_closing(s, step)) return refuse_stage(s, step->kind, why);
    if (r->turn == WHOSE_TURN && strcmp(step->unit, s->unit) != 0)
        return refuse(why, "现由其他机构办理", "it is another unit's turn");
    if (r->turn == HOME && strcmp(step->unit, s->home) != 0)
        return refuse(why, "只有负责非现场核查的机构可以这样做",
                      "only the unit of the desk check may do that");
    if (step->kind == YW_STEP_ASSIGN && step->to_unit[0] == '\0')
        return refuse(why, "请选择承办机构", "say to which unit");
    if (r->text && step->text[0] == '\0') return refuse(why, "请填写说明", "say why, or what was found");
    if (r->result && !yw_result_known(step->result))
        return refuse(why, "请选择结论", "result: exceedance, equipment, operating, false-alarm or other");
    return true;
}

/* ---- where a step leads ---- */

static void move(struct yw_alarm_state *s, uint8_t stage, const char *unit, int64_t at) {
    s->stage = stage;
    s->since = at;
    s->urged = s->returned = false;
    char whose[sizeof s->unit] = {0};
    (void)yw_copy(whose, sizeof whose, unit, strlen(unit)); /* unit may be s->unit itself */
    memcpy(s->unit, whose, sizeof whose);
}

static void set(char *to, size_t size, const char *from) {
    (void)yw_copy(to, size, from, strlen(from));
}

static void raise(struct yw_alarm_state *s, const struct yw_alarm_step *step) {
    set(s->home, sizeof s->home, step->unit);
    bool past = strcmp(step->result, "past") == 0;
    move(s, past ? YW_STAGE_CLOSED : YW_STAGE_RAISED, past ? "" : s->home, step->at > 0 ? step->at : 1);
    if (past) set(s->result, sizeof s->result, "past");
}

static void send_back(struct yw_alarm_state *s, int64_t at) {
    if (s->stage == YW_STAGE_ASSIGN || s->stage == YW_STAGE_SIGN) {
        move(s, YW_STAGE_DESK, s->home, at);
        s->handler[0] = '\0';
    } else {
        move(s, YW_STAGE_SIGN, s->handler, at);
    }
    s->returned = true;
}

static void withdraw(struct yw_alarm_state *s, const struct yw_alarm_step *step) {
    s->withdrawn = true;
    if (s->stage != YW_STAGE_RAISED || strcmp(step->result, "marked") == 0) return;
    move(s, YW_STAGE_CLOSED, "", step->at);
    set(s->result, sizeof s->result, "withdrawn");
}

bool yw_step_apply(struct yw_alarm_state *s, const struct yw_alarm_step *step) {
    if (!yw_step_allowed(s, step, NULL)) return false;
    switch (step->kind) {
    case YW_STEP_RAISE:
        raise(s, step);
        break;
    case YW_STEP_TAKE:
        move(s, s->stage == YW_STAGE_RAISED ? YW_STAGE_DESK : YW_STAGE_REVIEW, s->home, step->at);
        break;
    case YW_STEP_ASSIGN:
        set(s->handler, sizeof s->handler, step->to_unit);
        move(s, YW_STAGE_ASSIGN, s->handler, step->at);
        break;
    case YW_STEP_SIGN:
        move(s, YW_STAGE_SIGN, s->unit, step->at);
        break;
    case YW_STEP_VERIFY:
        move(s, YW_STAGE_VERIFY, s->unit, step->at);
        set(s->result, sizeof s->result, step->result);
        break;
    case YW_STEP_FEEDBACK:
        move(s, YW_STAGE_FEEDBACK, s->home, step->at);
        break;
    case YW_STEP_RETURN:
        send_back(s, step->at);
        break;
    case YW_STEP_URGE:
        s->urged = true;
        break;
    case YW_STEP_CLOSE:
        move(s, YW_STAGE_CLOSED, "", step->at);
        set(s->result, sizeof s->result, step->result);
        break;
    case YW_STEP_REOPEN:
        move(s, YW_STAGE_DESK, s->home, step->at);
        s->handler[0] = s->result[0] = '\0';
        s->withdrawn = false;
        break;
    case YW_STEP_WITHDRAWN:
        withdraw(s, step);
        break;
    default:
        break;
    }
    return true;
}

void yw_alarm_fold(const struct yw_alarm_step *steps, size_t n, struct yw_alarm_state *out) {
    memset(out, 0, sizeof *out);
    for (size_t i = 0; i < n; i++) (void)yw_step_apply(out, &steps[i]);
}

int64_t yw_alarm_due(const struct yw_alarm_state *s, const struct yw_stage_limits *limits) {
    if (s->since == 0 || s->stage >= YW_STAGE_CLOSED || limits->limit[s->stage] <= 0) return 0;
    return s->since + limits->limit[s->stage];
}

bool yw_alarm_overdue(const struct yw_alarm_state *s, const struct yw_stage_limits *limits, int64_t now) {
    int64_t due = yw_alarm_due(s, limits);
    return due != 0 && now > due;
}
