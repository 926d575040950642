/* What only the SQLite back end has: files, chunks, pyramid, readers beside the writer, crashes between its
 * commits. */
#include "store_fake.h"
#include "store/sqlite_int.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <cmocka.h>

#define T0 (FAKE_NOW - 3 * YW_DAY)
static const struct yw_store_backend *const B = &yw_store_sqlite;

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static struct yw_store *open_store(const char *folder, bool read_only) {
    struct yw_error err = {0};
    struct yw_store *s;
    must(B->open(folder, read_only, &s, &err), &err);
    return s;
}

static void put_minutes(struct yw_store *s, int from, int to) {
    struct yw_error err = {0};
    must(B->begin(s, &err), &err);
    for (int i = from; i < to; i++) {
        struct fake_row r;
        fake_row_make(&r, 1, YW_KIND_MINUTE, T0 + i * YW_MINUTE, FAKE_NOW + i, 0, (uint64_t)i * 10,
                      1000 + i * 7 % 500);
        must(B->put(s, &r.row, &err), &err);
    }
    struct yw_checkpoint c = {0, (uint64_t)to * 10};
    must(B->commit(s, &c, 1, &err), &err);
}

static void tidy_all(struct yw_store *s) {
    struct yw_error err = {0};
    for (int i = 0; i < 2; i++) {
        for (bool more = true; more;) must(B->tidy(s, yw_china_day(FAKE_NOW), &more, &err), &err);
    }
}

static int64_t ask(const char *folder, const char *file, const char *sql) {
    char path[4096];
    sqlite3 *db;
    sqlite3_stmt *st;
    snprintf(path, sizeof path, "%s/%s", folder, file);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READONLY, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, sql, -1, &st, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(st), SQLITE_ROW);
    int64_t v = sqlite3_column_int64(st, 0);
    sqlite3_finalize(st);
    sqlite3_close(db);
    return v;
}

static bool count_row(void *arg, const struct yw_row *r) {
    YW_UNUSED(r);
    ++*(size_t *)arg;
    return true;
}

static size_t count_rows(struct yw_store *s) {
    size_t n = 0;
    struct yw_error err = {0};
    must(B->rows(s, 1, YW_KIND_MINUTE, T0 - 40 * YW_DAY, FAKE_NOW + YW_DAY, count_row, &n, &err), &err);
    return n;
}

static void closed_days_become_chunks_and_open_again(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    struct fake_row r;
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    put_minutes(s, 0, 3 * 1440 + 30); /* three closed days and the beginning of today */
    tidy_all(s);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM chunk WHERE summed"), 3);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM record"), 30);
    assert_int_equal(
        ask(folder, "2026-11.db", "SELECT count(*) FROM pyramid WHERE factor='a21026' AND field='Avg'"), 6);
    assert_int_equal(count_rows(s), 3 * 1440 + 30);
    /* the same once more changes nothing ... */
    put_minutes(s, 1440, 1450);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM chunk"), 3);
    /* ... a correction opens its day */
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0 + 1500 * YW_MINUTE, FAKE_NOW + YW_HOUR, 0, 999999, 88888);
    must(B->begin(s, &err), &err);
    must(B->put(s, &r.row, &err), &err);
    must(B->commit(s, NULL, 0, &err), &err);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM chunk"), 2);
    assert_int_equal(
        ask(folder, "2026-11.db", "SELECT count(*) FROM pyramid WHERE field='Avg' AND factor='a21026'"), 4);
    struct yw_point p[8];
    size_t n;
    must(B->series(s, 1, YW_KIND_MINUTE, "a21026", "Avg", T0, T0 + 3 * YW_DAY, 8, p, &n, &err), &err);
    assert_true(p[n / 2 - (n == 3 ? 0 : 1)].span >= YW_HOUR);
    double top = 0;
    for (size_t i = 0; i < n; i++) top = p[i].max > top ? p[i].max : top;
    assert_true(top == 888.88);
    tidy_all(s);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM chunk"), 3);
    assert_int_equal(count_rows(s), 3 * 1440 + 31);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

static void rows_of_a_day_that_is_being_filled_stay_open(void **unused) {
    YW_UNUSED(unused);
    bool more;
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    for (int i = 0; i < 5; i++) {
        put_minutes(s, i * 100, i * 100 + 100);
        for (more = true; more;) assert_int_equal(B->tidy(s, yw_china_day(FAKE_NOW), &more, NULL), YW_OK);
        assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM chunk"), 0);
    }
    for (more = true; more;) assert_int_equal(B->tidy(s, yw_china_day(FAKE_NOW), &more, NULL), YW_OK);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM chunk"), 1);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

static void records_lie_in_order_of_arrival(void **unused) {
    YW_UNUSED(unused);
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    put_minutes(s, 100, 200);
    put_minutes(s, 0, 100);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT time FROM record ORDER BY id LIMIT 1"),
                     T0 + 100 * YW_MINUTE);
    assert_int_equal(
        ask(folder, "2026-11.db", "SELECT count(*) FROM sqlite_schema WHERE type='view' AND name='value'"),
        1);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

static void a_reader_is_there_before_and_after(void **unused) {
    YW_UNUSED(unused);
    char *folder = fake_folder("sqlite"), *other = fake_folder("sqlite");
    struct yw_store *r = open_store(folder, true);
    assert_int_equal(count_rows(r), 0);
    struct yw_store *s = open_store(folder, false);
    put_minutes(s, 0, 50);
    assert_int_equal(count_rows(r), 50);
    assert_int_equal(B->begin(r, NULL), YW_E_STATE);
    assert_int_equal(B->drop(s, "2026-11", NULL), YW_OK);
    assert_int_equal(count_rows(r), 0);
    put_minutes(s, 0, 7);
    assert_int_equal(count_rows(r), 7);
    B->close(s);
    struct yw_store *fresh = open_store(other, false); /* another store takes its place, as a rebuild does */
    put_minutes(fresh, 0, 33);
    B->close(fresh);
    char away[4096];
    snprintf(away, sizeof away, "%s.away", folder);
    assert_int_equal(rename(folder, away), 0);
    assert_int_equal(rename(other, folder), 0);
    assert_int_equal(count_rows(r), 33);
    B->close(r);
    fake_remove(folder);
    fake_remove(away);
    free(folder);
    free(other);
}

struct watch {
    const char *folder;
    atomic_bool stop;
    atomic_int wrong, looks;
};

/* Batches of 10 rows: whoever sees another number than whole batches saw half of one. */
static void *read_on(void *arg) {
    struct watch *w = arg;
    struct yw_store *r;
    struct yw_error err = {0};
    if (B->open(w->folder, true, &r, &err) != YW_OK) return NULL;
    while (!w->stop) {
        size_t n = 0;
        if (B->rows(r, 1, YW_KIND_MINUTE, T0, FAKE_NOW + YW_DAY, count_row, &n, &err) != YW_OK || n % 10 != 0)
            w->wrong++;
        w->looks++;
    }
    B->close(r);
    return NULL;
}

static void readers_never_see_half_a_commit(void **unused) {
    YW_UNUSED(unused);
    char *folder = fake_folder("sqlite");
    struct watch w = {.folder = folder};
    pthread_t threads[2];
    struct yw_store *s = open_store(folder, false);
    for (int i = 0; i < 2; i++) pthread_create(&threads[i], NULL, read_on, &w);
    for (int i = 0; i < 300; i++) {
        put_minutes(s, i * 10, i * 10 + 10);
        bool more = i % 20 == 0;
        while (more) assert_int_equal(B->tidy(s, yw_china_day(FAKE_NOW), &more, NULL), YW_OK);
    }
    while (w.looks < 5) usleep(1000);
    w.stop = true;
    for (int i = 0; i < 2; i++) pthread_join(threads[i], NULL);
    assert_int_equal(w.wrong, 0);
    assert_int_equal(count_rows(s), 3000);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

/* ---- crashes ---- */

struct crash {
    int left; /* hooks until the process ends */
};

static void die_here(void *arg, const char *at) {
    struct crash *c = arg;
    YW_UNUSED(at);
    if (c->left-- == 0) _exit(9);
}

/* Puts the set in journal order, from where the store says, until done or dead. */
static void feed(const char *folder, const struct fake_set *set, int die_after, uint64_t seed) {
    struct yw_error err = {0};
    struct yw_store *s = open_store(folder, false);
    struct crash crash = {die_after};
    uint64_t from[3];
    if (die_after >= 0) s->hook = die_here, s->hook_arg = &crash;
    for (uint16_t j = 0; j < 3; j++) must(B->checkpoint(s, j, &from[j], &err), &err);
    size_t w = 0;
    for (size_t i = 0; i < set->n;) {
        struct yw_checkpoint c[3] = {{0, 0}, {1, 0}, {2, 0}};
        must(B->begin(s, &err), &err);
        for (size_t k = 0; k < 40 && i < set->n; k++, i++) {
            const struct yw_row *r = &set->rows[i].row;
            if (r->source.position >= from[r->source.journal]) must(B->put(s, r, &err), &err);
            c[r->source.journal].position = r->source.position + 1;
            for (; w < set->waiting_n && set->waiting_row[w] == i; w++) {
                const struct yw_source *q = &set->waiting[w].sample;
                if (q->position >= from[q->journal]) must(B->put_waiting(s, &set->waiting[w], &err), &err);
                c[q->journal].position = q->position + 1;
            }
        }
        for (int j = 0; j < 3; j++) {
            if (c[j].position == 0) c[j].position = from[j];
        }
        must(B->commit(s, c, 3, &err), &err);
        if (fake_random(&seed) % 4 == 0) must(B->sync(s, &err), &err);
        if (fake_random(&seed) % 6 == 0) tidy_all(s);
    }
    must(B->sync(s, &err), &err);
    B->close(s);
}

static void killed_between_commits_nothing_is_lost_or_counted_twice(void **unused) {
    YW_UNUSED(unused);
    for (uint64_t seed = 1; seed <= 25; seed++) {
        struct fake_set set;
        struct yw_buf want, have;
        uint64_t state = seed * 7919;
        fake_set_make(&set, seed + 500, 800);
        char *clean = fake_folder("crash"), *folder = fake_folder("crash");
        feed(clean, &set, -1, seed);
        for (int life = 0; life < 4; life++) {
            int die_after = (int)(fake_random(&state) % 60);
            pid_t child = fork();
            if (child == 0) {
                feed(folder, &set, die_after, seed + (uint64_t)life);
                _exit(0);
            }
            int status;
            waitpid(child, &status, 0);
            assert_true(WIFEXITED(status) && (WEXITSTATUS(status) == 9 || WEXITSTATUS(status) == 0));
        }
        feed(folder, &set, -1, seed);
        yw_buf_init(&want, 64 << 20);
        yw_buf_init(&have, 64 << 20);
        struct yw_store *a = open_store(clean, true), *b = open_store(folder, true);
        fake_dump(B, a, &want);
        fake_dump(B, b, &have);
        assert_string_equal(want.data, have.data);
        B->close(a);
        B->close(b);
        yw_buf_free(&want);
        yw_buf_free(&have);
        fake_remove(clean);
        fake_remove(folder);
        free(clean);
        free(folder);
        fake_set_free(&set);
    }
}

static void copy_file(const char *folder, const char *from, const char *to) {
    struct yw_buf bytes;
    char path[4096];
    yw_buf_init(&bytes, 64 << 20);
    snprintf(path, sizeof path, "%s/%s", folder, from);
    assert_int_equal(yw_file_read(path, 64 << 20, &bytes, NULL), YW_OK);
    snprintf(path, sizeof path, "%s/%s", folder, to);
    FILE *f = fopen(path, "wb");
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, f), bytes.len);
    fclose(f);
    yw_buf_free(&bytes);
}

static void a_month_put_back_from_a_copy_is_read_again(void **unused) {
    YW_UNUSED(unused);
    uint64_t position;
    struct yw_error err = {0};
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    put_minutes(s, 0, 100);
    must(B->sync(s, &err), &err);
    B->close(s);
    copy_file(folder, "2026-11.db", "copy");
    s = open_store(folder, false);
    must(B->checkpoint(s, 0, &position, &err), &err);
    assert_int_equal(position, 1000);
    put_minutes(s, 100, 200);
    must(B->sync(s, &err), &err);
    B->close(s);
    copy_file(folder, "copy", "2026-11.db");
    s = open_store(folder, false);
    must(B->checkpoint(s, 0, &position, &err), &err);
    assert_int_equal(position, 1000); /* not 2000 */
    assert_int_equal(count_rows(s), 100);
    put_minutes(s, 100, 150);
    must(B->sync(s, &err), &err);
    must(B->checkpoint(s, 0, &position, &err), &err);
    assert_int_equal(position, 1500);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

/* Before a sync reading begins where the last sync stood, however much was committed since. */
static void reading_begins_at_what_was_synced(void **unused) {
    YW_UNUSED(unused);
    uint64_t position;
    struct yw_error err = {0};
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    put_minutes(s, 0, 100);
    must(B->sync(s, &err), &err);
    put_minutes(s, 100, 200);
    B->close(s);
    s = open_store(folder, false);
    must(B->checkpoint(s, 0, &position, &err), &err);
    assert_int_equal(position, 1000);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT position FROM checkpoint WHERE journal=0"), 2000);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

static void many_months_need_few_files(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    must(B->begin(s, &err), &err);
    for (int i = 0; i < 60; i++) {
        struct fake_row r;
        fake_row_make(&r, 1, YW_KIND_MINUTE, FAKE_NOW - i * 31 * YW_DAY, FAKE_NOW, 0, (uint64_t)i, i);
        must(B->put(s, &r.row, &err), &err);
    }
    must(B->commit(s, NULL, 0, &err), &err);
    size_t n = 0, open_months = 0;
    must(B->rows(s, 1, YW_KIND_MINUTE, FAKE_NOW - 3000 * YW_DAY, FAKE_NOW + 1, count_row, &n, &err), &err);
    assert_int_equal(n, 60);
    for (size_t i = 0; i < YW_MONTHS_OPEN_MAX; i++) open_months += s->months[i] != NULL;
    assert_true(open_months <= YW_MONTHS_OPEN_MAX);
    must(B->sync(s, &err), &err);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

static void endlessly_many_shapes_are_bounded(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    char *folder = fake_folder("sqlite");
    struct yw_store *s = open_store(folder, false);
    must(B->begin(s, &err), &err);
    for (int i = 0; i < YW_SHAPES_MAX + 500; i++) {
        struct yw_value v = {.field = "Avg", .mantissa = i};
        snprintf(v.factor, sizeof v.factor, "x%06d", i);
        struct yw_row row = {
            .outlet = 1, .kind = YW_KIND_MINUTE, .time = T0 + i * YW_SECOND, .values = &v, .count = 1};
        row.source = (struct yw_source){FAKE_NOW, 0, (uint64_t)i};
        must(B->put(s, &row, &err), &err);
    }
    must(B->commit(s, NULL, 0, &err), &err);
    assert_int_equal(ask(folder, "2026-11.db", "SELECT count(*) FROM shape"), YW_SHAPES_MAX);
    for (int i = 0; i < 2; i++) {
        struct yw_point p[2];
        size_t n;
        char factor[16];
        snprintf(factor, sizeof factor, "x%06d", YW_SHAPES_MAX + 400);
        must(B->series(s, 1, YW_KIND_MINUTE, factor, "Avg", T0, FAKE_NOW, 2, p, &n, &err), &err);
        assert_true(n == 1 && p[0].last == YW_SHAPES_MAX + 400);
        assert_int_equal(count_rows(s), YW_SHAPES_MAX + 500);
        tidy_all(s);
    }
    B->close(s);
    fake_remove(folder);
    free(folder);
}

static void put_at(struct yw_store *s, int64_t time, int64_t value) {
    struct yw_error err = {0};
    struct fake_row r;
    static uint64_t position = 1 << 20;
    fake_row_make(&r, 1, YW_KIND_MINUTE, time, FAKE_NOW + 3 * YW_HOUR, 1, position += 10, value);
    must(B->begin(s, &err), &err);
    must(B->put(s, &r.row, &err), &err);
    must(B->commit(s, NULL, 0, &err), &err);
}

static void history_is_packed_while_it_streams_in(void **unused) {
    YW_UNUSED(unused);
    static const char chunks[] = "SELECT count(*) FROM chunk";
    struct yw_error err = {0};
    char *folder = fake_folder("store");
    struct yw_store *s = open_store(folder, false);
    bool more;
    must(B->tidy(s, yw_china_day(FAKE_NOW) - 1, &more, &err), &err);
    for (int i = 0; i < 3 * 1440; i += 100) put_minutes(s, i, i + 100 < 3 * 1440 ? i + 100 : 3 * 1440);
    /* T0 is three days back: the first is over and left, the second is left, the third is none of history's.
     */
    assert_int_equal(ask(folder, "2026-11.db", chunks), 1);
    put_at(s, T0 + YW_MINUTE, 1); /* a correction opens the day again ... */
    assert_int_equal(ask(folder, "2026-11.db", chunks),
                     1); /* ... and the stream has left the second for it */
    assert_int_equal(ask(folder, "2026-11.db", "SELECT day FROM chunk"), yw_china_day(T0) + 1);
    put_at(s, T0 + YW_DAY + YW_MINUTE, 1);
    put_at(s, T0 + 2 * YW_MINUTE, 1);
    put_at(s, T0 + YW_DAY + 2 * YW_MINUTE, 1);
    assert_int_equal(ask(folder, "2026-11.db", chunks), 0); /* each had its turn: the sweeps' now */
    assert_int_equal(count_rows(s), 3 * 1440 + 4);
    tidy_all(s);
    assert_int_equal(ask(folder, "2026-11.db", chunks), 3);
    assert_int_equal(count_rows(s), 3 * 1440 + 4);
    B->close(s);
    fake_remove(folder);
    free(folder);
}

/* ---- tallies, which lie in memory between two syncs ---- */

enum { PACKETS = 600, PACKET = 10 };

static struct yw_source packet_source(uint64_t i) {
    return (struct yw_source){FAKE_NOW + (int64_t)i * 1000, 0, i * PACKET};
}

/* What a pipeline does with packets [from, to): sums up what was not counted, and puts it with its
 * checkpoint. */
static void put_packets(struct yw_store *s, uint64_t from, uint64_t to) {
    struct yw_error err = {0};
    uint64_t tallied;
    must(B->tallied(s, 0, &tallied, &err), &err);
    must(B->begin(s, &err), &err);
    for (uint64_t i = from; i < to; i++) {
        struct yw_device_fact f = {.device = 1 + (uint32_t)(i % 3), .packets = 1};
        f.first = f.last = packet_source(i);
        struct yw_device_link l = {.device = f.device, .link = 1, .packets = 1, .position = i * PACKET};
        l.first = l.last = f.last.arrival;
        if (i * PACKET < tallied) continue;
        must(B->put_fact(s, &f, &err), &err);
        must(B->put_link(s, &l, &err), &err);
    }
    struct yw_checkpoint c = {0, to * PACKET};
    must(B->commit(s, &c, 1, &err), &err);
}

/* Killed without warning: nothing is closed. */
static void live_and_die(const char *folder, uint64_t seed) {
    struct yw_error err = {0};
    struct yw_store *s = open_store(folder, false);
    uint64_t position;
    must(B->checkpoint(s, 0, &position, &err), &err);
    uint64_t at = position / PACKET, batches = 1 + fake_random(&seed) % 8;
    for (uint64_t i = 0; i < batches && at < PACKETS; i++) {
        uint64_t to = at + 1 + fake_random(&seed) % 40;
        put_packets(s, at, to < PACKETS ? to : PACKETS);
        at = to;
        if (fake_random(&seed) % 3 == 0) must(B->sync(s, &err), &err);
    }
    _exit(0);
}

static bool sum_fact(void *arg, const struct yw_device_fact *f) {
    uint64_t *n = arg;
    n[0] += f->packets;
    assert_int_equal(f->packets, PACKETS / 3);
    return true;
}

static bool sum_link(void *arg, const struct yw_device_link *l) {
    uint64_t *n = arg;
    n[1] += l->packets;
    return true;
}

static void what_was_only_in_memory_is_read_again(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    for (uint64_t seed = 1; seed <= 6; seed++) {
        char *folder = fake_folder("store");
        for (uint64_t life = 0; life < 12; life++) {
            pid_t child = fork();
            if (child == 0) live_and_die(folder, seed * 7919 + life * 104729);
            int status;
            assert_int_equal(waitpid(child, &status, 0), child);
            assert_int_equal(status, 0);
        }
        struct yw_store *s = open_store(folder, false);
        uint64_t position, n[2] = {0};
        must(B->checkpoint(s, 0, &position, &err), &err);
        put_packets(s, position / PACKET, PACKETS);
        B->close(s); /* without a sync: closing writes what is left */
        s = open_store(folder, true);
        must(B->facts(s, 0, sum_fact, n, &err), &err);
        must(B->links(s, 0, 0, sum_link, n, &err), &err);
        assert_int_equal(n[0], PACKETS);
        assert_int_equal(n[1], PACKETS);
        B->close(s);
        fake_remove(folder);
        free(folder);
    }
}

static void very_many_devices_fit(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    char *folder = fake_folder("store");
    struct yw_store *s = open_store(folder, false);
    enum { DEVICES = 9000, ROUNDS = 5 };
    for (uint32_t round = 0; round < ROUNDS; round++) {
        must(B->begin(s, &err), &err);
        for (uint32_t d = 0; d < DEVICES; d++) {
            struct yw_device_fact f = {.device = 1 + d + round % 2 * DEVICES, .packets = 1};
            f.first = f.last = packet_source(round * DEVICES + d);
            f.last.journal = (uint16_t)round;
            must(B->put_fact(s, &f, &err), &err);
        }
        must(B->commit(s, NULL, 0, &err), &err);
        if (round == 2) must(B->sync(s, &err), &err);
    }
    B->close(s);
    assert_int_equal(ask(folder, "index.db", "SELECT sum(packets) FROM fact"), DEVICES * ROUNDS);
    assert_int_equal(ask(folder, "index.db", "SELECT count(*) FROM fact"), DEVICES * 2);
    fake_remove(folder);
    free(folder);
}

static void invented_hardware_is_bounded(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    char *folder = fake_folder("store");
    struct yw_store *s = open_store(folder, false);
    for (uint32_t part = 0; part < 3; part++) {
        must(B->begin(s, &err), &err);
        for (uint32_t i = 0; i < 8000; i++) {
            struct yw_notice n = {.cn = 1001, .count = 1, .last = packet_source(part * 8000 + i)};
            snprintf(n.hardware, sizeof n.hardware, "H%u", part * 8000 + i);
            must(B->put_notice(s, &n, &err), &err);
        }
        must(B->commit(s, NULL, 0, &err), &err);
    }
    B->close(s);
    assert_int_equal(ask(folder, "index.db", "SELECT count(*) FROM notice"), YW_NOTICES_MAX + 1);
    assert_int_equal(ask(folder, "index.db", "SELECT count FROM notice WHERE hardware='*'"), 4000);
    fake_remove(folder);
    free(folder);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(closed_days_become_chunks_and_open_again),
        cmocka_unit_test(rows_of_a_day_that_is_being_filled_stay_open),
        cmocka_unit_test(records_lie_in_order_of_arrival),
        cmocka_unit_test(a_reader_is_there_before_and_after),
        cmocka_unit_test(readers_never_see_half_a_commit),
        cmocka_unit_test(killed_between_commits_nothing_is_lost_or_counted_twice),
        cmocka_unit_test(a_month_put_back_from_a_copy_is_read_again),
        cmocka_unit_test(reading_begins_at_what_was_synced),
        cmocka_unit_test(many_months_need_few_files),
        cmocka_unit_test(endlessly_many_shapes_are_bounded),
        cmocka_unit_test(history_is_packed_while_it_streams_in),
        cmocka_unit_test(what_was_only_in_memory_is_read_again),
        cmocka_unit_test(very_many_devices_fit),
        cmocka_unit_test(invented_hardware_is_bounded),
    };
    return cmocka_run_group_tests_name("store sqlite", tests, NULL, NULL);
}
