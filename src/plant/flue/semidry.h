/* semidry: lime slurry sprayed into hot gas. Removal of each acid gas is 1 - exp(-a SR) with a 2.2 for HCl
 * and HF, 1.1 for SO2 (SR: lime brought in / lime that all acid needs), less when the gas leaves too hot, and
 * never more than the lime is good for. Ca(OH)2 + 2 HCl -> CaCl2, Ca(OH)2 + SO2 -> CaSO3: lime is accounted
 * for. */
#ifndef YW_PLANT_FLUE_SEMIDRY_H
#define YW_PLANT_FLUE_SEMIDRY_H

#define YW_MOLAR_HCL  36.461 /* g/mol */
#define YW_MOLAR_HF   20.006
#define YW_MOLAR_SO2  64.066
#define YW_MOLAR_LIME 74.093 /* Ca(OH)2 */

struct yw_acids { /* mol/s */
    double hcl, hf, so2;
};
struct yw_semidry_in {
    struct yw_acids acids;
    double lime;    /* mol/s of Ca(OH)2 that reach the gas */
    double contact; /* 0..1: atomiser */
    double temp_c;  /* of the gas that leaves */
};
struct yw_semidry_out {
    struct yw_acids acids; /* still in the gas */
    double spent, unspent; /* lime, mol/s; together what came in */
    double stoichiometric; /* SR */
};
void yw_semidry(const struct yw_semidry_in *in, struct yw_semidry_out *out);

#endif
