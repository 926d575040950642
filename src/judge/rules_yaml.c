/* rules_yaml: rules as a file has them. */
#include "judge/rules_int.h"
#include "judge/tree.h"

#include <ctype.h>
#include <float.h>
#include <math.h>
#include <string.h>

static const char *const figure_keys[] = {"value", "unit", "confidence", NULL};
/* What a file may say once for all its rules stands in `defaults`. */
static const char *const default_keys[] = {"standard", "edition", "clause", "source", "confidence",
                                           "accuses",  "from",    "to",     NULL};
static const char *const rule_keys[] = {"id",     "title",      "standard", "edition", "clause",
                                        "source", "confidence", "accuses",  "enabled", "from",
                                        "to",     "figures",    NULL};
static const char *const title_keys[] = {"zh", "en", NULL};
static const char *const top_keys[] = {"defaults", "rules", NULL};

static const char known_confidence[] = "S C R+ R- O ?";

/* Lower-case words with dots, dashes, digits and underscores. */
static bool is_name(const char *text) {
    if (!islower((unsigned char)text[0])) return false;
    for (; *text; text++)
        if (!islower((unsigned char)*text) && !isdigit((unsigned char)*text) && !strchr("._-", *text))
            return false;
    return true;
}

static void read_common(struct yw_reading *r, const json_t *o, struct yw_rule *rule) {
    yw_reading_text(r, o, "standard", rule->standard, sizeof rule->standard);
    yw_reading_text(r, o, "edition", rule->edition, sizeof rule->edition);
    yw_reading_text(r, o, "clause", rule->clause, sizeof rule->clause);
    yw_reading_yes(r, o, "accuses", &rule->accuses);
    yw_reading_text(r, o, "source", rule->source, sizeof rule->source);
    yw_reading_word(r, o, "confidence", yw_confidence_parse, known_confidence, &rule->confidence);
    yw_reading_day(r, o, "from", &rule->valid_from);
    yw_reading_day(r, o, "to", &rule->valid_to);
}

static void read_figure(struct yw_reading *r, const char *name, const json_t *v, struct yw_rule *rule) {
    if (rule->figure_n == YW_RULE_FIGURES) {
        yw_reading_fail(r, v, "more than %d figures", YW_RULE_FIGURES);
        return;
    }
    struct yw_figure *f = &rule->figures[rule->figure_n++];
    *f = (struct yw_figure){.value = NAN};
    if (!is_name(name) || !yw_copy(f->name, sizeof f->name, name, strlen(name))) {
        yw_reading_fail(r, v, "a figure's name is lower-case letters, digits and _, at most %d",
                        YW_FIGURE_NAME - 1);
    }
    if (json_is_object(v)) {
        if (!yw_reading_keys(r, v, figure_keys)) return;
        yw_reading_number(r, v, "value", -DBL_MAX, DBL_MAX, &f->value);
        yw_reading_text(r, v, "unit", f->unit, sizeof f->unit);
        yw_reading_word(r, v, "confidence", yw_confidence_parse, known_confidence, &f->confidence);
    } else if (!json_is_null(v) && !yw_tree_number(v, &f->value)) {
        yw_reading_fail(r, v, "a figure is a number, null (not known) or {value, unit, confidence}");
    }
}

static void read_rule(struct yw_reading *r, const json_t *o, struct yw_rule *rule) {
    if (!yw_reading_keys(r, o, rule_keys)) return;
    yw_reading_member(r, o, "id", true);
    yw_reading_text(r, o, "id", rule->id, sizeof rule->id);
    if (r->code == YW_OK && !is_name(rule->id)) {
        yw_reading_fail(r, o, "id is lower-case letters, digits, . - _, such as hj75.hour");
    }
    const json_t *title = yw_reading_member(r, o, "title", true);
    if (title && yw_reading_keys(r, title, title_keys)) {
        yw_reading_text(r, title, "zh", rule->title_zh, sizeof rule->title_zh);
        yw_reading_text(r, title, "en", rule->title_en, sizeof rule->title_en);
    }
    read_common(r, o, rule);
    rule->enabled = yw_rule_default_on(rule->accuses, rule->confidence);
    yw_reading_yes(r, o, "enabled", &rule->enabled);
    const json_t *figures = yw_reading_member(r, o, "figures", false);
    if (figures && !json_is_object(figures)) yw_reading_fail(r, figures, "figures must be a mapping");
    const char *name;
    json_t *v;
    json_object_foreach((json_t *)figures, name, v) {
        size_t was = yw_reading_into(r, name);
        read_figure(r, name, v, rule);
        yw_reading_up(r, was);
        if (r->code != YW_OK) return;
    }
    if (r->code == YW_OK && rule->valid_from > rule->valid_to) yw_reading_fail(r, o, "from is later than to");
}

/* Two of one id may not hold on the same day. */
static bool overlaps(const struct yw_rules *set, const struct yw_rule *rule) {
    for (size_t i = 0; i < set->n; i++) {
        const struct yw_rule *other = &set->rules[i];
        if (other != rule && strcmp(other->id, rule->id) == 0 && other->valid_from <= rule->valid_to &&
            rule->valid_from <= other->valid_to)
            return true;
    }
    return false;
}

enum yw_code yw_rules_add_yaml(struct yw_rules *set, const char *text, size_t n, const char *where,
                               struct yw_error *err) {
    if (n > YW_RULE_FILE_MAX)
        return yw_fail(err, YW_E_LIMIT, "%s: more than %d bytes", where, YW_RULE_FILE_MAX);
    struct yw_tree tree;
    enum yw_code code = yw_tree_from_yaml(text, n, where, &tree, err);
    if (code != YW_OK) return code;
    struct yw_reading r = {.tree = &tree, .where = where, .err = err};
    struct yw_rule common = {.valid_from = INT32_MIN, .valid_to = INT32_MAX};
    if (yw_reading_keys(&r, tree.root, top_keys)) {
        const json_t *defaults = yw_reading_member(&r, tree.root, "defaults", false);
        if (defaults && yw_reading_keys(&r, defaults, default_keys)) read_common(&r, defaults, &common);
    }
    const json_t *rules = yw_reading_array(&r, tree.root, "rules", YW_RULES_MAX);
    for (size_t i = 0; r.code == YW_OK && i < json_array_size(rules); i++) {
        const json_t *o = json_array_get(rules, i);
        size_t was = yw_reading_into(&r, "rules");
        yw_reading_entry(&r, i);
        struct yw_rule rule = common;
        read_rule(&r, o, &rule);
        if (r.code == YW_OK && overlaps(set, &rule)) {
            yw_reading_fail(&r, o, "there is a rule %s for some of these days already", rule.id);
        }
        struct yw_error inner;
        struct yw_rule *slot = r.code == YW_OK ? yw_rules_new(set, &inner) : NULL;
        if (slot)
            *slot = rule;
        else if (r.code == YW_OK)
            yw_reading_fail(&r, o, "%s", inner.text);
        yw_reading_up(&r, was);
    }
    yw_tree_free(&tree);
    return r.code;
}
