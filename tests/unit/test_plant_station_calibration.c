/* Calibration, blowback, checks: what the values, the marks and the log say of them. */
#include "plant_station.h"

static size_t log_of(const struct rig *r, struct yw_station_line *out, enum yw_station_did did,
                     size_t channel) {
    struct yw_station_line all[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r->station, all, YW_COUNT(all)), k = 0;
    for (size_t i = 0; i < n; i++)
        if (all[i].did == did && all[i].channel == channel && all[i].time > r->time - 12 * YW_HOUR)
            out[k++] = all[i];
    return k;
}

/* Zero 5 min, span 5 min, purge 3 min, all marked C; the stack is back when the mark goes. */
static void test_sequence(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.calibration = (struct yw_schedule){86400, 7200, 780};
    struct yw_channel *c = &r.spec.channels[0];
    c->drift_zero = 0.01, c->drift_span = 0.01;
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 2 * YW_HOUR - 10 * YW_SECOND);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_N);
    rig_run(&r, 10 * YW_SECOND);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_C);
    assert_int_equal(rig_reading(&r, YW_Q_DUST)->mark, YW_MARK_N); /* no gas for it */
    rig_run(&r, 295 * YW_SECOND);
    double zero = r.out.channel[0].stored;
    assert_true(zero < 10 && rig_reading(&r, YW_Q_O2)->stored < 0.2);
    rig_run(&r, 60 * YW_SECOND); /* span gas flows since 55 s */
    assert_true(r.out.channel[0].stored > 0.8 * c->span_gas);
    rig_run(&r, 240 * YW_SECOND);
    double span = r.out.channel[0].stored;
    near(span, c->span_gas, 0.05 * c->range);
    near(rig_reading(&r, YW_Q_O2)->stored, 20.9, 0.1);
    rig_run(&r, 180 * YW_SECOND);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_C);
    near(r.out.channel[0].stored, 100, 0.5); /* adjusted, and the purge is long enough */
    rig_run(&r, 5 * YW_SECOND);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_N);
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    assert_int_equal(log_of(&r, lines, YW_DID_ZERO, 0), 1);
    near(lines[0].before, zero, 0.02);
    assert_true(lines[0].passed);
    assert_int_equal(log_of(&r, lines, YW_DID_SPAN, 0), 1);
    near(lines[0].before, span, 0.02);
    near(lines[0].after, c->span_gas, 0);
    assert_int_equal(lines[0].parameter, YW_ACT_CALIBRATE);
    near(yw_station_result(r.station, YW_ACT_SPAN_ANALYSER, 0), span, 0.02);
    rig_end(&r);
}

static void test_value_is_held_where_so_set(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.shows_live_during_calibration = false;
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, YW_HOUR);
    rig_act(&r, YW_ACT_CALIBRATE, 0, NAN, 0);
    rig_run(&r, 4 * YW_MINUTE);
    near(r.out.channel[0].analyser, 0, 0.1);
    near(r.out.channel[0].stored, 100, 1e-9);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_C);
    rig_end(&r);
}

/* Before the calibration the reading had drifted; after it only the resolution is left. */
static void test_adjusts_drift(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.calibration = (struct yw_schedule){7 * 86400, 7200, 780};
    r.spec.channels[0].drift_zero = 0.006, r.spec.channels[0].drift_span = 0.01;
    rig_begin(&r, rig_midnight(), 60);
    /* Thursday is the first day of such a week: this is its last one */
    rig_run(&r, 2 * YW_DAY + 90 * YW_MINUTE);
    double before = fabs(r.out.channel[0].stored - 100);
    rig_run(&r, YW_HOUR);
    double after = fabs(r.out.channel[0].stored - 100);
    assert_true(before > 1.0);
    assert_true(after < 0.5);
    rig_end(&r);
}

/* A leak behind the probe is seen by gas at the probe only. */
static void test_path(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    rig_begin(&r, rig_midnight(), 5);
    rig_deed(&r, YW_AT_LINE, YW_DO_MIX, YW_Q_COUNT, 0.2, 0);
    rig_run(&r, 10 * YW_MINUTE);
    double gas = r.spec.channels[0].span_gas;
    rig_act(&r, YW_ACT_SPAN_ANALYSER, 0, NAN, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_SPAN_ANALYSER, 0), gas, 0.1);
    rig_act(&r, YW_ACT_SPAN_PROBE, 0, 200, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_SPAN_PROBE, 0), 160, 0.1);
    size_t o2 = rig_channel(&r, YW_Q_O2);
    rig_act(&r, YW_ACT_ZERO_PROBE, o2, NAN, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_ZERO_PROBE, o2), 0.2 * 20.9, 0.02);
    rig_act(&r, YW_ACT_AIR, UINT8_MAX, NAN, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_AIR, o2), 20.9, 0.02);
    near(yw_station_result(r.station, YW_ACT_AIR, 0), 0, 0.1);
    rig_act(&r, YW_ACT_LEAK_TEST, UINT8_MAX, NAN, 0);
    near(yw_station_result(r.station, YW_ACT_LEAK_TEST, 0), 20, 1e-3);
    assert_true(isnan(yw_station_result(r.station, YW_ACT_CHECK, 0)));
    rig_end(&r);
}

/* The whole path is checked each three months and adjusts nothing. */
static void test_full_path_schedule(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.full_path = (struct yw_schedule){86400, 3600, 1300};
    rig_begin(&r, rig_midnight(), 5);
    rig_deed(&r, YW_AT_LINE, YW_DO_MIX, YW_Q_COUNT, 0.3, 0);
    rig_run(&r, 2 * YW_HOUR);
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    size_t n = log_of(&r, lines, YW_DID_SPAN, 0);
    assert_true(n >= 1);
    assert_false(lines[n - 1].passed);
    assert_int_equal(lines[n - 1].parameter, YW_ACT_SPAN_PROBE);
    near(lines[n - 1].after, 0.7 * r.spec.channels[0].span_gas, 0.2);
    near(r.out.channel[0].stored, 70, 0.2);
    rig_end(&r);
}

/* An analyser that lost little is set right; one that lost much is refused, with an alarm. */
static void test_accepts_and_refuses(void **state) {
    YW_UNUSED(state);
    for (int much = 0; much < 2; much++) {
        struct rig r;
        rig_gas(&r);
        rig_quiet(&r);
        rig_begin(&r, rig_midnight(), 5);
        rig_deed(&r, YW_AT_ANALYSER, YW_DO_SCALE, YW_Q_SO2, much ? 0.7 : 0.95, 0);
        rig_run(&r, 10 * YW_MINUTE);
        near(r.out.channel[0].stored, much ? 70 : 95, 0.02);
        rig_act(&r, YW_ACT_CALIBRATE, 0, NAN, 0);
        rig_run(&r, 15 * YW_MINUTE);
        near(r.out.channel[0].stored, much ? 70 : 100, 0.2);
        assert_int_equal(!!(r.out.alarms & 1u << YW_ALARM_CALIBRATION), much);
        struct yw_station_line lines[YW_STATION_LOG_MAX];
        size_t n = log_of(&r, lines, YW_DID_SPAN, 0);
        assert_int_equal(lines[n - 1].passed, !much);
        rig_end(&r);
    }
}

/* A bottle that holds 1.6 times its label: after calibration everything reads 1.6 times too low, and its own
 * check is perfect. An officer's own gas shows it. */
static void test_false_gas(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.channels[0].span_gas = 150;
    rig_begin(&r, rig_midnight(), 5);
    rig_deed(&r, YW_AT_CHECK, YW_DO_FALSE_GAS, YW_Q_SO2, 1.6, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(r.out.channel[0].stored, 100, 0.02);
    rig_act(&r, YW_ACT_CALIBRATE, 0, NAN, 0);
    rig_run(&r, 15 * YW_MINUTE);
    near(r.out.channel[0].stored, 100 / 1.6, 0.2);
    rig_act(&r, YW_ACT_CHECK, 0, NAN, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_CHECK, 0), 150, 0.3);
    rig_act(&r, YW_ACT_SPAN_PROBE, 0, 150, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_SPAN_PROBE, 0), 150 / 1.6, 0.3);
    /* a day entered later knows it from the schedule alone */
    r.spec.calibration = (struct yw_schedule){86400, 0, 780};
    r.event[0].start = r.time - 3 * YW_DAY;
    yw_station_begin(r.station, &r.spec, 42, r.time, 5);
    rig_run(&r, 10 * YW_MINUTE);
    near(r.out.channel[0].stored, 100 / 1.6, 0.2);
    rig_end(&r);
}

/* Blowback: marked M, oxygen runs toward 21 %, and the gas is back when the mark goes. */
static void test_blowback(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.blowback = (struct yw_schedule){4 * 3600, 1800, 180};
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 30 * YW_MINUTE - 5 * YW_SECOND);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_N);
    double most = 0, seconds = 0;
    for (rig_step(&r); r.out.channel[0].mark == YW_MARK_M; rig_step(&r), seconds += 5) {
        double o2 = rig_reading(&r, YW_Q_O2)->stored;
        if (o2 > most) most = o2;
        assert_int_equal(rig_reading(&r, YW_Q_TEMP)->mark, YW_MARK_N);
        /* dust goes on and is converted with the oxygen of before */
        near(rig_reading(&r, YW_Q_DUST)->converted, rig_reading(&r, YW_Q_DUST)->stored, 0.05);
    }
    assert_true(most > 18 && most < 21);
    assert_true(seconds >= 180 && seconds <= 300);
    near(rig_reading(&r, YW_Q_O2)->stored, 6, 0.15);
    near(rig_reading(&r, YW_Q_SO2)->stored, 100, 3);
    rig_act(&r, YW_ACT_CALIBRATE, 0, NAN, 0);
    rig_act(&r, YW_ACT_BLOWBACK, UINT8_MAX, NAN, 0);
    assert_int_equal(rig_reading(&r, YW_Q_SO2)->mark, YW_MARK_C); /* goes before M */
    assert_int_equal(rig_reading(&r, YW_Q_O2)->mark, YW_MARK_M);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_sequence),           cmocka_unit_test(test_value_is_held_where_so_set),
        cmocka_unit_test(test_adjusts_drift),      cmocka_unit_test(test_path),
        cmocka_unit_test(test_full_path_schedule), cmocka_unit_test(test_accepts_and_refuses),
        cmocka_unit_test(test_false_gas),          cmocka_unit_test(test_blowback),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
