/* A line of JSON to a frame (yanwu hj212 encode): bad lines are refused with a sentence, good ones make
 * frames that the decoder reads. */
#include <stdlib.h>
#include <string.h>

#include "cli/hj212_cli.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static uint8_t frame[HJ212_FRAME_MAX];
    static const uint8_t key[] = "0000000000000000";
    struct yw_error err = {0};
    size_t n =
        hj212_json_to_frame((const char *)data, size, size & 1 ? key : NULL, (size & 2) != 0, frame, &err);
    if (n == 0) {
        if (err.code == YW_OK || !err.text[0]) abort();
        return 0;
    }
    if (n > sizeof frame) abort();
    hj212_options o = {.at_end = true};
    hj212_packet p;
    hj212_result r = hj212_decode(&o, frame, n, &p);
    if (r.consumed == 0 || r.consumed > n) abort();
    if (r.status == HJ212_PACKET) {
        struct yw_buf line;
        yw_buf_init(&line, 1 << 20);
        hj212_packet_json(&line, 0, &p);
        if (line.failed) abort();
        yw_buf_free(&line);
    }
    return 0;
}
