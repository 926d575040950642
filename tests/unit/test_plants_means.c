/* Means: minute, hour and day come from one series and agree with each other. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants/plants.h"

#define assert_near(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static struct yw_entry entry(double v, enum yw_mark mark) {
    return (struct yw_entry){v, v, v, 0, 2 * v, 2 * v, 2 * v, (uint8_t)mark};
}

static void test_flue_gas_is_normal_from_three_quarters_on(void **state) {
    (void)state;
    struct yw_period p;
    struct yw_entry out;
    yw_period_begin(&p, 0);
    for (int i = 0; i < 8; i++) {
        struct yw_entry e = entry(i < 6 ? 10 : 100, i < 6 ? YW_MARK_N : YW_MARK_C);
        yw_period_add(&p, 0, &e, 1);
    }
    yw_period_entry(&p, 0, YW_MEDIUM_AIR, &out);
    assert_int_equal(out.mark, YW_MARK_N);
    assert_near(out.avg, 10, 1e-12); /* calibration gas is not emission */
    assert_near(out.zs_avg, 20, 1e-12);
    assert_near(out.max, 10, 0);
    struct yw_entry e = entry(100, YW_MARK_C);
    yw_period_add(&p, 0, &e, 1);
    yw_period_entry(&p, 0, YW_MEDIUM_AIR, &out);
    assert_int_equal(out.mark, YW_MARK_C);
    assert_near(out.avg, 40, 1e-12);
    assert_near(out.max, 100, 0);
}

static void test_one_abnormal_value_marks_a_water_period(void **state) {
    (void)state;
    struct yw_period p;
    struct yw_entry out;
    yw_period_begin(&p, 0);
    for (int i = 0; i < 100; i++) {
        struct yw_entry e = entry(5, i == 50 ? YW_MARK_D : YW_MARK_N);
        yw_period_add(&p, 0, &e, 1);
    }
    yw_period_entry(&p, 0, YW_MEDIUM_WATER, &out);
    assert_int_equal(out.mark, YW_MARK_D);
}

static void test_water_is_weighted_by_volume(void **state) {
    (void)state;
    struct yw_period p;
    struct yw_entry out, a = entry(10, YW_MARK_N), b = entry(40, YW_MARK_N);
    yw_period_begin(&p, 0);
    yw_period_add(&p, 0, &a, 3);
    yw_period_add(&p, 0, &b, 1);
    yw_period_entry(&p, 0, YW_MEDIUM_WATER, &out);
    assert_near(out.avg, 17.5, 1e-12);
}

struct level {
    double avg, weight, cou, min, max;
    unsigned n;
};

static void take(struct level *l, const struct yw_entry *e, double weight) {
    l->avg += e->avg * weight;
    l->weight += weight;
    l->cou += e->cou;
    l->min = l->n ? fmin(l->min, e->min) : e->min;
    l->max = l->n ? fmax(l->max, e->max) : e->max;
    l->n++;
}

static void check(const struct level *l, const struct yw_entry *e, unsigned n) {
    assert_int_equal(l->n, n);
    assert_near(e->avg, l->avg / l->weight, 1e-9 * fabs(e->avg) + 1e-12);
    assert_near(e->cou, l->cou, 1e-9 * fabs(l->cou) + 1e-12);
    assert_near(e->min, l->min, 0);
    assert_near(e->max, l->max, 0);
}

/* One quiet day: every hour is made of its minutes, the day of its hours, the amounts add up. */
static void one_day(const char *name) {
    char path[4096];
    struct yw_scenario s;
    struct yw_error err = {.text = ""};
    snprintf(path, sizeof path, "%s/tests/unit/scenarios/%s.yaml", getenv("YANWU_SOURCE"), name);
    if (yw_scenario_load(path, NULL, &s, &err)) fail_msg("%s", err.text);
    s.stop.every_s = s.calibration.every_s = s.blowback.every_s = s.fault.every_s = 0;
    for (size_t i = 0; i < s.factor_count; i++) s.factors[i].high = 1e9;
    int64_t day = yw_china_day_start(20780);
    struct yw_outlet_run run;
    struct yw_plant_record r[YW_RECORDS_PER_STEP];
    struct level hour[YW_PLANT_FACTORS_MAX] = {0}, whole[YW_PLANT_FACTORS_MAX] = {0};
    unsigned kinds[4] = {0};
    yw_outlet_begin(&run, &s, 4, day);
    int flow = s.index.flow;
    while (run.model.time < day + YW_DAY) {
        size_t n = yw_outlet_step(&run, r, NULL);
        for (size_t k = 0; k < n; k++)
            for (size_t i = 0; i < s.factor_count; i++) {
                const struct yw_entry *e = &r[k].entries[i];
                bool water = s.medium == YW_MEDIUM_WATER && s.factors[i].mass;
                double weight = water ? r[k].entries[flow].cou : 1;
                if (r[k].command == 2051) take(&hour[i], e, weight);
                if (r[k].command == 2061) {
                    check(&hour[i], e, (unsigned)(3600 / s.minute_s));
                    hour[i] = (struct level){.n = 0};
                    take(&whole[i], e, weight);
                }
                if (r[k].command == 2031) check(&whole[i], e, 24);
                if (r[k].command == 2051 && s.factors[i].mass)
                    assert_near(e->cou, e->avg * r[k].entries[flow].cou / (water ? 1e3 : 1e6),
                                1e-9 * e->cou + 1e-15);
            }
        for (size_t k = 0; k < n; k++) {
            kinds[0] += r[k].command == 2011, kinds[1] += r[k].command == 2051;
            kinds[2] += r[k].command == 2061, kinds[3] += r[k].command == 2031;
        }
    }
    assert_int_equal(kinds[0], 86400 / s.realtime_s);
    assert_int_equal(kinds[1], 86400 / s.minute_s);
    assert_int_equal(kinds[2], 24);
    assert_int_equal(kinds[3], 1);
}

static void test_levels_agree(void **state) {
    (void)state;
    one_day("power-stack");
    one_day("wastewater-works");
    one_day("waste-incinerator");
    one_day("voc-workshop");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_flue_gas_is_normal_from_three_quarters_on),
        cmocka_unit_test(test_one_abnormal_value_marks_a_water_period),
        cmocka_unit_test(test_water_is_weighted_by_volume),
        cmocka_unit_test(test_levels_agree),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
