/* Cameras of an outlet: the list, changing it, a still picture, and the link that opens at the time in
 * question. */
#include "register/cameras.h"

#include "web/snapshot.h"
#include "web/web_int.h"

#include <sodium.h>
#include <string.h>

enum { ACT_MAX = 8 << 10, LINK_MOST = 2048, REASON_MOST = 500 };
#define LINK_BEFORE YW_MINUTE /* {begin} and {end} around {time} */
#define LINK_AFTER  (5 * YW_MINUTE)

/* ---- the list ---- */

/* Where pictures come from and with which name is for those who set it up. */
static void put_camera(struct yw_request *q, const struct yw_camera *c) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_put_i64(b, "id", c->id);
    yj_put_i64(b, "outlet", c->outlet);
    yj_put_text(b, "name", c->name);
    yj_put_text(b, "kind", c->kind);
    yj_put_text_or_null(b, "address", c->address);
    yj_put_text_or_null(b, "channel", c->channel);
    yj_put_bool(b, "snapshot", c->snapshot_url[0] != '\0');
    yj_put_bool(b, "link", c->link_url[0] != '\0');
    if (q->session.user.role == YW_ROLE_OPERATOR) {
        yj_put_text_or_null(b, "snapshot_url", c->snapshot_url);
        yj_put_text_or_null(b, "link_url", c->link_url);
        yj_put_text_or_null(b, "user", c->user);
        yj_put_bool(b, "has_password", c->pw[0] != '\0');
    }
    yj_close(b, '}');
}

YW_HANDLER(yw_get_cameras) {
    const struct yw_camera *c[YW_CAMERAS_OUTLET_MAX];
    size_t n = yw_register_cameras_of(q->reg, q->id, c, YW_COUNT(c));
    yj_open(&q->out, '{');
    yj_key(&q->out, "cameras");
    yj_open(&q->out, '[');
    for (size_t i = 0; i < n; i++) put_camera(q, c[i]);
    yj_close(&q->out, ']');
    yj_close(&q->out, '}');
    return 200;
}

/* ---- changing it ---- */

static bool begins(const char *text, const char *with) {
    return strncmp(text, with, strlen(with)) == 0;
}

/* rtsp://10.1.2.3/1, or the 20 digits of GB/T 28181; no name and password in it: they would be shown. */
static bool address_good(const struct yw_camera *c) {
    const char *a = c->address;
    if (a[0] == '\0') return strcmp(c->kind, "other") == 0;
    if (strcmp(c->kind, "gb28181") == 0) return strlen(a) == 20 && strspn(a, "0123456789") == 20;
    const char *host = strstr(a, "://");
    size_t n = host != NULL ? strcspn(host + 3, "/?#") : 0;
    bool rtsp = begins(a, "rtsp://") || begins(a, "rtsps://");
    return (rtsp || strcmp(c->kind, "other") == 0) && (host == NULL || memchr(host + 3, '@', n) == NULL);
}

static bool link_good(const char *url) {
    return url[0] == '\0' || begins(url, "https://") || begins(url, "http://") || begins(url, "rtsp://");
}

struct wish {
    struct yw_camera camera;
    char pw[YW_CAMERA_PW_MOST + 1], reason[REASON_MOST + 1];
    bool has_pw;
};

static bool read_wish(struct yw_request *q, struct wish *w) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return false;
    struct yw_camera *c = &w->camera;
    bool good = yw_member_text(q, o, "name", c->name, sizeof c->name) &&
                yw_member_text(q, o, "kind", c->kind, sizeof c->kind) &&
                yw_member_text(q, o, "address", c->address, sizeof c->address) &&
                yw_member_text(q, o, "channel", c->channel, sizeof c->channel) &&
                yw_member_text(q, o, "snapshot_url", c->snapshot_url, sizeof c->snapshot_url) &&
                yw_member_text(q, o, "link_url", c->link_url, sizeof c->link_url) &&
                yw_member_text(q, o, "user", c->user, sizeof c->user) &&
                yw_member_text(q, o, "pw", w->pw, sizeof w->pw) &&
                yw_member_text(q, o, "reason", w->reason, sizeof w->reason);
    w->has_pw = json_is_string(json_object_get(o, "pw"));
    json_int_t id = json_integer_value(json_object_get(o, "id"));
    if (id > 0 && id <= UINT32_MAX) c->id = (uint32_t)id;
    json_decref(o);
    if (!good) return false;
    struct yw_error err = {0};
    const char *zh = NULL, *en = NULL;
    if (c->name[0] == '\0' || c->kind[0] == '\0') {
        zh = "请填写名称和类型（rtsp、gb28181 或 other）",
        en = "name and kind (rtsp, gb28181 or other) must be there";
    } else if (!address_good(c)) {
        zh = "地址应为不含用户名的 rtsp:// 地址，或 20 位国标编码",
        en = "address: an rtsp:// address without a user in it, or the 20 digits of GB/T 28181";
    } else if (c->snapshot_url[0] != '\0' && yw_fetch_check(c->snapshot_url, &err) != YW_OK) {
        zh = "抓图地址应为不含用户名的 http(s) 地址，端口为 80、81、88、443 或 1024 以上", en = err.text;
    } else if (!link_good(c->link_url)) {
        zh = "链接应以 http://、https:// 或 rtsp:// 开头",
        en = "link_url: begins with http://, https:// or rtsp://";
    }
    if (en != NULL) (void)yw_problem(q, 422, "camera", zh, en);
    return en == NULL;
}

static enum yw_code seal(struct yw_request *q, struct wish *w, const struct yw_camera *old,
                         struct yw_error *err) {
    struct yw_camera *c = &w->camera;
    if (!w->has_pw) {
        if (old != NULL) memcpy(c->pw, old->pw, sizeof c->pw);
        return YW_OK;
    }
    if (w->pw[0] == '\0') return YW_OK;
    char context[40], sealed[YW_TEXT_SEALED];
    snprintf(context, sizeof context, "camera %u", c->id);
    enum yw_code code = yw_text_seal(q->web->secret, context, w->pw, sealed, sizeof sealed, err);
    if (code == YW_OK && !yw_copy(c->pw, sizeof c->pw, sealed, strlen(sealed)))
        code = yw_fail(err, YW_E_LIMIT, "pw: too long");
    return code;
}

static unsigned commit(struct yw_request *q, struct yw_buf *act) {
    struct yw_error err = {0};
    enum yw_code code = act->failed ? yw_fail(&err, YW_E_LIMIT, "too long")
                                    : yw_acts_commit(q->web->acts, act->data, act->len, &err);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

static unsigned put_wish(struct yw_request *q, struct wish *w) {
    struct yw_error err = {0};
    struct yw_camera *c = &w->camera;
    const struct yw_camera *old = c->id != 0 ? yw_register_camera(q->reg, c->id) : NULL;
    if (c->id != 0 && (old == NULL || old->outlet != q->id))
        return yw_problem(q, 422, "id", "该排放口没有这个摄像机", "id: this outlet has no such camera");
    if (old == NULL) c->id = yw_register_next_camera(q->reg);
    c->outlet = q->id;
    enum yw_code code = seal(q, w, old, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = w->reason};
    yw_buf_init(&act, ACT_MAX);
    (void)yw_act_camera_put(&act, &a, c);
    unsigned status = commit(q, &act);
    yw_buf_free(&act);
    if (status == 200) put_camera(q, yw_register_camera(q->reg, c->id));
    return status;
}

YW_HANDLER(yw_post_camera) {
    struct wish w = {0};
    if (!read_wish(q, &w)) return q->out.len > 0 && strstr(q->out.data, "\"json\"") != NULL ? 400 : 422;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = put_wish(q, &w);
    yw_acts_unlock(q->web->acts);
    sodium_memzero(&w, sizeof w);
    return status;
}

YW_HANDLER(yw_delete_camera) {
    char reason[REASON_MOST + 1] = "";
    if (q->body.len > 0) {
        json_t *o = yw_body_json(q);
        if (o == NULL) return 400;
        bool good = yw_member_text(q, o, "reason", reason, sizeof reason);
        json_decref(o);
        if (!good) return 422;
    }
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
    yw_buf_init(&act, ACT_MAX);
    (void)yw_act_camera_drop(&act, &a, q->id);
    (void)yw_acts_lock_alone(q->web->acts);
    unsigned status = commit(q, &act);
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    if (status != 200) return status;
    yj_open(&q->out, '{');
    yj_close(&q->out, '}');
    return 200;
}

/* ---- the picture ---- */

static unsigned picture(struct yw_request *q) {
    const void *bytes;
    size_t n;
    struct yw_error err = {0};
    enum yw_code code = yw_snapshot_result(q->snapshot, &bytes, &n, &q->content_type, &err);
    if (code == YW_OK) {
        yw_buf_add(&q->out, bytes, n);
        return 200;
    }
    q->content_type = NULL;
    if (code == YW_E_NOMEM || code == YW_E_SYSTEM) return yw_problem_from(q, code, &err);
    return yw_problem(q, 502, "camera", "摄像机没有给出图片", err.text);
}

/* Called twice: the first time the connection goes to sleep until the picture is there. */
YW_HANDLER(yw_get_snapshot) {
    if (q->snapshot != NULL) return picture(q);
    char url[sizeof((struct yw_camera *)0)->snapshot_url] = "",
                                      user[sizeof((struct yw_camera *)0)->user] = "";
    char pw[YW_TEXT_SEAL_MAX + 1] = "", context[40];
    struct yw_error err = {0};
    enum yw_code code = YW_OK;
    const struct yw_register *r = yw_acts_lock(q->web->acts);
    const struct yw_camera *c = yw_register_camera(r, q->id);
    if (c != NULL) {
        memcpy(url, c->snapshot_url, sizeof url);
        memcpy(user, c->user, sizeof user);
        snprintf(context, sizeof context, "camera %u", c->id);
        if (c->pw[0] != '\0') code = yw_text_open(q->web->secret, context, c->pw, pw, sizeof pw, &err);
    }
    yw_acts_unlock(q->web->acts);
    if (code == YW_OK && url[0] == '\0')
        return yw_problem(q, 404, "no_snapshot", "该摄像机不提供图片", "this camera serves no pictures");
    struct yw_fetch f = {
        .url = url, .user = user, .pw = pw, .loopback = q->web->config.domain != YW_DOMAIN_REAL};
    if (code == YW_OK) code = yw_snapshot_begin(q->web->snapshots, q->connection, &f, &q->snapshot, &err);
    sodium_memzero(pw, sizeof pw);
    return code == YW_OK ? YW_STATUS_LATER : yw_problem_from(q, code, &err);
}

/* ---- the link ---- */

static void put_escaped(struct yw_buf *b, const char *text) {
    for (const char *p = text; *p != '\0'; p++) {
        bool plain = (*p >= '0' && *p <= '9') || (*p >= 'a' && *p <= 'z') || (*p >= 'A' && *p <= 'Z') ||
                     strchr("-_.~", *p) != NULL;
        plain ? yw_buf_putc(b, *p) : yw_buf_printf(b, "%%%02X", (unsigned char)*p);
    }
}

static void put_moment(struct yw_buf *b, int64_t time, const char *form) {
    struct yw_civil c;
    bool utc = strcmp(form, ":utc") == 0;
    yw_time_to_civil(time, utc ? 0 : YW_CHINA, &c);
    if (strcmp(form, ":unix") == 0) {
        yw_buf_printf(b, "%lld", (long long)(time / YW_SECOND));
    } else if (strcmp(form, ":ms") == 0) {
        yw_buf_printf(b, "%lld", (long long)(time / 1000));
    } else {
        yw_buf_printf(b, "%04d%02d%02d%s%02d%02d%02d%s", c.year, c.month, c.day, utc ? "T" : "", c.hour,
                      c.minute, c.second, utc ? "Z" : "");
    }
}

/* {time}, {begin}, {end}: YYYYMMDDhhmmss in UTC+8; {time:utc}: YYYYMMDDThhmmssZ; {time:unix}: seconds;
 * {time:ms}. {channel} and {address}. What is in other braces stays. */
static void put_link(struct yw_buf *b, const struct yw_camera *c, int64_t time) {
    for (const char *p = c->link_url; *p != '\0';) {
        size_t n = *p == '{' ? strcspn(p, "}") : 0;
        char name[16] = "";
        if (n > 1 && p[n] == '}' && n - 1 < sizeof name) (void)yw_copy(name, sizeof name, p + 1, n - 1);
        size_t word = strcspn(name, ":");
        const char *form = name + word;
        bool plain_form = form[0] == '\0' || strcmp(form, ":utc") == 0 || strcmp(form, ":unix") == 0 ||
                          strcmp(form, ":ms") == 0;
        if (word == 4 && begins(name, "time") && plain_form) {
            put_moment(b, time, form);
        } else if (word == 5 && begins(name, "begin") && plain_form) {
            put_moment(b, time - LINK_BEFORE, form);
        } else if (word == 3 && begins(name, "end") && plain_form) {
            put_moment(b, time + LINK_AFTER, form);
        } else if (strcmp(name, "channel") == 0) {
            put_escaped(b, c->channel);
        } else if (strcmp(name, "address") == 0) {
            put_escaped(b, c->address);
        } else {
            yw_buf_putc(b, *p++);
            continue;
        }
        p += n + 1;
    }
}

YW_HANDLER(yw_get_camera_link) {
    int64_t time, far = INT64_C(1) << 47;
    if (!yw_query_i64(q, "time", 0, far, q->now / 1000, &time))
        return yw_problem(q, 400, "query", "time 不正确", "time is wrong");
    const struct yw_camera *c = yw_register_camera(q->reg, q->id);
    if (c->link_url[0] == '\0' || !link_good(c->link_url))
        return yw_problem(q, 404, "no_link", "该摄像机没有登记链接", "this camera has no link");
    struct yw_buf url;
    yw_buf_init(&url, LINK_MOST);
    put_link(&url, c, time * 1000);
    bool good = !url.failed;
    yj_open(&q->out, '{');
    if (good) yj_put_text(&q->out, "url", url.data);
    yj_close(&q->out, '}');
    yw_buf_free(&url);
    return good ? 200 : yw_problem(q, 413, "too_large", "链接过长", "the link is too long");
}
