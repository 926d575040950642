#include "pipeline/judge.h"

#include "judged/judging.h"
#include "pipeline/feed.h"
#include "register/sites.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { NICE = 12, TOUCHES_AT_ONCE = 200000 };
#define LOOK_EVERY  (YW_SECOND / 2)
#define RETRY_AFTER (5 * YW_SECOND)
/* A power cut may take the last touches from the store and not from judge.db: this much is judged again. */
#define LOOK_BACK YW_HOUR

struct touch {
    uint32_t outlet;
    bool all; /* its checks changed: they reach further than their hour */
    int64_t from, to;
};

struct yw_judge_thread {
    pthread_t thread;
    atomic_bool stop, ending;
    char *data, *series;
    struct yw_pipeline_live *live;
    /* the thread's own */
    struct yw_feed *feed;
    struct yw_store *store;
    struct yw_judged *judged;
    struct yw_rules *rules;
    int64_t rules_of; /* version of the register whose corrections are in them */
    struct yw_judging *judging;
    int64_t now;              /* all outlets are judged up to here */
    int64_t touched, version; /* and up to here in the store and in the register */
    int64_t touched_next, version_next;
    struct touch *touches;
    struct yw_stretch_of_time *again; /* of one outlet */
    size_t n, cap;
    bool failed, everything;
    char complained[320];
};

/* ---- opening: there may be no store yet ---- */

static enum yw_code load_rules(struct yw_judge_thread *t, struct yw_error *err) {
    char digest[17], before[17];
    struct yw_rules *rules;
    enum yw_code code = yw_judging_rules(yw_feed_register(t->feed), &rules, digest, err);
    if (code != YW_OK) return code;
    if (t->rules) yw_rules_destroy(t->rules);
    t->rules = rules;
    t->rules_of = yw_register_version(yw_feed_register(t->feed));
    yw_judged_digest(t->judged, before);
    if (strcmp(before, digest) == 0) return YW_OK;
    if (before[0])
        yw_log(YW_LOG_INFO, "the rule files are not those that history was judged by: judging it again");
    t->everything = true;
    code = yw_judged_begin(t->judged, err);
    if (code == YW_OK) code = yw_judged_set_mark(t->judged, YW_JUDGED_TOUCHED, 0, err);
    if (code == YW_OK) code = yw_judged_set_mark(t->judged, YW_JUDGED_REGISTER, 0, err);
    if (code == YW_OK) code = yw_judged_set_digest(t->judged, digest, err);
    if (code == YW_OK) code = yw_judged_commit(t->judged, err);
    if (code != YW_OK) yw_judged_rollback(t->judged);
    return code;
}

static enum yw_code open_all(struct yw_judge_thread *t, struct yw_error *err) {
    bool any;
    enum yw_code code = YW_OK;
    if (!t->feed) code = yw_feed_open(t->data, NULL, &t->feed, err);
    if (code == YW_OK) code = yw_feed_acts(t->feed, &any, err);
    if (code == YW_OK && !t->store) code = yw_store_sqlite.open(t->series, true, &t->store, err);
    if (code == YW_OK && !t->judging) code = yw_judging_create(&t->judging, err);
    if (code == YW_OK && !t->judged) code = yw_judged_open(t->series, NULL, false, &t->judged, err);
    if (code != YW_OK || t->rules) return code;
    code = load_rules(t, err);
    t->touched = yw_judged_mark(t->judged, YW_JUDGED_TOUCHED);
    t->version = yw_judged_mark(t->judged, YW_JUDGED_REGISTER);
    t->everything = t->everything || t->version == 0;
    if (t->touched > LOOK_BACK) t->touched -= LOOK_BACK;
    return code;
}

/* ---- what is to be judged ---- */

static void add(struct yw_judge_thread *t, uint32_t outlet, bool all, int64_t from, int64_t to) {
    if (t->n > 0 && t->touches[t->n - 1].outlet == outlet && t->touches[t->n - 1].to == from &&
        t->touches[t->n - 1].all == all) {
        t->touches[t->n - 1].to = to;
        return;
    }
    if (t->n == t->cap) {
        size_t cap = t->cap ? t->cap * 2 : 1024;
        struct touch *more = realloc(t->touches, cap * sizeof *more);
        if (more) t->touches = more;
        struct yw_stretch_of_time *again = realloc(t->again, cap * sizeof *again);
        if (again) t->again = again;
        t->failed = t->failed || !more || !again;
        if (!more || !again) return;
        t->cap = cap;
    }
    t->touches[t->n++] = (struct touch){outlet, all, from, to};
}

static bool on_touch(void *arg, uint32_t outlet, uint8_t kind, int64_t hour, int64_t generation) {
    struct yw_judge_thread *t = arg;
    /* a generation is taken as a whole: it was committed as a whole */
    if (t->n >= TOUCHES_AT_ONCE && generation > t->touched_next) return false;
    add(t, outlet, kind == YW_KIND_PERIODIC, hour, hour + YW_HOUR);
    t->touched_next = generation;
    return !t->failed;
}

static bool on_change(void *arg, uint32_t outlet, int64_t from) {
    struct yw_judge_thread *t = arg;
    if (outlet != 0) {
        add(t, outlet, false, from == INT64_MIN ? from : from - from % YW_HOUR - YW_HOUR, INT64_MAX);
        return !t->failed;
    }
    size_t n;
    const struct yw_outlet *outlets = yw_register_outlets(yw_feed_register(t->feed), &n);
    for (size_t i = 0; i < n && !t->failed; i++) add(t, outlets[i].id, false, from, INT64_MAX);
    return !t->failed;
}

static enum yw_code collect(struct yw_judge_thread *t, int64_t *now, struct yw_error *err) {
    bool any;
    t->n = 0;
    t->touched_next = t->touched;
    enum yw_code code = yw_feed_acts(t->feed, &any, err);
    const struct yw_register *r = yw_feed_register(t->feed);
    t->version_next = yw_register_version(r);
    if (code == YW_OK && t->version_next != t->rules_of) code = load_rules(t, err);
    if (code == YW_OK && t->version_next != t->version)
        yw_register_judgement_change(r, (uint32_t)t->version, on_change, t);
    if (code == YW_OK) code = yw_store_sqlite.touched(t->store, t->touched, on_touch, t, err);
    if (code == YW_OK) code = yw_judging_now(&yw_store_sqlite, t->store, now, err);
    if (code == YW_OK && *now < t->now) *now = t->now;
    if (code == YW_OK && t->failed) code = yw_fail(err, YW_E_NOMEM, "no memory to note what is to be judged");
    return code;
}

static int touch_compare(const void *a, const void *b) {
    const struct touch *x = a, *y = b;
    if (x->outlet != y->outlet) return x->outlet < y->outlet ? -1 : 1;
    return (x->from > y->from) - (x->from < y->from);
}

/* ---- a pass: every outlet with something new ---- */

static void complain(struct yw_judge_thread *t, const struct yw_error *err) {
    if (strcmp(t->complained, err->text) == 0) return;
    yw_copy(t->complained, sizeof t->complained, err->text, strlen(err->text));
    yw_log(YW_LOG_ERROR, "judging failed and will be tried again, data are not touched by it: %s", err->text);
}

static void report(struct yw_judge_thread *t, uint64_t behind) {
    const struct yw_judging_count *c = yw_judging_counts(t->judging);
    t->live->counter[YW_PL_JUDGED] = c->hours;
    t->live->counter[YW_PL_JUDGE_BEHIND] = behind;
}

/* One outlet, with the touches of [at, at + n). An outlet that cannot be judged (its site makes no sense)
 * does not keep the others from it. */
static enum yw_code judge_one(struct yw_judge_thread *t, uint32_t outlet, size_t at, size_t n, int64_t now,
                              struct yw_error *err) {
    const struct yw_judging_with with = {.reg = yw_feed_register(t->feed),
                                         .rules = t->rules,
                                         .backend = &yw_store_sqlite,
                                         .store = t->store,
                                         .judged = t->judged,
                                         .stop = &t->stop};
    bool all = t->everything;
    for (size_t i = 0; i < n; i++) {
        all = all || t->touches[at + i].all;
        t->again[i] = (struct yw_stretch_of_time){t->touches[at + i].from, t->touches[at + i].to};
    }
    enum yw_code code = yw_judging_outlet(t->judging, &with, outlet, t->again, n, all, now, err);
    if (code != YW_E_FORMAT && code != YW_E_LIMIT && code != YW_E_RANGE) return code;
    complain(t, err);
    return YW_OK;
}

static enum yw_code judge_touched(struct yw_judge_thread *t, bool every, int64_t now, struct yw_error *err) {
    enum yw_code code = YW_OK;
    size_t outlet_n = 0, o = 0;
    const struct yw_outlet *outlets = yw_register_outlets(yw_feed_register(t->feed), &outlet_n);
    qsort(t->touches, t->n, sizeof *t->touches, touch_compare);
    for (size_t at = 0, end; code == YW_OK && !t->stop && (at < t->n || (every && o < outlet_n)); at = end) {
        end = at;
        uint32_t outlet = at < t->n ? t->touches[at].outlet : UINT32_MAX;
        if (every && o < outlet_n && outlets[o].id < outlet) outlet = outlets[o].id;
        while (end < t->n && t->touches[end].outlet == outlet) end++;
        while (o < outlet_n && outlets[o].id <= outlet) o++;
        code = judge_one(t, outlet, at, end - at, now, err);
        report(t, t->n - end);
    }
    if (code == YW_OK && t->stop) code = yw_fail(err, YW_E_STATE, "asked to stop");
    return code;
}

static enum yw_code note_pass(struct yw_judge_thread *t, int64_t now, struct yw_error *err) {
    enum yw_code code = yw_judged_begin(t->judged, err);
    if (code == YW_OK) code = yw_judged_set_mark(t->judged, YW_JUDGED_TOUCHED, t->touched_next, err);
    if (code == YW_OK) code = yw_judged_set_mark(t->judged, YW_JUDGED_REGISTER, t->version_next, err);
    if (code == YW_OK) code = yw_judged_commit(t->judged, err);
    if (code != YW_OK) yw_judged_rollback(t->judged);
    if (code != YW_OK) return code;
    t->touched = t->touched_next;
    t->version = t->version_next;
    t->now = now;
    t->everything = false;
    return YW_OK;
}

/* *any: something was to be done. */
static enum yw_code pass(struct yw_judge_thread *t, bool *any, struct yw_error *err) {
    int64_t now = 0;
    *any = false;
    enum yw_code code = open_all(t, err);
    if (code == YW_OK) code = collect(t, &now, err);
    if (code != YW_OK) return code;
    bool every = t->everything || now > t->now;
    *any = every || t->n > 0;
    if (!*any && t->version == t->version_next) return YW_OK;
    report(t, t->n);
    code = judge_touched(t, every, now, err);
    if (code == YW_OK) code = note_pass(t, now, err);
    if (code == YW_OK && t->complained[0]) t->complained[0] = 0;
    report(t, 0);
    return code;
}

static void *work(void *arg) {
    struct yw_judge_thread *t = arg;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* on Linux this is the thread's alone */
    while (!t->stop) {
        struct yw_error err = {0};
        bool any = false, ending = t->ending;
        int64_t began = yw_monotonic();
        enum yw_code code = pass(t, &any, &err);
        if (code != YW_OK && !t->stop) complain(t, &err);
        if (ending && (code != YW_OK || !any)) break;
        /* As long at rest as at work: whoever takes data in has the other half. */
        int64_t rest = yw_monotonic() - began;
        if (rest < LOOK_EVERY) rest = LOOK_EVERY;
        if (rest > RETRY_AFTER || code != YW_OK) rest = RETRY_AFTER;
        for (int64_t slept = 0; slept < rest && !t->stop && !t->ending; slept += YW_SECOND / 20) {
            const struct timespec pause = {0, 50 * 1000 * 1000};
            nanosleep(&pause, NULL);
        }
    }
    return NULL;
}

static void destroy(struct yw_judge_thread *t) {
    yw_judged_close(t->judged);
    if (t->store) yw_store_sqlite.close(t->store);
    yw_feed_close(t->feed);
    if (t->rules) yw_rules_destroy(t->rules);
    yw_judging_destroy(t->judging);
    free(t->touches);
    free(t->again);
    free(t->data);
    free(t->series);
    free(t);
}

enum yw_code yw_judge_start(const char *data, struct yw_pipeline_live *live, struct yw_judge_thread **out,
                            struct yw_error *err) {
    struct yw_judge_thread *t = calloc(1, sizeof *t);
    struct yw_buf series;
    *out = NULL;
    yw_buf_init(&series, 4096);
    if (t) {
        yw_buf_printf(&series, "%s/series", data);
        t->data = strdup(data);
        t->series = series.failed ? NULL : strdup(series.data);
        t->live = live;
    }
    yw_buf_free(&series);
    if (t && t->data && t->series && pthread_create(&t->thread, NULL, work, t) == 0) {
        *out = t;
        return YW_OK;
    }
    if (t) destroy(t);
    return yw_fail(err, YW_E_NOMEM, "no memory for the judging thread");
}

void yw_judge_stop(struct yw_judge_thread *t, bool until_idle) {
    if (!t) return;
    if (until_idle)
        t->ending = true;
    else
        t->stop = true;
    pthread_join(t->thread, NULL);
    destroy(t);
}
