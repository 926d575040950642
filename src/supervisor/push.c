/* The push sockets to the gateways: snapshots and commands go out, readiness and answers come in. */
#include <errno.h>
#include <unistd.h>

#include "gateway/broker.h"
#include "supervisor/supervisor.h"

enum { MESSAGES_A_TURN = 256 };

static bool send_to(void *arg, uint32_t worker, const void *message, size_t n) {
    struct supervisor *s = arg;
    for (size_t i = 0; i < s->child_count; i++) {
        const struct child *c = &s->children[i];
        if (c->kind == CHILD_GATEWAY && c->worker == worker && c->push >= 0)
            return yw_broker_send(c->push, message, n, -1) == 0;
    }
    return false;
}

/* Where a device came is told to the other workers; a message that one of them does not take now is lost. */
static void hand_on(struct supervisor *s, const struct child *from, const struct yw_came *said) {
    struct yw_came c = *said;
    c.kind = YW_PUSH_CAME;
    c.worker = from->worker;
    for (size_t i = 0; i < s->child_count; i++) {
        const struct child *to = &s->children[i];
        if (to != from && to->kind == CHILD_GATEWAY && to->push >= 0)
            (void)yw_broker_send(to->push, &c, sizeof c, -1);
    }
}

enum yw_code push_open(struct supervisor *s, struct yw_error *err) {
    s->commands = commands_create(s->data, (struct commands_wire){.send = send_to, .arg = s}, s->since);
    if (s->commands != NULL) commands_set_master(s->commands, s->master);
    return s->commands != NULL ? YW_OK : yw_fail(err, YW_E_NOMEM, "no memory for commands");
}

bool push_snaps(struct supervisor *s) {
    bool waiting = false;
    for (size_t i = 0; i < s->child_count; i++) {
        struct child *c = &s->children[i];
        if (c->snap_due) c->snap_due = !broker_push_snap(c->push, s->folder, s->master);
        waiting |= c->snap_due;
    }
    return waiting;
}

/* A worker that says what none should is taken for one that was taken over; what it says is dropped, and it
 * keeps its devices. */
bool push_hear(struct supervisor *s, struct child *c) {
    bool changed = false;
    for (int i = 0; i < MESSAGES_A_TURN; i++) {
        union yw_pull m;
        int fd;
        ssize_t n = yw_broker_receive(c->push, &m, sizeof m, &fd);
        if (fd >= 0) close(fd); /* nobody asked for one */
        if (n == -EAGAIN || n == -EWOULDBLOCK) return changed;
        if (n <= 0) {
            close(c->push);
            c->push = -1;
            commands_worker_died(s->commands, c->worker);
            return changed;
        }
        if (!yw_pull_ok(&m, (size_t)n)) {
            yw_log(YW_LOG_ERROR, "%s sent a message of %zd bytes that no gateway sends", c->name, n);
        } else if (m.kind == YW_PULL_READY) {
            changed |= c->state == CHILD_STARTING;
            if (c->state == CHILD_STARTING) c->state = CHILD_RUNNING;
        } else if (m.kind == YW_PULL_CAME) {
            hand_on(s, c, &m.came);
        } else {
            commands_hear(s->commands, c->worker, &m, yw_monotonic());
        }
    }
    return changed;
}

void push_commands(struct supervisor *s, int64_t now) {
    uint32_t running = 0;
    for (size_t i = 0; i < s->child_count; i++) {
        const struct child *c = &s->children[i];
        if (c->kind == CHILD_GATEWAY && c->state == CHILD_RUNNING && c->push >= 0) running |= 1u << c->worker;
    }
    int64_t wall = yw_now();
    commands_read(s->commands, wall);
    if (!s->stopping) commands_turn(s->commands, running, now, wall);
}
