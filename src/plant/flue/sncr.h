/* sncr: ammonia in hot gas without a catalyst. The two-reaction model (Brouwer et al. 1996, as quoted by
 * vendors): NO + NH3 -> N2, kr = 4.24e2 T^5.30 exp(-349937/RT); NH3 + O2 -> NO, kox = 0.35 T^7.65
 * exp(-524487/RT), m3/(mol s), T in K. Removal is best near 900 to 950 degC; colder, ammonia slips through;
 * hotter, it burns to NO. */
#ifndef YW_PLANT_FLUE_SNCR_H
#define YW_PLANT_FLUE_SNCR_H

struct yw_sncr_in {
    double temp_c, time_s;
    double nox;    /* mg/m3 as NO2, standard state */
    double o2;     /* %, same basis */
    double nsr;    /* ammonia brought in, mol per mol NOx */
    double mixing; /* share of the gas that meets the ammonia, 0..1 */
};
struct yw_sncr_out {
    double nox; /* mg/m3 as NO2 */
    double nh3; /* mg/m3 */
};
void yw_sncr(const struct yw_sncr_in *in, struct yw_sncr_out *out);

#endif
