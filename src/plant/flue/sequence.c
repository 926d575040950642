/* sequence: start-up and shut-down of an incinerator. Cold -> heated by burners alone (drying) -> first waste
 * at 850 degC (start-up) -> normal -> no more waste, burners hold the heat until the grate is empty
 * (shut-down) -> cooling -> stopped. */
#include "plant/flue/incinerator.h"

#define WASTE_ALLOWED 850.0 /* degC, GB 18485 */
#define SUPPORT_BELOW 870.0
#define SUPPORT       930.0 /* the burners reach for it; a few tens of degC below is what they hold */
#define HOLD_AT       600.0 /* degC without waste, `hold` */
#define HEATING_K_H   150.0 /* what the brickwork bears */
#define LOADING_1_H   0.6   /* share of the capacity an hour */
#define GRATE_EMPTY   0.03  /* of its usual load */
#define COLD_BELOW    80.0

static bool empty(const struct yw_furnace *f, double capacity) {
    return f->fresh + f->pile < GRATE_EMPTY * capacity * 1200;
}

static int64_t next_stage(const struct yw_sequence *s, const struct yw_furnace *f, const double *in,
                          double capacity) {
    bool wanted = in[YW_INC_RUN] >= 0.5 && in[YW_INC_TRIP] < 0.5;
    int64_t cooling = f->gas > COLD_BELOW ? YW_STAGE_COOLING : YW_STAGE_STOPPED;
    if (!wanted) {
        if (in[YW_INC_TRIP] < 0.5 && in[YW_INC_RUN] < 0.5 && !empty(f, capacity)) return YW_STAGE_SHUTDOWN;
        return in[YW_INC_HOLD] >= 0.5 && in[YW_INC_TRIP] < 0.5 ? YW_STAGE_DRYING : cooling;
    }
    switch (s->stage) {
    case YW_STAGE_NORMAL:
        return f->gas < 400 ? YW_STAGE_DRYING : YW_STAGE_NORMAL;
    case YW_STAGE_STARTUP:
        if (f->gas < 400) return YW_STAGE_DRYING;
        return s->since_s > 1800 && !s->blocked && s->feed >= 0.98 * in[YW_INC_LOAD] ? YW_STAGE_NORMAL
                                                                                     : YW_STAGE_STARTUP;
    case YW_STAGE_SHUTDOWN:
        return YW_STAGE_STARTUP;
    default:
        return f->gas > WASTE_ALLOWED + 5 ? YW_STAGE_STARTUP : YW_STAGE_DRYING;
    }
}

static void waste(struct yw_sequence *s, const struct yw_furnace *f, const double *in, double dt) {
    if (f->gas < WASTE_ALLOWED) s->blocked = 1;
    if (f->gas > WASTE_ALLOWED + 5 || in[YW_INC_INTERLOCK] < 0.5) s->blocked = 0;
    if (s->stage == YW_STAGE_STARTUP) {
        double start = s->feed > 0.3 ? s->feed : 0.3;
        s->feed = start + (s->blocked ? 0 : dt / 3600 * LOADING_1_H);
        if (s->feed > in[YW_INC_LOAD]) s->feed = in[YW_INC_LOAD];
    } else if (s->stage == YW_STAGE_NORMAL) {
        s->feed = in[YW_INC_LOAD];
    } else {
        s->feed = 0;
        s->blocked = 0;
    }
}

void yw_sequence_step(struct yw_sequence *s, const struct yw_furnace *f, const struct yw_plant_life *life,
                      double capacity) {
    const double *in = life->inputs, dt = life->step_s;
    int64_t stage = next_stage(s, f, in, capacity);
    s->since_s = stage == s->stage ? s->since_s + dt : 0;
    if (stage != s->stage && stage == YW_STAGE_DRYING) s->ramp = f->gas;
    s->stage = stage;
    waste(s, f, in, dt);
    switch (stage) {
    case YW_STAGE_DRYING: {
        double goal = in[YW_INC_RUN] >= 0.5 ? SUPPORT_BELOW + 50 : HOLD_AT;
        s->ramp += dt / 3600 * HEATING_K_H;
        if (s->ramp > goal) s->ramp = goal;
        s->air = 0.3;
        break;
    }
    case YW_STAGE_STARTUP:
    case YW_STAGE_SHUTDOWN:
        s->ramp = SUPPORT;
        s->air = 0.35;
        break;
    case YW_STAGE_NORMAL: /* support comes on and goes off again some way above */
        if (f->gas < SUPPORT_BELOW) s->ramp = SUPPORT;
        if (f->gas > SUPPORT_BELOW + 45) s->ramp = 0;
        s->air = 0.35;
        break;
    case YW_STAGE_COOLING:
        s->ramp = 0;
        s->air = in[YW_INC_TRIP] >= 0.5 ? 0.08 : 0.2;
        break;
    default:
        s->ramp = 0;
        s->air = 0.02; /* natural draught */
    }
}
