/* device.key: the SM4 keys of devices (HJ 212-2025), each for ever, each with the state it is in. */
#include "register/acts.h"

#include <sodium.h>
#include <string.h>

static const char *const states[] = {"none", "offered", "confirmed", "retired"};
static const char *const sources[] = {"", "ministry", "rotated", "person"};

const char *yw_key_state_name(uint8_t state) {
    return state < YW_COUNT(states) ? states[state] : "none";
}

const char *yw_key_source_name(uint8_t source) {
    return source < YW_COUNT(sources) ? sources[source] : "";
}

int yw_order_key_place(const void *a, const void *b) {
    const struct yw_key_place *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    return (x->key_id > y->key_id) - (x->key_id < y->key_id);
}

/* ---- folding ---- */

static bool read_word(const json_t *v, const char *const *words, size_t n, uint8_t *out) {
    for (size_t i = 1; json_is_string(v) && i < n; i++) {
        if (strcmp(json_string_value(v), words[i]) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

static bool read_u32(const json_t *act, const char *name, uint32_t *out) {
    const json_t *v = json_object_get(act, name);
    if (!json_is_integer(v) || json_integer_value(v) <= 0 || json_integer_value(v) > UINT32_MAX) return false;
    *out = (uint32_t)json_integer_value(v);
    return true;
}

static bool digits(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    return true;
}

/* What a key has from its first act on. */
static enum yw_code read_new(const struct yw_register *r, const json_t *act, struct yw_device_key *k,
                             struct yw_error *err) {
    const json_t *key = json_object_get(act, "key"), *created = json_object_get(act, "created");
    if (yw_register_device(r, k->device) == NULL) {
        return yw_fail(err, YW_E_NOT_FOUND, "device.key: there is no device %u", k->device);
    }
    const struct yw_device_key *one;
    if (yw_register_keys_of(r, k->device, &one, 1) > 0 && one->key_id > k->key_id) {
        return yw_fail(err, YW_E_STATE, "device.key: key %u is older than the newest key of device %u",
                       k->key_id, k->device);
    }
    if (!json_is_string(key) || json_string_length(key) >= sizeof k->key ||
        !yw_password_is_sealed(json_string_value(key)) ||
        !yw_chars_fit(YW_CHARS_PRINT, json_string_value(key), json_string_length(key))) {
        return yw_fail(err, YW_E_FORMAT, "device.key: key is not sealed; a key in clear is not kept");
    }
    memcpy(k->key, json_string_value(key), json_string_length(key));
    size_t n = created != NULL ? json_string_length(created) : 0;
    if (created != NULL &&
        (!json_is_string(created) || (n != 0 && n != 17) || !digits(json_string_value(created), n))) {
        return yw_fail(err, YW_E_FORMAT, "device.key: created is not a time of 17 digits");
    }
    if (n == 17) memcpy(k->created, json_string_value(created), n);
    if (!read_word(json_object_get(act, "source"), sources, YW_COUNT(sources), &k->source)) {
        return yw_fail(err, YW_E_FORMAT, "device.key: source is ministry, rotated or person");
    }
    k->at = yw_act_at(act);
    return YW_OK;
}

enum yw_code yw_fold_device_key(struct yw_register *r, const json_t *act, struct yw_error *err) {
    struct yw_device_key k = {0};
    if (!read_u32(act, "key_id", &k.key_id)) return yw_fail(err, YW_E_FORMAT, "device.key: no key_id");
    const struct yw_device_key *old = yw_register_key(r, k.key_id);
    uint32_t device = 0;
    uint8_t state;
    bool named = read_u32(act, "device", &device);
    if (old != NULL) k = *old;
    if (old == NULL) k.device = device;
    if (old != NULL && named && device != old->device) {
        return yw_fail(err, YW_E_EXISTS, "device.key: key %u belongs to device %u", k.key_id, old->device);
    }
    if (!read_word(json_object_get(act, "state"), states, YW_COUNT(states), &state)) {
        return yw_fail(err, YW_E_FORMAT, "device.key: state is offered, confirmed or retired");
    }
    /* A key that was retired by mistake may be confirmed again; none goes back to offered. */
    if (old != NULL && state == YW_KEY_OFFERED && old->state != YW_KEY_OFFERED) {
        return yw_fail(err, YW_E_STATE, "device.key: key %u is %s already", k.key_id,
                       yw_key_state_name(old->state));
    }
    enum yw_code code = old == NULL ? read_new(r, act, &k, err) : YW_OK;
    if (code != YW_OK) return code;
    if (state == YW_KEY_CONFIRMED && (old == NULL || old->state != YW_KEY_CONFIRMED)) {
        k.confirmed = r->version;
        k.confirmed_at = yw_act_at(act);
    }
    if (state == YW_KEY_RETIRED && (old == NULL || old->state != YW_KEY_RETIRED))
        k.retired_at = yw_act_at(act);
    k.state = state;
    if (old == NULL && (!yw_rows_reserve(&r->keys, 1) || !yw_rows_reserve(&r->key_places, 1))) {
        return yw_fail(err, YW_E_LIMIT, "device.key: more keys than the register holds");
    }
    const struct yw_key_place place = {k.device, k.key_id};
    yw_rows_put(&r->keys, &k);
    yw_rows_put(&r->key_places, &place);
    return YW_OK;
}

bool yw_act_device_key(struct yw_buf *out, const struct yw_act *a, const struct yw_device_key *k) {
    yw_act_begin(out, "device.key", a);
    yw_put_id(out, "device", k->device);
    yw_put_id(out, "key_id", k->key_id);
    if (k->key[0] != '\0') yw_put_text(out, "key", k->key);
    if (k->created[0] != '\0') yw_put_text(out, "created", k->created);
    yw_put_text(out, "state", yw_key_state_name(k->state));
    if (k->source != 0) yw_put_text(out, "source", yw_key_source_name(k->source));
    return yw_act_end(out);
}

/* ---- looking up ---- */

const struct yw_device_key *yw_register_key(const struct yw_register *r, uint32_t key_id) {
    return key_id != 0 && r->keys.n > 0 ? yw_rows_get(&r->keys, &key_id) : NULL;
}

size_t yw_register_key_count(const struct yw_register *r) {
    return r->keys.n;
}

const struct yw_device_key *yw_register_keys(const struct yw_register *r, size_t *n) {
    *n = r->keys.n;
    return (const void *)r->keys.at;
}

uint32_t yw_register_next_key(const struct yw_register *r) {
    const struct yw_device_key *k = (const void *)r->keys.at;
    return r->keys.n > 0 ? k[r->keys.n - 1].key_id + 1 : 1;
}

/* The device's places, from *from up to what is returned, oldest key first. */
static size_t places_of(const struct yw_register *r, uint32_t device, size_t *from) {
    const struct yw_key_place *p = (const void *)r->key_places.at, key = {device, 0};
    bool found = false;
    size_t to = *from = r->key_places.n > 0 ? yw_rows_find(&r->key_places, &key, &found) : 0;
    while (to < r->key_places.n && p[to].device == device) to++;
    return to;
}

size_t yw_register_keys_of(const struct yw_register *r, uint32_t device, const struct yw_device_key **out,
                           size_t max) {
    const struct yw_key_place *p = (const void *)r->key_places.at;
    size_t from, n = 0;
    for (size_t i = places_of(r, device, &from); i > from && n < max; i--) {
        out[n++] = yw_register_key(r, p[i - 1].key_id);
    }
    return n;
}

size_t yw_register_keys_now(const struct yw_register *r, uint32_t device,
                            const struct yw_device_key *out[YW_SNAP_KEYS]) {
    const struct yw_key_place *p = (const void *)r->key_places.at;
    const struct yw_device_key *k;
    size_t from, to = places_of(r, device, &from), used = 1;
    out[0] = NULL;
    for (size_t i = to; i-- > from;) {
        k = yw_register_key(r, p[i].key_id);
        bool later = out[0] == NULL || k->confirmed > out[0]->confirmed;
        if (k->state == YW_KEY_CONFIRMED && later) out[0] = k;
    }
    for (size_t i = to; i-- > from && used < YW_SNAP_KEYS;) {
        k = yw_register_key(r, p[i].key_id);
        if ((k->state == YW_KEY_OFFERED || k->state == YW_KEY_CONFIRMED) && k != out[0]) out[used++] = k;
    }
    return used > 1 || out[0] != NULL ? used : 0;
}

/* ---- sealing ---- */

bool yw_key_parse(const char *text, size_t n, uint8_t out[YW_SM4_BYTES]) {
    size_t got = 0;
    if (n == YW_SM4_BYTES) {
        if (!yw_chars_fit(YW_CHARS_PRINT, text, n)) return false;
        memcpy(out, text, n);
        return true;
    }
    return n == 2 * YW_SM4_BYTES && yw_parse_hex(text, n, out, YW_SM4_BYTES, &got) && got == YW_SM4_BYTES;
}

static void context_of(uint32_t device, uint32_t key_id, char out[YW_SEAL_CONTEXT_MAX]) {
    snprintf(out, YW_SEAL_CONTEXT_MAX, "device %u key %u", device, key_id);
}

enum yw_code yw_key_seal(const uint8_t master[YW_MASTER_BYTES], uint32_t device, uint32_t key_id,
                         const uint8_t key[YW_SM4_BYTES], char out[YW_KEY_SEALED], struct yw_error *err) {
    char hex[2 * YW_SM4_BYTES + 1], context[YW_SEAL_CONTEXT_MAX], sealed[YW_TEXT_SEALED];
    sodium_bin2hex(hex, sizeof hex, key, YW_SM4_BYTES);
    context_of(device, key_id, context);
    enum yw_code code = yw_text_seal(master, context, hex, sealed, sizeof sealed, err);
    sodium_memzero(hex, sizeof hex);
    if (code != YW_OK) return code;
    return yw_copy(out, YW_KEY_SEALED, sealed, strlen(sealed)) ? YW_OK
                                                               : yw_fail(err, YW_E_LIMIT, "key: no room");
}

enum yw_code yw_key_open(const uint8_t master[YW_MASTER_BYTES], const struct yw_device_key *k,
                         uint8_t out[YW_SM4_BYTES], struct yw_error *err) {
    char hex[YW_TEXT_SEAL_MAX + 1], context[YW_SEAL_CONTEXT_MAX];
    context_of(k->device, k->key_id, context);
    enum yw_code code = yw_text_open(master, context, k->key, hex, sizeof hex, NULL);
    bool good = code == YW_OK && strlen(hex) == 2 * YW_SM4_BYTES && yw_key_parse(hex, strlen(hex), out);
    sodium_memzero(hex, sizeof hex);
    if (good) return YW_OK;
    return yw_fail(err, YW_E_CORRUPT,
                   "key %u of device %u does not open: the master key is not the one it was sealed with",
                   k->key_id, k->device);
}
