#include "journal/folder.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

enum { SEGMENTS_MOST = 1 << 20, SCAN_BYTES = 1 << 18 };

enum yw_code yw_file_path(const char *folder, const char *name, char out[PATH_MAX], struct yw_error *err) {
    int n = snprintf(out, PATH_MAX, "%s/%s", folder, name);
    if (n < 0 || n >= PATH_MAX) return yw_fail(err, YW_E_LIMIT, "the path %s is too long", folder);
    return YW_OK;
}

enum yw_code yw_segment_path(const char *folder, uint64_t number, char out[PATH_MAX], struct yw_error *err) {
    char name[32];
    snprintf(name, sizeof name, "%08llu.seg", (unsigned long long)number);
    return yw_file_path(folder, name, out, err);
}

enum yw_code yw_read_at(const struct yw_io *io, int fd, void *bytes, size_t n, int64_t offset, size_t *got,
                        struct yw_error *err) {
    *got = 0;
    while (*got < n) {
        ssize_t r = io->pread(io->ctx, fd, (char *)bytes + *got, n - *got, offset + (int64_t)*got);
        if (r < 0) return yw_fail_errno(err, (int)-r, "cannot read the journal");
        if (r == 0) break;
        *got += (size_t)r;
    }
    return YW_OK;
}

enum yw_code yw_write_at(const struct yw_io *io, int fd, const void *bytes, size_t n, int64_t offset,
                         struct yw_error *err) {
    for (size_t done = 0; done < n;) {
        ssize_t r = io->pwrite(io->ctx, fd, (const char *)bytes + done, n - done, offset + (int64_t)done);
        if (r <= 0) return yw_fail_errno(err, r < 0 ? (int)-r : EIO, "cannot write the journal");
        done += (size_t)r;
    }
    return YW_OK;
}

enum yw_code yw_content_end(const struct yw_io *io, int fd, int64_t from, int64_t *end,
                            struct yw_error *err) {
    uint8_t *chunk = malloc(SCAN_BYTES);
    if (!chunk) return yw_fail(err, YW_E_NOMEM, "no memory for reading the journal");
    *end = from;
    enum yw_code code;
    size_t got = 0;
    for (int64_t at = from;; at += (int64_t)got) {
        code = yw_read_at(io, fd, chunk, SCAN_BYTES, at, &got, err);
        if (code != YW_OK || got == 0) break;
        size_t n = got;
        while (n > 0 && chunk[n - 1] == 0) n--;
        if (n > 0) *end = at + (int64_t)n;
    }
    free(chunk);
    return code;
}

struct listing {
    struct yw_segments *out;
    size_t cap;
    bool failed;
};

static bool list_name(void *arg, const char *name) {
    struct listing *l = arg;
    const char *dot = strchr(name, '.');
    if (!dot || strcmp(dot, ".seg") != 0 || dot - name < 8) return true;
    uint64_t number;
    if (!yw_parse_u64(name, (size_t)(dot - name), &number) || number == 0) return true;
    if (l->out->count == l->cap) {
        size_t cap = l->cap ? 2 * l->cap : 16;
        struct yw_segment_file *items =
            cap <= SEGMENTS_MOST ? realloc(l->out->items, cap * sizeof *items) : NULL;
        if (!items) {
            l->failed = true;
            return false;
        }
        l->out->items = items;
        l->cap = cap;
    }
    l->out->items[l->out->count++] = (struct yw_segment_file){.number = number};
    return true;
}

static int by_number(const void *a, const void *b) {
    const struct yw_segment_file *x = a, *y = b;
    return (x->number > y->number) - (x->number < y->number);
}

/* A file that went away meanwhile (the sealer removes them) is told by YW_E_END in its state. */
static enum yw_code read_head(const struct yw_io *io, const char *folder, struct yw_segment_file *f,
                              struct yw_error *err) {
    char path[PATH_MAX];
    uint8_t page[YW_SEGMENT_HEADER];
    enum yw_code code = yw_segment_path(folder, f->number, path, err);
    if (code != YW_OK) return code;
    int fd = io->open(io->ctx, path, O_RDONLY);
    if (fd == -ENOENT) {
        f->state = YW_E_END;
        return YW_OK;
    }
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot open %s", path);
    size_t got = 0;
    code = yw_read_at(io, fd, page, sizeof page, 0, &got, err);
    f->size = io->size(io->ctx, fd);
    io->close(io->ctx, fd);
    if (code != YW_OK) return code;
    f->state = yw_segment_parse(page, got, &f->head);
    if (f->state == YW_OK && f->head.number != f->number) f->state = YW_E_CORRUPT;
    return YW_OK;
}

enum yw_code yw_segments_list(const struct yw_io *io, const char *folder, struct yw_segments *out,
                              struct yw_error *err) {
    *out = (struct yw_segments){0};
    struct listing l = {.out = out};
    int r = io->list(io->ctx, folder, list_name, &l);
    enum yw_code code = YW_OK;
    if (r < 0) code = yw_fail_errno(err, -r, "cannot list the folder %s", folder);
    if (code == YW_OK && l.failed) code = yw_fail(err, YW_E_NOMEM, "too many segments in %s", folder);
    if (code == YW_OK && out->count > 0) qsort(out->items, out->count, sizeof *out->items, by_number);
    size_t kept = 0;
    for (size_t i = 0; code == YW_OK && i < out->count; i++) {
        struct yw_segment_file *f = &out->items[i];
        code = read_head(io, folder, f, err);
        if (code == YW_OK && f->state != YW_E_END) out->items[kept++] = *f;
    }
    if (code != YW_OK) {
        yw_segments_free(out);
        return code;
    }
    out->count = kept;
    return YW_OK;
}

void yw_segments_free(struct yw_segments *s) {
    free(s->items);
    *s = (struct yw_segments){0};
}

const struct yw_segment_file *yw_segments_find(const struct yw_segments *s, uint64_t position) {
    const struct yw_segment_file *found = NULL;
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].state == YW_OK && s->items[i].head.start <= position) found = &s->items[i];
    return found;
}

const struct yw_segment_file *yw_segments_after(const struct yw_segments *s, uint64_t number) {
    for (size_t i = 0; i < s->count; i++)
        if (s->items[i].state == YW_OK && s->items[i].number > number) return &s->items[i];
    return NULL;
}
