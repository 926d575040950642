/* Site descriptions: YAML and JSON give the same; what is wrong is told with its place. And JSON lines. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge/judge.h"

static struct yw_rules *rules;
static struct yw_site site;

static int load(void **state) {
    YW_UNUSED(state);
    struct yw_error err = {0};
    if (yw_rules_load(&rules, &err) != YW_OK) fail_msg("%s", err.text);
    return 0;
}

static int unload(void **state) {
    YW_UNUSED(state);
    yw_rules_destroy(rules);
    return 0;
}

static void read(const char *text) {
    struct yw_error err = {0};
    if (yw_site_from_yaml(text, strlen(text), rules, &site, &err) != YW_OK) fail_msg("%s", err.text);
}

static int64_t at(const char *text) {
    int64_t t;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return t;
}

static const char whole[] =
    "site: qingling-da002\n"
    "name: 青岚热电 DA002\n"
    "profile: power\n"
    "minute_interval: 5\n"
    "from: 2026-11-01\n"
    "to: 2026-11-30\n"
    "reference_oxygen: 6\n"
    "allow_down_conversion: no\n"
    "stack_area_m2: 33.0\n"
    "factors:\n"
    "  a21026: {name: SO2, unit: mg/m3, range: [0, 300], basis: wet, calibration: extractive, detection: 2}\n"
    "  a21002: {volume: yes}\n"
    "  a19001: {basis: wet}\n"
    "limits:\n"
    "  - {factor: a21026, value: 0.035, unit: g/m3, period: 1h, source: 排污许可证 表5, to: 2030-12-31}\n"
    "  - {standard: GB 13223-2011, source_type: power coal boiler, variant: existing}\n"
    "  - {factor: a21026, value: 35, basis: ultra-low}\n"
    "amounts:\n"
    "  - {factor: a21026, t: 152.15}\n"
    "marks:\n"
    "  - {id: 7, from: 2026-11-03 08:00:00, to: 2026-11-03 20:00:00, condition: stopped, set_at: 2026-11-04 "
    "09:00:00}\n"
    "  - {from: 2026-11-05, to: 2026-11-05, equipment: maintenance, factors: [a34013], counts: yes}\n"
    "checks:\n"
    "  - {time: 2026-11-05 09:30:00, factor: a21026, kind: span, reading: 152, nominal: 150, passed: yes}\n"
    "  - {time: 2026-11-06 09:30:00, factor: a21026, kind: verification, reference: [1, 2, 3], measured: [1, "
    "2, 4]}\n"
    "manual: [{time: 2026-11-07 01:00:00, factor: a21026, value: 31}]\n"
    "plans: [{from: 2026-11-08 00:00:00, to: 2026-11-10, level: 红色, measure: 限产 50 %, power_share: "
    "0.5}]\n"
    "units: [{id: p101, name: 1号炉, factor: e30201, running_above: 5}]\n"
    "rules: {hj75.day: {valid_hours: 18}, order10.temperature: {enabled: no}}\n";

static void every_key_is_read(void **state) {
    YW_UNUSED(state);
    read(whole);
    assert_string_equal(site.id, "qingling-da002");
    assert_int_equal(site.profile, YW_PROFILE_POWER);
    assert_int_equal(site.minute_interval, 5);
    assert_true(site.from == at("2026-11-01") && site.to == at("2026-12-01"));
    assert_float_equal(site.reference_oxygen, 6, 0);
    assert_false(site.allow_down);
    assert_true(site.flow_is_standard_dry);
    const struct yw_site_factor *f = &site.factors[yw_site_factor(&site, "a21026")];
    assert_true(f->wet && f->converted && f->high == 300 && f->method == YW_METHOD_EXTRACTIVE);
    f = &site.factors[yw_site_factor(&site, "a21002")];
    assert_true(f->ppm && f->molar_g == 46.005);
    assert_true(site.factors[yw_site_role(&site, YW_ROLE_OXYGEN)].wet);
    /* rows of the standard come first: PM, SO2 existing, NOx (the usual row), Hg; then the site's own two */
    assert_int_equal(site.limit_n, 6);
    assert_float_equal(site.limits[1].value, 200, 0);
    assert_float_equal(site.limits[2].value, 100, 0);
    assert_true(site.limits[1].converted);
    assert_int_equal(site.limits[1].basis, YW_BASIS_NATIONAL);
    assert_string_equal(site.limits[1].source, "GB 13223-2011 power coal boiler, existing");
    assert_float_equal(site.limits[4].value, 35, 1e-9); /* 0.035 g/m3 */
    assert_string_equal(site.limits[4].unit, "mg/m3");
    assert_true(site.limits[4].converted && site.limits[4].basis == YW_BASIS_PERMIT);
    assert_float_equal(site.limits[5].share, 0.95, 0);
    assert_float_equal(site.amounts[0].t, 152.15, 0);
    assert_int_equal(site.amounts[0].period, YW_PERIOD_YEAR);
    assert_int_equal(site.mark_n, 2);
    assert_true(site.marks[0].is_condition && site.marks[0].counts && site.marks[0].id == 7);
    assert_true(site.marks[0].set_at == at("2026-11-04 09:00:00"));
    assert_true(site.marks[1].to == at("2026-11-06") && site.marks[1].counts && site.marks[1].id == 2);
    assert_true(site.marks[1].factors == (uint64_t)1 << yw_site_factor(&site, "a34013"));
    assert_int_equal(site.check_n, 2);
    assert_int_equal(site.checks[0].said, 1);
    assert_float_equal(site.checks[0].full_scale, 300, 0); /* that of the range */
    assert_int_equal(site.checks[1].pair_n, 3);
    assert_int_equal(site.checks[1].said, -1);
    assert_int_equal(site.manual_n, 1);
    assert_float_equal(site.plans[0].power_share, 0.5, 0);
    assert_int_equal(site.factors[yw_site_factor(&site, "e30201")].role, YW_ROLE_POWER);
    struct yw_rules *own = NULL;
    struct yw_error err = {0};
    assert_int_equal(yw_site_rules(&site, rules, &own, &err), YW_OK);
    int32_t day = yw_china_day(at("2026-11-01"));
    assert_float_equal(yw_rules_value(own, "hj75.day", day, "valid_hours", NAN, NULL), 18, 0);
    assert_false(yw_rules_enabled(own, yw_rules_find(own, "order10.temperature", day)));
    yw_rules_destroy(own);
    yw_site_free(&site);
}

static void json_gives_the_same(void **state) {
    YW_UNUSED(state);
    static struct yw_site other;
    json_t *o = json_pack("{s:s, s:i, s:{s:{s:[i,i], s:b}}, s:[{s:s, s:f, s:s}], s:[{s:s, s:s, s:s}]}",
                          "profile", "waste-water", "due_per_day", 12, "factors", "w01018", "range", 0, 200,
                          "converted", 0, "limits", "factor", "w01018", "value", 50.0, "source", "p", "marks",
                          "from", "2026-11-03 08:00:00", "to", "2026-11-03 20:00:00", "equipment", "fault");
    assert_non_null(o);
    struct yw_error err = {0};
    if (yw_site_from_json(o, rules, &other, &err) != YW_OK) fail_msg("%s", err.text);
    read("site: x\nprofile: waste-water\ndue_per_day: 12\nfactors: {w01018: {range: [0, 200], converted: "
         "no}}\n"
         "limits: [{factor: w01018, value: 50, source: p}]\n"
         "marks: [{from: 2026-11-03 08:00:00, to: 2026-11-03 20:00:00, equipment: fault}]\n");
    assert_int_equal(other.due_per_day, site.due_per_day);
    assert_int_equal(other.limits[0].period, YW_PERIOD_DAY);
    assert_memory_equal(&other.limits[0], &site.limits[0], sizeof site.limits[0]);
    assert_memory_equal(&other.factors[0], &site.factors[0], sizeof site.factors[0]);
    assert_memory_equal(&other.marks[0], &site.marks[0], sizeof site.marks[0]);
    yw_site_free(&other);
    yw_site_free(&site);
    json_object_set_new(json_array_get(json_object_get(o, "limits"), 0), "valeu", json_integer(1));
    assert_int_equal(yw_site_from_json(o, rules, &other, &err), YW_E_FORMAT);
    assert_non_null(strstr(err.text, "limits[0]: unknown key `valeu`"));
    json_decref(o);
}

static void defaults_follow_profile_and_code(void **state) {
    YW_UNUSED(state);
    read("site: x\nprofile: incineration\nlimits: [{standard: GB 18485-2014, source_type: municipal waste "
         "incinerator}]\n"
         "thermocouples: [a01901, a01903]\n");
    assert_float_equal(site.reference_oxygen, 11, 0);
    assert_int_equal(site.limit_n, 10); /* five factors, an hour and a day; manual ones are off */
    assert_int_equal(site.factors[yw_site_factor(&site, "a01903")].role, YW_ROLE_FURNACE);
    yw_site_free(&site);
    read("site: x\nprofile: cement\n");
    assert_false(site.allow_down);
    assert_float_equal(site.reference_oxygen, 10, 0);
    yw_site_free(&site);
    read("site: x\nprofile: flue-gas\nlimits: [{factor: a21026, value: 50}]\n");
    assert_true(isnan(site.reference_oxygen) && !site.limits[0].converted);
    yw_site_free(&site);
    read("site: x\nprofile: ambient\nlimits: [{standard: GB 3095-2026, source_type: ambient grade 2}]\n");
    assert_int_equal(site.limit_n, 14);
    yw_site_free(&site);
}

static void what_is_wrong_is_told_with_its_place(void **state) {
    YW_UNUSED(state);
    const struct {
        const char *text, *says;
    } bad[] = {
        {"profile: power\n", "`site` is missing"},
        {"site: x\n", "`profile` is missing"},
        {"site: x\nprofile: boiler\n", "site line 2: profile must be one of: flue-gas"},
        {"site: x\nprofile: power\ncolour: red\n",
         "site line 3: unknown key `colour`; there are: commissioned"},
        {"site: x\nprofile: power\nminute_interval: 7\n", "must divide 60"},
        {"site: x\nprofile: power\nfrom: yesterday\n", "site line 3: from must be a time"},
        {"site: x\nprofile: power\nfrom: 2026-11-02\nto: 2026-11-01\n", "to must be later than from"},
        {"site: x\nprofile: power\nfactors: {a21026: {range: 5}}\n",
         "factors.a21026: range must be two numbers"},
        {"site: x\nprofile: power\nfactors: {a34013: {volume: yes}}\n", "needs molar_mass"},
        {"site: x\nprofile: power\nlimits:\n  - {factor: a21026}\n", "site line 4: limits[0]: `value`"},
        {"site: x\nprofile: power\nlimits: [{factor: a21026, value: 35, converted: yes}]\n",
         "reference_oxygen"},
        {"site: x\nprofile: power\nlimits: [{factor: a21026, value: 35, period: 2h}]\n",
         "period must be one of"},
        {"site: x\nprofile: power\nlimits: [{standard: GB 1, source_type: x}]\n",
         "no standard `GB 1`; there are: GB 13223"},
        {"site: x\nprofile: power\nlimits: [{standard: GB 13223-2011, source_type: x}]\n",
         "there are: power coal boiler"},
        {"site: x\nprofile: power\nlimits: [{standard: GB 13223-2011, source_type: power coal boiler}]\n",
         "SO2 has several rows: add variant: \"new\" or \"existing\""},
        {"site: x\nprofile: power\nlimits: [{standard: DB41/1424-2017, source_type: Henan coal power "
         "boiler}]\n",
         "not verified and off"},
        {"site: x\nprofile: power\nmarks: [{from: 2026-11-01, to: 2026-11-02}]\n",
         "either `condition` or `equipment`"},
        {"site: x\nprofile: power\nmarks: [{from: 2026-11-01, to: 2026-11-02, condition: asleep}]\n",
         "one of: normal drying"},
        {"site: x\nprofile: power\nchecks: [{time: 2026-11-01, factor: a21026, kind: span, reference: "
         "[1]}]\n",
         "as many"},
        {"site: x\nprofile: power\nplans: [{from: 2026-11-01, to: 2026-11-02}]\n", "power_share"},
        {"site: x\nprofile: power\nunits: [{id: a, factor: e1, serves: b}]\n", "there is no unit `b`"},
        {"site: x\nprofile: power\nrules: {hj75.hours: {x: 1}}\n", "no rule `hj75.hours`"},
        {"site: x\nprofile: power\nrules: {hj75.hour: {}}\n", "say a figure"},
    };
    for (size_t i = 0; i < YW_COUNT(bad); i++) {
        struct yw_error err = {0};
        assert_int_equal(yw_site_from_yaml(bad[i].text, strlen(bad[i].text), rules, &site, &err),
                         YW_E_FORMAT);
        if (!strstr(err.text, bad[i].says)) fail_msg("%s\nnot: %s", err.text, bad[i].says);
    }
}

static void a_conversion_shows_its_working(void **state) {
    YW_UNUSED(state);
    read("site: x\nprofile: power\nreference_oxygen: 6\nfactors: {a21026: {}}\n"
         "limits: [{factor: a21026, value: 35, source: 许可证}]\n");
    struct yw_verdict v = {.from = at("2026-11-01 08:00:00"),
                           .to = at("2026-11-01 09:00:00"),
                           .kind = YW_VERDICT_EXCEEDANCE,
                           .period = YW_PERIOD_HOUR,
                           .basis = YW_BASIS_PERMIT,
                           .converted = true,
                           .counts = true,
                           .confidence = YW_CONF_SEEN,
                           .rule = yw_rules_find(rules, "limits.permit", yw_china_day(at("2026-11-01"))),
                           .value = 62.0 * 15 / 13.8,
                           .held = 35,
                           .multiple = 62.0 * 15 / 13.8 / 35 - 1,
                           .oxygen = 7.2,
                           .reference = 6,
                           .measured = 62};
    struct yw_buf b;
    yw_buf_init(&b, 1 << 20);
    yw_put_verdict(&b, rules, &site, &v, NULL);
    assert_non_null(strstr(b.data, "\"working\":\"62.0 × (21 − 6) ÷ (21 − 7.2) = 67.4\""));
    assert_non_null(strstr(b.data, "\"from\":\"2026-11-01T08:00:00+08:00\""));
    assert_non_null(strstr(b.data, "\"multiple\":0.9254658385"));
    assert_non_null(strstr(b.data, yw_standing_zh));
    json_t *o = json_loads(b.data, 0, NULL);
    assert_non_null(o);
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "rule"), "id")),
                        "limits.permit");
    assert_string_equal(json_string_value(json_object_get(json_object_get(o, "limit"), "source")), "许可证");
    json_decref(o);
    /* a mean of converted minutes is not what the formula of the means gives: then nothing is claimed */
    v.value = 68;
    yw_buf_clear(&b);
    struct yw_put_style how = {.outlet = 17, .tick = 1000, .compact = true};
    yw_put_verdict(&b, rules, &site, &v, &how);
    assert_null(strstr(b.data, "working"));
    assert_non_null(strstr(b.data, "\"outlet\":17,"));
    assert_non_null(strstr(b.data, "\"from\":1793491200000"));
    yw_buf_free(&b);
    yw_site_free(&site);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_key_is_read),
        cmocka_unit_test(json_gives_the_same),
        cmocka_unit_test(defaults_follow_profile_and_code),
        cmocka_unit_test(what_is_wrong_is_told_with_its_place),
        cmocka_unit_test(a_conversion_shows_its_working),
    };
    return cmocka_run_group_tests(tests, load, unload);
}
