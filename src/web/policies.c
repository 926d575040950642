/* The thread that lets the policies look around once a second. */
#include "web/policies.h"

#include "web/alarms.h"
#include "web/commands.h"
#include "web/keys.h"
#include "web/gaps_policy.h"
#include "web/judged_policy.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <time.h>

static void sweep(struct yw_web *w, struct yw_store *store, int64_t now) {
    yw_commands_sweep(w->commands, store, now);
}

static const struct {
    const char *name;
    yw_policy_part run;
} parts[] = {
    {"book", sweep}, /* first: the others count on what it finds ended */
    {"follow", yw_follow_policy},
    {"clock", yw_clock_policy},
    {"keys", yw_keys_policy},
    {"gaps", yw_gaps_policy},
    {"alarms", yw_alarm_policy},
    {"judged", yw_judged_policy},
};

struct yw_policies {
    struct yw_web *web;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool closing, started;
};

static bool sleep_a_second(struct yw_policies *p) {
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec++;
    pthread_mutex_lock(&p->lock);
    while (!p->closing && pthread_cond_timedwait(&p->wake, &p->lock, &until) == 0) {
    }
    bool go_on = !p->closing;
    pthread_mutex_unlock(&p->lock);
    return go_on;
}

static void *run(void *arg) {
    struct yw_policies *p = arg;
    while (sleep_a_second(p)) {
        struct yw_store *store = yw_web_store_take(p->web, NULL);
        if (store == NULL) continue; /* the pipeline has made none yet: nothing has happened */
        for (size_t i = 0; i < YW_COUNT(parts); i++) parts[i].run(p->web, store, yw_now());
        yw_web_store_give(p->web, store, true);
    }
    return NULL;
}

enum yw_code yw_policies_start(struct yw_web *w, struct yw_policies **out, struct yw_error *err) {
    struct yw_policies *p = calloc(1, sizeof *p);
    if (p == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    p->web = w;
    pthread_condattr_t kind;
    pthread_condattr_init(&kind);
    pthread_condattr_setclock(&kind, CLOCK_MONOTONIC);
    pthread_cond_init(&p->wake, &kind);
    pthread_condattr_destroy(&kind);
    pthread_mutex_init(&p->lock, NULL);
    p->started = pthread_create(&p->thread, NULL, run, p) == 0;
    if (!p->started) {
        yw_policies_stop(p);
        return yw_fail(err, YW_E_SYSTEM, "a thread could not be started");
    }
    *out = p;
    return YW_OK;
}

void yw_policies_stop(struct yw_policies *p) {
    if (p == NULL) return;
    pthread_mutex_lock(&p->lock);
    p->closing = true;
    pthread_cond_signal(&p->wake);
    pthread_mutex_unlock(&p->lock);
    if (p->started) pthread_join(p->thread, NULL);
    pthread_cond_destroy(&p->wake);
    pthread_mutex_destroy(&p->lock);
    free(p);
}
