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
    must(yw_feed_open(data, NULL, &f, &err), &err);
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
    must(yw_feed_open(data, NULL, &f, &err), &err);
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

/* ---- commands and station rooms ---- */

static void put_json(struct yw_journal *j, uint32_t device, int64_t arrival, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
static void put_json(struct yw_journal *j, uint32_t device, int64_t arrival, const char *format, ...) {
    char text[400];
    va_list args;
    va_start(args, format);
    int n = vsnprintf(text, sizeof text, format, args);
    va_end(args);
    struct yw_record r = {
        .arrival = arrival, .direction = YW_DIR_EVENT, .device = device, .register_version = 1};
    r.payload = text;
    r.length = (uint32_t)n;
    fake_put_record(j, &r);
}

static uint64_t put_packet(struct yw_journal *j, uint32_t device, const char *cn, const char *cp,
                           uint32_t flags, uint64_t link, int64_t arrival) {
    char frame[10100], mn[25], qn[18] = {0};
    fake_mn(device, mn);
    hj212_print_time(arrival - 1500 * 1000, true, qn);
    hj212_message m = {.qn = hj212_text(qn),
                       .st = hj212_text(cn[0] == '9' ? "91" : "31"),
                       .cn = hj212_text(cn),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text(mn),
                       .flag = hj212_text("4"),
                       .cp = hj212_text(cp)};
    struct yw_record r = {.arrival = arrival,
                          .direction = YW_DIR_IN,
                          .flags = flags,
                          .link = link,
                          .device = device,
                          .register_version = 1,
                          .payload = frame,
                          .length = (uint32_t)hj212_encode(&m, frame, sizeof frame)};
    return fake_put_record(j, &r);
}

/* A get-clock of device, as far as `steps` of its six go. */
static void put_dialog(struct yw_journal *j, int64_t id, uint32_t device, int steps, int64_t now) {
    unsigned long long p;
    long long k = (long long)id;
    if (steps > 0)
        put_json(j, device, now,
                 "{\"event\":\"command\",\"id\":%lld,\"step\":\"sent\",\"attempt\":1,\"until\":%lld}", k,
                 (long long)(now + 40 * YW_SECOND));
    if (steps > 1) {
        p = put_packet(j, device, "9011", "QnRtn=1", YW_REC_ADMITTED | YW_REC_ASKED, device, now + 1000);
        put_json(j, device, now + 1000,
                 "{\"event\":\"command\",\"id\":%lld,\"step\":\"accepted\",\"qnrtn\":1,\"position\":%llu}", k,
                 p);
    }
    if (steps > 2) {
        p = put_packet(j, device, "1011", "SystemTime=20261107000010", YW_REC_ADMITTED | YW_REC_ASKED, device,
                       now + 2000);
        put_json(j, device, now + 2000,
                 "{\"event\":\"command\",\"id\":%lld,\"step\":\"answer\",\"position\":%llu}", k, p);
    }
    if (steps > 3) {
        p = put_packet(j, device, "9012", "ExeRtn=1", YW_REC_ADMITTED | YW_REC_ASKED, device, now + 3000);
        put_json(j, device, now + 3000,
                 "{\"event\":\"command\",\"id\":%lld,\"step\":\"end\",\"outcome\":\"done\",\"qnrtn\":1,"
                 "\"exertn\":1,"
                 "\"uploads\":1,\"position\":%llu}",
                 k, p);
    }
}

static void act_command(const char *data, int64_t id, uint32_t device) {
    char json[600];
    snprintf(
        json, sizeof json,
        "{\"command\":{\"id\":%lld,\"key\":\"get-clock\",\"cn\":1011,\"device\":%u,\"version\":2017,\"flow\":"
        "\"request\",\"answer\":\"one\",\"cp\":\"PolId=a21026\",\"qn\":\"20261107000000000\",\"valid_until\":"
        "%lld,"
        "\"origin\":\"person\"},\"by\":\"li\",\"at\":%lld,\"reason\":\"r\"}",
        (long long)id, device, (long long)(id + 600 * YW_SECOND), (long long)id);
    fake_act(data, json);
}

/* A worker's life with data, twins, notices and dialogs; the last dialog is cut off by the next life. */
static void write_life(struct yw_journal *j, uint16_t number, int life, uint64_t seed) {
    int64_t now = FAKE_NOW + (life * 100 + number) * YW_SECOND;
    put_json(j, 0, now, "{\"event\":\"start\"}");
    for (int i = 0; i < 60; i++, now += 200000) {
        char cp[100], at[15] = {0};
        uint32_t device = 1 + (uint32_t)(fake_random(&seed) % 3);
        uint32_t flags = fake_random(&seed) % 9 == 0 ? YW_REC_ADMITTED | YW_REC_TWIN : YW_REC_ADMITTED;
        hj212_print_time(START + (int64_t)(fake_random(&seed) % 60) * YW_MINUTE, false, at);
        snprintf(cp, sizeof cp, "DataTime=%s;%s-Avg=%u.0", at, i % 7 ? "a21026" : "SO2", i % 10);
        put_packet(j, device, "2051", cp, flags, device, now);
        if (i % 20 == 3) put_packet(j, device, "1013", "", YW_REC_ADMITTED, device, now);
        if (i % 15 == 4) put_dialog(j, FAKE_NOW + life * 1000 + number * 100 + i, device, i / 15 + 1, now);
    }
}

static bool note_command(void *arg, const struct yw_asked *a) {
    int64_t *n = arg;
    n[0]++;
    n[1] += a->lost;
    n[2] += a->ended.arrival != 0 && a->outcome == 1 && a->answer_n == 1 &&
            strcmp(a->answer_cp, "SystemTime=20261107000010") == 0 && a->outlet == a->device;
    return true;
}

static void commands_and_devices_are_followed(void **unused) {
    YW_UNUSED(unused);
    struct yw_error err = {0};
    char *data = fake_folder("pipeline"), path[4096];
    fake_acts(data, 3);
    struct yw_journal *j[2] = {fake_writer(data, 0), fake_writer(data, 1)};
    for (int life = 0; life < 3; life++) {
        for (uint16_t number = 0; number < 2; number++) {
            write_life(j[number], number, life, 77 + (uint64_t)life * 2 + number);
            for (int i = 4; i < 60; i += 15)
                act_command(data, FAKE_NOW + life * 1000 + number * 100 + i, 1 + (uint32_t)i % 3);
            yw_journal_close(j[number]);
            if (life == 1)
                run_until_idle(data, &yw_store_sqlite); /* some of it in an earlier life of the pipeline */
            j[number] = fake_writer(data, number);
        }
        fake_act(data,
                 "{\"station\":{\"outlet\":2,\"time\":1793970000000000,\"kind\":\"door\",\"state\":\"open\"},"
                 "\"by\":\"li\",\"at\":1793980000000000}");
    }
    yw_journal_close(j[0]);
    yw_journal_close(j[1]);
    run_until_idle(data, &yw_store_sqlite);
    struct yw_store *s;
    int64_t n[3] = {0};
    snprintf(path, sizeof path, "%s/series", data);
    must(yw_store_sqlite.open(path, true, &s, &err), &err);
    must(yw_store_sqlite.commands(s, &(struct yw_asked_filter){0}, 100, note_command, n, &err), &err);
    yw_store_sqlite.close(s);
    assert_int_equal(n[0], 24);
    assert_int_equal(n[1], 12); /* three of the four in each life do not end; the last lives' may yet */
    char *want = dump_series(data);
    assert_non_null(strstr(want, "door-State='open"));
    assert_non_null(strstr(want, "copies 3"));
    assert_non_null(strstr(want, "clock 1 "));
    assert_non_null(strstr(want, "link 3 p1 3 "));
    assert_non_null(strstr(want, "'SO2'"));
    assert_non_null(strstr(want, " 1013 "));
    for (uint64_t seed = 0; seed < 5; seed++) {
        struct yw_rebuild r = {.data = data, .shuffle = seed > 0, .seed = seed};
        must(yw_rebuild(&r, &err), &err);
        char *have = dump_series(data);
        assert_string_equal(want, have);
        free(have);
    }
    run_until_idle(data, &yw_store_sqlite);
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
    enum yw_code code = yw_snap_map(fd, NULL, &snap, NULL);
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
        cmocka_unit_test(commands_and_devices_are_followed),
        cmocka_unit_test(two_never_work_on_one_folder),
        cmocka_unit_test(it_follows_while_journals_grow),
        cmocka_unit_test(an_act_is_published_soon),
    };
    yw_log_setup("test_pipeline_run", YW_LOG_ERROR);
    return cmocka_run_group_tests_name("pipeline run", tests, NULL, NULL);
}
