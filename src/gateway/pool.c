/* Pieces of one size in slabs, for links and unfinished frames. */
#include "gateway/pool.h"

#include <stdlib.h>
#include <string.h>

struct pool_slab {
    struct pool_slab *next;
    _Alignas(16) char bytes[];
};

void pool_init(struct pool *p, size_t piece, size_t per_slab, size_t link_offset) {
    *p = (struct pool){.piece = (piece + 15) & ~(size_t)15, .per_slab = per_slab, .link_offset = link_offset};
}

void pool_free(struct pool *p) {
    while (p->slabs != NULL) {
        struct pool_slab *next = p->slabs->next;
        free(p->slabs);
        p->slabs = next;
    }
    p->free = NULL;
}

static void put_free(struct pool *p, void *piece) {
    memcpy((char *)piece + p->link_offset, &p->free, sizeof p->free);
    p->free = piece;
}

static bool grow(struct pool *p) {
    struct pool_slab *s = calloc(1, sizeof *s + p->piece * p->per_slab);
    if (s == NULL) return false;
    s->next = p->slabs;
    p->slabs = s;
    for (size_t i = p->per_slab; i > 0; i--) put_free(p, s->bytes + (i - 1) * p->piece);
    return true;
}

void *pool_take(struct pool *p) {
    if (p->free == NULL && !grow(p)) return NULL;
    void *piece = p->free;
    memcpy(&p->free, (char *)piece + p->link_offset, sizeof p->free);
    p->used++;
    return piece;
}

void pool_give(struct pool *p, void *piece) {
    put_free(p, piece);
    p->used--;
}
