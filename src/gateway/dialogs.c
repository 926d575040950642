/* Commands under way: at most one a device. What is sent, and what becomes of it, stands in the journal
 * before a byte of it goes out; a command that was taken is never given back. */
#include "gateway/worker.h"

#include <iconv.h>
#include <string.h>

#include "command/dialog.h"

enum { DIALOGS_PER_SLAB = 16 };

struct dialog {
    struct dialog *next_free;
    struct chain talking;
    struct yw_dialog machine;
    struct yw_offer offer;
    struct owner *owner; /* NULL: a device without an MN */
    struct guest *guest; /* NULL: an activated device */
    uint64_t out_end;    /* position behind the last sending: what is not committed was not sent */
    bool has_position;   /* it ended by the packet at `position` */
    uint64_t position;
    uint32_t told; /* answers that got an event */
};
#define DIALOG_OF(c) ((struct dialog *)(void *)((char *)(c)-offsetof(struct dialog, talking)))

bool dialogs_open(struct yw_gateway *g) {
    chain_init(&g->talking);
    pool_init(&g->dialogs, sizeof(struct dialog), DIALOGS_PER_SLAB, offsetof(struct dialog, next_free));
    g->dialogs_due = INT64_MAX;
    g->guests = guests_create();
    iconv_t to = iconv_open("GB18030", "UTF-8");
    g->to_gbk = to != (iconv_t)-1 ? to : NULL;
    return g->guests != NULL;
}

void dialogs_close(struct yw_gateway *g) {
    if (g->to_gbk != NULL) iconv_close(g->to_gbk);
    pool_free(&g->dialogs);
    guests_destroy(g->guests);
}

/* ---- where the device is ---- */

/* The link it was heard on last, as a device or, before it was activated, by its hardware id. */
static struct link *link_of(const struct owner *o, const struct guest *guest, int64_t *heard) {
    struct link *l = NULL;
    *heard = 0;
    /* one that came to another worker may still have its link here */
    const struct twin_link *t = o == NULL                         ? NULL
                                : twin_is_elsewhere(&o->twin.now) ? &o->twin.before
                                                                  : &o->twin.now;
    if (t != NULL && link_lives(t->link, t->serial)) {
        l = t->link;
        *heard = t->heard;
    }
    if (guest != NULL && link_lives(guest->link, guest->serial) && (l == NULL || guest->heard > *heard)) {
        l = guest->link;
        *heard = guest->heard;
    }
    return l;
}

static void look_up(struct yw_gateway *g, uint32_t device, const char *hardware, struct owner **o,
                    struct guest **guest) {
    *o = device != 0 ? owners_find(g->owners, device) : NULL;
    *guest = hardware[0] != 0 ? guests_find(g->guests, hardware) : NULL;
}

int64_t dialogs_heard(struct yw_gateway *g, const struct yw_push_ask *q) {
    struct owner *o;
    struct guest *guest;
    int64_t heard;
    look_up(g, q->device, q->hardware, &o, &guest);
    if (g->stopping || link_of(o, guest, &heard) == NULL) return 0;
    return g->io->now(g->io->ctx) - (g->now - heard);
}

/* ---- what is sent ---- */

static bool to_gbk(struct yw_gateway *g, char *cp, size_t *n, size_t size) {
    char out[2 * YW_COMMAND_CP_MAX], *from = cp, *to = out;
    size_t left = *n, room = sizeof out;
    if (g->to_gbk == NULL) return false;
    (void)iconv(g->to_gbk, NULL, NULL, NULL, NULL);
    if (iconv(g->to_gbk, &from, &left, &to, &room) == (size_t)-1) return false;
    *n = sizeof out - room;
    if (*n > size) return false;
    memcpy(cp, out, *n);
    return true;
}

static bool is_ascii(const char *text, size_t n) {
    for (size_t i = 0; i < n; i++) {
        if ((uint8_t)text[i] >= 0x80) return false;
    }
    return true;
}

/* The frame in the device's own manner; 0: it cannot be made (no key, or the text has no place in GBK). */
static size_t make_frame(struct yw_gateway *g, const struct dialog *d, char *out, size_t room,
                         uint32_t *key_id) {
    const struct yw_offer *o = &d->offer;
    const struct dialect *v = d->owner != NULL && d->owner->dialect.version != 0 ? &d->owner->dialect
                              : d->guest != NULL                                 ? &d->guest->dialect
                                                                                 : &d->owner->dialect;
    const struct yw_snap_device *row = g->snap != NULL ? yw_snap_find(g->snap, o->mn, strlen(o->mn)) : NULL;
    char cp[YW_COMMAND_CP_MAX + 1];
    size_t n = yw_command_fill(o->cp, g->io->now(g->io->ctx), cp, sizeof cp);
    if (n == 0 && o->cp[0] != 0) return 0;
    bool gbk = row != NULL && row->pin_text != 0 ? row->pin_text == 2 : v->gbk;
    if (gbk && !is_ascii(cp, n) && !to_gbk(g, cp, &n, sizeof cp)) return 0;
    uint16_t version = o->version != 0                    ? o->version
                       : row != NULL && row->version != 0 ? row->version
                                                          : v->version;
    bool own_st = v->st_n > 0 && !dialect_side_system(o->st, strlen(o->st));
    hj212_message m = {.qn = hj212_text(o->qn),
                       .st = own_st ? (hj212_span){v->st, v->st_n} : hj212_text(o->st),
                       .pw = {v->pw, v->pw_n},
                       .mn = hj212_text(o->mn),
                       .flag = hj212_text(version == 2005   ? "1"
                                          : version == 2025 ? "9"
                                                            : "5"),
                       .cp = {cp, (uint32_t)n}};
    char cn[8];
    snprintf(cn, sizeof cn, "%04u", o->cn);
    m.cn = hj212_text(cn);
    size_t plain = hj212_encode(&m, g->plain, HJ212_FRAME_MAX);
    if (plain == 0 || plain > room) return 0;
    *key_id = 0;
    if (o->encrypt) {
        const struct yw_snap_key *keys;
        if (row == NULL || yw_snap_keys(g->snap, row, &keys) == 0 || keys[0].id == 0) return 0;
        m.key = keys[0].key;
        m.printed = v->printed;
        *key_id = keys[0].id;
    }
    size_t length = hj212_encode(&m, out, room);
    dialect_put_crc(dialect_crc(v, row), g->plain, out, length);
    return length;
}

static struct yw_record record_of(const struct yw_gateway *g, const struct dialog *d, const struct link *l,
                                  enum yw_direction direction, const char *payload, size_t n) {
    const char *mn = d->offer.mn;
    struct yw_record r = gateway_record(g, l, direction);
    r.device = d->offer.device;
    if (mn[0] != 0) r.bucket = (uint16_t)(yw_hash64(mn, strlen(mn), 0) & 255);
    r.payload = payload;
    r.length = (uint32_t)n;
    return r;
}

static bool put(struct yw_gateway *g, struct yw_record *r) {
    struct yw_error err;
    if (yw_journal_append(g->journal, r, &err) == YW_OK) return true;
    yw_log(YW_LOG_WARN, "an event of a command is not journalled: %s", err.text);
    return false;
}

static bool put_event(struct yw_gateway *g, const struct dialog *d, const struct link *l, const char *rest) {
    char text[320];
    int n =
        snprintf(text, sizeof text, "{\"event\":\"command\",\"id\":%lld,%s}", (long long)d->offer.id, rest);
    struct yw_record r = record_of(g, d, l, YW_DIR_EVENT, text, (size_t)n);
    return put(g, &r);
}

/* Wall clock at which it will have ended if nothing more comes. */
static long long until(const struct yw_gateway *g, const struct dialog *d) {
    return (long long)(g->io->now(g->io->ctx) + yw_dialog_until(&d->machine) - g->now);
}

/* Event and bytes go into one batch; the bytes go out when it is committed. False: nothing was done. */
static bool send_frame(struct yw_gateway *g, struct dialog *d, struct link *l) {
    char rest[128];
    size_t room;
    uint32_t key_id;
    char *place = commit_answer_place(g, &room);
    size_t n = make_frame(g, d, place, room, &key_id);
    if (n == 0) return false;
    snprintf(rest, sizeof rest, "\"step\":\"sent\",\"attempt\":%u,\"until\":%lld", d->machine.attempts,
             until(g, d));
    if (!put_event(g, d, l, rest)) return false;
    struct yw_record out = record_of(g, d, l, YW_DIR_OUT, place, n);
    out.flags = YW_REC_COMMAND;
    out.key_id = key_id;
    if (!put(g, &out)) return true; /* it counts as tried: the event says so */
    commit_answer_add(g, l, n, true);
    d->out_end = yw_journal_end(g->journal);
    return true;
}

/* ---- a dialog's life ---- */

static void note_due(struct yw_gateway *g, int64_t due) {
    if (due < g->dialogs_due) g->dialogs_due = due;
}

static void drop(struct yw_gateway *g, struct dialog *d) {
    if (d->owner != NULL) d->owner->dialog = NULL;
    if (d->guest != NULL) d->guest->dialog = NULL;
    chain_remove(&d->talking);
    memset(&d->offer, 0, sizeof d->offer); /* it may hold a password or a key */
    pool_give(&g->dialogs, d);
    counter_set(g, YW_GW_TALKING, g->dialogs.used);
}

/* A device that changed its password is spoken to with the new one before it has said so itself. */
static void learn_password(struct dialog *d) {
    enum { SET_PASSWORD = 1072 };
    if (d->offer.cn != SET_PASSWORD || d->machine.outcome != YW_OUTCOME_DONE || d->owner == NULL) return;
    const hj212_span cp = {d->offer.cp, (uint32_t)strlen(d->offer.cp)};
    hj212_span pw = hj212_cp_field(cp, "NewPW");
    if (pw.n == 0) pw = hj212_cp_field(cp, "PW"); /* 2005 */
    if (pw.n > 0) dialect_password(&d->owner->dialect, pw);
}

/* The event that it ended must not be lost: what the journal does not take now is tried again. */
static void finish(struct yw_gateway *g, struct dialog *d, const struct link *l) {
    const struct yw_dialog *m = &d->machine;
    char rest[256];
    int n = snprintf(rest, sizeof rest, "\"step\":\"end\",\"outcome\":\"%s\"", yw_outcome_name(m->outcome));
    if (m->qnrtn >= 0) n += snprintf(rest + n, sizeof rest - (size_t)n, ",\"qnrtn\":%d", m->qnrtn);
    if (m->exertn >= 0) n += snprintf(rest + n, sizeof rest - (size_t)n, ",\"exertn\":%d", m->exertn);
    n += snprintf(rest + n, sizeof rest - (size_t)n, ",\"uploads\":%u", m->uploads);
    if (d->has_position)
        snprintf(rest + n, sizeof rest - (size_t)n, ",\"position\":%llu", (unsigned long long)d->position);
    if (put_event(g, d, l, rest)) {
        learn_password(d);
        drop(g, d);
    } else {
        note_due(g, g->now + YW_SECOND);
    }
}

static bool can_send(const struct yw_gateway *g) {
    return !g->stopping && g->commit.retry_at == 0 && !commit_crowded(g) && commit_answer_room(g);
}

bool dialogs_take(struct yw_gateway *g, const struct yw_offer *o) {
    struct owner *owner;
    struct guest *guest;
    int64_t heard;
    look_up(g, o->device, o->hardware, &owner, &guest);
    struct link *l = link_of(owner, guest, &heard);
    if (l == NULL || !can_send(g) || g->io->now(g->io->ctx) >= o->valid_until) return false;
    if (g->dialogs.used >= DIALOGS_MOST) return false;
    /* once it is activated it answers by its MN */
    if (owner == NULL && o->device != 0) owner = owners_row(g->owners, o->device);
    if ((owner != NULL && owner->dialog != NULL) || (guest != NULL && guest->dialog != NULL)) return false;
    struct dialog *d = pool_take(&g->dialogs);
    if (d == NULL) return false;
    *d = (struct dialog){.offer = *o, .owner = owner, .guest = guest};
    chain_init(&d->talking);
    const struct yw_dialog_rule rule = {.flow = o->flow,
                                        .answer = o->answer,
                                        .cn = o->cn,
                                        .upload = o->upload,
                                        .overtime_s = o->overtime_s,
                                        .recount = o->recount,
                                        .execute_s = o->execute_s,
                                        .from = o->from,
                                        .to = o->to};
    yw_dialog_start(&d->machine, &rule, o->qn, g->now);
    if (!send_frame(g, d, l)) {
        drop(g, d);
        return false;
    }
    if (owner != NULL) owner->dialog = d;
    if (guest != NULL) guest->dialog = d;
    chain_append(&g->talking, &d->talking);
    note_due(g, d->machine.due);
    counter_set(g, YW_GW_TALKING, g->dialogs.used);
    return true;
}

enum yw_say dialogs_hear(struct yw_gateway *g, struct dialog *d, const hj212_packet *p) {
    const char *mn = d->offer.mn;
    /* a link may carry several devices; one that is being activated has no MN yet, or its new one */
    bool another =
        d->guest != NULL && p->mn.n > 0 && (p->mn.n != strlen(mn) || memcmp(p->mn.p, mn, p->mn.n) != 0);
    enum yw_say say = another ? YW_SAY_NOTHING : yw_dialog_packet(&d->machine, p, g->now);
    if (say != YW_SAY_NOTHING) note_due(g, say == YW_SAY_END ? g->now : d->machine.due);
    return say;
}

void dialogs_tell(struct yw_gateway *g, struct dialog *d, struct link *l, enum yw_say say,
                  uint64_t position) {
    char rest[128];
    if (say == YW_SAY_ACCEPTED) {
        snprintf(rest, sizeof rest, "\"step\":\"accepted\",\"qnrtn\":%d,\"position\":%llu,\"until\":%lld",
                 d->machine.qnrtn, (unsigned long long)position, until(g, d));
        (void)put_event(g, d, l, rest);
    } else if (say == YW_SAY_ANSWER && d->told < ANSWERS_TOLD) {
        d->told++;
        snprintf(rest, sizeof rest, "\"step\":\"answer\",\"position\":%llu", (unsigned long long)position);
        (void)put_event(g, d, l, rest);
    } else if (say == YW_SAY_END) {
        d->has_position = true;
        d->position = position;
        finish(g, d, l);
    }
}

/* ---- time ---- */

static void look_at(struct yw_gateway *g, struct dialog *d) {
    int64_t heard;
    if (d->machine.state == YW_DIALOG_ENDED) {
        finish(g, d, NULL);
        return;
    }
    if (g->now < d->machine.due) {
        note_due(g, d->machine.due);
        return;
    }
    /* While the disk does not take it nothing was sent, so no time has passed for the device either. */
    if (!can_send(g) || yw_journal_committed(g->journal) < d->out_end) {
        d->machine.due = g->now + YW_SECOND;
        note_due(g, d->machine.due);
        return;
    }
    enum yw_say say = yw_dialog_tick(&d->machine, g->now);
    if (say == YW_SAY_END) {
        finish(g, d, NULL);
        return;
    }
    struct link *l = link_of(d->owner, d->guest, &heard);
    if (say == YW_SAY_SEND && l != NULL) (void)send_frame(g, d, l);
    note_due(g, d->machine.due);
}

void dialogs_sweep(struct yw_gateway *g) {
    if (g->now < g->dialogs_due) return;
    g->dialogs_due = INT64_MAX;
    struct chain *next;
    for (struct chain *c = g->talking.next; c != &g->talking; c = next) {
        next = c->next;
        look_at(g, DIALOG_OF(c));
    }
}
