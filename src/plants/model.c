/* model: one outlet as load, AR(1) noise and episodes. Each factor follows the load, a noise that all factors
 * share and a noise of its own; what the instrument shows is the truth passed through calibration, blowback,
 * fault, batch and range.
 *
 * AR(1): x' = phi x + sqrt(1 - phi^2) e with phi = exp(-sample/tau), so that x keeps variance 1 at any
 * sampling interval. */
#include "plants/process.h"

#include <math.h>
#include <string.h>

#include "plant/noise.h"

static const double OXYGEN_OF_AIR = 20.9;     /* %, where conversion stops to make sense */
static const double CONVERTED_MOST = 9999.99; /* HJ 212-2025 8.1.1 d: sent where conversion is impossible */

uint64_t yw_plant_seed(uint64_t seed, const char *name) {
    return yw_hash64(name, strlen(name), seed);
}

int64_t yw_floor_div(int64_t a, int64_t b) {
    return a / b - (a % b < 0);
}

/* Civil seconds: episodes and batches are aligned to the plant's own midnight. */
static int64_t civil_us(int64_t time) {
    return time + YW_CHINA;
}

bool yw_episode(const struct yw_episode_rule *rule, uint64_t seed, uint64_t stream, int64_t time,
                int64_t *since, int64_t *until) {
    if (rule->every_s <= 0 || rule->lasts_s <= 0) return false;
    int64_t every = rule->every_s * YW_SECOND, most = rule->lasts_s * YW_SECOND;
    int64_t slot = yw_floor_div(civil_us(time), every);
    uint64_t bits = yw_noise_bits(seed, stream, (uint64_t)slot);
    /* 60 to 100 % of the stated length, so that no two look alike */
    int64_t lasts = most - (int64_t)((double)most * 0.4 * yw_noise_unit(bits * 0x9E3779B97F4A7C15u));
    int64_t room = every - most;
    int64_t begin = slot * every - YW_CHINA + (int64_t)((double)room * yw_noise_unit(bits));
    begin -= begin % YW_SECOND;
    if (since) *since = begin;
    if (until) *until = begin + lasts;
    return time >= begin && time < begin + lasts;
}

double yw_hourly(const double curve[24], int64_t civil) {
    double hour = (double)(civil % YW_DAY) / (double)YW_HOUR;
    int at = (int)hour;
    double part = hour - at;
    return curve[at % 24] * (1 - part) + curve[(at + 1) % 24] * part;
}

double yw_load_at(const struct yw_model *m, int64_t time) {
    const struct yw_scenario *s = m->scenario;
    int64_t civil = civil_us(time), day = yw_floor_div(civil, YW_DAY);
    int weekday = (int)((day + 3) % 7); /* 1970-01-01 was a Thursday; 0 is Monday */
    double load = yw_hourly(weekday >= 5 ? s->weekend : s->load, civil);
    double a = yw_noise_normal(yw_noise_bits(m->seed, YW_STREAM_SLOW, (uint64_t)day));
    double b = yw_noise_normal(yw_noise_bits(m->seed, YW_STREAM_SLOW, (uint64_t)day + 1));
    double part = (double)(civil - day * YW_DAY) / (double)YW_DAY;
    part = part * part * (3 - 2 * part);
    load *= 1 + s->load_slow * (a * (1 - part) + b * part) + s->load_noise * m->load_noise;
    return load < 0.01 ? 0.01 : load > 1.2 ? 1.2 : load;
}

/* 1: runs, 0: stands still; between during shut-down (*mark Sd) and start-up (*mark St). */
double yw_running_at(const struct yw_model *m, int64_t time, enum yw_mark *mark) {
    const struct yw_scenario *s = m->scenario;
    *mark = YW_MARK_N;
    if (s->stop.every_s == 0) return 1;
    /* the rule's length holds the shut-down and the start-up too, so that the whole episode lies within its
     * slot */
    int64_t since, until;
    if (!yw_episode(&s->stop, m->seed, YW_STREAM_STOP, time, &since, &until)) return 1;
    int64_t down = s->shut_down_s * YW_SECOND, up = s->start_up_s * YW_SECOND;
    if (time < since + down) {
        *mark = YW_MARK_SD;
        return 1 - (double)(time - since) / (double)down;
    }
    if (time >= until - up) {
        *mark = YW_MARK_ST;
        return 1 - (double)(until - time) / (double)up;
    }
    *mark = YW_MARK_F;
    return 0;
}

void yw_deeds_add(struct yw_deeds *d, const struct yw_deed *deed) {
    d->items[d->next] = *deed;
    d->next = (d->next + 1) % YW_DEEDS_MAX;
    if (d->count < YW_DEEDS_MAX) d->count++;
}

/* What holds for a factor now of the deeds, newest first. */
struct yw_commanded {
    const struct yw_deed *gas, *clean, *sample, *period, *adjust;
};

static struct yw_commanded commanded(const struct yw_model *m, size_t factor) {
    struct yw_commanded c = {.gas = NULL};
    const struct yw_deeds *deeds = m->scenario->deeds;
    if (!deeds) return c;
    for (uint32_t i = 0; i < deeds->count; i++) {
        const struct yw_deed *d = &deeds->items[i];
        if (d->factor != factor || m->time < d->from || m->time >= d->until) continue;
        const struct yw_deed **at = d->kind <= YW_DEED_CHECK    ? &c.gas
                                    : d->kind == YW_DEED_CLEAN  ? &c.clean
                                    : d->kind == YW_DEED_SAMPLE ? &c.sample
                                    : d->kind == YW_DEED_PERIOD ? &c.period
                                                                : &c.adjust;
        if (!*at || (*at)->from <= d->from) *at = d;
    }
    return c;
}

struct yw_instruments {
    double calibrating; /* 0..1 of the cycle, -1: no calibration */
    bool blowback;
    int faulty; /* factor, -1: none */
};

void yw_load_noise_step(struct yw_model *m) {
    uint64_t index = (uint64_t)(m->time / YW_SECOND);
    m->load_noise = m->load_phi * m->load_noise +
                    m->load_kick * yw_noise_normal(yw_noise_bits(m->seed, YW_STREAM_LOAD, index));
}

static void step_noise(struct yw_model *m) {
    const struct yw_scenario *s = m->scenario;
    uint64_t index = (uint64_t)(m->time / YW_SECOND);
    double phi = m->load_phi, kick = m->load_kick;
    yw_load_noise_step(m);
    m->common = phi * m->common + kick * yw_noise_normal(yw_noise_bits(m->seed, YW_STREAM_COMMON, index));
    for (size_t i = 0; i < s->factor_count; i++) {
        double e = yw_noise_normal(yw_noise_bits(m->seed, YW_STREAM_FACTOR + i, index));
        m->noise[i] = m->phi[i] * m->noise[i] + m->kick[i] * e;
    }
}

static double true_value(const struct yw_model *m, size_t i, int64_t time, double load, double running) {
    const struct yw_plant_factor *f = &m->scenario->factors[i];
    double noise = f->common * m->common + sqrt(1 - f->common * f->common) * m->noise[i];
    double puff = 0;
    int64_t since, until;
    struct yw_episode_rule rule = {f->puff_every_s, f->puff_lasts_s};
    if (f->puff != 0 && yw_episode(&rule, m->seed, YW_STREAM_PUFF + i, time, &since, &until)) {
        double part = (double)(time - since) / (double)(until - since);
        puff = f->puff * 4 * part * (1 - part);
    }
    double value;
    if (f->additive)
        value = f->mean + f->load_slope * (load - 1) + f->noise * noise + puff;
    else
        value = f->mean * exp(f->load_power * log(load) + f->noise * (noise - f->noise / 2)) * (1 + puff) +
                f->load_slope * (load - 1);
    if (running < 1) {
        value *= 1 + (f->start_up - 1) * (1 - running);
        value = f->stopped + (value - f->stopped) * sqrt(running);
    }
    return value;
}

/* Dry standard flow from what the stack's instruments see: Q = A v 273/(273+t) (Ba+Ps)/101325 (1-Xsw), Ba =
 * 101325 Pa. */
static double stack_flow(const struct yw_scenario *s, const double *v) {
    const struct yw_scenario_index *x = &s->index;
    double velocity = v[x->velocity], temp_c = x->temp < 0 ? 20 : v[x->temp];
    double pressure_kpa = x->pressure < 0 ? 0 : v[x->pressure],
           moisture = x->moisture < 0 ? 0 : v[x->moisture];
    return s->area_m2 * velocity * 273 / (273 + temp_c) * (101.325 + pressure_kpa) / 101.325 *
           (1 - moisture / 100);
}

/* An analyser that works in batches takes one now. */
static bool takes_batch(const struct yw_model *m, const struct yw_plant_factor *f,
                        const struct yw_commanded *c) {
    int64_t step = m->scenario->sample_s * YW_SECOND, batch = f->batch_s * YW_SECOND, first = 0;
    if (c->period) batch = (int64_t)c->period->a * YW_SECOND, first = (int64_t)c->period->b * YW_SECOND;
    if (c->sample && m->time - c->sample->from < step) return true;
    return !m->warm || (civil_us(m->time) - first) % batch < step;
}

/* What the analyser shows while it is fed with gas; `part` of the cycle is over. */
static double gas_value(const struct yw_model *m, size_t i, enum yw_deed_kind kind, double part,
                        double otherwise) {
    const struct yw_plant_factor *f = &m->scenario->factors[i];
    double wobble = yw_noise_normal(yw_noise_bits(m->seed, YW_STREAM_SHOWN, (uint64_t)m->time + i));
    bool zero = kind == YW_DEED_ZERO || (kind == YW_DEED_CALIBRATE && part < 0.4);
    if (zero && part < 0.8) return f->zero + fabs(wobble) * 0.002 * f->span;
    if (part < 0.8) return f->span * (1 + 0.003 * wobble);
    return otherwise; /* the gas is shut, the sample comes back */
}

/* What the instrument shows in place of the truth, with its mark. */
static double shown_value(struct yw_model *m, size_t i, double truth, const struct yw_instruments *now,
                          enum yw_mark *mark) {
    const struct yw_plant_factor *f = &m->scenario->factors[i];
    const struct yw_commanded c = commanded(m, i);
    double shown = truth;
    if (f->batch_s > 0) {
        if (takes_batch(m, f, &c)) m->held[i] = truth, m->taken |= 1u << i;
        shown = m->held[i];
    }
    if (c.adjust) shown = c.adjust->a * shown + c.adjust->b;
    if (*mark == YW_MARK_F) return shown;
    if (c.gas && f->span > 0) {
        *mark = YW_MARK_C;
        double part = (double)(m->time - c.gas->from) / (double)(c.gas->until - c.gas->from);
        return gas_value(m, i, c.gas->kind, part, shown);
    }
    if (now->calibrating >= 0 && f->span > 0) {
        *mark = YW_MARK_C;
        return gas_value(m, i, YW_DEED_CALIBRATE, now->calibrating, shown);
    }
    if (now->faulty == (int)i) {
        *mark = YW_MARK_D;
        return m->before[i]; /* frozen at what it showed last */
    }
    if ((now->blowback && f->span > 0) || c.clean) {
        *mark = YW_MARK_M;
        return m->before[i];
    }
    if (shown > f->high) {
        *mark = YW_MARK_T;
        return f->high;
    }
    m->before[i] = shown;
    return shown;
}

static void look_at_instruments(const struct yw_model *m, struct yw_instruments *now) {
    const struct yw_scenario *s = m->scenario;
    int64_t since, until;
    now->calibrating = -1;
    now->faulty = -1;
    if (yw_episode(&s->calibration, m->seed, YW_STREAM_CALIBRATION, m->time, &since, &until))
        now->calibrating = (double)(m->time - since) / (double)(until - since);
    now->blowback = yw_episode(&s->blowback, m->seed, YW_STREAM_BLOWBACK, m->time, NULL, NULL);
    if (yw_episode(&s->fault, m->seed, YW_STREAM_FAULT, m->time, &since, NULL))
        now->faulty =
            (int)(yw_noise_bits(m->seed, YW_STREAM_FAULT_FACTOR, (uint64_t)since) % s->factor_count);
}

static void convert(const struct yw_model *m, struct yw_sample *out) {
    const struct yw_scenario *s = m->scenario;
    double oxygen = s->index.oxygen < 0 ? 0 : out->shown[s->index.oxygen];
    for (size_t i = 0; i < s->factor_count; i++) {
        if (!s->factors[i].converted) continue;
        if (oxygen < OXYGEN_OF_AIR)
            out->converted[i] = out->shown[i] * (21 - s->reference_oxygen) / (21 - oxygen);
        else
            out->converted[i] = s->version >= 2025 ? CONVERTED_MOST : out->shown[i];
    }
}

void yw_model_step(struct yw_model *m, struct yw_sample *out) {
    const struct yw_scenario *s = m->scenario;
    enum yw_mark condition;
    step_noise(m);
    out->time = m->time;
    out->running = yw_running_at(m, m->time, &condition);
    out->load = yw_load_at(m, m->time);
    /* HJ 212-2017 has marks of one letter: start-up and shut-down are ordinary data there */
    if (s->version < 2025 && (condition == YW_MARK_SD || condition == YW_MARK_ST)) condition = YW_MARK_N;
    struct yw_instruments now;
    m->taken = 0;
    look_at_instruments(m, &now);
    for (size_t i = 0; i < s->factor_count; i++) {
        double v = true_value(m, i, m->time, out->load, out->running);
        double low = s->factors[i].low;
        out->truth[i] = v < low ? low : v;
    }
    int flow = s->index.flow;
    if (s->area_m2 > 0) out->truth[flow] = stack_flow(s, out->truth);
    for (size_t i = 0; i < s->factor_count; i++) {
        enum yw_mark mark = condition;
        out->shown[i] = shown_value(m, i, out->truth[i], &now, &mark);
        out->mark[i] = (uint8_t)mark;
    }
    if (s->area_m2 > 0) out->shown[flow] = stack_flow(s, out->shown);
    out->flow_m3_s = flow < 0 ? 0 : s->medium == YW_MEDIUM_WATER ? out->shown[flow] / 1000 : out->shown[flow];
    convert(m, out);
    out->taken = m->taken;
    m->warm = true;
    m->time += s->sample_s * YW_SECOND;
}

void yw_model_born(struct yw_model *m, const struct yw_scenario *s, uint64_t seed, int64_t time) {
    double phi = exp(-(double)s->sample_s / (double)s->load_tau_s);
    memset(m, 0, sizeof *m); /* no gap of it is left as it was: snapshots are bytes */
    m->scenario = s, m->seed = seed, m->time = time;
    m->load_phi = phi, m->load_kick = sqrt(1 - phi * phi);
}

void yw_model_init(struct yw_model *m, const struct yw_scenario *s, uint64_t seed, int64_t time) {
    yw_model_born(m, s, seed, time);
    for (size_t i = 0; i < s->factor_count; i++) {
        m->phi[i] = exp(-(double)s->sample_s / (double)s->factors[i].tau_s);
        m->kick[i] = sqrt(1 - m->phi[i] * m->phi[i]);
    }
    int64_t day = yw_china_day_start(yw_china_day(time));
    struct yw_sample sample;
    /* a sample interval divides the hour, so that steps fall on midnight and on every minute border */
    for (m->time = day - YW_MODEL_WARMUP; m->time < time;) yw_model_step(m, &sample);
}
