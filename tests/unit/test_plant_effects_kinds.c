/* Effects on the simulated plants themselves: what a fraud does to the truth and what the station says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plant/plant.h"
#include "plant_rig.h"

#define HOURS(h) ((int64_t)(h)*3600)

struct life {
    struct yw_plant *plant;
    const struct yw_plant_kind *kind;
    struct yw_station_spec spec;
    struct yw_station *station;
    struct yw_event event;
    struct yw_effect_state state;
    struct yw_effects_now now;
    struct yw_stream truth;
    struct yw_readings out;
};

static void life_open(struct life *l, const char *kind, const char *id, const enum yw_quantity *q, size_t n) {
    memset(l, 0, sizeof *l);
    struct yw_error err = {.text = ""};
    l->kind = yw_plant_kind_find(kind, strlen(kind));
    assert_non_null(l->kind);
    if (yw_plant_open(l->kind, NULL, 5, RIG_START, 60, &l->plant, &err)) fail_msg("%s", err.text);
    bool water = strcmp(kind, "works") == 0;
    yw_station_spec_usual(&l->spec, water);
    l->spec.calibration.every_s = l->spec.blowback.every_s = l->spec.full_path.every_s = 0;
    for (size_t i = 0; i < n; i++) {
        struct yw_channel *c = &l->spec.channels[l->spec.channel_n++];
        yw_channel_usual(c, q[i], water);
        c->drift_zero = c->drift_span = 0;
        if (q[i] == YW_Q_NOX) c->limit = 100;
    }
    l->station = calloc(1, yw_station_size());
    assert_non_null(l->station);
    yw_station_begin(l->station, &l->spec, 5, RIG_START, 60);
    if (id) {
        l->event = (struct yw_event){.effect = yw_effect_find(rig_book(), id, strlen(id)),
                                     .start = RIG_START,
                                     .strength = 1,
                                     .a = NAN};
        assert_non_null(l->event.effect);
    }
}

static void life_run(struct life *l, int64_t seconds) {
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(l->kind, &n);
    for (int64_t until = yw_plant_moment(l->plant) + seconds * YW_SECOND;
         yw_plant_moment(l->plant) < until;) {
        int64_t next = yw_plant_moment(l->plant) + 60 * YW_SECOND;
        struct yw_effect_moment m = {.time = next};
        yw_effects_at(&l->event, l->event.effect ? 1 : 0, &m, &l->state, &l->now);
        for (size_t i = 0; i < n; i++)
            yw_plant_input(l->plant, i, yw_effects_input(&l->now, inputs[i].name, inputs[i].usual));
        struct yw_error err = {.text = ""};
        if (yw_plant_run(l->plant, next, &err)) fail_msg("%s", err.text);
        l->truth = *yw_plant_output(l->plant);
        yw_effects_on_stream(&l->now, YW_AT_DUCT, &l->spec, &l->truth);
        yw_station_step(l->station, &l->truth, YW_MARK_N, &l->now, NULL, 0, next, &l->out);
    }
}

static void life_close(struct life *l) {
    yw_plant_close(l->plant);
    free(l->station);
}

/* Every input that a deed sets is one of some kind of plant. */
static void test_inputs_exist(void **state) {
    (void)state;
    const struct yw_effect_book *b = rig_book();
    for (size_t i = 0; i < b->n; i++)
        for (uint32_t k = 0; k < b->items[i].deed_n; k++) {
            const struct yw_effect_deed *d = &b->items[i].deeds[k];
            if (d->what != YW_DO_SET_INPUT) continue;
            bool found = false;
            for (size_t j = 0; yw_plant_kind_at(j); j++) {
                size_t n;
                const struct yw_plant_value *v = yw_plant_inputs(yw_plant_kind_at(j), &n);
                found |= yw_plant_value_find(v, n, d->input, strlen(d->input)) >= 0;
            }
            if (!found) fail_msg("%s sets `%s`, which no plant has", b->items[i].id, d->input);
        }
}

/* F32: without reagents the stack is dirty and the station says it is clean. */
static void test_f32_truth_rises_and_data_do_not(void **state) {
    (void)state;
    static const enum yw_quantity q[] = {YW_Q_SO2, YW_Q_NOX, YW_Q_O2};
    static const char *const kinds[] = {"boiler", "incinerator"};
    for (size_t i = 0; i < YW_COUNT(kinds); i++) {
        static struct life honest, bad;
        life_open(&honest, kinds[i], NULL, q, 3);
        life_open(&bad, kinds[i], "F32", q, 3);
        life_run(&honest, HOURS(12));
        life_run(&bad, HOURS(12));
        assert_under(1.4 * honest.truth.v[YW_Q_NOX], bad.truth.v[YW_Q_NOX]);
        assert_near(bad.truth.v[YW_Q_AMMONIA], 0, 1e-6);
        assert_near(bad.out.channel[1].converted, 60, 25);
        assert_under(bad.out.channel[1].stored, 0.8 * bad.out.channel[1].analyser);
        life_close(&honest);
        life_close(&bad);
    }
}

/* The same algebra of dilution holds on the boiler's gas. */
static void test_dilution_of_the_boilers_gas(void **state) {
    (void)state;
    static const enum yw_quantity q[] = {YW_Q_NOX, YW_Q_NO, YW_Q_O2};
    static struct life honest, nitrogen, air;
    life_open(&honest, "boiler", NULL, q, 3);
    life_open(&nitrogen, "boiler", "F01", q, 3);
    life_open(&air, "boiler", "N04", q, 3);
    life_run(&honest, HOURS(3));
    life_run(&nitrogen, HOURS(3));
    life_run(&air, HOURS(3));
    double o2 = honest.out.channel[2].stored;
    assert_near(nitrogen.out.channel[2].stored, 0.6 * o2, 0.1);
    assert_near(air.out.channel[2].stored, 0.8 * o2 + 0.2 * 20.9, 0.1);
    assert_near(nitrogen.out.channel[0].stored / honest.out.channel[0].stored, 0.6, 0.05);
    assert_near(air.out.channel[0].converted / honest.out.channel[0].converted, 1, 0.06);
    assert_near(honest.truth.v[YW_Q_NOX], air.truth.v[YW_Q_NOX], 1e-9);
    life_close(&honest);
    life_close(&nitrogen);
    life_close(&air);
}

static void test_clean_water_at_the_works(void **state) {
    (void)state;
    static const enum yw_quantity q[] = {YW_Q_COD, YW_Q_TN, YW_Q_CONDUCTIVITY};
    static struct life honest, bad;
    life_open(&honest, "works", NULL, q, 3);
    life_open(&bad, "works", "F37", q, 3);
    life_run(&honest, HOURS(8));
    life_run(&bad, HOURS(8));
    assert_near(honest.truth.v[YW_Q_COD], bad.truth.v[YW_Q_COD], 1e-9);
    assert_under(bad.out.channel[0].stored, 0.5 * honest.out.channel[0].stored);
    assert_under(bad.out.channel[1].stored, 0.5 * honest.out.channel[1].stored);
    double c = honest.out.channel[2].stored;
    assert_near(bad.out.channel[2].stored, 0.25 * c + 0.75 * 320, 20);
    life_close(&honest);
    life_close(&bad);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_inputs_exist),
        cmocka_unit_test(test_f32_truth_rises_and_data_do_not),
        cmocka_unit_test(test_dilution_of_the_boilers_gas),
        cmocka_unit_test(test_clean_water_at_the_works),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
