/* The worker's set-up, its turn of the loop, and its end. */
#include "gateway/worker.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include "gateway/broker.h"

enum { BACKLOG = 4096, SMALL_HOLD = 1280, LINKS_PER_SLAB = 64, HOLDS_PER_SLAB = 16 };

void yw_gateway_config_init(struct yw_gateway_config *c) {
    *c = (struct yw_gateway_config){
        .domain = YW_DOMAIN_REAL,
        .listen_fd = -1,
        .tls_fd = -1,
        .push_fd = -1,
        .folder = "",
        .journal = "p0",
        .pending_max = 16 << 20,
        .held_max = 64 << 20,
        .limits = {.bytes_s = 4 << 20,
                   .packets_s = 5000,
                   .refused_s = 100,
                   .findings_s = 10000,
                   .garbage = 1 << 20,
                   .idle_s = 600,
                   .partial_s = 60,
                   .quiet_ms = 500,
                   .answers = 256 << 10},
    };
}

static uint32_t links_by_rlimit(void) {
    struct rlimit r;
    if (getrlimit(RLIMIT_NOFILE, &r) != 0 || r.rlim_cur <= 2 * NOFILE_SPARE) return NOFILE_SPARE;
    if (r.rlim_cur > UINT32_MAX) return UINT32_MAX;
    return (uint32_t)r.rlim_cur - NOFILE_SPARE;
}

/* ---- the loop's callbacks ---- */

static void on_sweep(uv_timer_t *t) {
    struct yw_gateway *g = t->data;
    gateway_clock(g);
    gateway_sweep(g);
    commit_turn(g);
}

/* After each round of reading: what the links brought goes out as one batch if none is in flight. */
static void on_check(uv_check_t *c) {
    struct yw_gateway *g = c->data;
    commit_turn(g);
    counter_set(g, YW_GW_PENDING, yw_journal_pending(g->journal));
}

static void on_committed(uv_async_t *a) {
    struct yw_gateway *g = a->data;
    gateway_clock(g);
    commit_finished(g);
    if (g->paused) gateway_resume_links(g);
    if (g->stopping) gateway_sweep(g);
}

static void on_push(uv_poll_t *p, int status, int events) {
    YW_UNUSED(events);
    gateway_clock(p->data);
    if (status == 0) gateway_take_pushes(p->data);
}

static void begin_stopping(struct yw_gateway *g) {
    if (g->stopping) return;
    gateway_clock(g);
    g->stopping = true;
    g->stop_by = g->now + LAST_COMMIT_US;
    if (g->has_listener) uv_close((uv_handle_t *)&g->listener, NULL);
    if (g->has_tls) uv_close((uv_handle_t *)&g->tls_listener, NULL);
    for (struct chain *c = g->active.next; c != &g->active; c = c->next)
        gateway_stop_reading(LINK_OF(c, active));
    commit_turn(g);
    gateway_sweep(g);
}

static void on_stop(uv_async_t *a) {
    begin_stopping(a->data);
}

static void on_term(uv_signal_t *s, int number) {
    YW_UNUSED(number);
    begin_stopping(s->data);
}

/* ---- set-up ---- */

static enum yw_code listen_on(struct yw_gateway *g, uv_tcp_t *t, int fd, bool *has, struct yw_error *err) {
    if (fd < 0) return YW_OK;
    int rc = uv_tcp_init(&g->loop, t);
    t->data = g;
    if (rc == 0) *has = true;
    if (rc == 0) rc = uv_tcp_open(t, fd);
    if (rc == 0) rc = uv_listen((uv_stream_t *)t, BACKLOG, gateway_on_connection);
    return rc == 0 ? YW_OK : yw_fail_errno(err, -rc, "descriptor %d is no socket to listen on", fd);
}

static enum yw_code set_up_loop(struct yw_gateway *g, struct yw_error *err) {
    uv_loop_init(&g->loop);
    uv_timer_init(&g->loop, &g->sweep);
    uv_check_init(&g->loop, &g->check);
    uv_async_init(&g->loop, &g->committed, on_committed);
    uv_async_init(&g->loop, &g->stop, on_stop);
    uv_signal_init(&g->loop, &g->term);
    g->sweep.data = g->check.data = g->committed.data = g->stop.data = g->term.data = g->push.data = g;
    uv_timer_start(&g->sweep, on_sweep, SWEEP_MS, SWEEP_MS);
    uv_check_start(&g->check, on_check);
    uv_signal_start(&g->term, on_term, SIGTERM);
    gateway_clock(g);
    if (g->config.push_fd >= 0) {
        int rc = uv_poll_init(&g->loop, &g->push, g->config.push_fd);
        if (rc == 0) rc = uv_poll_start(&g->push, UV_READABLE, on_push);
        if (rc != 0) return yw_fail_errno(err, -rc, "descriptor %d cannot be watched", g->config.push_fd);
        g->has_push = true;
        gateway_take_pushes(g); /* the register that stands already is known before the first packet */
    }
    enum yw_code code = listen_on(g, &g->listener, g->config.listen_fd, &g->has_listener, err);
    if (code == YW_OK) code = listen_on(g, &g->tls_listener, g->config.tls_fd, &g->has_tls, err);
    return code;
}

static enum yw_code set_up(struct yw_gateway *g, struct yw_error *err) {
    g->read_buffer = malloc(YW_LINK_HELD_MAX + READ_BYTES);
    g->plain = malloc(HJ212_FRAME_MAX);
    g->owners = owners_create();
    if (!dialogs_open(g) || g->read_buffer == NULL || g->plain == NULL || g->owners == NULL) {
        return yw_fail(err, YW_E_NOMEM, "no memory for a gateway worker");
    }
    if (g->config.tls_fd >= 0) {
        g->tls = tls_load(g->config.tls_cert, g->config.tls_key, err);
        if (g->tls == NULL) return err->code;
    }
    uint64_t repaired = 0;
    enum yw_code code =
        yw_journal_open(g->io, g->config.folder, g->config.journal, &g->journal, &repaired, err);
    if (code != YW_OK) return code;
    if (repaired > 0) {
        yw_log(YW_LOG_WARN, "journal %s: %llu bytes that were never committed were cut off",
               g->config.journal, (unsigned long long)repaired);
    }
    g->live = yw_journal_live(g->journal);
    counter_set(g, YW_GW_LINKS_MAX, g->config.links_max);
    code = gateway_tell_start(g, err);
    if (code == YW_OK) code = commit_start(g, err);
    if (code == YW_OK) code = set_up_loop(g, err);
    if (code == YW_OK && g->config.lock_in && guard_possible()) code = guard_apply(err);
    return code;
}

enum yw_code yw_gateway_open(const struct yw_gateway_config *c, const struct yw_io *io,
                             struct yw_gateway **out, struct yw_error *err) {
    struct yw_error own;
    if (err == NULL) err = &own;
    *out = NULL;
    struct yw_gateway *g = calloc(1, sizeof *g);
    if (g == NULL) return yw_fail(err, YW_E_NOMEM, "no memory for a gateway worker");
    g->config = *c;
    g->io = io;
    uint32_t most = links_by_rlimit();
    if (g->config.links_max == 0 || g->config.links_max > most) g->config.links_max = most;
    g->rules = (struct yw_link_rules){.limits = c->limits, .handshake = c->domain != YW_DOMAIN_REAL};
    chain_init(&g->active);
    chain_init(&g->partial);
    chain_init(&g->waiting);
    pool_init(&g->links, sizeof(struct link), LINKS_PER_SLAB, offsetof(struct link, next_free));
    pool_init(&g->small, sizeof(struct hold) + SMALL_HOLD, HOLDS_PER_SLAB, offsetof(struct hold, next_free));
    pool_init(&g->large, sizeof(struct hold) + YW_LINK_HELD_MAX, HOLDS_PER_SLAB,
              offsetof(struct hold, next_free));
    enum yw_code code = set_up(g, err);
    if (code != YW_OK) {
        yw_gateway_close(g);
        return code;
    }
    *out = g;
    return YW_OK;
}

enum yw_code yw_gateway_run(struct yw_gateway *g, struct yw_error *err) {
    if (g->config.push_fd >= 0) {
        int rc = yw_broker_send(g->config.push_fd, "r", 1, -1);
        if (rc != 0) return yw_fail_errno(err, -rc, "the supervisor cannot be told that the worker is ready");
    }
    uv_run(&g->loop, UV_RUN_DEFAULT);
    if (!commit_idle(g)) return yw_fail(err, YW_E_FULL, "what was not committed was not acknowledged either");
    return YW_OK;
}

void yw_gateway_stop(struct yw_gateway *g) {
    uv_async_send(&g->stop);
}

/* ---- the end ---- */

static void close_handle(uv_handle_t *h, void *arg) {
    struct yw_gateway *g = arg;
    if (uv_is_closing(h)) return;
    bool own = h == (uv_handle_t *)&g->listener || h == (uv_handle_t *)&g->tls_listener ||
               h == (uv_handle_t *)&g->push || h == (uv_handle_t *)&g->sweep ||
               h == (uv_handle_t *)&g->check || h == (uv_handle_t *)&g->committed ||
               h == (uv_handle_t *)&g->stop || h == (uv_handle_t *)&g->term;
    if (own) {
        uv_close(h, NULL);
    } else {
        gateway_close_link((struct link *)h, YW_GW_CLOSED_SHUTDOWN);
    }
}

void yw_gateway_close(struct yw_gateway *g) {
    if (g == NULL) return;
    commit_stop(g); /* first: its thread wakes the loop */
    if (g->sweep.loop != NULL) {
        uv_walk(&g->loop, close_handle, g);
        while (uv_run(&g->loop, UV_RUN_DEFAULT) != 0) continue;
        uv_loop_close(&g->loop);
    }
    if (g->journal != NULL) yw_journal_close(g->journal);
    if (g->snap != NULL) yw_snap_unmap(g->snap);
    tls_unload(g->tls);
    owners_destroy(g->owners);
    dialogs_close(g);
    pool_free(&g->links);
    pool_free(&g->small);
    pool_free(&g->large);
    free(g->read_buffer);
    free(g->plain);
    free(g);
}
