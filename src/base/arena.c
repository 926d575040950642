#include "base/base.h"

#include <stdlib.h>
#include <string.h>

enum { CHUNK = 64 << 10 };

struct chunk {
    struct chunk *next;
    size_t used, size;
    _Alignas(16) char bytes[];
};

struct yw_arena {
    struct chunk *first;
    size_t max, total;
};

struct yw_arena *yw_arena_create(size_t max_bytes) {
    struct yw_arena *a = calloc(1, sizeof *a);
    if (a) a->max = max_bytes;
    return a;
}

static void free_chunks(struct chunk *c) {
    while (c) {
        struct chunk *next = c->next;
        free(c);
        c = next;
    }
}

void yw_arena_destroy(struct yw_arena *a) {
    if (!a) return;
    free_chunks(a->first);
    free(a);
}

void yw_arena_reset(struct yw_arena *a) {
    if (!a->first) return;
    free_chunks(a->first->next);
    a->first->next = NULL;
    a->total = a->first->size;
    a->first->used = 0;
}

void *yw_arena_alloc(struct yw_arena *a, size_t bytes) {
    if (bytes > a->max) return NULL;
    bytes = (bytes + 15) & ~(size_t)15;
    struct chunk *c = a->first;
    if (!c || bytes > c->size - c->used) {
        size_t size = bytes > CHUNK ? bytes : CHUNK;
        if (size > a->max - a->total) return NULL;
        c = malloc(sizeof *c + size);
        if (!c) return NULL;
        *c = (struct chunk){.next = a->first, .size = size};
        a->first = c;
        a->total += size;
    }
    void *p = c->bytes + c->used;
    c->used += bytes;
    return memset(p, 0, bytes);
}

char *yw_arena_text(struct yw_arena *a, const char *text, size_t n) {
    if (n == SIZE_MAX) return NULL;
    char *copy = yw_arena_alloc(a, n + 1);
    if (copy && n) memcpy(copy, text, n);
    return copy;
}
