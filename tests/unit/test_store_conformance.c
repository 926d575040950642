/* What every back end promises. Written once; runs over sqlite and ram, and over null where it keeps promises
 * too. */
#include "store_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0 (FAKE_NOW - 3 * YW_DAY)

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
    f->folder = fake_folder("conformance");
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

static void put_one(struct fixture *f, const struct yw_row *row) {
    struct yw_error err = {0};
    must(f->b->begin(f->s, &err), &err);
    must(f->b->put(f->s, row, &err), &err);
    must(f->b->commit(f->s, NULL, 0, &err), &err);
}

/* Minute data at T0 + minute, arrived `arrival` seconds after FAKE_NOW, at a position of its own. */
static void put_minute(struct fixture *f, int minute, int arrival, int64_t value, uint8_t flags) {
    struct fake_row r;
    static uint64_t position;
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0 + minute * YW_MINUTE, FAKE_NOW + arrival * YW_SECOND, 0,
                  position += 100, value);
    r.row.flags = flags;
    put_one(f, &r.row);
}

struct seen {
    size_t n;
    int64_t time[64];
    int64_t value[64]; /* mantissa of the first value */
    uint32_t copies[64];
    uint8_t flags[64];
    struct yw_source source[64];
    size_t stop_after;
};

static bool note_row(void *arg, const struct yw_row *r) {
    struct seen *s = arg;
    s->time[s->n] = r->time;
    s->value[s->n] = r->count ? r->values[0].mantissa : -1;
    s->copies[s->n] = r->copies;
    s->flags[s->n] = r->flags;
    s->source[s->n++] = r->source;
    return s->n != s->stop_after && s->n < 64;
}

static struct seen rows_of(struct fixture *f, int64_t from, int64_t to) {
    struct yw_error err = {0};
    struct seen s = {0};
    must(f->b->rows(f->s, 1, YW_KIND_MINUTE, from, to, note_row, &s, &err), &err);
    return s;
}

static struct seen all_rows(struct fixture *f) {
    return rows_of(f, T0 - YW_DAY, FAKE_NOW + YW_DAY);
}

static bool note_latest(void *arg, const struct yw_latest *l) {
    struct yw_latest *out = arg;
    if (l->outlet == 1 && l->kind == YW_KIND_MINUTE) *out = *l;
    return true;
}

static struct yw_latest latest_of(struct fixture *f, uint64_t since) {
    struct yw_error err = {0};
    struct yw_latest l = {0};
    must(f->b->latest(f->s, since, note_latest, &l, &err), &err);
    return l;
}

static void values_come_back_exactly(void **state) {
    struct fixture *f = *state;
    struct yw_value v[5] = {
        {.factor = "a21026", .field = "Avg", .mantissa = 1230, .scale = 2},
        {.factor = "a21026", .field = "Min", .mantissa = -5, .scale = 3},
        {.factor = "a21026", .field = "Cou", .mantissa = 999999999999999999, .scale = 18},
        {.factor = "a21026", .field = "Flag", .is_text = true, .text = "N", .text_n = 1},
        {.factor = "", .field = "Note", .is_text = true, .text = "\xe6\xbc\x94\xe6\xad\xa6", .text_n = 6},
    };
    static const char *const want[5] = {"12.30", "-0.005", "0.999999999999999999", "N",
                                        "\xe6\xbc\x94\xe6\xad\xa6"};
    struct yw_row row = {
        .outlet = 1, .device = 7, .kind = YW_KIND_MINUTE, .time = T0, .values = v, .count = 5};
    row.source = (struct yw_source){FAKE_NOW, 3, 4711};
    put_one(f, &row);
    for (size_t i = 0; i < 5; i++) {
        char text[64];
        struct yw_row got = row;
        yw_value_print(&got.values[i], text, sizeof text);
        assert_string_equal(text, want[i]);
    }
    struct yw_buf a;
    yw_buf_init(&a, 4 << 20);
    fake_dump(f->b, f->s, &a);
    for (size_t i = 0; i < 5; i++) assert_non_null(strstr(a.data, want[i]));
    assert_non_null(strstr(a.data, "dev 7 flags 0 copies 1"));
    assert_non_null(strstr(a.data, "/3/4711"));
    yw_buf_free(&a);
}

static void ranges_are_half_open_and_ordered(void **state) {
    struct fixture *f = *state;
    for (int i = 9; i >= 0; i--) put_minute(f, i, i, 100 + i, 0);
    struct seen s = rows_of(f, T0 + 2 * YW_MINUTE, T0 + 5 * YW_MINUTE);
    assert_int_equal(s.n, 3);
    for (int i = 0; i < 3; i++) assert_int_equal(s.value[i], 102 + i);
    s = (struct seen){.stop_after = 2};
    f->b->rows(f->s, 1, YW_KIND_MINUTE, T0, T0 + YW_DAY, note_row, &s, NULL);
    assert_int_equal(s.n, 2);
    s = (struct seen){0};
    f->b->rows(f->s, 2, YW_KIND_MINUTE, T0, T0 + YW_DAY, note_row, &s, NULL);
    f->b->rows(f->s, 1, YW_KIND_HOUR, T0, T0 + YW_DAY, note_row, &s, NULL);
    assert_int_equal(s.n, 0);
}

static void a_resend_is_counted_and_the_earliest_stays(void **state) {
    struct fixture *f = *state;
    put_minute(f, 0, 20, 500, YW_ROW_BACKFILLED);
    put_minute(f, 0, 10, 500, YW_ROW_BACKFILLED);
    put_minute(f, 0, 30, 500, YW_ROW_BACKFILLED);
    struct seen s = all_rows(f);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.copies[0], 3);
    assert_int_equal(s.source[0].arrival, FAKE_NOW + 10 * YW_SECOND);
    assert_int_equal(s.flags[0], YW_ROW_BACKFILLED);
    put_minute(f, 0, 40, 500, 0); /* once live, it is live */
    s = all_rows(f);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.copies[0], 4);
    assert_int_equal(s.flags[0], 0);
}

static void the_same_record_again_changes_nothing(void **state) {
    struct fixture *f = *state;
    struct fake_row r;
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0, FAKE_NOW, 2, 900, 500);
    for (int i = 0; i < 3; i++) put_one(f, &r.row);
    struct fake_row copy;
    fake_row_make(&copy, 1, YW_KIND_MINUTE, T0, FAKE_NOW + 1, 2, 1800, 500);
    for (int i = 0; i < 3; i++) put_one(f, &copy.row);
    put_one(f, &r.row);
    struct seen s = all_rows(f);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.copies[0], 2);
}

static void the_last_live_revision_counts(void **state) {
    struct fixture *f = *state;
    struct yw_point p[4];
    size_t n;
    put_minute(f, 0, 30, 700, 0);
    put_minute(f, 0, 10, 500, 0);
    put_minute(f, 0, 99, 900, YW_ROW_BACKFILLED);
    assert_int_equal(f->b->series(f->s, 1, YW_KIND_MINUTE, "a21026", "Avg", T0, T0 + 1, 4, p, &n, NULL),
                     YW_OK);
    assert_int_equal(n, 1);
    assert_true(p[0].last == 7.0);
    assert_int_equal(p[0].revisions, 3);
    struct seen s = all_rows(f);
    assert_int_equal(s.n, 3);
    assert_int_equal(s.value[0], 500);
    assert_int_equal(s.value[2], 900);
}

static void parts_of_a_split_packet_stand_side_by_side(void **state) {
    struct fixture *f = *state;
    struct yw_point p[4];
    size_t n;
    struct yw_value a = {.factor = "a1", .field = "Avg", .mantissa = 1},
                    b = {.factor = "a2", .field = "Avg", .mantissa = 2};
    struct yw_row row = {
        .outlet = 1, .kind = YW_KIND_MINUTE, .flags = YW_ROW_SPLIT, .time = T0, .values = &a, .count = 1};
    row.source = (struct yw_source){FAKE_NOW, 0, 1};
    put_one(f, &row);
    row.values = &b;
    row.source.position = 2;
    put_one(f, &row);
    f->b->series(f->s, 1, YW_KIND_MINUTE, "a1", "Avg", T0, T0 + 1, 4, p, &n, NULL);
    assert_true(n == 1 && p[0].last == 1 && p[0].revisions == 1 && p[0].flags == YW_ROW_SPLIT);
    f->b->series(f->s, 1, YW_KIND_MINUTE, "a2", "Avg", T0, T0 + 1, 4, p, &n, NULL);
    assert_true(n == 1 && p[0].last == 2);
    struct yw_buf codes;
    yw_buf_init(&codes, 100);
    f->b->factors(f->s, 1, YW_KIND_MINUTE, T0, T0 + 1, &codes, NULL);
    assert_string_equal(codes.data, "a1,a2");
    yw_buf_free(&codes);
}

static void late_and_backfilled_data_never_replace_the_latest(void **state) {
    struct fixture *f = *state;
    put_minute(f, 50, 10, 1, YW_ROW_BACKFILLED); /* nothing live yet: better than nothing */
    assert_int_equal(latest_of(f, 0).time, T0 + 50 * YW_MINUTE);
    put_minute(f, 20, 20, 2, 0);
    assert_int_equal(latest_of(f, 0).time, T0 + 20 * YW_MINUTE);
    put_minute(f, 10, 30, 3, 0);                 /* late */
    put_minute(f, 60, 40, 4, YW_ROW_BACKFILLED); /* backfilled */
    assert_int_equal(latest_of(f, 0).time, T0 + 20 * YW_MINUTE);
    put_minute(f, 21, 50, 5, 0);
    assert_int_equal(latest_of(f, 0).time, T0 + 21 * YW_MINUTE);
    put_minute(f, 21, 70, 6, 0); /* a correction is its current record */
    assert_int_equal(latest_of(f, 0).source.arrival, FAKE_NOW + 70 * YW_SECOND);
}

static void a_change_of_any_row_is_seen(void **state) {
    struct fixture *f = *state;
    put_minute(f, 5, 0, 1, 0);
    uint64_t change = latest_of(f, 0).change;
    assert_true(change > 0);
    assert_int_equal(latest_of(f, change).outlet, 0);
    put_minute(f, 1, 5, 1, YW_ROW_BACKFILLED);
    assert_true(latest_of(f, change).change > change);
    assert_int_equal(latest_of(f, change).time, T0 + 5 * YW_MINUTE);
}

static void a_spike_never_disappears(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_point p[50];
    must(f->b->begin(f->s, &err), &err);
    for (int i = 0; i < 2 * 1440; i++) {
        struct fake_row r;
        fake_row_make(&r, 1, YW_KIND_MINUTE, T0 + i * YW_MINUTE, FAKE_NOW, 0, (uint64_t)i,
                      i == 1777 ? 99999 : 100);
        must(f->b->put(f->s, &r.row, &err), &err);
    }
    must(f->b->commit(f->s, NULL, 0, &err), &err);
    for (size_t most = 2; most <= 50; most += 6) {
        size_t n, with = 0;
        uint32_t all = 0;
        must(f->b->series(f->s, 1, YW_KIND_MINUTE, "a21026", "Avg", T0, T0 + 2 * YW_DAY, most, p, &n, &err),
             &err);
        assert_true(n >= 1 && n <= most);
        for (size_t i = 0; i < n; i++) {
            all += p[i].n;
            assert_int_equal((p[i].time + YW_CHINA) % p[i].span, 0);
            if (p[i].max == 999.99) with++, assert_int_equal(p[i].max_time, T0 + 1777 * YW_MINUTE);
        }
        assert_int_equal(with, 1);
        assert_int_equal(all, 2 * 1440);
    }
}

static void gaps_stay_gaps(void **state) {
    struct fixture *f = *state;
    struct yw_point p[24];
    size_t n;
    for (int i = 0; i < 30; i++) put_minute(f, i, i, 100 + i, 0);
    for (int i = 0; i < 5; i++) put_minute(f, 600 + i, 900, 100 + i, 0);
    f->b->series(f->s, 1, YW_KIND_MINUTE, "a21026", "Avg", T0, T0 + YW_DAY, 24, p, &n, NULL);
    assert_int_equal(n, 2);
    assert_int_equal(p[0].time, T0);
    assert_int_equal(p[0].span, YW_HOUR);
    assert_int_equal(p[1].time, T0 + 10 * YW_HOUR);
}

static void a_data_mark_shows(void **state) {
    struct fixture *f = *state;
    struct yw_point p[4];
    size_t n;
    for (int i = 0; i < 20; i++) put_minute(f, i, i, i == 14 ? 3 * 7 * 5 : 3 * 7 * 5 + 1, 0);
    f->b->series(f->s, 1, YW_KIND_MINUTE, "a21002", "Avg", T0, T0 + YW_HOUR, 2, p, &n, NULL);
    assert_int_equal(n, 1);
    assert_string_equal(p[0].flag, "D");
    assert_int_equal(p[0].n, 20);
}

static void the_newest_come_first(void **state) {
    struct fixture *f = *state;
    struct seen s = {0};
    for (int i = 0; i < 3 * 1440; i += 100) put_minute(f, i, i, i, 0);
    put_minute(f, 4000, 4444, 1, 0); /* a second revision */
    f->b->recent(f->s, 1, YW_KIND_MINUTE, T0 + 4200 * YW_MINUTE, 3, note_row, &s, NULL);
    assert_int_equal(s.n, 4);
    assert_int_equal(s.value[0], 4100);
    assert_int_equal(s.value[1], 4000);
    assert_int_equal(s.value[2], 1);
    assert_int_equal(s.value[3], 3900);
}

static void odd_times_are_kept_out(void **state) {
    struct fixture *f = *state;
    struct fake_row r;
    static const int64_t odd[] = {FAKE_NOW + 2 * YW_DAY,     0,         -YW_DAY,
                                  FAKE_NOW + 30000 * YW_DAY, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < YW_COUNT(odd); i++) {
        fake_row_make(&r, 1, YW_KIND_MINUTE, odd[i], FAKE_NOW, 0, 10 + i, 5);
        put_one(f, &r.row);
    }
    struct seen s = {0};
    f->b->rows(f->s, 1, YW_KIND_MINUTE, INT64_MIN / 4, INT64_MAX / 4, note_row, &s, NULL);
    assert_int_equal(s.n, 0);
    assert_int_equal(latest_of(f, 0).outlet, 0);
    fake_row_make(&r, 1, YW_KIND_MINUTE, FAKE_NOW + YW_DAY, FAKE_NOW, 0, 100, 5); /* just not odd */
    put_one(f, &r.row);
    assert_int_equal(latest_of(f, 0).time, FAKE_NOW + YW_DAY);
}

static void a_rolled_back_batch_never_was(void **state) {
    struct fixture *f = *state;
    struct fake_row r;
    struct yw_error err = {0};
    put_minute(f, 0, 0, 1, 0);
    must(f->b->begin(f->s, &err), &err);
    for (int i = 1; i < 50; i++) {
        fake_row_make(&r, 1 + (uint32_t)i % 3, (enum yw_kind)(1 + i % 4), T0 + i * YW_DAY / 3, FAKE_NOW + 99,
                      1, (uint64_t)i, i);
        must(f->b->put(f->s, &r.row, &err), &err);
    }
    struct yw_waiting w = {.mn = "A", .packets = 1};
    must(f->b->put_waiting(f->s, &w, &err), &err);
    f->b->rollback(f->s);
    struct seen s = all_rows(f);
    assert_int_equal(s.n, 1);
    assert_int_equal(latest_of(f, 0).time, T0);
    put_minute(f, 1, 1, 2, 0);
    assert_int_equal(all_rows(f).n, 2);
}

static bool note_waiting(void *arg, const struct yw_waiting *w) {
    struct yw_waiting *out = arg;
    out[w->mn[0] - 'A'] = *w;
    return true;
}

static void unknown_devices_are_tallied(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_waiting got[3] = {0};
    struct yw_checkpoint c = {4, 0};
    for (uint64_t i = 0; i < 6; i++) {
        struct yw_waiting w = {
            .mn = {(char)('A' + i % 2)}, .st = "31", .peer = "p", .packets = 1, .bad_pw = i == 4};
        w.first_seen = w.last_seen = FAKE_NOW + (int64_t)i;
        w.sample = (struct yw_source){FAKE_NOW + (int64_t)i, 4, i * 100};
        must(f->b->begin(f->s, &err), &err);
        must(f->b->put_waiting(f->s, &w, &err), &err);
        c.position = i * 100 + 100;
        must(f->b->commit(f->s, &c, 1, &err), &err);
        must(f->b->begin(f->s, &err), &err); /* read again after a crash: counted already */
        must(f->b->put_waiting(f->s, &w, &err), &err);
        must(f->b->commit(f->s, &c, 1, &err), &err);
    }
    must(f->b->waiting(f->s, note_waiting, got, &err), &err);
    assert_int_equal(got[0].packets, 3);
    assert_int_equal(got[0].bad_pw, 1);
    assert_int_equal(got[0].first_seen, FAKE_NOW);
    assert_int_equal(got[0].last_seen, FAKE_NOW + 4);
    assert_int_equal(got[0].sample.position, 400);
    assert_int_equal(got[1].packets, 3);
}

static void checkpoints_come_back(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    uint64_t position = 1;
    const struct yw_checkpoint c[] = {{0, 1000}, {7, 5}};
    must(f->b->checkpoint(f->s, 0, &position, &err), &err);
    assert_int_equal(position, 0);
    must(f->b->begin(f->s, &err), &err);
    must(f->b->commit(f->s, c, 2, &err), &err);
    must(f->b->sync(f->s, &err), &err);
    must(f->b->checkpoint(f->s, 0, &position, &err), &err);
    assert_int_equal(position, 1000);
    must(f->b->checkpoint(f->s, 7, &position, &err), &err);
    assert_int_equal(position, 5);
    must(f->b->checkpoint(f->s, 8, &position, &err), &err);
    assert_int_equal(position, 0);
}

static void batches_have_one_beginning_and_one_end(void **state) {
    struct fixture *f = *state;
    struct fake_row r;
    struct yw_error err = {0};
    bool more;
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0, FAKE_NOW, 0, 1, 1);
    assert_int_equal(f->b->put(f->s, &r.row, &err), YW_E_STATE);
    assert_int_equal(f->b->commit(f->s, NULL, 0, &err), YW_E_STATE);
    assert_int_equal(f->b->begin(f->s, &err), YW_OK);
    assert_int_equal(f->b->begin(f->s, &err), YW_E_STATE);
    assert_int_equal(f->b->sync(f->s, &err), YW_E_STATE);
    assert_int_equal(f->b->tidy(f->s, 0, &more, &err), YW_E_STATE);
    f->b->rollback(f->s);
    assert_int_equal(f->b->sync(f->s, &err), YW_OK);
}

static void what_cannot_be_kept_is_refused(void **state) {
    struct fixture *f = *state;
    struct fake_row r;
    struct yw_error err = {0};
    struct yw_point p[2];
    size_t n;
    char text[YW_TEXT_MAX + 2] = {0};
    must(f->b->begin(f->s, &err), &err);
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0, FAKE_NOW, 0, 1, 1);
    r.row.kind = YW_KIND_COUNT;
    assert_int_equal(f->b->put(f->s, &r.row, &err), YW_E_RANGE);
    r.row.kind = 0;
    assert_int_equal(f->b->put(f->s, &r.row, &err), YW_E_RANGE);
    r.row.kind = YW_KIND_MINUTE;
    r.values[0].scale = 19;
    assert_int_equal(f->b->put(f->s, &r.row, &err), YW_E_RANGE);
    r.values[0] = (struct yw_value){.field = "x", .is_text = true, .text = text, .text_n = YW_TEXT_MAX + 1};
    assert_int_equal(f->b->put(f->s, &r.row, &err), YW_E_LIMIT);
    r.row.count = YW_VALUES_MAX + 1;
    assert_int_equal(f->b->put(f->s, &r.row, &err), YW_E_LIMIT);
    f->b->rollback(f->s);
    assert_int_equal(f->b->series(f->s, 1, YW_KIND_MINUTE, "a", "b", 0, 1, 1, p, &n, &err), YW_E_RANGE);
    assert_int_equal(f->b->series(f->s, 1, YW_KIND_MINUTE, "a", "b", 0, 1, YW_POINTS_MAX + 1, p, &n, &err),
                     YW_E_RANGE);
    assert_int_equal(f->b->drop(f->s, "2026-13", &err), YW_E_USAGE);
    assert_int_equal(f->b->drop(f->s, "../../x", &err), YW_E_USAGE);
}

static void a_dropped_month_is_gone(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct fake_row r;
    put_minute(f, 0, 0, 1, 0);
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0 - 10 * YW_DAY, FAKE_NOW, 1, 5, 2); /* October */
    put_one(f, &r.row);
    must(f->b->drop(f->s, "2026-10", &err), &err);
    struct seen s = rows_of(f, T0 - 30 * YW_DAY, FAKE_NOW);
    assert_int_equal(s.n, 1);
    assert_int_equal(s.value[0], 1);
    put_one(f, &r.row); /* what comes late makes it again */
    assert_int_equal(rows_of(f, T0 - 30 * YW_DAY, FAKE_NOW).n, 2);
}

#define BOTH(test)                                                                                           \
    {"sqlite: " #test, test, open_sqlite, close_it, NULL}, {                                                 \
        "ram: " #test, test, open_ram, close_it, NULL                                                        \
    }
#define ALL(test)                                                                                            \
    BOTH(test), {                                                                                            \
        "null: " #test, test, open_null, close_it, NULL                                                      \
    }

/* ---- touched hours ---- */

struct touches {
    size_t n;
    uint8_t kind[16];
    int64_t hour[16], generation[16];
};

static bool note_touch(void *arg, uint32_t outlet, uint8_t kind, int64_t hour, int64_t generation) {
    struct touches *t = arg;
    assert_int_equal(outlet, 1);
    assert_true(t->n < 16);
    t->kind[t->n] = kind;
    t->hour[t->n] = hour;
    t->generation[t->n++] = generation;
    return true;
}

static struct touches touched_since(struct fixture *f, int64_t since) {
    struct yw_error err = {0};
    struct touches t = {0};
    must(f->b->touched(f->s, since, note_touch, &t, &err), &err);
    return t;
}

static void put_kind(struct fixture *f, enum yw_kind kind, int64_t time, int64_t arrival) {
    struct fake_row r;
    static uint64_t position = 1 << 20;
    fake_row_make(&r, 1, kind, time, arrival, 0, position += 100, 5);
    put_one(f, &r.row);
}

static void hours_with_new_rows_are_noted(void **state) {
    struct fixture *f = *state;
    put_minute(f, 0, 0, 10, 0);
    put_minute(f, 1, 0, 11, 0);
    put_minute(f, 60, 0, 12, 0);
    struct touches t = touched_since(f, 0);
    assert_int_equal(t.n, 2); /* one entry an hour, with the generation of its last touch */
    assert_int_equal(t.hour[0], T0);
    assert_int_equal(t.hour[1], T0 + YW_HOUR);
    assert_int_equal(t.kind[0], YW_KIND_MINUTE);
    assert_true(t.generation[0] < t.generation[1]);
    assert_int_equal(touched_since(f, t.generation[1]).n, 0);
    put_minute(f, 2, 5, 13, YW_ROW_BACKFILLED); /* late: the first hour once more */
    struct touches later = touched_since(f, t.generation[1]);
    assert_int_equal(later.n, 1);
    assert_int_equal(later.hour[0], T0);
    assert_int_equal(touched_since(f, 0).n, 2);
}

static void real_time_records_touch_an_hour_that_is_over(void **state) {
    struct fixture *f = *state;
    put_kind(f, YW_KIND_REAL, T0, T0 + YW_SECOND);
    put_kind(f, YW_KIND_INFO, T0, T0 + YW_SECOND);
    assert_int_equal(touched_since(f, 0).n, 0);
    put_kind(f, YW_KIND_REAL, T0 + YW_SECOND, T0 + YW_HOUR);
    put_kind(f, YW_KIND_HOUR, T0, T0 + YW_HOUR);
    struct touches t = touched_since(f, 0);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.kind[0], YW_KIND_REAL);
    assert_int_equal(t.kind[1], YW_KIND_HOUR);
}

static void a_rolled_back_batch_touches_nothing(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct fake_row r;
    fake_row_make(&r, 1, YW_KIND_MINUTE, T0, FAKE_NOW, 0, 77, 5);
    must(f->b->begin(f->s, &err), &err);
    must(f->b->put(f->s, &r.row, &err), &err);
    f->b->rollback(f->s);
    assert_int_equal(touched_since(f, 0).n, 0);
    put_minute(f, 120, 0, 10, 0);
    struct touches t = touched_since(f, 0);
    assert_int_equal(t.n, 1);
    assert_int_equal(t.hour[0], T0 + 2 * YW_HOUR);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(values_come_back_exactly),
        BOTH(ranges_are_half_open_and_ordered),
        BOTH(a_resend_is_counted_and_the_earliest_stays),
        BOTH(the_same_record_again_changes_nothing),
        BOTH(the_last_live_revision_counts),
        BOTH(parts_of_a_split_packet_stand_side_by_side),
        BOTH(late_and_backfilled_data_never_replace_the_latest),
        BOTH(a_change_of_any_row_is_seen),
        BOTH(a_spike_never_disappears),
        BOTH(gaps_stay_gaps),
        BOTH(a_data_mark_shows),
        BOTH(the_newest_come_first),
        BOTH(odd_times_are_kept_out),
        BOTH(a_rolled_back_batch_never_was),
        BOTH(unknown_devices_are_tallied),
        ALL(checkpoints_come_back),
        ALL(batches_have_one_beginning_and_one_end),
        ALL(what_cannot_be_kept_is_refused),
        BOTH(a_dropped_month_is_gone),
        BOTH(hours_with_new_rows_are_noted),
        BOTH(real_time_records_touch_an_hour_that_is_over),
        BOTH(a_rolled_back_batch_touches_nothing),
    };
    return cmocka_run_group_tests_name("store conformance", tests, NULL, NULL);
}
