/* Acts from anywhere: one a line. Whatever they say, the register stays one: ids sorted, every MN found,
 * references whole. */
#include <stdlib.h>
#include <string.h>

#include "register/register.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

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
