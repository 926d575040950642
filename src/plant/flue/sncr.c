/* sncr: integration of the two-reaction model along the zone. */
#include "plant/flue/sncr.h"

#include <math.h>

#define GAS_R          8.314462618
#define MG_PER_MOL_NO2 46005.5
#define MG_PER_MOL_NH3 17030.5

/* exp(-z) for 0 <= z <= 1, to 2e-4 z^5; the steps below keep z there. */
static double fade(double z) {
    double a = 1 + z * z / 12, b = z / 2;
    return (a - b) / (a + b);
}

/* Along the zone ammonia x falls with rate kr u + c and NO u follows du/dx = (kr u - c) / (kr u + c), c = kox
 * O2. Midpoint steps in which neither changes by more than about half. */
static void react(double kr, double c, double time_s, double *u, double *x) {
    double first = *x, left = time_s;
    while (left > 0 && *x > 1e-4 * first) {
        double loss = kr * *u + c;
        double dt = 0.4 / (loss > kr * *x ? loss : kr * *x);
        if (!(dt < left)) dt = left;
        double half = *u + dt / 2 * *x * (c - kr * *u) * (1 - loss * dt / 4);
        if (half < 0) half = 0;
        loss = kr * half + c;
        double z = loss * dt, after = *x * (z < 1 ? fade(z) : exp(-z));
        *u += (c - kr * half) / loss * (*x - after);
        *x = after;
        left -= dt;
    }
    if (*x <= 1e-4 * first) { /* what is left reacts further on, too little to matter for the path */
        *u += (c - kr * *u) / (kr * *u + c) * *x;
        *x = 0;
    }
    if (*u < 0) *u = 0;
}

void yw_sncr(const struct yw_sncr_in *in, struct yw_sncr_out *out) {
    double mixing = in->mixing < 1e-3 ? 1e-3 : in->mixing;
    *out = (struct yw_sncr_out){in->nox, 0};
    if (!(in->nsr > 0) || !(in->nox > 0) || in->temp_c < 400) {
        out->nh3 = in->nsr > 0 ? in->nsr * in->nox * MG_PER_MOL_NH3 / MG_PER_MOL_NO2 : 0;
        return;
    }
    double kelvin = in->temp_c + 273.15, log_t = log(kelvin), rt = GAS_R * kelvin;
    double kr = 4.24e2 * exp(5.30 * log_t - 349937 / rt), kox = 0.35 * exp(7.65 * log_t - 524487 / rt);
    double thin = 273.15 / kelvin / MG_PER_MOL_NO2; /* mg per standard m3 to mol per m3 there */
    double u0 = in->nox * thin, u = u0, x = in->nsr / mixing * u0;
    react(kr, kox * in->o2 / 100 * 101325 / rt, in->time_s, &u, &x);
    out->nox = (mixing * u + (1 - mixing) * u0) / thin;
    out->nh3 = mixing * x / thin * MG_PER_MOL_NH3 / MG_PER_MOL_NO2;
}
