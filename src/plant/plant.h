/* plant: simulated sources as a library. A plant is opened of a kind with parameters and a seed, is told
 * inputs (load, trips, weather) and run up to moments of time; its outputs are read in between. No globals,
 * no clock, no files: two plants never meet, and the same kind, parameters, seed, inputs and times give the
 * same bytes.
 *
 * Order of calls: yw_plant_open, then any of yw_plant_input / yw_plant_run / yw_plant_output /
 * yw_plant_save / yw_plant_load, then yw_plant_close.
 *
 * Times are microseconds since 1970 UTC; civil time of the plants is UTC+8. */
#ifndef YW_PLANT_PLANT_H
#define YW_PLANT_PLANT_H

#include "base/base.h"
#include "plant/quantity.h"

struct yw_plant;

struct yw_plant_value { /* a parameter (fixed for a life) or an input (changes while it runs) */
    const char *name, *unit, *meaning;
    double usual, low, high; /* default; range that is accepted */
};

struct yw_plant_kind; /* one of the table below; the rest of its face: */
const char *yw_plant_kind_name(const struct yw_plant_kind *k);
/* NULL: no such kind. Kinds: works (waste water), boiler, incinerator, turbine, voc. */
const struct yw_plant_kind *yw_plant_kind_find(const char *name, size_t n);
const struct yw_plant_kind *yw_plant_kind_at(size_t i); /* NULL behind the last */
const struct yw_plant_value *yw_plant_parameters(const struct yw_plant_kind *k, size_t *n);
const struct yw_plant_value *yw_plant_inputs(const struct yw_plant_kind *k, size_t *n);
/* What the plant remembers: so long before a moment a life has to begin for its state at that moment not to
 * depend on how it began. */
int64_t yw_plant_memory_us(const struct yw_plant_kind *k);
/* Index of a name in such a table, -1: none. */
int yw_plant_value_find(const struct yw_plant_value *values, size_t n, const char *name, size_t length);

/* parameters: as many values as the kind has, NULL: the usual ones. step_s, 1 to 60: how far a step of its
 * fast parts goes; run() goes in whole steps. YW_E_RANGE names the parameter. */
enum yw_code yw_plant_open(const struct yw_plant_kind *k, const double *parameters, uint64_t seed,
                           int64_t start, double step_s, struct yw_plant **out, struct yw_error *err);
void yw_plant_close(struct yw_plant *p);
/* From the plant's present moment on. A value outside the range is clamped to it. */
void yw_plant_input(struct yw_plant *p, size_t input, double value);
double yw_plant_input_now(const struct yw_plant *p, size_t input);
/* Goes on in steps until its moment is >= until. YW_E_STATE: the integrator gave up (says when). */
enum yw_code yw_plant_run(struct yw_plant *p, int64_t until, struct yw_error *err);
int64_t yw_plant_moment(const struct yw_plant *p);
/* At the present moment; valid until the next run. The truth at the sampling section or outfall. */
const struct yw_stream *yw_plant_output(const struct yw_plant *p);

/* A snapshot is bytes; restored into a plant of the same kind, parameters, seed and step it goes on as if
 * nothing had been, byte for byte. load: YW_E_FORMAT if it is none of this plant. */
size_t yw_plant_save_size(const struct yw_plant *p);
void yw_plant_save(const struct yw_plant *p, void *out);
enum yw_code yw_plant_load(struct yw_plant *p, const void *bytes, size_t n, struct yw_error *err);

#endif
