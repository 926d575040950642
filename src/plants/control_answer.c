/* control_answer: what the control socket's questions do to a host. */
#include "plants/control_answer.h"

#include <math.h>
#include <string.h>

/* ---- finding ---- */

static struct yw_hosted *find_plant(struct yw_host *h, const char *id, struct yw_error *err) {
    for (struct yw_hosted *o = h->outlets; o; o = o->next)
        if (strcmp(o->id, id) == 0) return o;
    yw_fail(err, YW_E_NOT_FOUND, "no plant `%s` here; ask list", id);
    return NULL;
}

/* A plant with a process behind it that lives. */
static struct yw_hosted *find_process(struct yw_host *h, const char *id, struct yw_error *err) {
    struct yw_hosted *o = find_plant(h, id, err);
    if (!o) return NULL;
    if (!o->face.scenario.life.kind) {
        yw_fail(err, YW_E_STATE, "plant `%s` is statistical: it has no instruments to act upon", id);
        return NULL;
    }
    if (o->live_begun) return o;
    yw_fail(err, YW_E_STATE, "plant `%s` has not begun to live yet; ask again", id);
    return NULL;
}

static bool find_channel(const struct yw_scenario *s, const char *name, uint8_t *out, struct yw_error *err) {
    const struct yw_station_spec *spec = &s->life.station;
    for (uint32_t i = 0; i < spec->channel_n; i++)
        if (strcmp(yw_quantity_name(spec->channels[i].quantity), name) == 0) {
            *out = (uint8_t)i;
            return true;
        }
    for (size_t i = 0; i < s->factor_count; i++)
        if (strcmp(s->factors[i].code, name) == 0) {
            *out = (uint8_t)s->factors[i].channel;
            return true;
        }
    yw_fail(err, YW_E_NOT_FOUND, "no channel `%s` at %s", name, s->mn);
    return false;
}

/* ---- act, input, event ---- */

static enum yw_code name_act(const struct yw_control_line *line, struct yw_station_act *a,
                             struct yw_error *err) {
    for (int k = 0; k < YW_ACT_COUNT; k++)
        if (strcmp(yw_station_act_name((enum yw_station_act_kind)k), line->act) == 0) {
            a->kind = (uint8_t)k;
            return YW_OK;
        }
    return yw_fail(err, YW_E_NOT_FOUND, "no act `%s`; docs/plant-host.md lists them", line->act);
}

static enum yw_code name_parameter(const struct yw_control_line *line, struct yw_station_act *a,
                                   struct yw_error *err) {
    if (a->kind != YW_ACT_SET_PARAMETER)
        return line->parameter[0] ? yw_fail(err, YW_E_USAGE, "%s takes no parameter", line->act) : YW_OK;
    int p = 0;
    while (p < YW_PARAMETER_COUNT &&
           strcmp(yw_station_parameter_name((enum yw_parameter)p), line->parameter) != 0)
        p++;
    if (p == YW_PARAMETER_COUNT) return yw_fail(err, YW_E_NOT_FOUND, "no parameter `%s`", line->parameter);
    if (p < YW_PARAMETER_PER_CHANNEL && a->channel == UINT8_MAX)
        return yw_fail(err, YW_E_USAGE, "parameter %s needs a channel", line->parameter);
    if (isnan(line->value)) return yw_fail(err, YW_E_USAGE, "set-parameter needs a value");
    a->parameter = (uint8_t)p;
    return YW_OK;
}

static enum yw_code do_act(struct yw_host *h, const struct yw_control_line *line, struct yw_error *err) {
    struct yw_hosted *o = find_process(h, line->id, err);
    if (!o) return err->code;
    /* the next step takes it: live and lived again it comes at the same moment */
    struct yw_station_act a = {.time = o->live.model.time,
                               .lasts_us = isnan(line->lasts_s) ? 0 : (int64_t)(line->lasts_s * 1e6),
                               .channel = UINT8_MAX,
                               .value = line->value};
    enum yw_code code = name_act(line, &a, err);
    if (!code && line->channel[0] && !find_channel(&o->face.scenario, line->channel, &a.channel, err))
        code = err->code;
    if (!code) code = name_parameter(line, &a, err);
    if (!code) yw_hand_act(&o->responder.hand, &a);
    return code;
}

static enum yw_code do_input(struct yw_host *h, const struct yw_control_line *line, struct yw_error *err) {
    struct yw_hosted *o = find_process(h, line->id, err);
    if (!o) return err->code;
    size_t n;
    const struct yw_plant_kind *kind = o->face.scenario.life.kind;
    const struct yw_plant_value *inputs = yw_plant_inputs(kind, &n);
    int i = yw_plant_value_find(inputs, n, line->input, strlen(line->input));
    if (i < 0)
        return yw_fail(err, YW_E_NOT_FOUND, "a %s has no input `%s`", yw_plant_kind_name(kind), line->input);
    if (!isnan(line->value) && !(line->value >= inputs[i].low && line->value <= inputs[i].high))
        return yw_fail(err, YW_E_RANGE, "input %s takes %g to %g %s", inputs[i].name, inputs[i].low,
                       inputs[i].high, inputs[i].unit);
    if (!yw_hand_hold(&o->responder.hand, (uint32_t)i, line->value, o->live.model.time))
        return yw_fail(err, YW_E_LIMIT, "at most %d inputs are held; let go of one", YW_HAND_INPUTS);
    return YW_OK;
}

static enum yw_code restrict_event(const struct yw_scenario *s, const struct yw_control_line *line,
                                   struct yw_event *e, struct yw_error *err) {
    uint8_t channel;
    if (!line->channel[0]) return YW_OK;
    if (!find_channel(s, line->channel, &channel, err)) return err->code;
    enum yw_quantity q = s->life.station.channels[channel].quantity;
    e->only[q / 64] |= (uint64_t)1 << (q % 64);
    return YW_OK;
}

static enum yw_code do_event(struct yw_host *h, const struct yw_effect_book *book,
                             const struct yw_control_line *line, struct yw_error *err) {
    struct yw_hosted *o = find_process(h, line->id, err);
    if (!o) return err->code;
    struct yw_hand *hand = &o->responder.hand;
    const char *id = line->event[0] ? line->event : line->effect;
    int64_t now = o->live.model.time;
    if (line->stop) {
        if (yw_hand_stop(hand, id, now)) return YW_OK;
        return yw_fail(err, YW_E_NOT_FOUND, "no event `%s` was begun by hand and still runs", id);
    }
    const struct yw_effect *effect = book ? yw_effect_find(book, line->effect, strlen(line->effect)) : NULL;
    if (!effect) return yw_fail(err, YW_E_NOT_FOUND, "no effect `%s`", line->effect);
    struct yw_event e = {.effect = effect,
                         .start = now,
                         .ramp_us = isnan(line->ramp_s) ? 0 : (int64_t)(line->ramp_s * 1e6),
                         .strength = isnan(line->strength) ? 1 : line->strength,
                         .a = line->value};
    if (!isnan(line->lasts_s)) e.stop = now + (int64_t)(line->lasts_s * 1e6);
    if (line->triggered) e.trigger = effect->trigger;
    yw_copy(e.id, sizeof e.id, id, strlen(id));
    enum yw_code code = restrict_event(&o->face.scenario, line, &e, err);
    if (!code && !yw_hand_event(hand, &e))
        code = yw_fail(err, YW_E_LIMIT, "at most %d events run by hand; stop one", YW_HAND_EVENTS);
    return code;
}

/* ---- list, state ---- */

static void put_host(const struct yw_host *h, struct yw_buf *out) {
    struct yw_host_state s;
    yw_host_state(h, &s);
    yw_control_whole(out, "now", s.now / 1000);
    yw_control_number(out, "speed", h->options.speed);
    yw_control_yes(out, "frozen", h->frozen);
    yw_control_whole(out, "outlets", (int64_t)s.outlets);
    yw_control_whole(out, "up", (int64_t)s.up);
    yw_control_whole(out, "sent", (int64_t)s.sent);
    yw_control_whole(out, "acknowledged", (int64_t)s.acked);
}

static void do_list(const struct yw_host *h, struct yw_buf *out) {
    yw_buf_puts(out, ",\"plants\":[");
    for (const struct yw_hosted *o = h->outlets; o; o = o->next) {
        yw_buf_puts(out, o == h->outlets ? "{" : ",{");
        yw_control_put_plant(o, out);
        yw_buf_putc(out, '}');
    }
    yw_buf_putc(out, ']');
}

static enum yw_code do_state(struct yw_host *h, const struct yw_control_line *line, struct yw_buf *out,
                             struct yw_error *err) {
    struct yw_hosted *o = find_plant(h, line->id, err);
    if (!o) return err->code;
    yw_buf_puts(out, ",\"plant\":{");
    yw_control_put_state(o, line->stream, out);
    yw_buf_putc(out, '}');
    return YW_OK;
}

static enum yw_code obey(struct yw_host *h, const struct yw_effect_book *book,
                         const struct yw_control_line *line, struct yw_buf *out, struct yw_error *err) {
    switch (line->what) {
    case YW_ASK_LIST:
        do_list(h, out);
        return YW_OK;
    case YW_ASK_STATE:
        return do_state(h, line, out, err);
    case YW_ASK_ACT:
        return do_act(h, line, err);
    case YW_ASK_INPUT:
        return do_input(h, line, err);
    case YW_ASK_EVENT:
        return do_event(h, book, line, err);
    case YW_ASK_SPEED:
        return yw_host_speed(h, line->value, err);
    case YW_ASK_FREEZE:
        return yw_host_freeze(h, true, err);
    case YW_ASK_RESUME:
        return yw_host_freeze(h, false, err);
    case YW_ASK_SAVE:
        return yw_control_save(h, line->file, err);
    case YW_ASK_LOAD:
        return yw_control_load(h, book, line->file, err);
    default:
        return yw_fail(err, YW_E_USAGE, "not a question");
    }
}

static void refuse(const struct yw_control_line *line, const struct yw_error *err, struct yw_buf *out) {
    yw_buf_clear(out);
    yw_buf_puts(out, "{\"ok\":false");
    if (line->tag[0]) yw_control_text(out, "tag", line->tag);
    yw_buf_puts(out, ",\"error\":{");
    yw_control_text(out, "code", yw_code_name(err->code));
    yw_control_text(out, "text", err->text);
    yw_buf_puts(out, "}}\n");
}

void yw_control_answer(struct yw_host *h, const struct yw_effect_book *book, const char *text, size_t n,
                       struct yw_buf *out) {
    struct yw_control_line line;
    struct yw_error err;
    enum yw_code code = yw_control_parse(text, n, &line, &err);
    yw_buf_clear(out);
    yw_buf_puts(out, "{\"ok\":true");
    if (line.tag[0]) yw_control_text(out, "tag", line.tag);
    if (!code) put_host(h, out);
    if (!code) code = obey(h, book, &line, out, &err);
    yw_buf_puts(out, "}\n");
    if (!code && out->failed) code = yw_fail(&err, YW_E_LIMIT, "the answer is too long");
    if (code) refuse(&line, &err, out);
}
