#include "pipeline/run.h"

#include "pipeline/feed.h"
#include "pipeline/judge.h"
#include "pipeline/seal.h"
#include "pipeline/writer.h"

#include <sodium.h>
#include <string.h>
#include <time.h>

#define LOOK_EVERY     (10 * 1000)  /* us between looks at quiet journals */
#define COMMIT_AFTER   (100 * 1000) /* us that a small batch waits for company */
#define DISCOVER_EVERY (YW_SECOND / 4)
#define REPORT_EVERY   (YW_SECOND / 5)
#define PASS_AFTER     (2 * YW_SECOND) /* that a damaged place is looked at again before it is passed over */
#define DRAIN_AT_MOST  (8 * YW_SECOND) /* after the signal to stop */
enum { READ_AT_ONCE = 512, TRIES_AT_STOP = 4 };

struct pipeline {
    const struct yw_pipeline_options *o;
    struct yw_store *store;
    struct yw_feed *feed;
    struct yw_writer *writer;
    struct yw_seal *seal;
    struct yw_judge_thread *judge;
    struct yw_pipeline_live *live;
    struct yw_batch *batch;
    int lock;
    int64_t batch_begun, discovered, reported, stop_at;
    int64_t stuck_since[YW_BATCH_JOURNALS]; /* before a damaged place; 0: not */
    bool waits, snapped, told_acts, told_lines, told_locked, told_shut, has_secret;
    uint8_t secret[32]; /* opens devices' passwords for register.snap */
    bool has_master, told_master, told_keys;
    uint8_t master[YW_MASTER_BYTES]; /* opens devices' keys for it */
    char master_path[4096];
};

static void count(struct pipeline *p, enum yw_pipeline_counter which, uint64_t value) {
    p->live->counter[which] = value;
}

static const uint8_t *secret_of(const struct pipeline *p) {
    return p->has_secret ? p->secret : NULL;
}

/* Once: which key is there does not change while this runs. */
static void tell_locked(struct pipeline *p) {
    size_t locked = p->told_locked ? 0 : yw_passwords_locked(yw_feed_register(p->feed), secret_of(p));
    p->told_locked = true;
    if (locked == 0) return;
    yw_log(
        YW_LOG_ERROR,
        "the passwords of %zu devices do not open with secret.key, these devices stay out: bring the right "
        "secret.key back and start again, or import their passwords anew",
        locked);
}

/* Looked for once there is a key to open; web makes it before the act that brings the first one. */
static const uint8_t *master_of(struct pipeline *p) {
    struct yw_error err = {0};
    if (!p->has_master && yw_register_key_count(yw_feed_register(p->feed)) > 0) {
        p->has_master = yw_master_find(p->master_path, p->master, &err) == YW_OK;
        if (!p->has_master && !p->told_master)
            yw_log(YW_LOG_ERROR, "devices' keys cannot be opened: %s", err.text);
        p->told_master = !p->has_master;
    }
    return p->has_master ? p->master : NULL;
}

static void tell_keys(struct pipeline *p, size_t left_out) {
    bool wrong = left_out > 0 && p->has_master;
    if (wrong && !p->told_keys) {
        yw_log(YW_LOG_ERROR,
               "%zu keys of devices do not open with the master key %s: packets encrypted with them are not "
               "accepted; bring the right master key back and start again, or give these devices new keys",
               left_out, p->master_path);
    }
    p->told_keys = wrong;
    if (wrong) p->has_master = false; /* read again: the right one may come back */
}

static enum yw_code publish(struct pipeline *p, struct yw_error *err) {
    struct yw_buf path;
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/register.snap", p->o->data);
    size_t left_out = 0;
    enum yw_code code = path.failed ? yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long")
                                    : yw_snap_write(yw_io_system(), path.data, yw_feed_register(p->feed),
                                                    secret_of(p), master_of(p), &left_out, err);
    tell_keys(p, left_out);
    yw_buf_free(&path);
    return code;
}

/* Acts first: packets may have been judged by them. */
static void follow_acts(struct pipeline *p) {
    struct yw_error err = {0};
    bool any;
    enum yw_code code = yw_feed_acts(p->feed, &any, &err);
    if (code != YW_OK && !p->told_acts) {
        yw_log(YW_LOG_ERROR, "the acts journal cannot be read on, devices stay as they are: %s", err.text);
        count(p, YW_PL_STATE, YW_PIPELINE_DAMAGED);
        count(p, YW_PL_DAMAGED, p->live->counter[YW_PL_DAMAGED] + 1);
    }
    p->told_acts = code != YW_OK;
    if (any) p->snapped = false;
    if (p->snapped) return;
    count(p, YW_PL_REGISTER_VERSION, yw_register_version(yw_feed_register(p->feed)));
    code = publish(p, &err);
    p->snapped = code == YW_OK;
    tell_locked(p);
    if (code != YW_OK) yw_log(YW_LOG_ERROR, "register.snap cannot be published: %s", err.text);
}

static void discover(struct pipeline *p, int64_t now) {
    struct yw_error err = {0};
    if (p->discovered != 0 && now - p->discovered < DISCOVER_EVERY) return;
    if (yw_feed_discover(p->feed, p->o->backend, p->store, &err) != YW_OK) {
        if (p->live->counter[YW_PL_STATE] != YW_PIPELINE_DAMAGED) yw_log(YW_LOG_ERROR, "%s", err.text);
        count(p, YW_PL_STATE, YW_PIPELINE_DAMAGED);
    }
    p->discovered = now;
}

/* A damaged place: said aloud, looked at again for a while (it may have been the disk's mood), then passed
 * over, so that what lies behind it is not lost as well. */
static void meet_damage(struct pipeline *p, size_t journal, const struct yw_error *why) {
    struct yw_error err = {0};
    uint64_t lost = 0;
    int64_t now = yw_monotonic();
    count(p, YW_PL_STATE, YW_PIPELINE_DAMAGED);
    if (p->stuck_since[journal] == 0) {
        p->stuck_since[journal] = now;
        count(p, YW_PL_DAMAGED, p->live->counter[YW_PL_DAMAGED] + 1);
        yw_log(YW_LOG_ERROR, "%s", why->text);
    }
    if (why->code != YW_E_CORRUPT || (!p->o->until_idle && now - p->stuck_since[journal] < PASS_AFTER))
        return;
    if (yw_feed_pass_over(p->feed, journal, p->batch, &lost, &err) != YW_OK) return;
    p->stuck_since[journal] = 0;
    yw_log(YW_LOG_ERROR,
           "%llu bytes of the journal cannot be read and were passed over; yanwu journal verify tells more",
           (unsigned long long)lost);
}

/* One round over all journals; how many records came. */
static size_t read_round(struct pipeline *p) {
    size_t all = 0;
    bool waits = false;
    struct yw_error why = {0};
    if (yw_feed_lines(p->feed, READ_AT_ONCE, p->batch, &all, &why) != YW_OK && !p->told_lines) {
        p->told_lines = true;
        yw_log(YW_LOG_ERROR, "a command cannot be read from the acts journal: %s", why.text);
    }
    for (size_t i = 0; i < yw_feed_journals(p->feed) && !yw_batch_is_full(p->batch); i++) {
        struct yw_error err = {0};
        size_t got;
        bool held;
        if (yw_feed_read(p->feed, i, READ_AT_ONCE, p->batch, &got, &held, &err) != YW_OK)
            meet_damage(p, i, &err);
        else
            p->stuck_since[i] = 0;
        all += got;
        waits = waits || held;
    }
    p->waits = waits;
    return all;
}

static void report(struct pipeline *p, int64_t now) {
    if (p->reported != 0 && now - p->reported < REPORT_EVERY) return;
    const struct yw_feed_count *c = yw_feed_counts(p->feed);
    uint64_t unread = yw_feed_unread(p->feed);
    bool behind = unread > 0 || (p->batch && !yw_batch_is_empty(p->batch)) || !yw_writer_is_idle(p->writer);
    int64_t wall = yw_now(), oldest = p->live->oldest;
    count(p, YW_PL_PACKETS, c->packets);
    count(p, YW_PL_UNADMITTED, c->unadmitted);
    count(p, YW_PL_NOT_DATA, c->not_data);
    count(p, YW_PL_UNREADABLE, c->unreadable);
    count(p, YW_PL_ACTS_REJECTED, c->acts_rejected);
    count(p, YW_PL_LINES, c->lines);
    count(p, YW_PL_LOCKED, c->locked);
    if (c->locked > 0 && !p->told_shut) {
        p->told_shut = true;
        yw_log(YW_LOG_ERROR,
               "encrypted packets are in the journal and not in the series, yanwu rebuild brings them "
               "once the key is back: %s",
               yw_feed_why_locked(p->feed));
    }
    count(p, YW_PL_LAG_BYTES, unread);
    count(p, YW_PL_LAG_MS, behind && oldest > 0 && wall > oldest ? (uint64_t)(wall - oldest) / 1000 : 0);
    uint64_t state = p->live->counter[YW_PL_STATE];
    if (state == YW_PIPELINE_RUNNING && p->waits) count(p, YW_PL_STATE, YW_PIPELINE_WAITING);
    if (state == YW_PIPELINE_WAITING && !p->waits) count(p, YW_PL_STATE, YW_PIPELINE_RUNNING);
    p->live->updated = wall;
    p->reported = now;
}

static void hand_over(struct pipeline *p) {
    if (!yw_batch_is_empty(p->batch)) {
        p->live->oldest = p->batch->first_arrival;
        yw_writer_put(p->writer, p->batch);
        p->batch = NULL;
    }
}

static void pause_us(int64_t us) {
    const struct timespec t = {0, us * 1000};
    nanosleep(&t, NULL);
}

/* Whether everything that was committed is stored; after the signal to stop, or in a run until idle. */
static bool is_done(struct pipeline *p, int64_t now, size_t got) {
    bool stop = p->o->stop && *p->o->stop;
    if (!stop && !p->o->until_idle) return false;
    if (p->stop_at == 0) p->stop_at = now;
    if (stop && now - p->stop_at > DRAIN_AT_MOST) return true;
    return got == 0 && (!p->batch || yw_batch_is_empty(p->batch)) && yw_writer_is_idle(p->writer);
}

static void loop(struct pipeline *p) {
    for (;;) {
        int64_t now = yw_monotonic();
        follow_acts(p);
        discover(p, now);
        if (!p->batch) p->batch = yw_writer_batch(p->writer);
        size_t got = p->batch ? read_round(p) : 0;
        if (got > 0 && p->batch_begun == 0) p->batch_begun = now;
        bool ripe =
            p->batch_begun != 0 && now - p->batch_begun >= COMMIT_AFTER && yw_writer_is_idle(p->writer);
        if (p->batch && (yw_batch_is_full(p->batch) || ripe || (got == 0 && p->o->until_idle))) {
            hand_over(p);
            p->batch_begun = 0;
        }
        report(p, now);
        if (is_done(p, now, got)) break;
        if (got == 0) pause_us(LOOK_EVERY);
    }
    p->reported = 0;
    report(p, yw_monotonic());
}

/* Without the key data are stored all the same; only sealed passwords stay shut. */
static void load_secret(struct pipeline *p) {
    struct yw_error err = {0};
    p->has_secret = yw_secret_load(p->o->data, p->secret, &err) == YW_OK;
    if (!p->has_secret) yw_log(YW_LOG_ERROR, "devices' passwords cannot be opened: %s", err.text);
}

static enum yw_code start(struct pipeline *p, struct yw_error *err) {
    struct yw_buf series;
    yw_buf_init(&series, 4096);
    yw_buf_printf(&series, "%s/series", p->o->data);
    enum yw_code code =
        yw_master_path(p->o->data, p->o->master_key, p->master_path, sizeof p->master_path, err);
    if (code == YW_OK) code = yw_pipeline_live_own(p->o->data, &p->lock, &p->live, err);
    if (code == YW_OK) code = p->o->backend->open(series.data, false, &p->store, err);
    if (code == YW_OK && p->o->full_sync) code = yw_store_sqlite_full_sync(p->store, err);
    if (code == YW_OK) code = yw_feed_open(p->o->data, p->o->master_key, &p->feed, err);
    if (code == YW_OK) load_secret(p);
    if (code == YW_OK) code = yw_writer_start(p->o->backend, p->store, p->live, &p->writer, err);
    if (code == YW_OK && p->o->seal) code = yw_seal_start(p->o->data, p->live, &p->seal, err);
    if (code == YW_OK && p->o->judge) code = yw_judge_start(p->o->data, p->live, &p->judge, err);
    yw_buf_free(&series);
    return code;
}

enum yw_code yw_pipeline_run(const struct yw_pipeline_options *o, struct yw_error *err) {
    struct pipeline p = {.o = o, .lock = -1};
    enum yw_code code = start(&p, err);
    if (code == YW_OK) {
        loop(&p);
        if (p.batch) hand_over(&p);
    }
    yw_seal_stop(p.seal);
    if (p.writer) yw_writer_stop(p.writer, TRIES_AT_STOP);
    yw_judge_stop(p.judge, o->until_idle);
    if (code == YW_OK) {
        p.live->counter[YW_PL_RATE] = 0;
        p.live->updated = yw_now();
    }
    yw_feed_close(p.feed);
    if (p.store) o->backend->close(p.store);
    if (p.live) yw_pipeline_live_disown(p.lock, p.live);
    sodium_memzero(p.secret, sizeof p.secret);
    sodium_memzero(p.master, sizeof p.master);
    return code;
}
