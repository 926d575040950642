/* upload: what faults and frauds do to records on their way out: not sent, sent late, with a wrong time, or
 * again with other values. */
#include <string.h>

#include "plants/process.h"

static bool is_data(const struct yw_plant_record *r) {
    return r->command == 2011 || r->command == 2051 || r->command == 2061 || r->command == 2031;
}

static void scale(struct yw_entry *e, double by) {
    double *values[] = {&e->avg, &e->min, &e->max, &e->cou, &e->zs_avg, &e->zs_min, &e->zs_max};
    for (size_t i = 0; i < YW_COUNT(values); i++) *values[i] *= by;
}

/* The record once more, b seconds later, what the deed is about times a. */
static void again(const struct yw_active *a, const struct yw_scenario *s, const struct yw_plant_record *r,
                  struct yw_plant_record *out) {
    *out = *r;
    out->end += (int64_t)(a->b * (double)YW_SECOND);
    for (size_t i = 0; i < s->factor_count; i++)
        if (yw_active_hits(a, s->factors[i].from)) scale(&out->entries[i], 1 + a->s * (a->a - 1));
}

size_t yw_upload(const struct yw_effects_now *now, const struct yw_scenario *s,
                 struct yw_plant_record *records, size_t n) {
    for (size_t k = 0; k < now->n; k++) {
        const struct yw_active *a = &now->items[k];
        if (a->deed->place != YW_AT_UPLOAD) continue;
        size_t kept = 0, had = n;
        struct yw_plant_record more[YW_RECORDS_PER_STEP];
        size_t more_n = 0;
        for (size_t i = 0; i < had; i++) {
            struct yw_plant_record *r = &records[i];
            bool data = is_data(r);
            if (data && a->deed->what == YW_DO_DROP && a->s > 0) continue;
            if (data && a->deed->what == YW_DO_LATE) r->end += (int64_t)(a->s * a->a * (double)YW_SECOND);
            if (a->deed->what == YW_DO_CLOCK) {
                double days = (double)(r->end - a->since) / (double)YW_DAY;
                r->time += (int64_t)(a->s * (a->a + a->b * days)) * YW_SECOND;
            }
            if (data && a->deed->what == YW_DO_TWICE && r->command != 2011 && more_n < YW_COUNT(more))
                again(a, s, r, &more[more_n++]);
            if (kept != i) records[kept] = *r;
            kept++;
        }
        for (size_t i = 0; i < more_n && kept < YW_RECORDS_PER_STEP; i++) records[kept++] = more[i];
        n = kept;
    }
    return n;
}
