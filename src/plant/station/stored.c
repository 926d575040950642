/* stored: from the signal to what the station computer keeps: its range, slope and intercept, its software,
 * flow at standard state, conversion to reference oxygen, the data mark. */
#include "plant/station/inside.h"

static const double OXYGEN_OF_AIR = 20.9;     /* %, where conversion stops to make sense */
static const double CONVERTED_MOST = 9999.99; /* HJ 212-2025 8.1.1 d: sent where conversion is impossible */

double parameter_now(const struct yw_station *s, const struct step *st, enum yw_parameter p, size_t i) {
    const struct channel_state *ch = &s->channel[i];
    bool channels = p < YW_PARAMETER_PER_CHANNEL;
    double set = p == YW_PARAMETER_SLOPE       ? ch->slope
                 : p == YW_PARAMETER_INTERCEPT ? ch->intercept
                 : p == YW_PARAMETER_RANGE     ? ch->range
                                               : s->setting[p];
    if (!st || !st->deed_n) return set;
    return yw_effects_parameter(st->now, p, channels ? s->spec->channels[i].quantity : YW_Q_COUNT, set);
}

/* Stored to converted; 1 where it is not converted. */
double stored_factor(const struct yw_station *s, const struct step *st, size_t i) {
    if (!s->spec->channels[i].converted || s->oxygen < 0) return 1;
    double oxygen = s->oxygen_used;
    if (!(oxygen < OXYGEN_OF_AIR)) return 1;
    double excess = parameter_now(s, st, YW_PARAMETER_EXCESS_AIR, i);
    if (excess > 0) return 21 / (21 - oxygen) / excess;
    return (21 - parameter_now(s, st, YW_PARAMETER_REFERENCE_O2, i)) / (21 - oxygen);
}

static void signal_of(struct yw_station *s, struct step *st, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct channel_state *ch = &s->channel[i];
    struct yw_reading *r = &st->out->channel[i];
    double signal = r->analyser, slope = ch->slope, intercept = ch->intercept, range = ch->range;
    if (st->deed_n) {
        signal = between(deeds_on_value(s, st, i, YW_AT_SIGNAL, signal), c->lowest, c->range);
        slope = parameter_now(s, st, YW_PARAMETER_SLOPE, i);
        intercept = parameter_now(s, st, YW_PARAMETER_INTERCEPT, i);
        range = parameter_now(s, st, YW_PARAMETER_RANGE, i);
    }
    ch->kept[KEPT_SIGNAL] = signal;
    /* a second range is told to the computer by a contact: the current spans the range that is on */
    double full = ch->low_range ? c->low_range : c->range;
    double share = (signal - c->lowest) / (full - c->lowest);
    r->ma = 4 + 16 * (share > 1 ? 1 : share);
    double v = signal;
    if (range != c->range)
        v = c->lowest + (signal - c->lowest) * (range - c->lowest) / (c->range - c->lowest);
    if (c->type == YW_INSTRUMENT_PITOT && c->quantity == YW_Q_VELOCITY) {
        double k = parameter_now(s, st, YW_PARAMETER_KV, i) * parameter_now(s, st, YW_PARAMETER_KP, i);
        v *= k / (s->spec->kv * s->spec->kp);
    }
    r->stored = v * slope + intercept;
}

/* Q = A v 273/(273 + t) (Ba + Ps)/101325 (1 - Xsw) */
static double flow_of(const struct yw_station *s, const struct step *st) {
    const struct yw_reading *r = st->out->channel;
    double temp = s->temp < 0 ? 20 : r[s->temp].stored,
           pressure = s->pressure < 0 ? 0 : r[s->pressure].stored;
    double moisture = s->moisture < 0 ? 0 : r[s->moisture].stored;
    double area = parameter_now(s, st, YW_PARAMETER_AREA, 0);
    return area * r[s->velocity].stored * 273 / (273 + temp) *
           (s->spec->pressure_outside_pa + 1000 * pressure) / 101325 * (1 - moisture / 100);
}

static void keep(struct yw_station *s, struct step *st, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    struct yw_reading *r = &st->out->channel[i];
    double v = r->stored;
    if (st->deed_n) v = deeds_on_value(s, st, i, YW_AT_DAS, v);
    s->channel[i].kept[KEPT_DAS] = v;
    r->stored = rounded(v > c->lowest ? v : c->lowest, c->resolution, s->fixed[i].per_resolution);
}

static enum yw_mark mark_of(const struct yw_station *s, const struct step *st, size_t i) {
    const struct channel_state *ch = &s->channel[i];
    enum yw_mark mark = st->condition;
    if (s->spec->version < 2025 && (mark == YW_MARK_SD || mark == YW_MARK_ST)) mark = YW_MARK_N;
    if (ch->over && mark > YW_MARK_T) mark = YW_MARK_T;
    if ((s->off || st->time < s->warm_until) && mark > YW_MARK_D) mark = YW_MARK_D;
    if (st->blown_mark && s->fixed[i].sampled && mark > YW_MARK_M) mark = YW_MARK_M;
    if (ch->doing.on && mark > YW_MARK_C) mark = YW_MARK_C;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_effect_deed *d = st->deeds[k].active->deed;
        if (d->place == YW_AT_MARK && d->what == YW_DO_MARK && st->deeds[k].channels >> i & 1)
            mark = (enum yw_mark)d->mark;
    }
    if (s->spec->version < 2025 && (mark == YW_MARK_SD || mark == YW_MARK_ST)) mark = YW_MARK_N;
    return mark;
}

static void remember(struct yw_station *s, const struct step *st) {
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        const struct yw_channel *c = &s->spec->channels[i];
        double share = (st->out->channel[i].stored - c->lowest) / (1.05 * (c->range - c->lowest));
        s->memory[(uint64_t)s->minute % MEMORY_MIN][i] = (uint16_t)(between(share, 0, 1) * 65535 + 0.5);
    }
}

/* While the oxygen channel is calibrated, blown through or warming up, what is converted (dust goes on all
 * the time) is converted with the last oxygen of the stack. */
static void use_oxygen(struct yw_station *s, const struct step *st) {
    size_t i = (size_t)s->oxygen;
    bool away = s->channel[i].doing.on || st->blown_mark || st->time < s->warm_until;
    if (!away || s->first) s->oxygen_used = st->out->channel[i].stored;
}

void stored_channels(struct yw_station *s, struct step *st) {
    struct yw_readings *out = st->out;
    size_t n = s->spec->channel_n;
    bool computed = s->flow >= 0 && s->velocity >= 0;
    for (size_t i = 0; i < n; i++) signal_of(s, st, i);
    if (s->oxygen >= 0) { /* the others are held against it */
        keep(s, st, (size_t)s->oxygen);
        use_oxygen(s, st);
    }
    for (size_t i = 0; i < n; i++)
        if ((int)i != s->oxygen && !(computed && (int)i == s->flow)) keep(s, st, i);
    out->flow_m3_s = s->flow >= 0 ? out->channel[s->flow].stored : 0;
    if (s->velocity >= 0) out->flow_m3_s = flow_of(s, st);
    if (computed) {
        struct yw_reading *r = &out->channel[s->flow];
        r->stored = out->flow_m3_s;
        keep(s, st, (size_t)s->flow);
        r->analyser = r->stored;
        out->flow_m3_s = r->stored;
    }
    if (s->spec->water) out->flow_m3_s /= 1000;
    for (size_t i = 0; i < n; i++) {
        struct yw_reading *r = &out->channel[i];
        enum yw_mark mark = mark_of(s, st, i);
        r->mark = (uint8_t)mark;
        if (s->channel[i].doing.on && !s->spec->shows_live_during_calibration)
            r->stored = s->channel[i].before;
        if (!s->channel[i].doing.on) s->channel[i].before = r->stored;
    }
    for (size_t i = 0; i < n; i++) {
        struct yw_reading *r = &out->channel[i];
        r->converted = r->stored;
        if (!s->spec->channels[i].converted || s->oxygen < 0) continue;
        if (s->oxygen_used < OXYGEN_OF_AIR)
            r->converted = r->stored * stored_factor(s, st, i);
        else if (s->spec->version >= 2025)
            r->converted = CONVERTED_MOST;
    }
    remember(s, st);
}
