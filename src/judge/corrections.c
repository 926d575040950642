/* corrections: a figure set right without a build, from a day on. */
#include "judge/rules_int.h"

#include <math.h>
#include <string.h>

/* The names of all figures of a rule, for an error. */
static enum yw_code no_figure(const struct yw_rule *rule, const char *name, struct yw_error *err) {
    char known[200] = "";
    for (size_t i = 0; i < rule->figure_n; i++) {
        size_t len = strlen(known);
        snprintf(known + len, sizeof known - len, "%s%s", i ? " " : "", rule->figures[i].name);
    }
    return yw_fail(err, YW_E_NOT_FOUND, "rule %s has no figure `%s`; there are: %s", rule->id, name,
                   known[0] ? known : "none");
}

/* Ids that begin alike first, then the first there are: enough to find a slip of the pen. */
static enum yw_code no_rule(const struct yw_rules *r, const char *id, struct yw_error *err) {
    char known[230] = "";
    size_t family = strcspn(id, ".");
    for (int pass = 0; pass < 2; pass++) {
        for (size_t i = 0; i < r->n; i++) {
            const char *other = r->rules[i].id;
            bool alike = strncmp(other, id, family) == 0 && strcspn(other, ".") == family;
            size_t len = strlen(known);
            if (alike != (pass == 0) || strstr(known, other) || len + strlen(other) + 2 > sizeof known - 4)
                continue;
            snprintf(known + len, sizeof known - len, "%s%s", len ? " " : "", other);
        }
    }
    return yw_fail(err, YW_E_NOT_FOUND, "no rule `%s`; there are: %s ...", id, known);
}

static void set_rule(struct yw_rule *rule, const struct yw_correction *c) {
    struct yw_figure *f = yw_rule_figure(rule, c->figure);
    if (f) {
        f->value = c->value;
        f->corrected = true;
        f->confidence = c->confidence ? c->confidence : YW_CONF_OFFICIAL;
    }
    if (c->enabled >= 0) rule->enabled = c->enabled > 0;
}

static double *row_figure(struct yw_limit_row *row, const char *name) {
    const struct {
        const char *name;
        double *at;
    } figures[] = {
        {"value", &row->value},   {"low", &row->value_low},
        {"share", &row->share},   {"cold_value", &row->cold_value},
        {"cold_c", &row->cold_c}, {"reference_oxygen", &row->reference_oxygen},
    };
    for (size_t i = 0; i < YW_COUNT(figures); i++)
        if (strcmp(figures[i].name, name) == 0) return figures[i].at;
    return NULL;
}

static void set_row(struct yw_limit_row *row, const struct yw_correction *c) {
    double *at = row_figure(row, c->figure);
    if (at) {
        *at = c->value;
        row->confidence = c->confidence ? c->confidence : YW_CONF_OFFICIAL;
    }
    if (c->enabled >= 0) row->enabled = c->enabled > 0;
}

static enum yw_code correct_rules(struct yw_rules *r, const struct yw_correction *c, bool *found,
                                  struct yw_error *err) {
    size_t n = r->n; /* pieces cut off come behind */
    for (size_t i = 0; i < n; i++) {
        if (strcmp(r->rules[i].id, c->rule) != 0) continue;
        *found = true;
        if (c->figure[0] && !yw_rule_figure(&r->rules[i], c->figure))
            return no_figure(&r->rules[i], c->figure, err);
        if (r->rules[i].valid_to < c->from) continue;
        if (r->rules[i].valid_from >= c->from) {
            set_rule(&r->rules[i], c);
            continue;
        }
        struct yw_rule *piece = yw_rules_new(r, err);
        if (!piece) return YW_E_LIMIT;
        *piece = r->rules[i];
        piece->valid_from = c->from;
        r->rules[i].valid_to = c->from - 1;
        set_rule(piece, c);
    }
    return YW_OK;
}

static enum yw_code correct_limits(struct yw_rules *r, const struct yw_correction *c, bool *found,
                                   struct yw_error *err) {
    size_t n = r->limit_n;
    for (size_t i = 0; i < n; i++) {
        if (strcmp(r->limits[i].id, c->rule) != 0) continue;
        *found = true;
        if (c->figure[0] && !row_figure(&r->limits[i], c->figure)) {
            return yw_fail(err, YW_E_NOT_FOUND,
                           "limit %s has no figure `%s`; there are: value low share cold_value cold_c "
                           "reference_oxygen",
                           c->rule, c->figure);
        }
        if (r->limits[i].valid_to < c->from) continue;
        if (r->limits[i].valid_from >= c->from) {
            set_row(&r->limits[i], c);
            continue;
        }
        struct yw_limit_row *piece = yw_rules_new_limit(r, err);
        if (!piece) return YW_E_LIMIT;
        *piece = r->limits[i];
        piece->valid_from = c->from;
        r->limits[i].valid_to = c->from - 1;
        set_row(piece, c);
    }
    return YW_OK;
}

enum yw_code yw_rules_correct(struct yw_rules *r, const struct yw_correction *c, struct yw_error *err) {
    bool found = false;
    if (c->figure[0] && isinf(c->value))
        return yw_fail(err, YW_E_RANGE, "%s %s: not a number", c->rule, c->figure);
    enum yw_code code = correct_rules(r, c, &found, err);
    if (code == YW_OK && !found) code = correct_limits(r, c, &found, err);
    if (code == YW_OK && !found) code = no_rule(r, c->rule, err);
    return code;
}
