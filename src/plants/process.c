/* process: plant, effects and station of one outlet through a civil day. It begins so long before midnight
 * as the plant remembers, so that the day is the same from wherever it was entered. */
#include "plants/process.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant/noise.h"

static const double OVER_S = 180;                  /* of the mean that triggers look at */
static const int64_t INSPECTED = 3 * YW_DAY;       /* inspections so far from the day may matter to it */
static const int64_t WATER_STEP = 60 * YW_SECOND;  /* of a plant of hours */
static const double STANDS = 0.02, OXYGEN = 20.95; /* running share under which it stands; of the air */

/* ---- what acts on it ---- */

static void by_schedule(const struct yw_process *p, int64_t time, double *values) {
    const struct yw_life_rule *l = &p->scenario->life;
    for (size_t i = 0; i < l->input_n; i++) {
        const struct yw_input_rule *r = &l->inputs[i];
        if (yw_when_holds(&r->when, p->seed, time))
            values[r->input] = r->value * yw_hourly(r->curve, time + YW_CHINA);
    }
}

static bool acts_at(const struct yw_effects_now *now, enum yw_place place) {
    return now->n > 0 && now->items[0].deed->place <= place; /* they come in the order of places */
}

/* Effects work on what is meant by schedule; a hand on the input has the last word. */
static void drive(struct yw_process *p, int64_t time, double load, double running, enum yw_mark planned) {
    const struct yw_scenario *s = p->scenario;
    double v[YW_INPUTS_MAX];
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(s->life.kind, &n);
    if (n > YW_INPUTS_MAX) n = YW_INPUTS_MAX;
    for (size_t i = 0; i < n; i++) v[i] = inputs[i].usual;
    if (p->load >= 0) v[p->load] = p->run >= 0 ? load : load * running;
    if (p->run >= 0) v[p->run] = planned == YW_MARK_SD || planned == YW_MARK_F ? 0 : 1;
    if (p->air >= 0) v[p->air] = yw_air_temp(&s->life.weather, p->seed, time);
    if (p->water >= 0) v[p->water] = yw_water_temp(&s->life.weather, time);
    if (p->rain >= 0) v[p->rain] = yw_rain(&s->life.weather, p->seed, time);
    by_schedule(p, time, v);
    bool effects = acts_at(&p->now, YW_AT_SOURCE);
    for (size_t i = 0; i < n; i++) {
        if (effects) v[i] = yw_effects_input(&p->now, inputs[i].name, v[i]);
        double held = s->hand && s->hand->input_n ? yw_hand_held(s->hand, (uint32_t)i, time) : NAN;
        yw_plant_input(p->plant, i, isnan(held) ? v[i] : held);
    }
}

static void gather_events(struct yw_process *p) {
    const struct yw_hand *hand = p->scenario->hand;
    p->event_n = p->own_n;
    for (uint32_t i = 0; hand && i < hand->event_n && p->event_n < YW_EVENTS_MAX; i++)
        p->events[p->event_n++] = hand->events[i];
}

static void look_at_events(struct yw_process *p, int64_t time) {
    gather_events(p);
    p->now.n = 0;
    if (!p->event_n) return;
    struct yw_effect_moment moment = {.time = time,
                                      .inspections = p->inspections,
                                      .inspection_n = p->inspection_n,
                                      .over = p->state.over,
                                      .sampling = p->state.sampling};
    yw_effects_at(p->events, p->event_n, &moment, &p->state.effects, &p->now);
}

/* What a host has set of a batch analyser's period. */
static void look_at_periods(struct yw_process *p, int64_t time) {
    const struct yw_deeds *d = p->scenario->deeds;
    for (uint32_t i = 0; d && i < d->count; i++) {
        const struct yw_deed *deed = &d->items[i];
        if (deed->kind == YW_DEED_PERIOD && deed->factor < p->spec.channel_n && time >= deed->from &&
            time < deed->until)
            p->spec.channels[deed->factor].cycle_s = (int64_t)deed->a;
    }
}

/* ---- from readings to a sample ---- */

/* Largest true value in its limit's terms. */
static double over_limit(const struct yw_process *p, const struct yw_stream *truth) {
    double most = 0, oxygen = truth->v[YW_Q_O2];
    for (uint32_t i = 0; i < p->spec.channel_n; i++) {
        const struct yw_channel *c = &p->spec.channels[i];
        double v = truth->v[c->quantity];
        if (c->limit <= 0 || !isfinite(v)) continue;
        if (c->converted && oxygen < OXYGEN) v *= (21 - p->spec.reference_o2) / (21 - oxygen);
        if (v / c->limit > most) most = v / c->limit;
    }
    return most;
}

static double number_or(double v, double otherwise) {
    return isfinite(v) ? v : otherwise;
}

/* A compound that comes along does so in a mixture that changes from hour to hour. */
static double share_at(const struct yw_process *p, size_t factor, int64_t time) {
    int64_t hour = yw_floor_div(time, YW_HOUR);
    double part = (double)(time - hour * YW_HOUR) / (double)YW_HOUR;
    double a = yw_noise_normal(yw_noise_bits(p->seed, YW_STREAM_SHARE + factor, (uint64_t)hour));
    double b = yw_noise_normal(yw_noise_bits(p->seed, YW_STREAM_SHARE + factor, (uint64_t)hour + 1));
    return p->scenario->factors[factor].share * exp(0.2 * (a * (1 - part) + b * part));
}

static void to_sample(const struct yw_process *p, double load, double running, struct yw_sample *out) {
    const struct yw_scenario *s = p->scenario;
    const struct yw_readings *r = &p->state.readings;
    const struct yw_stream *truth = &p->state.truth;
    out->load = number_or(truth->v[YW_Q_LOAD], load);
    out->running = number_or(truth->v[YW_Q_RUNNING], running);
    out->flow_m3_s = number_or(r->flow_m3_s, 0);
    out->taken = 0;
    for (size_t i = 0; i < s->factor_count; i++) {
        const struct yw_plant_factor *f = &s->factors[i];
        const struct yw_reading *c = &r->channel[f->channel];
        double share = f->channel == i ? f->share : share_at(p, i, out->time);
        out->truth[i] = number_or(truth->v[f->from], 0) * share;
        out->shown[i] = number_or(c->stored, 0) * share;
        out->converted[i] = number_or(c->converted, 0) * share;
        out->mark[i] = isfinite(c->stored) || c->mark != YW_MARK_N ? c->mark : (uint8_t)YW_MARK_D;
        if (c->taken) out->taken |= 1u << i;
        if (p->why[0]) out->mark[i] = YW_MARK_D;
    }
    int flow = s->index.flow;
    if (flow >= 0 && s->medium == YW_MEDIUM_AIR) {
        out->shown[flow] = out->flow_m3_s;
        if (s->index.velocity >= 0) out->mark[flow] = out->mark[s->index.velocity];
    }
}

/* ---- a step ---- */

static void run_plant(struct yw_process *p, int64_t time) {
    struct yw_error err;
    while (!p->why[0] && yw_plant_moment(p->plant) + p->plant_step <= time)
        if (yw_plant_run(p->plant, yw_plant_moment(p->plant) + p->plant_step, &err))
            yw_copy(p->why, sizeof p->why, err.text, strlen(err.text));
}

static enum yw_mark condition_of(const struct yw_process *p, enum yw_mark planned) {
    double running = p->state.truth.v[YW_Q_RUNNING];
    if (planned == YW_MARK_N && isfinite(running) && running <= STANDS) return YW_MARK_F;
    /* HJ 212-2017 has marks of one letter: start-up and shut-down are ordinary data there */
    if (p->scenario->version < 2025 && (planned == YW_MARK_SD || planned == YW_MARK_ST)) return YW_MARK_N;
    return planned;
}

void yw_process_step(struct yw_process *p, struct yw_model *m, struct yw_sample *out) {
    struct yw_station_act acts[YW_ACTS_MAX];
    const struct yw_scenario *s = p->scenario;
    int64_t time = m->time, step = s->sample_s * YW_SECOND;
    enum yw_mark planned;
    bool first = !p->state.begun;
    if (p->hold_n && time >= p->day) yw_process_take_holds(p);
    yw_load_noise_step(m);
    double running = yw_running_at(m, time, &planned), load = yw_load_at(m, time);
    look_at_events(p, time);
    if (yw_plant_moment(p->plant) + p->plant_step <= time || first) drive(p, time, load, running, planned);
    run_plant(p, time);
    p->state.truth = *yw_plant_output(p->plant);
    struct yw_stream section = p->state.truth;
    if (acts_at(&p->now, YW_AT_DUCT)) yw_effects_on_stream(&p->now, YW_AT_DUCT, &p->spec, &section);
    if (s->deeds && s->deeds->count) look_at_periods(p, time);
    size_t act_n = 0;
    if (s->deeds || s->hand) act_n = yw_acts_of(s, time - step, time, first, acts);
    yw_station_step(p->station, &section, condition_of(p, planned), &p->now, acts, act_n, time,
                    &p->state.readings);
    double over = over_limit(p, &p->state.truth);
    p->state.over += (over - p->state.over) * (first ? 1 : (double)s->sample_s / OVER_S);
    p->state.sampling = p->state.readings.sampling;
    p->state.stepped = time;
    p->state.begun = true;
    out->time = time;
    to_sample(p, load, running, out);
    m->time += step;
}

/* ---- beginning and end ---- */

static int input_called(const struct yw_scenario *s, const char *name) {
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(s->life.kind, &n);
    return yw_plant_value_find(inputs, n < YW_INPUTS_MAX ? n : YW_INPUTS_MAX, name, strlen(name));
}

static enum yw_code open_parts(struct yw_process *p, int64_t from, struct yw_error *err) {
    const struct yw_scenario *s = p->scenario;
    double step_s = (double)p->plant_step / (double)YW_SECOND;
    p->station = calloc(1, yw_station_size());
    if (!p->station) return yw_fail(err, YW_E_NOMEM, "no memory for a station");
    enum yw_code code =
        yw_plant_open(s->life.kind, s->life.parameters, p->seed, from, step_s, &p->plant, err);
    if (!code) yw_station_begin(p->station, &p->spec, p->seed, from, (double)s->sample_s);
    return code;
}

int64_t yw_process_memory(const struct yw_scenario *s) {
    return yw_plant_memory_us(s->life.kind) / YW_MINUTE * YW_MINUTE;
}

struct yw_process *yw_process_open_at(struct yw_model *m, const struct yw_scenario *s, uint64_t seed,
                                      int64_t day, int depth) {
    struct yw_process *p = calloc(1, sizeof *p);
    if (!p) return NULL;
    int64_t from = day - yw_process_memory(s);
    p->scenario = s, p->seed = seed, p->day = day, p->spec = s->life.station;
    p->plant_step = s->medium == YW_MEDIUM_WATER ? WATER_STEP : s->sample_s * YW_SECOND;
    p->load = input_called(s, "load"), p->run = input_called(s, "run");
    p->air = input_called(s, "outside");
    if (p->air < 0) p->air = input_called(s, "ambient");
    p->water = input_called(s, "water_temp"), p->rain = input_called(s, "rain");
    yw_stream_clear(&p->state.truth);
    p->own_n = yw_events_of(s, seed, from, day + YW_DAY, p->events, YW_EVENTS_MAX);
    p->inspection_n = yw_inspections_of(s, seed, from - INSPECTED, day + YW_DAY + INSPECTED, p->inspections,
                                        YW_PROCESS_INSPECTIONS);
    struct yw_error err;
    enum yw_code code = open_parts(p, from, &err);
    if (code == YW_E_NOMEM || !p->plant) {
        yw_process_close(p);
        return NULL;
    }
    yw_model_born(m, s, seed, from + s->sample_s * YW_SECOND);
    gather_events(p);
    yw_process_find_holds(p, depth);
    return p;
}

struct yw_process *yw_process_open(struct yw_model *m, const struct yw_scenario *s, uint64_t seed,
                                   int64_t day) {
    return yw_process_open_at(m, s, seed, day, 0);
}

void yw_process_close(struct yw_process *p) {
    if (!p) return;
    yw_plant_close(p->plant);
    yw_process_drop_holds(p);
    free(p->station);
    free(p);
}

/* ---- what others may look at ---- */

const char *yw_outlet_failure(const struct yw_outlet_run *r) {
    if (r->model.scenario->life.kind && !r->process) return "no memory, or a plant that cannot begin";
    return r->process && r->process->why[0] ? r->process->why : NULL;
}

const struct yw_readings *yw_outlet_readings(const struct yw_outlet_run *r) {
    return r->process ? &r->process->state.readings : NULL;
}

struct yw_station *yw_outlet_station(struct yw_outlet_run *r) {
    return r->process ? r->process->station : NULL;
}

const struct yw_plant *yw_outlet_plant(const struct yw_outlet_run *r) {
    return r->process ? r->process->plant : NULL;
}

const struct yw_stream *yw_outlet_truth(const struct yw_outlet_run *r) {
    return r->process ? &r->process->state.truth : NULL;
}

const struct yw_effects_now *yw_outlet_effects(const struct yw_outlet_run *r) {
    return r->process ? &r->process->now : NULL;
}
