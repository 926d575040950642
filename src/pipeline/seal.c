#include "pipeline/seal.h"

#include <dirent.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

enum { JOURNALS_MAX = 256, NICE = 15 };
#define LOOK_EVERY (YW_SECOND / 5)

struct sealer {
    char name[16];
    struct yw_sealer *sealer;
    bool complained;
};

struct yw_seal {
    pthread_t thread;
    atomic_bool stop;
    char *data;
    struct yw_pipeline_live *live;
    struct sealer sealers[JOURNALS_MAX];
    size_t n;
};

static void complain(struct sealer *j, const struct yw_error *err) {
    if (!j->complained)
        yw_log(YW_LOG_ERROR, "sealing journal %s failed and will be tried again: %s", j->name, err->text);
    j->complained = true;
}

static void open_sealer(struct yw_seal *s, struct sealer *j) {
    struct yw_buf folder, blocks;
    struct yw_error err = {0};
    yw_buf_init(&folder, 4096);
    yw_buf_init(&blocks, 4096);
    yw_buf_printf(&folder, "%s/journal/%s", s->data, j->name);
    yw_buf_printf(&blocks, "%s/blocks/%s", s->data, j->name);
    enum yw_code code = folder.failed || blocks.failed
                            ? YW_E_LIMIT
                            : yw_sealer_open(yw_io_system(), folder.data, blocks.data, &j->sealer, &err);
    /* Not begun yet, or its owner has not published it again after a power cut: later. */
    if (code != YW_OK && code != YW_E_NOT_FOUND && code != YW_E_STATE) complain(j, &err);
    if (code != YW_OK) j->sealer = NULL;
    yw_buf_free(&folder);
    yw_buf_free(&blocks);
}

static void discover(struct yw_seal *s) {
    struct yw_buf path;
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/journal", s->data);
    DIR *d = path.failed ? NULL : opendir(path.data);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        size_t i = 0, n = strlen(e->d_name);
        if (e->d_name[0] == '.' || n >= sizeof s->sealers[0].name) continue;
        while (i < s->n && strcmp(s->sealers[i].name, e->d_name) != 0) i++;
        if (i < s->n || s->n == JOURNALS_MAX) continue;
        memcpy(s->sealers[s->n].name, e->d_name, n + 1);
        s->n++;
    }
    if (d) closedir(d);
    yw_buf_free(&path);
}

/* True if a block was sealed: there may be more to do. */
static bool step(struct yw_seal *s, struct sealer *j) {
    struct yw_error err = {0};
    struct yw_block block;
    bool sealed = false;
    if (!j->sealer) open_sealer(s, j);
    if (!j->sealer) return false;
    if (yw_sealer_step(j->sealer, yw_now(), &sealed, &block, &err) != YW_OK) {
        complain(j, &err);
        return false;
    }
    j->complained = false;
    if (sealed) s->live->counter[YW_PL_SEALED]++;
    return sealed;
}

static void *work(void *arg) {
    struct yw_seal *s = arg;
    setpriority(PRIO_PROCESS, (id_t)gettid(), NICE); /* on Linux this is the thread's alone */
    int64_t looked = 0;
    while (!s->stop) {
        bool any = false;
        if (yw_monotonic() - looked >= YW_SECOND) {
            discover(s);
            looked = yw_monotonic();
        }
        for (size_t i = 0; i < s->n && !s->stop; i++) any = step(s, &s->sealers[i]) || any;
        const struct timespec pause = {0, LOOK_EVERY * 1000};
        if (!any) nanosleep(&pause, NULL);
    }
    return NULL;
}

static void destroy(struct yw_seal *s) {
    for (size_t i = 0; i < s->n; i++) {
        if (s->sealers[i].sealer) yw_sealer_close(s->sealers[i].sealer);
    }
    free(s->data);
    free(s);
}

enum yw_code yw_seal_start(const char *data, struct yw_pipeline_live *live, struct yw_seal **out,
                           struct yw_error *err) {
    struct yw_seal *s = calloc(1, sizeof *s);
    *out = NULL;
    if (s) s->data = strdup(data);
    if (s && s->data) {
        s->live = live;
        if (pthread_create(&s->thread, NULL, work, s) == 0) {
            *out = s;
            return YW_OK;
        }
        destroy(s);
    } else {
        free(s);
    }
    return yw_fail(err, YW_E_NOMEM, "no memory for the sealing thread");
}

void yw_seal_stop(struct yw_seal *s) {
    if (!s) return;
    s->stop = true;
    pthread_join(s->thread, NULL);
    destroy(s);
}
