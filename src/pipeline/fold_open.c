#include "pipeline/fold.h"

/* Frames without CR LF were closed by silence, hence at_end. */
bool yw_fold_open(const struct yw_record *record, const struct yw_fold_with *with, bool header_only,
                  char *plain, hj212_packet *out, bool *locked) {
    hj212_options options = {.header_only = header_only, .at_end = true};
    *locked = false;
    if (record->key_id != 0) {
        options.keys = with->ring && with->reg ? yw_keyring_key(with->ring, with->reg, record->key_id) : NULL;
        options.key_count = 1;
        options.plain = plain;
        *locked = options.keys == NULL;
        if (*locked) return false;
    }
    hj212_result r = hj212_decode(&options, record->payload, record->length, out);
    return r.status == HJ212_PACKET && out->ok;
}
