/* What may come over the push socket, in both directions. The supervisor's side matters most: the worker may
 * have been taken over. */
#include "gateway/offer.h"

#include <string.h>

#include "command/dialog.h"

static bool ended(const char *text, size_t size) {
    return memchr(text, 0, size) != NULL;
}

/* Printable ASCII without what parts header fields. */
static bool word(const char *text, size_t size) {
    if (!ended(text, size)) return false;
    for (; *text != 0; text++) {
        if (*text <= ' ' || *text > '~' || strchr(";,&=", *text) != NULL) return false;
    }
    return true;
}

static bool digits17(const char *text) {
    for (int i = 0; i < 17; i++) {
        if (text[i] < '0' || text[i] > '9') return false;
    }
    return text[17] == 0;
}

/* UTF-8 without what would end the data area or the frame. */
static bool area(const char *text, size_t size) {
    if (!ended(text, size) || strstr(text, "&&") != NULL || !yw_utf8_valid(text, strlen(text))) return false;
    for (; *text != 0; text++) {
        if ((uint8_t)*text < ' ' || *text == 0x7F) return false;
    }
    return true;
}

static bool offer_ok(const struct yw_offer *o) {
    bool numbers = o->flow <= YW_FLOW_NOTICE && o->answer <= YW_ANSWER_FOLLOWS && o->encrypt <= 1 &&
                   o->id > 0 && o->cn >= 1000 && o->cn <= 9999 && o->upload <= 9999 && o->overtime_s >= 1 &&
                   o->overtime_s <= 99 && o->recount <= 99 && o->execute_s >= 1 && o->execute_s <= 3600 &&
                   (o->version == 0 || yw_version_bit(o->version) != 0) && o->from <= o->to;
    return numbers && word(o->hardware, sizeof o->hardware) && (o->device != 0 || o->hardware[0] != 0) &&
           word(o->mn, sizeof o->mn) && word(o->st, sizeof o->st) && digits17(o->qn) &&
           area(o->cp, sizeof o->cp);
}

static bool came_ok(const struct yw_came *c) {
    return c->kept <= 1 && c->told <= 1 && c->device != 0 && c->link != 0;
}

bool yw_push_ok(const union yw_push *m, size_t n) {
    switch (n > 0 ? m->kind : 0) {
    case YW_PUSH_SNAP:
        return n == 1;
    case YW_PUSH_KEY:
        return n == sizeof m->key;
    case YW_PUSH_ASK:
        return n == sizeof m->ask && word(m->ask.hardware, sizeof m->ask.hardware) &&
               (m->ask.device != 0 || m->ask.hardware[0] != 0);
    case YW_PUSH_OFFER:
        return n == sizeof m->offer && offer_ok(&m->offer);
    case YW_PUSH_CAME:
        return n == sizeof m->came && came_ok(&m->came);
    default:
        return false;
    }
}

bool yw_pull_ok(const union yw_pull *m, size_t n) {
    switch (n > 0 ? m->kind : 0) {
    case YW_PULL_READY:
        return n == 1;
    case YW_PULL_HOLDS:
        return n == sizeof m->holds && m->holds.heard >= 0;
    case YW_PULL_TAKEN:
        return n == sizeof m->taken && m->taken.taken <= 1;
    case YW_PULL_CAME:
        return n == sizeof m->came && came_ok(&m->came);
    default:
        return false;
    }
}
