/* How a device speaks is learned from its packets, and the host speaks the same way. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "gateway/dialect.h"

static char frame[1100];
static size_t length;

static hj212_packet packet(const char *st, const char *cn, const char *pw, const char *flag, const char *cp) {
    const hj212_message m = {.qn = hj212_text("20260101000000001"),
                             .st = hj212_text(st),
                             .cn = hj212_text(cn),
                             .pw = hj212_text(pw),
                             .mn = hj212_text("010000A8900016F000169DC0"),
                             .flag = hj212_text(flag),
                             .cp = hj212_text(cp)};
    length = hj212_encode(&m, frame, sizeof frame);
    hj212_packet p;
    assert_int_equal(hj212_decode(NULL, frame, length, &p).status, HJ212_PACKET);
    assert_true(p.ok);
    return p;
}

/* The same packet with another CRC. */
static hj212_packet spoken(struct dialect_crc c, const char *cp) {
    hj212_packet p = packet("31", "2011", "123456", "5", cp);
    dialect_put_crc(c, frame, frame, length);
    const hj212_options options = {.header_only = true};
    assert_int_equal(hj212_decode(&options, frame, length, &p).status, HJ212_PACKET);
    assert_true(p.ok);
    assert_int_equal(p.crc_modbus, c.modbus);
    return p;
}

static void test_header(void **state) {
    YW_UNUSED(state);
    struct dialect d = {0};
    hj212_packet p = packet("31", "2011", "123456", "5", "DataTime=20260101000000");
    dialect_learn(&d, &p);
    assert_string_equal(d.pw, "123456");
    assert_string_equal(d.st, "31");
    assert_int_equal(d.version, 2017);
    p = packet("91", "9011", "654321", "8", "QnRtn=1"); /* the system of a reply is nobody's */
    dialect_learn(&d, &p);
    assert_string_equal(d.pw, "654321");
    assert_string_equal(d.st, "31");
    assert_int_equal(d.version, 2025);
    p = packet("44", "2011", "654321", "9", "DataTime=20260101000000"); /* nor is electricity its own */
    dialect_learn(&d, &p);
    assert_string_equal(d.st, "31");
    /* what does not fit is not learned, and nothing breaks */
    p = packet("31", "2011", "0123456789012345678901234567890123456789", "5", "");
    dialect_learn(&d, &p);
    assert_string_equal(d.pw, "654321");
    p = packet("101", "2011", "", "5", "");
    dialect_learn(&d, &p);
    assert_string_equal(d.st, "101");
    assert_int_equal(d.pw_n, 0);
}

static void test_crc(void **state) {
    YW_UNUSED(state);
    struct dialect d = {0};
    for (unsigned i = 0; i < 4; i++) {
        const struct dialect_crc c = {.modbus = (i & 1) != 0, .lower = (i & 2) != 0};
        int learned = 0;
        for (int value = 0; value < 40; value++) { /* some CRCs have letters, some have none */
            char cp[40];
            snprintf(cp, sizeof cp, "a21026-Rtd=%d", value);
            hj212_packet p = spoken(c, cp);
            const char *crc = p.segment.p + p.segment.n;
            bool letters = false;
            for (int k = 0; k < 4; k++) letters |= crc[k] > '9';
            bool before = d.lower;
            dialect_learn(&d, &p);
            assert_int_equal(d.modbus, c.modbus);
            assert_int_equal(d.lower, letters ? c.lower : before);
            learned += letters;
        }
        assert_true(learned > 0);
        struct dialect_crc own = dialect_crc(&d, NULL);
        assert_true(own.modbus == c.modbus && own.lower == c.lower);
        /* pins win, each for itself */
        const struct yw_snap_device pins = {.pin_crc = 1, .pin_case = 2}, one = {.pin_crc = 2};
        own = dialect_crc(&d, &pins);
        assert_true(!own.modbus && own.lower);
        own = dialect_crc(&d, &one);
        assert_true(own.modbus && own.lower == c.lower);
    }
}

static void test_coding_of_text(void **state) {
    YW_UNUSED(state);
    struct dialect d = {0};
    const char gbk[] = "i11001-Info=//\xd5\xfd\xb3\xa3//", utf8[] = "i11001-Info=//正常//";
    hj212_packet p = packet("31", "3020", "123456", "5", gbk);
    dialect_learn(&d, &p);
    assert_true(d.gbk);
    p = packet("31", "3020", "123456", "5", "i11001-Info=//ok//"); /* says nothing about it */
    dialect_learn(&d, &p);
    assert_true(d.gbk);
    p = packet("31", "3020", "123456", "5", utf8);
    dialect_learn(&d, &p);
    assert_false(d.gbk);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_crc),
        cmocka_unit_test(test_coding_of_text),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
