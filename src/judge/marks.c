/* marks: which marks hold, and what they say of each minute of an hour, on two axes: condition of the source
 * and state of the equipment. A manual mark wins over an automatic one, a later one over an earlier. */
#include <stdlib.h>
#include <string.h>

#include "judge/judge_int.h"

#define ORDER(a, b) ((a) > (b)) - ((a) < (b))

/* Whatever two marks have in common, their order is never that in which they were given. */
static int by_content(const struct yw_mark *x, const struct yw_mark *y) {
    int o = ORDER(x->set_at, y->set_at);
    if (o == 0) o = ORDER(x->from, y->from);
    if (o == 0) o = ORDER(x->to, y->to);
    if (o == 0) o = ORDER(x->value, y->value);
    if (o == 0) o = ORDER(x->factors, y->factors);
    if (o == 0) o = ORDER(x->counts, y->counts);
    if (o == 0) o = ORDER(x->disputed, y->disputed);
    if (o == 0) o = ORDER(x->withdrawn, y->withdrawn);
    return o != 0 ? o : ORDER(x->is_condition, y->is_condition);
}

static int by_id(const void *a, const void *b) {
    const struct yw_mark *x = *(const struct yw_mark *const *)a, *y = *(const struct yw_mark *const *)b;
    int o = ORDER(x->id, y->id);
    if (o == 0) o = ORDER(x->version, y->version);
    if (o == 0) o = ORDER(y->automatic, x->automatic);
    return o != 0 ? o : by_content(x, y);
}

static int by_rank(const void *a, const void *b) {
    const struct yw_mark *x = *(const struct yw_mark *const *)a, *y = *(const struct yw_mark *const *)b;
    int o = ORDER(y->automatic, x->automatic);
    if (o == 0) o = ORDER(x->set_at, y->set_at);
    if (o == 0) o = ORDER(x->from, y->from);
    return o != 0 ? o : by_id(a, b);
}

bool yw_marks_compile(struct yw_judge *j) {
    const struct yw_site *s = j->site;
    if (s->mark_n == 0) return true;
    j->marks = malloc(s->mark_n * sizeof *j->marks);
    j->mark_spans = malloc(s->mark_n * sizeof *j->mark_spans);
    if (!j->marks || !j->mark_spans) return false;
    for (size_t i = 0; i < s->mark_n; i++) j->marks[i] = &s->marks[i];
    qsort(j->marks, s->mark_n, sizeof *j->marks, by_id);
    size_t n = 0;
    for (size_t i = 0; i < s->mark_n; i++) {
        const struct yw_mark *m = j->marks[i];
        /* Marks without a number (id 0) are each their own. */
        bool is_newest = m->id == 0 || i + 1 == s->mark_n || j->marks[i + 1]->id != m->id;
        if (is_newest && !m->withdrawn && m->to > m->from) j->marks[n++] = m;
    }
    qsort(j->marks, n, sizeof *j->marks, by_rank);
    j->mark_n = n;
    for (size_t i = 0; i < n; i++) {
        j->mark_spans[i] =
            (struct yw_span){.from = j->marks[i]->from, .to = j->marks[i]->to, .item = (uint32_t)i};
    }
    yw_spans_prepare(j->mark_spans, n);
    return true;
}

uint64_t yw_minutes_touched(int64_t hour, int64_t from, int64_t to) {
    if (to <= hour || from >= hour + YW_HOUR) return 0;
    unsigned a = from <= hour ? 0 : (unsigned)((from - hour) / YW_MINUTE);
    unsigned b = to >= hour + YW_HOUR ? YW_MINUTES : (unsigned)((to - hour + YW_MINUTE - 1) / YW_MINUTE);
    if (b <= a) b = a + 1;
    return ((UINT64_C(1) << b) - 1) & ~((UINT64_C(1) << a) - 1);
}

/* For every factor and axis the rank + 1 of the mark that holds each minute. */
struct painting {
    const struct yw_judge *j;
    int64_t hour;
    struct yw_marked *of;
    bool touched;
    uint32_t holds[YW_SITE_FACTORS][2][YW_MINUTES];
};

static void paint(void *arg, uint32_t rank) {
    struct painting *p = arg;
    const struct yw_mark *m = p->j->marks[rank];
    uint64_t minutes = yw_minutes_touched(p->hour, m->from, m->to);
    size_t n = p->j->site->factor_n;
    if (!p->touched) { /* only an hour with marks pays for them */
        p->touched = true;
        memset(p->holds, 0, n * sizeof p->holds[0]);
        memset(p->of, 0, n * sizeof *p->of);
    }
    for (size_t f = 0; f < n; f++) {
        if (m->factors != 0 && (m->factors >> f & 1) == 0) continue;
        if (m->disputed) p->of[f].disputed |= minutes;
        uint32_t *holds = p->holds[f][m->is_condition];
        for (uint64_t rest = minutes; rest != 0; rest &= rest - 1) {
            int minute = __builtin_ctzll(rest);
            if (holds[minute] < rank + 1) holds[minute] = rank + 1;
        }
    }
}

bool yw_mark_keeps(bool is_condition, uint8_t value, bool counts) {
    return is_condition ? value != YW_COND_STOPPED : counts || value == YW_EQUIP_NORMAL;
}

static void settle(const struct painting *p, size_t f, bool is_condition) {
    struct yw_marked *of = &p->of[f];
    for (unsigned minute = 0; minute < YW_MINUTES; minute++) {
        uint32_t rank = p->holds[f][is_condition][minute];
        if (rank == 0) continue;
        const struct yw_mark *m = p->j->marks[rank - 1];
        uint64_t bit = UINT64_C(1) << minute;
        if (is_condition) {
            if (m->value < YW_COND_COUNT) of->condition[m->value] |= bit;
        } else {
            if (m->value < YW_EQUIP_COUNT) of->equipment[m->value] |= bit;
        }
        if (yw_mark_keeps(is_condition, m->value, m->counts))
            of->counting |= bit;
        else
            of->out |= bit;
        if (!m->automatic && m->set_at > p->hour + YW_HOUR) of->late |= bit;
    }
}

bool yw_marks_of_hour(const struct yw_judge *j, int64_t hour, struct yw_marked *of) {
    struct painting p;
    p.j = j;
    p.hour = hour;
    p.of = of;
    p.touched = false;
    yw_spans_each(j->mark_spans, j->mark_n, hour, hour + YW_HOUR, paint, &p);
    if (!p.touched) return false;
    for (size_t f = 0; f < j->site->factor_n; f++) {
        settle(&p, f, true);
        settle(&p, f, false);
    }
    return true;
}
