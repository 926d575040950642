/* pipeline: journals -> register, series. What it shares with others: its counters, and the fold of one
 * packet. */
#ifndef YW_PIPELINE_H
#define YW_PIPELINE_H

#include "base/base.h"
#include "journal/journal.h"
#include "store/store.h"

/* ---- pipeline.live: a page mapped by the pipeline, read by whoever wants to know how it is ---- */

#define YW_PIPELINE_MAGIC UINT64_C(0x31766c7077617779)

enum yw_pipeline_state {
    YW_PIPELINE_RUNNING = 0,
    YW_PIPELINE_DISK_FULL = 1, /* a batch is tried again until it fits; nothing is skipped */
    YW_PIPELINE_FAILING = 2,   /* the store refuses for another reason; tried again */
    YW_PIPELINE_DAMAGED = 3,   /* a journal has a damaged place, or the acts journal cannot be read on */
    YW_PIPELINE_WAITING = 4    /* packets were judged by acts that have not been seen yet */
};

#define YW_PIPELINE_COUNTER_TABLE(X)                                                                         \
    X(STATE, "state", "yw_pipeline_state")                                                                   \
    X(PACKETS, "packets", "records read from packet journals, both directions")                              \
    X(ROWS, "rows", "records of admitted devices put into the store")                                        \
    X(UNADMITTED, "unadmitted", "packets of devices that were not admitted")                                 \
    X(NOT_DATA, "not_data", "packets of admitted devices that carry no data (answers, notices)")             \
    X(UNREADABLE, "unreadable", "packets of admitted devices that cannot be read or have no data time")      \
    X(REFUSED, "refused", "records the store could not keep; 0 unless something is wrong")                   \
    X(BATCHES, "batches", "commits")                                                                         \
    X(FAILURES, "failures", "commits that failed and were tried again")                                      \
    X(DAMAGED, "damaged", "damaged places met in journals")                                                  \
    X(RATE, "rate", "rows a second over the last second")                                                    \
    X(LAG_BYTES, "lag_bytes", "committed by the gateways and not yet in the store")                          \
    X(LAG_MS, "lag_ms", "age of the oldest packet that is not in the store, 0: none")                        \
    X(BATCH_ROWS, "batch_rows", "rows in the last commit")                                                   \
    X(BATCH_US, "batch_us", "microseconds the last commit took, puts included")                              \
    X(SEALED, "sealed", "blocks sealed since the start")                                                     \
    X(REGISTER_VERSION, "register_version", "acts applied")                                                  \
    X(ACTS_REJECTED, "acts_rejected",                                                                        \
      "acts that do not make sense; they count as versions and change nothing")                              \
    X(LOCKED, "locked",                                                                                      \
      "encrypted packets of admitted devices whose key is not at hand: a rebuild brings them")               \
    X(LINES, "lines", "commands and station events read from the acts journal")                              \
    X(JUDGED, "judged", "hours judged since the start")                                                      \
    X(JUDGE_BEHIND, "judge_behind", "touched stretches of outlets that are still to be judged")

enum yw_pipeline_counter {
#define X(id, name, text) YW_PL_##id,
    YW_PIPELINE_COUNTER_TABLE(X)
#undef X
        YW_PL_COUNT
};

struct yw_pipeline_live {
    _Atomic uint64_t magic;
    _Atomic int64_t started, updated; /* wall clock, microseconds */
    _Atomic int64_t oldest;           /* arrival of the first packet of the batch handed over last */
    _Atomic uint64_t counter[64];     /* yw_pipeline_counter */
};
const char *yw_pipeline_counter_name(unsigned counter);
/* Makes and maps DATA/pipeline.live and locks it: YW_E_BUSY while another pipeline or a rebuild runs. */
enum yw_code yw_pipeline_live_own(const char *data, int *lock, struct yw_pipeline_live **out,
                                  struct yw_error *err);
void yw_pipeline_live_disown(int lock, struct yw_pipeline_live *l);
/* For readers: maps it read-only; NULL with err if there is none. */
const struct yw_pipeline_live *yw_pipeline_live_open(const char *data, struct yw_error *err);
void yw_pipeline_live_close(const struct yw_pipeline_live *l);

/* ---- rebuild ---- */

struct yw_rebuild {
    const char *data;
    const char *master_key; /* file; NULL or "": beside the data folder */
    bool shuffle;           /* read the journals in a random interleaving */
    bool pass_over_damage;  /* else a damaged place ends it with YW_E_CORRUPT, and the old series stay */
    uint64_t seed;
    void (*progress)(void *arg, uint64_t done, uint64_t all); /* bytes; may be NULL */
    void *arg;
    uint64_t packets, rows, lost; /* filled in; lost: bytes passed over */
};
/* Makes DATA/series anew from the journals beside the old one, judge.db too, then swaps them. YW_E_BUSY while
 * a pipeline runs. */
enum yw_code yw_rebuild(struct yw_rebuild *r, struct yw_error *err);

struct yw_rejudge {
    const char *data;
    unsigned threads; /* 0: as many as there are processors, at most 8 */
    void (*progress)(void *arg, uint64_t done, uint64_t all); /* outlets; may be NULL */
    void *arg;
    uint64_t outlets, hours, records; /* filled in */
};
struct yw_judged_difference;
/* Judges all history anew by the present rules into a file beside judge.db, tells what is not the same, then
 * puts it in its place. YW_E_BUSY while a pipeline runs. A run that is cut short changes nothing. */
enum yw_code yw_rejudge(struct yw_rejudge *r, bool (*each)(void *arg, const struct yw_judged_difference *d),
                        void *arg, struct yw_error *err);
/* The same into DATA/FOLDER/file (folder "series.new"), which must not be there; nothing is compared. The
 * caller owns the data folder. */
enum yw_code yw_judge_everything(struct yw_rejudge *r, const char *folder, const char *file,
                                 struct yw_error *err);

#endif
