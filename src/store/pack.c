#include "store/pack.h"

#include <math.h>
#include <string.h>

uint64_t yw_take_varint(struct yw_cursor *c) {
    uint64_t v = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        if (c->at == c->end) break;
        uint8_t byte = *c->at++;
        if (shift == 63 && byte > 1) break;
        v |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80) return v;
    }
    c->bad = true;
    c->at = c->end;
    return 0;
}

static uint64_t zigzag(int64_t v) {
    return (uint64_t)v << 1 ^ (v < 0 ? UINT64_MAX : 0);
}

static int64_t unzigzag(uint64_t v) {
    return (int64_t)(v >> 1 ^ (v & 1 ? UINT64_MAX : 0));
}

int64_t yw_take_zigzag(struct yw_cursor *c) {
    return unzigzag(yw_take_varint(c));
}

const uint8_t *yw_take_bytes(struct yw_cursor *c, size_t n) {
    if (n > (size_t)(c->end - c->at)) {
        c->bad = true;
        c->at = c->end;
        return NULL;
    }
    const uint8_t *p = c->at;
    c->at += n;
    return p;
}

static size_t put_varint(uint8_t *out, uint64_t v) {
    size_t n = 0;
    while (v >= 0x80) {
        out[n++] = (uint8_t)(v | 0x80);
        v >>= 7;
    }
    out[n++] = (uint8_t)v;
    return n;
}

void yw_add_varint(struct yw_buf *b, uint64_t v) {
    uint8_t bytes[10];
    yw_buf_add(b, bytes, put_varint(bytes, v));
}

void yw_add_zigzag(struct yw_buf *b, int64_t v) {
    yw_add_varint(b, zigzag(v));
}

static size_t put_name(uint8_t *out, const char *name, size_t max) {
    size_t n = strnlen(name, max);
    out[0] = (uint8_t)n;
    memcpy(out + 1, name, n);
    return n + 1;
}

size_t yw_pack_shape(const struct yw_value *values, size_t count, uint8_t *out) {
    size_t n = put_varint(out, count);
    for (size_t i = 0; i < count; i++) {
        n += put_name(out + n, values[i].factor, YW_FACTOR_MAX);
        n += put_name(out + n, values[i].field, YW_FIELD_MAX);
    }
    return n;
}

/* Numbers are gathered in a local array first: a call a value is what packing would cost most. */
void yw_pack_body(const struct yw_value *values, size_t count, struct yw_buf *out) {
    uint8_t small[512];
    size_t n = 0;
    for (size_t i = 0; i < count; i++) {
        const struct yw_value *v = &values[i];
        if (sizeof small - n < 24) {
            yw_buf_add(out, small, n);
            n = 0;
        }
        if (v->is_text) {
            bool normal = v->text_n == 1 && v->text[0] == 'N';
            n += put_varint(small + n, (normal ? 0 : (uint64_t)v->text_n + 1) << 3 | 7);
            if (normal) continue;
            yw_buf_add(out, small, n);
            n = 0;
            if (v->text_n > 0) yw_buf_add(out, v->text, v->text_n);
        } else if (v->scale <= 5 && v->mantissa >= -((int64_t)1 << 59) && v->mantissa < (int64_t)1 << 59) {
            n += put_varint(small + n, zigzag(v->mantissa) << 3 | v->scale);
        } else {
            small[n++] = 6;
            small[n++] = v->scale;
            n += put_varint(small + n, zigzag(v->mantissa));
        }
    }
    yw_buf_add(out, small, n);
}

static bool take_name(struct yw_cursor *c, char *out, size_t max) {
    const uint8_t *length = yw_take_bytes(c, 1);
    if (!length || *length > max) return false;
    const uint8_t *bytes = yw_take_bytes(c, *length);
    if (!bytes) return false;
    memcpy(out, bytes, *length);
    out[*length] = 0;
    return true;
}

bool yw_unpack_shape(const uint8_t *shape, size_t n, struct yw_value *values, size_t *count) {
    struct yw_cursor c = {shape, shape + n, false};
    uint64_t many = yw_take_varint(&c);
    if (c.bad || many > YW_VALUES_MAX) return false;
    for (size_t i = 0; i < many; i++) {
        if (!take_name(&c, values[i].factor, YW_FACTOR_MAX)) return false;
        if (!take_name(&c, values[i].field, YW_FIELD_MAX)) return false;
    }
    *count = (size_t)many;
    return c.at == c.end;
}

bool yw_take_token(struct yw_cursor *c, struct yw_value *v) {
    uint64_t t = yw_take_varint(c);
    unsigned what = (unsigned)(t & 7);
    if (c->bad) return false;
    v->is_text = what == 7;
    v->text = NULL;
    v->text_n = 0;
    v->scale = 0;
    v->mantissa = 0;
    if (what == 7) {
        uint64_t n = t >> 3;
        if (n > YW_TEXT_MAX + 1) return false;
        v->text_n = n == 0 ? 1 : (uint32_t)(n - 1);
        v->text = n == 0 ? "N" : (const char *)yw_take_bytes(c, v->text_n);
        return !c->bad;
    }
    if (what < 6) {
        v->scale = (uint8_t)what;
        v->mantissa = unzigzag(t >> 3);
        return true;
    }
    const uint8_t *scale = yw_take_bytes(c, 1);
    v->mantissa = yw_take_zigzag(c);
    if (c->bad || *scale > 18) return false;
    v->scale = *scale;
    return true;
}

bool yw_skip_token(struct yw_cursor *c) {
    struct yw_value v;
    return yw_take_token(c, &v);
}

bool yw_unpack_body(const uint8_t *body, size_t n, struct yw_value *values, size_t count) {
    struct yw_cursor c = {body, body + n, false};
    for (size_t i = 0; i < count; i++) {
        if (!yw_take_token(&c, &values[i])) return false;
    }
    return c.at == c.end;
}

void yw_add_f64(struct yw_buf *b, double v) {
    double power = 1;
    for (unsigned scale = 0; scale <= 5; scale++, power *= 10) {
        double scaled = v * power;
        if (!(fabs(scaled) < 1e12)) break;
        double whole = nearbyint(scaled);
        if (whole / power != v || (whole == 0 && signbit(v))) continue;
        yw_add_varint(b, zigzag((int64_t)whole) << 3 | scale);
        return;
    }
    uint8_t raw[9] = {7};
    uint64_t bits;
    memcpy(&bits, &v, sizeof bits);
    yw_put_u64(raw + 1, bits);
    yw_buf_add(b, raw, sizeof raw);
}

double yw_take_f64(struct yw_cursor *c) {
    static const double power[6] = {1, 1e1, 1e2, 1e3, 1e4, 1e5};
    uint64_t t = yw_take_varint(c);
    if ((t & 7) < 6) return (double)unzigzag(t >> 3) / power[t & 7];
    const uint8_t *raw = yw_take_bytes(c, 8);
    double v = 0;
    if (!raw || t != 7) {
        c->bad = true;
        return 0;
    }
    uint64_t bits = yw_get_u64(raw);
    memcpy(&v, &bits, sizeof v);
    return v;
}

int yw_packed_compare(const void *a, const void *b) {
    const struct yw_packed *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return yw_source_compare(&x->source, &y->source);
}

bool yw_packed_same_content(const struct yw_packed *a, const struct yw_packed *b) {
    return a->shape == b->shape && a->body_n == b->body_n && memcmp(a->body, b->body, a->body_n) == 0;
}
