/* solids: dust of a boiler: electrostatic precipitator (Matts-Oehnfeldt) with rapping, bag filter with cake
 * and torn bags. */
#ifndef YW_PLANT_FLUE_SOLIDS_H
#define YW_PLANT_FLUE_SOLIDS_H

#include <stdbool.h>

#include "plant/flue/duct.h"

struct yw_solids {
    double layer; /* on the plates of the precipitator: 0 rapped as usual, 1 thick */
    double cake;  /* on the bags: 1 as usual at design load */
};
struct yw_esp_setup {
    double fields, off, sca, wk; /* wk m/s, sca s/m at design flow */
    double resistivity;          /* 0..1 */
    double flow_share, time, dt; /* flow (as it is) / design; s of absolute time */
    bool rapping;
};
/* Share of dust that goes through in the step. */
double yw_esp_through(struct yw_solids *s, const struct yw_esp_setup *u);

struct yw_bag_setup {
    double base, torn; /* mg/Nm3, share of bags */
    double flow_share, time, dt;
    bool cleaning;
};
/* mg/Nm3 behind the bags; *dp: Pa */
double yw_bag_behind(struct yw_solids *s, const struct yw_bag_setup *u, double dust, double *dp);

#endif
