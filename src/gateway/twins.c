/* Which of two links that claim one MN is believed, and when that is an alarm. */
#include "gateway/twins.h"

static bool alarm_due(struct twin_state *s, int64_t now) {
    if (s->told_at != 0 && now - s->told_at < TWIN_TELL_S * YW_SECOND) return false;
    s->told_at = now;
    return true;
}

static void move(struct twin_state *s, const struct twin_link *to) {
    s->before = s->now;
    s->now = *to;
    s->since = to->heard;
    s->turns++;
}

/* A device may have given up a link that had been quiet for long and then use it once more; so a link that
 * was not heard shortly before the other came must return twice. */
static bool proven(const struct twin_state *s) {
    return s->turns > 1 || s->since - s->before.heard < TWIN_FRESH_S * YW_SECOND;
}

static enum twin_verdict refuse(struct twin_state *s, const struct twin_facts *f, bool *tell) {
    *tell = alarm_due(s, f->from.heard);
    return TWIN_REFUSED;
}

enum twin_verdict twins_judge(struct twin_state *s, const struct twin_facts *f, bool *tell,
                              struct twin_link *other) {
    const struct twin_link *from = &f->from;
    bool same = s->now.serial == from->serial;
    /* of a link elsewhere nobody knows whether a third one is older */
    bool older = twin_is_elsewhere(&s->now) ? s->before.serial == from->serial : from->serial < s->now.serial;
    bool returns = s->before.serial == from->serial && older && f->from_lives;
    *tell = false;
    *other = same ? (struct twin_link){0} : s->now;
    if (f->policy == TWIN_PEERS && !f->peer_fits) return refuse(s, f, tell);
    if (same) {
        s->now = *from;
        return TWIN_FINE;
    }
    if (!f->now_lives && (!returns || twin_is_elsewhere(&s->now))) { /* the device came back */
        *s = (struct twin_state){.now = *from, .told_at = s->told_at};
        return TWIN_FINE;
    }
    if (s->kept && f->now_lives && f->policy == TWIN_FIRST) return refuse(s, f, tell);
    if (older && !f->from_lives) return TWIN_FINE; /* what was still unread when the device left this link */
    s->kept = false;
    if (s->before.serial != from->serial) { /* a third one, or the second for the first time */
        s->turns = 0;
        s->first = s->now.serial;
        move(s, from);
        return TWIN_FINE;
    }
    bool seen = proven(s);
    if (seen && f->policy == TWIN_FIRST) s->kept = true;
    if (s->kept && from->serial != s->first) return refuse(s, f, tell);
    move(s, from);
    if (!seen) return TWIN_FINE;
    *tell = alarm_due(s, from->heard);
    return TWIN_SEEN;
}

void twins_elsewhere(struct twin_state *s, const struct twin_claim *c, bool now_lives) {
    const struct twin_link there = {.serial = TWIN_ELSEWHERE(c->worker), .heard = c->heard};
    if (c->told) s->told_at = c->heard;
    if (s->now.serial == there.serial) {
        s->now = there;
        s->kept |= c->kept;
        return;
    }
    if (!now_lives || (s->kept && !c->kept))
        return; /* the device left here before; or this worker keeps it */
    if (s->before.serial != there.serial) {
        s->turns = 0;
        s->first = s->now.serial;
    }
    move(s, &there);
    s->kept = c->kept;
    if (s->kept) s->first = there.serial;
}
