/* sending: what is on its way to one target, and how far its journals are done. Pure: no sockets, files,
 * clock.
 *
 * For each journal there is a front: everything before it is done (answered, or nothing for this target).
 * Behind it lie records that were sent and not answered yet, and some that were answered out of turn. Front
 * and out-of-turn records are what must survive: with them a restart sends again only what was not answered.
 */
#ifndef YW_COURIER_SENDING_H
#define YW_COURIER_SENDING_H

#include "base/base.h"
#include "hj212.h"

enum {
    YW_SENDING_MOST = 256,   /* frames on their way */
    YW_SENDING_JOURNALS = 32 /* packet journals of one installation */
};

struct yw_mark {   /* how far one journal is done; kept in a file that is mapped, so every order of its stores
                      is safe */
    char name[16]; /* of the journal, "": not in use */
    uint64_t front;
    uint64_t read;                  /* behind the last record looked at; begins at front */
    uint64_t done[YW_SENDING_MOST]; /* answered records at or behind front, ascending */
    uint32_t done_n;
};

struct yw_parcel_sent { /* the frame itself is not kept: to send it again it is made anew from the journal */
    uint64_t position;
    int64_t sent_at;
    uint16_t journal; /* index into marks */
    uint16_t attempts;
    char qn[18], mn[32];
};

struct yw_sending {
    struct yw_mark *marks;                       /* YW_SENDING_JOURNALS of them, the caller's */
    struct yw_parcel_sent sent[YW_SENDING_MOST]; /* in order of sending */
    uint32_t count, most;
};

/* marks: as they were kept, or zeros. */
void yw_sending_init(struct yw_sending *w, struct yw_mark *marks, uint32_t most);
/* Forgets what is on its way (the link is gone); it will be read and sent again. */
void yw_sending_rewind(struct yw_sending *w);
/* Tells of a record at position (read on up to `next`) that is nothing for this target. */
void yw_sending_pass(struct yw_sending *w, uint16_t journal, uint64_t position, uint64_t next);
/* True if the record was answered before the restart: pass it. */
bool yw_sending_was_done(const struct yw_sending *w, uint16_t journal, uint64_t position);
/* May a record of this journal go out now? Not while too much is on its way or was answered out of turn. */
bool yw_sending_has_room(const struct yw_sending *w, uint16_t journal);
/* A frame that goes out now. NULL: no room. */
struct yw_parcel_sent *yw_sending_send(struct yw_sending *w, uint16_t journal, uint64_t position,
                                       uint64_t next, hj212_span qn, hj212_span mn, int64_t now);
/* An answer with this QN and MN: the oldest such frame is done. Returns its index before it was taken out, or
 * -1: nothing on its way has it (answered already). mn absent: QN alone decides. */
int yw_sending_answered(struct yw_sending *w, hj212_span qn, hj212_span mn);
/* Takes entry i out as done (answered, given up, or needing no answer). */
void yw_sending_settle(struct yw_sending *w, uint32_t i);
/* The first frame whose answer is overdue, -1: none. */
int yw_sending_overdue(const struct yw_sending *w, int64_t now, int64_t overtime_us);

#endif
