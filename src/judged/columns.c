/* Copying between structs, rows of judge.db and packed bytes. */
#include "judged/judged_int.h"

#include <math.h>
#include <string.h>

double yw_column_f64(sqlite3_stmt *st, int column) {
    return sqlite3_column_type(st, column) == SQLITE_NULL ? (double)NAN : sqlite3_column_double(st, column);
}

/* SQLite keeps no minus zero where the number is whole; so none is kept anywhere. */
static double plain(double v) {
    return isnan(v) ? (double)NAN : v + 0.0;
}

void yw_bind_f64(sqlite3_stmt *st, int column, double v) {
    if (isnan(v))
        sqlite3_bind_null(st, column);
    else
        sqlite3_bind_double(st, column, plain(v));
}

void yw_column_copy(sqlite3_stmt *st, int column, char *to, size_t size) {
    const char *text = (const char *)sqlite3_column_text(st, column);
    yw_copy(to, size, text ? text : "", (size_t)sqlite3_column_bytes(st, column));
}

/* ---- reasons: code, rule, figure ---- */

size_t yw_reasons_pack(const struct yw_reason *r, size_t n, uint8_t *out) {
    for (size_t i = 0; i < n; i++, out += YW_PACKED_REASON) {
        float figure = isnan(r[i].figure) ? NAN : r[i].figure + 0.0f;
        out[0] = r[i].code;
        out[1] = (uint8_t)(r[i].rule & 0xff);
        out[2] = (uint8_t)(r[i].rule >> 8);
        memcpy(out + 3, &figure, sizeof figure);
    }
    return n * YW_PACKED_REASON;
}

uint8_t yw_reasons_unpack(const uint8_t *bytes, size_t n, struct yw_reason out[YW_REASONS]) {
    size_t count = n / YW_PACKED_REASON;
    if (count > YW_REASONS) count = YW_REASONS;
    for (size_t i = 0; i < count; i++, bytes += YW_PACKED_REASON) {
        out[i].code = bytes[0];
        out[i].rule = (uint16_t)(bytes[1] | bytes[2] << 8);
        memcpy(&out[i].figure, bytes + 3, sizeof out[i].figure);
    }
    return (uint8_t)count;
}

/* ---- packed means ---- */

static uint8_t *add(uint8_t *to, const void *bytes, size_t n) {
    memcpy(to, bytes, n);
    return to + n;
}

size_t yw_mean_pack(const struct yw_mean *m, uint8_t out[YW_PACKED_MEAN]) {
    uint8_t *at = out;
    int64_t from = m->from;
    at = add(at, &from, sizeof from);
#define PACK_INT(name)                                                                                       \
    {                                                                                                        \
        int64_t v = m->name;                                                                                 \
        at = add(at, &v, sizeof v);                                                                          \
    }
#define PACK_REAL(name)                                                                                      \
    {                                                                                                        \
        double v = plain((double)m->name);                                                                   \
        at = add(at, &v, sizeof v);                                                                          \
    }
#define X(kind, name) PACK_##kind(name)
    YW_MEAN_COLUMNS(X)
#undef X
    at += yw_reasons_pack(m->reasons, m->reason_n, at);
    return (size_t)(at - out);
}

bool yw_mean_unpack(const uint8_t *bytes, size_t n, struct yw_mean *m) {
    enum {
        FIXED = 8
#define X(kind, name) +8
        YW_MEAN_COLUMNS(X)
#undef X
    };
    if (n < FIXED || (n - FIXED) % YW_PACKED_REASON != 0) return false;
    const uint8_t *at = bytes + 8;
    memcpy(&m->from, bytes, 8);
#define UNPACK_INT(name)                                                                                     \
    {                                                                                                        \
        int64_t v;                                                                                           \
        memcpy(&v, at, sizeof v);                                                                            \
        m->name = (__typeof__(m->name))v;                                                                    \
        at += sizeof v;                                                                                      \
    }
#define UNPACK_REAL(name)                                                                                    \
    {                                                                                                        \
        double v;                                                                                            \
        memcpy(&v, at, sizeof v);                                                                            \
        m->name = (__typeof__(m->name))v;                                                                    \
        at += sizeof v;                                                                                      \
    }
#define X(kind, name) UNPACK_##kind(name)
    YW_MEAN_COLUMNS(X)
#undef X
    m->reason_n = yw_reasons_unpack(at, n - FIXED, m->reasons);
    return true;
}

uint64_t yw_mean_print(const struct yw_mean *after, const struct yw_mean *before) {
    uint8_t bytes[2 * YW_PACKED_MEAN], one[YW_PACKED_MEAN];
    size_t n = yw_mean_pack(after, bytes);
    size_t one_n = before ? yw_mean_pack(before, one) : 0;
    if (one_n > 0 && (one_n != n || memcmp(one, bytes, n) != 0)) {
        memcpy(bytes + n, one, one_n);
        n += one_n;
    }
    uint64_t print = yw_hash64(bytes, n, 0);
    return print == 0 ? 1 : print;
}

/* ---- rows ---- */

#define GET_INT(s, name)  s->name = (__typeof__(s->name))sqlite3_column_int64(st, at++);
#define GET_REAL(s, name) s->name = (__typeof__(s->name))yw_column_f64(st, at++);
#define SET_INT(s, name)  sqlite3_bind_int64(st, at++, (int64_t)s->name);
#define SET_REAL(s, name) yw_bind_f64(st, at++, (double)s->name);

static uint8_t get_reasons(sqlite3_stmt *st, int at, struct yw_reason out[YW_REASONS]) {
    const uint8_t *bytes = sqlite3_column_blob(st, at);
    return bytes ? yw_reasons_unpack(bytes, (size_t)sqlite3_column_bytes(st, at), out) : 0;
}

static void set_reasons(sqlite3_stmt *st, int at, const struct yw_reason *r, size_t n, uint8_t *room) {
    sqlite3_bind_blob(st, at, room, (int)yw_reasons_pack(r, n, room), SQLITE_STATIC);
}

int yw_mean_columns(sqlite3_stmt *st, int at, struct yw_mean *m) {
#define X(kind, name) GET_##kind(m, name)
    YW_MEAN_COLUMNS(X)
#undef X
    m->reason_n = get_reasons(st, at++, m->reasons);
    return at;
}

int yw_mean_bind(sqlite3_stmt *st, int at, const struct yw_mean *m, uint8_t *reasons) {
#define X(kind, name) SET_##kind(m, name)
    YW_MEAN_COLUMNS(X)
#undef X
    set_reasons(st, at++, m->reasons, m->reason_n, reasons);
    return at;
}

int yw_verdict_columns(sqlite3_stmt *st, int at, struct yw_verdict *v) {
#define X(kind, name) GET_##kind(v, name)
    YW_VERDICT_COLUMNS(X)
#undef X
    v->reason_n = get_reasons(st, at++, v->reasons);
    return at;
}

int yw_verdict_bind(sqlite3_stmt *st, int at, const struct yw_verdict *v, uint8_t *reasons) {
#define X(kind, name) SET_##kind(v, name)
    YW_VERDICT_COLUMNS(X)
#undef X
    set_reasons(st, at++, v->reasons, v->reason_n, reasons);
    return at;
}

int yw_tally_columns(sqlite3_stmt *st, int at, struct yw_tally_row *t) {
#define X(kind, name) GET_##kind(t, name)
    YW_TALLY_COLUMNS(X)
#undef X
    return at;
}

int yw_tally_bind(sqlite3_stmt *st, int at, const struct yw_tally_row *t) {
#define X(kind, name) SET_##kind(t, name)
    YW_TALLY_COLUMNS(X)
#undef X
    return at;
}

/* ---- numbers of verdicts ---- */

/* What tells a verdict apart beside day, outlet and factor, as few characters: the same whenever it is said
 * again. */
void yw_verdict_number(uint32_t outlet, const char *factor, const struct yw_verdict *v, char out[48]) {
    static const char digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
    struct yw_buf b;
    char code[16];
    size_t n = 0;
    int64_t china = v->from + YW_CHINA;
    int64_t second = ((china % YW_DAY) + YW_DAY) % YW_DAY / YW_SECOND;
    uint64_t rest =
        ((((uint64_t)second * 32 + v->kind) * 16 + v->period) * 8 + v->basis) * 2 + (v->converted ? 1 : 0);
    struct yw_civil c;
    yw_time_to_civil(v->from, YW_CHINA, &c);
    do {
        code[n++] = digits[rest % 36];
        rest /= 36;
    } while (rest > 0);
    yw_buf_init(&b, 128);
    yw_buf_printf(&b, "CP%04d%02d%02d-%u-%s-", c.year, c.month, c.day, outlet, factor[0] ? factor : "0");
    while (n > 0) yw_buf_putc(&b, code[--n]);
    yw_copy(out, 48, b.data ? b.data : "", b.len);
    yw_buf_free(&b);
}
