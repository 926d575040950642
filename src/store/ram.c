/* Rows of the store in memory. */
#include "store/point.h"
#include "store/ram_int.h"

#include <stdlib.h>
#include <string.h>

struct yw_ram_entry {
    struct yw_row row; /* values and texts are its own */
    uint64_t change;   /* number of the commit that brought it */
    bool odd;
};

enum yw_code yw_ram_no_memory(struct yw_error *err) {
    return yw_fail(err, YW_E_NOMEM, "no memory left for the store");
}

bool yw_ram_grow(void **array, size_t *cap, size_t n, size_t size) {
    if (n < *cap) return true;
    size_t more = *cap ? *cap * 2 : 64;
    void *p = realloc(*array, more * size);
    if (!p) return false;
    *array = p;
    *cap = more;
    return true;
}

static enum yw_code ram_open(const char *place, bool read_only, struct yw_store **out, struct yw_error *err) {
    YW_UNUSED(place);
    YW_UNUSED(read_only);
    *out = calloc(1, sizeof **out);
    if (*out) (*out)->checkpoints = calloc(UINT16_MAX + 1, sizeof(uint64_t));
    if (*out && (*out)->checkpoints) return YW_OK;
    free(*out);
    return yw_ram_no_memory(err);
}

static void entry_free(struct yw_ram_entry *e) {
    for (size_t i = 0; i < e->row.count; i++) {
        if (e->row.values[i].is_text) free((void *)(uintptr_t)e->row.values[i].text);
    }
    free((void *)(uintptr_t)e->row.values);
}

static void ram_rollback(struct yw_store *s) {
    while (s->n > s->settled) entry_free(&s->entries[--s->n]);
    s->waiting_n = s->waiting_settled;
    yw_ram_lists_rollback(s);
    s->open = false;
}

static void ram_close(struct yw_store *s) {
    if (!s) return;
    s->settled = 0;
    ram_rollback(s);
    free(s->entries);
    free(s->waiting);
    yw_ram_lists_free(s);
    free(s->checkpoints);
    free(s);
}

static enum yw_code ram_begin(struct yw_store *s, struct yw_error *err) {
    if (s->open) return yw_fail(err, YW_E_STATE, "a batch is open already");
    s->open = true;
    return YW_OK;
}

static bool entry_copy(struct yw_ram_entry *e, const struct yw_row *row) {
    struct yw_value *values = calloc(row->count + 1, sizeof *values);
    *e = (struct yw_ram_entry){.row = *row};
    e->row.values = values;
    e->row.count = 0;
    if (!values) return false;
    for (size_t i = 0; i < row->count; i++) {
        values[i] = row->values[i];
        if (values[i].is_text) {
            char *text = malloc(values[i].text_n + 1);
            if (!text) return false;
            if (values[i].text_n > 0) memcpy(text, row->values[i].text, values[i].text_n);
            values[i].text = text;
        }
        e->row.count = i + 1;
    }
    return true;
}

static enum yw_code ram_put(struct yw_store *s, const struct yw_row *row, struct yw_error *err) {
    enum yw_code code = yw_row_check(row, err);
    if (code != YW_OK) return code;
    if (!s->open) return yw_fail(err, YW_E_STATE, "put outside a batch");
    for (size_t i = 0; i < s->n; i++) {
        const struct yw_row *r = &s->entries[i].row;
        if (r->source.journal == row->source.journal && r->source.position == row->source.position &&
            r->outlet == row->outlet && r->kind == row->kind && r->time == row->time)
            return YW_OK;
    }
    if (!yw_ram_grow((void **)&s->entries, &s->cap, s->n, sizeof *s->entries)) return yw_ram_no_memory(err);
    struct yw_ram_entry *e = &s->entries[s->n];
    if (!entry_copy(e, row)) {
        entry_free(e);
        return yw_ram_no_memory(err);
    }
    e->change = s->change + 1;
    e->odd = yw_row_is_odd(row);
    s->n++;
    return YW_OK;
}

static enum yw_code ram_put_waiting(struct yw_store *s, const struct yw_waiting *w, struct yw_error *err) {
    if (!s->open) return yw_fail(err, YW_E_STATE, "put outside a batch");
    if (w->sample.position < s->checkpoints[w->sample.journal]) return YW_OK;
    if (!yw_ram_grow((void **)&s->waiting, &s->waiting_cap, s->waiting_n, sizeof *s->waiting))
        return yw_ram_no_memory(err);
    s->waiting[s->waiting_n++] = *w;
    return YW_OK;
}

static enum yw_code ram_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                               struct yw_error *err) {
    if (!s->open) return yw_fail(err, YW_E_STATE, "commit outside a batch");
    for (size_t i = 0; i < n; i++) {
        if (c[i].position > s->checkpoints[c[i].journal]) s->checkpoints[c[i].journal] = c[i].position;
    }
    s->settled = s->n;
    s->waiting_settled = s->waiting_n;
    yw_ram_lists_settle(s);
    s->change++;
    s->open = false;
    return YW_OK;
}

static enum yw_code ram_checkpoint(struct yw_store *s, uint16_t journal, uint64_t *position,
                                   struct yw_error *err) {
    YW_UNUSED(err);
    *position = s->checkpoints[journal];
    return YW_OK;
}

static enum yw_code ram_sync(struct yw_store *s, struct yw_error *err) {
    return s->open ? yw_fail(err, YW_E_STATE, "sync inside a batch") : YW_OK;
}

static enum yw_code ram_tidy(struct yw_store *s, int32_t before_day, bool *more, struct yw_error *err) {
    *more = false;
    enum yw_code code = ram_sync(s, err);
    if (code == YW_OK && before_day > s->trimmed && before_day <= INT32_MAX / 2) s->trimmed = before_day;
    return code;
}

static int row_compare(const void *a, const void *b) {
    const struct yw_row *x = a, *y = b;
    if (x->time != y->time) return x->time < y->time ? -1 : 1;
    return yw_source_compare(&x->source, &y->source);
}

static bool same_values(const struct yw_row *a, const struct yw_row *b) {
    if (a->count != b->count) return false;
    for (size_t i = 0; i < a->count; i++) {
        const struct yw_value *x = &a->values[i], *y = &b->values[i];
        if (strcmp(x->factor, y->factor) != 0 || strcmp(x->field, y->field) != 0 || x->is_text != y->is_text)
            return false;
        if (x->is_text && (x->text_n != y->text_n || (x->text_n && memcmp(x->text, y->text, x->text_n) != 0)))
            return false;
        if (!x->is_text && (x->mantissa != y->mantissa || x->scale != y->scale)) return false;
    }
    return true;
}

/* The rows of [from, to) with their resends folded in; free() what comes back. NULL: no memory. */
static struct yw_row *gather(const struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from,
                             int64_t to, size_t *n_out) {
    struct yw_row *rows = malloc((s->settled + 1) * sizeof *rows);
    size_t n = 0, kept = 0;
    *n_out = 0;
    if (!rows) return NULL;
    for (size_t i = 0; i < s->settled; i++) {
        const struct yw_row *r = &s->entries[i].row;
        if (!s->entries[i].odd && r->outlet == outlet && r->kind == kind && r->time >= from && r->time < to)
            rows[n++] = *r;
    }
    qsort(rows, n, sizeof *rows, row_compare);
    for (size_t i = 0; i < n; i++) {
        size_t k = kept;
        while (k > 0 && rows[k - 1].time == rows[i].time && !same_values(&rows[k - 1], &rows[i])) k--;
        if (k > 0 && rows[k - 1].time == rows[i].time) {
            rows[k - 1].copies++;
            if (!(rows[i].flags & YW_ROW_BACKFILLED)) rows[k - 1].flags &= (uint8_t)~YW_ROW_BACKFILLED;
        } else {
            rows[kept] = rows[i];
            rows[kept++].copies = 1;
        }
    }
    *n_out = kept;
    return rows;
}

static size_t same_time(const struct yw_row *rows, size_t n, size_t from) {
    size_t to = from;
    while (to < n && rows[to].time == rows[from].time) to++;
    return to;
}

static enum yw_code ram_rows(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                             bool (*each)(void *arg, const struct yw_row *row), void *arg,
                             struct yw_error *err) {
    size_t n;
    struct yw_row *rows = gather(s, outlet, kind, from, to, &n);
    if (!rows) return yw_ram_no_memory(err);
    for (size_t i = 0; i < n && each(arg, &rows[i]); i++) continue;
    free(rows);
    return YW_OK;
}

static enum yw_code ram_recent(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t before,
                               size_t limit, bool (*each)(void *arg, const struct yw_row *row), void *arg,
                               struct yw_error *err) {
    size_t n;
    struct yw_row *rows = gather(s, outlet, kind, INT64_MIN, before, &n);
    if (!rows) return yw_ram_no_memory(err);
    bool more = true;
    for (; more && n > 0 && limit > 0; limit--) {
        size_t from = n - 1;
        while (from > 0 && rows[from - 1].time == rows[from].time) from--;
        for (size_t i = from; more && i < n; i++) more = each(arg, &rows[i]);
        n = from;
    }
    free(rows);
    return YW_OK;
}

static enum yw_code ram_series(struct yw_store *s, uint32_t outlet, enum yw_kind kind, const char *factor,
                               const char *field, int64_t from, int64_t to, size_t most, struct yw_point *out,
                               size_t *n_out, struct yw_error *err) {
    size_t n, samples_n = 0;
    enum yw_code code = yw_series_check(from, to, most, err);
    *n_out = 0;
    if (code != YW_OK) return code;
    struct yw_row *rows = gather(s, outlet, kind, from, to, &n);
    struct yw_sample *samples = malloc((s->settled + 1) * sizeof *samples);
    for (size_t i = 0, end; rows && samples && i < n; i = end) {
        end = same_time(rows, n, i);
        if (yw_sample_of(rows + i, end - i, factor, field, &samples[samples_n])) samples_n++;
    }
    int64_t span = samples_n <= most ? 0 : yw_grid_span(from, to, most);
    for (size_t i = 0; i < samples_n; i++) {
        int64_t start = span ? yw_grid_start(samples[i].time, span) : samples[i].time;
        if (*n_out == 0 || out[*n_out - 1].time != start)
            out[(*n_out)++] = (struct yw_point){.time = start, .span = span};
        yw_point_add(&out[*n_out - 1], &samples[i]);
    }
    code = rows && samples ? YW_OK : yw_ram_no_memory(err);
    free(samples);
    free(rows);
    return code;
}

static enum yw_code ram_factors(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from,
                                int64_t to, struct yw_buf *out, struct yw_error *err) {
    size_t n;
    struct yw_row *rows = gather(s, outlet, kind, from, to, &n);
    if (!rows) return yw_ram_no_memory(err);
    const char *last = "";
    for (bool found = true, first = true; found;
         first = false) { /* the next code in order, until there is none */
        const char *next = NULL;
        for (size_t i = 0; i < n; i++) {
            for (size_t k = 0; k < rows[i].count; k++) {
                const char *code = rows[i].values[k].factor;
                if (strcmp(code, last) > 0 && (!next || strcmp(code, next) < 0)) next = code;
            }
        }
        found = next != NULL;
        if (found && !first) yw_buf_putc(out, ',');
        if (found) yw_buf_puts(out, next);
        last = next;
    }
    free(rows);
    return out->failed ? yw_ram_no_memory(err) : YW_OK;
}

/* The latest of one outlet and kind, out of all its rows. */
static bool latest_of(const struct yw_row *rows, size_t n, struct yw_latest *out) {
    const struct yw_row *best = NULL;
    for (size_t i = 0; i < n; i++) {
        bool live = !(rows[i].flags & YW_ROW_BACKFILLED),
             best_live = best && !(best->flags & YW_ROW_BACKFILLED);
        if (!best || live > best_live || (live == best_live && rows[i].time >= best->time)) best = &rows[i];
    }
    if (best) *out = (struct yw_latest){best->outlet, best->kind, best->time, best->source, 0};
    return best != NULL;
}

static enum yw_code ram_latest(struct yw_store *s, uint64_t since_change,
                               bool (*each)(void *arg, const struct yw_latest *l), void *arg,
                               struct yw_error *err) {
    bool more = true;
    for (size_t i = 0; more && i < s->settled; i++) {
        const struct yw_row *first = &s->entries[i].row;
        uint64_t change = 0;
        size_t k = 0, n;
        while (k < i && (s->entries[k].row.outlet != first->outlet || s->entries[k].row.kind != first->kind))
            k++;
        if (k < i) continue; /* told already */
        for (; k < s->settled; k++) {
            const struct yw_row *r = &s->entries[k].row;
            if (r->outlet == first->outlet && r->kind == first->kind && !s->entries[k].odd)
                change = s->entries[k].change;
        }
        struct yw_row *rows = gather(s, first->outlet, (enum yw_kind)first->kind, INT64_MIN, INT64_MAX, &n);
        struct yw_latest l;
        if (!rows) return yw_ram_no_memory(err);
        bool any = latest_of(rows, n, &l);
        free(rows);
        l.change = change;
        if (any && change > since_change) more = each(arg, &l);
    }
    return YW_OK;
}

static enum yw_code ram_waiting(struct yw_store *s, bool (*each)(void *arg, const struct yw_waiting *w),
                                void *arg, struct yw_error *err) {
    YW_UNUSED(err);
    bool more = true;
    for (size_t i = 0; more && i < s->waiting_settled; i++) {
        struct yw_waiting w = s->waiting[i];
        size_t k = 0;
        while (k < i && strcmp(s->waiting[k].mn, w.mn) != 0) k++;
        if (k < i) continue;
        for (k = i + 1; k < s->waiting_settled; k++) {
            if (strcmp(s->waiting[k].mn, w.mn) == 0) yw_waiting_merge(&w, &s->waiting[k]);
        }
        more = each(arg, &w);
    }
    return YW_OK;
}

static enum yw_code ram_times(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from,
                              int64_t to,
                              bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags),
                              void *arg, struct yw_error *err) {
    size_t n;
    bool more = true;
    struct yw_row *rows = gather(s, outlet, kind, from, to, &n);
    if (!rows) return yw_ram_no_memory(err);
    for (size_t i = 0, end; more && i < n; i = end) {
        size_t first = i;
        end = same_time(rows, n, i);
        while (first + 1 < end && (rows[first].flags & YW_ROW_BACKFILLED)) first++;
        if (rows[first].flags & YW_ROW_BACKFILLED) first = i;
        more = each(arg, rows[first].time, rows[first].source.arrival, rows[first].flags);
    }
    free(rows);
    return YW_OK;
}

/* The entries were put in order of their commits, so the last of an hour has its generation. */
static enum yw_code ram_touched(struct yw_store *s, int64_t since,
                                bool (*each)(void *arg, uint32_t outlet, uint8_t kind, int64_t hour,
                                             int64_t generation),
                                void *arg, struct yw_error *err) {
    YW_UNUSED(err);
    bool more = true;
    for (size_t i = 0; more && i < s->settled; i++) {
        const struct yw_row *row = &s->entries[i].row;
        int64_t hour = yw_hour_of(row->time);
        size_t k = i + 1;
        if (s->entries[i].odd || !yw_row_touches(row) || (int64_t)s->entries[i].change <= since) continue;
        while (k < s->settled &&
               (s->entries[k].odd || !yw_row_touches(&s->entries[k].row) ||
                s->entries[k].row.outlet != row->outlet || s->entries[k].row.kind != row->kind ||
                yw_hour_of(s->entries[k].row.time) != hour))
            k++;
        if (k == s->settled) more = each(arg, row->outlet, row->kind, hour, (int64_t)s->entries[i].change);
    }
    return YW_OK;
}

static enum yw_code ram_drop(struct yw_store *s, const char *month, struct yw_error *err) {
    int64_t from, to;
    enum yw_code code = yw_month_parse(month, &from, &to, err);
    if (code != YW_OK) return code;
    size_t kept = 0;
    for (size_t i = 0; i < s->n; i++) {
        if (!s->entries[i].odd && s->entries[i].row.time >= from && s->entries[i].row.time < to) {
            entry_free(&s->entries[i]);
        } else {
            s->entries[kept++] = s->entries[i];
        }
    }
    s->n = s->settled = kept;
    return YW_OK;
}

static enum yw_code ram_bytes(struct yw_store *s, uint64_t *out, struct yw_error *err) {
    YW_UNUSED(s);
    YW_UNUSED(err);
    *out = 0;
    return YW_OK;
}

const struct yw_store_backend yw_store_ram = {
    .name = "ram",
    .open = ram_open,
    .close = ram_close,
    .begin = ram_begin,
    .put = ram_put,
    .put_waiting = ram_put_waiting,
    .commit = ram_commit,
    .rollback = ram_rollback,
    .checkpoint = ram_checkpoint,
    .sync = ram_sync,
    .tidy = ram_tidy,
    .rows = ram_rows,
    .recent = ram_recent,
    .series = ram_series,
    .factors = ram_factors,
    .latest = ram_latest,
    .waiting = ram_waiting,
    .tallied = ram_checkpoint,
    .put_start = yw_ram_put_start,
    .put_command = yw_ram_put_command,
    .put_fact = yw_ram_put_fact,
    .put_clock = yw_ram_put_clock,
    .put_link = yw_ram_put_link,
    .put_notice = yw_ram_put_notice,
    .commands = yw_ram_commands,
    .facts = yw_ram_facts,
    .clocks = yw_ram_clocks,
    .links = yw_ram_links,
    .notices = yw_ram_notices,
    .times = ram_times,
    .touched = ram_touched,
    .drop = ram_drop,
    .bytes = ram_bytes,
};
