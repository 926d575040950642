/* The packet page over any bytes: the answer is JSON, its runs cover every byte once, and no password stands
 * in it. */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "web/json.h"
#include "web/packet_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_runs(const json_t *o, size_t size) {
    const json_t *runs = json_object_get(o, "runs");
    json_int_t at = 0;
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i);
        if (json_integer_value(json_object_get(run, "offset")) != at) abort();
        at += json_integer_value(json_object_get(run, "length"));
    }
    if (at != (json_int_t)size && json_array_size(runs) < 4000) abort();
}

static void check_hex(const json_t *o) {
    const json_t *hex = json_object_get(o, "hex");
    char bytes[16384];
    size_t n = 0;
    if (!yw_parse_hex(json_string_value(hex), json_string_length(hex), bytes, sizeof bytes, &n)) return;
    for (size_t i = 0; i + 3 < n; i++) {
        if ((bytes[i] | 32) == 'p' && (bytes[i + 1] | 32) == 'w' && bytes[i + 2] == '=' &&
            strchr("*;,&\r\n", bytes[i + 3]) == NULL) {
            abort();
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t key[] = "0000000000000000"; /* that of the published examples */
    if (size > 10000) return 0;
    char *raw = malloc(size + 1), qn[YW_QN_TEXT];
    struct yw_buf b;
    yw_buf_init(&b, 8 << 20);
    if (raw == NULL) return 0;
    memcpy(raw, data, size);
    yj_open(&b, '{');
    if (!yw_packet_view(&b, raw, size, size % 2 ? key : NULL, qn)) abort();
    yj_close(&b, '}');
    json_t *o = b.failed ? NULL : json_loadb(b.data, b.len, JSON_ALLOW_NUL, NULL);
    if (o == NULL && !b.failed) abort();
    if (o != NULL) {
        check_runs(o, size);
        check_hex(o);
    }
    json_decref(o);
    yw_buf_free(&b);
    free(raw);
    return 0;
}
