/* Owed records over any times, questions and rules: runs cover the range once, and the next question lies in
 * what is missing. */
#include <stdlib.h>
#include <string.h>

#include "gaps/gaps.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { SLOTS = 512 };

struct walk {
    int64_t at;
    uint32_t count[YW_GAP_STATES];
    int64_t step;
};
static bool check(void *arg, const struct yw_gap_run *r) {
    struct walk *w = arg;
    if (r->from != w->at || r->to <= r->from || r->state >= YW_GAP_STATES) abort();
    w->count[r->state] += (uint32_t)((r->to - r->from) / w->step);
    w->at = r->to;
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size < 48) return 0;
    struct yw_gap_slot slots[SLOTS];
    struct yw_gap_learn learn = {0};
    int64_t from = (int64_t)yw_get_u64(data), to = (int64_t)yw_get_u64(data + 8);
    struct yw_gaps g = {.step = (int64_t)yw_get_u32(data + 16) * YW_SECOND,
                        .since = (int64_t)yw_get_u64(data + 20),
                        .until = (int64_t)yw_get_u64(data + 28),
                        .tolerance = yw_get_u32(data + 36),
                        .tries_most = data[40]};
    int64_t now = from + (int64_t)yw_get_u32(data + 41) * YW_SECOND / 16;
    uint32_t most = data[45];
    size_t n = yw_gap_slot_count(g.step, from, to);
    if (n == 0 || n > SLOTS) return 0;
    yw_gaps_start(&g, from, to, slots);
    for (size_t i = 48; i + 17 <= size; i += 17) {
        int64_t a = (int64_t)yw_get_u64(data + i + 1), b = (int64_t)yw_get_u64(data + i + 9);
        if (data[i] & 8) a = from + a % (to - from); /* mostly near the range */
        if (data[i] & 16 && b > 0) b = a + b % (to - from);
        if (data[i] & 4) {
            yw_gaps_asked(&g, a, b, (enum yw_gap_answer)(data[i] & 3));
        } else {
            yw_gaps_have(&g, a, b, (data[i] & 1) != 0);
            if (a > -YW_GAP_FAR && a < YW_GAP_FAR) yw_gap_learn_time(&learn, a);
        }
    }
    if (yw_gap_learned(&learn) > YW_GAP_MINUTES_MAX) abort();
    yw_gaps_settle(&g, now);
    struct walk w = {.at = g.first, .step = g.step};
    yw_gaps_runs(&g, check, &w);
    if (w.at < to) abort();
    struct yw_gap_run q;
    bool ask = yw_gaps_next(&g, most, &q);
    if (ask != (most > 0 && w.count[YW_GAP_MISSING] > 0)) abort();
    if (ask) {
        uint32_t count[YW_GAP_STATES];
        yw_gaps_count(&g, q.from, q.to, count);
        if (count[YW_GAP_MISSING] != (q.to - q.from) / g.step || count[YW_GAP_MISSING] > most) abort();
    }
    return 0;
}
