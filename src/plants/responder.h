/* responder: the device side of HJ 212 commands, as a pure state machine. Frames and the time come in,
 * parcels to be sent come out, in order and when they are due. Parameters that a host sets really act: on the
 * clock, on intervals, on what the instruments show.
 *
 * Two clocks: `now` is true plant time; the device's own clock (yw_responder_clock) has an offset and a
 * drift, and all its records, QNs and deeds follow it.
 *
 * The files: responder.c (what is answered and when), parameters.c, control.c, info.c, keys.c (commands by
 * theme), recall.c (history), notices.c (what it says by itself), memory.c (what survives a power cut). */
#ifndef YW_PLANTS_RESPONDER_H
#define YW_PLANTS_RESPONDER_H

#include "hj212.h"
#include "plants/plants.h"

enum {
    YW_RESPONDER_QUEUE = 96,     /* parcels waiting to be sent; over it requests are not heard */
    YW_RESPONDER_PER_FRAME = 20, /* parcels that one frame can bring about at once */
    YW_RESPONDER_LOG = 32,       /* lines of the logger's own log */
    YW_OVERRIDES_MAX = 32,       /* device parameters set by 3021 */
    YW_LATER_MAX = 8
};
enum yw_qnrtn {
    YW_QN_READY = 1,
    YW_QN_REFUSED = 2,
    YW_QN_PW = 3,
    YW_QN_MN = 4,
    YW_QN_ST = 5,
    YW_QN_FLAG = 6,
    YW_QN_QN = 7,
    YW_QN_CN = 8,
    YW_QN_CRC = 9
};
enum yw_exertn {
    YW_EXE_RUNS = 0, /* not a code: 9012 comes later */
    YW_EXE_DONE = 1,
    YW_EXE_FAILED = 2,
    YW_EXE_CONDITION = 3,
    YW_EXE_BUSY = 5,
    YW_EXE_FAULT = 6,
    YW_EXE_NO_DATA = 100
};
enum yw_then { /* what follows once a parcel is on its way */
               YW_THEN_NOTHING,
               YW_THEN_PASSWORD,
               YW_THEN_KEY
};

struct yw_override { /* a device parameter as a host set it */
    int8_t factor;   /* -1: of the logger or the room */
    char info[8], value[40];
    int64_t since; /* device time */
};
struct yw_memory { /* what the device keeps when its power is cut */
    char mn[32], pw[16];
    int64_t clock_offset_us, clock_since; /* offset at that moment of true time */
    double clock_drift_s;                 /* a day */
    uint32_t overtime_s, recount, realtime_s, minute_s;
    bool realtime_on, facility_on;
    uint32_t warn_s; /* 2005: WarnTime */
    char target[48]; /* 2005: AlarmTarget */
    uint32_t report; /* 2005: ReportTime, hhmm */
    char key[17], key_created[18];
    uint32_t bottle; /* last one filled */
};
struct yw_instrument {        /* of one factor */
    double low, up;           /* alarm limits, NAN: none */
    int64_t over_since;       /* minute means have been above it since; 0: they are not */
    bool told;                /* its alarm went out */
    int64_t clock_us;         /* its clock before the logger's */
    uint32_t period_h, start; /* sampling: hours, hhmmss; 0: as built */
};

struct yw_recall { /* one history request under way */
    bool active, in_flight, running;
    uint16_t command;
    char st[4], qn[18], info[8];
    int factor;
    int64_t from, to, at, day; /* device time; at: where a grid stands; day: in hand */
    uint32_t sent;
    double credit; /* uploads that may go now */
    int64_t credited;
    struct yw_outlet_run run;
    struct yw_parcel_queue ready;
};

struct yw_later { /* an upload that follows a deed: the bottle filled, the result of a check */
    int64_t due;
    uint16_t command, n;
    char cp[YW_PLANT_CP_MAX];
};
struct yw_check_wait { /* a standard check (3024) whose result the station does not have yet */
    bool waits;
    int64_t asked; /* device time */
};
struct yw_log_line {
    int64_t time;
    uint8_t text; /* yw_device_text */
};
struct yw_responder {
    struct yw_scenario *scenario;
    uint64_t seed;
    struct yw_device_face *face;
    struct yw_memory memory;
    struct yw_instrument instruments[YW_PLANT_FACTORS_MAX];
    struct yw_override overrides[YW_OVERRIDES_MAX];
    uint32_t override_n;
    struct yw_deeds deeds;
    struct yw_hand hand;
    struct yw_outlet_run *live; /* the outlet as it lives now; NULL: not begun */
    struct yw_log_line log[YW_RESPONDER_LOG];
    uint32_t log_n; /* ever written */
    struct yw_parcel_queue out;
    struct yw_recall recall;
    struct yw_later later[YW_LATER_MAX];
    struct yw_check_wait checks[YW_PLANT_FACTORS_MAX];
    char last_qn[18]; /* of the request answered last, and how */
    int last_exertn;
    char pw_next[16], pw_before[16], key_next[17], key_before[17], key_next_created[18];
    int64_t powered; /* true time */
    int64_t heartbeat, clock_asked, key_asked, registration_asked, station, electricity, conditions, door;
    uint64_t acks_heard;
    bool registered; /* has an MN */
    bool told_restart;
};

/* scenario and face are the caller's and live as long; both are changed by commands. */
void yw_responder_init(struct yw_responder *r, struct yw_scenario *s, uint64_t seed,
                       struct yw_device_face *face, int64_t now);
void yw_responder_free(struct yw_responder *r);
int64_t yw_responder_clock(const struct yw_responder *r, int64_t now);
/* A frame of the host. False: as if it had not come (an acknowledgement that got lost on the way). */
bool yw_responder_take(struct yw_responder *r, const void *bytes, size_t n, int64_t now);
/* What the device says by itself: heartbeat, requests for time and keys, registration, its station room. */
void yw_responder_tick(struct yw_responder *r, int64_t now);
/* The next parcel to send, the caller's from then on; NULL: nothing now. */
struct yw_parcel *yw_responder_next(struct yw_responder *r, int64_t now);
/* An upload inside a request was answered; or given up. Both leave the parcel to the caller. */
void yw_responder_acked(struct yw_responder *r, const struct yw_parcel *p);
void yw_responder_lost(struct yw_responder *r, const struct yw_parcel *p);
/* The link is gone: nobody waits for answers any more; what was executed holds. */
void yw_responder_hang_up(struct yw_responder *r);
/* True if the logger sends the record by itself; when, in device time. */
bool yw_responder_sends(struct yw_responder *r, const struct yw_plant_record *record, int64_t *due);
/* A record has been made: alarms of 2005. */
void yw_responder_watch(struct yw_responder *r, const struct yw_plant_record *record, int64_t now);
/* True if the logger's memory holds what it recorded for that device time. */
bool yw_responder_holds(const struct yw_responder *r, int64_t time);

/* 3020 data areas of the station room: its climate, a door event; when the door was opened or shut in (from,
 * to], at most four times. */
void yw_put_room(const struct yw_responder *r, int64_t time, hj212_writer *w);
void yw_put_door(const struct yw_responder *r, int64_t time, bool open, hj212_writer *w);
int yw_door_events(const struct yw_responder *r, int64_t from, int64_t to, int64_t at[4], bool open[4]);

/* Text, a line for each value; passwords and keys are in it. */
bool yw_memory_save(const struct yw_responder *r, struct yw_buf *out);
/* The same back; YW_E_FORMAT names the line. */
enum yw_code yw_memory_load(struct yw_responder *r, const char *text, size_t n, struct yw_error *err);

#endif
