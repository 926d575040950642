/* Which link a device came on last. */
#include "gateway/worker.h"

#include <stdlib.h>

/* Open addressing by device id; rows are never removed (there are as many as devices were seen), a row whose
 * link is gone is told by the serial. */
struct owner {
    uint32_t device; /* 0: empty */
    struct link *link;
    uint64_t serial;
};

struct owners {
    struct owner *rows;
    size_t size, used; /* size is a power of two */
};

struct owners *owners_create(void) {
    struct owners *o = calloc(1, sizeof *o);
    if (o == NULL) return NULL;
    o->size = 256;
    o->rows = calloc(o->size, sizeof *o->rows);
    if (o->rows == NULL) {
        free(o);
        return NULL;
    }
    return o;
}

void owners_destroy(struct owners *o) {
    if (o == NULL) return;
    free(o->rows);
    free(o);
}

static struct owner *place(const struct owners *o, uint32_t device) {
    size_t i = (device * (size_t)0x9E3779B1u) & (o->size - 1);
    while (o->rows[i].device != 0 && o->rows[i].device != device) i = (i + 1) & (o->size - 1);
    return &o->rows[i];
}

static bool grow(struct owners *o) {
    struct owners bigger = {.size = o->size * 2, .used = o->used};
    bigger.rows = calloc(bigger.size, sizeof *bigger.rows);
    if (bigger.rows == NULL) return false;
    for (size_t i = 0; i < o->size; i++) {
        if (o->rows[i].device != 0) *place(&bigger, o->rows[i].device) = o->rows[i];
    }
    free(o->rows);
    *o = bigger;
    return true;
}

bool owners_note(struct owners *o, uint32_t device, struct link *l) {
    struct owner *row = place(o, device);
    if (row->device == device && row->serial == l->serial) return false;
    bool moved = row->device == device && row->link->serial == row->serial;
    if (row->device == 0) {
        if (o->used * 2 >= o->size) {
            if (!grow(o)) return false; /* the device is not noted: no command reaches it, its data do */
            row = place(o, device);
        }
        o->used++;
    }
    *row = (struct owner){.device = device, .link = l, .serial = l->serial};
    return moved;
}

struct link *owners_find(const struct owners *o, uint32_t device) {
    const struct owner *row = place(o, device);
    return row->device == device && row->link->serial == row->serial ? row->link : NULL;
}
