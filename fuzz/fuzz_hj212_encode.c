/* The encoder on any field values, into any room: never past its end; what it writes is read back as it was,
 * as far as the values hold nothing that a header cannot hold. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"

struct input {
    const uint8_t *p;
    size_t n;
};

static uint8_t take_byte(struct input *in) {
    if (in->n == 0) return 0;
    in->n--;
    return *in->p++;
}

/* Absent where the length byte is 255; at most what is left. */
static hj212_span take_span(struct input *in, size_t scale) {
    size_t n = take_byte(in);
    if (n == 255) return (hj212_span){NULL, 0};
    n *= scale;
    if (n > in->n) n = in->n;
    hj212_span s = {(const char *)in->p, (uint32_t)n};
    in->p += n;
    in->n -= n;
    return s;
}

static bool plain(hj212_span s, const char *unfit) {
    for (uint32_t i = 0; i < s.n; i++)
        if (s.p[i] <= ' ' || s.p[i] > '~' || strchr(unfit, s.p[i])) return false;
    return true;
}

static void same(hj212_span a, hj212_span b) {
    if ((a.p == NULL) != (b.p == NULL) || a.n != b.n || (a.n && memcmp(a.p, b.p, a.n) != 0)) abort();
}

static void write_area(struct input *in, char *out, size_t size) {
    char factor[8], field[8], value[8];
    hj212_writer w;
    hj212_writer_init(&w, out, size);
    while (in->n > 4) {
        char *const texts[] = {factor, field, value};
        for (int i = 0; i < 3; i++) {
            hj212_span s = take_span(in, 1);
            uint32_t n = s.p && s.n < 7 ? s.n : 0;
            if (n) memcpy(texts[i], s.p, n);
            texts[i][n] = 0;
        }
        if (*value)
            hj212_put(&w, *factor ? factor : NULL, field, value);
        else
            hj212_put_decimal(&w, *factor ? factor : NULL, field,
                              (hj212_decimal){(int64_t)take_byte(in) * 71 - 999, take_byte(in)});
        if (w.n > w.size) abort();
        w.factor = NULL; /* the buffers are used again */
    }
    hj212_span s = hj212_written(&w);
    if (s.p && s.n > size) abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t key[] = "0000000000000000";
    struct input in = {data, size};
    uint8_t choice = take_byte(&in);
    size_t room = choice & 1 ? HJ212_FRAME_MAX : (size_t)take_byte(&in) * 8;
    hj212_message m = {.key = choice & 2 ? key : NULL, .printed = (choice & 4) != 0};
    hj212_span *fields[] = {&m.qn, &m.st, &m.cn, &m.pw, &m.mn, &m.flag, &m.pnum, &m.pno, &m.rf};
    bool fit = true;
    for (size_t i = 0; i < 9; i++) {
        *fields[i] = take_span(&in, 1);
        fit = fit && plain(*fields[i], ";,=&#");
    }
    m.cp = take_span(&in, 40);
    fit = fit && plain(m.cp, "&#{");
    char *out = malloc(room ? room : 1);
    if (!out) abort();
    size_t n = hj212_encode(&m, out, room);
    if (n > room) abort();
    if (n && fit && !m.key) {
        hj212_packet p;
        hj212_result r = hj212_decode(NULL, out, n, &p);
        if (r.status != HJ212_PACKET || r.consumed != n || !p.ok) abort();
        const hj212_span got[] = {p.qn, p.st, p.cn, p.pw, p.mn, p.flag, p.pnum, p.pno, p.rf};
        for (size_t i = 0; i < 9; i++) same(*fields[i], got[i]);
        if (p.cp.n != m.cp.n || (m.cp.n && memcmp(p.cp.p, m.cp.p, m.cp.n) != 0)) abort();
    }
    free(out);
    char area[200];
    write_area(&in, area, choice % sizeof area);
    return 0;
}
