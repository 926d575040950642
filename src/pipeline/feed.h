/* feed: all journals of a data folder, as batches for the store. Follows the acts journal into the register,
 * finds packet journals as they appear, and holds a packet back until the acts by which it was judged have
 * been applied; so what comes out does not depend on when or in which interleaving the journals are read. */
#ifndef YW_PIPELINE_FEED_H
#define YW_PIPELINE_FEED_H

#include "pipeline/batch.h"
#include "register/register.h"

struct yw_feed_count { /* since the feed was opened */
    uint64_t packets, rows, unadmitted, not_data, unreadable, locked, lines, acts_rejected;
};

struct yw_feed;
/* master_key: file, NULL or "": beside the data folder; opens encrypted packets. */
enum yw_code yw_feed_open(const char *data, const char *master_key, struct yw_feed **out,
                          struct yw_error *err);
const char *yw_feed_why_locked(const struct yw_feed *f); /* why the last packet could not be opened */
void yw_feed_close(struct yw_feed *f);
const struct yw_register *yw_feed_register(const struct yw_feed *f);
const struct yw_feed_count *yw_feed_counts(const struct yw_feed *f);

/* Applies the acts that were committed since; *more tells whether any was. A damaged act is YW_E_CORRUPT, now
 * and ever after: nothing behind it can be judged. */
enum yw_code yw_feed_acts(struct yw_feed *f, bool *any, struct yw_error *err);
/* Reads up to `most` lines of the acts journal that are no acts (commands, station rooms) into the batch:
 * those that yw_feed_acts has seen and the store does not have. After yw_feed_discover. */
enum yw_code yw_feed_lines(struct yw_feed *f, size_t most, struct yw_batch *b, size_t *got,
                           struct yw_error *err);
/* Opens packet journals (journal/p0, p1, ...) that are not open yet; reading begins where the store says. */
enum yw_code yw_feed_discover(struct yw_feed *f, const struct yw_store_backend *backend,
                              struct yw_store *store, struct yw_error *err);
size_t yw_feed_journals(const struct yw_feed *f);
/* Reads up to `most` records of one journal into the batch; *got is how many. Fewer: the end, a full batch,
 * or a record that must wait for acts (*waits). YW_E_CORRUPT: a damaged place; the journal stands still
 * before it. */
enum yw_code yw_feed_read(struct yw_feed *f, size_t journal, size_t most, struct yw_batch *b, size_t *got,
                          bool *waits, struct yw_error *err);
/* After YW_E_CORRUPT: moves the journal behind the damage, so that what lies there is not lost too; *lost:
 * bytes between. Whoever calls it says so loudly. */
enum yw_code yw_feed_pass_over(struct yw_feed *f, size_t journal, struct yw_batch *b, uint64_t *lost,
                               struct yw_error *err);
/* Bytes committed in all journals and not yet read. */
uint64_t yw_feed_unread(struct yw_feed *f);

#endif
