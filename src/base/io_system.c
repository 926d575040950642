/* The real I/O table: system calls, errors as -errno. */
#include "base/base.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int failed(void) {
    return -errno;
}

static int sys_open(void *ctx, const char *path, int flags) {
    YW_UNUSED(ctx);
    int fd = open(path, flags | O_CLOEXEC, 0600);
    return fd < 0 ? failed() : fd;
}

static int sys_close(void *ctx, int fd) {
    YW_UNUSED(ctx);
    return close(fd) < 0 ? failed() : 0;
}

static ssize_t sys_pread(void *ctx, int fd, void *bytes, size_t n, int64_t offset) {
    YW_UNUSED(ctx);
    ssize_t r;
    do r = pread(fd, bytes, n, offset);
    while (r < 0 && errno == EINTR);
    return r < 0 ? failed() : r;
}

static ssize_t sys_pwrite(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    YW_UNUSED(ctx);
    ssize_t r;
    do r = pwrite(fd, bytes, n, offset);
    while (r < 0 && errno == EINTR);
    return r < 0 ? failed() : r;
}

static int sys_sync(void *ctx, int fd) {
    YW_UNUSED(ctx);
    return fdatasync(fd) < 0 ? failed() : 0;
}

static int sys_truncate(void *ctx, int fd, int64_t size) {
    YW_UNUSED(ctx);
    return ftruncate(fd, size) < 0 ? failed() : 0;
}

static int sys_allocate(void *ctx, int fd, int64_t size) {
    YW_UNUSED(ctx);
    int r = posix_fallocate(fd, 0, size);
    return -r;
}

static int64_t sys_size(void *ctx, int fd) {
    YW_UNUSED(ctx);
    struct stat st;
    return fstat(fd, &st) < 0 ? failed() : st.st_size;
}

static int sys_sync_dir(void *ctx, const char *path) {
    YW_UNUSED(ctx);
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) return failed();
    int r = fsync(fd) < 0 ? failed() : 0;
    close(fd);
    return r;
}

static int sys_rename(void *ctx, const char *from, const char *to) {
    YW_UNUSED(ctx);
    return rename(from, to) < 0 ? failed() : 0;
}

static int sys_remove(void *ctx, const char *path) {
    YW_UNUSED(ctx);
    return unlink(path) < 0 ? failed() : 0;
}

static int sys_list(void *ctx, const char *path, bool (*each)(void *arg, const char *name), void *arg) {
    YW_UNUSED(ctx);
    DIR *d = opendir(path);
    if (!d) return failed();
    for (struct dirent *e; (e = readdir(d));) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        if (!each(arg, e->d_name)) break;
    }
    closedir(d);
    return 0;
}

static int64_t sys_now(void *ctx) {
    YW_UNUSED(ctx);
    return yw_now();
}

const struct yw_io *yw_io_system(void) {
    static const struct yw_io io = {
        .open = sys_open,
        .close = sys_close,
        .pread = sys_pread,
        .pwrite = sys_pwrite,
        .sync = sys_sync,
        .truncate = sys_truncate,
        .allocate = sys_allocate,
        .size = sys_size,
        .sync_dir = sys_sync_dir,
        .rename = sys_rename,
        .remove = sys_remove,
        .list = sys_list,
        .now = sys_now,
    };
    return &io;
}
