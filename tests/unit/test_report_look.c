/* Counting the hours of a long period: whole months out of their tallies, to the same figures as hour by
 * hour. */
#include "web/report_look.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { OUTLETS = 3, FACTORS = 2 };
static const char *const codes[FACTORS] = {"a21026", "a21002"};
static char folder[64];
static struct yw_judged *judged;

static int64_t china(int year, int month, int day) {
    struct yw_civil c = {.year = year, .month = month, .day = day};
    int64_t t = 0;
    assert_true(yw_time_from_civil(&c, YW_CHINA, &t));
    return t;
}

/* Whatever the hour was, told by its number alone. */
static uint8_t validity_of(uint32_t outlet, int64_t hour, int factor) {
    uint64_t x = ((uint64_t)(hour / YW_HOUR) * 2654435761u + outlet * 97u + (unsigned)factor * 31u) % 97;
    return x < 5    ? YW_VALIDITY_NO_DATA
           : x < 9  ? YW_VALIDITY_INVALID
           : x < 20 ? YW_VALIDITY_STOPPED
                    : YW_VALIDITY_VALID;
}

/* Outlet 2 begins in the middle of March; outlet 3 has no tally of May. */
static void fill(const struct yw_site *site, uint32_t outlet) {
    int64_t first = outlet == 2 ? china(2025, 3, 14) : china(2025, 1, 1), now = china(2025, 11, 20);
    for (int month = 1; month <= 11; month++) {
        int64_t from = china(2025, month, 1), to = month < 12 ? china(2025, month + 1, 1) : now;
        for (uint8_t k = 0; k < FACTORS; k++) {
            struct yw_tally_row t = {.from = from, .to = to, .period = YW_PERIOD_MONTH, .factor = k};
            for (int64_t at = from; at < to && at < now; at += YW_HOUR) {
                struct yw_mean m = {.from = at, .to = at + YW_HOUR, .period = YW_PERIOD_HOUR, .factor = k};
                if (at < first) continue;
                m.validity = at == first ? YW_VALIDITY_VALID : validity_of(outlet, at, k);
                t.hours++;
                t.stopped += m.validity == YW_VALIDITY_STOPPED;
                t.invalid += m.validity == YW_VALIDITY_INVALID;
                t.lost += m.validity == YW_VALIDITY_NO_DATA;
                t.valid += m.validity == YW_VALIDITY_VALID;
                assert_int_equal(yw_judged_put_hour(judged, outlet, site, &m, &m, 0, NULL), YW_OK);
            }
            if (outlet == 3 && month == 5) continue;
            assert_int_equal(yw_judged_put_tallies(judged, outlet, site, from + k, from + k, &t, 1, NULL),
                             YW_OK);
        }
    }
}

static int make(void **state) {
    static struct yw_site site;
    YW_UNUSED(state);
    if (!scratch_make(folder, sizeof folder) || yw_judged_open(folder, NULL, false, &judged, NULL) != YW_OK)
        return -1;
    yw_site_init(&site, YW_PROFILE_FLUE_GAS);
    for (int k = 0; k < FACTORS; k++) yw_site_add_factor(&site, codes[k]);
    assert_int_equal(yw_judged_begin(judged, NULL), YW_OK);
    for (uint32_t o = 1; o <= OUTLETS; o++) fill(&site, o);
    assert_int_equal(yw_judged_commit(judged, NULL), YW_OK);
    yw_site_free(&site);
    return 0;
}

static int drop(void **state) {
    YW_UNUSED(state);
    yw_judged_close(judged);
    scratch_remove(folder);
    return 0;
}

/* As it is counted where no tally is asked. */
static void by_hours(const struct yw_report_source *s, const struct yw_report_period *p,
                     struct yw_report_outlet *o, uint8_t *room) {
    struct yw_report_hours h = {.hours = room};
    int64_t first;
    assert_int_equal(yw_report_first_hour(s, o->id, p->to, &first, NULL), YW_OK);
    assert_int_equal(
        yw_report_hours_read(s, o->id, p->from, p->to, first, o->spare, o->factors, o->factor_n, &h, NULL),
        YW_OK);
    for (size_t k = 0; k < o->factor_n; k++) yw_report_count(h.hours + k * h.n, h.n, &o->factors[k].count);
}

static void both_ways_count_the_same(void **state) {
    static const struct {
        const char *period, *at;
    } asked[] = {{"year", "2025"},     {"quarter", "2025-Q1"}, {"quarter", "2025-Q2"}, {"month", "2025-05"},
                 {"month", "2025-11"}, {"day", "2025-03-14"},  {"year", "2024"}};
    YW_UNUSED(state);
    uint8_t *room = malloc((size_t)366 * 24 * FACTORS);
    assert_non_null(room);
    struct yw_report_source s = {.judged = judged, .now = china(2025, 11, 20)};
    for (size_t i = 0; i < YW_COUNT(asked); i++) {
        struct yw_report_period p;
        assert_int_equal(yw_report_period_parse(asked[i].period, asked[i].at, s.now, &p, NULL), YW_OK);
        for (uint32_t id = 1; id <= OUTLETS; id++) {
            for (uint32_t spare = 0; spare < 2; spare++) {
                struct yw_report_factor a[FACTORS] = {0}, b[FACTORS] = {0};
                for (int k = 0; k < FACTORS; k++) {
                    memcpy(a[k].code, codes[k], 7);
                    memcpy(b[k].code, codes[k], 7);
                }
                struct yw_report_outlet fast = {.id = id, .factors = a, .factor_n = FACTORS, .spare = spare};
                struct yw_report_outlet slow = {.id = id, .factors = b, .factor_n = FACTORS, .spare = spare};
                struct yw_report_hours h = {.hours = room};
                assert_int_equal(yw_report_count_factors(&s, &p, &fast, &h, NULL), YW_OK);
                by_hours(&s, &p, &slow, room);
                for (int k = 0; k < FACTORS; k++)
                    assert_memory_equal(&a[k].count, &b[k].count, sizeof a[k].count);
                if (i == 0) assert_true(a[0].count.valid > 4000);
            }
        }
    }
    free(room);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(both_ways_count_the_same)};
    return cmocka_run_group_tests(tests, make, drop);
}
