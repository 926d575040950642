/* exceed: each mean against every limit of the same period; never an hour against a daily limit. Permit
 * first, then local, then national, and all that are exceeded are said. pH is the one that is held per value
 * whatever period its limit names (HJ 356 ch. 7). What marks made invalid never comes here: an invalid mean
 * is not held against anything. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/stretch_state.h"

/* Sums of weighted means end a few units in the last place away from the number on paper. */
static bool above(double value, double limit) {
    return value > limit + fabs(limit) * 1e-9;
}

void yw_stretch_hours(const struct yw_stretch *st, int64_t from, int64_t to, size_t *a, size_t *b) {
    int64_t lo = (from - st->first) / YW_HOUR, hi = (to - st->first) / YW_HOUR, n = (int64_t)st->n_hours;
    lo = lo < 0 ? 0 : lo > n ? n : lo;
    hi = hi < lo ? lo : hi > n ? n : hi;
    *a = (size_t)lo;
    *b = (size_t)hi;
}

double yw_stretch_mean_of(const struct yw_stretch *st, int factor, int64_t from, int64_t to) {
    size_t a, b, n = 0;
    double sum = 0;
    if (factor < 0) return NAN;
    yw_stretch_hours(st, from, to, &a, &b);
    for (size_t h = a; h < b; h++) {
        const struct yw_mean *m = yw_stretch_hour(st, h, (size_t)factor);
        if (m->validity != YW_VALIDITY_VALID || isnan(m->mean)) continue;
        sum += m->mean;
        n++;
    }
    return n > 0 ? sum / (double)n : NAN;
}

bool yw_water_begin(struct yw_stretch *st) {
    static const uint8_t order[] = {YW_BASIS_PERMIT, YW_BASIS_LOCAL, YW_BASIS_NATIONAL};
    const struct yw_site *s = st->site;
    struct yw_stretch_state *w = calloc(1, sizeof *w);
    if (!w) return false;
    uint16_t n = 0;
    for (size_t f = 0; f < s->factor_n; f++) {
        w->last_raw[f] = NAN;
        w->limit_at[f] = n;
        for (size_t o = 0; o < YW_COUNT(order); o++) {
            for (size_t i = 0; i < s->limit_n; i++) {
                bool mine =
                    s->limits[i].basis == order[o] && strcmp(s->limits[i].factor, s->factors[f].code) == 0;
                if (mine && n < YW_SITE_LIMITS) w->limits[n++] = (uint16_t)i;
            }
        }
    }
    for (size_t f = s->factor_n; f <= YW_SITE_FACTORS; f++) w->limit_at[f] = n;
    w->nh3n = yw_site_factor(s, "w21003");
    w->tn = yw_site_factor(s, "w21001");
    w->cod = yw_site_factor(s, "w01018");
    w->bod = yw_site_factor(s, "w01017");
    w->pm = yw_site_factor(s, "a34013");
    st->w = w;
    return true;
}

void yw_water_end(struct yw_stretch *st) {
    free(st->w);
    st->w = NULL;
}

static enum yw_figure_id rule_of(uint8_t basis) {
    switch (basis) {
    case YW_BASIS_PERMIT:
        return YW_FIG_LIMIT_PERMIT;
    case YW_BASIS_LOCAL:
        return YW_FIG_LIMIT_LOCAL;
    default:
        return YW_FIG_LIMIT_NATIONAL;
    }
}

static bool same_period(uint8_t role, uint8_t of_limit, uint8_t of_mean) {
    if (role != YW_ROLE_PH) return of_limit == of_mean;
    return of_mean == YW_PERIOD_HOUR && (of_limit == YW_PERIOD_HOUR || of_limit == YW_PERIOD_DAY);
}

/* The bracket value of GB 18918 holds for cold water. With no temperature the number outside the brackets is
 * shown, and counts only where the bracket value is exceeded as well. */
static double held_value(const struct yw_stretch *st, const struct yw_site_limit *l, const struct yw_mean *m,
                         double value, struct yw_verdict *v) {
    if (isnan(l->cold_value) || isnan(l->cold_c)) return l->value;
    double t = yw_stretch_mean_of(st, st->j->water_temperature, m->from, m->to);
    if (isnan(t)) {
        if (!above(value, l->cold_value)) v->counts = false;
        yw_verdict_reason(v, YW_REASON_NOT_MEASURED, YW_NO_RULE, NAN);
        return l->value;
    }
    if (t > l->cold_c) return l->value;
    yw_verdict_reason(v, YW_REASON_COLD, YW_NO_RULE, t);
    return l->cold_value;
}

static void hold(const struct yw_stretch *st, const struct yw_figures *fig, const struct yw_mean *m,
                 uint16_t index) {
    const struct yw_site_limit *l = &st->site->limits[index];
    const struct yw_site_factor *f = &st->site->factors[m->factor];
    const int32_t day = yw_china_day(m->from);
    const double value = l->converted ? m->converted : m->mean;
    if (!same_period(f->role, l->period, m->period) || isnan(value)) return;
    if (day < l->valid_from || day > l->valid_to) return;

    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_EXCEEDANCE, m->period, m->factor, m->from, m->to);
    enum yw_figure_id rule = rule_of(l->basis);
    v.basis = l->basis;
    v.confidence = l->confidence;
    v.converted = l->converted;
    v.limit = index;
    v.rule = fig->rule[rule];
    v.marking = m->marking;
    v.value = value;
    v.counts = l->enabled && l->confidence != YW_CONF_RECALLED && (fig->on[rule] || v.rule == YW_NO_RULE);
    bool is_off = !v.counts;
    v.held = held_value(st, l, m, value, &v);
    if (!isnan(v.held) && above(value, v.held)) {
        yw_verdict_reason(&v, YW_REASON_ABOVE_LIMIT, v.rule, v.held);
        if (f->role != YW_ROLE_PH && v.held > 0) v.multiple = (value - v.held) / v.held;
    } else if (!isnan(l->value_low) && above(l->value_low, value)) {
        v.held = l->value_low;
        yw_verdict_reason(&v, YW_REASON_BELOW_LIMIT, v.rule, v.held);
    } else {
        return;
    }
    if (is_off) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    if (st->site->profile == YW_PROFILE_INCINERATION && m->period == YW_PERIOD_HOUR &&
        fig->on[YW_FIG_FURNACE_HOUR]) {
        /* Order 10: an hour of automatic data is no proof; it is shown, and the day is judged. */
        v.counts = false;
        v.rule = fig->rule[YW_FIG_FURNACE_HOUR];
    }
    if (l->converted) {
        v.measured = m->mean;
        v.oxygen = yw_stretch_mean_of(st, st->j->oxygen, m->from, m->to);
        v.reference = st->j->reference_oxygen;
    }
    for (uint8_t i = 0; i < m->reason_n; i++) {
        const struct yw_reason *r = &m->reasons[i];
        if (r->code != YW_REASON_ENOUGH) yw_verdict_reason(&v, r->code, r->rule, (double)r->figure);
    }
    yw_emit_verdict(st, &v);
}

void yw_exceed_emit(struct yw_stretch *st, const struct yw_mean *m) {
    if (m->validity != YW_VALIDITY_VALID || !m->judged || m->exempt) return;
    const struct yw_stretch_state *w = yw_state(st);
    const struct yw_figures *fig = yw_judge_figures(st->j, m->from);
    for (uint16_t i = w->limit_at[m->factor]; i < w->limit_at[m->factor + 1]; i++)
        hold(st, fig, m, w->limits[i]);
}
