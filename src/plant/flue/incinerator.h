/* incinerator: the state of a grate furnace for waste and of its gas treatment, and the steps of its parts. A
 * kind of plant (plant/kind.h); reference: two layers of waste on the grate, one body of gas, the brickwork,
 * semi-dry lime, carbon and bag filter. */
#ifndef YW_PLANT_FLUE_INCINERATOR_H
#define YW_PLANT_FLUE_INCINERATOR_H

#include "plant/flue/gas.h"
#include "plant/kind.h"

enum { YW_COUPLES = 6 }; /* three in the lower section of the zone, three in the upper */

enum yw_incinerator_parameter {
    YW_INC_CAPACITY,
    YW_INC_LHV,
    YW_INC_MOISTURE,
    YW_INC_O2,
    YW_INC_ZONE,
    YW_INC_LEAK,
    YW_INC_CHLORINE,
    YW_INC_SULPHUR,
    YW_INC_NOX_RAW,
    YW_INC_NOX_SET,
    YW_INC_MIXING,
    YW_INC_LIME_RATIO,
    YW_INC_DUST_RAW,
    YW_INC_DUST_BASE,
    YW_INC_BAGS,
    YW_INC_AREA,
    YW_INC_PARAMETERS
};
enum yw_incinerator_input {
    YW_INC_RUN,
    YW_INC_HOLD,
    YW_INC_TRIP,
    YW_INC_LOAD,
    YW_INC_WET_WASTE,
    YW_INC_BURNERS,
    YW_INC_INTERLOCK,
    YW_INC_UREA,
    YW_INC_LIME,
    YW_INC_ATOMISER,
    YW_INC_CARBON,
    YW_INC_TORN_BAGS,
    YW_INC_BYPASS,
    YW_INC_CO_PUFF,
    YW_INC_AIR,
    YW_INC_NOX_SEEN,
    YW_INC_OUTSIDE,
    YW_INC_INPUTS
};

struct yw_waste {                       /* what burns now */
    double combustible, water, lhv;     /* shares of 1, MJ/kg */
    double chlorine, sulphur, fluorine; /* kg/kg, of what burns */
    struct yw_gas_burn burn;            /* Nm3/kg */
};
struct yw_furnace {
    double fresh, pile;        /* kg on the grate: what burns at once, what burns slowly */
    double burnt, burnt_slow;  /* kg/s; what the air control knows of it */
    double gas, wall, boiler;  /* degC */
    double air, o2, co;        /* Nm3/s, %, mg/m3 */
    double burners;            /* kW */
    double dry, wet;           /* Nm3/s of gas that leaves */
    double couple[YW_COUPLES]; /* degC */
};
struct yw_sequence {
    double feed;     /* share of the capacity that is fed */
    double ramp;     /* degC, what the burners are led by; 0: they are not wanted */
    double air;      /* least share of the nominal air */
    double since_s;  /* in this stage */
    int64_t stage;   /* enum yw_stage */
    int64_t blocked; /* 1: the interlock holds the waste back */
};
struct yw_cleaning {
    double nsr, nox_seen;    /* control of the ammonia */
    double lime, acid_slow;  /* mol/s; need for lime as the feed control knows it */
    double contact, outlet;  /* of the atomiser, degC behind it */
    double filter_dp, stack; /* Pa, degC */
};
struct yw_ledger { /* since the life began, kg; lime in mol */
    double chlorine_in, chlorine_ash, chlorine_bound, chlorine_out;
    double sulphur_in, sulphur_ash, sulphur_bound, sulphur_out;
    double lime_in, lime_spent, lime_rest;
    double waste_in, waste_burnt;
};
struct yw_incinerator {
    struct yw_furnace furnace;
    struct yw_sequence sequence;
    struct yw_cleaning cleaning;
    struct yw_ledger ledger;
};

/* The waste at a moment: wandering moisture and heating value, wetter with the input. */
void yw_waste_at(const struct yw_plant_life *life, int64_t time, struct yw_waste *out);
/* Which stage, what is fed, what the burners and the air do. capacity: kg/s. */
void yw_sequence_step(struct yw_sequence *s, const struct yw_furnace *f, const struct yw_plant_life *life,
                      double capacity);
/* From time to time + step. Returns what was fed, kg. */
double yw_furnace_step(struct yw_furnace *f, const struct yw_sequence *s, const struct yw_waste *w,
                       const struct yw_plant_life *life, int64_t time);
/* Treatment, ledger and everything that is written out. */
void yw_cleaning_step(struct yw_incinerator *s, const struct yw_waste *w, const struct yw_plant_life *life,
                      int64_t time, struct yw_stream *out);

static inline double yw_incinerator_capacity(const struct yw_plant_life *life) { /* kg/s */
    return life->parameters[YW_INC_CAPACITY] * 1000 / 86400;
}

#endif
