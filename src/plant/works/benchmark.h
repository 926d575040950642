/* benchmark: the procedure of the benchmark simulation model no. 1: steady state on the constant influent, 14
 * days of dry weather, 14 days of the weather asked for, evaluation of days 7 to 14 of these. The influent
 * runs straight between its marks (so does the reference code); held steps are 0.02 to 0.1 % off. */
#ifndef YW_PLANT_WORKS_BENCHMARK_H
#define YW_PLANT_WORKS_BENCHMARK_H

#include "plant/works/influent.h"
#include "plant/works/score.h"
#include "plant/works/solver.h"

struct yw_benchmark {
    struct yw_bsm1 works;
    double y[YW_BSM1_MAX];
    double t; /* days since the steady state */
    struct yw_bsm1_tolerance tolerance;
    struct yw_bsm1_solver *solver;
    struct yw_score score;
};
/* rtol 1e-10 to 1e-3 */
enum yw_code yw_benchmark_open(enum yw_bsm1_loop loop, double rtol, uint64_t seed, struct yw_benchmark *out,
                               struct yw_error *err);
void yw_benchmark_close(struct yw_benchmark *b);
/* To the steady state of the constant influent (sensors: of the ideal loop). */
enum yw_code yw_benchmark_settle(struct yw_benchmark *b, struct yw_error *err);
enum { YW_BENCHMARK_DAYS = 14, YW_BENCHMARK_MARKS = 96 }; /* marks: a day */
/* 14 days of an influent from its day 0 on; the score is taken of the second week. */
enum yw_code yw_benchmark_run(struct yw_benchmark *b, const struct yw_influent *influent,
                              struct yw_error *err);

#endif
