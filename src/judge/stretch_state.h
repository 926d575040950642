/* What the verdicts of a stretch keep while they go through it: limits sorted once, and runs of hours that
 * have not ended yet. Allocated by yw_water_begin, freed by yw_water_end. Private to judge/. */
#ifndef YW_JUDGE_STRETCH_STATE_H
#define YW_JUDGE_STRETCH_STATE_H

#include "judge/judge_int.h"

enum { YW_WHOLE_SITE = 0xFF }; /* in place of a factor */

/* Consecutive hours of which the same is to be said. */
struct yw_run {
    int64_t from, to; /* to 0: none is open */
    double value, held;
    double least_h; /* hours it takes to be said */
    unsigned hours;
    uint16_t rule;
    bool on;
};
enum yw_run_kind {
    YW_RUN_MISSING,
    YW_RUN_CONSTANT,
    YW_RUN_RANGE,
    YW_RUN_IMPOSSIBLE,
    YW_RUN_PROOF,
    YW_RUN_KINDS
};

/* Hours that budgets of one civil year have taken, walked in order of time. */
struct yw_budgets {
    int64_t year_to; /* end of the year the walk is in */
    double used60_h, used700_h;
    unsigned fault_h; /* of the fault that lasts */
};

struct yw_stretch_state {
    uint16_t limits[YW_SITE_LIMITS];        /* indices by factor, and of each factor in judging order */
    uint16_t limit_at[YW_SITE_FACTORS + 1]; /* limits of factor f: [limit_at[f], limit_at[f + 1]) */
    struct yw_run runs[YW_SITE_FACTORS][YW_RUN_KINDS];
    struct yw_run silent;             /* hours in which nothing at all came */
    bool is_seen[YW_SITE_FACTORS];    /* a record of the factor was seen */
    bool has_begun;                   /* a record of the site was seen */
    double last_raw[YW_SITE_FACTORS]; /* of the hour before, NaN: none */
    int nh3n, tn, cod, bod, pm;       /* indices of factors the constraints and budgets speak of, -1 */
};
static inline struct yw_stretch_state *yw_state(const struct yw_stretch *st) {
    return st->w;
}
/* What the furnace or source was in that hour: the condition of the first factor that has one. */
uint8_t yw_stretch_condition(const struct yw_stretch *st, size_t hour);
/* Arithmetic mean of the valid hours of a factor (index, -1: none); NaN: none. */
double yw_stretch_mean_of(const struct yw_stretch *st, int factor, int64_t from, int64_t to);
/* Hours of [from, to) that the stretch has: [*a, *b) as indices of hours. */
void yw_stretch_hours(const struct yw_stretch *st, int64_t from, int64_t to, size_t *a, size_t *b);
/* One step of the walk over the hours of a furnace: which reason the hour gets (NONE: judged as usual).
 * *exempt: taken out of the judgement. */
uint8_t yw_budgets_step(struct yw_budgets *b, const struct yw_stretch *st, size_t hour, bool *exempt);
/* Hours of CEMS maintenance marks in [from, to), minute by minute; hours in which the furnace stood do not
 * count. */
double yw_maintenance_hours(const struct yw_stretch *st, int64_t from, int64_t to);

#endif
