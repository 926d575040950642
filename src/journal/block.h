/* block: files of sealed blocks. docs/journal-format.md says the same for people. Internal to journal/.
 *
 * A block file is named by the position at which its first block begins, twenty digits and ".blk", and holds
 * up to YW_BLOCKS_PER_FILE blocks or YW_BLOCK_FILE_BYTES, one behind the other. So a year is some thousand
 * files, any position is found by names alone and a short hop over headers, a lost tail costs one block
 * (whose segment still exists, since segments go only after the block was synced), and there is no catalogue
 * that could disagree with the files. */
#ifndef YW_JOURNAL_BLOCK_H
#define YW_JOURNAL_BLOCK_H

#include "journal/window.h"

enum {
    YW_BLOCK_VERSION = 1,
    YW_BLOCK_FILE_HEADER = 128,
    YW_BLOCK_HEADER = 192,
    YW_BLOCK_FRAME_ENTRY = 8,
    YW_BLOCKS_PER_FILE = 1024,
    YW_BLOCK_FILE_BYTES = 64 << 20,
    YW_BLOCK_RAW_MOST =
        YW_BLOCK_BYTES + YW_RECORD_MOST, /* a record over YW_BLOCK_BYTES is a block of its own */
    YW_BLOCK_FRAMES_MOST = YW_BLOCK_RAW_MOST / YW_RECORD_HEADER,
    YW_BLOCK_DESCRIPTION = 128,
    YW_BLOCK_CODEC_ZSTD = 1
};

/* File header, version 1:
 *   0 u8[8] magic "YWBLK\r\n\x1a"     8 u32 version        12 u32 header bytes (128)
 *  16 u8[16] journal id              32 u8[16] journal name
 *  48 u64 number of the first block  56 u64 its first position
 *  64 u8[32] hash of the description of the block before (zeros for the first block of the journal)
 *  96 u64 checksum: XXH3 of bytes 0 to 96                104 zeros to 128 */
struct yw_block_file {
    uint8_t id[YW_ID_BYTES];
    char name[YW_NAME_BYTES];
    uint64_t number, from;
    uint8_t before[32];
};
void yw_block_file_encode(const struct yw_block_file *f, uint8_t to[YW_BLOCK_FILE_HEADER]);
enum yw_code yw_block_file_parse(const uint8_t *bytes, size_t n, struct yw_block_file *out);

/* Block, version 1: header, frame index, frames, zeros up to a multiple of 8.
 *   0 u64 checksum      XXH3 of bytes 8 to the end of the frame index, seeded as records are
 *   8 u32 magic "YWB1"
 *  12 u32 version
 *  16 description (128 bytes; its SHA-256 is what the next block's `before` holds):
 *       16 u8[16] journal id    32 u64 number     40 u64 from      48 u64 to
 *       56 i64 first arrival    64 i64 last arrival
 *       72 u32 records          76 u32 zero       80 u8[32] root  112 u8[32] before
 * 144 u64 stored        bytes of the whole block in the file
 * 152 u32 frames
 * 156 u32 codec         1: zstd
 * 160 u64 frames hash   XXH3 of all frames and the zeros behind them, seeded as records are
 * 168 zeros to 192
 * In every version to come, the checksum, what it covers (so `frames` and the size of the index's entries)
 * and the version stay where they are; the same holds for the file header. Frame index: for each frame u32
 * uncompressed bytes, u32 compressed bytes. */
struct yw_block_head {
    struct yw_block block; /* .stored: of the whole block */
    uint8_t id[YW_ID_BYTES];
    uint32_t frames;
    uint64_t frames_hash;
};
/* Header and index to `to` (YW_BLOCK_HEADER + frames * YW_BLOCK_FRAME_ENTRY bytes); the index is there
 * already. */
void yw_block_encode(const struct yw_block_head *h, uint64_t seed, uint8_t *to);
/* bytes: header and index. YW_E_END with *need if more bytes are needed; YW_E_CORRUPT; YW_E_VERSION. The
 * sizes in the index are checked against the header. */
enum yw_code yw_block_parse(const uint8_t *bytes, size_t n, uint64_t seed, struct yw_block_head *out,
                            size_t *need);
void yw_block_description_hash(const struct yw_block_head *h, uint8_t out[32]);

/* ---- reading a folder of block files ---- */

struct yw_blocks;
/* A folder that does not exist yet is a folder without blocks. */
enum yw_code yw_blocks_open(const struct yw_io *io, const char *folder, struct yw_blocks **out,
                            struct yw_error *err);
void yw_blocks_close(struct yw_blocks *b);
/* Position behind the last block; 0 without blocks. */
uint64_t yw_blocks_end(struct yw_blocks *b);
/* The journal to which the blocks belong: with it, a file whose header is damaged still gives its blocks. */
void yw_blocks_expect(struct yw_blocks *b, const uint8_t id[YW_ID_BYTES]);
/* Whether the header of the file that holds the block found last is damaged. */
bool yw_blocks_header_bad(const struct yw_blocks *b);
bool yw_blocks_identity(struct yw_blocks *b, uint8_t id[YW_ID_BYTES], char name[YW_NAME_BYTES]);
/* The block that holds position: YW_E_NOT_FOUND if none does. */
enum yw_code yw_blocks_find(struct yw_blocks *b, uint64_t position, struct yw_block_head *out,
                            struct yw_error *err);
/* The first block that begins at or behind position. */
enum yw_code yw_blocks_next(struct yw_blocks *b, uint64_t position, struct yw_block_head *out,
                            struct yw_error *err);
/* Fills the window with the frame that holds position; YW_E_NOT_FOUND if no block does. */
enum yw_code yw_blocks_fill(struct yw_blocks *b, struct yw_window *w, uint64_t position,
                            struct yw_error *err);
/* Position at which the frame that holds position ends; 0 if no block holds it. */
uint64_t yw_blocks_frame_end(struct yw_blocks *b, uint64_t position);
/* Where the last file may be continued: its first position, its number of blocks, the byte behind its last
 * block and its size. YW_E_NOT_FOUND if there is no file, or none with a readable header. */
struct yw_blocks_tail {
    uint64_t file;
    size_t blocks;
    int64_t end, size;
    struct yw_block_head last; /* valid if blocks > 0 */
    uint8_t before[32];        /* from the file's header */
    uint64_t number;           /* of the file's first block */
};
enum yw_code yw_blocks_tail(struct yw_blocks *b, struct yw_blocks_tail *out, struct yw_error *err);
/* Whether all frames of that block are as they were written. */
enum yw_code yw_blocks_check(struct yw_blocks *b, const struct yw_block_head *h, struct yw_error *err);
enum yw_code yw_block_path(const char *folder, uint64_t from, char out[PATH_MAX], struct yw_error *err);

#endif
