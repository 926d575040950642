/* Checks recomputed, and what they do to the hours. Numbers: tests/data/judge/flue_gas.md, 1.4 and 1.5. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "judge_gas.h"

static struct gas g;
static struct gas_hour h;

static int open_site(void **state) {
    YW_UNUSED(state);
    gas_open(&g, YW_PROFILE_FLUE_GAS);
    g.site.factors[SO2].high = 300;
    memset(&h, 0, sizeof h);
    return 0;
}

static int close_site(void **state) {
    YW_UNUSED(state);
    gas_close(&g);
    return 0;
}

static struct yw_check_result evaluate(const char *factor, uint8_t kind, double reading, double nominal) {
    struct yw_check c = {.time = gas_time("2026-11-23 08:00:00"), .kind = kind, .said = -1};
    c.reading = reading;
    c.nominal = nominal;
    c.full_scale = NAN;
    yw_copy(c.factor, sizeof c.factor, factor, strlen(factor));
    struct yw_check_result r;
    yw_check_evaluate(g.rules, &g.site, &c, &r);
    return r;
}

/* 1.4 a: drift of a gas analyser of 0 to 300 mg/m3 */
static void test_gas_drift(void **state) {
    YW_UNUSED(state);
    static const struct {
        uint8_t kind;
        double reading, nominal, error;
        bool passed, out;
    } table[] = {
        {YW_CHECK_ZERO, 7.5, 0, 2.5, true, false},       {YW_CHECK_ZERO, 7.8, NAN, 2.6, false, false},
        {YW_CHECK_ZERO, -15, 0, 5, false, false},        {YW_CHECK_ZERO, 15.3, 0, 5.1, false, true},
        {YW_CHECK_SPAN, 152, 150, 2 / 3.0, true, false}, {YW_CHECK_SPAN, 180, 150, 10, false, false},
        {YW_CHECK_SPAN, 119.7, 150, 10.1, false, true},
    };
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        struct yw_check_result r = evaluate("a21026", table[i].kind, table[i].reading, table[i].nominal);
        assert_true(r.known);
        assert_near(r.error, table[i].error, 1e-9);
        assert_int_equal(r.passed, table[i].passed);
        assert_int_equal(r.out_of_control, table[i].out);
        assert_string_equal(yw_rules_at(g.rules, r.rule)->id, "hj75.drift.gas");
    }
}

/* 1.4 b: particulates may drift less before they must be corrected; a velocity must miss both its limits */
static void test_other_drift(void **state) {
    YW_UNUSED(state);
    struct yw_site_factor *pm = yw_site_add_factor(&g.site, "a34013");
    assert_non_null(pm);
    pm->high = 100;
    assert_true(evaluate("a34013", YW_CHECK_ZERO, 2, 0).passed);
    assert_false(evaluate("a34013", YW_CHECK_ZERO, 2.1, 0).passed);
    assert_false(evaluate("a34013", YW_CHECK_SPAN, 58, 50).out_of_control);
    assert_true(evaluate("a34013", YW_CHECK_SPAN, 58.1, 50).out_of_control);
    struct yw_site_factor *v = yw_site_add_factor(&g.site, "a01011");
    assert_non_null(v);
    v->high = 20;
    assert_true(evaluate("a01011", YW_CHECK_ZERO, 0.8, 0).passed);          /* 4 %, but below 0.9 m/s */
    assert_false(evaluate("a01011", YW_CHECK_ZERO, 1.7, 0).out_of_control); /* 8.5 %, below 1.8 m/s */
    assert_true(evaluate("a01011", YW_CHECK_ZERO, 2, 0).out_of_control);    /* 10 % and 2 m/s */
}

static struct yw_check_result compare(const char *factor, double reference, double measured) {
    struct yw_check c = {.time = gas_time("2026-11-23 08:00:00"), .kind = YW_CHECK_VERIFICATION, .said = 1};
    c.reading = c.nominal = c.full_scale = NAN;
    c.pair_n = 9;
    for (size_t i = 0; i < 9; i++) c.reference[i] = reference, c.measured[i] = measured;
    yw_copy(c.factor, sizeof c.factor, factor, strlen(factor));
    struct yw_check_result r;
    yw_check_evaluate(g.rules, &g.site, &c, &r);
    return r;
}

/* 1.4 c: the band that the reference falls into decides how the error is told and what is allowed */
static void test_accuracy_bands(void **state) {
    YW_UNUSED(state);
    static const char *const more[] = {"a21002", "a21005", "a34013", "a01011", "a01012", "a01014"};
    for (size_t i = 0; i < YW_COUNT(more); i++) assert_non_null(yw_site_add_factor(&g.site, more[i]));
    static const struct {
        const char *factor;
        double reference, good, bad, allowed;
    } table[] = {
        {"a21026", 800, 920, 921, 15},  {"a21026", 715, 608, 607, 15}, {"a21026", 714, 771, 772, 57},
        {"a21026", 143, 86, 85, 57},    {"a21026", 100, 130, 131, 30}, {"a21026", 57, 40, 39, 30},
        {"a21026", 56, 73, 74, 17},     {"a21002", 513, 589, 591, 15}, {"a21002", 300, 341, 342, 41},
        {"a21002", 50, 65, 66, 30},     {"a21002", 40, 52, 53, 12},    {"a21005", 100, 115, 116, 15},
        {"a19001", 5.1, 5.8, 5.9, 15},  {"a19001", 5, 6, 6.1, 1},      {"a34013", 300, 345, 346, 15},
        {"a34013", 200, 240, 241, 20},  {"a34013", 100, 125, 126, 25}, {"a34013", 50, 65, 66, 30},
        {"a34013", 20, 26, 26.1, 6},    {"a34013", 10, 15, 15.1, 5},   {"a01011", 12, 13.2, 13.3, 10},
        {"a01011", 10, 11.2, 11.3, 12}, {"a01012", 120, 123, 124, 3},  {"a01014", 8, 10, 10.1, 25},
        {"a01014", 5, 6.5, 6.6, 1.5},
    };
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        struct yw_check_result good = compare(table[i].factor, table[i].reference, table[i].good);
        struct yw_check_result bad = compare(table[i].factor, table[i].reference, table[i].bad);
        if (!good.known || !good.passed || bad.passed)
            fail_msg("%s at %g: %g must pass and %g must not (error %g, allowed %g)", table[i].factor,
                     table[i].reference, table[i].good, table[i].bad, good.error, good.allowed);
        assert_near(good.allowed, table[i].allowed, 1e-9);
        assert_true(bad.differs); /* it was said to have passed */
        assert_true(bad.out_of_control);
    }
}

static uint8_t at(const char *time) {
    h.n = 0;
    gas_fill(&h, gas_time(time), 0, 60, 1);
    gas_run(&g, &h);
    return h.out[SO2].validity;
}

/* 1.4 d: out of control from 09:30 until the span is met again at 12:10 */
static void test_out_of_control(void **state) {
    YW_UNUSED(state);
    gas_check(&g, "a21026", YW_CHECK_SPAN, gas_time("2026-11-23 12:10:00"), 150, 150);
    gas_check(&g, "a21026", YW_CHECK_SPAN, gas_time("2026-11-23 09:30:00"), 185, 150); /* any order */
    gas_check(&g, "a21026", YW_CHECK_ZERO, gas_time("2026-11-23 10:30:00"), 0, 0);     /* cannot end it */
    assert_int_equal(at("2026-11-23 08:00:00"), YW_VALIDITY_VALID);
    assert_int_equal(at("2026-11-23 09:00:00"), YW_VALIDITY_INVALID);
    assert_int_equal(h.out[SO2].valid, 30);
    assert_near(gas_reason_of(&h.out[SO2], YW_REASON_OUT_OF_CONTROL)->figure, 30, 0);
    assert_int_equal(h.out[O2].validity, YW_VALIDITY_VALID);
    assert_int_equal(at("2026-11-23 11:00:00"), YW_VALIDITY_INVALID);
    assert_int_equal(at("2026-11-23 12:00:00"), YW_VALIDITY_VALID);
    assert_int_equal(h.out[SO2].valid, 50);
    assert_int_equal(at("2026-11-23 13:00:00"), YW_VALIDITY_VALID);
}

/* A rule that is unsure and off shows what came out and invalidates nothing. */
static void test_unsure_rule_is_off(void **state) {
    YW_UNUSED(state);
    struct yw_site_factor *v = yw_site_add_factor(&g.site, "a01011");
    assert_non_null(v);
    v->high = 20;
    gas_check(&g, "a01011", YW_CHECK_ZERO, gas_time("2026-11-23 07:30:00"), 3, 0);
    h.n = 0;
    gas_fill(&h, gas_time("2026-11-23 08:00:00"), 0, 60, 1);
    for (size_t i = 0; i < h.n; i++) h.samples[i][3].avg = 12;
    gas_run(&g, &h);
    assert_int_equal(h.out[3].validity, YW_VALIDITY_VALID);
}

/* 1.5 a: with automatic calibration the zero and the span are due every 24 h */
static void test_calibration_overdue(void **state) {
    YW_UNUSED(state);
    g.site.factors[SO2].method = YW_METHOD_AUTOMATIC;
    gas_check(&g, "a21026", YW_CHECK_ZERO, gas_time("2026-11-22 08:00:00"), 0, 0);
    gas_check(&g, "a21026", YW_CHECK_SPAN, gas_time("2026-11-22 08:00:00"), 150, 150);
    gas_check(&g, "a21026", YW_CHECK_ZERO, gas_time("2026-11-23 07:00:00"), 0,
              0); /* the zero alone is not it */
    gas_check(&g, "a21026", YW_CHECK_SPAN, gas_time("2026-11-23 10:00:00"), 150, 150);
    assert_int_equal(at("2026-11-23 07:00:00"), YW_VALIDITY_VALID);
    assert_int_equal(at("2026-11-23 08:00:00"), YW_VALIDITY_INVALID);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_CALIBRATION_OVERDUE));
    assert_int_equal(at("2026-11-23 09:00:00"), YW_VALIDITY_INVALID);
    assert_int_equal(at("2026-11-23 10:00:00"), YW_VALIDITY_VALID);
    assert_int_equal(at("2026-11-24 06:00:00"), YW_VALIDITY_VALID);
    assert_int_equal(at("2026-11-24 07:00:00"), YW_VALIDITY_INVALID); /* now it is the zero */
}

/* 1.5 b: every method has its own interval */
static void test_intervals(void **state) {
    YW_UNUSED(state);
    static const struct {
        uint8_t method;
        const char *last, *first_bad;
    } table[] = {
        {YW_METHOD_AUTOMATIC, "2026-06-01 23:00:00", "2026-06-02 00:00:00"},
        {YW_METHOD_EXTRACTIVE, "2026-06-07 23:00:00", "2026-06-08 00:00:00"},
        {YW_METHOD_IN_SITU, "2026-06-15 23:00:00", "2026-06-16 00:00:00"},
        {YW_METHOD_PM, "2026-06-15 23:00:00", "2026-06-16 00:00:00"},
        {YW_METHOD_VELOCITY, "2026-06-30 23:00:00", "2026-07-01 00:00:00"},
    };
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        g.site.factors[SO2].method = table[i].method;
        g.site.commissioned = gas_time("2026-06-01 00:00:00");
        gas_judge(&g);
        assert_int_equal(at(table[i].last), YW_VALIDITY_VALID);
        assert_int_equal(at(table[i].first_bad), YW_VALIDITY_INVALID);
        assert_true(gas_reason(&h.out[SO2], YW_REASON_CALIBRATION_OVERDUE));
    }
    g.site.factors[SO2].method = YW_METHOD_UNKNOWN; /* nothing is concluded */
    gas_judge(&g);
    assert_int_equal(at("2026-11-23 08:00:00"), YW_VALIDITY_VALID);
}

/* 1.5 c: the reference method every 180 days, or 90 without automatic calibration */
static void test_verification_overdue(void **state) {
    YW_UNUSED(state);
    g.site.commissioned = gas_time("2026-01-01 00:00:00");
    g.site.factors[SO2].method = YW_METHOD_IN_SITU;
    gas_check(&g, "a21026", YW_CHECK_CALIBRATION, gas_time("2026-03-25 00:00:00"), NAN, NAN);
    gas_check(&g, "a21026", YW_CHECK_CALIBRATION, gas_time("2026-04-05 00:00:00"), NAN, NAN);
    assert_int_equal(at("2026-03-31 23:00:00"), YW_VALIDITY_VALID); /* day 90 ends */
    assert_int_equal(at("2026-04-01 00:00:00"), YW_VALIDITY_INVALID);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_VERIFICATION_OVERDUE));
    struct yw_check *c = &g.site.checks[1];
    c->kind = YW_CHECK_VERIFICATION;
    c->time = gas_time("2026-04-01 03:00:00");
    c->said = 1;
    gas_judge(&g);
    assert_int_equal(at("2026-04-01 02:00:00"), YW_VALIDITY_INVALID);
    assert_int_equal(at("2026-04-01 03:00:00"), YW_VALIDITY_VALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)
        T(test_gas_drift),      T(test_other_drift),          T(test_accuracy_bands),
        T(test_out_of_control), T(test_unsure_rule_is_off),   T(test_calibration_overdue),
        T(test_intervals),      T(test_verification_overdue),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
