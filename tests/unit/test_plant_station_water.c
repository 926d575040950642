/* Water: composites and their time stamps, carry-over, standard checks, calibration, bottles, the flume. */
#include "plant_station.h"

/* Aliquots of one hour are analysed in the next and shown at its end; the stamp is the start of sampling. */
static void test_timing(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    rig_quiet(&r);
    int64_t midnight = rig_midnight();
    rig_begin(&r, midnight, 60);
    rig_run(&r, 3 * YW_HOUR - YW_MINUTE); /* 02:59 */
    near(rig_reading(&r, YW_Q_COD)->stored, 40, 1e-6);
    r.truth.v[YW_Q_COD] = 100; /* from 03:00 on */
    rig_run(&r, 2 * YW_HOUR);  /* 04:59 */
    assert_false(rig_reading(&r, YW_Q_COD)->taken);
    near(rig_reading(&r, YW_Q_COD)->stored, 40, 1e-6);
    rig_step(&r); /* 05:00: the sample of 03:00 to 04:00 */
    assert_true(rig_reading(&r, YW_Q_COD)->taken);
    assert_true(rig_reading(&r, YW_Q_COD)->sampled == midnight + 3 * YW_HOUR);
    near(rig_reading(&r, YW_Q_COD)->stored, 0.98 * 100 + 0.02 * 40, 0.06); /* carry-over */
    rig_step(&r);
    assert_false(rig_reading(&r, YW_Q_COD)->taken);
    rig_run(&r, YW_HOUR);
    near(rig_reading(&r, YW_Q_COD)->stored, 100, 0.06);
    /* one aliquot of four: a quarter of the composite */
    r.truth.v[YW_Q_COD] = 200; /* 06:02: 6:15, 6:30, 6:45 are drawn of it and 6:00 was drawn of 100 */
    rig_run(&r, 16 * YW_MINUTE);
    r.truth.v[YW_Q_COD] = 100; /* 06:18 */
    rig_run(&r, 2 * YW_HOUR);  /* 08:18 */
    double one = rig_reading(&r, YW_Q_COD)->stored;
    assert_true(one > 120 && one < 155);
    rig_end(&r);
}

static void test_sampling_is_shown(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    rig_begin(&r, rig_midnight(), 60);
    int drawing = 0;
    for (int k = 0; k < 24 * 60; k++) rig_step(&r), drawing += r.out.sampling;
    assert_int_equal(drawing, 24 * 4 * 2);
    rig_end(&r);
}

static void test_repeatability_and_floor(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    for (size_t i = 0; i < r.spec.channel_n; i++)
        r.spec.channels[i].drift_zero = r.spec.channels[i].drift_span = 0;
    rig_begin(&r, rig_midnight(), 60);
    double sum = 0, squares = 0, n = 0;
    for (int k = 0; k < 20 * 24 * 60; k++) {
        rig_step(&r);
        const struct yw_reading *cod = rig_reading(&r, YW_Q_COD);
        if (cod->taken) sum += cod->stored, squares += cod->stored * cod->stored, n++;
    }
    assert_int_equal((int)n, 480);
    double mean = sum / n, sd = sqrt(squares / n - mean * mean);
    near(mean, 40, 0.5);
    assert_true(sd > 1.2 && sd < 3.5); /* 3 % of the value and a quarter of the detection limit */
    r.truth.v[YW_Q_COD] = 0;
    rig_run(&r, 5 * YW_HOUR);
    near(rig_reading(&r, YW_Q_COD)->stored, 2.5, 1e-9); /* half the detection limit */
    rig_end(&r);
}

static size_t count(const struct rig *r, enum yw_station_did did, size_t channel,
                    struct yw_station_line *last) {
    struct yw_station_line all[YW_STATION_LOG_MAX];
    size_t n = yw_station_log(r->station, all, YW_COUNT(all)), k = 0;
    for (size_t i = 0; i < n; i++)
        if (all[i].did == did && all[i].channel == channel && all[i].time > rig_midnight())
            k++, *last = all[i];
    return k;
}

static void test_checks(void **state) {
    YW_UNUSED(state);
    struct rig r;
    struct yw_station_line last = {0};
    rig_water(&r);
    r.spec.check = (struct yw_schedule){86400, 7200, 3600};
    rig_begin(&r, rig_midnight(), 60);
    rig_run(&r, 2 * YW_HOUR);
    assert_true(rig_reading(&r, YW_Q_COD)->taken); /* the sample of 00:00 was ready when the check began */
    assert_true(rig_reading(&r, YW_Q_COD)->sampled == rig_midnight());
    rig_run(&r, 30 * YW_MINUTE);
    assert_int_equal(rig_reading(&r, YW_Q_COD)->mark, YW_MARK_C);
    assert_int_equal(rig_reading(&r, YW_Q_PH)->mark, YW_MARK_N);
    double held = rig_reading(&r, YW_Q_COD)->stored;
    rig_run(&r, 25 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_COD)->stored, held, 1e-9); /* the analyser is busy */
    rig_run(&r, 10 * YW_MINUTE);
    assert_int_equal(rig_reading(&r, YW_Q_COD)->mark, YW_MARK_N);
    size_t cod = rig_channel(&r, YW_Q_COD);
    assert_int_equal(count(&r, YW_DID_CHECK, cod, &last), 1);
    near(last.before, 100, 1e-9); /* half the range */
    near(last.after, 100, 10);
    assert_true(last.passed);
    near(yw_station_result(r.station, YW_ACT_CHECK, cod), last.after, 1e-3);
    rig_run(&r, 3 * YW_HOUR);
    assert_true(rig_reading(&r, YW_Q_COD)->sampled > rig_midnight() + 3 * YW_HOUR); /* it goes on */
    rig_end(&r);
}

/* A cold digestion: low results, the check fails low and cannot be calibrated away. */
static void test_cold_digestion(void **state) {
    YW_UNUSED(state);
    struct rig r;
    struct yw_station_line last = {0};
    rig_water(&r);
    rig_quiet(&r);
    r.spec.check = (struct yw_schedule){86400, 7200, 3600};
    rig_begin(&r, rig_midnight(), 60);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_PARAMETER, YW_DO_PARAMETER, YW_Q_COUNT, 1, -35);
    d->parameter = YW_PARAMETER_DIGEST_TEMP;
    rig_run(&r, 6 * YW_HOUR);
    double cod = rig_reading(&r, YW_Q_COD)->stored;
    assert_true(cod > 10 && cod < 24);
    near(rig_reading(&r, YW_Q_NH4)->stored, 2, 0.05); /* is not digested */
    assert_int_equal(count(&r, YW_DID_CHECK, rig_channel(&r, YW_Q_COD), &last), 1);
    assert_false(last.passed);
    assert_true(last.after < 85 &&
                last.after / 100 > 1.2 * cod / 40); /* a standard is digested more easily */
    near(yw_station_parameter(r.station, YW_PARAMETER_DIGEST_TEMP, 0), 130, 1e-9);
    rig_end(&r);
}

/* A check that equals its nominal value to the last digit, whatever the analyser does. */
static void test_false_check(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    rig_begin(&r, rig_midnight(), 60);
    rig_deed(&r, YW_AT_CHECK, YW_DO_FALSE_CHECK, YW_Q_COUNT, 0, 0);
    rig_deed(&r, YW_AT_ANALYSER, YW_DO_SCALE, YW_Q_COD, 0.5, 0);
    rig_act(&r, YW_ACT_CHECK, UINT8_MAX, NAN, 0);
    rig_run(&r, 2 * YW_HOUR);
    near(yw_station_result(r.station, YW_ACT_CHECK, rig_channel(&r, YW_Q_COD)), 100, 0);
    near(yw_station_result(r.station, YW_ACT_CHECK, rig_channel(&r, YW_Q_NH4)), 10, 0);
    rig_end(&r);
}

/* A bottle holds what came in at the intake, whatever was done behind it. */
static void test_bottles(void **state) {
    YW_UNUSED(state);
    struct rig r;
    struct yw_retained kept[YW_RETAINED_MAX];
    rig_water(&r);
    rig_quiet(&r);
    rig_begin(&r, rig_midnight(), 60);
    struct yw_effect_deed *d = rig_deed(&r, YW_AT_LINE, YW_DO_MIX, YW_Q_COUNT, 0.5, 0);
    d->medium = YW_MIX_TAP;
    rig_run(&r, 5 * YW_HOUR);
    size_t cod = rig_channel(&r, YW_Q_COD), n = yw_station_retained(r.station, kept, YW_COUNT(kept));
    assert_int_equal(n, 5);
    assert_true(kept[4].to - kept[4].from == YW_HOUR && kept[4].to == rig_midnight() + 5 * YW_HOUR);
    near(kept[4].value[cod], 40, 1e-4);
    near(r.out.channel[cod].stored, 21, 0.2);
    assert_true(isnan(kept[4].value[rig_channel(&r, YW_Q_WATER_FLOW)]));
    d->place = YW_AT_PROBE;
    rig_run(&r, 2 * YW_HOUR);
    rig_act(&r, YW_ACT_RETAIN, UINT8_MAX, NAN, 0);
    n = yw_station_retained(r.station, kept, YW_COUNT(kept));
    near(kept[n - 1].value[cod], 21, 1e-4);
    near(rig_reading(&r, YW_Q_CONDUCTIVITY)->stored, (1200 + 320) / 2.0, 3);
    rig_end(&r);
}

static void test_sample_now(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    rig_quiet(&r);
    rig_begin(&r, rig_midnight(), 60);
    rig_run(&r, 5 * YW_HOUR + 20 * YW_MINUTE);
    r.truth.v[YW_Q_COD] = 150;
    rig_step(&r);
    rig_act(&r, YW_ACT_SAMPLE, rig_channel(&r, YW_Q_COD), NAN, 0);
    int64_t asked = r.time;
    while (!rig_reading(&r, YW_Q_COD)->taken) rig_step(&r);
    assert_true(r.time == asked + YW_HOUR);
    assert_true(rig_reading(&r, YW_Q_COD)->sampled == asked);
    near(rig_reading(&r, YW_Q_COD)->stored, 0.98 * 150 + 0.02 * 40, 0.06);
    rig_end(&r);
}

/* Q = C h^n: a level read 6 cm too low takes more from a small flow than from a large one. */
static void test_flume(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_water(&r);
    rig_quiet(&r);
    rig_begin(&r, rig_midnight(), 60);
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_reading(&r, YW_Q_WATER_FLOW)->stored, 200, 0.01);
    near(r.out.flow_m3_s, 0.2, 1e-5);
    rig_deed(&r, YW_AT_PROBE, YW_DO_ADD, YW_Q_WATER_FLOW, -0.06, 0);
    rig_run(&r, 10 * YW_MINUTE);
    double h = 0.6 * pow(200.0 / 600, 1 / 1.522) - 0.06;
    near(rig_reading(&r, YW_Q_WATER_FLOW)->stored, 600 * pow(h / 0.6, 1.522), 0.05);
    r.event_n = 0;
    r.truth.v[YW_Q_WATER_FLOW] = 0;
    rig_deed(&r, YW_AT_PROBE, YW_DO_ADD, YW_Q_WATER_FLOW, 0.03, 0);
    rig_run(&r, 10 * YW_MINUTE);
    assert_true(rig_reading(&r, YW_Q_WATER_FLOW)->stored > 3);
    rig_end(&r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_timing),      cmocka_unit_test(test_sampling_is_shown),
        cmocka_unit_test(test_checks),      cmocka_unit_test(test_repeatability_and_floor),
        cmocka_unit_test(test_false_check), cmocka_unit_test(test_cold_digestion),
        cmocka_unit_test(test_bottles),     cmocka_unit_test(test_sample_now),
        cmocka_unit_test(test_flume),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
