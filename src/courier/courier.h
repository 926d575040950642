/* courier: forwards what devices sent to upper platforms, and brings their requests down.
 *
 * One process, one loop, any number of targets. There is no second queue: each target reads the packet
 * journals itself and keeps, in DATA/courier/target-ID.pos, how far each is done (sending.h). A target that
 * was down for days goes on where it stood, at a bounded rate. Only packets of admitted devices of a real
 * domain are ever forwarded. */
#ifndef YW_COURIER_COURIER_H
#define YW_COURIER_COURIER_H

#include <uv.h>

#include "courier/replies.h"
#include "courier/rewrite.h"
#include "courier/sending.h"
#include "courier/wire.h"
#include "journal/journal.h"
#include "register/targets.h"

enum {
    COURIER_TICK_MS = 20,
    COURIER_TURN_RECORDS = 4000, /* looked at in one go before others have their turn */
    COURIER_ASKED_MOST = 64,     /* requests from above under way, for each target */
    COURIER_REQUEST_US = 600 * 1000000,
    COURIER_HISTORY = 240, /* points kept, 15 s apart */
    COURIER_HISTORY_US = 15 * 1000000
};

enum target_link { TARGET_DOWN, TARGET_CONNECTING, TARGET_UP, TARGET_PAUSED };

struct feed { /* one journal, read in order */
    struct yw_reader *reader;
    struct yw_record record;
    bool has; /* record is the next one */
};

struct request { /* from above, under way */
    uint32_t device;
    char qn[18], mn[32]; /* mn: as the target calls it */
    int64_t until;       /* 0: not in use */
};

struct point {
    int64_t at;
    double sent_s;
    uint64_t lag_bytes;
};

struct target {
    struct courier *courier;
    struct yw_target config;
    char pw[YW_PASSWORD_BYTES]; /* in clear, "": each device's own */
    struct yw_sending sending;
    void *file; /* marks, mapped */
    struct feed feeds[YW_SENDING_JOURNALS], express[YW_SENDING_JOURNALS];
    struct yw_wire *wire;
    uint8_t link; /* enum target_link */
    int64_t since, connect_at, last_sent, last_ack, error_at;
    uint32_t failures; /* in a row */
    char error[200];
    double tokens;
    int64_t filled_at;
    char held[YW_REPLIES_HELD + 16384];
    size_t held_n;
    struct request requests[COURIER_ASKED_MOST];
    uint64_t sent, acked, resent, doubles, refused, unreadable, commands;
    struct point history[COURIER_HISTORY];
    uint32_t history_n;
    uint64_t counted; /* sent at the last point of the history */
    double rate;
    uint64_t rate_sent;
    int64_t rate_at;
    bool gone; /* not in the register any more */
};

struct courier {
    const char *data, *domain, *master_file;
    char folder[4096];
    uv_loop_t loop;
    uv_timer_t tick;
    uv_signal_t term, interrupt;
    struct yw_register *reg;
    struct yw_reader *acts;
    uint32_t version;   /* of the register that targets were made from */
    uint8_t secret[32]; /* of the installation: opens the targets' passwords */
    bool has_secret;
    struct yw_keyring *keyring; /* opens what devices sent encrypted */
    struct target *targets[YW_TARGETS_MAX];
    size_t target_n;
    int64_t journals_at, state_at;
    bool mute; /* that the state cannot be written was said */
    char plain[HJ212_FRAME_MAX], out[HJ212_FRAME_MAX + 64];
};

/* follow.c: the register as committed up to now. True if it changed. */
bool courier_follow(struct courier *c);
/* True with the key that opened a packet. */
bool courier_key(struct courier *c, uint32_t key_id, uint8_t key[16]);

/* places.c: DATA/courier/target-ID.pos */
struct yw_mark *courier_places_open(const struct courier *c, uint32_t target, void **file,
                                    struct yw_error *err);
void courier_places_close(void *file);
void courier_places_forget(const struct courier *c, uint32_t target);
/* Finds the journals there are; new ones get a mark that begins at the first record not before `since`. */
void courier_journals(struct target *t);

/* target.c */
struct target *target_create(struct courier *c, const struct yw_target *config);
void target_destroy(struct target *t);
void target_configure(struct target *t, const struct yw_target *config);
void target_turn(struct target *t, int64_t now);
void target_lag(struct target *t, int64_t now, uint64_t *bytes, int64_t *ms); /* ms 0: nothing waits */

/* forward.c: from the journals to the wire */
void target_forward(struct target *t, int64_t now);
void target_resend(struct target *t, uint32_t index, int64_t now);
void target_seek(struct target *t); /* to where each journal is done */

/* requests.c: from above to a device, and answers back */
void target_request(struct target *t, const hj212_packet *p, int64_t now);
void target_express(struct target *t, int64_t now);
bool target_asked(struct target *t, const struct yw_record *r, const hj212_packet *p, int64_t now);

/* state.c: DATA/courier/state.json, for the web process */
void courier_state_write(struct courier *c, int64_t now);

/* Decodes a journalled packet, with its key where it was encrypted. */
bool courier_decode(struct courier *c, const struct yw_record *r, bool header_only, hj212_packet *p);
/* The frame as the target gets it; length, 0: it cannot be made. */
size_t courier_frame(struct target *t, const hj212_packet *p, bool ask_ack, hj212_span *mn);

#endif
