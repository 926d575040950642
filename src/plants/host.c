/* host: outlets living on links. Live records come first, then what was lost on the way, then history, newest
 * day first. */
#include "plants/host_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    TICK_MS = 100,
    STEPS_PER_TICK = 200000, /* of all outlets, so that a host that falls behind still answers */
    AGAIN_MAX = 20000,       /* parcels lost on the way that an outlet keeps */
    FULL_SPEED_AHEAD = 2000, /* parcels made ahead of the link when it sets the pace */
    GBK_EVERY_S = 600
};

/* ---- what the link asks ---- */

static struct yw_parcel *next_parcel(struct yw_hosted *o) {
    struct yw_host *h = o->host;
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
    slot->length =
        yw_frame_write(&o->device, p, o->host->state.now, slot->bytes, YW_PLANT_FRAME_MAX, slot->qn);
    if (slot->length ==
        0) { /* cannot happen with areas of at most 950 bytes; a parcel that does not fit is not kept */
        free(p);
        o->host->state.dropped++;
        return false;
    }
    slot->twice = (o->device.odd & YW_ODD_RESEND) && p->command != 2011;
    slot->tag = p;
    o->host->state.sent++;
    return true;
}

static void on_acked(void *arg, struct yw_plant_slot *slot, int64_t took_us) {
    struct yw_hosted *o = arg;
    YW_UNUSED(took_us);
    o->host->state.acked++;
    free(slot->tag);
    slot->tag = NULL;
}

static void on_lost(void *arg, struct yw_plant_slot *slot) {
    struct yw_hosted *o = arg;
    struct yw_parcel *p = slot->tag;
    slot->tag = NULL;
    o->host->state.lost++;
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
    if (state != YW_PLANT_LINK_UP) yw_copy(h->state.why, sizeof h->state.why, why, strlen(why));
    if (state == YW_PLANT_LINK_REFUSED) h->state.refused = true;
}

/* ---- the passing of time ---- */

static void live_begin(struct yw_hosted *o) {
    yw_outlet_begin(&o->live, &o->face.scenario, o->face.seed, o->host->options.start);
    o->live_begun = true;
    if (o->device.odd & YW_ODD_GBK)
        yw_hosted_put_gbk(o, o->host->options.start); /* as loggers do when switched on */
}

static bool is_silent(const struct yw_hosted *o, int64_t at) {
    return o->face.silent_from && at >= o->face.silent_from;
}

/* Steps the outlet up to plant time `now`; false when the steps allowed ran out before. */
static bool live_advance(struct yw_hosted *o, int64_t now, uint32_t *steps) {
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    const struct yw_host_options *options = &o->host->options;
    int64_t start = options->start;
    while (o->live.model.time <= now) {
        /* at full speed the link sets the pace */
        if (*steps == 0 || (options->speed <= 0 && o->fresh.count >= FULL_SPEED_AHEAD)) return false;
        --*steps;
        int64_t time = o->live.model.time;
        size_t n = yw_outlet_step(&o->live, records, NULL);
        for (size_t i = 0; i < n; i++) {
            bool moment = records[i].end == records[i].time;
            if (is_silent(o, records[i].end) || (moment ? records[i].end < start : records[i].end <= start))
                continue;
            int64_t due = records[i].end + o->send_delay_us, burst = o->face.burst_us;
            if (burst) due = (due / burst + 1) * burst;
            if (options->until && due > options->until) due = options->until;
            yw_hosted_put(o, &o->fresh, &records[i], due, burst > 0);
        }
        if ((o->device.odd & YW_ODD_GBK) && time % (GBK_EVERY_S * YW_SECOND) == 0) yw_hosted_put_gbk(o, time);
    }
    return true;
}

static void live_link_loss(struct yw_hosted *o, int64_t now) {
    int64_t since, until;
    const struct yw_episode_rule *rule = &o->face.scenario.link_loss;
    if (o->host->options.speed <= 0 || !yw_episode(rule, o->face.seed, 7, now, &since, &until) ||
        since == o->link_loss_seen)
        return;
    o->link_loss_seen = since;
    yw_plant_link_pause(o->link, (int64_t)((double)(until - now) / o->host->options.speed));
}

static int64_t plant_time(const struct yw_host *h) {
    if (h->options.speed <= 0) return h->options.until;
    double passed = (double)(yw_monotonic() - h->began) * h->options.speed;
    int64_t now = h->options.start + (int64_t)passed;
    return h->options.until && now > h->options.until ? h->options.until : now;
}

static bool outlet_idle(const struct yw_hosted *o) {
    return !o->fresh.first && !o->again.first && !o->history.ready.first && !o->history.running &&
           yw_plant_link_in_flight(o->link) == 0;
}

static void on_tick(uv_timer_t *timer) {
    struct yw_host *h = timer->data;
    h->state.now = plant_time(h);
    uint32_t steps = STEPS_PER_TICK;
    bool idle = true;
    h->state.waiting = 0;
    for (struct yw_hosted *o = h->outlets; o; o = o->next) {
        if (!o->live_begun) live_begin(o);
        bool last =
            h->options.until && h->state.now >= h->options.until; /* nothing begins at the end itself */
        bool caught_up = live_advance(o, h->state.now - last, &steps);
        live_link_loss(o, h->state.now);
        if (o->up) yw_plant_link_kick(o->link);
        h->state.waiting += o->fresh.count + o->again.count;
        if (!caught_up || !outlet_idle(o)) idle = false;
    }
    if (h->options.until && h->state.now >= h->options.until && idle) h->state.done = true;
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
    h->state.now = o->start;
    enum yw_code code = yw_plant_client_create(loop, client, &h->client, err);
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
    static const struct yw_plant_link_face face = {on_next, on_acked, on_lost, on_state};
    struct yw_hosted *o = calloc(1, sizeof *o);
    if (!o) return yw_fail(err, YW_E_NOMEM, "no memory for an outlet");
    o->host = h;
    o->face = *outlet;
    const struct yw_scenario *s = &o->face.scenario;
    o->device.version = s->version;
    o->device.odd = outlet->odd;
    memcpy(o->device.mn, s->mn, sizeof o->device.mn);
    memcpy(o->device.pw, s->pw, sizeof o->device.pw);
    memcpy(o->device.st, s->st, sizeof o->device.st);
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
        yw_parcel_queue_free(&o->fresh);
        yw_parcel_queue_free(&o->again);
        yw_parcel_queue_free(&o->history.ready);
        free(o);
        o = next;
    }
    yw_plant_client_destroy(h->client);
    free(h);
}
