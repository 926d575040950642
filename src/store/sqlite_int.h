/* The SQLite back end's own face: one database a month (series/2026-11.db) and one for what spans months
 * (series/index.db). docs/store.md tells the tables and what happens at a crash. */
#ifndef YW_STORE_SQLITE_INT_H
#define YW_STORE_SQLITE_INT_H

#include "store/day.h"
#include "store/point.h"
#include "store/rules.h"
#include "store/sql.h"
#include "store/tally.h"

enum {
    YW_STORE_FORMAT = 1,
    YW_MONTHS_OPEN_MAX = 16, /* month files open at once */
    YW_SHAPES_MAX = 4096, /* shapes a month file numbers; rows of further ones carry their names with them */
    YW_RECORD_HAS_RESENDS =
        64 /* in record.flags, beside YW_ROW_*: rows without resends need no look for them */
};

/* ---- map.c: 64-bit key -> 32-bit number ---- */

struct yw_map {
    struct yw_map_slot {
        uint64_t key;
        uint32_t value;
        bool used;
    } * slots;
    size_t n, cap;
};
void yw_map_free(struct yw_map *m);
bool yw_map_get(const struct yw_map *m, uint64_t key, uint32_t *value);
bool yw_map_put(struct yw_map *m, uint64_t key, uint32_t value); /* false: no memory */

/* ---- sqlite_month.c: a month file ---- */

enum yw_month_statement {
    YW_M_RECORD_ADD,
    YW_M_RECORD_KEY,
    YW_M_RECORD_RANGE,
    YW_M_RECORD_TIMES,
    YW_M_RECORD_NEXT,
    YW_M_RECORD_BEFORE,
    YW_M_RECORD_GROUP,
    YW_M_RECORD_NEWEST,
    YW_M_RECORD_LAST_ID,
    YW_M_RECORD_MOVE,
    YW_M_RECORD_FLAGS,
    YW_M_RECORD_SHAPES,
    YW_M_RECORD_REMOVE,
    YW_M_RESEND_ADD,
    YW_M_RESEND_GET,
    YW_M_RESEND_REMOVE,
    YW_M_CHUNK_ADD,
    YW_M_CHUNK_GET,
    YW_M_CHUNK_NEXT,
    YW_M_CHUNK_BEFORE,
    YW_M_CHUNK_NEWEST,
    YW_M_CHUNK_DAYS,
    YW_M_CHUNK_SUMMED,
    YW_M_CHUNK_SHAPES,
    YW_M_CHUNK_REMOVE,
    YW_M_PYRAMID_ADD,
    YW_M_PYRAMID_GET,
    YW_M_PYRAMID_REMOVE,
    YW_M_SHAPE_ADD,
    YW_M_SHAPE_GET,
    YW_M_SHAPE_ALL,
    YW_M_CHECKPOINT_PUT,
    YW_M_CHECKPOINT_ALL,
    YW_M_KEYS,
    YW_M_FREE_PAGES,
    YW_M_STATEMENTS
};

struct yw_shape { /* a list of names; values[] are templates without value */
    struct yw_value *values;
    size_t count;
    uint8_t *bytes;
    size_t bytes_n;
};

struct yw_month {
    struct yw_sql sql;
    int32_t month;
    uint64_t used;           /* when last, for closing the least used */
    bool writing;            /* a transaction is open */
    struct yw_shape *shapes; /* by number; [0] is unused */
    size_t shapes_n;         /* known numbers are below */
    size_t shapes_cap;
    bool shapes_known;           /* all of the file's are here */
    struct yw_map shape_numbers; /* hash of the bytes -> number (writer) */
    struct yw_map newest;        /* (outlet, kind) -> place in newest_times (writer) */
    int64_t *newest_times;
    size_t newest_n, newest_cap;
};

static inline uint64_t yw_series_key(uint32_t outlet, uint8_t kind) {
    return (uint64_t)outlet << 8 | kind;
}

/* Opens the month's file, from the ones open already if it is there. *out is NULL where there is none and it
 * may not be made. */
enum yw_code yw_month_open(struct yw_store *s, int32_t month, bool make, struct yw_month **out,
                           struct yw_error *err);
void yw_month_close(struct yw_store *s, struct yw_month *m);
void yw_months_close(struct yw_store *s);
void yw_month_forget(struct yw_month *m); /* what was learnt from a transaction that did not hold */
void yw_month_path(const struct yw_store *s, int32_t month, char out[YW_STORE_PATH_MAX]);
/* Numbers of the months that have a file, ascending, of those that touch [from, to); free() it. */
enum yw_code yw_months_list(const struct yw_store *s, int64_t from, int64_t to, int32_t **out, size_t *n,
                            struct yw_error *err);

/* ---- sqlite_shape.c ---- */

/* Number of the shape of these values, noted in the file if it is new; 0 if the file numbers no more. */
enum yw_code yw_shape_number(struct yw_month *m, const struct yw_value *values, size_t count, uint32_t *out,
                             struct yw_error *err);
enum yw_code yw_shape_get(struct yw_month *m, uint32_t number, const struct yw_shape **out,
                          struct yw_error *err);
void yw_shapes_free(struct yw_month *m);
/* The row that a packed record stands for. values has YW_VALUES_MAX places; texts point into the record. */
enum yw_code yw_row_unpack(struct yw_month *m, const struct yw_packed *p, struct yw_value *values,
                           struct yw_row *row, struct yw_error *err);

/* ---- sqlite_day.c: reading the records of a day, from chunk or append table ---- */

enum yw_code yw_day_load(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t from, int64_t to,
                         struct yw_day *d, bool *closed, struct yw_error *err);
/* The records of one data time in the append table. */
enum yw_code yw_key_load(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t time, struct yw_day *d,
                         struct yw_error *err);
/* First civil day not before `from` (a time) that has records; false: none in this file. */
enum yw_code yw_day_next(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t from, int32_t *day,
                         bool *found, struct yw_error *err);
/* Last civil day that has records before the time. */
enum yw_code yw_day_before(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t before, int32_t *day,
                           bool *found, struct yw_error *err);

/* ---- sqlite_pyramid.c ---- */

/* Levels that summarise a day: the day as a whole, and its hours. */
enum { YW_LEVEL_HOURS = 1, YW_LEVEL_DAY = 2 };
bool yw_pyramid_has(enum yw_kind kind, int level);
/* *written: false where the kind has no pyramid or the day is too wild for one. */
enum yw_code yw_pyramid_write(struct yw_month *m, const struct yw_day *d, uint32_t outlet, uint8_t kind,
                              int32_t day, bool *written, struct yw_error *err);

/* ---- sqlite_index.c: what spans months ---- */

struct yw_last { /* yw_latest as the writer holds it */
    struct yw_latest latest;
    bool live, dirty;
};

enum yw_code yw_index_open(struct yw_store *s, struct yw_error *err);
void yw_index_forget(struct yw_store *s);
/* Forgets what is older than is kept, once a day. */
enum yw_code yw_index_trim(struct yw_store *s, int32_t before_day, struct yw_error *err);
void yw_index_end(struct yw_store *s); /* before closing: what is only in memory is written */
/* Told of every put: what that key's current record is now. changed: some row was added or altered. */
enum yw_code yw_index_offer(struct yw_store *s, const struct yw_latest *l, bool live, bool changed,
                            struct yw_error *err);
enum yw_code yw_index_put_odd(struct yw_store *s, const struct yw_row *row, struct yw_error *err);
enum yw_code yw_index_put_waiting(struct yw_store *s, const struct yw_waiting *w, struct yw_error *err);
enum yw_code yw_index_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                             struct yw_error *err);
enum yw_code yw_index_begin(struct yw_store *s, struct yw_error *err);
/* Notes that all before the positions reached in this life is durable; and the checkpoints of this month's
 * file. */
enum yw_code yw_index_set_safe(struct yw_store *s, struct yw_error *err);
enum yw_code yw_index_note_month(struct yw_store *s, struct yw_month *m, struct yw_error *err);
enum yw_code yw_index_checkpoint(struct yw_store *s, uint16_t journal, uint64_t *position,
                                 struct yw_error *err);
enum yw_code yw_index_latest(struct yw_store *s, uint64_t since_change,
                             bool (*each)(void *arg, const struct yw_latest *l), void *arg,
                             struct yw_error *err);
enum yw_code yw_index_waiting(struct yw_store *s, bool (*each)(void *arg, const struct yw_waiting *w),
                              void *arg, struct yw_error *err);
/* Opens index.db if it is not, or was replaced; *there tells whether a store exists. For readers. */
enum yw_code yw_index_look(struct yw_store *s, bool *there, struct yw_error *err);

/* ---- sqlite_touched.c: hours with new rows ---- */

struct yw_touched {
    uint64_t key; /* outlet, kind and hour */
    uint64_t batch;
};
enum { YW_TOUCHED_SLOTS = 4096 };
enum yw_code yw_touched_open(struct yw_store *s, struct yw_error *err);
void yw_touched_close(struct yw_store *s);
enum yw_code yw_touched_note(struct yw_store *s, const struct yw_row *row, struct yw_error *err);
void yw_touched_forget(struct yw_store *s); /* the batch did not hold, or is committed */
enum yw_code yw_touched_write(struct yw_store *s, struct yw_error *err); /* in index.db's transaction */
enum yw_code yw_touched_trim(struct yw_store *s, int32_t before_day, struct yw_error *err);
enum yw_code yw_touched_read(struct yw_store *s, int64_t since,
                             bool (*each)(void *arg, uint32_t outlet, uint8_t kind, int64_t hour,
                                          int64_t generation),
                             void *arg, struct yw_error *err);

/* ---- sqlite_command.c ---- */

enum yw_code yw_index_put_start(struct yw_store *s, const struct yw_source *start, struct yw_error *err);
enum yw_code yw_index_put_command(struct yw_store *s, const struct yw_asked *part, struct yw_error *err);
enum yw_code yw_index_commands(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                               bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                               struct yw_error *err);

/* ---- sqlite_device.c: tallies go from staged (this batch) to pending (committed) to index.db (flushed) ----
 */

enum yw_code yw_device_open(struct yw_store *s, struct yw_error *err);
void yw_device_close(struct yw_store *s);
enum yw_code yw_device_put_fact(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err);
enum yw_code yw_device_put_clock(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err);
enum yw_code yw_device_put_link(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err);
enum yw_code yw_device_put_notice(struct yw_store *s, const struct yw_notice *n, struct yw_error *err);
/* Before index.db commits: makes room, which may take a flush in the same transaction. Behind it: committed.
 */
enum yw_code yw_device_before_commit(struct yw_store *s, bool *flushed, struct yw_error *err);
void yw_device_committed(struct yw_store *s, bool flushed, const struct yw_checkpoint *c, size_t n);
/* Writes what is pending in index.db's transaction; flushed once that is committed. */
bool yw_device_flush_is_due(struct yw_store *s);
enum yw_code yw_device_flush(struct yw_store *s, struct yw_error *err);
void yw_device_flushed(struct yw_store *s);
enum yw_code yw_device_trim(struct yw_store *s, int32_t before_day, struct yw_error *err);
enum yw_code yw_device_facts(struct yw_store *s, uint32_t device,
                             bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                             struct yw_error *err);
enum yw_code yw_device_clocks(struct yw_store *s, uint32_t device, int32_t from_day,
                              bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                              struct yw_error *err);
enum yw_code yw_device_links(struct yw_store *s, uint32_t device, int64_t since,
                             bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                             struct yw_error *err);
enum yw_code yw_device_notices(struct yw_store *s, int64_t since,
                               bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                               struct yw_error *err);

/* ---- sqlite_write.c, sqlite_tidy.c, sqlite_read.c, sqlite_series.c ---- */

struct yw_sweep { /* where tidy is */
    bool running;
    int32_t month;
    uint32_t outlet;
    uint8_t kind;
    int64_t time;
};

struct yw_filled { /* a day that a stream of history has left */
    uint32_t outlet;
    uint8_t kind;
    int32_t day;
};
enum { YW_FILLED_MAX = 4096, YW_EARLY_MAX = 65536 };

struct yw_month_note { /* what tidy and sync must know of a month whether its file is open or not */
    int32_t month;
    bool unsynced;           /* committed to since the last sync */
    bool untidy;             /* may hold days to pack */
    int64_t settled_id;      /* records up to this one were there when the sweep before began */
    int64_t next_settled_id; /* the same for the next sweep; -1: not known yet */
};

struct yw_store {
    char folder[YW_STORE_PATH_MAX - 32];
    bool read_only, full_sync, batch;
    uint64_t clock;
    struct yw_month *months[YW_MONTHS_OPEN_MAX];
    struct yw_month_note *notes;
    size_t notes_n, notes_cap;
    struct yw_sweep sweep;
    int32_t closed_before;    /* the day that tidy was given last, 0: none yet */
    struct yw_map filling;    /* (outlet, kind) -> day before closed_before that was put to last */
    struct yw_filled *filled; /* days to pack without waiting for a sweep */
    size_t filled_n;
    struct yw_map
        early; /* days that were packed without a sweep: if they open again, the sweeps' turn has come */

    struct yw_sql index;
    bool index_writing;
    uint64_t change;           /* of the last commit */
    struct yw_map last_places; /* (outlet, kind) -> place in last (writer) */
    struct yw_last *last;
    size_t last_n, last_cap;
    uint32_t *dirty; /* places in last */
    size_t dirty_n, dirty_cap;
    int64_t waiting_n; /* MNs in the waiting list, -1: not counted yet */
    uint64_t *counted; /* by journal: committed checkpoints of index.db */
    uint64_t *reached; /* by journal: committed in this life */
    uint64_t *start;   /* by journal: where reading begins; UINT64_MAX: ask index.db */

    struct yw_tally staged, pending; /* see sqlite_device.c */
    uint64_t *tallied;               /* by journal: all before is in pending or flushed */
    uint64_t *flushed;               /* by journal: all before is in index.db */
    int64_t notices_n;               /* rows of notice, -1: not counted yet */
    unsigned unflushed_syncs;

    struct yw_touched *touched_slots; /* what this batch has noted, as far as the slots remember */
    uint64_t *touched;                /* keys noted in this batch, a few of them more than once */
    size_t touched_n, touched_cap;
    uint64_t touched_batch;
    int64_t touched_arrival; /* latest of what touched */
    int64_t generation;      /* of the last commit that touched something */
    int32_t trimmed;         /* the day given last */

    struct yw_day day, key_rows; /* scratch */
    struct yw_buf body, text;
    struct yw_value *values; /* YW_VALUES_MAX */

    /* Tests see the store between the commits of its files. */
    void (*hook)(void *arg, const char *at);
    void *hook_arg;
};

struct yw_month_note *yw_note(struct yw_store *s, int32_t month, struct yw_error *err);
enum yw_code yw_write_begin(struct yw_store *s, struct yw_error *err);
enum yw_code yw_write_put(struct yw_store *s, const struct yw_row *row, struct yw_error *err);
enum yw_code yw_write_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                             struct yw_error *err);
void yw_write_rollback(struct yw_store *s);
enum yw_code yw_write_sync(struct yw_store *s, struct yw_error *err);
/* Opens the month for writing, with a transaction. */
enum yw_code yw_write_month(struct yw_store *s, int32_t month, struct yw_month **out, struct yw_error *err);
enum yw_code yw_record_last(struct yw_month *m, int64_t *id, struct yw_error *err);
void yw_newest_raise(struct yw_month *m, uint32_t outlet, uint8_t kind, int64_t time);
enum yw_code yw_record_add(struct yw_month *m, const struct yw_packed *p, struct yw_error *err);

void yw_filled_note(struct yw_store *s, const struct yw_row *row); /* told of every row that was put */
/* Packs some of the days that were filled; what fails is left to the next sweep. Outside a batch. */
void yw_filled_pack(struct yw_store *s);
enum yw_code yw_tidy_step(struct yw_store *s, int32_t before_day, bool *more, struct yw_error *err);

enum yw_code yw_read_rows(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                          bool (*each)(void *arg, const struct yw_row *row), void *arg, struct yw_error *err);
enum yw_code yw_read_recent(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t before,
                            size_t limit, bool (*each)(void *arg, const struct yw_row *row), void *arg,
                            struct yw_error *err);
enum yw_code yw_read_times(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                           bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags), void *arg,
                           struct yw_error *err);
enum yw_code yw_read_factors(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                             struct yw_buf *out, struct yw_error *err);
enum yw_code yw_read_series(struct yw_store *s, uint32_t outlet, enum yw_kind kind, const char *factor,
                            const char *field, int64_t from, int64_t to, size_t most, struct yw_point *out,
                            size_t *n_out, struct yw_error *err);
/* A reader sees one moment of a month: between begin and end nothing changes for it. */
enum yw_code yw_read_begin(struct yw_store *s, int32_t month, struct yw_month **out, struct yw_error *err);
void yw_read_end(struct yw_month *m);

#endif
