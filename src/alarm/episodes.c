/* Episodes: what belongs together becomes one. Points are sorted first, so the order in which they are known
 * does not matter. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "alarm/alarm.h"

static int compare_f64(double a, double b) {
    if (isnan(a) || isnan(b)) return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

/* Bad before good, and what counts before what is suppressed: of points of one time the first is taken. */
static int by_time(const void *a, const void *b) {
    const struct yw_alarm_point *x = *(const struct yw_alarm_point *const *)a,
                                *y = *(const struct yw_alarm_point *const *)b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    if (x->bad != y->bad) return x->bad ? -1 : 1;
    if (x->suppressed != y->suppressed) return x->suppressed ? 1 : -1;
    if (x->to != y->to) return x->to > y->to ? -1 : 1;
    int order = compare_f64(y->multiple, x->multiple);
    if (order == 0) order = compare_f64(y->value, x->value);
    return order != 0 ? order : compare_f64(y->held, x->held);
}

struct run {
    const struct yw_alarm_rule *rule;
    struct yw_episode now; /* the episode, or the bad points before it opens */
    bool any, opened;
    int64_t good, waited; /* since the last bad point: in order; in marked periods */
    struct yw_episode *out;
    size_t n, most;
};

static double far_off(const struct yw_alarm_point *p) {
    return !isnan(p->multiple) ? p->multiple : fabs(p->value - p->held);
}

static void end(struct run *r, bool open) {
    if (r->any && r->opened && r->n < r->most) {
        r->out[r->n] = r->now;
        r->out[r->n++].open = open;
    }
    r->any = r->opened = false;
}

static void add_bad(struct run *r, const struct yw_alarm_point *p) {
    struct yw_episode *e = &r->now;
    if (r->any && p->from - e->to - r->waited > r->rule->join) end(r, false);
    double worst = r->any ? (!isnan(e->multiple) ? e->multiple : fabs(e->worst - e->held)) : NAN;
    if (!r->any) {
        *e = (struct yw_episode){.outlet = p->outlet,
                                 .kind = p->kind,
                                 .basis = p->basis,
                                 .period = p->period,
                                 .severity = r->rule->severity,
                                 .from = p->from,
                                 .to = p->to};
        memcpy(e->factor, p->factor, sizeof e->factor);
    }
    if (!r->any || far_off(p) > worst || (isnan(worst) && !isnan(far_off(p)))) {
        e->worst = p->value;
        e->held = p->held;
        e->multiple = p->multiple;
        e->worst_at = p->from;
    }
    r->any = true;
    if (p->to > e->to) e->to = p->to;
    e->points++;
    r->good = r->waited = 0;
    if (e->points >= r->rule->points) r->opened = true;
}

static void add_good(struct run *r, const struct yw_alarm_point *p) {
    if (!r->any) return;
    r->good += p->to - p->from;
    /* Points in a row are asked for: one in order begins the row anew. */
    if (!r->opened || r->good >= r->rule->end_after) end(r, false);
}

size_t yw_episodes(const struct yw_alarm_point *points, size_t n, const struct yw_alarm_rule *rule,
                   int64_t now, struct yw_episode *out, size_t most) {
    const struct yw_alarm_point **at = n > 0 ? malloc(n * sizeof(const struct yw_alarm_point *)) : NULL;
    if (at == NULL) return 0;
    for (size_t i = 0; i < n; i++) at[i] = &points[i];
    qsort(at, n, sizeof(const struct yw_alarm_point *), by_time);
    struct run r = {.rule = rule, .out = out, .most = most};
    for (size_t i = 0; i < n; i++) {
        if (i > 0 && at[i]->from == at[i - 1]->from) {
            at[i] = at[i - 1]; /* the same time again: the first one counted */
        } else if (at[i]->suppressed) {
            r.waited += r.any ? at[i]->to - at[i]->from : 0;
        } else if (at[i]->bad) {
            add_bad(&r, at[i]);
        } else {
            add_good(&r, at[i]);
        }
    }
    int64_t quiet = rule->join > rule->end_after ? rule->join : rule->end_after;
    end(&r, now - r.now.to - r.waited <= quiet);
    free(at);
    return r.n;
}
