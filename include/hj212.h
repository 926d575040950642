/* libhj212: the HJ 212 protocol (HJ/T 212-2005, HJ 212-2017, HJ 212-2025) as pure functions.
 *
 * No allocation, no locale, no sockets, no clock, no globals that change: fit for a host that decodes a
 * million packets a second and for the firmware of a data logger. Depends on the C library's string.h alone.
 *
 * The decoder never refuses what it can read. Whatever deviates from the standard is parsed and reported as a
 * finding: a code, a byte offset, and (hj212_finding_text) a plain sentence. */
#ifndef HJ212_H
#define HJ212_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HJ212_API __attribute__((visibility("default")))
#else
#define HJ212_API
#endif

/* Bytes inside the caller's buffer; absent is p == NULL, empty is p != NULL with n == 0. */
typedef struct {
    const char *p;
    uint32_t n;
} hj212_span;

/* The longest data segment that is read or written. Firmware may build the library and itself with
 * -DHJ212_LEN_LIMIT=1024: decoding then needs two bytes of stack less for each byte of the difference. Longer
 * frames are garbage. */
#ifndef HJ212_LEN_LIMIT
#define HJ212_LEN_LIMIT 9999 /* what four digits can say */
#endif

enum {
    HJ212_LEN_MAX = HJ212_LEN_LIMIT,
    HJ212_LEN_STANDARD = 1024,            /* what the standards allow; more is read, with a finding */
    HJ212_FRAME_MAX = HJ212_LEN_MAX + 12, /* ## + LEN + segment + CRC + CR LF */
    HJ212_FINDINGS_MAX = 24               /* kept per packet; findings_total counts all */
};

/* ---- findings: one table, code name for machines, sentence for people ---- */
#define HJ212_FINDING_TABLE(X)                                                                               \
    /* frame */                                                                                              \
    X(HJ212_F_GARBAGE, "garbage", "bytes between frames that belong to no packet")                           \
    X(HJ212_F_LEN, "len",                                                                                    \
      "LEN does not say where the data segment ends; the frame was closed by its CRC and tail")              \
    X(HJ212_F_LEN_DIGITS, "len_digits", "LEN does not have four digits")                                     \
    X(HJ212_F_LEN_CHARS, "len_chars", "LEN counts characters, not bytes")                                    \
    X(HJ212_F_LEN_OVER, "len_over", "the data segment is longer than 1024 bytes")                            \
    X(HJ212_F_TAIL, "tail", "CR LF is missing or incomplete at the end of the frame")                        \
    X(HJ212_F_CRC, "crc", "the CRC does not match")                                                          \
    X(HJ212_F_CRC_MODBUS, "crc_modbus", "the CRC is the ordinary Modbus CRC-16, not the one of HJ 212")      \
    X(HJ212_F_CRC_CASE, "crc_case", "the CRC is printed in lower case")                                      \
    X(HJ212_F_CRC_SWAPPED, "crc_swapped", "the two bytes of the CRC are swapped")                            \
    X(HJ212_F_ENCRYPTED, "encrypted", "the data area is encrypted and no key that fits was given")           \
    X(HJ212_F_CIPHER_TEXT, "cipher_text", "the encrypted data area is printed as {0x..} text, not sent raw") \
    /* header */                                                                                             \
    X(HJ212_F_FIELD_ORDER, "field_order",                                                                    \
      "header fields are not in the order QN ST CN PW MN Flag PNUM PNO RF CP")                               \
    X(HJ212_F_FIELD_DOUBLE, "field_double", "a header field appears twice; the first one counts")            \
    X(HJ212_F_FIELD_UNKNOWN, "field_unknown", "a header field that no version knows")                        \
    X(HJ212_F_NAME_CASE, "name_case", "the name of a header field is not written in the standard's case")    \
    X(HJ212_F_SEPARATOR, "separator", "a separator is missing or the wrong one was used")                    \
    X(HJ212_F_QN_MISSING, "qn_missing", "QN is missing")                                                     \
    X(HJ212_F_QN, "qn", "QN is not a date and time of 17 digits")                                            \
    X(HJ212_F_ST_MISSING, "st_missing", "ST is missing")                                                     \
    X(HJ212_F_ST, "st", "ST is not two characters of 0-9 A-Z")                                               \
    X(HJ212_F_ST_REPLY, "st_reply", "a reply (9011 to 9014) that does not carry ST=91")                      \
    X(HJ212_F_CN_MISSING, "cn_missing", "CN is missing")                                                     \
    X(HJ212_F_CN, "cn", "CN is not four digits")                                                             \
    X(HJ212_F_CN_UNKNOWN, "cn_unknown", "CN is not a command of any version")                                \
    X(HJ212_F_PW_MISSING, "pw_missing", "PW is missing")                                                     \
    X(HJ212_F_PW, "pw", "PW is not six characters")                                                          \
    X(HJ212_F_MN_MISSING, "mn_missing", "MN is missing")                                                     \
    X(HJ212_F_MN, "mn", "MN does not have the form of its version")                                          \
    X(HJ212_F_FLAG_MISSING, "flag_missing", "Flag is missing; the version was told by the shape")            \
    X(HJ212_F_FLAG, "flag", "Flag is not a number of 0 to 255")                                              \
    X(HJ212_F_FLAG_VERSION, "flag_version", "the version bits of Flag name no known version")                \
    X(HJ212_F_PNUM_MISSING, "pnum_missing", "Flag says the packet is split, but PNUM or PNO is missing")     \
    X(HJ212_F_PNUM_EXTRA, "pnum_extra", "PNUM or PNO is present although Flag says the packet is not split") \
    X(HJ212_F_PNUM, "pnum", "PNUM and PNO are not plain numbers with 1 <= PNO <= PNUM, or PNUM is 1")        \
    X(HJ212_F_RF, "rf", "RF is present and is not 1, or the version does not know it")                       \
    X(HJ212_F_CP_MISSING, "cp_missing", "CP=&&...&& is missing or not closed")                               \
    X(HJ212_F_CP_LONG, "cp_long", "the data area is longer than 950 bytes")                                  \
    /* data area */                                                                                          \
    X(HJ212_F_BLANK, "blank", "blanks around a name or value")                                               \
    X(HJ212_F_ITEM_EMPTY, "item_empty", "an empty item between separators")                                  \
    X(HJ212_F_ITEM_SYNTAX, "item_syntax", "an item is not name=value")                                       \
    X(HJ212_F_ITEM_DOUBLE, "item_double", "the same name appears twice")                                     \
    X(HJ212_F_FIELD_NAME, "field_name", "a field name that no version knows")                                \
    X(HJ212_F_FACTOR_CODE, "factor_code", "a factor code that does not have the form of its version")        \
    X(HJ212_F_FLAG_BARE, "flag_bare", "Flag stands without the factor it belongs to")                        \
    X(HJ212_F_DATE, "date", "a date or time that does not exist or has the wrong form")                      \
    X(HJ212_F_DATE_MILLIS, "date_millis", "a date of 14 digits was sent with milliseconds")                  \
    X(HJ212_F_DATATIME_MISSING, "datatime_missing", "a data upload without DataTime")                        \
    X(HJ212_F_NUMBER, "number", "a value that is not a number")                                              \
    X(HJ212_F_MARK, "mark", "a data mark that is not known")                                                 \
    X(HJ212_F_RANGE, "range", "a parameter outside the range the standard allows")                           \
    X(HJ212_F_NOT_UTF8, "not_utf8", "text that is not UTF-8 (read as GBK)")                                  \
    X(HJ212_F_CONTROL, "control", "control characters inside the data segment")

typedef enum {
#define X(name, code, text) name,
    HJ212_FINDING_TABLE(X)
#undef X
        HJ212_F_COUNT
} hj212_finding_code;

typedef struct {
    uint16_t code;   /* hj212_finding_code */
    uint32_t offset; /* bytes from the frame's first byte */
} hj212_finding;

HJ212_API const char *hj212_finding_name(int code); /* "crc_modbus" */
HJ212_API const char *hj212_finding_text(int code); /* the plain sentence */
/* False for what the standards leave open to extension (new commands, field names, codes, marks). */
HJ212_API bool hj212_finding_is_offence(int code);

/* ---- decoding a stream ---- */

typedef enum {
    HJ212_PACKET,     /* a frame was closed; packet->ok tells whether it may be believed */
    HJ212_INCOMPLETE, /* consumed == 0; come again with at least `needed` bytes in all */
    HJ212_GARBAGE     /* `consumed` bytes belong to no frame; pass over them */
} hj212_status;

typedef struct {
    hj212_status status;
    size_t consumed; /* bytes to take off the front of the stream */
    size_t needed;   /* with HJ212_INCOMPLETE: bytes wanted in all, counted from the front */
} hj212_result;

typedef struct hj212_packet {
    const char *frame;                                  /* first byte '#' */
    size_t frame_len;                                   /* whole frame as sent */
    hj212_span segment;                                 /* data segment as sent */
    hj212_span qn, st, cn, pw, mn, flag, pnum, pno, rf; /* exactly as sent; absent: p == NULL */
    hj212_span cp;           /* between CP=&& and && ; points into options->plain where it was decrypted */
    bool ok;                 /* CRC matches and the frame is closed */
    bool crc_modbus;         /* the CRC is the ordinary Modbus one */
    bool decrypted;          /* cp was SM4 and is plain now */
    bool wants_ack;          /* bit 0 of Flag */
    bool is_split;           /* PNUM present */
    bool backfilled;         /* RF=1 */
    uint16_t version;        /* 2005, 2017 or 2025 */
    uint16_t command;        /* CN as number, 0 if it is none */
    int16_t flag_value;      /* -1 if absent or no number */
    uint16_t crc_sent;       /* as printed in the frame */
    uint16_t crc_want;       /* HJ 212 CRC of the (plain) segment */
    uint16_t findings_total; /* all; the first HJ212_FINDINGS_MAX are kept */
    hj212_finding findings[HJ212_FINDINGS_MAX];
} hj212_packet;

typedef struct {
    const uint8_t *keys; /* SM4 keys to try, 16 bytes each; NULL: none */
    size_t key_count;
    char *plain;      /* scratch of HJ212_FRAME_MAX bytes for the decrypted segment; needed with keys */
    bool strict;      /* findings that make a device fail a conformance test also make ok false */
    bool header_only; /* leave the data area unchecked (syntax, dates, numbers); twice as fast */
    bool at_end;      /* no more bytes will come: close what can be closed (file reading, closed link) */
} hj212_options;

/* A frame whose CR LF has not come stays HJ212_INCOMPLETE, since the CR LF may be under way. A host that
 * answers such devices calls again with at_end once the link has been quiet, and uses the result only if it
 * is HJ212_PACKET.
 *
 * Looks at the front of [bytes, bytes + n). Never reads past n, never writes outside out and options->plain.
 * options may be NULL. Safe with any input; the same input in any split gives the same packets. */
HJ212_API hj212_result hj212_decode(const hj212_options *options, const void *bytes, size_t n,
                                    hj212_packet *out);

/* ---- the data area ---- */

typedef struct {
    hj212_span code;  /* "a21026" of "a21026-Rtd"; absent for items without a factor (DataTime) */
    hj212_span field; /* "Rtd", or the whole name where there is no factor */
    hj212_span value; /* blanks trimmed */
    uint32_t offset;  /* of the name, from the first byte of cp */
} hj212_item;

typedef struct {
    const char *at, *end, *begin;
} hj212_iterator;

HJ212_API void hj212_items(hj212_iterator *it, hj212_span cp);
HJ212_API bool hj212_next(hj212_iterator *it, hj212_item *out); /* false after the last */
/* First item with this field and no factor ("DataTime"); absent span if there is none. */
HJ212_API hj212_span hj212_cp_field(hj212_span cp, const char *field);

/* An exact decimal: mantissa * 10^-scale, scale 0 to 18, digits as sent ("12.30" is 1230 and 2). */
typedef struct {
    int64_t mantissa;
    uint8_t scale;
} hj212_decimal;

typedef enum {
    HJ212_V_TEXT,
    HJ212_V_NUMBER, /* decimal */
    HJ212_V_TIME    /* time_us */
} hj212_value_kind;

typedef enum { /* what a field means; everything else is HJ212_FIELD_OTHER and keeps its name */
               HJ212_FIELD_OTHER,
               HJ212_FIELD_RTD,
               HJ212_FIELD_MIN,
               HJ212_FIELD_AVG,
               HJ212_FIELD_MAX,
               HJ212_FIELD_COU,
               HJ212_FIELD_ZSRTD,
               HJ212_FIELD_ZSMIN,
               HJ212_FIELD_ZSAVG,
               HJ212_FIELD_ZSMAX,
               HJ212_FIELD_FLAG,
               HJ212_FIELD_EFLAG,
               HJ212_FIELD_SAMPLETIME,
               HJ212_FIELD_RS,
               HJ212_FIELD_RT,
               HJ212_FIELD_DATA,
               HJ212_FIELD_DAYDATA,
               HJ212_FIELD_NIGHTDATA,
               HJ212_FIELD_INFO,
               HJ212_FIELD_SN,
               HJ212_FIELD_COUNT
} hj212_field;

typedef struct {
    hj212_item item;
    hj212_field field;
    hj212_value_kind kind;
    hj212_decimal number; /* kind NUMBER */
    int64_t time_us;      /* kind TIME: microseconds since 1970 UTC (sent as UTC+8) */
} hj212_value;

/* All items of the data area, typed, in order of appearance; returns how many there are (out gets at most
 * max). */
HJ212_API size_t hj212_values(hj212_span cp, hj212_value *out, size_t max);

HJ212_API hj212_field hj212_field_of(hj212_span name);     /* exact case */
HJ212_API const char *hj212_field_name(hj212_field field); /* "Rtd" */
HJ212_API bool hj212_parse_decimal(hj212_span text,
                                   hj212_decimal *out); /* [+-]digits[.digits], at most 18 digits */
/* 14 or 17 digits of civil time in UTC+8 -> microseconds since 1970 UTC. */
HJ212_API bool hj212_parse_time(hj212_span text, int64_t *out_us);
/* Microseconds since 1970 UTC -> 14 or 17 digits (not terminated). */
HJ212_API void hj212_print_time(int64_t time_us, bool millis, char *out);
/* DataTime of the packet, false if absent or not a date. */
HJ212_API bool hj212_data_time(const hj212_packet *p, int64_t *out_us);

/* ---- encoding ---- */

typedef struct { /* absent spans are left out; cp is the data area without &&. */
    hj212_span qn, st, cn, pw, mn, flag, pnum, pno, rf, cp;
    const uint8_t *key; /* 16 bytes: encrypt the data area (SM4-ECB, remainder plain); NULL: plain */
    bool printed; /* the cipher as {0xE4,0x3E,...} text, as some receivers want it; five times as long */
} hj212_message;

/* Writes a whole frame; returns its length, 0 if it does not fit into size or the segment is over 9999 bytes.
 * LEN counts what is sent, the CRC is that of the plain segment. */
HJ212_API size_t hj212_encode(const hj212_message *m, void *out, size_t size);
/* The 9014 that answers a packet: same QN, PW, MN, ST=91, Flag = version bits only. For 2005 the QN stands in
 * CP. */
HJ212_API size_t hj212_encode_ack(const hj212_packet *p, void *out, size_t size);

/* A writer for data areas, for firmware: appends name=value items with the right separators, never past size.
 */
typedef struct {
    char *out;
    size_t size, n;
    bool failed;
    const char *factor; /* the factor of the item before, to choose , or ; */
} hj212_writer;
HJ212_API void hj212_writer_init(hj212_writer *w, char *out, size_t size);
HJ212_API void hj212_put(hj212_writer *w, const char *factor, const char *field,
                         const char *value); /* factor may be NULL */
HJ212_API void hj212_put_decimal(hj212_writer *w, const char *factor, const char *field, hj212_decimal value);
HJ212_API hj212_span hj212_written(const hj212_writer *w); /* absent if it failed */

/* ---- pieces ---- */

HJ212_API hj212_span hj212_text(const char *terminated);   /* NULL gives an absent span */
HJ212_API uint16_t hj212_crc(const void *bytes, size_t n); /* the CRC of HJ 212 */
HJ212_API uint16_t hj212_crc_portable(const void *bytes,
                                      size_t n); /* the same, byte by byte as the standard has it */
HJ212_API uint16_t hj212_crc_modbus(const void *bytes, size_t n);
HJ212_API void hj212_sm4(const uint8_t key[16], bool encrypt, const uint8_t in[16], uint8_t out[16]);
/* "avx512", "avx2", "neon" or "portable" (how separators are found): what run-time dispatch chose; hj212_use
 * forces one (tests, bench).
 */
HJ212_API const char *hj212_engine(void);
HJ212_API bool hj212_use(const char *engine);

#ifdef __cplusplus
}
#endif
#endif
