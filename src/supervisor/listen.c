/* Listening sockets with what accepted links inherit. */
#include "supervisor/listen.h"

#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    BACKLOG = 4096,
    KEEP_IDLE_S = 60, /* a half-open link is found out within about two minutes, before it is idle */
    KEEP_INTERVAL_S = 15,
    KEEP_PROBES = 4,
    SEND_BUFFER = 128 << 10 /* answers are small; a link that does not read them must not hold megabytes */
};

static enum yw_code split(const char *address, char host[64], char port[8], struct yw_error *err) {
    const char *colon = strrchr(address, ':');
    uint16_t number;
    if (colon == NULL || !yw_parse_u16(colon + 1, strlen(colon + 1), &number)) {
        return yw_fail(err, YW_E_USAGE, "'%s' is no ADDR:PORT", address);
    }
    size_t n = (size_t)(colon - address);
    if (n >= 2 && address[0] == '[' && address[n - 1] == ']') {
        address++;
        n -= 2;
    }
    if (n == 0 || !yw_copy(host, 64, address, n) || !yw_copy(port, 8, colon + 1, strlen(colon + 1))) {
        return yw_fail(err, YW_E_USAGE, "'%s' is no ADDR:PORT", address);
    }
    return YW_OK;
}

/* Accepted sockets inherit these, so that a new link costs no further system calls. */
static void tune(int fd, bool for_devices) {
    const int on = 1, idle = KEEP_IDLE_S, interval = KEEP_INTERVAL_S, probes = KEEP_PROBES,
              buffer = SEND_BUFFER;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval, sizeof interval);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
    if (for_devices) setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof buffer);
}

static int open_one(const struct sockaddr *a, socklen_t size, bool shared, bool for_devices) {
    const int on = 1;
    int fd = socket(a->sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0) return -errno;
    tune(fd, for_devices);
    int rc = setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (rc == 0 && shared) rc = setsockopt(fd, SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
    if (rc == 0) rc = bind(fd, a, size);
    if (rc == 0) rc = listen(fd, BACKLOG);
    if (rc == 0) return fd;
    rc = -errno;
    close(fd);
    return rc;
}

static void describe(const struct sockaddr_storage *a, socklen_t size, char out[LISTEN_TEXT]) {
    char host[64] = "?", port[8] = "?";
    getnameinfo((const struct sockaddr *)a, size, host, sizeof host, port, sizeof port,
                NI_NUMERICHOST | NI_NUMERICSERV);
    snprintf(out, LISTEN_TEXT, a->ss_family == AF_INET6 ? "[%s]:%s" : "%s:%s", host, port);
}

enum yw_code listen_open(const char *address, bool shared, bool for_devices, int *fds, size_t count,
                         char bound[LISTEN_TEXT], struct yw_error *err) {
    char host[64], port[8];
    enum yw_code code = split(address, host, port, err);
    if (code != YW_OK) return code;
    const struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV};
    struct addrinfo *found = NULL;
    int rc = getaddrinfo(host, port, &hints, &found);
    if (rc != 0) return yw_fail(err, YW_E_USAGE, "'%s' is no address: %s", host, gai_strerror(rc));
    struct sockaddr_storage a;
    socklen_t size = found->ai_addrlen;
    memcpy(&a, found->ai_addr, size);
    freeaddrinfo(found);
    for (size_t i = 0; i < count; i++) {
        fds[i] = open_one((const struct sockaddr *)&a, size, shared, for_devices);
        if (fds[i] < 0) {
            int why = -fds[i];
            while (i > 0) close(fds[--i]);
            return yw_fail_errno(err, why, "cannot listen on %s", address);
        }
        /* the first one settles the port of all */
        if (i == 0) getsockname(fds[0], (struct sockaddr *)&a, &size);
    }
    describe(&a, size, bound);
    return YW_OK;
}
