/* plant_boiler: a boiler's life with its state in the open, and usual boilers, for tests. */
#ifndef YW_TEST_PLANT_BOILER_H
#define YW_TEST_PLANT_BOILER_H

#include "plant/flue/boiler.h"
#include "plant/kind.h"

#define assert_near(x, want, off) assert_true(fabs((x) - (want)) <= (off))

struct boiler_life {
    double parameters[YW_BOILER_P_COUNT], inputs[YW_BOILER_I_COUNT];
    struct yw_plant_life life;
    struct yw_boiler state;
    struct yw_stream out;
    int64_t time;
};
enum usual_boiler { POWER_300, POWER_600, CFB_220, GRATE_35, PULVERISED_75_BARE, USUAL_BOILERS };

void boiler_usual(struct boiler_life *b, enum usual_boiler which); /* parameters, inputs */
void boiler_begin(struct boiler_life *b, uint64_t seed, double step_s);
void boiler_run(struct boiler_life *b, double seconds);
/* Mean of a quantity while it runs; at: reference oxygen, NAN: as it is. */
double boiler_mean(struct boiler_life *b, double seconds, enum yw_quantity q, double at);

#endif
