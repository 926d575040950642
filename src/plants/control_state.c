/* control_state: one outlet as whoever leads an exercise sees it: the truth, what the instruments make of it,
 * and everything that was done. What the world sees goes over HJ 212 alone. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "plants/control_answer.h"

enum { LOG_MAX = YW_STATION_LOG_MAX, RETAINED_MAX = YW_RETAINED_MAX };

/* ---- writing ---- */

static void key(struct yw_buf *out, const char *name) {
    char last = out->len ? out->data[out->len - 1] : '{';
    if (last != '{' && last != '[') yw_buf_putc(out, ',');
    yw_buf_json(out, name, strlen(name));
    yw_buf_putc(out, ':');
}

static void open_list(struct yw_buf *out, const char *name) {
    key(out, name);
    yw_buf_putc(out, '[');
}

static void open_item(struct yw_buf *out) {
    if (out->len && out->data[out->len - 1] != '[') yw_buf_putc(out, ',');
    yw_buf_putc(out, '{');
}

void yw_control_number(struct yw_buf *out, const char *name, double value) {
    key(out, name);
    if (isfinite(value))
        yw_buf_printf(out, "%.9g", value);
    else
        yw_buf_puts(out, "null");
}

void yw_control_text(struct yw_buf *out, const char *name, const char *value) {
    key(out, name);
    yw_buf_json(out, value, strlen(value));
}

void yw_control_whole(struct yw_buf *out, const char *name, int64_t value) {
    key(out, name);
    yw_buf_printf(out, "%" PRId64, value);
}

void yw_control_yes(struct yw_buf *out, const char *name, bool value) {
    key(out, name);
    yw_buf_puts(out, value ? "true" : "false");
}

/* Milliseconds since 1970 UTC, as everywhere in the API. */
static void put_time(struct yw_buf *out, const char *name, int64_t time) {
    yw_control_whole(out, name, time / 1000);
}

/* ---- names ---- */

const char *yw_station_act_name(enum yw_station_act_kind kind) {
    static const char *const names[YW_ACT_COUNT] = {[YW_ACT_ZERO_ANALYSER] = "zero-analyser",
                                                    [YW_ACT_SPAN_ANALYSER] = "span-analyser",
                                                    [YW_ACT_ZERO_PROBE] = "zero-probe",
                                                    [YW_ACT_SPAN_PROBE] = "span-probe",
                                                    [YW_ACT_CALIBRATE] = "calibrate",
                                                    [YW_ACT_CHECK] = "check",
                                                    [YW_ACT_BLOWBACK] = "blowback",
                                                    [YW_ACT_SAMPLE] = "sample",
                                                    [YW_ACT_RETAIN] = "retain",
                                                    [YW_ACT_AIR] = "air",
                                                    [YW_ACT_LEAK_TEST] = "leak-test",
                                                    [YW_ACT_SET_PARAMETER] = "set-parameter",
                                                    [YW_ACT_POWER_OFF] = "power-off",
                                                    [YW_ACT_POWER_ON] = "power-on"};
    return kind < YW_ACT_COUNT && names[kind] ? names[kind] : "";
}

static const char *did_name(uint8_t did) {
    static const char *const names[] = {
        [YW_DID_ZERO] = "zero",   [YW_DID_SPAN] = "span",         [YW_DID_CALIBRATION] = "calibration",
        [YW_DID_CHECK] = "check", [YW_DID_BLOWBACK] = "blowback", [YW_DID_PARAMETER] = "parameter",
        [YW_DID_LOGIN] = "login", [YW_DID_DOOR] = "door",         [YW_DID_POWER] = "power",
        [YW_DID_ALARM] = "alarm", [YW_DID_RANGE] = "range"};
    return did < YW_COUNT(names) && names[did] ? names[did] : "other";
}

static const char *alarm_name(unsigned bit) {
    static const char *const names[] = {
        [YW_ALARM_LINE_COLD] = "line-cold", [YW_ALARM_COOLER_WARM] = "cooler-warm",
        [YW_ALARM_WATER] = "water",         [YW_ALARM_FLOW] = "flow",
        [YW_ALARM_FLAME] = "flame",         [YW_ALARM_REAGENT] = "reagent",
        [YW_ALARM_LAMP] = "lamp",           [YW_ALARM_CALIBRATION] = "calibration"};
    return bit < YW_COUNT(names) && names[bit] ? names[bit] : "other";
}

static const char *channel_name(const struct yw_scenario *s, size_t i) {
    const struct yw_station_spec *spec = &s->life.station;
    return i < spec->channel_n ? yw_quantity_name(spec->channels[i].quantity) : "";
}

/* ---- parts of the state ---- */

static void put_factors(const struct yw_hosted *o, struct yw_buf *out) {
    const struct yw_scenario *s = &o->face.scenario;
    const struct yw_sample *x = &o->sample;
    open_list(out, "factors");
    for (size_t i = 0; x->time && i < s->factor_count; i++) {
        open_item(out);
        yw_control_text(out, "code", s->factors[i].code);
        yw_control_number(out, "truth", x->truth[i]);
        yw_control_number(out, "shown", x->shown[i]);
        if (s->factors[i].converted) yw_control_number(out, "converted", x->converted[i]);
        yw_control_text(out, "mark", yw_mark_text((enum yw_mark)x->mark[i]));
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
}

static void put_readings(const struct yw_scenario *s, const struct yw_readings *r, struct yw_buf *out) {
    open_list(out, "channels");
    for (size_t i = 0; i < s->life.station.channel_n; i++) {
        const struct yw_channel *c = &s->life.station.channels[i];
        const struct yw_reading *x = &r->channel[i];
        open_item(out);
        yw_control_text(out, "channel", yw_quantity_name(c->quantity));
        yw_control_text(out, "unit", yw_quantity_unit(c->quantity));
        yw_control_number(out, "truth", x->truth);
        yw_control_number(out, "analyser", x->analyser);
        yw_control_number(out, "ma", x->ma);
        yw_control_number(out, "stored", x->stored);
        if (c->converted) yw_control_number(out, "converted", x->converted);
        yw_control_text(out, "mark", yw_mark_text((enum yw_mark)x->mark));
        if (c->limit > 0) yw_control_number(out, "limit", c->limit);
        if (c->span_gas > 0) yw_control_number(out, "span_gas", c->span_gas);
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
    key(out, "station");
    yw_buf_putc(out, '{');
    yw_control_number(out, "flow_m3_s", r->flow_m3_s);
    yw_control_number(out, "line_temp_c", r->line_temp_c);
    yw_control_number(out, "cooler_temp_c", r->cooler_temp_c);
    yw_control_number(out, "sample_l_min", r->sample_l_min);
    yw_control_number(out, "room_temp_c", r->room_temp_c);
    yw_control_number(out, "digest_temp_c", r->digest_temp_c);
    yw_control_yes(out, "door_open", r->door_open);
    yw_control_yes(out, "power", r->power);
    yw_control_yes(out, "sampling", r->sampling);
    yw_buf_putc(out, '}');
    open_list(out, "alarms");
    for (unsigned bit = 0; bit < 32; bit++)
        if (r->alarms >> bit & 1) {
            if (out->data[out->len - 1] != '[') yw_buf_putc(out, ',');
            yw_buf_printf(out, "\"%s\"", alarm_name(bit));
        }
    yw_buf_putc(out, ']');
}

static void put_parameters(const struct yw_scenario *s, const struct yw_station *st, struct yw_buf *out) {
    open_list(out, "parameters");
    for (int p = 0; p < YW_PARAMETER_COUNT; p++) {
        size_t n = p < YW_PARAMETER_PER_CHANNEL ? s->life.station.channel_n : 1;
        for (size_t i = 0; i < n; i++) {
            open_item(out);
            if (p < YW_PARAMETER_PER_CHANNEL) yw_control_text(out, "channel", channel_name(s, i));
            yw_control_text(out, "parameter", yw_station_parameter_name((enum yw_parameter)p));
            yw_control_number(out, "value", yw_station_parameter(st, (enum yw_parameter)p, i));
            yw_buf_putc(out, '}');
        }
    }
    yw_buf_putc(out, ']');
}

static void put_results(const struct yw_scenario *s, const struct yw_station *st, struct yw_buf *out) {
    open_list(out, "results");
    for (int kind = 0; kind < YW_ACT_COUNT; kind++)
        for (size_t i = 0; i < s->life.station.channel_n; i++) {
            double v = yw_station_result(st, (enum yw_station_act_kind)kind, i);
            if (isnan(v)) continue;
            open_item(out);
            yw_control_text(out, "act", yw_station_act_name((enum yw_station_act_kind)kind));
            yw_control_text(out, "channel", channel_name(s, i));
            yw_control_number(out, "value", v);
            yw_buf_putc(out, '}');
        }
    yw_buf_putc(out, ']');
}

static void put_log(const struct yw_scenario *s, const struct yw_station *st, struct yw_buf *out) {
    struct yw_station_line lines[LOG_MAX];
    struct yw_retained bottles[RETAINED_MAX];
    size_t n = yw_station_log(st, lines, LOG_MAX);
    open_list(out, "log");
    for (size_t i = 0; i < n; i++) {
        const struct yw_station_line *l = &lines[i];
        open_item(out);
        put_time(out, "time", l->time);
        yw_control_text(out, "did", did_name(l->did));
        if (l->channel < s->life.station.channel_n)
            yw_control_text(out, "channel", channel_name(s, l->channel));
        if (l->did == YW_DID_PARAMETER && l->parameter < YW_PARAMETER_COUNT)
            yw_control_text(out, "parameter", yw_station_parameter_name((enum yw_parameter)l->parameter));
        yw_control_number(out, "before", l->before);
        yw_control_number(out, "after", l->after);
        yw_control_yes(out, "passed", l->passed);
        yw_control_yes(out, "hidden", l->hidden);
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
    n = yw_station_retained(st, bottles, RETAINED_MAX);
    open_list(out, "retained");
    for (size_t i = 0; i < n; i++) {
        open_item(out);
        put_time(out, "from", bottles[i].from);
        put_time(out, "to", bottles[i].to);
        key(out, "values");
        yw_buf_putc(out, '{');
        for (size_t k = 0; k < s->life.station.channel_n; k++)
            if (!isnan(bottles[i].value[k])) yw_control_number(out, channel_name(s, k), bottles[i].value[k]);
        yw_buf_puts(out, "}}");
    }
    yw_buf_putc(out, ']');
}

/* seen: a set of quantities; NULL: all. */
static void put_stream(const char *name, const struct yw_stream *stream, const uint64_t *seen,
                       struct yw_buf *out) {
    open_list(out, name);
    for (unsigned q = 0; q < YW_Q_COUNT; q++) {
        if (isnan(stream->v[q]) || (seen && !(seen[q / 64] >> (q % 64) & 1))) continue;
        open_item(out);
        yw_control_text(out, "quantity", yw_quantity_name((enum yw_quantity)q));
        yw_control_text(out, "unit", yw_quantity_unit((enum yw_quantity)q));
        yw_control_number(out, "value", stream->v[q]);
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
}

static void put_inputs(const struct yw_hosted *o, const struct yw_plant *plant, struct yw_buf *out) {
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(o->face.scenario.life.kind, &n);
    open_list(out, "inputs");
    for (size_t i = 0; i < n; i++) {
        open_item(out);
        yw_control_text(out, "input", inputs[i].name);
        yw_control_text(out, "unit", inputs[i].unit);
        yw_control_number(out, "value", yw_plant_input_now(plant, i));
        yw_control_number(out, "low", inputs[i].low);
        yw_control_number(out, "high", inputs[i].high);
        double held = yw_hand_held(&o->responder.hand, (uint32_t)i, o->live.model.time);
        yw_control_yes(out, "held", !isnan(held));
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
}

static void put_event(const struct yw_event *e, bool by_hand, struct yw_buf *out) {
    open_item(out);
    yw_control_text(out, "event", e->id);
    yw_control_text(out, "effect", e->effect ? e->effect->id : "");
    put_time(out, "start", e->start);
    if (e->stop) put_time(out, "stop", e->stop);
    yw_control_number(out, "strength", e->strength);
    yw_control_yes(out, "by_hand", by_hand);
    yw_buf_putc(out, '}');
}

static void put_events(struct yw_hosted *o, struct yw_buf *out) {
    const struct yw_hand *hand = &o->responder.hand;
    const struct yw_effects_now *now = yw_outlet_effects(&o->live);
    open_list(out, "events");
    for (uint32_t i = 0; i < hand->event_n; i++) put_event(&hand->events[i], true, out);
    yw_buf_putc(out, ']');
    open_list(out, "active");
    const char *last = NULL;
    for (size_t i = 0; now && i < now->n; i++) {
        const struct yw_event *e = now->items[i].event;
        if (!e || e->id == last) continue;
        last = e->id;
        open_item(out);
        yw_control_text(out, "event", e->id);
        yw_control_text(out, "effect", e->effect ? e->effect->id : "");
        yw_control_number(out, "strength", now->items[i].s);
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
}

/* ---- face ---- */

void yw_control_put_plant(const struct yw_hosted *o, struct yw_buf *out) {
    const struct yw_scenario *s = &o->face.scenario;
    yw_control_text(out, "id", o->id);
    yw_control_text(out, "scenario", s->id);
    yw_control_text(out, "name", s->name);
    yw_control_text(out, "kind", s->life.kind ? yw_plant_kind_name(s->life.kind) : "statistical");
    yw_control_text(out, "medium", s->medium == YW_MEDIUM_WATER ? "water" : "air");
    yw_control_whole(out, "version", s->version);
    yw_control_yes(out, "up", o->up);
    yw_control_whole(out, "waiting", o->fresh.count + o->again.count);
    yw_control_number(out, "behind_s",
                      o->live_begun && o->host->options.speed > 0 && o->now_seen > 0
                          ? fmax(0, (double)(o->clock_seen - o->live.model.time) / 1e6)
                          : NAN);
}

void yw_control_put_state(struct yw_hosted *o, bool stream, struct yw_buf *out) {
    yw_control_put_plant(o, out);
    yw_control_yes(out, "begun", o->live_begun);
    if (!o->live_begun) return;
    put_time(out, "time", o->sample.time);
    yw_control_number(out, "load", o->sample.load);
    yw_control_number(out, "running", o->sample.running);
    put_factors(o, out);
    const struct yw_plant *plant = yw_outlet_plant(&o->live);
    const struct yw_readings *readings = yw_outlet_readings(&o->live);
    struct yw_station *station = yw_outlet_station(&o->live);
    const char *failure = yw_outlet_failure(&o->live);
    if (failure) yw_control_text(out, "failure", failure);
    if (!plant || !readings || !station) return;
    put_readings(&o->face.scenario, readings, out);
    put_parameters(&o->face.scenario, station, out);
    put_results(&o->face.scenario, station, out);
    put_log(&o->face.scenario, station, out);
    put_inputs(o, plant, out);
    put_events(o, out);
    const struct yw_stream *truth = yw_outlet_truth(&o->live);
    if (truth) put_stream("signals", truth, o->face.scenario.life.signals, out);
    if (stream && truth) put_stream("stream", truth, NULL, out);
}
