/* base: CSV, numbers, times, encodings. What a parser accepts must say the same when it is written and read
 * again. */
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void csv_again(const struct yw_buf *written, size_t rows) {
    struct yw_error err;
    struct yw_csv *c = yw_csv_open(written->data ? written->data : "", written->len, &err);
    const char *const *fields;
    size_t count, again = 0;
    if (!c) abort();
    while (yw_csv_row(c, &fields, &count, &err) == YW_OK) again++;
    if (again != rows) abort();
    yw_csv_close(c);
}

static void csv(const char *text, size_t n) {
    struct yw_error err;
    struct yw_csv *c = yw_csv_open(text, n, &err);
    if (!c) return;
    struct yw_buf written;
    yw_buf_init(&written, 16 * n + 4096);
    const char *const *fields;
    size_t count, rows = 0;
    enum yw_code code;
    while ((code = yw_csv_row(c, &fields, &count, &err)) == YW_OK) {
        for (size_t i = 0; i < count; i++) yw_csv_put(&written, fields[i], i + 1 == count);
        rows++;
    }
    if (code == YW_E_END) csv_again(&written, rows);
    yw_buf_free(&written);
    yw_csv_close(c);
}

static void times_and_numbers(const char *text, size_t n) {
    int64_t t, again, i;
    uint64_t u;
    double d;
    uint8_t bytes[64];
    if (yw_time_parse(text, n, &t)) {
        char out[40];
        yw_time_text(t, out);
        if (!yw_time_parse(out, strlen(out), &again) || again != t) abort();
    }
    if (yw_parse_u64(text, n, &u) && n && !yw_parse_f64(text, n, &d) && n < 60) abort();
    yw_parse_i64(text, n, &i);
    yw_parse_hex(text, n, bytes, sizeof bytes, NULL);
}

static void json(const char *text, size_t n) {
    struct yw_buf b;
    yw_buf_init(&b, 8 * n + 16);
    if (yw_buf_json(&b, text, n) && !yw_utf8_valid(b.data, b.len)) abort();
    yw_buf_clear(&b);
    if (yw_gbk_to_utf8(text, n, &b) && b.len && !yw_utf8_valid(b.data, b.len)) abort();
    yw_buf_free(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n) {
    if (n > 4096) return 0;
    csv((const char *)data, n);
    times_and_numbers((const char *)data, n);
    json((const char *)data, n);
    return 0;
}
