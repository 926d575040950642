#include "store/sql.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum yw_code yw_sql_fail(sqlite3 *db, struct yw_error *err, const char *path, const char *doing) {
    int rc = db ? sqlite3_extended_errcode(db) : SQLITE_NOMEM;
    int why = db ? sqlite3_system_errno(db) : 0;
    enum yw_code code = YW_E_SYSTEM;
    switch (rc & 0xff) {
    case SQLITE_FULL:
        code = YW_E_FULL;
        break;
    case SQLITE_NOMEM:
        code = YW_E_NOMEM;
        break;
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        code = YW_E_BUSY;
        break;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
        code = YW_E_CORRUPT;
        break;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
        code = why == ENOSPC || why == EDQUOT ? YW_E_FULL : YW_E_SYSTEM;
        break;
    default:
        break;
    }
    return yw_fail(err, code, "%s: %s: %s%s", path, doing, db ? sqlite3_errmsg(db) : "out of memory",
                   code == YW_E_CORRUPT ? "; the journals have it all: run yanwu rebuild" : "");
}

static enum yw_code set_up(struct yw_sql *q, bool read_only, bool full_sync, struct yw_error *err) {
    sqlite3_busy_timeout(q->db, 10000);
    sqlite3_extended_result_codes(q->db, 1);
    enum yw_code code = yw_sql_exec(q, "PRAGMA temp_store=MEMORY", err);
    if (code == YW_OK && read_only)
        return yw_sql_exec(q, "PRAGMA query_only=1; PRAGMA cache_size=-8000; PRAGMA mmap_size=268435456",
                           err);
    if (code == YW_OK)
        code = yw_sql_exec(q, full_sync ? "PRAGMA synchronous=FULL" : "PRAGMA synchronous=NORMAL", err);
    /* A checkpoint writes each page once however often it changed: the rarer, the cheaper. */
    if (code == YW_OK)
        code = yw_sql_exec(q,
                           "PRAGMA cache_size=-64000; PRAGMA wal_autocheckpoint=16384;"
                           "PRAGMA journal_size_limit=67108864",
                           err);
    return code;
}

enum yw_code yw_sql_open(struct yw_sql *q, const char *path, bool read_only, bool full_sync,
                         const char *const *texts, size_t count, struct yw_error *err) {
    struct stat st;
    memset(q, 0, sizeof *q);
    if (!yw_copy(q->path, sizeof q->path, path, strlen(path)))
        return yw_fail(err, YW_E_LIMIT, "the path of the store is too long: %.200s", path);
    if (stat(path, &st) != 0) return yw_fail_errno(err, errno, "%s", path);
    q->inode = st.st_ino;
    q->device = st.st_dev;
    q->texts = texts;
    q->count = count;
    q->statements = calloc(count, sizeof *q->statements);
    if (!q->statements) return yw_fail(err, YW_E_NOMEM, "no memory to open %s", path);
    int flags = (read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) | SQLITE_OPEN_NOMUTEX;
    enum yw_code code = YW_OK;
    if (sqlite3_open_v2(path, &q->db, flags, NULL) != SQLITE_OK)
        code = yw_sql_fail(q->db, err, path, "opening");
    if (code == YW_OK) code = set_up(q, read_only, full_sync, err);
    if (code != YW_OK) yw_sql_close(q);
    return code;
}

void yw_sql_close(struct yw_sql *q) {
    for (size_t i = 0; q->statements && i < q->count; i++) sqlite3_finalize(q->statements[i]);
    free(q->statements);
    q->statements = NULL;
    sqlite3_close(q->db);
    q->db = NULL;
}

bool yw_sql_replaced(const struct yw_sql *q) {
    struct stat st;
    return stat(q->path, &st) != 0 || st.st_ino != q->inode || st.st_dev != q->device;
}

enum yw_code yw_sql_exec(struct yw_sql *q, const char *sql, struct yw_error *err) {
    if (sqlite3_exec(q->db, sql, NULL, NULL, NULL) == SQLITE_OK) return YW_OK;
    return yw_sql_fail(q->db, err, q->path, sql);
}

sqlite3_stmt *yw_sql_get(struct yw_sql *q, unsigned which, struct yw_error *err) {
    sqlite3_stmt **st = &q->statements[which];
    if (*st) {
        sqlite3_reset(*st);
        return *st;
    }
    if (sqlite3_prepare_v3(q->db, q->texts[which], -1, SQLITE_PREPARE_PERSISTENT, st, NULL) != SQLITE_OK)
        yw_sql_fail(q->db, err, q->path, q->texts[which]);
    return *st;
}

void yw_sql_bind(sqlite3_stmt *st, size_t n, const int64_t *values) {
    for (size_t i = 0; i < n; i++) sqlite3_bind_int64(st, (int)i + 1, values[i]);
}

enum yw_code yw_sql_run(struct yw_sql *q, sqlite3_stmt *st, struct yw_error *err) {
    int rc = sqlite3_step(st);
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : yw_sql_fail(q->db, err, q->path, sqlite3_sql(st));
    sqlite3_reset(st);
    return code;
}

static enum yw_code sync_folder_of(const char *path, struct yw_error *err) {
    char folder[YW_STORE_PATH_MAX];
    const char *slash = strrchr(path, '/');
    if (!yw_copy(folder, sizeof folder, slash ? path : ".", slash ? (size_t)(slash - path) : 1))
        return yw_fail(err, YW_E_LIMIT, "path too long");
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int rc = fd < 0 ? -1 : fsync(fd);
    int why = errno;
    if (fd >= 0) close(fd);
    return rc == 0 ? YW_OK : yw_fail_errno(err, why, "%s: cannot be synced", folder);
}

enum yw_code yw_sql_create(const char *path, const char *schema, struct yw_error *err) {
    char fresh[YW_STORE_PATH_MAX + 8];
    sqlite3 *db = NULL;
    yw_copy(fresh, sizeof fresh, path, strlen(path));
    yw_copy(fresh + strlen(fresh), 8, ".new", 4);
    if (unlink(fresh) != 0 && errno != ENOENT)
        return yw_fail_errno(err, errno, "%s: cannot be removed", fresh);
    int fd = open(fresh, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return yw_fail_errno(err, errno, "%s: cannot be made", fresh);
    close(fd);
    int rc = sqlite3_open_v2(fresh, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL);
    /* All in one transaction, whose end writes the pages and syncs them; then only the header changes. */
    if (rc == SQLITE_OK)
        rc = sqlite3_exec(db, "PRAGMA page_size=4096; PRAGMA auto_vacuum=INCREMENTAL; BEGIN", NULL, NULL,
                          NULL);
    if (rc == SQLITE_OK) rc = sqlite3_exec(db, schema, NULL, NULL, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_exec(db, "COMMIT; PRAGMA journal_mode=WAL", NULL, NULL, NULL);
    enum yw_code code = rc == SQLITE_OK ? YW_OK : yw_sql_fail(db, err, path, "creating");
    sqlite3_close(db);
    if (code == YW_OK && rename(fresh, path) != 0)
        code = yw_fail_errno(err, errno, "%s: cannot be put in place", path);
    return code == YW_OK ? sync_folder_of(path, err) : code;
}
