/* Lines of the control socket: what they may hold, and what is said about those that hold something else. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "plants/control_line.h"

static enum yw_code parse(const char *text, struct yw_control_line *out, struct yw_error *err) {
    return yw_control_parse(text, strlen(text), out, err);
}

static void test_what_is_said_is_kept(void **state) {
    (void)state;
    struct yw_control_line l;
    struct yw_error err;
    assert_int_equal(
        parse("{\"ask\":\"act\",\"id\":\"A\",\"act\":\"span-probe\",\"channel\":\"so2\",\"value\":1.5,"
              "\"lasts_s\":60,\"tag\":\"t\"}",
              &l, &err),
        YW_OK);
    assert_int_equal(l.what, YW_ASK_ACT);
    assert_string_equal(l.act, "span-probe");
    assert_string_equal(l.channel, "so2");
    assert_string_equal(l.tag, "t");
    assert_true(l.value == 1.5 && l.lasts_s == 60 && isnan(l.strength));
    assert_int_equal(parse("{\"ask\":\"input\",\"id\":\"A\",\"input\":\"load\",\"value\":null}", &l, &err),
                     YW_OK);
    assert_true(isnan(l.value));
    assert_int_equal(
        parse("{\"ask\":\"event\",\"id\":\"A\",\"effect\":\"F02\",\"strength\":0.5,\"triggered\":true}", &l,
              &err),
        YW_OK);
    assert_true(l.triggered && !l.stop && l.strength == 0.5);
    assert_int_equal(parse("{\"ask\":\"state\",\"id\":\"A\",\"stream\":false}", &l, &err), YW_OK);
    assert_false(l.stream);
}

static void test_what_is_wrong_is_said(void **state) {
    (void)state;
    static const struct {
        const char *text;
        enum yw_code code;
    } cases[] = {{"", YW_E_FORMAT},
                 {"{", YW_E_FORMAT},
                 {"[1]", YW_E_FORMAT},
                 {"{\"ask\":\"list\",\"ask\":\"list\"}", YW_E_FORMAT},
                 {"{}", YW_E_USAGE},
                 {"{\"ask\":7}", YW_E_USAGE},
                 {"{\"ask\":\"list\",\"id\":\"A\"}", YW_E_USAGE},
                 {"{\"ask\":\"state\"}", YW_E_USAGE},
                 {"{\"ask\":\"state\",\"id\":null}", YW_E_FORMAT},
                 {"{\"ask\":\"state\",\"id\":\"A\\u0000B\"}", YW_E_FORMAT},
                 {"{\"ask\":\"speed\"}", YW_E_USAGE},
                 {"{\"ask\":\"speed\",\"value\":null}", YW_E_USAGE},
                 {"{\"ask\":\"speed\",\"value\":1e300}", YW_E_RANGE},
                 {"{\"ask\":\"event\",\"id\":\"A\",\"effect\":\"F02\",\"strength\":6}", YW_E_RANGE},
                 {"{\"ask\":\"event\",\"id\":\"A\",\"stop\":true}", YW_E_USAGE},
                 {"{\"ask\":\"event\",\"id\":\"A\",\"event\":\"x\"}", YW_E_USAGE},
                 {"{\"ask\":\"save\"}", YW_E_USAGE}};
    struct yw_control_line l;
    struct yw_error err;
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        err.text[0] = '\0';
        if (parse(cases[i].text, &l, &err) != cases[i].code) fail_msg("%s: %s", cases[i].text, err.text);
        assert_true(err.text[0] != '\0');
    }
    char *large = calloc(1, YW_CONTROL_LINE_MAX + 2);
    memset(large, ' ', YW_CONTROL_LINE_MAX + 1);
    assert_int_equal(parse(large, &l, &err), YW_E_LIMIT);
    free(large);
}

static void test_the_tag_comes_back_with_an_error(void **state) {
    (void)state;
    struct yw_control_line l;
    struct yw_error err;
    assert_int_equal(parse("{\"ask\":\"fly\",\"tag\":\"9\"}", &l, &err), YW_E_USAGE);
    assert_string_equal(l.tag, "9");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_said_is_kept),
        cmocka_unit_test(test_what_is_wrong_is_said),
        cmocka_unit_test(test_the_tag_comes_back_with_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
