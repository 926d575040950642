/* What came off a link goes into the journal, an answer right behind the packet it belongs to. */
#include "gateway/worker.h"

static void count(struct yw_gateway *g, const hj212_packet *p, uint32_t flags) {
    counter_add(g, YW_GW_PACKETS, 1);
    if (p->findings_total > 0) counter_add(g, YW_GW_FINDINGS, p->findings_total);
    if (flags & YW_REC_ADMITTED) counter_add(g, YW_GW_ADMITTED, 1);
    if (flags & YW_REC_UNKNOWN) counter_add(g, YW_GW_UNKNOWN, 1);
    if (flags & YW_REC_BAD_PW) counter_add(g, YW_GW_BAD_PW, 1);
    if (flags & YW_REC_BAD_CRC) counter_add(g, YW_GW_BAD_CRC, 1);
    if (flags & YW_REC_TWIN) counter_add(g, YW_GW_TWIN, 1);
}

/* Byte for byte what the device sent shortly before: its answer was lost, or somebody plays it again. It is
 * kept and answered like the first. */
static bool came_before(struct owner *o, const char *frame, size_t n) {
    uint32_t hash = (uint32_t)yw_hash64(frame, n, 0);
    bool found = false;
    for (int i = 0; i < RECENT_PACKETS; i++) found |= o->recent[i] == hash;
    if (found) return true;
    o->recent[o->recent_at] = hash;
    o->recent_at = (uint8_t)((o->recent_at + 1) % RECENT_PACKETS);
    return false;
}

/* The dialog that a packet may belong to: its device's, or that of a device that is just being activated. */
static struct dialog *dialog_of(const struct link *l, const struct owner *o, const struct yw_admission *a) {
    if (o != NULL && o->dialog != NULL) return (a->flags & YW_REC_ADMITTED) != 0 ? o->dialog : NULL;
    if (l->guest == NULL || l->guest->link != l || l->guest->serial != l->serial) return NULL;
    return (a->flags & (YW_REC_ADMITTED | YW_REC_UNKNOWN)) != 0 ? l->guest->dialog : NULL;
}

/* Journals the packet and, behind it, its answer; false: the link is closed. */
static bool put(struct link *l, const struct yw_admission *a, struct yw_record *in, const char *answer,
                size_t n) {
    in->bucket = a->bucket;
    in->device = a->device;
    in->key_id = a->key_id;
    in->flags = a->flags | (n > 0 ? YW_REC_ACKED : 0);
    if (!gateway_append(l, in)) return false;
    if (n == 0) return true;
    struct yw_record out = gateway_record(l->worker, l, YW_DIR_OUT);
    out.bucket = a->bucket;
    out.device = a->device;
    out.payload = answer;
    out.length = (uint32_t)n;
    if (!gateway_append(l, &out)) return false;
    commit_answer_add(l->worker, l, n, false);
    return true;
}

void gateway_packet(struct link *l, struct yw_link_event *ev) {
    struct yw_gateway *g = l->worker;
    hj212_packet *p = &ev->packet;
    const char *frame = p->frame;
    struct yw_admission a;
    struct twin_alarm alarm = {.due = false};
    struct owner *o = NULL;
    yw_admit(g->snap, g->config.domain == YW_DOMAIN_REAL, l->state.plant, p, g->plain, &a);
    if (a.flags & YW_REC_ADMITTED) o = owners_row(g->owners, a.device); /* NULL: no command will reach it */
    if (o != NULL && !gateway_believes(l, o, &a, &alarm)) {
        a.flags = YW_REC_TWIN;
    } else if (o != NULL) {
        dialect_learn(&o->dialect, p);
        if (came_before(o, frame, ev->consumed)) counter_add(g, YW_GW_RESENT, 1);
    }
    const struct dialect *manner = o != NULL ? &o->dialect : NULL;
    if (a.registration) {
        counter_add(g, YW_GW_REGISTRATIONS, 1);
        const struct guest *guest = guests_note(g->guests, l, p, g->now);
        if (guest != NULL) manner = &guest->dialect;
    }
    if (!(a.flags & YW_REC_ADMITTED)) yw_link_refused(&l->state, &g->rules.limits, g->now);
    count(g, p, a.flags);
    struct dialog *d = dialog_of(l, o, &a);
    enum yw_say say = d != NULL ? dialogs_hear(g, d, p) : YW_SAY_NOTHING;
    if (say != YW_SAY_NOTHING) a.flags |= YW_REC_ASKED;
    size_t answer = 0, room;
    char *place = commit_answer_place(g, &room);
    if (((a.flags & YW_REC_ADMITTED) || a.registration) && commit_answer_room(g)) {
        answer = yw_admit_answer(p, a.row, place, room);
        if (manner != NULL) dialect_put_crc(dialect_crc(manner, a.row), place, place, answer);
    }
    struct yw_record in = gateway_record(g, l, YW_DIR_IN);
    in.payload = frame;
    in.length = (uint32_t)ev->consumed;
    if (!put(l, &a, &in, place, answer)) return;
    if (alarm.due) gateway_tell_twin(l, o, &a, &alarm);
    if (say != YW_SAY_NOTHING) dialogs_tell(g, d, l, say, in.position);
}

void gateway_garbage(struct link *l, const char *bytes, size_t n) {
    if (n == 0) return;
    counter_add(l->worker, YW_GW_GARBAGE_RUNS, 1);
    struct yw_record r = gateway_record(l->worker, l, YW_DIR_IN);
    r.flags = YW_REC_GARBAGE;
    r.payload = bytes;
    r.length = (uint32_t)n;
    gateway_append(l, &r);
}
