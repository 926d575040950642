/* Two judge.db of one data folder held against each other. Numbers of rules are left out of the comparison:
 * they may stand for other rules in another set of files. */
#include "judged/judged_int.h"

#include <stdlib.h>
#include <string.h>

enum { DIFFERENCES_MOST = 1000000 };
#define DIFFERS(name) " OR n.\"" name "\" IS NOT o.\"" name "\""
#define MEAN_DIFFERS                                                                                         \
    DIFFERS("to")                                                                                            \
    DIFFERS("validity")                                                                                      \
    DIFFERS("marking")                                                                                       \
    DIFFERS("judged")                                                                                        \
    DIFFERS("exempt")                                                                                        \
    DIFFERS("due")                                                                                           \
    DIFFERS("valid")                                                                                         \
    DIFFERS("mean")                                                                                          \
    DIFFERS("converted")                                                                                     \
    DIFFERS("emission_kg")                                                                                   \
    DIFFERS("replaced_kg")
#define VERDICT_DIFFERS                                                                                      \
    DIFFERS("to")                                                                                            \
    DIFFERS("counts")                                                                                        \
    DIFFERS("marking")                                                                                       \
    DIFFERS("confidence")                                                                                    \
    DIFFERS("value")                                                                                         \
    DIFFERS("held")                                                                                          \
    DIFFERS("multiple")
#define SAME_MEAN "o.outlet=n.outlet AND o.period=n.period AND o.\"from\"=n.\"from\" AND o.factor=n.factor"

struct found {
    struct yw_judged_difference *at;
    size_t n, cap;
    bool failed;
};

static struct yw_judged_difference *row_of(struct found *f, uint32_t outlet, uint8_t kind) {
    for (size_t i = f->n; i > 0; i--)
        if (f->at[i - 1].outlet == outlet && f->at[i - 1].kind == kind) return &f->at[i - 1];
    if (f->n == f->cap) {
        size_t cap = f->cap ? f->cap * 2 : 64;
        struct yw_judged_difference *more =
            cap <= DIFFERENCES_MOST ? realloc(f->at, cap * sizeof *more) : NULL;
        if (!more) {
            f->failed = true;
            return NULL;
        }
        f->at = more;
        f->cap = cap;
    }
    f->at[f->n] = (struct yw_judged_difference){.outlet = outlet, .kind = kind};
    return &f->at[f->n++];
}

/* Each row of the query: outlet, kind of verdict or period of means, how many. */
static enum yw_code gather(struct yw_judged *j, const char *sql, struct found *f,
                           void (*take)(struct yw_judged_difference *d, int period, uint64_t n), bool means,
                           struct yw_error *err) {
    sqlite3_stmt *st = NULL;
    int rc = sqlite3_prepare_v2(j->sql.db, sql, -1, &st, NULL);
    while (rc == SQLITE_OK || rc == SQLITE_ROW) {
        rc = sqlite3_step(st);
        if (rc != SQLITE_ROW) break;
        int second = sqlite3_column_int(st, 1);
        struct yw_judged_difference *d =
            row_of(f, (uint32_t)sqlite3_column_int64(st, 0), means ? 0 : (uint8_t)second);
        if (d) take(d, second, (uint64_t)sqlite3_column_int64(st, 2));
    }
    enum yw_code code = rc == SQLITE_DONE ? YW_OK : yw_judged_failed(j, err, "comparing");
    sqlite3_finalize(st);
    return code;
}

static void take_mean(struct yw_judged_difference *d, int period, uint64_t n) {
    if (period == YW_PERIOD_HOUR)
        d->hours += n;
    else if (period == YW_PERIOD_DAY)
        d->days += n;
    else
        d->others += n;
}
static void take_changed(struct yw_judged_difference *d, int period, uint64_t n) {
    YW_UNUSED(period);
    d->changed += n;
}
static void take_new(struct yw_judged_difference *d, int period, uint64_t n) {
    YW_UNUSED(period);
    d->newly_said += n;
}
static void take_gone(struct yw_judged_difference *d, int period, uint64_t n) {
    YW_UNUSED(period);
    d->gone += n;
}

static enum yw_code attach(struct yw_judged *j, const char *old, struct yw_error *err) {
    sqlite3_stmt *st = NULL;
    enum yw_code code = YW_OK;
    if (sqlite3_prepare_v2(j->sql.db, "ATTACH ? AS old", -1, &st, NULL) != SQLITE_OK)
        return yw_judged_failed(j, err, "attaching");
    sqlite3_bind_text(st, 1, old, -1, SQLITE_STATIC);
    if (sqlite3_step(st) != SQLITE_DONE) code = yw_judged_failed(j, err, old);
    sqlite3_finalize(st);
    return code;
}

static void detach(struct yw_judged *j) {
    sqlite3_exec(j->sql.db, "DETACH old", NULL, NULL, NULL);
}

static int difference_compare(const void *a, const void *b) {
    const struct yw_judged_difference *x = a, *y = b;
    if (x->outlet != y->outlet) return x->outlet < y->outlet ? -1 : 1;
    return (int)x->kind - (int)y->kind;
}

enum yw_code yw_judged_compare(struct yw_judged *j, const char *old,
                               bool (*each)(void *arg, const struct yw_judged_difference *d), void *arg,
                               struct yw_error *err) {
    static const struct {
        const char *sql;
        void (*take)(struct yw_judged_difference *d, int period, uint64_t n);
        bool means;
    } questions[] = {
        {"SELECT n.outlet, n.period, count(*) FROM main.mean n LEFT JOIN old.mean o ON " SAME_MEAN
         " WHERE o.outlet IS NULL" MEAN_DIFFERS " GROUP BY 1, 2",
         take_mean, true},
        {"SELECT n.outlet, n.period, count(*) FROM old.mean n LEFT JOIN main.mean o ON " SAME_MEAN
         " WHERE o.outlet IS NULL GROUP BY 1, 2",
         take_mean, true},
        {"SELECT n.outlet, n.kind, count(*) FROM main.verdict n JOIN old.verdict o USING(number)"
         " WHERE NOT n.gone AND NOT o.gone AND (0" VERDICT_DIFFERS ") GROUP BY 1, 2",
         take_changed, false},
        {"SELECT n.outlet, n.kind, count(*) FROM main.verdict n LEFT JOIN old.verdict o USING(number)"
         " WHERE NOT n.gone AND (o.outlet IS NULL OR o.gone) GROUP BY 1, 2",
         take_new, false},
        {"SELECT o.outlet, o.kind, count(*) FROM old.verdict o LEFT JOIN main.verdict n USING(number)"
         " WHERE NOT o.gone AND (n.outlet IS NULL OR n.gone) GROUP BY 1, 2",
         take_gone, false}};
    struct found f = {0};
    enum yw_code code = attach(j, old, err);
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(questions); i++)
        code = gather(j, questions[i].sql, &f, questions[i].take, questions[i].means, err);
    detach(j);
    if (code == YW_OK && f.failed) code = yw_fail(err, YW_E_LIMIT, "too many differences to list");
    if (f.n > 0) qsort(f.at, f.n, sizeof *f.at, difference_compare);
    for (size_t i = 0; code == YW_OK && i < f.n; i++)
        if (!each(arg, &f.at[i])) break;
    free(f.at);
    return code;
}

/* ---- going on where the old file stood ---- */

#define ALL_SAME(kind, name) " AND n.\"" #name "\" IS o.\"" #name "\""

enum yw_code yw_judged_carry_on(struct yw_judged *j, const char *old, struct yw_error *err) {
    static const char *const steps[] = {
        "CREATE TEMP TABLE same AS SELECT n.number AS number, o.change AS change FROM main.verdict n JOIN"
        " old.verdict o USING(number) WHERE NOT o.gone" YW_VERDICT_COLUMNS(
            ALL_SAME) " AND n.reasons IS o.reasons AND n.limit_source IS o.limit_source",
        "UPDATE main.verdict SET change = (SELECT max(change) FROM (SELECT coalesce(max(change), 0) AS "
        "change "
        "FROM old.verdict UNION ALL SELECT coalesce(max(value), 0) FROM old.about WHERE name='change')) + s.k"
        " FROM (SELECT number, row_number() OVER (ORDER BY number) AS k FROM main.verdict"
        "  WHERE number NOT IN (SELECT number FROM same)) s WHERE s.number = verdict.number",
        "UPDATE main.verdict SET change = s.change FROM same s WHERE s.number = verdict.number",
        "CREATE TEMP TABLE left AS SELECT number, gone, change, row_number() OVER (ORDER BY gone, number) AS "
        "k"
        " FROM old.verdict WHERE number NOT IN (SELECT number FROM main.verdict)",
        "INSERT INTO main.verdict(" YW_VERDICT_SELECT ") SELECT " YW_VERDICT_SELECT
        " FROM old.verdict WHERE number IN (SELECT number FROM left)",
        "UPDATE main.verdict SET gone = 1, change = (SELECT max(change) FROM (SELECT coalesce(max(change), "
        "0) "
        "AS change FROM main.verdict UNION ALL SELECT coalesce(max(change), 0) FROM old.verdict)) + l.k"
        " FROM left l WHERE l.number = verdict.number AND NOT l.gone",
        "INSERT OR REPLACE INTO main.about SELECT 'change', max(change) FROM (SELECT coalesce(max(change), "
        "0) AS "
        "change FROM main.verdict UNION ALL SELECT coalesce(max(value), 0) FROM old.about WHERE "
        "name='change')",
        "DROP TABLE temp.same; DROP TABLE temp.left"};
    enum yw_code code = attach(j, old, err);
    if (code == YW_OK) code = yw_judged_begin(j, err);
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(steps); i++) code = yw_sql_exec(&j->sql, steps[i], err);
    if (code == YW_OK) {
        code = yw_sql_exec(&j->sql, "COMMIT", err);
        if (code == YW_OK) j->batch = false;
    }
    yw_judged_rollback(j);
    detach(j);
    return code;
}
