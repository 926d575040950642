/* index.db: what spans months. Written after the month files of a batch; whatever a crash leaves it behind by
 * is made up for when the records are put again. */
#include "store/sqlite_columns.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char index_schema[] =
    "CREATE TABLE about(name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
    /* everything before it was committed: what waiting and odd have counted */
    "CREATE TABLE checkpoint(journal INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;"
    /* everything before it is durable in all files: where reading begins after a start */
    "CREATE TABLE safe(journal INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;"
    /* the checkpoints that each month's file had then: a file that has less was put back from an older copy
     */
    "CREATE TABLE month(month TEXT NOT NULL, journal INTEGER NOT NULL, position INTEGER NOT NULL,"
    " PRIMARY KEY(month, journal)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE latest(outlet INTEGER NOT NULL, kind INTEGER NOT NULL, live INTEGER NOT NULL,"
    " time INTEGER NOT NULL, arrival INTEGER NOT NULL, journal INTEGER NOT NULL, position INTEGER NOT NULL,"
    " change INTEGER NOT NULL, PRIMARY KEY(outlet, kind)) STRICT, WITHOUT ROWID;"
    "CREATE INDEX latest_change ON latest(change);"
    "CREATE TABLE waiting(mn TEXT PRIMARY KEY, st TEXT NOT NULL, peer TEXT NOT NULL, first_seen INTEGER NOT "
    "NULL,"
    " last_seen INTEGER NOT NULL, packets INTEGER NOT NULL, bad_pw INTEGER NOT NULL, arrival INTEGER NOT "
    "NULL,"
    " journal INTEGER NOT NULL, position INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE odd(journal INTEGER NOT NULL, position INTEGER NOT NULL, outlet INTEGER NOT NULL,"
    " kind INTEGER NOT NULL, time INTEGER NOT NULL, arrival INTEGER NOT NULL, device INTEGER NOT NULL,"
    " flags INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY(journal, position)) STRICT, WITHOUT ROWID;"
    "INSERT INTO about VALUES('format', 1);";

enum {
    CHECKPOINT_PUT = YW_I_STATEMENTS,
    CHECKPOINT_ALL,
    SAFE_PUT,
    SAFE_GET,
    SAFE_ALL,
    MONTH_PUT,
    MONTH_ALL,
    LATEST_PUT,
    LATEST_SINCE,
    WAITING_COUNT,
    WAITING_GET,
    WAITING_PUT,
    WAITING_ALL,
    ODD_PUT,
    STATEMENTS
};

#define LATEST_COLUMNS  "outlet, kind, live, time, arrival, journal, position, change"
#define WAITING_COLUMNS "mn, st, peer, first_seen, last_seen, packets, bad_pw, arrival, journal, position"

static const char *const index_statements[STATEMENTS] = {
    YW_DEVICE_STATEMENTS,
    YW_TOUCHED_STATEMENTS,
    [CHECKPOINT_PUT] = "INSERT INTO checkpoint VALUES(?,?) ON CONFLICT(journal)"
                       " DO UPDATE SET position = max(position, excluded.position)",
    [CHECKPOINT_ALL] = "SELECT journal, position FROM checkpoint",
    [SAFE_PUT] = "INSERT OR REPLACE INTO safe VALUES(?,?)",
    [SAFE_GET] = "SELECT position FROM safe WHERE journal=?",
    [SAFE_ALL] = "SELECT journal, position FROM safe",
    [MONTH_PUT] = "INSERT OR REPLACE INTO month VALUES(?3,?1,?2)",
    [MONTH_ALL] = "SELECT month, journal, position FROM month",
    [LATEST_PUT] = "INSERT OR REPLACE INTO latest(" LATEST_COLUMNS ") VALUES(?,?,?,?,?,?,?,?)",
    [LATEST_SINCE] = "SELECT " LATEST_COLUMNS " FROM latest WHERE change>? ORDER BY outlet, kind",
    [WAITING_COUNT] = "SELECT count(*) FROM waiting",
    [WAITING_GET] = "SELECT " WAITING_COLUMNS " FROM waiting WHERE mn=?",
    [WAITING_PUT] = "INSERT OR REPLACE INTO waiting(" WAITING_COLUMNS ") VALUES(?,?,?,?,?,?,?,?,?,?)",
    [WAITING_ALL] = "SELECT " WAITING_COLUMNS " FROM waiting ORDER BY mn",
    [ODD_PUT] =
        "INSERT OR IGNORE INTO odd(journal, position, outlet, kind, time, arrival, device, flags, body)"
        " VALUES(?,?,?,?,?,?,?,?,?)",
};

static enum yw_code failed(struct yw_store *s, struct yw_error *err, const char *doing) {
    return yw_sql_fail(s->index.db, err, s->index.path, doing);
}

static enum yw_code open_file(struct yw_store *s, struct yw_error *err) {
    char path[YW_STORE_PATH_MAX];
    size_t n = strlen(s->folder);
    struct stat st;
    memcpy(path, s->folder, n);
    memcpy(path + n, "/index.db", 10);
    if (!s->read_only && stat(path, &st) != 0) {
        enum yw_code code = yw_sql_create(path, index_schema, err);
        if (code != YW_OK) return code;
    }
    enum yw_code code =
        yw_sql_open(&s->index, path, s->read_only, s->full_sync, index_statements, STATEMENTS, err);
    /* Tables that older files do not have: their journals are then read again from the beginning. */
    return code == YW_OK && !s->read_only ? yw_sql_exec(&s->index, YW_DEVICE_SCHEMA YW_TOUCHED_SCHEMA, err)
                                          : code;
}

enum yw_code yw_index_look(struct yw_store *s, bool *there, struct yw_error *err) {
    struct yw_error why = {0};
    if (s->index.db && s->read_only && yw_sql_replaced(&s->index)) {
        yw_sql_close(&s->index);
        yw_months_close(s);
    }
    enum yw_code code = s->index.db ? YW_OK : open_file(s, &why);
    *there = code == YW_OK;
    if (code != YW_OK && code != YW_E_NOT_FOUND) {
        if (err) *err = why;
        return code;
    }
    return YW_OK;
}

/* ---- reading in what the writer must know ---- */

static enum yw_code load_positions(struct yw_store *s, unsigned which, uint64_t *by_journal,
                                   struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, which, err);
    int rc = SQLITE_ERROR;
    while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        by_journal[(uint16_t)sqlite3_column_int64(st, 0)] = (uint64_t)sqlite3_column_int64(st, 1);
    }
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : failed(s, err, "reading checkpoints");
    sqlite3_reset(st);
    return code;
}

static struct yw_last *last_of(struct yw_store *s, uint32_t outlet, uint8_t kind) {
    uint32_t place;
    uint64_t key = yw_series_key(outlet, kind);
    if (yw_map_get(&s->last_places, key, &place)) return &s->last[place];
    if (s->last_n == s->last_cap) {
        size_t cap = s->last_cap ? s->last_cap * 2 : 256;
        struct yw_last *more = realloc(s->last, cap * sizeof *more);
        if (!more) return NULL;
        s->last = more;
        s->last_cap = cap;
    }
    if (!yw_map_put(&s->last_places, key, (uint32_t)s->last_n)) return NULL;
    s->last[s->last_n] = (struct yw_last){.latest = {.outlet = outlet, .kind = kind, .time = INT64_MIN}};
    return &s->last[s->last_n++];
}

static void read_latest(sqlite3_stmt *st, struct yw_latest *l, bool *live) {
    *l = (struct yw_latest){
        .outlet = (uint32_t)sqlite3_column_int64(st, 0),
        .kind = (uint8_t)sqlite3_column_int64(st, 1),
        .time = sqlite3_column_int64(st, 3),
        .source = {.arrival = sqlite3_column_int64(st, 4),
                   .journal = (uint16_t)sqlite3_column_int64(st, 5),
                   .position = (uint64_t)sqlite3_column_int64(st, 6)},
        .change = (uint64_t)sqlite3_column_int64(st, 7),
    };
    *live = sqlite3_column_int64(st, 2) != 0;
}

static enum yw_code load_latest(struct yw_store *s, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, LATEST_SINCE, err);
    if (!st) return failed(s, err, "reading latest");
    sqlite3_bind_int64(st, 1, -1);
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct yw_latest l;
        bool live;
        read_latest(st, &l, &live);
        struct yw_last *last = last_of(s, l.outlet, l.kind);
        if (!last) rc = SQLITE_NOMEM;
        if (!last) break;
        last->latest = l;
        last->live = live;
        if (l.change > s->change) s->change = l.change;
    }
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : failed(s, err, "reading latest");
    sqlite3_reset(st);
    return code;
}

/* A month file with less in it than was noted when all was synced was put back from an older copy: its
 * records are read again from where it stands. One that is gone was dropped. */
static enum yw_code find_older_copies(struct yw_store *s, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, MONTH_ALL, err);
    enum yw_code code = st ? YW_OK : failed(s, err, "reading the months' checkpoints");
    while (code == YW_OK && sqlite3_step(st) == SQLITE_ROW) {
        int32_t month;
        struct yw_month *m = NULL;
        const char *name = (const char *)sqlite3_column_text(st, 0);
        uint16_t journal = (uint16_t)sqlite3_column_int64(st, 1);
        uint64_t noted = (uint64_t)sqlite3_column_int64(st, 2), has = 0;
        if (!name || !yw_month_number(name, strlen(name), &month)) continue;
        code = yw_month_open(s, month, false, &m, err);
        if (code != YW_OK || !m) continue;
        sqlite3_stmt *own = yw_sql_get(&m->sql, YW_M_CHECKPOINT_ALL, err);
        while (own && sqlite3_step(own) == SQLITE_ROW) {
            if (sqlite3_column_int64(own, 0) == journal) has = (uint64_t)sqlite3_column_int64(own, 1);
        }
        sqlite3_reset(own);
        if (has < noted && has < s->start[journal]) s->start[journal] = has;
    }
    sqlite3_reset(st);
    return code;
}

static enum yw_code load(struct yw_store *s, struct yw_error *err) {
    memset(s->counted, 0, (UINT16_MAX + 1) * sizeof *s->counted);
    yw_map_free(&s->last_places);
    s->last_n = s->dirty_n = 0;
    s->waiting_n = s->notices_n = -1;
    enum yw_code code = load_positions(s, CHECKPOINT_ALL, s->counted, err);
    return code == YW_OK ? load_latest(s, err) : code;
}

enum yw_code yw_index_open(struct yw_store *s, struct yw_error *err) {
    size_t journals = UINT16_MAX + 1;
    s->counted = calloc(journals, sizeof *s->counted);
    s->reached = calloc(journals, sizeof *s->reached);
    s->start = calloc(journals, sizeof *s->start);
    if (!s->counted || !s->reached || !s->start)
        return yw_fail(err, YW_E_NOMEM, "no memory left for the store");
    enum yw_code code = open_file(s, err);
    if (code == YW_OK) code = load(s, err);
    if (code == YW_OK) code = load_positions(s, SAFE_ALL, s->start, err);
    if (code == YW_OK) code = yw_device_open(s, err);
    if (code == YW_OK) code = yw_touched_open(s, err);
    if (code == YW_OK) code = load_positions(s, YW_I_TALLIED_ALL, s->tallied, err);
    if (code != YW_OK) return code;
    for (size_t j = 0; j < journals; j++) {
        s->flushed[j] = s->tallied[j];
        if (s->tallied[j] < s->start[j]) s->start[j] = s->tallied[j];
    }
    return find_older_copies(s, err);
}

/* After a rollback what the files say counts. A failure shows again at the next commit, so it is not told
 * here. */
void yw_index_forget(struct yw_store *s) {
    if (s->index_writing) sqlite3_exec(s->index.db, "ROLLBACK", NULL, NULL, NULL);
    s->index_writing = false;
    yw_tally_clear(&s->staged);
    yw_touched_forget(s);
    load(s, NULL);
}

enum yw_code yw_index_begin(struct yw_store *s, struct yw_error *err) {
    if (s->index_writing) return YW_OK;
    enum yw_code code = yw_sql_exec(&s->index, "BEGIN IMMEDIATE", err);
    s->index_writing = code == YW_OK;
    return code;
}

/* ---- latest ---- */

enum yw_code yw_index_offer(struct yw_store *s, const struct yw_latest *l, bool live, bool changed,
                            struct yw_error *err) {
    struct yw_last *last = last_of(s, l->outlet, l->kind);
    if (!last) return yw_fail(err, YW_E_NOMEM, "no memory for the latest records");
    bool newer = last->latest.time == INT64_MIN || (live && !last->live) ||
                 (live == last->live && l->time > last->latest.time);
    bool same = live == last->live && l->time == last->latest.time;
    if (newer || (same && yw_source_compare(&l->source, &last->latest.source) != 0)) {
        last->latest.time = l->time;
        last->latest.source = l->source;
        last->live = live;
        changed = true;
    }
    if (!changed || last->dirty) return YW_OK;
    if (s->dirty_n == s->dirty_cap) {
        size_t cap = s->dirty_cap ? s->dirty_cap * 2 : 256;
        uint32_t *more = realloc(s->dirty, cap * sizeof *more);
        if (!more) return yw_fail(err, YW_E_NOMEM, "no memory for the latest records");
        s->dirty = more;
        s->dirty_cap = cap;
    }
    last->dirty = true;
    s->dirty[s->dirty_n++] = (uint32_t)(last - s->last);
    return YW_OK;
}

static enum yw_code write_latest(struct yw_store *s, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < s->dirty_n; i++) {
        const struct yw_last *last = &s->last[s->dirty[i]];
        const struct yw_latest *l = &last->latest;
        sqlite3_stmt *st = yw_sql_get(&s->index, LATEST_PUT, err);
        if (!st) return failed(s, err, "writing latest");
        YW_SQL_BIND(st, l->outlet, l->kind, last->live, l->time, l->source.arrival, l->source.journal,
                    (int64_t)l->source.position, (int64_t)(s->change + 1));
        code = yw_sql_run(&s->index, st, err);
    }
    return code;
}

enum yw_code yw_index_latest(struct yw_store *s, uint64_t since_change,
                             bool (*each)(void *arg, const struct yw_latest *l), void *arg,
                             struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, LATEST_SINCE, err);
    if (!st) return failed(s, err, "reading latest");
    sqlite3_bind_int64(st, 1, since_change > INT64_MAX ? INT64_MAX : (int64_t)since_change);
    int rc;
    bool more = true;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW && more) {
        struct yw_latest l;
        bool live;
        read_latest(st, &l, &live);
        more = each(arg, &l);
    }
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : failed(s, err, "reading latest");
    sqlite3_reset(st);
    return code;
}

/* ---- waiting and odd ---- */

static void copy_column(sqlite3_stmt *st, int column, char *to, size_t size) {
    const char *text = (const char *)sqlite3_column_text(st, column);
    yw_copy(to, size, text ? text : "", (size_t)sqlite3_column_bytes(st, column));
}

static void read_waiting(sqlite3_stmt *st, struct yw_waiting *w) {
    memset(w, 0, sizeof *w);
    copy_column(st, 0, w->mn, sizeof w->mn);
    copy_column(st, 1, w->st, sizeof w->st);
    copy_column(st, 2, w->peer, sizeof w->peer);
    w->first_seen = sqlite3_column_int64(st, 3);
    w->last_seen = sqlite3_column_int64(st, 4);
    w->packets = (uint64_t)sqlite3_column_int64(st, 5);
    w->bad_pw = (uint64_t)sqlite3_column_int64(st, 6);
    w->sample.arrival = sqlite3_column_int64(st, 7);
    w->sample.journal = (uint16_t)sqlite3_column_int64(st, 8);
    w->sample.position = (uint64_t)sqlite3_column_int64(st, 9);
}

static enum yw_code get_waiting(struct yw_store *s, const char *mn, struct yw_waiting *w, bool *found,
                                struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, WAITING_GET, err);
    if (!st) return failed(s, err, "reading waiting");
    sqlite3_bind_text(st, 1, mn, -1, SQLITE_STATIC);
    int rc = sqlite3_step(st);
    *found = rc == SQLITE_ROW;
    if (*found) read_waiting(st, w);
    sqlite3_reset(st);
    return *found || rc == SQLITE_DONE ? YW_OK : failed(s, err, "reading waiting");
}

static enum yw_code count_waiting(struct yw_store *s, struct yw_error *err) {
    if (s->waiting_n >= 0) return YW_OK;
    sqlite3_stmt *st = yw_sql_get(&s->index, WAITING_COUNT, err);
    if (!st || sqlite3_step(st) != SQLITE_ROW) return failed(s, err, "counting waiting");
    s->waiting_n = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return YW_OK;
}

enum yw_code yw_index_put_waiting(struct yw_store *s, const struct yw_waiting *w, struct yw_error *err) {
    struct yw_waiting all, one = *w;
    bool found = false;
    if (w->sample.position < s->counted[w->sample.journal]) return YW_OK;
    enum yw_code code = yw_index_begin(s, err);
    if (code == YW_OK) code = count_waiting(s, err);
    if (code == YW_OK) code = get_waiting(s, one.mn, &all, &found, err);
    if (code == YW_OK && !found && s->waiting_n >= YW_WAITING_MAX) {
        yw_copy(one.mn, sizeof one.mn, "*", 1);
        code = get_waiting(s, one.mn, &all, &found, err);
    }
    if (code != YW_OK) return code;
    if (found)
        yw_waiting_merge(&all, &one);
    else
        all = one;
    sqlite3_stmt *st = yw_sql_get(&s->index, WAITING_PUT, err);
    if (!st) return failed(s, err, "writing waiting");
    sqlite3_bind_text(st, 1, all.mn, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, all.st, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 3, all.peer, -1, SQLITE_STATIC);
    const int64_t numbers[] = {
        all.first_seen,     all.last_seen,      (int64_t)all.packets,        (int64_t)all.bad_pw,
        all.sample.arrival, all.sample.journal, (int64_t)all.sample.position};
    for (int i = 0; i < (int)YW_COUNT(numbers); i++) sqlite3_bind_int64(st, 4 + i, numbers[i]);
    code = yw_sql_run(&s->index, st, err);
    if (code == YW_OK && !found) s->waiting_n++;
    return code;
}

enum yw_code yw_index_waiting(struct yw_store *s, bool (*each)(void *arg, const struct yw_waiting *w),
                              void *arg, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, WAITING_ALL, err);
    if (!st) return failed(s, err, "reading waiting");
    int rc;
    bool more = true;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW && more) {
        struct yw_waiting w;
        read_waiting(st, &w);
        more = each(arg, &w);
    }
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : failed(s, err, "reading waiting");
    sqlite3_reset(st);
    return code;
}

enum yw_code yw_index_put_odd(struct yw_store *s, const struct yw_row *row, struct yw_error *err) {
    uint8_t shape[YW_SHAPE_BYTES_MAX];
    size_t n = yw_pack_shape(row->values, row->count, shape);
    yw_buf_clear(&s->body);
    yw_add_varint(&s->body, n);
    yw_buf_add(&s->body, shape, n);
    yw_pack_body(row->values, row->count, &s->body);
    enum yw_code code = yw_index_begin(s, err);
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&s->index, ODD_PUT, err) : NULL;
    if (!st) return code == YW_OK ? failed(s, err, "writing odd") : code;
    YW_SQL_BIND(st, row->source.journal, (int64_t)row->source.position, row->outlet, row->kind, row->time,
                row->source.arrival, row->device, row->flags);
    sqlite3_bind_blob(st, 9, s->body.data, (int)s->body.len, SQLITE_STATIC);
    return yw_sql_run(&s->index, st, err);
}

/* ---- commit and checkpoints ---- */

static enum yw_code put_position(struct yw_store *s, unsigned which, uint16_t journal, uint64_t position,
                                 const char *month, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, which, err);
    if (!st) return failed(s, err, "writing checkpoints");
    YW_SQL_BIND(st, journal, (int64_t)position);
    if (month) sqlite3_bind_text(st, 3, month, -1, SQLITE_STATIC);
    return yw_sql_run(&s->index, st, err);
}

enum yw_code yw_index_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                             struct yw_error *err) {
    bool flushed = false;
    enum yw_code code = yw_index_begin(s, err);
    if (code == YW_OK) code = write_latest(s, err);
    if (code == YW_OK) code = yw_touched_write(s, err);
    if (code == YW_OK) code = yw_device_before_commit(s, &flushed, err);
    for (size_t i = 0; code == YW_OK && i < n; i++)
        code = put_position(s, CHECKPOINT_PUT, c[i].journal, c[i].position, NULL, err);
    if (code == YW_OK) code = yw_sql_exec(&s->index, "COMMIT", err);
    if (code != YW_OK) return code;
    s->index_writing = false;
    s->change++;
    yw_touched_forget(s);
    yw_device_committed(s, flushed, c, n);
    for (size_t i = 0; i < s->dirty_n; i++) {
        s->last[s->dirty[i]].dirty = false;
        s->last[s->dirty[i]].latest.change = s->change;
    }
    s->dirty_n = 0;
    for (size_t i = 0; i < n; i++) {
        uint16_t j = c[i].journal;
        if (c[i].position > s->counted[j]) s->counted[j] = c[i].position;
        if (c[i].position > s->reached[j]) s->reached[j] = c[i].position;
    }
    return YW_OK;
}

enum yw_code yw_index_note_month(struct yw_store *s, struct yw_month *m, struct yw_error *err) {
    char name[YW_MONTH_NAME];
    yw_month_name(m->month, name);
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHECKPOINT_ALL, err);
    enum yw_code code =
        st ? yw_index_begin(s, err) : yw_sql_fail(m->sql.db, err, m->sql.path, "reading checkpoints");
    while (code == YW_OK && sqlite3_step(st) == SQLITE_ROW) {
        code = put_position(s, MONTH_PUT, (uint16_t)sqlite3_column_int64(st, 0),
                            (uint64_t)sqlite3_column_int64(st, 1), name, err);
    }
    sqlite3_reset(st);
    return code;
}

enum yw_code yw_index_set_safe(struct yw_store *s, struct yw_error *err) {
    bool flush = yw_device_flush_is_due(s);
    enum yw_code code = yw_index_begin(s, err);
    if (code == YW_OK && flush) code = yw_device_flush(s, err);
    for (unsigned j = 0; code == YW_OK && j <= UINT16_MAX; j++) {
        if (s->reached[j] <= s->start[j]) continue;
        code = put_position(s, SAFE_PUT, (uint16_t)j, s->reached[j], NULL, err);
    }
    if (code == YW_OK) code = yw_sql_exec(&s->index, "COMMIT", err);
    if (code != YW_OK) return code;
    s->index_writing = false;
    if (flush) yw_device_flushed(s);
    for (unsigned j = 0; j <= UINT16_MAX; j++) {
        if (s->reached[j] > s->start[j]) s->start[j] = s->reached[j];
    }
    return YW_OK;
}

enum yw_code yw_index_trim(struct yw_store *s, int32_t before_day, struct yw_error *err) {
    if (before_day <= s->trimmed) return YW_OK;
    enum yw_code code = yw_touched_trim(s, before_day, err);
    if (code == YW_OK) code = yw_device_trim(s, before_day, err);
    if (code == YW_OK && s->index_writing) code = yw_sql_exec(&s->index, "COMMIT", err);
    if (code == YW_OK)
        s->index_writing = false;
    else
        yw_index_forget(s);
    return code;
}

/* A failure costs nothing but that journals are read again from where tallies were written last. */
void yw_index_end(struct yw_store *s) {
    if (s->read_only || !s->index.db || !s->flushed || yw_tally_is_empty(&s->pending)) return;
    if (yw_device_flush(s, NULL) == YW_OK) sqlite3_exec(s->index.db, "COMMIT", NULL, NULL, NULL);
}

enum yw_code yw_index_checkpoint(struct yw_store *s, uint16_t journal, uint64_t *position,
                                 struct yw_error *err) {
    if (!s->read_only) {
        *position = s->start[journal];
        return YW_OK;
    }
    sqlite3_stmt *st = yw_sql_get(&s->index, SAFE_GET, err);
    if (!st) return failed(s, err, "reading checkpoints");
    sqlite3_bind_int64(st, 1, journal);
    int rc = sqlite3_step(st);
    *position = rc == SQLITE_ROW ? (uint64_t)sqlite3_column_int64(st, 0) : 0;
    sqlite3_reset(st);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? YW_OK : failed(s, err, "reading checkpoints");
}
