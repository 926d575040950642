/* What the files of libhj212 share. Nothing here is exported. */
#ifndef HJ212_INTERNAL_H
#define HJ212_INTERNAL_H

#include <string.h>

#include "hj212.h"

/* ---- the index: where the separators of a text lie ---- */

struct hj_index {
    uint32_t count;
    bool odd;   /* there are bytes outside printable ASCII, or # or { */
    bool loose; /* there are blanks or /: items may need trimming, values may be log text */
    uint16_t delim[HJ212_LEN_MAX + 65]; /* places of ; , = in order; behind them the text's length */
};

typedef void hj_index_fn(const uint8_t *p, uint32_t n, struct hj_index *out);
hj_index_fn hj_index_portable, hj_index_avx2, hj_index_avx512, hj_index_neon;
hj_index_fn *hj_index_best(void); /* what run-time dispatch chose */

/* Appends the places of the bits set in `bits`. Eight are written at a time, whether there are as many or
 * not: that costs less than a loop whose length the processor cannot foresee. */
static inline uint32_t hj_flatten(uint16_t *to, uint32_t count, uint32_t base, uint64_t bits) {
    uint32_t n = (uint32_t)__builtin_popcountll(bits);
    uint16_t *at = to + count;
    for (uint32_t done = 0; done < n; done += 8)
        for (uint32_t i = 0; i < 8; i++) {
            *at++ = (uint16_t)(base + (uint32_t)__builtin_ctzll(bits | UINT64_C(1) << 63));
            bits &= bits - 1;
        }
    return count + n;
}

/* ---- bytes ---- */

static inline bool hj_digit(uint8_t c) {
    return c >= '0' && c <= '9';
}
static inline int hj_hex(uint8_t c) { /* value of a hexadecimal digit, -1 if it is none */
    return hj_digit(c)            ? c - '0'
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
                                  : -1;
}
static inline bool hj_hex4(const uint8_t *p) {
    return (hj_hex(p[0]) | hj_hex(p[1]) | hj_hex(p[2]) | hj_hex(p[3])) >= 0;
}
static inline bool hj_blank(uint8_t c) {
    return c == ' ' || c == '\t';
}
/* The first n (at most 8) bytes at p as a number, little end first; never reads from `end` on. */
static inline uint64_t hj_load(const uint8_t *p, size_t n, const uint8_t *end) {
    static const uint64_t mask[] = {
        0, 0xFF, 0xFFFF, 0xFFFFFF, 0xFFFFFFFF, 0xFFFFFFFFFF, 0xFFFFFFFFFFFF, 0xFFFFFFFFFFFFFF, UINT64_MAX};
    uint64_t v = 0;
    if (n > 8) n = 8;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
    if (end - p >= 8) {
        memcpy(&v, p, 8);
        return v & mask[n];
    }
#endif
    for (size_t i = 0; i < n && p + i < end; i++) v |= (uint64_t)p[i] << (8 * i);
    return v;
}
static inline hj212_span hj_span(const uint8_t *p, const uint8_t *end) {
    return (hj212_span){(const char *)p, (uint32_t)(end - p)};
}

/* ---- fields.c: every field name the standards know ---- */

enum hj_rule { /* what a value of the field has to be */
               HJ_TEXT,
               HJ_OPEN, /* a number or text, as the device likes */
               HJ_NUMBER,
               HJ_INTEGER,  /* lo <= value <= hi */
               HJ_HOURS,    /* a decimal number, lo <= value <= hi */
               HJ_RETURN,   /* lo <= value <= hi, or 100 */
               HJ_INTERVAL, /* minutes that divide the hour as the standard lists them */
               HJ_MARK,
               HJ_DATE,   /* YYYYMMDDhhmmss */
               HJ_MOMENT, /* YYYYMMDDhhmmsszzz */
               HJ_CLOCK,  /* hhmmss */
               HJ_SHORT,  /* at most hi characters */
               HJ_EXACT   /* exactly hi characters */
};

struct hj_field {
    uint64_t key; /* first eight characters */
    const char *name;
    uint8_t n, rule;
    uint8_t place;  /* HJ_OF_FACTOR, HJ_OF_PACKET, HJ_OF_DATA */
    uint8_t number; /* 1..63, 0: unknown */
    uint8_t known;  /* hj212_field */
    uint16_t lo, hi;
    bool may_repeat;
    bool numeric; /* its values are told as numbers if they are some */
};
enum { HJ_OF_FACTOR = 1, HJ_OF_PACKET = 2, HJ_OF_DATA = 4 /* tells the time that data belong to */ };

enum { HJ_SLOT_BITS = 8 };
#define HJ_FIELD_HASH(key) (((key)*UINT64_C(0x6ca5163743435947)) >> (64 - HJ_SLOT_BITS))
extern const struct hj_field hj_fields[1 << HJ_SLOT_BITS];
const struct hj_field *hj_field_unusual(const uint8_t *name, size_t n);

/* The field of this name, or an entry with number 0 and place 0 that stands for every unknown name. */
static inline const struct hj_field *hj_field_find(const uint8_t *name, size_t n, const uint8_t *end) {
    uint64_t key = hj_load(name, n, end);
    const struct hj_field *f = &hj_fields[HJ_FIELD_HASH(key)];
    if (f->n == n && f->key == key && n && (n <= 8 || memcmp(f->name, name, n) == 0)) return f;
    return hj_field_unusual(name, n);
}

/* ---- values.c ---- */
bool hj_decimal(const uint8_t *p, size_t n, const uint8_t *end, hj212_decimal *out);
bool hj_date(const uint8_t *p, size_t n, int64_t *out_us); /* 14 or 17 digits */

/* ---- text.c ---- */
size_t hj_utf8_valid(const uint8_t *p, size_t n); /* length of the valid beginning */
size_t hj_utf8_count(const uint8_t *p, size_t n); /* characters */
size_t hj_gbk_count(const uint8_t *p, size_t n);  /* characters if every high byte leads a pair */

/* ---- frame.c ---- */

struct hj_frame {
    uint32_t digits;            /* of LEN */
    uint32_t declared;          /* LEN */
    uint32_t segment, crc, end; /* offsets of the data segment, of the CRC and past the tail */
    bool tail;                  /* ends with CR LF */
};
uint16_t hj_crc_sent(const uint8_t *four_digits);
/* Offset of a good frame that begins inside f and ends where f ends, 0 if there is none. */
size_t hj_frame_inside(const uint8_t *b, const struct hj_frame *f);
/* The usual case: a whole frame with four digits of LEN, a CRC where LEN says, and CR LF. It still has to be
 * shown that no earlier end hides in the segment. */
bool hj_frame_by_len(const uint8_t *b, size_t n, struct hj_frame *f);
hj212_status hj_frame_find(const hj212_options *o, const uint8_t *b, size_t n, struct hj_frame *f,
                           size_t *consumed);

/* ---- cipher.c ---- */

struct hj_area {       /* a data segment whose CP=&& was found */
    uint32_t from, to; /* the data area */
};
bool hj_area_find(const uint8_t *seg, uint32_t n, struct hj_area *a);
bool hj_area_is_cipher(const uint8_t *area, uint32_t n, bool crc_good);
bool hj_area_is_cipher_text(const uint8_t *area, uint32_t n);
/* Tries the keys; on success the plain segment stands in o->plain and its length is returned, else 0. */
uint32_t hj_decrypt(const hj212_options *o, const uint8_t *seg, uint32_t n, struct hj_area a, uint16_t sent);
/* sm4.c: full blocks; what remains stays as it is */
void hj_sm4_area(const uint8_t key[16], bool encrypt, uint8_t *area, size_t n);

/* ---- checking ---- */

struct hj_check { /* a packet on its way through the checks */
    hj212_packet *out;
    uint64_t seen; /* findings reported so far, one bit a code */
    bool offence;
    bool has_area;       /* there is a CP= */
    const uint8_t *text; /* plain segment */
    uint32_t n;          /* its length */
    uint32_t at;         /* offset of the segment in the frame */
    uint32_t fold;       /* positions past this one are reported as this one (cipher printed as text) */
    struct hj_index *ix; /* of the plain segment */
    uint32_t cp, cp_end; /* data area inside the text */
    uint32_t cp_delim;   /* index of the first separator in it */
};

void hj_note(struct hj_check *c, hj212_finding_code code, uint32_t frame_offset);
static inline void hj_note_at(struct hj_check *c, hj212_finding_code code, size_t text_offset) {
    hj_note(c, code, c->at + (text_offset < c->fold ? (uint32_t)text_offset : c->fold));
}
/* header.c: splits the header, tells the version, checks the fields */
void hj_header(struct hj_check *c, bool area_readable);
/* area.c: items, values, dates, ranges */
void hj_check_area(struct hj_check *c);

/* ---- commands.c ---- */
bool hj_command_known(uint32_t cn);
bool hj_command_is_2025(uint32_t cn); /* a command that only 2025 has */
bool hj_code_is_2017(const uint8_t *p, size_t n);
bool hj_code_fits(uint16_t version, const uint8_t *p, size_t n);
bool hj_mark_known(uint16_t version, const uint8_t *p, size_t n);

#endif
