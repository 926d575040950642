/* Registration of HJ 212-2025: a data logger without an MN says who it is (1001), an operator gives it an
 * outlet and an MN, and the MN is sent to it (1002). */
#include "web/web_int.h"

#include "hj212.h"
#include "web/commands.h"
#include "web/keys.h"
#include "web/policies.h"

#include <string.h>

enum { CN_HARDWARE = 1001, REASON_MOST = 255, ACT_BYTES = 4096, MN_LENGTH = 24, HARDWARE_MOST = 24 };
#define SHOWN_FOR    (30 * YW_DAY)
#define PLANT_PREFIX "5957" /* of simulated plants; the real domain never admits one */

/* ---- those that ask ---- */

static void put_info(struct yw_buf *b, const char *name, const char *cp, const char *code) {
    hj212_iterator it;
    hj212_item item;
    yj_key(b, name);
    hj212_items(&it, hj212_text(cp));
    while (hj212_next(&it, &item)) {
        if (item.code.p == NULL || item.code.n != strlen(code) || memcmp(item.code.p, code, item.code.n) != 0)
            continue;
        yj_text_n(b, item.value.p != NULL ? item.value.p : "", item.value.n);
        return;
    }
    yj_null(b);
}

static bool put_registration(void *arg, const struct yw_notice *n) {
    struct yw_buf *b = arg;
    if (n->cn != CN_HARDWARE || n->device != 0) return true;
    char journal[16];
    snprintf(journal, sizeof journal, "p%u", n->last.journal);
    yj_open(b, '{');
    yj_put_text(b, "hardware", n->hardware);
    put_info(b, "cpu", n->cp, "i23006");
    put_info(b, "mac1", n->cp, "i23007");
    put_info(b, "mac2", n->cp, "i23008");
    yj_put_text(b, "peer", n->peer);
    yj_put_i64(b, "count", (int64_t)n->count);
    yj_put_time(b, "last_seen", n->last.arrival);
    yj_key(b, "sample");
    yj_open(b, '{');
    yj_put_text(b, "journal", journal);
    yj_key(b, "position");
    yj_u64_text(b, n->last.position);
    yj_close(b, '}');
    yj_close(b, '}');
    return true;
}

enum yw_code yw_put_registrations(struct yw_buf *b, struct yw_store *store, int64_t now,
                                  struct yw_error *err) {
    yj_key(b, "registrations");
    yj_open(b, '[');
    enum yw_code code = YW_OK;
    if (store != NULL) code = yw_store_sqlite.notices(store, now - SHOWN_FOR, put_registration, b, err);
    yj_close(b, ']');
    return code;
}

/* ---- giving one its MN ---- */

struct wish {
    char hardware[HARDWARE_MOST + 1], mn[33], pw[YW_PASSWORD_BYTES], reason[REASON_MOST + 1];
    uint32_t outlet;
    bool has_pw;
};

static bool mn_is_sound(const char *mn) {
    return strlen(mn) == MN_LENGTH && strspn(mn, "0123456789ABCDEF") == MN_LENGTH;
}

static bool hardware_is_sound(const char *text) {
    for (const char *p = text; *p != '\0'; p++) {
        if (*p <= ' ' || *p > '~' || strchr(";,=&", *p) != NULL) return false;
    }
    return text[0] != '\0';
}

static bool read_wish(struct yw_request *q, json_t *o, struct wish *w) {
    if (!yw_member_text(q, o, "hardware", w->hardware, sizeof w->hardware) ||
        !yw_member_text(q, o, "mn", w->mn, sizeof w->mn) ||
        !yw_member_text(q, o, "pw", w->pw, sizeof w->pw) ||
        !yw_member_text(q, o, "reason", w->reason, sizeof w->reason)) {
        return false;
    }
    w->has_pw = json_is_string(json_object_get(o, "pw"));
    json_int_t outlet = json_integer_value(json_object_get(o, "outlet"));
    w->outlet = outlet > 0 && outlet <= UINT32_MAX ? (uint32_t)outlet : 0;
    if (!hardware_is_sound(w->hardware) || w->outlet == 0 || w->reason[0] == '\0') {
        (void)yw_problem(q, 422, "invalid", "请填写数采仪编号、排放口和原因",
                         "hardware, outlet and reason must be there");
        return false;
    }
    if (!mn_is_sound(w->mn)) {
        (void)yw_problem(q, 422, "mn", "MN 应为 24 位 0-9、A-F 字符",
                         "mn: takes 24 characters of 0-9 and A-F");
        return false;
    }
    if (q->web->config.domain == YW_DOMAIN_REAL && strncmp(w->mn, PLANT_PREFIX, strlen(PLANT_PREFIX)) == 0) {
        (void)yw_problem(q, 422, "plant", "该 MN 属于模拟装置，不能接入正式系统",
                         "this MN belongs to a simulated plant: it cannot enter the real domain");
        return false;
    }
    return true;
}

/* The device as the register will know it. One that has this MN at this outlet already gets the MN sent
 * again: it was exchanged, or did not take it the first time. */
static unsigned admit(struct yw_request *q, const struct wish *w, uint32_t *id) {
    struct yw_error err = {0};
    char sealed[YW_PASSWORD_SEALED];
    struct yw_buf act;
    unsigned status = 200;
    yw_buf_init(&act, ACT_BYTES);
    enum yw_code code = yw_password_seal(q->web->secret, w->mn, w->pw, sealed, sizeof sealed, &err);
    q->reg = yw_acts_lock_alone(q->web->acts);
    const struct yw_device *d = yw_register_device_by_mn(q->reg, w->mn, strlen(w->mn));
    *id = d != NULL ? d->id : yw_register_next_device(q->reg);
    bool there = d != NULL && d->state == YW_DEVICE_ADMITTED && d->outlet == w->outlet;
    if (code != YW_OK) {
        status = yw_problem_from(q, code, &err);
    } else if (yw_register_outlet(q->reg, w->outlet) == NULL) {
        status = yw_problem(q, 422, "outlet", "没有这个排放口", "outlet: there is no such outlet");
    } else if (d != NULL && d->state == YW_DEVICE_ADMITTED && !there) {
        status = yw_problem(q, 409, "taken", "该 MN 已用于另一排放口", "this MN is in use at another outlet");
    } else if (!there || w->has_pw) {
        struct yw_act head = {.by = q->session.user.name, .at = q->now, .reason = w->reason};
        (void)yw_act_device_admit(&act, &head, w->mn, *id, w->outlet, w->has_pw ? sealed : NULL);
        code = act.failed ? yw_fail(&err, YW_E_LIMIT, "the act is too long")
                          : yw_acts_commit(q->web->acts, act.data, act.len, &err);
        if (code != YW_OK) status = yw_problem_from(q, code, &err);
    }
    yw_acts_unlock(q->web->acts);
    yw_buf_free(&act);
    return status;
}

/* How 1002 carries the MN is not known for sure: the header has it in any case, the data area where the
 * policy says so. */
static enum yw_code send_mn(struct yw_request *q, const struct wish *w, int64_t *command,
                            struct yw_error *err) {
    char area[128];
    struct yw_command_problem problem;
    const struct yw_register *r = yw_acts_lock(q->web->acts);
    bool both = yw_policy_of(r, "mn_carrier") == 2;
    yw_acts_unlock(q->web->acts);
    snprintf(area, sizeof area, "i23005-Info=%s%s%s", w->hardware, both ? ";MN=" : "", both ? w->mn : "");
    const struct yw_command_request ask = {.mn = w->mn,
                                           .hardware = w->hardware,
                                           .key = "set-mn",
                                           .version = 2025,
                                           .cp = area,
                                           .origin = YW_ORIGIN_POLICY,
                                           .by = q->session.user.name,
                                           .reason = w->reason,
                                           .problem = &problem};
    return yw_command_ask(q->web, &ask, command, err);
}

static unsigned do_register(struct yw_request *q, const struct wish *w) {
    uint32_t device;
    int64_t command = 0;
    struct yw_error err = {0};
    unsigned status = admit(q, w, &device);
    if (status != 200) return status;
    enum yw_code code = send_mn(q, w, &command, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_put_i64(&q->out, "device", device);
    yj_put_text(&q->out, "mn", w->mn);
    yj_put_i64(&q->out, "command", command);
    yj_close(&q->out, '}');
    return 202;
}

YW_HANDLER(yw_post_register) {
    struct wish w = {0};
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    unsigned status = read_wish(q, o, &w) ? do_register(q, &w) : 422;
    json_decref(o);
    return status;
}
