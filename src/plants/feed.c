/* feed: rows become parcels when the link has room; what is lost on the way goes first when the link is back.
 */
#include "plants/feed.h"

#include <stdlib.h>
#include <string.h>

struct yw_replay_feed {
    struct yw_plant_client *client;
    struct yw_plant_link *link;
    struct yw_replay *replay;
    struct yw_device_face device;
    struct yw_parcel *again; /* not acknowledged when the link broke */
    uint16_t command;
    bool end;
    struct yw_host_state state;
};

static struct yw_parcel *next_row(struct yw_replay_feed *f) {
    struct yw_parcel *p = malloc(sizeof *p + YW_PLANT_CP_MAX + 1);
    if (!p) return NULL;
    struct yw_error err;
    size_t n;
    *p = (struct yw_parcel){.command = f->command, .part = 1, .parts = 1};
    enum yw_code code = yw_replay_next(f->replay, p->cp, &n, &p->time, &err);
    if (code) {
        f->end = true;
        if (code != YW_E_END) {
            f->state.refused = true;
            yw_copy(f->state.why, sizeof f->state.why, err.text, strlen(err.text));
        }
        free(p);
        return NULL;
    }
    p->length = (uint16_t)n;
    return p;
}

static bool on_next(void *arg, struct yw_plant_slot *slot) {
    struct yw_replay_feed *f = arg;
    struct yw_parcel *p = f->again;
    if (p)
        f->again = p->next;
    else if (f->end || !(p = next_row(f)))
        return false;
    slot->length = yw_frame_write(&f->device, p, yw_now(), slot->bytes, YW_PLANT_FRAME_MAX, slot->qn);
    slot->tag = p;
    f->state.sent++;
    return true;
}

static void on_acked(void *arg, struct yw_plant_slot *slot, int64_t took_us) {
    struct yw_replay_feed *f = arg;
    YW_UNUSED(took_us);
    f->state.acked++;
    free(slot->tag);
}

static void on_lost(void *arg, struct yw_plant_slot *slot) {
    struct yw_replay_feed *f = arg;
    struct yw_parcel *p = slot->tag;
    f->state.lost++;
    p->next = f->again;
    f->again = p;
}

static void on_state(void *arg, enum yw_plant_link_state state, const char *why) {
    struct yw_replay_feed *f = arg;
    f->state.up = state == YW_PLANT_LINK_UP;
    if (state == YW_PLANT_LINK_REFUSED) f->state.refused = true;
    if (state != YW_PLANT_LINK_UP) yw_copy(f->state.why, sizeof f->state.why, why, strlen(why));
    if (state == YW_PLANT_LINK_UP) yw_plant_link_kick(f->link);
}

enum yw_code yw_replay_feed_create(struct uv_loop_s *loop, const struct yw_plant_client_options *client,
                                   const struct yw_replay_feed_options *o, struct yw_replay_feed **out,
                                   struct yw_error *err) {
    static const struct yw_plant_link_face face = {
        .next = on_next, .acked = on_acked, .lost = on_lost, .state = on_state};
    struct yw_replay_feed *f = calloc(1, sizeof *f);
    if (!f) return yw_fail(err, YW_E_NOMEM, "no memory");
    f->replay = o->replay;
    f->command = o->command;
    f->state.outlets = 1;
    f->device.version = o->version;
    yw_copy(f->device.mn, sizeof f->device.mn, o->mn, strlen(o->mn));
    yw_copy(f->device.pw, sizeof f->device.pw, o->pw, strlen(o->pw));
    yw_copy(f->device.st, sizeof f->device.st, o->st, strlen(o->st));
    enum yw_code code = yw_plant_client_create(loop, client, &f->client, err);
    if (!code) code = yw_plant_link_open(f->client, &face, f, &f->link, err);
    if (code) {
        yw_plant_client_destroy(f->client);
        free(f);
        return code;
    }
    *out = f;
    return YW_OK;
}

void yw_replay_feed_state(const struct yw_replay_feed *f, struct yw_host_state *out) {
    *out = f->state;
    out->now = yw_now();
    out->done = f->end && !f->again && yw_plant_link_in_flight(f->link) == 0;
}

void yw_replay_feed_close(struct yw_replay_feed *f) {
    yw_plant_client_close(f->client);
}

void yw_replay_feed_destroy(struct yw_replay_feed *f) {
    if (!f) return;
    while (f->again) {
        struct yw_parcel *p = f->again;
        f->again = p->next;
        free(p);
    }
    yw_plant_client_destroy(f->client);
    free(f);
}
