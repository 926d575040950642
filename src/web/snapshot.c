/* One thread for each picture that is fetched, at most YW_SNAPSHOTS_MAX. */
#include "web/snapshot.h"

#include <curl/curl.h>
#include <microhttpd.h>
#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

struct yw_snapshots {
    pthread_mutex_t lock;
    pthread_cond_t fewer;
    size_t running;
    atomic_bool stop;
};

struct yw_snapshot {
    struct yw_snapshots *all;
    struct MHD_Connection *connection;
    char url[600], user[80], pw[128];
    bool loopback;
    struct yw_buf bytes;
    const char *type;
    enum yw_code code;
    struct yw_error err;
};

struct yw_snapshots *yw_snapshots_create(void) {
    struct yw_snapshots *s = calloc(1, sizeof *s);
    if (s == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(s);
        return NULL;
    }
    pthread_mutex_init(&s->lock, NULL);
    pthread_cond_init(&s->fewer, NULL);
    return s;
}

void yw_snapshots_end(struct yw_snapshots *s) {
    if (s == NULL) return;
    atomic_store(&s->stop, true);
    pthread_mutex_lock(&s->lock);
    while (s->running > 0) pthread_cond_wait(&s->fewer, &s->lock);
    pthread_mutex_unlock(&s->lock);
}

void yw_snapshots_destroy(struct yw_snapshots *s) {
    if (s == NULL) return;
    pthread_mutex_destroy(&s->lock);
    pthread_cond_destroy(&s->fewer);
    curl_global_cleanup();
    free(s);
}

static void one_fewer(struct yw_snapshots *s) {
    pthread_mutex_lock(&s->lock);
    s->running--;
    pthread_cond_signal(&s->fewer);
    pthread_mutex_unlock(&s->lock);
}

static void *fetch(void *arg) {
    struct yw_snapshot *p = arg;
    struct yw_snapshots *all = p->all;
    struct yw_fetch f = {
        .url = p->url, .user = p->user, .pw = p->pw, .loopback = p->loopback, .stop = &all->stop};
    struct yw_error err = {0};
    const char *type = NULL;
    enum yw_code code = yw_fetch_picture(&f, &p->bytes, &type, &err);
    pthread_mutex_lock(&all->lock);
    p->code = code;
    p->type = type;
    p->err = err;
    pthread_mutex_unlock(&all->lock);
    /* From here on p is the connection's. */
    MHD_resume_connection(p->connection);
    one_fewer(all);
    return NULL;
}

static void copy(char *to, size_t size, const char *from) {
    (void)yw_copy(to, size, from != NULL ? from : "", from != NULL ? strlen(from) : 0);
}

enum yw_code yw_snapshot_begin(struct yw_snapshots *s, struct MHD_Connection *c, const struct yw_fetch *f,
                               struct yw_snapshot **out, struct yw_error *err) {
    struct yw_snapshot *p = calloc(1, sizeof *p);
    if (p == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    p->all = s;
    p->connection = c;
    p->loopback = f->loopback;
    copy(p->url, sizeof p->url, f->url);
    copy(p->user, sizeof p->user, f->user);
    copy(p->pw, sizeof p->pw, f->pw);
    yw_buf_init(&p->bytes, YW_PICTURE_MAX);
    pthread_mutex_lock(&s->lock);
    bool room = s->running < YW_SNAPSHOTS_MAX && !atomic_load(&s->stop);
    if (room) s->running++;
    pthread_mutex_unlock(&s->lock);
    if (!room) {
        yw_snapshot_free(p);
        return yw_fail(err, YW_E_BUSY, "%d pictures are being fetched already", YW_SNAPSHOTS_MAX);
    }
    pthread_t thread;
    pthread_attr_t attr;
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    MHD_suspend_connection(c); /* before the thread could wake it */
    bool started = pthread_create(&thread, &attr, fetch, p) == 0;
    pthread_attr_destroy(&attr);
    if (!started) {
        p->code = yw_fail(&p->err, YW_E_SYSTEM, "a thread could not be started");
        MHD_resume_connection(c);
        one_fewer(s);
    }
    *out = p;
    return YW_OK;
}

enum yw_code yw_snapshot_result(const struct yw_snapshot *p, const void **bytes, size_t *n, const char **type,
                                struct yw_error *err) {
    pthread_mutex_lock(&p->all->lock);
    *bytes = p->bytes.data;
    *n = p->bytes.len;
    *type = p->type;
    if (err != NULL) *err = p->err;
    enum yw_code code = p->code;
    pthread_mutex_unlock(&p->all->lock);
    return code;
}

void yw_snapshot_free(struct yw_snapshot *p) {
    if (p == NULL) return;
    sodium_memzero(p->pw, sizeof p->pw);
    yw_buf_free(&p->bytes);
    free(p);
}
