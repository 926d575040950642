/* Episodes of the simulated plants, asked from their rules without running them. */
#include "demo_plants.h"

#include <stdlib.h>
#include <string.h>

#include "plant/noise.h"
#include "plants/plants.h"
#include "plants/process.h"

enum { PATH_SIZE = 4096 };
static const int64_t NOTICED = 3 * YW_DAY;

static void find_spans(const struct yw_episode_rule *rule, uint64_t seed, uint64_t stream, int64_t from,
                       int64_t now, struct demo_spans *out) {
    int64_t every = rule->every_s * YW_SECOND;
    out->n = 0;
    for (int64_t t = from - every; every > 0 && t < now + every && out->n < DEMO_SPANS; t += every) {
        struct demo_span s;
        yw_episode(rule, seed, stream, t, &s.since, &s.until);
        if (s.since >= from && s.since < now) out->at[out->n++] = s;
    }
}

/* A station with a process behind it calibrates by its own schedule. */
static void find_schedule(const struct yw_schedule *x, int64_t from, int64_t now, struct demo_spans *out) {
    int64_t every = x->every_s * YW_SECOND, lasts = x->lasts_s * YW_SECOND;
    out->n = 0;
    if (every <= 0) return;
    int64_t first = (from + YW_CHINA) / every * every - YW_CHINA + x->at_s * YW_SECOND;
    for (int64_t t = first; t < now && out->n < DEMO_SPANS; t += every)
        if (t >= from) out->at[out->n++] = (struct demo_span){t, t + lasts};
}

/* Faults that people notice and mend; frauds nobody files, and what goes on for days was not noticed. */
static void find_faults(const struct yw_scenario *s, uint64_t seed, int64_t from, int64_t now,
                        struct demo_spans *out) {
    struct yw_event events[YW_EVENTS_MAX];
    size_t n = yw_events_of(s, seed, from, now, events, YW_COUNT(events));
    out->n = 0;
    for (size_t i = 0; i < n && out->n < DEMO_SPANS; i++) {
        const struct yw_event *e = &events[i];
        if (e->effect->fraud || e->start < from || e->stop == 0 || e->stop - e->start > NOTICED) continue;
        out->at[out->n++] = (struct demo_span){e->start, e->stop};
    }
}

static void describe(const struct yw_host_outlet *h, int64_t from, int64_t now, struct demo_plant *p) {
    const struct yw_scenario *s = &h->scenario;
    memset(p, 0, sizeof *p);
    (void)yw_copy(p->mn, sizeof p->mn, s->mn, strlen(s->mn));
    p->seed = h->seed;
    p->shut_down = s->shut_down_s * YW_SECOND;
    p->start_up = s->start_up_s * YW_SECOND;
    find_spans(&s->stop, h->seed, YW_STREAM_STOP, from, now, &p->stops);
    if (s->life.kind) {
        find_faults(s, h->seed, from, now, &p->faults);
        find_schedule(&s->life.station.calibration, from, now, &p->calibrations);
    } else {
        find_spans(&s->fault, h->seed, YW_STREAM_FAULT, from, now, &p->faults);
        find_spans(&s->calibration, h->seed, YW_STREAM_CALIBRATION, from, now, &p->calibrations);
    }
    for (size_t i = 0; i < s->factor_count && p->gas_n < DEMO_GASES; i++) {
        const struct yw_plant_factor *f = &s->factors[i];
        if (!(f->span > 0) || s->medium != YW_MEDIUM_AIR) continue;
        struct demo_gas *g = &p->gases[p->gas_n++];
        (void)yw_copy(g->code, sizeof g->code, f->code, strlen(f->code));
        g->span = f->span;
        g->high = f->high;
    }
}

enum yw_code demo_plants(int64_t from, int64_t now,
                         enum yw_code (*each)(void *arg, const struct demo_plant *p, struct yw_error *err),
                         void *arg, struct yw_error *err) {
    char table[PATH_SIZE], folder[PATH_SIZE];
    struct yw_host_outlet *outlets = NULL;
    struct yw_effect_book *book = NULL;
    size_t n = 0;
    struct demo_plant p;
    enum yw_code code = yw_share_path("demo/plants.csv", table, sizeof table, err);
    if (!code) code = yw_share_path("scenarios", folder, sizeof folder, err);
    if (!code) code = yw_book_load(&book, err);
    if (!code) code = yw_province_load(table, folder, book, now, &outlets, &n, err);
    for (size_t i = 0; !code && i < n; i++) {
        if (!outlets[i].history) continue;
        describe(&outlets[i], from, now, &p);
        code = each(arg, &p, err);
    }
    free(outlets);
    free(book);
    return code;
}
