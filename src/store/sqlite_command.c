/* Commands in index.db: each part is merged into the row of its id at once, in the transaction of its batch.
 */
#include "store/sqlite_columns.h"

#include <string.h>

#define COLUMN(kind, f) YW_COLUMN(struct yw_asked, kind, f)
static const struct yw_column list[] = {COLUMN(INT, id) YW_COMMAND_COLUMNS(COLUMN)};
#undef COLUMN
enum { CN_GET_CLOCK = 1011 };
static const struct yw_columns columns = {list, YW_COUNT(list)};

static enum yw_code failed(struct yw_store *s, struct yw_error *err, const char *doing) {
    return yw_sql_fail(s->index.db, err, s->index.path, doing);
}

enum yw_code yw_index_put_start(struct yw_store *s, const struct yw_source *start, struct yw_error *err) {
    enum yw_code code = yw_index_begin(s, err);
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&s->index, YW_I_LIFE_PUT, err) : NULL;
    if (!st) return code == YW_OK ? failed(s, err, "noting a worker's start") : code;
    YW_SQL_BIND(st, start->journal, start->arrival, (int64_t)start->position);
    return yw_sql_run(&s->index, st, err);
}

/* What an answered 1011 says lies apart, so that it is found by device and day. */
static enum yw_code put_clock(struct yw_store *s, const struct yw_asked *a, struct yw_error *err) {
    struct yw_device_day d;
    if (a->cn != CN_GET_CLOCK) return YW_OK;
    bool known = yw_clock_of_asked(a, &d);
    sqlite3_stmt *st = yw_sql_get(&s->index, known ? YW_I_ASKED_CLOCK_PUT : YW_I_ASKED_CLOCK_DROP, err);
    if (!st) return failed(s, err, "noting an asked clock");
    if (known) {
        YW_SQL_BIND(st, a->id, d.device, d.day, d.asked_ms, d.asked_last.arrival, d.asked_last.journal,
                    (int64_t)d.asked_last.position);
    } else {
        sqlite3_bind_int64(st, 1, a->id);
    }
    return yw_sql_run(&s->index, st, err);
}

enum yw_code yw_index_put_command(struct yw_store *s, const struct yw_asked *part, struct yw_error *err) {
    struct yw_asked all = yw_asked_part(part->id);
    enum yw_code code = yw_index_begin(s, err);
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&s->index, YW_I_COMMAND_GET, err) : NULL;
    if (!st) return code == YW_OK ? failed(s, err, "reading a command") : code;
    sqlite3_bind_int64(st, 1, part->id);
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) yw_columns_read(&columns, st, &all);
    if (rc != SQLITE_ROW && rc != SQLITE_DONE) code = failed(s, err, "reading a command");
    sqlite3_reset(st);
    if (code != YW_OK) return code;
    yw_asked_merge(&all, part);
    st = yw_sql_get(&s->index, YW_I_COMMAND_PUT, err);
    if (!st) return failed(s, err, "writing a command");
    yw_columns_bind(&columns, st, &all);
    code = yw_sql_run(&s->index, st, err);
    return code == YW_OK ? put_clock(s, &all, err) : code;
}

enum yw_code yw_index_commands(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                               bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                               struct yw_error *err) {
    unsigned which = f->id ? YW_I_COMMAND_OF_ID : YW_I_COMMAND_ALL;
    int64_t value = f->id;
    if (f->id == 0 && f->device) which = YW_I_COMMAND_OF_DEVICE, value = f->device;
    if (f->id == 0 && !f->device && f->outlet) which = YW_I_COMMAND_OF_OUTLET, value = f->outlet;
    if (value == 0 && f->open) which = YW_I_COMMAND_OPEN;
    if (value == 0 && f->cn && !f->open) which = YW_I_COMMAND_OF_CN, value = f->cn;
    sqlite3_stmt *st = yw_sql_get(&s->index, which, err);
    if (!st) return failed(s, err, "reading commands");
    YW_SQL_BIND(st, value, f->before ? f->before : INT64_MAX);
    int rc = SQLITE_DONE;
    bool more = true;
    for (size_t n = 0; n < limit && more && (rc = sqlite3_step(st)) == SQLITE_ROW;) {
        struct yw_asked a = yw_asked_part(0);
        struct yw_source start;
        int behind = sqlite3_column_count(st) - 3;
        yw_columns_read(&columns, st, &a);
        memset(&start, 0, sizeof start);
        start.arrival = sqlite3_column_int64(st, behind);
        start.journal = (uint16_t)sqlite3_column_int64(st, behind + 1);
        start.position = (uint64_t)sqlite3_column_int64(st, behind + 2);
        a.lost = yw_asked_is_lost(&a, &start);
        if (!yw_asked_fits(&a, f)) continue;
        more = each(arg, &a);
        n++;
    }
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : failed(s, err, "reading commands");
    sqlite3_reset(st);
    return code;
}
