/* link: one link of the client. It shakes hands, keeps a window of unacknowledged packets, sends a packet
 * again with the same QN when its answer is overdue. It sends nothing before the gateway has said that it is
 * a training or demonstration one. */
#include "plants/client_int.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "hj212.h"

static const int64_t PAUSE_FIRST_US = YW_SECOND / 2, PAUSE_MOST_US = 30 * YW_SECOND;

/* ---- loss and return ---- */

static void tell(struct yw_plant_link *l, enum yw_plant_link_state state, const char *why) {
    if (l->face.state) l->face.state(l->arg, state, why);
}

static void give_back(struct yw_plant_link *l) {
    uint32_t n = l->used;
    l->used = 0;
    for (uint32_t i = 0; i < n; i++)
        if (l->face.lost) l->face.lost(l->arg, &l->slots[i]);
}

static void on_closed(uv_handle_t *handle) {
    struct yw_plant_link *l = handle->data;
    if (l->phase != PHASE_REFUSED) l->phase = PHASE_IDLE;
}

void yw_plant_link_drop(struct yw_plant_link *l, enum yw_plant_link_phase after, const char *why) {
    if (l->phase == PHASE_IDLE || l->phase == PHASE_CLOSING || l->phase == PHASE_REFUSED) return;
    bool was_up = l->phase == PHASE_UP;
    l->phase = after;
    l->input = 0;
    l->writing = false;
    int64_t pause = PAUSE_FIRST_US << (l->failures < 6 ? l->failures : 6);
    if (pause > PAUSE_MOST_US) pause = PAUSE_MOST_US;
    pause += pause / 4 * (l->number % 8) / 8; /* links do not come back all at once */
    if (was_up) l->failures = 0;
    l->failures++;
    if (l->come_back < yw_monotonic() + pause) l->come_back = yw_monotonic() + pause;
    uv_close((uv_handle_t *)&l->tcp, on_closed);
    give_back(l);
    tell(l, after == PHASE_REFUSED ? YW_PLANT_LINK_REFUSED : YW_PLANT_LINK_DOWN, why);
}

/* ---- sending ---- */

static void slot_remove(struct yw_plant_link *l, uint32_t at) {
    struct yw_plant_slot gone = l->slots[at];
    for (uint32_t i = at; i + 1 < l->used; i++) l->slots[i] = l->slots[i + 1];
    l->used--;
    l->slots[l->used] = gone; /* its frame's memory moves to the free end */
}

/* What wants no answer is done once it was written; true if there was any. */
static bool release_written(struct yw_plant_link *l) {
    bool any = false;
    for (uint32_t i = l->used; i-- > 0;) {
        if (l->slots[i].wants_ack) continue;
        struct yw_plant_slot done = l->slots[i];
        slot_remove(l, i);
        l->face.acked(l->arg, &done, 0);
        any = true;
    }
    return any;
}

static void on_written(uv_write_t *request, int status) {
    struct yw_plant_link *l = request->data;
    if (l->phase != PHASE_UP && l->phase != PHASE_SHAKING) return;
    l->writing = false;
    if (status >= 0) release_written(l);
    if (status < 0)
        yw_plant_link_drop(l, PHASE_CLOSING, uv_strerror(status));
    else
        yw_plant_link_fill(l);
}

/* Writes bufs now as far as the socket takes them; the rest follows when it can. The memory belongs to slots,
 * which stay until acknowledged or until the handle is closed. */
static bool link_write(struct yw_plant_link *l, uv_buf_t *bufs, unsigned n) {
    int sent = uv_try_write((uv_stream_t *)&l->tcp, bufs, n);
    if (sent == UV_EAGAIN) sent = 0;
    if (sent < 0) {
        yw_plant_link_drop(l, PHASE_CLOSING, uv_strerror(sent));
        return false;
    }
    unsigned at = 0;
    size_t left = (size_t)sent;
    while (at < n && left >= bufs[at].len) left -= bufs[at++].len;
    if (at == n) return true;
    bufs[at].base += left;
    bufs[at].len -= left;
    l->writing = true;
    l->write.data = l;
    int status = uv_write(&l->write, (uv_stream_t *)&l->tcp, bufs + at, n - at, on_written);
    if (status < 0) {
        l->writing = false;
        yw_plant_link_drop(l, PHASE_CLOSING, uv_strerror(status));
        return false;
    }
    return true;
}

static bool link_slots(struct yw_plant_link *l) {
    if (l->slots) return true;
    uint32_t window = l->client->options.window;
    uint32_t room = l->client->options.frame_max;
    l->slots = calloc(window, sizeof *l->slots);
    l->frames = malloc((size_t)window * room);
    if (!l->slots || !l->frames) {
        free(l->slots);
        free(l->frames);
        l->slots = NULL, l->frames = NULL;
        return false;
    }
    for (uint32_t i = 0; i < window; i++) l->slots[i].bytes = l->frames + (size_t)i * room;
    return true;
}

/* Fills the window from the owner and sends what is new in one write; true if there may be more. */
static bool fill_once(struct yw_plant_link *l) {
    if (l->phase != PHASE_UP || l->writing || !link_slots(l)) return false;
    uint32_t window = l->client->options.window;
    uv_buf_t bufs[2 * YW_PLANT_WINDOW_MAX];
    unsigned n = 0;
    int64_t now = yw_monotonic();
    while (l->used < window) {
        struct yw_plant_slot *s = &l->slots[l->used];
        s->twice = false;
        s->wants_ack = true;
        s->tries = 1;
        s->sent = now;
        if (!l->face.next(l->arg, s)) break;
        bufs[n++] = uv_buf_init(s->bytes, (unsigned)s->length);
        if (s->twice) bufs[n++] = uv_buf_init(s->bytes, (unsigned)s->length);
        l->used++;
    }
    return n && link_write(l, bufs, n) && !l->writing && release_written(l);
}

void yw_plant_link_fill(struct yw_plant_link *l) {
    while (fill_once(l)) {
    }
}

/* ---- answers ---- */

static void link_acknowledged(struct yw_plant_link *l, const hj212_packet *p, int64_t now) {
    hj212_span qn = p->qn.p ? p->qn : hj212_cp_field(p->cp, "QN"); /* 2005: in the data area */
    if (!qn.p || qn.n != 17) return;
    for (uint32_t i = 0; i < l->used; i++) {
        if (memcmp(l->slots[i].qn, qn.p, 17) != 0) continue;
        struct yw_plant_slot done = l->slots[i];
        slot_remove(l, i); /* first: the owner may end the link from its callback */
        l->face.acked(l->arg, &done, now - done.sent);
        return;
    }
}

static bool link_shaken(struct yw_plant_link *l, const char *line, size_t n) {
    char want[64];
    int prefix = snprintf(want, sizeof want, "YWPLANT 1 %s ", l->nonce);
    if (prefix < 0 || n < (size_t)prefix || memcmp(line, want, (size_t)prefix) != 0) return false;
    const char *domain = line + prefix;
    size_t m = n - (size_t)prefix;
    bool fits = (m == 8 && memcmp(domain, "training", 8) == 0) || (m == 4 && memcmp(domain, "demo", 4) == 0);
    if (fits) yw_copy(l->client->domain, sizeof l->client->domain, domain, m);
    return fits;
}

/* Takes the answer to the handshake off the front; returns bytes used, 0 while it is not complete. */
static size_t link_shake(struct yw_plant_link *l, const char *bytes, size_t n) {
    const char *end = memchr(bytes, '\n', n);
    if (!end && n < 128) return 0;
    size_t line = end ? (size_t)(end - bytes) : n;
    if (!end || line < 1 || bytes[line - 1] != '\r' || !link_shaken(l, bytes, line - 1)) {
        yw_plant_link_drop(
            l, PHASE_REFUSED,
            "the other side does not answer the training handshake; simulated plants send to training "
            "and demonstration gateways alone");
        return n;
    }
    l->phase = PHASE_UP;
    l->failures = 0;
    tell(l, YW_PLANT_LINK_UP, "");
    return line + 1;
}

/* Returns how many bytes were used up. */
static size_t link_take(struct yw_plant_link *l, const char *bytes, size_t n) {
    static const hj212_options options = {.header_only = true};
    size_t at = 0;
    int64_t now = yw_monotonic();
    while (at < n && (l->phase == PHASE_SHAKING || l->phase == PHASE_UP)) {
        if (l->phase == PHASE_SHAKING) {
            size_t used = link_shake(l, bytes + at, n - at);
            if (used == 0) break;
            at += used;
            continue;
        }
        hj212_packet p;
        hj212_result r = hj212_decode(&options, bytes + at, n - at, &p);
        if (r.status == HJ212_INCOMPLETE) break;
        at += r.consumed;
        if (r.status != HJ212_PACKET) continue;
        bool heard = !l->face.frame || l->face.frame(l->arg, p.frame, p.frame_len, p.command);
        if (heard && p.ok && (p.command == 9014 || p.command == 9013)) link_acknowledged(l, &p, now);
    }
    return at;
}

static void on_alloc(uv_handle_t *handle, size_t hint, uv_buf_t *buf) {
    struct yw_plant_link *l = handle->data;
    YW_UNUSED(hint);
    /* an unfinished answer of the link goes in front of what comes now */
    if (l->input) memcpy(l->client->input, l->pending, l->input);
    *buf = uv_buf_init(l->client->input + l->input, (unsigned)(YW_PLANT_INPUT_MAX - l->input));
}

static void on_read(uv_stream_t *stream, ssize_t got, const uv_buf_t *buf) {
    struct yw_plant_link *l = stream->data;
    if (got == 0) return;
    if (got < 0) {
        bool shaking = l->phase == PHASE_SHAKING;
        yw_plant_link_drop(l, PHASE_CLOSING,
                           shaking ? "the link was closed during the training handshake"
                                   : uv_strerror((int)got));
        return;
    }
    YW_UNUSED(buf);
    size_t n = l->input + (size_t)got;
    size_t used = link_take(l, l->client->input, n);
    size_t left = used < n ? n - used : 0;
    if (l->phase != PHASE_UP && l->phase != PHASE_SHAKING) return;
    if (left > YW_PLANT_ANSWER_MAX || (left && !l->pending && !(l->pending = malloc(YW_PLANT_ANSWER_MAX)))) {
        yw_plant_link_drop(l, PHASE_CLOSING, "the gateway sent an answer of more than 4096 bytes");
        return;
    }
    if (left) memcpy(l->pending, l->client->input + used, left);
    l->input = (uint32_t)left;
    if (l->phase == PHASE_UP) yw_plant_link_fill(l);
}

/* ---- beginning ---- */

void yw_plant_link_begin(struct yw_plant_link *l) {
    uint8_t bytes[YW_PLANT_NONCE_HEX / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) {
        yw_plant_link_drop(l, PHASE_CLOSING, "no random bytes for the handshake");
        return;
    }
    for (int i = 0; i < YW_PLANT_NONCE_HEX; i++)
        l->nonce[i] = "0123456789abcdef"[bytes[i / 2] >> (i % 2 ? 0 : 4) & 15];
    l->nonce[YW_PLANT_NONCE_HEX] = '\0';
    l->phase = PHASE_SHAKING;
    l->since = yw_monotonic();
    uv_tcp_nodelay(&l->tcp, 1);
    char line[64];
    int n = snprintf(line, sizeof line, "YWPLANT 1 %s\r\n", l->nonce);
    uv_buf_t buf = uv_buf_init(line, (unsigned)n);
    /* a fresh socket takes a short line at once; if it does not, the link is no good */
    if (uv_try_write((uv_stream_t *)&l->tcp, &buf, 1) != n ||
        uv_read_start((uv_stream_t *)&l->tcp, on_alloc, on_read) < 0)
        yw_plant_link_drop(l, PHASE_CLOSING, "the socket does not take the handshake");
}

/* ---- overdue ---- */

void yw_plant_link_overdue(struct yw_plant_link *l, int64_t now) {
    uv_buf_t bufs[YW_PLANT_WINDOW_MAX];
    unsigned n = 0;
    for (uint32_t i = 0; i < l->used; i++) {
        struct yw_plant_slot *s = &l->slots[i];
        if (!s->wants_ack || now - s->sent < l->timeout_us) continue;
        if (s->tries > l->resends) {
            yw_plant_link_drop(l, PHASE_CLOSING, "no 9014 after the last resend");
            return;
        }
        s->tries++;
        s->sent = now;
        if (!l->writing) bufs[n++] = uv_buf_init(s->bytes, (unsigned)s->length);
    }
    if (n) link_write(l, bufs, n);
}
