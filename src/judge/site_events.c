/* site_events: what happened at a site: marks, checks, manual results, plans; and its units and corrections.
 */
#include "judge/site_int.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const mark_keys[] = {"id",        "version", "from",   "to",       "condition",
                                        "equipment", "factors", "counts", "disputed", "automatic",
                                        "withdrawn", "set_at",  "by",     "reason",   NULL};
static const char *const check_keys[] = {"time",     "factor",     "kind",     "reading",
                                         "nominal",  "full_scale", "passed",   "reference",
                                         "measured", "by",         "document", NULL};
static const char *const manual_keys[] = {"time", "factor", "value", NULL};
static const char *const plan_keys[] = {"from", "to",          "level",      "measure",
                                        "stop", "power_share", "flow_share", NULL};
static const char *const unit_keys[] = {"id",    "name",      "factor", "field",  "running_above",
                                        "rated", "treatment", "serves", "outlet", "records",
                                        NULL};

/* Calls `one` for every entry of a list; i: which. */
static void walk(struct yw_reading *r, const json_t *list, const char *key,
                 void (*one)(struct yw_reading *, const json_t *, struct yw_site *, size_t),
                 struct yw_site *s) {
    size_t was = yw_reading_into(r, key);
    for (size_t i = 0; r->code == YW_OK && i < json_array_size(list); i++) {
        size_t at = yw_reading_entry(r, i);
        one(r, json_array_get(list, i), s, i);
        yw_reading_up(r, at);
    }
    yw_reading_up(r, was);
}

/* Zeroed room for the entries of a list; NULL: none are there, or no memory (then the reading has failed). */
static void *room(struct yw_reading *r, const json_t *list, size_t size) {
    size_t n = json_array_size(list);
    if (n == 0) return NULL;
    void *array = calloc(n, size);
    if (array == NULL) yw_reading_fail(r, list, "no memory for %zu entries", n);
    return array;
}

static void span(struct yw_reading *r, const json_t *o, int64_t *from, int64_t *to) {
    yw_reading_member(r, o, "from", true);
    yw_reading_member(r, o, "to", true);
    yw_reading_time(r, o, "from", false, from);
    yw_reading_time(r, o, "to", true, to);
    if (r->code == YW_OK && *from >= *to) yw_reading_fail(r, o, "to must be later than from");
}

static uint64_t factor_bits(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "factors", YW_SITE_FACTORS);
    uint64_t bits = 0;
    for (size_t i = 0; r->code == YW_OK && i < json_array_size(list); i++) {
        const json_t *v = json_array_get(list, i);
        char code[13];
        if (!yw_tree_text(v, code, sizeof code) || !yw_site_is_code(code) || !yw_site_add_factor(s, code)) {
            yw_reading_fail(r, v, "factors[%zu] must be the code of a factor (at most %d of them)", i,
                            YW_SITE_FACTORS);
            return 0;
        }
        bits |= (uint64_t)1 << yw_site_factor(s, code);
    }
    return bits;
}

static void whole(struct yw_reading *r, const json_t *o, const char *key, uint64_t most, uint64_t *out) {
    const json_t *v = yw_reading_member(r, o, key, false);
    char text[24];
    uint64_t x;
    if (v == NULL) return;
    if (!yw_tree_text(v, text, sizeof text) || !yw_parse_u64(text, strlen(text), &x) || x > most) {
        yw_reading_fail(r, v, "%s must be a whole number, 0 to %llu", key, (unsigned long long)most);
        return;
    }
    *out = x;
}

static void read_mark(struct yw_reading *r, const json_t *o, struct yw_site *s, size_t i) {
    struct yw_mark *m = &s->marks[i];
    s->mark_n = i + 1;
    if (!yw_reading_keys(r, o, mark_keys)) return;
    uint64_t version = 1;
    m->id = i + 1;
    whole(r, o, "id", INT64_MAX, &m->id);
    whole(r, o, "version", UINT32_MAX, &version);
    m->version = (uint32_t)version;
    span(r, o, &m->from, &m->to);
    m->is_condition = yw_reading_member(r, o, "condition", false) != NULL;
    if (m->is_condition == (yw_reading_member(r, o, "equipment", false) != NULL)) {
        yw_reading_fail(r, o, "a mark has either `condition` or `equipment`");
    }
    m->counts = m->is_condition;
    yw_reading_word(r, o, "condition", yw_condition_parse,
                    "normal drying startup shutdown cooling stopped fault accident grid offgrid banked",
                    &m->value);
    yw_reading_word(r, o, "equipment", yw_equipment_parse,
                    "normal maintenance calibration check fault communication thermocouple over-range power "
                    "manual unknown",
                    &m->value);
    m->factors = factor_bits(r, o, s);
    yw_reading_yes(r, o, "counts", &m->counts);
    yw_reading_yes(r, o, "disputed", &m->disputed);
    yw_reading_yes(r, o, "automatic", &m->automatic);
    yw_reading_yes(r, o, "withdrawn", &m->withdrawn);
    m->set_at = m->from;
    yw_reading_time(r, o, "set_at", false, &m->set_at);
    yw_reading_text(r, o, "by", m->by, sizeof m->by);
    yw_reading_text(r, o, "reason", m->reason, sizeof m->reason);
}

void yw_site_read_marks(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "marks", YW_SITE_MARKS);
    s->marks = room(r, list, sizeof *s->marks);
    if (s->marks) walk(r, list, "marks", read_mark, s);
}

static size_t numbers(struct yw_reading *r, const json_t *o, const char *key, double out[YW_CHECK_PAIRS]) {
    const json_t *list = yw_reading_array(r, o, key, YW_CHECK_PAIRS);
    for (size_t i = 0; r->code == YW_OK && i < json_array_size(list); i++) {
        if (!yw_tree_number(json_array_get(list, i), &out[i])) {
            yw_reading_fail(r, json_array_get(list, i), "%s[%zu] must be a number", key, i);
        }
    }
    return json_array_size(list);
}

static void read_check(struct yw_reading *r, const json_t *o, struct yw_site *s, size_t i) {
    struct yw_check *c = &s->checks[i];
    s->check_n = i + 1;
    if (!yw_reading_keys(r, o, check_keys)) return;
    c->reading = c->nominal = c->full_scale = NAN;
    yw_reading_member(r, o, "time", true);
    yw_reading_time(r, o, "time", false, &c->time);
    yw_site_read_code(r, o, "factor", c->factor);
    yw_reading_member(r, o, "kind", true);
    yw_reading_word(r, o, "kind", yw_check_kind_parse,
                    "zero span calibration full-system verification standard comparison enforcement",
                    &c->kind);
    yw_reading_number(r, o, "reading", -1e9, 1e9, &c->reading);
    yw_reading_number(r, o, "nominal", -1e9, 1e9, &c->nominal);
    int f = yw_site_factor(s, c->factor);
    if (f >= 0) c->full_scale = s->factors[f].high;
    yw_reading_number(r, o, "full_scale", 1e-6, 1e9, &c->full_scale);
    bool said = false;
    yw_reading_yes(r, o, "passed", &said);
    c->said = yw_reading_member(r, o, "passed", false) == NULL ? -1 : (int8_t)said;
    size_t pairs = numbers(r, o, "reference", c->reference);
    if (numbers(r, o, "measured", c->measured) != pairs) {
        yw_reading_fail(r, o, "reference and measured must have as many numbers");
    }
    c->pair_n = (uint8_t)pairs;
    yw_reading_text(r, o, "by", c->by, sizeof c->by);
    yw_reading_text(r, o, "document", c->document, sizeof c->document);
}

void yw_site_read_checks(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "checks", YW_SITE_CHECKS);
    s->checks = room(r, list, sizeof *s->checks);
    if (s->checks) walk(r, list, "checks", read_check, s);
}

static void read_manual(struct yw_reading *r, const json_t *o, struct yw_site *s, size_t i) {
    struct yw_manual *m = &s->manual[i];
    s->manual_n = i + 1;
    if (!yw_reading_keys(r, o, manual_keys)) return;
    yw_reading_member(r, o, "time", true);
    yw_reading_time(r, o, "time", false, &m->time);
    yw_site_read_code(r, o, "factor", m->factor);
    yw_reading_member(r, o, "value", true);
    yw_reading_number(r, o, "value", -1e9, 1e9, &m->value);
}

void yw_site_read_manual(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *list = yw_reading_array(r, o, "manual", YW_SITE_MANUAL);
    s->manual = room(r, list, sizeof *s->manual);
    if (s->manual) walk(r, list, "manual", read_manual, s);
}

static void read_plan(struct yw_reading *r, const json_t *o, struct yw_site *s, size_t i) {
    struct yw_stop_plan *p = &s->plans[i];
    s->plan_n = i + 1;
    *p = (struct yw_stop_plan){.power_share = NAN, .flow_share = NAN};
    if (!yw_reading_keys(r, o, plan_keys)) return;
    span(r, o, &p->from, &p->to);
    yw_reading_text(r, o, "level", p->level, sizeof p->level);
    yw_reading_text(r, o, "measure", p->measure, sizeof p->measure);
    yw_reading_yes(r, o, "stop", &p->stop);
    yw_reading_number(r, o, "power_share", 0, 1, &p->power_share);
    yw_reading_number(r, o, "flow_share", 0, 1, &p->flow_share);
    if (r->code == YW_OK && !p->stop && isnan(p->power_share) && isnan(p->flow_share)) {
        yw_reading_fail(r, o, "a plan says `stop: yes`, `power_share` or `flow_share`");
    }
}

void yw_site_read_plans(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    walk(r, yw_reading_array(r, o, "plans", YW_SITE_PLANS), "plans", read_plan, s);
}

static const char *const records_names[] = {"values", "facility", "runtime"};

const char *yw_unit_records_name(uint8_t records) {
    return records < YW_COUNT(records_names) ? records_names[records] : "";
}

static bool parse_records(const char *text, uint8_t *out) {
    for (uint8_t i = 0; i < YW_COUNT(records_names); i++) {
        if (strcmp(text, records_names[i]) != 0) continue;
        *out = i;
        return true;
    }
    return false;
}

static void read_unit(struct yw_reading *r, const json_t *o, struct yw_site *s, size_t i) {
    struct yw_site_unit *u = &s->units[i];
    char code[13] = "";
    s->unit_n = i + 1;
    *u = (struct yw_site_unit){.field = "Rtd", .rated = NAN};
    if (!yw_reading_keys(r, o, unit_keys)) return;
    yw_reading_member(r, o, "id", true);
    yw_reading_text(r, o, "id", u->id, sizeof u->id);
    yw_reading_text(r, o, "name", u->name, sizeof u->name);
    yw_site_read_code(r, o, "factor", code);
    yw_copy(u->factor, sizeof u->factor, code, strlen(code));
    yw_reading_text(r, o, "field", u->field, sizeof u->field);
    yw_reading_number(r, o, "running_above", -1e9, 1e9, &u->running_above);
    yw_reading_number(r, o, "rated", 0, 1e9, &u->rated);
    yw_reading_yes(r, o, "treatment", &u->treatment);
    yw_reading_text(r, o, "serves", u->serves, sizeof u->serves);
    yw_reading_text(r, o, "outlet", u->outlet, sizeof u->outlet);
    u->records = strcmp(u->field, "RS") == 0   ? YW_UNIT_FACILITY
                 : strcmp(u->field, "RT") == 0 ? YW_UNIT_RUNTIME
                                               : YW_UNIT_VALUES;
    yw_reading_word(r, o, "records", parse_records, "values facility runtime", &u->records);
    /* Elsewhere sent, it is no factor of this outlet; off line a column makes it one. */
    if (u->outlet[0] != '\0' || u->records != YW_UNIT_VALUES) return;
    struct yw_site_factor *f = r->code == YW_OK ? yw_site_add_factor(s, code) : NULL;
    if (r->code == YW_OK && f == NULL) yw_reading_fail(r, o, "more than %d factors", YW_SITE_FACTORS);
    if (f != NULL && f->role == YW_ROLE_OTHER) f->role = YW_ROLE_POWER;
}

void yw_site_read_units(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    walk(r, yw_reading_array(r, o, "units", YW_SITE_UNITS), "units", read_unit, s);
    for (size_t i = 0; r->code == YW_OK && i < s->unit_n; i++) {
        bool found = s->units[i].serves[0] == '\0';
        for (size_t k = 0; k < s->unit_n; k++)
            found = found || strcmp(s->units[i].serves, s->units[k].id) == 0;
        if (!found) yw_reading_fail(r, o, "units[%zu].serves: there is no unit `%s`", i, s->units[i].serves);
    }
}

/* rules: {hj75.day: {valid_hours: 18, enabled: yes, confidence: O, from: 2026-01-01}} */
static void read_correction(struct yw_reading *r, const json_t *o, const char *rule, struct yw_site *s) {
    struct yw_correction common = {
        .enabled = -1, .from = INT32_MIN, .value = NAN, .confidence = YW_CONF_OFFICIAL};
    bool enabled = false;
    if (!json_is_object(o) || !yw_copy(common.rule, sizeof common.rule, rule, strlen(rule))) {
        yw_reading_fail(r, o, "here must stand {figure: value, enabled: yes}");
        return;
    }
    yw_reading_yes(r, o, "enabled", &enabled);
    if (yw_reading_member(r, o, "enabled", false) != NULL) common.enabled = enabled;
    yw_reading_word(r, o, "confidence", yw_confidence_parse, "S C R+ R- O ?", &common.confidence);
    yw_reading_day(r, o, "from", &common.from);
    size_t figures = 0;
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)o, name, v) {
        bool figure =
            strcmp(name, "enabled") != 0 && strcmp(name, "confidence") != 0 && strcmp(name, "from") != 0;
        if (!figure || r->code != YW_OK) continue;
        figures++;
        struct yw_correction c = common;
        if (s->correction_n == YW_SITE_CORRECTIONS) {
            yw_reading_fail(r, v, "more than %d corrections", YW_SITE_CORRECTIONS);
        } else if (!yw_copy(c.figure, sizeof c.figure, name, strlen(name))) {
            yw_reading_fail(r, v, "no figure has a name that long");
        } else if (!json_is_null(v)) {
            yw_reading_number(r, o, name, -DBL_MAX, DBL_MAX, &c.value);
        }
        if (r->code == YW_OK) s->corrections[s->correction_n++] = c;
    }
    if (r->code != YW_OK || figures > 0) return;
    if (common.enabled < 0)
        yw_reading_fail(r, o, "say a figure, or enabled: yes or no");
    else if (s->correction_n == YW_SITE_CORRECTIONS)
        yw_reading_fail(r, o, "more than %d corrections", YW_SITE_CORRECTIONS);
    else
        s->corrections[s->correction_n++] = common;
}

void yw_site_read_corrections(struct yw_reading *r, const json_t *o, struct yw_site *s) {
    const json_t *rules = yw_reading_member(r, o, "rules", false);
    if (rules == NULL) return;
    if (!json_is_object(rules))
        yw_reading_fail(r, rules, "rules must be a mapping: {hj75.day: {valid_hours: 18}}");
    size_t was = yw_reading_into(r, "rules");
    const char *rule;
    json_t *v;
    json_object_foreach((json_t *)rules, rule, v) {
        size_t at = yw_reading_into(r, rule);
        read_correction(r, v, rule, s);
        yw_reading_up(r, at);
        if (r->code != YW_OK) break;
    }
    yw_reading_up(r, was);
}
