/* Keys of devices over the API: entered once, listed by what may be known of them, and never given out. */
#include "web/web_int.h"

#include "hj212.h"
#include "web/keys.h"
#include "web/policies.h"

#include <sodium.h>
#include <string.h>

enum { REASON_MOST = 255, ACT_BYTES = 4096, KEYS_SHOWN = 100, PATH_BYTES = 4096 };

enum yw_code yw_web_master(struct yw_web *w, const struct yw_register *r, bool make,
                           uint8_t out[YW_MASTER_BYTES], struct yw_error *err) {
    char path[PATH_BYTES];
    enum yw_code code = yw_master_path(w->data, w->config.master_key, path, sizeof path, err);
    if (code != YW_OK) return code;
    size_t n;
    const struct yw_device_key *all = yw_register_keys(r, &n);
    if (make && n == 0) return yw_master_load(path, out, err);
    code = yw_master_find(path, out, err);
    /* Keys sealed by another one than those before would make it look as if all were well. */
    uint8_t key[YW_SM4_BYTES];
    if (code == YW_OK && n > 0) code = yw_key_open(out, &all[n - 1], key, err);
    sodium_memzero(key, sizeof key);
    return code;
}

bool yw_web_key(struct yw_web *w, const struct yw_register *r, uint32_t key_id, uint8_t out[YW_SM4_BYTES]) {
    uint8_t master[YW_MASTER_BYTES];
    const struct yw_device_key *k = yw_register_key(r, key_id);
    bool good = k != NULL && yw_web_master(w, r, false, master, NULL) == YW_OK &&
                yw_key_open(master, k, out, NULL) == YW_OK;
    sodium_memzero(master, sizeof master);
    return good;
}

/* ---- what may be known of them ---- */

static void put_key(struct yw_buf *b, const struct yw_device_key *k, const struct yw_device_key *present,
                    int64_t now) {
    yj_open(b, '{');
    yj_put_i64(b, "key_id", k->key_id);
    yj_put_text(b, "state", yw_key_state_name(k->state));
    yj_put_bool(b, "present", k == present);
    yj_put_text_or_null(b, "created", k->created);
    yj_put_i64(b, "age_days", yw_key_age(k, now) / YW_DAY);
    yj_put_text(b, "source", yw_key_source_name(k->source));
    yj_put_time(b, "at", k->at);
    yj_put_time(b, "confirmed_at", k->confirmed_at);
    yj_put_time(b, "retired_at", k->retired_at);
    yj_close(b, '}');
}

void yw_put_keys(struct yw_buf *b, struct yw_web *w, const struct yw_register *r, uint32_t device,
                 int64_t now) {
    const struct yw_device_key *keys[KEYS_SHOWN], *open[YW_SNAP_KEYS] = {NULL};
    size_t n = yw_register_keys_of(r, device, keys, KEYS_SHOWN);
    YW_UNUSED(w);
    (void)yw_register_keys_now(r, device, open);
    yj_key(b, "keys");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) put_key(b, keys[i], open[0], now);
    yj_close(b, ']');
}

YW_HANDLER(yw_get_keys) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yw_put_keys(b, q->web, q->reg, q->id, q->now);
    yj_put_i64(b, "key_days", yw_policy_of(q->reg, "key_days"));
    yj_put_i64(b, "key_limit_days", yw_policy_of(q->reg, "key_limit_days"));
    yj_put_i64(b, "key_rotate", yw_policy_of(q->reg, "key_rotate"));
    yj_close(b, '}');
    return 200;
}

/* ---- entering one, asking for another ---- */

struct wish {
    char key[2 * YW_SM4_BYTES + 2], created[20], reason[REASON_MOST + 1];
    bool rotate;
};

static enum yw_code enter(struct yw_request *q, const struct wish *w, struct yw_error *err) {
    struct yw_web *web = q->web;
    uint8_t master[YW_MASTER_BYTES], key[YW_SM4_BYTES];
    struct yw_device_key k = {.device = q->id, .state = YW_KEY_CONFIRMED, .source = YW_KEY_MINISTRY};
    struct yw_act head = {.by = q->session.user.name, .at = q->now, .reason = w->reason};
    struct yw_buf act;
    if (!yw_key_parse(w->key, strlen(w->key), key)) {
        return yw_fail(err, YW_E_RANGE, "key: takes 16 printable characters or 32 hexadecimal digits");
    }
    yw_buf_init(&act, ACT_BYTES);
    q->reg = yw_acts_lock_alone(web->acts);
    const struct yw_device *d = yw_register_device(q->reg, q->id);
    enum yw_code code = d->state == YW_DEVICE_ADMITTED
                            ? yw_web_master(web, q->reg, true, master, err)
                            : yw_fail(err, YW_E_STATE, "the device is not admitted");
    k.key_id = yw_register_next_key(q->reg);
    memcpy(k.created, w->created, sizeof k.created);
    if (code == YW_OK) code = yw_key_seal(master, q->id, k.key_id, key, k.key, err);
    if (code == YW_OK && !yw_act_device_key(&act, &head, &k))
        code = yw_fail(err, YW_E_LIMIT, "the act is too long");
    if (code == YW_OK) code = yw_acts_commit(web->acts, act.data, act.len, err);
    yw_acts_unlock(web->acts);
    sodium_memzero(master, sizeof master);
    sodium_memzero(key, sizeof key);
    yw_buf_free(&act);
    return code;
}

static bool read_wish(struct yw_request *q, json_t *o, struct wish *w) {
    if (!yw_member_text(q, o, "key", w->key, sizeof w->key) ||
        !yw_member_text(q, o, "created", w->created, sizeof w->created) ||
        !yw_member_text(q, o, "reason", w->reason, sizeof w->reason)) {
        return false;
    }
    int64_t at;
    w->rotate = json_is_true(json_object_get(o, "rotate"));
    size_t n = strlen(w->created);
    hj212_span created = {w->created, (uint32_t)n};
    if (w->rotate == (w->key[0] != '\0')) {
        (void)yw_problem(q, 422, "invalid", "请填写密钥，或选择更换密钥",
                         "either key must be there, or rotate must be true");
        return false;
    }
    if (n > 0 && (n != 17 || !hj212_parse_time(created, &at))) {
        (void)yw_problem(q, 422, "created", "密钥创建时间应为 17 位数字",
                         "created: takes SKCreateTime, 17 digits of date and time");
        return false;
    }
    if (w->reason[0] == '\0') {
        (void)yw_problem(q, 422, "reason", "请填写原因", "reason must be there");
        return false;
    }
    return true;
}

/* The keys as they are now, without any key. */
static unsigned answer(struct yw_request *q) {
    q->reg = yw_acts_lock(q->web->acts);
    unsigned status = yw_get_keys(q);
    yw_acts_unlock(q->web->acts);
    return status;
}

YW_HANDLER(yw_post_key) {
    struct wish w = {0};
    struct yw_error err = {0};
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = read_wish(q, o, &w);
    json_decref(o);
    enum yw_code code = YW_OK;
    if (good) {
        code = w.rotate ? yw_keys_rotate(q->web, q->id, YW_KEY_ROTATED, q->session.user.name, w.reason,
                                         q->now, &err)
                        : enter(q, &w, &err);
    }
    sodium_memzero(&w, sizeof w);
    if (q->body.data != NULL) sodium_memzero(q->body.data, q->body.len);
    if (!good) return 422;
    if (code == YW_E_NOT_FOUND || code == YW_E_CORRUPT)
        return yw_problem(q, 409, "master_key", "主密钥缺失或不匹配，请先从备份恢复", err.text);
    if (code == YW_E_STATE)
        return yw_problem(q, 409, "state", "设备未入网，或尚无已确认的密钥，请先录入部平台注册的密钥",
                          err.text);
    return code == YW_OK ? answer(q) : yw_problem_from(q, code, &err);
}
