/* When deeds act: intervals, ramps, triggers, pulses, order; and the single figures they leave. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plant_rig.h"

static struct yw_effects_now now;

static struct yw_event event(const char *id) {
    struct yw_event e = {.effect = yw_effect_find(rig_book(), id, strlen(id)), .strength = 1, .a = NAN};
    assert_non_null(e.effect);
    e.start = RIG_START;
    return e;
}

static size_t at(const struct yw_event *e, int64_t seconds, struct yw_effect_state *state, double over) {
    struct yw_effect_moment m = {.time = RIG_START + seconds * YW_SECOND, .over = over};
    yw_effects_at(e, 1, &m, state, &now);
    return now.n;
}

static void test_interval_and_ramp(void **state) {
    (void)state;
    struct yw_event e = event("F01");
    e.stop = RIG_START + 1000 * YW_SECOND;
    e.ramp_us = 100 * YW_SECOND, e.strength = 0.8;
    struct yw_effect_state s = {0};
    assert_int_equal(at(&e, -1, &s, 0), 0);
    assert_int_equal(at(&e, 0, &s, 0), 0); /* strength is still 0 */
    assert_int_equal(at(&e, 50, &s, 0), 1);
    assert_near(now.items[0].s, 0.4, 1e-12);
    assert_near(now.items[0].a, 0.4, 0);
    at(&e, 500, &s, 0);
    assert_near(now.items[0].s, 0.8, 1e-12);
    at(&e, 975, &s, 0);
    assert_near(now.items[0].s, 0.2, 1e-12);
    assert_int_equal(at(&e, 1000, &s, 0), 0);
    e.stop = 0;
    assert_int_equal(at(&e, 100000000, &s, 0), 1);
    e.a = 0.25;
    at(&e, 500, &s, 0);
    assert_near(now.items[0].a, 0.25, 0);
}

static void test_above_has_hysteresis(void **state) {
    (void)state;
    struct yw_event e = event("F25"); /* from 1, until below 0.8 */
    e.trigger = e.effect->trigger;
    struct yw_effect_state s = {0};
    static const struct {
        double over;
        size_t n;
    } course[] = {{0.9, 0}, {0.99, 0}, {1.0, 1}, {0.9, 1}, {0.8, 1}, {0.79, 0}, {0.9, 0}, {1.2, 1}};
    for (size_t i = 0; i < YW_COUNT(course); i++)
        assert_int_equal(at(&e, (int64_t)i, &s, course[i].over), course[i].n);
    /* out of its interval it forgets */
    e.start += 100 * YW_SECOND;
    assert_int_equal(at(&e, 50, &s, 0.9), 0);
    assert_int_equal(at(&e, 150, &s, 0.9), 0);
}

static void test_night_and_weekend(void **state) {
    (void)state;
    struct yw_event e = event("F44"); /* 22 to 6 */
    e.trigger = e.effect->trigger;
    struct yw_effect_state s = {0};
    assert_int_equal(at(&e, 0, &s, 0), 0); /* 08:00 */
    assert_int_equal(at(&e, 14 * 3600 - 1, &s, 0), 0);
    assert_int_equal(at(&e, 14 * 3600, &s, 0), 1);
    assert_int_equal(at(&e, 22 * 3600 - 1, &s, 0), 1);
    assert_int_equal(at(&e, 22 * 3600, &s, 0), 0);
    e.trigger = (struct yw_trigger){.kind = YW_WHEN_NIGHT, .a = 0, .b = 5};
    assert_int_equal(at(&e, 15 * 3600, &s, 0), 0);
    assert_int_equal(at(&e, 17 * 3600, &s, 0), 1);
    e.trigger = (struct yw_trigger){.kind = YW_WHEN_WEEKEND};
    int64_t saturday = 5 * 86400 - 8 * 3600;
    assert_int_equal(at(&e, saturday - 1, &s, 0), 0);
    assert_int_equal(at(&e, saturday, &s, 0), 1);
    assert_int_equal(at(&e, saturday + 2 * 86400 - 1, &s, 0), 1);
    assert_int_equal(at(&e, saturday + 2 * 86400, &s, 0), 0);
}

static void test_inspections(void **state) {
    (void)state;
    struct yw_event e = event("F23"); /* not from 1800 s before to 7200 s behind */
    e.trigger = e.effect->trigger;
    int64_t visits[2] = {RIG_START + 10000 * YW_SECOND, RIG_START + 90000 * YW_SECOND};
    struct yw_effect_state s = {0};
    struct yw_effect_moment m = {.inspections = visits, .inspection_n = 2};
    static const struct {
        int64_t second;
        bool there;
    } course[] = {{8199, false}, {8200, true}, {17199, true}, {17200, false}, {88200, true}, {97200, false}};
    for (size_t i = 0; i < YW_COUNT(course); i++) {
        m.time = RIG_START + course[i].second * YW_SECOND;
        yw_effects_at(&e, 1, &m, &s, &now);
        assert_int_equal(now.n > 0, !course[i].there);
        struct yw_event other = e;
        other.trigger.kind = YW_WHEN_INSPECTION;
        yw_effects_at(&other, 1, &m, &s, &now);
        assert_int_equal(now.n > 0, course[i].there);
    }
}

static void test_sampling(void **state) {
    (void)state;
    struct yw_event e = event("F45");
    e.trigger = e.effect->trigger;
    struct yw_effect_state s = {0};
    struct yw_effect_moment m = {.time = RIG_START, .sampling = true};
    yw_effects_at(&e, 1, &m, &s, &now);
    assert_int_equal(now.n, 2);
    m.sampling = false;
    yw_effects_at(&e, 1, &m, &s, &now);
    assert_int_equal(now.n, 0);
}

static void test_pulse_stops_what_stands_behind_it(void **state) {
    (void)state;
    struct yw_event e = event("F03"); /* 420 of each 900 s */
    struct yw_effect_state s = {0};
    assert_int_equal(at(&e, 0, &s, 0), 1);
    assert_int_equal(now.items[0].deed->what, YW_DO_MIX);
    assert_int_equal(at(&e, 419, &s, 0), 1);
    assert_int_equal(at(&e, 420, &s, 0), 0);
    assert_int_equal(at(&e, 900, &s, 0), 1);
    e = event("N10"); /* clock always, twice 1800 of 21600 s, drop 600 of them */
    assert_int_equal(at(&e, 0, &s, 0), 3);
    assert_int_equal(at(&e, 600, &s, 0), 2);
    assert_int_equal(at(&e, 1800, &s, 0), 1);
    assert_int_equal(now.items[0].deed->what, YW_DO_CLOCK);
}

static void test_order_of_places(void **state) {
    (void)state;
    struct yw_event events[] = {event("F19"), event("F12"), event("F02"), event("F32"), event("F48")};
    struct yw_effect_state s = {0};
    struct yw_effect_moment m = {.time = RIG_START};
    yw_effects_at(events, YW_COUNT(events), &m, &s, &now);
    assert_true(now.n > 8);
    for (size_t i = 1; i < now.n; i++) {
        assert_true(now.items[i - 1].deed->place <= now.items[i].deed->place);
        if (now.items[i - 1].deed->place == now.items[i].deed->place)
            assert_true(now.items[i - 1].event <= now.items[i].event);
    }
    assert_int_equal(now.items[0].deed->place, YW_AT_SOURCE);
}

static void test_too_many_are_left_out(void **state) {
    (void)state;
    static struct yw_event events[YW_EVENTS_MAX];
    for (size_t i = 0; i < YW_EVENTS_MAX; i++) events[i] = event("F32");
    struct yw_effect_state s = {0};
    struct yw_effect_moment m = {.time = RIG_START};
    yw_effects_at(events, YW_EVENTS_MAX, &m, &s, &now);
    assert_int_equal(now.n, YW_ACTIVE_MAX);
}

static void test_only(void **state) {
    (void)state;
    struct yw_event e = event("F06");
    e.only[0] = (uint64_t)1 << YW_Q_NOX;
    struct yw_effect_state s = {0};
    assert_int_equal(at(&e, 1, &s, 0), 2); /* the loss of NOx and the slower response of gases */
    for (size_t i = 0; i < now.n; i++) {
        assert_true(yw_active_hits(&now.items[i], YW_Q_NOX));
        assert_false(yw_active_hits(&now.items[i], YW_Q_SO2));
    }
    e = event("N08"); /* names no quantity: takes those of the event */
    assert_int_equal(at(&e, 1, &s, 0), 1);
    assert_true(yw_active_hits(&now.items[0], YW_Q_COD));
    e.only[0] = (uint64_t)1 << YW_Q_SO2;
    at(&e, 1, &s, 0);
    assert_false(yw_active_hits(&now.items[0], YW_Q_COD));
}

static void test_single_figures(void **state) {
    (void)state;
    struct yw_event events[] = {event("F32"), event("F11"), event("N02")};
    events[2].strength = 0.5;
    struct yw_effect_state s = {0};
    struct yw_effect_moment m = {.time = RIG_START};
    yw_effects_at(events, 3, &m, &s, &now);
    assert_near(yw_effects_input(&now, "ammonia", 1), 0, 0);
    assert_near(yw_effects_input(&now, "load", 0.9), 0.9, 0);
    assert_near(yw_effects_parameter(&now, YW_PARAMETER_REFERENCE_O2, YW_Q_COUNT, 6), 7.5, 1e-12);
    assert_near(yw_effects_parameter(&now, YW_PARAMETER_INTERCEPT, YW_Q_O2, 0), -1.5, 1e-12);
    assert_near(yw_effects_parameter(&now, YW_PARAMETER_INTERCEPT, YW_Q_SO2, 0), 0, 0);
    assert_near(yw_effects_condition(&now, YW_CONDITION_LINE_TEMP, 150), 107.5, 1e-12);
    assert_near(yw_effects_condition(&now, YW_CONDITION_COOLER_TEMP, 4), 4, 0);
    assert_non_null(yw_effects_doing(&now, YW_AT_LINE, YW_DO_SLOW, YW_Q_SO2));
    assert_null(yw_effects_doing(&now, YW_AT_LINE, YW_DO_SLOW, YW_Q_NO));
    assert_null(yw_effects_doing(&now, YW_AT_PROBE, YW_DO_SLOW, YW_Q_COUNT));
}

static void test_figure_of(void **state) {
    (void)state;
    struct yw_station_spec spec = {.channel_n = 1};
    spec.channels[0] = (struct yw_channel){.quantity = YW_Q_SO2, .range = 300, .span_gas = 240};
    struct yw_effect_deed d = {.of = YW_OF_UNIT};
    struct yw_active a = {.deed = &d, .a = 0.5};
    assert_near(yw_active_figure(&a, YW_Q_SO2, NULL), 0.5, 0);
    d.of = YW_OF_LIMIT;
    assert_true(isnan(yw_active_figure(&a, YW_Q_SO2, NULL)));
    assert_true(isnan(yw_active_figure(&a, YW_Q_NO, &spec)));
    assert_near(yw_active_figure(&a, YW_Q_SO2, &spec), 150, 0); /* no limit: of the range */
    spec.channels[0].limit = 100;
    assert_near(yw_active_figure(&a, YW_Q_SO2, &spec), 50, 0);
    d.of = YW_OF_RANGE;
    assert_near(yw_active_figure(&a, YW_Q_SO2, &spec), 150, 0);
    d.of = YW_OF_STANDARD;
    assert_near(yw_active_figure(&a, YW_Q_SO2, &spec), 120, 0);
    spec.channels[0].span_gas = 0;
    assert_true(isnan(yw_active_figure(&a, YW_Q_SO2, &spec)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_interval_and_ramp),
        cmocka_unit_test(test_above_has_hysteresis),
        cmocka_unit_test(test_night_and_weekend),
        cmocka_unit_test(test_inspections),
        cmocka_unit_test(test_sampling),
        cmocka_unit_test(test_pulse_stops_what_stands_behind_it),
        cmocka_unit_test(test_order_of_places),
        cmocka_unit_test(test_too_many_are_left_out),
        cmocka_unit_test(test_only),
        cmocka_unit_test(test_single_figures),
        cmocka_unit_test(test_figure_of),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
