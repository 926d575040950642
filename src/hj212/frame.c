/* Where a frame begins and ends in a stream of bytes.
 *
 * A frame begins with ## and a digit. It ends at the first of these places:
 *   - where LEN says, if a CRC stands there and CR LF follows it or && stands before it;
 *   - at && and four hexadecimal digits, if CR LF, LF, the ## of the next frame or the end of the stream
 * follows. The second rule closes frames whose LEN is wrong. No data area, binary or text, holds such a place
 * by accident.
 *
 * The places are tried from left to right and each is decided by the bytes up to its own end, so what is
 * decided does not depend on how much of the stream has arrived: any split gives the same frames. */
#include "internal.h"

enum { WINDOW_EXTRA = 9 }; /* past the longest segment: CRC, tail, and the start of the next frame */

struct start {
    uint32_t digits, len;
};

/* ## and a digit at b[at]? Unknown while the digits may go on. */
static hj212_status read_start(const uint8_t *b, size_t n, size_t at, bool at_end, struct start *s) {
    for (size_t i = at; i < at + 2; i++) {
        if (i >= n) return at_end ? HJ212_GARBAGE : HJ212_INCOMPLETE;
        if (b[i] != '#') return HJ212_GARBAGE;
    }
    *s = (struct start){0, 0};
    size_t i = at + 2;
    for (; s->digits < 4 && i < n && hj_digit(b[i]); i++, s->digits++) s->len = s->len * 10 + (b[i] - '0');
    if (s->digits < 4 && i == n && !at_end) return HJ212_INCOMPLETE;
    return s->digits ? HJ212_PACKET : HJ212_GARBAGE;
}

/* && before b[crc], and not the one that opens the data area */
static bool closed_by_ampersands(const uint8_t *b, size_t segment, size_t crc) {
    if (crc < segment + 2 || b[crc - 1] != '&' || b[crc - 2] != '&') return false;
    return crc < segment + 5 || memcmp(b + crc - 5, "CP=", 3) != 0;
}

/* Fills in what follows the CRC. Unknown while CR LF may be under way. */
static hj212_status read_tail(const uint8_t *b, size_t n, bool at_end, struct hj_frame *f) {
    size_t at = f->crc + 4u;
    f->end = (uint32_t)at;
    f->tail = false;
    if (at == n) return at_end ? HJ212_PACKET : HJ212_INCOMPLETE;
    if (b[at] == '\n') {
        f->end++;
        return HJ212_PACKET;
    }
    if (b[at] != '\r') return HJ212_PACKET;
    if (at + 1 == n && !at_end) return HJ212_INCOMPLETE;
    f->tail = at + 1 < n && b[at + 1] == '\n';
    f->end += f->tail ? 2 : 1;
    return HJ212_PACKET;
}

static hj212_status close_by_len(const uint8_t *b, size_t n, bool at_end, struct hj_frame *f) {
    size_t at = (size_t)f->segment + f->declared;
    if (f->declared > HJ212_LEN_MAX) return HJ212_GARBAGE;
    for (size_t i = at; i < at + 4; i++) {
        if (i >= n) return at_end ? HJ212_GARBAGE : HJ212_INCOMPLETE;
        if (hj_hex(b[i]) < 0) return HJ212_GARBAGE;
    }
    f->crc = (uint32_t)at;
    hj212_status s = read_tail(b, n, at_end, f);
    if (s != HJ212_PACKET || f->tail || closed_by_ampersands(b, f->segment, at)) return s;
    return HJ212_GARBAGE;
}

/* The first && + CRC + tail whose && begins at `from` or later; returns where its CRC lies, SIZE_MAX if there
 * is none (yet). */
static size_t next_close(const uint8_t *b, size_t n, size_t from, bool at_end) {
    while (from + 6 <= n) {
        const uint8_t *amp = memchr(b + from, '&', n - from);
        if (!amp) break;
        size_t crc = (size_t)(amp - b) + 2;
        from = crc - 1;
        if (crc + 4 > n || amp[1] != '&' || !hj_hex4(b + crc)) continue;
        if (crc >= 5 && memcmp(b + crc - 5, "CP=", 3) == 0) continue;
        size_t tail = crc + 4;
        if (tail < n && b[tail] == '\n') return crc;
        if (tail < n && b[tail] == '\r') {
            if (tail + 1 < n && b[tail + 1] == '\n') return crc;
            tail++;
        }
        if (tail == n && at_end) return crc;
        if (tail + 3 <= n && b[tail] == '#' && b[tail + 1] == '#' && hj_digit(b[tail + 2])) return crc;
    }
    return SIZE_MAX;
}

uint16_t hj_crc_sent(const uint8_t *p) {
    return (uint16_t)(hj_hex(p[0]) << 12 | hj_hex(p[1]) << 8 | hj_hex(p[2]) << 4 | hj_hex(p[3]));
}

/* The first four hexadecimal digits before a CR LF, at `from` or later; SIZE_MAX if there are none (yet). */
static size_t next_crc_line(const uint8_t *b, size_t n, size_t from) {
    for (size_t at = from + 4; at + 2 <= n; at++) {
        const uint8_t *cr = memchr(b + at, '\r', n - at);
        if (!cr) break;
        at = (size_t)(cr - b);
        if (at + 2 <= n && cr[1] == '\n' && hj_hex4(cr - 4)) return at - 4;
    }
    return SIZE_MAX;
}

/* Only the CRC of HJ 212: this is tried for every ## in a flood, and the folded CRC costs next to nothing. */
static bool line_closes(const uint8_t *b, size_t segment, size_t crc) {
    return crc != SIZE_MAX && crc - segment <= HJ212_LEN_MAX &&
           hj_crc_sent(b + crc) == hj212_crc(b + segment, crc - segment);
}

/* A frame that begins at b[0], whatever its CRC says. */
static hj212_status close_frame(const uint8_t *b, size_t n, bool at_end, const struct start *s,
                                struct hj_frame *f) {
    f->digits = s->digits;
    f->declared = s->len;
    f->segment = 2 + s->digits;
    size_t by_len = (size_t)f->segment + f->declared;
    size_t most = (size_t)f->segment + HJ212_LEN_MAX;
    size_t window = most + WINDOW_EXTRA;
    size_t crc = n < window ? next_close(b, n, f->segment, at_end) : next_close(b, window, f->segment, false);
    if (crc > most || crc >= by_len) {
        hj212_status status = close_by_len(b, n, at_end, f);
        if (status != HJ212_GARBAGE) return status;
    }
    size_t line = next_crc_line(b, n < window ? n : window, f->segment);
    if (line < crc && line_closes(b, f->segment, line)) crc = line;
    if (crc <= most) {
        f->crc = (uint32_t)crc;
        return read_tail(b, n, at_end, f);
    }
    return at_end || n >= window ? HJ212_GARBAGE : HJ212_INCOMPLETE;
}

/* A frame that was cut off swallows the good one behind it. Does one begin inside f that ends where f ends?
 */
size_t hj_frame_inside(const uint8_t *b, const struct hj_frame *f) {
    uint16_t sent = hj_crc_sent(b + f->crc);
    bool by_len = f->segment + f->declared == f->crc;
    int tries = 16; /* each costs a CRC */
    size_t at = 1;
    while (at < f->crc) {
        const uint8_t *hash = memchr(b + at, '#', f->crc - at);
        if (!hash) break;
        at = (size_t)(hash - b);
        struct start s;
        if (read_start(b, f->crc, at, true, &s) == HJ212_PACKET) {
            size_t segment = at + 2 + s.digits;
            if (segment + s.len == f->crc && !by_len) return at;
            if (tries-- > 0) {
                size_t n = f->crc - segment;
                if (sent == hj212_crc(b + segment, n) || sent == hj212_crc_modbus(b + segment, n)) return at;
            }
        }
        at++;
    }
    return 0;
}

/* How many bytes from `from` on certainly belong to no frame. One pass, however many ## there are: the next
 * place where a frame can close is looked for only once the candidate has passed it. */
static size_t garbage_until(const uint8_t *b, size_t n, size_t from, bool at_end) {
    size_t close = 0, line = 0;
    bool looked = false;
    for (size_t at = from; at < n; at++) {
        const uint8_t *hash = memchr(b + at, '#', n - at);
        if (!hash) return n;
        at = (size_t)(hash - b);
        struct start s;
        hj212_status status = read_start(b, n, at, at_end, &s);
        if (status == HJ212_INCOMPLETE) return at;
        if (status == HJ212_GARBAGE) continue;
        size_t segment = at + 2 + s.digits;
        struct hj_frame f = {.segment = 0, .declared = s.len};
        if (close_by_len(b + segment, n - segment, at_end, &f) != HJ212_GARBAGE) return at;
        if (!at_end && n - segment < HJ212_LEN_MAX + WINDOW_EXTRA) return at;
        if (!looked || close < segment + 2) close = next_close(b, n, segment, at_end);
        if (!looked || line < segment) line = next_crc_line(b, n, segment);
        looked = true;
        if (close != SIZE_MAX && close - segment <= HJ212_LEN_MAX) return at;
        if (line_closes(b, segment, line)) return at;
    }
    return n;
}

bool hj_frame_by_len(const uint8_t *b, size_t n, struct hj_frame *f) {
    if (n < 12 || b[0] != '#' || b[1] != '#') return false;
    f->declared = 0;
    for (int i = 2; i < 6; i++) {
        if (!hj_digit(b[i])) return false;
        f->declared = f->declared * 10 + (b[i] - '0');
    }
    f->digits = 4;
    f->segment = 6;
    f->crc = 6 + f->declared;
    f->end = f->crc + 6;
    f->tail = true;
    return f->declared <= HJ212_LEN_MAX && f->end <= n && hj_hex4(b + f->crc) && b[f->crc + 4] == '\r' &&
           b[f->crc + 5] == '\n';
}

hj212_status hj_frame_find(const hj212_options *o, const uint8_t *b, size_t n, struct hj_frame *f,
                           size_t *consumed) {
    bool at_end = o && o->at_end;
    if (n == 0) return HJ212_INCOMPLETE;
    struct start s;
    hj212_status status = read_start(b, n, 0, at_end, &s);
    size_t from = 0;
    if (status == HJ212_PACKET) {
        status = close_frame(b, n, at_end, &s, f);
        from = 1;
    }
    if (status == HJ212_GARBAGE) *consumed = garbage_until(b, n, from, at_end);
    return status;
}
