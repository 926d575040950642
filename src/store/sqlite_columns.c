#include "store/sqlite_columns.h"

#include <string.h>

static int64_t load_int(const struct yw_column *c, const char *from) {
    uint64_t v = 0;
    memcpy(&v, from, c->size); /* little-endian */
    unsigned shift = 64 - 8 * c->size;
    if (c->is_signed && shift > 0) return (int64_t)(v << shift) >> shift;
    return (int64_t)v;
}

static void store_int(const struct yw_column *c, char *to, int64_t v) {
    memcpy(to, &v, c->size);
}

/* The numbers in a text of ours, whatever stands between them. */
static size_t read_numbers(const char *text, int64_t *out, size_t most) {
    size_t n = 0;
    while (n < most) {
        text += strcspn(text, "-0123456789");
        size_t length = strspn(text, "-0123456789");
        if (length == 0 || !yw_parse_i64(text, length, &out[n])) break;
        text += length;
        n++;
    }
    return n;
}

static void read_sources(const char *text, struct yw_asked *a) {
    int64_t numbers[3 * YW_COUNT(a->answers)];
    size_t n = read_numbers(text, numbers, YW_COUNT(numbers)) / 3;
    for (size_t i = 0; i < n; i++)
        a->answers[i] =
            (struct yw_source){numbers[3 * i], (uint16_t)numbers[3 * i + 1], (uint64_t)numbers[3 * i + 2]};
    a->answer_n = (uint8_t)n;
}

void yw_columns_read(const struct yw_columns *c, sqlite3_stmt *st, void *item) {
    int at = 0;
    for (size_t i = 0; i < c->n; i++) {
        const struct yw_column *k = &c->list[i];
        char *to = (char *)item + k->offset;
        const char *text = (const char *)(k->kind == YW_COLUMN_INT || k->kind == YW_COLUMN_SOURCE
                                              ? NULL
                                              : sqlite3_column_text(st, at));
        switch ((enum yw_column_kind)k->kind) {
        case YW_COLUMN_INT:
            store_int(k, to, sqlite3_column_int64(st, at));
            break;
        case YW_COLUMN_TEXT:
            yw_copy(to, k->size, text ? text : "", text ? strlen(text) : 0);
            break;
        case YW_COLUMN_SOURCE: {
            struct yw_source s;
            memset(&s, 0, sizeof s);
            s.arrival = sqlite3_column_int64(st, at);
            s.journal = (uint16_t)sqlite3_column_int64(st, at + 1);
            s.position = (uint64_t)sqlite3_column_int64(st, at + 2);
            memcpy(to, &s, sizeof s);
            at += 2;
            break;
        }
        case YW_COLUMN_SOURCES:
            read_sources(text ? text : "", item);
            break;
        case YW_COLUMN_COUNTS:
            memset(to, 0, k->size);
            read_numbers(text ? text : "", (int64_t *)(void *)to, k->size / sizeof(int64_t));
            break;
        }
        at++;
    }
}

static void bind_text(sqlite3_stmt *st, int at, struct yw_buf *text) {
    yw_buf_putc(text, ']');
    sqlite3_bind_text(st, at, text->failed ? "[]" : text->data, -1, SQLITE_TRANSIENT);
    yw_buf_free(text);
}

static void bind_counts(sqlite3_stmt *st, int at, const char *from, size_t n) {
    struct yw_buf text;
    uint64_t count[64];
    yw_buf_init(&text, 4096);
    yw_buf_putc(&text, '[');
    memcpy(count, from, n * sizeof *count);
    while (n > 0 && count[n - 1] == 0) n--;
    for (size_t i = 0; i < n; i++) yw_buf_printf(&text, i ? ",%llu" : "%llu", (unsigned long long)count[i]);
    bind_text(st, at, &text);
}

static void bind_sources(sqlite3_stmt *st, int at, const struct yw_asked *a) {
    struct yw_buf text;
    yw_buf_init(&text, 4096);
    yw_buf_putc(&text, '[');
    for (size_t i = 0; i < a->answer_n; i++)
        yw_buf_printf(&text, "%s[%lld,%u,%llu]", i ? "," : "", (long long)a->answers[i].arrival,
                      a->answers[i].journal, (unsigned long long)a->answers[i].position);
    bind_text(st, at, &text);
}

void yw_columns_bind(const struct yw_columns *c, sqlite3_stmt *st, const void *item) {
    int at = 1;
    for (size_t i = 0; i < c->n; i++, at++) {
        const struct yw_column *k = &c->list[i];
        const char *from = (const char *)item + k->offset;
        switch ((enum yw_column_kind)k->kind) {
        case YW_COLUMN_INT:
            sqlite3_bind_int64(st, at, load_int(k, from));
            break;
        case YW_COLUMN_TEXT:
            sqlite3_bind_text(st, at, from, (int)strnlen(from, k->size), SQLITE_TRANSIENT);
            break;
        case YW_COLUMN_SOURCE: {
            struct yw_source s;
            memcpy(&s, from, sizeof s);
            sqlite3_bind_int64(st, at, s.arrival);
            sqlite3_bind_int64(st, at + 1, s.journal);
            sqlite3_bind_int64(st, at + 2, (int64_t)s.position);
            at += 2;
            break;
        }
        case YW_COLUMN_SOURCES:
            bind_sources(st, at, item);
            break;
        case YW_COLUMN_COUNTS:
            bind_counts(st, at, from, k->size / sizeof(uint64_t));
            break;
        }
    }
}
