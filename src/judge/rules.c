/* rules: the set itself: looking up rules and figures, and what identifies the set. */
#include "judge/rules.h"

#include "judge/rules_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct yw_rules *yw_rules_create(void) {
    return calloc(1, sizeof(struct yw_rules));
}

void yw_rules_destroy(struct yw_rules *r) {
    if (!r) return;
    free(r->rules);
    free(r->limits);
    free(r);
}

struct yw_rules *yw_rules_copy(const struct yw_rules *r) {
    struct yw_rules *copy = yw_rules_create();
    if (!copy) return NULL;
    copy->rules = malloc((r->n ? r->n : 1) * sizeof *copy->rules);
    copy->limits = malloc((r->limit_n ? r->limit_n : 1) * sizeof *copy->limits);
    if (!copy->rules || !copy->limits) {
        yw_rules_destroy(copy);
        return NULL;
    }
    if (r->n) memcpy(copy->rules, r->rules, r->n * sizeof *copy->rules);
    if (r->limit_n) memcpy(copy->limits, r->limits, r->limit_n * sizeof *copy->limits);
    copy->n = copy->cap = r->n;
    copy->limit_n = copy->limit_cap = r->limit_n;
    memcpy(copy->flags, r->flags, sizeof copy->flags);
    copy->flag_n = r->flag_n;
    return copy;
}

/* Doubles an array of entries of `size` bytes up to `most` when it is full. */
static bool grow(void **array, size_t n, size_t *cap, size_t most, size_t size) {
    if (n < *cap) return true;
    if (n >= most) return false;
    size_t want = *cap < 16 ? 32 : 2 * *cap;
    if (want > most) want = most;
    void *more = realloc(*array, want * size);
    if (!more) return false;
    *array = more;
    *cap = want;
    return true;
}

struct yw_rule *yw_rules_new(struct yw_rules *r, struct yw_error *err) {
    void *array = r->rules;
    bool room = grow(&array, r->n, &r->cap, YW_RULES_MAX, sizeof *r->rules);
    r->rules = array;
    if (!room) {
        yw_fail(err, YW_E_LIMIT, "no room for another rule; a set has at most %d", YW_RULES_MAX);
        return NULL;
    }
    struct yw_rule *rule = &r->rules[r->n++];
    memset(rule, 0, sizeof *rule);
    return rule;
}

struct yw_limit_row *yw_rules_new_limit(struct yw_rules *r, struct yw_error *err) {
    void *array = r->limits;
    bool room = grow(&array, r->limit_n, &r->limit_cap, YW_LIMITS_MAX, sizeof *r->limits);
    r->limits = array;
    if (!room) {
        yw_fail(err, YW_E_LIMIT, "no room for another limit; a set has at most %d", YW_LIMITS_MAX);
        return NULL;
    }
    struct yw_limit_row *row = &r->limits[r->limit_n++];
    memset(row, 0, sizeof *row);
    return row;
}

struct yw_figure *yw_rule_figure(struct yw_rule *rule, const char *name) {
    for (size_t i = 0; i < rule->figure_n; i++)
        if (strcmp(rule->figures[i].name, name) == 0) return &rule->figures[i];
    return NULL;
}

bool yw_rule_default_on(bool accuses, uint8_t confidence) {
    return !accuses || confidence > YW_CONF_RECALLED;
}

size_t yw_rules_count(const struct yw_rules *r) {
    return r->n;
}

const struct yw_rule *yw_rules_at(const struct yw_rules *r, size_t i) {
    return i < r->n ? &r->rules[i] : NULL;
}

uint16_t yw_rules_find(const struct yw_rules *r, const char *id, int32_t day) {
    uint16_t found = YW_NO_RULE, first = YW_NO_RULE;
    for (size_t i = 0; i < r->n; i++) {
        const struct yw_rule *rule = &r->rules[i];
        if (strcmp(rule->id, id) != 0) continue;
        if (first == YW_NO_RULE || rule->valid_from < r->rules[first].valid_from) first = (uint16_t)i;
        if (day < rule->valid_from || day > rule->valid_to) continue;
        if (found == YW_NO_RULE || rule->valid_from >= r->rules[found].valid_from) found = (uint16_t)i;
    }
    /* older data are calculated by the first edition there is; nobody is held against what was not in force
     */
    bool is_older = first != YW_NO_RULE && day < r->rules[first].valid_from && !r->rules[first].accuses;
    return found == YW_NO_RULE && is_older ? first : found;
}

double yw_rules_figure(const struct yw_rules *r, uint16_t rule, const char *name, double otherwise) {
    if (rule >= r->n) return otherwise;
    const struct yw_figure *f = yw_rule_figure(&r->rules[rule], name);
    return f && !isnan(f->value) ? f->value : otherwise;
}

double yw_rules_value(const struct yw_rules *r, const char *id, int32_t day, const char *name,
                      double otherwise, uint16_t *rule) {
    uint16_t found = yw_rules_find(r, id, day);
    if (rule) *rule = found;
    return yw_rules_figure(r, found, name, otherwise);
}

bool yw_rules_enabled(const struct yw_rules *r, uint16_t rule) {
    return rule < r->n && r->rules[rule].enabled;
}

const struct yw_limit_row *yw_rules_limits(const struct yw_rules *r, size_t *n) {
    *n = r->limit_n;
    return r->limits;
}

bool yw_rules_band(const struct yw_rules *r, uint16_t rule, double reference, struct yw_band *out) {
    static const char *const kinds[] = {"", "absolute", "relative", "accuracy"};
    *out = (struct yw_band){.kind = YW_BAND_NONE, .limit = NAN};
    for (unsigned number = 1; number <= YW_RULE_FIGURES; number++) {
        char name[YW_FIGURE_NAME];
        snprintf(name, sizeof name, "from_%u", number);
        double from = yw_rules_figure(r, rule, name, NAN);
        snprintf(name, sizeof name, "above_%u", number);
        double above = yw_rules_figure(r, rule, name, NAN);
        if ((!isnan(from) && !(reference >= from)) || (!isnan(above) && !(reference > above))) continue;
        for (uint8_t kind = YW_BAND_ABSOLUTE; kind <= YW_BAND_ACCURACY; kind++) {
            snprintf(name, sizeof name, "%s_%u", kinds[kind], number);
            double limit = yw_rules_figure(r, rule, name, NAN);
            if (!isnan(limit))
                *out = (struct yw_band){.kind = kind, .number = (uint8_t)number, .limit = limit};
        }
    }
    return out->kind != YW_BAND_NONE;
}

static void digest_rule(struct yw_buf *b, const struct yw_rule *rule) {
    yw_buf_printf(b, "R|%s|%s|%s|%s|%u|%d|%d|%d|%d\n", rule->id, rule->standard, rule->edition, rule->clause,
                  rule->confidence, rule->accuses, rule->enabled, rule->valid_from, rule->valid_to);
    for (size_t i = 0; i < rule->figure_n; i++) {
        const struct yw_figure *f = &rule->figures[i];
        yw_buf_printf(b, "F|%s|%.17g|%s|%u\n", f->name, f->value, f->unit, f->confidence);
    }
}

void yw_rules_digest(const struct yw_rules *r, char out[17]) {
    struct yw_buf b;
    yw_buf_init(&b, 16 << 20);
    for (size_t i = 0; i < r->n; i++) digest_rule(&b, &r->rules[i]);
    for (size_t i = 0; i < r->limit_n; i++) {
        const struct yw_limit_row *l = &r->limits[i];
        yw_buf_printf(&b, "L|%s|%s|%.17g|%.17g|%s|%u|%u|%u|%.17g|%.17g|%.17g|%.17g|%d|%d|%d\n", l->id,
                      l->factor, l->value, l->value_low, l->unit, l->period, l->basis, l->confidence,
                      l->reference_oxygen, l->share, l->cold_value, l->cold_c, l->enabled, l->valid_from,
                      l->valid_to);
    }
    for (size_t i = 0; i < r->flag_n; i++) {
        const struct yw_flag *f = &r->flags[i];
        yw_buf_printf(&b, "G|%s|%u|%u|%u|%u\n", f->flag, f->station, f->class, f->condition, f->equipment);
    }
    uint8_t hash[32];
    yw_sha256(b.data ? b.data : "", b.len, hash);
    for (size_t i = 0; i < 8; i++) snprintf(out + 2 * i, 3, "%02x", hash[i]);
    yw_buf_free(&b);
}
