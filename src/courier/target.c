/* One target: its link, what comes over it, what is overdue. */
#include "courier/courier.h"

#include <sodium.h>
#include <stdlib.h>
#include <string.h>

enum { BACKOFF_MOST_S = 60, JOURNALS_US = 5000000 };

static void set_link(struct target *t, enum target_link link, int64_t now) {
    t->link = (uint8_t)link;
    t->since = now;
}

static void note_error(struct target *t, const char *why, int64_t now) {
    yw_copy(t->error, sizeof t->error, why, strlen(why));
    t->error_at = now;
}

/* Later and later, up to a minute. */
static void fall_back(struct target *t, const char *why, int64_t now) {
    t->wire = NULL;
    t->held_n = 0;
    uint32_t doublings = t->failures < 6 ? t->failures : 6;
    int64_t wait = (int64_t)1 << doublings;
    if (wait > BACKOFF_MOST_S) wait = BACKOFF_MOST_S;
    if (t->failures == 0) yw_log(YW_LOG_WARN, "target %s: %s; tried again", t->config.name, why);
    t->failures++;
    t->connect_at = now + wait * YW_SECOND;
    note_error(t, why, now);
    t->sent -= t->sending.count; /* they go out again over the next link */
    t->resent += t->sending.count;
    yw_sending_rewind(&t->sending);
    target_seek(t);
    set_link(t, TARGET_DOWN, now);
}

static void on_up(void *arg) {
    struct target *t = arg;
    set_link(t, TARGET_UP, yw_now());
    target_forward(t, t->since);
}

static void on_down(void *arg, const char *why) {
    fall_back(arg, why, yw_now());
}

static void on_answer(struct target *t, const struct yw_reply *reply, int64_t now) {
    t->failures = 0;
    t->last_ack = now;
    if (yw_sending_answered(&t->sending, reply->qn, reply->mn) >= 0) {
        t->acked++;
    } else {
        t->doubles++; /* answered before: it got the packet twice */
    }
}

static void on_bytes(void *arg, const char *bytes, size_t n) {
    struct target *t = arg;
    struct yw_reply reply;
    int64_t now = yw_now();
    if (n > sizeof t->held - t->held_n) n = sizeof t->held - t->held_n; /* cannot be: held is drained below */
    memcpy(t->held + t->held_n, bytes, n);
    t->held_n += n;
    size_t at = 0;
    while (at < t->held_n && t->wire != NULL) {
        yw_reply_next(t->held + at, t->held_n - at, &reply);
        if (reply.kind == YW_REPLY_NEED) break;
        at += reply.consumed;
        if (reply.kind == YW_REPLY_ACK) on_answer(t, &reply, now);
        if (reply.kind == YW_REPLY_REQUEST) target_request(t, &reply.packet, now);
    }
    if (t->wire == NULL) return;
    memmove(t->held, t->held + at, t->held_n - at);
    t->held_n -= at;
    target_forward(t, now);
}

static void open_password(struct target *t) {
    char name[32];
    struct yw_error err;
    snprintf(name, sizeof name, "target-%u", t->config.id);
    t->pw[0] = 0;
    if (t->config.pw[0] == 0) return;
    const uint8_t *key = t->courier->has_secret ? t->courier->secret : NULL;
    if (yw_password_open(key, name, t->config.pw, t->pw, sizeof t->pw, &err) == YW_OK) return;
    yw_log(YW_LOG_ERROR, "target %s: its password cannot be opened: %s", t->config.name, err.text);
    note_error(t, err.text, yw_now());
}

static bool same_place(const struct yw_target *a, const struct yw_target *b) {
    return strcmp(a->host, b->host) == 0 && a->port == b->port && a->tls == b->tls &&
           a->tls_verify == b->tls_verify;
}

void target_configure(struct target *t, const struct yw_target *config) {
    bool moved = !same_place(&t->config, config) || config->paused;
    t->config = *config;
    t->sending.most = config->window == 0 ? 1 : config->window;
    open_password(t);
    if (moved && t->wire != NULL) {
        yw_wire_close(t->wire);
        t->failures = 0;
        fall_back(t, "the target was changed", yw_now());
        t->connect_at = 0;
    }
    if (config->paused) set_link(t, TARGET_PAUSED, yw_now());
    if (!config->paused && t->link == TARGET_PAUSED) set_link(t, TARGET_DOWN, yw_now());
}

struct target *target_create(struct courier *c, const struct yw_target *config) {
    struct yw_error err;
    struct target *t = calloc(1, sizeof *t);
    if (t == NULL) return NULL;
    t->courier = c;
    t->config = *config;
    struct yw_mark *marks = courier_places_open(c, config->id, &t->file, &err);
    if (marks == NULL) {
        yw_log(YW_LOG_ERROR, "target %s: %s", config->name, err.text);
        free(t);
        return NULL;
    }
    yw_sending_init(&t->sending, marks, config->window);
    t->filled_at = t->rate_at = yw_now();
    set_link(t, TARGET_DOWN, t->filled_at);
    target_configure(t, config);
    courier_journals(t);
    return t;
}

void target_destroy(struct target *t) {
    yw_wire_close(t->wire);
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        if (t->feeds[i].reader != NULL) yw_reader_close(t->feeds[i].reader);
        if (t->express[i].reader != NULL) yw_reader_close(t->express[i].reader);
    }
    courier_places_close(t->file);
    sodium_memzero(t->pw, sizeof t->pw);
    free(t);
}

static void connect_now(struct target *t, int64_t now) {
    static const struct yw_wire_calls calls = {.up = on_up, .bytes = on_bytes, .down = on_down};
    const struct yw_target *g = &t->config;
    set_link(t, TARGET_CONNECTING, now);
    t->wire = yw_wire_open(&t->courier->loop, g->host, g->port, g->tls, g->tls_verify, &calls, t);
    if (t->wire == NULL) fall_back(t, "no memory for a connection", now);
}

/* After the last resend the link is given up, as the standard has it, and everything unanswered goes out
 * again over the next one. */
static void look_for_overdue(struct target *t, int64_t now) {
    int64_t overtime = (int64_t)t->config.overtime_s * YW_SECOND;
    int i;
    while (t->wire != NULL && (i = yw_sending_overdue(&t->sending, now, overtime)) >= 0) {
        if (t->sending.sent[i].attempts > t->config.recount) {
            char why[120];
            snprintf(why, sizeof why, "no answer to QN %s after %u sendings", t->sending.sent[i].qn,
                     t->sending.sent[i].attempts);
            yw_wire_close(t->wire);
            fall_back(t, why, now);
            return;
        }
        target_resend(t, (uint32_t)i, now);
    }
}

static void keep_history(struct target *t, int64_t now) {
    if (now - t->rate_at >= 2 * YW_SECOND) {
        double fresh = (double)(t->sent - t->rate_sent) * (double)YW_SECOND / (double)(now - t->rate_at);
        t->rate = t->rate * 0.7 + fresh * 0.3;
        t->rate_sent = t->sent;
        t->rate_at = now;
    }
    struct point *last = t->history_n > 0 ? &t->history[t->history_n - 1] : NULL;
    if (last != NULL && now - last->at < COURIER_HISTORY_US) return;
    if (t->history_n == COURIER_HISTORY) {
        memmove(t->history, t->history + 1, (COURIER_HISTORY - 1) * sizeof t->history[0]);
        t->history_n--;
        last = &t->history[t->history_n - 1];
    }
    double seconds = last != NULL ? (double)(now - last->at) / (double)YW_SECOND : 0;
    struct point p = {.at = now, .sent_s = seconds > 0 ? (double)(t->sent - t->counted) / seconds : 0};
    int64_t ms;
    target_lag(t, now, &p.lag_bytes, &ms);
    t->counted = t->sent;
    t->history[t->history_n++] = p;
}

void target_lag(struct target *t, int64_t now, uint64_t *bytes, int64_t *ms) {
    int64_t oldest = 0;
    *bytes = 0;
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        struct feed *f = &t->feeds[i];
        if (f->reader == NULL) continue;
        uint64_t end = yw_reader_committed(f->reader), front = t->sending.marks[i].front;
        if (end > front) *bytes += end - front;
        if (f->has && (oldest == 0 || f->record.arrival < oldest)) oldest = f->record.arrival;
    }
    for (uint32_t i = 0; i < t->sending.count; i++) {
        if (oldest == 0 || t->sending.sent[i].sent_at < oldest) oldest = t->sending.sent[i].sent_at;
    }
    *ms = oldest == 0 || now < oldest ? 0 : (now - oldest) / 1000;
}

void target_turn(struct target *t, int64_t now) {
    if (now - t->courier->journals_at >= JOURNALS_US) courier_journals(t);
    if (t->link == TARGET_DOWN && now >= t->connect_at) connect_now(t, now);
    if (t->link == TARGET_UP) look_for_overdue(t, now);
    target_forward(t, now); /* without a link up to the first packet that has to wait: so the lag is true */
    if (t->link == TARGET_UP) target_express(t, now);
    keep_history(t, now);
}
