/* The pyramid: what the days and hours of a closed day come to, for each factor and field that has numbers.
 *
 * It is written with the chunk and removed with it: a day to which something was added is open again, has no
 * pyramid, and is summed up from its records until it is packed anew. So it cannot disagree with the records.
 */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

bool yw_pyramid_has(enum yw_kind kind, int level) {
    switch (kind) {
    case YW_KIND_REAL:
    case YW_KIND_MINUTE:
    case YW_KIND_FACILITY:
        return true;
    case YW_KIND_HOUR:
    case YW_KIND_PERIODIC:
        return level == YW_LEVEL_DAY;
    default:
        return false;
    }
}

enum { COLUMNS_MAX = 2 * YW_VALUES_MAX };

struct column {
    char factor[YW_FACTOR_MAX + 1], field[YW_FIELD_MAX + 1];
    struct yw_point day, hours[24];
};

static bool is_column_of(const struct column *c, const struct yw_value *v) {
    return strcmp(c->field, v->field) == 0 && strcmp(c->factor, v->factor) == 0;
}

/* hint: where it was for the record before. */
static struct column *column_of(struct column *columns, size_t *n, size_t hint, const struct yw_value *v,
                                int64_t day_start) {
    if (hint < *n && is_column_of(&columns[hint], v)) return &columns[hint];
    for (size_t i = 0; i < *n; i++) {
        if (is_column_of(&columns[i], v)) return &columns[i];
    }
    if (*n == COLUMNS_MAX) return NULL;
    struct column *c = &columns[(*n)++];
    memset(c, 0, sizeof *c);
    memcpy(c->factor, v->factor, sizeof c->factor);
    memcpy(c->field, v->field, sizeof c->field);
    c->day.time = day_start;
    for (int h = 0; h < 24; h++) c->hours[h].time = day_start + h * YW_HOUR;
    return c;
}

/* All samples of one data time go into their columns. False: more columns than a pyramid has. */
static bool add_key(struct column *columns, size_t *n, const struct yw_row *rows, size_t row_n,
                    int64_t day_start) {
    const struct yw_value *current[YW_VALUES_MAX];
    size_t count = yw_current_values(rows, row_n, current, YW_VALUES_MAX);
    for (size_t i = 0, hint = 0; i < count; i++) {
        struct yw_sample sample;
        if (current[i]->is_text) continue;
        struct column *c = column_of(columns, n, hint++, current[i], day_start);
        if (!c) return false;
        if (!yw_sample_of(rows, row_n, current[i]->factor, current[i]->field, &sample)) continue;
        yw_point_add(&c->day, &sample);
        yw_point_add(&c->hours[(sample.time - day_start) / YW_HOUR], &sample);
    }
    return count < YW_VALUES_MAX;
}

/* The common case is a data time with one record, whose names are those of the record before: what must be
 * compared is compared once a shape. */
struct lone {
    uint32_t shape;
    bool known;
    size_t count;                 /* different names */
    bool counts[YW_VALUES_MAX];   /* the first of its name */
    int16_t flag[YW_VALUES_MAX];  /* where the mark of its factor stands, -1: nowhere */
    int16_t place[YW_VALUES_MAX]; /* its column, -1: not looked for yet */
};

static void learn_shape(struct lone *l, uint32_t shape, const struct yw_row *r) {
    *l = (struct lone){.shape = shape, .known = true};
    for (size_t i = 0; i < r->count; i++) {
        const struct yw_value *v = &r->values[i];
        l->counts[i] = true;
        l->flag[i] = l->place[i] = -1;
        for (size_t k = r->count; k-- > 0;) { /* the first counts */
            const struct yw_value *other = &r->values[k];
            if (strcmp(other->factor, v->factor) != 0) continue;
            if (strcmp(other->field, "Flag") == 0) l->flag[i] = (int16_t)k;
            if (k < i && strcmp(other->field, v->field) == 0) l->counts[i] = false;
        }
        l->count += l->counts[i];
    }
}

static bool add_lone(struct lone *l, struct column *columns, size_t *n, const struct yw_row *r,
                     int64_t day_start) {
    for (size_t i = 0; i < r->count; i++) {
        const struct yw_value *v = &r->values[i];
        struct yw_sample sample = {.time = r->time, .flags = r->flags, .revisions = 1};
        if (!l->counts[i] || v->is_text) continue;
        if (l->place[i] < 0) {
            const struct column *c = column_of(columns, n, COLUMNS_MAX, v, day_start);
            if (!c) return false;
            l->place[i] = (int16_t)(c - columns);
        }
        if (!yw_value_f64(v, &sample.value)) continue;
        const struct yw_value *flag = l->flag[i] >= 0 ? &r->values[l->flag[i]] : NULL;
        if (flag && flag->is_text) yw_copy(sample.flag, sizeof sample.flag, flag->text, flag->text_n);
        struct column *c = &columns[l->place[i]];
        yw_point_add(&c->day, &sample);
        yw_point_add(&c->hours[(sample.time - day_start) / YW_HOUR], &sample);
    }
    return l->count < YW_VALUES_MAX;
}

static enum yw_code write_level(struct yw_month *m, const struct column *c, uint32_t outlet, uint8_t kind,
                                int level, int32_t day, struct yw_buf *body, struct yw_error *err) {
    yw_buf_clear(body);
    if (level == YW_LEVEL_DAY) yw_point_pack(&c->day, body);
    for (int h = 0; level == YW_LEVEL_HOURS && h < 24; h++) {
        if (c->hours[h].n == 0) continue;
        yw_buf_putc(body, (char)h);
        yw_point_pack(&c->hours[h], body);
    }
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_PYRAMID_ADD, err);
    if (!st || body->failed) return yw_sql_fail(m->sql.db, err, m->sql.path, "writing the pyramid");
    YW_SQL_BIND(st, outlet, kind, level, day);
    sqlite3_bind_text(st, 5, c->factor, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 6, c->field, -1, SQLITE_STATIC);
    sqlite3_bind_blob(st, 7, body->data, (int)body->len, SQLITE_STATIC);
    return yw_sql_run(&m->sql, st, err);
}

enum { KEY_ROWS_MAX = 64 }; /* records of one data time that are summed up together */

static enum yw_code sum_up(struct yw_month *m, const struct yw_day *d, struct column *columns,
                           size_t *columns_n, struct yw_value *values, int64_t day_start, bool *fits,
                           struct yw_error *err) {
    struct yw_row rows[KEY_ROWS_MAX];
    struct lone lone = {.known = false};
    enum yw_code code = YW_OK;
    for (size_t i = 0, end; code == YW_OK && *fits && i < d->n; i = end) {
        for (end = i; code == YW_OK && end < d->n && d->rows[end].time == d->rows[i].time; end++) {
            *fits = *fits && end - i < KEY_ROWS_MAX;
            if (*fits)
                code =
                    yw_row_unpack(m, &d->rows[end], values + (end - i) * YW_VALUES_MAX, &rows[end - i], err);
        }
        if (code != YW_OK || !*fits) break;
        uint32_t shape = d->rows[i].shape;
        bool is_lone = end == i + 1 && shape != 0;
        if (is_lone && (!lone.known || lone.shape != shape)) learn_shape(&lone, shape, &rows[0]);
        *fits = is_lone ? add_lone(&lone, columns, columns_n, &rows[0], day_start)
                        : add_key(columns, columns_n, rows, end - i, day_start);
    }
    return code;
}

enum yw_code yw_pyramid_write(struct yw_month *m, const struct yw_day *d, uint32_t outlet, uint8_t kind,
                              int32_t day, bool *written, struct yw_error *err) {
    *written = false;
    if (!yw_pyramid_has((enum yw_kind)kind, YW_LEVEL_DAY)) return YW_OK;
    size_t n = 0;
    bool fits = true;
    struct yw_buf body;
    struct column *columns = malloc(COLUMNS_MAX * sizeof *columns);
    struct yw_value *values = malloc((size_t)KEY_ROWS_MAX * YW_VALUES_MAX * sizeof *values);
    enum yw_code code = columns && values ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for the pyramid");
    yw_buf_init(&body, 1 << 20);
    if (code == YW_OK) code = sum_up(m, d, columns, &n, values, yw_china_day_start(day), &fits, err);
    /* A day too wild for a pyramid has none; it is summed up from its records whenever somebody asks. */
    for (size_t i = 0; code == YW_OK && fits && i < n; i++) {
        code = write_level(m, &columns[i], outlet, kind, YW_LEVEL_DAY, day, &body, err);
        if (code == YW_OK && yw_pyramid_has((enum yw_kind)kind, YW_LEVEL_HOURS))
            code = write_level(m, &columns[i], outlet, kind, YW_LEVEL_HOURS, day, &body, err);
    }
    yw_buf_free(&body);
    free(values);
    free(columns);
    *written = fits;
    return code;
}
