/* Hours and amounts of one outlet's factors, out of judge.db. */
#include "web/report_look.h"

#include <math.h>
#include <string.h>

struct reading {
    struct yw_report_hours *h;
    const struct yw_report_factor *factors;
    size_t factor_n;
    int64_t from, first; /* first: of the first hour in which anything came */
    bool found;
};

static bool take_hour(void *arg, const struct yw_judged_mean *m) {
    struct reading *r = arg;
    int64_t at = (m->mean.from - r->from) / YW_HOUR;
    if (at < 0 || (size_t)at >= r->h->n) return true;
    for (size_t i = 0; i < r->factor_n; i++) {
        if (strcmp(r->factors[i].code, m->factor) != 0) continue;
        r->h->hours[i * r->h->n + (size_t)at] = yw_report_hour_of(m->mean.validity);
    }
    return true;
}

static bool take_first(void *arg, const struct yw_judged_mean *m) {
    struct reading *r = arg;
    if (m->mean.validity == YW_VALIDITY_NO_DATA || m->mean.validity == YW_VALIDITY_PARTIAL) return true;
    r->first = m->mean.from;
    r->found = true;
    return false;
}

enum yw_code yw_report_hours_read(const struct yw_report_source *s, const struct yw_outlet *o,
                                  const struct yw_report_period *p, const struct yw_report_factor *factors,
                                  size_t factor_n, struct yw_report_hours *h, struct yw_error *err) {
    struct reading r = {.h = h, .factors = factors, .factor_n = factor_n, .from = p->from, .first = p->to};
    memset(h->hours, YW_REPORT_MISSING, h->n * factor_n);
    struct yw_judged_filter hours = {.outlet = o->id, .period = YW_PERIOD_HOUR, .from = p->from, .to = p->to};
    struct yw_judged_filter all = {.outlet = o->id, .period = YW_PERIOD_HOUR, .to = p->to};
    enum yw_code code = YW_OK;
    if (s->judged != NULL) {
        code = yw_judged_means(s->judged, &hours, take_hour, &r, err);
        if (code == YW_OK) code = yw_judged_means(s->judged, &all, take_first, &r, err);
    }
    if (code != YW_OK) return code;
    double whole = yw_rules_value(s->rules, "hj356.complete", yw_china_day(p->from), "hours", 24, NULL);
    uint32_t spare = o->kind == YW_OUTLET_WATER && whole >= 0 && whole < 24 ? (uint32_t)(24 - whole) : 0;
    for (size_t i = 0; i < factor_n; i++) {
        uint8_t *row = h->hours + i * h->n;
        yw_report_owed(row, h->n, p->from, r.found ? r.first : p->to, s->now);
        if (spare > 0) yw_report_spare(row, h->n, p->from, spare);
    }
    return YW_OK;
}

bool yw_report_assessed(const struct yw_register *r, uint32_t outlet, const char *factor) {
    size_t n;
    const struct yw_factor_rule *f = yw_register_factors(r, outlet, &n);
    bool any = false, listed = false, permitted = false;
    for (size_t i = 0; i < n; i++) {
        bool here = !isnan(f[i].limit) || !isnan(f[i].amount_t_a);
        any |= here;
        if (strcmp(f[i].code, factor) != 0) continue;
        listed = true;
        permitted = here;
    }
    return any ? permitted : listed;
}

void yw_report_factor_name(const struct yw_report_source *s, struct yw_report_factor *f, const char *code) {
    const struct yw_factor_name *name = s->names != NULL ? yw_factor_name(s->names, code) : NULL;
    *f = (struct yw_report_factor){.emission_t = NAN, .replaced_t = NAN, .permitted_t = NAN};
    (void)yw_copy(f->code, sizeof f->code, code, strlen(code));
    const char *zh = name != NULL ? name->name_zh : code, *en = name != NULL ? name->name_en : code;
    (void)yw_copy(f->name_zh, sizeof f->name_zh, zh, strlen(zh));
    (void)yw_copy(f->name_en, sizeof f->name_en, en, strlen(en));
}

struct amounts {
    struct yw_report_factor *factors;
    size_t factor_n;
};

static bool take_tally(void *arg, const struct yw_judged_tally *t) {
    struct amounts *a = arg;
    for (size_t i = 0; i < a->factor_n; i++) {
        if (t->row.period != YW_PERIOD_YEAR || strcmp(a->factors[i].code, t->factor) != 0) continue;
        a->factors[i].emission_t = t->row.emission_t;
        a->factors[i].replaced_t = t->row.replaced_t;
        a->factors[i].permitted_t = t->row.permitted_t;
    }
    return true;
}

enum yw_code yw_report_amounts(const struct yw_report_source *s, const struct yw_outlet *o,
                               const struct yw_report_period *p, struct yw_report_factor *factors,
                               size_t factor_n, struct yw_error *err) {
    struct yw_report_period year;
    char at[8];
    snprintf(at, sizeof at, "%.4s", p->at);
    enum yw_code code = yw_report_period_parse("year", at, p->from, &year, err);
    struct yw_judged_filter f = {.outlet = o->id, .period = YW_PERIOD_YEAR, .from = year.from, .to = year.to};
    struct amounts a = {.factors = factors, .factor_n = factor_n};
    if (code == YW_OK && s->judged != NULL) code = yw_judged_tallies(s->judged, &f, take_tally, &a, err);
    size_t n;
    const struct yw_factor_rule *rules = yw_register_factors(s->reg, o->id, &n);
    for (size_t i = 0; i < factor_n; i++) {
        for (size_t k = 0; k < n; k++)
            if (isnan(factors[i].permitted_t) && strcmp(rules[k].code, factors[i].code) == 0)
                factors[i].permitted_t = rules[k].amount_t_a;
    }
    return code;
}
