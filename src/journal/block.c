/* Reading a folder of block files: position -> file -> block -> frame -> bytes. */
#include "journal/block.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { FILES_MOST = 1 << 22, PROBE_BYTES = 1024, RESYNC_BYTES = 1 << 18 };

struct entry {
    uint64_t from, to;
    int64_t offset;
};

struct yw_blocks {
    const struct yw_io *io;
    char folder[PATH_MAX];
    uint64_t *files; /* first positions, in order */
    size_t file_count;

    int fd; /* -1: no file is open */
    uint64_t file;
    bool usable;     /* the open file belongs to the journal */
    bool header_bad; /* and that had to be told from its blocks */
    bool expecting;
    uint8_t expected[YW_ID_BYTES];
    struct yw_block_file head;
    uint64_t seed;
    struct entry *entries;
    size_t count, cap;
    int64_t scanned, size; /* entries are known up to `scanned` */
    int64_t hopeless;      /* size of the file when searching found nothing more behind `scanned`; 0: never */

    struct yw_block_head block; /* the one whose index is loaded */
    int64_t block_offset;       /* 0: none */
    uint8_t *header;            /* its header and index */
    size_t header_cap;
    uint8_t *packed;
    size_t packed_cap;
    ZSTD_DCtx *zstd;
};

enum yw_code yw_block_path(const char *folder, uint64_t from, char out[PATH_MAX], struct yw_error *err) {
    char name[32];
    snprintf(name, sizeof name, "%020llu.blk", (unsigned long long)from);
    return yw_file_path(folder, name, out, err);
}

static bool reserve(uint8_t **bytes, size_t *cap, size_t need) {
    if (need <= *cap) return true;
    uint8_t *p = realloc(*bytes, need);
    if (!p) return false;
    *bytes = p;
    *cap = need;
    return true;
}

/* ---- names ---- */

struct listing {
    uint64_t *files;
    size_t count, cap;
    bool failed;
};

static bool list_name(void *arg, const char *name) {
    struct listing *l = arg;
    uint64_t from;
    if (strlen(name) != 24 || strcmp(name + 20, ".blk") != 0 || !yw_parse_u64(name, 20, &from)) return true;
    if (l->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 64;
        uint64_t *files = cap <= FILES_MOST ? realloc(l->files, cap * sizeof *files) : NULL;
        if (!files) {
            l->failed = true;
            return false;
        }
        l->files = files;
        l->cap = cap;
    }
    l->files[l->count++] = from;
    return true;
}

static int by_position(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static enum yw_code relist(struct yw_blocks *b, struct yw_error *err) {
    struct listing l = {0};
    int r = b->io->list(b->io->ctx, b->folder, list_name, &l);
    if ((r < 0 && r != -ENOENT) || l.failed) {
        free(l.files);
        return l.failed ? yw_fail(err, YW_E_NOMEM, "too many files in %s", b->folder)
                        : yw_fail_errno(err, -r, "cannot list the folder %s", b->folder);
    }
    if (l.count > 0) qsort(l.files, l.count, sizeof *l.files, by_position);
    free(b->files);
    b->files = l.files;
    b->file_count = l.count;
    return YW_OK;
}

/* ---- one file ---- */

static void close_file(struct yw_blocks *b) {
    if (b->fd >= 0) b->io->close(b->io->ctx, b->fd);
    b->fd = -1;
    b->count = 0;
    b->block_offset = 0;
    b->usable = false;
}

static enum yw_code add_entry(struct yw_blocks *b, const struct yw_block *block, int64_t offset,
                              struct yw_error *err) {
    if (b->count == b->cap) {
        size_t cap = b->cap ? 2 * b->cap : 64;
        struct entry *entries = realloc(b->entries, cap * sizeof *entries);
        if (!entries) return yw_fail(err, YW_E_NOMEM, "no memory for the blocks of %s", b->folder);
        b->entries = entries;
        b->cap = cap;
    }
    b->entries[b->count++] = (struct entry){block->from, block->to, offset};
    return YW_OK;
}

/* Header and index at offset into b->header. YW_E_END: zeros or the file's end, so nothing is there (yet). */
static enum yw_code load_header(struct yw_blocks *b, int64_t offset, struct yw_block_head *out,
                                struct yw_error *err) {
    size_t need = PROBE_BYTES, got = 0;
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!reserve(&b->header, &b->header_cap, need))
            return yw_fail(err, YW_E_NOMEM, "no memory for reading a block of %s", b->folder);
        enum yw_code code = yw_read_at(b->io, b->fd, b->header, need, offset, &got, err);
        if (code != YW_OK) return code;
        size_t zero = 0;
        while (zero < got && zero < YW_BLOCK_HEADER && b->header[zero] == 0) zero++;
        if (zero == got || zero == YW_BLOCK_HEADER) return YW_E_END;
        code = yw_block_parse(b->header, got, b->seed, out, &need);
        if (code == YW_OK && memcmp(out->id, b->head.id, YW_ID_BYTES) != 0) code = YW_E_CORRUPT;
        if (code == YW_OK && (int64_t)out->block.stored > b->size - offset) code = YW_E_CORRUPT;
        if (code != YW_E_END) return code;
    }
    return YW_E_CORRUPT;
}

/* A forged or misplaced block may not hide others: positions grow along a file. */
static bool in_order(const struct yw_blocks *b, const struct yw_block_head *h) {
    return h->block.from >= (b->count > 0 ? b->entries[b->count - 1].to : b->file);
}

/* Damage in a header hides the blocks behind it from the hop; they are found again by their checksums. */
static enum yw_code resync(struct yw_blocks *b, int64_t from, int64_t *found, struct yw_error *err) {
    uint8_t *chunk = malloc(RESYNC_BYTES);
    if (!chunk) return yw_fail(err, YW_E_NOMEM, "no memory for reading a block of %s", b->folder);
    enum yw_code code = YW_E_NOT_FOUND;
    for (int64_t at = from; code == YW_E_NOT_FOUND && at < b->size; at += RESYNC_BYTES - 16) {
        size_t got = 0;
        enum yw_code read = yw_read_at(b->io, b->fd, chunk, RESYNC_BYTES, at, &got, err);
        if (read != YW_OK) code = read;
        for (size_t i = 0; read == YW_OK && code == YW_E_NOT_FOUND && i + 16 <= got; i += 8) {
            struct yw_block_head head;
            if (memcmp(chunk + i + 8, "YWB1", 4) != 0) continue;
            *found = at + (int64_t)i;
            if (load_header(b, *found, &head, NULL) == YW_OK && in_order(b, &head)) code = YW_OK;
        }
    }
    free(chunk);
    return code;
}

static enum yw_code scan_file(struct yw_blocks *b, struct yw_error *err) {
    b->size = b->io->size(b->io->ctx, b->fd);
    while (b->usable && b->scanned < b->size) {
        struct yw_block_head head;
        int64_t at = b->scanned;
        b->block_offset = 0; /* load_header overwrites the loaded block */
        enum yw_code code = load_header(b, at, &head, err);
        if (code == YW_OK && !in_order(b, &head)) code = YW_E_CORRUPT;
        if (code == YW_E_CORRUPT && b->hopeless == b->size) return YW_OK;
        if (code == YW_E_CORRUPT) {
            code = resync(b, at + 8, &at, err);
            if (code == YW_OK) code = load_header(b, at, &head, err);
            if (code == YW_E_NOT_FOUND) b->hopeless = b->size;
        }
        if (code == YW_E_END || code == YW_E_NOT_FOUND) return YW_OK;
        if (code == YW_E_VERSION)
            return yw_fail(err, YW_E_VERSION, "a block file of %s was written by a newer program", b->folder);
        if (code == YW_OK) code = add_entry(b, &head.block, at, err);
        if (code != YW_OK) return code;
        b->scanned = at + (int64_t)head.block.stored;
    }
    return YW_OK;
}

static enum yw_code open_file(struct yw_blocks *b, uint64_t file, struct yw_error *err) {
    if (b->fd >= 0 && b->file == file && b->usable) return scan_file(b, err);
    close_file(b);
    char path[PATH_MAX];
    enum yw_code code = yw_block_path(b->folder, file, path, err);
    if (code != YW_OK) return code;
    int fd = b->io->open(b->io->ctx, path, O_RDONLY);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot open %s", path);
    b->fd = fd;
    b->file = file;
    uint8_t bytes[YW_BLOCK_FILE_HEADER];
    size_t got = 0;
    code = yw_read_at(b->io, fd, bytes, sizeof bytes, 0, &got, err);
    if (code != YW_OK) return code;
    code = yw_block_file_parse(bytes, got, &b->head);
    if (code == YW_E_VERSION) return yw_fail(err, code, "%s was written by a newer program", path);
    b->usable = code == YW_OK && b->head.from == file;
    b->header_bad = !b->usable && b->expecting && b->io->size(b->io->ctx, fd) > YW_BLOCK_FILE_HEADER;
    if (b->header_bad) { /* its blocks are found by what the journal is known to be */
        b->head = (struct yw_block_file){.from = file};
        memcpy(b->head.id, b->expected, YW_ID_BYTES);
        b->usable = true;
    }
    b->seed = yw_journal_seed(b->head.id);
    b->scanned = YW_BLOCK_FILE_HEADER;
    b->hopeless = 0;
    return scan_file(b, err);
}

/* ---- the folder ---- */

enum yw_code yw_blocks_open(const struct yw_io *io, const char *folder, struct yw_blocks **out,
                            struct yw_error *err) {
    *out = NULL;
    struct yw_blocks *b = calloc(1, sizeof *b);
    if (!b) return yw_fail(err, YW_E_NOMEM, "no memory for reading %s", folder);
    b->io = io;
    b->fd = -1;
    b->zstd = ZSTD_createDCtx();
    enum yw_code code = YW_OK;
    if (!b->zstd) code = yw_fail(err, YW_E_NOMEM, "no memory for reading %s", folder);
    if (code == YW_OK && !yw_copy(b->folder, sizeof b->folder, folder, strlen(folder)))
        code = yw_fail(err, YW_E_LIMIT, "the path %s is too long", folder);
    if (code == YW_OK) code = relist(b, err);
    if (code != YW_OK) {
        yw_blocks_close(b);
        return code;
    }
    *out = b;
    return YW_OK;
}

void yw_blocks_close(struct yw_blocks *b) {
    if (!b) return;
    close_file(b);
    ZSTD_freeDCtx(b->zstd);
    free(b->files);
    free(b->entries);
    free(b->header);
    free(b->packed);
    free(b);
}

void yw_blocks_expect(struct yw_blocks *b, const uint8_t id[YW_ID_BYTES]) {
    memcpy(b->expected, id, YW_ID_BYTES);
    b->expecting = true;
    close_file(b); /* one that was not readable without may be now */
}

bool yw_blocks_header_bad(const struct yw_blocks *b) {
    return b->usable && b->header_bad;
}

/* The last file that starts at or before position; file_count if none does. */
static size_t file_of(const struct yw_blocks *b, uint64_t position) {
    size_t low = 0, high = b->file_count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (b->files[mid] <= position)
            low = mid + 1;
        else
            high = mid;
    }
    return low > 0 ? low - 1 : b->file_count;
}

/* The first entry of the open file that ends behind position. */
static size_t entry_of(const struct yw_blocks *b, uint64_t position) {
    size_t low = 0, high = b->count;
    while (low < high) {
        size_t mid = low + (high - low) / 2;
        if (b->entries[mid].to <= position)
            low = mid + 1;
        else
            high = mid;
    }
    return low;
}

static enum yw_code load_entry(struct yw_blocks *b, const struct entry *e, struct yw_block_head *out,
                               struct yw_error *err) {
    if (b->block_offset != e->offset) {
        enum yw_code code = load_header(b, e->offset, &b->block, err);
        if (code != YW_OK)
            return yw_fail(err, YW_E_CORRUPT, "the block at %llu of %s is damaged",
                           (unsigned long long)e->from, b->folder);
        b->block_offset = e->offset;
    }
    *out = b->block;
    return YW_OK;
}

enum yw_code yw_blocks_find(struct yw_blocks *b, uint64_t position, struct yw_block_head *out,
                            struct yw_error *err) {
    for (int attempt = 0; attempt < 2; attempt++) {
        size_t f = file_of(b, position);
        if (f < b->file_count) {
            enum yw_code code = open_file(b, b->files[f], err);
            if (code != YW_OK && code != YW_E_NOT_FOUND) return code;
            size_t e = entry_of(b, position);
            if (code == YW_OK && e < b->count && b->entries[e].from <= position)
                return load_entry(b, &b->entries[e], out, err);
            if (f + 1 < b->file_count) break; /* a later file exists: the list is not what is missing */
        }
        enum yw_code code = attempt == 0 ? relist(b, err) : YW_OK;
        if (code != YW_OK) return code;
    }
    return yw_fail(err, YW_E_NOT_FOUND, "no block of %s holds position %llu", b->folder,
                   (unsigned long long)position);
}

enum yw_code yw_blocks_next(struct yw_blocks *b, uint64_t position, struct yw_block_head *out,
                            struct yw_error *err) {
    size_t f = file_of(b, position);
    for (f = f < b->file_count ? f : 0; f < b->file_count; f++) {
        enum yw_code code = open_file(b, b->files[f], err);
        if (code != YW_OK && code != YW_E_NOT_FOUND) return code;
        size_t e = entry_of(b, position);
        while (e < b->count && b->entries[e].from < position) e++;
        if (code == YW_OK && e < b->count) return load_entry(b, &b->entries[e], out, err);
    }
    return YW_E_NOT_FOUND;
}

enum yw_code yw_blocks_tail(struct yw_blocks *b, struct yw_blocks_tail *out, struct yw_error *err) {
    *out = (struct yw_blocks_tail){0};
    enum yw_code code = relist(b, err);
    for (size_t f = b->file_count; code == YW_OK && f-- > 0;) {
        code = open_file(b, b->files[f], err);
        if (code != YW_OK || !b->usable || (b->header_bad && b->count == 0)) continue;
        out->file = b->files[f];
        out->blocks = b->count;
        out->end = b->scanned;
        out->size = b->size;
        out->number = b->head.number;
        memcpy(out->before, b->head.before, 32);
        return b->count > 0 ? load_entry(b, &b->entries[b->count - 1], &out->last, err) : YW_OK;
    }
    return code == YW_OK ? YW_E_NOT_FOUND : code;
}

uint64_t yw_blocks_end(struct yw_blocks *b) {
    for (size_t f = b->file_count; f-- > 0;)
        if (open_file(b, b->files[f], NULL) == YW_OK && b->count > 0) return b->entries[b->count - 1].to;
    return 0;
}

bool yw_blocks_identity(struct yw_blocks *b, uint8_t id[YW_ID_BYTES], char name[YW_NAME_BYTES]) {
    for (size_t f = b->file_count; f-- > 0;) {
        if (open_file(b, b->files[f], NULL) != YW_OK || !b->usable || b->header_bad) continue;
        memcpy(id, b->head.id, YW_ID_BYTES);
        memcpy(name, b->head.name, YW_NAME_BYTES);
        return true;
    }
    return false;
}

/* ---- frames ---- */

struct frame {
    uint64_t from; /* position */
    int64_t offset;
    uint32_t raw, packed;
};

/* The frame of the loaded block that holds position; the index adds up to the block, so the walk ends inside
 * it. */
static struct frame frame_of(const struct yw_blocks *b, uint64_t position) {
    const uint8_t *index = b->header + YW_BLOCK_HEADER;
    struct frame f = {.from = b->block.block.from, .raw = yw_get_u32(index), .packed = yw_get_u32(index + 4)};
    f.offset = b->block_offset + YW_BLOCK_HEADER + (int64_t)b->block.frames * YW_BLOCK_FRAME_ENTRY;
    while (position - f.from >= f.raw) {
        f.from += f.raw;
        f.offset += f.packed;
        index += YW_BLOCK_FRAME_ENTRY;
        f.raw = yw_get_u32(index);
        f.packed = yw_get_u32(index + 4);
    }
    return f;
}

uint64_t yw_blocks_frame_end(struct yw_blocks *b, uint64_t position) {
    struct yw_block_head head;
    if (yw_blocks_find(b, position, &head, NULL) != YW_OK) return 0;
    struct frame f = frame_of(b, position);
    return f.from + f.raw;
}

enum yw_code yw_blocks_fill(struct yw_blocks *b, struct yw_window *w, uint64_t position,
                            struct yw_error *err) {
    struct yw_block_head head;
    enum yw_code code = yw_blocks_find(b, position, &head, err);
    if (code != YW_OK) return code;
    struct frame f = frame_of(b, position);
    w->length = 0;
    size_t got = 0;
    if (!reserve(&b->packed, &b->packed_cap, f.packed))
        return yw_fail(err, YW_E_NOMEM, "no memory for reading a block of %s", b->folder);
    code = yw_window_reserve(w, f.raw, err);
    if (code == YW_OK) code = yw_read_at(b->io, b->fd, b->packed, f.packed, f.offset, &got, err);
    if (code != YW_OK) return code;
    size_t r = got == f.packed ? ZSTD_decompressDCtx(b->zstd, w->bytes, f.raw, b->packed, f.packed) : 0;
    if (ZSTD_isError(r) || r != f.raw)
        return yw_fail(err, YW_E_CORRUPT, "the block at %llu of %s is damaged",
                       (unsigned long long)head.block.from, b->folder);
    w->from = f.from;
    w->length = f.raw;
    return YW_OK;
}

enum yw_code yw_blocks_check(struct yw_blocks *b, const struct yw_block_head *h, struct yw_error *err) {
    struct yw_block_head found;
    enum yw_code code = yw_blocks_find(b, h->block.from, &found, err);
    if (code != YW_OK) return code;
    uint64_t first = YW_BLOCK_HEADER + (uint64_t)found.frames * YW_BLOCK_FRAME_ENTRY;
    uint64_t n = found.block.stored - first;
    size_t got = 0;
    if (!reserve(&b->packed, &b->packed_cap, n))
        return yw_fail(err, YW_E_NOMEM, "no memory for reading a block of %s", b->folder);
    code = yw_read_at(b->io, b->fd, b->packed, n, b->block_offset + (int64_t)first, &got, err);
    if (code != YW_OK) return code;
    if (got != n || yw_hash64(b->packed, n, b->seed) != found.frames_hash)
        return yw_fail(err, YW_E_CORRUPT, "the block at %llu of %s is damaged",
                       (unsigned long long)h->block.from, b->folder);
    return YW_OK;
}
