/* pool: pieces of one size, carved from slabs and used again; never given back before the pool goes, so that
 * a pointer to a piece that was freed may still be looked at (its serial tells that it is another one now).
 */
#ifndef YW_GATEWAY_POOL_H
#define YW_GATEWAY_POOL_H

#include "base/base.h"

struct pool_slab;
struct pool {
    size_t piece, per_slab;
    struct pool_slab *slabs;
    void *free; /* linked through the pointer at link_offset of each piece */
    size_t link_offset;
    size_t used;
};
struct hold { /* bytes of an unfinished frame */
    struct hold *next_free;
    uint32_t size; /* of bytes */
    char bytes[];
};
/* link_offset: of a pointer inside the piece that the pool may use while the piece is free. */
void pool_init(struct pool *p, size_t piece, size_t per_slab, size_t link_offset);
void pool_free(struct pool *p);
void *pool_take(struct pool *p); /* zeroed when first carved only; NULL: out of memory */
void pool_give(struct pool *p, void *piece);

#endif
