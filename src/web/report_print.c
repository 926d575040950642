/* One child, its standard input and output, a deadline. */
#include "web/report_print.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

struct child {
    pid_t pid;
    int in, out; /* our ends, -1: closed */
};

static void shut(int *fd) {
    if (*fd >= 0) close(*fd);
    *fd = -1;
}

static enum yw_code start(const char *format, struct child *c, struct yw_error *err) {
    char folder[4000], path[4096];
    int in[2], out[2];
    if (!yw_program_folder(folder, sizeof folder))
        return yw_fail(err, YW_E_SYSTEM, "the folder of the programs cannot be found");
    snprintf(path, sizeof path, "%s/yanwu-report", folder);
    if (pipe2(in, O_CLOEXEC) != 0) return yw_fail_errno(err, errno, "a pipe");
    if (pipe2(out, O_CLOEXEC) != 0) {
        close(in[0]);
        close(in[1]);
        return yw_fail_errno(err, errno, "a pipe");
    }
    posix_spawn_file_actions_t files;
    posix_spawnattr_t how;
    sigset_t none;
    sigemptyset(&none);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&files, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1); /* sockets are not its business */
    posix_spawnattr_init(&how);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK);
    char name[] = "yanwu-report", option[] = "--format", value[8];
    snprintf(value, sizeof value, "%s", format);
    char *argv[] = {name, option, value, NULL};
    int e = posix_spawn(&c->pid, path, &files, &how, argv, environ);
    posix_spawn_file_actions_destroy(&files);
    posix_spawnattr_destroy(&how);
    close(in[0]);
    close(out[1]);
    c->in = in[1];
    c->out = out[0];
    if (e == 0 && fcntl(c->in, F_SETFL, O_NONBLOCK) == 0) return YW_OK;
    shut(&c->in);
    shut(&c->out);
    return yw_fail_errno(err, e != 0 ? e : errno, "%s", path);
}

/* Gives and takes until the child closes its output. */
static enum yw_code talk(struct child *c, const char *text, size_t n, struct yw_buf *out,
                         struct yw_error *err) {
    int64_t until = yw_monotonic() + YW_PRINT_SECONDS * YW_SECOND;
    size_t given = 0;
    char bytes[1 << 16];
    for (;;) {
        struct pollfd fds[2] = {{.fd = c->out, .events = POLLIN}, {.fd = c->in, .events = POLLOUT}};
        int64_t left = until - yw_monotonic();
        if (left <= 0)
            return yw_fail(err, YW_E_STATE, "printing took longer than %d s: ask for less", YW_PRINT_SECONDS);
        if (poll(fds, 2, (int)(left / 1000) + 1) < 0 && errno != EINTR)
            return yw_fail_errno(err, errno, "poll");
        if (c->in >= 0 && fds[1].revents != 0) {
            ssize_t w = write(c->in, text + given, n - given);
            if (w > 0) given += (size_t)w;
            /* A child that stops reading says why by its end. */
            if (given == n || (w < 0 && errno != EAGAIN && errno != EINTR)) shut(&c->in);
        }
        if (fds[0].revents == 0) continue;
        ssize_t r = read(c->out, bytes, sizeof bytes);
        if (r == 0) return YW_OK;
        if (r < 0 && errno != EINTR && errno != EAGAIN) return yw_fail_errno(err, errno, "a pipe");
        if (r > 0 && !yw_buf_add(out, bytes, (size_t)r))
            return yw_fail(err, YW_E_LIMIT, "the print is larger than %d bytes", YW_PRINT_BYTES_MAX);
    }
}

enum yw_code yw_report_print_run(const char *format, const char *document, size_t n, struct yw_buf *out,
                                 struct yw_error *err) {
    struct child c = {.pid = -1, .in = -1, .out = -1};
    enum yw_code code = start(format, &c, err);
    if (code != YW_OK) return code;
    code = talk(&c, document, n, out, err);
    shut(&c.in);
    shut(&c.out);
    if (code != YW_OK) kill(c.pid, SIGKILL);
    int status = 0;
    while (waitpid(c.pid, &status, 0) < 0 && errno == EINTR) continue;
    if (code == YW_OK && !(WIFEXITED(status) && WEXITSTATUS(status) == 0))
        code = yw_fail(err, YW_E_STATE, "the report could not be printed; the log says why");
    return code;
}
