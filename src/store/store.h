/* store: what can be asked about values. Derived from the journals and from nothing else: `yanwu rebuild`
 * makes it again.
 *
 * Back ends are one function table (sqlite, ram, null) with one conformance suite. A handle is used by one
 * thread at a time; there is one writing handle and any number of reading ones, in any process.
 *
 * Revisions of a key (outlet, kind, data time, factor, field) are a set ordered by (arrival, journal,
 * position); the current one is a pure function of that set: the last that is not backfilled, else the last.
 * A record whose values equal those of one already there is a resend: it is counted, the earliest of them
 * stays, and it is backfilled only if all of them are. A record is known by (journal, position): put again,
 * it changes nothing. So the rows are the same in whatever order records are put.
 *
 * A data time before 2000, or more than a day later than its arrival, is odd (a clock that was never set):
 * the record is kept aside, is in no series and never the latest. docs/store.md has the whole story. */
#ifndef YW_STORE_H
#define YW_STORE_H

#include "base/base.h"

/* Of a record: what its values are values of. */
enum yw_kind {
    YW_KIND_REAL = 1,     /* 2011 real-time */
    YW_KIND_MINUTE = 2,   /* 2051 */
    YW_KIND_HOUR = 3,     /* 2061 */
    YW_KIND_DAY = 4,      /* 2031 */
    YW_KIND_FACILITY = 5, /* 2021 state of treatment facilities */
    YW_KIND_RUNTIME = 6,  /* 2041 running hours */
    YW_KIND_INFO = 7,     /* 3020 device information, 2081, 3015, 3019 ... */
    YW_KIND_PERIODIC = 8, /* 2013, 2052, 2062, 2111 */
    YW_KIND_COUNT
};
/* "real", "minute", "hour", "day", "facility", "runtime", "info", "periodic" */
const char *yw_kind_name(enum yw_kind kind);
bool yw_kind_parse(const char *name, enum yw_kind *out);

enum {
    YW_FACTOR_MAX = 12,     /* bytes of a factor code */
    YW_FIELD_MAX = 16,      /* bytes of a field name */
    YW_TEXT_MAX = 1000,     /* bytes of one text */
    YW_VALUES_MAX = 400,    /* values in a record */
    YW_WAITING_MAX = 20000, /* MNs told apart in the waiting list; further ones are tallied under "*" */
    YW_POINTS_MAX = 100000  /* columns of one series */
};

/* One field of one factor in a record. */
struct yw_value {
    char factor[YW_FACTOR_MAX + 1]; /* "" for fields without a factor */
    char field[YW_FIELD_MAX + 1];   /* "Rtd", "Avg", "Flag" ... */
    bool is_text;
    uint8_t scale; /* number = mantissa * 10^-scale, digits as sent; 0 to 18 */
    int64_t mantissa;
    const char *text; /* is_text: UTF-8, text_n bytes; owned by whoever gives the value */
    uint32_t text_n;
};
/* The number as sent ("12.30") or the text; always terminated, cut where out is too small. Returns its
 * length. */
size_t yw_value_print(const struct yw_value *v, char *out, size_t size);
bool yw_value_f64(const struct yw_value *v, double *out); /* false for text */
enum { YW_NUMBER_TEXT_MAX = 40 };                         /* bytes that every printed number fits into */

/* Where a record came from: orders revisions and opens the packet behind the number. */
struct yw_source {
    int64_t arrival;
    uint16_t journal; /* number of the packet journal (worker) */
    uint64_t position;
};
int yw_source_compare(const struct yw_source *a, const struct yw_source *b); /* <0, 0, >0 */

enum { YW_ROW_BACKFILLED = 1, YW_ROW_SPLIT = 2, YW_ROW_FINDINGS = 4 };

/* A record: one data time of one outlet, or the part of it that one packet brought. */
struct yw_row {
    uint32_t outlet, device;
    uint8_t kind;  /* yw_kind */
    uint8_t flags; /* YW_ROW_* */
    int64_t time;  /* data time */
    struct yw_source source;
    uint32_t copies; /* how often the same content came, at least 1 (filled by the store) */
    const struct yw_value *values;
    size_t count;
};

/* One column of a chart. */
struct yw_point {
    int64_t time; /* start of the column */
    int64_t span; /* microseconds it stands for; 0: a single value */
    uint32_t n;   /* values in it */
    double first, last, min, max, sum;
    int64_t min_time,
        max_time;       /* where the extremes lie (first of equals), so that a click finds the record */
    char flag[4];       /* data mark of a single value, or the first that is not N */
    uint8_t flags;      /* YW_ROW_* of any of them */
    uint16_t revisions; /* most revisions of any key in it, 1: plain */
};

/* Newest data time of an outlet and kind among its live (not backfilled) records; among backfilled ones where
 * there is no live one. Late and backfilled data never replace it. */
struct yw_latest {
    uint32_t outlet;
    uint8_t kind;
    int64_t time;
    struct yw_source source; /* of the current record of that time */
    uint64_t change;         /* grows with every change of any row here: "what is new since" */
};

/* An MN whose packets were not admitted; whether it still waits is the register's to say. */
struct yw_waiting {
    char mn[32], st[4];
    char peer[64];
    int64_t first_seen, last_seen;
    uint64_t packets, bad_pw;
    struct yw_source sample; /* the last packet; st and peer are its */
};

struct yw_checkpoint {
    uint16_t journal;
    uint64_t position; /* everything before it is in the store */
};

struct yw_store;
struct yw_store_backend {
    const char *name;
    /* place: folder (sqlite), ignored otherwise. read_only: for web and commands, beside a writing pipeline.
     */
    enum yw_code (*open)(const char *place, bool read_only, struct yw_store **out, struct yw_error *err);
    void (*close)(struct yw_store *s);

    /* writing: begin, any number of puts, commit with the checkpoints reached. All or nothing per month;
     * after a failure: rollback, and put the same again. */
    enum yw_code (*begin)(struct yw_store *s, struct yw_error *err);
    enum yw_code (*put)(struct yw_store *s, const struct yw_row *row, struct yw_error *err);
    /* One packet: first_seen = last_seen = sample.arrival, packets = 1, bad_pw 0 or 1. One that lies before
     * the checkpoint of the last commit was counted then and is passed over. */
    enum yw_code (*put_waiting)(struct yw_store *s, const struct yw_waiting *w, struct yw_error *err);
    enum yw_code (*commit)(struct yw_store *s, const struct yw_checkpoint *c, size_t n, struct yw_error *err);
    void (*rollback)(struct yw_store *s);
    /* Where reading must begin after a start so that nothing is missed; rows put again are recognised. 0 for
     * an unknown journal. */
    enum yw_code (*checkpoint)(struct yw_store *s, uint16_t journal, uint64_t *position,
                               struct yw_error *err);
    /* Makes what was committed durable and moves the place where reading begins up to it. Outside a batch. */
    enum yw_code (*sync)(struct yw_store *s, struct yw_error *err);
    /* Background work in steps of some milliseconds: packs days before `before_day` (yw_china_day) to which
     * nothing was added since the sweep before. *more: call again to go on with this sweep. Outside a batch.
     */
    enum yw_code (*tidy)(struct yw_store *s, int32_t before_day, bool *more, struct yw_error *err);

    /* reading */
    /* Rows of [from, to) in order of (time, arrival, journal, position), revisions included; stops when each
     * returns false. */
    enum yw_code (*rows)(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                         bool (*each)(void *arg, const struct yw_row *row), void *arg, struct yw_error *err);
    /* The newest records with a data time before `before`, newest first, at most `limit` data times; the
     * revisions of one data time come together, in order of source. */
    enum yw_code (*recent)(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t before,
                           size_t limit, bool (*each)(void *arg, const struct yw_row *row), void *arg,
                           struct yw_error *err);
    /* A factor's field over [from, to) in at most `most` columns; a minimum or maximum never disappears. No
     * more raw values than `most`: one point each (span 0). Gaps stay gaps. *n_out <= most. Columns lie on
     * whole multiples of their span counted from midnight in UTC+8, so that they do not move while one
     * scrolls. */
    enum yw_code (*series)(struct yw_store *s, uint32_t outlet, enum yw_kind kind, const char *factor,
                           const char *field, int64_t from, int64_t to, size_t most, struct yw_point *out,
                           size_t *n_out, struct yw_error *err);
    /* Factors that this outlet sent with this kind in [from, to): comma-separated codes into out, in the
     * order of their bytes. */
    enum yw_code (*factors)(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                            struct yw_buf *out, struct yw_error *err);
    enum yw_code (*latest)(struct yw_store *s, uint64_t since_change,
                           bool (*each)(void *arg, const struct yw_latest *l), void *arg,
                           struct yw_error *err);
    enum yw_code (*waiting)(struct yw_store *s, bool (*each)(void *arg, const struct yw_waiting *w),
                            void *arg, struct yw_error *err);
    /* Drops a month ("2026-11"): one file. */
    enum yw_code (*drop)(struct yw_store *s, const char *month, struct yw_error *err);
    enum yw_code (*bytes)(struct yw_store *s, uint64_t *out, struct yw_error *err); /* taken on disk */
};

/* For a writing sqlite store: every commit is synced, not only those before a sync. */
enum yw_code yw_store_sqlite_full_sync(struct yw_store *s, struct yw_error *err);

extern const struct yw_store_backend yw_store_sqlite, yw_store_ram, yw_store_null;

/* Of two rows of one key: does a count, and b not? Live before backfilled, then the later source. */
bool yw_row_counts_over(const struct yw_row *a, const struct yw_row *b);
/* The current value of each (factor, field) from the rows of one (outlet, kind, time), in any order: pure,
 * used by every back end and by pages. Returns how many went into out (at most max and YW_VALUES_MAX), in
 * order of first appearance. */
size_t yw_current_values(const struct yw_row *rows, size_t row_count, const struct yw_value **out,
                         size_t max);

#endif
