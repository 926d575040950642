/* Starting a child with the descriptors it needs and no others, and what follows when one dies. */
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

enum { QUICK_US = 10000000, BACKOFF_FIRST_US = 200000, BACKOFF_MOST_US = 10000000, HOPELESS = 6 };

static const char *program_of(enum child_kind kind) {
    static const char *const names[] = {[CHILD_PIPELINE] = "yanwu-pipeline",
                                        [CHILD_GATEWAY] = "yanwu-gateway",
                                        [CHILD_WEB] = "yanwu-web",
                                        [CHILD_COURIER] = "yanwu-courier"};
    return names[kind];
}

const char *child_state_name(enum child_state state) {
    static const char *const names[] = {[CHILD_WAITING] = "waiting",
                                        [CHILD_STARTING] = "starting",
                                        [CHILD_RUNNING] = "running",
                                        [CHILD_STOPPING] = "stopping",
                                        [CHILD_STOPPED] = "stopped"};
    return names[state];
}

enum yw_code child_check_programs(const struct supervisor *s, struct yw_error *err) {
    for (size_t i = 0; i < s->child_count; i++) {
        const char *name = program_of(s->children[i].kind);
        char path[4200];
        snprintf(path, sizeof path, "%s/%s", s->programs, name);
        if (access(path, X_OK) != 0) {
            return yw_fail(err, YW_E_NOT_FOUND,
                           "%s is not beside yanwu-serve in %s: build or install it, or leave it "
                           "out with --only",
                           name, s->programs);
        }
    }
    return YW_OK;
}

/* ---- command lines ---- */

struct arguments {
    char *list[ARGUMENTS_MAX];
    size_t count;
    char text[24 << 10]; /* where the arguments stand */
    size_t used;
    int fds[4]; /* descriptors to hand on */
    size_t fd_count;
};

static void add(struct arguments *a, const char *text) {
    size_t n = strlen(text) + 1;
    if (a->count + 1 >= ARGUMENTS_MAX || n > sizeof a->text - a->used)
        abort(); /* the tables fit by construction */
    memcpy(a->text + a->used, text, n);
    a->list[a->count++] = a->text + a->used;
    a->list[a->count] = NULL;
    a->used += n;
}

static void add_pair(struct arguments *a, const char *option, const char *value) {
    add(a, option);
    add(a, value);
}

static void add_fd(struct arguments *a, const char *option, int fd) {
    char text[16];
    snprintf(text, sizeof text, "%d", fd);
    add_pair(a, option, text);
    a->fds[a->fd_count++] = fd;
}

static void gateway_arguments(const struct supervisor *s, const struct child *c, int broker, int push,
                              struct arguments *a) {
    char text[64];
    snprintf(text, sizeof text, "%u", c->worker);
    add_pair(a, "--worker", text);
    add_pair(a, "--domain", s->settings->value[SETTING_DOMAIN]);
    add_fd(a, "--listen-fd", s->device_fds[c->worker]);
    add_fd(a, "--broker-fd", broker);
    add_fd(a, "--push-fd", push);
    if (s->tls_bound[0] != 0) {
        add_fd(a, "--tls-fd", s->tls_fds[c->worker]);
        add_pair(a, "--tls-cert", s->settings->value[SETTING_TLS_CERT]);
        add_pair(a, "--tls-key", s->settings->value[SETTING_TLS_KEY]);
    }
    for (int i = 0; i < SETTING_COUNT; i++) {
        if (settings_scope((enum setting_id)i) != SCOPE_GATEWAY) continue;
        snprintf(text, sizeof text, "--%s", settings_name((enum setting_id)i));
        add_pair(a, text, s->settings->value[i]);
    }
}

static void web_arguments(const struct supervisor *s, struct arguments *a) {
    add_pair(a, "--data", s->data);
    add_pair(a, "--master-key", s->master);
    add_pair(a, "--domain", s->settings->value[SETTING_DOMAIN]);
    add_fd(a, "--listen-fd", s->http_fd);
    if (s->settings->value[SETTING_HTTP_TLS_CERT][0] != 0) {
        add_pair(a, "--tls-cert", s->settings->value[SETTING_HTTP_TLS_CERT]);
        add_pair(a, "--tls-key", s->settings->value[SETTING_HTTP_TLS_KEY]);
    }
}

/* ---- start ---- */

/* In the child: own process group (the terminal's interrupt is the supervisor's business), dies with the
 * supervisor, standard output goes where messages go. */
_Noreturn static void become(pid_t parent, enum child_kind kind, struct arguments *a) {
    setpgid(0, 0);
    if (kind == CHILD_PIPELINE) { /* digesting does not preempt acknowledging */
        const struct sched_param none = {.sched_priority = 0};
        sched_setscheduler(0, SCHED_BATCH, &none);
    }
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent) _exit(1);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (nothing >= 0) dup2(nothing, STDIN_FILENO);
    dup2(STDERR_FILENO, STDOUT_FILENO);
    for (size_t i = 0; i < a->fd_count; i++) fcntl(a->fds[i], F_SETFD, 0);
    execv(a->list[0], a->list);
    static const char text[] = "yanwu serve: a child program cannot be run\n";
    ssize_t ignored = write(STDERR_FILENO, text, sizeof text - 1);
    YW_UNUSED(ignored);
    _exit(127);
}

static enum yw_code make_sockets(struct child *c, int theirs[2], struct yw_error *err) {
    int broker[2], push[2];
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, broker) != 0) {
        return yw_fail_errno(err, errno, "no socket for the broker");
    }
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, push) != 0) {
        int why = errno;
        close(broker[0]);
        close(broker[1]);
        return yw_fail_errno(err, why, "no socket for register.snap");
    }
    fcntl(broker[0], F_SETFL,
          O_NONBLOCK); /* a gateway that does not take its answers cannot hold the supervisor up */
    c->broker = broker[0];
    c->push = push[0];
    theirs[0] = broker[1];
    theirs[1] = push[1];
    return YW_OK;
}

void child_disconnect(struct child *c) {
    if (c->broker >= 0) close(c->broker);
    if (c->push >= 0) close(c->push);
    c->broker = c->push = -1;
    c->snap_due = false;
}

enum yw_code child_start(struct supervisor *s, struct child *c, struct yw_error *err) {
    struct arguments *a = calloc(1, sizeof *a);
    if (a == NULL) return yw_fail(err, YW_E_NOMEM, "no memory to start %s", c->name);
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", s->programs, program_of(c->kind));
    add(a, path);
    int theirs[2] = {-1, -1};
    enum yw_code code = YW_OK;
    if (c->kind == CHILD_GATEWAY) {
        code = make_sockets(c, theirs, err);
        if (code == YW_OK) {
            gateway_arguments(s, c, theirs[0], theirs[1], a);
            c->snap_due = !broker_push_snap(c->push, s->folder, s->master);
        }
    } else if (c->kind == CHILD_WEB) {
        web_arguments(s, a);
    } else {
        add_pair(a, "--data", s->data);
        add_pair(a, "--master-key", s->master);
        if (c->kind == CHILD_COURIER) add_pair(a, "--domain", s->settings->value[SETTING_DOMAIN]);
    }
    pid_t parent = getpid();
    c->pid = code == YW_OK ? fork() : -1;
    if (c->pid == 0) become(parent, c->kind, a);
    if (code == YW_OK && c->pid < 0) code = yw_fail_errno(err, errno, "%s cannot be started", c->name);
    for (int i = 0; i < 2; i++) {
        if (theirs[i] >= 0) close(theirs[i]);
    }
    free(a);
    c->since = yw_now();
    c->started = yw_monotonic();
    if (code != YW_OK) {
        c->pid = 0;
        child_disconnect(c);
        return code;
    }
    c->state = c->kind == CHILD_GATEWAY ? CHILD_STARTING : CHILD_RUNNING;
    return YW_OK;
}

/* The first time at once, then ever later while it keeps dying early. */
void child_died(struct supervisor *s, struct child *c, int status, int64_t now) {
    child_disconnect(c);
    if (c->kind == CHILD_GATEWAY) commands_worker_died(s->commands, c->worker);
    pid_t pid = c->pid;
    c->pid = 0;
    if (s->stopping) {
        c->state = CHILD_STOPPED;
        return;
    }
    if (WIFSIGNALED(status)) {
        yw_log(YW_LOG_ERROR, "%s (process %d) was ended by signal %d; it is started again", c->name, (int)pid,
               WTERMSIG(status));
    } else {
        yw_log(YW_LOG_ERROR, "%s (process %d) ended with %d; it is started again", c->name, (int)pid,
               WEXITSTATUS(status));
    }
    c->quick = now - c->started < QUICK_US ? c->quick + 1 : 1;
    if (!s->ready &&
        c->quick >= HOPELESS) { /* a wrong setting, most likely: better said than tried for ever */
        yw_log(YW_LOG_ERROR, "%s cannot be started; the messages above say why", c->name);
        s->stopping = s->failed = true;
        s->kill_at = now + STOP_US;
        c->state = CHILD_STOPPED;
        return;
    }
    int64_t wait = 0;
    if (c->quick > 1) {
        uint32_t doublings = c->quick - 2 < 6 ? c->quick - 2 : 6;
        wait = (int64_t)BACKOFF_FIRST_US << doublings;
        if (wait > BACKOFF_MOST_US) wait = BACKOFF_MOST_US;
    }
    c->start_at = now + wait;
    c->restarts++;
    c->state = CHILD_WAITING;
}
