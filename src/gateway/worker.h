/* worker: what the files of the gateway share. Everything here belongs to the loop thread, unless said
 * otherwise. */
#ifndef YW_GATEWAY_WORKER_H
#define YW_GATEWAY_WORKER_H

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "gateway/admit.h"
#include "gateway/gateway.h"
#include "gateway/pool.h"

enum {
    READ_BYTES = 64 << 10,  /* taken from a link at a time */
    SWEEP_MS = 100,         /* how often what depends on time is looked at */
    RETRY_US = 200000,      /* between attempts to write a batch that failed */
    FAREWELL_US = 2000000,  /* for links to take their last answers when the worker stops */
    UNANSWERED_MOST = 1024, /* packets of one link that wait for a commit before it is read further */
    NOFILE_SPARE = 64       /* descriptors that are not links */
};

struct tls_session;

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
    int64_t resume_at; /* over a rate limit until then */
};

struct answer { /* consecutive answers of one link */
    struct link *link;
    uint64_t serial;
    uint32_t offset, length, count;
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
    uv_loop_t loop;
    uv_tcp_t listener, tls_listener;
    uv_poll_t push;
    uv_timer_t sweep;
    uv_check_t check;
    uv_async_t committed, stop;
    uv_signal_t term;
    bool has_listener, has_tls, has_push;
    struct committer commit;
    struct pool links, small, large;
    struct owners *owners;
    struct tls_context *tls;
    struct chain active, partial, waiting;
    uint64_t next_serial;
    uint32_t link_count;
    uint64_t held_bytes;
    bool paused; /* nothing is read until the disk caught up */
    bool stopping;
    int64_t stop_by;   /* loop time: links that did not take their answers by then are cut off */
    int64_t now;       /* monotonic, of this turn of the loop */
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
/* commit.c */
enum yw_code commit_start(struct yw_gateway *g, struct yw_error *err);
void commit_stop(struct yw_gateway *g);
void commit_turn(struct yw_gateway *g);     /* takes a batch if none is in flight; retries one that failed */
void commit_finished(struct yw_gateway *g); /* publishes, answers */
bool commit_idle(const struct yw_gateway *g);    /* nothing pending, nothing in flight */
bool commit_crowded(const struct yw_gateway *g); /* reading must pause */
bool commit_answer_room(const struct yw_gateway *g);
char *commit_answer_place(struct yw_gateway *g, size_t *room);
void commit_answer_add(struct yw_gateway *g, struct link *l, size_t n);
/* sweep.c */
void gateway_sweep(struct yw_gateway *g);
/* push.c */
void gateway_take_pushes(struct yw_gateway *g);
/* owners.c: which link an MN came on last */
struct owners *owners_create(void);
void owners_destroy(struct owners *o);
/* true if the device came on another, still known link before. */
bool owners_note(struct owners *o, uint32_t device, struct link *l);
struct link *owners_find(const struct owners *o, uint32_t device); /* NULL: on no link now */
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
