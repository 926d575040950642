/* combustion: coal and oil into raw gas: load, start-up and shut-down, feeder and mill, air, oxygen, sulphur,
 * NOx, CO, ash, heat and drum pressure. */
#ifndef YW_PLANT_FLUE_COMBUSTION_H
#define YW_PLANT_FLUE_COMBUSTION_H

#include "plant/flue/duct.h"

struct yw_combustion {
    /* fixed for a life */
    double step_s, coal_design, air_design, dry_design; /* kg/s, Nm3/s just needed, Nm3/s dry */
    double start_s;
    double left_delay, left_fuel, left_air_control, left_air, left_heat, left_exit, left_warm, left_cool;
    /* what moves */
    int64_t stage;    /* enum yw_stage */
    double since;     /* s in it */
    double load;      /* ramped */
    double warm;      /* 0 cold, 1 as in operation */
    double feed[3];   /* coal on its way to the mill, kg/s */
    double coal;      /* burning, kg/s */
    double coal_seen; /* what the air control knows of it */
    double oil;       /* kg/s */
    double air;       /* Nm3/s dry */
    double trim;      /* of the air by the oxygen control, factor */
    double heat;      /* taken up by the water, share of design */
    double steam;     /* drawn, share of design */
    double drum;      /* pressure, share of nominal */
    double exit_temp; /* behind the air heater */
    double hot_temp;  /* before the catalyst */
    double zone_temp; /* where ammonia can go into the furnace */
    double o2;        /* %, of the last step */
};
struct yw_combustion_out {
    struct yw_duct gas;                         /* ash: fly ash */
    double burn_share;                          /* heat released, share of design */
    double air_needed;                          /* Nm3/s */
    double coal_s, so2_s, bottom_ash, coal_ash; /* kg/s; so2_s: sulphur that leaves as SO2 */
    double fuel;                                /* coal and oil, kg/s */
    double cooling;                             /* of the flue gas by soot blowing, K */
};

void yw_combustion_begin(struct yw_combustion *f, const double *parameters, double load);
/* The lags of a step of that length. */
void yw_combustion_pace(struct yw_combustion *f, const double *parameters, double step_s);
void yw_combustion_step(struct yw_combustion *f, const double *parameters, const double *inputs,
                        uint64_t seed, int64_t time, struct yw_combustion_out *out);

#endif
