/* Signing in and out, and one's own password. */
#include "web/web_int.h"

#include <sodium.h>
#include <string.h>

enum { COOKIE_S = 12 * 3600 };

void yw_put_user(struct yw_buf *b, const struct yw_register *r, const struct yw_user *u) {
    const struct yw_area *a = u->area[0] != '\0' ? yw_register_area(r, u->area) : NULL;
    yj_open(b, '{');
    yj_put_text(b, "name", u->name);
    yj_put_text(b, "display_name", u->display_name);
    yj_put_text(b, "role", yw_role_name(u->role));
    yj_put_text_or_null(b, "area", u->area);
    yj_put_text_or_null(b, "area_name", a != NULL ? a->name : NULL);
    yj_put_text_or_null(b, "unit", u->unit);
    yj_key(b, "enterprise");
    u->enterprise != 0 ? yj_i64(b, u->enterprise) : yj_null(b);
    yj_key(b, "maintainer");
    u->maintainer != 0 ? yj_i64(b, u->maintainer) : yj_null(b);
    yj_put_bool(b, "disabled", u->disabled);
    yj_close(b, '}');
}

static unsigned put_session(struct yw_request *q) {
    yj_open(&q->out, '{');
    yj_key(&q->out, "user");
    yw_put_user(&q->out, q->reg, &q->session.user);
    yj_put_text(&q->out, "csrf", q->session.csrf);
    yj_close(&q->out, '}');
    return 200;
}

static unsigned too_many(struct yw_request *q, int64_t wait_s) {
    char zh[96], en[96];
    q->retry_after_s = wait_s;
    snprintf(zh, sizeof zh, "尝试次数过多，请 %lld 秒后再试", (long long)wait_s);
    snprintf(en, sizeof en, "too many attempts: try again in %lld seconds", (long long)wait_s);
    return yw_problem(q, 429, "too_many", zh, en);
}

YW_HANDLER(yw_post_session) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    char name[65], password[YW_PASSWORD_MOST + 2], token[YW_TOKEN_TEXT];
    bool good = yw_member_text(q, o, "user", name, sizeof name) &&
                yw_member_text(q, o, "password", password, sizeof password);
    json_decref(o);
    if (!good) return 422;
    int64_t wait_s = 0;
    struct yw_error err = {0};
    enum yw_code code = yw_office_sign_in(q->web->office, name, password, q->address, q->now, token,
                                          &q->session, &wait_s, &err);
    sodium_memzero(password, sizeof password);
    if (code == YW_E_LIMIT) return too_many(q, wait_s);
    if (code == YW_E_DENIED) {
        yw_log(YW_LOG_WARN, "sign-in refused from %s", q->address);
        return yw_problem(q, 401, "wrong_password", "用户名或密码错误", "name or password is wrong");
    }
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    snprintf(q->cookie, sizeof q->cookie, "yw_session=%s; Path=/; HttpOnly; SameSite=Strict; Max-Age=%d%s",
             token, COOKIE_S, q->secure ? "; Secure" : "");
    return put_session(q);
}

YW_HANDLER(yw_get_session) {
    return put_session(q);
}

YW_HANDLER(yw_delete_session) {
    struct yw_error err = {0};
    enum yw_code code = yw_office_sign_out(q->web->office, q->token, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    snprintf(q->cookie, sizeof q->cookie, "yw_session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0%s",
             q->secure ? "; Secure" : "");
    yj_open(&q->out, '{');
    yj_close(&q->out, '}');
    return 200;
}

YW_HANDLER(yw_post_password) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    char old[YW_PASSWORD_MOST + 2], fresh[YW_PASSWORD_MOST + 2];
    bool good =
        yw_member_text(q, o, "old", old, sizeof old) && yw_member_text(q, o, "new", fresh, sizeof fresh);
    json_decref(o);
    if (!good) return 422;
    int64_t wait_s = 0;
    struct yw_error err = {0};
    const char *name = q->session.user.name;
    enum yw_code code =
        yw_office_password_check(q->web->office, name, old, q->address, q->now, &wait_s, &err);
    if (code == YW_OK) code = yw_office_password_set(q->web->office, name, fresh, q->token, &err);
    sodium_memzero(old, sizeof old);
    sodium_memzero(fresh, sizeof fresh);
    if (code == YW_E_LIMIT) return too_many(q, wait_s);
    if (code == YW_E_DENIED)
        return yw_problem(q, 422, "wrong_password", "原密码错误", "the old password is wrong");
    if (code == YW_E_RANGE) return yw_problem(q, 422, "password", "新密码须为 8 至 128 个字符", err.text);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_close(&q->out, '}');
    return 200;
}
