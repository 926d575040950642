/* Pieces of the station room that need no server: codes, lines of the acts journal, addresses of cameras. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <string.h>

#include "web/act_view.h"
#include "web/fetch.h"
#include "web/station.h"

static struct yw_value text(const char *code, const char *field, const char *value) {
    struct yw_value v = {.is_text = true, .text = value, .text_n = (uint32_t)strlen(value)};
    yw_copy(v.factor, sizeof v.factor, code, strlen(code));
    yw_copy(v.field, sizeof v.field, field, strlen(field));
    return v;
}

static void codes_have_a_meaning(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *code, *value, *kind, *state, *text;
    } rows[] = {
        {"i31001", "//张三进入//", "door", "text", "张三进入"},
        {"i31001", "///", "door", "text", "///"},
        {"i32001", "0", "door", "ok", "0"},
        {"i32001", "3", "door", "maintenance", "3"},
        {"i32001", "7", "door", "text", "7"},
        {"i22003", "1", "communication", "fault", "1"},
        {"i12001", "6", "power", "lost", "6"},
    };
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        struct yw_station_event e = {0};
        struct yw_value v = text(rows[i].code, "Info", rows[i].value);
        assert_true(yw_station_of_info(&v, &e));
        assert_string_equal(e.kind, rows[i].kind);
        assert_string_equal(e.state, rows[i].state);
        assert_string_equal(e.text, rows[i].text);
        assert_string_equal(e.code, rows[i].code);
        assert_string_equal(e.origin, "packet");
    }
    struct yw_station_event e = {0};
    struct yw_value number = {.factor = "i33101", .field = "Info", .scale = 1, .mantissa = 251};
    assert_true(yw_station_of_info(&number, &e));
    assert_string_equal(e.value, "25.1");
    assert_string_equal(e.unit, "degC");
    /* An instrument that measures, a parameter of one, another field: not of the station. */
    struct yw_value others[] = {text("i12001", "Info", "0"), text("i13004", "Info", "1"),
                                text("i33101", "Flag", "N")};
    for (size_t i = 0; i < YW_COUNT(others); i++) assert_false(yw_station_of_info(&others[i], &e));
}

static void a_line_is_what_was_said(void **state) {
    YW_UNUSED(state);
    struct yw_station_word w = {.outlet = 17,
                                .time = 5,
                                .kind = "door",
                                .state = "open",
                                .text = "a \"b\"",
                                .source = "person",
                                .by = "officer"};
    struct yw_buf b;
    yw_buf_init(&b, 4096);
    assert_true(yw_station_line(&b, &w, 9));
    assert_string_equal(b.data, "{\"station\":{\"outlet\":17,\"time\":5,\"kind\":\"door\",\"state\":\"open\","
                                "\"text\":\"a \\\"b\\\"\","
                                "\"source\":\"person\"},\"by\":\"officer\",\"at\":9}");
    yw_buf_free(&b);
}

static void secrets_are_veiled(void **state) {
    YW_UNUSED(state);
    static const char line[] =
        "{\"act\":\"register.put\",\"devices\":[{\"mn\":\"M\",\"pw\":\"123456\",\"key\":\"sealed:abc\"}],"
        "\"command\":{\"cp\":\"NewPW=sealed:xyz\"},\"list\":[\"sealed:q\",\"x\"],\"pw\":\"\"}";
    struct yw_buf b;
    yw_buf_init(&b, 4096);
    assert_true(yw_put_act_line(&b, line, strlen(line)));
    assert_null(strstr(b.data, "123456"));
    assert_null(strstr(b.data, "sealed:"));
    assert_string_equal(
        b.data, "{\"act\":\"register.put\",\"devices\":[{\"mn\":\"M\",\"pw\":\"******\",\"key\":\"******\"}],"
                "\"command\":{\"cp\":\"******\"},\"list\":[\"******\",\"x\"],\"pw\":\"\"}");
    yw_buf_clear(&b);
    assert_false(yw_put_act_line(&b, "[1]", 3));
    assert_false(yw_put_act_line(&b, "{", 1));
    yw_buf_free(&b);
}

static void who_sees_a_line(void **state) {
    YW_UNUSED(state);
    static const char acts[] =
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,\"areas\":[{\"code\":\"37\",\"name\":\"p\"},{"
        "\"code\":\"3701\",\"parent\":\"37\",\"name\":\"c\"}],"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"91\",\"name\":\"e\",\"area\":\"3701\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"o\",\"kind\":\"air\"}],"
        "\"devices\":[{\"id\":4,\"mn\":\"M4\",\"outlet\":1,\"state\":\"admitted\"}]}";
    static const char *const lines[] = {"{\"station\":{\"outlet\":1}}", "{\"command\":{\"device\":4}}",
                                        "{\"act\":\"device.set\"}",     "{\"command\":{\"device\":5}}",
                                        "{\"station\":{\"outlet\":2}}", "garbage"};
    static const struct {
        struct yw_user user;
        const char *sees; /* one letter for each line */
    } rows[] = {
        {{.role = YW_ROLE_OPERATOR}, "yyyynn"},
        {{.role = YW_ROLE_OPERATOR, .area = "3701"}, "yynnnn"},
        {{.role = YW_ROLE_OFFICER}, "yynnnn"},
        {{.role = YW_ROLE_LEADER, .area = "3702"}, "nnnnnn"},
        {{.role = YW_ROLE_ENTERPRISE, .enterprise = 1}, "ynnnnn"},
        {{.role = YW_ROLE_ENTERPRISE, .enterprise = 2}, "nnnnnn"},
        {{.role = YW_ROLE_MAINTAINER, .maintainer = 3}, "nnnnnn"},
    };
    struct yw_register *r = yw_register_create();
    assert_int_equal(yw_register_apply(r, acts, strlen(acts), NULL), YW_OK);
    for (size_t i = 0; i < YW_COUNT(rows); i++) {
        for (size_t k = 0; k < YW_COUNT(lines); k++) {
            bool sees = yw_sees_act(r, &rows[i].user, lines[k], strlen(lines[k]));
            if (sees != (rows[i].sees[k] == 'y')) fail_msg("user %zu, line %zu", i, k);
        }
    }
    yw_register_destroy(r);
}

static void addresses_of_cameras(void **state) {
    YW_UNUSED(state);
    static const char *const good[] = {"http://10.1.2.3/snap.jpg", "https://camera.example:8443/a?b=c",
                                       "http://10.1.2.3:88/", "http://[fd00::1]:8080/x"};
    static const char *const wrong[] = {"",
                                        "10.1.2.3/snap.jpg",
                                        "file:///etc/passwd",
                                        "ftp://10.1.2.3/a",
                                        "gopher://10.1.2.3/",
                                        "dict://10.1.2.3:2628/",
                                        "http://",
                                        "http://user@10.1.2.3/",
                                        "http://user:pw@10.1.2.3/",
                                        "http://10.1.2.3:25/",
                                        "http://10.1.2.3:0/",
                                        "http://10.1.2.3:99999/",
                                        "javascript:alert(1)",
                                        "http://a b/"};
    for (size_t i = 0; i < YW_COUNT(good); i++) assert_int_equal(yw_fetch_check(good[i], NULL), YW_OK);
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        if (yw_fetch_check(wrong[i], NULL) == YW_OK) fail_msg("%s", wrong[i]);
    }
    assert_string_equal(yw_picture_type("\xff\xd8\xff\xe0", 4), "image/jpeg");
    assert_string_equal(yw_picture_type("\x89PNG\r\n\x1a\n", 8), "image/png");
    assert_null(yw_picture_type("\x89PNG\r\n\x1a", 7));
    assert_null(yw_picture_type("<html>", 6));
    assert_null(yw_picture_type("", 0));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(codes_have_a_meaning), cmocka_unit_test(a_line_is_what_was_said),
        cmocka_unit_test(secrets_are_veiled),   cmocka_unit_test(who_sees_a_line),
        cmocka_unit_test(addresses_of_cameras),
    };
    return cmocka_run_group_tests_name("web station", tests, NULL, NULL);
}
