/* run: the pipeline at work. One thread reads and decodes, one writes the store, one seals blocks. */
#ifndef YW_PIPELINE_RUN_H
#define YW_PIPELINE_RUN_H

#include "pipeline/pipeline.h"

#include <stdatomic.h>

struct yw_pipeline_options {
    const char *data;
    const char *master_key; /* file; NULL or "": beside the data folder */
    const struct yw_store_backend *backend;
    bool until_idle;        /* end once all that is committed was stored (tests, bench) */
    bool full_sync;         /* sqlite: every commit is synced, not only once a second */
    bool seal;              /* seal blocks */
    bool judge;             /* keep judge.db; sqlite only */
    const atomic_int *stop; /* set by a signal: take what is committed, then end */
};
/* Ends with YW_OK when asked to stop; errors are those that make going on senseless (no data folder, no
 * memory). */
enum yw_code yw_pipeline_run(const struct yw_pipeline_options *o, struct yw_error *err);

#endif
