/* The acts socket: one thread that looks after at most 16 clients; questions are few and short. */
#include "web/acts_socket.h"

#include "web/acts_answers.h"
#include "web/web_int.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum { ANSWER_MAX = 8 << 20, WRITE_MS = 5000 };

struct client {
    int fd; /* -1: free */
    struct yw_buf in;
};
struct yw_acts_socket {
    struct yw_web *web;
    int listener, folder, wake[2];
    pthread_t thread;
    bool started;
    struct client clients[YW_ACTS_CLIENTS_MAX];
};

void yw_acts_refuse(struct yw_buf *out, const char *code, const char *zh, const char *en) {
    yw_buf_clear(out);
    yj_open(out, '{');
    yj_key(out, "error");
    yj_open(out, '{');
    yj_put_text(out, "code", code);
    yj_put_text(out, "text_zh", zh);
    yj_put_text(out, "text_en", en);
    yj_close(out, '}');
    yj_close(out, '}');
}

static void answer(struct yw_web *w, const char *line, size_t n, struct yw_buf *out) {
    json_error_t where;
    json_t *o = json_loadb(line, n, JSON_REJECT_DUPLICATES, &where);
    const char *ask = json_string_value(json_object_get(o, "ask"));
    yw_acts_answer how = ask != NULL ? yw_acts_answer_to(ask) : NULL;
    if (how != NULL) {
        how(w, o, out);
        if (out->failed) yw_acts_refuse(out, "too_large", "回答过大", "the answer is too large");
    } else {
        yw_acts_refuse(out, "unknown_ask", "没有这种请求",
                       o == NULL ? "not a line of JSON" : "ask: there is no such question");
    }
    json_decref(o);
    yw_buf_putc(out, '\n');
}

/* ---- clients ---- */

static void let_go(struct client *c) {
    close(c->fd);
    yw_buf_free(&c->in);
    c->fd = -1;
}

/* Whoever reads too slowly is let go: the others wait behind it. */
static bool send_all(int fd, const char *bytes, size_t n) {
    while (n > 0) {
        ssize_t done = send(fd, bytes, n, MSG_NOSIGNAL);
        if (done > 0) {
            bytes += done;
            n -= (size_t)done;
        } else if (done < 0 && (errno == EAGAIN || errno == EINTR)) {
            struct pollfd p = {.fd = fd, .events = POLLOUT};
            if (poll(&p, 1, WRITE_MS) <= 0) return false;
        } else {
            return false;
        }
    }
    return true;
}

static bool answer_lines(struct yw_web *w, struct client *c) {
    char *end;
    bool good = true;
    while (good && c->in.len > 0 && (end = memchr(c->in.data, '\n', c->in.len)) != NULL) {
        size_t n = (size_t)(end - c->in.data);
        struct yw_buf out;
        yw_buf_init(&out, ANSWER_MAX);
        answer(w, c->in.data, n, &out);
        good = !out.failed && send_all(c->fd, out.data, out.len);
        yw_buf_free(&out);
        memmove(c->in.data, end + 1, c->in.len - n - 1);
        c->in.len -= n + 1;
    }
    return good;
}

static void serve(struct yw_acts_socket *s, struct client *c) {
    char piece[8192];
    ssize_t n = recv(c->fd, piece, sizeof piece, MSG_DONTWAIT);
    if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
    bool good = n > 0 && yw_buf_add(&c->in, piece, (size_t)n);
    if (n > 0 && !good) {
        static const char too_long[] = "{\"error\":{\"code\":\"too_large\",\"text_zh\":\"请求过长\","
                                       "\"text_en\":\"a line is longer than 64 KiB\"}}\n";
        (void)send_all(c->fd, too_long, sizeof too_long - 1);
    }
    if (!good || !answer_lines(s->web, c)) let_go(c);
}

static void welcome(struct yw_acts_socket *s) {
    int fd = accept4(s->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    if (fd < 0) return;
    struct ucred peer;
    socklen_t size = sizeof peer;
    bool ours = getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 && peer.uid == geteuid();
    for (size_t i = 0; ours && i < YW_ACTS_CLIENTS_MAX; i++) {
        if (s->clients[i].fd >= 0) continue;
        s->clients[i].fd = fd;
        yw_buf_init(&s->clients[i].in, YW_ACTS_LINE_MAX);
        return;
    }
    struct yw_buf out;
    yw_buf_init(&out, 1024);
    if (ours) {
        yw_acts_refuse(&out, "busy", "连接过多，请稍后再试", "16 clients are connected: try again later");
    } else {
        yw_acts_refuse(&out, "denied", "须以平台运行账号使用", "only for the user the platform runs as");
    }
    yw_buf_putc(&out, '\n');
    (void)send(fd, out.data, out.len, MSG_NOSIGNAL);
    yw_buf_free(&out);
    close(fd);
}

static void *run(void *arg) {
    struct yw_acts_socket *s = arg;
    for (;;) {
        struct pollfd p[YW_ACTS_CLIENTS_MAX + 2] = {{.fd = s->wake[0], .events = POLLIN},
                                                    {.fd = s->listener, .events = POLLIN}};
        for (size_t i = 0; i < YW_ACTS_CLIENTS_MAX; i++)
            p[i + 2] = (struct pollfd){.fd = s->clients[i].fd, .events = POLLIN};
        if (poll(p, YW_COUNT(p), -1) < 0 && errno != EINTR) break;
        if (p[0].revents != 0) break;
        for (size_t i = 0; i < YW_ACTS_CLIENTS_MAX; i++) {
            if (s->clients[i].fd >= 0 && p[i + 2].revents != 0) serve(s, &s->clients[i]);
        }
        if (p[1].revents != 0) welcome(s);
    }
    return NULL;
}

/* ---- start and stop ---- */

/* The folder is opened and the socket named through it: names of sockets are short, those of data folders
 * need not be. */
static enum yw_code listen_in(struct yw_acts_socket *s, const char *data, struct yw_error *err) {
    char path[4200];
    snprintf(path, sizeof path, "%s/run", data);
    enum yw_code code = yw_make_dirs(path, err);
    if (code != YW_OK) return code;
    s->folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    s->listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (s->folder < 0 || s->listener < 0) return yw_fail_errno(err, errno, "%s/acts.sock", path);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/acts.sock", s->folder);
    /* This process owns the acts journal, so whoever listened here before is gone. */
    (void)unlinkat(s->folder, "acts.sock", 0);
    if (bind(s->listener, (struct sockaddr *)&name, sizeof name) != 0 ||
        fchmodat(s->folder, "acts.sock", 0600, 0) != 0 || listen(s->listener, YW_ACTS_CLIENTS_MAX) != 0)
        return yw_fail_errno(err, errno, "%s/acts.sock", path);
    return YW_OK;
}

enum yw_code yw_acts_socket_start(struct yw_web *w, struct yw_acts_socket **out, struct yw_error *err) {
    struct yw_acts_socket *s = calloc(1, sizeof *s);
    if (s == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    s->web = w;
    s->listener = s->folder = s->wake[0] = s->wake[1] = -1;
    for (size_t i = 0; i < YW_ACTS_CLIENTS_MAX; i++) s->clients[i].fd = -1;
    enum yw_code code = pipe2(s->wake, O_CLOEXEC) == 0 ? YW_OK : yw_fail_errno(err, errno, "a pipe");
    if (code == YW_OK) code = listen_in(s, w->data, err);
    if (code == YW_OK) {
        s->started = pthread_create(&s->thread, NULL, run, s) == 0;
        if (!s->started) code = yw_fail(err, YW_E_SYSTEM, "a thread could not be started");
    }
    if (code != YW_OK) {
        yw_acts_socket_stop(s);
        return code;
    }
    *out = s;
    return YW_OK;
}

void yw_acts_socket_stop(struct yw_acts_socket *s) {
    if (s == NULL) return;
    if (s->started) {
        (void)!write(s->wake[1], "", 1);
        pthread_join(s->thread, NULL);
    }
    for (size_t i = 0; i < YW_ACTS_CLIENTS_MAX; i++) {
        if (s->clients[i].fd >= 0) let_go(&s->clients[i]);
    }
    if (s->folder >= 0 && s->started) (void)unlinkat(s->folder, "acts.sock", 0);
    if (s->folder >= 0) close(s->folder);
    if (s->listener >= 0) close(s->listener);
    for (int i = 0; i < 2; i++) {
        if (s->wake[i] >= 0) close(s->wake[i]);
    }
    free(s);
}
