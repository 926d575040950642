/* turbine: the kind. */
#include "plant/flue/turbine.h"

#include "plant/flue/puff.h"
#include "plant/kind.h"

const char *const yw_turbine_terms[YW_TURBINE_TERMS] = {"1",   "at",   "ah",     "ap",  "tey",
                                                        "at2", "tey2", "at_tey", "tit", "tit2"};
/* A test holds these against share/plant/turbine.csv. */
const struct yw_turbine_fit yw_turbine_fits[YW_TURBINE_FITS] = {
    [YW_TURBINE_TIT] = {"tit",
                        {1081.5669, 3.73991, 0.22495, 0.13326, 18.28581, 0.01199, -3.18674, -0.36608},
                        1.94109},
    [YW_TURBINE_NOX] = {"ln_nox",
                        {3.99784, -0.17138, -0.05863, -0.01782, -0.11176, 0.02404, -0.07592, 0.00658, 0.11931,
                         0.08845},
                        0.07533},
    [YW_TURBINE_CO] = {"ln_co",
                       {0.82426, -0.14871, -0.05882, 0.01568, 0.07719, 0.02183, -0.02044, 0.01374, -0.39373,
                        0.05875},
                       0.30214},
};

enum { RATED, RETUNED, AREA, PARAMETERS };
enum { RUN, LOAD, AMBIENT, HUMIDITY, PRESSURE, BURNER_FAULT, INPUTS };

static const struct yw_plant_value parameters[PARAMETERS] = {
    [RATED] = {"rated_mw", "MW", "at 18 degC", 153, 5, 500},
    [RETUNED] = {"retuned", "%", "how far NOx moves from one yearly tuning to the next (sd)", 3, 0, 20},
    [AREA] = {"area_m2", "m2", "section of the stack", 34, 0.5, 200},
};
static const struct yw_plant_value inputs[INPUTS] = {
    [RUN] = {"run", "1", "1: runs or starts; 0: stands or comes down", 1, 0, 1},
    [LOAD] = {"load", "1", "share of the rated power", 0.87, 0, 1.2},
    [AMBIENT] = {"ambient", "degC", "air outside", 18, -40, 45},
    [HUMIDITY] = {"humidity", "%", "relative, of the air outside", 72, 10, 100},
    [PRESSURE] = {"pressure", "kPa", "of the air outside", 101.4, 60, 106},
    [BURNER_FAULT] = {"burner_fault", "1", "a burner does not premix: NOx and CO rise", 0, 0, 1},
};

enum { /* streams */
       TIT_WANDER = YW_STREAM_TURBINE,
       NOX_WEEK,
       NOX_HOURS,
       NOX_MINUTES,
       CO_HOURS,
       CO_MINUTES,
       TUNING,
       DRAUGHT
};

struct turbine {
    double load, stack; /* share of the rated power, degC */
    int64_t stage;
};

void yw_turbine_row(const struct yw_turbine_moment *m, double tit, double x[YW_TURBINE_TERMS]) {
    /* No further out than the data went. */
    double at = yw_gas_between((m->ambient_c - 18) / 8, -3, 2.6);
    double ah = yw_gas_between((m->humidity - 75) / 14, -3.6, 1.6);
    double ap = yw_gas_between((m->pressure_kpa * 10 - 1013) / 6, -4, 4);
    double tey = yw_gas_between((m->megawatts - 133) / 16, -2.3, 3), hot = (tit - 1080) / 18;
    const double row[YW_TURBINE_TERMS] = {1, at, ah, ap, tey, at * at, tey * tey, at * tey, hot, hot * hot};
    for (int i = 0; i < YW_TURBINE_TERMS; i++) x[i] = row[i];
}

double yw_turbine_value(const struct yw_turbine_fit *f, const double x[YW_TURBINE_TERMS]) {
    double sum = 0;
    for (int i = 0; i < YW_TURBINE_TERMS; i++) sum += f->coefficient[i] * x[i];
    return sum;
}

/* Of variance about 1, with the long tails of the data. */
static double tailed(double z, double straight, double cubic) {
    return z * (straight + cubic * z * z);
}

static double yearly(const struct yw_plant_life *life, int64_t time) {
    const int64_t year = (int64_t)31557600 * 1000000;
    int64_t n = time / year;
    return life->parameters[RETUNED] / 100 * yw_noise_normal(yw_noise_bits(life->seed, TUNING, (uint64_t)n));
}

/* Power as the fit knows it: that of the unit it was made from. */
static double fitted(const struct turbine *s, const struct yw_plant_life *life, int64_t time, double *nox,
                     double *co) {
    const double *in = life->inputs;
    uint64_t seed = life->seed;
    struct yw_turbine_moment m = {s->load * (153 - 0.6 * (in[AMBIENT] - 18)), in[AMBIENT], in[HUMIDITY],
                                  in[PRESSURE]};
    double x[YW_TURBINE_TERMS];
    yw_turbine_row(&m, 1080, x);
    const struct yw_turbine_fit *f = yw_turbine_fits;
    double tit = yw_turbine_value(&f[YW_TURBINE_TIT], x) +
                 f[YW_TURBINE_TIT].residual_sd * yw_gas_octave(seed, TIT_WANDER, time, 3600000000);
    tit = yw_gas_between(tit, 1010, 1100.5);
    yw_turbine_row(&m, tit, x);
    double week = yw_gas_octave(seed, NOX_WEEK, time, (int64_t)150 * 3600 * 1000000);
    double hours = yw_gas_octave(seed, NOX_HOURS, time, (int64_t)4 * 3600 * 1000000);
    double minutes = yw_gas_octave(seed, NOX_MINUTES, time, 1200000000);
    double z = 0.66 * week + 0.59 * hours + 0.46 * minutes;
    *nox = exp(yw_turbine_value(&f[YW_TURBINE_NOX], x) + yearly(life, time) +
               f[YW_TURBINE_NOX].residual_sd * tailed(z, 0.8, 0.075));
    z = 0.8 * yw_gas_octave(seed, CO_HOURS, time, (int64_t)2 * 3600 * 1000000) +
        0.6 * yw_gas_octave(seed, CO_MINUTES, time, 1200000000);
    *co = exp(yw_turbine_value(&f[YW_TURBINE_CO], x) + f[YW_TURBINE_CO].residual_sd * tailed(z, 0.62, 0.11));
    /* Out of premix operation, below the data: a diffusion flame makes NOx and leaves CO. */
    double low = yw_gas_between((0.6 - s->load) / 0.3, 0, 1);
    *nox *= (1 + 0.9 * low) * (1 + 0.8 * in[BURNER_FAULT]);
    *co = *co * exp(3.5 * low) * (1 + 6 * in[BURNER_FAULT]);
    return tit;
}

static void write_flow(const struct turbine *s, const struct yw_plant_life *life, int64_t time, double *v) {
    const double *p = life->parameters, *in = life->inputs;
    double power = s->load * p[RATED] * (1 - 0.0039 * (in[AMBIENT] - 18));
    double size = p[RATED] / 153, burns = s->load > 0.02 ? 1 : 0;
    double share = yw_gas_between((s->load - 0.55) / 0.5, 0, 1.2);
    double air = burns > 0 ? size * (290 + 105 * share) : 4 * size;
    double gas = burns * power / (0.22 + 0.125 * yw_gas_between(s->load, 0, 1)) / 35.8; /* Nm3/s of methane */
    double dry = air - gas, water = 2 * gas + YW_GAS_AIR_WATER * air;
    v[YW_Q_FLOW] = dry;
    v[YW_Q_O2] = (0.209 * air - 2 * gas) / dry * 100;
    v[YW_Q_CO2] = (gas + 0.0004 * air) / dry * 100;
    v[YW_Q_H2O] = 100 * water / (dry + water);
    v[YW_Q_TEMP] = s->stack;
    v[YW_Q_PRESSURE] = -0.05 - 0.08 * share + 0.01 * yw_gas_octave(life->seed, DRAUGHT, time, 30000000);
    v[YW_Q_VELOCITY] = yw_gas_velocity(dry, v[YW_Q_H2O], s->stack, v[YW_Q_PRESSURE], in[PRESSURE], p[AREA]);
    v[YW_Q_PRODUCT] = power;
    v[YW_Q_FUEL] = gas * 0.717 * 3.6;
    v[YW_Q_PRODUCTION_KW] = power * 12;
}

static void follow(struct turbine *s, const struct yw_plant_life *life) {
    const double *in = life->inputs;
    double dt = life->step_s, goal = in[RUN] >= 0.5 ? in[LOAD] : 0;
    double most = dt / 1500; /* what a cold start bears: 25 min to full power */
    double way = yw_gas_toward(s->load, goal, exp(-dt / 40)) - s->load;
    if (s->stage != YW_STAGE_NORMAL || goal == 0) way = yw_gas_between(way, -2 * most, most);
    s->load += way;
    if (goal == 0 && s->load < 1e-3) s->load = 0;
    bool there = s->load > 0.5 || s->load > 0.95 * goal;
    if (goal > 0)
        s->stage = there ? YW_STAGE_NORMAL : s->stage == YW_STAGE_NORMAL ? s->stage : YW_STAGE_STARTUP;
    else
        s->stage = s->load > 0.01 ? YW_STAGE_SHUTDOWN : YW_STAGE_STOPPED;
    double warm = s->load > 0.02 ? 85 + 25 * s->load : in[AMBIENT] + 5; /* behind the heat recovery boiler */
    s->stack = yw_gas_toward(s->stack, warm, exp(-dt / (s->load > 0.02 ? 300 : 3600)));
}

static enum yw_code step(void *state, const struct yw_plant_life *life, int64_t time, struct yw_stream *out,
                         struct yw_error *err) {
    YW_UNUSED(err);
    struct turbine *s = state;
    double *v = out->v;
    follow(s, life);
    write_flow(s, life, time, v);
    double nox = 0, co = 0, tit = fitted(s, life, time, &nox, &co);
    double burns = s->load > 0.02 ? 1 : 0;
    v[YW_Q_INLET_TEMP] = burns > 0 ? tit : life->inputs[AMBIENT];
    v[YW_Q_NOX] = nox * burns;
    v[YW_Q_NO2] = 0.12 * v[YW_Q_NOX];
    v[YW_Q_NO] = 0.88 * v[YW_Q_NOX] * YW_GAS_NO_PPM / YW_GAS_NO2_PPM;
    v[YW_Q_CO] = fmin(3000, co * burns);
    v[YW_Q_SO2] = 0.8 * burns;
    v[YW_Q_DUST] = 0.6 * burns;
    v[YW_Q_LOAD] = s->load;
    v[YW_Q_STAGE] = (double)s->stage;
    v[YW_Q_RUNNING] = s->stage == YW_STAGE_NORMAL ? 1 : s->stage == YW_STAGE_STOPPED ? 0 : 0.5;
    return YW_OK;
}

static enum yw_code begin(void *state, const struct yw_plant_life *life, int64_t start,
                          struct yw_error *err) {
    YW_UNUSED(start), YW_UNUSED(err);
    struct turbine *s = state;
    const double *in = life->inputs;
    s->load = in[RUN] >= 0.5 ? in[LOAD] : 0;
    s->stage = s->load > 0 ? YW_STAGE_NORMAL : YW_STAGE_STOPPED;
    s->stack = s->load > 0.02 ? 85 + 25 * s->load : in[AMBIENT] + 5;
    return YW_OK;
}

const struct yw_plant_kind yw_kind_turbine = {
    .name = "turbine",
    .parameters = parameters,
    .inputs = inputs,
    .parameter_n = PARAMETERS,
    .input_n = INPUTS,
    .memory_us = (int64_t)3 * 3600 * 1000000,
    .state_size = sizeof(struct turbine),
    .begin = begin,
    .step = step,
};
