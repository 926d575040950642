/* Building frames, and data areas item by item. */
#include "internal.h"

hj212_span hj212_text(const char *terminated) {
    return (hj212_span){terminated, terminated ? (uint32_t)strlen(terminated) : 0};
}

/* ---- frames ---- */

static const uint8_t hex[] = "0123456789ABCDEF";

struct sink { /* bounded output; sticky failure */
    uint8_t *out;
    size_t size, n;
    bool failed;
};

static void put(struct sink *s, const char *bytes, size_t n) {
    if (s->failed || s->size - s->n < n) {
        s->failed = true;
        return;
    }
    if (n) memcpy(s->out + s->n, bytes, n);
    s->n += n;
}

static void put_field(struct sink *s, const char *name, hj212_span value) {
    if (!value.p) return;
    put(s, name, strlen(name));
    put(s, "=", 1);
    put(s, value.p, value.n);
    put(s, ";", 1);
}

/* The n cipher bytes at `at` become {0xE4,0x3E,...}; what stands behind them moves on. */
static void print_cipher(struct sink *s, size_t at, size_t n) {
    size_t more = 4 * n + 1;
    if (s->size - s->n < more) {
        s->failed = true;
        return;
    }
    uint8_t *p = s->out + at;
    memmove(p + n + more, p + n, s->n - at - n);
    for (size_t i = n; i-- > 0;) { /* from the end, so that no byte is overwritten before its turn */
        uint8_t byte = p[i], *to = p + 1 + 5 * i;
        to[0] = '0', to[1] = 'x', to[2] = hex[byte >> 4], to[3] = hex[byte & 15];
        to[4] = i + 1 < n ? ',' : '}';
    }
    p[0] = '{';
    s->n += more;
}

size_t hj212_encode(const hj212_message *m, void *out, size_t size) {
    struct sink s = {.out = out, .size = size};
    put(&s, "##0000", 6);
    put_field(&s, "QN", m->qn);
    put_field(&s, "ST", m->st);
    put_field(&s, "CN", m->cn);
    put_field(&s, "PW", m->pw);
    put_field(&s, "MN", m->mn);
    put_field(&s, "Flag", m->flag);
    put_field(&s, "PNUM", m->pnum);
    put_field(&s, "PNO", m->pno);
    put_field(&s, "RF", m->rf);
    put(&s, "CP=&&", 5);
    size_t area = s.n;
    if (m->cp.p) put(&s, m->cp.p, m->cp.n);
    put(&s, "&&", 2);
    put(&s, "0000\r\n", 6);
    if (s.failed || s.n - 12 > HJ212_LEN_MAX) return 0;
    size_t len = s.n - 12;
    uint16_t crc = hj212_crc(s.out + 6, len); /* of the plain segment, also where it is encrypted then */
    if (m->key && m->cp.p) {
        size_t full = m->cp.n & ~(size_t)15;
        hj_sm4_area(m->key, true, s.out + area, m->cp.n);
        if (m->printed && full) print_cipher(&s, area, full);
        len = s.n - 12;
        if (s.failed || len > HJ212_LEN_MAX) return 0;
    }
    for (size_t i = 0, v = len; i < 4; i++, v /= 10) s.out[5 - i] = (uint8_t)('0' + v % 10);
    for (size_t i = 0; i < 4; i++) s.out[6 + len + i] = hex[crc >> (12 - 4 * i) & 15];
    return s.n;
}

size_t hj212_encode_ack(const hj212_packet *p, void *out, size_t size) {
    static const char *const flags[] = {"0", "4", "8"}; /* the version bits alone */
    char qn_in_cp[3 + 64] = "QN=";
    hj212_message m = {.st = hj212_text("91"), .cn = hj212_text("9014"), .pw = p->pw, .mn = p->mn};
    m.flag = hj212_text(flags[p->version == 2025 ? 2 : p->version == 2017 ? 1 : 0]);
    if (p->version != 2005) {
        m.qn = p->qn;
    } else if (p->qn.p && p->qn.n <= 64) {
        memcpy(qn_in_cp + 3, p->qn.p, p->qn.n);
        m.cp = (hj212_span){qn_in_cp, 3 + p->qn.n};
    }
    return hj212_encode(&m, out, size);
}

/* ---- data areas ---- */

void hj212_writer_init(hj212_writer *w, char *out, size_t size) {
    *w = (hj212_writer){.out = out, .size = size};
}

static void write_text(hj212_writer *w, const char *text, size_t n) {
    if (w->failed || w->size - w->n < n) {
        w->failed = true;
        return;
    }
    memcpy(w->out + w->n, text, n);
    w->n += n;
}

/* Items of one factor are separated by a comma, everything else by a semicolon. */
static void begin_item(hj212_writer *w, const char *factor, const char *field) {
    bool goes_on = factor && w->factor && strcmp(factor, w->factor) == 0;
    if (w->n) write_text(w, goes_on ? "," : ";", 1);
    if (factor) {
        write_text(w, factor, strlen(factor));
        write_text(w, "-", 1);
    }
    write_text(w, field, strlen(field));
    write_text(w, "=", 1);
    w->factor = factor;
}

void hj212_put(hj212_writer *w, const char *factor, const char *field, const char *value) {
    begin_item(w, factor, field);
    write_text(w, value, strlen(value));
}

void hj212_put_decimal(hj212_writer *w, const char *factor, const char *field, hj212_decimal value) {
    char text[24]; /* sign, 19 digits, point */
    size_t at = sizeof text, digits = 0;
    uint64_t m = value.mantissa < 0 ? ~(uint64_t)value.mantissa + 1 : (uint64_t)value.mantissa;
    if (value.scale > 18) {
        w->failed = true;
        return;
    }
    do {
        if (digits == value.scale && digits) text[--at] = '.';
        text[--at] = (char)('0' + m % 10);
        m /= 10;
        digits++;
    } while (m || digits <= value.scale);
    if (value.mantissa < 0) text[--at] = '-';
    begin_item(w, factor, field);
    write_text(w, text + at, sizeof text - at);
}

hj212_span hj212_written(const hj212_writer *w) {
    return w->failed ? (hj212_span){NULL, 0} : (hj212_span){w->out, (uint32_t)w->n};
}
