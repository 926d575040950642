/* cleaning: SNCR, semi-dry lime, carbon, bag filter and stack of an incinerator; accounts of chlorine,
 * sulphur and lime; the truth at the section. */
#include "plant/flue/incinerator.h"
#include "plant/flue/puff.h"
#include "plant/flue/semidry.h"
#include "plant/flue/sncr.h"

#define MOLAR_CL    35.453
#define MOLAR_S     32.06
#define MOLAR_F     18.998
#define TO_GAS_CL   0.90 /* the rest stays in the bottom ash */
#define TO_GAS_S    0.60
#define SPRAYED_C   150.0
#define UNSPRAYED_C 205.0

enum { /* streams */
       NOX = YW_STREAM_INCINERATOR + 100,
       DUST,
       PULSE,
       DRAUGHT,
       SPRAY,
       HAND, /* of the operators on the set point */
       BAGS
};

struct flows {                    /* g/s or mol/s in the dry gas of the furnace */
    struct yw_acids raw, through; /* through: what is not led past */
    double dry, wet;              /* Nm3/s behind in-leakage and spray */
    double o2;
};

static double median3(double a, double b, double c) {
    return fmax(fmin(a, b), fmin(fmax(a, b), c));
}

static void ammonia(struct yw_incinerator *s, const struct yw_plant_life *life, int64_t time,
                    struct yw_sncr_in *in, struct yw_sncr_out *out) {
    const double *p = life->parameters;
    const struct yw_furnace *f = &s->furnace;
    struct yw_cleaning *c = &s->cleaning;
    double to11 = 10 / (YW_GAS_AIR_O2 - f->o2 > 0.1 ? YW_GAS_AIR_O2 - f->o2 : 0.1);
    double burning = yw_gas_between(f->burnt / (0.2 * yw_incinerator_capacity(life)), 0, 1);
    double raw = p[YW_INC_NOX_RAW] * burning * exp(0.06 * (f->o2 - p[YW_INC_O2])) *
                     (1 + 0.08 * yw_gas_octave(life->seed, NOX, time, 600000000)) +
                 100 * f->burners / (f->burners + 5000);
    double urea = burning > 0.5 && f->gas > 800 ? life->inputs[YW_INC_UREA] : 0;
    double wanted = urea * c->nsr;
    double where = yw_gas_between(940, f->gas - 140, f->gas - 30); /* the level that is sprayed at */
    *in = (struct yw_sncr_in){where, 0.6, raw / to11, f->o2, wanted, p[YW_INC_MIXING]};
    yw_sncr(in, out);
    c->nox_seen = yw_gas_toward(c->nox_seen, out->nox * to11, exp(-life->step_s / 120));
    if (urea > 0) {
        double set = p[YW_INC_NOX_SET] * (1 + 0.05 * yw_gas_octave(life->seed, HAND, time, 5400000000));
        double seen = c->nox_seen * life->inputs[YW_INC_NOX_SEEN];
        double pull = (seen - set) / p[YW_INC_NOX_RAW];
        c->nsr = yw_gas_between(c->nsr + life->step_s / 300 * pull, 0.2, 2.0);
    }
}

static void lime(struct yw_incinerator *s, const struct yw_plant_life *life, int64_t time,
                 const struct yw_acids *raw, struct yw_semidry_out *out) {
    struct yw_cleaning *c = &s->cleaning;
    const double *in = life->inputs;
    double dt = life->step_s, need = 0.5 * (raw->hcl + raw->hf) + raw->so2;
    c->acid_slow = yw_gas_toward(c->acid_slow, need, exp(-dt / 1800));
    double feed = life->parameters[YW_INC_LIME_RATIO] * c->acid_slow * in[YW_INC_LIME];
    c->lime = yw_gas_toward(c->lime, feed, exp(-dt / 120));
    c->contact = yw_gas_toward(c->contact, in[YW_INC_ATOMISER], exp(-dt / 20));
    double gas_c = s->furnace.gas, hot = gas_c < 500 ? 0.4 * gas_c : UNSPRAYED_C + (gas_c - 1000) * 0.01;
    double cold = SPRAYED_C + 1.5 * yw_gas_octave(life->seed, SPRAY, time, 120000000);
    double goal = cold < hot ? hot - (hot - cold) * c->contact : hot;
    c->outlet =
        yw_gas_toward(c->outlet, goal > in[YW_INC_OUTSIDE] ? goal : in[YW_INC_OUTSIDE], exp(-dt / 90));
    struct yw_semidry_in gas = {*raw, c->lime, 0.08 + 0.92 * c->contact, c->outlet};
    yw_semidry(&gas, out);
}

static void account(struct yw_ledger *l, const struct yw_furnace *f, const struct yw_waste *w, double dt,
                    const struct yw_acids *through, const struct yw_semidry_out *dry, double lime_fed) {
    double cl = w->chlorine * f->burnt * dt, s = w->sulphur * f->burnt * dt;
    l->chlorine_in += cl;
    l->chlorine_ash += cl * (1 - TO_GAS_CL);
    l->chlorine_bound += (through->hcl - dry->acids.hcl) * MOLAR_CL / 1000 * dt;
    l->sulphur_in += s;
    l->sulphur_ash += s * (1 - TO_GAS_S);
    l->sulphur_bound += (through->so2 - dry->acids.so2) * MOLAR_S / 1000 * dt;
    l->lime_in += lime_fed * dt;
    l->lime_spent += dry->spent * dt;
    l->lime_rest += dry->unspent * dt;
    l->waste_burnt += f->burnt * dt;
}

/* Bag filter: g/m3 in, mg/m3 out. The resistance grows between cleanings. */
static double filter(struct yw_cleaning *c, const struct yw_plant_life *life, int64_t time, double dust_in,
                     double flow_share) {
    const double *p = life->parameters;
    double torn = life->inputs[YW_INC_TORN_BAGS] / p[YW_INC_BAGS];
    double pulse = yw_gas_pulse((double)(time % 86400000000) * 1e-6, life->step_s, 240, 17, 5);
    double white = yw_white(life->seed, PULSE, time);
    double base = p[YW_INC_DUST_BASE] * (0.75 + 0.25 * flow_share) *
                  (1 + 0.1 * yw_gas_octave(life->seed, DUST, time, 300000000) +
                   0.12 * yw_gas_octave(life->seed, BAGS, time, 21600000000) + 0.04 * white);
    double goal = flow_share * flow_share * (1100 + 20 * white) * (1 - 12 * torn) + 60 * pulse;
    c->filter_dp = yw_gas_toward(c->filter_dp, goal > 0 ? goal : 0, exp(-life->step_s / 60));
    return base * (1 + 3 * pulse) + 3 * torn * dust_in * flow_share;
}

static void write_furnace(const struct yw_incinerator *s, const struct yw_plant_life *life, double *v) {
    const struct yw_furnace *f = &s->furnace;
    for (int i = 0; i < YW_COUPLES; i++) v[YW_Q_FURNACE1 + i] = f->couple[i];
    v[YW_Q_FURNACE] = 0.5 * (median3(f->couple[0], f->couple[1], f->couple[2]) +
                             median3(f->couple[3], f->couple[4], f->couple[5]));
    double hot = f->wet * (f->gas + YW_GAS_KELVIN) / YW_GAS_KELVIN;
    v[YW_Q_RESIDENCE] = fmin(60, life->parameters[YW_INC_ZONE] / hot);
    v[YW_Q_STAGE] = (double)s->sequence.stage;
    v[YW_Q_RUNNING] = s->sequence.stage == YW_STAGE_STOPPED  ? 0
                      : s->sequence.stage == YW_STAGE_NORMAL ? 1
                                                             : 0.5;
    v[YW_Q_LOAD] = s->sequence.blocked ? 0 : s->sequence.feed;
    v[YW_Q_FUEL] = v[YW_Q_LOAD] * yw_incinerator_capacity(life) * 3.6;
    v[YW_Q_BURNER_KW] = f->burners;
    double useful = 0.8 * f->wet * 1.5 * (f->gas - 205);
    v[YW_Q_PRODUCT] = f->boiler > 200 && useful > 0 ? useful / 2750 * 3.6 : 0; /* t/h of steam */
}

static void write_stack(const struct yw_incinerator *s, const struct yw_plant_life *life, int64_t time,
                        const struct flows *g, double *v) {
    const double *p = life->parameters;
    double nominal = yw_incinerator_capacity(life) * p[YW_INC_LHV] * 0.48, share = g->dry / nominal;
    v[YW_Q_O2] = g->o2;
    v[YW_Q_CO2] = (YW_GAS_AIR_O2 - g->o2) * 0.93;
    v[YW_Q_H2O] = 100 * (1 - g->dry / g->wet);
    v[YW_Q_TEMP] = s->cleaning.stack;
    v[YW_Q_FLOW] = g->dry;
    v[YW_Q_PRESSURE] =
        -0.25 - 0.15 * share * share + 0.015 * yw_gas_octave(life->seed, DRAUGHT, time, 30000000);
    v[YW_Q_VELOCITY] = yw_gas_velocity(g->dry, v[YW_Q_H2O], v[YW_Q_TEMP], v[YW_Q_PRESSURE], YW_GAS_ATMOSPHERE,
                                       p[YW_INC_AREA]);
    v[YW_Q_FILTER_DP] = s->cleaning.filter_dp;
    v[YW_Q_FAN_CURRENT] = share < 0.05 ? 0 : 30 + 50 * share * share * share;
    v[YW_Q_TREATMENT_KW] = share < 0.05 ? 5 : p[YW_INC_CAPACITY] * (0.3 + 0.9 * share * share * share);
    v[YW_Q_PRODUCTION_KW] = share < 0.05 ? 10 : p[YW_INC_CAPACITY] * (0.4 + 0.8 * s->sequence.feed);
    v[YW_Q_BYPASS] = life->inputs[YW_INC_BYPASS];
}

void yw_cleaning_step(struct yw_incinerator *s, const struct yw_waste *w, const struct yw_plant_life *life,
                      int64_t time, struct yw_stream *out) {
    const double *p = life->parameters, *in = life->inputs;
    const struct yw_furnace *f = &s->furnace;
    double *v = out->v, dt = life->step_s, past = in[YW_INC_BYPASS];
    struct flows g = {.dry = f->dry * (1 + p[YW_INC_LEAK] / 100)};
    double leak = g.dry - f->dry, thin = f->dry / g.dry;
    g.o2 = (f->o2 * f->dry + 20.9 * leak) / g.dry;
    g.raw = (struct yw_acids){f->burnt * w->chlorine * TO_GAS_CL * 1000 / MOLAR_CL,
                              f->burnt * w->fluorine * 1000 / MOLAR_F,
                              f->burnt * w->sulphur * TO_GAS_S * 1000 / MOLAR_S};
    struct yw_sncr_in sncr;
    struct yw_sncr_out nox;
    ammonia(s, life, time, &sncr, &nox);
    struct yw_semidry_out dry;
    g.through = (struct yw_acids){(1 - past) * g.raw.hcl, (1 - past) * g.raw.hf, (1 - past) * g.raw.so2};
    lime(s, life, time, &g.through, &dry);
    account(&s->ledger, f, w, dt, &g.through, &dry, s->cleaning.lime);
    double cooled = UNSPRAYED_C - s->cleaning.outlet;
    g.wet = g.dry + (f->wet - f->dry) + YW_GAS_AIR_WATER * leak +
            (f->gas > 500 && cooled > 0 ? f->wet * cooled * 0.00069 : 0); /* water that takes the heat away */
    double goal = (1 - past) * (s->cleaning.outlet - 7) + past * UNSPRAYED_C;
    s->cleaning.stack = yw_gas_toward(s->cleaning.stack, fmax(goal, in[YW_INC_OUTSIDE]), exp(-dt / 60));
    struct yw_acids left = {past * g.raw.hcl + dry.acids.hcl, past * g.raw.hf + dry.acids.hf,
                            past * g.raw.so2 + dry.acids.so2};
    double each = 1000 / g.dry; /* mg/m3 of one g/s */
    v[YW_Q_HCL] = left.hcl * YW_MOLAR_HCL * each;
    v[YW_Q_HF] = left.hf * YW_MOLAR_HF * each;
    v[YW_Q_SO2] = left.so2 * YW_MOLAR_SO2 * each;
    v[YW_Q_HCL_IN] = g.raw.hcl * YW_MOLAR_HCL * 1000 / f->dry;
    v[YW_Q_SO2_IN] = g.raw.so2 * YW_MOLAR_SO2 * 1000 / f->dry;
    s->ledger.chlorine_out += v[YW_Q_HCL] * g.dry * 1e-6 * MOLAR_CL / YW_MOLAR_HCL * dt;
    s->ledger.sulphur_out += v[YW_Q_SO2] * g.dry * 1e-6 * MOLAR_S / YW_MOLAR_SO2 * dt;
    v[YW_Q_NOX_IN] = sncr.nox;
    v[YW_Q_NOX] = nox.nox * thin;
    v[YW_Q_NO2] = 0.05 * v[YW_Q_NOX];
    v[YW_Q_NO] = 0.95 * v[YW_Q_NOX] * YW_GAS_NO_PPM / YW_GAS_NO2_PPM;
    v[YW_Q_NH3] = nox.nh3 * thin;
    v[YW_Q_AMMONIA] = sncr.nsr * sncr.nox * f->dry * 1e-6 * 3600 * YW_GAS_NH3_PPM / YW_GAS_NO2_PPM;
    v[YW_Q_CO] = f->co * (YW_GAS_AIR_O2 - g.o2) / 10;
    double capacity = yw_incinerator_capacity(life), share = f->wet / (capacity * p[YW_INC_LHV] * 0.62);
    v[YW_Q_DUST_IN] = p[YW_INC_DUST_RAW] * yw_gas_between(f->burnt / capacity, 0, 1.3) * (share > 0 ? 1 : 0);
    double cleaned = filter(&s->cleaning, life, time, v[YW_Q_DUST_IN] * 1.4, yw_gas_between(share, 0, 1.5));
    if (s->sequence.stage == YW_STAGE_STOPPED) cleaned *= 0.1;
    v[YW_Q_DUST] = past * v[YW_Q_DUST_IN] + (1 - past) * cleaned;
    v[YW_Q_LIME] = s->cleaning.lime * YW_MOLAR_LIME * 3.6;
    v[YW_Q_CARBON] = in[YW_INC_CARBON] * 0.0005 * v[YW_Q_LOAD] * capacity * 3600;
    write_furnace(s, life, v);
    write_stack(s, life, time, &g, v);
}
