/* The records of a day or of one data time, from wherever they lie. */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

/* The sources of a record's further copies; free() them. */
static enum yw_code load_resends(struct yw_month *m, int64_t id, struct yw_source **out, size_t *n,
                                 struct yw_error *err) {
    size_t cap = 0;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RESEND_GET, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading resends");
    sqlite3_bind_int64(st, 1, id);
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        if (*n == cap) {
            cap = cap ? cap * 2 : 4;
            struct yw_source *grown = realloc(*out, cap * sizeof *grown);
            if (!grown) break;
            *out = grown;
        }
        struct yw_source *s = &(*out)[(*n)++];
        memset(s, 0, sizeof *s);
        s->arrival = sqlite3_column_int64(st, 0);
        s->journal = (uint16_t)sqlite3_column_int64(st, 1);
        s->position = (uint64_t)sqlite3_column_int64(st, 2);
    }
    sqlite3_reset(st);
    if (rc == SQLITE_ROW) return yw_fail(err, YW_E_NOMEM, "no memory for resends");
    return rc == SQLITE_DONE ? YW_OK : yw_sql_fail(m->sql.db, err, m->sql.path, "reading resends");
}

/* Adds the record of a statement over RECORD_COLUMNS. */
static enum yw_code add_record(struct yw_month *m, sqlite3_stmt *st, uint32_t outlet, uint8_t kind,
                               struct yw_day *d, struct yw_error *err) {
    struct yw_source *resends = NULL;
    struct yw_packed p = {.outlet = outlet, .kind = kind};
    p.id = sqlite3_column_int64(st, 0);
    p.time = sqlite3_column_int64(st, 1);
    p.source.arrival = sqlite3_column_int64(st, 2);
    p.source.journal = (uint16_t)sqlite3_column_int64(st, 3);
    p.source.position = (uint64_t)sqlite3_column_int64(st, 4);
    p.device = (uint32_t)sqlite3_column_int64(st, 5);
    int64_t flags = sqlite3_column_int64(st, 6);
    p.flags = (uint8_t)(flags & ~YW_RECORD_HAS_RESENDS);
    p.shape = (uint32_t)sqlite3_column_int64(st, 7);
    p.body = sqlite3_column_blob(st, 8);
    p.body_n = (size_t)sqlite3_column_bytes(st, 8);
    enum yw_code code = YW_OK;
    if (flags & YW_RECORD_HAS_RESENDS) code = load_resends(m, p.id, &resends, &p.resend_count, err);
    p.resends = resends;
    if (code == YW_OK && !yw_day_add(d, &p))
        code = yw_fail(err, YW_E_LIMIT, "%s: outlet %u has too many records in a day", m->sql.path, outlet);
    free(resends);
    return code;
}

static enum yw_code load_records(struct yw_month *m, sqlite3_stmt *st, uint32_t outlet, uint8_t kind,
                                 struct yw_day *d, struct yw_error *err) {
    enum yw_code code = YW_OK;
    int rc = SQLITE_DONE;
    yw_day_clear(d);
    while (code == YW_OK && (rc = sqlite3_step(st)) == SQLITE_ROW)
        code = add_record(m, st, outlet, kind, d, err);
    if (code == YW_OK && rc != SQLITE_DONE)
        code = yw_sql_fail(m->sql.db, err, m->sql.path, "reading records");
    sqlite3_reset(st);
    yw_day_done(d, true);
    return code;
}

enum yw_code yw_key_load(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t time, struct yw_day *d,
                         struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RECORD_KEY, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading records");
    YW_SQL_BIND(st, outlet, kind, time);
    return load_records(m, st, outlet, kind, d, err);
}

/* Cuts a sorted day to [from, to). */
static void cut(struct yw_day *d, int64_t from, int64_t to) {
    size_t begin = 0, end = d->n;
    while (begin < end && d->rows[begin].time < from) begin++;
    while (end > begin && d->rows[end - 1].time >= to) end--;
    if (begin > 0) memmove(d->rows, d->rows + begin, (end - begin) * sizeof *d->rows);
    d->n = end - begin;
}

enum yw_code yw_day_load(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t from, int64_t to,
                         struct yw_day *d, bool *closed, struct yw_error *err) {
    int32_t day = yw_china_day(from);
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHUNK_GET, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading chunks");
    YW_SQL_BIND(st, outlet, kind, day);
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) {
        enum yw_code code = yw_chunk_unpack(sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0),
                                            outlet, kind, day, d, err);
        sqlite3_reset(st);
        if (closed) *closed = true;
        if (code == YW_OK) cut(d, from, to);
        return code;
    }
    if (closed) *closed = false;
    if (rc != SQLITE_DONE) {
        enum yw_code code = yw_sql_fail(m->sql.db, err, m->sql.path, "reading chunks");
        sqlite3_reset(st);
        return code;
    }
    st = yw_sql_get(&m->sql, YW_M_RECORD_RANGE, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading records");
    YW_SQL_BIND(st, outlet, kind, from, to);
    return load_records(m, st, outlet, kind, d, err);
}

/* One integer or none. */
static enum yw_code ask(struct yw_month *m, unsigned which, uint32_t outlet, uint8_t kind, int64_t bound,
                        bool *found, int64_t *value, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&m->sql, which, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "looking for records");
    YW_SQL_BIND(st, outlet, kind, bound);
    int rc = sqlite3_step(st);
    *found = rc == SQLITE_ROW;
    if (*found) *value = sqlite3_column_int64(st, 0);
    enum yw_code code = rc == SQLITE_ROW || rc == SQLITE_DONE
                            ? YW_OK
                            : yw_sql_fail(m->sql.db, err, m->sql.path, "looking for records");
    sqlite3_reset(st);
    return code;
}

enum yw_code yw_day_next(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t from, int32_t *day,
                         bool *found, struct yw_error *err) {
    int64_t time = 0, chunk = 0;
    bool has_time = false, has_chunk = false;
    enum yw_code code = ask(m, YW_M_RECORD_NEXT, outlet, kind, from, &has_time, &time, err);
    if (code == YW_OK)
        code = ask(m, YW_M_CHUNK_NEXT, outlet, kind, yw_china_day(from), &has_chunk, &chunk, err);
    *found = has_time || has_chunk;
    if (has_time) *day = yw_china_day(time);
    if (has_chunk && (!has_time || chunk < *day)) *day = (int32_t)chunk;
    return code;
}

enum yw_code yw_day_before(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t before, int32_t *day,
                           bool *found, struct yw_error *err) {
    int64_t time = 0, chunk = 0;
    bool has_time = false, has_chunk = false;
    enum yw_code code = ask(m, YW_M_RECORD_BEFORE, outlet, kind, before, &has_time, &time, err);
    if (code == YW_OK)
        code = ask(m, YW_M_CHUNK_BEFORE, outlet, kind, yw_china_day(before - 1), &has_chunk, &chunk, err);
    *found = has_time || has_chunk;
    if (has_time) *day = yw_china_day(time);
    if (has_chunk && (!has_time || chunk > *day)) *day = (int32_t)chunk;
    return code;
}
