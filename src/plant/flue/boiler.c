/* boiler: the units in a row, from the furnace to the section in the stack. */
#include "plant/flue/boiler.h"

#include "plant/kind.h"

#define P(id)  life->parameters[YW_BOILER_P_##id]
#define IN(id) life->inputs[YW_BOILER_I_##id]

static const struct yw_plant_value parameter_table[] = {
#define X(id, name, unit, usual, low, high, meaning) {name, unit, meaning, usual, low, high},
    YW_BOILER_PARAMETERS(X)
#undef X
};
static const struct yw_plant_value input_table[] = {
#define X(id, name, unit, usual, low, high, meaning) {name, unit, meaning, usual, low, high},
    YW_BOILER_INPUTS(X)
#undef X
};

struct moment { /* what a step hands from unit to unit */
    struct yw_combustion_out fire;
    struct yw_duct gas;
    struct yw_fgd_out fgd;
    int64_t time;
    double seconds; /* of absolute time */
    double nox_in, so2_in, dust_in, ammonia, filter_dp, tramp;
    double flow_share; /* of design, behind the furnace */
    double uneven;     /* of dust and liquid: nothing is quite even, factor around 1 */
};

/* A catalyst loses an eighth of its activity in 10,000 h and is renewed in turn; where a plant stands in that
 * is its seed's matter. */
static double catalyst_now(uint64_t seed, double seconds) {
    const double life_h = 24000,
                 phase_h = life_h * yw_noise_unit(yw_noise_bits(seed, YW_STREAM_BOILER + 100, 0));
    return 1 - 0.125e-4 * fmod(seconds / 3600 + phase_h, life_h);
}

/* Nobody leaves a set point alone for a shift: -2 to 2. */
static double taste(uint64_t seed, uint64_t which, int64_t time) {
    return yw_gas_between(yw_gas_wander(seed, YW_STREAM_BOILER + which, time, 9000), -2, 2);
}

static void reduce_nox(struct yw_boiler *b, const struct yw_plant_life *life, struct moment *m) {
    struct yw_scr *s = &b->scr;
    struct yw_duct *g = &m->gas;
    double o2 = yw_duct_oxygen(g), dt = life->step_s, mol = g->dry * dt * 1e-3 / YW_GAS_MOLAR; /* of a ppm */
    double in = g->c[YW_DUCT_NOX] / YW_GAS_NO2_PPM, out = in, slip = 0, burnt = 0;
    m->nox_in = g->c[YW_DUCT_NOX];
    if (P(DENOX) < 0.5) return;
    bool catalyst = P(DENOX) < 1.5;
    double hot = catalyst ? b->fire.hot_temp : b->fire.zone_temp;
    double floor = catalyst ? (s->permit > 0 ? 295 : 300) : 790;
    bool fire = b->fire.coal > 0.15 * b->fire.coal_design && b->fire.warm > 0.8;
    s->permit = IN(AMMONIA) >= 0.5 && hot > floor && fire ? 1 : 0;
    struct yw_scr_demand demand = {.nox_in = yw_gas_at_reference(m->nox_in, o2, P(REFERENCE)),
                                   .seen = b->nox_seen * IN(NOX_SEEN),
                                   .set = P(NOX_SET) * (1 + 0.07 * taste(life->seed, 7, m->time)),
                                   .fixed = IN(AMMONIA_AUTO) >= 0.5 ? NAN : IN(NSR),
                                   .feed_forward = catalyst ? 1.03 : 1.6,
                                   .highest = catalyst ? 1.2 : 2.5,
                                   .dt = dt};
    yw_scr_control(s, &demand);
    if (catalyst) {
        struct yw_scr_setup u = {P(SCR_STORE),
                                 P(SCR_K),
                                 IN(CATALYST) * catalyst_now(life->seed, m->seconds),
                                 g->dry / b->fire.dry_design,
                                 P(SCR_UNEVEN) + IN(UNEVEN),
                                 hot,
                                 dt};
        yw_scr_step(s, &u, in, &out, &slip, &burnt);
    } else {
        yw_scr_furnace_step(s, hot, in, &out, &slip, &burnt);
    }
    struct yw_boiler_ledger *l = &b->ledger;
    l->nox_in += in * mol;
    l->nox_reduced += (in - out) * mol;
    l->nh3_in += in * s->nsr * mol;
    l->nh3_burnt += burnt * mol;
    m->ammonia = in * s->nsr * mol / dt * 17.031e-3 * 3600;
    g->c[YW_DUCT_NOX] = out * YW_GAS_NO2_PPM;
    g->c[YW_DUCT_NH3] = slip * YW_GAS_NH3_PPM;
}

static void take_dust(struct yw_boiler *b, const struct yw_plant_life *life, struct moment *m) {
    struct yw_duct *g = &m->gas;
    double dt = life->step_s, before = g->c[YW_DUCT_ASH], dust = before;
    m->dust_in = before;
    m->filter_dp = NAN;
    if (P(ESP) >= 1) {
        struct yw_esp_setup u = {
            P(ESP), IN(FIELDS_OFF),    P(SCA), P(WK), IN(RESISTIVITY), m->flow_share, m->seconds,
            dt,     IN(RAPPING) >= 0.5};
        dust *= yw_esp_through(&b->solids, &u) * m->uneven;
        if (dust > before) dust = before;
    }
    if (P(BAGS) >= 0.5) {
        struct yw_bag_setup u = {P(BAG_BASE), IN(TORN), m->flow_share, m->seconds, dt, IN(CLEANING) >= 0.5};
        dust = yw_bag_behind(&b->solids, &u, dust, &m->filter_dp);
    }
    g->c[YW_DUCT_ASH] = dust;
    b->ledger.hopper_ash += (before - dust) * g->dry * dt * 1e-6;
    if (P(ESP) >= 1 || P(BAGS) >= 0.5) { /* ash takes some of the ammonia with it */
        double taken = 0.3 * g->c[YW_DUCT_NH3];
        g->c[YW_DUCT_NH3] -= taken;
        b->ledger.nh3_to_ash += taken / YW_GAS_NH3_PPM * g->dry * dt * 1e-3 / YW_GAS_MOLAR;
    }
}

static void mix_bypass(struct yw_duct *g, const struct yw_duct *past, double x) {
    for (unsigned i = 0; i < YW_DUCT_PARTS; i++) g->c[i] += x * (past->c[i] - g->c[i]);
    g->temp += x * (past->temp - g->temp);
    g->dry = past->dry;
}

static void scrub(struct yw_boiler *b, const struct yw_plant_life *life, struct moment *m) {
    struct yw_duct *g = &m->gas, past = m->gas;
    double dt = life->step_s, x = IN(BYPASS);
    m->so2_in = g->c[YW_DUCT_SO2];
    m->fgd = (struct yw_fgd_out){0};
    if (P(PUMPS) < 1) return;
    bool runs = b->fire.stage != YW_STAGE_STOPPED;
    struct yw_fgd_setup u = {.pumps = P(PUMPS),
                             .ntu = P(NTU) * (1 + 0.15 * (m->uneven - 1)),
                             .pumps_off = runs ? IN(PUMPS_OFF) : P(PUMPS),
                             .so2_seen = b->so2_seen,
                             .so2_set = P(SO2_SET) * (1 + 0.2 * taste(life->seed, 8, m->time)),
                             .ph_set = IN(PH_SET),
                             .blinding = IN(BLINDING),
                             .dry_design = b->fire.dry_design,
                             .dt = dt,
                             .left_wet = yw_gas_left(dt, 45),
                             .automatic = IN(PUMPS_AUTO) >= 0.5,
                             .limestone_on = IN(LIMESTONE) >= 0.5,
                             .oxidation_on = IN(OXIDATION) >= 0.5};
    g->dry *= 1 - x;
    if (g->dry > 0) yw_fgd_step(&b->fgd, &u, g, &m->fgd);
    b->ledger.water_scrubbed += m->fgd.vapour * dt;
    double wet = m->fgd.running * 3 < 1 ? m->fgd.running * 3 : 1, taken = P(FGD_DUST) * wet;
    b->ledger.slurry_ash += taken * g->c[YW_DUCT_ASH] * g->dry * dt * 1e-6;
    g->c[YW_DUCT_ASH] *= 1 - taken;
    g->c[YW_DUCT_HCL] *= 1 - 0.95 * wet;
    b->ledger.nh3_to_slurry +=
        0.5 * wet * g->c[YW_DUCT_NH3] / YW_GAS_NH3_PPM * g->dry * dt * 1e-3 / YW_GAS_MOLAR;
    g->c[YW_DUCT_NH3] *= 1 - 0.5 * wet;
    double speed = g->dry / b->fire.dry_design;
    g->c[YW_DUCT_MIST] = P(MIST) * wet * speed * speed;
    if (IN(WET_ESP) >= 0.5 && P(WET_ESP) > 0) {
        double left = 1 - P(WET_ESP) * wet;
        b->ledger.slurry_ash += (1 - left) * g->c[YW_DUCT_ASH] * g->dry * dt * 1e-6;
        g->c[YW_DUCT_ASH] *= left;
        g->c[YW_DUCT_MIST] *= left;
    }
    mix_bypass(g, &past, x);
    if (P(REHEAT) > 0 && IN(REHEATER) >= 0.5 && g->temp < P(REHEAT) && runs) g->temp = P(REHEAT);
}

/* What the control room and the probe see. */
static void publish(struct yw_boiler *b, const struct yw_plant_life *life, const struct moment *m,
                    struct yw_stream *out) {
    const double *c = b->behind;
    double *v = out->v, dry = m->gas.dry, h2o = 100 * c[YW_DUCT_WATER] / (1 + c[YW_DUCT_WATER]);
    double o2 = 100 * c[YW_DUCT_O2], temp = b->stack_temp;
    double speed = yw_gas_velocity(dry, h2o, temp, 0, YW_GAS_ATMOSPHERE, P(AREA));
    double lift = 9.81e-3 * P(HEIGHT) * (yw_gas_density(IN(OUTSIDE)) - yw_gas_density(temp));
    double rub = 0.5e-3 * yw_gas_density(temp) * speed * speed * (1 + 0.02 * P(HEIGHT) / sqrt(P(AREA)));
    v[YW_Q_SO2] = c[YW_DUCT_SO2];
    v[YW_Q_NOX] = c[YW_DUCT_NOX];
    v[YW_Q_NO2] = 0.05 * c[YW_DUCT_NOX];
    v[YW_Q_NO] = 0.95 * c[YW_DUCT_NOX] * 30.006 / 46.006;
    v[YW_Q_CO] = c[YW_DUCT_CO];
    v[YW_Q_DUST] = c[YW_DUCT_ASH] + c[YW_DUCT_MIST];
    v[YW_Q_HCL] = c[YW_DUCT_HCL];
    v[YW_Q_NH3] = c[YW_DUCT_NH3];
    v[YW_Q_O2] = o2;
    v[YW_Q_CO2] = 100 * c[YW_DUCT_CO2];
    v[YW_Q_H2O] = h2o;
    v[YW_Q_TEMP] = temp;
    v[YW_Q_PRESSURE] = rub - lift;
    v[YW_Q_VELOCITY] = speed;
    v[YW_Q_FLOW] = dry;
    v[YW_Q_LOAD] = b->fire.steam;
    v[YW_Q_STAGE] = (double)b->fire.stage;
    v[YW_Q_RUNNING] = b->fire.stage == YW_STAGE_NORMAL ? 1 : b->fire.stage == YW_STAGE_STOPPED ? 0 : 0.5;
    v[YW_Q_PRODUCT] = P(PRODUCT) * b->fire.steam;
    v[YW_Q_FUEL] = 3.6 * m->fire.fuel;
    v[YW_Q_DRUM_PRESSURE] = P(DRUM) * b->fire.drum;
    v[YW_Q_NOX_IN] = m->nox_in;
    v[YW_Q_DUST_IN] = m->dust_in;
    if (P(DENOX) >= 0.5) v[YW_Q_AMMONIA] = m->ammonia;
    if (P(ESP) >= 1) v[YW_Q_ESP_FIELDS] = fmax(0, P(ESP) - IN(FIELDS_OFF));
    if (P(BAGS) >= 0.5) v[YW_Q_FILTER_DP] = m->filter_dp;
    if (P(PUMPS) >= 1) {
        v[YW_Q_SO2_IN] = m->so2_in;
        v[YW_Q_LIMESTONE] = m->fgd.feed * 0.10009 / 0.92 * 3600; /* 92 % pure */
        v[YW_Q_SLURRY_PH] = b->fgd.ph;
        v[YW_Q_SLURRY_PUMPS] = fmax(0, ceil(m->fgd.running * P(PUMPS) - 1e-6));
        v[YW_Q_GYPSUM] = m->fgd.bleed * 0.17217 * 3600;
        v[YW_Q_BYPASS] = IN(BYPASS);
    }
    bool still = b->fire.stage == YW_STAGE_STOPPED;
    double q = m->flow_share, blow = 0.35 + 0.65 * q * q * q, big = P(HEAT);
    v[YW_Q_FAN_CURRENT] = still ? 0 : P(FAN) * blow;
    v[YW_Q_PRODUCTION_KW] = still ? 0.3 * big : big * (3 + 6 * m->fire.burn_share + 6 * blow);
    double kw = P(ESP) >= 1 ? 0.07 * fmax(0, P(ESP) - IN(FIELDS_OFF)) : 0;
    kw += (P(BAGS) >= 0.5 ? 0.15 : 0) + (P(DENOX) >= 0.5 && b->scr.permit > 0 ? 0.08 : 0);
    kw += m->fgd.running * (3.2 + (IN(OXIDATION) >= 0.5 ? 0.5 : 0) + 0.3);
    v[YW_Q_TREATMENT_KW] = big * (still ? 0.02 : kw);
}

static void advance(struct yw_boiler *b, const struct yw_plant_life *life, int64_t time, struct moment *m) {
    double dt = life->step_s;
    struct yw_boiler_ledger *l = &b->ledger;
    yw_combustion_step(&b->fire, life->parameters, life->inputs, life->seed, time, &m->fire);
    m->gas = m->fire.gas;
    m->time = time;
    m->seconds = (double)time * 1e-6;
    m->uneven = 1 + 0.1 * yw_gas_wander(life->seed, YW_STREAM_BOILER + 6, time, 120);
    l->coal_s += m->fire.coal_s * dt;
    l->ash_s += (m->fire.coal_s - m->fire.so2_s) * dt;
    l->coal_ash += m->fire.coal_ash * dt;
    l->bottom_ash += m->fire.bottom_ash * dt;
    l->water_in += m->gas.c[YW_DUCT_WATER] * m->gas.dry * dt;
    yw_duct_hold(&m->gas, b->before, b->before_m3, dt);
    reduce_nox(b, life, m);
    double fan = b->fire.stage == YW_STAGE_STOPPED ? 0.02 : 0.4 + 0.6 * m->fire.burn_share;
    double leak = P(LEAK) * b->fire.air_design * fan;
    yw_duct_leak(&m->gas, leak, m->gas.temp); /* the exit temperature has it already */
    l->water_in += leak * YW_GAS_AIR_WATER * dt;
    m->flow_share = m->gas.dry / b->fire.dry_design;
    take_dust(b, life, m);
    scrub(b, life, m);
    m->tramp = IN(TRAMP) * m->fire.air_needed;
    if (m->tramp > 0) yw_duct_leak(&m->gas, m->tramp, IN(OUTSIDE));
    l->water_in += m->tramp * YW_GAS_AIR_WATER * dt;
    yw_duct_hold(&m->gas, b->behind, b->behind_m3, dt);
    double out = m->gas.dry * dt;
    l->stack_so2 += m->gas.c[YW_DUCT_SO2] * out * 1e-6;
    l->stack_ash += m->gas.c[YW_DUCT_ASH] * out * 1e-6;
    l->water_out += m->gas.c[YW_DUCT_WATER] * out;
    l->nox_out += m->gas.c[YW_DUCT_NOX] / YW_GAS_NO2_PPM * out * 1e-3 / YW_GAS_MOLAR;
    l->nh3_out += m->gas.c[YW_DUCT_NH3] / YW_GAS_NH3_PPM * out * 1e-3 / YW_GAS_MOLAR;
    b->stack_temp = yw_gas_toward(b->stack_temp, m->gas.temp, yw_gas_left(dt, 90));
    double o2 = 100 * b->behind[YW_DUCT_O2];
    b->so2_seen = yw_gas_at_reference(b->behind[YW_DUCT_SO2], o2, P(REFERENCE));
    b->nox_seen = yw_gas_at_reference(b->behind[YW_DUCT_NOX], o2, P(REFERENCE));
}

static enum yw_code begin(void *state, const struct yw_plant_life *life, int64_t start,
                          struct yw_error *err) {
    struct yw_boiler *b = state;
    YW_UNUSED(err);
    yw_combustion_begin(&b->fire, life->parameters, IN(LOAD));
    b->before_m3 = 8 * b->fire.dry_design;
    b->behind_m3 = 6 * b->fire.dry_design;
    b->before[YW_DUCT_O2] = b->behind[YW_DUCT_O2] = 0.06;
    b->scr.cover[0] = 0.5;
    b->scr.cover[1] = 0.2;
    b->scr.cover[2] = 0.08;
    b->nox_seen = P(NOX_SET);
    b->so2_seen = P(SO2_SET);
    b->stack_temp = P(PUMPS) >= 1 ? (P(REHEAT) > 0 ? P(REHEAT) : 50) : P(EXIT);
    double so2 = 2e3 * P(RELEASE) * P(S) * b->fire.coal_design; /* g/s */
    yw_fgd_begin(&b->fgd, P(SUMP), so2 / 64.066);
    /* Two hours before, so that nothing has to find its place when the life begins. */
    struct yw_plant_life rehearsal = *life;
    rehearsal.step_s = 60;
    struct moment m;
    for (int i = 120; i > 0; i--) advance(b, &rehearsal, start - i * (int64_t)60000000, &m);
    yw_combustion_pace(&b->fire, life->parameters, life->step_s);
    b->ledger = (struct yw_boiler_ledger){0};
    b->fgd.fed = b->fgd.absorbed = b->fgd.dissolved = 0;
    b->fgd.bled_gypsum = b->fgd.bled_sulphite = b->fgd.bled_limestone = 0;
    return YW_OK;
}

static enum yw_code step(void *state, const struct yw_plant_life *life, int64_t time, struct yw_stream *out,
                         struct yw_error *err) {
    struct moment m;
    YW_UNUSED(err);
    advance(state, life, time, &m);
    publish(state, life, &m, out);
    return YW_OK;
}

const struct yw_plant_kind yw_kind_boiler = {
    .name = "boiler",
    .parameters = parameter_table,
    .inputs = input_table,
    .parameter_n = YW_BOILER_P_COUNT,
    .input_n = YW_BOILER_I_COUNT,
    .memory_us = (int64_t)12 * 3600 * 1000000,
    .state_size = sizeof(struct yw_boiler),
    .begin = begin,
    .step = step,
};
