/* outlet: steps a model through the day and cuts its series into real-time, minute, hour and day records. */
#include "plants/plants.h"

#include <math.h>
#include <string.h>

#include "plants/process.h"

enum { STATE_OFF = 0, STATE_RUNNING = 1, STATE_CALIBRATING = 2, STATE_FAULT = 4, STATE_BLOWBACK = 5 };

static int64_t into_day(int64_t time) {
    return time - yw_china_day_start(yw_china_day(time));
}

/* Each day begins from its own warm-up, so that it is the same from wherever it was entered. */
static void begin_day(struct yw_outlet_run *r, const struct yw_scenario *s, uint64_t seed, int64_t day) {
    struct yw_sample sample;
    yw_process_close(r->process);
    r->process = NULL;
    if (!s->life.kind) {
        yw_model_init(&r->model, s, seed, day);
        return;
    }
    r->process = r->next;
    r->next = NULL;
    if (r->process)
        r->model = r->next_model;
    else
        r->process = yw_process_open(&r->model, s, seed, day);
    while (r->process && r->model.time < day) yw_process_step(r->process, &r->model, &sample);
    if (!r->process) yw_model_born(&r->model, s, seed, day);
    r->model.time = day;
}

/* Lives a little of the next day's warm-up; who begins late catches up. */
static void look_ahead(struct yw_outlet_run *r) {
    enum { STEPS = 3 };
    const struct yw_scenario *s = r->model.scenario;
    int64_t midnight = r->day.start + YW_DAY;
    struct yw_sample sample;
    if (r->model.time <= midnight - yw_process_memory(s)) return;
    if (!r->next) r->next = yw_process_open(&r->next_model, s, r->model.seed, midnight);
    for (int i = 0; r->next && i < STEPS && r->next_model.time < r->model.time; i++)
        yw_process_step(r->next, &r->next_model, &sample);
}

void yw_outlet_ahead(struct yw_outlet_run *r) {
    r->ahead = r->process != NULL;
}

void yw_outlet_begin(struct yw_outlet_run *r, const struct yw_scenario *s, uint64_t seed, int64_t time) {
    int64_t day = yw_china_day_start(yw_china_day(time));
    r->process = r->next = NULL;
    r->ahead = false;
    begin_day(r, s, seed, day);
    yw_period_begin(&r->minute, day);
    yw_period_begin(&r->hour, day);
    yw_period_begin(&r->day, day);
    r->facility_state = UINT8_MAX;
    r->running_s = 0;
    struct yw_plant_record out[YW_RECORDS_PER_STEP];
    while (r->model.time < time) yw_outlet_step(r, out, NULL);
}

void yw_outlet_end(struct yw_outlet_run *r) {
    yw_process_close(r->process);
    yw_process_close(r->next);
    r->process = r->next = NULL;
}

/* A plant that could not even begin shows nothing: mark D. */
static void show_nothing(struct yw_outlet_run *r, struct yw_sample *sample) {
    const struct yw_scenario *s = r->model.scenario;
    *sample = (struct yw_sample){.time = r->model.time};
    memset(sample->mark, YW_MARK_D, sizeof sample->mark);
    r->model.time += s->sample_s * YW_SECOND;
}

void yw_outlet_sample(struct yw_outlet_run *r, struct yw_sample *sample) {
    if (r->process)
        yw_process_step(r->process, &r->model, sample);
    else if (r->model.scenario->life.kind)
        show_nothing(r, sample);
    else
        yw_model_step(&r->model, sample);
}

static bool is_water_weighted(const struct yw_scenario *s, size_t i) {
    return s->medium == YW_MEDIUM_WATER && s->factors[i].mass;
}

/* Concentration times volume: mg/m3 x m3 is mg for gas, mg/L x m3 is g for water; kg in the end. */
static double mass_kg(const struct yw_scenario *s, double concentration, double volume_m3) {
    return concentration * volume_m3 / (s->medium == YW_MEDIUM_WATER ? 1e3 : 1e6);
}

static void take_sample(struct yw_outlet_run *r, const struct yw_sample *sample) {
    const struct yw_scenario *s = r->model.scenario;
    double volume = sample->flow_m3_s * (double)s->sample_s;
    r->minute.volume_m3 += volume;
    for (size_t i = 0; i < s->factor_count; i++) {
        double v = sample->shown[i], zs = sample->converted[i];
        struct yw_entry e = {v, v, v, 0, zs, zs, zs, sample->mark[i]};
        yw_period_add(&r->minute, i, &e, is_water_weighted(s, i) ? volume : 1);
    }
}

/* Closes a period into a record and adds it to the period above (NULL: none). The amount of a minute is its
 * mean concentration times its volume; those of hours and days are sums. */
static void close_period(const struct yw_scenario *s, struct yw_period *p, uint16_t command, int64_t end,
                         struct yw_period *above, struct yw_plant_record *out) {
    *out = (struct yw_plant_record){.command = command, .time = p->start, .end = end};
    for (size_t i = 0; i < s->factor_count; i++) {
        struct yw_entry *e = &out->entries[i];
        yw_period_entry(p, i, s->medium, e);
        if (command == 2051) {
            if ((int)i == s->index.flow)
                e->cou = p->volume_m3;
            else if (s->factors[i].mass)
                e->cou = mass_kg(s, e->avg, p->volume_m3);
        }
        if (above) yw_period_add(above, i, e, is_water_weighted(s, i) ? p->volume_m3 : 1);
    }
    if (above) above->volume_m3 += p->volume_m3;
    yw_period_begin(p, end);
}

static uint8_t facility_state(const struct yw_scenario *s, const struct yw_sample *sample) {
    if (sample->running <= 0) return STATE_OFF;
    for (size_t i = 0; i < s->factor_count; i++) {
        if (sample->mark[i] == YW_MARK_C) return STATE_CALIBRATING;
        if (sample->mark[i] == YW_MARK_M) return STATE_BLOWBACK;
        if (sample->mark[i] == YW_MARK_D) return STATE_FAULT;
    }
    return STATE_RUNNING;
}

static void take_moment(const struct yw_scenario *s, const struct yw_sample *sample,
                        struct yw_plant_record *out) {
    *out = (struct yw_plant_record){.command = 2011, .time = sample->time, .end = sample->time};
    for (size_t i = 0; i < s->factor_count; i++) {
        out->entries[i].avg = sample->shown[i];
        out->entries[i].zs_avg = sample->converted[i];
        out->entries[i].mark = sample->mark[i];
    }
}

static void end_day(struct yw_outlet_run *r, int64_t now, struct yw_plant_record *out, size_t *n) {
    const struct yw_scenario *s = r->model.scenario;
    int64_t start = r->day.start;
    close_period(s, &r->day, 2031, now, NULL, &out[(*n)++]);
    if (s->facility[0])
        out[(*n)++] = (struct yw_plant_record){
            .command = 2041, .time = start, .end = now, .hours = r->running_s / 3600};
    r->running_s = 0;
    begin_day(r, s, r->model.seed, now);
}

size_t yw_outlet_step(struct yw_outlet_run *r, struct yw_plant_record out[YW_RECORDS_PER_STEP],
                      struct yw_sample *sample) {
    const struct yw_scenario *s = r->model.scenario;
    struct yw_sample own;
    if (!sample) sample = &own;
    size_t n = 0;
    yw_outlet_sample(r, sample);
    take_sample(r, sample);
    int64_t into = into_day(sample->time);
    int64_t step = s->sample_s * YW_SECOND, realtime = s->realtime_s * YW_SECOND;
    /* the first sample at or behind each multiple: a host may have set an interval that steps do not meet */
    if (into % realtime < step) take_moment(s, sample, &out[n++]);
    if (s->facility[0]) {
        uint8_t state = facility_state(s, sample);
        if (state != STATE_OFF) r->running_s += (double)s->sample_s;
        if (state != r->facility_state || into % YW_HOUR == 0)
            out[n++] = (struct yw_plant_record){
                .command = 2021, .time = sample->time, .end = sample->time, .facility_state = state};
        r->facility_state = state;
    }
    if (r->ahead) look_ahead(r);
    int64_t now = r->model.time;
    if (into_day(now) % (s->minute_s * YW_SECOND) == 0) {
        bool furnace = s->version >= 2025 && s->index.furnace >= 0 && s->minute_s == 300;
        close_period(s, &r->minute, 2051, now, &r->hour, &out[n++]);
        if (furnace) {
            out[n] = out[n - 1];
            out[n++].command = 2111;
        }
        if (now >= r->hour.start + YW_HOUR) close_period(s, &r->hour, 2061, now, &r->day, &out[n++]);
        if (now >= r->day.start + YW_DAY) end_day(r, now, out, &n);
    }
    if (r->process && r->process->now.n) n = yw_upload(&r->process->now, s, out, n);
    return n;
}
