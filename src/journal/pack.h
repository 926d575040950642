/* pack: a run of records becomes the bytes of a block. Internal to journal/. */
#ifndef YW_JOURNAL_PACK_H
#define YW_JOURNAL_PACK_H

#include "journal/block.h"
#include "journal/merkle.h"

#include <zstd.h>

/* Records that lie one behind the other. */
struct yw_run {
    uint8_t *raw;
    uint64_t from; /* position of raw[0] */
    size_t length, cap;
    uint32_t records;
    int64_t first_arrival, last_arrival;
    struct yw_merkle merkle;
};
void yw_run_start(struct yw_run *run); /* empties it */
enum yw_code yw_run_add(struct yw_run *run, const struct yw_record *record, const uint8_t *raw, size_t n,
                        struct yw_error *err);
void yw_run_free(struct yw_run *run);

struct yw_packer {
    uint8_t *out; /* the block as it will lie in the file */
    size_t cap;
    uint8_t *back; /* one frame decompressed again */
    size_t back_cap;
    ZSTD_CCtx *zstd;
};
enum yw_code yw_packer_open(struct yw_packer *p, struct yw_error *err);
void yw_packer_close(struct yw_packer *p);
/* Makes the block in p->out, head->block.stored bytes. head comes with id, number and before, and gets the
 * rest. */
enum yw_code yw_pack(struct yw_packer *p, const struct yw_run *run, struct yw_block_head *head,
                     struct yw_error *err);

#endif
