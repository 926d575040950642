/* workshop: cycles and evaporation. */
#include "plant/flue/workshop.h"

#include "plant/flue/gas.h"

#define AT_ONCE  0.6
#define WET_TAU  50.0
#define DRY_TAU  900.0
#define SPRAYING 0.55 /* of the cycle */

static double evaporate(double *pool, double comes, double left, double tau, double dt) {
    double full = comes * tau, before = *pool;
    *pool = full + (before - full) * left;
    double gone = comes - (*pool - before) / dt;
    return gone > 0 ? gone : 0; /* rounding */
}

double yw_workshop_step(struct yw_workshop *s, const struct yw_workshop_in *in, int64_t time, double step_s,
                        double *used, double *busy) {
    double t = (double)(time % ((int64_t)7 * 86400000000)) * 1e-6, sum = 0;
    double wet_left = exp(-step_s / WET_TAU), dry_left = exp(-step_s / DRY_TAU);
    *used = *busy = 0;
    for (int i = 0; i < in->booths; i++) {
        uint64_t bits = yw_noise_bits(in->seed, YW_STREAM_VOC, (uint64_t)i);
        double period = 900 + 1500 * (double)(bits & 0xFFFF) / 65536;
        double phase = period * (double)(bits >> 16 & 0xFFFF) / 65536;
        double height = 0.7 + 0.6 * (double)(bits >> 32 & 0xFFFF) / 65536;
        double width = fmin(1, SPRAYING * in->work) * period;
        double on = width > 0 ? yw_gas_pulse(t, step_s, period, phase, width) : 0;
        double sprayed = on * height * in->rate;
        sum += evaporate(&s->wet[i], AT_ONCE * sprayed, wet_left, WET_TAU, step_s) +
               evaporate(&s->drying[i], (1 - AT_ONCE) * sprayed, dry_left, DRY_TAU, step_s);
        *used += sprayed;
        *busy += on / in->booths;
    }
    return sum;
}
