/* judge.db: opening, batches, what it knows of itself. */
#include "judged/judged_int.h"

#include <stdlib.h>
#include <string.h>

static const char schema[] =
    "CREATE TABLE about(name TEXT PRIMARY KEY, value ANY) STRICT, WITHOUT ROWID;"
    "CREATE TABLE outlet(outlet INTEGER PRIMARY KEY, site TEXT NOT NULL, \"first\" INTEGER NOT NULL,"
    " until INTEGER NOT NULL) STRICT;"
    /* before: what step one had made of it, where step two changed it */
    "CREATE TABLE mean(outlet INTEGER NOT NULL, period INTEGER NOT NULL, \"from\" INTEGER NOT NULL,"
    " factor TEXT NOT NULL, unit TEXT NOT NULL" YW_MEAN_COLUMNS(
        YW_DECLARED) ", reasons BLOB NOT NULL,"
                     " before BLOB, PRIMARY KEY(outlet, period, \"from\", factor)) STRICT, WITHOUT ROWID;"
                     "CREATE TABLE verdict(number TEXT PRIMARY KEY, outlet INTEGER NOT NULL, factor TEXT NOT "
                     "NULL,"
                     " unit TEXT NOT NULL, \"from\" INTEGER NOT NULL, change INTEGER NOT NULL, gone INTEGER "
                     "NOT NULL,"
                     " has_limit INTEGER NOT NULL, limit_value REAL, limit_low REAL, limit_unit TEXT NOT "
                     "NULL, limit_source TEXT NOT NULL,"
                     " limit_confidence INTEGER NOT NULL" YW_VERDICT_COLUMNS(
                         YW_DECLARED) ", reasons BLOB NOT NULL"
                                      ") STRICT, WITHOUT ROWID;"
                                      "CREATE INDEX verdict_time ON verdict(outlet, \"from\");"
                                      "CREATE INDEX verdict_change ON verdict(change);"
                                      "CREATE TABLE tally(outlet INTEGER NOT NULL, period INTEGER NOT NULL, "
                                      "\"from\" INTEGER NOT NULL,"
                                      " factor TEXT NOT NULL" YW_TALLY_COLUMNS(
                                          YW_DECLARED) ","
                                                       " PRIMARY KEY(outlet, period, \"from\", factor)) "
                                                       "STRICT, WITHOUT ROWID;"
                                                       "CREATE TABLE unit_hour(outlet INTEGER NOT NULL, hour "
                                                       "INTEGER NOT NULL, unit TEXT NOT NULL,"
                                                       " known INTEGER NOT NULL, running INTEGER NOT NULL, "
                                                       "alarm INTEGER NOT NULL, mean REAL, PRIMARY "
                                                       "KEY(outlet, hour, unit))"
                                                       " STRICT, WITHOUT ROWID;"
                                                       "INSERT INTO about VALUES('format', 2);";

static const char *const statements[YW_J_STATEMENTS] = {
    [YW_J_MEAN_PUT] = "INSERT OR REPLACE INTO mean(" YW_MEAN_SELECT
                      ", before) VALUES(?,?,?,?,?" YW_MEAN_COLUMNS(YW_QUESTION) ",?,?)",
    [YW_J_MEAN_GET] = "SELECT " YW_MEAN_SELECT
                      ", before FROM mean WHERE outlet=? AND period=? AND \"from\">=? AND \"from\"<?"
                      " ORDER BY \"from\", factor",
    [YW_J_VALIDITY_GET] = "SELECT \"from\", factor, validity FROM mean WHERE outlet=? AND period=? AND"
                          " \"from\">=? AND \"from\"<? ORDER BY \"from\", factor",
    [YW_J_MEAN_REMOVE] = "DELETE FROM mean WHERE outlet=? AND period=? AND \"from\"=? AND factor=?",
    [YW_J_MEAN_CLEAR] = "DELETE FROM mean WHERE outlet=? AND period=? AND \"from\">=? AND \"from\"<?",
    [YW_J_VERDICT_PUT] = "INSERT OR REPLACE INTO verdict(" YW_VERDICT_SELECT
                         ") VALUES(?,?,?,?,?,?,0,?,?,?,?,?,?" YW_VERDICT_COLUMNS(YW_QUESTION) ",?)",
    [YW_J_VERDICT_ALL] = "SELECT " YW_VERDICT_SELECT
                         " FROM verdict WHERE outlet=? AND \"from\">=? AND \"from\"<? ORDER BY number",
    [YW_J_VERDICT_GONE] = "UPDATE verdict SET gone=1, change=?1 WHERE number=?2",
    [YW_J_TALLY_PUT] =
        "INSERT OR REPLACE INTO tally(" YW_TALLY_SELECT ") VALUES(?,?,?,?" YW_TALLY_COLUMNS(YW_QUESTION) ")",
    [YW_J_TALLY_CLEAR] = "DELETE FROM tally WHERE outlet=? AND \"from\">=? AND \"from\"<?",
    [YW_J_ABOUT_PUT] = "INSERT OR REPLACE INTO about VALUES(?,?)",
    [YW_J_ABOUT_GET] = "SELECT value FROM about WHERE name=?",
    [YW_J_OUTLET_PUT] = "INSERT OR REPLACE INTO outlet VALUES(?,?,?,?)",
    [YW_J_OUTLET_GET] = "SELECT outlet, site, \"first\", until FROM outlet WHERE outlet=?",
    [YW_J_OUTLET_ALL] = "SELECT outlet, site, \"first\", until FROM outlet ORDER BY outlet",
    [YW_J_OUTLET_REMOVE] = "DELETE FROM outlet WHERE outlet=?",
    [YW_J_UNIT_PUT] = "INSERT OR REPLACE INTO unit_hour(outlet, hour, unit, known, running, alarm, mean)"
                      " VALUES(?,?,?,?,?,?,?)",
    [YW_J_UNIT_REMOVE] = "DELETE FROM unit_hour WHERE outlet=? AND hour=? AND unit=?",
    [YW_J_UNIT_ALL] =
        ("SELECT hour, unit, known, running, alarm, mean FROM unit_hour WHERE outlet=? AND hour>=?"
         " AND hour<? ORDER BY hour, unit"),
    [YW_J_UNIT_FORGET] = "DELETE FROM unit_hour WHERE outlet=?",
    [YW_J_UNIT_SETTLE] =
        "DELETE FROM unit_hour WHERE outlet=?1 AND unit NOT IN (SELECT value FROM json_each(?2))",
    [YW_J_FACTOR_SETTLE] =
        "DELETE FROM mean WHERE outlet=?1 AND factor NOT IN (SELECT value FROM json_each(?2))",
    [YW_J_FACTOR_UNIT] = "UPDATE mean SET unit=?2 WHERE outlet=?1 AND factor=?3 AND unit<>?2",
    [YW_J_MEAN_FORGET] = "DELETE FROM mean WHERE outlet=?",
    [YW_J_TALLY_FORGET] = "DELETE FROM tally WHERE outlet=?",
};

enum yw_code yw_judged_failed(struct yw_judged *j, struct yw_error *err, const char *doing) {
    return yw_sql_fail(j->sql.db, err, j->path, doing);
}

static int64_t about(struct yw_judged *j, const char *name) {
    int64_t v = 0;
    sqlite3_stmt *st = yw_sql_get(&j->sql, YW_J_ABOUT_GET, NULL);
    if (!st) return 0;
    sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    if (sqlite3_step(st) == SQLITE_ROW) v = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return v;
}

static enum yw_code open_file(struct yw_judged *j, struct yw_error *err) {
    struct stat st;
    if (!j->read_only && stat(j->path, &st) != 0) {
        enum yw_code code = yw_sql_create(j->path, schema, err);
        if (code != YW_OK) return code;
    }
    enum yw_code code = yw_sql_open(&j->sql, j->path, j->read_only, false, statements, YW_J_STATEMENTS, err);
    if (code == YW_OK && !j->read_only && about(j, "format") == 1) /* a file from before alarms of units */
        code =
            yw_sql_exec(&j->sql,
                        "BEGIN IMMEDIATE; ALTER TABLE unit_hour ADD COLUMN alarm INTEGER NOT NULL DEFAULT 0;"
                        "UPDATE about SET value=2 WHERE name='format'; COMMIT",
                        err);
    return code;
}

enum yw_code yw_judged_open(const char *folder, const char *file, bool read_only, struct yw_judged **out,
                            struct yw_error *err) {
    struct yw_judged *j = calloc(1, sizeof *j);
    struct yw_buf path;
    *out = NULL;
    if (!j) return yw_fail(err, YW_E_NOMEM, "no memory to open judge.db");
    j->read_only = read_only;
    yw_buf_init(&path, YW_STORE_PATH_MAX - 16);
    bool fits = yw_buf_printf(&path, "%s/%s", folder, file ? file : "judge.db") &&
                yw_copy(j->path, sizeof j->path, path.data, path.len);
    yw_buf_free(&path);
    enum yw_code code =
        fits ? open_file(j, err) : yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    if (code != YW_OK) {
        free(j);
        return code;
    }
    *out = j;
    return YW_OK;
}

void yw_judged_close(struct yw_judged *j) {
    if (!j) return;
    yw_judged_rollback(j);
    if (j->sql.db) yw_sql_close(&j->sql);
    free(j);
}

enum yw_code yw_judged_look(struct yw_judged *j, struct yw_error *err) {
    if (!j->read_only) return YW_OK;
    if (j->sql.db && yw_sql_replaced(&j->sql)) yw_sql_close(&j->sql);
    if (j->sql.db) return YW_OK;
    j->opened++;
    return open_file(j, err);
}

sqlite3_stmt *yw_judged_statement(struct yw_judged *j, enum yw_judged_statement which, struct yw_error *err) {
    return yw_sql_get(&j->sql, which, err);
}

/* ---- batches ---- */

static enum yw_code set_about(struct yw_judged *j, const char *name, int64_t v, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&j->sql, YW_J_ABOUT_PUT, err);
    if (!st) return yw_judged_failed(j, err, name);
    sqlite3_bind_text(st, 1, name, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, v);
    return yw_sql_run(&j->sql, st, err);
}

enum yw_code yw_judged_begin(struct yw_judged *j, struct yw_error *err) {
    if (j->read_only || j->batch) return yw_fail(err, YW_E_STATE, "%s: a batch cannot begin", j->path);
    enum yw_code code = yw_sql_exec(&j->sql, "BEGIN IMMEDIATE", err);
    j->batch = code == YW_OK;
    if (j->batch) j->change = about(j, "change");
    return code;
}

enum yw_code yw_judged_commit(struct yw_judged *j, struct yw_error *err) {
    if (!j->batch) return yw_fail(err, YW_E_STATE, "%s: commit outside a batch", j->path);
    enum yw_code code = j->change != about(j, "change") ? set_about(j, "change", j->change, err) : YW_OK;
    if (code == YW_OK) code = yw_sql_exec(&j->sql, "COMMIT", err);
    if (code == YW_OK) j->batch = false;
    return code;
}

void yw_judged_rollback(struct yw_judged *j) {
    if (j->batch) sqlite3_exec(j->sql.db, "ROLLBACK", NULL, NULL, NULL);
    j->batch = false;
}

/* ---- what it knows of itself ---- */

void yw_judged_digest(struct yw_judged *j, char out[17]) {
    out[0] = 0;
    if (yw_judged_look(j, NULL) != YW_OK) return;
    sqlite3_stmt *st = yw_sql_get(&j->sql, YW_J_ABOUT_GET, NULL);
    if (!st) return;
    sqlite3_bind_text(st, 1, "rules", -1, SQLITE_STATIC);
    if (sqlite3_step(st) == SQLITE_ROW) yw_column_copy(st, 0, out, 17);
    sqlite3_reset(st);
}

enum yw_code yw_judged_set_digest(struct yw_judged *j, const char *digest, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&j->sql, YW_J_ABOUT_PUT, err);
    if (!st) return yw_judged_failed(j, err, "noting the rules");
    sqlite3_bind_text(st, 1, "rules", -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 2, digest, -1, SQLITE_STATIC);
    return yw_sql_run(&j->sql, st, err);
}

static const char *const marks[YW_JUDGED_MARKS] = {
    [YW_JUDGED_TOUCHED] = "touched", [YW_JUDGED_REGISTER] = "register"};

int64_t yw_judged_mark(struct yw_judged *j, enum yw_judged_mark which) {
    return yw_judged_look(j, NULL) == YW_OK ? about(j, marks[which]) : 0;
}

enum yw_code yw_judged_set_mark(struct yw_judged *j, enum yw_judged_mark which, int64_t value,
                                struct yw_error *err) {
    return set_about(j, marks[which], value, err);
}

int64_t yw_judged_change(struct yw_judged *j) {
    return yw_judged_look(j, NULL) == YW_OK ? about(j, "change") : 0;
}

int64_t yw_judged_version(struct yw_judged *j) {
    sqlite3_stmt *st;
    if (yw_judged_look(j, NULL) != YW_OK ||
        sqlite3_prepare_v2(j->sql.db, "PRAGMA data_version", -1, &st, NULL) != SQLITE_OK)
        return -1;
    int64_t version = sqlite3_step(st) == SQLITE_ROW ? sqlite3_column_int64(st, 0) : -1;
    sqlite3_finalize(st);
    return version < 0 ? -1 : (int64_t)j->opened << 32 | version;
}

static void read_outlet(sqlite3_stmt *st, struct yw_judged_outlet *o) {
    o->outlet = (uint32_t)sqlite3_column_int64(st, 0);
    yw_column_copy(st, 1, o->site, sizeof o->site);
    o->first = sqlite3_column_int64(st, 2);
    o->until = sqlite3_column_int64(st, 3);
}

enum yw_code yw_judged_outlet(struct yw_judged *j, uint32_t outlet, struct yw_judged_outlet *out,
                              struct yw_error *err) {
    enum yw_code code = yw_judged_look(j, err);
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&j->sql, YW_J_OUTLET_GET, err) : NULL;
    if (!st) return code != YW_OK ? code : yw_judged_failed(j, err, "reading an outlet");
    sqlite3_bind_int64(st, 1, outlet);
    int rc = sqlite3_step(st);
    if (rc == SQLITE_ROW) read_outlet(st, out);
    sqlite3_reset(st);
    if (rc == SQLITE_DONE) return yw_fail(err, YW_E_NOT_FOUND, "outlet %u was never judged", outlet);
    return rc == SQLITE_ROW ? YW_OK : yw_judged_failed(j, err, "reading an outlet");
}

enum yw_code yw_judged_put_outlet(struct yw_judged *j, const struct yw_judged_outlet *o,
                                  struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&j->sql, YW_J_OUTLET_PUT, err);
    if (!st) return yw_judged_failed(j, err, "noting an outlet");
    sqlite3_bind_int64(st, 1, o->outlet);
    sqlite3_bind_text(st, 2, o->site, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 3, o->first);
    sqlite3_bind_int64(st, 4, o->until);
    return yw_sql_run(&j->sql, st, err);
}

enum yw_code yw_judged_outlets(struct yw_judged *j, bool (*each)(void *arg, const struct yw_judged_outlet *o),
                               void *arg, struct yw_error *err) {
    enum yw_code code = yw_judged_look(j, err);
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&j->sql, YW_J_OUTLET_ALL, err) : NULL;
    if (!st) return code != YW_OK ? code : yw_judged_failed(j, err, "reading outlets");
    int rc;
    bool more = true;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW && more) {
        struct yw_judged_outlet o;
        read_outlet(st, &o);
        more = each(arg, &o);
    }
    code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : yw_judged_failed(j, err, "reading outlets");
    sqlite3_reset(st);
    return code;
}
