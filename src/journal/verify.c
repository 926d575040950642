/* Reading everything and saying what is wrong, in sentences. */
#include "journal/block.h"
#include "journal/merkle.h"
#include "journal/reader.h"

#include <stdlib.h>
#include <string.h>

enum yw_code yw_blocks_each(const char *blocks, bool (*each)(void *arg, const struct yw_block *b), void *arg,
                            struct yw_error *err) {
    struct yw_blocks *b;
    enum yw_code code = yw_blocks_open(yw_io_system(), blocks, &b, err);
    if (code != YW_OK) return code;
    struct yw_block_head head;
    uint64_t at = 0;
    while ((code = yw_blocks_next(b, at, &head, err)) == YW_OK && each(arg, &head.block)) at = head.block.to;
    yw_blocks_close(b);
    return code == YW_E_NOT_FOUND ? YW_OK : code;
}

struct check {
    const struct yw_io *io;
    const char *folder;
    struct yw_verify_count *count;
    void (*complain)(void *arg, const char *sentence);
    void *arg;
    uint64_t seed;
    uint8_t id[YW_ID_BYTES];
    struct yw_window block, segment;
    struct yw_segments segments;
    uint64_t committed;
    int64_t arrival; /* of the record before */
    uint64_t wrong;
};

static void complain(struct check *c, const char *fmt, ...) YW_PRINTF(2, 3);
static void complain(struct check *c, const char *fmt, ...) {
    char sentence[512];
    va_list args;
    va_start(args, fmt);
    vsnprintf(sentence, sizeof sentence, fmt, args);
    va_end(args);
    c->wrong++;
    if (c->complain) c->complain(c->arg, sentence);
}

static void check_arrival(struct check *c, const struct yw_record *r) {
    if (r->arrival < c->arrival)
        complain(c, "The record at %llu of %s arrived before the one in front of it.",
                 (unsigned long long)r->position, c->folder);
    c->arrival = r->arrival;
}

/* Where a segment holds the range too, its bytes must be those of the block. */
static void compare_with_segment(struct check *c, const uint8_t *bytes, uint64_t n, uint64_t position) {
    struct yw_window *w = &c->segment;
    if (!yw_window_holds(w, position) || w->length - (position - w->from) < n) {
        if (!yw_segments_find(&c->segments, position)) return;
        if (yw_window_fill(c->io, c->folder, &c->segments, w, position, n, c->committed, NULL) != YW_OK)
            return;
    }
    if (!yw_window_holds(w, position) || w->length - (position - w->from) < n) return;
    if (memcmp(w->bytes + (position - w->from), bytes, n) != 0)
        complain(c, "Segment and block of %s disagree about the record at %llu.", c->folder,
                 (unsigned long long)position);
}

static bool check_block_records(struct check *c, struct yw_blocks *blocks, const struct yw_block_head *h) {
    struct yw_merkle merkle;
    yw_merkle_start(&merkle);
    uint64_t at = h->block.from, records = 0;
    int64_t first = 0;
    c->block.length = 0;
    while (at < h->block.to) {
        struct yw_record record;
        struct yw_error err;
        uint64_t n;
        if (!yw_window_holds(&c->block, at) && yw_blocks_fill(blocks, &c->block, at, &err) != YW_OK) {
            complain(c, "Block %llu of %s cannot be read at position %llu: %s.",
                     (unsigned long long)h->block.number, c->folder, (unsigned long long)at, err.text);
            return false;
        }
        size_t skip = (size_t)(at - c->block.from);
        const uint8_t *bytes = c->block.bytes + skip;
        if (yw_record_parse(bytes, c->block.length - skip, at, c->seed, &record, &n) != YW_PARSED_OK) {
            complain(c, "Block %llu of %s holds no intact record at position %llu.",
                     (unsigned long long)h->block.number, c->folder, (unsigned long long)at);
            return false;
        }
        uint8_t leaf[YW_HASH_BYTES];
        if (!yw_merkle_leaf(bytes, n, leaf)) {
            complain(c, "There is no memory for checking the record at %llu.", (unsigned long long)at);
            return false;
        }
        yw_merkle_add(&merkle, leaf);
        check_arrival(c, &record);
        compare_with_segment(c, bytes, n, at);
        if (records++ == 0) first = record.arrival;
        c->count->bytes += n;
        at += n;
    }
    c->count->records += records;
    uint8_t root[YW_HASH_BYTES];
    yw_merkle_root(&merkle, root);
    if (memcmp(root, h->block.root, sizeof root) != 0)
        complain(c, "The Merkle root of block %llu of %s does not match its records.",
                 (unsigned long long)h->block.number, c->folder);
    if (records != h->block.records || first != h->block.first_arrival || c->arrival != h->block.last_arrival)
        complain(c, "The description of block %llu of %s does not match its records.",
                 (unsigned long long)h->block.number, c->folder);
    return true;
}

/* *end gets the position behind the last block. */
static enum yw_code check_blocks(struct check *c, struct yw_blocks *blocks, uint64_t *end,
                                 struct yw_error *err) {
    struct yw_block_head h;
    uint8_t before[32] = {0};
    uint64_t number = 0;
    bool bad_header = false;
    enum yw_code code;
    *end = 0;
    yw_blocks_expect(blocks, c->id);
    while ((code = yw_blocks_next(blocks, *end, &h, err)) == YW_OK) {
        unsigned long long n = (unsigned long long)h.block.number;
        if (yw_blocks_header_bad(blocks) && !bad_header)
            complain(c, "The header of the block file that holds block %llu of %s is damaged.", n, c->folder);
        bad_header = yw_blocks_header_bad(blocks); /* one complaint a file, or a run of files */
        if (h.block.from != *end)
            complain(c, "Nothing holds positions %llu to %llu of %s: they are missing before block %llu.",
                     (unsigned long long)*end, (unsigned long long)h.block.from, c->folder, n);
        if (h.block.number != number)
            complain(c, "Block %llu of %s stands where block %llu should be.", n, c->folder,
                     (unsigned long long)number);
        if (memcmp(h.block.before, before, sizeof before) != 0)
            complain(c, "Block %llu of %s does not continue the chain of the block before it.", n, c->folder);
        if (yw_blocks_check(blocks, &h, NULL) != YW_OK)
            complain(c, "The compressed bytes of block %llu of %s are damaged.", n, c->folder);
        check_block_records(c, blocks, &h);
        yw_block_description_hash(&h, before);
        number = h.block.number + 1;
        *end = h.block.to;
        c->count->blocks++;
        c->count->stored_bytes += h.block.stored;
    }
    return code == YW_E_NOT_FOUND ? YW_OK : code;
}

/* The rest: what only segments hold. */
static enum yw_code check_rest(struct check *c, struct yw_reader *reader, uint64_t from,
                               struct yw_error *err) {
    enum yw_code code = yw_reader_seek(reader, from, err);
    while (code == YW_OK) {
        struct yw_record record;
        struct yw_error why;
        code = yw_reader_next(reader, &record, &why);
        if (code == YW_OK) {
            uint64_t n;
            yw_reader_raw(reader, &n);
            check_arrival(c, &record);
            c->count->records++;
            c->count->bytes += n;
        } else if (code == YW_E_CORRUPT) {
            uint64_t lost;
            code = yw_reader_skip(reader, &lost, err);
            complain(c, "%llu bytes cannot be read: %s.", (unsigned long long)lost, why.text);
        } else if (code != YW_E_END) {
            return yw_fail(err, code, "%s", why.text);
        }
    }
    return code == YW_E_END ? YW_OK : code;
}

static void check_segments(struct check *c) {
    for (size_t i = 0; i < c->segments.count; i++) {
        const struct yw_segment_file *f = &c->segments.items[i];
        if (f->state == YW_E_CORRUPT)
            complain(c, "The header of segment %llu of %s is damaged.", (unsigned long long)f->number,
                     c->folder);
        if (f->state == YW_OK && memcmp(f->head.id, c->id, YW_ID_BYTES) != 0)
            complain(c, "Segment %llu of %s belongs to another journal.", (unsigned long long)f->number,
                     c->folder);
    }
}

enum yw_code yw_journal_verify_on(const struct yw_io *io, const char *folder, const char *blocks,
                                  struct yw_verify_count *count,
                                  void (*complain_to)(void *arg, const char *sentence), void *arg,
                                  struct yw_error *err) {
    struct check c = {.io = io, .folder = folder, .count = count, .complain = complain_to, .arg = arg};
    *count = (struct yw_verify_count){0};
    yw_window_init(&c.block, 0);
    yw_window_init(&c.segment, 1 << 20);
    c.arrival = INT64_MIN;
    struct yw_reader *reader = NULL;
    struct yw_blocks *b = NULL;
    uint64_t end = 0;
    enum yw_code code = yw_reader_open_on(io, folder, blocks, &reader, err);
    if (code == YW_OK) {
        memcpy(c.id, yw_reader_info(reader)->id, YW_ID_BYTES);
        c.seed = yw_journal_seed(c.id);
        c.committed = yw_reader_committed(reader);
    }
    if (code == YW_OK) {
        code = yw_segments_list(io, folder, &c.segments, err);
        if (code == YW_E_NOT_FOUND) code = YW_OK; /* only blocks are left */
    }
    if (code == YW_OK) check_segments(&c);
    if (code == YW_OK && blocks) code = yw_blocks_open(io, blocks, &b, err);
    if (code == YW_OK && b) code = check_blocks(&c, b, &end, err);
    if (code == YW_OK && end > yw_reader_committed(reader))
        complain(&c, "Blocks of %s reach to %llu, behind the committed position %llu.", folder,
                 (unsigned long long)end, (unsigned long long)yw_reader_committed(reader));
    if (code == YW_OK) code = check_rest(&c, reader, end, err);
    yw_blocks_close(b);
    yw_reader_close(reader);
    yw_segments_free(&c.segments);
    yw_window_free(io, &c.block);
    yw_window_free(io, &c.segment);
    if (code == YW_OK && c.wrong > 0)
        return yw_fail(err, YW_E_CORRUPT, "%s: %llu things are wrong", folder, (unsigned long long)c.wrong);
    return code;
}

enum yw_code yw_journal_verify(const char *folder, const char *blocks, struct yw_verify_count *count,
                               void (*complain_to)(void *arg, const char *sentence), void *arg,
                               struct yw_error *err) {
    return yw_journal_verify_on(yw_io_system(), folder, blocks, count, complain_to, arg, err);
}
