/* checks: one check recomputed from its readings. What was said to have come out is compared, never trusted.
 */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

enum { PAIRS_FOR_ACCURACY = 9 }; /* HJ 75 ch. 9: relative accuracy is defined from nine pairs on */

static const char *accuracy_rule(const struct yw_site_factor *f) {
    static const struct {
        const char *code, *rule;
    } by_code[] = {
        {"a21026", "hj75.accuracy.so2"},   {"a21002", "hj75.accuracy.nox"},  {"a21003", "hj75.accuracy.nox"},
        {"a21004", "hj75.accuracy.nox"},   {"w01018", "hj355.accuracy.cod"}, {"w01020", "hj355.accuracy.cod"},
        {"w21003", "hj355.accuracy.nh3n"}, {"w21011", "hj355.accuracy.tp"},  {"w21001", "hj355.accuracy.tn"}};
    static const char *const by_role[] = {
        [YW_ROLE_OXYGEN] = "hj75.accuracy.o2",
        [YW_ROLE_TEMPERATURE] = "hj75.accuracy.temperature",
        [YW_ROLE_MOISTURE] = "hj75.accuracy.humidity",
        [YW_ROLE_VELOCITY] = "hj75.accuracy.velocity",
        [YW_ROLE_GAS_FLOW] = "hj75.accuracy.velocity",
        [YW_ROLE_WATER_FLOW] = "hj355.accuracy.flow",
        [YW_ROLE_PH] = "hj355.accuracy.ph",
        [YW_ROLE_WATER_TEMPERATURE] = "hj355.accuracy.temperature",
        [YW_ROLE_OTHER] = NULL,
    };
    for (size_t i = 0; i < YW_COUNT(by_code); i++)
        if (strcmp(by_code[i].code, f->code) == 0) return by_code[i].rule;
    if (f->role != YW_ROLE_POLLUTANT) return f->role < YW_COUNT(by_role) ? by_role[f->role] : NULL;
    if (strncmp(f->code, "a34", 3) == 0) return "hj75.accuracy.pm";
    return f->code[0] == 'a' ? "hj75.accuracy.gas" : NULL;
}

static void measure(struct yw_check_result *out, const char *what, const char *unit) {
    char text[64];
    int n = snprintf(text, sizeof text, "%s%s%s", what, unit[0] ? " " : "", unit);
    yw_copy(out->measure, sizeof out->measure, text, n > 0 ? (size_t)n : 0);
}

static void found(struct yw_check_result *out, double error, double allowed) {
    if (isnan(error) || isnan(allowed)) return;
    out->known = true;
    out->error = error;
    out->allowed = allowed;
    /* a reading on the border, written in decimals, must not fail by the last bit of a division */
    out->passed = error <= allowed + fabs(allowed) * 1e-9;
}

static uint16_t use_rule(const struct yw_rules *rules, const char *id, const struct yw_check *c,
                         struct yw_check_result *out) {
    out->rule = yw_rules_find(rules, id, yw_china_day(c->time));
    if (out->rule != YW_NO_RULE) out->confidence = yw_rules_at(rules, out->rule)->confidence;
    return out->rule;
}

/* HJ 75 ch. 11 table 4: drift in % of full scale. */
static void drift(const struct yw_rules *rules, const struct yw_site_factor *f, const struct yw_check *c,
                  struct yw_check_result *out) {
    bool is_zero = c->kind == YW_CHECK_ZERO, is_velocity = f->role == YW_ROLE_VELOCITY;
    double scale = c->full_scale > 0 ? c->full_scale : f->high;
    double nominal = is_zero && isnan(c->nominal) ? 0 : c->nominal;
    uint16_t rule = use_rule(rules,
                             is_velocity                       ? "hj75.drift.velocity"
                             : strncmp(f->code, "a34", 3) == 0 ? "hj75.drift.pm"
                                                               : "hj75.drift.gas",
                             c, out);
    measure(out, "drift", "% FS");
    if (!(scale > 0) || rule == YW_NO_RULE) return;
    double absolute = fabs(c->reading - nominal), pct = absolute / scale * 100;
    double limit = yw_rules_figure(rules, rule, is_zero ? "zero_out" : "span_out", NAN);
    found(out, pct, yw_rules_figure(rules, rule, is_zero ? "zero_technical" : "span_technical", NAN));
    if (!out->known) return;
    out->out_of_control = pct > limit + fabs(limit) * 1e-9;
    if (!is_velocity) return;
    /* a velocity may drift by a share or by metres a second: it must miss both to fail */
    if (absolute <= yw_rules_figure(rules, rule, "zero_technical_ms", -1) + 1e-9) out->passed = true;
    if (absolute <= yw_rules_figure(rules, rule, "zero_out_ms", -1) + 1e-9) out->out_of_control = false;
}

static double to_mass(const struct yw_rules *rules, const struct yw_site_factor *f,
                      const struct yw_check *c) {
    if (!f->ppm || !(f->molar_g > 0)) return 1;
    double litres = yw_rules_value(rules, "hj75.standard", yw_china_day(c->time), "molar_volume", NAN, NULL);
    return f->molar_g / litres;
}

/* HJ 75 ch. 9: indication error of a gas analyser, of the nominal gas or of a small full scale. */
static void indication(const struct yw_rules *rules, const struct yw_site_factor *f, const struct yw_check *c,
                       struct yw_check_result *out) {
    uint16_t rule = use_rule(rules, "hj75.error.gas", c, out);
    measure(out, "error", "%");
    if (rule == YW_NO_RULE || f->role != YW_ROLE_POLLUTANT || strncmp(f->code, "a34", 3) == 0) return;
    double scale = c->full_scale > 0 ? c->full_scale : f->high, error = fabs(c->reading - c->nominal);
    bool is_nox = strcmp(accuracy_rule(f), "hj75.accuracy.nox") == 0;
    double border = yw_rules_figure(rules, rule, is_nox ? "full_scale_nox" : "full_scale_so2", NAN);
    double litres = yw_rules_value(rules, "hj75.standard", yw_china_day(c->time), "molar_volume", NAN, NULL);
    double ppm = f->ppm || !(f->molar_g > 0) ? scale : scale * litres / f->molar_g;
    if (ppm < border)
        found(out, error / scale * 100, yw_rules_figure(rules, rule, "small_full_scale", NAN));
    else if (c->nominal > 0)
        found(out, error / c->nominal * 100, yw_rules_figure(rules, rule, "nominal", NAN));
}

/* Against a reference: HJ 75 ch. 9 and 11.4 for gas, HJ 355 table 1 for water. */
static void accuracy(const struct yw_rules *rules, const struct yw_site_factor *f, const struct yw_check *c,
                     struct yw_check_result *out) {
    const char *id = accuracy_rule(f);
    double reference[YW_CHECK_PAIRS], measured[YW_CHECK_PAIRS], ref = 0, own = 0,
                                                                scale = to_mass(rules, f, c);
    size_t n = 0;
    for (size_t i = 0; i < c->pair_n && i < YW_CHECK_PAIRS; i++) {
        if (!isfinite(c->reference[i]) || !isfinite(c->measured[i])) continue;
        reference[n] = c->reference[i] * scale;
        measured[n++] = c->measured[i] * scale;
    }
    if (n == 0 && isfinite(c->reading) && isfinite(c->nominal)) {
        reference[n] = c->nominal * scale;
        measured[n++] = c->reading * scale;
    }
    struct yw_band band;
    if (n == 0 || !id || use_rule(rules, id, c, out) == YW_NO_RULE) return;
    for (size_t i = 0; i < n; i++) ref += reference[i], own += measured[i];
    ref /= (double)n; /* the sum first: a mean on the border of a band must stay on it */
    own /= (double)n;
    if (!yw_rules_band(rules, out->rule, ref, &band)) return;
    switch (band.kind) {
    case YW_BAND_ABSOLUTE:
        measure(out, "absolute", f->ppm ? "mg/m3" : f->unit);
        found(out, fabs(own - ref), band.limit);
        break;
    case YW_BAND_RELATIVE:
        measure(out, "relative", "%");
        if (ref > 0) found(out, fabs(own - ref) / ref * 100, band.limit);
        break;
    case YW_BAND_ACCURACY:
        measure(out, "relative accuracy", "%");
        if (n >= PAIRS_FOR_ACCURACY) found(out, yw_relative_accuracy(reference, measured, n), band.limit);
        break;
    default:
        break;
    }
}

/* HJ 355 table 1: a standard of known content. */
static void standard(const struct yw_rules *rules, const struct yw_site_factor *f, const struct yw_check *c,
                     struct yw_check_result *out) {
    const char *id = accuracy_rule(f);
    if (!id || use_rule(rules, id, c, out) == YW_NO_RULE) return;
    double allowed = yw_rules_figure(rules, out->rule, "standard", NAN);
    if (isnan(allowed)) { /* pH and temperature have no share: the band of a comparison holds */
        accuracy(rules, f, c, out);
        return;
    }
    measure(out, "relative", "%");
    if (c->nominal > 0) found(out, fabs(c->reading - c->nominal) / c->nominal * 100, allowed);
}

void yw_check_evaluate(const struct yw_rules *rules, const struct yw_site *site, const struct yw_check *c,
                       struct yw_check_result *out) {
    *out = (struct yw_check_result){.error = NAN, .allowed = NAN, .rule = YW_NO_RULE};
    int index = yw_site_factor(site, c->factor);
    const struct yw_site_factor *f = index >= 0 ? &site->factors[index] : NULL;
    bool is_water = yw_profile_is_water(site->profile), has_reading = isfinite(c->reading);
    bool is_reference = c->kind == YW_CHECK_VERIFICATION || c->kind == YW_CHECK_COMPARISON;
    if (f && (is_reference || c->kind == YW_CHECK_ENFORCEMENT))
        accuracy(rules, f, c, out);
    else if (f && is_water && c->kind == YW_CHECK_STANDARD && has_reading)
        standard(rules, f, c, out);
    else if (f && !is_water && has_reading &&
             (c->kind == YW_CHECK_ZERO || c->kind == YW_CHECK_SPAN || c->kind == YW_CHECK_CALIBRATION))
        drift(rules, f, c, out);
    else if (f && !is_water && has_reading &&
             (c->kind == YW_CHECK_FULL_SYSTEM || c->kind == YW_CHECK_STANDARD))
        indication(rules, f, c, out);
    if (out->known) {
        out->differs = c->said >= 0 && (c->said == 1) != out->passed;
    } else {
        /* a calibration that is only written down was done; a comparison without numbers proves nothing */
        bool is_done = c->kind == YW_CHECK_ZERO || c->kind == YW_CHECK_SPAN ||
                       c->kind == YW_CHECK_CALIBRATION || c->kind == YW_CHECK_FULL_SYSTEM;
        out->passed = c->said == 1 || (c->said < 0 && is_done);
    }
    bool has_failed = out->known ? !out->passed : c->said == 0;
    if (is_reference && has_failed) out->out_of_control = true;
}
