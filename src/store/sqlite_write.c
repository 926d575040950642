/* Writing: what a put does to the set of records, and in which order the files of a batch are committed. */
#include "store/sqlite_int.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct yw_month_note *yw_note(struct yw_store *s, int32_t month, struct yw_error *err) {
    for (size_t i = 0; i < s->notes_n; i++) {
        if (s->notes[i].month == month) return &s->notes[i];
    }
    if (s->notes_n == s->notes_cap) {
        size_t cap = s->notes_cap ? s->notes_cap * 2 : 32;
        struct yw_month_note *more = realloc(s->notes, cap * sizeof *more);
        if (!more) {
            yw_fail(err, YW_E_NOMEM, "no memory to note a month");
            return NULL;
        }
        s->notes = more;
        s->notes_cap = cap;
    }
    struct yw_month_note *n = &s->notes[s->notes_n++];
    *n = (struct yw_month_note){.month = month, .untidy = true, .settled_id = -1, .next_settled_id = -1};
    return n;
}

enum yw_code yw_write_begin(struct yw_store *s, struct yw_error *err) {
    if (s->read_only) return yw_fail(err, YW_E_STATE, "the store was opened for reading");
    if (s->batch) return yw_fail(err, YW_E_STATE, "a batch is open already");
    s->batch = true;
    return YW_OK;
}

enum yw_code yw_record_last(struct yw_month *m, int64_t *id, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RECORD_LAST_ID, err);
    if (!st || sqlite3_step(st) != SQLITE_ROW)
        return yw_sql_fail(m->sql.db, err, m->sql.path, "looking for the last record");
    *id = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return YW_OK;
}

enum yw_code yw_write_month(struct yw_store *s, int32_t month, struct yw_month **out, struct yw_error *err) {
    enum yw_code code = yw_month_open(s, month, true, out, err);
    if (code != YW_OK || (*out)->writing) return code;
    struct yw_month_note *note = yw_note(s, month, err);
    if (!note) return YW_E_NOMEM;
    code = yw_sql_exec(&(*out)->sql, "BEGIN IMMEDIATE", err);
    if (code != YW_OK) return code;
    (*out)->writing = true;
    note->unsynced = note->untidy = true;
    return note->next_settled_id < 0 ? yw_record_last(*out, &note->next_settled_id, err) : YW_OK;
}

enum yw_code yw_record_add(struct yw_month *m, const struct yw_packed *p, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RECORD_ADD, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "adding a record");
    YW_SQL_BIND(st, p->outlet, p->kind, p->time, p->source.arrival, p->source.journal,
                (int64_t)p->source.position, p->device,
                p->flags | (p->resend_count > 0 ? YW_RECORD_HAS_RESENDS : 0), p->shape);
    sqlite3_bind_blob(st, 10, p->body, (int)p->body_n, SQLITE_STATIC);
    enum yw_code code = yw_sql_run(&m->sql, st, err);
    if (p->resend_count == 0 || code != YW_OK) return code;
    int64_t id = sqlite3_last_insert_rowid(m->sql.db);
    for (size_t i = 0; code == YW_OK && i < p->resend_count; i++) {
        st = yw_sql_get(&m->sql, YW_M_RESEND_ADD, err);
        if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "adding a resend");
        YW_SQL_BIND(st, id, p->resends[i].arrival, p->resends[i].journal, (int64_t)p->resends[i].position);
        code = yw_sql_run(&m->sql, st, err);
    }
    return code;
}

/* ---- newest data time of an outlet and kind in a month: what is later needs no look at what is there ----
 */

static enum yw_code ask_newest(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t *out,
                               struct yw_error *err) {
    *out = INT64_MIN;
    for (int i = 0; i < 2; i++) {
        sqlite3_stmt *st = yw_sql_get(&m->sql, i == 0 ? YW_M_RECORD_NEWEST : YW_M_CHUNK_NEWEST, err);
        if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "looking for the newest record");
        YW_SQL_BIND(st, outlet, kind);
        if (sqlite3_step(st) == SQLITE_ROW && sqlite3_column_type(st, 0) == SQLITE_INTEGER) {
            int64_t v = sqlite3_column_int64(st, 0);
            if (i == 1) v = yw_china_day_start((int32_t)v + 1) - 1;
            if (v > *out) *out = v;
        }
        sqlite3_reset(st);
    }
    return YW_OK;
}

static enum yw_code newest_of(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t **out,
                              struct yw_error *err) {
    uint32_t place;
    uint64_t key = yw_series_key(outlet, kind);
    if (yw_map_get(&m->newest, key, &place)) {
        *out = &m->newest_times[place];
        return YW_OK;
    }
    if (m->newest_n == m->newest_cap) {
        size_t cap = m->newest_cap ? m->newest_cap * 2 : 256;
        int64_t *more = realloc(m->newest_times, cap * sizeof *more);
        if (!more) return yw_fail(err, YW_E_NOMEM, "no memory for the newest times");
        m->newest_times = more;
        m->newest_cap = cap;
    }
    *out = &m->newest_times[m->newest_n];
    enum yw_code code = ask_newest(m, outlet, kind, *out, err);
    if (code != YW_OK) return code;
    if (!yw_map_put(&m->newest, key, (uint32_t)m->newest_n++))
        return yw_fail(err, YW_E_NOMEM, "no memory for the newest times");
    return YW_OK;
}

/* Whatever comes for a closed day must look, however late in the day it lies. */
void yw_newest_raise(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t time) {
    uint32_t place;
    if (yw_map_get(&m->newest, yw_series_key(outlet, kind), &place) && m->newest_times[place] < time)
        m->newest_times[place] = time;
}

/* ---- putting a record beside others ---- */

static bool holds_source(const struct yw_packed *p, const struct yw_source *s) {
    if (p->source.journal == s->journal && p->source.position == s->position) return true;
    for (size_t i = 0; i < p->resend_count; i++) {
        if (p->resends[i].journal == s->journal && p->resends[i].position == s->position) return true;
    }
    return false;
}

/* What the rows of one key come to: the current one's time and source. */
static enum yw_code offer_key(struct yw_store *s, const struct yw_packed *rows, size_t n, bool changed,
                              struct yw_error *err) {
    const struct yw_packed *best = NULL;
    for (size_t i = 0; i < n; i++) { /* in order of source */
        bool late = rows[i].flags & YW_ROW_BACKFILLED, best_late = best && (best->flags & YW_ROW_BACKFILLED);
        if (!best || !late || best_late) best = &rows[i];
    }
    if (!best) return YW_OK;
    struct yw_latest l = {best->outlet, best->kind, best->time, best->source, 0};
    return yw_index_offer(s, &l, !(best->flags & YW_ROW_BACKFILLED), changed, err);
}

/* Lays the records of a closed day back into the append table. */
static enum yw_code reopen_day(struct yw_month *m, const struct yw_day *d, uint32_t outlet, uint8_t kind,
                               int32_t day, struct yw_error *err) {
    static const unsigned removals[] = {YW_M_CHUNK_REMOVE, YW_M_PYRAMID_REMOVE};
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < d->n; i++) code = yw_record_add(m, &d->rows[i], err);
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(removals); i++) {
        sqlite3_stmt *st = yw_sql_get(&m->sql, removals[i], err);
        if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "opening a day again");
        YW_SQL_BIND(st, outlet, kind, day);
        code = yw_sql_run(&m->sql, st, err);
    }
    return code;
}

/* Is the day of this record closed? Then either the record is in it and nothing changes, or the day opens
 * again. */
static enum yw_code look_in_chunk(struct yw_store *s, struct yw_month *m, const struct yw_packed *p,
                                  bool *known, struct yw_error *err) {
    bool closed = false;
    int32_t day = yw_china_day(p->time);
    int64_t start = yw_china_day_start(day);
    *known = false;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHUNK_SHAPES, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "looking for a chunk");
    YW_SQL_BIND(st, p->outlet, p->kind, day);
    closed = sqlite3_step(st) == SQLITE_ROW;
    sqlite3_reset(st);
    if (!closed) return YW_OK;
    enum yw_code code = yw_day_load(m, p->outlet, p->kind, start, start + YW_DAY, &s->day, &closed, err);
    if (code != YW_OK) return code;
    size_t from = 0, to;
    while (from < s->day.n && s->day.rows[from].time < p->time) from++;
    for (to = from; to < s->day.n && s->day.rows[to].time == p->time; to++)
        *known = *known || holds_source(&s->day.rows[to], &p->source);
    if (*known) return offer_key(s, s->day.rows + from, to - from, false, err);
    return reopen_day(m, &s->day, p->outlet, p->kind, day, err);
}

/* The same content came before: one more copy, and the earliest of them is the record. */
static enum yw_code add_copy(struct yw_month *m, const struct yw_packed *kept, const struct yw_packed *p,
                             struct yw_error *err) {
    bool earlier = yw_source_compare(&p->source, &kept->source) < 0;
    const struct yw_packed *first = earlier ? p : kept;
    const struct yw_source *copy = earlier ? &kept->source : &p->source;
    uint8_t flags = first->flags;
    if (!(kept->flags & YW_ROW_BACKFILLED) || !(p->flags & YW_ROW_BACKFILLED))
        flags &= (uint8_t)~YW_ROW_BACKFILLED;
    sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_RESEND_ADD, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "adding a resend");
    YW_SQL_BIND(st, kept->id, copy->arrival, copy->journal, (int64_t)copy->position);
    enum yw_code code = yw_sql_run(&m->sql, st, err);
    if (code != YW_OK || (!earlier && flags == kept->flags && kept->resend_count > 0)) return code;
    flags |= YW_RECORD_HAS_RESENDS;
    st = yw_sql_get(&m->sql, earlier ? YW_M_RECORD_MOVE : YW_M_RECORD_FLAGS, err);
    if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "altering a record");
    if (earlier) {
        YW_SQL_BIND(st, kept->id, p->source.arrival, p->source.journal, (int64_t)p->source.position,
                    p->device, flags);
    } else {
        YW_SQL_BIND(st, kept->id, flags);
    }
    return yw_sql_run(&m->sql, st, err);
}

static enum yw_code put_beside(struct yw_store *s, struct yw_month *m, const struct yw_packed *p,
                               struct yw_error *err) {
    bool known = false;
    const struct yw_packed *same = NULL;
    struct yw_day *rows = &s->key_rows;
    enum yw_code code = look_in_chunk(s, m, p, &known, err);
    if (code != YW_OK || known) return code;
    code = yw_key_load(m, p->outlet, p->kind, p->time, rows, err);
    for (size_t i = 0; code == YW_OK && i < rows->n; i++) {
        known = known || holds_source(&rows->rows[i], &p->source);
        if (!same && yw_packed_same_content(&rows->rows[i], p)) same = &rows->rows[i];
    }
    if (code == YW_OK && !known) {
        code = same ? add_copy(m, same, p, err) : yw_record_add(m, p, err);
        if (code == YW_OK) code = yw_key_load(m, p->outlet, p->kind, p->time, rows, err);
    }
    return code == YW_OK ? offer_key(s, rows->rows, rows->n, !known, err) : code;
}

static enum yw_code pack(struct yw_store *s, struct yw_month *m, const struct yw_row *row,
                         struct yw_packed *p, struct yw_error *err) {
    *p = (struct yw_packed){.outlet = row->outlet,
                            .device = row->device,
                            .kind = row->kind,
                            .flags = row->flags,
                            .time = row->time,
                            .source = row->source};
    enum yw_code code = yw_shape_number(m, row->values, row->count, &p->shape, err);
    if (code != YW_OK) return code;
    yw_buf_clear(&s->body);
    if (p->shape == 0) {
        uint8_t shape[YW_SHAPE_BYTES_MAX];
        size_t n = yw_pack_shape(row->values, row->count, shape);
        yw_add_varint(&s->body, n);
        yw_buf_add(&s->body, shape, n);
    }
    yw_pack_body(row->values, row->count, &s->body);
    if (s->body.failed) return yw_fail(err, YW_E_NOMEM, "no memory to pack a record");
    p->body = (const uint8_t *)s->body.data;
    p->body_n = s->body.len;
    return YW_OK;
}

enum yw_code yw_write_put(struct yw_store *s, const struct yw_row *row, struct yw_error *err) {
    struct yw_month *m;
    struct yw_packed p;
    int64_t *newest = NULL;
    if (!s->batch) return yw_fail(err, YW_E_STATE, "put outside a batch");
    enum yw_code code = yw_row_check(row, err);
    if (code != YW_OK) return code;
    if (yw_row_is_odd(row)) return yw_index_put_odd(s, row, err);
    code = yw_write_month(s, yw_month_of(row->time), &m, err);
    if (code == YW_OK) code = pack(s, m, row, &p, err);
    if (code == YW_OK) code = newest_of(m, row->outlet, row->kind, &newest, err);
    if (code != YW_OK) return code;
    bool beside = row->time <= *newest;
    code = beside ? put_beside(s, m, &p, err) : yw_record_add(m, &p, err);
    if (code == YW_OK) code = yw_touched_note(s, row, err);
    if (code != YW_OK) return code;
    yw_filled_note(s, row);
    if (beside) return YW_OK;
    *newest = row->time;
    return offer_key(s, &p, 1, true, err);
}

/* ---- commit ---- */

static void tell(struct yw_store *s, const char *at) {
    if (s->hook) s->hook(s->hook_arg, at);
}

static enum yw_code commit_month(struct yw_month *m, const struct yw_checkpoint *c, size_t n,
                                 struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < n; i++) {
        sqlite3_stmt *st = yw_sql_get(&m->sql, YW_M_CHECKPOINT_PUT, err);
        if (!st) return yw_sql_fail(m->sql.db, err, m->sql.path, "writing checkpoints");
        YW_SQL_BIND(st, c[i].journal, (int64_t)c[i].position);
        code = yw_sql_run(&m->sql, st, err);
    }
    if (code == YW_OK) code = yw_sql_exec(&m->sql, "COMMIT", err);
    if (code == YW_OK) m->writing = false;
    return code;
}

enum yw_code yw_write_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                             struct yw_error *err) {
    enum yw_code code = YW_OK;
    if (!s->batch) return yw_fail(err, YW_E_STATE, "commit outside a batch");
    tell(s, "before");
    for (size_t i = 0; code == YW_OK && i < YW_MONTHS_OPEN_MAX; i++) {
        if (!s->months[i] || !s->months[i]->writing) continue;
        code = commit_month(s->months[i], c, n, err);
        tell(s, "month");
    }
    if (code == YW_OK) code = yw_index_commit(s, c, n, err);
    tell(s, "after");
    if (code != YW_OK) return code;
    s->batch = false;
    if (s->filled_n > 0) yw_filled_pack(s);
    return YW_OK;
}

void yw_write_rollback(struct yw_store *s) {
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) {
        struct yw_month *m = s->months[i];
        if (!m || !m->writing) continue;
        sqlite3_exec(m->sql.db, "ROLLBACK", NULL, NULL, NULL);
        m->writing = false;
        yw_month_forget(m);
    }
    if (s->batch) yw_index_forget(s);
    s->batch = false;
}

/* ---- sync ---- */

/* The log beside a database. It may be opened and closed at will: SQLite's locks lie on the other files. A
 * log that is gone was written back, and synced, when the database was closed. */
static enum yw_code sync_log(const char *path, struct yw_error *err) {
    char log[YW_STORE_PATH_MAX + 8];
    size_t n = strlen(path);
    memcpy(log, path, n);
    memcpy(log + n, "-wal", 5);
    int fd = open(log, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return YW_OK;
    int rc = fd < 0 ? -1 : fdatasync(fd);
    int why = errno;
    if (fd >= 0) close(fd);
    return rc == 0 ? YW_OK : yw_fail_errno(err, why, "%s: cannot be synced", log);
}

static enum yw_code sync_folder(const char *folder, struct yw_error *err) {
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    int why = errno;
    if (fd >= 0) close(fd);
    return rc == 0 ? YW_OK : yw_fail_errno(err, why, "%s: cannot be synced", folder);
}

/* Months first, then index.db says so: it never says that something is durable which is not. */
enum yw_code yw_write_sync(struct yw_store *s, struct yw_error *err) {
    char path[YW_STORE_PATH_MAX];
    enum yw_code code = YW_OK;
    bool any = false;
    if (s->batch) return yw_fail(err, YW_E_STATE, "sync inside a batch");
    for (size_t i = 0; code == YW_OK && i < s->notes_n; i++) {
        struct yw_month *m;
        if (!s->notes[i].unsynced) continue;
        any = true;
        yw_month_path(s, s->notes[i].month, path);
        code = sync_log(path, err);
        if (code == YW_OK) code = yw_month_open(s, s->notes[i].month, false, &m, err);
        if (code == YW_OK && m) code = yw_index_note_month(s, m, err);
    }
    if (code == YW_OK && any) code = sync_folder(s->folder, err);
    if (code == YW_OK) code = yw_index_set_safe(s, err);
    if (code == YW_OK) code = sync_log(s->index.path, err);
    if (code != YW_OK) {
        yw_index_forget(s);
        return code;
    }
    for (size_t i = 0; i < s->notes_n; i++) s->notes[i].unsynced = false;
    return YW_OK;
}
