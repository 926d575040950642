#include "plant_pair.h"

#include <string.h>

struct rig pair_clean, pair_bad;
struct rig_keep pair_was[PAIR_KEEPS], pair_is[PAIR_KEEPS];

void pair_open(const struct pair *p) {
    double step = p->step_s > 0 ? p->step_s : 60;
    rig_open(&pair_clean, p->water, step);
    rig_open(&pair_bad, p->water, step);
    pair_clean.steady = pair_bad.steady = p->steady;
    struct yw_event *e = rig_event(&pair_bad, p->id, 0);
    if (p->always) e->trigger.kind = YW_WHEN_ALWAYS;
    if (p->strength > 0) e->strength = p->strength;
    if (p->a > 0) e->a = p->a;
    if (p->only) e->only[p->only / 64] |= (uint64_t)1 << (p->only % 64);
    for (size_t k = 0; k < PAIR_KEEPS; k++) {
        pair_was[k].n = pair_is[k].n = 0;
        if (k >= p->n) continue;
        pair_was[k].quantity = pair_is[k].quantity = p->q[k];
        pair_was[k].figure = pair_is[k].figure = p->figure;
        pair_was[k].taken = pair_is[k].taken = p->taken;
    }
}

void pair_record(const struct pair *p) {
    rig_run(&pair_clean, p->settle_s);
    rig_run(&pair_bad, p->settle_s);
    rig_record(&pair_clean, p->seconds, pair_was, p->n);
    rig_record(&pair_bad, p->seconds, pair_is, p->n);
}

void pair_close(void) {
    rig_close(&pair_clean);
    rig_close(&pair_bad);
}

void pair_run(const struct pair *p) {
    pair_open(p);
    pair_record(p);
    pair_close();
}

double pair_ratio(size_t k) {
    return rig_mean(&pair_is[k]) / rig_mean(&pair_was[k]);
}
