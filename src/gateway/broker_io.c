/* The I/O table of a worker: files are opened by the supervisor, read and written by the worker itself. */
#include "gateway/broker.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct broker_io {
    struct yw_io table; /* first */
    int socket;
    pthread_mutex_t lock; /* one request at a time: the loop and the committing thread share the socket */
};

static bool last_part(const char *path, char out[YW_BROKER_NAME_MAX + 1]) {
    const char *slash = strrchr(path, '/');
    const char *name = slash != NULL ? slash + 1 : path;
    return yw_copy(out, YW_BROKER_NAME_MAX + 1, name, strlen(name));
}

/* One message of the answer. A broker that is gone means that the supervisor is: -EPIPE. */
static int receive(struct broker_io *b, struct yw_broker_answer *a, char *names, size_t size, int *fd) {
    char message[sizeof *a + YW_BROKER_LIST_BYTES];
    ssize_t got = yw_broker_receive(b->socket, message, sizeof message, fd);
    if (got < 0) return (int)got;
    if (got < (ssize_t)sizeof *a) return -EPIPE;
    memcpy(a, message, sizeof *a);
    size_t bytes = (size_t)got - sizeof *a;
    if (a->bytes != bytes || (names == NULL && bytes > 0) || bytes > size) return -EPROTO;
    if (bytes > 0) memcpy(names, message + sizeof *a, bytes);
    return 0;
}

static int ask(struct broker_io *b, const struct yw_broker_request *r, int *fd) {
    struct yw_broker_answer a = {0};
    int got = -1;
    pthread_mutex_lock(&b->lock);
    int rc = yw_broker_send(b->socket, r, sizeof *r, -1);
    if (rc == 0) rc = receive(b, &a, NULL, 0, &got);
    pthread_mutex_unlock(&b->lock);
    if (rc == 0) rc = a.result;
    if (fd != NULL) {
        *fd = got;
    } else if (got >= 0) {
        close(got);
    }
    return rc;
}

static int broker_open(void *ctx, const char *path, int flags) {
    struct yw_broker_request r = {.op = YW_BROKER_OPEN, .flags = flags};
    if (!last_part(path, r.name)) return -ENAMETOOLONG;
    int fd = -1;
    int rc = ask(ctx, &r, &fd);
    if (rc != 0) return rc;
    return fd >= 0 ? fd : -EPROTO;
}

static int broker_remove(void *ctx, const char *path) {
    struct yw_broker_request r = {.op = YW_BROKER_REMOVE};
    return last_part(path, r.name) ? ask(ctx, &r, NULL) : -ENAMETOOLONG;
}

static int broker_rename(void *ctx, const char *from, const char *to) {
    struct yw_broker_request r = {.op = YW_BROKER_RENAME};
    return last_part(from, r.name) && last_part(to, r.other) ? ask(ctx, &r, NULL) : -ENAMETOOLONG;
}

static int broker_sync_dir(void *ctx, const char *path) {
    struct yw_broker_request r = {.op = YW_BROKER_SYNC_DIR};
    YW_UNUSED(path); /* the supervisor made the folder and synced the one above */
    return ask(ctx, &r, NULL);
}

static bool give_names(const char *names, size_t n, bool (*each)(void *arg, const char *name), void *arg) {
    for (size_t at = 0; at < n;) {
        size_t length = strnlen(names + at, n - at);
        if (length == n - at) return false; /* not terminated */
        if (!each(arg, names + at)) return false;
        at += length + 1;
    }
    return true;
}

static int broker_list(void *ctx, const char *path, bool (*each)(void *arg, const char *name), void *arg) {
    struct broker_io *b = ctx;
    const struct yw_broker_request r = {.op = YW_BROKER_LIST};
    char names[YW_BROKER_LIST_BYTES];
    bool wanted = true;
    YW_UNUSED(path);
    pthread_mutex_lock(&b->lock);
    struct yw_broker_answer a = {.more = 1};
    int rc = yw_broker_send(b->socket, &r, sizeof r, -1);
    while (rc == 0 && a.more != 0) {
        int fd;
        rc = receive(b, &a, names, sizeof names, &fd);
        if (fd >= 0) close(fd);
        if (rc == 0) rc = a.result;
        if (rc == 0 && wanted) wanted = give_names(names, a.bytes, each, arg);
    }
    pthread_mutex_unlock(&b->lock);
    return rc;
}

/* The rest goes straight to the system's table, which keeps no state. */
static int io_close(void *ctx, int fd) {
    YW_UNUSED(ctx);
    return yw_io_system()->close(NULL, fd);
}
static ssize_t io_pread(void *ctx, int fd, void *bytes, size_t n, int64_t offset) {
    YW_UNUSED(ctx);
    return yw_io_system()->pread(NULL, fd, bytes, n, offset);
}
static ssize_t io_pwrite(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    YW_UNUSED(ctx);
    return yw_io_system()->pwrite(NULL, fd, bytes, n, offset);
}
static int io_sync(void *ctx, int fd) {
    YW_UNUSED(ctx);
    return yw_io_system()->sync(NULL, fd);
}
static int io_truncate(void *ctx, int fd, int64_t size) {
    YW_UNUSED(ctx);
    return yw_io_system()->truncate(NULL, fd, size);
}
static int io_allocate(void *ctx, int fd, int64_t size) {
    YW_UNUSED(ctx);
    return yw_io_system()->allocate(NULL, fd, size);
}
static int64_t io_size(void *ctx, int fd) {
    YW_UNUSED(ctx);
    return yw_io_system()->size(NULL, fd);
}
static int64_t io_now(void *ctx) {
    YW_UNUSED(ctx);
    return yw_io_system()->now(NULL);
}

struct yw_io *yw_broker_io_create(int socket, struct yw_error *err) {
    struct broker_io *b = calloc(1, sizeof *b);
    if (b == NULL) {
        yw_fail(err, YW_E_NOMEM, "no memory for the broker's I/O table");
        return NULL;
    }
    b->table = (struct yw_io){.ctx = b,
                              .open = broker_open,
                              .close = io_close,
                              .pread = io_pread,
                              .pwrite = io_pwrite,
                              .sync = io_sync,
                              .truncate = io_truncate,
                              .allocate = io_allocate,
                              .size = io_size,
                              .sync_dir = broker_sync_dir,
                              .rename = broker_rename,
                              .remove = broker_remove,
                              .list = broker_list,
                              .now = io_now};
    b->socket = socket;
    pthread_mutex_init(&b->lock, NULL);
    return &b->table;
}

void yw_broker_io_destroy(struct yw_io *io) {
    if (io == NULL) return;
    struct broker_io *b = io->ctx;
    pthread_mutex_destroy(&b->lock);
    free(b);
}
