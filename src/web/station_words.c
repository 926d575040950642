/* Words of the station room: what may be entered, and what codes of device information mean there. */
#include "web/station.h"

#include "web/json.h"
#include "web/web_int.h"

#include <string.h>

#define FUTURE_MOST (10 * YW_MINUTE)
#define LONG_AGO    (INT64_C(946656000) * YW_SECOND) /* 2000-01-01 */

static bool among(const char *word, const char *const *words, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(words[i], word) == 0) return true;
    }
    return false;
}

static void set(char *to, size_t size, const char *text) {
    (void)yw_copy(to, size, text, strlen(text));
}

bool yw_station_kind_known(const char *kind) {
    static const char *const kinds[] = {"door",   "power", "temperature", "humidity", "voltage",
                                        "camera", "smoke", "water",       "note"};
    return among(kind, kinds, YW_COUNT(kinds));
}

bool yw_station_state_known(const char *state) {
    static const char *const states[] = {"open", "closed", "lost", "back", "ok", "fault", "text"};
    return among(state, states, YW_COUNT(states));
}

/* A number, as JSON number or as text. */
static bool read_value(const json_t *v, char *to, size_t size) {
    double ignored;
    to[0] = '\0';
    if (v == NULL || json_is_null(v)) return true;
    if (json_is_string(v)) {
        return yw_copy(to, size, json_string_value(v), json_string_length(v)) &&
               (to[0] == '\0' || yw_parse_f64(to, strlen(to), &ignored));
    }
    if (json_is_integer(v)) {
        snprintf(to, size, "%lld", (long long)json_integer_value(v));
    } else if (json_is_real(v)) {
        snprintf(to, size, "%.10g", json_real_value(v));
    }
    return json_is_number(v);
}

bool yw_station_read(struct yw_request *q, const json_t *o, struct yw_station_word *out) {
    if (!yw_member_text(q, o, "kind", out->kind, sizeof out->kind) ||
        !yw_member_text(q, o, "state", out->state, sizeof out->state) ||
        !yw_member_text(q, o, "unit", out->unit, sizeof out->unit) ||
        !yw_member_text(q, o, "text", out->text, sizeof out->text))
        return false;
    const json_t *time = json_object_get(o, "time");
    bool good = read_value(json_object_get(o, "value"), out->value, sizeof out->value);
    /* What was measured is no state, what was written is a text. */
    if (out->state[0] == '\0' || strcmp(out->state, "text") == 0)
        set(out->state, sizeof out->state, out->value[0] != '\0' ? "ok" : "text");
    out->time = q->now;
    if (json_is_integer(time) && json_integer_value(time) < INT64_MAX / 1000 &&
        json_integer_value(time) > -INT64_MAX / 1000)
        out->time = json_integer_value(time) * 1000;
    if (!yw_station_kind_known(out->kind) || !yw_station_state_known(out->state)) {
        (void)yw_problem(
            q, 422, "kind",
            "kind 应为 door、power、temperature、humidity、voltage、camera、smoke、water、note 之一，"
            "state 应为 open、closed、lost、back、ok、fault、text 之一",
            "kind: one of door, power, temperature, humidity, voltage, camera, smoke, water, note; "
            "state: one of open, closed, lost, back, ok, fault, text");
        return false;
    }
    if (!good || (out->value[0] == '\0' && out->text[0] == '\0' && strcmp(out->state, "text") == 0)) {
        (void)yw_problem(q, 422, "value", "请填写状态、数值或说明；数值应为数字",
                         "a state, a value or a text must be there; value is a number");
        return false;
    }
    if (out->time > q->now + FUTURE_MOST || out->time < LONG_AGO ||
        (time != NULL && !json_is_integer(time))) {
        (void)yw_problem(q, 422, "time", "时间应为毫秒数，且不能在将来",
                         "time: milliseconds since 1970, not in the future");
        return false;
    }
    return true;
}

bool yw_station_line(struct yw_buf *b, const struct yw_station_word *s, int64_t at) {
    yj_open(b, '{');
    yj_key(b, "station");
    yj_open(b, '{');
    yj_put_i64(b, "outlet", s->outlet);
    yj_put_i64(b, "time", s->time);
    yj_put_text(b, "kind", s->kind);
    yj_put_text(b, "state", s->state);
    if (s->value[0] != '\0') yj_put_text(b, "value", s->value);
    if (s->unit[0] != '\0') yj_put_text(b, "unit", s->unit);
    if (s->text[0] != '\0') yj_put_text(b, "text", s->text);
    yj_put_text(b, "source", s->source);
    yj_close(b, '}');
    yj_put_text(b, "by", s->by);
    yj_put_i64(b, "at", at);
    yj_close(b, '}');
    return !b->failed;
}

/* ---- device information (HJ 212-2017, Appendix B: state and parameters of on-site equipment) ---- */

enum meaning {
    MEANS_TEXT,
    MEANS_NUMBER,
    MEANS_STATE, /* 0 running, 1 stopped, 2 fault, 3 maintenance */
    MEANS_LINK,  /* 0 normal, 1 abnormal */
    MEANS_POWER  /* state of an instrument, of which 6, power failure, alone concerns the station */
};
static const struct {
    const char *code, *kind, *unit;
    enum meaning meaning;
} codes[] = {
    {"i31001", "door", "", MEANS_TEXT},
    {"i32001", "door", "", MEANS_STATE},
    {"i33101", "temperature", "degC", MEANS_NUMBER},
    {"i33102", "humidity", "%", MEANS_NUMBER},
    {"i33103", "voltage", "V", MEANS_NUMBER},
    {"i33104", "pressure", "kPa", MEANS_NUMBER},
    {"i33105", "pressure", "kPa", MEANS_NUMBER},
    {"i33106", "pressure", "kPa", MEANS_NUMBER},
    {"i12002", "communication", "", MEANS_LINK},
    {"i22003", "communication", "", MEANS_LINK},
    {"i12001", "power", "", MEANS_POWER},
};

static const char *state_of(enum meaning meaning, const char *value) {
    static const char *const states[] = {"ok", "stopped", "fault", "maintenance"};
    uint32_t n;
    if (meaning == MEANS_TEXT) return "text";
    if (meaning == MEANS_NUMBER) return "ok";
    if (!yw_parse_u32(value, strlen(value), 99, &n)) return "text";
    if (meaning == MEANS_POWER) return n == 6 ? "lost" : NULL;
    if (meaning == MEANS_LINK) return n == 0 ? "ok" : "fault";
    return n < YW_COUNT(states) ? states[n] : "text";
}

bool yw_station_of_info(const struct yw_value *v, struct yw_station_event *out) {
    size_t i = 0;
    while (i < YW_COUNT(codes) && strcmp(codes[i].code, v->factor) != 0) i++;
    if (i == YW_COUNT(codes) || strcmp(v->field, "Info") != 0) return false;
    char text[YW_TEXT_MAX + 1];
    size_t n = yw_value_print(v, text, sizeof text);
    const char *from = text;
    if (n >= 4 && strncmp(text, "//", 2) == 0 &&
        strcmp(text + n - 2, "//") == 0) { /* a log lies between marks */
        text[n - 2] = '\0';
        from = text + 2;
    }
    const char *state = state_of(codes[i].meaning, from);
    if (state == NULL) return false;
    set(out->kind, sizeof out->kind, codes[i].kind);
    set(out->state, sizeof out->state, state);
    set(out->unit, sizeof out->unit, codes[i].unit);
    set(out->code, sizeof out->code, v->factor);
    set(out->origin, sizeof out->origin, "packet");
    bool number = !v->is_text && codes[i].meaning == MEANS_NUMBER;
    set(number ? out->value : out->text, number ? sizeof out->value : sizeof out->text, from);
    return true;
}
