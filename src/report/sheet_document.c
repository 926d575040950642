/* One outlet's daily, monthly, quarterly or yearly report as a document. */
#include "report/json_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double judged(const struct yw_report_sheet *s, size_t i, const struct yw_mean *m) {
    if (m == NULL) return NAN;
    return s->converted[i] && !isnan(m->converted) ? m->converted : m->mean;
}

static const char *factor_name(const struct yw_doc *d, const struct yw_report_factor *f) {
    return yw_doc_word(d, f->name_zh, f->name_en);
}

static void when_text(int64_t time, uint8_t step, char *out, size_t size) {
    char text[40];
    yw_time_text(time, text);
    if (step == YW_PERIOD_HOUR) {
        snprintf(out, size, "%.5s", text + 11);
    } else if (step == YW_PERIOD_DAY) {
        snprintf(out, size, "%.5s", text + 5);
    } else {
        snprintf(out, size, "%.7s", text);
    }
}

static void stamp_text(int64_t time, char *out, size_t size) {
    char text[40];
    yw_time_text(time, text);
    snprintf(out, size, "%.5s %.5s", text + 5, text + 11);
}

/* Why a mean is not a plain valid one; "" where it is. */
static void remark(const struct yw_doc *d, const struct yw_mean *m, char *out, size_t size) {
    out[0] = '\0';
    if (m == NULL) return;
    size_t n = 0;
    bool plain = m->validity == YW_VALIDITY_VALID && m->marking == YW_MARKING_NONE;
    if (!plain) {
        const struct yw_word *v = yw_validity_word(m->validity), *k = yw_marking_word(m->marking);
        n = (size_t)snprintf(out, size, "%s", yw_doc_word(d, v->zh, v->en));
        if (m->marking != YW_MARKING_NONE && n < size)
            n += (size_t)snprintf(out + n, size - n, " %s", yw_doc_word(d, k->zh, k->en));
    }
    for (size_t i = 0; i < m->reason_n && i < YW_REASONS && n < size; i++) {
        if (m->reasons[i].code == YW_REASON_ENOUGH || m->reasons[i].code == YW_REASON_NONE) continue;
        const struct yw_word *w = yw_reason_word(m->reasons[i].code);
        n += (size_t)snprintf(out + n, size - n, "%s%s", n > 0 ? yw_doc_word(d, "；", "; ") : "",
                              yw_doc_word(d, w->zh, w->en));
    }
    size_t end = strlen(out);
    while (end > 0 && !yw_utf8_valid(out, end)) end--; /* cut within a character */
    out[end] = '\0';
}

static void put_facts(struct yw_doc *d, const struct yw_report_sheet *s) {
    json_t *f = yw_doc_facts(d);
    struct yw_report_rate r = yw_report_rate(&s->count);
    yw_doc_fact(d, f, yw_doc_word(d, "数据传输有效率", "effective rate"), r.effective * 100, 2, "%");
    yw_doc_fact(d, f, yw_doc_word(d, "传输率", "transmission rate"), r.transmission * 100, 2, "%");
    yw_doc_fact(d, f, yw_doc_word(d, "有效率", "valid rate"), r.validity * 100, 2, "%");
    yw_doc_fact(d, f, yw_doc_word(d, "缺失", "missing"), s->count.missing, 0, "h");
    yw_doc_fact(d, f, yw_doc_word(d, "无效", "invalid"), s->count.invalid, 0, "h");
    yw_doc_fact(d, f, yw_doc_word(d, "停运", "stopped"), s->count.stopped, 0, "h");
}

static void put_chart(struct yw_doc *d, const struct yw_report_sheet *s, size_t i) {
    char title[160];
    snprintf(title, sizeof title, "%s%s", factor_name(d, &s->factors[i]),
             s->converted[i] ? yw_doc_word(d, " 折算", ", converted") : "");
    json_t *c = yw_doc_chart(d, "line", title, s->units[i]), *values = json_array(), *names = json_array();
    for (size_t r = 0; r < s->row_n; r++) {
        char when[16];
        const struct yw_mean *m = s->cells[r * s->factor_n + i];
        double v = m != NULL && m->validity == YW_VALIDITY_VALID ? judged(s, i, m) : NAN;
        when_text(s->rows[r], yw_report_step(s->period.period), when, sizeof when);
        (void)json_array_append_new(values, isfinite(v) ? json_real(v) : json_null());
        (void)json_array_append_new(names, json_string(when));
    }
    (void)json_object_set_new(c, "values", values);
    (void)json_object_set_new(c, "names", names);
    yw_json_f64(c, "limit", s->limits[i]);
}

/* One table a factor: means beside what they were made from, with the reason of every bad one. */
static void put_rows(struct yw_doc *d, const struct yw_report_sheet *s, size_t i) {
    struct yw_doc_column columns[] = {{"时间", "time", "", -1, 1},
                                      {"实测均值", "measured", s->units[i], 3, 1.2},
                                      {"折算均值", "converted", s->units[i], 3, 1.2},
                                      {"排放量", "emission", "kg", 3, 1.3},
                                      {"替代量", "replaced", "kg", 3, 1.2},
                                      {"有效/应有", "valid/due", "", -1, 1},
                                      {"说明", "remark", "", -1, 3.4}};
    json_t *rows =
        yw_doc_table(d, factor_name(d, &s->factors[i]), s->factors[i].code, columns, YW_COUNT(columns));
    for (size_t r = 0; r <= s->row_n; r++) {
        bool last = r == s->row_n;
        const struct yw_mean *m = last ? s->whole[i] : s->cells[r * s->factor_n + i];
        char when[16] = "", to[200] = "", text[400] = "", share[24] = "";
        if (last && m == NULL) continue;
        if (!last) when_text(s->rows[r], yw_report_step(s->period.period), when, sizeof when);
        if (m != NULL) {
            yw_report_door_values(s->outlet, m->period, m->from, m->to, s->factors[i].code, to, sizeof to);
            snprintf(share, sizeof share, "%u/%u", m->valid, m->due);
        }
        remark(d, m, text, sizeof text);
        json_t *cells = yw_doc_row(rows, to);
        yw_doc_cell_text(cells, last ? yw_doc_word(d, "全期", "whole") : when);
        yw_doc_cell(cells, m != NULL ? m->mean : NAN);
        yw_doc_cell(cells, m != NULL ? m->converted : NAN);
        yw_doc_cell(cells, m != NULL ? m->emission_kg : NAN);
        yw_doc_cell(cells, m != NULL ? m->replaced_kg : NAN);
        yw_doc_cell_text(cells, share);
        yw_doc_cell_text(cells, m == NULL ? yw_doc_word(d, "无数据", "no data") : text);
    }
}

static void put_factors(struct yw_doc *d, const struct yw_report_sheet *s) {
    static const struct yw_doc_column columns[] = {
        {"因子", "factor", "", -1, 1.4},       {"传输率", "transmission", "%", 2, 1},
        {"有效率", "validity", "%", 2, 1},     {"传输有效率", "effective", "%", 2, 1.1},
        {"应传", "due", "h", 0, 0.8},          {"缺失", "missing", "h", 0, 0.8},
        {"无效", "invalid", "h", 0, 0.8},      {"停运", "stopped", "h", 0, 0.8},
        {"免计", "spared", "h", 0, 0.8},       {"本年排放", "this year", "t", 3, 1.1},
        {"年许可量", "permitted", "t", 3, 1.1}};
    json_t *rows = yw_doc_table(d, yw_doc_word(d, "各因子", "factors"), "", columns, YW_COUNT(columns));
    for (size_t i = 0; i < s->factor_n; i++) {
        if (!s->assessed[i]) continue;
        const struct yw_report_factor *f = &s->factors[i];
        struct yw_report_rate r = yw_report_rate(&f->count);
        const double v[] = {
            r.transmission * 100, r.validity * 100, r.effective * 100, yw_report_due(&f->count),
            f->count.missing,     f->count.invalid, f->count.stopped,  f->count.spared,
            f->emission_t,        f->permitted_t};
        char to[200];
        yw_report_door_values(s->outlet, YW_PERIOD_HOUR, s->period.from, s->period.to, f->code, to,
                              sizeof to);
        json_t *cells = yw_doc_row(rows, to);
        yw_doc_cell_text(cells, factor_name(d, f));
        for (size_t k = 0; k < YW_COUNT(v); k++) yw_doc_cell_to(cells, v[k], to);
    }
}

static void put_runs(struct yw_doc *d, const struct yw_report_sheet *s) {
    static const struct yw_doc_column columns[] = {{"因子", "factor", "", -1, 1.2},
                                                   {"情况", "state", "", -1, 1.4},
                                                   {"自", "from", "", -1, 1.2},
                                                   {"至", "to", "", -1, 1.2},
                                                   {"小时", "hours", "h", 0, 0.8}};
    json_t *rows =
        yw_doc_table(d, yw_doc_word(d, "缺失、无效和停运的小时", "hours missing, invalid or stopped"), "",
                     columns, YW_COUNT(columns));
    for (size_t i = 0; i < s->factor_n; i++) {
        if (!s->assessed[i]) continue;
        for (size_t k = 0; k < s->run_n[i]; k++) {
            const struct yw_report_run *r = &s->runs[i][k];
            const struct yw_word *w = yw_report_hour_word(r->state);
            char from[24], until[24], to[200];
            stamp_text(r->from, from, sizeof from);
            stamp_text(r->to, until, sizeof until);
            yw_report_door_values(s->outlet, YW_PERIOD_HOUR, r->from, r->to, s->factors[i].code, to,
                                  sizeof to);
            json_t *cells = yw_doc_row(rows, to);
            yw_doc_cell_text(cells, factor_name(d, &s->factors[i]));
            yw_doc_cell_text(cells, yw_doc_word(d, w->zh, w->en));
            yw_doc_cell_text(cells, from);
            yw_doc_cell_text(cells, until);
            yw_doc_cell_to(cells, (double)(r->to - r->from) / (double)YW_HOUR, to);
        }
    }
}

static void put_verdicts(struct yw_doc *d, const struct yw_report_sheet *s) {
    static const struct yw_doc_column columns[] = {
        {"编号", "number", "", -1, 2},    {"初判", "preliminary verdict", "", -1, 1.6},
        {"因子", "factor", "", -1, 1},    {"自", "from", "", -1, 1.1},
        {"数值", "value", "", 3, 0.9},    {"限值", "limit", "", 3, 0.9},
        {"倍数", "multiple", "", 2, 0.8}, {"依据", "source", "", -1, 2}};
    json_t *rows = yw_doc_table(d, yw_doc_word(d, "系统初判", "preliminary verdicts"),
                                yw_doc_word(d, yw_standing_zh, yw_standing_en), columns, YW_COUNT(columns));
    for (size_t i = 0; i < s->verdict_n; i++) {
        const struct yw_report_verdict *v = &s->verdicts[i];
        const struct yw_word *w = yw_verdict_word(v->v->kind);
        char from[24], to[200], said[120];
        stamp_text(v->v->from, from, sizeof from);
        snprintf(said, sizeof said, "%s%s", yw_doc_word(d, w->zh, w->en),
                 v->v->counts ? "" : yw_doc_word(d, "（仅提示）", " (note only)"));
        yw_report_door_values(s->outlet, v->v->period, v->v->from, v->v->to, v->factor, to, sizeof to);
        json_t *cells = yw_doc_row(rows, to);
        yw_doc_cell_text(cells, v->number);
        yw_doc_cell_text(cells, said);
        const char *name = v->factor;
        for (size_t k = 0; k < s->factor_n; k++)
            if (strcmp(s->factors[k].code, v->factor) == 0) name = factor_name(d, &s->factors[k]);
        yw_doc_cell_text(cells, name);
        yw_doc_cell_text(cells, from);
        yw_doc_cell_to(cells, v->v->value, to);
        yw_doc_cell_to(cells, v->v->held, to);
        yw_doc_cell_to(cells, v->v->multiple, to);
        yw_doc_cell_text(cells, v->limit_source);
    }
}

json_t *yw_report_sheet_document(const struct yw_report_sheet *s, const struct yw_report_print *p) {
    static const struct {
        uint8_t period;
        const char *zh, *en;
    } names[] = {{YW_PERIOD_DAY, "日报表", "Daily report"},
                 {YW_PERIOD_MONTH, "月报表", "Monthly report"},
                 {YW_PERIOD_QUARTER, "季报表", "Quarterly report"},
                 {YW_PERIOD_YEAR, "年报表", "Yearly report"}};
    char when[48], title[400], subtitle[400];
    yw_report_period_title(&s->period, p->english, when, sizeof when);
    size_t k = 0;
    while (k + 1 < YW_COUNT(names) && names[k].period != s->period.period) k++;
    snprintf(title, sizeof title, "%s %s %s %s", s->enterprise, s->code,
             p->english ? names[k].en : names[k].zh, when);
    snprintf(subtitle, sizeof subtitle, "%s · %s", s->name, s->area_name);
    struct yw_doc d;
    yw_doc_begin(&d, p, "outlet", title, subtitle);
    put_facts(&d, s);
    for (size_t i = 0; i < s->factor_n; i++)
        if (s->assessed[i]) put_chart(&d, s, i);
    put_factors(&d, s);
    put_runs(&d, s);
    put_verdicts(&d, s);
    for (size_t i = 0; i < s->factor_n; i++) put_rows(&d, s, i);
    return yw_doc_end(&d);
}
