/* province: a table of outlets, each a scenario with its own size, level and peculiarity. */
#include "plants/plants.h"

#include <stdlib.h>
#include <string.h>

#include "hj212.h"

enum {
    COLUMN_MN,
    COLUMN_PW,
    COLUMN_SCENARIO,
    COLUMN_VERSION,
    COLUMN_SIZE,
    COLUMN_LEVEL,
    COLUMN_SPECIAL,
    COLUMNS
};
static const char *const column_names[COLUMNS] = {"mn",   "pw",    "scenario", "version",
                                                  "size", "level", "special"};

enum { TABLE_MAX = 1 << 20, LOOK_S = 30 };
static const int64_t BURST_US = 25 * YW_MINUTE, SILENT_US = 5 * YW_HOUR, KEY_LIFE_S = 80 * 86400;
static const char *const old_names[][2] = {
    {"a21026", "SO2"}, {"a21002", "NOx"}, {"a34013", "PMD"}, {"a19001", "O2"}};

/* A key of its own, so many days old, as 16 hexadecimal characters. */
static void give_key(struct yw_host_outlet *o, int64_t now, int days) {
    struct yw_logger_rule *l = &o->scenario.logger;
    char digits[18];
    snprintf(l->key, sizeof l->key, "%016llX", (unsigned long long)yw_plant_seed(o->seed, "key"));
    hj212_print_time(now - days * YW_DAY, true, digits);
    yw_copy(l->key_created, sizeof l->key_created, digits, 17);
    l->key_life_s = KEY_LIFE_S;
    l->heartbeat_s = 300;
}

static void give_hardware(struct yw_host_outlet *o) {
    struct yw_logger_rule *l = &o->scenario.logger;
    unsigned long long bits = yw_plant_seed(o->seed, "hardware");
    l->registers = true;
    snprintf(l->hardware, sizeof l->hardware, "6970%020llX", bits);
    snprintf(l->cpu, sizeof l->cpu, "BFEBFBFF%08llX", bits & 0xFFFFFFFF);
    snprintf(l->mac1, sizeof l->mac1, "02%010llX", bits & 0xFFFFFFFFFF);
    snprintf(l->mac2, sizeof l->mac2, "06%010llX", bits & 0xFFFFFFFFFF);
}

/* What makes the first factor of a kind shoot up for a while, each other day. */
static bool give_spikes(struct yw_scenario *s) {
    static const struct {
        const char *input;
        double value;
    } ways[] = {{"pumps_off", 2}, {"lime", 0}, {"burner_fault", 1}, {"bypass", 0.3}};
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(s->life.kind, &n);
    for (size_t i = 0; i < YW_COUNT(ways) && s->life.input_n < YW_SCHEDULES_MAX; i++) {
        int at = yw_plant_value_find(inputs, n, ways[i].input, strlen(ways[i].input));
        if (at < 0) continue;
        struct yw_input_rule *r = &s->life.inputs[s->life.input_n++];
        *r = (struct yw_input_rule){.input = (uint8_t)at, .value = ways[i].value};
        r->when = (struct yw_when){.every_s = 2 * 86400, .lasts_s = 75 * 60, .daily_s = -1};
        for (size_t h = 0; h < YW_COUNT(r->curve); h++) r->curve[h] = 1;
        return true;
    }
    return false;
}

/* One word of the column `special`; false: not known. */
static bool apply_word(struct yw_host_outlet *o, const char *word, int64_t now) {
    struct yw_plant_factor *first = &o->scenario.factors[0];
    struct yw_logger_rule *l = &o->scenario.logger;
    uint32_t odd;
    if (yw_dialect_parse(word, &odd) && odd) {
        l->odd |= odd;
    } else if (strcmp(word, "late") == 0) {
        o->burst_us = BURST_US;
    } else if (strcmp(word, "silent") == 0) {
        o->silent_from = now - SILENT_US;
    } else if (strcmp(word, "waiting") == 0) {
        o->history = false; /* nobody has admitted it yet: it would send in vain */
    } else if (strcmp(word, "registers") == 0 && o->scenario.version == 2025) {
        give_hardware(o);
        o->history = false;
    } else if (strcmp(word, "spike") == 0 && o->scenario.life.kind) {
        return give_spikes(&o->scenario);
    } else if (strcmp(word, "spike") == 0) {
        first->puff = 7;
        first->puff_every_s = 2 * 86400;
        first->puff_lasts_s = 15 * 60;
    } else if (strcmp(word, "gaps") == 0) {
        l->unsent = (struct yw_episode_rule){36 * 3600, 4 * 3600};
    } else if (strcmp(word, "lost") == 0) {
        l->lost = (struct yw_episode_rule){5 * 86400, 3 * 3600};
    } else if (strcmp(word, "clock") == 0) {
        l->clock_offset_s = -170;
        l->clock_drift_s = -7.5;
    } else if (strcmp(word, "station") == 0) {
        l->station_s = 3600;
        l->door = (struct yw_episode_rule){2 * 86400, 50 * 60};
    } else if (strcmp(word, "key") == 0 && o->scenario.version == 2025) {
        give_key(o, now, 40);
    } else if (strcmp(word, "old-key") == 0 && o->scenario.version == 2025) {
        give_key(o, now, 84);
    } else if (strcmp(word, "names") == 0) { /* as loggers from before 2017 name them */
        for (size_t i = 0; i < o->scenario.factor_count; i++)
            for (size_t k = 0; k < YW_COUNT(old_names); k++)
                if (strcmp(o->scenario.factors[i].code, old_names[k][0]) == 0)
                    yw_copy(o->scenario.factors[i].wire, sizeof o->scenario.factors[i].wire, old_names[k][1],
                            strlen(old_names[k][1]));
    } else {
        return false;
    }
    return true;
}

static enum yw_code apply_special(struct yw_host_outlet *o, const char *special, int64_t now, size_t line,
                                  struct yw_error *err) {
    for (const char *at = special; *at;) {
        size_t n = strcspn(at, "+");
        char word[24];
        if (!yw_copy(word, sizeof word, at, n) || !apply_word(o, word, now))
            return yw_fail(err, YW_E_FORMAT, "line %zu: special `%.40s` is not known", line, special);
        at += n + (at[n] == '+');
    }
    return YW_OK;
}

static enum yw_code read_number(const char *text, double low, double high, const char *name, size_t line,
                                double *out, struct yw_error *err) {
    if (yw_parse_f64(text, strlen(text), out) && *out >= low && *out <= high) return YW_OK;
    return yw_fail(err, YW_E_RANGE, "line %zu: %s `%.20s` is not a number of %g to %g", line, name, text, low,
                   high);
}

static void scale_parameter(struct yw_scenario *s, const char *name, double by) {
    size_t n;
    const struct yw_plant_value *table = yw_plant_parameters(s->life.kind, &n);
    int i = yw_plant_value_find(table, n, name, strlen(name));
    if (i < 0) return;
    double v = s->life.parameters[i] * by;
    s->life.parameters[i] = v < table[i].low ? table[i].low : v > table[i].high ? table[i].high : v;
}

/* A province has many outlets: their instruments are looked at each half minute, which is what they send. */
static void scale_process(struct yw_scenario *s, double size, double level) {
    static const char *const sizes[] = {"product",  "heat_mw",     "sump_m3",  "fan_a", "area",   "area_m2",
                                        "capacity", "design_flow", "rated_mw", "bags",  "zone_m3"};
    static const char *const levels[] = {"so2_set",  "nox_set",  "bag_base", "chlorine", "sulphur",
                                         "strength", "nitrogen", "inert",    "dust_base"};
    double bags = 0;
    size_t n;
    const struct yw_plant_value *table = yw_plant_parameters(s->life.kind, &n);
    int at = yw_plant_value_find(table, n, "bags", 4);
    if (at >= 0) bags = s->life.parameters[at];
    for (size_t i = 0; i < YW_COUNT(sizes); i++) scale_parameter(s, sizes[i], size);
    for (size_t i = 0; i < YW_COUNT(levels); i++) scale_parameter(s, levels[i], level);
    if (bags == 1) s->life.parameters[at] = bags; /* of a boiler: whether there is a filter */
    s->life.station.area_m2 *= size;
    if (s->index.flow >= 0 && size > 1) {
        s->factors[s->index.flow].high *= size;
        s->life.station.channels[s->factors[s->index.flow].channel].range *= size;
    }
    if (s->sample_s < LOOK_S && s->realtime_s % LOOK_S == 0 && s->minute_s % LOOK_S == 0)
        s->sample_s = LOOK_S;
}

/* Size scales the stream, level the pollutants in it. */
static void scale(struct yw_scenario *s, double size, double level) {
    s->area_m2 *= size;
    if (s->life.kind) {
        scale_process(s, size, level);
        return;
    }
    for (size_t i = 0; i < s->factor_count; i++) {
        struct yw_plant_factor *f = &s->factors[i];
        if (f->mass) f->mean *= level;
        if ((int)i == s->index.flow) f->mean *= size;
    }
}

static enum yw_code read_row(const char *const *f, const char *folder, const struct yw_effect_book *book,
                             int64_t now, size_t line, struct yw_host_outlet *o, struct yw_error *err) {
    char path[4096];
    const char *name = f[COLUMN_SCENARIO];
    int n = snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    if (n < 0 || (size_t)n >= sizeof path || strchr(name, '/'))
        return yw_fail(err, YW_E_FORMAT, "line %zu: `%.40s` is not the name of a scenario", line, name);
    *o = (struct yw_host_outlet){.history = true};
    enum yw_code code = yw_scenario_load(path, book, &o->scenario, err);
    double version = 0, size = 1, level = 1;
    if (!code) code = read_number(f[COLUMN_VERSION], 2017, 2025, "version", line, &version, err);
    if (!code) code = read_number(f[COLUMN_SIZE], 0.01, 100, "size", line, &size, err);
    if (!code) code = read_number(f[COLUMN_LEVEL], 0.01, 100, "level", line, &level, err);
    if (!code && (strlen(f[COLUMN_MN]) != 24 || strncmp(f[COLUMN_MN], YW_PLANT_MN_PREFIX, 4) != 0 ||
                  strlen(f[COLUMN_PW]) != 6))
        code = yw_fail(err, YW_E_FORMAT,
                       "line %zu: mn must have 24 characters and begin with " YW_PLANT_MN_PREFIX
                       ", pw must have six",
                       line);
    if (code) return code;
    struct yw_scenario *s = &o->scenario;
    s->version = version < 2025 ? 2017 : 2025;
    s->life.station.version = s->version;
    yw_copy(s->mn, sizeof s->mn, f[COLUMN_MN], 24);
    yw_copy(s->pw, sizeof s->pw, f[COLUMN_PW], 6);
    scale(s, size, level);
    o->seed = yw_plant_seed(1, s->mn);
    return apply_special(o, f[COLUMN_SPECIAL], now, line, err);
}

static enum yw_code check_head(struct yw_csv *csv, struct yw_error *err) {
    const char *const *fields;
    size_t count;
    enum yw_code code = yw_csv_row(csv, &fields, &count, err);
    if (code == YW_E_END) return yw_fail(err, YW_E_FORMAT, "the table is empty");
    for (size_t i = 0; !code && i < COLUMNS; i++)
        if (count != COLUMNS || strcmp(fields[i], column_names[i]) != 0)
            code = yw_fail(err, YW_E_FORMAT, "line 1: column %zu must be `%s`", i + 1, column_names[i]);
    return code;
}

static enum yw_code read_rows(struct yw_csv *csv, const char *folder, const struct yw_effect_book *book,
                              int64_t now, struct yw_host_outlet *out, size_t *n, struct yw_error *err) {
    enum yw_code code = check_head(csv, err);
    while (!code) {
        const char *const *fields;
        size_t count;
        code = yw_csv_row(csv, &fields, &count, err);
        if (code) break;
        size_t line = yw_csv_line(csv);
        if (count != COLUMNS)
            code = yw_fail(err, YW_E_FORMAT, "line %zu has %zu fields, not %d", line, count, COLUMNS);
        else if (*n == YW_PROVINCE_MAX)
            code = yw_fail(err, YW_E_LIMIT, "line %zu: more than %d outlets", line, YW_PROVINCE_MAX);
        else if (!(code = read_row(fields, folder, book, now, line, &out[*n], err)))
            ++*n;
    }
    return code == YW_E_END ? YW_OK : code;
}

enum yw_code yw_province_load(const char *table, const char *folder, const struct yw_effect_book *book,
                              int64_t now, struct yw_host_outlet **out, size_t *n, struct yw_error *err) {
    struct yw_buf text;
    struct yw_error inner;
    yw_buf_init(&text, TABLE_MAX + 1);
    *n = 0;
    *out = calloc(YW_PROVINCE_MAX, sizeof **out);
    enum yw_code code =
        *out ? yw_file_read(table, TABLE_MAX, &text, err) : yw_fail(err, YW_E_NOMEM, "no memory");
    if (!code) {
        struct yw_csv *csv = yw_csv_open(text.data ? text.data : "", text.len, &inner);
        code = csv ? read_rows(csv, folder, book, now, *out, n, &inner) : YW_E_FORMAT;
        if (code) yw_fail(err, code, "%s: %s", table, inner.text);
        yw_csv_close(csv);
    }
    yw_buf_free(&text);
    if (code) {
        free(*out);
        *out = NULL;
    }
    return code;
}
