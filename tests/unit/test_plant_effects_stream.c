/* What deeds do to gas and water before an instrument sees them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "plant_rig.h"

static struct yw_stream gas(void) {
    struct yw_stream s;
    yw_stream_clear(&s);
    s.v[YW_Q_SO2] = 80, s.v[YW_Q_NO] = 90, s.v[YW_Q_NO2] = 20, s.v[YW_Q_NOX] = 90 * 46.0 / 30 + 20;
    s.v[YW_Q_CO] = 50, s.v[YW_Q_DUST] = 10, s.v[YW_Q_HCL] = 20;
    s.v[YW_Q_O2] = 7, s.v[YW_Q_CO2] = 12, s.v[YW_Q_H2O] = 10;
    s.v[YW_Q_TEMP] = 120, s.v[YW_Q_FLOW] = 100, s.v[YW_Q_VELOCITY] = 15, s.v[YW_Q_TREATMENT_KW] = 200;
    return s;
}

static struct yw_stream water(void) {
    struct yw_stream s;
    yw_stream_clear(&s);
    s.v[YW_Q_COD] = 200, s.v[YW_Q_NH4] = 20, s.v[YW_Q_TN] = 40, s.v[YW_Q_TP] = 2, s.v[YW_Q_TOC] = 60;
    s.v[YW_Q_PH] = 6, s.v[YW_Q_CONDUCTIVITY] = 2000, s.v[YW_Q_WATER_TEMP] = 28, s.v[YW_Q_WATER_FLOW] = 50;
    s.v[YW_Q_SS] = 30;
    return s;
}

/* The stream behind an effect's deeds of one place, at strength 1. */
static struct yw_stream behind(struct yw_stream s, const char *id, enum yw_place place, double strength,
                               const struct yw_station_spec *spec) {
    struct yw_event e = {
        .effect = yw_effect_find(rig_book(), id, strlen(id)), .strength = strength, .a = NAN};
    assert_non_null(e.effect);
    struct yw_effect_state state = {0};
    struct yw_effect_moment m = {.time = RIG_START};
    static struct yw_effects_now now;
    yw_effects_at(&e, 1, &m, &state, &now);
    yw_effects_on_stream(&now, place, spec, &s);
    return s;
}

static double ratio(const struct yw_stream *a, const struct yw_stream *b, enum yw_quantity q) {
    return a->v[q] / b->v[q];
}

static void test_nitrogen_moves_all_by_one_factor(void **state) {
    (void)state;
    struct yw_stream a = gas(), b = behind(a, "F01", YW_AT_PROBE, 1, NULL);
    static const enum yw_quantity all[] = {YW_Q_SO2,  YW_Q_NO,  YW_Q_NO2, YW_Q_NOX, YW_Q_CO,
                                           YW_Q_DUST, YW_Q_HCL, YW_Q_O2,  YW_Q_CO2};
    for (size_t i = 0; i < YW_COUNT(all); i++) assert_near(ratio(&b, &a, all[i]), 0.6, 1e-12);
    assert_near(b.v[YW_Q_FLOW], 100, 0);
    assert_near(b.v[YW_Q_TEMP], 120, 0);
    assert_true(isnan(b.v[YW_Q_COD]));
    /* at half the strength half of it */
    b = behind(a, "F01", YW_AT_PROBE, 0.5, NULL);
    assert_near(ratio(&b, &a, YW_Q_SO2), 0.8, 1e-12);
}

static void test_air_raises_oxygen_and_leaves_converted(void **state) {
    (void)state;
    struct yw_stream a = gas(), b = behind(a, "N04", YW_AT_LINE, 1, NULL);
    assert_near(ratio(&b, &a, YW_Q_SO2), 0.8, 1e-12);
    assert_near(b.v[YW_Q_O2], 7 * 0.8 + 20.9 * 0.2, 1e-12);
    double before = a.v[YW_Q_SO2] * 15 / (21 - a.v[YW_Q_O2]),
           after = b.v[YW_Q_SO2] * 15 / (21 - b.v[YW_Q_O2]);
    assert_near(after / before, 1, 0.003);
}

static void test_air_in_the_duct_adds_to_the_flow(void **state) {
    (void)state;
    struct yw_stream a = gas(), b = behind(a, "F04", YW_AT_DUCT, 1, NULL);
    assert_near(ratio(&b, &a, YW_Q_SO2), 0.65, 1e-12);
    assert_near(b.v[YW_Q_SO2] * b.v[YW_Q_FLOW], a.v[YW_Q_SO2] * a.v[YW_Q_FLOW], 1e-9); /* the mass stays */
    assert_true(b.v[YW_Q_TEMP] < a.v[YW_Q_TEMP] && b.v[YW_Q_VELOCITY] > a.v[YW_Q_VELOCITY]);
}

static void test_absorber_leaves_oxygen(void **state) {
    (void)state;
    struct yw_stream a = gas(), b = behind(a, "F06", YW_AT_LINE, 1, NULL);
    assert_near(ratio(&b, &a, YW_Q_SO2), 0.3, 1e-12);
    assert_near(ratio(&b, &a, YW_Q_NOX), 0.6, 1e-12);
    assert_near(ratio(&b, &a, YW_Q_CO), 0.75, 1e-12);
    assert_near(b.v[YW_Q_O2], 7, 0);
    assert_near(b.v[YW_Q_CO2], 12, 0);
}

static void test_condensing_loss_goes_with_moisture(void **state) {
    (void)state;
    struct yw_stream a = gas(), b = behind(a, "N02", YW_AT_LINE, 1, NULL);
    assert_near(ratio(&b, &a, YW_Q_SO2), 0.7, 1e-12);
    assert_near(ratio(&b, &a, YW_Q_NO), 1, 0);
    /* NOx loses what NO2 loses */
    assert_near(a.v[YW_Q_NOX] - b.v[YW_Q_NOX], a.v[YW_Q_NO2] - b.v[YW_Q_NO2], 1e-9);
    a.v[YW_Q_H2O] = 5;
    b = behind(a, "N02", YW_AT_LINE, 1, NULL);
    assert_near(ratio(&b, &a, YW_Q_SO2), 0.85, 1e-12);
}

static void test_tap_water_moves_all_by_one_factor(void **state) {
    (void)state;
    struct yw_stream a = water(), b = behind(a, "F37", YW_AT_PROBE, 1, NULL);
    static const enum yw_quantity all[] = {YW_Q_COD, YW_Q_NH4, YW_Q_TN, YW_Q_TP};
    for (size_t i = 0; i < YW_COUNT(all); i++) assert_near(ratio(&b, &a, all[i]), 0.27, 0.025);
    assert_near(b.v[YW_Q_CONDUCTIVITY], 2000 * 0.25 + 320 * 0.75, 1e-9);
    assert_true(b.v[YW_Q_PH] > 7 && b.v[YW_Q_WATER_TEMP] < 20);
    assert_near(b.v[YW_Q_WATER_FLOW], 50, 0);
    assert_true(isnan(b.v[YW_Q_SO2]));
}

static void test_bottle_of_limit_and_standard(void **state) {
    (void)state;
    struct yw_station_spec spec = {.channel_n = 1};
    spec.channels[0] = (struct yw_channel){.quantity = YW_Q_COD, .range = 200, .limit = 50, .span_gas = 100};
    struct yw_stream a = water(), b = behind(a, "F35", YW_AT_PROBE, 1, &spec);
    assert_near(b.v[YW_Q_COD], 30, 1e-12);
    assert_near(b.v[YW_Q_NH4], 20, 0); /* no such channel here */
    b = behind(a, "F36", YW_AT_LINE, 1, &spec);
    assert_near(b.v[YW_Q_COD], 100, 1e-12);
    b = behind(a, "F30", YW_AT_DUCT, 1, &spec); /* near the limit, a little of the true movement stays */
    assert_near(b.v[YW_Q_COD], 48 + 0.06 * (200 - 48), 1e-9);
    b = behind(a, "F35", YW_AT_PROBE, 1, NULL);
    assert_near(b.v[YW_Q_COD], 200, 0);
}

static void test_masking_moves_one_factor(void **state) {
    (void)state;
    struct yw_stream a = water(), b = behind(a, "F38", YW_AT_LINE, 1, NULL);
    assert_near(ratio(&b, &a, YW_Q_COD), 0.35, 1e-12);
    assert_near(ratio(&b, &a, YW_Q_TOC), 1, 0);
    b = behind(a, "F38", YW_AT_PROBE, 1, NULL);
    assert_near(b.v[YW_Q_CONDUCTIVITY], 2350, 1e-9);
}

/* Deeds of other places leave the stream alone, and no effect makes a quantity from nothing. */
static void test_places_are_apart(void **state) {
    (void)state;
    const struct yw_effect_book *b = rig_book();
    for (size_t i = 0; i < b->n; i++) {
        struct yw_event e = {.effect = &b->items[i], .strength = 1, .a = NAN};
        struct yw_effect_state on = {0};
        struct yw_effect_moment m = {.time = RIG_START, .over = 2, .sampling = true};
        static struct yw_effects_now now;
        yw_effects_at(&e, 1, &m, &on, &now);
        static const enum yw_place places[] = {YW_AT_DUCT, YW_AT_PROBE, YW_AT_LINE, YW_AT_DAS};
        for (size_t k = 0; k < YW_COUNT(places); k++) {
            struct yw_stream s = i % 2 ? gas() : water(), was = s;
            yw_effects_on_stream(&now, places[k], NULL, &s);
            bool acts = false;
            for (size_t j = 0; j < now.n; j++) acts |= now.items[j].deed->place == places[k];
            for (unsigned q = 0; q < YW_Q_COUNT; q++) {
                assert_int_equal(isnan(s.v[q]) != 0, isnan(was.v[q]) != 0);
                if (!acts && !isnan(s.v[q])) assert_true(s.v[q] == was.v[q]);
                if (!isnan(s.v[q])) assert_true(s.v[q] >= 0);
            }
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_nitrogen_moves_all_by_one_factor),
        cmocka_unit_test(test_air_raises_oxygen_and_leaves_converted),
        cmocka_unit_test(test_air_in_the_duct_adds_to_the_flow),
        cmocka_unit_test(test_absorber_leaves_oxygen),
        cmocka_unit_test(test_condensing_loss_goes_with_moisture),
        cmocka_unit_test(test_tap_water_moves_all_by_one_factor),
        cmocka_unit_test(test_bottle_of_limit_and_standard),
        cmocka_unit_test(test_masking_moves_one_factor),
        cmocka_unit_test(test_places_are_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
