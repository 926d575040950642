/* Any bytes as the payload of a journalled packet: the fold ends, and what it gives is what a store keeps. */
#include "pipeline/fold.h"
#include "store/rules.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint32_t flags[] = {YW_REC_ADMITTED, YW_REC_UNKNOWN, YW_REC_BAD_PW, YW_REC_GARBAGE};
    static struct yw_value values[YW_VALUES_MAX];
    static char text[65536], plain[HJ212_FRAME_MAX];
    static const struct yw_fold_with nothing;
    struct yw_folded out = {.values = values, .text = text, .text_size = sizeof text, .plain = plain};
    if (size == 0) return 0;
    struct yw_record r = {.arrival = INT64_C(1793980800000000), .direction = YW_DIR_IN, .device = 1};
    r.flags = flags[data[0] % YW_COUNT(flags)];
    r.payload = data + 1;
    r.length = (uint32_t)(size - 1);
    r.link = 1;
    enum yw_fold what = yw_fold_record(&r, 0, &nothing, &out);
    struct yw_tally tally;
    yw_tally_init(&tally, 8);
    if (!yw_fold_device(&r, 0, &out, &tally)) abort();
    const struct yw_device_fact *f = tally.facts.items;
    if (tally.facts.n > 0 && (f->packets != 1 || !memchr(f->names, 0, sizeof f->names))) abort();
    const struct yw_notice *n = tally.notices.items;
    if (tally.notices.n > 0 && !yw_utf8_valid(n->cp, strnlen(n->cp, sizeof n->cp))) abort();
    yw_tally_free(&tally);
    if (what != YW_FOLD_ROW) return 0;
    if (yw_row_check(&out.row, NULL) != YW_OK) abort();
    for (size_t i = 0; i < out.row.count; i++) {
        const struct yw_value *v = &values[i];
        if (v->is_text && !yw_utf8_valid(v->text, v->text_n)) abort();
    }
    return 0;
}
