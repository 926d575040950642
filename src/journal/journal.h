/* journal: append-only truth. A journal has one writer (its owner) and any number of readers.
 *
 * A position is a logical offset counted over the uncompressed records, from 0, forever; it knows no files.
 * On disk a journal is a folder of segments (what the owner appends to) and, beside them in another folder,
 * blocks (sealed ranges that the pipeline compressed). Readers find a position in whichever holds it.
 *
 * Nothing here starts threads: the owner calls flush from wherever it likes, append from one thread at a
 * time. */
#ifndef YW_JOURNAL_H
#define YW_JOURNAL_H

#include "base/base.h"

enum {
    YW_RECORD_HEADER = 80,            /* bytes of a record before its payload, see format.h */
    YW_PENDING_BYTES = 64 << 20,      /* most that may be appended and not yet done */
    YW_RECORD_PAYLOAD_MAX = 16 << 20, /* bytes */
    YW_SEGMENT_BYTES = 64 << 20,      /* a new segment is begun past this */
    YW_BLOCK_BYTES = 4 << 20,         /* a block is sealed once it holds this much */
    YW_BLOCK_SECONDS = 60,            /* or once its first record is this old */
    YW_FRAME_BYTES = 256 << 10        /* most uncompressed bytes in one zstd frame */
};

enum yw_direction { YW_DIR_IN = 0, YW_DIR_OUT = 1, YW_DIR_ACT = 2, YW_DIR_EVENT = 3 };
enum yw_domain { YW_DOMAIN_REAL = 1, YW_DOMAIN_TRAINING = 2, YW_DOMAIN_DEMO = 3 };

/* What the gateway concluded when it journalled a packet (record.flags); the pipeline stores data of STORED
 * alone. */
enum {
    YW_REC_ADMITTED = 1, /* MN known and admitted, PW right: data of this record goes to the store */
    YW_REC_UNKNOWN = 2,  /* MN not in the register, or not admitted: waits for admission */
    YW_REC_BAD_PW = 4,
    YW_REC_BAD_CRC = 8,   /* decode said ok:false */
    YW_REC_GARBAGE = 16,  /* bytes that belong to no frame (the first 1 KiB of a run is kept) */
    YW_REC_ACKED = 32,    /* a 9014 follows once this is committed */
    YW_REC_ASKED = 64,    /* belongs to a command under way: its answer, or data that were asked for */
    YW_REC_COMMAND = 128, /* outgoing: a command; the event before it says which */
    YW_REC_TWIN = 256     /* MN claimed by two links at a time and the policy refuses this one: not stored */
};

struct yw_peer {
    uint8_t addr[16]; /* IPv6, or IPv4 mapped */
    uint16_t port;
};

struct yw_record {
    uint64_t position; /* of this record in its journal (set by append and by readers) */
    int64_t arrival;   /* microseconds UTC, never smaller than that of the record before (append clamps) */
    uint64_t link;     /* number of the TCP link within its worker's life, 0: none */
    struct yw_peer peer;
    uint8_t direction, domain;
    uint16_t bucket; /* hash64(MN) mod 256; append refuses more */
    uint32_t flags;
    uint32_t register_version; /* by which it was judged */
    uint32_t device;           /* id in the register, 0: unknown */
    uint32_t key_id;           /* SM4 key that opened it, 0: plain */
    const void *payload;
    uint32_t length; /* of payload */
};

struct yw_journal_info {
    uint8_t id[16];     /* random, made with the journal; names it in positions that people see */
    char name[16];      /* folder name: "p0", "acts" */
    uint64_t committed; /* readers stop here */
};

/* ---- writer (owner) ---- */

struct yw_journal;
/* Opens or makes the journal in folder, cuts a torn tail off, syncs what survived and publishes it as
 * committed. YW_E_BUSY if another process owns it. `repaired` (may be NULL) gets the bytes cut off. */
enum yw_code yw_journal_open(const struct yw_io *io, const char *folder, const char *name,
                             struct yw_journal **out, uint64_t *repaired, struct yw_error *err);
/* The same with smaller segments (64 KiB to YW_SEGMENT_BYTES), for quiet journals: the first is allocated at
 * once. */
enum yw_code yw_journal_open_sized(const struct yw_io *io, const char *folder, const char *name,
                                   uint32_t segment_bytes, struct yw_journal **out, uint64_t *repaired,
                                   struct yw_error *err);
void yw_journal_close(struct yw_journal *j); /* commits what is pending */

/* Copies the record behind what was appended before; it is NOT durable yet. Fills record->position and the
 * clamped arrival. YW_E_FULL when the pending buffer (64 MiB) is full or the disk is: nothing was appended.
 */
enum yw_code yw_journal_append(struct yw_journal *j, struct yw_record *record, struct yw_error *err);

/* Group commit in three steps, so that a loop can go on appending while a thread writes:
 *   take    (appending thread) moves what is pending into a batch; false if nothing is pending
 *   write   (any thread, one at a time) writes and syncs the batch; on failure nothing of it counts and it
 * may be tried again done    (appending thread) publishes the new committed position */
struct yw_journal_batch {
    uint64_t from, to; /* positions */
    void *priv;
};
bool yw_journal_take(struct yw_journal *j, struct yw_journal_batch *batch);
enum yw_code yw_journal_write(struct yw_journal *j, struct yw_journal_batch *batch, struct yw_error *err);
void yw_journal_done(struct yw_journal *j, struct yw_journal_batch *batch);
/* The three in one, for quiet journals such as acts. On failure everything pending is withdrawn. */
enum yw_code yw_journal_commit(struct yw_journal *j, struct yw_error *err);
/* Forgets all that is not done, a batch that was taken included (no write may be under way): it never
 * happened, its positions are given out again. Only a process that dies before the next write may find that
 * it did happen. */
void yw_journal_withdraw(struct yw_journal *j);
/* A record appended and not yet done; the payload is valid until it is. Appending thread only. */
enum yw_code yw_journal_pending_get(const struct yw_journal *j, uint64_t position, struct yw_record *out,
                                    struct yw_error *err);
/* Bytes appended and not yet done; payload of a pending record stays readable at its position until `done`.
 */
uint64_t yw_journal_pending(const struct yw_journal *j);
uint64_t yw_journal_end(const struct yw_journal *j); /* position behind the last append */
uint64_t yw_journal_committed(const struct yw_journal *j);

/* The page the owner shares with everybody (file "live" in the folder, mapped): committed position and
 * counters. Counters only grow; their meaning is the owner's (gateway/gateway.h). */
enum { YW_LIVE_COUNTERS = 64 };
struct yw_live {
    _Atomic uint64_t magic;
    _Atomic uint64_t committed;
    _Atomic uint64_t counter[YW_LIVE_COUNTERS];
    _Atomic int64_t updated; /* wall clock of the owner's last sign of life */
};
struct yw_live *yw_journal_live(struct yw_journal *j);
/* For others: maps the page read-only; NULL with err if there is none. */
const struct yw_live *yw_live_open(const char *folder, struct yw_error *err);
void yw_live_close(const struct yw_live *l);

/* ---- reader ---- */

struct yw_reader;
/* blocks may be NULL (no compressed blocks). Reads up to the committed position at each call. */
enum yw_code yw_reader_open(const char *folder, const char *blocks, struct yw_reader **out,
                            struct yw_error *err);
void yw_reader_close(struct yw_reader *r);
/* The same over another I/O table (tests; the live page is then read, not mapped). */
enum yw_code yw_reader_open_on(const struct yw_io *io, const char *folder, const char *blocks,
                               struct yw_reader **out, struct yw_error *err);
const struct yw_journal_info *yw_reader_info(const struct yw_reader *r);
/* Next read gives the first record at or behind position; position must be one that a record had, or the end.
 */
enum yw_code yw_reader_seek(struct yw_reader *r, uint64_t position, struct yw_error *err);
/* YW_OK; YW_E_END: nothing committed behind the present position yet; YW_E_CORRUPT with the position in err.
 * The payload is valid until the next call. */
enum yw_code yw_reader_next(struct yw_reader *r, struct yw_record *out, struct yw_error *err);
/* After YW_E_CORRUPT: moves behind the damage to the next readable record; *lost gets the bytes between (may
 * be NULL). YW_E_END if nothing readable is committed behind it: the position then is the committed one. */
enum yw_code yw_reader_skip(struct yw_reader *r, uint64_t *lost, struct yw_error *err);
uint64_t yw_reader_position(const struct yw_reader *r); /* behind the last record read */
uint64_t yw_reader_committed(struct yw_reader *r);
/* One record by its position, from a segment or a compressed block (at most 5 ms for the latter). */
enum yw_code yw_reader_get(struct yw_reader *r, uint64_t position, struct yw_record *out,
                           struct yw_error *err);

/* ---- blocks (pipeline) ---- */

struct yw_block {
    uint64_t number;   /* from 0 within its journal */
    uint64_t from, to; /* positions */
    uint32_t records;
    int64_t first_arrival, last_arrival;
    uint8_t root[32];   /* SHA-256 Merkle root over the records as they lie in the journal, see merkle.h */
    uint8_t before[32]; /* SHA-256 of the block description before (zero for the first): a chain */
    uint64_t stored;    /* bytes on disk */
};

struct yw_sealer;
/* folder: the journal's; blocks: where blocks are written (made if absent). */
enum yw_code yw_sealer_open(const struct yw_io *io, const char *folder, const char *blocks,
                            struct yw_sealer **out, struct yw_error *err);
void yw_sealer_close(struct yw_sealer *s);
/* Seals at most one block if one is due at `now` (4 MiB, or 60 s old); compresses, syncs, then removes
 * segments that lie wholly behind sealed blocks and are not the owner's present one. *sealed tells whether
 * one was. */
enum yw_code yw_sealer_step(struct yw_sealer *s, int64_t now, bool *sealed, struct yw_block *block,
                            struct yw_error *err);
uint64_t yw_sealer_position(const struct yw_sealer *s); /* all before is sealed */
/* Calls each block in order; stops when each returns false. */
enum yw_code yw_blocks_each(const char *blocks, bool (*each)(void *arg, const struct yw_block *b), void *arg,
                            struct yw_error *err);

/* Reads everything and checks lengths, checksums, order of arrival, Merkle roots, the chain, and that blocks
 * and segments agree where both hold a range. What is wrong goes to `complain`; YW_E_CORRUPT if anything was.
 */
struct yw_verify_count {
    uint64_t records, bytes, blocks, stored_bytes;
};
enum yw_code yw_journal_verify(const char *folder, const char *blocks, struct yw_verify_count *count,
                               void (*complain)(void *arg, const char *sentence), void *arg,
                               struct yw_error *err);
/* The same over another I/O table. */
enum yw_code yw_journal_verify_on(const struct yw_io *io, const char *folder, const char *blocks,
                                  struct yw_verify_count *count,
                                  void (*complain)(void *arg, const char *sentence), void *arg,
                                  struct yw_error *err);

/* What a journal holds, for people. */
struct yw_journal_stat {
    struct yw_journal_info info;
    uint64_t first, sealed;                     /* oldest position that is held; behind the last block */
    uint64_t records, bytes;                    /* readable, from first to the committed position */
    uint64_t blocks, block_bytes, stored_bytes; /* uncompressed and compressed bytes of all blocks */
    uint64_t segments, segment_bytes;           /* files, preallocated room included */
    uint64_t lost;                              /* bytes that cannot be read */
    int64_t first_arrival, last_arrival;        /* valid if records > 0 */
};
enum yw_code yw_journal_stat(const char *folder, const char *blocks, struct yw_journal_stat *out,
                             struct yw_error *err);

#endif
