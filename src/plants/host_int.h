/* host_int: what the two files of the host share. */
#ifndef YW_PLANTS_HOST_INT_H
#define YW_PLANTS_HOST_INT_H

#include <uv.h>

#include "plants/plants.h"
#include "plants/responder.h"

struct yw_plant_day;      /* a day being lived by a thread (history.c) */
struct yw_plant_history { /* the days still to be sent, newest first */
    unsigned range;
    int32_t day;              /* in hand, or next */
    int64_t from, to;         /* of records to be sent of this day */
    struct yw_plant_day *job; /* NULL: none is being lived */
    bool wants;               /* waits for a thread */
    struct yw_parcel_queue ready;
};

struct yw_hosted {
    struct yw_host *host;
    char id[32]; /* MN of its scenario, whatever it is called now */
    struct yw_hosted *next;
    struct yw_host_outlet face;
    struct yw_device_face device;
    struct yw_responder responder;
    struct yw_plant_link *link;
    bool up, live_begun;
    int64_t link_loss_seen;
    int64_t live_from;            /* device time: what is older is history */
    int64_t clock_seen, now_seen; /* device clock and plant time at the last tick */
    int64_t moments_from;         /* a clock set forward has no moments before */
    uint32_t overtime_s, recount; /* as the link has them */
    struct yw_outlet_run live;
    struct yw_sample sample; /* the last one lived */
    struct yw_plant_history history;
    struct yw_parcel_queue fresh, again, reports; /* reports: day data that wait for their hour (2005) */
    int64_t send_delay_us; /* devices of a province do not all send in the same instant */
    int32_t oldest_done;   /* day of the second range that has been made completely */
    uint64_t left[2];      /* outlet-days of the ranges */
};

struct yw_host {
    uv_loop_t *loop;
    uv_timer_t timer;
    struct yw_plant_client *client;
    struct yw_host_options options;
    struct yw_hosted *outlets;
    struct yw_host_state state;
    int64_t began, base; /* monotonic, and plant time at that moment */
    bool frozen;
    struct yw_hosted *turn; /* whom the next tick begins with, so that a host that falls behind serves all */
    unsigned jobs;          /* days being lived by threads */
    uint64_t saved;         /* hash of the memory file */
    bool closing;
};

/* Puts the parcels of a record into a queue of the outlet; over its maximum the oldest go. */
void yw_hosted_put(struct yw_hosted *o, struct yw_parcel_queue *q, const struct yw_plant_record *r,
                   int64_t due, bool backfill);
/* A device text in GBK (2017 says UTF-8): what a logger with an old Chinese system sends. */
void yw_hosted_put_gbk(struct yw_hosted *o, int64_t time);

/* True if a parcel of the history is ready; else a thread is on its way to make some, or none is left. */
bool yw_plant_history_more(struct yw_hosted *o);
/* The live outlet at the host's present moment, begun anew. */
void yw_hosted_restart(struct yw_hosted *o);
/* Days in which the range has records. */
uint64_t yw_plant_history_days(const struct yw_host_range *r);

#endif
