/* The socket to the device, and the transcript of everything that went over it. */
#include <errno.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probe/probe.h"

/* "HOST:PORT", "[::1]:PORT", ":PORT", "PORT", or a host alone: the usual port. */
static bool split_address(const char *text, char host[128], char port[8]) {
    const char *colon = strrchr(text, ':');
    uint16_t number;
    host[0] = 0;
    if (colon == NULL) {
        bool digits = text[0] != 0 && strspn(text, "0123456789") == strlen(text);
        if (!digits && !yw_copy(host, 128, text, strlen(text))) return false;
        snprintf(port, 8, "%.7s", digits ? text : PROBE_PORT);
        return text[0] != 0 && yw_parse_u16(port, strlen(port), &number);
    }
    size_t n = (size_t)(colon - text);
    if (n >= 2 && text[0] == '[' && colon[-1] == ']') {
        text++;
        n -= 2;
    }
    return yw_copy(host, 128, text, n) && yw_copy(port, 8, colon + 1, strlen(colon + 1)) &&
           yw_parse_u16(port, strlen(port), &number);
}

static int try_one(const struct addrinfo *a, bool listening) {
    int one = 1;
    int fd = socket(a->ai_family, a->ai_socktype | SOCK_CLOEXEC, a->ai_protocol);
    if (fd < 0) return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    bool good = listening ? bind(fd, a->ai_addr, a->ai_addrlen) == 0 && listen(fd, 4) == 0
                          : connect(fd, a->ai_addr, a->ai_addrlen) == 0;
    if (good) return fd;
    int why = errno;
    close(fd);
    errno = why;
    return -1;
}

static enum yw_code open_socket(const char *address, bool listening, int *out, struct yw_error *err) {
    char host[128], port[8];
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM, .ai_flags = listening ? AI_PASSIVE : 0}, *list;
    if (!split_address(address, host, port)) {
        return yw_fail(err, YW_E_USAGE, "'%s' is no address: give HOST, HOST:PORT or PORT", address);
    }
    int rc = getaddrinfo(host[0] != 0 ? host : NULL, port, &hints, &list);
    if (rc != 0) return yw_fail(err, YW_E_NOT_FOUND, "%s: %s", address, gai_strerror(rc));
    int fd = -1;
    for (const struct addrinfo *a = list; a != NULL && fd < 0; a = a->ai_next) fd = try_one(a, listening);
    int why = errno;
    freeaddrinfo(list);
    if (fd < 0)
        return yw_fail_errno(err, why, listening ? "cannot listen on %s" : "cannot connect to %s", address);
    *out = fd;
    return YW_OK;
}

static void note_peer(struct probe *p) {
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    char host[64], port[8];
    int one = 1;
    setsockopt(p->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (getpeername(p->fd, (struct sockaddr *)&a, &n) != 0) return;
    if (getnameinfo((struct sockaddr *)&a, n, host, sizeof host, port, sizeof port,
                    NI_NUMERICHOST | NI_NUMERICSERV) == 0)
        snprintf(p->peer, sizeof p->peer, "%s port %s", host, port);
}

static bool wait_for(int fd, int64_t until) {
    int64_t left = until - probe_now();
    if (left < 0) left = 0;
    struct pollfd f = {.fd = fd, .events = POLLIN};
    return poll(&f, 1, (int)(left / 1000 > 1000000 ? 1000000 : left / 1000 + 1)) > 0;
}

enum yw_code probe_open(struct probe *p, struct yw_error *err) {
    int fd = -1;
    p->fd = p->listener = -1;
    enum yw_code code = open_socket(p->options.address, p->options.listen, &fd, err);
    if (code != YW_OK) return code;
    if (!p->options.listen) {
        p->fd = fd;
        note_peer(p);
        return YW_OK;
    }
    p->listener = fd;
    struct sockaddr_storage a;
    socklen_t n = sizeof a;
    char port[8] = "?", line[64];
    if (getsockname(fd, (struct sockaddr *)&a, &n) == 0)
        getnameinfo((struct sockaddr *)&a, n, NULL, 0, port, sizeof port, NI_NUMERICSERV);
    snprintf(line, sizeof line, "listening on port %s", port);
    if (p->say != NULL) p->say(p->arg, line);
    if (!wait_for(fd, probe_now() + (int64_t)p->options.wait_s * YW_SECOND))
        return yw_fail(err, YW_E_NOT_FOUND, "no device connected within %u s", p->options.wait_s);
    p->fd = accept(fd, NULL, NULL);
    if (p->fd < 0) return yw_fail_errno(err, errno, "the device's connection was lost");
    note_peer(p);
    return YW_OK;
}

void probe_close(struct probe *p) {
    if (p->fd >= 0) close(p->fd);
    if (p->listener >= 0) close(p->listener);
    p->fd = p->listener = -1;
}

/* ---- transcript ---- */

static uint32_t keep(struct probe *p, const void *bytes, size_t n, bool sent, bool ok, uint16_t command) {
    if (p->exchange_n == PROBE_EXCHANGES || n > PROBE_BYTES - p->bytes_n) {
        p->overflow = true;
        return p->exchange_n == 0 ? 0 : p->exchange_n - 1;
    }
    memcpy(p->bytes + p->bytes_n, bytes, n);
    p->exchanges[p->exchange_n] = (struct probe_exchange){.at = probe_now(),
                                                          .offset = (uint32_t)p->bytes_n,
                                                          .length = (uint32_t)n,
                                                          .sent = sent,
                                                          .ok = ok,
                                                          .command = command};
    p->bytes_n += n;
    return p->exchange_n++;
}

bool probe_send(struct probe *p, const void *bytes, size_t n, uint16_t command, uint32_t *exchange) {
    const char *at = bytes;
    uint32_t kept = keep(p, bytes, n, true, true, command);
    if (exchange != NULL) *exchange = kept;
    while (n > 0 && !p->gone) {
        ssize_t w = send(p->fd, at, n, MSG_NOSIGNAL);
        if (w < 0 && errno == EINTR) continue;
        if (w <= 0) p->gone = true;
        if (w > 0) {
            at += w;
            n -= (size_t)w;
        }
    }
    return n == 0;
}

/* ---- receiving ---- */

static void meet_factors(struct probe *p, hj212_span cp) {
    hj212_iterator it;
    hj212_item item;
    hj212_items(&it, cp);
    while (hj212_next(&it, &item) && p->factor_n < PROBE_FACTORS) {
        char code[16];
        if (item.code.n == 0 || item.code.n >= sizeof code || (item.code.p[0] == 'i') ||
            item.code.p[0] == 'S')
            continue;
        yw_copy(code, sizeof code, item.code.p, item.code.n);
        bool known = false;
        for (uint32_t i = 0; i < p->factor_n; i++) known |= strcmp(p->factors[i], code) == 0;
        if (!known) memcpy(p->factors[p->factor_n++], code, sizeof code);
    }
}

static void answer(struct probe *p, const hj212_packet *packet) {
    char out[2048];
    size_t n;
    if (!packet->wants_ack || p->withhold || (packet->command >= 9011 && packet->command <= 9014)) return;
    bool notice = packet->version != 2005 && (packet->command == 1013 || packet->command == 9015 ||
                                              packet->command == 1014 || packet->command == 1001);
    if (notice) {
        const hj212_message m = {.qn = packet->qn,
                                 .st = hj212_text("91"),
                                 .cn = hj212_text("9013"),
                                 .pw = packet->pw,
                                 .mn = packet->mn,
                                 .flag = hj212_text(packet->version == 2025 ? "8" : "4"),
                                 .cp = hj212_text("")};
        n = hj212_encode(&m, out, sizeof out);
    } else {
        n = hj212_encode_ack(packet, out, sizeof out);
    }
    if (n > 0) probe_send(p, out, n, notice ? 9013 : 9014, NULL);
}

/* A simulated plant wants to know that it talks to no real platform. */
static size_t handshake(struct probe *p) {
    static const char hello[] = "YWPLANT 1 ";
    char *end = memchr(p->held, '\n', p->held_n);
    if (p->held_n < sizeof hello - 1 || memcmp(p->held, hello, sizeof hello - 1) != 0 || end == NULL)
        return 0;
    size_t n = (size_t)(end - p->held) + 1;
    char line[160];
    if (n < sizeof hello + 2 || n > 100) return n;
    int length = snprintf(line, sizeof line, "%.*s training\r\n", (int)(n - 2), p->held);
    ssize_t w = send(p->fd, line, (size_t)length, MSG_NOSIGNAL);
    YW_UNUSED(w);
    return n;
}

static void drop(struct probe *p, size_t n) {
    memmove(p->held, p->held + n, p->held_n - n);
    p->held_n -= n;
}

/* The kept copy of a frame stays where it is: packets point there. */
static bool take(struct probe *p, bool at_end, hj212_packet *packet, uint32_t *exchange) {
    while (p->held_n > 0) {
        size_t hello = handshake(p);
        if (hello > 0) {
            drop(p, hello);
            continue;
        }
        hj212_options options = {
            .keys = p->options.keys, .key_count = p->options.key_n, .plain = p->plain, .at_end = at_end};
        if (options.key_count == 0) options.keys = NULL;
        hj212_result r = hj212_decode(&options, p->held, p->held_n, packet);
        if (r.status == HJ212_INCOMPLETE && p->held_n < PROBE_HELD) return false;
        if (r.status != HJ212_PACKET) {
            p->garbage++;
            size_t n = r.consumed > 0 ? r.consumed : 1;
            keep(p, p->held, n, false, false, 0);
            drop(p, n);
            continue;
        }
        *exchange = keep(p, p->held, r.consumed, false, packet->ok, packet->command);
        drop(p, r.consumed);
        const struct probe_exchange *e = &p->exchanges[*exchange];
        if (p->overflow) return false;
        hj212_decode(&options, p->bytes + e->offset, e->length, packet);
        return true;
    }
    return false;
}

bool probe_receive(struct probe *p, int64_t until, hj212_packet *packet, uint32_t *exchange) {
    bool quiet = false;
    for (;;) {
        if (take(p, quiet, packet, exchange)) {
            p->packets++;
            bool echo = p->provoked != NULL && packet->qn.n == strlen(p->provoked) &&
                        memcmp(packet->qn.p, p->provoked, packet->qn.n) == 0;
            if (!echo) probe_form(p, packet, *exchange);
            if (packet->ok) {
                meet_factors(p, packet->cp);
                answer(p, packet);
            }
            return true;
        }
        if (p->gone || p->overflow || probe_now() >= until) return false;
        /* a frame without its tail is taken as it stands once the link is quiet */
        int64_t turn = probe_now() + 500000;
        quiet = !wait_for(p->fd, turn < until ? turn : until);
        if (quiet) continue;
        ssize_t n = recv(p->fd, p->held + p->held_n, sizeof p->held - p->held_n, 0);
        if (n == 0 || (n < 0 && errno != EINTR)) {
            p->gone = true;
            quiet = true;
        } else if (n > 0) {
            p->held_n += (size_t)n;
        }
    }
}
