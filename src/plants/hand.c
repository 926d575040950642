/* hand: what people did, as lists that are read again whenever a day is lived. */
#include "plants/hand.h"

#include <math.h>
#include <string.h>

/* Holds until another of its kind comes, however long ago it was. */
static bool is_lasting(const struct yw_station_act *a) {
    return a->kind == YW_ACT_SET_PARAMETER || a->kind == YW_ACT_POWER_OFF || a->kind == YW_ACT_POWER_ON;
}

/* Of two acts that last, the later one of the same parameter makes the earlier one void. */
static bool is_void(const struct yw_hand *h, uint32_t at) {
    const struct yw_station_act *a = &h->acts[at];
    if (!is_lasting(a)) return true;
    for (uint32_t i = at + 1; i < h->act_n; i++) {
        const struct yw_station_act *b = &h->acts[i];
        bool power = a->kind != YW_ACT_SET_PARAMETER && b->kind != YW_ACT_SET_PARAMETER && is_lasting(b);
        bool same = a->kind == b->kind && a->channel == b->channel && a->parameter == b->parameter;
        if (power || same) return true;
    }
    return false;
}

void yw_hand_act(struct yw_hand *h, const struct yw_station_act *act) {
    if (h->act_n == YW_HAND_ACTS) {
        uint32_t gone = 0;
        while (gone < h->act_n && !is_void(h, gone)) gone++;
        if (gone == h->act_n) gone = 0;
        memmove(&h->acts[gone], &h->acts[gone + 1], (h->act_n - gone - 1) * sizeof h->acts[0]);
        h->act_n--;
    }
    uint32_t at = h->act_n++;
    for (; at > 0 && h->acts[at - 1].time > act->time; at--) h->acts[at] = h->acts[at - 1];
    h->acts[at] = *act;
}

bool yw_hand_hold(struct yw_hand *h, uint32_t input, double value, int64_t now) {
    for (uint32_t i = 0; i < h->input_n; i++)
        if (h->inputs[i].input == input && h->inputs[i].until > now) h->inputs[i].until = now;
    if (isnan(value)) return true;
    if (h->input_n == YW_HAND_INPUTS) {
        uint32_t oldest = UINT32_MAX;
        for (uint32_t i = 0; i < h->input_n; i++)
            if (h->inputs[i].until != INT64_MAX &&
                (oldest == UINT32_MAX || h->inputs[i].until < h->inputs[oldest].until))
                oldest = i;
        if (oldest == UINT32_MAX) return false;
        h->inputs[oldest] = h->inputs[--h->input_n];
    }
    h->inputs[h->input_n++] = (struct yw_hand_input){now, INT64_MAX, input, value};
    return true;
}

double yw_hand_held(const struct yw_hand *h, uint32_t input, int64_t time) {
    for (uint32_t i = 0; i < h->input_n; i++) {
        const struct yw_hand_input *x = &h->inputs[i];
        if (x->input == input && time >= x->from && time < x->until) return x->value;
    }
    return NAN;
}

static bool runs(const struct yw_event *e, int64_t now) {
    return e->stop == 0 || e->stop > now;
}

bool yw_hand_stop(struct yw_hand *h, const char *id, int64_t now) {
    for (uint32_t i = 0; i < h->event_n; i++)
        if (runs(&h->events[i], now) && strcmp(h->events[i].id, id) == 0) {
            h->events[i].stop = now;
            return true;
        }
    return false;
}

bool yw_hand_event(struct yw_hand *h, const struct yw_event *event) {
    (void)yw_hand_stop(h, event->id, event->start);
    if (h->event_n == YW_HAND_EVENTS) {
        uint32_t gone = 0; /* the one that ended first */
        for (uint32_t i = 1; i < h->event_n; i++)
            if (h->events[i].stop && (!h->events[gone].stop || h->events[i].stop < h->events[gone].stop))
                gone = i;
        if (!h->events[gone].stop || h->events[gone].stop > event->start) return false;
        memmove(&h->events[gone], &h->events[gone + 1], (h->event_n - gone - 1) * sizeof h->events[0]);
        h->event_n--;
    }
    h->events[h->event_n++] = *event;
    return true;
}
