/* Asks the workers who holds a device and offers the command to the one that heard it last. */
#include "supervisor/commands.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"
#include "register/register.h"

enum {
    ASK_US = 300000,     /* for workers to answer */
    NOBODY_US = 1000000, /* until the next question when nobody holds the device */
    REFUSED_US = 500000, /* until the next when the worker did not take it: another command is under way */
    TAKEN_US = 10000000, /* for the worker to say whether it took the command; then it is taken as sent */
    REOPEN_US = 1000000, /* between attempts to open a journal that is not there yet */
    READ_MOST = 4096     /* lines of one look */
};

enum order_state { ORDER_WAITING, ORDER_ASKING, ORDER_OFFERED };

struct order { /* a command that no worker has taken yet */
    struct yw_offer offer;
    enum order_state state;
    int64_t
        due; /* monotonic; WAITING: ask then; ASKING: answers that did not come by then are not waited for */
    uint32_t missing; /* ASKING: workers that did not answer yet, one bit each */
    uint32_t worker;  /* the one that heard it last; OFFERED: that has it */
    int64_t heard;    /* when; 0: nobody */
};

struct commands {
    struct commands_wire wire;
    char folder[4200], blocks[4200], data[4096];
    const char *master; /* path, NULL: none */
    struct yw_reader *reader;
    int64_t since, reopen_at;            /* wall clock */
    struct order *orders[COMMANDS_MOST]; /* in order of id, as far as the journal is */
    size_t count, asking;
};

struct commands *commands_create(const char *data, struct commands_wire wire, int64_t wall) {
    struct commands *c = calloc(1, sizeof *c);
    if (c == NULL) return NULL;
    c->wire = wire;
    c->since = wall;
    snprintf(c->data, sizeof c->data, "%s", data);
    snprintf(c->folder, sizeof c->folder, "%s/journal/acts", data);
    snprintf(c->blocks, sizeof c->blocks, "%s/blocks/acts", data);
    /* what stands there already is older than this life */
    if (yw_reader_open(c->folder, c->blocks, &c->reader, NULL) == YW_OK)
        (void)yw_reader_seek(c->reader, yw_reader_committed(c->reader), NULL);
    return c;
}

void commands_set_master(struct commands *c, const char *path) {
    c->master = path;
}

static void forget(struct commands *c, size_t i) {
    if (c->orders[i]->state == ORDER_ASKING) c->asking--;
    sodium_memzero(c->orders[i], sizeof *c->orders[i]); /* a new password or key may stand in it */
    free(c->orders[i]);
    c->count--;
    memmove(&c->orders[i], &c->orders[i + 1], (c->count - i) * sizeof c->orders[0]);
}

void commands_destroy(struct commands *c) {
    if (c == NULL) return;
    while (c->count > 0) forget(c, c->count - 1);
    if (c->reader != NULL) yw_reader_close(c->reader);
    free(c);
}

bool commands_add(struct commands *c, const struct yw_offer *o, int64_t wall) {
    if (o->valid_until <= wall) return false;
    for (size_t i = 0; i < c->count; i++) {
        if (c->orders[i]->offer.id == o->id) return false;
    }
    struct order *new = c->count < COMMANDS_MOST ? calloc(1, sizeof *new) : NULL;
    if (new == NULL) {
        yw_log(YW_LOG_ERROR, "command %lld is passed over: %zu wait already", (long long)o->id, c->count);
        return false;
    }
    new->offer = *o;
    c->orders[c->count++] = new;
    return true;
}

/* ---- from the journal ---- */

static void take_line(struct commands *c, const struct yw_record *r, int64_t wall) {
    uint8_t secret[32];
    struct yw_offer o;
    struct yw_error err;
    if (r->direction != YW_DIR_ACT || r->arrival < c->since) return;
    bool has = yw_secret_find(c->data, secret, NULL) == YW_OK;
    enum yw_code code = command_parse(r->payload, r->length, has ? secret : NULL, &o, &err);
    /* A device's new key lies outside the data folder's own key, as all keys do. */
    if (code == YW_E_DENIED && c->master != NULL && yw_master_find(c->master, secret, NULL) == YW_OK)
        code = command_parse(r->payload, r->length, secret, &o, &err);
    if (code == YW_OK) {
        commands_add(c, &o, wall);
        sodium_memzero(&o, sizeof o);
    } else if (code != YW_E_NOT_FOUND) {
        yw_log(YW_LOG_ERROR, "position %llu: %s", (unsigned long long)r->position, err.text);
    }
    sodium_memzero(secret, sizeof secret);
}

void commands_read(struct commands *c, int64_t wall) {
    if (c->reader == NULL) {
        if (wall < c->reopen_at && c->reopen_at - wall <= REOPEN_US) return;
        c->reopen_at = wall + REOPEN_US;
        if (yw_reader_open(c->folder, c->blocks, &c->reader, NULL) != YW_OK) return;
    }
    struct yw_record r;
    struct yw_error err;
    for (int i = 0; i < READ_MOST; i++) {
        enum yw_code code = yw_reader_next(c->reader, &r, &err);
        if (code == YW_E_CORRUPT) {
            yw_log(YW_LOG_ERROR, "the acts journal: %s", err.text);
            code = yw_reader_skip(c->reader, NULL, &err);
            if (code == YW_OK) continue;
        }
        if (code != YW_OK) return;
        take_line(c, &r, wall);
    }
}

/* ---- to the workers ---- */

static void wait_until(struct commands *c, struct order *o, int64_t due) {
    if (o->state == ORDER_ASKING) c->asking--;
    o->state = ORDER_WAITING;
    o->due = due;
}

static void ask(struct commands *c, struct order *o, uint32_t running, int64_t now) {
    struct yw_push_ask q = {.kind = YW_PUSH_ASK, .device = o->offer.device, .id = o->offer.id};
    memcpy(q.hardware, o->offer.hardware, sizeof q.hardware);
    o->missing = 0;
    o->heard = 0;
    for (uint32_t w = 0; w < 32; w++) {
        if ((running >> w & 1) != 0 && c->wire.send(c->wire.arg, w, &q, sizeof q)) o->missing |= 1u << w;
    }
    if (o->missing == 0) {
        o->due = now + NOBODY_US;
        return;
    }
    o->state = ORDER_ASKING;
    o->due = now + ASK_US;
    c->asking++;
}

static void offer(struct commands *c, struct order *o, uint32_t running, int64_t now) {
    if (o->heard == 0) {
        wait_until(c, o, now + NOBODY_US);
        return;
    }
    bool sent =
        (running >> o->worker & 1) != 0 && c->wire.send(c->wire.arg, o->worker, &o->offer, sizeof o->offer);
    wait_until(c, o, now + REFUSED_US);
    if (!sent) return;
    o->state = ORDER_OFFERED;
    o->due = now + TAKEN_US;
}

static bool same_device(const struct yw_offer *a, const struct yw_offer *b) {
    return a->device != 0 || b->device != 0 ? a->device == b->device : strcmp(a->hardware, b->hardware) == 0;
}

/* The commands of one device go out in the order they were given. */
static bool has_turn(const struct commands *c, size_t at) {
    for (size_t i = 0; i < at; i++) {
        if (same_device(&c->orders[i]->offer, &c->orders[at]->offer)) return false;
    }
    return true;
}

void commands_turn(struct commands *c, uint32_t running, int64_t now, int64_t wall) {
    for (size_t i = 0; i < c->count; i++) {
        struct order *o = c->orders[i];
        bool silent = o->state == ORDER_OFFERED && o->due <= now;
        if (o->offer.valid_until <= wall || silent) {
            forget(c, i--);
        } else if (o->state == ORDER_ASKING && (o->missing == 0 || o->due <= now)) {
            offer(c, o, running, now);
        } else if (o->state == ORDER_WAITING && o->due <= now && c->asking < COMMANDS_ASKING_MOST) {
            if (has_turn(c, i)) {
                ask(c, o, running, now);
            } else {
                o->due = now + REFUSED_US;
            }
        }
    }
}

static size_t find(const struct commands *c, int64_t id) {
    size_t i = 0;
    while (i < c->count && c->orders[i]->offer.id != id) i++;
    return i;
}

void commands_hear(struct commands *c, uint32_t worker, const union yw_pull *m, int64_t now) {
    size_t at = find(c, m->kind == YW_PULL_HOLDS ? m->holds.id : m->kind == YW_PULL_TAKEN ? m->taken.id : 0);
    if (at == c->count) return;
    struct order *o = c->orders[at];
    if (m->kind == YW_PULL_HOLDS && o->state == ORDER_ASKING && (o->missing >> worker & 1) != 0) {
        o->missing &= ~(1u << worker);
        if (m->holds.heard > o->heard) {
            o->heard = m->holds.heard;
            o->worker = worker;
        }
    } else if (m->kind == YW_PULL_TAKEN && o->state == ORDER_OFFERED && o->worker == worker) {
        if (m->taken.taken != 0) {
            forget(c, at);
        } else {
            wait_until(c, o, now + REFUSED_US);
        }
    }
}

void commands_worker_died(struct commands *c, uint32_t worker) {
    for (size_t i = 0; i < c->count; i++) {
        struct order *o = c->orders[i];
        o->missing &= ~(1u << worker);
        if (o->worker != worker) continue;
        if (o->state == ORDER_OFFERED) {
            yw_log(YW_LOG_WARN, "command %lld: its worker died and may have sent it; it is not sent again",
                   (long long)o->offer.id);
            forget(c, i--);
        } else if (o->state == ORDER_ASKING) {
            o->heard = 0;
        }
    }
}

size_t commands_waiting(const struct commands *c) {
    return c->count;
}

int64_t commands_due(const struct commands *c) {
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < c->count; i++) {
        const struct order *o = c->orders[i];
        if (o->state == ORDER_ASKING && o->missing == 0) return 0;
        if (o->state == ORDER_WAITING && c->asking >= COMMANDS_ASKING_MOST) continue;
        if (o->due < due) due = o->due;
    }
    return due;
}
