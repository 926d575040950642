/* What 2025 added: encrypted data areas both ways, raw and printed, against the two published examples; wrong
 * keys; RF; the new commands and systems. */
#include "hj212_test.h"

static char frame[HJ212_FRAME_MAX + 1], plain[HJ212_FRAME_MAX];
static const hj212_options with_key = {.keys = hj212_test_key, .key_count = 1, .plain = plain};

static hj212_packet decode(const hj212_options *o, const void *bytes, size_t n) {
    hj212_packet p;
    hj212_result r = hj212_decode(o, bytes, n, &p);
    assert_int_equal(r.status, HJ212_PACKET);
    assert_int_equal(r.consumed, n);
    return p;
}

static hj212_message message_of(const hj212_packet *p) {
    return (hj212_message){.qn = p->qn,
                           .st = p->st,
                           .cn = p->cn,
                           .pw = p->pw,
                           .mn = p->mn,
                           .flag = p->flag,
                           .rf = p->rf,
                           .cp = p->cp};
}

struct example {
    struct vector plain, cipher;
};

/* The vectors named "minute data plain, ..." and "minute data SM4, ..." */
static void examples(struct vector *v, size_t count, struct example out[2]) {
    size_t plains = 0, ciphers = 0;
    for (size_t i = 0; i < count; i++) {
        if (strncmp(v[i].name, "minute data plain,", 18) == 0 && plains < 2) out[plains++].plain = v[i];
        if (strncmp(v[i].name, "minute data SM4,", 16) == 0 && ciphers < 2) out[ciphers++].cipher = v[i];
    }
    assert_true(plains == 2 && ciphers == 2);
}

/* As the standard prints it: LEN and CRC of the raw packet, the cipher as text. */
static size_t as_printed(const struct vector *raw, size_t area, size_t full, char *out, size_t size) {
    size_t n = area;
    memcpy(out, raw->bytes, area);
    for (size_t i = 0; i < full; i++)
        n += (size_t)snprintf(out + n, size - n, "%s0x%02X", i ? "," : "{", (uint8_t)raw->bytes[area + i]);
    out[n++] = '}';
    assert_true(size - n > raw->n - area - full);
    memcpy(out + n, raw->bytes + area + full, raw->n - area - full);
    return n + raw->n - area - full;
}

static void published_examples(void **state) {
    (void)state;
    static const size_t areas[2] = {208, 147}, remainders[2] = {0, 3};
    struct vector v[VECTORS_MAX];
    struct example e[2];
    size_t count = load_vectors(v);
    examples(v, count, e);
    for (int i = 0; i < 2; i++) {
        hj212_packet p = decode(NULL, e[i].plain.bytes, e[i].plain.n);
        assert_true(p.ok && p.findings_total == 0);
        assert_int_equal(p.cp.n, areas[i]);
        hj212_message m = message_of(&p);
        /* plain: the example comes out again */
        assert_int_equal(hj212_encode(&m, frame, sizeof frame), e[i].plain.n);
        assert_memory_equal(frame, e[i].plain.bytes, e[i].plain.n);
        /* raw: byte by byte the cipher of the standard, of the same length, with the same CRC */
        m.key = hj212_test_key;
        size_t n = hj212_encode(&m, frame, sizeof frame);
        assert_int_equal(n, e[i].cipher.n);
        assert_int_equal(n, e[i].plain.n);
        assert_memory_equal(frame, e[i].cipher.bytes, n);
        hj212_packet back = decode(&with_key, frame, n);
        assert_true(back.ok && back.decrypted && back.findings_total == 0);
        assert_int_equal(back.cp.n, p.cp.n);
        assert_memory_equal(back.cp.p, p.cp.p, p.cp.n);
        /* printed, with the LEN of what is sent */
        size_t area = (size_t)(p.cp.p - p.frame), full = areas[i] - remainders[i];
        m.printed = true;
        n = hj212_encode(&m, frame, sizeof frame);
        assert_int_equal(n, e[i].plain.n + 4 * full + 1);
        assert_memory_equal(frame + area, "{0xE4,0x3E,0x15,0x9A,", 21);
        back = decode(&with_key, frame, n);
        assert_true(back.ok && back.decrypted && has_finding(&back, HJ212_F_CIPHER_TEXT));
        assert_false(has_finding(&back, HJ212_F_LEN));
        assert_int_equal(back.cp.n, p.cp.n);
        assert_memory_equal(back.cp.p, p.cp.p, p.cp.n);
        /* printed, with the LEN the standard prints */
        static char text[2000];
        size_t printed = as_printed(&e[i].cipher, area, full, text, sizeof text);
        assert_int_equal(printed, n);
        assert_memory_equal(text + 6, frame + 6, n - 6); /* they differ in LEN alone */
        back = decode(&with_key, text, printed);
        assert_true(back.ok && back.decrypted && has_finding(&back, HJ212_F_LEN));
        assert_memory_equal(back.cp.p, p.cp.p, p.cp.n);
    }
    free_vectors(v, count);
}

static void no_room(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    struct example e[2];
    size_t count = load_vectors(v);
    examples(v, count, e);
    hj212_packet p = decode(NULL, e[1].plain.bytes, e[1].plain.n);
    hj212_message m = message_of(&p);
    m.key = hj212_test_key, m.printed = true;
    size_t n = hj212_encode(&m, frame, sizeof frame);
    for (size_t size = 0; size < n; size++) {
        char *exact = malloc(size ? size : 1); /* a sanitizer sees any step beyond */
        assert_non_null(exact);
        assert_int_equal(hj212_encode(&m, exact, size), 0);
        free(exact);
    }
    /* 2000 bytes of area fit raw, printed they need four times as many and more than LEN can say with 2100 */
    static char area[2200];
    memset(area, 'x', sizeof area);
    memcpy(area, "DataTime=", 9);
    m.cp = (hj212_span){area, 1904};
    assert_true(hj212_encode(&m, frame, sizeof frame) > 5 * 1904);
    m.cp.n = 2100;
    assert_int_equal(hj212_encode(&m, frame, sizeof frame), 0);
    m.printed = false;
    assert_true(hj212_encode(&m, frame, sizeof frame) > 0);
    free_vectors(v, count);
}

static void short_areas_stay_plain(void **state) {
    (void)state;
    hj212_message m = {.qn = hj212_text("20240601085857223"),
                       .st = hj212_text("91"),
                       .cn = hj212_text("9011"),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text("010000A8900016F000169DC0"),
                       .flag = hj212_text("8"),
                       .cp = hj212_text("QnRtn=1")};
    char other[200];
    size_t n = hj212_encode(&m, frame, sizeof frame);
    for (int printed = 0; printed < 2; printed++) {
        m.key = hj212_test_key, m.printed = printed;
        assert_int_equal(hj212_encode(&m, other, sizeof other), n);
        assert_memory_equal(other, frame, n);
        hj212_packet p = decode(&with_key, other, n);
        assert_true(p.ok && !p.decrypted && p.findings_total == 0);
    }
}

/* One key in 256 gives the right CRC; the items have to read as items as well. */
static void wrong_keys(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    struct example e[2];
    size_t count = load_vectors(v), crc_fits = 0;
    examples(v, count, e);
    uint64_t seed = 11;
    for (int i = 0; i < 8000; i++) {
        const struct vector *c = &e[i & 1].cipher;
        uint8_t key[16];
        for (size_t k = 0; k < sizeof key; k++) key[k] = (uint8_t)random_below(&seed, 256);
        hj212_options o = {.keys = key, .key_count = 1, .plain = plain};
        hj212_packet p = decode(&o, c->bytes, c->n);
        assert_true(!p.ok && !p.decrypted);
        assert_int_equal(p.findings_total, 1);
        assert_int_equal(p.findings[0].code, HJ212_F_ENCRYPTED);
        /* would the CRC alone have let it pass? */
        hj212_packet whole = decode(&with_key, c->bytes, c->n);
        uint16_t want = whole.crc_sent;
        char segment[400];
        size_t from = (size_t)(p.cp.p - p.segment.p);
        memcpy(segment, p.segment.p, p.segment.n);
        for (size_t at = 0; at + 16 <= p.cp.n; at += 16)
            hj212_sm4(key, false, (const uint8_t *)p.cp.p + at, (uint8_t *)segment + from + at);
        crc_fits += hj212_crc(segment, p.segment.n) == want;
    }
    assert_in_range(crc_fits, 10, 60);
    free_vectors(v, count);
}

static void one_damaged_byte(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    struct example e[2];
    size_t count = load_vectors(v), passed = 0;
    examples(v, count, e);
    hj212_packet whole = decode(&with_key, e[1].cipher.bytes, e[1].cipher.n);
    assert_true(whole.ok);
    size_t area = e[1].cipher.n - 8 - 147;
    for (size_t i = 0; i < 144; i++) {
        char bytes[400];
        memcpy(bytes, e[1].cipher.bytes, e[1].cipher.n);
        bytes[area + i] ^= 1;
        hj212_packet p;
        hj212_result r = hj212_decode(&with_key, bytes, e[1].cipher.n, &p);
        passed += r.status == HJ212_PACKET && p.ok;
    }
    assert_int_equal(passed, 0);
    free_vectors(v, count);
}

/* Between garbage a CP=&& may stand that is none for the header, and a key may make sense of it by accident.
 */
static void area_that_is_none(void **state) {
    (void)state;
    static const uint8_t keys[] = {0xFF, 0xFF, 0xFF, 0xFF, 0x18, 0x00, 0x32, 0x00, 0x35, 0x39, 0x00, 0x35,
                                   0x43, 0x50, 0x3D, 0x26, 0x26, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00,
                                   0x41, 0x00, 0x35, 0x34, 0x31, 0x0D, 0x8B, 0x41, 0x26, 0x26, 0x32, 0x34,
                                   0x38, 0x34, 0x0D, 0x32, 0x39, 0x35, 0x51, 0x5E, 0x4E, 0x3D, 0x30, 0x30};
    static const uint8_t bytes[] = {0x23, 0x23, 0x30, 0xDD, 0xDC, 0x30, 0x32, 0x39, 0x23, 0x23, 0x30,
                                    0x32, 0x19, 0x35, 0x43, 0x50, 0x3D, 0x26, 0x26, 0x32, 0x30, 0x23,
                                    0x23, 0x30, 0x32, 0x39, 0x35, 0x43, 0x50, 0x3D, 0x26, 0x26, 0x32,
                                    0x24, 0x4E, 0x26, 0x26, 0x42, 0x35, 0x34, 0x31, 0x0D, 0x0A};
    hj212_options o = {.keys = keys, .key_count = 3, .plain = plain, .at_end = true};
    hj212_packet p = decode(&o, bytes, sizeof bytes);
    assert_true(!p.ok && !p.decrypted && !p.cp.p);
    assert_true(has_finding(&p, HJ212_F_CP_MISSING));
}

static hj212_packet framed(const char *segment) {
    size_t n = strlen(segment);
    snprintf(frame, sizeof frame, "##%04zu%s%04X\r\n", n, segment, hj212_crc(segment, n));
    return decode(NULL, frame, n + 12);
}

static void backfill_mark(void **state) {
    (void)state;
    static const struct {
        const char *flag, *rf;
        bool backfilled, finding;
    } cases[] = {{"9", "RF=1;", true, false}, {"9", "", false, false},      {"9", "RF=0;", false, true},
                 {"9", "RF=;", false, true},  {"9", "RF=11;", false, true}, {"5", "RF=1;", true, true}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char segment[300];
        snprintf(segment, sizeof segment,
                 "QN=20240601085857223;ST=31;CN=2061;PW=123456;MN=010000A8900016F000169DC0;Flag=%s;%sCP=&&"
                 "DataTime=20240601080000;a21026-Avg=1&&",
                 cases[i].flag, cases[i].rf);
        hj212_packet p = framed(segment);
        assert_true(p.ok);
        assert_int_equal(p.backfilled, cases[i].backfilled);
        assert_int_equal(has_finding(&p, HJ212_F_RF), cases[i].finding);
        hj212_message m = message_of(&p); /* and out again as it came */
        char again[400];
        assert_int_equal(hj212_encode(&m, again, sizeof again), p.frame_len);
        assert_memory_equal(again, frame, p.frame_len);
    }
}

static void new_commands_and_systems(void **state) {
    (void)state;
    static const struct {
        const char *st, *cn, *cp;
    } cases[] = {
        {"31", "1001", "i23005-Info=6970000000001ABCDEFG1234;i23006-Info=C1;i23007-Info=0A1B2C3D4E5F"},
        {"31", "1002", "i23005-Info=6970000000001ABCDEFG1234"},
        {"31", "1014", "SKCreateTime=20240601085857223,NewSK=0000000000000000"},
        {"31", "2013",
         "DataTime=20240601080000;a21026-SampleTime=20240601080000,a21026-Avg=1.5,a21026-Flag=N"},
        {"23", "2052", "DataTime=20240601080000;Leq-Data=50.0"},
        {"31", "2062",
         "DataTime=20240601080000;a21026-SampleRd=10.1,a21026-StandardValue=10.0,a21026-ResultType=1"},
        {"31", "2111", "DataTime=20240601011000;a01901-Avg=868"},
        {"32", "3022", "PolId=w01018"},
        {"32", "3024", "PolId=w01018"},
        {"91", "9015", ""},
        {"44", "2011", "DataTime=20240601084500;d20105-Rtd=220.20,d20105-Flag=N"},
        {"45", "2011", "DataTime=20240601084500;p99101-Rtd=St,p99101-Flag=N"},
        {"44", "2011", "BeginTime=20240601064500;EndTime=20240601084500"},
        {"31", "3011", "PolId=a21026,CalibrationType=1"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char segment[400];
        snprintf(segment, sizeof segment,
                 "QN=20240601085857223;ST=%s;CN=%s;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&%s&&",
                 cases[i].st, cases[i].cn, cases[i].cp);
        hj212_packet p = framed(segment);
        if (!p.ok || p.version != 2025 || p.findings_total)
            fail_msg("%s: %s", segment, p.findings_total ? hj212_finding_name(p.findings[0].code) : "not ok");
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_examples),     cmocka_unit_test(no_room),
        cmocka_unit_test(short_areas_stay_plain), cmocka_unit_test(wrong_keys),
        cmocka_unit_test(one_damaged_byte),       cmocka_unit_test(area_that_is_none),
        cmocka_unit_test(backfill_mark),          cmocka_unit_test(new_commands_and_systems),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
