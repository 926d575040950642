/* The committing thread's half of a journal: a batch goes to the segments' files and counts only when synced.
 */
#include "journal/writer.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

static void close_segment(struct yw_journal *j) {
    if (j->fd >= 0) j->io->close(j->io->ctx, j->fd);
    j->fd = -1;
}

enum yw_code yw_commit_open(struct yw_journal *j, uint64_t number, struct yw_error *err) {
    if (j->fd >= 0 && j->fd_number == number) return YW_OK;
    close_segment(j);
    char path[PATH_MAX];
    enum yw_code code = yw_segment_path(j->folder, number, path, err);
    if (code != YW_OK) return code;
    int fd = j->io->open(j->io->ctx, path, O_RDWR | O_CREAT);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot open %s", path);
    j->folder_unsynced = true; /* it may be new */
    int64_t size = j->io->size(j->io->ctx, fd);
    int r = size < 0 ? (int)size : 0;
    /* Allocated whole, so that a full disk is met here and not in the middle of the segment. */
    if (size >= 0 && size < j->segment_bytes) r = j->io->allocate(j->io->ctx, fd, j->segment_bytes);
    if (r < 0 && r != -EOPNOTSUPP && r != -EINVAL) {
        j->io->close(j->io->ctx, fd);
        return yw_fail_errno(err, -r, "cannot make room for %s", path);
    }
    j->fd = fd;
    j->fd_number = number;
    j->zeroed = 0;
    if (number > j->highest_number) j->highest_number = number;
    return YW_OK;
}

enum yw_code yw_commit_sync(struct yw_journal *j, struct yw_error *err) {
    int r = j->io->sync(j->io->ctx, j->fd);
    if (r < 0)
        return yw_fail_errno(err, -r, "cannot sync segment %llu of %s", (unsigned long long)j->fd_number,
                             j->folder);
    if (!j->folder_unsynced) return YW_OK;
    r = j->io->sync_dir(j->io->ctx, j->folder);
    if (r < 0) return yw_fail_errno(err, -r, "cannot sync the folder %s", j->folder);
    j->folder_unsynced = false;
    return YW_OK;
}

enum yw_code yw_commit_wipe(struct yw_journal *j, int64_t from, uint64_t *wiped, struct yw_error *err) {
    int64_t end;
    enum yw_code code = yw_content_end(j->io, j->fd, from, &end, err);
    *wiped += code == YW_OK ? (uint64_t)(end - from) : 0;
    int64_t ahead = from + YW_ZERO_AHEAD < j->segment_bytes ? from + YW_ZERO_AHEAD : j->segment_bytes;
    if (code == YW_OK && end < ahead) end = ahead;
    for (int64_t at = from; code == YW_OK && at < end; at += YW_ZERO_AHEAD) {
        size_t n = end - at < YW_ZERO_AHEAD ? (size_t)(end - at) : YW_ZERO_AHEAD;
        code = yw_write_at(j->io, j->fd, j->zeros, n, at, err);
    }
    if (code == YW_OK) j->zeroed = end;
    return code;
}

/* What a withdrawn batch left behind must be gone, durably, before anything else is written: a whole record
 * of it would otherwise be found after a later one of the same size. */
static enum yw_code clean_tail(struct yw_journal *j, const struct yw_segment *tail, uint64_t end,
                               struct yw_error *err) {
    uint64_t wiped = 0;
    enum yw_code code = YW_OK;
    for (uint64_t n = j->highest_number; code == YW_OK && n > tail->number; n--) {
        code = yw_commit_open(j, n, err);
        if (code == YW_OK) code = yw_commit_wipe(j, 0, &wiped, err);
        if (code == YW_OK) code = yw_commit_sync(j, err);
    }
    if (code == YW_OK) code = yw_commit_open(j, tail->number, err);
    if (code == YW_OK) code = yw_commit_wipe(j, yw_segment_offset(tail, end), &wiped, err);
    if (code == YW_OK) code = yw_commit_sync(j, err);
    if (code == YW_OK) j->tail_unclean = false;
    return code;
}

/* Zeros are written some way ahead of small batches: syncing bytes that were written before costs the file
 * system nothing but the bytes, while every first write into allocated space makes it commit its own journal
 * too. */
static enum yw_code zero_ahead(struct yw_journal *j, int64_t end, size_t batch, struct yw_error *err) {
    if (end <= j->zeroed || batch > YW_ZERO_AHEAD_MOST) return YW_OK;
    int64_t n = j->segment_bytes - end < YW_ZERO_AHEAD ? j->segment_bytes - end : YW_ZERO_AHEAD;
    if (n <= 0) return YW_OK;
    enum yw_code code = yw_write_at(j->io, j->fd, j->zeros, (size_t)n, end, err);
    if (code == YW_OK) j->zeroed = end + n;
    return code;
}

static enum yw_code write_part(struct yw_journal *j, const struct yw_part *part, const uint8_t *bytes,
                               size_t n, struct yw_error *err) {
    enum yw_code code = yw_commit_open(j, part->head.number, err);
    if (code == YW_OK && part->begins) {
        uint8_t page[YW_SEGMENT_HEADER];
        yw_segment_encode(&part->head, page);
        code = yw_write_at(j->io, j->fd, page, sizeof page, 0, err);
    }
    int64_t at = yw_segment_offset(&part->head, part->from);
    if (code == YW_OK) code = yw_write_at(j->io, j->fd, bytes, n, at, err);
    if (code == YW_OK) code = zero_ahead(j, at + (int64_t)n, n, err);
    if (code == YW_OK) code = yw_commit_sync(j, err);
    return code;
}

enum yw_code yw_journal_write(struct yw_journal *j, struct yw_journal_batch *batch, struct yw_error *err) {
    const struct yw_side *side = batch->priv;
    enum yw_code code = YW_OK;
    if (j->tail_unclean) code = clean_tail(j, &j->committed_tail, batch->from, err);
    for (int i = 0; code == YW_OK && i < side->part_count; i++) {
        const struct yw_part *part = &side->parts[i];
        uint64_t to = i + 1 < side->part_count ? part[1].from : batch->to;
        code = write_part(j, part, side->bytes + (part->from - side->from), (size_t)(to - part->from), err);
    }
    /* After a failed sync the kernel may call pages clean that never reached the disk. The batch stays as it
     * is and a new attempt writes all of it again; closing the file forgets what this handle believed. */
    if (code != YW_OK) close_segment(j);
    return code;
}
