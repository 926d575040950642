/* demo_state: demo.json marks a folder as a demonstration's own and remembers what has been sent. */
#include "demo_platform.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_SIZE = 4096, STATE_MAX = 4096 };

enum yw_code demo_state_load(const char *data, struct demo_state *out, struct yw_error *err) {
    char path[PATH_SIZE];
    struct yw_buf text;
    snprintf(path, sizeof path, "%s/demo.json", data);
    yw_buf_init(&text, STATE_MAX + 1);
    enum yw_code code = yw_file_read(path, STATE_MAX, &text, err);
    if (!code) {
        json_t *root = json_loadb(text.data ? text.data : "", text.len, 0, NULL);
        json_int_t first, filled, live;
        if (json_unpack(root, "{s:I,s:I,s:I}", "first", &first, "filled_from", &filled, "live_until",
                        &live) == 0)
            *out = (struct demo_state){first, filled, live};
        else
            code = yw_fail(err, YW_E_FORMAT, "%s is damaged; start with --fresh", path);
        json_decref(root);
    }
    yw_buf_free(&text);
    return code;
}

enum yw_code demo_state_save(const char *data, const struct demo_state *s, struct yw_error *err) {
    char path[PATH_SIZE], text[256];
    snprintf(path, sizeof path, "%s/demo.json", data);
    int n = snprintf(text, sizeof text,
                     "{\"first\":%" PRId64 ",\"filled_from\":%" PRId64 ",\"live_until\":%" PRId64 "}\n",
                     s->first, s->filled_from, s->live_until);
    return yw_file_replace(yw_io_system(), path, text, (size_t)n, err);
}

static bool note_entry(void *arg, const char *name) {
    YW_UNUSED(name);
    *(bool *)arg = false;
    return false;
}

bool demo_is_empty(const char *data) {
    bool empty = true;
    const struct yw_io *io = yw_io_system();
    int status = io->list(io->ctx, data, note_entry, &empty);
    return status == -ENOENT || (status >= 0 && empty);
}

static int remove_entry(const char *path, const struct stat *st, int kind, struct FTW *at) {
    YW_UNUSED(st), YW_UNUSED(kind);
    return at->level == 0 ? 0 : remove(path);
}

/* The supervisor holds a lock as long as it runs. */
static bool is_running(const char *data) {
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/run/yanwu.pid", data);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    bool running = flock(fd, LOCK_SH | LOCK_NB) != 0;
    close(fd);
    return running;
}

enum yw_code demo_wipe(const char *data, struct yw_error *err) {
    struct demo_state s;
    if (demo_is_empty(data)) return YW_OK;
    if (demo_state_load(data, &s, NULL) == YW_E_NOT_FOUND)
        return yw_fail(
            err, YW_E_DENIED,
            "%s is not a demonstration's folder (it has no demo.json): nothing was removed. Remove it by "
            "hand or give another --data",
            data);
    if (is_running(data))
        return yw_fail(err, YW_E_BUSY, "a demonstration is running on %s: end it before --fresh", data);
    if (nftw(data, remove_entry, 32, FTW_DEPTH | FTW_PHYS) != 0)
        return yw_fail_errno(err, errno, "cannot empty %s", data);
    return YW_OK;
}
