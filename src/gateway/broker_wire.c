/* Messages with a descriptor over a Unix socket, and the names that may be asked for. */
#include "gateway/broker.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>

bool yw_broker_name_ok(const char name[YW_BROKER_NAME_MAX + 1]) {
    size_t n = strnlen(name, YW_BROKER_NAME_MAX + 1);
    if (n == 0 || n > YW_BROKER_NAME_MAX || name[0] == '.') return false;
    for (size_t i = 0; i < n; i++) {
        char c = name[i];
        if (!((c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '.' || c == '_')) return false;
    }
    return true;
}

union fd_control { /* room for one descriptor, aligned as the kernel wants it */
    struct cmsghdr header;
    char bytes[CMSG_SPACE(sizeof(int))];
};

int yw_broker_send(int socket, const void *bytes, size_t n, int fd) {
    struct iovec iov = {.iov_base = (void *)bytes, .iov_len = n};
    struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
    union fd_control control;
    memset(&control, 0, sizeof control);
    if (fd >= 0) {
        m.msg_control = control.bytes;
        m.msg_controllen = sizeof control.bytes;
        struct cmsghdr *c = CMSG_FIRSTHDR(&m);
        c->cmsg_level = SOL_SOCKET;
        c->cmsg_type = SCM_RIGHTS;
        c->cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(c), &fd, sizeof fd);
    }
    ssize_t sent;
    do sent = sendmsg(socket, &m, MSG_NOSIGNAL);
    while (sent < 0 && errno == EINTR);
    return sent < 0 ? -errno : 0;
}

ssize_t yw_broker_receive(int socket, void *bytes, size_t n, int *fd) {
    struct iovec iov = {.iov_base = bytes, .iov_len = n};
    union fd_control control;
    struct msghdr m = {.msg_iov = &iov,
                       .msg_iovlen = 1,
                       .msg_control = control.bytes,
                       .msg_controllen = sizeof control.bytes};
    *fd = -1;
    ssize_t got;
    do got = recvmsg(socket, &m, MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0) return -errno;
    for (struct cmsghdr *c = CMSG_FIRSTHDR(&m); c != NULL; c = CMSG_NXTHDR(&m, c)) {
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) memcpy(fd, CMSG_DATA(c), sizeof *fd);
    }
    return got;
}
