/* Forwarding: the targets with how they are (DATA/courier/state.json, which the courier writes), and the acts
 * that make, change and drop them. */
#include "web/alerts.h"
#include "web/web_int.h"

#include "register/targets.h"

#include <math.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { STATE_MOST = 8 << 20, ACT_BYTES = 512 << 10, REASON_MOST = 500, STALE_MS = 15000 };
#define BEHIND_MS (15 * 60 * 1000) /* a target that far behind is worth an alert */

/* ---- states ---- */

static json_t *read_state(const struct yw_web *w) {
    char path[4200];
    struct yw_buf text;
    struct yw_error err;
    snprintf(path, sizeof path, "%s/courier/state.json", w->data);
    yw_buf_init(&text, STATE_MOST);
    json_t *state = NULL;
    if (yw_file_read(path, STATE_MOST, &text, &err) == YW_OK)
        state = json_loadb(text.data, text.len, 0, NULL);
    yw_buf_free(&text);
    return state;
}

static const json_t *state_of(const json_t *state, uint32_t id) {
    const json_t *all = json_object_get(state, "targets");
    for (size_t i = 0; i < json_array_size(all); i++) {
        const json_t *t = json_array_get(all, i);
        if (json_integer_value(json_object_get(t, "id")) == id) return t;
    }
    return NULL;
}

/* The courier's own words are English; what is shown says the same in both languages where it is a known one.
 */
static void put_error(struct yw_buf *b, const json_t *e) {
    static const struct {
        const char *en, *zh;
    } known[] = {
        {"connection refused", "对方拒绝连接"},
        {"the other side closed the connection", "对方关闭了连接"},
        {"no connection within 15 s", "15 秒内未能建立连接"},
        {"connection timed out", "连接超时"},
        {"no answer to QN", "对方未应答"},
        {"certificate", "对方证书未通过验证"},
        {"the target was changed", "转发目标设置已修改"},
        {"connection reset", "连接被对方重置"},
        {"unknown node", "找不到该主机名"},
    };
    const char *text = json_string_value(json_object_get(e, "text"));
    const char *zh = text;
    yj_key(b, "last_error");
    if (text == NULL) {
        yj_null(b);
        return;
    }
    for (size_t i = 0; i < YW_COUNT(known); i++) {
        if (strstr(text, known[i].en) != NULL) {
            zh = known[i].zh;
            break;
        }
    }
    yj_open(b, '{');
    yj_put_i64(b, "at", json_integer_value(json_object_get(e, "at")));
    yj_put_text(b, "text_zh", zh);
    yj_put_text(b, "text_en", text);
    yj_close(b, '}');
}

/* The courier's object as it is, with what pages need beside. */
static void put_state(struct yw_request *q, const json_t *state, const struct yw_target *t) {
    struct yw_buf *b = &q->out;
    const json_t *s = state_of(state, t->id);
    int64_t written = json_integer_value(json_object_get(state, "now"));
    bool stale = s == NULL || q->now / 1000 - written > STALE_MS;
    static const char *const plain[] = {
        "position",   "lag_bytes", "waiting", "rate", "sent",  "acked",  "resent",    "doubles", "refused",
        "unreadable", "commands",  "history", "peer", "since", "lag_ms", "last_sent", "last_ack"};
    yj_open(b, '{');
    yj_put_text(b, "link",
                t->paused ? "paused"
                : stale   ? "down"
                          : json_string_value(json_object_get(s, "link")));
    for (size_t i = 0; i < YW_COUNT(plain); i++) {
        yj_key(b, plain[i]);
        const json_t *v = json_object_get(s, plain[i]);
        char *text = v != NULL ? json_dumps(v, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
        yw_buf_puts(b, text != NULL ? text : "null");
        free(text);
    }
    put_error(b, json_object_get(s, "last_error"));
    yj_close(b, '}');
}

/* ---- targets ---- */

static void put_list(struct yw_buf *b, const char *key, const char *list, bool numbers) {
    yj_key(b, key);
    yj_open(b, '[');
    for (const char *p = list; *p != '\0';) {
        size_t n = strcspn(p, ",");
        uint32_t v;
        if (!numbers) {
            yj_text_n(b, p, n);
        } else if (yw_parse_u32(p, n, UINT32_MAX, &v)) {
            yj_i64(b, v);
        }
        p += n;
        if (*p == ',') p++;
    }
    yj_close(b, ']');
}

static void put_target(struct yw_request *q, const struct yw_target *t, const json_t *state) {
    struct yw_buf *b = &q->out;
    size_t n;
    const struct yw_target_mn *mns = yw_register_target_mns(q->reg, t->id, &n);
    yj_open(b, '{');
    yj_put_i64(b, "id", t->id);
    yj_put_text(b, "name", t->name);
    yj_put_text(b, "host", t->host);
    yj_put_i64(b, "port", t->port);
    yj_put_bool(b, "tls", t->tls);
    yj_put_bool(b, "tls_verify", t->tls_verify);
    yj_key(b, "pw");
    yw_buf_puts(b, t->pw[0] != '\0' ? "{\"set\":true}" : "null");
    yj_key(b, "rewrite");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        yj_open(b, '{');
        yj_put_text(b, "mn", mns[i].mn);
        yj_put_text(b, "to", mns[i].to);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_key(b, "filter");
    yj_open(b, '{');
    put_list(b, "areas", t->areas, false);
    put_list(b, "outlets", t->outlets, true);
    put_list(b, "commands", t->commands, true);
    yj_close(b, '}');
    yj_put_bool(b, "require_ack", t->require_ack);
    yj_put_bool(b, "commands_allowed", t->commands_allowed);
    yj_put_i64(b, "overtime_s", t->overtime_s);
    yj_put_i64(b, "recount", t->recount);
    yj_put_i64(b, "window", t->window);
    yj_put_i64(b, "rate", t->rate);
    yj_put_bool(b, "paused", t->paused);
    yj_put_time(b, "from", t->since);
    yj_key(b, "state");
    put_state(q, state, t);
    yj_close(b, '}');
}

/* Nothing is ever forwarded from a training or demonstration domain. */
static const char *blocked(const struct yw_request *q) {
    uint8_t domain = q->web->config.domain;
    return domain == YW_DOMAIN_TRAINING ? "training" : domain == YW_DOMAIN_DEMO ? "demo" : NULL;
}

YW_HANDLER(yw_get_targets) {
    size_t n;
    const struct yw_target *t = yw_register_targets(q->reg, &n);
    json_t *state = read_state(q->web);
    yj_open(&q->out, '{');
    yj_key(&q->out, "targets");
    yj_open(&q->out, '[');
    for (size_t i = 0; i < n; i++) put_target(q, &t[i], state);
    yj_close(&q->out, ']');
    if (blocked(q) != NULL) yj_put_text(&q->out, "blocked", blocked(q));
    yj_close(&q->out, '}');
    json_decref(state);
    return 200;
}

static const struct yw_target *target_of(struct yw_request *q) {
    uint32_t id;
    const char *text = q->params[0];
    return yw_parse_u32(text, strlen(text), UINT32_MAX, &id) ? yw_register_target(q->reg, id) : NULL;
}

static unsigned no_target(struct yw_request *q) {
    return yw_problem(q, 404, "not_found", "没有这个转发目标", "there is no such target");
}

YW_HANDLER(yw_get_target_state) {
    const struct yw_target *t = target_of(q);
    if (t == NULL) return no_target(q);
    json_t *state = read_state(q->web);
    put_state(q, state, t);
    json_decref(state);
    return 200;
}

/* ---- changing them ---- */

struct edit {
    struct yw_request *q;
    const json_t *body;
    struct yw_target t;
    struct yw_target_mn *mns;
    size_t mn_n;
    char reason[REASON_MOST + 1];
};

static bool refuse(struct yw_request *q, const char *field, const char *zh, const char *en) {
    char zh_text[400], en_text[400];
    snprintf(zh_text, sizeof zh_text, "%s：%s", field, zh);
    snprintf(en_text, sizeof en_text, "%s: %s", field, en);
    yw_problem(q, 422, "invalid", zh_text, en_text);
    return false;
}

/* Absent members keep what they were. */
static bool edit_text(struct edit *e, const char *name, char *to, size_t size) {
    const json_t *v = json_object_get(e->body, name);
    if (v == NULL) return true;
    char text[512];
    if (!yw_member_text(e->q, e->body, name, text, size < sizeof text ? size : sizeof text)) return false;
    if (text[0] == '\0') return refuse(e->q, name, "不能为空", "must not be empty");
    memset(to, 0, size);
    return yw_copy(to, size, text, strlen(text));
}

static bool edit_flag(struct edit *e, const char *name, bool *to) {
    const json_t *v = json_object_get(e->body, name);
    if (v == NULL) return true;
    if (!json_is_boolean(v)) return refuse(e->q, name, "只能是 true 或 false", "must be true or false");
    *to = json_is_true(v);
    return true;
}

static bool edit_number(struct edit *e, const char *name, int64_t least, int64_t most, int64_t *to) {
    const json_t *v = json_object_get(e->body, name);
    if (v == NULL) return true;
    int64_t n = json_integer_value(v);
    if (!json_is_integer(v) || n < least || n > most) {
        char zh[80], en[80];
        snprintf(zh, sizeof zh, "应为 %lld 到 %lld 的整数", (long long)least, (long long)most);
        snprintf(en, sizeof en, "a whole number of %lld to %lld", (long long)least, (long long)most);
        return refuse(e->q, name, zh, en);
    }
    *to = n;
    return true;
}

static bool edit_numbers(struct edit *e) {
    struct yw_target *t = &e->t;
    int64_t port = t->port, overtime = t->overtime_s, recount = t->recount, window = t->window,
            rate = t->rate;
    int64_t from = t->since / 1000;
    if (!edit_number(e, "port", 1, 65535, &port) || !edit_number(e, "overtime_s", 1, 99, &overtime) ||
        !edit_number(e, "recount", 0, 99, &recount) || !edit_number(e, "window", 1, 256, &window) ||
        !edit_number(e, "rate", 1, 5000, &rate) || !edit_number(e, "from", 0, e->q->now / 1000, &from)) {
        return false;
    }
    t->port = (uint16_t)port;
    t->overtime_s = (uint16_t)overtime;
    t->recount = (uint16_t)recount;
    t->window = (uint16_t)window;
    t->rate = (uint32_t)rate;
    t->since = from * 1000;
    return true;
}

static bool edit_list(struct edit *e, const json_t *filter, const char *name, bool numbers, char *to,
                      size_t size) {
    const json_t *list = json_object_get(filter, name);
    size_t used = 0;
    if (list == NULL) return true;
    if (!json_is_array(list)) return refuse(e->q, name, "应为列表", "must be a list");
    memset(to, 0, size);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        char one[24];
        int n = numbers && json_is_integer(v) && json_integer_value(v) > 0
                    ? snprintf(one, sizeof one, "%lld", (long long)json_integer_value(v))
                : !numbers && json_is_string(v) && json_string_length(v) < 16
                    ? snprintf(one, sizeof one, "%s", json_string_value(v))
                    : 0;
        if (n <= 0 ||
            strspn(one, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-.") != (size_t)n) {
            return refuse(e->q, name, "有一项不正确", "an element is not right");
        }
        if (used + (size_t)n + 2 > size) return refuse(e->q, name, "列表过长", "the list is too long");
        if (used > 0) to[used++] = ',';
        memcpy(to + used, one, (size_t)n);
        used += (size_t)n;
    }
    return true;
}

static bool edit_rewrite(struct edit *e) {
    const json_t *list = json_object_get(e->body, "rewrite");
    if (list == NULL) return true;
    size_t n = json_array_size(list);
    free(e->mns);
    e->mns = NULL;
    e->mn_n = 0;
    if (!json_is_array(list) || n > YW_REWRITES_MAX)
        return refuse(e->q, "rewrite", "应为列表，且不超过 2000 行", "must be a list of at most 2000 rows");
    e->mns = calloc(n + 1, sizeof *e->mns);
    if (e->mns == NULL) return refuse(e->q, "rewrite", "内存不足", "out of memory");
    for (size_t i = 0; i < n; i++) {
        const json_t *row = json_array_get(list, i);
        if (!yw_member_text(e->q, row, "mn", e->mns[i].mn, sizeof e->mns[i].mn) ||
            !yw_member_text(e->q, row, "to", e->mns[i].to, sizeof e->mns[i].to)) {
            return false;
        }
        e->mns[i].target = e->t.id;
    }
    e->mn_n = n;
    return true;
}

static bool edit_password(struct edit *e) {
    const json_t *v = json_object_get(e->body, "pw");
    char name[32], plain[YW_PASSWORD_BYTES];
    struct yw_error err;
    if (v == NULL) return true;
    memset(e->t.pw, 0, sizeof e->t.pw);
    if (json_is_null(v)) return true;
    snprintf(name, sizeof name, "target-%u", e->t.id);
    if (!yw_member_text(e->q, e->body, "pw", plain, sizeof plain)) return false;
    char sealed[YW_PASSWORD_SEALED];
    enum yw_code code = yw_password_seal(e->q->web->secret, name, plain, sealed, sizeof sealed, &err);
    sodium_memzero(plain, sizeof plain);
    if (code != YW_OK) return refuse(e->q, "pw", "密码过长或含有非法字符", err.text);
    return yw_copy(e->t.pw, sizeof e->t.pw, sealed, strlen(sealed));
}

static bool edit_all(struct edit *e) {
    struct yw_target *t = &e->t;
    const json_t *filter = json_object_get(e->body, "filter");
    return yw_member_text(e->q, e->body, "reason", e->reason, sizeof e->reason) &&
           edit_text(e, "name", t->name, sizeof t->name) && edit_text(e, "host", t->host, sizeof t->host) &&
           edit_numbers(e) && edit_flag(e, "tls", &t->tls) && edit_flag(e, "tls_verify", &t->tls_verify) &&
           edit_flag(e, "require_ack", &t->require_ack) &&
           edit_flag(e, "commands_allowed", &t->commands_allowed) && edit_flag(e, "paused", &t->paused) &&
           edit_list(e, filter, "areas", false, t->areas, sizeof t->areas) &&
           edit_list(e, filter, "outlets", true, t->outlets, sizeof t->outlets) &&
           edit_list(e, filter, "commands", true, t->commands, sizeof t->commands) && edit_rewrite(e) &&
           edit_password(e);
}

static unsigned commit(struct edit *e, unsigned status) {
    struct yw_request *q = e->q;
    struct yw_error err = {0};
    struct yw_buf act;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = e->reason};
    yw_buf_init(&act, ACT_BYTES);
    enum yw_code code = YW_OK;
    if (!yw_act_target_put(&act, &a, &e->t, e->mns, e->mn_n))
        code = yw_fail(&err, YW_E_LIMIT, "the target is too long for one act");
    if (code == YW_OK) code = yw_acts_commit(q->web->acts, act.data, act.len, &err);
    yw_buf_free(&act);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_put_i64(&q->out, "id", e->t.id);
    yj_put_bool(&q->out, "ok", true);
    yj_close(&q->out, '}');
    return status;
}

static unsigned turned_away(struct yw_request *q) {
    return yw_problem(q, 409, "blocked", "演训与演示数据不转发",
                      "training and demonstration data are never forwarded");
}

static unsigned put(struct yw_request *q, bool fresh) {
    struct edit e = {.q = q};
    size_t n;
    if (blocked(q) != NULL) return turned_away(q);
    json_t *body = yw_body_json(q);
    if (body == NULL) return 400;
    e.body = body;
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_target *old = fresh ? NULL : target_of(q);
    const struct yw_target *all = yw_register_targets(q->reg, &n);
    unsigned status = 0;
    if (!fresh && old == NULL) {
        status = no_target(q);
    } else if (fresh && n >= YW_TARGETS_MAX) {
        status = yw_problem(q, 409, "too_many", "转发目标过多", "there are too many targets");
    } else if (old != NULL) {
        e.t = *old;
        const struct yw_target_mn *mns = yw_register_target_mns(q->reg, old->id, &e.mn_n);
        e.mns = calloc(e.mn_n + 1, sizeof *e.mns);
        if (e.mns != NULL && e.mn_n > 0) memcpy(e.mns, mns, e.mn_n * sizeof *e.mns);
        if (e.mns == NULL) status = yw_problem(q, 500, "internal", "内存不足", "out of memory");
    } else {
        e.t = (struct yw_target){.id = yw_register_next_target(q->reg),
                                 .tls_verify = true,
                                 .require_ack = true,
                                 .overtime_s = 10,
                                 .recount = 3,
                                 .window = 32,
                                 .rate = 200,
                                 .since = q->now};
    }
    if (status == 0 && !edit_all(&e)) status = 422;
    if (status == 0 && (e.t.name[0] == '\0' || e.t.host[0] == '\0' || e.t.port == 0)) {
        status = yw_problem(q, 422, "invalid", "请填写名称、地址和端口", "name, host and port must be there");
    }
    for (size_t i = 0; status == 0 && i < n; i++) {
        if (all[i].id != e.t.id && strcmp(all[i].name, e.t.name) == 0)
            status = yw_problem(q, 422, "invalid", "name：已有同名的转发目标", "name: another target has it");
    }
    if (status == 0) status = commit(&e, fresh ? 201 : 200);
    yw_acts_unlock(q->web->acts);
    free(e.mns);
    json_decref(body);
    return status;
}

YW_HANDLER(yw_post_target) {
    return put(q, true);
}

YW_HANDLER(yw_put_target) {
    return put(q, false);
}

YW_HANDLER(yw_delete_target) {
    struct yw_error err = {0};
    struct yw_buf act;
    char reason[REASON_MOST + 1] = "";
    json_t *body = q->body.len > 0 ? yw_body_json(q) : NULL; /* a reason may be said */
    if (q->body.len > 0 && body == NULL) return 400;
    bool said = body == NULL || yw_member_text(q, body, "reason", reason, sizeof reason);
    json_decref(body);
    if (!said) return 422;
    struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = reason};
    yw_buf_init(&act, 4096);
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_target *t = target_of(q);
    unsigned status;
    if (t == NULL) {
        status = no_target(q);
    } else {
        (void)yw_act_target_drop(&act, &a, t->id);
        enum yw_code code = yw_acts_commit(q->web->acts, act.data, act.len, &err);
        status = code == YW_OK ? 200 : yw_problem_from(q, code, &err);
        if (status == 200) yw_buf_puts(&q->out, "{\"ok\":true}");
    }
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return status;
}

/* ---- alerts ---- */

void yw_put_alerts_targets(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                           const struct yw_user *u, int64_t now) {
    size_t n;
    const struct yw_target *t = yw_register_targets(r, &n);
    if (n == 0 || w->config.domain != YW_DOMAIN_REAL) return;
    json_t *state = read_state(w);
    for (size_t i = 0; i < n; i++) {
        const json_t *s = state_of(state, t[i].id);
        int64_t lag = json_integer_value(json_object_get(s, "lag_ms"));
        bool stale = now / 1000 - json_integer_value(json_object_get(state, "now")) > STALE_MS;
        if (t[i].paused || (!stale && lag < BEHIND_MS)) continue;
        char zh[320], en[320], params[64];
        snprintf(params, sizeof params, "{\"target\":%u,\"lag_ms\":%lld}", t[i].id, (long long)lag);
        if (stale) {
            snprintf(zh, sizeof zh, "转发服务没有运行，%s 收不到数据", t[i].name);
            snprintf(en, sizeof en, "forwarding does not run: %s gets no data", t[i].name);
        } else {
            snprintf(zh, sizeof zh, "向 %s 转发已滞后 %lld 分钟", t[i].name, (long long)(lag / 60000));
            snprintf(en, sizeof en, "forwarding to %s is %lld minutes behind", t[i].name,
                     (long long)(lag / 60000));
        }
        yw_put_alert(b, r, u,
                     &(struct yw_alert){.code = stale ? "target_down" : "target_behind",
                                        .severity = YW_WARNING,
                                        .since = now - lag * 1000,
                                        .text_zh = zh,
                                        .text_en = en,
                                        .params = params});
    }
    json_decref(state);
}
