/* workshop: where solvent is used. Each booth has its own cycle of spraying; what is sprayed evaporates at
 * once or dries slowly; hoods catch a share, the rest leaves through doors and roof and is met at the fence.
 */
#ifndef YW_PLANT_FLUE_WORKSHOP_H
#define YW_PLANT_FLUE_WORKSHOP_H

#include <stdint.h>

enum { YW_BOOTHS_MAX = 12 };

struct yw_workshop {
    double wet[YW_BOOTHS_MAX], drying[YW_BOOTHS_MAX]; /* g of carbon that will still evaporate */
};
struct yw_workshop_in {
    int booths;
    double rate; /* g/s of carbon that a booth uses while it sprays */
    double work; /* 0..1.2: share of the time that it sprays, over the usual one */
    uint64_t seed;
};
/* g/s of carbon that evaporate, mean over the step; *used: g/s that were sprayed; *busy: share of booths. */
double yw_workshop_step(struct yw_workshop *s, const struct yw_workshop_in *in, int64_t time, double step_s,
                        double *used, double *busy);

#endif
