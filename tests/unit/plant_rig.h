/* A station on a test bench: a simple made-up stream, events of the book, and what the station stored. */
#ifndef PLANT_RIG_H
#define PLANT_RIG_H

#include "plant/station/effect.h"
#include "plant/station/station.h"

enum { RIG_EVENTS = 4, RIG_ACTS = 8, RIG_SERIES = 40000 };

struct rig {
    const struct yw_effect_book *book;
    struct yw_station_spec spec;
    struct yw_station *station;
    struct yw_event events[RIG_EVENTS];
    size_t event_n;
    struct yw_station_act acts[RIG_ACTS];
    size_t act_n;
    int64_t inspections[4];
    size_t inspection_n;
    struct yw_effect_state state;
    struct yw_effects_now now;
    struct yw_stream truth;
    struct yw_readings out;
    uint64_t seed;
    double step_s, over;
    int64_t time;
    bool steady; /* the stream does not move: step tests and the like */
    bool dry;    /* no water flows */
};

#define RIG_START ((int64_t)1789344000 * YW_SECOND) /* 2026-09-14 08:00 UTC+8, a Monday */

const struct yw_effect_book *rig_book(void); /* share/plant/effects.yaml, read once */
void rig_open(struct rig *r, bool water, double step_s);
void rig_close(struct rig *r);
/* From `after_s` behind the rig's present time, with the effect's usual trigger. */
struct yw_event *rig_event(struct rig *r, const char *id, int64_t after_s);
void rig_act(struct rig *r, int64_t after_s, enum yw_station_act_kind kind, enum yw_quantity q,
             int64_t lasts_s, double value);
void rig_step(struct rig *r);
void rig_run(struct rig *r, int64_t seconds);
size_t rig_channel(const struct rig *r, enum yw_quantity q);
const struct yw_reading *rig_reading(const struct rig *r, enum yw_quantity q);

/* Runs on and keeps one channel's figure of each step (taken: only new results of a batch analyser). */
enum rig_figure { RIG_STORED, RIG_CONVERTED, RIG_ANALYSER, RIG_TRUTH };
struct rig_keep {
    enum yw_quantity quantity;
    enum rig_figure figure;
    bool taken;
    double v[RIG_SERIES];
    size_t n;
};
void rig_record(struct rig *r, int64_t seconds, struct rig_keep *keeps, size_t keep_n);

double rig_mean(const struct rig_keep *k);
double rig_sd(const struct rig_keep *k);
double rig_min(const struct rig_keep *k);
double rig_max(const struct rig_keep *k);
double rig_lag1(const struct rig_keep *k); /* autocorrelation of neighbours */
double rig_correlation(const struct rig_keep *a, const struct rig_keep *b);

#define assert_near(a, b, eps) rig_near((a), (b), (eps), #a, __FILE__, __LINE__)
#define assert_under(a, b)     rig_order((a), (b), #a " < " #b, __FILE__, __LINE__)
void rig_near(double a, double b, double eps, const char *what, const char *file, int line);
void rig_order(double a, double b, const char *what, const char *file, int line);

#endif
