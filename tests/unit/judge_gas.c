#include "judge_gas.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void gas_open(struct gas *g, uint8_t profile) {
    struct yw_error err = {0};
    memset(g, 0, sizeof *g);
    if (yw_rules_load(&g->rules, &err) != YW_OK) fail_msg("%s", err.text);
    yw_site_init(&g->site, profile);
    yw_copy(g->site.id, sizeof g->site.id, "test", 4);
    g->site.reference_oxygen = 6;
    assert_non_null(yw_site_add_factor(&g->site, "a21026"));
    assert_non_null(yw_site_add_factor(&g->site, "a19001"));
    assert_non_null(yw_site_add_factor(&g->site, "a00000"));
    gas_judge(g);
}

void gas_close(struct gas *g) {
    yw_judge_destroy(g->judge);
    yw_site_free(&g->site);
    yw_rules_destroy(g->rules);
}

void gas_judge(struct gas *g) {
    struct yw_error err = {0};
    yw_judge_destroy(g->judge);
    g->judge = yw_judge_create(g->rules, &g->site, &err);
    if (!g->judge) fail_msg("%s", err.text);
}

void gas_mark(struct gas *g, struct yw_mark mark) {
    g->site.marks = realloc(g->site.marks, (g->site.mark_n + 1) * sizeof mark);
    assert_non_null(g->site.marks);
    if (mark.set_at == 0) mark.set_at = mark.from;
    g->site.marks[g->site.mark_n++] = mark;
    gas_judge(g);
}

void gas_check(struct gas *g, const char *factor, uint8_t kind, int64_t time, double reading,
               double nominal) {
    struct yw_check c = {.time = time, .kind = kind, .said = -1, .reading = reading, .nominal = nominal};
    c.full_scale = NAN;
    yw_copy(c.factor, sizeof c.factor, factor, strlen(factor));
    g->site.checks = realloc(g->site.checks, (g->site.check_n + 1) * sizeof c);
    assert_non_null(g->site.checks);
    g->site.checks[g->site.check_n++] = c;
    gas_judge(g);
}

int64_t gas_time(const char *text) {
    int64_t t;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return t;
}

static struct yw_sample *add(struct gas_hour *h, int64_t time, uint8_t period, double so2, double o2,
                             double flow) {
    assert_true(h->n < YW_COUNT(h->records));
    const double values[GAS_MOST] = {so2, o2, flow, NAN, NAN, NAN, NAN, NAN};
    for (size_t f = 0; f < GAS_MOST; f++)
        h->samples[h->n][f] =
            (struct yw_sample){.min = NAN, .max = NAN, .avg = values[f], .zs = NAN, .cou = NAN};
    h->records[h->n] = (struct yw_sample_record){.time = time, .period = period, .samples = h->samples[h->n]};
    return h->samples[h->n++];
}

void gas_fill(struct gas_hour *h, int64_t hour, unsigned a, unsigned b, unsigned step) {
    h->hour = hour;
    for (unsigned m = a; m < b; m += step) add(h, hour + m * YW_MINUTE, YW_PERIOD_MINUTE, 40, 9, 60);
}

void gas_flag(struct gas_hour *h, unsigned a, unsigned b, int factor, const char *flag) {
    for (size_t i = a; i < b && i < h->n; i++)
        for (int f = 0; f < GAS_FACTORS; f++)
            if (factor < 0 || f == factor)
                yw_copy(h->samples[i][f].flag, sizeof h->samples[i][f].flag, flag, strlen(flag));
}

struct yw_sample *gas_own_hour(struct gas_hour *h, double so2, double o2, double flow) {
    return add(h, h->hour, YW_PERIOD_HOUR, so2, o2, flow);
}

void gas_run(const struct gas *g, struct gas_hour *h) {
    yw_judge_hour(g->judge, h->hour, h->records, h->n, h->out);
}

const struct yw_reason *gas_reason_of(const struct yw_mean *m, uint8_t code) {
    for (uint8_t i = 0; i < m->reason_n; i++)
        if (m->reasons[i].code == code) return &m->reasons[i];
    return NULL;
}

bool gas_reason(const struct yw_mean *m, uint8_t code) {
    return gas_reason_of(m, code) != NULL;
}

struct yw_mean gas_mean(const struct gas *g, int64_t hour, uint8_t factor, uint8_t validity, double mean,
                        double kg) {
    struct yw_mean m[YW_SITE_FACTORS];
    yw_judge_hour(g->judge, hour, NULL, 0, m);
    if (validity == YW_VALIDITY_NO_DATA) return m[factor];
    m[factor].validity = validity;
    m[factor].mean = m[factor].raw = mean;
    m[factor].emission_kg = kg;
    m[factor].judged = validity == YW_VALIDITY_VALID;
    m[factor].reasons[0].code = validity == YW_VALIDITY_VALID     ? YW_REASON_ENOUGH
                                : validity == YW_VALIDITY_STOPPED ? YW_REASON_STOPPED
                                                                  : YW_REASON_FEW_MINUTES;
    return m[factor];
}
