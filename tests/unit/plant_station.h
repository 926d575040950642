/* A station to try: one stack or one outfall, its truth, time going on. */
#ifndef YW_TEST_PLANT_STATION_H
#define YW_TEST_PLANT_STATION_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plant/station/station.h"

enum { RIG_EVENTS = 8 };
struct rig {
    struct yw_station_spec spec;
    struct yw_station *station;
    struct yw_stream truth;
    struct yw_readings out;
    struct yw_effects_now now;
    struct yw_effect effect[RIG_EVENTS];
    struct yw_event event[RIG_EVENTS];
    size_t event_n;
    int64_t time, step;
    enum yw_mark condition;
};
/* 2026-11-24 00:00 of civil time */
int64_t rig_midnight(void);
void rig_gas(struct rig *r);   /* so2 nox dust o2 velocity temp pressure h2o, no sequences */
void rig_water(struct rig *r); /* cod nh4 tn tp ph conductivity water_flow, no sequences */
void rig_begin(struct rig *r, int64_t time, double step_s);
void rig_end(struct rig *r);
void rig_step(struct rig *r);
void rig_act(struct rig *r, uint8_t kind, size_t channel, double value, int64_t lasts_us);
void rig_run(struct rig *r, int64_t us);
size_t rig_channel(const struct rig *r, enum yw_quantity q);
const struct yw_reading *rig_reading(const struct rig *r, enum yw_quantity q);
/* Mean of what is stored over the time to come. */
double rig_mean(struct rig *r, enum yw_quantity q, int64_t us);
double rig_sd(struct rig *r, enum yw_quantity q, int64_t us);
/* A deed that acts from now on; returns it for further figures. q: YW_Q_COUNT for all. */
struct yw_effect_deed *rig_deed(struct rig *r, enum yw_place place, enum yw_deed_what what,
                                enum yw_quantity q, double a, double b);
void rig_quiet(struct rig *r); /* no noise, no drift */
void near(double is, double wants, double within);

#endif
