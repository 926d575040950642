/* format: what a journal's segments look like on disk. docs/journal-format.md says the same for people.
 *
 * A segment is a file NNNNNNNN.seg of at most YW_SEGMENT_BYTES: one page of header, then records without a
 * gap, then zeros (preallocated). The record at logical position p of a segment that starts at s lies at byte
 * YW_SEGMENT_HEADER + (p - s). A record never spans two segments; the next segment starts where the last
 * record of the one before ended. Everything is little-endian.
 *
 * A record says its own version, so that a block may hold records of several versions: readers keep one
 * parser per version for ever, the writer writes the newest only. */
#ifndef YW_JOURNAL_FORMAT_H
#define YW_JOURNAL_FORMAT_H

#include "journal/journal.h"

enum {
    YW_SEGMENT_HEADER = 4096, /* a page of its own: writing records never touches the header's sectors */
    YW_SEGMENT_VERSION = 1,
    YW_RECORD_VERSION = 1,
    YW_RECORD_ALIGN = 8,
    YW_RECORD_MOST = (YW_RECORD_HEADER + YW_RECORD_PAYLOAD_MAX + 7) & ~7,
    YW_ID_BYTES = 16,
    YW_NAME_BYTES = 16
};

/* Record, version 1 (YW_RECORD_HEADER bytes, then the payload, then zeros up to a multiple of 8):
 *   0 u64 checksum   XXH3 of bytes 8 to the end of the padding, seeded with the first 8 bytes of the
 * journal's id 8 u32 length     of the payload 12 u8  version    1; 0 means that no record begins here 13 u8
 * direction 14 u8  domain 15 u8  bucket 16 u64 position   its own 24 i64 arrival 32 u64 link 40 u8[16] peer
 * address 56 u16 peer port 58 u16 zero 60 u32 flags 64 u32 register version 68 u32 device 72 u32 key id 76
 * u32 zero
 *
 * In every version to come, checksum, length, version and position stay where they are and the checksum
 * covers the same: so a newer record is told from a damaged one, and any program can step over it. */
_Static_assert(YW_RECORD_HEADER == 80, "the record header is laid out by hand");

/* Bytes of a record with so much payload. */
static inline uint64_t yw_record_bytes(uint32_t payload) {
    return ((uint64_t)YW_RECORD_HEADER + payload + (YW_RECORD_ALIGN - 1)) & ~(uint64_t)(YW_RECORD_ALIGN - 1);
}

/* Writes the record to `to` (yw_record_bytes(record->length) bytes). */
void yw_record_encode(const struct yw_record *record, uint64_t seed, uint8_t *to);

enum yw_parsed {
    YW_PARSED_OK,
    YW_PARSED_SHORT,   /* more bytes are needed: *need in all */
    YW_PARSED_NOTHING, /* no record begins here (zeros) */
    YW_PARSED_VERSION, /* intact, of a version this program does not know */
    YW_PARSED_BAD      /* damaged */
};
/* The record that must stand at `position`. out->payload points into bytes; *need gets the record's whole
 * size. */
enum yw_parsed yw_record_parse(const uint8_t *bytes, size_t n, uint64_t position, uint64_t seed,
                               struct yw_record *out, uint64_t *need);

/* Segment header, version 1:
 *   0 u8[8] magic "YWSEG\r\n\x1a"
 *   8 u32 version
 *  12 u32 header bytes (4096)
 *  16 u8[16] journal id
 *  32 u8[16] journal name, zero-padded
 *  48 u64 number       of the segment, as in the file's name
 *  56 u64 start        position of its first record
 *  64 i64 created      wall clock
 *  72 i64 arrival      of the record before the first, so that an empty segment still keeps arrival from
 * running back 80 u64 checksum     XXH3 of bytes 0 to 80; in every version to come it stays here 88 zeros to
 * 4096 */
struct yw_segment {
    uint64_t number, start;
    int64_t created, arrival;
    uint8_t id[YW_ID_BYTES];
    char name[YW_NAME_BYTES];
};
void yw_segment_encode(const struct yw_segment *segment, uint8_t to[YW_SEGMENT_HEADER]);
/* YW_OK; YW_E_NOT_FOUND: all zeros (prepared, not begun); YW_E_VERSION; YW_E_CORRUPT. */
enum yw_code yw_segment_parse(const uint8_t *bytes, size_t n, struct yw_segment *out);

static inline uint64_t yw_journal_seed(const uint8_t id[YW_ID_BYTES]) {
    return yw_get_u64(id);
}

#endif
