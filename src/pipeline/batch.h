/* batch: what is committed together. Holds rows with everything they point to, up to a maximum. */
#ifndef YW_PIPELINE_BATCH_H
#define YW_PIPELINE_BATCH_H

#include "pipeline/fold.h"

enum {
    YW_BATCH_ROWS = 8192,
    YW_BATCH_VALUES = 256 << 10,
    YW_BATCH_TEXT = 4 << 20,
    YW_BATCH_WAITING = 4096,
    YW_BATCH_JOURNALS = 256, /* packet journals */
    YW_BATCH_ASKED = 512,
    YW_BATCH_STARTS = 256,
    YW_BATCH_TALLY = 8192 /* devices, days of devices, links, notices */
};

struct yw_batch {
    struct yw_row *rows;
    size_t rows_n;
    struct yw_value *values;
    size_t values_n;
    char *text;
    size_t text_n;
    struct yw_waiting *waiting;
    size_t waiting_n;
    struct yw_asked *asked; /* parts of commands */
    size_t asked_n;
    struct yw_source starts[YW_BATCH_STARTS]; /* of workers' lives */
    size_t starts_n;
    struct yw_tally tally;
    struct yw_checkpoint checkpoints[YW_BATCH_JOURNALS + 1]; /* of every journal read, that of acts too */
    size_t checkpoints_n;
    uint64_t packets;      /* records read, whatever came of them */
    int64_t first_arrival; /* of the first record read */
};

struct yw_batch *yw_batch_create(void); /* NULL: no memory */
void yw_batch_destroy(struct yw_batch *b);
void yw_batch_clear(struct yw_batch *b);
bool yw_batch_is_empty(const struct yw_batch *b); /* nothing was read */
bool yw_batch_is_full(const struct yw_batch *b);  /* the next record may not fit */
void yw_batch_row(struct yw_batch *b, const struct yw_row *row);
void yw_batch_asked(struct yw_batch *b, const struct yw_asked *a);
void yw_batch_start(struct yw_batch *b, const struct yw_source *s);
void yw_batch_waiting(struct yw_batch *b, const struct yw_waiting *w);
void yw_batch_reached(struct yw_batch *b, uint16_t journal, uint64_t position);

/* Puts a batch into the store and commits it. Rows that the store cannot keep (YW_E_RANGE, YW_E_LIMIT) are
 * counted in *refused; any other failure rolls back and comes back as error: try again with the same batch.
 */
enum yw_code yw_batch_commit(const struct yw_batch *b, const struct yw_store_backend *backend,
                             struct yw_store *store, uint64_t *refused, struct yw_error *err);

#endif
