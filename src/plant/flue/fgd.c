/* fgd: limestone scrubber. */
#include "plant/flue/fgd.h"

static const double SO2_G = 64.066; /* g/mol */
static const double LN10 = 2.302585092994046;
static const double BUFFER = 0.05;          /* mol/l for one pH */
static const double LIMESTONE_USUAL = 0.05; /* mol/l: 5 kg/m3 */
static const double GYPSUM_S = 15 * 3600;   /* in the sump */
static const double OXIDISE_S = 120, OXIDISE_ALONE_S = 6000;
static const double FULL_PH = 5.6, DISSOLVE_PH = 6.2;

double yw_fgd_ntu(double ntu_design, double liquid, double flow, double ph, double so2, double sulphite) {
    if (liquid <= 0) return 0;
    /* 1 + 10^((5-5.6)/.8) = 1.17783: makes the pH factor 1 at 5.6 */
    double by_ph = 1.1778279410038923 / (1 + exp(LN10 * (5.0 - ph) / 0.8));
    double by_so2 = so2 > 100 ? so2 : 100;
    /* (L/G)^.9 (v)^-.3 C^-.15 */
    double grown = 0.9 * log(liquid) - 1.2 * log(flow) - 0.15 * log(by_so2 / 1500);
    double ntu = ntu_design * exp(grown) * by_ph / (1 + sulphite / 0.04);
    return ntu < 12 ? ntu : 12;
}

void yw_fgd_begin(struct yw_fgd *f, double sump_m3, double absorb_design) {
    f->litres = sump_m3 * 1000;
    f->absorb_design = absorb_design;
    f->limestone = LIMESTONE_USUAL * f->litres;
    f->gypsum = 0.85 * absorb_design * GYPSUM_S;
    f->ph = FULL_PH;
    f->liquid = 0.8;
    f->wet_temp = 50;
    f->sulphite = absorb_design * OXIDISE_S;
    /* at pH 5.6 the usual limestone dissolves as fast as SO2 comes at design */
    f->dissolve = absorb_design / (f->limestone * (exp(LN10 * (DISSOLVE_PH - FULL_PH)) - 1));
}

/* Limestone and pH, linearised over the step; limestone dissolved is what the sump lost. */
static void dissolve(struct yw_fgd *f, const struct yw_fgd_setup *u, double absorbed, double feed,
                     double bleed_share) {
    double power = exp(LN10 * (DISSOLVE_PH - f->ph));
    double k = f->dissolve * (1 - u->blinding) / (1 + 10 * f->sulphite / f->litres);
    double rate = k * (power - 1), slope = -k * power * LN10 * f->limestone; /* of the dissolving, by pH */
    double capacity = f->litres * BUFFER;
    double ph = f->ph + u->dt * 2 * (rate * f->limestone - absorbed) / (capacity - u->dt * 2 * slope);
    if (f->limestone > 0) rate += slope / f->limestone * (ph - f->ph);
    if (rate < 0) rate = 0;
    f->ph = yw_gas_between(ph, 3.8, 6.5);
    double after = (f->limestone + feed * u->dt) / (1 + (rate + bleed_share) * u->dt);
    f->dissolved += rate * after * u->dt;
    f->bled_limestone += bleed_share * after * u->dt;
    f->fed += feed * u->dt;
    f->limestone = after;
}

static double limestone_feed(struct yw_fgd *f, const struct yw_fgd_setup *u, double absorbed) {
    if (!u->limestone_on) return 0;
    double error = yw_gas_between(u->ph_set - f->ph, -0.5, 0.5);
    double feed = absorbed * (1.03 + f->ph_integral) + 4 * f->absorb_design * error;
    double highest = 2 * f->absorb_design;
    if (feed > 0 && feed < highest) /* at a stop the controller does not wind up */
        f->ph_integral = yw_gas_between(f->ph_integral + error * u->dt / 3600, -0.5, 0.5);
    return yw_gas_between(feed, 0, highest);
}

static void slurry(struct yw_fgd *f, const struct yw_fgd_setup *u, double absorbed, struct yw_fgd_out *out) {
    double bleed_share = 1 / GYPSUM_S;
    out->feed = limestone_feed(f, u, absorbed);
    dissolve(f, u, absorbed, out->feed, bleed_share);
    double rate = 1 / (u->oxidation_on ? OXIDISE_S : OXIDISE_ALONE_S), sum = rate + bleed_share;
    double goal = absorbed / sum, before = f->sulphite;
    f->sulphite = yw_gas_toward(before, goal, yw_gas_left(u->dt, 1 / sum));
    double gone = absorbed * u->dt + before - f->sulphite, oxidised = gone * rate / sum;
    f->bled_sulphite += gone - oxidised;
    double stays = 1 / (1 + bleed_share * u->dt), gypsum = (f->gypsum + oxidised) * stays;
    double bled = f->gypsum + oxidised - gypsum;
    f->gypsum = gypsum;
    f->bled_gypsum += bled;
    f->absorbed += absorbed * u->dt;
    out->bleed = bled / u->dt;
}

/* Adiabatic saturation: the heat of the dry gas evaporates water; one Newton step from where it was. */
static void wet_gas(struct yw_fgd *f, const struct yw_fgd_setup *u, struct yw_duct *gas, double share,
                    struct yw_fgd_out *out) {
    double water = gas->c[YW_DUCT_WATER], heat = 1.34 + 1.5 * water; /* kJ/(Nm3 K) */
    static const double latent = 1930;                               /* kJ a Nm3 of vapour */
    double t = f->wet_temp, p = yw_gas_saturation(t), x = p / (YW_GAS_ATMOSPHERE - p);
    double growth =
        17.625 * 243.04 / ((t + 243.04) * (t + 243.04)) * x * YW_GAS_ATMOSPHERE / (YW_GAS_ATMOSPHERE - p);
    double off = heat * (gas->temp - t) - latent * (x - water);
    double goal = yw_gas_between(t + yw_gas_between(off / (heat + latent * growth), -10, 10), 0, 85);
    f->wet_temp = yw_gas_toward(t, goal, u->left_wet);
    double taken = (x - water) * share;
    gas->temp += (f->wet_temp - gas->temp) * share;
    gas->c[YW_DUCT_WATER] += taken;
    out->vapour = taken * gas->dry;
}

void yw_fgd_step(struct yw_fgd *f, const struct yw_fgd_setup *u, struct yw_duct *gas,
                 struct yw_fgd_out *out) {
    double available = u->pumps_off < u->pumps ? (u->pumps - u->pumps_off) / u->pumps : 0;
    if (u->automatic) {
        double error = yw_gas_between(u->so2_seen / u->so2_set - 1, -1, 1);
        double highest = available < 0.95 ? available + 0.05 : 1;
        f->liquid = yw_gas_between(f->liquid + error * u->dt / 1800, 0.3, highest > 0.3 ? highest : 0.3);
    }
    out->running = u->automatic && f->liquid < available ? f->liquid : available;
    double flow = gas->dry / u->dry_design, so2 = gas->c[YW_DUCT_SO2];
    if (flow < 0.02) flow = 0.02;
    out->ntu = yw_fgd_ntu(u->ntu, out->running, flow, f->ph, so2, f->sulphite / f->litres);
    double behind = so2 * exp(-out->ntu);
    slurry(f, u, (so2 - behind) * gas->dry * 1e-3 / SO2_G, out);
    gas->c[YW_DUCT_SO2] = behind;
    double share = 3 * out->running;
    wet_gas(f, u, gas, share < 1 ? share : 1, out);
}
