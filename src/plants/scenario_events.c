/* scenario_events: the part of a scenario that says what happens at a plant, when, and what the world sees.
 */
#include <math.h>
#include <string.h>

#include "plants/scenario_int.h"

/* ---- when ---- */

struct happening { /* what inputs and events have in common, as it stands in the file */
    struct yw_when when;
    int64_t ramp_s;
    double value, strength, a;
};
#define WHEN_KEYS                                                                                            \
    {.name = "start", .kind = YW_YAML_OTHER}, {.name = "stop", .kind = YW_YAML_OTHER},                       \
        {.name = "daily", .kind = YW_YAML_OTHER},                                                            \
        KEY(struct happening, when.every_s, "every", YW_YAML_SPAN, RANGE(4 * 3600.0, 366.0 * 86400)),        \
        KEY(struct happening, when.lasts_s, "lasts", YW_YAML_SPAN, RANGE(60, 366.0 * 86400))

static enum yw_code read_time(yaml_document_t *doc, yaml_node_t *map, const char *key, int64_t *out,
                              struct yw_error *err) {
    yaml_node_t *node = yw_yaml_get(doc, map, key);
    const char *text = node ? yw_node_text(node) : "";
    if (!node || yw_time_parse(text, strlen(text), out)) return YW_OK;
    return yw_fail(err, YW_E_FORMAT, "line %zu: %s must be a time such as 2026-11-23T08:00 (Beijing time)",
                   yw_yaml_line(node), key);
}

static enum yw_code read_when(yaml_document_t *doc, yaml_node_t *map, struct yw_when *w,
                              struct yw_error *err) {
    yaml_node_t *daily = yw_yaml_get(doc, map, "daily");
    size_t line = yw_yaml_line(map);
    w->daily_s = -1;
    enum yw_code code = read_time(doc, map, "start", &w->start, err);
    if (!code) code = read_time(doc, map, "stop", &w->stop, err);
    if (code) return code;
    if (daily && !yw_parse_clock(yw_node_text(daily), &w->daily_s))
        return yw_fail(err, YW_E_FORMAT, "line %zu: daily must be a time of day such as 02:10",
                       yw_yaml_line(daily));
    bool timed = w->start || w->stop;
    if ((timed && (daily || w->every_s)) || (daily && w->every_s))
        return yw_fail(err, YW_E_FORMAT, "line %zu: take one of start/stop, every and daily", line);
    if ((daily || w->every_s) != (w->lasts_s > 0))
        return yw_fail(err, YW_E_FORMAT, "line %zu: `lasts` goes with `every` or `daily`", line);
    if (w->stop && (!w->start || w->stop <= w->start))
        return yw_fail(err, YW_E_RANGE, "line %zu: stop must be behind a start", line);
    if (daily && w->lasts_s > 86400)
        return yw_fail(err, YW_E_RANGE, "line %zu: what is daily lasts a day at most", line);
    if (w->every_s && w->lasts_s >= w->every_s)
        return yw_fail(err, YW_E_RANGE, "line %zu: it lasts as long as its interval; make `every` longer",
                       line);
    return YW_OK;
}

static enum yw_code no_list(const yaml_node_t *node, const char *what, struct yw_error *err) {
    return yw_fail(err, YW_E_FORMAT, "line %zu: %s must be a list", yw_yaml_line(node), what);
}

/* ---- inputs ---- */

static enum yw_code read_curve(yaml_document_t *doc, yaml_node_t *map, double curve[24],
                               struct yw_error *err) {
    struct curve {
        double hours[24];
    } c;
    static const struct yw_yaml_key keys[] = {
        {.name = "curve", .kind = YW_YAML_NUMBERS, .offset = 0, .size = 24, RANGE(-1e6, 1e6)}};
    for (size_t i = 0; i < 24; i++) curve[i] = 1;
    yaml_node_t *node = yw_yaml_get(doc, map, "curve");
    if (!node) return YW_OK;
    if (node->type != YAML_SEQUENCE_NODE) return no_list(node, "curve", err);
    if (node->data.sequence.items.top - node->data.sequence.items.start != 24)
        return yw_fail(err, YW_E_FORMAT, "line %zu: curve must have 24 numbers, one for each hour",
                       yw_yaml_line(node));
    for (size_t i = 0; i < 24; i++) {
        yaml_node_t *item = yaml_document_get_node(doc, node->data.sequence.items.start[i]);
        const char *text = yw_node_text(item);
        if (!yw_parse_f64(text, strlen(text), &c.hours[i]) || !(fabs(c.hours[i]) <= keys[0].high))
            return yw_fail(err, YW_E_FORMAT, "line %zu: curve must have 24 numbers", yw_yaml_line(item));
    }
    memcpy(curve, c.hours, sizeof c.hours);
    return YW_OK;
}

static enum yw_code read_input(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                               struct yw_input_rule *r, struct yw_error *err) {
    static const struct yw_yaml_key keys[] = {
        {.name = "name", .kind = YW_YAML_OTHER, .required = true},
        KEY(struct happening, value, "value", YW_YAML_NUMBER, .required = true),
        {.name = "curve", .kind = YW_YAML_OTHER},
        WHEN_KEYS,
    };
    struct happening h = {.value = 0};
    enum yw_code code = yw_yaml_map(doc, node, keys, YW_COUNT(keys), &h, err);
    if (!code) code = read_when(doc, node, &h.when, err);
    if (!code) code = read_curve(doc, node, r->curve, err);
    if (code) return code;
    yaml_node_t *name = yw_yaml_get(doc, node, "name");
    size_t n;
    const struct yw_plant_value *table = yw_plant_inputs(s->life.kind, &n);
    int i = yw_plant_value_find(table, n, yw_node_text(name), strlen(yw_node_text(name)));
    if (i < 0)
        return yw_fail(err, YW_E_FORMAT, "line %zu: a %s plant has no input `%.40s`", yw_yaml_line(name),
                       yw_plant_kind_name(s->life.kind), yw_node_text(name));
    if (!(h.value >= table[i].low && h.value <= table[i].high))
        return yw_fail(err, YW_E_RANGE, "line %zu: %s is %g; it must be %g to %g %s", yw_yaml_line(node),
                       table[i].name, h.value, table[i].low, table[i].high, table[i].unit);
    r->input = (uint8_t)i, r->value = h.value, r->when = h.when;
    return YW_OK;
}

enum yw_code yw_read_inputs(yaml_document_t *doc, yaml_node_t *list, struct yw_scenario *s,
                            struct yw_error *err) {
    if (list->type != YAML_SEQUENCE_NODE) return no_list(list, "inputs", err);
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        yaml_node_t *node = yaml_document_get_node(doc, *i);
        if (s->life.input_n == YW_SCHEDULES_MAX)
            return yw_fail(err, YW_E_LIMIT, "line %zu: more than %d inputs", yw_yaml_line(node),
                           YW_SCHEDULES_MAX);
        enum yw_code code = read_input(doc, node, s, &s->life.inputs[s->life.input_n], err);
        if (code) return code;
        s->life.input_n++;
    }
    return YW_OK;
}

/* ---- events ---- */

static enum yw_code read_trigger(yaml_document_t *doc, yaml_node_t *node, struct yw_trigger *t,
                                 struct yw_error *err) {
    static const char *const kinds[] = {
        [YW_WHEN_ALWAYS] = "always",
        [YW_WHEN_NIGHT] = "night",
        [YW_WHEN_ABOVE] = "above",
        [YW_WHEN_INSPECTION] = "inspection",
        [YW_WHEN_NO_INSPECTION] = "no_inspection",
        [YW_WHEN_WEEKEND] = "weekend",
        [YW_WHEN_SAMPLING] = "sampling",
    };
    static const double usual[][2] = {[YW_WHEN_NIGHT] = {22, 6},
                                      [YW_WHEN_ABOVE] = {0.9, 0.8},
                                      [YW_WHEN_INSPECTION] = {1800, 7200},
                                      [YW_WHEN_NO_INSPECTION] = {1800, 7200},
                                      [YW_WHEN_SAMPLING] = {0, 0}};
    static const struct yw_yaml_key keys[] = {
        {.name = "when", .kind = YW_YAML_OTHER, .required = true},
        KEY(struct yw_trigger, a, "a", YW_YAML_NUMBER, RANGE(0, 864000)),
        KEY(struct yw_trigger, b, "b", YW_YAML_NUMBER, RANGE(0, 864000)),
    };
    yaml_node_t *when = node->type == YAML_SCALAR_NODE ? node : yw_yaml_get(doc, node, "when");
    const char *text = when ? yw_node_text(when) : "";
    size_t k = 0;
    while (k < YW_COUNT(kinds) && strcmp(kinds[k], text) != 0) k++;
    if (k == YW_COUNT(kinds))
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: trigger must be always, night, above, inspection, no_inspection, weekend "
                       "or sampling",
                       yw_yaml_line(when ? when : node));
    t->kind = (uint8_t)k, t->a = usual[k][0], t->b = usual[k][1];
    return node == when ? YW_OK : yw_yaml_map(doc, node, keys, YW_COUNT(keys), t, err);
}

static enum yw_code read_quantities(yaml_document_t *doc, yaml_node_t *node, uint64_t out[2],
                                    struct yw_error *err) {
    enum yw_quantity q;
    if (node->type != YAML_SEQUENCE_NODE) return no_list(node, "what names quantities", err);
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
        enum yw_code code = yw_read_quantity(yaml_document_get_node(doc, *i), &q, err);
        if (code) return code;
        out[q / 64] |= (uint64_t)1 << q % 64;
    }
    return YW_OK;
}

static enum yw_code read_event(yaml_document_t *doc, yaml_node_t *node, const struct yw_effect_book *book,
                               size_t number, struct yw_event_rule *r, struct yw_error *err) {
    static const struct yw_yaml_key keys[] = {
        {.name = "effect", .kind = YW_YAML_OTHER, .required = true},
        {.name = "id", .kind = YW_YAML_OTHER},
        {.name = "only", .kind = YW_YAML_OTHER},
        {.name = "trigger", .kind = YW_YAML_OTHER},
        KEY(struct happening, ramp_s, "ramp", YW_YAML_SPAN, RANGE(0, 366.0 * 86400)),
        KEY(struct happening, strength, "strength", YW_YAML_NUMBER, RANGE(0, 5)),
        KEY(struct happening, a, "a", YW_YAML_NUMBER, RANGE(-1e9, 1e9)),
        WHEN_KEYS,
    };
    struct happening h = {.strength = 1, .a = NAN};
    enum yw_code code = yw_yaml_map(doc, node, keys, YW_COUNT(keys), &h, err);
    if (!code) code = read_when(doc, node, &h.when, err);
    if (code) return code;
    yaml_node_t *effect = yw_yaml_get(doc, node, "effect"), *id = yw_yaml_get(doc, node, "id");
    yaml_node_t *only = yw_yaml_get(doc, node, "only"), *trigger = yw_yaml_get(doc, node, "trigger");
    struct yw_event *e = &r->event;
    const char *name = yw_node_text(effect), *called = id ? yw_node_text(id) : "";
    e->effect = yw_effect_find(book, name, strlen(name));
    if (!e->effect)
        return yw_fail(err, YW_E_FORMAT, "line %zu: `%.20s` is no effect of share/plant/effects.yaml",
                       yw_yaml_line(effect), name);
    if (id && (!called[0] || !yw_copy(e->id, sizeof e->id, called, strlen(called))))
        return yw_fail(err, YW_E_FORMAT, "line %zu: id must be 1 to %zu characters", yw_yaml_line(id),
                       sizeof e->id - 1);
    if (!id) snprintf(e->id, sizeof e->id, "%s-%zu", e->effect->id, number + 1);
    e->ramp_us = h.ramp_s * YW_SECOND, e->strength = h.strength, e->a = h.a;
    e->trigger = e->effect->trigger;
    r->when = h.when;
    if (only) code = read_quantities(doc, only, e->only, err);
    if (!code && trigger) code = read_trigger(doc, trigger, &e->trigger, err);
    return code;
}

/* How many occurrences of it a day with its memory can have. */
static double occurrences(const struct yw_scenario *s, const struct yw_when *w) {
    double span = (double)yw_plant_memory_us(s->life.kind) / 1e6 + 86400;
    return w->every_s ? span / (double)w->every_s + 2 : w->daily_s >= 0 ? span / 86400 + 2 : 1;
}

enum yw_code yw_read_events(yaml_document_t *doc, yaml_node_t *list, const struct yw_effect_book *book,
                            struct yw_scenario *s, struct yw_error *err) {
    double most = 0;
    if (list->type != YAML_SEQUENCE_NODE) return no_list(list, "events", err);
    if (!book)
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: events need the book of effects (share/plant/effects.yaml)",
                       yw_yaml_line(list));
    for (yaml_node_item_t *i = list->data.sequence.items.start; i < list->data.sequence.items.top; i++) {
        yaml_node_t *node = yaml_document_get_node(doc, *i);
        if (s->life.event_n == YW_SCENARIO_EVENTS_MAX)
            return yw_fail(err, YW_E_LIMIT, "line %zu: more than %d events", yw_yaml_line(node),
                           YW_SCENARIO_EVENTS_MAX);
        struct yw_event_rule *r = &s->life.events[s->life.event_n];
        enum yw_code code = read_event(doc, node, book, s->life.event_n, r, err);
        if (code) return code;
        most += occurrences(s, &r->when);
        if (most > YW_EVENTS_MAX - YW_HAND_EVENTS)
            return yw_fail(err, YW_E_LIMIT,
                           "line %zu: too many events fall into one day; make `every` longer",
                           yw_yaml_line(node));
        s->life.event_n++;
    }
    return YW_OK;
}

/* ---- inspections, and what the world sees ---- */

static enum yw_code read_inspection_list(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                                         struct yw_error *err) {
    struct yw_life_rule *l = &s->life;
    for (yaml_node_item_t *i = node->data.sequence.items.start; i < node->data.sequence.items.top; i++) {
        yaml_node_t *item = yaml_document_get_node(doc, *i);
        const char *text = yw_node_text(item);
        int64_t time;
        if (!yw_time_parse(text, strlen(text), &time))
            return yw_fail(err, YW_E_FORMAT, "line %zu: an inspection is a time such as 2026-11-23T10:00",
                           yw_yaml_line(item));
        if (l->inspection_n == YW_INSPECTIONS_MAX ||
            (l->inspection_n && time <= l->inspections[l->inspection_n - 1]))
            return yw_fail(err, YW_E_RANGE, "line %zu: at most %d inspections, one behind the other",
                           yw_yaml_line(item), YW_INSPECTIONS_MAX);
        l->inspections[l->inspection_n++] = time;
    }
    return YW_OK;
}

enum yw_code yw_read_inspections(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                                 struct yw_error *err) {
    static const struct yw_yaml_key keys[] = {KEY(struct yw_life_rule, inspection_every_s, "every",
                                                  YW_YAML_SPAN, RANGE(86400, 366.0 * 86400),
                                                  .required = true)};
    if (node->type == YAML_SEQUENCE_NODE) return read_inspection_list(doc, node, s, err);
    return yw_yaml_map(doc, node, keys, YW_COUNT(keys), &s->life, err);
}

enum yw_code yw_read_world(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                           struct yw_error *err) {
    static const struct yw_yaml_key keys[] = {{.name = "factors", .kind = YW_YAML_OTHER},
                                              {.name = "signals", .kind = YW_YAML_OTHER}};
    enum yw_code code = yw_yaml_map(doc, node, keys, YW_COUNT(keys), s, err);
    if (code) return code;
    yaml_node_t *factors = yw_yaml_get(doc, node, "factors"), *signals = yw_yaml_get(doc, node, "signals");
    if (signals && (code = read_quantities(doc, signals, s->life.signals, err))) return code;
    if (!factors) return YW_OK;
    if (factors->type != YAML_SEQUENCE_NODE) return no_list(factors, "factors", err);
    for (size_t i = 0; i < s->factor_count; i++) s->factors[i].unsent = true;
    for (yaml_node_item_t *i = factors->data.sequence.items.start; i < factors->data.sequence.items.top;
         i++) {
        yaml_node_t *item = yaml_document_get_node(doc, *i);
        int f = yw_scenario_factor(s, yw_node_text(item));
        if (f < 0)
            return yw_fail(err, YW_E_FORMAT, "line %zu: `%.20s` is no factor of this scenario",
                           yw_yaml_line(item), yw_node_text(item));
        s->factors[f].unsent = false;
    }
    return YW_OK;
}
