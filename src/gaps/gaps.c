/* Slots of records owed: marked by what came and what was asked, read as runs and as the next question. */
#include "gaps/gaps.h"

#include <string.h>

const char *yw_gap_state_name(uint8_t state) {
    static const char *const names[YW_GAP_STATES] = {"none", "received", "late",    "backfilled",
                                                     "due",  "asked",    "missing", "lost"};
    return state < YW_GAP_STATES ? names[state] : "";
}

int64_t yw_gap_slot_start(int64_t step, int64_t time) {
    int64_t civil = time + YW_CHINA, into = civil % step;
    if (into < 0) into += step;
    return time - into;
}

size_t yw_gap_slot_count(int64_t step, int64_t from, int64_t to) {
    if (step < YW_SECOND || step > YW_GAP_FAR || from < -YW_GAP_FAR || to > YW_GAP_FAR || to <= from)
        return 0;
    int64_t n = (to - yw_gap_slot_start(step, from) + step - 1) / step;
    return n <= YW_GAP_SLOTS_MAX ? (size_t)n : 0;
}

void yw_gaps_start(struct yw_gaps *g, int64_t from, int64_t to, struct yw_gap_slot *slots) {
    g->first = yw_gap_slot_start(g->step, from);
    g->n = yw_gap_slot_count(g->step, from, to);
    g->slots = slots;
    memset(slots, 0, g->n * sizeof *slots);
}

static int64_t slot_time(const struct yw_gaps *g, size_t i) {
    return g->first + (int64_t)i * g->step;
}

/* The first slot that begins at or behind time, at most n. */
static size_t slot_from(const struct yw_gaps *g, int64_t time) {
    if (time <= g->first) return 0;
    if (time >= slot_time(g, g->n)) return g->n;
    return (size_t)((time - g->first + g->step - 1) / g->step);
}

void yw_gaps_have(struct yw_gaps *g, int64_t time, int64_t arrival, bool backfilled) {
    if (time < g->first || time >= slot_time(g, g->n)) return;
    struct yw_gap_slot *s = &g->slots[(time - g->first) / g->step];
    int64_t end = yw_gap_slot_start(g->step, time) + g->step;
    uint8_t state = backfilled                     ? YW_GAP_BACKFILLED
                    : arrival > end + g->tolerance ? YW_GAP_LATE
                                                   : YW_GAP_RECEIVED;
    if (s->state == YW_GAP_NONE || state < s->state) s->state = state;
}

static void count_up(uint8_t *counter) {
    if (*counter < UINT8_MAX) (*counter)++;
}

void yw_gaps_asked(struct yw_gaps *g, int64_t from, int64_t to, enum yw_gap_answer answer) {
    if (answer == YW_GAP_UNSENT || to < from || to == INT64_MAX) return;
    for (size_t i = slot_from(g, from), end = slot_from(g, to + 1); i < end; i++) {
        struct yw_gap_slot *s = &g->slots[i];
        count_up(answer == YW_GAP_OPEN ? &s->open : answer == YW_GAP_ANSWERED ? &s->empty : &s->tries);
    }
}

void yw_gaps_settle(struct yw_gaps *g, int64_t now) {
    for (size_t i = 0; i < g->n; i++) {
        struct yw_gap_slot *s = &g->slots[i];
        int64_t begin = slot_time(g, i);
        if (s->state != YW_GAP_NONE || begin < g->since || begin >= g->until) continue;
        if (now <= begin + g->step + g->tolerance) {
            /* What has not begun is nobody's debt yet. */
            s->state = begin <= now ? YW_GAP_DUE : YW_GAP_NONE;
        } else if (s->open > 0) {
            s->state = YW_GAP_ASKED;
        } else if (s->empty >= YW_GAP_EMPTY_MOST || s->tries >= g->tries_most) {
            s->state = YW_GAP_LOST;
        } else {
            s->state = YW_GAP_MISSING;
        }
    }
}

void yw_gaps_runs(const struct yw_gaps *g, bool (*each)(void *arg, const struct yw_gap_run *r), void *arg) {
    for (size_t i = 0; i < g->n;) {
        size_t end = i + 1;
        while (end < g->n && g->slots[end].state == g->slots[i].state) end++;
        struct yw_gap_run run = {
            .from = slot_time(g, i), .to = slot_time(g, end), .state = g->slots[i].state};
        if (!each(arg, &run)) return;
        i = end;
    }
}

void yw_gaps_count(const struct yw_gaps *g, int64_t from, int64_t to, uint32_t out[YW_GAP_STATES]) {
    memset(out, 0, YW_GAP_STATES * sizeof *out);
    for (size_t i = slot_from(g, from), end = slot_from(g, to); i < end; i++) out[g->slots[i].state]++;
}

bool yw_gaps_next(const struct yw_gaps *g, uint32_t records, struct yw_gap_run *out) {
    size_t end = g->n;
    while (end > 0 && g->slots[end - 1].state != YW_GAP_MISSING) end--;
    if (end == 0 || records == 0) return false;
    size_t begin = end - 1;
    while (begin > 0 && end - begin < records && g->slots[begin - 1].state == YW_GAP_MISSING) begin--;
    *out = (struct yw_gap_run){.from = slot_time(g, begin), .to = slot_time(g, end), .state = YW_GAP_MISSING};
    return true;
}

int64_t yw_gaps_patience(uint32_t failures, int64_t ended) {
    static const int64_t wait[YW_GAP_BACKOFFS] = {10 * YW_MINUTE, YW_HOUR, 6 * YW_HOUR};
    if (failures == 0) return ended;
    return ended + wait[failures <= YW_GAP_BACKOFFS ? failures - 1 : YW_GAP_BACKOFFS - 1];
}

void yw_gap_learn_time(struct yw_gap_learn *l, int64_t time) {
    if (l->begun && time > l->last && time - l->last < 2 * YW_DAY) {
        int64_t minutes = (time - l->last + YW_MINUTE / 2) / YW_MINUTE;
        if (minutes >= 1 && minutes <= YW_GAP_MINUTES_MAX && l->n < UINT32_MAX) {
            l->count[minutes]++;
            l->n++;
        }
    }
    l->last = time;
    l->begun = true;
}

uint16_t yw_gap_learned(const struct yw_gap_learn *l) {
    uint16_t best = 0;
    for (uint16_t m = 1; m <= YW_GAP_MINUTES_MAX; m++) {
        if (l->count[m] > l->count[best]) best = m;
    }
    /* At least a third of all: a device that sends as it pleases owes nothing by the clock. */
    return best != 0 && l->count[best] >= 3 && l->count[best] >= l->n / 3 ? best : 0;
}
