/* voc: the kind: a workshop with solvent behind a regenerative oxidiser, activated carbon or nothing. */
#include "plant/flue/carbon.h"
#include "plant/flue/puff.h"
#include "plant/flue/rto.h"
#include "plant/flue/workshop.h"
#include "plant/kind.h"

enum { NOTHING, RTO, CARBON }; /* what stands behind the workshop */
enum {
    TREATMENT,
    DESIGN,
    BOOTHS,
    STRENGTH,
    TOLUENE,
    CAPTURE_RATIO,
    BEDS,
    SWITCH,
    SET,
    LEAK,
    LIFE,
    CHANGE,
    DILUTION,
    AREA,
    PARAMETERS
};
enum {
    RUN,
    LOAD,
    AMBIENT,
    HUMIDITY,
    FAN,
    BURNER,
    VALVE_LEAK,
    PURGE,
    BYPASS,
    CAPTURE,
    CARBON_DAYS,
    PUFF,
    INPUTS
};

static const struct yw_plant_value parameters[PARAMETERS] = {
    [TREATMENT] = {"treatment", "1", "0: none, 1: regenerative oxidiser, 2: activated carbon", 1, 0, 2},
    [DESIGN] = {"design_flow", "m3/h", "dry standard flow of the fan", 30000, 1000, 500000},
    [BOOTHS] = {"booths", "1", "places that use solvent", 6, 1, YW_BOOTHS_MAX},
    [STRENGTH] = {"strength", "mg/m3", "mean NMHC before treatment at load 1, as carbon", 400, 10, 3000},
    [TOLUENE] = {"toluene", "1", "share of toluene in the carbon", 0.25, 0, 1},
    [CAPTURE_RATIO] = {"capture_ratio", "1", "share that the hoods catch", 0.92, 0.3, 1},
    [BEDS] = {"beds", "1", "of the oxidiser; 2: without purge", 3, 2, 3},
    [SWITCH] = {"switch_s", "s", "between switches of the beds", 90, 30, 300},
    [SET] = {"set_c", "degC", "set point of the chamber", 800, 600, 950},
    [LEAK] = {"leak", "1", "share that passes the valves of the oxidiser", 0.004, 0, 0.1},
    [LIFE] = {"carbon_life", "d", "of the carbon at load 1, until half comes through", 45, 1, 1000},
    [CHANGE] = {"carbon_change", "d", "it is changed so often", 30, 1, 1000},
    [DILUTION] = {"fence_dilution", "s/m3", "concentration at the fence for each g/s that escapes", 8e-4, 0,
                  0.1},
    [AREA] = {"area_m2", "m2", "section of the stack", 0.95, 0.05, 50},
};
static const struct yw_plant_value inputs[INPUTS] = {
    [RUN] = {"run", "1", "1: fan and treatment run or start; 0: shut down", 1, 0, 1},
    [LOAD] = {"load", "1", "work, 1: usual shift", 1, 0, 1.5},
    [AMBIENT] = {"ambient", "degC", "air outside", 18, -40, 45},
    [HUMIDITY] = {"humidity", "%", "relative, of the air outside", 70, 5, 100},
    [FAN] = {"fan", "1", "share of the design flow", 1, 0, 1.2},
    [BURNER] = {"burner", "1", "of the oxidiser, in service", 1, 0, 1},
    [VALVE_LEAK] = {"valve_leak", "1", "further share that passes the valves", 0, 0, 0.3},
    [PURGE] = {"purge", "1", "purge of the third bed in service", 1, 0, 1},
    [BYPASS] = {"bypass", "1", "share of the gas past the treatment", 0, 0, 1},
    [CAPTURE] = {"capture", "1", "hoods in place and doors shut", 1, 0, 1},
    [CARBON_DAYS] = {"carbon_days", "d", "age of the carbon; -1: as it is changed", -1, -1, 2000},
    [PUFF] = {"puff", "1", "a batch is opened or cleaned with solvent", 0, 0, 1},
};

enum { /* streams; the workshop has the first */
       FLOW_WANDER = YW_STREAM_VOC + 1,
       WIND,
       BACKGROUND,
       DRAUGHT,
       METHANE
};

struct voc {
    struct yw_workshop workshop;
    struct yw_rto rto;
    struct yw_carbon carbon;
    double stack, flow; /* degC, Nm3/s dry */
    int64_t stage;
};

struct gas {                          /* of a step */
    double dry, wet, caught, escapes; /* Nm3/s, g/s of carbon */
    double leaves, burner_kw, out, destroyed;
    double busy;
};

static struct yw_rto_spec rto_spec(const double *p) {
    double design = p[DESIGN] / 3600;
    return (struct yw_rto_spec){.beds = p[BEDS] >= 2.5 ? 3 : 2,
                                .switch_s = p[SWITCH],
                                .set = p[SET],
                                .design = design * 1.015,
                                .burner_kw = design * 220,
                                .chamber_s = 0.85,
                                .dead_s = 0.35};
}

static double warm(const struct yw_plant_life *life) { /* of the air that the hoods draw */
    return 22 + 0.3 * (life->inputs[AMBIENT] - 18);
}

static void work(struct voc *s, const struct yw_plant_life *life, int64_t time, struct gas *g) {
    const double *p = life->parameters, *in = life->inputs;
    double design = p[DESIGN] / 3600, mean = p[STRENGTH] * design / 1000; /* g/s */
    bool hot = s->stage == YW_STAGE_NORMAL || p[TREATMENT] < 0.5;
    struct yw_workshop_in shop = {(int)p[BOOTHS], mean / p[CAPTURE_RATIO] / p[BOOTHS] / 0.55,
                                  hot ? in[LOAD] : 0, life->seed};
    double used, evaporates = yw_workshop_step(&s->workshop, &shop, time, life->step_s, &used, &g->busy);
    evaporates += 3 * mean * in[PUFF];
    double fan = in[RUN] >= 0.5 ? in[FAN] : 0;
    double draws = yw_gas_between(fan * 1.25, 0.08, 1); /* hoods without air catch little */
    g->caught = evaporates * p[CAPTURE_RATIO] * in[CAPTURE] * draws;
    g->escapes = evaporates - g->caught;
    double wander = 1 + 0.012 * yw_gas_octave(life->seed, FLOW_WANDER, time, 120000000);
    s->flow = yw_gas_toward(s->flow, design * fmax(fan, 0.02) * wander, exp(-life->step_s / 15));
    g->dry = s->flow;
    double vapour = in[HUMIDITY] / 100 * yw_gas_saturated(in[AMBIENT], YW_GAS_ATMOSPHERE);
    g->wet = g->dry * (1 + vapour + 0.004);
}

static double carbon_age(const struct yw_plant_life *life, int64_t time) {
    if (life->inputs[CARBON_DAYS] >= 0) return life->inputs[CARBON_DAYS];
    int64_t change = (int64_t)(life->parameters[CHANGE] * 86400) * 1000000;
    int64_t offset =
        (int64_t)(yw_noise_unit(yw_noise_bits(life->seed, YW_STREAM_VOC, 1000)) * (double)change);
    return (double)((time + offset) % change) / 86400e6;
}

static void treat(struct voc *s, const struct yw_plant_life *life, int64_t time, struct gas *g) {
    const double *p = life->parameters, *in = life->inputs;
    double past = in[BYPASS], goes = (1 - past) * g->caught;
    g->leaves = warm(life);
    g->out = goes;
    g->burner_kw = g->destroyed = 0;
    if (p[TREATMENT] >= 1.5) {
        struct yw_carbon_in box = {goes, carbon_age(life, time) / p[LIFE], g->leaves};
        double kept;
        g->out = yw_carbon_step(&s->carbon, &box, life->step_s, &kept);
    } else if (p[TREATMENT] >= 0.5) {
        struct yw_rto_spec spec = rto_spec(p);
        double burner = s->stage == YW_STAGE_STOPPED || s->stage == YW_STAGE_COOLING ? 0 : in[BURNER];
        struct yw_rto_in gas = {
            (1 - past) * g->wet, g->leaves,       goes, burner, fmin(1, p[LEAK] + in[VALVE_LEAK]),
            in[AMBIENT],         in[PURGE] >= 0.5};
        struct yw_rto_out out;
        yw_rto_step(&s->rto, &spec, &gas, time, life->step_s, &out);
        double leak = gas.leak;
        g->leaves = (1 - leak) * out.leaves + leak * g->leaves;
        g->burner_kw = out.burner_kw;
        g->out = out.out;
        g->destroyed = out.destroyed;
    }
    g->out += past * g->caught;
    double mixed = past * warm(life) + (1 - past) * g->leaves;
    s->stack = yw_gas_toward(s->stack, mixed, exp(-life->step_s / 40));
}

static void follow(struct voc *s, const struct yw_plant_life *life) {
    const double *p = life->parameters;
    bool wanted = life->inputs[RUN] >= 0.5, oxidiser = p[TREATMENT] >= 0.5 && p[TREATMENT] < 1.5;
    double chamber = oxidiser ? s->rto.chamber : p[SET];
    if (wanted)
        s->stage = chamber > p[SET] - 40 || s->stage == YW_STAGE_NORMAL ? YW_STAGE_NORMAL : YW_STAGE_STARTUP;
    else
        s->stage = oxidiser && chamber > 120 ? YW_STAGE_COOLING : YW_STAGE_STOPPED;
}

static void write_out(const struct voc *s, const struct yw_plant_life *life, int64_t time,
                      const struct gas *g, double *v) {
    const double *p = life->parameters, *in = life->inputs;
    double megawatts = g->burner_kw / 1000, each = 1000 / g->dry; /* mg/m3 of a g/s */
    double burnt = g->destroyed * YW_GAS_MOLAR / 12.011 / 1000;   /* Nm3/s of CO2 */
    v[YW_Q_NMHC_IN] = g->caught * each;
    v[YW_Q_NMHC] = g->out * each + 0.3;
    v[YW_Q_TOLUENE] = g->out * each * p[TOLUENE] * 92.14 / 84.08;
    v[YW_Q_CH4] = 1.4 + 0.1 * yw_gas_octave(life->seed, METHANE, time, 600000000) + 3 * megawatts;
    v[YW_Q_O2] = 20.9 - 100 * (0.053 * megawatts + 1.4 * burnt) / g->dry;
    v[YW_Q_CO2] = 0.042 + 100 * (0.0265 * megawatts + burnt) / g->dry;
    v[YW_Q_CO] = 2 + 15 * megawatts + (g->burner_kw + g->destroyed > 0 ? g->out * each * 0.4 : 0);
    v[YW_Q_NOX] = 20 * megawatts;
    v[YW_Q_DUST] = 1.2;
    v[YW_Q_H2O] = 100 * (1 - g->dry / (g->wet + 0.053 * megawatts + burnt * 0.6));
    v[YW_Q_TEMP] = s->stack;
    v[YW_Q_FLOW] = g->dry;
    double share = g->dry / (p[DESIGN] / 3600);
    v[YW_Q_PRESSURE] =
        -0.02 + 0.12 * share * share + 0.004 * yw_gas_octave(life->seed, DRAUGHT, time, 20000000);
    v[YW_Q_VELOCITY] =
        yw_gas_velocity(g->dry, v[YW_Q_H2O], v[YW_Q_TEMP], v[YW_Q_PRESSURE], YW_GAS_ATMOSPHERE, p[AREA]);
    double wind = exp(0.4 * yw_gas_octave(life->seed, WIND, time, 1200000000));
    v[YW_Q_FENCE_NMHC] = 0.55 + 0.15 * yw_gas_octave(life->seed, BACKGROUND, time, 3600000000) +
                         g->escapes * 1000 * p[DILUTION] * wind;
    v[YW_Q_LOAD] = s->stage == YW_STAGE_NORMAL ? in[LOAD] : 0;
    v[YW_Q_STAGE] = (double)s->stage;
    v[YW_Q_RUNNING] = s->stage == YW_STAGE_NORMAL ? 1 : s->stage == YW_STAGE_STOPPED ? 0 : 0.5;
    v[YW_Q_PRODUCT] = g->busy * p[BOOTHS] * 12; /* parts/h */
    v[YW_Q_PRODUCTION_KW] = 15 + 25 * g->busy * p[BOOTHS];
    v[YW_Q_TREATMENT_KW] = 2 + p[DESIGN] / 3600 * 6 * share * share * share;
    v[YW_Q_FAN_CURRENT] = share < 0.05 ? 0 : 40 * (0.3 + 0.7 * share * share * share);
    v[YW_Q_BYPASS] = in[BYPASS];
    if (p[TREATMENT] >= 1.5) {
        v[YW_Q_CARBON_AGE] = carbon_age(life, time);
    } else if (p[TREATMENT] >= 0.5) {
        v[YW_Q_RTO_TEMP] = s->rto.chamber;
        v[YW_Q_BURNER_KW] = g->burner_kw;
        v[YW_Q_FUEL] = megawatts / 35.8 * 0.717 * 3.6; /* t/h of gas */
    }
}

static enum yw_code step(void *state, const struct yw_plant_life *life, int64_t time, struct yw_stream *out,
                         struct yw_error *err) {
    YW_UNUSED(err);
    struct voc *s = state;
    struct gas g;
    follow(s, life);
    work(s, life, time, &g);
    treat(s, life, time, &g);
    write_out(s, life, time, &g, out->v);
    return YW_OK;
}

/* Two hours before the start at its inputs. */
static enum yw_code begin(void *state, const struct yw_plant_life *life, int64_t start,
                          struct yw_error *err) {
    enum { BEFORE = 120, BEFORE_S = 60 };
    struct voc *s = state;
    const double *p = life->parameters, *in = life->inputs;
    struct yw_rto_spec spec = rto_spec(p);
    struct yw_rto_in gas = {.warm = warm(life)};
    struct yw_plant_life long_steps = *life;
    struct yw_stream out;
    bool runs = in[RUN] >= 0.5;
    long_steps.step_s = BEFORE_S;
    int64_t time = start - (int64_t)BEFORE * BEFORE_S * 1000000;
    yw_rto_begin(&s->rto, &spec, &gas, runs ? p[SET] : 350, time);
    s->stack = gas.warm;
    s->flow = runs ? p[DESIGN] / 3600 * in[FAN] : 0.02 * p[DESIGN] / 3600;
    s->stage = runs ? YW_STAGE_NORMAL : YW_STAGE_COOLING;
    for (; time < start; time += (int64_t)BEFORE_S * 1000000) {
        enum yw_code code = step(s, &long_steps, time, &out, err);
        if (code) return code;
    }
    return YW_OK;
}

const struct yw_plant_kind yw_kind_voc = {
    .name = "voc",
    .parameters = parameters,
    .inputs = inputs,
    .parameter_n = PARAMETERS,
    .input_n = INPUTS,
    .memory_us = (int64_t)6 * 3600 * 1000000,
    .state_size = sizeof(struct voc),
    .begin = begin,
    .step = step,
};
