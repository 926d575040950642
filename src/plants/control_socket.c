/* control_socket: clients of the control socket. Each is answered in order; one that does not read its
 * answers is let go, one that sends a line too long too. */
#include "plants/control_socket.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>
#include <uv.h>

#include "plants/control_answer.h"

enum { UNREAD_MAX = 8 << 20, BACKLOG = 64, PATH_MOST = sizeof((struct sockaddr_un *)0)->sun_path };

struct client {
    struct yw_control_socket *socket;
    struct client *next;
    uv_pipe_t pipe;
    char in[YW_CONTROL_LINE_MAX + 1]; /* of a line that is not complete */
    size_t in_n, unread;              /* bytes of answers on their way */
    bool closing;
};
struct yw_control_socket {
    uv_pipe_t listener;
    struct yw_host *host;
    const struct yw_effect_book *book;
    struct client *clients;
    unsigned count;
    char path[PATH_MOST], piece[8192];
    struct yw_buf answer;
    bool closing;
};
struct writing {
    uv_write_t request;
    struct client *client;
    size_t n;
    char bytes[];
};

/* ---- clients ---- */

static void on_gone(uv_handle_t *handle) {
    struct client *c = handle->data;
    struct client **at = &c->socket->clients;
    while (*at != c) at = &(*at)->next;
    *at = c->next;
    c->socket->count--;
    free(c);
}

static void let_go(struct client *c) {
    if (c->closing) return;
    c->closing = true;
    uv_close((uv_handle_t *)&c->pipe, on_gone);
}

static void on_written(uv_write_t *request, int status) {
    struct writing *w = request->data;
    w->client->unread -= w->n;
    if (status < 0) let_go(w->client);
    free(w);
}

static void say(struct client *c, const char *bytes, size_t n) {
    struct writing *w = c->unread + n <= UNREAD_MAX ? malloc(sizeof *w + n) : NULL;
    if (!w) {
        let_go(c);
        return;
    }
    w->client = c;
    w->n = n;
    w->request.data = w;
    memcpy(w->bytes, bytes, n);
    uv_buf_t buf = uv_buf_init(w->bytes, (unsigned)n);
    c->unread += n;
    if (uv_write(&w->request, (uv_stream_t *)&c->pipe, &buf, 1, on_written) == 0) return;
    c->unread -= n;
    free(w);
    let_go(c);
}

static void answer(struct client *c, const char *line, size_t n) {
    struct yw_control_socket *s = c->socket;
    yw_control_answer(s->host, s->book, line, n, &s->answer);
    if (s->answer.failed)
        let_go(c);
    else
        say(c, s->answer.data, s->answer.len);
}

static void take(struct client *c, const char *bytes, size_t n) {
    static const char too_long[] =
        "{\"ok\":false,\"error\":{\"code\":\"YW_E_LIMIT\",\"text\":\"a line has at "
        "most 16384 bytes\"}}\n";
    for (size_t at = 0; at < n && !c->closing;) {
        const char *end = memchr(bytes + at, '\n', n - at);
        size_t length = end ? (size_t)(end - bytes) - at : n - at;
        if (c->in_n + length > YW_CONTROL_LINE_MAX) {
            say(c, too_long, sizeof too_long - 1);
            let_go(c);
            return;
        }
        memcpy(c->in + c->in_n, bytes + at, length);
        c->in_n += length;
        at += length + (end != NULL);
        if (!end) continue;
        if (c->in_n) answer(c, c->in, c->in_n);
        c->in_n = 0;
    }
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf) {
    struct client *c = handle->data;
    YW_UNUSED(hint);
    *buf = uv_buf_init(c->socket->piece, sizeof c->socket->piece);
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf) {
    struct client *c = stream->data;
    if (got < 0) let_go(c);
    if (got > 0) take(c, buf->base, (size_t)got);
}

static void on_client(uv_stream_t *listener, int status) {
    struct yw_control_socket *s = listener->data;
    struct client *c = status < 0 ? NULL : calloc(1, sizeof *c);
    if (!c) return;
    c->socket = s;
    c->next = s->clients;
    s->clients = c;
    s->count++;
    uv_pipe_init(listener->loop, &c->pipe, 0);
    c->pipe.data = c;
    if (uv_accept(listener, (uv_stream_t *)&c->pipe) < 0) {
        let_go(c);
        return;
    }
    static const char busy[] = "{\"ok\":false,\"error\":{\"code\":\"YW_E_BUSY\",\"text\":\"16 clients are "
                               "connected: try again later\"}}\n";
    if (s->count > YW_CONTROL_CLIENTS_MAX) {
        uv_buf_t line = uv_buf_init((char *)(uintptr_t)busy, sizeof busy - 1);
        (void)uv_try_write((uv_stream_t *)&c->pipe, &line, 1);
        let_go(c);
    } else if (uv_read_start((uv_stream_t *)&c->pipe, on_alloc, on_read) < 0) {
        let_go(c);
    }
}

/* ---- face ---- */

/* A socket file without a listener is what a host that was killed left behind. */
static enum yw_code make_room(const char *path, struct yw_error *err) {
    struct stat st;
    if (lstat(path, &st) != 0) return YW_OK;
    if (!S_ISSOCK(st.st_mode)) return yw_fail(err, YW_E_EXISTS, "%s is there and is no socket", path);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    yw_copy(name.sun_path, sizeof name.sun_path, path, strlen(path));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool used = fd >= 0 && connect(fd, (struct sockaddr *)&name, sizeof name) == 0;
    if (fd >= 0) close(fd);
    if (used) return yw_fail(err, YW_E_BUSY, "another plant host listens on %s", path);
    return unlink(path) == 0 ? YW_OK : yw_fail_errno(err, errno, "cannot replace %s", path);
}

enum yw_code yw_control_open(struct uv_loop_s *loop, const char *path, struct yw_host *host,
                             const struct yw_effect_book *book, struct yw_control_socket **out,
                             struct yw_error *err) {
    if (strlen(path) >= PATH_MOST || !path[0])
        return yw_fail(err, YW_E_RANGE, "the name of a socket has 1 to %d bytes", (int)PATH_MOST - 1);
    enum yw_code code = make_room(path, err);
    if (code) return code;
    struct yw_control_socket *s = calloc(1, sizeof *s);
    if (!s) return yw_fail(err, YW_E_NOMEM, "no memory for the control socket");
    s->host = host;
    s->book = book;
    yw_buf_init(&s->answer, YW_CONTROL_ANSWER_MAX);
    yw_copy(s->path, sizeof s->path, path, strlen(path));
    uv_pipe_init(loop, &s->listener, 0);
    s->listener.data = s;
    /* nobody else may connect in between: the mask holds while the file is made */
    mode_t before = umask(0177);
    int status = uv_pipe_bind(&s->listener, path);
    umask(before);
    if (status == 0 && chmod(path, 0600) != 0) status = -errno;
    if (status == 0) status = uv_listen((uv_stream_t *)&s->listener, BACKLOG, on_client);
    *out = s; /* also where it failed: its handle is closed in the loop */
    return status == 0 ? YW_OK : yw_fail(err, YW_E_SYSTEM, "%s: %s", path, uv_strerror(status));
}

void yw_control_close(struct yw_control_socket *s) {
    if (!s || s->closing) return;
    s->closing = true;
    uv_close((uv_handle_t *)&s->listener, NULL); /* removes the file */
    for (struct client *c = s->clients; c; c = c->next) let_go(c);
}

void yw_control_destroy(struct yw_control_socket *s) {
    if (!s) return;
    yw_buf_free(&s->answer);
    free(s);
}
