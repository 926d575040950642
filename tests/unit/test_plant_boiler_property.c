/* Whatever it is told, a boiler stays finite and within what nature allows; the step changes its means
 * little; the same seed gives the same bytes, also over a snapshot. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "plant_boiler.h"

static double draw(uint64_t seed, uint64_t stream, uint64_t index) {
    return yw_noise_unit(yw_noise_bits(seed, stream, index));
}

static const struct {
    enum yw_quantity q;
    double low, high;
} bounds[] = {{YW_Q_SO2, 0, 120000},
              {YW_Q_NO, 0, 5000},
              {YW_Q_NO2, 0, 500},
              {YW_Q_NOX, 0, 8000},
              {YW_Q_CO, 0, 5500},
              {YW_Q_DUST, 0, 400000},
              {YW_Q_HCL, 0, 3000},
              {YW_Q_NH3, 0, 5000},
              {YW_Q_O2, 0, 21.001},
              {YW_Q_CO2, 0, 21},
              {YW_Q_H2O, 0, 60},
              {YW_Q_TEMP, -46, 260},
              {YW_Q_PRESSURE, -4, 20},
              {YW_Q_VELOCITY, 0, 150},
              {YW_Q_FLOW, 0, 20000},
              {YW_Q_LOAD, 0, 1.2},
              {YW_Q_RUNNING, 0, 1},
              {YW_Q_STAGE, 0, 5},
              {YW_Q_FUEL, 0, 4000},
              {YW_Q_DRUM_PRESSURE, 0, 40},
              {YW_Q_PRODUCT, 0, 3400},
              {YW_Q_NOX_IN, 0, 8000},
              {YW_Q_DUST_IN, 0, 400000},
              {YW_Q_FAN_CURRENT, 0, 1e6},
              {YW_Q_PRODUCTION_KW, 0, 1e8},
              {YW_Q_TREATMENT_KW, 0, 1e6}};
static const struct {
    enum yw_quantity q;
    double low, high;
} where_there[] = {{YW_Q_SO2_IN, 0, 120000}, {YW_Q_SLURRY_PH, 3.8, 6.5}, {YW_Q_SLURRY_PUMPS, 0, 6},
                   {YW_Q_LIMESTONE, 0, 2e6}, {YW_Q_GYPSUM, 0, 3e6},      {YW_Q_AMMONIA, 0, 2e5},
                   {YW_Q_ESP_FIELDS, 0, 8},  {YW_Q_FILTER_DP, 0, 40000}, {YW_Q_BYPASS, 0, 1}};

static void hold_bounds(const struct yw_stream *s, uint64_t seed) {
    for (size_t i = 0; i < YW_COUNT(bounds); i++) {
        double x = s->v[bounds[i].q];
        if (!(x >= bounds[i].low && x <= bounds[i].high))
            fail_msg("seed %llu: %s is %g", (unsigned long long)seed, yw_quantity_name(bounds[i].q), x);
    }
    for (size_t i = 0; i < YW_COUNT(where_there); i++) {
        double x = s->v[where_there[i].q];
        if (!isnan(x) && !(x >= where_there[i].low && x <= where_there[i].high))
            fail_msg("seed %llu: %s is %g", (unsigned long long)seed, yw_quantity_name(where_there[i].q), x);
    }
}

static void any_boiler_told_anything_stays_within_nature(void **unused) {
    (void)unused;
    for (uint64_t seed = 1; seed <= 240; seed++) {
        double parameters[YW_BOILER_P_COUNT], step = 1 + floor(draw(seed, 1, 0) * 59.999);
        for (unsigned i = 0; i < YW_BOILER_P_COUNT; i++) {
            const struct yw_plant_value *v = &yw_kind_boiler.parameters[i];
            double r = draw(seed, 2, i);
            parameters[i] = seed % 3  ? v->usual
                            : r < 0.1 ? v->low
                            : r > 0.9 ? v->high
                                      : v->low + r * (v->high - v->low);
        }
        /* a coal is no more than all of itself */
        double sum = 0;
        for (unsigned i = YW_BOILER_P_C; i <= YW_BOILER_P_WATER; i++) sum += parameters[i];
        for (unsigned i = YW_BOILER_P_C; sum > 1 && i <= YW_BOILER_P_WATER; i++)
            parameters[i] = fmax(parameters[i] / sum, yw_kind_boiler.parameters[i].low);
        /* and the section fits what flows through it */
        parameters[YW_BOILER_P_AREA] = yw_gas_between(parameters[YW_BOILER_P_HEAT] / 27, 0.1, 200);
        struct yw_plant *p;
        struct yw_error err;
        assert_int_equal(yw_plant_open(&yw_kind_boiler, parameters, seed, 1795000000000000, step, &p, &err),
                         YW_OK);
        for (uint64_t k = 0; k < 120; k++) {
            if (k % 6 == 0)
                for (unsigned i = 0; i < YW_BOILER_I_COUNT; i++) {
                    const struct yw_plant_value *v = &yw_kind_boiler.inputs[i];
                    double r = draw(seed, 3 + k, i);
                    double x = draw(seed, 200 + k, i) < 0.5 ? v->usual : v->low + r * (v->high - v->low);
                    yw_plant_input(p, i, x);
                }
            assert_int_equal(yw_plant_run(p, yw_plant_moment(p) + (int64_t)600000000, &err), YW_OK);
            hold_bounds(yw_plant_output(p), seed);
        }
        yw_plant_close(p);
    }
}

static struct boiler_life life[2];

static void the_step_changes_no_mean(void **unused) {
    (void)unused;
    const enum yw_quantity all[] = {YW_Q_SO2, YW_Q_NOX,  YW_Q_CO,   YW_Q_DUST,      YW_Q_NH3,    YW_Q_O2,
                                    YW_Q_H2O, YW_Q_FLOW, YW_Q_FUEL, YW_Q_LIMESTONE, YW_Q_AMMONIA};
    for (int which = 0; which < USUAL_BOILERS; which++) {
        double sum[2][YW_COUNT(all)] = {{0}};
        for (int k = 0; k < 2; k++) {
            struct boiler_life *b = &life[k];
            boiler_usual(b, (enum usual_boiler)which);
            boiler_begin(b, 31, k ? 60 : 5);
            int n = 0;
            for (int minute = 0; minute < 2880; minute++) {
                b->inputs[YW_BOILER_I_LOAD] = 0.75 + 0.2 * sin(minute / 230.0);
                for (int i = k ? 1 : 12; i > 0; i--, n++) {
                    boiler_run(b, k ? 60 : 5);
                    for (size_t q = 0; q < YW_COUNT(all); q++) sum[k][q] += b->out.v[all[q]];
                }
            }
            for (size_t q = 0; q < YW_COUNT(all); q++) sum[k][q] /= n;
        }
        for (size_t q = 0; q < YW_COUNT(all); q++) {
            if (isnan(sum[0][q]) || sum[0][q] == 0) continue;
            if (fabs(sum[1][q] / sum[0][q] - 1) > 0.02)
                fail_msg("boiler %d: mean of %s is %g in steps of 5 s, %g in steps of 60 s", which,
                         yw_quantity_name(all[q]), sum[0][q], sum[1][q]);
        }
    }
}

/* A day may be entered directly: what the plant remembers is shorter than its memory says. */
static void the_beginning_is_forgotten(void **unused) {
    (void)unused;
    const enum yw_quantity all[] = {YW_Q_SO2, YW_Q_NOX,  YW_Q_DUST, YW_Q_NH3,       YW_Q_O2,
                                    YW_Q_H2O, YW_Q_FLOW, YW_Q_TEMP, YW_Q_SLURRY_PH, YW_Q_DRUM_PRESSURE};
    const int64_t moment = (int64_t)1795000000 * 1000000;
    struct yw_stream out[2];
    for (int k = 0; k < 2; k++) {
        int64_t start = moment - (k ? 6 : 1) * yw_kind_boiler.memory_us;
        struct yw_plant *p;
        struct yw_error err;
        assert_int_equal(yw_plant_open(&yw_kind_boiler, NULL, 6, start, 60, &p, &err), YW_OK);
        yw_plant_input(p, YW_BOILER_I_LOAD, 0.55);
        yw_plant_run(p, moment, &err);
        out[k] = *yw_plant_output(p);
        yw_plant_close(p);
    }
    for (size_t q = 0; q < YW_COUNT(all); q++) {
        double one = out[0].v[all[q]], six = out[1].v[all[q]];
        if (fabs(one / six - 1) > 0.01) fail_msg("%s: %g, %g", yw_quantity_name(all[q]), one, six);
    }
}

static void snapshots_are_exact(void **unused) {
    (void)unused;
    struct yw_plant *p, *q;
    struct yw_error err;
    int64_t start = 1795000000000000, hour = (int64_t)3600 * 1000000;
    assert_int_equal(yw_plant_open(&yw_kind_boiler, NULL, 8, start, 7, &p, &err), YW_OK);
    assert_int_equal(yw_plant_open(&yw_kind_boiler, NULL, 8, start, 7, &q, &err), YW_OK);
    size_t n = yw_plant_save_size(p);
    unsigned char *middle = malloc(n), *one = malloc(n), *other = malloc(n);
    assert_true(middle && one && other);
    yw_plant_input(p, YW_BOILER_I_LOAD, 0.6);
    yw_plant_run(p, start + 5 * hour, &err);
    yw_plant_save(p, middle);
    yw_plant_input(p, YW_BOILER_I_LOAD, 0);
    yw_plant_run(p, start + 12 * hour, &err);
    assert_int_equal(yw_plant_load(q, middle, n, &err), YW_OK);
    yw_plant_input(q, YW_BOILER_I_LOAD, 0);
    yw_plant_run(q, start + 12 * hour, &err);
    yw_plant_save(p, one);
    yw_plant_save(q, other);
    assert_memory_equal(one, other, n);
    assert_memory_not_equal(one, middle, n);
    free(middle);
    free(one);
    free(other);
    yw_plant_close(p);
    yw_plant_close(q);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(any_boiler_told_anything_stays_within_nature),
        cmocka_unit_test(the_step_changes_no_mean),
        cmocka_unit_test(the_beginning_is_forgotten),
        cmocka_unit_test(snapshots_are_exact),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
