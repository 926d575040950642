/* The station as a whole: spec, range, detection limit, conversion, flow, marks, copies, parameters. */
#include "plant_station.h"

static void test_usual_and_check(void **state) {
    YW_UNUSED(state);
    struct yw_error err;
    for (unsigned q = 0; q < YW_Q_COUNT; q++)
        for (int water = 0; water < 2; water++) {
            struct yw_station_spec s;
            yw_station_spec_usual(&s, water);
            s.channel_n = 1;
            yw_channel_usual(&s.channels[0], (enum yw_quantity)q, water);
            if (yw_station_spec_check(&s, &err) != YW_OK) fail_msg("%s", err.text);
        }
    struct rig r;
    rig_gas(&r);
    r.spec.channels[0].t90_s = -1;
    assert_int_equal(yw_station_spec_check(&r.spec, &err), YW_E_RANGE);
    assert_non_null(strstr(err.text, "t90 of channel so2"));
    rig_gas(&r);
    r.spec.channels[1] = r.spec.channels[0];
    assert_int_equal(yw_station_spec_check(&r.spec, &err), YW_E_RANGE);
    rig_gas(&r);
    r.spec.blowback = (struct yw_schedule){60, 0, 60};
    assert_int_equal(yw_station_spec_check(&r.spec, &err), YW_E_RANGE);
    rig_gas(&r);
    r.spec.kp = NAN;
    assert_int_equal(yw_station_spec_check(&r.spec, &err), YW_E_RANGE);
    assert_string_equal(yw_station_parameter_name(YW_PARAMETER_REFERENCE_O2), "reference_o2");
}

static void test_chain_without_trouble(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->stored, 100, 1e-9);
    near(rig_reading(&r, YW_Q_SO2)->ma, 4 + 16 * 100.0 / 300, 1e-9);
    near(rig_reading(&r, YW_Q_SO2)->converted, 100 * (21 - 6.0) / (21 - 6.0), 0.05);
    /* 3 % of 8 mg of NO2 pass the converter, 13 % CO2 quench 1.3 % */
    near(rig_reading(&r, YW_Q_NOX)->stored, (100 - 0.24) * (1 - 0.013), 0.01);
    double flow = 12 * 12.0 * 273 / 373 * (101325 - 100) / 101325 * 0.9;
    near(r.out.flow_m3_s, flow, 1e-3 * flow);
    for (size_t i = 0; i < r.spec.channel_n; i++) assert_int_equal(r.out.channel[i].mark, YW_MARK_N);
    r.truth.v[YW_Q_O2] = 9;
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->converted, 100 * 15.0 / 12, 0.2);
    r.truth.v[YW_Q_O2] = 20.95;
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->converted, 100, 1e-9);
    r.spec.version = 2025;
    rig_step(&r);
    near(rig_reading(&r, YW_Q_SO2)->converted, 9999.99, 1e-9);
    rig_end(&r);
}

static void test_cross_sensitivity(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    r.spec.channels[rig_channel(&r, YW_Q_SO2)].wet_share = 0.05;
    r.truth.v[YW_Q_H2O] = 12;
    r.truth.v[YW_Q_SO2] = 10;
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    double low = 1 - rig_reading(&r, YW_Q_SO2)->stored / 10;
    assert_true(low > 0.02 && low < 0.08); /* 2 to 8 % at low level */
    r.truth.v[YW_Q_SO2] = 250;
    rig_run(&r, 10 * YW_MINUTE);
    assert_true(1 - rig_reading(&r, YW_Q_SO2)->stored / 250 < low / 2);
    rig_end(&r);
}

static void test_range_and_limit(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    struct yw_channel *c = &r.spec.channels[rig_channel(&r, YW_Q_SO2)];
    c->detection_limit = 0.5;
    c->below = YW_BELOW_HALF;
    rig_begin(&r, rig_midnight(), 5);
    r.truth.v[YW_Q_SO2] = 400;
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->stored, 300, 1e-9);
    near(rig_reading(&r, YW_Q_SO2)->ma, 20, 1e-9);
    assert_int_equal(rig_reading(&r, YW_Q_SO2)->mark, YW_MARK_T);
    r.truth.v[YW_Q_SO2] = 0.1;
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_SO2)->stored, 0.25, 0.011);
    rig_end(&r);
}

/* The small range is left at 80 % of it and comes back at 60 %. */
static void test_dual_range(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    struct yw_channel *c = &r.spec.channels[rig_channel(&r, YW_Q_SO2)];
    c->low_range = 100;
    rig_begin(&r, rig_midnight(), 60);
    static const struct {
        double truth, full;
    } course[] = {{50, 100}, {70, 100}, {79, 100}, {85, 300}, {70, 300}, {61, 300}, {55, 100}, {75, 100}};
    for (size_t k = 0; k < YW_COUNT(course); k++) {
        r.truth.v[YW_Q_SO2] = course[k].truth;
        rig_run(&r, 10 * YW_MINUTE);
        near(rig_reading(&r, YW_Q_SO2)->stored, course[k].truth, 0.011);
        near(rig_reading(&r, YW_Q_SO2)->ma, 4 + 16 * course[k].truth / course[k].full, 0.01);
    }
    struct yw_station_line log[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r.station, log, YW_COUNT(log));
    assert_int_equal(log[n - 1].did, YW_DID_RANGE);
    near(log[n - 1].before, 300, 0);
    near(log[n - 1].after, 100, 0);
    rig_end(&r);
}

static void test_marks_of_condition_and_power(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    r.condition = YW_MARK_ST;
    rig_step(&r);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_N); /* 2017 has marks of one letter */
    r.spec.version = 2025;
    rig_step(&r);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_ST);
    r.condition = YW_MARK_F;
    rig_step(&r);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_F);
    r.condition = YW_MARK_N;
    rig_act(&r, YW_ACT_POWER_OFF, UINT8_MAX, NAN, 0);
    assert_false(r.out.power);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_D);
    assert_true(r.out.channel[0].stored == 0);
    rig_run(&r, 10 * YW_MINUTE);
    rig_act(&r, YW_ACT_POWER_ON, UINT8_MAX, NAN, 0);
    assert_true(r.out.power);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_D);
    assert_true(rig_reading(&r, YW_Q_SO2)->stored < 90); /* cold */
    rig_run(&r, 29 * YW_MINUTE);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_D);
    rig_run(&r, 2 * YW_MINUTE);
    assert_int_equal(r.out.channel[0].mark, YW_MARK_N);
    struct yw_station_line log[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r.station, log, YW_COUNT(log)), power = 0;
    for (size_t i = 0; i < n; i++) power += log[i].did == YW_DID_POWER;
    assert_int_equal(power, 2);
    rig_end(&r);
}

static void test_parameters(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    double before = r.out.flow_m3_s;
    size_t so2 = rig_channel(&r, YW_Q_SO2);
    const struct yw_station_act acts[] = {
        {r.time, 0, YW_ACT_SET_PARAMETER, (uint8_t)so2, YW_PARAMETER_SLOPE, 0.6},
        {r.time - 30 * YW_DAY, 0, YW_ACT_SET_PARAMETER, UINT8_MAX, YW_PARAMETER_AREA, 6},
    };
    yw_station_step(r.station, &r.truth, YW_MARK_N, NULL, acts, 2, r.time += r.step, &r.out);
    near(r.out.channel[so2].analyser, 100, 1e-9);
    near(r.out.channel[so2].stored, 60, 1e-9);
    near(r.out.flow_m3_s, before / 2, 1e-6);
    near(yw_station_parameter(r.station, YW_PARAMETER_SLOPE, so2), 0.6, 0);
    near(yw_station_parameter(r.station, YW_PARAMETER_SLOPE, so2 + 1), 1, 0);
    near(yw_station_parameter(r.station, YW_PARAMETER_AREA, 0), 6, 0);
    struct yw_station_line log[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r.station, log, YW_COUNT(log));
    assert_int_equal(log[n - 2].did, YW_DID_PARAMETER);
    near(log[n - 2].before, 1, 0);
    near(log[n - 2].after, 0.6, 0);
    rig_end(&r);
}

/* Bytes copied go on like the one they were copied from; same seed, same bytes. */
static void test_copy(void **state) {
    YW_UNUSED(state);
    struct rig r, other;
    rig_gas(&r);
    yw_station_spec_usual(&other.spec, false);
    r.spec.calibration = other.spec.calibration;
    r.spec.blowback = other.spec.blowback;
    other = r;
    rig_begin(&r, rig_midnight() + 2 * YW_HOUR, 5);
    rig_deed(&r, YW_AT_DAS, YW_DO_REPLAY, YW_Q_NOX, 600, 0);
    rig_run(&r, 12 * YW_MINUTE); /* in the middle of a calibration */
    struct yw_station *copy = malloc(yw_station_size());
    assert_non_null(copy);
    memcpy(copy, r.station, yw_station_size());
    struct yw_station_spec spec = r.spec;
    yw_station_attach(copy, &spec);
    for (int k = 0; k < 2000; k++) {
        struct yw_readings out;
        memset(&out, 0, sizeof out);
        rig_step(&r);
        yw_station_step(copy, &r.truth, r.condition, &r.now, NULL, 0, r.time, &out);
        for (size_t i = 0; i < spec.channel_n; i++) {
            assert_memory_equal(&out.channel[i].stored, &r.out.channel[i].stored, sizeof(double));
            assert_int_equal(out.channel[i].mark, r.out.channel[i].mark);
        }
    }
    yw_station_attach(copy, &r.spec);
    assert_memory_equal(copy, r.station, yw_station_size());
    assert_true(yw_station_size() <= 64 << 10);
    free(copy);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_usual_and_check),   cmocka_unit_test(test_chain_without_trouble),
        cmocka_unit_test(test_cross_sensitivity), cmocka_unit_test(test_range_and_limit),
        cmocka_unit_test(test_dual_range),        cmocka_unit_test(test_marks_of_condition_and_power),
        cmocka_unit_test(test_parameters),        cmocka_unit_test(test_copy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
