#include "store/table.h"

#include "store/sqlite_int.h"

#include <stdlib.h>
#include <string.h>

static const char declaration[] =
    "CREATE TABLE yw_value(outlet INTEGER, kind TEXT, time INTEGER, at TEXT, factor TEXT, rtd REAL, min "
    "REAL, avg REAL,"
    " max REAL, cou REAL, zsrtd REAL, zsmin REAL, zsavg REAL, zsmax REAL, flag TEXT, fields TEXT, arrival "
    "INTEGER,"
    " journal TEXT, position INTEGER, device INTEGER, backfilled INTEGER, copies INTEGER, current INTEGER,"
    " month TEXT HIDDEN)";

enum column {
    C_OUTLET,
    C_KIND,
    C_TIME,
    C_AT,
    C_FACTOR,
    C_RTD,
    C_MIN,
    C_AVG,
    C_MAX,
    C_COU,
    C_ZSRTD,
    C_ZSMIN,
    C_ZSAVG,
    C_ZSMAX,
    C_FLAG,
    C_FIELDS,
    C_ARRIVAL,
    C_JOURNAL,
    C_POSITION,
    C_DEVICE,
    C_BACKFILLED,
    C_COPIES,
    C_CURRENT,
    C_MONTH
};

struct table {
    sqlite3_vtab base;
    char *folder;
};

enum { GROUP_MAX = 256 }; /* records of one data time that are held against each other */

struct cursor {
    sqlite3_vtab_cursor base;
    struct yw_store *s;
    /* asked for */
    int64_t outlet, kind, from, to; /* outlet and kind -1: any */
    /* where it is: month, key in the month, day, group of one data time, record in it, factor in that */
    int32_t *months;
    size_t months_n, month_at;
    struct yw_month *m;
    struct {
        uint32_t outlet;
        uint8_t kind;
    } * keys;
    size_t keys_n, key_at;
    int64_t time; /* the next day is looked for from here */
    size_t group_from, group_to;
    struct yw_row *rows;     /* of the group */
    struct yw_value *values; /* of rows, YW_VALUES_MAX each */
    const struct yw_value *current[YW_VALUES_MAX];
    size_t rows_n, current_n, row_at, value_at;
    sqlite3_int64 number;
    bool end;
    struct yw_error err;
};

static int fail(struct cursor *c) {
    sqlite3_free(c->base.pVtab->zErrMsg);
    c->base.pVtab->zErrMsg = sqlite3_mprintf("%s", c->err.text);
    return SQLITE_ERROR;
}

static int table_connect(sqlite3 *db, void *aux, int argc, const char *const *argv, sqlite3_vtab **out,
                         char **message) {
    YW_UNUSED(argc), YW_UNUSED(argv), YW_UNUSED(message);
    int rc = sqlite3_declare_vtab(db, declaration);
    if (rc == SQLITE_OK) rc = sqlite3_vtab_config(db, SQLITE_VTAB_INNOCUOUS);
    struct table *t = rc == SQLITE_OK ? calloc(1, sizeof *t) : NULL;
    if (rc == SQLITE_OK && !t) rc = SQLITE_NOMEM;
    if (rc != SQLITE_OK) return rc;
    t->folder = aux;
    *out = &t->base;
    return SQLITE_OK;
}

static int table_disconnect(sqlite3_vtab *t) {
    free(t);
    return SQLITE_OK;
}

/* idxStr names the constraints taken, a letter each in the order of their arguments. */
static int table_best_index(sqlite3_vtab *t, sqlite3_index_info *info) {
    char taken[16] = {0};
    int n = 0;
    double cost = 1e12;
    YW_UNUSED(t);
    for (int i = 0; i < info->nConstraint && n < (int)sizeof taken - 1; i++) {
        const struct sqlite3_index_constraint *k = &info->aConstraint[i];
        char letter = 0;
        if (!k->usable) continue;
        if (k->iColumn == C_OUTLET && k->op == SQLITE_INDEX_CONSTRAINT_EQ) letter = 'o', cost /= 1e3;
        if (k->iColumn == C_KIND && k->op == SQLITE_INDEX_CONSTRAINT_EQ) letter = 'k', cost /= 4;
        if (k->iColumn == C_MONTH && k->op == SQLITE_INDEX_CONSTRAINT_EQ) letter = 'm', cost /= 12;
        if (k->iColumn == C_TIME && k->op == SQLITE_INDEX_CONSTRAINT_EQ) letter = '=', cost /= 1e5;
        if (k->iColumn == C_TIME && k->op == SQLITE_INDEX_CONSTRAINT_GE) letter = 'g', cost /= 10;
        if (k->iColumn == C_TIME && k->op == SQLITE_INDEX_CONSTRAINT_GT) letter = 'g', cost /= 10;
        if (k->iColumn == C_TIME && k->op == SQLITE_INDEX_CONSTRAINT_LE) letter = 'l', cost /= 10;
        if (k->iColumn == C_TIME && k->op == SQLITE_INDEX_CONSTRAINT_LT) letter = 'l', cost /= 10;
        if (!letter) continue;
        taken[n++] = letter;
        info->aConstraintUsage[i].argvIndex = n; /* SQLite checks the rows once more, so bounds may be wide */
    }
    info->idxStr = sqlite3_mprintf("%s", taken);
    info->needToFreeIdxStr = 1;
    info->estimatedCost = cost;
    return info->idxStr ? SQLITE_OK : SQLITE_NOMEM;
}

static int table_open(sqlite3_vtab *t, sqlite3_vtab_cursor **out) {
    struct cursor *c = calloc(1, sizeof *c);
    if (!c) return SQLITE_NOMEM;
    c->rows = calloc(GROUP_MAX, sizeof *c->rows);
    c->values = malloc((size_t)GROUP_MAX * YW_VALUES_MAX * sizeof *c->values);
    c->base.pVtab = t;
    struct table *table = (struct table *)(void *)t;
    if (!c->rows || !c->values || yw_store_sqlite.open(table->folder, true, &c->s, &c->err) != YW_OK) {
        free(c->rows);
        free(c->values);
        free(c);
        return SQLITE_NOMEM;
    }
    *out = &c->base;
    return SQLITE_OK;
}

static int table_close(sqlite3_vtab_cursor *base) {
    struct cursor *c = (struct cursor *)(void *)base;
    yw_read_end(c->m);
    yw_store_sqlite.close(c->s);
    free(c->months);
    free(c->keys);
    free(c->rows);
    free(c->values);
    free(c);
    return SQLITE_OK;
}

/* ---- moving on, from the inside out ---- */

static bool next_group(struct cursor *c, enum yw_code *code) {
    const struct yw_day *d = &c->s->day;
    size_t from = c->group_to, to = from;
    if (from >= d->n) return false;
    c->rows_n = 0;
    while (to < d->n && d->rows[to].time == d->rows[from].time && c->rows_n < GROUP_MAX && *code == YW_OK) {
        *code = yw_row_unpack(c->m, &d->rows[to++], c->values + c->rows_n * YW_VALUES_MAX,
                              &c->rows[c->rows_n], &c->err);
        if (*code == YW_OK) c->rows_n++;
    }
    c->group_from = from;
    c->group_to = to;
    c->current_n = yw_current_values(c->rows, c->rows_n, c->current, YW_VALUES_MAX);
    c->row_at = 0;
    c->value_at = 0;
    return *code == YW_OK;
}

static bool next_day(struct cursor *c, enum yw_code *code) {
    int32_t day;
    bool found;
    if (c->key_at >= c->keys_n || c->time >= c->to) return false;
    uint32_t outlet = c->keys[c->key_at].outlet;
    uint8_t kind = c->keys[c->key_at].kind;
    *code = yw_day_next(c->m, outlet, kind, c->time, &day, &found, &c->err);
    if (*code != YW_OK || !found) return false;
    int64_t begin = yw_china_day_start(day), end = begin + YW_DAY;
    if (begin < c->from) begin = c->from;
    if (begin >= c->to) return false;
    *code = yw_day_load(c->m, outlet, kind, begin, end < c->to ? end : c->to, &c->s->day, NULL, &c->err);
    c->time = end;
    c->group_from = c->group_to = 0;
    return *code == YW_OK;
}

static bool next_key(struct cursor *c) {
    for (c->key_at++; c->key_at < c->keys_n; c->key_at++) {
        if (c->outlet >= 0 && c->keys[c->key_at].outlet != c->outlet) continue;
        if (c->kind >= 0 && c->keys[c->key_at].kind != c->kind) continue;
        int64_t start = yw_month_start(c->m->month);
        c->time = c->from > start ? c->from : start;
        return true;
    }
    return false;
}

static enum yw_code load_keys(struct cursor *c) {
    size_t cap = 0;
    c->keys_n = 0;
    sqlite3_stmt *st = yw_sql_get(&c->m->sql, YW_M_KEYS, &c->err);
    int rc = SQLITE_ERROR;
    while (st && (rc = sqlite3_step(st)) == SQLITE_ROW) {
        if (c->keys_n == cap) {
            cap = cap ? cap * 2 : 256;
            void *more = realloc(c->keys, cap * sizeof *c->keys);
            if (!more) break;
            c->keys = more;
        }
        c->keys[c->keys_n].outlet = (uint32_t)sqlite3_column_int64(st, 0);
        c->keys[c->keys_n++].kind = (uint8_t)sqlite3_column_int64(st, 1);
    }
    sqlite3_reset(st);
    c->key_at = SIZE_MAX; /* next_key goes to the first */
    return rc == SQLITE_DONE ? YW_OK : yw_sql_fail(c->m->sql.db, &c->err, c->m->sql.path, "listing outlets");
}

static bool next_month(struct cursor *c, enum yw_code *code) {
    yw_read_end(c->m);
    c->m = NULL;
    while (*code == YW_OK && c->month_at < c->months_n) {
        *code = yw_read_begin(c->s, c->months[c->month_at++], &c->m, &c->err);
        if (*code != YW_OK || !c->m) continue;
        *code = load_keys(c);
        return *code == YW_OK;
    }
    return false;
}

/* A factor's values lie together or not; the first value of each factor stands for it. */
static bool is_first_of_factor(const struct yw_row *r, size_t i) {
    for (size_t k = 0; k < i; k++) {
        if (strcmp(r->values[k].factor, r->values[i].factor) == 0) return false;
    }
    return true;
}

static bool stands_on_value(struct cursor *c) {
    for (; c->row_at < c->rows_n; c->row_at++, c->value_at = 0) {
        for (; c->value_at < c->rows[c->row_at].count; c->value_at++) {
            if (is_first_of_factor(&c->rows[c->row_at], c->value_at)) return true;
        }
    }
    return false;
}

static int settle(struct cursor *c) {
    enum yw_code code = YW_OK;
    while (!stands_on_value(c)) {
        if (c->m && (next_group(c, &code))) continue;
        if (code == YW_OK && c->m && next_day(c, &code)) continue;
        if (code == YW_OK && c->m && next_key(c)) continue;
        if (code == YW_OK && next_month(c, &code)) continue;
        c->end = true;
        return code == YW_OK ? SQLITE_OK : fail(c);
    }
    return SQLITE_OK;
}

static int table_next(sqlite3_vtab_cursor *base) {
    struct cursor *c = (struct cursor *)(void *)base;
    c->value_at++;
    c->number++;
    return settle(c);
}

static int table_filter(sqlite3_vtab_cursor *base, int index, const char *taken, int argc,
                        sqlite3_value **argv) {
    struct cursor *c = (struct cursor *)(void *)base;
    int32_t only = -1;
    YW_UNUSED(index);
    c->outlet = c->kind = -1;
    c->from = INT64_MIN / 2;
    c->to = INT64_MAX / 2;
    for (int i = 0; i < argc; i++) {
        const char *text = (const char *)sqlite3_value_text(argv[i]);
        int64_t v = sqlite3_value_int64(argv[i]);
        enum yw_kind kind;
        if (taken[i] == 'o') c->outlet = v;
        if (taken[i] == 'k') c->kind = text && yw_kind_parse(text, &kind) ? (int64_t)kind : 0;
        if (taken[i] == 'm' && (!text || !yw_month_number(text, strlen(text), &only))) only = -2;
        if ((taken[i] == 'g' || taken[i] == '=') && v > c->from) c->from = v;
        if ((taken[i] == 'l' || taken[i] == '=') && v < c->to) c->to = v + 1;
    }
    bool there;
    yw_read_end(c->m);
    c->m = NULL;
    free(c->months);
    c->months = NULL;
    c->months_n = c->month_at = c->rows_n = c->row_at = c->value_at = 0;
    c->end = false;
    if (yw_index_look(c->s, &there, &c->err) != YW_OK) return fail(c);
    if (only >= 0) {
        int64_t start = yw_month_start(only), stop = yw_month_start(only + 1);
        c->from = c->from > start ? c->from : start;
        c->to = c->to < stop ? c->to : stop;
    }
    if (there && only > -2 && c->from < c->to &&
        yw_months_list(c->s, c->from, c->to, &c->months, &c->months_n, &c->err) != YW_OK)
        return fail(c);
    return settle(c);
}

static int table_eof(sqlite3_vtab_cursor *base) {
    return ((struct cursor *)(void *)base)->end;
}

/* ---- columns ---- */

static void result_field(sqlite3_context *x, const struct yw_row *r, const char *factor, const char *field) {
    for (size_t i = 0; i < r->count; i++) {
        const struct yw_value *v = &r->values[i];
        double number;
        if (strcmp(v->field, field) != 0 || strcmp(v->factor, factor) != 0) continue;
        if (yw_value_f64(v, &number))
            sqlite3_result_double(x, number);
        else
            sqlite3_result_text(x, v->text, (int)v->text_n, SQLITE_TRANSIENT);
        return;
    }
}

static void result_json(sqlite3_context *x, const struct yw_row *r, const char *factor) {
    char text[YW_TEXT_MAX + 1];
    struct yw_buf json;
    yw_buf_init(&json, 1 << 20);
    for (size_t i = 0; i < r->count; i++) {
        const struct yw_value *v = &r->values[i];
        if (strcmp(v->factor, factor) != 0) continue;
        yw_buf_putc(&json, json.len ? ',' : '{');
        yw_buf_json(&json, v->field, strlen(v->field));
        yw_buf_putc(&json, ':');
        yw_buf_json(&json, text, yw_value_print(v, text, sizeof text));
    }
    yw_buf_putc(&json, '}');
    sqlite3_result_text(x, json.failed ? "{}" : json.data, -1, SQLITE_TRANSIENT);
    yw_buf_free(&json);
}

/* Current: every field of this factor here is what counts for its data time. */
static bool is_current(const struct cursor *c, const struct yw_row *r, const char *factor) {
    for (size_t i = 0; i < r->count; i++) {
        bool counts = strcmp(r->values[i].factor, factor) != 0;
        for (size_t k = 0; !counts && k < c->current_n; k++) counts = c->current[k] == &r->values[i];
        for (size_t k = 0; !counts && k < i;
             k++) /* a name that stands twice in the packet: its first counts */
            counts = strcmp(r->values[k].factor, factor) == 0 &&
                     strcmp(r->values[k].field, r->values[i].field) == 0;
        if (!counts) return false;
    }
    return true;
}

static int table_column(sqlite3_vtab_cursor *base, sqlite3_context *x, int column) {
    static const char *const fields[] = {
        [C_RTD] = "Rtd",     [C_MIN] = "Min",     [C_AVG] = "Avg",     [C_MAX] = "Max",
        [C_COU] = "Cou",     [C_ZSRTD] = "ZsRtd", [C_ZSMIN] = "ZsMin", [C_ZSAVG] = "ZsAvg",
        [C_ZSMAX] = "ZsMax", [C_FLAG] = "Flag"};
    struct cursor *c = (struct cursor *)(void *)base;
    const struct yw_row *r = &c->rows[c->row_at];
    const char *factor = r->values[c->value_at].factor;
    char text[40];
    switch ((enum column)column) {
    case C_OUTLET:
        sqlite3_result_int64(x, r->outlet);
        break;
    case C_KIND:
        sqlite3_result_text(x, yw_kind_name((enum yw_kind)r->kind), -1, SQLITE_STATIC);
        break;
    case C_TIME:
        sqlite3_result_int64(x, r->time);
        break;
    case C_AT:
        yw_time_text(r->time, text);
        sqlite3_result_text(x, text, -1, SQLITE_TRANSIENT);
        break;
    case C_FACTOR:
        sqlite3_result_text(x, factor, -1, SQLITE_TRANSIENT);
        break;
    case C_FIELDS:
        result_json(x, r, factor);
        break;
    case C_ARRIVAL:
        sqlite3_result_int64(x, r->source.arrival);
        break;
    case C_JOURNAL: {
        char *name = sqlite3_mprintf("p%u", r->source.journal);
        sqlite3_result_text(x, name ? name : "", -1, SQLITE_TRANSIENT);
        sqlite3_free(name);
        break;
    }
    case C_POSITION:
        sqlite3_result_int64(x, (sqlite3_int64)r->source.position);
        break;
    case C_DEVICE:
        sqlite3_result_int64(x, r->device);
        break;
    case C_BACKFILLED:
        sqlite3_result_int(x, r->flags & YW_ROW_BACKFILLED ? 1 : 0);
        break;
    case C_COPIES:
        sqlite3_result_int64(x, r->copies);
        break;
    case C_CURRENT:
        sqlite3_result_int(x, is_current(c, r, factor));
        break;
    case C_MONTH: {
        char name[YW_MONTH_NAME];
        yw_month_name(c->m->month, name);
        sqlite3_result_text(x, name, -1, SQLITE_TRANSIENT);
        break;
    }
    default:
        result_field(x, r, factor, fields[column]);
        break;
    }
    return SQLITE_OK;
}

static int table_rowid(sqlite3_vtab_cursor *base, sqlite3_int64 *out) {
    *out = ((struct cursor *)(void *)base)->number;
    return SQLITE_OK;
}

static const sqlite3_module module = {
    .iVersion = 0, /* without xCreate: there without being made */
    .xConnect = table_connect,
    .xBestIndex = table_best_index,
    .xDisconnect = table_disconnect,
    .xOpen = table_open,
    .xClose = table_close,
    .xFilter = table_filter,
    .xNext = table_next,
    .xEof = table_eof,
    .xColumn = table_column,
    .xRowid = table_rowid,
};

enum yw_code yw_store_table(struct sqlite3 *db, const char *folder, struct yw_error *err) {
    char *own = strdup(folder);
    if (!own) return yw_fail(err, YW_E_NOMEM, "no memory for the table of values");
    if (sqlite3_create_module_v2(db, "yw_value", &module, own, free) == SQLITE_OK) return YW_OK;
    return yw_sql_fail(db, err, folder, "adding the table of values");
}

enum yw_code yw_store_table_months(const char *folder, struct yw_buf *out, struct yw_error *err) {
    struct yw_store *s;
    int32_t *months = NULL;
    size_t n = 0;
    enum yw_code code = yw_store_sqlite.open(folder, true, &s, err);
    if (code != YW_OK) return code;
    code = yw_months_list(s, INT64_MIN / 2, INT64_MAX / 2, &months, &n, err);
    for (size_t i = 0; i < n; i++) {
        char name[YW_MONTH_NAME];
        yw_month_name(months[i], name);
        yw_buf_printf(out, "%s\n", name);
    }
    free(months);
    yw_store_sqlite.close(s);
    return code;
}
