/* combustion: coal and oil into raw gas. */
#include "plant/flue/boiler.h"
#include "plant/quantity.h"

static const double LEAST_LOAD = 0.25, LEAST_AIR = 0.3, DRAUGHT_AIR = 0.03;
static const double SOOT_EACH_S = 8 * 3600, SOOT_S = 2400; /* once a shift */
static const double PURGE_S = 300, COAL_FROM = 0.6, WARM_ENOUGH = 0.9;
static const struct yw_gas_fuel oil = {0.86, 0.13, 0.002, 0.001, 0.003, 0, 0, 42.7};

#define P(id)  parameters[YW_BOILER_P_##id]
#define IN(id) inputs[YW_BOILER_I_##id]

static struct yw_gas_fuel coal_now(const double *parameters, double ash_factor, double water_factor,
                                   double sulphur_factor) {
    double inert0 = P(ASH) + P(WATER), ash = P(ASH) * ash_factor, water = P(WATER) * water_factor;
    if (ash + water > 0.85) { /* of a kilogram there is not more */
        double much = 0.85 / (ash + water);
        ash *= much;
        water *= much;
    }
    double rest = (1 - ash - water) / (1 - inert0);
    return (struct yw_gas_fuel){P(C) * rest,
                                P(H) * rest,
                                P(O) * rest,
                                P(N) * rest,
                                fmin(P(S) * sulphur_factor, 0.12),
                                ash,
                                water,
                                P(LHV) * rest - 2.44 * (water - P(WATER) * rest)};
}

void yw_combustion_pace(struct yw_combustion *f, const double *parameters, double step_s) {
    f->step_s = step_s;
    f->left_delay = yw_gas_left(step_s, P(FUEL_DELAY) / 3);
    f->left_fuel = yw_gas_left(step_s, P(FUEL_LAG));
    f->left_air_control = yw_gas_left(step_s, 30);
    f->left_air = yw_gas_left(step_s, 8);
    f->left_heat = yw_gas_left(step_s, 120);
    f->left_exit = yw_gas_left(step_s, 240);
    f->left_warm = yw_gas_left(step_s, f->start_s / 3);
    f->left_cool = yw_gas_left(step_s, 3 * f->start_s);
}

void yw_combustion_begin(struct yw_combustion *f, const double *parameters, double load) {
    struct yw_gas_fuel coal = coal_now(parameters, 1, 1, 1);
    struct yw_gas_burn b = yw_gas_burnt(&coal);
    f->coal_design = P(HEAT) / P(LHV);
    f->air_design = f->coal_design * b.air;
    f->dry_design = f->coal_design * yw_gas_dry(&b, yw_gas_alpha(&b, P(O2)) + P(LEAK));
    f->start_s = P(START) * 3600;
    yw_combustion_pace(f, parameters, 60);
    bool runs = load >= 0.05;
    f->stage = runs ? YW_STAGE_NORMAL : YW_STAGE_STOPPED;
    f->since = 1e6;
    f->load = runs ? load : 0;
    f->warm = runs ? 1 : 0;
    f->coal = f->coal_seen = f->feed[0] = f->feed[1] = f->feed[2] = f->load * f->coal_design;
    f->air = f->air_design * (runs ? 1.2 * f->load : DRAUGHT_AIR);
    f->trim = 1;
    f->heat = f->steam = f->load;
    f->drum = runs ? 0.7 + 0.3 * load : 0;
    f->exit_temp = runs ? P(EXIT) : 15;
    f->hot_temp = runs ? 350 : 15;
    f->o2 = P(O2);
}

static void enter(struct yw_combustion *f, enum yw_stage stage) {
    f->stage = stage;
    f->since = 0;
}

/* Which stage, what load, how much oil. */
static void operate(struct yw_combustion *f, const double *parameters, double asked) {
    bool wanted = asked >= 0.05;
    double step = P(RAMP) / 60 * f->step_s, goal = 0;
    f->since += f->step_s;
    switch (f->stage) {
    case YW_STAGE_STARTUP:
        if (!wanted)
            enter(f, YW_STAGE_SHUTDOWN);
        else if (f->since > PURGE_S && f->warm > COAL_FROM)
            goal = asked > LEAST_LOAD ? asked : LEAST_LOAD;
        if (f->warm < WARM_ENOUGH && goal > 0.4) goal = 0.4;
        if (f->warm >= WARM_ENOUGH && f->load >= LEAST_LOAD) enter(f, YW_STAGE_NORMAL);
        break;
    case YW_STAGE_NORMAL:
        if (!wanted) enter(f, YW_STAGE_SHUTDOWN);
        goal = asked > LEAST_LOAD ? asked : LEAST_LOAD;
        if (f->drum < 0.5 + 0.4 * f->load && f->heat < goal) goal = f->heat; /* less fire: run back */
        break;
    case YW_STAGE_SHUTDOWN:
        if (wanted)
            enter(f, YW_STAGE_STARTUP);
        else if (f->load <= LEAST_LOAD) {
            f->load = 0;
            enter(f, YW_STAGE_COOLING);
        }
        break;
    case YW_STAGE_COOLING:
        if (wanted)
            enter(f, YW_STAGE_STARTUP);
        else if (f->since > 2 * PURGE_S + 3 * P(FUEL_LAG))
            enter(f, YW_STAGE_STOPPED);
        break;
    default:
        if (wanted) enter(f, YW_STAGE_STARTUP);
    }
    f->load += yw_gas_between(goal - f->load, -step, step);
    double oil_share = f->stage == YW_STAGE_STARTUP && f->since > PURGE_S ? 0.12 + 0.06 * f->warm : 0;
    if (f->stage == YW_STAGE_SHUTDOWN && f->load < 0.35) oil_share = 0.05;
    f->oil = oil_share * P(HEAT) / oil.lhv;
    bool fire = f->stage == YW_STAGE_STARTUP || f->stage == YW_STAGE_NORMAL || f->stage == YW_STAGE_SHUTDOWN;
    double warm_goal = f->stage == YW_STAGE_STARTUP && f->load < 0.05 ? 0.75 : 1;
    if (fire && f->since <= PURGE_S && f->stage == YW_STAGE_STARTUP) fire = false;
    f->warm = yw_gas_toward(f->warm, fire ? warm_goal : 0, fire ? f->left_warm : f->left_cool);
}

/* Coal on its way: command, feeder, mill or bed. */
static void feed(struct yw_combustion *f, double lost) {
    double target = 0.6 + 0.4 * f->load, share = 0;
    double more = yw_gas_between(0.8 * (target - f->drum), -0.15, 0.12);
    if (f->load > 0) share = yw_gas_between(f->load + more, 0, 1.15);
    if (f->stage == YW_STAGE_STARTUP) share = f->load;
    double mass = share * (1 - lost) * f->coal_design;
    for (unsigned i = 0; i < 3; i++) mass = f->feed[i] = yw_gas_toward(f->feed[i], mass, f->left_delay);
    f->coal = yw_gas_toward(f->coal, mass, f->left_fuel);
    if (f->coal < 1e-9) f->coal = 0;
    f->coal_seen = yw_gas_toward(f->coal_seen, f->coal, f->left_air_control);
}

static void heat_and_drum(struct yw_combustion *f, const double *parameters, double burn_share,
                          double outside) {
    f->heat = yw_gas_toward(f->heat, burn_share * (0.3 + 0.7 * f->warm), f->left_heat);
    bool drawn = f->stage == YW_STAGE_NORMAL || f->stage == YW_STAGE_SHUTDOWN;
    if (drawn) {
        f->steam = f->load;
        f->drum += (f->heat - f->steam) / 400 * f->step_s;
    } else { /* what there is goes to the bypass or out of doors; the pressure follows the warmth */
        f->steam = f->stage == YW_STAGE_STARTUP && f->load > 0 ? f->load * f->warm : 0;
        double goal = (0.6 + 0.4 * f->load) * f->warm * f->warm;
        f->drum = yw_gas_toward(f->drum, goal, yw_gas_left(f->step_s, 1800));
    }
    f->drum = yw_gas_between(f->drum, 0, 1.15);
    double share = burn_share < 1.1 ? burn_share : 1.1;
    double exit = outside + (P(EXIT) - 30 * (1 - share) - 15 + 0.4 * (15 - outside)) * f->warm;
    double part = burn_share < 1 ? burn_share : 1;
    double zone = P(FIRING) >= 1.5 ? 860 + 80 * part : P(FIRING) >= 0.5 ? 830 + 110 * part : 900 + 200 * part;
    f->zone_temp = outside + (zone - outside) * (0.3 + 0.7 * f->warm);
    double hot = outside + (300 + 65 * share - outside) * (0.2 + 0.8 * f->warm) * (f->warm > 0.05);
    f->exit_temp = yw_gas_toward(f->exit_temp, exit, f->left_exit);
    f->hot_temp = yw_gas_toward(f->hot_temp, hot, f->left_exit);
}

static double air_now(struct yw_combustion *f, const struct yw_gas_burn *known, double o2_set, double noise) {
    double alpha = known->air > 0 ? yw_gas_alpha(known, o2_set) : 1;
    f->trim = yw_gas_between(f->trim + (o2_set - f->o2) * 0.05 * f->step_s / 120, 0.85, 1.2);
    double demand = known->air * alpha * f->trim, least = LEAST_AIR * f->air_design;
    if (f->stage == YW_STAGE_STOPPED)
        demand = DRAUGHT_AIR * f->air_design, f->trim = 1;
    else if (demand < least)
        demand = least, f->trim = 1;
    f->air = yw_gas_toward(f->air, demand, f->left_air);
    return f->air * (1 + noise);
}

/* What the coal is now: a lot lasts a day or two, the heap is not even, rain comes and goes. */
static struct yw_gas_fuel coal_of_the_moment(const double *parameters, const double *inputs, uint64_t seed,
                                             int64_t time) {
    const uint64_t stream = YW_STREAM_BOILER;
    double sulphur = 1 + 0.08 * yw_gas_wander(seed, stream, time, 7200);
    double moist = 1 + 0.05 * yw_gas_wander(seed, stream + 1, time, 1800);
    double lot = yw_gas_wander(seed, stream + 2, time, 100000);
    return coal_now(parameters, IN(MORE_ASH) * (1 + 0.06 * lot), IN(WET_COAL) * moist,
                    IN(SULPHUR) * sulphur * (1 + 0.07 * lot));
}

/* Sulphur, ash, NOx and CO into the gas whose flow and oxygen are known. */
static void pollutants(const struct yw_combustion *f, const double *parameters,
                       const struct yw_gas_fuel *coal, double burning, double flame, double soot,
                       struct yw_combustion_out *out) {
    struct yw_duct *g = &out->gas;
    const bool bed = P(FIRING) >= 0.5 && P(FIRING) < 1.5;
    double o2 = f->o2, shift = o2 - P(O2);
    out->so2_s = P(RELEASE) * coal->s * burning + oil.s * f->oil;
    out->coal_s = coal->s * burning + oil.s * f->oil;
    g->c[YW_DUCT_SO2] = 2e6 * out->so2_s / g->dry;
    g->c[YW_DUCT_HCL] = 1e6 * 1.028 * P(CHLORINE) * burning / g->dry;
    out->coal_ash = coal->ash * burning;
    double fly = P(FLY) * (1 + 0.25 * soot);
    if (fly > 1) fly = 1;
    out->bottom_ash = (1 - fly) * out->coal_ash;
    g->c[YW_DUCT_ASH] = 1e6 * fly * out->coal_ash / g->dry;
    double by_load = bed ? 0.15 : 0.4; /* a bed is nearly as hot at low load */
    double share = yw_gas_between(out->burn_share, 0.05, 1.2);
    double nox6 = P(NOX) * exp(by_load * log(share) + P(NOX_SLOPE) * (shift < 5.5 ? shift : 5.5));
    double dilute = o2 < YW_GAS_AIR_O2 ? (YW_GAS_AIR_O2 - o2) / 15 : 0;
    g->c[YW_DUCT_NOX] = nox6 * (1 + 0.04 * flame) * dilute;
    /* carbon monoxide rises when air is short and while the furnace is cold */
    double co = P(CO) * (1 + 0.1 * flame) + exp((-0.5 - shift) / 0.35) + 400 * (1 - f->warm);
    g->c[YW_DUCT_CO] = (co < 5000 ? co : 5000) * (dilute < 1 ? dilute : 1);
}

void yw_combustion_step(struct yw_combustion *f, const double *parameters, const double *inputs,
                        uint64_t seed, int64_t time, struct yw_combustion_out *out) {
    const uint64_t stream = YW_STREAM_BOILER + 3;
    double gust = yw_gas_wander(seed, stream, time, 40), flame = yw_gas_wander(seed, stream + 1, time, 150);
    double feeding = 1 + 0.012 * yw_gas_wander(seed, stream + 2, time, 70);
    double blown =
        yw_gas_pulse((double)time * 1e-6, f->step_s, SOOT_EACH_S, (double)(seed % 8) * 3600, SOOT_S);
    double soot = IN(SOOT) > 0.5 * blown ? IN(SOOT) : 0.5 * blown;
    struct yw_gas_fuel coal = coal_of_the_moment(parameters, inputs, seed, time);
    struct yw_gas_burn one = yw_gas_burnt(&coal), light = yw_gas_burnt(&oil), known = {0}, burn = {0};

    operate(f, parameters, IN(LOAD));
    feed(f, IN(FEEDER));
    double burning = f->coal * feeding;
    yw_gas_burn_add(&known, &one, f->coal_seen);
    yw_gas_burn_add(&known, &light, f->oil);
    yw_gas_burn_add(&burn, &one, burning);
    yw_gas_burn_add(&burn, &light, f->oil);
    out->burn_share = (burning * coal.lhv + f->oil * oil.lhv) / P(HEAT);
    out->air_needed = burn.air;
    out->fuel = burning + f->oil;
    out->cooling = 5 * soot;

    double load = f->load < 1 ? f->load : 1;
    double o2_set = yw_gas_between(P(O2) + P(O2_LOW) * (1 - load) + IN(O2_SHIFT), 0.8, 16);
    double air = air_now(f, &known, o2_set, (P(FIRING) >= 1.5 ? 0.03 : 0.015) * gust);
    double excess = air > burn.air ? air - burn.air : 0;
    struct yw_duct *g = &out->gas;
    *g = (struct yw_duct){.dry = burn.co2 + burn.n2 + excess, .temp = f->exit_temp - out->cooling};
    f->o2 = YW_GAS_AIR_O2 * excess / g->dry;
    g->c[YW_DUCT_CO2] = burn.co2 / g->dry;
    g->c[YW_DUCT_O2] = f->o2 / 100;
    g->c[YW_DUCT_WATER] = (burn.water + YW_GAS_AIR_WATER * air) / g->dry;
    pollutants(f, parameters, &coal, burning, flame, soot, out);
    heat_and_drum(f, parameters, out->burn_share, IN(OUTSIDE));
}
