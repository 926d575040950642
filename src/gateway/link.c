/* Framing, the training handshake and the limits of one link. */
#include "gateway/link.h"

#include <string.h>

/* An allowance is kept as the moment at which it will be whole again: using it moves that moment ahead, and a
 * link is over its limit while the moment lies further ahead than its burst. One number per limit, no timers.
 */
static void use(int64_t *due, uint32_t per_second, size_t n, int64_t now) {
    if (per_second == 0) return;
    if (*due < now) *due = now;
    *due += (int64_t)n * YW_SECOND / per_second;
}

enum { RATE_BURST_S = 2, OFFENCE_BURST_S = 10, GARBAGE_RESTORED_S = 3600 };

void yw_link_received(struct yw_link_state *s, const struct yw_link_limits *l, size_t n, int64_t now) {
    use(&s->bytes_due, l->bytes_s, n, now);
}

void yw_link_refused(struct yw_link_state *s, const struct yw_link_limits *l, int64_t now) {
    use(&s->refused_due, l->refused_s, 1, now);
}

static int64_t later(int64_t at, int64_t due, int64_t burst_s) {
    int64_t until = due - burst_s * YW_SECOND;
    return until > at ? until : at;
}

int64_t yw_link_resume(const struct yw_link_state *s, const struct yw_link_limits *l, int64_t now) {
    int64_t at = now;
    if (l->bytes_s != 0) at = later(at, s->bytes_due, RATE_BURST_S);
    if (l->packets_s != 0) at = later(at, s->packets_due, RATE_BURST_S);
    if (l->refused_s != 0) at = later(at, s->refused_due, OFFENCE_BURST_S);
    if (l->findings_s != 0) at = later(at, s->findings_due, OFFENCE_BURST_S);
    return at;
}

static void take_garbage(struct yw_link_state *s, const struct yw_link_limits *l, size_t n, int64_t now,
                         struct yw_link_event *ev) {
    size_t room = YW_LINK_GARBAGE_KEPT - s->run;
    ev->kind = YW_LINK_GARBAGE;
    ev->consumed = n;
    ev->keep = n < room ? n : room;
    s->run += (uint32_t)ev->keep;
    if (l->garbage == 0) return;
    if (s->garbage_due < now) s->garbage_due = now;
    s->garbage_due += (int64_t)(n * (uint64_t)(GARBAGE_RESTORED_S * YW_SECOND) / l->garbage);
    if (s->garbage_due - now > GARBAGE_RESTORED_S * YW_SECOND) ev->kind = YW_LINK_HOPELESS;
}

static void take_packet(struct yw_link_state *s, size_t consumed, struct yw_link_event *ev) {
    ev->kind = YW_LINK_PACKET;
    ev->consumed = consumed;
    s->run = 0;
    s->needed = 0;
    s->begun = true;
}

/* "YWPLANT 1 <16 to 64 hex digits>\r\n" as the first line of a link. */
enum hello { HELLO_NO, HELLO_PART, HELLO_YES };
static enum hello read_hello(const char *bytes, size_t n, size_t *length, char nonce[YW_LINK_NONCE_MAX + 1]) {
    static const char word[] = "YWPLANT 1 ";
    const size_t w = sizeof word - 1;
    if (memcmp(bytes, word, n < w ? n : w) != 0) return HELLO_NO;
    size_t i = w;
    while (i < n && i - w < YW_LINK_NONCE_MAX && strchr("0123456789abcdefABCDEF", bytes[i]) != NULL &&
           bytes[i] != 0)
        i++;
    if (i >= n) return HELLO_PART;
    if (i - w < 16 || bytes[i] != '\r') return HELLO_NO;
    if (i + 1 >= n) return HELLO_PART;
    if (bytes[i + 1] != '\n') return HELLO_NO;
    memcpy(nonce, bytes + w, i - w);
    nonce[i - w] = 0;
    *length = i + 2;
    return HELLO_YES;
}

/* The CR LF that a frame closed by silence still owes; its arrival is no garbage. */
static bool late_tail(struct yw_link_state *s, const char *bytes, size_t n, struct yw_link_event *ev) {
    size_t i = 0;
    while (i < n && i < 2 && (bytes[i] == '\r' || bytes[i] == '\n')) i++;
    if (i == 0 || bytes[i - 1] == '\n' || i < n) s->tail_owed = false;
    if (i == 0) return false;
    ev->kind = YW_LINK_SKIP;
    ev->consumed = i;
    return true;
}

void yw_link_step(struct yw_link_state *s, const struct yw_link_rules *r, const char *bytes, size_t n,
                  bool at_end, int64_t now, struct yw_link_event *ev) {
    ev->kind = YW_LINK_NEED;
    ev->consumed = ev->keep = 0;
    if (s->tail_owed && late_tail(s, bytes, n, ev)) return;
    if (n < s->needed && !at_end) return;
    s->needed = 0;
    if (r->handshake && !s->begun) {
        enum hello h = read_hello(bytes, n, &ev->consumed, ev->nonce);
        if (h == HELLO_PART && !at_end) return;
        s->begun = true;
        if (h == HELLO_YES) {
            ev->kind = YW_LINK_HELLO;
            s->plant = true;
            return;
        }
    }
    const hj212_options options = {.header_only = true, .at_end = at_end};
    hj212_result res = hj212_decode(&options, bytes, n, &ev->packet);
    if (res.status == HJ212_PACKET) {
        use(&s->packets_due, r->limits.packets_s, 1, now);
        use(&s->findings_due, r->limits.findings_s, ev->packet.findings_total, now);
        take_packet(s, res.consumed, ev);
        return;
    }
    if (res.status == HJ212_INCOMPLETE && !at_end && n < YW_LINK_HELD_MAX) {
        size_t needed = res.needed > n ? res.needed : n + 1;
        s->needed = needed < YW_LINK_HELD_MAX ? (uint32_t)needed : YW_LINK_HELD_MAX;
        return;
    }
    s->begun = true;
    take_garbage(s, &r->limits, res.status == HJ212_GARBAGE ? res.consumed : n, now, ev);
}

bool yw_link_quiet(struct yw_link_state *s, const char *bytes, size_t n, struct yw_link_event *ev) {
    const hj212_options options = {.header_only = true, .at_end = true};
    hj212_result res = hj212_decode(&options, bytes, n, &ev->packet);
    if (res.status != HJ212_PACKET || !ev->packet.ok || res.consumed != n) return false;
    ev->keep = 0;
    take_packet(s, n, ev);
    s->tail_owed = true;
    return true;
}
