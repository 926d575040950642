/* The pipeline over real journals: everything once, whatever interleaving; acts before the packets they
 * judge; a full disk; damage; rebuild. */
#include "pipeline/feed.h"
#include "pipeline/run.h"

#include "store_fake.h"
#include "../support/fake_data.h"

#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cmocka.h>

#define START (FAKE_NOW - 2 * YW_DAY)

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static void run_until_idle(const char *data, const struct yw_store_backend *b) {
    struct yw_error err = {0};
    const struct yw_pipeline_options o = {.data = data, .backend = b, .until_idle = true};
    must(yw_pipeline_run(&o, &err), &err);
}

static struct fake_packets packets(uint16_t journal, uint32_t first, uint32_t outlets, size_t to) {
    return (struct fake_packets){.journal = journal,
                                 .first = first,
                                 .outlets = outlets,
                                 .to = to,
                                 .start = START,
                                 .arrival = FAKE_NOW,
                                 .arrival_step = 1000,
                                 .register_version = 1};
}

static char *dump_series(const char *data) {
    struct yw_error err = {0};
    struct yw_store *s;
    struct yw_buf out, path;
    yw_buf_init(&out, 256 << 20);
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/series", data);
    must(yw_store_sqlite.open(path.data, true, &s, &err), &err);
    fake_dump(&yw_store_sqlite, s, &out);
    yw_store_sqlite.close(s);
    yw_buf_free(&path);
    return out.data;
}

static bool count_row(void *arg, const struct yw_row *r) {
    size_t *n = arg;
    n[0]++;
    n[1] += r->copies;
    return true;
}

static size_t count_rows(const char *data, uint32_t outlet, size_t *copies) {
    struct yw_error err = {0};
    struct yw_store *s;
    struct yw_buf path;
    size_t n[2] = {0};
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/series", data);
    must(yw_store_sqlite.open(path.data, true, &s, &err), &err);
    must(yw_store_sqlite.rows(s, outlet, YW_KIND_MINUTE, 0, FAKE_NOW * 2, count_row, n, &err), &err);
    yw_store_sqlite.close(s);
    yw_buf_free(&path);
    if (copies) *copies = n[1];
    return n[0];
}

static void every_packet_is_stored_once(void **unused) {
    YW_UNUSED(unused);
    char *data = fake_folder("pipeline");
    fake_acts(data, 3);
    struct fake_packets p0 = packets(0, 1, 2, 900), p1 = packets(1, 3, 1, 300);
    fake_journal(data, &p0);
    run_until_idle(data, &yw_store_sqlite);
    fake_journal(data, &p1); /* a journal that appears later */
    for (int i = 0; i < 3; i++) run_until_idle(data, &yw_store_sqlite);
    for (uint32_t outlet = 1; outlet <= 3; outlet++) {
        size_t copies, n = count_rows(data, outlet, &copies);
        assert_int_equal(n, outlet < 3 ? 450 : 300);
        assert_int_equal(copies, n);
    }
    struct stat st;
    char path[4096];
    snprintf(path, sizeof path, "%s/register.snap", data);
    assert_int_equal(stat(path, &st), 0);
    const struct yw_pipeline_live *l = yw_pipeline_live_open(data, NULL);
    assert_non_null(l);
    assert_int_equal(l->counter[YW_PL_REGISTER_VERSION], 1);
    assert_int_equal(l->counter[YW_PL_STATE], YW_PIPELINE_RUNNING);
    yw_pipeline_live_close(l);
    fake_remove(data);
    free(data);
}

static void a_packet_waits_for_the_acts_that_judged_it(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    struct yw_feed *f;
    struct yw_store *s;
    struct yw_batch *b = yw_batch_create();
    char *data = fake_folder("pipeline"), frame[10100];
    size_t got, n = fake_packet(1, START, 1, frame, sizeof frame);
    bool waits, any;
    fake_acts(data, 2);
    struct yw_journal *j = fake_writer(data, 0);
    fake_put(j, frame, n, YW_REC_ADMITTED, 1, 1, FAKE_NOW);
    fake_put(j, frame, n, YW_REC_ADMITTED, 1, 2, FAKE_NOW); /* judged by an act not yet there */
    yw_journal_close(j);
    must(yw_store_ram.open(NULL, false, &s, &err), &err);
    must(yw_feed_open(data, &f, &err), &err);
    must(yw_feed_acts(f, &any, &err), &err);
    must(yw_feed_discover(f, &yw_store_ram, s, &err), &err);
    must(yw_feed_read(f, 0, 100, b, &got, &waits, &err), &err);
    assert_int_equal(got, 1);
    assert_true(waits);
    must(yw_feed_read(f, 0, 100, b, &got, &waits, &err), &err);
    assert_int_equal(got, 0);
    fake_act(data, "{\"act\":\"device.retire\",\"by\":\"t\",\"at\":2,\"id\":1}");
    must(yw_feed_acts(f, &any, &err), &err);
    assert_true(any);
    must(yw_feed_read(f, 0, 100, b, &got, &waits, &err), &err);
    assert_int_equal(got, 1);
    assert_false(waits);
    assert_int_equal(b->rows_n, 1); /* version 1: outlet 1; version 2: retired, no row */
    assert_int_equal(b->rows[0].outlet, 1);
    yw_feed_close(f);
    yw_store_ram.close(s);
    yw_batch_destroy(b);
    fake_remove(data);
    free(data);
}

/* ---- a store that fails now and then ---- */

static struct yw_store_backend flaky;
static atomic_int flaky_calls, flaky_every;

static enum yw_code flaky_put(struct yw_store *s, const struct yw_row *row, struct yw_error *err) {
    if (++flaky_calls % flaky_every == 0) return yw_fail(err, YW_E_FULL, "the disk is full");
    return yw_store_sqlite.put(s, row, err);
}

static enum yw_code flaky_commit(struct yw_store *s, const struct yw_checkpoint *c, size_t n,
                                 struct yw_error *err) {
    if (++flaky_calls % 3 == 0) return yw_fail(err, YW_E_FULL, "the disk is full");
    return yw_store_sqlite.commit(s, c, n, err);
}

static void a_full_disk_delays_and_loses_nothing(void **unused) {
    YW_UNUSED(unused);
    char *data = fake_folder("pipeline");
    fake_acts(data, 2);
    struct fake_packets p = packets(0, 1, 2, 600);
    fake_journal(data, &p);
    flaky = yw_store_sqlite;
    flaky.put = flaky_put;
    flaky.commit = flaky_commit;
    flaky_every = 1000;
    flaky_calls = 500;
    run_until_idle(data, &flaky);
    const struct yw_pipeline_live *l = yw_pipeline_live_open(data, NULL);
    assert_true(l->counter[YW_PL_FAILURES] > 0);
    assert_int_equal(l->counter[YW_PL_STATE], YW_PIPELINE_RUNNING);
    yw_pipeline_live_close(l);
    size_t copies;
    assert_int_equal(count_rows(data, 1, &copies), 300);
    assert_int_equal(copies, 300);
    fake_remove(data);
    free(data);
}

/* Flips a bit in the middle of the journal's first segment. */
static void damage(const char *data) {
    char path[4096], name[256] = "";
    snprintf(path, sizeof path, "%s/journal/p0", data);
    DIR *d = opendir(path);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        if (strstr(e->d_name, ".seg")) snprintf(name, sizeof name, "%s", e->d_name);
    }
    if (d) closedir(d);
    snprintf(path, sizeof path, "%s/journal/p0/%.200s", data, name);
    int fd = open(path, O_RDWR);
    char c;
    assert_int_equal(pread(fd, &c, 1, 60000), 1);
    c = (char)(c ^ 4);
    assert_int_equal(pwrite(fd, &c, 1, 60000), 1);
    close(fd);
}

static void damage_is_told_and_the_rest_goes_on(void **unused) {
    YW_UNUSED(unused);
    char *data = fake_folder("pipeline");
    fake_acts(data, 1);
    struct fake_packets p = packets(0, 1, 1, 200);
    fake_journal(data, &p);
    damage(data);
    run_until_idle(data, &yw_store_sqlite);
    const struct yw_pipeline_live *l = yw_pipeline_live_open(data, NULL);
    assert_int_equal(l->counter[YW_PL_STATE], YW_PIPELINE_DAMAGED);
    assert_int_equal(l->counter[YW_PL_DAMAGED], 1);
    assert_int_equal(l->counter[YW_PL_LAG_BYTES], 0);
    yw_pipeline_live_close(l);
    assert_int_equal(count_rows(data, 1, NULL), 199);
    /* A rebuild could lose what the old series still have: only when it is told to. */
    struct yw_rebuild r = {.data = data};
    struct yw_error err = {0};
    assert_int_equal(yw_rebuild(&r, &err), YW_E_CORRUPT);
    r.pass_over_damage = true;
    must(yw_rebuild(&r, &err), &err);
    assert_in_range(r.lost, 600, 1000);
    assert_int_equal(count_rows(data, 1, NULL), 199);
    fake_remove(data);
    free(data);
}

static void a_journal_cut_behind_the_store_is_noticed(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    struct yw_feed *f;
    struct yw_store *s;
    char *data = fake_folder("pipeline");
    fake_acts(data, 1);
    struct fake_packets p = packets(0, 1, 1, 10);
    fake_journal(data, &p);
    const struct yw_checkpoint ahead = {0, 1 << 20};
    must(yw_store_ram.open(NULL, false, &s, &err), &err);
    must(yw_store_ram.begin(s, &err), &err);
    must(yw_store_ram.commit(s, &ahead, 1, &err), &err);
    must(yw_feed_open(data, &f, &err), &err);
    assert_int_equal(yw_feed_discover(f, &yw_store_ram, s, &err), YW_E_CORRUPT);
    assert_non_null(strstr(err.text, "yanwu rebuild"));
    yw_feed_close(f);
    yw_store_ram.close(s);
    fake_remove(data);
    free(data);
}

/* Resends, corrections and unknown devices over three journals, written from the store's invented set. */
static void write_wild(const char *data, uint64_t seed) {
    char frame[10100];
    struct yw_journal *journals[3];
    for (uint16_t j = 0; j < 3; j++) journals[j] = fake_writer(data, j);
    for (int i = 0; i < 600; i++) {
        uint32_t device = 1 + (uint32_t)(fake_random(&seed) % 3);
        int64_t time = START + (int64_t)(fake_random(&seed) % 60) * YW_MINUTE;
        size_t n = fake_packet(device, time, fake_random(&seed) % 3, frame, sizeof frame);
        uint32_t flags = fake_random(&seed) % 8 == 0 ? YW_REC_UNKNOWN : YW_REC_ADMITTED;
        fake_put(journals[fake_random(&seed) % 3], frame, n, flags, device, 1 + (uint32_t)(i > 300),
                 FAKE_NOW + i * 1000);
    }
    for (int j = 0; j < 3; j++) yw_journal_close(journals[j]);
}

static void a_rebuild_is_the_same_however_journals_are_read(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    char *data = fake_folder("pipeline");
    fake_acts(data, 3);
    fake_act(data, "{\"act\":\"device.retire\",\"by\":\"t\",\"at\":2,\"id\":2}");
    write_wild(data, 4711);
    run_until_idle(data, &yw_store_sqlite);
    char *want = dump_series(data);
    assert_non_null(strstr(want, "copies 2"));
    assert_non_null(strstr(want, "waiting "));
    for (uint64_t seed = 0; seed < 6; seed++) {
        struct yw_rebuild r = {.data = data, .shuffle = seed > 0, .seed = seed};
        must(yw_rebuild(&r, &err), &err);
        assert_int_equal(r.packets, 600);
        char *have = dump_series(data);
        assert_string_equal(want, have);
        free(have);
    }
    run_until_idle(data, &yw_store_sqlite); /* and the pipeline goes on from there */
    char *have = dump_series(data);
    assert_string_equal(want, have);
    free(have);
    free(want);
    fake_remove(data);
    free(data);
}

static void two_never_work_on_one_folder(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    struct yw_pipeline_live *l;
    int lock;
    char *data = fake_folder("pipeline");
    must(yw_pipeline_live_own(data, &lock, &l, &err), &err);
    const struct yw_pipeline_options o = {.data = data, .backend = &yw_store_sqlite, .until_idle = true};
    struct yw_rebuild r = {.data = data};
    assert_int_equal(yw_pipeline_run(&o, &err), YW_E_BUSY);
    assert_int_equal(yw_rebuild(&r, &err), YW_E_BUSY);
    yw_pipeline_live_disown(lock, l);
    must(yw_pipeline_run(&o, &err), &err);
    fake_remove(data);
    free(data);
}

/* ---- at work beside its writers ---- */

struct at_work {
    const char *data;
    atomic_int stop;
    enum yw_code code;
};

static void *run_on(void *arg) {
    struct at_work *w = arg;
    struct yw_error err = {0};
    const struct yw_pipeline_options o = {
        .data = w->data, .backend = &yw_store_sqlite, .seal = true, .stop = &w->stop};
    w->code = yw_pipeline_run(&o, &err);
    return NULL;
}

static uint32_t snap_version(const char *data) {
    char path[4096];
    struct yw_snap *snap = NULL;
    snprintf(path, sizeof path, "%s/register.snap", data);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return 0;
    enum yw_code code = yw_snap_map(fd, &snap, NULL);
    close(fd);
    if (code != YW_OK) return 0;
    uint32_t version = yw_snap_version(snap);
    yw_snap_unmap(snap);
    return version;
}

static void an_act_is_published_soon(void **unused) {
    YW_UNUSED(unused);
    char *data = fake_folder("pipeline");
    struct at_work w = {.data = data};
    pthread_t thread;
    fake_acts(data, 2);
    pthread_create(&thread, NULL, run_on, &w);
    for (uint32_t version = 1; version <= 4; version++) {
        int64_t begin = yw_monotonic();
        while (snap_version(data) != version && yw_monotonic() - begin < 20 * YW_SECOND) usleep(2000);
        assert_int_equal(snap_version(data), version);
        fake_act(data, "{\"act\":\"device.retire\",\"by\":\"t\",\"at\":2,\"id\":1}");
    }
    w.stop = 1;
    pthread_join(thread, NULL);
    fake_remove(data);
    free(data);
}

static void it_follows_while_journals_grow(void **unused) {
    YW_UNUSED(unused);
    char *data = fake_folder("pipeline");
    struct at_work w = {.data = data};
    pthread_t thread;
    fake_acts(data, 2);
    pthread_create(&thread, NULL, run_on, &w);
    for (size_t i = 0; i < 10; i++) {
        struct fake_packets p = packets((uint16_t)(i % 2), 1 + (uint32_t)(i % 2), 1, 0);
        p.from = i / 2 * 20;
        p.to = p.from + 20;
        fake_journal(data, &p);
        usleep(30000);
    }
    int64_t begin = yw_monotonic();
    while (count_rows(data, 1, NULL) + count_rows(data, 2, NULL) < 200 &&
           yw_monotonic() - begin < 20 * YW_SECOND)
        usleep(10000);
    w.stop = 1;
    pthread_join(thread, NULL);
    assert_int_equal(w.code, YW_OK);
    assert_int_equal(count_rows(data, 1, NULL), 100);
    assert_int_equal(count_rows(data, 2, NULL), 100);
    fake_remove(data);
    free(data);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_packet_is_stored_once),
        cmocka_unit_test(a_packet_waits_for_the_acts_that_judged_it),
        cmocka_unit_test(a_full_disk_delays_and_loses_nothing),
        cmocka_unit_test(damage_is_told_and_the_rest_goes_on),
        cmocka_unit_test(a_journal_cut_behind_the_store_is_noticed),
        cmocka_unit_test(a_rebuild_is_the_same_however_journals_are_read),
        cmocka_unit_test(two_never_work_on_one_folder),
        cmocka_unit_test(it_follows_while_journals_grow),
        cmocka_unit_test(an_act_is_published_soon),
    };
    yw_log_setup("test_pipeline_run", YW_LOG_ERROR);
    return cmocka_run_group_tests_name("pipeline run", tests, NULL, NULL);
}
