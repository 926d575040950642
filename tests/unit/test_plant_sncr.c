/* SNCR and semi-dry lime: the reference's table, the exact path, lime that is accounted for. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "plant/flue/gas.h"
#include "plant/flue/semidry.h"
#include "plant/flue/sncr.h"

static struct yw_sncr_out at(double celsius, double nsr) {
    struct yw_sncr_in in = {celsius, 0.6, 300, 7, nsr, 1};
    struct yw_sncr_out out;
    yw_sncr(&in, &out);
    return out;
}

/* 300 mg/m3, NSR 1.5, 0.6 s, 7 % O2 */
static void the_table(void **state) {
    (void)state;
    static const struct {
        double celsius, removal, slip_ppm;
    } rows[] = {{800, 6, 210}, {850, 32, 167}, {900, 70, 69}, {950, 62, 0.3}, {1000, 31, 0}, {1050, -5, 0}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct yw_sncr_out out = at(rows[i].celsius, 1.5);
        assert_true(fabs(100 * (1 - out.nox / 300) - rows[i].removal) < 2);
        assert_true(fabs(out.nh3 / YW_GAS_NH3_PPM - rows[i].slip_ppm) < 3);
    }
}

/* Against 200,000 plain steps. */
static void the_path(void **state) {
    (void)state;
    for (double celsius = 780; celsius < 1100; celsius += 17) {
        double t = celsius + 273.15, rt = 8.314462618 * t, thin = 273.15 / t / 46005.5;
        double kr = 4.24e2 * pow(t, 5.30) * exp(-349937 / rt), kox = 0.35 * pow(t, 7.65) * exp(-524487 / rt);
        double c = kox * 0.07 * 101325 / rt, u = 300 * thin, x = 1.5 * u, dt = 0.6 / 200000;
        for (int i = 0; i < 200000; i++) {
            double du = x * (c - kr * u), dx = -x * (c + kr * u);
            u += dt * du, x += dt * dx;
        }
        struct yw_sncr_out out = at(celsius, 1.5);
        assert_true(fabs(out.nox - u / thin) < 3); /* 1 % of what came */
        assert_true(fabs(out.nh3 - x / thin * 17030.5 / 46005.5) < 1.5);
    }
}

static void no_ammonia(void **state) {
    (void)state;
    struct yw_sncr_out out = at(950, 0);
    assert_true(out.nox == 300 && out.nh3 == 0);
    out = at(200, 1); /* too cold for anything */
    assert_true(out.nox == 300 && fabs(out.nh3 / YW_GAS_NH3_PPM - 300 / YW_GAS_NO2_PPM) < 0.5);
}

static void lime(void **state) {
    (void)state;
    struct yw_semidry_in in = {{0.30, 0.004, 0.06}, 0.5 * 0.304 + 0.06, 1, 150};
    struct yw_semidry_out out;
    in.lime *= 1.8;
    yw_semidry(&in, &out);
    assert_true(fabs(out.stoichiometric - 1.8) < 1e-12);
    assert_true(fabs(out.acids.hcl / 0.30 - exp(-2.2 * 1.8)) < 1e-12);
    assert_true(fabs(out.acids.so2 / 0.06 - exp(-1.1 * 1.8)) < 1e-12);
    in.lime = 0.02; /* far too little: all of it is used, no acid disappears without lime */
    for (double lime = 0; lime < 0.5; lime += 0.01) {
        in.lime = lime;
        yw_semidry(&in, &out);
        double bound =
            0.5 * (in.acids.hcl - out.acids.hcl + in.acids.hf - out.acids.hf) + in.acids.so2 - out.acids.so2;
        assert_true(fabs(bound - out.spent) < 1e-12 && fabs(out.spent + out.unspent - lime) < 1e-12);
        assert_true(out.unspent >= 0 && out.acids.hcl >= 0);
    }
    double cool = out.acids.hcl;
    in.temp_c = 190;
    yw_semidry(&in, &out);
    assert_true(out.acids.hcl > 2 * cool);
    in.contact = 0;
    yw_semidry(&in, &out);
    assert_true(out.acids.hcl == in.acids.hcl);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(the_table), cmocka_unit_test(the_path),
                                       cmocka_unit_test(no_ammonia), cmocka_unit_test(lime)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
