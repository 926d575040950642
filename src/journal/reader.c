#include "journal/block.h"
#include "journal/live.h"
#include "journal/reader.h"
#include "journal/window.h"

#include <stdlib.h>
#include <string.h>

enum { SEQUENTIAL_BYTES = 1 << 20, SINGLE_BYTES = 8 << 10 };

struct yw_reader {
    const struct yw_io *io;
    char folder[PATH_MAX];
    struct yw_journal_info info;
    uint64_t seed;
    struct yw_live_view live;
    bool has_live;
    uint64_t fixed_end; /* without a live page: what was found at opening */
    struct yw_segments segments;
    struct yw_blocks *blocks; /* NULL: none */
    uint64_t position;
    struct yw_window row;    /* of next */
    struct yw_window single; /* of get */
    const uint8_t *raw;      /* of the record read last */
    uint64_t raw_bytes;
};

/* Where bytes may come from, in the order of trying. Blocks are asked twice: the sealer may turn a segment
 * into one between the first question and the new list. */
enum source { FROM_WINDOW, FROM_SEGMENT, FROM_BLOCK, FROM_NEW_LIST, FROM_BLOCK_AGAIN, SOURCES };

static enum yw_code relist(struct yw_reader *r, struct yw_error *err) {
    struct yw_segments fresh;
    enum yw_code code = yw_segments_list(r->io, r->folder, &fresh, err);
    if (code != YW_OK) return code;
    yw_segments_free(&r->segments);
    r->segments = fresh;
    return YW_OK;
}

static enum yw_code fill(struct yw_reader *r, struct yw_window *w, enum source source, uint64_t position,
                         uint64_t need, uint64_t committed, struct yw_error *err) {
    enum yw_code code = YW_OK;
    switch (source) {
    case FROM_WINDOW:
        return yw_window_holds(w, position) ? YW_OK : YW_E_NOT_FOUND;
    case FROM_NEW_LIST:
        code = relist(r, err);
        if (code != YW_OK) return code == YW_E_NOT_FOUND ? YW_E_NOT_FOUND : code;
        w->to = w->start; /* so that the new list is asked */
        return yw_window_fill(r->io, r->folder, &r->segments, w, position, need, committed, err);
    case FROM_SEGMENT:
        return yw_window_fill(r->io, r->folder, &r->segments, w, position, need, committed, err);
    default:
        return r->blocks ? yw_blocks_fill(r->blocks, w, position, err) : YW_E_NOT_FOUND;
    }
}

/* One record from one source; bytes that are there but make no record are YW_E_CORRUPT. */
static enum yw_code read_from(struct yw_reader *r, struct yw_window *w, enum source source, uint64_t position,
                              uint64_t committed, struct yw_record *out, uint64_t *bytes,
                              struct yw_error *err) {
    enum yw_code code = fill(r, w, source, position, YW_RECORD_HEADER, committed, err);
    if (code != YW_OK) return code;
    for (int attempt = 0;; attempt++) {
        size_t at = (size_t)(position - w->from);
        size_t n = w->length > at ? w->length - at : 0;
        switch (yw_record_parse(w->bytes + at, n, position, r->seed, out, bytes)) {
        case YW_PARSED_OK:
            return YW_OK;
        case YW_PARSED_VERSION:
            return yw_fail(err, YW_E_VERSION, "the record at %llu of %s was written by a newer program",
                           (unsigned long long)position, r->folder);
        case YW_PARSED_SHORT:
            if (attempt == 0 && *bytes <= committed - position &&
                (source == FROM_SEGMENT || source == FROM_NEW_LIST)) {
                code = fill(r, w, FROM_SEGMENT, position, *bytes, committed, err);
                if (code != YW_OK) return code;
                continue;
            }
            return YW_E_CORRUPT;
        default:
            return YW_E_CORRUPT;
        }
    }
}

static enum yw_code read_at_position(struct yw_reader *r, struct yw_window *w, uint64_t position,
                                     uint64_t committed, struct yw_record *out, uint64_t *bytes,
                                     struct yw_error *err) {
    bool held = false;
    for (enum source source = FROM_WINDOW; source < SOURCES; source++) {
        enum yw_code code = read_from(r, w, source, position, committed, out, bytes, err);
        if (code != YW_E_CORRUPT && code != YW_E_NOT_FOUND) return code;
        if (code == YW_E_CORRUPT && source != FROM_WINDOW) held = true;
    }
    w->length = 0;
    if (held)
        return yw_fail(err, YW_E_CORRUPT, "the journal %s is damaged at position %llu", r->folder,
                       (unsigned long long)position);
    return yw_fail(err, YW_E_CORRUPT, "neither a segment nor a block of the journal %s holds position %llu",
                   r->folder, (unsigned long long)position);
}

/* A copy without a live page has no owner: all that is readable counts. */
static void find_end(struct yw_reader *r) {
    struct yw_record record;
    uint64_t bytes, end = r->blocks ? yw_blocks_end(r->blocks) : 0;
    const struct yw_segment_file *last = yw_segments_find(&r->segments, UINT64_MAX);
    if (last && last->head.start > end) end = last->head.start;
    while (read_at_position(r, &r->row, end, UINT64_MAX, &record, &bytes, NULL) == YW_OK) end += bytes;
    r->fixed_end = end;
}

static enum yw_code identify(struct yw_reader *r, struct yw_error *err) {
    const struct yw_segment_file *f = yw_segments_after(&r->segments, 0);
    if (f) {
        memcpy(r->info.id, f->head.id, YW_ID_BYTES);
        memcpy(r->info.name, f->head.name, YW_NAME_BYTES);
    } else if (!r->blocks || !yw_blocks_identity(r->blocks, r->info.id, r->info.name)) {
        return yw_fail(err, YW_E_NOT_FOUND, "there is no journal in %s yet", r->folder);
    }
    r->seed = yw_journal_seed(r->info.id);
    if (r->blocks) yw_blocks_expect(r->blocks, r->info.id);
    return YW_OK;
}

enum yw_code yw_reader_open_on(const struct yw_io *io, const char *folder, const char *blocks,
                               struct yw_reader **out, struct yw_error *err) {
    *out = NULL;
    struct yw_reader *r = calloc(1, sizeof *r);
    if (!r) return yw_fail(err, YW_E_NOMEM, "no memory for reading the journal %s", folder);
    r->io = io;
    r->live.fd = -1;
    yw_window_init(&r->row, SEQUENTIAL_BYTES);
    yw_window_init(&r->single, SINGLE_BYTES);
    enum yw_code code = YW_OK;
    if (!yw_copy(r->folder, sizeof r->folder, folder, strlen(folder)))
        code = yw_fail(err, YW_E_LIMIT, "the path %s is too long", folder);
    if (code == YW_OK) {
        code = yw_live_view(io, folder, &r->live, err);
        r->has_live = code == YW_OK;
        if (code == YW_E_NOT_FOUND) code = YW_OK;
    }
    if (code == YW_OK) {
        code = relist(r, err);
        if (code == YW_E_NOT_FOUND && blocks) code = YW_OK; /* only blocks are left */
    }
    if (code == YW_OK && blocks) code = yw_blocks_open(io, blocks, &r->blocks, err);
    if (code == YW_OK) code = identify(r, err);
    if (code != YW_OK) {
        yw_reader_close(r);
        return code;
    }
    if (!r->has_live) find_end(r);
    yw_reader_committed(r);
    *out = r;
    return YW_OK;
}

enum yw_code yw_reader_open(const char *folder, const char *blocks, struct yw_reader **out,
                            struct yw_error *err) {
    return yw_reader_open_on(yw_io_system(), folder, blocks, out, err);
}

void yw_reader_close(struct yw_reader *r) {
    if (!r) return;
    yw_live_unview(&r->live);
    yw_segments_free(&r->segments);
    yw_blocks_close(r->blocks);
    yw_window_free(r->io, &r->row);
    yw_window_free(r->io, &r->single);
    free(r);
}

const struct yw_journal_info *yw_reader_info(const struct yw_reader *r) {
    return &r->info;
}

uint64_t yw_reader_committed(struct yw_reader *r) {
    r->info.committed = r->has_live ? yw_live_committed(&r->live) : r->fixed_end;
    return r->info.committed;
}

enum yw_code yw_reader_seek(struct yw_reader *r, uint64_t position, struct yw_error *err) {
    if (position % YW_RECORD_ALIGN != 0)
        return yw_fail(err, YW_E_RANGE, "%llu is not a position of a record", (unsigned long long)position);
    r->position = position;
    return YW_OK;
}

enum yw_code yw_reader_next(struct yw_reader *r, struct yw_record *out, struct yw_error *err) {
    uint64_t bytes, limit = r->info.committed;
    /* What the window holds was committed when it was read: the live page is asked once a window, not once a
     * record. */
    if (r->position >= limit) limit = yw_reader_committed(r);
    if (r->position >= limit) return YW_E_END;
    if (!yw_window_holds(&r->row, r->position)) limit = yw_reader_committed(r);
    enum yw_code code = read_at_position(r, &r->row, r->position, limit, out, &bytes, err);
    if (code != YW_OK) return code;
    r->raw = (const uint8_t *)out->payload - YW_RECORD_HEADER;
    r->raw_bytes = bytes;
    r->position += bytes;
    return YW_OK;
}

const uint8_t *yw_reader_raw(const struct yw_reader *r, uint64_t *bytes) {
    *bytes = r->raw_bytes;
    return r->raw;
}

/* The first intact record behind `from` in segments; UINT64_MAX if there is none. */
static uint64_t skip_in_segments(struct yw_reader *r, uint64_t from, uint64_t committed) {
    struct yw_window *w = &r->row;
    uint64_t at = from;
    while (at < committed) {
        struct yw_record record;
        uint64_t bytes;
        w->length = 0;
        if (yw_window_fill(r->io, r->folder, &r->segments, w, at, 0, committed, NULL) != YW_OK ||
            w->length == 0) {
            uint64_t next = UINT64_MAX;
            for (size_t i = 0; i < r->segments.count; i++)
                if (r->segments.items[i].state == YW_OK && r->segments.items[i].head.start > at &&
                    r->segments.items[i].head.start < next)
                    next = r->segments.items[i].head.start;
            if (next == UINT64_MAX) return UINT64_MAX;
            at = next;
            continue;
        }
        for (uint64_t end = at + w->length; at < end; at += YW_RECORD_ALIGN) {
            size_t skip = (size_t)(at - w->from);
            enum yw_parsed p =
                yw_record_parse(w->bytes + skip, w->length - skip, at, r->seed, &record, &bytes);
            if (p == YW_PARSED_OK) return at;
            if (p == YW_PARSED_SHORT && skip > 0) break; /* once more with the window beginning here */
            if (p == YW_PARSED_SHORT &&
                read_from(r, w, FROM_SEGMENT, at, committed, &record, &bytes, NULL) == YW_OK)
                return at;
        }
    }
    return UINT64_MAX;
}

/* The first frame behind `from` whose first record is intact; UINT64_MAX if there is none. */
static uint64_t skip_in_blocks(struct yw_reader *r, uint64_t from) {
    struct yw_block_head head;
    struct yw_record record;
    uint64_t bytes, at = from;
    if (!r->blocks) return UINT64_MAX;
    while (yw_blocks_find(r->blocks, at, &head, NULL) == YW_OK ||
           yw_blocks_next(r->blocks, at, &head, NULL) == YW_OK) {
        if (head.block.from > at) at = head.block.from;
        while (at < head.block.to) {
            uint64_t to = yw_blocks_frame_end(r->blocks, at);
            if (at > from &&
                read_from(r, &r->row, FROM_BLOCK, at, UINT64_MAX, &record, &bytes, NULL) == YW_OK)
                return at;
            at = to > at ? to : head.block.to;
        }
    }
    return UINT64_MAX;
}

enum yw_code yw_reader_skip(struct yw_reader *r, uint64_t *lost, struct yw_error *err) {
    uint64_t committed = yw_reader_committed(r), from = r->position;
    if (lost) *lost = 0;
    if (from >= committed) return YW_E_END;
    enum yw_code code = relist(r, err);
    if (code != YW_OK && code != YW_E_NOT_FOUND) return code;
    r->row.to = r->row.start;
    uint64_t to = skip_in_segments(r, from + YW_RECORD_ALIGN, committed);
    uint64_t other = skip_in_blocks(r, from);
    if (other < to) to = other;
    r->row.length = 0;
    r->position = to < committed ? to : committed;
    if (lost) *lost = r->position - from;
    return to < committed ? YW_OK : YW_E_END;
}

uint64_t yw_reader_position(const struct yw_reader *r) {
    return r->position;
}

enum yw_code yw_reader_get(struct yw_reader *r, uint64_t position, struct yw_record *out,
                           struct yw_error *err) {
    uint64_t bytes;
    if (position % YW_RECORD_ALIGN != 0 || position >= yw_reader_committed(r))
        return yw_fail(err, YW_E_NOT_FOUND, "the journal %s has no record at %llu", r->folder,
                       (unsigned long long)position);
    return read_at_position(r, &r->single, position, r->info.committed, out, &bytes, err);
}
