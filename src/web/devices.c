/* Devices: the list, those that wait, and the acts of admission. Each act is journalled with who, when and
 * why. */
#include "web/web_int.h"

#include "web/keys.h"

#include <string.h>

enum { LIST_MOST = 500, REASON_MOST = 500, ACT_BYTES = 8192 };
#define PLANT_PREFIX "5957" /* of simulated plants; the real domain never admits one */

static void put_device(struct yw_request *q, const struct yw_device *d) {
    struct yw_buf *b = &q->out;
    const struct yw_outlet *o = yw_register_outlet(q->reg, d->outlet);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(q->reg, o->enterprise) : NULL;
    struct yw_outlet_state s = {0};
    if (o != NULL) yw_states_get(q->web->states, o->id, &s);
    yj_open(b, '{');
    yj_put_i64(b, "id", d->id);
    yj_put_text(b, "mn", d->mn);
    yj_put_text(b, "state", yw_device_state_name(d->state));
    yj_put_i64(b, "version", d->version);
    yj_put_bool(b, "has_password", d->pw[0] != '\0');
    yj_key(b, "outlet");
    if (o != NULL) {
        yj_open(b, '{');
        yj_put_i64(b, "id", o->id);
        yj_put_text(b, "code", o->code);
        yj_put_text(b, "name", o->name);
        yj_close(b, '}');
    } else {
        yj_null(b);
    }
    yw_put_enterprise_brief(b, e);
    yj_put_time(b, "last_arrival", s.last_arrival);
    yj_close(b, '}');
}

YW_HANDLER(yw_get_devices) {
    int64_t after, limit;
    if (!yw_query_i64(q, "after", 0, UINT32_MAX, 0, &after) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 100, &limit)) {
        return yw_problem(q, 400, "query", "after 或 limit 不是允许的数字",
                          "after or limit is not a number within its range");
    }
    const char *state = yw_query(q, "state"), *text = yw_query(q, "q");
    struct yw_buf *b = &q->out;
    size_t n;
    const struct yw_device *d = yw_register_devices(q->reg, &n);
    int64_t given = 0, next = 0;
    yj_open(b, '{');
    yj_key(b, "devices");
    yj_open(b, '[');
    for (size_t i = 0; i < n && next == 0; i++) {
        const struct yw_outlet *o = yw_register_outlet(q->reg, d[i].outlet);
        const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(q->reg, o->enterprise) : NULL;
        bool seen = o != NULL ? yw_sees_outlet(q->reg, &q->session.user, o) : q->session.user.area[0] == '\0';
        bool asked = yw_text_has(d[i].mn, text) ||
                     (o != NULL && (yw_text_has(o->name, text) || yw_text_has(o->code, text))) ||
                     (e != NULL && yw_text_has(e->name, text));
        if (d[i].id <= after || !seen || !asked) continue;
        if (state[0] != '\0' && strcmp(state, yw_device_state_name(d[i].state)) != 0) continue;
        if (given++ == limit) {
            next = d[i - 1].id;
            break;
        }
        put_device(q, &d[i]);
    }
    yj_close(b, ']');
    yj_key(b, "next");
    next != 0 ? yj_i64(b, next) : yj_null(b);
    yj_close(b, '}');
    return 200;
}

/* ---- waiting ---- */

static bool put_waiting(void *arg, const struct yw_waiting *w) {
    struct yw_request *q = arg;
    struct yw_buf *b = &q->out;
    const struct yw_device *d = yw_register_device_by_mn(q->reg, w->mn, strlen(w->mn));
    if (d != NULL && d->state != YW_DEVICE_WAITING) return true;
    yj_open(b, '{');
    yj_put_text(b, "mn", w->mn);
    yj_put_text_or_null(b, "st", w->st);
    yj_put_text(b, "peer", w->peer);
    yj_put_time(b, "first_seen", w->first_seen);
    yj_put_time(b, "last_seen", w->last_seen);
    yj_put_i64(b, "packets", (int64_t)w->packets);
    yj_put_i64(b, "bad_pw", (int64_t)w->bad_pw);
    yj_key(b, "sample");
    yj_open(b, '{');
    yw_put_journal(b, w->sample.journal);
    yj_key(b, "position");
    yj_u64_text(b, w->sample.position);
    yj_close(b, '}');
    yj_close(b, '}');
    return true;
}

YW_HANDLER(yw_get_waiting) {
    struct yw_error err = {0};
    struct yw_store *store = yw_web_store_take(q->web, &err);
    enum yw_code code = YW_OK;
    yj_open(&q->out, '{');
    yj_key(&q->out, "waiting");
    yj_open(&q->out, '[');
    if (store != NULL) code = yw_store_sqlite.waiting(store, put_waiting, q, &err);
    yj_close(&q->out, ']');
    if (code == YW_OK) code = yw_put_registrations(&q->out, store, q->now, &err);
    yj_close(&q->out, '}');
    yw_web_store_give(q->web, store, code == YW_OK);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}

/* ---- acts ---- */

/* Commits the act that stands in `act` and answers with the device as it is now. */
static unsigned commit(struct yw_request *q, struct yw_buf *act, uint32_t id) {
    struct yw_error err = {0};
    if (act->failed) return yw_problem(q, 413, "too_large", "内容过长", "too long");
    enum yw_code code = yw_acts_commit(q->web->acts, act->data, act->len, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_put_i64(&q->out, "register_version", yw_register_version(q->reg));
    yj_key(&q->out, "device");
    put_device(q, yw_register_device(q->reg, id));
    yj_close(&q->out, '}');
    return 200;
}

struct wish { /* what the body of such a request says */
    char mn[33], pw[YW_PASSWORD_BYTES], reason[REASON_MOST + 1];
    uint32_t outlet;
    bool has_pw;
};

static bool read_wish(struct yw_request *q, struct wish *w) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return false;
    bool good = yw_member_text(q, o, "mn", w->mn, sizeof w->mn) &&
                yw_member_text(q, o, "pw", w->pw, sizeof w->pw) &&
                yw_member_text(q, o, "reason", w->reason, sizeof w->reason);
    const json_t *outlet = json_object_get(o, "outlet");
    if (json_is_integer(outlet) && json_integer_value(outlet) > 0 &&
        json_integer_value(outlet) <= UINT32_MAX) {
        w->outlet = (uint32_t)json_integer_value(outlet);
    }
    w->has_pw = json_is_string(json_object_get(o, "pw"));
    json_decref(o);
    return good;
}

static unsigned status_of_wish(const struct yw_request *q) {
    /* yw_body_json speaks of the whole body, read_wish of its members. */
    return q->out.len > 0 && strstr(q->out.data, "\"json\"") != NULL ? 400 : 422;
}

YW_HANDLER(yw_post_admit) {
    struct wish w = {0};
    if (!read_wish(q, &w)) return status_of_wish(q);
    if (w.mn[0] == '\0' || w.outlet == 0)
        return yw_problem(q, 422, "invalid", "请填写 MN 和排放口", "mn and outlet must be there");
    if (q->web->config.domain == YW_DOMAIN_REAL && strncmp(w.mn, PLANT_PREFIX, strlen(PLANT_PREFIX)) == 0) {
        return yw_problem(q, 422, "plant", "该 MN 属于模拟装置，不能接入正式系统",
                          "this MN belongs to a simulated plant: it cannot enter the real domain");
    }
    char sealed[YW_PASSWORD_SEALED];
    struct yw_error err = {0};
    enum yw_code code = yw_password_seal(q->web->secret, w.mn, w.pw, sealed, sizeof sealed, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_device *d = yw_register_device_by_mn(q->reg, w.mn, strlen(w.mn));
    uint32_t id = d != NULL ? d->id : yw_register_next_device(q->reg);
    unsigned status;
    if (yw_register_outlet(q->reg, w.outlet) == NULL) {
        status = yw_problem(q, 422, "outlet", "没有这个排放口", "outlet: there is no such outlet");
    } else {
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = w.reason};
        (void)yw_act_device_admit(&act, &a, w.mn, id, w.outlet, w.has_pw ? sealed : NULL);
        status = commit(q, &act, id);
    }
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return status;
}

YW_HANDLER(yw_post_refuse) {
    struct wish w = {0};
    if (!read_wish(q, &w)) return status_of_wish(q);
    if (w.mn[0] == '\0' || w.reason[0] == '\0')
        return yw_problem(q, 422, "invalid", "请填写 MN 和原因", "mn and reason must be there");
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_device *d = yw_register_device_by_mn(q->reg, w.mn, strlen(w.mn));
    uint32_t id = d != NULL ? d->id : yw_register_next_device(q->reg);
    unsigned status;
    if (d != NULL && d->state == YW_DEVICE_ADMITTED) {
        status = yw_problem(q, 409, "admitted", "该设备已入网，请改用停用",
                            "this device is admitted: retire it instead");
    } else {
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = w.reason};
        (void)yw_act_device_refuse(&act, &a, w.mn, id);
        status = commit(q, &act, id);
    }
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return status;
}

YW_HANDLER(yw_post_retire) {
    struct wish w = {0};
    if (!read_wish(q, &w)) return status_of_wish(q);
    if (w.reason[0] == '\0') return yw_problem(q, 422, "invalid", "请填写原因", "reason must be there");
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status;
    if (yw_register_device(q->reg, q->id)->state == YW_DEVICE_RETIRED) {
        status = yw_problem(q, 409, "retired", "该设备已经停用", "this device is retired already");
    } else {
        struct yw_act a = {.by = q->session.user.name, .at = q->now, .reason = w.reason};
        (void)yw_act_device_retire(&act, &a, q->id);
        status = commit(q, &act, q->id);
    }
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return status;
}
