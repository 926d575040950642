/* Response of the chain: the table of equal lags, the transport delay, drift and noise. */
#include "plant_station.h"

/* T90 = 2.303 tau (n = 1), 3.890 tau (n = 2), 11.772 tau (n = 8): a step reaches 90 % after T90. */
static void test_t90(void **state) {
    YW_UNUSED(state);
    static const uint32_t orders[] = {1, 2, 8};
    static const double per_tau[] = {2.303, 3.890, 11.772};
    for (size_t k = 0; k < YW_COUNT(orders); k++)
        for (int coarse = 0; coarse < 2; coarse++) {
            struct rig r;
            rig_gas(&r);
            rig_quiet(&r);
            struct yw_channel *c = &r.spec.channels[rig_channel(&r, YW_Q_TEMP)];
            c->order = orders[k];
            c->t90_s = 60;
            c->resolution = 1e-6;
            r.truth.v[YW_Q_TEMP] = 0;
            rig_begin(&r, rig_midnight(), coarse ? 20 : 1);
            rig_run(&r, YW_MINUTE);
            r.truth.v[YW_Q_TEMP] = 100;
            rig_run(&r, YW_MINUTE);
            near(rig_reading(&r, YW_Q_TEMP)->analyser, 90, 0.02);
            rig_run(&r, YW_MINUTE);
            /* the same n lags with the tau of the reference, in closed form */
            double x = 120 / (60 / per_tau[k]), term = 1, sum = 0;
            for (uint32_t j = 0; j < orders[k]; j++) sum += term, term *= x / (j + 1);
            near(rig_reading(&r, YW_Q_TEMP)->analyser, 100 * (1 - exp(-x) * sum), 0.01);
            rig_end(&r);
        }
}

/* 30 m of 4 mm at 3 l/min: 7.5 s before anything moves. */
static void test_delay(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    struct yw_channel *c = &r.spec.channels[rig_channel(&r, YW_Q_NOX)];
    c->t90_s = 0;
    c->order = 1;
    r.truth.v[YW_Q_NOX] = r.truth.v[YW_Q_CO2] = 0, r.truth.v[YW_Q_NO2] = 0;
    rig_begin(&r, rig_midnight(), 1);
    rig_run(&r, YW_MINUTE);
    r.truth.v[YW_Q_NOX] = 100;
    rig_step(&r); /* the first moment at which 100 stands at the probe */
    rig_run(&r, 6 * YW_SECOND);
    near(rig_reading(&r, YW_Q_NOX)->analyser, 0, 0.02);
    rig_step(&r); /* between the samples of the steps, linear */
    near(8 - rig_reading(&r, YW_Q_NOX)->analyser / 100, 7.54, 0.01);
    rig_step(&r);
    near(rig_reading(&r, YW_Q_NOX)->analyser, 100, 0.02);
    rig_end(&r);
}

/* Drift over 24 h: 95 % of stations within half of the permitted 2.5 % of full scale, and not much less. */
static void test_drift(void **state) {
    YW_UNUSED(state);
    enum { STATIONS = 400 };
    double errors[STATIONS];
    struct rig r;
    rig_gas(&r);
    struct yw_channel *c = &r.spec.channels[0];
    r.spec.channel_n = 1;
    r.spec.calibration = (struct yw_schedule){86400, 0, 780};
    c->repeatability = c->wet_share = 0;
    r.truth.v[YW_Q_SO2] = c->span_gas;
    rig_begin(&r, rig_midnight(), 60);
    for (uint64_t k = 0; k < STATIONS; k++) {
        /* a minute before the next calibration */
        r.time = rig_midnight() - 3 * YW_MINUTE;
        yw_station_begin(r.station, &r.spec, k, r.time, 60);
        rig_run(&r, 2 * YW_MINUTE);
        errors[k] = fabs(r.out.channel[0].analyser - c->span_gas) / c->range;
    }
    size_t within = 0, tiny = 0;
    for (size_t k = 0; k < STATIONS; k++) within += errors[k] <= 0.0125, tiny += errors[k] <= 0.0025;
    assert_true(within >= STATIONS * 95 / 100);
    assert_true(tiny <= STATIONS / 2);
    rig_end(&r);
}

/* A calibration leaves no more than one resolution. */
static void test_left_by_calibration(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    rig_quiet(&r);
    struct yw_channel *c = &r.spec.channels[0];
    c->drift_zero = c->drift_span = 1e-12;
    rig_begin(&r, rig_midnight(), 60);
    int off = 0;
    for (uint64_t k = 0; k < 100; k++) {
        yw_station_begin(r.station, &r.spec, k, r.time, 60);
        rig_run(&r, 2 * YW_MINUTE);
        near(r.out.channel[0].stored, 100, c->resolution * 1.001);
        off += fabs(r.out.channel[0].stored - 100) > c->resolution / 2;
    }
    assert_true(off > 20 && off < 80);
    rig_end(&r);
}

/* A station that began in the middle of the day has the drift of one that ran since the morning. */
static void test_drift_is_of_absolute_time(void **state) {
    YW_UNUSED(state);
    struct rig a, b;
    rig_gas(&a);
    rig_gas(&b);
    a.spec.calibration = b.spec.calibration = (struct yw_schedule){86400, 7200, 780};
    rig_begin(&a, rig_midnight() + 6 * YW_HOUR, 60);
    rig_begin(&b, rig_midnight() + 18 * YW_HOUR, 60);
    rig_run(&a, 18 * YW_HOUR);
    rig_run(&b, 6 * YW_HOUR);
    assert_int_equal(a.time, b.time);
    for (size_t i = 0; i < a.spec.channel_n; i++)
        near(a.out.channel[i].stored, b.out.channel[i].stored, 1e-9);
    rig_end(&a);
    rig_end(&b);
}

/* Noise has the stated sd and is not white alone: means of ten minutes still move. */
static void test_noise(void **state) {
    YW_UNUSED(state);
    struct rig r;
    rig_gas(&r);
    struct yw_channel *c = &r.spec.channels[rig_channel(&r, YW_Q_NOX)];
    c->drift_zero = c->drift_span = 0;
    rig_begin(&r, rig_midnight(), 5);
    rig_run(&r, 10 * YW_MINUTE);
    near(rig_sd(&r, YW_Q_NOX, 12 * YW_HOUR) / c->range, c->repeatability, 0.15 * c->repeatability);
    double sum = 0, squares = 0;
    enum { MEANS = 72 };
    for (int k = 0; k < MEANS; k++) {
        double mean = rig_mean(&r, YW_Q_NOX, 10 * YW_MINUTE);
        sum += mean, squares += mean * mean;
    }
    double sd = sqrt(squares / MEANS - sum / MEANS * (sum / MEANS)) / c->range;
    assert_true(sd > 0.25 * c->repeatability); /* white noise alone: 1/sqrt(120) = 0.09 */
    rig_end(&r);
}

/* A chromatograph shows steps: the injection of one cycle at the end of the next. Its flame answers to the
 * mixture within 0.9 to 1.1 of the gas it is calibrated with. */
static void test_gc(void **state) {
    YW_UNUSED(state);
    double most = 0, least = 2;
    for (uint64_t seed = 0; seed < 40; seed++) {
        struct rig r;
        rig_gas(&r);
        yw_channel_usual(&r.spec.channels[0], YW_Q_NMHC, false);
        rig_quiet(&r);
        r.truth.v[YW_Q_NMHC] = 50;
        r.truth.v[YW_Q_CH4] = seed == 0 ? 100 : 0;
        rig_begin(&r, rig_midnight(), 5);
        yw_station_begin(r.station, &r.spec, seed, r.time, 5);
        rig_run(&r, 10 * YW_MINUTE);
        double answer = r.out.channel[0].stored / 50;
        if (seed == 0) { /* 1 % of the methane is counted */
            r.truth.v[YW_Q_CH4] = 0;
            rig_run(&r, 10 * YW_MINUTE);
            near(50 * answer - r.out.channel[0].stored, 1, 0.03);
            answer = r.out.channel[0].stored / 50;
        }
        if (answer > most) most = answer;
        if (answer < least) least = answer;
        r.truth.v[YW_Q_NMHC] = 100;
        int changes = 0, taken = 0;
        for (int k = 0; k < 24; k++) {
            double before = r.out.channel[0].stored;
            rig_step(&r);
            changes += r.out.channel[0].stored != before;
            taken += r.out.channel[0].taken;
        }
        assert_int_equal(taken, 1);
        assert_int_equal(changes, 0); /* what came out was injected before */
        rig_run(&r, 2 * YW_MINUTE);
        near(r.out.channel[0].stored, 100 * answer, 0.03);
        rig_end(&r);
    }
    assert_true(least >= 0.9 && least < 0.97 && most <= 1.1 && most > 1.03);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_t90),
        cmocka_unit_test(test_delay),
        cmocka_unit_test(test_drift),
        cmocka_unit_test(test_left_by_calibration),
        cmocka_unit_test(test_drift_is_of_absolute_time),
        cmocka_unit_test(test_noise),
        cmocka_unit_test(test_gc),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
