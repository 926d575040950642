/* Watch: outlets with their state, newest value and last day; the list of outlets. */
#include "web/web_int.h"

#include <math.h>
#include <string.h>

enum { SPARK_HOURS = 24, SPARK_POINTS = 48, LIST_MOST = 500 };
#define SPARK_AGE (5 * YW_MINUTE) /* a sparkline is read anew after this */
#define SPARK_BUDGET                                                                                         \
    (200 * YW_SECOND / 1000) /* for reading sparklines within one request; the others come with the next */

void yw_put_enterprise_brief(struct yw_buf *b, const struct yw_enterprise *e) {
    yj_key(b, "enterprise");
    if (e == NULL) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    yj_put_i64(b, "id", e->id);
    yj_put_text(b, "name", e->name);
    yj_put_text(b, "short_name", e->short_name[0] != '\0' ? e->short_name : e->name);
    yj_close(b, '}');
}

static void read_spark(struct yw_request *q, struct yw_store *store, const struct yw_outlet *o,
                       struct yw_outlet_state *s) {
    static const struct {
        enum yw_kind kind;
        const char *field;
    } sources[] = {{YW_KIND_HOUR, "Avg"}, {YW_KIND_MINUTE, "Avg"}, {YW_KIND_REAL, "Rtd"}};
    const struct yw_factor_rule *rule = yw_main_factor(q->reg, o->id);
    int64_t to = q->now / YW_HOUR * YW_HOUR + YW_HOUR, from = to - SPARK_HOURS * YW_HOUR;
    double sum[SPARK_HOURS] = {0}, weight[SPARK_HOURS] = {0};
    bool any = rule == NULL;
    for (size_t i = 0; i < YW_COUNT(sources) && !any; i++) {
        struct yw_point p[SPARK_POINTS];
        size_t n = 0;
        if (s->last_time[sources[i].kind] < from) continue;
        if (yw_store_sqlite.series(store, o->id, sources[i].kind, rule->code, sources[i].field, from, to,
                                   SPARK_POINTS, p, &n, NULL) != YW_OK) {
            continue;
        }
        for (size_t k = 0; k < n; k++) {
            int64_t hour = (p[k].time - from) / YW_HOUR;
            if (p[k].time < from || hour >= SPARK_HOURS || p[k].n == 0) continue;
            sum[hour] += p[k].sum;
            weight[hour] += p[k].n;
            any = true;
        }
    }
    for (size_t h = 0; h < SPARK_HOURS; h++) s->spark[h] = weight[h] > 0 ? sum[h] / weight[h] : NAN;
    yw_states_set_spark(q->web->states, o->id, s->spark, q->now);
}

static void put_outlet(struct yw_request *q, const struct yw_outlet *o, const struct yw_outlet_state *s,
                       enum yw_online state, bool spark) {
    struct yw_buf *b = &q->out;
    const struct yw_enterprise *e = yw_register_enterprise(q->reg, o->enterprise);
    int64_t newest = s->last_time[YW_KIND_REAL];
    for (int k = 1; k < YW_KIND_COUNT; k++) newest = s->last_time[k] > newest ? s->last_time[k] : newest;
    yj_open(b, '{');
    yj_put_i64(b, "id", o->id);
    yj_put_text(b, "code", o->code);
    yj_put_text(b, "name", o->name);
    yj_put_text(b, "kind", yw_outlet_kind_name(o->kind));
    yw_put_enterprise_brief(b, e);
    yj_put_text_or_null(b, "area", e != NULL ? e->area : NULL);
    yj_put_f64(b, "lon", isnan(o->lon) && e != NULL ? e->lon : o->lon);
    yj_put_f64(b, "lat", isnan(o->lat) && e != NULL ? e->lat : o->lat);
    yj_put_text(b, "state", yw_online_name(state));
    yj_put_time(b, "last_arrival", s->last_arrival);
    yj_put_time(b, "last_time", newest);
    yw_put_main(b, q->reg, o->id, &s->main);
    if (spark) {
        yj_key(b, "spark");
        yj_open(b, '[');
        for (size_t h = 0; h < SPARK_HOURS; h++) yj_f64(b, s->spark[h]);
        yj_close(b, ']');
        yw_put_judged(b, &s->judged);
    }
    yj_close(b, '}');
}

static bool matches(const struct yw_register *r, const struct yw_outlet *o, const char *area,
                    const char *text) {
    const struct yw_enterprise *e = yw_register_enterprise(r, o->enterprise);
    if (area[0] != '\0' && (e == NULL || !yw_register_area_within(r, e->area, area))) return false;
    return text[0] == '\0' || yw_text_has(o->name, text) || yw_text_has(o->code, text) ||
           (e != NULL && (yw_text_has(e->name, text) || yw_text_has(e->short_name, text) ||
                          yw_text_has(e->credit_code, text)));
}

YW_HANDLER(yw_get_watch) {
    const char *area = yw_query(q, "area"), *text = yw_query(q, "q");
    struct yw_buf *b = &q->out;
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    size_t n, counts[4] = {0};
    const struct yw_outlet *o = yw_register_outlets(q->reg, &n);
    int64_t began = yw_monotonic();
    yj_open(b, '{');
    yj_put_time(b, "now", q->now);
    yj_key(b, "outlets");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (!yw_sees_outlet(q->reg, &q->session.user, &o[i]) || !matches(q->reg, &o[i], area, text)) continue;
        struct yw_outlet_state s;
        yw_states_get(q->web->states, o[i].id, &s);
        yw_states_refresh_main(q->web->states, store, q->reg, &o[i], &s);
        bool stale = s.last_arrival != 0 && q->now - s.spark_read > SPARK_AGE;
        if (stale && store != NULL && yw_monotonic() - began < SPARK_BUDGET) read_spark(q, store, &o[i], &s);
        enum yw_online state = yw_online_state(q->reg, &o[i], &s, q->now);
        counts[state]++;
        put_outlet(q, &o[i], &s, state, true);
    }
    yj_close(b, ']');
    yj_key(b, "counts");
    yj_open(b, '{');
    for (int k = YW_STATE_ONLINE; k >= YW_STATE_NEVER; k--) {
        yj_put_i64(b, yw_online_name((enum yw_online)k), (int64_t)counts[k]);
    }
    yj_close(b, '}');
    yj_close(b, '}');
    yw_web_store_give(q->web, store, true);
    return 200;
}

YW_HANDLER(yw_get_outlets) {
    int64_t after, limit;
    if (!yw_query_i64(q, "after", 0, UINT32_MAX, 0, &after) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 100, &limit)) {
        return yw_problem(q, 400, "query", "after 或 limit 不是允许的数字",
                          "after or limit is not a number within its range");
    }
    const char *text = yw_query(q, "q"), *area = yw_query(q, "area");
    struct yw_buf *b = &q->out;
    struct yw_store *store = yw_web_store_take(q->web, NULL);
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(q->reg, &n);
    uint32_t next = 0;
    int64_t given = 0;
    yj_open(b, '{');
    yj_key(b, "outlets");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (o[i].id <= after || !yw_sees_outlet(q->reg, &q->session.user, &o[i]) ||
            !matches(q->reg, &o[i], area, text))
            continue;
        if (given == limit) {
            next = o[i - 1].id;
            break;
        }
        struct yw_outlet_state s;
        yw_states_get(q->web->states, o[i].id, &s);
        yw_states_refresh_main(q->web->states, store, q->reg, &o[i], &s);
        put_outlet(q, &o[i], &s, yw_online_state(q->reg, &o[i], &s, q->now), false);
        given++;
    }
    yj_close(b, ']');
    yj_key(b, "next");
    next != 0 ? yj_i64(b, next) : yj_null(b);
    yj_close(b, '}');
    yw_web_store_give(q->web, store, true);
    return 200;
}

static unsigned stream(struct yw_request *q, uint32_t outlet) {
    q->stream = yw_live_subscribe(q->web->hub, q->connection, &q->session.user, outlet);
    return q->stream != NULL ? 200
                             : yw_problem(q, 503, "too_many", "实时连接过多，请稍后再试",
                                          "too many live connections: try again later");
}

YW_HANDLER(yw_get_live) {
    return stream(q, 0);
}

YW_HANDLER(yw_get_outlet_live) {
    return stream(q, q->id);
}
