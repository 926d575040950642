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
    YW_KIND_STATION = 9,  /* station room: entered by people or sent by web hooks (acts), i-codes stay INFO */
    YW_KIND_COUNT
};
/* "real", "minute", "hour", "day", "facility", "runtime", "info", "periodic", "station" */
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
    uint16_t journal; /* number of the packet journal (worker), YW_JOURNAL_ACTS: the acts journal */
    uint64_t position;
};
enum { YW_JOURNAL_ACTS = 0xFFFF };
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

/* ---- commands and what is known of devices: derived like everything here ---- */

/* A command to a device: the act that asked, what the gateways did, what the device said. Every part is set
 * by one journalled fact, in any order; put_command merges. Zero (empty) parts say nothing, and -1 of qnrtn
 * and exertn: begin a part with yw_asked_part. */
struct yw_asked {
    int64_t id; /* of the command */
    uint32_t device, outlet;
    uint16_t cn, version;
    uint8_t flow, answer, origin; /* origin: yw_origin */
    char qn[18], by[33], key[40]; /* key: of yw_command_spec */
    char cp[1024];                /* veiled where it is secret */
    char reason[256];
    char target[40]; /* origin TARGET: who asked */
    int64_t at, valid_until, from, to;
    /* from the worker that took it */
    struct yw_source sent;  /* last sending; arrival 0: not sent */
    struct yw_source first; /* first sending */
    int64_t until;          /* an outcome comes before this, unless the worker died */
    uint16_t attempts;
    struct yw_source accepted, ended; /* the 9011; what ended it. arrival 0: did not come */
    int16_t qnrtn, exertn;            /* -1: did not come */
    uint8_t outcome;                  /* yw_outcome of command/dialog.h */
    bool lost; /* its worker died before an outcome was known: worked out by the store from put_start */
    uint32_t uploads;
    struct yw_source answers[4]; /* first packets that answered it */
    uint8_t answer_n;
    char answer_cp[1024]; /* data area of the first */
};
enum yw_origin { YW_ORIGIN_PERSON = 1, YW_ORIGIN_POLICY = 2, YW_ORIGIN_TARGET = 3 };
enum yw_asked_state {
    YW_ASKED_WAITING,  /* for the device's link */
    YW_ASKED_NOT_SENT, /* the device was on no link until it lapsed */
    YW_ASKED_SENT,
    YW_ASKED_ACCEPTED,
    YW_ASKED_ENDED,  /* see outcome */
    YW_ASKED_UNKNOWN /* sent, and the worker died: nobody knows; never repeated */
};
enum yw_asked_state yw_asked_state(const struct yw_asked *a, int64_t now);
const char *yw_asked_state_name(enum yw_asked_state s); /* "not_sent" */
const char *yw_origin_name(uint8_t origin);             /* "person", "policy", "target"; "" for 0 */
bool yw_origin_parse(const char *name, uint8_t *out);
/* A part of command id that says nothing yet. */
struct yw_asked yw_asked_part(int64_t id);
/* Of an answered 1011: device clock minus the middle between (last) asking and answer, in milliseconds;
 * false: no readable SystemTime, or odd by more than a day. */
bool yw_asked_clock(const struct yw_asked *a, int64_t *ms);

struct yw_asked_filter {
    uint32_t device, outlet; /* 0: any */
    uint16_t cn;             /* 0: any */
    int64_t before;          /* id below this, 0: newest */
    int64_t since;           /* asked at or after this */
    int64_t id;              /* this one alone, 0: any */
    bool open; /* only those without an end and not lost; those that lapsed unsent are among them */
};

/* What a device's packets showed since the first, summed: order does not matter. */
struct yw_device_fact {
    uint32_t device;
    struct yw_source first, last; /* packets */
    uint64_t packets, encrypted, crc_modbus, crc_lower, gbk, len_chars, no_tail, aliased, split;
    uint64_t version[3];       /* packets by version: 2005, 2017, 2025 */
    uint64_t findings[64];     /* by hj212_finding_code */
    uint32_t key_id;           /* of the last encrypted packet */
    struct yw_source key_last; /* that packet; arrival 0: none */
    char names[160]; /* factor names met that no standard knows, comma-separated, first 10 in order of their
                        bytes */
};
/* Clock of a device on one civil day (UTC+8) of arrival: arrival minus QN of live uploads, milliseconds; and,
 * from answers to 1011 (yw_asked_clock, worked out by the store), device clock minus the middle between
 * asking and answer. */
struct yw_device_day {
    uint32_t device;
    int32_t day; /* yw_china_day */
    uint32_t n, asked_n;
    uint32_t odd_n; /* uploads whose QN is more than a day off: in none of the figures */
    int64_t sum_ms, min_ms, max_ms;
    int64_t last_ms, asked_ms; /* of .last (odd or not) and .asked_last */
    struct yw_source last, asked_last;
};
/* One link of one device: two that overlap claim one MN. Numbers of links begin again with a worker's life,
 * so peer (address and port) belongs to what tells links apart. */
struct yw_device_link {
    uint32_t device;
    uint16_t journal;
    uint64_t link;
    char peer[64];
    int64_t first, last;
    uint64_t packets, refused; /* refused: with YW_REC_TWIN; packets: all others */
    uint64_t position;         /* of the last packet, in journal */
};
/* What a device asked of the host: 1001 registration, 1013 clock, 1014 key. Newest of each (device or
 * hardware, cn). */
struct yw_notice {
    uint32_t device;   /* 0: not activated yet */
    char hardware[64]; /* i23005 */
    uint16_t cn;
    uint64_t count;
    char cp[512], peer[64];
    struct yw_source last;
};
enum {
    YW_NOTICES_MAX =
        20000, /* (device, hardware, cn) told apart; further ones are counted under hardware "*" */
    YW_TOUCHED_DAYS_KEPT = 60,
    YW_DEVICE_DAYS_KEPT = 400 /* clocks and links older than this are forgotten by tidy */
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
    /* Commands and devices. put_*: in a batch, merged with what is there, the same in any order. Commands and
     * starts say the same however often they are put. The other four count: each is what the packets of ONE
     * journal come to (that of .last, or .journal of a link), and is passed over if its last packet lies
     * before the checkpoint of the last commit, as put_waiting does. So whoever sums up packets leaves out
     * those before `tallied`: they were counted in an earlier life. Tallies can be read after
     * the next sync, a few syncs later where they are very many (sqlite keeps them in memory meanwhile; after
     * a crash their packets are read again). Readers: newest first where there is an order of time; device 0:
     * all. */
    enum yw_code (*tallied)(struct yw_store *s, uint16_t journal, uint64_t *position, struct yw_error *err);
    /* A worker's life began here: what it had been sent before and has no end is lost. */
    enum yw_code (*put_start)(struct yw_store *s, const struct yw_source *start, struct yw_error *err);
    enum yw_code (*put_command)(struct yw_store *s, const struct yw_asked *a, struct yw_error *err);
    enum yw_code (*put_fact)(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err);
    enum yw_code (*put_clock)(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err);
    enum yw_code (*put_link)(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err);
    enum yw_code (*put_notice)(struct yw_store *s, const struct yw_notice *n, struct yw_error *err);
    enum yw_code (*commands)(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                             bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                             struct yw_error *err);
    enum yw_code (*facts)(struct yw_store *s, uint32_t device, /* in order of device */
                          bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                          struct yw_error *err);
    enum yw_code (*clocks)(struct yw_store *s, uint32_t device, int32_t from_day,
                           bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                           struct yw_error *err);
    enum yw_code (*links)(struct yw_store *s, uint32_t device, int64_t since, /* heard since, last first */
                          bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                          struct yw_error *err);
    enum yw_code (*notices)(struct yw_store *s, int64_t since,
                            bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                            struct yw_error *err);
    /* Data times of an outlet and kind in [from, to), ascending, each once: the arrival and flags of its
     * first live row, of its first row where none is live. Much cheaper than rows. */
    enum yw_code (*times)(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                          bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags), void *arg,
                          struct yw_error *err);
    /* Hours (UTC) of data times to which something was put since that generation, in order of generation:
     * what was worked out from them before is to be worked out again. Noted in the transaction of the rows;
     * an hour has one entry a kind, with the generation of its last touch, and generations only grow, over
     * restarts too. Of real-time records only those that came after their hour was over are noted: while it
     * lasts, every one of them would touch it. Entries older than YW_TOUCHED_DAYS_KEPT are forgotten by
     * tidy. */
    enum yw_code (*touched)(struct yw_store *s, int64_t since,
                            bool (*each)(void *arg, uint32_t outlet, uint8_t kind, int64_t hour,
                                         int64_t generation),
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
