/* plausible: what asks for a look before any limit does: hours without records, a value that does not change,
 * values outside the instrument's range, values that cannot be, values that need proof. One verdict for each
 * run of hours, from where it began. */
#include <math.h>
#include <string.h>

#include "judge/stretch_state.h"

static const struct {
    uint8_t verdict, reason;
} kinds[YW_RUN_KINDS] = {
    [YW_RUN_MISSING] = {YW_VERDICT_MISSING, YW_REASON_NOT_MEASURED},
    [YW_RUN_CONSTANT] = {YW_VERDICT_CONSTANT, YW_REASON_CONSTANT},
    [YW_RUN_RANGE] = {YW_VERDICT_OVER_RANGE, YW_REASON_OVER_RANGE},
    [YW_RUN_IMPOSSIBLE] = {YW_VERDICT_IMPOSSIBLE, YW_REASON_IMPOSSIBLE},
    [YW_RUN_PROOF] = {YW_VERDICT_NEEDS_PROOF, YW_REASON_NEGATIVE},
};

/* What an hour says; hours of a run: as many as it takes to be said. */
struct finding {
    enum yw_figure_id rule;
    double value, held;
    double least_h;
};

static void finish(struct yw_stretch *st, uint8_t factor, enum yw_run_kind kind, struct yw_run *r) {
    if (r->to == 0) return;
    struct yw_verdict v;
    yw_verdict_init(&v, kinds[kind].verdict, YW_PERIOD_HOUR, factor, r->from, r->to);
    v.rule = r->rule;
    if (v.rule != YW_NO_RULE) v.confidence = yw_rules_at(st->j->rules, v.rule)->confidence;
    v.counts = r->on;
    v.value = r->value;
    v.held = r->held;
    const double hours = r->hours;
    if (kind == YW_RUN_MISSING || kind == YW_RUN_CONSTANT) v.value = hours;
    if (kind == YW_RUN_CONSTANT) v.measured = r->value;
    const bool is_long = !(hours < r->least_h);
    yw_verdict_reason(&v, kinds[kind].reason, v.rule, hours);
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    if (is_long) yw_emit_verdict(st, &v);
    r->to = 0;
}

static void extend(struct yw_stretch *st, uint8_t factor, enum yw_run_kind kind, struct yw_run *r,
                   int64_t from, const struct finding *f) {
    const struct yw_figures *fig = yw_judge_figures(st->j, from);
    if (r->to != 0 && r->to == from) {
        r->to = from + YW_HOUR;
        r->hours++;
        /* the worst of the run: furthest from what it is held against */
        if (fabs(f->value - f->held) > fabs(r->value - r->held)) r->value = f->value, r->held = f->held;
        return;
    }
    finish(st, factor, kind, r);
    *r = (struct yw_run){.from = from,
                         .to = from + YW_HOUR,
                         .value = f->value,
                         .held = f->held,
                         .least_h = f->least_h,
                         .hours = 1,
                         .rule = fig->rule[f->rule],
                         .on = fig->on[f->rule]};
}

static bool is_watched(uint8_t role) {
    return role != YW_ROLE_OTHER && role != YW_ROLE_POWER;
}

/* ---- missing ---- */

/* Hours between two values that are due; of waste water an analyser may take longer than an hour. */
static double hours_between(const struct yw_site *s) {
    if (!yw_profile_is_water(s->profile) || s->due_per_day == 0 || s->due_per_day >= 24) return 1;
    return 24.0 / s->due_per_day;
}

/* The national platform takes a day of water for complete that lacks no more than this. */
static bool is_complete(const struct yw_stretch *st, size_t a, size_t b, size_t factor) {
    unsigned missing = 0;
    if (!yw_profile_is_water(st->site->profile) || b - a < 24) return false;
    const double least =
        yw_judge_figures(st->j, yw_stretch_hour(st, a, factor)->from)->value[YW_FIG_WATER_COMPLETE];
    for (size_t h = a; h < b; h++) missing += yw_stretch_hour(st, h, factor)->validity == YW_VALIDITY_NO_DATA;
    return 24 - missing >= least;
}

/* A gap that a mark explains is not missing; one whose mark is in dispute is. */
static bool is_unexplained(const struct yw_mean *m) {
    if (m->validity != YW_VALIDITY_NO_DATA) return false;
    return m->marking == YW_MARKING_NONE || m->marking == YW_MARKING_DISPUTED;
}

/* Before its first record nothing is known to be owed of a factor, unless the site says since when, or holds
 * it against a limit. */
static bool is_owed(struct yw_stretch *st, size_t i, const struct yw_mean *m) {
    struct yw_stretch_state *w = yw_state(st);
    const int64_t since = st->site->commissioned;
    if (!is_watched(st->site->factors[i].role)) return false;
    if (m->validity != YW_VALIDITY_NO_DATA) w->has_begun = w->is_seen[i] = true;
    if (since != 0 && m->from >= since) return true;
    return w->is_seen[i] || (w->has_begun && w->limit_at[i + 1] > w->limit_at[i]);
}

static void missing(struct yw_stretch *st, size_t a, size_t b) {
    struct yw_stretch_state *w = yw_state(st);
    bool complete[YW_SITE_FACTORS], lacks[YW_SITE_FACTORS];
    for (size_t i = 0; i < st->factor_n; i++) complete[i] = is_complete(st, a, b, i);
    for (size_t h = a; h < b; h++) {
        const int64_t t = st->first + (int64_t)h * YW_HOUR;
        if (t + YW_HOUR > st->now) break;
        const struct yw_figures *fig = yw_judge_figures(st->j, t);
        const struct finding f = {.rule = YW_FIG_MISSING,
                                  .held = NAN,
                                  .least_h = fmax(fig->value[YW_FIG_MISSING], hours_between(st->site))};
        size_t owed = 0, lost = 0;
        for (size_t i = 0; i < st->factor_n; i++) {
            const struct yw_mean *m = yw_stretch_hour(st, h, i);
            const bool is_due = is_owed(st, i, m);
            lacks[i] = is_due && !complete[i] && is_unexplained(m);
            owed += is_due;
            lost += lacks[i];
        }
        const bool is_whole = owed > 1 && lost == owed;
        if (is_whole)
            extend(st, YW_WHOLE_SITE, YW_RUN_MISSING, &w->silent, t, &f);
        else
            finish(st, YW_WHOLE_SITE, YW_RUN_MISSING, &w->silent);
        for (size_t i = 0; i < st->factor_n; i++) {
            if (lacks[i] && !is_whole)
                extend(st, (uint8_t)i, YW_RUN_MISSING, &w->runs[i][YW_RUN_MISSING], t, &f);
            else
                finish(st, (uint8_t)i, YW_RUN_MISSING, &w->runs[i][YW_RUN_MISSING]);
        }
    }
}

/* ---- of one factor in one hour ---- */

static bool is_constant(struct yw_stretch *st, size_t i, const struct yw_mean *m, struct finding *f) {
    struct yw_stretch_state *w = yw_state(st);
    const struct yw_figures *fig = yw_judge_figures(st->j, m->from);
    const double before = w->last_raw[i], own = st->site->factors[i].constant_h;
    const bool is_zero = yw_profile_is_water(st->site->profile) && m->raw == 0; /* needs proof anyway */
    const bool is_flat = isnan(m->min) || isnan(m->max) || m->min == m->max;
    const bool is_usable = m->validity == YW_VALIDITY_VALID && is_flat && !is_zero;
    w->last_raw[i] = is_usable ? m->raw : NAN;
    if (st->site->factors[i].role != YW_ROLE_POLLUTANT || !is_usable || isnan(m->raw)) return false;
    f->rule = YW_FIG_CONSTANT_H;
    f->value = m->raw;
    f->held = f->least_h = own > 0 ? own : fig->value[YW_FIG_CONSTANT_H];
    /* another value ends the run before it, and may begin one */
    if (m->raw != before) finish(st, (uint8_t)i, YW_RUN_CONSTANT, &w->runs[i][YW_RUN_CONSTANT]);
    return !isnan(f->least_h);
}

/* Outside the range of the instrument: its mean, an extreme of the hour, or the device's own flag. */
static bool is_over_range(const struct yw_stretch *st, size_t i, const struct yw_mean *m, struct finding *f) {
    const struct yw_site_factor *s = &st->site->factors[i];
    const double high = isnan(m->max) ? m->raw : fmax((double)m->max, m->raw);
    const double low = isnan(m->min) ? m->raw : fmin((double)m->min, m->raw);
    f->rule = YW_FIG_RANGE;
    f->least_h = 1;
    f->value = high;
    f->held = s->high;
    if (m->validity != YW_VALIDITY_VALID && !yw_mean_has(m, YW_REASON_OVER_RANGE)) return false;
    if (high > s->high || yw_mean_has(m, YW_REASON_OVER_RANGE)) return true;
    f->value = low;
    f->held = s->low;
    return low < s->low;
}

static double valid_value(const struct yw_stretch *st, size_t hour, int factor) {
    if (factor < 0) return NAN;
    const struct yw_mean *m = yw_stretch_hour(st, hour, (size_t)factor);
    return m->validity == YW_VALIDITY_VALID ? m->mean : NAN;
}

static bool exceeds(struct finding *f, enum yw_figure_id rule, double value, double held) {
    f->rule = rule;
    f->least_h = 1;
    f->value = value;
    f->held = held;
    return value > held * (1 + 1e-9);
}

/* A part that is more than its whole, a pH off its scale, more oxygen than air has, more than all. */
static bool is_impossible(const struct yw_stretch *st, size_t i, size_t hour, struct finding *f) {
    const struct yw_stretch_state *w = yw_state(st);
    const struct yw_mean *m = yw_stretch_hour(st, hour, i);
    const struct yw_figures *fig = yw_judge_figures(st->j, m->from);
    const double v = valid_value(st, hour, (int)i);
    switch (st->site->factors[i].role) {
    case YW_ROLE_PH:
        if (exceeds(f, YW_FIG_WATER_PH_HIGH, v, fig->value[YW_FIG_WATER_PH_HIGH])) return true;
        f->held = fig->value[YW_FIG_WATER_PH_LOW];
        return v < f->held;
    case YW_ROLE_OXYGEN:
        return exceeds(f, YW_FIG_IMPOSSIBLE_OXYGEN, v, fig->value[YW_FIG_IMPOSSIBLE_OXYGEN]);
    case YW_ROLE_MOISTURE:
        return exceeds(f, YW_FIG_IMPOSSIBLE_PERCENT, v, fig->value[YW_FIG_IMPOSSIBLE_PERCENT]);
    default:
        break;
    }
    if ((int)i == w->nh3n) return exceeds(f, YW_FIG_WATER_CONSTRAINTS, v, valid_value(st, hour, w->tn));
    if ((int)i == w->bod) return exceeds(f, YW_FIG_WATER_CONSTRAINTS, v, valid_value(st, hour, w->cod));
    return false;
}

/* Zero, negative or below detection; and a jump, where somebody set from what ratio on it is one. */
static bool needs_proof(const struct yw_stretch *st, size_t i, size_t hour, struct finding *f) {
    const struct yw_mean *m = yw_stretch_hour(st, hour, i);
    const double jump = yw_judge_figures(st->j, m->from)->value[YW_FIG_WATER_PROOF_JUMP];
    const double detection = st->site->factors[i].detection;
    *f = (struct finding){.rule = YW_FIG_WATER_PROOF, .value = m->mean, .held = 0, .least_h = 1};
    if (m->validity != YW_VALIDITY_VALID || st->site->factors[i].role != YW_ROLE_POLLUTANT) return false;
    if (yw_mean_has(m, YW_REASON_NEGATIVE)) {
        if (m->mean > 0) f->held = detection;
        return true;
    }
    if (!yw_profile_is_water(st->site->profile) || isnan(jump) || hour == 0) return false;
    const double before = valid_value(st, hour - 1, (int)i);
    if (!(before > 0) || !(m->mean > 0)) return false;
    f->rule = YW_FIG_WATER_PROOF_JUMP;
    f->value = m->mean / before;
    f->held = jump;
    return f->value > jump || f->value < 1 / jump;
}

static void look(struct yw_stretch *st, size_t i, size_t hour) {
    const struct yw_mean *m = yw_stretch_hour(st, hour, i);
    struct yw_run *runs = yw_state(st)->runs[i];
    struct finding f[YW_RUN_KINDS] = {0};
    bool is[YW_RUN_KINDS] = {false};
    is[YW_RUN_CONSTANT] = is_constant(st, i, m, &f[YW_RUN_CONSTANT]);
    is[YW_RUN_RANGE] = is_over_range(st, i, m, &f[YW_RUN_RANGE]);
    is[YW_RUN_IMPOSSIBLE] = is_impossible(st, i, hour, &f[YW_RUN_IMPOSSIBLE]);
    is[YW_RUN_PROOF] = needs_proof(st, i, hour, &f[YW_RUN_PROOF]);
    for (uint8_t k = YW_RUN_CONSTANT; k < YW_RUN_KINDS; k++) {
        if (is[k])
            extend(st, (uint8_t)i, (enum yw_run_kind)k, &runs[k], m->from, &f[k]);
        else
            finish(st, (uint8_t)i, (enum yw_run_kind)k, &runs[k]);
    }
}

void yw_plausible_emit(struct yw_stretch *st, size_t d) {
    struct yw_stretch_state *w = yw_state(st);
    size_t a, b;
    yw_stretch_day_hours(st, d, &a, &b);
    missing(st, a, b);
    for (size_t i = 0; i < st->factor_n; i++) {
        if (!is_watched(st->site->factors[i].role)) continue;
        for (size_t h = a; h < b; h++) look(st, i, h);
    }
    if (d + 1 < st->n_days) return;
    finish(st, YW_WHOLE_SITE, YW_RUN_MISSING, &w->silent); /* what still lasts */
    for (size_t i = 0; i < st->factor_n; i++) {
        for (uint8_t k = 0; k < YW_RUN_KINDS; k++)
            finish(st, (uint8_t)i, (enum yw_run_kind)k, &w->runs[i][k]);
    }
}
