/* day: from hours to the day. What every profile shares is gathered here; flue gas takes the arithmetic mean
 * of the valid hours and asks for enough of them (HJ 76 annex B). */
#include <math.h>

#include "judge/judge_int.h"

void yw_stretch_day_hours(const struct yw_stretch *st, size_t d, size_t *a, size_t *b) {
    int64_t from = yw_china_day_start(st->first_day + (int32_t)d), to = from + YW_DAY;
    if (from < st->first) from = st->first;
    if (to > st->last) to = st->last;
    *a = (size_t)((from - st->first) / YW_HOUR);
    *b = to > from ? (size_t)((to - st->first) / YW_HOUR) : *a;
}

/* Sums of one kind of value; NaN where nothing was added. */
struct sum {
    double sum;
    uint32_t n;
};
static void add(struct sum *s, double v) {
    if (isnan(v)) return;
    s->sum += v;
    s->n++;
}
static double mean_of(const struct sum *s) {
    return s->n > 0 ? s->sum / s->n : NAN;
}
static double sum_of(const struct sum *s) {
    return s->n > 0 ? s->sum : NAN;
}

struct gathering {
    struct sum mean, raw, converted, emission, replaced, flow;
    uint32_t valid, exempt, marking[YW_MARKING_COUNT], condition[YW_COND_COUNT], equipment[YW_EQUIP_COUNT];
    uint32_t reason[YW_REASON_COUNT]; /* in how many parts it was said */
    bool transient;
};

static void gather(struct gathering *g, const struct yw_mean *m, struct yw_mean *out) {
    add(&g->emission, m->emission_kg);
    add(&g->replaced, m->replaced_kg);
    add(&g->flow, m->flow_m3);
    if (m->marking < YW_MARKING_COUNT) g->marking[m->marking]++;
    if (m->condition < YW_COND_COUNT) g->condition[m->condition]++;
    if (m->equipment < YW_EQUIP_COUNT) g->equipment[m->equipment]++;
    g->transient |= m->transient;
    g->exempt += m->exempt;
    for (uint8_t i = 0; i < m->reason_n; i++)
        if (m->reasons[i].code < YW_REASON_COUNT) g->reason[m->reasons[i].code]++;
    if (m->replaced_rule != YW_NO_RULE) out->replaced_rule = m->replaced_rule;
    if (m->validity != YW_VALIDITY_VALID || m->exempt) return;
    g->valid++;
    add(&g->mean, m->mean);
    add(&g->raw, m->raw);
    add(&g->converted, m->converted);
    out->min = fminf(out->min, m->min);
    out->max = fmaxf(out->max, m->max);
}

/* What more than half of the parts were; normal where nothing was. */
static uint8_t mostly(const uint32_t *count, uint8_t n) {
    uint32_t all = 0;
    for (uint8_t i = 0; i < n; i++) all += count[i];
    for (uint8_t i = 1; i < n; i++)
        if (2 * count[i] > all) return i;
    return 0;
}

static void settle(const struct gathering *g, struct yw_mean *out) {
    /* What an officer must see of the parts, most telling first; the figure says in how many. */
    static const uint8_t carried[] = {YW_REASON_DISPUTED,
                                      YW_REASON_MARK_LATE,
                                      YW_REASON_OUT_OF_CONTROL,
                                      YW_REASON_LOOK_BACK,
                                      YW_REASON_CALIBRATION_OVERDUE,
                                      YW_REASON_VERIFICATION_OVERDUE,
                                      YW_REASON_CHECK_OVERDUE,
                                      YW_REASON_STOPPED,
                                      YW_REASON_EQUIPMENT_MARK,
                                      YW_REASON_UNKNOWN_FLAG,
                                      YW_REASON_O2_NEAR_AIR,
                                      YW_REASON_FLAGGED,
                                      YW_REASON_ZERO_FLOW,
                                      YW_REASON_TRANSIENT,
                                      YW_REASON_REPLACED,
                                      YW_REASON_LOW_CAPTURE,
                                      YW_REASON_NOT_MEASURED};
    out->valid = (uint16_t)g->valid;
    out->mean = mean_of(&g->mean);
    out->raw = mean_of(&g->raw);
    out->converted = mean_of(&g->converted);
    out->emission_kg = sum_of(&g->emission);
    out->replaced_kg = sum_of(&g->replaced);
    out->flow_m3 = sum_of(&g->flow);
    out->condition = mostly(g->condition, YW_COND_COUNT);
    out->equipment = mostly(g->equipment, YW_EQUIP_COUNT);
    out->transient = g->transient;
    out->marking = g->marking[YW_MARKING_DISPUTED]  ? YW_MARKING_DISPUTED
                   : g->marking[YW_MARKING_INVALID] ? YW_MARKING_INVALID
                   : g->marking[YW_MARKING_VALID]   ? YW_MARKING_VALID
                                                    : YW_MARKING_NONE;
    for (size_t i = 0; i < YW_COUNT(carried); i++)
        if (g->reason[carried[i]] > 0) yw_mean_reason(out, carried[i], YW_NO_RULE, g->reason[carried[i]]);
}

void yw_day_gather(const struct yw_stretch *st, size_t a, size_t b, size_t factor, struct yw_mean *out) {
    struct gathering g = {0};
    for (size_t h = a; h < b; h++) gather(&g, yw_stretch_hour(st, h, factor), out);
    out->due = 24;
    settle(&g, out);
}

void yw_days_gather(const struct yw_stretch *st, size_t a, size_t b, size_t factor, struct yw_mean *out) {
    struct gathering g = {0};
    for (size_t d = a; d < b; d++) gather(&g, yw_stretch_day(st, d, factor), out);
    out->due = (uint16_t)(yw_china_day(out->to) - yw_china_day(out->from));
    settle(&g, out);
}

void yw_gas_day(const struct yw_stretch *st, size_t d, size_t factor, struct yw_mean *out) {
    const struct yw_figures *fig = yw_judge_figures(st->j, out->from);
    double need = fig->value[YW_FIG_DAY_HOURS];
    uint16_t rule = fig->rule[YW_FIG_DAY_HOURS];
    size_t a, b, stopped = 0, came = 0;
    yw_stretch_day_hours(st, d, &a, &b);
    yw_day_gather(st, a, b, factor, out);
    for (size_t h = a; h < b; h++) {
        uint8_t validity = yw_stretch_hour(st, h, factor)->validity;
        stopped += validity == YW_VALIDITY_STOPPED;
        came += validity != YW_VALIDITY_NO_DATA && validity != YW_VALIDITY_STOPPED;
    }
    if (out->valid >= need && out->valid > 0) {
        out->validity = YW_VALIDITY_VALID;
        out->judged = true;
        yw_mean_reason_first(out, YW_REASON_ENOUGH, rule, out->valid);
    } else if (out->valid == 0 && stopped > 0 && (double)stopped >= need) {
        out->validity = YW_VALIDITY_STOPPED;
        yw_mean_reason_first(out, YW_REASON_STOPPED, YW_NO_RULE, (double)stopped);
    } else if (came == 0 && stopped == 0) {
        out->validity = YW_VALIDITY_NO_DATA;
        yw_mean_reason_first(out, YW_REASON_NOT_MEASURED, YW_NO_RULE, (double)(b - a));
    } else {
        out->validity = YW_VALIDITY_INVALID;
        yw_mean_reason_first(out, YW_REASON_FEW_HOURS, rule, out->valid);
    }
}

struct late {
    const struct yw_judge *j;
    int64_t day_end;
    uint64_t factors;
};

static void note_mark(void *arg, uint32_t rank) {
    struct late *l = arg;
    const struct yw_mark *m = l->j->marks[rank];
    if (!m->automatic && m->set_at > l->day_end) l->factors |= m->factors ? m->factors : UINT64_MAX;
}

/* The value of an hour, or what came where marks took it out. */
static double came(double value, double sent) {
    return isnan(value) ? sent : value;
}

void yw_day_late(const struct yw_stretch *st, size_t d) {
    int64_t from = yw_china_day_start(st->first_day + (int32_t)d);
    struct late l = {.j = st->j, .day_end = from + YW_DAY};
    size_t a, b;
    yw_spans_each(st->j->mark_spans, st->j->mark_n, from, from + YW_DAY, note_mark, &l);
    if (l.factors == 0) return;
    yw_stretch_day_hours(st, d, &a, &b);
    for (size_t f = 0; f < st->factor_n; f++) {
        struct sum measured = {0}, converted = {0};
        if ((l.factors >> f & 1) == 0) continue;
        for (size_t h = a; h < b; h++) {
            const struct yw_mean *m = yw_stretch_hour(st, h, f);
            add(&measured, came(m->mean, m->raw));
            add(&converted, came(m->converted, m->sent_converted));
        }
        if (yw_above_some_limit(st->j, (uint8_t)f, YW_PERIOD_DAY, st->first_day + (int32_t)d,
                                mean_of(&measured), mean_of(&converted)))
            yw_mean_reason_must(yw_stretch_day(st, d, f), YW_REASON_MARK_LATE, YW_NO_RULE, NAN);
    }
}
