/* writer: the inside of an owner's journal. Internal to journal/.
 *
 * Two threads may hold it: the appending one (append, take, done) and the committing one (write). What each
 * touches is kept apart below; a batch passes from one to the other through the caller's own hand-over. */
#ifndef YW_JOURNAL_WRITER_H
#define YW_JOURNAL_WRITER_H

#include "journal/live.h"

enum {
    YW_BATCH_PARTS = 64, /* segments that one batch may touch; three where they are of the usual size */
    YW_SEGMENT_LEAST = 64 << 10, /* smallest segment an owner may ask for */
    YW_ZERO_AHEAD = 1 << 20,     /* bytes written as zeros behind small batches */
    YW_ZERO_AHEAD_MOST = 1 << 18 /* larger batches do without */
};

/* A piece of a batch that goes to one segment. */
struct yw_part {
    struct yw_segment head; /* of that segment */
    uint64_t from;          /* position of the piece's first byte */
    bool begins;            /* the segment begins with this piece */
};

struct yw_side {
    uint8_t *bytes; /* YW_PENDING_BYTES of address space; the kernel gives pages as they are touched */
    size_t length;
    uint64_t from;
    struct yw_part parts[YW_BATCH_PARTS];
    int part_count;
};

struct yw_journal {
    const struct yw_io *io;
    char folder[PATH_MAX];
    char name[YW_NAME_BYTES];
    uint8_t id[YW_ID_BYTES];
    uint64_t seed;
    int64_t segment_bytes;
    struct yw_live_owner live;

    /* appending thread */
    struct yw_side sides[2];
    int filling;    /* side that append fills; the other is in flight when in_flight is set */
    bool in_flight; /* taken and not yet done */
    uint64_t end, committed;
    int64_t last_arrival;
    struct yw_segment tail;           /* segment in which `end` lies */
    struct yw_segment committed_tail; /* segment in which `committed` lies */

    /* committing thread */
    int fd; /* segment open for writing, -1: none */
    uint64_t fd_number;
    int64_t zeroed;          /* byte up to which the open segment was written, zeros included */
    bool folder_unsynced;    /* a file was made since the folder was last synced */
    bool tail_unclean;       /* a withdrawn batch may have left bytes behind the committed end */
    uint64_t highest_number; /* of the segments that writing touched */
    uint8_t *zeros;          /* YW_ZERO_AHEAD of them */
};

/* recover.c: finds the end, cuts what is torn, syncs the rest; fills id, seed, end, tail and last_arrival. */
enum yw_code yw_recover(struct yw_journal *j, uint64_t published, uint64_t *repaired, struct yw_error *err);

/* commit.c */
/* Opens the segment's file for writing, making and allocating it if need be. */
enum yw_code yw_commit_open(struct yw_journal *j, uint64_t number, struct yw_error *err);
enum yw_code yw_commit_sync(struct yw_journal *j, struct yw_error *err); /* file, then folder if need be */
/* Writes zeros over everything from byte `from` of the open segment to its last byte that is not zero, and
 * over at least the next YW_ZERO_AHEAD. Not synced. *wiped gets the bytes that were not zero before. */
enum yw_code yw_commit_wipe(struct yw_journal *j, int64_t from, uint64_t *wiped, struct yw_error *err);

static inline int64_t yw_segment_offset(const struct yw_segment *s, uint64_t position) {
    return (int64_t)(position - s->start) + YW_SEGMENT_HEADER;
}

#endif
