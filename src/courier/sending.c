/* Fronts and frames on their way. */
#include "courier/sending.h"

#include <string.h>

void yw_sending_init(struct yw_sending *w, struct yw_mark *marks, uint32_t most) {
    memset(w, 0, sizeof *w);
    w->marks = marks;
    w->most = most == 0 ? 1 : most > YW_SENDING_MOST ? YW_SENDING_MOST : most;
    yw_sending_rewind(w);
}

void yw_sending_rewind(struct yw_sending *w) {
    w->count = 0;
    for (int i = 0; i < YW_SENDING_JOURNALS; i++) {
        struct yw_mark *m = &w->marks[i];
        if (m->done_n > YW_SENDING_MOST) m->done_n = 0; /* a damaged file costs doubles, never a packet */
        m->read = m->front;
    }
}

/* The place of position among the answered ones, or where it would be. */
static uint32_t place(const struct yw_mark *m, uint64_t position) {
    uint32_t i = 0;
    while (i < m->done_n && m->done[i] < position) i++;
    return i;
}

/* The front moves up to the oldest record that still waits for its answer, or to where reading stands; what
 * was answered out of turn before it need not be remembered. */
static void advance(struct yw_sending *w, uint16_t journal) {
    struct yw_mark *m = &w->marks[journal];
    uint64_t front = m->read;
    for (uint32_t i = 0; i < w->count; i++) {
        if (w->sent[i].journal == journal && w->sent[i].position < front) front = w->sent[i].position;
    }
    if (front > m->front) m->front = front;
    uint32_t old = place(m, m->front);
    if (old == 0) return;
    memmove(m->done, m->done + old, (m->done_n - old) * sizeof m->done[0]);
    m->done_n -= old;
}

void yw_sending_pass(struct yw_sending *w, uint16_t journal, uint64_t position, uint64_t next) {
    YW_UNUSED(position);
    if (next > w->marks[journal].read) w->marks[journal].read = next;
    advance(w, journal);
}

bool yw_sending_was_done(const struct yw_sending *w, uint16_t journal, uint64_t position) {
    const struct yw_mark *m = &w->marks[journal];
    uint32_t i = place(m, position);
    return position < m->front || (i < m->done_n && m->done[i] == position);
}

static void keep(char *to, size_t size, hj212_span from) {
    size_t n = from.n < size - 1 ? from.n : size - 1;
    if (n > 0) memcpy(to, from.p, n);
    to[n] = 0;
}

bool yw_sending_has_room(const struct yw_sending *w, uint16_t journal) {
    return w->count < w->most && w->count + w->marks[journal].done_n < YW_SENDING_MOST;
}

struct yw_parcel_sent *yw_sending_send(struct yw_sending *w, uint16_t journal, uint64_t position,
                                       uint64_t next, hj212_span qn, hj212_span mn, int64_t now) {
    if (!yw_sending_has_room(w, journal)) return NULL;
    struct yw_parcel_sent *s = &w->sent[w->count++];
    *s = (struct yw_parcel_sent){.position = position, .sent_at = now, .journal = journal, .attempts = 1};
    keep(s->qn, sizeof s->qn, qn);
    keep(s->mn, sizeof s->mn, mn);
    if (next > w->marks[journal].read) w->marks[journal].read = next;
    return s;
}

/* has_room keeps the list from growing over; should a damaged file have filled it all the same, the answer is
 * forgotten and the frame may go out again after a restart. */
static void remember(struct yw_mark *m, uint64_t position) {
    uint32_t i = place(m, position);
    if (m->done_n == YW_SENDING_MOST || position < m->front) return;
    memmove(m->done + i + 1, m->done + i, (m->done_n - i) * sizeof m->done[0]);
    m->done[i] = position;
    m->done_n++;
}

void yw_sending_settle(struct yw_sending *w, uint32_t i) {
    const uint16_t journal = w->sent[i].journal;
    remember(&w->marks[journal], w->sent[i].position);
    memmove(&w->sent[i], &w->sent[i + 1], (w->count - i - 1) * sizeof w->sent[0]);
    w->count--;
    advance(w, journal);
}

static bool same(const char *kept, size_t size, hj212_span came) {
    size_t n = strlen(kept);
    size_t cut = came.n < size - 1 ? came.n : size - 1;
    return n == cut && memcmp(kept, came.p, n) == 0;
}

int yw_sending_answered(struct yw_sending *w, hj212_span qn, hj212_span mn) {
    if (qn.n == 0) return -1;
    for (uint32_t i = 0; i < w->count; i++) {
        const struct yw_parcel_sent *s = &w->sent[i];
        if (!same(s->qn, sizeof s->qn, qn) || (mn.n > 0 && !same(s->mn, sizeof s->mn, mn))) continue;
        yw_sending_settle(w, i);
        return (int)i;
    }
    return -1;
}

int yw_sending_overdue(const struct yw_sending *w, int64_t now, int64_t overtime_us) {
    for (uint32_t i = 0; i < w->count; i++) {
        if (now - w->sent[i].sent_at >= overtime_us) return (int)i;
    }
    return -1;
}
