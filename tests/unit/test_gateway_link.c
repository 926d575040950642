/* The link's state machine: the same bytes give the same packets however they are split; limits bite when
 * they must. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "gateway/link.h"

struct run { /* drives a link as the gateway does: what is not taken is kept in front */
    struct yw_link_state state;
    struct yw_link_rules rules;
    struct yw_link_event ev;
    char held[YW_LINK_HELD_MAX + 65536];
    size_t n;
    int64_t now;
    int packets, good, hellos, skips;
    size_t garbage, kept, largest;
    uint64_t digest; /* over the packets in order */
    bool hopeless;
};

static void feed(struct run *r, const char *bytes, size_t n, bool at_end) {
    assert_true(n <= sizeof r->held - r->n);
    memcpy(r->held + r->n, bytes, n);
    r->n += n;
    while (r->n > 0) {
        yw_link_step(&r->state, &r->rules, r->held, r->n, at_end, r->now, &r->ev);
        if (r->ev.kind == YW_LINK_NEED) {
            assert_false(at_end);
            assert_true(r->n <= YW_LINK_HELD_MAX);
            break;
        }
        assert_true(r->ev.consumed > 0 && r->ev.consumed <= r->n);
        if (r->ev.kind == YW_LINK_PACKET) {
            r->packets++;
            r->good += r->ev.packet.ok;
            r->digest = yw_hash64(r->held, r->ev.consumed, r->digest);
        }
        if (r->ev.kind == YW_LINK_HELLO) r->hellos++;
        if (r->ev.kind == YW_LINK_SKIP) r->skips++;
        if (r->ev.kind == YW_LINK_GARBAGE || r->ev.kind == YW_LINK_HOPELESS) {
            r->garbage += r->ev.consumed;
            r->kept += r->ev.keep;
        }
        if (r->ev.kind == YW_LINK_HOPELESS) r->hopeless = true;
        memmove(r->held, r->held + r->ev.consumed, r->n - r->ev.consumed);
        r->n -= r->ev.consumed;
    }
    if (r->n > r->largest) r->largest = r->n;
}

static void feed_text(struct run *r, const char *text) {
    feed(r, text, strlen(text), false);
}

static size_t packet(char out[512], int number) {
    char qn[18], value[16];
    snprintf(qn, sizeof qn, "20260101000000%03d", number % 1000);
    snprintf(value, sizeof value, "%d.%02d", number % 90, number % 100);
    char cp[160];
    snprintf(cp, sizeof cp, "DataTime=20260101000000;a21026-Rtd=%s,a21026-Flag=N", value);
    const hj212_message m = {.qn = hj212_text(qn),
                             .st = hj212_text("31"),
                             .cn = hj212_text("2011"),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text("010000A8900016F000169DC0"),
                             .flag = hj212_text("5"),
                             .cp = hj212_text(cp)};
    size_t n = hj212_encode(&m, out, 512);
    assert_true(n > 0);
    return n;
}

static size_t mixed_stream(char *out, size_t size) {
    static const char *const noise[] = {"",     "\r\n", "##",    "##9", "junk", "##0010QN=1;",
                                        "####", "#",    "##12x4"};
    size_t n = 0;
    for (int i = 0; i < 40; i++) {
        const char *j = noise[(size_t)i % YW_COUNT(noise)];
        assert_true(n + 600 < size);
        memcpy(out + n, j, strlen(j));
        n += strlen(j);
        n += packet(out + n, i);
    }
    return n;
}

static void test_splits_change_nothing(void **state) {
    YW_UNUSED(state);
    static char stream[32768];
    size_t n = mixed_stream(stream, sizeof stream);
    static struct run whole;
    whole = (struct run){0};
    feed(&whole, stream, n, true);
    assert_int_equal(whole.good, 40);
    uint64_t seed = 1;
    for (int round = 0; round < 300; round++) {
        static struct run r;
        r = (struct run){0};
        for (size_t at = 0; at < n;) {
            seed = seed * 6364136223846793005u + 1442695040888963407u;
            size_t piece = round == 0 ? 1 : 1 + (seed >> 33) % (round < 150 ? 40 : 900);
            if (piece > n - at) piece = n - at;
            feed(&r, stream + at, piece, at + piece == n);
            at += piece;
        }
        assert_int_equal(r.packets, whole.packets);
        assert_true(r.digest == whole.digest);
        assert_int_equal(r.garbage, whole.garbage);
    }
}

static void test_hash_flood_is_bounded(void **state) {
    YW_UNUSED(state);
    static struct run r;
    r = (struct run){0};
    char block[4096];
    memset(block, '#', sizeof block);
    for (int i = 0; i < 1000; i++) feed(&r, block, sizeof block, false);
    assert_int_equal(r.packets, 0);
    assert_true(r.garbage + r.n == 1000 * sizeof block);
    assert_true(r.kept <= YW_LINK_GARBAGE_KEPT);
    assert_true(r.largest <= YW_LINK_HELD_MAX);
    char p[512];
    feed(&r, p, packet(p, 1), false);
    assert_int_equal(r.good, 1);
}

static void test_endless_frame_is_given_up(void **state) {
    YW_UNUSED(state);
    static struct run r;
    r = (struct run){0};
    feed_text(&r, "##9999QN=20260101000000000;");
    char block[1000];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 60; i++) feed(&r, block, sizeof block, false);
    assert_true(r.n <= YW_LINK_HELD_MAX);
    char p[512];
    feed(&r, p, packet(p, 2), false);
    assert_int_equal(r.good, 1);
}

static void test_garbage_allowance(void **state) {
    YW_UNUSED(state);
    static struct run r;
    r = (struct run){.rules.limits.garbage = 10000};
    char block[1000];
    memset(block, 'x', sizeof block);
    for (int i = 0; i < 9; i++) feed(&r, block, sizeof block, false);
    assert_false(r.hopeless);
    r.now += 30 * YW_MINUTE; /* half of it is restored */
    for (int i = 0; i < 5; i++) feed(&r, block, sizeof block, false);
    assert_false(r.hopeless);
    for (int i = 0; i < 2; i++) feed(&r, block, sizeof block, false);
    assert_true(r.hopeless);
}

static void test_rates(void **state) {
    YW_UNUSED(state);
    struct yw_link_limits l = {.bytes_s = 1000};
    struct yw_link_state s = {0};
    int64_t now = 5 * YW_SECOND;
    yw_link_received(&s, &l, 2000, now);
    assert_true(yw_link_resume(&s, &l, now) == now); /* the burst */
    yw_link_received(&s, &l, 500, now);
    assert_true(yw_link_resume(&s, &l, now) == now + YW_SECOND / 2);
    assert_true(yw_link_resume(&s, &l, now + YW_SECOND) == now + YW_SECOND);
    struct yw_link_limits refused = {.refused_s = 10};
    struct yw_link_state t = {0};
    for (int i = 0; i < 100; i++) yw_link_refused(&t, &refused, now);
    assert_true(yw_link_resume(&t, &refused, now) == now);
    yw_link_refused(&t, &refused, now);
    assert_true(yw_link_resume(&t, &refused, now) == now + YW_SECOND / 10);
    static struct run r;
    r = (struct run){.rules.limits.findings_s = 10};
    char p[512];
    for (int i = 0; i < 101; i++) { /* one finding each: the CR LF is an LF */
        size_t n = packet(p, i);
        p[n - 2] = '\n';
        feed(&r, p, n - 1, false);
    }
    assert_int_equal(r.good, 101);
    assert_true(yw_link_resume(&r.state, &r.rules.limits, 0) >= YW_SECOND / 10);
    struct yw_link_limits none = {0};
    struct yw_link_state u = {0};
    yw_link_received(&u, &none, SIZE_MAX / 2, now);
    assert_true(yw_link_resume(&u, &none, now) == now);
}

static void test_hello(void **state) {
    YW_UNUSED(state);
    static const char hello[] = "YWPLANT 1 0123456789abcdefABCDEF9876543210\r\n";
    static struct run r;
    for (size_t split = 1; split < sizeof hello - 1; split++) {
        r = (struct run){.rules.handshake = true};
        feed(&r, hello, split, false);
        feed(&r, hello + split, sizeof hello - 1 - split, false);
        assert_int_equal(r.hellos, 1);
        assert_true(r.state.plant);
        assert_string_equal(r.ev.nonce, "0123456789abcdefABCDEF9876543210");
    }
    static const char *const wrong[] = {"YWPLANT 1 012345678\r\n", "YWPLANT 2 0123456789abcdef\r\n",
                                        "YWPLANT 1 0123456789abcdeg\r\n", "YWPLANT 1 0123456789abcdef\n",
                                        "ywplant 1 0123456789abcdef\r\n"};
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        r = (struct run){.rules.handshake = true};
        feed_text(&r, wrong[i]);
        feed_text(&r, hello); /* too late: not the first line */
        assert_int_equal(r.hellos, 0);
        assert_false(r.state.plant);
    }
    r = (struct run){0}; /* the real domain */
    feed_text(&r, hello);
    assert_int_equal(r.hellos, 0);
}

static void test_quiet_frame(void **state) {
    YW_UNUSED(state);
    static struct run r;
    r = (struct run){0};
    char p[512];
    size_t n = packet(p, 3);
    feed(&r, p, n - 2, false);
    assert_int_equal(r.packets, 0);
    assert_true(yw_link_quiet(&r.state, r.held, r.n, &r.ev));
    assert_true(r.ev.packet.ok);
    r.n = 0;
    feed(&r, p + n - 2, 2, false); /* the tail comes late */
    assert_int_equal(r.garbage, 0);
    assert_int_equal(r.skips, 1);
    feed(&r, p, n, false);
    assert_int_equal(r.good, 1);
    r.n = 0;
    feed(&r, p, n - 20, false); /* a frame that is really unfinished stays so */
    assert_false(yw_link_quiet(&r.state, r.held, r.n, &r.ev));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_splits_change_nothing),
        cmocka_unit_test(test_hash_flood_is_bounded),
        cmocka_unit_test(test_endless_frame_is_given_up),
        cmocka_unit_test(test_garbage_allowance),
        cmocka_unit_test(test_rates),
        cmocka_unit_test(test_hello),
        cmocka_unit_test(test_quiet_frame),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
