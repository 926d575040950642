/* means: samples to minute, minutes to hour, hours to day (HJ 212-2017 Appendix C and D). Each level is made
 * of the level below as it was before rounding, so that an officer who averages minutes finds the hour. */
#include "plants/plants.h"

#include <math.h>

enum { NORMAL = 0, ALL = 1 };
static const double NORMAL_SHARE = 0.75; /* flue gas: from here on the period is normal */

void yw_period_begin(struct yw_period *p, int64_t start) {
    *p = (struct yw_period){.start = start};
}

static void add_to(struct yw_sum *s, int set, const struct yw_entry *e, double weight) {
    bool first = s->weight[set] == 0;
    s->weight[set] += weight;
    s->sum[set] += e->avg * weight;
    s->zs_sum[set] += e->zs_avg * weight;
    s->min[set] = first ? e->min : fmin(s->min[set], e->min);
    s->max[set] = first ? e->max : fmax(s->max[set], e->max);
    s->zs_min[set] = first ? e->zs_min : fmin(s->zs_min[set], e->zs_min);
    s->zs_max[set] = first ? e->zs_max : fmax(s->zs_max[set], e->zs_max);
}

void yw_period_add(struct yw_period *p, size_t factor, const struct yw_entry *e, double weight) {
    struct yw_sum *s = &p->sums[factor];
    if (!(weight > 0))
        weight = 1e-9; /* no water ran: the value still counts for the mean, not for the amount */
    if (e->mark == YW_MARK_N) add_to(s, NORMAL, e, weight);
    add_to(s, ALL, e, weight);
    s->cou += e->cou;
    s->marks[e->mark]++;
    s->count++;
}

static uint8_t commonest_abnormal(const struct yw_sum *s) {
    uint8_t best = YW_MARK_N;
    for (uint8_t m = 0; m < YW_MARK_N; m++)
        if (s->marks[m] > 0 && (best == YW_MARK_N || s->marks[m] > s->marks[best])) best = m;
    return best;
}

void yw_period_entry(const struct yw_period *p, size_t factor, enum yw_medium medium, struct yw_entry *out) {
    const struct yw_sum *s = &p->sums[factor];
    *out = (struct yw_entry){.mark = YW_MARK_N, .cou = s->cou};
    if (s->count == 0) return;
    uint32_t normal = s->marks[YW_MARK_N];
    bool enough =
        medium == YW_MEDIUM_WATER ? normal == s->count : (double)normal >= NORMAL_SHARE * (double)s->count;
    int set = normal > 0 && (enough || medium == YW_MEDIUM_WATER) ? NORMAL : ALL;
    if (!enough) out->mark = commonest_abnormal(s);
    out->avg = s->sum[set] / s->weight[set];
    out->zs_avg = s->zs_sum[set] / s->weight[set];
    out->min = s->min[set], out->max = s->max[set];
    out->zs_min = s->zs_min[set], out->zs_max = s->zs_max[set];
}
