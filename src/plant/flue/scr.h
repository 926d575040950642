/* scr: selective reduction of NOx: a catalyst of three mixed slices that stores ammonia (Eley-Rideal), or
 * ammonia into the furnace; and the controller of the ammonia. Everything in ppm of the dry gas and
 * conserved: what is injected is reduced, burnt, stored or slips. */
#ifndef YW_PLANT_FLUE_SCR_H
#define YW_PLANT_FLUE_SCR_H

#include "plant/flue/duct.h"

enum { YW_SCR_SLICES = 3 };

struct yw_scr {
    double cover[YW_SCR_SLICES]; /* share of the store that is full */
    double integral;             /* of the controller, mol/mol */
    double nsr;                  /* what is injected, mol/mol */
    double permit;               /* 1: warm enough to inject */
};
struct yw_scr_setup {                 /* of a step */
    double store, strength, activity; /* ppm s of the whole, a slice's strength, share */
    double flow_share;                /* flow / design */
    double uneven;                    /* share of the gas that meets no catalyst to speak of */
    double temp, dt;
};
struct yw_scr_balance { /* mol (of 22.414 Nm3) in the step */
    double nox_in, nox_out, nh3_in, nh3_burnt, nh3_out, reduced;
};

/* How much ammonia the catalyst holds, mol. */
double yw_scr_stored(const struct yw_scr *s, double store, double dry_design);
/* nox: ppm in, out: ppm; nh3 in comes from s->nsr; steps of any length (it takes shorter ones inside). */
void yw_scr_step(struct yw_scr *s, const struct yw_scr_setup *setup, double nox_in, double *nox_out,
                 double *nh3_out, double *nh3_burnt);
/* Ammonia into a furnace at that temperature: a window around 930 degC. */
void yw_scr_furnace_step(const struct yw_scr *s, double celsius, double nox_in, double *nox_out,
                         double *nh3_out, double *nh3_burnt);

struct yw_scr_demand {               /* what the controller looks at; mg/Nm3 as NO2 at the reference oxygen */
    double nox_in, seen, set, fixed; /* fixed: mol/mol by hand, NAN: automatic */
    double feed_forward;             /* more than needed, factor */
    double highest, dt;
};
void yw_scr_control(struct yw_scr *s, const struct yw_scr_demand *d);

#endif
