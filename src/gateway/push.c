/* What the supervisor sends: a new register.snap (mapped, and used from the next packet on), and commands. */
#include "gateway/broker.h"
#include "gateway/worker.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

static void take_snap(struct yw_gateway *g, int fd) {
    struct yw_error err;
    struct yw_snap *snap;
    enum yw_code code = yw_snap_map(fd, g->has_snap_key ? g->snap_key : NULL, &snap, &err);
    if (code != YW_OK) {
        yw_log(YW_LOG_ERROR, "a new register.snap is not used: %s", err.text);
        return;
    }
    if (g->snap != NULL) yw_snap_unmap(g->snap);
    g->snap = snap;
    counter_set(g, YW_GW_REGISTER_VERSION, yw_snap_version(snap));
    counter_set(g, YW_GW_DEVICES, yw_snap_devices(snap));
}

/* An answer that the socket does not take now is one the supervisor does without: it asks again. What was
 * taken stays taken. */
static void answer_ask(struct yw_gateway *g, const struct yw_push_ask *q) {
    const struct yw_pull_holds a = {.kind = YW_PULL_HOLDS, .id = q->id, .heard = dialogs_heard(g, q)};
    (void)yw_broker_send(g->config.push_fd, &a, sizeof a, -1);
}

static void answer_offer(struct yw_gateway *g, const struct yw_offer *o) {
    const struct yw_pull_taken a = {.kind = YW_PULL_TAKEN, .id = o->id, .taken = dialogs_take(g, o)};
    (void)yw_broker_send(g->config.push_fd, &a, sizeof a, -1);
}

static void take_push(struct yw_gateway *g, const union yw_push *m, size_t n, int fd) {
    if (!yw_push_ok(m, n)) {
        yw_log(YW_LOG_ERROR, "a message of %zu bytes from the supervisor is none this worker knows", n);
        return;
    }
    switch (m->kind) {
    case YW_PUSH_SNAP:
        if (fd >= 0) take_snap(g, fd);
        break;
    case YW_PUSH_KEY:
        memcpy(g->snap_key, m->key.key, sizeof g->snap_key);
        g->has_snap_key = true;
        break;
    case YW_PUSH_ASK:
        answer_ask(g, &m->ask);
        break;
    case YW_PUSH_OFFER:
        answer_offer(g, &m->offer);
        break;
    case YW_PUSH_CAME:
        gateway_take_claim(g, &m->came);
        break;
    }
}

/* The socket does not block; several messages may have queued up. */
void gateway_take_pushes(struct yw_gateway *g) {
    for (;;) {
        union yw_push m;
        int fd;
        ssize_t got = yw_broker_receive(g->config.push_fd, &m, sizeof m, &fd);
        if (got > 0) take_push(g, &m, (size_t)got, fd);
        if (fd >= 0) close(fd);
        if (got == -EAGAIN || got == -EWOULDBLOCK) return;
        if (got <= 0) {
            yw_log(YW_LOG_ERROR, "the supervisor is gone");
            yw_gateway_stop(g);
            if (g->has_push) uv_poll_stop(&g->push);
            return;
        }
    }
}
