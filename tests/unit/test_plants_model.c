/* The model: the same scenario, seed and time give the same values, from wherever the day is entered; marks
 * tell the truth. */
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

static struct yw_scenario scenario(const char *name) {
    char path[4096];
    struct yw_scenario s;
    struct yw_error err = {.text = ""};
    snprintf(path, sizeof path, "%s/tests/unit/scenarios/%s.yaml", getenv("YANWU_SOURCE"), name);
    if (yw_scenario_load(path, NULL, &s, &err)) fail_msg("%s", err.text);
    return s;
}

static int64_t at(const char *text) {
    int64_t t;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return t;
}

static void test_deterministic_by_seed(void **state) {
    (void)state;
    struct yw_scenario s = scenario("power-stack");
    struct yw_model a, b, c;
    int64_t start = at("2026-11-20T08:00:00");
    yw_model_init(&a, &s, 7, start);
    yw_model_init(&b, &s, 7, start);
    yw_model_init(&c, &s, 8, start);
    unsigned differ = 0;
    for (int i = 0; i < 2000; i++) {
        struct yw_sample x = {0}, y = {0}, z = {0};
        yw_model_step(&a, &x);
        yw_model_step(&b, &y);
        yw_model_step(&c, &z);
        assert_memory_equal(&x, &y, sizeof x);
        differ += x.shown[0] != z.shown[0];
    }
    assert_true(differ > 1900);
}

static void test_a_day_is_the_same_from_every_entry(void **state) {
    (void)state;
    static const char *const names[] = {"power-stack", "wastewater-works"};
    for (size_t k = 0; k < YW_COUNT(names); k++) {
        struct yw_scenario s = scenario(names[k]);
        struct yw_outlet_run early, late;
        struct yw_plant_record a[YW_RECORDS_PER_STEP], b[YW_RECORDS_PER_STEP];
        yw_outlet_begin(&early, &s, 3, at("2026-11-19T22:00:00")); /* lives across midnight */
        yw_outlet_begin(&late, &s, 3, at("2026-11-20T09:30:00"));
        while (early.model.time < late.model.time) yw_outlet_step(&early, a, NULL);
        unsigned compared = 0;
        for (int i = 0; i < 3000; i++) {
            size_t n = yw_outlet_step(&early, a, NULL), m = yw_outlet_step(&late, b, NULL);
            assert_int_equal(n, m);
            for (size_t r = 0; r < n; r++, compared++) {
                assert_int_equal(a[r].command, b[r].command);
                for (size_t f = 0; f < s.factor_count; f++) {
                    assert_near(a[r].entries[f].avg, b[r].entries[f].avg, 1e-9);
                    assert_int_equal(a[r].entries[f].mark, b[r].entries[f].mark);
                }
            }
        }
        assert_true(compared > 100);
    }
}

static void test_load_drives_what_belongs_together(void **state) {
    (void)state;
    struct yw_scenario s = scenario("power-stack");
    s.stop.every_s = s.calibration.every_s = s.blowback.every_s = s.fault.every_s = 0;
    struct yw_model m;
    yw_model_init(&m, &s, 11, at("2026-11-18T00:00:00"));
    int flow = s.index.flow, oxygen = s.index.oxygen;
    double sl = 0, sf = 0, so = 0, sll = 0, sff = 0, soo = 0, slf = 0, slo = 0;
    int n = 17280;
    for (int i = 0; i < n; i++) {
        struct yw_sample x;
        yw_model_step(&m, &x);
        double l = x.load, f = x.truth[flow], o = x.truth[oxygen];
        sl += l, sf += f, so += o, sll += l * l, sff += f * f, soo += o * o, slf += l * f, slo += l * o;
    }
    double vl = sll / n - sl / n * (sl / n), vf = sff / n - sf / n * (sf / n),
           vo = soo / n - so / n * (so / n);
    assert_true((slf / n - sl / n * (sf / n)) / sqrt(vl * vf) > 0.9);  /* more load, more gas */
    assert_true((slo / n - sl / n * (so / n)) / sqrt(vl * vo) < -0.8); /* and less oxygen */
}

static void test_converted_follows_reference_oxygen(void **state) {
    (void)state;
    struct yw_scenario s = scenario("power-stack");
    struct yw_model m;
    struct yw_sample x;
    yw_model_init(&m, &s, 5, at("2026-11-18T12:00:00"));
    for (int i = 0; i < 500; i++) {
        yw_model_step(&m, &x);
        double oxygen = x.shown[s.index.oxygen];
        if (oxygen < 20.9) assert_near(x.converted[0], x.shown[0] * 15 / (21 - oxygen), 1e-9);
    }
}

static void test_marks_of_stops_and_calibrations(void **state) {
    (void)state;
    struct yw_scenario s = scenario("waste-incinerator");
    unsigned marks[YW_MARK_COUNT] = {0};
    struct yw_outlet_run run;
    struct yw_plant_record r[YW_RECORDS_PER_STEP];
    struct yw_sample x;
    int64_t start = at("2026-10-01T00:00:00");
    yw_outlet_begin(&run, &s, 21, start);
    while (run.model.time < start + 31 * YW_DAY) {
        yw_outlet_step(&run, r, &x);
        marks[x.mark[0]]++;
        if (x.running == 0) assert_int_equal(x.mark[0], YW_MARK_F);
        if (x.mark[0] == YW_MARK_F) assert_true(x.truth[s.index.oxygen] > 19);
        for (size_t i = 0; i < s.factor_count; i++)
            assert_true(isfinite(x.shown[i]) && isfinite(x.converted[i]));
    }
    double all = 31 * 17280;
    assert_true(marks[YW_MARK_N] > 0.85 * all);
    assert_true(marks[YW_MARK_F] > 3600 && marks[YW_MARK_ST] > 3600 &&
                marks[YW_MARK_SD] > 1000);              /* 5 s each */
    assert_true(marks[YW_MARK_C] > 28 * 0.6 * 12 * 12); /* 7 to 12 min on each day it runs */
    assert_true(marks[YW_MARK_M] > 1000);
}

static void test_batch_analyser_holds_its_value(void **state) {
    (void)state;
    struct yw_scenario s = scenario("wastewater-works");
    s.calibration.every_s = s.fault.every_s = 0;
    struct yw_model m;
    struct yw_sample x;
    int64_t start = at("2026-11-18T00:00:00");
    yw_model_init(&m, &s, 9, start);
    double held = 0;
    unsigned changes = 0;
    for (int i = 0; i < 8640; i++) {
        yw_model_step(&m, &x);
        if ((x.time - start) % (2 * YW_HOUR) == 0) {
            changes += held != x.shown[0];
            held = x.shown[0];
        }
        assert_near(x.shown[0], held, 0);
    }
    assert_int_equal(changes, 12);
}

static void test_episodes_keep_to_their_slot(void **state) {
    (void)state;
    struct yw_episode_rule rule = {.every_s = 86400, .lasts_s = 7200};
    for (int day = 0; day < 400; day++) {
        int64_t midnight = yw_china_day_start(20000 + day), since, until, inside = 0;
        for (int64_t t = midnight; t < midnight + YW_DAY; t += YW_MINUTE)
            inside += yw_episode(&rule, 99, 1, t, &since, &until);
        assert_true(since >= midnight && until <= midnight + YW_DAY);
        assert_true(inside >= 71 && inside <= 121);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_deterministic_by_seed),
        cmocka_unit_test(test_a_day_is_the_same_from_every_entry),
        cmocka_unit_test(test_load_drives_what_belongs_together),
        cmocka_unit_test(test_converted_follows_reference_oxygen),
        cmocka_unit_test(test_marks_of_stops_and_calibrations),
        cmocka_unit_test(test_batch_analyser_holds_its_value),
        cmocka_unit_test(test_episodes_keep_to_their_slot),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
