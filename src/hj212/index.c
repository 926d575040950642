/* Finding separators: the portable way, and the choice between it and the vector instructions of this
 * processor. */
#include <stdatomic.h>

#include "internal.h"

#define ALL(byte) (UINT64_C(0x0101010101010101) * (byte))
#define HIGH_BITS ALL(0x80)
#define LOW_BITS  ALL(0x7F)

/* Eight bytes at once; each function sets the high bit of the bytes it speaks of. */
static uint64_t equal(uint64_t v, uint8_t c) {
    uint64_t x = v ^ ALL(c);
    return ~(((x & LOW_BITS) + LOW_BITS) | x) & HIGH_BITS;
}
static uint64_t at_least(uint64_t v, uint8_t c) { /* c from 1 to 0x80 */
    return (((v & LOW_BITS) + ALL(0x80 - c)) | v) & HIGH_BITS;
}
static uint64_t gather(uint64_t high_bits) { /* the eight high bits, first byte's lowest */
    return (high_bits >> 7) * UINT64_C(0x0102040810204080) >> 56;
}

void hj_index_portable(const uint8_t *p, uint32_t n, struct hj_index *out) {
    uint64_t odd = 0, loose = 0, delim = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i += 8) {
        uint32_t live = n - i < 8 ? n - i : 8;
        uint64_t v = hj_load(p + i, live, p + n);
        if (live < 8) v |= ALL('0') << (8 * live);
        odd |= equal(v, '#') | equal(v, '{') | (at_least(v, ' ') ^ HIGH_BITS) | at_least(v, 0x7F);
        loose |= equal(v, ' ') | equal(v, '\t') | equal(v, '/');
        delim |= gather(equal(v, ';') | equal(v, ',') | equal(v, '=')) << (i & 63);
        if ((i & 63) == 56 || i + 8 >= n) {
            count = hj_flatten(out->delim, count, i & ~63U, delim);
            delim = 0;
        }
    }
    out->delim[count] = (uint16_t)n;
    out->count = count;
    out->odd = odd != 0;
    out->loose = loose != 0;
}

/* The choice is made at the first call and kept. Any thread may make it, all of them make the same one. */
static const struct engine {
    const char *name;
    hj_index_fn *index;
} engines[] = {
#if defined(__x86_64__)
    {"avx512", hj_index_avx512},
    {"avx2", hj_index_avx2},
#elif defined(__aarch64__)
    {"neon", hj_index_neon},
#endif
    {"portable", hj_index_portable},
};
static _Atomic(const struct engine *) chosen;

static bool runs_here(const struct engine *e) {
#if defined(__x86_64__)
    if (e->index == hj_index_avx512)
        return __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vbmi2");
    if (e->index == hj_index_avx2) return __builtin_cpu_supports("avx2");
#endif
    return e->name != NULL;
}

static const struct engine *engine(void) {
    const struct engine *e = atomic_load_explicit(&chosen, memory_order_relaxed);
    if (e) return e;
    e = engines;
    while (!runs_here(e)) e++;
    atomic_store_explicit(&chosen, e, memory_order_relaxed);
    return e;
}

hj_index_fn *hj_index_best(void) {
    return engine()->index;
}

const char *hj212_engine(void) {
    return engine()->name;
}

bool hj212_use(const char *name) {
    for (size_t i = 0; i < sizeof engines / sizeof engines[0]; i++)
        if (strcmp(engines[i].name, name) == 0 && runs_here(&engines[i])) {
            atomic_store_explicit(&chosen, &engines[i], memory_order_relaxed);
            return true;
        }
    return false;
}
