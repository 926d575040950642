/* told: what a device tells of its station: states, figures and log lines as the station computer has them. A
 * line that somebody keeps out of the log is not told. */
#include <math.h>
#include <string.h>
#include <strings.h>

#include "plants/responder_int.h"

const struct yw_station *yw_told_station(const struct yw_responder *r) {
    return r->live ? yw_outlet_station(r->live) : NULL;
}

static const struct yw_readings *readings(const struct yw_responder *r) {
    return r->live ? yw_outlet_readings(r->live) : NULL;
}

static int channel_of(const struct yw_responder *r, int factor) {
    return factor < 0 ? -1 : (int)r->scenario->factors[factor].channel;
}

/* ---- states and figures ---- */

int yw_told_state(const struct yw_responder *r, int factor) {
    enum { RUNS = 0, FAULTY = 2, CALIBRATES = 3, BLOWS = 5, NO_POWER = 6 };
    const struct yw_readings *x = readings(r);
    if (!x || factor < 0) return -1;
    if (!x->power) return NO_POWER;
    uint8_t mark = x->channel[channel_of(r, factor)].mark;
    return mark == YW_MARK_C ? CALIBRATES : mark == YW_MARK_M ? BLOWS : mark == YW_MARK_D ? FAULTY : RUNS;
}

bool yw_told_parameter(const char *info, enum yw_parameter *out) {
    static const struct {
        const char *info;
        enum yw_parameter parameter;
    } known[] = {{"i13001", YW_PARAMETER_RANGE},
                 {"i13004", YW_PARAMETER_DIGEST_TEMP},
                 {"i13005", YW_PARAMETER_DIGEST_MIN},
                 {"i13007", YW_PARAMETER_INTERCEPT},
                 {"i13008", YW_PARAMETER_SLOPE}};
    for (size_t i = 0; i < YW_COUNT(known); i++)
        if (strcasecmp(known[i].info, info) == 0) {
            *out = known[i].parameter;
            return true;
        }
    return false;
}

/* Of the control room: what the plant's own signals say. */
static double signal_of(const struct yw_responder *r, const char *info) {
    static const struct {
        const char *info;
        enum yw_quantity quantity;
        double times;
    } known[] = {{"i33310", YW_Q_FURNACE1, 1},
                 {"i33320", YW_Q_FURNACE2, 1},
                 {"i33330", YW_Q_FURNACE3, 1},
                 {"i33340", YW_Q_FURNACE4, 1},
                 {"i33400", YW_Q_LOAD, 100}};
    const struct yw_stream *s = yw_outlet_truth(r->live);
    for (size_t i = 0; s && i < YW_COUNT(known); i++)
        if (strcasecmp(known[i].info, info) == 0) return s->v[known[i].quantity] * known[i].times;
    return NAN;
}

bool yw_told_number(const struct yw_responder *r, const char *info, int factor, double *out) {
    const struct yw_station *s = yw_told_station(r);
    const struct yw_readings *x = readings(r);
    enum yw_parameter p;
    if (!s || !x) return false;
    *out = NAN;
    if (yw_told_parameter(info, &p))
        *out = yw_station_parameter(s, p, factor < 0 ? 0 : (size_t)channel_of(r, factor));
    else if (strcmp(info, "i12003") == 0)
        *out = x->alarms != 0;
    else if (strcmp(info, "i13009") == 0 && factor >= 0)
        *out = r->scenario->life.station.channels[channel_of(r, factor)].detection_limit;
    else if (strcmp(info, "i33001") == 0)
        *out = x->line_temp_c;
    else if (strcmp(info, "i33002") == 0)
        *out = x->cooler_temp_c;
    else if (strcmp(info, "i33101") == 0)
        *out = x->room_temp_c;
    else if (strcmp(info, "i32001") == 0)
        *out = x->door_open ? 3 : NAN; /* else as the room's own record says */
    else
        *out = signal_of(r, info);
    return isfinite(*out);
}

/* ---- the log ---- */

static bool belongs(const struct yw_station_line *l, enum yw_told_owner owner, int channel) {
    if (l->hidden) return false;
    switch (l->did) {
    case YW_DID_DOOR:
        return owner == YW_TOLD_ROOM;
    case YW_DID_LOGIN:
    case YW_DID_POWER:
        return owner == YW_TOLD_LOGGER;
    case YW_DID_PARAMETER:
    case YW_DID_ALARM:
        if (owner == YW_TOLD_LOGGER) return true;
        return owner == YW_TOLD_INSTRUMENT && l->channel == channel;
    default:
        return owner == YW_TOLD_INSTRUMENT && (l->channel == channel || l->channel == UINT8_MAX);
    }
}

bool yw_told_line(const struct yw_responder *r, enum yw_told_owner owner, int factor, int64_t from,
                  struct yw_station_line *out) {
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    const struct yw_station *s = yw_told_station(r);
    size_t n = s ? yw_station_log(s, lines, YW_COUNT(lines)) : 0;
    const struct yw_station_line *best = NULL;
    for (size_t i = 0; i < n; i++)
        if (lines[i].time >= from && belongs(&lines[i], owner, channel_of(r, factor)) &&
            (!best || lines[i].time < best->time))
            best = &lines[i];
    if (best) *out = *best;
    return best != NULL;
}

int64_t yw_told_calibrated(const struct yw_responder *r, int factor, int64_t time) {
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    const struct yw_station *s = yw_told_station(r);
    size_t n = s ? yw_station_log(s, lines, YW_COUNT(lines)) : 0;
    int64_t last = INT64_MIN;
    for (size_t i = 0; i < n; i++) {
        const struct yw_station_line *l = &lines[i];
        bool calibrated = l->did == YW_DID_CALIBRATION || l->did == YW_DID_SPAN;
        if (calibrated && l->passed && !l->hidden && l->channel == channel_of(r, factor) && l->time <= time &&
            l->time > last)
            last = l->time;
    }
    return last;
}

enum yw_device_text yw_told_text(const struct yw_station_line *l) {
    switch (l->did) {
    case YW_DID_ZERO:
    case YW_DID_SPAN:
    case YW_DID_CALIBRATION:
        return YW_TEXT_CALIBRATION;
    case YW_DID_CHECK:
        return YW_TEXT_CHECK;
    case YW_DID_BLOWBACK:
        return YW_TEXT_CLEANING;
    case YW_DID_PARAMETER:
        return YW_TEXT_PARAMETER_CHANGED;
    case YW_DID_LOGIN:
        return YW_TEXT_LOGIN;
    case YW_DID_DOOR:
        return l->after > 0 ? YW_TEXT_DOOR_OPEN : YW_TEXT_DOOR_SHUT;
    case YW_DID_POWER:
        return l->after > 0 ? YW_TEXT_POWER_ON : YW_TEXT_POWER_OFF;
    case YW_DID_RANGE:
        return YW_TEXT_RANGE;
    default:
        return YW_TEXT_FAULT;
    }
}

static bool is_calibration(const struct yw_station_line *l) {
    return l->did <= YW_DID_CHECK && isfinite(l->before) && isfinite(l->after);
}

/* "//text ZERO 0.4>0 PASS SPAN 98.7>100.2 PASS//": what was found at one moment stands in one line; numbers
 * are plain in every coding. */
void yw_told_print(const struct yw_responder *r, const struct yw_station_line *l, char *out, size_t size) {
    struct yw_station_line lines[YW_STATION_LOG_MAX];
    const struct yw_station *s = yw_told_station(r);
    const char *text = yw_device_text(r, yw_told_text(l));
    size_t length = strlen(text), n = s ? yw_station_log(s, lines, YW_COUNT(lines)) : 0;
    char more[240] = "";
    if (l->did == YW_DID_PARAMETER)
        snprintf(more, sizeof more, " %s %.4g>%.4g",
                 l->parameter < YW_PARAMETER_COUNT
                     ? yw_station_parameter_name((enum yw_parameter)l->parameter)
                     : "",
                 l->before, l->after);
    else if (l->did == YW_DID_RANGE)
        snprintf(more, sizeof more, " %.4g>%.4g", l->before, l->after);
    for (size_t i = 0, at = 0; i < n && is_calibration(l); i++) {
        const struct yw_station_line *x = &lines[i];
        if (x->time != l->time || x->channel != l->channel || x->hidden || !is_calibration(x)) continue;
        const char *what = x->did == YW_DID_ZERO ? " ZERO" : x->did == YW_DID_SPAN ? " SPAN" : "";
        int k = snprintf(more + at, sizeof more - at, "%s %.4g>%.4g %s", what, x->before, x->after,
                         x->passed ? "PASS" : "FAIL");
        if (k < 0 || (size_t)k >= sizeof more - at) break;
        at += (size_t)k;
    }
    snprintf(out, size, "%.*s%s//", (int)(length > 2 ? length - 2 : 0), text, more);
}
