/* judge: made once from rules and site; afterwards it is only read, by any number of threads. */
#include "judge/judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "judge/judge_int.h"

const struct yw_figures *yw_judge_figures(const struct yw_judge *j, int64_t t) {
    int32_t day = yw_china_day(t);
    size_t i = j->edition_n - 1;
    while (i > 0 && j->editions[i].from_day > day) i--;
    return &j->editions[i];
}

static void find_roles(struct yw_judge *j) {
    const struct yw_site *s = j->site;
    j->oxygen = yw_site_role(s, YW_ROLE_OXYGEN);
    j->temperature = yw_site_role(s, YW_ROLE_TEMPERATURE);
    j->pressure = yw_site_role(s, YW_ROLE_PRESSURE);
    j->moisture = yw_site_role(s, YW_ROLE_MOISTURE);
    j->velocity = yw_site_role(s, YW_ROLE_VELOCITY);
    j->gas_flow = yw_site_role(s, YW_ROLE_GAS_FLOW);
    j->barometer = yw_site_role(s, YW_ROLE_BAROMETER);
    j->water_flow = yw_site_role(s, YW_ROLE_WATER_FLOW);
    j->ph = yw_site_role(s, YW_ROLE_PH);
    j->water_temperature = yw_site_role(s, YW_ROLE_WATER_TEMPERATURE);
    j->nox = yw_site_factor(s, "a21002");
    j->no = yw_site_factor(s, "a21003");
    j->no2 = yw_site_factor(s, "a21004");
    j->pressure_pa = j->pressure >= 0 ? yw_unit_pa(s->factors[j->pressure].unit) : 1;
    j->barometer_pa = j->barometer >= 0 ? yw_unit_pa(s->factors[j->barometer].unit) : 1;
}

static void find_conversions(struct yw_judge *j) {
    const struct yw_site *s = j->site;
    const struct yw_figures *last = &j->editions[j->edition_n - 1];
    j->reference_oxygen = s->reference_oxygen;
    if (isnan(j->reference_oxygen) && s->profile == YW_PROFILE_INCINERATION)
        j->reference_oxygen = last->value[YW_FIG_OXYGEN_INCINERATION];
    if (isnan(j->reference_oxygen) && s->profile == YW_PROFILE_CEMENT)
        j->reference_oxygen = last->value[YW_FIG_OXYGEN_CEMENT];
    if (!yw_profile_is_gas(s->profile)) return;
    for (size_t f = 0; f < s->factor_n; f++) {
        bool is_converted = s->factors[f].converted;
        for (size_t i = 0; i < s->limit_n; i++)
            is_converted |= s->limits[i].converted && strcmp(s->limits[i].factor, s->factors[f].code) == 0;
        if (is_converted) j->converts |= UINT64_C(1) << f;
    }
}

static int by_time(const void *a, const void *b) {
    const struct yw_check *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    int o = strcmp(x->factor, y->factor);
    if (o == 0) o = (x->kind > y->kind) - (x->kind < y->kind);
    if (o == 0) o = (x->said > y->said) - (x->said < y->said);
    if (o == 0) o = (x->reading > y->reading) - (x->reading < y->reading);
    return o != 0 ? o : (x->nominal > y->nominal) - (x->nominal < y->nominal);
}

static bool compile_checks(struct yw_judge *j) {
    const struct yw_site *s = j->site;
    if (s->check_n > 0) {
        j->checks = malloc(s->check_n * sizeof *j->checks);
        j->results = malloc(s->check_n * sizeof *j->results);
        if (!j->checks || !j->results) return false;
        memcpy(j->checks, s->checks, s->check_n * sizeof *j->checks);
        qsort(j->checks, s->check_n, sizeof *j->checks, by_time);
        j->check_n = s->check_n;
        for (size_t i = 0; i < j->check_n; i++) yw_check_evaluate(j->rules, s, &j->checks[i], &j->results[i]);
    }
    if (yw_profile_is_gas(s->profile)) return yw_gas_control(j);
    return !yw_profile_is_water(s->profile) || yw_water_control(j);
}

static int by_from(const void *a, const void *b) {
    const struct yw_control *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->factor != y->factor) return x->factor < y->factor ? -1 : 1;
    if (x->reason != y->reason) return x->reason < y->reason ? -1 : 1;
    return (x->to > y->to) - (x->to < y->to);
}

static bool compile_control(struct yw_judge *j) {
    if (j->control_n == 0) return true;
    qsort(j->control, j->control_n, sizeof *j->control, by_from);
    j->control_spans = malloc(j->control_n * sizeof *j->control_spans);
    if (!j->control_spans) return false;
    for (size_t i = 0; i < j->control_n; i++) {
        j->control_spans[i] =
            (struct yw_span){.from = j->control[i].from, .to = j->control[i].to, .item = (uint32_t)i};
    }
    yw_spans_prepare(j->control_spans, j->control_n);
    return true;
}

struct yw_judge *yw_judge_create(const struct yw_rules *rules, const struct yw_site *site,
                                 struct yw_error *err) {
    if (site->factor_n > YW_SITE_FACTORS || site->limit_n > YW_SITE_LIMITS) {
        yw_fail(err, YW_E_LIMIT, "site %s: at most %d factors and %d limits", site->id, YW_SITE_FACTORS,
                YW_SITE_LIMITS);
        return NULL;
    }
    struct yw_judge *j = calloc(1, sizeof *j);
    if (!j) {
        yw_fail(err, YW_E_NOMEM, "no memory for a judge");
        return NULL;
    }
    j->rules = rules;
    j->site = site;
    j->editions = yw_figures_compile(rules, site->profile, &j->edition_n, err);
    if (!j->editions) {
        yw_judge_destroy(j);
        return NULL;
    }
    find_roles(j);
    find_conversions(j);
    if (!yw_marks_compile(j) || !compile_checks(j) || !compile_control(j)) {
        yw_fail(err, YW_E_NOMEM, "no memory for the marks and checks of site %s", site->id);
        yw_judge_destroy(j);
        return NULL;
    }
    return j;
}

void yw_judge_destroy(struct yw_judge *j) {
    if (!j) return;
    free(j->editions);
    free(j->marks);
    free(j->mark_spans);
    free(j->checks);
    free(j->results);
    free(j->control);
    free(j->control_spans);
    free(j);
}
