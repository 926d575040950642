/* On the real file system: a loop appends while a thread commits, a thread seals, and readers follow. Runs
 * under the thread sanitizer too. Also what only the real I/O table has: locking between processes. */
#include "../support/journal_model.h"

#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { RECORDS = 60000, SEGMENT = 1 << 20, READERS = 2 };

struct bench {
    char data[64], folder[96], blocks[96];
    struct yw_error err;
};

static int setup(void **state) {
    struct bench *b = calloc(1, sizeof *b);
    const char *base = getenv("TMPDIR");
    snprintf(b->data, sizeof b->data, "%s/yanwu-journal-XXXXXX", base && strlen(base) < 32 ? base : "/tmp");
    if (!mkdtemp(b->data)) return -1;
    snprintf(b->folder, sizeof b->folder, "%s/journal/p0", b->data);
    snprintf(b->blocks, sizeof b->blocks, "%s/blocks/p0", b->data);
    *state = b;
    return 0;
}

static int teardown(void **state) {
    struct bench *b = *state;
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", b->data);
    int r = system(command);
    free(b);
    return r;
}

static void test_one_owner(void **state) {
    struct bench *b = *state;
    struct yw_journal *one, *two;
    assert_int_equal(yw_journal_open(yw_io_system(), b->folder, "p0", &one, NULL, &b->err), YW_OK);
    assert_int_equal(yw_journal_open(yw_io_system(), b->folder, "p0", &two, NULL, &b->err), YW_E_BUSY);
    pid_t pid = fork();
    if (pid == 0)
        _exit(yw_journal_open(yw_io_system(), b->folder, "p0", &two, NULL, NULL) == YW_E_BUSY ? 0 : 1);
    int status = 1;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
    yw_journal_close(one);
    assert_int_equal(yw_journal_open(yw_io_system(), b->folder, "p0", &two, NULL, &b->err), YW_OK);
    yw_journal_close(two);
}

/* A process that is killed between `write` and `done` leaves its lock and its promises behind. */
static void test_killed_owner(void **state) {
    struct bench *b = *state;
    int pipes[2];
    assert_int_equal(pipe(pipes), 0);
    pid_t pid = fork();
    if (pid == 0) {
        struct yw_journal *j;
        uint64_t done = 0;
        if (yw_journal_open(yw_io_system(), b->folder, "p0", &j, NULL, NULL) != YW_OK) _exit(1);
        for (;;) {
            struct yw_record r = {.arrival = 1, .payload = "killed", .length = 6};
            if (yw_journal_append(j, &r, NULL) != YW_OK || yw_journal_commit(j, NULL) != YW_OK) _exit(1);
            done++;
            if (write(pipes[1], &done, sizeof done) != sizeof done) _exit(1);
        }
    }
    close(pipes[1]);
    uint64_t done = 0, last = 0;
    while (last < 200 && read(pipes[0], &last, sizeof last) == sizeof last) done = last;
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    while (read(pipes[0], &last, sizeof last) == sizeof last) done = last;
    close(pipes[0]);
    struct yw_journal *j;
    struct yw_reader *reader;
    struct yw_record r;
    assert_int_equal(yw_journal_open(yw_io_system(), b->folder, "p0", &j, NULL, &b->err), YW_OK);
    assert_int_equal(yw_reader_open(b->folder, NULL, &reader, &b->err), YW_OK);
    uint64_t seen = 0;
    while (yw_reader_next(reader, &r, &b->err) == YW_OK) seen++;
    assert_true(done >= 200);
    assert_true(seen == done || seen == done + 1);
    yw_reader_close(reader);
    yw_journal_close(j);
}

static void test_live_page(void **state) {
    struct bench *b = *state;
    struct yw_journal *j;
    assert_null(yw_live_open(b->folder, &b->err));
    assert_int_equal(b->err.code, YW_E_NOT_FOUND);
    assert_int_equal(yw_journal_open(yw_io_system(), b->folder, "p0", &j, NULL, &b->err), YW_OK);
    const struct yw_live *live = yw_live_open(b->folder, &b->err);
    assert_non_null(live);
    assert_int_equal(live->committed, 0);
    struct yw_record r = {.arrival = 1, .payload = "x", .length = 1};
    assert_int_equal(yw_journal_append(j, &r, &b->err), YW_OK);
    atomic_fetch_add(&yw_journal_live(j)->counter[3], 42);
    assert_int_equal(live->committed, 0);
    assert_int_equal(yw_journal_commit(j, &b->err), YW_OK);
    assert_int_equal(live->committed, yw_journal_end(j));
    assert_int_equal(live->counter[3], 42);
    assert_true(live->updated > 0);
    yw_live_close(live);
    yw_journal_close(j);
}

/* ---- everything at once ---- */

struct commit {
    struct yw_journal *journal;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    struct yw_journal_batch batch;
    enum { IDLE, WRITING, WRITTEN } state;
    bool stop, failed;
};

static void *commit_thread(void *arg) {
    struct commit *c = arg;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (c->state != WRITING && !c->stop) pthread_cond_wait(&c->wake, &c->lock);
        if (c->state != WRITING) break;
        pthread_mutex_unlock(&c->lock);
        enum yw_code code = yw_journal_write(c->journal, &c->batch, NULL);
        pthread_mutex_lock(&c->lock);
        if (code != YW_OK) c->failed = true;
        c->state = WRITTEN;
        pthread_cond_broadcast(&c->wake);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

struct follower {
    const struct bench *bench;
    pthread_t thread;
    char wrong[400];
};

static bool expected(const struct yw_record *r, uint32_t serial) {
    return r->length == 4 + serial % 700 && yw_get_u32(r->payload) == serial;
}

static void *follow_thread(void *arg) {
    struct follower *f = arg;
    struct yw_reader *reader;
    struct yw_error err;
    while (yw_reader_open(f->bench->folder, f->bench->blocks, &reader, &err) != YW_OK) usleep(100);
    for (uint32_t serial = 0; serial < RECORDS && !f->wrong[0];) {
        struct yw_record r;
        enum yw_code code = yw_reader_next(reader, &r, &err);
        if (code == YW_E_END) {
            usleep(50);
            continue;
        }
        if (code != YW_OK)
            snprintf(f->wrong, sizeof f->wrong, "%s", err.text);
        else if (!expected(&r, serial))
            snprintf(f->wrong, sizeof f->wrong, "record %u is wrong", serial);
        if (serial % 5000 == 4999) { /* some are slow, so that segments go while they read */
            usleep(2000);
            if (yw_reader_get(reader, 0, &r, &err) != YW_OK)
                snprintf(f->wrong, sizeof f->wrong, "%s", err.text);
        }
        serial++;
    }
    yw_reader_close(reader);
    return NULL;
}

struct sealing {
    const struct bench *bench;
    pthread_t thread;
    _Atomic bool stop;
    _Atomic uint64_t blocks;
    char wrong[400];
};

static void *seal_thread(void *arg) {
    struct sealing *s = arg;
    struct yw_sealer *sealer;
    struct yw_error err;
    while (yw_sealer_open(yw_io_system(), s->bench->folder, s->bench->blocks, &sealer, &err) != YW_OK)
        usleep(100);
    while (!atomic_load(&s->stop)) {
        bool sealed;
        /* A now far ahead makes every run due at once: many small blocks. */
        if (yw_sealer_step(sealer, yw_now() + YW_DAY, &sealed, NULL, &err) != YW_OK) {
            snprintf(s->wrong, sizeof s->wrong, "%s", err.text);
            break;
        }
        s->blocks += sealed;
        usleep(1000);
    }
    yw_sealer_close(sealer);
    return NULL;
}

static void finish_batch(struct commit *c, bool wait) {
    pthread_mutex_lock(&c->lock);
    while (wait && c->state == WRITING) pthread_cond_wait(&c->wake, &c->lock);
    if (c->state == WRITTEN) {
        yw_journal_done(c->journal, &c->batch);
        c->state = IDLE;
    }
    if (c->state == IDLE && yw_journal_take(c->journal, &c->batch)) {
        c->state = WRITING;
        pthread_cond_broadcast(&c->wake);
    }
    pthread_mutex_unlock(&c->lock);
}

/* Waits until the sealer has done something with what is committed, so that blocks are made in every run. */
static void let_it_seal(struct commit *c, struct sealing *s) {
    uint64_t before = atomic_load(&s->blocks);
    while (yw_journal_pending(c->journal) > 0) finish_batch(c, true);
    while (atomic_load(&s->blocks) == before && !s->wrong[0]) usleep(200);
}

static void test_all_at_once(void **state) {
    struct bench *b = *state;
    struct commit c = {.lock = PTHREAD_MUTEX_INITIALIZER, .wake = PTHREAD_COND_INITIALIZER};
    struct follower followers[READERS] = {0};
    struct sealing sealing = {.bench = b};
    pthread_t committer;
    assert_int_equal(
        yw_journal_open_sized(yw_io_system(), b->folder, "p0", SEGMENT, &c.journal, NULL, &b->err), YW_OK);
    pthread_create(&committer, NULL, commit_thread, &c);
    pthread_create(&sealing.thread, NULL, seal_thread, &sealing);
    for (int i = 0; i < READERS; i++) {
        followers[i].bench = b;
        pthread_create(&followers[i].thread, NULL, follow_thread, &followers[i]);
    }
    uint8_t payload[704] = {0};
    for (uint32_t serial = 0; serial < RECORDS; serial++) {
        yw_put_u32(payload, serial);
        struct yw_record r = {.arrival = yw_now(), .payload = payload, .length = 4 + serial % 700};
        assert_int_equal(yw_journal_append(c.journal, &r, &b->err), YW_OK);
        if (serial % 64 == 63) finish_batch(&c, false);
        if (serial % (RECORDS / 10) == RECORDS / 10 - 1) let_it_seal(&c, &sealing);
    }
    while (yw_journal_pending(c.journal) > 0) finish_batch(&c, true);
    pthread_mutex_lock(&c.lock);
    c.stop = true;
    pthread_cond_broadcast(&c.wake);
    pthread_mutex_unlock(&c.lock);
    pthread_join(committer, NULL);
    for (int i = 0; i < READERS; i++) pthread_join(followers[i].thread, NULL);
    atomic_store(&sealing.stop, true);
    pthread_join(sealing.thread, NULL);
    assert_false(c.failed);
    assert_string_equal(sealing.wrong, "");
    assert_true(sealing.blocks >= 10);
    for (int i = 0; i < READERS; i++) assert_string_equal(followers[i].wrong, "");
    struct yw_verify_count count;
    assert_int_equal(yw_journal_verify(b->folder, b->blocks, &count, NULL, NULL, &b->err), YW_OK);
    assert_int_equal(count.records, RECORDS);
    struct yw_journal_stat stat;
    assert_int_equal(yw_journal_stat(b->folder, b->blocks, &stat, &b->err), YW_OK);
    assert_int_equal(stat.records, RECORDS);
    assert_int_equal(stat.bytes, stat.info.committed);
    assert_int_equal(stat.lost, 0);
    assert_int_equal(stat.blocks, count.blocks);
    yw_journal_close(c.journal);
}

int main(void) {
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {T(test_one_owner), T(test_killed_owner), T(test_live_page),
                                       T(test_all_at_once)};
    return cmocka_run_group_tests_name("journal threads", tests, NULL, NULL);
}
