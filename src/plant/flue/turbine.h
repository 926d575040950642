/* turbine: a gas turbine as a statistic: inlet temperature, NOx and CO as functions of power and weather,
 * fitted to the hours of 2015 of a 150 MW unit (share/plant/turbine.csv says from what); what the fit leaves
 * over wanders with the correlations found there. */
#ifndef YW_PLANT_FLUE_TURBINE_H
#define YW_PLANT_FLUE_TURBINE_H

enum { YW_TURBINE_TERMS = 10 };
/* 1, at, ah, ap, tey, at2, tey2, at_tey, tit, tit2: names of the column `term` */
extern const char *const yw_turbine_terms[YW_TURBINE_TERMS];
struct yw_turbine_fit {
    const char *target; /* tit, ln_nox, ln_co */
    double coefficient[YW_TURBINE_TERMS], residual_sd;
};
enum { YW_TURBINE_TIT, YW_TURBINE_NOX, YW_TURBINE_CO, YW_TURBINE_FITS };
extern const struct yw_turbine_fit yw_turbine_fits[YW_TURBINE_FITS];

struct yw_turbine_moment {
    double megawatts, ambient_c, humidity, pressure_kpa;
};
/* x: the terms; tit (degC) is used for the last two. */
void yw_turbine_row(const struct yw_turbine_moment *m, double tit, double x[YW_TURBINE_TERMS]);
double yw_turbine_value(const struct yw_turbine_fit *f, const double x[YW_TURBINE_TERMS]);

#endif
