/* Scenario files: what is shipped reads; what is wrong is told by its line. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants/plants.h"

#define assert_near(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

static const char base_text[] = "id: t\n"                                                       /* 1 */
                                "name: test\n"                                                  /* 2 */
                                "medium: air\n"                                                 /* 3 */
                                "version: 2017\n"                                               /* 4 */
                                "st: \"31\"\n"                                                  /* 5 */
                                "mn: \"595700000000000000000009\"\n"                            /* 6 */
                                "password: \"123456\"\n"                                        /* 7 */
                                "sample: 5s\n"                                                  /* 8 */
                                "realtime: 60s\n"                                               /* 9 */
                                "minute: 10m\n"                                                 /* 10 */
                                "load: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n"     /* 11 */
                                "stop: {every: 20d, lasts: 10h}\n"                              /* 12 */
                                "factors:\n"                                                    /* 13 */
                                "  - {code: a21026, digits: 2, mean: 10, low: 0, high: 100}\n"; /* 14 */

/* The text with one line (from 1) replaced. */
static char *with_line(unsigned line, const char *text) {
    struct yw_buf b;
    yw_buf_init(&b, 1 << 16);
    unsigned at = 1;
    for (const char *p = base_text; *p; at++) {
        const char *end = strchr(p, '\n') + 1;
        if (at == line)
            yw_buf_puts(&b, text);
        else
            yw_buf_add(&b, p, (size_t)(end - p));
        p = end;
    }
    return b.data;
}

static void test_base_reads(void **state) {
    (void)state;
    struct yw_scenario s;
    struct yw_error err = {.text = ""};
    assert_int_equal(yw_scenario_parse(base_text, strlen(base_text), NULL, &s, &err), YW_OK);
    assert_int_equal(s.minute_s, 600);
    assert_int_equal(s.stop.every_s, 20 * 86400);
    assert_int_equal(s.factor_count, 1);
    assert_near(s.weekend[5], 1, 0);
    assert_int_equal(s.index.flow, -1);
}

static void test_errors_name_their_line(void **state) {
    (void)state;
    static const struct {
        unsigned line;
        const char *text, *told;
    } cases[] = {
        {3, "medium: soil\n", "line 3: medium"},
        {4, "version: 2011\n", "line 4: version is 2011"},
        {4, "version: new\n", "line 4: version must be a whole number"},
        {4, "colour: red\n", "line 4: unknown key `colour`"},
        {4, "", "line 1: `version` is missing"},
        {5, "id: again\n", "line 5: `id` stands twice"},
        {6, "mn: \"010000A8900016F000169DC0\"\n", "line 6: mn must be"},
        {7, "password: \"12;456\"\n", "line 7: password"},
        {8, "sample: soon\n", "line 8: sample must be a duration"},
        {8, "sample: 7s\n", "line 8: sample must divide"},
        {9, "realtime: 2s\n", "line 9: realtime is 2; it must be 30 to 3600"},
        {11, "load: [1, 2]\n", "line 11: load has 2 numbers"},
        {12, "stop: {every: 20d, lasts: 30d}\n", "line 12: `stop` lasts as long"},
        {12, "stop: {every: 20d, lasts: 1h}\n", "line 12: `stop` must last over"},
        {12, "stop: {every: 20d}\n", "line 12: `lasts` is missing"},
        {12, "stack_area_m2: 3\n", "line 12: stack_area_m2 needs"},
        {14, "  - {code: a21026, digits: 2, mean: 10, low: 9, high: 9}\n", "line 14: low of a21026"},
        {14, "  - {code: a21026, digits: 9, mean: 10, low: 0, high: 9}\n", "line 14: digits is 9"},
        {14, "  - {code: a21026, digits: 2, mean: 10, low: 0, high: 9, converted: yes}\n",
         "line 14: a21026 is converted"},
        {14, "  - {code: \"a;1\", digits: 2, mean: 10, low: 0, high: 9}\n", "line 14: code `a;1`"},
        {12, "logger: {dialect: latin}\n", "line 12: dialect"},
        {12, "logger: {key: short}\n", "line 12: key takes"},
        {12, "logger: {registers: yes}\n", "line 12: registers takes"},
        {12, "logger: {refuses: some}\n", "line 12: refuses and deaf_to"},
        {12, "logger: {hardware: \"a;b\"}\n", "line 12: `a;b`"},
        {12, "logger: {unsent: {every: 1h, lasts: 2h}}\n", "line 12: `logger` lasts"},
        {14, "  - {code: a21026, name: \"S;2\", digits: 2, mean: 10, low: 0, high: 9}\n", "line 14: name"},
        {14, "  - nothing\n", "line 14: here must stand a mapping"},
        {14, "  []\n", "line 14: there are no factors"},
        {2, "name: [unclosed\n", "not YAML"},
    };
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        char *text = with_line(cases[i].line, cases[i].text);
        struct yw_scenario s;
        struct yw_error err = {.text = ""};
        assert_int_not_equal(yw_scenario_parse(text, strlen(text), NULL, &s, &err), YW_OK);
        if (!strstr(err.text, cases[i].told))
            fail_msg("case %zu: wanted `%s`, got `%s`", i, cases[i].told, err.text);
        free(text);
    }
}

static void test_shipped_scenarios_read(void **state) {
    (void)state;
    static const char *const names[] = {"power-stack",  "wastewater-works", "waste-incinerator",
                                        "voc-workshop", "old-boiler",       "water-station-2025",
                                        "noise-station"};
    const char *share = getenv("YANWU_SHARE");
    assert_non_null(share);
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/scenarios/%s.yaml", share, names[i]);
        struct yw_scenario s;
        struct yw_error err = {.text = ""};
        if (yw_scenario_load(path, NULL, &s, &err)) fail_msg("%s", err.text);
        assert_string_equal(s.id, names[i]);
        assert_true(s.factor_count >= 3);
    }
}

static void test_demonstration_province_reads(void **state) {
    (void)state;
    char table[4096], folder[4096];
    snprintf(table, sizeof table, "%s/demo/plants.csv", getenv("YANWU_SHARE"));
    snprintf(folder, sizeof folder, "%s/scenarios", getenv("YANWU_SHARE"));
    struct yw_host_outlet *outlets;
    size_t n = 0, plain = 0;
    struct yw_error err = {.text = ""};
    struct yw_effect_book *book;
    if (yw_book_load(&book, &err) || yw_province_load(table, folder, book, 0, &outlets, &n, &err))
        fail_msg("%s", err.text);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < i; k++)
            assert_string_not_equal(outlets[i].scenario.mn, outlets[k].scenario.mn);
        if (outlets[i].history && !outlets[i].silent_from && !outlets[i].burst_us) plain++;
    }
    assert_int_equal(n, 64);
    assert_int_equal(plain, 60);
    free(outlets);
    free(book);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_reads),
        cmocka_unit_test(test_errors_name_their_line),
        cmocka_unit_test(test_shipped_scenarios_read),
        cmocka_unit_test(test_demonstration_province_reads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
