/* Signatures of gas instruments, signals and parameters (N05 to N09, N15, N16, F10 to F17, F31), seen through
 * the station. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plant_pair.h"

#define HOURS(h) ((int64_t)(h)*3600)

static void reopen(struct rig *r) { /* after the test changed what its channels are like */
    yw_station_begin(r->station, &r->spec, r->seed, r->time, r->step_s);
}

static struct yw_channel *channel(struct rig *r, enum yw_quantity q) {
    return &r->spec.channels[rig_channel(r, q)];
}

static void test_n05_drift_ends_at_a_calibration(void **state) {
    (void)state;
    struct pair p = {.id = "N05", .seconds = HOURS(6), .n = 1, .q = {YW_Q_SO2}};
    pair_open(&p);
    double bias[4];
    for (int day = 0; day < 3; day++) {
        pair_was[0].n = pair_is[0].n = 0;
        p.settle_s = HOURS(18);
        pair_record(&p);
        bias[day] = rig_mean(&pair_is[0]) - rig_mean(&pair_was[0]);
    }
    rig_act(&pair_bad, 60, YW_ACT_CALIBRATE, YW_Q_SO2, 0, NAN);
    pair_was[0].n = pair_is[0].n = 0;
    p.settle_s = HOURS(1);
    pair_record(&p);
    bias[3] = rig_mean(&pair_is[0]) - rig_mean(&pair_was[0]);
    assert_under(bias[0] + 1, bias[1]);
    assert_under(bias[1] + 1, bias[2]);
    assert_under(fabs(bias[3]), 0.25 * bias[2]);
    pair_close();
}

static void test_n06_less_gain_more_noise(void **state) {
    (void)state;
    struct pair p = {.id = "N06",
                     .steady = true,
                     .settle_s = HOURS(1),
                     .seconds = HOURS(12),
                     .n = 2,
                     .q = {YW_Q_NO, YW_Q_O2}};
    pair_open(&p);
    pair_record(&p);
    assert_near(pair_ratio(0), 0.85, 0.01);
    assert_under(3 * rig_sd(&pair_was[0]), rig_sd(&pair_is[0]));
    assert_near(pair_ratio(1), 1, 1e-9);
    assert_true(pair_bad.out.alarms >> YW_ALARM_LAMP & 1);
    pair_close();
}

static void test_n07_converter(void **state) {
    (void)state;
    struct pair p = {
        .id = "N07", .settle_s = HOURS(1), .seconds = HOURS(6), .n = 2, .q = {YW_Q_NOX, YW_Q_NO}};
    pair_run(&p);
    assert_near(pair_ratio(0), 1 - 0.5 * 0.97 * 0.25 / (46.0 / 30 + 0.25), 0.01);
    assert_near(pair_ratio(1), 1, 1e-9);
    /* a check with NO gas does not see it */
    struct rig r;
    rig_open(&r, false, 5);
    rig_event(&r, "N07", 0);
    rig_act(&r, 600, YW_ACT_SPAN_ANALYSER, YW_Q_NOX, 0, NAN);
    rig_run(&r, 3600);
    assert_near(yw_station_result(r.station, YW_ACT_SPAN_ANALYSER, rig_channel(&r, YW_Q_NOX)) / 240, 1, 0.02);
    rig_close(&r);
}

static void test_n08_stuck_output(void **state) {
    (void)state;
    struct pair p = {.id = "N08",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(6),
                     .only = YW_Q_NOX,
                     .n = 2,
                     .q = {YW_Q_NOX, YW_Q_NO}};
    pair_run(&p);
    assert_near(rig_sd(&pair_is[0]), 0, 1e-9);
    assert_near(rig_sd(&pair_is[1]), rig_sd(&pair_was[1]), 1e-9);
    p.figure = RIG_ANALYSER; /* the display goes on */
    pair_run(&p);
    assert_near(rig_sd(&pair_is[0]), rig_sd(&pair_was[0]), 1e-9);
}

/* Both are cut flat: below the top N09 is right and F10 shrunk. */
static void test_n09_and_f10_flat_tops_apart(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        double top = i ? 0.6 * 10 : 0.3 * 300;
        enum yw_quantity q = i ? YW_Q_DUST : YW_Q_NOX;
        struct pair p = {.id = i ? "F10" : "N09",
                         .only = q,
                         .settle_s = HOURS(1),
                         .seconds = HOURS(24),
                         .n = 2,
                         .q = {q, YW_Q_CO}};
        pair_open(&p);
        if (i) { /* the analyser's own range is reached now and then */
            channel(&pair_clean, q)->range = channel(&pair_bad, q)->range = 10;
            reopen(&pair_clean);
            reopen(&pair_bad);
        }
        pair_record(&p);
        size_t flat = 0, right = 0, shrunk = 0;
        for (size_t k = 0; k < pair_is[0].n; k++) {
            double is = pair_is[0].v[k], was = pair_was[0].v[k];
            assert_true(is <= top + 1e-9);
            flat += fabs(is - top) < 1e-9;
            if (fabs(is - top) < 0.02 * top) continue;
            right += fabs(is - was) < 0.02;
            shrunk += fabs(is - 0.6 * was) < 0.02;
        }
        assert_under(50, (double)flat);
        assert_under((double)(i ? right : shrunk), 5);
        assert_under(300, (double)(i ? shrunk : right));
        assert_near(pair_ratio(1), 1, 1e-9);
        pair_close();
    }
}

static void test_n15_one_slow_thermocouple(void **state) {
    (void)state;
    struct pair p = {
        .id = "N15", .settle_s = HOURS(2), .seconds = HOURS(8), .n = 2, .q = {YW_Q_FURNACE1, YW_Q_FURNACE2}};
    pair_run(&p);
    assert_under(rig_sd(&pair_is[0]), 0.7 * rig_sd(&pair_was[0]));
    assert_near(rig_sd(&pair_is[1]), rig_sd(&pair_was[1]), 1e-9);
    assert_under(rig_correlation(&pair_is[0], &pair_is[1]), rig_correlation(&pair_was[0], &pair_was[1]));
}

/* N15 parts from the others; F31 goes with them at a constant distance. */
static void test_f31_copied_thermocouples(void **state) {
    (void)state;
    struct pair p = {
        .id = "F31", .settle_s = HOURS(1), .seconds = HOURS(8), .n = 2, .q = {YW_Q_FURNACE1, YW_Q_FURNACE2}};
    pair_run(&p);
    assert_near(rig_mean(&pair_is[0]) - rig_mean(&pair_was[0]), 60, 0.2);
    assert_near(rig_correlation(&pair_is[0], &pair_is[1]), 1, 1e-9);
    assert_under(rig_correlation(&pair_was[0], &pair_was[1]), 0.99);
    for (size_t k = 0; k < pair_is[0].n; k++) assert_near(pair_is[1].v[k] - pair_is[0].v[k], 2, 1e-6);
}

static void test_n16_flame_out(void **state) {
    (void)state;
    struct pair p = {
        .id = "N16", .settle_s = HOURS(1), .seconds = HOURS(6), .n = 2, .q = {YW_Q_NMHC, YW_Q_NO}};
    pair_open(&p);
    pair_record(&p);
    assert_near(rig_max(&pair_is[0]), 0, 0);
    assert_near(pair_ratio(1), 1, 1e-9);
    assert_true(pair_bad.out.alarms >> YW_ALARM_FLAME & 1);
    assert_false(pair_clean.out.alarms >> YW_ALARM_FLAME & 1);
    pair_close();
}

static void test_f11_conversion(void **state) {
    (void)state;
    struct pair p = {
        .id = "F11", .settle_s = HOURS(1), .seconds = HOURS(12), .n = 2, .q = {YW_Q_NOX, YW_Q_O2}};
    pair_run(&p);
    assert_near(pair_ratio(0), 1, 1e-9);
    assert_near(rig_mean(&pair_is[1]) - rig_mean(&pair_was[1]), -1.5, 1e-6);
    p.figure = RIG_CONVERTED;
    pair_run(&p);
    assert_near(pair_ratio(0), 13.5 / 15 * 14 / 15.5, 0.01);
    struct rig r; /* air fed: what is stored never reaches 20.9 */
    rig_open(&r, false, 5);
    rig_event(&r, "F11", 0);
    rig_act(&r, 600, YW_ACT_AIR, YW_Q_O2, 2400, NAN);
    rig_run(&r, 600 + 1200);
    assert_near(rig_reading(&r, YW_Q_O2)->analyser, 20.9, 0.15);
    assert_near(rig_reading(&r, YW_Q_O2)->stored, 19.4, 0.15);
    rig_close(&r);
}

static void test_f12_noise_shrinks_with_the_mean(void **state) {
    (void)state;
    struct pair p = {.id = "F12",
                     .steady = true,
                     .settle_s = HOURS(1),
                     .seconds = HOURS(24),
                     .n = 2,
                     .q = {YW_Q_NO, YW_Q_O2}};
    pair_run(&p);
    assert_near(pair_ratio(0), 0.55, 1e-3);
    assert_near(rig_sd(&pair_is[0]) / rig_sd(&pair_was[0]), 0.55, 0.01);
    assert_near(pair_ratio(1), 1, 1e-9);
    p.figure = RIG_ANALYSER;
    pair_run(&p);
    assert_near(pair_ratio(0), 1, 1e-9);
}

/* N06 and F12 both lower the mean: ageing makes noise grow. */
static void test_n06_and_f12_apart(void **state) {
    (void)state;
    struct pair p = {
        .id = "N06", .steady = true, .settle_s = HOURS(1), .seconds = HOURS(12), .n = 1, .q = {YW_Q_NO}};
    pair_run(&p);
    double aged = rig_sd(&pair_is[0]) / rig_sd(&pair_was[0]);
    p.id = "F12";
    pair_run(&p);
    assert_under(1, aged);
    assert_under(rig_sd(&pair_is[0]) / rig_sd(&pair_was[0]), 1);
}

static void test_f13_false_bottle(void **state) {
    (void)state;
    struct rig clean, bad;
    rig_open(&clean, false, 5);
    rig_open(&bad, false, 5);
    clean.steady = bad.steady = true;
    rig_event(&bad, "F13", 600);
    rig_act(&clean, 3600, YW_ACT_CALIBRATE, YW_Q_NO, 0, NAN);
    rig_act(&bad, 3600, YW_ACT_CALIBRATE, YW_Q_NO, 0, NAN);
    static struct rig_keep a, b;
    double ratio[2];
    for (int i = 0; i < 2; i++) {
        a = (struct rig_keep){.quantity = YW_Q_NO};
        b = a;
        rig_run(&clean, 900);
        rig_run(&bad, 900);
        rig_record(&clean, 1800, &a, 1);
        rig_record(&bad, 1800, &b, 1);
        ratio[i] = rig_mean(&b) / rig_mean(&a);
        rig_run(&clean, 3600);
        rig_run(&bad, 3600);
    }
    assert_near(ratio[0], 1, 1e-6); /* it acts at the calibration, not before */
    assert_near(ratio[1], 1 / 1.35, 0.02);
    /* one's own gas finds it */
    rig_act(&bad, 60, YW_ACT_SPAN_ANALYSER, YW_Q_NO, 0, 200);
    rig_run(&bad, 1800);
    assert_near(yw_station_result(bad.station, YW_ACT_SPAN_ANALYSER, rig_channel(&bad, YW_Q_NO)), 200 / 1.35,
                4);
    rig_close(&clean);
    rig_close(&bad);
}

static void test_f14_flow_by_a_quotient(void **state) {
    (void)state;
    struct pair p = {
        .id = "F14", .settle_s = HOURS(1), .seconds = HOURS(2), .n = 2, .q = {YW_Q_VELOCITY, YW_Q_NOX}};
    pair_open(&p);
    pair_record(&p);
    assert_near(pair_bad.out.flow_m3_s / pair_clean.out.flow_m3_s, 3.5 / 6.06, 1e-6);
    assert_near(pair_ratio(0), 1, 1e-9);
    assert_near(pair_ratio(1), 1, 1e-9);
    assert_near(yw_station_parameter(pair_bad.station, YW_PARAMETER_AREA, 0), 12 * 3.5 / 6.06, 1e-6);
    pair_close();
}

static void test_f15_moisture_by_hand(void **state) {
    (void)state;
    struct pair p = {
        .id = "F15", .settle_s = HOURS(1), .seconds = HOURS(12), .n = 2, .q = {YW_Q_H2O, YW_Q_NO}};
    pair_run(&p);
    assert_near(rig_min(&pair_is[0]), 18, 0);
    assert_near(rig_max(&pair_is[0]), 18, 0);
    assert_near(pair_ratio(1), 1, 1e-9);
}

static void test_f16_one_signal_feeds_others(void **state) {
    (void)state;
    struct pair p = {.id = "F16",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(24),
                     .n = 3,
                     .q = {YW_Q_TEMP, YW_Q_DUST, YW_Q_VELOCITY}};
    pair_run(&p);
    assert_near(rig_correlation(&pair_is[0], &pair_is[1]), 1, 5e-4);
    assert_near(rig_correlation(&pair_is[0], &pair_is[2]), 1, 5e-4);
    assert_under(fabs(rig_correlation(&pair_was[0], &pair_was[1])), 0.5);
    p.figure = RIG_ANALYSER; /* the instruments themselves show what they see */
    pair_run(&p);
    assert_under(fabs(rig_correlation(&pair_is[0], &pair_is[1])), 0.5);
}

static void test_f17_box_in_the_loop(void **state) {
    (void)state;
    struct pair p = {.id = "F17", .settle_s = HOURS(1), .seconds = HOURS(24), .n = 1, .q = {YW_Q_NOX}};
    pair_run(&p);
    assert_near(rig_mean(&pair_is[0]), 100, 0.5);
    assert_under(rig_sd(&pair_is[0]) / rig_mean(&pair_is[0]), 0.01);
    p.figure = RIG_ANALYSER;
    pair_run(&p);
    assert_near(pair_ratio(0), 1, 1e-9);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_n05_drift_ends_at_a_calibration),
        cmocka_unit_test(test_n06_less_gain_more_noise),
        cmocka_unit_test(test_n07_converter),
        cmocka_unit_test(test_n08_stuck_output),
        cmocka_unit_test(test_n09_and_f10_flat_tops_apart),
        cmocka_unit_test(test_n15_one_slow_thermocouple),
        cmocka_unit_test(test_f31_copied_thermocouples),
        cmocka_unit_test(test_n16_flame_out),
        cmocka_unit_test(test_f11_conversion),
        cmocka_unit_test(test_f12_noise_shrinks_with_the_mean),
        cmocka_unit_test(test_n06_and_f12_apart),
        cmocka_unit_test(test_f13_false_bottle),
        cmocka_unit_test(test_f14_flow_by_a_quotient),
        cmocka_unit_test(test_f15_moisture_by_hand),
        cmocka_unit_test(test_f16_one_signal_feeds_others),
        cmocka_unit_test(test_f17_box_in_the_loop),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
