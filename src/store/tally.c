#include "store/tally.h"

#include "store/rules.h"

#include <stdlib.h>
#include <string.h>

/* What names an entry, as bytes that can be hashed and compared. */
struct key {
    uint32_t device, number; /* number: day, CN */
    uint64_t link;
    uint32_t journal;
    char text[64]; /* peer, hardware */
    uint32_t pad;
};

static struct key key_of(uint32_t device, uint32_t number, uint64_t link, uint16_t journal,
                         const char *text) {
    struct key k;
    memset(&k, 0, sizeof k);
    k.device = device;
    k.number = number;
    k.link = link;
    k.journal = journal;
    yw_copy(k.text, sizeof k.text, text, strlen(text));
    return k;
}

static struct key fact_key(const void *item) {
    const struct yw_device_fact *f = item;
    return key_of(f->device, 0, 0, f->last.journal, "");
}
static struct key day_key(const void *item) {
    const struct yw_device_day *d = item;
    return key_of(d->device, (uint32_t)d->day, 0, d->last.journal, "");
}
static struct key link_key(const void *item) {
    const struct yw_device_link *l = item;
    return key_of(l->device, 0, l->link, l->journal, l->peer);
}
static struct key notice_key(const void *item) {
    const struct yw_notice *n = item;
    return key_of(n->device, n->cn, 0, n->last.journal, n->hardware);
}

void yw_tally_init(struct yw_tally *t, size_t most) {
    *t = (struct yw_tally){.most = most};
    t->facts.size = sizeof(struct yw_device_fact);
    t->days.size = sizeof(struct yw_device_day);
    t->links.size = sizeof(struct yw_device_link);
    t->notices.size = sizeof(struct yw_notice);
}

static void list_free(struct yw_tally_list *l) {
    free(l->items);
    free(l->slots);
}

void yw_tally_free(struct yw_tally *t) {
    list_free(&t->facts);
    list_free(&t->days);
    list_free(&t->links);
    list_free(&t->notices);
    memset(t, 0, sizeof *t);
}

static void list_clear(struct yw_tally_list *l) {
    if (l->n > 0) memset(l->slots, 0, l->slots_n * sizeof *l->slots);
    l->n = 0;
}

void yw_tally_clear(struct yw_tally *t) {
    list_clear(&t->facts);
    list_clear(&t->days);
    list_clear(&t->links);
    list_clear(&t->notices);
}

size_t yw_tally_length(const struct yw_tally *t) {
    size_t most = t->facts.n;
    if (t->days.n > most) most = t->days.n;
    if (t->links.n > most) most = t->links.n;
    return t->notices.n > most ? t->notices.n : most;
}

bool yw_tally_is_empty(const struct yw_tally *t) {
    return yw_tally_length(t) == 0;
}

typedef struct key key_function(const void *item);

/* Only the text's bytes that count are hashed: most keys have none. */
static size_t slot_of(const struct yw_tally_list *l, const struct key *k, key_function *of, bool *there) {
    size_t n = k->text[0] ? sizeof *k : offsetof(struct key, text);
    size_t i = (size_t)yw_hash64(k, n, 0) & (l->slots_n - 1);
    *there = false;
    for (; l->slots[i] != 0; i = (i + 1) & (l->slots_n - 1)) {
        struct key other = of((const char *)l->items + (l->slots[i] - 1) * l->size);
        *there = memcmp(&other, k, sizeof other) == 0;
        if (*there) return i;
    }
    return i;
}

static bool make_room(struct yw_tally_list *l, size_t n, size_t most, key_function *of) {
    if (n <= l->cap) return true;
    if (n > most) return false;
    size_t cap = l->cap ? l->cap * 2 : 64;
    while (cap < n) cap *= 2;
    if (cap > most) cap = most;
    size_t slots_n = 128;
    while (slots_n < cap * 2) slots_n *= 2;
    void *items = realloc(l->items, cap * l->size);
    if (items) l->items = items;
    uint32_t *slots = items ? calloc(slots_n, sizeof *slots) : NULL;
    if (!slots) return false;
    free(l->slots);
    l->slots = slots;
    l->slots_n = slots_n;
    l->cap = cap;
    for (size_t i = 0; i < l->n; i++) {
        bool there;
        struct key k = of((const char *)l->items + i * l->size);
        l->slots[slot_of(l, &k, of, &there)] = (uint32_t)(i + 1);
    }
    return true;
}

/* *made: the entry is new, all zero, and must be given its names before the next is asked for. */
static void *entry(struct yw_tally_list *l, size_t most, const struct key *k, key_function *of, bool *made) {
    bool there = false;
    size_t slot = l->slots_n > 0 ? slot_of(l, k, of, &there) : 0;
    *made = !there;
    if (there) return (char *)l->items + (l->slots[slot] - 1) * l->size;
    if (!make_room(l, l->n + 1, most, of)) return NULL;
    slot = slot_of(l, k, of, &there);
    void *item = (char *)l->items + l->n * l->size;
    memset(item, 0, l->size);
    l->slots[slot] = (uint32_t)++l->n;
    return item;
}

struct yw_device_fact *yw_tally_fact(struct yw_tally *t, uint32_t device, uint16_t journal) {
    bool made;
    struct key k = key_of(device, 0, 0, journal, "");
    struct yw_device_fact *f = entry(&t->facts, t->most, &k, fact_key, &made);
    if (f && made) f->device = device, f->last.journal = journal;
    return f;
}

struct yw_device_day *yw_tally_day(struct yw_tally *t, uint32_t device, int32_t day, uint16_t journal) {
    bool made;
    struct key k = key_of(device, (uint32_t)day, 0, journal, "");
    struct yw_device_day *d = entry(&t->days, t->most, &k, day_key, &made);
    if (d && made) d->device = device, d->day = day, d->last.journal = journal;
    return d;
}

struct yw_device_link *yw_tally_link(struct yw_tally *t, uint32_t device, uint16_t journal, uint64_t link,
                                     const char *peer) {
    bool made;
    struct key k = key_of(device, 0, link, journal, peer);
    struct yw_device_link *l = entry(&t->links, t->most, &k, link_key, &made);
    if (l && made) {
        l->device = device;
        l->journal = journal;
        l->link = link;
        memcpy(l->peer, k.text, sizeof l->peer);
    }
    return l;
}

struct yw_notice *yw_tally_notice(struct yw_tally *t, uint32_t device, const char *hardware, uint16_t cn,
                                  uint16_t journal) {
    bool made;
    struct key k = key_of(device, cn, 0, journal, hardware);
    struct yw_notice *n = entry(&t->notices, t->most, &k, notice_key, &made);
    if (n && made) {
        n->device = device;
        n->cn = cn;
        n->last.journal = journal;
        memcpy(n->hardware, k.text, sizeof n->hardware);
    }
    return n;
}

bool yw_tally_reserve(struct yw_tally *t, const struct yw_tally *more) {
    return make_room(&t->facts, t->facts.n + more->facts.n, t->most, fact_key) &&
           make_room(&t->days, t->days.n + more->days.n, t->most, day_key) &&
           make_room(&t->links, t->links.n + more->links.n, t->most, link_key) &&
           make_room(&t->notices, t->notices.n + more->notices.n, t->most, notice_key);
}

bool yw_tally_add(struct yw_tally *t, const struct yw_tally *more) {
    bool good = true;
    const struct yw_device_fact *facts = more->facts.items;
    for (size_t i = 0; good && i < more->facts.n; i++) {
        struct yw_device_fact *f = yw_tally_fact(t, facts[i].device, facts[i].last.journal);
        good = f != NULL;
        if (good) yw_fact_merge(f, &facts[i]);
    }
    const struct yw_device_day *days = more->days.items;
    for (size_t i = 0; good && i < more->days.n; i++) {
        struct yw_device_day *d = yw_tally_day(t, days[i].device, days[i].day, days[i].last.journal);
        good = d != NULL;
        if (good) yw_clock_merge(d, &days[i]);
    }
    const struct yw_device_link *links = more->links.items;
    for (size_t i = 0; good && i < more->links.n; i++) {
        struct yw_device_link *l =
            yw_tally_link(t, links[i].device, links[i].journal, links[i].link, links[i].peer);
        good = l != NULL;
        if (good) yw_link_merge(l, &links[i]);
    }
    const struct yw_notice *notices = more->notices.items;
    for (size_t i = 0; good && i < more->notices.n; i++) {
        struct yw_notice *n = yw_tally_notice(t, notices[i].device, notices[i].hardware, notices[i].cn,
                                              notices[i].last.journal);
        good = n != NULL;
        if (good) yw_notice_merge(n, &notices[i]);
    }
    return good;
}
