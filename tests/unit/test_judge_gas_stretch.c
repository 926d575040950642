/* Hours to days, months, quarters; capture rate and replaced emissions. Numbers:
 * tests/data/judge/flue_gas.md, 1.1, 1.2 and 1.3. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge_gas.h"

enum { MOST_MEANS = 20000, MOST_VERDICTS = 2000, MOST_TALLIES = 200 };
static struct gas g;
static struct yw_mean *hours;
static size_t hour_n;
static struct {
    struct yw_mean mean[MOST_MEANS];
    struct yw_verdict verdict[MOST_VERDICTS];
    struct yw_tally_row tally[MOST_TALLIES];
    size_t mean_n, verdict_n, tally_n;
} got;

static void take_mean(void *arg, const struct yw_mean *m) {
    YW_UNUSED(arg);
    assert_true(got.mean_n < MOST_MEANS);
    got.mean[got.mean_n++] = *m;
}

static void take_verdict(void *arg, const struct yw_verdict *v) {
    YW_UNUSED(arg);
    assert_true(got.verdict_n < MOST_VERDICTS);
    got.verdict[got.verdict_n++] = *v;
}

static void take_tally(void *arg, const struct yw_tally_row *t) {
    YW_UNUSED(arg);
    assert_true(got.tally_n < MOST_TALLIES);
    got.tally[got.tally_n++] = *t;
}

static const struct yw_judge_sink sink = {.mean = take_mean, .verdict = take_verdict, .tally = take_tally};

static int open_site(void **state) {
    YW_UNUSED(state);
    gas_open(&g, YW_PROFILE_FLUE_GAS);
    g.site.factor_n = 1; /* SO2 alone */
    gas_judge(&g);
    return 0;
}

static int close_site(void **state) {
    YW_UNUSED(state);
    free(hours);
    hours = NULL;
    gas_close(&g);
    return 0;
}

/* Valid hours of 40 mg/m3 and 10 kg over [from, to). */
static void valid_hours(const char *from, const char *to) {
    int64_t a = gas_time(from);
    hour_n = (size_t)((gas_time(to) - a) / YW_HOUR);
    free(hours);
    hours = malloc(hour_n * sizeof *hours);
    assert_non_null(hours);
    for (size_t i = 0; i < hour_n; i++)
        hours[i] = gas_mean(&g, a + (int64_t)i * YW_HOUR, SO2, YW_VALIDITY_VALID, 40, 10);
}

static void make(size_t a, size_t b, uint8_t validity) {
    for (size_t i = a; i < b; i++) hours[i] = gas_mean(&g, hours[i].from, SO2, validity, 100, NAN);
}

static void run(const char *now) {
    struct yw_error err = {0};
    memset(&got, 0, sizeof got);
    if (yw_judge_stretch(g.judge, hours, hour_n, NULL, 0, hours[0].from, gas_time(now), &sink, &err) != YW_OK)
        fail_msg("%s", err.text);
}

static const struct yw_mean *mean_of(uint8_t period, const char *from) {
    int64_t t = gas_time(from);
    for (size_t i = 0; i < got.mean_n; i++)
        if (got.mean[i].period == period && got.mean[i].from == t) return &got.mean[i];
    fail_msg("no mean of %s from %s", yw_period_name(period), from);
    return NULL;
}

static const struct yw_verdict *verdict_of(uint8_t kind) {
    for (size_t i = 0; i < got.verdict_n; i++)
        if (got.verdict[i].kind == kind) return &got.verdict[i];
    return NULL;
}

/* 1.1 d: twenty valid hours make a day, nineteen do not */
static void test_day(void **state) {
    YW_UNUSED(state);
    valid_hours("2026-11-23", "2026-11-24");
    hours[3].mean = 88; /* (19 * 40 + 88) / 20 = 42.4 */
    make(20, 22, YW_VALIDITY_INVALID);
    make(22, 24, YW_VALIDITY_NO_DATA);
    run("2026-11-24");
    const struct yw_mean *m = mean_of(YW_PERIOD_DAY, "2026-11-23");
    assert_int_equal(m->validity, YW_VALIDITY_VALID);
    assert_int_equal(m->valid, 20);
    assert_int_equal(m->due, 24);
    assert_near(m->mean, 42.4, 1e-9);
    assert_near(m->emission_kg, 200, 1e-9);
    make(19, 20, YW_VALIDITY_INVALID);
    run("2026-11-24");
    m = mean_of(YW_PERIOD_DAY, "2026-11-23");
    assert_int_equal(m->validity, YW_VALIDITY_INVALID);
    assert_int_equal(m->reasons[0].code, YW_REASON_FEW_HOURS);
    assert_near(m->reasons[0].figure, 19, 0);
    assert_false(m->judged);
    run("2026-11-23 23:00:00");
    m = mean_of(YW_PERIOD_DAY, "2026-11-23");
    assert_int_equal(m->validity, YW_VALIDITY_PARTIAL);
    assert_false(m->judged);
}

static void test_day_of_a_stop(void **state) {
    YW_UNUSED(state);
    valid_hours("2026-11-23", "2026-11-25");
    make(0, 24, YW_VALIDITY_STOPPED);
    make(24, 48, YW_VALIDITY_NO_DATA);
    run("2026-11-25");
    assert_int_equal(mean_of(YW_PERIOD_DAY, "2026-11-23")->validity, YW_VALIDITY_STOPPED);
    assert_int_equal(mean_of(YW_PERIOD_DAY, "2026-11-24")->validity, YW_VALIDITY_NO_DATA);
}

/* A figure is corrected without a build: 18 hours make a day. */
static void test_day_hours_are_a_setting(void **state) {
    YW_UNUSED(state);
    struct yw_correction c = {.rule = "hj75.day", .figure = "valid_hours", .value = 18, .enabled = -1};
    c.confidence = YW_CONF_OFFICIAL;
    c.from = yw_china_day(gas_time("2026-11-24"));
    assert_int_equal(yw_rules_correct(g.rules, &c, NULL), YW_OK);
    gas_judge(&g);
    valid_hours("2026-11-23", "2026-11-25");
    make(18, 24, YW_VALIDITY_INVALID);
    make(42, 48, YW_VALIDITY_INVALID);
    run("2026-11-25");
    assert_int_equal(mean_of(YW_PERIOD_DAY, "2026-11-23")->validity, YW_VALIDITY_INVALID);
    assert_int_equal(mean_of(YW_PERIOD_DAY, "2026-11-24")->validity, YW_VALIDITY_VALID);
}

/* 1.1 e: 25 valid days make a month, and 23 a February */
static void test_month(void **state) {
    YW_UNUSED(state);
    valid_hours("2026-11-01", "2026-12-01");
    for (size_t i = 0; i < 24; i++) hours[i].mean = 90; /* (90 + 24 * 40) / 25 = 42 */
    make(25 * 24, 30 * 24, YW_VALIDITY_INVALID);
    run("2026-12-01");
    const struct yw_mean *m = mean_of(YW_PERIOD_MONTH, "2026-11-01");
    assert_int_equal(m->validity, YW_VALIDITY_VALID);
    assert_int_equal(m->valid, 25);
    assert_int_equal(m->due, 30);
    assert_near(m->mean, 42, 1e-9);
    assert_near(m->emission_kg, 25 * 24 * 10, 1e-6);
    make(24 * 24, 25 * 24, YW_VALIDITY_INVALID);
    run("2026-12-01");
    m = mean_of(YW_PERIOD_MONTH, "2026-11-01");
    assert_int_equal(m->validity, YW_VALIDITY_INVALID);
    assert_int_equal(m->reasons[0].code, YW_REASON_FEW_DAYS);
    valid_hours("2026-02-01", "2026-03-01");
    make(23 * 24, 28 * 24, YW_VALIDITY_INVALID);
    run("2026-03-01");
    assert_int_equal(mean_of(YW_PERIOD_MONTH, "2026-02-01")->validity, YW_VALIDITY_VALID);
    make(22 * 24, 23 * 24, YW_VALIDITY_INVALID);
    run("2026-03-01");
    assert_int_equal(mean_of(YW_PERIOD_MONTH, "2026-02-01")->validity, YW_VALIDITY_INVALID);
}

/* 1.2 c: 2208 hours of the quarter, 208 stopped, 500 not valid: 1500 of 2000 */
static void test_capture(void **state) {
    YW_UNUSED(state);
    valid_hours("2026-10-01", "2027-01-01");
    assert_int_equal(hour_n, 2208);
    make(100, 308, YW_VALIDITY_STOPPED);
    make(1000, 1400, YW_VALIDITY_INVALID);
    make(1500, 1600, YW_VALIDITY_NO_DATA);
    run("2027-01-01");
    const struct yw_tally_row *row = NULL;
    for (size_t i = 0; i < got.tally_n; i++)
        if (got.tally[i].period == YW_PERIOD_QUARTER) row = &got.tally[i];
    assert_non_null(row);
    assert_near(row->hours, 2208, 0);
    assert_near(row->stopped, 208, 0);
    assert_near(row->invalid, 400, 0);
    assert_near(row->lost, 100, 0);
    assert_near(row->valid, 1500, 0);
    assert_near(row->capture, 0.75, 1e-12);
    assert_near(row->emission_t, 15, 1e-9);
    assert_null(verdict_of(YW_VERDICT_CAPTURE));
    make(1600, 1601, YW_VALIDITY_NO_DATA);
    run("2027-01-01");
    const struct yw_verdict *v = verdict_of(YW_VERDICT_CAPTURE);
    assert_non_null(v);
    assert_near(v->value, 1499 / 2000.0 * 100, 1e-9);
    assert_near(v->held, 75, 0);
    assert_true(v->counts);
    assert_int_equal(mean_of(YW_PERIOD_QUARTER, "2026-10-01")->validity, YW_VALIDITY_INVALID);
    run("2026-12-31 23:00:00"); /* not over: nobody is told of a rate */
    assert_null(verdict_of(YW_VERDICT_CAPTURE));
}

/* Peaks before a loss at hour 1000: 20 kg within 180 hours, 30 within 720, 40 within 2160. */
static void quarter_with_peaks(void) {
    valid_hours("2026-10-01", "2027-01-01");
    hours[900].emission_kg = 20;
    hours[700].emission_kg = 30;
    hours[5].emission_kg = 40;
    hours[1100].emission_kg = 99; /* afterwards: never looked at */
}

/* 1.3 a to d */
static void test_replacement(void **state) {
    YW_UNUSED(state);
    quarter_with_peaks();
    make(1000, 1024, YW_VALIDITY_NO_DATA); /* 24 h */
    run("2027-01-01");
    assert_near(hours[1000].replaced_kg, 20, 0);
    assert_near(hours[1023].replaced_kg, 20, 0);
    assert_true(isnan(hours[1000].emission_kg));
    assert_true(isnan(hours[1000].mean));
    assert_string_equal(yw_rules_at(g.rules, hours[1000].replaced_rule)->id, "hj75.replace");
    assert_near(gas_reason_of(&hours[1000], YW_REASON_REPLACED)->figure, 180, 0);
    assert_true(isnan(hours[999].replaced_kg));
    make(1024, 1025, YW_VALIDITY_INVALID); /* 25 h */
    run("2027-01-01");
    assert_near(hours[1000].replaced_kg, 30, 0);
    assert_near(hours[1024].replaced_kg, 30, 0);
    make(1900, 2208, YW_VALIDITY_NO_DATA); /* capture (2208 - 25 - 308) / 2208 = 84.9 % */
    run("2027-01-01");
    assert_near(hours[1000].replaced_kg, 40, 0);
    make(1500, 1900, YW_VALIDITY_NO_DATA); /* 66.8 % */
    run("2027-01-01");
    assert_true(isnan(hours[1000].replaced_kg));
    assert_true(gas_reason(&hours[1000], YW_REASON_LOW_CAPTURE));
    assert_near(mean_of(YW_PERIOD_QUARTER, "2026-10-01")->emission_kg,
                (2208 - 25 - 708) * 10 + 10 + 20 + 30 + 89, 1e-6);
}

/* 1.3 e: out of control, what came after the last calibration is not to be trusted */
static void test_replacement_out_of_control(void **state) {
    YW_UNUSED(state);
    g.site.factors[SO2].high = 300;
    quarter_with_peaks();
    hours[995].emission_kg = 77;
    int64_t first = hours[0].from;
    gas_check(&g, "a21026", YW_CHECK_SPAN, first + 990 * YW_HOUR, 150, 150);
    gas_check(&g, "a21026", YW_CHECK_SPAN, first + 1000 * YW_HOUR, 200, 150); /* 16.7 % */
    gas_check(&g, "a21026", YW_CHECK_SPAN, first + 1010 * YW_HOUR, 150, 150);
    make(1000, 1010, YW_VALIDITY_INVALID);
    run("2027-01-01");
    assert_true(gas_reason(&hours[1000], YW_REASON_OUT_OF_CONTROL));
    assert_near(hours[1000].replaced_kg, 20, 0); /* lost for another reason it would be 77 */
    g.site.check_n = 0;
    gas_judge(&g);
    make(1000, 1010, YW_VALIDITY_INVALID);
    run("2027-01-01");
    assert_near(hours[1000].replaced_kg, 77, 0);
}

/* 1.3 f: results by hand come first: (30 + 50) / 2 mg/m3 in 100 000 m3 are 4 kg */
static void test_replacement_by_hand(void **state) {
    YW_UNUSED(state);
    quarter_with_peaks();
    make(1000, 1010, YW_VALIDITY_INVALID);
    hours[1000].flow_m3 = 100000;
    g.site.manual_n = 3;
    g.site.manual = calloc(3, sizeof *g.site.manual);
    assert_non_null(g.site.manual);
    g.site.manual[0] = (struct yw_manual){.time = hours[1008].from, .factor = "a21026", .value = 50};
    g.site.manual[1] = (struct yw_manual){.time = hours[1002].from, .factor = "a21026", .value = 30};
    g.site.manual[2] = (struct yw_manual){.time = hours[1010].from, .factor = "a21026", .value = 999};
    run("2027-01-01");
    assert_near(hours[1000].replaced_kg, 4, 1e-9);
    assert_true(gas_reason(&hours[1000], YW_REASON_MANUAL));
    assert_near(hours[1001].replaced_kg, 20, 0); /* no flow: the largest of the last 180 hours */
}

static void test_no_history(void **state) {
    YW_UNUSED(state);
    valid_hours("2026-10-01", "2026-11-01");
    make(0, 5, YW_VALIDITY_NO_DATA);
    run("2026-11-01");
    assert_true(isnan(hours[0].replaced_kg));
    assert_true(gas_reason(&hours[0], YW_REASON_NO_HISTORY));
}

static void test_failed_and_overdue_are_said(void **state) {
    YW_UNUSED(state);
    g.site.factors[SO2].high = 300;
    g.site.factors[SO2].method = YW_METHOD_AUTOMATIC;
    valid_hours("2026-11-20", "2026-11-24");
    gas_check(&g, "a21026", YW_CHECK_CALIBRATION, gas_time("2026-11-20 08:00:00"), NAN, NAN);
    gas_check(&g, "a21026", YW_CHECK_SPAN, gas_time("2026-11-22 12:00:00"), 200, 150);
    run("2026-11-24");
    const struct yw_verdict *v = verdict_of(YW_VERDICT_OVERDUE_CHECK);
    assert_non_null(v);
    assert_int_equal(v->from, gas_time("2026-11-21 08:00:00"));
    assert_int_equal(v->to, gas_time("2026-11-24"));
    assert_near(v->held, 24, 0);
    assert_near(v->value, 24 + 64, 1e-6); /* hours since it was done */
    v = verdict_of(YW_VERDICT_CHECK_FAILED);
    assert_non_null(v);
    assert_near(v->value, 50 / 300.0 * 100, 1e-9);
    assert_near(v->held, 2.5, 0);
}

/* Set on the same day a mark cannot have known how the day would end. */
static void test_day_marked_late(void **state) {
    YW_UNUSED(state);
    struct yw_site_limit *l = &g.site.limits[g.site.limit_n++];
    *l = (struct yw_site_limit){.factor = "a21026",
                                .value = 35,
                                .value_low = NAN,
                                .period = YW_PERIOD_DAY,
                                .valid_from = INT32_MIN,
                                .valid_to = INT32_MAX};
    struct yw_mark mark = {.id = 1, .value = YW_EQUIP_MAINTENANCE};
    mark.from = gas_time("2026-11-23 08:00:00");
    mark.to = mark.from + YW_HOUR;
    mark.set_at = gas_time("2026-11-23 23:00:00");
    gas_mark(&g, mark);
    valid_hours("2026-11-23", "2026-11-24");
    run("2026-11-24");
    assert_false(gas_reason(mean_of(YW_PERIOD_DAY, "2026-11-23"), YW_REASON_MARK_LATE));
    g.site.marks[0].set_at = gas_time("2026-11-24 09:00:00");
    run("2026-11-24");
    assert_true(gas_reason(mean_of(YW_PERIOD_DAY, "2026-11-23"), YW_REASON_MARK_LATE));
    l->value = 45; /* nothing was exceeded */
    run("2026-11-24");
    assert_false(gas_reason(mean_of(YW_PERIOD_DAY, "2026-11-23"), YW_REASON_MARK_LATE));
}

/* Only hours that step two changed are handed on again, and only once. */
static void test_changed_hours_only(void **state) {
    YW_UNUSED(state);
    valid_hours("2026-11-01", "2026-11-03");
    make(40, 42, YW_VALIDITY_NO_DATA);
    for (int round = 0; round < 2; round++) {
        run("2026-11-03");
        size_t n = 0;
        for (size_t i = 0; i < got.mean_n; i++) n += got.mean[i].period == YW_PERIOD_HOUR;
        assert_int_equal(n, round == 0 ? 2 : 0);
    }
}

static void test_order_is_checked(void **state) {
    YW_UNUSED(state);
    struct yw_error err = {0};
    valid_hours("2026-11-23", "2026-11-24");
    hours[7].from += YW_HOUR;
    assert_int_equal(yw_judge_stretch(g.judge, hours, hour_n, NULL, 0, 0, hours[0].from, &sink, &err),
                     YW_E_FORMAT);
    assert_int_equal(yw_judge_stretch(g.judge, NULL, 0, NULL, 0, 0, 0, &sink, &err), YW_OK);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)
        T(test_day),
        T(test_day_of_a_stop),
        T(test_day_hours_are_a_setting),
        T(test_month),
        T(test_capture),
        T(test_replacement),
        T(test_no_history),
        T(test_replacement_out_of_control),
        T(test_failed_and_overdue_are_said),
        T(test_order_is_checked),
        T(test_day_marked_late),
        T(test_changed_hours_only),
        T(test_replacement_by_hand),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
