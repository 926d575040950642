/* share: ultra-low emission is kept by a share of the valid hours of each calendar month, not by each hour.
 */
#include <math.h>
#include <string.h>

#include "judge/stretch_state.h"

static void hold(struct yw_stretch *st, size_t factor, int64_t from, int64_t to, uint16_t index) {
    const struct yw_site_limit *l = &st->site->limits[index];
    const struct yw_figures *fig = yw_judge_figures(st->j, from);
    const double needed = isnan(l->share) ? fig->value[YW_FIG_ULTRA_LOW_SHARE] : l->share;
    const double limit = l->value + fabs(l->value) * 1e-9;
    size_t a, b, kept = 0, valid = 0;
    if (isnan(needed) || isnan(l->value)) return;
    yw_stretch_hours(st, from, to, &a, &b);
    for (size_t h = a; h < b; h++) {
        const struct yw_mean *m = yw_stretch_hour(st, h, factor);
        double value = l->converted ? m->converted : m->mean;
        if (m->validity != YW_VALIDITY_VALID || !m->judged || m->exempt || isnan(value)) continue;
        valid++;
        if (value <= limit) kept++;
    }
    if (valid == 0 || (double)kept >= needed * (double)valid - 1e-9) return;
    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_SHARE, YW_PERIOD_MONTH, (uint8_t)factor, from, to);
    v.basis = YW_BASIS_ULTRA_LOW;
    v.confidence = l->confidence;
    v.converted = l->converted;
    v.limit = index;
    v.rule = fig->rule[YW_FIG_ULTRA_LOW_SHARE];
    v.value = (double)kept / (double)valid;
    v.held = needed;
    yw_verdict_reason(&v, YW_REASON_SHARE_SHORT, v.rule, (double)valid);
    v.counts = l->enabled && l->confidence != YW_CONF_RECALLED && fig->on[YW_FIG_ULTRA_LOW_SHARE];
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    yw_emit_verdict(st, &v);
}

void yw_share_emit(struct yw_stretch *st, size_t factor, int64_t from, int64_t to) {
    if (to > st->now) return; /* a month is judged when it is over */
    const int32_t day = yw_china_day(from);
    for (size_t i = 0; i < st->site->limit_n; i++) {
        const struct yw_site_limit *l = &st->site->limits[i];
        if (l->basis != YW_BASIS_ULTRA_LOW || l->period != YW_PERIOD_HOUR) continue;
        if (strcmp(l->factor, st->site->factors[factor].code) != 0) continue;
        if (day >= l->valid_from && day <= l->valid_to) hold(st, factor, from, to, (uint16_t)i);
    }
}
