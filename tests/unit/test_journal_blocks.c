/* Sealing, reading from compressed blocks, removal of segments, Merkle roots and the chain. Over simulated
 * I/O. */
#include "../support/journal_model.h"
#include "../support/sim_io.h"
#include "journal/block.h"
#include "journal/format.h"
#include "journal/merkle.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEGMENT = 64 << 10 };
#define CLOCK  (1795000000 * YW_SECOND)
#define FOLDER "data/journal/p0"
#define BLOCKS "data/blocks/p0"

struct bench {
    struct sim *sim;
    struct model model;
    struct yw_journal *journal;
    struct yw_sealer *sealer;
    struct yw_error err;
};

static void open_sealer(struct bench *b) {
    if (yw_sealer_open(sim_io(b->sim), FOLDER, BLOCKS, &b->sealer, &b->err) != YW_OK)
        fail_msg("%s", b->err.text);
}

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    b->sim = sim_create(1);
    model_init(&b->model);
    if (yw_journal_open_sized(sim_io(b->sim), FOLDER, "p0", SEGMENT, &b->journal, NULL, &b->err) != YW_OK)
        return -1;
    open_sealer(b);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;
    yw_sealer_close(b->sealer);
    yw_journal_close(b->journal);
    model_free(&b->model);
    sim_destroy(b->sim);
    free(b);
    return 0;
}

static void append_done(struct bench *b, uint32_t n, int64_t arrival) {
    uint32_t first = b->model.count;
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(model_append(&b->model, b->journal, arrival, &b->err), YW_OK);
    if (yw_journal_commit(b->journal, &b->err) != YW_OK) fail_msg("%s", b->err.text);
    model_done(&b->model, first, b->model.count);
}

static int seal(struct bench *b, int64_t now) {
    bool sealed = true;
    int count = 0;
    while (sealed) {
        if (yw_sealer_step(b->sealer, now, &sealed, NULL, &b->err) != YW_OK) fail_msg("%s", b->err.text);
        count += sealed;
    }
    return count;
}

static struct yw_reader *reader_of(struct bench *b) {
    struct yw_reader *r;
    if (yw_reader_open_on(sim_io(b->sim), FOLDER, BLOCKS, &r, &b->err) != YW_OK) fail_msg("%s", b->err.text);
    return r;
}

static uint32_t check_all(struct bench *b) {
    struct yw_reader *r = reader_of(b);
    uint32_t n = model_check_all(&b->model, r);
    yw_reader_close(r);
    return n;
}

static int complaints;
static char last_complaint[512];
static void complain(void *arg, const char *sentence) {
    YW_UNUSED(arg);
    complaints++;
    yw_copy(last_complaint, sizeof last_complaint, sentence, strlen(sentence));
}

static enum yw_code verify(struct bench *b, struct yw_verify_count *count) {
    complaints = 0;
    return yw_journal_verify_on(sim_io(b->sim), FOLDER, BLOCKS, count, complain, NULL, &b->err);
}

static void test_due_by_time(void **state) {
    struct bench *b = *state;
    append_done(b, 10, CLOCK);
    assert_int_equal(seal(b, CLOCK + 59 * YW_SECOND), 0);
    assert_int_equal(seal(b, CLOCK - YW_DAY), 0);
    append_done(b, 10, CLOCK + 30 * YW_SECOND);
    assert_int_equal(seal(b, CLOCK + 60 * YW_SECOND), 1);
    assert_int_equal(yw_sealer_position(b->sealer), yw_journal_committed(b->journal));
    /* Two runs of a minute are two blocks, whenever they are sealed. */
    append_done(b, 5, CLOCK + 100 * YW_SECOND);
    append_done(b, 5, CLOCK + 160 * YW_SECOND);
    append_done(b, 5, CLOCK + 170 * YW_SECOND);
    assert_int_equal(seal(b, CLOCK + YW_DAY), 2);
    assert_int_equal(check_all(b), 35);
}

static void test_due_by_size(void **state) {
    struct bench *b = *state;
    b->model.fixed = 60000;
    for (int i = 0; i < 10; i++) append_done(b, 20, CLOCK);
    assert_int_equal(seal(b, CLOCK), 2); /* 12 MB: the third waits for a fourth */
    struct yw_reader *r = reader_of(b);
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_OK);
    assert_int_equal(count.records, 200);
    assert_int_equal(count.blocks, 2);
    yw_reader_close(r);
    assert_int_equal(check_all(b), 200);
}

static void test_large_record_is_a_block(void **state) {
    struct bench *b = *state;
    size_t n = 5 << 20;
    char *big = malloc(n);
    for (size_t i = 0; i < n; i++) big[i] = (char)(i * i >> 7);
    for (int i = 0; i < 3; i++) {
        struct yw_record r = {
            .arrival = CLOCK, .payload = i == 1 ? big : "small", .length = i == 1 ? (uint32_t)n : 5};
        assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
    }
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_OK);
    assert_int_equal(seal(b, CLOCK + YW_HOUR), 3);
    struct yw_reader *r = reader_of(b);
    struct yw_record record;
    for (int i = 0; i < 3; i++) {
        assert_int_equal(yw_reader_next(r, &record, &b->err), YW_OK);
        assert_int_equal(record.length, i == 1 ? n : 5);
        if (i == 1) assert_memory_equal(record.payload, big, n);
    }
    yw_reader_close(r);
    free(big);
}

/* Every record by its position, from blocks whose segments are gone. */
static void test_get_from_blocks(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < 60; i++) append_done(b, 50, CLOCK + i * 20 * YW_SECOND);
    size_t segments = sim_files(b->sim, FOLDER);
    assert_true(seal(b, CLOCK + YW_DAY) >= 19);
    assert_int_equal(sim_files(b->sim, FOLDER), 2); /* the owner's present segment and the live page */
    assert_true(segments > 10);
    struct yw_reader *r = reader_of(b);
    struct yw_record record;
    for (uint32_t k = 0; k < 3000; k++) {
        uint32_t i = (uint32_t)sim_random(b->sim, 3000);
        assert_int_equal(yw_reader_get(r, b->model.entries[i].position, &record, &b->err), YW_OK);
        assert_int_equal(model_check(&b->model, &record), i);
    }
    assert_int_equal(yw_reader_get(r, b->model.entries[7].position + 8, &record, &b->err), YW_E_CORRUPT);
    yw_reader_close(r);
    assert_int_equal(check_all(b), 3000);
}

/* A reader inside a segment goes on over its removal, and so does one that comes later. */
static void test_removal_under_a_reader(void **state) {
    struct bench *b = *state;
    append_done(b, 800, CLOCK);
    struct yw_reader *r = reader_of(b);
    struct yw_record record;
    for (uint32_t i = 0; i < 10; i++) assert_int_equal(yw_reader_next(r, &record, &b->err), YW_OK);
    append_done(b, 800, CLOCK + YW_SECOND);
    size_t before = sim_files(b->sim, FOLDER);
    seal(b, CLOCK + YW_HOUR);
    assert_true(sim_files(b->sim, FOLDER) < before);
    for (uint32_t i = 10; i < 1600; i++) {
        if (yw_reader_next(r, &record, &b->err) != YW_OK) fail_msg("%s", b->err.text);
        assert_int_equal(model_check(&b->model, &record), i);
    }
    assert_int_equal(yw_reader_next(r, &record, &b->err), YW_E_END);
    append_done(b, 1, CLOCK + YW_DAY);
    assert_int_equal(yw_reader_next(r, &record, &b->err), YW_OK);
    yw_reader_close(r);
}

/* A segment whose successor is begun but not yet for good stays: the cut may take the successor away. */
static void test_successor_must_be_durable(void **state) {
    struct bench *b = *state;
    struct yw_journal_batch batch;
    b->model.fixed = SEGMENT - YW_SEGMENT_HEADER - YW_RECORD_HEADER; /* fills a segment */
    append_done(b, 1, CLOCK);
    assert_int_equal(model_append(&b->model, b->journal, CLOCK, &b->err), YW_OK);
    assert_true(yw_journal_take(b->journal, &batch));
    sim_fail_syncs(b->sim, 1);
    assert_int_equal(yw_journal_write(b->journal, &batch, &b->err), YW_E_SYSTEM);
    assert_int_equal(seal(b, CLOCK + YW_HOUR), 1);
    size_t size;
    assert_non_null(sim_bytes(b->sim, FOLDER "/00000001.seg", &size));
    assert_int_equal(yw_journal_write(b->journal, &batch, &b->err), YW_OK);
    yw_journal_done(b->journal, &batch);
    model_done(&b->model, 1, 2);
    assert_int_equal(seal(b, CLOCK + 2 * YW_HOUR), 1);
    assert_null(sim_bytes(b->sim, FOLDER "/00000001.seg", &size));
    assert_int_equal(check_all(b), 2);
}

static void test_reopened_sealer_continues(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < 20; i++) {
        append_done(b, 20, CLOCK + i * YW_HOUR);
        assert_int_equal(seal(b, CLOCK + i * YW_HOUR + 2 * YW_MINUTE), 1);
        yw_sealer_close(b->sealer);
        open_sealer(b);
        assert_int_equal(yw_sealer_position(b->sealer), yw_journal_committed(b->journal));
    }
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_OK);
    assert_int_equal(count.blocks, 20);
    assert_int_equal(sim_files(b->sim, BLOCKS), 1);
    assert_int_equal(check_all(b), 400);
}

static void test_files_are_turned_over(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < YW_BLOCKS_PER_FILE + 3; i++) {
        append_done(b, 1, CLOCK + i * YW_HOUR);
        assert_int_equal(seal(b, CLOCK + i * YW_HOUR + 2 * YW_MINUTE), 1);
    }
    assert_int_equal(sim_files(b->sim, BLOCKS), 2);
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_OK);
    assert_int_equal(count.blocks, YW_BLOCKS_PER_FILE + 3);
    assert_int_equal(check_all(b), YW_BLOCKS_PER_FILE + 3);
}

static void test_disk_full_while_sealing(void **state) {
    struct bench *b = *state;
    bool sealed;
    append_done(b, 100, CLOCK);
    for (int64_t room = 0; room < 4096; room += 512) {
        sim_space(b->sim, room);
        assert_int_equal(yw_sealer_step(b->sealer, CLOCK + YW_HOUR, &sealed, NULL, &b->err), YW_E_FULL);
        assert_false(sealed);
        assert_int_equal(yw_sealer_position(b->sealer), 0);
    }
    sim_space(b->sim, -1);
    assert_int_equal(check_all(b), 100);
    assert_int_equal(seal(b, CLOCK + YW_HOUR), 1);
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_OK);
    assert_int_equal(check_all(b), 100);
}

/* What a segment can no longer give is in no block; the damaged segment is kept aside, the gap is told. */
static void test_damaged_segment_is_kept(void **state) {
    struct bench *b = *state;
    append_done(b, 400, CLOCK);
    uint64_t hit = b->model.entries[5].position;
    assert_true(sim_flip(b->sim, FOLDER "/00000001.seg", YW_SEGMENT_HEADER + hit + 40, 1));
    assert_int_equal(seal(b, CLOCK + YW_HOUR), 2);
    size_t size;
    assert_non_null(sim_bytes(b->sim, FOLDER "/00000001.damaged", &size));
    assert_null(sim_bytes(b->sim, FOLDER "/00000001.seg", &size));
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_E_CORRUPT);
    assert_int_equal(count.records, 399);
    assert_int_equal(complaints, 1);
    assert_non_null(strstr(last_complaint, "missing"));
}

/* Any flipped byte of a block file is found, and costs at most what it belongs to. */
static void test_flipped_bytes_in_blocks(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < 6; i++) append_done(b, 60, CLOCK + i * YW_HOUR);
    seal(b, CLOCK + YW_DAY);
    assert_int_equal(sim_files(b->sim, BLOCKS), 1);
    size_t size = 0;
    const char *file = BLOCKS "/00000000000000000000.blk";
    assert_non_null(sim_bytes(b->sim, file, &size));
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_OK);
    for (size_t at = 0; at < size; at += 1 + at % 89) {
        if (at >= 104 && at < YW_BLOCK_FILE_HEADER)
            at = YW_BLOCK_FILE_HEADER; /* what is reserved is not looked at */
        assert_true(sim_flip(b->sim, file, at, (uint8_t)(1 << at % 8)));
        assert_int_equal(verify(b, &count), YW_E_CORRUPT);
        assert_true(complaints > 0);
        assert_true(count.records >= 300 || count.blocks >= 5);
        if (at < YW_BLOCK_FILE_HEADER) assert_int_equal(count.records, 360);
        assert_true(sim_flip(b->sim, file, at, (uint8_t)(1 << at % 8)));
    }
    assert_int_equal(verify(b, &count), YW_OK);
}

/* Blocks are exchanged for others that are well-formed in themselves: the chain and the roots tell. */
static void test_forged_block(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < 3; i++) append_done(b, 20, CLOCK + i * YW_HOUR);
    seal(b, CLOCK + YW_DAY);
    size_t size, need;
    const char *file = BLOCKS "/00000000000000000000.blk";
    const uint8_t *bytes = sim_bytes(b->sim, file, &size);
    uint8_t *copy = malloc(size);
    memcpy(copy, bytes, size);
    uint64_t seed = yw_get_u64(copy + 16);
    struct yw_block_head head;
    assert_int_equal(
        yw_block_parse(copy + YW_BLOCK_FILE_HEADER, size - YW_BLOCK_FILE_HEADER, seed, &head, &need), YW_OK);
    head.block.root[0] ^= 1;
    yw_block_encode(&head, seed, copy + YW_BLOCK_FILE_HEADER);
    sim_put(b->sim, file, copy, size);
    struct yw_verify_count count;
    assert_int_equal(verify(b, &count), YW_E_CORRUPT);
    assert_int_equal(complaints, 2); /* the root of block 0 and the chain at block 1 */
    assert_non_null(strstr(last_complaint, "chain"));
    free(copy);
}

/* The tree of RFC 6962, against values computed with another implementation. */
static void test_merkle_tree(void **state) {
    YW_UNUSED(state);
    static const char *const roots[] = {
        "6E340B9CFFB37A989CA544E6BB780A2C78901D3FB33738768511A30617AFA01D",
        "FAC54203E7CC696CF0DFCB42C92A1D9DBAF70AD9E621F4BD8D98662F00E3C125",
        "AEB6BCFE274B70A14FB067A5E5578264DB0FA9B51AF5E0BA159158F329E06E77",
        "D37EE418976DD95753C1C73862B9398FA2A2CF9B4FF0FDFE8B30CD95209614B7",
        "4E3BBB1F7B478DCFE71FB631631519A3BCA12C9AEFCA1612BFCE4C13A86264D4",
        "76E67DADBCDF1E10E1B74DDC608ABD2F98DFB16FBCE75277B5232A127F2087EF",
        "DDB89BE403809E325750D3D263CD78929C2942B7942A34B77E122C9594A74C8C",
        "5DC9DA79A70659A9AD559CB701DED9A2AB9D823AAD2F4960CFE370EFF4604328",
    };
    static const char *const leaves[] = {
        "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696A6B6C6D6E6F"};
    uint8_t hashes[8][32], data[32], want[32], root[32];
    struct yw_merkle m;
    yw_merkle_start(&m);
    for (size_t i = 0; i < 8; i++) {
        size_t n = 0;
        assert_true(leaves[i][0] == 0 || yw_parse_hex(leaves[i], strlen(leaves[i]), data, sizeof data, &n));
        assert_true(yw_merkle_leaf(data, n, hashes[i]));
        yw_merkle_add(&m, hashes[i]);
        yw_merkle_root(&m, root);
        assert_true(yw_parse_hex(roots[i], 64, want, sizeof want, &n));
        assert_memory_equal(root, want, 32);
    }
}

static void test_audit_paths(void **state) {
    YW_UNUSED(state);
    enum { MOST = 130 };
    uint8_t leaves[MOST][32], path[YW_MERKLE_DEPTH][32], root[32];
    struct yw_merkle m;
    yw_merkle_start(&m);
    for (uint64_t n = 1; n <= MOST; n++) {
        yw_sha256(&n, sizeof n, leaves[n - 1]);
        yw_merkle_add(&m, leaves[n - 1]);
        yw_merkle_root(&m, root);
        for (uint64_t i = 0; i < n; i++) {
            int length = yw_merkle_path((const uint8_t(*)[32])leaves, n, i, path);
            const uint8_t(*p)[32] = (const uint8_t(*)[32])path;
            assert_true(yw_merkle_proves(leaves[i], i, n, p, length, root));
            if (n > 1) assert_false(yw_merkle_proves(leaves[i], (i + 1) % n, n, p, length, root));
            if (n > 1) assert_false(yw_merkle_proves(leaves[(i + 1) % n], i, n, p, length, root));
            if (length > 0) assert_false(yw_merkle_proves(leaves[i], i, n, p, length - 1, root));
        }
    }
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_due_by_time),
        T(test_due_by_size),
        T(test_large_record_is_a_block),
        T(test_get_from_blocks),
        T(test_removal_under_a_reader),
        T(test_successor_must_be_durable),
        T(test_reopened_sealer_continues),
        T(test_files_are_turned_over),
        T(test_disk_full_while_sealing),
        T(test_damaged_segment_is_kept),
        T(test_flipped_bytes_in_blocks),
        T(test_forged_block),
        cmocka_unit_test(test_merkle_tree),
        cmocka_unit_test(test_audit_paths),
    };
    return cmocka_run_group_tests_name("journal blocks", tests, NULL, NULL);
}
