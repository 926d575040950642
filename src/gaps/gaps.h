/* gaps: which records an outlet owes, which of them came and how, and what to ask the device for next.
 *
 * Time is cut into slots, one for each record owed. A slot is marked from the data times that are in the
 * store and from the commands that asked for its range; runs and the next question are views of the slots. So
 * everything follows from what is kept: nothing is forgotten or asked twice because a program was started
 * again.
 *
 * Pure: no clock, no store, no memory of its own. */
#ifndef YW_GAPS_H
#define YW_GAPS_H

#include "base/base.h"

/* In order of what counts where a slot could be several. */
enum yw_gap_state {
    YW_GAP_NONE = 0,       /* not owed */
    YW_GAP_RECEIVED = 1,   /* came live and in time */
    YW_GAP_LATE = 2,       /* came live, later than the tolerance */
    YW_GAP_BACKFILLED = 3, /* came as a later addition only */
    YW_GAP_DUE = 4,        /* its tolerance is not over yet */
    YW_GAP_ASKED = 5,      /* a question for it is under way */
    YW_GAP_MISSING = 6,
    YW_GAP_LOST = 7, /* asked for as often as is done: given up. It still counts if it comes */
    YW_GAP_STATES
};
const char *yw_gap_state_name(uint8_t state); /* "backfilled" */

/* How a question for a range ended. */
enum yw_gap_answer {
    YW_GAP_OPEN,      /* it has not ended */
    YW_GAP_UNSENT,    /* it never reached the device: not held against anybody */
    YW_GAP_ANSWERED,  /* done, or "no data" (ExeRtn 100): what is still missing the device does not have */
    YW_GAP_UNANSWERED /* no answer, no result, refused, failed, or the outcome is unknown */
};

enum {
    YW_GAP_SLOTS_MAX = 600000, /* of one look: a year of minutes and more */
    YW_GAP_EMPTY_MOST = 2,     /* answers without a record after which it is given up */
    YW_GAP_BACKOFFS = 3
};

struct yw_gap_slot {
    uint8_t state; /* yw_gap_state */
    uint8_t tries; /* questions that the device did not answer */
    uint8_t empty; /* questions that it answered without this record */
    uint8_t open;  /* questions under way */
};
struct yw_gaps {
    int64_t step; /* microseconds of a slot, at least a second; slots lie on whole multiples from midnight,
                     UTC+8 */
    int64_t since, until; /* records with a data time in [since, until) are owed */
    int64_t tolerance;    /* after the end of a slot: until then it is due, later it is late */
    uint8_t tries_most;   /* unanswered questions after which a record is given up, at least 1 */
    int64_t first;        /* start of slot 0, filled by yw_gaps_start */
    struct yw_gap_slot *slots;
    size_t n;
};
int64_t yw_gap_slot_start(int64_t step, int64_t time);
/* Slots that cover [from, to), 0 if there is no such range or they are more than YW_GAP_SLOTS_MAX. Times lie
 * within YW_GAP_FAR of 1970. */
#define YW_GAP_FAR (INT64_C(1) << 60)
size_t yw_gap_slot_count(int64_t step, int64_t from, int64_t to);
/* slots: yw_gap_slot_count of them. The members above `first` must be set. */
void yw_gaps_start(struct yw_gaps *g, int64_t from, int64_t to, struct yw_gap_slot *slots);
/* Every data time that is there, in any order. */
void yw_gaps_have(struct yw_gaps *g, int64_t time, int64_t arrival, bool backfilled);
/* Every question about this kind: data times [from, to], both included. */
void yw_gaps_asked(struct yw_gaps *g, int64_t from, int64_t to, enum yw_gap_answer answer);
/* After all of these: the states. */
void yw_gaps_settle(struct yw_gaps *g, int64_t now);

/* [from, to) is whole slots of one state. Runs follow each other without a break. */
struct yw_gap_run {
    int64_t from, to;
    uint8_t state;
};
/* Calls each run in order of time; stops when it returns false. */
void yw_gaps_runs(const struct yw_gaps *g, bool (*each)(void *arg, const struct yw_gap_run *r), void *arg);
void yw_gaps_count(const struct yw_gaps *g, int64_t from, int64_t to, uint32_t out[YW_GAP_STATES]);

/* The newest run of missing records, cut to the newest `records` of them. False: nothing to ask. The
 * question's BeginTime is from, its EndTime to - 1 s. */
bool yw_gaps_next(const struct yw_gaps *g, uint32_t records, struct yw_gap_run *out);

/* When a device may be asked again: `failures` questions in a row went unanswered, the last ended at `ended`.
 */
int64_t yw_gaps_patience(uint32_t failures, int64_t ended);

/* ---- the interval, where nobody said it ---- */

enum { YW_GAP_MINUTES_MAX = 1440 };
struct yw_gap_learn {
    int64_t last;
    bool begun;
    uint32_t n, count[YW_GAP_MINUTES_MAX + 1]; /* distances, in minutes */
};
/* Data times in ascending order; l zeroed before the first. */
void yw_gap_learn_time(struct yw_gap_learn *l, int64_t time);
/* The commonest distance between neighbours in minutes; 0: fewer than 3 distances, or none common enough. */
uint16_t yw_gap_learned(const struct yw_gap_learn *l);

#endif
