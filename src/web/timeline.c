/* What an outlet owed and what became of it: as runs along the time, or counted by day for a calendar. */
#include "web/gaps_look.h"
#include "web/web_int.h"

#include <string.h>

enum { RUN_SLOTS_MOST = 50000, DAYS_MOST = 366 };

struct drawing {
    struct yw_buf *b;
    const struct yw_user *user;
    int64_t from, to;
    uint8_t state; /* of the run that is not written yet */
    int64_t begun, end;
    bool any;
};

/* Polluters and maintainers see what is there and what is not, not who asks whom. */
static bool sees_questions(const struct yw_user *u) {
    return (u->role & (YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_LEADER)) != 0;
}

static void write_run(struct drawing *d) {
    int64_t from = d->begun > d->from ? d->begun : d->from, to = d->end < d->to ? d->end : d->to;
    if (!d->any || from >= to) return;
    yj_open(d->b, '{');
    yj_key(d->b, "from");
    yj_time(d->b, from);
    yj_key(d->b, "to");
    yj_time(d->b, to);
    yj_put_text(d->b, "state", yw_gap_state_name(d->state));
    yj_close(d->b, '}');
}

static bool put_run(void *arg, const struct yw_gap_run *r) {
    struct drawing *d = arg;
    uint8_t state = r->state == YW_GAP_ASKED && !sees_questions(d->user) ? YW_GAP_MISSING : r->state;
    if (d->any && state == d->state) {
        d->end = r->to;
        return true;
    }
    write_run(d);
    d->any = true;
    d->state = state;
    d->begun = r->from;
    d->end = r->to;
    return true;
}

static void put_counts(struct yw_buf *b, const struct yw_user *u, uint32_t counts[YW_GAP_STATES]) {
    if (!sees_questions(u)) {
        counts[YW_GAP_MISSING] += counts[YW_GAP_ASKED];
        counts[YW_GAP_ASKED] = 0;
    }
    uint32_t owed = 0;
    for (uint8_t s = YW_GAP_RECEIVED; s < YW_GAP_STATES; s++) {
        yj_put_i64(b, yw_gap_state_name(s), counts[s]);
        if (s != YW_GAP_DUE) owed += counts[s];
    }
    yj_put_i64(b, "owed", owed);
}

static void put_runs(struct yw_request *q, const struct yw_gap_look *l, int64_t from, int64_t to) {
    struct yw_buf *b = &q->out;
    struct drawing d = {.b = b, .user = &q->session.user, .from = from, .to = to};
    yj_key(b, "runs");
    yj_open(b, '[');
    if (l->gaps.step != 0) {
        yw_gaps_runs(&l->gaps, put_run, &d);
    } else {
        (void)put_run(&d, &(struct yw_gap_run){.from = from, .to = to, .state = YW_GAP_NONE});
    }
    write_run(&d);
    yj_close(b, ']');
    if (!sees_questions(d.user)) return;
    yj_key(b, "asks");
    yj_open(b, '[');
    for (size_t i = 0; i < l->question_n; i++) {
        yj_open(b, '{');
        yj_put_time(b, "from", l->questions[i].from);
        yj_put_time(b, "to", l->questions[i].to);
        yj_put_i64(b, "command", l->questions[i].id);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_days(struct yw_request *q, const struct yw_gap_look *l, int64_t from, int64_t to) {
    struct yw_buf *b = &q->out;
    yj_key(b, "days");
    yj_open(b, '[');
    for (int32_t day = yw_china_day(from), last = yw_china_day(to - 1); day <= last; day++) {
        uint32_t counts[YW_GAP_STATES] = {0};
        if (l->gaps.step != 0)
            yw_gaps_count(&l->gaps, yw_china_day_start(day), yw_china_day_start(day + 1), counts);
        yj_open(b, '{');
        yj_put_day(b, "day", day);
        put_counts(b, &q->session.user, counts);
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static bool read_query(struct yw_request *q, enum yw_kind *kind, int64_t *from, int64_t *to, bool *days) {
    const char *name = yw_query(q, "kind"), *by = yw_query(q, "by");
    int64_t far = INT64_C(1) << 47; /* milliseconds: the year 6400 */
    *kind = YW_KIND_MINUTE;
    if ((name[0] != '\0' && (!yw_kind_parse(name, kind) || yw_gap_cn(*kind) == 0)) ||
        (by[0] != '\0' && strcmp(by, "day") != 0) || !yw_query_i64(q, "to", 0, far, q->now / 1000, to) ||
        !yw_query_i64(q, "from", 0, far, *to - YW_DAY / 1000, from) || *from >= *to) {
        (void)yw_problem(q, 400, "query",
                         "kind 应为 minute、hour、day 或 runtime，by 只能为 day，from 应早于 to",
                         "kind is minute, hour, day or runtime; by is day or absent; from lies before to");
        return false;
    }
    *from *= 1000;
    *to *= 1000;
    *days = by[0] != '\0';
    if (!*days || *to - *from <= DAYS_MOST * YW_DAY) return true;
    (void)yw_problem(q, 400, "query", "按日统计最多 366 天", "by=day: at most 366 days");
    return false;
}

YW_HANDLER(yw_get_timeline) {
    enum yw_kind kind;
    int64_t from, to;
    bool days;
    if (!read_query(q, &kind, &from, &to, &days)) return 400;
    if (days) { /* whole days */
        from = yw_china_day_start(yw_china_day(from));
        to = yw_china_day_start(yw_china_day(to - 1) + 1);
    }
    struct yw_gap_outlet o;
    struct yw_gap_look l = {0};
    struct yw_error err = {0};
    yw_gap_outlet_of(q->reg, q->id, &o);
    struct yw_store *store = yw_web_store_take(q->web, &err);
    enum yw_code code =
        store == NULL ? YW_OK : yw_gap_look(q->web, store, &o, kind, from, to, q->now, &l, &err);
    yw_web_store_give(q->web, store, code == YW_OK || code == YW_E_RANGE);
    unsigned status = 200;
    if (code == YW_E_RANGE || (!days && l.gaps.n > RUN_SLOTS_MOST)) {
        status = yw_problem(q, 400, "range", "时段过长，请缩小范围或按日统计（by=day）",
                            "too long: ask for less, or for counts by day (by=day)");
    } else if (code != YW_OK) {
        status = yw_problem_from(q, code, &err);
    } else {
        uint32_t counts[YW_GAP_STATES] = {0};
        if (l.gaps.step != 0) yw_gaps_count(&l.gaps, l.gaps.first, to, counts);
        struct yw_buf *b = &q->out;
        yj_open(b, '{');
        yj_put_text(b, "kind", yw_kind_name(kind));
        yj_put_i64(b, "step_ms", l.gaps.step / 1000);
        yj_put_time(b, "from", from);
        yj_put_time(b, "to", to);
        days ? put_days(q, &l, from, to) : put_runs(q, &l, from, to);
        yj_key(b, "counts");
        yj_open(b, '{');
        put_counts(b, &q->session.user, counts);
        yj_close(b, '}');
        yj_close(b, '}');
    }
    yw_gap_look_free(&l);
    return status;
}
