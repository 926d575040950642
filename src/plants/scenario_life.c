/* scenario_life: the part of a scenario that says what plant it is and what its instruments are like. */
#include <math.h>
#include <string.h>

#include "plants/scenario_int.h"

const char *yw_node_text(const yaml_node_t *node) {
    return node->type == YAML_SCALAR_NODE ? (const char *)node->data.scalar.value : "";
}

bool yw_parse_clock(const char *text, int64_t *out) {
    uint32_t hour, minute;
    size_t n = strlen(text);
    if (n < 4 || n > 5 || text[n - 3] != ':' || !yw_parse_u32(text, n - 3, 23, &hour) ||
        !yw_parse_u32(text + n - 2, 2, 59, &minute))
        return false;
    *out = hour * 3600 + minute * 60;
    return true;
}

enum yw_code yw_read_quantity(const yaml_node_t *node, enum yw_quantity *out, struct yw_error *err) {
    const char *text = yw_node_text(node);
    *out = yw_quantity_find(text, strlen(text));
    if (*out < YW_Q_COUNT) return YW_OK;
    return yw_fail(err, YW_E_FORMAT,
                   "line %zu: `%.40s` is no quantity of a plant (docs/plants.md lists them: so2, cod ...)",
                   yw_yaml_line(node), text);
}

/* ---- plant ---- */

static enum yw_code read_parameter(const yaml_node_t *name, const yaml_node_t *value, struct yw_scenario *s,
                                   struct yw_error *err) {
    size_t n;
    const struct yw_plant_value *table = yw_plant_parameters(s->life.kind, &n);
    const char *text = yw_node_text(name), *figure = yw_node_text(value);
    int i = yw_plant_value_find(table, n, text, strlen(text));
    double v;
    if (i < 0 || i >= YW_PARAMETERS_MAX)
        return yw_fail(err, YW_E_FORMAT, "line %zu: a %s plant has no parameter `%.40s`", yw_yaml_line(name),
                       yw_plant_kind_name(s->life.kind), text);
    if (!yw_parse_f64(figure, strlen(figure), &v))
        return yw_fail(err, YW_E_FORMAT, "line %zu: %s must be a number (%s)", yw_yaml_line(value), text,
                       table[i].unit);
    if (!(v >= table[i].low && v <= table[i].high))
        return yw_fail(err, YW_E_RANGE, "line %zu: %s is %g; it must be %g to %g %s (%s)",
                       yw_yaml_line(value), text, v, table[i].low, table[i].high, table[i].unit,
                       table[i].meaning);
    s->life.parameters[i] = v;
    return YW_OK;
}

/* What the outlet and its plant both have: the section of the stack, the reference oxygen. */
static enum yw_code share(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                          struct yw_error *err) {
    const struct {
        const char *name;
        double value;
    } shared[] = {{"area", s->area_m2}, {"area_m2", s->area_m2}, {"reference_o2", s->reference_oxygen}};
    size_t n;
    const struct yw_plant_value *table = yw_plant_parameters(s->life.kind, &n);
    for (size_t k = 0; k < YW_COUNT(shared); k++) {
        int i = yw_plant_value_find(table, n, shared[k].name, strlen(shared[k].name));
        if (i < 0 || shared[k].value <= 0 || yw_yaml_get(doc, node, shared[k].name)) continue;
        if (!(shared[k].value >= table[i].low && shared[k].value <= table[i].high))
            return yw_fail(err, YW_E_RANGE, "line %zu: %s of the plant would be %g; it must be %g to %g",
                           yw_yaml_line(node), shared[k].name, shared[k].value, table[i].low, table[i].high);
        s->life.parameters[i] = shared[k].value;
    }
    return YW_OK;
}

enum yw_code yw_read_plant(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                           struct yw_error *err) {
    yaml_node_t *kind = yw_yaml_get(doc, node, "kind");
    if (!kind)
        return yw_fail(err, YW_E_FORMAT, "line %zu: plant must be a mapping with a `kind`",
                       yw_yaml_line(node));
    const char *name = yw_node_text(kind);
    if (strcmp(name, "statistical") == 0) return YW_OK;
    s->life.kind = yw_plant_kind_find(name, strlen(name));
    if (!s->life.kind)
        return yw_fail(
            err, YW_E_FORMAT,
            "line %zu: `%.40s` is no kind of plant; there are works, boiler, incinerator, turbine, voc "
            "and statistical",
            yw_yaml_line(kind), name);
    size_t n;
    const struct yw_plant_value *table = yw_plant_parameters(s->life.kind, &n);
    for (size_t i = 0; i < n && i < YW_PARAMETERS_MAX; i++) s->life.parameters[i] = table[i].usual;
    for (yaml_node_pair_t *p = node->data.mapping.pairs.start; p < node->data.mapping.pairs.top; p++) {
        yaml_node_t *key = yaml_document_get_node(doc, p->key), *at = yaml_document_get_node(doc, p->value);
        if (at == kind) continue;
        enum yw_code code = read_parameter(key, at, s, err);
        if (code) return code;
    }
    return share(doc, node, s, err);
}

/* ---- station ---- */

static const struct yw_yaml_key schedule_keys[] = {
    KEY(struct yw_schedule, every_s, "every", YW_YAML_SPAN, RANGE(600, 366.0 * 86400), .required = true),
    {.name = "at", .kind = YW_YAML_OTHER},
    KEY(struct yw_schedule, lasts_s, "lasts", YW_YAML_SPAN, RANGE(10, 86400), .required = true),
};
#define STATION(member, name_, kind_, ...) KEY(struct yw_station_spec, member, name_, kind_, __VA_ARGS__)
#define SCHEDULE(member)                                                                                     \
    {                                                                                                        \
        .name = #member, .kind = YW_YAML_MAP, .offset = offsetof(struct yw_station_spec, member),            \
        .inner = schedule_keys, .inner_count = YW_COUNT(schedule_keys)                                       \
    }
static const struct yw_yaml_key station_keys[] = {
    STATION(line_m, "line_m", YW_YAML_NUMBER, RANGE(1, 200)),
    STATION(line_mm, "line_mm", YW_YAML_NUMBER, RANGE(2, 50)),
    STATION(sample_l_min, "sample_l_min", YW_YAML_NUMBER, RANGE(0.5, 50)),
    STATION(line_temp_c, "line_temp", YW_YAML_NUMBER, RANGE(20, 200)),
    STATION(cooler_temp_c, "cooler_temp", YW_YAML_NUMBER, RANGE(1, 20)),
    STATION(kv, "kv", YW_YAML_NUMBER, RANGE(0.5, 1.5)),
    STATION(kp, "kp", YW_YAML_NUMBER, RANGE(0.5, 1.2)),
    STATION(pressure_outside_pa, "pressure_outside", YW_YAML_NUMBER, RANGE(50000, 110000)),
    STATION(warm_up_s, "warm_up", YW_YAML_SPAN, RANGE(60, 86400)),
    STATION(digest_temp_c, "digest_temp", YW_YAML_NUMBER, RANGE(100, 200)),
    STATION(digest_min, "digest_min", YW_YAML_NUMBER, RANGE(1, 120)),
    STATION(aliquots, "aliquots", YW_YAML_WHOLE, RANGE(1, 60)),
    STATION(shows_live_during_calibration, "live_in_calibration", YW_YAML_YES, ANY),
    SCHEDULE(calibration),
    SCHEDULE(full_path),
    SCHEDULE(blowback),
    SCHEDULE(check),
    SCHEDULE(water_calibration),
};

static enum yw_code read_at(yaml_document_t *doc, yaml_node_t *station, const char *name,
                            struct yw_schedule *x, struct yw_error *err) {
    yaml_node_t *node = yw_yaml_get(doc, station, name), *at = node ? yw_yaml_get(doc, node, "at") : NULL;
    if (node && x->lasts_s >= x->every_s)
        return yw_fail(err, YW_E_RANGE, "line %zu: `%s` lasts as long as its interval; make `every` longer",
                       yw_yaml_line(node), name);
    if (!at || yw_parse_clock(yw_node_text(at), &x->at_s)) return YW_OK;
    return yw_fail(err, YW_E_FORMAT, "line %zu: at must be a time of day such as 02:10", yw_yaml_line(at));
}

enum yw_code yw_read_station(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                             struct yw_error *err) {
    struct yw_station_spec *x = &s->life.station;
    enum yw_code code = yw_yaml_map(doc, node, station_keys, YW_COUNT(station_keys), x, err);
    if (!code) code = read_at(doc, node, "calibration", &x->calibration, err);
    if (!code) code = read_at(doc, node, "full_path", &x->full_path, err);
    if (!code) code = read_at(doc, node, "blowback", &x->blowback, err);
    if (!code) code = read_at(doc, node, "check", &x->check, err);
    if (!code) code = read_at(doc, node, "water_calibration", &x->water_calibration, err);
    return code;
}

enum yw_code yw_finish_station(struct yw_scenario *s, size_t line, struct yw_error *err) {
    struct yw_station_spec *x = &s->life.station;
    struct yw_error inner;
    x->water = s->medium == YW_MEDIUM_WATER;
    x->version = s->version;
    if (s->area_m2 > 0) x->area_m2 = s->area_m2;
    if (s->reference_oxygen > 0) x->reference_o2 = s->reference_oxygen;
    enum yw_code code = yw_station_spec_check(x, &inner);
    return code ? yw_fail(err, code, "line %zu: %s", line, inner.text) : YW_OK;
}

/* ---- weather ---- */

static const struct yw_yaml_key rain_keys[] = {
    KEY(struct yw_weather, rain.every_s, "every", YW_YAML_SPAN, RANGE(3600, 366.0 * 86400), .required = true),
    KEY(struct yw_weather, rain.lasts_s, "lasts", YW_YAML_SPAN, RANGE(600, 10.0 * 86400), .required = true),
    KEY(struct yw_weather, rain_mm_h, "mm_h", YW_YAML_NUMBER, RANGE(0.1, 200), .required = true),
};
static const struct yw_yaml_key weather_keys[] = {
    KEY(struct yw_weather, mean_c, "mean", YW_YAML_NUMBER, RANGE(-30, 40)),
    KEY(struct yw_weather, year_c, "year", YW_YAML_NUMBER, RANGE(0, 40)),
    KEY(struct yw_weather, day_c, "day", YW_YAML_NUMBER, RANGE(0, 25)),
    {.name = "rain",
     .kind = YW_YAML_MAP,
     .offset = 0,
     .inner = rain_keys,
     .inner_count = YW_COUNT(rain_keys)},
};

enum yw_code yw_read_weather(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                             struct yw_error *err) {
    struct yw_weather *w = &s->life.weather;
    enum yw_code code = yw_yaml_map(doc, node, weather_keys, YW_COUNT(weather_keys), w, err);
    if (!code && w->rain.every_s && w->rain.lasts_s >= w->rain.every_s)
        return yw_fail(err, YW_E_RANGE, "line %zu: rain lasts as long as its interval", yw_yaml_line(node));
    return code;
}

/* ---- factors ---- */

struct process_factor {
    struct yw_plant_factor f;
    struct yw_channel c;
};
#define FACTOR(member, name_, kind_, ...)  KEY(struct process_factor, f.member, name_, kind_, __VA_ARGS__)
#define CHANNEL(member, name_, kind_, ...) KEY(struct process_factor, c.member, name_, kind_, __VA_ARGS__)
static const struct yw_yaml_key process_keys[] = {
    FACTOR(code, "code", YW_YAML_TEXT, .required = true),
    {.name = "from", .kind = YW_YAML_OTHER},
    FACTOR(wire, "name", YW_YAML_TEXT, ANY),
    FACTOR(digits, "digits", YW_YAML_WHOLE, RANGE(0, 4)),
    FACTOR(cou_digits, "cou_digits", YW_YAML_WHOLE, RANGE(0, 6)),
    FACTOR(share, "share", YW_YAML_NUMBER, RANGE(1e-6, 100)),
    CHANNEL(range, "range", YW_YAML_NUMBER, RANGE(1e-3, 1e7)),
    CHANNEL(low_range, "low_range", YW_YAML_NUMBER, RANGE(0, 1e7)),
    CHANNEL(lowest, "lowest", YW_YAML_NUMBER, RANGE(-1e6, 1e6)),
    CHANNEL(t90_s, "t90", YW_YAML_NUMBER, RANGE(1, 3600)),
    CHANNEL(order, "order", YW_YAML_WHOLE, RANGE(1, 8)),
    CHANNEL(repeatability, "repeatability", YW_YAML_NUMBER, RANGE(0, 0.5)),
    CHANNEL(drift_zero, "drift_zero", YW_YAML_NUMBER, RANGE(0, 0.2)),
    CHANNEL(drift_span, "drift_span", YW_YAML_NUMBER, RANGE(0, 0.2)),
    CHANNEL(resolution, "resolution", YW_YAML_NUMBER, RANGE(1e-6, 1000)),
    CHANNEL(detection_limit, "detection_limit", YW_YAML_NUMBER, RANGE(0, 1000)),
    CHANNEL(limit, "limit", YW_YAML_NUMBER, RANGE(0, 1e6)),
    CHANNEL(span_gas, "span_gas", YW_YAML_NUMBER, RANGE(0, 1e6)),
    CHANNEL(cycle_s, "cycle", YW_YAML_SPAN, RANGE(30, 86400)),
    CHANNEL(wet_share, "wet_share", YW_YAML_NUMBER, RANGE(0, 1)),
    CHANNEL(converted, "converted", YW_YAML_YES, ANY),
    CHANNEL(mass, "mass", YW_YAML_YES, ANY),
};

/* Of what the HJ code means; YW_Q_COUNT: nothing that a plant has. */
static enum yw_quantity usual_quantity(const char *code) {
    if (strcmp(code, "a01901") == 0) return YW_Q_FURNACE;
    for (unsigned q = 0; q < YW_Q_COUNT; q++)
        if (code[0] && strcmp(yw_quantity_code((enum yw_quantity)q), code) == 0) return (enum yw_quantity)q;
    return YW_Q_COUNT;
}

static uint32_t digits_of(double resolution) {
    double n = ceil(-log10(resolution) - 1e-9);
    return n < 0 ? 0 : n > 4 ? 4 : (uint32_t)n;
}

/* What the statistical model needs is what the rest of the device asks about: ranges, gases, periods. */
static void mirror(struct yw_plant_factor *f, const struct yw_channel *c, bool converts) {
    f->low = c->lowest * f->share, f->high = c->range * f->share;
    f->span = c->span_gas * f->share;
    f->batch_s = c->type == YW_INSTRUMENT_BATCH || c->type == YW_INSTRUMENT_GC ? c->cycle_s : 0;
    f->converted = c->converted && converts, f->mass = c->mass;
}

/* Its channel: its own, or that of the instrument which measures the same quantity already. Those that share
 * one stand last, so that the others' channels have the numbers of their factors. */
static enum yw_code place(struct yw_scenario *s, const yaml_node_t *node, struct yw_plant_factor *f,
                          const struct yw_channel *c, struct yw_error *err) {
    struct yw_station_spec *x = &s->life.station;
    for (f->channel = 0; f->channel < x->channel_n; f->channel++)
        if (x->channels[f->channel].quantity == f->from) return YW_OK;
    if (x->channel_n != s->factor_count)
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: factors that share the instrument of another (%s) stand behind all others",
                       yw_yaml_line(node), s->factors[s->factor_count - 1].code);
    x->channels[x->channel_n++] = *c;
    return YW_OK;
}

enum yw_code yw_read_process_factor(yaml_document_t *doc, yaml_node_t *node, struct yw_scenario *s,
                                    struct yw_plant_factor *f, struct yw_error *err) {
    struct process_factor x = {.f = {.cou_digits = 3, .share = 1, .start_up = 1, .tau_s = 300}};
    yaml_node_t *from = yw_yaml_get(doc, node, "from"), *code_node = yw_yaml_get(doc, node, "code");
    if (from) {
        enum yw_code code = yw_read_quantity(from, &x.f.from, err);
        if (code) return code;
    } else {
        x.f.from = usual_quantity(code_node ? yw_node_text(code_node) : "");
        if (code_node && x.f.from == YW_Q_COUNT)
            return yw_fail(err, YW_E_FORMAT, "line %zu: say with `from` which quantity of the plant %.20s is",
                           yw_yaml_line(node), yw_node_text(code_node));
    }
    if (x.f.from < YW_Q_COUNT) yw_channel_usual(&x.c, x.f.from, s->medium == YW_MEDIUM_WATER);
    enum yw_code code = yw_yaml_map(doc, node, process_keys, YW_COUNT(process_keys), &x, err);
    if (code) return code;
    if (!yw_yaml_get(doc, node, "span_gas") && x.c.span_gas > x.c.range) x.c.span_gas = 0.8 * x.c.range;
    if (!yw_yaml_get(doc, node, "digits")) x.f.digits = digits_of(x.c.resolution * x.f.share);
    if (s->reference_oxygen == 0) x.c.converted = false;
    mirror(&x.f, &x.c, s->reference_oxygen > 0);
    *f = x.f;
    return place(s, node, f, &x.c, err);
}
