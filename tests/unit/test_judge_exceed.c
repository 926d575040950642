/* Verdicts against limits, shares, amounts, ambient air, conditions and plausibility: worked examples of
 * sections 3.4 and 4, and what must hold for any data. */
#include "judge_play.h"

#define SO2 "a21026"

enum { S = 0, O2 = 1, V = 2 }; /* factors of stack() */

/* A power plant: SO2 30 mg/m3 at 6 % oxygen, 100 m3/s dry. 30 * 360000 m3/h * 1e-6 = 10.8 kg/h. */
static struct play *stack(const char *day, size_t days) {
    struct play *p = play_new(YW_PROFILE_POWER, day, days);
    play_days(p, 1, (int)days, play_factor(p, SO2), 30);
    play_days(p, 1, (int)days, play_factor(p, "a19001"), 6);
    play_days(p, 1, (int)days, play_factor(p, "a00000"), 100);
    p->site.reference_oxygen = 6;
    return p;
}

/* 4.   hour value 120 against permit 35, local 50, national 100 and 200: permit, local, national 100 are
 * said, in that order; multiples 85/35, 70/50, 20/100. 200 is kept. The daily limit of 10 sees only the day:
 *      (23 * 30 + 120) / 24 = 33.75. */
static void permit_then_local_then_national(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-01", 1);
    play_set(p, 1, 10, 11, S, 120);
    play_limit(p, SO2, 200, YW_PERIOD_HOUR, YW_BASIS_NATIONAL);
    play_limit(p, SO2, 100, YW_PERIOD_HOUR, YW_BASIS_NATIONAL);
    play_limit(p, SO2, 50, YW_PERIOD_HOUR, YW_BASIS_LOCAL);
    play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_PERMIT);
    play_limit(p, SO2, 10, YW_PERIOD_DAY, YW_BASIS_PERMIT);
    play_run(p);
    static const struct {
        uint8_t basis;
        double held;
    } want[] = {{YW_BASIS_PERMIT, 35}, {YW_BASIS_LOCAL, 50}, {YW_BASIS_NATIONAL, 100}};
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_HOUR), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct yw_verdict *v = play_verdict(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_HOUR, i);
        assert_int_equal(v->basis, want[i].basis);
        play_near(v->held, want[i].held);
        play_near(v->multiple, (120 - want[i].held) / want[i].held);
        assert_true(v->counts);
    }
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_DAY), 1);
    play_near(play_verdict(p, YW_VERDICT_EXCEEDANCE, S, YW_PERIOD_DAY, 0)->value, 33.75);
    play_free(p);
}

/* 1.6  measured 30 at 9 % oxygen, reference 6: 30 * (21 - 6) / (21 - 9) = 37.5 > 35: only the converted limit
 */
static void a_converted_limit_holds_for_the_converted_value(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-01", 1);
    play_set(p, 1, 5, 6, O2, 9);
    play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_PERMIT)->converted = true;
    play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_NATIONAL);
    play_run(p);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 1);
    const struct yw_verdict *v = play_verdict(p, YW_VERDICT_EXCEEDANCE, S, 0, 0);
    play_near(v->value, 37.5);
    play_near(v->measured, 30);
    play_near(v->oxygen, 9);
    play_near(v->multiple, 2.5 / 35);
    play_free(p);
}

/* The border itself keeps the limit; so does what only a division has lifted above it. */
static void the_limit_itself_is_kept(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-01", 1);
    play_days(p, 1, 1, S, 35);
    play_set(p, 1, 3, 4, S, 35.1 - 0.1);
    play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_PERMIT);
    play_run(p);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 0);
    play_free(p);
}

/* A limit holds on its days: 50 until 10 November, 20 from the 11th on; 30 exceeds the second in 24 hours. */
static void limits_hold_on_their_days(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-10", 2);
    play_limit(p, SO2, 50, YW_PERIOD_HOUR, YW_BASIS_PERMIT)->valid_to = yw_china_day(play_time(p, 1, 0));
    play_limit(p, SO2, 20, YW_PERIOD_HOUR, YW_BASIS_PERMIT)->valid_from = yw_china_day(play_time(p, 2, 0));
    play_run(p);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 24);
    assert_true(play_verdict(p, YW_VERDICT_EXCEEDANCE, S, 0, 0)->from == play_time(p, 2, 0));
    play_free(p);
}

/* An unsure limit (R-), one that is off, or a rule that is off: shown, and accuses nobody. */
static void unsure_limits_accuse_nobody(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-01", 1);
    play_limit(p, SO2, 20, YW_PERIOD_DAY, YW_BASIS_NATIONAL)->confidence = YW_CONF_RECALLED;
    play_limit(p, SO2, 20, YW_PERIOD_DAY, YW_BASIS_LOCAL)->enabled = false;
    play_limit(p, SO2, 20, YW_PERIOD_DAY, YW_BASIS_PERMIT);
    struct yw_correction off = {.rule = "limits.permit", .value = NAN, .enabled = 0, .from = INT32_MIN};
    struct yw_error err = {0};
    if (yw_rules_correct(p->rules, &off, &err) != YW_OK) fail_msg("%s", err.text);
    play_run(p);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 3);
    for (size_t i = 0; i < 3; i++) {
        const struct yw_verdict *v = play_verdict(p, YW_VERDICT_EXCEEDANCE, -1, 0, i);
        assert_false(v->counts);
        assert_true(play_says(v, YW_REASON_RULE_OFF));
    }
    play_free(p);
}

/* Three hours of 120: the first marked as maintenance (not used), the second marked and disputed but counting
 * (kept, and said), the third marked late as maintenance: it keeps its effect, the mean says so. */
static void marked_data(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-01", 1);
    play_set(p, 1, 10, 13, S, 120);
    play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_PERMIT);
    play_mark(p, false, YW_EQUIP_MAINTENANCE, 1, 10, 1, 11);
    struct yw_mark *m = play_mark(p, false, YW_EQUIP_FAULT, 1, 11, 1, 12);
    m->counts = true;
    m->disputed = true;
    play_mark(p, false, YW_EQUIP_MAINTENANCE, 1, 12, 1, 13)->set_at = play_time(p, 1, 20);
    play_run(p);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 1);
    const struct yw_verdict *v = play_verdict(p, YW_VERDICT_EXCEEDANCE, S, 0, 0);
    assert_true(v->from == play_time(p, 1, 11));
    assert_int_equal(v->marking, YW_MARKING_DISPUTED);
    assert_true(v->counts);
    assert_int_equal(play_hour(p, 1, 10, S)->marking, YW_MARKING_INVALID);
    assert_false(play_has(play_hour(p, 1, 10, S), YW_REASON_MARK_LATE));
    assert_true(play_has(play_hour(p, 1, 12, S), YW_REASON_MARK_LATE));
    play_free(p);
}

/* 4.4  NH3-N 6.5 of a plant 1A, 5 (8): at 13 degC above 5: multiple 0.3; at 12 degC the bracket value holds.
 *      Nobody knows the temperature: shown, counts for nothing; 9 is above either. */
static void cold_water_has_the_bracket_value(void **state) {
    YW_UNUSED(state);
    const struct {
        double t, c;
        size_t verdicts;
        bool counts;
        double held;
    } rows[] = {{13, 6.5, 1, true, 5},
                {12, 6.5, 0, false, 0},
                {11, 8.5, 1, true, 8},
                {NAN, 6.5, 1, false, 5},
                {NAN, 9, 1, true, 5}};
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        struct play *p = play_new(YW_PROFILE_WASTE_WATER, "2026-11-01", 1);
        const uint8_t n = play_factor(p, "w21003"), t = play_factor(p, "w01010"),
                      q = play_factor(p, "w00000");
        play_days(p, 1, 1, n, rows[i].c), play_days(p, 1, 1, t, rows[i].t), play_days(p, 1, 1, q, 10);
        struct yw_site_limit *l = play_limit(p, "w21003", 5, YW_PERIOD_DAY, YW_BASIS_NATIONAL);
        l->cold_value = 8;
        l->cold_c = 12;
        play_run(p);
        if (play_count(p, YW_VERDICT_EXCEEDANCE, n, 0) != rows[i].verdicts) fail_msg("row %zu", i);
        if (rows[i].verdicts > 0) {
            const struct yw_verdict *v = play_verdict(p, YW_VERDICT_EXCEEDANCE, n, 0, 0);
            assert_int_equal(v->counts, rows[i].counts);
            play_near(v->held, rows[i].held);
        }
        play_free(p);
    }
}

/* 4.2  November has 720 hours. 36 above 35: 684/720 = 0.95 keeps; 37: 683/720 = 0.9486 does not. Five hours
 * of maintenance leave both sides: 37 of 715 above, 678/715 = 0.9483. */
static void ninety_five_percent_of_the_hours_of_a_month(void **state) {
    YW_UNUSED(state);
    static const struct {
        int above;
        bool marked;
        size_t verdicts;
        double value;
    } rows[] = {{36, false, 0, 0}, {37, false, 1, 683.0 / 720}, {37, true, 1, 678.0 / 715}};
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        struct play *p = stack("2026-11-01", 30);
        for (int h = 0; h < rows[i].above; h++) play_at(p, 1 + h / 24, h % 24, S)->avg = 40;
        struct yw_site_limit *l = play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_ULTRA_LOW);
        l->share = 0.95;
        l->converted = true;
        if (rows[i].marked) play_mark(p, false, YW_EQUIP_MAINTENANCE, 20, 0, 20, 5);
        play_run(p);
        assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 0); /* no single hour is judged by it */
        if (play_count(p, YW_VERDICT_SHARE, S, 0) != rows[i].verdicts) fail_msg("row %zu", i);
        if (rows[i].verdicts > 0) {
            const struct yw_verdict *v = play_verdict(p, YW_VERDICT_SHARE, S, YW_PERIOD_MONTH, 0);
            play_near(v->value, rows[i].value);
            play_near(v->held, 0.95);
        }
        p->now = play_time(p, 30, 23); /* a month that is not over is not judged */
        play_run(p);
        assert_int_equal(play_count(p, YW_VERDICT_SHARE, -1, 0), 0);
        play_free(p);
    }
}

/* Amounts: 10.8 kg/h * 720 h = 7.776 t in November. Permitted 7.776 t a month: kept; 7.2 t: 0.08 times over.
 */
static void permitted_amounts(void **state) {
    YW_UNUSED(state);
    for (int tight = 0; tight < 2; tight++) {
        struct play *p = stack("2026-11-01", 30);
        struct yw_site_amount *a = &p->site.amounts[p->site.amount_n++];
        *a = (struct yw_site_amount){.t = tight ? 7.2 : 7.776, .period = YW_PERIOD_MONTH};
        yw_copy(a->factor, sizeof a->factor, SO2, 6);
        play_run(p);
        assert_int_equal(play_count(p, YW_VERDICT_AMOUNT, -1, 0), tight);
        if (tight) {
            const struct yw_verdict *v = play_verdict(p, YW_VERDICT_AMOUNT, S, YW_PERIOD_MONTH, 0);
            play_near(v->value, 7.776);
            play_near(v->multiple, 0.08);
        }
        play_free(p);
    }
}

/* 4.6  O3: hours 0-9 40, 10-17 200, 18-23 60 ug/m3: the window 10-17 has 200; the day (400 + 1600 + 360) / 24
 * = 98.33. With 5 hours lost in the night, 19 valid hours make no day. */
static void ambient_air(void **state) {
    YW_UNUSED(state);
    struct play *p = play_new(YW_PROFILE_AMBIENT, "2026-11-01", 2);
    const uint8_t o3 = play_factor(p, "a05024");
    for (int d = 1; d <= 2; d++) {
        play_set(p, d, 0, 10, o3, 40);
        play_set(p, d, 10, 18, o3, 200);
        play_set(p, d, 18, 24, o3, 60);
    }
    play_set(p, 2, 0, 5, o3, NAN);
    play_limit(p, "a05024", 160, YW_PERIOD_8H, YW_BASIS_NATIONAL);
    play_limit(p, "a05024", 200, YW_PERIOD_HOUR, YW_BASIS_NATIONAL);
    play_run(p);
    const struct yw_mean *m = play_mean(p, YW_PERIOD_8H, 1, o3);
    play_near(m->mean, 200);
    assert_int_equal(m->valid, 17);
    play_near(play_mean(p, YW_PERIOD_DAY, 1, o3)->mean, 2360.0 / 24);
    assert_int_equal(play_mean(p, YW_PERIOD_DAY, 2, o3)->validity, YW_VALIDITY_INVALID);
    /* day 2: windows that begin at 0, 1 and 2 have only 3, 4 and 5 valid hours: 14 remain, just enough */
    m = play_mean(p, YW_PERIOD_8H, 2, o3);
    assert_int_equal(m->valid, 14);
    assert_int_equal(m->validity, YW_VALIDITY_VALID);
    assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), 2);
    play_near(play_verdict(p, YW_VERDICT_EXCEEDANCE, o3, YW_PERIOD_8H, 0)->multiple, 0.25);
    play_free(p);
}

/* 4.6  a year of 365 days: 324 valid ones make a yearly mean, 323 do not. PM2.5 of 324 days at 32 against 30
 * of the year: 2/30 over. */
static void an_ambient_year_needs_324_days(void **state) {
    YW_UNUSED(state);
    for (int days = 323; days <= 324; days++) {
        struct play *p = play_new(YW_PROFILE_AMBIENT, "2027-01-01", 365);
        const uint8_t pm = play_factor(p, "a34004");
        play_days(p, 1, days, pm, 32);
        play_limit(p, "a34004", 30, YW_PERIOD_YEAR, YW_BASIS_NATIONAL);
        play_run(p);
        const struct yw_mean *m = play_mean(p, YW_PERIOD_YEAR, 1, pm);
        assert_int_equal(m->validity, days == 324 ? YW_VALIDITY_VALID : YW_VALIDITY_INVALID);
        assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, pm, 0), days - 323);
        if (days == 324)
            play_near(play_verdict(p, YW_VERDICT_EXCEEDANCE, pm, YW_PERIOD_YEAR, 0)->multiple, 2.0 / 30);
        play_free(p);
    }
}

/* 3.4  start-up is judged and noted; a fault without a known quota is only annotated; with a quota of 2 h the
 *      first two of three hours are taken out, the third is judged. */
static void conditions_of_a_power_plant(void **state) {
    YW_UNUSED(state);
    for (int known = 0; known < 2; known++) {
        struct play *p = stack("2026-11-01", 1);
        play_days(p, 1, 1, S, 120);
        play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_PERMIT);
        play_mark(p, true, YW_COND_STARTUP, 1, 2, 1, 4);
        play_mark(p, true, YW_COND_FAULT, 1, 8, 1, 11);
        play_mark(p, true, YW_COND_STOPPED, 1, 20, 1, 24);
        struct yw_correction quota = {.rule = "marks.condition.power",
                                      .figure = "quota_h",
                                      .value = 2,
                                      .enabled = -1,
                                      .from = INT32_MIN};
        struct yw_error err = {0};
        if (known && yw_rules_correct(p->rules, &quota, &err) != YW_OK) fail_msg("%s", err.text);
        play_run(p);
        assert_int_equal(play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0), known ? 18 : 20);
        assert_true(play_hour(p, 1, 2, S)->transient && play_hour(p, 1, 2, S)->judged);
        assert_true(play_has(play_hour(p, 1, 8, S), known ? YW_REASON_CONDITION_MARK : YW_REASON_NO_QUOTA));
        assert_int_equal(play_hour(p, 1, 9, S)->exempt, known);
        assert_false(play_hour(p, 1, 10, S)->exempt);
        assert_int_equal(play_hour(p, 1, 21, S)->validity, YW_VALIDITY_STOPPED);
        play_free(p);
    }
}

/* Runs: hours 2-4 nothing at all; SO2 alone missing 6-9, of which a mark explains 6-7; the same 31.5 for
 * seven hours 12-18 (six ask for a look, unsure: counts for nothing); 310 of a range to 300 in hour 20;
 * oxygen 22 % in hour 21. */
static void what_asks_for_a_look(void **state) {
    YW_UNUSED(state);
    struct play *p = stack("2026-11-01", 1);
    p->site.factors[S].high = 300;
    for (int h = 0; h < 24; h++) play_at(p, 1, h, S)->avg = 30 + 0.1 * h;
    for (uint8_t f = 0; f < 3; f++) play_set(p, 1, 2, 5, f, NAN);
    play_set(p, 1, 6, 10, S, NAN);
    play_mark(p, false, YW_EQUIP_MAINTENANCE, 1, 6, 1, 8)->factors = 1u << S; /* explained */
    play_set(p, 1, 12, 19, S, 31.5);
    play_set(p, 1, 20, 21, S, 310);
    play_set(p, 1, 21, 22, O2, 22);
    play_run(p);
    static const struct {
        uint8_t kind;
        int factor, from, to;
        double value, held;
        bool counts;
    } want[] = {{YW_VERDICT_MISSING, 0xFF, 2, 5, 3, NAN, true},
                {YW_VERDICT_MISSING, S, 8, 10, 2, NAN, true},
                {YW_VERDICT_CONSTANT, S, 12, 19, 7, 6, false},
                {YW_VERDICT_OVER_RANGE, S, 20, 21, 310, 300, true},
                {YW_VERDICT_IMPOSSIBLE, O2, 21, 22, 22, 21.5, true}};
    for (size_t i = 0; i < YW_COUNT(want); i++) {
        const struct yw_verdict *v = play_verdict(p, want[i].kind, want[i].factor, 0, 0);
        if (v->from != play_time(p, 1, want[i].from) || v->to != play_time(p, 1, want[i].to))
            fail_msg("row %zu", i);
        play_near(v->value, want[i].value);
        play_near(v->held, want[i].held);
        assert_int_equal(v->counts, want[i].counts);
    }
    assert_int_equal(play_count(p, YW_VERDICT_MISSING, -1, 0), 2);
    assert_int_equal(play_count(p, YW_VERDICT_CONSTANT, -1, 0), 1);
    play_free(p);
}

/* ---- what holds for any data ---- */

static uint32_t roll(uint32_t *seed) {
    *seed = *seed * 1664525u + 1013904223u;
    return *seed >> 8;
}

static struct play *random_stack(uint32_t *seed) {
    struct play *p = stack("2026-11-01", 10);
    for (int h = 0; h < 240; h++) play_at(p, 1 + h / 24, h % 24, S)->avg = 15 + roll(seed) % 40;
    play_limit(p, SO2, 35, YW_PERIOD_HOUR, YW_BASIS_PERMIT);
    play_limit(p, SO2, 50, YW_PERIOD_HOUR, YW_BASIS_NATIONAL);
    return p;
}

/* More marks of whole hours never create an exceedance of an hour: those that are left were there before. */
static void more_marks_never_create_an_exceedance(void **state) {
    YW_UNUSED(state);
    uint32_t seed = 7;
    for (int round = 0; round < 12; round++) {
        struct play *p = random_stack(&seed);
        bool before[240] = {false};
        play_run(p);
        for (size_t i = 0; i < p->verdict_n; i++) {
            const struct yw_verdict *v = &p->verdicts[i];
            if (v->kind == YW_VERDICT_EXCEEDANCE && v->basis == YW_BASIS_PERMIT)
                before[(v->from - p->first) / YW_HOUR] = true;
        }
        size_t count = play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0);
        for (int m = 0; m < 10; m++) {
            const double from = roll(&seed) % 230, length = 1 + roll(&seed) % 9;
            const bool is_condition = roll(&seed) % 2 != 0;
            play_mark(p, is_condition, is_condition ? YW_COND_STOPPED : YW_EQUIP_FAULT, 1, from, 1,
                      from + length);
            play_run(p);
            const size_t now = play_count(p, YW_VERDICT_EXCEEDANCE, -1, 0);
            assert_true(now <= count);
            count = now;
            for (size_t i = 0; i < p->verdict_n; i++) {
                const struct yw_verdict *v = &p->verdicts[i];
                if (v->kind == YW_VERDICT_EXCEEDANCE) assert_true(before[(v->from - p->first) / YW_HOUR]);
            }
        }
        play_free(p);
    }
}

/* Marks and limits may come in any order; judging twice says the same. */
static void order_does_not_matter(void **state) {
    YW_UNUSED(state);
    uint32_t seed = 99;
    for (int round = 0; round < 6; round++) {
        struct play *p = random_stack(&seed);
        for (int m = 0; m < 8; m++) {
            const double from = roll(&seed) % 230;
            play_mark(p, false, YW_EQUIP_MAINTENANCE, 1, from, 1, from + 3);
        }
        play_run(p);
        const size_t n = p->verdict_n;
        struct yw_verdict *said = malloc((n + 1) * sizeof *said);
        assert_non_null(said);
        memcpy(said, p->verdicts, n * sizeof *said);
        for (size_t i = 0; i + 1 < p->site.mark_n; i++) {
            const size_t k = i + roll(&seed) % (p->site.mark_n - i);
            const struct yw_mark keep = p->site.marks[i];
            p->site.marks[i] = p->site.marks[k];
            p->site.marks[k] = keep;
        }
        const struct yw_site_limit keep = p->site.limits[0];
        p->site.limits[0] = p->site.limits[1];
        p->site.limits[1] = keep;
        play_run(p);
        assert_int_equal(p->verdict_n, n);
        for (size_t i = 0; i < n; i++) {
            assert_true(said[i].from == p->verdicts[i].from && said[i].kind == p->verdicts[i].kind);
            assert_true(said[i].held == p->verdicts[i].held || isnan(said[i].held));
        }
        free(said);
        play_free(p);
    }
}

static double wild(uint32_t *seed) {
    static const double odd[] = {0,   -0.0,     -5,        1e300, -1e300, 1e-300,
                                 NAN, INFINITY, -INFINITY, 20.99, 21,     9999.99};
    return roll(seed) % 9 == 0 ? odd[roll(seed) % YW_COUNT(odd)] : roll(seed) % 1000 / 10.0;
}

static void wild_marks_and_checks(struct play *p, uint32_t *seed) {
    for (int m = 0; m < 25; m++) {
        const bool is_condition = roll(seed) % 2 != 0;
        const uint8_t value = (uint8_t)(roll(seed) % (is_condition ? YW_COND_COUNT : YW_EQUIP_COUNT));
        const double from = roll(seed) % 900 / 10.0;
        struct yw_mark *k = play_mark(p, is_condition, value, 1, from, 1, from + roll(seed) % 80 / 10.0);
        k->disputed = roll(seed) % 5 == 0;
        k->counts = roll(seed) % 3 == 0;
        k->factors = roll(seed) % 2 != 0 ? 0 : 1 + roll(seed) % 7;
        k->set_at += (int64_t)(roll(seed) % 48) * YW_HOUR;
        k->id = 1 + roll(seed) % 20;
    }
    for (int c = 0; c < 10; c++) {
        const uint8_t kind = (uint8_t)(1 + roll(seed) % YW_CHECK_ENFORCEMENT);
        struct yw_check *k = play_check(p, p->site.factors[roll(seed) % p->site.factor_n].code, kind, 1,
                                        roll(seed) % 960 / 10.0);
        k->reading = wild(seed);
        k->nominal = wild(seed);
        k->said = (int8_t)((int)(roll(seed) % 3) - 1);
    }
}

/* Whatever comes, of every profile: what is invalid says why, and no verdict is said that its numbers do not
 * bear out. */
static void anything_at_all(void **state) {
    YW_UNUSED(state);
    static const char *const codes[] = {"a21026", "a34013", "a19001", "a00000", "a01901", "w01018",
                                        "w00000", "w01001", "w21003", "w21001", "w01010", "a05024"};
    uint32_t seed = 2026;
    for (int round = 0; round < 42; round++) {
        struct play *p = play_new((uint8_t)(1 + round % 7), "2026-11-28", 5);
        for (size_t f = 0; f < YW_COUNT(codes); f++) {
            const uint8_t i = play_factor(p, codes[f]);
            for (int h = 0; h < 120; h++) {
                struct yw_sample *v = play_at(p, 1, h, i);
                v->avg = wild(&seed);
                if (roll(&seed) % 6 == 0) yw_copy(v->flag, 3, &"NDFMCTBx?"[roll(&seed) % 9], 1);
                if (roll(&seed) % 9 == 0) v->cou = wild(&seed);
                if (roll(&seed) % 9 == 0) v->zs = wild(&seed);
            }
            for (uint8_t period = YW_PERIOD_HOUR; period <= YW_PERIOD_MONTH; period++) {
                struct yw_site_limit *l =
                    play_limit(p, codes[f], 5 + roll(&seed) % 60, period, (uint8_t)(1 + roll(&seed) % 4));
                l->converted = roll(&seed) % 2 != 0;
                if (roll(&seed) % 3 == 0) l->confidence = YW_CONF_RECALLED;
                if (roll(&seed) % 3 == 0) l->value_low = 6;
                if (roll(&seed) % 3 == 0) l->cold_value = l->value + 3, l->cold_c = 12;
            }
        }
        p->site.reference_oxygen = 11;
        p->now = play_time(p, 5, 7);
        wild_marks_and_checks(p, &seed);
        play_run(p);
        for (size_t i = 0; i < p->mean_n; i++) {
            const struct yw_mean *m = &p->means[i];
            if (m->validity == YW_VALIDITY_INVALID && m->reason_n == 0)
                fail_msg("%s %s is invalid and does not say why", yw_period_name(m->period),
                         codes[m->factor]);
            if (m->judged) assert_int_equal(m->validity, YW_VALIDITY_VALID);
            if (m->exempt) assert_false(m->judged);
        }
        for (size_t i = 0; i < p->verdict_n; i++) {
            const struct yw_verdict *v = &p->verdicts[i];
            assert_true(v->to > v->from || v->kind == YW_VERDICT_CHECK_FAILED);
            if (v->kind != YW_VERDICT_EXCEEDANCE) continue;
            assert_true(v->value > v->held || play_says(v, YW_REASON_BELOW_LIMIT));
            assert_true(v->to <= p->now);
            const struct yw_site_limit *l = &p->site.limits[v->limit];
            if (l->confidence == YW_CONF_RECALLED) assert_false(v->counts);
            assert_int_not_equal(l->basis, YW_BASIS_ULTRA_LOW);
        }
        play_free(p);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permit_then_local_then_national),
        cmocka_unit_test(a_converted_limit_holds_for_the_converted_value),
        cmocka_unit_test(the_limit_itself_is_kept),
        cmocka_unit_test(limits_hold_on_their_days),
        cmocka_unit_test(unsure_limits_accuse_nobody),
        cmocka_unit_test(marked_data),
        cmocka_unit_test(cold_water_has_the_bracket_value),
        cmocka_unit_test(ninety_five_percent_of_the_hours_of_a_month),
        cmocka_unit_test(permitted_amounts),
        cmocka_unit_test(ambient_air),
        cmocka_unit_test(an_ambient_year_needs_324_days),
        cmocka_unit_test(conditions_of_a_power_plant),
        cmocka_unit_test(what_asks_for_a_look),
        cmocka_unit_test(more_marks_never_create_an_exceedance),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(anything_at_all),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
