/* The store in memory: keeps every put as it came and works everything out when asked. Slow and obviously
 * right, it is what the other back ends are held against. */
#ifndef YW_STORE_RAM_INT_H
#define YW_STORE_RAM_INT_H

#include "store/rules.h"

struct yw_ram_list { /* puts of one kind */
    void *items;
    size_t n, cap, settled; /* all; room; committed */
};
enum {
    YW_RAM_STARTS,
    YW_RAM_COMMANDS,
    YW_RAM_FACTS,
    YW_RAM_CLOCKS,
    YW_RAM_LINKS,
    YW_RAM_NOTICES,
    YW_RAM_LISTS
};

struct yw_ram_entry;
struct yw_store {
    struct yw_ram_entry *entries;
    size_t n, cap, settled;     /* settled: committed */
    struct yw_waiting *waiting; /* one a packet */
    size_t waiting_n, waiting_cap, waiting_settled;
    struct yw_ram_list lists[YW_RAM_LISTS];
    uint64_t *checkpoints; /* by journal */
    uint64_t change;
    int32_t trimmed; /* the greatest day that tidy was given */
    bool open;
};
enum yw_code yw_ram_no_memory(struct yw_error *err);
bool yw_ram_grow(void **array, size_t *cap, size_t n, size_t size);

/* ---- ram_device.c ---- */

void yw_ram_lists_settle(struct yw_store *s);
void yw_ram_lists_rollback(struct yw_store *s);
void yw_ram_lists_free(struct yw_store *s);
enum yw_code yw_ram_put_start(struct yw_store *s, const struct yw_source *start, struct yw_error *err);
enum yw_code yw_ram_put_command(struct yw_store *s, const struct yw_asked *a, struct yw_error *err);
enum yw_code yw_ram_put_fact(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err);
enum yw_code yw_ram_put_clock(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err);
enum yw_code yw_ram_put_link(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err);
enum yw_code yw_ram_put_notice(struct yw_store *s, const struct yw_notice *n, struct yw_error *err);
enum yw_code yw_ram_commands(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                             bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                             struct yw_error *err);
enum yw_code yw_ram_facts(struct yw_store *s, uint32_t device,
                          bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                          struct yw_error *err);
enum yw_code yw_ram_clocks(struct yw_store *s, uint32_t device, int32_t from_day,
                           bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                           struct yw_error *err);
enum yw_code yw_ram_links(struct yw_store *s, uint32_t device, int64_t since,
                          bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                          struct yw_error *err);
enum yw_code yw_ram_notices(struct yw_store *s, int64_t since,
                            bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                            struct yw_error *err);

#endif
