/* site_limits: limits and permitted amounts of a site; rows of limits.csv that it names are looked up. */
#include "judge/site_int.h"

#include <math.h>
#include <string.h>

static const char *const limit_keys[] = {"factor", "value",     "low",    "unit",  "period",
                                         "basis",  "converted", "source", "share", "cold_value",
                                         "cold_c", "enabled",   "from",   "to",    NULL};
static const char *const row_keys[] = {"standard", "source_type", "variant", "factor", NULL};
static const char *const amount_keys[] = {"factor", "t", "period", "source", NULL};

/* Units of concentration as a share of g, all per the same volume; 0: not one of them. */
static double mass_of(const char *unit, const char **per) {
    static const struct {
        const char *prefix;
        double grams;
    } masses[] = {{"ng/", 1e-9}, {"ug/", 1e-6}, {"μg/", 1e-6}, {"mg/", 1e-3}, {"g/", 1}};
    for (size_t i = 0; i < YW_COUNT(masses); i++) {
        size_t n = strlen(masses[i].prefix);
        if (strncmp(unit, masses[i].prefix, n) != 0) continue;
        *per = unit + n;
        return masses[i].grams;
    }
    return 0;
}

/* A limit is kept in the unit its factor is judged in. */
static void to_unit_of(struct yw_site_limit *l, const char *unit) {
    const char *per_limit = "", *per_factor = "";
    double a = mass_of(l->unit, &per_limit), b = mass_of(unit, &per_factor);
    if (a == 0 || b == 0 || a == b || strcmp(per_limit, per_factor) != 0) return;
    l->value *= a / b;
    l->value_low *= a / b;
    l->cold_value *= a / b;
    yw_copy(l->unit, sizeof l->unit, unit, strlen(unit));
}

static void factor_of(const struct yw_site *s, const char *code, struct yw_site_factor *out) {
    int i = yw_site_factor(s, code);
    if (i >= 0)
        *out = s->factors[i];
    else
        yw_site_factor_defaults(s->profile, code, out);
    if (out->ppm) yw_copy(out->unit, sizeof out->unit, "mg/m3", 5);
}

static uint8_t usual_period(const struct yw_site *s, const struct yw_site_factor *f) {
    bool daily = yw_profile_is_water(s->profile) || s->profile == YW_PROFILE_INCINERATION;
    return daily && f->role != YW_ROLE_PH ? YW_PERIOD_DAY : YW_PERIOD_HOUR;
}

static struct yw_site_limit *new_limit(struct yw_reading *r, const json_t *at, struct yw_site *s) {
    if (s->limit_n == YW_SITE_LIMITS) {
        yw_reading_fail(r, at, "more than %d limits", YW_SITE_LIMITS);
        return NULL;
    }
    struct yw_site_limit *l = &s->limits[s->limit_n++];
    *l = (struct yw_site_limit){.value = NAN,
                                .value_low = NAN,
                                .share = NAN,
                                .cold_value = NAN,
                                .cold_c = NAN,
                                .valid_from = INT32_MIN,
                                .valid_to = INT32_MAX,
                                .enabled = true,
                                .basis = YW_BASIS_PERMIT,
                                .confidence = YW_CONF_SEEN};
    return l;
}

static double ultra_low_share(const struct yw_rules *rules) {
    for (size_t i = yw_rules_count(rules); i-- > 0;)
        if (strcmp(yw_rules_at(rules, i)->id, "ultralow.share") == 0)
            return yw_rules_figure(rules, (uint16_t)i, "share", NAN);
    return NAN;
}

static void read_own(struct yw_reading *r, const json_t *o, const struct yw_rules *rules, struct yw_site *s) {
    struct yw_site_limit *l = new_limit(r, o, s);
    if (l == NULL || !yw_reading_keys(r, o, limit_keys)) return;
    struct yw_site_factor f;
    yw_site_read_code(r, o, "factor", l->factor);
    if (r->code != YW_OK) return;
    factor_of(s, l->factor, &f);
    yw_reading_number(r, o, "value", -1e9, 1e9, &l->value);
    yw_reading_number(r, o, "low", -1e9, 1e9, &l->value_low);
    yw_copy(l->unit, sizeof l->unit, f.unit, strlen(f.unit));
    yw_reading_text(r, o, "unit", l->unit, sizeof l->unit);
    l->period = usual_period(s, &f);
    yw_reading_word(r, o, "period", yw_period_parse, "5min 1h 8h 24h month quarter year", &l->period);
    yw_reading_word(r, o, "basis", yw_basis_parse, "permit local national ultra-low", &l->basis);
    l->converted = f.converted && !isnan(s->reference_oxygen);
    yw_reading_yes(r, o, "converted", &l->converted);
    yw_reading_text(r, o, "source", l->source, sizeof l->source);
    if (l->basis == YW_BASIS_ULTRA_LOW) l->share = ultra_low_share(rules);
    yw_reading_number(r, o, "share", 0.01, 1, &l->share);
    yw_reading_number(r, o, "cold_value", -1e9, 1e9, &l->cold_value);
    yw_reading_number(r, o, "cold_c", -50, 60, &l->cold_c);
    yw_reading_yes(r, o, "enabled", &l->enabled);
    yw_reading_day(r, o, "from", &l->valid_from);
    yw_reading_day(r, o, "to", &l->valid_to);
    if (r->code != YW_OK) return;
    if (isnan(l->value) && isnan(l->value_low)) yw_reading_fail(r, o, "`value` (or `low`) is missing");
    if (l->valid_from > l->valid_to) yw_reading_fail(r, o, "from is later than to");
    if (l->converted && isnan(s->reference_oxygen)) {
        yw_reading_fail(r, o, "converted: yes needs reference_oxygen (%%) of the site");
    }
    if (isnan(l->cold_value) != isnan(l->cold_c)) yw_reading_fail(r, o, "cold_value and cold_c go together");
    to_unit_of(l, f.unit);
}

struct wanted { /* rows of the table that an entry asks for */
    char standard[80], source_type[64], variant[40], factor[13];
};

static bool is_wanted(const struct wanted *w, const struct yw_limit_row *row) {
    return strcmp(w->standard, row->standard) == 0 && strcmp(w->source_type, row->source_type) == 0 &&
           (w->factor[0] == '\0' || strcmp(w->factor, row->factor) == 0);
}

/* Words of one column under what is already fixed, for an error. */
static void list_words(const struct yw_limit_row *rows, size_t n, const struct wanted *w, bool types,
                       char *out, size_t size) {
    out[0] = '\0';
    for (size_t i = 0; i < n; i++) {
        const char *word = types ? rows[i].source_type : rows[i].standard;
        size_t len = strlen(out);
        if ((types && strcmp(w->standard, rows[i].standard) != 0) || strstr(out, word) ||
            len + strlen(word) + 3 > size)
            continue;
        snprintf(out + len, size - len, "%s%s", len ? "; " : "", word);
    }
}

static void take_row(struct yw_reading *r, const json_t *o, const struct yw_limit_row *row,
                     const struct yw_rules *rules, struct yw_site *s) {
    struct yw_site_limit *l = new_limit(r, o, s);
    if (l == NULL) return;
    yw_copy(l->factor, sizeof l->factor, row->factor, strlen(row->factor));
    yw_copy(l->unit, sizeof l->unit, row->unit, strlen(row->unit));
    snprintf(l->source, sizeof l->source, "%s %s%s%s", row->standard, row->source_type,
             row->variant[0] ? ", " : "", row->variant);
    l->value = row->value;
    l->value_low = row->value_low;
    l->share = row->share;
    if (isnan(l->share) && row->basis == YW_BASIS_ULTRA_LOW) l->share = ultra_low_share(rules);
    l->cold_value = row->cold_value;
    l->cold_c = row->cold_c;
    l->period = row->period;
    l->basis = row->basis;
    l->confidence = row->confidence;
    l->converted = !isnan(row->reference_oxygen);
    l->valid_from = row->valid_from;
    l->valid_to = row->valid_to;
    if (l->converted && isnan(s->reference_oxygen)) s->reference_oxygen = row->reference_oxygen;
    struct yw_site_factor f;
    factor_of(s, l->factor, &f);
    to_unit_of(l, f.unit);
}

/* Is there a row of the same factor and period under a variant that was asked for, or under none? */
static bool beaten(const struct yw_limit_row *rows, size_t n, const struct wanted *w,
                   const struct yw_limit_row *row) {
    if (w->variant[0] != '\0' && strcmp(row->variant, w->variant) == 0) return false;
    for (size_t i = 0; i < n; i++) {
        const struct yw_limit_row *other = &rows[i];
        if (other == row || !is_wanted(w, other) || !other->enabled ||
            strcmp(other->factor, row->factor) != 0 || other->period != row->period)
            continue;
        if (w->variant[0] != '\0' && strcmp(other->variant, w->variant) == 0) return true;
        if (other->variant[0] == '\0' && row->variant[0] != '\0') return true;
    }
    return false;
}

static void read_rows(struct yw_reading *r, const json_t *o, const struct yw_rules *rules,
                      struct yw_site *s) {
    struct wanted w = {.standard = ""};
    char words[200];
    if (!yw_reading_keys(r, o, row_keys)) return;
    yw_reading_member(r, o, "source_type", true);
    yw_reading_text(r, o, "standard", w.standard, sizeof w.standard);
    yw_reading_text(r, o, "source_type", w.source_type, sizeof w.source_type);
    yw_reading_text(r, o, "variant", w.variant, sizeof w.variant);
    yw_reading_text(r, o, "factor", w.factor, sizeof w.factor);
    if (r->code != YW_OK) return;
    size_t n, found = 0, off = 0;
    const struct yw_limit_row *rows = yw_rules_limits(rules, &n);
    bool standard = false, variant = w.variant[0] == '\0';
    for (size_t i = 0; i < n; i++) {
        standard = standard || strcmp(w.standard, rows[i].standard) == 0;
        variant = variant || (is_wanted(&w, &rows[i]) && strcmp(w.variant, rows[i].variant) == 0);
    }
    for (size_t i = 0; i < n && r->code == YW_OK; i++) {
        if (!is_wanted(&w, &rows[i])) continue;
        if (!rows[i].enabled) {
            off++;
            continue;
        }
        found++;
        if (beaten(rows, n, &w, &rows[i])) continue;
        for (size_t k = 0; k < i; k++) {
            if (!is_wanted(&w, &rows[k]) || !rows[k].enabled || beaten(rows, n, &w, &rows[k]) ||
                strcmp(rows[k].factor, rows[i].factor) != 0 || rows[k].period != rows[i].period ||
                rows[k].valid_from > rows[i].valid_to || rows[i].valid_from > rows[k].valid_to)
                continue;
            yw_reading_fail(r, o,
                            "%s has several rows: add variant: \"%s\" or \"%s\" (share/rules/limits.csv)",
                            rows[i].name, rows[k].variant, rows[i].variant);
            return;
        }
        take_row(r, o, &rows[i], rules, s);
    }
    if (r->code != YW_OK) return;
    if (!standard) {
        list_words(rows, n, &w, false, words, sizeof words);
        yw_reading_fail(r, o, "no standard `%s`; there are: %s ...", w.standard, words);
    } else if (found == 0 && off > 0) {
        yw_reading_fail(r, o,
                        "the rows of %s, %s are not verified and off; write the limit out, with its source",
                        w.standard, w.source_type);
    } else if (found == 0) {
        list_words(rows, n, &w, true, words, sizeof words);
        yw_reading_fail(r, o, "%s has no source_type `%s`; there are: %s", w.standard, w.source_type, words);
    } else if (!variant) {
        yw_reading_fail(r, o, "%s, %s has no variant `%s` (share/rules/limits.csv)", w.standard,
                        w.source_type, w.variant);
    }
}

void yw_site_read_limits(struct yw_reading *r, const json_t *o, const struct yw_rules *rules, bool own,
                         struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "limits", YW_SITE_LIMITS);
    size_t was = yw_reading_into(r, "limits");
    for (size_t i = 0; r->code == YW_OK && i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        if ((json_object_get(v, "standard") == NULL) != own) continue;
        size_t at = yw_reading_entry(r, i);
        if (own)
            read_own(r, v, rules, s);
        else
            read_rows(r, v, rules, s);
        yw_reading_up(r, at);
    }
    yw_reading_up(r, was);
}

void yw_site_read_amounts(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "amounts", YW_SITE_FACTORS);
    size_t was = yw_reading_into(r, "amounts");
    for (size_t i = 0; r->code == YW_OK && i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        size_t at = yw_reading_entry(r, i);
        struct yw_site_amount a = {.t = NAN, .period = YW_PERIOD_YEAR};
        if (yw_reading_keys(r, v, amount_keys)) {
            yw_site_read_code(r, v, "factor", a.factor);
            yw_reading_member(r, v, "t", true);
            yw_reading_number(r, v, "t", 0, 1e9, &a.t);
            yw_reading_word(r, v, "period", yw_period_parse, "month quarter year", &a.period);
            yw_reading_text(r, v, "source", a.source, sizeof a.source);
            if (r->code == YW_OK && a.period < YW_PERIOD_MONTH)
                yw_reading_fail(r, v, "period must be month, quarter or year");
        }
        if (r->code == YW_OK) s->amounts[s->amount_n++] = a;
        yw_reading_up(r, at);
    }
    yw_reading_up(r, was);
}
