/* What people do at an outlet: kept in order, bounded, and what must hold on is not forgotten. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "plants/hand.h"

static struct yw_hand hand;

static void test_parameters_are_kept_when_gas_is_forgotten(void **state) {
    (void)state;
    memset(&hand, 0, sizeof hand);
    struct yw_station_act set = {.time = 1, .kind = YW_ACT_SET_PARAMETER, .channel = 0, .value = 2};
    yw_hand_act(&hand, &set);
    for (int64_t t = 2; t < 500; t++)
        yw_hand_act(&hand, &(struct yw_station_act){.time = t, .kind = YW_ACT_SPAN_PROBE, .channel = 1});
    assert_int_equal(hand.act_n, YW_HAND_ACTS);
    assert_int_equal(hand.acts[0].kind, YW_ACT_SET_PARAMETER);
    for (uint32_t i = 1; i < hand.act_n; i++) assert_true(hand.acts[i].time > hand.acts[i - 1].time);
    /* the same parameter again makes the earlier one void: it goes first */
    set.time = 500, set.value = 3;
    yw_hand_act(&hand, &set);
    uint32_t sets = 0;
    for (uint32_t i = 0; i < hand.act_n; i++) sets += hand.acts[i].kind == YW_ACT_SET_PARAMETER;
    assert_true(sets >= 1);
    assert_true(hand.acts[hand.act_n - 1].value == 3);
}

static void test_acts_stand_in_the_order_of_time(void **state) {
    (void)state;
    memset(&hand, 0, sizeof hand);
    static const int64_t times[] = {5, 3, 9, 1};
    for (size_t i = 0; i < YW_COUNT(times); i++)
        yw_hand_act(&hand, &(struct yw_station_act){.time = times[i], .kind = YW_ACT_CHECK});
    for (uint32_t i = 1; i < hand.act_n; i++) assert_true(hand.acts[i].time > hand.acts[i - 1].time);
}

static void test_an_input_is_held_and_let_go(void **state) {
    (void)state;
    memset(&hand, 0, sizeof hand);
    assert_true(isnan(yw_hand_held(&hand, 2, 10)));
    assert_true(yw_hand_hold(&hand, 2, 0.5, 10));
    assert_true(yw_hand_hold(&hand, 2, 0.7, 20));
    assert_true(yw_hand_hold(&hand, 2, NAN, 30));
    assert_true(isnan(yw_hand_held(&hand, 2, 9)));
    assert_true(yw_hand_held(&hand, 2, 10) == 0.5 && yw_hand_held(&hand, 2, 19) == 0.5);
    assert_true(yw_hand_held(&hand, 2, 20) == 0.7);
    assert_true(isnan(yw_hand_held(&hand, 2, 30)) && isnan(yw_hand_held(&hand, 1, 15)));
    for (uint32_t i = 0; i < YW_HAND_INPUTS; i++) assert_true(yw_hand_hold(&hand, 100 + i, 1, 40));
    assert_false(yw_hand_hold(&hand, 99, 1, 41));
}

static void test_events_end_and_make_room(void **state) {
    (void)state;
    memset(&hand, 0, sizeof hand);
    struct yw_event e = {.id = "leak", .start = 10, .strength = 1};
    assert_true(yw_hand_event(&hand, &e));
    assert_false(yw_hand_stop(&hand, "other", 11));
    assert_true(yw_hand_stop(&hand, "leak", 20));
    assert_int_equal(hand.events[0].stop, 20);
    assert_false(yw_hand_stop(&hand, "leak", 30));
    for (int i = 1; i <= YW_HAND_EVENTS; i++) {
        e = (struct yw_event){.start = 100 + i, .strength = 1};
        snprintf(e.id, sizeof e.id, "e%d", i);
        assert_true(yw_hand_event(&hand, &e)); /* the ended one makes room for the last */
    }
    snprintf(e.id, sizeof e.id, "more");
    assert_false(yw_hand_event(&hand, &e));
    snprintf(e.id, sizeof e.id, "e3"); /* begun again: the first one ends */
    e.start = 200;
    assert_true(yw_hand_stop(&hand, "e4", 150));
    assert_true(yw_hand_event(&hand, &e));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_are_kept_when_gas_is_forgotten),
        cmocka_unit_test(test_acts_stand_in_the_order_of_time),
        cmocka_unit_test(test_an_input_is_held_and_let_go),
        cmocka_unit_test(test_events_end_and_make_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
