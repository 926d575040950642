/* What the parts of office.db share. */
#ifndef YW_WEB_OFFICE_INT_H
#define YW_WEB_OFFICE_INT_H

#include "web/office.h"

#include <pthread.h>
#include <sqlite3.h>

struct yw_office {
    sqlite3 *db;
    pthread_mutex_t lock;
};

#define YW_USER_COLUMNS "name, display_name, role, area, unit, enterprise, maintainer, disabled"
enum { YW_TOKEN_HASH = 32 };

enum yw_code yw_office_fail(struct yw_office *o, struct yw_error *err);
sqlite3_stmt *yw_office_prepare(struct yw_office *o, const char *sql);
void yw_bind_text(sqlite3_stmt *s, int at, const char *text);
/* Steps once and finalizes; s may be NULL (it could not be prepared). */
enum yw_code yw_office_run(struct yw_office *o, sqlite3_stmt *s, struct yw_error *err);
void yw_office_user_row(sqlite3_stmt *s, struct yw_user *u);
void yw_token_hash(const char *token, uint8_t out[YW_TOKEN_HASH]);

#endif
