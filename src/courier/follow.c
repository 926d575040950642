/* The register, as a fold of the acts journal. */
#include "courier/courier.h"

#include <string.h>
#include <sys/stat.h>

static struct yw_reader *open_acts(const struct courier *c) {
    char folder[4200], blocks[4200];
    struct yw_reader *reader = NULL;
    struct yw_error err;
    struct stat st;
    snprintf(folder, sizeof folder, "%s/journal/acts", c->data);
    snprintf(blocks, sizeof blocks, "%s/blocks/acts", c->data);
    if (stat(folder, &st) != 0) return NULL; /* no act was made yet */
    if (yw_reader_open(folder, blocks, &reader, &err) != YW_OK) return NULL;
    return reader;
}

bool courier_follow(struct courier *c) {
    struct yw_record record;
    struct yw_error err;
    uint32_t before = yw_register_version(c->reg);
    if (c->acts == NULL) c->acts = open_acts(c);
    if (c->acts == NULL) return false;
    enum yw_code code;
    while ((code = yw_reader_next(c->acts, &record, &err)) == YW_OK) {
        if (record.direction == YW_DIR_ACT)
            (void)yw_register_apply(c->reg, record.payload, record.length, NULL);
    }
    if (code != YW_E_END) yw_log(YW_LOG_ERROR, "the acts journal cannot be read on: %s", err.text);
    if (!c->has_secret) c->has_secret = yw_secret_find(c->data, c->secret, &err) == YW_OK;
    return yw_register_version(c->reg) != before;
}

bool courier_key(struct courier *c, uint32_t key_id, uint8_t key[16]) {
    const uint8_t *found = yw_keyring_key(c->keyring, c->reg, key_id);
    if (found != NULL) memcpy(key, found, 16);
    return found != NULL;
}
