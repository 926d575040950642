#include "pipeline/writer.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define SYNC_EVERY  YW_SECOND
#define SWEEP_EVERY (30 * YW_SECOND)
#define RETRY_AFTER (YW_SECOND / 2)
/* While batches keep coming, this many are written for one step of tidying. */
enum { BATCHES_A_STEP = 24, BATCHES = 3 };

struct yw_writer {
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    /* under the lock */
    struct yw_batch *free[BATCHES];
    size_t free_n;
    struct yw_batch *queue[BATCHES];
    size_t queue_n;
    bool busy, stop;
    unsigned tries;
    /* the thread's own */
    const struct yw_store_backend *backend;
    struct yw_store *store;
    struct yw_pipeline_live *live;
    struct yw_batch *batches[BATCHES];
    int64_t synced, swept, rated;
    uint64_t rated_rows, rows, since_step;
    bool unsynced, sweeping;
    char complained[320]; /* the last failure told, so that a full disk does not fill the log too */
};

static void wait_until(struct yw_writer *w, int64_t us) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    int64_t at = (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000 + us;
    t.tv_sec = (time_t)(at / 1000000);
    t.tv_nsec = (long)(at % 1000000) * 1000;
    pthread_cond_timedwait(&w->wake, &w->lock, &t);
}

static void complain(struct yw_writer *w, const struct yw_error *err, const char *doing) {
    w->live->counter[YW_PL_FAILURES]++;
    w->live->counter[YW_PL_STATE] = err->code == YW_E_FULL ? YW_PIPELINE_DISK_FULL : YW_PIPELINE_FAILING;
    if (strcmp(w->complained, err->text) == 0) return;
    yw_copy(w->complained, sizeof w->complained, err->text, strlen(err->text));
    yw_log(YW_LOG_ERROR, "%s failed and will be tried again, nothing is skipped: %s", doing, err->text);
}

static void recovered(struct yw_writer *w) {
    if (w->complained[0] == 0) return;
    yw_log(YW_LOG_INFO, "the store takes data again");
    w->complained[0] = 0;
    w->live->counter[YW_PL_STATE] = YW_PIPELINE_RUNNING;
}

/* One batch, again and again until the store has it. False: given up at the end of the program. */
static bool commit(struct yw_writer *w, const struct yw_batch *b) {
    for (;;) {
        struct yw_error err = {0};
        uint64_t refused = 0;
        int64_t begin = yw_monotonic();
        enum yw_code code = yw_batch_commit(b, w->backend, w->store, &refused, &err);
        if (code == YW_OK) {
            w->live->counter[YW_PL_BATCHES]++;
            w->live->counter[YW_PL_ROWS] += b->rows_n - refused;
            w->live->counter[YW_PL_BATCH_ROWS] = b->rows_n;
            w->live->counter[YW_PL_BATCH_US] = (uint64_t)(yw_monotonic() - begin);
            w->live->counter[YW_PL_REFUSED] += refused;
            if (refused > 0)
                yw_log(YW_LOG_ERROR, "%llu records could not be kept: %s", (unsigned long long)refused,
                       err.text);
            w->rows += b->rows_n;
            w->unsynced = true;
            recovered(w);
            return true;
        }
        complain(w, &err, "writing to the store");
        pthread_mutex_lock(&w->lock);
        bool give_up = w->stop && w->tries == 0;
        if (w->stop && w->tries > 0) w->tries--;
        if (!give_up) wait_until(w, RETRY_AFTER);
        pthread_mutex_unlock(&w->lock);
        if (give_up) return false;
    }
}

static void sync_store(struct yw_writer *w, int64_t now) {
    struct yw_error err = {0};
    if (!w->unsynced) return;
    if (w->backend->sync(w->store, &err) == YW_OK) {
        w->unsynced = false;
        recovered(w);
    } else {
        complain(w, &err, "syncing the store");
    }
    w->synced = now;
}

static void tidy(struct yw_writer *w, int64_t now) {
    struct yw_error err = {0};
    if (!w->sweeping && now - w->swept < SWEEP_EVERY) return;
    w->swept = now;
    /* A day is closed once the next one is over: by then nearly all backfill has come. */
    enum yw_code code = w->backend->tidy(w->store, yw_china_day(yw_now()) - 1, &w->sweeping, &err);
    if (code == YW_OK) return;
    w->sweeping = false;
    complain(w, &err, "tidying the store");
}

static void tell_rate(struct yw_writer *w, int64_t now) {
    if (now - w->rated < YW_SECOND) return;
    w->live->counter[YW_PL_RATE] =
        (uint64_t)((double)(w->rows - w->rated_rows) * 1e6 / (double)(now - w->rated));
    w->rated = now;
    w->rated_rows = w->rows;
}

/* What is done beside writing; returns how long the thread may sleep if no batch comes. */
static int64_t housekeeping(struct yw_writer *w, bool queue_is_empty) {
    int64_t now = yw_monotonic();
    if (now - w->synced >= SYNC_EVERY) sync_store(w, now);
    tell_rate(w, now);
    if (queue_is_empty || ++w->since_step >= BATCHES_A_STEP) {
        w->since_step = 0;
        tidy(w, now);
    }
    return w->sweeping ? 0 : w->unsynced ? YW_SECOND / 5 : YW_SECOND;
}

static void *work(void *arg) {
    struct yw_writer *w = arg;
    bool gave_up = false;
    pthread_mutex_lock(&w->lock);
    while (!gave_up && (!w->stop || w->queue_n > 0)) {
        if (w->queue_n == 0) {
            pthread_mutex_unlock(&w->lock);
            int64_t sleep = housekeeping(w, true);
            pthread_mutex_lock(&w->lock);
            if (w->queue_n == 0 && !w->stop && sleep > 0) wait_until(w, sleep);
            continue;
        }
        struct yw_batch *b = w->queue[0];
        memmove(w->queue, w->queue + 1, --w->queue_n * sizeof *w->queue);
        w->busy = true;
        pthread_mutex_unlock(&w->lock);
        gave_up = !commit(w, b);
        housekeeping(w, false);
        yw_batch_clear(b);
        pthread_mutex_lock(&w->lock);
        w->free[w->free_n++] = b;
        w->busy = w->queue_n > 0;
        pthread_cond_broadcast(&w->wake);
    }
    pthread_mutex_unlock(&w->lock);
    sync_store(w, yw_monotonic());
    return NULL;
}

static void destroy(struct yw_writer *w) {
    for (size_t i = 0; i < BATCHES; i++) yw_batch_destroy(w->batches[i]);
    pthread_cond_destroy(&w->wake);
    pthread_mutex_destroy(&w->lock);
    free(w);
}

enum yw_code yw_writer_start(const struct yw_store_backend *backend, struct yw_store *store,
                             struct yw_pipeline_live *live, struct yw_writer **out, struct yw_error *err) {
    pthread_condattr_t attr;
    struct yw_writer *w = calloc(1, sizeof *w);
    *out = NULL;
    if (!w) return yw_fail(err, YW_E_NOMEM, "no memory for the writer");
    w->backend = backend;
    w->store = store;
    w->live = live;
    w->synced = w->rated = yw_monotonic();
    w->swept = w->synced - SWEEP_EVERY; /* what an earlier life left is tidied at once */
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_mutex_init(&w->lock, NULL);
    pthread_cond_init(&w->wake, &attr);
    pthread_condattr_destroy(&attr);
    bool good = true;
    for (size_t i = 0; i < BATCHES; i++) {
        w->batches[i] = w->free[i] = yw_batch_create();
        good = good && w->batches[i];
    }
    w->free_n = BATCHES;
    if (!good || pthread_create(&w->thread, NULL, work, w) != 0) {
        destroy(w);
        return yw_fail(err, YW_E_NOMEM, "no memory for the writer");
    }
    *out = w;
    return YW_OK;
}

struct yw_batch *yw_writer_batch(struct yw_writer *w) {
    pthread_mutex_lock(&w->lock);
    struct yw_batch *b = w->free_n > 0 ? w->free[--w->free_n] : NULL;
    pthread_mutex_unlock(&w->lock);
    return b;
}

bool yw_writer_is_idle(struct yw_writer *w) {
    pthread_mutex_lock(&w->lock);
    bool idle = w->queue_n == 0 && !w->busy;
    pthread_mutex_unlock(&w->lock);
    return idle;
}

void yw_writer_put(struct yw_writer *w, struct yw_batch *b) {
    pthread_mutex_lock(&w->lock);
    w->queue[w->queue_n++] = b;
    w->busy = true;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
}

void yw_writer_stop(struct yw_writer *w, unsigned tries) {
    pthread_mutex_lock(&w->lock);
    w->stop = true;
    w->tries = tries;
    pthread_cond_broadcast(&w->wake);
    pthread_mutex_unlock(&w->lock);
    pthread_join(w->thread, NULL);
    destroy(w);
}
