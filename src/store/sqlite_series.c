/* Series for charts: single values while they are few, else columns, from the pyramid where it reaches. */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

struct plan { /* one question */
    struct yw_store *s;
    uint32_t outlet;
    uint8_t kind;
    const char *factor, *field;
    int64_t from, to;
    size_t most;
    int64_t span; /* of a column; 0: single values */
    struct yw_point *out;
    size_t n;
    bool over; /* more single values than `most` */
    /* where field and flag stand in the shape asked for last */
    uint32_t shape;
    bool shape_known;
    int place, flag_place;
};

static struct yw_point *column_at(struct plan *p, int64_t time) {
    int64_t start = p->span ? yw_grid_start(time, p->span) : time;
    if (p->n > 0 && p->out[p->n - 1].time == start) return &p->out[p->n - 1];
    if (p->n == p->most) {
        p->over = true;
        return NULL;
    }
    p->out[p->n] = (struct yw_point){.time = start, .span = p->span};
    return &p->out[p->n++];
}

static void find_places(struct plan *p, const struct yw_shape *shape, uint32_t number) {
    p->place = p->flag_place = -1;
    for (size_t i = shape->count; i-- > 0;) { /* the first of a name that stands twice counts */
        const struct yw_value *v = &shape->values[i];
        if (strcmp(v->factor, p->factor) != 0) continue;
        if (strcmp(v->field, p->field) == 0) p->place = (int)i;
        if (strcmp(v->field, "Flag") == 0) p->flag_place = (int)i;
    }
    p->shape = number;
    p->shape_known = true;
}

/* The common case, a data time with one record: only the two tokens that matter are looked at. */
static enum yw_code sample_of_one(struct plan *p, struct yw_month *m, const struct yw_packed *r,
                                  struct yw_sample *out, bool *any, struct yw_error *err) {
    const struct yw_shape *shape;
    struct yw_value value = {0}, flag = {0}, other;
    *any = false;
    if (!p->shape_known || p->shape != r->shape) {
        enum yw_code code = yw_shape_get(m, r->shape, &shape, err);
        if (code != YW_OK) return code;
        find_places(p, shape, r->shape);
    }
    if (p->place < 0) return YW_OK;
    struct yw_cursor c = {r->body, r->body + r->body_n, false};
    int last = p->place > p->flag_place ? p->place : p->flag_place;
    for (int i = 0; i <= last; i++) {
        struct yw_value *v = i == p->place ? &value : i == p->flag_place ? &flag : &other;
        if (!yw_take_token(&c, v))
            return yw_fail(err, YW_E_CORRUPT, "%s: a record of outlet %u is damaged: run yanwu rebuild",
                           m->sql.path, r->outlet);
    }
    if (p->flag_place == p->place) flag = value;
    if (!yw_value_f64(&value, &out->value)) return YW_OK;
    out->time = r->time;
    out->flags = r->flags;
    out->revisions = 1;
    memset(out->flag, 0, sizeof out->flag);
    if (p->flag_place >= 0 && flag.is_text) yw_copy(out->flag, sizeof out->flag, flag.text, flag.text_n);
    *any = true;
    return YW_OK;
}

static enum yw_code sample_of_many(struct plan *p, struct yw_month *m, const struct yw_packed *r, size_t n,
                                   struct yw_sample *out, bool *any, struct yw_error *err) {
    struct yw_row *rows = malloc(n * sizeof *rows);
    struct yw_value *values = malloc(n * YW_VALUES_MAX * sizeof *values);
    enum yw_code code = rows && values ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for revisions");
    for (size_t i = 0; code == YW_OK && i < n; i++)
        code = yw_row_unpack(m, &r[i], values + i * YW_VALUES_MAX, &rows[i], err);
    *any = code == YW_OK && yw_sample_of(rows, n, p->factor, p->field, out);
    free(values);
    free(rows);
    return code;
}

/* Adds the records of [from, to), which lies in one civil day. */
static enum yw_code add_records(struct plan *p, struct yw_month *m, int64_t from, int64_t to,
                                struct yw_error *err) {
    struct yw_day *d = &p->s->day;
    enum yw_code code = yw_day_load(m, p->outlet, p->kind, from, to, d, NULL, err);
    for (size_t i = 0, end; code == YW_OK && !p->over && i < d->n; i = end) {
        struct yw_sample sample;
        bool any;
        for (end = i + 1; end < d->n && d->rows[end].time == d->rows[i].time;) end++;
        code = end == i + 1 && d->rows[i].shape != 0
                   ? sample_of_one(p, m, &d->rows[i], &sample, &any, err)
                   : sample_of_many(p, m, &d->rows[i], end - i, &sample, &any, err);
        struct yw_point *column = code == YW_OK && any ? column_at(p, sample.time) : NULL;
        if (column) yw_point_add(column, &sample);
    }
    return code;
}

/* ---- the pyramid ---- */

struct level { /* days of one month that the pyramid knows, and what it says of this factor and field */
    int32_t first, end; /* days asked for */
    bool *summed;       /* by day - first */
    size_t *from;       /* by day - first: place of its body in bytes */
    size_t *length;
    struct yw_buf bytes;
};

static void level_free(struct level *l) {
    free(l->summed);
    free(l->from);
    free(l->length);
    yw_buf_free(&l->bytes);
}

static enum yw_code level_load(struct plan *p, struct yw_month *m, int which, int32_t first, int32_t end,
                               struct level *l, struct yw_error *err) {
    size_t days = (size_t)(end - first) + 1;
    *l = (struct level){.first = first, .end = end};
    yw_buf_init(&l->bytes, 64 << 20);
    l->summed = calloc(days, sizeof *l->summed);
    l->from = calloc(days, sizeof *l->from);
    l->length = calloc(days, sizeof *l->length);
    if (!l->summed || !l->from || !l->length) return yw_fail(err, YW_E_NOMEM, "no memory for a series");
    if (!yw_pyramid_has((enum yw_kind)p->kind, which)) return YW_OK;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHUNK_DAYS, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading the pyramid");
    YW_SQL_BIND(st, p->outlet, p->kind, first, end);
    while (sqlite3_step(st) == SQLITE_ROW) l->summed[sqlite3_column_int64(st, 0) - first] = true;
    sqlite3_reset(st);
    st = yw_sql_get(&m->sql, YW_M_PYRAMID_GET, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading the pyramid");
    YW_SQL_BIND(st, p->outlet, p->kind, which, first, end);
    sqlite3_bind_text(st, 6, p->factor, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 7, p->field, -1, SQLITE_STATIC);
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        int64_t day = sqlite3_column_int64(st, 0) - first;
        l->from[day] = l->bytes.len;
        l->length[day] = (size_t)sqlite3_column_bytes(st, 1);
        yw_buf_add(&l->bytes, sqlite3_column_blob(st, 1), l->length[day]);
    }
    enum yw_code code = rc == SQLITE_DONE && !l->bytes.failed
                            ? YW_OK
                            : yw_sql_fail(m->sql.db, err, m->sql.path, "reading the pyramid");
    sqlite3_reset(st);
    return code;
}

static enum yw_code add_summary(struct plan *p, struct yw_month *m, const struct level *l, int which,
                                int32_t day, struct yw_error *err) {
    const uint8_t *bytes = (const uint8_t *)l->bytes.data + l->from[day - l->first];
    struct yw_cursor c = {bytes, bytes + l->length[day - l->first], false};
    while (!c.bad && c.at < c.end && !p->over) {
        struct yw_point part = {.time = yw_china_day_start(day)};
        if (which == YW_LEVEL_HOURS) {
            const uint8_t *hour = yw_take_bytes(&c, 1);
            part.time += *hour * YW_HOUR;
        }
        if (!yw_point_unpack(&c, &part)) break;
        struct yw_point *column = column_at(p, part.time);
        if (column) yw_point_merge(column, &part);
    }
    if (c.bad)
        return yw_fail(err, YW_E_CORRUPT, "%s: the pyramid of outlet %u is damaged: run yanwu rebuild",
                       m->sql.path, p->outlet);
    return YW_OK;
}

/* A part of one month. Whole days come from the pyramid where it has them, everything else from records. */
static enum yw_code add_month(struct plan *p, struct yw_month *m, int64_t from, int64_t to,
                              struct yw_error *err) {
    int which = p->span >= YW_DAY ? YW_LEVEL_DAY : YW_LEVEL_HOURS;
    bool use = p->span >= YW_HOUR;
    struct level l = {0};
    enum yw_code code = YW_OK;
    if (use) code = level_load(p, m, which, yw_china_day(from), yw_china_day(to - 1) + 1, &l, err);
    p->shape_known = false; /* numbers of shapes are the file's */
    while (code == YW_OK && !p->over && from < to) {
        int32_t day;
        bool found;
        code = yw_day_next(m, p->outlet, p->kind, from, &day, &found, err);
        if (code != YW_OK || !found) break;
        int64_t begin = yw_china_day_start(day), end = begin + YW_DAY;
        bool whole = begin >= from && end <= to;
        if (begin < from) begin = from;
        if (begin >= to) break;
        if (use && whole && l.summed[day - l.first])
            code = add_summary(p, m, &l, which, day, err);
        else
            code = add_records(p, m, begin, end < to ? end : to, err);
        from = end;
    }
    if (use) level_free(&l);
    return code;
}

static enum yw_code add_all(struct plan *p, const int32_t *months, size_t n, struct yw_error *err) {
    enum yw_code code = YW_OK;
    p->n = 0;
    p->over = false;
    for (size_t i = 0; code == YW_OK && !p->over && i < n; i++) {
        struct yw_month *m;
        int64_t begin = yw_month_start(months[i]), end = yw_month_start(months[i] + 1);
        code = yw_read_begin(p->s, months[i], &m, err);
        if (code != YW_OK || !m) continue;
        code = add_month(p, m, begin > p->from ? begin : p->from, end < p->to ? end : p->to, err);
        yw_read_end(m);
    }
    return code;
}

/* Few single values are told as they are; whether they are few is found out by trying, which ends at the
 * first too many. */
enum yw_code yw_read_series(struct yw_store *s, uint32_t outlet, enum yw_kind kind, const char *factor,
                            const char *field, int64_t from, int64_t to, size_t most, struct yw_point *out,
                            size_t *n_out, struct yw_error *err) {
    int32_t *months;
    size_t n;
    struct plan p = {.s = s,
                     .outlet = outlet,
                     .kind = (uint8_t)kind,
                     .factor = factor,
                     .field = field,
                     .from = from,
                     .to = to,
                     .most = most,
                     .out = out};
    *n_out = 0;
    enum yw_code code = yw_series_check(from, to, most, err);
    if (code == YW_OK) code = yw_months_list(s, from, to, &months, &n, err);
    if (code != YW_OK) return code;
    code = add_all(&p, months, n, err);
    if (code == YW_OK && p.over) {
        p.span = yw_grid_span(from, to, most);
        code = p.span > 0 ? add_all(&p, months, n, err)
                          : yw_fail(err, YW_E_RANGE, "the time range is too long for %zu columns", most);
    }
    if (code == YW_OK) *n_out = p.n;
    free(months);
    return code;
}
