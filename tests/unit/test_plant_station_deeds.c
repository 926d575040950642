/* Each deed at its true place: what it changes, and what it leaves. */
#include "plant_station.h"

static void quiet_stack(struct rig *r) {
    rig_gas(r);
    rig_quiet(r);
    rig_begin(r, rig_midnight(), 5);
    rig_run(r, 10 * YW_MINUTE);
}

/* C (1 - l), O2 + l (20.9 - O2): what is converted hardly changes. */
static void test_leak(void **state) {
    YW_UNUSED(state);
    static const double leaks[] = {0.05, 0.2, 0.4};
    for (size_t k = 0; k < YW_COUNT(leaks); k++) {
        struct rig r;
        quiet_stack(&r);
        double before = rig_reading(&r, YW_Q_SO2)->converted, l = leaks[k];
        double dust = rig_reading(&r, YW_Q_DUST)->stored;
        rig_deed(&r, YW_AT_LINE, YW_DO_MIX, YW_Q_COUNT, l, 0);
        rig_run(&r, 10 * YW_MINUTE);
        double o2 = 6 + l * 14.9;
        near(rig_reading(&r, YW_Q_SO2)->stored, 100 * (1 - l), 0.02);
        near(rig_reading(&r, YW_Q_O2)->stored, o2, 0.02);
        near(rig_reading(&r, YW_Q_SO2)->converted, 100 * (1 - l) * 15 / (21 - o2), 0.2);
        near(rig_reading(&r, YW_Q_SO2)->converted / before, 1, 0.005);
        near(rig_reading(&r, YW_Q_DUST)->stored, dust, 0.02); /* is not drawn through the line */
        near(rig_reading(&r, YW_Q_TEMP)->stored, 100, 0.1);
        rig_end(&r);
    }
}

/* Nitrogen at the probe: pollutants and oxygen fall by the same factor, the converted value by more; gas fed
 * at the probe is diluted, gas fed at the analyser is not. */
static void test_nitrogen(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_PROBE, YW_DO_MIX, YW_Q_COUNT, 0.3, 0);
    d->medium = YW_MIX_NITROGEN;
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->stored, 70, 0.02);
    near(rig_reading(&r, YW_Q_O2)->stored, 4.2, 0.02);
    near(rig_reading(&r, YW_Q_SO2)->converted, 70 * 15 / (21 - 4.2), 0.1);
    rig_act(&r, YW_ACT_SPAN_PROBE, 0, 200, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_SPAN_PROBE, 0), 140, 0.1);
    rig_act(&r, YW_ACT_SPAN_ANALYSER, 0, 200, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(yw_station_result(r.station, YW_ACT_SPAN_ANALYSER, 0), 200, 0.1);
    rig_end(&r);
}

/* A smaller slope shrinks the noise with the value; the analyser's display and current stay. */
static void test_slope(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    double sd = rig_sd(&r, YW_Q_NOX, 2 * YW_HOUR);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_PARAMETER, YW_DO_PARAMETER, YW_Q_NOX, 0.5, 0);
    d->parameter = YW_PARAMETER_SLOPE;
    rig_run(&r, YW_MINUTE);
    near(rig_sd(&r, YW_Q_NOX, 2 * YW_HOUR) / sd, 0.5, 0.06);
    const struct yw_reading *nox = rig_reading(&r, YW_Q_NOX);
    near(nox->stored, nox->analyser / 2, 0.011);
    near(nox->ma, 4 + 16 * nox->analyser / 300, 1e-9);
    near(yw_station_parameter(r.station, YW_PARAMETER_SLOPE, rig_channel(&r, YW_Q_NOX)), 0.5, 1e-12);
    struct yw_station_line log[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r.station, log, YW_COUNT(log));
    assert_int_equal(log[n - 2].did, YW_DID_LOGIN);
    assert_int_equal(log[n - 1].did, YW_DID_PARAMETER);
    assert_false(log[n - 1].hidden);
    near(log[n - 1].after, 0.5, 1e-12);
    rig_end(&r);
}

static void test_hidden_change(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    rig_deed(&r, YW_AT_PARAMETER, YW_DO_NO_LOG, YW_Q_COUNT, 0, 0);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_PARAMETER, YW_DO_PARAMETER, YW_Q_COUNT, 0.6, 0);
    d->parameter = YW_PARAMETER_AREA;
    rig_deed(&r, YW_AT_PAPER, YW_DO_DOOR, YW_Q_COUNT, 0, 0);
    rig_deed(&r, YW_AT_LINE, YW_DO_CONDITION, YW_Q_COUNT, 70, 0)->condition = YW_CONDITION_LINE_TEMP;
    double before = r.out.flow_m3_s;
    rig_run(&r, YW_MINUTE);
    near(r.out.flow_m3_s, 0.6 * before, 1e-6);
    assert_true(r.out.door_open);
    struct yw_station_line log[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r.station, log, YW_COUNT(log)), changes = 0;
    for (size_t i = 0; i < n; i++)
        if (log[i].did == YW_DID_PARAMETER || log[i].did == YW_DID_ALARM)
            changes++, assert_true(log[i].hidden);
    assert_int_equal(changes, 2);
    rig_run(&r, YW_HOUR);
    assert_false(r.out.door_open);
    n = yw_station_log(r.station, log, YW_COUNT(log));
    assert_int_equal(log[n - 1].did, YW_DID_DOOR);
    near(log[n - 1].after, 0, 0);
    r.event_n = 0; /* all is put back, with the tool that hides it */
    rig_step(&r);
    near(r.out.flow_m3_s, before, 1e-6);
    n = yw_station_log(r.station, log, YW_COUNT(log));
    assert_int_equal(log[n - 1].did, YW_DID_PARAMETER);
    assert_true(log[n - 1].hidden && log[n - 2].hidden);
    rig_end(&r);
}

/* The computer's range smaller than the analyser's: an exact proportion, and a flat top. */
static void test_false_range(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_PARAMETER, YW_DO_PARAMETER, YW_Q_SO2, 0.2, 0);
    d->parameter = YW_PARAMETER_RANGE;
    rig_run(&r, YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->analyser, 100, 0.02);
    near(rig_reading(&r, YW_Q_SO2)->stored, 20, 0.011);
    r.truth.v[YW_Q_SO2] = 900;
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->stored, 60, 1e-9);
    rig_end(&r);
}

static void test_conversion_and_pitot(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    double flow = r.out.flow_m3_s;
    rig_deed(&r, YW_AT_PARAMETER, YW_DO_PARAMETER, YW_Q_COUNT, 1, 3)->parameter = YW_PARAMETER_REFERENCE_O2;
    rig_deed(&r, YW_AT_PARAMETER, YW_DO_PARAMETER, YW_Q_COUNT, 0.75 / 0.84, 0)->parameter = YW_PARAMETER_KP;
    rig_step(&r);
    near(rig_reading(&r, YW_Q_SO2)->stored, 100, 0.02);
    near(rig_reading(&r, YW_Q_SO2)->converted, 100 * 12 / 15.0, 0.1);
    near(r.out.flow_m3_s / flow, 0.75 / 0.84, 1e-3);
    rig_end(&r);
}

/* A bottle under the tube: the sample stands still, the instrument's repeatability does not. */
static void test_bottle(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    for (size_t i = 0; i < r.spec.channel_n; i++)
        r.spec.channels[i].drift_zero = r.spec.channels[i].drift_span = 0;
    rig_begin(&r, rig_midnight(), 60);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_LINE, YW_DO_BOTTLE, YW_Q_COD, 30, 0);
    d->of = YW_OF_UNIT;
    double sum = 0, squares = 0, n = 0;
    for (int k = 0; k < 10 * 24 * 60; k++) {
        r.truth.v[YW_Q_COD] = 120 + 60 * sin(k / 200.0);
        rig_step(&r);
        double v = rig_reading(&r, YW_Q_COD)->stored;
        if (rig_reading(&r, YW_Q_COD)->taken && k > 180) sum += v, squares += v * v, n++;
    }
    double mean = sum / n, sd = sqrt(squares / n - mean * mean);
    near(mean, 30, 0.6);
    assert_true(sd > 0.8 && sd < 3.5);
    near(rig_reading(&r, YW_Q_TN)->stored, 10, 1.5);
    rig_end(&r);
}

/* Software acts on what is stored; the display goes on telling the truth. */
static void test_software(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    r.spec.channels[0].limit = 35;
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_DAS, YW_DO_CLIP, YW_Q_SO2, 0.95, 0.03);
    d->of = YW_OF_LIMIT;
    r.truth.v[YW_Q_O2] = 9;
    rig_run(&r, 10 * YW_MINUTE);
    double most = 0, least = 1e9;
    for (int k = 0; k < 500; k++) {
        rig_step(&r);
        double v = rig_reading(&r, YW_Q_SO2)->converted;
        if (v > most) most = v;
        if (v < least) least = v;
        assert_true(rig_reading(&r, YW_Q_SO2)->analyser > 80);
    }
    assert_true(most <= 0.95 * 35 + 0.02); /* it knows that the limit holds for the converted value */
    assert_true(most > 0.9 * 35 && least < 0.94 * 35);
    r.effect[0].deeds[0] = (struct yw_effect_deed){.place = YW_AT_DAS,
                                                   .what = YW_DO_INVENT,
                                                   .quantities = {1u << YW_Q_SO2},
                                                   .a = 0.5,
                                                   .b = 0.05,
                                                   .of = YW_OF_LIMIT};
    near(rig_mean(&r, YW_Q_SO2, 2 * YW_HOUR), 0.5 * 35 * 12 / 15, 0.3);
    assert_true(rig_reading(&r, YW_Q_SO2)->analyser > 80);
    r.effect[0].deeds[0].what = YW_DO_HOLD;
    near(rig_sd(&r, YW_Q_SO2, YW_HOUR), 0, 1e-4);
    r.effect[0].deeds[0].what = YW_DO_COPY;
    r.effect[0].deeds[0].source = YW_Q_TEMP, r.effect[0].deeds[0].a = 0.2, r.effect[0].deeds[0].b = 3;
    rig_step(&r);
    near(rig_reading(&r, YW_Q_SO2)->stored, 0.2 * rig_reading(&r, YW_Q_TEMP)->stored + 3, 0.006);
    rig_end(&r);
}

static void test_replay(void **state) {
    YW_UNUSED(state);
    enum { MINUTES = 120 };
    double before[MINUTES];
    struct rig r;
    rig_gas(&r);
    rig_begin(&r, rig_midnight(), 60);
    size_t nox = rig_channel(&r, YW_Q_NOX);
    rig_run(&r, YW_HOUR);
    for (int k = 0; k < MINUTES; k++) {
        r.truth.v[YW_Q_NOX] = 100 + 20 * sin(k / 7.0);
        rig_step(&r);
        before[k] = r.out.channel[nox].stored;
    }
    rig_deed(&r, YW_AT_DAS, YW_DO_REPLAY, YW_Q_NOX, MINUTES * 60, 0);
    r.truth.v[YW_Q_NOX] = 200;
    for (int k = 0; k < MINUTES; k++) {
        rig_step(&r);
        near(r.out.channel[nox].stored, before[k], 0.011);
        if (k > 5) assert_true(r.out.channel[nox].analyser > 150);
    }
    /* where this life does not reach back a day, blocks of half the length and so on */
    r.effect[0].deeds[0].a = 86400;
    for (int k = 0; k < MINUTES; k++) {
        rig_step(&r);
        assert_true(r.out.channel[nox].stored > 60 && r.out.channel[nox].stored < 150);
    }
    rig_end(&r);
}

static void test_smooth_and_slow(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    rig_deed(&r, YW_AT_DAS, YW_DO_SMOOTH, YW_Q_SO2, 1800, 0);
    rig_deed(&r, YW_AT_LINE, YW_DO_SLOW, YW_Q_NOX, 10, 0);
    r.truth.v[YW_Q_SO2] = 200;
    r.truth.v[YW_Q_NOX] = 200;
    rig_run(&r, 10 * YW_MINUTE);
    double nox = (200 - 0.24) * (1 - 0.013);
    near(rig_reading(&r, YW_Q_SO2)->analyser, 200, 0.1);
    near(rig_reading(&r, YW_Q_SO2)->stored, 200 - 100 * exp(-600.0 / 1800), 3);
    near(rig_reading(&r, YW_Q_NOX)->stored, nox - 10 * 0.987, 1); /* T90 is ten minutes now */
    rig_end(&r);
}

/* Between analyser and computer: the current and what is stored differ from the display. */
static void test_signal(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    rig_deed(&r, YW_AT_SIGNAL, YW_DO_SCALE, YW_Q_SO2, 0.4, 0);
    rig_step(&r);
    near(rig_reading(&r, YW_Q_SO2)->analyser, 100, 0.02);
    near(rig_reading(&r, YW_Q_SO2)->ma, 4 + 16 * 40.0 / 300, 1e-2);
    near(rig_reading(&r, YW_Q_SO2)->stored, 40, 0.02);
    rig_end(&r);
}

/* Drift of a fault: a slow bias and a jump back at calibration. */
static void test_drift_until_calibration(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    rig_deed(&r, YW_AT_ANALYSER, YW_DO_DRIFT, YW_Q_SO2, 0.03, 0);
    rig_run(&r, YW_DAY);
    near(rig_reading(&r, YW_Q_SO2)->stored, 109, 0.05);
    rig_act(&r, YW_ACT_CALIBRATE, 0, NAN, 0);
    rig_run(&r, 15 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->stored, 100, 0.3);
    rig_run(&r, YW_DAY);
    near(rig_reading(&r, YW_Q_SO2)->stored, 109, 0.3);
    rig_end(&r);
}

static void test_mark_and_conditions(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    rig_deed(&r, YW_AT_MARK, YW_DO_MARK, YW_Q_SO2, 0, 0)->mark = YW_MARK_F;
    rig_deed(&r, YW_AT_LINE, YW_DO_CONDITION, YW_Q_COUNT, 70, 0)->condition = YW_CONDITION_LINE_TEMP;
    rig_deed(&r, YW_AT_LINE, YW_DO_CONDITION, YW_Q_COUNT, 0.5, 0)->condition = YW_CONDITION_SAMPLE_FLOW;
    rig_step(&r);
    assert_int_equal(rig_reading(&r, YW_Q_SO2)->mark, YW_MARK_F);
    assert_int_equal(rig_reading(&r, YW_Q_NOX)->mark, YW_MARK_N);
    near(r.out.line_temp_c, 70, 1e-9);
    near(r.out.sample_l_min, 1.5, 1e-9);
    assert_int_equal(r.out.alarms, 1u << YW_ALARM_LINE_COLD | 1u << YW_ALARM_FLOW);
    rig_end(&r);
}

/* An aged converter lets NO2 through; NO is measured as before. */
static void test_converter(void **state) {
    YW_UNUSED(state);
    struct rig r;
    quiet_stack(&r);
    rig_deed(&r, YW_AT_ANALYSER, YW_DO_SCALE, YW_Q_NO2, 0.5, 0);
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_NOX)->stored, (100 - (1 - 0.485) * 8) * 0.987, 0.02);
    rig_end(&r);
}

/* The same sample again and again: it stands still, repeatability goes on; pH in the channel follows the
 * water. */
static void test_same_sample(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    rig_begin(&r, rig_midnight(), 60);
    rig_run(&r, 4 * YW_HOUR);
    rig_deed(&r, YW_AT_LINE, YW_DO_HOLD, YW_Q_COD, 0, 0);
    r.truth.v[YW_Q_COD] = 150;
    r.truth.v[YW_Q_PH] = 8;
    double sd = rig_sd(&r, YW_Q_COD, 24 * YW_HOUR);
    assert_true(sd > 0.5);
    near(rig_reading(&r, YW_Q_COD)->stored, 40, 8);
    near(rig_reading(&r, YW_Q_PH)->stored, 8, 0.15);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_leak),        cmocka_unit_test(test_nitrogen),
        cmocka_unit_test(test_slope),       cmocka_unit_test(test_hidden_change),
        cmocka_unit_test(test_false_range), cmocka_unit_test(test_conversion_and_pitot),
        cmocka_unit_test(test_bottle),      cmocka_unit_test(test_software),
        cmocka_unit_test(test_replay),      cmocka_unit_test(test_smooth_and_slow),
        cmocka_unit_test(test_signal),      cmocka_unit_test(test_drift_until_calibration),
        cmocka_unit_test(test_converter),   cmocka_unit_test(test_mark_and_conditions),
        cmocka_unit_test(test_same_sample),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
