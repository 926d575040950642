#include "journal/merkle.h"

#include <stdlib.h>
#include <string.h>

bool yw_merkle_leaf(const void *record, size_t n, uint8_t leaf[YW_HASH_BYTES]) {
    uint8_t here[4096];
    uint8_t *copy = n < sizeof here ? here : malloc(n + 1);
    if (!copy) return false;
    copy[0] = 0;
    memcpy(copy + 1, record, n);
    yw_sha256(copy, n + 1, leaf);
    if (copy != here) free(copy);
    return true;
}

void yw_merkle_node(const uint8_t left[YW_HASH_BYTES], const uint8_t right[YW_HASH_BYTES],
                    uint8_t node[YW_HASH_BYTES]) {
    uint8_t both[1 + 2 * YW_HASH_BYTES];
    both[0] = 1;
    memcpy(both + 1, left, YW_HASH_BYTES);
    memcpy(both + 1 + YW_HASH_BYTES, right, YW_HASH_BYTES);
    yw_sha256(both, sizeof both, node);
}

void yw_merkle_start(struct yw_merkle *m) {
    m->count = 0;
    m->depth = 0;
}

/* Like counting in binary: each one bit of `count` stands for a full subtree on the stack. */
void yw_merkle_add(struct yw_merkle *m, const uint8_t leaf[YW_HASH_BYTES]) {
    uint8_t hash[YW_HASH_BYTES];
    memcpy(hash, leaf, YW_HASH_BYTES);
    for (uint64_t bits = m->count; bits & 1; bits >>= 1) yw_merkle_node(m->stack[--m->depth], hash, hash);
    memcpy(m->stack[m->depth++], hash, YW_HASH_BYTES);
    m->count++;
}

void yw_merkle_root(const struct yw_merkle *m, uint8_t root[YW_HASH_BYTES]) {
    if (m->depth == 0) {
        yw_sha256("", 0, root);
        return;
    }
    memcpy(root, m->stack[m->depth - 1], YW_HASH_BYTES);
    for (int i = m->depth - 2; i >= 0; i--) yw_merkle_node(m->stack[i], root, root);
}

static uint64_t split(uint64_t count) {
    uint64_t k = 1;
    while (k < count - k) k <<= 1;
    return k;
}

static void root_of(const uint8_t (*leaves)[YW_HASH_BYTES], uint64_t count, uint8_t root[YW_HASH_BYTES]) {
    struct yw_merkle m;
    yw_merkle_start(&m);
    for (uint64_t i = 0; i < count; i++) yw_merkle_add(&m, leaves[i]);
    yw_merkle_root(&m, root);
}

int yw_merkle_path(const uint8_t (*leaves)[YW_HASH_BYTES], uint64_t count, uint64_t index,
                   uint8_t path[YW_MERKLE_DEPTH][YW_HASH_BYTES]) {
    int length = 0;
    while (count > 1) { /* downwards: the sibling met last is the leaf's */
        uint64_t k = split(count);
        if (index < k) {
            root_of(leaves + k, count - k, path[length++]);
            count = k;
        } else {
            root_of(leaves, k, path[length++]);
            leaves += k;
            count -= k;
            index -= k;
        }
    }
    for (int i = 0; i < length / 2; i++) {
        uint8_t swap[YW_HASH_BYTES];
        memcpy(swap, path[i], YW_HASH_BYTES);
        memcpy(path[i], path[length - 1 - i], YW_HASH_BYTES);
        memcpy(path[length - 1 - i], swap, YW_HASH_BYTES);
    }
    return length;
}

bool yw_merkle_proves(const uint8_t leaf[YW_HASH_BYTES], uint64_t index, uint64_t count,
                      const uint8_t (*path)[YW_HASH_BYTES], int length, const uint8_t root[YW_HASH_BYTES]) {
    if (index >= count || length < 0) return false;
    uint8_t hash[YW_HASH_BYTES];
    memcpy(hash, leaf, YW_HASH_BYTES);
    uint64_t at = index, last = count - 1;
    for (int i = 0; i < length; i++) {
        if (last == 0) return false;
        if ((at & 1) || at == last) {
            yw_merkle_node(path[i], hash, hash);
            while (!(at & 1) && at != 0) at >>= 1, last >>= 1;
        } else {
            yw_merkle_node(hash, path[i], hash);
        }
        at >>= 1, last >>= 1;
    }
    return last == 0 && memcmp(hash, root, YW_HASH_BYTES) == 0;
}
