/* Shapes: the lists of names that records of a month have in common. */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

void yw_shapes_free(struct yw_month *m) {
    for (size_t i = 0; i < m->shapes_n; i++) {
        free(m->shapes[i].values);
        free(m->shapes[i].bytes);
    }
    free(m->shapes);
    m->shapes = NULL;
    m->shapes_n = m->shapes_cap = 0;
    m->shapes_known = false;
    yw_map_free(&m->shape_numbers);
}

static bool keep_shape(struct yw_month *m, uint32_t number, const uint8_t *bytes, size_t n) {
    if (number >= m->shapes_cap) {
        size_t cap = m->shapes_cap ? m->shapes_cap : 64;
        while (cap <= number) cap *= 2;
        struct yw_shape *more = realloc(m->shapes, cap * sizeof *more);
        if (!more) return false;
        memset(more + m->shapes_cap, 0, (cap - m->shapes_cap) * sizeof *more);
        m->shapes = more;
        m->shapes_cap = cap;
    }
    struct yw_value values[YW_VALUES_MAX];
    struct yw_shape *s = &m->shapes[number];
    if (s->values) return true;
    memset(values, 0, sizeof values);
    if (!yw_unpack_shape(bytes, n, values, &s->count)) return false;
    s->values = malloc((s->count + 1) * sizeof *s->values);
    s->bytes = malloc(n + 1);
    if (!s->values || !s->bytes) return false;
    memcpy(s->values, values, s->count * sizeof *values);
    memcpy(s->bytes, bytes, n);
    s->bytes_n = n;
    if (number >= m->shapes_n) m->shapes_n = number + 1;
    return yw_map_put(&m->shape_numbers, yw_hash64(bytes, n, 0), number);
}

/* All of the file's, once: the writer must know every shape before it numbers a new one. */
static enum yw_code load_all(struct yw_month *m, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_SHAPE_ALL, err);
    if (!st) return err ? err->code : YW_E_SYSTEM;
    enum yw_code code = YW_OK;
    int rc;
    while (code == YW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t id = sqlite3_column_int64(st, 0);
        if (id < 1 || id > YW_SHAPES_MAX ||
            !keep_shape(m, (uint32_t)id, sqlite3_column_blob(st, 1), (size_t)sqlite3_column_bytes(st, 1)))
            code = yw_fail(err, YW_E_CORRUPT, "%s: shape %lld is damaged: run yanwu rebuild", m->sql.path,
                           (long long)id);
    }
    if (code == YW_OK && rc != SQLITE_DONE) code = yw_sql_fail(m->sql.db, err, m->sql.path, "reading shapes");
    sqlite3_reset(st);
    m->shapes_known = code == YW_OK;
    return code;
}

enum yw_code yw_shape_number(struct yw_month *m, const struct yw_value *values, size_t count, uint32_t *out,
                             struct yw_error *err) {
    uint8_t bytes[YW_SHAPE_BYTES_MAX];
    enum yw_code code = m->shapes_known ? YW_OK : load_all(m, err);
    if (code != YW_OK) return code;
    size_t n = yw_pack_shape(values, count, bytes);
    uint32_t number = 0;
    if (yw_map_get(&m->shape_numbers, yw_hash64(bytes, n, 0), &number)) {
        const struct yw_shape *s = &m->shapes[number];
        /* Two shapes with one hash: the second is never numbered. */
        *out = s->bytes_n == n && memcmp(s->bytes, bytes, n) == 0 ? number : 0;
        return YW_OK;
    }
    *out = 0;
    if (m->shapes_n > YW_SHAPES_MAX) return YW_OK;
    number = m->shapes_n > 0 ? (uint32_t)m->shapes_n : 1; /* 0 says that a row carries its names with it */
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_SHAPE_ADD, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "noting a shape");
    sqlite3_bind_int64(st, 1, number);
    sqlite3_bind_blob(st, 2, bytes, (int)n, SQLITE_STATIC);
    code = yw_sql_run(&m->sql, st, err);
    if (code == YW_OK && !keep_shape(m, number, bytes, n))
        code = yw_fail(err, YW_E_NOMEM, "no memory for shapes");
    *out = number;
    return code;
}

enum yw_code yw_shape_get(struct yw_month *m, uint32_t number, const struct yw_shape **out,
                          struct yw_error *err) {
    if (number >= m->shapes_n || !m->shapes[number].values) {
        sqlite3_stmt *st =
            number > 0 && number <= YW_SHAPES_MAX ? yw_sql_get(&m->sql, YW_M_SHAPE_GET, err) : NULL;
        bool good = false;
        if (st) {
            sqlite3_bind_int64(st, 1, number);
            good = sqlite3_step(st) == SQLITE_ROW &&
                   keep_shape(m, number, sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0));
            sqlite3_reset(st);
        }
        if (!good)
            return yw_fail(err, YW_E_CORRUPT, "%s: shape %u is missing or damaged: run yanwu rebuild",
                           m->sql.path, number);
    }
    *out = &m->shapes[number];
    return YW_OK;
}

static bool unpack_inline(const struct yw_packed *p, struct yw_value *values, size_t *count) {
    struct yw_cursor c = {p->body, p->body + p->body_n, false};
    uint64_t n = yw_take_varint(&c);
    if (c.bad || n > YW_SHAPE_BYTES_MAX) return false;
    const uint8_t *names = yw_take_bytes(&c, (size_t)n);
    return names && yw_unpack_shape(names, (size_t)n, values, count) &&
           yw_unpack_body(c.at, (size_t)(c.end - c.at), values, *count);
}

enum yw_code yw_row_unpack(struct yw_month *m, const struct yw_packed *p, struct yw_value *values,
                           struct yw_row *row, struct yw_error *err) {
    size_t count = 0;
    bool good;
    if (p->shape == 0) {
        good = unpack_inline(p, values, &count);
    } else {
        const struct yw_shape *shape;
        enum yw_code code = yw_shape_get(m, p->shape, &shape, err);
        if (code != YW_OK) return code;
        count = shape->count;
        memcpy(values, shape->values, count * sizeof *values);
        good = yw_unpack_body(p->body, p->body_n, values, count);
    }
    if (!good)
        return yw_fail(err, YW_E_CORRUPT, "%s: a record of outlet %u is damaged: run yanwu rebuild",
                       m->sql.path, p->outlet);
    *row = (struct yw_row){
        .outlet = p->outlet,
        .device = p->device,
        .kind = p->kind,
        .flags = p->flags,
        .time = p->time,
        .source = p->source,
        .copies = (uint32_t)p->resend_count + 1,
        .values = values,
        .count = count,
    };
    return YW_OK;
}
