/* The packets of the standards and of the field: what is found in each, and the same in whatever pieces they
 * come. */
#include "hj212_test.h"

static void each_packet(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    size_t count = load_vectors(v);
    assert_true(count >= 118);
    static char plain[HJ212_FRAME_MAX];
    hj212_options options = {.keys = hj212_test_key, .key_count = 1, .plain = plain};
    for (size_t i = 0; i < count; i++) {
        hj212_packet p;
        char found[512] = "";
        hj212_result r = hj212_decode(&options, v[i].bytes, v[i].n, &p);
        assert_int_equal(r.status, HJ212_PACKET);
        assert_int_equal(r.consumed, v[i].n);
        for (unsigned k = 0; k < p.findings_total && k < HJ212_FINDINGS_MAX; k++) {
            const char *name = hj212_finding_name(p.findings[k].code);
            char wanted[64], have[600];
            snprintf(wanted, sizeof wanted, ",%s,", name);
            snprintf(have, sizeof have, ",%s,", found);
            if (strstr(have, wanted)) continue;
            size_t n = strlen(found);
            snprintf(found + n, sizeof found - n, "%s%s", n ? "," : "", name);
        }
        char got[700], want[700];
        snprintf(got, sizeof got, "%s: ok %d, version %u, %s", v[i].name, p.ok, p.version,
                 *found ? found : "-");
        snprintf(want, sizeof want, "%s: ok %s, version %s, %s", v[i].name, v[i].ok, v[i].version,
                 v[i].findings);
        assert_string_equal(got, want);
    }
    free_vectors(v, count);
}

static void encrypted_without_key(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    size_t count = load_vectors(v), seen = 0;
    static char plain[HJ212_FRAME_MAX];
    uint8_t wrong[32] = {1, 2, 3};
    memcpy(wrong + 16, hj212_test_key, 16);
    for (size_t i = 0; i < count; i++) {
        if (!strstr(v[i].name, "SM4")) continue;
        hj212_packet p;
        seen++;
        assert_int_equal(hj212_decode(NULL, v[i].bytes, v[i].n, &p).status, HJ212_PACKET);
        assert_false(p.ok);
        assert_true(has_finding(&p, HJ212_F_ENCRYPTED));
        assert_int_equal(p.findings_total, 1);
        hj212_options options = {.keys = wrong, .key_count = 1, .plain = plain};
        hj212_decode(&options, v[i].bytes, v[i].n, &p);
        assert_false(p.ok);
        options.key_count = 2; /* the second one fits */
        hj212_decode(&options, v[i].bytes, v[i].n, &p);
        assert_true(p.ok && p.decrypted);
        assert_memory_equal(p.cp.p, "DataTime=20240520210600;", 24);
    }
    assert_int_equal(seen, 2);
    free_vectors(v, count);
}

/* All packets one behind the other, with garbage here and there. */
static struct text whole_stream(struct vector *v, size_t count) {
    struct text t = {0};
    t.room = 1 << 17;
    t.p = malloc(t.room);
    assert_non_null(t.p);
    for (size_t i = 0; i < count; i++) {
        static const char *const garbage[] = {"",     "x", "##", "\r\n", "##01", "##0139QN=20160801",
                                              "####", "#"};
        const char *g = garbage[i % 8];
        memcpy(t.p + t.n, g, strlen(g));
        t.n += strlen(g);
        memcpy(t.p + t.n, v[i].bytes, v[i].n);
        t.n += v[i].n;
    }
    return t;
}

static size_t one(void *arg) {
    (void)arg;
    return 1;
}

static size_t some(void *arg) {
    return 1 + random_below(arg, 700);
}

static void any_pieces(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    size_t count = load_vectors(v);
    struct text stream = whole_stream(v, count), want = decode_whole(stream.p, stream.n);
    struct text got = decode_in_pieces(stream.p, stream.n, one, NULL);
    assert_string_equal(got.p, want.p);
    free(got.p);
    uint64_t seed = 1;
    for (int i = 0; i < 100; i++) {
        got = decode_in_pieces(stream.p, stream.n, some, &seed);
        assert_string_equal(got.p, want.p);
        free(got.p);
    }
    free(want.p);
    free(stream.p);
    free_vectors(v, count);
}

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

static void every_cut(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    size_t count = load_vectors(v);
    for (size_t i = 0; i + 1 < count; i++) { /* a packet and the next one, cut at each place */
        size_t n = v[i].n + v[i + 1].n;
        char *two = malloc(n);
        assert_non_null(two);
        memcpy(two, v[i].bytes, v[i].n);
        memcpy(two + v[i].n, v[i + 1].bytes, v[i + 1].n);
        struct text want = decode_whole(two, n);
        for (size_t first = 1; first < n; first++) {
            struct cut c = {first, false};
            struct text got = decode_in_pieces(two, n, two_pieces, &c);
            assert_string_equal(got.p, want.p);
            free(got.p);
        }
        free(want.p);
        free(two);
    }
    free_vectors(v, count);
}

static void every_engine(void **state) {
    (void)state;
    struct vector v[VECTORS_MAX];
    size_t count = load_vectors(v);
    struct text stream = whole_stream(v, count);
    char chosen[16];
    snprintf(chosen, sizeof chosen, "%s", hj212_engine());
    assert_true(hj212_use("portable"));
    struct text want = decode_whole(stream.p, stream.n);
    static const char *const engines[] = {"avx512", "avx2", "neon"};
    for (int i = 0; i < 3; i++) {
        if (!hj212_use(engines[i])) continue;
        assert_string_equal(hj212_engine(), engines[i]);
        struct text got = decode_whole(stream.p, stream.n);
        assert_string_equal(got.p, want.p);
        free(got.p);
    }
    assert_false(hj212_use("abacus"));
    assert_true(hj212_use(chosen));
    free(want.p);
    free(stream.p);
    free_vectors(v, count);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_packet), cmocka_unit_test(encrypted_without_key), cmocka_unit_test(any_pieces),
        cmocka_unit_test(every_cut),   cmocka_unit_test(every_engine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
