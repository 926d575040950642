/* Opens files for gateways: each in the folder of its own journal and nowhere else. See gateway/broker.h. */
#include "gateway/broker.h"
#include "gateway/offer.h"
#include "register/register.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "supervisor/supervisor.h"

static int open_file(int folder, const char *name, int flags) {
    int mode = flags & O_ACCMODE;
    if (mode != O_RDONLY && mode != O_RDWR) return -EINVAL;
    int fd = openat(folder, name, mode | (flags & (O_CREAT | O_EXCL)) | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) return -errno;
    struct stat st;
    if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode)) return fd;
    close(fd);
    return -EINVAL;
}

static bool answer(int socket, int result, int fd) {
    const struct yw_broker_answer a = {.result = result};
    return yw_broker_send(socket, &a, sizeof a, fd) == 0;
}

struct list {
    struct yw_broker_answer head; /* first: sent together with the names */
    char names[YW_BROKER_LIST_BYTES];
};

static bool send_list(int socket, struct list *l, uint32_t more) {
    l->head.more = more;
    bool sent = yw_broker_send(socket, l, sizeof l->head + l->head.bytes, -1) == 0;
    l->head.bytes = 0;
    return sent;
}

static bool list_names(int socket, int folder) {
    int own = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *d = own >= 0 ? fdopendir(own) : NULL;
    if (d == NULL) {
        int why = errno;
        if (own >= 0) close(own);
        return answer(socket, -why, -1);
    }
    struct list l = {.head = {0}};
    bool sound = true;
    for (struct dirent *e; sound && (e = readdir(d)) != NULL;) {
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        uint32_t n = (uint32_t)strlen(e->d_name) + 1;
        if (n > sizeof l.names - l.head.bytes) sound = send_list(socket, &l, 1);
        memcpy(l.names + l.head.bytes, e->d_name, n);
        l.head.bytes += n;
    }
    closedir(d);
    return sound && send_list(socket, &l, 0);
}

static int do_plain(int folder, const struct yw_broker_request *r) {
    int rc;
    switch (r->op) {
    case YW_BROKER_REMOVE:
        rc = unlinkat(folder, r->name, 0);
        break;
    case YW_BROKER_RENAME:
        rc = renameat(folder, r->name, folder, r->other);
        break;
    case YW_BROKER_SYNC_DIR:
        rc = fsync(folder);
        break;
    default:
        return -EINVAL;
    }
    return rc == 0 ? 0 : -errno;
}

static bool names_ok(const struct yw_broker_request *r) {
    bool one = r->op == YW_BROKER_OPEN || r->op == YW_BROKER_REMOVE || r->op == YW_BROKER_RENAME;
    if (one && !yw_broker_name_ok(r->name)) return false;
    return r->op != YW_BROKER_RENAME || yw_broker_name_ok(r->other);
}

bool broker_serve(int socket, int folder) {
    struct yw_broker_request r;
    int fd;
    ssize_t got = yw_broker_receive(socket, &r, sizeof r, &fd);
    if (fd >= 0) close(fd); /* nobody asked for one */
    if (got == -EAGAIN || got == -EWOULDBLOCK) return true;
    if (got != (ssize_t)sizeof r) return false;
    if (!names_ok(&r)) return answer(socket, -EACCES, -1);
    if (r.op == YW_BROKER_LIST) return list_names(socket, folder);
    if (r.op != YW_BROKER_OPEN) return answer(socket, do_plain(folder, &r), -1);
    int opened = open_file(folder, r.name, r.flags);
    bool sent = answer(socket, opened < 0 ? opened : 0, opened);
    if (opened >= 0) close(opened);
    return sent;
}

/* The master key may come to be, or come back from its backup, while this runs: it is looked for each time.
 */
static bool push_key(int push, const char *master) {
    uint8_t key[YW_MASTER_BYTES];
    struct yw_push_key message = {.kind = YW_PUSH_KEY};
    if (yw_master_find(master, key, NULL) != YW_OK) return true;
    yw_master_snapshot_key(key, message.key);
    int rc = yw_broker_send(push, &message, sizeof message, -1);
    sodium_memzero(key, sizeof key);
    sodium_memzero(&message, sizeof message);
    return rc == 0;
}

bool broker_push_snap(int push, int data_folder, const char *master) {
    if (!push_key(push, master)) return false;
    int fd = openat(data_folder, "register.snap", O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return errno == ENOENT; /* there is no register yet: a change of the folder will tell */
    int rc = yw_broker_send(push, "s", 1, fd);
    close(fd);
    return rc == 0 || rc == -EPIPE || rc == -ECONNRESET;
}
