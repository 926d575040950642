/* host: outlets living on links. Live records come first, then what was lost on the way, then history, newest
 * day first. */
#include "plants/host_int.h"

#include <stdlib.h>
#include <string.h>

#include "plant/noise.h"

enum {
    TICK_MS = 100,
    STEPS_PER_LOOK = 64,     /* of an outlet, before it looks at the time */
    AGAIN_MAX = 20000,       /* parcels lost on the way that an outlet keeps */
    FULL_SPEED_AHEAD = 2000, /* parcels made ahead of the link when it sets the pace */
    GBK_EVERY_S = 600
};
static const int64_t TICK_MOST_US = 80 * 1000; /* so that a host that falls behind still answers */

/* ---- what the link asks ---- */

static int64_t plant_time(const struct yw_host *h) {
    if (h->options.speed <= 0) return h->options.until;
    double passed = h->frozen ? 0 : (double)(yw_monotonic() - h->began) * h->options.speed;
    int64_t now = h->base + (int64_t)passed;
    return h->options.until && now > h->options.until ? h->options.until : now;
}

/* At full speed time is where the outlet has lived to. */
static int64_t time_of(const struct yw_hosted *o) {
    const struct yw_host *h = o->host;
    return h->options.speed <= 0 && o->live_begun ? o->live.model.time : h->state.now;
}

static struct yw_parcel *next_parcel(struct yw_hosted *o) {
    struct yw_host *h = o->host;
    struct yw_parcel *said = yw_responder_next(&o->responder, time_of(o));
    if (said || !o->responder.registered) return said;
    if (o->reports.first && o->reports.first->due <= h->state.now) return yw_parcel_queue_take(&o->reports);
    if (o->fresh.first && o->fresh.first->due <= h->state.now) return yw_parcel_queue_take(&o->fresh);
    struct yw_parcel *p = yw_parcel_queue_take(&o->again);
    if (!p && yw_plant_history_more(o)) p = yw_parcel_queue_take(&o->history.ready);
    return p;
}

static bool on_next(void *arg, struct yw_plant_slot *slot) {
    struct yw_hosted *o = arg;
    if (o->host->closing) return false;
    struct yw_parcel *p = next_parcel(o);
    if (!p) return false;
    int64_t clock = yw_responder_clock(&o->responder, time_of(o));
    slot->length = yw_frame_write(&o->device, p, clock, slot->bytes, YW_PLANT_FRAME_PRINTED, slot->qn);
    if (slot->length ==
        0) { /* cannot happen with areas of at most 950 bytes; a parcel that does not fit is not kept */
        free(p);
        o->host->state.dropped++;
        return false;
    }
    slot->twice = (o->device.odd & YW_ODD_RESEND) && p->command != 2011 && !p->reply;
    slot->wants_ack = !p->reply;
    slot->tag = p;
    o->host->state.sent++;
    return true;
}

static void on_acked(void *arg, struct yw_plant_slot *slot, int64_t took_us) {
    struct yw_hosted *o = arg;
    YW_UNUSED(took_us);
    o->host->state.acked++;
    yw_responder_acked(&o->responder, slot->tag);
    free(slot->tag);
    slot->tag = NULL;
}

/* What has no worth later: answers, notices, uploads of a request that ended with the link. */
static bool is_of_the_moment(const struct yw_parcel *p) {
    return p->reply || p->asked || p->command < 2000 || p->command >= 9000;
}

static void on_lost(void *arg, struct yw_plant_slot *slot) {
    struct yw_hosted *o = arg;
    struct yw_parcel *p = slot->tag;
    slot->tag = NULL;
    o->host->state.lost++;
    yw_responder_lost(&o->responder, p);
    if (is_of_the_moment(p)) {
        free(p);
        return;
    }
    if (o->again.count >= AGAIN_MAX) {
        free(p);
        o->host->state.dropped++;
        return;
    }
    p->backfill = true;
    yw_parcel_queue_put(&o->again, p);
}

static void on_state(void *arg, enum yw_plant_link_state state, const char *why) {
    struct yw_hosted *o = arg;
    struct yw_host *h = o->host;
    if (o->up) h->state.up--;
    o->up = state == YW_PLANT_LINK_UP;
    if (o->up) h->state.up++;
    if (!o->up) yw_responder_hang_up(&o->responder);
    if (state != YW_PLANT_LINK_UP) yw_copy(h->state.why, sizeof h->state.why, why, strlen(why));
    if (state == YW_PLANT_LINK_REFUSED) h->state.refused = true;
}

static bool is_silent(const struct yw_hosted *o, int64_t at) {
    return o->face.silent_from && at >= o->face.silent_from;
}

static bool on_frame(void *arg, const void *bytes, size_t n, uint16_t command) {
    struct yw_hosted *o = arg;
    struct yw_host *h = o->host;
    YW_UNUSED(command);
    if (h->options.speed > 0) h->state.now = plant_time(h);
    if (is_silent(o, h->state.now)) return true;
    bool heard = yw_responder_take(&o->responder, bytes, n, time_of(o));
    const struct yw_memory *m = &o->responder.memory;
    if (m->overtime_s != o->overtime_s || m->recount != o->recount)
        yw_plant_link_patience(o->link, m->overtime_s * YW_SECOND, m->recount);
    o->overtime_s = m->overtime_s, o->recount = m->recount;
    return heard;
}

/* ---- the passing of time ---- */

static void live_begin(struct yw_hosted *o) {
    int64_t start = o->host->options.start, clock = start;
    if (o->host->options.speed > 0) clock = yw_responder_clock(&o->responder, start);
    o->live_from = clock < start ? clock : start; /* a fast clock leaves no hole behind the history */
    o->clock_seen = clock;
    o->now_seen = start;
    yw_outlet_begin(&o->live, &o->face.scenario, o->face.seed, o->live_from);
    yw_outlet_ahead(&o->live);
    o->live_begun = true;
    o->responder.live = &o->live;
    if (o->device.odd & YW_ODD_GBK)
        yw_hosted_put_gbk(o, o->host->options.start); /* as loggers do when switched on */
}

/* A host has set the clock. Back: the device lives the time between again. Far forward: it has not lived it.
 */
static void live_jump(struct yw_hosted *o, int64_t now, int64_t clock) {
    int64_t jump = clock - o->clock_seen - (now - o->now_seen);
    o->clock_seen = clock;
    o->now_seen = now;
    if (jump > -YW_SECOND && jump < YW_SECOND) return;
    if (jump > 0) o->moments_from = clock;
    if (jump > 0 && jump <= YW_HOUR) return;
    yw_outlet_end(&o->live);
    yw_outlet_begin(&o->live, &o->face.scenario, o->face.seed, clock);
    yw_outlet_ahead(&o->live);
}

void yw_hosted_restart(struct yw_hosted *o) {
    if (!o->live_begun) return;
    int64_t now = o->host->state.now, clock = now;
    if (o->host->options.speed > 0) clock = yw_responder_clock(&o->responder, now);
    o->clock_seen = clock;
    o->now_seen = now;
    if (clock < o->live_from) o->live_from = clock;
    yw_outlet_end(&o->live);
    const struct yw_scenario *s = &o->face.scenario;
    yw_outlet_begin(&o->live, s, o->face.seed, clock - s->sample_s * YW_SECOND);
    yw_outlet_ahead(&o->live);
    struct yw_plant_record
        records[YW_RECORDS_PER_STEP]; /* of the last moment: it was sent when it was lived */
    while (o->live.model.time <= clock) yw_outlet_step(&o->live, records, &o->sample);
}

static void live_record(struct yw_hosted *o, const struct yw_plant_record *r) {
    const struct yw_host_options *options = &o->host->options;
    bool moment = r->end == r->time;
    int64_t due, burst = o->face.burst_us;
    yw_responder_watch(&o->responder, r, time_of(o));
    if (is_silent(o, r->end) || (moment ? r->end < o->live_from : r->end <= o->live_from) ||
        (moment && r->end < o->moments_from) || !yw_responder_sends(&o->responder, r, &due))
        return;
    /* the queue goes by plant time */
    if (options->speed > 0) due -= yw_responder_clock(&o->responder, o->now_seen) - o->now_seen;
    due += o->send_delay_us;
    if (burst) due = (due / burst + 1) * burst;
    if (options->until && due > options->until) due = options->until;
    /* day data of 2005 wait for their hour and must not hold up the others */
    bool report = r->command == 2031 && o->device.version < 2017;
    yw_hosted_put(o, report ? &o->reports : &o->fresh, r, due, burst > 0);
}

/* Steps the outlet up to device time `clock`; false when the time allowed ran out before. */
static bool live_advance(struct yw_hosted *o, int64_t clock, int64_t deadline) {
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    for (uint32_t steps = 0; o->live.model.time <= clock; steps++) {
        /* at full speed the link sets the pace */
        if (o->host->options.speed <= 0 && o->fresh.count >= FULL_SPEED_AHEAD) return false;
        if (steps % STEPS_PER_LOOK == STEPS_PER_LOOK - 1 && yw_monotonic() > deadline) return false;
        int64_t time = o->live.model.time;
        size_t n = yw_outlet_step(&o->live, records, &o->sample);
        for (size_t i = 0; i < n; i++) live_record(o, &records[i]);
        if ((o->device.odd & YW_ODD_GBK) && time % (GBK_EVERY_S * YW_SECOND) == 0) yw_hosted_put_gbk(o, time);
    }
    return true;
}

/* A device that still owes its history keeps its link, else filling a province takes as long as its longest
 * loss. */
static void live_link_loss(struct yw_hosted *o, int64_t now) {
    int64_t since, until;
    const struct yw_episode_rule *rule = &o->face.scenario.link_loss;
    if (o->host->options.speed <= 0 || o->left[0] + o->left[1] > 0 ||
        !yw_episode(rule, o->face.seed, YW_STREAM_FAULT, now, &since, &until) || since == o->link_loss_seen)
        return;
    o->link_loss_seen = since;
    yw_plant_link_pause(o->link, (int64_t)((double)(until - now) / o->host->options.speed));
}

static bool outlet_idle(const struct yw_hosted *o) {
    return !o->responder.out.first && !o->responder.recall.active && !o->fresh.first && !o->reports.first &&
           !o->again.first && !o->history.ready.first && !o->history.job &&
           yw_plant_link_in_flight(o->link) == 0;
}

/* True: nothing is left to do for the outlet now. */
static bool tick_outlet(struct yw_hosted *o, int64_t deadline) {
    struct yw_host *h = o->host;
    if (!o->live_begun && yw_monotonic() > deadline) return false; /* its turn comes */
    if (!o->live_begun) live_begin(o);
    bool last = h->options.until && h->state.now >= h->options.until; /* nothing begins at the end itself */
    int64_t clock = h->state.now;
    if (h->options.speed > 0) {
        clock = yw_responder_clock(&o->responder, clock);
        live_jump(o, h->state.now, clock);
    }
    bool caught_up = live_advance(o, clock - last, deadline);
    if (!is_silent(o, h->state.now)) yw_responder_tick(&o->responder, time_of(o));
    live_link_loss(o, h->state.now);
    if (o->up) yw_plant_link_kick(o->link);
    h->state.waiting += o->fresh.count + o->again.count;
    return caught_up && outlet_idle(o);
}

static void on_tick(uv_timer_t *timer) {
    struct yw_host *h = timer->data;
    h->state.now = plant_time(h);
    int64_t deadline = yw_monotonic() + TICK_MOST_US;
    bool idle = true;
    h->state.waiting = 0;
    struct yw_hosted *first = h->turn ? h->turn : h->outlets;
    h->turn = NULL;
    for (struct yw_hosted *o = first; o;) {
        if (!tick_outlet(o, deadline)) idle = false;
        o = o->next ? o->next : h->outlets;
        if (o == first) break;
        if (!h->turn && yw_monotonic() > deadline) h->turn = o;
    }
    if (h->options.until && h->state.now >= h->options.until && idle) h->state.done = true;
}

/* ---- the pace ---- */

static void rebase(struct yw_host *h, int64_t now) {
    h->base = h->state.now = now;
    h->began = yw_monotonic();
}

enum yw_code yw_host_speed(struct yw_host *h, double speed, struct yw_error *err) {
    if (h->options.speed <= 0)
        return yw_fail(err, YW_E_STATE, "the host runs as fast as acknowledged (--speed 0)");
    if (!(speed >= 0.01 && speed <= YW_HOST_SPEED_MAX))
        return yw_fail(err, YW_E_RANGE, "speed takes a number of 0.01 to %d", YW_HOST_SPEED_MAX);
    rebase(h, plant_time(h));
    h->options.speed = speed;
    return YW_OK;
}

enum yw_code yw_host_freeze(struct yw_host *h, bool frozen, struct yw_error *err) {
    if (h->options.speed <= 0)
        return yw_fail(err, YW_E_STATE, "the host runs as fast as acknowledged (--speed 0)");
    rebase(h, plant_time(h));
    h->frozen = frozen;
    return YW_OK;
}

void yw_host_jump(struct yw_host *h, int64_t now) {
    rebase(h, now);
}

/* ---- face ---- */

enum yw_code yw_host_create(struct uv_loop_s *loop, const struct yw_plant_client_options *client,
                            const struct yw_host_options *o, struct yw_host **out, struct yw_error *err) {
    if (o->speed <= 0 && !o->until)
        return yw_fail(err, YW_E_USAGE, "at full speed the days must be limited: give --days");
    struct yw_host *h = calloc(1, sizeof *h);
    if (!h) return yw_fail(err, YW_E_NOMEM, "no memory for the plant host");
    h->loop = loop;
    h->options = *o;
    h->state.now = h->base = o->start;
    struct yw_plant_client_options options = *client;
    options.frame_max = YW_PLANT_FRAME_PRINTED;
    enum yw_code code = yw_plant_client_create(loop, &options, &h->client, err);
    if (code) {
        free(h);
        return code;
    }
    uv_timer_init(loop, &h->timer);
    h->timer.data = h;
    *out = h;
    return YW_OK;
}

enum yw_code yw_host_add(struct yw_host *h, const struct yw_host_outlet *outlet, struct yw_error *err) {
    static const struct yw_plant_link_face face = {
        .next = on_next, .acked = on_acked, .lost = on_lost, .state = on_state, .frame = on_frame};
    struct yw_hosted *o = calloc(1, sizeof *o);
    if (!o) return yw_fail(err, YW_E_NOMEM, "no memory for an outlet");
    o->host = h;
    o->face = *outlet;
    struct yw_scenario *s = &o->face.scenario;
    o->device.version = s->version;
    o->device.odd = s->logger.odd;
    memcpy(o->device.mn, s->mn, sizeof o->device.mn);
    memcpy(o->device.pw, s->pw, sizeof o->device.pw);
    memcpy(o->device.st, s->st, sizeof o->device.st);
    memcpy(o->id, s->mn, sizeof o->id);
    yw_responder_init(&o->responder, s, outlet->seed, &o->device, h->options.start);
    o->overtime_s = o->responder.memory.overtime_s;
    o->recount = o->responder.memory.recount;
    yw_parcel_queue_init(&o->reports);
    yw_parcel_queue_init(&o->fresh);
    yw_parcel_queue_init(&o->again);
    yw_parcel_queue_init(&o->history.ready);
    o->history.day = INT32_MIN;
    o->oldest_done = INT32_MAX;
    o->link_loss_seen = INT64_MIN;
    if (h->options.speed > 0)
        o->send_delay_us = (int64_t)(yw_plant_seed(outlet->seed, "delay") % 15000) * 1000;
    for (int i = 0; i < 2 && outlet->history; i++) {
        o->left[i] = yw_plant_history_days(&h->options.ranges[i]);
        h->state.history_total += o->left[i];
    }
    h->state.outlets++;
    enum yw_code code = yw_plant_link_open(h->client, &face, o, &o->link, err);
    if (code) {
        yw_responder_free(&o->responder);
        free(o);
        return code;
    }
    struct yw_hosted **end = &h->outlets;
    while (*end) end = &(*end)->next;
    *end = o;
    return YW_OK;
}

void yw_host_start(struct yw_host *h) {
    h->began = yw_monotonic();
    uv_timer_start(&h->timer, on_tick, 0, TICK_MS);
}

void yw_host_state(const struct yw_host *h, struct yw_host_state *out) {
    *out = h->state;
    out->left[0] = out->left[1] = 0;
    int32_t oldest = INT32_MIN; /* the latest of the outlets' oldest days */
    for (const struct yw_hosted *o = h->outlets; o; o = o->next) {
        if (!o->face.history) continue;
        out->left[0] += o->left[0];
        out->left[1] += o->left[1];
        if (o->oldest_done > oldest) oldest = o->oldest_done;
    }
    /* the last day's packets may still be on their way: it counts when the day before it is done */
    out->filled_from = oldest == INT32_MIN || oldest == INT32_MAX ? h->options.ranges[1].to
                                                                  : yw_china_day_start(oldest) + YW_DAY;
}

void yw_host_close(struct yw_host *h) {
    if (h->closing) return;
    h->closing = true;
    uv_close((uv_handle_t *)&h->timer, NULL);
    yw_plant_client_close(h->client);
}

void yw_host_destroy(struct yw_host *h) {
    if (!h) return;
    for (struct yw_hosted *o = h->outlets; o;) {
        struct yw_hosted *next = o->next;
        yw_responder_free(&o->responder);
        if (o->live_begun) yw_outlet_end(&o->live);
        yw_parcel_queue_free(&o->reports);
        yw_parcel_queue_free(&o->fresh);
        yw_parcel_queue_free(&o->again);
        yw_parcel_queue_free(&o->history.ready);
        free(o);
        o = next;
    }
    yw_plant_client_destroy(h->client);
    free(h);
}
