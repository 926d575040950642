/* What the tests of libhj212 share: a stream decoded in pieces, written down as text that can be compared. */
#ifndef HJ212_TEST_H
#define HJ212_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "hj212.h"

static const uint8_t hj212_test_key[17] = "0000000000000000";

struct text { /* grows */
    char *p;
    size_t n, room;
};

__attribute__((format(printf, 2, 3))) static inline void text_add(struct text *t, const char *fmt, ...) {
    va_list args;
    char line[512];
    va_start(args, fmt);
    int n = vsnprintf(line, sizeof line, fmt, args);
    va_end(args);
    assert_in_range(n, 0, (int)sizeof line - 1);
    if (t->room - t->n <= (size_t)n) {
        t->room = 2 * t->room + sizeof line;
        t->p = realloc(t->p, t->room);
        assert_non_null(t->p);
    }
    memcpy(t->p + t->n, line, (size_t)n + 1);
    t->n += (size_t)n;
}

static inline bool has_finding(const hj212_packet *p, int code) {
    for (unsigned i = 0; i < p->findings_total && i < HJ212_FINDINGS_MAX; i++)
        if (p->findings[i].code == code) return true;
    return false;
}

static inline void write_packet(struct text *t, size_t offset, const hj212_packet *p) {
    text_add(t, "%zu+%zu ok=%d version=%u cn=%u cp=%u/%04X values=%zu", offset, p->frame_len, p->ok,
             p->version, p->command, p->cp.n, hj212_crc_modbus(p->cp.p ? p->cp.p : "", p->cp.n),
             hj212_values(p->cp, NULL, 0));
    for (unsigned i = 0; i < p->findings_total && i < HJ212_FINDINGS_MAX; i++)
        text_add(t, " %s@%u", hj212_finding_name(p->findings[i].code), p->findings[i].offset);
    text_add(t, "\n");
}

/* Decodes a stream that arrives in pieces: next(arg) says how many bytes come (0: all the rest). Every piece
 * is copied into a block of exactly its size, so that a sanitizer sees any step beyond it. Garbage is merged.
 */
static inline struct text decode_in_pieces(const char *bytes, size_t n, size_t (*next)(void *arg),
                                           void *arg) {
    struct text t = {0};
    static char plain[HJ212_FRAME_MAX];
    hj212_options options = {.keys = hj212_test_key, .key_count = 1, .plain = plain};
    size_t at = 0, have = 0, garbage = 0;
    text_add(&t, "%s", "");
    while (at < n || garbage) {
        if (!options.at_end) {
            size_t more = next(arg);
            have += more && more < n - have ? more : n - have;
            options.at_end = have == n;
        }
        char *piece = malloc(have - at ? have - at : 1);
        assert_non_null(piece);
        memcpy(piece, bytes + at, have - at);
        size_t from = at;
        while (at < have) {
            hj212_packet p;
            hj212_result r = hj212_decode(&options, piece + (at - from), have - at, &p);
            if (r.status == HJ212_INCOMPLETE) {
                assert_int_equal(r.consumed, 0);
                assert_true(r.needed > have - at);
                assert_false(options.at_end);
                break;
            }
            assert_in_range(r.consumed, 1, have - at);
            if (r.status == HJ212_GARBAGE) {
                garbage += r.consumed;
            } else {
                if (garbage) text_add(&t, "%zu garbage %zu\n", at - garbage, garbage);
                garbage = 0;
                assert_int_equal(r.consumed, p.frame_len);
                write_packet(&t, at, &p);
            }
            at += r.consumed;
        }
        free(piece);
        if (at == n && garbage) {
            text_add(&t, "%zu garbage %zu\n", at - garbage, garbage);
            garbage = 0;
        }
    }
    return t;
}

static inline size_t everything(void *arg) {
    (void)arg;
    return 0;
}

static inline struct text decode_whole(const char *bytes, size_t n) {
    return decode_in_pieces(bytes, n, everything, NULL);
}

/* ---- the packets of tests/data/hj212_vectors.tsv ---- */

struct vector {
    char *line; /* owns the fields */
    const char *ok, *version, *findings, *name;
    char *bytes; /* the whole frame */
    size_t n;
};
enum { VECTORS_MAX = 300 };

static inline size_t load_vectors(struct vector *out) {
    const char *source = getenv("YANWU_SOURCE");
    char path[1024], line[8192];
    snprintf(path, sizeof path, "%s/tests/data/hj212_vectors.tsv", source ? source : ".");
    FILE *f = fopen(path, "r");
    assert_non_null(f);
    size_t count = 0;
    while (fgets(line, sizeof line, f)) {
        if (line[0] == '#' && line[1] == ' ') continue;
        line[strcspn(line, "\n")] = 0;
        assert_true(count < VECTORS_MAX);
        struct vector *v = &out[count++];
        v->line = strdup(line);
        assert_non_null(v->line);
        char *field[5], *at = v->line;
        for (int i = 0; i < 5; i++) {
            field[i] = at;
            at += strcspn(at, "\t");
            if (i < 4) *at++ = 0;
        }
        v->ok = field[0], v->version = field[1], v->findings = field[2], v->name = field[3];
        v->n = strlen(field[4]) + 2;
        v->bytes = malloc(v->n + 1);
        assert_non_null(v->bytes);
        if (strncmp(field[4], "hex:", 4) == 0) {
            v->n = strlen(field[4] + 4) / 2;
            for (size_t i = 0; i < v->n; i++) {
                unsigned byte;
                assert_int_equal(sscanf(field[4] + 4 + 2 * i, "%2x", &byte), 1);
                v->bytes[i] = (char)byte;
            }
        } else {
            snprintf(v->bytes, v->n + 1, "%s\r\n", field[4]);
        }
    }
    fclose(f);
    return count;
}

static inline void free_vectors(struct vector *v, size_t count) {
    for (size_t i = 0; i < count; i++) {
        free(v[i].line);
        free(v[i].bytes);
    }
}

/* ---- seeded random numbers ---- */

static inline uint32_t random_below(uint64_t *state, uint32_t n) {
    *state = *state * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*state >> 33) % n);
}

#endif
