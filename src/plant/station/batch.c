/* batch: analysers that take a composite sample, digest it and show one result a cycle. Aliquots are drawn at
 * even distances through a cycle; their mean is analysed through the next one and shown at its end, with 2 %
 * of the sample before in it. The sampler fills a bottle each hour for whoever wants to check. */
#include "plant/station/inside.h"

static const double CARRY_OVER = 0.02;
static const double DIGEST_PER_MIN = 0.25; /* rate at the nominal temperature; doubles with each 10 degC */
#define DRAW (120 * YW_SECOND)             /* the pump runs so long for an aliquot */

bool is_batch(const struct yw_station *s, size_t i) {
    return s->spec->channels[i].type == YW_INSTRUMENT_BATCH;
}

/* What the digestion turns, against its nominal temperature and time: 1 there. ease: standards are digested
 * more easily than what is in a waste water. */
static double recovery(const struct yw_station *s, const struct step *st, size_t i, double ease) {
    enum yw_quantity q = s->spec->channels[i].quantity;
    if (q == YW_Q_NH4 || q == YW_Q_NO3 || q == YW_Q_COLIFORMS) return 1;
    double nominal_min = s->spec->digest_min, nominal = s->spec->digest_temp_c;
    double temp = parameter_now(s, st, YW_PARAMETER_DIGEST_TEMP, i),
           minutes = parameter_now(s, st, YW_PARAMETER_DIGEST_MIN, i);
    if (temp == nominal && minutes == nominal_min) return 1;
    double rate = ease * DIGEST_PER_MIN * exp2((temp - nominal) / 10);
    return expm1(-rate * minutes) / expm1(-ease * DIGEST_PER_MIN * nominal_min);
}

static double analysed(struct yw_station *s, struct step *st, size_t i, double sample, double ease,
                       int64_t index) {
    const struct yw_channel *c = &s->spec->channels[i];
    double x = deeds_on_sample(s, st, i, sample) * recovery(s, st, i, ease);
    uint64_t bits = yw_noise_bits(s->seed, STREAM_RESULT + (uint64_t)c->quantity, (uint64_t)index);
    double sd = c->repeatability * (st->deed_n ? deeds_factor(st, i, YW_DO_NOISE) : 1);
    /* repeatability is a share of the value, and at the bottom of the range as good as the detection limit */
    double noise = sd * x + 0.25 * c->detection_limit;
    return measure_finish(s, st, i, x, noise * yw_noise_normal(bits) / c->range);
}

/* The result of a standard solution; the display goes back to the last result of the water. */
double batch_standard(struct yw_station *s, struct step *st, size_t i, double standard) {
    struct channel_state *ch = &s->channel[i];
    double shown = ch->shown, kept = ch->kept[KEPT_DISPLAY];
    bool over = ch->over;
    double result = analysed(s, st, i, standard, 2, st->time / YW_SECOND + 1);
    ch->shown = shown, ch->kept[KEPT_DISPLAY] = kept, ch->over = over;
    return result;
}

static void report(struct yw_station *s, struct step *st, size_t i) {
    struct batch *b = &s->channel[i].batch;
    double sample = (1 - CARRY_OVER) * b->pending + CARRY_OVER * b->before;
    b->before = b->pending;
    analysed(s, st, i, sample, 1, b->due / YW_SECOND);
    b->shown_from = b->pending_from;
    b->busy = false;
    st->out->channel[i].taken = true;
}

static void begin(struct yw_station *s, struct step *st, size_t i, double x) {
    struct batch *b = &s->channel[i].batch;
    int64_t cycle = s->spec->channels[i].cycle_s * YW_SECOND;
    b->before = b->pending = x;
    b->pending_from = civil_cell(st->time, cycle) * cycle - YW_CHINA - 2 * cycle;
    b->due = b->pending_from + 2 * cycle;
    report(s, st, i);
    st->out->channel[i].taken = false;
    /* the sample of the cycle before is in the analyser */
    b->pending_from += cycle;
    b->due += cycle;
    b->busy = b->started = true;
}

void batch_step(struct yw_station *s, struct step *st, size_t i) {
    struct channel_state *ch = &s->channel[i];
    struct batch *b = &ch->batch;
    double x = ch->kept[KEPT_INLET];
    int64_t cycle = s->spec->channels[i].cycle_s * YW_SECOND;
    if (!b->started) begin(s, st, i, x);
    if (crosses(s, st->time, cycle / (int64_t)s->spec->aliquots, DRAW)) b->sum += x, b->count += 1;
    bool fed = ch->doing.on; /* a standard is in the analyser */
    bool done = b->busy && st->time >= b->due;
    if (done && (!fed || b->due <= ch->doing.from))
        report(s, st, i); /* a standard that came between delays it */
    if (crosses(s, st->time, cycle, 0)) {
        if (!b->busy && !fed) {
            int64_t border = civil_cell(st->time, cycle) * cycle - YW_CHINA;
            b->pending = b->count > 0 ? b->sum / b->count : x;
            b->pending_from = border - cycle;
            b->due = border + cycle;
            b->busy = true;
        }
        b->sum = b->count = 0;
    }
    st->out->channel[i].sampled = b->shown_from;
}

/* Bottles and the pump of the sampler: hourly composites of what comes in at the intake. */
void sampler_step(struct yw_station *s, struct step *st) {
    int64_t apart = YW_HOUR / (int64_t)s->spec->aliquots;
    int64_t within = (st->time + YW_CHINA) % apart;
    st->out->sampling = within < DRAW;
    const struct yw_stream *water = st->touched ? &st->taken : st->truth;
    if (crosses(s, st->time, apart, DRAW)) {
        s->aliquot_count += 1;
        for (size_t i = 0; i < s->spec->channel_n; i++) {
            double x = water->v[s->spec->channels[i].quantity];
            s->aliquot_sum[i] += isnan(x) ? 0 : x;
        }
    }
    if (!crosses(s, st->time, YW_HOUR, 0)) return;
    double mean[YW_CHANNELS_MAX];
    for (size_t i = 0; i < s->spec->channel_n; i++) {
        mean[i] = s->aliquot_count > 0 ? s->aliquot_sum[i] / s->aliquot_count : NAN;
        s->aliquot_sum[i] = 0;
    }
    int64_t border = civil_cell(st->time, YW_HOUR) * YW_HOUR - YW_CHINA;
    if (s->aliquot_count > 0) retain(s, border - YW_HOUR, border, mean);
    s->aliquot_count = 0;
}
