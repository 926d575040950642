/* What is on its way to a target: fronts move only over what is done, whatever order answers come in, and a
 * restart at any moment sends again only what was not answered. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "courier/sending.h"

static struct yw_mark marks[YW_SENDING_JOURNALS];
static struct yw_sending window;

static void fresh(uint32_t most) {
    memset(marks, 0, sizeof marks);
    yw_sending_init(&window, marks, most);
}

static hj212_span qn_of(unsigned n, char out[18]) {
    snprintf(out, 18, "2026010100%07u", n);
    return (hj212_span){out, 17};
}

static void send_one(uint16_t journal, uint64_t position, unsigned qn) {
    char text[18];
    assert_non_null(
        yw_sending_send(&window, journal, position, position + 10, qn_of(qn, text), hj212_text("MN"), 0));
}

static int answer(unsigned qn) {
    char text[18];
    return yw_sending_answered(&window, qn_of(qn, text), hj212_text("MN"));
}

static void test_front_waits_for_the_oldest(void **state) {
    YW_UNUSED(state);
    fresh(8);
    send_one(0, 0, 1);
    send_one(0, 10, 2);
    send_one(0, 20, 3);
    assert_int_equal(answer(2), 1);
    assert_int_equal(marks[0].front, 0);
    assert_true(yw_sending_was_done(&window, 0, 10));
    assert_false(yw_sending_was_done(&window, 0, 0));
    assert_int_equal(answer(1), 0);
    assert_int_equal(marks[0].front, 20);
    assert_int_equal(marks[0].done_n, 0);
    assert_int_equal(answer(3), 0);
    assert_int_equal(marks[0].front, 30);
    assert_int_equal(answer(3), -1); /* it was answered before */
}

static void test_what_is_nothing_for_the_target_moves_the_front(void **state) {
    YW_UNUSED(state);
    fresh(8);
    yw_sending_pass(&window, 1, 0, 50);
    assert_int_equal(marks[1].front, 50);
    send_one(1, 50, 1);
    yw_sending_pass(&window, 1, 60, 70);
    assert_int_equal(marks[1].front, 50);
    assert_int_equal(answer(1), 0);
    assert_int_equal(marks[1].front, 70);
}

static void test_the_window_is_bounded(void **state) {
    YW_UNUSED(state);
    fresh(2);
    send_one(0, 0, 1);
    send_one(0, 10, 2);
    assert_false(yw_sending_has_room(&window, 0));
    assert_null(yw_sending_send(&window, 0, 20, 30, hj212_text("x"), hj212_text("MN"), 0));
    /* one that is never answered: the others may only run ahead as far as can be remembered */
    fresh(YW_SENDING_MOST);
    send_one(0, 0, 0);
    unsigned n = 1;
    for (; n < 10000 && yw_sending_has_room(&window, 0); n++) {
        send_one(0, 10 * n, n);
        assert_int_equal(answer(n), 1);
    }
    assert_int_equal(n, YW_SENDING_MOST);
    for (unsigned i = 1; i < n; i++) assert_true(yw_sending_was_done(&window, 0, 10 * i));
    assert_false(yw_sending_was_done(&window, 0, 0));
}

static void test_the_same_qn_twice_is_two_answers(void **state) {
    YW_UNUSED(state);
    fresh(8);
    send_one(0, 0, 7);
    send_one(0, 10, 7);
    assert_int_equal(answer(7), 0);
    assert_int_equal(marks[0].front, 10);
    assert_int_equal(answer(7), 0);
    assert_int_equal(marks[0].front, 20);
}

static void test_overdue(void **state) {
    YW_UNUSED(state);
    fresh(8);
    char text[18];
    yw_sending_send(&window, 0, 0, 10, qn_of(1, text), hj212_text("MN"), 1000);
    yw_sending_send(&window, 0, 10, 20, qn_of(2, text), hj212_text("MN"), 3000);
    assert_int_equal(yw_sending_overdue(&window, 1999, 1000), -1);
    assert_int_equal(yw_sending_overdue(&window, 2000, 1000), 0);
    window.sent[0].sent_at = 3500;
    assert_int_equal(yw_sending_overdue(&window, 4000, 1000), 1);
}

/* A life of sending, answering in any order, dying and starting again. The target must have every record; a
 * record it has already may come again only if its answer had not come back before a death. */
static void test_any_life_delivers_everything(void **state) {
    YW_UNUSED(state);
    enum { RECORDS = 400, JOURNALS = 3 };
    for (uint64_t seed = 1; seed <= 300; seed++) {
        static uint8_t answered[JOURNALS][RECORDS];
        memset(answered, 0, sizeof answered);
        fresh(1 + (uint32_t)(seed % 40));
        unsigned next[JOURNALS] = {0};
        uint64_t r = seed * 0x9E3779B97F4A7C15u;
        for (int step = 0; step < 20000; step++) {
            r = r * 6364136223846793005u + 1442695040888963407u;
            unsigned what = (unsigned)(r >> 33) % 100;
            uint16_t j = (uint16_t)((r >> 50) % JOURNALS);
            if (what < 60 && next[j] < RECORDS && yw_sending_has_room(&window, j)) {
                unsigned n = next[j]++;
                bool done = yw_sending_was_done(&window, j, 10 * n);
                bool nothing_for_it = n % 5 == 0;
                /* sent again if and only if it was not answered */
                if (!nothing_for_it) assert_int_equal(done, answered[j][n]);
                if (done || nothing_for_it) {
                    answered[j][n] = 1;
                    yw_sending_pass(&window, j, 10 * n, 10 * n + 10);
                } else {
                    send_one(j, 10 * n, j * 1000 + n);
                }
            } else if (what < 97 && window.count > 0) {
                uint32_t i = (uint32_t)(r >> 40) % window.count;
                answered[window.sent[i].journal][window.sent[i].position / 10] = 1;
                yw_sending_settle(&window, i);
            } else if (what == 99) {
                yw_sending_init(&window, marks, window.most); /* a death: the marks alone survive */
                for (int k = 0; k < JOURNALS; k++) next[k] = (unsigned)(marks[k].front / 10);
            }
            for (int k = 0; k < JOURNALS; k++) {
                for (unsigned n = 0; n < marks[k].front / 10; n++) assert_true(answered[k][n]);
            }
            if (marks[0].front == 10 * RECORDS && marks[1].front == 10 * RECORDS &&
                marks[2].front == 10 * RECORDS)
                break;
        }
        for (int k = 0; k < JOURNALS; k++) assert_int_equal(marks[k].front, 10 * RECORDS);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_front_waits_for_the_oldest),
        cmocka_unit_test(test_what_is_nothing_for_the_target_moves_the_front),
        cmocka_unit_test(test_the_window_is_bounded),
        cmocka_unit_test(test_the_same_qn_twice_is_two_answers),
        cmocka_unit_test(test_overdue),
        cmocka_unit_test(test_any_life_delivers_everything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
