/* merkle: the tree over a block's records, shaped as in RFC 6962 section 2.1: a leaf is SHA-256(0x00 ||
 * record bytes), an inner node SHA-256(0x01 || left || right), and n leaves split at the largest power of two
 * smaller than n. A leaf is the whole record as it lies in the journal, header and padding included. */
#ifndef YW_JOURNAL_MERKLE_H
#define YW_JOURNAL_MERKLE_H

#include "base/base.h"

enum { YW_HASH_BYTES = 32, YW_MERKLE_DEPTH = 64 };

/* Leaves come one after the other; memory grows with the logarithm of their number. */
struct yw_merkle {
    uint64_t count;
    uint8_t stack[YW_MERKLE_DEPTH][YW_HASH_BYTES]; /* roots of the full subtrees so far, largest first */
    int depth;
};
void yw_merkle_start(struct yw_merkle *m);
void yw_merkle_add(struct yw_merkle *m, const uint8_t leaf[YW_HASH_BYTES]);
/* The root over the leaves so far; of none it is SHA-256 of nothing. More leaves may follow. */
void yw_merkle_root(const struct yw_merkle *m, uint8_t root[YW_HASH_BYTES]);

/* false if there is no memory for a copy of a large record. */
bool yw_merkle_leaf(const void *record, size_t n, uint8_t leaf[YW_HASH_BYTES]);
void yw_merkle_node(const uint8_t left[YW_HASH_BYTES], const uint8_t right[YW_HASH_BYTES],
                    uint8_t node[YW_HASH_BYTES]);

/* The audit path of leaf `index` among `count`, from the leaf's sibling upwards; returns its length. */
int yw_merkle_path(const uint8_t (*leaves)[YW_HASH_BYTES], uint64_t count, uint64_t index,
                   uint8_t path[YW_MERKLE_DEPTH][YW_HASH_BYTES]);
/* Whether that leaf with that path makes this root. */
bool yw_merkle_proves(const uint8_t leaf[YW_HASH_BYTES], uint64_t index, uint64_t count,
                      const uint8_t (*path)[YW_HASH_BYTES], int length, const uint8_t root[YW_HASH_BYTES]);

#endif
