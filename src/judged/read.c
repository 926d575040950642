/* Reading judge.db. */
#include "judged/judged_int.h"

#include <math.h>
#include <string.h>

/* ---- hours for step two ---- */

static int factor_at(const struct yw_site *site, const char *code, int guess) {
    if (guess >= 0 && (size_t)guess < site->factor_n && strcmp(site->factors[guess].code, code) == 0)
        return guess;
    return yw_site_factor(site, code);
}

enum yw_code yw_judged_hours(struct yw_judged *j, uint32_t outlet, const struct yw_site *site, int64_t first,
                             size_t n_hours, struct yw_mean *means, uint64_t *prints, struct yw_error *err) {
    int rc, columns = 0, last = -1;
    for (size_t i = 0; i < n_hours * site->factor_n; i++) prints[i] = 0;
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_MEAN_GET, err);
    if (!st) return yw_judged_failed(j, err, "reading hours");
    YW_SQL_BIND(st, outlet, YW_PERIOD_HOUR, first, first + (int64_t)n_hours * YW_HOUR);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct yw_mean m = {.period = YW_PERIOD_HOUR, .from = sqlite3_column_int64(st, 2)};
        const char *code = (const char *)sqlite3_column_text(st, 3);
        int f = factor_at(site, code ? code : "", last);
        last = f + 1;
        if (f < 0 || (m.from - first) % YW_HOUR != 0) continue;
        columns = yw_mean_columns(st, 5, &m);
        m.factor = (uint8_t)f;
        size_t i = (size_t)((m.from - first) / YW_HOUR) * site->factor_n + (size_t)f;
        const uint8_t *before = sqlite3_column_blob(st, columns);
        means[i] = m;
        if (before && !yw_mean_unpack(before, (size_t)sqlite3_column_bytes(st, columns), &means[i])) continue;
        prints[i] = yw_mean_print(&m, &means[i]);
    }
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : yw_judged_failed(j, err, "reading hours");
    sqlite3_reset(st);
    return code;
}

enum yw_code yw_judged_units(struct yw_judged *j, uint32_t outlet, const struct yw_site *site, int64_t first,
                             size_t n_hours, struct yw_unit_hour *out, struct yw_error *err) {
    int rc;
    for (size_t i = 0; i < n_hours * site->unit_n; i++)
        out[i] =
            (struct yw_unit_hour){.hour = first + (int64_t)(i / site->unit_n) * YW_HOUR, .mean = (double)NAN};
    if (site->unit_n == 0) return YW_OK;
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_UNIT_ALL, err);
    if (!st) return yw_judged_failed(j, err, "reading what ran");
    YW_SQL_BIND(st, outlet, first, first + (int64_t)n_hours * YW_HOUR);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        const char *id = (const char *)sqlite3_column_text(st, 1);
        size_t h = (size_t)((sqlite3_column_int64(st, 0) - first) / YW_HOUR), u = 0;
        while (u < site->unit_n && strcmp(site->units[u].id, id ? id : "") != 0) u++;
        if (u == site->unit_n) continue;
        struct yw_unit_hour *o = &out[h * site->unit_n + u];
        o->known = (uint64_t)sqlite3_column_int64(st, 2);
        o->running = (uint64_t)sqlite3_column_int64(st, 3);
        o->alarm = (uint64_t)sqlite3_column_int64(st, 4);
        o->mean = yw_column_f64(st, 5);
    }
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : yw_judged_failed(j, err, "reading what ran");
    sqlite3_reset(st);
    return code;
}

/* ---- what people ask ---- */

struct question {
    struct yw_buf sql;
    sqlite3_stmt *st;
};

static enum yw_code ask(struct yw_judged *j, struct question *q, const struct yw_judged_filter *f,
                        struct yw_error *err) {
    enum yw_code code = q->sql.failed ? yw_fail(err, YW_E_NOMEM, "no memory to ask judge.db") : YW_OK;
    if (code == YW_OK && sqlite3_prepare_v2(j->sql.db, q->sql.data, -1, &q->st, NULL) != SQLITE_OK)
        code = yw_judged_failed(j, err, "asking");
    yw_buf_free(&q->sql);
    if (code != YW_OK) return code;
    YW_SQL_BIND(q->st, f->outlet, 0, f->period, f->from, f->to == 0 ? INT64_MAX : f->to, f->kind,
                f->since_change);
    if (f->factor)
        sqlite3_bind_text(q->st, 2, f->factor, -1, SQLITE_STATIC);
    else
        sqlite3_bind_null(q->st, 2);
    return YW_OK;
}

/* ?1 outlet, ?2 factor, ?3 period, ?4 from, ?5 to, ?6 kind, ?7 change, ?8 number */
static enum yw_code begin(struct yw_judged *j, struct question *q, const char *columns, const char *table,
                          const struct yw_judged_filter *f, struct yw_error *err) {
    *q = (struct question){0};
    enum yw_code code = yw_judged_look(j, err);
    if (code != YW_OK) return code;
    yw_buf_init(&q->sql, 8192);
    yw_buf_printf(&q->sql, "SELECT %s FROM %s WHERE \"from\">=?4 AND \"from\"<?5", columns, table);
    if (f->outlet) yw_buf_puts(&q->sql, " AND outlet=?1");
    if (f->factor) yw_buf_puts(&q->sql, " AND factor=?2");
    if (f->period) yw_buf_puts(&q->sql, " AND period=?3");
    return YW_OK;
}

static enum yw_code end(struct yw_judged *j, struct question *q, int rc, struct yw_error *err) {
    enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : yw_judged_failed(j, err, "reading");
    sqlite3_finalize(q->st);
    return code;
}

enum yw_code yw_judged_means(struct yw_judged *j, const struct yw_judged_filter *f,
                             bool (*each)(void *arg, const struct yw_judged_mean *m), void *arg,
                             struct yw_error *err) {
    struct question q;
    int rc;
    bool more = true;
    enum yw_code code = begin(j, &q, YW_MEAN_SELECT, "mean", f, err);
    if (code != YW_OK) return code;
    yw_buf_puts(&q.sql, " ORDER BY outlet, period, \"from\", factor");
    code = ask(j, &q, f, err);
    if (code != YW_OK) return code;
    while ((rc = sqlite3_step(q.st)) == SQLITE_ROW && more) {
        struct yw_judged_mean m = {.outlet = (uint32_t)sqlite3_column_int64(q.st, 0)};
        m.mean.period = (uint8_t)sqlite3_column_int64(q.st, 1);
        m.mean.from = sqlite3_column_int64(q.st, 2);
        yw_column_copy(q.st, 3, m.factor, sizeof m.factor);
        yw_column_copy(q.st, 4, m.unit, sizeof m.unit);
        yw_mean_columns(q.st, 5, &m.mean);
        more = each(arg, &m);
    }
    return end(j, &q, rc, err);
}

enum yw_code yw_judged_validities(struct yw_judged *j, uint32_t outlet, int64_t from, int64_t to,
                                  bool (*each)(void *arg, int64_t hour, const char *factor, uint8_t validity),
                                  void *arg, struct yw_error *err) {
    int rc;
    bool more = true;
    enum yw_code code = yw_judged_look(j, err);
    if (code != YW_OK) return code;
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_VALIDITY_GET, err);
    if (!st) return yw_judged_failed(j, err, "reading hours");
    YW_SQL_BIND(st, outlet, YW_PERIOD_HOUR, from, to);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW && more) {
        const char *factor = (const char *)sqlite3_column_text(st, 1);
        more = each(arg, sqlite3_column_int64(st, 0), factor ? factor : "",
                    (uint8_t)sqlite3_column_int64(st, 2));
    }
    code = rc == SQLITE_DONE || rc == SQLITE_ROW ? YW_OK : yw_judged_failed(j, err, "reading hours");
    sqlite3_reset(st);
    return code;
}

void yw_verdict_row(sqlite3_stmt *st, struct yw_judged_verdict *v) {
    *v = (struct yw_judged_verdict){.outlet = (uint32_t)sqlite3_column_int64(st, 1)};
    yw_column_copy(st, 0, v->number, sizeof v->number);
    yw_column_copy(st, 2, v->factor, sizeof v->factor);
    yw_column_copy(st, 3, v->unit, sizeof v->unit);
    v->verdict.from = sqlite3_column_int64(st, 4);
    v->change = sqlite3_column_int64(st, 5);
    v->gone = sqlite3_column_int64(st, 6) != 0;
    v->has_limit = sqlite3_column_int64(st, 7) != 0;
    v->limit_value = yw_column_f64(st, 8);
    v->limit_low = yw_column_f64(st, 9);
    yw_column_copy(st, 10, v->limit_unit, sizeof v->limit_unit);
    yw_column_copy(st, 11, v->limit_source, sizeof v->limit_source);
    v->limit_confidence = (uint8_t)sqlite3_column_int64(st, 12);
    yw_verdict_columns(st, 13, &v->verdict);
    const char *unit = yw_verdict_unit(v->verdict.kind);
    if (unit) yw_copy(v->unit, sizeof v->unit, unit, strlen(unit));
    v->verdict.factor = 0xFF;
    v->verdict.limit = YW_NO_RULE;
}

enum yw_code yw_judged_verdicts(struct yw_judged *j, const struct yw_judged_filter *f,
                                bool (*each)(void *arg, const struct yw_judged_verdict *v), void *arg,
                                struct yw_error *err) {
    struct question q;
    int rc;
    bool more = true;
    enum yw_code code = begin(j, &q, YW_VERDICT_SELECT, "verdict", f, err);
    if (code != YW_OK) return code;
    if (f->kind) yw_buf_puts(&q.sql, " AND kind=?6");
    if (f->since_change) yw_buf_puts(&q.sql, " AND change>?7");
    if (f->number) yw_buf_puts(&q.sql, " AND number=?8");
    if (!f->with_gone && !f->number) yw_buf_puts(&q.sql, " AND NOT gone");
    yw_buf_puts(&q.sql, f->since_change ? " ORDER BY change" : " ORDER BY \"from\", outlet, factor, number");
    code = ask(j, &q, f, err);
    if (code != YW_OK) return code;
    if (f->number) sqlite3_bind_text(q.st, 8, f->number, -1, SQLITE_STATIC);
    while ((rc = sqlite3_step(q.st)) == SQLITE_ROW && more) {
        struct yw_judged_verdict v;
        yw_verdict_row(q.st, &v);
        more = each(arg, &v);
    }
    return end(j, &q, rc, err);
}

enum yw_code yw_judged_tallies(struct yw_judged *j, const struct yw_judged_filter *f,
                               bool (*each)(void *arg, const struct yw_judged_tally *t), void *arg,
                               struct yw_error *err) {
    struct question q;
    int rc;
    bool more = true;
    enum yw_code code = begin(j, &q, YW_TALLY_SELECT, "tally", f, err);
    if (code != YW_OK) return code;
    yw_buf_puts(&q.sql, " ORDER BY outlet, period, \"from\", factor");
    code = ask(j, &q, f, err);
    if (code != YW_OK) return code;
    while ((rc = sqlite3_step(q.st)) == SQLITE_ROW && more) {
        struct yw_judged_tally t = {.outlet = (uint32_t)sqlite3_column_int64(q.st, 0)};
        t.row.period = (uint8_t)sqlite3_column_int64(q.st, 1);
        t.row.from = sqlite3_column_int64(q.st, 2);
        yw_column_copy(q.st, 3, t.factor, sizeof t.factor);
        yw_tally_columns(q.st, 4, &t.row);
        t.row.factor = 0xFF;
        more = each(arg, &t);
    }
    return end(j, &q, rc, err);
}

/* ---- sites of one factor ---- */

static uint8_t factor_site(struct yw_site *site, const char *factor, const char *unit) {
    yw_site_init(site, factor[0] == 'w' ? YW_PROFILE_WASTE_WATER : YW_PROFILE_FLUE_GAS);
    struct yw_site_factor *f = factor[0] ? yw_site_add_factor(site, factor) : NULL;
    if (f && unit) yw_copy(f->unit, sizeof f->unit, unit, strlen(unit));
    return f ? 0 : 0xFF;
}

void yw_judged_mean_site(struct yw_judged_mean *m, struct yw_site *site) {
    m->mean.factor = factor_site(site, m->factor, m->unit);
}

void yw_judged_verdict_site(struct yw_judged_verdict *v, struct yw_site *site) {
    v->verdict.factor = factor_site(site, v->factor, v->unit);
    if (!v->has_limit) return;
    struct yw_site_limit *l = &site->limits[0];
    *l = (struct yw_site_limit){.value = v->limit_value,
                                .value_low = v->limit_low,
                                .share = (double)NAN,
                                .cold_value = (double)NAN,
                                .cold_c = (double)NAN,
                                .period = v->verdict.period,
                                .basis = v->verdict.basis,
                                .confidence = v->limit_confidence,
                                .converted = v->verdict.converted,
                                .enabled = true,
                                .valid_from = INT32_MIN,
                                .valid_to = INT32_MAX};
    memcpy(l->factor, v->factor, sizeof l->factor);
    memcpy(l->unit, v->limit_unit, sizeof l->unit);
    memcpy(l->source, v->limit_source, sizeof l->source);
    site->limit_n = 1;
    v->verdict.limit = 0;
}

void yw_judged_tally_site(struct yw_judged_tally *t, struct yw_site *site) {
    t->row.factor = factor_site(site, t->factor, NULL);
}
