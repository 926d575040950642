/* A thousand seeded power cuts: what was done is there, nothing torn is read, nothing committed is not
 * durable. */
#include "../support/journal_model.h"
#include "../support/sim_io.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { SEEDS = 1000, LIVES = 3, SEGMENT = 64 << 10 };
#define FOLDER "data/journal/p0"
#define BLOCKS "data/blocks/p0"

/* Told after each test, so that a failure names the history to look at. */
static uint64_t last_seed;

struct world {
    struct sim *sim;
    struct model model;
    struct yw_journal *journal;
    struct yw_sealer *sealer; /* NULL: none */
    bool sealing;
    int64_t clock;
    uint64_t blocks;
};

static void move_clock(struct world *w) {
    switch (sim_random(w->sim, 12)) {
    case 0:
        w->clock += 70 * YW_SECOND; /* blocks fall due */
        break;
    case 1:
        w->clock -= 3 * YW_HOUR;
        break;
    case 2:
        w->clock += YW_DAY;
        break;
    default:
        w->clock += 1000;
    }
    sim_clock(w->sim, w->clock);
}

/* Opening may meet the cut as well; then there is no journal in this life. */
static void open_world(struct world *w) {
    struct yw_error err = {0};
    enum yw_code code = yw_journal_open_sized(sim_io(w->sim), FOLDER, "p0", SEGMENT, &w->journal, NULL, &err);
    if (code != YW_OK && !sim_dark(w->sim)) fail_msg("opening: %s", err.text);
    if (w->journal && w->sealing) {
        code = yw_sealer_open(sim_io(w->sim), FOLDER, BLOCKS, &w->sealer, &err);
        if (code != YW_OK && !sim_dark(w->sim)) fail_msg("opening the sealer: %s", err.text);
    }
}

static void close_world(struct world *w) {
    yw_sealer_close(w->sealer);
    w->sealer = NULL;
    yw_journal_close(w->journal);
    w->journal = NULL;
}

static void seal_some(struct world *w) {
    bool sealed = true;
    struct yw_error err = {0};
    struct yw_block block;
    while (w->sealer && sealed && !sim_dark(w->sim)) {
        enum yw_code code = yw_sealer_step(w->sealer, w->clock, &sealed, &block, &err);
        if (code != YW_OK && code != YW_E_FULL && code != YW_E_SYSTEM) fail_msg("sealing: %s", err.text);
        if (code != YW_OK) return;
        if (sealed) w->blocks++;
        assert_true(yw_sealer_position(w->sealer) <= yw_journal_committed(w->journal));
    }
}

/* Appends a few and commits them, with all that may go wrong; only `done` promises anything. */
static void work(struct world *w) {
    struct yw_error err = {0};
    struct yw_journal_batch batch;
    uint32_t first = w->model.count;
    for (uint64_t n = 1 + sim_random(w->sim, 40); n > 0; n--)
        assert_int_equal(model_append(&w->model, w->journal, w->clock, &err), YW_OK);
    if (sim_random(w->sim, 25) == 0) sim_fail_syncs(w->sim, 1 + (int)sim_random(w->sim, 3));
    if (sim_random(w->sim, 40) == 0) sim_fail_dir_syncs(w->sim, 1);
    if (sim_random(w->sim, 30) == 0) sim_space(w->sim, (int64_t)sim_random(w->sim, SEGMENT));
    assert_true(yw_journal_take(w->journal, &batch));
    enum yw_code code = yw_journal_write(w->journal, &batch, &err);
    for (int tries = 0; code != YW_OK && tries < 3; tries++) {
        seal_some(w);
        if (tries == 2 && sim_random(w->sim, 2)) sim_space(w->sim, -1);
        code = yw_journal_write(w->journal, &batch, &err);
    }
    sim_fail_syncs(w->sim, 0);
    sim_fail_dir_syncs(w->sim, 0);
    sim_space(w->sim, -1);
    if (code == YW_OK) {
        yw_journal_done(w->journal, &batch);
        model_done(&w->model, first, w->model.count);
    } else {
        yw_journal_withdraw(w->journal);
    }
}

static void live(struct world *w) {
    sim_cut_within(w->sim, 1 + sim_random(w->sim, 120));
    open_world(w);
    while (w->journal && !sim_dark(w->sim)) {
        move_clock(w);
        work(w);
        seal_some(w);
    }
    sim_cut(w->sim);
    close_world(w);
}

/* After a cut nobody has repaired anything: what the live page calls committed must be readable as it is. */
static void check_unrepaired(struct world *w) {
    struct yw_reader *reader;
    struct yw_error err = {0};
    struct yw_record r;
    if (yw_reader_open_on(sim_io(w->sim), FOLDER, BLOCKS, &reader, &err) != YW_OK) return;
    enum yw_code code;
    while ((code = yw_reader_next(reader, &r, &err)) == YW_OK) model_check(&w->model, &r);
    if (code != YW_E_END) fail_msg("before repair: %s", err.text);
    yw_reader_close(reader);
}

static void complain(void *arg, const char *sentence) {
    YW_UNUSED(arg);
    print_error("%s\n", sentence);
}

static void check_repaired(struct world *w) {
    struct yw_reader *reader;
    struct yw_error err = {0};
    struct yw_verify_count count;
    open_world(w);
    assert_non_null(w->journal);
    if (yw_reader_open_on(sim_io(w->sim), FOLDER, BLOCKS, &reader, &err) != YW_OK) fail_msg("%s", err.text);
    assert_int_equal(yw_reader_committed(reader), yw_journal_end(w->journal));
    uint32_t records = model_check_all(&w->model, reader);
    yw_reader_close(reader);
    enum yw_code code = yw_journal_verify_on(sim_io(w->sim), FOLDER, BLOCKS, &count, complain, NULL, &err);
    if (code != YW_OK) fail_msg("verifying: %s", err.text);
    assert_int_equal(count.records, records);
    close_world(w);
}

static uint64_t run(uint64_t seed, bool sealing) {
    struct world *w = calloc(1, sizeof *w);
    assert_non_null(w);
    w->sim = sim_create(seed);
    last_seed = seed;
    w->sealing = sealing;
    w->clock = 1795000000 * YW_SECOND;
    model_init(&w->model);
    /* Records of one size line up with what an earlier life left behind; one in two histories has only such.
     */
    if (seed % 2) w->model.fixed = 760;
    for (int life = 0; life < LIVES; life++) {
        live(w);
        check_unrepaired(w);
        if (sim_random(w->sim, 2)) check_repaired(w);
    }
    check_repaired(w);
    uint64_t blocks = w->blocks;
    model_free(&w->model);
    sim_destroy(w->sim);
    free(w);
    return blocks;
}

static void test_cuts(void **state) {
    YW_UNUSED(state);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) run(seed, false);
}

static void test_cuts_while_sealing(void **state) {
    YW_UNUSED(state);
    uint64_t blocks = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++) blocks += run(seed + 1000000, true);
    assert_true(blocks > SEEDS); /* else this tested nothing */
}

static int tell_seed(void **state) {
    YW_UNUSED(state);
    print_message("last seed: %llu\n", (unsigned long long)last_seed);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_cuts, tell_seed),
        cmocka_unit_test_teardown(test_cuts_while_sealing, tell_seed),
    };
    return cmocka_run_group_tests_name("journal power cuts", tests, NULL, NULL);
}
