/* broker: how a gateway, which can open nothing, gets files. The supervisor holds the other ends of two
 * sockets:
 *
 *   broker  the worker asks (open, remove, rename, list, sync the folder), one request and one answer at a
 * time; names only, always in the folder of its own journal; an opened file comes as a descriptor push    the
 * supervisor sends a descriptor of register.snap whenever that file changed; the worker sends one byte when
 * it is ready to serve
 *
 * Both are Unix sockets of kind SEQPACKET: a message arrives whole or not at all. */
#ifndef YW_GATEWAY_BROKER_H
#define YW_GATEWAY_BROKER_H

#include "base/base.h"

enum { YW_BROKER_NAME_MAX = 63, YW_BROKER_LIST_BYTES = 32 << 10 };

enum yw_broker_op {
    YW_BROKER_OPEN = 1, /* name, flags -> descriptor */
    YW_BROKER_REMOVE,   /* name */
    YW_BROKER_RENAME,   /* name, other */
    YW_BROKER_LIST,     /* -> names, each terminated, in one or more messages; the last says `more` 0 */
    YW_BROKER_SYNC_DIR
};

struct yw_broker_request {
    uint32_t op;
    int32_t flags; /* of open(2): O_RDONLY, O_RDWR, O_CREAT and O_EXCL are honoured */
    char name[YW_BROKER_NAME_MAX + 1], other[YW_BROKER_NAME_MAX + 1];
};

struct yw_broker_answer {
    int32_t result; /* 0 or -errno */
    uint32_t more;  /* another message follows */
    uint32_t bytes; /* of names behind this */
};

/* Digits, small letters, '.' and '_', not beginning with '.', terminated: the only names that are served. */
bool yw_broker_name_ok(const char name[YW_BROKER_NAME_MAX + 1]);

/* Sends bytes with at most one descriptor (-1: none); -errno or 0. Receives: bytes got, 0 at the end, or
 * -errno; *fd gets the descriptor or -1. */
int yw_broker_send(int socket, const void *bytes, size_t n, int fd);
ssize_t yw_broker_receive(int socket, void *bytes, size_t n, int *fd);

/* The worker's side: an I/O table whose files come from the broker; reads and writes are its own. Any thread
 * may use it. Destroy with yw_broker_io_destroy. */
struct yw_io *yw_broker_io_create(int socket, struct yw_error *err);
void yw_broker_io_destroy(struct yw_io *io);

#endif
