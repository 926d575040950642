/* spans: an interval tree over a sorted array. The middle of every part is the root of its two halves and
 * knows how far the part reaches, so that a question looks only where something may overlap. */
#include <stdlib.h>

#include "judge/judge_int.h"

static int by_from(const void *a, const void *b) {
    const struct yw_span *x = a, *y = b;
    if (x->from != y->from) return x->from < y->from ? -1 : 1;
    return (x->item > y->item) - (x->item < y->item);
}

static int64_t reach(struct yw_span *s, size_t n) {
    if (n == 0) return INT64_MIN;
    size_t mid = n / 2;
    int64_t left = reach(s, mid), right = reach(s + mid + 1, n - mid - 1), most = s[mid].to;
    if (left > most) most = left;
    if (right > most) most = right;
    s[mid].max_to = most;
    return most;
}

void yw_spans_prepare(struct yw_span *s, size_t n) {
    if (n > 1) qsort(s, n, sizeof *s, by_from);
    reach(s, n);
}

void yw_spans_each(const struct yw_span *s, size_t n, int64_t from, int64_t to,
                   void (*each)(void *arg, uint32_t item), void *arg) {
    while (n > 0) {
        size_t mid = n / 2;
        if (s[mid].max_to <= from) return; /* nothing in this part reaches that far */
        yw_spans_each(s, mid, from, to, each, arg);
        if (s[mid].from >= to) return;
        if (s[mid].to > from) each(arg, s[mid].item);
        s += mid + 1;
        n -= mid + 1;
    }
}
