/* One outlet's report as the answer of the API: rows of means, the hours that are not there, verdicts. */
#include "report/json_int.h"

#include <math.h>
#include <string.h>

static json_t *reasons_json(const struct yw_mean *m) {
    json_t *list = json_array();
    for (size_t i = 0; i < m->reason_n && i < YW_REASONS; i++) {
        const struct yw_word *w = yw_reason_word(m->reasons[i].code);
        json_t *r = json_object();
        yw_json_text(r, "code", w->name);
        yw_json_text(r, "zh", w->zh);
        yw_json_text(r, "en", w->en);
        yw_json_f64(r, "figure", m->reasons[i].figure);
        (void)json_array_append_new(list, r);
    }
    return list;
}

static json_t *mean_json(const struct yw_report_sheet *s, size_t factor, const struct yw_mean *m) {
    if (m == NULL) return json_null();
    json_t *o = json_object();
    char door[200];
    yw_report_door_values(s->outlet, m->period, m->from, m->to, s->factors[factor].code, door, sizeof door);
    yw_json_text(o, "validity", yw_validity_word(m->validity)->name);
    yw_json_text(o, "marking", yw_marking_word(m->marking)->name);
    yw_json_f64(o, "mean", m->mean);
    yw_json_f64(o, "converted", m->converted);
    yw_json_f64(o, "emission_kg", m->emission_kg);
    yw_json_f64(o, "replaced_kg", m->replaced_kg);
    yw_json_i64(o, "due", m->due);
    yw_json_i64(o, "valid", m->valid);
    (void)json_object_set_new(o, "reasons", reasons_json(m));
    yw_json_text(o, "link", door);
    return o;
}

static json_t *run_json(const struct yw_report_sheet *s, size_t factor, const struct yw_report_run *r) {
    const struct yw_word *w = yw_report_hour_word(r->state);
    json_t *o = json_object();
    char door[200];
    yw_report_door_values(s->outlet, YW_PERIOD_HOUR, r->from, r->to, s->factors[factor].code, door,
                          sizeof door);
    yw_json_time(o, "from", r->from);
    yw_json_time(o, "to", r->to);
    yw_json_i64(o, "hours", (r->to - r->from) / YW_HOUR);
    yw_json_text(o, "state", w->name);
    yw_json_text(o, "zh", w->zh);
    yw_json_text(o, "en", w->en);
    yw_json_text(o, "link", door);
    return o;
}

static json_t *factor_json(const struct yw_report_sheet *s, size_t i) {
    const struct yw_report_factor *f = &s->factors[i];
    json_t *o = yw_report_count_json(&f->count), *runs = json_array();
    yw_json_text(o, "code", f->code);
    yw_json_text(o, "name_zh", f->name_zh);
    yw_json_text(o, "name_en", f->name_en);
    yw_json_text(o, "unit", s->units[i]);
    yw_json_f64(o, "limit", s->limits[i]);
    yw_json_bool(o, "converted", s->converted[i]);
    yw_json_bool(o, "assessed", s->assessed[i]);
    yw_json_f64(o, "emission_t", f->emission_t);
    yw_json_f64(o, "replaced_t", f->replaced_t);
    yw_json_f64(o, "permitted_t", f->permitted_t);
    yw_json_f64(o, "used", yw_report_used(f));
    (void)json_object_set_new(o, "whole", mean_json(s, i, s->whole[i]));
    for (size_t k = 0; k < s->run_n[i]; k++)
        (void)json_array_append_new(runs, run_json(s, i, &s->runs[i][k]));
    (void)json_object_set_new(o, "runs", runs);
    return o;
}

static json_t *verdict_json(const struct yw_report_sheet *s, const struct yw_report_verdict *v) {
    const struct yw_word *w = yw_verdict_word(v->v->kind);
    json_t *o = json_object();
    char door[200];
    yw_report_door_values(s->outlet, v->v->period, v->v->from, v->v->to, v->factor, door, sizeof door);
    yw_json_text(o, "number", v->number);
    yw_json_text(o, "kind", w->name);
    yw_json_text(o, "zh", w->zh);
    yw_json_text(o, "en", w->en);
    yw_json_text(o, "factor", v->factor);
    yw_json_text(o, "unit", v->unit);
    yw_json_text(o, "period", yw_period_name(v->v->period));
    yw_json_time(o, "from", v->v->from);
    yw_json_time(o, "to", v->v->to);
    yw_json_f64(o, "value", v->v->value);
    yw_json_f64(o, "held", v->v->held);
    yw_json_f64(o, "multiple", v->v->multiple);
    yw_json_bool(o, "counts", v->v->counts);
    yw_json_text(o, "source", v->limit_source);
    yw_json_text(o, "link", door);
    return o;
}

json_t *yw_report_sheet_json(const struct yw_report_sheet *s) {
    json_t *o = yw_report_period_json(&s->period, s->now), *outlet = json_object();
    json_t *factors = json_array(), *rows = json_array(), *verdicts = json_array();
    yw_json_text(o, "report", "outlet");
    yw_json_time(o, "now", s->now);
    yw_json_text(o, "step", yw_period_name(yw_report_step(s->period.period)));
    yw_json_text(o, "basis_zh", yw_report_basis_zh);
    yw_json_text(o, "basis_en", yw_report_basis_en);
    yw_json_text(o, "standing_zh", yw_standing_zh);
    yw_json_text(o, "standing_en", yw_standing_en);
    yw_json_i64(outlet, "id", s->outlet);
    yw_json_text(outlet, "code", s->code);
    yw_json_text(outlet, "name", s->name);
    yw_json_text(outlet, "kind", s->kind);
    yw_json_i64(outlet, "enterprise_id", s->enterprise_id);
    yw_json_text(outlet, "enterprise", s->enterprise);
    yw_json_text(outlet, "area_name", s->area_name);
    (void)json_object_set_new(o, "outlet", outlet);
    (void)json_object_set_new(o, "total", yw_report_count_json(&s->count));
    for (size_t i = 0; i < s->factor_n; i++) (void)json_array_append_new(factors, factor_json(s, i));
    uint8_t step = yw_report_step(s->period.period);
    for (size_t r = 0; r < s->row_n; r++) {
        json_t *row = json_object(), *values = json_array();
        for (size_t i = 0; i < s->factor_n; i++)
            (void)json_array_append_new(values, mean_json(s, i, s->cells[r * s->factor_n + i]));
        int64_t next = r + 1 < s->row_n ? s->rows[r + 1] : s->period.to;
        char door[200];
        yw_report_door_values(s->outlet, step, s->rows[r], next, "", door, sizeof door);
        yw_json_time(row, "from", s->rows[r]);
        yw_json_time(row, "to", next);
        (void)json_object_set_new(row, "values", values);
        yw_json_text(row, "link", door);
        (void)json_array_append_new(rows, row);
    }
    for (size_t i = 0; i < s->verdict_n; i++)
        (void)json_array_append_new(verdicts, verdict_json(s, &s->verdicts[i]));
    (void)json_object_set_new(o, "factors", factors);
    (void)json_object_set_new(o, "rows", rows);
    (void)json_object_set_new(o, "verdicts", verdicts);
    yw_json_bool(o, "verdicts_cut", s->verdicts_cut);
    return o;
}
