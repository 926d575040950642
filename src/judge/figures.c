/* figures: looked up once, so that no hour has to search for them. */
#include "judge/figures.h"

#include <math.h>
#include <stdlib.h>

#include "judge/site.h"

enum need { O, G, W };
static const struct {
    const char *rule, *figure;
    enum need need;
} wanted[] = {
#define X(id, rule, figure, need) {rule, figure, need},
    YW_FIGURE_TABLE(X)
#undef X
};

static bool is_needed(enum need n, uint8_t profile) {
    if (n == G) return yw_profile_is_gas(profile);
    return n == W && yw_profile_is_water(profile);
}

static int by_day(const void *a, const void *b) {
    const int32_t x = *(const int32_t *)a, y = *(const int32_t *)b;
    return (x > y) - (x < y);
}

/* The days on which some rule begins or has just ended; the first is the beginning of time. */
static int32_t *borders(const struct yw_rules *rules, size_t *n) {
    size_t count = yw_rules_count(rules), k = 0;
    int32_t *days = malloc((2 * count + 1) * sizeof *days);
    if (!days) return NULL;
    days[k++] = INT32_MIN;
    for (size_t i = 0; i < count; i++) {
        const struct yw_rule *r = yw_rules_at(rules, i);
        if (r->valid_from != INT32_MIN) days[k++] = r->valid_from;
        if (r->valid_to != INT32_MAX) days[k++] = r->valid_to + 1;
    }
    qsort(days, k, sizeof *days, by_day);
    size_t unique = 1;
    for (size_t i = 1; i < k; i++)
        if (days[i] != days[unique - 1]) days[unique++] = days[i];
    *n = unique;
    return days;
}

static void fill(const struct yw_rules *rules, struct yw_figures *f) {
    for (size_t i = 0; i < YW_FIG_COUNT; i++) {
        uint16_t rule = yw_rules_find(rules, wanted[i].rule, f->from_day);
        f->value[i] = wanted[i].figure[0] ? yw_rules_figure(rules, rule, wanted[i].figure, NAN) : NAN;
        f->rule[i] = rule;
        f->on[i] = rule != YW_NO_RULE && yw_rules_enabled(rules, rule);
    }
}

struct yw_figures *yw_figures_compile(const struct yw_rules *rules, uint8_t profile, size_t *n,
                                      struct yw_error *err) {
    int32_t *days = borders(rules, n);
    struct yw_figures *all = days ? calloc(*n, sizeof *all) : NULL;
    if (!all) {
        free(days);
        yw_fail(err, YW_E_NOMEM, "no memory for the figures of the rules");
        return NULL;
    }
    for (size_t i = 0; i < *n; i++) {
        all[i].from_day = days[i];
        fill(rules, &all[i]);
    }
    free(days);
    for (size_t i = 0; i < YW_FIG_COUNT; i++) {
        /* A rule may begin or end some day; it must have held once. */
        bool is_there = !is_needed(wanted[i].need, profile);
        for (size_t k = 0; k < *n && !is_there; k++) is_there = !isnan(all[k].value[i]);
        if (is_there) continue;
        yw_fail(
            err, YW_E_NOT_FOUND,
            "the rules lack the figure %s of %s, without which a site of profile %s cannot be judged: add it "
            "to share/rules or set it by rule.set",
            wanted[i].figure, wanted[i].rule, yw_profile_name(profile));
        free(all);
        return NULL;
    }
    return all;
}
