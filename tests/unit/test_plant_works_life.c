/* works: the training works as a plant: what it shows on ordinary days, how trips and frauds act, snapshots,
 * what it remembers, and that its fixed step agrees with CVODE. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant/kind.h"
#include "plant/works/rosenbrock.h"
#include "plant/works/solver.h"

static const int64_t NOON = 20410 * YW_DAY + 4 * YW_HOUR; /* 12:00 of a Wednesday in UTC+8 */

static struct yw_plant *works(uint64_t seed, int64_t start, double step_s) {
    struct yw_plant *p;
    struct yw_error err;
    assert_int_equal(yw_plant_open(&yw_kind_works, NULL, seed, start, step_s, &p, &err), YW_OK);
    return p;
}

static void set(struct yw_plant *p, const char *name, double value) {
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(&yw_kind_works, &n);
    int i = yw_plant_value_find(inputs, n, name, strlen(name));
    assert_true(i >= 0);
    yw_plant_input(p, (size_t)i, value);
}

static void run(struct yw_plant *p, int64_t until) {
    struct yw_error err;
    assert_int_equal(yw_plant_run(p, until, &err), YW_OK);
}

static double see(const struct yw_plant *p, enum yw_quantity q) {
    return yw_plant_output(p)->v[q];
}

static void test_ordinary_days(void **state) {
    (void)state;
    struct yw_plant *p = works(3, NOON, 60);
    double day[2] = {0, 0};
    for (int h = 1; h <= 8 * 24; h++) {
        run(p, NOON + h * YW_HOUR);
        if (h <= 12) continue;
        double cod = see(p, YW_Q_COD), nh4 = see(p, YW_Q_NH4), tn = see(p, YW_Q_TN), tp = see(p, YW_Q_TP);
        assert_true(cod > 10 && cod < 50);
        assert_true(nh4 > 0.01 && nh4 < 5);
        assert_true(tn > 4 && tn < 15 && see(p, YW_Q_NO3) < tn);
        assert_true(tp > 0.05 && tp < 0.5);
        assert_true(see(p, YW_Q_SS) > 1 && see(p, YW_Q_SS) < 10);
        assert_true(see(p, YW_Q_PH) > 6 && see(p, YW_Q_PH) < 9);
        assert_true(see(p, YW_Q_COLIFORMS) > 1 && see(p, YW_Q_COLIFORMS) < 1000);
        assert_true(see(p, YW_Q_OXYGEN5) > 1 && see(p, YW_Q_OXYGEN5) < 3);
        assert_true(see(p, YW_Q_MLSS) > 2000 && see(p, YW_Q_MLSS) < 5000);
        assert_true(see(p, YW_Q_TREATMENT_KW) > see(p, YW_Q_BLOWER_KW) + see(p, YW_Q_PUMP_KW));
        if (h % 24 == 16) day[0] += see(p, YW_Q_WATER_FLOW); /* 04:00 */
        if (h % 24 == 22) day[1] += see(p, YW_Q_WATER_FLOW); /* 10:00 */
    }
    assert_true(day[0] < 0.8 * day[1]); /* the town sleeps */
    yw_plant_close(p);
}

/* Two works of one seed, one with a changed input, hours later: the ratio of a quantity. */
static double effect_of(const char *input, double value, int hours, enum yw_quantity q) {
    struct yw_plant *a = works(9, NOON, 60), *b = works(9, NOON, 60);
    run(a, NOON + 6 * YW_HOUR);
    run(b, NOON + 6 * YW_HOUR);
    set(b, input, value);
    run(a, NOON + (6 + hours) * YW_HOUR);
    run(b, NOON + (6 + hours) * YW_HOUR);
    double ratio = see(b, q) / see(a, q);
    yw_plant_close(a);
    yw_plant_close(b);
    return ratio;
}

static void test_trips_and_frauds(void **state) {
    (void)state;
    assert_true(effect_of("blower5", 0, 1, YW_Q_OXYGEN5) < 0.1);
    assert_true(effect_of("blower3", 0, 1, YW_Q_OXYGEN3) < 0.1);
    assert_true(effect_of("blower3", 0, 1, YW_Q_BLOWER_KW) < 0.8);
    assert_true(effect_of("toxic", 1, 12, YW_Q_NH4) > 5);
    assert_true(effect_of("bulking", 1, 6, YW_Q_SS) > 1.4);
    assert_true(effect_of("sludge_pump", 0, 8, YW_Q_MLSS) < 0.6);
    assert_true(effect_of("sludge_pump", 0, 8, YW_Q_SLUDGE_LEVEL) > 1.5);
    assert_true(effect_of("recycle_pump", 0, 12, YW_Q_NO3) > 1.2);
    assert_true(effect_of("carbon", 120, 12, YW_Q_NO3) < 0.8);
    assert_true(effect_of("precipitant", 0, 12, YW_Q_TP) > 3);
    assert_true(effect_of("chlorine", 0, 3, YW_Q_COLIFORMS) > 100);
    assert_true(effect_of("filter", 0, 1, YW_Q_SS) > 2);
    assert_true(effect_of("rain", 8, 3, YW_Q_WATER_FLOW) > 1.5);
    assert_true(effect_of("rain", 8, 6, YW_Q_CONDUCTIVITY) < 0.9);
    assert_true(effect_of("water_temp", 10, 12, YW_Q_NH4) > 1.1);
}

/* What needs no biology acts within a step. */
static void test_at_once(void **state) {
    (void)state;
    struct yw_plant *p = works(4, NOON, 10);
    run(p, NOON + YW_HOUR);
    double cod = see(p, YW_Q_COD), flow = see(p, YW_Q_WATER_FLOW), conductivity = see(p, YW_Q_CONDUCTIVITY);
    set(p, "clean_water", 0.5);
    run(p, NOON + YW_HOUR + 10 * YW_SECOND);
    assert_true(see(p, YW_Q_COD) < 0.65 * cod && see(p, YW_Q_CONDUCTIVITY) < 0.75 * conductivity);
    assert_true(fabs(see(p, YW_Q_WATER_FLOW) / flow - 2) < 0.05);
    set(p, "clean_water", 0);
    set(p, "bypass", 0.3);
    run(p, NOON + YW_HOUR + 20 * YW_SECOND);
    assert_true(see(p, YW_Q_COD) > 3 * cod && see(p, YW_Q_COLIFORMS) > 1e6);
    yw_plant_close(p);
}

static void test_snapshot(void **state) {
    (void)state;
    struct yw_plant *a = works(11, NOON, 10), *b = works(11, NOON + YW_DAY, 10);
    struct yw_error err;
    size_t n = yw_plant_save_size(a);
    void *kept = malloc(n), *one = malloc(n), *two = malloc(n);
    set(a, "rain", 5);
    run(a, NOON + 5 * YW_HOUR + 30 * YW_SECOND); /* between two marks of the grid */
    yw_plant_save(a, kept);
    set(a, "blower5", 0);
    run(a, NOON + 7 * YW_HOUR);
    assert_int_equal(yw_plant_load(b, kept, n, &err), YW_OK);
    set(b, "blower5", 0);
    run(b, NOON + 7 * YW_HOUR);
    yw_plant_save(a, one);
    yw_plant_save(b, two);
    assert_memory_equal(one, two, n);
    assert_int_equal(yw_plant_load(b, kept, n - 1, &err), YW_E_FORMAT);
    yw_plant_close(a);
    yw_plant_close(b);
    free(kept), free(one), free(two);
}

/* Two works run in turns see nothing of each other; seeds differ. */
static void test_two_never_meet(void **state) {
    (void)state;
    struct yw_plant *a = works(1, NOON, 30), *b = works(2, NOON, 30), *alone = works(1, NOON, 30);
    set(b, "toxic", 1);
    for (int i = 1; i <= 60; i++) {
        run(a, NOON + i * 5 * YW_MINUTE);
        run(b, NOON + i * 5 * YW_MINUTE);
    }
    run(alone, NOON + 5 * YW_HOUR);
    assert_memory_equal(yw_plant_output(a), yw_plant_output(alone), sizeof(struct yw_stream));
    assert_true(fabs(see(a, YW_Q_INFLOW) / see(b, YW_Q_INFLOW) - 1) > 1e-4);
    yw_plant_close(a);
    yw_plant_close(b);
    yw_plant_close(alone);
}

/* The biology goes on its own grid: steps of 1 s and of 60 s see the same. */
static void test_step_does_not_matter(void **state) {
    (void)state;
    struct yw_plant *a = works(6, NOON, 1), *b = works(6, NOON, 60);
    run(a, NOON + 2 * YW_HOUR);
    run(b, NOON + 2 * YW_HOUR);
    assert_memory_equal(yw_plant_output(a), yw_plant_output(b), sizeof(struct yw_stream));
    yw_plant_close(a);
    yw_plant_close(b);
}

/* 12 hours are memory enough for an ordinary day. */
static void test_memory(void **state) {
    (void)state;
    static const enum yw_quantity seen[] = {YW_Q_COD, YW_Q_NH4, YW_Q_TN, YW_Q_TP, YW_Q_SS, YW_Q_COLIFORMS};
    static const double most[] = {0.03, 0.35, 0.12, 0.05, 0.06, 0.3};
    struct yw_plant *longer = works(8, NOON - 3 * YW_DAY, 60), *fresh = works(8, NOON, 60);
    run(longer, NOON + 12 * YW_HOUR);
    run(fresh, NOON + 12 * YW_HOUR);
    for (size_t i = 0; i < YW_COUNT(seen); i++) {
        double ratio = see(fresh, seen[i]) / see(longer, seen[i]);
        if (fabs(ratio - 1) > most[i]) fail_msg("%s: %g", yw_quantity_name(seen[i]), ratio);
    }
    yw_plant_close(longer);
    yw_plant_close(fresh);
}

static void test_bounds(void **state) {
    (void)state;
    double wrong[32];
    size_t n;
    struct yw_plant *p;
    struct yw_error err;
    const struct yw_plant_value *v = yw_plant_parameters(&yw_kind_works, &n);
    for (size_t i = 0; i < n; i++) {
        assert_true(v[i].low <= v[i].usual && v[i].usual <= v[i].high);
        wrong[i] = v[i].usual;
    }
    wrong[0] = v[0].high * 2;
    assert_int_equal(yw_plant_open(&yw_kind_works, wrong, 1, NOON, 60, &p, &err), YW_E_RANGE);
    /* every input at both ends, all at a time: still numbers */
    const struct yw_plant_value *in = yw_plant_inputs(&yw_kind_works, &n);
    for (int end = 0; end < 2; end++) {
        p = works(1, NOON, 60);
        for (size_t i = 0; i < n; i++) yw_plant_input(p, i, end ? in[i].high : in[i].low);
        run(p, NOON + 2 * YW_DAY);
        for (int q = YW_Q_COD; q <= YW_Q_COLIFORMS; q++) {
            double x = see(p, (enum yw_quantity)q);
            assert_true(isfinite(x) && x >= 0 && x < 1e10);
        }
        yw_plant_close(p);
    }
}

/* The training step against CVODE: soluble states within 1 %, over a swinging day with a blower trip. */
static void test_fixed_step_agrees(void **state) {
    (void)state;
    struct yw_bsm1 b = yw_bsm1_benchmark();
    b.loop = YW_BSM1_IDEAL;
    double quick[YW_BSM1_MAX], exact[YW_BSM1_MAX], base[YW_INFLOW_N];
    struct yw_bsm1_solver *s = yw_bsm1_solver_open(YW_BSM1_IDEAL);
    struct yw_bsm1_tolerance tolerance = {1e-8, 1e-10, 0};
    struct yw_error err;
    memcpy(base, b.inflow, sizeof base);
    yw_bsm1_first(&b, quick);
    memcpy(exact, quick, sizeof exact);
    double worst = 0;
    for (int minute = 0; minute < 1440; minute++) {
        double t = minute / 1440.0;
        for (int k = 0; k < YW_INFLOW_N; k++) b.inflow[k] = base[k] * (1 + 0.4 * sin(6.2832 * t + 0.1 * k));
        b.kla[3] = minute > 700 && minute < 760 ? 0 : 240;
        yw_bsm1_leap(&b, t, 1.0 / 1440, quick);
        assert_int_equal(yw_bsm1_advance(s, &b, t, 1.0 / 1440, &tolerance, exact, &err), YW_OK);
        if (minute < 30 || minute % 10 != 5) continue; /* not the very minute of a switch */
        for (int place = 0; place < YW_BSM1_PLACES; place++) {
            double x[YW_ASM_N], y[YW_ASM_N];
            yw_bsm1_place(quick, place, x);
            yw_bsm1_place(exact, place, y);
            for (int k = 0; k < YW_BSM1_SOLUBLE; k++) {
                int i = yw_bsm1_soluble[k];
                double off = fabs(x[i] - y[i]) / (y[i] + 0.02); /* of next to nothing a percent is nothing */
                if (off > worst) worst = off;
            }
        }
    }
    assert_true(worst < 0.01);
    yw_bsm1_solver_close(s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_ordinary_days),
        cmocka_unit_test(test_trips_and_frauds),
        cmocka_unit_test(test_at_once),
        cmocka_unit_test(test_snapshot),
        cmocka_unit_test(test_two_never_meet),
        cmocka_unit_test(test_step_does_not_matter),
        cmocka_unit_test(test_memory),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_fixed_step_agrees),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
