/* The rules: what each departure from the standards is called, and that a good packet has no finding at all.
 */
#include "hj212_test.h"

#define HEAD "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
#define AREA "DataTime=20240601085857;a21026-Rtd=12.30,a21026-Flag=N"

static char frame[HJ212_FRAME_MAX + 1], plain[HJ212_FRAME_MAX];

/* A frame around this segment, LEN and CRC right. */
static size_t frame_of(const char *segment, size_t n) {
    assert_in_range(n, 0, HJ212_LEN_MAX);
    snprintf(frame, sizeof frame, "##%04zu", n);
    memcpy(frame + 6, segment, n);
    snprintf(frame + 6 + n, 7, "%04X\r\n", hj212_crc(segment, n));
    return n + 12;
}

static hj212_packet decode(const hj212_options *o, const char *segment) {
    hj212_packet p;
    size_t n = frame_of(segment, strlen(segment));
    hj212_result r = hj212_decode(o, frame, n, &p);
    assert_int_equal(r.status, HJ212_PACKET);
    assert_int_equal(r.consumed, n);
    return p;
}

/* The findings of a segment, with offsets in the segment: "mn@47 date@93". */
static void expect(const char *segment, const char *want) {
    hj212_packet p = decode(NULL, segment);
    struct text t = {0};
    text_add(&t, "%s", "");
    for (unsigned i = 0; i < p.findings_total && i < HJ212_FINDINGS_MAX; i++)
        text_add(&t, "%s%s@%u", i ? " " : "", hj212_finding_name(p.findings[i].code),
                 p.findings[i].offset - 6);
    if (strcmp(t.p, want) != 0) fail_msg("%s\n  found  %s\n  wanted %s", segment, t.p, want);
    assert_true(p.ok);
    free(t.p);
}
#define CP(area) HEAD "CP=&&" area "&&" /* the area begins at 85 */

static void nothing_to_find(void **state) {
    (void)state;
    expect(CP(AREA), "");
    expect(CP(""), "");
    expect(CP("DataTime=20240601085857;a21026-Rtd=-0.5,a21026-ZsRtd=9999.99,a21026-Flag=T,a21026-EFlag=A012"),
           "");
    expect(CP("DataTime=20240601085857;SB1-RS=5;SB12-RS=0;SB123-RT=24.0"), "");
    expect(CP("DataTime=20240601085857;LA-Rtd=50.1;Leq-Data=1;Leq-DayData=2;Leq-NightData=3"), "");
    expect("QN=20240601085857223;ST=22;CN=2013;PW=123456;MN=010000A8900016F000169DC0;Flag=9;RF=1;CP=&&"
           "DataTime=20240601085857;w21003-SampleTime=20240601080000,w21003-CompleteTime=20240601083000,"
           "w21003-SampleType=1,w21003-Avg=0.5,w21003-i13101=2.5,w21003-Flag=N&&",
           "");
    expect("QN=20240601085857223;ST=22;CN=2062;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&"
           "DataTime=20240601085857;w21003-SampleRd=0.5;w21003-StandardValue=0.5;w21003-ResultType=1&&",
           "");
    expect("QN=20240601085857223;ST=45;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&"
           "DataTime=20240601085857;p99101-Rtd=St,p99101-Flag=N&&",
           "");
    expect(
        "QN=20240601085857223;ST=32;CN=1001;PW=123456;MN=;Flag=9;CP=&&i23005-Info=6970000000001ABCDEFG1234&&",
        "");
    expect("QN=20240601085857223;ST=31;CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNUM=12;PNO=12;"
           "CP=&&" AREA "&&",
           "");
    expect(
        "QN=20040516010101001;ST=31;CN=2011;PW=123456;MN=88888880000001;Flag=1;CP=&&DataTime=20040516010101;"
        "B01-Rtd=1;S03-Rtd=2,S03-Flag=P;01-Rtd=3,01-Flag=3;011-Rtd=4&&",
        "");
    expect("ST=91;CN=9014;PW=123456;MN=88888880000001;Flag=0;CP=&&QN=20040516010101001&&", "");
    expect("QN=20240601085857223;ST=32;CN=3020;PW=123456;MN=010000A8900016F000169DC0;Flag=5;CP=&&"
           "DataTime=20240601085857;PolId=w01018;i11001-Info=//\xE6\xB8\x85\xE6\xB4\x97; a=b, c//&&",
           "");
}

static void header(void **state) {
    (void)state;
#define REST "CP=&&" AREA "&&"
    expect("ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "qn_missing@0");
    expect("QN=2024;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "qn@3");
    expect("QN=20241301085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "qn@3");
    expect("QN=20240601085857223;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "st_missing@0");
    expect("QN=20240601085857223;ST=101;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "st@24");
    expect("QN=20240601085857223;ST=a1;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "st@24");
    expect("QN=20240601085857223;ST=32;CN=9013;PW=123456;MN=010000A8900016F000169DC0;Flag=4;CP=&&&&",
           "st_reply@24");
    expect("QN=20240601085857223;ST=31;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "cn_missing@0");
    expect("QN=20240601085857223;ST=31;CN=20x1;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST, "cn@30");
    expect("QN=20240601085857223;ST=31;CN=2099;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST,
           "cn_unknown@30");
    expect("QN=20240601085857223;ST=31;CN=2011;MN=010000A8900016F000169DC0;Flag=5;" REST, "pw_missing@0");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=12345;MN=010000A8900016F000169DC0;Flag=5;" REST, "pw@38");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;Flag=5;" REST, "mn_missing@0");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000a8900016f000169dc0;Flag=5;" REST, "mn@48");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=;Flag=9;" REST, "mn@48");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;" REST,
           "flag_missing@0");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=x;" REST,
           "flag@78");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=256;" REST,
           "flag@78");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=12;" REST,
           "flag_version@78");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNO=1;" REST,
           "pnum_missing@78");
    expect(
        "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;PNUM=2;PNO=1;" REST,
        "pnum_extra@85");
    expect(
        "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNUM=2;PNO=3;" REST,
        "pnum@85");
    expect(
        "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNUM=1;PNO=1;" REST,
        "pnum@85");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNUM=02;PNO="
           "01;" REST,
           "pnum@85");
    expect(
        "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=7;PNO=1;PNUM=2;" REST,
        "field_order@86");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;RF=1;" REST,
           "rf@83");
    expect("QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;RF=0;" REST,
           "rf@83");
    expect("QN=20240601085857223;ST=31;CN=2011;MN=010000A8900016F000169DC0;PW=123456;Flag=5;" REST,
           "field_order@63");
    expect("QN=20240601085857223;ST=31;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST,
           "field_double@27");
    expect("QN=20240601085857223;ST=31;XX=1;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST,
           "field_unknown@27");
    expect("QN=20240601085857223;st=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;FLAG=5;" REST,
           "name_case@21 name_case@73");
    expect("QN=20240601085857223,ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST,
           "separator@20");
    expect("QN=20240601085857223;ST=31CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5" REST,
           "separator@26 separator@78");
    expect("QN=20240601085857223;;ST=31; CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;" REST,
           "separator@21 blank@28");
    expect(HEAD "CP=" AREA "&&", "cp_missing@83");
    expect(HEAD "CP=&&" AREA, "cp_missing@139");
    expect(HEAD "CP=&&" AREA "&&;", "separator@141");
    expect(HEAD "CP= &&" AREA "&&", "blank@83");
    expect(HEAD, "cp_missing@80");
#undef REST
}

static void data_area(void **state) {
    (void)state;
    expect(CP(" DataTime = 20240601085857;a21026-Rtd=1"), "blank@86");
    expect(CP("DataTime=20240601085857;;a21026-Rtd=1"), "item_empty@109");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1;"), "item_empty@122");
    expect(CP("DataTime=20240601085857;a21026-Rtd"), "item_syntax@109");
    expect(CP("DataTime=20240601085857;=5"), "item_syntax@109");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1,a21026-Rtd=2"), "item_double@122");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1;a21002-Rtd=1;a21026-Rtd=2"), "item_double@135");
    expect(CP("DataTime=20240601085857;a21026-X=1;a21002-Rtd=1;a21026-X=2"),
           "field_name@116 field_name@140 item_double@133");
    expect(CP("DataTime=20240601085857;DataTime=20240601085857"), "item_double@109");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1;a21002-Rtd=1;a21026-Min=2"), "");
    expect(CP("DataTime=20240601085857;a21026-ValidNum=1;FANSTATUS=1;a21026-DataTime=1"),
           "field_name@116 field_name@127 field_name@146 date@155");
    expect(CP("DataTime=20240601085857;SO2-Rtd=1;a214-Rtd=1;021-Rtd=1;d20105-Rtd=1;ua19004-Rtd=1"),
           "factor_code@109 factor_code@119 factor_code@130 factor_code@140 factor_code@153");
    expect(
        "QN=20040516010101001;ST=31;CN=2011;PW=123456;MN=88888880000001;Flag=1;CP=&&DataTime=20040516010101;"
        "a21026-Rtd=1&&",
        "factor_code@99");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1;Flag=N"), "flag_bare@122");
    expect(CP("DataTime=20240601085857,a21026-Rtd=1,a21002-Rtd=2"), "separator@108 separator@121");
    expect(CP("DataTime=20161301085857"), "date@94");
    expect(CP("DataTime=20240601085857223"), "date_millis@94");
    expect(CP("DataTime=2024-06-01"), "date@94");
    expect(CP("DataTime=20240601085857;a21026-SampleTime=,a21026-Rtd=1"), "date@127");
    expect(CP("a21026-Rtd=1"), "datatime_missing@85");
    expect(CP("BeginTime=20240601085857;a21026-Rtd=1"), "");
    expect(CP("DataTime=20240601085857;a21026-Rtd=7.x,a21026-Min=,a21026-Max=1e3"),
           "number@120 number@135 number@147");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1.2345678901234567890"), "range@120");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1,a21026-Flag=n"), "mark@134");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1,a21026-Flag=3"), "mark@134");
    expect(CP("DataTime=20240601085857;a21026-Rtd=1,a21026-Flag=Sd"), "");
    expect(CP("DataTime=20240601085857;a21026-EFlag=ABCDE"), "range@122");
    expect(CP("RtdInterval=29"), "range@97");
    expect(CP("RtdInterval=30"), "");
    expect(CP("RtdInterval=3600"), "");
    expect(CP("RtdInterval=3601"), "range@97");
    expect(CP("RtdInterval=30.5"), "number@97");
    expect(CP("MinInterval=7"), "range@97");
    expect(CP("MinInterval=0"), "range@97");
    expect(CP("MinInterval=60"), "range@97");
    expect(CP("MinInterval=12"), "");
    expect(CP("OverTime=0;ReCount=100"), "range@94 range@104");
    expect(CP("QnRtn=10"), "range@91");
    expect(CP("QnRtn=100;ExeRtn=100"), "");
    expect(CP("ExeRtn=7"), "range@92");
    expect(CP("NewPW=12345"), "range@91");
    expect(CP("NewSK=0123456789abcdef;SKCreateTime=20240601085857"), "date@121");
    expect(CP("CstartTime=240000;CTime=25"), "date@96 range@109");
    expect(CP("SB1-RS=6;SB1-RT=24.1"), "range@92 range@101 datatime_missing@85");
    expect(CP("VaseNo=1;Stime=121"), "range@100");
    expect(CP("PolId=w010181"), "range@91");
    expect(CP("DataTime=20240601085857;i11001-Info=//\x01//"), "control@123");
}

static void texts(void **state) {
    (void)state;
    /* the same two characters in UTF-8 and in GBK; LEN by characters */
    expect(CP("i11001-Info=//\xE6\xB8\x85\xE6\xB4\x97//;DataTime=20240601085857"), "");
    expect(CP("i11001-Info=//\xC7\xE5\xCF\xB4//;DataTime=20240601085857"), "not_utf8@99");
    static const char *const segments[] = {CP("i11001-Info=//\xE6\xB8\x85\xE6\xB4\x97//"),
                                           CP("i11001-Info=//\xC7\xE5\xCF\xB4//")};
    for (int i = 0; i < 2; i++) {
        char shorter[200];
        hj212_packet p;
        size_t n = strlen(segments[i]), characters = n - (i == 0 ? 4 : 2);
        frame_of(segments[i], n);
        snprintf(shorter, 7, "##%04zu", characters);
        memcpy(frame, shorter, 6);
        assert_int_equal(hj212_decode(NULL, frame, n + 12, &p).consumed, n + 12);
        assert_true(p.ok && has_finding(&p, HJ212_F_LEN) && has_finding(&p, HJ212_F_LEN_CHARS));
    }
}

static void strict_and_header_only(void **state) {
    (void)state;
    hj212_options strict = {.strict = true}, quick = {.header_only = true};
    assert_true(decode(&strict, CP(AREA)).ok);
    assert_false(decode(&strict, CP("DataTime=20161301085857")).ok);
    assert_false(decode(&strict, CP("DataTime=20240601085857;;a21026-Rtd=1")).ok);
    hj212_packet p = decode(&strict, CP("DataTime=20240601085857;a21026-ValidNum=1"));
    assert_true(p.ok && p.findings_total == 1); /* a field of one's own is no offence */
    p = decode(&quick, CP("DataTime=20161301085857"));
    assert_true(p.ok && p.findings_total == 0);
    assert_int_equal(p.cp.n, 23);
    assert_int_equal(p.command, 2011);
}

/* However many findings of one kind there are, no other kind is lost. */
static void many_findings(void **state) {
    (void)state;
    char segment[4000] = HEAD "CP=&&";
    size_t n = strlen(segment);
    for (int i = 0; i < 100; i++) n += (size_t)snprintf(segment + n, sizeof segment - n, "a%05d-Rtd=x;", i);
    snprintf(segment + n, sizeof segment - n, "SO2-Rtd=1&&");
    hj212_packet p = decode(NULL, segment);
    assert_int_equal(p.findings_total, 104); /* len_over, cp_long, 100 numbers, the code, no DataTime */
    assert_true(has_finding(&p, HJ212_F_LEN_OVER) && has_finding(&p, HJ212_F_CP_LONG) &&
                has_finding(&p, HJ212_F_NUMBER) && has_finding(&p, HJ212_F_FACTOR_CODE) &&
                has_finding(&p, HJ212_F_DATATIME_MISSING));
}

static void packet_fields(void **state) {
    (void)state;
    hj212_packet p =
        decode(NULL, "QN=20240601085857223;ST=31;CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=11;"
                     "PNUM=2;PNO=1;RF=1;CP=&&" AREA "&&");
    int64_t t;
    assert_true(p.ok && p.wants_ack && p.is_split && p.backfilled && !p.crc_modbus && !p.decrypted);
    assert_int_equal(p.findings_total, 0);
    assert_int_equal(p.version, 2025);
    assert_int_equal(p.flag_value, 11);
    assert_int_equal(p.crc_sent, p.crc_want);
    assert_true(hj212_data_time(&p, &t));
    assert_int_equal(t, INT64_C(1717203537000000));
    assert_memory_equal(p.pno.p, "1", 1);
    p = decode(NULL, HEAD);
    assert_null(p.cp.p);
    assert_false(hj212_data_time(&p, &t));
}

/* Many encrypted packets: with the key all are read, without it none passes, although the CRC of one cipher
 * in 256 fits by accident. */
static void encryption(void **state) {
    (void)state;
    uint64_t seed = 5;
    uint8_t keys[48];
    hj212_options with = {.keys = keys, .key_count = 3, .plain = plain},
                  wrong = {.keys = keys, .key_count = 2, .plain = plain};
    int by_accident = 0;
    for (int i = 0; i < 3000; i++) {
        char area[300], out[600];
        hj212_packet p;
        for (size_t k = 0; k < sizeof keys; k++) keys[k] = (uint8_t)random_below(&seed, 256);
        int n = snprintf(area, sizeof area, "DataTime=20240601%02u%02u00", random_below(&seed, 24),
                         random_below(&seed, 60));
        for (uint32_t k = random_below(&seed, 6); k; k--)
            n += snprintf(area + n, sizeof area - (size_t)n, ";a2100%u-Rtd=%u.%u,a2100%u-Flag=N", k,
                          random_below(&seed, 1000), random_below(&seed, 10), k);
        hj212_message m = {.qn = hj212_text("20240601085857223"),
                           .st = hj212_text("31"),
                           .cn = hj212_text("2011"),
                           .pw = hj212_text("123456"),
                           .mn = hj212_text("010000A8900016F000169DC0"),
                           .flag = hj212_text("9"),
                           .cp = {area, (uint32_t)n},
                           .key = keys + 32};
        size_t size = hj212_encode(&m, out, sizeof out);
        assert_int_equal(hj212_decode(&with, out, size, &p).consumed, size);
        assert_true(p.ok && p.decrypted && p.findings_total == 0);
        assert_int_equal(p.cp.n, n);
        assert_memory_equal(p.cp.p, area, (size_t)n);
        for (int k = 0; k < 2; k++) {
            assert_int_equal(hj212_decode(k ? &wrong : NULL, out, size, &p).consumed, size);
            assert_true(!p.ok && !p.decrypted && has_finding(&p, HJ212_F_ENCRYPTED));
            assert_int_equal(p.findings_total, 1);
        }
        by_accident += p.crc_sent == p.crc_want;
    }
    assert_true(by_accident > 0);
}

static void cipher_as_text(void **state) {
    (void)state;
    static const char area[] = AREA;
    uint8_t cipher[sizeof area];
    char segment[600], out[700],
        head[] = "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;";
    int n = snprintf(segment, sizeof segment, "%sCP=&&%s&&", head, area);
    uint16_t crc = hj212_crc(segment, (size_t)n);
    memcpy(cipher, area, sizeof area);
    for (size_t i = 0; i + 16 <= sizeof area - 1; i += 16)
        hj212_sm4(hj212_test_key, true, cipher + i, cipher + i);
    int at = snprintf(out, sizeof out, "##%04d%sCP=&&{", n, head);
    for (size_t i = 0; i < (sizeof area - 1) / 16 * 16; i++)
        at += snprintf(out + at, sizeof out - (size_t)at, "%s0x%02X", i ? "," : "", cipher[i]);
    at +=
        snprintf(out + at, sizeof out - (size_t)at, "}%s&&%04X\r\n", area + (sizeof area - 1) / 16 * 16, crc);
    hj212_options o = {.keys = hj212_test_key, .key_count = 1, .plain = plain};
    hj212_packet p;
    assert_int_equal(hj212_decode(&o, out, (size_t)at, &p).consumed, at);
    assert_true(p.ok && p.decrypted && has_finding(&p, HJ212_F_CIPHER_TEXT) && has_finding(&p, HJ212_F_LEN));
    assert_int_equal(p.cp.n, sizeof area - 1);
    assert_memory_equal(p.cp.p, area, sizeof area - 1);
    assert_int_equal(hj212_decode(NULL, out, (size_t)at, &p).consumed, at);
    assert_true(!p.ok && has_finding(&p, HJ212_F_ENCRYPTED));
}

static void versions_without_flag(void **state) {
    (void)state;
    static const struct {
        const char *segment;
        int version;
    } cases[] = {
        {"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817;011-Rtd=231.0&&", 2005},
        {"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817;w01018-Rtd=231.0&&", 2017},
        {"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&DataTime=20160824003817;O3-Rtd=231.0&&", 2005},
        {"ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;CP=&&&&", 2017},
        {"ST=32;CN=2011;PW=123456;MN=LD130133000015;CP=&&&&", 2005},
        {"ST=32;CN=2011;PW=123456;MN=LD130133000015;RF=1;CP=&&&&", 2025},
        {"ST=32;CN=9015;PW=123456;MN=LD130133000015;CP=&&&&", 2025},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        assert_int_equal(decode(NULL, cases[i].segment).version, cases[i].version);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_to_find), cmocka_unit_test(header),
        cmocka_unit_test(data_area),       cmocka_unit_test(texts),
        cmocka_unit_test(many_findings),   cmocka_unit_test(strict_and_header_only),
        cmocka_unit_test(packet_fields),   cmocka_unit_test(encryption),
        cmocka_unit_test(cipher_as_text),  cmocka_unit_test(versions_without_flag),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
