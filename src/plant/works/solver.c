/* solver: CVODE with a matrix and a linear solver of our own. */
#include "plant/works/solver.h"

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <stdlib.h>
#include <string.h>
#include <sundials/sundials_linearsolver.h>
#include <sundials/sundials_matrix.h>

struct yw_bsm1_solver {
    SUNContext context;
    void *cvode;
    N_Vector y;
    SUNMatrix matrix; /* its content is newton */
    SUNLinearSolver linear;
    struct yw_bsm1_newton newton;
    const struct yw_bsm1 *works; /* of the present call */
    double first_step;
    size_t size;
    long steps, evaluations;
};

static int right_side(realtype t, N_Vector y, N_Vector dy, void *arg) {
    const struct yw_bsm1_solver *s = arg;
    yw_bsm1_rhs(s->works, t, N_VGetArrayPointer(y), N_VGetArrayPointer(dy));
    return 0;
}

static int system_matrix(realtype t, N_Vector y, N_Vector fy, SUNMatrix m, booleantype keep,
                         booleantype *made, realtype gamma, void *arg, N_Vector a, N_Vector b, N_Vector c) {
    struct yw_bsm1_solver *s = arg;
    YW_UNUSED(fy), YW_UNUSED(keep), YW_UNUSED(a), YW_UNUSED(b), YW_UNUSED(c), YW_UNUSED(m);
    yw_bsm1_newton_make(s->works, t, N_VGetArrayPointer(y), gamma, &s->newton);
    *made = SUNTRUE;
    return 0;
}

static SUNMatrix_ID matrix_kind(SUNMatrix m) {
    YW_UNUSED(m);
    return SUNMATRIX_CUSTOM;
}

static SUNLinearSolver_Type linear_type(SUNLinearSolver l) {
    YW_UNUSED(l);
    return SUNLINEARSOLVER_DIRECT;
}

static int linear_setup(SUNLinearSolver l, SUNMatrix m) {
    YW_UNUSED(l), YW_UNUSED(m);
    return 0; /* the blocks are factored when they are made */
}

static int linear_solve(SUNLinearSolver l, SUNMatrix m, N_Vector x, N_Vector rhs, realtype tolerance) {
    const struct yw_bsm1_solver *s = l->content;
    YW_UNUSED(m), YW_UNUSED(tolerance);
    yw_bsm1_newton_solve(&s->newton, N_VGetArrayPointer(rhs), N_VGetArrayPointer(x));
    return 0;
}

static bool set_up(struct yw_bsm1_solver *s) {
    if (SUNContext_Create(NULL, &s->context)) return false;
    s->y = N_VNew_Serial((sunindextype)s->size, s->context);
    s->matrix = SUNMatNewEmpty(s->context);
    s->linear = SUNLinSolNewEmpty(s->context);
    s->cvode = CVodeCreate(CV_BDF, s->context);
    if (!s->y || !s->matrix || !s->linear || !s->cvode) return false;
    s->matrix->content = s->linear->content = s;
    s->matrix->ops->getid = matrix_kind;
    s->linear->ops->gettype = linear_type;
    s->linear->ops->setup = linear_setup;
    s->linear->ops->solve = linear_solve;
    N_VConst(0, s->y);
    return !CVodeInit(s->cvode, right_side, 0, s->y) && !CVodeSStolerances(s->cvode, 1e-6, 1e-8) &&
           !CVodeSetUserData(s->cvode, s) && !CVodeSetErrFile(s->cvode, NULL) &&
           !CVodeSetLinearSolver(s->cvode, s->linear, s->matrix) &&
           !CVodeSetLinSysFn(s->cvode, system_matrix) && !CVodeSetMaxNumSteps(s->cvode, 200000);
}

struct yw_bsm1_solver *yw_bsm1_solver_open(enum yw_bsm1_loop loop) {
    struct yw_bsm1_solver *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->size = yw_bsm1_size(loop);
    if (set_up(s)) return s;
    yw_bsm1_solver_close(s);
    return NULL;
}

void yw_bsm1_solver_close(struct yw_bsm1_solver *s) {
    if (!s) return;
    if (s->cvode) CVodeFree(&s->cvode);
    if (s->linear) SUNLinSolFreeEmpty(s->linear);
    if (s->matrix) SUNMatFreeEmpty(s->matrix);
    if (s->y) N_VDestroy(s->y);
    if (s->context) SUNContext_Free(&s->context);
    free(s);
}

enum yw_code yw_bsm1_advance(struct yw_bsm1_solver *s, const struct yw_bsm1 *b, double t, double span,
                             const struct yw_bsm1_tolerance *tolerance, double *y, struct yw_error *err) {
    double reached = t;
    long steps = 0, evaluations = 0;
    s->works = b;
    memcpy(N_VGetArrayPointer(s->y), y, s->size * sizeof *y);
    int code = CVodeReInit(s->cvode, t, s->y);
    if (!code) code = CVodeSStolerances(s->cvode, tolerance->relative, tolerance->absolute);
    if (!code) code = CVodeSetStopTime(s->cvode, t + span);
    if (!code) code = CVodeSetMaxStep(s->cvode, tolerance->most);
    if (!code) code = CVode(s->cvode, t + span, s->y, &reached, CV_NORMAL);
    CVodeGetNumSteps(s->cvode, &steps);
    CVodeGetNumRhsEvals(s->cvode, &evaluations);
    s->steps += steps, s->evaluations += evaluations;
    if (code < 0)
        return yw_fail(err, YW_E_STATE, "the works' solver gave up at day %.6f (CVODE says %d)", reached,
                       code);
    memcpy(y, N_VGetArrayPointer(s->y), s->size * sizeof *y);
    return YW_OK;
}

void yw_bsm1_solver_count(const struct yw_bsm1_solver *s, long *steps, long *evaluations) {
    *steps = s->steps, *evaluations = s->evaluations;
}
