/* Framing: wrong LEN, missing ends, garbage, floods, streams that end early. */
#include "hj212_test.h"

#include <time.h>

#define SEGMENT                                                                                              \
    "QN=20160801085857223;ST=32;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"                       \
    "CP=&&DataTime=20160801085857;w01001-Rtd=7.1,w01001-Flag=N&&"
#define GOOD "##0139" SEGMENT "BE01\r\n"
#define NEXT                                                                                                 \
    "##0087QN=20240601085857223;ST=32;CN=1011;PW=123456;MN=010000A8900016F000169DC0;Flag=9;CP=&&&&2200\r\n"

struct cut {
    size_t first;
    bool done;
};

static size_t two_pieces(void *arg) {
    struct cut *c = arg;
    if (c->done) return 0;
    c->done = true;
    return c->first;
}

static size_t one(void *arg) {
    (void)arg;
    return 1;
}

/* ok and findings of each packet, garbage with its length. */
static char *shorten(const struct text *t) {
    char *out = calloc(1, t->n + 2), *to = out;
    assert_non_null(out);
    for (const char *line = t->p; *line; line = strchr(line, '\n') + 1) {
        size_t n = strcspn(line, "\n");
        const char *ok = strstr(line, "ok="), *values = strstr(line, "values=");
        if (ok && ok < line + n) {
            const char *at = values + strcspn(values, " \n");
            to += snprintf(to, (size_t)(out + t->n + 2 - to), "%c%.*s\n", ok[3] == '1' ? '+' : '-',
                           (int)(line + n - at), at);
        } else {
            const char *at = strchr(line, ' ') + 1;
            to += snprintf(to, (size_t)(out + t->n + 2 - to), "%.*s\n", (int)(line + n - at), at);
        }
    }
    return out;
}

/* Decodes at once, byte by byte and in every two pieces; all must say `want`. */
static void expect(const char *bytes, size_t n, const char *want) {
    struct text t = decode_whole(bytes, n);
    char *got = shorten(&t);
    assert_string_equal(got, want);
    free(got);
    struct text again = decode_in_pieces(bytes, n, one, NULL);
    assert_string_equal(again.p, t.p);
    free(again.p);
    for (size_t first = 1; first < n; first++) {
        struct cut c = {first, false};
        again = decode_in_pieces(bytes, n, two_pieces, &c);
        assert_string_equal(again.p, t.p);
        free(again.p);
    }
    free(t.p);
}
#define EXPECT(bytes, want) expect(bytes, sizeof(bytes) - 1, want)

static void good_frames(void **state) {
    (void)state;
    EXPECT(GOOD, "+\n");
    EXPECT(GOOD GOOD NEXT GOOD, "+\n+\n+\n+\n");
    EXPECT("", "");
}

static void wrong_len(void **state) {
    (void)state;
    EXPECT("##0143" SEGMENT "BE01\r\n" NEXT, "+ len@2\n+\n");
    EXPECT("##0141" SEGMENT "BE01\r\n" NEXT, "+ len@2\n+\n");
    EXPECT("##0001" SEGMENT "BE01\r\n" NEXT, "+ len@2\n+\n");
    EXPECT("##0000" SEGMENT "BE01\r\n" NEXT, "+ len@2\n+\n");
    EXPECT("##9999" SEGMENT "BE01\r\n" NEXT, "+ len@2\n+\n");
    EXPECT("##0250" SEGMENT "BE01\r\n" NEXT, "+ len@2\n+\n");
    EXPECT("##139" SEGMENT "BE01\r\n" NEXT, "+ len_digits@2\n+\n");
    EXPECT("##0143" SEGMENT "BE00\r\n" NEXT, "- len@2 crc@145\n+\n");
    EXPECT("##0120" SEGMENT "BE00\r\n" NEXT, "- len@2 crc@145\n+\n");
    EXPECT("##0143" SEGMENT "BE01\n" NEXT, "+ len@2 tail@149\n+\n");
    EXPECT("##0143" SEGMENT "BE01" NEXT, "+ len@2 tail@149\n+\n");
    EXPECT("##0143" SEGMENT "BE01", "+ len@2 tail@149\n");
    EXPECT("##0143" SEGMENT "BE01\n", "+ len@2 tail@149\n");
}

/* Without a data area there is no && to close by: the CRC before CR LF does. */
static void wrong_len_without_data_area(void **state) {
    (void)state;
#define BARE "QN=20160801085857223;ST=91;CN=9014;PW=123456;MN=010000A8900016F000169DC0;Flag=4"
    EXPECT("##0079" BARE "AA01\r\n" NEXT, "+ cp_missing@85\n+\n");
    EXPECT("##0070" BARE "AA01\r\n" NEXT, "+ len@2 cp_missing@85\n+\n");
    EXPECT("##0200" BARE "AA01\r\n" NEXT, "+ len@2 cp_missing@85\n+\n");
    EXPECT("##0070" BARE "0000\r\n" NEXT, "garbage 91\n+\n");
}

/* A wrong LEN must not hold a packet back until more bytes come. */
static void wrong_len_at_once(void **state) {
    (void)state;
    static const char *const frames[] = {"##0143" SEGMENT "BE01\r\n", "##9999" SEGMENT "BE01\r\n",
                                         "##0001" SEGMENT "BE01\r\n", GOOD};
    for (int i = 0; i < 4; i++) {
        hj212_packet p;
        hj212_result r = hj212_decode(NULL, frames[i], strlen(frames[i]), &p);
        assert_int_equal(r.status, HJ212_PACKET);
        assert_int_equal(r.consumed, strlen(frames[i]));
        assert_true(p.ok);
        r = hj212_decode(NULL, frames[i], strlen(frames[i]) - 1, &p);
        assert_int_equal(r.status, HJ212_INCOMPLETE);
    }
}

static void tails(void **state) {
    (void)state;
    EXPECT("##0139" SEGMENT "BE01", "+ tail@149\n");
    EXPECT("##0139" SEGMENT "BE01\r", "+ tail@149\n");
    EXPECT("##0139" SEGMENT "BE01\n", "+ tail@149\n");
    EXPECT("##0139" SEGMENT "BE01" NEXT, "+ tail@149\n+\n");
    EXPECT("##0139" SEGMENT "BE01\n" NEXT, "+ tail@149\n+\n");
    EXPECT("##0139" SEGMENT "BE01\r" NEXT, "+ tail@149\n+\n");
    EXPECT("##0139" SEGMENT "BE01xyz" NEXT, "+ tail@149\ngarbage 3\n+\n");
    EXPECT("##0139" SEGMENT "be01\r\n" NEXT, "+ crc_case@145\n+\n");
    EXPECT("##0139" SEGMENT "d3Cb\r\n" NEXT, "+ crc_modbus@145 crc_case@145\n+\n");
    EXPECT("##0139" SEGMENT "01BE\r\n" NEXT, "- crc@145 crc_swapped@145\n+\n");
    EXPECT("##0139" SEGMENT "BE00\n" NEXT, "- crc@145 tail@149\n+\n");
}

static void garbage(void **state) {
    (void)state;
    EXPECT("hello" GOOD, "garbage 5\n+\n");
    EXPECT("\r\n" GOOD "\r\n" NEXT "\r\n", "garbage 2\n+\ngarbage 2\n+\ngarbage 2\n");
    EXPECT("#" GOOD, "garbage 1\n+\n");
    EXPECT("###" GOOD, "garbage 3\n+\n");
    EXPECT("##" GOOD, "garbage 2\n+\n");
    EXPECT("##01" GOOD, "garbage 4\n+\n");
    EXPECT("##0139" GOOD, "garbage 6\n+\n");
    EXPECT("##0139QN=2016" GOOD NEXT, "garbage 13\n+\n+\n");
    EXPECT("##0139" SEGMENT GOOD NEXT, "garbage 145\n+\n+\n");
    EXPECT("##0139QN=2016\r\n##0139QN=20160801" GOOD, "garbage 32\n+\n");
    EXPECT("##9999QN=2016" GOOD NEXT, "garbage 13\n+\n+\n");
    EXPECT("##0139QN=2016080108585", "garbage 22\n");
    EXPECT(GOOD "##0139QN=20160801", "+\ngarbage 17\n");
    EXPECT("#", "garbage 1\n");
    EXPECT("##", "garbage 2\n");
    EXPECT("##1", "garbage 3\n");
}

static void cut_off_before_a_bad_len(void **state) {
    (void)state;
    /* the frame behind the torn one has a wrong LEN itself: its CRC tells */
    EXPECT("##0139QN=2016##0143" SEGMENT "BE01\r\n" NEXT, "garbage 13\n+ len@2\n+\n");
}

/* A frame torn off at any place does not take the next one with it, not even where the CRC of both together
 * fits by accident, as it does once in 256. */
static void torn_anywhere(void **state) {
    (void)state;
    static const char *const next[] = {NEXT, GOOD, "##0143" SEGMENT "BE01\r\n"};
    for (size_t which = 0; which < 3; which++) {
        struct text alone = decode_whole(next[which], strlen(next[which]));
        char *want = shorten(&alone);
        for (size_t cut = 6; cut < sizeof GOOD - 7; cut++) {
            char both[400];
            size_t n = (size_t)snprintf(both, sizeof both, "%.*s%s", (int)cut, GOOD, next[which]);
            struct text t = decode_whole(both, n);
            char *got = shorten(&t), with_garbage[200];
            snprintf(with_garbage, sizeof with_garbage, "garbage %zu\n%s", cut, want);
            assert_string_equal(got, with_garbage);
            free(got);
            free(t.p);
        }
        free(want);
        free(alone.p);
    }
}

static void empty_segment(void **state) {
    (void)state;
    hj212_packet p;
    assert_int_equal(hj212_decode(NULL, "##0000FFFF\r\n", 12, &p).status, HJ212_PACKET);
    assert_true(p.ok);
    assert_null(p.mn.p);
    assert_null(p.cp.p);
    assert_true(has_finding(&p, HJ212_F_CP_MISSING));
}

static void longest(void **state) {
    (void)state;
    static char area[HJ212_LEN_MAX], frame[HJ212_FRAME_MAX];
    memset(area, 'x', sizeof area);
    memcpy(area, "i11001-Info=//", 14);
    hj212_message m = {.mn = hj212_text("010000A8900016F000169DC0")};
    m.cp = (hj212_span){area, HJ212_LEN_MAX - 28 - 7};
    assert_int_equal(hj212_encode(&m, frame, sizeof frame), HJ212_FRAME_MAX);
    m.cp.n++;
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_int_equal(n, 0);
    m.cp.n--;
    n = hj212_encode(&m, frame, sizeof frame);
    hj212_packet p;
    assert_int_equal(hj212_decode(NULL, frame, n, &p).status, HJ212_PACKET);
    assert_true(p.ok);
    assert_true(has_finding(&p, HJ212_F_LEN_OVER) && has_finding(&p, HJ212_F_CP_LONG));
}

static double seconds_for(const char *unit, size_t total) {
    size_t n = strlen(unit), have = 1 << 18, filled = 0, at = 0;
    char *b = malloc(have);
    assert_non_null(b);
    clock_t begin = clock();
    hj212_options o = {0};
    for (size_t left = total; left;) { /* as a reader with a buffer has it */
        memmove(b, b + at, filled - at);
        filled -= at;
        at = 0;
        for (; left && filled < have; filled++, left--) b[filled] = unit[(total - left) % n];
        o.at_end = left == 0;
        while (at < filled) {
            hj212_packet p;
            hj212_result r = hj212_decode(&o, b + at, filled - at, &p);
            if (r.status == HJ212_INCOMPLETE) break;
            at += r.consumed;
        }
    }
    free(b);
    return (double)(clock() - begin) / CLOCKS_PER_SEC;
}

/* Time grows with the length of the flood, not with its square: ten times as much takes about ten times as
 * long. */
static void floods(void **state) {
    (void)state;
    static const char *const units[] = {"#",       "##",       "##0",      "##0000",         "##9999",
                                        "&",       "##0000&&", "&&0000",   "##0004##0004&&", "##1111&&1111##",
                                        "##0000Q", "\r\n",     "CP=&&0000"};
    for (size_t i = 0; i < sizeof units / sizeof units[0]; i++) {
        double small = seconds_for(units[i], 400000), large = seconds_for(units[i], 4000000);
        if (large > 40 * small + 0.5)
            fail_msg("a flood of %s: %.3f s, ten times as much %.3f s", units[i], small, large);
    }
    assert_true(seconds_for("#", 100000000) < 20);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_frames),
        cmocka_unit_test(wrong_len),
        cmocka_unit_test(wrong_len_without_data_area),
        cmocka_unit_test(wrong_len_at_once),
        cmocka_unit_test(tails),
        cmocka_unit_test(garbage),
        cmocka_unit_test(cut_off_before_a_bad_len),
        cmocka_unit_test(longest),
        cmocka_unit_test(empty_segment),
        cmocka_unit_test(torn_anywhere),
        cmocka_unit_test(floods),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
