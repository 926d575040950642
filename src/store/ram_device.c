/* Commands and devices of the store in memory: every put is kept; a question sorts them by what they tell of
 * and merges each group. */
#include "store/ram_int.h"

#include <stdlib.h>
#include <string.h>

static const size_t sizes[YW_RAM_LISTS] = {
    [YW_RAM_STARTS] = sizeof(struct yw_source),     [YW_RAM_COMMANDS] = sizeof(struct yw_asked),
    [YW_RAM_FACTS] = sizeof(struct yw_device_fact), [YW_RAM_CLOCKS] = sizeof(struct yw_device_day),
    [YW_RAM_LINKS] = sizeof(struct yw_device_link), [YW_RAM_NOTICES] = sizeof(struct yw_notice),
};

void yw_ram_lists_settle(struct yw_store *s) {
    for (size_t i = 0; i < YW_RAM_LISTS; i++) s->lists[i].settled = s->lists[i].n;
}

void yw_ram_lists_rollback(struct yw_store *s) {
    for (size_t i = 0; i < YW_RAM_LISTS; i++) s->lists[i].n = s->lists[i].settled;
}

void yw_ram_lists_free(struct yw_store *s) {
    for (size_t i = 0; i < YW_RAM_LISTS; i++) free(s->lists[i].items);
}

static enum yw_code put(struct yw_store *s, size_t which, const void *item, struct yw_error *err) {
    struct yw_ram_list *l = &s->lists[which];
    if (!s->open) return yw_fail(err, YW_E_STATE, "put outside a batch");
    if (!yw_ram_grow(&l->items, &l->cap, l->n, sizes[which])) return yw_ram_no_memory(err);
    memcpy((char *)l->items + l->n++ * sizes[which], item, sizes[which]);
    return YW_OK;
}

static enum yw_code put_once(struct yw_store *s, size_t which, const void *item, uint16_t journal,
                             uint64_t position, struct yw_error *err) {
    if (s->open && position < s->checkpoints[journal]) return YW_OK;
    return put(s, which, item, err);
}

enum yw_code yw_ram_put_start(struct yw_store *s, const struct yw_source *start, struct yw_error *err) {
    return put(s, YW_RAM_STARTS, start, err);
}
enum yw_code yw_ram_put_command(struct yw_store *s, const struct yw_asked *a, struct yw_error *err) {
    return put(s, YW_RAM_COMMANDS, a, err);
}
enum yw_code yw_ram_put_fact(struct yw_store *s, const struct yw_device_fact *f, struct yw_error *err) {
    return put_once(s, YW_RAM_FACTS, f, f->last.journal, f->last.position, err);
}
enum yw_code yw_ram_put_clock(struct yw_store *s, const struct yw_device_day *d, struct yw_error *err) {
    return put_once(s, YW_RAM_CLOCKS, d, d->last.journal, d->last.position, err);
}
enum yw_code yw_ram_put_link(struct yw_store *s, const struct yw_device_link *l, struct yw_error *err) {
    return put_once(s, YW_RAM_LINKS, l, l->journal, l->position, err);
}
enum yw_code yw_ram_put_notice(struct yw_store *s, const struct yw_notice *n, struct yw_error *err) {
    return put_once(s, YW_RAM_NOTICES, n, n->last.journal, n->last.position, err);
}

/* A copy of what was committed, with room for `more`; free() it. NULL: no memory. */
static void *committed(const struct yw_store *s, size_t which, size_t more) {
    const struct yw_ram_list *l = &s->lists[which];
    char *copy = malloc((l->settled + more + 1) * sizes[which]);
    if (copy && l->settled > 0) memcpy(copy, l->items, l->settled * sizes[which]);
    return copy;
}

/* Merges neighbours that `order` finds equal; returns how many are left. */
#define MERGE_ALL(list, n, kept, order, merge)                                                               \
    do {                                                                                                     \
        if ((n) > 1) qsort((list), (n), sizeof *(list), order);                                              \
        for (size_t i = 0; i < (n); i++) {                                                                   \
            if ((kept) > 0 && order(&(list)[(kept)-1], &(list)[i]) == 0)                                     \
                merge(&(list)[(kept)-1], &(list)[i]);                                                        \
            else                                                                                             \
                (list)[(kept)++] = (list)[i];                                                                \
        }                                                                                                    \
    } while (0)
#define COMPARE(a, b) ((a) < (b) ? -1 : (a) > (b))

static int command_order(const void *a, const void *b) {
    const struct yw_asked *x = a, *y = b;
    return COMPARE(y->id, x->id); /* newest first */
}

/* All commands, newest first; free() them. NULL: no memory. */
static struct yw_asked *all_commands(const struct yw_store *s, size_t *n) {
    struct yw_asked *list = committed(s, YW_RAM_COMMANDS, 0);
    size_t all = s->lists[YW_RAM_COMMANDS].settled;
    const struct yw_source *starts = s->lists[YW_RAM_STARTS].items;
    *n = 0;
    if (!list) return NULL;
    for (size_t i = 0; i < all; i++) { /* each begins as nothing, so that even one alone was merged */
        struct yw_asked one = yw_asked_part(list[i].id);
        yw_asked_merge(&one, &list[i]);
        list[i] = one;
    }
    MERGE_ALL(list, all, *n, command_order, yw_asked_merge);
    for (size_t i = 0; i < *n; i++) {
        for (size_t k = 0; k < s->lists[YW_RAM_STARTS].settled; k++)
            list[i].lost = list[i].lost || yw_asked_is_lost(&list[i], &starts[k]);
    }
    return list;
}

enum yw_code yw_ram_commands(struct yw_store *s, const struct yw_asked_filter *f, size_t limit,
                             bool (*each)(void *arg, const struct yw_asked *a), void *arg,
                             struct yw_error *err) {
    size_t n;
    struct yw_asked *list = all_commands(s, &n);
    if (!list) return yw_ram_no_memory(err);
    for (size_t i = 0; i < n && limit > 0; i++) {
        if (!yw_asked_fits(&list[i], f)) continue;
        limit--;
        if (!each(arg, &list[i])) break;
    }
    free(list);
    return YW_OK;
}

static int fact_order(const void *a, const void *b) {
    const struct yw_device_fact *x = a, *y = b;
    return COMPARE(x->device, y->device);
}

enum yw_code yw_ram_facts(struct yw_store *s, uint32_t device,
                          bool (*each)(void *arg, const struct yw_device_fact *f), void *arg,
                          struct yw_error *err) {
    struct yw_device_fact *list = committed(s, YW_RAM_FACTS, 0);
    size_t all = s->lists[YW_RAM_FACTS].settled, n = 0;
    bool more = true;
    if (!list) return yw_ram_no_memory(err);
    MERGE_ALL(list, all, n, fact_order, yw_fact_merge);
    for (size_t i = 0; more && i < n; i++) {
        if (device == 0 || list[i].device == device) more = each(arg, &list[i]);
    }
    free(list);
    return YW_OK;
}

enum yw_code yw_ram_clocks(struct yw_store *s, uint32_t device, int32_t from_day,
                           bool (*each)(void *arg, const struct yw_device_day *d), void *arg,
                           struct yw_error *err) {
    size_t asked_n, n = s->lists[YW_RAM_CLOCKS].settled;
    struct yw_asked *asked = all_commands(s, &asked_n);
    struct yw_device_day *list = committed(s, YW_RAM_CLOCKS, asked_n);
    bool more = true;
    for (size_t i = 0; asked && list && i < asked_n; i++) n += yw_clock_of_asked(&asked[i], &list[n]);
    if (asked && list) n = yw_clocks_sum(list, n);
    if (s->trimmed != 0 && from_day < s->trimmed - YW_DEVICE_DAYS_KEPT)
        from_day = s->trimmed - YW_DEVICE_DAYS_KEPT;
    for (size_t i = 0; asked && list && more && i < n; i++) {
        if ((device == 0 || list[i].device == device) && list[i].day >= from_day) more = each(arg, &list[i]);
    }
    enum yw_code code = asked && list ? YW_OK : yw_ram_no_memory(err);
    free(asked);
    free(list);
    return code;
}

static int link_name_order(const void *a, const void *b) {
    const struct yw_device_link *x = a, *y = b;
    if (x->device != y->device) return COMPARE(x->device, y->device);
    if (x->journal != y->journal) return COMPARE(x->journal, y->journal);
    if (x->link != y->link) return COMPARE(x->link, y->link);
    return strcmp(x->peer, y->peer);
}

static int link_order(const void *a, const void *b) {
    const struct yw_device_link *x = a, *y = b;
    return x->last != y->last ? COMPARE(y->last, x->last) : link_name_order(a, b);
}

enum yw_code yw_ram_links(struct yw_store *s, uint32_t device, int64_t since,
                          bool (*each)(void *arg, const struct yw_device_link *l), void *arg,
                          struct yw_error *err) {
    struct yw_device_link *list = committed(s, YW_RAM_LINKS, 0);
    size_t all = s->lists[YW_RAM_LINKS].settled, n = 0;
    bool more = true;
    if (!list) return yw_ram_no_memory(err);
    int64_t oldest = s->trimmed ? yw_china_day_start(s->trimmed - YW_DEVICE_DAYS_KEPT) : INT64_MIN;
    if (since < oldest) since = oldest;
    MERGE_ALL(list, all, n, link_name_order, yw_link_merge);
    if (n > 1) qsort(list, n, sizeof *list, link_order);
    for (size_t i = 0; more && i < n; i++) {
        if ((device == 0 || list[i].device == device) && list[i].last >= since) more = each(arg, &list[i]);
    }
    free(list);
    return YW_OK;
}

static int notice_name_order(const void *a, const void *b) {
    const struct yw_notice *x = a, *y = b;
    if (x->device != y->device) return COMPARE(x->device, y->device);
    int hardware = strcmp(x->hardware, y->hardware);
    return hardware ? hardware : COMPARE(x->cn, y->cn);
}

static int notice_order(const void *a, const void *b) {
    const struct yw_notice *x = a, *y = b;
    if (x->last.arrival != y->last.arrival) return COMPARE(y->last.arrival, x->last.arrival);
    return notice_name_order(a, b);
}

enum yw_code yw_ram_notices(struct yw_store *s, int64_t since,
                            bool (*each)(void *arg, const struct yw_notice *n), void *arg,
                            struct yw_error *err) {
    struct yw_notice *list = committed(s, YW_RAM_NOTICES, 0);
    size_t all = s->lists[YW_RAM_NOTICES].settled, n = 0;
    bool more = true;
    if (!list) return yw_ram_no_memory(err);
    MERGE_ALL(list, all, n, notice_name_order, yw_notice_merge);
    if (n > 1) qsort(list, n, sizeof *list, notice_order);
    for (size_t i = 0; more && i < n; i++) {
        if (list[i].last.arrival >= since) more = each(arg, &list[i]);
    }
    free(list);
    return YW_OK;
}
