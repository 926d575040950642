/* noise: randomness that is a function of (seed, stream, index), so that any moment can be entered directly.
 */
#ifndef YW_PLANT_NOISE_H
#define YW_PLANT_NOISE_H

#include <stdint.h>

enum yw_noise_stream { /* of one outlet */
                       YW_STREAM_LOAD = 1,
                       YW_STREAM_SLOW,
                       YW_STREAM_COMMON,
                       YW_STREAM_STOP,
                       YW_STREAM_CALIBRATION,
                       YW_STREAM_BLOWBACK,
                       YW_STREAM_FAULT, /* also of link_loss */
                       YW_STREAM_FAULT_FACTOR,
                       YW_STREAM_SHOWN,
                       YW_STREAM_UNSENT,
                       YW_STREAM_LOST,
                       YW_STREAM_DOOR,
                       YW_STREAM_DEVICE, /* serial numbers and the like */
                       YW_STREAM_ROOM,
                       YW_STREAM_ACKS,
                       YW_STREAM_PUFF = 100,
                       YW_STREAM_FACTOR = 200,
                       YW_STREAM_EVENT = 7000, /* of a scenario, with interval and length */
                       YW_STREAM_INSPECTION = 7200,
                       YW_STREAM_RAIN,
                       YW_STREAM_AIR,
                       YW_STREAM_SHARE = 7300
};

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
