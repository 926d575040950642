/* replace: emissions of SO2, NOx and particulates in hours that were lost or out of control (HJ 75-2017
 * tables 5 and 6). Only the emission is replaced, beside the raw value, with the rule that did it; never a
 * concentration. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge_int.h"

/* Largest value of any stretch of the valid hours, by a segment tree: leaves [n, 2n). */
struct history {
    double *tree;
    int64_t *ends; /* when each valid hour ended, in order */
    size_t n;
};

static double largest(const struct history *h, size_t a, size_t b) {
    double best = -INFINITY;
    for (a += h->n, b += h->n; a < b; a /= 2, b /= 2) {
        if (a & 1) best = fmax(best, h->tree[a++]);
        if (b & 1) best = fmax(best, h->tree[--b]);
    }
    return best;
}

static void collect(const struct yw_stretch *st, size_t factor, struct history *h) {
    h->n = 0;
    for (size_t i = 0; i < st->n_hours; i++) {
        const struct yw_mean *m = yw_stretch_hour(st, i, factor);
        if (m->validity == YW_VALIDITY_VALID && !isnan(m->emission_kg)) h->ends[h->n++] = m->to;
    }
    size_t k = h->n;
    for (size_t i = 0; i < st->n_hours; i++) {
        const struct yw_mean *m = yw_stretch_hour(st, i, factor);
        if (m->validity == YW_VALIDITY_VALID && !isnan(m->emission_kg)) h->tree[k++] = m->emission_kg;
    }
    for (size_t i = h->n; i-- > 1;) h->tree[i] = fmax(h->tree[2 * i], h->tree[2 * i + 1]);
}

/* The largest of the last `hours` valid ones that had ended by `before`; NaN: none. */
static double look_back(const struct history *h, int64_t before, double hours) {
    size_t a = 0, b = h->n;
    while (a < b) {
        size_t mid = a + (b - a) / 2;
        if (h->ends[mid] <= before)
            a = mid + 1;
        else
            b = mid;
    }
    if (a == 0 || !(hours >= 1)) return NAN;
    size_t most = hours > (double)a ? a : (size_t)hours;
    return largest(h, a - most, a);
}

static bool is_missing(const struct yw_stretch *st, const struct yw_mean *m) {
    return isnan(m->emission_kg) && m->validity != YW_VALIDITY_STOPPED &&
           m->validity != YW_VALIDITY_PARTIAL && m->to <= st->now && m->from >= st->site->commissioned;
}

/* Manual results of the reference method come first where there are any; here those of one factor. */
struct manual {
    struct point {
        int64_t time;
        double value;
    } * points;
    size_t n;
};

static int by_time(const void *a, const void *b) {
    const struct point *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

static void collect_manual(const struct yw_site *s, const char *code, struct manual *m) {
    m->n = 0;
    for (size_t i = 0; i < s->manual_n; i++) {
        if (!isfinite(s->manual[i].value) || strcmp(s->manual[i].factor, code) != 0) continue;
        m->points[m->n++] = (struct point){s->manual[i].time, s->manual[i].value};
    }
    if (m->n > 1) qsort(m->points, m->n, sizeof *m->points, by_time);
}

static double manual_mean(const struct manual *m, int64_t from, int64_t to) {
    double sum = 0;
    size_t n = 0, a = 0, b = m->n;
    while (a < b) {
        size_t mid = a + (b - a) / 2;
        if (m->points[mid].time < from)
            a = mid + 1;
        else
            b = mid;
    }
    for (; a < m->n && m->points[a].time < to; a++, n++) sum += m->points[a].value;
    return n > 0 ? sum / (double)n : NAN;
}

struct run { /* consecutive hours without an emission */
    size_t a, b;
    int64_t from;
    double manual;
};

static void replace_hour(const struct yw_stretch *st, const struct history *h, const struct run *run,
                         double capture, struct yw_mean *m) {
    const struct yw_figures *fig = yw_judge_figures(st->j, m->from);
    uint16_t rule = fig->rule[YW_FIG_REPLACE_SHORT_H];
    double hours, n = (double)(run->b - run->a);
    if (!fig->on[YW_FIG_REPLACE_SHORT_H]) return;
    if (!isnan(run->manual) && !isnan(m->flow_m3)) {
        m->replaced_kg = run->manual * m->flow_m3 * yw_unit_kg_per_m3("mg/m3");
        m->replaced_rule = rule;
        yw_mean_reason(m, YW_REASON_MANUAL, rule, run->manual);
        return;
    }
    if (capture >= fig->value[YW_FIG_CAPTURE_HIGH])
        hours = fig->value[n <= fig->value[YW_FIG_REPLACE_SHORT_H] ? YW_FIG_REPLACE_HOURS_SHORT
                                                                   : YW_FIG_REPLACE_HOURS_LONG];
    else if (capture >= fig->value[YW_FIG_CAPTURE_MIN])
        hours = fig->value[YW_FIG_REPLACE_HOURS_LOW];
    else {
        if (m->validity != YW_VALIDITY_VALID)
            yw_mean_reason(m, YW_REASON_LOW_CAPTURE, fig->rule[YW_FIG_CAPTURE_MIN], capture);
        return;
    }
    int64_t before = run->from;
    if (yw_mean_has(m, YW_REASON_OUT_OF_CONTROL)) {
        /* out of control: who knows since when; the last calibration is what can be trusted */
        struct yw_control_hit hits[YW_SITE_FACTORS];
        const struct yw_control *c = yw_control_of_hour(st->j, m->from, hits) ? hits[m->factor].first : NULL;
        if (c && c->reason == YW_REASON_OUT_OF_CONTROL) before = c->back_to != 0 ? c->back_to : c->from;
        if (before > run->from) before = run->from;
    }
    double kg = look_back(h, before, hours);
    if (isnan(kg)) {
        if (m->validity != YW_VALIDITY_VALID) yw_mean_reason(m, YW_REASON_NO_HISTORY, rule, hours);
        return;
    }
    m->replaced_kg = kg;
    m->replaced_rule = rule;
    yw_mean_reason(m, YW_REASON_REPLACED, rule, hours);
}

static bool has_flow(const struct yw_stretch *st) {
    return st->j->gas_flow >= 0 || (st->j->velocity >= 0 && st->site->stack_area_m2 > 0);
}

static void replace_factor(struct yw_stretch *st, size_t factor, struct history *h, struct manual *by_hand) {
    collect(st, factor, h);
    if (h->n == 0 && !has_flow(st)) return; /* no emission was ever due */
    collect_manual(st->site, st->site->factors[factor].code, by_hand);
    int64_t quarter_from = 0, quarter_to = INT64_MIN;
    double capture = NAN;
    for (size_t i = 0; i < st->n_hours;) {
        struct run run = {.a = i, .b = i, .from = yw_stretch_hour(st, i, factor)->from};
        while (run.b < st->n_hours && is_missing(st, yw_stretch_hour(st, run.b, factor))) run.b++;
        if (run.b == run.a) {
            i++;
            continue;
        }
        run.manual = manual_mean(by_hand, run.from, run.from + (int64_t)(run.b - run.a) * YW_HOUR);
        for (; i < run.b; i++) {
            struct yw_mean *m = yw_stretch_hour(st, i, factor);
            if (m->from >= quarter_to) {
                struct yw_tally_row row;
                yw_period_bounds(YW_PERIOD_QUARTER, m->from, &quarter_from, &quarter_to);
                yw_capture(st, factor, quarter_from, quarter_to, &row);
                capture = row.capture * 100;
            }
            replace_hour(st, h, &run, capture, m);
        }
    }
}

bool yw_replace_apply(struct yw_stretch *st) {
    static const char *const codes[] = {"a21026", "a21002", "a34013"};
    if (!yw_profile_is_gas(st->site->profile)) return true;
    struct history h = {.tree = malloc((2 * st->n_hours + 2) * sizeof *h.tree),
                        .ends = malloc((st->n_hours + 1) * sizeof *h.ends)};
    struct manual by_hand = {.points = malloc((st->site->manual_n + 1) * sizeof *by_hand.points)};
    bool ok = h.tree && h.ends && by_hand.points;
    for (size_t i = 0; ok && i < YW_COUNT(codes); i++) {
        int factor = yw_site_factor(st->site, codes[i]);
        if (factor >= 0) replace_factor(st, (size_t)factor, &h, &by_hand);
    }
    free(by_hand.points);
    free(h.tree);
    free(h.ends);
    return ok;
}
