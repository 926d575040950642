/* A line {"alarm":[..]} of the acts journal, written and read. */
#include "web/alarms.h"

#include "web/json.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static void put_step(struct yw_buf *b, const struct yw_alarm_step *s) {
    yj_key(b, "step");
    yj_open(b, '{');
    yj_put_text(b, "kind", yw_step_name(s->kind));
    yj_put_i64(b, "at", s->at);
    yj_put_text(b, "by", s->by);
    if (s->unit[0] != '\0') yj_put_text(b, "unit", s->unit);
    if (s->to_unit[0] != '\0') yj_put_text(b, "to_unit", s->to_unit);
    if (s->result[0] != '\0') yj_put_text(b, "result", s->result);
    if (s->text[0] != '\0') yj_put_text(b, "text", s->text);
    yj_close(b, '}');
}

static void put_episode(struct yw_buf *b, const struct yw_alarm_entry *a) {
    const struct yw_episode *e = &a->episode;
    yj_key(b, "episode");
    yj_open(b, '{');
    yj_put_i64(b, "outlet", e->outlet);
    yj_put_text(b, "kind", yw_verdict_word(e->kind)->name);
    yj_put_text(b, "factor", e->factor);
    yj_put_i64(b, "basis", e->basis);
    yj_put_i64(b, "period", e->period);
    yj_put_i64(b, "from", e->from);
    yj_put_i64(b, "to", e->to);
    yj_put_bool(b, "open", e->open);
    yj_put_i64(b, "points", e->points);
    yj_put_i64(b, "severity", e->severity);
    yj_put_f64(b, "value", e->worst);
    yj_put_f64(b, "held", e->held);
    yj_put_f64(b, "multiple", e->multiple);
    yj_put_i64(b, "worst_at", e->worst_at);
    yj_put_text(b, "verdict", a->verdict);
    yj_put_text(b, "measure", a->measure);
    yj_put_bool(b, "converted", a->converted);
    yj_close(b, '}');
}

bool yw_alarm_line_put(struct yw_buf *b, const struct yw_alarm_entry *e, size_t n) {
    yj_open(b, '{');
    yj_key(b, "alarm");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        yj_open(b, '{');
        yj_put_text(b, "number", e[i].number);
        yj_put_i64(b, "id", e[i].id);
        if (e[i].has_step) put_step(b, &e[i].step);
        if (e[i].has_episode) put_episode(b, &e[i]);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
    return !b->failed;
}

static bool text_of(const json_t *o, const char *name, char *to, size_t size) {
    const char *text = json_string_value(json_object_get(o, name));
    to[0] = '\0';
    return text == NULL || yw_copy(to, size, text, strlen(text));
}

static double number_of(const json_t *o, const char *name) {
    const json_t *v = json_object_get(o, name);
    return json_is_number(v) ? json_number_value(v) : NAN;
}

static json_int_t whole(const json_t *o, const char *name, json_int_t least, json_int_t most) {
    json_int_t v = json_integer_value(json_object_get(o, name));
    return v < least ? least : v > most ? most : v;
}

static bool read_step(const json_t *o, struct yw_alarm_step *s) {
    const char *kind = json_string_value(json_object_get(o, "kind"));
    s->at = whole(o, "at", 0, INT64_MAX / 4);
    return kind != NULL && yw_step_parse(kind, &s->kind) && text_of(o, "by", s->by, sizeof s->by) &&
           text_of(o, "unit", s->unit, sizeof s->unit) &&
           text_of(o, "to_unit", s->to_unit, sizeof s->to_unit) &&
           text_of(o, "result", s->result, sizeof s->result) && text_of(o, "text", s->text, sizeof s->text);
}

static bool read_episode(const json_t *o, struct yw_alarm_entry *to) {
    struct yw_episode *e = &to->episode;
    const char *kind = json_string_value(json_object_get(o, "kind"));
    e->outlet = (uint32_t)whole(o, "outlet", 0, UINT32_MAX);
    e->basis = (uint8_t)whole(o, "basis", 0, UINT8_MAX);
    e->period = (uint8_t)whole(o, "period", 0, UINT8_MAX);
    e->severity = (uint8_t)whole(o, "severity", 0, YW_SEVERITY_URGENT);
    e->from = whole(o, "from", -(INT64_MAX / 4), INT64_MAX / 4);
    e->to = whole(o, "to", e->from, INT64_MAX / 4);
    e->worst_at = whole(o, "worst_at", -(INT64_MAX / 4), INT64_MAX / 4);
    e->open = json_is_true(json_object_get(o, "open"));
    e->points = (uint32_t)whole(o, "points", 0, UINT32_MAX);
    e->worst = number_of(o, "value");
    e->held = number_of(o, "held");
    e->multiple = number_of(o, "multiple");
    to->converted = json_is_true(json_object_get(o, "converted"));
    return e->outlet != 0 && kind != NULL && yw_verdict_parse(kind, &e->kind) &&
           text_of(o, "factor", e->factor, sizeof e->factor) &&
           text_of(o, "verdict", to->verdict, sizeof to->verdict) &&
           text_of(o, "measure", to->measure, sizeof to->measure);
}

static bool read_entry(const json_t *o, struct yw_alarm_entry *e) {
    memset(e, 0, sizeof *e);
    const json_t *step = json_object_get(o, "step"), *episode = json_object_get(o, "episode");
    e->id = whole(o, "id", 0, INT64_MAX / 4);
    e->has_step = json_is_object(step);
    e->has_episode = json_is_object(episode);
    return text_of(o, "number", e->number, sizeof e->number) && e->number[0] != '\0' && e->id > 0 &&
           (e->has_step || e->has_episode) && (!e->has_step || read_step(step, &e->step)) &&
           (!e->has_episode || read_episode(episode, e));
}

bool yw_alarm_line_read(const char *json, size_t n, struct yw_alarm_entry *out, size_t *count) {
    static const char begin[] = "{\"alarm\":";
    *count = 0;
    if (n < sizeof begin || memcmp(json, begin, sizeof begin - 1) != 0) return false;
    json_t *o = json_loadb(json, n, JSON_REJECT_DUPLICATES, NULL), *v;
    const json_t *list = json_object_get(o, "alarm");
    bool good = json_is_array(list) && json_array_size(list) <= YW_ALARM_MANY;
    size_t i;
    if (good) {
        json_array_foreach(list, i, v) {
            if (read_entry(v, &out[*count])) ++*count;
        }
    }
    json_decref(o);
    return good && *count > 0;
}
