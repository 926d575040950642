/* Overlays: those that are shipped, and what is said of broken ones. */
#include "web/overlay.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct yw_overlay o;

static enum yw_code read_text(const char *text, struct yw_error *err) {
    return yw_overlay_read("x.yaml", text, strlen(text), &o, err);
}

#define HEAD "name: x\nsource: a book\nconfidence: read\n"

static void all_that_are_shipped_are_good(void **state) {
    (void)state;
    char names[YW_OVERLAYS_MAX][32];
    size_t n = yw_overlay_names(names, YW_OVERLAYS_MAX);
    assert_true(n >= 1);
    bool plain = false;
    for (size_t i = 0; i < n; i++) {
        struct yw_error err = {0};
        if (yw_overlay_load(names[i], &o, &err) != YW_OK) fail_msg("%s", err.text);
        assert_string_equal(o.name, names[i]);
        assert_true(o.title_zh[0] != '\0' && o.title_en[0] != '\0');
        plain = plain || strcmp(names[i], "plain-names") == 0;
    }
    assert_true(plain);
}

static void aliases_fields_and_commands_are_read(void **state) {
    (void)state;
    struct yw_error err = {0};
    assert_int_equal(
        read_text(HEAD "aliases:\n  SO2: a21026\n  PM2.5: a34004\nfields:\n  ValidNum: 有效个数 / valid\n"
                       "commands:\n  \"2063\": 混合样\n",
                  &err),
        YW_OK);
    assert_int_equal(o.alias_n, 2);
    assert_string_equal(o.aliases[1].from, "PM2.5");
    assert_string_equal(o.aliases[1].to, "a34004");
    assert_int_equal(o.field_n, 1);
    assert_string_equal(o.fields[0].zh, "有效个数");
    assert_string_equal(o.fields[0].en, "valid");
    assert_string_equal(o.commands[0].name, "2063");
    assert_string_equal(o.commands[0].en, "混合样");
}

static void what_is_wrong_is_named_by_line(void **state) {
    (void)state;
    static const struct {
        const char *text, *says;
    } wrong[] = {
        {"name: x\nsource: a book\n", "confidence"},
        {HEAD "colour: red\n", "line 4"},
        {HEAD "aliases: [a, b]\n", "line 4"},
        {HEAD "aliases:\n  SO2: far too long for a code\n", "line 5"},
        {HEAD "aliases:\n  SO2:\n    deep: er\n", "line 6"},
        {HEAD "others:\n  a: b\n", "line 5"},
        {HEAD "aliases:\n  \"a b\": a21026\n", "line 5"},
        {"- a\n- b\n", "line 1"},
        {"name: [\n", "line"},
        {"just text", "line 1"},
        {"", "name, source and confidence"},
    };
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        struct yw_error err = {0};
        assert_int_equal(read_text(wrong[i].text, &err), YW_E_FORMAT);
        if (strstr(err.text, wrong[i].says) == NULL) fail_msg("%zu: %s", i, err.text);
    }
}

static void names_do_not_lead_elsewhere(void **state) {
    (void)state;
    static const char *const names[] = {"../overlays/plain-names", "", "no-such", "PLAIN", "a/b", "."};
    for (size_t i = 0; i < YW_COUNT(names); i++)
        assert_int_equal(yw_overlay_load(names[i], &o, NULL), YW_E_NOT_FOUND);
}

static void too_many_aliases_are_refused(void **state) {
    (void)state;
    struct yw_buf b;
    struct yw_error err = {0};
    yw_buf_init(&b, 1 << 16);
    yw_buf_puts(&b, HEAD "aliases:\n");
    for (int i = 0; i < YW_ALIASES_MAX + 1; i++) yw_buf_printf(&b, "  N%d: a21026\n", i);
    assert_int_equal(yw_overlay_read("x", b.data, b.len, &o, &err), YW_E_FORMAT);
    assert_non_null(strstr(err.text, "64"));
    yw_buf_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_that_are_shipped_are_good),
        cmocka_unit_test(aliases_fields_and_commands_are_read),
        cmocka_unit_test(what_is_wrong_is_named_by_line),
        cmocka_unit_test(names_do_not_lead_elsewhere),
        cmocka_unit_test(too_many_aliases_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
