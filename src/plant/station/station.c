/* station: its beginning and its step. */
#include "plant/station/inside.h"

#include <string.h>

size_t yw_station_size(void) {
    return sizeof(struct yw_station);
}

void yw_station_keep(struct yw_station *s, const struct yw_station *then, const uint64_t quantities[2]) {
    bool all = !quantities[0] && !quantities[1];
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        unsigned q = (unsigned)s->spec->channels[i].quantity;
        if (all || (quantities[q / 64] >> (q % 64) & 1))
            memcpy(s->channel[i].kept, then->channel[i].kept, sizeof s->channel[i].kept);
    }
}

void yw_station_attach(struct yw_station *s, const struct yw_station_spec *spec) {
    s->spec = spec;
}

static int16_t channel_of(const struct yw_station_spec *spec, enum yw_quantity q) {
    for (size_t i = 0; i < spec->channel_n; i++)
        if (spec->channels[i].quantity == q) return (int16_t)i;
    return -1;
}

static void begin_channel(struct yw_station *s, size_t i, int64_t start) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_fixed *f = &s->fixed[i];
    struct channel_state *ch = &s->channel[i];
    f->order = c->order < 1 ? 1 : c->order > ORDER_MAX ? ORDER_MAX : c->order;
    f->sampled = c->type == YW_INSTRUMENT_EXTRACTIVE || c->type == YW_INSTRUMENT_GC;
    f->noise = c->repeatability;
    f->per_resolution = 1 / c->resolution;
    double answer = yw_noise_normal(yw_noise_bits(s->seed, STREAM_RESULT + (uint64_t)c->quantity, 0));
    f->response = 1 + between(0.04 * answer, -0.1, 0.1);
    response_weights(f->weight, f->order, c->t90_s, s->step_s);
    ch->slope = 1, ch->range = c->range;
    ch->trim_gain = 1;
    ch->seen[YW_PARAMETER_SLOPE] = 1, ch->seen[YW_PARAMETER_RANGE] = c->range;
    for (int o = 0; o < OCTAVES; o++) ch->octave_cell[o] = INT64_MIN;
    int64_t since = wear_since(s, i, start), before = wear_since(s, i, since - YW_SECOND);
    bool adjusted = c->span_gas > 0 && (f->sampled || is_batch(s, i));
    if (adjusted) { /* the log knows the last calibration */
        double zero, span;
        wear_reset(s, i, before);
        wear_at(s, i, since, &zero, &span);
        zero *= c->range;
        if (!is_batch(s, i)) log_gas(s, NULL, since, i, YW_DID_ZERO, YW_ACT_CALIBRATE, true, zero, 0);
        log_gas(s, NULL, since, i, is_batch(s, i) ? YW_DID_CALIBRATION : YW_DID_SPAN, YW_ACT_CALIBRATE, true,
                c->span_gas * (1 + span) + zero, c->span_gas);
    }
    wear_reset(s, i, since);
}

void yw_station_begin(struct yw_station *s, const struct yw_station_spec *spec, uint64_t seed, int64_t start,
                      double step_s) {
    memset(s, 0, sizeof *s);
    s->spec = spec;
    s->seed = seed;
    s->step_s = step_s;
    s->step_us = (int64_t)(step_s * 1e6);
    s->begun = start;
    s->minute = start / YW_MINUTE;
    s->first = true;
    s->delay_steps = line_delay_s(spec) / step_s;
    s->setting[YW_PARAMETER_KV] = spec->kv;
    s->setting[YW_PARAMETER_KP] = spec->kp;
    s->setting[YW_PARAMETER_AREA] = spec->area_m2;
    s->setting[YW_PARAMETER_REFERENCE_O2] = spec->reference_o2;
    s->setting[YW_PARAMETER_DIGEST_TEMP] = spec->digest_temp_c;
    s->setting[YW_PARAMETER_DIGEST_MIN] = spec->digest_min;
    memcpy(s->seen, s->setting, sizeof s->seen);
    s->oxygen = channel_of(spec, YW_Q_O2);
    s->velocity = channel_of(spec, YW_Q_VELOCITY);
    s->temp = channel_of(spec, YW_Q_TEMP);
    s->pressure = channel_of(spec, YW_Q_PRESSURE);
    s->moisture = channel_of(spec, YW_Q_H2O);
    s->flow = channel_of(spec, spec->water ? YW_Q_WATER_FLOW : YW_Q_FLOW);
    for (size_t k = 0; k < YW_ACT_COUNT; k++)
        for (size_t i = 0; i < YW_CHANNELS_MAX; i++) s->result[k][i] = NAN;
    for (size_t i = 0; i < spec->channel_n; i++) begin_channel(s, i, start);
    s->minute = INT64_MIN / 2; /* the first step looks at its own */
}

/* Droplets that a mist eliminator lets through scatter light like dust; they are there where the gas is
 * saturated. Magnus form over water. */
static double droplets(const struct yw_station *s, const struct yw_stream *truth) {
    double temp = truth->v[YW_Q_TEMP], h2o = truth->v[YW_Q_H2O];
    if (isnan(temp) || isnan(h2o) || temp > 95) return 0;
    double saturated = 100 * 611.2 * exp(17.62 * temp / (243.12 + temp)) / s->spec->pressure_outside_pa;
    return 0.4 * between((h2o / saturated - 0.97) / 0.03, 0, 1);
}

static void new_minute(struct yw_station *s, struct step *st) {
    int64_t minute = st->time / YW_MINUTE;
    if (minute == s->minute) return;
    if (!s->first) s->minutes_kept += minute - s->minute;
    wear_minute(s, st->time);
    if (!s->spec->water) s->droplets = droplets(s, st->truth);
}

/* Faults and frauds on the way to the analyser concern the sampled gas, or the water, as a whole; of what
 * looks into the duct itself only what they name. */
static void touch(struct yw_station *s, struct step *st) {
    st->touched = false;
    for (size_t k = 0; k < st->deed_n; k++) {
        enum yw_place place = st->deeds[k].active->deed->place;
        if (place == YW_AT_PROBE || place == YW_AT_LINE) st->touched = true;
    }
    if (!st->touched) return;
    st->taken = *st->truth;
    yw_effects_on_stream(st->now, YW_AT_PROBE, s->spec, &st->taken);
    st->inlet = st->taken;
    yw_effects_on_stream(st->now, YW_AT_LINE, s->spec, &st->inlet);
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        const struct yw_channel *c = &s->spec->channels[i];
        if (s->fixed[i].sampled || c->type == YW_INSTRUMENT_BATCH || c->type == YW_INSTRUMENT_IMMERSED)
            continue;
        bool named = false;
        for (size_t k = 0; k < st->deed_n; k++) {
            const struct yw_active *a = st->deeds[k].active;
            bool on_way = a->deed->place == YW_AT_PROBE || a->deed->place == YW_AT_LINE;
            named |= on_way && (a->quantities[0] || a->quantities[1]) && yw_active_hits(a, c->quantity);
        }
        if (!named) st->inlet.v[c->quantity] = st->truth->v[c->quantity];
    }
}

static void power(struct yw_station *s, struct step *st) {
    bool off = s->off || st->conditions[YW_CONDITION_POWER] < 0.5;
    if (off != s->was_off && !s->first) log_line(s, st, st->time, YW_DID_POWER, UINT8_MAX, true, off, !off);
    if (!off && s->was_off) s->warm_until = st->time + s->spec->warm_up_s * YW_SECOND;
    s->was_off = off;
    st->out->power = !off;
}

static void dark(struct yw_station *s, struct step *st) {
    for (size_t i = 0; i < s->spec->channel_n; i++)
        st->out->channel[i] = (struct yw_reading){.truth = st->truth->v[s->spec->channels[i].quantity],
                                                  .mark = st->condition == YW_MARK_F ? YW_MARK_F : YW_MARK_D,
                                                  .sampled = st->time};
    st->out->flow_m3_s = 0;
}

void yw_station_step(struct yw_station *s, const struct yw_stream *truth, enum yw_mark condition,
                     const struct yw_effects_now *now, const struct yw_station_act *acts, size_t act_n,
                     int64_t time, struct yw_readings *out) {
    struct step st;
    st.truth = truth;
    st.now = now && now->n ? now : NULL;
    st.condition = condition;
    st.time = time;
    st.out = out;
    st.deed_n = 0;
    st.touched = false;
    out->time = time;
    out->sampling = !s->spec->water;
    new_minute(s, &st);
    st.minute_part = (double)(time - s->minute * YW_MINUTE) / (double)YW_MINUTE;
    if (st.now) {
        deeds_gather(s, &st);
        touch(s, &st);
        if (s->first)
            for (size_t i = 0; i < s->spec->channel_n; i++)
                if (s->spec->channels[i].span_gas > 0) trim(s, &st, i, s->channel[i].since);
    }
    if (act_n) acts_take(s, &st, acts, act_n);
    log_deeds(s, &st);
    conditions_step(s, &st);
    power(s, &st);
    feed_step(s, &st);
    st.delay_steps = s->delay_steps;
    if (st.deed_n) st.delay_steps /= between(st.conditions[YW_CONDITION_SAMPLE_FLOW], 0.05, 10);
    line_push(s);
    if (s->spec->water) sampler_step(s, &st);
    if (s->was_off) {
        dark(s, &st);
    } else {
        for (size_t i = 0; i < s->spec->channel_n; i++) measure_channel(s, &st, i);
        stored_channels(s, &st);
    }
    s->first = false;
}

double yw_station_parameter(const struct yw_station *s, enum yw_parameter p, size_t channel) {
    if ((unsigned)p >= YW_PARAMETER_COUNT || channel >= s->spec->channel_n) return NAN;
    return p < YW_PARAMETER_PER_CHANNEL ? s->channel[channel].seen[p] : s->seen[p];
}
