/* scr: stored ammonia on a catalyst, ammonia in a furnace, and the controller. */
#include "plant/flue/scr.h"

static const double SUBSTEP_S = 20;
static const double ADSORB = 30;       /* transfer units of a slice for ammonia, at design flow, empty */
static const double DESORB_PPM = 100;  /* a full slice would give off so much, design flow, 350 degC */
static const double BURN_PPM = 0.3;    /* and burn so much */
static const double SCR_ENERGY = 7200; /* K: 60 kJ/mol */
static const double DESORB_ENERGY = 11000;

double yw_scr_stored(const struct yw_scr *s, double store, double dry_design) {
    double sum = 0;
    for (unsigned i = 0; i < YW_SCR_SLICES; i++) sum += s->cover[i];
    return sum * store / YW_SCR_SLICES * dry_design * 1e-3 / YW_GAS_MOLAR; /* ppm Nm3 -> mol */
}

struct slice {
    double adsorb, desorb, burn, strength; /* at the step's flow and temperature */
    double hold;                           /* dt * flow / store: share a ppm fills in the step */
};

/* Backward Euler in the coverage (Newton from where it is); the gas then leaves with what the coverage did
 * not take, so that the balance closes whatever is left of the residual. */
static double slice_step(const struct slice *k, double cover0, double *nh3, double *nox, double *burnt) {
    double cover = cover0, reduced = 0;
    for (unsigned i = 0; i < 2; i++) {
        double free = k->adsorb * (1 - cover), denominator = 1 + free;
        double net = (free * *nh3 - k->desorb * cover) / denominator;
        double slope = (-k->adsorb * *nh3 - k->desorb + net * k->adsorb) / denominator;
        double acting = k->strength * cover, passing = 1 / (1 + acting);
        reduced = *nox * acting * passing;
        double f = cover - cover0 - k->hold * (net - reduced - k->burn * cover);
        double df = 1 - k->hold * (slope - *nox * k->strength * passing * passing - k->burn);
        cover = yw_gas_between(cover - f / df, 0, 1);
    }
    double acting = k->strength * cover;
    reduced = *nox * acting / (1 + acting);
    double lost = reduced + k->burn * cover, there_is = *nh3 - (cover - cover0) / k->hold;
    if (there_is < 0) { /* no more is taken in than comes */
        cover = cover0 + *nh3 * k->hold;
        there_is = 0;
    }
    if (lost > there_is) { /* and no more is used up than is there */
        reduced *= there_is / lost;
        lost = there_is;
    }
    *burnt += lost - reduced;
    *nox -= reduced;
    *nh3 = there_is - lost;
    return cover;
}

void yw_scr_step(struct yw_scr *s, const struct yw_scr_setup *u, double nox_in, double *nox_out,
                 double *nh3_out, double *nh3_burnt) {
    double q = u->flow_share > 0.02 ? u->flow_share : 0.02, kelvin = u->temp + YW_GAS_KELVIN;
    double warmth = 1 / 623.15 - 1 / kelvin;
    /* below 300 degC the activity falls in a straight line to nothing at 250 */
    double window = yw_gas_between((u->temp - 250) / 50, 0, 1);
    struct slice k = {.adsorb = ADSORB / q,
                      .desorb = DESORB_PPM / q * exp(DESORB_ENERGY * warmth),
                      .strength = u->strength * u->activity * window / q * exp(SCR_ENERGY * warmth)};
    k.burn = BURN_PPM / q * window;
    unsigned n = (unsigned)ceil(u->dt / SUBSTEP_S);
    k.hold = u->dt / n * q * (1 - u->uneven) * YW_SCR_SLICES / u->store;
    double nox_sum = 0, nh3_sum = 0, burnt = 0;
    for (unsigned step = 0; step < n; step++) {
        double nox = nox_in, nh3 = nox_in * s->nsr; /* of the gas that meets it */
        for (unsigned i = 0; i < YW_SCR_SLICES; i++)
            s->cover[i] = slice_step(&k, s->cover[i], &nh3, &nox, &burnt);
        nox_sum += nox;
        nh3_sum += nh3;
    }
    double meets = (1 - u->uneven) / n;
    *nox_out = nox_sum * meets + nox_in * u->uneven;
    *nh3_out = nh3_sum * meets + nox_in * s->nsr * u->uneven;
    *nh3_burnt = burnt * meets;
}

void yw_scr_furnace_step(const struct yw_scr *s, double celsius, double nox_in, double *nox_out,
                         double *nh3_out, double *nh3_burnt) {
    double off = (celsius - 930) / 90, window = exp(-off * off);
    double reduced = nox_in * 0.8 * window * (1 - exp(-1.5 * s->nsr));
    double rest = nox_in * s->nsr - reduced;
    if (rest < 0) {
        reduced += rest;
        rest = 0;
    }
    *nh3_burnt = rest / (1 + exp((910 - celsius) / 15));
    *nh3_out = rest - *nh3_burnt;
    *nox_out = nox_in - reduced;
}

void yw_scr_control(struct yw_scr *s, const struct yw_scr_demand *d) {
    if (!(s->permit > 0) || !(d->nox_in > 1)) {
        s->nsr = 0;
        return;
    }
    if (!isnan(d->fixed)) {
        s->nsr = d->fixed;
        return;
    }
    double error = yw_gas_between((d->seen - d->set) / d->nox_in, -0.5, 0.5);
    double needed = d->set < d->nox_in ? (1 - d->set / d->nox_in) * d->feed_forward : 0;
    s->integral = yw_gas_between(s->integral + error * d->dt / 1500, -0.3, 0.5);
    s->nsr = yw_gas_between(needed + 2.5 * error + s->integral, 0, d->highest);
}
