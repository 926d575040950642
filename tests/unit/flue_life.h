/* flue_life: a plant of a kind told by name, run for some hours, its quantities gathered. */
#ifndef FLUE_LIFE_H
#define FLUE_LIFE_H

#include "plant/kind.h"

struct flue_life {
    struct yw_plant *plant;
    const struct yw_plant_kind *kind;
    double step_s;
    double mean[YW_Q_COUNT], low[YW_Q_COUNT], high[YW_Q_COUNT], last[YW_Q_COUNT]; /* of the last run */
};
enum { FLUE_SET_MAX = 8 };
struct flue_set { /* {NULL, 0} ends a list */
    const char *name;
    double value;
};

#define FLUE_START INT64_C(1780000000000000)
/* parameters and inputs may be NULL; inputs hold from the start. Fails the test on any error. */
void flue_open(struct flue_life *l, const char *kind, uint64_t seed, double step_s,
               const struct flue_set *parameters);
void flue_input(struct flue_life *l, const char *name, double value);
void flue_run(struct flue_life *l, double hours);
void flue_close(struct flue_life *l);
/* Every quantity a kind has at all it always has, and it is finite. */
void flue_check_whole(const struct flue_life *l);
/* Saves in the middle, goes on, loads into another plant and goes on: the same bytes. */
void flue_check_snapshot(const char *kind, double step_s, const char *input, double value);
/* Every input at random every 20 minutes, for two days: all stays finite and possible. */
void flue_shake(const char *kind, uint64_t seed, double step_s, const struct flue_set *parameters);
/* Two lives that begin at different times meet: relative difference of a quantity after the memory. */
double flue_meeting(const char *kind, double step_s, enum yw_quantity q);

#endif
