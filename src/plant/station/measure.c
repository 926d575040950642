/* measure: one channel from the sample to the signal: cross-sensitivity, response, drift, noise, adjustment,
 * deeds, detection limit, range, resolution, 4-20 mA. */
#include "plant/station/inside.h"

static const double WHITE_SHARE = 0.85;
static const double CONVERTER = 0.97;    /* of the NO2 that a sound converter turns into NO */
static const double QUENCH = 0.001;      /* of a chemiluminescence cell, a share for each % of CO2 */
static const double METHANE_LEFT = 0.01; /* of it is counted as something else */
static const double WARM_UP_TAU_S = 600;

/* What gas loses or feigns between probe and detector. */
static double interfered(const struct step *st, const struct yw_channel *c, const struct yw_stream *gas,
                         double response, double x) {
    double h2o = gas->v[YW_Q_H2O];
    /* dissolved in the condensate: most at low level */
    if (c->wet_share > 0 && h2o > 0) x *= 1 - c->wet_share * (h2o / 25) * (0.4 + 24 / (20 + x));
    if (c->quantity ==
        YW_Q_NMHC) { /* a flame answers differently to each compound; a trace of methane stays */
        double methane = gas->v[YW_Q_CH4];
        return x * response + (methane > 0 ? METHANE_LEFT * methane : 0);
    }
    if (c->quantity != YW_Q_NOX && c->quantity != YW_Q_NO) return x;
    double no2 = gas->v[YW_Q_NO2], co2 = gas->v[YW_Q_CO2];
    if (c->quantity == YW_Q_NOX && no2 > 0)
        x -= (1 - CONVERTER * (st->deed_n ? deeds_converter(st) : 1)) * no2;
    if (co2 > 0) x *= 1 - QUENCH * co2;
    return x > 0 ? x : 0;
}

/* The channel's quantity in a stream; 0 where the plant has none. */
static double quantity_of(const struct yw_stream *gas, enum yw_quantity q) {
    double x = gas->v[q];
    if (q == YW_Q_NOX && isnan(x))
        x = gas->v[YW_Q_NO] * (46.0 / 30) + (gas->v[YW_Q_NO2] > 0 ? gas->v[YW_Q_NO2] : 0);
    return isnan(x) ? 0 : x;
}

/* Behind probe and line: what comes to the analyser, or what is fed instead. */
static double sample_of(struct yw_station *s, struct step *st, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    const struct doing *d = &ch->doing;
    const struct yw_stream *gas = st->touched ? &st->inlet : st->truth;
    enum feed phase = d->on ? feed_phase(d, st->time) : FEED_NONE;
    double x;
    if (phase == FEED_AIR || (d->probe && (phase == FEED_ZERO || phase == FEED_SPAN))) {
        struct yw_stream fed;
        yw_stream_clear(&fed);
        fed.v[YW_Q_H2O] = 0;
        fed.v[YW_Q_O2] = phase == FEED_AIR ? 20.9 : 0;
        for (size_t k = 0; k < s->spec->channel_n; k++)
            if (s->fixed[k].sampled && s->spec->channels[k].quantity != YW_Q_O2)
                fed.v[s->spec->channels[k].quantity] = k == i ? feed_value(s, i, phase) : 0;
        if (c->quantity == YW_Q_O2) fed.v[YW_Q_O2] = feed_value(s, i, phase);
        if (st->now) {
            yw_effects_on_stream(st->now, YW_AT_PROBE, s->spec, &fed);
            yw_effects_on_stream(st->now, YW_AT_LINE, s->spec, &fed);
        }
        x = interfered(st, c, &fed, 1, quantity_of(&fed, c->quantity));
    } else if (st->blowing) {
        x = c->quantity == YW_Q_O2 ? 20.9 : 0;
    } else {
        x = interfered(st, c, gas, s->fixed[i].response, quantity_of(gas, c->quantity));
        if (st->deed_n) x = deeds_on_inlet(s, st, i, x);
    }
    ch->kept[KEPT_INLET] = x;
    s->ring[s->ring_at][i] = (float)x;
    double steps = st->delay_steps + (st->deed_n ? deeds_seconds(st, i) / s->step_s : 0);
    x = line_read(s, i, steps);
    if ((phase == FEED_ZERO || phase == FEED_SPAN) && !d->probe) return feed_value(s, i, phase);
    if (st->now && st->conditions[YW_CONDITION_WATER] > 0.5 && c->wet_share > 0 && s->blown > 0)
        /* what the water in the line had taken up comes out when it is blown through */
        x += 0.2 * c->range * exp((double)(s->blown - st->time) / 90e6);
    return x;
}

/* A flume: Q = C h^n with n of a Parshall flume and C so that the full range stands 0.6 m high. The probe
 * sees the level: what deceives it shifts the level. */
static double weir(const struct step *st, const struct yw_channel *c, size_t i, double flow) {
    static const double N = 1.522, FULL_M = 0.6;
    double level = FULL_M * pow(flow > 0 ? flow / c->range : 0, 1 / N), was = level;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        if (a->deed->place != YW_AT_PROBE || !(st->deeds[k].channels >> i & 1)) continue;
        if (a->deed->what == YW_DO_ADD) level += a->s * a->a;
        if (a->deed->what == YW_DO_SCALE) level *= 1 + a->s * (a->a - 1);
    }
    if (level == was) return flow;
    return level > 0 ? c->range * pow(level / FULL_M, N) : 0;
}

/* Water that stands in the channel, or gas that the instrument looks through. */
static double in_place(struct yw_station *s, struct step *st, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    double x = quantity_of(st->touched ? &st->inlet : st->truth, c->quantity);
    if (c->type == YW_INSTRUMENT_OPTICAL) {
        int64_t week = wear_since(s, i, st->time);
        x = (x + s->droplets) * (1 - 0.003 * (double)(st->time - week) / (double)YW_DAY);
    }
    if (st->deed_n) x = deeds_on_inlet(s, st, i, x);
    if (st->deed_n && c->type == YW_INSTRUMENT_WEIR) x = weir(st, c, i, x);
    s->channel[i].kept[KEPT_INLET] = x;
    return x;
}

/* From the detector to the display. noise: in units of its usual sd; NAN: the instrument's own. */
double measure_finish(struct yw_station *s, struct step *st, size_t i, double value, double noise) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    double part = st->minute_part;
    double zero = ch->zero[0] + (ch->zero[1] - ch->zero[0]) * part;
    double span = ch->span[0] + (ch->span[1] - ch->span[0]) * part;
    if (c->type == YW_INSTRUMENT_PITOT) { /* the zero of the pressure difference, not of the velocity */
        double square = value * value + zero * 0.1 * c->range * c->range;
        value = square > 0 ? sqrt(square) : 0;
        zero = 0;
    }
    double range = c->range;
    if (c->low_range > 0) {
        double share = value / c->low_range;
        bool low = ch->low_range ? share < 0.8 : share < 0.6;
        range = low ? c->low_range : c->range;
        if (low != ch->low_range && !s->first)
            log_line(s, st, st->time, YW_DID_RANGE, i, true, low ? c->range : c->low_range, range);
        ch->low_range = low;
    }
    double v = value * (1 + span) + zero * c->range + noise * range;
    v = v * ch->trim_gain - ch->trim_zero;
    if (s->warm_until > st->time) {
        double warming_s = (double)s->spec->warm_up_s - (double)(s->warm_until - st->time) / 1e6;
        v *= 1 - 0.3 * exp(-warming_s / WARM_UP_TAU_S);
    }
    if (st->deed_n) v = deeds_on_value(s, st, i, YW_AT_ANALYSER, v);
    ch->kept[KEPT_DISPLAY] = v;
    if (v < c->detection_limit && c->below != YW_BELOW_NOISE)
        v = c->below == YW_BELOW_ZERO ? 0 : c->detection_limit / 2;
    ch->over = v >= range;
    v = rounded(between(v, c->lowest, range), c->resolution, s->fixed[i].per_resolution);
    ch->shown = v;
    return v;
}

static double white(const struct yw_station *s, size_t i, int64_t time) {
    return yw_noise_normal(yw_noise_bits(s->seed, STREAM_WHITE + (uint64_t)s->spec->channels[i].quantity,
                                         (uint64_t)(time / YW_SECOND)));
}

void measure_channel(struct yw_station *s, struct step *st, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    const struct channel_fixed *f = &s->fixed[i];
    struct yw_reading *r = &st->out->channel[i];
    r->truth = c->quantity == YW_Q_NOX ? quantity_of(st->truth, YW_Q_NOX) : st->truth->v[c->quantity];
    r->taken = false;
    r->sampled = st->time;
    if (c->type == YW_INSTRUMENT_BATCH) {
        ch->kept[KEPT_INLET] = in_place(s, st, i);
        batch_step(s, st, i);
        r->analyser = ch->shown;
        return;
    }
    double x = f->sampled ? sample_of(s, st, i) : in_place(s, st, i), noise = 0;
    if (st->deed_n) x = deeds_on_sample(s, st, i, x);
    if (!ch->warm) response_settle(ch, f->order, x);
    ch->warm = true;
    double slow = st->deed_n ? deeds_factor(st, i, YW_DO_SLOW) : 1;
    if (slow == 1) {
        x = response_step(ch, f->weight, f->order, x);
    } else {
        double weight[ORDER_MAX];
        response_weights(weight, f->order, c->t90_s * slow, s->step_s);
        x = response_step(ch, weight, f->order, x);
    }
    if (f->noise > 0) {
        double octaves = ch->slow[0] + (ch->slow[1] - ch->slow[0]) * st->minute_part;
        noise = f->noise * (WHITE_SHARE * white(s, i, st->time) + octaves);
        if (st->deed_n) noise *= deeds_factor(st, i, YW_DO_NOISE);
    }
    if (c->type == YW_INSTRUMENT_GC) {
        struct batch *b = &ch->batch;
        int64_t cycle = c->cycle_s * YW_SECOND;
        if (ch->doing.on && cycle > YW_MINUTE) cycle = YW_MINUTE; /* injected by hand while gas is fed */
        if (!b->started || crosses(s, st->time, cycle, 0)) {
            if (!b->started) b->pending = x, b->pending_from = st->time - cycle;
            b->started = true;
            b->shown = measure_finish(s, st, i, b->pending, noise);
            b->shown_from = b->pending_from;
            b->pending = x, b->pending_from = st->time;
            r->taken = true;
        }
        r->sampled = b->shown_from;
        r->analyser = b->shown;
        return;
    }
    r->analyser = measure_finish(s, st, i, x, noise);
}
