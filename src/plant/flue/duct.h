/* duct: the gas of a boiler on its way: what it carries, air that leaks in, volumes it has to fill. */
#ifndef YW_PLANT_FLUE_DUCT_H
#define YW_PLANT_FLUE_DUCT_H

#include "plant/flue/gas.h"

enum yw_duct_part { /* the first three: Nm3 in a Nm3 of dry gas; the others mg in a Nm3 of dry gas */
                    YW_DUCT_CO2,
                    YW_DUCT_O2,
                    YW_DUCT_WATER,
                    YW_DUCT_SO2,
                    YW_DUCT_NOX, /* as NO2 */
                    YW_DUCT_CO,
                    YW_DUCT_ASH,
                    YW_DUCT_MIST, /* solids of droplets behind a scrubber */
                    YW_DUCT_NH3,
                    YW_DUCT_HCL,
                    YW_DUCT_PARTS
};
struct yw_duct {
    double dry;  /* Nm3/s */
    double temp; /* degC */
    double c[YW_DUCT_PARTS];
};

static inline double yw_duct_oxygen(const struct yw_duct *d) { /* % */
    return 100 * d->c[YW_DUCT_O2];
}

static inline void yw_duct_leak(struct yw_duct *d, double air, double outside) {
    double keep = d->dry / (d->dry + air);
    for (unsigned i = 0; i < YW_DUCT_PARTS; i++) d->c[i] *= keep;
    d->c[YW_DUCT_O2] += (1 - keep) * (YW_GAS_AIR_O2 / 100);
    d->c[YW_DUCT_WATER] += (1 - keep) * YW_GAS_AIR_WATER;
    d->temp += (1 - keep) * (outside - d->temp);
    d->dry += air;
}

/* A well mixed volume (dry Nm3): `held` is what is in it and what leaves at the end of the step; d leaves
 * with the mean of the step, so that nothing is lost for any step. */
static inline void yw_duct_hold(struct yw_duct *d, double held[YW_DUCT_PARTS], double volume, double dt) {
    double turns = d->dry * dt / volume, left = exp(-turns);
    for (unsigned i = 0; i < YW_DUCT_PARTS; i++) {
        double before = held[i];
        held[i] = yw_gas_toward(before, d->c[i], left);
        if (held[i] < 1e-30) held[i] = 0; /* a plant that stands still does not count in denormals */
        double mean = d->c[i] + (before - held[i]) / turns;
        d->c[i] = mean > 0 ? mean : 0;
    }
}

#endif
