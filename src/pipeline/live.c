/* The page of counters that the pipeline shares. */
#include "pipeline/pipeline.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

const char *yw_pipeline_counter_name(unsigned counter) {
    static const char *const names[YW_PL_COUNT] = {
#define X(id, name, text) name,
        YW_PIPELINE_COUNTER_TABLE(X)
#undef X
    };
    return counter < YW_PL_COUNT ? names[counter] : "unknown";
}

static enum yw_code path_of(const char *data, struct yw_buf *path, struct yw_error *err) {
    yw_buf_init(path, 4096);
    yw_buf_printf(path, "%s/pipeline.live", data);
    return path->failed ? yw_fail(err, YW_E_LIMIT, "the path of the data folder is too long") : YW_OK;
}

enum yw_code yw_pipeline_live_own(const char *data, int *lock, struct yw_pipeline_live **out,
                                  struct yw_error *err) {
    struct yw_buf path;
    *out = NULL;
    enum yw_code code = path_of(data, &path, err);
    int fd = code == YW_OK ? open(path.data, O_RDWR | O_CREAT | O_CLOEXEC, 0600) : -1;
    if (code == YW_OK && fd < 0) code = yw_fail_errno(err, errno, "%s", path.data);
    if (code == YW_OK && flock(fd, LOCK_EX | LOCK_NB) != 0)
        code =
            yw_fail(err, YW_E_BUSY, "%s: another pipeline or a rebuild is at work on this data folder", data);
    if (code == YW_OK && ftruncate(fd, sizeof **out) != 0) code = yw_fail_errno(err, errno, "%s", path.data);
    if (code == YW_OK) {
        void *p = mmap(NULL, sizeof **out, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (p == MAP_FAILED)
            code = yw_fail_errno(err, errno, "%s: cannot be mapped", path.data);
        else
            *out = p;
    }
    yw_buf_free(&path);
    if (code != YW_OK) {
        if (fd >= 0) close(fd);
        return code;
    }
    *lock = fd;
    for (size_t i = 0; i < YW_COUNT((*out)->counter); i++) (*out)->counter[i] = 0;
    (*out)->started = (*out)->updated = yw_now();
    (*out)->magic = YW_PIPELINE_MAGIC;
    return YW_OK;
}

void yw_pipeline_live_disown(int lock, struct yw_pipeline_live *l) {
    munmap(l, sizeof *l);
    close(lock);
}

const struct yw_pipeline_live *yw_pipeline_live_open(const char *data, struct yw_error *err) {
    struct yw_buf path;
    struct stat st;
    void *p = MAP_FAILED;
    if (path_of(data, &path, err) != YW_OK) return NULL;
    int fd = open(path.data, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        yw_fail_errno(err, errno, "%s", path.data);
    else if (fstat(fd, &st) != 0 || st.st_size < (off_t)sizeof(struct yw_pipeline_live))
        yw_fail(err, YW_E_NOT_FOUND, "%s: the pipeline has not run yet", path.data);
    else
        p = mmap(NULL, sizeof(struct yw_pipeline_live), PROT_READ, MAP_SHARED, fd, 0);
    if (fd >= 0) close(fd);
    yw_buf_free(&path);
    if (p == MAP_FAILED) return NULL;
    const struct yw_pipeline_live *l = p;
    if (l->magic == YW_PIPELINE_MAGIC) return l;
    yw_fail(err, YW_E_FORMAT, "pipeline.live is not a page of counters");
    munmap(p, sizeof(struct yw_pipeline_live));
    return NULL;
}

void yw_pipeline_live_close(const struct yw_pipeline_live *l) {
    munmap((void *)(uintptr_t)l, sizeof *l);
}
