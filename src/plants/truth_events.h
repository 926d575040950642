/* truth_events: which faults and frauds really acted during a series. */
#ifndef YW_PLANTS_TRUTH_EVENTS_H
#define YW_PLANTS_TRUTH_EVENTS_H

#include "plants/process.h"

struct yw_truth_span;
struct yw_truth_events {
    struct yw_truth_span *spans;
    size_t n, room;
};
void yw_truth_events_init(struct yw_truth_events *t);
void yw_truth_events_free(struct yw_truth_events *t);
/* What acts in [time, time + step). False: no memory, or too many. */
bool yw_truth_events_add(struct yw_truth_events *t, const struct yw_effects_now *now, int64_t time,
                         int64_t step);
/* Events with their stretches, texts and quantities, and the inspections, as one JSON object. */
bool yw_truth_events_put(const struct yw_truth_events *t, const struct yw_scenario *s, uint64_t seed,
                         int64_t start, int64_t end, struct yw_buf *b);

#endif
