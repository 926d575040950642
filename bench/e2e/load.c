/* load: the generator. It shares two cores with what it measures, so a packet must cost it little. */
#include "load.h"

#include <stdlib.h>
#include <string.h>

#include "hj212.h"
#include "platform.h"

enum { DIGITS_MAX = 64, QN_AT = 9, TICK_MS = 1, OPENING_MAX = 400 };

struct device {
    struct load *load;
    struct yw_plant_link *link;
    char frame[LOAD_FRAME_BYTES];
    uint32_t sent;
    int64_t qn_ms;
    int64_t owed_since; /* rate: when the oldest packet it owes was due, 0: none */
    uint32_t owed;
    uint64_t random;
};

struct load {
    struct load_options options;
    struct load_result result;
    uv_loop_t *loop;
    uv_timer_t timer;
    struct yw_plant_client *client;
    struct device *devices;
    uint16_t digits[DIGITS_MAX]; /* where in the frame values may change */
    size_t digit_count, time_at;
    int64_t began, until;
    uint64_t due; /* rate: packets that should have been sent by now */
    uint32_t turn, opened;
    bool going;
};

/* ---- the frame ---- */

static size_t build_frame(struct load *l, uint32_t device, size_t pad, char *out, size_t size) {
    static const char *const factors[] = {"a21026", "a21002", "a34013", "a19001", "a01011", "a01012"};
    static const char *const fields[] = {"Cou", "Min", "Avg", "Max"};
    char area[1000], mn[25];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "DataTime", "20261101000000");
    for (size_t f = 0; f < YW_COUNT(factors); f++) {
        for (size_t k = 0; k < YW_COUNT(fields); k++) {
            bool longer = pad > 0;
            pad -= longer;
            hj212_put(&w, factors[f], fields[k], longer ? "12.345" : "12.34");
        }
        hj212_put(&w, factors[f], "Flag", "N");
    }
    device_mn(device, mn);
    hj212_message m = {.qn = hj212_text("20261101000000000"),
                       .st = hj212_text("31"),
                       .cn = hj212_text("2051"),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text(mn),
                       .flag = hj212_text("5"),
                       .cp = hj212_written(&w)};
    size_t n = hj212_encode(&m, out, size);
    l->digit_count = 0;
    for (size_t i = 1; i + 2 < n; i++) {
        if (memcmp(out + i - 1, "12.34", 5) == 0) {
            if (l->digit_count + 2 > DIGITS_MAX) break;
            l->digits[l->digit_count++] = (uint16_t)(i + 2);
            l->digits[l->digit_count++] = (uint16_t)(i + 3);
        }
        if (memcmp(out + i, "DataTime=", 9 < n - i ? 9 : n - i) == 0) l->time_at = i + 9;
    }
    return n;
}

static bool build_frames(struct load *l) {
    char frame[YW_PLANT_FRAME_MAX];
    size_t plain = build_frame(l, 0, 0, frame, sizeof frame);
    if (plain == 0 || plain > LOAD_FRAME_BYTES || LOAD_FRAME_BYTES - plain > 24) return false;
    for (uint32_t i = 0; i < l->options.links; i++) {
        if (build_frame(l, l->options.first_device + i, LOAD_FRAME_BYTES - plain, frame, sizeof frame) !=
            LOAD_FRAME_BYTES)
            return false;
        memcpy(l->devices[i].frame, frame, LOAD_FRAME_BYTES);
    }
    return true;
}

static void write_frame(struct load *l, struct device *d, struct yw_plant_slot *slot) {
    char *f = slot->bytes;
    memcpy(f, d->frame, LOAD_FRAME_BYTES);
    hj212_print_time(++d->qn_ms * 1000, true, f + QN_AT);
    hj212_print_time(l->options.first_time + (int64_t)d->sent * YW_MINUTE, false, f + l->time_at);
    uint64_t r = d->random = d->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    for (size_t i = 0; i < l->digit_count; i++, r = r >> 3 | r << 61) f[l->digits[i]] = (char)('0' + (r & 7));
    uint16_t crc = hj212_crc(f + 6, LOAD_FRAME_BYTES - 12);
    for (int i = 0; i < 4; i++) f[LOAD_FRAME_BYTES - 6 + i] = "0123456789ABCDEF"[crc >> (12 - 4 * i) & 15];
    slot->length = LOAD_FRAME_BYTES;
    memcpy(slot->qn, f + QN_AT, 17);
}

/* ---- what links ask ---- */

static bool on_next(void *arg, struct yw_plant_slot *slot) {
    struct device *d = arg;
    struct load *l = d->load;
    if (!l->going || slot->sent >= l->until) return false;
    if (l->options.rate > 0) {
        if (d->owed == 0) return false;
        /* time counts from when the packet was due, not from when the link was free for it */
        slot->tag = (void *)(uintptr_t)(slot->sent > d->owed_since ? slot->sent - d->owed_since : 0);
        d->owed--;
        d->owed_since = d->owed ? slot->sent : 0;
    }
    write_frame(l, d, slot);
    d->sent++;
    l->result.sent++;
    return true;
}

static void on_acked(void *arg, struct yw_plant_slot *slot, int64_t took_us) {
    struct device *d = arg;
    struct load *l = d->load;
    if (l->options.rate > 0) took_us += (int64_t)(uintptr_t)slot->tag;
    int64_t bucket = took_us / LATENCY_STEP_US;
    l->result.latency[bucket < LATENCY_BUCKETS ? bucket : LATENCY_BUCKETS]++;
    if (took_us > l->result.latency_max_us) l->result.latency_max_us = took_us;
    l->result.acked++;
    if (slot->sent + took_us <= l->until) l->result.acked_in_time++;
    if (slot->tries > 1) l->result.resent++;
}

static void on_lost(void *arg, struct yw_plant_slot *slot) {
    struct device *d = arg;
    YW_UNUSED(slot);
    d->load->result.lost++;
}

static void on_state(void *arg, enum yw_plant_link_state state, const char *why) {
    struct device *d = arg;
    if (state == YW_PLANT_LINK_UP)
        d->load->result.up++;
    else
        yw_copy(d->load->result.why, sizeof d->load->result.why, why, strlen(why));
}

/* ---- the clock ---- */

/* A few at a time: a burst over the listeners' backlog would cost seconds of SYN resends. */
static void open_links(struct load *l) {
    static const struct yw_plant_link_face face = {
        .next = on_next, .acked = on_acked, .lost = on_lost, .state = on_state};
    struct yw_error err;
    for (; l->opened < l->options.links && l->opened < l->result.up + OPENING_MAX; l->opened++) {
        struct device *d = &l->devices[l->opened];
        d->load = l;
        d->random = yw_hash64(&l->opened, sizeof l->opened, 20261101);
        d->qn_ms = l->options.first_time / 1000;
        if (!yw_plant_link_open(l->client, &face, d, &d->link, &err)) continue;
        yw_copy(l->result.why, sizeof l->result.why, err.text, strlen(err.text));
        return;
    }
}

static void on_tick(uv_timer_t *timer) {
    struct load *l = timer->data;
    int64_t now = yw_monotonic();
    open_links(l);
    if (!l->going || l->options.rate <= 0 || now >= l->until) return;
    uint64_t due = (uint64_t)((double)(now - l->began) * l->options.rate / 1e6);
    for (; l->due < due; l->due++) {
        struct device *d = &l->devices[l->turn];
        l->turn = (l->turn + 1) % l->options.links;
        if (d->owed++ == 0) d->owed_since = now;
        yw_plant_link_kick(d->link);
    }
}

/* ---- face ---- */

enum yw_code load_create(uv_loop_t *loop, const struct load_options *o, struct load **out,
                         struct yw_error *err) {
    struct load *l = calloc(1, sizeof *l);
    if (!l || !(l->devices = calloc(o->links, sizeof *l->devices))) {
        free(l);
        return yw_fail(err, YW_E_NOMEM, "no memory for %u links", o->links);
    }
    l->options = *o;
    l->loop = loop;
    if (!build_frames(l))
        return yw_fail(err, YW_E_STATE, "the packet does not come out at %d bytes", LOAD_FRAME_BYTES);
    struct yw_plant_client_options c = {.host = "127.0.0.1",
                                        .port = o->port,
                                        .window = o->window,
                                        .timeout_us = 10 * YW_SECOND,
                                        .resends = 3,
                                        .sources = o->sources};
    enum yw_code code = yw_plant_client_create(loop, &c, &l->client, err);
    uv_timer_init(loop, &l->timer);
    l->timer.data = l;
    uv_timer_start(&l->timer, on_tick, TICK_MS, TICK_MS);
    *out = l;
    return code;
}

bool load_all_up(const struct load *l) {
    return l->result.up >= l->options.links;
}

void load_go(struct load *l) {
    l->began = yw_monotonic();
    l->until = l->began + l->options.seconds_us;
    l->going = true;
    for (uint32_t i = 0; i < l->options.links && l->options.rate <= 0; i++)
        yw_plant_link_kick(l->devices[i].link);
}

bool load_done(const struct load *l) {
    return l->going && yw_monotonic() > l->until && l->result.acked + l->result.lost >= l->result.sent;
}

const struct load_result *load_result(const struct load *l) {
    return &l->result;
}

int64_t load_percentile_us(const struct load_result *r, double part) {
    uint64_t want = (uint64_t)((double)r->acked * part), seen = 0;
    for (int i = 0; i <= LATENCY_BUCKETS; i++)
        if ((seen += r->latency[i]) >= want && seen > 0) return (i + 1) * LATENCY_STEP_US;
    return 0;
}

uint32_t load_device_sent(const struct load *l, uint32_t link) {
    return l->devices[link].sent;
}

void load_close(struct load *l) {
    uv_close((uv_handle_t *)&l->timer, NULL);
    yw_plant_client_close(l->client);
}

void load_destroy(struct load *l) {
    if (!l) return;
    yw_plant_client_destroy(l->client);
    free(l->devices);
    free(l);
}
