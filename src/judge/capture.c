/* capture: 有效数据捕集率. Stopped hours leave both sides (HJ 75-2017 12.1.3):
 * capture % = (hours - invalid - stopped) / (hours - stopped) * 100 */
#include <math.h>

#include "judge/judge_int.h"

void yw_capture(const struct yw_stretch *st, size_t factor, int64_t from, int64_t to,
                struct yw_tally_row *out) {
    out->from = from;
    out->to = to;
    out->factor = (uint8_t)factor;
    out->hours = out->stopped = out->invalid = out->lost = out->valid = 0;
    if (from < st->first) from = st->first;
    if (from < st->site->commissioned) from = st->site->commissioned;
    if (to > st->last) to = st->last;
    if (to > st->now) to = st->now;
    size_t a = from > st->first ? (size_t)((from - st->first + YW_HOUR - 1) / YW_HOUR) : 0;
    for (size_t h = a; h < st->n_hours; h++) {
        const struct yw_mean *m = yw_stretch_hour(st, h, factor);
        if (m->to > to) break;
        out->hours += 1;
        out->stopped += m->validity == YW_VALIDITY_STOPPED;
        out->invalid += m->validity == YW_VALIDITY_INVALID;
        out->lost += m->validity == YW_VALIDITY_NO_DATA;
        out->valid += m->validity == YW_VALIDITY_VALID;
    }
    double due = out->hours - out->stopped;
    out->capture = due > 0 ? out->valid / due : NAN;
}

void yw_capture_emit(struct yw_stretch *st, const struct yw_tally_row *row) {
    const struct yw_figures *fig = yw_judge_figures(st->j, row->from);
    double least = fig->value[YW_FIG_CAPTURE_MIN], capture = row->capture * 100;
    if (row->period != YW_PERIOD_QUARTER || row->to > st->now || !(capture < least)) return;
    if (st->site->factors[row->factor].role != YW_ROLE_POLLUTANT) return;
    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_CAPTURE, YW_PERIOD_QUARTER, row->factor, row->from, row->to);
    v.rule = fig->rule[YW_FIG_CAPTURE_MIN];
    if (v.rule != YW_NO_RULE) v.confidence = yw_rules_at(st->j->rules, v.rule)->confidence;
    v.value = capture;
    v.held = least;
    yw_verdict_reason(&v, YW_REASON_LOW_CAPTURE, v.rule, capture);
    v.counts = fig->on[YW_FIG_CAPTURE_MIN];
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    if (row->from < st->first && st->site->commissioned < st->first) {
        v.counts = false; /* the beginning of the quarter was not given: a rate of a part accuses nobody */
        yw_verdict_reason(&v, YW_REASON_NOT_MEASURED, YW_NO_RULE, (double)(st->first - row->from) / YW_HOUR);
    }
    yw_emit_verdict(st, &v);
}
