/* Figures of outlets, added up to enterprises, areas and the whole. */
#include "report/report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const char yw_report_basis_zh[] =
    "本平台口径：数据传输有效率 = 传输率 × 有效率，按各受控因子的小时数计；传输率 = 收到的应传小时 / "
    "应传小时，"
    "有效率 = 有效小时 / 收到的应传小时。停运小时两边均不计；废水排放口每日可因自动核查缺 1 小时。"
    "汇总为小时数相加，不取各率平均。";
const char yw_report_basis_en[] =
    "This platform's own definition: effective rate = transmission rate × valid rate, in hours of each "
    "assessed factor. Transmission = hours received / hours due; validity = valid hours / hours received. "
    "Hours in which the source was stopped leave both sides; a waste-water outlet may lose one hour a day to "
    "its automatic check. Sums are sums of hours, not means of rates.";

void yw_report_figures_add(struct yw_report_figures *to, const struct yw_report_figures *f) {
    yw_report_count_add(&to->count, &f->count);
    to->outlets += f->outlets;
    to->networked += f->networked;
    to->exceedances += f->exceedances;
    to->handled += f->handled;
    to->in_time += f->in_time;
}

double yw_report_networking(const struct yw_report_figures *f) {
    return f->outlets > 0 ? (double)f->networked / f->outlets : NAN;
}

double yw_report_handling(const struct yw_report_figures *f) {
    return f->exceedances > 0 ? (double)f->handled / f->exceedances : NAN;
}

double yw_report_used(const struct yw_report_factor *f) {
    if (!(f->permitted_t > 0) || (isnan(f->emission_t) && isnan(f->replaced_t))) return NAN;
    double sum = (isnan(f->emission_t) ? 0 : f->emission_t) + (isnan(f->replaced_t) ? 0 : f->replaced_t);
    return sum / f->permitted_t;
}

/* Its own counts; how it stands to the network. */
static void settle(struct yw_report_outlet *o) {
    struct yw_report_count c = {0};
    for (size_t i = 0; i < o->factor_n; i++) yw_report_count_add(&c, &o->factors[i].count);
    bool came = c.valid + c.invalid > 0, idle = !came && c.missing == 0 && c.stopped > 0;
    o->figures.count = c;
    o->figures.outlets = idle ? 0 : 1;
    o->figures.networked = came ? 1 : 0;
}

static int by_id(const void *key, const void *row) {
    uint32_t id = *(const uint32_t *)key, there = ((const struct yw_report_enterprise *)row)->id;
    return id < there ? -1 : id > there ? 1 : 0;
}

static int by_code(const void *key, const void *row) {
    return strcmp(key, ((const struct yw_report_area *)row)->code);
}

/* The area and all above it; the tree is no deeper than that. */
static void add_to_areas(struct yw_report_rates *r, const char *code, const struct yw_report_figures *f) {
    enum { DEPTH_MOST = 16 };
    for (int depth = 0; depth < DEPTH_MOST && code[0] != '\0' && r->area_n > 0; depth++) {
        struct yw_report_area *a = bsearch(code, r->areas, r->area_n, sizeof *r->areas, by_code);
        if (a == NULL) return;
        yw_report_figures_add(&a->figures, f);
        code = a->parent;
    }
}

void yw_report_roll_up(struct yw_report_rates *r) {
    for (size_t i = 0; i < r->outlet_n; i++) {
        struct yw_report_outlet *o = &r->outlets[i];
        settle(o);
        yw_report_figures_add(&r->total, &o->figures);
        struct yw_report_enterprise *e =
            r->enterprise_n == 0
                ? NULL
                : bsearch(&o->enterprise, r->enterprises, r->enterprise_n, sizeof *r->enterprises, by_id);
        if (e != NULL) yw_report_figures_add(&e->figures, &o->figures);
    }
    for (size_t i = 0; i < r->enterprise_n; i++)
        add_to_areas(r, r->enterprises[i].area, &r->enterprises[i].figures);
}
