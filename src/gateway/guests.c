/* Devices that are not activated yet: a command reaches them by the hardware id they registered with. */
#include "gateway/worker.h"

#include <stdlib.h>
#include <string.h>

struct guests {
    uint64_t hashes[GUESTS_MOST]; /* of the ids: strangers may make the table be searched often */
    struct guest rows[GUESTS_MOST];
    size_t used, next; /* next: the row to be used again when all are */
};

struct guests *guests_create(void) {
    return calloc(1, sizeof(struct guests));
}

void guests_destroy(struct guests *t) {
    free(t);
}

static uint64_t hash_of(const char *hardware) {
    return yw_hash64(hardware, strlen(hardware), 0);
}

struct guest *guests_find(struct guests *t, const char *hardware) {
    uint64_t hash = hash_of(hardware);
    for (size_t i = 0; i < t->used; i++) {
        if (t->hashes[i] == hash && strcmp(t->rows[i].hardware, hardware) == 0) return &t->rows[i];
    }
    return NULL;
}

/* A free row, else one after the other that nobody speaks to. NULL: all are spoken to. */
static struct guest *new_row(struct guests *t, const char *hardware) {
    size_t at = t->used;
    if (at < GUESTS_MOST) {
        t->used++;
    } else {
        for (size_t i = 0; i < GUESTS_MOST && t->rows[t->next].dialog != NULL; i++)
            t->next = (t->next + 1) % GUESTS_MOST;
        at = t->next;
        if (t->rows[at].dialog != NULL) return NULL;
        t->next = (at + 1) % GUESTS_MOST;
    }
    t->rows[at] = (struct guest){0};
    yw_copy(t->rows[at].hardware, sizeof t->rows[at].hardware, hardware, strlen(hardware));
    t->hashes[at] = hash_of(hardware);
    return &t->rows[at];
}

/* i23005: the identifier of the data logger. */
static bool hardware_of(const hj212_packet *p, char out[64]) {
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, p->cp);
    while (hj212_next(&it, &item)) {
        if (item.code.n != 6 || memcmp(item.code.p, "i23005", 6) != 0) continue;
        if (item.value.n == 0 || item.value.n >= 64) return false;
        for (uint32_t i = 0; i < item.value.n; i++) {
            if (item.value.p[i] <= ' ' || item.value.p[i] > '~') return false;
        }
        memcpy(out, item.value.p, item.value.n);
        out[item.value.n] = 0;
        return true;
    }
    return false;
}

struct guest *guests_note(struct guests *t, struct link *l, const hj212_packet *p, int64_t now) {
    char hardware[64];
    if (!hardware_of(p, hardware)) return NULL;
    struct guest *row = guests_find(t, hardware);
    if (row == NULL) row = new_row(t, hardware);
    if (row == NULL) return NULL;
    dialect_learn(&row->dialect, p);
    row->link = l;
    row->serial = l->serial;
    row->heard = now;
    l->guest = row;
    return row;
}
