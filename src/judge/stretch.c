/* stretch: step two. From the hours of a longer time to days, months, quarters, years, budgets, capture
 * rates, replaced emissions and verdicts. Whatever an earlier stretch wrote into the hours is taken out
 * first, so that judging again says the same. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge_int.h"

void yw_emit_mean(const struct yw_stretch *st, const struct yw_mean *m) {
    if (st->sink && st->sink->mean && m->to > st->from) st->sink->mean(st->sink->arg, m);
}

void yw_emit_verdict(const struct yw_stretch *st, const struct yw_verdict *v) {
    if (st->sink && st->sink->verdict && v->to > st->from) st->sink->verdict(st->sink->arg, v);
}

static bool is_of_step_two(uint8_t code) {
    switch (code) {
    case YW_REASON_BUDGET_60:
    case YW_REASON_BUDGET_700:
    case YW_REASON_BUDGET_SPENT:
    case YW_REASON_FAULT_TOO_LONG:
    case YW_REASON_PM_OVER:
    case YW_REASON_NO_QUOTA:
    case YW_REASON_LOW_CAPTURE:
    case YW_REASON_REPLACED:
    case YW_REASON_NO_HISTORY:
    case YW_REASON_MANUAL:
        return true;
    default:
        return false;
    }
}

/* As step one left it. */
static void reset(struct yw_mean *m) {
    uint8_t n = 0;
    for (uint8_t i = 0; i < m->reason_n && i < YW_REASONS; i++)
        if (!is_of_step_two(m->reasons[i].code)) m->reasons[n++] = m->reasons[i];
    m->reason_n = n;
    m->replaced_kg = NAN;
    m->replaced_rule = YW_NO_RULE;
    m->exempt = false;
    if (m->validity == YW_VALIDITY_PARTIAL && n > 0) {
        switch (m->reasons[0].code) {
        case YW_REASON_ENOUGH:
            m->validity = YW_VALIDITY_VALID;
            break;
        case YW_REASON_STOPPED:
            m->validity = YW_VALIDITY_STOPPED;
            break;
        case YW_REASON_NOT_MEASURED:
            m->validity = YW_VALIDITY_NO_DATA;
            break;
        default:
            m->validity = YW_VALIDITY_INVALID;
        }
    }
    m->judged = m->validity == YW_VALIDITY_VALID && !yw_mean_has(m, YW_REASON_NO_MOISTURE) &&
                !yw_mean_has(m, YW_REASON_NO_STATE);
    if (m->validity == YW_VALIDITY_NO_DATA && n == 0)
        yw_mean_reason(m, YW_REASON_NOT_MEASURED, YW_NO_RULE, YW_MINUTES);
}

/* What step two may change of an hour, as one number. */
static uint64_t print(const struct yw_mean *m) {
    struct {
        double replaced;
        uint32_t rule, flags;
        uint32_t reasons[YW_REASONS], rules[YW_REASONS];
        float figures[YW_REASONS];
    } p;
    memset(&p, 0, sizeof p);
    p.replaced = m->replaced_kg;
    p.rule = m->replaced_rule;
    p.flags = (uint32_t)m->validity | (uint32_t)m->judged << 8 | (uint32_t)m->exempt << 9 |
              (uint32_t)m->transient << 10;
    for (uint8_t i = 0; i < m->reason_n && i < YW_REASONS; i++) {
        p.reasons[i] = m->reasons[i].code + 1u;
        p.rules[i] = m->reasons[i].rule;
        p.figures[i] = m->reasons[i].figure;
    }
    if (isnan(p.replaced)) p.replaced = -1;
    return yw_hash64(&p, sizeof p, 0);
}

static void day_mean(struct yw_stretch *st, size_t d, size_t f) {
    struct yw_mean *m = yw_stretch_day(st, d, f);
    int64_t from = yw_china_day_start(st->first_day + (int32_t)d);
    yw_mean_init(m, YW_PERIOD_DAY, (uint8_t)f, from, from + YW_DAY);
    switch (st->site->profile) {
    case YW_PROFILE_WASTE_WATER:
    case YW_PROFILE_PAPER:
        yw_water_day(st, d, f, m);
        break;
    case YW_PROFILE_AMBIENT:
        yw_ambient_day(st, d, f, m);
        break;
    case YW_PROFILE_INCINERATION:
        yw_incineration_day(st, d, f, m);
        break;
    default:
        yw_gas_day(st, d, f, m);
    }
}

/* Not over yet: what there is so far is shown, and held against nothing. */
static void note_partial(const struct yw_stretch *st, struct yw_mean *m) {
    if (m->to <= st->now) return;
    m->validity = YW_VALIDITY_PARTIAL;
    m->judged = false;
}

static void month_mean(struct yw_stretch *st, size_t f, struct yw_mean *m) {
    if (yw_profile_is_water(st->site->profile))
        yw_water_month(st, f, m);
    else if (yw_profile_is_gas(st->site->profile))
        yw_gas_month(st, f, m);
    else
        yw_long_mean(st, f, NAN, m);
}

static void end_period(struct yw_stretch *st, uint8_t period, int64_t in) {
    int64_t from, to;
    yw_period_bounds(period, in, &from, &to);
    for (size_t f = 0; f < st->factor_n; f++) {
        uint8_t role = st->site->factors[f].role;
        if (role == YW_ROLE_OTHER || role == YW_ROLE_POWER) continue;
        struct yw_tally_row row = {.period = period,
                                   .budget60_h = NAN,
                                   .budget700_h = NAN,
                                   .maintenance_h = NAN,
                                   .emission_t = NAN,
                                   .replaced_t = NAN,
                                   .permitted_t = NAN};
        struct yw_mean m;
        yw_capture(st, f, from, to, &row);
        if (!yw_profile_is_gas(st->site->profile)) row.capture = NAN;
        yw_mean_init(&m, period, (uint8_t)f, from, to);
        if (period == YW_PERIOD_MONTH)
            month_mean(st, f, &m);
        else
            yw_long_mean(st, f, row.capture * 100, &m);
        if (st->site->profile == YW_PROFILE_AMBIENT && period == YW_PERIOD_YEAR) yw_ambient_year(st, &m);
        note_partial(st, &m);
        row.emission_t = m.emission_kg / 1000;
        row.replaced_t = m.replaced_kg / 1000;
        if (m.to <= st->from) continue;
        yw_emit_mean(st, &m);
        yw_exceed_emit(st, &m);
        if (period == YW_PERIOD_MONTH) yw_share_emit(st, f, from, to);
        yw_capture_emit(st, &row);
        yw_tally_fill(st, &row);
        if (st->sink && st->sink->tally) st->sink->tally(st->sink->arg, &row);
    }
}

static void do_day(struct yw_stretch *st, size_t d, const uint64_t *before) {
    size_t a, b;
    yw_stretch_day_hours(st, d, &a, &b);
    for (size_t i = a * st->factor_n; i < b * st->factor_n; i++) {
        const struct yw_mean *m = &st->hours[i];
        if (print(m) != before[i]) yw_emit_mean(st, m);
        if (m->to > st->from) yw_exceed_emit(st, m);
    }
    for (size_t f = 0; f < st->factor_n; f++) day_mean(st, d, f);
    yw_day_late(st, d);
    for (size_t f = 0; f < st->factor_n; f++) {
        struct yw_mean *m = yw_stretch_day(st, d, f);
        note_partial(st, m);
        yw_emit_mean(st, m);
        if (m->to > st->from) yw_exceed_emit(st, m);
        if (st->site->profile == YW_PROFILE_AMBIENT) yw_ambient_day_more(st, d, f);
    }
    yw_plausible_emit(st, d);
    yw_incineration_emit(st, d);
    yw_control_emit(st, d);
}

static void do_days(struct yw_stretch *st, const uint64_t *before) {
    static const uint8_t periods[] = {YW_PERIOD_MONTH, YW_PERIOD_QUARTER, YW_PERIOD_YEAR};
    for (size_t d = 0; d < st->n_days; d++) {
        int64_t day = yw_china_day_start(st->first_day + (int32_t)d), from, to;
        do_day(st, d, before);
        for (size_t i = 0; i < YW_COUNT(periods); i++) {
            yw_period_bounds(periods[i], day, &from, &to);
            if (d + 1 == st->n_days || day + YW_DAY >= to) end_period(st, periods[i], day);
        }
    }
}

static bool are_in_order(const struct yw_stretch *st) {
    for (size_t h = 0; h < st->n_hours; h++) {
        for (size_t f = 0; f < st->factor_n; f++) {
            const struct yw_mean *m = yw_stretch_hour(st, h, f);
            if (m->from != st->first + (int64_t)h * YW_HOUR || m->factor != f) return false;
        }
    }
    return true;
}

enum yw_code yw_judge_stretch(const struct yw_judge *j, struct yw_mean *hours, size_t n_hours,
                              const struct yw_mean *blocks, size_t block_n, int64_t from, int64_t now,
                              const struct yw_judge_sink *sink, struct yw_error *err) {
    size_t factors = j->site->factor_n, total = n_hours * factors;
    if (total == 0) return YW_OK;
    struct yw_stretch st = {.j = j,
                            .site = j->site,
                            .hours = hours,
                            .n_hours = n_hours,
                            .factor_n = factors,
                            .first = hours[0].from,
                            .last = hours[0].from + (int64_t)n_hours * YW_HOUR,
                            .blocks = blocks,
                            .block_n = block_n,
                            .from = from,
                            .now = now,
                            .sink = sink};
    if (st.first % YW_HOUR != 0 || !are_in_order(&st))
        return yw_fail(
            err, YW_E_FORMAT,
            "site %s: the hours to judge are not consecutive whole hours with a mean for each of %zu "
            "factors",
            j->site->id, factors);
    st.first_day = yw_china_day(st.first);
    st.n_days = (size_t)(yw_china_day(st.last - 1) - st.first_day + 1);
    st.days = malloc(st.n_days * factors * sizeof *st.days);
    uint64_t *before = malloc(total * sizeof *before);
    bool ok = st.days && before;
    for (size_t i = 0; ok && i < total; i++) {
        before[i] = print(&hours[i]);
        reset(&hours[i]);
        note_partial(&st, &hours[i]);
    }
    if (ok) {
        ok = yw_water_begin(&st);
        if (ok) {
            yw_incineration_apply(&st);
            yw_conditions_apply(&st);
            ok = yw_replace_apply(&st);
            if (ok) do_days(&st, before);
        }
        yw_water_end(&st);
    }
    free(before);
    free(st.days);
    return ok ? YW_OK : yw_fail(err, YW_E_NOMEM, "site %s: no memory for %zu hours", j->site->id, n_hours);
}
