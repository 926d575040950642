/* The appending thread's half of a journal; commit.c is the committing thread's. */
#include "journal/writer.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Address space only: a side of a quiet journal stays small, and payloads never move while they are pending.
 */
static enum yw_code make_side(struct yw_side *side, struct yw_error *err) {
    void *p = mmap(NULL, YW_PENDING_BYTES, PROT_READ | PROT_WRITE,
                   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (p == MAP_FAILED) return yw_fail_errno(err, errno, "no memory for the journal's buffers");
    side->bytes = p;
    return YW_OK;
}

/* The folder is made where the I/O table is the system's; elsewhere whoever starts the owner has made it. It
 * may be the first in its folder, and that one new too. */
static enum yw_code make_folder(const struct yw_io *io, const char *folder, struct yw_error *err) {
    static const char *const above[] = {"..", "../.."};
    if (io != yw_io_system()) return YW_OK;
    enum yw_code code = yw_make_dirs(folder, err);
    for (size_t i = 0; code == YW_OK && i < YW_COUNT(above); i++) {
        char path[PATH_MAX];
        code = yw_file_path(folder, above[i], path, err);
        int r = code == YW_OK ? io->sync_dir(io->ctx, path) : 0;
        if (r < 0 && r != -EACCES) code = yw_fail_errno(err, -r, "cannot sync %s", path);
    }
    return code;
}

static void destroy(struct yw_journal *j) {
    if (j->fd >= 0) j->io->close(j->io->ctx, j->fd);
    yw_live_disown(&j->live);
    for (int i = 0; i < 2; i++)
        if (j->sides[i].bytes) munmap(j->sides[i].bytes, YW_PENDING_BYTES);
    free(j->zeros);
    free(j);
}

static void start_side(struct yw_journal *j, struct yw_side *side) {
    side->length = 0;
    side->from = j->end;
    side->parts[0] = (struct yw_part){.head = j->tail, .from = j->end};
    side->part_count = 1;
}

enum yw_code yw_journal_open(const struct yw_io *io, const char *folder, const char *name,
                             struct yw_journal **out, uint64_t *repaired, struct yw_error *err) {
    return yw_journal_open_sized(io, folder, name, YW_SEGMENT_BYTES, out, repaired, err);
}

enum yw_code yw_journal_open_sized(const struct yw_io *io, const char *folder, const char *name,
                                   uint32_t segment_bytes, struct yw_journal **out, uint64_t *repaired,
                                   struct yw_error *err) {
    *out = NULL;
    if (segment_bytes < YW_SEGMENT_LEAST || segment_bytes > YW_SEGMENT_BYTES)
        return yw_fail(err, YW_E_RANGE, "segments have %d to %d bytes", YW_SEGMENT_LEAST, YW_SEGMENT_BYTES);
    struct yw_journal *j = calloc(1, sizeof *j);
    if (!j) return yw_fail(err, YW_E_NOMEM, "no memory for the journal %s", folder);
    j->io = io;
    j->segment_bytes = segment_bytes;
    j->fd = -1;
    j->live.fd = -1;
    uint64_t published = 0, cut = 0;
    enum yw_code code = YW_OK;
    if (strlen(folder) > PATH_MAX - 32 || strlen(name) >= YW_NAME_BYTES || name[0] == 0)
        code = yw_fail(err, YW_E_LIMIT, "a journal's name has 1 to 15 bytes, and the path %s may be too long",
                       folder);
    if (code == YW_OK) {
        yw_copy(j->folder, sizeof j->folder, folder, strlen(folder));
        yw_copy(j->name, sizeof j->name, name, strlen(name));
        j->zeros = calloc(1, YW_ZERO_AHEAD);
        if (!j->zeros) code = yw_fail(err, YW_E_NOMEM, "no memory for the journal %s", folder);
    }
    for (int i = 0; code == YW_OK && i < 2; i++) code = make_side(&j->sides[i], err);
    if (code == YW_OK) code = make_folder(io, folder, err);
    if (code == YW_OK) code = yw_live_own(io, folder, &j->live, &published, err);
    if (code == YW_OK) code = yw_recover(j, published, &cut, err);
    if (code != YW_OK) {
        destroy(j);
        return code;
    }
    j->committed = j->end;
    j->committed_tail = j->tail;
    start_side(j, &j->sides[0]);
    yw_live_publish(&j->live, j->committed);
    if (repaired) *repaired = cut;
    *out = j;
    return YW_OK;
}

void yw_journal_close(struct yw_journal *j) {
    if (!j) return;
    if (j->end > j->committed) (void)yw_journal_commit(j, NULL);
    destroy(j);
}

/* The next segment begins at the present end. */
static void turn_over(struct yw_journal *j, struct yw_side *side) {
    j->tail.number++;
    j->tail.start = j->end;
    j->tail.arrival = j->last_arrival;
    j->tail.created = j->io->now(j->io->ctx);
    struct yw_part part = {.head = j->tail, .from = j->end, .begins = true};
    /* A side that is still empty has only the piece that start_side gave it. */
    if (side->length == 0) side->part_count = 0;
    side->parts[side->part_count++] = part;
}

enum yw_code yw_journal_append(struct yw_journal *j, struct yw_record *record, struct yw_error *err) {
    struct yw_side *side = &j->sides[j->filling];
    if (record->length > YW_RECORD_PAYLOAD_MAX)
        return yw_fail(err, YW_E_LIMIT, "a record of %u bytes is over the limit of %d", record->length,
                       YW_RECORD_PAYLOAD_MAX);
    if (record->bucket > 255) return yw_fail(err, YW_E_RANGE, "a record's bucket is 0 to 255");
    uint64_t bytes = yw_record_bytes(record->length);
    if (bytes > YW_PENDING_BYTES - (j->end - j->committed))
        return yw_fail(err, YW_E_FULL, "%llu bytes wait for the disk already",
                       (unsigned long long)(j->end - j->committed));
    /* A record too large for any segment of this size stands alone in one. */
    if (yw_segment_offset(&j->tail, j->end) + (int64_t)bytes > j->segment_bytes && j->end > j->tail.start) {
        if (side->part_count == YW_BATCH_PARTS)
            return yw_fail(err, YW_E_FULL, "%d segments wait for the disk already", YW_BATCH_PARTS);
        turn_over(j, side);
    }
    if (record->arrival < j->last_arrival) record->arrival = j->last_arrival;
    record->position = j->end;
    yw_record_encode(record, j->seed, side->bytes + side->length);
    side->length += bytes;
    j->last_arrival = record->arrival;
    j->end += bytes;
    return YW_OK;
}

bool yw_journal_take(struct yw_journal *j, struct yw_journal_batch *batch) {
    struct yw_side *side = &j->sides[j->filling];
    if (j->in_flight || side->length == 0) return false;
    *batch = (struct yw_journal_batch){.from = side->from, .to = j->end, .priv = side};
    j->in_flight = true;
    j->filling = !j->filling;
    start_side(j, &j->sides[j->filling]);
    return true;
}

void yw_journal_done(struct yw_journal *j, struct yw_journal_batch *batch) {
    enum { KEPT = 8 << 20 };
    struct yw_side *side = batch->priv;
    j->committed = batch->to;
    j->committed_tail = side->parts[side->part_count - 1].head;
    yw_live_publish(&j->live, j->committed);
    /* A burst's memory goes back; an ordinary batch's stays warm. */
    if (side->length > KEPT) madvise(side->bytes + KEPT, YW_PENDING_BYTES - KEPT, MADV_DONTNEED);
    side->length = 0;
    j->in_flight = false;
}

void yw_journal_withdraw(struct yw_journal *j) {
    j->end = j->committed;
    j->tail = j->committed_tail;
    j->in_flight = false;
    j->tail_unclean = true;
    j->sides[0].length = j->sides[1].length = 0;
    start_side(j, &j->sides[j->filling]);
}

enum yw_code yw_journal_commit(struct yw_journal *j, struct yw_error *err) {
    struct yw_journal_batch batch;
    if (j->in_flight) return yw_fail(err, YW_E_STATE, "a batch of the journal %s is under way", j->folder);
    if (!yw_journal_take(j, &batch)) return YW_OK;
    enum yw_code code = yw_journal_write(j, &batch, err);
    if (code == YW_OK)
        yw_journal_done(j, &batch);
    else
        yw_journal_withdraw(j);
    return code;
}

enum yw_code yw_journal_pending_get(const struct yw_journal *j, uint64_t position, struct yw_record *out,
                                    struct yw_error *err) {
    for (int i = 0; i < 2; i++) {
        const struct yw_side *side = &j->sides[i];
        uint64_t need;
        if (position < side->from || position - side->from >= side->length) continue;
        size_t at = (size_t)(position - side->from);
        if (yw_record_parse(side->bytes + at, side->length - at, position, j->seed, out, &need) ==
            YW_PARSED_OK)
            return YW_OK;
    }
    return yw_fail(err, YW_E_NOT_FOUND, "no pending record at %llu", (unsigned long long)position);
}

uint64_t yw_journal_pending(const struct yw_journal *j) {
    return j->end - j->committed;
}

uint64_t yw_journal_end(const struct yw_journal *j) {
    return j->end;
}

uint64_t yw_journal_committed(const struct yw_journal *j) {
    return j->committed;
}

struct yw_live *yw_journal_live(struct yw_journal *j) {
    return j->live.page;
}
