/* Slots of an outlet filled from the store: what is owed since when, what came, what was asked. */
#include "web/gaps_look.h"

#include "web/commands.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { TRIES_USUAL = 4, FRESH_MOST = 16 };
#define LEARN_SPAN (2 * YW_DAY)
#define LONG_AGO   (INT64_C(946656000) * YW_SECOND) /* 2000-01-01: no data time is older */

uint16_t yw_gap_cn(enum yw_kind kind) {
    switch (kind) {
    case YW_KIND_MINUTE:
        return 2051;
    case YW_KIND_HOUR:
        return 2061;
    case YW_KIND_DAY:
        return 2031;
    case YW_KIND_RUNTIME:
        return 2041;
    default:
        return 0;
    }
}

void yw_gap_outlet_of(const struct yw_register *r, uint32_t outlet, struct yw_gap_outlet *out) {
    const struct yw_device *d[16];
    size_t n = yw_register_devices_of(r, outlet, d, YW_COUNT(d));
    int64_t usual = yw_register_policy(r, "gap_policy", 2),
            tries = yw_register_policy(r, "gap_tries", TRIES_USUAL);
    *out = (struct yw_gap_outlet){.outlet = outlet,
                                  .tries = (uint8_t)(tries < 1     ? 1
                                                     : tries > 100 ? 100
                                                                   : tries)};
    for (size_t i = 0; i < n && out->device_n < YW_GAP_DEVICES_MAX; i++) {
        if (d[i]->state != YW_DEVICE_ADMITTED) continue;
        if (out->minutes == 0) out->minutes = d[i]->min_interval_min;
        out->devices[out->device_n].id = d[i]->id;
        out->devices[out->device_n].rtd_interval_s = d[i]->rtd_interval_s;
        out->devices[out->device_n++].ask = (d[i]->gap_policy != 0 ? d[i]->gap_policy : usual) == 2;
    }
}

/* ---- since when, and how often ---- */

struct first {
    int64_t any, live; /* 0: none */
};
static bool first_time(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    struct first *f = arg;
    YW_UNUSED(arrival);
    if (f->any == 0) f->any = time;
    if ((flags & YW_ROW_BACKFILLED) == 0) f->live = time;
    return f->live == 0;
}

/* The first live record of a kind: what was added later, from before it, makes nothing owed. */
static enum yw_code first_of(struct yw_store *store, uint32_t outlet, enum yw_kind kind, int64_t to,
                             int64_t *out, struct yw_error *err) {
    struct first f = {0};
    enum yw_code code = yw_store_sqlite.times(store, outlet, kind, LONG_AGO, to, first_time, &f, err);
    *out = f.live != 0 ? f.live : f.any;
    return code;
}

static bool learn_time(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    YW_UNUSED(arrival), YW_UNUSED(flags);
    yw_gap_learn_time(arg, time);
    return true;
}

static enum yw_code step_of(struct yw_web *w, struct yw_store *store, const struct yw_gap_outlet *o,
                            enum yw_kind kind, int64_t *step, struct yw_error *err) {
    *step = kind == YW_KIND_HOUR ? YW_HOUR : kind == YW_KIND_MINUTE ? o->minutes * YW_MINUTE : YW_DAY;
    if (*step != 0) return YW_OK;
    struct yw_outlet_state s;
    yw_states_get(w->states, o->outlet, &s);
    int64_t last = s.last_time[kind];
    if (last == 0) return YW_OK;
    struct yw_gap_learn learn = {0};
    enum yw_code code =
        yw_store_sqlite.times(store, o->outlet, kind, last - LEARN_SPAN, last + 1, learn_time, &learn, err);
    *step = yw_gap_learned(&learn) * YW_MINUTE;
    return code;
}

/* Fills since and until; since INT64_MAX: nothing is owed. */
static enum yw_code owed(struct yw_store *store, const struct yw_gap_outlet *o, enum yw_kind kind,
                         int64_t now, struct yw_gaps *g, struct yw_error *err) {
    int64_t first, real = 0;
    enum yw_code code = first_of(store, o->outlet, kind, now, &first, err);
    /* An interval that was said makes minute records owed from the first sign of life on. */
    if (code == YW_OK && kind == YW_KIND_MINUTE && o->minutes != 0)
        code = first_of(store, o->outlet, YW_KIND_REAL, now, &real, err);
    if (first == 0 || (real != 0 && real < first)) first = real;
    g->since = first != 0 ? yw_gap_slot_start(g->step, first) : INT64_MAX;
    /* Nobody is left who could owe. */
    g->until = o->device_n > 0 ? INT64_MAX : 0;
    return code;
}

/* ---- what came and what was asked ---- */

static bool have_time(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    yw_gaps_have(arg, time, arrival, (flags & YW_ROW_BACKFILLED) != 0);
    return true;
}

enum yw_gap_answer yw_gap_answer_of(const struct yw_asked *a, int64_t now) {
    switch (yw_asked_state(a, now)) {
    case YW_ASKED_WAITING:
    case YW_ASKED_SENT:
    case YW_ASKED_ACCEPTED:
        return YW_GAP_OPEN;
    case YW_ASKED_NOT_SENT:
        return YW_GAP_UNSENT;
    case YW_ASKED_ENDED:
        return a->outcome == YW_OUTCOME_DONE || a->outcome == YW_OUTCOME_NO_DATA ? YW_GAP_ANSWERED
                                                                                 : YW_GAP_UNANSWERED;
    case YW_ASKED_UNKNOWN:
        break;
    }
    return YW_GAP_UNANSWERED;
}

struct taking {
    struct yw_gap_look *look;
    uint16_t cn;
    int64_t now;
};

static bool take_question(void *arg, const struct yw_asked *a) {
    struct taking *t = arg;
    struct yw_gap_look *l = t->look;
    int64_t end = l->gaps.first + (int64_t)l->gaps.n * l->gaps.step;
    if (a->cn != t->cn || a->to < a->from || a->from == 0 || a->to < l->gaps.first || a->from >= end)
        return true;
    enum yw_gap_answer answer = yw_gap_answer_of(a, t->now);
    yw_gaps_asked(&l->gaps, a->from, a->to, answer);
    if (l->question_n < YW_GAP_QUESTIONS_MAX) {
        l->questions[l->question_n++] =
            (struct yw_gap_question){.id = a->id, .from = a->from, .to = a->to, .answer = answer};
    }
    return true;
}

/* Those in the store, and those that the pipeline has not seen yet. */
static enum yw_code take_questions(struct yw_web *w, struct yw_store *store, uint32_t outlet,
                                   struct taking *t, struct yw_error *err) {
    struct yw_gap_look *l = t->look;
    l->questions = malloc(YW_GAP_QUESTIONS_MAX * sizeof *l->questions);
    struct yw_asked *fresh = malloc(FRESH_MOST * sizeof *fresh);
    enum yw_code code = YW_OK;
    if (l->questions == NULL || fresh == NULL) {
        code = yw_fail(err, YW_E_NOMEM, "gaps: out of memory");
    } else {
        /* Nobody asks for what has not been measured yet. */
        struct yw_asked_filter f = {.outlet = outlet, .cn = t->cn, .since = l->gaps.first};
        code = yw_store_sqlite.commands(store, &f, YW_GAP_QUESTIONS_MAX, take_question, t, err);
        size_t n = w->commands == NULL ? 0 : yw_commands_fresh(w->commands, 0, outlet, fresh, FRESH_MOST);
        for (size_t i = 0; i < n; i++) {
            bool known = false;
            for (size_t k = 0; k < l->question_n; k++) known = known || l->questions[k].id == fresh[i].id;
            if (!known) (void)take_question(t, &fresh[i]);
        }
    }
    free(fresh);
    return code;
}

enum yw_code yw_gap_look(struct yw_web *w, struct yw_store *store, const struct yw_gap_outlet *o,
                         enum yw_kind kind, int64_t from, int64_t to, int64_t now, struct yw_gap_look *out,
                         struct yw_error *err) {
    *out = (struct yw_gap_look){0};
    struct yw_gaps *g = &out->gaps;
    int64_t step;
    enum yw_code code = step_of(w, store, o, kind, &step, err);
    if (code != YW_OK || step == 0) return code;
    g->step = step;
    g->tolerance = kind == YW_KIND_MINUTE ? step + 10 * YW_MINUTE
                   : kind == YW_KIND_HOUR ? YW_HOUR
                                          : 6 * YW_HOUR;
    g->tries_most = o->tries;
    size_t n = yw_gap_slot_count(step, from, to);
    if (n == 0) {
        g->step = 0;
        return yw_fail(err, YW_E_RANGE, "from, to: more than %d records, or none", YW_GAP_SLOTS_MAX);
    }
    struct yw_gap_slot *slots = malloc(n * sizeof *slots);
    if (slots == NULL) return yw_fail(err, YW_E_NOMEM, "gaps: out of memory");
    yw_gaps_start(g, from, to, slots);
    code = owed(store, o, kind, now, g, err);
    int64_t end = g->first + (int64_t)n * step;
    if (code == YW_OK) code = yw_store_sqlite.times(store, o->outlet, kind, g->first, end, have_time, g, err);
    struct taking t = {.look = out, .cn = yw_gap_cn(kind), .now = now};
    if (code == YW_OK) code = take_questions(w, store, o->outlet, &t, err);
    yw_gaps_settle(g, now);
    return code;
}

void yw_gap_look_free(struct yw_gap_look *l) {
    free(l->gaps.slots);
    free(l->questions);
    *l = (struct yw_gap_look){0};
}
