/* site_read: a site from a tree: what stands at the top, and its factors. */
#include "judge/site_int.h"

#include <ctype.h>
#include <math.h>
#include <string.h>

static const char *const site_keys[] = {"site",
                                        "name",
                                        "profile",
                                        "records",
                                        "minute_interval",
                                        "due_per_day",
                                        "from",
                                        "to",
                                        "now",
                                        "reference_oxygen",
                                        "allow_down_conversion",
                                        "stack_area_m2",
                                        "velocity_coefficient",
                                        "barometric_pa",
                                        "flow_is_standard_dry",
                                        "commissioned",
                                        "factors",
                                        "limits",
                                        "amounts",
                                        "thermocouples",
                                        "marks",
                                        "checks",
                                        "manual",
                                        "plans",
                                        "units",
                                        "rules",
                                        NULL};
static const char *const factor_keys[] = {"name",   "unit",           "range",     "basis",     "state",
                                          "volume", "molar_mass",     "converted", "detection", "calibration",
                                          "role",   "constant_hours", NULL};

bool yw_site_is_code(const char *code) {
    size_t n = strlen(code);
    if (n == 0 || n > 12) return false;
    for (; *code; code++)
        if (!isalnum((unsigned char)*code) && *code != '_' && *code != '-') return false;
    return true;
}

void yw_site_read_code(struct yw_reading *r, const json_t *o, const char *key, char out[13]) {
    const json_t *v = yw_reading_member(r, o, key, true);
    if (v == NULL) return;
    if (!yw_tree_text(v, out, 13) || !yw_site_is_code(out)) {
        yw_reading_fail(r, v, "%s must be the code of a factor, such as a21026", key);
    }
}

static bool parse_records(const char *text, uint8_t *out) {
    if (strcmp(text, "real") == 0)
        *out = YW_RECORDS_REAL;
    else if (strcmp(text, "minute") == 0)
        *out = YW_PERIOD_MINUTE;
    else if (strcmp(text, "hour") == 0)
        *out = YW_PERIOD_HOUR;
    else
        return false;
    return true;
}

static bool parse_basis(const char *text, uint8_t *wet) {
    *wet = strcmp(text, "wet") == 0;
    return *wet || strcmp(text, "dry") == 0;
}

static bool parse_state(const char *text, uint8_t *actual) {
    *actual = strcmp(text, "actual") == 0;
    return *actual || strcmp(text, "standard") == 0;
}

static void read_range(struct yw_reading *r, const json_t *o, struct yw_site_factor *f) {
    const json_t *v = yw_reading_member(r, o, "range", false);
    if (v == NULL) return;
    if (!json_is_array(v) || json_array_size(v) != 2 || !yw_tree_number(json_array_get(v, 0), &f->low) ||
        !yw_tree_number(json_array_get(v, 1), &f->high) || f->low >= f->high) {
        yw_reading_fail(r, v, "range must be two numbers, [lower, upper]");
    }
}

static void read_factor(struct yw_reading *r, const json_t *o, struct yw_site_factor *f) {
    if (json_is_null(o)) return; /* named, with its defaults */
    if (!yw_reading_keys(r, o, factor_keys)) return;
    uint8_t wet = f->wet, actual = f->actual;
    yw_reading_text(r, o, "name", f->name, sizeof f->name);
    yw_reading_text(r, o, "unit", f->unit, sizeof f->unit);
    read_range(r, o, f);
    yw_reading_word(r, o, "basis", parse_basis, "dry wet", &wet);
    yw_reading_word(r, o, "state", parse_state, "standard actual", &actual);
    f->wet = wet;
    f->actual = actual;
    yw_reading_yes(r, o, "volume", &f->ppm);
    yw_reading_number(r, o, "molar_mass", 1, 1000, &f->molar_g);
    yw_reading_word(
        r, o, "role", yw_factor_role_parse,
        "pollutant oxygen temperature pressure moisture velocity gas-flow barometer water-flow ph "
        "water-temperature furnace power other",
        &f->role);
    yw_reading_yes(r, o, "converted", &f->converted);
    yw_reading_number(r, o, "detection", 0, 1e9, &f->detection);
    yw_reading_word(r, o, "calibration", yw_method_parse,
                    "unknown automatic extractive in-situ pm velocity water", &f->method);
    yw_reading_number(r, o, "constant_hours", 1, 8784, &f->constant_h);
    if (r->code == YW_OK && f->ppm && isnan(f->molar_g)) {
        yw_reading_fail(r, o, "volume: yes needs molar_mass (g/mol): it is not known for %s", f->code);
    }
}

void yw_site_read_factors(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *factors = yw_reading_member(r, o, "factors", false);
    if (factors == NULL) return;
    size_t was = yw_reading_into(r, "factors");
    if (!json_is_object(factors)) yw_reading_fail(r, factors, "must be a mapping of codes: {a21026: {...}}");
    const char *code;
    json_t *v;
    json_object_foreach((json_t *)factors, code, v) {
        size_t at = yw_reading_into(r, code);
        struct yw_site_factor *f = NULL;
        if (!yw_site_is_code(code))
            yw_reading_fail(r, v, "a factor's code is at most 12 letters and digits");
        else if ((f = yw_site_add_factor(s, code)) == NULL)
            yw_reading_fail(r, v, "more than %d factors", YW_SITE_FACTORS);
        if (f != NULL) read_factor(r, v, f);
        yw_reading_up(r, at);
        if (r->code != YW_OK) break;
    }
    yw_reading_up(r, was);
}

static void read_thermocouples(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "thermocouples", YW_SITE_THERMOCOUPLES);
    for (size_t i = 0; r->code == YW_OK && i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        char *code = s->thermocouples[s->thermocouple_n];
        if (!yw_tree_text(v, code, 13) || !yw_site_is_code(code)) {
            yw_reading_fail(r, v, "thermocouples[%zu] must be the code of a factor, such as a01901", i);
            return;
        }
        bool fresh = yw_site_factor(s, code) < 0;
        struct yw_site_factor *f = yw_site_add_factor(s, code);
        if (f == NULL) {
            yw_reading_fail(r, v, "more than %d factors", YW_SITE_FACTORS);
            return;
        }
        if (fresh) f->role = YW_ROLE_FURNACE;
        if (f->unit[0] == '\0') yw_copy(f->unit, sizeof f->unit, "degC", 4);
        s->thermocouple_n++;
    }
}

/* What neither site nor limits say, the profile's standard does; a rule, not a number, is asked. */
static void default_oxygen(const struct yw_rules *rules, struct yw_site *s) {
    if (!isnan(s->reference_oxygen)) return;
    const char *id = s->profile == YW_PROFILE_INCINERATION ? "oxygen.incineration"
                     : s->profile == YW_PROFILE_CEMENT     ? "oxygen.cement"
                                                           : NULL;
    if (id == NULL) return;
    for (size_t i = yw_rules_count(rules); i-- > 0;) { /* the newest */
        if (strcmp(yw_rules_at(rules, i)->id, id) != 0) continue;
        s->reference_oxygen = yw_rules_figure(rules, (uint16_t)i, "reference", NAN);
        return;
    }
}

static void read_top(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    uint8_t profile = 0;
    yw_reading_member(r, o, "profile", true);
    yw_reading_word(r, o, "profile", yw_profile_parse,
                    "flue-gas waste-water incineration power cement paper ambient", &profile);
    if (r->code != YW_OK) return;
    yw_site_init(s, profile);
    yw_reading_member(r, o, "site", r->tree != NULL);
    yw_reading_text(r, o, "site", s->id, sizeof s->id);
    yw_reading_text(r, o, "name", s->name, sizeof s->name);
    yw_reading_word(r, o, "records", parse_records, "minute hour real", &s->records);
    yw_reading_u16(r, o, "minute_interval", 1, 60, &s->minute_interval);
    if (r->code == YW_OK && 60 % s->minute_interval != 0) {
        yw_reading_fail(r, json_object_get(o, "minute_interval"), "minute_interval must divide 60, not %u",
                        s->minute_interval);
    }
    yw_reading_u16(r, o, "due_per_day", 1, 1440, &s->due_per_day);
    yw_reading_time(r, o, "from", false, &s->from);
    yw_reading_time(r, o, "to", true, &s->to);
    yw_reading_time(r, o, "now", true, &s->now);
    if (r->code == YW_OK && s->from != 0 && s->to != 0 && s->from >= s->to) {
        yw_reading_fail(r, json_object_get(o, "to"), "to must be later than from");
    }
    yw_reading_number(r, o, "reference_oxygen", 0, 20, &s->reference_oxygen);
    yw_reading_yes(r, o, "allow_down_conversion", &s->allow_down);
    yw_reading_number(r, o, "stack_area_m2", 0.001, 1000, &s->stack_area_m2);
    yw_reading_number(r, o, "velocity_coefficient", 0.01, 10, &s->velocity_k);
    yw_reading_number(r, o, "barometric_pa", 30000, 120000, &s->barometric_pa);
    yw_reading_yes(r, o, "flow_is_standard_dry", &s->flow_is_standard_dry);
    yw_reading_time(r, o, "commissioned", false, &s->commissioned);
}

static enum yw_code read_site(struct yw_reading *r, const json_t *o, const struct yw_rules *given,
                              struct yw_site *s) {
    memset(s, 0, sizeof *s);
    if (yw_reading_keys(r, o, site_keys)) read_top(r, o, s);
    if (r->code != YW_OK) return r->code;
    yw_site_read_corrections(r, o, s);
    struct yw_rules *rules = NULL;
    struct yw_error inner = {0};
    if (r->code == YW_OK && yw_site_rules(s, given, &rules, &inner) != YW_OK) {
        yw_reading_fail(r, json_object_get(o, "rules"), "rules: %s", inner.text);
    }
    if (rules != NULL) {
        yw_site_read_factors(r, o, s);
        read_thermocouples(r, o, s);
        yw_site_read_limits(r, o, rules, false, s);
        default_oxygen(rules, s);
        yw_site_read_limits(r, o, rules, true, s);
        yw_site_read_amounts(r, o, s);
        yw_site_read_marks(r, o, s);
        yw_site_read_checks(r, o, s);
        yw_site_read_manual(r, o, s);
        yw_site_read_plans(r, o, s);
        yw_site_read_units(r, o, s);
    }
    yw_rules_destroy(rules);
    if (r->code != YW_OK) yw_site_free(s);
    return r->code;
}

enum yw_code yw_site_from_yaml(const char *text, size_t n, const struct yw_rules *rules, struct yw_site *out,
                               struct yw_error *err) {
    memset(out, 0, sizeof *out);
    if (n > YW_SITE_TEXT)
        return yw_fail(err, YW_E_LIMIT, "the site file has %zu bytes; at most %d are read", n, YW_SITE_TEXT);
    struct yw_tree tree;
    enum yw_code code = yw_tree_from_yaml(text, n, "site", &tree, err);
    if (code != YW_OK) return code;
    struct yw_reading r = {.tree = &tree, .where = "site", .err = err};
    code = read_site(&r, tree.root, rules, out);
    yw_tree_free(&tree);
    return code;
}

enum yw_code yw_site_from_json(const json_t *site, const struct yw_rules *rules, struct yw_site *out,
                               struct yw_error *err) {
    struct yw_reading r = {.where = "site", .err = err};
    return read_site(&r, site, rules, out);
}
