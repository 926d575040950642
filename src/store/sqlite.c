/* The SQLite back end as a function table; a reader of a store that is not there yet finds it empty. */
#include "store/sqlite_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void close_store(struct yw_store *s) {
    if (!s) return;
    yw_write_rollback(s);
    yw_index_end(s);
    yw_device_close(s);
    yw_months_close(s);
    yw_sql_close(&s->index);
    yw_map_free(&s->last_places);
    yw_map_free(&s->filling);
    yw_map_free(&s->early);
    free(s->filled);
    yw_day_free(&s->day);
    yw_day_free(&s->key_rows);
    yw_buf_free(&s->body);
    free(s->last);
    free(s->dirty);
    yw_touched_close(s);
    free(s->notes);
    free(s->counted);
    free(s->reached);
    free(s->start);
    free(s->values);
    free(s);
}

static enum yw_code open_store(const char *place, bool read_only, struct yw_store **out,
                               struct yw_error *err) {
    struct yw_store *s = calloc(1, sizeof *s);
    *out = NULL;
    if (!s) return yw_fail(err, YW_E_NOMEM, "no memory left for the store");
    yw_day_init(&s->day);
    yw_day_init(&s->key_rows);
    yw_buf_init(&s->body, YW_BODY_BYTES_MAX);
    s->read_only = read_only;
    s->values = calloc(YW_VALUES_MAX, sizeof *s->values);
    enum yw_code code = s->values ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory left for the store");
    if (code == YW_OK && !yw_copy(s->folder, sizeof s->folder, place, strlen(place)))
        code = yw_fail(err, YW_E_LIMIT, "the path of the store is too long");
    if (code == YW_OK && !read_only) code = yw_make_dirs(place, err);
    if (code == YW_OK && !read_only) code = yw_index_open(s, err);
    if (code != YW_OK) {
        close_store(s);
        return code;
    }
    *out = s;
    return YW_OK;
}

enum yw_code yw_store_sqlite_full_sync(struct yw_store *s, struct yw_error *err) {
    s->full_sync = true;
    yw_months_close(s); /* opened again as they are needed */
    return yw_sql_exec(&s->index, "PRAGMA synchronous=FULL", err);
}

/* ---- questions first look whether there is a store, and whether it is still the same one ---- */

static enum yw_code checkpoint(struct yw_store *s, uint16_t journal, uint64_t *position,
                               struct yw_error *err) {
    bool there;
    *position = 0;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_index_checkpoint(s, journal, position, err) : code;
}

static enum yw_code rows(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                         bool (*each)(void *arg, const struct yw_row *row), void *arg, struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_read_rows(s, outlet, kind, from, to, each, arg, err) : code;
}

static enum yw_code recent(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t before,
                           size_t limit, bool (*each)(void *arg, const struct yw_row *row), void *arg,
                           struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_read_recent(s, outlet, kind, before, limit, each, arg, err) : code;
}

static enum yw_code series(struct yw_store *s, uint32_t outlet, enum yw_kind kind, const char *factor,
                           const char *field, int64_t from, int64_t to, size_t most, struct yw_point *out,
                           size_t *n_out, struct yw_error *err) {
    bool there;
    *n_out = 0;
    enum yw_code code = yw_index_look(s, &there, err);
    if (code == YW_OK && !there) return yw_series_check(from, to, most, err);
    return code == YW_OK ? yw_read_series(s, outlet, kind, factor, field, from, to, most, out, n_out, err)
                         : code;
}

static enum yw_code factors(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                            struct yw_buf *out, struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_read_factors(s, outlet, kind, from, to, out, err) : code;
}

static enum yw_code latest(struct yw_store *s, uint64_t since_change,
                           bool (*each)(void *arg, const struct yw_latest *l), void *arg,
                           struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_index_latest(s, since_change, each, arg, err) : code;
}

static enum yw_code waiting(struct yw_store *s, bool (*each)(void *arg, const struct yw_waiting *w),
                            void *arg, struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_index_waiting(s, each, arg, err) : code;
}

static enum yw_code put_waiting(struct yw_store *s, const struct yw_waiting *w, struct yw_error *err) {
    if (!s->batch) return yw_fail(err, YW_E_STATE, "put outside a batch");
    return yw_index_put_waiting(s, w, err);
}

/* ---- commands and devices ---- */

static enum yw_code not_in_a_batch(struct yw_error *err) {
    return yw_fail(err, YW_E_STATE, "put outside a batch");
}
static enum yw_code put_start(struct yw_store *s, const struct yw_source *start, struct yw_error *err) {
    return s->batch ? yw_index_put_start(s, start, err) : not_in_a_batch(err);
}
static enum yw_code put_command(struct yw_store *s, const struct yw_asked *a, struct yw_error *err) {
    return s->batch ? yw_index_put_command(s, a, err) : not_in_a_batch(err);
}
static enum yw_code put_fact(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err) {
    return s->batch ? yw_device_put_fact(s, f, err) : not_in_a_batch(err);
}
static enum yw_code put_clock(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err) {
    return s->batch ? yw_device_put_clock(s, d, err) : not_in_a_batch(err);
}
static enum yw_code put_link(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err) {
    return s->batch ? yw_device_put_link(s, l, err) : not_in_a_batch(err);
}
static enum yw_code put_notice(struct yw_store *s, const struct yw_notice *n, struct yw_error *err) {
    return s->batch ? yw_device_put_notice(s, n, err) : not_in_a_batch(err);
}

static enum yw_code tallied(struct yw_store *s, uint16_t journal, uint64_t *position, struct yw_error *err) {
    YW_UNUSED(err);
    *position = s->read_only ? 0 : s->tallied[journal];
    return YW_OK;
}

static enum yw_code commands(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                             bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                             struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_index_commands(s, f, limit, each, arg, err) : code;
}

static enum yw_code facts(struct yw_store *s, uint32_t device,
                          bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                          struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_device_facts(s, device, each, arg, err) : code;
}

static enum yw_code clocks(struct yw_store *s, uint32_t device, int32_t from_day,
                           bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                           struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_device_clocks(s, device, from_day, each, arg, err) : code;
}

static enum yw_code links(struct yw_store *s, uint32_t device, int64_t since,
                          bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                          struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_device_links(s, device, since, each, arg, err) : code;
}

static enum yw_code notices(struct yw_store *s, int64_t since,
                            bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                            struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_device_notices(s, since, each, arg, err) : code;
}

static enum yw_code times(struct yw_store *s, uint32_t outlet, enum yw_kind kind, int64_t from, int64_t to,
                          bool (*each)(void *arg, int64_t time, int64_t arrival, uint8_t flags), void *arg,
                          struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_read_times(s, outlet, kind, from, to, each, arg, err) : code;
}

static enum yw_code touched(struct yw_store *s, int64_t since,
                            bool (*each)(void *arg, uint32_t outlet, uint8_t kind, int64_t hour,
                                         int64_t generation),
                            void *arg, struct yw_error *err) {
    bool there;
    enum yw_code code = yw_index_look(s, &there, err);
    return code == YW_OK && there ? yw_touched_read(s, since, each, arg, err) : code;
}

/* ---- files ---- */

static enum yw_code drop(struct yw_store *s, const char *month, struct yw_error *err) {
    int64_t from, to;
    enum yw_code code = yw_month_parse(month, &from, &to, err);
    if (code != YW_OK) return code;
    if (s->read_only || s->batch)
        return yw_fail(err, YW_E_STATE, "a month is dropped by the writer, outside a batch");
    int32_t number = yw_month_of(from);
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) {
        if (s->months[i] && s->months[i]->month == number) yw_month_close(s, s->months[i]);
    }
    static const char *const endings[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < YW_COUNT(endings); i++) {
        char path[YW_STORE_PATH_MAX + 8];
        yw_month_path(s, number, path);
        size_t n = strlen(path);
        memcpy(path + n, endings[i], strlen(endings[i]) + 1);
        if (unlink(path) != 0 && errno != ENOENT)
            return yw_fail_errno(err, errno, "%s: cannot be removed", path);
    }
    return YW_OK;
}

static enum yw_code bytes(struct yw_store *s, uint64_t *out, struct yw_error *err) {
    *out = 0;
    DIR *d = opendir(s->folder);
    if (!d) return errno == ENOENT ? YW_OK : yw_fail_errno(err, errno, "%s", s->folder);
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        struct stat st;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            *out += (uint64_t)st.st_blocks * 512;
    }
    closedir(d);
    return YW_OK;
}

const struct yw_store_backend yw_store_sqlite = {
    .name = "sqlite",
    .open = open_store,
    .close = close_store,
    .begin = yw_write_begin,
    .put = yw_write_put,
    .put_waiting = put_waiting,
    .commit = yw_write_commit,
    .rollback = yw_write_rollback,
    .checkpoint = checkpoint,
    .sync = yw_write_sync,
    .tidy = yw_tidy_step,
    .rows = rows,
    .recent = recent,
    .series = series,
    .factors = factors,
    .latest = latest,
    .waiting = waiting,
    .tallied = tallied,
    .put_start = put_start,
    .put_command = put_command,
    .put_fact = put_fact,
    .put_clock = put_clock,
    .put_link = put_link,
    .put_notice = put_notice,
    .commands = commands,
    .facts = facts,
    .clocks = clocks,
    .links = links,
    .notices = notices,
    .times = times,
    .touched = touched,
    .drop = drop,
    .bytes = bytes,
};
