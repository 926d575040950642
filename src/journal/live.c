#include "journal/live.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>

_Static_assert(sizeof(struct yw_live) <= YW_LIVE_BYTES, "the live page is one page");

static enum yw_code lock_page(int fd, const char *folder, struct yw_error *err) {
    if (flock(fd, LOCK_EX | LOCK_NB) == 0 || errno == EBADF)
        return YW_OK; /* EBADF: not the system's handle */
    if (errno == EWOULDBLOCK)
        return yw_fail(err, YW_E_BUSY, "the journal %s is in use by another process", folder);
    return yw_fail_errno(err, errno, "cannot lock the journal %s", folder);
}

/* A hole in a mapped file would be a SIGBUS on a full disk, so the page is allocated. */
static enum yw_code size_page(const struct yw_io *io, int fd, struct yw_error *err) {
    int64_t size = io->size(io->ctx, fd);
    if (size < 0) return yw_fail_errno(err, (int)-size, "cannot read the size of the live page");
    if (size >= YW_LIVE_BYTES) return YW_OK;
    int r = io->allocate(io->ctx, fd, YW_LIVE_BYTES);
    if (r == -EOPNOTSUPP || r == -EINVAL) r = io->truncate(io->ctx, fd, YW_LIVE_BYTES);
    return r < 0 ? yw_fail_errno(err, -r, "cannot make the live page") : YW_OK;
}

static enum yw_code map_page(struct yw_live_owner *l, struct yw_error *err) {
    void *p = mmap(NULL, YW_LIVE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, l->fd, 0);
    if (p != MAP_FAILED) {
        l->page = p;
        l->mapped = true;
        return YW_OK;
    }
    if (errno != EBADF) return yw_fail_errno(err, errno, "cannot map the live page");
    l->page = calloc(1, YW_LIVE_BYTES);
    if (!l->page) return yw_fail(err, YW_E_NOMEM, "no memory for the live page");
    size_t got;
    return yw_read_at(l->io, l->fd, l->page, YW_LIVE_BYTES, 0, &got, err);
}

enum yw_code yw_live_own(const struct yw_io *io, const char *folder, struct yw_live_owner *out,
                         uint64_t *committed, struct yw_error *err) {
    *out = (struct yw_live_owner){.io = io, .fd = -1};
    char path[PATH_MAX];
    enum yw_code code = yw_file_path(folder, "live", path, err);
    if (code != YW_OK) return code;
    out->fd = io->open(io->ctx, path, O_RDWR | O_CREAT);
    if (out->fd < 0) return yw_fail_errno(err, -out->fd, "cannot open %s", path);
    code = lock_page(out->fd, folder, err);
    if (code == YW_OK) code = size_page(io, out->fd, err);
    if (code == YW_OK) code = map_page(out, err);
    if (code != YW_OK) {
        yw_live_disown(out);
        return code;
    }
    if (atomic_load(&out->page->magic) != YW_LIVE_MAGIC) atomic_store(&out->page->committed, 0);
    *committed = atomic_load(&out->page->committed);
    for (int i = 0; i < YW_LIVE_COUNTERS; i++) atomic_store(&out->page->counter[i], 0);
    return YW_OK;
}

void yw_live_publish(struct yw_live_owner *l, uint64_t committed) {
    atomic_store_explicit(&l->page->committed, committed, memory_order_release);
    atomic_store_explicit(&l->page->updated, l->io->now(l->io->ctx), memory_order_relaxed);
    atomic_store_explicit(&l->page->magic, YW_LIVE_MAGIC, memory_order_release);
    if (!l->mapped) yw_write_at(l->io, l->fd, l->page, sizeof *l->page, 0, NULL);
}

void yw_live_disown(struct yw_live_owner *l) {
    if (l->page && l->mapped) munmap(l->page, YW_LIVE_BYTES);
    if (l->page && !l->mapped) free(l->page);
    if (l->fd >= 0) l->io->close(l->io->ctx, l->fd);
    *l = (struct yw_live_owner){.fd = -1};
}

enum yw_code yw_live_view(const struct yw_io *io, const char *folder, struct yw_live_view *out,
                          struct yw_error *err) {
    *out = (struct yw_live_view){.io = io, .fd = -1};
    char path[PATH_MAX];
    enum yw_code code = yw_file_path(folder, "live", path, err);
    if (code != YW_OK) return code;
    int fd = io->open(io->ctx, path, O_RDONLY);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot open %s", path);
    if (io->size(io->ctx, fd) < YW_LIVE_BYTES) {
        io->close(io->ctx, fd);
        return yw_fail(err, YW_E_NOT_FOUND, "%s is not complete: its owner has not started", path);
    }
    void *p = mmap(NULL, YW_LIVE_BYTES, PROT_READ, MAP_SHARED, fd, 0);
    int failure = errno;
    if (p == MAP_FAILED && failure == EBADF) {
        out->fd = fd;
        return YW_OK;
    }
    io->close(io->ctx, fd);
    if (p == MAP_FAILED) return yw_fail_errno(err, failure, "cannot map %s", path);
    out->page = p;
    return YW_OK;
}

uint64_t yw_live_committed(const struct yw_live_view *v) {
    if (v->page)
        return atomic_load(&v->page->magic) == YW_LIVE_MAGIC
                   ? atomic_load_explicit(&v->page->committed, memory_order_acquire)
                   : 0;
    struct yw_live copy;
    size_t got = 0;
    if (v->fd < 0 || yw_read_at(v->io, v->fd, &copy, sizeof copy, 0, &got, NULL) != YW_OK) return 0;
    return got == sizeof copy && atomic_load(&copy.magic) == YW_LIVE_MAGIC ? atomic_load(&copy.committed) : 0;
}

void yw_live_unview(struct yw_live_view *v) {
    if (v->page) munmap((void *)v->page, YW_LIVE_BYTES);
    if (v->fd >= 0) v->io->close(v->io->ctx, v->fd);
    *v = (struct yw_live_view){.fd = -1};
}

const struct yw_live *yw_live_open(const char *folder, struct yw_error *err) {
    struct yw_live_view v;
    return yw_live_view(yw_io_system(), folder, &v, err) == YW_OK ? v.page : NULL;
}

void yw_live_close(const struct yw_live *l) {
    if (l) munmap((void *)l, YW_LIVE_BYTES);
}
