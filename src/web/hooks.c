/* Web hooks: made by operators, used by what stands in a station room and can only send HTTP. */
#include "web/hooks_keep.h"

#include "web/station.h"
#include "web/web_int.h"

#include <sodium.h>
#include <string.h>

enum { LIST_MOST = 200 };

static void put_hook(struct yw_buf *b, const struct yw_hook *h) {
    yj_put_i64(b, "id", h->id);
    yj_put_i64(b, "outlet", h->outlet);
    yj_put_text(b, "name", h->name);
    yj_put_text(b, "by", h->by);
    yj_put_time(b, "made", h->made);
    yj_put_time(b, "used", h->used);
}

YW_HANDLER(yw_post_hook) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    struct yw_hook h = {.made = q->now};
    bool good = yw_member_text(q, o, "name", h.name, sizeof h.name);
    json_int_t outlet = json_integer_value(json_object_get(o, "outlet"));
    json_decref(o);
    if (!good) return 422;
    h.outlet = outlet > 0 && outlet <= UINT32_MAX ? (uint32_t)outlet : 0;
    if (!yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, h.outlet)))
        return yw_problem(q, 422, "outlet", "没有这个排放口", "outlet: there is no such outlet");
    (void)yw_copy(h.by, sizeof h.by, q->session.user.name, strlen(q->session.user.name));
    char token[YW_TOKEN_TEXT], path[YW_TOKEN_TEXT + 16];
    struct yw_error err = {0};
    enum yw_code code = yw_hook_add(q->web->office, &h, token, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    snprintf(path, sizeof path, "/api/hooks/%s", token);
    yj_open(&q->out, '{');
    put_hook(&q->out, &h);
    yj_put_text(&q->out, "token", token);
    yj_put_text(&q->out, "path", path);
    yj_close(&q->out, '}');
    sodium_memzero(token, sizeof token);
    sodium_memzero(path, sizeof path);
    return 200;
}

struct listing {
    struct yw_request *q;
    int64_t given, last;
};
static bool list_hook(void *arg, const struct yw_hook *h) {
    struct listing *l = arg;
    struct yw_request *q = l->q;
    if (!yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, h->outlet))) return true;
    yj_open(&q->out, '{');
    put_hook(&q->out, h);
    yj_close(&q->out, '}');
    l->last = h->id;
    return ++l->given < LIST_MOST;
}

YW_HANDLER(yw_get_hooks) {
    int64_t after;
    if (!yw_query_i64(q, "after", 0, INT64_MAX, 0, &after))
        return yw_problem(q, 400, "query", "after 不正确", "after is wrong");
    struct listing l = {.q = q};
    struct yw_error err = {0};
    yj_open(&q->out, '{');
    yj_key(&q->out, "hooks");
    yj_open(&q->out, '[');
    enum yw_code code = yw_hooks_each(q->web->office, after, list_hook, &l, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_close(&q->out, ']');
    yj_key(&q->out, "next");
    l.given == LIST_MOST ? yj_i64(&q->out, l.last) : yj_null(&q->out);
    yj_close(&q->out, '}');
    return 200;
}

struct search {
    int64_t id;
    uint32_t outlet;
};
static bool find_hook(void *arg, const struct yw_hook *h) {
    struct search *s = arg;
    if (h->id == s->id) s->outlet = h->outlet;
    return false;
}

YW_HANDLER(yw_delete_hook) {
    struct search s = {0};
    struct yw_error err = {0};
    enum yw_code code = YW_OK;
    if (yw_parse_i64(q->params[0], strlen(q->params[0]), &s.id) && s.id > 0)
        code = yw_hooks_each(q->web->office, s.id - 1, find_hook, &s, &err);
    if (code == YW_OK && !yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, s.outlet)))
        code = yw_fail(&err, YW_E_NOT_FOUND, "there is no such hook");
    if (code == YW_OK) code = yw_hook_drop(q->web->office, s.id, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_close(&q->out, '}');
    return 200;
}

/* No session: the token in the path is the right. */
YW_HANDLER(yw_post_hook_use) {
    struct yw_hook h;
    struct yw_error err = {0};
    q->path = "/api/hooks/..."; /* tokens do not go into logs */
    enum yw_code code = yw_hook_use(q->web->office, q->params[0], q->now, &h, &err);
    sodium_memzero(q->params[0], sizeof q->params[0]);
    if (code == YW_E_DENIED) return yw_problem(q, 404, "not_found", "没有找到", "not found");
    if (code == YW_E_LIMIT) {
        q->retry_after_s = (YW_MINUTE - q->now % YW_MINUTE) / YW_SECOND + 1;
        return yw_problem(q, 429, "too_many", "每分钟最多 60 次，请稍后再试", "at most 60 calls a minute");
    }
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    struct yw_station_word s = {.outlet = h.outlet};
    snprintf(s.source, sizeof s.source, "hook:%s", h.name);
    snprintf(s.by, sizeof s.by, "hook:%s", h.name);
    bool good = yw_station_read(q, o, &s);
    json_decref(o);
    if (!good) return 422;
    const struct yw_register *r = yw_acts_lock(q->web->acts);
    bool there = yw_register_outlet(r, h.outlet) != NULL;
    yw_acts_unlock(q->web->acts);
    if (!there) return yw_problem(q, 404, "not_found", "没有找到", "not found");
    return yw_station_tell(q, &s);
}
