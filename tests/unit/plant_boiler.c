/* plant_boiler: usual boilers (docs/flue.md has the same table). */
#include "plant_boiler.h"

#include <math.h>
#include <string.h>

struct change {
    enum yw_boiler_parameter p;
    double value;
};
#define SET(id, x)                                                                                           \
    { YW_BOILER_P_##id, x }

static const struct change power_600[] = {SET(PRODUCT, 600), SET(HEAT, 1450),      SET(AREA, 54),
                                          SET(SUMP, 3800),   SET(HEIGHT, 180),     SET(DRUM, 24.2),
                                          SET(FAN, 600),     SET(SCR_STORE, 1.2e5)};
static const struct change cfb_220[] = {
    SET(PRODUCT, 220),   SET(HEAT, 165),     SET(FIRING, 1),      SET(C, 0.45),     SET(H, 0.03),
    SET(O, 0.07),        SET(N, 0.007),      SET(S, 0.009),       SET(ASH, 0.32),   SET(WATER, 0.08),
    SET(LHV, 17.2),      SET(RELEASE, 0.25), SET(FLY, 0.5),       SET(O2, 4),       SET(NOX, 130),
    SET(NOX_SLOPE, .12), SET(FUEL_LAG, 450), SET(FUEL_DELAY, 20), SET(RAMP, 0.01),  SET(START, 6),
    SET(DENOX, 2),       SET(NOX_SET, 42),   SET(ESP, 0),         SET(BAGS, 1),     SET(BAG_BASE, 5),
    SET(PUMPS, 3),       SET(NTU, 3.2),      SET(SO2_SET, 20),    SET(SUMP, 350),   SET(FGD_DUST, 0.5),
    SET(WET_ESP, 0),     SET(EXIT, 138),     SET(AREA, 7),        SET(HEIGHT, 100), SET(DRUM, 9.8),
    SET(FAN, 90)};
static const struct change grate_35[] = {
    SET(PRODUCT, 35),   SET(HEAT, 30),       SET(FIRING, 2),    SET(RELEASE, 0.85), SET(FLY, 0.25),
    SET(O2, 8),         SET(O2_LOW, 2),      SET(LEAK, 0.3),    SET(NOX, 300),      SET(CO, 80),
    SET(FUEL_LAG, 300), SET(FUEL_DELAY, 60), SET(RAMP, 0.03),   SET(START, 0.8),    SET(DENOX, 0),
    SET(ESP, 0),        SET(BAGS, 1),        SET(BAG_BASE, 12), SET(PUMPS, 3),      SET(NTU, 3),
    SET(SO2_SET, 130),  SET(SUMP, 60),       SET(MIST, 6),      SET(WET_ESP, 0),    SET(EXIT, 140),
    SET(AREA, 1.8),     SET(HEIGHT, 40),     SET(DRUM, 1.6),    SET(FAN, 160),      SET(REFERENCE, 9)};
static const struct change pulverised_75_bare[] = {
    SET(PRODUCT, 75), SET(HEAT, 62),   SET(S, 0.0018),  SET(O2, 4.5),     SET(LEAK, 0.2),
    SET(NOX, 300),    SET(RAMP, 0.03), SET(START, 1.5), SET(DENOX, 0),    SET(ESP, 3),
    SET(SCA, 90),     SET(PUMPS, 0),   SET(WET_ESP, 0), SET(EXIT, 145),   SET(AREA, 3.8),
    SET(HEIGHT, 60),  SET(DRUM, 3.82), SET(FAN, 90),    SET(REFERENCE, 9)};

static const struct {
    const struct change *items;
    size_t n;
} changes[USUAL_BOILERS] = {[POWER_600] = {power_600, YW_COUNT(power_600)},
                            [CFB_220] = {cfb_220, YW_COUNT(cfb_220)},
                            [GRATE_35] = {grate_35, YW_COUNT(grate_35)},
                            [PULVERISED_75_BARE] = {pulverised_75_bare, YW_COUNT(pulverised_75_bare)}};

void boiler_usual(struct boiler_life *b, enum usual_boiler which) {
    memset(b, 0, sizeof *b);
    for (size_t i = 0; i < YW_BOILER_P_COUNT; i++) b->parameters[i] = yw_kind_boiler.parameters[i].usual;
    for (size_t i = 0; i < YW_BOILER_I_COUNT; i++) b->inputs[i] = yw_kind_boiler.inputs[i].usual;
    for (size_t i = 0; i < changes[which].n; i++)
        b->parameters[changes[which].items[i].p] = changes[which].items[i].value;
}

void boiler_begin(struct boiler_life *b, uint64_t seed, double step_s) {
    memset(&b->state, 0, sizeof b->state);
    b->time = (int64_t)1795000000 * 1000000;
    b->life = (struct yw_plant_life){b->parameters, b->inputs, seed, step_s, NULL};
    yw_kind_boiler.begin(&b->state, &b->life, b->time, NULL);
}

static void one_step(struct boiler_life *b) {
    yw_stream_clear(&b->out);
    yw_kind_boiler.step(&b->state, &b->life, b->time, &b->out, NULL);
    b->time += (int64_t)(b->life.step_s * 1e6);
}

void boiler_run(struct boiler_life *b, double seconds) {
    for (int64_t end = b->time + (int64_t)(seconds * 1e6); b->time < end;) one_step(b);
}

double boiler_mean(struct boiler_life *b, double seconds, enum yw_quantity q, double at) {
    double sum = 0, n = 0;
    for (int64_t end = b->time + (int64_t)(seconds * 1e6); b->time < end;) {
        one_step(b);
        double x = b->out.v[q];
        sum += isnan(at) ? x : yw_gas_at_reference(x, b->out.v[YW_Q_O2], at);
        n++;
    }
    return sum / n;
}
