/* Rules and limits: the files of share/rules load, say what they are, and can be corrected. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/rules.h"

static struct yw_rules *load(void) {
    struct yw_rules *r = NULL;
    struct yw_error err = {0};
    if (yw_rules_load(&r, &err) != YW_OK) fail_msg("%s", err.text);
    return r;
}

static int32_t day(const char *text) {
    int64_t t;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return yw_china_day(t);
}

static double value(const struct yw_rules *r, const char *id, const char *name) {
    uint16_t rule;
    double v = yw_rules_value(r, id, day("2026-11-01"), name, NAN, &rule);
    if (rule == YW_NO_RULE) fail_msg("no rule %s", id);
    return v;
}

static void every_rule_says_where_it_is_from(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load();
    assert_true(yw_rules_count(r) > 50);
    for (size_t i = 0; i < yw_rules_count(r); i++) {
        const struct yw_rule *rule = yw_rules_at(r, i);
        if (!rule->title_zh[0] || !rule->title_en[0] || !rule->standard[0] || !rule->edition[0] ||
            !rule->clause[0] || !rule->source[0] || rule->confidence == YW_CONF_UNKNOWN)
            fail_msg("%s lacks a title, standard, edition, clause, source or confidence", rule->id);
        if (rule->enabled && rule->accuses && rule->confidence <= YW_CONF_RECALLED)
            fail_msg("%s is unsure, accuses and is on", rule->id);
    }
    assert_false(yw_rules_enabled(r, yw_rules_find(r, "plausible.constant", day("2026-11-01"))));
    assert_false(yw_rules_enabled(r, yw_rules_find(r, "hj75.drift.velocity", day("2026-11-01"))));
    assert_true(yw_rules_enabled(r, yw_rules_find(r, "hj75.hour", day("2026-11-01"))));
    yw_rules_destroy(r);
}

static void figures_are_those_of_the_reference(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load();
    const struct {
        const char *id, *name;
        double value;
    } want[] = {
        {"hj75.hour", "valid_minutes", 45},
        {"hj75.day", "valid_hours", 20},
        {"hj75.month", "valid_days", 25},
        {"hj75.month", "february_days", 23},
        {"hj75.convert", "eps", 0.5},
        {"hj75.standard", "kelvin", 273},
        {"hj75.capture", "min", 75},
        {"hj75.replace", "hours_short", 180},
        {"hj75.replace", "hours_long", 720},
        {"hj75.replace", "hours_low", 2160},
        {"hj75.drift.gas", "span_out", 10},
        {"hj75.drift.pm", "zero_out", 8},
        {"hj75.calibration", "extractive_d", 7},
        {"hj356.day", "share", 0.75},
        {"hj355.check", "calibration_h", 168},
        {"order10.budget60", "hours", 60},
        {"order10.budget700", "hours", 700},
        {"order10.budget700", "pm", 150},
        {"order10.temperature", "degc", 850},
        {"order10.temperature", "times", 5},
        {"order10.maintenance", "hours", 30},
        {"ultralow.share", "share", 0.95},
    };
    for (size_t i = 0; i < YW_COUNT(want); i++)
        if (value(r, want[i].id, want[i].name) != want[i].value) fail_msg("%s %s", want[i].id, want[i].name);
    assert_true(isnan(value(r, "marks.condition.power", "quota_h"))); /* nobody here has read it */
    yw_rules_destroy(r);
}

static void bands_follow_their_edges(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load();
    const struct {
        const char *id;
        double reference;
        uint8_t kind;
        double limit;
    } want[] = {
        {"hj75.accuracy.so2", 56.9, YW_BAND_ABSOLUTE, 17}, {"hj75.accuracy.so2", 57, YW_BAND_RELATIVE, 30},
        {"hj75.accuracy.so2", 143, YW_BAND_ABSOLUTE, 57},  {"hj75.accuracy.so2", 715, YW_BAND_ACCURACY, 15},
        {"hj75.accuracy.o2", 5.0, YW_BAND_ABSOLUTE, 1},    {"hj75.accuracy.o2", 5.1, YW_BAND_ACCURACY, 15},
        {"hj75.accuracy.pm", 10, YW_BAND_ABSOLUTE, 5},     {"hj75.accuracy.pm", 20, YW_BAND_ABSOLUTE, 6},
        {"hj75.accuracy.pm", 20.1, YW_BAND_RELATIVE, 30},  {"hj75.accuracy.pm", 201, YW_BAND_RELATIVE, 15},
        {"hj355.accuracy.cod", 29, YW_BAND_ABSOLUTE, 5},   {"hj355.accuracy.cod", 100, YW_BAND_RELATIVE, 15},
        {"hj355.accuracy.ph", 7, YW_BAND_ABSOLUTE, 0.5},   {"hj75.accuracy.gas", 3, YW_BAND_ACCURACY, 15},
    };
    for (size_t i = 0; i < YW_COUNT(want); i++) {
        struct yw_band b;
        uint16_t rule = yw_rules_find(r, want[i].id, day("2026-11-01"));
        assert_true(yw_rules_band(r, rule, want[i].reference, &b));
        if (b.kind != want[i].kind || b.limit != want[i].limit)
            fail_msg("%s at %g: kind %u limit %g", want[i].id, want[i].reference, b.kind, b.limit);
    }
    struct yw_band none;
    assert_false(yw_rules_band(r, yw_rules_find(r, "hj75.hour", day("2026-11-01")), 1, &none));
    yw_rules_destroy(r);
}

static const struct yw_limit_row *row(const struct yw_rules *r, const char *id) {
    size_t n;
    const struct yw_limit_row *rows = yw_rules_limits(r, &n);
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows[i].id, id) == 0) return &rows[i];
    fail_msg("no limit %s", id);
    return NULL;
}

static void limits_hold_what_is_known_and_no_more(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load();
    size_t n;
    const struct yw_limit_row *rows = yw_rules_limits(r, &n);
    assert_int_equal(n, 245);
    for (size_t i = 0; i < n; i++) {
        if (strncmp(rows[i].standard, "DB41", 4) == 0) assert_false(rows[i].enabled);
        if (rows[i].confidence <= YW_CONF_RECALLED) assert_false(rows[i].enabled);
        if (strncmp(rows[i].standard, "Ultra-low", 9) == 0)
            assert_int_equal(rows[i].basis, YW_BASIS_ULTRA_LOW);
    }
    const struct yw_limit_row *l = row(r, "gb18485.incinerator.nox.24h");
    assert_int_equal(l->period, YW_PERIOD_DAY);
    assert_float_equal(l->value, 250, 0);
    assert_float_equal(l->reference_oxygen, 11, 0);
    l = row(r, "gb18918.1a.nh3n");
    assert_float_equal(l->value, 5, 0);
    assert_float_equal(l->cold_value, 8, 0);
    assert_float_equal(l->cold_c, 12, 0);
    l = row(r, "gb18918.1a.ph");
    assert_float_equal(l->value_low, 6, 0);
    assert_float_equal(l->value, 9, 0);
    l = row(r, "ultralow-steel.sinter-head.so2");
    assert_float_equal(l->share, 0.95, 0);
    assert_float_equal(l->reference_oxygen, 16, 0);
    l = row(r, "gb3095-2026.grade2.pm25.24h");
    assert_int_equal(l->valid_from, day("2026-03-01"));
    assert_int_equal(l->valid_to, day("2030-12-31"));
    yw_rules_destroy(r);
}

static struct yw_correction correction(const char *rule, const char *figure, double v, const char *from) {
    struct yw_correction c = {.value = v, .enabled = -1, .from = from ? day(from) : INT32_MIN};
    yw_copy(c.rule, sizeof c.rule, rule, strlen(rule));
    yw_copy(c.figure, sizeof c.figure, figure, strlen(figure));
    return c;
}

static void a_correction_holds_from_its_day(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load(), *copy = yw_rules_copy(r);
    struct yw_error err = {0};
    char before[17], after[17], untouched[17];
    yw_rules_digest(r, before);
    struct yw_correction c = correction("hj75.day", "valid_hours", 18, "2026-06-01");
    assert_int_equal(yw_rules_correct(r, &c, &err), YW_OK);
    uint16_t rule;
    assert_float_equal(yw_rules_value(r, "hj75.day", day("2026-05-31"), "valid_hours", NAN, &rule), 20, 0);
    assert_false(yw_rules_at(r, rule)->figures[0].corrected);
    assert_float_equal(yw_rules_value(r, "hj75.day", day("2026-06-01"), "valid_hours", NAN, &rule), 18, 0);
    assert_true(yw_rules_at(r, rule)->figures[0].corrected);
    assert_int_equal(yw_rules_at(r, rule)->figures[0].confidence, YW_CONF_OFFICIAL);
    /* what was corrected last holds from its own day on, also over later ones */
    c = correction("hj75.day", "valid_hours", 19, NULL);
    assert_int_equal(yw_rules_correct(r, &c, &err), YW_OK);
    assert_float_equal(yw_rules_value(r, "hj75.day", day("2026-07-01"), "valid_hours", NAN, NULL), 19, 0);
    yw_rules_digest(r, after);
    yw_rules_digest(copy, untouched);
    assert_string_not_equal(before, after);
    assert_string_equal(before, untouched);
    /* a rule switched on, a limit read from the official text */
    c = correction("plausible.constant", "", NAN, NULL);
    c.enabled = 1;
    assert_int_equal(yw_rules_correct(r, &c, &err), YW_OK);
    assert_true(yw_rules_enabled(r, yw_rules_find(r, "plausible.constant", day("2026-11-01"))));
    c = correction("db41-2087.yellow-river-basin-water.cod", "value", 40, NULL);
    c.enabled = 1;
    assert_int_equal(yw_rules_correct(r, &c, &err), YW_OK);
    assert_true(row(r, "db41-2087.yellow-river-basin-water.cod")->enabled);
    assert_float_equal(row(r, "db41-2087.yellow-river-basin-water.cod")->value, 40, 0);
    yw_rules_destroy(r);
    yw_rules_destroy(copy);
}

static void nobody_is_held_against_what_was_not_in_force(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load();
    /* order 10 holds since 2020; a way of calculating is used for older data too */
    assert_int_equal(yw_rules_find(r, "order10.temperature", day("2019-12-31")), YW_NO_RULE);
    assert_true(yw_rules_find(r, "order10.temperature", day("2020-01-01")) != YW_NO_RULE);
    uint16_t rule;
    assert_float_equal(yw_rules_value(r, "hj75.hour", day("2017-01-01"), "valid_minutes", NAN, &rule), 45, 0);
    assert_string_equal(yw_rules_at(r, rule)->edition, "2017");
    yw_rules_destroy(r);
}

static void a_wrong_correction_lists_what_there_is(void **state) {
    YW_UNUSED(state);
    struct yw_rules *r = load();
    struct yw_error err = {0};
    struct yw_correction c = correction("hj75.hours", "valid_minutes", 40, NULL);
    assert_int_equal(yw_rules_correct(r, &c, &err), YW_E_NOT_FOUND);
    assert_non_null(strstr(err.text, "hj75.hour"));
    c = correction("hj75.hour", "minutes", 40, NULL);
    assert_int_equal(yw_rules_correct(r, &c, &err), YW_E_NOT_FOUND);
    assert_non_null(strstr(err.text, "valid_minutes"));
    yw_rules_destroy(r);
}

static void bad_files_are_told_with_their_line(void **state) {
    YW_UNUSED(state);
    const struct {
        const char *text, *says;
    } bad[] = {
        {"rules:\n  - id: a.b\n    titel: {zh: x}\n", "x.yaml line 3: rules[0]: unknown key `titel`"},
        {"rules:\n  - id: A B\n    title: {zh: x, en: y}\n", "id is lower-case"},
        {"rules:\n  - id: a.b\n", "`title` is missing"},
        {"rules:\n  - id: a.b\n    title: {zh: x, en: y}\n    figures: {hours: many}\n", "line 4"},
        {"rules:\n  - {id: a.b, title: {zh: x, en: y}}\n  - {id: a.b, title: {zh: x, en: y}}\n", "line 3"},
        {"rules:\n  - {id: a.b, title: {zh: x, en: y}, confidence: sure}\n", "S C R+ R- O ?"},
        {"rules: [\n", "not YAML"},
        {"a: &x 1\n", "anchors"},
        {"- 1\n", "key: value"},
        {"rules: 5\n", "must be a list"},
        {"rules: []\nrules: []\n", "twice"},
    };
    for (size_t i = 0; i < YW_COUNT(bad); i++) {
        struct yw_rules *r = yw_rules_create();
        struct yw_error err = {0};
        assert_int_equal(yw_rules_add_yaml(r, bad[i].text, strlen(bad[i].text), "x.yaml", &err), YW_E_FORMAT);
        if (!strstr(err.text, bad[i].says)) fail_msg("%s, not %s", err.text, bad[i].says);
        yw_rules_destroy(r);
    }
    static const char head[] =
        "id,standard,source_type,variant,factor,name,value,low,unit,period,basis,confidence,"
        "reference_oxygen,share,cold_value,cold_c,enabled,from,to,note\n";
    const struct {
        const char *row, *says;
    } rows[] = {
        {"a,S,T,,a21026,SO2,x,,mg/m3,1h,national,S,,,,,yes,,,\n", "line 2, column value"},
        {"a,S,T,,a21026,SO2,1,,mg/m3,2h,national,S,,,,,yes,,,\n", "column period"},
        {"a,S,T,,a21026,SO2,,,mg/m3,1h,national,S,,,,,yes,,,\n", "column enabled"},
        {"a,S,T,,a21026,SO2,1,,mg/m3,1h,national,S,,1.5,,,yes,,,\n", "column share"},
        {"a,S\n", "2 columns"},
    };
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        char text[600];
        snprintf(text, sizeof text, "%s%s", head, rows[i].row);
        struct yw_rules *r = yw_rules_create();
        struct yw_error err = {0};
        assert_int_equal(yw_rules_add_limits(r, text, strlen(text), "limits.csv", &err), YW_E_FORMAT);
        if (!strstr(err.text, rows[i].says)) fail_msg("%s, not %s", err.text, rows[i].says);
        yw_rules_destroy(r);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_rule_says_where_it_is_from),
        cmocka_unit_test(figures_are_those_of_the_reference),
        cmocka_unit_test(bands_follow_their_edges),
        cmocka_unit_test(limits_hold_what_is_known_and_no_more),
        cmocka_unit_test(a_correction_holds_from_its_day),
        cmocka_unit_test(nobody_is_held_against_what_was_not_in_force),
        cmocka_unit_test(a_wrong_correction_lists_what_there_is),
        cmocka_unit_test(bad_files_are_told_with_their_line),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
