#include "plant_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant/noise.h"

static struct yw_effect_book the_book;

const struct yw_effect_book *rig_book(void) {
    if (the_book.n) return &the_book;
    struct yw_buf path, text;
    yw_buf_init(&path, 1024);
    yw_buf_init(&text, 1 << 20);
    yw_buf_printf(&path, "%s/plant/effects.yaml", getenv("YANWU_SHARE"));
    struct yw_error err = {.text = ""};
    if (yw_file_read(path.data, 1 << 20, &text, &err) ||
        yw_effects_parse(text.data, text.len, &the_book, &err))
        fail_msg("%s", err.text);
    yw_buf_free(&path);
    yw_buf_free(&text);
    return &the_book;
}

/* Slow noise about 0 that moves smoothly from knot to knot. */
static double slow(uint64_t seed, uint64_t stream, int64_t time, double knot_s) {
    double x = (double)(time - RIG_START) / 1e6 / knot_s;
    double whole = floor(x), part = x - whole;
    double a = yw_noise_normal(yw_noise_bits(seed, stream, (uint64_t)(int64_t)whole));
    double b = yw_noise_normal(yw_noise_bits(seed, stream, (uint64_t)(int64_t)whole + 1));
    double w = part * part * (3 - 2 * part);
    return a + w * (b - a);
}

static void gas(const struct rig *r, struct yw_stream *s) {
    double k = r->steady ? 0 : 1;
    int64_t t = r->time;
    double day = sin(6.283185307179586 * (double)(t % YW_DAY) / (double)YW_DAY);
    double load = 0.8 + k * (0.12 * day + 0.02 * slow(r->seed, 1, t, 1800));
    double *v = s->v;
    v[YW_Q_LOAD] = load, v[YW_Q_RUNNING] = 1;
    v[YW_Q_O2] = 7 + k * (0.5 * slow(r->seed, 2, t, 300) - 0.6 * day);
    v[YW_Q_CO2] = 19 * (1 - v[YW_Q_O2] / 20.9);
    v[YW_Q_SO2] = 62 * load * (1 + k * 0.2 * slow(r->seed, 3, t, 240));
    v[YW_Q_NO] = 65 * load * (1 + k * 0.12 * slow(r->seed, 4, t, 400));
    v[YW_Q_NO2] = 0.25 * v[YW_Q_NO];
    v[YW_Q_NOX] = v[YW_Q_NO] * 46 / 30 + v[YW_Q_NO2];
    v[YW_Q_CO] = 40 * (1 + k * 0.3 * slow(r->seed, 5, t, 200));
    v[YW_Q_HCL] = 20 * (1 + k * 0.15 * slow(r->seed, 6, t, 500));
    v[YW_Q_DUST] = 9 * (1 + k * 0.2 * slow(r->seed, 7, t, 120));
    v[YW_Q_NMHC] = 40 * (1 + k * 0.2 * slow(r->seed, 8, t, 600));
    v[YW_Q_H2O] = 11 + k * 0.5 * slow(r->seed, 9, t, 900);
    v[YW_Q_TEMP] = 90 + 40 * load + k * 1.5 * slow(r->seed, 10, t, 900);
    v[YW_Q_PRESSURE] = -0.2;
    v[YW_Q_VELOCITY] = 15 * load * (1 + k * 0.02 * slow(r->seed, 11, t, 120));
    v[YW_Q_FLOW] = v[YW_Q_VELOCITY] * 12 * 273.15 / (273.15 + v[YW_Q_TEMP]) * (1 - v[YW_Q_H2O] / 100);
    v[YW_Q_TREATMENT_KW] = 200 * load;
    double common = 900 + 80 * (load - 0.8) + k * 12 * slow(r->seed, 12, t, 400);
    for (int i = 0; i < 2; i++)
        v[YW_Q_FURNACE1 + i] = common + 10 * i + k * 4 * slow(r->seed, 20 + (uint64_t)i, t, 250);
}

static void water(const struct rig *r, struct yw_stream *s) {
    double k = r->steady ? 0 : 1;
    int64_t t = r->time;
    double day = k * sin(6.283185307179586 * (double)(t % YW_DAY) / (double)YW_DAY);
    double *v = s->v;
    v[YW_Q_RUNNING] = 1;
    v[YW_Q_COD] = 36 * (1 + 0.25 * day + k * 0.08 * slow(r->seed, 1, t, 5000));
    v[YW_Q_TOC] = 0.33 * v[YW_Q_COD];
    v[YW_Q_BOD5] = 0.2 * v[YW_Q_COD];
    v[YW_Q_NH4] = 3 * (1 + 0.4 * day + k * 0.15 * slow(r->seed, 2, t, 4000));
    v[YW_Q_TN] = 10 + v[YW_Q_NH4] + k * 0.5 * slow(r->seed, 3, t, 6000);
    v[YW_Q_NO3] = v[YW_Q_TN] - v[YW_Q_NH4] - 1;
    v[YW_Q_TP] = 0.32 * (1 + 0.2 * day + k * 0.1 * slow(r->seed, 4, t, 5000));
    v[YW_Q_PH] = 6.9 + k * 0.1 * slow(r->seed, 5, t, 6000);
    v[YW_Q_SS] = 9 * (1 + k * 0.2 * slow(r->seed, 6, t, 3000));
    v[YW_Q_TURBIDITY] = 0.6 * v[YW_Q_SS];
    v[YW_Q_CONDUCTIVITY] = 1200 * (1 + 0.05 * day + k * 0.03 * slow(r->seed, 7, t, 7000));
    v[YW_Q_WATER_TEMP] = 21 + k * 0.2 * slow(r->seed, 8, t, 9000);
    v[YW_Q_WATER_FLOW] = 120 * (1 + 0.3 * day + k * 0.05 * slow(r->seed, 9, t, 1500));
    if (r->dry) v[YW_Q_WATER_FLOW] = 0;
    v[YW_Q_INFLOW] = v[YW_Q_WATER_FLOW];
}

static const struct {
    enum yw_quantity q;
    double limit;
} gas_channels[] = {{YW_Q_SO2, 100},    {YW_Q_NO, 0},    {YW_Q_NO2, 0},      {YW_Q_NOX, 200},
                    {YW_Q_CO, 100},     {YW_Q_HCL, 60},  {YW_Q_DUST, 20},    {YW_Q_O2, 0},
                    {YW_Q_CO2, 0},      {YW_Q_H2O, 0},   {YW_Q_TEMP, 0},     {YW_Q_VELOCITY, 0},
                    {YW_Q_PRESSURE, 0}, {YW_Q_NMHC, 60}, {YW_Q_FURNACE1, 0}, {YW_Q_FURNACE2, 0}},
  water_channels[] = {{YW_Q_COD, 50},       {YW_Q_NH4, 5},       {YW_Q_TN, 15}, {YW_Q_TP, 0.5},
                      {YW_Q_TOC, 0},        {YW_Q_PH, 0},        {YW_Q_SS, 0},  {YW_Q_CONDUCTIVITY, 0},
                      {YW_Q_WATER_TEMP, 0}, {YW_Q_WATER_FLOW, 0}};

void rig_open(struct rig *r, bool is_water, double step_s) {
    memset(r, 0, sizeof *r);
    r->book = rig_book();
    r->seed = 77, r->step_s = step_s, r->time = RIG_START;
    yw_station_spec_usual(&r->spec, is_water);
    size_t n = is_water ? YW_COUNT(water_channels) : YW_COUNT(gas_channels);
    for (size_t i = 0; i < n; i++) {
        struct yw_channel *c = &r->spec.channels[r->spec.channel_n++];
        yw_channel_usual(c, is_water ? water_channels[i].q : gas_channels[i].q, is_water);
        c->drift_zero = c->drift_span = 0; /* what is compared is the effect, not the instrument */
        c->limit = is_water ? water_channels[i].limit : gas_channels[i].limit;
    }
    /* Sequences only where a test wants them. */
    r->spec.calibration.every_s = r->spec.full_path.every_s = r->spec.blowback.every_s = 0;
    r->spec.check.every_s = r->spec.water_calibration.every_s = 0;
    struct yw_error err = {.text = ""};
    if (yw_station_spec_check(&r->spec, &err)) fail_msg("%s", err.text);
    r->station = calloc(1, yw_station_size());
    assert_non_null(r->station);
    yw_station_begin(r->station, &r->spec, r->seed, r->time, step_s);
}

void rig_close(struct rig *r) {
    free(r->station);
    r->station = NULL;
}

struct yw_event *rig_event(struct rig *r, const char *id, int64_t after_s) {
    assert_true(r->event_n < RIG_EVENTS);
    struct yw_event *e = &r->events[r->event_n++];
    memset(e, 0, sizeof *e);
    e->effect = yw_effect_find(r->book, id, strlen(id));
    if (!e->effect) fail_msg("no effect %s", id);
    e->start = r->time + after_s * YW_SECOND;
    e->strength = 1, e->a = NAN;
    e->trigger = e->effect->trigger;
    return e;
}

void rig_act(struct rig *r, int64_t after_s, enum yw_station_act_kind kind, enum yw_quantity q,
             int64_t lasts_s, double value) {
    assert_true(r->act_n < RIG_ACTS);
    size_t channel = rig_channel(r, q);
    r->acts[r->act_n++] = (struct yw_station_act){.time = r->time + after_s * YW_SECOND,
                                                  .lasts_us = lasts_s * YW_SECOND,
                                                  .kind = (uint8_t)kind,
                                                  .channel = (uint8_t)channel,
                                                  .value = value};
}

size_t rig_channel(const struct rig *r, enum yw_quantity q) {
    for (size_t i = 0; i < r->spec.channel_n; i++)
        if (r->spec.channels[i].quantity == q) return i;
    fail_msg("no channel %s", yw_quantity_name(q));
    return 0;
}

const struct yw_reading *rig_reading(const struct rig *r, enum yw_quantity q) {
    return &r->out.channel[rig_channel(r, q)];
}

void rig_step(struct rig *r) {
    r->time += (int64_t)(r->step_s * (double)YW_SECOND);
    yw_stream_clear(&r->truth);
    if (r->spec.water)
        water(r, &r->truth);
    else
        gas(r, &r->truth);
    double over = 0;
    for (size_t i = 0; i < r->spec.channel_n; i++) {
        const struct yw_channel *c = &r->spec.channels[i];
        double x = r->truth.v[c->quantity];
        if (c->converted) x *= (21 - r->spec.reference_o2) / (21 - r->truth.v[YW_Q_O2]);
        if (c->limit > 0) over = fmax(over, x / c->limit);
    }
    r->over = over;
    struct yw_effect_moment m = {.time = r->time,
                                 .inspections = r->inspections,
                                 .inspection_n = r->inspection_n,
                                 .over = over,
                                 .sampling = r->out.sampling};
    yw_effects_at(r->events, r->event_n, &m, &r->state, &r->now);
    yw_effects_on_stream(&r->now, YW_AT_DUCT, &r->spec, &r->truth);
    struct yw_station_act due[RIG_ACTS];
    size_t due_n = 0;
    for (size_t i = 0; i < r->act_n; i++)
        if (r->acts[i].time > r->time - (int64_t)(r->step_s * 1e6) && r->acts[i].time <= r->time)
            due[due_n++] = r->acts[i];
    yw_station_step(r->station, &r->truth, YW_MARK_N, &r->now, due, due_n, r->time, &r->out);
}

void rig_run(struct rig *r, int64_t seconds) {
    for (int64_t until = r->time + seconds * YW_SECOND; r->time < until;) rig_step(r);
}

void rig_record(struct rig *r, int64_t seconds, struct rig_keep *keeps, size_t keep_n) {
    for (int64_t until = r->time + seconds * YW_SECOND; r->time < until;) {
        rig_step(r);
        for (size_t i = 0; i < keep_n; i++) {
            struct rig_keep *k = &keeps[i];
            const struct yw_reading *g = rig_reading(r, k->quantity);
            if (k->n >= RIG_SERIES || (k->taken && !g->taken)) continue;
            k->v[k->n++] = k->figure == RIG_TRUTH       ? g->truth
                           : k->figure == RIG_ANALYSER  ? g->analyser
                           : k->figure == RIG_CONVERTED ? g->converted
                                                        : g->stored;
        }
    }
}

double rig_mean(const struct rig_keep *k) {
    double sum = 0;
    for (size_t i = 0; i < k->n; i++) sum += k->v[i];
    return k->n ? sum / (double)k->n : NAN;
}

static double product(const struct rig_keep *a, const struct rig_keep *b, size_t lag) {
    double ma = rig_mean(a), mb = rig_mean(b), sum = 0;
    for (size_t i = lag; i < a->n; i++) sum += (a->v[i] - ma) * (b->v[i - lag] - mb);
    return sum;
}

double rig_sd(const struct rig_keep *k) {
    return sqrt(product(k, k, 0) / (double)k->n);
}

double rig_min(const struct rig_keep *k) {
    double m = INFINITY;
    for (size_t i = 0; i < k->n; i++) m = fmin(m, k->v[i]);
    return m;
}

double rig_max(const struct rig_keep *k) {
    double m = -INFINITY;
    for (size_t i = 0; i < k->n; i++) m = fmax(m, k->v[i]);
    return m;
}

double rig_lag1(const struct rig_keep *k) {
    return product(k, k, 1) / product(k, k, 0);
}

double rig_correlation(const struct rig_keep *a, const struct rig_keep *b) {
    return product(a, b, 0) / sqrt(product(a, a, 0) * product(b, b, 0));
}

void rig_near(double a, double b, double eps, const char *what, const char *file, int line) {
    if (!(fabs(a - b) <= eps)) {
        print_error("%s is %.6g, not %.6g +- %.3g\n", what, a, b, eps);
        _fail(file, line);
    }
}

void rig_order(double a, double b, const char *what, const char *file, int line) {
    if (!(a < b)) {
        print_error("%s: %.6g against %.6g\n", what, a, b);
        _fail(file, line);
    }
}
