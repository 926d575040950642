/* feed: gas and standards. What a schedule or a person feeds to a channel, how long, what the display said at
 * its end, and the adjustment of a calibration: zero gas 5 min, span gas 5 min, purge 3 min; accepted where
 * zero is within 5 % and span within 10 % of full scale (HJ 75: out of control beyond). Gas at the analyser
 * goes past probe and line; gas at the probe shows the whole path. */
#include "plant/station/inside.h"

static const double ZERO_LIMIT = 0.05, SPAN_LIMIT = 0.10; /* shares of full scale */
static const double ZERO_GOOD = 0.025;                    /* permitted drift of 24 h */
static const double STANDARD_LIMIT = 0.10;                /* of the standard's value */

static bool fits(const struct yw_station *s, size_t i, uint8_t kind) {
    const struct yw_channel *c = &s->spec->channels[i];
    if (kind == YW_ACT_AIR || kind == YW_ACT_LEAK_TEST) return s->fixed[i].sampled;
    if (kind == YW_ACT_SAMPLE) return is_batch(s, i);
    return c->span_gas > 0 && (s->fixed[i].sampled || is_batch(s, i));
}

/* Shares of the whole length: gas flows, then purge. */
enum feed feed_phase(const struct doing *d, int64_t time) {
    if (!d->on || time < d->from || time >= d->until) return FEED_NONE;
    double share = (double)(time - d->from) / (double)(d->until - d->from);
    bool both = d->kind == YW_ACT_CALIBRATE;
    if (both) return share < 5.0 / 13 ? FEED_ZERO : share < 10.0 / 13 ? FEED_SPAN : FEED_PURGE;
    if (share >= 0.625) return FEED_PURGE;
    if (d->kind == YW_ACT_AIR) return FEED_AIR;
    return d->kind == YW_ACT_ZERO_ANALYSER || d->kind == YW_ACT_ZERO_PROBE ? FEED_ZERO : FEED_SPAN;
}

double feed_value(const struct yw_station *s, size_t i, enum feed phase) {
    const struct yw_channel *c = &s->spec->channels[i];
    const struct doing *d = &s->channel[i].doing;
    if (phase == FEED_AIR) return c->quantity == YW_Q_O2 ? 20.9 : 0;
    if (phase == FEED_ZERO) return isnan(d->value) || d->kind == YW_ACT_CALIBRATE ? 0 : d->value;
    return isnan(d->value) ? c->span_gas : d->value;
}

void feed_begin(struct yw_station *s, size_t i, uint8_t kind, int64_t from, int64_t lasts_us, double value,
                bool probe, bool adjust) {
    struct doing *d = &s->channel[i].doing;
    d->from = from;
    d->until = from + lasts_us;
    d->value = value;
    d->kind = kind;
    d->on = true;
    d->probe = probe;
    d->adjust = adjust;
}

/* Gain and offset that deeds give the detector, of those that acted already when it was calibrated; the
 * bottle's true content against its label. */
static void detector(const struct step *st, size_t i, int64_t calibrated, const struct yw_station_spec *spec,
                     double *gain, double *offset, double *bottle) {
    *gain = 1, *offset = 0, *bottle = 1;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        if (!(st->deeds[k].channels >> i & 1) || a->since > calibrated) continue;
        double figure = yw_active_figure(a, spec->channels[i].quantity, spec);
        if (a->deed->what == YW_DO_FALSE_GAS) *bottle *= 1 + a->s * (a->a - 1);
        if (a->deed->place != YW_AT_ANALYSER) continue;
        if (a->deed->what == YW_DO_SCALE) *gain *= 1 + a->s * (a->a - 1), *offset *= 1 + a->s * (a->a - 1);
        if (a->deed->what == YW_DO_ADD && !isnan(figure)) *offset += a->s * figure;
    }
}

/* What the last calibration left: it takes away what it could see, unless that was beyond its limits. Whoever
 * calibrates with a false bottle accepts what he sees. */
void trim(struct yw_station *s, struct step *st, size_t i, int64_t calibrated) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    double gain, offset, bottle;
    detector(st, i, calibrated, s->spec, &gain, &offset, &bottle);
    bool sound =
        fabs(offset) <= ZERO_LIMIT * c->range && fabs(gain - 1) * c->span_gas <= SPAN_LIMIT * c->range;
    if (is_batch(s, i)) sound = fabs(gain - 1) <= 0.3 && fabs(offset) <= ZERO_LIMIT * c->range;
    ch->trim_gain = sound && gain > 0 ? 1 / gain : 1;
    ch->trim_zero = sound && gain > 0 ? offset / gain : 0;
    if (bottle > 0) ch->trim_gain /= bottle;
    ch->refused = !sound;
}

static double result_of(struct yw_station *s, struct step *st, size_t i, double shown, double nominal) {
    if (!st->deed_n) return shown;
    double v = deeds_on_value(s, st, i, YW_AT_CHECK, shown);
    for (size_t k = 0; k < st->deed_n; k++)
        if (st->deeds[k].active->deed->what == YW_DO_FALSE_CHECK && st->deeds[k].channels >> i & 1)
            v = nominal;
    return v;
}

static double bottle_of(const struct yw_station *s, const struct step *st, size_t i) {
    double gain, offset, bottle;
    detector(st, i, st->time, s->spec, &gain, &offset, &bottle);
    return bottle;
}

/* Gas of this phase has been fed long enough: note what the display says, and adjust. */
static void finish(struct yw_station *s, struct step *st, size_t i, enum feed phase) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    const struct doing *d = &ch->doing;
    double nominal = feed_value(s, i, phase), shown = ch->shown;
    if (d->kind == YW_ACT_CHECK || (d->kind == YW_ACT_CALIBRATE && phase == FEED_SPAN))
        shown *= bottle_of(s, st, i); /* the bottle is what it is, whatever its label */
    shown = between(shown, c->lowest, c->range);
    double result = result_of(s, st, i, shown, nominal), error = fabs(result - nominal);
    s->result[d->kind][i] = (float)result;
    if (phase == FEED_ZERO) {
        s->result[d->probe ? YW_ACT_ZERO_PROBE : YW_ACT_ZERO_ANALYSER][i] = (float)result;
        ch->zero_reading = result;
        if (!d->adjust)
            log_gas(s, st, st->time, i, YW_DID_ZERO, d->probe ? YW_ACT_ZERO_PROBE : YW_ACT_ZERO_ANALYSER,
                    error <= ZERO_GOOD * c->range, nominal, result);
        return;
    }
    if (phase == FEED_SPAN) s->result[d->probe ? YW_ACT_SPAN_PROBE : YW_ACT_SPAN_ANALYSER][i] = (float)result;
    if (d->kind != YW_ACT_CALIBRATE) {
        enum yw_station_did did = phase == FEED_SPAN && d->kind != YW_ACT_CHECK ? YW_DID_SPAN : YW_DID_CHECK;
        bool passed = error <= (d->kind == YW_ACT_CHECK ? STANDARD_LIMIT * nominal : ZERO_GOOD * c->range);
        log_gas(s, st, st->time, i, did, d->kind, passed, nominal, result);
        return;
    }
    if (!d->adjust) { /* the whole path: a check, nobody turns at the analyser for it */
        log_gas(s, st, st->time, i, YW_DID_SPAN, YW_ACT_SPAN_PROBE, error <= SPAN_LIMIT * c->range, nominal,
                result);
        return;
    }
    trim(s, st, i, st->time);
    bool false_gas = fabs(bottle_of(s, st, i) - 1) > 1e-12;
    bool accepted = false_gas || (!ch->refused && fabs(ch->zero_reading) <= ZERO_LIMIT * c->range &&
                                  error <= SPAN_LIMIT * c->range);
    ch->refused = !accepted;
    if (accepted) wear_reset(s, i, st->time);
    log_gas(s, st, st->time, i, YW_DID_ZERO, YW_ACT_CALIBRATE, accepted, ch->zero_reading,
            accepted ? 0 : ch->zero_reading);
    log_gas(s, st, st->time, i, YW_DID_SPAN, YW_ACT_CALIBRATE, accepted, result, accepted ? nominal : result);
}

static void finish_standard(struct yw_station *s, struct step *st, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    const struct doing d = ch->doing;
    double nominal = isnan(d.value) ? c->span_gas : d.value, bottle = st->deed_n ? bottle_of(s, st, i) : 1;
    double result = result_of(s, st, i, batch_standard(s, st, i, nominal * bottle), nominal);
    double error = fabs(result - nominal);
    s->result[d.kind][i] = (float)result;
    if (d.kind == YW_ACT_ZERO_ANALYSER || d.kind == YW_ACT_ZERO_PROBE) {
        result = batch_standard(s, st, i, 0);
        s->result[d.kind][i] = (float)result;
        log_gas(s, st, st->time, i, YW_DID_ZERO, d.kind, result <= ZERO_LIMIT * c->range, 0, result);
        return;
    }
    bool passed = error <= STANDARD_LIMIT * nominal;
    if (d.kind == YW_ACT_CHECK)
        log_gas(s, st, st->time, i, YW_DID_CHECK, d.kind, passed, nominal, result);
    else if (d.kind != YW_ACT_CALIBRATE)
        log_gas(s, st, st->time, i, YW_DID_SPAN, d.kind, passed, nominal, result);
    if (d.kind != YW_ACT_CALIBRATE && (d.kind != YW_ACT_CHECK || passed)) return;
    /* a check that failed calibrates by itself */
    trim(s, st, i, st->time);
    if (!ch->refused) wear_reset(s, i, st->time);
    log_gas(s, st, st->time, i, YW_DID_CALIBRATION, YW_ACT_CALIBRATE, !ch->refused, result,
            ch->refused ? result : nominal);
}

/* Sequences that the station begins by itself. */
static void scheduled(struct yw_station *s, struct step *st, const struct yw_schedule *p, uint8_t kind,
                      bool probe, bool batch) {
    if (p->every_s <= 0) return;
    int64_t every = p->every_s * YW_SECOND, at = p->at_s * YW_SECOND, lasts = p->lasts_s * YW_SECOND;
    int64_t since = (st->time + YW_CHINA - at) % every;
    if (since >= lasts || (!s->first && since >= s->step_us)) return;
    for (size_t i = 0; i < s->spec->channel_n; i++)
        if (is_batch(s, i) == batch && fits(s, i, kind) && !s->channel[i].doing.on)
            feed_begin(s, i, kind, st->time - since, lasts, NAN, probe, !probe);
}

static void blow(struct yw_station *s, struct step *st, int64_t from, int64_t lasts) {
    double slowest = 0;
    for (size_t i = 0; i < s->spec->channel_n; i++)
        if (s->fixed[i].sampled && s->spec->channels[i].t90_s > slowest) slowest = s->spec->channels[i].t90_s;
    s->blow_from = from;
    s->blow_until = from + lasts / 2;
    /* marked until the gas of the stack is back */
    s->calm_until = from + lasts + (int64_t)((line_delay_s(s->spec) + slowest) * 1e6);
    log_line(s, st, from, YW_DID_BLOWBACK, UINT8_MAX, true, 0, 0);
}

static void blowback(struct yw_station *s, struct step *st) {
    const struct yw_schedule *p = &s->spec->blowback;
    if (p->every_s > 0) {
        int64_t since = (st->time + YW_CHINA - p->at_s * YW_SECOND) % (p->every_s * YW_SECOND);
        if (since < s->step_us || (s->first && since < p->lasts_s * YW_SECOND))
            blow(s, st, st->time - since, p->lasts_s * YW_SECOND);
    }
    st->blowing = st->time >= s->blow_from && st->time < s->blow_until;
    st->blown_mark = st->time < s->calm_until;
    if (s->blow_until > 0 && !st->blowing) s->blown = s->blow_until;
}

void feed_step(struct yw_station *s, struct step *st) {
    scheduled(s, st, &s->spec->full_path, YW_ACT_CALIBRATE, true, false);
    scheduled(s, st, &s->spec->calibration, YW_ACT_CALIBRATE, false, false);
    scheduled(s, st, &s->spec->check, YW_ACT_CHECK, false, true);
    scheduled(s, st, &s->spec->water_calibration, YW_ACT_CALIBRATE, false, true);
    blowback(s, st);
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        struct doing *d = &s->channel[i].doing;
        if (!d->on) continue;
        if (is_batch(s, i)) {
            if (st->time >= d->until) {
                finish_standard(s, st, i);
                d->on = false;
            }
            continue;
        }
        enum feed was = feed_phase(d, st->time - s->step_us), is = feed_phase(d, st->time);
        if (was != is && was != FEED_NONE && was != FEED_PURGE) finish(s, st, i, was);
        if (st->time >= d->until) d->on = false;
    }
}

static int64_t usual_length(const struct yw_station *s, size_t i, uint8_t kind) {
    if (is_batch(s, i)) return s->spec->channels[i].cycle_s * YW_SECOND;
    return kind == YW_ACT_CALIBRATE ? 13 * YW_MINUTE : 8 * YW_MINUTE;
}

/* The share of air that comes in between probe and analyser, in %: oxygen-free gas is fed at the probe. */
static void leak_test(struct yw_station *s, struct step *st) {
    struct yw_stream fed;
    yw_stream_clear(&fed);
    fed.v[YW_Q_O2] = 0;
    if (st->now) {
        yw_effects_on_stream(st->now, YW_AT_PROBE, s->spec, &fed);
        yw_effects_on_stream(st->now, YW_AT_LINE, s->spec, &fed);
    }
    double share = fed.v[YW_Q_O2] / 20.9 * 100;
    for (size_t i = 0; i < s->spec->channel_n; i++)
        if (s->fixed[i].sampled) s->result[YW_ACT_LEAK_TEST][i] = (float)share;
    log_line(s, st, st->time, YW_DID_CHECK, UINT8_MAX, share <= 2, 0, share);
}

static void set_parameter(struct yw_station *s, struct step *st, const struct yw_station_act *a) {
    if (a->parameter >= YW_PARAMETER_COUNT || isnan(a->value)) return;
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        struct channel_state *ch = &s->channel[i];
        double *all[] = {&ch->slope, &ch->intercept, &ch->range};
        if (a->parameter >= YW_PARAMETER_PER_CHANNEL) break;
        if (a->channel != UINT8_MAX && a->channel != i) continue;
        log_parameter(s, st, a->time, a->parameter, i, *all[a->parameter], a->value);
        *all[a->parameter] = ch->seen[a->parameter] = a->value;
    }
    if (a->parameter < YW_PARAMETER_PER_CHANNEL) return;
    log_parameter(s, st, a->time, a->parameter, UINT8_MAX, s->setting[a->parameter], a->value);
    s->setting[a->parameter] = s->seen[a->parameter] = a->value;
}

static void take(struct yw_station *s, struct step *st, const struct yw_station_act *a) {
    switch (a->kind) {
    case YW_ACT_SET_PARAMETER:
        set_parameter(s, st, a);
        return;
    case YW_ACT_POWER_OFF:
        s->off = true;
        return;
    case YW_ACT_POWER_ON:
        s->off = false;
        return;
    case YW_ACT_LEAK_TEST:
        leak_test(s, st);
        return;
    case YW_ACT_BLOWBACK:
        blow(s, st, a->time, a->lasts_us > 0 ? a->lasts_us : 2 * YW_MINUTE);
        return;
    case YW_ACT_RETAIN: {
        double now[YW_CHANNELS_MAX];
        for (size_t i = 0; i < s->spec->channel_n; i++)
            now[i] = (st->touched ? &st->taken : st->truth)->v[s->spec->channels[i].quantity];
        retain(s, a->time, a->time, now);
        return;
    }
    default:
        break;
    }
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        if ((a->channel != UINT8_MAX && a->channel != i) || a->kind >= YW_ACT_COUNT || !fits(s, i, a->kind))
            continue;
        if (a->kind == YW_ACT_SAMPLE) { /* what is in the analyser is given up for it */
            struct batch *b = &s->channel[i].batch;
            b->pending = s->channel[i].kept[KEPT_INLET];
            b->pending_from = a->time;
            b->due = a->time + s->spec->channels[i].cycle_s * YW_SECOND;
            b->busy = true;
            continue;
        }
        int64_t lasts = a->lasts_us > 0 ? a->lasts_us : usual_length(s, i, a->kind);
        if (st->time >= a->time + lasts) continue; /* long over */
        bool probe = a->kind == YW_ACT_ZERO_PROBE || a->kind == YW_ACT_SPAN_PROBE;
        feed_begin(s, i, a->kind, a->time, lasts, a->value, probe, a->kind == YW_ACT_CALIBRATE);
    }
}

void acts_take(struct yw_station *s, struct step *st, const struct yw_station_act *acts, size_t n) {
    for (size_t k = 0; k < n; k++) take(s, st, &acts[k]);
}
