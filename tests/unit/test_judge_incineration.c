/* Waste incineration: worked examples of MEE order 10, each computed by hand in the table above it. */
#include "judge_play.h"

enum { S = 0, PM = 1, O2 = 2, T1 = 3, T2 = 4 }; /* factors of furnace() */

/* A furnace with SO2 70 and PM 10 mg/m3 at 11 % oxygen (so converted is as measured), two thermocouples. */
static struct play *furnace(const char *day, size_t days) {
    struct play *p = play_new(YW_PROFILE_INCINERATION, day, days);
    static const char *const codes[] = {"a21026", "a34013", "a19001", "a01901", "a01903"};
    static const double values[] = {70, 10, 11, 900, 900};
    for (size_t f = 0; f < YW_COUNT(codes); f++)
        play_days(p, 1, (int)days, play_factor(p, codes[f]), values[f]);
    p->site.reference_oxygen = 11;
    yw_copy(p->site.thermocouples[0], 13, "a01901", 6);
    yw_copy(p->site.thermocouples[1], 13, "a01903", 6);
    p->site.factors[T2].role = YW_ROLE_FURNACE;
    p->site.thermocouple_n = 2;
    return p;
}

static void warm(struct play *p) {
    for (int h = 0; h < 24 * (int)p->days; h++) {
        play_furnace(p, 1 + h / 24, h % 24, 0, 12, T1, 880);
        play_furnace(p, 1 + h / 24, h % 24, 0, 12, T2, 900);
    }
}

/* 3.3  blocks of a furnace, mean of two thermocouples, degC:
 *      T1   T2   furnace          below 850
 *      840  870  855              no
 *      830  860  845   5 blocks   yes: five are not more than five
 *      830  860  845   6 blocks   yes: more than five, lowest 845 */
static void more_than_five_cold_blocks_a_day(void **state) {
    YW_UNUSED(state);
    for (int cold = 5; cold <= 6; cold++) {
        struct play *p = furnace("2026-11-01", 1);
        warm(p);
        play_furnace(p, 1, 7, 0, 12, T1, 840), play_furnace(p, 1, 7, 0, 12, T2, 870);
        play_furnace(p, 1, 9, 0, cold, T1, 830), play_furnace(p, 1, 9, 0, cold, T2, 860);
        play_run(p);
        play_near(p->blocks[7 * 12].mean, 855);
        play_near(p->blocks[9 * 12].mean, 845);
        assert_int_equal(play_count(p, YW_VERDICT_TEMPERATURE, -1, 0), cold - 5);
        if (cold == 6) {
            const struct yw_verdict *v = play_verdict(p, YW_VERDICT_TEMPERATURE, T1, 0, 0);
            play_near(v->value, 6);
            play_near(v->held, 5);
            play_near(v->measured, 845);
            assert_true(v->from == play_time(p, 1, 0) && v->to == play_time(p, 2, 0));
            assert_true(v->counts);
        }
        play_free(p);
    }
}

/* 3.3  twelve cold blocks (08:00 to 09:00): a start-up mark over them, a thermocouple mark over one of the
 * two sensors, or a stop excuses; a mark of CEMS maintenance does not: it speaks of the gas analysers. */
static void marks_that_excuse_a_cold_furnace(void **state) {
    YW_UNUSED(state);
    const struct {
        bool is_condition;
        uint8_t value;
        uint64_t factors;
        size_t verdicts;
    } rows[] = {{true, YW_COND_STARTUP, 0, 0},
                {true, YW_COND_STOPPED, 0, 0},
                {true, YW_COND_GRID, 0, 1},
                {false, YW_EQUIP_THERMOCOUPLE, 1u << T2, 0},
                {false, YW_EQUIP_MAINTENANCE, 0, 1}};
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        struct play *p = furnace("2026-11-01", 1);
        warm(p);
        play_furnace(p, 1, 8, 0, 12, T1, 700), play_furnace(p, 1, 8, 0, 12, T2, 700);
        play_mark(p, rows[i].is_condition, rows[i].value, 1, 8, 1, 9)->factors = rows[i].factors;
        play_run(p);
        if (play_count(p, YW_VERDICT_TEMPERATURE, -1, 0) != rows[i].verdicts) fail_msg("row %zu", i);
        play_free(p);
    }
}

/* 3.3  SO2: 20 h * 70 + 4 h * 140 = 1960; / 24 = 81.666667 > 80: multiple 0.0208333.
 *      With 08:00 to 12:00 marked as start-up: 20 h * 70 / 20 = 70. No hour is proof, 140 > 100 or not. */
static void the_day_is_judged_without_exempt_hours(void **state) {
    YW_UNUSED(state);
    for (int marked = 0; marked < 2; marked++) {
        struct play *p = furnace("2026-11-01", 1);
        play_set(p, 1, 8, 12, S, 140);
        play_limit(p, "a21026", 80, YW_PERIOD_DAY, YW_BASIS_NATIONAL)->converted = true;
        play_limit(p, "a21026", 100, YW_PERIOD_HOUR, YW_BASIS_NATIONAL)->converted = true;
        if (marked) play_mark(p, true, YW_COND_STARTUP, 1, 8, 1, 12);
        play_run(p);
        const struct yw_mean *m = play_mean(p, YW_PERIOD_DAY, 1, S);
        assert_int_equal(m->validity, YW_VALIDITY_VALID);
        if (marked) {
            play_near(m->converted, 70);
            assert_int_equal(m->valid, 20);
            assert_int_equal(m->due, 20);
            assert_true(play_hour(p, 1, 9, S)->exempt);
            assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 0);
        } else {
            play_near(m->converted, 1960.0 / 24);
            const struct yw_verdict *v = play_verdict(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_DAY, 0);
            play_near(v->multiple, (1960.0 / 24 - 80) / 80);
            assert_true(v->counts);
            assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_HOUR), 4);
            v = play_verdict(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_HOUR, 0);
            assert_false(v->counts);
            assert_string_equal(yw_rules_at(p->rules, v->rule)->id, "order10.hour");
        }
        play_free(p);
    }
}

static const struct yw_tally_row *tally(const struct play *p, uint8_t period, uint8_t factor, size_t i) {
    for (size_t k = 0; k < p->tally_n; k++) {
        const struct yw_tally_row *t = &p->tallies[k];
        if (t->period == period && t->factor == factor && i-- == 0) return t;
    }
    fail_msg("no such tally");
    return NULL;
}

/* 3.3  golden budget of 60 h, in order of time:
 *      day  condition            hours  used before  exempt  judged
 *      1    start-up 0-24        24     0            24      0
 *      2    fault 0-24           24     24           24      0
 *      3    shut-down 0-12       12     48           12      12 (normal)
 *      4    accident 0-2         2      60           0       24: the budget is used up
 * A single fault of 24 h is noted from its fifth hour on. */
static void sixty_hours_in_order_of_time(void **state) {
    YW_UNUSED(state);
    struct play *p = furnace("2026-11-01", 5);
    /* given out of order: the calendar decides, not the list */
    play_mark(p, true, YW_COND_ACCIDENT, 4, 0, 4, 2);
    play_mark(p, true, YW_COND_SHUTDOWN, 3, 0, 3, 12);
    play_mark(p, true, YW_COND_STARTUP, 1, 0, 2, 0);
    play_mark(p, true, YW_COND_FAULT, 2, 0, 3, 0);
    play_run(p);
    static const unsigned exempt[] = {24, 24, 12, 0, 0};
    for (int d = 1; d <= 5; d++) {
        unsigned n = 0;
        for (int h = 0; h < 24; h++) n += play_hour(p, d, h, S)->exempt;
        if (n != exempt[d - 1]) fail_msg("day %d: %u hours exempt", d, n);
    }
    assert_true(play_has(play_hour(p, 3, 11, S), YW_REASON_BUDGET_60));
    assert_true(play_has(play_hour(p, 4, 0, S), YW_REASON_BUDGET_SPENT));
    assert_true(play_hour(p, 4, 0, S)->judged);
    assert_false(play_has(play_hour(p, 2, 3, S), YW_REASON_FAULT_TOO_LONG));
    assert_true(play_has(play_hour(p, 2, 4, S), YW_REASON_FAULT_TOO_LONG));
    play_near(tally(p, YW_PERIOD_YEAR, S, 0)->budget60_h, 60);
    play_near(tally(p, YW_PERIOD_YEAR, S, 0)->budget700_h, 0);
    play_free(p);
}

/* 3.3  the year ends between day 2 and day 3 (1 January 2027): 48 h are used, and 24 of the new year */
static void a_new_year_has_a_new_budget(void **state) {
    YW_UNUSED(state);
    struct play *p = furnace("2026-12-30", 3);
    play_mark(p, true, YW_COND_STARTUP, 1, 0, 4, 0);
    play_run(p);
    assert_true(play_hour(p, 3, 23, S)->exempt);
    play_near(tally(p, YW_PERIOD_YEAR, S, 0)->budget60_h, 48);
    play_near(tally(p, YW_PERIOD_YEAR, S, 1)->budget60_h, 24);
    play_free(p);
}

/* 3.3  drying 0-24 of 30 days = 720 h: 700 are exempt, day 30 from 04:00 on is judged (29 * 24 + 4 = 700).
 *      Hours 5 and 6 of day 1 with PM 160 > 150 are judged and use nothing: then until 06:00. */
static void seven_hundred_hours_while_pm_keeps_its_condition(void **state) {
    YW_UNUSED(state);
    for (int dusty = 0; dusty < 2; dusty++) {
        struct play *p = furnace("2026-11-01", 30);
        play_mark(p, true, YW_COND_DRYING, 1, 0, 31, 0);
        if (dusty) play_set(p, 1, 5, 7, PM, 160);
        play_run(p);
        const int last = dusty ? 6 : 4;
        assert_true(play_hour(p, 30, last - 1, S)->exempt);
        assert_false(play_hour(p, 30, last, S)->exempt);
        assert_true(play_has(play_hour(p, 30, last, S), YW_REASON_BUDGET_SPENT));
        if (dusty) {
            assert_true(play_has(play_hour(p, 1, 5, S), YW_REASON_PM_OVER));
            assert_true(play_hour(p, 1, 5, S)->judged);
        }
        play_near(tally(p, YW_PERIOD_YEAR, S, 0)->budget700_h, 700);
        play_free(p);
    }
}

/* 3.3  a stopped furnace is not judged and not due; it uses no budget */
static void a_stopped_furnace_is_not_judged(void **state) {
    YW_UNUSED(state);
    struct play *p = furnace("2026-11-01", 2);
    play_days(p, 1, 2, S, 200);
    play_limit(p, "a21026", 80, YW_PERIOD_DAY, YW_BASIS_NATIONAL)->converted = true;
    play_mark(p, true, YW_COND_STOPPED, 1, 0, 3, 0);
    play_run(p);
    assert_int_equal(play_mean(p, YW_PERIOD_DAY, 1, S)->validity, YW_VALIDITY_STOPPED);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 0);
    play_near(tally(p, YW_PERIOD_YEAR, S, 0)->budget60_h, 0);
    play_free(p);
}

/* 3.3  CEMS maintenance marks of the quarter: 16 h + 14 h = 30 h keep it, 16 h + 14.5 h do not. Two marks
 * over the same hours count once. */
static void thirty_hours_of_maintenance_a_quarter(void **state) {
    YW_UNUSED(state);
    for (int over = 0; over < 2; over++) {
        struct play *p = furnace("2026-10-01", 92);
        play_mark(p, false, YW_EQUIP_MAINTENANCE, 3, 8, 4, 0);
        play_mark(p, false, YW_EQUIP_MAINTENANCE, 3, 10, 3, 12);
        play_mark(p, false, YW_EQUIP_MAINTENANCE, 60, 1, 60, over ? 15.5 : 15);
        play_run(p);
        assert_int_equal(play_count(p, YW_VERDICT_MAINTENANCE_LONG, -1, 0), over);
        play_near(tally(p, YW_PERIOD_QUARTER, S, 0)->maintenance_h, over ? 30.5 : 30);
        if (over) {
            const struct yw_verdict *v = play_verdict(p, YW_VERDICT_MAINTENANCE_LONG, -1, 0, 0);
            play_near(v->value, 30.5);
            play_near(v->held, 30);
            assert_int_equal(v->factor, 0xFF);
        }
        play_free(p);
    }
}

/* 3.3  One fault of 4 h is allowed, 5 h are not; one over midnight is one; two of 3 h are two. */
static void a_fault_of_more_than_four_hours(void **state) {
    YW_UNUSED(state);
    struct play *p = furnace("2026-10-01", 6);
    play_mark(p, true, YW_COND_FAULT, 1, 2, 1, 6);
    play_mark(p, true, YW_COND_FAULT, 2, 2, 2, 7);
    play_mark(p, true, YW_COND_FAULT, 3, 21, 4, 3);
    play_mark(p, true, YW_COND_FAULT, 5, 1, 5, 4);
    play_mark(p, true, YW_COND_FAULT, 5, 6, 5, 9);
    play_run(p);
    assert_int_equal(play_count(p, YW_VERDICT_FAULT_LONG, -1, 0), 2);
    const struct yw_verdict *v = play_verdict(p, YW_VERDICT_FAULT_LONG, -1, 0, 0);
    play_near(v->value, 5);
    play_near(v->held, 4);
    assert_true(v->counts && v->factor == 0xFF && v->to - v->from == 5 * YW_HOUR);
    play_near(play_verdict(p, YW_VERDICT_FAULT_LONG, -1, 0, 1)->value, 6);
    play_free(p);
}

/* Judging the same hours again says the same, whatever the first time wrote into them. */
static void judging_again_says_the_same(void **state) {
    YW_UNUSED(state);
    struct play *p = furnace("2026-11-01", 4);
    play_mark(p, true, YW_COND_STARTUP, 1, 0, 4, 0);
    play_days(p, 1, 4, S, 95);
    play_limit(p, "a21026", 80, YW_PERIOD_DAY, YW_BASIS_NATIONAL)->converted = true;
    play_run(p);
    const size_t n = p->verdict_n;
    struct yw_verdict *before = malloc(n * sizeof *before);
    assert_non_null(before);
    memcpy(before, p->verdicts, n * sizeof *before);
    struct yw_error err = {0};
    struct yw_judge *j = yw_judge_create(p->rules, &p->site, &err);
    assert_non_null(j);
    struct yw_mean *hours = malloc(4 * 24 * p->site.factor_n * sizeof *hours);
    assert_non_null(hours);
    memcpy(hours, p->hours, 4 * 24 * p->site.factor_n * sizeof *hours);
    play_run(p);
    assert_int_equal(p->verdict_n, n);
    assert_true(n > 0);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(before[i].kind, p->verdicts[i].kind);
        assert_true(before[i].from == p->verdicts[i].from && before[i].value == p->verdicts[i].value);
    }
    const struct yw_judge_sink none = {0};
    assert_int_equal(yw_judge_stretch(j, hours, 4 * 24, NULL, 0, p->first, play_time(p, 5, 0), &none, &err),
                     YW_OK);
    for (size_t i = 0; i < 4 * 24 * p->site.factor_n; i++) {
        assert_int_equal(hours[i].exempt, p->hours[i].exempt);
        assert_int_equal(hours[i].judged, p->hours[i].judged);
        assert_int_equal(hours[i].reason_n, p->hours[i].reason_n);
    }
    free(hours);
    free(before);
    yw_judge_destroy(j);
    play_free(p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(more_than_five_cold_blocks_a_day),
        cmocka_unit_test(marks_that_excuse_a_cold_furnace),
        cmocka_unit_test(the_day_is_judged_without_exempt_hours),
        cmocka_unit_test(sixty_hours_in_order_of_time),
        cmocka_unit_test(a_new_year_has_a_new_budget),
        cmocka_unit_test(seven_hundred_hours_while_pm_keeps_its_condition),
        cmocka_unit_test(a_stopped_furnace_is_not_judged),
        cmocka_unit_test(thirty_hours_of_maintenance_a_quarter),
        cmocka_unit_test(a_fault_of_more_than_four_hours),
        cmocka_unit_test(judging_again_says_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
