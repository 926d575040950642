/* puff: chance puffs and white noise, as functions of absolute time. */
#ifndef YW_PLANT_FLUE_PUFF_H
#define YW_PLANT_FLUE_PUFF_H

#include "plant/flue/gas.h"

/* Fresh at every step. */
static inline double yw_white(uint64_t seed, uint64_t stream, int64_t time) {
    return yw_noise_normal(yw_noise_bits(seed, stream, (uint64_t)time));
}

/* Mean over [time, time + dt] of puffs: in each slot of slot_s seconds one with probability p, of a height
 * with mean 1 (exponential), that fades with tau_s. */
static inline double yw_puffs(uint64_t seed, uint64_t stream, int64_t time, double dt_s, double slot_s,
                              double p, double tau_s) {
    double t0 = (double)time * 1e-6, t1 = t0 + dt_s, sum = 0;
    double last = floor(t1 / slot_s);
    for (double slot = floor((t0 - 8 * tau_s) / slot_s); slot <= last; slot++) {
        uint64_t bits = yw_noise_bits(seed, stream, (uint64_t)(int64_t)slot);
        if ((double)(bits & 0xFFFF) >= p * 65536) continue;
        double begins = (slot + (double)(bits >> 16 & 0xFFFF) / 65536) * slot_s;
        if (begins >= t1) continue;
        double height = -log(((double)(bits >> 32 & 0xFFFF) + 0.5) / 65536);
        double from = t0 > begins ? exp((begins - t0) / tau_s) : 1;
        sum += height * tau_s * (from - exp((begins - t1) / tau_s));
    }
    return sum / dt_s;
}

#endif
