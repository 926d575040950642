/* Episodes of alarms: tables by hand, and what must hold whatever the points are. */
#include "alarm/alarm.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

enum { MOST = 64 };
static const struct yw_alarm_rule usual = {
    .end_after = 2 * YW_HOUR, .join = 2 * YW_HOUR, .points = 1, .severity = YW_SEVERITY_ATTENTION};

/* One letter an hour: B above the limit, g in order, m marked (suppressed), M bad but marked, . nothing. */
static size_t points_of(const char *hours, struct yw_alarm_point *out) {
    size_t n = 0;
    for (size_t i = 0; hours[i] != '\0'; i++) {
        if (hours[i] == '.') continue;
        struct yw_alarm_point *p = &out[n++];
        *p = (struct yw_alarm_point){.outlet = 7,
                                     .kind = YW_VERDICT_EXCEEDANCE,
                                     .factor = "a21026",
                                     .basis = 1,
                                     .period = 3,
                                     .from = (int64_t)i * YW_HOUR,
                                     .to = (int64_t)(i + 1) * YW_HOUR,
                                     .bad = hours[i] == 'B' || hours[i] == 'M',
                                     .suppressed = hours[i] == 'm' || hours[i] == 'M',
                                     .value = 50 + (double)i,
                                     .held = 50,
                                     .multiple = (double)i / 50};
    }
    return n;
}

/* "0-3 6-7!" : episodes by hour, ! open. */
static void check(const char *hours, const struct yw_alarm_rule *rule, int64_t now_h, const char *expect) {
    struct yw_alarm_point points[MOST];
    struct yw_episode e[MOST];
    char text[200] = "";
    size_t n = yw_episodes(points, points_of(hours, points), rule, now_h * YW_HOUR, e, MOST), at = 0;
    for (size_t i = 0; i < n; i++) {
        at += (size_t)snprintf(text + at, sizeof text - at, "%s%d-%d%s", i > 0 ? " " : "",
                               (int)(e[i].from / YW_HOUR), (int)(e[i].to / YW_HOUR), e[i].open ? "!" : "");
    }
    if (strcmp(text, expect) != 0) print_error("%s at %d h\n", hours, (int)now_h);
    assert_string_equal(text, expect);
}

static void the_table(void **state) {
    (void)state;
    struct yw_alarm_rule two = usual, quick = usual;
    two.points = 2;
    quick.end_after = YW_HOUR;
    quick.join = 0;
    check("", &usual, 10, "");
    check("gggg", &usual, 10, "");
    check("B", &usual, 1, "0-1!");
    check("B", &usual, 3, "0-1!"); /* two hours quiet: not more than two */
    check("B", &usual, 4, "0-1");
    check("BBB", &usual, 3, "0-3!");
    check("BgB", &usual, 3, "0-3!");      /* one hour in order does not end it */
    check("BggB", &usual, 4, "0-1 3-4!"); /* two do */
    check("B.gB", &usual, 4, "0-4!");
    check("B...B", &usual, 5, "0-1 4-5!"); /* three hours of nothing part it */
    check("B..B", &usual, 4, "0-4!");
    check("BmmmmB", &usual, 6, "0-6!"); /* marked time waits */
    check("BmmmmggB", &usual, 8, "0-1 7-8!");
    check("MMM", &usual, 3, ""); /* marked: opens nothing */
    check("MMB", &usual, 3, "2-3!");
    check("BMM", &usual, 8, "0-1");
    check("BgBgB", &quick, 5, "0-1 2-3 4-5!");
    check("BgB", &two, 3, ""); /* not in a row */
    check("BB", &two, 2, "0-2!");
    check("B..B", &two, 4, "0-4!");
    check("B...BB", &two, 6, "4-6!");
}

static void the_worst_point_is_kept(void **state) {
    (void)state;
    struct yw_alarm_point p[MOST];
    struct yw_episode e[2];
    size_t n = points_of("BBB", p);
    p[1].multiple = 3;
    p[1].value = 200;
    assert_int_equal(yw_episodes(p, n, &usual, 3 * YW_HOUR, e, 2), 1);
    assert_true(e[0].worst == 200 && e[0].multiple == 3 && e[0].worst_at == YW_HOUR);
    assert_int_equal(e[0].points, 3);
    assert_int_equal(e[0].severity, YW_SEVERITY_ATTENTION);
    /* Without a multiple (pH, furnace): how far off. */
    for (size_t i = 0; i < n; i++) p[i].multiple = NAN;
    p[0].value = 6, p[1].value = 2, p[2].value = 5;
    p[0].held = p[1].held = p[2].held = 6;
    assert_int_equal(yw_episodes(p, n, &usual, 3 * YW_HOUR, e, 2), 1);
    assert_true(e[0].worst == 2 && isnan(e[0].multiple));
    assert_int_equal(yw_episodes(p, n, &usual, 3 * YW_HOUR, e, 0), 0);
}

/* ---- properties over many random histories ---- */

static uint32_t seed = 20261123;
static uint32_t chance(uint32_t below) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % below;
}

static void random_hours(char *to, size_t n) {
    for (size_t i = 0; i < n; i++) to[i] = "BBgm.M."[chance(7)];
    to[n] = '\0';
}

static void the_order_of_points_does_not_matter(void **state) {
    (void)state;
    for (int round = 0; round < 2000; round++) {
        char hours[41];
        struct yw_alarm_point p[2 * MOST];
        struct yw_episode a[MOST] = {0}, b[MOST] = {0};
        random_hours(hours, 40);
        size_t n = points_of(hours, p);
        size_t x = yw_episodes(p, n, &usual, 45 * YW_HOUR, a, MOST);
        for (size_t i = n; i > 1; i--) {
            size_t k = chance((uint32_t)i);
            struct yw_alarm_point swap = p[i - 1];
            p[i - 1] = p[k];
            p[k] = swap;
        }
        /* ... nor how often one was told. */
        for (size_t i = 0; i < n; i += 3) p[n + i / 3] = p[i];
        size_t y = yw_episodes(p, n + (n + 2) / 3, &usual, 45 * YW_HOUR, b, MOST);
        assert_int_equal(x, y);
        assert_memory_equal(a, b, x * sizeof a[0]);
    }
}

static void what_always_holds(void **state) {
    (void)state;
    for (int round = 0; round < 2000; round++) {
        char hours[41];
        struct yw_alarm_point p[MOST];
        struct yw_episode e[MOST], wider[MOST];
        struct yw_alarm_rule more = usual;
        random_hours(hours, 40);
        size_t n = points_of(hours, p);
        size_t count = yw_episodes(p, n, &usual, 45 * YW_HOUR, e, MOST);
        for (size_t i = 0; i < count; i++) {
            assert_true(e[i].from < e[i].to);
            assert_true(i == 0 || e[i].from >= e[i - 1].to);
            assert_true(!e[i].open || i == count - 1);
            assert_true(hours[e[i].from / YW_HOUR] == 'B'); /* nothing marked opens one */
        }
        /* Every bad hour that is not marked lies in one episode. */
        for (int64_t h = 0; h < 40; h++) {
            size_t in = 0;
            for (size_t i = 0; i < count; i++) {
                in += e[i].from <= h * YW_HOUR && h * YW_HOUR < e[i].to;
            }
            assert_true(hours[h] != 'B' || in == 1);
        }
        more.join += 3 * YW_HOUR;
        more.end_after += 3 * YW_HOUR;
        assert_true(yw_episodes(p, n, &more, 45 * YW_HOUR, wider, MOST) <= count);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_table),
        cmocka_unit_test(the_worst_point_is_kept),
        cmocka_unit_test(the_order_of_points_does_not_matter),
        cmocka_unit_test(what_always_holds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
