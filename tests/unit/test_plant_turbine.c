/* turbine: the fit as the data file has it, quantiles of the year it was made from, any step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "flue_life.h"
#include "plant/flue/gas.h"
#include "plant/flue/turbine.h"

static void fit_is_the_file(void **state) {
    (void)state;
    char path[1024], line[256];
    snprintf(path, sizeof path, "%s/plant/turbine.csv", getenv("YANWU_SHARE"));
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    int found = 0;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#' || strncmp(line, "target,", 7) == 0) continue;
        char *term = strchr(line, ','), *value = term ? strchr(term + 1, ',') : NULL;
        assert_non_null(value);
        *term++ = '\0', *value++ = '\0';
        double number;
        assert_true(yw_parse_f64(value, strcspn(value, "\r\n"), &number));
        for (int t = 0; t < YW_TURBINE_FITS; t++) {
            const struct yw_turbine_fit *fit = &yw_turbine_fits[t];
            if (strcmp(fit->target, line) != 0) continue;
            if (strcmp(term, "residual_sd") == 0) found += fabs(fit->residual_sd - number) < 1e-9;
            for (int i = 0; i < YW_TURBINE_TERMS; i++)
                if (strcmp(yw_turbine_terms[i], term) == 0)
                    found += fabs(fit->coefficient[i] - number) < 1e-9;
        }
    }
    (void)fclose(f);
    assert_int_equal(found, 8 + 10 + 10 + 3);
}

/* At the middle of the data the fit tells its medians. */
static void the_middle(void **state) {
    (void)state;
    struct yw_turbine_moment m = {131.6, 17.5, 71, 101.4};
    double x[YW_TURBINE_TERMS];
    yw_turbine_row(&m, 1080, x);
    double tit = yw_turbine_value(&yw_turbine_fits[YW_TURBINE_TIT], x);
    yw_turbine_row(&m, tit, x);
    assert_true(fabs(tit - 1080) < 3);
    assert_true(fabs(exp(yw_turbine_value(&yw_turbine_fits[YW_TURBINE_NOX], x)) / 56.84 - 1) < 0.06);
    assert_true(fabs(exp(yw_turbine_value(&yw_turbine_fits[YW_TURBINE_CO], x)) / 2.53 - 1) < 0.2);
}

static int by_size(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return x < y ? -1 : x > y;
}

/* A year of hours with the loads and the weather of the data: 25.9/56.8/119.7 and .21/2.53/41.1 are least,
 * median and greatest of 7384 hours. Extremes of one year are chance: they are held loosely. */
static void a_year(void **state) {
    (void)state;
    enum { N = 7384 };
    static double nox[N], co[N];
    for (uint64_t seed = 1; seed <= 3; seed++) {
        struct flue_life l;
        flue_open(&l, "turbine", seed, 60, NULL);
        for (int i = 0; i < N; i++) {
            double season = -cos(2 * 3.14159265 * i / N), day = -cos(2 * 3.14159265 * (i % 24 - 3) / 24.0);
            double u = yw_noise_unit(yw_noise_bits(seed, 1, (uint64_t)i / 3));
            /* TEY: 1 % 101.7, 25 % 126, 50 % 132, 75 % 147, 99 % 167 MW */
            double mw = u < 0.02   ? 100 + 300 * u
                        : u < 0.25 ? 106 + 87 * (u - 0.02)
                        : u < 0.6  ? 126 + 20 * (u - 0.25)
                        : u < 0.75 ? 133 + 93 * (u - 0.6)
                                   : 147 + 84 * (u - 0.75);
            double ambient = 17.5 + 8 * season + 3.5 * day +
                             2.5 * yw_noise_normal(yw_noise_bits(seed, 2, (uint64_t)i / 24));
            if (mw > 147) ambient -= 3; /* much power comes with cold air */
            flue_input(&l, "ambient", ambient);
            flue_input(&l, "humidity",
                       70 - 9 * day + 9 * yw_noise_normal(yw_noise_bits(seed, 3, (uint64_t)i / 24)));
            flue_input(&l, "load", mw / (153 - 0.6 * (ambient - 18)));
            flue_run(&l, 1);
            nox[i] = l.mean[YW_Q_NOX], co[i] = l.mean[YW_Q_CO];
        }
        flue_close(&l);
        qsort(nox, N, sizeof *nox, by_size);
        qsort(co, N, sizeof *co, by_size);
        assert_true(fabs(nox[N / 2] / 56.8 - 1) < 0.08 && fabs(co[N / 2] / 2.53 - 1) < 0.2);
        assert_true(nox[0] > 18 && nox[0] < 45 && nox[N - 1] > 85 && nox[N - 1] < 180);
        assert_true(co[0] > 0.08 && co[0] < 0.9 && co[N - 1] > 12 && co[N - 1] < 90);
    }
}

static void life(void **state) {
    (void)state;
    struct flue_life l;
    static const double steps[] = {1, 10, 60};
    for (size_t i = 0; i < YW_COUNT(steps); i++)
        for (uint64_t seed = 1; seed <= 10; seed++) {
            flue_open(&l, "turbine", seed, steps[i], NULL);
            flue_run(&l, 2);
            flue_check_whole(&l);
            assert_true(fabs(l.mean[YW_Q_O2] - 15) < 0.8 && fabs(l.mean[YW_Q_H2O] - 7.5) < 1.5);
            assert_true(fabs(l.mean[YW_Q_INLET_TEMP] - 1081) < 12);
            double nox = l.mean[YW_Q_NOX], co = l.mean[YW_Q_CO];
            flue_input(&l, "burner_fault", 1);
            flue_run(&l, 1);
            assert_true(l.mean[YW_Q_NOX] > 1.4 * nox && l.mean[YW_Q_CO] > 3 * co);
            flue_input(&l, "burner_fault", 0);
            flue_input(&l, "run", 0);
            flue_run(&l, 1);
            assert_true(l.last[YW_Q_STAGE] == YW_STAGE_STOPPED && l.last[YW_Q_NOX] == 0);
            assert_true(l.last[YW_Q_O2] > 20.5);
            flue_input(&l, "run", 1);
            flue_run(&l, 0.1);
            assert_true(l.last[YW_Q_STAGE] == YW_STAGE_STARTUP && l.last[YW_Q_CO] > 10);
            flue_run(&l, 0.9);
            assert_true(l.last[YW_Q_STAGE] == YW_STAGE_NORMAL && fabs(l.last[YW_Q_LOAD] - 0.87) < 0.01);
            flue_close(&l);
        }
    flue_check_snapshot("turbine", 10, "run", 0);
    assert_true(flue_meeting("turbine", 60, YW_Q_NOX) < 1e-6);
}

static void any_inputs(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) flue_shake("turbine", seed, seed % 2 ? 60 : 7, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_inputs), cmocka_unit_test(fit_is_the_file),
                                       cmocka_unit_test(the_middle), cmocka_unit_test(a_year),
                                       cmocka_unit_test(life)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
