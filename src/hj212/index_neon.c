/* Finding separators with the vector instructions of 64-bit ARM. */
#include "internal.h"

#if defined(__aarch64__)
#include <arm_neon.h>

/* One bit a byte, as x86 has it in one instruction. */
static uint64_t bits_of(uint8x16_t a, uint8x16_t b, uint8x16_t c, uint8x16_t d) {
    const uint8x16_t weight = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
    uint8x16_t ab = vpaddq_u8(vandq_u8(a, weight), vandq_u8(b, weight));
    uint8x16_t cd = vpaddq_u8(vandq_u8(c, weight), vandq_u8(d, weight));
    uint8x16_t sum = vpaddq_u8(ab, cd);
    sum = vpaddq_u8(sum, sum);
    return vgetq_lane_u64(vreinterpretq_u64_u8(sum), 0);
}

static uint8x16_t is_delim(uint8x16_t v) {
    return vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8(';')), vceqq_u8(v, vdupq_n_u8(','))),
                    vceqq_u8(v, vdupq_n_u8('=')));
}

static uint8x16_t is_odd(uint8x16_t v) {
    return vorrq_u8(vcgeq_u8(vsubq_u8(v, vdupq_n_u8(' ')), vdupq_n_u8(0x7F - ' ')),
                    vorrq_u8(vceqq_u8(v, vdupq_n_u8('#')), vceqq_u8(v, vdupq_n_u8('{'))));
}

static uint8x16_t is_loose(uint8x16_t v) {
    return vorrq_u8(vorrq_u8(vceqq_u8(v, vdupq_n_u8(' ')), vceqq_u8(v, vdupq_n_u8('\t'))),
                    vceqq_u8(v, vdupq_n_u8('/')));
}

void hj_index_neon(const uint8_t *p, uint32_t n, struct hj_index *out) {
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
        uint8x16_t a = vld1q_u8(from), b = vld1q_u8(from + 16), c = vld1q_u8(from + 32),
                   d = vld1q_u8(from + 48);
        uint64_t delim = bits_of(is_delim(a), is_delim(b), is_delim(c), is_delim(d));
        count = hj_flatten(out->delim, count, i, delim);
        loose |= vmaxvq_u8(vorrq_u8(vorrq_u8(is_loose(a), is_loose(b)), vorrq_u8(is_loose(c), is_loose(d))));
        odd |= bits_of(is_odd(a), is_odd(b), is_odd(c), is_odd(d)) & live;
    }
    out->delim[count] = (uint16_t)n;
    out->count = count;
    out->odd = odd != 0;
    out->loose = loose != 0;
}
#else
typedef int hj_index_neon_is_empty_here;
#endif
