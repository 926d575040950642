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
    assert_true(yw_packet_view(&b, bytes, n, NULL, qn));
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

/* A frame of 2025 with its data area encrypted by the key of the published examples, as the packet page shows
 * it. */
static json_t *opened(const char *cn, const char *cp, const uint8_t *key, size_t *n) {
    char frame[1200], qn[YW_QN_TEXT];
    const hj212_message m = {.qn = hj212_text("20260101000000001"),
                             .st = hj212_text("31"),
                             .cn = hj212_text(cn),
                             .pw = hj212_text("654321"),
                             .mn = hj212_text("010000A8900016F000169DC0"),
                             .flag = hj212_text("9"),
                             .cp = hj212_text(cp),
                             .key = (const uint8_t *)"0000000000000000"};
    struct yw_buf b;
    *n = hj212_encode(&m, frame, sizeof frame);
    yw_buf_init(&b, 1 << 20);
    yj_open(&b, '{');
    assert_true(yw_packet_view(&b, frame, *n, key, qn));
    yj_close(&b, '}');
    assert_string_equal(qn, "20260101000000001");
    assert_null(strstr(b.data, "654321"));
    assert_null(memmem(b.data, b.len, "363534333231", 12)); /* nor as hexadecimal digits */
    json_t *o = json_loadb(b.data, b.len, 0, NULL);
    assert_non_null(o);
    yw_buf_free(&b);
    return o;
}

static const char *text_of(const json_t *o, const char *name) {
    return json_string_value(json_object_get(o, name));
}

static void an_encrypted_packet_is_shown_opened(void **state) {
    (void)state;
    static const uint8_t key[] = "0000000000000000", other[] = "1111111111111111";
    size_t n;
    json_t *o = opened("2011", "DataTime=20260101000000;a21026-Rtd=12.30,a21026-Flag=N", key, &n);
    assert_string_equal(text_of(o, "plain"), "DataTime=20260101000000;a21026-Rtd=12.30,a21026-Flag=N");
    assert_true(json_is_true(json_object_get(o, "ok")));
    assert_string_equal(text_of(json_array_get(json_object_get(o, "items"), 1), "value"), "12.30");
    /* The item is painted where its cipher stands. */
    const json_t *runs = json_object_get(o, "runs");
    bool painted = false;
    json_int_t at = 0;
    for (size_t i = 0; i < json_array_size(runs); i++) {
        const json_t *run = json_array_get(runs, i);
        assert_int_equal(json_integer_value(json_object_get(run, "offset")), at);
        at += json_integer_value(json_object_get(run, "length"));
        if (strcmp(text_of(run, "role"), "factor") != 0) continue;
        assert_string_equal(text_of(run, "factor"), "a21026");
        painted = painted || json_integer_value(json_object_get(run, "length")) ==
                                 (json_int_t)strlen("a21026-Rtd=12.30");
    }
    assert_int_equal(at, n);
    assert_true(painted);
    json_decref(o);
    const uint8_t *shut[] = {NULL, other};
    for (size_t i = 0; i < 2; i++) {
        o = opened("2011", "DataTime=20260101000000;a21026-Rtd=12.30,a21026-Flag=N", shut[i], &n);
        assert_true(json_is_null(json_object_get(o, "plain")));
        assert_true(json_is_false(json_object_get(o, "ok")));
        assert_string_equal(text_of(json_array_get(json_object_get(o, "findings"), 0), "code"), "encrypted");
        json_decref(o);
    }
}

static void a_new_key_is_masked(void **state) {
    (void)state;
    size_t n;
    json_t *o = opened("1014", "SKCreateTime=20260101000000000,NewSK=Abcdefgh12345678",
                       (const uint8_t *)"0000000000000000", &n);
    assert_string_equal(text_of(o, "plain"), "SKCreateTime=20260101000000000,NewSK=****************");
    char *all = json_dumps(o, 0);
    assert_null(strstr(all, "Abcdefgh12345678"));
    free(all);
    json_decref(o);
    char text[] = "a;NewSK=Abcdefgh12345678;newsk=x,PW=1,NewPW=22&&sk=3";
    yw_mask_passwords(text, strlen(text));
    assert_string_equal(text, "a;NewSK=****************;newsk=*,PW=*,NewPW=**&&sk=3");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_encrypted_packet_is_shown_opened),
        cmocka_unit_test(a_new_key_is_masked),
        cmocka_unit_test(a_packet_is_explained),
        cmocka_unit_test(passwords_are_masked_wherever_they_stand),
        cmocka_unit_test(gbk_is_shown_as_text),
        cmocka_unit_test(every_finding_has_a_chinese_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
