/* What the judge said last of every outlet, kept in memory beside its newest values, so that the first page
 * asks judge.db nothing. Read anew in rounds, a piece a second, and only after judge.db has changed. */
#include "web/judged_policy.h"

#include "judged/judging.h"
#include "web/policies.h"
#include "web/rules.h"
#include "web/web_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { OUTLETS_MOST = 1 << 20, HOURS_BACK = 4 };
#define ROUND_EVERY  (5 * YW_SECOND)
#define BUDGET       (50 * YW_SECOND / 1000) /* of one second */
#define NEAR_A_LIMIT 0.9                     /* worth a look; only for sorting and a sign, no judgement */

struct yw_judged_watch {
    struct yw_judged *judged;
    int64_t version; /* of judge.db when the round began */
    int64_t acts;    /* of the register then: limits may be others now */
    int64_t round;
    struct yw_judged_outlet *outlets;
    size_t n, cap, at;
    struct yw_site site; /* of the outlet that is looked at */
};

struct yw_judged_watch *yw_judged_watch_create(void) {
    struct yw_judged_watch *x = calloc(1, sizeof *x);
    if (x != NULL) x->version = x->acts = -1;
    return x;
}

void yw_judged_watch_destroy(struct yw_judged_watch *x) {
    if (x == NULL) return;
    if (x->judged != NULL) yw_judged_close(x->judged);
    free(x->outlets);
    free(x);
}

static bool take_outlet(void *arg, const struct yw_judged_outlet *o) {
    struct yw_judged_watch *x = arg;
    if (x->n == x->cap) {
        size_t more = x->cap > 0 ? x->cap * 2 : 256;
        void *p = more <= OUTLETS_MOST ? realloc(x->outlets, more * sizeof *x->outlets) : NULL;
        if (p == NULL) return false;
        x->outlets = p;
        x->cap = more;
    }
    x->outlets[x->n++] = *o;
    return true;
}

/* ---- one outlet ---- */

struct choosing {
    const struct yw_site *site;
    struct yw_last_judged best;
    double best_multiple;
    bool any; /* of this time there are data */
};

/* Limits are in order: the permit's first; the strictest of those that hold on that day. */
static const struct yw_site_limit *limit_of(const struct yw_site *s, const char *factor, uint8_t period,
                                            int64_t from) {
    const struct yw_site_limit *found = NULL;
    int32_t day = yw_china_day(from);
    for (size_t i = 0; i < s->limit_n; i++) {
        const struct yw_site_limit *l = &s->limits[i];
        bool holds = l->enabled && l->period == period && l->basis != YW_BASIS_ULTRA_LOW &&
                     day >= l->valid_from && day <= l->valid_to && isfinite(l->value);
        if (holds && strcmp(l->factor, factor) == 0 && (found == NULL || l->value < found->value)) found = l;
    }
    return found;
}

static double share_of(const struct yw_last_judged *x) {
    return isfinite(x->value) && isfinite(x->limit) && x->limit > 0 ? x->value / x->limit : -1;
}

/* Of the newest time the factor that comes nearest to its limit. */
static bool choose(void *arg, const struct yw_judged_mean *m) {
    struct choosing *c = arg;
    const struct yw_mean *mean = &m->mean;
    if (mean->validity == YW_VALIDITY_NO_DATA || mean->validity == YW_VALIDITY_PARTIAL) return true;
    const struct yw_site_limit *l = limit_of(c->site, m->factor, mean->period, mean->from);
    if (l == NULL) return true;
    struct yw_last_judged one = {.from = mean->from,
                                 .period = mean->period,
                                 .value =
                                     l->converted && isfinite(mean->converted) ? mean->converted : mean->mean,
                                 .limit = l->value,
                                 .converted = l->converted,
                                 .state = YW_JUDGED_OK};
    memcpy(one.factor, m->factor, sizeof one.factor);
    memcpy(one.unit, m->unit, sizeof one.unit);
    if (mean->validity != YW_VALIDITY_VALID || !mean->judged || !isfinite(one.value))
        one.state = YW_JUDGED_INVALID;
    else if (share_of(&one) >= NEAR_A_LIMIT)
        one.state = YW_JUDGED_ATTENTION;
    bool newer = one.from > c->best.from, valid = one.state != YW_JUDGED_INVALID;
    bool better = one.from == c->best.from && (c->best.state == YW_JUDGED_INVALID || valid) &&
                  share_of(&one) > share_of(&c->best);
    if (!c->any || newer || better) c->best = one;
    c->any = true;
    return true;
}

/* What was said to exceed stands before everything else of that time. */
static bool take_exceedance(void *arg, const struct yw_judged_verdict *v) {
    struct choosing *c = arg;
    const struct yw_verdict *x = &v->verdict;
    if (v->gone || !x->counts || x->period != c->best.period || x->from != c->best.from) return true;
    double multiple = isfinite(x->multiple) ? x->multiple : 0;
    if (c->best.state == YW_JUDGED_OVER && multiple <= c->best_multiple) return true;
    c->best.state = YW_JUDGED_OVER;
    c->best_multiple = multiple;
    c->best.value = x->value;
    c->best.limit = x->held;
    c->best.converted = x->converted;
    memcpy(c->best.factor, v->factor, sizeof c->best.factor);
    memcpy(c->best.unit, v->unit, sizeof c->best.unit);
    return true;
}

static bool has_limit_of(const struct yw_site *s, uint8_t period) {
    for (size_t i = 0; i < s->limit_n; i++) {
        if (s->limits[i].enabled && s->limits[i].period == period) return true;
    }
    return false;
}

static enum yw_code look_at(struct yw_web *w, struct yw_judged_watch *x, const struct yw_judged_outlet *o) {
    struct yw_error err = {0};
    const struct yw_register *r = yw_acts_lock(w->acts);
    const struct yw_rules *rules = yw_web_rules(w, r);
    enum yw_code code =
        rules != NULL ? yw_site_build(r, rules, &yw_store_sqlite, NULL, o->outlet, o->first, &x->site, &err)
                      : YW_E_NOMEM;
    yw_acts_unlock(w->acts);
    struct choosing c = {.site = &x->site, .best.value = NAN, .best.limit = NAN};
    if (code == YW_OK) {
        /* An hourly mean is never held against a daily limit: where there are only those, the day is shown.
         */
        bool by_day = !has_limit_of(&x->site, YW_PERIOD_HOUR);
        int64_t end = by_day ? yw_china_day_start(yw_china_day(o->until)) : o->until;
        struct yw_judged_filter f = {.outlet = o->outlet,
                                     .period = by_day ? YW_PERIOD_DAY : YW_PERIOD_HOUR,
                                     .from = end - (by_day ? YW_DAY : HOURS_BACK * YW_HOUR),
                                     .to = end};
        code = yw_judged_means(x->judged, &f, choose, &c, NULL);
        f.kind = YW_VERDICT_EXCEEDANCE;
        if (code == YW_OK && c.any) code = yw_judged_verdicts(x->judged, &f, take_exceedance, &c, NULL);
        yw_site_free(&x->site);
    } else if (code != YW_E_NOT_FOUND) {
        return YW_OK; /* a site that cannot be read is told of on its own page */
    } else {
        code = YW_OK;
    }
    if (code == YW_OK) yw_states_set_judged(w->states, o->outlet, &c.best);
    return code;
}

/* ---- rounds ---- */

static bool begin_round(struct yw_web *w, struct yw_judged_watch *x, int64_t now) {
    if (now >= x->round && now - x->round < ROUND_EVERY) return false;
    if (x->judged == NULL && yw_judged_open(w->series, NULL, true, &x->judged, NULL) != YW_OK) return false;
    int64_t version = yw_judged_version(x->judged);
    int64_t acts = yw_register_version(yw_acts_lock(w->acts));
    yw_acts_unlock(w->acts);
    if (version == x->version && acts == x->acts) return false;
    x->round = now;
    x->n = x->at = 0;
    if (yw_judged_outlets(x->judged, take_outlet, x, NULL) != YW_OK) return false;
    x->version = version;
    x->acts = acts;
    return true;
}

void yw_judged_policy(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct yw_judged_watch *x = w->judged_watch;
    int64_t began = yw_monotonic();
    YW_UNUSED(store);
    if (x->at == x->n && !begin_round(w, x, now)) return;
    while (x->at < x->n && yw_monotonic() - began < BUDGET) {
        if (look_at(w, x, &x->outlets[x->at]) == YW_OK) {
            x->at++;
            continue;
        }
        x->version = -1; /* judge.db could not be read: the round is made again */
        x->at = x->n;
    }
}

void yw_put_judged(struct yw_buf *b, const struct yw_last_judged *j) {
    static const char *const states[] = {"", "invalid", "ok", "attention", "over"};
    yj_key(b, "judged");
    if (j->state == YW_JUDGED_NOTHING) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    yj_put_text(b, "factor", j->factor);
    yj_put_text(b, "unit", j->unit);
    yj_put_f64(b, "value", j->value);
    yj_put_f64(b, "limit", j->limit);
    yj_put_text(b, "period", yw_period_name(j->period));
    yj_put_bool(b, "converted", j->converted);
    yj_put_time(b, "from", j->from);
    yj_put_text(b, "state", states[j->state]);
    yj_close(b, '}');
}
