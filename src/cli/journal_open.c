/* Opening encrypted packets for yanwu journal cat. */
#include "cli/journal.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"
#include "register/register.h"
#include "web/acts.h"

struct opener {
    struct yw_register *reg;
    struct yw_keyring *ring;
    char plain[HJ212_FRAME_MAX];
};

enum yw_code opener_create(const char *data, const char *master, struct opener **out, struct yw_error *err) {
    char path[4096];
    struct opener *o = calloc(1, sizeof *o);
    *out = NULL;
    if (o == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    enum yw_code code = yw_master_path(data, master, path, sizeof path, err);
    if (code == YW_OK) code = yw_acts_read(data, &o->reg, err);
    if (code == YW_OK) o->ring = yw_keyring_create(path);
    if (code == YW_OK && o->ring == NULL) code = yw_fail(err, YW_E_NOMEM, "out of memory");
    if (code == YW_OK) {
        *out = o;
    } else {
        opener_destroy(o);
    }
    return code;
}

void opener_destroy(struct opener *o) {
    if (o == NULL) return;
    yw_keyring_destroy(o->ring);
    yw_register_destroy(o->reg);
    sodium_memzero(o->plain, sizeof o->plain);
    free(o);
}

/* A new key or password in it is not for reading. */
static void mask(hj212_span cp) {
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, cp);
    while (hj212_next(&it, &item)) {
        bool secret = (item.field.n == 5 && memcmp(item.field.p, "NewSK", 5) == 0) ||
                      (item.field.n >= 2 && memcmp(item.field.p + item.field.n - 2, "PW", 2) == 0);
        if (secret && item.value.p != NULL) memset((char *)(uintptr_t)item.value.p, '*', item.value.n);
    }
}

void opener_put(struct opener *o, struct yw_buf *b, const struct yw_record *r) {
    const uint8_t *key = yw_keyring_key(o->ring, o->reg, r->key_id);
    const char *why = yw_keyring_why(o->ring);
    hj212_packet p;
    const hj212_options options = {.keys = key, .key_count = 1, .plain = o->plain, .at_end = true};
    bool opened = key != NULL && hj212_decode(&options, r->payload, r->length, &p).status == HJ212_PACKET &&
                  p.decrypted && p.cp.p != NULL;
    if (opened) {
        mask(p.cp);
        yw_buf_puts(b, ",\"plain\":");
        yw_buf_json(b, p.cp.p, p.cp.n);
    } else {
        if (key != NULL) why = "the key does not open this packet";
        yw_buf_puts(b, ",\"locked\":");
        yw_buf_json(b, why, strlen(why));
    }
}
