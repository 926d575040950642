/* What is known of devices, in index.db. Nearly every packet counts in three places, so tallies are summed up
 * in memory and written now and then, together with the positions up to which they were counted; after a
 * start journals are read again from there. */
#include "store/sqlite_columns.h"

#include <stdlib.h>
#include <string.h>

enum {
    TALLY_MAX = 1 << 16,  /* entries of each kind in memory */
    FLUSH_AT_ONCE = 2048, /* up to so many are written at every sync, more at every LAZY-th */
    LAZY = 4
};

#define FACT(kind, f)   YW_COLUMN(struct yw_device_fact, kind, f)
#define CLOCK(kind, f)  YW_COLUMN(struct yw_device_day, kind, f)
#define LINK(kind, f)   YW_COLUMN(struct yw_device_link, kind, f)
#define NOTICE(kind, f) YW_COLUMN(struct yw_notice, kind, f)
static const struct yw_column fact_list[] = {FACT(INT, device) YW_FACT_COLUMNS(FACT)};
static const struct yw_column clock_list[] = {CLOCK(INT, day) YW_CLOCK_COLUMNS(CLOCK)};
static const struct yw_column link_list[] = {LINK(INT, device) YW_LINK_COLUMNS(LINK)};
static const struct yw_column notice_list[] = {NOTICE(INT, device) YW_NOTICE_COLUMNS(NOTICE)};
static const struct yw_columns fact_columns = {fact_list, YW_COUNT(fact_list)};
static const struct yw_columns clock_columns = {clock_list, YW_COUNT(clock_list)};
static const struct yw_columns link_columns = {link_list, YW_COUNT(link_list)};
static const struct yw_columns notice_columns = {notice_list, YW_COUNT(notice_list)};

static enum yw_code failed(struct yw_store *s, struct yw_error *err, const char *doing) {
    return yw_sql_fail(s->index.db, err, s->index.path, doing);
}

/* ---- in memory ---- */

enum yw_code yw_device_open(struct yw_store *s, struct yw_error *err) {
    s->tallied = calloc(UINT16_MAX + 1, sizeof *s->tallied);
    s->flushed = calloc(UINT16_MAX + 1, sizeof *s->flushed);
    if (!s->tallied || !s->flushed) return yw_fail(err, YW_E_NOMEM, "no memory left for the store");
    s->notices_n = -1;
    yw_tally_init(&s->staged, TALLY_MAX);
    yw_tally_init(&s->pending, TALLY_MAX);
    return YW_OK;
}

void yw_device_close(struct yw_store *s) {
    yw_tally_free(&s->staged);
    yw_tally_free(&s->pending);
    free(s->tallied);
    free(s->flushed);
}

static enum yw_code full(struct yw_error *err) {
    return yw_fail(err, YW_E_NOMEM, "a batch tells of more than %d devices or links, or there is no memory",
                   TALLY_MAX);
}

static bool was_counted(const struct yw_store *s, uint16_t journal, uint64_t position) {
    return position < s->tallied[journal];
}

enum yw_code yw_device_put_fact(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err) {
    if (was_counted(s, f->last.journal, f->last.position)) return YW_OK;
    struct yw_device_fact *into = yw_tally_fact(&s->staged, f->device, f->last.journal);
    if (into) yw_fact_merge(into, f);
    return into ? YW_OK : full(err);
}

enum yw_code yw_device_put_clock(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err) {
    if (was_counted(s, d->last.journal, d->last.position)) return YW_OK;
    struct yw_device_day *into = yw_tally_day(&s->staged, d->device, d->day, d->last.journal);
    if (into) yw_clock_merge(into, d);
    return into ? YW_OK : full(err);
}

enum yw_code yw_device_put_link(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err) {
    if (was_counted(s, l->journal, l->position)) return YW_OK;
    struct yw_device_link *into = yw_tally_link(&s->staged, l->device, l->journal, l->link, l->peer);
    if (into) yw_link_merge(into, l);
    return into ? YW_OK : full(err);
}

enum yw_code yw_device_put_notice(struct yw_store *s, const struct yw_notice *n, struct yw_error *err) {
    if (was_counted(s, n->last.journal, n->last.position)) return YW_OK;
    struct yw_notice *into = yw_tally_notice(&s->staged, n->device, n->hardware, n->cn, n->last.journal);
    if (into) yw_notice_merge(into, n);
    return into ? YW_OK : full(err);
}

/* ---- writing ---- */

/* The row with these keys, into item. */
static enum yw_code get(struct yw_store *s, sqlite3_stmt *st, const struct yw_columns *c, void *item,
                        bool *found, struct yw_error *err) {
    int rc = sqlite3_step(st);
    *found = rc == SQLITE_ROW;
    if (*found) yw_columns_read(c, st, item);
    sqlite3_reset(st);
    return rc == SQLITE_ROW || rc == SQLITE_DONE ? YW_OK : failed(s, err, "reading what is known of devices");
}

static enum yw_code put(struct yw_store *s, unsigned which, const struct yw_columns *c, const void *item,
                        struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, which, err);
    if (!st) return failed(s, err, "writing what is known of devices");
    yw_columns_bind(c, st, item);
    return yw_sql_run(&s->index, st, err);
}

static enum yw_code flush_fact(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err) {
    struct yw_device_fact all = {.device = f->device};
    bool found;
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_FACT_GET, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    sqlite3_bind_int64(st, 1, f->device);
    enum yw_code code = get(s, st, &fact_columns, &all, &found, err);
    yw_fact_merge(&all, f);
    return code == YW_OK ? put(s, YW_I_FACT_PUT, &fact_columns, &all, err) : code;
}

static enum yw_code flush_clock(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err) {
    struct yw_device_day all = {.device = d->device, .day = d->day};
    bool found;
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_CLOCK_GET, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    YW_SQL_BIND(st, d->day, d->device);
    enum yw_code code = get(s, st, &clock_columns, &all, &found, err);
    yw_clock_merge(&all, d);
    return code == YW_OK ? put(s, YW_I_CLOCK_PUT, &clock_columns, &all, err) : code;
}

static enum yw_code flush_link(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err) {
    struct yw_device_link all = {.device = l->device, .journal = l->journal, .link = l->link};
    bool found;
    memcpy(all.peer, l->peer, sizeof all.peer);
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_LINK_GET, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    YW_SQL_BIND(st, l->device, l->journal, (int64_t)l->link);
    sqlite3_bind_text(st, 4, l->peer, -1, SQLITE_STATIC);
    enum yw_code code = get(s, st, &link_columns, &all, &found, err);
    yw_link_merge(&all, l);
    return code == YW_OK ? put(s, YW_I_LINK_PUT, &link_columns, &all, err) : code;
}

static enum yw_code get_notice(struct yw_store *s, struct yw_notice *all, bool *found, struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_NOTICE_GET, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    YW_SQL_BIND(st, all->device, all->cn);
    sqlite3_bind_text(st, 3, all->hardware, -1, SQLITE_TRANSIENT);
    return get(s, st, &notice_columns, all, found, err);
}

static enum yw_code count_notices(struct yw_store *s, struct yw_error *err) {
    if (s->notices_n >= 0) return YW_OK;
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_NOTICE_COUNT, err);
    if (!st || sqlite3_step(st) != SQLITE_ROW) return failed(s, err, "counting notices");
    s->notices_n = sqlite3_column_int64(st, 0);
    sqlite3_reset(st);
    return YW_OK;
}

/* Anybody can invent hardware codes: past the limit they are told apart no more. */
static enum yw_code flush_notice(struct yw_store *s, const struct yw_notice *n, struct yw_error *err) {
    struct yw_notice all = {.device = n->device, .cn = n->cn};
    bool found = false;
    memcpy(all.hardware, n->hardware, sizeof all.hardware);
    enum yw_code code = count_notices(s, err);
    if (code == YW_OK) code = get_notice(s, &all, &found, err);
    if (code == YW_OK && !found && n->device == 0 && s->notices_n >= YW_NOTICES_MAX) {
        yw_copy(all.hardware, sizeof all.hardware, "*", 1);
        code = get_notice(s, &all, &found, err);
    }
    yw_notice_merge(&all, n);
    if (code == YW_OK) code = put(s, YW_I_NOTICE_PUT, &notice_columns, &all, err);
    if (code == YW_OK && !found) s->notices_n++;
    return code;
}

static enum yw_code note_tallied(struct yw_store *s, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (unsigned j = 0; code == YW_OK && j <= UINT16_MAX; j++) {
        if (s->tallied[j] == 0 || s->tallied[j] == s->flushed[j]) continue;
        sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_TALLIED_PUT, err);
        if (!st) return failed(s, err, "noting what was tallied");
        YW_SQL_BIND(st, (int64_t)j, (int64_t)s->tallied[j]);
        code = yw_sql_run(&s->index, st, err);
    }
    return code;
}

enum yw_code yw_device_flush(struct yw_store *s, struct yw_error *err) {
    const struct yw_tally *p = &s->pending;
    const struct yw_device_fact *facts = p->facts.items;
    const struct yw_device_day *days = p->days.items;
    const struct yw_device_link *links = p->links.items;
    const struct yw_notice *notices = p->notices.items;
    enum yw_code code = yw_index_begin(s, err);
    for (size_t i = 0; code == YW_OK && i < p->facts.n; i++) code = flush_fact(s, &facts[i], err);
    for (size_t i = 0; code == YW_OK && i < p->days.n; i++) code = flush_clock(s, &days[i], err);
    for (size_t i = 0; code == YW_OK && i < p->links.n; i++) code = flush_link(s, &links[i], err);
    for (size_t i = 0; code == YW_OK && i < p->notices.n; i++) code = flush_notice(s, &notices[i], err);
    return code == YW_OK ? note_tallied(s, err) : code;
}

void yw_device_flushed(struct yw_store *s) {
    yw_tally_clear(&s->pending);
    memcpy(s->flushed, s->tallied, (UINT16_MAX + 1) * sizeof *s->flushed);
    s->unflushed_syncs = 0;
}

bool yw_device_flush_is_due(struct yw_store *s) {
    return yw_tally_length(&s->pending) <= FLUSH_AT_ONCE || ++s->unflushed_syncs >= LAZY;
}

enum yw_code yw_device_before_commit(struct yw_store *s, bool *flushed, struct yw_error *err) {
    enum yw_code code = YW_OK;
    *flushed = yw_tally_length(&s->pending) + yw_tally_length(&s->staged) > TALLY_MAX / 2;
    if (*flushed) code = yw_device_flush(s, err);
    if (code != YW_OK || yw_tally_reserve(&s->pending, &s->staged)) return code;
    return yw_fail(err, YW_E_NOMEM, "no memory to sum up what is known of devices");
}

void yw_device_committed(struct yw_store *s, bool flushed, const struct yw_checkpoint *c, size_t n) {
    if (flushed) yw_device_flushed(s);
    yw_tally_add(&s->pending, &s->staged); /* there is room */
    yw_tally_clear(&s->staged);
    for (size_t i = 0; i < n; i++) {
        if (c[i].position > s->tallied[c[i].journal]) s->tallied[c[i].journal] = c[i].position;
    }
}

enum yw_code yw_device_trim(struct yw_store *s, int32_t before_day, struct yw_error *err) {
    static const unsigned by_day[] = {YW_I_CLOCK_TRIM, YW_I_ASKED_CLOCK_TRIM};
    int32_t least = before_day - YW_DEVICE_DAYS_KEPT;
    if (before_day <= s->trimmed || before_day > INT32_MAX / 2) return YW_OK;
    enum yw_code code = yw_index_begin(s, err);
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(by_day); i++) {
        sqlite3_stmt *st = yw_sql_get(&s->index, by_day[i], err);
        if (!st) return failed(s, err, "forgetting old clocks");
        sqlite3_bind_int64(st, 1, least);
        code = yw_sql_run(&s->index, st, err);
    }
    sqlite3_stmt *st = code == YW_OK ? yw_sql_get(&s->index, YW_I_LINK_TRIM, err) : NULL;
    if (!st) return code == YW_OK ? failed(s, err, "forgetting old links") : code;
    sqlite3_bind_int64(st, 1, yw_china_day_start(least));
    code = yw_sql_run(&s->index, st, err);
    if (code == YW_OK) s->trimmed = before_day;
    return code;
}

/* ---- reading ---- */

/* Gives every row of a bound statement. */
#define GIVE_ALL(st, columns, type, each, arg)                                                               \
    do {                                                                                                     \
        bool more = true;                                                                                    \
        int rc = SQLITE_DONE;                                                                                \
        while (more && (rc = sqlite3_step(st)) == SQLITE_ROW) {                                              \
            type item = {0};                                                                                 \
            yw_columns_read(columns, st, &item);                                                             \
            more = each(arg, &item);                                                                         \
        }                                                                                                    \
        enum yw_code code = rc == SQLITE_DONE || rc == SQLITE_ROW                                            \
                                ? YW_OK                                                                      \
                                : failed(s, err, "reading what is known of devices");                        \
        sqlite3_reset(st);                                                                                   \
        return code;                                                                                         \
    } while (0)

enum yw_code yw_device_facts(struct yw_store *s, uint32_t device,
                             bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                             struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, device ? YW_I_FACT_GET : YW_I_FACT_ALL, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    if (device) sqlite3_bind_int64(st, 1, device);
    GIVE_ALL(st, &fact_columns, struct yw_device_fact, each, arg);
}

enum yw_code yw_device_links(struct yw_store *s, uint32_t device, int64_t since,
                             bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                             struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, device ? YW_I_LINK_OF : YW_I_LINK_SINCE, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    YW_SQL_BIND(st, device, since);
    GIVE_ALL(st, &link_columns, struct yw_device_link, each, arg);
}

enum yw_code yw_device_notices(struct yw_store *s, int64_t since,
                               bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                               struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_NOTICE_SINCE, err);
    if (!st) return failed(s, err, "reading what is known of devices");
    sqlite3_bind_int64(st, 1, since);
    GIVE_ALL(st, &notice_columns, struct yw_notice, each, arg);
}

struct days {
    struct yw_device_day *list;
    size_t n, cap;
};

static struct yw_device_day *add_day(struct days *d) {
    if (d->n == d->cap) {
        size_t cap = d->cap ? d->cap * 2 : 256;
        struct yw_device_day *more = realloc(d->list, cap * sizeof *more);
        if (!more) return NULL;
        d->list = more;
        d->cap = cap;
    }
    memset(&d->list[d->n], 0, sizeof d->list[0]);
    return &d->list[d->n++];
}

/* The rows of a bound statement over the columns of clock. */
static enum yw_code add_clocks(struct yw_store *s, sqlite3_stmt *st, struct days *days,
                               struct yw_error *err) {
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct yw_device_day *d = add_day(days);
        if (!d) break;
        yw_columns_read(&clock_columns, st, d);
    }
    enum yw_code code = rc == SQLITE_DONE  ? YW_OK
                        : rc == SQLITE_ROW ? yw_fail(err, YW_E_NOMEM, "no memory for the clocks of devices")
                                           : failed(s, err, "reading clocks");
    sqlite3_reset(st);
    return code;
}

/* Days lie before devices, so a device's are looked for one by one. */
static enum yw_code clocks_of(struct yw_store *s, uint32_t device, int32_t from_day, struct days *days,
                              struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_CLOCK_DAYS, err);
    if (!st || sqlite3_step(st) != SQLITE_ROW) return failed(s, err, "reading clocks");
    bool any = sqlite3_column_type(st, 0) == SQLITE_INTEGER;
    int64_t first = sqlite3_column_int64(st, 0), last = sqlite3_column_int64(st, 1);
    sqlite3_reset(st);
    if (from_day > first) first = from_day;
    enum yw_code code = YW_OK;
    for (int64_t day = first; any && code == YW_OK && day <= last; day++) {
        st = yw_sql_get(&s->index, YW_I_CLOCK_GET, err);
        if (!st) return failed(s, err, "reading clocks");
        YW_SQL_BIND(st, day, device);
        code = add_clocks(s, st, days, err);
    }
    return code;
}

static enum yw_code add_asked(struct yw_store *s, uint32_t device, int32_t from_day, struct days *days,
                              struct yw_error *err) {
    sqlite3_stmt *st = yw_sql_get(&s->index, device ? YW_I_ASKED_CLOCK_OF : YW_I_ASKED_CLOCK_SINCE, err);
    if (!st) return failed(s, err, "reading asked clocks");
    YW_SQL_BIND(st, device, from_day);
    int rc;
    while ((rc = sqlite3_step(st)) == SQLITE_ROW) {
        struct yw_device_day *d = add_day(days);
        if (!d) break;
        d->device = (uint32_t)sqlite3_column_int64(st, 0);
        d->day = (int32_t)sqlite3_column_int64(st, 1);
        d->asked_n = 1;
        d->asked_ms = sqlite3_column_int64(st, 2);
        d->asked_last.arrival = sqlite3_column_int64(st, 3);
        d->asked_last.journal = (uint16_t)sqlite3_column_int64(st, 4);
        d->asked_last.position = (uint64_t)sqlite3_column_int64(st, 5);
    }
    enum yw_code code = rc == SQLITE_DONE  ? YW_OK
                        : rc == SQLITE_ROW ? yw_fail(err, YW_E_NOMEM, "no memory for the clocks of devices")
                                           : failed(s, err, "reading asked clocks");
    sqlite3_reset(st);
    return code;
}

enum yw_code yw_device_clocks(struct yw_store *s, uint32_t device, int32_t from_day,
                              bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                              struct yw_error *err) {
    struct days days = {0};
    enum yw_code code = YW_OK;
    if (device) {
        code = clocks_of(s, device, from_day, &days, err);
    } else {
        sqlite3_stmt *st = yw_sql_get(&s->index, YW_I_CLOCK_SINCE, err);
        if (!st) return failed(s, err, "reading clocks");
        sqlite3_bind_int64(st, 1, from_day);
        code = add_clocks(s, st, &days, err);
    }
    if (code == YW_OK) code = add_asked(s, device, from_day, &days, err);
    size_t n = code == YW_OK ? yw_clocks_sum(days.list, days.n) : 0;
    for (size_t i = 0; i < n && each(arg, &days.list[i]); i++) continue;
    free(days.list);
    return code;
}
