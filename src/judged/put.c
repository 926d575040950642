/* Writing: what is there already as it should be is left alone, so that judging a year once more costs what
 * changed. */
#include "judged/judged_int.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum yw_code yw_judged_forget(struct yw_judged *j, uint32_t outlet, struct yw_error *err) {
    static const enum yw_judged_statement forget[] = {YW_J_MEAN_FORGET, YW_J_TALLY_FORGET, YW_J_UNIT_FORGET,
                                                      YW_J_OUTLET_REMOVE};
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(forget); i++) {
        sqlite3_stmt *st = yw_judged_statement(j, forget[i], err);
        if (!st) return yw_judged_failed(j, err, "forgetting an outlet");
        sqlite3_bind_int64(st, 1, outlet);
        code = yw_sql_run(&j->sql, st, err);
    }
    return code == YW_OK ? yw_judged_put_verdicts(j, outlet, NULL, INT64_MIN, INT64_MAX, NULL, 0, err) : code;
}

static enum yw_code settle(struct yw_judged *j, uint32_t outlet, enum yw_judged_statement which,
                           const struct yw_buf *names, struct yw_error *err) {
    sqlite3_stmt *st = names->failed ? NULL : yw_judged_statement(j, which, err);
    if (!st) return yw_judged_failed(j, err, "settling an outlet");
    sqlite3_bind_int64(st, 1, outlet);
    sqlite3_bind_text(st, 2, names->data, (int)names->len, SQLITE_STATIC);
    return yw_sql_run(&j->sql, st, err);
}

enum yw_code yw_judged_settle_site(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                   struct yw_error *err) {
    struct yw_buf names;
    yw_buf_init(&names, 64 << 10);
    yw_buf_putc(&names, '[');
    for (size_t i = 0; i < site->factor_n; i++)
        yw_buf_printf(&names, "%s\"%s\"", i ? "," : "", site->factors[i].code);
    yw_buf_putc(&names, ']');
    enum yw_code code = settle(j, outlet, YW_J_FACTOR_SETTLE, &names, err);
    yw_buf_clear(&names);
    yw_buf_putc(&names, '[');
    for (size_t i = 0; i < site->unit_n; i++) {
        if (i) yw_buf_putc(&names, ',');
        yw_buf_json(&names, site->units[i].id, strlen(site->units[i].id));
    }
    yw_buf_putc(&names, ']');
    if (code == YW_OK) code = settle(j, outlet, YW_J_UNIT_SETTLE, &names, err);
    yw_buf_free(&names);
    for (size_t i = 0; code == YW_OK && i < site->factor_n; i++) {
        sqlite3_stmt *st = yw_judged_statement(j, YW_J_FACTOR_UNIT, err);
        if (!st) return yw_judged_failed(j, err, "settling an outlet");
        sqlite3_bind_int64(st, 1, outlet);
        sqlite3_bind_text(st, 2, yw_mean_unit(&site->factors[i]), -1, SQLITE_STATIC);
        sqlite3_bind_text(st, 3, site->factors[i].code, -1, SQLITE_STATIC);
        code = yw_sql_run(&j->sql, st, err);
    }
    return code;
}

/* ---- means ---- */

static enum yw_code put_mean(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                             const struct yw_mean *m, const struct yw_mean *before, struct yw_error *err) {
    uint8_t reasons[YW_REASONS * YW_PACKED_REASON], packed[YW_PACKED_MEAN], now[YW_PACKED_MEAN];
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_MEAN_PUT, err);
    if (!st) return yw_judged_failed(j, err, "writing a mean");
    YW_SQL_BIND(st, outlet, m->period, m->from);
    sqlite3_bind_text(st, 4, site->factors[m->factor].code, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 5, yw_mean_unit(&site->factors[m->factor]), -1, SQLITE_STATIC);
    int at = yw_mean_bind(st, 6, m, reasons);
    size_t n = before ? yw_mean_pack(before, packed) : 0, now_n = yw_mean_pack(m, now);
    if (n > 0 && (n != now_n || memcmp(packed, now, n) != 0))
        sqlite3_bind_blob(st, at, packed, (int)n, SQLITE_STATIC);
    else
        sqlite3_bind_null(st, at);
    return yw_sql_run(&j->sql, st, err);
}

static enum yw_code remove_mean(struct yw_judged *j, uint32_t outlet, uint8_t period, int64_t from,
                                const char *factor, struct yw_error *err) {
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_MEAN_REMOVE, err);
    if (!st) return yw_judged_failed(j, err, "taking a mean out");
    YW_SQL_BIND(st, outlet, period, from);
    sqlite3_bind_text(st, 4, factor, -1, SQLITE_STATIC);
    return yw_sql_run(&j->sql, st, err);
}

static int mean_compare(const void *a, const void *b, void *arg) {
    const struct yw_mean *x = a, *y = b;
    const struct yw_site *site = arg;
    if (x->period != y->period) return x->period < y->period ? -1 : 1;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return strcmp(site->factors[x->factor].code, site->factors[y->factor].code);
}

/* What is there, gathered before anything is changed. */
struct old_mean {
    char factor[13];
    int64_t from;
    uint64_t print;
    bool kept;
};

static enum yw_code read_old(struct yw_judged *j, uint32_t outlet, uint8_t period, int64_t from, int64_t to,
                             struct old_mean **out, size_t *n, struct yw_error *err) {
    size_t cap = 0;
    *n = 0;
    *out = NULL;
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_MEAN_GET, err);
    if (!st) return yw_judged_failed(j, err, "reading means");
    YW_SQL_BIND(st, outlet, period, from, to);
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct yw_mean m = {0};
        if (*n == cap) {
            cap = cap ? cap * 2 : 256;
            struct old_mean *more = realloc(*out, cap * sizeof *more);
            if (!more) break;
            *out = more;
        }
        struct old_mean *o = &(*out)[(*n)++];
        o->from = m.from = sqlite3_column_int64(st, 2);
        yw_column_copy(st, 3, o->factor, sizeof o->factor);
        yw_mean_columns(st, 5, &m);
        o->print = yw_mean_print(&m, NULL);
        o->kept = false;
    }
    enum yw_code code = rc == SQLITE_DONE  ? YW_OK
                        : rc == SQLITE_ROW ? yw_fail(err, YW_E_NOMEM, "no memory to read means")
                                           : yw_judged_failed(j, err, "reading means");
    sqlite3_reset(st);
    return code;
}

static enum yw_code put_period(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                               uint8_t period, int64_t from, int64_t to, const struct yw_mean *m, size_t n,
                               struct yw_error *err) {
    struct old_mean *old;
    size_t old_n, o = 0;
    enum yw_code code = read_old(j, outlet, period, from, to, &old, &old_n, err);
    for (size_t i = 0; code == YW_OK && i < n; i++) {
        const char *factor = site->factors[m[i].factor].code;
        while (o < old_n &&
               (old[o].from < m[i].from || (old[o].from == m[i].from && strcmp(old[o].factor, factor) < 0)))
            o++;
        bool there = o < old_n && old[o].from == m[i].from && strcmp(old[o].factor, factor) == 0;
        if (there) old[o].kept = true;
        if (!there || old[o].print != yw_mean_print(&m[i], NULL))
            code = put_mean(j, outlet, site, &m[i], NULL, err);
    }
    for (o = 0; code == YW_OK && o < old_n; o++) {
        if (!old[o].kept) code = remove_mean(j, outlet, period, old[o].from, old[o].factor, err);
    }
    free(old);
    return code;
}

enum yw_code yw_judged_put_means(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                 unsigned periods, int64_t from, int64_t to, struct yw_mean *m, size_t n,
                                 struct yw_error *err) {
    enum yw_code code = YW_OK;
    if (n > 0) qsort_r(m, n, sizeof *m, mean_compare, (void *)(uintptr_t)site);
    for (uint8_t period = YW_PERIOD_MINUTE; code == YW_OK && period <= YW_PERIOD_YEAR; period++) {
        size_t first = 0, end;
        if (!(periods & 1u << period)) continue;
        while (first < n && m[first].period < period) first++;
        for (end = first; end < n && m[end].period == period;) end++;
        code = put_period(j, outlet, site, period, from, to, m + first, end - first, err);
    }
    return code;
}

enum yw_code yw_judged_put_hour(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                const struct yw_mean *before, const struct yw_mean *after, uint64_t print,
                                struct yw_error *err) {
    return yw_mean_print(after, before) == print ? YW_OK : put_mean(j, outlet, site, after, before, err);
}

enum yw_code yw_judged_clear_hours(struct yw_judged *j, uint32_t outlet, int64_t from, int64_t to,
                                   struct yw_error *err) {
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_MEAN_CLEAR, err);
    if (!st) return yw_judged_failed(j, err, "taking hours out");
    YW_SQL_BIND(st, outlet, YW_PERIOD_HOUR, from, to);
    return yw_sql_run(&j->sql, st, err);
}

enum yw_code yw_judged_put_unit(struct yw_judged *j, uint32_t outlet, const char *unit,
                                const struct yw_unit_hour *u, struct yw_error *err) {
    sqlite3_stmt *st = yw_judged_statement(j, u->known ? YW_J_UNIT_PUT : YW_J_UNIT_REMOVE, err);
    if (!st) return yw_judged_failed(j, err, "writing what ran");
    YW_SQL_BIND(st, outlet, u->hour);
    sqlite3_bind_text(st, 3, unit, -1, SQLITE_STATIC);
    if (u->known) {
        sqlite3_bind_int64(st, 4, (int64_t)u->known);
        sqlite3_bind_int64(st, 5, (int64_t)u->running);
        sqlite3_bind_int64(st, 6, (int64_t)u->alarm);
        yw_bind_f64(st, 7, u->mean);
    }
    return yw_sql_run(&j->sql, st, err);
}

/* ---- tallies: a few rows a month, put as they come ---- */

enum yw_code yw_judged_put_tallies(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                   int64_t from, int64_t to, const struct yw_tally_row *t, size_t n,
                                   struct yw_error *err) {
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_TALLY_CLEAR, err);
    if (!st) return yw_judged_failed(j, err, "writing tallies");
    YW_SQL_BIND(st, outlet, from, to);
    enum yw_code code = yw_sql_run(&j->sql, st, err);
    for (size_t i = 0; code == YW_OK && i < n; i++) {
        st = yw_judged_statement(j, YW_J_TALLY_PUT, err);
        if (!st) return yw_judged_failed(j, err, "writing tallies");
        YW_SQL_BIND(st, outlet, t[i].period, t[i].from);
        sqlite3_bind_text(st, 4, t[i].factor < site->factor_n ? site->factors[t[i].factor].code : "", -1,
                          SQLITE_STATIC);
        yw_tally_bind(st, 5, &t[i]);
        code = yw_sql_run(&j->sql, st, err);
    }
    return code;
}

/* ---- verdicts ---- */

struct old_verdict {
    char number[48];
    uint64_t print;
    bool gone, kept;
};

static const struct yw_site_limit *limit_of(const struct yw_site *site, const struct yw_verdict *v) {
    return v->limit < site->limit_n ? &site->limits[v->limit] : NULL;
}

/* Everything that is said; as it comes from the judge, and as it stands in a row. */
static uint64_t print_of(const struct yw_judged_verdict *v) {
    uint8_t bytes[1024], *at = bytes;
    const struct yw_verdict *w = &v->verdict;
#define PRINT_INT(name)                                                                                      \
    {                                                                                                        \
        int64_t i = w->name;                                                                                 \
        memcpy(at, &i, 8);                                                                                   \
        at += 8;                                                                                             \
    }
#define PRINT_REAL(name)                                                                                     \
    {                                                                                                        \
        double d = isnan(w->name) ? (double)NAN : w->name + 0.0;                                             \
        memcpy(at, &d, 8);                                                                                   \
        at += 8;                                                                                             \
    }
#define X(kind, name) PRINT_##kind(name)
    YW_VERDICT_COLUMNS(X)
#undef X
    at += yw_reasons_pack(w->reasons, w->reason_n, at);
    const char *texts[] = {v->unit, v->limit_unit, v->limit_source};
    for (size_t i = 0; i < YW_COUNT(texts); i++) {
        size_t n = strlen(texts[i]) + 1;
        memcpy(at, texts[i], n);
        at += n;
    }
    double limits[] = {v->limit_value, v->limit_low};
    for (size_t i = 0; i < YW_COUNT(limits); i++) {
        double d = isnan(limits[i]) ? (double)NAN : limits[i] + 0.0;
        memcpy(at, &d, 8);
        at += 8;
    }
    *at++ = v->has_limit;
    *at++ = v->limit_confidence;
    return yw_hash64(bytes, (size_t)(at - bytes), 0);
}

static void verdict_of(uint32_t outlet, const struct yw_site *site, const struct yw_verdict *v,
                       struct yw_judged_verdict *out) {
    const struct yw_site_limit *l = limit_of(site, v);
    *out = (struct yw_judged_verdict){
        .outlet = outlet, .limit_value = (double)NAN, .limit_low = (double)NAN, .verdict = *v};
    if (v->factor < site->factor_n) {
        yw_copy(out->factor, sizeof out->factor, site->factors[v->factor].code,
                strlen(site->factors[v->factor].code));
        const char *unit = yw_mean_unit(&site->factors[v->factor]);
        yw_copy(out->unit, sizeof out->unit, unit, strlen(unit));
    }
    const char *own = yw_verdict_unit(v->kind);
    if (own) yw_copy(out->unit, sizeof out->unit, own, strlen(own));
    size_t unit = (size_t)v->factor - YW_UNIT_FACTOR;
    if (v->factor >= YW_UNIT_FACTOR && unit < site->unit_n)
        yw_copy(out->factor, sizeof out->factor, site->units[unit].factor, strlen(site->units[unit].factor));
    if (l) {
        out->has_limit = true;
        out->limit_value = l->value;
        out->limit_low = l->value_low;
        out->limit_confidence = l->confidence;
        yw_copy(out->limit_unit, sizeof out->limit_unit, l->unit, strlen(l->unit));
        yw_copy(out->limit_source, sizeof out->limit_source, l->source, strlen(l->source));
    }
    yw_verdict_number(outlet, out->factor, v, out->number);
}

static enum yw_code put_verdict(struct yw_judged *j, const struct yw_judged_verdict *v,
                                struct yw_error *err) {
    uint8_t reasons[YW_REASONS * YW_PACKED_REASON];
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_VERDICT_PUT, err);
    if (!st) return yw_judged_failed(j, err, "writing a verdict");
    sqlite3_bind_text(st, 1, v->number, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 2, v->outlet);
    sqlite3_bind_text(st, 3, v->factor, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 4, v->unit, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 5, v->verdict.from);
    sqlite3_bind_int64(st, 6, ++j->change);
    sqlite3_bind_int64(st, 7, v->has_limit);
    yw_bind_f64(st, 8, v->limit_value);
    yw_bind_f64(st, 9, v->limit_low);
    sqlite3_bind_text(st, 10, v->limit_unit, -1, SQLITE_STATIC);
    sqlite3_bind_text(st, 11, v->limit_source, -1, SQLITE_STATIC);
    sqlite3_bind_int64(st, 12, v->limit_confidence);
    yw_verdict_bind(st, 13, &v->verdict, reasons);
    return yw_sql_run(&j->sql, st, err);
}

static enum yw_code old_verdicts(struct yw_judged *j, uint32_t outlet, int64_t from, int64_t to,
                                 struct old_verdict **out, size_t *n, struct yw_error *err) {
    struct yw_judged_verdict v;
    size_t cap = 0;
    int rc;
    *n = 0;
    *out = NULL;
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_VERDICT_ALL, err);
    if (!st) return yw_judged_failed(j, err, "reading verdicts");
    YW_SQL_BIND(st, outlet, from, to);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        if (*n == cap) {
            cap = cap ? cap * 2 : 256;
            struct old_verdict *more = realloc(*out, cap * sizeof *more);
            if (!more) break;
            *out = more;
        }
        struct old_verdict *o = &(*out)[(*n)++];
        yw_verdict_row(st, &v);
        *o = (struct old_verdict){.print = print_of(&v), .gone = v.gone};
        memcpy(o->number, v.number, sizeof o->number);
    }
    enum yw_code code = rc == SQLITE_DONE  ? YW_OK
                        : rc == SQLITE_ROW ? yw_fail(err, YW_E_NOMEM, "no memory to read verdicts")
                                           : yw_judged_failed(j, err, "reading verdicts");
    sqlite3_reset(st);
    return code;
}

static int number_compare(const void *key, const void *item) {
    return strcmp(key, ((const struct old_verdict *)item)->number);
}

static enum yw_code say_gone(struct yw_judged *j, const char *number, struct yw_error *err) {
    sqlite3_stmt *st = yw_judged_statement(j, YW_J_VERDICT_GONE, err);
    if (!st) return yw_judged_failed(j, err, "taking a verdict back");
    sqlite3_bind_int64(st, 1, ++j->change);
    sqlite3_bind_text(st, 2, number, -1, SQLITE_STATIC);
    return yw_sql_run(&j->sql, st, err);
}

/* Two units of one code cannot be told apart by what is said of them: the first stands. */
static bool was_said(const struct yw_site *site, const struct yw_verdict *v, size_t i) {
    struct yw_judged_verdict one, other;
    if (v[i].factor < YW_UNIT_FACTOR || v[i].factor == 0xFF) return false;
    verdict_of(0, site, &v[i], &one);
    for (size_t k = 0; k < i; k++) {
        if (v[k].kind != v[i].kind || v[k].from != v[i].from) continue;
        verdict_of(0, site, &v[k], &other);
        if (strcmp(one.number, other.number) == 0) return true;
    }
    return false;
}

enum yw_code yw_judged_put_verdicts(struct yw_judged *j, uint32_t outlet, const struct yw_site *site,
                                    int64_t from, int64_t to, const struct yw_verdict *v, size_t n,
                                    struct yw_error *err) {
    struct old_verdict *old;
    size_t old_n;
    enum yw_code code = old_verdicts(j, outlet, from, to, &old, &old_n, err);
    for (size_t i = 0; code == YW_OK && i < n; i++) {
        struct yw_judged_verdict w;
        if (v[i].from < from || v[i].from >= to || was_said(site, v, i)) continue;
        verdict_of(outlet, site, &v[i], &w);
        struct old_verdict *o = old_n > 0 ? bsearch(w.number, old, old_n, sizeof *old, number_compare) : NULL;
        if (o && o->kept) continue; /* two that cannot be told apart: the first stands */
        if (o) o->kept = true;
        if (!o || o->gone || o->print != print_of(&w)) code = put_verdict(j, &w, err);
    }
    for (size_t i = 0; code == YW_OK && i < old_n; i++) {
        if (!old[i].kept && !old[i].gone) code = say_gone(j, old[i].number, err);
    }
    free(old);
    return code;
}
