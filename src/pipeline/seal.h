/* seal: the thread that turns what the journals' owners wrote into compressed blocks. It takes only the time
 * that nobody else wants; while it lags behind, segments stay. */
#ifndef YW_PIPELINE_SEAL_H
#define YW_PIPELINE_SEAL_H

#include "pipeline/pipeline.h"

struct yw_seal;
enum yw_code yw_seal_start(const char *data, struct yw_pipeline_live *live, struct yw_seal **out,
                           struct yw_error *err);
void yw_seal_stop(struct yw_seal *s);

#endif
