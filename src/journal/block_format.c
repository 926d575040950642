/* Bytes of block files: see block.h. */
#include "journal/block.h"

#include <string.h>

static const uint8_t file_magic[8] = {'Y', 'W', 'B', 'L', 'K', '\r', '\n', 0x1a};
#define BLOCK_MAGIC 0x31425759u /* "YWB1" */

void yw_block_file_encode(const struct yw_block_file *f, uint8_t to[YW_BLOCK_FILE_HEADER]) {
    memset(to, 0, YW_BLOCK_FILE_HEADER);
    memcpy(to, file_magic, sizeof file_magic);
    yw_put_u32(to + 8, YW_BLOCK_VERSION);
    yw_put_u32(to + 12, YW_BLOCK_FILE_HEADER);
    memcpy(to + 16, f->id, YW_ID_BYTES);
    memcpy(to + 32, f->name, YW_NAME_BYTES);
    yw_put_u64(to + 48, f->number);
    yw_put_u64(to + 56, f->from);
    memcpy(to + 64, f->before, 32);
    yw_put_u64(to + 96, yw_hash64(to, 96, 0));
}

enum yw_code yw_block_file_parse(const uint8_t *bytes, size_t n, struct yw_block_file *out) {
    if (n < YW_BLOCK_FILE_HEADER || memcmp(bytes, file_magic, sizeof file_magic) != 0) return YW_E_CORRUPT;
    if (yw_hash64(bytes, 96, 0) != yw_get_u64(bytes + 96)) return YW_E_CORRUPT;
    if (yw_get_u32(bytes + 8) != 1) return YW_E_VERSION;
    if (yw_get_u32(bytes + 12) != YW_BLOCK_FILE_HEADER) return YW_E_CORRUPT;
    memcpy(out->id, bytes + 16, YW_ID_BYTES);
    memcpy(out->name, bytes + 32, YW_NAME_BYTES);
    out->name[YW_NAME_BYTES - 1] = 0;
    out->number = yw_get_u64(bytes + 48);
    out->from = yw_get_u64(bytes + 56);
    memcpy(out->before, bytes + 64, 32);
    return YW_OK;
}

static void describe(const struct yw_block_head *h, uint8_t to[YW_BLOCK_DESCRIPTION]) {
    const struct yw_block *b = &h->block;
    memcpy(to, h->id, YW_ID_BYTES);
    yw_put_u64(to + 16, b->number);
    yw_put_u64(to + 24, b->from);
    yw_put_u64(to + 32, b->to);
    yw_put_u64(to + 40, (uint64_t)b->first_arrival);
    yw_put_u64(to + 48, (uint64_t)b->last_arrival);
    yw_put_u32(to + 56, b->records);
    yw_put_u32(to + 60, 0);
    memcpy(to + 64, b->root, 32);
    memcpy(to + 96, b->before, 32);
}

void yw_block_description_hash(const struct yw_block_head *h, uint8_t out[32]) {
    uint8_t description[YW_BLOCK_DESCRIPTION];
    describe(h, description);
    yw_sha256(description, sizeof description, out);
}

void yw_block_encode(const struct yw_block_head *h, uint64_t seed, uint8_t *to) {
    memset(to, 0, YW_BLOCK_HEADER);
    yw_put_u32(to + 8, BLOCK_MAGIC);
    yw_put_u32(to + 12, YW_BLOCK_VERSION);
    describe(h, to + 16);
    yw_put_u64(to + 144, h->block.stored);
    yw_put_u32(to + 152, h->frames);
    yw_put_u32(to + 156, YW_BLOCK_CODEC_ZSTD);
    yw_put_u64(to + 160, h->frames_hash);
    size_t n = YW_BLOCK_HEADER + (size_t)h->frames * YW_BLOCK_FRAME_ENTRY;
    yw_put_u64(to, yw_hash64(to + 8, n - 8, seed));
}

static bool sizes_agree(const uint8_t *index, const struct yw_block_head *h) {
    uint64_t raw = 0, stored = YW_BLOCK_HEADER + (uint64_t)h->frames * YW_BLOCK_FRAME_ENTRY;
    for (uint32_t i = 0; i < h->frames; i++) {
        uint32_t frame_raw = yw_get_u32(index + (size_t)i * YW_BLOCK_FRAME_ENTRY);
        if (frame_raw < YW_RECORD_HEADER || frame_raw > YW_RECORD_MOST) return false;
        raw += frame_raw;
        stored += yw_get_u32(index + (size_t)i * YW_BLOCK_FRAME_ENTRY + 4);
    }
    return raw == h->block.to - h->block.from && ((stored + 7) & ~(uint64_t)7) == h->block.stored;
}

enum yw_code yw_block_parse(const uint8_t *bytes, size_t n, uint64_t seed, struct yw_block_head *out,
                            size_t *need) {
    *need = YW_BLOCK_HEADER;
    if (n < *need) return YW_E_END;
    if (yw_get_u32(bytes + 8) != BLOCK_MAGIC) return YW_E_CORRUPT;
    const uint8_t *d = bytes + 16;
    struct yw_block *b = &out->block;
    memcpy(out->id, d, YW_ID_BYTES);
    b->number = yw_get_u64(d + 16);
    b->from = yw_get_u64(d + 24);
    b->to = yw_get_u64(d + 32);
    b->first_arrival = (int64_t)yw_get_u64(d + 40);
    b->last_arrival = (int64_t)yw_get_u64(d + 48);
    b->records = yw_get_u32(d + 56);
    memcpy(b->root, d + 64, 32);
    memcpy(b->before, d + 96, 32);
    b->stored = yw_get_u64(bytes + 144);
    out->frames = yw_get_u32(bytes + 152);
    out->frames_hash = yw_get_u64(bytes + 160);
    if (out->frames == 0 || out->frames > YW_BLOCK_FRAMES_MOST) return YW_E_CORRUPT;
    if (b->to <= b->from || b->to - b->from > YW_BLOCK_RAW_MOST || (b->from | b->to) % YW_RECORD_ALIGN != 0)
        return YW_E_CORRUPT;
    if (b->records == 0 || b->records < out->frames) return YW_E_CORRUPT;
    *need = YW_BLOCK_HEADER + (size_t)out->frames * YW_BLOCK_FRAME_ENTRY;
    if (n < *need) return YW_E_END;
    if (yw_hash64(bytes + 8, *need - 8, seed) != yw_get_u64(bytes)) return YW_E_CORRUPT;
    if (yw_get_u32(bytes + 12) != 1) return YW_E_VERSION;
    if (yw_get_u32(bytes + 156) != YW_BLOCK_CODEC_ZSTD) return YW_E_CORRUPT;
    return sizes_agree(bytes + YW_BLOCK_HEADER, out) ? YW_OK : YW_E_CORRUPT;
}
