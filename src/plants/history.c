/* history: days already past, newest first, and the queues that parcels wait in. */
#include "plants/host_int.h"

#include <stdlib.h>
#include <string.h>

#include "hj212.h"

enum {
    QUEUE_MAX = 20000, /* parcels an outlet keeps while its link is down; the oldest go first */
    JOBS_MAX = 3,      /* days lived at a time by threads of the loop */
    AHEAD = 32         /* parcels ready, below which the next day is begun */
};

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

/* ---- a day lived by a thread ---- */

struct yw_plant_day {
    uv_work_t work;
    struct yw_hosted *outlet;
    /* copies: the device goes on meanwhile, and may be told other things */
    struct yw_scenario scenario;
    struct yw_deeds deeds;
    struct yw_hand hand;
    uint64_t seed;
    int64_t from, to, moments_from; /* real-time records before moments_from are not wanted */
    struct yw_plant_record *records;
    size_t n, cap;
    bool failed; /* no memory: what there is goes out, and the host says that records were dropped */
};

static void keep(struct yw_plant_day *d, const struct yw_plant_record *r) {
    bool moment = r->command == 2011 || r->command == 2111;
    /* a record that ends exactly at midnight belongs to the day that it ends, as the day record does */
    if (r->end < d->from || r->end > d->to || (r->end == d->from && r->end != r->time) ||
        (r->end == d->to && r->command == 2011) || (moment && r->end < d->moments_from))
        return;
    if (d->n == d->cap) {
        size_t cap = d->cap ? 2 * d->cap : 256;
        struct yw_plant_record *more = realloc(d->records, cap * sizeof *more);
        if (!more) {
            d->failed = true;
            return;
        }
        d->records = more;
        d->cap = cap;
    }
    d->records[d->n++] = *r;
}

static void live_the_day(uv_work_t *work) {
    struct yw_plant_day *d = work->data;
    struct yw_outlet_run run;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    if (d->to <= d->from) return;
    yw_outlet_begin(&run, &d->scenario, d->seed, d->from);
    while (run.model.time < d->to) {
        size_t n = yw_outlet_step(&run, records, NULL);
        for (size_t i = 0; i < n; i++) keep(d, &records[i]);
    }
    yw_outlet_end(&run);
}

/* ---- the days ---- */

static bool history_range(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    const struct yw_host_range *ranges = o->host->options.ranges;
    while (h->range < 2 && ranges[h->range].to <= ranges[h->range].from) h->range++;
    if (h->range == 2) return false;
    if (h->day == INT32_MIN) h->day = yw_china_day(ranges[h->range].to - 1);
    return true;
}

static void history_end_day(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    const struct yw_host_range *r = &o->host->options.ranges[h->range];
    if (h->range == 1) o->oldest_done = h->day;
    if (o->left[h->range]) o->left[h->range]--;
    if (yw_china_day_start(h->day) <= r->from) {
        h->range++;
        h->day = INT32_MIN;
    } else {
        h->day--;
    }
}

static void put_written(struct yw_hosted *o, int64_t time, const hj212_writer *w) {
    struct yw_plant_record r = {.command = 3020, .time = time};
    struct putting x = {.outlet = o, .queue = &o->history.ready, .record = &r, .backfill = true};
    if (!w->failed) put_area(&x, w->out, w->n, 1, 1);
}

/* The station room each so often, and who came and went since the last time. */
static void history_room(struct yw_hosted *o) {
    int64_t every = o->face.scenario.logger.station_s * YW_SECOND, at[4];
    bool open[4];
    char area[256];
    hj212_writer w;
    if (every <= 0) return;
    int64_t first = (o->history.from + YW_CHINA + every - 1) / every * every - YW_CHINA;
    for (int64_t time = first; time < o->history.to; time += every) {
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
}

/* ---- threads ---- */

static void free_day(struct yw_plant_day *d) {
    free(d->records);
    free(d);
}

static void begin_days(struct yw_host *h);

static void on_lived(uv_work_t *work, int status) {
    struct yw_plant_day *d = work->data;
    struct yw_hosted *o = d->outlet;
    struct yw_host *host = o->host;
    int64_t due;
    o->history.job = NULL;
    host->jobs--;
    if (!host->closing && status == 0) {
        history_room(o);
        for (size_t i = 0; i < d->n; i++)
            if (yw_responder_sends(&o->responder, &d->records[i], &due))
                yw_hosted_put(o, &o->history.ready, &d->records[i], 0, true);
        if (d->failed) host->state.dropped++;
        history_end_day(o);
    }
    free_day(d);
    if (host->closing) return;
    begin_days(host);
    if (o->up) yw_plant_link_kick(o->link);
}

/* Gives the outlet's next day to a thread; false: there is none, or no memory now. */
static bool begin_day(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    if (!o->face.history || !o->live_begun || !history_range(o)) return false;
    const struct yw_host_options *options = &o->host->options;
    const struct yw_host_range *r = &options->ranges[h->range];
    struct yw_plant_day *d = calloc(1, sizeof *d);
    if (!d) return false;
    int64_t day = yw_china_day_start(h->day);
    h->from = day > r->from ? day : r->from;
    h->to = day + YW_DAY < r->to ? day + YW_DAY : r->to;
    if (h->to > o->live_from) h->to = o->live_from; /* behind it the outlet lives */
    if (o->face.silent_from && h->to > o->face.silent_from) h->to = o->face.silent_from;
    d->work.data = d;
    d->outlet = o;
    d->scenario = o->face.scenario;
    d->deeds = o->responder.deeds;
    d->hand = o->responder.hand;
    d->scenario.deeds = &d->deeds;
    d->scenario.hand = &d->hand;
    d->seed = o->face.seed;
    d->from = h->from;
    d->to = h->to;
    d->moments_from = options->start - options->realtime_history_us;
    if (uv_queue_work(o->host->loop, &d->work, live_the_day, on_lived) != 0) {
        free_day(d);
        return false;
    }
    h->job = d;
    h->wants = false;
    o->host->jobs++;
    return true;
}

static void begin_days(struct yw_host *h) {
    for (struct yw_hosted *o = h->outlets; o && h->jobs < JOBS_MAX; o = o->next)
        if (o->history.wants && !begin_day(o)) o->history.wants = false;
}

bool yw_plant_history_more(struct yw_hosted *o) {
    struct yw_plant_history *h = &o->history;
    /* the next day is begun before the last one has been sent */
    if (h->ready.count < AHEAD && !h->job && !h->wants) {
        h->wants = o->face.history && o->live_begun && h->range < 2;
        if (h->wants && o->host->jobs < JOBS_MAX) begin_days(o->host);
    }
    return h->ready.first != NULL;
}

uint64_t yw_plant_history_days(const struct yw_host_range *r) {
    return r->to > r->from ? (uint64_t)(yw_china_day(r->to - 1) - yw_china_day(r->from) + 1) : 0;
}
