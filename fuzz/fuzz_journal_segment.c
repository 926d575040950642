/* An owner and readers meet a segment that holds anything. The input is the file, sector by sector as a
 * damaged disk might give it; its first byte chooses which checksums are made right again, since nobody
 * guesses them. */
#include "../tests/support/sim_io.h"
#include "journal/format.h"

#include <stdlib.h>
#include <string.h>

#define FOLDER "journal/p0"
#define BLOCKS "blocks/p0"
enum { INPUT_MOST = 1 << 16, SEGMENT = 64 << 10 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void mend_header(uint8_t *file, size_t n) {
    if (n < YW_SEGMENT_HEADER) return;
    struct yw_segment s = {
        .number = 1, .start = yw_get_u64(file + 56) & 0xfffff8, .id = {1, 2, 3}, .name = "p0"};
    s.arrival = (int64_t)yw_get_u64(file + 72);
    yw_segment_encode(&s, file);
}

/* Every second damaged record becomes a good one with the lengths and fields that the input wants. */
static void mend_records(uint8_t *file, size_t n) {
    uint64_t start = yw_get_u64(file + 56), seed = yw_get_u64(file + 16);
    bool mend = true;
    for (size_t at = YW_SEGMENT_HEADER; n - at >= YW_RECORD_HEADER;) {
        uint32_t length = yw_get_u32(file + at + 8) & 0xfff;
        uint64_t bytes = yw_record_bytes(length);
        if (bytes > n - at) break;
        if (mend) {
            yw_put_u32(file + at + 8, length);
            file[at + 12] = 1;
            yw_put_u64(file + at + 16, start + at - YW_SEGMENT_HEADER);
            yw_put_u64(file + at, yw_hash64(file + at + 8, bytes - 8, seed));
        }
        mend = !(file[at + 60] & 1);
        at += bytes;
    }
}

static void ignore(void *arg, const char *sentence) {
    (*(size_t *)arg) += strlen(sentence);
}

static uint64_t read_everything(const struct yw_io *io, const char *blocks) {
    struct yw_reader *r;
    struct yw_record record;
    struct yw_error err;
    uint64_t sum = 0, before = 0;
    if (yw_reader_open_on(io, FOLDER, blocks, &r, &err) != YW_OK) return 0;
    for (;;) {
        enum yw_code code = yw_reader_next(r, &record, &err);
        if (code == YW_E_CORRUPT)
            code = yw_reader_skip(r, NULL, &err) == YW_OK ? YW_OK : YW_E_END;
        else if (code == YW_OK)
            sum += yw_hash64(record.payload, record.length, record.position);
        if (code != YW_OK) break;
        if (yw_reader_position(r) <= before && sum != 0) abort(); /* reading must move on */
        before = yw_reader_position(r);
    }
    yw_reader_close(r);
    return sum;
}

static void own(const struct yw_io *io) {
    struct yw_journal *j;
    struct yw_error err;
    if (yw_journal_open_sized(io, FOLDER, "p0", SEGMENT, &j, NULL, &err) != YW_OK) return;
    struct yw_record r = {.arrival = 1, .payload = "after the damage", .length = 16}, got;
    if (yw_journal_append(j, &r, &err) != YW_OK || yw_journal_commit(j, &err) != YW_OK) abort();
    struct yw_reader *reader;
    if (yw_reader_open_on(io, FOLDER, NULL, &reader, &err) != YW_OK) abort();
    if (yw_reader_get(reader, r.position, &got, &err) != YW_OK || got.arrival != r.arrival) abort();
    yw_reader_close(reader);
    struct yw_sealer *s;
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
    size_t n = size - 1, wrong = 0;
    uint8_t *file = malloc(n + 1);
    if (!file) return 0;
    memcpy(file, data + 1, n);
    if (choice & 1) mend_header(file, n);
    if ((choice & 2) && n >= YW_SEGMENT_HEADER) mend_records(file, n);
    struct sim *sim = sim_create(choice);
    sim_put(sim, FOLDER "/00000001.seg", file, n);
    free(file);
    struct yw_verify_count count;
    struct yw_error err;
    read_everything(sim_io(sim), NULL); /* as a copy without an owner */
    yw_journal_verify_on(sim_io(sim), FOLDER, NULL, &count, ignore, &wrong, &err);
    own(sim_io(sim));
    read_everything(sim_io(sim), BLOCKS);
    yw_journal_verify_on(sim_io(sim), FOLDER, BLOCKS, &count, ignore, &wrong, &err);
    sim_destroy(sim);
    return 0;
}
