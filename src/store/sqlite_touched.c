/* Which hours got new rows: noted in memory while a batch lasts, then in index.db's transaction of the same
 * batch. A record that is put again after a crash is noted again, so nothing is missed whatever file was
 * behind. */
#include "store/sqlite_columns.h"

#include <stdlib.h>

enum { HOUR_BITS = 24, KIND_BITS = 8 };

static uint64_t key_of(const struct yw_row *row) {
    uint64_t hour = (uint64_t)(yw_hour_of(row->time) / YW_HOUR); /* not before 1970: the row is not odd */
    return (uint64_t)row->outlet << (HOUR_BITS + KIND_BITS) | (uint64_t)row->kind << HOUR_BITS | hour;
}

enum yw_code yw_touched_open(struct yw_store *s, struct yw_error *err) {
    s->touched_slots = calloc(YW_TOUCHED_SLOTS, sizeof *s->touched_slots);
    s->touched_batch = 1;
    if (!s->touched_slots) return yw_fail(err, YW_E_NOMEM, "no memory left for the store");
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_TOUCHED_LAST, err);
    if (!st || sqlite3_step(st) != SQLITE_ROW)
        return yw_sql_fail(s->index.db, err, s->index.path, "reading touched hours");
    s->generation = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return YW_OK;
}

void yw_touched_close(struct yw_store *s) {
    free(s->touched_slots);
    free(s->touched);
}

void yw_touched_forget(struct yw_store *s) {
    s->touched_n = 0;
    s->touched_batch++;
}

enum yw_code yw_touched_note(struct yw_store *s, const struct yw_row *row, struct yw_error *err) {
    if (!yw_row_touches(row)) return YW_OK;
    uint64_t key = key_of(row);
    if (row->source.arrival > s->touched_arrival) s->touched_arrival = row->source.arrival;
    struct yw_touched *slot = &s->touched_slots[(key * UINT64_C(0x9E3779B97F4A7C15)) >> 52];
    if (slot->key == key && slot->batch == s->touched_batch) return YW_OK;
    if (s->touched_n == s->touched_cap) {
        size_t cap = s->touched_cap ? s->touched_cap * 2 : 1024;
        uint64_t *more = realloc(s->touched, cap * sizeof *more);
        if (!more) return yw_fail(err, YW_E_NOMEM, "no memory to note a touched hour");
        s->touched = more;
        s->touched_cap = cap;
    }
    *slot = (struct yw_touched){key, s->touched_batch};
    s->touched[s->touched_n++] = key;
    return YW_OK;
}

/* Generations lie near the arrivals of what touched, so that they grow on after a power cut that took the
 * last of them. */
enum yw_code yw_touched_write(struct yw_store *s, struct yw_error *err) {
    enum yw_code code = YW_OK;
    if (s->touched_n == 0) return YW_OK;
    s->generation = s->touched_arrival > s->generation ? s->touched_arrival : s->generation + 1;
    for (size_t i = 0; code == YW_OK && i < s->touched_n; i++) {
        uint64_t key = s->touched[i];
        sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_TOUCHED_PUT, err);
        if (!st) return yw_sql_fail(s->index.db, err, s->index.path, "noting touched hours");
        YW_SQL_BIND(st, (int64_t)(key >> (HOUR_BITS + KIND_BITS)),
                    (int64_t)(key >> HOUR_BITS & ((1u << KIND_BITS) - 1)),
                    (int64_t)(key & ((1u << HOUR_BITS) - 1)) * YW_HOUR, s->generation);
        code = yw_sql_run(&s->index, st, err);
    }
    return code;
}

/* In index.db's transaction; whoever calls commits it. */
enum yw_code yw_touched_trim(struct yw_store *s, int32_t before_day, struct yw_error *err) {
    if (before_day > INT32_MAX / 2) return YW_OK;
    enum yw_code code = yw_index_begin(s, err);
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&s->index, YW_I_TOUCHED_TRIM, err) : NULL;
    if (!st) return code != YW_OK ? code : yw_sql_fail(s->index.db, err, s->index.path, "forgetting touched");
    sqlite3_bind_int64(st, 1, yw_china_day_start(before_day - YW_TOUCHED_DAYS_KEPT));
    return yw_sql_run(&s->index, st, err);
}

enum yw_code yw_touched_read(struct yw_store *s, int64_t since,
                             bool (*each)(void *arg, uint32_t outlet, uint8_t kind, int64_t hour,
                                          int64_t generation),
                             void *arg, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_TOUCHED_SINCE, err);
    if (!st) return yw_sql_fail(s->index.db, err, s->index.path, "reading touched hours");
    sqlite3_bind_int64(st, 1, since);
    int rc;
    bool more = true;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW && more)
        more = each(arg, (uint32_t)sqlite3_column_int64(st, 0), (uint8_t)sqlite3_column_int64(st, 1),
                    sqlite3_column_int64(st, 2), sqlite3_column_int64(st, 3));
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW
                            ? YW_OK
                            : yw_sql_fail(s->index.db, err, s->index.path, "reading touched hours");
    sqlite3_reset(st);
    return code;
}
