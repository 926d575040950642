/* The formulas of flue gas against numbers worked out by hand (tests/data/judge/flue_gas.md, 1.4 and 1.6). */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "judge_gas.h"

static void test_state_and_moisture(void **state) {
    YW_UNUSED(state);
    assert_near(yw_gas_standard(100, 100000, 1325, 136.5), 150, 1e-9);
    assert_near(yw_gas_standard(100, 101325, 0, 0), 100, 1e-12);
    assert_true(isnan(yw_gas_standard(100, 100000, -100000, 20)));
    assert_true(isnan(yw_gas_standard(100, 101325, 0, -300)));
    assert_near(yw_gas_dry(90, 10), 100, 1e-12);
    assert_near(yw_gas_dry(90, 0), 90, 0);
    assert_true(isnan(yw_gas_dry(90, 100)));
    assert_true(isnan(yw_gas_dry(90, -1)));
    assert_true(isnan(yw_gas_dry(90, NAN)));
}

static void test_volume_to_mass(void **state) {
    YW_UNUSED(state);
    assert_near(yw_gas_mass(100, 64.06), 285.982142857, 1e-6);
    assert_near(yw_gas_mass(250, 64.06), 715, 0.05); /* the border of the accuracy table */
    assert_near(yw_gas_mass(250, 46.005), 513, 0.5);
}

static void test_conversion(void **state) {
    YW_UNUSED(state);
    uint8_t reason;
    assert_near(yw_gas_excess(6), 1.4, 1e-12);
    assert_near(yw_gas_convert(40, 9, 6, 0.5, true, &reason), 50, 1e-12);
    assert_int_equal(reason, YW_REASON_NONE);
    assert_near(yw_gas_convert(40, 20.5, 6, 0.5, true, &reason), 1200, 1e-9);
    assert_true(isnan(yw_gas_convert(40, 20.6, 6, 0.5, true, &reason)));
    assert_int_equal(reason, YW_REASON_O2_NEAR_AIR);
    assert_true(isnan(yw_gas_convert(40, 25, 6, 0.5, true, &reason)));
    assert_int_equal(reason, YW_REASON_O2_NEAR_AIR);
    assert_true(isnan(yw_gas_convert(40, NAN, 6, 0.5, true, &reason)));
    assert_int_equal(reason, YW_REASON_NO_O2);
    assert_near(yw_gas_convert(40, 3, 6, 0.5, true, &reason), 40 * 15 / 18.0, 1e-12);
    assert_near(yw_gas_convert(40, 3, 6, 0.5, false, &reason), 40, 0);
    assert_int_equal(reason, YW_REASON_NO_DOWN);
    assert_near(yw_gas_convert(0, 9, 6, 0.5, true, &reason), 0, 0);
    /* both ways of writing it agree: alpha / alpha_s */
    assert_near(yw_gas_convert(40, 9, 6, 0.5, true, &reason), 40 * yw_gas_excess(9) / yw_gas_excess(6), 1e-9);
}

static void test_flow_and_emission(void **state) {
    YW_UNUSED(state);
    assert_near(yw_gas_flow_dry(360000, 136.5, 100000, 1325, 10), 216000, 1e-6);
    assert_near(yw_gas_emission_kg_h(50, 216000), 10.8, 1e-9);
    assert_true(isnan(yw_gas_flow_dry(360000, NAN, 100000, 1325, 10)));
}

static void test_student(void **state) {
    YW_UNUSED(state);
    assert_near(yw_student_t_975(8), 2.306, 5e-4);
    assert_near(yw_student_t_975(1), 12.706, 5e-4);
    assert_near(yw_student_t_975(30), 2.042, 5e-4);
    assert_near(yw_student_t_975(31), 2.0395, 5e-4);
    assert_near(yw_student_t_975(1000000), 1.95996, 1e-4);
    assert_true(isnan(yw_student_t_975(0)));
    for (unsigned df = 1; df < 200; df++) assert_true(yw_student_t_975(df) > yw_student_t_975(df + 1));
}

static void test_relative_accuracy(void **state) {
    YW_UNUSED(state);
    double reference[9], measured[9];
    for (int i = 0; i < 9; i++) {
        reference[i] = 100;
        measured[i] = 100 - (i + 1);
    }
    assert_near(yw_relative_accuracy(reference, measured, 9), 7.1051, 1e-4);
    assert_near(yw_relative_accuracy(reference, reference, 9), 0, 1e-12);
    assert_true(isnan(yw_relative_accuracy(reference, measured, 1)));
    double zero[9] = {0};
    assert_true(isnan(yw_relative_accuracy(zero, measured, 9)));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_state_and_moisture),
        cmocka_unit_test(test_volume_to_mass),
        cmocka_unit_test(test_conversion),
        cmocka_unit_test(test_flow_and_emission),
        cmocka_unit_test(test_student),
        cmocka_unit_test(test_relative_accuracy),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
