/* A new register.snap from the supervisor: mapped, and used from the next packet on. */
#include "gateway/broker.h"
#include "gateway/worker.h"

#include <errno.h>
#include <unistd.h>

static void take_snap(struct yw_gateway *g, int fd) {
    struct yw_error err;
    struct yw_snap *snap;
    enum yw_code code = yw_snap_map(fd, &snap, &err);
    close(fd);
    if (code != YW_OK) {
        yw_log(YW_LOG_ERROR, "a new register.snap is not used: %s", err.text);
        return;
    }
    if (g->snap != NULL) yw_snap_unmap(g->snap);
    g->snap = snap;
    counter_set(g, YW_GW_REGISTER_VERSION, yw_snap_version(snap));
    counter_set(g, YW_GW_DEVICES, yw_snap_devices(snap));
}

/* The socket does not block; several versions may have queued up, the last one counts. */
void gateway_take_pushes(struct yw_gateway *g) {
    for (;;) {
        char byte;
        int fd;
        ssize_t got = yw_broker_receive(g->config.push_fd, &byte, sizeof byte, &fd);
        if (fd >= 0) take_snap(g, fd);
        if (got == -EAGAIN || got == -EWOULDBLOCK) return;
        if (got <= 0) {
            yw_log(YW_LOG_ERROR, "the supervisor is gone");
            yw_gateway_stop(g);
            if (g->has_push) uv_poll_stop(&g->push);
            return;
        }
    }
}
