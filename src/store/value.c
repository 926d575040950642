/* What a value is: names of kinds, numbers as text and as double, which revision counts. */
#include "store/store.h"

#include <string.h>

static const char *const kind_names[YW_KIND_COUNT] = {
    [YW_KIND_REAL] = "real", [YW_KIND_MINUTE] = "minute",     [YW_KIND_HOUR] = "hour",
    [YW_KIND_DAY] = "day",   [YW_KIND_FACILITY] = "facility", [YW_KIND_RUNTIME] = "runtime",
    [YW_KIND_INFO] = "info", [YW_KIND_PERIODIC] = "periodic", [YW_KIND_STATION] = "station",
};

const char *yw_kind_name(enum yw_kind kind) {
    return kind > 0 && kind < YW_KIND_COUNT ? kind_names[kind] : "unknown";
}

bool yw_kind_parse(const char *name, enum yw_kind *out) {
    for (int k = 1; k < YW_KIND_COUNT; k++) {
        if (strcmp(name, kind_names[k]) == 0) {
            *out = (enum yw_kind)k;
            return true;
        }
    }
    return false;
}

int yw_source_compare(const struct yw_source *a, const struct yw_source *b) {
    if (a->arrival != b->arrival) return a->arrival < b->arrival ? -1 : 1;
    if (a->journal != b->journal) return a->journal < b->journal ? -1 : 1;
    if (a->position != b->position) return a->position < b->position ? -1 : 1;
    return 0;
}

static size_t print_number(const struct yw_value *v, char out[YW_NUMBER_TEXT_MAX]) {
    char digits[24];
    size_t n = 0, len = 0;
    uint64_t m = v->mantissa < 0 ? (uint64_t)0 - (uint64_t)v->mantissa : (uint64_t)v->mantissa;
    while (m > 0 || n <= v->scale) { /* at least one digit before the point */
        digits[n++] = (char)('0' + m % 10);
        m /= 10;
    }
    if (v->mantissa < 0) out[len++] = '-';
    while (n > 0) {
        if (n == v->scale) out[len++] = '.';
        out[len++] = digits[--n];
    }
    return len;
}

size_t yw_value_print(const struct yw_value *v, char *out, size_t size) {
    char number[YW_NUMBER_TEXT_MAX];
    if (size == 0) return 0;
    if (v->is_text) {
        yw_copy(out, size, v->text, v->text_n);
    } else {
        yw_copy(out, size, number, print_number(v, number));
    }
    return strlen(out);
}

/* Division of two exact numbers: the double nearest to the decimal, as long as the mantissa has at most 53
 * bits. */
bool yw_value_f64(const struct yw_value *v, double *out) {
    static const double power[19] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8, 1e9,
                                     1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18};
    if (v->is_text || v->scale > 18) return false;
    *out = (double)v->mantissa / power[v->scale];
    return true;
}

bool yw_row_counts_over(const struct yw_row *a, const struct yw_row *b) {
    bool a_late = a->flags & YW_ROW_BACKFILLED, b_late = b->flags & YW_ROW_BACKFILLED;
    if (a_late != b_late) return b_late;
    return yw_source_compare(&a->source, &b->source) > 0;
}

size_t yw_current_values(const struct yw_row *rows, size_t row_count, const struct yw_value **out,
                         size_t max) {
    const struct yw_row *owner[YW_VALUES_MAX];
    size_t n = 0;
    if (max > YW_VALUES_MAX) max = YW_VALUES_MAX;
    for (size_t r = 0; r < row_count; r++) {
        for (size_t i = 0; i < rows[r].count; i++) {
            const struct yw_value *v = &rows[r].values[i];
            size_t k = 0;
            while (k < n && (strcmp(out[k]->field, v->field) != 0 || strcmp(out[k]->factor, v->factor) != 0))
                k++;
            if (k == max) continue;
            if (k == n) {
                n++;
            } else if (owner[k] == &rows[r] || !yw_row_counts_over(&rows[r], owner[k])) {
                continue; /* the first of a name that stands twice in one packet counts */
            }
            out[k] = v;
            owner[k] = &rows[r];
        }
    }
    return n;
}
