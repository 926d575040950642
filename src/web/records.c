/* Records of an outlet: one with all its revisions, or many, newest first. */
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { ROWS_MOST = 64, LIST_MOST = 500 };

/* Rows that outlive the callback they came to. */
struct kept {
    struct yw_row rows[ROWS_MOST];
    size_t n;
    struct yw_arena *arena;
};

static bool keep(struct kept *k, const struct yw_row *row) {
    if (k->n == ROWS_MOST) return false;
    struct yw_value *values = yw_arena_alloc(k->arena, (row->count + 1) * sizeof *values);
    if (values == NULL) return false;
    memcpy(values, row->values, row->count * sizeof *values);
    for (size_t i = 0; i < row->count; i++) {
        if (!values[i].is_text) continue;
        values[i].text = yw_arena_text(k->arena, values[i].text, values[i].text_n);
        if (values[i].text == NULL) return false;
    }
    k->rows[k->n] = *row;
    k->rows[k->n++].values = values;
    return true;
}

static bool keep_row(void *arg, const struct yw_row *row) {
    return keep(arg, row);
}

static const struct yw_row *counting(const struct kept *k) {
    const struct yw_row *best = &k->rows[0];
    for (size_t i = 1; i < k->n; i++) {
        if (yw_row_counts_over(&k->rows[i], best)) best = &k->rows[i];
    }
    return best;
}

static void put_value(struct yw_buf *b, const struct yw_value *v) {
    char text[YW_TEXT_MAX + 1];
    yw_value_print(v, text, sizeof text);
    yj_put_text(b, v->field, text);
}

void yw_put_values(struct yw_buf *b, const struct yw_value *const *values, size_t n) {
    bool done[YW_VALUES_MAX] = {false};
    yj_open(b, '{');
    for (size_t i = 0; i < n && i < YW_VALUES_MAX; i++) {
        if (done[i]) continue;
        yj_key(b, values[i]->factor);
        yj_open(b, '{');
        for (size_t k = i; k < n && k < YW_VALUES_MAX; k++) {
            if (done[k] || strcmp(values[k]->factor, values[i]->factor) != 0) continue;
            put_value(b, values[k]);
            done[k] = true;
        }
        yj_close(b, '}');
    }
    yj_close(b, '}');
}

static void put_source(struct yw_buf *b, const struct yw_row *row) {
    yj_put_time(b, "arrival", row->source.arrival);
    yw_put_journal(b, row->source.journal);
    yj_key(b, "position");
    yj_u64_text(b, row->source.position);
    yj_put_bool(b, "backfilled", (row->flags & YW_ROW_BACKFILLED) != 0);
}

/* ---- one record ---- */

static void put_named_values(struct yw_request *q, const struct yw_value *const *values, size_t n) {
    struct yw_buf *b = &q->out;
    bool done[YW_VALUES_MAX] = {false};
    yj_key(b, "values");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (done[i]) continue;
        const char *factor = values[i]->factor;
        const struct yw_factor_name *name = yw_factor_name(&q->web->factors, factor);
        size_t rules;
        const struct yw_factor_rule *rule = yw_register_factors(q->reg, q->id, &rules);
        const char *unit = name != NULL ? name->unit : "";
        for (size_t k = 0; k < rules; k++) {
            if (strcmp(rule[k].code, factor) == 0 && rule[k].unit[0] != '\0') unit = rule[k].unit;
        }
        yj_open(b, '{');
        yj_put_text(b, "factor", factor);
        yj_put_text(b, "name_zh", name != NULL ? name->name_zh : factor);
        yj_put_text(b, "name_en", name != NULL ? name->name_en : factor);
        yj_put_text(b, "unit", unit);
        yj_key(b, "fields");
        yj_open(b, '{');
        for (size_t k = i; k < n; k++) {
            if (done[k] || strcmp(values[k]->factor, factor) != 0) continue;
            put_value(b, values[k]);
            done[k] = true;
        }
        yj_close(b, '}');
        yj_close(b, '}');
    }
    yj_close(b, ']');
}

static void put_record(struct yw_request *q, enum yw_kind kind, int64_t time, const struct kept *k) {
    struct yw_buf *b = &q->out;
    const struct yw_value *values[YW_VALUES_MAX];
    size_t n = yw_current_values(k->rows, k->n, values, YW_VALUES_MAX);
    const struct yw_row *current = counting(k);
    yj_open(b, '{');
    yj_put_i64(b, "time", time);
    yj_put_text(b, "kind", yw_kind_name(kind));
    put_named_values(q, values, n);
    yj_key(b, "revisions");
    yj_open(b, '[');
    for (size_t i = 0; i < k->n; i++) {
        yj_open(b, '{');
        put_source(b, &k->rows[i]);
        yj_put_i64(b, "copies", k->rows[i].copies);
        yj_put_bool(b, "current", &k->rows[i] == current);
        yj_close(b, '}');
    }
    yj_close(b, ']');
    yj_close(b, '}');
}

YW_HANDLER(yw_get_record) {
    enum yw_kind kind = YW_KIND_REAL;
    int64_t time, far = INT64_MAX / 1000;
    const char *name = yw_query(q, "kind");
    if ((name[0] != '\0' && !yw_kind_parse(name, &kind)) || yw_query(q, "time")[0] == '\0' ||
        !yw_query_i64(q, "time", -far, far - 1, 0, &time)) {
        return yw_problem(q, 400, "query", "kind 或 time 不正确", "kind or time is wrong");
    }
    struct kept k = {.arena = yw_arena_create(4 << 20)};
    struct yw_error err = {0};
    struct yw_store *store = yw_web_store_take(q->web, &err);
    enum yw_code code = YW_OK;
    if (store != NULL && k.arena != NULL) {
        code = yw_store_sqlite.rows(store, q->id, kind, time * 1000, time * 1000 + 1000, keep_row, &k, &err);
    }
    unsigned status = 200;
    if (code != YW_OK) {
        status = yw_problem_from(q, code, &err);
    } else if (k.n == 0) {
        status = yw_problem(q, 404, "not_found", "该时刻没有记录", "there is no record of that time");
    } else {
        put_record(q, kind, time, &k);
    }
    yw_web_store_give(q->web, store, code == YW_OK);
    yw_arena_destroy(k.arena);
    return status;
}

/* ---- many ---- */

struct listing {
    struct yw_request *q;
    struct kept k; /* the rows of one data time */
    int64_t limit, given, oldest;
};

static void put_listed(struct listing *l) {
    struct yw_buf *b = &l->q->out;
    if (l->k.n == 0) return;
    const struct yw_value *values[YW_VALUES_MAX];
    size_t n = yw_current_values(l->k.rows, l->k.n, values, YW_VALUES_MAX);
    const struct yw_row *current = counting(&l->k);
    yj_open(b, '{');
    yj_key(b, "time");
    yj_time(b, current->time);
    put_source(b, current);
    yj_put_i64(b, "revisions", (int64_t)l->k.n);
    yj_key(b, "values");
    yw_put_values(b, values, n);
    yj_close(b, '}');
    l->oldest = current->time;
    l->given++;
    l->k.n = 0;
    yw_arena_reset(l->k.arena);
}

static bool list_row(void *arg, const struct yw_row *row) {
    struct listing *l = arg;
    if (l->k.n > 0 && l->k.rows[0].time != row->time) put_listed(l);
    (void)keep(&l->k, row);
    return true;
}

YW_HANDLER(yw_get_records) {
    enum yw_kind kind = YW_KIND_REAL;
    int64_t before, limit, far = INT64_MAX / 1000 - 1;
    const char *name = yw_query(q, "kind");
    if ((name[0] != '\0' && !yw_kind_parse(name, &kind)) ||
        !yw_query_i64(q, "before", -far, far, far, &before) ||
        !yw_query_i64(q, "limit", 1, LIST_MOST, 50, &limit)) {
        return yw_problem(q, 400, "query", "kind、before 或 limit 不正确", "kind, before or limit is wrong");
    }
    struct listing l = {.q = q, .limit = limit, .k = {.arena = yw_arena_create(4 << 20)}};
    struct yw_error err = {0};
    struct yw_store *store = yw_web_store_take(q->web, &err);
    enum yw_code code = YW_OK;
    yj_open(&q->out, '{');
    yj_key(&q->out, "records");
    yj_open(&q->out, '[');
    if (store != NULL && l.k.arena != NULL) {
        code = yw_store_sqlite.recent(store, q->id, kind, before * 1000, (size_t)limit, list_row, &l, &err);
        put_listed(&l);
    }
    yj_close(&q->out, ']');
    yj_key(&q->out, "next");
    l.given == limit ? yj_time(&q->out, l.oldest) : yj_null(&q->out);
    yj_close(&q->out, '}');
    yw_web_store_give(q->web, store, code == YW_OK);
    yw_arena_destroy(l.k.arena);
    return code == YW_OK ? 200 : yw_problem_from(q, code, &err);
}
