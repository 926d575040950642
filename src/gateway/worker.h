/* worker: what the files of the gateway share. Everything here belongs to the loop thread, unless said
 * otherwise. */
#ifndef YW_GATEWAY_WORKER_H
#define YW_GATEWAY_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "command/dialog.h"
#include "gateway/admit.h"
#include "gateway/dialect.h"
#include "gateway/gateway.h"
#include "gateway/offer.h"
#include "gateway/pool.h"
#include "gateway/twins.h"

enum {
    READ_BYTES = 64 << 10,    /* taken from a link at a time */
    SWEEP_MS = 100,           /* how often what depends on time is looked at */
    RETRY_US = 200000,        /* between attempts to write a batch that failed */
    LAST_COMMIT_US = 8000000, /* for the disk to take what the worker holds when it stops */
    FAREWELL_US = 2000000,    /* for links to take their last answers after that */
    UNANSWERED_MOST = 1024,   /* packets of one link that wait for a commit before it is read further */
    NOFILE_SPARE = 64,        /* descriptors that are not links */
    RECENT_PACKETS = 16,      /* of a device, by which one that came twice is told */
    DIALOGS_MOST = 20000,     /* commands under way in one worker */
    GUESTS_MOST = 1024,       /* devices without an MN that are remembered */
    CLAIM_US = 1000000,       /* other workers hear of a device that moves to and fro no more often */
    CLAIM_KEPT_US = 20000000, /* and so often that it is kept here */
    ANSWERS_TOLD = 4          /* answers to a command that get an event of their own */
};

struct tls_session;
struct dialog;

struct chain { /* a place in one of the worker's lists */
    struct chain *prev, *next;
};

enum link_ending {
    LINK_OPEN,
    LINK_ENDING,    /* waits for its last answers */
    LINK_LINGERING, /* answers are out; what the other side still sends is read and dropped */
    LINK_CLOSED
};

struct link {
    uv_tcp_t tcp; /* first: a handle is its link */
    struct yw_gateway *worker;
    struct link *next_free;
    uint64_t serial;         /* number within the worker's life; 0: not in use */
    struct chain active;     /* all links, least recently heard first */
    struct chain partial;    /* links that hold an unfinished frame, oldest first */
    struct chain waiting;    /* links whose reading stopped, for whatever reason */
    struct hold *hold;       /* the unfinished frame, NULL: none */
    struct tls_session *tls; /* NULL: plain */
    struct yw_link_state state;
    struct yw_peer peer;
    uint8_t ending; /* enum link_ending */
    bool reading;
    uint32_t unanswered; /* answers whose packets are not committed yet */
    uint32_t unread;     /* bytes of answers the other side has not taken yet */
    uint32_t held;       /* bytes in hold */
    int64_t heard;       /* when something last came */
    int64_t partial_since;
    int64_t resume_at;   /* over a rate limit until then */
    struct guest *guest; /* registered on this link last; NULL: nobody */
};

/* What the worker knows of a device that it heard. Rows stay as long as the worker lives; what every packet
 * looks at stands together. */
struct owner {
    struct dialog *dialog;   /* the command under way, NULL: none */
    uint32_t judged_version; /* of the register when the present link was judged */
    uint8_t recent_at;
    struct twin_state twin; /* twin.now: the link it came on last */
    struct dialect dialect;
    uint32_t recent[RECENT_PACKETS]; /* hashes of its last packets */
    int64_t claimed_at;              /* when the other workers were told that it is here */
    struct {                         /* where another worker has it */
        uint32_t worker;
        uint64_t link;
        struct yw_peer peer;
    } elsewhere;
};

/* A device that is not activated yet (HJ 212-2025): it says its hardware id (1001) and has no MN. */
struct guest {
    char hardware[64];
    struct dialect dialect;
    struct link *link;
    uint64_t serial;
    int64_t heard;
    struct dialog *dialog;
};

struct answer { /* consecutive answers and commands of one link */
    struct link *link;
    uint64_t serial;
    uint32_t offset, length, count, commands; /* commands: of count */
};

struct answer_set { /* the answers of one batch, in order */
    struct answer *entries;
    char *bytes;
    uint32_t count, used;
};
enum {
    ANSWER_SETS = 3,
    ANSWER_BYTES = 8 << 20,
    ANSWER_SPARE = 1 << 20,
    ANSWER_ENTRIES = 64 << 10,
    ANSWER_ENTRIES_SPARE = 8 << 10
};

struct committer { /* the thread that writes and syncs; see commit.c */
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool started, stop, busy; /* under lock: busy while a batch is to be written */
    bool finished;            /* under lock: the attempt is over */
    enum yw_code code;        /* its result */
    struct yw_error error;
    int64_t spent_us;
    struct yw_journal_batch batch;
    bool in_flight;                      /* loop thread: a batch was taken and is not done */
    int64_t retry_at;                    /* loop thread: the batch failed, try again then; 0: it did not */
    struct answer_set sets[ANSWER_SETS]; /* [gathering] grows, the one before belongs to the batch in flight,
                                          * the one before that may still be going out */
    int gathering;
};

struct yw_gateway {
    struct yw_gateway_config config;
    struct yw_link_rules rules;
    const struct yw_io *io;
    struct yw_journal *journal;
    struct yw_live *live;
    struct yw_snap *snap;
    uint8_t snap_key[32]; /* opens the keys in it */
    bool has_snap_key;
    uv_loop_t loop;
    uv_tcp_t listener, tls_listener;
    uv_poll_t push;
    uv_timer_t sweep;
    uv_check_t check;
    uv_async_t committed, stop;
    uv_signal_t term;
    bool has_listener, has_tls, has_push;
    struct committer commit;
    struct pool links, small, large, dialogs;
    struct owners *owners;
    struct guests *guests;
    struct chain talking; /* dialogs under way, oldest first */
    int64_t dialogs_due;  /* none of them needs a look before then */
    void *to_gbk;         /* iconv_t, opened before the worker locks itself in */
    struct tls_context *tls;
    struct chain active, partial, waiting;
    uint64_t next_serial;
    uint32_t link_count;
    uint64_t held_bytes;
    bool paused;                  /* nothing is read until the disk caught up */
    bool stopping, all_committed; /* the second: what it held when it stopped is on the disk */
    int64_t stop_by; /* loop time: what is not committed, or whose answers are not taken, is given up then */
    int64_t now;     /* monotonic, of this turn of the loop */
    char *read_buffer; /* HELD_MAX + READ_BYTES: what a link held is put in front of what it sends */
    char *plain;       /* scratch for decrypted segments */
    struct yw_link_event event;
};

/* worker.c */
static inline void gateway_clock(struct yw_gateway *g) {
    g->now = (int64_t)uv_now(&g->loop) * 1000;
}
/* session.c */
void gateway_stop_reading(struct link *l);
void gateway_on_connection(uv_stream_t *listener, int status);
void gateway_resume_link(struct link *l); /* if it waits and need not wait any longer */
void gateway_resume_links(struct yw_gateway *g);
void gateway_end_link(struct link *l); /* no more reading; close once its answers are out */
void gateway_close_link(struct link *l, enum yw_gateway_counter reason);
void gateway_feed(struct link *l, const char *bytes, size_t n, bool at_end);
void gateway_hold(struct link *l, const char *bytes, size_t n); /* what feed left over */
/* write.c */
void gateway_write(struct link *l, const char *bytes, size_t n); /* through TLS where there is TLS */
void gateway_write_raw(struct link *l, const char *bytes, size_t n);
/* packet.c */
void gateway_packet(struct link *l, struct yw_link_event *ev);
void gateway_garbage(struct link *l, const char *bytes, size_t n);
/* record.c: what goes into the journal */
bool gateway_append(struct link *l, struct yw_record *r); /* false: refused, and the link is closed */
enum yw_code gateway_tell_start(struct yw_gateway *g, struct yw_error *err); /* first record of its life */
/* dialogs.c: commands under way */
bool dialogs_open(struct yw_gateway *g);
void dialogs_close(struct yw_gateway *g);
int64_t dialogs_heard(struct yw_gateway *g, const struct yw_push_ask *q); /* wall clock, 0: not here */
bool dialogs_take(struct yw_gateway *g, const struct yw_offer *o);
/* A packet of the device that d speaks with: what it means to d; then, once the packet stands in the journal
 * at `position`, the event that tells it. d may be gone afterwards. */
enum yw_say dialogs_hear(struct yw_gateway *g, struct dialog *d, const hj212_packet *p);
void dialogs_tell(struct yw_gateway *g, struct dialog *d, struct link *l, enum yw_say say, uint64_t position);
void dialogs_sweep(struct yw_gateway *g); /* resends and time-outs */
/* twin_links.c: twins.h with the links of this worker */
struct twin_alarm {
    bool due;
    struct twin_link other;
};
bool gateway_believes(struct link *l, struct owner *o, const struct yw_admission *a,
                      struct twin_alarm *alarm);
void gateway_tell_twin(struct link *l, const struct owner *o, const struct yw_admission *a,
                       const struct twin_alarm *alarm);
void gateway_take_claim(struct yw_gateway *g, const struct yw_came *c); /* of another worker */
/* commit.c */
enum yw_code commit_start(struct yw_gateway *g, struct yw_error *err);
void commit_stop(struct yw_gateway *g);
void commit_turn(struct yw_gateway *g);     /* takes a batch if none is in flight; retries one that failed */
void commit_finished(struct yw_gateway *g); /* publishes, answers */
bool commit_idle(const struct yw_gateway *g);    /* nothing pending, nothing in flight */
bool commit_crowded(const struct yw_gateway *g); /* reading must pause */
bool commit_answer_room(const struct yw_gateway *g);
char *commit_answer_place(struct yw_gateway *g, size_t *room);
void commit_answer_add(struct yw_gateway *g, struct link *l, size_t n, bool command);
/* sweep.c */
void gateway_sweep(struct yw_gateway *g);
/* push.c */
void gateway_take_pushes(struct yw_gateway *g);
/* owners.c: devices that were heard */
struct owners *owners_create(void);
void owners_destroy(struct owners *o);
struct owner *owners_find(const struct owners *o, uint32_t device); /* NULL: never heard */
struct owner *owners_row(struct owners *o, uint32_t device);        /* made if need be; NULL: out of memory */
/* guests.c: devices without an MN */
struct guests *guests_create(void);
void guests_destroy(struct guests *t);
struct guest *guests_find(struct guests *t, const char *hardware);
/* A registration packet that came on l; NULL: it names no hardware. */
struct guest *guests_note(struct guests *t, struct link *l, const hj212_packet *p, int64_t now);
/* tls.c */
struct tls_context *tls_load(const char *cert, const char *key, struct yw_error *err);
void tls_unload(struct tls_context *c);
struct tls_session *tls_begin(struct tls_context *c);
void tls_end(struct tls_session *s);
bool tls_shaking(const struct tls_session *s);                  /* the handshake is not finished */
bool tls_received(struct link *l, const char *bytes, size_t n); /* false: the session is broken */
bool tls_send(struct link *l, const char *bytes, size_t n);
void tls_goodbye(struct link *l);
/* guard.c */
bool guard_possible(void); /* false in sanitizer builds, which need more than the filter allows */
enum yw_code guard_apply(struct yw_error *err);

static inline void chain_init(struct chain *c) {
    c->prev = c->next = c;
}
static inline bool chain_empty(const struct chain *c) {
    return c->next == c;
}
static inline void chain_remove(struct chain *c) {
    c->prev->next = c->next;
    c->next->prev = c->prev;
    chain_init(c);
}
static inline void chain_append(struct chain *list, struct chain *c) {
    c->prev = list->prev;
    c->next = list;
    list->prev->next = c;
    list->prev = c;
}
/* A record to be filled in; l NULL: of no link. */
static inline struct yw_record gateway_record(const struct yw_gateway *g, const struct link *l,
                                              enum yw_direction direction) {
    struct yw_record r = {.arrival = g->io->now(g->io->ctx),
                          .direction = (uint8_t)direction,
                          .domain = g->config.domain,
                          .register_version = g->snap != NULL ? yw_snap_version(g->snap) : 0};
    if (l != NULL) {
        r.link = l->serial;
        r.peer = l->peer;
    }
    return r;
}

/* The link it was, and open still. */
static inline bool link_lives(const struct link *l, uint64_t serial) {
    return l != NULL && serial != 0 && l->serial == serial && l->ending == LINK_OPEN;
}
#define LINK_OF(chain_, member) ((struct link *)(void *)((char *)(chain_)-offsetof(struct link, member)))

/* The loop thread is the only writer of its counters: no locked instructions. */
static inline void counter_set(struct yw_gateway *g, enum yw_gateway_counter c, uint64_t v) {
    atomic_store_explicit(&g->live->counter[c], v, memory_order_relaxed);
}
static inline void counter_add(struct yw_gateway *g, enum yw_gateway_counter c, uint64_t n) {
    uint64_t v = atomic_load_explicit(&g->live->counter[c], memory_order_relaxed);
    atomic_store_explicit(&g->live->counter[c], v + n, memory_order_relaxed);
}

#endif
