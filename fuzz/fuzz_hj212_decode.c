/* The decoder on any bytes, in any pieces. The first byte chooses options, the second how the rest arrives;
 * whole or in pieces, by vector instructions or without, the packets and findings must be the same, and every
 * block is exactly as large as what it holds, so that a sanitizer sees any step beyond it. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"

struct trace { /* a running hash of everything the decoder says */
    uint64_t hash, garbage;
};

static void add(struct trace *t, const void *bytes, size_t n) {
    const uint8_t *p = bytes;
    for (; n > 0;
         p += 8, n -= n < 8 ? n : 8) { /* eight bytes at a time: inputs a second are what counts here */
        uint64_t word = n;
        memcpy(&word, p, n < 8 ? n : 8);
        t->hash = (t->hash ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        t->hash ^= t->hash >> 29;
    }
}

static void add_number(struct trace *t, uint64_t v) {
    add(t, &v, sizeof v);
}

static void add_span(struct trace *t, hj212_span s) {
    add_number(t, s.p ? s.n : UINT64_MAX);
    if (s.p) add(t, s.p, s.n);
}

/* The index and the plain scan must see the same items. */
static void add_items(struct trace *t, hj212_span cp) {
    enum { MAX = HJ212_LEN_MAX };
    static hj212_value values[MAX];
    char *copy = malloc(cp.n ? cp.n : 1);
    if (!copy) abort();
    memcpy(copy, cp.p, cp.n);
    cp.p = copy;
    size_t n = hj212_values(cp, values, MAX), i = 0;
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, cp);
    for (; hj212_next(&it, &item); i++) {
        const hj212_value *v = &values[i];
        if (i >= n || v->item.value.p != item.value.p || v->item.value.n != item.value.n ||
            v->item.offset != item.offset || v->item.field.p != item.field.p ||
            v->item.field.n != item.field.n || v->item.code.n != item.code.n)
            abort();
        add_number(t, (uint64_t)v->kind << 8 | v->field);
        if (v->kind == HJ212_V_NUMBER)
            add_number(t, (uint64_t)v->number.mantissa ^ (uint64_t)v->number.scale << 59);
        if (v->kind == HJ212_V_TIME) add_number(t, (uint64_t)v->time_us);
    }
    if (i != n) abort();
    free(copy);
}

static void add_packet(struct trace *t, const hj212_packet *p) {
    add_number(t, t->garbage);
    t->garbage = 0;
    add_number(t, p->frame_len);
    const hj212_span spans[] = {p->segment, p->qn,   p->st,  p->cn, p->pw, p->mn,
                                p->flag,    p->pnum, p->pno, p->rf, p->cp};
    for (size_t i = 0; i < sizeof spans / sizeof spans[0]; i++) add_span(t, spans[i]);
    add_number(t, (uint64_t)p->ok | (uint64_t)p->crc_modbus << 1 | (uint64_t)p->decrypted << 2 |
                      (uint64_t)p->wants_ack << 3 | (uint64_t)p->is_split << 4 |
                      (uint64_t)p->backfilled << 5 | (uint64_t)p->version << 16);
    add_number(t, (uint64_t)p->crc_sent | (uint64_t)p->crc_want << 16 | (uint64_t)p->findings_total << 32);
    for (unsigned i = 0; i < p->findings_total && i < HJ212_FINDINGS_MAX; i++) {
        if (p->findings[i].offset > p->frame_len) abort();
        add_number(t, (uint64_t)p->findings[i].code << 32 | p->findings[i].offset);
    }
    if (p->cp.p) add_items(t, p->cp);
    char ack[512];
    size_t n = hj212_encode_ack(p, ack, sizeof ack);
    add(t, ack, n);
}

/* step 0: all at once */
static struct trace decode(const uint8_t *bytes, size_t n, hj212_options o, size_t step) {
    struct trace t = {UINT64_C(0xCBF29CE484222325), 0};
    static char plain[HJ212_FRAME_MAX];
    o.plain = plain;
    size_t at = 0, have = 0;
    while (at < n) {
        have += step && step < n - have ? step : n - have;
        o.at_end = have == n;
        uint8_t *piece = malloc(have - at);
        if (!piece) abort();
        memcpy(piece, bytes + at, have - at);
        size_t from = at;
        while (at < have) {
            hj212_packet p;
            hj212_result r = hj212_decode(&o, piece + (at - from), have - at, &p);
            if (r.status == HJ212_INCOMPLETE) {
                if (o.at_end || r.consumed != 0 || r.needed <= have - at) abort();
                break;
            }
            if (r.consumed == 0 || r.consumed > have - at) abort();
            if (r.status == HJ212_GARBAGE)
                t.garbage += r.consumed;
            else
                add_packet(&t, &p);
            at += r.consumed;
        }
        free(piece);
    }
    add_number(&t, t.garbage);
    return t;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t keys[32] = "0000000000000000another key here";
    if (size < 2) return 0;
    hj212_options o = {.strict = data[0] & 1, .header_only = data[0] & 2};
    if (data[0] & 4) {
        o.keys = keys;
        o.key_count = 2;
    }
    size_t step = data[1];
    data += 2;
    size -= 2;
    static const char *const engines[] = {"portable", "neon", "avx2", "avx512"};
    uint64_t want = 0;
    bool any = false;
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++) {
        if (!hj212_use(engines[i])) continue;
        uint64_t got = decode(data, size, o, 0).hash;
        if (any && got != want) abort();
        want = got;
        any = true;
    }
    if (step && decode(data, size, o, step).hash != want) abort();
    if (hj212_crc(data, size) != hj212_crc_portable(data, size)) abort();
    return 0;
}
