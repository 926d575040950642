/* The rates of a period as the answer of the API: areas, enterprises, outlets, each with a door. */
#include "report/json_int.h"

#include <math.h>
#include <string.h>

static json_t *factor_json(const struct yw_report_rates *r, const struct yw_report_outlet *o,
                           const struct yw_report_factor *f) {
    json_t *j = yw_report_count_json(&f->count);
    char door[200];
    yw_report_door_values(o->id, YW_PERIOD_HOUR, r->period.from, r->period.to, f->code, door, sizeof door);
    yw_json_text(j, "code", f->code);
    yw_json_text(j, "name_zh", f->name_zh);
    yw_json_text(j, "name_en", f->name_en);
    yw_json_f64(j, "emission_t", f->emission_t);
    yw_json_f64(j, "replaced_t", f->replaced_t);
    yw_json_f64(j, "permitted_t", f->permitted_t);
    yw_json_f64(j, "used", yw_report_used(f));
    yw_json_text(j, "link", door);
    return j;
}

static json_t *outlet_json(const struct yw_report_rates *r, const struct yw_report_outlet *o) {
    json_t *j = yw_report_figures_json(&o->figures, r->alarms), *factors = json_array();
    char door[200];
    yw_report_door_outlet(&r->period, o->id, door, sizeof door);
    yw_json_i64(j, "id", o->id);
    yw_json_text(j, "code", o->code);
    yw_json_text(j, "name", o->name);
    yw_json_text(j, "kind", o->kind);
    yw_json_i64(j, "enterprise", o->enterprise);
    yw_json_text(j, "link", door);
    for (size_t i = 0; i < o->factor_n; i++)
        (void)json_array_append_new(factors, factor_json(r, o, &o->factors[i]));
    (void)json_object_set_new(j, "factors", factors);
    return j;
}

static json_t *enterprise_json(const struct yw_report_rates *r, const struct yw_report_enterprise *e) {
    json_t *j = yw_report_figures_json(&e->figures, r->alarms);
    char door[200];
    yw_report_door_enterprise(&r->period, e->id, door, sizeof door);
    yw_json_i64(j, "id", e->id);
    yw_json_text(j, "name", e->name);
    yw_json_text(j, "area", e->area);
    yw_json_text(j, "link", door);
    return j;
}

static json_t *area_json(const struct yw_report_rates *r, const struct yw_report_area *a) {
    json_t *j = yw_report_figures_json(&a->figures, r->alarms);
    char door[200];
    yw_report_door_area(&r->period, a->code, door, sizeof door);
    yw_json_text(j, "code", a->code);
    (void)json_object_set_new(j, "parent", a->parent[0] != '\0' ? json_string(a->parent) : json_null());
    yw_json_text(j, "name", a->name);
    yw_json_text(j, "link", door);
    return j;
}

/* Ids of outlets whose effective rate lies below the figure. */
static json_t *below(const struct yw_report_rates *r, double figure) {
    json_t *list = json_array();
    for (size_t i = 0; i < r->outlet_n; i++) {
        double rate = yw_report_rate(&r->outlets[i].figures.count).effective;
        if (rate < figure) (void)json_array_append_new(list, json_integer(r->outlets[i].id));
    }
    return list;
}

json_t *yw_report_rates_json(const struct yw_report_rates *r) {
    json_t *o = yw_report_period_json(&r->period, r->now);
    yw_json_text(o, "report", "rates");
    yw_json_time(o, "now", r->now);
    (void)json_object_set_new(o, "area", r->area[0] != '\0' ? json_string(r->area) : json_null());
    yw_json_text(o, "basis_zh", yw_report_basis_zh);
    yw_json_text(o, "basis_en", yw_report_basis_en);
    yw_json_f64(o, "low", r->low);
    yw_json_f64(o, "bad", r->bad);
    (void)json_object_set_new(o, "total", yw_report_figures_json(&r->total, r->alarms));
    json_t *areas = json_array(), *enterprises = json_array(), *outlets = json_array();
    for (size_t i = 0; i < r->area_n; i++) (void)json_array_append_new(areas, area_json(r, &r->areas[i]));
    for (size_t i = 0; i < r->enterprise_n; i++)
        (void)json_array_append_new(enterprises, enterprise_json(r, &r->enterprises[i]));
    for (size_t i = 0; i < r->outlet_n; i++)
        (void)json_array_append_new(outlets, outlet_json(r, &r->outlets[i]));
    (void)json_object_set_new(o, "areas", areas);
    (void)json_object_set_new(o, "enterprises", enterprises);
    (void)json_object_set_new(o, "outlets", outlets);
    (void)json_object_set_new(o, "under_low", below(r, r->low));
    (void)json_object_set_new(o, "under_bad", below(r, r->bad));
    return o;
}
