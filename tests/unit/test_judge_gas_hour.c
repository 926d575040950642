/* Minutes to hours of flue gas. The numbers are worked out by hand in tests/data/judge/flue_gas.md; the
 * heading of the example is named at each test. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "judge_gas.h"

static struct gas g;
static struct gas_hour h;
static const char *const eight = "2026-11-23 08:00:00";

static int open_site(void **state) {
    YW_UNUSED(state);
    gas_open(&g, YW_PROFILE_FLUE_GAS);
    memset(&h, 0, sizeof h);
    return 0;
}

static int close_site(void **state) {
    YW_UNUSED(state);
    gas_close(&g);
    return 0;
}

/* 1.1 a: 45 valid minutes make an hour, 44 do not */
static void test_hour_needs_45_minutes(void **state) {
    YW_UNUSED(state);
    gas_fill(&h, gas_time(eight), 0, 45, 1);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_VALID);
    assert_int_equal(h.out[SO2].valid, 45);
    assert_near(h.out[SO2].mean, 40, 1e-12);
    assert_int_equal(h.out[SO2].reasons[0].code, YW_REASON_ENOUGH);
    assert_string_equal(yw_rules_at(g.rules, h.out[SO2].reasons[0].rule)->id, "hj75.hour");

    h.n = 0;
    gas_fill(&h, gas_time(eight), 0, 44, 1);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);
    assert_false(h.out[SO2].judged);
    assert_int_equal(h.out[SO2].reasons[0].code, YW_REASON_FEW_MINUTES);
    assert_near(h.out[SO2].reasons[0].figure, 44, 0);
    assert_near(gas_reason_of(&h.out[SO2], YW_REASON_NOT_MEASURED)->figure, 16, 0);
}

/* 1.1 b: a record of five or ten minutes stands for all of them */
static void test_longer_records(void **state) {
    YW_UNUSED(state);
    g.site.minute_interval = 5;
    gas_judge(&g);
    gas_fill(&h, gas_time(eight), 0, 45, 5);
    gas_run(&g, &h);
    assert_int_equal(h.n, 9);
    assert_int_equal(h.out[SO2].valid, 45);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_VALID);
    h.n = 8;
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 40);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);

    g.site.minute_interval = 10;
    gas_judge(&g);
    h.n = 0;
    gas_fill(&h, gas_time(eight), 0, 60, 10);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 60);
}

/* 1.1 c: real-time records make their minute's mean first */
static void test_real_time_records(void **state) {
    YW_UNUSED(state);
    g.site.minute_interval = 1;
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    struct yw_sample more[GAS_MOST];
    memcpy(more, h.samples[59], sizeof more);
    more[SO2].avg = 100; /* a second sample in the last minute: its mean is (40 + 100) / 2 = 70 */
    memcpy(h.samples[60], more, sizeof more);
    h.records[60] = h.records[59];
    h.records[60].time += 5 * YW_SECOND;
    h.records[60].samples = h.samples[60];
    h.n = 61;
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 60);
    assert_near(h.out[SO2].mean, (59 * 40 + 70) / 60.0, 1e-9);
    gas_flag(&h, 60, 61, SO2, "D"); /* one bad sample does not take the minute: the other is its mean */
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 60);
    assert_near(h.out[SO2].mean, 40, 1e-9);
    assert_false(gas_reason(&h.out[SO2], YW_REASON_FLAGGED));
}

/* 1.2 a: sixteen minutes of maintenance take the hour, fifteen do not */
static void test_maintenance_mark(void **state) {
    YW_UNUSED(state);
    int64_t hour = gas_time(eight);
    gas_fill(&h, hour, 0, 60, 1);
    gas_mark(&g, (struct yw_mark){.id = 1,
                                  .from = hour + 15 * YW_MINUTE,
                                  .to = hour + 30 * YW_MINUTE,
                                  .value = YW_EQUIP_MAINTENANCE,
                                  .factors = 1 << SO2});
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 45);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_VALID);
    assert_int_equal(h.out[SO2].marking, YW_MARKING_INVALID);
    assert_int_equal(h.out[SO2].equipment, YW_EQUIP_MAINTENANCE);
    assert_int_equal(h.out[O2].marking, YW_MARKING_NONE);
    g.site.marks[0].to += YW_MINUTE;
    gas_judge(&g);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 44);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);
    assert_near(gas_reason_of(&h.out[SO2], YW_REASON_EQUIPMENT_MARK)->figure, 16, 0);
    g.site.marks[0].counts = true; /* the unit says that the data stay valid */
    gas_judge(&g);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 60);
    assert_int_equal(h.out[SO2].marking, YW_MARKING_VALID);
}

/* 1.2 b: a stopped source is nobody's loss of data */
static void test_stopped(void **state) {
    YW_UNUSED(state);
    int64_t hour = gas_time(eight);
    gas_mark(
        &g, (struct yw_mark){
                .id = 1, .from = hour, .to = hour + YW_HOUR, .is_condition = true, .value = YW_COND_STOPPED});
    h.hour = hour;
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_STOPPED);
    assert_int_equal(h.out[SO2].condition, YW_COND_STOPPED);
    assert_int_equal(h.out[SO2].reasons[0].code, YW_REASON_STOPPED);
    /* twenty minutes stopped, forty valid: 40 < 45, and without the stop it could have been an hour */
    g.site.marks[0].to = hour + 20 * YW_MINUTE;
    gas_judge(&g);
    gas_fill(&h, hour, 0, 60, 1);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 40);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_STOPPED);
    /* twenty stopped, ten valid, thirty missing: 30 < 45, lost */
    h.n = 0;
    gas_fill(&h, hour, 20, 30, 1);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);
}

static void test_mark_versions_and_ranks(void **state) {
    YW_UNUSED(state);
    int64_t hour = gas_time(eight);
    gas_fill(&h, hour, 0, 60, 1);
    struct yw_mark mark = {.id = 7,
                           .version = 1,
                           .from = hour,
                           .to = hour + YW_HOUR,
                           .value = YW_EQUIP_CALIBRATION,
                           .automatic = true};
    gas_mark(&g, mark);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].equipment, YW_EQUIP_CALIBRATION);
    assert_int_equal(h.out[SO2].valid, 0);
    assert_near(h.out[SO2].raw, 40, 1e-12); /* shown, with the reason why it does not count */
    assert_true(isnan(h.out[SO2].mean));
    mark.id = 8; /* a manual window wins over the automatic one, whenever it was set */
    mark.automatic = false;
    mark.value = YW_EQUIP_FAULT;
    mark.counts = true;
    mark.set_at = hour - YW_HOUR;
    gas_mark(&g, mark);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].equipment, YW_EQUIP_FAULT);
    assert_int_equal(h.out[SO2].valid, 60);
    mark.version = 2; /* taken back: the automatic one holds again */
    mark.withdrawn = true;
    gas_mark(&g, mark);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].equipment, YW_EQUIP_CALIBRATION);
    assert_int_equal(h.out[SO2].valid, 0);
    g.site.marks[0].disputed = true;
    gas_judge(&g);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].marking, YW_MARKING_DISPUTED);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_DISPUTED));
}

/* A mark set after an exceedance was visible keeps its effect, and says so. */
static void test_late_mark(void **state) {
    YW_UNUSED(state);
    int64_t hour = gas_time(eight);
    struct yw_site_limit *l = &g.site.limits[g.site.limit_n++];
    *l = (struct yw_site_limit){.factor = "a21026",
                                .value = 35,
                                .value_low = NAN,
                                .period = YW_PERIOD_HOUR,
                                .converted = true,
                                .valid_from = INT32_MIN,
                                .valid_to = INT32_MAX};
    gas_fill(&h, hour, 0, 60, 1);
    struct yw_mark mark = {.id = 1, .from = hour, .to = hour + YW_HOUR, .value = YW_EQUIP_MAINTENANCE};
    mark.set_at = hour + 3 * YW_HOUR;
    gas_mark(&g, mark);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_MARK_LATE));
    l->value = 51; /* converted, the hour was 50: nothing was exceeded */
    gas_judge(&g);
    gas_run(&g, &h);
    assert_false(gas_reason(&h.out[SO2], YW_REASON_MARK_LATE));
    l->value = 35;
    g.site.marks[0].set_at = hour; /* said beforehand */
    gas_judge(&g);
    gas_run(&g, &h);
    assert_false(gas_reason(&h.out[SO2], YW_REASON_MARK_LATE));
}

/* 1.6 a: measured 40 at 9 % of oxygen is 50 at 6 %, and 8.64 kg of it go out in the hour */
static void test_conversion_and_emission(void **state) {
    YW_UNUSED(state);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    gas_run(&g, &h);
    assert_near(h.out[SO2].converted, 50, 1e-9);
    assert_near(h.out[SO2].flow_m3, 216000, 1e-6);
    assert_near(h.out[SO2].emission_kg, 8.64, 1e-9); /* of the measured value, not of the converted one */
    assert_near(h.out[O2].mean, 9, 1e-12);
}

/* 1.6 b: the guards of the conversion */
static void test_conversion_guards(void **state) {
    YW_UNUSED(state);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    for (size_t i = 0; i < h.n; i++) h.samples[i][O2].avg = 20.6;
    gas_run(&g, &h);
    assert_true(isnan(h.out[SO2].converted));
    assert_true(gas_reason(&h.out[SO2], YW_REASON_O2_NEAR_AIR));
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_VALID);
    for (size_t i = 0; i < h.n; i++) h.samples[i][O2].avg = 3;
    gas_run(&g, &h);
    assert_near(h.out[SO2].converted, 40 * 15 / 18.0, 1e-9);
    g.site.allow_down = false;
    gas_judge(&g);
    gas_run(&g, &h);
    assert_near(h.out[SO2].converted, 40, 1e-12);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_NO_DOWN));
    gas_flag(&h, 0, 20, O2, "D");
    gas_run(&g, &h);
    assert_int_equal(h.out[O2].validity, YW_VALIDITY_INVALID);
    assert_true(isnan(h.out[SO2].converted));
    assert_true(gas_reason(&h.out[SO2], YW_REASON_NO_O2));
}

/* 1.6 c: wet and at working conditions, minute by minute; then without moisture */
static void test_wet_and_actual(void **state) {
    YW_UNUSED(state);
    int t = (int)g.site.factor_n, p = t + 1, x = t + 2;
    assert_non_null(yw_site_add_factor(&g.site, "a01012"));
    assert_non_null(yw_site_add_factor(&g.site, "a01013"));
    assert_non_null(yw_site_add_factor(&g.site, "a01014"));
    g.site.factors[SO2].wet = g.site.factors[SO2].actual = true;
    g.site.barometric_pa = 100000;
    g.site.flow_is_standard_dry = false;
    gas_judge(&g);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    for (size_t i = 0; i < h.n; i++) {
        h.samples[i][SO2].avg = 24;
        h.samples[i][t].avg = 136.5;
        h.samples[i][p].avg = 1.325;            /* kPa */
        h.samples[i][x].avg = i % 2 ? 10 : NAN; /* every other minute takes the hour's moisture */
    }
    for (size_t i = 30; i < h.n; i++) h.samples[i][x].avg = 10;
    gas_run(&g, &h);
    assert_near(h.out[SO2].raw, 24, 1e-9);
    assert_near(h.out[SO2].mean, 40, 1e-6);        /* 24 * 1.5 / 0.9 */
    assert_near(h.out[SO2].flow_m3, 129600, 1e-3); /* 216000 / 1.5 * 0.9 */
    assert_near(h.out[SO2].emission_kg, 5.184, 1e-6);
    for (size_t i = 0; i < h.n; i++) h.samples[i][x].avg = NAN;
    gas_run(&g, &h);
    assert_near(h.out[SO2].mean, 24, 1e-9);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_NO_MOISTURE));
    assert_false(h.out[SO2].judged);
    assert_true(isnan(h.out[SO2].converted));
    assert_true(isnan(h.out[SO2].emission_kg));
}

/* 1.6 d: NO and NO2 apart are NOx as NO2 all the same */
static void test_nox(void **state) {
    YW_UNUSED(state);
    size_t nox = g.site.factor_n;
    assert_non_null(yw_site_add_factor(&g.site, "a21002"));
    assert_non_null(yw_site_add_factor(&g.site, "a21003"));
    assert_non_null(yw_site_add_factor(&g.site, "a21004"));
    g.site.factors[nox + 1].ppm = true; /* NO in umol/mol: 22.4 of it are 30.006 mg/m3 */
    gas_judge(&g);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    for (size_t i = 0; i < h.n; i++) {
        h.samples[i][nox + 1].avg = 22.4;
        h.samples[i][nox + 2].avg = 10;
    }
    gas_run(&g, &h);
    assert_near(h.out[nox + 1].mean, 30.006, 1e-9);
    assert_near(h.out[nox].mean, 56.005, 1e-9);
    assert_near(h.out[nox].converted, 56.005 * 15 / 12, 1e-9);
    assert_int_equal(h.out[nox].validity, YW_VALIDITY_VALID);
}

/* 1.7: start-up is judged, and noted */
static void test_transient(void **state) {
    YW_UNUSED(state);
    int64_t hour = gas_time(eight);
    gas_fill(&h, hour, 0, 60, 1);
    gas_mark(&g, (struct yw_mark){.id = 1,
                                  .from = hour + 30 * YW_MINUTE,
                                  .to = hour + 2 * YW_HOUR,
                                  .is_condition = true,
                                  .value = YW_COND_STARTUP});
    gas_run(&g, &h);
    assert_true(h.out[SO2].transient);
    assert_true(h.out[SO2].judged);
    assert_int_equal(h.out[SO2].condition, YW_COND_STARTUP);
    assert_int_equal(h.out[SO2].valid, 60);
    assert_near(gas_reason_of(&h.out[SO2], YW_REASON_TRANSIENT)->figure, 30, 0);
    assert_int_equal(h.out[SO2].marking, YW_MARKING_VALID);
}

/* 1.8: only N counts; what is unknown is kept and does not */
static void test_flags(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *flag;
        uint8_t validity, reason, equipment, condition;
    } table[] = {{"N", YW_VALIDITY_VALID, YW_REASON_ENOUGH, YW_EQUIP_NORMAL, YW_COND_NORMAL},
                 {"", YW_VALIDITY_VALID, YW_REASON_ENOUGH, YW_EQUIP_NORMAL, YW_COND_NORMAL},
                 {"F", YW_VALIDITY_STOPPED, YW_REASON_STOPPED, YW_EQUIP_NORMAL, YW_COND_STOPPED},
                 {"M", YW_VALIDITY_INVALID, YW_REASON_FLAGGED, YW_EQUIP_MAINTENANCE, YW_COND_NORMAL},
                 {"S", YW_VALIDITY_INVALID, YW_REASON_FLAGGED, YW_EQUIP_MANUAL, YW_COND_NORMAL},
                 {"D", YW_VALIDITY_INVALID, YW_REASON_FLAGGED, YW_EQUIP_FAULT, YW_COND_NORMAL},
                 {"C", YW_VALIDITY_INVALID, YW_REASON_FLAGGED, YW_EQUIP_CALIBRATION, YW_COND_NORMAL},
                 {"T", YW_VALIDITY_INVALID, YW_REASON_OVER_RANGE, YW_EQUIP_OVER_RANGE, YW_COND_NORMAL},
                 {"B", YW_VALIDITY_INVALID, YW_REASON_FLAGGED, YW_EQUIP_COMMUNICATION, YW_COND_NORMAL},
                 {"St", YW_VALIDITY_INVALID, YW_REASON_FLAGGED, YW_EQUIP_NORMAL, YW_COND_STARTUP},
                 {"Q", YW_VALIDITY_INVALID, YW_REASON_UNKNOWN_FLAG, YW_EQUIP_UNKNOWN, YW_COND_NORMAL},
                 {"n", YW_VALIDITY_INVALID, YW_REASON_UNKNOWN_FLAG, YW_EQUIP_UNKNOWN, YW_COND_NORMAL},
                 {"3", YW_VALIDITY_INVALID, YW_REASON_UNKNOWN_FLAG, YW_EQUIP_UNKNOWN, YW_COND_NORMAL}};
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        h.n = 0;
        gas_fill(&h, gas_time(eight), 0, 60, 1);
        gas_flag(&h, 0, 60, -1, table[i].flag);
        gas_run(&g, &h);
        assert_int_equal(h.out[SO2].validity, table[i].validity);
        assert_true(gas_reason(&h.out[SO2], table[i].reason));
        assert_int_equal(h.out[SO2].equipment, table[i].equipment);
        assert_int_equal(h.out[SO2].condition, table[i].condition);
    }
}

static void test_as_sent(void **state) {
    YW_UNUSED(state);
    h.hour = gas_time(eight);
    gas_own_hour(&h, 40, 9, 60)->zs = 50;
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_VALID);
    assert_true(h.out[SO2].as_sent);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_AS_SENT));
    assert_near(h.out[SO2].converted, 50, 1e-9);
    assert_near(h.out[SO2].sent_converted, 50, 1e-12);
    assert_near(h.out[SO2].emission_kg, 8.64, 1e-9);
    yw_copy(h.samples[0][SO2].flag, sizeof h.samples[0][SO2].flag, "D", 1);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);
}

/* The hour is whole by the device's own mean, and stays so while its minutes come in one by one. What is
 * wrong with a minute that came is not covered up. */
static void test_minutes_missing_beside_a_sent_hour(void **state) {
    YW_UNUSED(state);
    for (unsigned minutes = 0; minutes <= 60; minutes++) {
        h.n = 0;
        h.hour = gas_time(eight);
        gas_own_hour(&h, 41, 9, 60);
        gas_fill(&h, gas_time(eight), 0, minutes, 1);
        gas_run(&g, &h);
        assert_int_equal(h.out[SO2].validity, YW_VALIDITY_VALID);
        assert_int_equal(h.out[SO2].as_sent, minutes < 45);
        assert_near(h.out[SO2].mean, minutes < 45 ? 41 : 40, 1e-9);
    }
    h.n = 0;
    gas_own_hour(&h, 41, 9, 60);
    gas_fill(&h, gas_time(eight), 0, 30, 1);
    gas_flag(&h, 1, 2, SO2, "D");
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_INVALID);
}

/* 1.6 b: without oxygen the device's converted value is taken, but never the 9999.99 that says there is none
 */
static void test_converted_as_sent(void **state) {
    YW_UNUSED(state);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    for (size_t i = 0; i < h.n; i++) {
        h.samples[i][O2].avg = NAN;
        h.samples[i][SO2].zs = i < 10 ? 9999.99 : 50;
    }
    gas_run(&g, &h);
    assert_near(h.out[SO2].converted, 50, 1e-9);
    assert_true(gas_reason(&h.out[SO2], YW_REASON_CONVERTED_AS_SENT));
    for (size_t i = 0; i < h.n; i++) h.samples[i][SO2].zs = 9999.99;
    gas_own_hour(&h, 40, NAN, 60)->zs = 9999.99;
    gas_run(&g, &h);
    assert_true(isnan(h.out[SO2].converted));
    assert_true(isnan(h.out[SO2].sent_converted));
    assert_true(gas_reason(&h.out[SO2], YW_REASON_O2_NEAR_AIR));
    h.records[0] = h.records[60]; /* the device's own hour alone */
    h.n = 1;
    gas_run(&g, &h);
    assert_true(h.out[SO2].as_sent);
    assert_true(isnan(h.out[SO2].converted));
    assert_true(gas_reason(&h.out[SO2], YW_REASON_O2_NEAR_AIR));
}

static void test_differs_from_sent(void **state) {
    YW_UNUSED(state);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    gas_own_hour(&h, 40.4, 9, 60); /* 1 % exactly */
    gas_run(&g, &h);
    assert_false(h.out[SO2].as_sent);
    assert_near(h.out[SO2].sent, 40.4, 1e-12);
    assert_false(gas_reason(&h.out[SO2], YW_REASON_DIFFERS));
    h.samples[60][SO2].avg = 40.5; /* 1.25 % */
    gas_run(&g, &h);
    assert_near(h.out[SO2].mean, 40, 1e-12);
    assert_near(gas_reason_of(&h.out[SO2], YW_REASON_DIFFERS)->figure, 1.25, 1e-5);
}

static void test_nothing_and_nan(void **state) {
    YW_UNUSED(state);
    h.hour = gas_time(eight);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_NO_DATA);
    assert_true(isnan(h.out[SO2].mean));
    assert_int_equal(h.out[SO2].reasons[0].code, YW_REASON_NOT_MEASURED);
    gas_fill(&h, gas_time(eight), 0, 60, 1);
    for (size_t i = 0; i < h.n; i++) h.samples[i][SO2].avg = i % 2 ? NAN : INFINITY;
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].validity, YW_VALIDITY_NO_DATA);
    assert_int_equal(h.out[O2].validity, YW_VALIDITY_VALID);
}

int main(void) {
    const struct CMUnitTest tests[] = {
#define T(name) cmocka_unit_test_setup_teardown(name, open_site, close_site)
        T(test_hour_needs_45_minutes),
        T(test_longer_records),
        T(test_real_time_records),
        T(test_maintenance_mark),
        T(test_stopped),
        T(test_mark_versions_and_ranks),
        T(test_late_mark),
        T(test_conversion_and_emission),
        T(test_conversion_guards),
        T(test_wet_and_actual),
        T(test_nox),
        T(test_transient),
        T(test_flags),
        T(test_as_sent),
        T(test_minutes_missing_beside_a_sent_hour),
        T(test_differs_from_sent),
        T(test_nothing_and_nan),
        T(test_converted_as_sent),
#undef T
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
