/* The same life twice on the bench, with an effect and without. */
#ifndef PLANT_PAIR_H
#define PLANT_PAIR_H

#include "plant_rig.h"

enum { PAIR_KEEPS = 10 };
struct pair {
    const char *id;
    bool water, steady, always; /* always: the usual trigger is put aside */
    double step_s;              /* 0: 60 */
    int64_t settle_s, seconds;  /* before and while values are kept */
    enum rig_figure figure;
    bool taken;
    double strength;                /* 0: 1 */
    double a;                       /* 0: the effect's own */
    enum yw_quantity only;          /* 0: as the effect says (SO2 cannot be asked for) */
    enum yw_quantity q[PAIR_KEEPS]; /* what is kept; the first n */
    size_t n;
};
extern struct rig pair_clean, pair_bad;
extern struct rig_keep pair_was[PAIR_KEEPS], pair_is[PAIR_KEEPS]; /* without, with */

void pair_open(const struct pair *p); /* both rigs, the event from their beginning on */
void pair_record(const struct pair *p);
void pair_close(void);
void pair_run(const struct pair *p); /* open, settle, record, close */
double pair_ratio(size_t k);         /* of the means: with / without */

#endif
