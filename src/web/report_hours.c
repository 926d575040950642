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

static bool take_hour(void *arg, int64_t hour, const char *factor, uint8_t validity) {
    struct reading *r = arg;
    int64_t at = (hour - r->from) / YW_HOUR;
    if (at < 0 || (size_t)at >= r->h->n) return true;
    for (size_t i = 0; i < r->factor_n; i++) {
        if (strcmp(r->factors[i].code, factor) != 0) continue;
        r->h->hours[i * r->h->n + (size_t)at] = yw_report_hour_of(validity);
    }
    return true;
}

static bool take_first(void *arg, int64_t hour, const char *factor, uint8_t validity) {
    struct reading *r = arg;
    YW_UNUSED(factor);
    if (validity == YW_VALIDITY_NO_DATA || validity == YW_VALIDITY_PARTIAL) return true;
    r->first = hour;
    r->found = true;
    return false;
}

uint32_t yw_report_spared(const struct yw_report_source *s, const struct yw_outlet *o, int64_t at) {
    double whole = yw_rules_value(s->rules, "hj356.complete", yw_china_day(at), "hours", 24, NULL);
    return o->kind == YW_OUTLET_WATER && whole >= 0 && whole < 24 ? (uint32_t)(24 - whole) : 0;
}

enum yw_code yw_report_first_hour(const struct yw_report_source *s, uint32_t outlet, int64_t before,
                                  int64_t *first, struct yw_error *err) {
    struct reading r = {.first = before};
    enum yw_code code = YW_OK;
    if (s->judged != NULL) code = yw_judged_validities(s->judged, outlet, 0, before, take_first, &r, err);
    *first = r.first;
    return code;
}

enum yw_code yw_report_hours_read(const struct yw_report_source *s, uint32_t outlet, int64_t from, int64_t to,
                                  int64_t first, uint32_t spare, const struct yw_report_factor *factors,
                                  size_t factor_n, struct yw_report_hours *h, struct yw_error *err) {
    struct reading r = {.h = h, .factors = factors, .factor_n = factor_n, .from = from};
    h->n = (size_t)((to - from) / YW_HOUR);
    memset(h->hours, YW_REPORT_MISSING, h->n * factor_n);
    enum yw_code code = YW_OK;
    if (s->judged != NULL) code = yw_judged_validities(s->judged, outlet, from, to, take_hour, &r, err);
    for (size_t i = 0; i < factor_n && code == YW_OK; i++) {
        uint8_t *row = h->hours + i * h->n;
        yw_report_owed(row, h->n, from, first, s->now);
        if (spare > 0) yw_report_spare(row, h->n, from, spare);
    }
    return code;
}

/* ---- whole months out of their tallies ---- */

struct month {
    int64_t from, to;
    uint32_t there; /* factors with a row that counts every hour of the month */
    struct yw_report_count count[YW_REPORT_FACTORS_MAX];
};
struct months {
    struct month at[YW_REPORT_MONTHS_MAX];
    size_t n;
    const struct yw_report_factor *factors;
    size_t factor_n;
    bool spares;
};

static bool take_month(void *arg, const struct yw_judged_tally *t) {
    struct months *m = arg;
    const struct yw_tally_row *row = &t->row;
    size_t i = 0, k = 0;
    while (i < m->n && m->at[i].from != row->from) i++;
    while (k < m->factor_n && strcmp(m->factors[k].code, t->factor) != 0) k++;
    if (i == m->n || k == m->factor_n || m->at[i].to != row->to) return true;
    double hours = (double)((row->to - row->from) / YW_HOUR);
    bool whole = row->hours >= hours && row->stopped + row->invalid + row->lost + row->valid >= hours;
    /* Which missing hours are spared is told day by day. */
    if (!whole || (m->spares && row->lost > 0)) return true;
    m->at[i].there++;
    m->at[i].count[k] = (struct yw_report_count){.stopped = (uint32_t)row->stopped,
                                                 .missing = (uint32_t)row->lost,
                                                 .invalid = (uint32_t)row->invalid,
                                                 .valid = (uint32_t)row->valid};
    return true;
}

static enum yw_code list_months(const struct yw_report_period *p, struct months *m, struct yw_error *err) {
    struct yw_report_period month;
    char text[40];
    for (int64_t at = p->from; at < p->to && m->n < YW_REPORT_MONTHS_MAX; at = month.to) {
        yw_time_text(at, text);
        text[7] = '\0';
        enum yw_code code = yw_report_period_parse("month", text, at, &month, err);
        if (code != YW_OK) return code;
        m->at[m->n].from = at;
        m->at[m->n++].to = month.to < p->to ? month.to : p->to;
    }
    return YW_OK;
}

enum yw_code yw_report_count_factors(const struct yw_report_source *s, const struct yw_report_period *p,
                                     struct yw_report_outlet *o, struct yw_report_hours *h,
                                     struct yw_error *err) {
    struct months m = {.factors = o->factors, .factor_n = o->factor_n, .spares = o->spare > 0};
    int64_t first;
    enum yw_code code = list_months(p, &m, err);
    if (code == YW_OK) code = yw_report_first_hour(s, o->id, p->to, &first, err);
    struct yw_judged_filter f = {.outlet = o->id, .period = YW_PERIOD_MONTH, .from = p->from, .to = p->to};
    if (code == YW_OK && s->judged != NULL) code = yw_judged_tallies(s->judged, &f, take_month, &m, err);
    for (size_t i = 0; i < m.n && code == YW_OK; i++) {
        const struct month *x = &m.at[i];
        bool counted = x->there == o->factor_n && first <= x->from && x->to <= s->now;
        if (!counted)
            code = yw_report_hours_read(s, o->id, x->from, x->to, first, o->spare, o->factors, o->factor_n, h,
                                        err);
        for (size_t k = 0; k < o->factor_n && code == YW_OK; k++) {
            struct yw_report_count c = x->count[k];
            if (!counted) yw_report_count(h->hours + k * h->n, h->n, &c);
            yw_report_count_add(&o->factors[k].count, &c);
        }
    }
    return code;
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
        if (!isnan(t->row.permitted_t)) a->factors[i].permitted_t = t->row.permitted_t;
    }
    return true;
}

void yw_report_permitted(const struct yw_register *r, uint32_t outlet, struct yw_report_factor *f) {
    size_t n;
    const struct yw_factor_rule *rules = yw_register_factors(r, outlet, &n);
    for (size_t k = 0; k < n; k++)
        if (isnan(f->permitted_t) && strcmp(rules[k].code, f->code) == 0)
            f->permitted_t = rules[k].amount_t_a;
}

enum yw_code yw_report_amounts(const struct yw_report_source *s, uint32_t outlet,
                               const struct yw_report_period *p, struct yw_report_factor *factors,
                               size_t factor_n, struct yw_error *err) {
    struct yw_report_period year;
    char at[8];
    snprintf(at, sizeof at, "%.4s", p->at);
    enum yw_code code = yw_report_period_parse("year", at, p->from, &year, err);
    struct yw_judged_filter f = {
        .outlet = outlet, .period = YW_PERIOD_YEAR, .from = year.from, .to = year.to};
    struct amounts a = {.factors = factors, .factor_n = factor_n};
    if (code == YW_OK && s->judged != NULL) code = yw_judged_tallies(s->judged, &f, take_tally, &a, err);
    return code;
}
