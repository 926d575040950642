/* process: what lives inside an outlet's day where a plant is modelled, and what it has in common with the
 * statistical model. */
#ifndef YW_PLANTS_PROCESS_H
#define YW_PLANTS_PROCESS_H

#include "plants/plants.h"

/* ---- of model.c ---- */

int64_t yw_floor_div(int64_t a, int64_t b);
double yw_hourly(const double curve[24], int64_t civil); /* between the hours of a day's curve */
void yw_model_born(struct yw_model *m, const struct yw_scenario *s, uint64_t seed, int64_t time);
void yw_load_noise_step(struct yw_model *m);
double yw_load_at(const struct yw_model *m, int64_t time);
/* 1: runs, 0: stands still; between during shut-down (*mark Sd) and start-up (*mark St). */
double yw_running_at(const struct yw_model *m, int64_t time, enum yw_mark *mark);

/* ---- of surroundings.c: what is around a plant at a moment; pure ---- */

bool yw_when_holds(const struct yw_when *w, uint64_t seed, int64_t time);
double yw_air_temp(const struct yw_weather *w, uint64_t seed, int64_t time);
double yw_water_temp(const struct yw_weather *w, int64_t time);          /* of sewage: follows the season */
double yw_rain(const struct yw_weather *w, uint64_t seed, int64_t time); /* mm/h */
/* The scenario's events that touch [from, until], each occurrence one of its own; at most max. */
size_t yw_events_of(const struct yw_scenario *s, uint64_t seed, int64_t from, int64_t until,
                    struct yw_event *out, size_t max);
/* Inspections of [from, until], sorted. */
size_t yw_inspections_of(const struct yw_scenario *s, uint64_t seed, int64_t from, int64_t until,
                         int64_t *out, size_t max);

/* ---- of process_acts.c ---- */

enum { YW_ACTS_MAX = 32 };
/* What is done at the station in (after, until]: by hosts and by hand, in the order of times. first: also
 * what was set before and still holds. */
size_t yw_acts_of(const struct yw_scenario *s, int64_t after, int64_t until, bool first,
                  struct yw_station_act out[YW_ACTS_MAX]);

/* ---- of process.c ---- */

enum { YW_PROCESS_INSPECTIONS = 16, YW_INPUTS_MAX = 64, YW_HOLDS_MAX = 4 };
struct yw_process_state { /* bytes of a snapshot */
    double over;          /* mean over some minutes of the largest true value / limit */
    int64_t stepped;      /* the last step's time */
    struct yw_effect_state effects;
    struct yw_readings readings;
    struct yw_stream truth;
    bool sampling, begun;
};
struct yw_process {
    const struct yw_scenario *scenario;
    uint64_t seed;
    int64_t plant_step;
    int load, run, air, water, rain; /* inputs of the plant, -1: it has none of these */
    struct yw_plant *plant;
    struct yw_station *station;
    struct yw_station_spec spec; /* the scenario's, but for what hosts have set */
    struct yw_event events[YW_EVENTS_MAX];
    size_t own_n, event_n; /* the scenario's occurrences; with those begun by hand */
    int64_t inspections[YW_PROCESS_INSPECTIONS];
    size_t inspection_n;
    struct yw_effects_now now;
    struct yw_process_state state;
    int64_t day;
    struct yw_station *then[YW_HOLDS_MAX]; /* how stations stood when a hold began before the day */
    uint64_t holds[YW_HOLDS_MAX][2];       /* the quantities it holds */
    size_t hold_n;
    char why[200]; /* "": all is well */
};
/* Begins `memory` before the day, m at its first step; steps up to the day are its warm-up. NULL: no memory,
 * or a plant that cannot begin. */
struct yw_process *yw_process_open(struct yw_model *m, const struct yw_scenario *s, uint64_t seed,
                                   int64_t day);
int64_t yw_process_memory(const struct yw_scenario *s); /* in whole minutes */
void yw_process_close(struct yw_process *p);            /* NULL: nothing */
void yw_process_step(struct yw_process *p, struct yw_model *m, struct yw_sample *out);

/* ---- of process_holds.c ---- */

/* Holds that began before the day stay what they were: looks up the days in which they began. `depth` lives
 * are open already. */
void yw_process_find_holds(struct yw_process *p, int depth);
void yw_process_take_holds(struct yw_process *p); /* at midnight */
void yw_process_drop_holds(struct yw_process *p);
/* yw_process_open for such a look back. */
struct yw_process *yw_process_open_at(struct yw_model *m, const struct yw_scenario *s, uint64_t seed,
                                      int64_t day, int depth);

/* ---- of upload.c: what happens to records on their way out ---- */

/* Works on the n records of one step; the new number is returned, at most YW_RECORDS_PER_STEP. */
size_t yw_upload(const struct yw_effects_now *now, const struct yw_scenario *s,
                 struct yw_plant_record *records, size_t n);

#endif
