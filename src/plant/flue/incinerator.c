/* incinerator: the kind: parameters, inputs, begin and step. */
#include "plant/flue/incinerator.h"

static const struct yw_plant_value parameters[YW_INC_PARAMETERS] = {
    [YW_INC_CAPACITY] = {"capacity", "t/d", "waste that the furnace is built for", 500, 50, 1200},
    [YW_INC_LHV] = {"lhv", "MJ/kg", "lower heating value of the waste", 7, 4.5, 11},
    [YW_INC_MOISTURE] = {"moisture", "1", "water in the waste", 0.45, 0.2, 0.6},
    [YW_INC_O2] = {"o2", "%", "oxygen behind the furnace, dry, that the air is led by", 7.5, 5, 12},
    [YW_INC_ZONE] = {"zone_m3", "m3", "volume that has to be hot for 2 s", 310, 10, 1500},
    [YW_INC_LEAK] = {"leak", "%", "air drawn in between furnace and stack", 8, 0, 50},
    [YW_INC_CHLORINE] = {"chlorine", "%", "of the waste", 0.24, 0.02, 2},
    [YW_INC_SULPHUR] = {"sulphur", "%", "of the waste", 0.055, 0.005, 1},
    [YW_INC_NOX_RAW] = {"nox_raw", "mg/m3", "before SNCR at 11 % oxygen", 320, 100, 600},
    [YW_INC_NOX_SET] = {"nox_set", "mg/m3", "what the ammonia is led by, 11 % oxygen", 180, 50, 500},
    [YW_INC_MIXING] = {"mixing", "1", "share of the gas that meets the ammonia", 0.7, 0.3, 1},
    [YW_INC_LIME_RATIO] = {"lime_ratio", "1", "lime brought in / lime needed", 1.8, 0.5, 4},
    [YW_INC_DUST_RAW] = {"dust_raw", "mg/m3", "before the filter", 2800, 200, 8000},
    [YW_INC_DUST_BASE] = {"dust_base", "mg/m3", "behind a whole filter", 3, 0.2, 30},
    [YW_INC_BAGS] = {"bags", "1", "in the filter", 1000, 50, 10000},
    [YW_INC_AREA] = {"area_m2", "m2", "section of the stack", 2.6, 0.1, 50},
};

static const struct yw_plant_value inputs[YW_INC_INPUTS] = {
    [YW_INC_RUN] = {"run", "1", "1: waste is burnt or going to be; 0: shut down in order", 1, 0, 1},
    [YW_INC_HOLD] = {"hold", "1", "kept warm by the burners without waste while run is 0", 0, 0, 1},
    [YW_INC_TRIP] = {"trip", "1", "everything off at once", 0, 0, 1},
    [YW_INC_LOAD] = {"load", "1", "share of the capacity", 1, 0.3, 1.2},
    [YW_INC_WET_WASTE] = {"wet_waste", "1", "rain in the bunker: wetter and poorer waste", 0, 0, 1},
    [YW_INC_BURNERS] = {"burners", "1", "auxiliary burners in service", 1, 0, 1},
    [YW_INC_INTERLOCK] = {"interlock", "1", "holds waste back below 850 degC", 1, 0, 1},
    [YW_INC_UREA] = {"urea", "1", "ammonia solution of the SNCR", 1, 0, 1},
    [YW_INC_LIME] = {"lime", "1", "slurry pump", 1, 0, 1},
    [YW_INC_ATOMISER] = {"atomiser", "1", "of the lime slurry and its water", 1, 0, 1},
    [YW_INC_CARBON] = {"carbon", "1", "activated carbon feeder", 1, 0, 1},
    [YW_INC_TORN_BAGS] = {"torn_bags", "1", "number of bags", 0, 0, 50},
    [YW_INC_BYPASS] = {"bypass", "1", "share of the gas past scrubber and filter", 0, 0, 1},
    [YW_INC_CO_PUFF] = {"co_puff", "1", "a lump of waste flares up", 0, 0, 1},
    [YW_INC_NOX_SEEN] = {"nox_seen", "1", "by which factor the ammonia control sees NOx wrong", 1, 0.1, 5},
    [YW_INC_AIR] = {"air", "1", "of what is wanted", 1, 0.4, 1.4},
    [YW_INC_OUTSIDE] = {"ambient", "degC", "air outside", 15, -40, 45},
};

static enum yw_code step(void *state, const struct yw_plant_life *life, int64_t time, struct yw_stream *out,
                         struct yw_error *err) {
    YW_UNUSED(err);
    struct yw_incinerator *s = state;
    struct yw_waste waste;
    yw_waste_at(life, time, &waste);
    yw_sequence_step(&s->sequence, &s->furnace, life, yw_incinerator_capacity(life));
    s->ledger.waste_in += yw_furnace_step(&s->furnace, &s->sequence, &waste, life, time);
    yw_cleaning_step(s, &waste, life, time, out);
    return YW_OK;
}

/* A few hours before the start at the inputs of the start: there all of it is steady. */
static enum yw_code begin(void *state, const struct yw_plant_life *life, int64_t start,
                          struct yw_error *err) {
    enum { BEFORE = 300, BEFORE_S = 60 };
    struct yw_incinerator *s = state;
    const double *in = life->inputs;
    double capacity = yw_incinerator_capacity(life), outside = in[YW_INC_OUTSIDE];
    bool runs = in[YW_INC_RUN] >= 0.5 && in[YW_INC_TRIP] < 0.5;
    bool holds = !runs && in[YW_INC_HOLD] >= 0.5 && in[YW_INC_TRIP] < 0.5;
    double gas = runs ? 980 : holds ? 560 : outside, wall = runs || holds ? 0.93 * gas : outside;
    s->furnace = (struct yw_furnace){.gas = gas,
                                     .wall = wall,
                                     .boiler = fmin(250, 0.4 * gas + 0.6 * outside),
                                     .o2 = runs ? 7.5 : 20.9,
                                     .wet = 0.5,
                                     .dry = 0.5,
                                     .air = 0.5};
    for (int i = 0; i < YW_COUPLES; i++) s->furnace.couple[i] = gas;
    if (runs) {
        s->furnace.fresh = 0.2 * capacity * in[YW_INC_LOAD] * 40;
        s->furnace.pile = 0.8 * capacity * in[YW_INC_LOAD] * 1200;
        s->furnace.burnt_slow = capacity * in[YW_INC_LOAD];
    }
    s->sequence.stage = runs ? YW_STAGE_NORMAL : holds ? YW_STAGE_DRYING : YW_STAGE_STOPPED;
    s->sequence.ramp = gas;
    s->sequence.since_s = 86400;
    s->cleaning =
        (struct yw_cleaning){.nsr = 1, .contact = in[YW_INC_ATOMISER], .outlet = outside, .stack = outside};
    struct yw_plant_life long_steps = *life;
    long_steps.step_s = BEFORE_S;
    struct yw_stream out;
    for (int i = BEFORE; i > 0; i--) {
        enum yw_code code = step(s, &long_steps, start - (int64_t)i * BEFORE_S * 1000000, &out, err);
        if (code) return code;
    }
    s->ledger = (struct yw_ledger){0};
    return YW_OK;
}

const struct yw_plant_kind yw_kind_incinerator = {
    .name = "incinerator",
    .parameters = parameters,
    .inputs = inputs,
    .parameter_n = YW_INC_PARAMETERS,
    .input_n = YW_INC_INPUTS,
    .memory_us = (int64_t)12 * 3600 * 1000000,
    .state_size = sizeof(struct yw_incinerator),
    .begin = begin,
    .step = step,
};
