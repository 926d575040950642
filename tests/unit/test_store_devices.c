/* What every back end promises of commands, devices and data times. Written once; runs over sqlite and ram,
 * and over null where it keeps promises too. */
#include "store_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

struct fixture {
    const struct yw_store_backend *b;
    struct yw_store *s;
    char *folder;
};

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static int open_with(void **state, const struct yw_store_backend *b) {
    struct yw_error err = {0};
    struct fixture *f = calloc(1, sizeof *f);
    f->b = b;
    f->folder = fake_folder("devices");
    must(b->open(f->folder, false, &f->s, &err), &err);
    *state = f;
    return 0;
}
static int open_sqlite(void **state) {
    return open_with(state, &yw_store_sqlite);
}
static int open_ram(void **state) {
    return open_with(state, &yw_store_ram);
}
static int open_null(void **state) {
    return open_with(state, &yw_store_null);
}
static int close_it(void **state) {
    struct fixture *f = *state;
    f->b->close(f->s);
    fake_remove(f->folder);
    free(f->folder);
    free(f);
    return 0;
}

static void put_words(struct fixture *f, const struct fake_word *w, size_t n, const struct yw_checkpoint *c) {
    struct yw_error err = {0};
    must(f->b->begin(f->s, &err), &err);
    for (size_t i = 0; i < n; i++) must(fake_put_word(f->b, f->s, &w[i], &err), &err);
    must(f->b->commit(f->s, c, c ? 1 : 0, &err), &err);
    must(f->b->sync(f->s, &err), &err);
}

static void put_part(struct fixture *f, const struct yw_asked *a) {
    struct fake_word w = {.what = 'c', .asked = *a};
    put_words(f, &w, 1, NULL);
}

static struct yw_source at(int second, uint16_t journal, uint64_t position) {
    return (struct yw_source){FAKE_NOW + second * YW_SECOND, journal, position};
}

struct heard {
    struct yw_asked asked[16];
    size_t n, stop_after;
};
static bool note_asked(void *arg, const struct yw_asked *a) {
    struct heard *h = arg;
    h->asked[h->n++] = *a;
    return h->n != h->stop_after && h->n < 16;
}
static struct heard list(struct fixture *f, struct yw_asked_filter filter, size_t limit) {
    struct heard h = {0};
    struct yw_error err = {0};
    must(f->b->commands(f->s, &filter, limit, note_asked, &h, &err), &err);
    return h;
}
static struct yw_asked one(struct fixture *f, int64_t id) {
    struct heard h = list(f, (struct yw_asked_filter){.id = id}, 5);
    assert_int_equal(h.n, 1);
    return h.asked[0];
}

static struct yw_asked act(int64_t id, uint32_t device, uint16_t cn) {
    struct yw_asked a = yw_asked_part(id);
    a.device = device;
    a.outlet = device * 10;
    a.cn = cn;
    a.at = id;
    a.valid_until = id + 600 * YW_SECOND;
    a.answer = 2; /* uploads */
    yw_copy(a.cp, sizeof a.cp, "BeginTime=20261106000000", 24);
    return a;
}
static struct yw_asked sent(int64_t id, struct yw_source source, uint16_t attempt) {
    struct yw_asked a = yw_asked_part(id);
    a.sent = a.first = source;
    a.attempts = attempt;
    a.until = source.arrival + 40 * YW_SECOND;
    return a;
}
static struct yw_asked answered(int64_t id, struct yw_source source, const char *cp) {
    struct yw_asked a = yw_asked_part(id);
    a.answers[0] = source;
    a.answer_n = 1;
    yw_copy(a.answer_cp, sizeof a.answer_cp, cp, strlen(cp));
    return a;
}
static struct yw_asked ended(int64_t id, struct yw_source source, uint8_t outcome, int16_t exertn) {
    struct yw_asked a = yw_asked_part(id);
    a.ended = source;
    a.outcome = outcome;
    a.exertn = exertn;
    a.uploads = 7;
    return a;
}

static void a_command_is_what_its_parts_come_to(void **state) {
    struct fixture *f = *state;
    const int64_t id = FAKE_NOW, minute = YW_MINUTE;
    struct yw_asked a = act(id, 3, 2051), got;
    put_part(f, &a);
    assert_int_equal(yw_asked_state(&a, id), YW_ASKED_WAITING);
    got = one(f, id);
    assert_int_equal(yw_asked_state(&got, id + 9 * minute), YW_ASKED_WAITING);
    assert_int_equal(yw_asked_state(&got, id + 11 * minute), YW_ASKED_NOT_SENT);
    assert_int_equal(got.qnrtn, -1);
    assert_string_equal(got.cp, "BeginTime=20261106000000");
    a = sent(id, at(12, 1, 500), 2); /* the resend is read first */
    put_part(f, &a);
    a = sent(id, at(2, 1, 100), 1);
    put_part(f, &a);
    got = one(f, id);
    assert_int_equal(got.attempts, 2);
    assert_int_equal(got.sent.position, 500);
    assert_int_equal(got.first.position, 100);
    assert_int_equal(yw_asked_state(&got, id + minute / 2), YW_ASKED_SENT);
    assert_int_equal(yw_asked_state(&got, id + 2 * minute), YW_ASKED_UNKNOWN);
    a = yw_asked_part(id);
    a.accepted = at(13, 1, 600);
    a.qnrtn = 1;
    put_part(f, &a);
    got = one(f, id);
    assert_int_equal(yw_asked_state(&got, id + minute / 2), YW_ASKED_ACCEPTED);
    assert_int_equal(yw_asked_state(&got, id + 60 * minute), YW_ASKED_ACCEPTED); /* uploads take their time */
    static const int order[] = {5, 3, 6, 2, 4, 1};
    for (size_t i = 0; i < YW_COUNT(order); i++) {
        a = answered(id, at(20 + order[i], 1, 1000 + (uint64_t)order[i]), order[i] == 1 ? "first" : "later");
        put_part(f, &a);
    }
    a = ended(id, at(30, 1, 2000), 1, 1);
    put_part(f, &a);
    got = one(f, id);
    assert_int_equal(yw_asked_state(&got, id + 60 * minute), YW_ASKED_ENDED);
    assert_int_equal(got.answer_n, 4);
    for (size_t i = 0; i < 4; i++) assert_int_equal(got.answers[i].position, 1001 + i);
    assert_string_equal(got.answer_cp, "first");
    assert_int_equal(got.uploads, 7);
    assert_int_equal(got.exertn, 1);
    assert_int_equal(got.qnrtn, 1);
    assert_int_equal(got.device, 3);
}

static void a_worker_that_begins_again_has_lost_its_commands(void **state) {
    struct fixture *f = *state;
    for (int k = 1; k <= 4; k++) {
        struct yw_asked a = act(FAKE_NOW + k, 1, 1012);
        put_part(f, &a);
    }
    const struct fake_word words[] = {
        {.what = 's', .start = at(50, 1, 5000)}, /* read before what it is about */
        {.what = 's', .start = at(1, 1, 0)},
        {.what = 'c', .asked = sent(FAKE_NOW + 1, at(10, 1, 1000), 1)},
        {.what = 'c', .asked = sent(FAKE_NOW + 2, at(10, 2, 1000), 1)}, /* another worker's */
        {.what = 'c', .asked = sent(FAKE_NOW + 3, at(60, 1, 6000), 1)}, /* of the new life */
        {.what = 'c', .asked = sent(FAKE_NOW + 4, at(10, 1, 1100), 1)},
        {.what = 'c', .asked = ended(FAKE_NOW + 4, at(12, 1, 1200), 5, -1)},
    };
    put_words(f, words, YW_COUNT(words), NULL);
    put_words(f, words, YW_COUNT(words), NULL);
    assert_true(one(f, FAKE_NOW + 1).lost);
    assert_false(one(f, FAKE_NOW + 2).lost);
    assert_false(one(f, FAKE_NOW + 3).lost);
    assert_false(one(f, FAKE_NOW + 4).lost);
    struct yw_asked a = one(f, FAKE_NOW + 1);
    assert_int_equal(yw_asked_state(&a, a.first.arrival + 1), YW_ASKED_UNKNOWN);
    struct heard open = list(f, (struct yw_asked_filter){.open = true}, 10);
    assert_int_equal(open.n, 2);
    assert_int_equal(open.asked[0].id, FAKE_NOW + 3);
    assert_int_equal(open.asked[1].id, FAKE_NOW + 2);
}

static void commands_are_listed_newest_first(void **state) {
    struct fixture *f = *state;
    for (int k = 1; k <= 9; k++) {
        struct yw_asked a = act(FAKE_NOW + k, 1 + (uint32_t)k % 2, k % 3 ? 2051 : 1012);
        put_part(f, &a);
    }
    struct yw_asked bare = sent(FAKE_NOW + 50, at(1, 1, 1), 1); /* its act was not read yet */
    put_part(f, &bare);
    struct heard h = list(f, (struct yw_asked_filter){0}, 3);
    assert_int_equal(h.n, 3);
    assert_int_equal(h.asked[0].id, FAKE_NOW + 9);
    assert_int_equal(h.asked[2].id, FAKE_NOW + 7);
    h = list(f, (struct yw_asked_filter){.before = FAKE_NOW + 7}, 100);
    assert_int_equal(h.n, 6);
    assert_int_equal(h.asked[0].id, FAKE_NOW + 6);
    h = list(f, (struct yw_asked_filter){.device = 1}, 100);
    assert_int_equal(h.n, 4);
    h = list(f, (struct yw_asked_filter){.outlet = 20, .cn = 1012}, 100);
    assert_int_equal(h.n, 2);
    assert_int_equal(h.asked[0].id, FAKE_NOW + 9);
    assert_int_equal(h.asked[1].id, FAKE_NOW + 3);
    h = list(f, (struct yw_asked_filter){.cn = 1012, .since = FAKE_NOW + 4}, 100);
    assert_int_equal(h.n, 2);
    h = list(f, (struct yw_asked_filter){.id = FAKE_NOW + 50}, 100);
    assert_int_equal(h.n, 0);
    struct heard stopped = {.stop_after = 2};
    f->b->commands(f->s, &(struct yw_asked_filter){0}, 100, note_asked, &stopped, NULL);
    assert_int_equal(stopped.n, 2);
}

/* ---- tallies ---- */

static bool note_fact(void *arg, const struct yw_device_fact *f) {
    struct yw_device_fact *out = arg;
    out[f->device] = *f;
    return true;
}

static struct fake_word fact(uint32_t device, uint16_t journal, uint64_t position) {
    struct fake_word w = {.what = 'f', .fact = {.device = device, .packets = 1}};
    w.fact.first = w.fact.last = at((int)position, journal, position);
    return w;
}

static void tallies_count_every_packet_once(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_device_fact got[3] = {0};
    for (uint64_t i = 0; i < 6; i++) {
        struct fake_word words[2] = {fact(1 + (uint32_t)i % 2, 4, i * 100), fact(1, 5, i * 10)};
        struct yw_checkpoint c = {4, i * 100 + 100};
        put_words(f, words, 2, &c);
        put_words(f, words, 1, &c); /* read again after a crash: counted already */
    }
    must(f->b->facts(f->s, 0, note_fact, got, &err), &err);
    assert_int_equal(got[1].packets, 3 + 6);
    assert_int_equal(got[2].packets, 3);
    assert_int_equal(got[1].first.position, 0);
    assert_int_equal(got[2].last.position, 500);
    uint64_t position;
    must(f->b->tallied(f->s, 4, &position, &err), &err);
    assert_int_equal(position, 600);
    must(f->b->tallied(f->s, 5, &position, &err), &err);
    assert_int_equal(position, 0);
    memset(got, 0, sizeof got);
    must(f->b->facts(f->s, 2, note_fact, got, &err), &err);
    assert_int_equal(got[1].packets, 0);
    assert_int_equal(got[2].packets, 3);
}

static void a_rolled_back_batch_tells_nothing(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_device_fact got[3] = {0};
    struct fake_word w = fact(1, 0, 10);
    struct yw_asked a = act(FAKE_NOW, 1, 1012);
    must(f->b->begin(f->s, &err), &err);
    must(fake_put_word(f->b, f->s, &w, &err), &err);
    must(f->b->put_command(f->s, &a, &err), &err);
    f->b->rollback(f->s);
    put_words(f, &w, 0, NULL);
    must(f->b->facts(f->s, 0, note_fact, got, &err), &err);
    assert_int_equal(got[1].packets, 0);
    assert_int_equal(list(f, (struct yw_asked_filter){0}, 9).n, 0);
    put_words(f, &w, 1, NULL);
    must(f->b->facts(f->s, 0, note_fact, got, &err), &err);
    assert_int_equal(got[1].packets, 1);
}

static void unknown_names_are_few_and_in_order(void **state) {
    struct fixture *f = *state;
    struct yw_device_fact got[2] = {0};
    static const char *const names[] = {"n7", "n2", "n9", "n1", "n5", "n3,n4",
                                        "n8", "n6", "nb", "na", "nc", "n2"};
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        struct fake_word w = fact(1, 0, i);
        yw_copy(w.fact.names, sizeof w.fact.names, names[i], strlen(names[i]));
        put_words(f, &w, 1, NULL);
    }
    f->b->facts(f->s, 1, note_fact, got, NULL);
    assert_string_equal(got[1].names, "n1,n2,n3,n4,n5,n6,n7,n8,n9,na");
}

struct days {
    struct yw_device_day day[8];
    size_t n;
};
static bool note_day(void *arg, const struct yw_device_day *d) {
    struct days *out = arg;
    out->day[out->n++] = *d;
    return out->n < 8;
}

static void clocks_are_summed_up_by_day(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    int32_t today = yw_china_day(FAKE_NOW);
    static const int64_t ms[] = {200, -50, 900};
    for (int i = 0; i < 3; i++) {
        struct fake_word w = {.what = 'd', .day = {.device = 1, .day = today - i / 2, .n = 1}};
        w.day.sum_ms = w.day.min_ms = w.day.max_ms = w.day.last_ms = ms[i];
        w.day.last = at(i, 0, 100 * (uint64_t)i);
        put_words(f, &w, 1, NULL);
    }
    struct fake_word odd = {.what = 'd', .day = {.device = 1, .day = today, .odd_n = 1, .last_ms = 1 << 30}};
    odd.day.last = at(9, 0, 900);
    put_words(f, &odd, 1, NULL);
    /* Asked and answered 20 s later: the device says 00:00:10, the middle is 00:00:12. */
    struct yw_asked parts[] = {act(FAKE_NOW, 1, 1011), sent(FAKE_NOW, at(2, 1, 10), 1),
                               answered(FAKE_NOW, at(22, 1, 20), "SystemTime=20261107000010")};
    for (int i = 0; i < 3; i++) put_part(f, &parts[i]);
    struct days got = {0};
    must(f->b->clocks(f->s, 1, today - 5, note_day, &got, &err), &err);
    assert_int_equal(got.n, 2);
    assert_int_equal(got.day[0].day, today);
    assert_int_equal(got.day[0].n, 2);
    assert_int_equal(got.day[0].odd_n, 1);
    assert_int_equal(got.day[0].sum_ms, 150);
    assert_int_equal(got.day[0].min_ms, -50);
    assert_int_equal(got.day[0].max_ms, 200);
    assert_int_equal(got.day[0].last_ms, 1 << 30);
    assert_int_equal(got.day[0].asked_n, 1);
    assert_int_equal(got.day[0].asked_ms, -2000);
    assert_int_equal(got.day[0].asked_last.position, 20);
    assert_int_equal(got.day[1].day, today - 1);
    assert_int_equal(got.day[1].max_ms, 900);
    got.n = 0;
    must(f->b->clocks(f->s, 0, today, note_day, &got, &err), &err);
    assert_int_equal(got.n, 1);
    got.n = 0;
    must(f->b->clocks(f->s, 2, today - 5, note_day, &got, &err), &err);
    assert_int_equal(got.n, 0);
    /* An earlier answer that says no time: the later one counts no more. */
    parts[2] = answered(FAKE_NOW, at(21, 1, 15), "nonsense");
    put_part(f, &parts[2]);
    must(f->b->clocks(f->s, 1, today, note_day, &got, &err), &err);
    assert_int_equal(got.day[0].asked_n, 0);
}

struct links {
    struct yw_device_link link[8];
    size_t n;
};
static bool note_link(void *arg, const struct yw_device_link *l) {
    struct links *out = arg;
    out->link[out->n++] = *l;
    return out->n < 8;
}

static void links_are_told_apart(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    static const struct {
        uint32_t device;
        uint64_t link;
        const char *peer;
        int first, last;
    } table[] = {{1, 5, "10.0.0.1:1", 0, 10},
                 {1, 5, "10.0.0.1:1", 20, 30},
                 {1, 5, "10.0.0.1:2", 25, 26}, /* the same number in another life */
                 {1, 6, "10.0.0.9:1", 40, 50},
                 {2, 7, "10.0.0.2:1", 60, 70}};
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        struct fake_word w = {.what = 'l',
                              .link = {.device = table[i].device, .link = table[i].link, .packets = 2}};
        yw_copy(w.link.peer, sizeof w.link.peer, table[i].peer, strlen(table[i].peer));
        w.link.first = FAKE_NOW + table[i].first * YW_SECOND;
        w.link.last = FAKE_NOW + table[i].last * YW_SECOND;
        w.link.position = i * 100;
        put_words(f, &w, 1, NULL);
    }
    struct links got = {0};
    must(f->b->links(f->s, 1, 0, note_link, &got, &err), &err);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.link[0].link, 6);
    assert_int_equal(got.link[1].packets, 4);
    assert_int_equal(got.link[1].first, FAKE_NOW);
    assert_int_equal(got.link[1].last, FAKE_NOW + 30 * YW_SECOND);
    assert_int_equal(got.link[1].position, 100);
    assert_string_equal(got.link[2].peer, "10.0.0.1:2");
    got.n = 0;
    must(f->b->links(f->s, 0, FAKE_NOW + 30 * YW_SECOND, note_link, &got, &err), &err);
    assert_int_equal(got.n, 3);
    assert_int_equal(got.link[0].device, 2);
}

static void old_clocks_and_links_are_forgotten(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    int32_t today = yw_china_day(FAKE_NOW);
    bool more;
    for (int i = 0; i < 2; i++) {
        int days = i == 0 ? YW_DEVICE_DAYS_KEPT + 1 : YW_DEVICE_DAYS_KEPT;
        struct fake_word words[2] = {
            {.what = 'd', .day = {.device = 1, .day = today - days, .n = 1}},
            {.what = 'l', .link = {.device = 1, .link = 1 + (uint64_t)i, .packets = 1}}};
        words[1].link.last = yw_china_day_start(today - days);
        put_words(f, words, 2, NULL);
    }
    do must(f->b->tidy(f->s, today, &more, &err), &err);
    while (more);
    struct days d = {0};
    struct links l = {0};
    must(f->b->clocks(f->s, 1, 0, note_day, &d, &err), &err);
    must(f->b->links(f->s, 1, 0, note_link, &l, &err), &err);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.day[0].day, today - YW_DEVICE_DAYS_KEPT);
    assert_int_equal(l.n, 1);
    assert_int_equal(l.link[0].link, 2);
}

struct notices {
    struct yw_notice notice[8];
    size_t n;
};
static bool note_notice(void *arg, const struct yw_notice *n) {
    struct notices *out = arg;
    out->notice[out->n++] = *n;
    return out->n < 8;
}

static void the_newest_notice_of_each_kind_stays(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    static const struct {
        uint32_t device;
        const char *hardware;
        uint16_t cn;
        int second;
    } table[] = {
        {1, "", 1013, 10}, {1, "", 1013, 40}, {1, "", 1013, 30}, {1, "", 1014, 20}, {0, "H7", 1001, 50}};
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        struct fake_word w = {.what = 'n',
                              .notice = {.device = table[i].device, .cn = table[i].cn, .count = 1}};
        yw_copy(w.notice.hardware, sizeof w.notice.hardware, table[i].hardware, strlen(table[i].hardware));
        w.notice.last = at(table[i].second, 0, i * 10);
        w.notice.cp[0] = (char)('a' + i);
        put_words(f, &w, 1, NULL);
    }
    struct notices got = {0};
    must(f->b->notices(f->s, 0, note_notice, &got, &err), &err);
    assert_int_equal(got.n, 3);
    assert_string_equal(got.notice[0].hardware, "H7");
    assert_int_equal(got.notice[1].count, 3);
    assert_string_equal(got.notice[1].cp, "b");
    assert_int_equal(got.notice[2].cn, 1014);
    got.n = 0;
    must(f->b->notices(f->s, FAKE_NOW + 40 * YW_SECOND, note_notice, &got, &err), &err);
    assert_int_equal(got.n, 2);
}

/* ---- times ---- */

struct seen {
    size_t n;
    int64_t time[16], arrival[16];
    uint8_t flags[16];
    size_t stop_after;
};
static bool note_time(void *arg, int64_t time, int64_t arrival, uint8_t flags) {
    struct seen *s = arg;
    s->time[s->n] = time;
    s->arrival[s->n] = arrival;
    s->flags[s->n++] = flags;
    return s->n != s->stop_after && s->n < 16;
}

static void put_minute(struct fixture *f, int minute, int arrival, int64_t value, uint8_t flags) {
    struct yw_error err = {0};
    struct fake_row r;
    static uint64_t position;
    fake_row_make(&r, 1, YW_KIND_MINUTE, FAKE_NOW - 3 * YW_DAY + minute * YW_MINUTE,
                  FAKE_NOW + arrival * YW_SECOND, 0, position += 100, value);
    r.row.flags = flags;
    must(f->b->begin(f->s, &err), &err);
    must(f->b->put(f->s, &r.row, &err), &err);
    must(f->b->commit(f->s, NULL, 0, &err), &err);
}

static void times_are_told_once(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    const int64_t t0 = FAKE_NOW - 3 * YW_DAY;
    put_minute(f, 0, 10, 1, YW_ROW_BACKFILLED);
    put_minute(f, 0, 20, 2, YW_ROW_SPLIT); /* the first live one */
    put_minute(f, 0, 30, 3, 0);
    put_minute(f, 5, 50, 4, YW_ROW_BACKFILLED);
    put_minute(f, 5, 40, 5, YW_ROW_BACKFILLED | YW_ROW_SPLIT);
    put_minute(f, 5, 60, 4, YW_ROW_BACKFILLED); /* a copy */
    put_minute(f, 1500, 70, 6, 0);
    for (int packed = 0; packed < 2; packed++) {
        struct seen s = {0};
        must(f->b->times(f->s, 1, YW_KIND_MINUTE, t0 - YW_DAY, FAKE_NOW, note_time, &s, &err), &err);
        assert_int_equal(s.n, 3);
        assert_int_equal(s.time[0], t0);
        assert_int_equal(s.arrival[0], FAKE_NOW + 20 * YW_SECOND);
        assert_int_equal(s.flags[0], YW_ROW_SPLIT);
        assert_int_equal(s.arrival[1], FAKE_NOW + 40 * YW_SECOND);
        assert_int_equal(s.flags[1], YW_ROW_BACKFILLED | YW_ROW_SPLIT);
        assert_int_equal(s.time[2], t0 + 1500 * YW_MINUTE);
        s = (struct seen){0};
        must(f->b->times(f->s, 1, YW_KIND_MINUTE, t0 + 1, t0 + 1500 * YW_MINUTE, note_time, &s, &err), &err);
        assert_int_equal(s.n, 1);
        s = (struct seen){.stop_after = 1};
        must(f->b->times(f->s, 1, YW_KIND_MINUTE, t0, FAKE_NOW, note_time, &s, &err), &err);
        assert_int_equal(s.n, 1);
        s = (struct seen){0};
        must(f->b->times(f->s, 2, YW_KIND_MINUTE, t0, FAKE_NOW, note_time, &s, &err), &err);
        must(f->b->times(f->s, 1, YW_KIND_HOUR, t0, FAKE_NOW, note_time, &s, &err), &err);
        assert_int_equal(s.n, 0);
        bool more = true;
        for (int i = 0; i < 2; i++, more = true)
            while (more) must(f->b->tidy(f->s, yw_china_day(FAKE_NOW), &more, &err), &err);
    }
}

static void puts_belong_into_a_batch(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    static const char kinds[] = "scfdln";
    for (size_t i = 0; kinds[i]; i++) {
        struct fake_word w = {.what = kinds[i]};
        if (kinds[i] == 'c') w.asked = yw_asked_part(1);
        assert_int_equal(fake_put_word(f->b, f->s, &w, &err), YW_E_STATE);
    }
}

#define BOTH(test)                                                                                           \
    {"sqlite: " #test, test, open_sqlite, close_it, NULL}, {                                                 \
        "ram: " #test, test, open_ram, close_it, NULL                                                        \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(a_command_is_what_its_parts_come_to),
        BOTH(a_worker_that_begins_again_has_lost_its_commands),
        BOTH(commands_are_listed_newest_first),
        BOTH(tallies_count_every_packet_once),
        BOTH(a_rolled_back_batch_tells_nothing),
        BOTH(unknown_names_are_few_and_in_order),
        BOTH(clocks_are_summed_up_by_day),
        BOTH(links_are_told_apart),
        BOTH(old_clocks_and_links_are_forgotten),
        BOTH(the_newest_notice_of_each_kind_stays),
        BOTH(times_are_told_once),
        BOTH(puts_belong_into_a_batch),
        {"null: puts_belong_into_a_batch", puts_belong_into_a_batch, open_null, close_it, NULL},
    };
    return cmocka_run_group_tests_name("store devices", tests, NULL, NULL);
}
