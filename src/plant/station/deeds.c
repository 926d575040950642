/* deeds: what active faults and frauds do to a value on its way through the station, each at its own place.
 */
#include "plant/station/inside.h"

#include <string.h>

/* A pulse lets the deeds of its event that stand behind it act only a of each b seconds. */
static bool pulsed_off(const struct yw_effects_now *now, size_t k, int64_t time) {
    const struct yw_active *a = &now->items[k];
    for (size_t i = 0; i < now->n; i++) {
        const struct yw_active *p = &now->items[i];
        if (p->deed->what != YW_DO_PULSE || p->event != a->event || p->deed >= a->deed || !(p->b > 0))
            continue;
        double on = fmod((double)(time - p->since) / 1e6, p->b);
        if (!(on < p->a)) return true;
    }
    return false;
}

void deeds_gather(struct yw_station *s, struct step *st) {
    st->deed_n = 0;
    for (size_t k = 0; k < st->now->n; k++) {
        const struct yw_active *a = &st->now->items[k];
        if (a->deed->what == YW_DO_PULSE || pulsed_off(st->now, k, st->time)) continue;
        struct deed_now *d = &st->deeds[st->deed_n++];
        d->active = a;
        d->channels = 0;
        for (size_t i = 0; i < s->spec->channel_n; i++)
            if (yw_active_hits(a, s->spec->channels[i].quantity)) d->channels |= 1u << i;
    }
}

static bool concerns(const struct deed_now *d, size_t i, enum yw_place place) {
    return d->active->deed->place == place && d->channels >> i & 1;
}

bool deeds_any(const struct step *st, size_t i, enum yw_place place, enum yw_deed_what what) {
    for (size_t k = 0; k < st->deed_n; k++)
        if (concerns(&st->deeds[k], i, place) && st->deeds[k].active->deed->what == what) return true;
    return false;
}

/* Product of 1 + s (a - 1) over the deeds of one sort before the display: response time, noise. */
double deeds_factor(const struct step *st, size_t i, enum yw_deed_what what) {
    double factor = 1;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        if (a->deed->what == what && st->deeds[k].channels >> i & 1 && a->deed->place <= YW_AT_ANALYSER)
            factor *= 1 + a->s * (a->a - 1);
    }
    return factor > 0 ? factor : 0;
}

/* What the transport takes longer. */
double deeds_seconds(const struct step *st, size_t i) {
    double sum = 0;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        if (a->deed->what == YW_DO_DELAY && st->deeds[k].channels >> i & 1) sum += a->s * a->a;
    }
    return sum;
}

/* How much of the NO2 that the converter turns usually it still turns. */
double deeds_converter(const struct step *st) {
    double share = 1;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        const struct yw_effect_deed *d = a->deed;
        bool names = d->quantities[0] || d->quantities[1];
        if (d->place != YW_AT_ANALYSER || !names || !yw_active_hits(a, YW_Q_NO2)) continue;
        if (d->what == YW_DO_REMOVE) share *= 1 - a->s * a->a;
        if (d->what == YW_DO_SCALE) share *= 1 + a->s * (a->a - 1);
    }
    return share > 0 ? share : 0;
}

/* What stays the same although the sample changes: probe and line. */
double deeds_on_inlet(struct yw_station *s, struct step *st, size_t i, double x) {
    double *last = &s->channel[i].kept[KEPT_INLET];
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        if (!concerns(&st->deeds[k], i, YW_AT_PROBE) && !concerns(&st->deeds[k], i, YW_AT_LINE)) continue;
        if (s->first) continue;
        if (a->deed->what == YW_DO_HOLD) x = *last;
        if (a->deed->what == YW_DO_SMOOTH && a->a > 0) x = *last + (x - *last) * -expm1(-s->step_s / a->a);
    }
    return x;
}

/* What happens to the sample in the analyser, before its detector. */
double deeds_on_sample(struct yw_station *s, struct step *st, size_t i, double x) {
    double h2o = st->truth->v[YW_Q_H2O];
    for (size_t k = 0; k < st->deed_n; k++) {
        if (!concerns(&st->deeds[k], i, YW_AT_ANALYSER)) continue;
        const struct yw_active *a = st->deeds[k].active;
        if (a->deed->what == YW_DO_REMOVE)
            x *= 1 - between(a->s * a->a * (a->b > 0 && h2o >= 0 ? h2o / a->b : 1), 0, 1);
        if (a->deed->what == YW_DO_BOTTLE) {
            double bottle = yw_active_figure(a, s->spec->channels[i].quantity, s->spec);
            if (!isnan(bottle)) x = bottle + a->b * (x - bottle);
        }
    }
    return x;
}

static double invented(const struct yw_station *s, const struct yw_active *a, size_t i, double around,
                       int64_t time) {
    uint64_t seed = s->seed, q = (uint64_t)s->spec->channels[i].quantity;
    if (a->c != 0) memcpy(&seed, &a->c, sizeof seed);
    return around * (1 + a->b * yw_noise_normal(
                                    yw_noise_bits(seed, STREAM_INVENTED + q, (uint64_t)(time / YW_SECOND))));
}

/* The stored value of so many seconds ago; where this life does not reach back so far, of half the time and
 * so on, so that blocks still repeat. */
static double replayed(const struct yw_station *s, size_t i, double seconds, double otherwise) {
    int64_t back = (int64_t)(seconds / 60);
    while (back > s->minutes_kept || back > MEMORY_MIN - 1) back /= 2;
    if (back < 1) return otherwise;
    const struct yw_channel *c = &s->spec->channels[i];
    double share = s->memory[(uint64_t)(s->minute - back) % MEMORY_MIN][i] / 65535.0;
    return c->lowest + share * 1.05 * (c->range - c->lowest);
}

static double copied(const struct yw_station *s, const struct step *st, const struct yw_active *a,
                     enum yw_place place, double otherwise) {
    for (size_t k = 0; k < s->spec->channel_n; k++)
        if (s->spec->channels[k].quantity == a->deed->source)
            return a->a *
                       (place == YW_AT_DAS ? st->out->channel[k].stored : s->channel[k].kept[KEPT_DISPLAY]) +
                   a->b;
    double x = st->truth->v[a->deed->source];
    return isnan(x) ? otherwise : a->a * x + a->b;
}

static double drifted(const struct yw_station *s, const struct step *st, const struct yw_active *a,
                      size_t i) {
    int64_t from = a->since > s->channel[i].since ? a->since : s->channel[i].since;
    return a->s * (double)(st->time - from) / (double)YW_DAY;
}

/* Deeds on a value: the display (ANALYSER), the signal, the software of the station computer. */
double deeds_on_value(struct yw_station *s, struct step *st, size_t i, enum yw_place place, double v) {
    const struct yw_channel *c = &s->spec->channels[i];
    enum kept at = place == YW_AT_ANALYSER ? KEPT_DISPLAY : place == YW_AT_SIGNAL ? KEPT_SIGNAL : KEPT_DAS;
    double last = s->first ? v : s->channel[i].kept[at];
    for (size_t k = 0; k < st->deed_n; k++) {
        if (!concerns(&st->deeds[k], i, place)) continue;
        const struct yw_active *a = st->deeds[k].active;
        double figure = yw_active_figure(a, c->quantity, s->spec), b = a->b;
        if (a->a != 0 && !isnan(figure)) b *= figure / a->a; /* in the same measure as a */
        /* software that knows the limit knows that it holds for the converted value */
        if (place == YW_AT_DAS && a->deed->of == YW_OF_LIMIT && c->converted && c->limit > 0)
            figure /= stored_factor(s, st, i), b /= stored_factor(s, st, i);
        bool known = !isnan(figure);
        switch (a->deed->what) {
        case YW_DO_SCALE:
            v *= 1 + a->s * (a->a - 1);
            break;
        case YW_DO_REMOVE:
            if (place != YW_AT_ANALYSER) v *= 1 - between(a->s * a->a, 0, 1);
            break;
        case YW_DO_ADD:
            if (known) v += a->s * figure;
            break;
        case YW_DO_HOLD:
            v = last;
            break;
        case YW_DO_BOTTLE:
            if (known && place != YW_AT_ANALYSER) v = figure + a->b * (v - figure);
            break;
        case YW_DO_CLIP:
            if (known && v > figure)
                v = figure -
                    b * fabs(yw_noise_normal(yw_noise_bits(s->seed, STREAM_INVENTED + (uint64_t)c->quantity,
                                                           (uint64_t)(st->time / YW_SECOND))));
            break;
        case YW_DO_INVENT:
            if (known) v = invented(s, a, i, figure, st->time);
            break;
        case YW_DO_REPLAY:
            v = replayed(s, i, a->a, v);
            break;
        case YW_DO_COPY:
            v = copied(s, st, a, place, v);
            break;
        case YW_DO_SMOOTH:
            if (a->a > 0) v = last + (v - last) * -expm1(-s->step_s / a->a);
            break;
        case YW_DO_DRIFT:
            v += drifted(s, st, a, i) * (a->a * c->range + a->b * v);
            break;
        default:
            break;
        }
    }
    return v;
}
