/* surroundings: weather, schedules, events and inspections of a scenario at a moment. Functions of seed and
 * absolute time alone. */
#include <math.h>
#include <string.h>

#include "plant/noise.h"
#include "plants/process.h"

static const double TWO_PI = 6.283185307179586;
static const int64_t ALWAYS_SLOT = 30 * YW_DAY; /* what always holds has still begun some time ago */

/* What has the same interval and length happens together: a pump that trips and the fraud that hides it. */
static uint64_t stream_of(const struct yw_when *w) {
    return YW_STREAM_EVENT + ((uint64_t)w->every_s << 24 ^ (uint64_t)w->lasts_s);
}

bool yw_when_holds(const struct yw_when *w, uint64_t seed, int64_t time) {
    if (w->every_s > 0) {
        struct yw_episode_rule rule = {w->every_s, w->lasts_s};
        return yw_episode(&rule, seed, stream_of(w), time, NULL, NULL);
    }
    if (w->daily_s >= 0) {
        int64_t into = time - yw_china_day_start(yw_china_day(time)), at = w->daily_s * YW_SECOND;
        int64_t since = into - at + (into < at ? YW_DAY : 0);
        return since < w->lasts_s * YW_SECOND;
    }
    return time >= w->start && (w->stop == 0 || time < w->stop);
}

/* ---- weather ---- */

double yw_air_temp(const struct yw_weather *w, uint64_t seed, int64_t time) {
    int64_t civil = time + YW_CHINA, day = yw_floor_div(civil, YW_DAY);
    double part = (double)(civil - day * YW_DAY) / (double)YW_DAY, into = part * part * (3 - 2 * part);
    double a = yw_noise_normal(yw_noise_bits(seed, YW_STREAM_AIR, (uint64_t)day));
    double b = yw_noise_normal(yw_noise_bits(seed, YW_STREAM_AIR, (uint64_t)day + 1));
    double year = ((double)day + part - 19) / 365.2425; /* coldest about 20 January, at 4 in the morning */
    return w->mean_c - w->year_c * cos(TWO_PI * year) - w->day_c * cos(TWO_PI * (part - 4.0 / 24)) +
           0.3 * w->day_c * (a * (1 - into) + b * into);
}

/* Warmed by the houses it comes from, and a month behind the air. */
double yw_water_temp(const struct yw_weather *w, int64_t time) {
    double year = (double)(time + YW_CHINA) / (double)YW_DAY / 365.2425;
    return w->mean_c + 5 - 0.45 * w->year_c * cos(TWO_PI * (year - 49 / 365.2425));
}

double yw_rain(const struct yw_weather *w, uint64_t seed, int64_t time) {
    int64_t since, until;
    if (!yw_episode(&w->rain, seed, YW_STREAM_RAIN, time, &since, &until)) return 0;
    double part = (double)(time - since) / (double)(until - since);
    return w->rain_mm_h * 4 * part * (1 - part);
}

/* ---- events ---- */

struct gathering {
    struct yw_event *out;
    size_t n, max;
    int64_t from, until;
};

/* What has ended a ramp before the window does nothing in it any more. */
static void gather(struct gathering *g, const struct yw_event *like, int64_t start, int64_t stop) {
    if (g->n == g->max || start > g->until || (stop != 0 && stop + like->ramp_us < g->from)) return;
    g->out[g->n] = *like;
    g->out[g->n].start = start;
    g->out[g->n++].stop = stop;
}

static void gather_slots(struct gathering *g, const struct yw_event_rule *r, uint64_t seed) {
    uint64_t stream = stream_of(&r->when);
    struct yw_episode_rule rule = {r->when.every_s, r->when.lasts_s};
    int64_t every = r->when.every_s * YW_SECOND, since, until;
    int64_t first = yw_floor_div(g->from - r->event.ramp_us + YW_CHINA, every) - 1;
    int64_t last = yw_floor_div(g->until + YW_CHINA, every);
    for (int64_t slot = first; slot <= last; slot++) {
        yw_episode(&rule, seed, stream, slot * every - YW_CHINA, &since, &until);
        gather(g, &r->event, since, until);
    }
}

static void gather_days(struct gathering *g, const struct yw_event_rule *r) {
    for (int32_t day = yw_china_day(g->from) - 1; day <= yw_china_day(g->until); day++) {
        int64_t start = yw_china_day_start(day) + r->when.daily_s * YW_SECOND;
        gather(g, &r->event, start, start + r->when.lasts_s * YW_SECOND);
    }
}

size_t yw_events_of(const struct yw_scenario *s, uint64_t seed, int64_t from, int64_t until,
                    struct yw_event *out, size_t max) {
    struct gathering g = {out, 0, max, from, until};
    for (size_t i = 0; i < s->life.event_n; i++) {
        const struct yw_event_rule *r = &s->life.events[i];
        if (r->when.every_s > 0)
            gather_slots(&g, r, seed);
        else if (r->when.daily_s >= 0)
            gather_days(&g, r);
        else if (r->when.start)
            gather(&g, &r->event, r->when.start, r->when.stop);
        else
            gather(&g, &r->event, yw_floor_div(from, ALWAYS_SLOT) * ALWAYS_SLOT, 0);
    }
    return g.n;
}

/* ---- inspections ---- */

static void add_sorted(int64_t *out, size_t *n, size_t max, int64_t time) {
    if (*n == max) return;
    size_t at = *n;
    while (at > 0 && out[at - 1] > time) at--;
    memmove(&out[at + 1], &out[at], (*n - at) * sizeof *out);
    out[at] = time;
    ++*n;
}

size_t yw_inspections_of(const struct yw_scenario *s, uint64_t seed, int64_t from, int64_t until,
                         int64_t *out, size_t max) {
    size_t n = 0;
    for (size_t i = 0; i < s->life.inspection_n; i++)
        if (s->life.inspections[i] >= from && s->life.inspections[i] <= until)
            add_sorted(out, &n, max, s->life.inspections[i]);
    int64_t days = s->life.inspection_every_s / 86400;
    if (days <= 0) return n;
    for (int64_t slot = yw_floor_div(yw_china_day(from), days);
         slot <= yw_floor_div(yw_china_day(until), days); slot++) {
        uint64_t bits = yw_noise_bits(seed, YW_STREAM_INSPECTION, (uint64_t)slot);
        int64_t day = slot * days + (int64_t)(bits % (uint64_t)days);
        int64_t hour = 9 + (int64_t)(bits / (uint64_t)days % 8), minute = (int64_t)(bits >> 40 & 3) * 15;
        int64_t time = yw_china_day_start((int32_t)day) + hour * YW_HOUR + minute * YW_MINUTE;
        if (time >= from && time <= until) add_sorted(out, &n, max, time);
    }
    return n;
}
