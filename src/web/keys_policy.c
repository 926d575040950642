/* Rotation of devices' keys: a device asks (1014), or its key grows old; a new key is made, offered, sent
 * encrypted with the present one, and confirmed by the device's result or by the first packet that comes
 * encrypted with it. Everything is decided from the register and the store, so that a restart goes on where
 * it was. */
#include "web/web_int.h"

#include "command/dialog.h"
#include "hj212.h"
#include "web/commands.h"
#include "web/keys.h"
#include "web/policies.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { CN_KEY = YW_CN_SET_KEY, WISHES_MOST = 1000, AT_A_TIME = 256, LOOK_EVERY_S = 2, ACT_BYTES = 4096 };
#define WISH_VALID (6 * YW_HOUR) /* a device that still wants a key asks again */
#define WISH_EVERY YW_HOUR       /* a device gets at most one new key in this time, however often it asks */
#define VALID_S    3600          /* a command with a key waits for the device's link */

int64_t yw_key_age(const struct yw_device_key *k, int64_t now) {
    int64_t made = 0;
    hj212_span text = {k->created, (uint32_t)strlen(k->created)};
    if (text.n == 0 || !hj212_parse_time(text, &made)) made = k->confirmed_at != 0 ? k->confirmed_at : k->at;
    return now > made ? now - made : 0;
}

enum yw_key_step yw_key_next(const struct yw_key_try *t, const struct yw_key_rule *rule, int64_t now) {
    if (t->done || t->used) return YW_KEY_STEP_CONFIRM;
    if (t->under_way) return YW_KEY_STEP_NONE;
    if (t->last == 0) return YW_KEY_STEP_ASK;
    if ((int64_t)t->sent >= rule->tries) return YW_KEY_STEP_GIVE_UP;
    unsigned doublings = t->sent > 0 ? t->sent - 1 : 0;
    int64_t pause = (rule->retry_s * YW_SECOND) << (doublings < 8 ? doublings : 8);
    return now - t->last >= pause ? YW_KEY_STEP_ASK : YW_KEY_STEP_NONE;
}

/* ---- acts ---- */

static enum yw_code commit_key(struct yw_web *w, const struct yw_device_key *k, const char *by,
                               const char *reason, int64_t now, struct yw_error *err) {
    struct yw_act head = {.by = by, .at = now, .reason = reason};
    struct yw_buf act;
    yw_buf_init(&act, ACT_BYTES);
    enum yw_code code = yw_act_device_key(&act, &head, k) ? yw_acts_commit(w->acts, act.data, act.len, err)
                                                          : yw_fail(err, YW_E_LIMIT, "the act is too long");
    yw_buf_free(&act);
    return code;
}

static void move_on(struct yw_web *w, uint32_t key_id, uint8_t state, const char *reason, int64_t now) {
    struct yw_error err = {0};
    enum yw_code code = YW_OK;
    const struct yw_register *r = yw_acts_lock_alone(w->acts);
    const struct yw_device_key *old = yw_register_key(r, key_id);
    if (old != NULL && old->state < state) {
        struct yw_device_key k = {.device = old->device, .key_id = key_id, .state = state};
        code = commit_key(w, &k, "policy:keys", reason, now, &err);
    }
    yw_acts_unlock(w->acts);
    if (code != YW_OK) yw_log(YW_LOG_ERROR, "key %u: %s", (unsigned)key_id, err.text);
}

/* ---- a new key ---- */

/* 16 letters and digits: 95 bits that pass through every data logger. */
static void make_key(uint8_t out[YW_SM4_BYTES]) {
    static const char letters[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    for (size_t i = 0; i < YW_SM4_BYTES; i++)
        out[i] = (uint8_t)letters[randombytes_uniform(sizeof letters - 1)];
}

const struct yw_device_key *yw_key_offered(const struct yw_register *r, uint32_t device) {
    const struct yw_device_key *now[YW_SNAP_KEYS];
    size_t n = yw_register_keys_now(r, device, now);
    for (size_t i = 1; i < n; i++) {
        if (now[i]->state == YW_KEY_OFFERED && (now[0] == NULL || now[i]->key_id > now[0]->key_id))
            return now[i];
    }
    return NULL;
}

static bool can_rotate(const struct yw_register *r, uint32_t device) {
    const struct yw_device *d = yw_register_device(r, device);
    const struct yw_device_key *now[YW_SNAP_KEYS];
    return d != NULL && d->state == YW_DEVICE_ADMITTED && yw_register_keys_now(r, device, now) > 0 &&
           now[0] != NULL;
}

static enum yw_code offer_new(struct yw_web *w, const struct yw_register *r, uint32_t device, uint8_t source,
                              const char *by, const char *reason, int64_t now, struct yw_error *err) {
    uint8_t master[YW_MASTER_BYTES], key[YW_SM4_BYTES];
    struct yw_device_key k = {
        .device = device, .key_id = yw_register_next_key(r), .state = YW_KEY_OFFERED, .source = source};
    hj212_print_time(now, true, k.created);
    enum yw_code code = yw_web_master(w, r, false, master, err);
    make_key(key);
    if (code == YW_OK) code = yw_key_seal(master, device, k.key_id, key, k.key, err);
    if (code == YW_OK) code = commit_key(w, &k, by, reason, now, err);
    sodium_memzero(master, sizeof master);
    sodium_memzero(key, sizeof key);
    return code;
}

/* Sends the offered key, which stands in no answer, log or event: it goes from its sealed act into the sealed
 * command line. */
static enum yw_code send_offered(struct yw_web *w, uint32_t device, const char *by, uint8_t origin,
                                 const char *reason, struct yw_error *err) {
    uint8_t master[YW_MASTER_BYTES];
    char text[YW_SM4_BYTES + 1] = "", created[18] = "";
    const struct yw_register *r = yw_acts_lock(w->acts);
    const struct yw_device_key *k = yw_key_offered(r, device);
    enum yw_code code =
        k != NULL && can_rotate(r, device)
            ? YW_OK
            : yw_fail(err, YW_E_STATE, "no key is offered, or none is confirmed to send it under");
    if (code == YW_OK) code = yw_web_master(w, r, false, master, err);
    if (code == YW_OK) code = yw_key_open(master, k, (uint8_t *)text, err);
    if (code == YW_OK) memcpy(created, k->created, sizeof created);
    yw_acts_unlock(w->acts);
    sodium_memzero(master, sizeof master);
    const struct yw_argument args[] = {{"SKCreateTime", created}, {"NewSK", text}};
    const struct yw_command_request ask = {.device = device,
                                           .key = "set-key",
                                           .version = 2025,
                                           .args = args,
                                           .arg_n = YW_COUNT(args),
                                           .origin = origin,
                                           .by = by,
                                           .reason = reason,
                                           .valid_s = VALID_S};
    int64_t id;
    if (code == YW_OK) code = yw_command_ask(w, &ask, &id, err);
    sodium_memzero(text, sizeof text);
    return code;
}

enum yw_code yw_keys_rotate(struct yw_web *w, uint32_t device, uint8_t source, const char *by,
                            const char *reason, int64_t now, struct yw_error *err) {
    const struct yw_register *r = yw_acts_lock_alone(w->acts);
    enum yw_code code =
        can_rotate(r, device)
            ? YW_OK
            : yw_fail(err, YW_E_STATE,
                      "the device is not admitted, or has no confirmed key to send a new one under");
    if (code == YW_OK && yw_key_offered(r, device) == NULL)
        code = offer_new(w, r, device, source, by, reason, now, err);
    yw_acts_unlock(w->acts);
    /* One link may have two keys on their way only if the first was lost: the second asking is refused as
     * long as the first is under way, and the policy sends what stays offered. */
    struct yw_commands_count n;
    yw_commands_count(w->commands, device, CN_KEY, &n);
    if (code == YW_OK && n.of_cn > 0) return YW_OK;
    return code == YW_OK ? send_offered(w, device, by, YW_ORIGIN_POLICY, reason, err) : code;
}

static void rotate(struct yw_web *w, uint32_t device, const char *reason, int64_t now) {
    struct yw_error err = {0};
    enum yw_code code = yw_keys_rotate(w, device, YW_KEY_ROTATED, "policy:keys", reason, now, &err);
    if (code != YW_OK)
        yw_log(YW_LOG_WARN, "the key of device %u was not changed: %s", (unsigned)device, err.text);
}

/* ---- wishes ---- */

struct wishes {
    struct wish {
        uint32_t device;
        int64_t at;
    } at[WISHES_MOST];
    size_t n;
};

static bool take_notice(void *arg, const struct yw_notice *n) {
    struct wishes *w = arg;
    if (n->cn == CN_KEY && n->device != 0)
        w->at[w->n++] = (struct wish){.device = n->device, .at = n->last.arrival};
    return w->n < WISHES_MOST;
}

/* Open as long as no key came to be after it; a device that asks without pause gets one an hour. */
static bool is_open(const struct yw_register *r, const struct wish *wish, int64_t now) {
    const struct yw_device_key *newest;
    if (!can_rotate(r, wish->device) || yw_key_offered(r, wish->device) != NULL) return false;
    if (yw_register_keys_of(r, wish->device, &newest, 1) == 0) return false;
    bool rotated = newest->source == YW_KEY_ROTATED;
    return wish->at > newest->at && (!rotated || now - newest->at >= WISH_EVERY);
}

static void answer_wishes(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct wishes *wishes = calloc(1, sizeof *wishes);
    if (wishes == NULL) return;
    (void)yw_store_sqlite.notices(store, now - WISH_VALID, take_notice, wishes, NULL);
    for (size_t i = 0; i < wishes->n; i++) {
        const struct yw_register *r = yw_acts_lock(w->acts);
        bool open = is_open(r, &wishes->at[i], now);
        yw_acts_unlock(w->acts);
        if (open) rotate(w, wishes->at[i].device, "the device asked for a new key (1014)", now);
    }
    free(wishes);
}

/* ---- offered keys ---- */

struct looked_for {
    struct yw_key_try try;
    const char *created;
    int64_t now;
};

static bool take_command(void *arg, const struct yw_asked *a) {
    struct looked_for *l = arg;
    hj212_span created = hj212_cp_field(hj212_text(a->cp), "SKCreateTime");
    /* Another key's; where the data area is not readable the time decides alone. */
    if (created.p != NULL && (created.n != 17 || memcmp(created.p, l->created, 17) != 0)) return true;
    enum yw_asked_state state = yw_asked_state(a, l->now);
    if (a->at > l->try.last) l->try.last = a->at;
    if (state == YW_ASKED_ENDED && a->outcome == YW_OUTCOME_DONE) {
        l->try.done = true;
    } else if (state == YW_ASKED_WAITING || state == YW_ASKED_SENT || state == YW_ASKED_ACCEPTED) {
        l->try.under_way = true;
    } else if (state != YW_ASKED_NOT_SENT) {
        l->try.sent++;
    }
    return true;
}

struct last_key {
    uint32_t key_id;
};

static bool take_fact(void *arg, const struct yw_device_fact *f) {
    ((struct last_key *)arg)->key_id = f->key_id;
    return false;
}

static void follow_offered(struct yw_web *w, struct yw_store *store, const struct yw_device_key *k,
                           const struct yw_key_rule *rule, int64_t now) {
    struct looked_for l = {.created = k->created, .now = now};
    struct last_key last = {0};
    const struct yw_asked_filter f = {.device = k->device, .cn = CN_KEY, .since = k->at};
    if (yw_store_sqlite.commands(store, &f, AT_A_TIME, take_command, &l, NULL) != YW_OK) return;
    if (yw_store_sqlite.facts(store, k->device, take_fact, &last, NULL) != YW_OK) return;
    l.try.used = last.key_id == k->key_id;
    struct yw_commands_count open;
    yw_commands_count(w->commands, k->device, CN_KEY, &open);
    l.try.under_way = l.try.under_way || open.of_cn > 0;
    switch (yw_key_next(&l.try, rule, now)) {
    case YW_KEY_STEP_CONFIRM:
        move_on(w, k->key_id, YW_KEY_CONFIRMED,
                l.try.used ? "the device sent a packet encrypted with it"
                           : "the device carried out the command",
                now);
        break;
    case YW_KEY_STEP_ASK: {
        struct yw_error err = {0};
        enum yw_code code = send_offered(w, k->device, "policy:keys", YW_ORIGIN_POLICY,
                                         "the offered key is not confirmed yet", &err);
        if (code != YW_OK) yw_log(YW_LOG_INFO, "the key of device %u: %s", (unsigned)k->device, err.text);
        break;
    }
    case YW_KEY_STEP_NONE:
    case YW_KEY_STEP_GIVE_UP:
        break;
    }
}

/* ---- all keys, now and then ---- */

enum todo { TODO_OFFERED, TODO_RETIRE, TODO_OLD };
struct list {
    struct item {
        enum todo what;
        struct yw_device_key key;
    } at[AT_A_TIME];
    size_t n;
};

/* What is to be done about one key. A device that was retired keeps its keys: old packets need them. */
static bool look_at(const struct yw_register *r, const struct yw_device_key *k, int64_t now,
                    enum todo *what) {
    const struct yw_device_key *keys[YW_SNAP_KEYS];
    if (k->state != YW_KEY_OFFERED && k->state != YW_KEY_CONFIRMED) return false;
    if (!can_rotate(r, k->device)) return false;
    (void)yw_register_keys_now(r, k->device, keys);
    *what = TODO_OFFERED;
    if (k->state == YW_KEY_OFFERED) {
        /* One that was overtaken by a later key will not be confirmed any more. */
        if (k != yw_key_offered(r, k->device)) *what = TODO_RETIRE;
        return k == yw_key_offered(r, k->device) ||
               now - keys[0]->confirmed_at >= yw_policy_of(r, "key_grace_h") * YW_HOUR;
    }
    *what = k == keys[0] ? TODO_OLD : TODO_RETIRE;
    if (k != keys[0]) return now - keys[0]->confirmed_at >= yw_policy_of(r, "key_grace_h") * YW_HOUR;
    return yw_policy_of(r, "key_rotate") == 2 && yw_key_offered(r, k->device) == NULL &&
           yw_key_age(k, now) >= yw_policy_of(r, "key_days") * YW_DAY;
}

static void look_at_all(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct list *l = calloc(1, sizeof *l);
    if (l == NULL) return;
    const struct yw_register *r = yw_acts_lock(w->acts);
    const struct yw_key_rule rule = {.tries = yw_policy_of(r, "key_tries"),
                                     .retry_s = yw_policy_of(r, "key_retry_s")};
    size_t n;
    const struct yw_device_key *k = yw_register_keys(r, &n);
    /* Beginning elsewhere each time, so that keys nobody confirms do not stand before the others for ever. */
    size_t begin = n > 0 ? (size_t)(now / YW_SECOND / LOOK_EVERY_S) * AT_A_TIME % n : 0;
    for (size_t i = 0; i < n && l->n < AT_A_TIME; i++) {
        const struct yw_device_key *one = &k[(begin + i) % n];
        struct item *item = &l->at[l->n];
        if (!look_at(r, one, now, &item->what)) continue;
        item->key = *one;
        l->n++;
    }
    yw_acts_unlock(w->acts);
    for (size_t i = 0; i < l->n; i++) {
        const struct item *item = &l->at[i];
        if (item->what == TODO_OFFERED) follow_offered(w, store, &item->key, &rule, now);
        if (item->what == TODO_RETIRE)
            move_on(w, item->key.key_id, YW_KEY_RETIRED, "a later key has been in use long enough", now);
        if (item->what == TODO_OLD)
            rotate(w, item->key.device, "the key has reached the age at which it is changed", now);
    }
    free(l);
}

void yw_keys_policy(struct yw_web *w, struct yw_store *store, int64_t now) {
    const struct yw_register *r = yw_acts_lock(w->acts);
    bool any = yw_register_key_count(r) > 0;
    yw_acts_unlock(w->acts);
    if (!any) return;
    answer_wishes(w, store, now);
    if (now / YW_SECOND % LOOK_EVERY_S == 0) look_at_all(w, store, now);
}
