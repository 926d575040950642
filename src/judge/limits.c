/* limits: the rows of limits.csv. */
#include "judge/rules_int.h"

#include <float.h>
#include <math.h>
#include <string.h>

enum column {
    COL_ID,
    COL_STANDARD,
    COL_SOURCE_TYPE,
    COL_VARIANT,
    COL_FACTOR,
    COL_NAME,
    COL_VALUE,
    COL_LOW,
    COL_UNIT,
    COL_PERIOD,
    COL_BASIS,
    COL_CONFIDENCE,
    COL_OXYGEN,
    COL_SHARE,
    COL_COLD_VALUE,
    COL_COLD_C,
    COL_ENABLED,
    COL_FROM,
    COL_TO,
    COL_NOTE,
    COLUMNS
};
static const char *const names[COLUMNS] = {
    "id",      "standard", "source_type", "variant",    "factor",           "name",  "value",      "low",
    "unit",    "period",   "basis",       "confidence", "reference_oxygen", "share", "cold_value", "cold_c",
    "enabled", "from",     "to",          "note"};

struct row_reading {
    const char *where;
    size_t line;
    const char *const *fields;
    struct yw_error *err;
    enum yw_code code;
};

static void wrong(struct row_reading *r, enum column c, const char *what) {
    if (r->code != YW_OK) return;
    r->code = yw_fail(r->err, YW_E_FORMAT, "%s line %zu, column %s: %s, not `%.40s`", r->where, r->line,
                      names[c], what, r->fields[c]);
}

static void text(struct row_reading *r, enum column c, char *out, size_t size) {
    if (!yw_copy(out, size, r->fields[c], strlen(r->fields[c]))) wrong(r, c, "must be a shorter text");
}

static double number(struct row_reading *r, enum column c) {
    double v = NAN;
    const char *t = r->fields[c];
    if (t[0] && !yw_parse_f64(t, strlen(t), &v)) wrong(r, c, "must be a number or empty");
    return v;
}

static int32_t day(struct row_reading *r, enum column c, int32_t otherwise) {
    const char *t = r->fields[c];
    int64_t time;
    if (!t[0]) return otherwise;
    if (strlen(t) != 10 || !yw_time_parse(t, 10, &time)) {
        wrong(r, c, "must be a day such as 2026-03-01 or empty");
        return otherwise;
    }
    return yw_china_day(time);
}

static void read_row(struct row_reading *r, struct yw_limit_row *row) {
    *row = (struct yw_limit_row){.period = 0};
    text(r, COL_ID, row->id, sizeof row->id);
    text(r, COL_STANDARD, row->standard, sizeof row->standard);
    text(r, COL_SOURCE_TYPE, row->source_type, sizeof row->source_type);
    text(r, COL_VARIANT, row->variant, sizeof row->variant);
    text(r, COL_FACTOR, row->factor, sizeof row->factor);
    text(r, COL_NAME, row->name, sizeof row->name);
    text(r, COL_UNIT, row->unit, sizeof row->unit);
    text(r, COL_NOTE, row->note, sizeof row->note);
    row->value = number(r, COL_VALUE);
    row->value_low = number(r, COL_LOW);
    row->reference_oxygen = number(r, COL_OXYGEN);
    row->share = number(r, COL_SHARE);
    row->cold_value = number(r, COL_COLD_VALUE);
    row->cold_c = number(r, COL_COLD_C);
    row->valid_from = day(r, COL_FROM, INT32_MIN);
    row->valid_to = day(r, COL_TO, INT32_MAX);
    bool manual = strcmp(r->fields[COL_PERIOD], "test") == 0 || strcmp(r->fields[COL_PERIOD], "single") == 0;
    if (!manual && !yw_period_parse(r->fields[COL_PERIOD], &row->period))
        wrong(r, COL_PERIOD, "must be 5min, 1h, 8h, 24h, month, year, test or single");
    if (!yw_basis_parse(r->fields[COL_BASIS], &row->basis))
        wrong(r, COL_BASIS, "must be national, local, ultra-low or permit");
    if (!yw_confidence_parse(r->fields[COL_CONFIDENCE], &row->confidence))
        wrong(r, COL_CONFIDENCE, "must be S, C, R+, R-, O or ?");
    const char *on = r->fields[COL_ENABLED];
    row->enabled = strcmp(on, "yes") == 0;
    if (!row->enabled && strcmp(on, "no") != 0) wrong(r, COL_ENABLED, "must be yes or no");
    if (row->id[0] == '\0') wrong(r, COL_ID, "must not be empty");
    if (row->enabled && (row->period == 0 || (isnan(row->value) && isnan(row->value_low))))
        wrong(r, COL_ENABLED, "a row without a value or without an averaging period stays `no`");
    if (!isnan(row->share) && !(row->share > 0 && row->share <= 1))
        wrong(r, COL_SHARE, "must be above 0, at most 1");
}

/* An id names one row a day. */
static bool overlaps(const struct yw_rules *set, const struct yw_limit_row *row) {
    for (size_t i = 0; i < set->limit_n; i++) {
        const struct yw_limit_row *other = &set->limits[i];
        if (strcmp(other->id, row->id) == 0 && other->valid_from <= row->valid_to &&
            row->valid_from <= other->valid_to)
            return true;
    }
    return false;
}

static enum yw_code read_head(struct yw_csv *c, const char *where, struct yw_error *err) {
    const char *const *fields;
    size_t n = 0;
    enum yw_code code = yw_csv_row(c, &fields, &n, err);
    if (code == YW_E_END)
        return yw_fail(err, YW_E_FORMAT, "%s: empty; the first line names the columns", where);
    if (code != YW_OK) return code;
    for (size_t i = 0; i < COLUMNS; i++) {
        if (i >= n || strcmp(fields[i], names[i]) != 0)
            return yw_fail(err, YW_E_FORMAT, "%s line 1: column %zu must be `%s`", where, i + 1, names[i]);
    }
    return n == COLUMNS ? YW_OK
                        : yw_fail(err, YW_E_FORMAT, "%s line 1: %zu columns, not %d", where, n, COLUMNS);
}

enum yw_code yw_rules_add_limits(struct yw_rules *set, const char *csv, size_t n, const char *where,
                                 struct yw_error *err) {
    if (n > YW_RULE_FILE_MAX)
        return yw_fail(err, YW_E_LIMIT, "%s: more than %d bytes", where, YW_RULE_FILE_MAX);
    struct yw_csv *c = yw_csv_open(csv, n, err);
    if (!c) return err ? err->code : YW_E_FORMAT;
    enum yw_code code = read_head(c, where, err);
    while (code == YW_OK) {
        const char *const *fields;
        size_t count;
        code = yw_csv_row(c, &fields, &count, err);
        if (code == YW_E_END) break;
        if (code == YW_OK && count != COLUMNS) {
            code = yw_fail(err, YW_E_FORMAT, "%s line %zu: %zu columns, not %d", where, yw_csv_line(c), count,
                           COLUMNS);
        }
        if (code != YW_OK) break;
        struct row_reading r = {.where = where, .line = yw_csv_line(c), .fields = fields, .err = err};
        struct yw_limit_row row;
        read_row(&r, &row);
        code = r.code;
        if (code == YW_OK && overlaps(set, &row))
            code =
                yw_fail(err, YW_E_FORMAT, "%s line %zu: there is a limit %s for some of these days already",
                        where, r.line, row.id);
        if (code != YW_OK) break;
        struct yw_limit_row *slot = yw_rules_new_limit(set, err);
        if (!slot)
            code = YW_E_LIMIT;
        else
            *slot = row;
    }
    yw_csv_close(c);
    return code == YW_E_END ? YW_OK : code;
}
