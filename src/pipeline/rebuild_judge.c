/* All history judged anew, by several threads, into a file beside judge.db. */
#include "judged/judging.h"
#include "pipeline/feed.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { THREADS_MOST = 8 };
static const char fresh_name[] = "judge-new.db";

struct job {
    struct yw_rejudge *r;
    const char *folder, *file;
    struct yw_feed *feed;
    struct yw_rules *rules;
    const struct yw_outlet *outlets;
    size_t outlet_n;
    int64_t now, generation;
    atomic_size_t next;
    pthread_mutex_t lock; /* writing; what follows */
    size_t done;
    struct yw_error err; /* of the thread that failed first */
    atomic_bool failed;
};

static void give_up(struct job *job, const struct yw_error *err) {
    pthread_mutex_lock(&job->lock);
    if (!job->failed) job->err = *err;
    job->failed = true;
    pthread_mutex_unlock(&job->lock);
}

static void one_done(struct job *job) {
    pthread_mutex_lock(&job->lock);
    job->done++;
    if (job->r->progress) job->r->progress(job->r->arg, job->done, job->outlet_n);
    pthread_mutex_unlock(&job->lock);
}

/* A site that makes no sense is told and passed over, as it is by the pipeline. */
static enum yw_code judge_one(struct job *job, struct yw_judging *g, const struct yw_judging_with *with,
                              uint32_t outlet, struct yw_error *err) {
    enum yw_code code = yw_judging_outlet(g, with, outlet, NULL, 0, true, job->now, err);
    if (code != YW_E_FORMAT && code != YW_E_LIMIT && code != YW_E_RANGE) return code;
    yw_log(YW_LOG_ERROR, "outlet %u was not judged: %s", outlet, err->text);
    return YW_OK;
}

static void *work(void *arg) {
    struct job *job = arg;
    struct yw_error err = {0};
    struct yw_store *store = NULL;
    struct yw_judged *judged = NULL;
    struct yw_judging *g = NULL;
    enum yw_code code = yw_store_sqlite.open(job->folder, true, &store, &err);
    if (code == YW_OK) code = yw_judged_open(job->folder, job->file, false, &judged, &err);
    if (code == YW_OK) code = yw_judging_create(&g, &err);
    const struct yw_judging_with with = {.reg = yw_feed_register(job->feed),
                                         .rules = job->rules,
                                         .backend = &yw_store_sqlite,
                                         .store = store,
                                         .judged = judged,
                                         .writing = &job->lock,
                                         .stop = &job->failed};
    while (code == YW_OK && !job->failed) {
        size_t i = atomic_fetch_add(&job->next, 1);
        if (i >= job->outlet_n) break;
        code = judge_one(job, g, &with, job->outlets[i].id, &err);
        if (code == YW_OK) one_done(job);
    }
    if (code != YW_OK) give_up(job, &err);
    if (g) {
        pthread_mutex_lock(&job->lock);
        job->r->outlets += yw_judging_counts(g)->outlets;
        job->r->hours += yw_judging_counts(g)->hours;
        job->r->records += yw_judging_counts(g)->records;
        pthread_mutex_unlock(&job->lock);
    }
    yw_judging_destroy(g);
    yw_judged_close(judged);
    if (store) yw_store_sqlite.close(store);
    return NULL;
}

static unsigned threads_of(const struct yw_rejudge *r) {
    long cores = r->threads ? (long)r->threads : sysconf(_SC_NPROCESSORS_ONLN);
    return cores < 1 ? 1 : cores > THREADS_MOST ? THREADS_MOST : (unsigned)cores;
}

static enum yw_code run(struct job *job, struct yw_error *err) {
    pthread_t threads[THREADS_MOST];
    unsigned n = 0, most = threads_of(job->r);
    while (n < most && pthread_create(&threads[n], NULL, work, job) == 0) n++;
    if (n == 0) work(job);
    for (unsigned i = 0; i < n; i++) pthread_join(threads[i], NULL);
    if (!job->failed) return YW_OK;
    if (err) *err = job->err;
    return job->err.code;
}

static bool last_touch(void *arg, uint32_t outlet, uint8_t kind, int64_t hour, int64_t generation) {
    YW_UNUSED(outlet), YW_UNUSED(kind), YW_UNUSED(hour);
    *(int64_t *)arg = generation;
    return true;
}

static enum yw_code note(struct job *job, const char *digest, struct yw_error *err) {
    struct yw_judged *j;
    enum yw_code code = yw_judged_open(job->folder, job->file, false, &j, err);
    if (code != YW_OK) return code;
    code = yw_judged_begin(j, err);
    if (code == YW_OK) code = yw_judged_set_digest(j, digest, err);
    if (code == YW_OK) code = yw_judged_set_mark(j, YW_JUDGED_TOUCHED, job->generation, err);
    if (code == YW_OK)
        code =
            yw_judged_set_mark(j, YW_JUDGED_REGISTER, yw_register_version(yw_feed_register(job->feed)), err);
    if (code == YW_OK) code = yw_judged_commit(j, err);
    yw_judged_close(j);
    return code;
}

enum yw_code yw_judge_everything(struct yw_rejudge *r, const char *folder, const char *file,
                                 struct yw_error *err) {
    struct job job = {.r = r, .folder = folder, .file = file};
    struct yw_store *store = NULL;
    char digest[17];
    bool any;
    pthread_mutex_init(&job.lock, NULL);
    enum yw_code code = yw_feed_open(r->data, NULL, &job.feed, err);
    if (code == YW_OK) code = yw_feed_acts(job.feed, &any, err);
    if (code == YW_OK) code = yw_judging_rules(yw_feed_register(job.feed), &job.rules, digest, err);
    if (code == YW_OK) code = yw_store_sqlite.open(folder, true, &store, err);
    if (code == YW_OK) code = yw_judging_now(&yw_store_sqlite, store, &job.now, err);
    if (code == YW_OK) code = yw_store_sqlite.touched(store, 0, last_touch, &job.generation, err);
    if (store) yw_store_sqlite.close(store);
    if (code == YW_OK) {
        job.outlets = yw_register_outlets(yw_feed_register(job.feed), &job.outlet_n);
        code = note(&job, digest, err); /* makes the file, before the threads would at a time */
    }
    if (code == YW_OK) code = run(&job, err);
    if (job.rules) yw_rules_destroy(job.rules);
    yw_feed_close(job.feed);
    pthread_mutex_destroy(&job.lock);
    return code;
}

/* ---- beside the old one, then in its place ---- */

struct places {
    char folder[4096 - 64], old[4096], fresh[4096];
};

static bool set_places(struct places *p, const char *data) {
    struct yw_buf b;
    yw_buf_init(&b, sizeof p->folder - 1);
    bool good = yw_buf_printf(&b, "%s/series", data) && yw_copy(p->folder, sizeof p->folder, b.data, b.len);
    yw_buf_free(&b);
    if (!good) return false;
    snprintf(p->old, sizeof p->old, "%s/judge.db", p->folder);
    snprintf(p->fresh, sizeof p->fresh, "%s/%s", p->folder, fresh_name);
    return true;
}

static enum yw_code remove_file(const char *path, struct yw_error *err) {
    static const char *const endings[] = {"", "-wal", "-shm", "-journal"};
    for (size_t i = 0; i < YW_COUNT(endings); i++) {
        char name[4096 + 16];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        if (unlink(name) != 0 && errno != ENOENT)
            return yw_fail_errno(err, errno, "%s: cannot be removed", name);
    }
    return YW_OK;
}

/* What still lies in the log beside a database goes into it, and the log away: whatever takes the database's
 * name must not find it. Readers that have it open keep what they have. */
static enum yw_code empty_log(const char *path, struct yw_error *err) {
    sqlite3 *db = NULL;
    sqlite3_stmt *st = NULL;
    enum yw_code code = YW_OK;
    if (access(path, F_OK) != 0) return YW_OK;
    int rc = sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL);
    if (rc == SQLITE_OK) sqlite3_busy_timeout(db, 10000);
    if (rc == SQLITE_OK) rc = sqlite3_prepare_v2(db, "PRAGMA wal_checkpoint(TRUNCATE)", -1, &st, NULL);
    if (rc == SQLITE_OK) rc = sqlite3_step(st);
    if (rc != SQLITE_ROW || sqlite3_column_int(st, 0) != 0)
        code = yw_fail(err, YW_E_BUSY, "%s: somebody reads it without end: try again", path);
    sqlite3_finalize(st);
    sqlite3_close(db);
    static const char *const endings[] = {"-wal", "-shm"};
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(endings); i++) {
        char name[4096 + 16];
        snprintf(name, sizeof name, "%s%s", path, endings[i]);
        if (unlink(name) != 0 && errno != ENOENT)
            code = yw_fail_errno(err, errno, "%s: cannot be removed", name);
    }
    return code;
}

static enum yw_code put_in_place(const struct places *p, struct yw_error *err) {
    enum yw_code code = empty_log(p->fresh, err);
    if (code == YW_OK) code = empty_log(p->old, err);
    if (code == YW_OK && rename(p->fresh, p->old) != 0)
        code = yw_fail_errno(err, errno, "%s cannot be put in place", p->fresh);
    if (code != YW_OK) return code;
    int fd = open(p->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0 || fsync(fd) != 0) yw_log(YW_LOG_WARN, "%s could not be synced", p->folder);
    if (fd >= 0) close(fd);
    return YW_OK;
}

static enum yw_code rejudge(struct yw_rejudge *r, const struct places *p,
                            bool (*each)(void *arg, const struct yw_judged_difference *d), void *arg,
                            struct yw_error *err) {
    struct yw_judged *j = NULL;
    enum yw_code code = remove_file(p->fresh, err);
    if (code == YW_OK) code = yw_judge_everything(r, p->folder, fresh_name, err);
    if (code == YW_OK && access(p->old, F_OK) == 0) {
        code = yw_judged_open(p->folder, fresh_name, false, &j, err);
        if (code == YW_OK) code = yw_judged_compare(j, p->old, each, arg, err);
        if (code == YW_OK) code = yw_judged_carry_on(j, p->old, err);
        yw_judged_close(j);
    }
    return code == YW_OK ? put_in_place(p, err) : code;
}

enum yw_code yw_rejudge(struct yw_rejudge *r, bool (*each)(void *arg, const struct yw_judged_difference *d),
                        void *arg, struct yw_error *err) {
    struct yw_pipeline_live *live;
    struct places p;
    int lock;
    if (access(r->data, F_OK) != 0) return yw_fail_errno(err, errno, "%s", r->data);
    if (!set_places(&p, r->data)) return yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    enum yw_code code = yw_pipeline_live_own(r->data, &lock, &live, err);
    if (code != YW_OK) return code;
    code = rejudge(r, &p, each, arg, err);
    yw_pipeline_live_disown(lock, live);
    return code;
}
