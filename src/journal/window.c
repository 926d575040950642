#include "journal/window.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

void yw_window_init(struct yw_window *w, size_t chunk) {
    *w = (struct yw_window){.chunk = chunk, .fd = -1};
}

static void close_segment(const struct yw_io *io, struct yw_window *w) {
    if (w->fd >= 0) io->close(io->ctx, w->fd);
    w->fd = -1;
}

void yw_window_free(const struct yw_io *io, struct yw_window *w) {
    close_segment(io, w);
    free(w->bytes);
    w->bytes = NULL;
}

enum yw_code yw_window_reserve(struct yw_window *w, size_t bytes, struct yw_error *err) {
    if (bytes <= w->cap) return YW_OK;
    uint8_t *p = realloc(w->bytes, bytes);
    if (!p) return yw_fail(err, YW_E_NOMEM, "no memory for reading the journal");
    w->bytes = p;
    w->cap = bytes;
    return YW_OK;
}

static enum yw_code open_segment(const struct yw_io *io, const char *folder, const struct yw_segments *list,
                                 struct yw_window *w, uint64_t position, struct yw_error *err) {
    const struct yw_segment_file *f = yw_segments_find(list, position);
    if (!f)
        return yw_fail(err, YW_E_NOT_FOUND, "no segment holds position %llu", (unsigned long long)position);
    const struct yw_segment_file *after = yw_segments_after(list, f->number);
    uint64_t to = after ? after->head.start : UINT64_MAX;
    if (w->fd >= 0 && w->number == f->number) {
        w->to = to;
        return YW_OK;
    }
    char path[PATH_MAX];
    enum yw_code code = yw_segment_path(folder, f->number, path, err);
    if (code != YW_OK) return code;
    int fd = io->open(io->ctx, path, O_RDONLY);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot open %s", path);
    close_segment(io, w);
    w->fd = fd;
    w->number = f->number;
    w->start = f->head.start;
    w->to = to;
    return YW_OK;
}

enum yw_code yw_window_fill(const struct yw_io *io, const char *folder, const struct yw_segments *list,
                            struct yw_window *w, uint64_t position, uint64_t need, uint64_t limit,
                            struct yw_error *err) {
    w->length = 0;
    if (w->fd < 0 || position < w->start || position >= w->to) {
        enum yw_code code = open_segment(io, folder, list, w, position, err);
        if (code != YW_OK) return code;
    }
    uint64_t most = limit - position;
    if (w->to - position < most) most = w->to - position;
    uint64_t want = need > w->chunk ? need : w->chunk;
    size_t n = (size_t)(want < most ? want : most);
    enum yw_code code = yw_window_reserve(w, n, err);
    if (code != YW_OK) return code;
    w->from = position;
    return yw_read_at(io, w->fd, w->bytes, n, (int64_t)(position - w->start) + YW_SEGMENT_HEADER, &w->length,
                      err);
}
