/* plant: the handle around a kind's state: steps, inputs, snapshots. */
#include "plant/plant.h"

#include <stdlib.h>
#include <string.h>

#include "plant/kind.h"

static const struct yw_plant_kind *const kinds[] = {&yw_kind_works, &yw_kind_boiler, &yw_kind_incinerator,
                                                    &yw_kind_turbine, &yw_kind_voc};

struct yw_plant {
    const struct yw_plant_kind *kind;
    struct yw_plant_life life;
    double *parameters, *inputs;
    void *state;
    struct yw_stream output;
    int64_t moment, step_us;
};

struct snapshot {          /* then inputs, then state */
    uint64_t magic, about; /* hash of kind, parameters, seed and step */
    int64_t moment;
    struct yw_stream output;
};
static const uint64_t SNAPSHOT_MAGIC = 0x31544E414C505759u; /* "YWPLANT1" */

const char *yw_plant_kind_name(const struct yw_plant_kind *k) {
    return k->name;
}

const struct yw_plant_kind *yw_plant_kind_at(size_t i) {
    return i < YW_COUNT(kinds) ? kinds[i] : NULL;
}

const struct yw_plant_kind *yw_plant_kind_find(const char *name, size_t n) {
    for (size_t i = 0; i < YW_COUNT(kinds); i++)
        if (strlen(kinds[i]->name) == n && memcmp(kinds[i]->name, name, n) == 0) return kinds[i];
    return NULL;
}

const struct yw_plant_value *yw_plant_parameters(const struct yw_plant_kind *k, size_t *n) {
    *n = k->parameter_n;
    return k->parameters;
}

const struct yw_plant_value *yw_plant_inputs(const struct yw_plant_kind *k, size_t *n) {
    *n = k->input_n;
    return k->inputs;
}

int64_t yw_plant_memory_us(const struct yw_plant_kind *k) {
    return k->memory_us;
}

int yw_plant_value_find(const struct yw_plant_value *values, size_t n, const char *name, size_t length) {
    for (size_t i = 0; i < n; i++)
        if (strlen(values[i].name) == length && memcmp(values[i].name, name, length) == 0) return (int)i;
    return -1;
}

static enum yw_code take_parameters(struct yw_plant *p, const double *given, struct yw_error *err) {
    const struct yw_plant_kind *k = p->kind;
    for (size_t i = 0; i < k->parameter_n; i++) {
        const struct yw_plant_value *v = &k->parameters[i];
        double x = given ? given[i] : v->usual;
        if (!(x >= v->low && x <= v->high))
            return yw_fail(err, YW_E_RANGE, "%s of a %s plant: %g is not between %g and %g %s", v->name,
                           k->name, x, v->low, v->high, v->unit);
        p->parameters[i] = x;
    }
    for (size_t i = 0; i < k->input_n; i++) p->inputs[i] = k->inputs[i].usual;
    return YW_OK;
}

enum yw_code yw_plant_open(const struct yw_plant_kind *k, const double *parameters, uint64_t seed,
                           int64_t start, double step_s, struct yw_plant **out, struct yw_error *err) {
    if (!(step_s >= 1 && step_s <= 60))
        return yw_fail(err, YW_E_RANGE, "a plant goes in steps of 1 to 60 s, not %g", step_s);
    struct yw_plant *p = calloc(1, sizeof *p);
    if (!p) return yw_fail(err, YW_E_NOMEM, "no memory for a plant");
    p->kind = k;
    p->parameters = calloc(k->parameter_n + 1, sizeof(double));
    p->inputs = calloc(k->input_n + 1, sizeof(double));
    p->state = calloc(1, k->state_size);
    p->moment = start;
    p->step_us = (int64_t)(step_s * 1e6);
    p->life = (struct yw_plant_life){p->parameters, p->inputs, seed, step_s, NULL};
    enum yw_code code = YW_OK;
    if (!p->parameters || !p->inputs || !p->state || (k->solver_open && !(p->life.solver = k->solver_open())))
        code = yw_fail(err, YW_E_NOMEM, "no memory for a %s plant", k->name);
    if (!code) code = take_parameters(p, parameters, err);
    yw_stream_clear(&p->output);
    if (!code) code = k->begin(p->state, &p->life, start, err);
    if (code) {
        yw_plant_close(p);
        return code;
    }
    *out = p;
    return YW_OK;
}

void yw_plant_close(struct yw_plant *p) {
    if (!p) return;
    if (p->life.solver) p->kind->solver_close(p->life.solver);
    free(p->parameters);
    free(p->inputs);
    free(p->state);
    free(p);
}

void yw_plant_input(struct yw_plant *p, size_t input, double value) {
    if (input >= p->kind->input_n) return;
    const struct yw_plant_value *v = &p->kind->inputs[input];
    p->inputs[input] = !(value >= v->low) ? v->low : value > v->high ? v->high : value;
}

double yw_plant_input_now(const struct yw_plant *p, size_t input) {
    return p->inputs[input];
}

enum yw_code yw_plant_run(struct yw_plant *p, int64_t until, struct yw_error *err) {
    while (p->moment < until) {
        yw_stream_clear(&p->output);
        enum yw_code code = p->kind->step(p->state, &p->life, p->moment, &p->output, err);
        if (code) return code;
        p->moment += p->step_us;
    }
    return YW_OK;
}

int64_t yw_plant_moment(const struct yw_plant *p) {
    return p->moment;
}

const struct yw_stream *yw_plant_output(const struct yw_plant *p) {
    return &p->output;
}

/* ---- snapshots ---- */

static uint64_t about(const struct yw_plant *p) {
    uint64_t h = yw_hash64(p->kind->name, strlen(p->kind->name), p->life.seed);
    h = yw_hash64(p->parameters, p->kind->parameter_n * sizeof(double), h);
    return yw_hash64(&p->step_us, sizeof p->step_us, h);
}

size_t yw_plant_save_size(const struct yw_plant *p) {
    return sizeof(struct snapshot) + p->kind->input_n * sizeof(double) + p->kind->state_size;
}

void yw_plant_save(const struct yw_plant *p, void *out) {
    struct snapshot head = {SNAPSHOT_MAGIC, about(p), p->moment, p->output};
    unsigned char *at = out;
    size_t inputs = p->kind->input_n * sizeof(double);
    memcpy(at, &head, sizeof head);
    memcpy(at + sizeof head, p->inputs, inputs);
    memcpy(at + sizeof head + inputs, p->state, p->kind->state_size);
}

enum yw_code yw_plant_load(struct yw_plant *p, const void *bytes, size_t n, struct yw_error *err) {
    struct snapshot head;
    const unsigned char *at = bytes;
    size_t inputs = p->kind->input_n * sizeof(double);
    if (n != yw_plant_save_size(p))
        return yw_fail(err, YW_E_FORMAT, "a snapshot of %zu bytes is none of this %s plant", n,
                       p->kind->name);
    memcpy(&head, at, sizeof head);
    if (head.magic != SNAPSHOT_MAGIC || head.about != about(p))
        return yw_fail(err, YW_E_FORMAT,
                       "the snapshot is of another plant (kind, parameters, seed or step differ)");
    p->moment = head.moment;
    p->output = head.output;
    memcpy(p->inputs, at + sizeof head, inputs);
    memcpy(p->state, at + sizeof head + inputs, p->kind->state_size);
    return YW_OK;
}
