/* keys: SM4 keys and the MN of a device of 2025. */
#include "plants/responder_int.h"

#include <string.h>

enum { KEY_LENGTH = 16 };

void yw_key_use(struct yw_responder *r, const char *key, const char *created) {
    memcpy(r->key_before, r->memory.key, sizeof r->key_before);
    yw_copy(r->memory.key, sizeof r->memory.key, key, strlen(key));
    yw_copy(r->memory.key_created, sizeof r->memory.key_created, created, strlen(created));
    r->face->has_key = strlen(r->memory.key) == KEY_LENGTH;
    if (r->face->has_key) memcpy(r->face->key, r->memory.key, sizeof r->face->key);
}

/* 1014 of the host: creation time and key. Used once 9012 has been sent. */
int yw_on_key(struct yw_responder *r, const struct yw_ask *ask) {
    char key[32], created[32];
    int64_t time;
    if (!yw_ask_time(ask, "SKCreateTime", &time) ||
        !yw_ask_text(ask, "SKCreateTime", created, sizeof r->key_next_created) ||
        !yw_ask_text(ask, "NewSK", key, sizeof key) || strlen(key) != KEY_LENGTH)
        return YW_EXE_CONDITION;
    yw_copy(r->key_next, sizeof r->key_next, key, KEY_LENGTH);
    yw_copy(r->key_next_created, sizeof r->key_next_created, created, strlen(created));
    yw_responder_note(r, ask->clock, YW_TEXT_KEY_SET);
    return YW_EXE_DONE;
}

/* 1002: the MN to take stands in the header. A simulated device takes none but simulated MNs. */
int yw_on_mn(struct yw_responder *r, const struct yw_ask *ask) {
    char hardware[64];
    hj212_span mn = ask->packet->mn;
    if (!yw_ask_text(ask, "i23005-Info", hardware, sizeof hardware)) {
        hj212_iterator it;
        hj212_item item;
        hardware[0] = '\0';
        hj212_items(&it, ask->packet->cp);
        while (hj212_next(&it, &item))
            if (item.code.p && item.code.n == 6 && memcmp(item.code.p, "i23005", 6) == 0)
                yw_copy(hardware, sizeof hardware, item.value.p, item.value.n);
    }
    if (strcmp(hardware, r->scenario->logger.hardware) != 0) return YW_EXE_CONDITION;
    if (mn.n != 24 || memcmp(mn.p, YW_PLANT_MN_PREFIX, 4) != 0) return YW_EXE_CONDITION;
    yw_copy(r->face->mn, sizeof r->face->mn, mn.p, mn.n);
    memcpy(r->memory.mn, r->face->mn, sizeof r->memory.mn);
    r->registered = true;
    return YW_EXE_DONE;
}
