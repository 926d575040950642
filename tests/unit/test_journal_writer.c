/* Appending, committing, reopening; torn and damaged tails; a full disk; clocks that jump. Over simulated
 * I/O. */
#include "../support/journal_model.h"
#include "../support/sim_io.h"
#include "journal/format.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEGMENT = 64 << 10, CLOCK = 1000000000 };
#define FOLDER "data/journal/p0"

struct bench {
    struct sim *sim;
    struct model model;
    struct yw_journal *journal;
    struct yw_error err;
};

static uint64_t open_journal(struct bench *b) {
    uint64_t repaired = 0;
    if (yw_journal_open_sized(sim_io(b->sim), FOLDER, "p0", SEGMENT, &b->journal, &repaired, &b->err) !=
        YW_OK)
        fail_msg("%s", b->err.text);
    return repaired;
}

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    b->sim = sim_create(1);
    model_init(&b->model);
    open_journal(b);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;
    yw_journal_close(b->journal);
    model_free(&b->model);
    sim_destroy(b->sim);
    free(b);
    return 0;
}

static void append(struct bench *b, uint32_t n) {
    for (uint32_t i = 0; i < n; i++)
        assert_int_equal(model_append(&b->model, b->journal, CLOCK, &b->err), YW_OK);
}

static void append_done(struct bench *b, uint32_t n) {
    uint32_t first = b->model.count;
    append(b, n);
    if (yw_journal_commit(b->journal, &b->err) != YW_OK) fail_msg("%s", b->err.text);
    model_done(&b->model, first, b->model.count);
}

static void reopen(struct bench *b) {
    yw_journal_close(b->journal);
    b->journal = NULL;
    open_journal(b);
}

static struct yw_reader *reader_of(struct bench *b) {
    struct yw_reader *r;
    if (yw_reader_open_on(sim_io(b->sim), FOLDER, NULL, &r, &b->err) != YW_OK) fail_msg("%s", b->err.text);
    return r;
}

static uint32_t check_all(struct bench *b) {
    struct yw_reader *r = reader_of(b);
    uint32_t n = model_check_all(&b->model, r);
    yw_reader_close(r);
    return n;
}

static const char *segment_path(char out[64], int number) {
    snprintf(out, 64, FOLDER "/%08d.seg", number);
    return out;
}

static void test_many_segments(void **state) {
    struct bench *b = *state;
    for (int i = 0; i < 20; i++) append_done(b, 50);
    assert_true(sim_files(b->sim, FOLDER) > 8);
    assert_int_equal(check_all(b), 1000);
    reopen(b);
    append_done(b, 10);
    assert_int_equal(check_all(b), 1010);
}

static void test_fields_survive(void **state) {
    struct bench *b = *state;
    struct yw_record r = {
        .arrival = 123456789,
        .link = UINT64_MAX,
        .peer = {.addr = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}, .port = 65535},
        .direction = YW_DIR_OUT,
        .domain = YW_DOMAIN_DEMO,
        .bucket = 255,
        .flags = 0x80000001,
        .register_version = 4000000000u,
        .device = 4000000001u,
        .key_id = 4000000002u,
        .payload = "",
        .length = 0};
    struct yw_record got;
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_OK);
    struct yw_reader *reader = reader_of(b);
    assert_int_equal(yw_reader_next(reader, &got, &b->err), YW_OK);
    assert_int_equal(got.arrival, r.arrival);
    assert_true(got.link == r.link);
    assert_memory_equal(got.peer.addr, r.peer.addr, 16);
    assert_int_equal(got.peer.port, r.peer.port);
    assert_int_equal(got.direction, r.direction);
    assert_int_equal(got.domain, r.domain);
    assert_int_equal(got.bucket, r.bucket);
    assert_int_equal(got.flags, r.flags);
    assert_int_equal(got.register_version, r.register_version);
    assert_int_equal(got.device, r.device);
    assert_int_equal(got.key_id, r.key_id);
    assert_int_equal(got.length, 0);
    yw_reader_close(reader);
}

static void test_limits(void **state) {
    struct bench *b = *state;
    char *big = calloc(1, YW_RECORD_PAYLOAD_MAX + 1);
    struct yw_record r = {.payload = big, .length = YW_RECORD_PAYLOAD_MAX + 1};
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_E_LIMIT);
    r.bucket = 256;
    r.length = 1;
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_E_RANGE);
    r.bucket = 0;
    r.length = YW_RECORD_PAYLOAD_MAX; /* larger than a segment of this journal */
    for (int i = 0; i < 3; i++) assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_E_FULL);
    assert_int_equal(yw_journal_pending(b->journal), 3 * yw_record_bytes(r.length));
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_OK);
    assert_int_equal(yw_journal_pending(b->journal), 0);
    r.length = 5;
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_OK);
    uint64_t end = yw_journal_end(b->journal);
    reopen(b);
    assert_int_equal(yw_journal_end(b->journal), end);
    struct yw_reader *reader = reader_of(b);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(yw_reader_next(reader, &r, &b->err), YW_OK);
        assert_int_equal(r.length, i < 3 ? YW_RECORD_PAYLOAD_MAX : 5);
    }
    assert_int_equal(yw_reader_next(reader, &r, &b->err), YW_E_END);
    yw_reader_close(reader);
    free(big);
    b->model.count = 0;
}

/* Appending goes on while a batch is written; nothing of either is seen before it is done. */
static void test_two_sides(void **state) {
    struct bench *b = *state;
    struct yw_journal_batch one, two;
    struct yw_record r;
    append(b, 5);
    assert_true(yw_journal_take(b->journal, &one));
    append(b, 7);
    assert_false(yw_journal_take(b->journal, &two));
    for (uint32_t i = 0; i < 12; i++) {
        assert_int_equal(yw_journal_pending_get(b->journal, b->model.entries[i].position, &r, &b->err),
                         YW_OK);
        assert_int_equal(model_check(&b->model, &r), i);
    }
    assert_int_equal(check_all(b), 0);
    assert_int_equal(yw_journal_write(b->journal, &one, &b->err), YW_OK);
    assert_int_equal(check_all(b), 0);
    yw_journal_done(b->journal, &one);
    assert_int_equal(check_all(b), 5);
    assert_int_equal(yw_journal_committed(b->journal), one.to);
    assert_int_equal(yw_journal_pending_get(b->journal, 0, &r, &b->err), YW_E_NOT_FOUND);
    assert_true(yw_journal_take(b->journal, &two));
    assert_int_equal(two.from, one.to);
    assert_int_equal(yw_journal_write(b->journal, &two, &b->err), YW_OK);
    yw_journal_done(b->journal, &two);
    assert_int_equal(check_all(b), 12);
    assert_false(yw_journal_take(b->journal, &two));
}

static void test_clock_jumps(void **state) {
    struct bench *b = *state;
    const int64_t asked[] = {CLOCK, CLOCK - YW_DAY, CLOCK + 5, INT64_MIN, CLOCK + YW_DAY, 0};
    const int64_t given[] = {CLOCK, CLOCK, CLOCK + 5, CLOCK + 5, CLOCK + YW_DAY, CLOCK + YW_DAY};
    for (size_t i = 0; i < YW_COUNT(asked); i++) {
        struct yw_record r = {.arrival = asked[i], .payload = "x", .length = 1};
        assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
        assert_int_equal(r.arrival, given[i]);
    }
    reopen(b); /* the clamp outlives the process */
    struct yw_record r = {.arrival = 7, .payload = "x", .length = 1};
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
    assert_int_equal(r.arrival, CLOCK + YW_DAY);
    yw_journal_withdraw(b->journal);
    b->model.count = 0;
}

/* Also when the last segment holds nothing yet. */
static void test_clock_in_empty_segment(void **state) {
    struct bench *b = *state;
    b->model.fixed = SEGMENT - YW_SEGMENT_HEADER - YW_RECORD_HEADER;
    append_done(b, 1);
    b->model.fixed = 0;
    append(b, 1);
    struct yw_journal_batch batch;
    assert_true(yw_journal_take(b->journal, &batch));
    assert_int_equal(yw_journal_write(b->journal, &batch, &b->err), YW_OK);
    char path[64];
    assert_true(sim_flip(b->sim, segment_path(path, 2), YW_SEGMENT_HEADER, 1)); /* its only record is torn */
    sim_kill(b->sim);
    yw_journal_close(b->journal);
    assert_true(open_journal(b) > 0);
    struct yw_record r = {.arrival = 7, .payload = "x", .length = 1};
    assert_int_equal(yw_journal_append(b->journal, &r, &b->err), YW_OK);
    assert_int_equal(r.arrival, CLOCK);
    yw_journal_withdraw(b->journal);
}

static void test_disk_full(void **state) {
    struct bench *b = *state;
    struct yw_journal_batch batch;
    append_done(b, 40);
    sim_space(b->sim, 1000);
    uint32_t first = b->model.count;
    append(b, 200); /* needs new segments */
    assert_true(yw_journal_take(b->journal, &batch));
    for (int i = 0; i < 3; i++) assert_int_equal(yw_journal_write(b->journal, &batch, &b->err), YW_E_FULL);
    assert_int_equal(check_all(b), 40);
    append(b, 3); /* goes on in memory up to its limit */
    sim_space(b->sim, -1);
    assert_int_equal(yw_journal_write(b->journal, &batch, &b->err), YW_OK);
    yw_journal_done(b->journal, &batch);
    model_done(&b->model, first, first + 200);
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_OK);
    model_done(&b->model, first, b->model.count);
    assert_int_equal(check_all(b), 243);
    reopen(b);
    assert_int_equal(check_all(b), 243);
}

/* What was refused never comes back: not by reading, not by reopening, not when positions are given out
 * again. */
static void test_refused_stays_refused(void **state) {
    struct bench *b = *state;
    b->model.fixed = 700;
    append_done(b, 10);
    uint64_t end = yw_journal_end(b->journal);
    append(b, 150);
    sim_fail_syncs(b->sim, 1);
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_E_SYSTEM);
    assert_int_equal(yw_journal_end(b->journal), end);
    append_done(b, 2);
    assert_int_equal(check_all(b), 12);
    reopen(b);
    assert_int_equal(check_all(b), 12);
    sim_space(b->sim, 0);
    append(b, 150);
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_E_FULL);
    sim_space(b->sim, -1);
    append_done(b, 1);
    reopen(b);
    assert_int_equal(check_all(b), 13);
}

static void test_torn_tail(void **state) {
    struct bench *b = *state;
    char path[64];
    append_done(b, 10);
    uint64_t end = yw_journal_end(b->journal);
    append(b, 5);
    struct yw_journal_batch batch;
    assert_true(yw_journal_take(b->journal, &batch));
    assert_int_equal(yw_journal_write(b->journal, &batch, &b->err), YW_OK);
    /* Not done, so it may be lost; the record in the middle is torn. */
    uint64_t torn = b->model.entries[12].position;
    assert_true(sim_flip(b->sim, segment_path(path, 1), YW_SEGMENT_HEADER + torn + 90, 4));
    sim_kill(b->sim);
    yw_journal_close(b->journal);
    uint64_t repaired = open_journal(b);
    assert_true(repaired > 0);
    assert_true(repaired <= batch.to - torn);
    assert_int_equal(yw_journal_end(b->journal), torn);
    assert_true(torn > end);
    assert_int_equal(check_all(b), 12); /* those before it survived whole */
    append_done(b, 1);
    reopen(b);
    assert_int_equal(check_all(b), 13);
}

/* Any single flipped bit in what was done: the rest stays, nothing wrong is read, writing goes on. */
static void test_flipped_bits(void **state) {
    struct bench *b = *state;
    append_done(b, 60);
    uint64_t end = yw_journal_end(b->journal);
    struct yw_error err;
    for (uint64_t at = 0; at < end; at += 1 + at % 97) {
        char path[64];
        uint32_t hit = 0;
        while (hit + 1 < b->model.count && b->model.entries[hit + 1].position <= at) hit++;
        assert_true(sim_flip(b->sim, segment_path(path, 1), YW_SEGMENT_HEADER + at, (uint8_t)(1 << at % 8)));
        reopen(b);
        assert_true(yw_journal_end(b->journal) >= end);
        struct yw_reader *r = reader_of(b);
        struct yw_record record;
        uint32_t seen = 0;
        enum yw_code code;
        while ((code = yw_reader_next(r, &record, &err)) != YW_E_END) {
            if (code == YW_OK) {
                assert_int_not_equal(model_check(&b->model, &record), hit);
                seen++;
                continue;
            }
            assert_int_equal(code, YW_E_CORRUPT);
            assert_int_equal(yw_reader_position(r), b->model.entries[hit].position);
            uint64_t lost;
            yw_reader_skip(r, &lost, &err);
            assert_true(lost > 0);
        }
        assert_int_equal(seen, 59);
        yw_reader_close(r);
        assert_true(sim_flip(b->sim, segment_path(path, 1), YW_SEGMENT_HEADER + at, (uint8_t)(1 << at % 8)));
    }
    reopen(b);
    assert_int_equal(check_all(b), 60);
}

/* A damaged end is never given out again: writing goes on behind what was published. */
static void test_damaged_end(void **state) {
    struct bench *b = *state;
    char path[64];
    append_done(b, 60);
    uint64_t last = b->model.entries[59].position, end = yw_journal_end(b->journal);
    assert_true(sim_flip(b->sim, segment_path(path, 1), YW_SEGMENT_HEADER + last + 3, 1));
    reopen(b);
    assert_int_equal(yw_journal_end(b->journal), end);
    b->model.entries[59].done = false;
    append(b, 1);
    assert_int_equal(b->model.entries[60].position, end);
    assert_int_equal(yw_journal_commit(b->journal, &b->err), YW_OK);
    struct yw_reader *r = reader_of(b);
    struct yw_record record;
    uint64_t lost;
    assert_int_equal(yw_reader_seek(r, last, &b->err), YW_OK);
    assert_int_equal(yw_reader_next(r, &record, &b->err), YW_E_CORRUPT);
    assert_int_equal(yw_reader_skip(r, &lost, &b->err), YW_OK);
    assert_int_equal(lost, end - last);
    assert_int_equal(yw_reader_next(r, &record, &b->err), YW_OK);
    assert_int_equal(model_check(&b->model, &record), 60);
    yw_reader_close(r);
}

static void test_damaged_headers(void **state) {
    struct bench *b = *state;
    char path[64];
    for (int i = 0; i < 4; i++) append_done(b, 100);
    uint64_t end = yw_journal_end(b->journal);
    int last = (int)sim_files(b->sim, FOLDER) - 1; /* the live page is a file too */
    yw_journal_close(b->journal);
    b->journal = NULL;
    assert_true(sim_flip(b->sim, segment_path(path, last), 60, 1));
    open_journal(b); /* goes on behind it */
    assert_int_equal(yw_journal_end(b->journal), end);
    append_done(b, 1);
    yw_journal_close(b->journal);
    b->journal = NULL;
    for (int i = 1; i <= last + 1; i++)
        if (i != last) sim_flip(b->sim, segment_path(path, i), 60, 1);
    assert_int_equal(yw_journal_open(sim_io(b->sim), FOLDER, "p0", &b->journal, NULL, &b->err), YW_E_CORRUPT);
    assert_non_null(strstr(b->err.text, "damaged"));
    for (int i = 1; i <= last + 1; i++) sim_flip(b->sim, segment_path(path, i), 60, 1);
    open_journal(b);
    assert_int_equal(check_all(b), 401);
}

static void test_newer_versions_are_refused(void **state) {
    struct bench *b = *state;
    append_done(b, 3);
    yw_journal_close(b->journal);
    b->journal = NULL;
    char path[64];
    /* Newer versions are made by hand; the same bytes flipped alone would be damage. */
    size_t size;
    const uint8_t *file = sim_bytes(b->sim, segment_path(path, 1), &size);
    uint8_t *copy = malloc(size);
    memcpy(copy, file, size);
    copy[8] = 2;
    yw_put_u64(copy + 80, yw_hash64(copy, 80, 0));
    sim_put(b->sim, path, copy, size);
    assert_int_equal(yw_journal_open(sim_io(b->sim), FOLDER, "p0", &b->journal, NULL, &b->err), YW_E_VERSION);
    copy[8] = 1;
    yw_put_u64(copy + 80, yw_hash64(copy, 80, 0));
    uint8_t *record = copy + YW_SEGMENT_HEADER;
    record[12] = 2;
    size_t bytes = (size_t)yw_record_bytes(yw_get_u32(record + 8));
    yw_put_u64(record, yw_hash64(record + 8, bytes - 8, yw_get_u64(copy + 16)));
    sim_put(b->sim, path, copy, size);
    assert_int_equal(yw_journal_open(sim_io(b->sim), FOLDER, "p0", &b->journal, NULL, &b->err), YW_E_VERSION);
    record[12] = 1;
    yw_put_u64(record, yw_hash64(record + 8, bytes - 8, yw_get_u64(copy + 16)));
    sim_put(b->sim, path, copy, size);
    free(copy);
    open_journal(b);
}

/* Whatever the live page says, nothing that was done is lost or given a second time. */
static void test_damaged_live_page(void **state) {
    struct bench *b = *state;
    append_done(b, 60);
    uint64_t end = yw_journal_end(b->journal);
    for (size_t bit = 0; bit < 128; bit++) { /* magic and committed position */
        yw_journal_close(b->journal);
        b->journal = NULL;
        assert_true(sim_flip(b->sim, FOLDER "/live", bit / 8, (uint8_t)(1 << bit % 8)));
        open_journal(b);
        uint64_t now = yw_journal_end(b->journal);
        assert_true(now >= end);
        assert_true(now < end + 2 * SEGMENT);
        end = now;
        struct yw_reader *r = reader_of(b);
        struct yw_record record;
        enum yw_code code;
        uint32_t seen = 0;
        while ((code = yw_reader_next(r, &record, &b->err)) != YW_E_END) {
            if (code == YW_OK)
                assert_int_equal(model_check(&b->model, &record), seen++);
            else
                yw_reader_skip(r, NULL, &b->err);
        }
        assert_int_equal(seen, 60);
        yw_reader_close(r);
    }
}

static void test_positions(void **state) {
    struct bench *b = *state;
    append_done(b, 300);
    struct yw_reader *r = reader_of(b);
    struct yw_record record;
    for (uint32_t i = 300; i-- > 0;) {
        assert_int_equal(yw_reader_get(r, b->model.entries[i].position, &record, &b->err), YW_OK);
        assert_int_equal(model_check(&b->model, &record), i);
    }
    assert_int_equal(yw_reader_get(r, 12, &record, &b->err), YW_E_NOT_FOUND);
    assert_int_equal(yw_reader_get(r, yw_journal_end(b->journal), &record, &b->err), YW_E_NOT_FOUND);
    assert_int_equal(yw_reader_get(r, b->model.entries[5].position + 8, &record, &b->err), YW_E_CORRUPT);
    assert_int_equal(yw_reader_seek(r, 13, &b->err), YW_E_RANGE);
    assert_int_equal(yw_reader_seek(r, b->model.entries[200].position, &b->err), YW_OK);
    assert_int_equal(yw_reader_next(r, &record, &b->err), YW_OK);
    assert_int_equal(model_check(&b->model, &record), 200);
    assert_string_equal(yw_reader_info(r)->name, "p0");
    yw_reader_close(r);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
        T(test_many_segments),
        T(test_fields_survive),
        T(test_limits),
        T(test_two_sides),
        T(test_clock_jumps),
        T(test_clock_in_empty_segment),
        T(test_disk_full),
        T(test_refused_stays_refused),
        T(test_torn_tail),
        T(test_flipped_bits),
        T(test_damaged_end),
        T(test_damaged_headers),
        T(test_newer_versions_are_refused),
        T(test_damaged_live_page),
        T(test_positions),
    };
    return cmocka_run_group_tests_name("journal writer", tests, NULL, NULL);
}
