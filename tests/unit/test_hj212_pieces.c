/* The pieces: CRC, SM4, decimals, times, items, the writer, the answer 9014. */
#include "hj212_test.h"

/* As the standard describes it, bit by bit. */
static uint16_t crc_by_bits(const uint8_t *p, size_t n, bool modbus) {
    uint32_t r = 0xFFFF;
    for (size_t i = 0; i < n; i++) {
        r = modbus ? r ^ p[i] : (r >> 8) ^ p[i];
        for (int k = 0; k < 8; k++) r = r & 1 ? r >> 1 ^ 0xA001 : r >> 1;
    }
    return (uint16_t)r;
}

static void crc(void **state) {
    (void)state;
    assert_int_equal(hj212_crc("123456789", 9), 0x2F80);
    assert_int_equal(hj212_crc("", 0), 0xFFFF);
    assert_int_equal(hj212_crc_modbus("123456789", 9), 0x4B37);
    uint64_t seed = 7;
    uint8_t bytes[700];
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)random_below(&seed, 256);
    for (size_t n = 0; n <= 600; n++)
        for (size_t from = 0; from < 9; from++) {
            uint16_t want = crc_by_bits(bytes + from, n, false);
            assert_int_equal(hj212_crc(bytes + from, n), want);
            assert_int_equal(hj212_crc_portable(bytes + from, n), want);
            assert_int_equal(hj212_crc_modbus(bytes + from, n), crc_by_bits(bytes + from, n, true));
        }
}

static void sm4(void **state) {
    (void)state;
    /* the example of GB/T 32907 */
    static const uint8_t key[16] = {0x01, 0x23, 0x45, 0x67, 0x89, 0xAB, 0xCD, 0xEF,
                                    0xFE, 0xDC, 0xBA, 0x98, 0x76, 0x54, 0x32, 0x10};
    static const uint8_t cipher[16] = {0x68, 0x1E, 0xDF, 0x34, 0xD2, 0x06, 0x96, 0x5E,
                                       0x86, 0xB3, 0xE9, 0x4F, 0x53, 0x6E, 0x42, 0x46};
    uint8_t out[16];
    hj212_sm4(key, true, key, out);
    assert_memory_equal(out, cipher, 16);
    hj212_sm4(key, false, out, out);
    assert_memory_equal(out, key, 16);
    /* and its million rounds, shortened: the key stream of a thousand returns the same way */
    memcpy(out, key, 16);
    for (int i = 0; i < 1000; i++) hj212_sm4(key, true, out, out);
    for (int i = 0; i < 1000; i++) hj212_sm4(key, false, out, out);
    assert_memory_equal(out, key, 16);
}

static void decimals(void **state) {
    (void)state;
    static const struct {
        const char *text;
        bool ok;
        int64_t mantissa;
        int scale;
    } cases[] = {
        {"12.30", true, 1230, 2},
        {"0", true, 0, 0},
        {"-7.1", true, -71, 1},
        {"+7.1", true, 71, 1},
        {"007.10", true, 710, 2},
        {"12345678", true, 12345678, 0},
        {"1234567.8", true, 12345678, 1},
        {"123456.78", true, 12345678, 2},
        {"123456789012345678", true, INT64_C(123456789012345678), 0},
        {"0.123456789012345678", false, 0, 0},
        {"0.12345678901234567", true, INT64_C(12345678901234567), 17},
        {"1234567890123456789", false, 0, 0},
        {"", false, 0, 0},
        {".", false, 0, 0},
        {".5", false, 0, 0},
        {"5.", false, 0, 0},
        {"-", false, 0, 0},
        {"--1", false, 0, 0},
        {"1.2.3", false, 0, 0},
        {"1..2", false, 0, 0},
        {"7.x", false, 0, 0},
        {"7/1", false, 0, 0},
        {"7,1", false, 0, 0},
        {"1e5", false, 0, 0},
        {"NaN", false, 0, 0},
        {"12 ", false, 0, 0},
        {"1234567.x", false, 0, 0},
        {"\xB7\xB7", false, 0, 0},
        {"1.\xAE", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        hj212_decimal d = {99, 99};
        hj212_span s = hj212_text(cases[i].text);
        bool ok = hj212_parse_decimal(s, &d);
        if (ok != cases[i].ok) fail_msg("%s is %sa number", cases[i].text, ok ? "" : "not ");
        if (ok) {
            assert_int_equal(d.mantissa, cases[i].mantissa);
            assert_int_equal(d.scale, cases[i].scale);
        }
    }
    hj212_decimal d;
    assert_false(hj212_parse_decimal((hj212_span){NULL, 0}, &d));
}

/* Every text of up to four characters of a small alphabet: the number is what a plain reading gives. */
static void short_decimals(void **state) {
    (void)state;
    static const char alphabet[] = "0159.-+x/";
    for (uint32_t code = 0; code < 9 * 9 * 9 * 9 * 5; code++) {
        char text[5];
        uint32_t n = code / 6561, rest = code % 6561;
        for (uint32_t i = 0; i < n; i++, rest /= 9) text[i] = alphabet[rest % 9];
        text[n] = 0;
        const char *p = text + (n && (*text == '-' || *text == '+'));
        size_t digits = strspn(p, "0159"), more = p[digits] == '.' ? strspn(p + digits + 1, "0159") : 0;
        bool want = digits && (p[digits] == 0 || (p[digits] == '.' && more && p[digits + 1 + more] == 0));
        hj212_decimal d;
        assert_int_equal(hj212_parse_decimal(hj212_text(text), &d), want);
        if (!want) continue;
        int64_t mantissa = 0;
        for (const char *at = p; *at; at++)
            if (*at != '.') mantissa = mantissa * 10 + (*at - '0');
        assert_int_equal(d.mantissa, *text == '-' ? -mantissa : mantissa);
        assert_int_equal(d.scale, more);
    }
}

static void times(void **state) {
    (void)state;
    int64_t t;
    char back[18] = "";
    assert_true(hj212_parse_time(hj212_text("19700101080000"), &t));
    assert_int_equal(t, 0);
    assert_true(hj212_parse_time(hj212_text("20160801085857223"), &t));
    assert_int_equal(t, INT64_C(1470013137223000));
    hj212_print_time(t, true, back);
    assert_string_equal(back, "20160801085857223");
    static const char *const good[] = {"20240229000000", "20000229235959", "00010101000000",
                                       "99991231235959", "19700101000000", "19691231235959"};
    static const char *const bad[] = {"20161301085857",    "20160001085857", "20160230000000",
                                      "20230229000000",    "19000229000000", "20160100000000",
                                      "20160132000000",    "20160801240000", "20160801086000",
                                      "20160801085860",    "2016080108585",  "201608010858577",
                                      "2016080108585x",    "x0160801085857", "00000101000000",
                                      "20160801085857x23", "20160801 85857", ""};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        memset(back, 0, sizeof back);
        assert_true(hj212_parse_time(hj212_text(good[i]), &t));
        hj212_print_time(t, false, back);
        assert_string_equal(back, good[i]);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (hj212_parse_time(hj212_text(bad[i]), &t)) fail_msg("%s is a time", bad[i]);
    uint64_t seed = 3;
    for (int i = 0; i < 20000; i++) {
        int64_t want = ((int64_t)random_below(&seed, 1U << 31) * 4 + random_below(&seed, 4)) * 1000000 +
                       (int64_t)random_below(&seed, 1000) * 1000;
        hj212_print_time(want, true, back);
        assert_true(hj212_parse_time((hj212_span){back, 17}, &t));
        assert_int_equal(t, want);
    }
}

static void expect_items(const char *cp, const char *want) {
    struct text t = {0};
    hj212_iterator it;
    hj212_item item;
    hj212_value values[40];
    text_add(&t, "%s", "");
    hj212_items(&it, hj212_text(cp));
    size_t count = 0;
    while (hj212_next(&it, &item)) {
        text_add(&t, "%.*s|%.*s|%.*s@%u ", item.code.n, item.code.p ? item.code.p : "", item.field.n,
                 item.field.p, item.value.n, item.value.p, item.offset);
        count++;
    }
    assert_string_equal(t.p, want);
    /* hj212_values sees the same items, although it goes by an index */
    assert_int_equal(hj212_values(hj212_text(cp), values, 40), count);
    hj212_items(&it, hj212_text(cp));
    for (size_t i = 0; hj212_next(&it, &item); i++) {
        assert_ptr_equal(values[i].item.code.p, item.code.p);
        assert_ptr_equal(values[i].item.field.p, item.field.p);
        assert_ptr_equal(values[i].item.value.p, item.value.p);
        assert_int_equal(values[i].item.value.n, item.value.n);
        assert_int_equal(values[i].item.field.n, item.field.n);
        assert_int_equal(values[i].item.offset, item.offset);
    }
    free(t.p);
}

static void items(void **state) {
    (void)state;
    expect_items("", "");
    expect_items("DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N",
                 "|DataTime|20160801085857@0 w01001|Rtd|7.1@24 w01001|Flag|N@39 ");
    expect_items(" a = 1 ;; b=2,", "|a|1@1 |b|2@10 ");
    expect_items("a;b=;=c", "|a|@0 |b|@2 ||c@5 ");
    expect_items("a-b-c-Rtd=1;-x=2;x-=3", "a-b-c|Rtd|1@0 |-x|2@12 x||3@17 ");
    expect_items("a=b=c;d=e", "|a|b=c@0 |d|e@6 ");
    expect_items("i11001-Info=//x;y,z=1//;b=2", "i11001|Info|//x;y,z=1//@0 |b|2@24 ");
    expect_items("i11001-Info=//x;b=2", "i11001|Info|//x@0 |b|2@16 ");
    expect_items("i11001-Info=////;b=2", "i11001|Info|////@0 |b|2@17 ");
    expect_items("a01001-SampleTime=1;LongestCode12-NightData=2",
                 "a01001|SampleTime|1@0 LongestCode12|NightData|2@20 ");
    assert_int_equal(hj212_cp_field(hj212_text("a-DataTime=1;DataTime=2"), "DataTime").p[0], '2');
    assert_null(hj212_cp_field(hj212_text("a-DataTime=1"), "DataTime").p);
    assert_null(hj212_cp_field((hj212_span){NULL, 0}, "DataTime").p);
}

static void typed_values(void **state) {
    (void)state;
    hj212_value v[9];
    size_t n =
        hj212_values(hj212_text("DataTime=20160801085857;a-Rtd=-7.10,a-Flag=3,a-SampleTime=20160801070000;"
                                "p99101-Rtd=St;PolId=011;i13004-Info=168.0;ValidNum=10;a-Cou=123456789.25"),
                     v, 9);
    assert_int_equal(n, 9);
    static const hj212_value_kind kinds[] = {HJ212_V_TIME,   HJ212_V_NUMBER, HJ212_V_TEXT,
                                             HJ212_V_TIME,   HJ212_V_TEXT,   HJ212_V_TEXT,
                                             HJ212_V_NUMBER, HJ212_V_NUMBER, HJ212_V_NUMBER};
    static const hj212_field fields[] = {HJ212_FIELD_OTHER,      HJ212_FIELD_RTD,   HJ212_FIELD_FLAG,
                                         HJ212_FIELD_SAMPLETIME, HJ212_FIELD_RTD,   HJ212_FIELD_OTHER,
                                         HJ212_FIELD_INFO,       HJ212_FIELD_OTHER, HJ212_FIELD_COU};
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(v[i].kind, kinds[i]);
        assert_int_equal(v[i].field, fields[i]);
    }
    assert_int_equal(v[0].time_us, INT64_C(1470013137000000));
    assert_int_equal(v[1].number.mantissa, -710);
    assert_int_equal(v[1].number.scale, 2);
    assert_int_equal(v[8].number.mantissa, INT64_C(12345678925));
    assert_int_equal(hj212_values(hj212_text("a=1;b=2;c=3"), v, 2), 3);
    for (int f = HJ212_FIELD_RTD; f < HJ212_FIELD_COUNT; f++)
        assert_int_equal(hj212_field_of(hj212_text(hj212_field_name((hj212_field)f))), f);
    assert_int_equal(hj212_field_of(hj212_text("rtd")), HJ212_FIELD_OTHER);
    assert_int_equal(hj212_field_of(hj212_text("SampleTimf")), HJ212_FIELD_OTHER);
    assert_string_equal(hj212_field_name(HJ212_FIELD_OTHER), "");
}

static void writer(void **state) {
    (void)state;
    char out[200];
    hj212_writer w;
    hj212_writer_init(&w, out, sizeof out);
    hj212_put(&w, NULL, "DataTime", "20160801085857");
    hj212_put_decimal(&w, "w01001", "Rtd", (hj212_decimal){71, 1});
    hj212_put(&w, "w01001", "Flag", "N");
    hj212_put_decimal(&w, "w01018", "Rtd", (hj212_decimal){-5, 3});
    hj212_put_decimal(&w, "w01018", "Cou", (hj212_decimal){INT64_MIN, 0});
    hj212_put_decimal(&w, "w01018", "Min", (hj212_decimal){0, 2});
    hj212_span s = hj212_written(&w);
    static const char want[] = "DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N;w01018-Rtd=-0.005,"
                               "w01018-Cou=-9223372036854775808,w01018-Min=0.00";
    assert_int_equal(s.n, sizeof want - 1);
    assert_memory_equal(s.p, want, s.n);
    for (size_t size = 0; size < sizeof want - 1; size++) { /* never past its end, and the failure stays */
        char *small = malloc(size + 1);
        assert_non_null(small);
        small[size] = 'x';
        hj212_writer_init(&w, small, size);
        hj212_put(&w, NULL, "DataTime", "20160801085857");
        hj212_put(&w, "w01001", "Rtd", "7.1");
        hj212_put(&w, "w01018", "Rtd",
                  "a value long enough to pass any of these sizes, which are under 120 bytes each");
        hj212_put(&w, NULL, "a", "");
        assert_null(hj212_written(&w).p);
        assert_int_equal(small[size], 'x');
        free(small);
    }
}

static void expect_ack(const char *frame, const char *want_segment) {
    hj212_packet p, ack;
    char out[400];
    assert_int_equal(hj212_decode(NULL, frame, strlen(frame), &p).status, HJ212_PACKET);
    size_t n = hj212_encode_ack(&p, out, sizeof out);
    assert_true(n > 0);
    assert_int_equal(hj212_decode(NULL, out, n, &ack).consumed, n);
    assert_true(ack.ok);
    assert_int_equal(ack.command, 9014);
    assert_int_equal(ack.segment.n, strlen(want_segment));
    assert_memory_equal(ack.segment.p, want_segment, ack.segment.n);
    assert_int_equal(hj212_encode_ack(&p, out, n - 1), 0);
}

static void acks(void **state) {
    (void)state;
    expect_ack(
        "##0139QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&DataTime="
        "20160801085857;w01001-Rtd=7.1,w01001-Flag=N&&BE01\r\n",
        "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&");
    expect_ack("##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&"
               "2200\r\n",
               "QN=20240601085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=8;CP=&&&&");
    expect_ack("##0124QN=20170302150101001;ST=22;CN=2051;PW=123456;MN=AQHJ0QP0100001;Flag=3;CP=&&BeginTime="
               "20170302000000,EndTime=20170303000000&&0137\r\n",
               "ST=91;CN=9014;PW=123456;MN=AQHJ0QP0100001;Flag=0;CP=&&QN=20170302150101001&&");
    expect_ack("##0136ST=32;CN=2011;PW=000000;MN=LD130133000015;CP=&&DataTime=20160824003817;011-Rtd=231.0,"
               "011-Flag=N;"
               "B01-Rtd=36.91;060-Rtd=1.803,060-Flag=N&&1dc0\r\n",
               "ST=91;CN=9014;PW=000000;MN=LD130133000015;Flag=0;CP=&&&&");
}

static void findings(void **state) {
    (void)state;
    for (int i = 0; i < HJ212_F_COUNT; i++) {
        assert_true(strlen(hj212_finding_name(i)) > 1);
        assert_true(strlen(hj212_finding_text(i)) > 10);
        for (int k = 0; k < i; k++) assert_string_not_equal(hj212_finding_name(i), hj212_finding_name(k));
    }
    assert_string_equal(hj212_finding_name(HJ212_F_COUNT), "unknown");
    assert_string_equal(hj212_finding_name(-1), "unknown");
    assert_true(hj212_finding_is_offence(HJ212_F_LEN));
    assert_false(hj212_finding_is_offence(HJ212_F_FIELD_NAME));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(crc),      cmocka_unit_test(sm4),          cmocka_unit_test(decimals),
        cmocka_unit_test(times),    cmocka_unit_test(items),        cmocka_unit_test(short_decimals),
        cmocka_unit_test(writer),   cmocka_unit_test(typed_values), cmocka_unit_test(acks),
        cmocka_unit_test(findings),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
