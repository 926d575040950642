/* When a device's clock is off, and when the platform sets it. */
#include "web/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define NOW (1795449600 * YW_SECOND)

/* Uploads whose QNs were `behind_s` seconds behind their arrival. */
static struct yw_device_day day_of(uint32_t n, int64_t behind_s) {
    struct yw_device_day d = {.device = 1, .n = n};
    d.sum_ms = (int64_t)n * behind_s * 1000;
    d.min_ms = d.max_ms = d.last_ms = behind_s * 1000;
    d.last.arrival = NOW - YW_MINUTE;
    return d;
}

static void five_uploads_are_needed(void **state) {
    (void)state;
    struct yw_device_day few = day_of(4, 300), enough = day_of(5, 300);
    assert_false(yw_clock_skew(&few, 0).known);
    struct yw_skew s = yw_clock_skew(&enough, 0);
    assert_true(s.known && !s.odd);
    assert_int_equal(s.ms, -300000);
    assert_int_equal(s.at, NOW - YW_MINUTE);
}

static void what_was_before_the_last_setting_does_not_count(void **state) {
    (void)state;
    struct yw_device_day d = day_of(50, 300);
    assert_false(yw_clock_skew(&d, d.last.arrival).known);
    assert_true(yw_clock_skew(&d, d.last.arrival - 1).known);
    /* The mean still tells of the morning, the last upload is right. */
    d.last_ms = 900;
    assert_int_equal(yw_clock_skew(&d, 0).ms, -900);
    /* Mean and last disagree about the direction: nothing is off for sure. */
    d.last_ms = -70000;
    assert_int_equal(yw_clock_skew(&d, 0).ms, 0);
}

static void an_answer_counts_by_itself_and_the_newest_counts(void **state) {
    (void)state;
    struct yw_device_day d = day_of(0, 0);
    d.asked_n = 1;
    d.asked_ms = 90000;
    d.asked_last.arrival = NOW - 2 * YW_MINUTE;
    assert_int_equal(yw_clock_skew(&d, 0).ms, 90000);
    struct yw_device_day both = day_of(10, -20);
    both.asked_n = 1;
    both.asked_ms = 90000;
    both.asked_last.arrival = NOW - 2 * YW_MINUTE;
    assert_int_equal(yw_clock_skew(&both, 0).ms, 20000);
    both.asked_last.arrival = NOW;
    assert_int_equal(yw_clock_skew(&both, 0).ms, 90000);
}

static void beyond_the_limit_means_more_than_it(void **state) {
    (void)state;
    struct yw_clock_rule rule = {.set = true, .limit_s = 60};
    struct yw_skew s = {.known = true, .ms = 60000};
    assert_false(yw_clock_beyond(&s, &rule));
    s.ms = 60001;
    assert_true(yw_clock_beyond(&s, &rule));
    s.ms = -60001;
    assert_true(yw_clock_beyond(&s, &rule));
    s.known = false;
    assert_false(yw_clock_beyond(&s, &rule));
}

static void set_at_most_once_an_hour_and_only_by_policy(void **state) {
    (void)state;
    struct yw_clock_rule rule = {.set = true, .limit_s = 60};
    struct yw_skew s = {.known = true, .ms = -90000};
    assert_true(yw_clock_should_set(&s, &rule, 0, NOW));
    assert_false(yw_clock_should_set(&s, &rule, NOW - YW_HOUR + 1, NOW));
    assert_true(yw_clock_should_set(&s, &rule, NOW - YW_HOUR, NOW));
    rule.set = false;
    assert_false(yw_clock_should_set(&s, &rule, 0, NOW));
}

static void more_than_a_day_off_is_left_alone_unless_said(void **state) {
    (void)state;
    struct yw_clock_rule rule = {.set = true, .limit_s = 60};
    struct yw_device_day d = {.device = 1, .odd_n = 5};
    struct yw_skew s = yw_clock_skew(&d, 0);
    assert_true(s.known && s.odd);
    assert_true(yw_clock_beyond(&s, &rule));
    assert_false(yw_clock_should_set(&s, &rule, 0, NOW));
    rule.even_odd = true;
    assert_true(yw_clock_should_set(&s, &rule, 0, NOW));
    /* A few odd ones among many that are not. */
    struct yw_device_day mixed = day_of(50, 1);
    mixed.odd_n = 7;
    assert_false(yw_clock_skew(&mixed, 0).odd);
}

static void when_most_are_off_it_is_the_platforms_own_clock(void **state) {
    (void)state;
    assert_false(yw_clock_is_ours(0, 0));
    assert_false(yw_clock_is_ours(9, 9));
    assert_true(yw_clock_is_ours(10, 10));
    assert_true(yw_clock_is_ours(11, 21));
    assert_false(yw_clock_is_ours(10, 20));
    assert_false(yw_clock_is_ours(300, 20000));
}

static void a_wish_is_open_until_it_was_answered(void **state) {
    (void)state;
    assert_true(yw_clock_wanted(NOW - YW_SECOND, 0, NOW));
    assert_true(yw_clock_wanted(NOW - YW_SECOND, NOW - 6 * YW_MINUTE, NOW));
    assert_false(yw_clock_wanted(NOW - YW_SECOND, NOW, NOW));
    assert_false(yw_clock_wanted(NOW - YW_SECOND, NOW - YW_MINUTE, NOW)); /* it asks again and again */
    assert_false(yw_clock_wanted(NOW - 2 * YW_HOUR, 0, NOW));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(five_uploads_are_needed),
        cmocka_unit_test(what_was_before_the_last_setting_does_not_count),
        cmocka_unit_test(an_answer_counts_by_itself_and_the_newest_counts),
        cmocka_unit_test(beyond_the_limit_means_more_than_it),
        cmocka_unit_test(set_at_most_once_an_hour_and_only_by_policy),
        cmocka_unit_test(more_than_a_day_off_is_left_alone_unless_said),
        cmocka_unit_test(when_most_are_off_it_is_the_platforms_own_clock),
        cmocka_unit_test(a_wish_is_open_until_it_was_answered),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
