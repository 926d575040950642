/* process_holds: a value that is held over midnight. A day is computed anew from some hours before it, but
 * what stands still must not move: the day in which the hold began is lived up to that moment, and what its
 * station held is taken over. */
#include <stdlib.h>
#include <string.h>

#include "plants/process.h"

enum { DEPTH_MAX = 2 };

/* The quantities that the event holds without a trigger; false: none. */
static bool holds(const struct yw_event *e, uint64_t quantities[2]) {
    bool any = false, all = false;
    quantities[0] = quantities[1] = 0;
    if (e->trigger.kind != YW_WHEN_ALWAYS) return false;
    for (uint32_t i = 0; i < e->effect->deed_n; i++) {
        const struct yw_effect_deed *d = &e->effect->deeds[i];
        if (d->what != YW_DO_HOLD) continue;
        any = true;
        bool open = !d->quantities[0] && !d->quantities[1], wide = !e->only[0] && !e->only[1];
        all = all || (open && wide);
        for (int k = 0; k < 2; k++)
            quantities[k] |= open ? e->only[k] : wide ? d->quantities[k] : d->quantities[k] & e->only[k];
    }
    if (all) quantities[0] = quantities[1] = 0;
    return any && (all || quantities[0] || quantities[1]);
}

/* The station as it stood when the hold had just begun; NULL: cannot be told. */
static struct yw_station *stood(const struct yw_process *p, int64_t start, int depth) {
    struct yw_model m;
    struct yw_sample sample;
    struct yw_process *q =
        yw_process_open_at(&m, p->scenario, p->seed, yw_china_day_start(yw_china_day(start)), depth + 1);
    if (!q) return NULL;
    while (!q->why[0] && (!q->state.begun || q->state.stepped < start)) yw_process_step(q, &m, &sample);
    struct yw_station *station = q->why[0] ? NULL : q->station;
    if (station) {
        yw_station_attach(station, &p->spec);
        q->station = NULL;
    }
    yw_process_close(q);
    return station;
}

void yw_process_find_holds(struct yw_process *p, int depth) {
    if (depth > DEPTH_MAX) return;
    for (size_t i = 0; i < p->event_n && p->hold_n < YW_HOLDS_MAX; i++) {
        const struct yw_event *e = &p->events[i];
        uint64_t quantities[2];
        if (e->start >= p->day || (e->stop && e->stop <= p->day)) continue;
        if (!holds(e, quantities)) continue;
        struct yw_station *station = stood(p, e->start, depth);
        if (!station) continue;
        p->then[p->hold_n] = station;
        memcpy(p->holds[p->hold_n++], quantities, sizeof quantities);
    }
}

void yw_process_take_holds(struct yw_process *p) {
    for (size_t i = 0; i < p->hold_n; i++) yw_station_keep(p->station, p->then[i], p->holds[i]);
    yw_process_drop_holds(p);
}

void yw_process_drop_holds(struct yw_process *p) {
    for (size_t i = 0; i < p->hold_n; i++) free(p->then[i]);
    p->hold_n = 0;
}
