/* Any bytes as a line of the acts journal and as a worker's event: reading them ends, what they give is what
 * a store keeps, and saying a part of a command twice says nothing new. */
#include "pipeline/fold.h"
#include "store/rules.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_text(const char *text, size_t size) {
    if (!memchr(text, 0, size)) abort();
}

static void check_part(const struct yw_asked *part) {
    struct yw_asked all = yw_asked_part(part->id), once;
    yw_asked_merge(&all, part);
    once = all;
    yw_asked_merge(&all, part);
    if (all.attempts != once.attempts || all.uploads != once.uploads || all.answer_n != once.answer_n ||
        all.outcome != once.outcome || all.exertn != once.exertn || strcmp(all.cp, once.cp) != 0 ||
        strcmp(all.answer_cp, once.answer_cp) != 0 || yw_source_compare(&all.ended, &once.ended) != 0)
        abort();
    check_text(part->cp, sizeof part->cp);
    check_text(part->reason, sizeof part->reason);
    check_text(part->key, sizeof part->key);
    struct yw_device_day day;
    yw_clock_of_asked(&all, &day);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const struct yw_fold_with nothing;
    static struct yw_value values[YW_VALUES_MAX];
    static char text[65536], plain[HJ212_FRAME_MAX];
    struct yw_folded out = {.values = values, .text = text, .text_size = sizeof text, .plain = plain};
    struct yw_record r = {.arrival = INT64_C(1793980800000000), .position = 640, .device = 1};
    struct yw_asked asked;
    uint64_t position;
    r.payload = data;
    r.length = (uint32_t)size;
    enum yw_line line = yw_fold_line(&r, 1, &nothing, &asked, &out);
    if (line == YW_LINE_COMMAND) check_part(&asked);
    if (line == YW_LINE_STATION && yw_row_check(&out.row, NULL) != YW_OK) abort();
    enum yw_event event = yw_fold_event(&r, 3, &asked, &position);
    if (event != YW_EVENT_COMMAND && event != YW_EVENT_PACKET) return 0;
    check_part(&asked);
    if (event == YW_EVENT_PACKET) {
        hj212_packet p = {.cp = {(const char *)data, (uint32_t)(size < 4000 ? size : 4000)}};
        yw_fold_event_packet(&asked, &r, 3, &p);
        check_part(&asked);
    }
    return 0;
}
