/* Sessions and failed sign-ins in office.db. */
#include "web/office_int.h"

#include <sodium.h>
#include <string.h>

#define SESSION_IDLE (2 * YW_HOUR)
#define SESSION_LIFE (12 * YW_HOUR)
#define SEEN_STEP    YW_MINUTE /* how often a session's last use is written down */
#define FAILED_SPAN  (15 * YW_MINUTE)

enum { /* failures within FAILED_SPAN after which one has to wait */
       FAILED_USER_FROM_ADDRESS = 5,
       FAILED_ADDRESS = 30,
       FAILED_USER = 100 /* from anywhere: high, or anybody could lock anybody out */
};

void yw_token_hash(const char *token, uint8_t out[YW_TOKEN_HASH]) {
    static const unsigned char use[] = "yanwu session token";
    crypto_generichash(out, YW_TOKEN_HASH, (const unsigned char *)token, strlen(token), use, sizeof use - 1);
}

static void csrf_of(const char *token, char out[YW_CSRF_TEXT]) {
    static const unsigned char use[] = "yanwu csrf token";
    uint8_t hash[16];
    crypto_generichash(hash, sizeof hash, (const unsigned char *)token, strlen(token), use, sizeof use - 1);
    sodium_bin2hex(out, YW_CSRF_TEXT, hash, sizeof hash);
}

/* ---- failed sign-ins ---- */

struct tries {
    char key[3][192];
    int most[3];
};

static void tries_of(struct tries *t, const char *name, const char *address) {
    snprintf(t->key[0], sizeof t->key[0], "both %.64s %.64s", name, address);
    snprintf(t->key[1], sizeof t->key[1], "address %.64s", address);
    snprintf(t->key[2], sizeof t->key[2], "user %.64s", name);
    t->most[0] = FAILED_USER_FROM_ADDRESS;
    t->most[1] = FAILED_ADDRESS;
    t->most[2] = FAILED_USER;
}

static enum yw_code may_try(struct yw_office *o, const struct tries *t, int64_t now, int64_t *wait_s,
                            struct yw_error *err) {
    *wait_s = 0;
    for (int i = 0; i < 3; i++) {
        sqlite3_stmt *s = yw_office_prepare(o, "SELECT count, first FROM failed WHERE key=?");
        if (s == NULL) return yw_office_fail(o, err);
        yw_bind_text(s, 1, t->key[i]);
        if (sqlite3_step(s) == SQLITE_ROW && sqlite3_column_int64(s, 0) >= t->most[i]) {
            int64_t until = sqlite3_column_int64(s, 1) + FAILED_SPAN;
            int64_t left = until > now ? (until - now) / YW_SECOND + 1 : 0;
            if (left > *wait_s) *wait_s = left;
        }
        sqlite3_finalize(s);
    }
    if (*wait_s == 0) return YW_OK;
    return yw_fail(err, YW_E_LIMIT, "too many failed attempts; wait %lld seconds", (long long)*wait_s);
}

static enum yw_code note_failure(struct yw_office *o, const struct tries *t, int64_t now,
                                 struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (int i = 0; i < 3 && code == YW_OK; i++) {
        sqlite3_stmt *s = yw_office_prepare(
            o, "INSERT INTO failed VALUES(?1,1,?2,?2) ON CONFLICT(key) DO UPDATE SET last=?2,"
               " count=CASE WHEN first<=?3 THEN 1 ELSE count+1 END, first=CASE WHEN first<=?3 THEN ?2 ELSE "
               "first END");
        if (s != NULL) {
            yw_bind_text(s, 1, t->key[i]);
            sqlite3_bind_int64(s, 2, now);
            sqlite3_bind_int64(s, 3, now - FAILED_SPAN);
        }
        code = yw_office_run(o, s, err);
    }
    sqlite3_stmt *s = yw_office_prepare(o, "DELETE FROM failed WHERE last<?");
    if (s != NULL) sqlite3_bind_int64(s, 1, now - 2 * FAILED_SPAN);
    (void)yw_office_run(o, s, NULL);
    return code;
}

static void forget_failures(struct yw_office *o, const struct tries *t) {
    sqlite3_stmt *s = yw_office_prepare(o, "DELETE FROM failed WHERE key IN (?,?)");
    if (s != NULL) yw_bind_text(s, 1, t->key[0]), yw_bind_text(s, 2, t->key[2]);
    (void)yw_office_run(o, s, NULL);
}

/* ---- passwords ---- */

static bool password_of(struct yw_office *o, const char *name, char hash[crypto_pwhash_STRBYTES],
                        struct yw_user *u) {
    sqlite3_stmt *s = yw_office_prepare(o, "SELECT " YW_USER_COLUMNS ", password FROM user WHERE name=?");
    if (s == NULL) return false;
    yw_bind_text(s, 1, name);
    bool found = sqlite3_step(s) == SQLITE_ROW;
    if (found) {
        yw_office_user_row(s, u);
        const char *text = (const char *)sqlite3_column_text(s, 8);
        memset(hash, 0, crypto_pwhash_STRBYTES);
        yw_copy(hash, crypto_pwhash_STRBYTES, text != NULL ? text : "", text != NULL ? strlen(text) : 0);
    }
    sqlite3_finalize(s);
    return found && !u->disabled;
}

static enum yw_code check_password(struct yw_office *o, const char *name, const char *password,
                                   const char *address, int64_t now, struct yw_user *u, int64_t *wait_s,
                                   struct yw_error *err) {
    struct tries t;
    char hash[crypto_pwhash_STRBYTES];
    tries_of(&t, name, address);
    pthread_mutex_lock(&o->lock);
    enum yw_code code = may_try(o, &t, now, wait_s, err);
    bool known = code == YW_OK && password_of(o, name, hash, u);
    pthread_mutex_unlock(&o->lock);
    if (code != YW_OK) return code;
    /* An unknown name takes as long as a known one: a hash is made instead of being checked. Outside the
     * lock, being slow. */
    bool right = strlen(password) <= YW_PASSWORD_MOST;
    if (known) {
        right = right && crypto_pwhash_str_verify(hash, password, strlen(password)) == 0;
    } else {
        int made = crypto_pwhash_str(hash, "", 0, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                     crypto_pwhash_MEMLIMIT_INTERACTIVE);
        YW_UNUSED(made);
        right = false;
    }
    pthread_mutex_lock(&o->lock);
    if (right) {
        forget_failures(o, &t);
    } else {
        code = note_failure(o, &t, now, err);
        if (code == YW_OK) code = yw_fail(err, YW_E_DENIED, "name or password is wrong");
    }
    pthread_mutex_unlock(&o->lock);
    return code;
}

enum yw_code yw_office_password_check(struct yw_office *o, const char *name, const char *password,
                                      const char *address, int64_t now, int64_t *wait_s,
                                      struct yw_error *err) {
    struct yw_user u;
    return check_password(o, name, password, address, now, &u, wait_s, err);
}

/* ---- sessions ---- */

enum yw_code yw_office_sign_in(struct yw_office *o, const char *name, const char *password,
                               const char *address, int64_t now, char token[YW_TOKEN_TEXT],
                               struct yw_session *out, int64_t *wait_s, struct yw_error *err) {
    enum yw_code code = check_password(o, name, password, address, now, &out->user, wait_s, err);
    if (code != YW_OK) return code;
    uint8_t secret[32], hash[YW_TOKEN_HASH];
    randombytes_buf(secret, sizeof secret);
    sodium_bin2base64(token, YW_TOKEN_TEXT, secret, sizeof secret, sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    yw_token_hash(token, hash);
    csrf_of(token, out->csrf);
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "DELETE FROM session WHERE made<? OR seen<?");
    if (s != NULL) sqlite3_bind_int64(s, 1, now - SESSION_LIFE), sqlite3_bind_int64(s, 2, now - SESSION_IDLE);
    (void)yw_office_run(o, s, NULL);
    s = yw_office_prepare(o, "INSERT INTO session VALUES(?,?,?,?)");
    if (s != NULL) {
        sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
        yw_bind_text(s, 2, name);
        sqlite3_bind_int64(s, 3, now);
        sqlite3_bind_int64(s, 4, now);
    }
    code = yw_office_run(o, s, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}

static void note_use(struct yw_office *o, const uint8_t hash[YW_TOKEN_HASH], int64_t now) {
    sqlite3_stmt *s = yw_office_prepare(o, "UPDATE session SET seen=? WHERE token=?");
    if (s != NULL) {
        sqlite3_bind_int64(s, 1, now);
        sqlite3_bind_blob(s, 2, hash, YW_TOKEN_HASH, SQLITE_TRANSIENT);
    }
    (void)yw_office_run(o, s, NULL);
}

enum yw_code yw_office_session(struct yw_office *o, const char *token, int64_t now, struct yw_session *out,
                               struct yw_error *err) {
    if (strlen(token) != YW_TOKEN_TEXT - 1) return yw_fail(err, YW_E_DENIED, "not signed in");
    uint8_t hash[YW_TOKEN_HASH];
    yw_token_hash(token, hash);
    csrf_of(token, out->csrf);
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(
        o, "SELECT " YW_USER_COLUMNS ", session.made, seen FROM session JOIN user ON user.name=session.user"
           " WHERE token=?");
    if (s != NULL) sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
    int rc = s == NULL ? SQLITE_ERROR : sqlite3_step(s);
    enum yw_code code = rc == SQLITE_ROW || rc == SQLITE_DONE ? YW_OK : yw_office_fail(o, err);
    bool live = false, stale = false;
    if (rc == SQLITE_ROW) {
        yw_office_user_row(s, &out->user);
        int64_t made = sqlite3_column_int64(s, 8), seen = sqlite3_column_int64(s, 9);
        live = !out->user.disabled && now - made < SESSION_LIFE && now - seen < SESSION_IDLE;
        stale = live && now - seen >= SEEN_STEP;
    }
    sqlite3_finalize(s);
    if (stale) note_use(o, hash, now);
    pthread_mutex_unlock(&o->lock);
    if (code == YW_OK && !live) code = yw_fail(err, YW_E_DENIED, "not signed in");
    return code;
}

enum yw_code yw_office_sign_out(struct yw_office *o, const char *token, struct yw_error *err) {
    uint8_t hash[YW_TOKEN_HASH];
    yw_token_hash(token, hash);
    pthread_mutex_lock(&o->lock);
    sqlite3_stmt *s = yw_office_prepare(o, "DELETE FROM session WHERE token=?");
    if (s != NULL) sqlite3_bind_blob(s, 1, hash, sizeof hash, SQLITE_TRANSIENT);
    enum yw_code code = yw_office_run(o, s, err);
    pthread_mutex_unlock(&o->lock);
    return code;
}
