/* demo_serve: `yanwu serve` as a child of the demonstration. */
#include "demo_platform.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PATH_SIZE = 4096 };

static void become_serve(const char *data, const char *device, const char *http, int out) {
    char folder[PATH_SIZE - 64], path[PATH_SIZE];
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGTERM);
    dup2(out, STDOUT_FILENO);
    if (!yw_program_folder(folder, sizeof folder)) _exit(127);
    snprintf(path, sizeof path, "%s/yanwu-serve", folder);
    execl(path, path, "--data", data, "--domain", "demo", "--device-listen", device, "--http-listen", http,
          (char *)NULL);
    fprintf(stderr, "yanwu demo: cannot start %s: %s\n", path, strerror(errno));
    _exit(127);
}

enum yw_code demo_serve_start(struct demo_serve *s, const char *data, const char *device, const char *http,
                              struct yw_error *err) {
    int ends[2];
    *s = (struct demo_serve){.pid = 0, .out = -1};
    if (pipe2(ends, O_CLOEXEC) != 0) return yw_fail_errno(err, errno, "no pipe");
    s->pid = fork();
    if (s->pid < 0) return yw_fail_errno(err, errno, "cannot start a process");
    if (s->pid == 0) become_serve(data, device, http, ends[1]);
    close(ends[1]);
    s->out = ends[0];
    fcntl(s->out, F_SETFL, O_NONBLOCK);
    return YW_OK;
}

static void take_line(struct demo_serve *s) {
    s->line[s->n] = '\0';
    s->n = 0;
    if (strncmp(s->line, "device ", 7) == 0)
        yw_copy(s->device, sizeof s->device, s->line + 7, strlen(s->line + 7));
    if (strncmp(s->line, "http ", 5) == 0) yw_copy(s->http, sizeof s->http, s->line + 5, strlen(s->line + 5));
    if (strcmp(s->line, "ready") == 0) s->ready = true;
}

bool demo_serve_read(struct demo_serve *s) {
    for (;;) {
        char c;
        ssize_t n = read(s->out, &c, 1);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return errno == EAGAIN;
        if (n == 0) return false;
        if (c == '\n')
            take_line(s);
        else if (s->n + 1 < sizeof s->line)
            s->line[s->n++] = c;
    }
}

bool demo_serve_stop(struct demo_serve *s) {
    if (s->pid <= 0) return true;
    int status = 0;
    kill(s->pid, SIGTERM);
    for (int64_t began = yw_monotonic(); waitpid(s->pid, &status, WNOHANG) == 0; usleep(20000)) {
        if (yw_monotonic() - began < 20 * YW_SECOND) continue;
        kill(s->pid, SIGKILL);
        waitpid(s->pid, &status, 0);
        break;
    }
    close(s->out);
    s->pid = 0;
    return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
