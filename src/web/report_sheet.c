/* One outlet's daily to yearly report: means in rows, hours that are not there, verdicts. */
#include "web/report_look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_MAX = 128 << 20, ROWS_MAX = 40 };

struct gathering {
    struct yw_report_look *l;
    struct yw_report_factor *factors;
    char (*units)[16];
    int64_t *rows;
    const struct yw_mean **cells, **whole;
    struct yw_report_verdict *verdicts;
    uint8_t step;
    bool failed;
};

static enum yw_code no_memory(struct yw_error *err) {
    return yw_fail(err, YW_E_NOMEM, "the report does not fit into memory");
}

static size_t find_factor(const struct gathering *g, const char *code) {
    size_t i = 0;
    while (i < g->l->sheet.factor_n && strcmp(g->factors[i].code, code) != 0) i++;
    return i;
}

static bool take_mean(void *arg, const struct yw_judged_mean *m) {
    struct gathering *g = arg;
    struct yw_report_sheet *s = &g->l->sheet;
    size_t i = find_factor(g, m->factor), row = 0;
    if (i == s->factor_n) return true;
    struct yw_mean *kept = yw_arena_alloc(g->l->arena, sizeof *kept);
    if (kept == NULL) {
        g->failed = true;
        return false;
    }
    *kept = m->mean;
    if (m->unit[0] != '\0') memcpy(g->units[i], m->unit, sizeof g->units[i]);
    if (m->mean.period == s->period.period && m->mean.from == s->period.from) g->whole[i] = kept;
    if (m->mean.period != g->step) return true;
    while (row < s->row_n && g->rows[row] != m->mean.from) row++;
    if (row < s->row_n) g->cells[row * s->factor_n + i] = kept;
    return true;
}

static bool take_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct gathering *g = arg;
    struct yw_report_sheet *s = &g->l->sheet;
    if (v->gone) return true;
    if (s->verdict_n == YW_REPORT_VERDICTS_MAX) {
        s->verdicts_cut = true;
        return false;
    }
    struct yw_verdict *kept = yw_arena_alloc(g->l->arena, sizeof *kept);
    if (kept == NULL) {
        g->failed = true;
        return false;
    }
    *kept = v->verdict;
    struct yw_report_verdict *to = &g->verdicts[s->verdict_n++];
    to->v = kept;
    memcpy(to->number, v->number, sizeof to->number);
    memcpy(to->factor, v->factor, sizeof to->factor);
    memcpy(to->unit, v->unit, sizeof to->unit);
    memcpy(to->limit_source, v->limit_source, sizeof to->limit_source);
    return true;
}

/* Starts of the rows that have begun. */
static void set_rows(struct gathering *g, int64_t now) {
    struct yw_report_sheet *s = &g->l->sheet;
    int64_t at = s->period.from, until = s->period.to < now ? s->period.to : now;
    while (at < until && s->row_n < ROWS_MAX) {
        g->rows[s->row_n++] = at;
        if (g->step == YW_PERIOD_MONTH) {
            struct yw_report_period month, next;
            char text[40];
            yw_time_text(at, text);
            text[7] = '\0';
            if (yw_report_period_parse("month", text, at, &month, NULL) != YW_OK) return;
            yw_report_period_step(&month, 1, &next);
            at = next.from;
        } else {
            at += g->step == YW_PERIOD_DAY ? YW_DAY : YW_HOUR;
        }
    }
}

static enum yw_code prepare(const struct yw_report_source *src, const struct yw_outlet *o,
                            struct gathering *g, struct yw_error *err) {
    struct yw_report_sheet *s = &g->l->sheet;
    struct yw_arena *a = g->l->arena;
    size_t n;
    const struct yw_factor_rule *f = yw_register_factors(src->reg, o->id, &n);
    if (n > YW_REPORT_FACTORS_MAX) n = YW_REPORT_FACTORS_MAX;
    double *limits = yw_arena_alloc(a, (n + 1) * sizeof *limits);
    bool *converted = yw_arena_alloc(a, n + 1), *assessed = yw_arena_alloc(a, n + 1);
    g->factors = yw_arena_alloc(a, (n + 1) * sizeof *g->factors);
    g->units = yw_arena_alloc(a, (n + 1) * sizeof *g->units);
    g->rows = yw_arena_alloc(a, ROWS_MAX * sizeof *g->rows);
    g->cells = yw_arena_alloc(a, (n + 1) * ROWS_MAX * sizeof *g->cells);
    g->whole = yw_arena_alloc(a, (n + 1) * sizeof *g->whole);
    g->verdicts = yw_arena_alloc(a, YW_REPORT_VERDICTS_MAX * sizeof *g->verdicts);
    if (limits == NULL || converted == NULL || assessed == NULL || g->factors == NULL || g->units == NULL ||
        g->rows == NULL || g->cells == NULL || g->whole == NULL || g->verdicts == NULL)
        return no_memory(err);
    for (size_t i = 0; i < n; i++) {
        yw_report_factor_name(src, &g->factors[i], f[i].code);
        memcpy(g->units[i], f[i].unit, sizeof g->units[i]);
        limits[i] = f[i].limit;
        converted[i] = f[i].judge_converted;
        assessed[i] = yw_report_assessed(src->reg, o->id, f[i].code);
    }
    s->factor_n = n;
    s->factors = g->factors;
    s->units = g->units;
    s->limits = limits;
    s->converted = converted;
    s->assessed = assessed;
    set_rows(g, src->now);
    s->rows = g->rows;
    s->cells = g->cells;
    s->whole = g->whole;
    s->verdicts = g->verdicts;
    return YW_OK;
}

static enum yw_code count_hours(const struct yw_report_source *src, const struct yw_outlet *o,
                                struct gathering *g, struct yw_error *err) {
    struct yw_report_sheet *s = &g->l->sheet;
    struct yw_arena *a = g->l->arena;
    struct yw_report_hours h = {.n = (size_t)((s->period.to - s->period.from) / YW_HOUR)};
    const struct yw_report_run **runs = yw_arena_alloc(a, (s->factor_n + 1) * sizeof *runs);
    size_t *run_n = yw_arena_alloc(a, (s->factor_n + 1) * sizeof *run_n);
    h.hours = yw_arena_alloc(a, h.n * (s->factor_n + 1));
    if (h.hours == NULL || runs == NULL || run_n == NULL) return no_memory(err);
    int64_t first;
    enum yw_code code = yw_report_first_hour(src, o->id, s->period.to, &first, err);
    if (code == YW_OK)
        code =
            yw_report_hours_read(src, o->id, s->period.from, s->period.to, first,
                                 yw_report_spared(src, o, s->period.from), g->factors, s->factor_n, &h, err);
    if (code != YW_OK) return code;
    for (size_t i = 0; i < s->factor_n; i++) {
        const uint8_t *row = h.hours + i * h.n;
        size_t n = yw_report_runs(row, h.n, s->period.from, NULL, 0);
        if (n > YW_REPORT_RUNS_MAX) n = YW_REPORT_RUNS_MAX;
        struct yw_report_run *list = yw_arena_alloc(a, (n + 1) * sizeof *list);
        if (list == NULL) return no_memory(err);
        (void)yw_report_runs(row, h.n, s->period.from, list, n);
        runs[i] = list;
        run_n[i] = n;
        yw_report_count(row, h.n, &g->factors[i].count);
        if (s->assessed[i]) yw_report_count_add(&s->count, &g->factors[i].count);
    }
    s->runs = runs;
    s->run_n = run_n;
    for (size_t i = 0; i < s->factor_n; i++) yw_report_permitted(src->reg, o->id, &g->factors[i]);
    return yw_report_amounts(src, o->id, &s->period, g->factors, s->factor_n, err);
}

static void copy(char *to, size_t size, const char *from) {
    (void)yw_copy(to, size, from, strlen(from));
}

enum yw_code yw_report_look_sheet(const struct yw_report_source *src, const struct yw_report_period *p,
                                  uint32_t outlet, struct yw_report_look *out, struct yw_error *err) {
    *out = (struct yw_report_look){.arena = yw_arena_create(ARENA_MAX)};
    if (out->arena == NULL) return no_memory(err);
    const struct yw_outlet *o = yw_register_outlet(src->reg, outlet);
    if (o == NULL) return yw_fail(err, YW_E_NOT_FOUND, "there is no outlet %u", outlet);
    const struct yw_enterprise *e = yw_register_enterprise(src->reg, o->enterprise);
    const struct yw_area *area = e != NULL ? yw_register_area(src->reg, e->area) : NULL;
    struct yw_report_sheet *s = &out->sheet;
    s->period = *p;
    s->now = src->now;
    s->outlet = o->id;
    s->enterprise_id = o->enterprise;
    s->kind = yw_outlet_kind_name(o->kind);
    copy(s->code, sizeof s->code, o->code);
    copy(s->name, sizeof s->name, o->name);
    copy(s->enterprise, sizeof s->enterprise, e != NULL ? e->name : "");
    copy(s->area_name, sizeof s->area_name, area != NULL ? area->name : "");
    struct gathering g = {.l = out, .step = yw_report_step(p->period)};
    enum yw_code code = prepare(src, o, &g, err);
    const uint8_t periods[] = {g.step, p->period};
    for (size_t i = 0; i < YW_COUNT(periods) && code == YW_OK && src->judged != NULL; i++) {
        struct yw_judged_filter f = {.outlet = o->id, .period = periods[i], .from = p->from, .to = p->to};
        code = yw_judged_means(src->judged, &f, take_mean, &g, err);
    }
    struct yw_judged_filter f = {.outlet = o->id, .from = p->from, .to = p->to};
    if (code == YW_OK && src->judged != NULL)
        code = yw_judged_verdicts(src->judged, &f, take_verdict, &g, err);
    if (code == YW_OK && g.failed) code = no_memory(err);
    return code == YW_OK ? count_hours(src, o, &g, err) : code;
}
