/* How long the rates of a year take: the judge.db of 1,000 outlets with four factors, eleven whole months as
 * their tallies and the month that is running as its hours; beside it the same figures from hours alone, over
 * the outlets that have those of the whole year. Prints JSON lines. */
#include "web/report_look.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { OUTLETS = 1000, WHOLE = 10, FACTORS = 4, RUNS = 5, MONTHS = 12, DAYS = 20 };
static const char *const codes[FACTORS] = {"a21026", "a21002", "a34013", "a19001"};

static void check(enum yw_code code, const struct yw_error *err) {
    if (code == YW_OK) return;
    fprintf(stderr, "bench report: %s\n", err->text);
    exit(1);
}

static int64_t china(int year, int month, int day) {
    struct yw_civil c = {.year = year, .month = month, .day = day};
    int64_t t = 0;
    (void)yw_time_from_civil(&c, YW_CHINA, &t);
    return t;
}

static uint8_t validity_of(int64_t hour, uint32_t outlet) {
    uint64_t x = ((uint64_t)(hour / YW_HOUR) * 2654435761u + outlet) % 100;
    return x < 2 ? YW_VALIDITY_NO_DATA : x < 4 ? YW_VALIDITY_INVALID : YW_VALIDITY_VALID;
}

static void fill_month(struct yw_judged *j, const struct yw_site *site, uint32_t outlet, int64_t from,
                       int64_t to, int64_t until, bool hours) {
    struct yw_error err = {0};
    for (uint8_t k = 0; k < FACTORS; k++) {
        struct yw_tally_row t = {.from = from, .to = to, .period = YW_PERIOD_MONTH, .factor = k};
        for (int64_t at = from; at < until; at += YW_HOUR) {
            struct yw_mean m = {.from = at, .to = at + YW_HOUR, .period = YW_PERIOD_HOUR, .factor = k};
            m.validity = validity_of(at, outlet);
            t.hours++;
            t.invalid += m.validity == YW_VALIDITY_INVALID;
            t.lost += m.validity == YW_VALIDITY_NO_DATA;
            t.valid += m.validity == YW_VALIDITY_VALID;
            m.mean = m.raw = 25;
            /* the first hour of the year tells since when records are owed */
            if (hours || (from == at && k == 0))
                check(yw_judged_put_hour(j, outlet, site, &m, &m, 0, &err), &err);
        }
        check(yw_judged_put_tallies(j, outlet, site, from, from, &t, 1, &err), &err);
    }
}

static void fill(const char *folder) {
    static struct yw_site site;
    struct yw_judged *j;
    struct yw_error err = {0};
    check(yw_judged_open(folder, NULL, false, &j, &err), &err);
    yw_site_init(&site, YW_PROFILE_FLUE_GAS);
    for (int k = 0; k < FACTORS; k++) yw_site_add_factor(&site, codes[k]);
    for (uint32_t o = 1; o <= OUTLETS; o++) {
        check(yw_judged_begin(j, &err), &err);
        for (int m = 1; m <= MONTHS; m++) {
            int64_t from = china(2025, m, 1), to = m < MONTHS ? china(2025, m + 1, 1) : china(2026, 1, 1);
            bool running = m == MONTHS;
            fill_month(j, &site, o, from, to, running ? from + DAYS * YW_DAY : to, running || o <= WHOLE);
        }
        check(yw_judged_commit(j, &err), &err);
    }
    yw_site_free(&site);
    yw_judged_close(j);
}

/* Milliseconds for `outlets` of them; sums into *valid what was counted. */
static double count(const struct yw_report_source *s, const struct yw_report_period *p, uint32_t outlets,
                    bool by_hours, uint8_t *room, uint64_t *valid) {
    struct yw_error err = {0};
    int64_t begin = yw_monotonic();
    *valid = 0;
    for (uint32_t id = 1; id <= outlets; id++) {
        struct yw_report_factor f[FACTORS];
        struct yw_report_hours h = {.hours = room};
        struct yw_report_outlet o = {.id = id, .factors = f, .factor_n = FACTORS};
        memset(f, 0, sizeof f);
        for (int k = 0; k < FACTORS; k++) memcpy(f[k].code, codes[k], 7);
        if (by_hours) {
            int64_t first;
            check(yw_report_first_hour(s, id, p->to, &first, &err), &err);
            check(yw_report_hours_read(s, id, p->from, p->to, first, 0, f, FACTORS, &h, &err), &err);
            for (int k = 0; k < FACTORS; k++) yw_report_count(h.hours + (size_t)k * h.n, h.n, &f[k].count);
        } else {
            check(yw_report_count_factors(s, p, &o, &h, &err), &err);
        }
        check(yw_report_amounts(s, id, p, f, FACTORS, &err), &err);
        for (int k = 0; k < FACTORS; k++) *valid += f[k].count.valid;
    }
    return (double)(yw_monotonic() - begin) / 1000;
}

static int drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    YW_UNUSED(st), YW_UNUSED(kind), YW_UNUSED(at);
    return remove(path);
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

int main(void) {
    char folder[] = "/tmp/yanwu-bench-report-XXXXXX";
    struct yw_error err = {0};
    struct yw_report_source s = {.now = china(2025, MONTHS, 1) + DAYS * YW_DAY};
    struct yw_report_period year;
    double all[RUNS], tallies[RUNS], hours[RUNS];
    uint64_t valid, slow, fast;
    uint8_t *room = malloc((size_t)366 * 24 * FACTORS);
    if (room == NULL || !mkdtemp(folder)) return 1;
    fill(folder);
    check(yw_judged_open(folder, NULL, true, &s.judged, &err), &err);
    check(yw_report_period_parse("year", "2025", s.now, &year, &err), &err);
    for (int i = 0; i < RUNS; i++) {
        all[i] = count(&s, &year, OUTLETS, false, room, &valid);
        tallies[i] = count(&s, &year, WHOLE, false, room, &fast);
        hours[i] = count(&s, &year, WHOLE, true, room, &slow);
        if (fast != slow) {
            fprintf(stderr, "bench report: the two ways do not count the same\n");
            return 1;
        }
    }
    yw_judged_close(s.judged);
    free(room);
    qsort(all, RUNS, sizeof *all, compare);
    qsort(tallies, RUNS, sizeof *tallies, compare);
    qsort(hours, RUNS, sizeof *hours, compare);
    double ratio = tallies[RUNS / 2] > 0 ? hours[RUNS / 2] / tallies[RUNS / 2] : 0;
    printf(
        "{\"bench\":\"report\",\"figure\":\"rates_of_a_year\",\"unit\":\"ms\",\"median\":%.6g,\"outlets\":%d,"
        "\"by_hours_ms\":%.6g,\"ratio_to_hours\":%.3g,\"runs\":[",
        all[RUNS / 2], OUTLETS, hours[RUNS / 2] * OUTLETS / WHOLE, ratio);
    for (int i = 0; i < RUNS; i++) printf("%s%.6g", i ? "," : "", all[i]);
    printf("]}\n");
    return nftw(folder, drop, 16, FTW_DEPTH | FTW_PHYS) == 0 ? 0 : 1;
}
