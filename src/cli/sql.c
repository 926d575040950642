/* yanwu sql: the series and the register as SQL tables, for reading. */
#include "cli/sql_views.h"
#include "journal/journal.h"
#include "register/register.h"
#include "store/table.h"

#include <math.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum form { FORM_TABLE, FORM_CSV, FORM_JSON };
enum { CELLS_MAX = 100000, ATTACHED_MAX = 8, SQL_MAX = 1 << 20 };

/* ---- the register as temporary tables ---- */

static const char register_schema[] =
    "CREATE TEMP TABLE area(code TEXT PRIMARY KEY, parent TEXT, name TEXT);"
    "CREATE TEMP TABLE unit(code TEXT PRIMARY KEY, parent TEXT, name TEXT, area TEXT);"
    "CREATE TEMP TABLE enterprise(id INTEGER PRIMARY KEY, name TEXT, "
    "short_name TEXT, credit_code TEXT, area TEXT,"
    " industry TEXT, permit_number TEXT);"
    "CREATE TEMP TABLE outlet(id INTEGER PRIMARY KEY, enterprise INTEGER, "
    "code TEXT, name TEXT, kind INTEGER, st TEXT);"
    "CREATE TEMP TABLE device(id INTEGER PRIMARY KEY, outlet INTEGER, mn "
    "TEXT, state INTEGER, version INTEGER);"
    "CREATE TEMP TABLE factor(outlet INTEGER, code TEXT, unit TEXT, "
    "permitted REAL, PRIMARY KEY(outlet, code));";

static enum yw_code sql_fail(sqlite3 *db, struct yw_error *err) {
    return yw_fail(err, YW_E_FORMAT, "%s", sqlite3_errmsg(db));
}

/* kinds: a letter for each argument, i integer, t text, r real (NaN is NULL). */
static void insert(sqlite3 *db, const char *sql, const char *kinds, ...) {
    sqlite3_stmt *st = NULL;
    va_list args;
    if (sqlite3_prepare_v2(db, sql, -1, &st, NULL) != SQLITE_OK) return;
    va_start(args, kinds);
    for (int i = 0; kinds[i]; i++) {
        if (kinds[i] == 'i') sqlite3_bind_int64(st, i + 1, va_arg(args, unsigned));
        if (kinds[i] == 't') sqlite3_bind_text(st, i + 1, va_arg(args, const char *), -1, SQLITE_TRANSIENT);
        if (kinds[i] == 'r')
            sqlite3_bind_double(st, i + 1, va_arg(args, double)); /* SQLite makes NaN a NULL */
    }
    va_end(args);
    sqlite3_step(st);
    sqlite3_finalize(st);
}

static void fill_register(sqlite3 *db, const struct yw_register *r) {
    size_t n;
    const struct yw_area *areas = yw_register_areas(r, &n);
    for (size_t i = 0; i < n; i++)
        insert(db, "INSERT INTO area VALUES(?,?,?)", "ttt", areas[i].code, areas[i].parent, areas[i].name);
    const struct yw_unit *units = yw_register_units(r, &n);
    for (size_t i = 0; i < n; i++)
        insert(db, "INSERT INTO unit VALUES(?,?,?,?)", "tttt", units[i].code, units[i].parent, units[i].name,
               units[i].area);
    const struct yw_enterprise *e = yw_register_enterprises(r, &n);
    for (size_t i = 0; i < n; i++)
        insert(db, "INSERT INTO enterprise VALUES(?,?,?,?,?,?,?)", "itttttt", e[i].id, e[i].name,
               e[i].short_name, e[i].credit_code, e[i].area, e[i].industry, e[i].permit_number);
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    for (size_t i = 0; i < n; i++) {
        size_t factors_n;
        insert(db, "INSERT INTO outlet VALUES(?,?,?,?,?,?)", "iittit", o[i].id, o[i].enterprise, o[i].code,
               o[i].name, (unsigned)o[i].kind, o[i].st);
        const struct yw_factor_rule *f = yw_register_factors(r, o[i].id, &factors_n);
        for (size_t k = 0; k < factors_n; k++)
            insert(db, "INSERT OR IGNORE INTO factor VALUES(?,?,?,?)", "ittr", o[i].id, f[k].code, f[k].unit,
                   f[k].limit);
    }
    const struct yw_device *d = yw_register_devices(r, &n);
    for (size_t i = 0; i < n; i++)
        insert(db, "INSERT INTO device VALUES(?,?,?,?,?)", "iitii", d[i].id, d[i].outlet, d[i].mn,
               (unsigned)d[i].state, (unsigned)d[i].version);
}

/* Folds the acts journal; without one the tables stay empty. */
static enum yw_code load_register(sqlite3 *db, const char *data, struct yw_error *err) {
    struct yw_buf folder, blocks;
    struct yw_reader *acts = NULL;
    struct yw_record record;
    if (sqlite3_exec(db, register_schema, NULL, NULL, NULL) != SQLITE_OK) return sql_fail(db, err);
    yw_buf_init(&folder, 4096);
    yw_buf_init(&blocks, 4096);
    yw_buf_printf(&folder, "%s/journal/acts", data);
    yw_buf_printf(&blocks, "%s/blocks/acts", data);
    struct yw_register *r = yw_register_create();
    enum yw_code code = r ? yw_reader_open(folder.data, blocks.data, &acts, err) : YW_E_NOMEM;
    while (code == YW_OK && (code = yw_reader_next(acts, &record, err)) == YW_OK) {
        if (record.direction == YW_DIR_ACT) yw_register_apply(r, record.payload, record.length, NULL);
    }
    if (code == YW_E_END || code == YW_E_NOT_FOUND) code = YW_OK;
    if (code == YW_OK) {
        sqlite3_exec(db, "BEGIN", NULL, NULL, NULL);
        fill_register(db, r);
        sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
    }
    if (acts) yw_reader_close(acts);
    if (r) yw_register_destroy(r);
    yw_buf_free(&folder);
    yw_buf_free(&blocks);
    return code;
}

/* ---- opening ---- */

/* The newest months' own files, as m2026_11: their tables for those who want to look under the hood. */
static void attach_months(sqlite3 *db, const char *series) {
    struct yw_buf months;
    yw_buf_init(&months, 1 << 16);
    if (yw_store_table_months(series, &months, NULL) == YW_OK && months.len >= 8) {
        size_t n = months.len / 8;
        for (size_t i = n > ATTACHED_MAX ? n - ATTACHED_MAX : 0; i < n; i++) {
            const char *name = months.data + i * 8;
            char *sql = sqlite3_mprintf("ATTACH 'file:%q/%.7s.db?mode=ro' AS m%.4s_%.2s", series, name, name,
                                        name + 5);
            if (sql) sqlite3_exec(db, sql, NULL, NULL, NULL);
            sqlite3_free(sql);
        }
    }
    yw_buf_free(&months);
}

static enum yw_code open_all(const char *data, sqlite3 **db, struct yw_error *err) {
    struct yw_buf series, index;
    yw_buf_init(&series, 4096);
    yw_buf_init(&index, 4096);
    yw_buf_printf(&series, "%s/series", data);
    yw_buf_printf(&index, "%s/series/index.db", data);
    enum yw_code code = YW_OK;
    if (series.failed || index.failed)
        code = yw_fail(err, YW_E_LIMIT, "the path is too long");
    else if (access(data, R_OK) != 0)
        code = yw_fail(err, YW_E_NOT_FOUND, "%s: no such data folder", data);
    else if (access(index.data, R_OK) != 0)
        code = yw_fail(err, YW_E_NOT_FOUND, "%s has no series yet: start yanwu serve, or run yanwu rebuild",
                       data);
    if (code == YW_OK &&
        sqlite3_open_v2(index.data, db, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, NULL) != SQLITE_OK)
        code = sql_fail(*db, err);
    if (code == YW_OK) {
        sqlite3_busy_timeout(*db, 10000);
        code = yw_store_table(*db, series.data, err);
    }
    if (code == YW_OK) code = yw_sql_judged(*db, series.data, err);
    if (code == YW_OK) attach_months(*db, series.data);
    if (code == YW_OK) code = load_register(*db, data, err);
    if (code == YW_OK) code = yw_sql_views(*db, err);
    if (code == YW_OK &&
        sqlite3_exec(*db, "CREATE TEMP VIEW value AS SELECT * FROM yw_value; PRAGMA query_only=1", NULL, NULL,
                     NULL) != SQLITE_OK)
        code = sql_fail(*db, err);
    if (code == YW_OK)
        sqlite3_limit(*db, SQLITE_LIMIT_ATTACHED, 0); /* nothing else can be reached from here */
    yw_buf_free(&series);
    yw_buf_free(&index);
    return code;
}

/* ---- output ---- */

static bool is_number(sqlite3_stmt *st, int i) {
    int type = sqlite3_column_type(st, i);
    return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

static void put_blob_or_text(struct yw_buf *out, sqlite3_stmt *st, int i) {
    if (sqlite3_column_type(st, i) == SQLITE_BLOB) {
        yw_buf_hex(out, sqlite3_column_blob(st, i), (size_t)sqlite3_column_bytes(st, i));
    } else {
        const char *text = (const char *)sqlite3_column_text(st, i);
        yw_buf_add(out, text ? text : "", text ? (size_t)sqlite3_column_bytes(st, i) : 0);
    }
}

static void put_json(struct yw_buf *out, sqlite3_stmt *st) {
    struct yw_buf cell;
    yw_buf_init(&cell, 64 << 20);
    for (int i = 0; i < sqlite3_column_count(st); i++) {
        const char *name = sqlite3_column_name(st, i);
        yw_buf_putc(out, i ? ',' : '{');
        yw_buf_json(out, name, strlen(name));
        yw_buf_putc(out, ':');
        yw_buf_clear(&cell);
        put_blob_or_text(&cell, st, i);
        if (sqlite3_column_type(st, i) == SQLITE_NULL)
            yw_buf_puts(out, "null");
        else if (is_number(st, i) && isfinite(sqlite3_column_double(st, i)))
            yw_buf_add(out, cell.data, cell.len);
        else
            yw_buf_json(out, cell.len ? cell.data : "", cell.len);
    }
    yw_buf_puts(out, "}\n");
    yw_buf_free(&cell);
}

static void put_csv(struct yw_buf *out, sqlite3_stmt *st, bool names) {
    struct yw_buf cell;
    int n = sqlite3_column_count(st);
    yw_buf_init(&cell, 64 << 20);
    for (int i = 0; i < n; i++) {
        yw_buf_clear(&cell);
        if (names)
            yw_buf_puts(&cell, sqlite3_column_name(st, i));
        else
            put_blob_or_text(&cell, st, i);
        yw_csv_put(out, cell.len ? cell.data : "", i == n - 1);
    }
    yw_buf_free(&cell);
}

/* A table for people: columns separated by two blanks, widths from the first rows, long ones just reach
 * further. */
struct page {
    char **cells;
    size_t n;
    int columns;
};

static size_t width_of(const char *text) {
    size_t n = 0;
    for (; *text; text++)
        n += ((unsigned char)*text & 0xc0) == 0x80 ? 0 : (unsigned char)*text >= 0xe0 ? 2 : 1;
    return n;
}

static void print_page(const struct page *p) {
    size_t *width = calloc((size_t)p->columns + 1, sizeof *width);
    if (!width) return;
    for (size_t i = 0; i < p->n; i++) {
        size_t w = width_of(p->cells[i]), *most = &width[i % (size_t)p->columns];
        if (w > *most) *most = w;
    }
    for (size_t i = 0; i < p->n; i++) {
        size_t column = i % (size_t)p->columns;
        bool last = column == (size_t)p->columns - 1;
        fputs(p->cells[i], stdout);
        for (size_t k = width_of(p->cells[i]); !last && k < width[column] + 2; k++) fputc(' ', stdout);
        if (last) fputc('\n', stdout);
    }
    free(width);
}

static void page_add(struct page *p, char *text) {
    if (p->n < CELLS_MAX && text)
        p->cells[p->n++] = text;
    else
        free(text);
}

static void page_row(struct page *p, sqlite3_stmt *st, bool names) {
    for (int i = 0; i < p->columns; i++) {
        struct yw_buf cell;
        yw_buf_init(&cell, 64 << 20);
        if (names)
            yw_buf_puts(&cell, sqlite3_column_name(st, i));
        else
            put_blob_or_text(&cell, st, i);
        page_add(p, cell.data ? strdup(cell.data) : strdup(""));
        yw_buf_free(&cell);
    }
}

static void page_flush(struct page *p) {
    if (p->columns > 0) print_page(p);
    for (size_t i = 0; i < p->n; i++) free(p->cells[i]);
    p->n = 0;
}

static void give(struct yw_buf *out) {
    fwrite(out->data, 1, out->len, stdout);
    yw_buf_clear(out);
}

static enum yw_code run_one(sqlite3 *db, sqlite3_stmt *st, enum form form, struct yw_error *err) {
    struct yw_buf out;
    struct page page = {.columns = sqlite3_column_count(st)};
    int rc;
    yw_buf_init(&out, 256 << 20);
    if (form == FORM_TABLE) page.cells = calloc(CELLS_MAX, sizeof *page.cells);
    if (form == FORM_TABLE && !page.cells) return yw_fail(err, YW_E_NOMEM, "no memory for the table");
    if (form == FORM_TABLE) page_row(&page, st, true);
    if (form == FORM_CSV && page.columns > 0) put_csv(&out, st, true);
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        if (form == FORM_JSON) put_json(&out, st);
        if (form == FORM_CSV) put_csv(&out, st, false);
        if (form == FORM_TABLE && page.n + (size_t)page.columns > CELLS_MAX) page_flush(&page);
        if (form == FORM_TABLE) page_row(&page, st, false);
        if (out.len > 65536) give(&out);
    }
    if (form == FORM_TABLE) page_flush(&page);
    free(page.cells);
    if (out.len > 0) give(&out);
    yw_buf_free(&out);
    fflush(stdout);
    return rc == SQLITE_DONE ? YW_OK : sql_fail(db, err);
}

static enum yw_code run(sqlite3 *db, const char *sql, enum form form, struct yw_error *err) {
    enum yw_code code = YW_OK;
    while (code == YW_OK && *sql) {
        sqlite3_stmt *st = NULL;
        if (sqlite3_prepare_v2(db, sql, -1, &st, &sql) != SQLITE_OK) return sql_fail(db, err);
        if (st) code = run_one(db, st, form, err);
        sqlite3_finalize(st);
    }
    return code;
}

/* Statements from standard input; in a terminal errors do not end it. */
static enum yw_code converse(sqlite3 *db, enum form form, struct yw_error *err) {
    bool person = isatty(STDIN_FILENO);
    struct yw_buf sql;
    char line[4096];
    enum yw_code code = YW_OK;
    yw_buf_init(&sql, SQL_MAX);
    if (person)
        fprintf(stderr,
                "Tables: value, latest, waiting, odd; commands, facts, findings, clocks, links, notices; "
                "means, verdicts, tallies; "
                "outlet, enterprise, area, device, factor. End with Ctrl-D.\n");
    for (;;) {
        if (person) fprintf(stderr, "%s", sql.len ? "   ... " : "yanwu> ");
        bool more = fgets(line, sizeof line, stdin) != NULL;
        if (more) yw_buf_puts(&sql, line);
        if (sql.failed) return yw_fail(err, YW_E_LIMIT, "a statement of more than 1 MiB");
        if (sql.len > 0 && (!more || sqlite3_complete(sql.data))) {
            code = run(db, sql.data, form, err);
            if (code != YW_OK && person) fprintf(stderr, "%s\n", err->text);
            yw_buf_clear(&sql);
        }
        if (!more || (code != YW_OK && !person)) break;
    }
    yw_buf_free(&sql);
    return person ? YW_OK : code;
}

int main(int argc, char **argv) {
    bool json = false, csv = false;
    const struct yw_opt opts[] = {
        {"json", YW_OPT_FLAG, &json, NULL, "one JSON object a row"},
        {"csv", YW_OPT_FLAG, &csv, NULL, "CSV with a first line of names"},
    };
    const struct yw_command cmd = {
        .name = "yanwu sql",
        .usage = "[OPTION...] DATA [SQL]",
        .summary =
            "Asks the series and the register in SQL, for reading only; from standard input without SQL.",
        .more =
            "The view `value` has one row a factor of a record: outlet, kind, time, at, factor, rtd, "
            "min, avg, max,\n"
            "cou, zsrtd, zsmin, zsavg, zsmax, flag, fields, arrival, journal, position, device, "
            "backfilled, copies,\n"
            "current. commands: one row a command to a device; facts, findings, clocks, links, notices: what "
            "devices'\n"
            "packets showed. means, verdicts, tallies: what the judge said (times in UTC+8). Other tables: "
            "latest, waiting, odd, checkpoint; outlet, enterprise, area, "
            "device, "
            "factor.\n"
            "Example: yanwu sql DATA \"SELECT at, avg FROM value WHERE outlet=1 AND kind='minute' AND "
            "factor='a21026'\"\n",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 2,
    };
    int count = 0;
    struct yw_error err = {0};
    sqlite3 *db = NULL;
    yw_log_setup("yanwu sql", YW_LOG_INFO);
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    enum form form = json ? FORM_JSON : csv ? FORM_CSV : FORM_TABLE;
    enum yw_code code = open_all(argv[1], &db, &err);
    if (code == YW_OK) code = count == 2 ? run(db, argv[2], form, &err) : converse(db, form, &err);
    if (code != YW_OK) yw_log(YW_LOG_ERROR, "%s", err.text);
    sqlite3_close(db);
    return code == YW_OK ? 0 : 1;
}
