/* effects: which deeds act at a moment, and what single figures they leave. */
#include <math.h>
#include <string.h>

#include "plant/station/effect.h"
#include "plant/station/station.h"

static bool in_hours(int64_t time, double from, double to) {
    int64_t into_day = (time + YW_CHINA) % YW_DAY;
    if (into_day < 0) into_day += YW_DAY;
    double hour = (double)into_day / (double)YW_HOUR;
    return from <= to ? hour >= from && hour < to : hour >= from || hour < to;
}

static bool near_inspection(const struct yw_effect_moment *m, double before_s, double behind_s) {
    int64_t before = (int64_t)(before_s * (double)YW_SECOND),
            behind = (int64_t)(behind_s * (double)YW_SECOND);
    for (size_t i = 0; i < m->inspection_n; i++)
        if (m->time >= m->inspections[i] - before && m->time < m->inspections[i] + behind) return true;
    return false;
}

/* 1970-01-01 was a Thursday. */
static bool in_weekend(int64_t time) {
    int day = (int)(((int64_t)yw_china_day(time) + 3) % 7);
    return (day < 0 ? day + 7 : day) >= 5;
}

static bool triggered(const struct yw_trigger *t, const struct yw_effect_moment *m, bool was) {
    switch (t->kind) {
    case YW_WHEN_NIGHT:
        return in_hours(m->time, t->a, t->b);
    case YW_WHEN_ABOVE:
        return was ? m->over >= t->b : m->over >= t->a;
    case YW_WHEN_INSPECTION:
        return near_inspection(m, t->a, t->b);
    case YW_WHEN_NO_INSPECTION:
        return !near_inspection(m, t->a, t->b);
    case YW_WHEN_WEEKEND:
        return in_weekend(m->time);
    case YW_WHEN_SAMPLING:
        return m->sampling;
    default:
        return true;
    }
}

static double strength_at(const struct yw_event *e, int64_t time) {
    if (e->ramp_us <= 0) return e->strength;
    double share = (double)(time - e->start) / (double)e->ramp_us;
    double left = e->stop ? (double)(e->stop - time) / (double)e->ramp_us : 1.0;
    return e->strength * fmin(1.0, fmin(share, left));
}

/* Only the quantities both name; a side that names none means all. False: they have none in common. */
static bool both(const uint64_t deed[2], const uint64_t only[2], uint64_t out[2]) {
    bool deed_all = !(deed[0] | deed[1]), only_all = !(only[0] | only[1]);
    for (int i = 0; i < 2; i++) out[i] = deed_all ? only[i] : only_all ? deed[i] : deed[i] & only[i];
    return deed_all || only_all || (out[0] | out[1]);
}

static bool pulse_off(const struct yw_effect_deed *d, int64_t since_start) {
    double into = fmod((double)since_start / (double)YW_SECOND, d->b);
    return into >= d->a;
}

/* Keeps the order of places; within a place the order of coming. */
static void put(struct yw_effects_now *out, const struct yw_active *a) {
    if (out->n >= YW_ACTIVE_MAX) return;
    size_t at = out->n++;
    for (; at > 0 && out->items[at - 1].deed->place > a->deed->place; at--)
        out->items[at] = out->items[at - 1];
    out->items[at] = *a;
}

static void add_event(const struct yw_event *e, int64_t time, struct yw_effects_now *out) {
    double s = strength_at(e, time);
    if (s <= 0) return;
    for (uint32_t i = 0; i < e->effect->deed_n; i++) {
        const struct yw_effect_deed *d = &e->effect->deeds[i];
        if (d->what == YW_DO_PULSE) {
            if (pulse_off(d, time - e->start)) return;
            continue;
        }
        struct yw_active a = {
            .deed = d, .event = e, .s = s, .a = d->a, .b = d->b, .c = d->c, .since = e->start};
        if (i == 0 && !isnan(e->a)) a.a = e->a;
        if (both(d->quantities, e->only, a.quantities)) put(out, &a);
    }
}

void yw_effects_at(const struct yw_event *events, size_t n, const struct yw_effect_moment *m,
                   struct yw_effect_state *state, struct yw_effects_now *out) {
    out->n = 0;
    for (size_t i = 0; i < n && i < YW_EVENTS_MAX; i++) {
        const struct yw_event *e = &events[i];
        uint64_t bit = (uint64_t)1 << i;
        bool on = m->time >= e->start && (e->stop == 0 || m->time < e->stop) &&
                  triggered(&e->trigger, m, (state->on & bit) != 0);
        state->on = on ? state->on | bit : state->on & ~bit;
        if (on && e->effect) add_event(e, m->time, out);
    }
}

bool yw_active_hits(const struct yw_active *a, enum yw_quantity q) {
    if (!(a->quantities[0] | a->quantities[1])) return true;
    return (unsigned)q < YW_Q_COUNT && (a->quantities[q / 64] >> (q % 64) & 1);
}

const struct yw_active *yw_effects_doing(const struct yw_effects_now *now, enum yw_place place,
                                         enum yw_deed_what what, enum yw_quantity q) {
    for (size_t i = 0; i < now->n; i++) {
        const struct yw_active *a = &now->items[i];
        if (a->deed->place == place && a->deed->what == what && (q == YW_Q_COUNT || yw_active_hits(a, q)))
            return a;
    }
    return NULL;
}

double yw_effects_input(const struct yw_effects_now *now, const char *input, double usual) {
    double v = usual;
    for (size_t i = 0; i < now->n && now->items[i].deed->place == YW_AT_SOURCE; i++) {
        const struct yw_active *a = &now->items[i];
        if (a->deed->what == YW_DO_SET_INPUT && strcmp(a->deed->input, input) == 0)
            v += a->s * (a->a - usual);
    }
    return v;
}

double yw_effects_condition(const struct yw_effects_now *now, enum yw_condition condition, double usual) {
    double v = usual;
    for (size_t i = 0; i < now->n; i++) {
        const struct yw_active *a = &now->items[i];
        if (a->deed->what == YW_DO_CONDITION && a->deed->condition == condition) v += a->s * (a->a - usual);
    }
    return v;
}

double yw_effects_parameter(const struct yw_effects_now *now, unsigned parameter, enum yw_quantity q,
                            double set) {
    double v = set;
    for (size_t i = 0; i < now->n; i++) {
        const struct yw_active *a = &now->items[i];
        if (a->deed->what != YW_DO_PARAMETER || a->deed->parameter != parameter) continue;
        if (q == YW_Q_COUNT || yw_active_hits(a, q)) v = v * (1 + a->s * (a->a - 1)) + a->s * a->b;
    }
    return v;
}

double yw_active_figure(const struct yw_active *a, enum yw_quantity q, const struct yw_station_spec *spec) {
    if (a->deed->of == YW_OF_UNIT) return a->a;
    if (!spec) return NAN;
    for (uint32_t i = 0; i < spec->channel_n && i < YW_CHANNELS_MAX; i++) {
        const struct yw_channel *c = &spec->channels[i];
        if (c->quantity != q) continue;
        double whole = a->deed->of == YW_OF_STANDARD                ? c->span_gas
                       : a->deed->of == YW_OF_LIMIT && c->limit > 0 ? c->limit
                                                                    : c->range;
        return whole > 0 ? a->a * whole : NAN;
    }
    return NAN;
}
