/* The book of effects: what is shipped reads and is whole; what is wrong is told by its line; docs/faults.md
 * says the same; nothing in it is a recipe. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "plant_rig.h"

static const char base_text[] = "effects:\n"                                                         /* 1 */
                                "  - id: F99\n"                                                      /* 2 */
                                "    kind: fraud\n"                                                  /* 3 */
                                "    name: {zh: 测试, en: test}\n"                                   /* 4 */
                                "    applies: gas\n"                                                 /* 5 */
                                "    trigger: {when: above, a: 1, b: 0.8}\n"                         /* 6 */
                                "    signature: {zh: 一, en: one}\n"                                 /* 7 */
                                "    evidence: {zh: 二, en: two}\n"                                  /* 8 */
                                "    alike: {zh: 三, en: three}\n"                                   /* 9 */
                                "    source: test\n"                                                 /* 10 */
                                "    edition: \"2026\"\n"                                            /* 11 */
                                "    confidence: D\n"                                                /* 12 */
                                "    deeds:\n"                                                       /* 13 */
                                "      - {at: line, do: mix, medium: air, on: [gases, o2], a: 1}\n"  /* 14 */
                                "      - {at: parameter, do: parameter, parameter: slope, a: 0.5}\n" /* 15 */
                                "      - {at: mark, do: mark, mark: Sd}\n";                          /* 16 */

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
    static struct yw_effect_book b;
    struct yw_error err = {.text = ""};
    if (yw_effects_parse(base_text, strlen(base_text), &b, &err)) fail_msg("%s", err.text);
    assert_int_equal(b.n, 1);
    const struct yw_effect *e = yw_effect_find(&b, "F99", 3);
    assert_non_null(e);
    assert_null(yw_effect_find(&b, "F9", 2));
    assert_true(e->fraud);
    assert_string_equal(e->name[0], "测试");
    assert_string_equal(e->alike[1], "three");
    assert_int_equal(e->trigger.kind, YW_WHEN_ABOVE);
    assert_true(e->trigger.b == 0.8);
    assert_int_equal(e->deed_n, 3);
    assert_int_equal(e->deeds[0].medium, YW_MIX_AIR);
    struct yw_active a = {.deed = &e->deeds[0],
                          .quantities = {e->deeds[0].quantities[0], e->deeds[0].quantities[1]}};
    assert_true(yw_active_hits(&a, YW_Q_SO2));
    assert_true(yw_active_hits(&a, YW_Q_TOLUENE));
    assert_true(yw_active_hits(&a, YW_Q_O2));
    assert_false(yw_active_hits(&a, YW_Q_DUST));
    assert_false(yw_active_hits(&a, YW_Q_COD));
    assert_int_equal(e->deeds[1].parameter, YW_PARAMETER_SLOPE);
    assert_int_equal(e->deeds[2].mark, YW_MARK_SD);
}

static void test_wrong_lines_are_named(void **state) {
    (void)state;
    static const struct {
        unsigned line, told;
        const char *text, *says;
    } cases[] = {
        {1, 1, "things:\n", "unknown key"},
        {2, 2, "  - id: F99-with-a-long-name\n", "shorter text"},
        {3, 2, "    kind: crime\n", "take one of fault, fraud"},
        {4, 4, "    name: {zh: 测试}\n", "`en` is missing"},
        {5, 2, "    applies: soil\n", "take one of gas, water"},
        {6, 2, "    trigger: {when: above, a: 0.5, b: 0.8}\n", "0 < b <= a"},
        {6, 2, "    trigger: {when: night, a: 22, b: 30}\n", "0 to 24"},
        {6, 2, "    trigger: {when: noon}\n", "take one of always"},
        {6, 6, "    trigger: {when: above, a: x}\n", "a number"},
        {7, 7, "    signatures: {zh: 一, en: one}\n", "unknown key"},
        {10, 2, "\n", "`source` is missing"},
        {12, 2, "    confidence: R\n", "take one of S, K, V, D"},
        {14, 14, "      - {at: pipe, do: mix, medium: air}\n", "take one of source, duct"},
        {14, 14, "      - {at: line, do: stir, medium: air}\n", "take one of input, mix"},
        {14, 14, "      - {at: line, do: mix, a: 1}\n", "medium"},
        {14, 14, "      - {at: line, do: mix, medium: beer}\n", "air, nitrogen, tap, river"},
        {14, 14, "      - {at: das, do: mix, medium: air}\n", "cannot happen at `das`"},
        {14, 14, "      - {at: line, do: remove, on: [gold], a: 1}\n", "`gold` is no quantity"},
        {14, 14, "      - {at: line, do: remove, on: so2, a: 1}\n", "list of quantities"},
        {14, 14, "      - {at: line, do: remove, a: 1e9}\n", "must be"},
        {14, 14, "      - {at: line, do: add, of: share, a: 1}\n", "unit, range, limit, standard"},
        {14, 14, "      - {at: line, do: pulse, a: 5, b: 5}\n", "0 < a < b"},
        {14, 14, "      - {at: das, do: copy, on: [dust], a: 1}\n", "`source` must name"},
        {14, 14, "      - {at: source, do: input, a: 1}\n", "`input` must name"},
        {14, 14, "      - {at: line, do: condition, a: 1}\n", "condition"},
        {14, 14, "      - just words\n", "mapping"},
        {15, 15, "      - {at: parameter, do: parameter, parameter: colour, a: 1}\n", "no parameter"},
        {16, 16, "      - {at: mark, do: mark, mark: Q}\n", "no data mark"},
    };
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        char *text = with_line(cases[i].line, cases[i].text);
        static struct yw_effect_book b;
        struct yw_error err = {.text = ""};
        if (yw_effects_parse(text, strlen(text), &b, &err) == YW_OK) fail_msg("read: %s", cases[i].text);
        char line[16];
        snprintf(line, sizeof line, "line %u:", cases[i].told);
        if (!strstr(err.text, line) || !strstr(err.text, cases[i].says))
            fail_msg("%s told as: %s", cases[i].text, err.text);
        assert_int_equal(b.n, 0);
        free(text);
    }
}

static void test_limits(void **state) {
    (void)state;
    static struct yw_effect_book b;
    struct yw_error err;
    assert_int_equal(yw_effects_parse("", 0, &b, &err), YW_E_FORMAT);
    struct yw_buf t;
    yw_buf_init(&t, 2 << 20);
    yw_buf_puts(&t, base_text);
    for (int i = 0; i < 6; i++) yw_buf_puts(&t, "      - {at: das, do: hold}\n");
    assert_int_equal(yw_effects_parse(t.data, t.len, &b, &err), YW_E_LIMIT);
    yw_buf_clear(&t);
    yw_buf_puts(&t, base_text);
    yw_buf_puts(&t, strchr(base_text, '\n') + 1);
    assert_int_equal(yw_effects_parse(t.data, t.len, &b, &err), YW_E_EXISTS);
    yw_buf_clear(&t);
    while (t.len <= 600 << 10) yw_buf_puts(&t, base_text);
    assert_int_equal(yw_effects_parse(t.data, t.len, &b, &err), YW_E_LIMIT);
    yw_buf_free(&t);
}

static void test_all_are_there(void **state) {
    (void)state;
    const struct yw_effect_book *b = rig_book();
    assert_int_equal(b->n, 64);
    for (int i = 1; i <= 64; i++) {
        char id[8];
        snprintf(id, sizeof id, "%c%02d", i <= 16 ? 'N' : 'F', i <= 16 ? i : i - 16);
        const struct yw_effect *e = yw_effect_find(b, id, strlen(id));
        if (!e) fail_msg("%s is missing", id);
        assert_int_equal(e->fraud, id[0] == 'F');
        assert_true(e->deed_n >= 1);
        for (int k = 0; k < 2; k++) {
            const char *texts[] = {e->name[k], e->signature[k], e->evidence[k], e->alike[k]};
            for (size_t j = 0; j < YW_COUNT(texts); j++)
                assert_true(strlen(texts[j]) >= 5 && yw_utf8_valid(texts[j], strlen(texts[j])));
        }
    }
}

/* Groups of quantities must not silently hit what a stream deed at the same place is not for. */
static void test_stream_deeds_name_their_quantities(void **state) {
    (void)state;
    const struct yw_effect_book *b = rig_book();
    for (size_t i = 0; i < b->n; i++)
        for (uint32_t k = 0; k < b->items[i].deed_n; k++) {
            const struct yw_effect_deed *d = &b->items[i].deeds[k];
            bool stream = d->place == YW_AT_DUCT || d->place == YW_AT_PROBE || d->place == YW_AT_LINE;
            bool some = d->what == YW_DO_REMOVE || d->what == YW_DO_SCALE || d->what == YW_DO_ADD ||
                        d->what == YW_DO_BOTTLE;
            if (stream && some && !(d->quantities[0] | d->quantities[1]))
                fail_msg("%s: a deed names no quantities", b->items[i].id);
        }
}

/* Phenomena and checks, no recipe: no doses, concentrations of reagents, model numbers, addresses. Numbers
 * stand only where a published case or a check has them. */
static void test_no_recipes(void **state) {
    (void)state;
    static const char *const never[] = {"http",  "www.",   "buy ",   "Step 1", "step 1",        "first,",
                                        "型号",  "购买",   "步骤",   "兑水",   "password",      "密码",
                                        "mol/L", " kg ",   "千克",   "浓度为", "software name", "wire to",
                                        "接线",  "添加量", "dose of"};
    const struct yw_effect_book *b = rig_book();
    for (size_t i = 0; i < b->n; i++)
        for (int k = 0; k < 2; k++) {
            const struct yw_effect *e = &b->items[i];
            const char *texts[] = {e->name[k], e->signature[k], e->evidence[k], e->alike[k], e->source};
            for (size_t j = 0; j < YW_COUNT(texts); j++)
                for (size_t w = 0; w < YW_COUNT(never); w++)
                    if (strstr(texts[j], never[w])) fail_msg("%s says `%s`", e->id, never[w]);
        }
}

static void cell(struct yw_buf *out, const char text[2][320]) {
    yw_buf_printf(out, " %s<br>%s |", text[0], text[1]);
}

static void table(struct yw_buf *out, bool fraud) {
    yw_buf_puts(out, "| | 数据表现 · what the data show | 现场看什么 · what to look at | 容易混淆 · what "
                     "looks alike | 来源 · source |\n"
                     "| --- | --- | --- | --- | --- |\n");
    const struct yw_effect_book *b = rig_book();
    for (size_t i = 0; i < b->n; i++) {
        const struct yw_effect *e = &b->items[i];
        if (e->fraud != fraud) continue;
        yw_buf_printf(out, "| **%s** %s<br>%s |", e->id, e->name[0], e->name[1]);
        cell(out, e->signature);
        cell(out, e->evidence);
        cell(out, e->alike);
        yw_buf_printf(out, " %s (%s, %s) |\n", e->source, e->edition, e->confidence);
    }
}

/* The table in docs/faults.md is the book's. When it is not, the right one lies in the build folder. */
static void test_document_is_the_book(void **state) {
    (void)state;
    static const char mark[] = "<!-- from share/plant/effects.yaml -->\n";
    struct yw_buf want, path, text;
    yw_buf_init(&want, 1 << 20);
    yw_buf_init(&path, 1024);
    yw_buf_init(&text, 1 << 20);
    yw_buf_puts(&want, "\n## 无辜故障 · Innocent faults\n\n");
    table(&want, false);
    yw_buf_puts(&want, "\n## 弄虚作假 · Frauds\n\n");
    table(&want, true);
    assert_false(want.failed);
    yw_buf_printf(&path, "%s/docs/faults.md", getenv("YANWU_SOURCE"));
    struct yw_error err = {.text = ""};
    if (yw_file_read(path.data, 1 << 20, &text, &err)) fail_msg("%s", err.text);
    const char *at = strstr(text.data, mark);
    assert_non_null(at);
    if (strcmp(at + strlen(mark), want.data) != 0) {
        yw_buf_clear(&path);
        yw_buf_printf(&path, "%s/faults.table.md", getenv("YANWU_BUILD"));
        FILE *f = fopen(path.data, "w");
        assert_non_null(f);
        assert_int_equal(fwrite(want.data, 1, want.len, f), want.len);
        assert_int_equal(fclose(f), 0);
        fail_msg("docs/faults.md differs from the book behind its mark; put %s there", path.data);
    }
    yw_buf_free(&want);
    yw_buf_free(&path);
    yw_buf_free(&text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_base_reads),
        cmocka_unit_test(test_wrong_lines_are_named),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_all_are_there),
        cmocka_unit_test(test_stream_deeds_name_their_quantities),
        cmocka_unit_test(test_no_recipes),
        cmocka_unit_test(test_document_is_the_book),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
