/* The rates of a period as a document: whole, areas, enterprises, outlets, those under the figures, amounts.
 */
#include "report/json_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { BARS_MOST = 40 };

static double percent(double rate) {
    return rate * 100;
}

static void rate_cells(json_t *cells, const struct yw_report_figures *f, const char *to) {
    struct yw_report_rate r = yw_report_rate(&f->count);
    yw_doc_cell_to(cells, percent(r.transmission), to);
    yw_doc_cell_to(cells, percent(r.validity), to);
    yw_doc_cell_to(cells, percent(r.effective), to);
    yw_doc_cell_to(cells, yw_report_due(&f->count), to);
    yw_doc_cell_to(cells, f->count.missing, to);
    yw_doc_cell_to(cells, f->count.invalid, to);
    yw_doc_cell_to(cells, f->count.stopped, to);
}

#define RATE_COLUMNS                                                                                         \
    {"传输率", "transmission", "%", 2, 1}, {"有效率", "validity", "%", 2, 1},                                \
        {"传输有效率", "effective", "%", 2, 1.1}, {"应传", "due", "h", 0, 0.9},                              \
        {"缺失", "missing", "h", 0, 0.9}, {"无效", "invalid", "h", 0, 0.9}, {                                \
        "停运", "stopped", "h", 0, 0.9                                                                       \
    }

static void put_total(struct yw_doc *d, const struct yw_report_rates *r) {
    json_t *f = yw_doc_facts(d);
    struct yw_report_rate rate = yw_report_rate(&r->total.count);
    yw_doc_fact(d, f, yw_doc_word(d, "数据传输有效率", "effective rate"), percent(rate.effective), 2, "%");
    yw_doc_fact(d, f, yw_doc_word(d, "传输率", "transmission rate"), percent(rate.transmission), 2, "%");
    yw_doc_fact(d, f, yw_doc_word(d, "有效率", "valid rate"), percent(rate.validity), 2, "%");
    yw_doc_fact(d, f, yw_doc_word(d, "联网率", "networking rate"), percent(yw_report_networking(&r->total)),
                2, "%");
    if (r->alarms) {
        yw_doc_fact(d, f, yw_doc_word(d, "超标处置率", "exceedances handled"),
                    percent(yw_report_handling(&r->total)), 2, "%");
        yw_doc_fact(d, f, yw_doc_word(d, "超标报警", "exceedance alarms"), r->total.exceedances, 0, "");
    }
    yw_doc_fact(d, f, yw_doc_word(d, "排放口", "outlets"), (double)r->outlet_n, 0, "");
}

static void put_areas(struct yw_doc *d, const struct yw_report_rates *r) {
    static const struct yw_doc_column columns[] = {
        {"行政区", "area", "", -1, 2}, RATE_COLUMNS, {"联网率", "networked", "%", 2, 1}};
    if (r->area_n == 0) return;
    json_t *rows = yw_doc_table(d, yw_doc_word(d, "按行政区", "by area"), "", columns, YW_COUNT(columns));
    for (size_t i = 0; i < r->area_n; i++) {
        char to[200];
        yw_report_door_area(&r->period, r->areas[i].code, to, sizeof to);
        json_t *cells = yw_doc_row(rows, to);
        yw_doc_cell_text(cells, r->areas[i].name);
        rate_cells(cells, &r->areas[i].figures, to);
        yw_doc_cell_to(cells, percent(yw_report_networking(&r->areas[i].figures)), to);
    }
}

static void put_enterprises(struct yw_doc *d, const struct yw_report_rates *r) {
    static const struct yw_doc_column columns[] = {{"排污单位", "enterprise", "", -1, 3}, RATE_COLUMNS};
    json_t *rows =
        yw_doc_table(d, yw_doc_word(d, "按排污单位", "by enterprise"), "", columns, YW_COUNT(columns));
    for (size_t i = 0; i < r->enterprise_n; i++) {
        char to[200];
        yw_report_door_enterprise(&r->period, r->enterprises[i].id, to, sizeof to);
        json_t *cells = yw_doc_row(rows, to);
        yw_doc_cell_text(cells, r->enterprises[i].name);
        rate_cells(cells, &r->enterprises[i].figures, to);
    }
}

static const char *enterprise_name(const struct yw_report_rates *r, uint32_t id) {
    for (size_t i = 0; i < r->enterprise_n; i++)
        if (r->enterprises[i].id == id) return r->enterprises[i].name;
    return "";
}

/* Outlets with an effective rate in [least, below). */
static void put_outlets(struct yw_doc *d, const struct yw_report_rates *r, const char *title, double below) {
    static const struct yw_doc_column columns[] = {
        {"排污单位", "enterprise", "", -1, 2.6}, {"排放口", "outlet", "", -1, 0.9}, RATE_COLUMNS};
    json_t *rows = yw_doc_table(d, title, "", columns, YW_COUNT(columns));
    for (size_t i = 0; i < r->outlet_n; i++) {
        const struct yw_report_outlet *o = &r->outlets[i];
        double rate = yw_report_rate(&o->figures.count).effective;
        if (!isnan(below) && !(rate < below)) continue;
        char to[200];
        yw_report_door_outlet(&r->period, o->id, to, sizeof to);
        json_t *cells = yw_doc_row(rows, to);
        yw_doc_cell_text(cells, enterprise_name(r, o->enterprise));
        yw_doc_cell_text(cells, o->code);
        rate_cells(cells, &o->figures, to);
    }
}

static void put_amounts(struct yw_doc *d, const struct yw_report_rates *r) {
    static const struct yw_doc_column columns[] = {{"排污单位", "enterprise", "", -1, 2.6},
                                                   {"排放口", "outlet", "", -1, 0.9},
                                                   {"因子", "factor", "", -1, 1.2},
                                                   {"本年排放量", "emitted this year", "t", 3, 1.2},
                                                   {"其中替代", "of it replaced", "t", 3, 1.2},
                                                   {"年许可量", "permitted a year", "t", 3, 1.2},
                                                   {"已用", "used", "%", 1, 1}};
    json_t *rows = yw_doc_table(d, yw_doc_word(d, "许可排放量使用情况", "permitted amounts used"), "",
                                columns, YW_COUNT(columns));
    for (size_t i = 0; i < r->outlet_n; i++) {
        const struct yw_report_outlet *o = &r->outlets[i];
        for (size_t k = 0; k < o->factor_n; k++) {
            const struct yw_report_factor *f = &o->factors[k];
            if (!(f->permitted_t > 0)) continue;
            char to[200];
            yw_report_door_outlet(&r->period, o->id, to, sizeof to);
            json_t *cells = yw_doc_row(rows, to);
            yw_doc_cell_text(cells, enterprise_name(r, o->enterprise));
            yw_doc_cell_text(cells, o->code);
            yw_doc_cell_text(cells, yw_doc_word(d, f->name_zh, f->name_en));
            yw_doc_cell_to(cells, f->emission_t, to);
            yw_doc_cell_to(cells, f->replaced_t, to);
            yw_doc_cell_to(cells, f->permitted_t, to);
            yw_doc_cell_to(cells, percent(yw_report_used(f)), to);
        }
    }
}

/* The lowest enterprises first: those are what a reader looks for. */
struct bar {
    const struct yw_report_enterprise *e;
    double rate;
};
static int lower(const void *a, const void *b) {
    double x = ((const struct bar *)a)->rate, y = ((const struct bar *)b)->rate;
    return x < y ? -1 : x > y ? 1 : 0;
}

static void put_bars(struct yw_doc *d, const struct yw_report_rates *r) {
    struct bar *bars = r->enterprise_n > 0 ? calloc(r->enterprise_n, sizeof *bars) : NULL;
    if (bars == NULL) return;
    size_t n = 0;
    for (size_t i = 0; i < r->enterprise_n; i++) {
        double rate = yw_report_rate(&r->enterprises[i].figures.count).effective;
        if (!isnan(rate)) bars[n++] = (struct bar){&r->enterprises[i], rate};
    }
    qsort(bars, n, sizeof *bars, lower);
    json_t *c = yw_doc_chart(d, "bars",
                             yw_doc_word(d, "数据传输有效率，低者在前", "effective rate, lowest first"), "%");
    json_t *items = json_array(), *lines = json_array();
    for (size_t i = 0; i < n && i < BARS_MOST; i++) {
        json_t *item = json_object();
        yw_json_text(item, "name", bars[i].e->name);
        yw_json_f64(item, "value", percent(bars[i].rate));
        (void)json_array_append_new(items, item);
    }
    const double figures[] = {r->low, r->bad};
    for (size_t i = 0; i < YW_COUNT(figures); i++)
        (void)json_array_append_new(lines, json_real(percent(figures[i])));
    (void)json_object_set_new(c, "items", items);
    (void)json_object_set_new(c, "lines", lines);
    yw_json_f64(c, "top", 100);
    free(bars);
}

json_t *yw_report_rates_document(const struct yw_report_rates *r, const struct yw_report_print *p) {
    char when[48], title[200], low[80], bad[80];
    yw_report_period_title(&r->period, p->english, when, sizeof when);
    snprintf(title, sizeof title, p->english ? "Effective transmission of data, %s" : "数据传输有效率报表 %s",
             when);
    struct yw_doc d;
    yw_doc_begin(&d, p, "rates", title,
                 r->area_name[0] != '\0' ? r->area_name
                 : p->english            ? "all areas"
                                         : "全部区域");
    put_total(&d, r);
    put_bars(&d, r);
    put_areas(&d, r);
    put_enterprises(&d, r);
    snprintf(low, sizeof low, p->english ? "outlets under %.0f %%" : "低于 %.0f %% 的排放口",
             percent(r->low));
    snprintf(bad, sizeof bad, p->english ? "outlets under %.0f %%" : "低于 %.0f %% 的排放口",
             percent(r->bad));
    put_outlets(&d, r, bad, r->bad);
    put_outlets(&d, r, low, r->low);
    put_outlets(&d, r, yw_doc_word(&d, "全部排放口", "all outlets"), NAN);
    put_amounts(&d, r);
    return yw_doc_end(&d);
}
