/* client: many links in one libuv loop: connecting, the clock of resends, and the face of the whole. */
#include "plants/client_int.h"

#include <netdb.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

enum { TICK_MS = 250 };
static const int64_t HANDSHAKE_US = 5 * YW_SECOND;

/* ---- connecting ---- */

static void on_connected(uv_connect_t *request, int status) {
    struct yw_plant_link *l = request->data;
    if (l->phase != PHASE_CONNECTING) return;
    if (status < 0) {
        yw_plant_link_drop(l, PHASE_CLOSING, uv_strerror(status));
        return;
    }
    yw_plant_link_begin(l);
}

/* Many links need many source addresses. The port is chosen when connecting, when the four-tuple is known:
 * choosing it here would make the system look for one that no other link uses. */
static void bind_source(struct yw_plant_link *l) {
    uint32_t sources = l->client->options.sources;
    uv_os_fd_t fd;
    int yes = 1;
    if (!sources || uv_fileno((uv_handle_t *)&l->tcp, &fd) < 0) return;
    setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &yes, sizeof yes);
    struct sockaddr_in from = {.sin_family = AF_INET};
    from.sin_addr.s_addr = htonl(0x7F000002u + l->number % sources);
    uv_tcp_bind(&l->tcp, (const struct sockaddr *)&from, 0);
}

static void link_connect(struct yw_plant_link *l) {
    unsigned family =
        l->client->options.sources ? AF_INET : AF_UNSPEC; /* with a family the socket exists at once */
    if (uv_tcp_init_ex(l->client->loop, &l->tcp, family) < 0) return;
    l->tcp.data = l;
    l->connect.data = l;
    l->phase = PHASE_CONNECTING;
    l->since = yw_monotonic();
    bind_source(l);
    int status =
        uv_tcp_connect(&l->connect, &l->tcp, (const struct sockaddr *)&l->client->address, on_connected);
    if (status < 0) yw_plant_link_drop(l, PHASE_CLOSING, uv_strerror(status));
}

/* ---- the clock of resends ---- */

static void on_tick(uv_timer_t *timer) {
    struct yw_plant_client *c = timer->data;
    int64_t now = yw_monotonic();
    for (struct yw_plant_link *l = c->links; l; l = l->next) {
        switch (l->phase) {
        case PHASE_IDLE:
            if (!c->closing && now >= l->come_back) link_connect(l);
            break;
        case PHASE_CONNECTING:
        case PHASE_SHAKING:
            if (now - l->since < HANDSHAKE_US) break;
            if (l->phase == PHASE_CONNECTING)
                yw_plant_link_drop(l, PHASE_CLOSING, "no connection within 5 s");
            else
                yw_plant_link_drop(
                    l, PHASE_REFUSED,
                    "the other side did not answer the training handshake within 5 s; simulated plants "
                    "send to training and demonstration gateways alone");
            break;
        case PHASE_UP:
            yw_plant_link_overdue(l, now);
            break;
        case PHASE_CLOSING:
        case PHASE_REFUSED:
            break;
        }
    }
}

/* ---- face ---- */

enum yw_code yw_parse_address(const char *text, char *host, size_t size, uint16_t *port,
                              struct yw_error *err) {
    const char *colon = strrchr(text, ':');
    bool bracket = text[0] == '[' && colon && colon > text + 1 && colon[-1] == ']';
    if (!colon || !yw_parse_u16(colon + 1, strlen(colon + 1), port) || *port == 0 ||
        (!bracket && memchr(text, ':', (size_t)(colon - text))) ||
        !yw_copy(host, size, text + bracket, (size_t)(colon - text) - 2 * bracket) || host[0] == '\0')
        return yw_fail(err, YW_E_USAGE, "`%.100s` is not HOST:PORT, for example 127.0.0.1:9212 or [::1]:9212",
                       text);
    return YW_OK;
}

enum yw_code yw_plant_client_create(struct uv_loop_s *loop, const struct yw_plant_client_options *o,
                                    struct yw_plant_client **out, struct yw_error *err) {
    if (o->window < 1 || o->window > YW_PLANT_WINDOW_MAX)
        return yw_fail(err, YW_E_RANGE, "a window is 1 to %d packets, not %u", YW_PLANT_WINDOW_MAX,
                       o->window);
    struct yw_plant_client *c = calloc(1, sizeof *c);
    if (!c || !(c->input = malloc(YW_PLANT_INPUT_MAX))) {
        free(c);
        return yw_fail(err, YW_E_NOMEM, "no memory for the client");
    }
    c->loop = loop;
    c->options = *o;
    if (c->options.timeout_us <= 0) c->options.timeout_us = 10 * YW_SECOND;
    if (!c->options.frame_max) c->options.frame_max = YW_PLANT_FRAME_MAX;
    char port[8];
    snprintf(port, sizeof port, "%u", o->port);
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int status = getaddrinfo(o->host, port, &hints, &found);
    if (status != 0 || !found) {
        free(c->input);
        free(c);
        return yw_fail(err, YW_E_NOT_FOUND, "%s: %s", o->host, gai_strerror(status));
    }
    memcpy(&c->address, found->ai_addr, found->ai_addrlen);
    freeaddrinfo(found);
    uv_timer_init(loop, &c->timer);
    c->timer.data = c;
    uv_timer_start(&c->timer, on_tick, TICK_MS, TICK_MS);
    *out = c;
    return YW_OK;
}

enum yw_code yw_plant_link_open(struct yw_plant_client *c, const struct yw_plant_link_face *face, void *arg,
                                struct yw_plant_link **out, struct yw_error *err) {
    struct yw_plant_link *l = calloc(1, sizeof *l);
    if (!l) return yw_fail(err, YW_E_NOMEM, "no memory for a link");
    l->client = c;
    l->face = *face;
    l->arg = arg;
    l->number = c->count++;
    l->timeout_us = c->options.timeout_us;
    l->resends = c->options.resends;
    l->next = c->links;
    c->links = l;
    *out = l;
    link_connect(l);
    return YW_OK;
}

void yw_plant_link_kick(struct yw_plant_link *l) {
    yw_plant_link_fill(l);
}

void yw_plant_link_pause(struct yw_plant_link *l, int64_t pause_us) {
    l->come_back = yw_monotonic() + pause_us;
    yw_plant_link_drop(l, PHASE_CLOSING, "paused");
}

void yw_plant_link_patience(struct yw_plant_link *l, int64_t timeout_us, uint32_t resends) {
    l->timeout_us = timeout_us;
    l->resends = resends;
}

uint32_t yw_plant_link_in_flight(const struct yw_plant_link *l) {
    return l->used;
}

const char *yw_plant_client_domain(const struct yw_plant_client *c) {
    return c->domain;
}

void yw_plant_client_close(struct yw_plant_client *c) {
    if (c->closing) return;
    c->closing = true;
    uv_close((uv_handle_t *)&c->timer, NULL);
    for (struct yw_plant_link *l = c->links; l; l = l->next) yw_plant_link_drop(l, PHASE_CLOSING, "ending");
}

void yw_plant_client_destroy(struct yw_plant_client *c) {
    if (!c) return;
    for (struct yw_plant_link *l = c->links; l;) {
        struct yw_plant_link *next = l->next;
        free(l->pending);
        free(l->slots);
        free(l->frames);
        free(l);
        l = next;
    }
    free(c->input);
    free(c);
}
