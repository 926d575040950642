/* bsm1: the works of the benchmark simulation model no. 1: five tanks in series, a settler of ten layers,
 * internal recycle, sludge recycle and waste, two PI controllers, and the sensors and the aeration's actuator
 * where they are asked for. The same equations serve the benchmark and the training works (works.c).
 * Source: Alex et al., Benchmark Simulation Model no. 1, Lund University TEIE-7229 (2008), with the
 * corrections of the reference code (anti-windup 0.015 d, KLa up to 360 per day). Time in days, flows m3/d,
 * g/m3. */
#ifndef YW_PLANT_WORKS_BSM1_H
#define YW_PLANT_WORKS_BSM1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "plant/works/asm1.h"
#include "plant/works/settler.h"

enum { YW_BSM1_TANKS = 5, YW_BSM1_SOLUBLE = 7 };
enum { /* places in the vector of states */
       YW_BSM1_TSS = YW_BSM1_TANKS * YW_ASM_N,
       YW_BSM1_DISSOLVED = YW_BSM1_TSS + YW_SETTLER_LAYERS, /* layer by layer, seven each */
       YW_BSM1_STATES = YW_BSM1_DISSOLVED + YW_SETTLER_LAYERS * YW_BSM1_SOLUBLE, /* 145 */
       YW_BSM1_OXYGEN_INTEGRAL = YW_BSM1_STATES,
       YW_BSM1_NITRATE_INTEGRAL,
       YW_BSM1_OXYGEN_SENSOR,
       YW_BSM1_NITRATE_SENSOR = YW_BSM1_OXYGEN_SENSOR + 2,
       YW_BSM1_ACTUATOR = YW_BSM1_NITRATE_SENSOR + 8,
       YW_BSM1_MAX = YW_BSM1_ACTUATOR + 2
};
enum yw_bsm1_loop { YW_BSM1_OPEN, YW_BSM1_IDEAL, YW_BSM1_SENSORS };

enum { YW_INFLOW_Q = YW_ASM_N, YW_INFLOW_N }; /* thirteen states, then m3/d */

struct yw_pi { /* out = offset + k*(setpoint - measured) + integral, within low and high */
    double setpoint, k, ti, tt, offset, low, high;
};

struct yw_bsm1 {
    struct yw_asm1 asm1;
    struct yw_settler settler;
    double volume[YW_BSM1_TANKS], kla[YW_BSM1_TANKS], so_sat;
    double qint, qr, qw;
    double carbon; /* g COD/d of dissolved substrate dosed into the first tank */
    enum yw_bsm1_loop loop;
    struct yw_pi oxygen, nitrate;     /* of tank 5 on its KLa, of tank 2 on the internal recycle */
    double inflow[YW_INFLOW_N];       /* at the time `since` */
    double slope[YW_INFLOW_N], since; /* per day: it goes on in a straight line; zero: held */
    uint64_t seed;                    /* of the sensors' noise */
};
/* The benchmark's works on its constant influent, open loop. */
struct yw_bsm1 yw_bsm1_benchmark(void);
/* The inflow at a time. */
void yw_bsm1_inflow(const struct yw_bsm1 *b, double t, double inflow[YW_INFLOW_N]);
size_t yw_bsm1_size(enum yw_bsm1_loop loop); /* states that are in use */
/* A state to begin from: near the steady state of the constant influent. */
void yw_bsm1_first(const struct yw_bsm1 *b, double y[YW_BSM1_MAX]);

/* Sensors and actuator at rest at the rest of the state. */
void yw_bsm1_sensors_first(const struct yw_bsm1 *b, double y[YW_BSM1_MAX]);

void yw_bsm1_rhs(const struct yw_bsm1 *b, double t, const double *y, double *dy);

struct yw_bsm1_acting {     /* what the controllers do at a state */
    double kla5, qint;      /* as they act on the tanks */
    double asked5, askedq;  /* the controllers' outputs within their limits */
    double free5, freeq;    /* and before the limits */
    double oxygen, nitrate; /* as measured */
};
struct yw_bsm1_acting yw_bsm1_act(const struct yw_bsm1 *b, double t, const double *y);
/* Thirteen states of a place: 0 to 4 the tanks, then underflow and effluent. */
enum { YW_BSM1_UNDERFLOW = YW_BSM1_TANKS, YW_BSM1_EFFLUENT, YW_BSM1_PLACES };
void yw_bsm1_place(const double *y, int place, double x[YW_ASM_N]);
extern const int yw_bsm1_soluble[YW_BSM1_SOLUBLE]; /* which of the thirteen */

/* ---- Newton's matrix I - gamma*J of the whole works, by blocks ----
 * The flow goes round: tank 1 to 5, settler, back to tank 1. Going round once with the blocks' LU factors
 * solves all but the recycles; each further round shrinks the rest by what one step lets through. */

struct yw_bsm1_block { /* of a tank: active states, and the integral of the oxygen controller in tank 5 */
    double lu[YW_ASM_ACTIVE + 1][YW_ASM_ACTIVE + 1];
    double alkalinity[YW_ASM_ACTIVE];
    int pivot[YW_ASM_ACTIVE + 1];
};
struct yw_bsm1_newton {
    double gamma, flow, through[YW_BSM1_TANKS], pass[YW_BSM1_TANKS];
    struct yw_bsm1_block block[YW_BSM1_TANKS];
    double fp_bh, fp_ba;
    double by_qint[YW_BSM1_TANKS][YW_ASM_N];         /* gamma * d dx / d Qint */
    double qint_k, integral_at, integral_by_no;      /* nitrate controller */
    double kla_k, oxygen_at, oxygen_by_so;           /* oxygen controller with sensors */
    double sensor_o, sensor_n, actuator, oxygen_gap; /* gamma / tau; gamma * (SOsat - SO5) */
    double below[YW_SETTLER_LAYERS], at[YW_SETTLER_LAYERS], above[YW_SETTLER_LAYERS];
    double feed_layer, up, down, settle_in; /* gamma * flow / volume of a layer */
    double share[YW_ASM_N];                 /* underflow per feed, of particles */
    double per_tss[YW_ASM_N], thickening;
    double qint_in, qr_in; /* gamma * Q / V1 */
    int rounds;
    enum yw_bsm1_loop loop;
};
void yw_bsm1_newton_make(const struct yw_bsm1 *b, double t, const double *y, double gamma,
                         struct yw_bsm1_newton *m);
void yw_bsm1_newton_solve(const struct yw_bsm1_newton *m, const double *rhs, double *x);

#endif
