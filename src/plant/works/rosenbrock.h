/* rosenbrock: a step of fixed length for training, where a day may cost milliseconds only: ROS2 of Verwer et
 * al. (1999), linearly implicit, second order whatever the matrix, L-stable. A step in which oxygen jumps (a
 * blower trips) is taken in eight. Held against CVODE by a test. */
#ifndef YW_PLANT_WORKS_ROSENBROCK_H
#define YW_PLANT_WORKS_ROSENBROCK_H

#include "plant/works/bsm1.h"

/* y from t to t + span days. */
void yw_bsm1_leap(const struct yw_bsm1 *b, double t, double span, double *y);

#endif
