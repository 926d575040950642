/* folder: the files of a journal's folder, for owner, readers and sealer alike. Internal to journal/. */
#ifndef YW_JOURNAL_FOLDER_H
#define YW_JOURNAL_FOLDER_H

#include "journal/format.h"

#include <limits.h>

struct yw_segment_file {
    struct yw_segment head; /* valid if state is YW_OK */
    uint64_t number;        /* from the file's name */
    enum yw_code state;     /* of its header, as yw_segment_parse says */
    int64_t size;
};

/* Segment files in order of number. */
struct yw_segments {
    struct yw_segment_file *items;
    size_t count;
};
enum yw_code yw_segments_list(const struct yw_io *io, const char *folder, struct yw_segments *out,
                              struct yw_error *err);
void yw_segments_free(struct yw_segments *s);
/* The last begun segment that starts at or before position; NULL if none does. */
const struct yw_segment_file *yw_segments_find(const struct yw_segments *s, uint64_t position);
/* The begun segment that follows the one with that number; NULL if none. */
const struct yw_segment_file *yw_segments_after(const struct yw_segments *s, uint64_t number);

enum yw_code yw_segment_path(const char *folder, uint64_t number, char out[PATH_MAX], struct yw_error *err);
enum yw_code yw_file_path(const char *folder, const char *name, char out[PATH_MAX], struct yw_error *err);

/* Reads or writes all of [offset, offset + n); reading stops at the file's end and tells how much there was.
 */
enum yw_code yw_read_at(const struct yw_io *io, int fd, void *bytes, size_t n, int64_t offset, size_t *got,
                        struct yw_error *err);
enum yw_code yw_write_at(const struct yw_io *io, int fd, const void *bytes, size_t n, int64_t offset,
                         struct yw_error *err);
/* Where the last byte that is not zero ends, at or behind from; `from` if there is none. */
enum yw_code yw_content_end(const struct yw_io *io, int fd, int64_t from, int64_t *end, struct yw_error *err);

#endif
