/* The register as a fold of acts: what an act changes, what a wrong act leaves alone, which outlet a device
 * had when. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "register/register.h"

static const char *const base_act =
    "{\"act\":\"register.put\",\"by\":\"admin\",\"at\":1,"
    "\"areas\":[{\"code\":\"410000\",\"name\":\"演武省\"},{\"code\":\"410100\",\"parent\":\"410000\","
    "\"name\":\"甲市\"}],"
    "\"maintainers\":[{\"id\":1,\"name\":\"净源运维\"}],"
    "\"enterprises\":[{\"id\":1,\"credit_code\":\"91410100MA0000001X\",\"name\":\"甲电厂\",\"area\":"
    "\"410100\","
    "\"permit_to\":\"2027-06-30\",\"lon\":113.5}],"
    "\"outlets\":[{\"id\":2,\"enterprise\":1,\"maintainer\":1,\"code\":\"DA002\",\"name\":\"二号\",\"kind\":"
    "\"air\"},"
    "{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"一号\",\"kind\":\"air\",\"st\":\"31\"}],"
    "\"factors\":[{\"outlet\":1,\"code\":\"a21026\",\"unit\":\"mg/"
    "m3\",\"limit\":35,\"judge_converted\":true},"
    "{\"outlet\":1,\"code\":\"a19001\"}],"
    "\"devices\":[{\"id\":1,\"outlet\":1,\"mn\":\"MN-A\",\"pw\":\"123456\",\"state\":\"admitted\","
    "\"version\":2017}]}";

static enum yw_code apply(struct yw_register *r, const char *act, struct yw_error *err) {
    return yw_register_apply(r, act, strlen(act), err);
}

static struct yw_register *with_base(void) {
    struct yw_register *r = yw_register_create();
    struct yw_error err = {0};
    assert_non_null(r);
    if (apply(r, base_act, &err) != YW_OK) fail_msg("%s", err.text);
    return r;
}

static void an_import_puts_everything(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    assert_int_equal(yw_register_version(r), 1);
    size_t n;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    assert_int_equal(n, 2);
    assert_int_equal(o[0].id, 1); /* in order of id whatever order they came in */
    assert_string_equal(yw_register_outlet(r, 2)->code, "DA002");
    const struct yw_enterprise *e = yw_register_enterprise(r, 1);
    assert_string_equal(e->name, "甲电厂");
    int64_t day;
    assert_true(yw_time_parse("2027-06-30", 10, &day));
    assert_int_equal(e->permit_to, yw_china_day(day));
    assert_true(e->lon == 113.5 && isnan(e->lat));
    const struct yw_factor_rule *f = yw_register_factors(r, 1, &n);
    assert_int_equal(n, 2);
    assert_string_equal(f[0].code, "a19001");
    assert_true(isnan(f[0].limit) && f[1].limit == 35 && f[1].judge_converted);
    assert_null(yw_register_factors(r, 2, &n));
    assert_int_equal(yw_register_device_by_mn(r, "MN-A", 4)->id, 1);
    assert_null(yw_register_device_by_mn(r, "MN-", 3));
    assert_true(yw_register_area_within(r, "410100", "410000"));
    assert_true(yw_register_area_within(r, "410100", ""));
    assert_false(yw_register_area_within(r, "410000", "410100"));
    assert_string_equal(yw_register_maintainer(r, 1)->name, "净源运维");
    yw_register_destroy(r);
}

static const char *const units_act =
    "{\"act\":\"unit.put\",\"units\":[{\"code\":\"P\",\"name\":\"省厅\",\"area\":\"410000\"},"
    "{\"code\":\"C\",\"parent\":\"P\",\"name\":\"甲市支队\",\"area\":\"410100\"},"
    "{\"code\":\"A\",\"parent\":\"C\",\"name\":\"大队\"}]}";

static void units_are_a_tree(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    struct yw_error err = {0};
    size_t n;
    if (apply(r, units_act, &err) != YW_OK) fail_msg("%s", err.text);
    const struct yw_unit *u = yw_register_units(r, &n);
    assert_int_equal(n, 3);
    assert_string_equal(u[0].code, "A"); /* in order of code */
    assert_string_equal(yw_register_unit(r, "C")->name, "甲市支队");
    assert_string_equal(yw_register_unit(r, "C")->area, "410100");
    assert_null(yw_register_unit(r, "410100")); /* areas have codes of their own */
    assert_null(yw_register_unit(r, "a code of more than sixteen"));
    assert_true(yw_register_unit_within(r, "A", "P"));
    assert_true(yw_register_unit_within(r, "A", ""));
    assert_false(yw_register_unit_within(r, "P", "A"));
    assert_false(yw_register_unit_within(r, "nobody", "P"));
    /* Versions count on, and what the devices' data belong to is as it was. */
    assert_int_equal(yw_register_version(r), 2);
    assert_int_equal(yw_register_outlet_at(r, 1, 1), 1);
    assert_int_equal(yw_register_outlet_at(r, 1, 2), 1);
    /* A tree turned round in one act is a tree again. */
    static const char *const turned =
        "{\"act\":\"register.put\",\"units\":[{\"code\":\"P\",\"parent\":\"A\",\"name\":\"省厅\"},"
        "{\"code\":\"C\",\"name\":\"甲市支队\"}]}";
    if (apply(r, turned, &err) != YW_OK) fail_msg("%s", err.text);
    assert_true(yw_register_unit_within(r, "P", "C"));
    assert_false(yw_register_unit_within(r, "C", "P"));
    assert_string_equal(yw_register_unit(r, "P")->area, "");
    yw_register_destroy(r);
}

static void a_tree_of_units_stays_one(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *units;
        enum yw_code code;
        const char *says;
    } wrong[] = {
        {"{\"code\":\"P\",\"parent\":\"A\",\"name\":\"n\"}", YW_E_FORMAT, "above itself"},
        {"{\"code\":\"P\",\"parent\":\"P\",\"name\":\"n\"}", YW_E_FORMAT, "above itself"},
        {"{\"code\":\"X\",\"parent\":\"Y\",\"name\":\"n\"},{\"code\":\"Y\",\"parent\":\"X\",\"name\":\"n\"}",
         YW_E_FORMAT, "above itself"},
        {"{\"code\":\"X\",\"parent\":\"Z\",\"name\":\"n\"}", YW_E_NOT_FOUND, "parent Z"},
        {"{\"code\":\"X\",\"parent\":\"410000\",\"name\":\"n\"}", YW_E_NOT_FOUND, "parent 410000"},
        {"{\"code\":\"X\",\"name\":\"n\",\"area\":\"990000\"}", YW_E_NOT_FOUND, "area 990000"},
        {"{\"code\":\"X\",\"name\":\"n\"},{\"code\":\"X\",\"name\":\"m\"}", YW_E_EXISTS, "units"},
        {"{\"code\":\"X\"}", YW_E_FORMAT, "units[0].name"},
    };
    struct yw_register *r = with_base();
    assert_int_equal(apply(r, units_act, NULL), YW_OK);
    size_t n;
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        char act[400];
        snprintf(act, sizeof act, "{\"act\":\"unit.put\",\"units\":[%s]}", wrong[i].units);
        struct yw_error err = {0};
        assert_int_equal(apply(r, act, &err), wrong[i].code);
        if (strstr(err.text, wrong[i].says) == NULL) fail_msg("%s does not name %s", err.text, wrong[i].says);
        assert_int_equal(yw_register_version(r), 3 + i);
        yw_register_units(r, &n);
        assert_int_equal(n, 3);
        assert_string_equal(yw_register_unit(r, "P")->parent, "");
    }
    /* P, C, A and five more are eight levels; a ninth is refused, below as above. */
    for (int i = 1; i <= 6; i++) {
        char act[160], parent[8] = "A";
        if (i > 1) snprintf(parent, sizeof parent, "L%d", i - 1);
        snprintf(act, sizeof act,
                 "{\"act\":\"unit.put\",\"units\":[{\"code\":\"L%d\",\"parent\":\"%s\",\"name\":\"n\"}]}", i,
                 parent);
        assert_int_equal(apply(r, act, NULL), i <= 5 ? YW_OK : YW_E_FORMAT);
    }
    assert_true(yw_register_unit_within(r, "L5", "P"));
    assert_int_equal(apply(r,
                           "{\"act\":\"unit.put\",\"units\":[{\"code\":\"Q\",\"name\":\"n\"},"
                           "{\"code\":\"P\",\"parent\":\"Q\",\"name\":\"n\"}]}",
                           NULL),
                     YW_E_FORMAT);
    assert_null(yw_register_unit(r, "Q"));
    yw_register_destroy(r);
}

static void history_answers_by_version(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    assert_int_equal(apply(r, "{\"act\":\"device.retire\",\"id\":1}", NULL), YW_OK); /* 2 */
    assert_int_equal(apply(r, "{\"act\":\"something.else\"}", NULL), YW_OK);         /* 3 */
    assert_int_equal(apply(r, "{\"act\":\"device.admit\",\"mn\":\"MN-A\",\"id\":1,\"outlet\":2}", NULL),
                     YW_OK); /* 4 */
    assert_int_equal(
        apply(r, "{\"act\":\"device.admit\",\"mn\":\"MN-B\",\"id\":2,\"outlet\":1,\"pw\":\"x\"}", NULL),
        YW_OK);
    assert_int_equal(apply(r, "{\"act\":\"device.refuse\",\"mn\":\"MN-C\"}", NULL), YW_OK); /* 6 */
    assert_int_equal(yw_register_version(r), 6);
    assert_int_equal(yw_register_outlet_at(r, 1, 0), 0);
    assert_int_equal(yw_register_outlet_at(r, 1, 1), 1);
    assert_int_equal(yw_register_outlet_at(r, 1, 2), 0);
    assert_int_equal(yw_register_outlet_at(r, 1, 3), 0);
    assert_int_equal(yw_register_outlet_at(r, 1, 4), 2);
    assert_int_equal(yw_register_outlet_at(r, 1, 99), 2);
    assert_int_equal(yw_register_outlet_at(r, 2, 4), 0);
    assert_int_equal(yw_register_outlet_at(r, 2, 5), 1);
    assert_int_equal(yw_register_outlet_at(r, 7, 5), 0);
    assert_string_equal(yw_register_device(r, 1)->pw, "123456"); /* kept by an admission without pw */
    const struct yw_device *c = yw_register_device_by_mn(r, "MN-C", 4);
    assert_int_equal(c->state, YW_DEVICE_REFUSED);
    assert_int_equal(c->id, 3);
    assert_int_equal(yw_register_next_device(r), 4);
    yw_register_destroy(r);
}

static void a_wrong_act_counts_but_changes_nothing(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *act;
        enum yw_code code;
        const char *says;
    } wrong[] = {
        {"{\"act\":\"register.put\",\"maintainers\":[{\"id\":9,\"name\":\"x\"}],\"outlets\":[{\"id\":9,"
         "\"enterprise\":77,\"code\":\"DA9\",\"name\":\"n\",\"kind\":\"air\"}]}",
         YW_E_NOT_FOUND, "outlet 9"},
        {"{\"act\":\"register.put\",\"devices\":[{\"id\":9,\"mn\":\"MN-A\",\"outlet\":1,\"state\":"
         "\"admitted\"}]}",
         YW_E_EXISTS, "MN-A"},
        {"{\"act\":\"register.put\",\"devices\":[{\"id\":1,\"mn\":\"MN-Z\",\"outlet\":1,\"state\":"
         "\"admitted\"}]}",
         YW_E_EXISTS, "MN-A"},
        {"{\"act\":\"register.put\",\"devices\":[{\"id\":8,\"mn\":\"S\",\"outlet\":1,\"state\":\"admitted\"},"
         "{\"id\":9,\"mn\":\"S\",\"outlet\":1,\"state\":\"admitted\"}]}",
         YW_E_EXISTS, "MN S"},
        {"{\"act\":\"register.put\",\"devices\":[{\"id\":8,\"mn\":\"S\",\"outlet\":5,\"state\":\"admitted\"}]"
         "}",
         YW_E_NOT_FOUND, "outlet 5"},
        {"{\"act\":\"register.put\",\"devices\":[{\"id\":8,\"mn\":\"S S\",\"state\":\"waiting\"}]}",
         YW_E_FORMAT, "devices[0].mn"},
        {"{\"act\":\"register.put\",\"enterprises\":[{\"id\":8,\"credit_code\":\"c\",\"name\":\"n\",\"lon\":"
         "181}]}",
         YW_E_RANGE, "enterprises[0].lon"},
        {"{\"act\":\"register.put\",\"enterprises\":[{\"id\":8,\"credit_code\":\"c\",\"name\":\"n\",\"permit_"
         "to\":\"soon\"}]}",
         YW_E_FORMAT, "permit_to"},
        {"{\"act\":\"register.put\",\"enterprises\":[{\"id\":8,\"credit_code\":\"0123456789012345678901234\","
         "\"name\":\"n\"}]}",
         YW_E_LIMIT, "credit_code"},
        {"{\"act\":\"area.put\",\"areas\":[{\"code\":\"1\",\"parent\":\"2\",\"name\":\"n\"}]}",
         YW_E_NOT_FOUND, "areas"},
        {"{\"act\":\"area.put\",\"areas\":[{\"code\":\"1\",\"name\":\"n\"},{\"code\":\"1\",\"name\":\"m\"}]}",
         YW_E_EXISTS, "areas"},
        {"{\"act\":\"area.put\",\"areas\":7}", YW_E_FORMAT, "areas"},
        {"{\"act\":\"area.put\",\"areas\":[7]}", YW_E_FORMAT, "areas[0]"},
        {"{\"act\":\"device.retire\",\"id\":44}", YW_E_NOT_FOUND, "no such device"},
        {"{\"act\":\"device.admit\",\"mn\":\"NEW\",\"outlet\":0}", YW_E_FORMAT, "without an outlet"},
        {"{\"act\":\"device.admit\",\"mn\":\"NEW\",\"id\":1,\"outlet\":1}", YW_E_EXISTS, "MN-A"},
    };
    struct yw_register *r = with_base();
    size_t n;
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        struct yw_error err = {0};
        assert_int_equal(apply(r, wrong[i].act, &err), wrong[i].code);
        if (strstr(err.text, wrong[i].says) == NULL) fail_msg("%s does not name %s", err.text, wrong[i].says);
        assert_int_equal(yw_register_version(r), 2 + i);
    }
    yw_register_devices(r, &n);
    assert_int_equal(n, 1);
    yw_register_enterprises(r, &n);
    assert_int_equal(n, 1);
    yw_register_maintainers(r, &n);
    assert_int_equal(n, 1);
    yw_register_areas(r, &n);
    assert_int_equal(n, 2);
    yw_register_destroy(r);
}

static void what_is_no_act_does_not_count(void **state) {
    YW_UNUSED(state);
    static const char *const none[] = {"", "{", "[]", "{\"tick\":1}", "{\"act\":5}", "\"act\"", "null"};
    struct yw_register *r = yw_register_create();
    for (size_t i = 0; i < YW_COUNT(none); i++) {
        assert_int_equal(apply(r, none[i], NULL), YW_E_NOT_FOUND);
        assert_int_equal(yw_register_version(r), 0);
    }
    yw_register_destroy(r);
}

static void written_acts_read_back_equal(void **state) {
    YW_UNUSED(state);
    struct yw_register *a = with_base(), *b = yw_register_create();
    assert_int_equal(apply(a, units_act, NULL), YW_OK);
    struct yw_register_put put = {0};
    put.areas = yw_register_areas(a, &put.area_n);
    put.units = yw_register_units(a, &put.unit_n);
    put.maintainers = yw_register_maintainers(a, &put.maintainer_n);
    put.enterprises = yw_register_enterprises(a, &put.enterprise_n);
    put.outlets = yw_register_outlets(a, &put.outlet_n);
    put.factors = yw_register_factors(a, 1, &put.factor_n);
    put.devices = yw_register_devices(a, &put.device_n);
    struct yw_buf out;
    yw_buf_init(&out, YW_ACT_MAX);
    struct yw_act act = {.by = "ad\"min", .at = 5, .reason = "换机"};
    assert_true(yw_act_register_put(&out, &act, &put));
    struct yw_error err = {0};
    if (yw_register_apply(b, out.data, out.len, &err) != YW_OK) fail_msg("%s: %s", err.text, out.data);
    size_t n;
    assert_memory_equal(yw_register_units(b, &n), put.units, 3 * sizeof(struct yw_unit));
    assert_memory_equal(yw_register_enterprises(b, &n), put.enterprises, sizeof(struct yw_enterprise));
    assert_memory_equal(yw_register_outlets(b, &n), put.outlets, 2 * sizeof(struct yw_outlet));
    assert_memory_equal(yw_register_devices(b, &n), put.devices, sizeof(struct yw_device));
    assert_memory_equal(yw_register_factors(b, 1, &n), put.factors, 2 * sizeof(struct yw_factor_rule));
    yw_buf_clear(&out);
    assert_true(yw_act_device_admit(&out, &act, "MN-Q", 2, 1, NULL));
    assert_int_equal(yw_register_apply(b, out.data, out.len, NULL), YW_OK);
    yw_buf_clear(&out);
    assert_true(yw_act_device_refuse(&out, &act, "MN-R", 3));
    assert_int_equal(yw_register_apply(b, out.data, out.len, NULL), YW_OK);
    yw_buf_clear(&out);
    assert_true(yw_act_device_retire(&out, &act, 2));
    assert_int_equal(yw_register_apply(b, out.data, out.len, NULL), YW_OK);
    assert_int_equal(yw_register_device(b, 2)->state, YW_DEVICE_RETIRED);
    assert_int_equal(yw_register_device(b, 3)->state, YW_DEVICE_REFUSED);
    yw_buf_free(&out);
    yw_register_destroy(a);
    yw_register_destroy(b);
}

static void rows_come_in_any_order(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    /* 500 devices with falling ids, one act each: inserts in the middle and a growing MN table. */
    for (uint32_t id = 600; id > 100; id--) {
        char act[160];
        snprintf(act, sizeof act, "{\"act\":\"device.admit\",\"mn\":\"M%u\",\"id\":%u,\"outlet\":%u}", id, id,
                 1 + id % 2);
        assert_int_equal(apply(r, act, NULL), YW_OK);
    }
    size_t n;
    const struct yw_device *d = yw_register_devices(r, &n);
    assert_int_equal(n, 501);
    for (size_t i = 1; i < n; i++) assert_true(d[i - 1].id < d[i].id);
    for (uint32_t id = 101; id <= 600; id++) {
        char mn[16];
        snprintf(mn, sizeof mn, "M%u", id);
        const struct yw_device *found = yw_register_device_by_mn(r, mn, strlen(mn));
        assert_non_null(found);
        assert_int_equal(found->id, id);
        assert_int_equal(yw_register_outlet_at(r, id, yw_register_version(r)), 1 + id % 2);
        assert_int_equal(yw_register_outlet_at(r, id, 600 - id + 1), 0);
        assert_int_equal(yw_register_outlet_at(r, id, 600 - id + 2), 1 + id % 2);
    }
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_import_puts_everything),
        cmocka_unit_test(units_are_a_tree),
        cmocka_unit_test(a_tree_of_units_stays_one),
        cmocka_unit_test(history_answers_by_version),
        cmocka_unit_test(a_wrong_act_counts_but_changes_nothing),
        cmocka_unit_test(what_is_no_act_does_not_count),
        cmocka_unit_test(written_acts_read_back_equal),
        cmocka_unit_test(rows_come_in_any_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
