/* The station room of an outlet: entering what happened, and the list of all that is known, newest first. */
#include "web/station.h"

#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { LINE_MAX = 8 << 10, LIST_MOST = 200, EVENTS_MOST = 4000, INFO_PAGE = 200, INFO_PAGES = 10 };

unsigned yw_station_tell(struct yw_request *q, struct yw_station_word *s) {
    struct yw_error err = {0};
    struct yw_buf line;
    yw_buf_init(&line, LINE_MAX);
    enum yw_code code = yw_station_line(&line, s, q->now) ? YW_OK : yw_fail(&err, YW_E_LIMIT, "too long");
    if (code == YW_OK) {
        (void)yw_acts_lock_alone(q->web->acts);
        code = yw_acts_note(q->web->acts, line.data, line.len, &err);
        yw_acts_unlock(q->web->acts);
    }
    yw_buf_free(&line);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yj_open(&q->out, '{');
    yj_put_time(&q->out, "time", s->time);
    yj_put_text(&q->out, "kind", s->kind);
    yj_put_text(&q->out, "state", s->state);
    yj_close(&q->out, '}');
    return 200;
}

YW_HANDLER(yw_post_station) {
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    struct yw_station_word s = {.outlet = q->id, .source = "person"};
    bool good = yw_station_read(q, o, &s);
    json_decref(o);
    if (!good) return 422;
    (void)yw_copy(s.by, sizeof s.by, q->session.user.name, strlen(q->session.user.name));
    return yw_station_tell(q, &s);
}

/* ---- the list ---- */

struct gathering {
    struct yw_station_event *at;
    size_t n;
    size_t times; /* data times seen in this page */
    int64_t last; /* the oldest of them */
    bool failed;
};

static struct yw_station_event *add(struct gathering *g, const struct yw_row *row) {
    if (g->n == EVENTS_MOST) return NULL;
    struct yw_station_event *e = &g->at[g->n];
    memset(e, 0, sizeof *e);
    e->time = row->time;
    e->source = row->source;
    return e;
}

static void see_time(struct gathering *g, const struct yw_row *row) {
    if (g->times == 0 || row->time != g->last) g->times++;
    g->last = row->time;
}

static bool take_info(void *arg, const struct yw_row *row) {
    struct gathering *g = arg;
    see_time(g, row);
    for (size_t i = 0; i < row->count; i++) {
        struct yw_station_event *e = add(g, row);
        if (e == NULL) return false;
        g->n += yw_station_of_info(&row->values[i], e);
    }
    return true;
}

static bool take_word(void *arg, const struct yw_row *row) {
    struct gathering *g = arg;
    see_time(g, row);
    struct yw_station_event *e = add(g, row);
    if (e == NULL || row->count == 0) return e != NULL;
    struct yw_value const *v = row->values;
    yw_copy(e->kind, sizeof e->kind, v[0].factor, strlen(v[0].factor));
    for (size_t i = 0; i < row->count; i++) {
        struct {
            const char *field;
            char *to;
            size_t size;
        } const members[] = {{"State", e->state, sizeof e->state}, {"Value", e->value, sizeof e->value},
                             {"Unit", e->unit, sizeof e->unit},    {"Text", e->text, sizeof e->text},
                             {"By", e->by, sizeof e->by},          {"Source", e->origin, sizeof e->origin}};
        for (size_t k = 0; k < YW_COUNT(members); k++) {
            if (strcmp(v[i].field, members[k].field) != 0) continue;
            char text[YW_TEXT_MAX + 1];
            size_t n = yw_value_print(&v[i], text, sizeof text);
            (void)yw_copy(members[k].to, members[k].size, text, n);
        }
    }
    if (e->origin[0] == '\0') {
        bool hook = strncmp(e->by, "hook:", 5) == 0;
        yw_copy(e->origin, sizeof e->origin, hook ? e->by : "person", hook ? strlen(e->by) : 6);
    }
    g->n++;
    return true;
}

/* Both kinds back to `*horizon`: what is older may be incomplete. INT64_MIN: there is nothing older. */
static enum yw_code gather(struct yw_request *q, struct yw_store *store, int64_t before, size_t limit,
                           struct gathering *g, int64_t *horizon, struct yw_error *err) {
    *horizon = INT64_MIN;
    enum yw_code code =
        yw_store_sqlite.recent(store, q->id, YW_KIND_STATION, before, limit, take_word, g, err);
    if (code == YW_OK && g->times >= limit) *horizon = g->last;
    size_t words = g->n;
    /* Device information holds much that is not of the station. */
    int64_t from = before;
    bool more = true;
    for (int page = 0; code == YW_OK && more && page < INFO_PAGES && g->n - words < limit; page++) {
        g->times = 0;
        code = yw_store_sqlite.recent(store, q->id, YW_KIND_INFO, from, INFO_PAGE, take_info, g, err);
        more = g->times >= INFO_PAGE || g->n == EVENTS_MOST;
        from = g->last;
    }
    if (code == YW_OK && more && from > *horizon) *horizon = from;
    return code;
}

static int newest_first(const void *a, const void *b) {
    const struct yw_station_event *x = a, *y = b;
    if (x->time != y->time) return x->time > y->time ? -1 : 1;
    int by_source = yw_source_compare(&y->source, &x->source);
    return by_source != 0 ? by_source : strcmp(x->code, y->code);
}

static void put_event(struct yw_buf *b, const struct yw_station_event *e) {
    char journal[16] = "acts";
    if (e->source.journal != YW_JOURNAL_ACTS) snprintf(journal, sizeof journal, "p%u", e->source.journal);
    yj_open(b, '{');
    yj_put_time(b, "time", e->time);
    yj_put_time(b, "arrival", e->source.arrival);
    yj_put_text(b, "kind", e->kind);
    yj_put_text(b, "state", e->state);
    yj_put_text_or_null(b, "value", e->value);
    yj_put_text_or_null(b, "unit", e->value[0] != '\0' ? e->unit : "");
    yj_put_text_or_null(b, "text", e->text);
    yj_put_text_or_null(b, "code", e->code);
    yj_put_text(b, "source", e->origin);
    yj_put_text_or_null(b, "by", e->by);
    yj_put_text(b, "journal", journal);
    yj_key(b, "position");
    yj_u64_text(b, e->source.position);
    yj_close(b, '}');
}

static void put_events(struct yw_request *q, struct gathering *g, int64_t limit, int64_t horizon) {
    struct yw_buf *b = &q->out;
    qsort(g->at, g->n, sizeof *g->at, newest_first);
    size_t given = 0;
    yj_open(b, '{');
    yj_key(b, "events");
    yj_open(b, '[');
    /* One time is never torn apart, since the next page begins before it. */
    while (given < g->n && g->at[given].time >= horizon &&
           (given < (size_t)limit || g->at[given].time == g->at[given - 1].time)) {
        put_event(b, &g->at[given++]);
    }
    yj_close(b, ']');
    int64_t next = given < g->n && given > 0 ? g->at[given - 1].time : horizon;
    yj_key(b, "next");
    if (given == g->n && horizon == INT64_MIN) {
        yj_null(b);
    } else {
        yj_time(b, next);
    }
    yj_close(b, '}');
}

YW_HANDLER(yw_get_station) {
    int64_t before, limit, far = INT64_MAX / 1000 - 1;
    if (!yw_query_i64(q, "before", -far, far, far, &before) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 50, &limit))
        return yw_problem(q, 400, "query", "before 或 limit 不正确", "before or limit is wrong");
    struct gathering g = {.at = malloc(EVENTS_MOST * sizeof *g.at)};
    if (g.at == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    struct yw_error err = {0};
    struct yw_store *store = yw_web_store_take(q->web, &err);
    int64_t horizon = INT64_MIN;
    enum yw_code code =
        store == NULL ? YW_OK : gather(q, store, before * 1000, (size_t)limit, &g, &horizon, &err);
    yw_web_store_give(q->web, store, code == YW_OK);
    if (code == YW_OK) put_events(q, &g, limit, horizon);
    free(g.at);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}
