/* The devices a worker heard, by their id in the register. */
#include "gateway/worker.h"

#include <stdlib.h>

enum { ROWS_PER_SLAB = 64 };

struct slot {
    uint32_t device; /* 0: empty */
    struct owner *row;
};

/* Open addressing; rows lie apart, so that they stay where they are when the table grows. */
struct owners {
    struct slot *slots;
    size_t size, used; /* size is a power of two */
    struct pool rows;
};

struct owners *owners_create(void) {
    struct owners *o = calloc(1, sizeof *o);
    if (o == NULL) return NULL;
    o->size = 256;
    o->slots = calloc(o->size, sizeof *o->slots);
    if (o->slots == NULL) {
        free(o);
        return NULL;
    }
    pool_init(&o->rows, sizeof(struct owner), ROWS_PER_SLAB, offsetof(struct owner, dialog));
    return o;
}

void owners_destroy(struct owners *o) {
    if (o == NULL) return;
    pool_free(&o->rows);
    free(o->slots);
    free(o);
}

static struct slot *place(const struct owners *o, uint32_t device) {
    size_t i = (device * (size_t)0x9E3779B1u) & (o->size - 1);
    while (o->slots[i].device != 0 && o->slots[i].device != device) i = (i + 1) & (o->size - 1);
    return &o->slots[i];
}

static bool grow(struct owners *o) {
    struct owners bigger = {.size = o->size * 2};
    bigger.slots = calloc(bigger.size, sizeof *bigger.slots);
    if (bigger.slots == NULL) return false;
    for (size_t i = 0; i < o->size; i++) {
        if (o->slots[i].device != 0) *place(&bigger, o->slots[i].device) = o->slots[i];
    }
    free(o->slots);
    o->slots = bigger.slots;
    o->size = bigger.size;
    return true;
}

struct owner *owners_find(const struct owners *o, uint32_t device) {
    return place(o, device)->row;
}

struct owner *owners_row(struct owners *o, uint32_t device) {
    struct slot *s = place(o, device);
    if (s->device != 0) return s->row;
    if (o->used * 2 >= o->size) {
        if (!grow(o)) return NULL;
        s = place(o, device);
    }
    struct owner *row = pool_take(&o->rows);
    if (row == NULL) return NULL;
    *row = (struct owner){0};
    *s = (struct slot){.device = device, .row = row};
    o->used++;
    return row;
}
