/* What the packets of a device come to: tallies that can be added up in any order. Pure. */
#include "store/rules.h"

#include <stdlib.h>
#include <string.h>

static void take_first(struct yw_source *into, const struct yw_source *more) {
    if (more->arrival != 0 && (into->arrival == 0 || yw_source_compare(more, into) < 0)) *into = *more;
}

static bool is_later(const struct yw_source *more, const struct yw_source *than) {
    return more->arrival != 0 && (than->arrival == 0 || yw_source_compare(more, than) > 0);
}

enum { NAMES_MAX = 10 };

/* Adds a name to a comma-separated list in order of bytes that keeps the first NAMES_MAX. */
void yw_names_add(char *list, size_t size, const char *name, size_t n) {
    char out[sizeof((struct yw_device_fact *)0)->names + YW_FACTOR_MAX + 1];
    size_t len = 0, count = 0;
    bool put = false;
    if (n == 0 || n > YW_FACTOR_MAX) return;
    for (const char *at = list; *at || !put;) {
        size_t length = strcspn(at, ",");
        size_t least = n < length ? n : length;
        int order = length == 0 ? -1 : memcmp(name, at, least);
        if (order == 0) order = n < length ? -1 : n > length;
        if (order == 0) return; /* there already */
        const char *from = !put && order < 0 ? name : at;
        size_t take = from == name ? n : length;
        if (count++ == NAMES_MAX) break;
        if (len > 0) out[len++] = ',';
        memcpy(out + len, from, take);
        len += take;
        if (from == name) {
            put = true;
            continue;
        }
        at += length;
        if (*at == ',') at++;
    }
    yw_copy(list, size, out, len);
}

void yw_fact_merge(struct yw_device_fact *into, const struct yw_device_fact *more) {
    take_first(&into->first, &more->first);
    if (is_later(&more->last, &into->last)) into->last = more->last;
    into->packets += more->packets;
    into->encrypted += more->encrypted;
    into->crc_modbus += more->crc_modbus;
    into->crc_lower += more->crc_lower;
    into->gbk += more->gbk;
    into->len_chars += more->len_chars;
    into->no_tail += more->no_tail;
    into->aliased += more->aliased;
    into->split += more->split;
    for (size_t i = 0; i < YW_COUNT(into->version); i++) into->version[i] += more->version[i];
    for (size_t i = 0; i < YW_COUNT(into->findings); i++) into->findings[i] += more->findings[i];
    if (is_later(&more->key_last, &into->key_last)) {
        into->key_last = more->key_last;
        into->key_id = more->key_id;
    }
    for (const char *at = more->names; *at;) {
        size_t n = strcspn(at, ",");
        yw_names_add(into->names, sizeof into->names, at, n);
        at += n;
        if (*at == ',') at++;
    }
}

void yw_clock_merge(struct yw_device_day *into, const struct yw_device_day *more) {
    if (more->n > 0) {
        if (into->n == 0 || more->min_ms < into->min_ms) into->min_ms = more->min_ms;
        if (into->n == 0 || more->max_ms > into->max_ms) into->max_ms = more->max_ms;
        into->n += more->n;
        into->sum_ms += more->sum_ms;
    }
    into->odd_n += more->odd_n;
    into->asked_n += more->asked_n;
    if (is_later(&more->last, &into->last)) {
        into->last = more->last;
        into->last_ms = more->last_ms;
    }
    if (is_later(&more->asked_last, &into->asked_last)) {
        into->asked_last = more->asked_last;
        into->asked_ms = more->asked_ms;
    }
}

void yw_link_merge(struct yw_device_link *into, const struct yw_device_link *more) {
    if (into->packets + into->refused == 0 || more->first < into->first) into->first = more->first;
    if (into->packets + into->refused == 0 || more->last > into->last) into->last = more->last;
    into->packets += more->packets;
    into->refused += more->refused;
    if (more->position > into->position) into->position = more->position;
}

void yw_notice_merge(struct yw_notice *into, const struct yw_notice *more) {
    into->count += more->count;
    if (!is_later(&more->last, &into->last)) return;
    into->last = more->last;
    memcpy(into->cp, more->cp, sizeof into->cp);
    memcpy(into->peer, more->peer, sizeof into->peer);
}

bool yw_clock_of_asked(const struct yw_asked *a, struct yw_device_day *out) {
    int64_t ms;
    if (!yw_asked_clock(a, &ms)) return false;
    *out = (struct yw_device_day){.device = a->device,
                                  .day = yw_china_day(a->answers[0].arrival),
                                  .asked_n = 1,
                                  .asked_ms = ms,
                                  .asked_last = a->answers[0]};
    return true;
}

static int compare_days(const void *a, const void *b) {
    const struct yw_device_day *x = a, *y = b;
    if (x->day != y->day) return x->day > y->day ? -1 : 1;
    return x->device < y->device ? -1 : x->device > y->device;
}

size_t yw_clocks_sum(struct yw_device_day *days, size_t n) {
    size_t kept = 0;
    if (n > 1) qsort(days, n, sizeof *days, compare_days);
    for (size_t i = 0; i < n; i++) {
        if (kept > 0 && compare_days(&days[kept - 1], &days[i]) == 0)
            yw_clock_merge(&days[kept - 1], &days[i]);
        else
            days[kept++] = days[i];
    }
    return kept;
}
