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

enum { TABLE_MAX = 1 << 20 };
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

/* Size scales the stream, level the pollutants in it. */
static void scale(struct yw_scenario *s, double size, double level) {
    s->area_m2 *= size;
    for (size_t i = 0; i < s->factor_count; i++) {
        struct yw_plant_factor *f = &s->factors[i];
        if (f->mass) f->mean *= level;
        if ((int)i == s->index.flow) f->mean *= size;
    }
}

static enum yw_code read_row(const char *const *f, const char *folder, int64_t now, size_t line,
                             struct yw_host_outlet *o, struct yw_error *err) {
    char path[4096];
    const char *name = f[COLUMN_SCENARIO];
    int n = snprintf(path, sizeof path, "%s/%s.yaml", folder, name);
    if (n < 0 || (size_t)n >= sizeof path || strchr(name, '/'))
        return yw_fail(err, YW_E_FORMAT, "line %zu: `%.40s` is not the name of a scenario", line, name);
    *o = (struct yw_host_outlet){.history = true};
    enum yw_code code = yw_scenario_load(path, &o->scenario, err);
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

static enum yw_code read_rows(struct yw_csv *csv, const char *folder, int64_t now, struct yw_host_outlet *out,
                              size_t *n, struct yw_error *err) {
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
        else if (!(code = read_row(fields, folder, now, line, &out[*n], err)))
            ++*n;
    }
    return code == YW_E_END ? YW_OK : code;
}

enum yw_code yw_province_load(const char *table, const char *folder, int64_t now, struct yw_host_outlet **out,
                              size_t *n, struct yw_error *err) {
    struct yw_buf text;
    struct yw_error inner;
    yw_buf_init(&text, TABLE_MAX + 1);
    *n = 0;
    *out = calloc(YW_PROVINCE_MAX, sizeof **out);
    enum yw_code code =
        *out ? yw_file_read(table, TABLE_MAX, &text, err) : yw_fail(err, YW_E_NOMEM, "no memory");
    if (!code) {
        struct yw_csv *csv = yw_csv_open(text.data ? text.data : "", text.len, &inner);
        code = csv ? read_rows(csv, folder, now, *out, n, &inner) : YW_E_FORMAT;
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
