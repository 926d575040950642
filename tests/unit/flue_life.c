#include "flue_life.h"

#include "plant/noise.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void start_at(struct flue_life *l, const char *kind, uint64_t seed, double step_s,
                     const struct flue_set *parameters, int64_t start) {
    double values[64];
    size_t n;
    memset(l, 0, sizeof *l);
    l->kind = yw_plant_kind_find(kind, strlen(kind));
    assert_non_null(l->kind);
    l->step_s = step_s;
    const struct yw_plant_value *table = yw_plant_parameters(l->kind, &n);
    assert_true(n <= 64);
    for (size_t i = 0; i < n; i++) values[i] = table[i].usual;
    for (; parameters && parameters->name; parameters++) {
        int i = yw_plant_value_find(table, n, parameters->name, strlen(parameters->name));
        assert_true(i >= 0);
        values[i] = parameters->value;
    }
    assert_int_equal(yw_plant_open(l->kind, values, seed, start, step_s, &l->plant, NULL), YW_OK);
}

void flue_open(struct flue_life *l, const char *kind, uint64_t seed, double step_s,
               const struct flue_set *parameters) {
    start_at(l, kind, seed, step_s, parameters, FLUE_START);
}

void flue_input(struct flue_life *l, const char *name, double value) {
    size_t n;
    const struct yw_plant_value *table = yw_plant_inputs(l->kind, &n);
    int i = yw_plant_value_find(table, n, name, strlen(name));
    assert_true(i >= 0);
    yw_plant_input(l->plant, (size_t)i, value);
}

void flue_run(struct flue_life *l, double hours) {
    int64_t step = (int64_t)(l->step_s * 1e6);
    size_t n = (size_t)(hours * 3600 / l->step_s);
    for (unsigned q = 0; q < YW_Q_COUNT; q++) l->mean[q] = 0, l->low[q] = INFINITY, l->high[q] = -INFINITY;
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(yw_plant_run(l->plant, yw_plant_moment(l->plant) + step, NULL), YW_OK);
        const double *v = yw_plant_output(l->plant)->v;
        for (unsigned q = 0; q < YW_Q_COUNT; q++) {
            l->mean[q] += v[q] / (double)n;
            if (v[q] < l->low[q]) l->low[q] = v[q];
            if (v[q] > l->high[q]) l->high[q] = v[q];
            l->last[q] = v[q];
        }
    }
}

void flue_close(struct flue_life *l) {
    yw_plant_close(l->plant);
    l->plant = NULL;
}

void flue_check_whole(const struct flue_life *l) {
    for (unsigned q = 0; q < YW_Q_COUNT; q++) {
        if (isnan(l->last[q])) continue;
        assert_true(isfinite(l->mean[q]) && isfinite(l->low[q]) && isfinite(l->high[q]));
        if (q <= YW_Q_H2O || q == YW_Q_FLOW || q == YW_Q_NMHC_IN || q == YW_Q_VELOCITY)
            assert_true(l->low[q] >= 0);
    }
    assert_true(l->high[YW_Q_O2] <= 21 && l->high[YW_Q_H2O] < 60);
}

static void advance(struct flue_life *l, const char *input, double value) {
    flue_run(l, 1);
    flue_input(l, input, value);
    flue_run(l, 2);
}

void flue_check_snapshot(const char *kind, double step_s, const char *input, double value) {
    struct flue_life a, b;
    flue_open(&a, kind, 11, step_s, NULL);
    flue_open(&b, kind, 11, step_s, NULL);
    flue_input(&a, "load", 0.8);
    flue_run(&a, 2.5);
    size_t n = yw_plant_save_size(a.plant);
    unsigned char *first = malloc(n), *second = malloc(n);
    assert_true(first && second);
    yw_plant_save(a.plant, first);
    assert_int_equal(yw_plant_load(b.plant, first, n, NULL), YW_OK);
    advance(&a, input, value);
    advance(&b, input, value);
    yw_plant_save(a.plant, first);
    yw_plant_save(b.plant, second);
    assert_memory_equal(first, second, n);
    first[0] ^= 1;
    assert_int_equal(yw_plant_load(b.plant, first, n, NULL), YW_E_FORMAT);
    free(first);
    free(second);
    flue_close(&a);
    flue_close(&b);
}

void flue_shake(const char *kind, uint64_t seed, double step_s, const struct flue_set *parameters) {
    struct flue_life l;
    size_t n;
    flue_open(&l, kind, seed, step_s, parameters);
    const struct yw_plant_value *table = yw_plant_inputs(l.kind, &n);
    for (uint64_t turn = 0; turn < 144; turn++) {
        for (size_t i = 0; i < n; i++) {
            uint64_t bits = yw_noise_bits(seed, 100 + i, turn);
            double x = yw_noise_unit(bits);
            if (bits % 3) continue; /* the others stay */
            if (bits % 5 == 0) x = bits % 2 ? 0 : 1;
            yw_plant_input(l.plant, i, table[i].low + x * (table[i].high - table[i].low));
        }
        flue_run(&l, 1.0 / 3);
        flue_check_whole(&l);
    }
    flue_close(&l);
}

double flue_meeting(const char *kind, double step_s, enum yw_quantity q) {
    struct flue_life a, b;
    start_at(&a, kind, 5, step_s, NULL, FLUE_START);
    double memory_h = (double)yw_plant_memory_us(a.kind) / 3600e6;
    flue_run(&a, 2 * memory_h);
    start_at(&b, kind, 5, step_s, NULL, FLUE_START + yw_plant_memory_us(a.kind));
    flue_run(&b, memory_h);
    double difference = fabs(a.last[q] / b.last[q] - 1);
    flue_close(&a);
    flue_close(&b);
    return difference;
}
