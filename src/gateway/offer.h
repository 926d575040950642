/* offer: how a command reaches the worker that holds the device's link. The supervisor reads commands from
 * the acts journal and, over the push socket (broker.h), asks every worker who holds the device; the one
 * heard last gets the offer. A worker that takes it journals an event and the bytes, and sends once they are
 * committed. An offer that a worker took, or died with, is never offered again. PW, ST and dialect are those
 * of the device's last packet, so no secret passes here but what cp itself holds (a new password, a new key).
 */
#ifndef YW_GATEWAY_OFFER_H
#define YW_GATEWAY_OFFER_H

#include "base/base.h"
#include "command/command.h"
#include "journal/journal.h"

enum yw_push_kind {                     /* first byte of a message to the worker */
                    YW_PUSH_SNAP = 's', /* one byte, with a descriptor of register.snap */
                    YW_PUSH_KEY =
                        'k', /* struct yw_push_key: opens the keys in the register.snap that follows */
                    YW_PUSH_ASK = 'q',   /* struct yw_push_ask: do you hold it? */
                    YW_PUSH_OFFER = 'o', /* struct yw_offer */
                    YW_PUSH_CAME = 'c'   /* struct yw_came, as another worker said it */
};
enum yw_pull_kind {                      /* first byte of a message from the worker */
                    YW_PULL_READY = 'r', /* one byte */
                    YW_PULL_HOLDS = 'h', /* struct yw_pull_holds */
                    YW_PULL_TAKEN = 't', /* struct yw_pull_taken */
                    YW_PULL_CAME = 'c'   /* struct yw_came: handed on to the other workers */
};
struct yw_push_key {
    uint8_t kind, key[32];
};
struct yw_push_ask {
    uint8_t kind, pad[3];
    uint32_t device; /* 0: by hardware */
    int64_t id;
    char hardware[64]; /* i23005 of a device that is not activated yet (1001); "" otherwise */
};
struct yw_pull_holds {
    uint8_t kind, pad[7];
    int64_t id;
    int64_t heard; /* wall clock of the device's last packet here; 0: not here */
};
struct yw_pull_taken {
    uint8_t kind, taken, pad[6]; /* taken 0: the link is gone, or another command is under way */
    int64_t id;
};
struct yw_offer {
    uint8_t kind, flow, answer, encrypt; /* encrypt: with the device's present key */
    uint32_t device;
    int64_t id;
    uint16_t cn, upload, overtime_s, recount, execute_s, version; /* version 0: as the device speaks */
    int64_t from, to, valid_until;
    char hardware[64];
    char mn[32], st[4], qn[18];
    char cp[YW_COMMAND_CP_MAX + 1];
};

struct yw_came { /* a device came on a link: who else has one learns of it, see twins.h */
    uint8_t kind, kept, told, pad;
    uint32_t device, worker, pad2; /* worker: put in by the supervisor */
    uint64_t link;
    struct yw_peer peer;
    uint8_t pad3[6];
};

/* A message of the other side, whole, of its kind's size, with terminated texts and numbers in their ranges;
 * anything else is false. */
union yw_push {
    uint8_t kind;
    struct yw_push_key key;
    struct yw_push_ask ask;
    struct yw_offer offer;
    struct yw_came came;
};
union yw_pull {
    uint8_t kind;
    struct yw_pull_holds holds;
    struct yw_pull_taken taken;
    struct yw_came came;
};
bool yw_push_ok(const union yw_push *m, size_t n);
bool yw_pull_ok(const union yw_pull *m, size_t n);

#endif
