/* bsm1: the equations of the works. */
#include "plant/works/bsm1.h"

#include <math.h>
#include <string.h>

#include "plant/noise.h"

const int yw_bsm1_soluble[YW_BSM1_SOLUBLE] = {YW_ASM_SI,  YW_ASM_SS,  YW_ASM_SO,  YW_ASM_SNO,
                                              YW_ASM_SNH, YW_ASM_SND, YW_ASM_SALK};
static const bool particle[YW_ASM_N] = {[YW_ASM_XI] = true,  [YW_ASM_XS] = true, [YW_ASM_XBH] = true,
                                        [YW_ASM_XBA] = true, [YW_ASM_XP] = true, [YW_ASM_XND] = true};

/* Sensors and actuator of the benchmark: time constants in days, noise in g/m3, ranges. */
static const double TAU_OXYGEN = 0.257 / 1440, TAU_NITRATE = 0.849 / 1440, TAU_AIR = 4 / 3.89 / 1440;
static const double NOISE_OXYGEN = 0.25, NOISE_NITRATE = 0.5, RANGE_OXYGEN = 10, RANGE_NITRATE = 20;
enum { STREAM_OXYGEN = 1001, STREAM_NITRATE = 1002 };

struct yw_bsm1 yw_bsm1_benchmark(void) {
    return (struct yw_bsm1){
        .asm1 = yw_asm1_benchmark(),
        .settler = yw_settler_benchmark(),
        .volume = {1000, 1000, 1333, 1333, 1333},
        .kla = {0, 0, 240, 240, 84},
        .so_sat = 8,
        .qint = 55338,
        .qr = 18446,
        .qw = 385,
        .loop = YW_BSM1_OPEN,
        .oxygen = {.setpoint = 2, .k = 25, .ti = 0.002, .tt = 0.001, .offset = 144, .high = 360},
        .nitrate = {.setpoint = 1, .k = 10000, .ti = 0.025, .tt = 0.015, .offset = 18500, .high = 92230},
        .inflow = {30, 69.5, 51.2, 202.32, 28.17, 0, 0, 0, 0, 31.56, 6.95, 10.59, 7, 18446}};
}

void yw_bsm1_inflow(const struct yw_bsm1 *b, double t, double inflow[YW_INFLOW_N]) {
    for (int k = 0; k < YW_INFLOW_N; k++) inflow[k] = b->inflow[k] + (t - b->since) * b->slope[k];
}

size_t yw_bsm1_size(enum yw_bsm1_loop loop) {
    return loop == YW_BSM1_OPEN    ? YW_BSM1_STATES
           : loop == YW_BSM1_IDEAL ? YW_BSM1_OXYGEN_SENSOR
                                   : YW_BSM1_MAX;
}

void yw_bsm1_first(const struct yw_bsm1 *b, double y[YW_BSM1_MAX]) {
    static const double tank[YW_ASM_N] = {30, 1, 1149, 60, 2557, 149, 450, 1, 8, 4, 0.8, 4, 4.5};
    static const double tss[YW_SETTLER_LAYERS] = {12, 18, 30, 69, 356, 356, 356, 356, 356, 6394};
    memset(y, 0, YW_BSM1_MAX * sizeof *y);
    for (int i = 0; i < YW_BSM1_TANKS; i++) memcpy(y + i * YW_ASM_N, tank, sizeof tank);
    memcpy(y + YW_BSM1_TSS, tss, sizeof tss);
    for (int j = 0; j < YW_SETTLER_LAYERS; j++)
        for (int k = 0; k < YW_BSM1_SOLUBLE; k++)
            y[YW_BSM1_DISSOLVED + j * YW_BSM1_SOLUBLE + k] = tank[yw_bsm1_soluble[k]];
    yw_bsm1_sensors_first(b, y);
}

/* ---- controllers ---- */

static double clip(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/* Noise is drawn each minute and runs straight between the draws, so that a solver can follow it. */
static double sensor_noise(const struct yw_bsm1 *b, uint64_t stream, double t) {
    double minute = floor(t * 1440), part = t * 1440 - minute;
    uint64_t index = (uint64_t)(int64_t)minute;
    double a = yw_noise_normal(yw_noise_bits(b->seed, stream, index));
    return a + part * (yw_noise_normal(yw_noise_bits(b->seed, stream, index + 1)) - a);
}

struct yw_bsm1_acting yw_bsm1_act(const struct yw_bsm1 *b, double t, const double *y) {
    struct yw_bsm1_acting a = {.oxygen = y[4 * YW_ASM_N + YW_ASM_SO], .nitrate = y[YW_ASM_N + YW_ASM_SNO]};
    if (b->loop == YW_BSM1_OPEN) {
        a.kla5 = a.asked5 = a.free5 = b->kla[4], a.qint = a.askedq = a.freeq = b->qint;
        return a;
    }
    if (b->loop == YW_BSM1_SENSORS) {
        a.oxygen = clip(y[YW_BSM1_OXYGEN_SENSOR + 1] + NOISE_OXYGEN * sensor_noise(b, STREAM_OXYGEN, t), 0,
                        RANGE_OXYGEN);
        a.nitrate = clip(y[YW_BSM1_NITRATE_SENSOR + 7] + NOISE_NITRATE * sensor_noise(b, STREAM_NITRATE, t),
                         0, RANGE_NITRATE);
    }
    const struct yw_pi *o = &b->oxygen, *n = &b->nitrate;
    a.free5 = o->offset + o->k * (o->setpoint - a.oxygen) + y[YW_BSM1_OXYGEN_INTEGRAL];
    a.freeq = n->offset + n->k * (n->setpoint - a.nitrate) + y[YW_BSM1_NITRATE_INTEGRAL];
    a.asked5 = a.kla5 = clip(a.free5, o->low, o->high);
    a.askedq = a.qint = clip(a.freeq, n->low, n->high);
    if (b->loop == YW_BSM1_SENSORS) a.kla5 = y[YW_BSM1_ACTUATOR + 1];
    return a;
}

void yw_bsm1_sensors_first(const struct yw_bsm1 *b, double y[YW_BSM1_MAX]) {
    struct yw_bsm1 ideal = *b;
    if (b->loop == YW_BSM1_SENSORS) ideal.loop = YW_BSM1_IDEAL;
    for (int k = 0; k < 2; k++) y[YW_BSM1_OXYGEN_SENSOR + k] = y[4 * YW_ASM_N + YW_ASM_SO];
    for (int k = 0; k < 8; k++) y[YW_BSM1_NITRATE_SENSOR + k] = y[YW_ASM_N + YW_ASM_SNO];
    double kla = yw_bsm1_act(&ideal, 0, y).kla5;
    for (int k = 0; k < 2; k++) y[YW_BSM1_ACTUATOR + k] = kla;
}

static void chain(double in, double tau, const double *s, int n, double *ds) {
    for (int k = 0; k < n; k++) ds[k] = ((k ? s[k - 1] : in) - s[k]) / tau;
}

static void controllers(const struct yw_bsm1 *b, const struct yw_bsm1_acting *a, const double *y,
                        double *dy) {
    const struct yw_pi *o = &b->oxygen, *n = &b->nitrate;
    if (b->loop == YW_BSM1_OPEN) return;
    dy[YW_BSM1_OXYGEN_INTEGRAL] = o->k / o->ti * (o->setpoint - a->oxygen) + (a->asked5 - a->free5) / o->tt;
    dy[YW_BSM1_NITRATE_INTEGRAL] = n->k / n->ti * (n->setpoint - a->nitrate) + (a->askedq - a->freeq) / n->tt;
    if (b->loop != YW_BSM1_SENSORS) return;
    chain(y[4 * YW_ASM_N + YW_ASM_SO], TAU_OXYGEN, y + YW_BSM1_OXYGEN_SENSOR, 2, dy + YW_BSM1_OXYGEN_SENSOR);
    chain(y[YW_ASM_N + YW_ASM_SNO], TAU_NITRATE, y + YW_BSM1_NITRATE_SENSOR, 8, dy + YW_BSM1_NITRATE_SENSOR);
    chain(a->asked5, TAU_AIR, y + YW_BSM1_ACTUATOR, 2, dy + YW_BSM1_ACTUATOR);
}

/* ---- the works ---- */

static void settled(const double *y, int layer, double x[YW_ASM_N]) {
    const double *feed = y + 4 * YW_ASM_N;
    double solids = yw_asm1_tss(feed), thick = solids > 0 ? y[YW_BSM1_TSS + layer] / solids : 0;
    for (int k = 0; k < YW_ASM_N; k++) x[k] = particle[k] ? feed[k] * thick : 0;
    for (int k = 0; k < YW_BSM1_SOLUBLE; k++)
        x[yw_bsm1_soluble[k]] = y[YW_BSM1_DISSOLVED + layer * YW_BSM1_SOLUBLE + k];
}

void yw_bsm1_place(const double *y, int place, double x[YW_ASM_N]) {
    if (place < YW_BSM1_TANKS)
        memcpy(x, y + place * YW_ASM_N, YW_ASM_N * sizeof *x);
    else
        settled(y, place == YW_BSM1_EFFLUENT ? 0 : YW_SETTLER_LAYERS - 1, x);
}

static void dissolved_rates(const struct yw_bsm1 *b, const struct yw_settler_flows *q, const double *y,
                            double *dy) {
    double layer = b->settler.area * b->settler.height;
    double up = (q->feed - q->under) / layer, down = q->under / layer;
    const double *s = y + YW_BSM1_DISSOLVED;
    double *ds = dy + YW_BSM1_DISSOLVED;
    for (int j = 0; j < YW_SETTLER_LAYERS; j++)
        for (int k = 0; k < YW_BSM1_SOLUBLE; k++) {
            int at = j * YW_BSM1_SOLUBLE + k;
            if (j < YW_SETTLER_FEED)
                ds[at] = up * (s[at + YW_BSM1_SOLUBLE] - s[at]);
            else if (j == YW_SETTLER_FEED)
                ds[at] = (up + down) * (y[4 * YW_ASM_N + yw_bsm1_soluble[k]] - s[at]);
            else
                ds[at] = down * (s[at - YW_BSM1_SOLUBLE] - s[at]);
        }
}

void yw_bsm1_rhs(const struct yw_bsm1 *b, double t, const double *y, double *dy) {
    struct yw_bsm1_acting a = yw_bsm1_act(b, t, y);
    double under[YW_ASM_N], in[YW_ASM_N], fresh[YW_INFLOW_N];
    yw_bsm1_inflow(b, t, fresh);
    double q0 = fresh[YW_INFLOW_Q], q = q0 + a.qint + b->qr;
    const double *last = y + 4 * YW_ASM_N;
    settled(y, YW_SETTLER_LAYERS - 1, under);
    for (int k = 0; k < YW_ASM_N; k++) in[k] = (q0 * fresh[k] + a.qint * last[k] + b->qr * under[k]) / q;
    in[YW_ASM_SS] += b->carbon / q;
    for (int i = 0; i < YW_BSM1_TANKS; i++) {
        const double *x = y + i * YW_ASM_N, *from = i ? x - YW_ASM_N : in;
        double *dx = dy + i * YW_ASM_N, turn = q / b->volume[i];
        yw_asm1_rates(&b->asm1, x, dx);
        for (int k = 0; k < YW_ASM_N; k++) dx[k] += turn * (from[k] - x[k]);
        dx[YW_ASM_SO] += (i == 4 ? a.kla5 : b->kla[i]) * (b->so_sat - x[YW_ASM_SO]);
    }
    struct yw_settler_flows flows = {q0 + b->qr, b->qr + b->qw, yw_asm1_tss(last)};
    yw_settler_rates(&b->settler, &flows, y + YW_BSM1_TSS, dy + YW_BSM1_TSS);
    dissolved_rates(b, &flows, y, dy);
    controllers(b, &a, y, dy);
}
