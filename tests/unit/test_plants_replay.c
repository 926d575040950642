/* Replay: digits arrive as they stand; only the decimal point may move. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "hj212.h"
#include "plants/plants.h"

static void test_shifting_keeps_digits(void **state) {
    (void)state;
    static const struct {
        const char *text;
        int shift;
        const char *want;
    } cases[] = {
        {"1020.1", -1, "102.01"}, {"1020.1", 1, "10201"},  {"1020.1", 2, "102010"},
        {"12.30", 0, "12.30"},    {"12.30", 1, "123.0"},   {"12.30", 3, "12300"},
        {"5", -3, "0.005"},       {"-0.50", -1, "-0.050"}, {"-0.50", 1, "-5.0"},
        {"0.00120", 2, "0.120"},  {"7", 0, "7"},           {"00012", 0, "00012"},
        {"0", 2, "000"},          {"100", -2, "1.00"},     {"123456789.123456789", -3, "123456.789123456789"},
    };
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        char out[64];
        assert_true(yw_shift_decimal(cases[i].text, cases[i].shift, out, sizeof out));
        if (strcmp(cases[i].text, "0") ==
            0) { /* zeros may be written in any number, the value is what counts */
            assert_int_equal(strspn(out, "0"), strlen(out));
            continue;
        }
        assert_string_equal(out, cases[i].want);
    }
    char out[64];
    static const char *const wrong[] = {"", "1e5", "12,3", " 1", "abc", "1.2.3", "--1", "0x10", "nan"};
    for (size_t i = 0; i < YW_COUNT(wrong); i++) assert_false(yw_shift_decimal(wrong[i], 1, out, sizeof out));
    assert_false(yw_shift_decimal("123456789012345678", 9, out, sizeof out));
}

static struct yw_replay *open_replay(const char *csv, const struct yw_replay_map *map) {
    struct yw_replay *r = NULL;
    struct yw_error err = {.text = ""};
    int64_t start;
    assert_true(yw_time_parse("2015-01-01T00:00:00", 19, &start));
    if (yw_replay_open(csv, strlen(csv), map, start, YW_HOUR, &r, &err)) fail_msg("%s", err.text);
    return r;
}

static void next_is(struct yw_replay *r, const char *want) {
    char cp[YW_PLANT_CP_MAX + 1];
    size_t n;
    int64_t time;
    struct yw_error err = {.text = ""};
    if (yw_replay_next(r, cp, &n, &time, &err)) fail_msg("%s", err.text);
    cp[n] = '\0';
    assert_string_equal(cp, want);
}

static void test_names_of_the_protocol(void **state) {
    (void)state;
    struct yw_replay *r =
        open_replay("a21026-Avg,a21002-Avg,a21026-Flag\r\n12.30,0050.0,N\r\n,7.1,\r\n", NULL);
    next_is(r, "DataTime=20150101000000;a21026-Avg=12.30,a21026-Flag=N;a21002-Avg=0050.0");
    next_is(r, "DataTime=20150101010000;a21002-Avg=7.1");
    char cp[YW_PLANT_CP_MAX + 1];
    size_t n;
    int64_t time;
    assert_int_equal(yw_replay_next(r, cp, &n, &time, NULL), YW_E_END);
    yw_replay_close(r);
}

static void test_time_column(void **state) {
    (void)state;
    struct yw_replay *r = open_replay("DataTime,w01018-Rtd\n2024-02-29 12:30,9.99\n20240301000000,1\n", NULL);
    next_is(r, "DataTime=20240229123000;w01018-Rtd=9.99");
    next_is(r, "DataTime=20240301000000;w01018-Rtd=1");
    yw_replay_close(r);
}

static void test_mapping(void **state) {
    (void)state;
    static const char text[] = "columns:\n  NOX: a21002-Avg\n  AP: {to: a01006-Avg, shift: -1}\n";
    struct yw_replay_map map;
    struct yw_error err = {.text = ""};
    if (yw_replay_map_parse(text, strlen(text), &map, &err)) fail_msg("%s", err.text);
    struct yw_replay *r = open_replay("AT,AP,NOX\n1.9532,1020.1,113.25\n", &map);
    next_is(r, "DataTime=20150101000000;a01006-Avg=102.01;a21002-Avg=113.25");
    yw_replay_close(r);
}

static void test_what_is_wrong_is_told(void **state) {
    (void)state;
    static const struct {
        const char *csv, *told;
    } cases[] = {
        {"", "header"},
        {"NOX\n1\n", "column 1 `NOX`"},
        {"a21002-Avg,a21002-Avg\n1,2\n", "two columns"},
        {"a21002-Avg\n1,2\n", "line 2 has 2 fields"},
        {"a21002-Avg\n1\nx\n", "line 3, column 1: `x`"},
        {"a21002-Avg\n1e3\n", "line 2, column 1: `1e3`"},
        {"DataTime,a21002-Avg\n2015-13-01 00:00,1\n", "line 2, column 1: `2015-13-01 00:00`"},
        {"a21002-Flag\nN;M\n", "line 2, column 1"},
    };
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        struct yw_replay *r = NULL;
        struct yw_error err = {.text = ""};
        char cp[YW_PLANT_CP_MAX + 1];
        size_t n;
        int64_t time;
        enum yw_code code = yw_replay_open(cases[i].csv, strlen(cases[i].csv), NULL, 0, YW_HOUR, &r, &err);
        while (!code) code = yw_replay_next(r, cp, &n, &time, &err);
        assert_int_not_equal(code, YW_E_END);
        if (!strstr(err.text, cases[i].told))
            fail_msg("case %zu: wanted `%s`, got `%s`", i, cases[i].told, err.text);
        yw_replay_close(r);
    }
    struct yw_replay_map map;
    struct yw_error err = {.text = ""};
    static const char bad[] = "columns:\n  NOX: {to: a21002-Avg, factor: 3}\n";
    assert_int_not_equal(yw_replay_map_parse(bad, strlen(bad), &map, &err), YW_OK);
    assert_non_null(strstr(err.text, "line 2: unknown key `factor`"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_shifting_keeps_digits), cmocka_unit_test(test_names_of_the_protocol),
        cmocka_unit_test(test_time_column),           cmocka_unit_test(test_mapping),
        cmocka_unit_test(test_what_is_wrong_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
