/* water_control: times in which checks say that waste-water data do not count (HJ 356 ch. 6, HJ 355 ch. 8). A
 * failed check reaches back to the last that passed - the opposite direction to flue gas - and data count
 * again from the next that passes. An hour's sample stands at the start of the hour, so the times are whole
 * hours: an hour is lost that begins after the check that passed and before the one that passes again. */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

static int64_t next_hour(int64_t t) {
    return t % YW_HOUR == 0 ? t : t - t % YW_HOUR + YW_HOUR;
}

static bool is_comparison(uint8_t kind) {
    return kind == YW_CHECK_COMPARISON || kind == YW_CHECK_VERIFICATION;
}

static bool is_calibration(uint8_t kind) {
    return kind == YW_CHECK_CALIBRATION || kind == YW_CHECK_ZERO || kind == YW_CHECK_SPAN;
}

static bool has_result(const struct yw_judge *j, size_t i) {
    return j->results[i].known || j->checks[i].said >= 0;
}

/* Whether check i, if it passed, vouches for what a check of `kind` failed: a comparison with the real sample
 * stands above a standard, not the other way round. */
static bool vouches(const struct yw_judge *j, size_t i, size_t failed) {
    if (strcmp(j->checks[i].factor, j->checks[failed].factor) != 0) return false;
    if (!has_result(j, i) || !j->results[i].passed) return false;
    if (is_comparison(j->checks[i].kind)) return true;
    return j->checks[failed].kind == YW_CHECK_STANDARD && j->checks[i].kind == YW_CHECK_STANDARD;
}

static bool fail(struct yw_judge *j, size_t i, int factor) {
    const struct yw_check *c = &j->checks[i];
    const struct yw_figures *fig = yw_judge_figures(j, c->time);
    struct yw_control lost = {.from = j->site->commissioned,
                              .to = next_hour(c->time),
                              .factor = (uint8_t)factor,
                              .reason = YW_REASON_LOOK_BACK,
                              .rule = fig->rule[YW_FIG_WATER_LOOK_BACK],
                              .figure = (float)j->results[i].error,
                              .check = (uint32_t)i,
                              .effective = fig->on[YW_FIG_WATER_LOOK_BACK]};
    for (size_t k = i; k-- > 0;) {
        if (!vouches(j, k, i)) continue;
        lost.from = j->checks[k].time;
        break;
    }
    lost.from = next_hour(lost.from);
    if (lost.to > lost.from && !yw_judge_add_control(j, &lost)) return false;
    struct yw_control out = lost;
    out.from = next_hour(c->time);
    out.to = INT64_MAX;
    out.reason = YW_REASON_OUT_OF_CONTROL;
    for (size_t k = i + 1; k < j->check_n; k++) {
        if (!vouches(j, k, i)) continue;
        out.to = next_hour(j->checks[k].time);
        break;
    }
    return out.to <= out.from || yw_judge_add_control(j, &out);
}

/* Nothing is concluded from a rhythm of which no beat is known: no check yet, and no day of commissioning. */
static bool overdue(struct yw_judge *j, int factor, bool calibration) {
    const char *code = j->site->factors[factor].code;
    const enum yw_figure_id id = calibration ? YW_FIG_WATER_CALIBRATION_H : YW_FIG_WATER_CHECK_H;
    int64_t last = j->site->commissioned;
    for (size_t i = 0; i <= j->check_n; i++) {
        int64_t t = INT64_MAX;
        if (i < j->check_n) {
            const struct yw_check *c = &j->checks[i];
            bool mine = calibration ? is_calibration(c->kind) && !(has_result(j, i) && !j->results[i].passed)
                                    : c->kind == YW_CHECK_STANDARD;
            if (!mine || strcmp(c->factor, code) != 0) continue;
            t = c->time;
        }
        if (last != 0) {
            const struct yw_figures *fig = yw_judge_figures(j, last);
            const double hours = fig->value[id];
            struct yw_control c = {.to = t,
                                   .factor = (uint8_t)factor,
                                   .reason =
                                       calibration ? YW_REASON_CALIBRATION_OVERDUE : YW_REASON_CHECK_OVERDUE,
                                   .rule = fig->rule[id],
                                   .figure = (float)hours,
                                   .check = UINT32_MAX,
                                   .effective = true,
                                   .keeps = true};
            c.from = isnan(hours) ? t : last + (int64_t)(hours * (double)YW_HOUR);
            if (c.from < t && fig->on[id] && !yw_judge_add_control(j, &c)) return false;
        }
        last = t;
    }
    return true;
}

bool yw_water_control(struct yw_judge *j) {
    for (size_t i = 0; i < j->check_n; i++) {
        const struct yw_check *c = &j->checks[i];
        const int factor = yw_site_factor(j->site, c->factor);
        const bool asks = is_comparison(c->kind) || c->kind == YW_CHECK_STANDARD;
        if (factor < 0 || !asks || !has_result(j, i) || j->results[i].passed) continue;
        if (!fail(j, i, factor)) return false;
    }
    for (size_t f = 0; f < j->site->factor_n; f++) {
        if (j->site->factors[f].role != YW_ROLE_POLLUTANT) continue;
        if (!overdue(j, (int)f, false) || !overdue(j, (int)f, true)) return false;
    }
    return true;
}
