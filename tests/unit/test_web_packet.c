/* The packet page's view of bytes: every byte explained once, passwords nowhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"
#include "web/json.h"
#include "web/packet_text.h"

static json_t *view(const char *bytes, size_t n) {
    struct yw_buf b;
    char qn[YW_QN_TEXT];
    yw_buf_init(&b, 1 << 20);
    yj_open(&b, '{');
    assert_true(yw_packet_view(&b, bytes, n, qn));
    yj_close(&b, '}');
    json_t *o = json_loadb(b.data, b.len, 0, NULL);
    assert_non_null(o);
    json_int_t at = 0;
    const json_t *runs = json_object_get(o, "runs");
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i);
        assert_int_equal(json_integer_value(json_object_get(run, "offset")), at);
        at += json_integer_value(json_object_get(run, "length"));
    }
    assert_int_equal(at, n);
    yw_buf_free(&b);
    return o;
}

static size_t shown(const json_t *o, char out[2048]) {
    const json_t *hex = json_object_get(o, "hex");
    size_t n;
    assert_true(yw_parse_hex(json_string_value(hex), json_string_length(hex), out, 2047, &n));
    out[n] = '\0';
    return n;
}

static void a_packet_is_explained(void **state) {
    YW_UNUSED(state);
    char frame[1024], text[2048];
    hj212_message m = {.qn = hj212_text("20261123080000001"),
                       .st = hj212_text("31"),
                       .cn = hj212_text("2011"),
                       .pw = hj212_text("987654"),
                       .mn = hj212_text("MN1"),
                       .flag = hj212_text("5"),
                       .cp = hj212_text("DataTime=20261123080000;a21026-Rtd=12.30,a21026-Flag=N")};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_true(n > 0);
    json_t *o = view(frame, n);
    assert_true(json_is_true(json_object_get(o, "ok")));
    assert_string_equal(json_string_value(json_object_get(o, "mn")), "MN1");
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "crc"), "kind")), "hj212");
    assert_int_equal(json_array_size(json_object_get(o, "items")), 3);
    assert_int_equal(shown(o, text), n);
    assert_null(strstr(text, "987654"));
    assert_non_null(strstr(text, "PW=******;"));
    json_decref(o);
}

static void passwords_are_masked_wherever_they_stand(void **state) {
    YW_UNUSED(state);
    static const char *const bytes[] = {
        "PW=secret",
        "garbage;pw=secret;more",
        "##0099QN=1;PW=secret;CP=&&NewPW=secret&&0000\r\n",
        "##0040QN=1;PW=secret;MN=2;CP=&&&&FFFF\r\n",
        "xPw=secret\r\nPW=secret&&",
    };
    for (size_t i = 0; i < YW_COUNT(bytes); i++) {
        char text[2048];
        json_t *o = view(bytes[i], strlen(bytes[i]));
        char *all = json_dumps(o, 0);
        assert_null(strstr(all, "secret"));
        shown(o, text);
        assert_null(strstr(text, "secret"));
        assert_non_null(strstr(text, "******"));
        free(all);
        json_decref(o);
    }
}

static void gbk_is_shown_as_text(void **state) {
    YW_UNUSED(state);
    struct yw_buf b;
    yw_buf_init(&b, 100);
    yw_put_packet_text(&b, "\xd4\xcb\xd0\xd0", 4);
    assert_string_equal(b.data, "\"运行\"");
    yw_buf_free(&b);
}

static void every_finding_has_a_chinese_sentence(void **state) {
    YW_UNUSED(state);
    for (int code = 0; code < HJ212_F_COUNT; code++) {
        if (yw_finding_zh(code) == NULL) fail_msg("%s has none", hj212_finding_name(code));
    }
    assert_null(yw_finding_zh(-1));
    assert_null(yw_finding_zh(HJ212_F_COUNT));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_packet_is_explained),
        cmocka_unit_test(passwords_are_masked_wherever_they_stand),
        cmocka_unit_test(gbk_is_shown_as_text),
        cmocka_unit_test(every_finding_has_a_chinese_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
