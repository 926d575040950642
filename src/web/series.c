/* Values of an outlet over time, thinned by the store so that no spike disappears. */
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { FACTORS_MOST = 16, POINTS_MOST = 20000, POINTS_USUAL = 1200 };

static bool kind_of_query(struct yw_request *q, enum yw_kind *kind) {
    const char *name = yw_query(q, "kind");
    *kind = YW_KIND_REAL;
    return name[0] == '\0' || yw_kind_parse(name, kind);
}

/* One array per member: small to send, and what charts want. */
#define COLUMN(name, put)                                                                                    \
    yj_key(b, name);                                                                                         \
    yj_open(b, '[');                                                                                         \
    for (size_t i = 0; i < n; i++) put;                                                                      \
    yj_close(b, ']')

static void put_series(struct yw_buf *b, const char *code, const char *field, const struct yw_point *p,
                       size_t n) {
    yj_open(b, '{');
    yj_put_text(b, "code", code);
    yj_put_text(b, "field", field);
    COLUMN("t", yj_time(b, p[i].time));
    COLUMN("span", yj_time(b, p[i].span));
    COLUMN("n", yj_i64(b, p[i].n));
    COLUMN("first", yj_f64(b, p[i].first));
    COLUMN("last", yj_f64(b, p[i].last));
    COLUMN("min", yj_f64(b, p[i].min));
    COLUMN("max", yj_f64(b, p[i].max));
    COLUMN("mean", yj_f64(b, p[i].n > 0 ? p[i].sum / p[i].n : p[i].first));
    COLUMN("min_t", yj_time(b, p[i].span > 0 ? p[i].min_time : p[i].time));
    COLUMN("max_t", yj_time(b, p[i].span > 0 ? p[i].max_time : p[i].time));
    COLUMN("flag", yj_text(b, p[i].flag));
    COLUMN("late", yj_i64(b, (p[i].flags & YW_ROW_BACKFILLED) != 0));
    COLUMN("revisions", yj_i64(b, p[i].revisions));
    yj_close(b, '}');
}

/* The field asked for; where it has no values, the others that say the same of this kind. */
static enum yw_code read_one(struct yw_request *q, struct yw_store *store, enum yw_kind kind,
                             const char *code, int64_t from, int64_t to, size_t most, struct yw_point *p,
                             struct yw_error *err) {
    static const char *const real[] = {"Rtd", "ZsRtd", "Avg"}, *const mean[] = {"Avg", "ZsAvg", "Cou", "Rtd"};
    const char *asked = yw_query(q, "field");
    const char *const *fields = kind == YW_KIND_REAL ? real : mean;
    size_t field_n = kind == YW_KIND_REAL ? YW_COUNT(real) : YW_COUNT(mean);
    if (asked[0] != '\0') fields = &asked, field_n = 1;
    size_t n = 0;
    enum yw_code result = YW_OK;
    for (size_t i = 0; i < field_n && n == 0 && result == YW_OK; i++) {
        result = yw_store_sqlite.series(store, q->id, kind, code, fields[i], from, to, most, p, &n, err);
        if (n > 0 || i + 1 == field_n) put_series(&q->out, code, n > 0 ? fields[i] : fields[0], p, n);
    }
    return result;
}

YW_HANDLER(yw_get_series) {
    enum yw_kind kind;
    int64_t from, to, most;
    int64_t now_ms = q->now / 1000, far = INT64_MAX / 1000;
    if (!kind_of_query(q, &kind) || !yw_query_i64(q, "from", -far, far, now_ms - 86400000, &from) ||
        !yw_query_i64(q, "to", -far, far, now_ms, &to) ||
        !yw_query_i64(q, "points", 2, POINTS_MOST, POINTS_USUAL, &most) || from >= to) {
        return yw_problem(q, 400, "query", "kind、from、to 或 points 不正确",
                          "kind, from, to or points is wrong");
    }
    if (strlen(yw_query(q, "field")) > YW_FIELD_MAX)
        return yw_problem(q, 400, "query", "field 过长", "field is too long");
    struct yw_error err = {0};
    struct yw_store *store = yw_web_store_take(q->web, &err);
    struct yw_point *p = store != NULL ? calloc((size_t)most, sizeof *p) : NULL;
    if (p == NULL) {
        yw_web_store_give(q->web, store, true);
        return yw_problem(q, 503, "no_store", "数据尚未就绪，请稍后再试",
                          "there is no data yet: try again later");
    }
    struct yw_buf *b = &q->out, all;
    yw_buf_init(&all, 4096);
    int64_t began = yw_monotonic();
    enum yw_code code = YW_OK;
    const char *list = yw_query(q, "factors");
    if (list[0] == '\0') {
        code = yw_store_sqlite.factors(store, q->id, kind, from * 1000, to * 1000, &all, &err);
        list = all.data != NULL ? all.data : "";
    }
    yj_open(b, '{');
    yj_put_text(b, "kind", yw_kind_name(kind));
    yj_put_i64(b, "from", from);
    yj_put_i64(b, "to", to);
    yj_key(b, "factors");
    yj_open(b, '[');
    size_t count = 0;
    for (const char *at = list; *at != '\0' && code == YW_OK && count < FACTORS_MOST; count++) {
        size_t n = strcspn(at, ",");
        char factor[YW_FACTOR_MAX + 1];
        if (n > 0 && yw_copy(factor, sizeof factor, at, n)) {
            code = read_one(q, store, kind, factor, from * 1000, to * 1000, (size_t)most, p, &err);
        }
        at += n + (at[n] == ',');
    }
    yj_close(b, ']');
    yj_put_f64(b, "took_ms", (double)(yw_monotonic() - began) / 1000.0);
    yj_close(b, '}');
    free(p);
    yw_buf_free(&all);
    yw_web_store_give(q->web, store, code == YW_OK);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}
