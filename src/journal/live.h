/* live: the page an owner shares with everybody. Internal to journal/; the struct is in journal.h.
 *
 * The page is mapped where the I/O table's handles are the system's; where they are not (tests), it is kept
 * in memory and written to the file at each publication. The committed position in it is never ahead of what
 * was synced, not even after a power cut, because it is stored only after the sync. */
#ifndef YW_JOURNAL_LIVE_H
#define YW_JOURNAL_LIVE_H

#include "journal/folder.h"

enum { YW_LIVE_BYTES = 4096 };
#define YW_LIVE_MAGIC 0x31455649574159ull /* "YAWIVE1" */

struct yw_live_owner {
    const struct yw_io *io;
    int fd;
    struct yw_live *page;
    bool mapped;
};
/* Makes the page if absent and locks it: YW_E_BUSY if somebody else holds it. *committed gets what it said
 * (0: new). Counters are set to 0. */
enum yw_code yw_live_own(const struct yw_io *io, const char *folder, struct yw_live_owner *out,
                         uint64_t *committed, struct yw_error *err);
void yw_live_publish(struct yw_live_owner *l, uint64_t committed);
void yw_live_disown(struct yw_live_owner *l);

struct yw_live_view {
    const struct yw_io *io;
    int fd; /* -1 when mapped */
    const struct yw_live *page;
};
/* YW_E_NOT_FOUND while there is none. */
enum yw_code yw_live_view(const struct yw_io *io, const char *folder, struct yw_live_view *out,
                          struct yw_error *err);
uint64_t yw_live_committed(const struct yw_live_view *v);
void yw_live_unview(struct yw_live_view *v);

#endif
