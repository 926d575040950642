/* amount: what a permit allows over a month, quarter or year beside what was emitted, and what the budgets of
 * an incinerator have taken. Replaced emissions count: they stand for what was not measured. */
#include <math.h>
#include <string.h>

#include "judge/stretch_state.h"

static const struct yw_site_amount *permitted(const struct yw_stretch *st, const struct yw_tally_row *row) {
    for (size_t i = 0; i < st->site->amount_n; i++) {
        const struct yw_site_amount *a = &st->site->amounts[i];
        if (a->period == row->period && strcmp(a->factor, st->site->factors[row->factor].code) == 0) return a;
    }
    return NULL;
}

static double known(double v) {
    return isnan(v) ? 0 : v;
}

static void hold(struct yw_stretch *st, const struct yw_tally_row *row) {
    const double used = known(row->emission_t) + known(row->replaced_t);
    if (!(used > row->permitted_t * (1 + 1e-9))) return;
    const struct yw_figures *fig = yw_judge_figures(st->j, row->from);
    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_AMOUNT, row->period, row->factor, row->from, row->to);
    v.basis = YW_BASIS_PERMIT;
    v.rule = fig->rule[YW_FIG_LIMIT_AMOUNT];
    if (v.rule != YW_NO_RULE) v.confidence = yw_rules_at(st->j->rules, v.rule)->confidence;
    v.counts = fig->on[YW_FIG_LIMIT_AMOUNT] || v.rule == YW_NO_RULE;
    v.value = used;
    v.held = row->permitted_t;
    if (row->permitted_t > 0) v.multiple = (used - row->permitted_t) / row->permitted_t;
    v.measured = row->emission_t;
    yw_verdict_reason(&v, YW_REASON_ABOVE_LIMIT, v.rule, row->permitted_t);
    if (known(row->replaced_t) > 0) yw_verdict_reason(&v, YW_REASON_REPLACED, YW_NO_RULE, row->replaced_t);
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    yw_emit_verdict(st, &v);
}

static void budgets(const struct yw_stretch *st, struct yw_tally_row *row) {
    struct yw_budgets b = {.year_to = INT64_MIN};
    size_t lo, hi;
    bool exempt;
    yw_stretch_hours(st, row->from, row->to < st->now ? row->to : st->now, &lo, &hi);
    for (size_t h = lo; h < hi; h++) yw_budgets_step(&b, st, h, &exempt);
    row->budget60_h = b.used60_h;
    row->budget700_h = b.used700_h;
}

void yw_tally_fill(struct yw_stretch *st, struct yw_tally_row *row) {
    row->budget60_h = row->budget700_h = row->maintenance_h = row->permitted_t = NAN;
    if (st->site->profile == YW_PROFILE_INCINERATION) {
        if (row->period == YW_PERIOD_YEAR) budgets(st, row);
        if (row->period == YW_PERIOD_QUARTER)
            row->maintenance_h = yw_maintenance_hours(st, row->from, row->to < st->now ? row->to : st->now);
    }
    const struct yw_site_amount *a = permitted(st, row);
    if (!a) return;
    row->permitted_t = a->t;
    hold(st, row);
}
