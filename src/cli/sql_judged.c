/* What the judge said as SQL tables, with words in place of numbers. */
#include "cli/sql_views.h"

#include "judge/rules.h"
#include "judge/words.h"

#include <sqlite3.h>
#include <string.h>
#include <unistd.h>

static const char views[] =
    "CREATE TEMP VIEW means AS SELECT outlet, judged_word('period', period) AS period, at_time(\"from\") AS "
    "at,"
    " factor, unit, judged_word('validity', validity) AS validity, judged_word('marking', marking) AS "
    "marking,"
    " judged_word('condition', condition) AS condition, judged_word('equipment', equipment) AS equipment,"
    " mean, converted, raw, sent, sent_converted, min, max, due, valid, as_sent, judged, exempt, flow_m3,"
    " emission_kg, replaced_kg, judged_reasons(reasons) AS reasons, \"from\", \"to\" FROM judged.mean;"
    "CREATE TEMP VIEW verdicts AS SELECT number, outlet, factor, judged_word('verdict', kind) AS kind,"
    " judged_word('period', period) AS period, at_time(\"from\") AS at, at_time(\"to\") AS until, value, "
    "unit,"
    " held, multiple, judged_word('basis', basis) AS basis, limit_source, converted, oxygen, measured,"
    " judged_word('marking', marking) AS marking, counts, judged_word('confidence', confidence) AS "
    "confidence,"
    " judged_reasons(reasons) AS reasons, gone, change, \"from\", \"to\" FROM judged.verdict;"
    "CREATE TEMP VIEW tallies AS SELECT outlet, judged_word('period', period) AS period, at_time(\"from\") "
    "AS at,"
    " factor, hours, stopped, invalid, lost, valid, capture, budget60_h, budget700_h, maintenance_h,"
    " emission_t, replaced_t, permitted_t, \"from\", \"to\" FROM judged.tally;";

static const char *word_of(const struct yw_word *w) {
    return w ? w->name : "";
}

static const char *name_of(const char *what, uint8_t v) {
    if (strcmp(what, "period") == 0) return yw_period_name(v);
    if (strcmp(what, "basis") == 0) return yw_basis_name(v);
    if (strcmp(what, "confidence") == 0) return yw_confidence_name(v);
    if (strcmp(what, "validity") == 0) return word_of(yw_validity_word(v));
    if (strcmp(what, "marking") == 0) return word_of(yw_marking_word(v));
    if (strcmp(what, "condition") == 0) return word_of(yw_condition_word(v));
    if (strcmp(what, "equipment") == 0) return word_of(yw_equipment_word(v));
    return word_of(yw_verdict_word(v));
}

static void judged_word(sqlite3_context *x, int n, sqlite3_value **v) {
    YW_UNUSED(n);
    const char *what = (const char *)sqlite3_value_text(v[0]);
    sqlite3_result_text(x, name_of(what ? what : "", (uint8_t)sqlite3_value_int(v[1])), -1, SQLITE_STATIC);
}

/* "few-minutes,flagged" */
static void judged_reasons(sqlite3_context *x, int n, sqlite3_value **v) {
    enum { PACKED = 7 };
    struct yw_buf b;
    YW_UNUSED(n);
    const uint8_t *bytes = sqlite3_value_blob(v[0]);
    int size = sqlite3_value_bytes(v[0]);
    yw_buf_init(&b, 4096);
    for (int i = 0; bytes && i + PACKED <= size; i += PACKED)
        yw_buf_printf(&b, "%s%s", i ? "," : "", word_of(yw_reason_word(bytes[i])));
    sqlite3_result_text(x, b.data ? b.data : "", (int)b.len, SQLITE_TRANSIENT);
    yw_buf_free(&b);
}

static enum yw_code attach(sqlite3 *db, const char *path, struct yw_error *err) {
    struct yw_buf uri;
    sqlite3_stmt *st = NULL;
    yw_buf_init(&uri, 3 * 4096);
    yw_buf_puts(&uri, "file:");
    for (const char *c = path; *c; c++) {
        if (*c == '%' || *c == '?' || *c == '#')
            yw_buf_printf(&uri, "%%%02X", (unsigned)(unsigned char)*c);
        else
            yw_buf_putc(&uri, *c);
    }
    yw_buf_puts(&uri, "?mode=ro");
    bool good = !uri.failed && sqlite3_prepare_v2(db, "ATTACH ? AS judged", -1, &st, NULL) == SQLITE_OK;
    if (good) sqlite3_bind_text(st, 1, uri.data, (int)uri.len, SQLITE_STATIC);
    good = good && sqlite3_step(st) == SQLITE_DONE;
    sqlite3_finalize(st);
    yw_buf_free(&uri);
    return good ? YW_OK : yw_fail(err, YW_E_SYSTEM, "%s: %s", path, sqlite3_errmsg(db));
}

enum yw_code yw_sql_judged(struct sqlite3 *db, const char *series, struct yw_error *err) {
    static const struct {
        const char *name;
        int arguments;
        void (*call)(sqlite3_context *x, int n, sqlite3_value **v);
    } functions[] = {{"judged_word", 2, judged_word}, {"judged_reasons", 1, judged_reasons}};
    char path[4096];
    if (snprintf(path, sizeof path, "%s/judge.db", series) >= (int)sizeof path)
        return yw_fail(err, YW_E_LIMIT, "the path is too long");
    if (access(path, R_OK) != 0) return YW_OK; /* nothing was judged yet */
    enum yw_code code = attach(db, path, err);
    int rc = SQLITE_OK;
    for (size_t i = 0; code == YW_OK && rc == SQLITE_OK && i < YW_COUNT(functions); i++)
        rc = sqlite3_create_function_v2(db, functions[i].name, functions[i].arguments,
                                        SQLITE_UTF8 | SQLITE_INNOCUOUS, NULL, functions[i].call, NULL, NULL,
                                        NULL);
    if (code == YW_OK && rc == SQLITE_OK) rc = sqlite3_exec(db, views, NULL, NULL, NULL);
    return rc == SQLITE_OK ? code : yw_fail(err, YW_E_FORMAT, "%s", sqlite3_errmsg(db));
}
