/* Sealing: committed records become blocks; segments wholly behind blocks go.
 *
 * A block is the longest run of records that holds at most YW_BLOCK_BYTES (or one larger record) and arrived
 * within YW_BLOCK_SECONDS of its first. It is sealed when the record that ends the run is committed, or when
 * its time is over. Its bytes count once they are synced; only then may a segment be removed. */
#include "journal/pack.h"
#include "journal/reader.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

struct yw_sealer {
    const struct yw_io *io;
    char folder[PATH_MAX], target[PATH_MAX];
    struct yw_reader *reader; /* of segments alone */
    struct yw_blocks *blocks; /* what is there already */
    struct yw_journal_info info;
    uint64_t position, number; /* behind the last sealed block; of the next one */
    uint8_t before[32];

    struct yw_run run; /* being gathered */
    bool complete;     /* the next record belongs to another block */
    struct yw_packer packer;
    int fd; /* the file that is being continued, -1: none */
    size_t file_blocks;
    int64_t file_end;
};

/* Gathers until the run is complete or nothing more is committed. */
static enum yw_code gather(struct yw_sealer *s, struct yw_error *err) {
    while (!s->complete) {
        struct yw_record record;
        enum yw_code code = yw_reader_next(s->reader, &record, err);
        if (code == YW_E_END) return YW_OK;
        if (code == YW_E_CORRUPT && s->run.records > 0) {
            s->complete = true;
            return YW_OK;
        }
        if (code ==
            YW_E_CORRUPT) { /* what cannot be read is in no block; the blocks around it show the gap */
            code = yw_reader_skip(s->reader, NULL, err);
            if (code != YW_OK && code != YW_E_END) return code;
            continue;
        }
        if (code != YW_OK) return code;
        uint64_t n;
        const uint8_t *raw = yw_reader_raw(s->reader, &n);
        if (s->run.records > 0 && (s->run.length + n > YW_BLOCK_BYTES ||
                                   (uint64_t)record.arrival - (uint64_t)s->run.first_arrival >=
                                       (uint64_t)(YW_BLOCK_SECONDS * YW_SECOND))) {
            s->complete = true;
            return yw_reader_seek(s->reader, record.position, err);
        }
        code = yw_run_add(&s->run, &record, raw, (size_t)n, err);
        if (code != YW_OK) return code;
    }
    return YW_OK;
}

/* ---- writing ---- */

static void close_target(struct yw_sealer *s) {
    if (s->fd >= 0) s->io->close(s->io->ctx, s->fd);
    s->fd = -1;
}

static enum yw_code start_file(struct yw_sealer *s, uint64_t from, struct yw_error *err) {
    close_target(s);
    char path[PATH_MAX];
    enum yw_code code = yw_block_path(s->target, from, path, err);
    if (code != YW_OK) return code;
    int fd = s->io->open(s->io->ctx, path, O_RDWR | O_CREAT);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot make %s", path);
    struct yw_block_file head = {.number = s->number, .from = from};
    memcpy(head.id, s->info.id, YW_ID_BYTES);
    memcpy(head.name, s->info.name, YW_NAME_BYTES);
    memcpy(head.before, s->before, 32);
    uint8_t bytes[YW_BLOCK_FILE_HEADER];
    yw_block_file_encode(&head, bytes);
    int r = 0;
    /* The header is synced before a block is written: a file with more than a header that cannot be read is
     * damaged. */
    if (s->io->size(s->io->ctx, fd) > YW_BLOCK_FILE_HEADER)
        code =
            yw_fail(err, YW_E_CORRUPT, "the header of %s is damaged: restore the file or move it away", path);
    if (code == YW_OK) code = yw_write_at(s->io, fd, bytes, sizeof bytes, 0, err);
    if (code == YW_OK) {
        r = s->io->sync(s->io->ctx, fd);
        if (r == 0) r = s->io->sync_dir(s->io->ctx, s->target);
        if (r < 0) code = yw_fail_errno(err, -r, "cannot sync %s", path);
    }
    if (code != YW_OK) {
        s->io->close(s->io->ctx, fd);
        return code;
    }
    s->fd = fd;
    s->file_blocks = 0;
    s->file_end = YW_BLOCK_FILE_HEADER;
    return YW_OK;
}

/* Frames first and the header last, so that who reads meanwhile sees a whole block or none. */
static enum yw_code write_block(struct yw_sealer *s, const struct yw_block_head *h, struct yw_error *err) {
    enum yw_code code = YW_OK;
    if (s->fd < 0 || s->file_blocks >= YW_BLOCKS_PER_FILE || s->file_end >= YW_BLOCK_FILE_BYTES)
        code = start_file(s, h->block.from, err);
    size_t first = YW_BLOCK_HEADER + (size_t)h->frames * YW_BLOCK_FRAME_ENTRY;
    if (code == YW_OK)
        code = yw_write_at(s->io, s->fd, s->packer.out + first, h->block.stored - first,
                           s->file_end + (int64_t)first, err);
    if (code == YW_OK) code = yw_write_at(s->io, s->fd, s->packer.out, first, s->file_end, err);
    if (code != YW_OK) return code;
    int r = s->io->sync(s->io->ctx, s->fd);
    if (r < 0) return yw_fail_errno(err, -r, "cannot sync a block of %s", s->folder);
    s->file_end += (int64_t)h->block.stored;
    s->file_blocks++;
    return YW_OK;
}

/* ---- removing segments ---- */

static bool covered(struct yw_sealer *s, uint64_t from, uint64_t to) {
    struct yw_block_head head;
    while (from < to) {
        if (yw_blocks_find(s->blocks, from, &head, NULL) != YW_OK) return false;
        from = head.block.to;
    }
    return true;
}

/* A segment goes when a later one is begun for good (something in it is committed) and blocks hold all of it.
 * One with a damaged stretch is kept under another name: nobody reads it again, and nobody throws evidence
 * away. */
static enum yw_code remove_segments(struct yw_sealer *s, struct yw_error *err) {
    struct yw_segments list;
    enum yw_code code = yw_segments_list(s->io, s->folder, &list, err);
    if (code != YW_OK) return code;
    uint64_t committed = yw_reader_committed(s->reader);
    for (size_t i = 0; i < list.count; i++) {
        const struct yw_segment_file *f = &list.items[i], *after;
        if (f->state != YW_OK || !(after = yw_segments_after(&list, f->number))) continue;
        if (after->head.start > s->position || after->head.start >= committed) break;
        char path[PATH_MAX], kept[PATH_MAX];
        code = yw_segment_path(s->folder, f->number, path, err);
        if (code != YW_OK) break;
        int r;
        if (covered(s, f->head.start, after->head.start)) {
            r = s->io->remove(s->io->ctx, path);
        } else {
            size_t stem = strlen(path) - 4;
            if (stem + sizeof ".damaged" > sizeof kept) break;
            memcpy(kept, path, stem);
            memcpy(kept + stem, ".damaged", sizeof ".damaged");
            r = s->io->rename(s->io->ctx, path, kept);
        }
        if (r < 0 && r != -ENOENT) {
            code = yw_fail_errno(err, -r, "cannot remove %s", path);
            break;
        }
    }
    yw_segments_free(&list);
    return code;
}

/* ---- opening ---- */

/* What lies behind the last block is the torn beginning of one that never counted, if segments still hold its
 * records; otherwise it is a block that was damaged, and nothing may be cut. */
static enum yw_code check_cut(struct yw_sealer *s, const struct yw_blocks_tail *tail, const char *path,
                              struct yw_error *err) {
    struct yw_record record;
    if (tail->end == tail->size) return YW_OK;
    if (s->position >= yw_reader_committed(s->reader))
        return yw_fail(err, YW_E_STATE, "the owner of %s has not yet published what %s goes on with",
                       s->folder, path);
    if (yw_reader_get(s->reader, s->position, &record, NULL) == YW_OK) return YW_OK;
    return yw_fail(err, YW_E_CORRUPT,
                   "%s is damaged at byte %lld and no segment holds its records: restore it from a copy",
                   path, (long long)tail->end);
}

static enum yw_code continue_file(struct yw_sealer *s, const struct yw_blocks_tail *tail,
                                  struct yw_error *err) {
    char path[PATH_MAX];
    enum yw_code code = yw_block_path(s->target, tail->file, path, err);
    if (code == YW_OK) code = check_cut(s, tail, path, err);
    if (code != YW_OK) return code;
    int fd = s->io->open(s->io->ctx, path, O_RDWR);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot open %s", path);
    int r = tail->end < tail->size ? s->io->truncate(s->io->ctx, fd, tail->end) : 0;
    if (r == 0) r = s->io->sync(s->io->ctx, fd); /* what was written and not synced counts from here on */
    if (r == 0) r = s->io->sync_dir(s->io->ctx, s->target);
    if (r < 0) {
        s->io->close(s->io->ctx, fd);
        return yw_fail_errno(err, -r, "cannot continue %s", path);
    }
    s->fd = fd;
    s->file_blocks = tail->blocks;
    s->file_end = tail->end;
    return YW_OK;
}

static enum yw_code find_tail(struct yw_sealer *s, struct yw_error *err) {
    uint8_t id[YW_ID_BYTES];
    char name[YW_NAME_BYTES];
    struct yw_blocks_tail tail;
    if (yw_blocks_identity(s->blocks, id, name) && memcmp(id, s->info.id, YW_ID_BYTES) != 0)
        return yw_fail(err, YW_E_CORRUPT, "the blocks in %s belong to another journal than %s", s->target,
                       s->folder);
    yw_blocks_expect(s->blocks, s->info.id);
    enum yw_code code = yw_blocks_tail(s->blocks, &tail, err);
    if (code == YW_E_NOT_FOUND) return YW_OK;
    if (code != YW_OK) return code;
    const struct yw_block *last = &tail.last.block;
    if (tail.blocks == 0) {
        s->position = tail.file;
        s->number = tail.number;
        memcpy(s->before, tail.before, 32);
    } else if (yw_blocks_check(s->blocks, &tail.last, NULL) == YW_OK) {
        s->position = last->to;
        s->number = last->number + 1;
        yw_block_description_hash(&tail.last, s->before);
    } else { /* only the last block can have been cut while it was written */
        s->position = last->from;
        s->number = last->number;
        memcpy(s->before, last->before, 32);
        tail.blocks--;
        tail.end -= (int64_t)last->stored;
    }
    return continue_file(s, &tail, err);
}

static enum yw_code make_target(struct yw_sealer *s, struct yw_error *err) {
    if (s->io != yw_io_system()) return YW_OK;
    char parent[PATH_MAX];
    enum yw_code code = yw_make_dirs(s->target, err);
    if (code == YW_OK) code = yw_file_path(s->target, "..", parent, err);
    if (code != YW_OK) return code;
    int r = s->io->sync_dir(s->io->ctx, parent);
    return r < 0 ? yw_fail_errno(err, -r, "cannot sync the folder above %s", s->target) : YW_OK;
}

enum yw_code yw_sealer_open(const struct yw_io *io, const char *folder, const char *blocks,
                            struct yw_sealer **out, struct yw_error *err) {
    *out = NULL;
    struct yw_sealer *s = calloc(1, sizeof *s);
    if (!s) return yw_fail(err, YW_E_NOMEM, "no memory for sealing %s", folder);
    s->io = io;
    s->fd = -1;
    enum yw_code code = YW_OK;
    if (!yw_copy(s->folder, sizeof s->folder, folder, strlen(folder)) ||
        !yw_copy(s->target, sizeof s->target, blocks, strlen(blocks)))
        code = yw_fail(err, YW_E_LIMIT, "the path %s is too long", folder);
    if (code == YW_OK) code = yw_packer_open(&s->packer, err);
    if (code == YW_OK) code = yw_reader_open_on(io, folder, NULL, &s->reader, err);
    if (code == YW_OK) {
        s->info = *yw_reader_info(s->reader);
        code = make_target(s, err);
    }
    if (code == YW_OK) code = yw_blocks_open(io, blocks, &s->blocks, err);
    if (code == YW_OK) code = find_tail(s, err);
    if (code == YW_OK) code = yw_reader_seek(s->reader, s->position, err);
    if (code != YW_OK) {
        yw_sealer_close(s);
        return code;
    }
    yw_run_start(&s->run);
    *out = s;
    return YW_OK;
}

void yw_sealer_close(struct yw_sealer *s) {
    if (!s) return;
    close_target(s);
    yw_reader_close(s->reader);
    yw_blocks_close(s->blocks);
    yw_packer_close(&s->packer);
    yw_run_free(&s->run);
    free(s);
}

uint64_t yw_sealer_position(const struct yw_sealer *s) {
    return s->position;
}

enum yw_code yw_sealer_step(struct yw_sealer *s, int64_t now, bool *sealed, struct yw_block *block,
                            struct yw_error *err) {
    *sealed = false;
    enum yw_code code = gather(s, err);
    if (code != YW_OK || s->run.records == 0) return code;
    /* Subtraction may not overflow: a broken clock may have given any arrival. */
    bool old = now > s->run.first_arrival &&
               (uint64_t)now - (uint64_t)s->run.first_arrival >= (uint64_t)(YW_BLOCK_SECONDS * YW_SECOND);
    if (!s->complete && !old) return YW_OK;
    struct yw_block_head head = {.block = {.number = s->number}};
    memcpy(head.id, s->info.id, YW_ID_BYTES);
    memcpy(head.block.before, s->before, sizeof s->before);
    code = yw_pack(&s->packer, &s->run, &head, err);
    if (code == YW_OK) code = write_block(s, &head, err);
    if (code != YW_OK) return code;
    s->position = head.block.to;
    s->number++;
    yw_block_description_hash(&head, s->before);
    yw_run_start(&s->run);
    s->complete = false;
    *sealed = true;
    if (block) *block = head.block;
    return remove_segments(s, err);
}
