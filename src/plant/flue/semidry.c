/* semidry: absorption of acid gases by lime. */
#include "plant/flue/semidry.h"

#include <math.h>

static double lime_for(const struct yw_acids *a) {
    return 0.5 * (a->hcl + a->hf) + a->so2;
}

void yw_semidry(const struct yw_semidry_in *in, struct yw_semidry_out *out) {
    double need = lime_for(&in->acids), hot = in->temp_c > 155 ? exp((155 - in->temp_c) / 40) : 1;
    double ratio = need > 0 ? in->lime / need : 0;
    double drive = ratio * hot * in->contact;
    double strong = 1 - exp(-2.2 * drive), weak = 1 - exp(-1.1 * drive);
    struct yw_acids taken = {strong * in->acids.hcl, strong * in->acids.hf, weak * in->acids.so2};
    double spent = lime_for(&taken);
    if (spent > in->lime) {
        double share = in->lime / spent;
        taken.hcl *= share, taken.hf *= share, taken.so2 *= share;
        spent = in->lime;
    }
    out->acids =
        (struct yw_acids){in->acids.hcl - taken.hcl, in->acids.hf - taken.hf, in->acids.so2 - taken.so2};
    out->spent = spent;
    out->unspent = in->lime - spent;
    out->stoichiometric = ratio;
}
