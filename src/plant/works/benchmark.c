/* benchmark: steady state and dynamics. */
#include "plant/works/benchmark.h"

#include <math.h>
#include <string.h>

static const double SETTLING_DAYS = 250;

enum yw_code yw_benchmark_open(enum yw_bsm1_loop loop, double rtol, uint64_t seed, struct yw_benchmark *out,
                               struct yw_error *err) {
    memset(out, 0, sizeof *out);
    if (!(rtol >= 1e-10 && rtol <= 1e-3))
        return yw_fail(err, YW_E_RANGE, "a relative tolerance of 1e-10 to 1e-3 is needed, not %g", rtol);
    out->works = yw_bsm1_benchmark();
    out->works.loop = loop, out->works.seed = seed;
    out->tolerance = (struct yw_bsm1_tolerance){rtol, 0.01 * rtol, 0};
    out->solver = yw_bsm1_solver_open(loop);
    return out->solver ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for the works' solver");
}

void yw_benchmark_close(struct yw_benchmark *b) {
    yw_bsm1_solver_close(b->solver);
    b->solver = NULL;
}

static enum yw_code settle(struct yw_bsm1_solver *solver, const struct yw_bsm1 *works, double *y,
                           struct yw_error *err) {
    /* With controllers long steps would leave the reach of the blocks' rounds. */
    struct yw_bsm1_tolerance fine = {1e-9, 1e-11, works->loop == YW_BSM1_OPEN ? 0 : 0.02};
    yw_bsm1_first(works, y);
    return yw_bsm1_advance(solver, works, 0, SETTLING_DAYS, &fine, y, err);
}

enum yw_code yw_benchmark_settle(struct yw_benchmark *b, struct yw_error *err) {
    struct yw_bsm1 ideal = b->works;
    b->t = 0;
    if (b->works.loop != YW_BSM1_SENSORS) return settle(b->solver, &ideal, b->y, err);
    ideal.loop = YW_BSM1_IDEAL;
    struct yw_bsm1_solver *solver = yw_bsm1_solver_open(YW_BSM1_IDEAL);
    if (!solver) return yw_fail(err, YW_E_NOMEM, "no memory for the works' solver");
    enum yw_code code = settle(solver, &ideal, b->y, err);
    yw_bsm1_solver_close(solver);
    yw_bsm1_sensors_first(&ideal, b->y);
    return code;
}

/* The noise is drawn anew each minute; a solver that starts there meets no kink. */
static enum yw_code quarter(struct yw_benchmark *b, struct yw_error *err) {
    int parts = b->works.loop == YW_BSM1_SENSORS ? 1440 / YW_BENCHMARK_MARKS : 1;
    double span = 1.0 / YW_BENCHMARK_MARKS / parts;
    for (int i = 0; i < parts; i++) {
        enum yw_code code =
            yw_bsm1_advance(b->solver, &b->works, b->t + i * span, span, &b->tolerance, b->y, err);
        if (code) return code;
    }
    return YW_OK;
}

enum yw_code yw_benchmark_run(struct yw_benchmark *b, const struct yw_influent *influent,
                              struct yw_error *err) {
    const int marks = YW_BENCHMARK_DAYS * YW_BENCHMARK_MARKS;
    const double span = 1.0 / YW_BENCHMARK_MARKS, start = b->t;
    for (int i = 0; i < marks; i++) {
        double next[YW_INFLOW_N];
        b->t = start + i * span;
        yw_influent_at(influent, i * span, b->works.inflow);
        yw_influent_at(influent, (i + 1) * span, next);
        b->works.since = b->t;
        for (int k = 0; k < YW_INFLOW_N; k++) b->works.slope[k] = (next[k] - b->works.inflow[k]) / span;
        if (i == marks / 2) yw_score_begin(&b->score, &b->works, b->y);
        if (i >= marks / 2) yw_score_add(&b->score, &b->works, b->t, span, b->y);
        enum yw_code code = quarter(b, err);
        if (code) return code;
    }
    b->t = start + YW_BENCHMARK_DAYS;
    return YW_OK;
}
