/* The installation's key, made once, by whichever program needs it first. */
#include "register/register.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <unistd.h>

enum { KEY_BYTES = 32 };

static enum yw_code make(const char *data, const char *path, struct yw_error *err) {
    uint8_t key[KEY_BYTES];
    char fresh[4096 + 32];
    randombytes_buf(key, sizeof key);
    snprintf(fresh, sizeof fresh, "%s.%ld", path, (long)getpid());
    int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0) return yw_fail_errno(err, errno, "%s: cannot be made", fresh);
    bool ok = write(fd, key, sizeof key) == (ssize_t)sizeof key && fsync(fd) == 0;
    int why = errno;
    close(fd);
    sodium_memzero(key, sizeof key);
    /* A link fails where another program was first; its key counts then. */
    if (ok && link(fresh, path) != 0 && errno != EEXIST) ok = false, why = errno;
    unlink(fresh);
    if (!ok) return yw_fail_errno(err, why, "%s: cannot be written", path);
    int folder = yw_io_system()->sync_dir(yw_io_system()->ctx, data);
    return folder < 0 ? yw_fail_errno(err, -folder, "%s", data) : YW_OK;
}

enum yw_code yw_secret_load(const char *data, uint8_t key[32], struct yw_error *err) {
    char path[4096];
    if (snprintf(path, sizeof path, "%s/secret.key", data) >= (int)sizeof path) {
        return yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long");
    }
    for (int try = 0; try < 2; try++) {
        int fd = open(path, O_RDONLY | O_CLOEXEC);
        if (fd >= 0) {
            ssize_t n = read(fd, key, KEY_BYTES);
            close(fd);
            return n == KEY_BYTES ? YW_OK
                                  : yw_fail(err, YW_E_CORRUPT, "%s: shorter than %d bytes", path, KEY_BYTES);
        }
        if (errno != ENOENT || try > 0) break;
        enum yw_code code = make(data, path, err);
        if (code != YW_OK) return code;
    }
    return yw_fail_errno(err, errno, "%s", path);
}
