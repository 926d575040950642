/* works_int: what the parts of the training works share. */
#ifndef YW_PLANT_WORKS_INT_H
#define YW_PLANT_WORKS_INT_H

#include "plant/kind.h"
#include "plant/works/bsm1.h"

enum yw_works_parameter {
    YW_WORKS_DESIGN_FLOW,
    YW_WORKS_STRENGTH,
    YW_WORKS_NITROGEN,
    YW_WORKS_INERT,
    YW_WORKS_DIURNAL,
    YW_WORKS_WEEKEND,
    YW_WORKS_NOISE,
    YW_WORKS_RAIN_GAIN,
    YW_WORKS_OXYGEN_SET,
    YW_WORKS_NITRATE_SET,
    YW_WORKS_AIR,
    YW_WORKS_WASTE,
    YW_WORKS_FILTER_KEEPS,
    YW_WORKS_PARAMETERS
};
enum yw_works_input {
    YW_WORKS_LOAD,
    YW_WORKS_RUN,
    YW_WORKS_RAIN,
    YW_WORKS_WATER_TEMP,
    YW_WORKS_BLOWER3,
    YW_WORKS_BLOWER4,
    YW_WORKS_BLOWER5,
    YW_WORKS_RECYCLE_PUMP,
    YW_WORKS_SLUDGE_PUMP,
    YW_WORKS_WASTE_PUMP,
    YW_WORKS_TOXIC,
    YW_WORKS_BULKING,
    YW_WORKS_BYPASS,
    YW_WORKS_CARBON,
    YW_WORKS_PRECIPITANT,
    YW_WORKS_CHLORINE,
    YW_WORKS_FILTER,
    YW_WORKS_CLEAN_WATER,
    YW_WORKS_INPUTS
};

struct yw_works_state { /* plain numbers without a gap: a snapshot is its bytes */
    int64_t grid;       /* how far the biology has been computed */
    double y[YW_BSM1_OXYGEN_SENSOR];
    double begun;      /* 0: takes its nominal state with the inputs of its first step */
    double runoff;     /* rain on its way through the sewers, mm/h */
    double poisoned;   /* share of the autotrophs' activity that is lost; heals slowly */
    double phosphorus; /* mg/L dissolved, behind the settler */
    double chlorine;   /* mg/L free, behind the contact tank */
    double survivors;  /* coliforms per litre behind the contact tank, natural logarithm */
};

/* What comes through the sewer at a moment, in the size of the benchmark's works (inflow[YW_INFLOW_Q]). */
void yw_works_sewage(const struct yw_plant_life *life, double runoff, int64_t time,
                     double inflow[YW_INFLOW_N]);
/* The benchmark's works as parameters, inputs and state make it; without the inflow. */
void yw_works_setup(const struct yw_plant_life *life, const struct yw_works_state *s, struct yw_bsm1 *out);
/* Phosphorus, chlorine, coliforms over span seconds behind works that stand as b and y say. */
void yw_works_behind(const struct yw_plant_life *life, const struct yw_bsm1 *b, double span_s,
                     struct yw_works_state *s);
/* Everything that can be seen at the outfall and in the control room. */
void yw_works_outfall(const struct yw_plant_life *life, const struct yw_works_state *s,
                      const struct yw_bsm1 *b, struct yw_stream *out);

/* Where a life begins: the state at noon of a dry day that repeats itself, at the present inputs. */
void yw_works_nominal(const struct yw_plant_life *life, double y[YW_BSM1_OXYGEN_SENSOR]);

#endif
