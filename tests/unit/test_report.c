/* Rates, periods and sums of reports against numbers worked out by hand.
 *
 *   nr  outlet  hours of one factor                                   due  T        V       T*V = valid/due
 *   1   air     24: 20 valid, 2 invalid, 2 missing                    24   22/24    20/22   20/24
 *   2   air     24: 12 valid, 2 missing, 10 stopped                   14   12/14    1       12/14
 *   3   water   24: 23 valid, 1 missing (automatic check)             23   1        1       1
 *   4   water   24: 22 valid, 2 missing: one is spared                23   22/23    1       22/23
 *   5   water   24 missing: no check was made, nothing is spared      24   0        -       0
 *   6   water   48: each day 23 valid, 1 missing                      46   1        1       1
 *   7   air     day of the first packet: from hour 6 on, now = hour 18: 12 due, 9 valid, 3 missing */
#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static int64_t day_of(const char *text) {
    int64_t t = 0;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return t;
}

static void fill(uint8_t *hours, size_t from, size_t n, uint8_t state) {
    memset(hours + from, state, n);
}

static void near(double got, double want) {
    if (isnan(want)) {
        assert_true(isnan(got));
    } else {
        assert_true(fabs(got - want) < 1e-12);
    }
}

static void expect(const uint8_t *hours, size_t n, uint32_t due, double t, double v, double e) {
    struct yw_report_count c;
    yw_report_count(hours, n, &c);
    struct yw_report_rate r = yw_report_rate(&c);
    assert_int_equal(yw_report_due(&c), due);
    near(r.transmission, t);
    near(r.validity, v);
    near(r.effective, e);
}

static void test_worked_examples(void **state) {
    YW_UNUSED(state);
    int64_t from = day_of("2026-11-23");
    uint8_t h[48];
    fill(h, 0, 20, YW_REPORT_VALID);
    fill(h, 20, 2, YW_REPORT_INVALID);
    fill(h, 22, 2, YW_REPORT_MISSING);
    expect(h, 24, 24, 22.0 / 24, 20.0 / 22, 20.0 / 24); /* 1 */
    fill(h, 0, 12, YW_REPORT_VALID);
    fill(h, 12, 2, YW_REPORT_MISSING);
    fill(h, 14, 10, YW_REPORT_STOPPED);
    expect(h, 24, 14, 12.0 / 14, 1, 12.0 / 14); /* 2 */
    fill(h, 0, 24, YW_REPORT_VALID);
    h[2] = YW_REPORT_MISSING;
    yw_report_spare(h, 24, from, 1);
    assert_int_equal(h[2], YW_REPORT_SPARED);
    expect(h, 24, 23, 1, 1, 1); /* 3 */
    fill(h, 0, 24, YW_REPORT_VALID);
    fill(h, 2, 2, YW_REPORT_MISSING);
    yw_report_spare(h, 24, from, 1);
    expect(h, 24, 23, 22.0 / 23, 1, 22.0 / 23); /* 4 */
    fill(h, 0, 24, YW_REPORT_MISSING);
    yw_report_spare(h, 24, from, 1);
    expect(h, 24, 24, 0, NAN, 0); /* 5 */
    fill(h, 0, 48, YW_REPORT_VALID);
    h[2] = h[24 + 13] = YW_REPORT_MISSING;
    yw_report_spare(h, 48, from, 1);
    expect(h, 48, 46, 1, 1, 1); /* 6 */
    fill(h, 0, 24, YW_REPORT_MISSING);
    fill(h, 6, 9, YW_REPORT_VALID);
    yw_report_owed(h, 24, from, from + 6 * YW_HOUR, from + 18 * YW_HOUR);
    assert_int_equal(h[5], YW_REPORT_OUT);
    assert_int_equal(h[17], YW_REPORT_MISSING);
    assert_int_equal(h[18], YW_REPORT_OUT);
    expect(h, 24, 12, 9.0 / 12, 1, 9.0 / 12); /* 7 */
}

static void test_an_air_outlet_is_spared_nothing(void **state) {
    YW_UNUSED(state);
    uint8_t h[24];
    fill(h, 0, 24, YW_REPORT_VALID);
    h[2] = YW_REPORT_MISSING;
    yw_report_spare(h, 24, day_of("2026-11-23"), 0);
    expect(h, 24, 24, 23.0 / 24, 1, 23.0 / 24);
}

static void test_nothing_due_is_no_rate(void **state) {
    YW_UNUSED(state);
    uint8_t h[24];
    fill(h, 0, 24, YW_REPORT_STOPPED);
    expect(h, 24, 0, NAN, NAN, NAN);
}

/* One more valid hour in the place of a missing or invalid one never makes the rate smaller. */
static void test_more_valid_hours_never_lower_the_rate(void **state) {
    YW_UNUSED(state);
    unsigned seed = 7;
    for (int round = 0; round < 2000; round++) {
        uint8_t h[48], spared[48];
        for (size_t i = 0; i < 48; i++) {
            seed = seed * 1103515245u + 12345u;
            h[i] = (uint8_t)((seed >> 16) % 5);
        }
        struct yw_report_count before, after;
        memcpy(spared, h, sizeof h);
        yw_report_spare(spared, 48, 0, 1);
        yw_report_count(spared, 48, &before);
        size_t at = (seed >> 20) % 48;
        if (h[at] != YW_REPORT_MISSING && h[at] != YW_REPORT_INVALID) continue;
        h[at] = YW_REPORT_VALID;
        memcpy(spared, h, sizeof h);
        yw_report_spare(spared, 48, 0, 1);
        yw_report_count(spared, 48, &after);
        assert_true(yw_report_rate(&after).effective >= yw_report_rate(&before).effective);
    }
}

static void test_runs_list_what_is_not_plain(void **state) {
    YW_UNUSED(state);
    int64_t from = day_of("2026-11-23");
    uint8_t h[24];
    struct yw_report_run runs[2];
    fill(h, 0, 24, YW_REPORT_VALID);
    fill(h, 3, 2, YW_REPORT_MISSING);
    fill(h, 5, 1, YW_REPORT_INVALID);
    fill(h, 20, 4, YW_REPORT_STOPPED);
    assert_int_equal(yw_report_runs(h, 24, from, runs, 2), 3); /* counted, though there is no room */
    assert_int_equal(runs[0].from, from + 3 * YW_HOUR);
    assert_int_equal(runs[0].to, from + 5 * YW_HOUR);
    assert_int_equal(runs[0].state, YW_REPORT_MISSING);
    assert_int_equal(runs[1].to, from + 6 * YW_HOUR);
    assert_int_equal(runs[1].state, YW_REPORT_INVALID);
}

static void test_periods(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *period, *at, *from, *to, *text, *before, *title;
    } rows[] = {
        {"day", "2026-11-23", "2026-11-23", "2026-11-24", "2026-11-23", "2026-11-22", "2026年11月23日"},
        {"month", "2024-02", "2024-02-01", "2024-03-01", "2024-02", "2024-01", "2024年2月"},
        {"month", "2026-12-31", "2026-12-01", "2027-01-01", "2026-12", "2026-11", "2026年12月"},
        {"quarter", "2026-Q4", "2026-10-01", "2027-01-01", "2026-Q4", "2026-Q3", "2026年第4季度"},
        {"quarter", "2026-01-31", "2026-01-01", "2026-04-01", "2026-Q1", "2025-Q4", "2026年第1季度"},
        {"year", "2026-Q3", "2026-01-01", "2027-01-01", "2026", "2025", "2026年"},
        {"", "", "2026-11-23", "2026-11-24", "2026-11-23", "2026-11-22", "2026年11月23日"},
    };
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        struct yw_report_period p, before;
        char title[64];
        assert_int_equal(
            yw_report_period_parse(rows[i].period, rows[i].at, day_of("2026-11-23T13:41"), &p, NULL), YW_OK);
        assert_int_equal(p.from, day_of(rows[i].from));
        assert_int_equal(p.to, day_of(rows[i].to));
        assert_string_equal(p.at, rows[i].text);
        yw_report_period_step(&p, -1, &before);
        assert_string_equal(before.at, rows[i].before);
        yw_report_period_step(&before, 1, &before);
        assert_string_equal(before.at, rows[i].text);
        yw_report_period_title(&p, false, title, sizeof title);
        assert_string_equal(title, rows[i].title);
    }
    static const char *const wrong[][2] = {
        {"week", ""},         {"day", "2026-13-01"}, {"day", "2026-02-30"}, {"month", "2026-Q5"},
        {"day", "yesterday"}, {"year", "99"},        {"day", "2026-11-2x"}, {"month", "2026/11"}};
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        struct yw_report_period p;
        struct yw_error err = {0};
        assert_int_equal(yw_report_period_parse(wrong[i][0], wrong[i][1], 0, &p, &err), YW_E_FORMAT);
        assert_true(strlen(err.text) > 20);
    }
}

/* Enterprise 1 (county 11 of city 1): outlets with 90 of 100 and 10 of 20 valid; enterprise 2 (city 2): never
 * sent anything. The sum is 100 of 120, not the mean of 0.9 and 0.5. */
struct province {
    struct yw_report_factor factors[3];
    struct yw_report_outlet outlets[3];
    struct yw_report_enterprise enterprises[2];
    struct yw_report_area areas[3];
    struct yw_report_rates rates;
};

static void build(struct province *p) {
    memset(p, 0, sizeof *p);
    for (size_t i = 0; i < 3; i++) {
        p->factors[i] = (struct yw_report_factor){.code = "a21026",
                                                  .name_zh = "二氧化硫",
                                                  .name_en = "SO2",
                                                  .emission_t = NAN,
                                                  .replaced_t = NAN,
                                                  .permitted_t = NAN};
        p->outlets[i] = (struct yw_report_outlet){.id = (uint32_t)i + 1,
                                                  .enterprise = i < 2 ? 1 : 2,
                                                  .code = "DA001",
                                                  .name = "烟囱",
                                                  .kind = "air",
                                                  .factors = &p->factors[i],
                                                  .factor_n = 1};
    }
    p->factors[0].count = (struct yw_report_count){.valid = 90, .invalid = 4, .missing = 6};
    p->factors[1].count = (struct yw_report_count){.valid = 10, .missing = 10, .stopped = 30};
    p->factors[0].emission_t = 30;
    p->factors[0].permitted_t = 120;
    p->outlets[0].figures = (struct yw_report_figures){.exceedances = 4, .handled = 3, .in_time = 2};
    p->enterprises[0] = (struct yw_report_enterprise){.id = 1, .name = "甲厂", .area = "11"};
    p->enterprises[1] = (struct yw_report_enterprise){.id = 2, .name = "乙厂", .area = "2"};
    p->areas[0] = (struct yw_report_area){.code = "1", .name = "甲市"};
    p->areas[1] = (struct yw_report_area){.code = "11", .parent = "1", .name = "甲县"};
    p->areas[2] = (struct yw_report_area){.code = "2", .name = "乙市"};
    p->rates = (struct yw_report_rates){.low = 0.9,
                                        .bad = 0.6,
                                        .alarms = true,
                                        .areas = p->areas,
                                        .enterprises = p->enterprises,
                                        .outlets = p->outlets,
                                        .area_n = 3,
                                        .enterprise_n = 2,
                                        .outlet_n = 3,
                                        .now = day_of("2026-12-02")};
    assert_int_equal(yw_report_period_parse("month", "2026-11", 0, &p->rates.period, NULL), YW_OK);
    yw_report_roll_up(&p->rates);
}

static void test_sums(void **state) {
    YW_UNUSED(state);
    struct province p;
    build(&p);
    near(yw_report_rate(&p.enterprises[0].figures.count).effective, 100.0 / 120);
    near(yw_report_rate(&p.areas[0].figures.count).effective, 100.0 / 120);
    near(yw_report_rate(&p.areas[1].figures.count).effective, 100.0 / 120);
    near(yw_report_rate(&p.rates.total.count).transmission, 104.0 / 120);
    near(yw_report_rate(&p.rates.total.count).validity, 100.0 / 104);
    near(yw_report_networking(&p.rates.total), 2.0 / 3); /* the third never sent */
    near(yw_report_networking(&p.areas[2].figures), 0);
    near(yw_report_handling(&p.rates.total), 3.0 / 4);
    near(yw_report_handling(&p.areas[2].figures), NAN);
    /* an outlet that was stopped all the time leaves the networking rate */
    p.factors[2].count.stopped = 100;
    memset(&p.rates.total, 0, sizeof p.rates.total);
    yw_report_roll_up(&p.rates);
    near(yw_report_networking(&p.rates.total), 1);
}

static void test_amounts_used(void **state) {
    YW_UNUSED(state);
    struct yw_report_factor f = {.emission_t = 30, .replaced_t = 6, .permitted_t = 120};
    near(yw_report_used(&f), 36.0 / 120);
    f.replaced_t = NAN;
    near(yw_report_used(&f), 30.0 / 120);
    f.emission_t = NAN;
    near(yw_report_used(&f), NAN); /* nothing known is not nothing used */
    f.emission_t = 1;
    f.permitted_t = NAN;
    near(yw_report_used(&f), NAN);
}

static void test_rates_as_json(void **state) {
    YW_UNUSED(state);
    struct province p;
    build(&p);
    json_t *j = yw_report_rates_json(&p.rates);
    const json_t *outlet = json_array_get(json_object_get(j, "outlets"), 0);
    near(json_real_value(json_object_get(outlet, "effective")), 0.9);
    assert_int_equal(json_integer_value(json_object_get(outlet, "missing")), 6);
    assert_string_equal(json_string_value(json_object_get(outlet, "link")),
                        "/reports/outlets/1?period=month&at=2026-11");
    const json_t *factor = json_array_get(json_object_get(outlet, "factors"), 0);
    near(json_real_value(json_object_get(factor, "used")), 0.25);
    /* 0.9 is not under 0.9; 0.5 is under both; an outlet without a rate is on no list */
    char *low = json_dumps(json_object_get(j, "under_low"), JSON_COMPACT);
    char *bad = json_dumps(json_object_get(j, "under_bad"), JSON_COMPACT);
    assert_string_equal(low, "[2]");
    assert_string_equal(bad, "[2]");
    assert_true(json_is_null(json_object_get(json_array_get(json_object_get(j, "outlets"), 2), "effective")));
    free(low);
    free(bad);
    json_decref(j);
    p.rates.alarms = false; /* an enterprise's eyes */
    j = yw_report_rates_json(&p.rates);
    assert_true(json_is_null(json_object_get(json_object_get(j, "total"), "handled")));
    assert_true(json_is_null(json_object_get(json_object_get(j, "total"), "handling")));
    json_decref(j);
}

static void test_documents_carry_what_must_stand_on_them(void **state) {
    YW_UNUSED(state);
    struct province p;
    build(&p);
    struct yw_report_print print = {.installation = "试验",
                                    .domain = "demo",
                                    .by = "郭砚秋",
                                    .base = "",
                                    .at = day_of("2026-12-02T08:00")};
    json_t *one = yw_report_rates_document(&p.rates, &print);
    char *text = json_dumps(one, 0);
    assert_non_null(strstr(text, yw_standing_zh));
    assert_non_null(strstr(text, "本平台口径"));
    assert_string_equal(json_string_value(json_object_get(one, "printed_by")), "郭砚秋");
    assert_string_equal(json_string_value(json_object_get(one, "printed_at")), "2026-12-02 08:00:00");
    assert_int_equal(strlen(json_string_value(json_object_get(one, "digest"))), 64);
    /* who prints and when does not change the digest; another hour does */
    print.by = "陆明川";
    print.at += YW_HOUR;
    json_t *two = yw_report_rates_document(&p.rates, &print);
    assert_true(json_equal(json_object_get(one, "digest"), json_object_get(two, "digest")));
    p.factors[0].count.valid++;
    memset(&p.rates.total, 0, sizeof p.rates.total);
    yw_report_roll_up(&p.rates);
    json_t *three = yw_report_rates_document(&p.rates, &print);
    assert_false(json_equal(json_object_get(one, "digest"), json_object_get(three, "digest")));
    free(text);
    json_decref(one);
    json_decref(two);
    json_decref(three);
}

/* The mean of a bad hour is never shown without its reason. */
static void test_a_bad_hour_has_its_reason(void **state) {
    YW_UNUSED(state);
    struct yw_mean bad = {.validity = YW_VALIDITY_INVALID,
                          .period = YW_PERIOD_HOUR,
                          .mean = 71.5,
                          .due = 60,
                          .valid = 40,
                          .converted = NAN,
                          .emission_kg = NAN,
                          .replaced_kg = NAN,
                          .reason_n = 1,
                          .reasons = {{.code = YW_REASON_FEW_MINUTES, .rule = YW_NO_RULE, .figure = 40}}};
    struct yw_report_factor f = {.code = "a21026", .name_zh = "二氧化硫", .name_en = "SO2"};
    struct yw_report_sheet s = {
        .now = day_of("2026-11-24"), .outlet = 17, .kind = "air", .factors = &f, .factor_n = 1, .row_n = 1};
    assert_int_equal(yw_report_period_parse("day", "2026-11-23", 0, &s.period, NULL), YW_OK);
    bad.from = s.period.from;
    bad.to = bad.from + YW_HOUR;
    char units[1][16] = {"mg/m3"};
    double limit = 35;
    bool no = false, yes = true;
    const struct yw_mean *cell = &bad, *none = NULL;
    struct yw_report_run run = {.from = bad.from, .to = bad.to, .state = YW_REPORT_INVALID};
    const struct yw_report_run *runs = &run;
    size_t run_n = 1;
    s.units = units;
    s.limits = &limit;
    s.converted = &no;
    s.assessed = &yes;
    s.rows = &bad.from;
    s.cells = &cell;
    s.whole = &none;
    s.runs = &runs;
    s.run_n = &run_n;
    json_t *j = yw_report_sheet_json(&s);
    const json_t *value =
        json_array_get(json_object_get(json_array_get(json_object_get(j, "rows"), 0), "values"), 0);
    assert_string_equal(json_string_value(json_object_get(value, "validity")), "invalid");
    assert_string_equal(
        json_string_value(json_object_get(json_array_get(json_object_get(value, "reasons"), 0), "zh")),
        "有效分钟数不足");
    json_decref(j);
    struct yw_report_print print = {.installation = "试验", .domain = "real", .by = "x", .base = ""};
    json_t *d = yw_report_sheet_document(&s, &print);
    char *text = json_dumps(d, 0);
    assert_non_null(strstr(text, "无效；有效分钟数不足"));
    free(text);
    json_decref(d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_worked_examples),
        cmocka_unit_test(test_an_air_outlet_is_spared_nothing),
        cmocka_unit_test(test_nothing_due_is_no_rate),
        cmocka_unit_test(test_more_valid_hours_never_lower_the_rate),
        cmocka_unit_test(test_runs_list_what_is_not_plain),
        cmocka_unit_test(test_periods),
        cmocka_unit_test(test_sums),
        cmocka_unit_test(test_amounts_used),
        cmocka_unit_test(test_rates_as_json),
        cmocka_unit_test(test_documents_carry_what_must_stand_on_them),
        cmocka_unit_test(test_a_bad_hour_has_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
