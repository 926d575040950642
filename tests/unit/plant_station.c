#include "plant_station.h"

int64_t rig_midnight(void) {
    int64_t time = 0;
    const struct yw_civil c = {2026, 11, 24, 0, 0, 0, 0};
    assert_true(yw_time_from_civil(&c, YW_CHINA, &time));
    return time;
}

static void channels(struct rig *r, const enum yw_quantity *all, size_t n, bool water) {
    memset(r, 0, sizeof *r);
    yw_station_spec_usual(&r->spec, water);
    for (size_t i = 0; i < n; i++) yw_channel_usual(&r->spec.channels[i], all[i], water);
    r->spec.channel_n = (uint32_t)n;
    r->spec.calibration.every_s = r->spec.full_path.every_s = r->spec.blowback.every_s = 0;
    r->spec.check.every_s = r->spec.water_calibration.every_s = 0;
    r->condition = YW_MARK_N;
    yw_stream_clear(&r->truth);
}

void rig_gas(struct rig *r) {
    static const enum yw_quantity all[] = {YW_Q_SO2,      YW_Q_NOX,  YW_Q_DUST,     YW_Q_O2,
                                           YW_Q_VELOCITY, YW_Q_TEMP, YW_Q_PRESSURE, YW_Q_H2O};
    channels(r, all, YW_COUNT(all), false);
    double *v = r->truth.v;
    v[YW_Q_SO2] = 100, v[YW_Q_NO] = 60, v[YW_Q_NO2] = 8, v[YW_Q_NOX] = 100, v[YW_Q_DUST] = 10, v[YW_Q_O2] = 6;
    v[YW_Q_CO2] = 13, v[YW_Q_VELOCITY] = 12, v[YW_Q_TEMP] = 100, v[YW_Q_PRESSURE] = -0.1, v[YW_Q_H2O] = 10;
}

void rig_water(struct rig *r) {
    static const enum yw_quantity all[] = {YW_Q_COD, YW_Q_NH4,          YW_Q_TN,        YW_Q_TP,
                                           YW_Q_PH,  YW_Q_CONDUCTIVITY, YW_Q_WATER_FLOW};
    channels(r, all, YW_COUNT(all), true);
    double *v = r->truth.v;
    v[YW_Q_COD] = 40, v[YW_Q_NH4] = 2, v[YW_Q_TN] = 10, v[YW_Q_TP] = 0.3, v[YW_Q_PH] = 7.2;
    v[YW_Q_CONDUCTIVITY] = 1200, v[YW_Q_WATER_FLOW] = 200;
}

void rig_quiet(struct rig *r) {
    for (size_t i = 0; i < r->spec.channel_n; i++) {
        struct yw_channel *c = &r->spec.channels[i];
        c->repeatability = c->drift_zero = c->drift_span = c->wet_share = 0;
        c->detection_limit = 0;
    }
}

void rig_begin(struct rig *r, int64_t time, double step_s) {
    struct yw_error err;
    assert_int_equal(yw_station_spec_check(&r->spec, &err), YW_OK);
    r->station = malloc(yw_station_size());
    assert_non_null(r->station);
    r->time = time;
    r->step = (int64_t)(step_s * 1e6);
    yw_station_begin(r->station, &r->spec, 42, time, step_s);
}

void rig_end(struct rig *r) {
    free(r->station);
}

static void step(struct rig *r, const struct yw_station_act *acts, size_t n) {
    r->time += r->step;
    struct yw_effect_state state = {0};
    const struct yw_effect_moment m = {.time = r->time};
    yw_effects_at(r->event, r->event_n, &m, &state, &r->now);
    yw_station_step(r->station, &r->truth, r->condition, &r->now, acts, n, r->time, &r->out);
}

void rig_step(struct rig *r) {
    step(r, NULL, 0);
}

void rig_act(struct rig *r, uint8_t kind, size_t channel, double value, int64_t lasts_us) {
    const struct yw_station_act a = {r->time + r->step, lasts_us, kind, (uint8_t)channel, 0, value};
    step(r, &a, 1);
}

void rig_run(struct rig *r, int64_t us) {
    for (int64_t until = r->time + us; r->time < until;) rig_step(r);
}

size_t rig_channel(const struct rig *r, enum yw_quantity q) {
    for (size_t i = 0; i < r->spec.channel_n; i++)
        if (r->spec.channels[i].quantity == q) return i;
    fail_msg("the station has no channel %s", yw_quantity_name(q));
    return 0;
}

const struct yw_reading *rig_reading(const struct rig *r, enum yw_quantity q) {
    return &r->out.channel[rig_channel(r, q)];
}

static void moments(struct rig *r, enum yw_quantity q, int64_t us, double *mean, double *sd) {
    double n = 0, sum = 0, squares = 0;
    size_t i = rig_channel(r, q);
    for (int64_t until = r->time + us; r->time < until; n++) {
        rig_step(r);
        sum += r->out.channel[i].stored;
        squares += r->out.channel[i].stored * r->out.channel[i].stored;
    }
    *mean = sum / n;
    double variance = squares / n - *mean * *mean;
    *sd = variance > 0 ? sqrt(variance) : 0;
}

double rig_mean(struct rig *r, enum yw_quantity q, int64_t us) {
    double mean, sd;
    moments(r, q, us, &mean, &sd);
    return mean;
}

double rig_sd(struct rig *r, enum yw_quantity q, int64_t us) {
    double mean, sd;
    moments(r, q, us, &mean, &sd);
    return sd;
}

struct yw_effect_deed *rig_deed(struct rig *r, enum yw_place place, enum yw_deed_what what,
                                enum yw_quantity q, double a, double b) {
    assert_true(r->event_n < RIG_EVENTS);
    struct yw_effect *e = &r->effect[r->event_n];
    struct yw_event *v = &r->event[r->event_n++];
    e->deed_n = 1;
    e->deeds[0] = (struct yw_effect_deed){.place = place, .what = what, .a = a, .b = b};
    if (q != YW_Q_COUNT) e->deeds[0].quantities[q / 64] = (uint64_t)1 << q % 64;
    *v = (struct yw_event){.effect = e, .start = r->time, .strength = 1, .a = NAN};
    return &e->deeds[0];
}

void near(double is, double wants, double within) {
    if (!(fabs(is - wants) <= within)) fail_msg("is %.9g, wants %.9g within %.3g", is, wants, within);
}
