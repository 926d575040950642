/* Readers and the sealer meet a block file that holds anything. The first byte of the input chooses which
 * checksums are made right again, since nobody guesses them; the rest is the file. */
#include "../tests/support/sim_io.h"
#include "journal/block.h"

#include <stdlib.h>
#include <string.h>

#define FOLDER "journal/p0"
#define BLOCKS "blocks/p0"
#define FILE_0 BLOCKS "/00000000000000000000.blk"
enum { INPUT_MOST = 1 << 16, GETS = 64 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_file(uint8_t *file, size_t n) {
    if (n < YW_BLOCK_FILE_HEADER) return;
    struct yw_block_file head = {.id = {1, 2, 3}, .name = "p0"};
    yw_block_file_encode(&head, file);
}

/* Sizes are made to agree with the file, so that the frames' bytes are what decompression gets. */
static void mend_blocks(uint8_t *file, size_t n, bool sizes) {
    uint64_t seed = n >= 24 ? yw_get_u64(file + 16) : 0;
    for (size_t at = YW_BLOCK_FILE_HEADER; n > at && n - at >= YW_BLOCK_HEADER + YW_BLOCK_FRAME_ENTRY;) {
        uint8_t *b = file + at;
        uint32_t frames = 1 + yw_get_u32(b + 152) % 4;
        size_t header = YW_BLOCK_HEADER + (size_t)frames * YW_BLOCK_FRAME_ENTRY;
        if (header > n - at) return;
        memcpy(b + 8, "YWB1\1\0\0\0", 8);
        memcpy(b + 16, file + 16, YW_ID_BYTES);
        yw_put_u32(b + 152, frames);
        yw_put_u32(b + 156, YW_BLOCK_CODEC_ZSTD);
        uint64_t raw = 0, stored = header;
        for (uint32_t i = 0; i < frames; i++) {
            uint8_t *entry = b + YW_BLOCK_HEADER + (size_t)i * YW_BLOCK_FRAME_ENTRY;
            yw_put_u32(entry, (yw_get_u32(entry) & 0x3fff8) | YW_RECORD_HEADER);
            yw_put_u32(entry + 4, yw_get_u32(entry + 4) & 0xfff);
            raw += yw_get_u32(entry);
            stored += yw_get_u32(entry + 4);
        }
        stored = (stored + 7) & ~(uint64_t)7;
        if (sizes) {
            uint64_t from = yw_get_u64(b + 40) & 0xfffff8;
            yw_put_u64(b + 40, from);
            yw_put_u64(b + 48, from + raw);
            yw_put_u64(b + 144, stored);
            if (yw_get_u32(b + 72) < frames) yw_put_u32(b + 72, frames);
        }
        yw_put_u64(b, yw_hash64(b + 8, header - 8, seed));
        if (stored > n - at) return;
        at += stored;
    }
}

static void ignore(void *arg, const char *sentence) {
    (*(size_t *)arg) += strlen(sentence);
}

static bool count_block(void *arg, const struct yw_block *b) {
    if (b->to <= b->from) abort();
    return ++*(size_t *)arg < 1000;
}

static void read_everything(const struct yw_io *io) {
    struct yw_reader *r;
    struct yw_record record;
    struct yw_error err;
    if (yw_reader_open_on(io, FOLDER, BLOCKS, &r, &err) != YW_OK) return;
    for (uint64_t at = 0; at < GETS; at++) yw_reader_get(r, at * 8, &record, &err);
    for (;;) {
        uint64_t before = yw_reader_position(r);
        enum yw_code code = yw_reader_next(r, &record, &err);
        if (code == YW_E_CORRUPT) code = yw_reader_skip(r, NULL, &err);
        if (code != YW_OK) break;
        if (yw_reader_position(r) <= before) abort(); /* reading must move on */
    }
    yw_reader_close(r);
}

static void seal(const struct yw_io *io) {
    struct yw_journal *j;
    struct yw_sealer *s;
    struct yw_error err;
    struct yw_record r = {.arrival = 1, .payload = "record", .length = 6};
    if (yw_journal_open_sized(io, FOLDER, "p0", 64 << 10, &j, NULL, &err) != YW_OK) abort();
    for (int i = 0; i < 20; i++)
        if (yw_journal_append(j, &r, &err) != YW_OK) abort();
    if (yw_journal_commit(j, &err) != YW_OK) abort();
    bool sealed = true;
    if (yw_sealer_open(io, FOLDER, BLOCKS, &s, &err) == YW_OK) {
        while (sealed && yw_sealer_step(s, INT64_MAX, &sealed, NULL, &err) == YW_OK) continue;
        yw_sealer_close(s);
    }
    yw_journal_close(j);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 1 || size > INPUT_MOST) return 0;
    uint8_t choice = data[0];
    size_t n = size - 1, sum = 0;
    uint8_t *file = malloc(n + 1);
    if (!file) return 0;
    memcpy(file, data + 1, n);
    if (choice & 1) mend_file(file, n);
    if (choice & 2) mend_blocks(file, n, choice & 4);
    struct sim *sim = sim_create(choice);
    sim_put(sim, FILE_0, file, n);
    free(file);
    struct yw_verify_count count;
    struct yw_error err;
    read_everything(sim_io(sim));
    yw_journal_verify_on(sim_io(sim), FOLDER, BLOCKS, &count, ignore, &sum, &err);
    struct yw_blocks *blocks;
    struct yw_block_head head;
    if (yw_blocks_open(sim_io(sim), BLOCKS, &blocks, &err) == YW_OK) {
        for (uint64_t at = 0;
             yw_blocks_next(blocks, at, &head, &err) == YW_OK && count_block(&sum, &head.block);)
            at = head.block.to;
        yw_blocks_close(blocks);
    }
    if (choice & 8) { /* costs more than all the rest */
        seal(sim_io(sim));
        read_everything(sim_io(sim));
    }
    sim_destroy(sim);
    return 0;
}
