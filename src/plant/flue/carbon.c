/* carbon: breakthrough and exchange. */
#include "plant/flue/carbon.h"

#include <math.h>

#define EXCHANGE_TAU 1500.0 /* s */
#define FRESH_SLIP   0.03
#define FRONT        0.09 /* width of the breakthrough, of the life */

double yw_carbon_through(double used, double celsius) {
    double warm = celsius > 25 ? 1 + 0.012 * (celsius - 25) : 1;
    return 1 / (1 + exp((1 - used * warm) / FRONT));
}

double yw_carbon_step(struct yw_carbon *s, const struct yw_carbon_in *in, double step_s, double *kept) {
    double share = yw_carbon_through(in->used, in->celsius), left = exp(-step_s / EXCHANGE_TAU);
    double slips = (1 - share) * FRESH_SLIP * in->solvent;
    double lent = share * in->solvent, full = lent * EXCHANGE_TAU;
    double before = s->loose;
    s->loose = full + (before - full) * left;
    *kept = in->solvent - slips - lent;
    return slips + lent - (s->loose - before) / step_s;
}
