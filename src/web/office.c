/* office.db: the database itself, users and their passwords. Sessions are in session_keep.c. */
#include "web/office_int.h"

#include <fcntl.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const schema =
    "CREATE TABLE IF NOT EXISTS user(name TEXT PRIMARY KEY, display_name TEXT NOT NULL, role TEXT NOT NULL,"
    " area TEXT NOT NULL, unit TEXT NOT NULL, enterprise INTEGER NOT NULL, maintainer INTEGER NOT NULL,"
    " disabled INTEGER NOT NULL, password TEXT NOT NULL, made INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS session(token BLOB PRIMARY KEY, user TEXT NOT NULL, made INTEGER NOT NULL,"
    " seen INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS failed(key TEXT PRIMARY KEY, count INTEGER NOT NULL, first INTEGER NOT NULL,"
    " last INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE IF NOT EXISTS hook(id INTEGER PRIMARY KEY AUTOINCREMENT, token BLOB NOT NULL UNIQUE,"
    " outlet INTEGER NOT NULL, name TEXT NOT NULL, by TEXT NOT NULL, made INTEGER NOT NULL,"
    " used INTEGER NOT NULL, minute INTEGER NOT NULL, count INTEGER NOT NULL) STRICT;"
    "CREATE TABLE IF NOT EXISTS delivery(id INTEGER PRIMARY KEY AUTOINCREMENT, made INTEGER NOT NULL,"
    " next INTEGER NOT NULL, done INTEGER NOT NULL, channel INTEGER NOT NULL, state INTEGER NOT NULL,"
    " tries INTEGER NOT NULL, event TEXT NOT NULL, target TEXT NOT NULL, number TEXT NOT NULL,"
    " subject TEXT NOT NULL, text TEXT NOT NULL, error TEXT NOT NULL, UNIQUE(event, channel, target)) STRICT;"
    "CREATE INDEX IF NOT EXISTS delivery_due ON delivery(state, next);"
    "CREATE TABLE IF NOT EXISTS setting(name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

static const struct {
    unsigned role;
    const char *name;
} roles[] = {{YW_ROLE_OPERATOR, "operator"},
             {YW_ROLE_OFFICER, "officer"},
             {YW_ROLE_LEADER, "leader"},
             {YW_ROLE_MAINTAINER, "maintainer"},
             {YW_ROLE_ENTERPRISE, "enterprise"}};

const char *yw_role_name(unsigned role) {
    for (size_t i = 0; i < YW_COUNT(roles); i++) {
        if (roles[i].role == role) return roles[i].name;
    }
    return "";
}

bool yw_role_parse(const char *name, unsigned *out) {
    for (size_t i = 0; i < YW_COUNT(roles); i++) {
        if (strcmp(roles[i].name, name) == 0) {
            *out = roles[i].role;
            return true;
        }
    }
    return false;
}

enum yw_code yw_office_fail(struct yw_office *o, struct yw_error *err) {
    int rc = sqlite3_extended_errcode(o->db) & 0xff;
    enum yw_code code = rc == SQLITE_FULL      ? YW_E_FULL
                        : rc == SQLITE_BUSY    ? YW_E_BUSY
                        : rc == SQLITE_CORRUPT ? YW_E_CORRUPT
                                               : YW_E_SYSTEM;
    return yw_fail(err, code, "office.db: %s", sqlite3_errmsg(o->db));
}

sqlite3_stmt *yw_office_prepare(struct yw_office *o, const char *sql) {
    sqlite3_stmt *s = NULL;
    return sqlite3_prepare_v2(o->db, sql, -1, &s, NULL) == SQLITE_OK ? s : NULL;
}

void yw_bind_text(sqlite3_stmt *s, int at, const char *text) {
    sqlite3_bind_text(s, at, text, -1, SQLITE_TRANSIENT);
}

enum yw_code yw_office_run(struct yw_office *o, sqlite3_stmt *s, struct yw_error *err) {
    int rc = s == NULL ? SQLITE_ERROR : sqlite3_step(s);
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : yw_office_fail(o, err);
    sqlite3_finalize(s);
    return code;
}

enum yw_code yw_office_open(const char *data, struct yw_office **out, struct yw_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/office.db", data) >= (int)sizeof path) {
        return yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    }
    if (sodium_init() < 0) return yw_fail(err, YW_E_SYSTEM, "libsodium cannot start");
    /* Made here first, so that nobody else can ever read it. */
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd >= 0) close(fd);
    struct yw_office *o = calloc(1, sizeof *o);
    if (o == NULL) return yw_fail(err, YW_E_NOMEM, "office.db: out of memory");
    pthread_mutex_init(&o->lock, NULL);
    int rc = sqlite3_open_v2(path, &o->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_FULLMUTEX,
                             NULL);
    if (rc == SQLITE_OK) {
        sqlite3_busy_timeout(o->db, 5000);
        rc = sqlite3_exec(o->db, "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;",
                          NULL, NULL, NULL);
    }
    if (rc == SQLITE_OK) rc = sqlite3_exec(o->db, schema, NULL, NULL, NULL);
    if (rc != SQLITE_OK) {
        enum yw_code code = o->db == NULL ? yw_fail(err, YW_E_NOMEM, "%s: out of memory", path)
                                          : yw_fail(err, YW_E_SYSTEM, "%s: %s", path, sqlite3_errmsg(o->db));
        yw_office_close(o);
        return code;
    }
    *out = o;
    return YW_OK;
}

void yw_office_close(struct yw_office *o) {
    if (o == NULL) return;
    sqlite3_close_v2(o->db);
    pthread_mutex_destroy(&o->lock);
    free(o);
}

/* ---- users ---- */

static bool good_text(const char *text) {
    size_t n = strlen(text);
    for (size_t i = 0; i < n; i++) {
        if ((unsigned char)text[i] < 0x20 || text[i] == 0x7f) return false;
    }
    return yw_utf8_valid(text, n);
}

static enum yw_code check_user(const struct yw_user *u, struct yw_error *err) {
    size_t n = strlen(u->name);
    if (n == 0 || strspn(u->name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != n) {
        return yw_fail(err, YW_E_FORMAT, "name: use 1 to 32 letters, digits, - _ .");
    }
    if (yw_role_name(u->role)[0] == '\0') {
        return yw_fail(err, YW_E_FORMAT, "role: one of operator, officer, leader, maintainer, enterprise");
    }
    if (u->role == YW_ROLE_MAINTAINER && u->maintainer == 0) {
        return yw_fail(err, YW_E_FORMAT, "maintainer: say which one this user belongs to");
    }
    if (u->role == YW_ROLE_ENTERPRISE && u->enterprise == 0) {
        return yw_fail(err, YW_E_FORMAT, "enterprise: say which one this user belongs to");
    }
    if (!good_text(u->display_name) || !good_text(u->unit) || !good_text(u->area)) {
        return yw_fail(err, YW_E_FORMAT, "display_name, unit, area: no control characters");
    }
    return YW_OK;
}

static enum yw_code hash_password(const char *password, char hash[crypto_pwhash_STRBYTES],
                                  struct yw_error *err) {
    size_t n = strlen(password);
    if (n < YW_PASSWORD_LEAST || n > YW_PASSWORD_MOST) {
        return yw_fail(err, YW_E_RANGE, "password: %d to %d characters", YW_PASSWORD_LEAST, YW_PASSWORD_MOST);
    }
    if (crypto_pwhash_str(hash, password, n, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return yw_fail(err, YW_E_NOMEM, "password: out of memory");
    }
    return YW_OK;
}

static void bind_user(sqlite3_stmt *s, const struct yw_user *u) {
    yw_bind_text(s, 1, u->name);
    yw_bind_text(s, 2, u->display_name[0] != '\0' ? u->display_name : u->name);
    yw_bind_text(s, 3, yw_role_name(u->role));
    yw_bind_text(s, 4, u->area);
    yw_bind_text(s, 5, u->unit);
    sqlite3_bind_int64(s, 6, u->role == YW_ROLE_ENTERPRISE ? u->enterprise : 0);
    sqlite3_bind_int64(s, 7, u->role == YW_ROLE_MAINTAINER ? u->maintainer : 0);
    sqlite3_bind_int(s, 8, u->disabled);
}

enum yw_code yw_office_user_add(struct yw_office *o, const struct yw_user *u, const char *password,
                                int64_t now, struct yw_error *err) {
    char hash[crypto_pwhash_STRBYTES];
    enum yw_code code = check_user(u, err);
    if (code == YW_OK && strcmp(u->name, "platform") == 0) /* its own steps stand under that name */
        code = yw_fail(err, YW_E_EXISTS, "name: platform means the platform itself: choose another");
    if (code == YW_OK) code = hash_password(password, hash, err);
    if (code != YW_OK) return code;
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s =
        yw_office_prepare(o, "INSERT INTO user VALUES(?,?,?,?,?,?,?,?,?,?) ON CONFLICT DO NOTHING");
    if (s != NULL) {
        bind_user(s, u);
        yw_bind_text(s, 9, hash);
        sqlite3_bind_int64(s, 10, now);
    }
    code = yw_office_run(o, s, err);
    if (code == YW_OK && sqlite3_changes(o->db) == 0)
        code = yw_fail(err, YW_E_EXISTS, "name: there is a user %s already", u->name);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_office_user_change(struct yw_office *o, const struct yw_user *u, struct yw_error *err) {
    enum yw_code code = check_user(u, err);
    if (code != YW_OK) return code;
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s =
        yw_office_prepare(o, "UPDATE user SET display_name=?2, role=?3, area=?4, unit=?5, enterprise=?6,"
                             " maintainer=?7, disabled=?8 WHERE name=?1");
    if (s != NULL) bind_user(s, u);
    code = yw_office_run(o, s, err);
    if (code == YW_OK && sqlite3_changes(o->db) == 0)
        code = yw_fail(err, YW_E_NOT_FOUND, "there is no user %s", u->name);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_office_password_set(struct yw_office *o, const char *name, const char *password,
                                    const char *keep_token, struct yw_error *err) {
    char hash[crypto_pwhash_STRBYTES];
    enum yw_code code = hash_password(password, hash, err);
    if (code != YW_OK) return code;
    uint8_t keep[YW_TOKEN_HASH] = {0};
    if (keep_token != NULL) yw_token_hash(keep_token, keep);
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "UPDATE user SET password=? WHERE name=?");
    if (s != NULL) yw_bind_text(s, 1, hash), yw_bind_text(s, 2, name);
    code = yw_office_run(o, s, err);
    if (code == YW_OK && sqlite3_changes(o->db) == 0)
        code = yw_fail(err, YW_E_NOT_FOUND, "there is no user %s", name);
    if (code == YW_OK) {
        s = yw_office_prepare(o, "DELETE FROM session WHERE user=? AND token<>?");
        if (s != NULL) yw_bind_text(s, 1, name), sqlite3_bind_blob(s, 2, keep, sizeof keep, SQLITE_TRANSIENT);
        code = yw_office_run(o, s, err);
    }
    pthread_mutex_unlock(&o->lock);
    return code;
}

static void column_text(sqlite3_stmt *s, int at, char *to, size_t size) {
    const char *text = (const char *)sqlite3_column_text(s, at);
    yw_copy(to, size, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
}

void yw_office_user_row(sqlite3_stmt *s, struct yw_user *u) {
    char role[24];
    memset(u, 0, sizeof *u);
    column_text(s, 0, u->name, sizeof u->name);
    column_text(s, 1, u->display_name, sizeof u->display_name);
    column_text(s, 2, role, sizeof role);
    (void)yw_role_parse(role, &u->role);
    column_text(s, 3, u->area, sizeof u->area);
    column_text(s, 4, u->unit, sizeof u->unit);
    u->enterprise = (uint32_t)sqlite3_column_int64(s, 5);
    u->maintainer = (uint32_t)sqlite3_column_int64(s, 6);
    u->disabled = sqlite3_column_int(s, 7) != 0;
}

enum yw_code yw_office_user(struct yw_office *o, const char *name, struct yw_user *out,
                            struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT " YW_USER_COLUMNS " FROM user WHERE name=?");
    if (s != NULL) yw_bind_text(s, 1, name);
    int rc = s == NULL ? SQLITE_ERROR : sqlite3_step(s);
    enum yw_code code = YW_OK;
    if (rc == SQLITE_ROW) {
        yw_office_user_row(s, out);
    } else {
        code = rc == SQLITE_DONE ? yw_fail(err, YW_E_NOT_FOUND, "there is no user %s", name)
                                 : yw_office_fail(o, err);
    }
    sqlite3_finalize(s);
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_office_users(struct yw_office *o, void (*each)(void *arg, const struct yw_user *u), void *arg,
                             struct yw_error *err) {
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT " YW_USER_COLUMNS " FROM user ORDER BY name LIMIT 10000");
    int rc = SQLITE_ERROR;
    while (s != NULL && (rc = sqlite3_step(s)) == SQLITE_ROW) {
        struct yw_user u;
        yw_office_user_row(s, &u);
        each(arg, &u);
    }
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : yw_office_fail(o, err);
    sqlite3_finalize(s);
    pthread_mutex_unlock(&o->lock);
    return code;
}
