/* replay: rows of a CSV file as data areas. The digits are never turned into binary numbers: a value arrives
 * in the store as it stands in the file, at most with its decimal point moved. */
#include "plants/plants.h"

#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"
#include "plant/yaml_table.h"

enum { MAP_FILE_MAX = 64 << 10 };

struct yw_replay {
    struct yw_csv *csv;
    struct yw_replay_rule *rules; /* one per column; factor "" and field "": the column is left out */
    size_t columns;
    int64_t start, step, row;
    bool has_time;
};

/* ---- moving the decimal point ---- */

bool yw_shift_decimal(const char *text, int shift, char *out, size_t size) {
    hj212_decimal d;
    size_t n = strlen(text);
    if (!hj212_parse_decimal((hj212_span){text, (uint32_t)n}, &d)) return false;
    if (shift == 0) return yw_copy(out, size, text, n);
    const char *sign = *text == '-' ? "-" : "";
    char digits[48];
    size_t count = 0, whole = 0;
    bool point = false;
    for (const char *c = text; *c; c++) {
        if (*c == '.') point = true;
        if (*c < '0' || *c > '9') continue;
        if (count == sizeof digits) return false;
        digits[count++] = *c;
        if (!point) whole++;
    }
    int64_t at = (int64_t)whole + shift; /* digits before the point */
    if (at > 18 || (int64_t)count - at > 18) return false;
    struct yw_buf b;
    yw_buf_init(&b, size > 0 ? size - 1 : 0);
    yw_buf_puts(&b, sign);
    size_t skip = 0; /* leading zeros that the shift made superfluous */
    while ((int64_t)skip + 1 < at && skip < count && digits[skip] == '0') skip++;
    if (at <= 0) yw_buf_putc(&b, '0');
    for (int64_t i = (int64_t)skip; i < at; i++) yw_buf_putc(&b, i < (int64_t)count ? digits[i] : '0');
    if (at < (int64_t)count) {
        yw_buf_putc(&b, '.');
        for (int64_t i = at; i < (int64_t)count; i++) yw_buf_putc(&b, i < 0 ? '0' : digits[i]);
    }
    bool fits = !b.failed && yw_copy(out, size, b.data, b.len);
    yw_buf_free(&b);
    return fits;
}

/* ---- mapping ---- */

/* "a21026-Avg" or "DataTime" into factor and field. */
static bool split_name(const char *name, size_t n, struct yw_replay_rule *r) {
    if (n == 8 && memcmp(name, "DataTime", 8) == 0) {
        r->factor[0] = '\0';
        return yw_copy(r->field, sizeof r->field, name, n);
    }
    const char *dash = memchr(name, '-', n);
    if (!dash || dash == name) return false;
    size_t code = (size_t)(dash - name), field = n - code - 1;
    if (code < 2 || strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != code)
        return false;
    if (!yw_copy(r->factor, sizeof r->factor, name, code) ||
        !yw_copy(r->field, sizeof r->field, dash + 1, field))
        return false;
    int known = hj212_field_of((hj212_span){dash + 1, (uint32_t)field});
    return known != HJ212_FIELD_OTHER;
}

struct map_entry {
    char to[40];
    int32_t shift;
};

static enum yw_code read_map_entry(yaml_document_t *doc, yaml_node_pair_t *pair, struct yw_replay_map *out,
                                   struct yw_error *err) {
    static const struct yw_yaml_key keys[] = {
        {.name = "to",
         .kind = YW_YAML_TEXT,
         .offset = offsetof(struct map_entry, to),
         .size = sizeof(((struct map_entry *)0)->to),
         .required = true},
        {.name = "shift",
         .kind = YW_YAML_SIGNED,
         .offset = offsetof(struct map_entry, shift),
         .low = -9,
         .high = 9},
    };
    yaml_node_t *name = yaml_document_get_node(doc, pair->key),
                *value = yaml_document_get_node(doc, pair->value);
    struct map_entry entry = {.shift = 0};
    enum yw_code code = YW_OK;
    if (name->type != YAML_SCALAR_NODE)
        return yw_fail(err, YW_E_FORMAT, "line %zu: a column is a name", yw_yaml_line(name));
    if (value->type == YAML_MAPPING_NODE)
        code = yw_yaml_map(doc, value, keys, YW_COUNT(keys), &entry, err);
    else if (value->type != YAML_SCALAR_NODE ||
             !yw_copy(entry.to, sizeof entry.to, (const char *)value->data.scalar.value,
                      value->data.scalar.length))
        code = yw_fail(err, YW_E_FORMAT, "line %zu: a column goes to a name such as a21026-Avg",
                       yw_yaml_line(value));
    if (code) return code;
    if (out->count == YW_COUNT(out->rules))
        return yw_fail(err, YW_E_LIMIT, "line %zu: more than %zu columns", yw_yaml_line(name),
                       YW_COUNT(out->rules));
    struct yw_replay_rule *r = &out->rules[out->count++];
    r->shift = entry.shift;
    const char *column = (const char *)name->data.scalar.value;
    if (!yw_copy(r->column, sizeof r->column, column, name->data.scalar.length) ||
        memchr(column, '\0', name->data.scalar.length))
        return yw_fail(err, YW_E_FORMAT, "line %zu: the column's name is too long", yw_yaml_line(name));
    if (!split_name(entry.to, strlen(entry.to), r))
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: `%s` is neither DataTime nor FACTOR-Field such as a21026-Avg",
                       yw_yaml_line(value), entry.to);
    return YW_OK;
}

enum yw_code yw_replay_map_parse(const char *text, size_t n, struct yw_replay_map *out,
                                 struct yw_error *err) {
    *out = (struct yw_replay_map){.count = 0};
    yaml_document_t doc;
    enum yw_code code = yw_yaml_load(text, n, MAP_FILE_MAX, &doc, err);
    if (code) return code;
    static const struct yw_yaml_key keys[] = {{.name = "columns", .kind = YW_YAML_OTHER, .required = true}};
    yaml_node_t *root = yaml_document_get_root_node(&doc);
    code = yw_yaml_map(&doc, root, keys, YW_COUNT(keys), out, err);
    yaml_node_t *columns = code ? NULL : yw_yaml_get(&doc, root, "columns");
    if (columns && columns->type != YAML_MAPPING_NODE)
        code = yw_fail(err, YW_E_FORMAT, "line %zu: columns must be a mapping of column: FACTOR-Field",
                       yw_yaml_line(columns));
    for (yaml_node_pair_t *p = code ? NULL : columns->data.mapping.pairs.start;
         !code && p < columns->data.mapping.pairs.top; p++)
        code = read_map_entry(&doc, p, out, err);
    if (!code && out->count == 0) code = yw_fail(err, YW_E_FORMAT, "line 1: no column is mapped");
    yaml_document_delete(&doc);
    return code;
}

/* ---- reading ---- */

static enum yw_code bind_column(struct yw_replay *r, size_t i, const char *name,
                                const struct yw_replay_map *map, struct yw_error *err) {
    struct yw_replay_rule *rule = &r->rules[i];
    if (map) {
        for (size_t k = 0; k < map->count; k++)
            if (strcmp(map->rules[k].column, name) == 0) *rule = map->rules[k];
    } else if (!split_name(name, strlen(name), rule)) {
        return yw_fail(err, YW_E_FORMAT,
                       "line 1: column %zu `%.40s` is neither DataTime nor FACTOR-Field such as a21026-Avg; "
                       "rename it or give "
                       "a mapping with --map",
                       i + 1, name);
    }
    if (strcmp(rule->field, "DataTime") == 0) r->has_time = true;
    for (size_t k = 0; k < i && rule->field[0]; k++)
        if (strcmp(r->rules[k].factor, rule->factor) == 0 && strcmp(r->rules[k].field, rule->field) == 0)
            return yw_fail(err, YW_E_FORMAT, "line 1: two columns give %s%s%s", rule->factor,
                           rule->factor[0] ? "-" : "", rule->field);
    return YW_OK;
}

static enum yw_code check_map_used(const struct yw_replay *r, const struct yw_replay_map *map,
                                   struct yw_error *err) {
    for (size_t k = 0; map && k < map->count; k++) {
        bool used = false;
        for (size_t i = 0; i < r->columns; i++)
            if (strcmp(r->rules[i].column, map->rules[k].column) == 0) used = true;
        if (!used)
            return yw_fail(err, YW_E_FORMAT,
                           "line 1: the mapping names a column `%s` that the file does not have",
                           map->rules[k].column);
    }
    return YW_OK;
}

enum yw_code yw_replay_open(const char *text, size_t n, const struct yw_replay_map *map, int64_t start,
                            int64_t step, struct yw_replay **out, struct yw_error *err) {
    struct yw_replay *r = calloc(1, sizeof *r);
    if (!r) return yw_fail(err, YW_E_NOMEM, "no memory");
    r->start = start, r->step = step;
    enum yw_code code = YW_OK;
    r->csv = yw_csv_open(text, n, err);
    if (!r->csv) code = YW_E_FORMAT;
    const char *const *fields;
    if (!code) code = yw_csv_row(r->csv, &fields, &r->columns, err);
    if (code == YW_E_END) code = yw_fail(err, YW_E_FORMAT, "line 1: the file is empty; it needs a header");
    if (!code) {
        r->rules = calloc(r->columns, sizeof *r->rules);
        if (!r->rules) code = yw_fail(err, YW_E_NOMEM, "no memory");
    }
    for (size_t i = 0; !code && i < r->columns; i++) code = bind_column(r, i, fields[i], map, err);
    if (!code) code = check_map_used(r, map, err);
    if (!code && !r->has_time && step <= 0)
        code = yw_fail(err, YW_E_USAGE, "there is no DataTime column: give --start and --step");
    if (code)
        yw_replay_close(r);
    else
        *out = r;
    return code;
}

void yw_replay_close(struct yw_replay *r) {
    if (!r) return;
    if (r->csv) yw_csv_close(r->csv);
    free(r->rules);
    free(r);
}

static enum yw_code put_cell(struct yw_replay *r, size_t i, const char *text, hj212_writer *w,
                             struct yw_error *err) {
    const struct yw_replay_rule *rule = &r->rules[i];
    hj212_field field = hj212_field_of(hj212_text(rule->field));
    char shifted[64];
    if (field == HJ212_FIELD_FLAG || field == HJ212_FIELD_EFLAG) {
        if (strlen(text) > 4 || strpbrk(text, ";=,&"))
            return yw_fail(err, YW_E_FORMAT, "line %zu, column %zu: `%.40s` is not a data mark",
                           yw_csv_line(r->csv), i + 1, text);
        hj212_put(w, rule->factor, rule->field, text);
        return YW_OK;
    }
    if (!yw_shift_decimal(text, rule->shift, shifted, sizeof shifted))
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu, column %zu: `%.40s` is not a plain decimal number of at most 18 digits",
                       yw_csv_line(r->csv), i + 1, text);
    hj212_put(w, rule->factor, rule->field, shifted);
    return YW_OK;
}

static enum yw_code row_time(struct yw_replay *r, const char *const *fields, int64_t *time,
                             struct yw_error *err) {
    *time = r->start + r->row * r->step;
    for (size_t i = 0; i < r->columns; i++)
        if (strcmp(r->rules[i].field, "DataTime") == 0 && !yw_time_parse(fields[i], strlen(fields[i]), time))
            return yw_fail(
                err, YW_E_FORMAT,
                "line %zu, column %zu: `%.40s` is not a time such as 20150101080000 or 2015-01-01 08:00",
                yw_csv_line(r->csv), i + 1, fields[i]);
    return YW_OK;
}

enum yw_code yw_replay_next(struct yw_replay *r, char cp[YW_PLANT_CP_MAX + 1], size_t *n, int64_t *time,
                            struct yw_error *err) {
    const char *const *fields;
    size_t count;
    enum yw_code code = yw_csv_row(r->csv, &fields, &count, err);
    if (code) return code;
    if (count != r->columns)
        return yw_fail(err, YW_E_FORMAT, "line %zu has %zu fields, the header has %zu", yw_csv_line(r->csv),
                       count, r->columns);
    code = row_time(r, fields, time, err);
    if (code) return code;
    hj212_writer w;
    hj212_writer_init(&w, cp, YW_PLANT_CP_MAX);
    char digits[18];
    hj212_print_time(*time, false, digits);
    digits[14] = '\0';
    hj212_put(&w, NULL, "DataTime", digits);
    /* items of one factor stand together, whatever the order of the columns: the first column of a factor
     * brings the rest along */
    for (size_t i = 0; i < r->columns; i++) {
        bool seen = !r->rules[i].factor[0];
        for (size_t k = 0; k < i; k++) seen |= strcmp(r->rules[k].factor, r->rules[i].factor) == 0;
        for (size_t k = i; !seen && k < r->columns; k++)
            if (strcmp(r->rules[k].factor, r->rules[i].factor) == 0 && fields[k][0] &&
                (code = put_cell(r, k, fields[k], &w, err)))
                return code;
    }
    if (w.failed)
        return yw_fail(err, YW_E_LIMIT,
                       "line %zu: the row gives a data area over %d bytes; replay fewer columns at a time",
                       yw_csv_line(r->csv), YW_PLANT_CP_MAX);
    *n = w.n;
    r->row++;
    return YW_OK;
}
