/* solver: CVODE (SUNDIALS) on the works, variable-order BDF with the blocks of newton.c. Every call begins
 * anew, without a past: what a state becomes depends on the state alone, so snapshots continue byte for byte.
 */
#ifndef YW_PLANT_WORKS_SOLVER_H
#define YW_PLANT_WORKS_SOLVER_H

#include "base/base.h"
#include "plant/works/bsm1.h"

struct yw_bsm1_solver;
struct yw_bsm1_solver *yw_bsm1_solver_open(enum yw_bsm1_loop loop); /* NULL: no memory */
void yw_bsm1_solver_close(struct yw_bsm1_solver *s);
struct yw_bsm1_tolerance {
    double relative, absolute; /* absolute: of a state in its unit */
    double most;               /* longest step, days; 0: none */
};
/* From t to t + span (days); y is replaced. YW_E_STATE: gave up, err says when. */
enum yw_code yw_bsm1_advance(struct yw_bsm1_solver *s, const struct yw_bsm1 *b, double t, double span,
                             const struct yw_bsm1_tolerance *tolerance, double *y, struct yw_error *err);
/* Steps and evaluations of the right side since it was opened. */
void yw_bsm1_solver_count(const struct yw_bsm1_solver *s, long *steps, long *evaluations);

#endif
