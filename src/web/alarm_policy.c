/* Raises alarms: what the judge says anew is read by its change number, every key it touches is looked at as
 * a whole, and the book is brought in line with its episodes. A second look changes nothing, so a restart
 * reads all verdicts once more and raises none twice. */
#include "web/alarms.h"

#include "web/delivery.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum {
    KEYS_MOST = 256,      /* looked at in one second */
    POINTS_MOST = 100000, /* of one key */
    EPISODES_MOST = 4000,
    SETTLING_MOST = 4096,
    AGAIN_MOST = 64 /* open alarms looked at again in one second */
};
#define BACK          (3 * YW_DAY) /* what an episode may reach back beyond what changed */
#define SILENCE_EVERY (5 * YW_SECOND)
#define CLOCKS_EVERY  YW_MINUTE
#define OVERDUE_EVERY (30 * YW_SECOND)
#define AGAIN         (10 * YW_SECOND) /* how often what is open is looked at without a change */

struct touched {
    struct yw_episode key;
    int64_t from; /* the earliest change */
};
struct settling { /* looked at only when it has not changed for a while */
    struct touched of;
    int64_t changed;
};
struct said { /* the verdict of a bad point */
    int64_t from;
    char number[48], measure[16];
    bool converted;
};
struct yw_alarm_watch {
    struct yw_judged *judged;
    struct stat file; /* that it was opened as */
    int64_t change;
    bool full;
    struct touched keys[KEYS_MOST];
    size_t key_n;
    struct settling settling[SETTLING_MOST];
    size_t settling_n;
    int64_t now; /* of this look */
    struct yw_alarm_point *points;
    size_t point_n;
    struct said *said;
    size_t said_n;
    struct yw_episode *episodes;
    size_t again; /* place in the book */
    int64_t round;
    int64_t silence_at, clocks_at, overdue_at; /* when they were looked at last */
};

struct yw_alarm_watch *yw_alarm_watch_create(void) {
    struct yw_alarm_watch *a = calloc(1, sizeof *a);
    if (a == NULL) return NULL;
    a->change = -1;
    a->points = malloc(POINTS_MOST * sizeof *a->points);
    a->said = malloc(POINTS_MOST * sizeof *a->said);
    a->episodes = malloc(EPISODES_MOST * sizeof *a->episodes);
    if (a->points != NULL && a->said != NULL && a->episodes != NULL) return a;
    yw_alarm_watch_destroy(a);
    return NULL;
}

void yw_alarm_watch_destroy(struct yw_alarm_watch *a) {
    if (a == NULL) return;
    if (a->judged != NULL) yw_judged_close(a->judged);
    free(a->points);
    free(a->said);
    free(a->episodes);
    free(a);
}

/* ---- what changed ---- */

static bool same_key(const struct yw_episode *a, const struct yw_episode *b) {
    return a->outlet == b->outlet && a->kind == b->kind && a->basis == b->basis && a->period == b->period &&
           strcmp(a->factor, b->factor) == 0;
}

/* False: there is no room, it is looked at without waiting. */
static bool settle(struct yw_alarm_watch *a, const struct yw_episode *key, int64_t from) {
    for (size_t i = 0; i < a->settling_n; i++) {
        struct settling *s = &a->settling[i];
        if (!same_key(&s->of.key, key)) continue;
        if (from < s->of.from) s->of.from = from;
        s->changed = a->now;
        return true;
    }
    if (a->settling_n == SETTLING_MOST) return false;
    a->settling[a->settling_n++] = (struct settling){{*key, from}, a->now};
    return true;
}

static bool touch(struct yw_alarm_watch *a, const struct yw_episode *key, int64_t from) {
    for (size_t i = 0; i < a->key_n; i++) {
        if (!same_key(&a->keys[i].key, key)) continue;
        if (from < a->keys[i].from) a->keys[i].from = from;
        return true;
    }
    if (a->key_n == KEYS_MOST) return false;
    a->keys[a->key_n++] = (struct touched){*key, from};
    return true;
}

static bool take_change(void *arg, const struct yw_judged_verdict *v) {
    struct yw_alarm_watch *a = arg;
    struct yw_episode key = {
        .outlet = v->outlet, .kind = v->verdict.kind, .basis = v->verdict.basis, .period = v->verdict.period};
    memcpy(key.factor, v->factor, sizeof key.factor);
    bool waits = yw_alarm_of_quality(key.kind) && settle(a, &key, v->verdict.from);
    a->full = !waits && !touch(a, &key, v->verdict.from);
    if (!a->full && v->change > a->change) a->change = v->change;
    return !a->full;
}

/* A rebuilt file is another file: read from its beginning. */
static bool open_judged(struct yw_alarm_watch *a, const struct yw_web *w) {
    char path[4200];
    struct stat now;
    snprintf(path, sizeof path, "%s/judge.db", w->series);
    bool there = stat(path, &now) == 0;
    if (a->judged != NULL && (!there || now.st_ino != a->file.st_ino || now.st_dev != a->file.st_dev)) {
        yw_judged_close(a->judged);
        a->judged = NULL;
    }
    if (a->judged != NULL) return true;
    if (!there || yw_judged_open(w->series, NULL, true, &a->judged, NULL) != YW_OK) return false;
    a->file = now;
    a->change = -1;
    return true;
}

/* ---- one key ---- */

struct asking {
    struct yw_alarm_watch *watch;
    struct touched *of;
    int64_t from;
};

static bool add_point(struct yw_alarm_watch *a, const struct yw_alarm_point *p) {
    if (a->point_n == POINTS_MOST) return false;
    a->points[a->point_n++] = *p;
    return true;
}

static bool take_mean(void *arg, const struct yw_judged_mean *m) {
    struct asking *q = arg;
    const struct yw_mean *mean = &m->mean;
    bool marked = mean->marking == YW_MARKING_INVALID || mean->validity == YW_VALIDITY_STOPPED;
    bool good = mean->validity == YW_VALIDITY_VALID && mean->judged;
    if (!marked && !good) return true; /* neither in order nor excused: a gap */
    struct yw_alarm_point p = {
        .outlet = m->outlet, .from = mean->from, .to = mean->to, .suppressed = marked, .multiple = NAN};
    return add_point(q->watch, &p);
}

struct evidence {
    bool judged, marked;
};

static bool take_evidence(void *arg, const struct yw_judged_mean *m) {
    struct evidence *e = arg;
    e->judged = e->judged || m->mean.validity != YW_VALIDITY_PARTIAL;
    e->marked = e->marked || m->mean.marking != YW_MARKING_NONE;
    for (uint8_t i = 0; i < m->mean.reason_n; i++) {
        e->marked = e->marked || m->mean.reasons[i].code == YW_REASON_MARK_LATE;
    }
    return true;
}

static bool was_judged(const void *arg, const struct yw_alarm *x, bool *marked) {
    const struct yw_alarm_watch *a = arg;
    struct evidence e = {0};
    struct yw_judged_filter f = {.outlet = x->episode.outlet,
                                 .factor = x->episode.factor[0] != '\0' ? x->episode.factor : NULL,
                                 .from = x->episode.from,
                                 .to = x->episode.to + 1};
    if (yw_judged_means(a->judged, &f, take_evidence, &e, NULL) != YW_OK) return false;
    *marked = e.marked;
    return e.judged;
}

static bool take_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct asking *q = arg;
    struct yw_alarm_watch *a = q->watch;
    const struct yw_verdict *x = &v->verdict;
    if (v->gone || !x->counts || x->basis != q->of->key.basis || x->period != q->of->key.period ||
        strcmp(v->factor, q->of->key.factor) != 0)
        return true;
    struct yw_alarm_point p = {.outlet = v->outlet,
                               .kind = x->kind,
                               .basis = x->basis,
                               .period = x->period,
                               .from = x->from,
                               .to = x->to,
                               .bad = true,
                               .value = x->value,
                               .held = x->held,
                               .multiple = x->multiple};
    memcpy(p.factor, v->factor, sizeof p.factor);
    if (!add_point(a, &p)) return false;
    struct said *s = &a->said[a->said_n++];
    s->from = x->from;
    s->converted = x->converted;
    memcpy(s->number, v->number, sizeof s->number);
    memcpy(s->measure, v->unit, sizeof s->measure);
    return true;
}

static void verdict_of(const void *arg, const struct yw_episode *e, struct yw_alarm_entry *to) {
    const struct yw_alarm_watch *a = arg;
    for (size_t i = 0; i < a->said_n; i++) {
        if (a->said[i].from != e->worst_at) continue;
        memcpy(to->verdict, a->said[i].number, sizeof to->verdict);
        memcpy(to->measure, a->said[i].measure, sizeof to->measure);
        to->converted = a->said[i].converted;
        return;
    }
}

/* From where on the key is read, so that no alarm that the change may touch is cut in two. */
static void reach_back(struct yw_web *w, struct asking *q) {
    q->from = q->of->from;
    for (const struct yw_alarm *a = yw_alarms_of(w->alarms, &q->of->key, NULL); a != NULL;
         a = yw_alarms_of(w->alarms, &q->of->key, a)) {
        if (a->episode.to < q->of->from - BACK) continue;
        if (a->episode.from < q->from) q->from = a->episode.from;
    }
}

static void look_at(struct yw_web *w, struct yw_alarm_watch *a, struct touched *of, int64_t now) {
    struct asking q = {.watch = a, .of = of};
    struct yw_alarm_rule rule;
    const struct yw_register *r = yw_acts_lock(w->acts);
    yw_alarm_rule_of(r, of->key.kind, NAN, &rule);
    reach_back(w, &q);
    yw_acts_unlock(w->acts);
    if (rule.severity == 0) return;
    bool of_means = of->key.factor[0] != '\0' &&
                    (of->key.kind == YW_VERDICT_EXCEEDANCE || of->key.kind == YW_VERDICT_TEMPERATURE) &&
                    (of->key.period == YW_PERIOD_HOUR || of->key.period == YW_PERIOD_DAY);
    a->point_n = a->said_n = 0;
    struct yw_judged_filter f = {.outlet = of->key.outlet, .from = q.from - BACK};
    f.factor = of->key.factor;
    f.period = of->key.period;
    enum yw_code code = YW_OK;
    if (of_means) code = yw_judged_means(a->judged, &f, take_mean, &q, NULL);
    f.kind = of->key.kind;
    if (code == YW_OK) code = yw_judged_verdicts(a->judged, &f, take_verdict, &q, NULL);
    if (code != YW_OK) return; /* another look comes */
    size_t n = yw_episodes(a->points, a->point_n, &rule, now, a->episodes, EPISODES_MOST);
    yw_alarms_reconcile(w,
                        &(struct yw_alarm_look){.key = of->key,
                                                .episodes = a->episodes,
                                                .n = n,
                                                .from = f.from,
                                                .verdict_of = verdict_of,
                                                .judged = was_judged,
                                                .arg = a},
                        now);
}

static void take_settled(struct yw_web *w, struct yw_alarm_watch *a, int64_t now) {
    const struct yw_register *r = yw_acts_lock(w->acts);
    int64_t wait = yw_policy_of(r, "alarm_settle_s") * YW_SECOND;
    yw_acts_unlock(w->acts);
    for (size_t i = a->settling_n; i > 0; i--) {
        struct settling *s = &a->settling[i - 1];
        if (now - s->changed < wait || !touch(a, &s->of.key, s->of.from)) continue;
        *s = a->settling[--a->settling_n];
    }
}

/* What is open ends with time, too, and what lost its verdicts is looked at until that is sure. */
static void look_again(struct yw_web *w, struct yw_alarm_watch *a, int64_t now) {
    if (a->again == 0 && now - a->round < AGAIN) return;
    if (a->again == 0) a->round = now;
    (void)yw_acts_lock(w->acts);
    size_t n = yw_alarms_count(w->alarms);
    for (; a->again < n && a->key_n < AGAIN_MOST; a->again++) {
        const struct yw_alarm *x = yw_alarms_at(w->alarms, a->again);
        bool live = x->episode.kind == YW_VERDICT_SILENT || x->episode.kind == YW_VERDICT_CLOCK;
        if (!live && (x->episode.open || x->absent != 0)) (void)touch(a, &x->episode, x->episode.from);
    }
    if (a->again >= n) a->again = 0;
    yw_acts_unlock(w->acts);
}

/* Whether it is time again; a clock set back does not stop anything. */
static bool is_time(int64_t *last, int64_t every, int64_t now) {
    if (now >= *last && now - *last < every) return false;
    *last = now;
    return true;
}

void yw_alarm_policy(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct yw_alarm_watch *a = w->alarm_watch;
    if (is_time(&a->silence_at, SILENCE_EVERY, now)) yw_alarm_silence(w, now);
    if (is_time(&a->clocks_at, CLOCKS_EVERY, now)) yw_alarm_clocks(w, store, now);
    if (open_judged(a, w)) {
        a->key_n = 0;
        a->full = false;
        a->now = now;
        if (yw_judged_change(a->judged) < a->change) a->change = -1; /* made anew in place */
        struct yw_judged_filter f = {.since_change = a->change, .with_gone = true};
        if (yw_judged_verdicts(a->judged, &f, take_change, a, NULL) != YW_OK) {
            yw_judged_close(a->judged);
            a->judged = NULL;
            return;
        }
        take_settled(w, a, now);
        if (a->key_n < AGAIN_MOST) look_again(w, a, now);
        for (size_t i = 0; i < a->key_n; i++) look_at(w, a, &a->keys[i], now);
    }
    yw_delivery_look(w, is_time(&a->overdue_at, OVERDUE_EVERY, now), now);
}
