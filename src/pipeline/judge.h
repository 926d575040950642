/* judge: the thread that keeps judge.db up to what the store and the register have. It reads by handles of
 * its own and is never waited for. */
#ifndef YW_PIPELINE_JUDGE_H
#define YW_PIPELINE_JUDGE_H

#include "pipeline/pipeline.h"

struct yw_judge_thread;
enum yw_code yw_judge_start(const char *data, struct yw_pipeline_live *live, struct yw_judge_thread **out,
                            struct yw_error *err);
/* Waits until the step at hand is done; until_idle: until all that is stored is judged. */
void yw_judge_stop(struct yw_judge_thread *t, bool until_idle);

#endif
