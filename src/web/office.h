/* office.db: who may sign in, who is signed in, and who tried in vain. Safe to use from several threads and,
 * the database being in WAL mode, beside the `yanwu admin` command.
 *
 * Passwords are kept as Argon2id hashes, session tokens as BLAKE2b hashes; the CSRF token is derived from the
 * session token and kept nowhere. */
#ifndef YW_WEB_OFFICE_H
#define YW_WEB_OFFICE_H

#include "base/base.h"

enum yw_role {                         /* bits, so that a route can name several */
               YW_ROLE_OPERATOR = 1,   /* 系统管理员 */
               YW_ROLE_OFFICER = 2,    /* 执法人员 */
               YW_ROLE_LEADER = 4,     /* 负责人 */
               YW_ROLE_MAINTAINER = 8, /* 运维单位 */
               YW_ROLE_ENTERPRISE = 16 /* 排污单位 */
};
const char *yw_role_name(unsigned role);
bool yw_role_parse(const char *name, unsigned *out);

struct yw_user {
    char name[33], display_name[65], area[16], unit[97];
    unsigned role;
    uint32_t enterprise, maintainer; /* of the roles of these names */
    bool disabled;
};

enum { YW_TOKEN_TEXT = 44, YW_CSRF_TEXT = 33, YW_PASSWORD_LEAST = 8, YW_PASSWORD_MOST = 128 };
struct yw_session {
    struct yw_user user;
    char csrf[YW_CSRF_TEXT]; /* hexadecimal */
};

struct yw_office;
enum yw_code yw_office_open(const char *data, struct yw_office **out, struct yw_error *err);
void yw_office_close(struct yw_office *o);

/* YW_E_EXISTS / YW_E_NOT_FOUND by name; YW_E_FORMAT or YW_E_RANGE says what is wrong with a member or the
 * password. */
enum yw_code yw_office_user_add(struct yw_office *o, const struct yw_user *u, const char *password,
                                int64_t now, struct yw_error *err);
enum yw_code yw_office_user_change(struct yw_office *o, const struct yw_user *u, struct yw_error *err);
/* Ends all sessions of that user but keep_token's (may be NULL). */
enum yw_code yw_office_password_set(struct yw_office *o, const char *name, const char *password,
                                    const char *keep_token, struct yw_error *err);
enum yw_code yw_office_user(struct yw_office *o, const char *name, struct yw_user *out, struct yw_error *err);
enum yw_code yw_office_users(struct yw_office *o, void (*each)(void *arg, const struct yw_user *u), void *arg,
                             struct yw_error *err);

/* YW_E_DENIED: name or password wrong. YW_E_LIMIT: too many failures from there or for that name; *wait_s
 * says how long. */
enum yw_code yw_office_sign_in(struct yw_office *o, const char *name, const char *password,
                               const char *address, int64_t now, char token[YW_TOKEN_TEXT],
                               struct yw_session *out, int64_t *wait_s, struct yw_error *err);
/* The right password of this user? Failures count as those of signing in do. */
enum yw_code yw_office_password_check(struct yw_office *o, const char *name, const char *password,
                                      const char *address, int64_t now, int64_t *wait_s,
                                      struct yw_error *err);
/* YW_E_DENIED: no such session, or it has expired. */
enum yw_code yw_office_session(struct yw_office *o, const char *token, int64_t now, struct yw_session *out,
                               struct yw_error *err);
enum yw_code yw_office_sign_out(struct yw_office *o, const char *token, struct yw_error *err);

#endif
