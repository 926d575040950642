/* site: the description itself: words, defaults of a profile, and what a factor's code is known for. */
#include "judge/site.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const profiles[] = {"",      "flue-gas", "waste-water", "incineration",
                                       "power", "cement",   "paper",       "ambient"};

const char *yw_profile_name(uint8_t p) {
    return p < YW_COUNT(profiles) ? profiles[p] : "";
}

static bool parse(const char *const *names, size_t first, size_t n, const char *text, uint8_t *out) {
    for (size_t i = first; i < n; i++) {
        if (strcmp(names[i], text) != 0) continue;
        *out = (uint8_t)i;
        return true;
    }
    return false;
}

bool yw_profile_parse(const char *text, uint8_t *out) {
    return parse(profiles, 1, YW_COUNT(profiles), text, out);
}

static const char *const methods[] = {"unknown", "automatic", "extractive", "in-situ",
                                      "pm",      "velocity",  "water"};

const char *yw_method_name(uint8_t m) {
    return m < YW_COUNT(methods) ? methods[m] : "";
}

bool yw_method_parse(const char *text, uint8_t *out) {
    return parse(methods, 0, YW_COUNT(methods), text, out);
}

static const char *const check_kinds[] = {
    "",         "zero",       "span",       "calibration", "full-system", "verification",
    "standard", "comparison", "enforcement"};

const char *yw_check_kind_name(uint8_t k) {
    return k < YW_COUNT(check_kinds) ? check_kinds[k] : "";
}

bool yw_check_kind_parse(const char *text, uint8_t *out) {
    return parse(check_kinds, 1, YW_COUNT(check_kinds), text, out);
}

static const char *const roles[] = {"pollutant",         "oxygen",   "temperature", "pressure",   "moisture",
                                    "velocity",          "gas-flow", "barometer",   "water-flow", "ph",
                                    "water-temperature", "furnace",  "power",       "other"};

const char *yw_factor_role_name(uint8_t role) {
    return role < YW_COUNT(roles) ? roles[role] : "";
}

bool yw_factor_role_parse(const char *text, uint8_t *out) {
    return parse(roles, 0, YW_COUNT(roles), text, out);
}

void yw_site_init(struct yw_site *s, uint8_t profile) {
    memset(s, 0, sizeof *s);
    s->profile = profile;
    s->records = YW_PERIOD_MINUTE;
    s->minute_interval = 1;
    s->due_per_day = 24;
    s->reference_oxygen = NAN;
    s->allow_down = profile != YW_PROFILE_CEMENT;
    s->stack_area_m2 = NAN;
    s->velocity_k = 1;
    s->barometric_pa = 101325;
    s->flow_is_standard_dry = true;
}

void yw_site_free(struct yw_site *s) {
    free(s->marks);
    free(s->checks);
    free(s->manual);
    s->marks = NULL;
    s->checks = NULL;
    s->manual = NULL;
    s->mark_n = s->check_n = s->manual_n = 0;
}

/* What a code stands for where the site does not say otherwise: units of HJ 212 B.1 and B.2, molar masses of
 * the gases (HJ 75 annex: SO2 64.06, NO 30.006, NO2 46.005), and whether limits of flue gas hold for the
 * value converted to reference oxygen. NOx counts as NO2. */
static const struct known {
    const char *code, *name, *unit;
    uint8_t role;
    bool converted;
    double molar_g;
} known[] = {
    {"a00000", "废气流量", "m3/s", YW_ROLE_GAS_FLOW, false, 0},
    {"a01006", "气压", "kPa", YW_ROLE_BAROMETER, false, 0},
    {"a01011", "烟气流速", "m/s", YW_ROLE_VELOCITY, false, 0},
    {"a01012", "烟气温度", "degC", YW_ROLE_TEMPERATURE, false, 0},
    {"a01013", "烟气压力", "kPa", YW_ROLE_PRESSURE, false, 0},
    {"a01014", "烟气湿度", "%", YW_ROLE_MOISTURE, false, 0},
    {"a01901", "炉膛温度", "degC", YW_ROLE_FURNACE, false, 0},
    {"a01902", "炉膛 DCS 温度", "degC", YW_ROLE_OTHER, false, 0},
    {"a05024", "O3", "ug/m3", YW_ROLE_POLLUTANT, false, 47.998},
    {"a19001", "氧含量", "%", YW_ROLE_OXYGEN, false, 0},
    {"a21001", "NH3", "mg/m3", YW_ROLE_POLLUTANT, true, 17.031},
    {"a21002", "NOx", "mg/m3", YW_ROLE_POLLUTANT, true, 46.005},
    {"a21003", "NO", "mg/m3", YW_ROLE_POLLUTANT, true, 30.006},
    {"a21004", "NO2", "mg/m3", YW_ROLE_POLLUTANT, true, 46.005},
    {"a21005", "CO", "mg/m3", YW_ROLE_POLLUTANT, true, 28.010},
    {"a21018", "氟化物", "mg/m3", YW_ROLE_POLLUTANT, true, 0},
    {"a21024", "HCl", "mg/m3", YW_ROLE_POLLUTANT, true, 36.461},
    {"a21026", "SO2", "mg/m3", YW_ROLE_POLLUTANT, true, 64.06},
    {"a24088", "NMHC", "mg/m3", YW_ROLE_POLLUTANT, false, 0},
    {"a34002", "PM10", "ug/m3", YW_ROLE_POLLUTANT, false, 0},
    {"a34004", "PM2.5", "ug/m3", YW_ROLE_POLLUTANT, false, 0},
    {"a34013", "颗粒物", "mg/m3", YW_ROLE_POLLUTANT, true, 0},
    {"w00000", "污水流量", "L/s", YW_ROLE_WATER_FLOW, false, 0},
    {"w01001", "pH", "1", YW_ROLE_PH, false, 0},
    {"w01010", "水温", "degC", YW_ROLE_WATER_TEMPERATURE, false, 0},
    {"w01012", "SS", "mg/L", YW_ROLE_POLLUTANT, false, 0},
    {"w01017", "BOD5", "mg/L", YW_ROLE_POLLUTANT, false, 0},
    {"w01018", "CODCr", "mg/L", YW_ROLE_POLLUTANT, false, 0},
    {"w01020", "TOC", "mg/L", YW_ROLE_POLLUTANT, false, 0},
    {"w21001", "TN", "mg/L", YW_ROLE_POLLUTANT, false, 0},
    {"w21003", "NH3-N", "mg/L", YW_ROLE_POLLUTANT, false, 0},
    {"w21011", "TP", "mg/L", YW_ROLE_POLLUTANT, false, 0},
};

static void of_code(struct yw_site_factor *f, uint8_t profile) {
    for (size_t i = 0; i < YW_COUNT(known); i++) {
        if (strcmp(known[i].code, f->code) != 0) continue;
        yw_copy(f->name, sizeof f->name, known[i].name, strlen(known[i].name));
        yw_copy(f->unit, sizeof f->unit, known[i].unit, strlen(known[i].unit));
        f->role = known[i].role;
        f->converted = known[i].converted && yw_profile_is_gas(profile);
        if (known[i].molar_g > 0) f->molar_g = known[i].molar_g;
        break;
    }
    if (profile == YW_PROFILE_AMBIENT) {
        /* weather and the station's own readings are no pollutants; gases are told in ug/m3, CO in mg/m3 */
        if (strncmp(f->code, "a01", 3) == 0) f->role = YW_ROLE_OTHER;
        bool gas = strcmp(f->code, "a21026") == 0 || strcmp(f->code, "a21004") == 0;
        if (gas) yw_copy(f->unit, sizeof f->unit, "ug/m3", 5);
    }
}

void yw_site_factor_defaults(uint8_t profile, const char *code, struct yw_site_factor *f) {
    *f = (struct yw_site_factor){
        .role = YW_ROLE_OTHER, .low = NAN, .high = NAN, .detection = NAN, .molar_g = NAN, .constant_h = NAN};
    yw_copy(f->code, sizeof f->code, code, strlen(code));
    yw_copy(f->name, sizeof f->name, code, strlen(code));
    /* pollutants of gas are a2xxxx and a3xxxx, of water w01xxx to w9xxxx; what is left is only shown */
    if (code[0] == 'a' && (code[1] == '2' || code[1] == '3')) {
        f->role = YW_ROLE_POLLUTANT;
        yw_copy(f->unit, sizeof f->unit, "mg/m3", 5);
    } else if (code[0] == 'w') {
        f->role = YW_ROLE_POLLUTANT;
        yw_copy(f->unit, sizeof f->unit, "mg/L", 4);
    } else if (code[0] == 'e' || code[0] == 'p' || strncmp(code, "SB", 2) == 0) {
        f->role = YW_ROLE_POWER;
    }
    of_code(f, profile);
}

struct yw_site_factor *yw_site_add_factor(struct yw_site *s, const char *code) {
    int have = yw_site_factor(s, code);
    if (have >= 0) return &s->factors[have];
    size_t n = strlen(code);
    if (s->factor_n == YW_SITE_FACTORS || n == 0 || n >= sizeof s->factors[0].code) return NULL;
    struct yw_site_factor *f = &s->factors[s->factor_n++];
    yw_site_factor_defaults(s->profile, code, f);
    return f;
}

int yw_site_factor(const struct yw_site *s, const char *code) {
    for (size_t i = 0; i < s->factor_n; i++)
        if (strcmp(s->factors[i].code, code) == 0) return (int)i;
    return -1;
}

int yw_site_role(const struct yw_site *s, uint8_t role) {
    for (size_t i = 0; i < s->factor_n; i++)
        if (s->factors[i].role == role) return (int)i;
    return -1;
}

enum yw_code yw_site_rules(const struct yw_site *s, const struct yw_rules *rules, struct yw_rules **out,
                           struct yw_error *err) {
    *out = yw_rules_copy(rules);
    if (!*out) return yw_fail(err, YW_E_NOMEM, "no memory for the rules");
    for (size_t i = 0; i < s->correction_n; i++) {
        enum yw_code code = yw_rules_correct(*out, &s->corrections[i], err);
        if (code == YW_OK) continue;
        yw_rules_destroy(*out);
        *out = NULL;
        return code;
    }
    return YW_OK;
}
