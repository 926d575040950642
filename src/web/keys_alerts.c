/* What wants attention about keys: one that is too old, one that is not confirmed, a master key that is
 * missing. */
#include "web/alerts.h"

#include <sodium.h>
#include <stdatomic.h>

#include "pipeline/pipeline.h"
#include "web/commands.h"
#include "web/keys.h"
#include "web/policies.h"
#include "web/web_int.h"

#define WANTED_FOR  YW_DAY       /* a wish is told for so long after it came last */
#define UNUSED_LONG (2 * YW_DAY) /* an offered key that is not confirmed by then is told */

static void alert_age(struct yw_buf *b, const struct yw_register *r, const struct yw_user *u,
                      const struct yw_device *d, const struct yw_device_key *k, int64_t now) {
    int64_t days = yw_key_age(k, now) / YW_DAY, limit = yw_policy_of(r, "key_limit_days");
    char zh[160], en[200], params[120];
    if (days < yw_policy_of(r, "key_days")) return;
    snprintf(zh, sizeof zh, "设备 %s 的密钥已使用 %lld 天（期限 %lld 天），请更换", d->mn, (long long)days,
             (long long)limit);
    snprintf(en, sizeof en, "the key of device %s is %lld days old (at most %lld): change it", d->mn,
             (long long)days, (long long)limit);
    snprintf(params, sizeof params, "{\"days\":%lld,\"limit\":%lld,\"key_id\":%u}", (long long)days,
             (long long)limit, (unsigned)k->key_id);
    const struct yw_alert a = {.code = "key_old",
                               .severity = days >= limit ? YW_ALARM : YW_WARNING,
                               .outlet = d->outlet,
                               .device = d->id,
                               .since = k->confirmed_at,
                               .text_zh = zh,
                               .text_en = en,
                               .params = params};
    (void)yw_put_alert(b, r, u, &a);
}

static void alert_offered(struct yw_buf *b, const struct yw_register *r, const struct yw_user *u,
                          const struct yw_device *d, const struct yw_device_key *k, int64_t now) {
    char zh[160], en[200];
    if (now - k->at < UNUSED_LONG) return;
    snprintf(zh, sizeof zh, "设备 %s 未确认新密钥，请检查设备或重新下发", d->mn);
    snprintf(en, sizeof en, "device %s has not confirmed its new key: look at the device, or send it again",
             d->mn);
    const struct yw_alert a = {.code = "key_not_confirmed",
                               .severity = YW_WARNING,
                               .outlet = d->outlet,
                               .device = d->id,
                               .since = k->at,
                               .text_zh = zh,
                               .text_en = en};
    (void)yw_put_alert(b, r, u, &a);
}

static void alert_master(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                         const struct yw_user *u) {
    uint8_t master[YW_MASTER_BYTES];
    struct yw_error err = {0};
    enum yw_code code = yw_web_master(w, r, false, master, &err);
    sodium_memzero(master, sizeof master);
    if (code == YW_OK) return;
    const struct yw_alert a = {.code = "master_key",
                               .severity = YW_ALARM,
                               .text_zh = "主密钥缺失或不匹配，加密数据无法接收，请从备份恢复",
                               .text_en = err.text};
    (void)yw_put_alert(b, r, u, &a);
}

/* Packets that a gateway could open and the pipeline could not: their rows are missing until a rebuild. */
static void alert_locked(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                         const struct yw_user *u) {
    const struct yw_pipeline_live *l = yw_pipeline_live_open(w->data, NULL);
    uint64_t locked = l != NULL ? atomic_load_explicit(&l->counter[YW_PL_LOCKED], memory_order_relaxed) : 0;
    char zh[160], en[200];
    if (l != NULL) yw_pipeline_live_close(l);
    if (locked == 0) return;
    snprintf(zh, sizeof zh, "%llu 个加密数据包因缺少密钥未能入库，恢复主密钥后请执行 yanwu rebuild",
             (unsigned long long)locked);
    snprintf(en, sizeof en,
             "%llu encrypted packets are not in the store for want of their keys: bring the master key "
             "back, then run yanwu rebuild",
             (unsigned long long)locked);
    const struct yw_alert a = {.code = "packets_locked", .severity = YW_ALARM, .text_zh = zh, .text_en = en};
    (void)yw_put_alert(b, r, u, &a);
}

/* ---- devices that ask for a key and have none under which one could be sent ---- */

struct wanting {
    struct yw_buf *b;
    const struct yw_register *r;
    const struct yw_user *u;
};

static bool alert_wanted(void *arg, const struct yw_notice *n) {
    const struct wanting *w = arg;
    const struct yw_device *d = yw_register_device(w->r, n->device);
    const struct yw_device_key *now[YW_SNAP_KEYS] = {NULL};
    if (n->cn != YW_CN_SET_KEY || d == NULL || d->state != YW_DEVICE_ADMITTED) return true;
    if (yw_register_keys_now(w->r, d->id, now) > 0 && now[0] != NULL) return true;
    char zh[160], en[200];
    snprintf(zh, sizeof zh, "设备 %s 申请新密钥，但尚未录入其在部平台注册的密钥", d->mn);
    snprintf(en, sizeof en,
             "device %s asks for a new key, but the one registered at the ministry was not entered yet",
             d->mn);
    const struct yw_alert a = {.code = "key_wanted",
                               .severity = YW_WARNING,
                               .outlet = d->outlet,
                               .device = d->id,
                               .since = n->last.arrival,
                               .text_zh = zh,
                               .text_en = en};
    (void)yw_put_alert(w->b, w->r, w->u, &a);
    return true;
}

static void alert_all_wanted(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                             const struct yw_user *u, int64_t now) {
    struct wanting wanting = {b, r, u};
    struct yw_store *store = yw_web_store_take(w, NULL);
    if (store == NULL) return;
    bool good = yw_store_sqlite.notices(store, now - WANTED_FOR, alert_wanted, &wanting, NULL) == YW_OK;
    yw_web_store_give(w, store, good);
}

void yw_put_alerts_keys(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                        const struct yw_user *u, int64_t now) {
    size_t n;
    const struct yw_device_key *k = yw_register_keys(r, &n);
    alert_all_wanted(b, w, r, u, now);
    if (n > 0) {
        alert_master(b, w, r, u);
        alert_locked(b, w, r, u);
    }
    for (size_t i = 0; i < n; i++) {
        const struct yw_device *d = yw_register_device(r, k[i].device);
        const struct yw_device_key *now_keys[YW_SNAP_KEYS];
        if (d == NULL || d->state != YW_DEVICE_ADMITTED) continue;
        if (k[i].state == YW_KEY_OFFERED && yw_key_offered(r, d->id) == &k[i])
            alert_offered(b, r, u, d, &k[i], now);
        if (k[i].state != YW_KEY_CONFIRMED) continue;
        (void)yw_register_keys_now(r, d->id, now_keys);
        if (now_keys[0] == &k[i]) alert_age(b, r, u, d, &k[i], now);
    }
}
