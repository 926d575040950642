/* Server-sent events. One thread asks the store what is new and hands each event to every subscriber who may
 * see it.
 *
 * A subscriber has a bounded queue of shared messages. While it is empty, its connection sleeps (suspended);
 * one who does not read until the queue is full is dropped, and the browser connects anew. */
#include "web/web_int.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
    QUEUE_MAX = 512,
    SUBSCRIBERS_MAX = 500,
    PER_USER_MAX = 100,
    MESSAGE_MAX = 64 << 10,
    CHANGES_MAX = 4096,
    ROWS_MAX = 64
};
#define POLL_BUSY (250 * YW_SECOND / 1000) /* with subscribers */
#define POLL_IDLE YW_SECOND
#define PING      (15 * YW_SECOND)
#define LIFE      YW_HOUR /* then the browser connects anew, which looks at its session again */

struct message {
    atomic_int users;
    size_t n;
    char text[];
};

struct subscriber {
    struct subscriber *next;
    struct yw_live_hub *hub;
    struct MHD_Connection *connection;
    struct yw_user user;
    uint32_t outlet; /* 0: all the user sees */
    struct message *queue[QUEUE_MAX];
    size_t head, n;
    size_t sent; /* bytes of the first message */
    bool sleeping, ended;
    int64_t began, pinged;
};

struct yw_live_hub {
    struct yw_web *web;
    pthread_t thread;
    pthread_mutex_t lock;
    struct subscriber *first;
    size_t count;
    bool closing, started;
    /* the poller's own */
    uint64_t change;
    struct yw_latest changes[CHANGES_MAX];
    size_t change_n;
    struct yw_buf text;
};

/* ---- messages ---- */

static struct message *message_make(const struct yw_buf *b) {
    if (b->failed) return NULL;
    struct message *m = malloc(sizeof *m + b->len);
    if (m == NULL) return NULL;
    atomic_init(&m->users, 1);
    m->n = b->len;
    memcpy(m->text, b->data, b->len);
    return m;
}

static void message_let_go(struct message *m) {
    if (m != NULL && atomic_fetch_sub(&m->users, 1) == 1) free(m);
}

/* With the hub locked. */
static void wake(struct subscriber *s) {
    if (!s->sleeping) return;
    s->sleeping = false;
    MHD_resume_connection(s->connection);
}

static void send_to(struct subscriber *s, struct message *m) {
    if (s->ended) return;
    if (s->n == QUEUE_MAX) {
        s->ended = true;
    } else {
        atomic_fetch_add(&m->users, 1);
        s->queue[(s->head + s->n++) % QUEUE_MAX] = m;
    }
    wake(s);
}

/* ---- the subscriber's side ---- */

static ssize_t on_read(void *cls, uint64_t position, char *to, size_t most) {
    YW_UNUSED(position);
    struct subscriber *s = cls;
    struct yw_live_hub *h = s->hub;
    ssize_t given = 0;
    pthread_mutex_lock(&h->lock);
    if (s->ended || h->closing) {
        given = MHD_CONTENT_READER_END_OF_STREAM;
    } else if (s->n == 0) {
        s->sleeping = true;
        MHD_suspend_connection(s->connection);
    } else {
        struct message *m = s->queue[s->head];
        size_t n = m->n - s->sent < most ? m->n - s->sent : most;
        memcpy(to, m->text + s->sent, n);
        s->sent += n;
        given = (ssize_t)n;
        if (s->sent == m->n) {
            message_let_go(m);
            s->head = (s->head + 1) % QUEUE_MAX;
            s->n--;
            s->sent = 0;
        }
    }
    pthread_mutex_unlock(&h->lock);
    return given;
}

static void on_end(void *cls) {
    struct subscriber *s = cls;
    struct yw_live_hub *h = s->hub;
    pthread_mutex_lock(&h->lock);
    for (struct subscriber **p = &h->first; *p != NULL; p = &(*p)->next) {
        if (*p != s) continue;
        *p = s->next;
        h->count--;
        break;
    }
    pthread_mutex_unlock(&h->lock);
    for (size_t i = 0; i < s->n; i++) message_let_go(s->queue[(s->head + i) % QUEUE_MAX]);
    free(s);
}

struct MHD_Response *yw_live_subscribe(struct yw_live_hub *h, struct MHD_Connection *c,
                                       const struct yw_user *u, uint32_t outlet) {
    struct subscriber *s = calloc(1, sizeof *s);
    struct yw_buf hello;
    yw_buf_init(&hello, 256);
    /* retry: how long a browser waits before it connects anew */
    yw_buf_puts(&hello, "retry: 2000\nevent: ping\ndata: {}\n\n");
    struct message *m = message_make(&hello);
    yw_buf_free(&hello);
    if (s == NULL || m == NULL) {
        free(s);
        free(m);
        return NULL;
    }
    s->hub = h;
    s->connection = c;
    s->user = *u;
    s->outlet = outlet;
    s->began = s->pinged = yw_monotonic();
    s->queue[0] = m;
    s->n = 1;
    pthread_mutex_lock(&h->lock);
    size_t same = 0;
    for (struct subscriber *other = h->first; other != NULL; other = other->next) {
        same += strcmp(other->user.name, u->name) == 0;
    }
    bool room = h->count < SUBSCRIBERS_MAX && same < PER_USER_MAX && !h->closing;
    if (room) {
        s->next = h->first;
        h->first = s;
        h->count++;
    }
    pthread_mutex_unlock(&h->lock);
    struct MHD_Response *r =
        room ? MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, 4096, on_read, s, on_end) : NULL;
    if (r == NULL) {
        if (room) {
            on_end(s);
        } else {
            message_let_go(m);
            free(s);
        }
        return NULL;
    }
    MHD_add_response_header(r, "Content-Type", "text/event-stream");
    MHD_add_response_header(r, "X-Accel-Buffering", "no");
    return r;
}

/* ---- the poller's side ---- */

static bool keep_change(void *arg, const struct yw_latest *l) {
    struct yw_live_hub *h = arg;
    if (l->change > h->change) h->change = l->change;
    yw_states_latest(h->web->states, l);
    if (h->change_n < CHANGES_MAX) h->changes[h->change_n++] = *l;
    return true;
}

struct newest {
    struct yw_buf *b;
    const struct yw_latest *l;
    bool done;
};

/* Of the rows of one data time only the one that was reported as newest. */
static bool put_record(void *arg, const struct yw_row *row) {
    struct newest *n = arg;
    if (n->done || yw_source_compare(&row->source, &n->l->source) != 0) return true;
    const struct yw_value *values[YW_VALUES_MAX];
    size_t count = yw_current_values(row, 1, values, YW_VALUES_MAX);
    yw_buf_puts(n->b, "event: record\ndata: ");
    yw_buf_putc(n->b, '{');
    yj_put_text(n->b, "kind", yw_kind_name((enum yw_kind)row->kind));
    yj_put_time(n->b, "time", row->time);
    yj_put_time(n->b, "arrival", row->source.arrival);
    yw_put_journal(n->b, row->source.journal);
    yj_key(n->b, "position");
    yj_u64_text(n->b, row->source.position);
    yj_key(n->b, "values");
    yw_put_values(n->b, values, count);
    yw_buf_puts(n->b, "}\n\n");
    n->done = true;
    return true;
}

static struct message *record_message(struct yw_live_hub *h, struct yw_store *store,
                                      const struct yw_latest *l) {
    yw_buf_clear(&h->text);
    struct newest n = {.b = &h->text, .l = l};
    enum yw_code code = yw_store_sqlite.rows(store, l->outlet, (enum yw_kind)l->kind, l->time, l->time + 1,
                                             put_record, &n, NULL);
    return code == YW_OK && n.done ? message_make(&h->text) : NULL;
}

static struct message *latest_message(struct yw_live_hub *h, struct yw_store *store,
                                      const struct yw_register *r, const struct yw_outlet *o,
                                      const struct yw_latest *l) {
    struct yw_outlet_state state;
    struct yw_buf *b = &h->text;
    yw_states_get(h->web->states, o->id, &state);
    yw_states_refresh_main(h->web->states, store, r, o, &state);
    yw_buf_clear(b);
    yw_buf_puts(b, "event: latest\ndata: ");
    yw_buf_putc(b, '{');
    yj_put_i64(b, "outlet", o->id);
    yj_put_text(b, "kind", yw_kind_name((enum yw_kind)l->kind));
    yj_put_time(b, "time", l->time);
    yj_put_time(b, "arrival", l->source.arrival);
    yj_put_text(b, "state", yw_online_name(yw_online_state(r, o, &state, yw_now())));
    yw_put_main(b, r, o->id, &state.main);
    yw_buf_puts(b, "}\n\n");
    return message_make(b);
}

static void publish(struct yw_live_hub *h, struct yw_store *store, const struct yw_register *r,
                    const struct yw_latest *l) {
    const struct yw_outlet *o = yw_register_outlet(r, l->outlet);
    if (o == NULL) return;
    bool all = false, one = false;
    pthread_mutex_lock(&h->lock);
    for (struct subscriber *s = h->first; s != NULL; s = s->next) {
        all = all || s->outlet == 0;
        one = one || s->outlet == o->id;
    }
    pthread_mutex_unlock(&h->lock);
    struct message *latest = all ? latest_message(h, store, r, o, l) : NULL;
    struct message *record = one ? record_message(h, store, l) : NULL;
    pthread_mutex_lock(&h->lock);
    for (struct subscriber *s = h->first; s != NULL; s = s->next) {
        struct message *m = s->outlet == 0 ? latest : s->outlet == o->id ? record : NULL;
        if (m != NULL && yw_sees_outlet(r, &s->user, o)) send_to(s, m);
    }
    pthread_mutex_unlock(&h->lock);
    message_let_go(latest);
    message_let_go(record);
}

void yw_live_tell(struct yw_live_hub *h, const struct yw_register *r, const struct yw_buf *event,
                  const struct yw_outlet *o) {
    const unsigned authority = YW_ROLE_OPERATOR | YW_ROLE_OFFICER | YW_ROLE_LEADER;
    struct message *m = o != NULL ? message_make(event) : NULL;
    if (m == NULL) return;
    pthread_mutex_lock(&h->lock);
    for (struct subscriber *s = h->first; s != NULL; s = s->next) {
        bool meant = s->outlet == 0 || s->outlet == o->id;
        if (meant && (s->user.role & authority) != 0 && yw_sees_outlet(r, &s->user, o)) send_to(s, m);
    }
    pthread_mutex_unlock(&h->lock);
    message_let_go(m);
}

static void ping(struct yw_live_hub *h) {
    int64_t now = yw_monotonic();
    yw_buf_clear(&h->text);
    yw_buf_puts(&h->text, "event: ping\ndata: {}\n\n");
    struct message *m = message_make(&h->text);
    if (m == NULL) return;
    pthread_mutex_lock(&h->lock);
    for (struct subscriber *s = h->first; s != NULL; s = s->next) {
        if (now - s->began > LIFE) {
            s->ended = true;
            wake(s);
        } else if (now - s->pinged >= PING) {
            s->pinged = now;
            send_to(s, m);
        }
    }
    pthread_mutex_unlock(&h->lock);
    message_let_go(m);
}

static void poll_once(struct yw_live_hub *h, struct yw_store **store, bool subscribed) {
    struct yw_error err = {0};
    if (*store == NULL) *store = yw_web_store_take(h->web, &err);
    if (*store == NULL) return;
    h->change_n = 0;
    if (yw_store_sqlite.latest(*store, h->change, keep_change, h, &err) != YW_OK) {
        yw_web_store_give(h->web, *store, false);
        *store = NULL;
        return;
    }
    if (!subscribed) return;
    for (size_t i = 0; i < h->change_n; i++) {
        /* For each anew, so that an act never waits long for the register. */
        const struct yw_register *r = yw_acts_lock(h->web->acts);
        publish(h, *store, r, &h->changes[i]);
        yw_acts_unlock(h->web->acts);
    }
}

static void *run(void *arg) {
    struct yw_live_hub *h = arg;
    struct yw_store *store = NULL;
    int64_t last = 0;
    for (;;) {
        pthread_mutex_lock(&h->lock);
        bool closing = h->closing, busy = h->count > 0;
        pthread_mutex_unlock(&h->lock);
        if (closing) break;
        int64_t now = yw_monotonic();
        if (busy || now - last >= POLL_IDLE) {
            poll_once(h, &store, busy);
            ping(h);
            last = now;
        }
        nanosleep(&(struct timespec){.tv_nsec = POLL_BUSY * 1000}, NULL);
    }
    yw_web_store_give(h->web, store, true);
    return NULL;
}

enum yw_code yw_live_start(struct yw_web *w, struct yw_live_hub **out, struct yw_error *err) {
    struct yw_live_hub *h = calloc(1, sizeof *h);
    if (h == NULL) return yw_fail(err, YW_E_NOMEM, "out of memory");
    h->web = w;
    yw_buf_init(&h->text, MESSAGE_MAX);
    pthread_mutex_init(&h->lock, NULL);
    h->started = pthread_create(&h->thread, NULL, run, h) == 0;
    if (!h->started) {
        yw_live_stop(h);
        return yw_fail(err, YW_E_SYSTEM, "a thread could not be started");
    }
    *out = h;
    return YW_OK;
}

void yw_live_wake_all(struct yw_live_hub *h) {
    pthread_mutex_lock(&h->lock);
    h->closing = true;
    for (struct subscriber *s = h->first; s != NULL; s = s->next) wake(s);
    pthread_mutex_unlock(&h->lock);
}

void yw_live_stop(struct yw_live_hub *h) {
    if (h->started) {
        yw_live_wake_all(h);
        pthread_join(h->thread, NULL);
    }
    yw_buf_free(&h->text);
    pthread_mutex_destroy(&h->lock);
    free(h);
}
