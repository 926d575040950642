/* tally: what many packets come to, by device, day, link and notice, in memory. The pipeline sums up a batch
 * in one; the SQLite back end keeps what was committed in another until it writes it to index.db.
 *
 * Entries of one device from different journals lie apart, so that each of them is before or behind one
 * checkpoint. */
#ifndef YW_STORE_TALLY_H
#define YW_STORE_TALLY_H

#include "store/store.h"

struct yw_tally_list { /* entries and a hash table over what names them */
    void *items;
    size_t size, n, cap; /* of one entry; entries; room */
    uint32_t *slots;     /* number of an entry + 1; 0: free */
    size_t slots_n;
};
struct yw_tally {
    size_t most; /* entries of a list */
    struct yw_tally_list facts, days, links, notices;
};
void yw_tally_init(struct yw_tally *t, size_t most);
void yw_tally_free(struct yw_tally *t);
void yw_tally_clear(struct yw_tally *t); /* keeps the memory */
bool yw_tally_is_empty(const struct yw_tally *t);
/* Entries of the longest list. */
size_t yw_tally_length(const struct yw_tally *t);

/* The entry, made empty but for its names if there is none; NULL: the list is full or there is no memory.
 * Valid until the next of its kind is asked for. */
struct yw_device_fact *yw_tally_fact(struct yw_tally *t, uint32_t device, uint16_t journal);
struct yw_device_day *yw_tally_day(struct yw_tally *t, uint32_t device, int32_t day, uint16_t journal);
struct yw_device_link *yw_tally_link(struct yw_tally *t, uint32_t device, uint16_t journal, uint64_t link,
                                     const char *peer);
struct yw_notice *yw_tally_notice(struct yw_tally *t, uint32_t device, const char *hardware, uint16_t cn,
                                  uint16_t journal);

/* Room for all of `more`, so that adding it cannot fail; false: it does not fit, or there is no memory. */
bool yw_tally_reserve(struct yw_tally *t, const struct yw_tally *more);
/* Adds all of `more`; false: something did not fit, part of it may be added. */
bool yw_tally_add(struct yw_tally *t, const struct yw_tally *more);

#endif
