/* The thread that delivers notices from the queue, and the settings it follows. */
#include "web/delivery.h"

#include "web/policies.h"
#include "web/web_int.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { AT_A_TIME = 20, SETTINGS_MAX = 1 << 20, PACES = 64 };
#define PACE       (3 * YW_SECOND) /* between two messages to one robot: they take 20 a minute */
#define PAUSE_MOST YW_HOUR
#define TIDY_EVERY YW_HOUR

static const char setting_name[] = "delivery";

struct yw_deliveries {
    struct yw_web *web;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started, woken;
    atomic_bool closing;
    struct yw_delivery_settings settings; /* guarded by lock */
    /* the thread's own */
    struct yw_delivery_settings now;
    struct yw_delivery due[AT_A_TIME];
    struct pace {
        char target[96];
        int64_t at;
    } paces[PACES];
    size_t pace_n;
    int64_t tidied;
};

/* Whether a robot may be spoken to now; if so, it is noted. */
static bool keeps_pace(struct yw_deliveries *d, const char *target, int64_t now) {
    for (size_t i = 0; i < PACES && i < d->pace_n; i++) {
        if (strcmp(d->paces[i].target, target) != 0) continue;
        if (now - d->paces[i].at < PACE && now >= d->paces[i].at) return false;
        d->paces[i].at = now;
        return true;
    }
    struct pace *p = &d->paces[d->pace_n % PACES];
    d->pace_n = d->pace_n < PACES ? d->pace_n + 1 : PACES;
    (void)yw_copy(p->target, sizeof p->target, target, strlen(target));
    p->at = now;
    return true;
}

static int64_t pause_after(int64_t tries, int64_t first) {
    int64_t pause = first;
    for (int64_t i = 1; i < tries && pause < PAUSE_MOST; i++) pause *= 2;
    return pause < PAUSE_MOST ? pause : PAUSE_MOST;
}

static void deliver(struct yw_deliveries *d, struct yw_delivery *x) {
    struct yw_error err = {0};
    int64_t now = yw_now();
    bool robot = x->channel == YW_CHANNEL_WECOM || x->channel == YW_CHANNEL_DINGTALK;
    if (robot && !keeps_pace(d, x->target, now)) {
        x->next = now + PACE;
    } else {
        const struct yw_register *r = yw_acts_lock(d->web->acts);
        int64_t first = yw_policy_of(r, "delivery_retry_s") * YW_SECOND,
                most = yw_policy_of(r, "delivery_tries");
        yw_acts_unlock(d->web->acts);
        enum yw_code code = yw_delivery_send(&d->now, x, now, &d->closing, &err);
        if (atomic_load(&d->closing) && code != YW_OK) return; /* nothing is lost: it stays as it was */
        x->tries++;
        x->error[0] = '\0';
        if (code == YW_OK) {
            x->state = YW_DELIVERY_SENT;
            x->done = yw_now();
        } else {
            (void)yw_copy(x->error, sizeof x->error, err.text, strlen(err.text));
            x->state = x->tries >= most ? YW_DELIVERY_FAILED : YW_DELIVERY_WAITING;
            x->next = now + pause_after(x->tries, first);
            if (x->state == YW_DELIVERY_FAILED) x->done = now;
        }
    }
    if (yw_delivery_done(d->web->office, x, &err) != YW_OK) yw_log(YW_LOG_ERROR, "delivery: %s", err.text);
}

static void look(struct yw_deliveries *d) {
    size_t n = 0;
    int64_t now = yw_now();
    if (yw_delivery_due(d->web->office, now, d->due, AT_A_TIME, &n, NULL) != YW_OK) return;
    pthread_mutex_lock(&d->lock);
    d->now = d->settings;
    pthread_mutex_unlock(&d->lock);
    for (size_t i = 0; i < n && !atomic_load(&d->closing); i++) deliver(d, &d->due[i]);
    if (now - d->tidied < TIDY_EVERY) return;
    d->tidied = now;
    (void)yw_delivery_tidy(d->web->office, now - YW_DELIVERY_KEEP_D * YW_DAY, NULL);
}

static void *run(void *arg) {
    struct yw_deliveries *d = arg;
    while (!atomic_load(&d->closing)) {
        look(d);
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec++;
        pthread_mutex_lock(&d->lock);
        if (!d->woken && !atomic_load(&d->closing)) (void)pthread_cond_timedwait(&d->wake, &d->lock, &until);
        d->woken = false;
        pthread_mutex_unlock(&d->lock);
    }
    return NULL;
}

static void wake(struct yw_deliveries *d) {
    pthread_mutex_lock(&d->lock);
    d->woken = true;
    pthread_cond_signal(&d->wake);
    pthread_mutex_unlock(&d->lock);
}

void yw_delivery_wake(struct yw_web *w) {
    if (w->deliveries != NULL) wake(w->deliveries);
}

void yw_delivery_settings_now(struct yw_web *w, struct yw_delivery_settings *out) {
    pthread_mutex_lock(&w->deliveries->lock);
    *out = w->deliveries->settings;
    pthread_mutex_unlock(&w->deliveries->lock);
}

enum yw_code yw_delivery_settings_change(struct yw_web *w, const struct yw_delivery_settings *s,
                                         struct yw_error *err) {
    struct yw_buf b;
    yw_buf_init(&b, SETTINGS_MAX);
    enum yw_code code = yw_delivery_settings_put(&b, s, w->secret)
                            ? yw_setting_set(w->office, setting_name, b.data, err)
                            : yw_fail(err, YW_E_LIMIT, "the settings are too long");
    yw_buf_free(&b);
    if (code != YW_OK) return code;
    pthread_mutex_lock(&w->deliveries->lock);
    w->deliveries->settings = *s;
    pthread_mutex_unlock(&w->deliveries->lock);
    return YW_OK;
}

static enum yw_code load(struct yw_deliveries *d, struct yw_error *err) {
    struct yw_buf b;
    yw_buf_init(&b, SETTINGS_MAX);
    enum yw_code code = yw_setting_get(d->web->office, setting_name, &b, err);
    /* Settings that do not open must not keep everything from starting: nothing is delivered until they are
     * entered again. */
    if (code == YW_OK &&
        yw_delivery_settings_open(b.data, b.len, d->web->secret, &d->settings, err) != YW_OK) {
        yw_log(YW_LOG_ERROR, "delivery: %s; enter the settings again", err->text);
        memset(&d->settings, 0, sizeof d->settings);
    }
    yw_buf_free(&b);
    return code;
}

enum yw_code yw_deliveries_start(struct yw_web *w, struct yw_deliveries **out, struct yw_error *err) {
    struct yw_deliveries *d = calloc(1, sizeof *d);
    if (d == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    d->web = w;
    pthread_mutex_init(&d->lock, NULL);
    pthread_cond_init(&d->wake, NULL);
    atomic_init(&d->closing, false);
    enum yw_code code = load(d, err);
    if (code == YW_OK) {
        d->started = pthread_create(&d->thread, NULL, run, d) == 0;
        if (!d->started) code = yw_fail(err, YW_E_SYSTEM, "a thread could not be started");
    }
    if (code != YW_OK) {
        yw_deliveries_stop(d);
        return code;
    }
    *out = d;
    return YW_OK;
}

void yw_deliveries_stop(struct yw_deliveries *d) {
    if (d == NULL) return;
    atomic_store(&d->closing, true);
    wake(d);
    if (d->started) pthread_join(d->thread, NULL);
    pthread_cond_destroy(&d->wake);
    pthread_mutex_destroy(&d->lock);
    sodium_memzero(&d->settings, sizeof d->settings);
    sodium_memzero(&d->now, sizeof d->now);
    free(d);
}
