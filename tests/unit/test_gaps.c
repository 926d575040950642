/* Owed records: each state by example, then properties over random patterns of presence and questions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "gaps/gaps.h"

#define DAY0 (YW_DAY * 20000 - YW_CHINA) /* midnight of a civil day */
#define STEP (10 * YW_MINUTE)

enum { SLOTS = 4096 };

static struct yw_gaps look(int64_t from, int64_t to, struct yw_gap_slot *slots) {
    struct yw_gaps g = {
        .step = STEP, .since = from, .until = INT64_MAX, .tolerance = STEP + 10 * YW_MINUTE, .tries_most = 3};
    assert_true(yw_gap_slot_count(STEP, from, to) <= SLOTS);
    yw_gaps_start(&g, from, to, slots);
    return g;
}

static int64_t at(int slot) {
    return DAY0 + slot * STEP;
}

static void each_state_has_its_reason(void **state) {
    YW_UNUSED(state);
    struct yw_gap_slot s[SLOTS];
    struct yw_gaps g = look(DAY0, at(20), s);
    g.since = at(1);
    g.until = at(18);
    assert_int_equal(g.n, 20);
    yw_gaps_have(&g, at(2), at(3) + YW_SECOND, false);
    yw_gaps_have(&g, at(3), at(4) + g.tolerance, false); /* the last moment that is in time */
    yw_gaps_have(&g, at(4), at(5) + g.tolerance + 1, false);
    yw_gaps_have(&g, at(5), at(30), true);
    yw_gaps_have(&g, at(6) + 3 * YW_MINUTE, at(30), true); /* two in one slot: the better counts */
    yw_gaps_have(&g, at(6) + 4 * YW_MINUTE, at(7), false);
    yw_gaps_asked(&g, at(8), at(9) - YW_SECOND, YW_GAP_OPEN);
    for (int i = 0; i < 2; i++) yw_gaps_asked(&g, at(9), at(10) - YW_SECOND, YW_GAP_ANSWERED);
    yw_gaps_asked(&g, at(10), at(11), YW_GAP_ANSWERED); /* both ends included: 10 and 11 */
    for (int i = 0; i < 3; i++) yw_gaps_asked(&g, at(11), at(11), YW_GAP_UNANSWERED);
    for (int i = 0; i < 9; i++) yw_gaps_asked(&g, at(12), at(12), YW_GAP_UNSENT);
    yw_gaps_have(&g, at(13), at(99), true); /* given up, and came after all */
    for (int i = 0; i < 3; i++) yw_gaps_asked(&g, at(13), at(13), YW_GAP_UNANSWERED);
    yw_gaps_settle(&g, at(15) + STEP + g.tolerance); /* 15 is due for the last time */
    static const uint8_t want[20] = {YW_GAP_NONE,    YW_GAP_MISSING,    YW_GAP_RECEIVED, YW_GAP_RECEIVED,
                                     YW_GAP_LATE,    YW_GAP_BACKFILLED, YW_GAP_RECEIVED, YW_GAP_MISSING,
                                     YW_GAP_ASKED,   YW_GAP_LOST,       YW_GAP_MISSING,  YW_GAP_LOST,
                                     YW_GAP_MISSING, YW_GAP_BACKFILLED, YW_GAP_MISSING,  YW_GAP_DUE,
                                     YW_GAP_DUE,     YW_GAP_DUE,        YW_GAP_NONE,     YW_GAP_NONE};
    for (int i = 0; i < 20; i++) {
        if (g.slots[i].state != want[i]) {
            fail_msg("slot %d: %s, not %s", i, yw_gap_state_name(g.slots[i].state),
                     yw_gap_state_name(want[i]));
        }
    }
    uint32_t counts[YW_GAP_STATES];
    yw_gaps_count(&g, at(4), at(10), counts);
    assert_int_equal(counts[YW_GAP_LATE], 1);
    assert_int_equal(counts[YW_GAP_BACKFILLED], 1);
    assert_int_equal(counts[YW_GAP_RECEIVED], 1);
    assert_int_equal(counts[YW_GAP_MISSING], 1);
    assert_int_equal(counts[YW_GAP_ASKED], 1);
    assert_int_equal(counts[YW_GAP_LOST], 1);
}

static void what_has_not_begun_is_not_due(void **state) {
    YW_UNUSED(state);
    struct yw_gap_slot s[SLOTS];
    struct yw_gaps g = look(DAY0, at(6), s);
    yw_gaps_settle(&g, at(3) - 1);
    assert_int_equal(s[2].state, YW_GAP_DUE);
    assert_int_equal(s[3].state, YW_GAP_NONE);
}

static void slots_lie_on_civil_time(void **state) {
    YW_UNUSED(state);
    assert_int_equal(yw_gap_slot_start(YW_DAY, DAY0 + 5 * YW_HOUR), DAY0);
    assert_int_equal(yw_gap_slot_start(YW_DAY, DAY0 - 1), DAY0 - YW_DAY);
    assert_int_equal(yw_gap_slot_start(YW_DAY, -1 - YW_CHINA), -YW_DAY - YW_CHINA); /* before 1970 */
    assert_int_equal(yw_gap_slot_count(YW_DAY, DAY0 + 1, DAY0 + YW_DAY + 1), 2);
    assert_int_equal(yw_gap_slot_count(YW_DAY, DAY0, DAY0 + YW_DAY), 1);
    assert_int_equal(yw_gap_slot_count(YW_DAY, DAY0, DAY0), 0);
    assert_int_equal(yw_gap_slot_count(YW_MINUTE, DAY0, DAY0 + YW_GAP_SLOTS_MAX * YW_MINUTE),
                     YW_GAP_SLOTS_MAX);
    assert_int_equal(yw_gap_slot_count(YW_MINUTE, DAY0, DAY0 + YW_GAP_SLOTS_MAX * YW_MINUTE + 1), 0);
    assert_int_equal(yw_gap_slot_count(1, INT64_MIN, INT64_MAX), 0);
}

static void patience_grows(void **state) {
    YW_UNUSED(state);
    assert_int_equal(yw_gaps_patience(0, 5), 5);
    assert_int_equal(yw_gaps_patience(1, 5), 5 + 10 * YW_MINUTE);
    assert_int_equal(yw_gaps_patience(2, 5), 5 + YW_HOUR);
    assert_int_equal(yw_gaps_patience(3, 5), 5 + 6 * YW_HOUR);
    assert_int_equal(yw_gaps_patience(300, 5), 5 + 6 * YW_HOUR);
}

static void the_interval_is_learned(void **state) {
    YW_UNUSED(state);
    struct yw_gap_learn l = {0};
    for (int i = 0; i < 3; i++) yw_gap_learn_time(&l, at(i));
    assert_int_equal(yw_gap_learned(&l), 0); /* two distances say nothing */
    yw_gap_learn_time(&l, at(3));
    assert_int_equal(yw_gap_learned(&l), 10);
    /* Holes and jitter change nothing; a change of the interval does, once it is the commoner one. */
    yw_gap_learn_time(&l, at(40) + 2 * YW_SECOND);
    yw_gap_learn_time(&l, at(41) - 3 * YW_SECOND);
    assert_int_equal(yw_gap_learned(&l), 10);
    int64_t t = at(50);
    for (int i = 0; i < 9; i++) yw_gap_learn_time(&l, t += 5 * YW_MINUTE);
    assert_int_equal(yw_gap_learned(&l), 5);
    /* As it pleases: no interval. */
    struct yw_gap_learn wild = {0};
    t = DAY0;
    for (int i = 1; i <= 40; i++) yw_gap_learn_time(&wild, t += i * YW_MINUTE);
    assert_int_equal(yw_gap_learned(&wild), 0);
}

/* ---- properties ---- */

struct rng {
    uint64_t x;
};
static uint32_t roll(struct rng *r, uint32_t below) {
    r->x = r->x * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (uint32_t)(r->x >> 33) % below;
}

struct walk {
    const struct yw_gaps *g;
    int64_t at;
    uint32_t count[YW_GAP_STATES];
    uint8_t before;
    bool first;
};
static bool check_run(void *arg, const struct yw_gap_run *r) {
    struct walk *w = arg;
    assert_int_equal(r->from, w->at);
    assert_true(r->to > r->from);
    assert_true(w->first || r->state != w->before);
    w->count[r->state] += (uint32_t)((r->to - r->from) / w->g->step);
    w->before = r->state;
    w->first = false;
    w->at = r->to;
    return true;
}

static void runs_cover_the_whole_range(void **state) {
    YW_UNUSED(state);
    struct rng r = {7};
    static struct yw_gap_slot s[SLOTS];
    for (int round = 0; round < 300; round++) {
        uint32_t n = 1 + roll(&r, 500);
        struct yw_gaps g = look(at(0), at((int)n), s);
        uint32_t density = roll(&r, 100);
        g.since = at((int)roll(&r, n));
        for (uint32_t i = 0; i < n; i++) {
            if (roll(&r, 100) < density)
                yw_gaps_have(&g, at((int)i), at((int)i + 1 + (int)roll(&r, 6)), roll(&r, 3) == 0);
        }
        for (uint32_t i = roll(&r, 30); i > 0; i--) {
            int64_t from = at((int)roll(&r, n + 20) - 10);
            yw_gaps_asked(&g, from, from + (int64_t)roll(&r, 30) * STEP, (enum yw_gap_answer)roll(&r, 4));
        }
        yw_gaps_settle(&g, at((int)roll(&r, n + 10)));
        struct walk w = {.g = &g, .at = g.first, .first = true};
        yw_gaps_runs(&g, check_run, &w);
        assert_int_equal(w.at, at((int)n));
        uint32_t count[YW_GAP_STATES];
        yw_gaps_count(&g, g.first, w.at, count);
        assert_memory_equal(count, w.count, sizeof count);
    }
}

/* A device that has some of what is missing, asked until nothing is left to ask. */
static void questions_cover_exactly_what_is_missing(void **state) {
    YW_UNUSED(state);
    struct rng r = {11};
    static struct yw_gap_slot s[SLOTS];
    static bool there[500], held[500], missed[500];
    struct question {
        int64_t from, to;
        enum yw_gap_answer answer;
    };
    static struct question asked[4000];
    for (int round = 0; round < 100; round++) {
        uint32_t n = 1 + roll(&r, 500), most = 1 + roll(&r, 40), density = roll(&r, 101), asked_n = 0;
        for (uint32_t i = 0; i < n; i++) {
            there[i] = roll(&r, 100) < density;
            held[i] = roll(&r, 2) == 0;
            missed[i] = !there[i];
        }
        int64_t now = at((int)n + 50), newest = INT64_MAX;
        bool silent = roll(&r, 4) == 0;
        static bool covered[500];
        memset(covered, 0, sizeof covered);
        for (;;) {
            /* Everything from what is kept, as after a start of the program. */
            struct yw_gaps g = look(at(0), at((int)n), s);
            for (uint32_t i = 0; i < n; i++) {
                if (there[i]) yw_gaps_have(&g, at((int)i), now, missed[i]);
            }
            for (uint32_t i = 0; i < asked_n; i++)
                yw_gaps_asked(&g, asked[i].from, asked[i].to, asked[i].answer);
            yw_gaps_settle(&g, now);
            struct yw_gap_run q;
            if (!yw_gaps_next(&g, most, &q)) break;
            assert_true(asked_n < YW_COUNT(asked));
            assert_true(q.to - q.from <= (int64_t)most * STEP);
            /* Newest first: nothing missing lies behind it, and each question while none was repeated is
             * older. */
            for (uint32_t i = 0; i < n; i++) {
                bool inside = at((int)i) >= q.from && at((int)i) < q.to;
                if (inside) {
                    assert_false(there[i]);
                    covered[i] = true;
                }
                if (at((int)i) >= q.to) assert_int_not_equal(g.slots[i].state, YW_GAP_MISSING);
            }
            assert_true(asked_n == 0 || q.from <= newest);
            newest = q.from > newest ? newest : q.to;
            for (uint32_t i = 0; i < n && !silent; i++) {
                if (at((int)i) >= q.from && at((int)i) < q.to && held[i]) there[i] = true;
            }
            asked[asked_n++] =
                (struct question){q.from, q.to - YW_SECOND, silent ? YW_GAP_UNANSWERED : YW_GAP_ANSWERED};
        }
        struct yw_gaps g = look(at(0), at((int)n), s);
        for (uint32_t i = 0; i < asked_n; i++) yw_gaps_asked(&g, asked[i].from, asked[i].to, asked[i].answer);
        for (uint32_t i = 0; i < n; i++) {
            if (there[i]) yw_gaps_have(&g, at((int)i), now, missed[i]);
        }
        yw_gaps_settle(&g, now);
        for (uint32_t i = 0; i < n; i++) {
            assert_int_equal(covered[i], missed[i]);
            uint8_t want = !missed[i]           ? g.slots[i].state
                           : !silent && held[i] ? YW_GAP_BACKFILLED
                                                : YW_GAP_LOST;
            assert_int_equal(g.slots[i].state, want);
            /* Given up after as many questions as are allowed, not one more. */
            if (want == YW_GAP_LOST)
                assert_int_equal(silent ? g.slots[i].tries : g.slots[i].empty, silent ? 3 : 2);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_state_has_its_reason),
        cmocka_unit_test(what_has_not_begun_is_not_due),
        cmocka_unit_test(slots_lie_on_civil_time),
        cmocka_unit_test(patience_grows),
        cmocka_unit_test(the_interval_is_learned),
        cmocka_unit_test(runs_cover_the_whole_range),
        cmocka_unit_test(questions_cover_exactly_what_is_missing),
    };
    return cmocka_run_group_tests_name("gaps", tests, NULL, NULL);
}
