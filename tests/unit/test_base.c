/* base: numbers, time, buffers, CSV, encodings, options of files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"

static void numbers_take_the_whole_text_or_nothing(void **state) {
    YW_UNUSED(state);
    int64_t i;
    uint64_t u;
    uint16_t port;
    double d;
    assert_true(yw_parse_i64("-9223372036854775808", 20, &i) && i == INT64_MIN);
    assert_false(yw_parse_i64("9223372036854775808", 19, &i));
    assert_true(yw_parse_u64("18446744073709551615", 20, &u) && u == UINT64_MAX);
    assert_false(yw_parse_u64("18446744073709551616", 20, &u));
    assert_false(yw_parse_u64("", 0, &u));
    assert_false(yw_parse_u64("12 ", 3, &u));
    assert_false(yw_parse_u64("-1", 2, &u));
    assert_true(yw_parse_u16("65535", 5, &port) && port == 65535);
    assert_false(yw_parse_u16("65536", 5, &port));
    assert_true(yw_parse_f64("-1.5e3", 6, &d) && d == -1500.0);
    const char *const not_numbers[] = {"", "inf", "nan", "0x10", "1,5", " 1", "1.2.3", "e5", "1e999"};
    for (size_t k = 0; k < YW_COUNT(not_numbers); k++)
        assert_false(yw_parse_f64(not_numbers[k], strlen(not_numbers[k]), &d));
}

static void units_of_duration_and_size(void **state) {
    YW_UNUSED(state);
    int64_t s;
    uint64_t b;
    assert_true(yw_parse_duration_s("90", &s) && s == 90);
    assert_true(yw_parse_duration_s("2h", &s) && s == 7200);
    assert_true(yw_parse_size("4M", &b) && b == 4u << 20);
    assert_false(yw_parse_duration_s("h", &s));
    assert_false(yw_parse_duration_s("-1s", &s));
    assert_false(yw_parse_duration_s("9223372036854775807d", &s));
    assert_false(yw_parse_size("1.5G", &b));
}

static void civil_time_goes_there_and_back(void **state) {
    YW_UNUSED(state);
    uint64_t seed = 7;
    for (int k = 0; k < 20000; k++) {
        seed = seed * 6364136223846793005u + 1442695040888963407u;
        int64_t t = (int64_t)(seed % (uint64_t)(250000000000 * YW_SECOND)) - 60000000000 * YW_SECOND, back;
        struct yw_civil c;
        yw_time_to_civil(t, YW_CHINA, &c);
        assert_true(yw_time_from_civil(&c, YW_CHINA, &back));
        assert_int_equal(back, t);
        int32_t day = yw_china_day(t);
        assert_true(yw_china_day_start(day) <= t && t < yw_china_day_start(day + 1));
    }
}

static void time_text_is_checked(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *text;
        int64_t seconds; /* since 1970, -1: refused */
    } cases[] = {
        {"1970-01-01T08:00", 0},     {"19700101080000", 0},
        {"1970-01-01T00:00:01Z", 1}, {"1970-01-01 08:00:02", 2},
        {"1970-01-01", -8 * 3600},   {"2024-02-29", 1709136000},
        {"2023-02-29", -1},          {"20161301085857", -1},
        {"2024-01-01T24:00", -1},    {"2024-01-01T10:00+99:00", -1},
        {"2024-01-01x", -1},
    };
    for (size_t k = 0; k < YW_COUNT(cases); k++) {
        int64_t t = 0;
        bool good = yw_time_parse(cases[k].text, strlen(cases[k].text), &t);
        if (cases[k].seconds == -1) {
            assert_false(good);
        } else {
            assert_true(good);
            assert_int_equal(t, cases[k].seconds * YW_SECOND);
        }
    }
    char text[40];
    yw_time_text(1709136000 * YW_SECOND + 500000, text);
    assert_string_equal(text, "2024-02-29T00:00:00.500000+08:00");
}

static void buffer_never_passes_its_maximum(void **state) {
    YW_UNUSED(state);
    struct yw_buf b;
    yw_buf_init(&b, 10);
    assert_true(yw_buf_puts(&b, "0123456789"));
    assert_false(yw_buf_putc(&b, 'x'));
    assert_true(b.failed);
    assert_int_equal(b.len, 10);
    yw_buf_clear(&b);
    assert_true(yw_buf_printf(&b, "%d", 12345));
    assert_string_equal(b.data, "12345");
    assert_false(yw_buf_printf(&b, "%s", "too long"));
    yw_buf_free(&b);
}

static void json_text_is_always_valid(void **state) {
    YW_UNUSED(state);
    struct yw_buf b;
    yw_buf_init(&b, 1000);
    yw_buf_json(&b, "a\"\\\n\x01\xff排", 9);
    assert_string_equal(b.data, "\"a\\\"\\\\\\n\\u0001\xEF\xBF\xBD排\"");
    yw_buf_free(&b);
}

static void utf8_and_gbk(void **state) {
    YW_UNUSED(state);
    assert_true(yw_utf8_valid("清洗", 6));
    assert_false(yw_utf8_valid("清洗", 5));
    assert_false(yw_utf8_valid("\xC0\x80", 2));
    assert_false(yw_utf8_valid("\xED\xA0\x80", 3));
    struct yw_buf b;
    yw_buf_init(&b, 100);
    assert_true(yw_gbk_to_utf8("\xC7\xE5\xCF\xB4", 4, &b)); /* 清洗 in GBK */
    assert_string_equal(b.data, "清洗");
    assert_false(yw_gbk_to_utf8("\xFF\xFF", 2, &b));
    yw_buf_free(&b);
    char cut[6];
    assert_false(yw_copy(cut, sizeof cut, "清洗", 6));
    assert_string_equal(cut, "清"); /* never half a character */
}

static void csv_rows_and_errors(void **state) {
    YW_UNUSED(state);
    struct yw_error err;
    const char *text = "a,b\r\n\"x \"\"y\"\"\",\"two\nlines\"\n,\nlast";
    struct yw_csv *c = yw_csv_open(text, strlen(text), &err);
    const char *const *f;
    size_t n;
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_OK);
    assert_int_equal(n, 2);
    assert_string_equal(f[1], "b");
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_OK);
    assert_string_equal(f[0], "x \"y\"");
    assert_string_equal(f[1], "two\nlines");
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_OK);
    assert_int_equal(yw_csv_line(c), 4);
    assert_int_equal(n, 2);
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_OK);
    assert_string_equal(f[0], "last");
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_E_END);
    yw_csv_close(c);

    c = yw_csv_open("ok\n\"open", 8, &err);
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_OK);
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_E_FORMAT);
    assert_non_null(strstr(err.text, "line 2"));
    yw_csv_close(c);

    struct yw_buf b;
    yw_buf_init(&b, 100);
    yw_csv_put(&b, "a,\"b\"", false);
    yw_csv_put(&b, "c", true);
    assert_string_equal(b.data, "\"a,\"\"b\"\"\",c\r\n");
    yw_buf_free(&b);
}

static void files_are_replaced_whole(void **state) {
    YW_UNUSED(state);
    char folder[] = "/tmp/yw-base-XXXXXX", path[64];
    assert_non_null(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/file", folder);
    struct yw_error err;
    struct yw_buf b;
    yw_buf_init(&b, 100);
    assert_int_equal(yw_file_replace(yw_io_system(), path, "one", 3, &err), YW_OK);
    assert_int_equal(yw_file_replace(yw_io_system(), path, "second", 6, &err), YW_OK);
    assert_int_equal(yw_file_read(path, 100, &b, &err), YW_OK);
    assert_string_equal(b.data, "second");
    assert_int_equal(yw_file_read(path, 3, &b, &err), YW_E_LIMIT);
    unlink(path);
    assert_int_equal(yw_file_read(path, 3, &b, &err), YW_E_NOT_FOUND);
    rmdir(folder);
    yw_buf_free(&b);
}

static void errors_say_what_and_why(void **state) {
    YW_UNUSED(state);
    struct yw_error err;
    assert_int_equal(yw_fail_errno(&err, ENOSPC, "cannot write %s", "x"), YW_E_FULL);
    assert_string_equal(err.text, "cannot write x: No space left on device");
    assert_string_equal(yw_code_name(YW_E_FULL), "YW_E_FULL");
    assert_int_equal(yw_fail(NULL, YW_E_STATE, "nobody listens"), YW_E_STATE);
}

static void arena_has_a_maximum(void **state) {
    YW_UNUSED(state);
    struct yw_arena *a = yw_arena_create(200000);
    char *first = yw_arena_text(a, "text", 4);
    assert_string_equal(first, "text");
    assert_non_null(yw_arena_alloc(a, 100000));
    assert_null(yw_arena_alloc(a, 100000));
    yw_arena_reset(a);
    assert_non_null(yw_arena_alloc(a, 50000));
    yw_arena_destroy(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numbers_take_the_whole_text_or_nothing),
        cmocka_unit_test(units_of_duration_and_size),
        cmocka_unit_test(civil_time_goes_there_and_back),
        cmocka_unit_test(time_text_is_checked),
        cmocka_unit_test(buffer_never_passes_its_maximum),
        cmocka_unit_test(json_text_is_always_valid),
        cmocka_unit_test(utf8_and_gbk),
        cmocka_unit_test(csv_rows_and_errors),
        cmocka_unit_test(files_are_replaced_whole),
        cmocka_unit_test(errors_say_what_and_why),
        cmocka_unit_test(arena_has_a_maximum),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
