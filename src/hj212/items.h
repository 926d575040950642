/* The grammar of the data area, in one place: name=value items between ; and , where a name is a field or
 * factor-field. Inline, because decoding spends most of its time here. */
#ifndef HJ212_ITEMS_H
#define HJ212_ITEMS_H

#include "internal.h"

struct hj_item {
    size_t name, dash, name_end; /* dash == name_end: no factor */
    size_t value, value_end;     /* both at name_end's separator if there was no = */
    const struct hj_field *field;
    bool has_value, blanks;
    uint8_t before; /* the separator in front of the item, 0 at the beginning */
};

struct hj_cursor { /* apart from the item, so that it stays in registers */
    size_t next;   /* where the following item begins */
    size_t delim;  /* with an index: the first separator that is not before `next` */
    uint8_t after; /* the separator behind the item before, 0 at the beginning and the end */
};

/* The last - of a name, else its end. A factor code is never empty. */
size_t hj_last_dash(const uint8_t *p, size_t from, size_t end);
/* Log text stands between // and // and may hold separators. Returns its end, 0 if it is not closed that way.
 */
size_t hj_log_text_end(const uint8_t *p, size_t from, size_t end);
struct hj_item hj_item_trimmed(const uint8_t *p, struct hj_item it);
/* The same as hj_item_next without an index: slower, but needs nothing prepared. */
bool hj_item_scan(const uint8_t *p, size_t end, struct hj_cursor *c, struct hj_item *it);

static inline size_t hj_next_delim(const uint8_t *p, size_t from, size_t end, const struct hj_index *ix,
                                   struct hj_cursor *c) {
    if (ix) {
        size_t at = ix->delim[c->delim++];
        return at < end ? at : end;
    }
    while (from < end && p[from] != ';' && p[from] != ',' && p[from] != '=') from++;
    return from;
}

/* Finds the - and the field. Nearly all codes have six characters; a known field name holds no other -. */
static inline void hj_split_name(const uint8_t *p, size_t end, struct hj_item *it) {
    size_t n = it->name_end - it->name;
    if (n > 7 && p[it->name + 6] == '-') {
        it->field = hj_field_find(p + it->name + 7, n - 7, p + end);
        it->dash = it->name + 6;
        if (it->field->number) return;
    }
    it->dash = hj_last_dash(p, it->name, it->name_end);
    size_t from = it->dash < it->name_end ? it->dash + 1 : it->name;
    it->field = hj_field_find(p + from, it->name_end - from, p + end);
}

/* Reads the item that begins at c->next; false at the end. Empty items are returned too, with name ==
 * name_end and no value. */
static inline bool hj_item_next(const uint8_t *p, size_t end, const struct hj_index *ix, struct hj_cursor *c,
                                struct hj_item *it) {
    it->before = c->after;
    size_t from = c->next;
    if (from >= end && (from > end || !it->before)) return false;
    size_t stop = hj_next_delim(p, from, end, ix, c);
    it->name = from;
    it->name_end = stop;
    it->has_value = stop < end && p[stop] == '=';
    it->value = stop;
    if (it->has_value) {
        it->value = stop + 1;
        stop = hj_next_delim(p, stop + 1, end, ix, c);
        while (stop < end && p[stop] == '=') stop = hj_next_delim(p, stop + 1, end, ix, c);
        if ((!ix || ix->loose) && stop - it->value >= 2 && p[it->value] == '/' && p[it->value + 1] == '/') {
            size_t closed = hj_log_text_end(p, it->value, end);
            if (closed > stop) {
                stop = closed;
                while (ix && ix->delim[c->delim - 1] < stop) c->delim++;
            }
        }
    }
    it->value_end = stop;
    c->after = stop < end ? p[stop] : 0;
    c->next = stop + 1;
    it->blanks = false;
    if (!ix || ix->loose) *it = hj_item_trimmed(p, *it);
    hj_split_name(p, end, it);
    return true;
}

static inline void hj_item_public(const uint8_t *p, const struct hj_item *item, hj212_item *out) {
    bool factor = item->dash < item->name_end;
    size_t field = factor ? item->dash + 1 : item->name;
    out->code = factor ? hj_span(p + item->name, p + item->dash) : (hj212_span){NULL, 0};
    out->field = hj_span(p + field, p + item->name_end);
    out->value = hj_span(p + item->value, p + item->value_end);
    out->offset = (uint32_t)item->name;
}

#endif
