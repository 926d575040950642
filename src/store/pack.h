/* pack: how a record lies on disk. A shape is the list of its (factor, field) names, kept once a file; a body
 * is one token a value, in the order of the shape.
 *
 * Version 1. All integers are LEB128 varints; signed ones are zigzag first.
 *   shape = count, then for each value: length of factor (1 byte), factor, length of field (1 byte), field
 *   token = varint t; the low three bits tell what it is:
 *     0..5  number with that scale, mantissa = zigzag of t >> 3
 *     6     number: scale (1 byte) and zigzag mantissa follow
 *     7     text: t >> 3 is its length + 1, the bytes follow; length + 1 = 0 stands for "N", the commonest
 * data mark */
#ifndef YW_STORE_PACK_H
#define YW_STORE_PACK_H

#include "store/store.h"

enum {
    YW_SHAPE_BYTES_MAX = 3 + YW_VALUES_MAX * (2 + YW_FACTOR_MAX + YW_FIELD_MAX),
    YW_BODY_BYTES_MAX = 1 << 20
};

/* A place in bytes; after the first read past the end everything reads as 0 and `bad` stays set. */
struct yw_cursor {
    const uint8_t *at, *end;
    bool bad;
};
uint64_t yw_take_varint(struct yw_cursor *c);
int64_t yw_take_zigzag(struct yw_cursor *c);
const uint8_t *yw_take_bytes(struct yw_cursor *c, size_t n); /* NULL past the end */
void yw_add_varint(struct yw_buf *b, uint64_t v);
void yw_add_zigzag(struct yw_buf *b, int64_t v);

/* Returns the length of the shape in out (YW_SHAPE_BYTES_MAX bytes). */
size_t yw_pack_shape(const struct yw_value *values, size_t count, uint8_t *out);
void yw_pack_body(const struct yw_value *values, size_t count, struct yw_buf *out);

/* Names out of a shape into values[0..*count); false if it is damaged. */
bool yw_unpack_shape(const uint8_t *shape, size_t n, struct yw_value *values, size_t *count);
/* Fills in the values of a body whose names are there already; texts point into body. */
bool yw_unpack_body(const uint8_t *body, size_t n, struct yw_value *values, size_t count);
bool yw_skip_token(struct yw_cursor *c);
bool yw_take_token(struct yw_cursor *c, struct yw_value *v);

/* A double that came from a short decimal takes 2 to 5 bytes, any other 9; exact both ways. */
void yw_add_f64(struct yw_buf *b, double v);
double yw_take_f64(struct yw_cursor *c);

/* A record as it lies in a file. Pointers belong to whoever gave it. */
struct yw_packed {
    uint32_t outlet, device;
    uint8_t kind, flags;
    int64_t time;
    struct yw_source source;
    uint32_t shape; /* number in the file's table of shapes; 0: the shape stands before the tokens */
    const uint8_t *body;
    size_t body_n;
    const struct yw_source *resends; /* the sources of further copies, in order */
    size_t resend_count;
    int64_t id; /* in the append table, 0: none */
};
int yw_packed_compare(const void *a, const void *b); /* (time, arrival, journal, position) */
bool yw_packed_same_content(const struct yw_packed *a, const struct yw_packed *b);

#endif
