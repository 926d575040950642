/* solids: precipitator and bag filter. */
#include "plant/flue/solids.h"

static const double LAYER_S = 7200; /* plates that are not rapped are thick after about two hours */
static const double RAP_S = 15, RAP_MORE = 0.35;
static const double CAKE_S = 900, CLEAN_EACH_S = 240, CLEAN_S = 5;

double yw_esp_through(struct yw_solids *s, const struct yw_esp_setup *u) {
    double on = u->fields - u->off;
    s->layer = yw_gas_toward(s->layer, u->rapping ? 0 : 1, yw_gas_left(u->dt, u->rapping ? 900 : LAYER_S));
    if (on <= 0) return 0.9; /* a box where some of the dust falls down */
    /* less gas stays longer, but then the fields are run with less current */
    double q = u->flow_share < 1 ? 0.7 + 0.3 * u->flow_share : u->flow_share;
    double speed = u->wk * (1 - 0.5 * u->resistivity) * (1 - 0.4 * s->layer);
    double reach = speed * u->sca * on / u->fields / q;
    double puffs = 0;
    if (u->rapping) /* the last field on matters most: what it lets go nobody catches */
        for (unsigned i = 0; i < (unsigned)on; i++) {
            double each = 180.0 * (1 << i), more = RAP_MORE * (i + 1) / on;
            if (each > 1800) each = 1800;
            puffs += more * yw_gas_pulse(u->time, u->dt, each, 37.0 * i, RAP_S);
        }
    double through = exp(-sqrt(reach)) * (1 + puffs);
    return through < 0.9 ? through : 0.9;
}

double yw_bag_behind(struct yw_solids *s, const struct yw_bag_setup *u, double dust, double *dp) {
    double q = u->flow_share > 0.02 ? u->flow_share : 0.02;
    double load = dust / 20000 * q; /* cake grows with what comes, goes with the cleaning */
    if (load > 1.5) load = 1.5;
    if (u->cleaning)
        s->cake = yw_gas_toward(s->cake, load, yw_gas_left(u->dt, CAKE_S));
    else
        s->cake += load * u->dt / CAKE_S;
    if (s->cake > 6) s->cake = 6;
    double holes = u->torn * 12; /* a hole is an easy way: more than its share of the gas */
    if (holes > 0.95) holes = 0.95;
    *dp = (550 + 600 * s->cake) * q * (1 - 0.7 * holes);
    double spike = u->cleaning ? yw_gas_pulse(u->time, u->dt, CLEAN_EACH_S, 11, CLEAN_S) : 0;
    double behind = u->base * (0.4 + 0.6 * q) * (1 + 1.5 * spike) + dust * u->torn * 0.5;
    return behind < dust ? behind : dust;
}
