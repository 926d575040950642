/* Rates of everything somebody sees: outlets, their enterprises, the areas above them. */
#include "web/report_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 512 << 20 };

void yw_report_look_free(struct yw_report_look *l) {
    yw_arena_destroy(l->arena);
    l->arena = NULL;
}

static bool wanted(const struct yw_report_source *s, const struct yw_outlet *o, const char *area,
                   uint32_t enterprise) {
    const struct yw_enterprise *e = yw_register_enterprise(s->reg, o->enterprise);
    if (s->sees != NULL && !s->sees(s->arg, o)) return false;
    if (enterprise != 0 && o->enterprise != enterprise) return false;
    return area[0] == '\0' || (e != NULL && yw_register_area_within(s->reg, e->area, area));
}

static int by_outlet(const void *a, const void *b) {
    uint32_t x = ((const struct yw_report_outlet *)a)->id, y = ((const struct yw_report_outlet *)b)->id;
    return x < y ? -1 : x > y ? 1 : 0;
}
static int by_enterprise(const void *a, const void *b) {
    uint32_t x = ((const struct yw_report_enterprise *)a)->id,
             y = ((const struct yw_report_enterprise *)b)->id;
    return x < y ? -1 : x > y ? 1 : 0;
}
static int by_area(const void *a, const void *b) {
    return strcmp(((const struct yw_report_area *)a)->code, ((const struct yw_report_area *)b)->code);
}

static enum yw_code no_memory(struct yw_error *err) {
    return yw_fail(err, YW_E_NOMEM, "the report does not fit into memory: ask for a smaller area");
}

static void add_factor(const struct yw_report_source *s, struct yw_report_outlet *to, const char *code) {
    struct yw_report_factor *f = &to->factors[to->factor_n++];
    yw_report_factor_name(s, f, code);
    yw_report_permitted(s->reg, to->id, f);
}

/* The outlets and their assessed factors; nothing counted yet. */
static enum yw_code list_outlets(const struct yw_report_source *s, const char *area, uint32_t enterprise,
                                 struct yw_report_look *l, struct yw_error *err) {
    struct yw_report_rates *r = &l->rates;
    size_t n, factor_n;
    const struct yw_outlet *o = yw_register_outlets(s->reg, &n);
    for (size_t i = 0; i < n; i++) r->outlet_n += wanted(s, &o[i], area, enterprise);
    if (r->outlet_n > YW_REPORT_OUTLETS_MAX)
        return yw_fail(err, YW_E_LIMIT, "more than %d outlets: ask for a smaller area",
                       YW_REPORT_OUTLETS_MAX);
    r->outlets = yw_arena_alloc(l->arena, (r->outlet_n + 1) * sizeof *r->outlets);
    if (r->outlets == NULL) return no_memory(err);
    struct yw_report_outlet *to = r->outlets;
    for (size_t i = 0; i < n; i++) {
        if (!wanted(s, &o[i], area, enterprise)) continue;
        const struct yw_factor_rule *f = yw_register_factors(s->reg, o[i].id, &factor_n);
        to->id = o[i].id;
        to->enterprise = o[i].enterprise;
        (void)yw_copy(to->code, sizeof to->code, o[i].code, strlen(o[i].code));
        (void)yw_copy(to->name, sizeof to->name, o[i].name, strlen(o[i].name));
        to->kind = yw_outlet_kind_name(o[i].kind);
        to->factors = yw_arena_alloc(l->arena, (factor_n + 1) * sizeof *to->factors);
        if (to->factors == NULL) return no_memory(err);
        for (size_t k = 0; k < factor_n && to->factor_n < YW_REPORT_FACTORS_MAX; k++)
            if (yw_report_assessed(s->reg, o[i].id, f[k].code)) add_factor(s, to, f[k].code);
        to->spare = yw_report_spared(s, &o[i], r->period.from);
        to++;
    }
    qsort(r->outlets, r->outlet_n, sizeof *r->outlets, by_outlet);
    return YW_OK;
}

static enum yw_code list_enterprises(const struct yw_report_source *s, struct yw_report_look *l,
                                     struct yw_error *err) {
    struct yw_report_rates *r = &l->rates;
    size_t n;
    const struct yw_enterprise *e = yw_register_enterprises(s->reg, &n);
    r->enterprises = yw_arena_alloc(l->arena, (n + 1) * sizeof *r->enterprises);
    if (r->enterprises == NULL) return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        bool any = false;
        for (size_t k = 0; k < r->outlet_n && !any; k++) any = r->outlets[k].enterprise == e[i].id;
        if (!any) continue;
        struct yw_report_enterprise *to = &r->enterprises[r->enterprise_n++];
        to->id = e[i].id;
        (void)yw_copy(to->name, sizeof to->name, e[i].name, strlen(e[i].name));
        (void)yw_copy(to->area, sizeof to->area, e[i].area, strlen(e[i].area));
    }
    qsort(r->enterprises, r->enterprise_n, sizeof *r->enterprises, by_enterprise);
    return YW_OK;
}

/* Areas that hold one of the enterprises, below (and with) the one that was asked for. */
static enum yw_code list_areas(const struct yw_report_source *s, const char *area, struct yw_report_look *l,
                               struct yw_error *err) {
    struct yw_report_rates *r = &l->rates;
    size_t n;
    const struct yw_area *a = yw_register_areas(s->reg, &n);
    r->areas = yw_arena_alloc(l->arena, (n + 1) * sizeof *r->areas);
    if (r->areas == NULL) return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        bool any = false;
        if (area[0] != '\0' && !yw_register_area_within(s->reg, a[i].code, area)) continue;
        for (size_t k = 0; k < r->enterprise_n && !any; k++)
            any = yw_register_area_within(s->reg, r->enterprises[k].area, a[i].code);
        if (!any) continue;
        struct yw_report_area *to = &r->areas[r->area_n++];
        (void)yw_copy(to->code, sizeof to->code, a[i].code, strlen(a[i].code));
        (void)yw_copy(to->parent, sizeof to->parent, a[i].parent, strlen(a[i].parent));
        (void)yw_copy(to->name, sizeof to->name, a[i].name, strlen(a[i].name));
    }
    qsort(r->areas, r->area_n, sizeof *r->areas, by_area);
    return YW_OK;
}

static void take_alarm(void *to, const struct yw_report_alarm *a) {
    struct yw_report_rates *r = to;
    struct yw_report_outlet key = {.id = a->outlet};
    struct yw_report_outlet *o =
        r->outlet_n == 0 ? NULL : bsearch(&key, r->outlets, r->outlet_n, sizeof key, by_outlet);
    if (o == NULL) return;
    o->figures.exceedances++;
    o->figures.handled += a->closed;
    o->figures.in_time += a->closed && a->in_time;
}

enum yw_code yw_report_list_rates(const struct yw_report_source *s, const struct yw_report_period *p,
                                  const char *area, uint32_t enterprise, struct yw_report_look *out,
                                  struct yw_error *err) {
    *out = (struct yw_report_look){.arena = yw_arena_create(ARENA_MAX)};
    if (out->arena == NULL) return no_memory(err);
    struct yw_report_rates *r = &out->rates;
    r->period = *p;
    r->now = s->now;
    r->alarms = s->alarms != NULL;
    r->low = yw_rules_value(s->rules, "report.rate", yw_china_day(p->from), "low", NAN, NULL);
    r->bad = yw_rules_value(s->rules, "report.rate", yw_china_day(p->from), "bad", NAN, NULL);
    const struct yw_area *a = area[0] != '\0' ? yw_register_area(s->reg, area) : NULL;
    const struct yw_enterprise *e = enterprise != 0 ? yw_register_enterprise(s->reg, enterprise) : NULL;
    (void)yw_copy(r->area, sizeof r->area, area, strlen(area));
    const char *name = e != NULL ? e->name : a != NULL ? a->name : "";
    (void)yw_copy(r->area_name, sizeof r->area_name, name, strlen(name));
    enum yw_code code = list_outlets(s, area, enterprise, out, err);
    if (code == YW_OK) code = list_enterprises(s, out, err);
    if (code == YW_OK) code = list_areas(s, area, out, err);
    if (code == YW_OK && s->alarms != NULL) s->alarms(s->arg, p->from, p->to, take_alarm, r);
    return code;
}

enum yw_code yw_report_count_rates(const struct yw_report_source *s, struct yw_report_look *out,
                                   struct yw_error *err) {
    struct yw_report_rates *r = &out->rates;
    struct yw_report_hours h = {
        .hours = yw_arena_alloc(out->arena, (size_t)YW_REPORT_MONTH_HOURS * YW_REPORT_FACTORS_MAX)};
    if (h.hours == NULL) return no_memory(err);
    enum yw_code code = YW_OK;
    for (size_t i = 0; i < r->outlet_n && code == YW_OK; i++) {
        struct yw_report_outlet *o = &r->outlets[i];
        code = yw_report_count_factors(s, &r->period, o, &h, err);
        if (code == YW_OK) code = yw_report_amounts(s, o->id, &r->period, o->factors, o->factor_n, err);
    }
    if (code == YW_OK) yw_report_roll_up(r);
    return code;
}
