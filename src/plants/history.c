/* history: days already past, newest first, and the queues that parcels wait in. */
#include "plants/host_int.h"

#include <stdlib.h>
#include <string.h>

#include "hj212.h"

enum { QUEUE_MAX = 20000 }; /* parcels an outlet keeps while its link is down; the oldest go first */

/* ---- records into queues ---- */

struct putting {
    struct yw_hosted *outlet;
    struct yw_parcel_queue *queue;
    const struct yw_plant_record *record;
    int64_t due;
    bool backfill;
};

static bool put_area(void *arg, const char *cp, size_t n, unsigned part, unsigned parts) {
    struct putting *x = arg;
    struct yw_hosted *o = x->outlet;
    struct yw_parcel *p = malloc(sizeof *p + n);
    if (!p) return false;
    *p = (struct yw_parcel){.time = x->record->time,
                            .due = x->due,
                            .command = x->record->command,
                            .part = (uint16_t)part,
                            .parts = (uint16_t)parts,
                            .backfill = x->backfill,
                            .length = (uint16_t)n};
    memcpy(p->cp, cp, n);
    if (x->queue->count >= QUEUE_MAX) {
        free(yw_parcel_queue_take(x->queue));
        o->host->state.dropped++;
    }
    yw_parcel_queue_put(x->queue, p);
    return true;
}

void yw_hosted_put(struct yw_hosted *o, struct yw_parcel_queue *q, const struct yw_plant_record *r,
                   int64_t due, bool backfill) {
    struct putting x = {.outlet = o, .queue = q, .record = r, .due = due, .backfill = backfill};
    if (!yw_record_areas(&o->face.scenario, r, put_area, &x)) o->host->state.dropped++;
}

void yw_hosted_put_gbk(struct yw_hosted *o, int64_t time) {
    static const char text[] = "\xCA\xFD\xB2\xC9\xD2\xC7\xD5\xFD\xB3\xA3"; /* "logger in order" */
    char area[128];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    char digits[18];
    hj212_print_time(time, false, digits);
    digits[14] = '\0';
    hj212_put(&w, NULL, "DataTime", digits);
    hj212_put(&w, NULL, "PolId", o->face.scenario.factors[0].code);
    char info[64];
    int n = snprintf(info, sizeof info, "//%s//", text);
    if (n < 0 || w.failed) return;
    hj212_put(&w, "i21001", "Info", info);
    struct yw_plant_record r = {.command = 3020, .time = time};
    struct putting x = {.outlet = o, .queue = &o->fresh, .record = &r, .due = time};
    put_area(&x, area, w.n, 1, 1);
}

/* ---- history ---- */

static bool history_range(struct yw_hosted *o) {
    const struct yw_host_range *ranges = o->host->options.ranges;
    struct yw_plant_history *h = &o->history;
    while (h->range < 2 && ranges[h->range].to <= ranges[h->range].from) h->range++;
    if (h->range == 2) return false;
    if (h->day == INT32_MIN) h->day = yw_china_day(ranges[h->range].to - 1);
    return true;
}

/* Begins the day in hand; false when there is no more history. */
static bool history_begin(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    if (!o->face.history || !history_range(o)) return false;
    const struct yw_host_range *r = &o->host->options.ranges[h->range];
    int64_t day = yw_china_day_start(h->day);
    h->from = day > r->from ? day : r->from;
    h->to = day + YW_DAY < r->to ? day + YW_DAY : r->to;
    if (o->live_from && h->to > o->live_from) h->to = o->live_from; /* behind it the outlet lives */
    if (o->face.silent_from && h->to > o->face.silent_from) h->to = o->face.silent_from;
    yw_outlet_begin(&h->run, &o->face.scenario, o->face.seed, h->to > h->from ? h->from : day);
    h->running = true;
    return true;
}

static void history_end_day(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    const struct yw_host_range *r = &o->host->options.ranges[h->range];
    h->running = false;
    if (h->range == 1) o->oldest_done = h->day;
    if (o->left[h->range]) o->left[h->range]--;
    if (yw_china_day_start(h->day) <= r->from) {
        h->range++;
        h->day = INT32_MIN;
    } else {
        h->day--;
    }
}

/* A record that ends exactly at midnight belongs to the day that it ends, as the day record does. */
static bool history_wants(struct yw_hosted *o, const struct yw_plant_record *r) {
    const struct yw_plant_history *h = &o->history;
    int64_t due;
    if (r->end < h->from || r->end > h->to) return false;
    if (r->end == h->from && r->end != r->time) return false;
    if (r->end == h->to && r->command == 2011) return false;
    const struct yw_host_options *options = &o->host->options;
    if ((r->command == 2011 || r->command == 2111) && r->end < options->start - options->realtime_history_us)
        return false;
    return yw_responder_sends(&o->responder, r, &due);
}

static void put_written(struct yw_hosted *o, int64_t time, const hj212_writer *w) {
    struct yw_plant_record r = {.command = 3020, .time = time};
    struct putting x = {.outlet = o, .queue = &o->history.ready, .record = &r, .backfill = true};
    if (!w->failed) put_area(&x, w->out, w->n, 1, 1);
}

/* The station room each so often, and who came and went since the last time. */
static void history_room(struct yw_hosted *o, int64_t time) {
    int64_t every = o->face.scenario.logger.station_s * YW_SECOND, at[4];
    bool open[4];
    char area[256];
    hj212_writer w;
    if (every <= 0 || (time + YW_CHINA) % every != 0 || time < o->history.from) return;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_room(&o->responder, time, &w);
    put_written(o, time, &w);
    int n = yw_door_events(&o->responder, time - every, time, at, open);
    for (int i = 0; i < n; i++) {
        hj212_writer_init(&w, area, sizeof area);
        yw_put_door(&o->responder, at[i], open[i], &w);
        put_written(o, at[i], &w);
    }
}

/* Steps until at least one parcel is ready; false: no history left. */
bool yw_plant_history_more(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    while (!h->ready.first) {
        if (!h->running && !history_begin(o)) return false;
        if (h->run.model.time >= h->to) {
            history_end_day(o);
            continue;
        }
        history_room(o, h->run.model.time);
        size_t n = yw_outlet_step(&h->run, records, NULL);
        for (size_t i = 0; i < n; i++)
            if (history_wants(o, &records[i])) yw_hosted_put(o, &h->ready, &records[i], 0, true);
    }
    return true;
}

uint64_t yw_plant_history_days(const struct yw_host_range *r) {
    return r->to > r->from ? (uint64_t)(yw_china_day(r->to - 1) - yw_china_day(r->from) + 1) : 0;
}
