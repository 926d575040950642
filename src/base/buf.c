#include "base/base.h"

#include <stdlib.h>
#include <string.h>

void yw_buf_init(struct yw_buf *b, size_t max) {
    *b = (struct yw_buf){.max = max};
}

void yw_buf_free(struct yw_buf *b) {
    free(b->data);
    *b = (struct yw_buf){.max = b->max};
}

void yw_buf_clear(struct yw_buf *b) {
    b->len = 0;
    b->failed = false;
    if (b->data) b->data[0] = 0;
}

/* Room for n more bytes and the terminating NUL. */
static bool reserve(struct yw_buf *b, size_t n) {
    if (b->failed) return false;
    if (n > b->max - b->len) {
        b->failed = true;
        return false;
    }
    size_t want = b->len + n + 1;
    if (want <= b->cap) return true;
    size_t cap = b->cap ? b->cap : 256;
    while (cap < want) cap *= 2;
    if (cap > b->max + 1) cap = b->max + 1;
    char *data = realloc(b->data, cap);
    if (!data) {
        b->failed = true;
        return false;
    }
    b->data = data;
    b->cap = cap;
    return true;
}

bool yw_buf_add(struct yw_buf *b, const void *bytes, size_t n) {
    if (!reserve(b, n)) return false;
    if (n) memcpy(b->data + b->len, bytes, n);
    b->len += n;
    b->data[b->len] = 0;
    return true;
}

bool yw_buf_puts(struct yw_buf *b, const char *text) {
    return yw_buf_add(b, text, strlen(text));
}

bool yw_buf_putc(struct yw_buf *b, char c) {
    return yw_buf_add(b, &c, 1);
}

bool yw_buf_printf(struct yw_buf *b, const char *fmt, ...) {
    va_list args, again;
    va_start(args, fmt);
    va_copy(again, args);
    int n = vsnprintf(NULL, 0, fmt, args);
    va_end(args);
    bool ok = n >= 0 && reserve(b, (size_t)n);
    if (ok) {
        vsnprintf(b->data + b->len, (size_t)n + 1, fmt, again);
        b->len += (size_t)n;
    } else {
        b->failed = true;
    }
    va_end(again);
    return ok;
}

/* Length of the well-formed UTF-8 sequence at p, 0 if there is none (overlong, surrogate, cut off). */
static size_t utf8_sequence(const unsigned char *p, size_t n) {
    if (p[0] < 0x80) return 1;
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || n < len) return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80) return 0;
    if ((p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xED && p[1] > 0x9F)) return 0;
    if ((p[0] == 0xF0 && p[1] < 0x90) || (p[0] == 0xF4 && p[1] > 0x8F)) return 0;
    return len;
}

bool yw_utf8_valid(const char *text, size_t n) {
    const unsigned char *p = (const unsigned char *)text;
    for (size_t i = 0; i < n;) {
        size_t len = utf8_sequence(p + i, n - i);
        if (!len) return false;
        i += len;
    }
    return true;
}

static void json_char(struct yw_buf *b, unsigned char c) {
    switch (c) {
    case '"':
        yw_buf_puts(b, "\\\"");
        break;
    case '\\':
        yw_buf_puts(b, "\\\\");
        break;
    case '\n':
        yw_buf_puts(b, "\\n");
        break;
    case '\r':
        yw_buf_puts(b, "\\r");
        break;
    case '\t':
        yw_buf_puts(b, "\\t");
        break;
    default:
        yw_buf_printf(b, "\\u%04X", c);
    }
}

bool yw_buf_json(struct yw_buf *b, const char *text, size_t n) {
    const unsigned char *p = (const unsigned char *)text;
    yw_buf_putc(b, '"');
    size_t plain = 0; /* start of the run that can be copied as it is */
    for (size_t i = 0; i < n;) {
        size_t len = utf8_sequence(p + i, n - i);
        bool special = len == 0 || (len == 1 && (p[i] < 0x20 || p[i] == '"' || p[i] == '\\' || p[i] == 0x7F));
        if (!special) {
            i += len;
            continue;
        }
        yw_buf_add(b, text + plain, i - plain);
        if (len == 0)
            yw_buf_puts(b, "\xEF\xBF\xBD");
        else
            json_char(b, p[i]);
        plain = ++i;
    }
    yw_buf_add(b, text + plain, n - plain);
    return yw_buf_putc(b, '"');
}

bool yw_buf_hex(struct yw_buf *b, const void *bytes, size_t n) {
    static const char digits[] = "0123456789ABCDEF";
    if (n > SIZE_MAX / 2 || !reserve(b, 2 * n)) {
        b->failed = true;
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        uint8_t v = ((const uint8_t *)bytes)[i];
        b->data[b->len++] = digits[v >> 4];
        b->data[b->len++] = digits[v & 15];
    }
    b->data[b->len] = 0;
    return true;
}

bool yw_copy(char *to, size_t size, const char *from, size_t n) {
    if (size == 0) return false;
    size_t take = n < size ? n : size - 1;
    if (take < n)
        while (take && ((unsigned char)from[take] & 0xC0) == 0x80) take--;
    if (take) memcpy(to, from, take);
    to[take] = 0;
    return take == n;
}
