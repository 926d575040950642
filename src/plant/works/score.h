/* score: the benchmark's evaluation of a week: effluent means weighted by flow, quality indices, energy,
 * sludge, cost, percentiles and violations, in the original and the updated weights (Alex et al. 2008,
 * section 6; the code of 2009 for what the text leaves open). Samples stand for the quarter of an hour behind
 * them. */
#ifndef YW_PLANT_WORKS_SCORE_H
#define YW_PLANT_WORKS_SCORE_H

#include "plant/works/bsm1.h"

enum { YW_SCORE_SAMPLES_MAX = 672 };
enum yw_score_limit { YW_SCORE_TN, YW_SCORE_NH4, YW_SCORE_TSS, YW_SCORE_LIMITS };

struct yw_score {
    double span, volume; /* days; m3 of effluent */
    double load[YW_ASM_N];
    double influent_index, index_original, index;
    double air_original, air, pumping_original, pumping, mixing, carbon;
    double wasted, lost, inventory; /* kg of solids: waste, effluent, in the works at the beginning */
    double sample[YW_SCORE_LIMITS][YW_SCORE_SAMPLES_MAX];
    size_t samples;
};
void yw_score_begin(struct yw_score *s, const struct yw_bsm1 *b, const double *y);
/* The state at a mark and the inflow of that mark; at most YW_SCORE_SAMPLES_MAX. */
void yw_score_add(struct yw_score *s, const struct yw_bsm1 *b, double t, double span, const double *y);

enum { YW_SCORE_QUANTITIES = 43 };
struct yw_score_quantity {
    const char *name;
    double value;
};
void yw_score_end(struct yw_score *s, const struct yw_bsm1 *b, const double *y,
                  struct yw_score_quantity out[YW_SCORE_QUANTITIES]);

#endif
