/* Twins among the links of this worker, see twins.h. */
#include "gateway/broker.h"
#include "gateway/worker.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

/* Nobody has closed it; a close that waits behind bytes not yet read counts. */
static bool lives(const struct twin_link *t) {
    if (!link_lives(t->link, t->serial)) return false;
    struct tcp_info info;
    socklen_t size = sizeof info;
    uv_os_fd_t fd;
    if (uv_fileno((const uv_handle_t *)&t->link->tcp, &fd) != 0) return false;
    if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return false;
    return info.tcpi_state == TCP_ESTABLISHED;
}

/* Nobody here sees another worker's link; where the device is kept there, that worker says so again and
 * again. */
static bool now_lives(const struct yw_gateway *g, const struct twin_state *s) {
    if (twin_is_elsewhere(&s->now)) return !s->kept || g->now - s->now.heard < TWIN_LEASE_S * YW_SECOND;
    return lives(&s->now);
}

/* A message that the socket does not take is one less: an alarm may come later. */
static void claim(struct link *l, struct owner *o, uint32_t device, bool told) {
    struct yw_gateway *g = l->worker;
    const struct yw_came c = {.kind = YW_PULL_CAME,
                              .kept = o->twin.kept,
                              .told = told,
                              .device = device,
                              .link = l->serial,
                              .peer = l->peer};
    if (g->config.push_fd >= 0) (void)yw_broker_send(g->config.push_fd, &c, sizeof c, -1);
    o->claimed_at = g->now;
}

void gateway_take_claim(struct yw_gateway *g, const struct yw_came *c) {
    struct owner *o = owners_find(g->owners, c->device);
    if (o == NULL || o->twin.now.serial == 0) return;
    const struct twin_claim said = {
        .worker = c->worker, .kept = c->kept != 0, .told = c->told != 0, .heard = g->now};
    twins_elsewhere(&o->twin, &said, now_lives(g, &o->twin));
    if (twin_is_elsewhere(&o->twin.now)) {
        o->elsewhere.worker = c->worker;
        o->elsewhere.link = c->link;
        o->elsewhere.peer = c->peer;
    } else if (o->twin.kept && lives(&o->twin.now)) {
        claim(o->twin.now.link, o, c->device, false); /* the other does not know yet */
    }
}

bool gateway_believes(struct link *l, struct owner *o, const struct yw_admission *a,
                      struct twin_alarm *alarm) {
    struct yw_gateway *g = l->worker;
    uint32_t version = yw_snap_version(g->snap);
    uint64_t before = o->twin.now.serial;
    alarm->due = false;
    if (before == l->serial && o->judged_version == version && !o->twin.kept) { /* nearly always */
        o->twin.now.heard = g->now;
        return true;
    }
    struct twin_facts f = {.from = {.link = l, .serial = l->serial, .heard = g->now},
                           .policy = a->row->twin_policy != 0 ? a->row->twin_policy : TWIN_ALARM};
    f.peer_fits = f.policy != TWIN_PEERS || yw_snap_peer_fits(g->snap, a->row, l->peer.addr);
    bool another = before != l->serial && link_lives(o->twin.now.link, before);
    f.now_lives = before != 0 && before != l->serial && now_lives(g, &o->twin);
    f.from_lives = lives(&f.from);
    enum twin_verdict v = twins_judge(&o->twin, &f, &alarm->due, &alarm->other);
    bool here = o->twin.now.serial == l->serial;
    o->judged_version = here ? version : 0;
    if (v == TWIN_REFUSED) return false;
    if (another) counter_add(g, YW_GW_MOVED, 1);
    int64_t age = g->now - o->claimed_at;
    bool moved = before != l->serial && here && (o->claimed_at == 0 || age >= CLAIM_US);
    if (moved || alarm->due || (o->twin.kept && age >= CLAIM_KEPT_US)) claim(l, o, a->device, alarm->due);
    return true;
}

static void print_peer(const struct yw_peer *p, char *out, size_t size) {
    char text[INET6_ADDRSTRLEN] = "";
    bool v4 = memcmp(p->addr, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    (void)inet_ntop(v4 ? AF_INET : AF_INET6, v4 ? p->addr + 12 : p->addr, text, sizeof text);
    snprintf(out, size, v4 ? "%s:%u" : "[%s]:%u", text, p->port);
}

void gateway_tell_twin(struct link *l, const struct owner *o, const struct yw_admission *a,
                       const struct twin_alarm *alarm) {
    struct yw_gateway *g = l->worker;
    char peer[64] = "", text[240];
    uint64_t other = alarm->other.serial;
    uint32_t worker = g->config.worker;
    if (twin_is_elsewhere(&alarm->other)) {
        other = o->elsewhere.link;
        worker = o->elsewhere.worker;
        print_peer(&o->elsewhere.peer, peer, sizeof peer);
    } else if (link_lives(alarm->other.link, other)) {
        print_peer(&alarm->other.link->peer, peer, sizeof peer);
    }
    int n = snprintf(text, sizeof text,
                     "{\"event\":\"twin\",\"device\":%u,\"other_link\":%llu,\"other_peer\":\"%s\","
                     "\"other_worker\":%u}",
                     a->device, (unsigned long long)other, peer, worker);
    struct yw_record r = gateway_record(g, l, YW_DIR_EVENT);
    r.bucket = a->bucket;
    r.device = a->device;
    r.payload = text;
    r.length = (uint32_t)n;
    if (yw_journal_append(g->journal, &r, NULL) == YW_OK) counter_add(g, YW_GW_TWIN_ALARMS, 1);
}
