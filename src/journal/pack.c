#include "journal/pack.h"

#include <stdlib.h>
#include <string.h>

/* On packets level 1 packs as tightly as level 3 (values hardly repeat) and costs less. */
enum { LEVEL = 1 };

static bool reserve(uint8_t **bytes, size_t *cap, size_t need) {
    if (need <= *cap) return true;
    uint8_t *p = realloc(*bytes, need);
    if (!p) return false;
    *bytes = p;
    *cap = need;
    return true;
}

static enum yw_code no_memory(struct yw_error *err) {
    return yw_fail(err, YW_E_NOMEM, "no memory for sealing a block");
}

/* ---- the run ---- */

void yw_run_start(struct yw_run *run) {
    run->length = 0;
    run->records = 0;
    yw_merkle_start(&run->merkle);
}

enum yw_code yw_run_add(struct yw_run *run, const struct yw_record *record, const uint8_t *raw, size_t n,
                        struct yw_error *err) {
    uint8_t leaf[YW_HASH_BYTES];
    size_t need = run->length + n, twice = 2 * run->cap < YW_BLOCK_BYTES ? 2 * run->cap : YW_BLOCK_BYTES;
    if (!reserve(&run->raw, &run->cap, need <= run->cap || need > twice ? need : twice))
        return no_memory(err);
    if (!yw_merkle_leaf(raw, n, leaf)) return no_memory(err);
    yw_merkle_add(&run->merkle, leaf);
    memcpy(run->raw + run->length, raw, n);
    if (run->records == 0) {
        run->from = record->position;
        run->first_arrival = record->arrival;
    }
    run->last_arrival = record->arrival;
    run->length += n;
    run->records++;
    return YW_OK;
}

void yw_run_free(struct yw_run *run) {
    free(run->raw);
    run->raw = NULL;
}

/* ---- packing ---- */

enum yw_code yw_packer_open(struct yw_packer *p, struct yw_error *err) {
    *p = (struct yw_packer){.zstd = ZSTD_createCCtx()};
    if (!p->zstd) return no_memory(err);
    ZSTD_CCtx_setParameter(p->zstd, ZSTD_c_compressionLevel, LEVEL);
    return YW_OK;
}

void yw_packer_close(struct yw_packer *p) {
    ZSTD_freeCCtx(p->zstd);
    free(p->out);
    free(p->back);
    *p = (struct yw_packer){0};
}

/* Whole records from `at` that make the next frame. */
static size_t frame_bytes(const struct yw_run *run, size_t at) {
    size_t n = 0;
    while (at + n < run->length) {
        size_t next = (size_t)yw_record_bytes(yw_get_u32(run->raw + at + n + 8));
        if (n > 0 && n + next > YW_FRAME_BYTES) break;
        n += next;
    }
    return n;
}

static enum yw_code pack_frame(struct yw_packer *p, const uint8_t *raw, size_t raw_bytes, size_t at,
                               size_t *packed, struct yw_error *err) {
    size_t n = ZSTD_compress2(p->zstd, p->out + at, p->cap - at, raw, raw_bytes);
    if (ZSTD_isError(n))
        return yw_fail(err, YW_E_SYSTEM, "cannot compress a block: %s", ZSTD_getErrorName(n));
    /* The segment will be gone: what was packed must give the records again. */
    if (!reserve(&p->back, &p->back_cap, raw_bytes)) return no_memory(err);
    size_t back = ZSTD_decompress(p->back, raw_bytes, p->out + at, n);
    if (ZSTD_isError(back) || back != raw_bytes || memcmp(p->back, raw, raw_bytes) != 0)
        return yw_fail(err, YW_E_SYSTEM, "a block does not decompress to what it was made of");
    *packed = n;
    return YW_OK;
}

enum yw_code yw_pack(struct yw_packer *p, const struct yw_run *run, struct yw_block_head *head,
                     struct yw_error *err) {
    size_t bound = YW_BLOCK_HEADER + YW_RECORD_ALIGN;
    head->frames = 0;
    for (size_t at = 0, n; at < run->length; at += n, head->frames++) {
        n = frame_bytes(run, at);
        bound += ZSTD_compressBound(n) + YW_BLOCK_FRAME_ENTRY;
    }
    if (!reserve(&p->out, &p->cap, bound)) return no_memory(err);
    size_t first = YW_BLOCK_HEADER + (size_t)head->frames * YW_BLOCK_FRAME_ENTRY, end = first;
    uint8_t *entry = p->out + YW_BLOCK_HEADER;
    for (size_t at = 0, n; at < run->length; at += n, entry += YW_BLOCK_FRAME_ENTRY) {
        size_t packed = 0;
        n = frame_bytes(run, at);
        enum yw_code code = pack_frame(p, run->raw + at, n, end, &packed, err);
        if (code != YW_OK) return code;
        yw_put_u32(entry, (uint32_t)n);
        yw_put_u32(entry + 4, (uint32_t)packed);
        end += packed;
    }
    for (; end % YW_RECORD_ALIGN != 0; end++) p->out[end] = 0;
    uint64_t seed = yw_journal_seed(head->id);
    struct yw_block *b = &head->block;
    head->frames_hash = yw_hash64(p->out + first, end - first, seed);
    b->from = run->from;
    b->to = run->from + run->length;
    b->records = run->records;
    b->first_arrival = run->first_arrival;
    b->last_arrival = run->last_arrival;
    b->stored = end;
    yw_merkle_root(&run->merkle, b->root);
    yw_block_encode(head, seed, p->out);
    return YW_OK;
}
