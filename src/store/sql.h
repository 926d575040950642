/* sql: one open SQLite database and its prepared statements. */
#ifndef YW_STORE_SQL_H
#define YW_STORE_SQL_H

#include "base/base.h"

#include <sqlite3.h>
#include <sys/stat.h>

enum { YW_STORE_PATH_MAX = 4096 };

struct yw_sql {
    sqlite3 *db;
    const char *const *texts; /* of the statements */
    sqlite3_stmt **statements;
    size_t count;
    char path[YW_STORE_PATH_MAX];
    ino_t inode; /* tells whether the file at path was replaced */
    dev_t device;
};
enum yw_code yw_sql_open(struct yw_sql *q, const char *path, bool read_only, bool full_sync,
                         const char *const *texts, size_t count, struct yw_error *err);
/* Makes a database with this schema under a name nobody looks for, then renames it: it is never seen half
 * made. */
enum yw_code yw_sql_create(const char *path, const char *schema, struct yw_error *err);
void yw_sql_close(struct yw_sql *q);
bool yw_sql_replaced(const struct yw_sql *q); /* removed, or another file lies at path */
enum yw_code yw_sql_fail(sqlite3 *db, struct yw_error *err, const char *path, const char *doing);
enum yw_code yw_sql_exec(struct yw_sql *q, const char *sql, struct yw_error *err);
/* The statement, reset and unbound; NULL with err. */
sqlite3_stmt *yw_sql_get(struct yw_sql *q, unsigned which, struct yw_error *err);
/* Binds all of the integers given, in order from 1. */
void yw_sql_bind(sqlite3_stmt *st, size_t n, const int64_t *values);
#define YW_SQL_BIND(st, ...)                                                                                 \
    yw_sql_bind((st), sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t),                              \
                (const int64_t[]){__VA_ARGS__})
/* Runs a statement that gives no rows. */
enum yw_code yw_sql_run(struct yw_sql *q, sqlite3_stmt *st, struct yw_error *err);

#endif
