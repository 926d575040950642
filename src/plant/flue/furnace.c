/* furnace: waste on the grate, heat, oxygen, CO and the thermocouples. Every lag is solved exactly over the
 * step, so that steps of 1 to 60 s tell the same story. */
#include "plant/flue/incinerator.h"
#include "plant/flue/puff.h"

#define COMBUSTIBLE_LHV 23.0   /* MJ/kg of the dry, ash-free part */
#define WATER_HEAT      2.44   /* MJ/kg */
#define FRESH_SHARE     0.2    /* of the waste burns as it falls, the rest as a layer */
#define FRESH_TAU       40.0   /* s */
#define PILE_TAU        1200.0 /* s at 1000 degC */
#define GAS_CP          1.52   /* kJ/(Nm3 K), wet flue gas at 900 degC */
#define BURNER_AIR      0.262  /* Nm3/MJ of the oil or gas of the burners */
#define BURNER_DRY      0.245
#define BURNER_WATER    0.04

enum { /* streams */
       LHV_FAST = YW_STREAM_INCINERATOR,
       LHV_SLOW,
       WATER,
       CHLORINE,
       SULPHUR,
       SPREAD,
       COUPLE = SPREAD + YW_COUPLES,
       CO_PUFF = COUPLE + YW_COUPLES,
       STROKE,
       CO_LUMP
};

void yw_waste_at(const struct yw_plant_life *life, int64_t time, struct yw_waste *w) {
    const double *p = life->parameters;
    double wet = life->inputs[YW_INC_WET_WASTE];
    double usual = (p[YW_INC_LHV] + WATER_HEAT * p[YW_INC_MOISTURE]) / COMBUSTIBLE_LHV;
    double quality = 1 + 0.04 * yw_gas_octave(life->seed, LHV_FAST, time, 1800000000) +
                     0.04 * yw_gas_octave(life->seed, LHV_SLOW, time, 21600000000);
    double f = usual * quality * (1 - 0.2 * wet);
    double water =
        p[YW_INC_MOISTURE] + 0.02 * yw_gas_octave(life->seed, WATER, time, 2700000000) + 0.12 * wet;
    w->combustible = f;
    w->water = yw_gas_between(water, 0.2, 0.95 - f);
    w->lhv = COMBUSTIBLE_LHV * f - WATER_HEAT * w->water;
    w->chlorine = p[YW_INC_CHLORINE] / 100 * exp(0.2 * yw_gas_octave(life->seed, CHLORINE, time, 900000000));
    w->sulphur = p[YW_INC_SULPHUR] / 100 * exp(0.2 * yw_gas_octave(life->seed, SULPHUR, time, 1200000000));
    w->fluorine = w->chlorine * 0.006;
    struct yw_gas_fuel fuel = {.c = 0.55 * f,
                               .h = 0.075 * f,
                               .o = 0.34 * f,
                               .n = 0.015 * f,
                               .s = w->sulphur,
                               .water = w->water,
                               .lhv = w->lhv};
    w->burn = yw_gas_burnt(&fuel);
}

/* The grate: pushed in strokes; fresh waste flares up, the layer burns slower, and slower still when cold or
 * without oxygen. Both pools are linear over the step, so no mass is lost. */
static double grate(struct yw_furnace *f, const struct yw_sequence *s, const struct yw_waste *w,
                    const struct yw_plant_life *life, int64_t time) {
    double dt = life->step_s, capacity = yw_incinerator_capacity(life);
    uint64_t number = (uint64_t)(time / 90000000);
    double size = 1 + 0.25 * yw_noise_normal(yw_noise_bits(life->seed, STROKE, number));
    double stroke = yw_gas_pulse((double)(time % 86400000000) * 1e-6, dt, 90, 0, 20) * 90 / 20 * size;
    double fed = s->blocked ? 0 : s->feed * capacity * stroke * dt;
    double hot = yw_gas_between((f->gas - 250) / 200, 0, 1), breath = 1.27 * f->o2 / (f->o2 + 2);
    if (breath > 1.15) breath = 1.15;
    double before = f->fresh + f->pile;
    double quick = hot * breath / FRESH_TAU;
    double slow = hot * breath / PILE_TAU * (f->gas + YW_GAS_KELVIN) / 1273;
    double rate = fed / dt;
    double left = exp(-quick * dt), stays = exp(-slow * dt);
    f->fresh = quick > 1e-9 ? f->fresh * left + FRESH_SHARE * rate * (1 - left) / quick
                            : f->fresh + FRESH_SHARE * fed;
    f->pile = slow > 1e-9 ? f->pile * stays + (1 - FRESH_SHARE) * rate * (1 - stays) / slow
                          : f->pile + (1 - FRESH_SHARE) * fed;
    double gone = before + fed - f->fresh - f->pile, most = 0.97 * f->air / w->burn.air * dt;
    if (gone > most) { /* no more than there is air for */
        f->pile += gone - most;
        gone = most;
    }
    f->burnt = gone > 0 ? gone / dt : 0;
    return fed;
}

/* Gas and brickwork with the burners as a controller that pulls towards `ramp` as strongly as it can. */
static void heat(struct yw_furnace *f, const struct yw_sequence *s, const struct yw_waste *w,
                 const struct yw_plant_life *life) {
    double dt = life->step_s, size = yw_incinerator_capacity(life) * life->parameters[YW_INC_LHV] * 1000;
    double walls = 0.00023 * size, tubes = 0.0002 * size; /* kW/K */
    double outside = life->inputs[YW_INC_OUTSIDE];
    double take = f->wet * GAS_CP, sum = take + walls + tubes;
    double give = f->burnt * w->lhv * 1000 + take * outside + walls * f->wall + tubes * f->boiler;
    double most = 0.6 * size * life->inputs[YW_INC_BURNERS];
    double pull = f->gas < s->ramp && s->ramp > 0 ? most / 60 : 0;
    double stock = 0.2 * size; /* kJ/K: about 3 min with gas and walls */
    double goal = (give + pull * s->ramp) / (sum + pull);
    double gas = yw_gas_toward(f->gas, goal, exp(-(sum + pull) * dt / stock));
    f->burners = pull * (s->ramp - 0.5 * (f->gas + gas));
    if (!(f->burners > 0)) f->burners = 0;
    if (f->burners > most) {
        f->burners = most;
        gas = yw_gas_toward(f->gas, (give + most) / sum, exp(-sum * dt / stock));
    }
    f->gas = gas;
    f->wall = yw_gas_toward(f->wall, 0.93 * f->gas + 0.07 * outside, exp(-dt / 5400));
    double boiling = yw_gas_between(0.4 * f->gas, outside, 250);
    f->boiler = yw_gas_toward(f->boiler, boiling, exp(-dt / 5400));
}

static void air_and_gas(struct yw_furnace *f, const struct yw_sequence *s, const struct yw_waste *w,
                        const struct yw_plant_life *life) {
    const double *p = life->parameters;
    double dt = life->step_s, megawatts = f->burners / 1000;
    double alpha = yw_gas_alpha(&w->burn, p[YW_INC_O2]);
    double nominal = yw_incinerator_capacity(life) * p[YW_INC_LHV] * 0.29 * alpha; /* Nm3/s */
    double burners = BURNER_AIR * megawatts * 1.3;
    f->burnt_slow = yw_gas_toward(f->burnt_slow, f->burnt, exp(-dt / 60));
    double wanted = alpha * w->burn.air * f->burnt_slow + burners;
    double least = s->air * nominal;
    wanted = (wanted > least ? wanted : least) * life->inputs[YW_INC_AIR];
    f->air = yw_gas_toward(f->air, wanted, exp(-dt / 5));
    double needed = f->burnt * w->burn.air + BURNER_AIR * megawatts;
    double spare = f->air > needed ? f->air - needed : 0;
    f->dry = f->burnt * (w->burn.co2 + w->burn.n2) + BURNER_DRY * megawatts + spare;
    f->wet = f->dry + f->burnt * w->burn.water + BURNER_WATER * megawatts + YW_GAS_AIR_WATER * f->air;
    double o2 = YW_GAS_AIR_O2 * spare / f->dry;
    f->o2 = yw_gas_toward(f->o2, o2 > 20.9 ? 20.9 : o2, exp(-dt / 10));
}

/* Unmixedness, not kinetics, makes the CO of a hot furnace. mg/m3 at 11 % O2. */
static void carbon_monoxide(struct yw_furnace *f, const struct yw_plant_life *life, int64_t time) {
    double dt = life->step_s, burning = f->burnt / (0.1 * yw_incinerator_capacity(life));
    double puff = yw_puffs(life->seed, CO_PUFF, time, dt, 1200, 0.3, 30) * 100 +
                  yw_puffs(life->seed, CO_LUMP, time, dt, 14400, 0.4, 90) * 300;
    double co = 8 + 20 * exp((850 - f->gas) / 35) + 15 * exp((5 - f->o2) / 0.8) + puff +
                1500 * life->inputs[YW_INC_CO_PUFF];
    if (co > 5000) co = 5000;
    f->co = yw_gas_toward(f->co, co * (burning < 1 ? burning : 1), exp(-dt / 8));
}

static void couples(struct yw_furnace *f, const struct yw_plant_life *life, int64_t time) {
    double left = exp(-life->step_s / 20);
    for (int i = 0; i < YW_COUPLES; i++) {
        double share = yw_gas_between((f->gas - 100) / 800, 0, 1.2);
        double place = 12 * yw_noise_normal(yw_noise_bits(life->seed, SPREAD, (uint64_t)i));
        double flicker = 4 * yw_white(life->seed, (uint64_t)(COUPLE + i), time);
        double goal = f->gas + share * (place + flicker + (i < YW_COUPLES / 2 ? 8 : -22));
        f->couple[i] = yw_gas_toward(f->couple[i], goal, left);
    }
}

double yw_furnace_step(struct yw_furnace *f, const struct yw_sequence *s, const struct yw_waste *w,
                       const struct yw_plant_life *life, int64_t time) {
    double fed = grate(f, s, w, life, time);
    air_and_gas(f, s, w, life);
    heat(f, s, w, life);
    carbon_monoxide(f, life, time);
    couples(f, life, time);
    return fed;
}
