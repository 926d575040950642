/* truth_events: which faults and frauds really acted during a series, as JSON: what an exercise is marked
 * against. */
#include "plants/truth_events.h"

#include <stdlib.h>
#include <string.h>

enum { SPANS_MOST = 100000 };

struct yw_truth_span { /* one stretch in which an event acted */
    char id[24];
    const struct yw_effect *effect;
    uint64_t quantities[2];
    int64_t from, until;
};

void yw_truth_events_init(struct yw_truth_events *t) {
    *t = (struct yw_truth_events){.n = 0};
}

void yw_truth_events_free(struct yw_truth_events *t) {
    free(t->spans);
    *t = (struct yw_truth_events){.n = 0};
}

static struct yw_truth_span *find(struct yw_truth_events *t, const struct yw_event *e, int64_t from,
                                  int64_t to) {
    for (size_t i = t->n; i-- > 0;) {
        struct yw_truth_span *x = &t->spans[i];
        if (x->until >= from && x->until <= to && x->effect == e->effect && strcmp(x->id, e->id) == 0)
            return x;
    }
    return NULL;
}

static struct yw_truth_span *grow(struct yw_truth_events *t) {
    if (t->n == SPANS_MOST) return NULL;
    if (t->n == t->room) {
        size_t room = t->room ? t->room * 2 : 64;
        struct yw_truth_span *more = realloc(t->spans, room * sizeof *more);
        if (!more) return NULL;
        t->spans = more, t->room = room;
    }
    return &t->spans[t->n++];
}

/* One step may be missing between days. */
bool yw_truth_events_add(struct yw_truth_events *t, const struct yw_effects_now *now, int64_t time,
                         int64_t step) {
    for (size_t i = 0; now && i < now->n; i++) {
        const struct yw_active *a = &now->items[i];
        const struct yw_event *e = a->event;
        struct yw_truth_span *x = find(t, e, time - step, time + step);
        if (!x) {
            if (!(x = grow(t))) return false;
            *x = (struct yw_truth_span){.effect = e->effect, .from = time};
            memcpy(x->id, e->id, sizeof x->id);
        }
        x->until = time + step;
        x->quantities[0] |= a->quantities[0], x->quantities[1] |= a->quantities[1];
    }
    return true;
}

/* ---- as JSON ---- */

static void put_text(struct yw_buf *b, const char *text) {
    yw_buf_putc(b, '"');
    for (const unsigned char *c = (const unsigned char *)text; *c; c++) {
        if (*c == '"' || *c == '\\')
            yw_buf_printf(b, "\\%c", *c);
        else if (*c < 0x20)
            yw_buf_printf(b, "\\u%04x", *c);
        else
            yw_buf_putc(b, (char)*c);
    }
    yw_buf_putc(b, '"');
}

static void put_both(struct yw_buf *b, const char *key, const char *zh, const char *en) {
    yw_buf_printf(b, ",\"%s\":{\"zh\":", key);
    put_text(b, zh);
    yw_buf_puts(b, ",\"en\":");
    put_text(b, en);
    yw_buf_putc(b, '}');
}

static void put_time(struct yw_buf *b, int64_t time) {
    char text[40];
    yw_time_text(time, text);
    yw_buf_printf(b, "\"%s\"", text);
}

static void put_quantities(struct yw_buf *b, const uint64_t set[2]) {
    bool first = true;
    yw_buf_puts(b, ",\"quantities\":[");
    for (unsigned q = 0; q < YW_Q_COUNT; q++) {
        if (!(set[q / 64] >> q % 64 & 1)) continue;
        yw_buf_printf(b, "%s\"%s\"", first ? "" : ",", yw_quantity_name((enum yw_quantity)q));
        first = false;
    }
    yw_buf_putc(b, ']');
}

static void put_event(struct yw_buf *b, const struct yw_truth_events *t, const struct yw_truth_span *first) {
    const struct yw_effect *e = first->effect;
    uint64_t all[2] = {0, 0};
    yw_buf_puts(b, "{\"id\":");
    put_text(b, first->id);
    yw_buf_puts(b, ",\"effect\":");
    put_text(b, e->id);
    yw_buf_printf(b, ",\"fraud\":%s", e->fraud ? "true" : "false");
    put_both(b, "name", e->name[0], e->name[1]);
    put_both(b, "signature", e->signature[0], e->signature[1]);
    put_both(b, "evidence", e->evidence[0], e->evidence[1]);
    yw_buf_puts(b, ",\"intervals\":[");
    for (const struct yw_truth_span *x = first; x < t->spans + t->n; x++) {
        if (x->effect != e || strcmp(x->id, first->id) != 0) continue;
        yw_buf_puts(b, x == first ? "[" : ",[");
        put_time(b, x->from);
        yw_buf_putc(b, ',');
        put_time(b, x->until);
        yw_buf_putc(b, ']');
        all[0] |= x->quantities[0], all[1] |= x->quantities[1];
    }
    yw_buf_putc(b, ']');
    put_quantities(b, all);
    yw_buf_putc(b, '}');
}

static bool is_first(const struct yw_truth_events *t, const struct yw_truth_span *x) {
    for (const struct yw_truth_span *y = t->spans; y < x; y++)
        if (y->effect == x->effect && strcmp(y->id, x->id) == 0) return false;
    return true;
}

bool yw_truth_events_put(const struct yw_truth_events *t, const struct yw_scenario *s, uint64_t seed,
                         int64_t start, int64_t end, struct yw_buf *b) {
    int64_t inspections[64];
    yw_buf_puts(b, "{\"scenario\":");
    put_text(b, s->id);
    put_both(b, "name", s->name, s->name_en);
    yw_buf_puts(b, ",\"note\":");
    put_text(b, s->note);
    yw_buf_printf(b, ",\"level\":%u,\"seed\":\"%llu\",\"from\":", s->level, (unsigned long long)seed);
    put_time(b, start);
    yw_buf_puts(b, ",\"until\":");
    put_time(b, end);
    yw_buf_puts(b, ",\"inspections\":[");
    size_t n = yw_inspections_of(s, seed, start, end - 1, inspections, YW_COUNT(inspections));
    for (size_t i = 0; i < n; i++) {
        if (i) yw_buf_putc(b, ',');
        put_time(b, inspections[i]);
    }
    yw_buf_puts(b, "],\"events\":[");
    bool comma = false;
    for (size_t i = 0; i < t->n; i++) {
        if (!is_first(t, &t->spans[i])) continue;
        if (comma) yw_buf_putc(b, ',');
        put_event(b, t, &t->spans[i]);
        comma = true;
    }
    yw_buf_puts(b, "]}\n");
    return !b->failed;
}
