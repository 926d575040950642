/* Makes the series anew from the journals, in a folder beside the present one; then the two change places. */
#include "judged/judged.h"
#include "pipeline/feed.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_AT_ONCE = 4096, SYNC_EVERY_BATCHES = 64 };

struct work {
    struct yw_rebuild *r;
    struct yw_feed *feed;
    struct yw_store *store;
    struct yw_batch *batch;
    uint64_t random, all, batches;
    char series[4096], fresh[4096], old[4096];
};

static uint64_t next_random(uint64_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

static enum yw_code remove_folder(const char *path, struct yw_error *err) {
    DIR *d = opendir(path);
    if (!d) return errno == ENOENT ? YW_OK : yw_fail_errno(err, errno, "%s", path);
    enum yw_code code = YW_OK;
    for (struct dirent *e; code == YW_OK && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (unlinkat(dirfd(d), e->d_name, 0) != 0) code = yw_fail_errno(err, errno, "%s/%s", path, e->d_name);
    }
    closedir(d);
    if (code == YW_OK && rmdir(path) != 0) code = yw_fail_errno(err, errno, "%s", path);
    return code;
}

static enum yw_code commit(struct work *w, struct yw_error *err) {
    uint64_t refused = 0;
    if (yw_batch_is_empty(w->batch)) return YW_OK;
    enum yw_code code = yw_batch_commit(w->batch, &yw_store_sqlite, w->store, &refused, err);
    if (code == YW_OK && refused > 0)
        code = yw_fail(err, YW_E_LIMIT, "%llu records cannot be kept", (unsigned long long)refused);
    yw_batch_clear(w->batch);
    if (code == YW_OK && ++w->batches % SYNC_EVERY_BATCHES == 0) code = yw_store_sqlite.sync(w->store, err);
    if (code == YW_OK && w->r->progress) {
        uint64_t left = yw_feed_unread(w->feed);
        w->r->progress(w->r->arg, left < w->all ? w->all - left : 0, w->all);
    }
    return code;
}

/* Some records of one journal; all of it, journal after journal, where nothing is to be shuffled. The one
 * behind the last are the lines of the acts journal. */
static enum yw_code read_some(struct work *w, size_t journal, bool *any, struct yw_error *err) {
    size_t got = 0, most = w->r->shuffle ? 1 + next_random(&w->random) % 300 : READ_AT_ONCE;
    bool waits = false, lines = journal == yw_feed_journals(w->feed);
    enum yw_code code = lines ? yw_feed_lines(w->feed, most, w->batch, &got, err)
                              : yw_feed_read(w->feed, journal, most, w->batch, &got, &waits, err);
    if (code == YW_OK && yw_feed_counts(w->feed)->locked > 0)
        return yw_fail(err, YW_E_DENIED, "an encrypted packet cannot be opened: %s",
                       yw_feed_why_locked(w->feed));
    lines = lines && code != YW_OK;
    if (code == YW_E_CORRUPT && w->r->pass_over_damage && !lines) {
        uint64_t lost = 0;
        code = yw_feed_pass_over(w->feed, journal, w->batch, &lost, err);
        w->r->lost += lost;
        *any = true;
    }
    if (code == YW_OK && waits)
        return yw_fail(err, YW_E_CORRUPT, "a packet was judged by acts that the acts journal does not have");
    *any = *any || got > 0;
    bool early = w->r->shuffle && next_random(&w->random) % 40 == 0;
    if (code == YW_OK && (early || yw_batch_is_full(w->batch))) code = commit(w, err);
    return code;
}

static enum yw_code read_all(struct work *w, struct yw_error *err) {
    enum yw_code code = YW_OK;
    for (bool any = true; code == YW_OK && any;) {
        any = false;
        size_t n = yw_feed_journals(w->feed) + 1;
        for (size_t i = 0; code == YW_OK && i < n; i++) {
            size_t journal = w->r->shuffle ? (size_t)(next_random(&w->random) % n) : i;
            code = read_some(w, journal, &any, err);
        }
        /* A shuffled round may have met only journals that are through: one in order decides. */
        for (size_t i = 0; code == YW_OK && !any && i < n; i++) code = read_some(w, i, &any, err);
    }
    return code == YW_OK ? commit(w, err) : code;
}

static enum yw_code pack_all(struct work *w, struct yw_error *err) {
    enum yw_code code = YW_OK;
    /* Twice: the first sweep learns what has settled. */
    for (int i = 0; i < 2; i++) {
        for (bool more = true; code == YW_OK && more;)
            code = yw_store_sqlite.tidy(w->store, yw_china_day(yw_now()) - 1, &more, err);
    }
    return code == YW_OK ? yw_store_sqlite.sync(w->store, err) : code;
}

/* The new folder takes the old one's place in one step, or simply its name where there is no old one. */
static enum yw_code swap(struct work *w, struct yw_error *err) {
    if (renameat2(AT_FDCWD, w->fresh, AT_FDCWD, w->series, RENAME_EXCHANGE) == 0) {
        int fd = open(w->r->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (fd < 0 || fsync(fd) != 0) yw_log(YW_LOG_WARN, "%s could not be synced", w->r->data);
        if (fd >= 0) close(fd);
        return remove_folder(w->fresh, err);
    }
    if (errno == ENOENT && rename(w->fresh, w->series) == 0) return YW_OK;
    /* A file system that cannot exchange: for a moment there is no series folder, readers find it empty. */
    if (errno == EINVAL && rename(w->series, w->old) == 0 && rename(w->fresh, w->series) == 0)
        return remove_folder(w->old, err);
    return yw_fail_errno(err, errno, "%s cannot be put in place of %s", w->fresh, w->series);
}

static enum yw_code build(struct work *w, struct yw_error *err) {
    bool any;
    enum yw_code code = remove_folder(w->fresh, err);
    if (code == YW_OK) code = remove_folder(w->old, err);
    if (code == YW_OK) code = yw_store_sqlite.open(w->fresh, false, &w->store, err);
    if (code == YW_OK) code = yw_feed_open(w->r->data, w->r->master_key, &w->feed, err);
    if (code == YW_OK) code = yw_feed_acts(w->feed, &any, err);
    if (code == YW_OK) code = yw_feed_discover(w->feed, &yw_store_sqlite, w->store, err);
    w->batch = yw_batch_create();
    if (code == YW_OK && !w->batch) code = yw_fail(err, YW_E_NOMEM, "no memory for a batch");
    if (code == YW_OK) w->all = yw_feed_unread(w->feed);
    if (code == YW_OK) code = read_all(w, err);
    if (code == YW_OK) code = pack_all(w, err);
    if (code == YW_OK) {
        w->r->packets = yw_feed_counts(w->feed)->packets;
        w->r->rows = yw_feed_counts(w->feed)->rows;
    }
    yw_batch_destroy(w->batch);
    yw_feed_close(w->feed);
    if (w->store) yw_store_sqlite.close(w->store);
    w->store = NULL;
    return code;
}

/* judge.db out of the new series. Verdicts that the old one said go on under their numbers. */
static enum yw_code judge(struct work *w, struct yw_error *err) {
    struct yw_rejudge r = {.data = w->r->data};
    struct yw_judged *j = NULL;
    char old[4096 + 16];
    snprintf(old, sizeof old, "%s/judge.db", w->series);
    enum yw_code code = yw_judge_everything(&r, w->fresh, "judge.db", err);
    if (code != YW_OK || access(old, F_OK) != 0) return code;
    code = yw_judged_open(w->fresh, NULL, false, &j, err);
    if (code == YW_OK) code = yw_judged_carry_on(j, old, err);
    yw_judged_close(j);
    return code;
}

static bool set_path(char *out, const char *data, const char *name) {
    struct yw_buf path;
    yw_buf_init(&path, 4095);
    bool good = yw_buf_printf(&path, "%s/%s", data, name) && yw_copy(out, 4096, path.data, path.len);
    yw_buf_free(&path);
    return good;
}

enum yw_code yw_rebuild(struct yw_rebuild *r, struct yw_error *err) {
    struct yw_pipeline_live *live;
    int lock;
    struct work w = {.r = r, .random = r->seed * 2654435761u + 88172645463325252u};
    struct stat st;
    if (stat(r->data, &st) != 0) return yw_fail_errno(err, errno, "%s", r->data);
    if (!set_path(w.series, r->data, "series") || !set_path(w.fresh, r->data, "series.new") ||
        !set_path(w.old, r->data, "series.old"))
        return yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    enum yw_code code = yw_pipeline_live_own(r->data, &lock, &live, err);
    if (code != YW_OK) return code;
    code = build(&w, err);
    if (code == YW_OK) code = judge(&w, err);
    if (code == YW_OK) code = swap(&w, err);
    yw_pipeline_live_disown(lock, live);
    return code;
}
