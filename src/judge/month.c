/* month: from days to months, quarters and years. HJ 76 annex B knows the month; for what is longer there is
 * the capture rate of the quarter, and no rule for a year. */
#include <math.h>

#include "judge/judge_int.h"

void yw_period_bounds(uint8_t period, int64_t t, int64_t *from, int64_t *to) {
    struct yw_civil c;
    yw_time_to_civil(t, YW_CHINA, &c);
    int months = period == YW_PERIOD_YEAR ? 12 : period == YW_PERIOD_QUARTER ? 3 : 1;
    struct yw_civil a = {.year = c.year, .month = (c.month - 1) / months * months + 1, .day = 1}, b = a;
    b.month += months;
    if (b.month > 12) {
        b.month -= 12;
        b.year++;
    }
    if (!yw_time_from_civil(&a, YW_CHINA, from)) *from = INT64_MIN;
    if (!yw_time_from_civil(&b, YW_CHINA, to)) *to = INT64_MAX;
}

void yw_stretch_days(const struct yw_stretch *st, int64_t from, int64_t to, size_t *a, size_t *b) {
    int64_t first = yw_china_day_start(st->first_day);
    int64_t x = (from - first) / YW_DAY, y = (to - first) / YW_DAY;
    if (from < first) x = 0;
    if (to < first) y = 0;
    *b = (uint64_t)y > st->n_days ? st->n_days : (size_t)y;
    *a = (size_t)x > *b ? *b : (size_t)x;
}

/* Nothing valid: stopped all the time, nothing at all, or too little. */
static void not_valid(const struct yw_stretch *st, size_t a, size_t b, size_t factor, uint8_t code,
                      uint16_t rule, double figure, struct yw_mean *out) {
    size_t stopped = 0, came = 0;
    for (size_t d = a; d < b; d++) {
        uint8_t validity = yw_stretch_day(st, d, factor)->validity;
        stopped += validity == YW_VALIDITY_STOPPED;
        came += validity != YW_VALIDITY_NO_DATA && validity != YW_VALIDITY_STOPPED;
    }
    if (came == 0 && stopped > 0) {
        out->validity = YW_VALIDITY_STOPPED;
        yw_mean_reason_first(out, YW_REASON_STOPPED, YW_NO_RULE, (double)stopped);
    } else if (came == 0) {
        out->validity = YW_VALIDITY_NO_DATA;
        yw_mean_reason_first(out, YW_REASON_NOT_MEASURED, YW_NO_RULE, (double)(b - a));
    } else {
        out->validity = YW_VALIDITY_INVALID;
        yw_mean_reason_first(out, code, rule, figure);
    }
}

void yw_gas_month(const struct yw_stretch *st, size_t factor, struct yw_mean *out) {
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    struct yw_civil c;
    yw_time_to_civil(out->from, YW_CHINA, &c);
    enum yw_figure_id id = c.month == 2 ? YW_FIG_FEBRUARY_DAYS : YW_FIG_MONTH_DAYS;
    size_t a, b;
    yw_stretch_days(st, out->from, out->to, &a, &b);
    yw_days_gather(st, a, b, factor, out);
    if (out->valid >= fig->value[id] && out->valid > 0) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, fig->rule[id], out->valid);
    } else {
        not_valid(st, a, b, factor, YW_REASON_FEW_DAYS, fig->rule[id], out->valid, out);
    }
}

void yw_long_mean(const struct yw_stretch *st, size_t factor, double capture, struct yw_mean *out) {
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    uint16_t rule = fig->rule[YW_FIG_CAPTURE_MIN];
    size_t a, b;
    yw_stretch_days(st, out->from, out->to, &a, &b);
    yw_days_gather(st, a, b, factor, out);
    if (out->valid == 0) {
        not_valid(st, a, b, factor, YW_REASON_FEW_DAYS, YW_NO_RULE, 0, out);
    } else if (isnan(capture) || out->period == YW_PERIOD_YEAR) {
        out->validity = YW_VALIDITY_VALID;
        yw_mean_reason_first(out, YW_REASON_NO_SUCH_RULE, YW_NO_RULE, out->valid);
    } else if (capture >= fig->value[YW_FIG_CAPTURE_MIN]) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, rule, capture);
    } else {
        not_valid(st, a, b, factor, YW_REASON_LOW_CAPTURE, rule, capture, out);
    }
}
