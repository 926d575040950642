/* gas: the formulas of flue gas (HJ 75-2017 annex; reference in docs/judge.md, "Flue gas"). Each takes and
 * gives what its name says and knows nothing of records. */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

/* Standard state and air as the formulas are printed. An hour is judged by the figures of hj75.standard and
 * hj75.convert, which start with the same values. */
static const double kelvin = 273, pascal = 101325, litres_per_mol = 22.4, air_pct = 21;

static double to_standard(double kelvin0, double pa0, const struct yw_gas_aux *a) {
    double p = a->ba_pa + a->ps_pa, t = kelvin0 + a->ts_c;
    if (!(p > 0) || !(t > 0)) return NAN;
    return pa0 / p * t / kelvin0;
}

/* HJ 75 annex C: Cs_n = Cs * 101325/(Ba+Ps) * (273+ts)/273 */
double yw_gas_standard(double c, double ba_pa, double ps_pa, double ts_c) {
    const struct yw_gas_aux a = {.ts_c = ts_c, .ps_pa = ps_pa, .ba_pa = ba_pa};
    return c * to_standard(kelvin, pascal, &a);
}

/* HJ 75 annex C: C_dry = C_wet / (1 - Xsw); the same for oxygen */
double yw_gas_dry(double c_wet, double moisture_pct) {
    if (!(moisture_pct >= 0 && moisture_pct < 100)) return NAN;
    return c_wet / (1 - moisture_pct / 100);
}

/* HJ 75 annex C: C_Q = M/22.4 * C_v */
double yw_gas_mass(double ppm, double molar_g) {
    return ppm * molar_g / litres_per_mol;
}

/* HJ 75 annex C: alpha = 21 / (21 - O2); INFINITY at that of air */
double yw_gas_excess(double o2_dry_pct) {
    return air_pct / (air_pct - o2_dry_pct);
}

double yw_gas_convert_air(double c_dry, double o2_dry_pct, double o2_ref_pct, double air, double eps,
                          bool allow_down, uint8_t *reason) {
    *reason = YW_REASON_NONE;
    if (isnan(o2_dry_pct)) {
        *reason = YW_REASON_NO_O2;
        return NAN;
    }
    if (air - o2_dry_pct < eps) {
        *reason = YW_REASON_O2_NEAR_AIR;
        return NAN;
    }
    if (o2_dry_pct < o2_ref_pct && !allow_down) {
        *reason = YW_REASON_NO_DOWN;
        return c_dry;
    }
    return c_dry * (air - o2_ref_pct) / (air - o2_dry_pct);
}

/* HJ 75 annex C: C_conv = C_dry * (21 - O2_s) / (21 - O2_dry) */
double yw_gas_convert(double c_dry, double o2_dry_pct, double o2_ref_pct, double eps, bool allow_down,
                      uint8_t *reason) {
    return yw_gas_convert_air(c_dry, o2_dry_pct, o2_ref_pct, air_pct, eps, allow_down, reason);
}

double yw_gas_flow_scale(double kelvin0, double pa0, const struct yw_gas_aux *a) {
    double state = to_standard(kelvin0, pa0, a);
    if (!(a->moisture_pct >= 0 && a->moisture_pct < 100)) return NAN;
    return (1 - a->moisture_pct / 100) / state;
}

/* HJ 75 annex C: Qsn = Qs * 273/(273+ts) * (Ba+Ps)/101325 * (1-Xsw) */
double yw_gas_flow_dry(double m3_h_wet, double ts_c, double ba_pa, double ps_pa, double moisture_pct) {
    const struct yw_gas_aux a = {.ts_c = ts_c, .ps_pa = ps_pa, .ba_pa = ba_pa, .moisture_pct = moisture_pct};
    return m3_h_wet * yw_gas_flow_scale(kelvin, pascal, &a);
}

/* HJ 75 annex C: G_h = C_dry * Qsn * 1e-6, of the measured and not of the converted concentration */
double yw_gas_emission_kg_h(double c_mg_m3, double q_m3_h) {
    return c_mg_m3 * q_m3_h * 1e-6;
}

/* HJ 75 annex C: C_NOx = C_NO * 46.005/30.006 + C_NO2 */
double yw_gas_nox(double no_mg_m3, double no2_mg_m3) {
    return no_mg_m3 * 46.005 / 30.006 + no2_mg_m3;
}

/* Two-sided 95 % quantile of Student's t. Beyond the table the series of Fisher and Cornish in 1/df, which
 * there agrees in five digits. */
double yw_student_t_975(unsigned df) {
    static const double t[] = {12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.30600,
                               2.26216, 2.22814, 2.20099, 2.17881, 2.16037, 2.14479, 2.13145, 2.11991,
                               2.10982, 2.10092, 2.09302, 2.08596, 2.07961, 2.07387, 2.06866, 2.06390,
                               2.05954, 2.05553, 2.05183, 2.04841, 2.04523, 2.04227};
    if (df == 0) return NAN;
    if (df <= YW_COUNT(t)) return t[df - 1];
    double z = 1.959964, n = df, z3 = z * z * z, z5 = z3 * z * z;
    return z + (z3 + z) / (4 * n) + (5 * z5 + 16 * z3 + 3 * z) / (96 * n * n);
}

/* HJ 75 ch. 9: RA = (|mean d| + |t sd / sqrt n|) / mean reference * 100 */
double yw_relative_accuracy(const double *reference, const double *measured, size_t n) {
    if (n < 2) return NAN;
    double d = 0, ref = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        d += reference[i] - measured[i];
        ref += reference[i];
    }
    d /= (double)n;
    ref /= (double)n;
    for (size_t i = 0; i < n; i++) {
        double e = reference[i] - measured[i] - d;
        squares += e * e;
    }
    double cc = yw_student_t_975((unsigned)(n - 1)) * sqrt(squares / (double)(n - 1)) / sqrt((double)n);
    return ref > 0 ? (fabs(d) + fabs(cc)) / ref * 100 : NAN;
}

double yw_gas_basis(const struct yw_figures *fig, const struct yw_site_factor *f,
                    const struct yw_gas_aux *aux, uint8_t *reason) {
    double scale = 1;
    if (f->ppm && f->molar_g > 0) scale *= f->molar_g / fig->value[YW_FIG_MOLAR_VOLUME];
    if (f->actual) {
        scale *= to_standard(fig->value[YW_FIG_STANDARD_KELVIN], fig->value[YW_FIG_STANDARD_PA], aux);
        if (isnan(scale)) {
            *reason = YW_REASON_NO_STATE;
            return NAN;
        }
    }
    if (f->wet) {
        scale = yw_gas_dry(scale, aux->moisture_pct);
        if (isnan(scale)) *reason = YW_REASON_NO_MOISTURE;
    }
    return scale;
}

bool yw_gas_is_top(double sent) {
    for (double top = 1e4; top < 1e13; top *= 10)
        if (sent < top && sent >= top - 1) return true; /* nothing but nines */
    return false;
}

struct unit {
    const char *name;
    double scale;
};

static double scale_of(const struct unit *units, size_t n, const char *name, double otherwise) {
    for (size_t i = 0; i < n; i++)
        if (strcmp(units[i].name, name) == 0) return units[i].scale;
    return otherwise;
}

double yw_unit_pa(const char *unit) {
    static const struct unit units[] = {{"kPa", 1000}, {"KPa", 1000}, {"hPa", 100}, {"mbar", 100}};
    return scale_of(units, YW_COUNT(units), unit, 1);
}

double yw_unit_kg_per_m3(const char *unit) {
    static const struct unit units[] = {{"mg/m3", 1e-6},  {"mg/m³", 1e-6}, {"mg/Nm3", 1e-6}, {"ug/m3", 1e-9},
                                        {"ug/m³", 1e-9},  {"μg/m3", 1e-9}, {"μg/m³", 1e-9},  {"g/m3", 1e-3},
                                        {"ng/m3", 1e-12}, {"mg/L", 1e-3},  {"ug/L", 1e-6},   {"μg/L", 1e-6},
                                        {"g/L", 1}};
    return scale_of(units, YW_COUNT(units), unit, 0);
}

double yw_unit_m3_per_h(const char *unit) {
    static const struct unit units[] = {{"m3/s", 3600}, {"m³/s", 3600}, {"Nm3/s", 3600},   {"m3/min", 60},
                                        {"m³/min", 60}, {"L/s", 3.6},   {"10^4m3/h", 1e4}, {"万m3/h", 1e4}};
    return scale_of(units, YW_COUNT(units), unit, 1);
}
