/* recall: history that a host asks for. The model is a function of seed and time, so the past is lived again
 * and what falls into the range is sent, oldest first, one upload at a time, each after the answer to the one
 * before; then 9012. */
#include "plants/responder_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant/noise.h"

enum { STEPS_PER_CALL = 20000 }; /* about a day: a long range is lived over several calls */

/* ---- what falls into the range ---- */

struct making {
    struct yw_responder *r;
    uint16_t command;
};

static bool put_area(void *arg, const char *cp, size_t n, unsigned part, unsigned parts) {
    const struct making *m = arg;
    struct yw_recall *x = &m->r->recall;
    struct yw_parcel *p = malloc(sizeof *p + n + 1);
    if (!p) return false;
    *p = (struct yw_parcel){.command = m->command,
                            .part = (uint16_t)part,
                            .parts = (uint16_t)parts,
                            .asked = true,
                            .backfill = m->command < 3000,
                            .length = (uint16_t)n};
    memcpy(p->cp, cp, n);
    memcpy(p->st, x->st, sizeof p->st);
    yw_parcel_queue_put(&x->ready, p);
    return true;
}

static void put_written(struct yw_responder *r, const hj212_writer *w) {
    struct making m = {r, r->recall.command};
    if (!w->failed && w->n) put_area(&m, w->out, w->n, 1, 1);
}

static bool has_noise(const struct yw_scenario *s) {
    for (size_t i = 0; i < s->factor_count; i++)
        if (s->factors[i].code[0] == 'L') return true;
    return false;
}

/* 2071 of 2005: minute means over their limit. */
static void put_alarms(struct yw_responder *r, const struct yw_plant_record *record) {
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    bool any = false;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_time14(&w, "DataTime", record->time);
    for (size_t i = 0; i < r->scenario->factor_count; i++) {
        const struct yw_plant_factor *f = &r->scenario->factors[i];
        if (isnan(r->instruments[i].up) || record->entries[i].avg <= r->instruments[i].up) continue;
        any = true;
        hj212_put_decimal(
            &w, yw_plant_name(f), "Ala",
            (hj212_decimal){yw_plant_rounded(record->entries[i].avg, f->digits), (uint8_t)f->digits});
    }
    if (any) put_written(r, &w);
}

static void take_record(struct yw_responder *r, const struct yw_plant_record *record, int64_t clock) {
    const struct yw_recall *x = &r->recall;
    uint16_t wanted = x->command == 2071 || x->command == 2052 ? 2051 : x->command;
    if (record->command != wanted || record->time < x->from || record->time > x->to || record->end > clock ||
        !yw_responder_holds(r, record->end))
        return;
    struct making m = {r, x->command};
    if (x->command == 2071)
        put_alarms(r, record);
    else
        yw_record_areas(r->scenario, record, put_area, &m);
}

/* 2013: each value of an analyser that works in batches. */
static void take_batches(struct yw_responder *r, const struct yw_sample *sample) {
    const struct yw_recall *x = &r->recall;
    char area[YW_PLANT_CP_MAX], time[18] = "", done[18] = "";
    hj212_writer w;
    if (sample->time < x->from || sample->time > x->to || !yw_responder_holds(r, sample->time)) return;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_time14(&w, "DataTime", sample->time);
    size_t empty = w.n;
    hj212_print_time(sample->time, false, time);
    for (size_t i = 0; i < r->scenario->factor_count; i++) {
        const struct yw_plant_factor *f = &r->scenario->factors[i];
        if (!(sample->taken >> i & 1)) continue;
        hj212_print_time(sample->time + f->batch_s * YW_SECOND / 3, false, done);
        time[14] = done[14] = '\0';
        hj212_put(&w, yw_plant_name(f), "SampleTime", time);
        hj212_put(&w, yw_plant_name(f), "CompleteTime", done);
        hj212_put(&w, yw_plant_name(f), "SampleType", "0");
        hj212_put_decimal(&w, yw_plant_name(f), "Avg",
                          (hj212_decimal){yw_plant_rounded(sample->shown[i], f->digits), (uint8_t)f->digits});
        hj212_put(&w, yw_plant_name(f), "Flag", yw_mark_text(sample->mark[i]));
    }
    if (w.n > empty) put_written(r, &w);
}

/* 2062 of a process: the checks that the station's log has of the last hour, all of one moment in one
 * area. */
static void take_checks(struct yw_responder *r) {
    struct yw_recall *x = &r->recall;
    const struct yw_scenario *s = r->scenario;
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    const struct yw_station *station = yw_outlet_station(&x->run);
    size_t n = station ? yw_station_log(station, lines, YW_COUNT(lines)) : 0;
    for (size_t i = 0; i < n; i++) {
        int64_t time = lines[i].time;
        if (time < x->at || time > x->to || lines[i].did != YW_DID_CHECK || lines[i].hidden) continue;
        hj212_writer_init(&w, area, sizeof area);
        yw_put_time14(&w, "DataTime", time);
        size_t empty = w.n;
        for (size_t k = i; k < n; k++)
            for (size_t f = 0; f < s->factor_count && lines[k].time == time; f++)
                if (lines[k].did == YW_DID_CHECK && s->factors[f].channel == lines[k].channel)
                    yw_put_check_line(r, (int)f, &lines[k], &w);
        if (w.n > empty && yw_responder_holds(r, time)) put_written(r, &w);
        x->at = time + 1;
    }
}

/* ---- living it again ---- */

static int64_t period_of(const struct yw_responder *r, uint16_t command) {
    if (command == 2031 || command == 2041) return YW_DAY;
    if (command == 2061) return YW_HOUR;
    return command == 2011 || command == 2013 ? 0 : r->scenario->minute_s * YW_SECOND;
}

/* Steps until something is ready; false: the range is over. */
static bool step_on(struct yw_responder *r, int64_t clock) {
    struct yw_recall *x = &r->recall;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    struct yw_sample sample;
    int64_t end = x->to + period_of(r, x->command);
    if (end > clock) end = clock;
    if (!x->running) {
        yw_outlet_begin(&x->run, r->scenario, r->seed, yw_china_day_start(yw_china_day(x->from)));
        x->running = true;
    }
    for (int i = 0; i < STEPS_PER_CALL && !x->ready.first; i++) {
        if (x->run.model.time > end) {
            if (x->command == 2062) take_checks(r);
            return x->ready.first != NULL;
        }
        size_t n = yw_outlet_step(&x->run, records, &sample);
        if (x->command == 2013) take_batches(r, &sample);
        if (x->command == 2062 && sample.time % YW_HOUR < r->scenario->sample_s * YW_SECOND) take_checks(r);
        for (size_t k = 0; k < n; k++) take_record(r, &records[k], clock);
    }
    return true;
}

/* 2062: the end of each check with span gas, by itself or by command. */
static bool next_check(struct yw_responder *r) {
    struct yw_recall *x = &r->recall;
    const struct yw_scenario *s = r->scenario;
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    int64_t best = INT64_MAX, until;
    int only = -1;
    for (int64_t k = 0; s->calibration.every_s && k < 2; k++) {
        yw_episode(&s->calibration, r->seed, YW_STREAM_CALIBRATION,
                   x->at + k * s->calibration.every_s * YW_SECOND, NULL, &until);
        if (until >= x->at && until < best) best = until;
    }
    for (uint32_t i = 0; i < r->deeds.count; i++) {
        const struct yw_deed *d = &r->deeds.items[i];
        if (d->kind != YW_DEED_CHECK || d->until < x->at || d->until >= best) continue;
        best = d->until;
        only = d->factor;
    }
    if (best > x->to) return false;
    x->at = best + YW_SECOND;
    hj212_writer_init(&w, area, sizeof area);
    yw_put_time14(&w, "DataTime", best);
    size_t empty = w.n;
    for (int i = 0; i < (int)s->factor_count; i++)
        if ((only < 0 || only == i) && s->factors[i].span > 0) yw_put_check(r, i, best, &w);
    if (w.n > empty && yw_responder_holds(r, best)) put_written(r, &w);
    return true;
}

static bool next_on_grid(struct yw_responder *r) {
    struct yw_recall *x = &r->recall;
    const struct yw_logger_rule *l = &r->scenario->logger;
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    bool power = strcmp(x->st, "44") == 0;
    int64_t every = (power ? l->electricity_s : l->conditions_s) * YW_SECOND;
    int64_t time = (x->at + YW_CHINA + every - 1) / every * every - YW_CHINA;
    if (time > x->to) return false;
    x->at = time + 1;
    hj212_writer_init(&w, area, sizeof area);
    power ? yw_put_electricity(r, time, &w) : yw_put_conditions(r, time, &w);
    if (yw_responder_holds(r, time)) put_written(r, &w);
    return true;
}

static bool next_info(struct yw_responder *r) {
    struct yw_recall *x = &r->recall;
    char area[YW_PLANT_CP_MAX];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    if (!yw_info_next(r, x->info, x->factor, &x->at, x->to, &w)) return false;
    put_written(r, &w);
    return true;
}

static bool is_on_grid(const struct yw_recall *x) {
    return x->command == 2011 && x->st[0];
}

/* ---- one request ---- */

int yw_on_recall(struct yw_responder *r, const struct yw_ask *ask) {
    const struct yw_logger_rule *l = &r->scenario->logger;
    struct yw_recall *x = &r->recall;
    uint16_t command = ask->packet->command;
    hj212_span st = ask->packet->st;
    int64_t from, to;
    char info[16] = "";
    if (!yw_ask_time(ask, "BeginTime", &from) || !yw_ask_time(ask, "EndTime", &to) || from > to)
        return YW_EXE_CONDITION;
    if (x->active) return YW_EXE_BUSY;
    bool power = st.n == 2 && memcmp(st.p, "44", 2) == 0, state = st.n == 2 && memcmp(st.p, "45", 2) == 0;
    if (command == 2011 && ((power && !l->electricity_s) || (state && !l->conditions_s)))
        return YW_EXE_NO_DATA;
    if (command == 2041 && !r->scenario->facility[0]) return YW_EXE_NO_DATA;
    if (command == 2052 && !has_noise(r->scenario)) return YW_EXE_NO_DATA;
    int64_t oldest = ask->clock - l->memory_s * YW_SECOND;
    if (from < oldest) from = oldest;
    if (to > ask->clock) to = ask->clock;
    if (from > to) return YW_EXE_NO_DATA;
    if (command == 3020) yw_ask_text(ask, "InfoId", info, sizeof x->info);
    *x = (struct yw_recall){.active = true,
                            .command = command,
                            .factor = yw_ask_factor(ask, r->scenario),
                            .from = from,
                            .to = to,
                            .at = from,
                            .credit = l->rate,
                            .credited = ask->now};
    yw_parcel_queue_init(&x->ready);
    memcpy(x->qn, ask->qn, sizeof x->qn);
    memcpy(x->info, info, sizeof x->info);
    if (command == 2011 && (power || state)) yw_copy(x->st, sizeof x->st, st.p, st.n);
    return YW_EXE_RUNS;
}

void yw_recall_stop(struct yw_responder *r) {
    if (r->recall.running) yw_outlet_end(&r->recall.run);
    r->recall.running = false;
    yw_parcel_queue_free(&r->recall.ready);
    r->recall.active = false;
}

static bool may_send(struct yw_recall *x, double rate, int64_t now) {
    x->credit += (double)(now - x->credited) / 1e6 * rate;
    if (x->credit > rate) x->credit = rate;
    x->credited = now;
    if (x->credit < 1) return false;
    x->credit -= 1;
    return true;
}

static bool go_on(struct yw_responder *r, int64_t clock) {
    const struct yw_recall *x = &r->recall;
    if (x->command == 3020) return next_info(r);
    if (x->command == 2062) return r->scenario->life.kind ? step_on(r, clock) : next_check(r);
    return is_on_grid(x) ? next_on_grid(r) : step_on(r, clock);
}

struct yw_parcel *yw_recall_next(struct yw_responder *r, int64_t now) {
    struct yw_recall *x = &r->recall;
    if (x->in_flight) return NULL;
    bool more = true;
    if (!x->ready.first) more = go_on(r, yw_responder_clock(r, now));
    if (!x->ready.first && !more) {
        memcpy(r->last_qn, x->qn, sizeof r->last_qn);
        yw_responder_end(r, x->qn, x->sent ? YW_EXE_DONE : YW_EXE_NO_DATA, now);
        yw_recall_stop(r);
        return NULL;
    }
    if (!x->ready.first || !may_send(x, r->scenario->logger.rate, now)) return NULL;
    x->in_flight = true;
    x->sent++;
    return yw_parcel_queue_take(&x->ready);
}
