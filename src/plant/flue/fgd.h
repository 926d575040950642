/* fgd: a wet limestone scrubber: absorption by transfer units, limestone, pH, sulphite, gypsum; the gas
 * leaves saturated. Sulphur is conserved: what is absorbed is sulphite or gypsum, in the sump or bled off. */
#ifndef YW_PLANT_FLUE_FGD_H
#define YW_PLANT_FLUE_FGD_H

#include <stdbool.h>

#include "plant/flue/duct.h"

struct yw_fgd {
    /* fixed for a life */
    double litres, absorb_design, dissolve; /* of slurry; mol/s; 1/s */
    /* what moves; mol */
    double limestone, sulphite, gypsum;
    double ph, ph_integral;
    double liquid;   /* share of all pumps the SO2 control asks for */
    double wet_temp; /* where the gas is saturated, degC */
    double fed, absorbed, bled_gypsum, bled_sulphite, bled_limestone,
        dissolved; /* since the beginning, mol */
};
struct yw_fgd_setup {
    double pumps, ntu; /* installed; at design */
    double pumps_off;
    double so2_seen, so2_set; /* mg/Nm3 at the reference oxygen */
    double ph_set, blinding;
    double dry_design, dt, left_wet;
    bool automatic, limestone_on, oxidation_on;
};
struct yw_fgd_out {
    double running;          /* share of the pumps' liquid */
    double ntu, feed, bleed; /* -, mol/s limestone, mol/s gypsum */
    double vapour;           /* Nm3/s taken up */
};

/* Transfer units: liquid: share of design; flow: share of design; so2 mg/Nm3; sulphite mol/l. */
double yw_fgd_ntu(double ntu_design, double liquid, double flow, double ph, double so2, double sulphite);
void yw_fgd_begin(struct yw_fgd *f, double sump_m3, double absorb_design);
/* The gas that goes through the scrubber (not the bypass): changes its SO2, water and temperature. */
void yw_fgd_step(struct yw_fgd *f, const struct yw_fgd_setup *u, struct yw_duct *gas, struct yw_fgd_out *out);

#endif
