/* Signatures of gas frauds and faults of the sample's path (N01 to N04, F01 to F09), seen through the
 * station; and what tells those that look alike apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plant_pair.h"

#define HOURS(h) ((int64_t)(h)*3600)

/* Seconds until a step of span gas at the probe shows 90 % of its end. */
static double rise(const char *id) {
    struct rig r;
    rig_open(&r, false, 5);
    r.steady = true;
    if (id) rig_event(&r, id, 0);
    rig_act(&r, HOURS(1), YW_ACT_ZERO_PROBE, YW_Q_SO2, 4800, NAN);
    rig_act(&r, HOURS(1) + 5400, YW_ACT_SPAN_PROBE, YW_Q_SO2, 4800, NAN);
    rig_run(&r, HOURS(1) + 5400 + 2900);
    double end = rig_reading(&r, YW_Q_SO2)->analyser;
    rig_close(&r);
    rig_open(&r, false, 5);
    r.steady = true;
    if (id) rig_event(&r, id, 0);
    rig_act(&r, HOURS(1), YW_ACT_ZERO_PROBE, YW_Q_SO2, 14400, NAN); /* gas for 9000 s */
    rig_act(&r, HOURS(1) + 5400, YW_ACT_SPAN_PROBE, YW_Q_SO2, 4800, NAN);
    rig_run(&r, HOURS(1) + 5400);
    double begin = rig_reading(&r, YW_Q_SO2)->analyser, seconds = 0;
    while (rig_reading(&r, YW_Q_SO2)->analyser < begin + 0.9 * (end - begin) && seconds < 3000) {
        rig_step(&r);
        seconds += r.step_s;
    }
    rig_close(&r);
    return seconds;
}

static double probe_or_analyser(const char *id, enum yw_station_act_kind kind, enum yw_quantity q) {
    struct rig r;
    rig_open(&r, false, 5);
    r.steady = true;
    if (id) rig_event(&r, id, 0)->trigger.kind = YW_WHEN_ALWAYS;
    rig_act(&r, 1800, kind, q, 2400, NAN);
    rig_run(&r, 5400);
    double share =
        yw_station_result(r.station, kind, rig_channel(&r, q)) / r.spec.channels[rig_channel(&r, q)].span_gas;
    rig_close(&r);
    return share;
}

static bool alarm_is(const struct rig *r, enum yw_station_alarm a) {
    return (r->out.alarms >> a & 1) != 0;
}

static size_t alarms_in_log(const struct rig *r) {
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r->station, lines, YW_STATION_LOG_MAX), found = 0;
    for (size_t i = 0; i < n; i++) found += lines[i].did == YW_DID_ALARM && !lines[i].hidden;
    return found;
}

static void test_n01_slow_and_smooth(void **state) {
    (void)state;
    double sound = rise(NULL), clogged = rise("N01");
    assert_under(40, sound);
    assert_under(sound, 120);
    assert_under(2.5 * sound, clogged);
    struct pair p = {.id = "N01",
                     .step_s = 5,
                     .settle_s = HOURS(1),
                     .seconds = HOURS(8),
                     .q = {YW_Q_SO2, YW_Q_DUST},
                     .n = 2};
    pair_open(&p);
    pair_record(&p);
    assert_near(pair_ratio(0), 1, 0.02);
    assert_under(rig_sd(&pair_is[0]), 0.9 * rig_sd(&pair_was[0]));
    assert_near(rig_sd(&pair_is[1]) / rig_sd(&pair_was[1]), 1, 1e-9); /* dust is not sampled */
    assert_true(alarm_is(&pair_bad, YW_ALARM_FLOW) && !alarm_is(&pair_clean, YW_ALARM_FLOW));
    pair_close();
}

static void test_n02_and_f08_soluble_gases(void **state) {
    (void)state;
    for (int i = 0; i < 2; i++) {
        struct pair p = {.id = i ? "F08" : "N02",
                         .settle_s = HOURS(1),
                         .seconds = HOURS(12),
                         .n = 5,
                         .q = {YW_Q_SO2, YW_Q_HCL, YW_Q_NO, YW_Q_O2, YW_Q_CO}};
        pair_open(&p);
        pair_record(&p);
        assert_under(pair_ratio(0), 0.8);
        assert_under(pair_ratio(1), pair_ratio(0));
        assert_near(pair_ratio(2), 1, 1e-6);
        assert_near(pair_ratio(3), 1, 1e-6);
        assert_near(pair_ratio(4), 1, 1e-6);
        assert_under(pair_bad.out.line_temp_c, 120);
        /* the innocent one stands in the log, the other does not */
        if (i == 0)
            assert_true(alarms_in_log(&pair_bad) > 0);
        else
            assert_int_equal(alarms_in_log(&pair_bad), 0);
        pair_close();
    }
}

static void test_n03_sulphur_vanishes_and_puffs(void **state) {
    (void)state;
    struct pair p = {
        .id = "N03", .settle_s = HOURS(1), .seconds = HOURS(6), .n = 3, .q = {YW_Q_SO2, YW_Q_NO, YW_Q_O2}};
    pair_open(&p);
    pair_record(&p);
    assert_under(pair_ratio(0), 0.12);
    assert_near(pair_ratio(1), 1, 0.01);
    assert_near(pair_ratio(2), 1, 0.01);
    assert_true(alarm_is(&pair_bad, YW_ALARM_WATER) && alarm_is(&pair_bad, YW_ALARM_COOLER_WARM));
    assert_under(8, pair_bad.out.cooler_temp_c);
    double before = rig_reading(&pair_bad, YW_Q_SO2)->analyser;
    rig_act(&pair_bad, 60, YW_ACT_BLOWBACK, YW_Q_SO2, 120, NAN);
    double most = 0;
    for (int i = 0; i < 12; i++) {
        rig_step(&pair_bad);
        most = fmax(most, rig_reading(&pair_bad, YW_Q_SO2)->analyser);
    }
    assert_under(before + 5, most);
    rig_run(&pair_bad, HOURS(1));
    assert_under(rig_reading(&pair_bad, YW_Q_SO2)->analyser, before + 2);
    pair_close();
}

/* O2 of the diluted sample: k O2 + (1 - k) O2 of what came in. */
static void dilution(const char *id, double k, double o2_in) {
    struct pair p = {.id = id,
                     .settle_s = HOURS(1),
                     .seconds = HOURS(24),
                     .always = true,
                     .n = 7,
                     .q = {YW_Q_SO2, YW_Q_NO, YW_Q_NOX, YW_Q_CO, YW_Q_HCL, YW_Q_O2, YW_Q_CO2}};
    pair_run(&p);
    for (size_t i = 1; i < 4; i++) assert_near(pair_ratio(i), k, 0.012); /* one k for all */
    assert_near(pair_ratio(0), k, 0.04); /* the cooler takes more of little SO2 */
    assert_near(pair_ratio(4), k, 0.04);
    assert_near(rig_mean(&pair_is[5]), k * rig_mean(&pair_was[5]) + (1 - k) * o2_in, 0.05);
    assert_near(pair_ratio(6), k, 0.02);
    p.figure = RIG_CONVERTED;
    pair_run(&p);
}

static void test_f01_nitrogen(void **state) {
    (void)state;
    dilution("F01", 0.6, 0);
    assert_near(pair_ratio(2), 0.5, 0.02); /* converted falls by more than k */
    assert_near(probe_or_analyser("F01", YW_ACT_SPAN_PROBE, YW_Q_NO), 0.6, 0.02);
    assert_near(probe_or_analyser("F01", YW_ACT_SPAN_ANALYSER, YW_Q_NO), 1, 0.02);
}

static void test_f02_air_at_the_probe(void **state) {
    (void)state;
    dilution("F02", 0.55, 20.9);
    assert_near(pair_ratio(2), 1, 0.03); /* converted hardly moves */
    struct pair p = {.id = "F02",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(6),
                     .n = 3,
                     .q = {YW_Q_TEMP, YW_Q_H2O, YW_Q_VELOCITY}};
    pair_run(&p);
    assert_under(pair_ratio(0), 0.93);
    assert_under(pair_ratio(1), 0.9);
    assert_near(pair_ratio(2), 1, 1e-6);
}

static void test_n04_leak(void **state) {
    (void)state;
    dilution("N04", 0.8, 20.9);
    assert_near(pair_ratio(2), 1, 0.015);
    assert_near(probe_or_analyser("N04", YW_ACT_SPAN_PROBE, YW_Q_NO), 0.8, 0.02);
    assert_near(probe_or_analyser("N04", YW_ACT_SPAN_ANALYSER, YW_Q_NO), 1, 0.02);
    struct rig r;
    rig_open(&r, false, 5);
    rig_act(&r, 60, YW_ACT_LEAK_TEST, YW_Q_SO2, 0, NAN);
    rig_run(&r, 600);
    assert_near(yw_station_result(r.station, YW_ACT_LEAK_TEST, rig_channel(&r, YW_Q_SO2)), 0, 0.01);
    rig_event(&r, "N04", 0);
    r.act_n = 0;
    rig_act(&r, 60, YW_ACT_LEAK_TEST, YW_Q_SO2, 0, NAN);
    rig_run(&r, 600);
    assert_near(yw_station_result(r.station, YW_ACT_LEAK_TEST, rig_channel(&r, YW_Q_SO2)), 20, 0.01);
    rig_close(&r);
}

/* N04 and F02 dilute alike; the thermometer beside the probe and the door tell them apart. */
static void test_n04_and_f02_apart(void **state) {
    (void)state;
    double temp[2];
    bool door[2];
    for (int i = 0; i < 2; i++) {
        struct pair p = {
            .id = i ? "F02" : "N04", .settle_s = 600, .seconds = 600, .n = 2, .q = {YW_Q_TEMP, YW_Q_NO}};
        pair_open(&p);
        pair_record(&p);
        temp[i] = pair_ratio(0);
        door[i] = pair_bad.out.door_open;
        assert_under(pair_ratio(1), 0.9);
        pair_close();
    }
    assert_near(temp[0], 1, 1e-9);
    assert_under(temp[1], 0.95);
    assert_true(!door[0] && door[1]);
}

static void test_f03_sawtooth(void **state) {
    (void)state;
    struct pair p = {.id = "F03",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(6),
                     .always = true,
                     .step_s = 5,
                     .n = 2,
                     .q = {YW_Q_NO, YW_Q_O2}};
    pair_run(&p);
    assert_near(pair_ratio(0), 0.58, 0.05);
    assert_under(18, rig_max(&pair_is[1]));
    assert_under(rig_min(&pair_is[1]), 8);
    assert_under(3 * rig_sd(&pair_was[0]), rig_sd(&pair_is[0]));
}

static void test_f04_air_in_the_duct(void **state) {
    (void)state;
    struct pair p = {.id = "F04",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(12),
                     .n = 5,
                     .q = {YW_Q_NOX, YW_Q_O2, YW_Q_TEMP, YW_Q_VELOCITY, YW_Q_DUST}};
    pair_run(&p);
    assert_near(pair_ratio(0), 0.65, 0.01);
    assert_near(pair_ratio(4), 0.65, 0.02);
    assert_under(1.4, pair_ratio(1));
    assert_under(pair_ratio(2), 0.8);
    assert_under(1.3, pair_ratio(3));
    p.figure = RIG_TRUTH; /* the station is honest: the truth at the section itself is thin */
    pair_run(&p);
    assert_near(pair_ratio(0), 0.65, 0.01);
    p.figure = RIG_CONVERTED;
    pair_run(&p);
    assert_near(pair_ratio(0), 1, 0.015);
}

static void test_f05_room_air(void **state) {
    (void)state;
    struct pair p = {.id = "F05",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(6),
                     .n = 4,
                     .q = {YW_Q_SO2, YW_Q_NO, YW_Q_O2, YW_Q_VELOCITY}};
    pair_open(&p);
    pair_record(&p);
    assert_under(rig_mean(&pair_is[0]), 2);
    assert_under(rig_mean(&pair_is[1]), 2);
    assert_near(rig_mean(&pair_is[2]), 20.9, 0.15);
    assert_near(pair_ratio(3), 1, 1e-9); /* the plant runs */
    assert_near(pair_bad.out.sample_l_min, 0, 1e-9);
    pair_close();
}

static void test_f06_absorber(void **state) {
    (void)state;
    struct pair p = {.id = "F06",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(12),
                     .n = 5,
                     .q = {YW_Q_SO2, YW_Q_NO, YW_Q_CO, YW_Q_O2, YW_Q_CO2}};
    pair_run(&p);
    assert_near(pair_ratio(0), 0.3, 0.03);
    assert_near(pair_ratio(1), 0.6, 0.02);
    assert_near(pair_ratio(2), 0.75, 0.02);
    assert_near(pair_ratio(3), 1, 1e-9);
    assert_near(pair_ratio(4), 1, 1e-9);
    assert_near(probe_or_analyser("F06", YW_ACT_SPAN_PROBE, YW_Q_NO), 0.6, 0.02);
    assert_near(probe_or_analyser("F06", YW_ACT_SPAN_ANALYSER, YW_Q_NO), 1, 0.02);
    assert_under(1.5 * rise(NULL), rise("F06"));
}

/* N03 and F06 both lose SO2: the cooler fault keeps NO and rings the alarm. */
static void test_n03_and_f06_apart(void **state) {
    (void)state;
    struct pair p = {.id = "F06", .settle_s = 600, .seconds = 1200, .n = 1, .q = {YW_Q_NO}};
    pair_open(&p);
    pair_record(&p);
    assert_under(pair_ratio(0), 0.7);
    assert_int_equal(pair_bad.out.alarms, 0);
    pair_close();
}

static void test_f07_dust_flat(void **state) {
    (void)state;
    struct pair p = {
        .id = "F07", .settle_s = HOURS(1), .seconds = HOURS(12), .n = 2, .q = {YW_Q_DUST, YW_Q_NO}};
    pair_run(&p);
    assert_under(pair_ratio(0), 0.1);
    assert_under(rig_sd(&pair_is[0]), 0.35 * rig_sd(&pair_was[0]));
    assert_near(pair_ratio(1), 1, 1e-9);
    p.figure = RIG_TRUTH;
    pair_run(&p);
    assert_near(pair_ratio(0), 1, 1e-9);
}

static void test_f09_another_duct(void **state) {
    (void)state;
    struct pair p = {.id = "F09",
                     .settle_s = HOURS(1),
                     .seconds = HOURS(3),
                     .always = true,
                     .n = 4,
                     .q = {YW_Q_VELOCITY, YW_Q_TEMP, YW_Q_NOX, YW_Q_O2}};
    pair_open(&p);
    pair_record(&p);
    assert_near(pair_ratio(0), 0.35, 0.01);
    assert_under(pair_ratio(1), 0.6);
    assert_under(pair_ratio(2), 0.75);
    assert_under(pair_bad.out.flow_m3_s, 0.6 * pair_clean.out.flow_m3_s);
    assert_near(pair_bad.truth.v[YW_Q_LOAD], pair_clean.truth.v[YW_Q_LOAD], 0);
    pair_close();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_n01_slow_and_smooth),
        cmocka_unit_test(test_n02_and_f08_soluble_gases),
        cmocka_unit_test(test_n03_sulphur_vanishes_and_puffs),
        cmocka_unit_test(test_f01_nitrogen),
        cmocka_unit_test(test_f02_air_at_the_probe),
        cmocka_unit_test(test_n04_leak),
        cmocka_unit_test(test_n04_and_f02_apart),
        cmocka_unit_test(test_f03_sawtooth),
        cmocka_unit_test(test_f04_air_in_the_duct),
        cmocka_unit_test(test_f05_room_air),
        cmocka_unit_test(test_f06_absorber),
        cmocka_unit_test(test_n03_and_f06_apart),
        cmocka_unit_test(test_f07_dust_flat),
        cmocka_unit_test(test_f09_another_duct),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
