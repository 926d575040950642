/* hand: what people do at a running outlet (control socket, exercises), kept so that past and present agree
 * about it: acts at the station, inputs of the plant held at a value, faults and frauds begun by hand. Times
 * are the device's. */
#ifndef YW_PLANTS_HAND_H
#define YW_PLANTS_HAND_H

#include "base/base.h"
#include "plant/station/station.h"

enum { YW_HAND_ACTS = 96, YW_HAND_INPUTS = 64, YW_HAND_EVENTS = 16 };

struct yw_hand_input {
    int64_t from, until; /* until INT64_MAX: still held */
    uint32_t input;      /* index of the kind's inputs */
    double value;
};
struct yw_hand {
    struct yw_station_act acts[YW_HAND_ACTS]; /* in the order of their times */
    struct yw_hand_input inputs[YW_HAND_INPUTS];
    struct yw_event events[YW_HAND_EVENTS];
    uint32_t act_n, input_n, event_n;
};

/* Over the maximum the oldest act goes that set no parameter and cut no power, else the oldest. */
void yw_hand_act(struct yw_hand *h, const struct yw_station_act *act);
/* Holds an input from now on; value NAN: lets go of it. False: too many are held. */
bool yw_hand_hold(struct yw_hand *h, uint32_t input, double value, int64_t now);
/* The value held at the time, NAN: none. */
double yw_hand_held(const struct yw_hand *h, uint32_t input, int64_t time);
/* Begins an event; one of that id that still runs is stopped first. False: too many. */
bool yw_hand_event(struct yw_hand *h, const struct yw_event *event);
/* False: none of that id runs. */
bool yw_hand_stop(struct yw_hand *h, const char *id, int64_t now);

#endif
