/* Finding separators with the vector instructions of x86-64. */
#include "internal.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX512 __attribute__((target("avx512f,avx512bw,avx512vbmi2,popcnt")))

AVX512 static inline __m512i numbers_to_63(void) {
    uint8_t v[64];
    for (uint8_t i = 0; i < 64; i++) v[i] = i;
    return _mm512_loadu_si512(v);
}

/* hj_flatten in a few instructions: pack the places of the set bits, widen them, store. */
AVX512 static inline uint32_t flatten(uint16_t *to, uint32_t count, uint32_t base, uint64_t bits,
                                      __m512i places) {
    __m512i packed = _mm512_maskz_compress_epi8(bits, places), begin = _mm512_set1_epi16((short)base);
    uint32_t n = (uint32_t)_mm_popcnt_u64(bits);
    __m512i low = _mm512_cvtepu8_epi16(_mm512_castsi512_si256(packed));
    _mm512_storeu_si512(to + count, _mm512_add_epi16(low, begin));
    if (n > 32) {
        __m512i high = _mm512_cvtepu8_epi16(_mm512_extracti64x4_epi64(packed, 1));
        _mm512_storeu_si512(to + count + 32, _mm512_add_epi16(high, begin));
    }
    return count + n;
}

AVX512 void hj_index_avx512(const uint8_t *p, uint32_t n, struct hj_index *out) {
    const __m512i semicolon = _mm512_set1_epi8(';'), comma = _mm512_set1_epi8(','),
                  equals = _mm512_set1_epi8('=');
    const __m512i blank = _mm512_set1_epi8(' '), printable = _mm512_set1_epi8(0x7F - ' ');
    const __m512i hash = _mm512_set1_epi8('#'), brace = _mm512_set1_epi8('{');
    const __m512i slash = _mm512_set1_epi8('/'), tab = _mm512_set1_epi8('\t');
    const __m512i places = numbers_to_63();
    uint64_t odd = 0, loose = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        uint64_t live = n - i >= 64 ? ~UINT64_C(0) : (UINT64_C(1) << (n - i)) - 1;
        __m512i v = _mm512_maskz_loadu_epi8(live, p + i);
        uint64_t delim = _mm512_cmpeq_epi8_mask(v, semicolon) | _mm512_cmpeq_epi8_mask(v, comma) |
                         _mm512_cmpeq_epi8_mask(v, equals);
        uint64_t plain = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(v, blank), printable);
        odd |= (~plain | _mm512_cmpeq_epi8_mask(v, hash) | _mm512_cmpeq_epi8_mask(v, brace)) & live;
        loose |= _mm512_cmpeq_epi8_mask(v, blank) | _mm512_cmpeq_epi8_mask(v, tab) |
                 _mm512_cmpeq_epi8_mask(v, slash);
        count = flatten(out->delim, count, i, delim, places);
    }
    out->delim[count] = (uint16_t)n;
    out->count = count;
    out->odd = odd != 0;
    out->loose = loose != 0;
}

struct half {
    uint32_t delim, odd, loose;
};

__attribute__((target("avx2,popcnt,bmi"), always_inline)) static inline struct half index_half(__m256i v) {
    __m256i delim = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(';')),
                                                    _mm256_cmpeq_epi8(v, _mm256_set1_epi8(','))),
                                    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('=')));
    /* signed comparison: bytes from 0x80 on are negative, neither digits nor printable */
    /* signed comparison: bytes from 0x80 on are negative */
    __m256i odd =
        _mm256_or_si256(_mm256_cmpgt_epi8(_mm256_set1_epi8(' '), v),
                        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(0x7F)),
                                        _mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8('#')),
                                                        _mm256_cmpeq_epi8(v, _mm256_set1_epi8('{')))));
    __m256i loose = _mm256_or_si256(_mm256_or_si256(_mm256_cmpeq_epi8(v, _mm256_set1_epi8(' ')),
                                                    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('\t'))),
                                    _mm256_cmpeq_epi8(v, _mm256_set1_epi8('/')));
    return (struct half){(uint32_t)_mm256_movemask_epi8(delim), (uint32_t)_mm256_movemask_epi8(odd),
                         (uint32_t)_mm256_movemask_epi8(loose)};
}

__attribute__((target("avx2,popcnt,bmi"))) void hj_index_avx2(const uint8_t *p, uint32_t n,
                                                              struct hj_index *out) {
    uint64_t odd = 0, loose = 0;
    uint32_t count = 0;
    for (uint32_t i = 0; i < n; i += 64) {
        uint64_t live = ~UINT64_C(0);
        uint8_t last[64] = {0};
        const uint8_t *from = p + i;
        if (n - i < 64) { /* never read past the end */
            live = (UINT64_C(1) << (n - i)) - 1;
            memcpy(last, from, n - i);
            from = last;
        }
        struct half a = index_half(_mm256_loadu_si256((const __m256i *)from));
        struct half b = index_half(_mm256_loadu_si256((const __m256i *)(from + 32)));
        count = hj_flatten(out->delim, count, i, a.delim | (uint64_t)b.delim << 32);
        odd |= (a.odd | (uint64_t)b.odd << 32) & live;
        loose |= a.loose | b.loose;
    }
    out->delim[count] = (uint16_t)n;
    out->count = count;
    out->odd = odd != 0;
    out->loose = loose != 0;
}
#else
typedef int hj_index_x86_is_empty_here;
#endif
