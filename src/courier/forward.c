/* From the journals to the wire: the oldest packet of all journals first, as fast as answers come and the
 * target's rate allows. */
#include "courier/courier.h"

#include <string.h>

bool courier_decode(struct courier *c, const struct yw_record *r, bool header_only, hj212_packet *p) {
    uint8_t key[16];
    hj212_options options = {.header_only = header_only, .at_end = true};
    if (r->key_id != 0) {
        if (!courier_key(c, r->key_id, key)) return false;
        options.keys = key;
        options.key_count = 1;
        options.plain = c->plain;
    }
    hj212_result got = hj212_decode(&options, r->payload, r->length, p);
    return got.status == HJ212_PACKET && p->ok;
}

size_t courier_frame(struct target *t, const hj212_packet *p, bool ask_ack, hj212_span *mn) {
    char own[32];
    struct yw_rewrite how = {.ask_ack = ask_ack};
    if (yw_copy(own, sizeof own, p->mn.p, p->mn.n)) {
        how.mn = hj212_text(yw_register_target_to(t->courier->reg, t->config.id, own));
    }
    if (t->pw[0] != 0) how.pw = hj212_text(t->pw);
    return yw_rewrite(p, &how, t->courier->out, sizeof t->courier->out, mn);
}

void target_seek(struct target *t) {
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        struct yw_error err;
        struct feed *f = &t->feeds[i];
        f->has = false;
        if (f->reader != NULL && yw_reader_seek(f->reader, t->sending.marks[i].read, &err) != YW_OK) {
            yw_log(YW_LOG_ERROR, "target %s: %s", t->config.name, err.text);
        }
    }
}

/* False: nothing committed there yet. Damage is passed over, loudly: waiting would stop everything behind it.
 */
static bool fill(struct target *t, int i) {
    struct feed *f = &t->feeds[i];
    struct yw_error err;
    if (f->reader == NULL) return false;
    if (f->has) return true;
    enum yw_code code = yw_reader_next(f->reader, &f->record, &err);
    if (code == YW_E_CORRUPT) {
        uint64_t lost = 0;
        yw_log(YW_LOG_ERROR, "target %s, journal %s: %s", t->config.name, t->sending.marks[i].name, err.text);
        t->unreadable++;
        (void)yw_reader_skip(f->reader, &lost, &err);
        code = yw_reader_next(f->reader, &f->record, &err);
    }
    f->has = code == YW_OK;
    return f->has;
}

static int oldest(struct target *t) {
    int best = -1;
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        if (!fill(t, i)) continue;
        if (best < 0 || t->feeds[i].record.arrival < t->feeds[best].record.arrival) best = i;
    }
    return best;
}

/* Is it a packet that this target gets in the ordinary way? */
static bool wanted(const struct target *t, const struct yw_record *r, const hj212_packet *p) {
    const struct yw_register *reg = t->courier->reg;
    return yw_target_wants_command(&t->config, p->command) &&
           yw_target_wants_outlet(reg, &t->config,
                                  yw_register_outlet_at(reg, r->device, r->register_version));
}

enum fate { PASSED, SENT, WAIT };

static enum fate forward(struct target *t, int i, int64_t now) {
    struct feed *f = &t->feeds[i];
    const struct yw_record *r = &f->record;
    struct yw_sending *w = &t->sending;
    const uint16_t journal = (uint16_t)i;
    const uint64_t next = yw_reader_position(f->reader);
    hj212_packet p;
    if (r->register_version > yw_register_version(t->courier->reg))
        return WAIT; /* acts that are still to be read */
    /* Only this domain, and nothing but real data: what plants made is never forwarded. */
    if (r->direction != YW_DIR_IN || r->domain != YW_DOMAIN_REAL || !(r->flags & YW_REC_ADMITTED) ||
        r->arrival < t->config.since || yw_sending_was_done(w, journal, r->position)) {
        yw_sending_pass(w, journal, r->position, next);
        return PASSED;
    }
    if (!courier_decode(t->courier, r, true, &p)) {
        t->unreadable++;
        yw_sending_pass(w, journal, r->position, next);
        return PASSED;
    }
    if (!wanted(t, r, &p)) {
        yw_sending_pass(w, journal, r->position, next);
        return PASSED;
    }
    if (t->tokens < 1 || !yw_sending_has_room(w, journal) || t->wire == NULL || !yw_wire_has_room(t->wire))
        return WAIT;
    hj212_span mn;
    size_t n = courier_frame(t, &p, t->config.require_ack, &mn);
    if (n == 0) {
        t->unreadable++;
        yw_sending_pass(w, journal, r->position, next);
        return PASSED;
    }
    if (!yw_wire_send(t->wire, t->courier->out, n)) return WAIT;
    yw_sending_send(w, journal, r->position, next, p.qn, mn, now);
    t->tokens -= 1;
    t->sent++;
    t->last_sent = now;
    /* who has no QN or no Flag cannot be answered */
    bool answerable = t->config.require_ack && p.qn.n > 0 && p.flag_value >= 0;
    if (!answerable) yw_sending_settle(w, w->count - 1);
    return SENT;
}

void target_forward(struct target *t, int64_t now) {
    double most = t->config.rate < 10 ? 10 : (double)t->config.rate;
    t->tokens += (double)(now - t->filled_at) / (double)YW_SECOND * (double)t->config.rate;
    if (t->tokens > most) t->tokens = most;
    t->filled_at = now;
    for (int k = 0; k < COURIER_TURN_RECORDS; k++) {
        int i = oldest(t);
        if (i < 0 || forward(t, i, now) == WAIT) return;
        t->feeds[i].has = false;
    }
}

/* The frame is made anew from the journal; the record that was next in line has to be read again. */
void target_resend(struct target *t, uint32_t index, int64_t now) {
    struct yw_parcel_sent *s = &t->sending.sent[index];
    struct feed *f = &t->feeds[s->journal];
    struct yw_record r;
    struct yw_error err;
    hj212_packet p;
    hj212_span mn;
    size_t n = 0;
    if (yw_reader_get(f->reader, s->position, &r, &err) == YW_OK &&
        courier_decode(t->courier, &r, true, &p)) {
        n = courier_frame(t, &p, t->config.require_ack, &mn);
    }
    uint64_t at = f->has ? f->record.position : t->sending.marks[s->journal].read;
    f->has = false;
    if (yw_reader_seek(f->reader, at, &err) != YW_OK)
        yw_log(YW_LOG_ERROR, "target %s: %s", t->config.name, err.text);
    s->sent_at = now;
    s->attempts++;
    if (n > 0 && yw_wire_send(t->wire, t->courier->out, n)) t->resent++;
}
