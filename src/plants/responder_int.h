/* responder_int: what the files of the responder share. */
#ifndef YW_PLANTS_RESPONDER_INT_H
#define YW_PLANTS_RESPONDER_INT_H

#include "plants/responder.h"

struct yw_ask { /* a request that was found good */
    const hj212_packet *packet;
    char qn[18];
    int64_t now, clock;
};
/* Does what the request asks and queues its answer; returns ExeRtn. */
typedef int yw_act_on(struct yw_responder *r, const struct yw_ask *ask);

yw_act_on yw_on_patience, yw_on_warn_time, yw_on_clock_get, yw_on_clock_set, yw_on_limits_get,
    yw_on_limits_set, yw_on_target_get, yw_on_target_set, yw_on_report_get, yw_on_report_set,
    yw_on_realtime_interval_get, yw_on_realtime_interval_set, yw_on_minute_interval_get,
    yw_on_minute_interval_set, yw_on_password, yw_on_realtime, yw_on_realtime_stop, yw_on_facility,
    yw_on_facility_stop; /* parameters.c */
yw_act_on yw_on_calibrate, yw_on_sample, yw_on_clean, yw_on_compare, yw_on_retain, yw_on_period_set,
    yw_on_period_get, yw_on_result_time, yw_on_serial, yw_on_retain_now, yw_on_check; /* control.c */
yw_act_on yw_on_info_get, yw_on_info_set;                                             /* info.c */
yw_act_on yw_on_key, yw_on_mn;                                                        /* keys.c */
yw_act_on yw_on_recall;                                                               /* recall.c */

/* ---- saying ---- */

/* Queues a parcel to be sent at `due`; NULL: the queue is full. Answer bit as its fields say. */
struct yw_parcel *yw_responder_say(struct yw_responder *r, uint16_t command, const char *cp, size_t n,
                                   int64_t due);
/* The single answer of a request: its QN, no answer bit. */
int yw_responder_answer(struct yw_responder *r, const struct yw_ask *ask, const hj212_writer *w);

/* Queues an upload for a later moment; without a free place it is not made. */
void yw_responder_later(struct yw_responder *r, uint16_t command, const hj212_writer *w, int64_t due);

/* ---- reading ---- */

/* A field of the data area; false: absent. Over the room it counts as absent. */
bool yw_ask_text(const struct yw_ask *ask, const char *field, char *out, size_t size);
bool yw_ask_number(const struct yw_ask *ask, const char *field, uint32_t least, uint32_t most, uint32_t *out);
bool yw_ask_time(const struct yw_ask *ask, const char *field, int64_t *out);
/* PolId: the factor's index, -1: absent, -2: the device has no such factor. */
int yw_ask_factor(const struct yw_ask *ask, const struct yw_scenario *s);
int yw_factor_named(const struct yw_scenario *s, hj212_span name); /* -1: none */

bool yw_clock_makes_sense(int64_t time); /* what a logger's clock can be set to (parameters.c) */
void yw_put_time14(hj212_writer *w, const char *field, int64_t time);
void yw_put_number(hj212_writer *w, const char *factor, const char *field, int64_t value);

/* ---- device texts (info.c) ---- */

enum yw_device_text {
    YW_TEXT_NONE,
    YW_TEXT_ORDER,
    YW_TEXT_POWER_ON,
    YW_TEXT_CLOCK_SET,
    YW_TEXT_INTERVAL_SET,
    YW_TEXT_PASSWORD_SET,
    YW_TEXT_KEY_SET,
    YW_TEXT_PARAMETER_SET,
    YW_TEXT_CALIBRATION,
    YW_TEXT_CLEANING,
    YW_TEXT_SAMPLING,
    YW_TEXT_FAULT,
    YW_TEXT_CHECK,
    YW_TEXT_COMPARISON,
    YW_TEXT_RETENTION,
    YW_TEXT_DOOR_OPEN,
    YW_TEXT_DOOR_SHUT,
    YW_TEXT_PARAMETER_CHANGED,
    YW_TEXT_LOGIN,
    YW_TEXT_POWER_OFF,
    YW_TEXT_RANGE,
    YW_TEXT_COUNT
};
/* "//...//" in the device's coding. */
const char *yw_device_text(const struct yw_responder *r, enum yw_device_text text);
void yw_responder_note(struct yw_responder *r, int64_t time, enum yw_device_text text);
/* One line of a log, or the value, of `info` at or after *at and not behind `to`; false: no more. Moves *at
 * behind it. */
bool yw_info_next(const struct yw_responder *r, const char *info, int factor, int64_t *at, int64_t to,
                  hj212_writer *w);
bool yw_info_known(const struct yw_responder *r, const char *info, int factor);
const char *yw_override(const struct yw_responder *r, int factor, const char *info); /* NULL: as built */

/* ---- what the station says, where there is a process behind the device (told.c) ---- */

enum yw_told_owner { YW_TOLD_INSTRUMENT, YW_TOLD_LOGGER, YW_TOLD_ROOM }; /* whose log */
const struct yw_station *yw_told_station(const struct yw_responder *r);  /* NULL: statistical */
int yw_told_state(const struct yw_responder *r, int factor);             /* i12001, -1: not known */
bool yw_told_number(const struct yw_responder *r, const char *info, int factor, double *out);
/* The parameter of the station that an i-code stands for; false: none. */
bool yw_told_parameter(const char *info, enum yw_parameter *out);
/* The first line of a log at or after a moment; false: none. */
bool yw_told_line(const struct yw_responder *r, enum yw_told_owner owner, int factor, int64_t from,
                  struct yw_station_line *out);
enum yw_device_text yw_told_text(const struct yw_station_line *l);
void yw_told_print(const struct yw_responder *r, const struct yw_station_line *l, char *out, size_t size);
int64_t yw_told_calibrated(const struct yw_responder *r, int factor, int64_t time); /* INT64_MIN: never */

/* ---- deeds and samples (control.c) ---- */

void yw_responder_deed(struct yw_responder *r, enum yw_deed_kind kind, int factor, int64_t from,
                       int64_t lasts_us, double a, double b);
/* Data area of one standard check (2062). */
void yw_put_check(const struct yw_responder *r, int factor, int64_t time, hj212_writer *w);
void yw_put_check_line(const struct yw_responder *r, int factor, const struct yw_station_line *l,
                       hj212_writer *w);
/* The first check of a factor in the station's log at or after a moment; false: none. */
bool yw_check_line(const struct yw_responder *r, int factor, int64_t from, struct yw_station_line *out);
/* Sends the results of checks that a host asked for, as the station gets them. */
void yw_checks_look(struct yw_responder *r, int64_t now, int64_t clock);

/* ---- 2025 (keys.c, notices.c) ---- */

void yw_key_use(struct yw_responder *r, const char *key, const char *created);
/* Electricity (ST=44) and key working conditions (ST=45) at a moment. */
void yw_put_electricity(const struct yw_responder *r, int64_t time, hj212_writer *w);
void yw_put_conditions(const struct yw_responder *r, int64_t time, hj212_writer *w);

/* ---- recall.c ---- */

/* Goes on with the request under way: a parcel of it, or NULL; ends it with 9012 when nothing is left. */
struct yw_parcel *yw_recall_next(struct yw_responder *r, int64_t now);
void yw_recall_stop(struct yw_responder *r);
/* 9012 for a request that ends later. */
void yw_responder_end(struct yw_responder *r, const char *qn, int exertn, int64_t due);

#endif
