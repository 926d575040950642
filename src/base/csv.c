#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { FIELDS_MAX = 4096 };

struct yw_csv {
    struct yw_buf text; /* the whole file as UTF-8 */
    struct yw_buf row;  /* the present row's fields, each terminated by NUL */
    const char *fields[FIELDS_MAX];
    size_t offsets[FIELDS_MAX];
    size_t at, line, row_line;
};

struct yw_csv *yw_csv_open(const char *text, size_t n, struct yw_error *err) {
    if (n >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) text += 3, n -= 3;
    struct yw_csv *c = calloc(1, sizeof *c);
    if (!c) {
        yw_fail(err, YW_E_NOMEM, "out of memory reading CSV");
        return NULL;
    }
    yw_buf_init(&c->text, 4 * n + 16);
    yw_buf_init(&c->row, 4 * n + FIELDS_MAX);
    c->line = 1;
    bool good = yw_utf8_valid(text, n) ? yw_buf_add(&c->text, text, n) : yw_gbk_to_utf8(text, n, &c->text);
    if (!good) {
        yw_fail(err, YW_E_FORMAT, "the CSV text is neither UTF-8 nor GBK; save it again as UTF-8");
        yw_csv_close(c);
        return NULL;
    }
    return c;
}

void yw_csv_close(struct yw_csv *c) {
    if (!c) return;
    yw_buf_free(&c->text);
    yw_buf_free(&c->row);
    free(c);
}

/* Reads a quoted field whose opening quote is at c->at; leaves c->at behind the closing one. */
static bool read_quoted(struct yw_csv *c) {
    c->at++;
    while (c->at < c->text.len) {
        char ch = c->text.data[c->at++];
        if (ch == '\n') c->line++;
        if (ch != '"') {
            yw_buf_putc(&c->row, ch);
        } else if (c->at < c->text.len && c->text.data[c->at] == '"') {
            yw_buf_putc(&c->row, '"');
            c->at++;
        } else {
            return true;
        }
    }
    return false;
}

static void read_plain(struct yw_csv *c) {
    size_t from = c->at;
    while (c->at < c->text.len && !memchr(",\r\n", c->text.data[c->at], 3)) c->at++;
    yw_buf_add(&c->row, c->text.data + from, c->at - from);
}

/* Passes over the end of a line (LF, CR LF, CR) or of the text; false if something else stands there. */
static bool end_of_line(struct yw_csv *c) {
    if (c->at >= c->text.len) return true;
    size_t from = c->at;
    if (c->text.data[c->at] == '\r') c->at++;
    if (c->at < c->text.len && c->text.data[c->at] == '\n') c->at++;
    c->line++;
    return c->at > from;
}

enum yw_code yw_csv_row(struct yw_csv *c, const char *const **fields, size_t *count, struct yw_error *err) {
    if (c->at >= c->text.len) return YW_E_END;
    yw_buf_clear(&c->row);
    c->row_line = c->line;
    size_t n = 0;
    for (;;) {
        if (n == FIELDS_MAX)
            return yw_fail(err, YW_E_LIMIT, "line %zu: more than %d columns", c->row_line, FIELDS_MAX);
        c->offsets[n++] = c->row.len;
        if (c->at < c->text.len && c->text.data[c->at] == '"') {
            if (!read_quoted(c))
                return yw_fail(err, YW_E_FORMAT, "line %zu: a quote is never closed", c->row_line);
        } else {
            read_plain(c);
        }
        yw_buf_putc(&c->row, 0);
        if (c->at < c->text.len && c->text.data[c->at] == ',') {
            c->at++;
            continue;
        }
        if (end_of_line(c)) break;
        return yw_fail(err, YW_E_FORMAT,
                       "line %zu: text behind a closing quote; write quotes inside a field twice",
                       c->row_line);
    }
    if (c->row.failed) return yw_fail(err, YW_E_NOMEM, "out of memory reading CSV");
    for (size_t i = 0; i < n; i++) c->fields[i] = c->row.data + c->offsets[i];
    *fields = c->fields;
    *count = n;
    return YW_OK;
}

size_t yw_csv_line(const struct yw_csv *c) {
    return c->row_line;
}

bool yw_csv_put(struct yw_buf *out, const char *field, bool last) {
    if (!strpbrk(field, ",\"\r\n")) {
        yw_buf_puts(out, field);
    } else {
        yw_buf_putc(out, '"');
        for (; *field; field++) {
            if (*field == '"') yw_buf_putc(out, '"');
            yw_buf_putc(out, *field);
        }
        yw_buf_putc(out, '"');
    }
    return yw_buf_puts(out, last ? "\r\n" : ",");
}
