/* How a device speaks: PW, ST, version, the CRC's kind and case, the coding of text. */
#include "gateway/dialect.h"

#include <string.h>

static bool keep(char *to, size_t size, uint8_t *n, hj212_span s) {
    if (s.n >= size) return false;
    if (s.n > 0) memcpy(to, s.p, s.n);
    to[s.n] = 0;
    *n = (uint8_t)s.n;
    return true;
}

static bool same(const char *kept, uint8_t n, hj212_span s) {
    return s.n == n && (n == 0 || memcmp(kept, s.p, n) == 0);
}

static bool has(const hj212_packet *p, hj212_finding_code code) {
    uint16_t n = p->findings_total < HJ212_FINDINGS_MAX ? p->findings_total : HJ212_FINDINGS_MAX;
    for (uint16_t i = 0; i < n; i++) {
        if (p->findings[i].code == code) return true;
    }
    return false;
}

void dialect_password(struct dialect *d, hj212_span pw) {
    keep(d->pw, sizeof d->pw, &d->pw_n, pw);
}

/* A CRC of digits alone says nothing about the case. */
static bool has_letter(const hj212_packet *p) {
    const char *crc = p->segment.p + p->segment.n;
    for (int i = 0; i < 4; i++) {
        if (crc[i] > '9') return true;
    }
    return false;
}

/* Text comes with device information alone; the other packets are not searched for it. */
static void learn_coding(struct dialect *d, const hj212_packet *p) {
    hj212_packet whole;
    const hj212_options options = {.at_end = true};
    bool ascii = true;
    for (uint32_t i = 0; i < p->segment.n && ascii; i++) ascii = (uint8_t)p->segment.p[i] < 0x80;
    if (ascii || hj212_decode(&options, p->frame, p->frame_len, &whole).status != HJ212_PACKET) return;
    if (!has(&whole, HJ212_F_ENCRYPTED)) d->gbk = has(&whole, HJ212_F_NOT_UTF8);
}

bool dialect_side_system(const char *st, size_t n) {
    return n == 2 && (memcmp(st, "44", 2) == 0 || memcmp(st, "45", 2) == 0 || memcmp(st, "51", 2) == 0 ||
                      memcmp(st, "52", 2) == 0);
}

/* The system of a reply is 91, that of a heartbeat nobody's: only other packets tell the device's own. */
void dialect_learn(struct dialect *d, const hj212_packet *p) {
    if (!same(d->pw, d->pw_n, p->pw)) keep(d->pw, sizeof d->pw, &d->pw_n, p->pw);
    if (p->command < 9000 && !same(d->st, d->st_n, p->st) && !dialect_side_system(p->st.p, p->st.n))
        keep(d->st, sizeof d->st, &d->st_n, p->st);
    d->version = p->version;
    d->modbus = p->crc_modbus;
    if (p->findings_total > 0 && has(p, HJ212_F_CRC_CASE)) {
        d->lower = true;
    } else if (d->lower && has_letter(p)) {
        d->lower = false;
    }
    if (p->decrypted) d->printed = has(p, HJ212_F_CIPHER_TEXT);
    if (p->command == 3020 || p->command == 1001) learn_coding(d, p);
}

struct dialect_crc dialect_crc(const struct dialect *d, const struct yw_snap_device *row) {
    struct dialect_crc c = {.modbus = d->modbus, .lower = d->lower};
    if (row != NULL && row->pin_crc != 0) c.modbus = row->pin_crc == 2;
    if (row != NULL && row->pin_case != 0) c.lower = row->pin_case == 2;
    return c;
}

void dialect_put_crc(struct dialect_crc c, const char *plain, char *frame, size_t n) {
    enum { FRONT = 6, BACK = 6 }; /* "##0000" and four digits of CRC with CR LF */
    if ((!c.modbus && !c.lower) || n < FRONT + BACK) return;
    size_t segment = n - FRONT - BACK, before = 0; /* before: bytes of the plain segment, as its LEN says */
    for (int i = 2; i < FRONT; i++) before = before * 10 + (size_t)(plain[i] - '0');
    uint16_t crc = c.modbus ? hj212_crc_modbus(plain + FRONT, before) : hj212_crc(plain + FRONT, before);
    const char *digits = c.lower ? "0123456789abcdef" : "0123456789ABCDEF";
    for (size_t i = 0; i < 4; i++) frame[FRONT + segment + i] = digits[crc >> (12 - 4 * i) & 15];
}
