/* Month files: their tables, their statements, which of them are open. */
#include "store/sqlite_int.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

static const char month_schema[] =
    "CREATE TABLE about(name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE checkpoint(journal INTEGER PRIMARY KEY, position INTEGER NOT NULL) STRICT;"
    "CREATE TABLE shape(id INTEGER PRIMARY KEY, body BLOB NOT NULL) STRICT;"
    "CREATE TABLE record(id INTEGER PRIMARY KEY, outlet INTEGER NOT NULL, kind INTEGER NOT NULL,"
    " time INTEGER NOT NULL, arrival INTEGER NOT NULL, journal INTEGER NOT NULL, position INTEGER NOT NULL,"
    " device INTEGER NOT NULL, flags INTEGER NOT NULL, shape INTEGER NOT NULL, body BLOB NOT NULL) STRICT;"
    "CREATE INDEX record_key ON record(outlet, kind, time);"
    "CREATE TABLE resend(record INTEGER NOT NULL, arrival INTEGER NOT NULL, journal INTEGER NOT NULL,"
    " position INTEGER NOT NULL, PRIMARY KEY(record, journal, position)) STRICT, WITHOUT ROWID;"
    "CREATE TABLE chunk(outlet INTEGER NOT NULL, kind INTEGER NOT NULL, day INTEGER NOT NULL,"
    " count INTEGER NOT NULL, summed INTEGER NOT NULL, shapes BLOB NOT NULL, body BLOB NOT NULL, PRIMARY "
    "KEY(outlet, kind, day)) STRICT;"
    "CREATE TABLE pyramid(outlet INTEGER NOT NULL, kind INTEGER NOT NULL, factor TEXT NOT NULL,"
    " field TEXT NOT NULL, level INTEGER NOT NULL, day INTEGER NOT NULL, body BLOB NOT NULL,"
    " PRIMARY KEY(outlet, kind, factor, field, level, day)) STRICT, WITHOUT ROWID;"
    "INSERT INTO about VALUES('format', 1);";

#define RECORD_COLUMNS "id, time, arrival, journal, position, device, flags, shape, body"

static const char *const month_statements[YW_M_STATEMENTS] = {
    [YW_M_RECORD_ADD] =
        "INSERT INTO record(outlet, kind, time, arrival, journal, position, device, flags, shape, body)"
        " VALUES(?,?,?,?,?,?,?,?,?,?)",
    [YW_M_RECORD_KEY] = "SELECT " RECORD_COLUMNS " FROM record WHERE outlet=? AND kind=? AND time=?",
    [YW_M_RECORD_RANGE] =
        "SELECT " RECORD_COLUMNS " FROM record WHERE outlet=? AND kind=? AND time>=? AND time<?",
    [YW_M_RECORD_TIMES] =
        "SELECT time, arrival, flags FROM record WHERE outlet=? AND kind=? AND time>=? AND time<?"
        " ORDER BY time, arrival, journal, position",
    [YW_M_RECORD_NEXT] =
        "SELECT time FROM record WHERE outlet=? AND kind=? AND time>=? ORDER BY time LIMIT 1",
    [YW_M_RECORD_BEFORE] =
        "SELECT time FROM record WHERE outlet=? AND kind=? AND time<? ORDER BY time DESC LIMIT 1",
    [YW_M_RECORD_GROUP] = "SELECT outlet, kind, time FROM record WHERE (outlet, kind, time) >= (?,?,?)"
                          " ORDER BY outlet, kind, time LIMIT 1",
    [YW_M_RECORD_NEWEST] = "SELECT max(time) FROM record WHERE outlet=? AND kind=?",
    [YW_M_RECORD_LAST_ID] = "SELECT coalesce(max(id), 0) FROM record",
    [YW_M_RECORD_MOVE] =
        "UPDATE record SET arrival=?2, journal=?3, position=?4, device=?5, flags=?6 WHERE id=?1",
    [YW_M_RECORD_FLAGS] = "UPDATE record SET flags=?2 WHERE id=?1",
    [YW_M_RECORD_SHAPES] =
        "SELECT shape, count(*) FROM record WHERE outlet=? AND kind=? AND time>=? AND time<? GROUP BY shape",
    [YW_M_RECORD_REMOVE] = "DELETE FROM record WHERE outlet=? AND kind=? AND time>=? AND time<?",
    [YW_M_RESEND_ADD] = "INSERT OR IGNORE INTO resend(record, arrival, journal, position) VALUES(?,?,?,?)",
    [YW_M_RESEND_GET] =
        "SELECT arrival, journal, position FROM resend WHERE record=? ORDER BY arrival, journal, position",
    [YW_M_RESEND_REMOVE] = "DELETE FROM resend WHERE record=?",
    [YW_M_CHUNK_ADD] =
        "INSERT INTO chunk(outlet, kind, day, count, summed, shapes, body) VALUES(?,?,?,?,?,?,?)",
    [YW_M_CHUNK_GET] = "SELECT body FROM chunk WHERE outlet=? AND kind=? AND day=?",
    [YW_M_CHUNK_NEXT] = "SELECT day FROM chunk WHERE outlet=? AND kind=? AND day>=? ORDER BY day LIMIT 1",
    [YW_M_CHUNK_BEFORE] =
        "SELECT day FROM chunk WHERE outlet=? AND kind=? AND day<=? ORDER BY day DESC LIMIT 1",
    [YW_M_CHUNK_NEWEST] = "SELECT max(day) FROM chunk WHERE outlet=? AND kind=?",
    [YW_M_CHUNK_DAYS] =
        "SELECT day FROM chunk WHERE outlet=? AND kind=? AND day>=? AND day<? AND summed ORDER BY day",
    [YW_M_CHUNK_SUMMED] = "UPDATE chunk SET summed=?4 WHERE outlet=?1 AND kind=?2 AND day=?3",
    [YW_M_CHUNK_SHAPES] = "SELECT shapes FROM chunk WHERE outlet=? AND kind=? AND day=?",
    [YW_M_CHUNK_REMOVE] = "DELETE FROM chunk WHERE outlet=? AND kind=? AND day=?",
    [YW_M_PYRAMID_ADD] = "INSERT OR REPLACE INTO pyramid(outlet, kind, level, day, factor, field, body)"
                         " VALUES(?,?,?,?,?,?,?)",
    [YW_M_PYRAMID_GET] =
        "SELECT day, body FROM pyramid WHERE outlet=? AND kind=? AND level=? AND day>=? AND day<?"
        " AND factor=? AND field=? ORDER BY day",
    [YW_M_PYRAMID_REMOVE] = "DELETE FROM pyramid WHERE outlet=? AND kind=? AND day=?",
    [YW_M_SHAPE_ADD] = "INSERT INTO shape(id, body) VALUES(?,?)",
    [YW_M_SHAPE_GET] = "SELECT body FROM shape WHERE id=?",
    [YW_M_SHAPE_ALL] = "SELECT id, body FROM shape ORDER BY id",
    [YW_M_CHECKPOINT_PUT] = "INSERT INTO checkpoint VALUES(?,?) ON CONFLICT(journal)"
                            " DO UPDATE SET position = max(position, excluded.position)",
    [YW_M_CHECKPOINT_ALL] = "SELECT journal, position FROM checkpoint",
    [YW_M_KEYS] = "SELECT outlet, kind FROM (SELECT DISTINCT outlet, kind FROM record"
                  " UNION SELECT DISTINCT outlet, kind FROM chunk) ORDER BY outlet, kind",
    [YW_M_FREE_PAGES] = "PRAGMA freelist_count",
};

void yw_month_path(const struct yw_store *s, int32_t month, char out[YW_STORE_PATH_MAX]) {
    char name[YW_MONTH_NAME];
    size_t n = strlen(s->folder);
    yw_month_name(month, name);
    memcpy(out, s->folder, n);
    out[n++] = '/';
    memcpy(out + n, name, 7);
    memcpy(out + n + 7, ".db", 4);
}

static enum yw_code make_file(struct yw_store *s, int32_t month, struct yw_error *err) {
    char path[YW_STORE_PATH_MAX], name[YW_MONTH_NAME];
    struct yw_buf schema;
    yw_month_path(s, month, path);
    yw_month_name(month, name);
    yw_buf_init(&schema, 16384);
    yw_buf_puts(&schema, month_schema);
    yw_buf_printf(&schema,
                  "INSERT INTO about VALUES('month', '%s');"
                  "CREATE VIEW value AS SELECT * FROM yw_value('%s');",
                  name, name);
    enum yw_code code = schema.failed ? yw_fail(err, YW_E_NOMEM, "no memory for a month's tables")
                                      : yw_sql_create(path, schema.data, err);
    yw_buf_free(&schema);
    return code;
}

static enum yw_code check_format(struct yw_sql *q, struct yw_error *err) {
    sqlite3_stmt *st = NULL;
    int64_t format = -1;
    if (sqlite3_prepare_v2(q->db, "SELECT value FROM about WHERE name='format'", -1, &st, NULL) ==
            SQLITE_OK &&
        sqlite3_step(st) == SQLITE_ROW)
        format = sqlite3_column_int64(st, 0);
    enum yw_code code = format == YW_STORE_FORMAT ? YW_OK
                        : format < 0              ? yw_sql_fail(q->db, err, q->path, "reading its format")
                                                  : yw_fail(err, YW_E_VERSION,
                                                            "%s has format %lld, this program knows %d: run yanwu rebuild",
                                                            q->path, (long long)format, YW_STORE_FORMAT);
    sqlite3_finalize(st);
    return code;
}

void yw_month_forget(struct yw_month *m) {
    yw_shapes_free(m);
    yw_map_free(&m->newest);
    m->newest_n = 0;
}

void yw_month_close(struct yw_store *s, struct yw_month *m) {
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) {
        if (s->months[i] == m) s->months[i] = NULL;
    }
    yw_month_forget(m);
    free(m->newest_times);
    yw_sql_close(&m->sql);
    free(m);
}

void yw_months_close(struct yw_store *s) {
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) {
        if (s->months[i]) yw_month_close(s, s->months[i]);
    }
}

/* A free place among the open months; the least used one gives way. One with an open transaction is committed
 * first: what is in it comes from the journals, and put again it is recognised. */
static enum yw_code make_place(struct yw_store *s, size_t *place, struct yw_error *err) {
    size_t oldest = 0;
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) {
        if (!s->months[i]) {
            *place = i;
            return YW_OK;
        }
        if (s->months[i]->used < s->months[oldest]->used) oldest = i;
    }
    struct yw_month *m = s->months[oldest];
    if (m->writing) {
        enum yw_code code = yw_sql_exec(&m->sql, "COMMIT", err);
        if (code != YW_OK) return code;
        m->writing = false;
    }
    yw_month_close(s, m);
    *place = oldest;
    return YW_OK;
}

static struct yw_month *find_open(struct yw_store *s, int32_t month) {
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) {
        struct yw_month *m = s->months[i];
        if (!m || m->month != month) continue;
        if (!s->read_only || !yw_sql_replaced(&m->sql)) return m;
        yw_month_close(s, m); /* dropped, or the store was rebuilt */
    }
    return NULL;
}

enum yw_code yw_month_open(struct yw_store *s, int32_t month, bool make, struct yw_month **out,
                           struct yw_error *err) {
    char path[YW_STORE_PATH_MAX];
    struct stat st;
    size_t place = 0;
    *out = find_open(s, month);
    if (*out) {
        (*out)->used = ++s->clock;
        return YW_OK;
    }
    enum yw_code code = YW_OK;
    yw_month_path(s, month, path);
    if (stat(path, &st) != 0) {
        if (errno != ENOENT) return yw_fail_errno(err, errno, "%s", path);
        if (!make) return YW_OK;
        code = make_file(s, month, err);
    }
    if (code == YW_OK) code = make_place(s, &place, err);
    if (code != YW_OK) return code;
    struct yw_month *m = calloc(1, sizeof *m);
    if (!m) return yw_fail(err, YW_E_NOMEM, "no memory to open %s", path);
    m->month = month;
    code = yw_sql_open(&m->sql, path, s->read_only, s->full_sync, month_statements, YW_M_STATEMENTS, err);
    if (code == YW_OK) code = check_format(&m->sql, err);
    if (code != YW_OK) {
        yw_month_close(s, m);
        return code == YW_E_NOT_FOUND && !make ? YW_OK : code;
    }
    m->used = ++s->clock;
    s->months[place] = *out = m;
    return YW_OK;
}

static int compare_months(const void *a, const void *b) {
    const int32_t *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

enum yw_code yw_months_list(const struct yw_store *s, int64_t from, int64_t to, int32_t **out, size_t *n,
                            struct yw_error *err) {
    *out = NULL;
    *n = 0;
    DIR *d = opendir(s->folder);
    if (!d) return errno == ENOENT ? YW_OK : yw_fail_errno(err, errno, "%s", s->folder);
    size_t cap = 0;
    enum yw_code code = YW_OK;
    for (struct dirent *e; code == YW_OK && (e = readdir(d)) != NULL;) {
        int32_t month;
        size_t length = strlen(e->d_name);
        if (length != 10 || strcmp(e->d_name + 7, ".db") != 0 || !yw_month_number(e->d_name, 7, &month))
            continue;
        if (yw_month_start(month) >= to || yw_month_start(month + 1) <= from) continue;
        if (*n == cap) {
            cap = cap ? cap * 2 : 32;
            int32_t *more = realloc(*out, cap * sizeof *more);
            if (!more)
                code = yw_fail(err, YW_E_NOMEM, "no memory to list the months");
            else
                *out = more;
        }
        if (code == YW_OK) (*out)[(*n)++] = month;
    }
    closedir(d);
    if (code != YW_OK) {
        free(*out);
        *out = NULL;
        *n = 0;
    } else if (*n > 1) {
        qsort(*out, *n, sizeof **out, compare_months);
    }
    return code;
}
