/* Tidying: packs the records of closed days into chunks with their pyramid, a few at a time.
 *
 * While history streams in, day after day, a day is packed as soon as its stream goes on to another one:
 * charts of a year that has just come would else be summed up from half a million records until the sweeps
 * have caught up. One that has to be opened again was taken too early and is left to the sweeps.
 *
 * A sweep walks the open records of each month in order of (outlet, kind, time). A day is packed once it lies
 * before the day given and nothing was added to it since the sweep before began, so that a day that is just
 * being filled in is left alone. */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    LOOKS_MAX = 512,                /* places looked at in one step */
    ROWS_MAX = 4000,                /* records packed in one step, about */
    FILLED_ROWS_MAX = 4 * ROWS_MAX, /* the same after a commit */
    PAGES_MAX = 1000                /* pages given back in one step */
};

/* The numbers of all shapes in a day, ascending; 0 where some record carries its names. */
static void list_shapes(const struct yw_day *d, struct yw_buf *out) {
    uint8_t seen[YW_SHAPES_MAX / 8 + 1] = {0};
    for (size_t i = 0; i < d->n; i++) {
        if (d->rows[i].shape <= YW_SHAPES_MAX)
            seen[d->rows[i].shape / 8] |= (uint8_t)(1 << d->rows[i].shape % 8);
    }
    for (uint32_t shape = 0; shape <= YW_SHAPES_MAX; shape++) {
        if (seen[shape / 8] & 1 << shape % 8) yw_add_varint(out, shape);
    }
}

static enum yw_code add_chunk(struct yw_month *m, const struct yw_day *d, uint32_t outlet, uint8_t kind,
                              int32_t day, bool summed, struct yw_buf *chunk, struct yw_error *err) {
    struct yw_buf shapes;
    yw_buf_init(&shapes, 65536);
    list_shapes(d, &shapes);
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHUNK_ADD, err);
    enum yw_code code = YW_E_NOMEM;
    if (!st || shapes.failed) {
        code = yw_sql_fail(m->sql.db, err, m->sql.path, "writing a chunk");
    } else {
        YW_SQL_BIND(st, outlet, kind, day, (int64_t)d->n, summed);
        sqlite3_bind_blob(st, 6, shapes.data, (int)shapes.len, SQLITE_STATIC);
        sqlite3_bind_blob(st, 7, chunk->data, (int)chunk->len, SQLITE_STATIC);
        code = yw_sql_run(&m->sql, st, err);
    }
    yw_buf_free(&shapes);
    return code;
}

static enum yw_code remove_records(struct yw_month *m, const struct yw_day *d, uint32_t outlet, uint8_t kind,
                                   int64_t start, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < d->n; i++) {
        if (d->rows[i].resend_count == 0) continue;
        sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RESEND_REMOVE, err);
        if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "removing resends");
        sqlite3_bind_int64(st, 1, d->rows[i].id);
        code = yw_sql_run(&m->sql, st, err);
    }
    if (code != YW_OK) return code;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RECORD_REMOVE, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "removing records");
    YW_SQL_BIND(st, outlet, kind, start, start + YW_DAY);
    return yw_sql_run(&m->sql, st, err);
}

/* The chunk is unpacked and compared before the records it stands for go. */
static enum yw_code pack_day(struct yw_store *s, struct yw_month *m, const struct yw_day *d, uint32_t outlet,
                             uint8_t kind, int32_t day, struct yw_error *err) {
    bool summed = false;
    struct yw_buf chunk;
    yw_buf_init(&chunk, YW_DAY_BYTES_MAX);
    enum yw_code code = yw_chunk_pack(d, day, &chunk, err);
    if (code == YW_OK) code = yw_chunk_unpack(chunk.data, chunk.len, outlet, kind, day, &s->key_rows, err);
    if (code == YW_OK && !yw_day_equal(d, &s->key_rows))
        code = yw_fail(err, YW_E_CORRUPT, "%s: a day does not unpack to what was packed; it stays as it was",
                       m->sql.path);
    if (code == YW_OK) code = yw_pyramid_write(m, d, outlet, kind, day, &summed, err);
    if (code == YW_OK) code = add_chunk(m, d, outlet, kind, day, summed, &chunk, err);
    if (code == YW_OK) code = remove_records(m, d, outlet, kind, yw_china_day_start(day), err);
    yw_buf_free(&chunk);
    return code;
}

static enum yw_code begin_writing(struct yw_store *s, struct yw_month *m, struct yw_error *err) {
    if (m->writing) return YW_OK;
    struct yw_month_note *note = yw_note(s, m->month, err);
    if (!note) return YW_E_NOMEM;
    enum yw_code code = yw_sql_exec(&m->sql, "BEGIN IMMEDIATE", err);
    if (code != YW_OK) return code;
    m->writing = true;
    note->unsynced = true;
    return YW_OK;
}

static enum yw_code end_step(struct yw_month *m, enum yw_code code, struct yw_error *err) {
    if (!m || !m->writing) return code;
    if (code == YW_OK) code = yw_sql_exec(&m->sql, "COMMIT", err);
    if (code != YW_OK) sqlite3_exec(m->sql.db, "ROLLBACK", NULL, NULL, NULL);
    m->writing = false;
    return code;
}

static uint64_t day_key(uint32_t outlet, uint8_t kind, int32_t day) {
    return (uint64_t)outlet << 32 | (uint64_t)kind << 24 | ((uint32_t)day & 0xffffff);
}

void yw_filled_note(struct yw_store *s, const struct yw_row *row) {
    uint32_t before;
    int32_t day = yw_china_day(row->time);
    uint64_t key = yw_series_key(row->outlet, row->kind);
    if (day >= s->closed_before) return;
    bool known = yw_map_get(&s->filling, key, &before);
    if (known && before == (uint32_t)day) return;
    if (!s->filled) s->filled = malloc(YW_FILLED_MAX * sizeof *s->filled);
    if (!yw_map_put(&s->filling, key, (uint32_t)day) || !known || !s->filled) return;
    if (s->filled_n < YW_FILLED_MAX)
        s->filled[s->filled_n++] = (struct yw_filled){row->outlet, row->kind, (int32_t)before};
}

/* True once for each day, until very many others were. */
static bool is_first_time(struct yw_store *s, const struct yw_filled *f) {
    uint32_t before;
    uint64_t key = day_key(f->outlet, f->kind, f->day);
    if (yw_map_get(&s->early, key, &before)) return false;
    if (s->early.n >= YW_EARLY_MAX) yw_map_free(&s->early);
    return yw_map_put(&s->early, key, 1);
}

static enum yw_code pack_filled(struct yw_store *s, const struct yw_filled *f, size_t *packed) {
    struct yw_month *m;
    bool closed = false;
    int64_t start = yw_china_day_start(f->day);
    enum yw_code code = yw_month_open(s, yw_month_of(start), false, &m, NULL);
    if (code != YW_OK || !m) return code;
    code = yw_day_load(m, f->outlet, f->kind, start, start + YW_DAY, &s->day, &closed, NULL);
    if (code != YW_OK || closed || s->day.n == 0) return code;
    code = begin_writing(s, m, NULL);
    if (code == YW_OK) code = pack_day(s, m, &s->day, f->outlet, f->kind, f->day, NULL);
    if (code == YW_OK) yw_newest_raise(m, f->outlet, f->kind, start + YW_DAY - 1);
    *packed += s->day.n;
    return end_step(m, code, NULL);
}

void yw_filled_pack(struct yw_store *s) {
    size_t packed = 0, at = 0;
    enum yw_code code = YW_OK;
    for (; code == YW_OK && at < s->filled_n && packed < FILLED_ROWS_MAX; at++) {
        uint32_t now;
        const struct yw_filled *f = &s->filled[at];
        bool back =
            yw_map_get(&s->filling, yw_series_key(f->outlet, f->kind), &now) && now == (uint32_t)f->day;
        if (!back && is_first_time(s, f)) code = pack_filled(s, f, &packed);
        if (code == YW_E_LIMIT) code = YW_OK;
    }
    memmove(s->filled, s->filled + at, (s->filled_n - at) * sizeof *s->filled);
    s->filled_n -= at;
}

/* The place of the sweep moves behind the day it looked at. */
static enum yw_code look_at_day(struct yw_store *s, struct yw_month *m, struct yw_month_note *note,
                                int32_t before_day, size_t *packed, struct yw_error *err) {
    struct yw_sweep *w = &s->sweep;
    int32_t day = yw_china_day(w->time);
    int64_t start = yw_china_day_start(day);
    if (day >= before_day) { /* on to the next outlet or kind */
        note->untidy = true;
        w->time = INT64_MAX;
        return YW_OK;
    }
    enum yw_code code = yw_day_load(m, w->outlet, w->kind, start, start + YW_DAY, &s->day, NULL, err);
    bool settled = code == YW_OK;
    for (size_t i = 0; settled && i < s->day.n; i++) settled = s->day.rows[i].id <= note->settled_id;
    if (code == YW_OK && settled) code = begin_writing(s, m, err);
    if (code == YW_OK && settled) code = pack_day(s, m, &s->day, w->outlet, w->kind, day, err);
    if (code == YW_OK && settled) yw_newest_raise(m, w->outlet, w->kind, start + YW_DAY - 1);
    if (code == YW_E_LIMIT) code = YW_OK; /* a day too large for a chunk stays in the append table */
    if (settled)
        *packed += s->day.n;
    else
        note->untidy = true;
    w->time = start + YW_DAY;
    return code;
}

/* The first open record at or behind the place of the sweep. */
static enum yw_code find_next(struct yw_store *s, struct yw_month *m, bool *found, struct yw_error *err) {
    struct yw_sweep *w = &s->sweep;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RECORD_GROUP, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "looking for open records");
    YW_SQL_BIND(st, w->outlet, w->kind, w->time);
    int rc = sqlite3_step(st);
    *found = rc == SQLITE_ROW;
    if (*found) {
        w->outlet = (uint32_t)sqlite3_column_int64(st, 0);
        w->kind = (uint8_t)sqlite3_column_int64(st, 1);
        w->time = sqlite3_column_int64(st, 2);
    }
    sqlite3_reset(st);
    return rc == SQLITE_ROW || rc == SQLITE_DONE
               ? YW_OK
               : yw_sql_fail(m->sql.db, err, m->sql.path, "looking for open records");
}

static enum yw_code begin_month(struct yw_store *s, struct yw_month *m, struct yw_month_note *note,
                                struct yw_error *err) {
    int64_t last = 0;
    enum yw_code code = yw_record_last(m, &last, err);
    if (code != YW_OK) return code;
    /* What was there when the store was opened has settled. */
    note->settled_id = note->next_settled_id < 0 ? last : note->next_settled_id;
    note->next_settled_id = last;
    note->untidy = false;
    s->sweep = (struct yw_sweep){.running = true, .month = note->month, .time = INT64_MIN};
    return YW_OK;
}

/* The next month of this sweep that may hold something to pack; found = false: the sweep is over. */
static enum yw_code next_month(struct yw_store *s, int32_t before_day, bool *found, struct yw_error *err) {
    int32_t *months;
    size_t n;
    int64_t end = yw_china_day_start(before_day);
    *found = false;
    enum yw_code code = yw_months_list(s, INT64_MIN / 2, end, &months, &n, err);
    for (size_t i = 0; code == YW_OK && !*found && i < n; i++) {
        struct yw_month *m;
        struct yw_month_note *note = yw_note(s, months[i], err);
        if (!note) code = YW_E_NOMEM;
        if (!note || months[i] <= s->sweep.month) continue;
        if (!note->untidy && yw_month_start(months[i] + 1) <= end) continue;
        code = yw_month_open(s, months[i], false, &m, err);
        if (code != YW_OK || !m) continue;
        code = begin_month(s, m, note, err);
        *found = code == YW_OK;
    }
    free(months);
    return code;
}

/* A month that is over gives back the room its packed records took; while it runs, new records use it. */
static enum yw_code shrink(struct yw_month *m, int32_t before_day, bool *more, struct yw_error *err) {
    *more = false;
    if (yw_month_start(m->month + 1) > yw_china_day_start(before_day)) return YW_OK;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_FREE_PAGES, err);
    if (!st || sqlite3_step(st) != SQLITE_ROW)
        return yw_sql_fail(m->sql.db, err, m->sql.path, "looking for free pages");
    int64_t pages = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    if (pages == 0) return YW_OK;
    *more = pages > PAGES_MAX;
    return yw_sql_exec(&m->sql, "PRAGMA incremental_vacuum(1000)", err);
}

enum yw_code yw_tidy_step(struct yw_store *s, int32_t before_day, bool *more, struct yw_error *err) {
    struct yw_month *m = NULL;
    size_t packed = 0;
    bool found = true;
    *more = false;
    if (s->batch) return yw_fail(err, YW_E_STATE, "tidy inside a batch");
    s->closed_before = before_day;
    if (s->filled_n > 0) yw_filled_pack(s);
    if (!s->sweep.running) {
        s->sweep = (struct yw_sweep){.month = -1};
        enum yw_code code = yw_index_trim(s, before_day, err);
        if (code == YW_OK) code = next_month(s, before_day, &found, err);
        if (code != YW_OK || !found) return code;
    }
    struct yw_month_note *note = yw_note(s, s->sweep.month, err);
    enum yw_code code = note ? yw_month_open(s, s->sweep.month, false, &m, err) : YW_E_NOMEM;
    for (int i = 0; code == YW_OK && m && found && i < LOOKS_MAX && packed < ROWS_MAX; i++) {
        code = find_next(s, m, &found, err);
        if (code == YW_OK && found) code = look_at_day(s, m, note, before_day, &packed, err);
    }
    code = end_step(m, code, err);
    bool shrinking = false;
    if (code == YW_OK && m && !found) code = shrink(m, before_day, &shrinking, err);
    if (code == YW_OK && !shrinking && (!found || !m))
        code = next_month(s, before_day, &s->sweep.running, err);
    if (code != YW_OK) s->sweep.running = false;
    *more = s->sweep.running;
    return code;
}
