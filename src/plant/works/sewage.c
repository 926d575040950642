/* sewage: what a town sends through a day, a week and the rain. */
#include <math.h>

#include "plant/noise.h"
#include "plant/works/works_int.h"

enum { STREAM_FLOW = 1010, STREAM_STRENGTH, STREAM_NITROGEN, STREAM_SOLIDS };

/* Slow noise of variance 1 as a function of absolute time: draws each tau seconds, joined smoothly. */
static double wander(uint64_t seed, uint64_t stream, int64_t time, double tau_s) {
    double x = (double)time / (tau_s * 1e6), whole = floor(x), u = x - whole;
    uint64_t i = (uint64_t)(int64_t)whole;
    double a = yw_noise_normal(yw_noise_bits(seed, stream, i));
    double b = yw_noise_normal(yw_noise_bits(seed, stream, i + 1));
    double p = 0.5 - 0.5 * cos(3.14159265358979 * u);
    return (a * (1 - p) + b * p) / sqrt((1 - p) * (1 - p) + p * p);
}

struct rhythm { /* of a municipal sewer, mean 1 */
    double flow, strength;
};

static struct rhythm rhythm_at(const struct yw_plant_life *life, int64_t time) {
    int32_t day = yw_china_day(time);
    double h = (double)(time - yw_china_day_start(day)) / (double)YW_HOUR, w = 6.283185307179586 / 24;
    double d = life->parameters[YW_WORKS_DIURNAL];
    int weekday = (day % 7 + 7 + 3) % 7; /* 1970-01-01 was a Thursday; 0 is Monday */
    double weekend = weekday >= 5 ? life->parameters[YW_WORKS_WEEKEND] : 1;
    struct rhythm r = {1 + d * (-0.26 * cos(w * (h - 4)) + 0.12 * cos(2 * w * (h - 9.5))),
                       1 + d * (-0.18 * cos(w * (h - 5)) + 0.08 * cos(2 * w * (h - 9)))};
    r.flow *= weekend;
    r.strength *= sqrt(weekend);
    return r;
}

void yw_works_sewage(const struct yw_plant_life *life, double runoff, int64_t time,
                     double inflow[YW_INFLOW_N]) {
    static const double usual[YW_INFLOW_N] = {30, 69.5, 51.2,  202.32, 28.17, 0, 0,
                                              0,  0,    31.56, 6.95,   10.59, 7, 18446};
    const double *p = life->parameters;
    double noise = p[YW_WORKS_NOISE], load = life->inputs[YW_WORKS_LOAD] * life->inputs[YW_WORKS_RUN];
    struct rhythm r = rhythm_at(life, time);
    double flow = r.flow * load *
                  exp(noise * (0.05 * wander(life->seed, STREAM_FLOW, time, 1800) +
                               0.03 * wander(life->seed, STREAM_FLOW, time + YW_HOUR, 10800)));
    double strength = p[YW_WORKS_STRENGTH] * r.strength *
                      exp(noise * 0.08 * wander(life->seed, STREAM_STRENGTH, time, 7200));
    double nitrogen = p[YW_WORKS_NITROGEN] * r.strength *
                      exp(noise * 0.06 * wander(life->seed, STREAM_NITROGEN, time, 7200));
    double solids = exp(noise * 0.10 * wander(life->seed, STREAM_SOLIDS, time, 3600));
    double rain = p[YW_WORKS_RAIN_GAIN] * runoff, total = flow + rain;
    if (total > 3.3) total = 3.3; /* more does not pass the inlet works */
    if (total < 0.02) total = 0.02;
    double share = flow + rain > 0 ? flow / (flow + rain) : 1;
    double flush =
        1 + 0.6 * rain / (0.5 + rain) * share; /* what lay in the sewers comes with the first water */
    for (int k = 0; k < YW_ASM_N; k++) inflow[k] = usual[k] * share;
    inflow[YW_ASM_SI] *= p[YW_WORKS_INERT] * p[YW_WORKS_STRENGTH];
    inflow[YW_ASM_SS] *= strength;
    for (int k = YW_ASM_XI; k <= YW_ASM_XBH; k++) inflow[k] *= strength * solids * flush;
    inflow[YW_ASM_SNH] *= nitrogen, inflow[YW_ASM_SND] *= nitrogen, inflow[YW_ASM_XND] *= nitrogen * flush;
    inflow[YW_ASM_SALK] = usual[YW_ASM_SALK] * (0.3 + 0.7 * share);
    inflow[YW_INFLOW_Q] = usual[YW_INFLOW_Q] * total;
}
