/* A link's life: accepted, read, fed to the state machine of link.c, closed. */
#include "gateway/worker.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

static void on_closed(uv_handle_t *h) {
    struct link *l = (struct link *)h;
    struct yw_gateway *g = l->worker;
    l->serial = 0;
    pool_give(&g->links, l);
}

static void drop_hold(struct link *l) {
    struct yw_gateway *g = l->worker;
    if (l->hold == NULL) return;
    g->held_bytes -= l->hold->size;
    pool_give(l->hold->size == g->small.piece - sizeof *l->hold ? &g->small : &g->large, l->hold);
    l->hold = NULL;
    l->held = 0;
    chain_remove(&l->partial);
}

void gateway_close_link(struct link *l, enum yw_gateway_counter reason) {
    struct yw_gateway *g = l->worker;
    if (l->ending == LINK_CLOSED) return;
    if (l->tls != NULL) {
        tls_goodbye(l);
        tls_end(l->tls);
        l->tls = NULL;
        counter_set(g, YW_GW_LINKS_TLS, atomic_load(&g->live->counter[YW_GW_LINKS_TLS]) - 1);
    }
    l->ending = LINK_CLOSED;
    drop_hold(l);
    chain_remove(&l->active);
    chain_remove(&l->partial);
    chain_remove(&l->waiting);
    g->link_count--;
    counter_add(g, reason, 1);
    counter_set(g, YW_GW_LINKS, g->link_count);
    uv_close((uv_handle_t *)&l->tcp, on_closed);
}

void gateway_stop_reading(struct link *l) {
    if (l->reading) uv_read_stop((uv_stream_t *)&l->tcp);
    l->reading = false;
}

static void on_drop_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
    YW_UNUSED(suggested);
    *buf = uv_buf_init(((struct link *)h)->worker->read_buffer, READ_BYTES);
}

static void on_drop(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
    YW_UNUSED(buf);
    if (n < 0) gateway_close_link((struct link *)s, YW_GW_CLOSED_SHUTDOWN);
}

/* Closing a socket with unread bytes resets the link, and a reset takes answers away that are on their way.
 * So the other side is told that nothing more comes, and is read until it closes or the worker's patience
 * ends. */
static bool linger(struct link *l) {
    uv_os_fd_t fd;
    char byte;
    if (uv_fileno((uv_handle_t *)&l->tcp, &fd) != 0) return false;
    if (recv(fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) <= 0) return false; /* nothing unread */
    if (l->tls != NULL) tls_goodbye(l);
    shutdown(fd, SHUT_WR);
    l->ending = LINK_LINGERING;
    return uv_read_start((uv_stream_t *)&l->tcp, on_drop_alloc, on_drop) == 0;
}

void gateway_end_link(struct link *l) {
    if (l->ending >= LINK_LINGERING) return;
    l->ending = LINK_ENDING;
    gateway_stop_reading(l);
    chain_remove(&l->waiting);
    if (l->unanswered > 0 || l->unread > 0) return;
    if (l->worker->stopping && linger(l)) return;
    gateway_close_link(l, l->worker->stopping ? YW_GW_CLOSED_SHUTDOWN : YW_GW_CLOSED_PEER);
}

static void wait_until(struct link *l, int64_t at) {
    gateway_stop_reading(l);
    l->resume_at = at;
    chain_remove(&l->waiting);
    chain_append(&l->worker->waiting, &l->waiting);
}

/* Keeps what feed left over in the smallest piece that holds it. */
void gateway_hold(struct link *l, const char *bytes, size_t n) {
    struct yw_gateway *g = l->worker;
    if (l->ending != LINK_OPEN || n == 0) {
        drop_hold(l);
        return;
    }
    struct pool *pool = n <= g->small.piece - sizeof *l->hold ? &g->small : &g->large;
    uint32_t size = (uint32_t)(pool->piece - sizeof *l->hold);
    int64_t since = l->hold != NULL ? l->partial_since : g->now;
    if (l->hold != NULL && l->hold->size != size) drop_hold(l);
    if (l->hold == NULL) {
        l->hold = g->held_bytes + size <= g->config.held_max ? pool_take(pool) : NULL;
        if (l->hold == NULL) {
            gateway_close_link(l, YW_GW_CLOSED_PARTIAL);
            return;
        }
        l->hold->size = size;
        g->held_bytes += size;
        l->partial_since = since;
        chain_append(&g->partial, &l->partial);
    }
    memcpy(l->hold->bytes, bytes, n);
    l->held = (uint32_t)n;
}

static void handle(struct link *l, const char *bytes, struct yw_link_event *ev) {
    struct yw_gateway *g = l->worker;
    char line[YW_LINK_NONCE_MAX + 40];
    int n;
    switch (ev->kind) {
    case YW_LINK_PACKET:
        gateway_packet(l, ev);
        break;
    case YW_LINK_GARBAGE:
        gateway_garbage(l, bytes, ev->keep);
        counter_add(g, YW_GW_GARBAGE_BYTES, ev->consumed);
        break;
    case YW_LINK_HOPELESS:
        gateway_garbage(l, bytes, ev->keep);
        counter_add(g, YW_GW_GARBAGE_BYTES, ev->consumed);
        gateway_close_link(l, YW_GW_CLOSED_GARBAGE);
        break;
    case YW_LINK_HELLO:
        n = snprintf(line, sizeof line, "YWPLANT 1 %s %s\r\n", ev->nonce,
                     g->config.domain == YW_DOMAIN_DEMO ? "demo" : "training");
        counter_add(g, YW_GW_PLANTS, 1);
        gateway_write(l, line, (size_t)n);
        break;
    case YW_LINK_SKIP:
    case YW_LINK_NEED:
        break;
    }
}

void gateway_feed(struct link *l, const char *bytes, size_t n, bool at_end) {
    struct yw_gateway *g = l->worker;
    size_t at = 0;
    bool moved = false; /* a frame was finished: what is held now is a younger one */
    while (at < n && l->ending == LINK_OPEN) {
        yw_link_step(&l->state, &g->rules, bytes + at, n - at, at_end, g->now, &g->event);
        if (g->event.kind == YW_LINK_NEED) break;
        handle(l, bytes + at, &g->event);
        at += g->event.consumed;
        moved = true;
    }
    if (l->ending == LINK_CLOSED) return;
    if (moved) drop_hold(l);
    if (at_end) return;
    gateway_hold(l, bytes + at, n - at);
}

static void on_alloc(uv_handle_t *h, size_t suggested, uv_buf_t *buf) {
    struct link *l = (struct link *)h;
    struct yw_gateway *g = l->worker;
    YW_UNUSED(suggested);
    gateway_clock(g);
    if (g->paused ||
        commit_crowded(g)) { /* a buffer without room: on_read gets UV_ENOBUFS, nothing is read */
        *buf = uv_buf_init(NULL, 0);
        return;
    }
    size_t front = l->tls == NULL ? l->held : 0;
    if (front > 0) memcpy(g->read_buffer, l->hold->bytes, front);
    *buf = uv_buf_init(g->read_buffer + front, READ_BYTES);
}

static void received(struct link *l, size_t n) {
    struct yw_gateway *g = l->worker;
    l->heard = g->now;
    chain_remove(&l->active);
    chain_append(&g->active, &l->active);
    yw_link_received(&l->state, &g->rules.limits, n, g->now);
    if (l->tls == NULL) {
        counter_add(g, YW_GW_BYTES, n);
        gateway_feed(l, g->read_buffer, l->held + n, false);
    } else if (!tls_received(l, g->read_buffer, n)) {
        gateway_close_link(l, YW_GW_CLOSED_ERROR);
    }
    if (l->ending != LINK_OPEN) return;
    int64_t at = yw_link_resume(&l->state, &g->rules.limits, g->now);
    if (at > g->now) {
        counter_add(g, YW_GW_THROTTLED, 1);
        wait_until(l, at);
    } else if (l->unread > 0 || l->unanswered > UNANSWERED_MOST) {
        wait_until(l, 0); /* who does not read its answers is not read either */
    }
}

static void on_read(uv_stream_t *s, ssize_t n, const uv_buf_t *buf) {
    struct link *l = (struct link *)s;
    struct yw_gateway *g = l->worker;
    YW_UNUSED(buf);
    if (n > 0) {
        received(l, (size_t)n);
    } else if (n == UV_ENOBUFS) {
        g->paused = true;
        wait_until(l, 0);
        counter_add(g, YW_GW_PAUSED, 1);
    } else if (n == UV_EOF) {
        if (l->held > 0) {
            size_t held = l->held;
            memcpy(g->read_buffer, l->hold->bytes, held);
            gateway_feed(l, g->read_buffer, held, true);
        }
        gateway_end_link(l);
    } else if (n < 0) {
        gateway_close_link(l, n == UV_ECONNRESET ? YW_GW_CLOSED_PEER : YW_GW_CLOSED_ERROR);
    }
}

void gateway_resume_link(struct link *l) {
    const struct yw_gateway *g = l->worker;
    if (chain_empty(&l->waiting) || g->paused || g->stopping) return;
    if (l->resume_at > g->now || l->unread > 0 || l->unanswered > UNANSWERED_MOST) return;
    chain_remove(&l->waiting);
    l->reading = uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read) == 0;
    if (!l->reading) gateway_close_link(l, YW_GW_CLOSED_ERROR);
}

void gateway_resume_links(struct yw_gateway *g) {
    if (g->stopping) return;
    if (g->paused) {
        if (commit_crowded(g)) return;
        g->paused = false;
        counter_set(g, YW_GW_PAUSED, 0);
    }
    struct chain *next;
    for (struct chain *c = g->waiting.next; c != &g->waiting; c = next) {
        next = c->next;
        gateway_resume_link(LINK_OF(c, waiting));
    }
}

static void note_peer(struct link *l) {
    struct sockaddr_storage a;
    int size = sizeof a;
    if (uv_tcp_getpeername(&l->tcp, (struct sockaddr *)&a, &size) != 0) return;
    if (a.ss_family == AF_INET6) {
        struct sockaddr_in6 in6;
        memcpy(&in6, &a, sizeof in6);
        memcpy(l->peer.addr, &in6.sin6_addr, 16);
        l->peer.port = ntohs(in6.sin6_port);
    } else if (a.ss_family == AF_INET) {
        struct sockaddr_in in;
        memcpy(&in, &a, sizeof in);
        l->peer.addr[10] = l->peer.addr[11] = 0xff;
        memcpy(l->peer.addr + 12, &in.sin_addr, 4);
        l->peer.port = ntohs(in.sin_port);
    }
}

/* What cannot be served is accepted and closed: left in the queue it would wake the loop for ever. */
static void turn_away(uv_stream_t *listener, struct link *l) {
    struct yw_gateway *g = l->worker;
    l->ending = LINK_CLOSED;
    if (uv_accept(listener, (uv_stream_t *)&l->tcp) == 0) counter_add(g, YW_GW_ACCEPTED, 1);
    counter_add(g, YW_GW_CLOSED_LIMIT, 1);
    uv_close((uv_handle_t *)&l->tcp, on_closed);
}

void gateway_on_connection(uv_stream_t *listener, int status) {
    struct yw_gateway *g = listener->data;
    if (status != 0) return;
    gateway_clock(g);
    struct link *l = pool_take(&g->links);
    if (l == NULL) return;
    memset(l, 0, sizeof *l);
    l->worker = g;
    l->serial = ++g->next_serial;
    l->heard = g->now;
    chain_init(&l->active);
    chain_init(&l->partial);
    chain_init(&l->waiting);
    uv_tcp_init(&g->loop, &l->tcp);
    if (g->link_count >= g->config.links_max || g->stopping) {
        turn_away(listener, l);
        return;
    }
    if (listener == (uv_stream_t *)&g->tls_listener) {
        l->tls = tls_begin(g->tls);
        if (l->tls == NULL) {
            turn_away(listener, l);
            return;
        }
        counter_add(g, YW_GW_LINKS_TLS, 1);
        l->partial_since = g->now;
        chain_append(&g->partial, &l->partial);
    }
    g->link_count++;
    counter_add(g, YW_GW_ACCEPTED, 1);
    counter_set(g, YW_GW_LINKS, g->link_count);
    chain_append(&g->active, &l->active);
    if (uv_accept(listener, (uv_stream_t *)&l->tcp) != 0 ||
        uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read) != 0) {
        gateway_close_link(l, YW_GW_CLOSED_ERROR);
        return;
    }
    l->reading = true;
    note_peer(l);
}
