/* demo_plants: what the plants of the demonstration go through, as far as people file it. Apart from them,
 * because the simulated plants and the judge each have their own words for marks and periods. */
#ifndef YW_CLI_DEMO_PLANTS_H
#define YW_CLI_DEMO_PLANTS_H

#include "base/base.h"

enum { DEMO_SPANS = 64, DEMO_GASES = 16 };
struct demo_span {
    int64_t since, until;
};
struct demo_spans {
    struct demo_span at[DEMO_SPANS];
    size_t n;
};
struct demo_gas { /* an analyser that is calibrated with gas */
    char code[13];
    double span, high;
};
struct demo_plant {
    char mn[32];
    uint64_t seed;
    int64_t shut_down, start_up;                   /* microseconds, within each stop */
    struct demo_spans stops, faults, calibrations; /* that began in [from, now) */
    struct demo_gas gases[DEMO_GASES];
    size_t gas_n;
};
/* Of every plant that sends its history. */
enum yw_code demo_plants(int64_t from, int64_t now,
                         enum yw_code (*each)(void *arg, const struct demo_plant *p, struct yw_error *err),
                         void *arg, struct yw_error *err);

#endif
