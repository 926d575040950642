/* control_save: what was done at the plants of a host, as a file of JSON. The lives themselves are not in it:
 * they follow from scenario, seed, time and what was done, so that loading lives them again. */
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants/control_answer.h"
#include "plants/responder_int.h"

enum { FILE_MAX = 64 << 20, VERSION = 1 };

/* ---- writing ---- */

static void put_double(struct yw_buf *out, double v) {
    if (isfinite(v))
        yw_buf_printf(out, "%.17g", v);
    else
        yw_buf_puts(out, "null");
}

static void put_acts(const struct yw_hand *h, struct yw_buf *out) {
    yw_buf_puts(out, ",\"acts\":[");
    for (uint32_t i = 0; i < h->act_n; i++) {
        const struct yw_station_act *a = &h->acts[i];
        yw_buf_printf(out, "%s[%" PRId64 ",%" PRId64 ",%u,%u,%u,", i ? "," : "", a->time, a->lasts_us,
                      a->kind, a->channel, a->parameter);
        put_double(out, a->value);
        yw_buf_putc(out, ']');
    }
    yw_buf_puts(out, "],\"inputs\":[");
    for (uint32_t i = 0; i < h->input_n; i++) {
        const struct yw_hand_input *x = &h->inputs[i];
        yw_buf_printf(out, "%s[%" PRId64 ",%" PRId64 ",%u,", i ? "," : "", x->from, x->until, x->input);
        put_double(out, x->value);
        yw_buf_putc(out, ']');
    }
    yw_buf_putc(out, ']');
}

static void put_events(const struct yw_hand *h, struct yw_buf *out) {
    yw_buf_puts(out, ",\"events\":[");
    for (uint32_t i = 0; i < h->event_n; i++) {
        const struct yw_event *e = &h->events[i];
        yw_buf_puts(out, i ? ",[" : "[");
        yw_buf_json(out, e->id, strlen(e->id));
        yw_buf_putc(out, ',');
        yw_buf_json(out, e->effect->id, strlen(e->effect->id));
        yw_buf_printf(out, ",%" PRId64 ",%" PRId64 ",%" PRId64 ",", e->start, e->stop, e->ramp_us);
        put_double(out, e->strength);
        yw_buf_putc(out, ',');
        put_double(out, e->a);
        /* bit sets and trigger as they stand; a set does not fit a JSON number */
        yw_buf_printf(out, ",\"%016" PRIX64 "%016" PRIX64 "\",%s]", e->only[1], e->only[0],
                      e->trigger.kind != YW_WHEN_ALWAYS ? "true" : "false");
    }
    yw_buf_putc(out, ']');
}

static void put_deeds(const struct yw_deeds *d, struct yw_buf *out) {
    yw_buf_puts(out, ",\"deeds\":[");
    for (uint32_t i = 0; i < d->count; i++) {
        const struct yw_deed *x = &d->items[(d->next + YW_DEEDS_MAX - d->count + i) % YW_DEEDS_MAX];
        yw_buf_printf(out, "%s[%" PRId64 ",%" PRId64 ",%u,%u,", i ? "," : "", x->from, x->until, x->kind,
                      x->factor);
        put_double(out, x->a);
        yw_buf_putc(out, ',');
        put_double(out, x->b);
        yw_buf_putc(out, ']');
    }
    yw_buf_putc(out, ']');
}

enum yw_code yw_control_save(struct yw_host *h, const char *path, struct yw_error *err) {
    struct yw_buf out, memory;
    yw_buf_init(&out, FILE_MAX);
    yw_buf_init(&memory, FILE_MAX);
    yw_buf_printf(&out, "{\"yanwu_plants\":%d,\"now\":%" PRId64 ",\"plants\":[", VERSION, h->state.now);
    for (const struct yw_hosted *o = h->outlets; o; o = o->next) {
        yw_buf_puts(&out, o == h->outlets ? "\n{\"id\":" : ",\n{\"id\":");
        yw_buf_json(&out, o->id, strlen(o->id));
        put_acts(&o->responder.hand, &out);
        put_events(&o->responder.hand, &out);
        put_deeds(&o->responder.deeds, &out);
        yw_buf_putc(&out, '}');
    }
    yw_buf_puts(&out, "],\n\"memory\":");
    bool good = yw_host_save(h, &memory);
    yw_buf_json(&out, memory.data ? memory.data : "", memory.len);
    yw_buf_puts(&out, "}\n");
    enum yw_code code = good && !out.failed ? yw_file_replace(yw_io_system(), path, out.data, out.len, err)
                                            : yw_fail(err, YW_E_LIMIT, "too much for one file: %.200s", path);
    yw_buf_free(&out);
    yw_buf_free(&memory);
    return code;
}

/* ---- reading ---- */

struct done { /* what was done at one outlet */
    struct yw_hosted *outlet;
    struct yw_hand hand;
    struct yw_deeds deeds;
};

static bool is_whole(const json_t *list, size_t i, int64_t low, int64_t high, int64_t *out) {
    const json_t *v = json_array_get(list, i);
    if (!json_is_integer(v)) return false;
    *out = json_integer_value(v);
    return *out >= low && *out <= high;
}

static bool is_real(const json_t *list, size_t i, double *out) {
    const json_t *v = json_array_get(list, i);
    *out = json_is_number(v) ? json_number_value(v) : NAN;
    return json_is_number(v) || json_is_null(v);
}

static bool read_acts(const json_t *list, const struct yw_scenario *s, struct yw_hand *h) {
    size_t i;
    json_t *v;
    if (!json_is_array(list) || json_array_size(list) > YW_HAND_ACTS) return false;
    json_array_foreach(list, i, v) {
        struct yw_station_act *a = &h->acts[h->act_n++];
        int64_t kind, channel, parameter;
        if (!is_whole(v, 0, 0, INT64_MAX, &a->time) || !is_whole(v, 1, 0, 400 * YW_DAY, &a->lasts_us) ||
            !is_whole(v, 2, 0, YW_ACT_COUNT - 1, &kind) || !is_whole(v, 3, 0, UINT8_MAX, &channel) ||
            !is_whole(v, 4, 0, YW_PARAMETER_COUNT - 1, &parameter) || !is_real(v, 5, &a->value) ||
            (channel != UINT8_MAX && channel >= s->life.station.channel_n))
            return false;
        if (kind == YW_ACT_SET_PARAMETER &&
            (isnan(a->value) || (parameter < YW_PARAMETER_PER_CHANNEL && channel == UINT8_MAX)))
            return false;
        a->kind = (uint8_t)kind, a->channel = (uint8_t)channel, a->parameter = (uint8_t)parameter;
    }
    return true;
}

static bool read_inputs(const json_t *list, const struct yw_scenario *s, struct yw_hand *h) {
    size_t i, n = 0;
    json_t *v;
    if (s->life.kind) yw_plant_inputs(s->life.kind, &n);
    if (!json_is_array(list) || json_array_size(list) > YW_HAND_INPUTS) return false;
    json_array_foreach(list, i, v) {
        struct yw_hand_input *x = &h->inputs[h->input_n++];
        int64_t input;
        if (!is_whole(v, 0, 0, INT64_MAX, &x->from) || !is_whole(v, 1, 0, INT64_MAX, &x->until) ||
            !is_whole(v, 2, 0, (int64_t)n - 1, &input) || !is_real(v, 3, &x->value))
            return false;
        x->input = (uint32_t)input;
    }
    return true;
}

static bool read_only(const char *text, size_t n, uint64_t only[2]) {
    uint8_t bytes[16];
    size_t length;
    if (n != 32 || !yw_parse_hex(text, n, bytes, sizeof bytes, &length) || length != 16) return false;
    only[0] = only[1] = 0;
    for (int i = 0; i < 16; i++) only[i < 8] = only[i < 8] << 8 | bytes[i];
    return true;
}

static bool read_event(const json_t *v, const struct yw_effect_book *book, struct yw_event *e) {
    const char *id = json_string_value(json_array_get(v, 0)),
               *effect = json_string_value(json_array_get(v, 1)),
               *only = json_string_value(json_array_get(v, 7));
    *e = (struct yw_event){.start = 0};
    if (!id || !effect || !only || !book || !yw_copy(e->id, sizeof e->id, id, strlen(id))) return false;
    e->effect = yw_effect_find(book, effect, strlen(effect));
    if (!e->effect || !is_whole(v, 2, 0, INT64_MAX, &e->start) || !is_whole(v, 3, 0, INT64_MAX, &e->stop) ||
        !is_whole(v, 4, 0, 400 * YW_DAY, &e->ramp_us) || !is_real(v, 5, &e->strength) ||
        !(e->strength >= 0 && e->strength <= 5) || !is_real(v, 6, &e->a) ||
        !read_only(only, strlen(only), e->only))
        return false;
    if (json_is_true(json_array_get(v, 8))) e->trigger = e->effect->trigger;
    return true;
}

static bool read_deeds(const json_t *list, const struct yw_scenario *s, struct yw_deeds *deeds) {
    size_t i;
    json_t *v;
    if (!json_is_array(list) || json_array_size(list) > YW_DEEDS_MAX) return false;
    json_array_foreach(list, i, v) {
        struct yw_deed d;
        int64_t kind, factor;
        if (!is_whole(v, 0, 0, INT64_MAX, &d.from) || !is_whole(v, 1, 0, INT64_MAX, &d.until) ||
            !is_whole(v, 2, 0, YW_DEED_ADJUST, &kind) ||
            !is_whole(v, 3, 0, (int64_t)s->factor_count - 1, &factor) || !is_real(v, 4, &d.a) ||
            !is_real(v, 5, &d.b))
            return false;
        d.kind = (uint8_t)kind, d.factor = (uint8_t)factor;
        yw_deeds_add(deeds, &d);
    }
    return true;
}

static enum yw_code read_plant(struct yw_host *h, const struct yw_effect_book *book, const json_t *v,
                               struct done *d, struct yw_error *err) {
    const char *id = json_string_value(json_object_get(v, "id"));
    for (d->outlet = h->outlets; id && d->outlet && strcmp(d->outlet->id, id);) d->outlet = d->outlet->next;
    if (!id || !d->outlet)
        return yw_fail(err, YW_E_NOT_FOUND, "the file holds plant `%.40s`, which is not here", id ? id : "");
    const struct yw_scenario *s = &d->outlet->face.scenario;
    const json_t *events = json_object_get(v, "events");
    bool good = read_acts(json_object_get(v, "acts"), s, &d->hand) &&
                read_inputs(json_object_get(v, "inputs"), s, &d->hand) &&
                read_deeds(json_object_get(v, "deeds"), s, &d->deeds) && json_is_array(events) &&
                json_array_size(events) <= YW_HAND_EVENTS;
    for (size_t i = 0; good && i < json_array_size(events); i++)
        good = read_event(json_array_get(events, i), book, &d->hand.events[d->hand.event_n++]);
    if (good) return YW_OK;
    return yw_fail(err, YW_E_FORMAT, "what was done at plant %s is damaged, or of another scenario", id);
}

/* A device whose clock went back has said nothing yet of what it says each so often. */
static void begin_again(struct yw_hosted *o, const struct done *d) {
    struct yw_responder *r = &o->responder;
    r->hand = d->hand;
    r->deeds = d->deeds;
    r->heartbeat = r->clock_asked = r->key_asked = r->registration_asked = 0;
    r->station = r->electricity = r->conditions = r->door = 0;
    memset(r->later, 0, sizeof r->later);
    yw_recall_stop(r);
    yw_parcel_queue_free(&o->fresh);
    yw_parcel_queue_free(&o->again);
    yw_parcel_queue_free(&o->reports);
    yw_parcel_queue_init(&o->fresh);
    yw_parcel_queue_init(&o->again);
    yw_parcel_queue_init(&o->reports);
    o->device.last_qn_ms = 0;
    o->link_loss_seen = INT64_MIN;
    yw_hosted_restart(o);
}

static enum yw_code read_all(struct yw_host *h, const struct yw_effect_book *book, const json_t *root,
                             struct done **done, size_t *n, int64_t *now, struct yw_error *err) {
    const json_t *plants = json_object_get(root, "plants"), *at = json_object_get(root, "now");
    if (json_integer_value(json_object_get(root, "yanwu_plants")) != VERSION || !json_is_integer(at) ||
        !json_is_array(plants))
        return yw_fail(err, YW_E_FORMAT, "the file is not one that save has written");
    *now = json_integer_value(at);
    *n = json_array_size(plants);
    if (*now < 0 || *now > INT64_MAX / 4 || *n != h->state.outlets)
        return yw_fail(err, YW_E_FORMAT, "the file holds %zu plants, here are %llu", *n,
                       (unsigned long long)h->state.outlets);
    *done = calloc(*n + 1, sizeof **done);
    enum yw_code code = *done ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for %zu plants", *n);
    for (size_t i = 0; !code && i < *n; i++)
        code = read_plant(h, book, json_array_get(plants, i), &(*done)[i], err);
    return code;
}

enum yw_code yw_control_load(struct yw_host *h, const struct yw_effect_book *book, const char *path,
                             struct yw_error *err) {
    struct yw_buf text;
    struct done *done = NULL;
    size_t n = 0;
    int64_t now = 0;
    if (h->options.speed <= 0)
        return yw_fail(err, YW_E_STATE, "the host runs as fast as acknowledged (--speed 0)");
    yw_buf_init(&text, FILE_MAX + 1);
    enum yw_code code = yw_file_read(path, FILE_MAX, &text, err);
    json_t *root = code ? NULL : json_loadb(text.data ? text.data : "", text.len, 0, NULL);
    if (!code) code = read_all(h, book, root, &done, &n, &now, err);
    const char *memory = json_string_value(json_object_get(root, "memory"));
    if (!code && memory) code = yw_host_restore(h, memory, strlen(memory), err);
    if (!code) yw_host_jump(h, now);
    for (size_t i = 0; !code && i < n; i++) begin_again(done[i].outlet, &done[i]);
    json_decref(root);
    free(done);
    yw_buf_free(&text);
    return code;
}
