/* incinerator: balances, stages, faults, any seed and step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flue_life.h"
#include "plant/flue/incinerator.h"

/* Mean of the medians of the two sections. */
static void reported(void **state) {
    (void)state;
    struct flue_life l;
    flue_open(&l, "incinerator", 3, 5, NULL);
    for (int i = 0; i < 50; i++) {
        flue_run(&l, 0.1);
        double median[2];
        for (int section = 0; section < 2; section++) {
            const double *t = &l.last[YW_Q_FURNACE1 + 3 * section];
            double low = fmin(t[0], fmin(t[1], t[2])), high = fmax(t[0], fmax(t[1], t[2]));
            median[section] = t[0] + t[1] + t[2] - low - high;
        }
        assert_true(fabs(l.last[YW_Q_FURNACE] - 0.5 * (median[0] + median[1])) < 1e-9);
    }
    flue_close(&l);
}

static void full_load(void **state) {
    (void)state;
    struct flue_life l;
    for (uint64_t seed = 1; seed <= 20; seed++)
        for (double step = 1; step <= 60; step = step < 5 ? 5 : step < 20 ? 20 : step + 40) {
            flue_open(&l, "incinerator", seed, step, NULL);
            flue_run(&l, step < 5 ? 1 : 8);
            flue_check_whole(&l);
            assert_true(l.low[YW_Q_STAGE] == YW_STAGE_NORMAL && l.high[YW_Q_STAGE] == YW_STAGE_NORMAL &&
                        l.low[YW_Q_RUNNING] == 1);
            assert_true(l.mean[YW_Q_FURNACE] > 920 && l.mean[YW_Q_FURNACE] < 1080);
            assert_true(l.low[YW_Q_FURNACE] > 850 && l.low[YW_Q_RESIDENCE] > 1.8);
            assert_true(l.mean[YW_Q_O2] > 7 && l.mean[YW_Q_O2] < 10);
            double to11 = 10 / (21 - l.mean[YW_Q_O2]);
            assert_true(l.mean[YW_Q_NOX] * to11 > 120 && l.mean[YW_Q_NOX] * to11 < 220);
            assert_true(l.mean[YW_Q_HCL] * to11 > 2 && l.mean[YW_Q_HCL] * to11 < 40);
            assert_true(l.mean[YW_Q_SO2] * to11 > 5 && l.mean[YW_Q_SO2] * to11 < 50);
            assert_true(l.mean[YW_Q_DUST] > 1 && l.mean[YW_Q_DUST] < 8);
            assert_true(l.mean[YW_Q_CO] > 5 && l.mean[YW_Q_CO] < 60);
            assert_true(l.mean[YW_Q_HCL_IN] > 400 && l.mean[YW_Q_HCL_IN] < 1500);
            flue_close(&l);
        }
}

/* The step is a choice of speed, not of the plant. */
static void steps_agree(void **state) {
    (void)state;
    struct flue_life fine, coarse;
    flue_open(&fine, "incinerator", 9, 2, NULL);
    flue_open(&coarse, "incinerator", 9, 60, NULL);
    flue_run(&fine, 6);
    flue_run(&coarse, 6);
    assert_true(fabs(fine.mean[YW_Q_FURNACE] - coarse.mean[YW_Q_FURNACE]) < 8);
    assert_true(fabs(fine.mean[YW_Q_NOX] / coarse.mean[YW_Q_NOX] - 1) < 0.03);
    assert_true(fabs(fine.mean[YW_Q_HCL_IN] / coarse.mean[YW_Q_HCL_IN] - 1) < 0.03);
    assert_true(fabs(fine.mean[YW_Q_FLOW] / coarse.mean[YW_Q_FLOW] - 1) < 0.02);
    flue_close(&fine);
    flue_close(&coarse);
}

/* Chlorine, sulphur, lime and waste: what came in is somewhere, to 1e-6, whatever happens. */
static void balances(void **state) {
    (void)state;
    const struct yw_plant_kind *k = &yw_kind_incinerator;
    double parameters[YW_INC_PARAMETERS], inputs[YW_INC_INPUTS];
    for (int i = 0; i < YW_INC_PARAMETERS; i++) parameters[i] = k->parameters[i].usual;
    for (int i = 0; i < YW_INC_INPUTS; i++) inputs[i] = k->inputs[i].usual;
    static const double steps[] = {1, 7, 30, 60};
    for (size_t s = 0; s < YW_COUNT(steps); s++) {
        struct yw_incinerator p;
        struct yw_stream out;
        struct yw_plant_life life = {parameters, inputs, 77 + s, steps[s], NULL};
        memset(&p, 0, sizeof p);
        assert_int_equal(k->begin(&p, &life, FLUE_START, NULL), YW_OK);
        double on_grate = p.furnace.fresh + p.furnace.pile;
        int64_t time = FLUE_START;
        for (int i = 0; i < 4000; i++, time += (int64_t)(steps[s] * 1e6)) {
            inputs[YW_INC_ATOMISER] = i / 700 % 2 ? 0.2 : 1;
            inputs[YW_INC_BYPASS] = i / 500 % 3 == 1 ? 0.3 : 0;
            inputs[YW_INC_LIME] = i / 900 % 2 ? 0.1 : 1;
            inputs[YW_INC_AIR] = i / 300 % 4 == 3 ? 0.6 : 1;
            assert_int_equal(k->step(&p, &life, time, &out, NULL), YW_OK);
        }
        const struct yw_ledger *l = &p.ledger;
        double cl = l->chlorine_ash + l->chlorine_bound + l->chlorine_out;
        double sulphur = l->sulphur_ash + l->sulphur_bound + l->sulphur_out;
        assert_true(l->chlorine_in > 1 && l->chlorine_out > 0.001 * l->chlorine_in);
        assert_true(fabs(cl / l->chlorine_in - 1) < 1e-6);
        assert_true(fabs(sulphur / l->sulphur_in - 1) < 1e-6);
        assert_true(fabs((l->lime_spent + l->lime_rest) / l->lime_in - 1) < 1e-6);
        double left = p.furnace.fresh + p.furnace.pile - on_grate;
        assert_true(fabs((l->waste_burnt + left) / l->waste_in - 1) < 1e-6);
    }
}

static double ratio(const char *input, double value, enum yw_quantity q, double hours) {
    struct flue_life a, b;
    flue_open(&a, "incinerator", 4, 10, NULL);
    flue_open(&b, "incinerator", 4, 10, NULL);
    flue_input(&b, input, value);
    flue_run(&a, hours);
    flue_run(&b, hours);
    flue_check_whole(&b);
    flue_close(&a);
    flue_close(&b);
    return b.mean[q] / a.mean[q];
}

static void faults(void **state) {
    (void)state;
    /* atomiser: HCl and temperature rise together; pump: HCl alone */
    assert_true(ratio("atomiser", 0, YW_Q_HCL, 2) > 10 && ratio("atomiser", 0, YW_Q_TEMP, 2) > 1.3);
    assert_true(ratio("lime", 0, YW_Q_HCL, 2) > 10 && fabs(ratio("lime", 0, YW_Q_TEMP, 2) - 1) < 0.01);
    assert_true(ratio("urea", 0, YW_Q_NOX, 2) > 1.5 && ratio("urea", 0, YW_Q_NH3, 2) < 0.1);
    assert_true(ratio("torn_bags", 1, YW_Q_DUST, 2) > 2 && ratio("torn_bags", 20, YW_Q_FILTER_DP, 2) < 0.9);
    assert_true(ratio("bypass", 0.1, YW_Q_HCL, 2) > 3 && ratio("bypass", 0.1, YW_Q_TEMP, 2) > 1.02);
    assert_true(ratio("nox_seen", 0.7, YW_Q_NOX, 3) > 1.2); /* a diluted sample saves ammonia */
    assert_true(ratio("nox_seen", 0.7, YW_Q_AMMONIA, 3) < 0.8);
    assert_true(ratio("co_puff", 1, YW_Q_CO, 0.2) > 30);
    assert_true(ratio("air", 0.75, YW_Q_CO, 2) > 5 && ratio("air", 0.75, YW_Q_O2, 2) < 0.7);
    assert_true(ratio("wet_waste", 1, YW_Q_FURNACE, 4) < 0.94 && ratio("wet_waste", 1, YW_Q_H2O, 4) > 1.08);
}

/* Wet waste: with burners and interlock the furnace is held; without them it burns on below 850 degC. */
static void support(void **state) {
    (void)state;
    struct flue_life with, without;
    flue_open(&with, "incinerator", 8, 10, NULL);
    flue_open(&without, "incinerator", 8, 10, NULL);
    flue_input(&with, "wet_waste", 1);
    flue_input(&without, "wet_waste", 1);
    flue_input(&without, "load", 0.7);
    flue_input(&with, "load", 0.7);
    flue_input(&without, "burners", 0);
    flue_input(&without, "interlock", 0);
    flue_run(&with, 6);
    flue_run(&without, 6);
    assert_true(with.mean[YW_Q_FURNACE] > 850 && with.mean[YW_Q_BURNER_KW] > 1000);
    assert_true(without.mean[YW_Q_FURNACE] < 845 && without.mean[YW_Q_BURNER_KW] == 0);
    assert_true(without.low[YW_Q_LOAD] == 0.7);
    flue_input(&without, "interlock", 1);
    flue_run(&without, 1);
    assert_true(without.low[YW_Q_LOAD] == 0);
    flue_close(&with);
    flue_close(&without);
}

static void stages(void **state) {
    (void)state;
    struct flue_life l;
    static const double steps[] = {10, 60};
    for (size_t i = 0; i < YW_COUNT(steps); i++) {
        flue_open(&l, "incinerator", 6, steps[i], NULL);
        flue_run(&l, 1);
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_NORMAL);
        flue_input(&l, "run", 0);
        flue_run(&l, 0.5); /* no waste, burners hold the zone */
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_SHUTDOWN && l.low[YW_Q_FURNACE] > 850);
        assert_true(l.high[YW_Q_FUEL] == 0 && l.high[YW_Q_BURNER_KW] > 1000);
        flue_run(&l, 2.5);
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_COOLING && l.last[YW_Q_BURNER_KW] == 0);
        flue_run(&l, 9);
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_STOPPED && l.last[YW_Q_RUNNING] == 0);
        assert_true(l.last[YW_Q_O2] > 20.5 && l.last[YW_Q_FLOW] < 1.5 && l.last[YW_Q_NOX] < 1);
        flue_input(&l, "run", 1);
        flue_run(&l, 4); /* burners alone: never waste below 850 degC */
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_DRYING && l.high[YW_Q_FUEL] == 0);
        assert_true(l.last[YW_Q_FURNACE] > 400 && l.high[YW_Q_FURNACE] < 860);
        double before = 0;
        for (int m = 0; m < 360 && l.last[YW_Q_STAGE] != YW_STAGE_NORMAL; m++) {
            before = l.last[YW_Q_FURNACE5];
            flue_run(&l, 1.0 / 60);
            assert_true(l.last[YW_Q_FUEL] == 0 || before > 780);
        }
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_NORMAL);
        flue_input(&l, "trip", 1);
        flue_run(&l, 1);
        assert_true(l.last[YW_Q_STAGE] == YW_STAGE_COOLING && l.last[YW_Q_LOAD] == 0);
        flue_close(&l);
    }
}

static void snapshot(void **state) {
    (void)state;
    flue_check_snapshot("incinerator", 10, "run", 0);
    flue_check_snapshot("incinerator", 60, "atomiser", 0);
}

static void memory(void **state) {
    (void)state;
    assert_true(flue_meeting("incinerator", 60, YW_Q_NOX) < 0.01);
    assert_true(flue_meeting("incinerator", 60, YW_Q_FURNACE) < 0.001);
    assert_true(flue_meeting("incinerator", 60, YW_Q_HCL) < 0.01);
}

static void any_inputs(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) flue_shake("incinerator", seed, seed % 2 ? 60 : 7, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_inputs), cmocka_unit_test(reported),
                                       cmocka_unit_test(full_load),  cmocka_unit_test(steps_agree),
                                       cmocka_unit_test(balances),   cmocka_unit_test(faults),
                                       cmocka_unit_test(support),    cmocka_unit_test(stages),
                                       cmocka_unit_test(snapshot),   cmocka_unit_test(memory)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
