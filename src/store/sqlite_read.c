/* Reading rows: over months, over days, from chunk or append table alike. */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

enum yw_code yw_read_begin(struct yw_store *s, int32_t month, struct yw_month **out, struct yw_error *err) {
    enum yw_code code = yw_month_open(s, month, false, out, err);
    if (code != YW_OK || !*out || (*out)->writing) return code;
    return yw_sql_exec(&(*out)->sql, "BEGIN", err);
}

void yw_read_end(struct yw_month *m) {
    if (m && !m->writing) sqlite3_exec(m->sql.db, "COMMIT", NULL, NULL, NULL);
}

typedef bool each_row(void *arg, const struct yw_row *row);

/* Gives the rows of d, forward or by data time backward, until each returns false or *limit data times are
 * through. */
static enum yw_code give_rows(struct yw_store *s, struct yw_month *m, const struct yw_day *d, size_t from,
                              size_t to, each_row *each, void *arg, bool *more, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (size_t i = from; *more && code == YW_OK && i < to; i++) {
        struct yw_row row;
        code = yw_row_unpack(m, &d->rows[i], s->values, &row, err);
        if (code == YW_OK) *more = each(arg, &row);
    }
    return code;
}

static enum yw_code month_rows(struct yw_store *s, struct yw_month *m, uint32_t outlet, uint8_t kind,
                               int64_t from, int64_t to, each_row *each, void *arg, bool *more,
                               struct yw_error *err) {
    enum yw_code code = YW_OK;
    while (*more && from < to) {
        int32_t day;
        bool found;
        code = yw_day_next(m, outlet, kind, from, &day, &found, err);
        if (code != YW_OK || !found) break;
        int64_t begin = yw_china_day_start(day), end = begin + YW_DAY;
        if (begin < from) begin = from;
        if (begin >= to) break;
        code = yw_day_load(m, outlet, kind, begin, end < to ? end : to, &s->day, NULL, err);
        if (code == YW_OK) code = give_rows(s, m, &s->day, 0, s->day.n, each, arg, more, err);
        if (code != YW_OK) break;
        from = end;
    }
    return code;
}

enum yw_code yw_read_rows(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                          each_row *each, void *arg, struct yw_error *err) {
    int32_t *months;
    size_t n;
    bool more = true;
    enum yw_code code = yw_months_list(s, from, to, &months, &n, err);
    for (size_t i = 0; code == YW_OK && more && i < n; i++) {
        struct yw_month *m;
        int64_t begin = yw_month_start(months[i]), end = yw_month_start(months[i] + 1);
        code = yw_read_begin(s, months[i], &m, err);
        if (code != YW_OK || !m) continue;
        code = month_rows(s, m, outlet, (uint8_t)kind, begin > from ? begin : from, end < to ? end : to, each,
                          arg, &more, err);
        yw_read_end(m);
    }
    free(months);
    return code;
}

static enum yw_code month_recent(struct yw_store *s, struct yw_month *m, uint32_t outlet, uint8_t kind,
                                 int64_t before, size_t *limit, each_row *each, void *arg, bool *more,
                                 struct yw_error *err) {
    enum yw_code code = YW_OK;
    while (*more && *limit > 0) {
        int32_t day;
        bool found;
        code = yw_day_before(m, outlet, kind, before, &day, &found, err);
        if (code != YW_OK || !found) break;
        int64_t begin = yw_china_day_start(day), end = begin + YW_DAY;
        code = yw_day_load(m, outlet, kind, begin, end < before ? end : before, &s->day, NULL, err);
        for (size_t to = s->day.n, from; code == YW_OK && *more && *limit > 0 && to > 0; to = from) {
            for (from = to - 1; from > 0 && s->day.rows[from - 1].time == s->day.rows[from].time;) from--;
            code = give_rows(s, m, &s->day, from, to, each, arg, more, err);
            --*limit;
        }
        if (code != YW_OK) break;
        before = begin;
    }
    return code;
}

enum yw_code yw_read_recent(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t before,
                            size_t limit, each_row *each, void *arg, struct yw_error *err) {
    int32_t *months;
    size_t n;
    bool more = true;
    enum yw_code code = yw_months_list(s, INT64_MIN / 2, before, &months, &n, err);
    while (code == YW_OK && more && limit > 0 && n > 0) {
        struct yw_month *m;
        int64_t end = yw_month_start(months[--n] + 1);
        code = yw_read_begin(s, months[n], &m, err);
        if (code != YW_OK || !m) continue;
        code = month_recent(s, m, outlet, (uint8_t)kind, end < before ? end : before, &limit, each, arg,
                            &more, err);
        yw_read_end(m);
    }
    free(months);
    return code;
}

/* ---- factors: a sorted list of codes, gathered from the shapes of records ---- */

enum { CODES_MAX = 4096 };

struct codes {
    char (*list)[YW_FACTOR_MAX + 1];
    size_t n;
};

static void add_code(struct codes *c, const char *code) {
    size_t i = 0;
    if (code[0] == 0 || c->n == CODES_MAX) return;
    while (i < c->n && strcmp(c->list[i], code) < 0) i++;
    if (i < c->n && strcmp(c->list[i], code) == 0) return;
    memmove(c->list[i + 1], c->list[i], (c->n - i) * sizeof *c->list);
    memcpy(c->list[i], code, strlen(code) + 1);
    c->n++;
}

static bool add_codes_of_row(void *arg, const struct yw_row *row) {
    for (size_t i = 0; i < row->count; i++) add_code(arg, row->values[i].factor);
    return true;
}

static enum yw_code add_codes_of_shape(struct yw_month *m, uint32_t number, struct codes *c,
                                       struct yw_error *err) {
    const struct yw_shape *shape;
    enum yw_code code = yw_shape_get(m, number, &shape, err);
    for (size_t i = 0; code == YW_OK && i < shape->count; i++) add_code(c, shape->values[i].factor);
    return code;
}

/* Shapes of a whole closed day, or of the open records in [from, to). 0 among them: the records must be read.
 */
static enum yw_code day_shapes(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t from, int64_t to,
                               struct codes *c, bool *read_records, struct yw_error *err) {
    int32_t day = yw_china_day(from);
    enum yw_code code = YW_OK;
    *read_records = false;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHUNK_SHAPES, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading shapes");
    YW_SQL_BIND(st, outlet, kind, day);
    if (sqlite3_step(st) == SQLITE_ROW) {
        const uint8_t *bytes = sqlite3_column_blob(st, 0);
        struct yw_cursor at = {bytes, bytes + sqlite3_column_bytes(st, 0), false};
        *read_records = from != yw_china_day_start(day) || to != yw_china_day_start(day) + YW_DAY;
        while (code == YW_OK && !*read_records && at.at < at.end) {
            uint32_t shape = (uint32_t)yw_take_varint(&at);
            *read_records = shape == 0;
            if (shape != 0) code = add_codes_of_shape(m, shape, c, err);
        }
        sqlite3_reset(st);
        return code;
    }
    sqlite3_reset(st);
    st = yw_sql_get(&m->sql, YW_M_RECORD_SHAPES, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading shapes");
    YW_SQL_BIND(st, outlet, kind, from, to);
    while (code == YW_OK && sqlite3_step(st) == SQLITE_ROW) {
        uint32_t shape = (uint32_t)sqlite3_column_int64(st, 0);
        if (shape == 0)
            *read_records = true;
        else
            code = add_codes_of_shape(m, shape, c, err);
    }
    sqlite3_reset(st);
    return code;
}

static enum yw_code month_factors(struct yw_store *s, struct yw_month *m, uint32_t outlet, uint8_t kind,
                                  int64_t from, int64_t to, struct codes *c, struct yw_error *err) {
    enum yw_code code = YW_OK;
    while (from < to) {
        int32_t day;
        bool found, read_records, more = true;
        code = yw_day_next(m, outlet, kind, from, &day, &found, err);
        if (code != YW_OK || !found) break;
        int64_t begin = yw_china_day_start(day), end = begin + YW_DAY;
        if (begin < from) begin = from;
        if (begin >= to) break;
        int64_t stop = end < to ? end : to;
        code = day_shapes(m, outlet, kind, begin, stop, c, &read_records, err);
        if (code == YW_OK && read_records) {
            code = yw_day_load(m, outlet, kind, begin, stop, &s->day, NULL, err);
            if (code == YW_OK) code = give_rows(s, m, &s->day, 0, s->day.n, add_codes_of_row, c, &more, err);
        }
        if (code != YW_OK) break;
        from = end;
    }
    return code;
}

enum yw_code yw_read_factors(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                             struct yw_buf *out, struct yw_error *err) {
    int32_t *months;
    size_t n;
    struct codes c = {malloc((CODES_MAX + 1) * sizeof *c.list), 0};
    if (!c.list) return yw_fail(err, YW_E_NOMEM, "no memory for the list of factors");
    enum yw_code code = yw_months_list(s, from, to, &months, &n, err);
    for (size_t i = 0; code == YW_OK && i < n; i++) {
        struct yw_month *m;
        int64_t begin = yw_month_start(months[i]), end = yw_month_start(months[i] + 1);
        code = yw_read_begin(s, months[i], &m, err);
        if (code != YW_OK || !m) continue;
        code = month_factors(s, m, outlet, (uint8_t)kind, begin > from ? begin : from, end < to ? end : to,
                             &c, err);
        yw_read_end(m);
    }
    for (size_t i = 0; code == YW_OK && i < c.n; i++) {
        if (i > 0) yw_buf_putc(out, ',');
        yw_buf_puts(out, c.list[i]);
    }
    free(months);
    free(c.list);
    return code == YW_OK && out->failed ? yw_fail(err, YW_E_LIMIT, "the list of factors is too long") : code;
}
