/* Damaged chunks, shapes, bodies and pyramid buckets: reading them must end, and what can be read must pack
 * to the same. */
#include "store/day.h"
#include "store/point.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void chunk(const uint8_t *data, size_t size) {
    struct yw_day day, again;
    struct yw_buf packed;
    yw_day_init(&day);
    yw_day_init(&again);
    yw_buf_init(&packed, 16 << 20);
    bool times = yw_chunk_times(data, size, 1, YW_KIND_MINUTE, 20000, &again, NULL) == YW_OK;
    size_t times_n = again.n;
    if (yw_chunk_unpack(data, size, 1, YW_KIND_MINUTE, 20000, &day, NULL) == YW_OK &&
        (!times || times_n != day.n))
        abort();
    if (yw_chunk_unpack(data, size, 1, YW_KIND_MINUTE, 20000, &day, NULL) == YW_OK &&
        yw_chunk_pack(&day, 20000, &packed, NULL) == YW_OK) {
        if (yw_chunk_unpack(packed.data, packed.len, 1, YW_KIND_MINUTE, 20000, &again, NULL) != YW_OK)
            abort();
        if (!yw_day_equal(&day, &again)) abort();
    }
    yw_day_free(&day);
    yw_day_free(&again);
    yw_buf_free(&packed);
}

/* The checksum of the zstd frame stops nearly every damage: what lies behind it is reached by packing the
 * input. */
static void columns(const uint8_t *data, size_t size) {
    size_t room = ZSTD_compressBound(size);
    uint8_t *packed = malloc(room);
    size_t n = packed ? ZSTD_compress(packed, room, data, size, 1) : 0;
    if (packed && !ZSTD_isError(n)) chunk(packed, n);
    free(packed);
}

static void record(const uint8_t *data, size_t size) {
    struct yw_value *values = calloc(YW_VALUES_MAX, sizeof *values);
    size_t count = 0, shape_n = size > 0 ? data[0] : 0;
    if (values && shape_n < size && yw_unpack_shape(data + 1, shape_n, values, &count) &&
        yw_unpack_body(data + 1 + shape_n, size - 1 - shape_n, values, count)) {
        struct yw_buf body;
        struct yw_value *again = calloc(YW_VALUES_MAX, sizeof *again);
        yw_buf_init(&body, YW_BODY_BYTES_MAX);
        yw_pack_body(values, count, &body);
        if (again && !body.failed) {
            memcpy(again, values, count * sizeof *values);
            if (!yw_unpack_body((const uint8_t *)body.data, body.len, again, count)) abort();
            for (size_t i = 0; i < count; i++) {
                char x[YW_TEXT_MAX + 1], y[YW_TEXT_MAX + 1];
                yw_value_print(&values[i], x, sizeof x);
                yw_value_print(&again[i], y, sizeof y);
                if (strcmp(x, y) != 0) abort();
            }
        }
        free(again);
        yw_buf_free(&body);
    }
    free(values);
}

static void bucket(const uint8_t *data, size_t size) {
    struct yw_cursor c = {data, data + size, false};
    struct yw_point all = {0};
    while (c.at < c.end) {
        struct yw_point p = {0};
        if (!yw_point_unpack(&c, &p)) break;
        yw_point_merge(&all, &p);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0 || size > 1 << 16) return 0;
    switch (data[0] % 4) {
    case 0:
        chunk(data + 1, size - 1);
        break;
    case 1:
        record(data + 1, size - 1);
        break;
    case 2:
        bucket(data + 1, size - 1);
        break;
    default:
        columns(data + 1, size - 1);
        break;
    }
    return 0;
}
