/* The API of alarms: lists, and one with all that speaks for and against it. */
#include "web/alarms.h"

#include "register/cameras.h"
#include "web/marks.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { LIST_MOST = 500, LIST_USUAL = 100, NEARBY_MOST = 100, CAMERAS_MOST = 16 };
#define NEARBY YW_DAY       /* marks before and after */
#define LEDGER (7 * YW_DAY) /* of the ledger before */

/* ---- the list ---- */

enum which { OPEN, CLOSED, OVERDUE, MINE, ALL };

struct wish {
    enum which which;
    bool by_due; /* least time left first; else newest first */
    uint32_t outlet;
    uint8_t kind;
    int64_t before, before_due; /* what the last page ended with; before 0: the first page */
    size_t limit;
};

static bool is_open(const struct yw_alarm *a) {
    return a->state.stage != YW_STAGE_CLOSED;
}

struct found {
    const struct yw_alarm *alarm;
    int64_t due; /* INT64_MAX: none */
};

static int by_due(const void *a, const void *b) {
    const struct found *x = a, *y = b;
    if (x->due != y->due) return x->due < y->due ? -1 : 1;
    return x->alarm->id < y->alarm->id ? -1 : x->alarm->id > y->alarm->id;
}

struct counts {
    int64_t open, mine, overdue, nodata;
};

struct list {
    struct yw_request *q;
    const struct wish *wish;
    struct yw_stage_limits limits;
    struct counts counts;
    struct found *at;
    size_t n;
};

static bool wanted(struct list *l, const struct yw_alarm *a, int64_t due) {
    const struct yw_request *q = l->q;
    const struct wish *w = l->wish;
    bool open = is_open(a), mine = open && yw_acts_for(q->reg, &q->session.user, a->state.unit);
    bool overdue = open && due < q->now;
    l->counts.open += open;
    l->counts.mine += mine;
    l->counts.overdue += overdue;
    l->counts.nodata +=
        open && (a->episode.kind == YW_VERDICT_MISSING || a->episode.kind == YW_VERDICT_SILENT);
    bool right = w->which == ALL || (w->which == OPEN && open) || (w->which == CLOSED && !open) ||
                 (w->which == OVERDUE && overdue) || (w->which == MINE && mine);
    if (!right || (w->kind != 0 && a->episode.kind != w->kind)) return false;
    if (w->before == 0) return true;
    return w->by_due ? due > w->before_due || (due == w->before_due && a->id > w->before) : a->id < w->before;
}

/* All that the user sees are counted; those of the page are kept. */
static bool gather(struct list *l) {
    const struct yw_alarms *book = l->q->web->alarms;
    size_t n = yw_alarms_count(book), most = l->wish->by_due ? n : l->wish->limit + 1;
    l->at = calloc(most + 1, sizeof *l->at);
    for (size_t i = n; l->at != NULL && i > 0; i--) {
        const struct yw_alarm *a = yw_alarms_at(book, i - 1);
        if (l->wish->outlet != 0 && a->episode.outlet != l->wish->outlet) continue;
        if (!yw_sees_outlet(l->q->reg, &l->q->session.user, yw_register_outlet(l->q->reg, a->episode.outlet)))
            continue;
        int64_t due = yw_alarm_due(&a->state, &l->limits);
        if (due == 0) due = INT64_MAX;
        if (wanted(l, a, due) && l->n < most) l->at[l->n++] = (struct found){a, due};
    }
    if (l->at != NULL && l->wish->by_due) qsort(l->at, l->n, sizeof *l->at, by_due);
    return l->at != NULL;
}

static void put_list(struct list *l) {
    struct yw_buf *b = &l->q->out;
    size_t shown = l->n < l->wish->limit ? l->n : l->wish->limit;
    yj_open(b, '{');
    yj_key(b, "alarms");
    yj_open(b, '[');
    for (size_t i = 0; i < shown; i++) {
        yj_open(b, '{');
        yw_put_alarm(b, l->q->web, l->q->reg, l->at[i].alarm, l->q->now);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    char next[64] = "";
    if (shown < l->n) {
        const struct found *last = &l->at[shown - 1];
        snprintf(next, sizeof next, "%lld-%lld", (long long)last->alarm->id, (long long)last->due);
    }
    yj_put_text_or_null(b, "next", next);
    yj_key(b, "counts");
    yj_open(b, '{');
    yj_put_i64(b, "open", l->counts.open);
    yj_put_i64(b, "mine", l->counts.mine);
    yj_put_i64(b, "overdue", l->counts.overdue);
    yj_put_i64(b, "nodata", l->counts.nodata);
    yj_close(b, '}');
    yj_put_text_or_null(b, "unit", yw_user_unit(l->q->reg, &l->q->session.user));
    yj_close(b, '}');
}

static bool read_wish(const struct yw_request *q, struct wish *w) {
    static const char *const states[] = {"open", "closed", "overdue", "mine", "all"};
    const char *state = yw_query(q, "state"), *sort = yw_query(q, "sort"), *kind = yw_query(q, "kind"),
               *before = yw_query(q, "before");
    int64_t outlet, limit;
    size_t i = 0;
    while (state[0] != '\0' && i < YW_COUNT(states) && strcmp(states[i], state) != 0) i++;
    w->which = (enum which)i;
    w->by_due = strcmp(sort, "due") == 0;
    if (i == YW_COUNT(states) || (!w->by_due && sort[0] != '\0' && strcmp(sort, "new") != 0)) return false;
    if (kind[0] != '\0' && !yw_verdict_parse(kind, &w->kind)) return false;
    if (!yw_query_i64(q, "outlet", 0, UINT32_MAX, 0, &outlet) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, LIST_USUAL, &limit))
        return false;
    w->outlet = (uint32_t)outlet;
    w->limit = (size_t)limit;
    size_t n = strcspn(before, "-");
    return before[0] == '\0' || (before[n] == '-' && yw_parse_i64(before, n, &w->before) && w->before > 0 &&
                                 yw_parse_i64(before + n + 1, strlen(before + n + 1), &w->before_due));
}

YW_HANDLER(yw_get_alarms) {
    struct wish w = {0};
    if (!read_wish(q, &w))
        return yw_problem(q, 400, "query", "state、sort、kind、outlet、before 或 limit 不正确",
                          "state: open, closed, overdue, mine or all; sort: new or due; kind of verdict; "
                          "before: `next` of the page before; limit 1 to 500");
    struct list l = {.q = q, .wish = &w};
    yw_alarm_limits_of(q->reg, &l.limits);
    if (!gather(&l)) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    put_list(&l);
    free(l.at);
    return 200;
}

/* ---- one ---- */

static bool put_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct yw_request *q = arg;
    const struct yw_episode *e = &yw_alarms_find(q->web->alarms, q->params[0])->episode;
    const struct yw_verdict *x = &v->verdict;
    if (x->basis != e->basis || x->period != e->period || strcmp(v->factor, e->factor) != 0) return true;
    yj_open(&q->out, '{');
    yj_put_text(&q->out, "number", v->number);
    yj_put_time(&q->out, "from", x->from);
    yj_put_time(&q->out, "to", x->to);
    yj_put_f64(&q->out, "value", x->value);
    yj_put_f64(&q->out, "held", x->held);
    yj_put_f64(&q->out, "multiple", x->multiple);
    yj_put_text(&q->out, "unit", v->unit);
    yj_put_bool(&q->out, "counts", x->counts);
    yj_put_bool(&q->out, "gone", v->gone);
    yj_put_text(&q->out, "marking", yw_marking_word(x->marking)->name);
    yj_put_text(&q->out, "limit_source", v->limit_source);
    yj_close(&q->out, '}');
    return true;
}

static void put_verdicts(struct yw_request *q, const struct yw_alarm *a) {
    struct yw_judged *j = NULL;
    yj_key(&q->out, "verdicts");
    yj_open(&q->out, '[');
    if (yw_judged_open(q->web->series, NULL, true, &j, NULL) == YW_OK) {
        struct yw_judged_filter f = {.outlet = a->episode.outlet,
                                     .factor = a->episode.factor,
                                     .kind = a->episode.kind,
                                     .from = a->episode.from,
                                     .to = a->episode.to + 1,
                                     .with_gone = true};
        (void)yw_judged_verdicts(j, &f, put_verdict, q, NULL);
        yw_judged_close(j);
    }
    yj_close(&q->out, ']');
}

struct nearby {
    struct yw_request *q;
    const char *number;
    size_t n;
};

static bool put_mark(void *arg, const struct yw_mark_row *m) {
    struct nearby *l = arg;
    yw_put_mark_row(l->q, m);
    return ++l->n < NEARBY_MOST;
}

static bool put_filing(void *arg, const struct yw_filing_row *f) {
    struct nearby *l = arg;
    yw_put_filing_row(l->q, f);
    return ++l->n < NEARBY_MOST;
}

static bool put_notice(void *arg, const struct yw_query_row *d) {
    struct nearby *l = arg;
    if (strcmp(d->alarm, l->number) == 0) yw_put_query_row(l->q, d);
    return true;
}

/* What speaks for and against it: marks, the ledger and reports around the time, notices to the unit,
 * cameras. */
static void put_nearby(struct yw_request *q, const struct yw_alarm *a) {
    const struct yw_episode *e = &a->episode;
    struct nearby l = {.q = q, .number = a->number};
    yj_key(&q->out, "marks");
    yj_open(&q->out, '[');
    yw_register_marks(q->reg, e->outlet, e->from - NEARBY, e->to + NEARBY, false, put_mark, &l);
    yj_close(&q->out, ']');
    l.n = 0;
    yj_key(&q->out, "filings");
    yj_open(&q->out, '[');
    yw_register_filings(q->reg, e->outlet, 0, e->from - LEDGER, e->to + NEARBY, false, put_filing, &l);
    yj_close(&q->out, ']');
    yj_key(&q->out, "notices");
    yj_open(&q->out, '[');
    yw_register_queries(q->reg, e->outlet, put_notice, &l);
    yj_close(&q->out, ']');
    const struct yw_camera *c[CAMERAS_MOST];
    size_t n = yw_register_cameras_of(q->reg, a->episode.outlet, c, CAMERAS_MOST);
    yj_key(&q->out, "cameras");
    yj_open(&q->out, '[');
    for (size_t i = 0; i < n; i++) {
        yj_open(&q->out, '{');
        yj_put_i64(&q->out, "id", c[i]->id);
        yj_put_text(&q->out, "name", c[i]->name);
        yj_put_bool(&q->out, "snapshot", c[i]->snapshot_url[0] != '\0');
        yj_put_bool(&q->out, "link", c[i]->link_url[0] != '\0');
        yj_close(&q->out, '}');
    }
    yj_close(&q->out, ']');
}

/* What this user could do now. */
static void put_possible(struct yw_request *q, const struct yw_alarm *a) {
    yj_key(&q->out, "possible");
    yj_open(&q->out, '[');
    for (uint8_t k = YW_STEP_TAKE; k < YW_STEP_WITHDRAWN; k++) {
        struct yw_alarm_step s = {.kind = k, .result = "other", .text = "?"};
        struct yw_step_refusal why;
        (void)yw_copy(s.to_unit, sizeof s.to_unit, a->state.home, strlen(a->state.home));
        if (a->state.home[0] == '\0' && k == YW_STEP_ASSIGN) continue;
        if ((q->session.user.role & (YW_ROLE_OFFICER | YW_ROLE_LEADER)) != 0 && yw_alarm_may(q, a, &s, &why))
            yj_text(&q->out, yw_step_name(k));
    }
    yj_close(&q->out, ']');
}

void yw_put_alarm_page(struct yw_request *q, const struct yw_alarm *a) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yw_put_alarm(b, q->web, q->reg, a, q->now);
    yj_put_text(b, "standing_zh", yw_standing_zh);
    yj_put_text(b, "standing_en", yw_standing_en);
    yw_put_alarm_steps(q, a);
    put_possible(q, a);
    put_verdicts(q, a);
    put_nearby(q, a);
    yj_close(b, '}');
}

/* The scope check found it. */
YW_HANDLER(yw_get_alarm) {
    yw_put_alarm_page(q, yw_alarms_find(q->web->alarms, q->params[0]));
    return 200;
}
