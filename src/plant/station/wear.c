/* wear: drift of zero and span since the last calibration and the slow part of the noise. Both are functions
 * of the seed and of absolute time, so that a station that begins in the middle of a week has the drift of
 * that week. The walk goes in cells of an hour or more, counted from the calibration; the noise is white plus
 * three octaves of knots 1, 8 and 64 minutes apart, which together fall about as 1/f. */
#include "plant/station/inside.h"

static const int64_t KNOT[OCTAVES] = {YW_MINUTE, 8 * YW_MINUTE, 64 * YW_MINUTE};
static const double OCTAVE_SHARE = 0.35; /* of the sd; the white part has 0.85 */
#define MAINTENANCE (7 * YW_DAY)         /* of what no gas calibrates: wiped and set right each week */

static const struct yw_schedule *schedule_of(const struct yw_station *s, size_t i) {
    const struct yw_channel *c = &s->spec->channels[i];
    const struct yw_schedule *p =
        c->type == YW_INSTRUMENT_BATCH ? &s->spec->water_calibration : &s->spec->calibration;
    return c->span_gas > 0 && p->every_s > 0 ? p : NULL;
}

/* The end of the last calibration that is due at or before `time`. */
int64_t wear_since(const struct yw_station *s, size_t i, int64_t time) {
    const struct yw_schedule *p = schedule_of(s, i);
    if (!p) return civil_cell(time - 9 * YW_HOUR, MAINTENANCE) * MAINTENANCE - YW_CHINA + 9 * YW_HOUR;
    int64_t every = p->every_s * YW_SECOND, end = (p->at_s + p->lasts_s * 10 / 13) * YW_SECOND;
    return civil_cell(time - end, every) * every - YW_CHINA + end;
}

static double normal(const struct yw_station *s, size_t i, int stream, int64_t index) {
    uint64_t q = (uint64_t)s->spec->channels[i].quantity;
    return yw_noise_normal(yw_noise_bits(s->seed, (uint64_t)stream + q, (uint64_t)index));
}

static int64_t walk_cell(const struct channel_state *c, int64_t n) {
    return c->since / c->cell_us + n;
}

void wear_at(struct yw_station *s, size_t i, int64_t time, double *zero, double *span) {
    struct channel_state *c = &s->channel[i];
    const struct yw_channel *spec = &s->spec->channels[i];
    int64_t age = time > c->since ? time - c->since : 0, n = age / c->cell_us;
    if (n < c->walk_n) { /* never in the course of time, only when a calibration began it anew */
        c->walk_n = 0;
        for (int k = 0; k < 2; k++) {
            c->walk[k] = 0;
            c->kick[k] = normal(s, i, k ? STREAM_SPAN : STREAM_ZERO, walk_cell(c, 0));
        }
    }
    for (; c->walk_n < n; c->walk_n++)
        for (int k = 0; k < 2; k++) {
            c->walk[k] += c->kick[k];
            c->kick[k] = normal(s, i, k ? STREAM_SPAN : STREAM_ZERO, walk_cell(c, c->walk_n + 1));
        }
    double part = (double)(age - n * c->cell_us) / (double)c->cell_us;
    *zero = c->rest[0] + spec->drift_zero * c->cell_root * (c->walk[0] + part * c->kick[0]);
    *span = c->rest[1] + spec->drift_span * c->cell_root * (c->walk[1] + part * c->kick[1]);
}

struct knots { /* where a moment lies between the knots of each octave: the same for all channels */
    int64_t cell[OCTAVES];
    double part[OCTAVES];
};

static struct knots knots_at(int64_t time) {
    struct knots k;
    for (int o = 0; o < OCTAVES; o++) {
        k.cell[o] = civil_cell(time, KNOT[o]);
        k.part[o] = (double)(time + YW_CHINA - k.cell[o] * KNOT[o]) / (double)KNOT[o];
    }
    return k;
}

static double octaves_at(struct yw_station *s, size_t i, const struct knots *k) {
    struct channel_state *c = &s->channel[i];
    double sum = 0;
    for (int o = 0; o < OCTAVES; o++) {
        if (k->cell[o] != c->octave_cell[o]) {
            int stream = STREAM_OCTAVE + 128 * o;
            bool next = k->cell[o] == c->octave_cell[o] + 1;
            c->octave[o][0] = next ? c->octave[o][1] : normal(s, i, stream, k->cell[o]);
            c->octave[o][1] = normal(s, i, stream, k->cell[o] + 1);
            c->octave_cell[o] = k->cell[o];
        }
        sum += c->octave[o][0] + (c->octave[o][1] - c->octave[o][0]) * k->part[o];
    }
    return sum * OCTAVE_SHARE;
}

void wear_reset(struct yw_station *s, size_t i, int64_t since) {
    struct channel_state *c = &s->channel[i];
    const struct yw_channel *spec = &s->spec->channels[i];
    const struct yw_schedule *p = schedule_of(s, i);
    int64_t every = p ? p->every_s * YW_SECOND : MAINTENANCE;
    c->cell_us = every / 64 > YW_HOUR ? every / 64 : YW_HOUR;
    c->cell_root = sqrt((double)c->cell_us / (double)YW_DAY);
    c->since = since;
    c->walk_n = INT64_MAX;
    /* an adjustment is as fine as the display: what is left lies within one resolution */
    uint64_t bits = yw_noise_bits(s->seed, STREAM_RESULT + (uint64_t)spec->quantity, (uint64_t)since);
    c->rest[0] = (2 * yw_noise_unit(bits) - 1) * spec->resolution / spec->range;
    c->rest[1] = 0;
    int64_t minute = s->minute * YW_MINUTE;
    wear_at(s, i, minute > since ? minute : since, &c->zero[0], &c->span[0]);
    wear_at(s, i, minute + YW_MINUTE, &c->zero[1], &c->span[1]);
}

/* A new minute has begun at or before time: what holds at its two ends. */
void wear_minute(struct yw_station *s, int64_t time) {
    int64_t minute = time / YW_MINUTE, from = minute * YW_MINUTE;
    bool next = minute == s->minute + 1;
    s->minute = minute;
    const struct knots here = knots_at(from), there = knots_at(from + YW_MINUTE);
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        struct channel_state *c = &s->channel[i];
        bool noisy = s->spec->channels[i].repeatability > 0, worn = s->spec->channels[i].drift_span > 0;
        if (!schedule_of(s, i) && worn && from >= c->since + MAINTENANCE)
            wear_reset(s, i, wear_since(s, i, from));
        if (noisy) {
            c->slow[0] = next ? c->slow[1] : octaves_at(s, i, &here);
            c->slow[1] = octaves_at(s, i, &there);
        }
        if (!worn) continue;
        if (next)
            c->zero[0] = c->zero[1], c->span[0] = c->span[1];
        else
            wear_at(s, i, from, &c->zero[0], &c->span[0]);
        wear_at(s, i, from + YW_MINUTE, &c->zero[1], &c->span[1]);
    }
    s->line_wobble = yw_noise_normal(yw_noise_bits(s->seed, STREAM_INVENTED, (uint64_t)(minute / 5)));
    s->room_wobble = yw_noise_normal(yw_noise_bits(s->seed, STREAM_INVENTED + 1, (uint64_t)(minute / 30)));
}
