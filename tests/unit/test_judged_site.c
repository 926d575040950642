/* What an outlet's site and records come to from register and store. */
#include "judged/judging.h"
#include "store_fake.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0 (FAKE_NOW - 2 * YW_DAY)

struct fixture {
    struct yw_register *reg;
    struct yw_rules *rules;
    struct yw_store *store;
    struct yw_records *records;
    uint64_t position;
};

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static void act(struct fixture *f, const char *json) {
    struct yw_error err = {0};
    must(yw_register_apply(f->reg, json, strlen(json), &err), &err);
}

static int set_up(void **state) {
    struct yw_error err = {0};
    struct fixture *f = calloc(1, sizeof *f);
    f->reg = yw_register_create();
    f->rules = yw_rules_create();
    f->records = yw_records_create();
    must(yw_store_ram.open("", false, &f->store, &err), &err);
    act(f,
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,"
        "\"areas\":[{\"code\":\"37\",\"parent\":\"\",\"name\":\"a\"}],"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":\"e\",\"short_name\":"
        "\"e\",\"area\":\"37\","
        "\"industry\":\"D4411 火力发电\",\"permit_number\":\"P1\"},"
        "{\"id\":2,\"credit_code\":\"91370000TEST000002\",\"name\":\"w\",\"short_name\":\"w\",\"area\":"
        "\"37\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"stack\",\"kind\":\"air\","
        "\"st\":\"31\"},"
        "{\"id\":2,\"enterprise\":2,\"code\":\"DW001\",\"name\":\"water\",\"kind\":\"water\",\"st\":\"32\"},"
        "{\"id\":3,\"enterprise\":2,\"code\":\"DA009\",\"name\":\"furnace\",\"kind\":\"air\",\"st\":\"31\"},"
        "{\"id\":4,\"enterprise\":2,\"code\":\"DA010\",\"name\":\"empty\",\"kind\":\"air\",\"st\":\"31\"}],"
        "\"factors\":[{\"outlet\":1,\"code\":\"a21026\",\"unit\":\"mg/"
        "m3\",\"range_low\":0,\"range_high\":300,\"limit\":35,"
        "\"amount_t_a\":100,\"reference_oxygen\":6,\"judge_converted\":true},"
        "{\"outlet\":2,\"code\":\"w01018\",\"unit\":\"mg/L\",\"limit\":50},"
        "{\"outlet\":3,\"code\":\"a01901\"},{\"outlet\":3,\"code\":\"a21026\",\"unit\":\"mg/"
        "m3\",\"limit\":80}],"
        "\"devices\":[{\"id\":1,\"outlet\":2,\"mn\":\"010000A8900016F000000001\",\"state\":\"admitted\","
        "\"min_interval_min\":10}]}");
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    yw_records_destroy(f->records);
    yw_store_ram.close(f->store);
    yw_rules_destroy(f->rules);
    yw_register_destroy(f->reg);
    free(f);
    return 0;
}

/* A record with Avg (or Rtd) and Flag of a factor, value in tenths; one of a later position counts. */
static void put(struct fixture *f, uint32_t outlet, enum yw_kind kind, int64_t time, const char *factor,
                const char *field, int64_t tenths, const char *flag, uint8_t flags) {
    struct yw_error err = {0};
    struct yw_value values[] = {
        {.scale = 1, .mantissa = tenths},
        {.field = "Flag", .is_text = true, .text = flag, .text_n = (uint32_t)strlen(flag)}};
    snprintf(values[0].field, sizeof values[0].field, "%s", field);
    for (size_t i = 0; i < 2; i++) snprintf(values[i].factor, sizeof values[i].factor, "%s", factor);
    f->position += 100;
    const struct yw_row row = {.outlet = outlet,
                               .device = 1,
                               .kind = (uint8_t)kind,
                               .flags = flags,
                               .time = time,
                               .source = {FAKE_NOW + (int64_t)f->position, 0, f->position},
                               .values = values,
                               .count = 2};
    must(yw_store_ram.begin(f->store, &err), &err);
    must(yw_store_ram.put(f->store, &row, &err), &err);
    must(yw_store_ram.commit(f->store, NULL, 0, &err), &err);
}

static enum yw_code build(struct fixture *f, uint32_t outlet, struct yw_site *site) {
    struct yw_error err = {0};
    return yw_site_build(f->reg, f->rules, &yw_store_ram, f->store, outlet, T0, site, &err);
}

static void rows_of_the_register_make_a_site(void **state) {
    struct fixture *f = *state;
    struct yw_site s;
    assert_int_equal(build(f, 1, &s), YW_OK);
    assert_int_equal(s.profile, YW_PROFILE_POWER);
    assert_true(s.reference_oxygen == 6);
    assert_int_equal(s.limit_n, 1);
    assert_true(s.limits[0].value == 35 && s.limits[0].converted);
    assert_int_equal(s.limits[0].period, YW_PERIOD_HOUR);
    assert_int_equal(s.limits[0].basis, YW_BASIS_PERMIT);
    assert_string_equal(s.limits[0].source, "排污许可证 P1");
    assert_true(s.amount_n == 1 && s.amounts[0].t == 100);
    yw_site_free(&s);
    assert_int_equal(build(f, 2, &s), YW_OK);
    assert_int_equal(s.profile, YW_PROFILE_WASTE_WATER);
    assert_int_equal(s.limits[0].period, YW_PERIOD_DAY);
    assert_int_equal(s.minute_interval, 10); /* its device says so */
    yw_site_free(&s);
    assert_int_equal(build(f, 3, &s), YW_OK);
    assert_int_equal(s.profile, YW_PROFILE_INCINERATION);
    assert_int_equal(s.limits[0].period, YW_PERIOD_DAY);
    yw_site_free(&s);
    assert_int_equal(build(f, 4, &s), YW_E_NOT_FOUND); /* no factors */
    assert_int_equal(build(f, 99, &s), YW_E_NOT_FOUND);
}

static void the_first_days_tell_interval_and_auxiliaries(void **state) {
    struct fixture *f = *state;
    struct yw_site s;
    char before[17], after[17];
    assert_int_equal(build(f, 1, &s), YW_OK);
    yw_site_digest(&s, before);
    assert_int_equal(s.minute_interval, 1);
    assert_int_equal(yw_site_factor(&s, "a19001"), -1);
    yw_site_free(&s);
    for (int i = 0; i < 6; i++)
        put(f, 1, YW_KIND_MINUTE, T0 + i * 5 * YW_MINUTE, "a19001", "Avg", 90, "N", 0);
    assert_int_equal(build(f, 1, &s), YW_OK);
    yw_site_digest(&s, after);
    assert_int_equal(s.minute_interval, 5);
    assert_true(yw_site_factor(&s, "a19001") >= 0);
    assert_string_not_equal(before, after);
    yw_site_free(&s);
}

static void states_make_units_and_others_send_for_one(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_site s;
    struct yw_unit_source *sources;
    size_t n;
    put(f, 2, YW_KIND_FACILITY, T0, "SB10", "RS", 10, "N", 0);
    put(f, 2, YW_KIND_FACILITY, T0 + YW_HOUR, "SB1", "RS", 0, "N", 0);
    put(f, 2, YW_KIND_FACILITY, T0 + YW_HOUR, "x7", "RS", 0, "N", 0);
    assert_int_equal(build(f, 2, &s), YW_OK);
    assert_int_equal(s.unit_n, 2);
    assert_string_equal(s.units[0].id, "SB1");
    assert_string_equal(s.units[1].id, "SB10");
    assert_true(s.units[0].treatment && s.units[0].records == YW_UNIT_FACILITY && s.units[0].source == 2);
    yw_site_free(&s);
    assert_int_equal(yw_unit_sources(f->reg, &sources, &n, &err), YW_OK);
    assert_int_equal(n, 0);
    free(sources);
    act(f, "{\"act\":\"site.put\",\"outlet\":2,\"by\":\"t\",\"at\":2,\"site\":{\"profile\":\"waste-water\","
           "\"factors\":{\"w01018\":{}},\"units\":[{\"id\":\"a\",\"factor\":\"e30101\",\"outlet\":\"DA009\"},"
           "{\"id\":\"b\",\"factor\":\"e30102\",\"outlet\":\"DA009\"},"
           "{\"id\":\"c\",\"factor\":\"e30101\",\"outlet\":\"DA001\"}]}}");
    assert_int_equal(build(f, 2, &s), YW_OK);
    assert_int_equal(s.unit_n, 3);
    assert_int_equal(s.units[0].source, 3);
    assert_int_equal(s.units[2].source, 0); /* DA001 is another enterprise's */
    yw_site_free(&s);
    assert_int_equal(yw_unit_sources(f->reg, &sources, &n, &err), YW_OK);
    assert_true(n == 1 && sources[0].source == 3 && sources[0].outlet == 2);
    free(sources);
}

static void checks_of_devices_are_checks(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_site s;
    struct yw_value values[] = {{.factor = "a21026", .field = "SampleRd", .scale = 0, .mantissa = 152},
                                {.factor = "a21026", .field = "StandardValue", .scale = 0, .mantissa = 150},
                                {.factor = "a21026", .field = "ResultType", .scale = 0, .mantissa = 1}};
    const struct yw_row row = {.outlet = 1,
                               .device = 1,
                               .kind = YW_KIND_PERIODIC,
                               .time = T0,
                               .source = {FAKE_NOW, 0, 5},
                               .values = values,
                               .count = 3};
    must(yw_store_ram.begin(f->store, &err), &err);
    must(yw_store_ram.put(f->store, &row, &err), &err);
    must(yw_store_ram.commit(f->store, NULL, 0, &err), &err);
    assert_int_equal(build(f, 1, &s), YW_OK);
    assert_int_equal(s.check_n, 1);
    assert_int_equal(s.checks[0].kind, YW_CHECK_SPAN);
    assert_true(s.checks[0].reading == 152 && s.checks[0].nominal == 150 && s.checks[0].full_scale == 300);
    assert_int_equal(s.checks[0].said, 1);
    assert_true(s.checks[0].time == T0);
    yw_site_free(&s);
}

static const struct yw_sample_record *read_hour(struct fixture *f, struct yw_site *s, size_t *n) {
    struct yw_error err = {0};
    must(yw_records_read(f->records, &yw_store_ram, f->store, 1, s, T0, T0 + 2 * YW_HOUR, &err), &err);
    return yw_records_of(f->records, T0, n);
}

static void current_values_are_taken(void **state) {
    struct fixture *f = *state;
    struct yw_site s;
    size_t n;
    assert_int_equal(build(f, 1, &s), YW_OK);
    size_t so2 = (size_t)yw_site_factor(&s, "a21026");
    put(f, 1, YW_KIND_MINUTE, T0, "a21026", "Avg", 100, "N", 0);
    put(f, 1, YW_KIND_MINUTE, T0, "a21026", "Avg", 200, "D", 0);                 /* a correction counts */
    put(f, 1, YW_KIND_MINUTE, T0, "a21026", "Avg", 300, "N", YW_ROW_BACKFILLED); /* never before a live one */
    put(f, 1, YW_KIND_MINUTE, T0 + YW_MINUTE, "a21026", "Avg", 400, "N", YW_ROW_BACKFILLED);
    put(f, 1, YW_KIND_HOUR, T0, "a21026", "Avg", 210, "N", 0);
    put(f, 1, YW_KIND_MINUTE, T0 + YW_HOUR, "a21026", "Avg", 1, "N", 0);
    const struct yw_sample_record *r = read_hour(f, &s, &n);
    assert_int_equal(n, 3);
    assert_int_equal(r[0].period, YW_PERIOD_MINUTE);
    assert_true(r[0].time == T0 && r[0].samples[so2].avg == 20.0);
    assert_string_equal(r[0].samples[so2].flag, "D");
    assert_false(r[0].backfilled);
    assert_int_equal(r[1].period, YW_PERIOD_HOUR);
    assert_true(r[1].samples[so2].avg == 21.0);
    assert_true(r[2].samples[so2].avg == 40.0 && r[2].backfilled);
    assert_true(isnan(r[2].samples[so2].zs));
    (void)yw_records_of(f->records, T0 + YW_HOUR, &n);
    assert_int_equal(n, 1);
    yw_site_free(&s);
}

static void real_time_values_stand_in_where_there_is_nothing_else(void **state) {
    struct fixture *f = *state;
    struct yw_site s;
    size_t n;
    assert_int_equal(build(f, 1, &s), YW_OK);
    size_t so2 = (size_t)yw_site_factor(&s, "a21026");
    put(f, 1, YW_KIND_REAL, T0, "a21026", "Rtd", 100, "N", 0);
    put(f, 1, YW_KIND_REAL, T0 + 30 * YW_SECOND, "a21026", "Rtd", 200, "N", 0);
    put(f, 1, YW_KIND_REAL, T0 + 45 * YW_SECOND, "a21026", "Rtd", 9000, "D", 0); /* does not count */
    put(f, 1, YW_KIND_REAL, T0 + YW_MINUTE, "a21026", "Rtd", 50, "C", 0);
    put(f, 1, YW_KIND_REAL, T0 + YW_HOUR, "a21026", "Rtd", 70, "N", 0);
    put(f, 1, YW_KIND_MINUTE, T0 + YW_HOUR, "a21026", "Avg", 80, "N", 0);
    const struct yw_sample_record *r = read_hour(f, &s, &n);
    assert_int_equal(n, 2);
    assert_true(r[0].samples[so2].avg == 15.0);
    assert_string_equal(r[0].samples[so2].flag, "N");
    assert_true(r[0].samples[so2].min == 10.0f && r[0].samples[so2].max == 20.0f);
    assert_string_equal(r[1].samples[so2].flag, "C");
    r = yw_records_of(f->records, T0 + YW_HOUR, &n);
    assert_int_equal(n, 1); /* that hour has a minute record */
    assert_true(r[0].samples[so2].avg == 8.0);
    int64_t first = 0, now = 0;
    struct yw_error err = {0};
    must(yw_records_first(&yw_store_ram, f->store, 1, &first, &err), &err);
    assert_true(first == T0);
    assert_int_equal(yw_records_first(&yw_store_ram, f->store, 2, &first, &err), YW_E_NOT_FOUND);
    must(yw_judging_now(&yw_store_ram, f->store, &now, &err), &err);
    assert_true(now == FAKE_NOW);
    yw_site_free(&s);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(rows_of_the_register_make_a_site),
        T(the_first_days_tell_interval_and_auxiliaries),
        T(states_make_units_and_others_send_for_one),
        T(checks_of_devices_are_checks),
        T(current_values_are_taken),
        T(real_time_values_stand_in_where_there_is_nothing_else),
    };
    return cmocka_run_group_tests_name("judged site", tests, NULL, NULL);
}
