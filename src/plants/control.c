/* control: what a host has instruments and samplers do. Deeds go into a list that the model reads, so that
 * marks and values follow at once, and again when the past is asked for. */
#include "plants/responder_int.h"

#include <math.h>
#include <string.h>

#include "plant/noise.h"

enum { AREA = 512, RESULT_LEAST_MIN = 1, RESULT_MOST_MIN = 120 };
static const int64_t CALIBRATION_US = 4 * YW_MINUTE, GAS_US = YW_MINUTE, CLEANING_US = 2 * YW_MINUTE;
static const int64_t CHECK_MOST_US = 6 * YW_HOUR;
static const double CHECK_TOLERANCE = 0.05; /* of the standard's value */

void yw_responder_deed(struct yw_responder *r, enum yw_deed_kind kind, int factor, int64_t from,
                       int64_t lasts_us, double a, double b) {
    /* an outlet that has lived this moment already does it with its next step */
    if (yw_told_station(r) && from < r->live->model.time) from = r->live->model.time;
    struct yw_deed d = {.from = from,
                        .until = lasts_us ? from + lasts_us : INT64_MAX,
                        .kind = (uint8_t)kind,
                        .factor = (uint8_t)factor,
                        .a = a,
                        .b = b};
    yw_deeds_add(&r->deeds, &d);
}

static bool has_gas(const struct yw_responder *r, int factor) {
    return r->scenario->factors[factor].span > 0;
}

static bool in_batches(const struct yw_responder *r, int factor) {
    return r->scenario->factors[factor].batch_s > 0;
}

/* One factor, or without PolId all that fit; false: none. */
static bool each_fit(struct yw_responder *r, const struct yw_ask *ask, enum yw_deed_kind kind,
                     int64_t lasts_us, bool (*fits)(const struct yw_responder *, int)) {
    int factor = yw_ask_factor(ask, r->scenario);
    bool any = false;
    for (int i = 0; i < (int)r->scenario->factor_count && factor > -2; i++) {
        if ((factor >= 0 && factor != i) || !fits(r, i)) continue;
        yw_responder_deed(r, kind, i, ask->clock, lasts_us, 0, 0);
        any = true;
    }
    return any;
}

/* ---- calibration (3011), standard check (3024), cleaning (3013), comparison (3014) ---- */

int yw_on_calibrate(struct yw_responder *r, const struct yw_ask *ask) {
    uint32_t type;
    enum yw_deed_kind kind = YW_DEED_CALIBRATE;
    int64_t lasts = CALIBRATION_US;
    if (hj212_cp_field(ask->packet->cp, "CalibrationType").p) {
        if (!yw_ask_number(ask, "CalibrationType", 0, 1, &type)) return YW_EXE_CONDITION;
        kind = type ? YW_DEED_SPAN : YW_DEED_ZERO;
        lasts = GAS_US;
    }
    if (!each_fit(r, ask, kind, lasts, has_gas)) return YW_EXE_CONDITION;
    yw_responder_note(r, ask->clock, YW_TEXT_CALIBRATION);
    return YW_EXE_DONE;
}

static void put_check(const struct yw_responder *r, int factor, double read, double nominal, bool pass,
                      hj212_writer *w) {
    const struct yw_plant_factor *f = &r->scenario->factors[factor];
    uint8_t digits = (uint8_t)f->digits;
    hj212_put_decimal(w, yw_plant_name(f), "SampleRd",
                      (hj212_decimal){yw_plant_rounded(read, digits), digits});
    hj212_put_decimal(w, yw_plant_name(f), "StandardValue",
                      (hj212_decimal){yw_plant_rounded(nominal, digits), digits});
    hj212_put(w, yw_plant_name(f), "ResultType", pass ? "1" : "0");
}

void yw_put_check(const struct yw_responder *r, int factor, int64_t time, hj212_writer *w) {
    const struct yw_plant_factor *f = &r->scenario->factors[factor];
    uint64_t bits = yw_noise_bits(r->seed, YW_STREAM_SHOWN, (uint64_t)time + (uint64_t)factor);
    double read = f->span * (1 + 0.012 * yw_noise_normal(bits));
    put_check(r, factor, read, f->span, fabs(read - f->span) <= CHECK_TOLERANCE * f->span, w);
}

/* As the station's log has it, also where somebody has seen to it that it looks well. */
void yw_put_check_line(const struct yw_responder *r, int factor, const struct yw_station_line *l,
                       hj212_writer *w) {
    put_check(r, factor, l->after, l->before, l->passed, w);
}

bool yw_check_line(const struct yw_responder *r, int factor, int64_t from, struct yw_station_line *out) {
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    const struct yw_station *s = yw_told_station(r);
    size_t n = s ? yw_station_log(s, lines, YW_COUNT(lines)) : 0;
    for (size_t i = 0; i < n; i++)
        if (lines[i].did == YW_DID_CHECK && lines[i].channel == r->scenario->factors[factor].channel &&
            lines[i].time >= from) {
            *out = lines[i];
            return true;
        }
    return false;
}

void yw_checks_look(struct yw_responder *r, int64_t now, int64_t clock) {
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    struct yw_station_line line;
    int64_t time = 0;
    for (int i = 0; i < (int)r->scenario->factor_count; i++) {
        struct yw_check_wait *c = &r->checks[i];
        if (!c->waits) continue;
        if (clock - c->asked > CHECK_MOST_US) c->waits = false; /* it was overtaken by something else */
        if (!yw_check_line(r, i, c->asked + 1, &line)) continue;
        if (!time) {
            hj212_writer_init(&w, area, sizeof area);
            yw_put_time14(&w, "DataTime", line.time);
        }
        time = line.time;
        c->waits = false;
        yw_put_check_line(r, i, &line, &w);
    }
    if (time) yw_responder_later(r, 2062, &w, now);
}

int yw_on_check(struct yw_responder *r, const struct yw_ask *ask) {
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    int factor = yw_ask_factor(ask, r->scenario);
    if (!each_fit(r, ask, YW_DEED_CHECK, GAS_US, has_gas)) return YW_EXE_CONDITION;
    yw_responder_note(r, ask->clock, YW_TEXT_CHECK);
    if (yw_told_station(r)) { /* the station says when it has the result */
        for (int i = 0; i < (int)r->scenario->factor_count; i++)
            if ((factor < 0 || factor == i) && has_gas(r, i))
                r->checks[i] = (struct yw_check_wait){true, ask->clock};
        return YW_EXE_DONE;
    }
    /* its result follows by itself once the gas is shut */
    int64_t end = ask->clock + GAS_US;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_time14(&w, "DataTime", end);
    for (int i = 0; i < (int)r->scenario->factor_count; i++)
        if ((factor < 0 || factor == i) && has_gas(r, i)) yw_put_check(r, i, end, &w);
    yw_responder_later(r, 2062, &w, ask->now + GAS_US);
    return YW_EXE_DONE;
}

static bool any_factor(const struct yw_responder *r, int factor) {
    YW_UNUSED(r), YW_UNUSED(factor);
    return true;
}

int yw_on_clean(struct yw_responder *r, const struct yw_ask *ask) {
    bool (*fits)(const struct yw_responder *, int) =
        yw_ask_factor(ask, r->scenario) == -1 ? has_gas : any_factor;
    if (!each_fit(r, ask, YW_DEED_CLEAN, CLEANING_US, fits)) return YW_EXE_CONDITION;
    yw_responder_note(r, ask->clock, YW_TEXT_CLEANING);
    return YW_EXE_DONE;
}

/* 2005: the hours of sampling, PolId and CTime several times; 2017: a comparison sample. */
int yw_on_compare(struct yw_responder *r, const struct yw_ask *ask) {
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor < 0) return YW_EXE_CONDITION;
    if (r->face->version < 2017) {
        hj212_iterator it;
        hj212_item item;
        uint32_t hour, first = 23, count = 0;
        hj212_items(&it, ask->packet->cp);
        while (hj212_next(&it, &item)) {
            if (item.field.n != 5 || (memcmp(item.field.p, "CTime", 5) && memcmp(item.field.p, "Ctime", 5)))
                continue;
            if (!yw_parse_u32(item.value.p, item.value.n, 24, &hour)) return YW_EXE_CONDITION;
            if (hour < first) first = hour;
            count++;
        }
        if (!count) return YW_EXE_CONDITION;
        r->instruments[factor].period_h = 24 / (count > 24 ? 24 : count);
        r->instruments[factor].start = first * 10000;
        return YW_EXE_DONE;
    }
    yw_responder_note(r, ask->clock, YW_TEXT_COMPARISON);
    return YW_EXE_DONE;
}

/* ---- samples ---- */

/* The value taken now goes out as real-time data with its SampleTime. */
int yw_on_sample(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA], time[18] = "";
    hj212_writer w;
    struct yw_outlet_run run;
    struct yw_sample sample;
    int i = yw_ask_factor(ask, r->scenario);
    if (i < 0) return YW_EXE_CONDITION;
    const struct yw_plant_factor *f = &r->scenario->factors[i];
    if (in_batches(r, i)) yw_responder_deed(r, YW_DEED_SAMPLE, i, ask->clock, YW_MINUTE, 0, 0);
    yw_responder_note(r, ask->clock, YW_TEXT_SAMPLING);
    yw_outlet_begin(&run, r->scenario, r->seed, ask->clock);
    yw_outlet_sample(&run, &sample);
    yw_outlet_end(&run);
    hj212_writer_init(&w, area, sizeof area);
    yw_put_time14(&w, "DataTime", sample.time);
    hj212_print_time(sample.time, false, time);
    time[14] = '\0';
    hj212_put(&w, yw_plant_name(f), "SampleTime", time);
    hj212_put_decimal(&w, yw_plant_name(f), "Rtd",
                      (hj212_decimal){yw_plant_rounded(sample.shown[i], f->digits), (uint8_t)f->digits});
    hj212_put(&w, yw_plant_name(f), "Flag", yw_mark_text(sample.mark[i]));
    yw_responder_later(r, 2011, &w, ask->now + YW_SECOND);
    return YW_EXE_DONE;
}

static uint32_t fill_bottle(struct yw_responder *r, int64_t clock) {
    r->memory.bottle = r->memory.bottle % r->scenario->logger.bottles + 1;
    yw_responder_note(r, clock, YW_TEXT_RETENTION);
    return r->memory.bottle;
}

static void put_bottle(hj212_writer *w, int64_t time, uint32_t bottle) {
    yw_put_time14(w, "DataTime", time);
    yw_put_number(w, NULL, "VaseNo", bottle);
}

int yw_on_retain(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA];
    hj212_writer w;
    if (!r->scenario->logger.bottles) return YW_EXE_FAULT;
    hj212_writer_init(&w, area, sizeof area);
    put_bottle(&w, ask->clock, fill_bottle(r, ask->clock));
    return yw_responder_answer(r, ask, &w);
}

/* 2025: the bottle is told afterwards, by an upload of its own. */
int yw_on_retain_now(struct yw_responder *r, const struct yw_ask *ask) {
    if (!r->scenario->logger.bottles) return YW_EXE_FAULT;
    if (yw_ask_factor(ask, r->scenario) == -2) return YW_EXE_CONDITION;
    char area[AREA];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    put_bottle(&w, ask->clock, fill_bottle(r, ask->clock));
    yw_responder_later(r, 3015, &w, ask->now + YW_SECOND);
    return YW_EXE_DONE;
}

int yw_on_period_set(struct yw_responder *r, const struct yw_ask *ask) {
    uint32_t start, hours;
    int factor = yw_ask_factor(ask, r->scenario);
    bool hours_fit = yw_ask_number(ask, "CTime", 1, 24, &hours) || yw_ask_number(ask, "Ctime", 1, 24, &hours);
    if (factor < 0 || !hours_fit || !yw_ask_number(ask, "CstartTime", 0, 235959, &start) ||
        start / 100 % 100 > 59 || start % 100 > 59)
        return YW_EXE_CONDITION;
    r->instruments[factor].period_h = hours;
    r->instruments[factor].start = start;
    double first = start / 10000 * 3600 + start / 100 % 100 * 60 + start % 100;
    yw_responder_deed(r, YW_DEED_PERIOD, factor, ask->clock, 0, hours * 3600.0, first);
    return YW_EXE_DONE;
}

int yw_on_period_get(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA], start[8];
    hj212_writer w;
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor < 0) return YW_EXE_CONDITION;
    const struct yw_instrument *i = &r->instruments[factor];
    int64_t built = r->scenario->factors[factor].batch_s / 3600;
    snprintf(start, sizeof start, "%06u", i->start % 1000000);
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "PolId", yw_plant_name(&r->scenario->factors[factor]));
    hj212_put(&w, NULL, "CstartTime", start);
    yw_put_number(&w, NULL, "CTime", i->period_h ? i->period_h : built > 0 ? built : 1);
    return yw_responder_answer(r, ask, &w);
}

int yw_on_result_time(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA];
    hj212_writer w;
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor < 0) return YW_EXE_CONDITION;
    int64_t minutes = r->scenario->factors[factor].batch_s / 180; /* a third of the cycle */
    if (minutes < RESULT_LEAST_MIN) minutes = RESULT_LEAST_MIN;
    if (minutes > RESULT_MOST_MIN) minutes = RESULT_MOST_MIN;
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "PolId", yw_plant_name(&r->scenario->factors[factor]));
    yw_put_number(&w, NULL, "Stime", minutes);
    return yw_responder_answer(r, ask, &w);
}

int yw_on_serial(struct yw_responder *r, const struct yw_ask *ask) {
    char area[AREA], serial[32];
    hj212_writer w;
    int factor = yw_ask_factor(ask, r->scenario);
    if (factor < 0) return YW_EXE_CONDITION;
    uint64_t bits = yw_noise_bits(r->seed, YW_STREAM_DEVICE, (uint64_t)factor);
    snprintf(serial, sizeof serial, "010000%02X%016llX", (unsigned)factor & 0xFF, (unsigned long long)bits);
    hj212_writer_init(&w, area, sizeof area);
    hj212_put(&w, NULL, "PolId", yw_plant_name(&r->scenario->factors[factor]));
    hj212_put(&w, yw_plant_name(&r->scenario->factors[factor]), "SN", serial);
    return yw_responder_answer(r, ask, &w);
}
