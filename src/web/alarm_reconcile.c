/* The episodes of one key against its alarms in the book. */
#include "web/alarms.h"

#include "web/policies.h"
#include "web/web_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

struct change {
    struct yw_web *web;
    const struct yw_register *reg;
    const struct yw_alarm_look *look;
    int64_t now;
    struct yw_alarm_entry *entries; /* YW_ALARM_MANY */
    size_t n;
};

static bool touch(const struct yw_episode *a, const struct yw_episode *b) {
    return a->from <= b->to && b->from <= a->to;
}

static void say(struct yw_alarm_step *s, uint8_t kind, int64_t at, const char *unit, const char *result,
                const char *text) {
    memset(s, 0, sizeof *s);
    s->kind = kind;
    s->at = at;
    (void)yw_copy(s->by, sizeof s->by, YW_ALARM_PLATFORM, sizeof YW_ALARM_PLATFORM - 1);
    (void)yw_copy(s->unit, sizeof s->unit, unit, strlen(unit));
    (void)yw_copy(s->result, sizeof s->result, result, strlen(result));
    (void)yw_copy(s->text, sizeof s->text, text, strlen(text));
}

static void commit(struct change *c) {
    struct yw_error err = {0};
    if (c->n == 0) return;
    enum yw_code code = yw_alarms_commit(c->web, c->entries, c->n, &err);
    if (code != YW_OK) yw_log(YW_LOG_ERROR, "alarms: %s", err.text);
    for (size_t i = 0; code == YW_OK && i < c->n; i++) {
        const struct yw_alarm *a = yw_alarms_find(c->web->alarms, c->entries[i].number);
        if (a != NULL && !a->past)
            yw_alarm_tell(c->web, c->reg, a,
                          c->entries[i].has_step ? c->entries[i].step.kind : YW_STEP_COUNT);
    }
    c->n = 0;
}

static struct yw_alarm_entry *entry(struct change *c, const struct yw_alarm *a) {
    if (c->n == YW_ALARM_MANY) commit(c);
    struct yw_alarm_entry *e = &c->entries[c->n++];
    memset(e, 0, sizeof *e);
    if (a == NULL) return e;
    memcpy(e->number, a->number, sizeof e->number);
    e->id = a->id;
    e->episode = a->episode;
    e->converted = a->converted;
    memcpy(e->verdict, a->verdict, sizeof e->verdict);
    memcpy(e->measure, a->measure, sizeof e->measure);
    return e;
}

static bool worse(const struct yw_episode *a, const struct yw_episode *b) {
    if (!isnan(a->multiple) && !isnan(b->multiple)) return a->multiple > b->multiple;
    return fabs(a->worst - a->held) > fabs(b->worst - b->held);
}

/* All episodes that touch the alarm, as one. False: none does. */
static bool hull(const struct yw_alarm_look *l, const struct yw_alarm *a, struct yw_episode *out) {
    bool any = false;
    for (size_t i = 0; i < l->n; i++) {
        const struct yw_episode *e = &l->episodes[i];
        if (!touch(e, &a->episode)) continue;
        struct yw_episode before = *out;
        if (!any || worse(e, &before)) *out = *e;
        if (any) {
            if (before.from < out->from) out->from = before.from;
            if (before.to > out->to) out->to = before.to;
            out->open = before.open || e->open;
            out->points = before.points + e->points;
        }
        any = true;
    }
    /* Read from the middle on, an episode seems to begin later than it does. */
    if (any && a->episode.from < out->from) out->from = a->episode.from;
    return any;
}

static void carry_on(struct change *c, struct yw_alarm *a, struct yw_episode *e) {
    struct yw_alarm_rule rule;
    yw_alarm_rule_of(c->reg, e->kind, e->multiple, &rule);
    e->severity = rule.severity > a->episode.severity ? rule.severity : a->episode.severity;
    a->absent = 0;
    bool back = a->state.stage == YW_STAGE_CLOSED && strcmp(a->state.result, "withdrawn") == 0;
    bool turned = e->open != a->episode.open;
    struct yw_alarm_entry now = {0};
    if (c->look->verdict_of != NULL) c->look->verdict_of(c->look->arg, e, &now);
    if (now.verdict[0] != '\0') {
        memcpy(a->verdict, now.verdict, sizeof a->verdict);
        memcpy(a->measure, now.measure, sizeof a->measure);
        a->converted = now.converted;
    }
    a->episode = *e;
    if (!turned && !back) return;
    struct yw_alarm_entry *to = entry(c, a);
    to->has_episode = true;
    to->has_step = back;
    if (back) say(&to->step, YW_STEP_REOPEN, c->now, a->state.home, "", "重新判定后初判恢复");
}

/* The verdicts are not there. Only when that has lasted, and the time was judged, the alarm is withdrawn. */
static void withdraw(struct change *c, struct yw_alarm *a) {
    bool marked = false;
    if (a->absent == 0) a->absent = c->now;
    if (c->now - a->absent < yw_policy_of(c->reg, "alarm_withdraw_s") * YW_SECOND ||
        !c->look->judged(c->look->arg, a, &marked))
        return;
    struct yw_alarm_entry *e = entry(c, a);
    e->has_step = e->has_episode = true;
    e->episode.open = false;
    a->absent = 0;
    say(&e->step, YW_STEP_WITHDRAWN, c->now, a->state.home, marked ? "marked" : "",
        marked ? "该时段有标记，初判不再成立，请核查标记" : "重新判定后初判不再成立");
}

/* What no new verdict carries on is over after a while, even if the outlet sends nothing more. */
static void end_by_time(struct change *c, struct yw_alarm *a) {
    struct yw_alarm_rule rule;
    yw_alarm_rule_of(c->reg, a->episode.kind, NAN, &rule);
    int64_t quiet = rule.join > rule.end_after ? rule.join : rule.end_after;
    if (!a->episode.open || c->now - a->episode.to <= quiet) return;
    struct yw_alarm_entry *e = entry(c, a);
    e->has_episode = true;
    e->episode.open = false;
}

static void raise(struct change *c, const struct yw_episode *e) {
    struct yw_alarm_rule rule;
    yw_alarm_rule_of(c->reg, e->kind, e->multiple, &rule);
    if (yw_register_outlet(c->reg, e->outlet) == NULL || rule.severity == 0) return;
    bool past = !e->open && c->now - e->to > yw_policy_of(c->reg, "alarm_fresh_h") * YW_HOUR;
    struct yw_alarm_entry *to = entry(c, NULL);
    to->has_step = to->has_episode = true;
    to->episode = *e;
    to->episode.severity = rule.severity;
    if (c->look->verdict_of != NULL) c->look->verdict_of(c->look->arg, e, to);
    say(&to->step, YW_STEP_RAISE, c->now, yw_alarm_home(c->reg, e->outlet), past ? "past" : "", "");
}

void yw_alarms_reconcile(struct yw_web *w, const struct yw_alarm_look *l, int64_t now) {
    struct change c = {.web = w, .look = l, .now = now};
    bool *taken = calloc(l->n + 1, sizeof *taken);
    c.entries = malloc(YW_ALARM_MANY * sizeof *c.entries);
    if (taken == NULL || c.entries == NULL) {
        free(taken);
        free(c.entries);
        return;
    }
    c.reg = yw_acts_lock_alone(w->acts);
    for (struct yw_alarm *a = yw_alarms_of(w->alarms, &l->key, NULL); a != NULL;
         a = yw_alarms_of(w->alarms, &l->key, a)) {
        struct yw_episode e = {0};
        if (a->episode.to < l->from) continue;
        bool there = hull(l, a, &e);
        for (size_t i = 0; i < l->n; i++) taken[i] = taken[i] || touch(&l->episodes[i], &a->episode);
        if (there) {
            carry_on(&c, a, &e);
        } else {
            end_by_time(&c, a);
            if (a->state.stage != YW_STAGE_CLOSED && !a->state.withdrawn) withdraw(&c, a);
        }
    }
    for (size_t i = 0; i < l->n; i++) {
        if (!taken[i]) raise(&c, &l->episodes[i]);
    }
    commit(&c);
    yw_acts_unlock(w->acts);
    free(taken);
    free(c.entries);
}
