/* ambient: validity and means of ambient air (GB 3095, HJ 663): hours of enough minutes, days of enough
 * hours, and the largest running mean of eight hours that lie within the day. */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

enum { DAY_HOURS = 24 };

void yw_ambient_hour_finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out) {
    const double need = w->figures->value[YW_FIG_AMBIENT_HOUR_MINUTES];
    const uint16_t rule = w->figures->rule[YW_FIG_AMBIENT_HOUR_MINUTES];
    if (isnan(need)) return;
    for (size_t f = 0; f < j->site->factor_n; f++) {
        struct yw_mean *m = &out[f];
        if (m->validity != YW_VALIDITY_VALID) continue;
        m->reason_n = 0;
        if (m->valid >= need) {
            yw_mean_reason(m, YW_REASON_ENOUGH, rule, m->valid);
            continue;
        }
        m->validity = YW_VALIDITY_INVALID;
        m->judged = false;
        yw_mean_reason(m, YW_REASON_FEW_MINUTES, rule, m->valid);
    }
}

void yw_ambient_day(struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out) {
    size_t a, b;
    yw_stretch_day_hours(st, d, &a, &b);
    yw_day_gather(st, a, b, factor, out);
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    const uint16_t rule = fig->rule[YW_FIG_AMBIENT_DAY_HOURS];
    out->due = DAY_HOURS;
    out->judged = false;
    if (out->to > st->now) {
        out->validity = YW_VALIDITY_PARTIAL;
    } else if (out->valid > 0 && out->valid >= fig->value[YW_FIG_AMBIENT_DAY_HOURS]) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, rule, out->valid);
    } else {
        out->validity = out->valid == 0 ? YW_VALIDITY_NO_DATA : YW_VALIDITY_INVALID;
        yw_mean_reason_first(out, YW_REASON_FEW_HOURS, rule, out->valid);
    }
}

static bool has_8h_limit(const struct yw_site *s, size_t factor) {
    for (size_t i = 0; i < s->limit_n; i++) {
        if (s->limits[i].period == YW_PERIOD_8H && strcmp(s->limits[i].factor, s->factors[factor].code) == 0)
            return true;
    }
    return false;
}

void yw_ambient_day_more(struct yw_stretch *st, size_t d, size_t factor) {
    const int64_t from = yw_china_day_start(st->first_day + (int32_t)d);
    const struct yw_figures *fig = yw_judge_figures(st->j, from);
    const double length = fig->value[YW_FIG_AMBIENT_8H_HOURS];
    size_t a, b, windows = 0;
    yw_stretch_day_hours(st, d, &a, &b);
    if (isnan(length) || !has_8h_limit(st->site, factor)) return;
    struct yw_mean out;
    yw_mean_init(&out, YW_PERIOD_8H, (uint8_t)factor, from, from + YW_DAY);
    const size_t hours = (size_t)length;
    out.due = (uint16_t)(DAY_HOURS + 1 - hours);
    for (size_t h = a; h + hours <= b; h++) {
        double sum = 0;
        size_t n = 0;
        for (size_t i = h; i < h + hours; i++) {
            const struct yw_mean *m = yw_stretch_hour(st, i, factor);
            if (m->marking > out.marking) out.marking = m->marking;
            if (m->validity != YW_VALIDITY_VALID) continue;
            sum += m->mean;
            n++;
        }
        if (n == 0 || (double)n < fig->value[YW_FIG_AMBIENT_8H_VALID]) continue;
        windows++;
        if (!(sum / (double)n <= out.mean)) out.mean = out.raw = sum / (double)n;
    }
    out.valid = (uint16_t)windows;
    if (out.to > st->now) {
        out.validity = YW_VALIDITY_PARTIAL;
    } else if (windows > 0 && (double)windows >= fig->value[YW_FIG_AMBIENT_8H_WINDOWS]) {
        out.validity = YW_VALIDITY_VALID;
        out.judged = true;
        yw_mean_reason(&out, YW_REASON_ENOUGH, fig->rule[YW_FIG_AMBIENT_8H_WINDOWS], (double)windows);
    } else {
        out.validity = windows == 0 ? YW_VALIDITY_NO_DATA : YW_VALIDITY_INVALID;
        yw_mean_reason(&out, YW_REASON_FEW_HOURS, fig->rule[YW_FIG_AMBIENT_8H_WINDOWS], (double)windows);
    }
    yw_emit_mean(st, &out);
    yw_exceed_emit(st, &out);
}

void yw_ambient_year(const struct yw_stretch *st, struct yw_mean *out) {
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    const uint16_t rule = fig->rule[YW_FIG_AMBIENT_YEAR_DAYS];
    out->judged = false;
    if (out->valid == 0 || isnan(fig->value[YW_FIG_AMBIENT_YEAR_DAYS])) return;
    if (out->valid >= fig->value[YW_FIG_AMBIENT_YEAR_DAYS]) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, rule, out->valid);
    } else {
        out->validity = YW_VALIDITY_INVALID;
        yw_mean_reason_first(out, YW_REASON_FEW_DAYS, rule, out->valid);
    }
}
