/* Eight characters at a time, held in a 64-bit word with the first character in the lowest byte. Nothing here
 * branches on what the characters are: in a data area that cannot be foreseen. */
#ifndef HJ212_DIGITS_H
#define HJ212_DIGITS_H

#include "internal.h"

#define HJ_ALL(byte) (UINT64_C(0x0101010101010101) * (byte))

static inline bool hj_eight_are_digits(uint64_t v) {
    return (((v + HJ_ALL(0x46)) | (v - HJ_ALL('0'))) & HJ_ALL(0x80)) == 0;
}

static inline uint64_t hj_eight_digits(uint64_t v) { /* as a number */
    v -= HJ_ALL('0');
    v = v * 10 + (v >> 8);
    return ((v & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x000F424000000064) +
            (v >> 16 & UINT64_C(0x000000FF000000FF)) * UINT64_C(0x0000271000000001)) >>
           32;
}

static inline uint64_t hj_points(uint64_t v) { /* the high bit of every byte that is a point */
    uint64_t x = v ^ HJ_ALL('.');
    return ~(((x & HJ_ALL(0x7F)) + HJ_ALL(0x7F)) | x) & HJ_ALL(0x80);
}

/* Is v, n characters (1 to 8) and zeros behind them, a number without sign: digits, at most one point between
 * them? Then it is given: the point is taken out and the digits are shifted to the end. */
static inline bool hj_short_number(uint64_t v, size_t n, hj212_decimal *out) {
    uint64_t points = hj_points(v);
    size_t digits = n;
    out->scale = 0;
    if (points) {
        size_t at = (size_t)__builtin_ctzll(points) / 8;
        uint64_t before =
            (points & -points) - 1; /* all bits below the point's high bit: clear its own seven */
        before >>= 7;
        v = (v & before) | (v >> 8 & ~before);
        out->scale = (uint8_t)(n - 1 - at);
        digits = at > 0 && at + 1 < n ? n - 1 : 9;
    }
    if (digits > 8) return false;
    unsigned shift = 64 - 8 * (unsigned)digits;
    v = v << (shift & 63) | (HJ_ALL('0') & ((UINT64_C(1) << (shift & 63)) - 1));
    if (!hj_eight_are_digits(v)) return false;
    out->mantissa = (int64_t)hj_eight_digits(v);
    return true;
}

/* The same answer without the number. */
static inline bool hj_is_short_number(uint64_t v, size_t n) {
    uint64_t points = hj_points(v), last = UINT64_C(0x80) << (8 * (n - 1));
    uint64_t beyond = ~(last | (last - 1)); /* the bytes behind the text */
    v = (v ^ (points >> 7) * ('.' ^ '0')) | (beyond & HJ_ALL('0'));
    return ((points & (points - 1)) | (points & (last | 0x80))) == 0 && hj_eight_are_digits(v);
}

#endif
