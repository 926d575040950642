/* Operation: what ran when, and the leads that follow. Each case is small enough to be counted by hand. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/operation.h"

enum { HOURS = 48, FACTORS = 4, UNITS = 2 };
static struct yw_rules *rules;
static struct yw_site site;
static struct yw_unit_hour units[HOURS * UNITS];
static struct yw_mean hours[HOURS * FACTORS];
static struct yw_verdict found[16];
static size_t found_n;
static int64_t first;

static int setup(void **state) {
    YW_UNUSED(state);
    struct yw_error err = {0};
    if (yw_rules_load(&rules, &err) != YW_OK) fail_msg("%s", err.text);
    return yw_time_parse("2026-11-03", 10, &first) ? 0 : 1;
}

static int teardown(void **state) {
    YW_UNUSED(state);
    yw_rules_destroy(rules);
    return 0;
}

static void take(void *arg, const struct yw_verdict *v) {
    YW_UNUSED(arg);
    assert_true(found_n < YW_COUNT(found));
    found[found_n++] = *v;
}

/* boiler (p1) at 10 and scrubber (p2) at 3 run all the time; flow 100, oxygen 8. */
static void begin(const char *more) {
    char text[2000];
    struct yw_error err = {0};
    snprintf(text, sizeof text,
             "site: x\nprofile: power\nfactors: {a00000: {}, a19001: {}}\n"
             "units:\n  - {id: boiler, factor: p1, running_above: 5}\n"
             "  - {id: scrubber, factor: p2, running_above: 1, treatment: yes, serves: boiler}\n%s",
             more);
    if (yw_site_from_yaml(text, strlen(text), rules, &site, &err) != YW_OK) fail_msg("%s", err.text);
    assert_int_equal(site.factor_n, FACTORS);
    const uint64_t all = (UINT64_C(1) << 60) - 1;
    for (size_t h = 0; h < HOURS; h++) {
        int64_t t = first + (int64_t)h * YW_HOUR;
        units[h * UNITS] = (struct yw_unit_hour){.hour = t, .known = all, .running = all, .mean = 10};
        units[h * UNITS + 1] = (struct yw_unit_hour){.hour = t, .known = all, .running = all, .mean = 3};
        for (size_t f = 0; f < FACTORS; f++)
            hours[h * FACTORS + f] = (struct yw_mean){.from = t, .to = t + YW_HOUR, .raw = NAN, .mean = NAN};
        hours[h * FACTORS].raw = 100;
        hours[h * FACTORS + 1].raw = 8;
    }
}

static void judge(void) {
    struct yw_judge_sink sink = {.verdict = take};
    found_n = 0;
    yw_operation_judge(rules, &site, units, hours, HOURS, first, first, first + HOURS * YW_HOUR, &sink);
    yw_site_free(&site);
}

static void minutes_are_counted_as_they_came(void **state) {
    YW_UNUSED(state);
    begin("minute_interval: 5\n");
    struct yw_sample samples[3][FACTORS];
    struct yw_sample_record records[3];
    const double boiler[] = {10, 4, 6};
    int p1 = yw_site_factor(&site, "p1");
    for (size_t i = 0; i < 3; i++) {
        for (size_t f = 0; f < FACTORS; f++) samples[i][f] = (struct yw_sample){.avg = NAN};
        samples[i][p1].avg = boiler[i];
        samples[i][p1].flag[0] = 'D'; /* a meter that is flagged still shows that something runs */
        records[i] = (struct yw_sample_record){
            .time = first + (int64_t)i * 5 * YW_MINUTE, .period = YW_PERIOD_MINUTE, .samples = samples[i]};
    }
    struct yw_unit_hour out[UNITS];
    yw_operation_hour(&site, first, records, 3, out);
    assert_true(out[0].known == 0x7FFF);
    assert_true(out[0].running == (0x1F | 0x1F << 10));
    assert_float_equal(out[0].mean, 20.0 / 3, 1e-12);
    assert_true(out[1].known == 0 && isnan(out[1].mean));
    yw_site_free(&site);
}

static void production_without_treatment_is_one_lead_for_a_run_of_hours(void **state) {
    YW_UNUSED(state);
    begin("");
    units[9 * UNITS + 1].running = 0;                                /* 60 minutes */
    units[10 * UNITS + 1].running &= ~(uint64_t)0xFFFFF;             /* 20 */
    units[12 * UNITS + 1].running &= ~(uint64_t)0x3FF;               /* 10: below the figure */
    units[14 * UNITS + 1].running = units[14 * UNITS + 1].known = 0; /* nothing known: nothing said */
    judge();
    assert_int_equal(found_n, 1);
    assert_int_equal(found[0].kind, YW_VERDICT_POWER);
    assert_float_equal(found[0].value, 80, 0);
    assert_true(found[0].from == first + 9 * YW_HOUR && found[0].to == first + 11 * YW_HOUR);
    assert_false(found[0].counts); /* its figures are settings, R- */
    assert_int_equal(found[0].reasons[0].code, YW_REASON_RULE_OFF);
}

static void a_stop_mark_is_held_against_units_flow_and_oxygen(void **state) {
    YW_UNUSED(state);
    static const char mark[] =
        "marks: [{from: 2026-11-03 12:00, to: 2026-11-03 15:00, condition: stopped}]\n";
    begin(mark);
    judge();
    assert_int_equal(found_n, 3); /* the boiler; flow 100 > 30; oxygen 8 < 16 */
    assert_float_equal(found[0].value, 10, 0);
    assert_float_equal(found[0].held, 5, 0);
    assert_float_equal(found[1].value, 100, 0);
    assert_float_equal(found[1].held, 30, 1e-9);
    assert_float_equal(found[2].held, 16, 0);
    /* it does stand still */
    begin(mark);
    for (size_t h = 12; h < 15; h++) {
        units[h * UNITS].running = 0;
        hours[h * FACTORS].raw = 5;
        hours[h * FACTORS + 1].raw = 20.9;
    }
    judge();
    assert_int_equal(found_n, 0);
    /* withdrawn by a later version: nothing to hold */
    begin("marks:\n  - {id: 1, from: 2026-11-03 12:00, to: 2026-11-03 15:00, condition: stopped}\n"
          "  - {id: 1, version: 2, from: 2026-11-03 12:00, to: 2026-11-03 15:00, condition: stopped, "
          "withdrawn: yes}\n");
    judge();
    assert_int_equal(found_n, 0);
}

static void a_plan_is_held_against_the_days_before(void **state) {
    YW_UNUSED(state);
    static const char plan[] =
        "plans: [{from: 2026-11-04 00:00, to: 2026-11-05 00:00, power_share: 0.5, flow_share: 0.9}]\n";
    begin(plan);
    judge();
    assert_int_equal(found_n, 2); /* power 10 above 5; flow 100 above 90 by 11 % */
    assert_int_equal(found[0].kind, YW_VERDICT_HEAVY_POLLUTION);
    assert_float_equal(found[0].held, 5, 0);
    assert_float_equal(found[1].held, 90, 1e-9);
    begin(plan);
    for (size_t h = 24; h < 48; h++)
        units[h * UNITS].mean = 5.4, hours[h * FACTORS].raw = 98; /* within a tenth */
    judge();
    assert_int_equal(found_n, 0);
    begin(plan); /* one hour of the day before is not known: 23 are too few to say what is usual */
    units[3 * UNITS].mean = NAN;
    hours[3 * FACTORS].raw = NAN;
    judge();
    assert_int_equal(found_n, 0);
    begin("plans: [{from: 2026-11-04 00:00, to: 2026-11-05 00:00, stop: yes}]\n");
    judge();
    assert_int_equal(found_n, 2); /* the boiler ran, and flow was above 0.3 of the usual */
}

static void values_of_elsewhere_hold_their_time(void **state) {
    YW_UNUSED(state);
    const struct yw_site_unit pump = {.records = YW_UNIT_FACILITY};
    struct yw_unit_hour h = {.hour = first, .mean = NAN};
    yw_operation_hold(&pump, first - 30 * YW_MINUTE, first + 10 * YW_MINUTE, 1,
                      &h); /* runs: minutes 0 to 9 */
    yw_operation_hold(&pump, first + 10 * YW_MINUTE, first + 20 * YW_MINUTE, 0, &h); /* stands: 10 to 19 */
    yw_operation_hold(&pump, first + 20 * YW_MINUTE, first + 3 * YW_HOUR, 4, &h);    /* alarm: 20 to 59 */
    yw_operation_hold(&pump, first + YW_HOUR, first + 2 * YW_HOUR, 0, &h);           /* another hour */
    yw_operation_hold(&pump, first, first + YW_HOUR, NAN, &h);
    assert_true(h.known == (UINT64_C(1) << 60) - 1);
    assert_int_equal(__builtin_popcountll(h.running), 50);
    assert_true(h.alarm == (((UINT64_C(1) << 40) - 1) << 20));
    assert_true(fabs(h.mean - (10 * 1 + 10 * 0 + 40 * 4) / 60.0) < 1e-9);
}

/* Two facilities off line: pump told at 00:10 (runs) and 00:40 (stands), then nothing; fan ran all the day
 * before. */
static void a_state_of_a_row_holds_until_the_next(void **state) {
    YW_UNUSED(state);
    struct yw_error err = {0};
    static const char text[] =
        "site: x\nprofile: power\nfactors: {SB1: {}, SB2: {}}\n"
        "units: [{id: pump, factor: SB1, field: RS}, {id: fan, factor: SB2, field: RT}]\n";
    if (yw_site_from_yaml(text, sizeof text - 1, rules, &site, &err) != YW_OK) fail_msg("%s", err.text);
    struct yw_sample samples[3][2];
    struct yw_sample_record records[3];
    const int64_t at[] = {0, 10, 40};
    const double pump[] = {NAN, 1, 0}, fan[] = {24, NAN, NAN};
    for (size_t i = 0; i < 3; i++) {
        samples[i][yw_site_factor(&site, "SB1")] = (struct yw_sample){.avg = pump[i]};
        samples[i][yw_site_factor(&site, "SB2")] = (struct yw_sample){.avg = fan[i]};
        records[i] = (struct yw_sample_record){
            .time = first + at[i] * YW_MINUTE, .period = YW_PERIOD_MINUTE, .samples = samples[i]};
    }
    struct yw_unit_hour out[3 * 2];
    yw_operation_states(rules, &site, records, 3, first, 3, out);
    assert_int_equal(__builtin_popcountll(out[0].known), 50);
    assert_int_equal(__builtin_popcountll(out[0].running), 30);
    assert_int_equal(__builtin_popcountll(out[2].known), 60);
    assert_int_equal(__builtin_popcountll(out[4].known), 10); /* 90 minutes after 00:40 */
    assert_int_equal(__builtin_popcountll(out[5].running), 60);
    double value;
    assert_false(yw_operation_runtime(&site.units[1], 12, &value));
    assert_true(yw_operation_runtime(&site.units[1], 0, &value) && value == 0);
    yw_site_free(&site);
}

static void states_are_no_power_and_units_of_elsewhere_no_factors(void **state) {
    YW_UNUSED(state);
    struct yw_error err = {0};
    static const char text[] =
        "site: x\nprofile: power\nfactors: {a00000: {}}\n"
        "units:\n  - {id: boiler, factor: e30101, outlet: DA009}\n  - {id: fan, factor: SB2, field: RT}\n"
        "  - {id: pump, factor: SB1, field: RS, treatment: yes}\n  - {id: mill, factor: e30102}\n";
    if (yw_site_from_yaml(text, sizeof text - 1, rules, &site, &err) != YW_OK) fail_msg("%s", err.text);
    assert_int_equal(site.factor_n, 2); /* a00000, and e30102, which is its own */
    assert_string_equal(site.units[0].outlet, "DA009");
    assert_int_equal(site.units[0].records, YW_UNIT_VALUES);
    assert_int_equal(site.units[1].records, YW_UNIT_RUNTIME);
    assert_int_equal(site.units[2].records, YW_UNIT_FACILITY);
    yw_site_free(&site);
    static const char bad[] = "site: x\nprofile: power\nunits: [{id: a, factor: SB1, records: today}]\n";
    assert_int_not_equal(yw_site_from_yaml(bad, sizeof bad - 1, rules, &site, &err), YW_OK);
    assert_non_null(strstr(err.text, "values facility runtime"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(minutes_are_counted_as_they_came),
        cmocka_unit_test(values_of_elsewhere_hold_their_time),
        cmocka_unit_test(a_state_of_a_row_holds_until_the_next),
        cmocka_unit_test(states_are_no_power_and_units_of_elsewhere_no_factors),
        cmocka_unit_test(production_without_treatment_is_one_lead_for_a_run_of_hours),
        cmocka_unit_test(a_stop_mark_is_held_against_units_flow_and_oxygen),
        cmocka_unit_test(a_plan_is_held_against_the_days_before),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
