/* kind: what the author of a kind of plant fills in. State is a plain struct without pointers: a snapshot is
 * its bytes. */
#ifndef YW_PLANT_KIND_H
#define YW_PLANT_KIND_H

#include "plant/plant.h"

struct yw_plant_life { /* what a step may look at; nothing else */
    const double *parameters, *inputs;
    uint64_t seed;
    double step_s;
    void *solver; /* working memory of an integrator, never part of the state; NULL: the kind has none */
};

struct yw_plant_kind {
    const char *name;
    const struct yw_plant_value *parameters, *inputs;
    size_t parameter_n, input_n;
    int64_t memory_us;
    size_t state_size;
    /* Nominal steady state at the inputs of the life; state is zeroed. */
    enum yw_code (*begin)(void *state, const struct yw_plant_life *life, int64_t start, struct yw_error *err);
    /* From time to time + step_s. Writes every quantity it has into out (all NAN at entry). */
    enum yw_code (*step)(void *state, const struct yw_plant_life *life, int64_t time, struct yw_stream *out,
                         struct yw_error *err);
    void *(*solver_open)(void); /* NULL: none. Returns NULL when there is no memory. */
    void (*solver_close)(void *solver);
};

extern const struct yw_plant_kind yw_kind_works, yw_kind_boiler, yw_kind_incinerator, yw_kind_turbine,
    yw_kind_voc;

#endif
