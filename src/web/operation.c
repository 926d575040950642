/* What ran when at an outlet: its units by the minute, production beside treatment, the plans in force, stop
 * marks beside it, and what follows. */
#include "judged/judging.h"
#include "judge/operation.h"
#include "register/plans.h"
#include "store/rules.h"
#include "web/judgement.h"
#include "web/marks.h"
#include "web/rules.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DAYS_MOST = 31, RUNS_MOST = 2000, LIST_MOST = 500 };
#define AHEAD_MOST (3 * YW_DAY)   /* so far behind the judge may be */
#define LOOK_BACK  (120 * YW_DAY) /* a plan is no longer, and what is said of it begins with it */

struct look {
    struct yw_request *q;
    const struct yw_rules *rules;
    struct yw_site *site;
    struct yw_unit_hour *hours; /* unit_n for each hour */
    int64_t from, to, first;
    size_t n, listed;
    uint32_t enterprise;
    bool more, judged; /* judged: it was, at least once to the end */
};

enum state { UNKNOWN, STOPPED, RUNNING, ALARM };
static const char *const state_names[] = {"unknown", "stopped", "running", "alarm"};

static enum state state_at(const struct yw_unit_hour *h, unsigned minute) {
    uint64_t bit = UINT64_C(1) << minute;
    return !(h->known & bit) ? UNKNOWN : h->alarm & bit ? ALARM : h->running & bit ? RUNNING : STOPPED;
}

static void put_run(struct yw_buf *b, int64_t from, int64_t to, const char *state, double mean) {
    yj_open(b, '{');
    yj_put_time(b, "from", from);
    yj_put_time(b, "to", to);
    if (state != NULL) {
        yj_put_text(b, "state", state);
        yj_put_f64(b, "mean", mean);
    }
    yj_close(b, '}');
}

/* Runs of minutes of one state; what is not known is left out. */
static void put_runs(struct look *l, size_t u) {
    struct yw_buf *b = &l->q->out;
    enum state state = UNKNOWN;
    int64_t begin = 0;
    double sum = 0, weight = 0;
    size_t count = 0;
    for (size_t m = 0; m <= l->n * 60; m++) {
        int64_t time = l->first + (int64_t)m * YW_MINUTE;
        const struct yw_unit_hour *h = m < l->n * 60 ? &l->hours[m / 60 * l->site->unit_n + u] : NULL;
        enum state now = h && time >= l->from && time < l->to ? state_at(h, (unsigned)(m % 60)) : UNKNOWN;
        if (now != state) {
            if (state != UNKNOWN && ++count <= RUNS_MOST)
                put_run(b, begin, time, state_names[state], weight > 0 ? sum / weight : (double)NAN);
            state = now;
            begin = time;
            sum = weight = 0;
        }
        if (now != UNKNOWN && isfinite(h->mean)) {
            sum += h->mean;
            weight++;
        }
    }
    l->more = l->more || count > RUNS_MOST;
}

/* Runs of minutes in which production ran while this treatment unit stood still. */
static double put_without(struct look *l, size_t t) {
    struct yw_buf *b = &l->q->out;
    int64_t begin = 0;
    size_t count = 0;
    double minutes = 0;
    bool was = false;
    for (size_t m = 0; m <= l->n * 60; m++) {
        int64_t time = l->first + (int64_t)m * YW_MINUTE;
        uint64_t known,
            bits = m < l->n * 60
                       ? yw_operation_without(l->site, &l->hours[m / 60 * l->site->unit_n], t, &known)
                       : 0;
        bool now = time >= l->from && time < l->to && (bits >> (m % 60) & 1);
        if (now && !was) begin = time;
        if (was && !now && ++count <= RUNS_MOST) put_run(b, begin, time, NULL, 0);
        minutes += now;
        was = now;
    }
    l->more = l->more || count > RUNS_MOST;
    return minutes / 60;
}

/* Minutes of the hour that were asked for. */
static uint64_t asked(const struct look *l, size_t h) {
    int64_t hour = l->first + (int64_t)h * YW_HOUR;
    uint64_t bits = (UINT64_C(1) << 60) - 1;
    if (l->from > hour) bits &= ~((UINT64_C(1) << (l->from - hour) / YW_MINUTE) - 1);
    if (l->to < hour + YW_HOUR) bits &= (UINT64_C(1) << (l->to - hour) / YW_MINUTE) - 1;
    return bits;
}

static void put_hours(struct look *l, size_t u) {
    double known = 0, running = 0, alarm = 0, sum = 0, weight = 0;
    for (size_t h = 0; h < l->n; h++) {
        const struct yw_unit_hour *at = &l->hours[h * l->site->unit_n + u];
        const uint64_t bits = asked(l, h);
        double n = __builtin_popcountll(at->known & bits);
        known += n;
        running += __builtin_popcountll(at->running & bits);
        alarm += __builtin_popcountll(at->alarm & bits);
        if (isfinite(at->mean)) {
            sum += at->mean * n;
            weight += n;
        }
    }
    struct yw_buf *b = &l->q->out;
    yj_put_f64(b, "known_h", known / 60);
    yj_put_f64(b, "running_h", running / 60);
    yj_put_f64(b, "alarm_h", alarm / 60);
    yj_put_f64(b, "mean", weight > 0 ? sum / weight : (double)NAN);
}

static void put_units(struct look *l) {
    struct yw_buf *b = &l->q->out;
    yj_key(b, "units");
    yj_open(b, '[');
    for (size_t i = 0; i < l->site->unit_n; i++) {
        const struct yw_site_unit *u = &l->site->units[i];
        yj_open(b, '{');
        yj_put_text(b, "id", u->id);
        yj_put_text(b, "name", u->name[0] ? u->name : u->id);
        yj_put_bool(b, "treatment", u->treatment);
        yj_put_text_or_null(b, "serves", u->serves[0] ? u->serves : NULL);
        yj_put_text(b, "factor", u->factor);
        yj_put_text(b, "records", yw_unit_records_name(u->records));
        yj_put_text_or_null(b, "outlet", u->outlet[0] ? u->outlet : NULL);
        yj_put_f64(b, "running_above", u->running_above);
        yj_put_f64(b, "rated", u->rated);
        put_hours(l, i);
        yj_key(b, "runs");
        yj_open(b, '[');
        put_runs(l, i);
        yj_close(b, ']');
        yj_key(b, "without");
        yj_open(b, '[');
        double hours = u->treatment ? put_without(l, i) : 0;
        yj_close(b, ']');
        yj_put_f64(b, "without_h", hours);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static bool room(struct look *l) {
    bool there = l->listed++ < LIST_MOST;
    l->more = l->more || !there;
    return there;
}

static bool put_plan_in_force(void *arg, const struct yw_plan_entry *p) {
    struct look *l = arg;
    if (p->plan.from >= l->to || p->plan.to <= l->from) return true;
    if (!room(l)) return false;
    yw_put_plan(l->q, p);
    return true;
}

static bool put_stop_mark(void *arg, const struct yw_mark_row *m) {
    struct look *l = arg;
    if (!m->is_condition || m->value != YW_COND_STOPPED) return true;
    if (!room(l)) return false;
    yw_put_mark_row(l->q, m);
    return true;
}

static bool put_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct look *l = arg;
    bool ours = v->verdict.kind == YW_VERDICT_POWER || v->verdict.kind == YW_VERDICT_STOP_MARK ||
                v->verdict.kind == YW_VERDICT_HEAVY_POLLUTION;
    if (!ours || v->verdict.to <= l->from) return true;
    if (!room(l)) return false;
    yw_put_judged_verdict(l->q, l->rules, v);
    yw_buf_putc(&l->q->out, '}');
    return true;
}

static enum yw_code put_lists(struct look *l, struct yw_judged *j, struct yw_error *err) {
    struct yw_buf *b = &l->q->out;
    const struct yw_judged_filter f = {.outlet = l->q->id, .from = l->from - LOOK_BACK, .to = l->to};
    yj_key(b, "plans");
    yj_open(b, '[');
    l->listed = 0;
    yw_register_plans(l->q->reg, l->enterprise, put_plan_in_force, l);
    yj_close(b, ']');
    yj_key(b, "marks");
    yj_open(b, '[');
    l->listed = 0;
    yw_register_marks(l->q->reg, l->q->id, l->from, l->to, false, put_stop_mark, l);
    yj_close(b, ']');
    yj_key(b, "verdicts");
    yj_open(b, '[');
    l->listed = 0;
    enum yw_code code = l->judged ? yw_judged_verdicts(j, &f, put_verdict, l, err) : YW_OK;
    yj_close(b, ']');
    return code;
}

/* Hours that are not judged yet, the running one among them, from the records as they are. */
static enum yw_code look_ahead(struct look *l, struct yw_store *store, int64_t until, struct yw_error *err) {
    int64_t from = until > l->first ? until : l->first, to = l->first + (int64_t)l->n * YW_HOUR;
    int64_t end = yw_hour_of(l->q->now) + YW_HOUR;
    if (to > end) to = end;
    if (to > from + AHEAD_MOST) to = from + AHEAD_MOST;
    if (from >= to) return YW_OK;
    struct yw_rules *own;
    enum yw_code code = yw_site_rules(l->site, l->rules, &own, err);
    if (code != YW_OK) return code;
    code = yw_units_look(own, &yw_store_sqlite, store, l->q->id, l->site, from, to,
                         l->hours + (from - l->first) / YW_HOUR * l->site->unit_n, err);
    yw_rules_destroy(own);
    return code;
}

static enum yw_code look_at_hours(struct look *l, struct yw_judged *j, struct yw_store *store, int64_t until,
                                  struct yw_error *err) {
    if (l->site->unit_n == 0) return YW_OK;
    l->hours = calloc(l->n * l->site->unit_n, sizeof *l->hours);
    if (l->hours == NULL) return yw_fail(err, YW_E_NOMEM, "no memory for what ran");
    enum yw_code code = yw_judged_units(j, l->q->id, l->site, l->first, l->n, l->hours, err);
    return code == YW_OK && store != NULL ? look_ahead(l, store, until, err) : code;
}

/* The site as it was judged by, and the hours of its units. */
static enum yw_code look_up(struct look *l, struct yw_judged *j, int64_t *until, struct yw_error *err) {
    struct yw_judged_outlet judged = {0};
    enum yw_code code = yw_judged_outlet(j, l->q->id, &judged, err);
    struct yw_store *store = code == YW_OK ? yw_web_store_take(l->q->web, NULL) : NULL;
    *until = judged.until;
    l->judged = code == YW_OK;
    if (code == YW_OK)
        code =
            yw_site_build(l->q->reg, l->rules, &yw_store_sqlite, store, l->q->id, judged.first, l->site, err);
    if (code != YW_OK) memset(l->site, 0, sizeof *l->site);
    if (code == YW_OK) code = look_at_hours(l, j, store, *until, err);
    if (store != NULL) yw_web_store_give(l->q->web, store, true);
    return code == YW_E_NOT_FOUND ? YW_OK : code; /* nothing is judged here: nothing is known */
}

static unsigned answer(struct look *l, struct yw_judged *j) {
    struct yw_request *q = l->q;
    struct yw_error err = {0};
    int64_t until = 0;
    const struct yw_outlet *o = yw_register_outlet(q->reg, q->id);
    l->enterprise = o != NULL ? o->enterprise : 0;
    enum yw_code code = look_up(l, j, &until, &err);
    yj_open(&q->out, '{');
    yj_put_i64(&q->out, "outlet", q->id);
    yj_put_time(&q->out, "from", l->from);
    yj_put_time(&q->out, "to", l->to);
    yj_put_time(&q->out, "until", until);
    if (code == YW_OK) put_units(l);
    if (code == YW_OK) code = put_lists(l, j, &err);
    yj_put_bool(&q->out, "more", l->more);
    yj_close(&q->out, '}');
    if (code == YW_OK) return 200;
    yw_buf_clear(&q->out);
    return yw_problem_from(q, code, &err);
}

YW_HANDLER(yw_get_operation) {
    struct look l = {.q = q};
    int64_t from, to, far = INT64_MAX / 1000 - 1, now = q->now / 1000;
    unsigned status = 200;
    if (!yw_query_i64(q, "from", -far, far, now - 86400000, &from) ||
        !yw_query_i64(q, "to", -far, far, now, &to) || from >= to ||
        to - from > (int64_t)DAYS_MOST * 86400000)
        return yw_problem(q, 400, "query", "from 应早于 to，且相差不超过 31 天",
                          "from lies before to, at most 31 days");
    struct yw_judged *j = yw_web_judged_open(q, &status);
    if (j == NULL) return status;
    l.from = from * 1000;
    l.to = to * 1000;
    l.first = yw_hour_of(l.from);
    l.n = (size_t)((l.to - l.first + YW_HOUR - 1) / YW_HOUR);
    l.rules = yw_web_rules(q->web, q->reg);
    l.site = calloc(1, sizeof *l.site);
    if (l.rules != NULL && l.site != NULL)
        status = answer(&l, j);
    else
        status = yw_problem(q, 500, "internal", "内存不足", "out of memory");
    yw_judged_close(j);
    if (l.site != NULL) yw_site_free(l.site);
    free(l.site);
    free(l.hours);
    return status;
}
