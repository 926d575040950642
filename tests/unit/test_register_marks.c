/* Marks, queries, filings, sites, corrections and plans as acts: what they leave behind, who may not make
 * them, and which of them ask for judging again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "register/corrections.h"
#include "register/filings.h"
#include "register/marks.h"
#include "register/plans.h"
#include "register/queries.h"
#include "register/sites.h"

#define T0     INT64_C(1795449600000000) /* 2026-11-24 00:00 in UTC+8 */
#define DIGEST "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

static enum yw_code apply(struct yw_register *r, const char *json, struct yw_error *err) {
    return yw_register_apply(r, json, strlen(json), err);
}

static struct yw_register *province(void) {
    struct yw_register *r = yw_register_create();
    struct yw_error err = {0};
    assert_non_null(r);
    const char *put =
        "{\"act\":\"register.put\",\"by\":\"x\",\"at\":1,"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"A\",\"name\":\"甲\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"一\",\"kind\":\"air\"},"
        "{\"id\":2,\"enterprise\":1,\"code\":\"DA002\",\"name\":\"二\",\"kind\":\"air\"}]}";
    assert_int_equal(apply(r, put, &err), YW_OK);
    return r;
}

static struct yw_act head(int64_t at, const char *reason) {
    return (struct yw_act){.by = "works1", .reason = reason, .at = at};
}

static enum yw_code put_mark(struct yw_register *r, const struct yw_mark_wish *w, int64_t at,
                             const char *reason, struct yw_error *err) {
    struct yw_buf b;
    struct yw_act a = head(at, reason);
    yw_buf_init(&b, 1 << 16);
    assert_true(yw_act_mark_put(&b, &a, w));
    enum yw_code code = yw_register_apply(r, b.data, b.len, err);
    yw_buf_free(&b);
    return code;
}

static struct yw_mark_wish stopped(uint64_t id, int64_t from, int64_t to) {
    static const char *const factors[] = {"a21026", "a21002"};
    static const char *const evidence[] = {DIGEST};
    return (struct yw_mark_wish){.id = id,
                                 .outlet = 1,
                                 .version = 1,
                                 .from = from,
                                 .to = to,
                                 .deadline = T0 + YW_DAY,
                                 .is_condition = true,
                                 .value = YW_COND_STOPPED,
                                 .role = 1,
                                 .factors = factors,
                                 .factor_n = 2,
                                 .evidence = evidence,
                                 .evidence_n = 1};
}

struct list {
    uint64_t ids[16];
    size_t n;
};
static bool take_mark(void *arg, const struct yw_mark_row *m) {
    struct list *l = arg;
    l->ids[l->n++] = m->head.id;
    return true;
}
static bool take_filing(void *arg, const struct yw_filing_row *f) {
    struct list *l = arg;
    l->ids[l->n++] = f->head.id;
    return true;
}
struct changes {
    uint32_t outlet[32];
    int64_t from[32];
    size_t n;
};
static bool take_change(void *arg, uint32_t outlet, int64_t from) {
    struct changes *c = arg;
    c->outlet[c->n] = outlet;
    c->from[c->n++] = from;
    return true;
}
static struct changes changes_since(const struct yw_register *r, uint32_t version) {
    struct changes c = {.n = 0};
    assert_int_equal(yw_register_judgement_change(r, version, take_change, &c), yw_register_version(r));
    return c;
}

static void marks_keep_every_version(void **state) {
    (void)state;
    struct yw_register *r = province();
    struct yw_error err = {0};
    struct yw_mark_wish w = stopped(1, T0, T0 + 2 * YW_HOUR);
    assert_int_equal(put_mark(r, &w, T0 + YW_HOUR, "检修", &err), YW_OK);
    w.version = 2;
    w.to = T0 + 3 * YW_HOUR;
    assert_int_equal(put_mark(r, &w, T0 + 2 * YW_DAY, "延长", &err), YW_OK);
    const struct yw_mark_row *v[4];
    assert_int_equal(yw_register_mark_versions(r, 1, v, 4), 2);
    assert_int_equal(v[0]->head.version, 2);
    assert_true(v[0]->late);
    assert_false(v[1]->late);
    assert_string_equal(v[1]->reason, "检修");
    assert_string_equal(v[1]->factors, "a21026 a21002");
    assert_string_equal(v[1]->evidence, DIGEST);
    /* the end alone moved: what changes begins at the old end */
    assert_true(yw_mark_changes_from(v[0], v[1]) == T0 + 2 * YW_HOUR);

    struct yw_buf b;
    struct yw_act a = head(T0 + 3 * YW_DAY, "误标");
    yw_buf_init(&b, 1 << 16);
    assert_true(yw_act_mark_withdraw(&b, &a, 1, 3, 2));
    assert_int_equal(yw_register_apply(r, b.data, b.len, &err), YW_OK);
    yw_buf_free(&b);
    struct list l = {.n = 0};
    yw_register_marks(r, 1, T0, T0 + YW_DAY, false, take_mark, &l);
    assert_int_equal(l.n, 0);
    yw_register_marks(r, 1, T0, T0 + YW_DAY, true, take_mark, &l);
    assert_int_equal(l.n, 1);
    assert_int_equal(yw_register_mark_versions(r, 1, v, 4), 3);
    assert_string_equal(v[0]->factors, "a21026 a21002"); /* what was withdrawn stays readable */
    w.version = 4;
    assert_int_equal(put_mark(r, &w, T0, "again", &err), YW_E_STATE);
    yw_register_destroy(r);
}

static void marks_are_found_by_time(void **state) {
    (void)state;
    struct yw_register *r = province();
    struct yw_error err = {0};
    for (uint64_t i = 1; i <= 3; i++) {
        struct yw_mark_wish w = stopped(i, T0 + (int64_t)i * YW_DAY, T0 + (int64_t)i * YW_DAY + YW_HOUR);
        if (i == 2) w.outlet = 2;
        assert_int_equal(put_mark(r, &w, T0, "x", &err), YW_OK);
    }
    struct list l = {.n = 0};
    yw_register_marks(r, 1, T0, T0 + 10 * YW_DAY, false, take_mark, &l);
    assert_int_equal(l.n, 2);
    assert_int_equal(l.ids[0], 3);
    l.n = 0;
    yw_register_marks(r, 1, T0 + YW_DAY + YW_HOUR, T0 + 3 * YW_DAY, false, take_mark, &l);
    assert_int_equal(l.n, 0); /* ends are open, beginnings closed */
    assert_int_equal(yw_register_next_mark(r), 4);
    yw_register_destroy(r);
}

static void only_the_unit_makes_marks(void **state) {
    (void)state;
    static const char *const wrong[] = {
        /* no role; an officer's; no reason; a word of the other axis; ends before it begins; no such outlet
         */
        "\"outlet\":1,\"from\":1,\"to\":2,\"axis\":\"condition\",\"value\":\"stopped\",\"reason\":\"x\"",
        "\"outlet\":1,\"from\":1,\"to\":2,\"axis\":\"condition\",\"value\":\"stopped\",\"reason\":\"x\","
        "\"role\":\"officer\"",
        "\"outlet\":1,\"from\":1,\"to\":2,\"axis\":\"condition\",\"value\":\"stopped\",\"role\":"
        "\"enterprise\"",
        "\"outlet\":1,\"from\":1,\"to\":2,\"axis\":\"condition\",\"value\":\"calibration\",\"reason\":\"x\","
        "\"role\":\"enterprise\"",
        "\"outlet\":1,\"from\":2,\"to\":2,\"axis\":\"condition\",\"value\":\"stopped\",\"reason\":\"x\","
        "\"role\":\"enterprise\"",
        "\"outlet\":9,\"from\":1,\"to\":2,\"axis\":\"condition\",\"value\":\"stopped\",\"reason\":\"x\","
        "\"role\":\"enterprise\"",
        "\"outlet\":1,\"from\":1,\"to\":2,\"axis\":\"condition\",\"value\":\"stopped\",\"reason\":\"x\","
        "\"role\":\"enterprise\","
        "\"evidence\":[\"ABC\"]",
        "\"outlet\":1,\"from\":1,\"to\":40000000000000,\"axis\":\"condition\",\"value\":\"stopped\","
        "\"reason\":\"x\","
        "\"role\":\"enterprise\"",
    };
    struct yw_register *r = province();
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        char act[600];
        struct yw_error err = {0};
        snprintf(act, sizeof act, "{\"act\":\"mark.put\",\"by\":\"u\",\"at\":5,\"id\":1,%s}", wrong[i]);
        assert_int_not_equal(apply(r, act, &err), YW_OK);
        assert_true(strncmp(err.text, "mark", 4) == 0);
        assert_null(yw_register_mark(r, 1));
    }
    yw_register_destroy(r);
}

static void step(struct yw_register *r, const char *act, const char *by, const char *text, const char *result,
                 enum yw_code expect) {
    struct yw_buf b;
    struct yw_error err = {0};
    struct yw_act a = {.by = by, .at = T0 + 5 * YW_HOUR};
    yw_buf_init(&b, 1 << 16);
    assert_true(yw_act_query_step(&b, &a, act, 1, text, result));
    assert_int_equal(yw_register_apply(r, b.data, b.len, &err), expect);
    yw_buf_free(&b);
}

static void a_query_disputes_until_it_is_closed(void **state) {
    (void)state;
    struct yw_register *r = province();
    struct yw_error err = {0};
    struct yw_mark_wish w = stopped(1, T0, T0 + YW_HOUR);
    assert_int_equal(put_mark(r, &w, T0, "检修", &err), YW_OK);
    uint32_t before = yw_register_version(r);
    struct yw_buf b;
    char number[YW_QUERY_NUMBER];
    struct yw_act a = {.by = "officer", .at = T0 + YW_HOUR};
    yw_query_number(number, 1, a.at);
    assert_string_equal(number, "DB20261124-0001");
    yw_buf_init(&b, 1 << 16);
    assert_true(yw_act_query_put(&b, &a, 1, 1, NULL, 1, number, "停运期间仍有流量", T0 + YW_DAY));
    assert_int_equal(yw_register_apply(r, b.data, b.len, &err), YW_OK);
    yw_buf_free(&b);
    struct yw_site site;
    struct yw_mark m;
    yw_site_init(&site, YW_PROFILE_FLUE_GAS);
    (void)yw_site_add_factor(&site, "a19001");
    assert_false(yw_mark_of(yw_register_mark(r, 1), &site, &m)); /* of other factors */
    (void)yw_site_add_factor(&site, "a21002");
    assert_true(yw_mark_of(yw_register_mark(r, 1), &site, &m));
    assert_true(m.disputed);
    assert_int_equal(m.factors, 2);
    struct changes c = changes_since(r, before);
    assert_int_equal(c.n, 1);
    assert_true(c.outlet[0] == 1 && c.from[0] == T0);

    /* the unit amends while it is open: still disputed until the officer closes it */
    w.version = 2;
    w.value = YW_COND_SHUTDOWN;
    assert_int_equal(put_mark(r, &w, T0 + 2 * YW_HOUR, "更正", &err), YW_OK);
    step(r, "query.reply", "works1", "", "amended", YW_E_FORMAT);
    step(r, "query.reply", "works1", "已更正", "perhaps", YW_E_FORMAT);
    step(r, "query.reply", "works1", "已更正", "amended", YW_OK);
    step(r, "query.receive", "works1", NULL, NULL, YW_E_STATE); /* who replied has received */
    assert_true(yw_register_mark(r, 1)->open_queries == 1);
    step(r, "query.close", "officer", "核实无误", NULL, YW_OK);
    step(r, "query.close", "officer", "核实无误", NULL, YW_E_STATE);
    const struct yw_query_row *q = yw_register_query(r, 1);
    assert_int_equal(q->state, YW_QUERY_CLOSED);
    assert_string_equal(q->text, "停运期间仍有流量");
    assert_string_equal(q->received_by, "works1");
    assert_string_equal(q->closing, "核实无误");
    assert_true(q->amended && q->mark_version == 1);
    assert_int_equal(yw_register_mark(r, 1)->open_queries, 0);
    assert_int_equal(yw_register_mark(r, 1)->head.version, 2);
    yw_register_destroy(r);
}

static enum yw_code put_filing(struct yw_register *r, const struct yw_filing_row *f) {
    struct yw_buf b;
    struct yw_error err = {0};
    struct yw_act a = head(T0, NULL);
    yw_buf_init(&b, 1 << 16);
    assert_true(yw_act_filing_put(&b, &a, f));
    enum yw_code code = yw_register_apply(r, b.data, b.len, &err);
    yw_buf_free(&b);
    return code;
}

static struct yw_filing_row span(uint64_t id, int64_t at) {
    return (struct yw_filing_row){.head = {.id = id, .outlet = 1, .version = 1},
                                  .kind = YW_FILING_SPAN,
                                  .passed = 1,
                                  .from = at - YW_HOUR,
                                  .to = at,
                                  .factor = "a21026",
                                  .reading = 152,
                                  .nominal = 150,
                                  .full_scale = 300,
                                  .document = "BG-1"};
}

static void filings_become_checks(void **state) {
    (void)state;
    struct yw_register *r = province();
    struct yw_filing_row f = span(1, T0);
    assert_int_equal(put_filing(r, &f), YW_OK);
    struct yw_check c;
    assert_true(yw_filing_check(yw_register_filing(r, 1), &c));
    assert_int_equal(c.kind, YW_CHECK_SPAN);
    assert_true(c.time == T0 && c.reading == 152 && c.said == 1);
    uint32_t before = yw_register_version(r);
    f = span(2, T0 + YW_DAY);
    assert_int_equal(put_filing(r, &f), YW_OK);
    struct changes changed = changes_since(r, before);
    assert_true(changed.n == 1 && changed.from[0] == T0); /* back to the check before */
    f.head.version = 2;
    f.withdrawn = true;
    f.pair_n = 2;
    f.reference[1] = 3.5;
    assert_int_equal(put_filing(r, &f), YW_OK);
    assert_false(yw_filing_check(yw_register_filing(r, 2), &c));
    const struct yw_filing_row *v[4];
    assert_int_equal(yw_register_filing_versions(r, 2, v, 4), 2);
    assert_true(v[0]->reference[1] == 3.5 && v[0]->withdrawn && !v[1]->withdrawn);
    struct list l = {.n = 0};
    yw_register_filings(r, 1, YW_FILING_SPAN, T0 - YW_DAY, T0 + 2 * YW_DAY, false, take_filing, &l);
    assert_int_equal(l.n, 1);
    f = (struct yw_filing_row){.head = {.id = 3, .outlet = 1, .version = 1},
                               .kind = YW_FILING_MANUAL,
                               .passed = -1,
                               .from = T0,
                               .to = T0,
                               .factor = "w01018",
                               .reading = 31,
                               .nominal = NAN,
                               .full_scale = NAN};
    struct yw_manual m;
    assert_int_equal(put_filing(r, &f), YW_OK);
    assert_true(yw_filing_manual(yw_register_filing(r, 3), &m));
    assert_true(m.value == 31 && m.time == T0);
    f.head.version = 3; /* one is left out */
    assert_int_equal(put_filing(r, &f), YW_E_FORMAT);
    yw_register_destroy(r);
}

static void sites_and_rules_ask_for_judging_again(void **state) {
    (void)state;
    struct yw_register *r = province();
    struct yw_error err = {0};
    uint32_t before = yw_register_version(r);
    assert_int_equal(
        apply(r, "{\"act\":\"site.put\",\"by\":\"o\",\"at\":2,\"outlet\":2,\"site\":{\"profile\":\"power\"}}",
              &err),
        YW_OK);
    assert_string_equal(yw_register_site(r, 2), "{\"profile\":\"power\"}");
    assert_null(yw_register_site(r, 1));
    assert_int_equal(
        apply(r, "{\"act\":\"site.put\",\"by\":\"o\",\"at\":2,\"outlet\":2,\"site\":{\"marks\":[]}}", &err),
        YW_E_FORMAT);
    assert_int_equal(apply(r,
                           "{\"act\":\"rule.set\",\"by\":\"o\",\"at\":2,\"rule\":\"hj75.day\",\"figure\":"
                           "\"valid_hours\",\"value\":18,"
                           "\"from\":\"2026-11-01\",\"reason\":\"官方文本\"}",
                           &err),
                     YW_OK);
    struct changes c = changes_since(r, before);
    assert_int_equal(c.n, 2);
    assert_true(c.outlet[0] == 2 && c.from[0] == INT64_MIN);
    assert_true(c.outlet[1] == 0 && c.from[1] == yw_china_day_start(yw_china_day(T0) - 23));
    size_t n;
    const struct yw_correction_row *rows = yw_register_corrections(r, &n);
    assert_int_equal(n, 1);
    assert_true(rows[0].correction.value == 18 && rows[0].correction.enabled == -1);
    assert_int_equal(rows[0].correction.confidence, YW_CONF_OFFICIAL);
    /* the same figure of the same day again: in its place */
    assert_int_equal(apply(r,
                           "{\"act\":\"rule.set\",\"by\":\"o\",\"at\":3,\"rule\":\"hj75.day\",\"figure\":"
                           "\"valid_hours\",\"value\":19,"
                           "\"from\":\"2026-11-01\",\"reason\":\"更正\"}",
                           &err),
                     YW_OK);
    rows = yw_register_corrections(r, &n);
    assert_true(n == 1 && rows[0].correction.value == 19);
    assert_int_equal(
        apply(r, "{\"act\":\"rule.set\",\"by\":\"o\",\"at\":3,\"rule\":\"hj75.day\",\"reason\":\"x\"}", &err),
        YW_E_FORMAT);
    assert_int_equal(
        apply(r, "{\"act\":\"rule.set\",\"by\":\"o\",\"at\":3,\"rule\":\"hj75.day\",\"enabled\":false}",
              &err),
        YW_E_FORMAT);
    assert_int_equal(apply(r,
                           "{\"act\":\"rule.set\",\"by\":\"o\",\"at\":3,\"rule\":\"hj75.day\",\"figure\":"
                           "\"valid_hours\",\"from\":\"2026-11-01\","
                           "\"withdrawn\":true,\"reason\":\"x\"}",
                           &err),
                     YW_OK);
    (void)yw_register_corrections(r, &n);
    assert_int_equal(n, 0);
    assert_int_equal(
        apply(r, "{\"act\":\"site.put\",\"by\":\"o\",\"at\":2,\"outlet\":2,\"site\":null}", &err), YW_OK);
    assert_null(yw_register_site(r, 2));
    yw_register_destroy(r);
}

static void plans_touch_all_outlets_of_the_enterprise(void **state) {
    (void)state;
    struct yw_register *r = province();
    struct yw_buf b;
    struct yw_error err = {0};
    struct yw_act a = head(T0, NULL);
    struct yw_plan_entry p = {.id = 1, .enterprise = 1};
    p.plan = (struct yw_stop_plan){.from = T0,
                                   .to = T0 + YW_DAY,
                                   .level = "红色",
                                   .measure = "限产 50 %",
                                   .power_share = 0.5,
                                   .flow_share = NAN};
    uint32_t before = yw_register_version(r);
    yw_buf_init(&b, 1 << 16);
    assert_true(yw_act_plan_put(&b, &a, &p));
    assert_int_equal(yw_register_apply(r, b.data, b.len, &err), YW_OK);
    struct changes c = changes_since(r, before);
    assert_true(c.n == 2 && c.outlet[0] == 1 && c.outlet[1] == 2 && c.from[1] == T0);
    assert_true(yw_register_plan(r, 1)->plan.power_share == 0.5);
    assert_true(isnan(yw_register_plan(r, 1)->plan.flow_share));
    yw_buf_clear(&b);
    assert_true(yw_act_plan_drop(&b, &a, 1));
    assert_int_equal(yw_register_apply(r, b.data, b.len, &err), YW_OK);
    assert_null(yw_register_plan(r, 1));
    assert_int_equal(apply(r,
                           "{\"act\":\"plan.put\",\"id\":2,\"enterprise\":1,\"from\":5,\"to\":9,\"level\":"
                           "\"x\",\"power_share\":2}",
                           &err),
                     YW_E_RANGE);
    yw_buf_free(&b);
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(marks_keep_every_version),
        cmocka_unit_test(marks_are_found_by_time),
        cmocka_unit_test(only_the_unit_makes_marks),
        cmocka_unit_test(a_query_disputes_until_it_is_closed),
        cmocka_unit_test(filings_become_checks),
        cmocka_unit_test(sites_and_rules_ask_for_judging_again),
        cmocka_unit_test(plans_touch_all_outlets_of_the_enterprise),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
