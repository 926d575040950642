/* noise: randomness that is a function of (seed, stream, index), so that any moment can be entered directly.
 */
#ifndef YW_PLANTS_NOISE_H
#define YW_PLANTS_NOISE_H

#include <stdint.h>

/* The finaliser of SplitMix64 (Steele, Lea, Flood 2014) over the three. */
static inline uint64_t yw_noise_bits(uint64_t seed, uint64_t stream, uint64_t index) {
    uint64_t z = seed ^ stream * 0x9E3779B97F4A7C15u;
    z += index * 0xD1B54A32D192ED03u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    z ^= z >> 31;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    return z ^ z >> 27;
}

/* [0, 1) */
static inline double yw_noise_unit(uint64_t bits) {
    return (double)(bits >> 11) * 0x1p-53;
}

/* Nearly normal, mean 0, variance 1, within +-3.46: the sum of four 16-bit uniforms. Instruments have no
 * endless tails. */
static inline double yw_noise_normal(uint64_t bits) {
    uint32_t sum = (uint32_t)(bits & 0xFFFF) + (uint32_t)(bits >> 16 & 0xFFFF) +
                   (uint32_t)(bits >> 32 & 0xFFFF) + (uint32_t)(bits >> 48);
    return ((double)sum / 65535.0 - 2.0) * 1.7320508075688772;
}

#endif
