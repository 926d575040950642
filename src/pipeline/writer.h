/* writer: the thread that owns the store. Takes one batch at a time; between batches it syncs and tidies. */
#ifndef YW_PIPELINE_WRITER_H
#define YW_PIPELINE_WRITER_H

#include "pipeline/batch.h"

struct yw_writer;
enum yw_code yw_writer_start(const struct yw_store_backend *backend, struct yw_store *store,
                             struct yw_pipeline_live *live, struct yw_writer **out, struct yw_error *err);
/* An empty batch to fill: NULL while both are on their way. */
struct yw_batch *yw_writer_batch(struct yw_writer *w);
/* Is the writer without work? Then a batch should be handed over however small it is. */
bool yw_writer_is_idle(struct yw_writer *w);
void yw_writer_put(struct yw_writer *w, struct yw_batch *b); /* at most one waits; yw_writer_batch gave it */
/* Waits until all is committed and synced, or until a failing store was tried `tries` more times. Ends the
 * thread. */
void yw_writer_stop(struct yw_writer *w, unsigned tries);

#endif
