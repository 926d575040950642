/* conditions: what marks of the operating condition do where no rule like order 10 holds. Without an explicit
 * rule start-up and shut-down are judged like any hour and noted as transient. Power, cement and paper have a
 * yearly quota of fault and accident; while its number is not known those hours are only annotated. */
#include <math.h>

#include "judge/stretch_state.h"

uint8_t yw_stretch_condition(const struct yw_stretch *st, size_t hour) {
    for (size_t f = 0; f < st->factor_n; f++) {
        uint8_t c = yw_stretch_hour(st, hour, f)->condition;
        if (c != YW_COND_NORMAL) return c;
    }
    return YW_COND_NORMAL;
}

static bool is_transient(uint8_t condition) {
    return condition == YW_COND_STARTUP || condition == YW_COND_SHUTDOWN || condition == YW_COND_DRYING ||
           condition == YW_COND_COOLING;
}

static bool has_quota(uint8_t profile, enum yw_figure_id *out) {
    switch (profile) {
    case YW_PROFILE_POWER:
        *out = YW_FIG_QUOTA_POWER_H;
        return true;
    case YW_PROFILE_CEMENT:
        *out = YW_FIG_QUOTA_CEMENT_H;
        return true;
    case YW_PROFILE_PAPER:
        *out = YW_FIG_QUOTA_PAPER_H;
        return true;
    default:
        return false;
    }
}

/* An hour of fault or accident: exempt while a known quota lasts. */
static void fault(struct yw_stretch *st, size_t hour, enum yw_figure_id quota, double *used_h) {
    const struct yw_figures *fig = yw_judge_figures(st->j, st->first + (int64_t)hour * YW_HOUR);
    const double quota_h = fig->on[quota] ? fig->value[quota] : NAN;
    const bool fits = *used_h + 1 <= quota_h;
    if (fits) *used_h += 1;
    for (size_t f = 0; f < st->factor_n; f++) {
        struct yw_mean *m = yw_stretch_hour(st, hour, f);
        if (isnan(quota_h)) {
            yw_mean_reason_first(m, YW_REASON_NO_QUOTA, fig->rule[quota], NAN);
        } else if (fits) {
            m->exempt = true;
            m->judged = false;
            yw_mean_reason_first(m, YW_REASON_CONDITION_MARK, fig->rule[quota], NAN);
        } else {
            yw_mean_reason_first(m, YW_REASON_BUDGET_SPENT, fig->rule[quota], quota_h);
        }
    }
}

void yw_conditions_apply(struct yw_stretch *st) {
    enum yw_figure_id quota = YW_FIG_CONDITION;
    int64_t year_to = INT64_MIN, ignored;
    double used_h = 0;
    if (st->site->profile == YW_PROFILE_INCINERATION) return; /* order 10 */
    const bool by_quota = has_quota(st->site->profile, &quota);
    for (size_t h = 0; h < st->n_hours; h++) {
        const uint8_t c = yw_stretch_condition(st, h);
        const int64_t t = st->first + (int64_t)h * YW_HOUR;
        if (t >= year_to) {
            yw_period_bounds(YW_PERIOD_YEAR, t, &ignored, &year_to);
            used_h = 0;
        }
        if (c == YW_COND_NORMAL) continue;
        if (is_transient(c)) {
            const struct yw_figures *fig = yw_judge_figures(st->j, t);
            for (size_t f = 0; f < st->factor_n; f++) {
                struct yw_mean *m = yw_stretch_hour(st, h, f);
                m->transient = true;
                yw_mean_reason(m, YW_REASON_TRANSIENT, fig->rule[YW_FIG_CONDITION], NAN);
            }
        } else if ((c == YW_COND_FAULT || c == YW_COND_ACCIDENT) && by_quota) {
            fault(st, h, quota, &used_h);
        }
    }
}
