/* The same records in any order and any batches, packed or not, closed and opened again, repeated or not: the
 * same content, and the same as the store in memory has. */
#include "store_fake.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

enum { ROWS = 1500, SEEDS = 12 };

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static void commit_all(const struct yw_store_backend *b, struct yw_store *s, const struct fake_set *set,
                       const size_t *order, size_t n, size_t batch) {
    struct yw_error err = {0};
    for (size_t i = 0; i < n;) {
        must(b->begin(s, &err), &err);
        for (size_t k = 0; k < batch && i < n; k++, i++) {
            if (order[i] < set->n)
                must(b->put(s, &set->rows[order[i]].row, &err), &err);
            else if (order[i] < set->n + set->waiting_n)
                must(b->put_waiting(s, &set->waiting[order[i] - set->n], &err), &err);
            else
                must(fake_put_word(b, s, &set->words[order[i] - set->n - set->waiting_n], &err), &err);
        }
        must(b->commit(s, NULL, 0, &err), &err);
    }
}

static void tidy_all(const struct yw_store_backend *b, struct yw_store *s, int32_t before_day) {
    struct yw_error err = {0};
    bool more = true;
    while (more) must(b->tidy(s, before_day, &more, &err), &err);
}

static char *reference(const struct fake_set *set) {
    struct yw_error err = {0};
    struct yw_store *s;
    struct yw_buf out;
    size_t n = set->n + set->waiting_n + set->words_n, *order = calloc(n, sizeof *order);
    yw_buf_init(&out, 256 << 20);
    must(yw_store_ram.open(NULL, false, &s, &err), &err);
    for (size_t i = 0; i < n; i++) order[i] = i;
    commit_all(&yw_store_ram, s, set, order, n, 1000);
    fake_dump(&yw_store_ram, s, &out);
    yw_store_ram.close(s);
    free(order);
    assert_false(out.failed);
    return out.data;
}

static void compare(const char *want, const char *have, uint64_t seed) {
    if (strcmp(want, have) == 0) return;
    size_t at = 0, line = 0;
    for (; want[at] == have[at]; at++) line = want[at] == '\n' ? at + 1 : line;
    fail_msg("seed %lu differs:\nwant %.300s\nhave %.300s", (unsigned long)seed, want + line, have + line);
}

/* Puts a shuffled set in random batches with everything that may come between. */
static void shuffled(const struct yw_store_backend *b, const struct fake_set *set, const char *folder,
                     uint64_t seed, const char *want) {
    struct yw_error err = {0};
    struct yw_store *s;
    struct yw_buf out;
    uint64_t state = seed + 77;
    size_t n = set->n + set->waiting_n + set->words_n, *order = calloc(n, sizeof *order), done = 0;
    for (size_t i = 0; i < n; i++) {
        size_t k = fake_random(&state) % (i + 1);
        order[i] = order[k];
        order[k] = i;
    }
    must(b->open(folder, false, &s, &err), &err);
    while (done < n) {
        size_t part = 1 + fake_random(&state) % 300;
        if (part > n - done) part = n - done;
        commit_all(b, s, set, order + done, part, 1 + fake_random(&state) % 90);
        done += part;
        uint64_t what = fake_random(&state) % 6;
        if (what == 0) tidy_all(b, s, yw_china_day(FAKE_NOW) - 5);
        if (what == 1) tidy_all(b, s, yw_china_day(FAKE_NOW));
        if (what == 2) must(b->sync(s, &err), &err);
        if (what == 3 && b == &yw_store_sqlite) {
            b->close(s);
            must(b->open(folder, false, &s, &err), &err);
            tidy_all(b, s, yw_china_day(FAKE_NOW));
        }
        if (what == 4) { /* rows that came already come again */
            for (size_t i = 0; i < 40; i++) {
                size_t again = order[fake_random(&state) % done];
                bool counts =
                    again >= set->n; /* without checkpoints tallies are not recognised; commands are */
                if (again >= set->n + set->waiting_n) {
                    char word = set->words[again - set->n - set->waiting_n].what;
                    counts = word != 'c' && word != 's';
                }
                if (!counts) commit_all(b, s, set, &again, 1, 1);
            }
        }
    }
    must(b->sync(s, &err), &err);
    for (int i = 0; i < 3; i++) {
        yw_buf_init(&out, 256 << 20);
        fake_dump(b, s, &out);
        compare(want, out.data, seed);
        yw_buf_free(&out);
        tidy_all(b, s, yw_china_day(FAKE_NOW) + 1);
    }
    b->close(s);
    free(order);
}

static void any_order_gives_the_same(void **unused) {
    YW_UNUSED(unused);
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct fake_set set;
        fake_set_make(&set, seed, ROWS);
        char *want = reference(&set), *folder = fake_folder("property");
        shuffled(&yw_store_sqlite, &set, folder, seed, want);
        shuffled(&yw_store_ram, &set, folder, seed + 1000, want);
        fake_remove(folder);
        free(folder);
        free(want);
        fake_set_free(&set);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_order_gives_the_same)};
    return cmocka_run_group_tests_name("store property", tests, NULL, NULL);
}
