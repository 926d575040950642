/* The life of a process: entered anywhere, saved and loaded, with a hand on it; and what a scenario file may
 * not say. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants/process.h"

static const char head[] = "id: trial\nname: 试验\nmedium: air\nversion: 2017\nst: \"31\"\n"
                           "mn: \"595700000000000000000099\"\npassword: \"123456\"\nsample: 5s\n"
                           "realtime: 30s\nminute: 10m\nstack_area_m2: 28\nreference_oxygen: 6\n"
                           "load: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\n";
static const char rest[] =
    "factors:\n  - {code: a21026, limit: 35}\n  - {code: a19001}\n  - {code: a00000}\n  - {code: a01011}\n"
    "  - {code: a01012}\n  - {code: a01014}\n";

static struct yw_effect_book *book;

static int open_book(void **state) {
    struct yw_error err;
    YW_UNUSED(state);
    if (!yw_book_load(&book, &err)) return 0;
    fprintf(stderr, "%s\n", err.text);
    return 1;
}

static int close_book(void **state) {
    YW_UNUSED(state);
    free(book);
    return 0;
}

static enum yw_code parse(const char *middle, struct yw_scenario *s, struct yw_error *err) {
    char text[8192];
    int n = snprintf(text, sizeof text, "%s%s%s", head, middle, rest);
    return yw_scenario_parse(text, (size_t)n, book, s, err);
}

static void must(const char *middle, struct yw_scenario *s) {
    struct yw_error err;
    if (parse(middle, s, &err)) fail_msg("%s", err.text);
}

static int64_t at(const char *text) {
    int64_t t = 0;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return t;
}

static void test_errors_name_line_and_cure(void **state) {
    static const struct {
        const char *middle, *says;
    } cases[] = {
        {"plant: {kind: reactor}\n", "line 14: `reactor` is no kind of plant"},
        {"plant: {kind: boiler, heat: 3}\n", "line 14: a boiler plant has no parameter `heat`"},
        {"plant:\n  kind: boiler\n  product: 99999\n", "line 16: product is 99999; it must be 1 to 3000"},
        {"plant: {kind: boiler}\ncalibration: {every: 1d, lasts: 12m}\n", "line 15: `calibration`"},
        {"station: {kv: 1}\n", "line 14: `station` needs a `plant`"},
        {"plant: {kind: boiler}\nstation: {line_m: 900}\n", "line 15: line_m is 900"},
        {"plant: {kind: boiler}\nstation: {calibration: {every: 1d, at: noon, lasts: 10m}}\n",
         "line 15: at must be a time of day"},
        {"plant: {kind: boiler}\ninputs:\n  - {name: steam, value: 1}\n",
         "line 16: a boiler plant has no input `steam`"},
        {"plant: {kind: boiler}\ninputs:\n  - {name: pumps_off, value: 70}\n", "line 16: pumps_off is 70"},
        {"plant: {kind: boiler}\nevents:\n  - {effect: F99}\n", "line 16: `F99` is no effect"},
        {"plant: {kind: boiler}\nevents:\n  - {effect: F01, every: 2d}\n", "line 16: `lasts` goes with"},
        {"plant: {kind: boiler}\nevents:\n  - {effect: F01, only: [gold]}\n",
         "line 16: `gold` is no quantity"},
        {"plant: {kind: boiler}\nevents:\n  - {effect: F01, trigger: {when: noon}}\n",
         "line 16: trigger must"},
        {"plant: {kind: boiler}\nevents:\n  - {effect: F01, start: 2026-11-23T08:00, stop: "
         "2026-11-22T08:00}\n",
         "line 16: stop must be behind a start"},
        {"plant: {kind: boiler}\ninspections: [2026-11-23T08:00, 2026-11-22T08:00]\n", "line 15: at most"},
        {"plant: {kind: boiler}\nworld: {factors: [a21003]}\n", "line 15: `a21003` is no factor"},
        {"plant: {kind: boiler}\nweather: {mean: 99}\n", "line 15: mean is 99"},
    };
    static struct yw_scenario s;
    struct yw_error err;
    YW_UNUSED(state);
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        assert_int_not_equal(parse(cases[i].middle, &s, &err), YW_OK);
        if (!strstr(err.text, cases[i].says)) fail_msg("case %zu says: %s", i, err.text);
    }
    must("plant: {kind: boiler}\n", &s);
    assert_int_equal(s.factors[0].from, YW_Q_SO2);
    assert_int_equal(s.factors[0].digits, 2);
    assert_true(s.factors[0].converted && s.factors[0].mass);
    char text[4096];
    int n =
        snprintf(text, sizeof text, "%splant: {kind: boiler}\nevents:\n  - {effect: F01}\n%s", head, rest);
    assert_int_not_equal(yw_scenario_parse(text, (size_t)n, NULL, &s, &err), YW_OK);
    assert_non_null(strstr(err.text, "book of effects"));
}

static bool same(const struct yw_sample *a, const struct yw_sample *b, size_t n) {
    return a->time == b->time && memcmp(a->shown, b->shown, n * sizeof(double)) == 0 &&
           memcmp(a->truth, b->truth, n * sizeof(double)) == 0 && memcmp(a->mark, b->mark, n) == 0;
}

static const char busy[] =
    "plant: {kind: boiler}\nevents:\n  - {effect: F01, every: 8h, lasts: 3h, ramp: 10m}\n"
    "  - {effect: N05, every: 9d, lasts: 6d}\n"
    "inputs:\n  - {name: sulphur, value: 1.5, every: 10h, lasts: 4h}\n";

static void test_entered_anywhere_it_is_the_same(void **state) {
    static struct yw_scenario s;
    static struct yw_outlet_run early, late;
    YW_UNUSED(state);
    must(busy, &s);
    yw_outlet_begin(&early, &s, 3, at("2026-11-19T21:00:00")); /* lives across midnight */
    yw_outlet_begin(&late, &s, 3, at("2026-11-20T05:30:00"));
    struct yw_plant_record a[YW_RECORDS_PER_STEP], b[YW_RECORDS_PER_STEP];
    struct yw_sample x, y;
    yw_outlet_ahead(&early); /* and has lived the warm-up beside the evening */
    while (early.model.time < late.model.time) yw_outlet_step(&early, a, NULL);
    for (int i = 0; i < 2000; i++) {
        size_t n = yw_outlet_step(&early, a, &x), m = yw_outlet_step(&late, b, &y);
        assert_int_equal(n, m);
        assert_true(same(&x, &y, s.factor_count));
    }
    yw_outlet_end(&early);
    yw_outlet_end(&late);
}

static void test_saved_and_loaded_it_goes_on(void **state) {
    static struct yw_scenario s;
    static struct yw_outlet_run a, b;
    struct yw_error err;
    struct yw_sample x, y;
    struct yw_plant_record ra[YW_RECORDS_PER_STEP], rb[YW_RECORDS_PER_STEP];
    YW_UNUSED(state);
    must(busy, &s);
    yw_outlet_begin(&a, &s, 3, at("2026-11-20T07:15:25"));
    yw_outlet_begin(&b, &s, 3, at("2026-11-02T00:00:00"));
    size_t n = yw_outlet_save_size(&a);
    void *bytes = malloc(n), *again = malloc(n);
    assert_true(bytes && again);
    yw_outlet_save(&a, bytes);
    assert_int_equal(yw_outlet_load(&b, bytes, n, &err), YW_OK);
    yw_outlet_save(&b, again);
    assert_memory_equal(bytes, again, n);
    for (int i = 0; i < 14000; i++) { /* past midnight */
        size_t k = yw_outlet_step(&a, ra, &x), m = yw_outlet_step(&b, rb, &y);
        assert_int_equal(k, m);
        assert_true(same(&x, &y, s.factor_count));
        for (size_t r = 0; r < k; r++)
            assert_true(ra[r].time == rb[r].time && ra[r].entries[0].avg == rb[r].entries[0].avg);
    }
    assert_int_equal(yw_outlet_load(&b, bytes, n - 1, &err), YW_E_FORMAT);
    memset(bytes, 1, 16);
    assert_int_equal(yw_outlet_load(&b, bytes, n, &err), YW_E_FORMAT);
    free(bytes);
    free(again);
    yw_outlet_end(&a);
    yw_outlet_end(&b);
}

/* An input held and an event begun by hand act from their moment on, in every run of that day. */
static void test_a_hand_on_it(void **state) {
    static struct yw_scenario s;
    static struct yw_outlet_run run;
    static struct yw_hand hand;
    struct yw_sample x;
    YW_UNUSED(state);
    must("plant: {kind: boiler}\n", &s);
    int64_t noon = at("2026-11-20T12:00:00");
    size_t n;
    const struct yw_plant_value *inputs = yw_plant_inputs(s.life.kind, &n);
    int pumps = yw_plant_value_find(inputs, n, "pumps_off", 9);
    assert_true(pumps >= 0);
    assert_true(yw_hand_hold(&hand, (uint32_t)pumps, 3, noon));
    struct yw_event event = {
        .id = "hand", .effect = yw_effect_find(book, "F20", 3), .start = noon, .strength = 1, .a = NAN};
    assert_non_null(event.effect);
    event.trigger = event.effect->trigger;
    assert_true(yw_hand_event(&hand, &event));
    s.hand = &hand;
    yw_outlet_begin(&run, &s, 5, noon - 5 * YW_SECOND);
    yw_outlet_sample(&run, &x);
    double truth = x.truth[0], held = 0;
    for (int i = 0; i < 1440; i++) {
        yw_outlet_sample(&run, &x);
        if (i == 10) held = x.shown[0];
        if (i > 10) assert_true(x.shown[0] == held);
    }
    assert_true(x.truth[0] > 2 * truth);
    assert_int_equal(yw_outlet_effects(&run)->n, 1);
    assert_non_null(yw_outlet_station(&run));
    assert_true(yw_outlet_readings(&run)->time == x.time);
    yw_outlet_end(&run);
    assert_null(run.process);
}

/* A day is computed anew from some hours before it, but what stands still does not move at midnight. */
static void test_what_is_held_is_held_over_midnight(void **state) {
    static struct yw_scenario s;
    YW_UNUSED(state);
    must("plant: {kind: boiler}\nevents:\n"
         "  - {effect: F20, start: 2026-11-20 16:00:00, stop: 2026-11-23 08:00:00}\n",
         &s);
    double held = NAN;
    for (int day = 20; day <= 23; day++) {
        struct yw_outlet_run run;
        struct yw_sample x;
        char text[24];
        snprintf(text, sizeof text, "2026-11-%dT%s", day, day == 20 ? "16:01:00" : "00:00:00");
        yw_outlet_begin(&run, &s, 5, at(text));
        yw_outlet_sample(&run, &x);
        if (day == 20) held = x.shown[0];
        assert_true(x.shown[0] == held);
        assert_false(x.truth[0] == held);
        for (int i = 0; i < 6 * 720; i++) yw_outlet_sample(&run, &x);
        assert_true(x.shown[0] == held);
        for (int i = 0; i < 3 * 720; i++) yw_outlet_sample(&run, &x);
        if (day == 23) assert_false(x.shown[0] == held);
        yw_outlet_end(&run);
    }
}

static void test_records_on_their_way_out(void **state) {
    static struct yw_scenario s;
    struct yw_effects_now now = {.n = 1};
    struct yw_effect_deed deed = {.place = YW_AT_UPLOAD, .what = YW_DO_DROP};
    struct yw_plant_record r[YW_RECORDS_PER_STEP] = {{.command = 2051, .time = 1000, .end = 2000},
                                                     {.command = 2021, .time = 1000, .end = 2000}};
    YW_UNUSED(state);
    must("plant: {kind: boiler}\n", &s);
    r[0].entries[0].avg = 50;
    now.items[0] = (struct yw_active){.deed = &deed, .s = 1, .a = 0.5, .b = 60};
    deed.what = YW_DO_TWICE;
    assert_int_equal(yw_upload(&now, &s, r, 2), 3);
    assert_int_equal(r[2].command, 2051);
    assert_true(r[2].entries[0].avg == 25 && r[2].end == r[0].end + 60 * YW_SECOND);
    deed.what = YW_DO_LATE;
    now.items[0].a = 10;
    assert_int_equal(yw_upload(&now, &s, r, 3), 3);
    assert_true(r[0].end == 2000 + 10 * YW_SECOND);
    deed.what = YW_DO_CLOCK;
    now.items[0].a = -900, now.items[0].b = 0;
    assert_int_equal(yw_upload(&now, &s, r, 3), 3);
    assert_true(r[0].time == 1000 - 900 * YW_SECOND);
    deed.what = YW_DO_DROP;
    assert_int_equal(yw_upload(&now, &s, r, 3), 1); /* the state of the facility is no measured value */
    assert_int_equal(r[0].command, 2021);
}

static void test_what_belongs_together_happens_together(void **state) {
    static struct yw_scenario s;
    YW_UNUSED(state);
    must("plant: {kind: boiler}\nevents:\n  - {effect: F21, every: 3d, lasts: 6h}\n"
         "inputs:\n  - {name: pumps_off, value: 2, every: 3d, lasts: 6h}\ninspections: {every: 4d}\n",
         &s);
    struct yw_event events[8];
    int64_t from = at("2026-11-01T00:00:00"), inspections[8];
    size_t n = yw_events_of(&s, 9, from, from + 9 * YW_DAY, events, YW_COUNT(events));
    assert_in_range(n, 2, 4);
    for (size_t i = 0; i < n; i++) {
        assert_true(yw_when_holds(&s.life.inputs[0].when, 9, events[i].start));
        assert_false(yw_when_holds(&s.life.inputs[0].when, 9, events[i].stop));
    }
    size_t k = yw_inspections_of(&s, 9, from, from + 20 * YW_DAY, inspections, YW_COUNT(inspections));
    assert_in_range(k, 4, 6);
    for (size_t i = 1; i < k; i++) assert_true(inspections[i] > inspections[i - 1]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_errors_name_line_and_cure),
        cmocka_unit_test(test_entered_anywhere_it_is_the_same),
        cmocka_unit_test(test_saved_and_loaded_it_goes_on),
        cmocka_unit_test(test_a_hand_on_it),
        cmocka_unit_test(test_what_is_held_is_held_over_midnight),
        cmocka_unit_test(test_records_on_their_way_out),
        cmocka_unit_test(test_what_belongs_together_happens_together),
    };
    return cmocka_run_group_tests(tests, open_book, close_book);
}
