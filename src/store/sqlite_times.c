/* Which data times are there, and how they came: of a closed day only the first columns of its chunk are
 * looked at, of an open one no values. */
#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

struct times { /* the records of one data time, in order of source */
    int64_t time, arrival;
    uint8_t flags;
    bool any, live, more;
    bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags);
    void *arg;
};

static void give(struct times *t) {
    if (t->any && t->more) t->more = t->each(t->arg, t->time, t->arrival, t->flags);
    t->any = t->live = false;
}

/* Records come in order of (time, source): the first live one counts, else the first. */
static void take(struct times *t, int64_t time, int64_t arrival, uint8_t flags) {
    bool live = !(flags & YW_ROW_BACKFILLED);
    if (t->any && t->time != time) give(t);
    if (!t->any || (live && !t->live)) {
        t->time = time;
        t->arrival = arrival;
        t->flags = flags;
        t->live = live;
    }
    t->any = true;
}

static enum yw_code open_times(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t from, int64_t to,
                               struct times *t, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RECORD_TIMES, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading times");
    YW_SQL_BIND(st, outlet, kind, from, to);
    int rc = SQLITE_DONE;
    while (t->more && (rc = sqlite3_step(st)) == SQLITE_ROW)
        take(t, sqlite3_column_int64(st, 0), sqlite3_column_int64(st, 1),
             (uint8_t)(sqlite3_column_int64(st, 2) & ~(int64_t)YW_RECORD_HAS_RESENDS));
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW
                            ? YW_OK
                            : yw_sql_fail(m->sql.db, err, m->sql.path, "reading times");
    sqlite3_reset(st);
    give(t);
    return code;
}

/* *closed: false where the day has no chunk. */
static enum yw_code closed_times(struct yw_store *s, struct yw_month *m, uint32_t outlet, uint8_t kind,
                                 int32_t day, int64_t from, int64_t to, bool *closed, struct times *t,
                                 struct yw_error *err) {
    struct yw_day *d = &s->day;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHUNK_GET, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "reading chunks");
    YW_SQL_BIND(st, outlet, kind, day);
    int rc = sqlite3_step(st);
    enum yw_code code = rc == SQLITE_ROW || rc == SQLITE_DONE
                            ? YW_OK
                            : yw_sql_fail(m->sql.db, err, m->sql.path, "reading chunks");
    *closed = rc == SQLITE_ROW;
    if (*closed)
        code = yw_chunk_times(sqlite3_column_blob(st, 0), (size_t)sqlite3_column_bytes(st, 0), outlet, kind,
                              day, d, err);
    sqlite3_reset(st);
    for (size_t i = 0; *closed && code == YW_OK && t->more && i < d->n; i++) {
        if (d->rows[i].time >= from && d->rows[i].time < to)
            take(t, d->rows[i].time, d->rows[i].source.arrival, d->rows[i].flags);
    }
    give(t);
    return code;
}

static enum yw_code month_times(struct yw_store *s, struct yw_month *m, uint32_t outlet, uint8_t kind,
                                int64_t from, int64_t to, struct times *t, struct yw_error *err) {
    enum yw_code code = YW_OK;
    while (t->more && from < to) {
        int32_t day;
        bool found, closed;
        code = yw_day_next(m, outlet, kind, from, &day, &found, err);
        if (code != YW_OK || !found) break;
        int64_t begin = yw_china_day_start(day), end = begin + YW_DAY;
        if (begin < from) begin = from;
        if (begin >= to) break;
        if (end > to) end = to;
        code = closed_times(s, m, outlet, kind, day, begin, end, &closed, t, err);
        if (code == YW_OK && !closed) code = open_times(m, outlet, kind, begin, end, t, err);
        if (code != YW_OK) break;
        from = end;
    }
    return code;
}

enum yw_code yw_read_times(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                           bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags), void *arg,
                           struct yw_error *err) {
    int32_t *months;
    size_t n;
    struct times t = {.more = true, .each = each, .arg = arg};
    enum yw_code code = yw_months_list(s, from, to, &months, &n, err);
    for (size_t i = 0; code == YW_OK && t.more && i < n; i++) {
        struct yw_month *m;
        int64_t begin = yw_month_start(months[i]), end = yw_month_start(months[i] + 1);
        code = yw_read_begin(s, months[i], &m, err);
        if (code != YW_OK || !m) continue;
        code = month_times(s, m, outlet, (uint8_t)kind, begin > from ? begin : from, end < to ? end : to, &t,
                           err);
        yw_read_end(m);
    }
    free(months);
    return code;
}
