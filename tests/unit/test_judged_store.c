/* judge.db: what is put comes back, only what changed is written, verdicts keep their numbers, two files are
 * compared. */
#include "judged/judged.h"
#include "scratch.h"

#include <math.h>
#include <sqlite3.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define T0 (INT64_C(1795352400) * YW_SECOND) /* 2026-11-22 23:00 UTC+8 */

struct fixture {
    struct yw_judged *j;
    struct yw_site site;
    char folder[64];
};

static void must(enum yw_code code, const struct yw_error *err) {
    if (code != YW_OK) fail_msg("%s", err->text);
}

static int set_up(void **state) {
    struct yw_error err = {0};
    struct fixture *f = calloc(1, sizeof *f);
    assert_true(scratch_make(f->folder, sizeof f->folder));
    must(yw_judged_open(f->folder, NULL, false, &f->j, &err), &err);
    yw_site_init(&f->site, YW_PROFILE_FLUE_GAS);
    yw_site_add_factor(&f->site, "a21026");
    yw_site_add_factor(&f->site, "a19001");
    f->site.limits[0] = (struct yw_site_limit){.factor = "a21026",
                                               .value = 35,
                                               .value_low = (double)NAN,
                                               .unit = "mg/m3",
                                               .source = "排污许可证",
                                               .period = YW_PERIOD_HOUR,
                                               .basis = YW_BASIS_PERMIT,
                                               .confidence = YW_CONF_OFFICIAL,
                                               .converted = true};
    f->site.limit_n = 1;
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct fixture *f = *state;
    yw_judged_close(f->j);
    scratch_remove(f->folder);
    free(f);
    return 0;
}

static struct yw_mean mean_at(int64_t from, uint8_t period, uint8_t factor, double value) {
    int64_t length = period == YW_PERIOD_HOUR ? YW_HOUR : YW_DAY;
    return (struct yw_mean){
        .from = from,
        .to = from + length,
        .period = period,
        .factor = factor,
        .validity = YW_VALIDITY_VALID,
        .judged = true,
        .due = 60,
        .valid = 45,
        .min = 1.5f,
        .max = NAN,
        .mean = value,
        .raw = -0.0,
        .converted = value * 1.25,
        .sent = (double)NAN,
        .sent_converted = (double)NAN,
        .flow_m3 = 1e6,
        .emission_kg = 0.1 + 0.2,
        .replaced_kg = (double)NAN,
        .replaced_rule = YW_NO_RULE,
        .reason_n = 2,
        .reasons = {{YW_REASON_FEW_MINUTES, 7, 44.0f}, {YW_REASON_FLAGGED, YW_NO_RULE, NAN}}};
}

static struct yw_verdict verdict_at(int64_t from, double value) {
    return (struct yw_verdict){.from = from,
                               .to = from + YW_HOUR,
                               .kind = YW_VERDICT_EXCEEDANCE,
                               .period = YW_PERIOD_HOUR,
                               .basis = YW_BASIS_PERMIT,
                               .confidence = YW_CONF_OFFICIAL,
                               .converted = true,
                               .counts = true,
                               .limit = 0,
                               .rule = YW_NO_RULE,
                               .value = value,
                               .held = 35,
                               .multiple = (value - 35) / 35,
                               .oxygen = 9,
                               .reference = 6,
                               .measured = (double)NAN};
}

struct taken {
    size_t n;
    struct yw_judged_mean means[16];
    struct yw_judged_verdict verdicts[16];
    struct yw_judged_difference differences[16];
};

static bool take_mean(void *arg, const struct yw_judged_mean *m) {
    struct taken *t = arg;
    assert_true(t->n < 16);
    t->means[t->n++] = *m;
    return true;
}
static bool take_verdict(void *arg, const struct yw_judged_verdict *v) {
    struct taken *t = arg;
    assert_true(t->n < 16);
    t->verdicts[t->n++] = *v;
    return true;
}
static bool take_difference(void *arg, const struct yw_judged_difference *d) {
    struct taken *t = arg;
    assert_true(t->n < 16);
    t->differences[t->n++] = *d;
    return true;
}

static void put_days(struct fixture *f, struct yw_mean *m, size_t n) {
    struct yw_error err = {0};
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_put_means(f->j, 17, &f->site, 1u << YW_PERIOD_DAY, T0, T0 + 10 * YW_DAY, m, n, &err),
         &err);
    must(yw_judged_commit(f->j, &err), &err);
}

static struct taken means_of(struct fixture *f, uint8_t period) {
    struct yw_error err = {0};
    struct taken t = {0};
    const struct yw_judged_filter filter = {.outlet = 17, .period = period};
    must(yw_judged_means(f->j, &filter, take_mean, &t, &err), &err);
    return t;
}

static void put_verdicts(struct fixture *f, struct yw_judged *j, const struct yw_verdict *v, size_t n) {
    struct yw_error err = {0};
    must(yw_judged_begin(j, &err), &err);
    must(yw_judged_put_verdicts(j, 17, &f->site, T0, T0 + 10 * YW_DAY, v, n, &err), &err);
    must(yw_judged_commit(j, &err), &err);
}

static struct taken verdicts_of(struct yw_judged *j, int64_t since, bool with_gone) {
    struct yw_error err = {0};
    struct taken t = {0};
    const struct yw_judged_filter filter = {.outlet = 17, .since_change = since, .with_gone = with_gone};
    must(yw_judged_verdicts(j, &filter, take_verdict, &t, &err), &err);
    return t;
}

static void means_come_back_exactly(void **state) {
    struct fixture *f = *state;
    struct yw_mean m[] = {mean_at(T0 + YW_DAY, YW_PERIOD_DAY, 0, 40), mean_at(T0, YW_PERIOD_DAY, 1, 9),
                          mean_at(T0, YW_PERIOD_DAY, 0, 41)};
    put_days(f, m, 3);
    struct taken t = means_of(f, YW_PERIOD_DAY);
    assert_int_equal(t.n, 3); /* in order of (from, factor) */
    assert_string_equal(t.means[0].factor, "a19001");
    assert_string_equal(t.means[1].factor, "a21026");
    const struct yw_mean *back = &t.means[1].mean;
    assert_true(back->mean == 41 && back->converted == 41 * 1.25 && back->emission_kg == 0.1 + 0.2);
    assert_true(isnan(back->max) && isnan(back->sent) && back->min == 1.5f);
    assert_false(signbit(back->raw)); /* there is no minus zero */
    assert_int_equal(back->reason_n, 2);
    assert_int_equal(back->reasons[0].code, YW_REASON_FEW_MINUTES);
    assert_int_equal(back->reasons[0].rule, 7);
    assert_true(back->reasons[0].figure == 44.0f && isnan(back->reasons[1].figure));
    assert_int_equal(back->valid, 45);
    assert_true(back->judged);
}

static void what_is_not_said_any_more_goes(void **state) {
    struct fixture *f = *state;
    struct yw_mean m[] = {mean_at(T0, YW_PERIOD_DAY, 0, 40), mean_at(T0 + YW_DAY, YW_PERIOD_DAY, 0, 41)};
    put_days(f, m, 2);
    m[1] = mean_at(T0 + YW_DAY, YW_PERIOD_DAY, 0, 42);
    put_days(f, m + 1, 1);
    struct taken t = means_of(f, YW_PERIOD_DAY);
    assert_int_equal(t.n, 1);
    assert_true(t.means[0].mean.mean == 42);
}

static void an_hour_remembers_its_step_one(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_mean before = mean_at(T0, YW_PERIOD_HOUR, 0, 40), after = before, back[4];
    uint64_t prints[4];
    after.exempt = true;
    after.judged = false;
    after.reasons[after.reason_n++] = (struct yw_reason){YW_REASON_BUDGET_60, 3, 1.0f};
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_put_hour(f->j, 17, &f->site, &before, &after, 0, &err), &err);
    must(yw_judged_commit(f->j, &err), &err);
    struct taken t = means_of(f, YW_PERIOD_HOUR);
    assert_int_equal(t.n, 1);
    assert_true(t.means[0].mean.exempt);
    must(yw_judged_hours(f->j, 17, &f->site, T0, 2, back, prints, &err), &err);
    assert_false(back[0].exempt);
    assert_true(back[0].judged);
    assert_int_equal(back[0].reason_n, 2);
    assert_true(back[0].mean == 40 && back[0].from == T0 && back[0].factor == 0);
    assert_true(prints[0] != 0);
    assert_int_equal(prints[1], 0); /* a19001: not there */
    assert_int_equal(prints[2], 0);
}

static void verdicts_keep_their_numbers(void **state) {
    struct fixture *f = *state;
    struct yw_verdict v[] = {verdict_at(T0, 50), verdict_at(T0 + YW_HOUR, 60)};
    struct yw_verdict overdue = verdict_at(T0, 66.67);
    overdue.kind = YW_VERDICT_OVERDUE_CHECK;
    put_verdicts(f, f->j, &overdue, 1);
    assert_string_equal(verdicts_of(f->j, 0, false).verdicts[0].unit, "h"); /* hours, not what is measured */
    put_verdicts(f, f->j, v, 2);
    struct taken first = verdicts_of(f->j, 0, false);
    assert_string_equal(first.verdicts[0].unit, "mg/m3");
    assert_int_equal(first.n, 2);
    assert_true(strncmp(first.verdicts[0].number, "CP20261122-17-a21026-", 21) == 0);
    assert_string_not_equal(first.verdicts[0].number, first.verdicts[1].number);
    assert_true(first.verdicts[0].has_limit && first.verdicts[0].limit_value == 35);
    assert_string_equal(first.verdicts[0].limit_source, "排污许可证");
    int64_t change = yw_judged_change(f->j);
    put_verdicts(f, f->j, v, 2); /* the same again: nothing changes */
    assert_int_equal(yw_judged_change(f->j), change);
    v[0].value = 55;
    put_verdicts(f, f->j, v, 1); /* one says it otherwise, one is gone */
    struct taken news = verdicts_of(f->j, change, true);
    assert_int_equal(news.n, 2);
    assert_string_equal(news.verdicts[0].number, first.verdicts[0].number);
    assert_true(news.verdicts[0].verdict.value == 55 && !news.verdicts[0].gone);
    assert_true(news.verdicts[1].gone);
    assert_int_equal(verdicts_of(f->j, 0, false).n, 1);
    put_verdicts(f, f->j, v, 2); /* said again: under its old number */
    struct taken again = verdicts_of(f->j, 0, false);
    assert_int_equal(again.n, 2);
    assert_string_equal(again.verdicts[1].number, first.verdicts[1].number);
}

static void two_files_are_compared_and_changes_go_on(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_judged *fresh;
    struct taken t = {0};
    char path[4096];
    struct yw_verdict v[] = {verdict_at(T0, 50), verdict_at(T0 + YW_HOUR, 60),
                             verdict_at(T0 + 2 * YW_HOUR, 70)};
    struct yw_mean m = mean_at(T0, YW_PERIOD_DAY, 0, 40);
    put_days(f, &m, 1);
    put_verdicts(f, f->j, v, 2);
    int64_t change = yw_judged_change(f->j);
    must(yw_judged_open(f->folder, "fresh.db", false, &fresh, &err), &err);
    v[1].value = 61;
    put_verdicts(f, fresh, v + 1, 2); /* the first is gone, the second differs, the third is new */
    snprintf(path, sizeof path, "%s/judge.db", f->folder);
    must(yw_judged_compare(fresh, path, take_difference, &t, &err), &err);
    assert_int_equal(t.n, 2);
    assert_int_equal(t.differences[0].days, 1);
    assert_int_equal(t.differences[0].kind, 0);
    assert_int_equal(t.differences[1].kind, YW_VERDICT_EXCEEDANCE);
    assert_int_equal(t.differences[1].changed, 1);
    assert_int_equal(t.differences[1].newly_said, 1);
    assert_int_equal(t.differences[1].gone, 1);
    must(yw_judged_carry_on(fresh, path, &err), &err);
    struct taken news = verdicts_of(fresh, change, true);
    assert_int_equal(news.n, 3);
    size_t gone = 0;
    for (size_t i = 0; i < news.n; i++) gone += news.verdicts[i].gone;
    assert_int_equal(gone, 1);
    assert_int_equal(yw_judged_change(fresh), change + 3);
    yw_judged_close(fresh);
}

static void a_reader_follows_another_file(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_judged *reader, *fresh;
    char from[4096], to[4096];
    struct yw_verdict v = verdict_at(T0, 50);
    must(yw_judged_open(f->folder, NULL, true, &reader, &err), &err);
    assert_int_equal(verdicts_of(reader, 0, false).n, 0);
    must(yw_judged_open(f->folder, "fresh.db", false, &fresh, &err), &err);
    put_verdicts(f, fresh, &v, 1);
    yw_judged_close(fresh);
    yw_judged_close(f->j);
    snprintf(from, sizeof from, "%s/fresh.db", f->folder);
    snprintf(to, sizeof to, "%s/judge.db", f->folder);
    assert_int_equal(rename(from, to), 0);
    assert_int_equal(verdicts_of(reader, 0, false).n, 1);
    assert_int_equal(yw_judged_begin(reader, &err), YW_E_STATE);
    yw_judged_close(reader);
    f->j = NULL;
}

static void marks_and_outlets_are_kept(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_judged_outlet o = {.outlet = 17, .site = "abc", .first = T0, .until = T0 + YW_HOUR}, back;
    char digest[17];
    yw_judged_digest(f->j, digest);
    assert_string_equal(digest, "");
    assert_int_equal(yw_judged_outlet(f->j, 17, &back, &err), YW_E_NOT_FOUND);
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_put_outlet(f->j, &o, &err), &err);
    must(yw_judged_set_mark(f->j, YW_JUDGED_TOUCHED, 123, &err), &err);
    must(yw_judged_set_digest(f->j, "0123456789abcdef", &err), &err);
    must(yw_judged_commit(f->j, &err), &err);
    must(yw_judged_outlet(f->j, 17, &back, &err), &err);
    assert_true(back.first == T0 && back.until == T0 + YW_HOUR && strcmp(back.site, "abc") == 0);
    assert_int_equal(yw_judged_mark(f->j, YW_JUDGED_TOUCHED), 123);
    yw_judged_digest(f->j, digest);
    assert_string_equal(digest, "0123456789abcdef");
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_set_mark(f->j, YW_JUDGED_TOUCHED, 124, &err), &err);
    yw_judged_rollback(f->j);
    assert_int_equal(yw_judged_mark(f->j, YW_JUDGED_TOUCHED), 123);
}

/* A file that an earlier version made has no alarms of units: it gets them, and what is in it stays. */
static void a_file_from_before_alarms_goes_on(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    char path[128];
    sqlite3 *db;
    struct yw_unit_hour out[2], u = {.hour = T0, .known = 7, .running = 3, .alarm = 4, .mean = 1.5};
    f->site.units[0] = (struct yw_site_unit){.id = "pump"};
    f->site.unit_n = 1;
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_put_unit(f->j, 1, "pump", &u, &err), &err);
    must(yw_judged_commit(f->j, &err), &err);
    yw_judged_close(f->j);
    snprintf(path, sizeof path, "%s/judge.db", f->folder);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db,
                                  "ALTER TABLE unit_hour DROP COLUMN alarm;"
                                  "UPDATE about SET value=1 WHERE name='format'",
                                  NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
    must(yw_judged_open(f->folder, NULL, false, &f->j, &err), &err);
    u.hour += YW_HOUR;
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_put_unit(f->j, 1, "pump", &u, &err), &err);
    must(yw_judged_commit(f->j, &err), &err);
    must(yw_judged_units(f->j, 1, &f->site, T0, 2, out, &err), &err);
    assert_true(out[0].known == 7 && out[0].running == 3 && out[0].alarm == 0 && out[0].mean == 1.5);
    assert_true(out[1].known == 7 && out[1].alarm == 4 && out[1].mean == 1.5);
}

static void a_reader_sees_that_something_was_written(void **state) {
    struct fixture *f = *state;
    struct yw_error err = {0};
    struct yw_judged *reader;
    must(yw_judged_open(f->folder, NULL, true, &reader, &err), &err);
    int64_t before = yw_judged_version(reader);
    assert_true(before >= 0);
    assert_int_equal(yw_judged_version(reader), before);
    must(yw_judged_begin(f->j, &err), &err);
    must(yw_judged_put_outlet(f->j, &(struct yw_judged_outlet){.outlet = 1, .until = T0}, &err), &err);
    assert_int_equal(yw_judged_version(reader), before); /* not committed yet */
    must(yw_judged_commit(f->j, &err), &err);
    assert_int_not_equal(yw_judged_version(reader), before);
    yw_judged_close(reader);
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
int main(void) {
    const struct CMUnitTest tests[] = {
        T(means_come_back_exactly),
        T(what_is_not_said_any_more_goes),
        T(an_hour_remembers_its_step_one),
        T(verdicts_keep_their_numbers),
        T(two_files_are_compared_and_changes_go_on),
        T(a_reader_follows_another_file),
        T(marks_and_outlets_are_kept),
        T(a_file_from_before_alarms_goes_on),
        T(a_reader_sees_that_something_was_written),
    };
    return cmocka_run_group_tests_name("judged", tests, NULL, NULL);
}
