/* Items of the data area: the parts of the grammar that are seldom needed, and the public iterator. */
#include "items.h"

/* Log text stands between // and // and may hold separators. Returns its end, 0 if it is not closed that way.
 */
size_t hj_log_text_end(const uint8_t *p, size_t from, size_t end) {
    for (size_t at = from + 2; at + 2 <= end; at++) {
        if (p[at] != '/' || p[at + 1] != '/') continue;
        if (at + 2 == end || p[at + 2] == ';' || p[at + 2] == ',') return at + 2;
    }
    return 0;
}

static void trim(const uint8_t *p, size_t *from, size_t *to, bool *blanks) {
    while (*from < *to && hj_blank(p[*from])) ++*from, *blanks = true;
    while (*to > *from && hj_blank(p[*to - 1])) --*to, *blanks = true;
}

struct hj_item hj_item_trimmed(const uint8_t *p, struct hj_item it) {
    trim(p, &it.name, &it.name_end, &it.blanks);
    trim(p, &it.value, &it.value_end, &it.blanks);
    return it;
}

size_t hj_last_dash(const uint8_t *p, size_t from, size_t end) {
    size_t at = end;
    while (at > from && p[at - 1] != '-') at--;
    return at > from + 1 ? at - 1 : end;
}

bool hj_item_scan(const uint8_t *p, size_t end, struct hj_cursor *c, struct hj_item *it) {
    return hj_item_next(p, end, NULL, c, it);
}

void hj212_items(hj212_iterator *it, hj212_span cp) {
    it->begin = it->at = cp.p;
    it->end = cp.p ? cp.p + cp.n : NULL;
}

bool hj212_next(hj212_iterator *it, hj212_item *out) {
    if (!it->begin || it->at > it->end) return false;
    const uint8_t *p = (const uint8_t *)it->begin;
    size_t end = (size_t)(it->end - it->begin);
    struct hj_item item;
    struct hj_cursor c = {.next = (size_t)(it->at - it->begin)};
    do {
        if (c.next >= end || !hj_item_scan(p, end, &c, &item)) {
            it->begin = NULL;
            return false;
        }
    } while (item.name == item.name_end && !item.has_value);
    hj_item_public(p, &item, out);
    if (c.next > end)
        it->begin = NULL;
    else
        it->at = it->begin + c.next;
    return true;
}

hj212_span hj212_cp_field(hj212_span cp, const char *field) {
    hj212_iterator it;
    hj212_item item;
    size_t n = strlen(field);
    hj212_items(&it, cp);
    while (hj212_next(&it, &item))
        if (!item.code.p && item.field.n == n && memcmp(item.field.p, field, n) == 0) return item.value;
    return (hj212_span){NULL, 0};
}
