/* Acts from anywhere: one a line. Whatever they say, the register stays one: ids sorted, every MN found,
 * references whole. */
#include <stdlib.h>
#include <string.h>

#include "register/register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Its networks read, its aliases are those of the present version, the keys that open its packets are its
 * own. */
static void check_device(const struct yw_register *r, const struct yw_device *d) {
    struct yw_network networks[YW_PEER_NETWORKS_MAX];
    struct yw_alias aliases[YW_ALIASES_MAX];
    const struct yw_device_key *keys[YW_SNAP_KEYS];
    size_t n;
    if (yw_networks_parse(d->peers, networks, &n, NULL) != YW_OK) abort();
    n = yw_register_aliases(r, d->id, aliases);
    for (size_t i = 0; i < n; i++) {
        const char *to =
            yw_register_alias_at(r, d->id, yw_register_version(r), aliases[i].from, strlen(aliases[i].from));
        if (to == NULL || strcmp(to, aliases[i].to) != 0) abort();
    }
    n = yw_register_keys_now(r, d->id, keys);
    for (size_t i = 0; i < n; i++) {
        if (keys[i] == NULL && i == 0) continue;
        if (keys[i]->device != d->id || keys[i]->state == YW_KEY_RETIRED) abort();
        if (yw_register_key(r, keys[i]->key_id) != keys[i]) abort();
    }
}

static void check(const struct yw_register *r) {
    size_t n, outlets;
    const struct yw_device *d = yw_register_devices(r, &n);
    const struct yw_outlet *o = yw_register_outlets(r, &outlets);
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && d[i - 1].id >= d[i].id) abort();
        const struct yw_device *found = yw_register_device_by_mn(r, d[i].mn, strlen(d[i].mn));
        if (found != &d[i]) abort();
        uint32_t now = yw_register_outlet_at(r, d[i].id, yw_register_version(r));
        if (now != (d[i].state == YW_DEVICE_ADMITTED ? d[i].outlet : 0)) abort();
        if (d[i].outlet != 0 && yw_register_outlet(r, d[i].outlet) == NULL) abort();
        check_device(r, &d[i]);
    }
    for (size_t i = 0; i < outlets; i++) {
        if (yw_register_enterprise(r, o[i].enterprise) == NULL) abort();
        const struct yw_device *there[8];
        size_t k = yw_register_devices_of(r, o[i].id, there, 8);
        while (k > 0) {
            if (there[--k]->outlet != o[i].id) abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct yw_register *r = yw_register_create();
    if (r == NULL) return 0;
    const char *at = (const char *)data, *end = at + size;
    while (at < end) {
        const char *line = memchr(at, '\n', (size_t)(end - at));
        size_t n = line != NULL ? (size_t)(line - at) : (size_t)(end - at);
        uint32_t version = yw_register_version(r);
        struct yw_error err = {0};
        enum yw_code code = yw_register_apply(r, at, n, &err);
        if (code != YW_OK && err.text[0] == '\0') abort();
        if (yw_register_version(r) != version + (code != YW_E_NOT_FOUND || yw_register_version(r) != version))
            abort();
        at += n + 1;
    }
    check(r);
    static const uint8_t key[32] = {1};
    if (yw_passwords_locked(r, key) > yw_passwords_locked(r, NULL)) abort();
    yw_register_destroy(r);
    return 0;
}
