/* rosenbrock: two stages with one matrix. */
#include "plant/works/rosenbrock.h"

#include <math.h>
#include <string.h>

static const double GAMMA = 0.29289321881345248; /* 1 - 1/sqrt(2) */
static const double ROUGH = 0.01;                /* error of oxygen, against itself and 0.1 g/m3 */
enum { PARTS = 8 };                              /* of a step that was too rough */

/* One step; how far its two stages are apart where things go fastest, in the tanks' oxygen. */
static double leap(const struct yw_bsm1 *b, double t, double span, const double *y, double *to) {
    struct yw_bsm1_newton m;
    double f[YW_BSM1_MAX], k1[YW_BSM1_MAX] = {0}, k2[YW_BSM1_MAX] = {0}, at[YW_BSM1_MAX], worst = 0;
    size_t n = yw_bsm1_size(b->loop);
    yw_bsm1_newton_make(b, t, y, GAMMA * span, &m);
    yw_bsm1_rhs(b, t, y, f);
    yw_bsm1_newton_solve(&m, f, k1);
    for (size_t i = 0; i < n; i++) at[i] = y[i] + span * k1[i];
    yw_bsm1_rhs(b, t + span, at, f);
    for (size_t i = 0; i < n; i++) f[i] -= 2 * k1[i];
    yw_bsm1_newton_solve(&m, f, k2);
    for (size_t i = 0; i < n; i++) to[i] = y[i] + span * (1.5 * k1[i] + 0.5 * k2[i]);
    for (size_t i = 0; i < YW_BSM1_STATES; i++)
        if (to[i] < 1e-18) to[i] = 0; /* below zero is the error of the step; the tiniest numbers are slow */
    for (size_t i = YW_ASM_SO; i < YW_BSM1_TSS; i += YW_ASM_N) {
        double off = 0.5 * span * fabs(k1[i] + k2[i]) / (to[i] + 0.1);
        if (off > worst) worst = off;
    }
    return worst;
}

void yw_bsm1_leap(const struct yw_bsm1 *b, double t, double span, double *y) {
    double whole[YW_BSM1_MAX], part = span / PARTS;
    size_t bytes = yw_bsm1_size(b->loop) * sizeof *y;
    if (leap(b, t, span, y, whole) <= ROUGH) {
        memcpy(y, whole, bytes);
        return;
    }
    for (int i = 0; i < PARTS; i++) {
        leap(b, t + i * part, part, y, whole);
        memcpy(y, whole, bytes);
    }
}
