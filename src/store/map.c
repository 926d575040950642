#include "store/sqlite_int.h"

#include <stdlib.h>

static size_t slot_of(const struct yw_map *m, uint64_t key) {
    uint64_t h = key * 0x9E3779B97F4A7C15u;
    size_t i = (size_t)(h >> 20) & (m->cap - 1);
    while (m->slots[i].used && m->slots[i].key != key) i = (i + 1) & (m->cap - 1);
    return i;
}

void yw_map_free(struct yw_map *m) {
    free(m->slots);
    *m = (struct yw_map){0};
}

bool yw_map_get(const struct yw_map *m, uint64_t key, uint32_t *value) {
    if (m->cap == 0) return false;
    size_t i = slot_of(m, key);
    if (!m->slots[i].used) return false;
    *value = m->slots[i].value;
    return true;
}

static bool double_room(struct yw_map *m) {
    struct yw_map more = {.cap = m->cap ? m->cap * 2 : 256, .n = m->n};
    more.slots = calloc(more.cap, sizeof *more.slots);
    if (!more.slots) return false;
    for (size_t i = 0; i < m->cap; i++) {
        if (m->slots[i].used) more.slots[slot_of(&more, m->slots[i].key)] = m->slots[i];
    }
    free(m->slots);
    *m = more;
    return true;
}

bool yw_map_put(struct yw_map *m, uint64_t key, uint32_t value) {
    if (m->n * 2 >= m->cap && !double_room(m)) return false;
    size_t i = slot_of(m, key);
    if (!m->slots[i].used) m->n++;
    m->slots[i] = (struct yw_map_slot){key, value, true};
    return true;
}
