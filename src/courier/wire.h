/* wire: one outgoing TCP connection, with TLS where the target wants it, on a libuv loop. */
#ifndef YW_COURIER_WIRE_H
#define YW_COURIER_WIRE_H

#include <uv.h>

#include "base/base.h"

enum { YW_WIRE_QUEUE_MOST = 256 << 10 }; /* bytes accepted and not yet taken by the other side */

struct yw_wire_calls {
    void (*up)(void *arg);                                 /* connected (and the TLS handshake is done) */
    void (*bytes)(void *arg, const char *bytes, size_t n); /* may close the wire */
    void (*down)(void *arg, const char *why);              /* once; the wire is gone after it */
};
struct yw_wire;
/* host: a name or an address. NULL: no memory. Everything else is told by down. */
struct yw_wire *yw_wire_open(uv_loop_t *loop, const char *host, uint16_t port, bool tls, bool verify,
                             const struct yw_wire_calls *calls, void *arg);
/* False: too much is queued already, or the wire is not up; nothing was taken. */
bool yw_wire_send(struct yw_wire *w, const char *bytes, size_t n);
bool yw_wire_has_room(const struct yw_wire *w);
/* The other side's address once connected, "" before. */
const char *yw_wire_peer(const struct yw_wire *w);
void yw_wire_close(struct yw_wire *w); /* no call comes after it */

#endif
