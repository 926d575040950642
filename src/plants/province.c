/* province: a table of outlets, each a scenario with its own size, level and peculiarity. */
#include "plants/plants.h"

#include <stdlib.h>
#include <string.h>

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
static const int64_t BURST_US = 25 * YW_MINUTE, SILENT_US = 5 * YW_HOUR;

static enum yw_code apply_special(struct yw_host_outlet *o, const char *special, int64_t now, size_t line,
                                  struct yw_error *err) {
    struct yw_plant_factor *first = &o->scenario.factors[0];
    static const struct {
        const char *name;
        uint32_t odd;
    } odds[] = {{"", 0},
                {"crc-modbus", YW_ODD_CRC_MODBUS},
                {"crc-lower", YW_ODD_CRC_LOWER},
                {"gbk", YW_ODD_GBK},
                {"resend", YW_ODD_RESEND}};
    for (size_t i = 0; i < YW_COUNT(odds); i++)
        if (strcmp(odds[i].name, special) == 0) {
            o->odd = odds[i].odd;
            return YW_OK;
        }
    if (strcmp(special, "late") == 0) {
        o->burst_us = BURST_US;
    } else if (strcmp(special, "silent") == 0) {
        o->silent_from = now - SILENT_US;
    } else if (strcmp(special, "waiting") == 0) {
        o->history = false; /* nobody has admitted it yet: it would send in vain */
    } else if (strcmp(special, "spike") == 0) {
        first->puff = 7;
        first->puff_every_s = 2 * 86400;
        first->puff_lasts_s = 15 * 60;
    } else {
        return yw_fail(err, YW_E_FORMAT, "line %zu: special `%.40s` is not known", line, special);
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
