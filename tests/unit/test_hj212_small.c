/* The library as firmware builds it, with HJ212_LEN_LIMIT=1024: the longest frame of the standards passes, a
 * longer one is garbage however it arrives, and what follows is read. */
#include "hj212_test.h"

static char stream[8000];

static size_t put_frame(size_t at, size_t segment) {
    char *s = stream + at + 6;
    static const char head[] =
        "QN=20240601085857223;ST=31;CN=2011;PW=123456;MN=010000A8900016F000169DC0;Flag=5;"
        "CP=&&DataTime=20240601085857;a21026-EFlag=";
    assert_true(at + segment + 12 < sizeof stream);
    memset(s, 'x', segment);
    memcpy(s, head, sizeof head - 1);
    memcpy(s + segment - 2, "&&", 2);
    char ends[8];
    snprintf(ends, sizeof ends, "##%04u", (unsigned)segment % 10000);
    memcpy(stream + at, ends, 6);
    snprintf(ends, sizeof ends, "%04X\r\n", hj212_crc(s, segment));
    memcpy(s + segment, ends, 6);
    return at + segment + 12;
}

static void limits(void **state) {
    (void)state;
    hj212_packet p;
    assert_int_equal(HJ212_FRAME_MAX, 1036);
    size_t n = put_frame(0, 1024);
    assert_int_equal(hj212_decode(NULL, stream, n, &p).status, HJ212_PACKET);
    assert_true(p.ok && p.segment.n == 1024);
    n = put_frame(0, 1025);
    hj212_options end = {.at_end = true};
    hj212_result r = hj212_decode(&end, stream, n, &p);
    assert_int_equal(r.status, HJ212_GARBAGE);
    static char out[HJ212_FRAME_MAX + 10], area[HJ212_FRAME_MAX];
    memset(area, 'x', sizeof area);
    hj212_message m = {.cp = {area, 1024 - 7}};
    assert_int_equal(hj212_encode(&m, out, sizeof out), HJ212_FRAME_MAX);
    m.cp.n++;
    assert_int_equal(hj212_encode(&m, out, sizeof out), 0);
}

static size_t random_piece(void *arg) {
    return 1 + random_below(arg, 300);
}

static void long_one_between_good_ones(void **state) {
    (void)state;
    size_t n = put_frame(0, 900);
    n = put_frame(n, 1500);
    n = put_frame(n, 1024);
    n = put_frame(n, 4000);
    n = put_frame(n, 200);
    struct text want = decode_whole(stream, n);
    unsigned packets = 0;
    for (const char *at = want.p; (at = strstr(at, "ok=1")); at++) packets++;
    assert_int_equal(packets, 3);
    uint64_t seed = 3;
    for (int i = 0; i < 50; i++) {
        struct text got = decode_in_pieces(stream, n, random_piece, &seed);
        assert_string_equal(got.p, want.p);
        free(got.p);
    }
    free(want.p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits),
        cmocka_unit_test(long_one_between_good_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
