/* Alarms of what no verdict says: outlets from which nothing comes, and clocks that are off. */
#include "web/alarms.h"

#include "register/marks.h"
#include "web/clock.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
    CLOCKS_MOST = 20000,
    OURS_LEAST = 20 /* outlets known, from which on it may be the platform's own network */
};

/* The newest alarm of an outlet and kind; live ones have no factor, basis and period. */
static struct yw_alarm *newest(const struct yw_web *w, uint32_t outlet, uint8_t kind) {
    struct yw_episode key = {.outlet = outlet, .kind = kind};
    return yw_alarms_of(w->alarms, &key, NULL);
}

static void commit(struct yw_web *w, const struct yw_register *r, struct yw_alarm_entry *e) {
    struct yw_error err = {0};
    if (yw_alarms_commit(w, e, 1, &err) != YW_OK) {
        yw_log(YW_LOG_ERROR, "alarms: %s", err.text);
        return;
    }
    const struct yw_alarm *a = yw_alarms_find(w->alarms, e->number);
    if (a != NULL) yw_alarm_tell(w, r, a, e->has_step ? e->step.kind : YW_STEP_COUNT);
}

static void raise_live(struct yw_web *w, const struct yw_register *r, const struct yw_episode *e,
                       int64_t now) {
    struct yw_alarm_rule rule;
    struct yw_alarm_entry to = {.has_step = true, .has_episode = true, .episode = *e};
    yw_alarm_rule_of(r, e->kind, NAN, &rule);
    if (rule.severity == 0) return;
    to.episode.severity = rule.severity;
    to.step.kind = YW_STEP_RAISE;
    to.step.at = now;
    memcpy(to.step.by, YW_ALARM_PLATFORM, sizeof YW_ALARM_PLATFORM);
    const char *home = yw_alarm_home(r, e->outlet);
    (void)yw_copy(to.step.unit, sizeof to.step.unit, home, strlen(home));
    commit(w, r, &to);
}

static void end_live(struct yw_web *w, const struct yw_register *r, const struct yw_alarm *a, int64_t to) {
    struct yw_alarm_entry e = {.id = a->id, .has_episode = true, .episode = a->episode};
    memcpy(e.number, a->number, sizeof e.number);
    if (to > e.episode.to) e.episode.to = to;
    e.episode.open = false;
    commit(w, r, &e);
}

/* ---- nothing comes ---- */

struct silence {
    uint32_t outlet;
    int64_t last; /* arrival */
    bool silent;
};

static int64_t patience(const struct yw_register *r, uint32_t outlet, int64_t setting) {
    const struct yw_device *d[16];
    size_t n = yw_register_devices_of(r, outlet, d, YW_COUNT(d));
    int64_t most = setting;
    for (size_t i = 0; i < n; i++) {
        int64_t three = 3 * (int64_t)d[i]->rtd_interval_s * YW_SECOND;
        if (d[i]->state == YW_DEVICE_ADMITTED && three > most) most = three;
    }
    return most;
}

static bool has_device(const struct yw_register *r, uint32_t outlet) {
    const struct yw_device *d[16];
    size_t n = yw_register_devices_of(r, outlet, d, YW_COUNT(d));
    for (size_t i = 0; i < n; i++) {
        if (d[i]->state == YW_DEVICE_ADMITTED) return true;
    }
    return false;
}

static bool stands_still(void *arg, const struct yw_mark_row *m) {
    bool *marked = arg;
    *marked = *marked || (m->is_condition ? m->value == YW_COND_STOPPED
                                          : m->value == YW_EQUIP_COMMUNICATION || m->value == YW_EQUIP_POWER);
    return !*marked;
}

/* In a marked period silence raises nothing; what is open waits. */
static bool is_suppressed(const struct yw_register *r, uint32_t outlet, int64_t now) {
    bool marked = false;
    yw_register_marks(r, outlet, now, now + 1, false, stands_still, &marked);
    return marked;
}

static void settle(struct yw_web *w, const struct silence *s, int64_t now) {
    const struct yw_register *r = yw_acts_lock_alone(w->acts);
    struct yw_alarm *a = newest(w, s->outlet, YW_VERDICT_SILENT);
    bool known = a != NULL && a->episode.from == s->last;
    if (a != NULL && a->episode.open && !known) end_live(w, r, a, s->last);
    if (s->silent && known) a->episode.to = now;
    if (s->silent && !known && !is_suppressed(r, s->outlet, now))
        raise_live(w, r,
                   &(struct yw_episode){.outlet = s->outlet,
                                        .kind = YW_VERDICT_SILENT,
                                        .from = s->last,
                                        .to = now,
                                        .open = true,
                                        .points = 1,
                                        .worst = NAN,
                                        .held = NAN,
                                        .multiple = NAN,
                                        .worst_at = s->last},
                   now);
    yw_acts_unlock(w->acts);
}

void yw_alarm_silence(struct yw_web *w, int64_t now) {
    const struct yw_register *r = yw_acts_lock(w->acts);
    size_t n, known = 0, silent = 0, settled = 0;
    int64_t setting = yw_policy_of(r, "alarm_silent_s") * YW_SECOND;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    struct silence *s = calloc(n + 1, sizeof *s);
    for (size_t i = 0; s != NULL && i < n; i++) {
        struct yw_outlet_state state;
        yw_states_get(w->states, o[i].id, &state);
        if (state.last_arrival == 0 || !has_device(r, o[i].id)) continue;
        /* While the platform itself was down nothing could come. */
        int64_t since = state.last_arrival > w->started ? state.last_arrival : w->started;
        bool is_silent = now - since > patience(r, o[i].id, setting);
        const struct yw_alarm *a = newest(w, o[i].id, YW_VERDICT_SILENT);
        known++;
        silent += is_silent;
        bool of_interest =
            is_silent || (a != NULL && a->episode.open && a->episode.from != state.last_arrival);
        if (of_interest) s[settled++] = (struct silence){o[i].id, state.last_arrival, is_silent};
    }
    yw_acts_unlock(w->acts);
    /* So many at a time: rather the platform's own network than theirs. */
    bool ours = known >= OURS_LEAST && silent * 2 > known;
    for (size_t i = 0; i < settled; i++) {
        if (!ours || !s[i].silent) settle(w, &s[i], now);
    }
    free(s);
}

/* ---- clocks ---- */

struct clocks {
    const struct yw_web *web;
    const struct yw_register *reg;
    struct off {
        uint32_t outlet;
        bool beyond;
        double seconds, limit;
    } at[CLOCKS_MOST];
    size_t n, beyond, known;
};

static bool take_clock(void *arg, const struct yw_device_day *day) {
    struct clocks *c = arg;
    struct yw_clock_rule rule;
    const struct yw_device *d = yw_register_device(c->reg, day->device);
    if (d == NULL || d->state != YW_DEVICE_ADMITTED || d->outlet == 0) return true;
    yw_clock_rule_of(c->reg, d, &rule);
    struct yw_skew s = yw_clock_skew(day, 0);
    if (!s.known) return true;
    bool beyond = yw_clock_beyond(&s, &rule);
    c->known++;
    c->beyond += beyond;
    const struct yw_alarm *a = newest(c->web, d->outlet, YW_VERDICT_CLOCK);
    if (!beyond && (a == NULL || !a->episode.open)) return true;
    c->at[c->n++] = (struct off){d->outlet, beyond, s.odd ? NAN : (double)s.ms / 1000, (double)rule.limit_s};
    return c->n < CLOCKS_MOST;
}

static void settle_clock(struct yw_web *w, const struct off *c, int64_t now) {
    const struct yw_register *r = yw_acts_lock_alone(w->acts);
    struct yw_alarm *a = newest(w, c->outlet, YW_VERDICT_CLOCK);
    bool open = a != NULL && a->episode.open;
    if (c->beyond && open) a->episode.to = now;
    if (!c->beyond && open) end_live(w, r, a, now);
    if (c->beyond && !open) {
        struct yw_episode e = {.outlet = c->outlet,
                               .kind = YW_VERDICT_CLOCK,
                               .from = now,
                               .to = now,
                               .open = true,
                               .points = 1,
                               .worst = c->seconds,
                               .held = c->limit,
                               .multiple = NAN,
                               .worst_at = now};
        raise_live(w, r, &e, now);
    }
    yw_acts_unlock(w->acts);
}

void yw_alarm_clocks(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct clocks *c = calloc(1, sizeof *c);
    if (c == NULL) return;
    c->web = w;
    c->reg = yw_acts_lock(w->acts);
    (void)yw_store_sqlite.clocks(store, 0, yw_china_day(now), take_clock, c, NULL);
    yw_acts_unlock(w->acts);
    /* Two devices of one outlet: what is beyond goes first, and one in order does not end it. */
    bool ours = yw_clock_is_ours(c->beyond, c->known);
    for (size_t i = 0; !ours && i < c->n; i++) {
        bool other = false;
        for (size_t k = 0; !c->at[i].beyond && k < c->n && !other; k++) {
            other = c->at[k].beyond && c->at[k].outlet == c->at[i].outlet;
        }
        if (!other) settle_clock(w, &c->at[i], now);
    }
    free(c);
}
