/* The scenarios of share/scenarios: each is read, lives, and shows what it promises. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plants/process.h"

enum { MOST = 200 };

struct shelf { /* all scenarios, in the order of their names */
    struct yw_effect_book *book;
    char names[MOST][64];
    size_t n;
};

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

static int fill(void **state) {
    struct shelf *s = calloc(1, sizeof *s);
    struct yw_error err;
    char folder[4096];
    if (!s || yw_book_load(&s->book, &err) || yw_share_path("scenarios", folder, sizeof folder, &err)) {
        fprintf(stderr, "%s\n", s ? err.text : "no memory");
        return 1;
    }
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) && s->n < MOST;) {
        size_t n = strlen(e->d_name);
        if (n > 5 && strcmp(e->d_name + n - 5, ".yaml") == 0)
            snprintf(s->names[s->n++], sizeof s->names[0], "%.*s", (int)(n - 5), e->d_name);
    }
    if (d) closedir(d);
    qsort(s->names, s->n, sizeof s->names[0], by_name);
    *state = s;
    return 0;
}

static int drop(void **state) {
    struct shelf *s = *state;
    free(s->book);
    free(s);
    return 0;
}

static void load(const struct shelf *shelf, size_t i, struct yw_scenario *s) {
    char name[128], path[4096];
    struct yw_error err;
    snprintf(name, sizeof name, "scenarios/%s.yaml", shelf->names[i]);
    if (yw_share_path(name, path, sizeof path, &err) || yw_scenario_load(path, shelf->book, s, &err))
        fail_msg("%s: %s", shelf->names[i], err.text);
}

static int64_t at(const char *text) {
    int64_t t = 0;
    assert_true(yw_time_parse(text, strlen(text), &t));
    return t;
}

static void test_there_are_enough(void **state) {
    struct shelf *shelf = *state;
    static struct yw_scenario s;
    char mns[MOST][32];
    size_t processes = 0, frauds = 0, honest = 0, water = 0;
    for (size_t i = 0; i < shelf->n; i++) {
        load(shelf, i, &s);
        assert_string_equal(s.id, shelf->names[i]);
        for (size_t k = 0; k < i; k++) assert_string_not_equal(mns[k], s.mn);
        snprintf(mns[i], sizeof mns[i], "%s", s.mn);
        if (!s.life.kind) continue;
        assert_true(s.name_en[0] && s.note[0]);
        bool fraud = false;
        for (size_t k = 0; k < s.life.event_n; k++) fraud |= s.life.events[k].event.effect->fraud;
        processes++, frauds += fraud, honest += !fraud, water += s.medium == YW_MEDIUM_WATER;
    }
    assert_in_range(processes, 30, MOST);
    assert_in_range(frauds, 15, MOST);
    assert_in_range(honest, 15, MOST);
    assert_in_range(water, 10, MOST);
    for (size_t i = 0; yw_plant_kind_at(i); i++) { /* no kind without a scenario */
        bool found = false;
        for (size_t k = 0; k < shelf->n && !found; k++) {
            load(shelf, k, &s);
            found = s.life.kind == yw_plant_kind_at(i);
        }
        if (!found) fail_msg("no scenario of kind %s", yw_plant_kind_name(yw_plant_kind_at(i)));
    }
}

/* Lives a day; returns a hash of everything that was recorded. */
static uint64_t live(const struct yw_scenario *s, int64_t day, double over[2]) {
    struct yw_outlet_run run;
    struct yw_plant_record r[YW_RECORDS_PER_STEP];
    struct yw_sample x;
    uint64_t hash = 0;
    over[0] = over[1] = 0;
    yw_outlet_begin(&run, s, s->seed, day);
    while (run.model.time < day + YW_DAY) {
        size_t n = yw_outlet_step(&run, r, &x);
        if (yw_outlet_failure(&run)) fail_msg("%s: %s", s->id, yw_outlet_failure(&run));
        for (size_t i = 0; i < s->factor_count; i++) {
            bool good = isfinite(x.shown[i]) && isfinite(x.converted[i]) && isfinite(x.truth[i]) &&
                        x.mark[i] < YW_MARK_COUNT;
            if (!good) fail_msg("%s: %s shows %g", s->id, s->factors[i].code, x.shown[i]);
            if (x.truth[i] < -50 || x.truth[i] > 1e5)
                fail_msg("%s: true %s is %g", s->id, s->factors[i].code, x.truth[i]);
        }
        for (size_t k = 0; k < n; k++) {
            if (r[k].command == 2061 && s->life.kind)
                for (size_t i = 0; i < s->life.station.channel_n; i++) {
                    const struct yw_channel *c = &s->life.station.channels[i];
                    const struct yw_entry *e = &r[k].entries[i];
                    if (c->limit <= 0 || e->mark != YW_MARK_N) continue;
                    over[1]++;
                    over[0] += (s->factors[i].converted ? e->zs_avg : e->avg) > c->limit;
                }
            hash = yw_hash64(&r[k].command, sizeof r[k].command, hash);
            hash = yw_hash64(&r[k].time, sizeof r[k].time, hash);
            for (size_t i = 0; i < s->factor_count; i++) {
                const struct yw_entry *e = &r[k].entries[i];
                double v[] = {e->avg, e->min, e->max, e->cou, e->zs_avg, e->mark};
                hash = yw_hash64(v, sizeof v, hash);
            }
        }
    }
    yw_outlet_end(&run);
    return hash;
}

static void test_each_lives_and_again(void **state) {
    struct shelf *shelf = *state;
    static struct yw_scenario s;
    int64_t day = at("2026-11-20T00:00:00");
    for (size_t i = 0; i < shelf->n; i++) {
        double over[2], again[2];
        load(shelf, i, &s);
        uint64_t hash = live(&s, day, over);
        if (hash != live(&s, day, again)) fail_msg("%s: two lives differ", s.id);
        if (s.level == 0 && over[0] > 0.05 * over[1] + 1)
            fail_msg("%s: ordinary operation exceeds its limits in %g of %g hours", s.id, over[0], over[1]);
    }
}

/* Every event of a scenario really acts within three of its intervals. */
static void test_events_act(void **state) {
    struct shelf *shelf = *state;
    static struct yw_scenario s;
    int64_t first = at("2026-11-01T00:00:00");
    for (size_t i = 0; i < shelf->n; i++) {
        load(shelf, i, &s);
        if (!s.life.event_n) continue;
        s.sample_s = 30; /* quick: it is about when, not about what */
        bool acted[YW_SCENARIO_EVENTS_MAX] = {false};
        size_t left = s.life.event_n;
        for (int32_t d = 0; d < 40 && left; d++) {
            struct yw_outlet_run run;
            struct yw_plant_record r[YW_RECORDS_PER_STEP];
            yw_outlet_begin(&run, &s, s.seed, first + d * YW_DAY);
            while (left && run.model.time < first + (d + 1) * YW_DAY - s.sample_s * YW_SECOND) {
                yw_outlet_step(&run, r, NULL);
                const struct yw_effects_now *now = yw_outlet_effects(&run);
                for (size_t k = 0; k < now->n; k++)
                    for (size_t e = 0; e < s.life.event_n; e++)
                        if (!acted[e] && strcmp(now->items[k].event->id, s.life.events[e].event.id) == 0)
                            acted[e] = true, left--;
            }
            yw_outlet_end(&run);
        }
        for (size_t e = 0; e < s.life.event_n; e++)
            if (!acted[e]) fail_msg("%s: event %s never acts", s.id, s.life.events[e].event.id);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_there_are_enough),
        cmocka_unit_test(test_each_lives_and_again),
        cmocka_unit_test(test_events_act),
    };
    return cmocka_run_group_tests(tests, fill, drop);
}
