/* One packet -> one row: kinds, values exactly as sent, flags, texts, and what is no data at all. */
#include "pipeline/fold.h"

#include "hj212.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct yw_value values[YW_VALUES_MAX];
static char text[65536], plain[HJ212_FRAME_MAX];
static const struct yw_fold_with nothing;

static enum yw_fold fold(const char *cn, const char *flag, const char *cp, size_t cp_n, uint32_t flags,
                         struct yw_folded *out) {
    static char frame[HJ212_FRAME_MAX];
    hj212_message m = {.qn = hj212_text("20261107120000000"),
                       .st = hj212_text("31"),
                       .cn = hj212_text(cn),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text("010000A8900016F000169DC0"),
                       .flag = hj212_text(flag),
                       .cp = {cp, (uint32_t)cp_n}};
    if (flag[0] == '9') m.rf = hj212_text("1");
    struct yw_record r = {
        .arrival = 1000, .position = 77, .direction = YW_DIR_IN, .flags = flags, .device = 5};
    r.payload = frame;
    r.length = (uint32_t)hj212_encode(&m, frame, sizeof frame);
    assert_true(r.length > 0);
    r.peer.addr[10] = r.peer.addr[11] = 0xff;
    memcpy(r.peer.addr + 12, "\x0a\x01\x02\x03", 4);
    r.peer.port = 4242;
    *out = (struct yw_folded){.values = values, .text = text, .text_size = sizeof text, .plain = plain};
    return yw_fold_record(&r, 3, &nothing, out);
}

static enum yw_fold fold_text(const char *cn, const char *cp, struct yw_folded *out) {
    return fold(cn, "5", cp, strlen(cp), YW_REC_ADMITTED, out);
}

static void check_value(const struct yw_value *v, const char *factor, const char *field, const char *want) {
    char have[1100];
    yw_value_print(v, have, sizeof have);
    assert_string_equal(v->factor, factor);
    assert_string_equal(v->field, field);
    assert_string_equal(have, want);
}

static void values_are_taken_as_sent(void **unused) {
    YW_UNUSED(unused);
    struct yw_folded f;
    assert_int_equal(fold_text("2051",
                               "DataTime=20261107115900;a21026-Min=0.10,a21026-Avg=12.30,a21026-Flag=N;"
                               "a19001-Avg=---,a19001-SampleTime=20261107115900;w01018-Avg=-3",
                               &f),
                     YW_FOLD_ROW);
    assert_int_equal(f.row.kind, YW_KIND_MINUTE);
    assert_int_equal(f.row.device, 5);
    assert_int_equal(f.row.source.journal, 3);
    assert_int_equal(f.row.source.position, 77);
    assert_int_equal(f.row.source.arrival, 1000);
    assert_int_equal(f.row.time, INT64_C(1794023940) * YW_SECOND);
    assert_int_equal(f.row.count, 6);
    check_value(&values[0], "a21026", "Min", "0.10");
    check_value(&values[1], "a21026", "Avg", "12.30");
    check_value(&values[2], "a21026", "Flag", "N");
    check_value(&values[3], "a19001", "Avg", "---");
    check_value(&values[4], "a19001", "SampleTime", "20261107115900");
    check_value(&values[5], "w01018", "Avg", "-3");
    assert_true(values[3].is_text && !values[5].is_text);
}

static void commands_have_kinds(void **unused) {
    static const struct {
        const char *cn;
        enum yw_fold what;
        enum yw_kind kind;
    } table[] = {
        {"2011", YW_FOLD_ROW, YW_KIND_REAL},     {"2051", YW_FOLD_ROW, YW_KIND_MINUTE},
        {"2061", YW_FOLD_ROW, YW_KIND_HOUR},     {"2031", YW_FOLD_ROW, YW_KIND_DAY},
        {"2021", YW_FOLD_ROW, YW_KIND_FACILITY}, {"2041", YW_FOLD_ROW, YW_KIND_RUNTIME},
        {"2013", YW_FOLD_ROW, YW_KIND_PERIODIC}, {"2052", YW_FOLD_ROW, YW_KIND_PERIODIC},
        {"2062", YW_FOLD_ROW, YW_KIND_PERIODIC}, {"2111", YW_FOLD_ROW, YW_KIND_PERIODIC},
        {"3020", YW_FOLD_ROW, YW_KIND_INFO},     {"2081", YW_FOLD_ROW, YW_KIND_INFO},
        {"9011", YW_FOLD_NOT_DATA, 0},           {"9014", YW_FOLD_NOT_DATA, 0},
    };
    YW_UNUSED(unused);
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        struct yw_folded f;
        assert_int_equal(fold_text(table[i].cn, "DataTime=20261107115900;a21026-Rtd=1", &f), table[i].what);
        if (table[i].what == YW_FOLD_ROW) assert_int_equal(f.row.kind, table[i].kind);
    }
}

static void what_is_no_data_is_told_apart(void **unused) {
    YW_UNUSED(unused);
    struct yw_folded f;
    assert_int_equal(fold_text("2011", "BeginTime=20261107000000;EndTime=20261107010000", &f),
                     YW_FOLD_NOT_DATA);
    assert_int_equal(fold_text("1013", "", &f), YW_FOLD_NOT_DATA);
    assert_int_equal(fold_text("2051", "a21026-Avg=1", &f), YW_FOLD_UNREADABLE);
    assert_int_equal(fold_text("2051", "DataTime=20261307115900;a21026-Avg=1", &f), YW_FOLD_UNREADABLE);
    assert_int_equal(fold("2051", "5", "DataTime=20261107115900", 23, YW_REC_BAD_CRC, &f), YW_FOLD_NOTHING);
    assert_int_equal(fold("2051", "5", "DataTime=20261107115900", 23, YW_REC_GARBAGE, &f), YW_FOLD_NOTHING);
    struct yw_record r = {.direction = YW_DIR_OUT, .flags = YW_REC_ADMITTED, .payload = "x", .length = 1};
    assert_int_equal(yw_fold_record(&r, 0, &nothing, &f), YW_FOLD_NOTHING);
    r.direction = YW_DIR_IN;
    assert_int_equal(yw_fold_record(&r, 0, &nothing, &f), YW_FOLD_UNREADABLE);
}

static void flags_say_what_was_special(void **unused) {
    YW_UNUSED(unused);
    static const char cp[] = "DataTime=20261107115900;a21026-Avg=1";
    struct yw_folded f;
    assert_int_equal(fold("2051", "5", cp, sizeof cp - 1, YW_REC_ADMITTED, &f), YW_FOLD_ROW);
    assert_int_equal(f.row.flags, 0);
    assert_int_equal(fold("2051", "9", cp, sizeof cp - 1, YW_REC_ADMITTED, &f), YW_FOLD_ROW);
    assert_int_equal(f.row.flags & YW_ROW_BACKFILLED, YW_ROW_BACKFILLED);
    assert_int_equal(fold_text("2051", "DataTime=20261107115900;a21026-Avg=1;;Nonsense", &f), YW_FOLD_ROW);
    assert_int_equal(f.row.flags, YW_ROW_FINDINGS);
}

static void texts_become_utf8(void **unused) {
    YW_UNUSED(unused);
    static const char gbk[] = "DataTime=20261107115900;i12001-Info=\xd1\xdd\xce\xe4";
    static const char broken[] = "DataTime=20261107115900;i12001-Info=a\xff\xff";
    struct yw_folded f;
    assert_int_equal(fold("3020", "5", gbk, sizeof gbk - 1, YW_REC_ADMITTED, &f), YW_FOLD_ROW);
    check_value(&values[0], "i12001", "Info", "\xe6\xbc\x94\xe6\xad\xa6");
    assert_int_equal(fold("3020", "5", broken, sizeof broken - 1, YW_REC_ADMITTED, &f), YW_FOLD_ROW);
    check_value(&values[0], "i12001", "Info", "a??");
}

static void what_is_too_long_is_cut_and_said(void **unused) {
    YW_UNUSED(unused);
    struct yw_folded f;
    char cp[4000];
    int n = snprintf(cp, sizeof cp, "DataTime=20261107115900;averyverylongcode-Avg=1;a21026-Info=");
    memset(cp + n, 'x', 2000);
    assert_int_equal(fold("3020", "5", cp, (size_t)n + 2000, YW_REC_ADMITTED, &f), YW_FOLD_ROW);
    assert_int_equal(f.row.count, 1);
    assert_int_equal(f.row.values[0].text_n, YW_TEXT_MAX);
    assert_true(f.row.flags & YW_ROW_FINDINGS);
    struct yw_buf many; /* more values than a record has */
    yw_buf_init(&many, 9000);
    yw_buf_puts(&many, "DataTime=20261107115900");
    for (int i = 0; i < 600; i++) yw_buf_printf(&many, ";x%d-Avg=1", i);
    assert_int_equal(fold("2051", "5", many.data, many.len, YW_REC_ADMITTED, &f), YW_FOLD_ROW);
    assert_in_range(f.row.count, YW_VALUES_MAX - 1, YW_VALUES_MAX);
    assert_true(f.row.flags & YW_ROW_FINDINGS);
    yw_buf_free(&many);
}

static void unknown_devices_wait(void **unused) {
    YW_UNUSED(unused);
    struct yw_folded f;
    static const char cp[] = "DataTime=20261107115900;a21026-Avg=1";
    assert_int_equal(fold("2051", "5", cp, sizeof cp - 1, YW_REC_UNKNOWN, &f), YW_FOLD_WAITING);
    assert_string_equal(f.waiting.mn, "010000A8900016F000169DC0");
    assert_string_equal(f.waiting.st, "31");
    assert_string_equal(f.waiting.peer, "10.1.2.3:4242");
    assert_int_equal(f.waiting.packets, 1);
    assert_int_equal(f.waiting.bad_pw, 0);
    assert_int_equal(f.waiting.sample.position, 77);
    assert_int_equal(fold("2051", "5", cp, sizeof cp - 1, YW_REC_BAD_PW, &f), YW_FOLD_WAITING);
    assert_int_equal(f.waiting.bad_pw, 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_taken_as_sent),
        cmocka_unit_test(commands_have_kinds),
        cmocka_unit_test(what_is_no_data_is_told_apart),
        cmocka_unit_test(flags_say_what_was_special),
        cmocka_unit_test(texts_become_utf8),
        cmocka_unit_test(what_is_too_long_is_cut_and_said),
        cmocka_unit_test(unknown_devices_wait),
    };
    return cmocka_run_group_tests_name("pipeline fold", tests, NULL, NULL);
}
