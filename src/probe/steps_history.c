/* History of every kind, and the commands that have no step of their own. */
#include <string.h>

#include "probe/probe.h"

static void civil14(int64_t time, char out[15]) {
    hj212_print_time(time, false, out);
    out[14] = 0;
}

static bool ask_range(struct probe *p, const char *key, int64_t from, int64_t to, struct probe_talk *t) {
    char begin[15], end[15];
    civil14(from, begin);
    civil14(to, end);
    const struct yw_argument a[] = {{"BeginTime", begin}, {"EndTime", end}};
    return probe_talk(p, key, a, 2, t);
}

/* A device that has run for a while has some; a new one may say that there is none. */
static void history(struct probe *p, const char *key, const char *rule, int64_t from, int64_t to) {
    struct probe_talk t = {0};
    char zh[160], en[160];
    if (!ask_range(p, key, from, to, &t)) return;
    const uint8_t outcome = t.dialog.outcome;
    if (outcome == YW_OUTCOME_NO_DATA && t.answers == 0) {
        probe_skip(p, rule, "设备称该时段没有数据", "the device says that it has no data for the range");
        return;
    }
    bool good = outcome == YW_OUTCOME_DONE && t.answers > 0;
    snprintf(zh, sizeof zh, "上传 %u 条，结果：%s", t.answers,
             outcome == YW_OUTCOME_DONE        ? "执行成功"
             : outcome == YW_OUTCOME_NO_ANSWER ? "没有应答"
                                               : "未成功");
    snprintf(en, sizeof en, "%u uploads, outcome %s", t.answers, yw_outcome_name(outcome));
    probe_judge(p, good, rule, &t, zh, en);
    if (t.answers > 0) {
        probe_judge(p, t.in_range, "history.range", &t,
                    t.in_range ? "均在所要时段内" : "有 DataTime 不在所要时段内",
                    t.in_range ? "all of them do" : "a DataTime lies outside the range");
    }
}

void probe_history(struct probe *p) {
    int64_t now = probe_now(), day = yw_china_day_start(yw_china_day(now));
    int64_t hour = now - now % YW_HOUR;
    history(p, "minute-data", "history.minute", hour - 2 * YW_HOUR, hour - YW_HOUR);
    history(p, "hour-data", "history.hour", hour - 12 * YW_HOUR, hour - YW_HOUR);
    history(p, "day-data", "history.day", day - 3 * YW_DAY, day - YW_DAY);
    history(p, "run-times", "history.run", day - 3 * YW_DAY, day - YW_DAY);
    /* long before any such device: there can be none */
    struct probe_talk t = {0};
    struct yw_civil c = {.year = 2001, .month = 1, .day = 1};
    int64_t ancient;
    if (!yw_time_from_civil(&c, YW_CHINA, &ancient) ||
        !ask_range(p, "hour-data", ancient, ancient + YW_HOUR, &t))
        return;
    bool none = t.dialog.outcome == YW_OUTCOME_NO_DATA && t.answers == 0;
    char zh[120], en[120];
    snprintf(zh, sizeof zh, "结果 ExeRtn=%d，上传 %u 条", t.dialog.exertn, t.answers);
    snprintf(en, sizeof en, "ExeRtn=%d, %u uploads", t.dialog.exertn, t.answers);
    probe_judge(p, none, "history.none", &t, zh, en);
}

/* ---- the rest of the table ---- */

static bool has_own_step(const char *key) {
    static const char *const keys[] = {"get-clock",
                                       "set-clock",
                                       "set-timeout",
                                       "get-realtime-interval",
                                       "set-realtime-interval",
                                       "get-minute-interval",
                                       "set-minute-interval",
                                       "set-password",
                                       "set-password-2005",
                                       "start-realtime",
                                       "stop-realtime",
                                       "start-facilities",
                                       "stop-facilities",
                                       "minute-data",
                                       "hour-data",
                                       "day-data",
                                       "run-times"};
    for (size_t i = 0; i < YW_COUNT(keys); i++) {
        if (strcmp(keys[i], key) == 0) return true;
    }
    return false;
}

/* A value that fits the parameter: what the device itself showed where it can be, else the least that is
 * allowed. */
static const char *value_for(const struct probe *p, const struct yw_param *q, int64_t now, char out[40]) {
    switch (q->kind) {
    case YW_PARAM_FACTOR:
        snprintf(out, 40, "%s",
                 p->factor_n > 0            ? p->factors[0]
                 : strcmp(p->st, "31") == 0 ? "a21026"
                                            : "w01018");
        break;
    case YW_PARAM_INFO:
        snprintf(out, 40, "i12001");
        break;
    case YW_PARAM_TIME14:
        civil14(strcmp(q->name, "BeginTime") == 0 ? now - 2 * YW_HOUR : now - YW_HOUR, out);
        break;
    case YW_PARAM_TIME17:
        snprintf(out, 40, "@now");
        break;
    case YW_PARAM_CLOCK6:
        snprintf(out, 40, "000000");
        break;
    case YW_PARAM_CLOCK4:
        snprintf(out, 40, "0100");
        break;
    case YW_PARAM_CHOICE:
        snprintf(out, 40, "%.*s", (int)strcspn(q->choices, ","), q->choices);
        break;
    case YW_PARAM_NUMBER:
        snprintf(out, 40, "%lld", (long long)q->least);
        break;
    case YW_PARAM_DECIMAL:
        snprintf(out, 40, "1.0");
        break;
    default:
        return NULL;
    }
    return out;
}

static void run_one(struct probe *p, const struct yw_command_spec *s) {
    struct yw_argument a[YW_ARGUMENTS_MAX];
    char values[YW_ARGUMENTS_MAX][40], zh[200], en[200];
    struct probe_talk t = {0};
    size_t n = 0;
    int64_t now = probe_now();
    now -= now % YW_HOUR;
    for (uint8_t i = 0; i < s->param_n && n < YW_ARGUMENTS_MAX; i++) {
        const struct yw_param *q = &s->params[i];
        if (!q->required || !yw_param_has_version(q, p->version)) continue;
        const char *v = value_for(p, q, now, values[n]);
        if (v == NULL) return; /* a text nobody can choose for the device */
        a[n++] = (struct yw_argument){q->name, v};
    }
    if (!probe_talk(p, s->key, a, n, &t)) return;
    const struct yw_dialog *d = &t.dialog;
    /* refused or without data is an answer too: the flow is what is looked at */
    bool flow = d->outcome != YW_OUTCOME_NO_ANSWER && d->outcome != YW_OUTCOME_NO_RESULT;
    bool answered = s->answer != YW_ANSWER_ONE || d->outcome != YW_OUTCOME_DONE || t.answers > 0;
    snprintf(zh, sizeof zh, "CN=%u %s：%s", s->cn, s->zh,
             !flow      ? "流程不完整"
             : answered ? "流程完整"
                        : "执行成功但没有上传应答内容");
    snprintf(en, sizeof en, "CN=%u %s: %s", s->cn, s->en,
             !flow      ? yw_outcome_name(d->outcome)
             : answered ? "whole flow"
                        : "done, and the answer itself did not come");
    probe_judge(p, flow && answered, "command.others", &t, zh, en);
}

void probe_commands(struct probe *p) {
    for (size_t i = 0; i < yw_command_spec_n && !p->gone; i++) {
        const struct yw_command_spec *s = &yw_command_specs[i];
        if (!yw_command_has_version(s, p->version) || s->machine || has_own_step(s->key) ||
            yw_command_is_secret(s))
            continue;
        if (s->touches && !p->options.equipment) continue;
        run_one(p, s);
    }
}
