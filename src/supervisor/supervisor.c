/* Set-up, the loop over signals, requests and deaths, and the end. */
#include "register/register.h"
#include "supervisor/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum {
    REGISTER_WAIT_US =
        10000000,     /* who is ready knows its devices; the first register takes a slow disk seconds */
    POLL_MOST_MS = 50 /* so often the acts journal is looked at */
};

/* ---- set-up ---- */

static enum yw_code make_folder(const struct supervisor *s, const char *name, struct yw_error *err) {
    char path[4200];
    snprintf(path, sizeof path, "%s/%s", s->data, name);
    return yw_make_dirs(path, err);
}

static enum yw_code open_data(struct supervisor *s, struct yw_error *err) {
    const char *given = s->settings->value[SETTING_DATA];
    if (given[0] == 0) return yw_fail(err, YW_E_USAGE, "--data DIR is missing");
    enum yw_code code = yw_make_dirs(given, err);
    if (code != YW_OK) return code;
    char *full = realpath(given, NULL);
    bool fits = full != NULL && yw_copy(s->data, sizeof s->data, full, strlen(full));
    free(full);
    if (!fits) return yw_fail(err, YW_E_LIMIT, "the name of the data folder %s cannot be used", given);
    code = make_folder(s, "run", err);
    if (code == YW_OK) code = make_folder(s, "journal", err);
    if (code != YW_OK) return code;
    code = yw_master_path(s->data, s->settings->value[SETTING_MASTER_KEY], s->master, sizeof s->master, err);
    if (code != YW_OK) return code;
    s->folder = open(s->data, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return s->folder >= 0 ? YW_OK : yw_fail_errno(err, errno, "the data folder %s cannot be opened", s->data);
}

/* The lock lives as long as this process, whatever ends it. */
static enum yw_code lock_data(struct supervisor *s, struct yw_error *err) {
    char text[24] = "";
    s->lock_fd = openat(s->folder, "run/yanwu.pid", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (s->lock_fd < 0) return yw_fail_errno(err, errno, "%s/run/yanwu.pid cannot be opened", s->data);
    if (flock(s->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ssize_t n = pread(s->lock_fd, text, sizeof text - 1, 0);
        text[n > 0 ? strcspn(text, "\n") : 0] = 0;
        return yw_fail(err, YW_E_BUSY, "another yanwu serve (process %s) uses the data folder %s", text,
                       s->data);
    }
    int n = snprintf(text, sizeof text, "%d\n", (int)getpid());
    if (ftruncate(s->lock_fd, 0) != 0 || pwrite(s->lock_fd, text, (size_t)n, 0) != n) {
        return yw_fail_errno(err, errno, "%s/run/yanwu.pid cannot be written", s->data);
    }
    return YW_OK;
}

/* Is the word one of a list separated by commas? */
static bool in_list(const char *list, const char *word, size_t n) {
    for (const char *p = list;; p++) {
        size_t length = strcspn(p, ",");
        if (length == n && strncmp(p, word, n) == 0) return true;
        p += length;
        if (*p == 0) return false;
    }
}

static bool wanted(const struct settings *settings, const char *name) {
    const char *only = settings->value[SETTING_ONLY];
    return only[0] == 0 || in_list(only, name, strlen(name));
}

static enum yw_code check_only(const char *only, struct yw_error *err) {
    for (const char *p = only; *p != 0;) {
        size_t n = strcspn(p, ",");
        if (!in_list("gateway,pipeline,web,courier", p, n)) {
            return yw_fail(err, YW_E_USAGE,
                           "only is a list of gateway, pipeline, web, courier; '%.*s' is none of them",
                           (int)n, p);
        }
        p += n;
        if (*p == ',') p++;
    }
    return YW_OK;
}

static struct child *add_child(struct supervisor *s, enum child_kind kind, uint32_t worker) {
    struct child *c = &s->children[s->child_count++];
    *c = (struct child){.kind = kind, .worker = worker, .broker = -1, .push = -1, .folder = -1};
    if (kind == CHILD_GATEWAY) {
        snprintf(c->name, sizeof c->name, "gateway-%u", worker);
    } else {
        static const char *const names[] = {
            [CHILD_PIPELINE] = "pipeline", [CHILD_WEB] = "web", [CHILD_COURIER] = "courier"};
        snprintf(c->name, sizeof c->name, "%s", names[kind]);
    }
    return c;
}

static enum yw_code add_gateways(struct supervisor *s, struct yw_error *err) {
    const struct settings *t = s->settings;
    for (uint32_t i = 0; i < s->workers; i++) {
        char name[32];
        struct child *c = add_child(s, CHILD_GATEWAY, i);
        snprintf(name, sizeof name, "journal/p%u", i);
        enum yw_code code = make_folder(s, name, err);
        if (code != YW_OK) return code;
        c->folder = openat(s->folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
        if (c->folder < 0) return yw_fail_errno(err, errno, "%s/%s cannot be opened", s->data, name);
    }
    int journals = openat(s->folder, "journal", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (journals < 0 || fsync(journals) != 0 || fsync(s->folder) != 0) {
        return yw_fail_errno(err, errno, "%s/journal cannot be synced", s->data);
    }
    close(journals);
    enum yw_code code = listen_open(t->value[SETTING_DEVICE_LISTEN], true, true, s->device_fds, s->workers,
                                    s->device_bound, err);
    if (code != YW_OK || t->value[SETTING_DEVICE_TLS_LISTEN][0] == 0) return code;
    if (t->value[SETTING_TLS_CERT][0] == 0 || t->value[SETTING_TLS_KEY][0] == 0) {
        return yw_fail(err, YW_E_USAGE, "device-tls-listen needs tls-cert and tls-key");
    }
    return listen_open(t->value[SETTING_DEVICE_TLS_LISTEN], true, true, s->tls_fds, s->workers, s->tls_bound,
                       err);
}

static enum yw_code plan(struct supervisor *s, struct yw_error *err) {
    const struct settings *t = s->settings;
    const char *domain = t->value[SETTING_DOMAIN];
    if (strcmp(domain, "real") != 0 && strcmp(domain, "training") != 0 && strcmp(domain, "demo") != 0) {
        return yw_fail(err, YW_E_USAGE, "domain is real, training or demo, not '%s'", domain);
    }
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    s->workers = settings_u32(t, SETTING_WORKERS);
    /* a worker keeps two threads busy, and fewer of them make larger batches; the other cores digest and
     * serve */
    if (s->workers == 0) s->workers = cores >= 8 ? 4 : cores >= 4 ? (uint32_t)cores / 2 : 1;
    if (s->workers > WORKERS_MAX) return yw_fail(err, YW_E_USAGE, "workers is at most %d", WORKERS_MAX);
    enum yw_code code = check_only(t->value[SETTING_ONLY], err);
    if (code != YW_OK) return code;
    if (wanted(t, "pipeline")) add_child(s, CHILD_PIPELINE, 0);
    if (wanted(t, "gateway")) code = add_gateways(s, err);
    if (code == YW_OK && wanted(t, "web")) {
        add_child(s, CHILD_WEB, 0);
        code = listen_open(t->value[SETTING_HTTP_LISTEN], false, false, &s->http_fd, 1, s->http_bound, err);
    }
    /* what was made up for training never leaves the house: there is nobody to carry it */
    if (wanted(t, "courier") && strcmp(domain, "real") == 0) add_child(s, CHILD_COURIER, 0);
    return code == YW_OK ? child_check_programs(s, err) : code;
}

static enum yw_code watch(struct supervisor *s, struct yw_error *err) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    s->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    s->watch = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
    if (s->signals < 0 || s->watch < 0 ||
        inotify_add_watch(s->watch, s->data, IN_MOVED_TO | IN_ONLYDIR) < 0) {
        return yw_fail_errno(err, errno, "signals and the data folder cannot be watched");
    }
    struct rlimit files; /* every gateway inherits what the system allows at most */
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        setrlimit(RLIMIT_NOFILE, &files);
    }
    return YW_OK;
}

/* ---- the loop ---- */

static void tell(const struct supervisor *s) {
    struct yw_error err;
    if (status_write(s, &err) != YW_OK) yw_log(YW_LOG_ERROR, "%s", err.text);
}

static bool start_due(struct supervisor *s, int64_t now) {
    bool changed = false;
    for (size_t i = 0; i < s->child_count && !s->stopping; i++) {
        struct child *c = &s->children[i];
        if (c->state != CHILD_WAITING || c->start_at > now) continue;
        struct yw_error err;
        if (child_start(s, c, &err) != YW_OK) {
            yw_log(YW_LOG_ERROR, "%s", err.text);
            c->start_at = now + YW_SECOND;
        }
        changed = true;
    }
    return changed;
}

static bool reap(struct supervisor *s, int64_t now) {
    bool changed = false;
    int status;
    for (pid_t pid; (pid = waitpid(-1, &status, WNOHANG)) > 0;) {
        for (size_t i = 0; i < s->child_count; i++) {
            if (s->children[i].pid != pid) continue;
            child_died(s, &s->children[i], status, now);
            changed = true;
        }
    }
    return changed;
}

static bool read_signals(struct supervisor *s, int64_t now) {
    struct signalfd_siginfo info;
    bool asked = false;
    while (read(s->signals, &info, sizeof info) == sizeof info) {
        if (info.ssi_signo != SIGCHLD) asked = true;
    }
    if (!asked || s->stopping) return false;
    s->stopping = true;
    s->kill_at = now + STOP_US;
    return true;
}

/* Gateways and web first; the pipeline when they are gone, so that it still sees what they committed last. */
static bool stop_children(struct supervisor *s, int64_t now) {
    bool changed = false, others = false;
    for (size_t i = 0; i < s->child_count; i++)
        others |= s->children[i].pid > 0 && s->children[i].kind != CHILD_PIPELINE;
    for (size_t i = 0; i < s->child_count; i++) {
        struct child *c = &s->children[i];
        if (c->pid > 0 && now >= s->kill_at) kill(c->pid, SIGKILL);
        if (c->state == CHILD_WAITING) c->state = CHILD_STOPPED;
        bool turn = c->kind != CHILD_PIPELINE || !others;
        if (c->pid <= 0 || c->state == CHILD_STOPPING || !turn) continue;
        kill(c->pid, SIGTERM);
        c->state = CHILD_STOPPING;
        changed = true;
    }
    return changed;
}

static void renew_snap(struct supervisor *s) {
    s->register_waits = false;
    for (size_t i = 0; i < s->child_count; i++) s->children[i].snap_due = s->children[i].push >= 0;
}

static void read_watch(struct supervisor *s) {
    _Alignas(struct inotify_event) char bytes[4096];
    for (ssize_t n; (n = read(s->watch, bytes, sizeof bytes)) > 0;) {
        for (char *p = bytes; p < bytes + n;) {
            const struct inotify_event *e = (const struct inotify_event *)(void *)p;
            if (e->len > 0 && strcmp(e->name, "register.snap") == 0) renew_snap(s);
            p += sizeof *e + e->len;
        }
    }
}

static bool hear_children(struct supervisor *s, const struct pollfd *fds, const size_t *owner, size_t count) {
    bool changed = false;
    for (size_t i = 0; i < count; i++) {
        if (fds[i].revents == 0) continue;
        struct child *c = &s->children[owner[i]];
        if (fds[i].fd == c->broker) {
            if (!broker_serve(c->broker, c->folder)) {
                close(c->broker);
                c->broker = -1;
            }
        } else if (fds[i].fd == c->push) {
            changed |= push_hear(s, c);
        }
    }
    return changed;
}

static bool all_running(const struct supervisor *s) {
    for (size_t i = 0; i < s->child_count; i++) {
        if (s->children[i].state != CHILD_RUNNING) return false;
    }
    return true;
}

static bool announce(struct supervisor *s, int64_t now) {
    if (s->ready || s->stopping || !all_running(s)) return false;
    if (s->register_waits && now - s->began < REGISTER_WAIT_US) return false;
    s->ready = true;
    if (s->device_bound[0] != 0) printf("device %s\n", s->device_bound);
    if (s->tls_bound[0] != 0) printf("device-tls %s\n", s->tls_bound);
    if (s->http_bound[0] != 0) {
        printf("http %s://%s/\n", s->settings->value[SETTING_HTTP_TLS_CERT][0] != 0 ? "https" : "http",
               s->http_bound);
    }
    printf("ready\n");
    fflush(stdout);
    return true;
}

static int patience_ms(const struct supervisor *s, int64_t now, bool snap_waits) {
    int64_t until = now + (int64_t)POLL_MOST_MS * 1000;
    if (s->stopping || snap_waits || !s->ready) until = now + 20000;
    for (size_t i = 0; i < s->child_count; i++) {
        const struct child *c = &s->children[i];
        if (c->state == CHILD_WAITING && c->start_at < until) until = c->start_at;
    }
    if (commands_due(s->commands) < until) until = commands_due(s->commands);
    return until <= now ? 0 : (int)((until - now) / 1000 + 1);
}

static bool all_gone(const struct supervisor *s) {
    for (size_t i = 0; i < s->child_count; i++) {
        if (s->children[i].pid > 0) return false;
    }
    return true;
}

static void turn(struct supervisor *s) {
    struct pollfd fds[2 + 2 * CHILDREN_MAX];
    size_t owner[2 + 2 * CHILDREN_MAX], count = 2;
    int64_t now = yw_monotonic();
    bool changed = start_due(s, now);
    bool snap_waits = push_snaps(s);
    fds[0] = (struct pollfd){.fd = s->signals, .events = POLLIN};
    fds[1] = (struct pollfd){.fd = s->watch, .events = POLLIN};
    for (size_t i = 0; i < s->child_count; i++) {
        const int both[2] = {s->children[i].broker, s->children[i].push};
        for (int k = 0; k < 2; k++) {
            if (both[k] < 0) continue;
            fds[count] = (struct pollfd){.fd = both[k], .events = POLLIN};
            owner[count++] = i;
        }
    }
    if (changed) tell(s);
    if (poll(fds, count, patience_ms(s, now, snap_waits)) < 0 && errno != EINTR) usleep(10000);
    now = yw_monotonic();
    changed = read_signals(s, now);
    read_watch(s);
    changed |= hear_children(s, fds + 2, owner + 2, count - 2);
    changed |= reap(s, now);
    push_snaps(s);
    push_commands(s, now);
    if (s->stopping) changed |= stop_children(s, now);
    changed |= announce(s, now);
    if (changed) tell(s);
}

static void clean_up(struct supervisor *s) {
    for (size_t i = 0; i < s->child_count; i++) {
        child_disconnect(&s->children[i]);
        if (s->children[i].folder >= 0) close(s->children[i].folder);
    }
    commands_destroy(s->commands);
    for (uint32_t i = 0; i < WORKERS_MAX; i++) {
        if (s->device_fds[i] >= 0) close(s->device_fds[i]);
        if (s->tls_fds[i] >= 0) close(s->tls_fds[i]);
    }
    const int rest[] = {s->http_fd, s->lock_fd, s->signals, s->watch, s->folder};
    for (size_t i = 0; i < YW_COUNT(rest); i++) {
        if (rest[i] >= 0) close(rest[i]);
    }
}

enum yw_code supervisor_run(const struct settings *settings, struct yw_error *err) {
    static const struct supervisor none = {
        .http_fd = -1, .lock_fd = -1, .signals = -1, .watch = -1, .folder = -1};
    struct supervisor *s = malloc(sizeof *s);
    if (s == NULL) return yw_fail(err, YW_E_NOMEM, "no memory for the supervisor");
    *s = none;
    s->settings = settings;
    s->since = yw_now();
    s->began = yw_monotonic();
    for (uint32_t i = 0; i < WORKERS_MAX; i++) s->device_fds[i] = s->tls_fds[i] = -1;
    enum yw_code code = yw_program_folder(s->programs, sizeof s->programs)
                            ? YW_OK
                            : yw_fail(err, YW_E_SYSTEM, "the folder of this program cannot be found out");
    if (code == YW_OK) code = open_data(s, err);
    if (code == YW_OK) code = lock_data(s, err);
    if (code == YW_OK) code = plan(s, err);
    if (code == YW_OK) code = push_open(s, err);
    if (code == YW_OK) code = watch(s, err);
    if (code == YW_OK) {
        s->register_waits =
            wanted(settings, "pipeline") && faccessat(s->folder, "journal/acts", F_OK, 0) == 0;
        while (!s->stopping || !all_gone(s)) turn(s);
        tell(s);
        if (s->failed) code = yw_fail(err, YW_E_STATE, "the platform could not be started");
    }
    clean_up(s);
    free(s);
    return code;
}
