/* How far the pipeline is, from the page it shares. */
#include "web/web_int.h"

#include "pipeline/pipeline.h"

#include <stdatomic.h>

static uint64_t counter(const struct yw_pipeline_live *l, unsigned which) {
    return atomic_load_explicit(&l->counter[which], memory_order_relaxed);
}

void yw_put_pipeline(struct yw_request *q) {
    static const char *const states[] = {"running", "disk_full", "failing", "damaged", "waiting"};
    static const struct {
        unsigned counter;
        const char *name;
    } shown[] = {
#define X(id, name, text) {YW_PL_##id, name},
        YW_PIPELINE_COUNTER_TABLE(X)
#undef X
    };
    struct yw_buf *b = &q->out;
    const struct yw_pipeline_live *l = yw_pipeline_live_open(q->web->data, NULL);
    if (l == NULL) {
        yj_null(b);
        return;
    }
    uint64_t state = counter(l, YW_PL_STATE);
    yj_open(b, '{');
    yj_put_text(b, "state", state < YW_COUNT(states) ? states[state] : "failing");
    yj_put_time(b, "started", atomic_load(&l->started));
    yj_put_time(b, "updated", atomic_load(&l->updated));
    yj_put_time(b, "oldest", atomic_load(&l->oldest));
    for (size_t i = 1; i < YW_COUNT(shown); i++)
        yj_put_i64(b, shown[i].name, (int64_t)counter(l, shown[i].counter));
    yj_close(b, '}');
    yw_pipeline_live_close(l);
}
