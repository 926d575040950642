/* The encrypted data area of HJ 212-2025: SM4 over full blocks of 16 bytes, a shorter remainder stays plain,
 * the CRC is that of the plain segment. Some devices send the cipher as the standard prints it:
 * {0xE4,0x3E,...}. */
#include "items.h"

bool hj_area_find(const uint8_t *seg, uint32_t n, struct hj_area *a) {
    for (uint32_t at = 0; at + 5 <= n; at++) {
        const uint8_t *c = memchr(seg + at, 'C', n - at);
        if (!c) return false;
        at = (uint32_t)(c - seg);
        if (n - at < 5 || memcmp(c, "CP=&&", 5) != 0) continue;
        a->from = at + 5;
        bool closed = n - a->from >= 2 && seg[n - 1] == '&' && seg[n - 2] == '&';
        a->to = closed ? n - 2 : n;
        return true;
    }
    return false;
}

bool hj_area_is_cipher_text(const uint8_t *area, uint32_t n) {
    return n >= 3 && area[0] == '{' && area[1] == '0' && (area[2] == 'x' || area[2] == 'X');
}

static bool name_char(uint8_t c) {
    return c > ' ' && c < 0x7F;
}

/* Does the area begin with a readable name and = ? */
static bool begins_like_text(const uint8_t *area, uint32_t n) {
    uint32_t i = 0;
    while (i < n && hj_blank(area[i])) i++;
    uint32_t from = i;
    while (i < n && name_char(area[i]) && area[i] != '=' && area[i] != ';' && area[i] != ',') i++;
    return i < n && i > from && area[i] == '=';
}

/* Told by look, since nothing in the packet says so. Of random bytes 63 in 100 are not printable ASCII and 13
 * are control characters; text in Chinese has many of the first kind, but begins with a readable name or is
 * valid UTF-8. */
bool hj_area_is_cipher(const uint8_t *area, uint32_t n, bool crc_good) {
    uint32_t full = n & ~15U, strange = 0, controls = 0;
    if (full == 0) return false;
    for (uint32_t i = 0; i < full; i++) {
        controls += area[i] < 0x20 || area[i] == 0x7F;
        strange += area[i] < 0x20 || area[i] >= 0x7F;
    }
    if (strange * 4 >= full && !begins_like_text(area, n)) return controls > 0 || hj_utf8_valid(area, n) < n;
    return !crc_good && controls * 16 >= full && controls > 1;
}

/* {0xE4,0x3E,...} and a remainder -> bytes; the length, or UINT32_MAX if it is something else. */
static uint32_t read_cipher_text(const uint8_t *in, uint32_t n, uint8_t *out) {
    uint32_t i = 1, count = 0;
    for (;;) {
        while (i < n && (hj_blank(in[i]) || in[i] == ',')) i++;
        if (i < n && in[i] == '}') break;
        if (n - i < 4 || in[i] != '0' || (in[i + 1] | 0x20) != 'x' ||
            (hj_hex(in[i + 2]) | hj_hex(in[i + 3])) < 0)
            return UINT32_MAX;
        out[count++] = (uint8_t)(hj_hex(in[i + 2]) << 4 | hj_hex(in[i + 3]));
        i += 4;
    }
    memcpy(out + count, in + i + 1, n - i - 1);
    return count + n - i - 1;
}

static bool has_control(const uint8_t *p, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (p[i] < 0x20 || p[i] == 0x7F) return true;
    return false;
}

/* CRC alone would accept one wrong key in 256. */
static bool reads_as_items(const uint8_t *area, uint32_t n) {
    struct hj_cursor cursor = {0};
    struct hj_item item;
    if (has_control(area, n)) return false;
    while (hj_item_scan(area, n, &cursor, &item)) {
        if (!item.has_value) {
            if (item.name != item.name_end) return false;
            continue;
        }
        if (item.name == item.name_end) return false;
        for (size_t i = item.name; i < item.name_end; i++)
            if (!name_char(area[i])) return false;
    }
    return true;
}

uint32_t hj_decrypt(const hj212_options *o, const uint8_t *seg, uint32_t n, struct hj_area a, uint16_t sent) {
    uint8_t *plain = (uint8_t *)o->plain;
    uint32_t area = a.to - a.from, rest = n - a.to;
    for (size_t k = 0; k < o->key_count; k++) {
        memcpy(plain, seg, a.from);
        uint32_t got = area;
        if (hj_area_is_cipher_text(seg + a.from, area))
            got = read_cipher_text(seg + a.from, area, plain + a.from);
        else
            memcpy(plain + a.from, seg + a.from, area);
        if (got == UINT32_MAX) return 0;
        uint8_t first[16]; /* tells most wrong keys without the rest */
        if (got >= 16) hj212_sm4(o->keys + 16 * k, false, plain + a.from, first);
        if (got >= 16 && has_control(first, 16)) continue;
        hj_sm4_area(o->keys + 16 * k, false, plain + a.from, got);
        memcpy(plain + a.from + got, seg + a.to, rest);
        uint32_t total = a.from + got + rest;
        if (!reads_as_items(plain + a.from, got)) continue;
        if (hj212_crc(plain, total) == sent || hj212_crc_modbus(plain, total) == sent) return total;
    }
    return 0;
}
