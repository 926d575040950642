/* judging: from the register and the store to judge.db: the site of an outlet, its records, one outlet
 * judged.
 *
 * What is in judge.db of an outlet is a function of its rows in the store, of the register, the rules and one
 * moment `now`: the hour in which the newest record of the whole store arrived. No clock is asked, so judging
 * again at any time gives the same. */
#ifndef YW_JUDGED_JUDGING_H
#define YW_JUDGED_JUDGING_H

#include "judged/judged.h"
#include "register/register.h"
#include "store/store.h"

#include <pthread.h>
#include <stdatomic.h>

/* ---- site_build.c ---- */

/* The site of an outlet, as act site.put says, else from its rows in the register; with its marks, checks,
 * manual results and plans. first: its first hour with data; from there on it is looked how often minute
 * records come and which auxiliary factors do. store may be NULL: nothing is learnt from it. YW_E_NOT_FOUND:
 * there is nothing to judge (no such outlet, no factors, a kind that is not judged). */
enum yw_code yw_site_build(const struct yw_register *r, const struct yw_rules *rules,
                           const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                           int64_t first, struct yw_site *out, struct yw_error *err);
/* Of everything but the lists. */
void yw_site_digest(const struct yw_site *s, char out[17]);

/* ---- records.c ---- */

/* Records of an outlet over some hours; grown as needed and used again. */
struct yw_records;
struct yw_records *yw_records_create(void); /* NULL: no memory */
void yw_records_destroy(struct yw_records *x);
/* Reads [from, to), whole hours, at most 31 days: minute and hour records, current values; of hours that have
 * neither, real-time values averaged over the site's minute interval. */
enum yw_code yw_records_read(struct yw_records *x, const struct yw_store_backend *backend,
                             struct yw_store *store, uint32_t outlet, const struct yw_site *site,
                             int64_t from, int64_t to, struct yw_error *err);
/* Those of one hour, in order of time. */
const struct yw_sample_record *yw_records_of(const struct yw_records *x, int64_t hour, size_t *n);
size_t yw_records_count(const struct yw_records *x);
/* First hour with minute, hour or real-time data; YW_E_NOT_FOUND: none. */
enum yw_code yw_records_first(const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                              int64_t *hour, struct yw_error *err);

/* ---- units.c ---- */

/* What ran in [from, to), whole hours of one civil day, of units whose source says it by other records than
 * the outlet's minute and hour records; into out (unit_n for each hour), where nothing is known yet. */
enum yw_code yw_units_read(const struct yw_rules *rules, const struct yw_store_backend *backend,
                           struct yw_store *store, uint32_t outlet, const struct yw_site *site, int64_t from,
                           int64_t to, struct yw_unit_hour *out, struct yw_error *err);
/* The same of any whole hours and with the outlet's own records: of hours that are not judged yet. */
enum yw_code yw_units_look(const struct yw_rules *rules, const struct yw_store_backend *backend,
                           struct yw_store *store, uint32_t outlet, const struct yw_site *site, int64_t from,
                           int64_t to, struct yw_unit_hour *out, struct yw_error *err);
/* How far behind its own hour a record of that kind can change what ran, microseconds. */
int64_t yw_units_reach(enum yw_kind kind);

/* ---- unit_sources.c ---- */

/* Fills the sources of a site's units: numbers of the outlets that send them. */
void yw_units_resolve(const struct yw_register *r, const struct yw_outlet *outlet, struct yw_site *site);
/* Without a description of its own, each facility whose state an outlet sends (2021, SBxxx-RS) is a treatment
 * unit of it. */
enum yw_code yw_units_learn(const struct yw_store_backend *backend, struct yw_store *store, uint32_t outlet,
                            struct yw_site *site, struct yw_error *err);
/* Whether somebody described units of that outlet. */
bool yw_units_said(const struct yw_register *r, uint32_t outlet);
/* First hour in which one of the units that an outlet's site describes said something; YW_E_NOT_FOUND: none.
 */
enum yw_code yw_units_first(const struct yw_register *r, const struct yw_store_backend *backend,
                            struct yw_store *store, uint32_t outlet, int64_t *hour, struct yw_error *err);
/* Outlets whose units another outlet sends: `outlet` is judged by records of `source`. */
struct yw_unit_source {
    uint32_t source, outlet;
};
/* Sorted by source; *out is the caller's to free. */
enum yw_code yw_unit_sources(const struct yw_register *r, struct yw_unit_source **out, size_t *n,
                             struct yw_error *err);

/* ---- judging.c ---- */

struct yw_judging_with {
    const struct yw_register *reg;
    const struct yw_rules *rules; /* corrected */
    const struct yw_store_backend *backend;
    struct yw_store *store; /* its own handle for reading */
    struct yw_judged *judged;
    pthread_mutex_t *writing; /* where several write one file: held during a batch; NULL: none */
    const atomic_bool *stop;  /* ends between two steps with YW_E_STATE; NULL: never */
};
struct yw_judging;
enum yw_code yw_judging_create(struct yw_judging **out, struct yw_error *err);
void yw_judging_destroy(struct yw_judging *g);

struct yw_stretch_of_time {
    int64_t from, to; /* [from, to) */
};
/* Judges an outlet up to `now` (a whole hour): hours that were not judged yet, and those in `again` once more
 * (all: every hour). The hour that is running is put as far as it has come. */
enum yw_code yw_judging_outlet(struct yw_judging *g, const struct yw_judging_with *w, uint32_t outlet,
                               const struct yw_stretch_of_time *again, size_t n, bool all, int64_t now,
                               struct yw_error *err);
struct yw_judging_count {
    uint64_t hours, records, outlets;
};
const struct yw_judging_count *yw_judging_counts(const struct yw_judging *g);
/* The moment of the whole store: start of the hour in which its newest record came; 0: it is empty. */
enum yw_code yw_judging_now(const struct yw_store_backend *backend, struct yw_store *store, int64_t *now,
                            struct yw_error *err);
/* Rule files with the register's corrections; what cannot be applied is passed over. digest: of the files. */
enum yw_code yw_judging_rules(const struct yw_register *r, struct yw_rules **out, char digest[17],
                              struct yw_error *err);

#endif
