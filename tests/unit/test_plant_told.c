/* A device with a process behind it: what a host hears comes from the station, or from whoever tampered with
 * it. */
#include "plants_device.h"

#include <stdlib.h>
#include <string.h>

static const char yaml[] =
    "id: told\nname: told\nmedium: air\nversion: 2025\nst: '31'\nmn: '595700000000000000000001'\n"
    "password: '123456'\nsample: 10s\nrealtime: 30s\nminute: 10m\nstack_area_m2: 20\nreference_oxygen: 6\n"
    "load: [1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]\nplant: {kind: boiler}\nfactors:\n"
    "  - {code: a21026, from: so2, digits: 2, converted: yes, mass: yes}\n"
    "  - {code: a19001, from: o2, digits: 2}\n"
    "  - {code: a01012, from: temp, digits: 1}\n"
    "  - {code: a01013, from: pressure, digits: 3}\n"
    "  - {code: a01014, from: h2o, digits: 2}\n"
    "  - {code: a01011, from: velocity, digits: 2}\n"
    "  - {code: a00000, from: flow, digits: 2, cou_digits: 0}\n";

static struct yw_effect_book *book;

struct living {
    struct device d;
    struct yw_outlet_run run;
};

/* events NULL: the works of share/scenarios, which speaks 2025 here. */
static void live_start(struct living *l, const char *events) {
    struct yw_error err = {.text = ""};
    char text[4096], path[4096];
    struct device *d = &l->d;
    enum yw_code code;
    memset(l, 0, sizeof *l);
    if (events) {
        snprintf(text, sizeof text, "%s%s", yaml, events);
        code = yw_scenario_parse(text, strlen(text), book, &d->scenario, &err);
    } else {
        code = yw_share_path("scenarios/wastewater-works.yaml", path, sizeof path, &err);
        if (!code) code = yw_scenario_load(path, book, &d->scenario, &err);
        d->scenario.version = 2025;
    }
    if (code) fail_msg("%s", err.text);
    struct yw_scenario *s = &d->scenario;
    d->face.version = s->version;
    memcpy(d->face.mn, s->mn, sizeof d->face.mn);
    memcpy(d->face.pw, s->pw, sizeof d->face.pw);
    memcpy(d->face.st, s->st, sizeof d->face.st);
    d->now = moment("2026-11-20T10:00:00");
    d->said = calloc(SAID_MAX, sizeof *d->said);
    yw_responder_init(&d->responder, s, 7, &d->face, d->now);
    yw_outlet_begin(&l->run, s, 7, d->now);
    d->responder.live = &l->run;
}

static void live_on(struct living *l, int64_t for_us) {
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    l->d.now += for_us;
    while (l->run.model.time <= l->d.now) yw_outlet_step(&l->run, records, NULL);
}

static void live_end(struct living *l) {
    device_end(&l->d);
    yw_outlet_end(&l->run);
}

/* A value of the device's answer to 3020; NAN: none. */
static double info(struct living *l, const char *code) {
    char cp[64], want[16];
    snprintf(cp, sizeof cp, "PolId=a21026,InfoId=%s", code);
    device_done(&l->d, "3020", cp);
    const struct said *s = device_answer(&l->d, 3020);
    assert_non_null(s);
    snprintf(want, sizeof want, "%s", code);
    hj212_iterator it;
    hj212_item item;
    double value = 0;
    hj212_items(&it, s->packet.cp);
    while (hj212_next(&it, &item))
        if (item.code.p && item.code.n == 6 && memcmp(item.code.p, want, 6) == 0 &&
            yw_parse_f64(item.value.p, item.value.n, &value))
            return value;
    fail_msg("no %s", code);
    return 0;
}

static bool log_says(struct living *l, const char *word) {
    char cp[200], from[18] = "", to[18] = "";
    hj212_print_time(l->d.now - YW_HOUR, false, from);
    hj212_print_time(l->d.now, false, to);
    snprintf(cp, sizeof cp, "PolId=a21026,InfoId=i11001,BeginTime=%.14s,EndTime=%.14s", from, to);
    device_ask(&l->d, "3020", cp, NULL);
    bool found = false;
    for (size_t i = 0; i < l->d.n; i++) {
        hj212_span area = l->d.said[i].packet.cp;
        for (size_t k = 0; area.p && k + strlen(word) <= area.n; k++)
            if (memcmp(area.p + k, word, strlen(word)) == 0) found = true;
    }
    return found;
}

static void test_parameters_are_the_stations(void **state) {
    (void)state;
    struct living *l = malloc(sizeof *l);
    live_start(l, "");
    live_on(l, YW_MINUTE);
    assert_true(info(l, "i13008") == 1);
    assert_true(info(l, "i33001") > 100);
    device_done(&l->d, "3021", "PolId=a21026,InfoId=i13008,i13008-Info=0.6");
    live_on(l, YW_MINUTE);
    assert_true(info(l, "i13008") == 0.6);
    const struct yw_readings *r = yw_outlet_readings(&l->run);
    assert_true(r->channel[0].stored < 0.65 * r->channel[0].analyser);
    live_end(l);
    free(l);
}

static void test_the_log_tells_of_a_change_unless_it_is_kept_out(void **state) {
    (void)state;
    struct living *l = malloc(sizeof *l);
    for (int hidden = 0; hidden < 2; hidden++) {
        live_start(l, hidden ? "events: [{effect: F23, start: 2026-11-20T00:00}]\n" : "");
        live_on(l, YW_MINUTE);
        yw_hand_act(&l->d.responder.hand, &(struct yw_station_act){.time = l->run.model.time,
                                                                   .kind = YW_ACT_SET_PARAMETER,
                                                                   .channel = 0,
                                                                   .parameter = YW_PARAMETER_SLOPE,
                                                                   .value = 0.7});
        live_on(l, YW_MINUTE);
        assert_int_equal(log_says(l, "slope"), !hidden);
        live_end(l);
    }
    free(l);
}

/* 3024 with the gas of the station; the result follows by itself, as the station's log has it. */
static double check_result(struct living *l) {
    device_done(&l->d, "3024", "PolId=a21026");
    for (int i = 0; i < 120; i++) {
        live_on(l, YW_MINUTE);
        yw_responder_tick(&l->d.responder, l->d.now);
        yw_responder_tick(&l->d.responder, l->d.now);
        device_listen(&l->d, 0);
        hj212_iterator it;
        hj212_item item;
        double value;
        for (size_t k = 0; k < l->d.n; k++) {
            if (l->d.said[k].packet.command != 2062) continue;
            hj212_items(&it, l->d.said[k].packet.cp);
            while (hj212_next(&it, &item))
                if (item.field.n == 8 && memcmp(item.field.p, "SampleRd", 8) == 0 &&
                    yw_parse_f64(item.value.p, item.value.n, &value))
                    return value;
        }
    }
    fail_msg("no result of the check came");
    return 0;
}

static void test_a_check_reads_the_gas(void **state) {
    (void)state;
    struct living *l = malloc(sizeof *l);
    live_start(l, "");
    live_on(l, YW_MINUTE);
    double gas = l->d.scenario.life.station.channels[0].span_gas;
    double read = check_result(l);
    assert_true(gas > 0 && read > 0.9 * gas && read < 1.1 * gas);
    live_end(l);
    free(l);
}

static void test_a_calibration_is_in_the_log(void **state) {
    (void)state;
    struct living *l = malloc(sizeof *l);
    live_start(l, "");
    live_on(l, YW_MINUTE);
    device_done(&l->d, "3011", "PolId=a21026");
    live_on(l, 30 * YW_SECOND);
    assert_true(info(l, "i12001") == 3);
    live_on(l, 40 * YW_MINUTE);
    assert_true(info(l, "i12001") == 0);
    assert_true(log_says(l, "SPAN"));
    live_end(l);
    free(l);
}

/* 2062 of days long past: the station's own checks, lived again. */
static void test_checks_of_the_past(void **state) {
    (void)state;
    struct living *l = malloc(sizeof *l);
    live_start(l, NULL);
    device_done(&l->d, "2062", "BeginTime=20261115000000;EndTime=20261117000000");
    assert_in_range(device_count(&l->d, 2062), 2, 4);
    assert_true(said_value(&l->d.said[1], "w01018", "StandardValue", NULL));
    live_end(l);
    free(l);
}

static int load_book(void **state) {
    (void)state;
    struct yw_error err;
    if (yw_book_load(&book, &err)) print_error("%s\n", err.text);
    return book ? 0 : -1;
}

static int free_book(void **state) {
    (void)state;
    free(book);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_parameters_are_the_stations),
        cmocka_unit_test(test_the_log_tells_of_a_change_unless_it_is_kept_out),
        cmocka_unit_test(test_a_check_reads_the_gas),
        cmocka_unit_test(test_a_calibration_is_in_the_log),
        cmocka_unit_test(test_checks_of_the_past),
    };
    return cmocka_run_group_tests(tests, load_book, free_book);
}
