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
    struct yw_act act = {.by = "ad\"min", .at = 1, .reason = "换机"}; /* at: admitted_at comes from it */
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

/* ---- how the host speaks to a device ---- */

static void a_wrong_device_among_many_is_told(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    struct yw_error err = {0};
    static const char *const act = "{\"act\":\"register.put\",\"devices\":[{\"id\":2,\"outlet\":9,\"mn\":"
                                   "\"MN-B\",\"state\":\"admitted\"},"
                                   "{\"id\":3,\"outlet\":1,\"mn\":\"MN-C\",\"state\":\"admitted\"},{\"id\":4,"
                                   "\"outlet\":1,\"mn\":\"MN-D\",\"state\":"
                                   "\"admitted\"}]}";
    assert_int_equal(apply(r, act, &err), YW_E_NOT_FOUND);
    assert_non_null(strstr(err.text, "MN-B"));
    assert_null(yw_register_device(r, 3));
    yw_register_destroy(r);
}

static void device_set_changes_what_it_names(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    struct yw_error err = {0};
    assert_int_equal(yw_register_device(r, 1)->admitted_at, 1); /* of the import that admitted it */
    struct yw_device_set set;
    size_t used;
    static const char text[] =
        "{\"version\":2025,\"pw_next\":\"654321\",\"pin_text\":2,\"overtime_s\":30,\"clock_policy\":2,"
        "\"peers\":\"10.0.0.0/8\",\"overlay\":\"henan\",\"aliases\":{\"SO2\":\"a21026\",\"烟尘\":\"a34013\"},"
        "\"unknown\":1}";
    if (yw_device_set_read(text, strlen(text), &set, &used, &err) != YW_OK) fail_msg("%s", err.text);
    assert_int_equal(used, 8);
    struct yw_buf act;
    yw_buf_init(&act, 4096);
    const struct yw_act by = {.by = "admin", .at = 5};
    assert_true(yw_act_device_set(&act, &by, 1, &set));
    if (apply(r, act.data, &err) != YW_OK) fail_msg("%s", err.text);
    const struct yw_device *d = yw_register_device(r, 1);
    assert_int_equal(d->version, 2025);
    assert_string_equal(d->pw, "123456");
    assert_string_equal(d->pw_next, "654321");
    assert_int_equal(d->pin_text, 2);
    assert_int_equal(d->overtime_s, 30);
    assert_int_equal(d->clock_policy, 2);
    assert_string_equal(d->peers, "10.0.0.0/8");
    assert_string_equal(d->overlay, "henan");
    assert_int_equal(d->admitted_at, 1);
    assert_int_equal(yw_register_outlet_at(r, 1, 2), 1);
    /* Back to the default; what is not named stays. */
    static const char *const back =
        "{\"act\":\"device.set\",\"id\":1,\"version\":0,\"pw\":\"654321\",\"pw_next\":null,\"peers\":\"\"}";
    if (apply(r, back, &err) != YW_OK) fail_msg("%s", err.text);
    d = yw_register_device(r, 1);
    assert_int_equal(d->version, 0);
    assert_string_equal(d->pw, "654321");
    assert_string_equal(d->pw_next, "");
    assert_string_equal(d->peers, "");
    assert_int_equal(d->pin_text, 2);
    struct yw_alias now[YW_ALIASES_MAX];
    assert_int_equal(yw_register_aliases(r, 1, now), 2);
    /* An import names none of this and leaves it alone; a new password ends the change of the old one. */
    static const char *const import = "{\"act\":\"register.put\",\"at\":9,\"devices\":[{\"id\":1,\"outlet\":"
                                      "2,\"mn\":\"MN-A\",\"pw\":\"777777\","
                                      "\"state\":\"admitted\"}]}";
    if (apply(r, import, &err) != YW_OK) fail_msg("%s", err.text);
    d = yw_register_device(r, 1);
    assert_int_equal(d->pin_text, 2);
    assert_int_equal(d->overtime_s, 30);
    assert_int_equal(d->admitted_at, 1);
    assert_string_equal(d->pw, "777777");
    yw_buf_free(&act);
    yw_register_destroy(r);
}

static void a_wrong_device_set_changes_nothing(void **state) {
    YW_UNUSED(state);
    static const struct {
        const char *act;
        enum yw_code code;
        const char *says;
    } wrong[] = {
        {"{\"act\":\"device.set\",\"id\":7,\"version\":2017}", YW_E_NOT_FOUND, "no such device"},
        {"{\"act\":\"device.set\",\"version\":2017}", YW_E_NOT_FOUND, "no such device"},
        {"{\"act\":\"device.set\",\"id\":1,\"version\":2016}", YW_E_RANGE, "version"},
        {"{\"act\":\"device.set\",\"id\":1,\"pin_crc\":3}", YW_E_RANGE, "pin_crc"},
        {"{\"act\":\"device.set\",\"id\":1,\"pin_crc\":-1}", YW_E_RANGE, "pin_crc"},
        {"{\"act\":\"device.set\",\"id\":1,\"recount\":\"3\"}", YW_E_FORMAT, "recount"},
        {"{\"act\":\"device.set\",\"id\":1,\"overtime_s\":100}", YW_E_RANGE, "overtime_s"},
        {"{\"act\":\"device.set\",\"id\":1,\"pw_next\":\"01234567890123456789012345678901\"}", YW_E_LIMIT,
         "longer"},
        {"{\"act\":\"device.set\",\"id\":1,\"pin_crc\":1,\"peers\":\"10.0.0.0/33\"}", YW_E_FORMAT,
         "10.0.0.0/33"},
        {"{\"act\":\"device.set\",\"id\":1,\"peers\":\"host.example\"}", YW_E_FORMAT, "host.example"},
        {"{\"act\":\"device.set\",\"id\":1,\"peers\":\"::1 ::2 ::3 ::4 ::5 ::6 ::7 ::8 ::9\"}", YW_E_LIMIT,
         "more"},
        {"{\"act\":\"device.set\",\"id\":1,\"aliases\":[]}", YW_E_FORMAT, "aliases"},
        {"{\"act\":\"device.set\",\"id\":1,\"aliases\":{\"\":\"a21026\"}}", YW_E_FORMAT, "aliases"},
        {"{\"act\":\"device.set\",\"id\":1,\"aliases\":{\"SO2\":\"\"}}", YW_E_FORMAT, "SO2"},
        {"{\"act\":\"device.set\",\"id\":1,\"aliases\":{\"SO2\":\"a 1\"}}", YW_E_FORMAT, "SO2"},
        {"{\"act\":\"device.set\",\"id\":1,\"aliases\":{\"SO2\":\"a123456789012\"}}", YW_E_FORMAT, "SO2"},
    };
    struct yw_register *r = with_base();
    struct yw_device before = *yw_register_device(r, 1);
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        struct yw_error err = {0};
        enum yw_code code = apply(r, wrong[i].act, &err);
        if (code != wrong[i].code || strstr(err.text, wrong[i].says) == NULL)
            fail_msg("%s: %s", wrong[i].act, err.text);
        assert_memory_equal(yw_register_device(r, 1), &before, sizeof before);
        assert_int_equal(yw_register_version(r), 2 + i);
    }
    yw_register_destroy(r);
}

static const char *alias(const struct yw_register *r, uint32_t version, const char *code) {
    const char *to = yw_register_alias_at(r, 1, version, code, strlen(code));
    return to != NULL ? to : "";
}

static void aliases_have_a_history(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base(); /* version 1 */
    struct yw_error err = {0};
    assert_string_equal(alias(r, 1, "SO2"), "");
    static const char *const acts[] = {
        "{\"act\":\"device.set\",\"id\":1,\"aliases\":{\"SO2\":\"a21026\",\"NOX\":\"a21002\"}}",
        "{\"act\":\"device.set\",\"id\":1,\"pin_crc\":1}",
        "{\"act\":\"device.set\",\"id\":1,\"aliases\":{\"SO2\":\"a21027\",\"FLOW\":\"a00000\"}}",
        "{\"act\":\"device.set\",\"id\":1,\"aliases\":{}}",
    };
    for (size_t i = 0; i < YW_COUNT(acts); i++) {
        if (apply(r, acts[i], &err) != YW_OK) fail_msg("%s", err.text);
    }
    static const struct {
        uint32_t version;
        const char *so2, *nox, *flow;
    } want[] = {
        {1, "", "", ""},
        {2, "a21026", "a21002", ""},
        {3, "a21026", "a21002", ""},
        {4, "a21027", "", "a00000"},
        {5, "", "", ""},
        {900, "", "", ""},
    };
    for (size_t i = 0; i < YW_COUNT(want); i++) {
        assert_string_equal(alias(r, want[i].version, "SO2"), want[i].so2);
        assert_string_equal(alias(r, want[i].version, "NOX"), want[i].nox);
        assert_string_equal(alias(r, want[i].version, "FLOW"), want[i].flow);
        assert_string_equal(alias(r, want[i].version, "SO"), "");
        assert_string_equal(alias(r, want[i].version, "SO22"), "");
        assert_null(yw_register_alias_at(r, 2, want[i].version, "SO2", 3));
    }
    assert_null(yw_register_alias_at(r, 1, 2, "SO2\0", 4));
    assert_null(yw_register_alias_at(r, 1, 2, "0123456789012345678901234567890123456789", 40));
    struct yw_alias now[YW_ALIASES_MAX];
    assert_int_equal(yw_register_aliases(r, 1, now), 0);
    yw_register_destroy(r);
}

static void policies_have_defaults(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    struct yw_error err = {0};
    struct yw_buf act;
    const struct yw_act by = {.by = "admin", .at = 5};
    size_t n;
    yw_buf_init(&act, 4096);
    assert_int_equal(yw_register_policy(r, "gap_days", 7), 7);
    assert_true(yw_act_policy_set(&act, &by, "gap_days", 30, NULL, false));
    assert_int_equal(apply(r, act.data, &err), YW_OK);
    yw_buf_clear(&act);
    assert_true(yw_act_policy_set(&act, &by, "mn-carrier", 0, "both", false));
    assert_int_equal(apply(r, act.data, &err), YW_OK);
    assert_int_equal(yw_register_policy(r, "gap_days", 7), 30);
    assert_string_equal(yw_register_policy_text(r, "mn-carrier", "header"), "both");
    assert_string_equal(yw_register_policy_text(r, "gap_days", "header"), "header");
    assert_int_equal(yw_register_policy(r, "mn-carrier", 5), 5);
    const struct yw_policy *all = yw_register_policies(r, &n);
    assert_int_equal(n, 2);
    assert_string_equal(all[0].name, "gap_days");
    yw_buf_clear(&act);
    assert_true(yw_act_policy_set(&act, &by, "gap_days", 0, NULL, true));
    assert_int_equal(apply(r, act.data, &err), YW_OK);
    assert_int_equal(yw_register_policy(r, "gap_days", 7), 7);
    static const char *const wrong[] = {
        "{\"act\":\"policy.set\",\"value\":1}",
        "{\"act\":\"policy.set\",\"name\":\"\",\"value\":1}",
        "{\"act\":\"policy.set\",\"name\":\"a b\",\"value\":1}",
        "{\"act\":\"policy.set\",\"name\":\"a\"}",
        "{\"act\":\"policy.set\",\"name\":\"a\",\"value\":1.5}",
        "{\"act\":\"policy.set\",\"name\":\"a\",\"value\":9000000000000000000}",
        "{\"act\":\"policy.set\",\"name\":\"a23456789012345678901234567890123\",\"value\":1}",
    };
    for (size_t i = 0; i < YW_COUNT(wrong); i++) assert_int_equal(apply(r, wrong[i], &err), YW_E_FORMAT);
    char text[YW_POLICY_TEXT + 1];
    memset(text, 'x', YW_POLICY_TEXT);
    text[YW_POLICY_TEXT] = '\0';
    yw_buf_clear(&act);
    assert_true(yw_act_policy_set(&act, &by, "a", 0, text, false));
    assert_int_equal(apply(r, act.data, &err), YW_E_FORMAT);
    for (int i = 0; i < YW_POLICIES_MAX + 1; i++) {
        yw_buf_clear(&act);
        char name[16];
        snprintf(name, sizeof name, "p%d", i);
        assert_true(yw_act_policy_set(&act, &by, name, i, NULL, false));
        /* One is there already. */
        assert_int_equal(apply(r, act.data, &err), i < YW_POLICIES_MAX - 1 ? YW_OK : YW_E_LIMIT);
    }
    yw_buf_free(&act);
    yw_register_destroy(r);
}

static void keys_move_from_state_to_state(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_base();
    struct yw_error err = {0};
    static const char *const first = "{\"act\":\"device.key\",\"at\":10,\"device\":1,\"key_id\":1,\"key\":"
                                     "\"sealed:xyz\",\"state\":\"confirmed\","
                                     "\"source\":\"ministry\",\"created\":\"20260101000000000\"}";
    assert_int_equal(yw_register_next_key(r), 1);
    if (apply(r, first, &err) != YW_OK) fail_msg("%s", err.text);
    const struct yw_device_key *k = yw_register_key(r, 1), *now[YW_SNAP_KEYS];
    assert_int_equal(k->device, 1);
    assert_int_equal(k->at, 10);
    assert_int_equal(k->confirmed_at, 10);
    assert_string_equal(k->created, "20260101000000000");
    assert_int_equal(k->source, YW_KEY_MINISTRY);
    assert_int_equal(yw_register_next_key(r), 2);
    static const struct {
        const char *act;
        enum yw_code code;
    } steps[] = {
        {"{\"act\":\"device.key\",\"key_id\":1,\"state\":\"offered\"}", YW_E_STATE},
        {"{\"act\":\"device.key\",\"key_id\":1,\"state\":\"lost\"}", YW_E_FORMAT},
        {"{\"act\":\"device.key\",\"key_id\":1,\"device\":2,\"state\":\"retired\"}", YW_E_EXISTS},
        {"{\"act\":\"device.key\",\"state\":\"retired\"}", YW_E_FORMAT},
        {"{\"act\":\"device.key\",\"key_id\":2,\"device\":9,\"key\":\"sealed:x\",\"state\":\"offered\","
         "\"source\":"
         "\"rotated\"}",
         YW_E_NOT_FOUND},
        {"{\"act\":\"device.key\",\"key_id\":2,\"device\":1,\"key\":\"0000000000000000\",\"state\":"
         "\"offered\","
         "\"source\":\"rotated\"}",
         YW_E_FORMAT},
        {"{\"act\":\"device.key\",\"key_id\":2,\"device\":1,\"key\":\"sealed:x\",\"state\":\"offered\"}",
         YW_E_FORMAT},
        {"{\"act\":\"device.key\",\"key_id\":2,\"device\":1,\"key\":\"sealed:x\",\"state\":\"offered\","
         "\"source\":"
         "\"rotated\",\"created\":\"2026\"}",
         YW_E_FORMAT},
        {"{\"act\":\"device.key\",\"at\":20,\"key_id\":2,\"device\":1,\"key\":\"sealed:x\",\"state\":"
         "\"offered\","
         "\"source\":\"rotated\"}",
         YW_OK},
        {"{\"act\":\"device.key\",\"at\":30,\"key_id\":2,\"state\":\"confirmed\"}", YW_OK},
        {"{\"act\":\"device.key\",\"at\":40,\"key_id\":1,\"device\":1,\"state\":\"retired\"}", YW_OK},
    };
    for (size_t i = 0; i < YW_COUNT(steps); i++) {
        if (apply(r, steps[i].act, &err) != steps[i].code) fail_msg("%s: %s", steps[i].act, err.text);
    }
    k = yw_register_key(r, 2);
    assert_int_equal(k->at, 20);
    assert_int_equal(k->confirmed_at, 30);
    assert_string_equal(k->key, "sealed:x");
    assert_int_equal(yw_register_key(r, 1)->retired_at, 40);
    assert_int_equal(yw_register_keys_now(r, 1, now), 1);
    assert_int_equal(now[0]->key_id, 2);
    const struct yw_device_key *all[4];
    assert_int_equal(yw_register_keys_of(r, 1, all, 4), 2);
    assert_int_equal(all[0]->key_id, 2);
    assert_int_equal(all[1]->key_id, 1);
    assert_int_equal(yw_register_keys_of(r, 2, all, 4), 0);
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wrong_device_among_many_is_told),
        cmocka_unit_test(device_set_changes_what_it_names),
        cmocka_unit_test(a_wrong_device_set_changes_nothing),
        cmocka_unit_test(aliases_have_a_history),
        cmocka_unit_test(policies_have_defaults),
        cmocka_unit_test(keys_move_from_state_to_state),
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
