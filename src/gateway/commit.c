/* Group commit. The loop gathers packets and their answers; whenever no batch is in flight and something is
 * pending, it hands a batch to the committing thread. The faster packets come, the larger the batches grow by
 * themselves. */
#include "gateway/worker.h"

#include <stdlib.h>
#include <string.h>

static void *write_batches(void *arg) {
    struct yw_gateway *g = arg;
    struct committer *c = &g->commit;
    pthread_mutex_lock(&c->lock);
    for (;;) {
        while (!c->busy && !c->stop) pthread_cond_wait(&c->wake, &c->lock);
        if (!c->busy) break;
        pthread_mutex_unlock(&c->lock);
        struct yw_error error = {0};
        int64_t from = yw_monotonic();
        enum yw_code code = yw_journal_write(g->journal, &c->batch, &error);
        int64_t spent = yw_monotonic() - from;
        pthread_mutex_lock(&c->lock);
        c->busy = false;
        c->finished = true;
        c->code = code;
        c->error = error;
        c->spent_us = spent;
        uv_async_send(&g->committed);
    }
    pthread_mutex_unlock(&c->lock);
    return NULL;
}

enum yw_code commit_start(struct yw_gateway *g, struct yw_error *err) {
    struct committer *c = &g->commit;
    for (int i = 0; i < ANSWER_SETS; i++) {
        c->sets[i].entries = malloc(ANSWER_ENTRIES * sizeof *c->sets[i].entries);
        c->sets[i].bytes = malloc(ANSWER_BYTES); /* touched, and so used, only as far as batches reach */
        if (c->sets[i].entries == NULL || c->sets[i].bytes == NULL) {
            return yw_fail(err, YW_E_NOMEM, "no memory for the answers of a batch");
        }
    }
    pthread_mutex_init(&c->lock, NULL);
    pthread_cond_init(&c->wake, NULL);
    int rc = pthread_create(&c->thread, NULL, write_batches, g);
    if (rc != 0) return yw_fail_errno(err, rc, "the committing thread cannot be started");
    c->started = true;
    return YW_OK;
}

void commit_stop(struct yw_gateway *g) {
    struct committer *c = &g->commit;
    if (c->started) {
        pthread_mutex_lock(&c->lock);
        c->stop = true;
        pthread_cond_signal(&c->wake);
        pthread_mutex_unlock(&c->lock);
        pthread_join(c->thread, NULL);
        pthread_mutex_destroy(&c->lock);
        pthread_cond_destroy(&c->wake);
        c->started = false;
    }
    for (int i = 0; i < ANSWER_SETS; i++) {
        free(c->sets[i].entries);
        free(c->sets[i].bytes);
        c->sets[i] = (struct answer_set){0};
    }
}

static void hand_over(struct committer *c) {
    pthread_mutex_lock(&c->lock);
    c->busy = true;
    pthread_cond_signal(&c->wake);
    pthread_mutex_unlock(&c->lock);
}

void commit_turn(struct yw_gateway *g) {
    struct committer *c = &g->commit;
    if (c->retry_at != 0) {
        if (g->now < c->retry_at) return;
        c->retry_at = 0;
        hand_over(c);
        return;
    }
    if (c->in_flight || !yw_journal_take(g->journal, &c->batch)) return;
    c->in_flight = true;
    c->gathering = (c->gathering + 1) % ANSWER_SETS;
    hand_over(c);
}

static void send_answers(struct yw_gateway *g, struct answer_set *set) {
    for (uint32_t i = 0; i < set->count; i++) {
        struct answer *a = &set->entries[i];
        struct link *l = a->link;
        if (l->serial != a->serial || l->ending == LINK_CLOSED) {
            /* the device will send again and be answered then; a command is sent again */
            counter_add(g, YW_GW_ACKS_LOST, a->count - a->commands);
            continue;
        }
        counter_add(g, YW_GW_ACKS, a->count - a->commands);
        counter_add(g, YW_GW_COMMANDS, a->commands);
        l->unanswered -= a->count;
        gateway_write(l, set->bytes + a->offset, a->length);
        if (l->ending == LINK_ENDING) {
            gateway_end_link(l);
        } else {
            gateway_resume_link(l);
        }
    }
    set->count = set->used = 0;
}

static void failed(struct yw_gateway *g, const struct yw_error *error) {
    struct committer *c = &g->commit;
    c->retry_at = g->now + RETRY_US;
    counter_add(g, YW_GW_COMMIT_FAILURES, 1);
    uint64_t disk = error->code == YW_E_FULL ? 1 : 2;
    uint64_t before = atomic_load_explicit(&g->live->counter[YW_GW_DISK], memory_order_relaxed);
    if (before != disk)
        yw_log(YW_LOG_ERROR, "nothing is acknowledged until this works again: %s", error->text);
    counter_set(g, YW_GW_DISK, disk);
}

void commit_finished(struct yw_gateway *g) {
    struct committer *c = &g->commit;
    pthread_mutex_lock(&c->lock);
    bool finished = c->finished;
    enum yw_code code = c->code;
    struct yw_error error = c->error;
    int64_t spent = c->spent_us;
    c->finished = false;
    pthread_mutex_unlock(&c->lock);
    if (!finished) return;
    if (code != YW_OK) {
        error.code = code;
        failed(g, &error);
        return;
    }
    if (atomic_load_explicit(&g->live->counter[YW_GW_DISK], memory_order_relaxed) != 0) {
        yw_log(YW_LOG_WARN, "the journal can be written again");
        counter_set(g, YW_GW_DISK, 0);
    }
    counter_add(g, YW_GW_COMMITS, 1);
    counter_add(g, YW_GW_COMMIT_US, (uint64_t)spent);
    if ((uint64_t)spent >
        atomic_load_explicit(&g->live->counter[YW_GW_COMMIT_US_MAX], memory_order_relaxed)) {
        counter_set(g, YW_GW_COMMIT_US_MAX, (uint64_t)spent);
    }
    yw_journal_done(g->journal, &c->batch);
    c->in_flight = false;
    struct answer_set *set = &c->sets[(c->gathering + ANSWER_SETS - 1) % ANSWER_SETS];
    commit_turn(g); /* the next batch is written while these answers go out */
    send_answers(g, set);
}

bool commit_idle(const struct yw_gateway *g) {
    return !g->commit.in_flight && yw_journal_pending(g->journal) == 0;
}

bool commit_answer_room(const struct yw_gateway *g) {
    const struct answer_set *s = &g->commit.sets[g->commit.gathering];
    return s->used <= ANSWER_BYTES - HJ212_FRAME_MAX && s->count < ANSWER_ENTRIES;
}

bool commit_crowded(const struct yw_gateway *g) {
    const struct answer_set *s = &g->commit.sets[g->commit.gathering];
    return yw_journal_pending(g->journal) >= g->config.pending_max || s->used > ANSWER_BYTES - ANSWER_SPARE ||
           s->count > ANSWER_ENTRIES - ANSWER_ENTRIES_SPARE;
}

char *commit_answer_place(struct yw_gateway *g, size_t *room) {
    struct answer_set *s = &g->commit.sets[g->commit.gathering];
    *room = ANSWER_BYTES - s->used;
    return s->bytes + s->used;
}

void commit_answer_add(struct yw_gateway *g, struct link *l, size_t n, bool command) {
    struct answer_set *s = &g->commit.sets[g->commit.gathering];
    struct answer *last = s->count > 0 ? &s->entries[s->count - 1] : NULL;
    if (last == NULL || last->link != l || last->serial != l->serial) {
        last = &s->entries[s->count++];
        *last = (struct answer){.link = l, .serial = l->serial, .offset = s->used};
    }
    last->length += (uint32_t)n;
    last->count++;
    last->commands += command;
    s->used += (uint32_t)n;
    l->unanswered++;
}
