/* The store that keeps nothing: what the pipeline costs without a store (bench), and the smallest example of
 * a back end. */
#include "store/rules.h"

#include <stdlib.h>

struct yw_store {
    uint64_t *checkpoints; /* by journal */
    bool open;
};

static enum yw_code null_open(const char *place, bool read_only, struct yw_store **out,
                              struct yw_error *err) {
    YW_UNUSED(place);
    YW_UNUSED(read_only);
    *out = calloc(1, sizeof **out);
    if (*out) (*out)->checkpoints = calloc(UINT16_MAX + 1, sizeof(uint64_t));
    if (*out && (*out)->checkpoints) return YW_OK;
    free(*out);
    return yw_fail(err, YW_E_NOMEM, "no memory left for the store");
}

static void null_close(struct yw_store *s) {
    if (s) free(s->checkpoints);
    free(s);
}

static enum yw_code null_begin(struct yw_store *s, struct yw_error *err) {
    if (s->open) return yw_fail(err, YW_E_STATE, "a batch is open already");
    s->open = true;
    return YW_OK;
}

static enum yw_code null_put(struct yw_store *s, const struct yw_row *row, struct yw_error *err) {
    if (!s->open) return yw_fail(err, YW_E_STATE, "put outside a batch");
    return yw_row_check(row, err);
}

static enum yw_code null_put_waiting(struct yw_store *s, const struct yw_waiting *w, struct yw_error *err) {
    YW_UNUSED(w);
    return s->open ? YW_OK : yw_fail(err, YW_E_STATE, "put outside a batch");
}

static enum yw_code null_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                                struct yw_error *err) {
    if (!s->open) return yw_fail(err, YW_E_STATE, "commit outside a batch");
    for (size_t i = 0; i < n; i++) {
        if (c[i].position > s->checkpoints[c[i].journal]) s->checkpoints[c[i].journal] = c[i].position;
    }
    s->open = false;
    return YW_OK;
}

static void null_rollback(struct yw_store *s) {
    s->open = false;
}

static enum yw_code null_checkpoint(struct yw_store *s, uint16_t journal, uint64_t *position,
                                    struct yw_error *err) {
    YW_UNUSED(err);
    *position = s->checkpoints[journal];
    return YW_OK;
}

static enum yw_code null_sync(struct yw_store *s, struct yw_error *err) {
    return s->open ? yw_fail(err, YW_E_STATE, "sync inside a batch") : YW_OK;
}

static enum yw_code null_tidy(struct yw_store *s, int32_t before_day, bool *more, struct yw_error *err) {
    YW_UNUSED(before_day);
    *more = false;
    return null_sync(s, err);
}

static enum yw_code null_rows(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from,
                              int64_t to, bool (*each)(void *arg, const struct yw_row *row), void *arg,
                              struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(outlet), YW_UNUSED(kind), YW_UNUSED(from), YW_UNUSED(to);
    YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_recent(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t before,
                                size_t limit, bool (*each)(void *arg, const struct yw_row *row), void *arg,
                                struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(outlet), YW_UNUSED(kind), YW_UNUSED(before), YW_UNUSED(limit);
    YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_series(struct yw_store *s, uint32_t outlet, enum yw_kind kind, const char *factor,
                                const char *field, int64_t from, int64_t to, size_t most,
                                struct yw_point *out, size_t *n_out, struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(outlet), YW_UNUSED(kind), YW_UNUSED(factor), YW_UNUSED(field), YW_UNUSED(out);
    *n_out = 0;
    return yw_series_check(from, to, most, err);
}

static enum yw_code null_factors(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from,
                                 int64_t to, struct yw_buf *out, struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(outlet), YW_UNUSED(kind), YW_UNUSED(from), YW_UNUSED(to), YW_UNUSED(out),
        YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_latest(struct yw_store *s, uint64_t since_change,
                                bool (*each)(void *arg, const struct yw_latest *l), void *arg,
                                struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(since_change), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_waiting(struct yw_store *s, bool (*each)(void *arg, const struct yw_waiting *w),
                                 void *arg, struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

#define NULL_PUT(name, type)                                                                                 \
    static enum yw_code name(struct yw_store *s, const type *item, struct yw_error *err) {                   \
        YW_UNUSED(item);                                                                                     \
        return s->open ? YW_OK : yw_fail(err, YW_E_STATE, "put outside a batch");                            \
    }
NULL_PUT(null_put_start, struct yw_source)
NULL_PUT(null_put_command, struct yw_asked)
NULL_PUT(null_put_fact, struct yw_device_fact)
NULL_PUT(null_put_clock, struct yw_device_day)
NULL_PUT(null_put_link, struct yw_device_link)
NULL_PUT(null_put_notice, struct yw_notice)

static enum yw_code null_commands(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                                  bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                                  struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(f), YW_UNUSED(limit), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_facts(struct yw_store *s, uint32_t device,
                               bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                               struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(device), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_clocks(struct yw_store *s, uint32_t device, int32_t from_day,
                                bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                                struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(device), YW_UNUSED(from_day), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_links(struct yw_store *s, uint32_t device, int64_t since,
                               bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                               struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(device), YW_UNUSED(since), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_notices(struct yw_store *s, int64_t since,
                                 bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                                 struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(since), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_times(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from,
                               int64_t to,
                               bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags),
                               void *arg, struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(outlet), YW_UNUSED(kind), YW_UNUSED(from), YW_UNUSED(to);
    YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_touched(struct yw_store *s, int64_t since,
                                 bool (*each)(void *arg, uint32_t outlet, uint8_t kind, int64_t hour,
                                              int64_t generation),
                                 void *arg, struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(since), YW_UNUSED(each), YW_UNUSED(arg), YW_UNUSED(err);
    return YW_OK;
}

static enum yw_code null_drop(struct yw_store *s, const char *month, struct yw_error *err) {
    int64_t from, to;
    YW_UNUSED(s);
    return yw_month_parse(month, &from, &to, err);
}

static enum yw_code null_bytes(struct yw_store *s, uint64_t *out, struct yw_error *err) {
    YW_UNUSED(s), YW_UNUSED(err);
    *out = 0;
    return YW_OK;
}

const struct yw_store_backend yw_store_null = {
    .name = "null",
    .open = null_open,
    .close = null_close,
    .begin = null_begin,
    .put = null_put,
    .put_waiting = null_put_waiting,
    .commit = null_commit,
    .rollback = null_rollback,
    .checkpoint = null_checkpoint,
    .sync = null_sync,
    .tidy = null_tidy,
    .rows = null_rows,
    .recent = null_recent,
    .series = null_series,
    .factors = null_factors,
    .latest = null_latest,
    .waiting = null_waiting,
    .tallied = null_checkpoint,
    .put_start = null_put_start,
    .put_command = null_put_command,
    .put_fact = null_put_fact,
    .put_clock = null_put_clock,
    .put_link = null_put_link,
    .put_notice = null_put_notice,
    .commands = null_commands,
    .facts = null_facts,
    .clocks = null_clocks,
    .links = null_links,
    .notices = null_notices,
    .times = null_times,
    .touched = null_touched,
    .drop = null_drop,
    .bytes = null_bytes,
};
