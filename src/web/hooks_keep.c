/* Web hooks in office.db. */
#include "web/hooks_keep.h"

#include "web/office_int.h"

#include <sodium.h>
#include <string.h>

#define COLUMNS "id, outlet, name, by, made, used"

static void read_row(sqlite3_stmt *s, struct yw_hook *h) {
    memset(h, 0, sizeof *h);
    h->id = sqlite3_column_int64(s, 0);
    h->outlet = (uint32_t)sqlite3_column_int64(s, 1);
    const char *name = (const char *)sqlite3_column_text(s, 2), *by = (const char *)sqlite3_column_text(s, 3);
    if (name != NULL) (void)yw_copy(h->name, sizeof h->name, name, strlen(name));
    if (by != NULL) (void)yw_copy(h->by, sizeof h->by, by, strlen(by));
    h->made = sqlite3_column_int64(s, 4);
    h->used = sqlite3_column_int64(s, 5);
}

static enum yw_code add(struct yw_office *o, struct yw_hook *h, const char *token, struct yw_error *err) {
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT count(*) FROM hook");
    if (s == NULL || sqlite3_step(s) != SQLITE_ROW) {
        sqlite3_finalize(s);
        return yw_office_fail(o, err);
    }
    int64_t n = sqlite3_column_int64(s, 0);
    sqlite3_finalize(s);
    if (n >= YW_HOOKS_MAX) return yw_fail(err, YW_E_LIMIT, "at most %d hooks", YW_HOOKS_MAX);
    uint8_t hash[YW_TOKEN_HASH];
    yw_token_hash(token, hash);
    s = yw_office_prepare(o, "INSERT INTO hook(token, outlet, name, by, made, used, minute, count)"
                             " VALUES(?1,?2,?3,?4,?5,0,0,0)");
    if (s == NULL) return yw_office_fail(o, err);
    sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
    sqlite3_bind_int64(s, 2, h->outlet);
    yw_bind_text(s, 3, h->name);
    yw_bind_text(s, 4, h->by);
    sqlite3_bind_int64(s, 5, h->made);
    enum yw_code code = yw_office_run(o, s, err);
    h->id = sqlite3_last_insert_rowid(o->db);
    return code;
}

enum yw_code yw_hook_add(struct yw_office *o, struct yw_hook *h, char token[YW_TOKEN_TEXT],
                         struct yw_error *err) {
    size_t n = strlen(h->name);
    if (n == 0 || strspn(h->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != n)
        return yw_fail(err, YW_E_FORMAT, "name: use 1 to 32 letters, digits, - _ .");
    uint8_t raw[32];
    randombytes_buf(raw, sizeof raw);
    sodium_bin2base64(token, YW_TOKEN_TEXT, raw, sizeof raw, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(raw, sizeof raw);
    pthread_mutex_lock(&o->lock);
    enum yw_code code = add(o, h, token, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_hooks_each(struct yw_office *o, int64_t after,
                           bool (*each)(void *arg, const struct yw_hook *h), void *arg,
                           struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT " COLUMNS " FROM hook WHERE id>?1 ORDER BY id");
    if (s != NULL) sqlite3_bind_int64(s, 1, after);
    int rc = s == NULL ? SQLITE_ERROR : SQLITE_ROW;
    bool more = true;
    while (more && rc == SQLITE_ROW && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct yw_hook h;
        read_row(s, &h);
        more = each(arg, &h);
    }
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : yw_office_fail(o, err);
    sqlite3_finalize(s);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_hook_drop(struct yw_office *o, int64_t id, struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "DELETE FROM hook WHERE id=?1");
    if (s != NULL) sqlite3_bind_int64(s, 1, id);
    enum yw_code code = yw_office_run(o, s, err);
    if (code == YW_OK && sqlite3_changes(o->db) == 0)
        code = yw_fail(err, YW_E_NOT_FOUND, "there is no such hook");
    pthread_mutex_unlock(&o->lock);
    return code;
}

static enum yw_code count_use(struct yw_office *o, int64_t id, int64_t now, struct yw_error *err) {
    sqlite3_stmt *s = yw_office_prepare(
        o,
        "UPDATE hook SET used=?2, count=CASE WHEN minute=?3 THEN count+1 ELSE 1 END, minute=?3 WHERE id=?1");
    if (s == NULL) return yw_office_fail(o, err);
    sqlite3_bind_int64(s, 1, id);
    sqlite3_bind_int64(s, 2, now);
    sqlite3_bind_int64(s, 3, now / YW_MINUTE);
    return yw_office_run(o, s, err);
}

enum yw_code yw_hook_use(struct yw_office *o, const char *token, int64_t now, struct yw_hook *out,
                         struct yw_error *err) {
    uint8_t hash[YW_TOKEN_HASH];
    yw_token_hash(token, hash);
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT " COLUMNS ", minute, count FROM hook WHERE token=?1");
    enum yw_code code = YW_OK;
    if (s == NULL) {
        code = yw_office_fail(o, err);
    } else {
        sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
        int rc = sqlite3_step(s);
        if (rc == SQLITE_DONE) {
            code = yw_fail(err, YW_E_DENIED, "there is no such hook");
        } else if (rc != SQLITE_ROW) {
            code = yw_office_fail(o, err);
        } else {
            read_row(s, out);
            if (sqlite3_column_int64(s, 6) == now / YW_MINUTE &&
                sqlite3_column_int64(s, 7) >= YW_HOOK_PER_MINUTE)
                code = yw_fail(err, YW_E_LIMIT, "at most %d calls a minute", YW_HOOK_PER_MINUTE);
        }
        sqlite3_finalize(s);
    }
    if (code == YW_OK) code = count_use(o, out->id, now, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}
