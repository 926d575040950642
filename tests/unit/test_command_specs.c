/* The table of commands against share/hj212/commands.csv, and against itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "command/command.h"

struct csv_row { /* host->field rows of the CSV */
    uint16_t cn;
    char zh[80], edition[80], reply[80];
};
enum { ROWS_MAX = 100 };

static size_t load(struct csv_row *rows) {
    char path[1024];
    struct yw_buf text;
    struct yw_error err;
    yw_buf_init(&text, 1 << 20);
    assert_int_equal(yw_share_path("hj212/commands.csv", path, sizeof path, &err), YW_OK);
    assert_int_equal(yw_file_read(path, 1 << 20, &text, &err), YW_OK);
    struct yw_csv *c = yw_csv_open(text.data, text.len, &err);
    assert_non_null(c);
    const char *const *f;
    size_t n, count = 0;
    assert_int_equal(yw_csv_row(c, &f, &n, &err), YW_OK);
    assert_string_equal(f[0], "cn");
    assert_string_equal(f[2], "name_zh");
    assert_string_equal(f[3], "direction");
    assert_string_equal(f[5], "reply");
    assert_string_equal(f[7], "edition");
    while (yw_csv_row(c, &f, &n, &err) == YW_OK) {
        if (strcmp(f[3], "host->field") != 0) continue;
        assert_true(count < ROWS_MAX);
        struct csv_row *r = &rows[count++];
        assert_true(yw_parse_u16(f[0], strlen(f[0]), &r->cn));
        assert_true(yw_copy(r->zh, sizeof r->zh, f[2], strlen(f[2])));
        assert_true(yw_copy(r->edition, sizeof r->edition, f[7], strlen(f[7])));
        assert_true(yw_copy(r->reply, sizeof r->reply, f[5], strlen(f[5])));
    }
    yw_csv_close(c);
    yw_buf_free(&text);
    return count;
}

static unsigned versions_of(const char *edition) {
    if (strstr(edition, "removed 2017")) return YW_V2005;
    if (strncmp(edition, "2005", 4) == 0) return YW_VALL;
    if (strncmp(edition, "2017", 4) == 0) return YW_V2017 | YW_V2025;
    assert_true(strncmp(edition, "2025", 4) == 0);
    return YW_V2025;
}

static void every_row_of_the_csv(void **state) {
    (void)state;
    struct csv_row rows[ROWS_MAX];
    size_t n = load(rows);
    assert_true(n >= 40);
    for (size_t i = 0; i < n; i++) {
        unsigned have = 0;
        bool named = false, replied = false;
        for (size_t k = 0; k < yw_command_spec_n; k++) {
            const struct yw_command_spec *s = &yw_command_specs[k];
            char upload[16];
            if (s->cn != rows[i].cn) continue;
            have |= s->versions;
            named |= strcmp(s->zh, rows[i].zh) == 0;
            /* "9011; 1061 upload; 9012", "9011 then 9012; afterwards 2011 uploads", "9013" */
            snprintf(upload, sizeof upload, "%u upload", s->upload);
            bool as_it_says = (s->flow == YW_FLOW_NOTICE) == (strcmp(rows[i].reply, "9013") == 0);
            as_it_says &= (s->upload != 0) == (strstr(rows[i].reply, "upload") != NULL);
            as_it_says &= s->upload == 0 || strstr(rows[i].reply, upload);
            as_it_says &= (s->answer == YW_ANSWER_FOLLOWS) == (strstr(rows[i].reply, "afterwards") != NULL);
            replied |= as_it_says;
        }
        if (have != versions_of(rows[i].edition) || !named || !replied)
            fail_msg("CN %u (%s): versions %u, named %d, replied %d", rows[i].cn, rows[i].edition, have,
                     named, replied);
    }
}

static void nothing_besides(void **state) {
    (void)state;
    struct csv_row rows[ROWS_MAX];
    size_t n = load(rows);
    for (size_t k = 0; k < yw_command_spec_n; k++) {
        const struct yw_command_spec *s = &yw_command_specs[k];
        bool found = false;
        for (size_t i = 0; i < n; i++)
            found |= rows[i].cn == s->cn && (s->versions & ~versions_of(rows[i].edition)) == 0;
        if (!found) fail_msg("%s (%u) is not in commands.csv", s->key, s->cn);
    }
}

static const struct yw_param *param(const struct yw_command_spec *s, const char *name) {
    for (unsigned i = 0; i < s->param_n; i++)
        if (strcmp(s->params[i].name, name) == 0) return &s->params[i];
    return NULL;
}

static void in_itself(void **state) {
    (void)state;
    for (size_t k = 0; k < yw_command_spec_n; k++) {
        const struct yw_command_spec *s = &yw_command_specs[k];
        assert_ptr_equal(yw_command_by_key(s->key), s);
        assert_true(s->versions != 0 && (s->versions & ~YW_VALL) == 0);
        assert_true(*s->zh && *s->en && *s->help_zh && *s->help_en);
        assert_true(yw_utf8_valid(s->help_zh, strlen(s->help_zh)));
        assert_int_equal(s->upload != 0, s->answer != YW_ANSWER_NONE);
        assert_true(s->param_n <= YW_ARGUMENTS_MAX);
        const struct yw_param *begin = param(s, "BeginTime"), *end = param(s, "EndTime");
        assert_int_equal(s->range, begin && end && begin->required && end->required);
        if (k) assert_true(yw_command_specs[k - 1].cn <= s->cn);
        for (unsigned i = 0; i < s->param_n; i++) {
            const struct yw_param *p = &s->params[i];
            assert_ptr_equal(param(s, p->name), p); /* no name twice */
            assert_true(*p->zh && *p->en);
            assert_int_equal(p->kind == YW_PARAM_CHOICE, p->choices != NULL);
            assert_true(p->least <= p->most);
            bool sized = p->kind == YW_PARAM_NUMBER || p->kind == YW_PARAM_TEXT ||
                         p->kind == YW_PARAM_SECRET || p->kind == YW_PARAM_FREE;
            assert_int_equal(sized, p->most > 0);
            assert_int_equal(p->versions & ~s->versions, 0);
        }
    }
}

static const char *key_of(uint16_t cn, uint16_t version) {
    const struct yw_command_spec *s = yw_command_by_cn(cn, version);
    return s ? s->key : "";
}

static void found_by_cn(void **state) {
    (void)state;
    assert_string_equal(key_of(3013, 2005), "operate-device");
    assert_string_equal(key_of(3013, 2017), "clean");
    assert_string_equal(key_of(3014, 2005), "set-sampling-schedule");
    assert_string_equal(key_of(3014, 2025), "comparison-sample");
    assert_string_equal(key_of(1072, 2005), "set-password-2005");
    assert_string_equal(key_of(1072, 2017), "set-password");
    assert_string_equal(key_of(2011, 2025), "start-realtime");
    assert_string_equal(key_of(3020, 2017), "get-info");
    assert_string_equal(key_of(1001, 2017), "");
    assert_string_equal(key_of(1063, 2005), "");
    assert_string_equal(key_of(9011, 2017), "");
    assert_string_equal(yw_command_by_key("1012")->key, "set-clock");
    assert_null(yw_command_by_key("2111"));
    assert_null(yw_command_by_key(""));
    assert_null(yw_command_by_key("set-clock "));
    assert_int_equal(yw_version_bit(2013), 0);
}

static void words_of_both_tables(void **state) {
    (void)state;
    static const int qnrtn[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 100}, exertn[] = {1, 2, 3, 4, 5, 6, 100};
    assert_int_equal(yw_qnrtn_word_n, YW_COUNT(qnrtn));
    assert_int_equal(yw_exertn_word_n, YW_COUNT(exertn));
    for (size_t i = 0; i < YW_COUNT(qnrtn); i++) assert_int_equal(yw_qnrtn_words[i].code, qnrtn[i]);
    for (size_t i = 0; i < YW_COUNT(exertn); i++) assert_int_equal(yw_exertn_words[i].code, exertn[i]);
    assert_string_equal(yw_qnrtn_text(1, true), "准备执行请求");
    assert_string_equal(yw_qnrtn_text(3, false), "wrong PW");
    assert_string_equal(yw_exertn_text(100, true), "没有数据");
    assert_string_equal(yw_exertn_text(5, false), "busy");
    assert_string_equal(yw_exertn_text(-1, false), yw_qnrtn_text(77, false));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_of_the_csv),
        cmocka_unit_test(nothing_besides),
        cmocka_unit_test(in_itself),
        cmocka_unit_test(found_by_cn),
        cmocka_unit_test(words_of_both_tables),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
