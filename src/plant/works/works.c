/* works: the kind of plant: a municipal works on the benchmark's equations, scaled to its design flow. */
#include <math.h>
#include <string.h>

#include "plant/works/rosenbrock.h"
#include "plant/works/works_int.h"

static const int64_t GRID = YW_MINUTE; /* the biology goes in whole minutes of absolute time */

static const struct yw_plant_value parameters[YW_WORKS_PARAMETERS] = {
    [YW_WORKS_DESIGN_FLOW] = {"design_flow", "m3/d", "inflow at load 1", 18446, 300, 1000000},
    [YW_WORKS_STRENGTH] = {"strength", "1", "COD of the sewage against the benchmark's 381 mg/L", 0.85, 0.3,
                           3},
    [YW_WORKS_NITROGEN] = {"nitrogen", "1",
                           "nitrogen of the sewage against the benchmark's 31.6 mg/L of NH4-N", 0.85, 0.3, 3},
    [YW_WORKS_INERT] = {"inert", "1", "dissolved COD that nothing degrades, against the benchmark's 30 mg/L",
                        0.5, 0, 4},
    [YW_WORKS_DIURNAL] = {"diurnal", "1", "how strongly the day's rhythm swings; 0: the load alone says", 1,
                          0, 1.5},
    [YW_WORKS_WEEKEND] = {"weekend", "1", "inflow of Saturdays and Sundays against working days", 0.93, 0.3,
                          1.5},
    [YW_WORKS_NOISE] = {"noise", "1", "how restless the inflow is; 0: not at all", 1, 0, 3},
    [YW_WORKS_RAIN_GAIN] = {"rain_gain", "1/(mm/h)", "inflow by rain, in design flows", 0.3, 0, 2},
    [YW_WORKS_OXYGEN_SET] = {"oxygen_set", "mg/L", "set point of oxygen in the last tank", 2, 0.3, 6},
    [YW_WORKS_NITRATE_SET] = {"nitrate_set", "mg/L", "set point of nitrate in the second tank", 1, 0.1, 10},
    [YW_WORKS_AIR] = {"air", "1", "fixed aeration of tanks 3 and 4 against the benchmark's", 1.1, 0.3, 2},
    [YW_WORKS_WASTE] = {"waste", "1", "waste sludge against the benchmark's 385 m3/d", 0.85, 0.2, 4},
    [YW_WORKS_FILTER_KEEPS] = {"filter_keeps", "1",
                               "share of solids the effluent filter keeps; 0: none is there", 0.6, 0, 0.95}};

static const struct yw_plant_value inputs[YW_WORKS_INPUTS] = {
    [YW_WORKS_LOAD] = {"load", "1", "sewage flow against the design", 1, 0, 3},
    [YW_WORKS_RUN] = {"run", "1", "0: nothing comes in", 1, 0, 1},
    [YW_WORKS_RAIN] = {"rain", "mm/h", "over the town", 0, 0, 100},
    [YW_WORKS_WATER_TEMP] = {"water_temp", "degC", "in the tanks", 18, 4, 35},
    [YW_WORKS_BLOWER3] = {"blower3", "1", "air of tank 3 that is there", 1, 0, 1},
    [YW_WORKS_BLOWER4] = {"blower4", "1", "air of tank 4 that is there", 1, 0, 1},
    [YW_WORKS_BLOWER5] = {"blower5", "1", "air of tank 5 that is there", 1, 0, 1},
    [YW_WORKS_RECYCLE_PUMP] = {"recycle_pump", "1", "internal recycle that is there", 1, 0, 1},
    [YW_WORKS_SLUDGE_PUMP] = {"sludge_pump", "1", "sludge recycle that is there", 1, 0, 1},
    [YW_WORKS_WASTE_PUMP] = {"waste_pump", "1", "waste sludge that is drawn", 1, 0, 2},
    [YW_WORKS_TOXIC] = {"toxic", "1", "poison in the inflow: 1 takes nine tenths of the nitrifiers' activity",
                        0, 0, 1},
    [YW_WORKS_BULKING] = {"bulking", "1", "1: sludge settles at three tenths of its speed", 0, 0, 1},
    [YW_WORKS_BYPASS] = {"bypass", "1", "share of the outlet that is raw sewage", 0, 0, 1},
    [YW_WORKS_CARBON] = {"carbon", "mg/L", "COD dosed into the first tank, per litre of design flow", 20, 0,
                         300},
    [YW_WORKS_PRECIPITANT] = {"precipitant", "mg/L", "iron dosed against phosphorus", 10, 0, 60},
    [YW_WORKS_CHLORINE] = {"chlorine", "mg/L", "dosed for disinfection", 5, 0, 40},
    [YW_WORKS_FILTER] = {"filter", "1", "effluent filter: 1 in service, 0 passed by", 1, 0, 1},
    [YW_WORKS_CLEAN_WATER] = {"clean_water", "1", "share of the outlet's water that is led in from elsewhere",
                              0, 0, 0.95}};

/* Saturation in the benchmark's water, by the ratio of pure water (8 g/m3 at 15 degC). */
static double saturation(double c) {
    double pure = 14.652 - 0.41022 * c + 0.007991 * c * c - 7.7774e-5 * c * c * c;
    return 8 * pure / 10.0344;
}

void yw_works_setup(const struct yw_plant_life *life, const struct yw_works_state *s, struct yw_bsm1 *out) {
    const double *p = life->parameters, *in = life->inputs;
    struct yw_bsm1 b = yw_bsm1_benchmark();
    b.loop = YW_BSM1_IDEAL;
    b.asm1 = yw_asm1_at(&b.asm1, in[YW_WORKS_WATER_TEMP]);
    b.asm1.mua *= 1 - 0.9 * s->poisoned;
    b.asm1.muh *= 1 - 0.3 * s->poisoned;
    b.so_sat = saturation(in[YW_WORKS_WATER_TEMP]);
    double slow = 1 - 0.7 * in[YW_WORKS_BULKING];
    b.settler.v0 *= slow, b.settler.v0max *= slow;
    b.kla[2] *= p[YW_WORKS_AIR] * in[YW_WORKS_BLOWER3];
    b.kla[3] *= p[YW_WORKS_AIR] * in[YW_WORKS_BLOWER4];
    b.oxygen.high *= in[YW_WORKS_BLOWER5];
    b.oxygen.setpoint = p[YW_WORKS_OXYGEN_SET];
    b.nitrate.setpoint = p[YW_WORKS_NITRATE_SET];
    b.nitrate.high *= in[YW_WORKS_RECYCLE_PUMP];
    b.qr *= in[YW_WORKS_SLUDGE_PUMP];
    double cold = 15 - in[YW_WORKS_WATER_TEMP]; /* whoever runs a works keeps more sludge in winter */
    double winter = cold <= 0 ? 1 : cold >= 8 ? 0.6 : 1 - 0.05 * cold;
    b.qw *= p[YW_WORKS_WASTE] * in[YW_WORKS_WASTE_PUMP] * winter;
    b.carbon = in[YW_WORKS_CARBON] * b.inflow[YW_INFLOW_Q];
    *out = b;
}

static void works_at(const struct yw_works_state *s, const struct yw_plant_life *life, int64_t time,
                     struct yw_bsm1 *b) {
    yw_works_setup(life, s, b);
    yw_works_sewage(life, s->runoff, time, b->inflow);
    if (b->inflow[YW_INFLOW_Q] < 2 * b->qw) b->qw = 0.5 * b->inflow[YW_INFLOW_Q]; /* never more out than in */
}

static void advance(struct yw_works_state *s, const struct yw_plant_life *life) {
    struct yw_bsm1 b;
    double span = (double)GRID / 1e6, rain = life->inputs[YW_WORKS_RAIN],
           toxic = life->inputs[YW_WORKS_TOXIC];
    s->runoff += (1 - exp(-span / 4500)) * (rain - s->runoff);
    s->poisoned += (1 - exp(-span / (toxic > s->poisoned ? 900 : 21600))) * (toxic - s->poisoned);
    works_at(s, life, s->grid + GRID / 2, &b);
    yw_bsm1_leap(&b, 0, span / 86400, s->y);
    yw_works_behind(life, &b, span, s);
    s->grid += GRID;
}

static int64_t grid_before(int64_t time) {
    int64_t rest = time % GRID;
    return time - (rest < 0 ? rest + GRID : rest);
}

/* What the life starts from is known at the first step only: inputs are told after the beginning. */
static void take_nominal(struct yw_works_state *s, const struct yw_plant_life *life) {
    yw_works_nominal(life, s->y);
    s->runoff = life->inputs[YW_WORKS_RAIN];
    s->poisoned = life->inputs[YW_WORKS_TOXIC];
    s->begun = 1;
}

static enum yw_code begin(void *state, const struct yw_plant_life *life, int64_t start,
                          struct yw_error *err) {
    struct yw_works_state *s = state;
    YW_UNUSED(err), YW_UNUSED(life);
    s->grid = grid_before(start);
    s->phosphorus = 0.17, s->chlorine = 3.4, s->survivors = log(150);
    return YW_OK;
}

static enum yw_code step(void *state, const struct yw_plant_life *life, int64_t time, struct yw_stream *out,
                         struct yw_error *err) {
    struct yw_works_state *s = state;
    struct yw_bsm1 b;
    if (s->grid > time || s->grid <= time - GRID)
        return yw_fail(err, YW_E_STATE, "a works' state is not of this moment; is the snapshot damaged?");
    int64_t end = time + (int64_t)(life->step_s * 1e6);
    if (s->begun == 0) take_nominal(s, life);
    while (s->grid + GRID <= end) advance(s, life);
    works_at(s, life, end, &b);
    yw_works_outfall(life, s, &b, out);
    return YW_OK;
}

const struct yw_plant_kind yw_kind_works = {.name = "works",
                                            .parameters = parameters,
                                            .inputs = inputs,
                                            .parameter_n = YW_COUNT(parameters),
                                            .input_n = YW_COUNT(inputs),
                                            .memory_us = 12 * YW_HOUR,
                                            .state_size = sizeof(struct yw_works_state),
                                            .begin = begin,
                                            .step = step};
