#include "store/day.h"

#include <stdlib.h>
#include <string.h>
#include <zstd.h>

void yw_day_init(struct yw_day *d) {
    *d = (struct yw_day){0};
    yw_buf_init(&d->bytes, YW_DAY_BYTES_MAX);
    yw_buf_init(&d->sources, YW_DAY_BYTES_MAX);
}

void yw_day_free(struct yw_day *d) {
    free(d->rows);
    yw_buf_free(&d->bytes);
    yw_buf_free(&d->sources);
    free(d->unpacked);
    ZSTD_freeDCtx(d->zstd);
    *d = (struct yw_day){0};
}

void yw_day_clear(struct yw_day *d) {
    d->n = 0;
    yw_buf_clear(&d->bytes);
    yw_buf_clear(&d->sources);
}

static bool make_room(struct yw_day *d, size_t n) {
    if (n <= d->cap) return true;
    if (n > YW_DAY_ROWS_MAX) return false;
    size_t cap = d->cap ? d->cap * 2 : 256;
    while (cap < n) cap *= 2;
    struct yw_packed *rows = realloc(d->rows, cap * sizeof *rows);
    if (!rows) return false;
    d->rows = rows;
    d->cap = cap;
    return true;
}

/* The buffers may move while rows are added, so until yw_day_done body and resends are offsets in disguise.
 */
bool yw_day_add(struct yw_day *d, const struct yw_packed *row) {
    if (!make_room(d, d->n + 1)) return false;
    struct yw_packed *to = &d->rows[d->n];
    *to = *row;
    to->body = (const uint8_t *)(uintptr_t)d->bytes.len;
    to->resends = (const struct yw_source *)(uintptr_t)d->sources.len;
    if (row->body_n > 0 && !yw_buf_add(&d->bytes, row->body, row->body_n)) return false;
    if (row->resend_count > 0 &&
        !yw_buf_add(&d->sources, row->resends, row->resend_count * sizeof *row->resends))
        return false;
    d->n++;
    return true;
}

void yw_day_done(struct yw_day *d, bool sort) {
    for (size_t i = 0; i < d->n; i++) {
        struct yw_packed *r = &d->rows[i];
        r->body = (const uint8_t *)d->bytes.data + (uintptr_t)r->body;
        r->resends = (const struct yw_source *)(void *)(d->sources.data + (uintptr_t)r->resends);
        if (r->body_n == 0) r->body = (const uint8_t *)"";
        if (r->resend_count == 0) r->resends = NULL;
    }
    if (sort && d->n > 1) qsort(d->rows, d->n, sizeof *d->rows, yw_packed_compare);
}

bool yw_day_equal(const struct yw_day *a, const struct yw_day *b) {
    if (a->n != b->n) return false;
    for (size_t i = 0; i < a->n; i++) {
        const struct yw_packed *x = &a->rows[i], *y = &b->rows[i];
        if (yw_packed_compare(x, y) != 0 || !yw_packed_same_content(x, y)) return false;
        if (x->device != y->device || x->flags != y->flags || x->resend_count != y->resend_count)
            return false;
        for (size_t k = 0; k < x->resend_count; k++) {
            if (yw_source_compare(&x->resends[k], &y->resends[k]) != 0) return false;
        }
    }
    return true;
}

static int compare_u64(const void *a, const void *b) {
    uint64_t x, y;
    memcpy(&x, a, sizeof x);
    memcpy(&y, b, sizeof y);
    return x < y ? -1 : x > y;
}

/* Row numbers in order of their shape: (shape << 32 | row). */
static uint64_t *order_by_shape(const struct yw_day *d) {
    uint64_t *order = malloc((d->n + 1) * sizeof *order);
    if (!order) return NULL;
    for (size_t i = 0; i < d->n; i++) order[i] = (uint64_t)d->rows[i].shape << 32 | i;
    qsort(order, d->n, sizeof *order, compare_u64);
    return order;
}

static size_t group_end(const uint64_t *order, size_t n, size_t from) {
    size_t to = from;
    while (to < n && order[to] >> 32 == order[from] >> 32) to++;
    return to;
}

static void pack_head(const struct yw_day *d, int32_t day, struct yw_buf *raw) {
    yw_add_varint(raw, d->n);
    int64_t before = yw_china_day_start(day);
    for (size_t i = 0; i < d->n; before = d->rows[i++].time) yw_add_zigzag(raw, d->rows[i].time - before);
    before = d->n > 0 ? d->rows[0].time : 0;
    for (size_t i = 0; i < d->n; before = d->rows[i++].source.arrival)
        yw_add_zigzag(raw, d->rows[i].source.arrival - before);
    for (size_t i = 0; i < d->n; i++) yw_add_varint(raw, d->rows[i].source.journal);
    uint64_t position = 0;
    for (size_t i = 0; i < d->n; position = d->rows[i++].source.position)
        yw_add_zigzag(raw, (int64_t)(d->rows[i].source.position - position));
    int64_t device = 0;
    for (size_t i = 0; i < d->n; device = d->rows[i++].device) yw_add_zigzag(raw, d->rows[i].device - device);
    for (size_t i = 0; i < d->n; i++) yw_buf_putc(raw, (char)d->rows[i].flags);
    for (size_t i = 0; i < d->n; i++) yw_add_varint(raw, d->rows[i].shape);
    for (size_t i = 0; i < d->n; i++) {
        const struct yw_packed *r = &d->rows[i];
        yw_add_varint(raw, r->resend_count);
        for (size_t k = 0; k < r->resend_count; k++) {
            yw_add_zigzag(raw, r->resends[k].arrival - r->source.arrival);
            yw_add_varint(raw, r->resends[k].journal);
            yw_add_zigzag(raw, (int64_t)(r->resends[k].position - r->source.position));
        }
    }
}

/* Turns the bodies of rows of one shape into columns. */
static bool pack_group(const struct yw_day *d, const uint64_t *order, size_t n, struct yw_cursor *at,
                       struct yw_buf *column, struct yw_buf *raw) {
    size_t columns = 0;
    for (size_t k = 0; k < n; k++) {
        const struct yw_packed *r = &d->rows[(uint32_t)order[k]];
        at[k] = (struct yw_cursor){r->body, r->body + r->body_n, false};
    }
    for (struct yw_cursor c = at[0]; c.at < c.end; columns++) {
        if (!yw_skip_token(&c)) return false;
    }
    yw_add_varint(raw, columns);
    for (size_t i = 0; i < columns; i++) {
        yw_buf_clear(column);
        for (size_t k = 0; k < n; k++) {
            const uint8_t *from = at[k].at;
            if (!yw_skip_token(&at[k])) return false;
            yw_buf_add(column, from, (size_t)(at[k].at - from));
        }
        yw_add_varint(raw, column->len);
        yw_buf_add(raw, column->data, column->len);
    }
    for (size_t k = 0; k < n; k++) {
        if (at[k].at != at[k].end) return false;
    }
    return true;
}

static bool pack_bodies(const struct yw_day *d, struct yw_buf *raw) {
    struct yw_buf column;
    yw_buf_init(&column, YW_DAY_BYTES_MAX);
    uint64_t *order = order_by_shape(d);
    struct yw_cursor *at = malloc((d->n + 1) * sizeof *at);
    bool good = order && at;
    for (size_t from = 0, to; good && from < d->n; from = to) {
        to = group_end(order, d->n, from);
        if (order[from] >> 32 != 0) {
            good = pack_group(d, order + from, to - from, at, &column, raw);
            continue;
        }
        for (size_t k = from; k < to; k++) {
            const struct yw_packed *r = &d->rows[(uint32_t)order[k]];
            yw_add_varint(raw, r->body_n);
            yw_buf_add(raw, r->body, r->body_n);
        }
    }
    good = good && !column.failed;
    free(at);
    free(order);
    yw_buf_free(&column);
    return good;
}

enum yw_code yw_chunk_pack(const struct yw_day *d, int32_t day, struct yw_buf *out, struct yw_error *err) {
    struct yw_buf raw;
    yw_buf_init(&raw, YW_DAY_BYTES_MAX);
    pack_head(d, day, &raw);
    if (!pack_bodies(d, &raw) || raw.failed) {
        yw_buf_free(&raw);
        return yw_fail(err, YW_E_LIMIT, "the records of a day cannot be packed: out of memory or damaged");
    }
    size_t room = ZSTD_compressBound(raw.len);
    char *packed = malloc(room);
    ZSTD_CCtx *z = ZSTD_createCCtx();
    size_t n = 0;
    bool good = packed && z;
    if (good) {
        ZSTD_CCtx_setParameter(z, ZSTD_c_compressionLevel, 6);
        ZSTD_CCtx_setParameter(z, ZSTD_c_checksumFlag, 1);
        n = ZSTD_compress2(z, packed, room, raw.data, raw.len);
        good = !ZSTD_isError(n) && yw_buf_add(out, packed, n);
    }
    ZSTD_freeCCtx(z);
    free(packed);
    yw_buf_free(&raw);
    return good ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory to pack the records of a day");
}

static bool unpack_resends(struct yw_cursor *c, struct yw_packed *r, struct yw_buf *sources) {
    uint64_t many = yw_take_varint(c);
    if (c->bad || many > (uint64_t)(c->end - c->at) / 3) return false;
    r->resends = (const struct yw_source *)(uintptr_t)sources->len;
    r->resend_count = (size_t)many;
    for (uint64_t k = 0; k < many; k++) {
        struct yw_source s = {0};
        s.arrival = r->source.arrival + yw_take_zigzag(c);
        s.journal = (uint16_t)yw_take_varint(c);
        s.position = r->source.position + (uint64_t)yw_take_zigzag(c);
        if (!yw_buf_add(sources, &s, sizeof s)) return false;
    }
    return !c->bad;
}

static bool unpack_head(struct yw_cursor *c, uint32_t outlet, uint8_t kind, int32_t day, struct yw_day *d) {
    uint64_t n = yw_take_varint(c);
    if (c->bad || n > YW_DAY_ROWS_MAX || n > (uint64_t)(c->end - c->at) || !make_room(d, (size_t)n))
        return false;
    d->n = (size_t)n;
    int64_t before = yw_china_day_start(day);
    for (size_t i = 0; i < n; i++) {
        d->rows[i] = (struct yw_packed){.outlet = outlet, .kind = kind};
        d->rows[i].time = before += yw_take_zigzag(c);
    }
    before = n > 0 ? d->rows[0].time : 0;
    for (size_t i = 0; i < n; i++) d->rows[i].source.arrival = before += yw_take_zigzag(c);
    for (size_t i = 0; i < n; i++) d->rows[i].source.journal = (uint16_t)yw_take_varint(c);
    uint64_t position = 0;
    for (size_t i = 0; i < n; i++) d->rows[i].source.position = position += (uint64_t)yw_take_zigzag(c);
    int64_t device = 0;
    for (size_t i = 0; i < n; i++) d->rows[i].device = (uint32_t)(device += yw_take_zigzag(c));
    const uint8_t *flags = yw_take_bytes(c, (size_t)n);
    for (size_t i = 0; flags && i < n; i++) d->rows[i].flags = flags[i];
    return !c->bad;
}

static bool unpack_shapes(struct yw_cursor *c, struct yw_day *d) {
    size_t n = d->n;
    for (size_t i = 0; i < n; i++) d->rows[i].shape = (uint32_t)yw_take_varint(c);
    for (size_t i = 0; i < n; i++) {
        if (!unpack_resends(c, &d->rows[i], &d->sources)) return false;
    }
    return !c->bad;
}

/* Gathers the tokens of each row out of the columns of its shape. */
static bool unpack_group(struct yw_cursor *c, struct yw_day *d, const uint64_t *order, size_t n) {
    struct yw_cursor column[YW_VALUES_MAX];
    uint64_t columns = yw_take_varint(c);
    if (c->bad || columns > YW_VALUES_MAX) return false;
    for (size_t i = 0; i < columns; i++) {
        uint64_t length = yw_take_varint(c);
        const uint8_t *from = c->bad || length > SIZE_MAX ? NULL : yw_take_bytes(c, (size_t)length);
        if (!from) return false;
        column[i] = (struct yw_cursor){from, from + length, false};
    }
    for (size_t k = 0; k < n; k++) {
        struct yw_packed *r = &d->rows[(uint32_t)order[k]];
        size_t begin = d->bytes.len;
        r->body = (const uint8_t *)(uintptr_t)begin;
        for (size_t i = 0; i < columns; i++) {
            const uint8_t *from = column[i].at;
            if (!yw_skip_token(&column[i])) return false;
            if (!yw_buf_add(&d->bytes, from, (size_t)(column[i].at - from))) return false;
        }
        r->body_n = d->bytes.len - begin;
    }
    for (size_t i = 0; i < columns; i++) {
        if (column[i].at != column[i].end) return false;
    }
    return true;
}

static bool unpack_bodies(struct yw_cursor *c, struct yw_day *d) {
    uint64_t *order = order_by_shape(d);
    bool good = order != NULL;
    for (size_t from = 0, to; good && from < d->n; from = to) {
        to = group_end(order, d->n, from);
        if (order[from] >> 32 != 0) {
            good = unpack_group(c, d, order + from, to - from);
            continue;
        }
        for (size_t k = from; good && k < to; k++) {
            struct yw_packed *r = &d->rows[(uint32_t)order[k]];
            uint64_t length = yw_take_varint(c);
            const uint8_t *body = c->bad || length > SIZE_MAX ? NULL : yw_take_bytes(c, (size_t)length);
            r->body = (const uint8_t *)(uintptr_t)d->bytes.len;
            r->body_n = (size_t)length;
            good = body && yw_buf_add(&d->bytes, body, (size_t)length);
        }
    }
    free(order);
    return good && c->at == c->end;
}

/* In one go: the frame says how much it holds, and the limit holds before anything is taken. */
static bool decompress(const void *chunk, size_t n, struct yw_day *d, size_t *length) {
    unsigned long long size = ZSTD_getFrameContentSize(chunk, n);
    if (size == ZSTD_CONTENTSIZE_ERROR || size > YW_DAY_BYTES_MAX)
        return false; /* unknown is the largest number */
    if (ZSTD_findFrameCompressedSize(chunk, n) != n) return false;
    if (size > d->unpacked_cap) {
        uint8_t *more = realloc(d->unpacked, (size_t)size);
        if (!more) return false;
        d->unpacked = more;
        d->unpacked_cap = (size_t)size;
    }
    if (!d->zstd) d->zstd = ZSTD_createDCtx();
    if (!d->zstd) return false;
    *length = ZSTD_decompressDCtx(d->zstd, d->unpacked, d->unpacked_cap, chunk, n);
    return !ZSTD_isError(*length);
}

static enum yw_code unpack(const void *chunk, size_t n, uint32_t outlet, uint8_t kind, int32_t day,
                           bool times_only, struct yw_day *d, struct yw_error *err) {
    yw_day_clear(d);
    size_t length = 0;
    bool good = decompress(chunk, n, d, &length);
    struct yw_cursor c = {d->unpacked, good ? d->unpacked + length : d->unpacked, false};
    good = good && unpack_head(&c, outlet, kind, day, d);
    if (good && !times_only) good = unpack_shapes(&c, d) && unpack_bodies(&c, d);
    if (!good) {
        d->n = 0;
        return yw_fail(err, YW_E_CORRUPT, "chunk of outlet %u, %s data, day %d is damaged: run yanwu rebuild",
                       outlet, yw_kind_name((enum yw_kind)kind), day);
    }
    yw_day_done(d, false);
    return YW_OK;
}

enum yw_code yw_chunk_unpack(const void *chunk, size_t n, uint32_t outlet, uint8_t kind, int32_t day,
                             struct yw_day *d, struct yw_error *err) {
    return unpack(chunk, n, outlet, kind, day, false, d, err);
}

enum yw_code yw_chunk_times(const void *chunk, size_t n, uint32_t outlet, uint8_t kind, int32_t day,
                            struct yw_day *d, struct yw_error *err) {
    return unpack(chunk, n, outlet, kind, day, true, d, err);
}
