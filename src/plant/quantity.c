/* quantity: names, units and codes. */
#include "plant/quantity.h"

#include <math.h>
#include <string.h>

static const struct {
    const char *name, *unit, *code;
} table[YW_Q_COUNT] = {
#define X(id, name, unit, code) {name, unit, code},
    YW_QUANTITIES(X)
#undef X
};

const char *yw_quantity_name(enum yw_quantity q) {
    return table[q].name;
}

const char *yw_quantity_unit(enum yw_quantity q) {
    return table[q].unit;
}

const char *yw_quantity_code(enum yw_quantity q) {
    return table[q].code;
}

enum yw_quantity yw_quantity_find(const char *name, size_t n) {
    unsigned q = 0;
    while (q < YW_Q_COUNT && (strlen(table[q].name) != n || memcmp(table[q].name, name, n) != 0)) q++;
    return (enum yw_quantity)q;
}

void yw_stream_clear(struct yw_stream *s) {
    for (unsigned q = 0; q < YW_Q_COUNT; q++) s->v[q] = NAN;
}
