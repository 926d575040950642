/* platform: starting, watching and ending the `yanwu serve` that is measured. */
#include "platform.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "register/register.h"

enum { DEVICES_PER_ACT = 4000, LINE_MAX_BYTES = 4096 };

void device_mn(uint32_t i, char mn[25]) {
    snprintf(mn, 25, "5957BE0000000000%08X", i);
}

/* ---- registering ---- */

static enum yw_code put_devices(struct yw_journal *acts, struct yw_register *r, uint32_t from, uint32_t to,
                                struct yw_error *err) {
    uint32_t n = to - from;
    struct yw_outlet *outlets = calloc(n, sizeof *outlets);
    struct yw_device *devices = calloc(n, sizeof *devices);
    struct yw_enterprise works = {
        .id = 1, .credit_code = "91980000MA0000001X", .name = "bench", .area = "980000", .lon = 0, .lat = 0};
    struct yw_area area = {.code = "980000", .name = "bench"};
    for (uint32_t i = 0; outlets && devices && i < n; i++) {
        uint32_t id = from + i + 1;
        outlets[i] = (struct yw_outlet){.id = id, .enterprise = 1, .kind = YW_OUTLET_AIR, .st = "31"};
        snprintf(outlets[i].code, sizeof outlets[i].code, "DA%u", id);
        snprintf(outlets[i].name, sizeof outlets[i].name, "outlet %u", id);
        devices[i] = (struct yw_device){
            .id = id, .outlet = id, .pw = "123456", .state = YW_DEVICE_ADMITTED, .version = 2017};
        device_mn(from + i, devices[i].mn);
    }
    struct yw_register_put put = {.areas = &area,
                                  .area_n = from == 0,
                                  .enterprises = &works,
                                  .enterprise_n = from == 0,
                                  .outlets = outlets,
                                  .outlet_n = n,
                                  .devices = devices,
                                  .device_n = n};
    struct yw_act act = {.by = "bench", .at = yw_now()};
    struct yw_buf text;
    yw_buf_init(&text, YW_ACT_MAX);
    enum yw_code code = outlets && devices && yw_act_register_put(&text, &act, &put)
                            ? YW_OK
                            : yw_fail(err, YW_E_NOMEM, "act too long");
    struct yw_record record = {
        .arrival = yw_now(), .direction = YW_DIR_ACT, .payload = text.data, .length = (uint32_t)text.len};
    if (!code) code = yw_journal_append(acts, &record, err);
    if (!code) code = yw_register_apply(r, text.data, text.len, err);
    yw_buf_free(&text);
    free(outlets);
    free(devices);
    return code;
}

static enum yw_code register_devices(const struct platform *p, uint32_t devices, struct yw_error *err) {
    char path[640];
    struct yw_journal *acts;
    struct yw_register *r = yw_register_create();
    snprintf(path, sizeof path, "%s/journal/acts", p->data);
    enum yw_code code = yw_make_dirs(path, err);
    if (!code) code = yw_journal_open_sized(yw_io_system(), path, "acts", 4 << 20, &acts, NULL, err);
    if (code) return code;
    for (uint32_t i = 0; !code && i < devices; i += DEVICES_PER_ACT)
        code = put_devices(acts, r, i, i + DEVICES_PER_ACT < devices ? i + DEVICES_PER_ACT : devices, err);
    if (!code) code = yw_journal_commit(acts, err);
    yw_journal_close(acts);
    snprintf(path, sizeof path, "%s/register.snap", p->data);
    if (!code) code = yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, err);
    yw_register_destroy(r);
    return code;
}

static enum yw_code find_build(struct platform *p, struct yw_error *err) {
    const char *build = getenv("YANWU_BUILD");
    char own[400];
    if (!build && !yw_program_folder(own, sizeof own))
        return yw_fail(err, YW_E_NOT_FOUND, "cannot tell where this program lies");
    snprintf(p->build, sizeof p->build, build ? "%s" : "%s/..", build ? build : own);
    char serve[640];
    snprintf(serve, sizeof serve, "%s/yanwu-serve", p->build);
    if (access(serve, X_OK) != 0) return yw_fail_errno(err, errno, "%s", serve);
    return YW_OK;
}

enum yw_code platform_create(struct platform *p, uint32_t devices, uint32_t workers, struct yw_error *err) {
    *p = (struct platform){.workers = workers, .pid = 0, .out = -1};
    enum yw_code code = find_build(p, err);
    if (code) return code;
    const char *tmp = getenv("TMPDIR");
    snprintf(p->data, sizeof p->data, "%s/yanwu-bench-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(p->data)) return yw_fail_errno(err, errno, "cannot make %s", p->data);
    return register_devices(p, devices, err);
}

/* ---- running ---- */

static void exec_serve(const struct platform *p, int out) {
    char serve[640], workers[16];
    snprintf(serve, sizeof serve, "%s/yanwu-serve", p->build);
    snprintf(workers, sizeof workers, "%u", p->workers);
    dup2(out, STDOUT_FILENO);
    const char *argv[20] = {serve,         "--data",          p->data,       "--domain",
                            "training",    "--device-listen", "127.0.0.1:0", "--http-listen",
                            "127.0.0.1:0", "--workers",       workers};
    if (p->only[0]) argv[11] = "--only", argv[12] = p->only;
    execv(serve, (char *const *)argv);
    _exit(127);
}

/* One line of serve's output; false at its end or after 30 s. */
static bool read_line(int fd, char *line, size_t size, int64_t until) {
    size_t n = 0;
    while (n + 1 < size) {
        struct pollfd f = {.fd = fd, .events = POLLIN};
        int left = (int)((until - yw_monotonic()) / 1000);
        if (left <= 0 || poll(&f, 1, left) <= 0 || read(fd, line + n, 1) != 1) return false;
        if (line[n] == '\n') break;
        n++;
    }
    line[n] = '\0';
    return true;
}

enum yw_code platform_start(struct platform *p, struct yw_error *err) {
    int pipe_fd[2];
    if (pipe2(pipe_fd, O_CLOEXEC) != 0) return yw_fail_errno(err, errno, "no pipe");
    int64_t began = yw_monotonic();
    p->pid = fork();
    if (p->pid == 0) exec_serve(p, pipe_fd[1]);
    close(pipe_fd[1]);
    p->out = pipe_fd[0];
    char line[LINE_MAX_BYTES];
    while (read_line(p->out, line, sizeof line, began + 30 * YW_SECOND)) {
        if (strncmp(line, "device ", 7) == 0) {
            const char *colon = strrchr(line, ':');
            if (colon) yw_parse_u16(colon + 1, strlen(colon + 1), &p->device_port);
        }
        if (strcmp(line, "ready") == 0) {
            p->ready_us = yw_monotonic() - began;
            return YW_OK;
        }
    }
    return yw_fail(err, YW_E_STATE, "yanwu-serve did not get ready within 30 s; data folder %s", p->data);
}

bool platform_stop(struct platform *p) {
    if (p->pid <= 0) return true;
    kill(p->pid, SIGTERM);
    int status = 0;
    while (waitpid(p->pid, &status, 0) < 0 && errno == EINTR) {
    }
    p->pid = 0;
    if (p->out >= 0) close(p->out);
    p->out = -1;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *at) {
    YW_UNUSED(st), YW_UNUSED(kind), YW_UNUSED(at);
    return remove(path);
}

void platform_remove(struct platform *p) {
    platform_stop(p);
    if (strstr(p->data, "/yanwu-bench-")) nftw(p->data, remove_one, 32, FTW_DEPTH | FTW_PHYS);
}

/* ---- watching ---- */

static uint64_t over_workers(const struct platform *p, int counter) {
    uint64_t sum = 0;
    for (uint32_t w = 0; w < p->workers; w++) {
        char path[640];
        snprintf(path, sizeof path, "%s/journal/p%u", p->data, w);
        const struct yw_live *live = yw_live_open(path, NULL);
        if (!live) continue;
        sum += counter < 0 ? live->committed : live->counter[counter];
        yw_live_close(live);
    }
    return sum;
}

uint64_t platform_counter(const struct platform *p, enum yw_gateway_counter counter) {
    return over_workers(p, (int)counter);
}

uint64_t platform_committed(const struct platform *p) {
    return over_workers(p, -1);
}

static uint64_t kib_after(const char *text, const char *name) {
    const char *at = strstr(text, name);
    if (!at) return 0;
    at += strlen(name);
    at += strspn(at, " \t");
    uint64_t v = 0;
    yw_parse_u64(at, strspn(at, "0123456789"), &v);
    return v * 1024;
}

struct sum_memory {
    const struct platform *p;
    const char *program;
    uint64_t bytes;
};

static bool add_memory(void *arg, const char *name) {
    struct sum_memory *s = arg;
    char path[320];
    struct yw_buf text;
    if (name[strspn(name, "0123456789")] != '\0') return true;
    yw_buf_init(&text, 64 << 10);
    snprintf(path, sizeof path, "/proc/%s/stat", name);
    int64_t parent = 0;
    if (!yw_file_read(path, 4096, &text, NULL) && text.len) {
        const char *end = strrchr(text.data, ')');
        if (end && strlen(end) > 4) yw_parse_i64(end + 4, strspn(end + 4, "0123456789"), &parent);
        bool ours = parent == s->p->pid && strstr(text.data, s->program);
        yw_buf_clear(&text);
        snprintf(path, sizeof path, "/proc/%s/smaps_rollup", name);
        if (ours && !yw_file_read(path, 32 << 10, &text, NULL) && text.len)
            s->bytes += kib_after(text.data, "Pss_Anon:");
    }
    yw_buf_free(&text);
    return true;
}

uint64_t platform_memory(const struct platform *p, const char *program) {
    struct sum_memory s = {.p = p, .program = program};
    const struct yw_io *io = yw_io_system();
    io->list(io->ctx, "/proc", add_memory, &s);
    return s.bytes;
}

uint64_t platform_disk(const struct platform *p, const char *folder) {
    char command[1200], line[64] = "";
    snprintf(command, sizeof command, "du -sb -- '%s/%s' 2>/dev/null", p->data, folder);
    FILE *f = popen(command, "re");
    uint64_t bytes = 0;
    if (f && fgets(line, sizeof line, f)) yw_parse_u64(line, strspn(line, "0123456789"), &bytes);
    if (f) pclose(f);
    return bytes;
}
