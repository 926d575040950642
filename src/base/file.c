#include "base/base.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum yw_code yw_file_read(const char *path, size_t max, struct yw_buf *out, struct yw_error *err) {
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return yw_fail_errno(err, errno, "cannot open %s", path);
    char chunk[65536];
    enum yw_code code = YW_OK;
    for (;;) {
        ssize_t n = read(fd, chunk, sizeof chunk);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) code = yw_fail_errno(err, errno, "cannot read %s", path);
        if (n <= 0) break;
        if ((size_t)n > max || out->len > max - (size_t)n) {
            code = yw_fail(err, YW_E_LIMIT, "%s is larger than %zu bytes", path, max);
            break;
        }
        if (!yw_buf_add(out, chunk, (size_t)n)) {
            code = yw_fail(err, YW_E_NOMEM, "%s does not fit into memory", path);
            break;
        }
    }
    close(fd);
    return code;
}

static void folder_of(const char *path, char *out, size_t size) {
    const char *slash = strrchr(path, '/');
    if (!slash)
        yw_copy(out, size, ".", 1);
    else
        yw_copy(out, size, path, slash == path ? 1 : (size_t)(slash - path));
}

static int write_all(const struct yw_io *io, int fd, const char *bytes, size_t n) {
    for (size_t done = 0; done < n;) {
        ssize_t r = io->pwrite(io->ctx, fd, bytes + done, n - done, (int64_t)done);
        if (r <= 0) return r < 0 ? (int)r : -EIO;
        done += (size_t)r;
    }
    return io->sync(io->ctx, fd);
}

enum yw_code yw_file_replace(const struct yw_io *io, const char *path, const void *bytes, size_t n,
                             struct yw_error *err) {
    char temporary[PATH_MAX], folder[PATH_MAX];
    int len = snprintf(temporary, sizeof temporary, "%s.new", path);
    if (len < 0 || (size_t)len >= sizeof temporary)
        return yw_fail(err, YW_E_LIMIT, "the path %s is too long", path);
    folder_of(path, folder, sizeof folder);
    int fd = io->open(io->ctx, temporary, O_RDWR | O_CREAT);
    if (fd < 0) return yw_fail_errno(err, -fd, "cannot create %s", temporary);
    int r = io->truncate(io->ctx, fd, 0);
    if (r == 0) r = write_all(io, fd, bytes, n);
    int closed = io->close(io->ctx, fd);
    if (r == 0) r = closed;
    if (r == 0) r = io->rename(io->ctx, temporary, path);
    if (r == 0) r = io->sync_dir(io->ctx, folder);
    if (r < 0) {
        io->remove(io->ctx, temporary);
        return yw_fail_errno(err, -r, "cannot write %s", path);
    }
    return YW_OK;
}

enum yw_code yw_make_dirs(const char *path, struct yw_error *err) {
    char part[PATH_MAX];
    size_t n = strlen(path);
    if (n == 0 || n >= sizeof part)
        return yw_fail(err, YW_E_LIMIT, "the path '%s' is empty or too long", path);
    for (size_t i = 1; i <= n; i++) {
        if (path[i] != '/' && path[i] != 0) continue;
        yw_copy(part, sizeof part, path, i);
        if (mkdir(part, 0700) < 0 && errno != EEXIST)
            return yw_fail_errno(err, errno, "cannot make the folder %s", part);
    }
    struct stat st;
    if (stat(path, &st) < 0 || !S_ISDIR(st.st_mode))
        return yw_fail(err, YW_E_EXISTS, "%s is not a folder", path);
    return YW_OK;
}

bool yw_program_folder(char *out, size_t size) {
    char path[PATH_MAX];
    ssize_t n = readlink("/proc/self/exe", path, sizeof path - 1);
    if (n <= 0) return false;
    path[n] = 0;
    folder_of(path, out, size);
    return true;
}

enum yw_code yw_share_path(const char *name, char *out, size_t size, struct yw_error *err) {
    char folder[PATH_MAX];
    const char *set = getenv("YANWU_SHARE");
    bool found_folder = yw_program_folder(folder, sizeof folder);
    for (int place = set ? 0 : 1; place < 4; place++) {
        if (place > 0 && !found_folder) break;
        int n;
        switch (place) {
        case 0:
            n = snprintf(out, size, "%s/%s", set, name);
            break;
        case 1:
            n = snprintf(out, size, "%s/../share/%s", folder, name);
            break;
        case 2:
            n = snprintf(out, size, "%s/../share/yanwu/%s", folder, name);
            break;
        default:
            n = snprintf(out, size, "%s/../../share/yanwu/%s", folder, name);
            break;
        }
        if (n > 0 && (size_t)n < size && access(out, R_OK) == 0) return YW_OK;
    }
    return yw_fail(err, YW_E_NOT_FOUND,
                   "the data file share/%s is missing; set YANWU_SHARE to the share folder", name);
}
