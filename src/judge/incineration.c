/* incineration: how a day of a waste incinerator is judged (MEE order 10 and the marking rule of 2019). Fixed
 * blocks of five minutes of the furnace, the daily mean of judged valid hours, and two budgets of a calendar
 * year that take marked hours out of the judgement, in order of time. */
#include <math.h>
#include <string.h>

#include "judge/stretch_state.h"

#define BLOCK (5 * YW_MINUTE)

enum { BLOCKS = 12, BLOCK_MINUTES = 5 };

/* ---- five-minute blocks ---- */

static bool is_thermocouple(const struct yw_site *s, size_t f) {
    if (s->thermocouple_n == 0) return s->factors[f].role == YW_ROLE_FURNACE;
    for (size_t i = 0; i < s->thermocouple_n; i++) {
        if (strcmp(s->thermocouples[i], s->factors[f].code) == 0) return true;
    }
    return false;
}

/* Minutes of [from, to) that lie in block b of the hour. */
static double minutes_in_block(int64_t hour, size_t b, int64_t from, int64_t to) {
    int64_t lo = hour + (int64_t)b * BLOCK, hi = lo + BLOCK;
    if (lo < from) lo = from;
    if (hi > to) hi = to;
    return hi > lo ? (double)(hi - lo) / (double)YW_MINUTE : 0;
}

/* Minutes that marks take out of a thermocouple. Maintenance, calibration and check are marks of the gas
 * analysers: the furnace goes on being measured. */
static uint64_t taken_out(const struct yw_marked *m) {
    return m->out & ~(m->equipment[YW_EQUIP_MAINTENANCE] | m->equipment[YW_EQUIP_CALIBRATION] |
                      m->equipment[YW_EQUIP_CHECK]);
}

/* Mean of one thermocouple over each block, of the minutes whose record is valid. */
static void thermocouple_blocks(const struct yw_judge *j, size_t f, int64_t hour,
                                const struct yw_sample_record *records, size_t n,
                                const struct yw_marked *marked, double sum[BLOCKS], double minutes[BLOCKS]) {
    const int64_t span = j->site->minute_interval * YW_MINUTE;
    for (size_t i = 0; i < n; i++) {
        const struct yw_sample *v = &records[i].samples[f];
        if (records[i].period != YW_PERIOD_MINUTE || isnan(v->avg)) continue;
        uint8_t condition, equipment;
        if (yw_flag_class(j->rules, j->site->profile, v->flag, &condition, &equipment) != YW_FLAG_VALID)
            continue;
        const int64_t at = records[i].time;
        const unsigned minute = (unsigned)((at - hour) / YW_MINUTE);
        if (marked && minute < YW_MINUTES && (taken_out(marked) >> minute & 1) != 0) continue;
        for (size_t b = 0; b < BLOCKS; b++) {
            double m = minutes_in_block(hour, b, at, at + span);
            sum[b] += v->avg * m;
            minutes[b] += m;
        }
    }
}

static uint64_t block_bits(size_t b) {
    return ((UINT64_C(1) << BLOCK_MINUTES) - 1) << (b * BLOCK_MINUTES);
}

/* What marks say of a block: any minute of a condition or of a thermocouple mark is enough. Late is a mark
 * that came after the block was seen to be cold. */
static void mark_block(struct yw_mean *m, const struct yw_marked *marked, size_t b, double degc) {
    const uint64_t bits = block_bits(b);
    for (uint8_t c = YW_COND_NORMAL + 1; c < YW_COND_COUNT; c++) {
        if ((marked->condition[c] & bits) != 0) m->condition = c;
    }
    if ((marked->equipment[YW_EQUIP_THERMOCOUPLE] & bits) != 0) m->equipment = YW_EQUIP_THERMOCOUPLE;
    uint8_t marking = (marked->disputed & bits) != 0    ? YW_MARKING_DISPUTED
                      : (taken_out(marked) & bits) != 0 ? YW_MARKING_INVALID
                      : (marked->counting & bits) != 0  ? YW_MARKING_VALID
                                                        : YW_MARKING_NONE;
    if (marking > m->marking) m->marking = marking;
    if ((marked->late & bits) != 0 && m->mean < degc) yw_mean_reason(m, YW_REASON_MARK_LATE, YW_NO_RULE, NAN);
}

size_t yw_incineration_blocks(const struct yw_judge *j, int64_t hour, const struct yw_sample_record *records,
                              size_t n, struct yw_mean out[12]) {
    const struct yw_site *s = j->site;
    const struct yw_figures *fig = yw_judge_figures(j, hour);
    struct yw_marked marked[YW_SITE_FACTORS];
    const bool has_marks = yw_marks_of_hour(j, hour, marked);
    double sum[BLOCKS] = {0}; /* of the means of the thermocouples */
    unsigned valid[BLOCKS] = {0};
    int first = -1;
    uint16_t due = 0;
    for (size_t f = 0; f < s->factor_n; f++) {
        if (!is_thermocouple(s, f)) continue;
        double of[BLOCKS] = {0}, minutes[BLOCKS] = {0};
        if (first < 0) first = (int)f;
        due++;
        thermocouple_blocks(j, f, hour, records, n, has_marks ? &marked[f] : NULL, of, minutes);
        for (size_t b = 0; b < BLOCKS; b++) {
            if (minutes[b] <= 0) continue;
            sum[b] += of[b] / minutes[b];
            valid[b]++;
        }
    }
    if (first < 0) return 0;
    for (size_t b = 0; b < BLOCKS; b++) {
        struct yw_mean *m = &out[b];
        const int64_t from = hour + (int64_t)b * BLOCK;
        yw_mean_init(m, YW_PERIOD_5MIN, (uint8_t)first, from, from + BLOCK);
        m->due = due; /* thermocouples */
        m->valid = (uint16_t)valid[b];
        if (valid[b] > 0) {
            m->mean = m->raw = sum[b] / valid[b];
            m->validity = YW_VALIDITY_VALID;
        }
        for (size_t f = 0; has_marks && f < s->factor_n; f++) {
            if (is_thermocouple(s, f)) mark_block(m, &marked[f], b, fig->value[YW_FIG_FURNACE_DEGC]);
        }
        const bool normal = m->condition == YW_COND_NORMAL || m->condition == YW_COND_GRID;
        m->judged = m->validity == YW_VALIDITY_VALID && normal && m->equipment != YW_EQUIP_THERMOCOUPLE;
        if (m->judged && m->mean < fig->value[YW_FIG_FURNACE_DEGC]) {
            yw_mean_reason(m, YW_REASON_BELOW_LIMIT, fig->rule[YW_FIG_FURNACE_DEGC],
                           fig->value[YW_FIG_FURNACE_DEGC]);
        }
    }
    return BLOCKS;
}

/* ---- budgets ---- */

/* PM keeps the condition of the second budget; where the site has no PM at all, there is none to keep. */
static bool pm_keeps(const struct yw_stretch *st, size_t hour, double limit) {
    const int pm = yw_state(st)->pm;
    if (pm < 0) return true;
    const struct yw_mean *m = yw_stretch_hour(st, hour, (size_t)pm);
    const double value = isnan(m->converted) ? m->mean : m->converted;
    return m->validity == YW_VALIDITY_VALID && value <= limit;
}

uint8_t yw_budgets_step(struct yw_budgets *b, const struct yw_stretch *st, size_t hour, bool *exempt) {
    const int64_t t = st->first + (int64_t)hour * YW_HOUR;
    const struct yw_figures *fig = yw_judge_figures(st->j, t);
    const uint8_t c = yw_stretch_condition(st, hour);
    int64_t ignored;
    *exempt = false;
    if (t >= b->year_to) {
        yw_period_bounds(YW_PERIOD_YEAR, t, &ignored, &b->year_to);
        b->used60_h = b->used700_h = 0;
    }
    b->fault_h = c == YW_COND_FAULT ? b->fault_h + 1 : 0;
    switch (c) {
    case YW_COND_STARTUP:
    case YW_COND_SHUTDOWN:
    case YW_COND_FAULT:
    case YW_COND_ACCIDENT:
        if (!fig->on[YW_FIG_BUDGET60_H] || !(b->used60_h + 1 <= fig->value[YW_FIG_BUDGET60_H]))
            return YW_REASON_BUDGET_SPENT;
        b->used60_h += 1;
        *exempt = true;
        return YW_REASON_BUDGET_60;
    case YW_COND_DRYING:
    case YW_COND_COOLING:
        if (!fig->on[YW_FIG_BUDGET700_H] || !(b->used700_h + 1 <= fig->value[YW_FIG_BUDGET700_H]))
            return YW_REASON_BUDGET_SPENT;
        if (!pm_keeps(st, hour, fig->value[YW_FIG_BUDGET700_PM])) return YW_REASON_PM_OVER;
        b->used700_h += 1;
        *exempt = true;
        return YW_REASON_BUDGET_700;
    default:
        return YW_REASON_NONE;
    }
}

static enum yw_figure_id figure_of(uint8_t reason, uint8_t condition) {
    if (reason == YW_REASON_PM_OVER) return YW_FIG_BUDGET700_PM;
    const bool second = condition == YW_COND_DRYING || condition == YW_COND_COOLING;
    return second ? YW_FIG_BUDGET700_H : YW_FIG_BUDGET60_H;
}

void yw_incineration_apply(struct yw_stretch *st) {
    struct yw_budgets b = {.year_to = INT64_MIN};
    if (st->site->profile != YW_PROFILE_INCINERATION) return;
    for (size_t h = 0; h < st->n_hours; h++) {
        bool exempt;
        const struct yw_figures *fig = yw_judge_figures(st->j, st->first + (int64_t)h * YW_HOUR);
        const uint8_t reason = yw_budgets_step(&b, st, h, &exempt);
        const uint8_t c = yw_stretch_condition(st, h);
        const bool too_long = fig->on[YW_FIG_FAULT_H] && b.fault_h > fig->value[YW_FIG_FAULT_H];
        for (size_t f = 0; f < st->factor_n; f++) {
            struct yw_mean *m = yw_stretch_hour(st, h, f);
            if (reason == YW_REASON_NONE) continue;
            const enum yw_figure_id id = figure_of(reason, c);
            yw_mean_reason_first(m, reason, fig->rule[id], fig->value[id]);
            if (too_long)
                yw_mean_reason(m, YW_REASON_FAULT_TOO_LONG, fig->rule[YW_FIG_FAULT_H],
                               fig->value[YW_FIG_FAULT_H]);
            if (!exempt) continue;
            m->exempt = true;
            m->judged = false;
        }
    }
}

/* ---- the day ---- */

/* Mean of the hours that are judged. HJ 76 asks for 20 valid hours of 24; hours that a budget or a stop takes
 * out are not due, so as many may be lost as on a full day. */
void yw_incineration_day(struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out) {
    size_t a, b, gone = 0, exempt = 0, by_700 = 0, came = 0;
    yw_stretch_day_hours(st, d, &a, &b);
    yw_day_gather(st, a, b, factor, out);
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    const double asked = fig->value[YW_FIG_FURNACE_DAY_HOURS];
    const double hours = (double)(out->to - out->from) / (double)YW_HOUR;
    for (size_t h = a; h < b; h++) {
        const struct yw_mean *m = yw_stretch_hour(st, h, factor);
        if (m->exempt) exempt++;
        if (m->exempt && yw_mean_has(m, YW_REASON_BUDGET_700)) by_700++;
        if (m->validity != YW_VALIDITY_NO_DATA) came++;
        if (m->exempt || m->validity == YW_VALIDITY_STOPPED) gone++;
    }
    const double due = hours - (double)gone;
    const double needed = isnan(asked) ? 1 : asked - (double)gone;
    out->due = (uint16_t)due;
    out->judged = false;
    if (out->to > st->now) {
        out->validity = YW_VALIDITY_PARTIAL;
    } else if (due <= 0) {
        out->validity = exempt > 0 ? YW_VALIDITY_INVALID : YW_VALIDITY_STOPPED;
    } else if (out->valid > 0 && out->valid >= needed) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, fig->rule[YW_FIG_FURNACE_DAY_HOURS], out->valid);
    } else {
        out->validity = came == 0 ? YW_VALIDITY_NO_DATA : YW_VALIDITY_INVALID;
        yw_mean_reason_first(out, YW_REASON_FEW_HOURS, fig->rule[YW_FIG_FURNACE_DAY_HOURS], out->valid);
    }
    /* last, so that they stand first: hours that a budget took out are what most of such a day is about */
    if (by_700 > 0)
        yw_mean_reason_first(out, YW_REASON_BUDGET_700, fig->rule[YW_FIG_BUDGET700_H], (double)by_700);
    if (exempt > by_700)
        yw_mean_reason_first(out, YW_REASON_BUDGET_60, fig->rule[YW_FIG_BUDGET60_H],
                             (double)(exempt - by_700));
}

/* ---- verdicts of a day ---- */

static size_t first_block(const struct yw_stretch *st, int64_t from) {
    size_t a = 0, b = st->block_n;
    while (a < b) {
        const size_t mid = a + (b - a) / 2;
        if (st->blocks[mid].from < from)
            a = mid + 1;
        else
            b = mid;
    }
    return a;
}

static void temperature(struct yw_stretch *st, int64_t from, int64_t to) {
    const struct yw_figures *fig = yw_judge_figures(st->j, from);
    const double degc = fig->value[YW_FIG_FURNACE_DEGC], times = fig->value[YW_FIG_FURNACE_TIMES];
    const struct yw_mean *first = NULL;
    double lowest = INFINITY;
    unsigned count = 0;
    uint8_t marking = YW_MARKING_NONE;
    if (isnan(degc) || isnan(times)) return;
    for (size_t i = first_block(st, from); i < st->block_n && st->blocks[i].from < to; i++) {
        const struct yw_mean *m = &st->blocks[i];
        if (!m->judged || m->validity != YW_VALIDITY_VALID) continue;
        if (!(m->mean < degc)) continue;
        if (!first) first = m;
        if (m->mean < lowest) lowest = m->mean;
        if (m->marking > marking) marking = m->marking;
        count++;
    }
    if (!first || !(count > times)) return;
    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_TEMPERATURE, YW_PERIOD_DAY, first->factor, from, to);
    v.rule = fig->rule[YW_FIG_FURNACE_TIMES];
    v.value = count;
    v.held = times;
    v.measured = lowest;
    v.marking = marking;
    v.counts = fig->on[YW_FIG_FURNACE_TIMES];
    v.confidence = yw_rules_at(st->j->rules, v.rule)->confidence;
    yw_verdict_reason(&v, YW_REASON_BELOW_LIMIT, v.rule, degc);
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    yw_emit_verdict(st, &v);
}

double yw_maintenance_hours(const struct yw_stretch *st, int64_t from, int64_t to) {
    struct yw_marked marked[YW_SITE_FACTORS];
    unsigned minutes = 0;
    for (int64_t hour = from; hour < to; hour += YW_HOUR) {
        if (!yw_marks_of_hour(st->j, hour, marked)) continue;
        uint64_t bits = 0;
        for (size_t f = 0; f < st->factor_n; f++)
            bits |= marked[f].equipment[YW_EQUIP_MAINTENANCE] & ~marked[f].condition[YW_COND_STOPPED];
        minutes += yw_minutes(bits);
    }
    return minutes / 60.0;
}

static void maintenance(struct yw_stretch *st, int64_t day_from, int64_t day_to) {
    const struct yw_figures *fig = yw_judge_figures(st->j, day_from);
    const double most = fig->value[YW_FIG_MAINTENANCE_H];
    int64_t from, to;
    yw_period_bounds(YW_PERIOD_QUARTER, day_from, &from, &to);
    const bool is_last = day_to >= to || day_to >= st->last || day_to >= st->now;
    if (isnan(most) || !is_last || day_from > st->now) return;
    const double used = yw_maintenance_hours(st, from, to < st->now ? to : st->now);
    if (!(used > most + 1e-9)) return;
    struct yw_verdict v;
    yw_verdict_init(&v, YW_VERDICT_MAINTENANCE_LONG, YW_PERIOD_QUARTER, YW_WHOLE_SITE, from, to);
    v.rule = fig->rule[YW_FIG_MAINTENANCE_H];
    v.value = used;
    v.held = most;
    v.counts = fig->on[YW_FIG_MAINTENANCE_H];
    v.confidence = yw_rules_at(st->j->rules, v.rule)->confidence;
    yw_verdict_reason(&v, YW_REASON_EQUIPMENT_MARK, v.rule, used);
    if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
    yw_emit_verdict(st, &v);
}

/* Runs of fault hours that end in the day, or with the data: beyond its time the furnace is to stop. */
static void faults(struct yw_stretch *st, int64_t day_from, int64_t day_to) {
    const struct yw_figures *fig = yw_judge_figures(st->j, day_from);
    const double most = fig->value[YW_FIG_FAULT_H];
    const size_t first = day_from > st->first ? (size_t)((day_from - st->first) / YW_HOUR) : 0;
    if (isnan(most)) return;
    for (size_t h = first; h < st->n_hours && st->first + (int64_t)h * YW_HOUR < day_to; h++) {
        const int64_t to = st->first + (int64_t)(h + 1) * YW_HOUR;
        size_t begin = h;
        if (to > st->now || yw_stretch_condition(st, h) != YW_COND_FAULT) continue;
        if (to < st->now && h + 1 < st->n_hours && yw_stretch_condition(st, h + 1) == YW_COND_FAULT) continue;
        while (begin > 0 && yw_stretch_condition(st, begin - 1) == YW_COND_FAULT) begin--;
        const double hours = (double)(h + 1 - begin);
        if (!(hours > most)) continue;
        struct yw_verdict v;
        yw_verdict_init(&v, YW_VERDICT_FAULT_LONG, YW_PERIOD_HOUR, YW_WHOLE_SITE,
                        st->first + (int64_t)begin * YW_HOUR, to);
        v.rule = fig->rule[YW_FIG_FAULT_H];
        v.value = hours;
        v.held = most;
        v.counts = fig->on[YW_FIG_FAULT_H];
        v.confidence = yw_rules_at(st->j->rules, v.rule)->confidence;
        yw_verdict_reason(&v, YW_REASON_FAULT_TOO_LONG, v.rule, most);
        if (!v.counts) yw_verdict_reason(&v, YW_REASON_RULE_OFF, v.rule, NAN);
        yw_emit_verdict(st, &v);
    }
}

void yw_incineration_emit(struct yw_stretch *st, size_t d) {
    if (st->site->profile != YW_PROFILE_INCINERATION) return;
    const int64_t from = yw_china_day_start(st->first_day + (int32_t)d), to = from + YW_DAY;
    temperature(st, from, to);
    maintenance(st, from, to);
    faults(st, from, to);
}
