/* control: from the checks of a site to the times in which its data do not count. Flue gas: out of control
 * from the finding until requirements are met again, and calibration or verification overdue from the due
 * moment until it is done (HJ 75 ch. 11 and 12.1). Water adds its own spans (water.c). */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge_int.h"

bool yw_judge_add_control(struct yw_judge *j, const struct yw_control *c) {
    if (c->to <= c->from) return true;
    if (j->control_n == j->control_cap) {
        size_t cap = j->control_cap ? 2 * j->control_cap : 64;
        struct yw_control *grown = realloc(j->control, cap * sizeof *grown);
        if (!grown) return false;
        j->control = grown;
        j->control_cap = cap;
    }
    j->control[j->control_n++] = *c;
    return true;
}

enum { ZERO = 1, SPAN = 2, FULL = 4, REFERENCE = 8, CALIBRATIONS = ZERO | SPAN };

static unsigned aspects(uint8_t kind) {
    switch (kind) {
    case YW_CHECK_ZERO:
        return ZERO;
    case YW_CHECK_SPAN:
        return SPAN;
    case YW_CHECK_CALIBRATION:
        return ZERO | SPAN;
    case YW_CHECK_FULL_SYSTEM:
        return ZERO | SPAN | FULL;
    case YW_CHECK_VERIFICATION:
    case YW_CHECK_COMPARISON:
        return REFERENCE;
    default:
        return 0;
    }
}

/* ---- out of control ---- */

struct losing {
    struct yw_judge *j;
    uint8_t factor;
    int64_t last_calibration;
    struct yw_control open[3]; /* zero, span, reference; from 0: in order */
    bool is_open[3];
};

static bool end(struct losing *l, size_t i, int64_t at) {
    if (!l->is_open[i]) return true;
    l->is_open[i] = false;
    l->open[i].to = at;
    return yw_judge_add_control(l->j, &l->open[i]);
}

static bool lose(struct losing *l, uint32_t check) {
    static const unsigned aspect[] = {ZERO, SPAN, REFERENCE};
    const struct yw_check *c = &l->j->checks[check];
    const struct yw_check_result *r = &l->j->results[check];
    unsigned touched = aspects(c->kind);
    if (c->kind == YW_CHECK_CALIBRATION && r->out_of_control) touched = SPAN; /* one loss is enough */
    for (size_t i = 0; i < YW_COUNT(aspect); i++) {
        if ((touched & aspect[i]) == 0) continue;
        if (r->passed && !end(l, i, c->time)) return false;
        if (!r->out_of_control || l->is_open[i]) continue;
        l->is_open[i] = true;
        l->open[i] =
            (struct yw_control){.from = c->time,
                                .back_to = l->last_calibration,
                                .factor = l->factor,
                                .reason = YW_REASON_OUT_OF_CONTROL,
                                .rule = r->rule,
                                .figure = (float)r->error,
                                .check = check,
                                .effective = r->rule == YW_NO_RULE || yw_rules_enabled(l->j->rules, r->rule)};
    }
    if ((touched & CALIBRATIONS) && r->passed) l->last_calibration = c->time;
    return true;
}

/* ---- overdue ---- */

/* One rhythm: every one of `wanted` at least once in `interval`. */
struct rhythm {
    unsigned wanted;
    uint8_t reason;
    enum yw_figure_id figure;
    int64_t unit;
};

static bool is_done(const struct yw_judge *j, uint32_t check, unsigned aspect) {
    /* a calibration that found drift was done, and corrected it, unless the analyser was out of control */
    const struct yw_check_result *r = &j->results[check];
    return aspect == REFERENCE ? r->passed : !r->out_of_control && (r->known || r->passed);
}

static bool overdue(struct yw_judge *j, uint8_t factor, const uint32_t *mine, size_t n,
                    const struct rhythm *y) {
    int64_t last[4], begin = j->site->commissioned;
    for (size_t i = 0; begin == 0 && i < n; i++)
        if (aspects(j->checks[mine[i]].kind) & y->wanted) begin = j->checks[mine[i]].time;
    if (begin == 0) return true; /* nothing says since when it is due */
    for (size_t k = 0; k < 4; k++) last[k] = (y->wanted >> k & 1) ? begin : INT64_MAX;
    struct yw_control open = {.from = 0, .factor = factor, .reason = y->reason, .check = UINT32_MAX};
    bool is_open = false;
    for (size_t i = 0; i <= n; i++) {
        int64_t now = i < n ? j->checks[mine[i]].time : INT64_MAX, oldest = INT64_MAX;
        for (size_t k = 0; k < 4; k++)
            if (last[k] < oldest) oldest = last[k];
        const struct yw_figures *fig = yw_judge_figures(j, oldest);
        double interval = fig->value[y->figure];
        if (isnan(interval)) return true;
        int64_t due = oldest + (int64_t)(interval * (double)y->unit);
        if (!is_open && due < now) {
            is_open = true;
            open.from = due;
            open.back_to = oldest;
            open.rule = fig->rule[y->figure];
            open.effective = fig->on[y->figure];
            open.figure = (float)((double)(due - oldest) / (double)YW_HOUR);
        }
        if (i == n) break;
        unsigned does = aspects(j->checks[mine[i]].kind) & y->wanted;
        oldest = INT64_MAX;
        for (size_t k = 0; k < 4; k++) {
            if ((does >> k & 1) && is_done(j, mine[i], 1u << k)) last[k] = now;
            if (last[k] < oldest) oldest = last[k];
        }
        if (!is_open || oldest + (int64_t)(interval * (double)y->unit) <= now) continue;
        is_open = false;
        open.to = now;
        if (!yw_judge_add_control(j, &open)) return false;
    }
    open.to = INT64_MAX;
    return !is_open || yw_judge_add_control(j, &open);
}

static bool rhythms(struct yw_judge *j, uint8_t factor, const uint32_t *mine, size_t n) {
    const struct yw_site_factor *f = &j->site->factors[factor];
    unsigned both = f->role == YW_ROLE_VELOCITY ? ZERO : CALIBRATIONS; /* a velocity has a zero only */
    struct rhythm calibration = {both, YW_REASON_CALIBRATION_OVERDUE, YW_FIG_CALIBRATION_AUTOMATIC_H, YW_DAY};
    struct rhythm verification = {REFERENCE, YW_REASON_VERIFICATION_OVERDUE, YW_FIG_VERIFICATION_OTHER_D,
                                  YW_DAY};
    switch (f->method) {
    case YW_METHOD_AUTOMATIC:
        calibration.unit = YW_HOUR;
        verification.figure = YW_FIG_VERIFICATION_AUTOMATIC_D;
        break;
    case YW_METHOD_EXTRACTIVE:
        calibration.figure = YW_FIG_CALIBRATION_EXTRACTIVE_D;
        break;
    case YW_METHOD_IN_SITU:
        calibration.figure = YW_FIG_CALIBRATION_IN_SITU_D;
        break;
    case YW_METHOD_PM:
        calibration.figure = YW_FIG_CALIBRATION_PM_D;
        break;
    case YW_METHOD_VELOCITY:
        calibration.figure = YW_FIG_CALIBRATION_VELOCITY_D;
        calibration.wanted = ZERO;
        break;
    default:
        return true; /* unknown: nothing is concluded */
    }
    if (!overdue(j, factor, mine, n, &calibration) || !overdue(j, factor, mine, n, &verification))
        return false;
    if (f->method != YW_METHOD_EXTRACTIVE) return true;
    struct rhythm full = {FULL, YW_REASON_CALIBRATION_OVERDUE, YW_FIG_CALIBRATION_FULL_D, YW_DAY};
    return overdue(j, factor, mine, n, &full);
}

bool yw_gas_control(struct yw_judge *j) {
    uint32_t *mine = malloc((j->check_n + 1) * sizeof *mine);
    if (!mine) return false;
    bool ok = true;
    for (size_t f = 0; f < j->site->factor_n && ok; f++) {
        size_t n = 0;
        for (size_t i = 0; i < j->check_n; i++)
            if (strcmp(j->checks[i].factor, j->site->factors[f].code) == 0) mine[n++] = (uint32_t)i;
        struct losing l = {.j = j, .factor = (uint8_t)f};
        for (size_t i = 0; i < n && ok; i++) ok = lose(&l, mine[i]);
        for (size_t i = 0; i < YW_COUNT(l.open) && ok; i++) ok = end(&l, i, INT64_MAX);
        if (ok) ok = rhythms(j, (uint8_t)f, mine, n);
    }
    free(mine);
    return ok;
}

/* ---- asking ---- */

struct asking {
    const struct yw_judge *j;
    int64_t hour;
    struct yw_control_hit *of;
    bool touched;
};

static void hit(void *arg, uint32_t item) {
    struct asking *a = arg;
    const struct yw_control *c = &a->j->control[item];
    if (!c->effective || c->keeps) return;
    if (!a->touched) {
        a->touched = true;
        memset(a->of, 0, a->j->site->factor_n * sizeof *a->of);
    }
    struct yw_control_hit *h = &a->of[c->factor];
    h->minutes |= yw_minutes_touched(a->hour, c->from, c->to);
    bool is_graver = !h->first || (c->reason == YW_REASON_OUT_OF_CONTROL && h->first->reason != c->reason) ||
                     (c->reason == h->first->reason && c->from < h->first->from);
    if (is_graver) h->first = c;
}

bool yw_control_of_hour(const struct yw_judge *j, int64_t hour, struct yw_control_hit *of) {
    struct asking a = {.j = j, .hour = hour, .of = of};
    yw_spans_each(j->control_spans, j->control_n, hour, hour + YW_HOUR, hit, &a);
    return a.touched;
}

/* ---- what is said about it ---- */

static void say_span(struct yw_stretch *st, const struct yw_control *c) {
    bool is_overdue = c->reason == YW_REASON_CALIBRATION_OVERDUE ||
                      c->reason == YW_REASON_VERIFICATION_OVERDUE || c->reason == YW_REASON_CHECK_OVERDUE;
    if (!is_overdue || c->from >= st->now) return;
    struct yw_verdict v;
    int64_t to = c->to < st->now ? c->to : st->now;
    yw_verdict_init(&v, YW_VERDICT_OVERDUE_CHECK, YW_PERIOD_HOUR, c->factor, c->from, to);
    v.rule = c->rule;
    if (c->rule != YW_NO_RULE) v.confidence = yw_rules_at(st->j->rules, c->rule)->confidence;
    v.counts = c->effective;
    v.held = c->figure;
    v.value = c->figure + (double)(to - c->from) / (double)YW_HOUR; /* hours since it was last done */
    yw_verdict_reason(&v, c->reason, c->rule, c->figure);
    if (!c->effective) yw_verdict_reason(&v, YW_REASON_RULE_OFF, c->rule, NAN);
    yw_emit_verdict(st, &v);
}

static void say_check(struct yw_stretch *st, const struct yw_check *c, const struct yw_check_result *r) {
    bool has_failed = r->known ? !r->passed : c->said == 0;
    int factor = yw_site_factor(st->site, c->factor);
    if (!has_failed || factor < 0) return;
    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_CHECK_FAILED, YW_PERIOD_HOUR, (uint8_t)factor, c->time, c->time);
    v.rule = r->rule;
    v.confidence = r->confidence;
    v.counts = r->rule == YW_NO_RULE || yw_rules_enabled(st->j->rules, r->rule);
    v.value = r->error;
    v.held = r->allowed;
    if (r->out_of_control) yw_verdict_reason(&v, YW_REASON_OUT_OF_CONTROL, r->rule, r->error);
    if (r->differs) yw_verdict_reason(&v, YW_REASON_DIFFERS, r->rule, r->error);
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, r->rule, NAN);
    yw_emit_verdict(st, &v);
}

void yw_control_emit(struct yw_stretch *st, size_t d) {
    const struct yw_judge *j = st->j;
    int64_t from = yw_china_day_start(st->first_day + (int32_t)d), to = from + YW_DAY;
    if (d == 0) from = INT64_MIN; /* what began before and may still hold; what ended is dropped on its way */
    size_t a = 0, b = j->control_n;
    while (a < b) {
        size_t mid = a + (b - a) / 2;
        if (j->control[mid].from < from)
            a = mid + 1;
        else
            b = mid;
    }
    for (; a < j->control_n && j->control[a].from < to; a++) say_span(st, &j->control[a]);
    a = 0, b = j->check_n;
    while (a < b) {
        size_t mid = a + (b - a) / 2;
        if (j->checks[mid].time < from)
            a = mid + 1;
        else
            b = mid;
    }
    for (; a < j->check_n && j->checks[a].time < to && j->checks[a].time < st->now; a++)
        say_check(st, &j->checks[a], &j->results[a]);
}
