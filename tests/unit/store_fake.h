/* Invented records for the tests of store and pipeline, and a store's whole content as text, so that two
 * stores can be compared with strcmp. */
#ifndef YW_TEST_STORE_FAKE_H
#define YW_TEST_STORE_FAKE_H

#include "store/store.h"

#define FAKE_NOW ((int64_t)1793980800 * YW_SECOND) /* 2026-11-07 00:00:00 UTC+8 */

uint64_t fake_random(uint64_t *state); /* xorshift: the same everywhere */

struct fake_row { /* a row that owns its values */
    struct yw_row row;
    struct yw_value values[40];
    char texts[40][24];
};

/* One of: a worker's start, a part of a command, a tally. */
struct fake_word {
    char what; /* 's', 'c', 'f', 'd' (day), 'l', 'n' */
    union {
        struct yw_source start;
        struct yw_asked asked;
        struct yw_device_fact fact;
        struct yw_device_day day;
        struct yw_device_link link;
        struct yw_notice notice;
    };
};
enum yw_code fake_put_word(const struct yw_store_backend *b, struct yw_store *s, const struct fake_word *w,
                           struct yw_error *err);

struct fake_set {
    struct fake_row *rows;
    size_t n;
    struct fake_word *words; /* a third as many as rows */
    size_t words_n;
    struct yw_waiting *waiting;
    size_t *waiting_row; /* each came right after this row */
    size_t waiting_n;
};
/* Records of 3 outlets and 4 kinds over some days at a month's end, with revisions, resends, backfill, split
 * packets, odd times; positions grow within each of 3 journals as arrivals do. */
void fake_set_make(struct fake_set *set, uint64_t seed, size_t n);
void fake_set_free(struct fake_set *set);

/* A plain record: factors a21026 and a21002 with Avg, Max and Flag. */
void fake_row_make(struct fake_row *r, uint32_t outlet, enum yw_kind kind, int64_t time, int64_t arrival,
                   uint16_t journal, uint64_t position, int64_t value);

char *fake_folder(const char *name); /* fresh, below $TMPDIR or /tmp; free() it */
void fake_remove(const char *folder);

/* Everything that can be asked, but for the numbers of changes. */
void fake_dump(const struct yw_store_backend *b, struct yw_store *s, struct yw_buf *out);

#endif
