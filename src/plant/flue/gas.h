/* gas: what every flue shares: burning a fuel, dry and wet flow, reference oxygen, standard state, humidity,
 * lags that are exact for any step, and wandering noise that is a function of absolute time.
 * Volumes are Nm3: 0 degC, 101.325 kPa. */
#ifndef YW_PLANT_FLUE_GAS_H
#define YW_PLANT_FLUE_GAS_H

#include <math.h>
#include <stdint.h>

#include "plant/noise.h"

enum { /* streams of plant/noise.h that belong to the flue */
       YW_STREAM_BOILER = 2000,
       YW_STREAM_INCINERATOR = 3000,
       YW_STREAM_TURBINE = 4000,
       YW_STREAM_VOC = 4500
};

#define YW_GAS_AIR_O2     21.0   /* % of dry air, as the conversion to reference oxygen has it */
#define YW_GAS_MOLAR      22.414 /* Nm3/kmol */
#define YW_GAS_ATMOSPHERE 101.325
#define YW_GAS_KELVIN     273.15
#define YW_GAS_NO2_PPM    (46.006 / YW_GAS_MOLAR) /* mg/Nm3 of one ppm */
#define YW_GAS_NO_PPM     (30.006 / YW_GAS_MOLAR)
#define YW_GAS_SO2_PPM    (64.066 / YW_GAS_MOLAR)
#define YW_GAS_CO_PPM     (28.010 / YW_GAS_MOLAR)
#define YW_GAS_NH3_PPM    (17.031 / YW_GAS_MOLAR)
#define YW_GAS_HCL_PPM    (36.461 / YW_GAS_MOLAR)
#define YW_GAS_AIR_WATER  0.0161 /* Nm3 of vapour in a Nm3 of dry air (10 g/kg) */

static inline double yw_gas_between(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/* ---- burning (standard boiler calculation: solid and liquid fuel by mass as received) ---- */

struct yw_gas_fuel { /* shares of 1; lower heating value in MJ/kg */
    double c, h, o, n, s, ash, water, lhv;
};
struct yw_gas_burn { /* Nm3 for each kg of fuel; rates where it has been multiplied by kg/s */
    double air;      /* dry, just enough */
    double co2, n2, water;
    double so2_kg; /* twice the sulphur: all of it burnt */
};

static inline struct yw_gas_burn yw_gas_burnt(const struct yw_gas_fuel *f) {
    struct yw_gas_burn b;
    b.air = 8.89 * f->c + 26.5 * f->h + 3.33 * (f->s - f->o);
    if (b.air < 0) b.air = 0;
    b.co2 = 1.866 * f->c + 0.7 * f->s; /* and SO2: the two are read together as RO2 */
    b.n2 = 0.79 * b.air + 0.8 * f->n;
    b.water = 11.1 * f->h + 1.24 * f->water;
    b.so2_kg = 2.0 * f->s;
    return b;
}
/* a + m * b: two fuels in one furnace */
static inline void yw_gas_burn_add(struct yw_gas_burn *a, const struct yw_gas_burn *b, double m) {
    a->air += m * b->air;
    a->co2 += m * b->co2;
    a->n2 += m * b->n2;
    a->water += m * b->water;
    a->so2_kg += m * b->so2_kg;
}
/* Dry gas with excess air (alpha: air / air just needed; less than 1 is taken as 1). */
static inline double yw_gas_dry(const struct yw_gas_burn *b, double alpha) {
    return b->co2 + b->n2 + (alpha > 1 ? (alpha - 1) * b->air : 0);
}
/* % of dry gas */
static inline double yw_gas_oxygen(const struct yw_gas_burn *b, double alpha) {
    return alpha > 1 ? YW_GAS_AIR_O2 * (alpha - 1) * b->air / yw_gas_dry(b, alpha) : 0;
}
/* Excess air that gives this oxygen. */
static inline double yw_gas_alpha(const struct yw_gas_burn *b, double o2) {
    return 1 + o2 * (b->co2 + b->n2) / ((YW_GAS_AIR_O2 - o2) * b->air);
}
/* Vapour with the moisture of the air, Nm3. */
static inline double yw_gas_vapour(const struct yw_gas_burn *b, double alpha) {
    return b->water + YW_GAS_AIR_WATER * alpha * b->air;
}

/* ---- reference oxygen, flow, humidity ---- */

/* Concentration at the reference oxygen; near pure air (20.9 % and more) the factor stays that of 20.9 %. */
static inline double yw_gas_at_reference(double c, double o2, double reference) {
    return c * (YW_GAS_AIR_O2 - reference) / (YW_GAS_AIR_O2 - (o2 < 20.9 ? o2 : 20.9));
}
/* m/s of a dry standard flow (Nm3/s) in a section of area m2; h2o: volume share of the wet gas, %;
 * pressure: static against the air outside, kPa; air_kpa: the air outside. */
static inline double yw_gas_velocity(double dry, double h2o, double celsius, double pressure, double air_kpa,
                                     double area) {
    double wet = dry / (1 - (h2o < 95 ? h2o : 95) / 100);
    return wet * (celsius + YW_GAS_KELVIN) / YW_GAS_KELVIN * YW_GAS_ATMOSPHERE / (air_kpa + pressure) / area;
}
/* kPa over water (Magnus; Alduchov and Eskridge 1996), up to about 80 degC */
static inline double yw_gas_saturation(double celsius) {
    return 0.61094 * exp(17.625 * celsius / (celsius + 243.04));
}
/* Vapour of a saturated gas, Nm3 a Nm3 of dry gas. */
static inline double yw_gas_saturated(double celsius, double total_kpa) {
    double p = yw_gas_saturation(celsius);
    return p / (total_kpa - (p < 0.9 * total_kpa ? p : 0.9 * total_kpa));
}
/* kg/m3 of flue gas or air as it is */
static inline double yw_gas_density(double celsius) {
    return 1.293 * YW_GAS_KELVIN / (YW_GAS_KELVIN + celsius);
}

/* ---- time ---- */

/* What of the distance to the goal is still left after dt of a first-order lag. */
static inline double yw_gas_left(double dt, double tau) {
    return exp(-dt / tau);
}
static inline double yw_gas_toward(double x, double goal, double left) {
    return goal + (x - goal) * left;
}

/* One octave of wander: normal values at knots, between them drawn straight and held at variance 1. */
static inline double yw_gas_octave(uint64_t seed, uint64_t stream, int64_t time, int64_t knot_us) {
    int64_t k = time >= 0 ? time / knot_us : (time - knot_us + 1) / knot_us;
    double f = (double)(time - k * knot_us) / (double)knot_us;
    double a = yw_noise_normal(yw_noise_bits(seed, stream, (uint64_t)k));
    double b = yw_noise_normal(yw_noise_bits(seed, stream, (uint64_t)(k + 1)));
    return ((1 - f) * a + f * b) / sqrt((1 - f) * (1 - f) + f * f);
}
/* Mean 0, variance 1, correlated over about tau_s: stands for an Ornstein-Uhlenbeck process, but is a
 * function of absolute time, so that it neither depends on the step nor on when a life began. Takes the
 * streams `stream` and `stream` + 500. */
static inline double yw_gas_wander(uint64_t seed, uint64_t stream, int64_t time, double tau_s) {
    int64_t knot = (int64_t)(tau_s * 2e6);
    return 0.8 * yw_gas_octave(seed, stream, time, knot) +
           0.6 * yw_gas_octave(seed, stream + 500, time, knot / 4);
}

/* Share of [t, t + dt] in which a pulse is on that begins each period_s seconds (first at phase_s) and lasts
 * width_s; t in seconds. Rapping, cleaning, switching: right for any step. */
static inline double yw_gas_pulse_until(double t, double period_s, double width_s) {
    double whole = floor(t / period_s), rest = t - whole * period_s;
    return whole * width_s + (rest < width_s ? rest : width_s);
}
static inline double yw_gas_pulse(double t, double dt, double period_s, double phase_s, double width_s) {
    return (yw_gas_pulse_until(t + dt - phase_s, period_s, width_s) -
            yw_gas_pulse_until(t - phase_s, period_s, width_s)) /
           dt;
}

#endif
