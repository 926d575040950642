/* judged: what the judge said, kept for asking: series/judge.db (SQLite). Derived from the series, the
 * register and the rules, and from nothing else; `yanwu rebuild --judge` makes it again. The pipeline writes,
 * everybody reads. A handle is used by one thread at a time. */
#ifndef YW_JUDGED_H
#define YW_JUDGED_H

#include "judge/judge.h"
#include "judge/operation.h"

struct yw_judged_mean {
    uint32_t outlet;
    char factor[13], unit[16];
    struct yw_mean mean; /* mean.factor is not set */
};
/* A verdict keeps its number for as long as it says the same thing (outlet, kind, factor, period, from,
 * basis, converted). */
struct yw_judged_verdict {
    uint32_t outlet;
    char factor[13], unit[16], limit_unit[16], limit_source[128]; /* factor "": of the whole outlet */
    double limit_value, limit_low; /* NaN: none; verdict.held is the one it was held against */
    uint8_t limit_confidence;
    bool has_limit;  /* held against a row of the site's limits; verdict.limit is not set */
    char number[48]; /* "CP20261123-17-a21002-1b3k": for people; the same after a rebuild */
    int64_t change;  /* grows with every change of the table */
    bool gone;       /* was said once and is not any more (re-judged); kept so that alarms learn of it */
    struct yw_verdict verdict; /* verdict.factor is not set */
};
struct yw_judged_tally {
    uint32_t outlet;
    char factor[13]; /* "": of the whole outlet */
    struct yw_tally_row row;
};
struct yw_judged_filter {
    uint32_t outlet;      /* 0: any */
    const char *factor;   /* NULL: any */
    uint8_t period, kind; /* 0: any; kind of verdicts */
    int64_t from, to;     /* of .from; to 0: open */
    int64_t since_change; /* verdicts: after this */
    bool with_gone;
    const char *number; /* verdicts: this one, gone or not; NULL: any */
};

struct yw_judged;
/* folder: DATA/series; file NULL: judge.db. read_only: YW_E_NOT_FOUND until there is one; a reader follows
 * when another file takes its place. */
enum yw_code yw_judged_open(const char *folder, const char *file, bool read_only, struct yw_judged **out,
                            struct yw_error *err);
void yw_judged_close(struct yw_judged *j);
/* Of the rule files (without corrections) that the numbers of rules in it belong to; "" in a new file. */
void yw_judged_digest(struct yw_judged *j, char out[17]);
enum yw_code yw_judged_set_digest(struct yw_judged *j, const char *digest, struct yw_error *err);

/* How far it is; in a batch, so that it holds with the rows. 0 in a new file. */
enum yw_judged_mark {
    YW_JUDGED_TOUCHED,  /* the store's touched hours up to this generation are judged */
    YW_JUDGED_REGISTER, /* acts up to this version of the register are judged */
    YW_JUDGED_MARKS
};
int64_t yw_judged_mark(struct yw_judged *j, enum yw_judged_mark which);
enum yw_code yw_judged_set_mark(struct yw_judged *j, enum yw_judged_mark which, int64_t value,
                                struct yw_error *err);
struct yw_judged_outlet {
    uint32_t outlet;
    char site[17]; /* digest of the site it was judged by */
    int64_t first; /* its first hour with data */
    int64_t until; /* hours before this are judged */
};
/* YW_E_NOT_FOUND: never judged. */
enum yw_code yw_judged_outlet(struct yw_judged *j, uint32_t outlet, struct yw_judged_outlet *out,
                              struct yw_error *err);
enum yw_code yw_judged_put_outlet(struct yw_judged *j, const struct yw_judged_outlet *o,
                                  struct yw_error *err);
enum yw_code yw_judged_outlets(struct yw_judged *j, bool (*each)(void *arg, const struct yw_judged_outlet *o),
                               void *arg, struct yw_error *err);

/* writing, in a batch */
enum yw_code yw_judged_begin(struct yw_judged *j, struct yw_error *err);
enum yw_code yw_judged_commit(struct yw_judged *j, struct yw_error *err);
void yw_judged_rollback(struct yw_judged *j);
/* Everything of the outlet goes, but verdicts, which become gone. */
enum yw_code yw_judged_forget(struct yw_judged *j, uint32_t outlet, struct yw_error *err);
/* After all of the outlet was put by another site: rows of factors and units that it does not have go, and
 * units of measurement are its own. */
enum yw_code yw_judged_settle_site(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                   struct yw_error *err);
/* Makes the outlet's means of these periods (bits 1 << yw_period) with from in [from, to) those given; rows
 * that are the same already are not written. Sorts m. Not for hours. */
enum yw_code yw_judged_put_means(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                 unsigned periods, int64_t from, int64_t to, struct yw_mean *m, size_t n,
                                 struct yw_error *err);
enum yw_code yw_judged_put_tallies(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                   int64_t from, int64_t to, const struct yw_tally_row *t, size_t n,
                                   struct yw_error *err);
/* Verdicts of the outlet with from in [from, to) that are not among v become gone; the others are put or
 * left. */
enum yw_code yw_judged_put_verdicts(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                    int64_t from, int64_t to, const struct yw_verdict *v, size_t n,
                                    struct yw_error *err);
/* Hours as step one made them, for step two: n_hours * factor_n of them, hour by hour. prints: of each as it
 * stands here, 0: it is not here and the mean is not set. */
enum yw_code yw_judged_hours(struct yw_judged *j, uint32_t outlet, const struct yw_site *site, int64_t first,
                             size_t n_hours, struct yw_mean *means, uint64_t *prints, struct yw_error *err);
/* n hours of one: `before` as step one made it, `after` as it came out of step two. Written where that is not
 * what print says (0: not there). */
enum yw_code yw_judged_put_hour(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                const struct yw_mean *before, const struct yw_mean *after, uint64_t print,
                                struct yw_error *err);
/* Of hours [from, to): they go. */
enum yw_code yw_judged_clear_hours(struct yw_judged *j, uint32_t outlet, int64_t from, int64_t to,
                                   struct yw_error *err);

/* What ran when, of the site's units: n_hours * unit_n, hour by hour; known 0 where nothing came. */
enum yw_code yw_judged_units(struct yw_judged *j, uint32_t outlet, const struct yw_site *site, int64_t first,
                             size_t n_hours, struct yw_unit_hour *out, struct yw_error *err);
enum yw_code yw_judged_put_unit(struct yw_judged *j, uint32_t outlet, const char *unit,
                                const struct yw_unit_hour *u, struct yw_error *err);

/* reading: in order of (outlet, period, from, factor); stops when each returns false */
enum yw_code yw_judged_means(struct yw_judged *j, const struct yw_judged_filter *f,
                             bool (*each)(void *arg, const struct yw_judged_mean *m), void *arg,
                             struct yw_error *err);
/* Validities of the hours of an outlet in [from, to): the same rows as yw_judged_means, without all that long
 * reports do not count. */
enum yw_code yw_judged_validities(struct yw_judged *j, uint32_t outlet, int64_t from, int64_t to,
                                  bool (*each)(void *arg, int64_t hour, const char *factor, uint8_t validity),
                                  void *arg, struct yw_error *err);
/* in order of change when since_change is given, else of (from, outlet, factor) */
enum yw_code yw_judged_verdicts(struct yw_judged *j, const struct yw_judged_filter *f,
                                bool (*each)(void *arg, const struct yw_judged_verdict *v), void *arg,
                                struct yw_error *err);
enum yw_code yw_judged_tallies(struct yw_judged *j, const struct yw_judged_filter *f,
                               bool (*each)(void *arg, const struct yw_judged_tally *t), void *arg,
                               struct yw_error *err);
int64_t yw_judged_change(struct yw_judged *j);
/* Of a reader: another number after anybody has committed anything, or put another file in its place. -1: it
 * cannot be read. */
int64_t yw_judged_version(struct yw_judged *j);

/* A site of that one factor (and of that one limit), by which yw_put_* write what was read here. Both set
 * the index in what was read. */
void yw_judged_mean_site(struct yw_judged_mean *m, struct yw_site *site);
void yw_judged_verdict_site(struct yw_judged_verdict *v, struct yw_site *site);
void yw_judged_tally_site(struct yw_judged_tally *t, struct yw_site *site);

/* ---- compare.c: two files of the same data folder ---- */

struct yw_judged_difference { /* of one outlet */
    uint32_t outlet;
    uint64_t hours, days, others; /* means that are not the same */
    uint64_t changed;             /* verdicts that say it otherwise */
    uint64_t newly_said, gone;
    uint8_t kind; /* of the three verdict numbers; 0: of the means */
};
/* What j (the newer) says otherwise than the file at old; in order of (outlet, kind). */
enum yw_code yw_judged_compare(struct yw_judged *j, const char *old,
                               bool (*each)(void *arg, const struct yw_judged_difference *d), void *arg,
                               struct yw_error *err);
/* Verdicts of the old file: numbers of changes go on from there, those that are not said any more are kept
 * as gone. */
enum yw_code yw_judged_carry_on(struct yw_judged *j, const char *old, struct yw_error *err);

#endif
