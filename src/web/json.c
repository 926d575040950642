/* JSON, written as it comes: the comma between two values is put by whoever writes the second. */
#include "web/json.h"

#include <math.h>
#include <string.h>

static void comma(struct yw_buf *b) {
    if (b->len > 0 && strchr("{[:", b->data[b->len - 1]) == NULL) yw_buf_putc(b, ',');
}

void yj_open(struct yw_buf *b, char bracket) {
    comma(b);
    yw_buf_putc(b, bracket);
}

void yj_close(struct yw_buf *b, char bracket) {
    yw_buf_putc(b, bracket);
}

void yj_key(struct yw_buf *b, const char *name) {
    comma(b);
    yw_buf_json(b, name, strlen(name));
    yw_buf_putc(b, ':');
}

void yj_text_n(struct yw_buf *b, const char *text, size_t n) {
    comma(b);
    yw_buf_json(b, text, n);
}

void yj_text(struct yw_buf *b, const char *text) {
    yj_text_n(b, text, strlen(text));
}

void yj_i64(struct yw_buf *b, int64_t v) {
    comma(b);
    yw_buf_printf(b, "%lld", (long long)v);
}

void yj_u64_text(struct yw_buf *b, uint64_t v) {
    comma(b);
    yw_buf_printf(b, "\"%llu\"", (unsigned long long)v);
}

void yj_f64(struct yw_buf *b, double v) {
    comma(b);
    if (!isfinite(v)) {
        yw_buf_puts(b, "null");
        return;
    }
    /* Ten digits are more than any instrument has; where they do not say the number exactly, all are printed.
     */
    char text[40];
    double back;
    int n = snprintf(text, sizeof text, "%.10g", v);
    if (!yw_parse_f64(text, (size_t)n, &back) || back != v) snprintf(text, sizeof text, "%.17g", v);
    yw_buf_puts(b, text);
}

void yj_bool(struct yw_buf *b, bool v) {
    comma(b);
    yw_buf_puts(b, v ? "true" : "false");
}

void yj_null(struct yw_buf *b) {
    comma(b);
    yw_buf_puts(b, "null");
}

void yj_time(struct yw_buf *b, int64_t micros) {
    /* Towards the past, so that a data time never moves into the next millisecond. */
    yj_i64(b, micros / 1000 - (micros % 1000 < 0));
}

void yj_put_text(struct yw_buf *b, const char *key, const char *text) {
    yj_key(b, key);
    yj_text(b, text);
}

void yj_put_text_or_null(struct yw_buf *b, const char *key, const char *text) {
    yj_key(b, key);
    if (text == NULL || text[0] == '\0') {
        yj_null(b);
    } else {
        yj_text(b, text);
    }
}

void yj_put_i64(struct yw_buf *b, const char *key, int64_t v) {
    yj_key(b, key);
    yj_i64(b, v);
}

void yj_put_f64(struct yw_buf *b, const char *key, double v) {
    yj_key(b, key);
    yj_f64(b, v);
}

void yj_put_bool(struct yw_buf *b, const char *key, bool v) {
    yj_key(b, key);
    yj_bool(b, v);
}

void yj_put_time(struct yw_buf *b, const char *key, int64_t micros) {
    yj_key(b, key);
    if (micros == 0) {
        yj_null(b);
    } else {
        yj_time(b, micros);
    }
}

void yj_put_day(struct yw_buf *b, const char *key, int32_t day) {
    if (day == 0) {
        yj_put_text_or_null(b, key, NULL);
        return;
    }
    char text[40];
    yw_time_text(yw_china_day_start(day), text);
    text[10] = '\0';
    yj_put_text(b, key, text);
}
