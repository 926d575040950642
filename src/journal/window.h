/* window: a stretch of a journal in memory, filled from a segment or from a frame of a block. Internal to
 * journal/. */
#ifndef YW_JOURNAL_WINDOW_H
#define YW_JOURNAL_WINDOW_H

#include "journal/folder.h"

struct yw_window {
    uint8_t *bytes;
    size_t cap, length;
    uint64_t from; /* position of bytes[0] */
    size_t chunk;  /* bytes to read at once */
    /* the segment that is open for this window */
    int fd;                     /* -1: none */
    uint64_t number, start, to; /* to: UINT64_MAX while no later segment is known */
};

void yw_window_init(struct yw_window *w, size_t chunk);
void yw_window_free(const struct yw_io *io, struct yw_window *w);
enum yw_code yw_window_reserve(struct yw_window *w, size_t bytes, struct yw_error *err);

/* Fills the window from position on, with at least `need` bytes where there are so many before `limit`, from
 * the segment of `list` that holds it. YW_E_NOT_FOUND if none does or its file is gone. */
enum yw_code yw_window_fill(const struct yw_io *io, const char *folder, const struct yw_segments *list,
                            struct yw_window *w, uint64_t position, uint64_t need, uint64_t limit,
                            struct yw_error *err);

static inline bool yw_window_holds(const struct yw_window *w, uint64_t position) {
    return position >= w->from && position - w->from < w->length;
}

#endif
