/* What came off a link goes into the journal, an answer right behind the packet it belongs to. */
#include "gateway/worker.h"

static struct yw_record new_record(const struct link *l, enum yw_direction direction) {
    const struct yw_gateway *g = l->worker;
    return (struct yw_record){.arrival = g->io->now(g->io->ctx),
                              .link = l->serial,
                              .peer = l->peer,
                              .direction = (uint8_t)direction,
                              .domain = g->config.domain,
                              .register_version = g->snap != NULL ? yw_snap_version(g->snap) : 0};
}

/* The pause on a crowded journal leaves room for what was read already; if the journal refuses all the same,
 * the link is closed: what was not journalled is not answered, and the device sends it again. */
static bool append(struct link *l, struct yw_record *r) {
    struct yw_error err;
    if (yw_journal_append(l->worker->journal, r, &err) == YW_OK) return true;
    yw_log(YW_LOG_WARN, "link %llu closed: %s", (unsigned long long)l->serial, err.text);
    gateway_close_link(l, YW_GW_CLOSED_ERROR);
    return false;
}

static void count(struct yw_gateway *g, const hj212_packet *p, uint32_t flags) {
    counter_add(g, YW_GW_PACKETS, 1);
    if (p->findings_total > 0) counter_add(g, YW_GW_FINDINGS, p->findings_total);
    if (flags & YW_REC_ADMITTED) counter_add(g, YW_GW_ADMITTED, 1);
    if (flags & YW_REC_UNKNOWN) counter_add(g, YW_GW_UNKNOWN, 1);
    if (flags & YW_REC_BAD_PW) counter_add(g, YW_GW_BAD_PW, 1);
    if (flags & YW_REC_BAD_CRC) counter_add(g, YW_GW_BAD_CRC, 1);
}

void gateway_packet(struct link *l, struct yw_link_event *ev) {
    struct yw_gateway *g = l->worker;
    hj212_packet *p = &ev->packet;
    const char *frame = p->frame;
    struct yw_admission a;
    yw_admit(g->snap, g->config.domain == YW_DOMAIN_REAL, l->state.plant, p, g->plain, &a);
    count(g, p, a.flags);
    size_t answer = 0, room;
    char *place = commit_answer_place(g, &room);
    if (!(a.flags & YW_REC_ADMITTED)) {
        yw_link_refused(&l->state, &g->rules.limits, g->now);
    } else if (commit_answer_room(g)) {
        answer = yw_admit_answer(p, place, room);
    }
    struct yw_record in = new_record(l, YW_DIR_IN);
    in.bucket = a.bucket;
    in.device = a.device;
    in.key_id = a.key_id;
    in.flags = a.flags | (answer > 0 ? YW_REC_ACKED : 0);
    in.payload = frame;
    in.length = (uint32_t)ev->consumed;
    if (!append(l, &in)) return;
    if (a.flags & YW_REC_ADMITTED && owners_note(g->owners, a.device, l)) counter_add(g, YW_GW_MOVED, 1);
    if (answer == 0) return;
    struct yw_record out = new_record(l, YW_DIR_OUT);
    out.bucket = a.bucket;
    out.device = a.device;
    out.payload = place;
    out.length = (uint32_t)answer;
    if (append(l, &out)) commit_answer_add(g, l, answer);
}

void gateway_garbage(struct link *l, const char *bytes, size_t n) {
    if (n == 0) return;
    counter_add(l->worker, YW_GW_GARBAGE_RUNS, 1);
    struct yw_record r = new_record(l, YW_DIR_IN);
    r.flags = YW_REC_GARBAGE;
    r.payload = bytes;
    r.length = (uint32_t)n;
    append(l, &r);
}
