/* water: means of waste water (HJ 356-2019 ch. 6 to 8). An hour is the hour's measurement; a day is weighted
 * by flow; pH is told by its range and median; what cannot be made valid is not guessed, only the daily mass
 * of a lost day is replaced. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge_int.h"

enum { DAY_HOURS = 24 };

/* ---- the hour ---- */

/* m3 of the hour: the counter where it was sent for the whole hour, else the mean flow over an hour. */
static double amount_of(const struct yw_judge *j, const struct yw_hour_work *w, const struct yw_mean *flow) {
    const struct yw_count *c = &w->count[flow->factor];
    if (flow->validity != YW_VALIDITY_VALID) return NAN;
    if (c->hourly && isfinite(c->hourly->cou)) return c->hourly->cou;
    if (c->cou_n > 0 && (c->n == 1 || yw_minutes(c->valid) == YW_MINUTES)) return c->cou_sum;
    return flow->mean * yw_unit_m3_per_h(j->site->factors[flow->factor].unit);
}

/* A single value stands for its hour: it does not count where marks or checks hold for the greater part of
 * it. */
static void drop_marked(const struct yw_hour_work *w, struct yw_mean *m) {
    const struct yw_count *c = &w->count[m->factor];
    const uint64_t out = w->marks_ignored ? c->control : c->marked_out | c->control;
    if (m->validity != YW_VALIDITY_VALID || !c->as_sent || 2 * yw_minutes(out) < YW_MINUTES) return;
    m->validity = YW_VALIDITY_INVALID;
    m->judged = false;
    m->valid = 0;
    m->reason_n = 0;
    yw_mean_reason(m, YW_REASON_FEW_MINUTES, w->figures->rule[YW_FIG_WATER_HOUR], 0);
}

static void concentration(const struct yw_hour_work *w, const struct yw_site_factor *f, double m3,
                          bool is_zero, bool has_meter, struct yw_mean *m) {
    const struct yw_figures *fig = w->figures;
    m->flow_m3 = m3;
    if (m->validity != YW_VALIDITY_VALID) return;
    if (is_zero) {
        m->validity = YW_VALIDITY_INVALID;
        m->judged = false;
        m->reason_n = 0; /* there were minutes enough; that is not what matters */
        yw_mean_reason(m, YW_REASON_ZERO_FLOW, fig->rule[YW_FIG_WATER_ZERO_FLOW], 0);
        return;
    }
    if (f->role != YW_ROLE_POLLUTANT) return;
    if (fig->on[YW_FIG_WATER_PROOF] && (m->mean <= 0 || m->mean < f->detection))
        yw_mean_reason(m, YW_REASON_NEGATIVE, fig->rule[YW_FIG_WATER_PROOF], m->mean);
    const double kg = yw_unit_kg_per_m3(f->unit);
    if (!isnan(m3) && kg > 0) m->emission_kg = m->mean * m3 * kg;
    if (isnan(m3) && has_meter) yw_mean_reason(m, YW_REASON_NO_FLOW, fig->rule[YW_FIG_WATER_EMISSION], NAN);
}

void yw_water_hour_finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out) {
    const struct yw_site *s = j->site;
    for (size_t f = 0; f < s->factor_n; f++) drop_marked(w, &out[f]);
    struct yw_mean *flow = j->water_flow >= 0 ? &out[j->water_flow] : NULL;
    double m3 = NAN;
    bool is_zero = false;
    if (flow) {
        m3 = flow->flow_m3 = amount_of(j, w, flow);
        const double seen = isnan(flow->mean) ? m3 : flow->mean;
        is_zero = flow->validity == YW_VALIDITY_VALID && seen <= w->figures->value[YW_FIG_WATER_ZERO_FLOW];
        if (is_zero) m3 = flow->flow_m3 = 0;
    }
    for (size_t f = 0; f < s->factor_n; f++) {
        const uint8_t role = s->factors[f].role;
        if (role == YW_ROLE_POLLUTANT || role == YW_ROLE_PH)
            concentration(w, &s->factors[f], m3, is_zero, flow != NULL, &out[f]);
    }
}

/* ---- the day ---- */

struct water_day {
    size_t a, b; /* hours */
    double sum_cq, sum_q, m3;
    unsigned valid;   /* hours that count: with flow where there is a meter */
    unsigned stopped; /* hours */
    unsigned zero, present, has_flow;
};

/* m3 that the value of hour h stands for: that hour, or the hours until the next value is due. */
static double amount_for(const struct yw_stretch *st, size_t h, unsigned every_h) {
    double m3 = NAN;
    for (size_t i = h; i < h + every_h && i < st->n_hours; i++) {
        const double q = yw_stretch_hour(st, i, (size_t)st->j->water_flow)->flow_m3;
        if (!isnan(q)) m3 = isnan(m3) ? q : m3 + q;
    }
    return m3;
}

static struct water_day walk(const struct yw_stretch *st, size_t d, size_t factor) {
    struct water_day w = {0};
    const bool has_meter = st->j->water_flow >= 0;
    const unsigned due = st->site->due_per_day;
    const unsigned every_h = due > 0 && due < DAY_HOURS ? DAY_HOURS / due : 1;
    yw_stretch_day_hours(st, d, &w.a, &w.b);
    for (size_t h = w.a; h < w.b; h++) {
        const struct yw_mean *m = yw_stretch_hour(st, h, factor);
        const double m3 = has_meter ? yw_stretch_hour(st, h, (size_t)st->j->water_flow)->flow_m3 : NAN;
        if (!isnan(m3)) w.m3 += m3, w.has_flow++;
        if (m->validity == YW_VALIDITY_STOPPED) w.stopped++;
        if (m->validity != YW_VALIDITY_NO_DATA) w.present++;
        if (yw_mean_has(m, YW_REASON_ZERO_FLOW)) w.zero++;
        if (m->validity != YW_VALIDITY_VALID || m->exempt) continue;
        const double q = has_meter ? amount_for(st, h, every_h) : 1;
        if (isnan(q)) continue;
        w.sum_cq += m->mean * q;
        w.sum_q += q;
        w.valid++;
    }
    return w;
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Range and median: for display; limits of pH hold per value. */
static void ph_day(const struct yw_stretch *st, const struct water_day *w, size_t factor,
                   struct yw_mean *out) {
    double v[DAY_HOURS];
    size_t n = 0;
    for (size_t h = w->a; h < w->b && n < DAY_HOURS; h++) {
        const struct yw_mean *m = yw_stretch_hour(st, h, factor);
        if (m->validity == YW_VALIDITY_VALID && !m->exempt) v[n++] = m->mean;
    }
    out->mean = NAN;
    if (n == 0) return;
    qsort(v, n, sizeof v[0], by_value);
    out->mean = n % 2 != 0 ? v[n / 2] : (v[n / 2 - 1] + v[n / 2]) / 2;
    out->min = (float)v[0];
    out->max = (float)v[n - 1];
}

/* Results of manual monitoring of [from, to): their mean, if there are as many as the rule asks for and no
 * two of them (nor the ends of the day) lie further apart than it allows; else NaN. */
static double manual_mean(const struct yw_stretch *st, size_t factor, int64_t from, int64_t to,
                          unsigned *count) {
    enum { MOST = 96 };
    const struct yw_figures *fig = yw_judge_figures(st->j, from);
    const double least = fig->value[YW_FIG_WATER_MANUAL_PER_DAY];
    const double gap = fig->value[YW_FIG_WATER_MANUAL_GAP_H] * (double)YW_HOUR;
    double times[MOST + 2], sum = 0;
    unsigned n = 0;
    times[n++] = (double)from;
    for (size_t i = 0; i < st->site->manual_n && n <= MOST; i++) {
        const struct yw_manual *m = &st->site->manual[i];
        if (m->time < from || m->time >= to || !isfinite(m->value)) continue;
        if (strcmp(m->factor, st->site->factors[factor].code) != 0) continue;
        times[n++] = (double)m->time;
        sum += m->value;
    }
    *count = n - 1;
    if (isnan(least) || *count == 0 || *count < least) return NAN;
    times[n++] = (double)to;
    qsort(times, n, sizeof times[0], by_value);
    for (unsigned i = 1; i < n; i++) {
        if (times[i] - times[i - 1] > gap) return NAN;
    }
    return sum / *count;
}

/* Start of the last qualified comparison period before t: the last comparison that passed; failing that the
 * commissioning, whose acceptance is one. `before`: the one before that. 0: none. */
static int64_t qualified_since(const struct yw_stretch *st, size_t factor, int64_t t) {
    const struct yw_judge *j = st->j;
    for (size_t i = j->check_n; i-- > 0;) {
        const struct yw_check *c = &j->checks[i];
        const bool comparison = c->kind == YW_CHECK_COMPARISON || c->kind == YW_CHECK_VERIFICATION;
        if (c->time >= t || !comparison || !j->results[i].passed) continue;
        if (strcmp(c->factor, st->site->factors[factor].code) == 0) return c->time;
    }
    const int64_t start = st->site->commissioned;
    return start != 0 && start < t ? start : 0;
}

/* The largest valid daily mass of the last qualified period that has a valid day. */
static double largest_mass(const struct yw_stretch *st, size_t d, size_t factor) {
    double most = NAN;
    int64_t t = yw_china_day_start(st->first_day + (int32_t)d);
    int64_t since;
    for (size_t i = d; isnan(most) && (since = qualified_since(st, factor, t)) != 0; t = since) {
        while (i > 0 && yw_stretch_day(st, i - 1, factor)->to > since) {
            const struct yw_mean *m = yw_stretch_day(st, --i, factor);
            if (m->validity == YW_VALIDITY_VALID && !(m->emission_kg <= most)) most = m->emission_kg;
        }
    }
    return most;
}

/* Why the day is not valid stays in front of what was done about it. */
static void reason_second(struct yw_mean *m, uint8_t code, uint16_t rule, double figure) {
    const struct yw_reason first = m->reasons[0];
    const bool has_first = m->reason_n > 0;
    yw_mean_reason_first(m, code, rule, figure);
    if (has_first) yw_mean_reason_first(m, first.code, first.rule, (double)first.figure);
}

static void replace(const struct yw_stretch *st, const struct water_day *w, size_t d, size_t factor,
                    struct yw_mean *out) {
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    const double kg = yw_unit_kg_per_m3(st->site->factors[factor].unit);
    const unsigned hours = (unsigned)(w->b - w->a);
    unsigned n;
    if (!fig->on[YW_FIG_WATER_REPLACE] || out->validity == YW_VALIDITY_VALID) return;
    if (out->validity != YW_VALIDITY_INVALID && out->validity != YW_VALIDITY_NO_DATA) return;
    /* without flow nothing left the outlet: nothing is missing */
    if (hours > 0 && w->zero + w->valid + w->stopped >= hours) return;
    if (w->has_flow >= hours && hours > 0 && w->m3 <= 0) return;
    const double manual = manual_mean(st, factor, out->from, out->to, &n);
    if (!isnan(manual)) {
        out->mean = manual;
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_MANUAL, fig->rule[YW_FIG_WATER_MANUAL_PER_DAY], n);
        if (w->has_flow > 0 && kg > 0) {
            out->replaced_kg = manual * w->m3 * kg;
            out->replaced_rule = fig->rule[YW_FIG_WATER_REPLACE];
            out->emission_kg = NAN; /* the day's whole mass is in replaced_kg */
        }
        return;
    }
    if (st->j->water_flow < 0) return;
    const double mass = largest_mass(st, d, factor);
    if (isnan(mass)) {
        reason_second(out, YW_REASON_NO_HISTORY, fig->rule[YW_FIG_WATER_REPLACE], NAN);
        return;
    }
    out->replaced_kg = mass;
    out->replaced_rule = fig->rule[YW_FIG_WATER_REPLACE];
    out->emission_kg = NAN;
    reason_second(out, YW_REASON_REPLACED, out->replaced_rule, mass);
}

static void settle_day(const struct yw_stretch *st, const struct water_day *w, struct yw_mean *out) {
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    const double share = fig->value[YW_FIG_WATER_DAY_SHARE];
    const double due = st->site->due_per_day * (1.0 - w->stopped / (double)DAY_HOURS);
    const unsigned hours = (unsigned)(w->b - w->a);
    out->due = (uint16_t)ceil(due - 1e-9);
    out->valid = (uint16_t)w->valid;
    out->judged = false;
    if (out->to > st->now) {
        out->validity = YW_VALIDITY_PARTIAL;
    } else if (hours > 0 && w->stopped >= hours) {
        out->validity = YW_VALIDITY_STOPPED;
        yw_mean_reason_first(out, YW_REASON_STOPPED, YW_NO_RULE, w->stopped);
    } else if (w->valid > 0 && w->valid >= share * due - 1e-9) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, fig->rule[YW_FIG_WATER_DAY_SHARE], w->valid);
    } else {
        out->validity = w->present > 0 ? YW_VALIDITY_INVALID : YW_VALIDITY_NO_DATA;
        yw_mean_reason_first(out, YW_REASON_FEW_HOURS, fig->rule[YW_FIG_WATER_DAY_SHARE], w->valid);
        if (w->zero > 0) yw_mean_reason(out, YW_REASON_ZERO_FLOW, fig->rule[YW_FIG_WATER_ZERO_FLOW], w->zero);
    }
}

void yw_water_day(struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out) {
    const struct yw_site_factor *f = &st->site->factors[factor];
    const struct water_day w = walk(st, d, factor);
    yw_day_gather(st, w.a, w.b, factor, out);
    const double kg = yw_unit_kg_per_m3(f->unit);
    const bool is_mass = f->role == YW_ROLE_POLLUTANT;
    if (f->role == YW_ROLE_PH) ph_day(st, &w, factor, out);
    if (w.has_flow > 0) out->flow_m3 = w.m3;
    settle_day(st, &w, out);
    if (!is_mass) return;
    if (w.sum_q > 0) out->mean = w.sum_cq / w.sum_q;
    out->emission_kg = st->j->water_flow >= 0 && w.valid > 0 && kg > 0 ? w.sum_cq * kg : NAN;
    if (st->j->water_flow < 0)
        yw_mean_reason(out, YW_REASON_NO_FLOW,
                       yw_judge_figures(st->j, out->from)->rule[YW_FIG_WATER_EMISSION], NAN);
    replace(st, &w, d, factor, out);
}

/* ---- the month ---- */

void yw_water_month(struct yw_stretch *st, size_t factor, struct yw_mean *out) {
    const int32_t first = yw_china_day(out->from), end = yw_china_day(out->to);
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    size_t a = first > st->first_day ? (size_t)(first - st->first_day) : 0;
    size_t b = end > st->first_day ? (size_t)(end - st->first_day) : 0;
    if (b > st->n_days) b = st->n_days;
    if (a > b) a = b;
    yw_days_gather(st, a, b, factor, out);
    unsigned due = (unsigned)(end - first), valid = 0, present = 0;
    for (size_t d = a; d < b; d++) {
        const struct yw_mean *m = yw_stretch_day(st, d, factor);
        if (m->validity == YW_VALIDITY_STOPPED) due--;
        if (m->validity == YW_VALIDITY_VALID) valid++;
        if (m->validity != YW_VALIDITY_NO_DATA) present++;
    }
    out->due = (uint16_t)due;
    out->valid = (uint16_t)valid;
    out->judged = false;
    if (out->to > st->now) {
        out->validity = YW_VALIDITY_PARTIAL;
    } else if (due == 0) {
        out->validity = YW_VALIDITY_STOPPED;
    } else if (valid > 0 && valid >= fig->value[YW_FIG_WATER_MONTH_SHARE] * due - 1e-9) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, fig->rule[YW_FIG_WATER_MONTH_SHARE], valid);
    } else {
        out->validity = present > 0 ? YW_VALIDITY_INVALID : YW_VALIDITY_NO_DATA;
        yw_mean_reason_first(out, YW_REASON_FEW_DAYS, fig->rule[YW_FIG_WATER_MONTH_SHARE], valid);
    }
}
