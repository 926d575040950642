/* What depends on time, looked at ten times a second: no timer belongs to a link. */
#include "gateway/worker.h"

#include <string.h>

static void close_idle(struct yw_gateway *g) {
    int64_t idle = g->rules.limits.idle_s * YW_SECOND;
    while (idle > 0 && !chain_empty(&g->active)) {
        struct link *l = LINK_OF(g->active.next, active);
        if (g->now - l->heard < idle) return; /* the list is in order of hearing */
        gateway_close_link(l, l->unread > 0 ? YW_GW_CLOSED_SLOW : YW_GW_CLOSED_IDLE);
    }
}

/* A device that leaves out the CR LF and waits for its answer: the frame is taken as it stands. */
static void take_quiet(struct link *l) {
    struct yw_gateway *g = l->worker;
    size_t n = l->held;
    memcpy(g->read_buffer, l->hold->bytes, n);
    if (!yw_link_quiet(&l->state, g->read_buffer, n, &g->event)) return;
    gateway_hold(l, NULL, 0);
    gateway_packet(l, &g->event);
}

static void look_at_partial(struct yw_gateway *g) {
    const struct yw_link_limits *m = &g->rules.limits;
    int64_t oldest = m->partial_s * YW_SECOND, quiet = m->quiet_ms * (YW_SECOND / 1000);
    struct chain *next;
    for (struct chain *c = g->partial.next; c != &g->partial; c = next) {
        next = c->next;
        struct link *l = LINK_OF(c, partial);
        if (oldest > 0 && g->now - l->partial_since >= oldest) {
            gateway_close_link(l, YW_GW_CLOSED_PARTIAL);
        } else if (quiet > 0 && l->held > 0 && l->reading && g->now - l->heard >= quiet &&
                   g->now - l->heard < quiet + 2 * SWEEP_MS * (YW_SECOND / 1000)) {
            take_quiet(l); /* tried once or twice per silence */
        }
    }
}

/* A slow disk and a slow link have their time one after the other: a link cannot take an answer before what
 * it answers is committed. */
static void finish_stopping(struct yw_gateway *g) {
    if (commit_idle(g) && !g->all_committed) {
        g->all_committed = true;
        g->stop_by = g->now + FAREWELL_US;
    }
    if (!commit_idle(g) && g->now < g->stop_by) return;
    struct chain *next;
    for (struct chain *c = g->active.next; c != &g->active; c = next) {
        next = c->next;
        struct link *l = LINK_OF(c, active);
        if (g->now >= g->stop_by) {
            gateway_close_link(l, YW_GW_CLOSED_SHUTDOWN);
        } else {
            gateway_end_link(l);
        }
    }
    if (chain_empty(&g->active) || g->now >= g->stop_by) uv_stop(&g->loop);
}

void gateway_sweep(struct yw_gateway *g) {
    atomic_store_explicit(&g->live->updated, g->io->now(g->io->ctx), memory_order_relaxed);
    counter_set(g, YW_GW_HELD_BYTES, g->held_bytes);
    close_idle(g);
    look_at_partial(g);
    gateway_resume_links(g);
    dialogs_sweep(g);
    if (g->stopping) finish_stopping(g);
}
