/* What must hold of every hour and every stretch, over seeded random ones. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "judge_gas.h"

static uint64_t seed;
static unsigned draw(unsigned n) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(seed >> 33) % n;
}

static void shuffle(struct gas_hour *h, size_t n) {
    for (size_t i = n; i-- > 1;) {
        size_t k = draw((unsigned)i + 1);
        struct yw_sample_record r = h->records[i];
        h->records[i] = h->records[k];
        h->records[k] = r;
    }
}

static int by_time(const void *a, const void *b) {
    const struct yw_sample_record *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* A site with random marks and checks around the hour. */
static void random_site(struct gas *g, int64_t hour) {
    gas_open(g, draw(2) ? YW_PROFILE_FLUE_GAS : YW_PROFILE_POWER);
    g->site.factors[SO2].high = 300;
    g->site.factors[SO2].method = (uint8_t)draw(5);
    for (unsigned i = draw(4); i-- > 0;) {
        int64_t from = hour + ((int64_t)draw(80) - 20) * YW_MINUTE;
        gas_mark(g, (struct yw_mark){.id = draw(3),
                                     .version = draw(3),
                                     .from = from,
                                     .to = from + draw(40) * YW_MINUTE + 1,
                                     .is_condition = draw(2),
                                     .value = (uint8_t)draw(YW_COND_COUNT),
                                     .factors = draw(8),
                                     .automatic = draw(2),
                                     .disputed = draw(5) == 0,
                                     .counts = draw(2),
                                     .set_at = hour + draw(5) * YW_HOUR});
    }
    for (unsigned i = draw(3); i-- > 0;)
        gas_check(g, "a21026", (uint8_t)(1 + draw(4)), hour + ((int64_t)draw(100) - 50) * YW_MINUTE, draw(80),
                  10);
}

static void random_minutes(struct gas_hour *h, int64_t hour) {
    static const char *const flags[] = {"N", "N", "N", "N", "N", "D", "C", "F", "T", "?"};
    h->hour = hour;
    h->n = 0;
    for (unsigned m = 0; m < 60; m++) {
        if (draw(8) == 0) continue;
        gas_fill(h, hour, m, m + 1, 1);
        for (int f = 0; f < GAS_FACTORS; f++) {
            struct yw_sample *s = &h->samples[h->n - 1][f];
            if (draw(20) == 0) s->avg = NAN;
            s->avg += draw(100) / 10.0;
            gas_flag(h, (unsigned)h->n - 1, (unsigned)h->n, f, flags[draw(YW_COUNT(flags))]);
        }
    }
}

/* How far an hour is from being valid. */
static int badness(const struct yw_mean *m) {
    return m->validity == YW_VALIDITY_VALID ? 0 : m->validity == YW_VALIDITY_STOPPED ? 1 : 2;
}

static void each_hour(void (*check)(struct gas *g, struct gas_hour *h)) {
    int64_t hour = gas_time("2026-11-23 08:00:00");
    static struct gas g;
    static struct gas_hour h;
    for (seed = 1; seed < 400;) {
        uint64_t next = seed + 1;
        seed *= 7919;
        random_site(&g, hour);
        random_minutes(&h, hour);
        check(&g, &h);
        gas_close(&g);
        seed = next;
    }
}

static void add_a_minute(struct gas *g, struct gas_hour *h) {
    gas_run(g, h);
    struct yw_mean before[GAS_FACTORS];
    memcpy(before, h->out, sizeof before);
    bool taken[60] = {false};
    for (size_t i = 0; i < h->n; i++) taken[(h->records[i].time - h->hour) / YW_MINUTE] = true;
    for (unsigned m = 0; m < 60; m++) {
        if (taken[m]) continue;
        gas_fill(h, h->hour, m, m + 1, 1);
        qsort(h->records, h->n, sizeof h->records[0], by_time);
        gas_run(g, h);
        for (int f = 0; f < GAS_FACTORS; f++) {
            assert_true(badness(&h->out[f]) <= badness(&before[f]));
            assert_true(h->out[f].valid >= before[f].valid);
        }
        memcpy(before, h->out, sizeof before);
    }
}

static void test_a_valid_minute_never_harms(void **state) {
    YW_UNUSED(state);
    each_hour(add_a_minute);
}

static bool same_mean(const struct yw_mean *a, const struct yw_mean *b) {
    const double x[] = {a->mean, a->raw, a->converted, a->flow_m3, a->emission_kg, a->replaced_kg};
    const double y[] = {b->mean, b->raw, b->converted, b->flow_m3, b->emission_kg, b->replaced_kg};
    if (memcmp(x, y, sizeof x) != 0) return false;
    if (a->validity != b->validity || a->marking != b->marking || a->judged != b->judged ||
        a->valid != b->valid || a->reason_n != b->reason_n || a->exempt != b->exempt ||
        a->condition != b->condition)
        return false;
    for (uint8_t i = 0; i < a->reason_n; i++)
        if (a->reasons[i].code != b->reasons[i].code || a->reasons[i].rule != b->reasons[i].rule ||
            memcmp(&a->reasons[i].figure, &b->reasons[i].figure, sizeof(float)) != 0)
            return false;
    return true;
}

/* Marks and checks in another order, and records that were put in order after coming in another. */
static void reorder(struct gas *g, struct gas_hour *h) {
    gas_run(g, h);
    struct yw_mean before[GAS_FACTORS];
    memcpy(before, h->out, sizeof before);
    shuffle(h, h->n);
    qsort(h->records, h->n, sizeof h->records[0], by_time);
    for (size_t i = g->site.mark_n; i-- > 1;) {
        size_t k = draw((unsigned)i + 1);
        struct yw_mark m = g->site.marks[i], *o = &g->site.marks[k];
        g->site.marks[i] = *o;
        *o = m;
    }
    for (size_t i = g->site.check_n; i-- > 1;) {
        struct yw_check c = g->site.checks[i];
        g->site.checks[i] = g->site.checks[0];
        g->site.checks[0] = c;
    }
    gas_judge(g);
    gas_run(g, h);
    for (int f = 0; f < GAS_FACTORS; f++) assert_true(same_mean(&before[f], &h->out[f]));
}

static void test_order_does_not_matter(void **state) {
    YW_UNUSED(state);
    each_hour(reorder);
}

static void has_reasons(struct gas *g, struct gas_hour *h) {
    gas_run(g, h);
    for (int f = 0; f < GAS_FACTORS; f++) {
        const struct yw_mean *m = &h->out[f];
        assert_true(m->reason_n > 0 && m->reason_n <= YW_REASONS);
        assert_true((m->validity == YW_VALIDITY_VALID) == (m->reasons[0].code == YW_REASON_ENOUGH));
        if (m->validity == YW_VALIDITY_VALID) {
            assert_false(isnan(m->mean));
            assert_true(m->valid >= 45);
        } else {
            assert_false(m->judged);
            assert_true(isnan(m->emission_kg));
        }
        /* not converted though it should be: that too has its reason */
        if (f == SO2 && m->validity == YW_VALIDITY_VALID && isnan(m->converted))
            assert_true(gas_reason(m, YW_REASON_NO_O2) || gas_reason(m, YW_REASON_O2_NEAR_AIR));
        if (m->min <= m->max) assert_true(m->raw >= (double)m->min - 1e-3 && m->raw <= (double)m->max + 1e-3);
    }
}

static void test_bad_hours_have_reasons(void **state) {
    YW_UNUSED(state);
    each_hour(has_reasons);
}

/* ---- stretches ---- */

enum { HOURS = 24 * 40 };
struct list {
    struct yw_mean mean[HOURS * 4];
    struct yw_verdict verdict[HOURS];
    size_t mean_n, verdict_n;
};
static void take_mean(void *arg, const struct yw_mean *m) {
    struct list *l = arg;
    assert_true(m->reason_n > 0);
    if (m->period == YW_PERIOD_HOUR) return; /* only where something changed against what was given */
    assert_true(l->mean_n < YW_COUNT(l->mean));
    l->mean[l->mean_n++] = *m;
}
static void take_verdict(void *arg, const struct yw_verdict *v) {
    struct list *l = arg;
    if (l->verdict_n < YW_COUNT(l->verdict)) l->verdict[l->verdict_n++] = *v;
}

static void test_judging_again_says_the_same(void **state) {
    YW_UNUSED(state);
    static struct gas g;
    static struct gas_hour h;
    static struct yw_mean once[HOURS * GAS_FACTORS], twice[HOURS * GAS_FACTORS];
    static struct list a, b;
    int64_t first = gas_time("2026-09-15 05:00:00"); /* across a quarter's border, not at midnight */
    for (unsigned round = 0; round < 8; round++) {
        seed = 1000 + round;
        random_site(&g, first + 50 * YW_HOUR);
        for (size_t i = 0; i < HOURS; i++) {
            random_minutes(&h, first + (int64_t)i * YW_HOUR);
            if (draw(4)) gas_flag(&h, 0, (unsigned)h.n, -1, "N");
            gas_run(&g, &h);
            memcpy(once + i * GAS_FACTORS, h.out, GAS_FACTORS * sizeof *once);
        }
        memset(&a, 0, sizeof a);
        memset(&b, 0, sizeof b);
        struct yw_judge_sink sink = {.arg = &a, .mean = take_mean, .verdict = take_verdict};
        int64_t now = first + (HOURS - draw(30)) * YW_HOUR;
        assert_int_equal(
            yw_judge_stretch(g.judge, once, HOURS, NULL, 0, first, first + 20 * YW_HOUR, &sink, NULL),
            YW_OK); /* an earlier look leaves nothing behind */
        memset(&a, 0, sizeof a);
        assert_int_equal(yw_judge_stretch(g.judge, once, HOURS, NULL, 0, first, now, &sink, NULL), YW_OK);
        memcpy(twice, once, sizeof once);
        sink.arg = &b;
        assert_int_equal(yw_judge_stretch(g.judge, twice, HOURS, NULL, 0, first, now, &sink, NULL), YW_OK);
        for (size_t i = 0; i < HOURS * GAS_FACTORS; i++) {
            if (isnan(once[i].replaced_kg)) once[i].replaced_kg = twice[i].replaced_kg = NAN;
            assert_true(same_mean(&once[i], &twice[i]));
        }
        assert_int_equal(a.mean_n, b.mean_n);
        for (size_t i = 0; i < a.mean_n; i++) assert_true(same_mean(&a.mean[i], &b.mean[i]));
        assert_int_equal(a.verdict_n, b.verdict_n);
        for (size_t i = 0; i < a.verdict_n; i++) {
            assert_int_equal(a.verdict[i].kind, b.verdict[i].kind);
            assert_int_equal(a.verdict[i].from, b.verdict[i].from);
        }
        gas_close(&g);
    }
}

/* A hundred thousand marks over one another: what an hour costs hangs on those that touch it. */
static void test_many_marks(void **state) {
    YW_UNUSED(state);
    static struct gas g;
    static struct gas_hour h;
    int64_t hour = gas_time("2026-11-23 08:00:00");
    gas_open(&g, YW_PROFILE_FLUE_GAS);
    g.site.mark_n = YW_SITE_MARKS;
    g.site.marks = calloc(g.site.mark_n, sizeof *g.site.marks);
    assert_non_null(g.site.marks);
    for (size_t i = 0; i < g.site.mark_n; i++) {
        struct yw_mark *m = &g.site.marks[i];
        *m = (struct yw_mark){.id = i + 1, .value = YW_EQUIP_CALIBRATION, .automatic = true};
        m->from = hour - (int64_t)i * YW_HOUR;
        m->to = m->from + YW_MINUTE;
    }
    g.site.marks[5].to = hour + 40 * YW_MINUTE; /* from five hours before into this one */
    gas_judge(&g);
    gas_fill(&h, hour, 0, 60, 1);
    gas_run(&g, &h);
    assert_int_equal(h.out[SO2].valid, 20);
    gas_close(&g);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_valid_minute_never_harms),
        cmocka_unit_test(test_order_does_not_matter),
        cmocka_unit_test(test_bad_hours_have_reasons),
        cmocka_unit_test(test_judging_again_says_the_same),
        cmocka_unit_test(test_many_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
