/* alarm: episodes from verdicts, and the chain that an alarm goes through until it is closed. Pure: verdicts,
 * steps and "now" in; episodes, states, deadlines out. */
#ifndef YW_ALARM_H
#define YW_ALARM_H

#include "judge/words.h"

enum { YW_ALARM_NUMBER = 24, YW_ALARM_STAGES = 12, YW_ALARM_TEXT = 512, YW_ALARM_STEPS_MAX = 200 };

enum yw_alarm_severity { YW_SEVERITY_NOTICE = 1, YW_SEVERITY_ATTENTION = 2, YW_SEVERITY_URGENT = 3 };

/* ---- episodes ---- */

/* What can open, carry on or end an episode: one verdict, or one look at a live state (silent, clock). */
struct yw_alarm_point {
    uint32_t outlet;
    uint8_t kind; /* yw_verdict_kind */
    char factor[13];
    uint8_t basis, period;
    int64_t from, to; /* event time */
    bool bad;         /* false: a mean that was in order: it brings the end nearer */
    bool suppressed;  /* in a marked period: opens nothing, and an open episode waits */
    double value, held, multiple;
};
struct yw_alarm_rule { /* per kind; from the installation's settings */
    int64_t end_after; /* microseconds in order before an episode ends (hysteresis) */
    int64_t join;      /* a gap up to this does not part an episode */
    uint32_t points;   /* bad points in a row before it opens, at least 1 */
    uint8_t severity;
};
struct yw_episode {
    uint32_t outlet;
    uint8_t kind, basis, period, severity;
    char factor[13];
    int64_t from, to; /* first and last bad event time */
    bool open;        /* not ended yet */
    uint32_t points;
    double worst, held, multiple; /* of the worst point */
    int64_t worst_at;
};
/* Points of one key (outlet, kind, factor, basis, period) in any order -> its episodes in order of time; at
 * most `most`. */
size_t yw_episodes(const struct yw_alarm_point *points, size_t n, const struct yw_alarm_rule *rule,
                   int64_t now, struct yw_episode *out, size_t most);

/* ---- the chain ---- */

/* Stages: 生成 → 非现场核查 → 交办 → 签收 → 核实 → 反馈 → 甄别 → 办结归档. Names and limits are settings. */
#define YW_STAGE_TABLE(X)                                                                                    \
    X(RAISED, "raised", "生成", "raised")                                                                    \
    X(DESK, "desk", "非现场核查", "desk check")                                                              \
    X(ASSIGN, "assign", "交办", "assigned")                                                                  \
    X(SIGN, "sign", "签收", "signed for")                                                                    \
    X(VERIFY, "verify", "核实", "verification")                                                              \
    X(FEEDBACK, "feedback", "反馈", "feedback")                                                              \
    X(REVIEW, "review", "甄别", "review")                                                                    \
    X(CLOSED, "closed", "办结归档", "closed")
enum yw_stage {
#define X(id, name, zh, en) YW_STAGE_##id,
    YW_STAGE_TABLE(X)
#undef X
        YW_STAGE_COUNT
};
/* What a person (or, for RAISE and WITHDRAWN, the platform) does to an alarm. */
#define YW_STEP_TABLE(X)                                                                                     \
    X(RAISE, "raise", "生成", "raise")                                                                       \
    X(TAKE, "take", "开始核查", "begin the desk check")                                                      \
    X(ASSIGN, "assign", "交办", "assign to a unit")                                                          \
    X(SIGN, "sign", "签收", "sign for")                                                                      \
    X(VERIFY, "verify", "核实", "verify")                                                                    \
    X(FEEDBACK, "feedback", "反馈", "feed back")                                                             \
    X(RETURN, "return", "退回", "send back")                                                                 \
    X(URGE, "urge", "催办", "urge")                                                                          \
    X(CLOSE, "close", "办结归档", "close")                                                                   \
    X(REOPEN, "reopen", "重新办理", "reopen")                                                                \
    X(NOTE, "note", "备注", "note")                                                                          \
    X(WITHDRAWN, "withdrawn", "初判撤销", "the verdict is gone")
enum yw_step_kind {
#define X(id, name, zh, en) YW_STEP_##id,
    YW_STEP_TABLE(X)
#undef X
        YW_STEP_COUNT
};
struct yw_alarm_step {
    uint8_t kind; /* yw_step_kind */
    int64_t at;
    char by[40], unit[16],
        to_unit[16]; /* unit: of who acts, RAISE: whose desk it comes to; to_unit: ASSIGN */
    /* RAISE: "past" for one that is raised long after the event: closed at once. VERIFY, CLOSE: what was
     * found (yw_result_known). WITHDRAWN: "marked" where a mark took the verdict away: then it stays open. */
    char result[24];
    char text[YW_ALARM_TEXT];
};
struct yw_stage_limits {
    int64_t limit[YW_STAGE_COUNT]; /* microseconds a stage may last, 0: none */
};
struct yw_alarm_state { /* all zero: not raised */
    uint8_t stage;
    int64_t since; /* when the stage began */
    bool returned, urged, withdrawn;
    char home[16];    /* the unit whose desk it came to */
    char handler[16]; /* the unit it was assigned to, "" */
    char unit[16];    /* whose turn it is; "" once closed */
    char result[24];  /* found by VERIFY or CLOSE; "past", "withdrawn" */
};
/* Why a step is not possible. */
struct yw_step_refusal {
    const char *zh, *en;
};
/* Whether the step is possible in that state; why not, in words (may be NULL). The caller has made sure that
 * the person acts for step->unit. */
bool yw_step_allowed(const struct yw_alarm_state *s, const struct yw_alarm_step *step,
                     struct yw_step_refusal *why);
/* The state after the step; false, and s unchanged, where it is not allowed. */
bool yw_step_apply(struct yw_alarm_state *s, const struct yw_alarm_step *step);
/* Folds the steps, which must be in order; steps that were not allowed are passed over. */
void yw_alarm_fold(const struct yw_alarm_step *steps, size_t n, struct yw_alarm_state *out);
/* When the present stage must be over; 0: no limit. */
int64_t yw_alarm_due(const struct yw_alarm_state *s, const struct yw_stage_limits *limits);
bool yw_alarm_overdue(const struct yw_alarm_state *s, const struct yw_stage_limits *limits, int64_t now);

const char *yw_stage_name(uint8_t s);
const struct yw_word *yw_stage_word(uint8_t s);
const char *yw_step_name(uint8_t s);
const struct yw_word *yw_step_word(uint8_t s);
bool yw_step_parse(const char *name, uint8_t *out);
/* "exceedance", "equipment", "operating", "false-alarm", "other" for VERIFY and CLOSE; the words also of
 * "past", "withdrawn" and "marked", which only the platform says. NULL: unknown. */
const struct yw_word *yw_result_word(const char *result);
bool yw_result_known(const char *result);

#endif
