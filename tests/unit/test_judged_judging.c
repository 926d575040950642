/* Judging bit by bit, as data come in any order, gives what judging everything at once gives: over a year's
 * end, for flue gas, waste water and a furnace. */
#include "judged/judging.h"
#include "scratch.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define YEAR_END (INT64_C(1767196800) * YW_SECOND) /* 2026-01-01 00:00:00 UTC+8 */
#define T0       (YEAR_END - 3 * YW_DAY)
enum { HOURS = 120, OUTLETS = 3, ROUNDS = 6 };

static const struct yw_store_backend *const B = &yw_store_sqlite;

struct fixture {
    char folder[64];
    struct yw_register *reg;
    struct yw_rules *rules;
    struct yw_store *store, *reader;
    struct yw_judged *judged;
    struct yw_judging *judging;
    uint64_t position, random;
    int64_t generation;
};

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static const char register_act[] =
    "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,\"areas\":[{\"code\":\"37\",\"parent\":\"\",\"name\":"
    "\"a\"}],"
    "\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":\"e\",\"short_name\":\"e\","
    "\"area\":\"37\"}],"
    "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"stack\",\"kind\":\"air\",\"st\":"
    "\"31\"},"
    "{\"id\":2,\"enterprise\":1,\"code\":\"DW001\",\"name\":\"water\",\"kind\":\"water\",\"st\":\"32\"},"
    "{\"id\":3,\"enterprise\":1,\"code\":\"DA002\",\"name\":\"furnace\",\"kind\":\"air\",\"st\":\"31\"}],"
    "\"factors\":[{\"outlet\":1,\"code\":\"a21026\",\"unit\":\"mg/m3\",\"limit\":35,\"amount_t_a\":1,"
    "\"reference_oxygen\":6,\"judge_converted\":true},{\"outlet\":1,\"code\":\"a19001\",\"unit\":\"%\"},"
    "{\"outlet\":2,\"code\":\"w01018\",\"unit\":\"mg/"
    "L\",\"limit\":50},{\"outlet\":2,\"code\":\"w00000\",\"unit\":\"L/s\"},"
    "{\"outlet\":3,\"code\":\"a01901\",\"unit\":\"℃\"},{\"outlet\":3,\"code\":\"a21026\",\"unit\":\"mg/"
    "m3\",\"limit\":30}]}";

static int set_up(void **state) {
    struct yw_error err = {0};
    struct fixture *f = calloc(1, sizeof *f);
    f->random = 88172645463325252u;
    assert_true(scratch_make(f->folder, sizeof f->folder));
    f->reg = yw_register_create();
    must(yw_register_apply(f->reg, register_act, strlen(register_act), &err), &err);
    must(yw_rules_load(&f->rules, &err), &err);
    must(B->open(f->folder, false, &f->store, &err), &err);
    must(B->open(f->folder, true, &f->reader, &err), &err);
    must(yw_judged_open(f->folder, NULL, false, &f->judged, &err), &err);
    must(yw_judging_create(&f->judging, &err), &err);
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    yw_judging_destroy(f->judging);
    yw_judged_close(f->judged);
    B->close(f->reader);
    B->close(f->store);
    yw_rules_destroy(f->rules);
    yw_register_destroy(f->reg);
    scratch_remove(f->folder);
    free(f);
    return 0;
}

static uint64_t next_random(struct fixture *f) {
    f->random ^= f->random << 13;
    f->random ^= f->random >> 7;
    f->random ^= f->random << 17;
    return f->random;
}

static void set_value(struct yw_value *v, const char *factor, int64_t tenths) {
    *v = (struct yw_value){.field = "Avg", .scale = 1, .mantissa = tenths};
    snprintf(v->factor, sizeof v->factor, "%s", factor);
}

/* One hour of an outlet: 10-minute records of the stack, the hour of the water, 5-minute records of the
 * furnace. */
static void put_hour(struct fixture *f, uint32_t outlet, int64_t hour, int64_t arrival) {
    static const char *const codes[OUTLETS][2] = {
        {"a21026", "a19001"}, {"w01018", "w00000"}, {"a01901", "a21026"}};
    static const int64_t level[OUTLETS][2] = {{250, 90}, {300, 20}, {8600, 200}};
    struct yw_error err = {0};
    int64_t step = outlet == 1 ? 10 * YW_MINUTE : outlet == 2 ? YW_HOUR : 5 * YW_MINUTE;
    for (int64_t at = 0; at < YW_HOUR; at += step) {
        struct yw_value values[2];
        for (int k = 0; k < 2; k++)
            set_value(&values[k], codes[outlet - 1][k],
                      level[outlet - 1][k] +
                          (int64_t)(next_random(f) % (uint64_t)(level[outlet - 1][k] / 4)));
        f->position += 100;
        const struct yw_row row = {.outlet = outlet,
                                   .device = outlet,
                                   .kind = outlet == 2 ? YW_KIND_HOUR : YW_KIND_MINUTE,
                                   .time = hour + at,
                                   .source = {arrival + (int64_t)f->position, 0, f->position},
                                   .values = values,
                                   .count = 2};
        must(B->put(f->store, &row, &err), &err);
    }
}

struct touches {
    struct yw_stretch_of_time at[OUTLETS][4 * HOURS];
    size_t n[OUTLETS];
    int64_t generation;
};

static bool on_touch(void *arg, uint32_t outlet, uint8_t kind, int64_t hour, int64_t generation) {
    struct touches *t = arg;
    YW_UNUSED(kind);
    t->at[outlet - 1][t->n[outlet - 1]++] = (struct yw_stretch_of_time){hour, hour + YW_HOUR};
    t->generation = generation;
    return true;
}

static void judge(struct fixture *f, struct yw_judged *into, bool all) {
    static struct touches t;
    struct yw_error err = {0};
    int64_t now;
    memset(&t, 0, sizeof t);
    t.generation = f->generation;
    if (!all) must(B->touched(f->reader, f->generation, on_touch, &t, &err), &err);
    must(yw_judging_now(B, f->reader, &now, &err), &err);
    const struct yw_judging_with with = {
        .reg = f->reg, .rules = f->rules, .backend = B, .store = f->reader, .judged = into};
    for (uint32_t o = 1; o <= OUTLETS; o++)
        must(yw_judging_outlet(f->judging, &with, o, t.at[o - 1], t.n[o - 1], all, now, &err), &err);
    f->generation = t.generation;
}

struct content {
    struct yw_buf text;
    size_t hours, blocks, days, verdicts;
};

static bool add_mean(void *arg, const struct yw_judged_mean *m) {
    struct content *c = arg;
    const struct yw_mean *x = &m->mean;
    yw_buf_printf(&c->text, "%u %s %u %lld-%lld v%u %u/%u %a %a %a %a %a j%d r%u", m->outlet, m->factor,
                  x->period, (long long)x->from, (long long)x->to, x->validity, x->valid, x->due, x->mean,
                  x->converted, x->raw, x->emission_kg, x->replaced_kg, x->judged, x->reason_n);
    for (size_t i = 0; i < x->reason_n; i++)
        yw_buf_printf(&c->text, " %u:%u:%a", x->reasons[i].code, x->reasons[i].rule,
                      (double)x->reasons[i].figure);
    yw_buf_putc(&c->text, '\n');
    c->hours += x->period == YW_PERIOD_HOUR;
    c->blocks += x->period == YW_PERIOD_5MIN;
    c->days += x->period == YW_PERIOD_DAY;
    return true;
}

static bool add_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct content *c = arg;
    yw_buf_printf(&c->text, "%s %u %a %a\n", v->number, v->verdict.kind, v->verdict.value, v->verdict.held);
    c->verdicts++;
    return true;
}

static bool add_tally(void *arg, const struct yw_judged_tally *t) {
    struct content *c = arg;
    yw_buf_printf(&c->text, "%u %s %u %lld %a %a %a\n", t->outlet, t->factor, t->row.period,
                  (long long)t->row.from, t->row.hours, t->row.valid, t->row.capture);
    return true;
}

static void read_all(struct yw_judged *j, struct content *c) {
    struct yw_error err = {0};
    const struct yw_judged_filter all = {.from = INT64_MIN};
    memset(c, 0, sizeof *c);
    yw_buf_init(&c->text, 64 << 20);
    must(yw_judged_means(j, &all, add_mean, c, &err), &err);
    must(yw_judged_verdicts(j, &all, add_verdict, c, &err), &err);
    must(yw_judged_tallies(j, &all, add_tally, c, &err), &err);
    assert_false(c->text.failed);
}

static void bit_by_bit_is_all_at_once(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_judged *whole;
    struct content bits, once, again;
    for (int round = 0; round < ROUNDS; round++) {
        int64_t now = T0 + (round + 1) * (HOURS / ROUNDS) * YW_HOUR + 5 * YW_MINUTE;
        must(B->begin(f->store, &err), &err);
        for (int h = 0; h < HOURS; h++) {
            int64_t hour = T0 + h * YW_HOUR;
            for (uint32_t o = 1; o <= OUTLETS && hour < now; o++) {
                /* some at once, some rounds later, a few never, a few once more */
                bool sent = h / (HOURS / ROUNDS) == round ? next_random(f) % 3 > 0 : next_random(f) % 8 == 0;
                if (sent) put_hour(f, o, hour, now);
            }
        }
        must(B->commit(f->store, NULL, 0, &err), &err);
        judge(f, f->judged, false);
    }
    read_all(f->judged, &bits);
    must(yw_judged_open(f->folder, "whole.db", false, &whole, &err), &err);
    judge(f, whole, true);
    read_all(whole, &once);
    assert_true(bits.hours > 200 && bits.blocks > 300 && bits.days > 10 && bits.verdicts > 5);
    assert_string_equal(bits.text.data, once.text.data);
    int64_t change = yw_judged_change(whole);
    judge(f, whole, true); /* once more: nothing changes */
    read_all(whole, &again);
    assert_string_equal(again.text.data, once.text.data);
    assert_int_equal(yw_judged_change(whole), change);
    yw_judged_close(whole);
    yw_buf_free(&bits.text);
    yw_buf_free(&once.text);
    yw_buf_free(&again.text);
}

/* A site with other factors: what belonged to the old one goes. */
static void another_site_takes_the_old_ones_rows_out(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct content c;
    static const char site[] =
        "{\"act\":\"site.put\",\"outlet\":3,\"by\":\"t\",\"at\":2,\"site\":{\"site\":\"x\",\"profile\":"
        "\"flue-gas\",\"minute_interval\":5,\"factors\":{\"a21026\":{\"unit\":\"ug/m3\"}}}}";
    must(B->begin(f->store, &err), &err);
    for (int h = 0; h < 3; h++) put_hour(f, 3, T0 + h * YW_HOUR, T0 + 4 * YW_HOUR);
    must(B->commit(f->store, NULL, 0, &err), &err);
    judge(f, f->judged, false);
    read_all(f->judged, &c);
    assert_non_null(strstr(c.text.data, "3 a01901 2 "));
    yw_buf_free(&c.text);
    must(yw_register_apply(f->reg, site, strlen(site), &err), &err);
    judge(f, f->judged, false);
    read_all(f->judged, &c);
    assert_null(strstr(c.text.data, "3 a01901 "));
    assert_non_null(strstr(c.text.data, "3 a21026 3 "));
    yw_buf_free(&c.text);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(bit_by_bit_is_all_at_once),
        T(another_site_takes_the_old_ones_rows_out),
    };
    return cmocka_run_group_tests_name("judging", tests, NULL, NULL);
}
