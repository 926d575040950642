/* day: the records of one outlet, kind and civil day in memory, and the chunk they are packed into once the
 * day is closed.
 *
 * A chunk, version 1, is one zstd frame (with checksum) over columns. All rows in order of (time, source):
 *   count
 *   times        zigzag of the difference to the row before, the first to the start of the day
 *   arrivals     zigzag of the difference to the row before, the first to its time
 *   journals     varint
 *   positions    zigzag of the difference to the row before
 *   devices      zigzag of the difference to the row before
 *   flags        a byte each
 *   shapes       varint
 *   resends      varint; for each: zigzag of arrival and position against the row's, journal between
 * then for each shape, in order of its number: count of columns; for each column its length in bytes and its
 * tokens. Rows of shape 0 (names stand in the body) lie as length and body in place of columns. */
#ifndef YW_STORE_DAY_H
#define YW_STORE_DAY_H

#include "store/pack.h"

enum { YW_DAY_ROWS_MAX = 200000, YW_DAY_BYTES_MAX = 256 << 20 };

struct yw_day {
    struct yw_packed *rows;
    size_t n, cap;
    struct yw_buf bytes;   /* bodies */
    struct yw_buf sources; /* resends */
    uint8_t *unpacked;     /* a chunk, decompressed */
    size_t unpacked_cap;
    struct ZSTD_DCtx_s *zstd;
};
void yw_day_init(struct yw_day *d);
void yw_day_free(struct yw_day *d);
void yw_day_clear(struct yw_day *d);
/* Copies row with body and resends; false: over a limit or out of memory. Bodies can be read after
 * yw_day_done. */
bool yw_day_add(struct yw_day *d, const struct yw_packed *row);
void yw_day_done(struct yw_day *d, bool sort);

/* Packs the rows (sorted) behind what out holds. day: yw_china_day of all of them. */
enum yw_code yw_chunk_pack(const struct yw_day *d, int32_t day, struct yw_buf *out, struct yw_error *err);
/* Replaces what d holds by the rows of a chunk; outlet and kind are filled in as given. */
enum yw_code yw_chunk_unpack(const void *chunk, size_t n, uint32_t outlet, uint8_t kind, int32_t day,
                             struct yw_day *d, struct yw_error *err);
/* The same without bodies, shapes and resends: what to ask for where only times, sources and flags matter. */
enum yw_code yw_chunk_times(const void *chunk, size_t n, uint32_t outlet, uint8_t kind, int32_t day,
                            struct yw_day *d, struct yw_error *err);
bool yw_day_equal(const struct yw_day *a, const struct yw_day *b);

#endif
