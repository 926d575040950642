/* Commands: what the parts of one come to, in any order, and what state it is in. Pure. */
#include "command/command.h"
#include "command/dialog.h"
#include "store/rules.h"

#include <string.h>

/* A gateway takes a command up to its end, and what it journals is here a little later. */
#define STATE_GRACE (5 * YW_SECOND)

static const char *const state_names[] = {"waiting", "not_sent", "sent", "accepted", "ended", "unknown"};
static const char *const origin_names[] = {"", "person", "policy", "target"};

const char *yw_asked_state_name(enum yw_asked_state s) {
    return (size_t)s < YW_COUNT(state_names) ? state_names[s] : "unknown";
}

const char *yw_origin_name(uint8_t origin) {
    return origin < YW_COUNT(origin_names) ? origin_names[origin] : "";
}

bool yw_origin_parse(const char *name, uint8_t *out) {
    for (uint8_t i = 1; i < YW_COUNT(origin_names); i++) {
        if (strcmp(name, origin_names[i]) != 0) continue;
        *out = i;
        return true;
    }
    return false;
}

enum yw_asked_state yw_asked_state(const struct yw_asked *a, int64_t now) {
    if (a->ended.arrival != 0) return YW_ASKED_ENDED;
    if (a->lost) return YW_ASKED_UNKNOWN;
    if (a->first.arrival == 0)
        return a->valid_until != 0 && now > a->valid_until + STATE_GRACE ? YW_ASKED_NOT_SENT
                                                                         : YW_ASKED_WAITING;
    bool accepted = a->accepted.arrival != 0;
    /* Uploads move the end: only the longest that a dialog lasts is sure. */
    int64_t until = accepted && a->answer == YW_ANSWER_UPLOADS
                        ? a->first.arrival + YW_DIALOG_LONGEST_S * YW_SECOND
                        : a->until;
    if (until != 0 && now > until + STATE_GRACE) return YW_ASKED_UNKNOWN;
    return accepted ? YW_ASKED_ACCEPTED : YW_ASKED_SENT;
}

struct yw_asked yw_asked_part(int64_t id) {
    return (struct yw_asked){.id = id, .qnrtn = -1, .exertn = -1};
}

bool yw_asked_clock(const struct yw_asked *a, int64_t *ms) {
    static const char name[] = "SystemTime=";
    int64_t clock;
    if (a->cn != 1011 || a->answer_n == 0 || a->sent.arrival == 0) return false;
    const char *from = strstr(a->answer_cp, name);
    if (!from) return false;
    from += sizeof name - 1;
    if (!yw_time_parse(from, strspn(from, "0123456789"), &clock)) return false;
    int64_t asked = a->sent.arrival, answered = a->answers[0].arrival;
    if (asked > answered) asked = answered; /* sent once more while the answer was under way */
    *ms = (clock - asked - (answered - asked) / 2) / 1000;
    return *ms >= -(YW_DAY / 1000) && *ms <= YW_DAY / 1000;
}

/* ---- merging ---- */

static void take_text(char *into, const char *more, size_t size) {
    /* Only damaged journals say two things: then the greater one, whichever comes first. */
    if (strcmp(more, into) > 0) memcpy(into, more, size);
}

#define TAKE_TEXT(field) take_text(into->field, more->field, sizeof into->field)
#define TAKE_MOST(field)                                                                                     \
    if (more->field > into->field) into->field = more->field

static void take_first(struct yw_source *into, const struct yw_source *more) {
    if (more->arrival != 0 && (into->arrival == 0 || yw_source_compare(more, into) < 0)) *into = *more;
}

static void take_last(struct yw_source *into, const struct yw_source *more) {
    if (more->arrival != 0 && yw_source_compare(more, into) > 0) *into = *more;
}

/* The first end counts, with all it says. */
static void take_end(struct yw_asked *into, const struct yw_asked *more) {
    int order = into->ended.arrival == 0 ? 1 : yw_source_compare(&into->ended, &more->ended);
    if (more->ended.arrival == 0 || order < 0) return;
    if (order > 0) {
        into->outcome = 0;
        into->exertn = -1;
    }
    into->ended = more->ended;
    TAKE_MOST(outcome);
    TAKE_MOST(exertn);
}

static void take_answer(struct yw_asked *into, const struct yw_source *answer, const char *cp) {
    enum { MOST = YW_COUNT(into->answers) };
    size_t at = 0;
    while (at < into->answer_n && yw_source_compare(&into->answers[at], answer) < 0) at++;
    if (at == MOST) return;
    bool there = at < into->answer_n && yw_source_compare(&into->answers[at], answer) == 0;
    if (!there) {
        size_t behind = into->answer_n - at;
        if (into->answer_n == MOST) behind--;
        memmove(&into->answers[at + 1], &into->answers[at], behind * sizeof *answer);
        into->answers[at] = *answer;
        if (into->answer_n < MOST) into->answer_n++;
    }
    if (at != 0) return;
    if (there)
        take_text(into->answer_cp, cp, sizeof into->answer_cp);
    else
        memcpy(into->answer_cp, cp, sizeof into->answer_cp);
}

void yw_asked_merge(struct yw_asked *into, const struct yw_asked *more) {
    TAKE_MOST(device);
    TAKE_MOST(outlet);
    TAKE_MOST(cn);
    TAKE_MOST(version);
    TAKE_MOST(flow);
    TAKE_MOST(answer);
    TAKE_MOST(origin);
    TAKE_TEXT(qn);
    TAKE_TEXT(by);
    TAKE_TEXT(key);
    TAKE_TEXT(cp);
    TAKE_TEXT(reason);
    TAKE_TEXT(target);
    TAKE_MOST(at);
    TAKE_MOST(valid_until);
    TAKE_MOST(from);
    TAKE_MOST(to);
    TAKE_MOST(until);
    TAKE_MOST(attempts);
    TAKE_MOST(qnrtn);
    TAKE_MOST(uploads);
    take_last(&into->sent, &more->sent);
    take_first(&into->first, &more->first);
    take_first(&into->accepted, &more->accepted);
    take_end(into, more);
    static const char nothing[sizeof into->answer_cp];
    for (size_t i = 0; i < more->answer_n && i < YW_COUNT(more->answers); i++)
        take_answer(into, &more->answers[i], i == 0 ? more->answer_cp : nothing);
}

bool yw_asked_is_lost(const struct yw_asked *a, const struct yw_source *start) {
    return a->ended.arrival == 0 && a->first.arrival != 0 && start->arrival != 0 &&
           a->first.journal == start->journal && a->first.position < start->position;
}

bool yw_asked_fits(const struct yw_asked *a, const struct yw_asked_filter *f) {
    if (a->cn == 0) return false; /* its act was not read yet */
    if (f->device != 0 && a->device != f->device) return false;
    if (f->outlet != 0 && a->outlet != f->outlet) return false;
    if (f->cn != 0 && a->cn != f->cn) return false;
    if (f->id != 0 && a->id != f->id) return false;
    if (f->before != 0 && a->id >= f->before) return false;
    if (a->at < f->since) return false;
    return !f->open || (a->ended.arrival == 0 && !a->lost);
}
