/* The API of the shift log and the hand-over. */
#include "web/shifts.h"

#include "web/alarms.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { LINES_MOST = 1000, OPEN_BYTES = YW_SHIFT_OPEN_MAX * 24 };
#define TAKES_OVER YW_HOUR /* a hand-over so long before the end of a shift is one to the next shift */

/* ---- reading ---- */

static void put_person(struct yw_request *q, const char *key, const char *name) {
    struct yw_said_by by;
    yj_key(&q->out, key);
    if (name[0] == '\0') {
        yj_null(&q->out);
        return;
    }
    yw_alarm_person(q, name, &by);
    yj_open(&q->out, '{');
    yj_put_text(&q->out, "name", name);
    yj_put_text(&q->out, "display_name", by.zh);
    yj_put_text(&q->out, "display_name_en", by.en);
    yj_close(&q->out, '}');
}

static void put_open(struct yw_buf *b, const char *open) {
    yj_key(b, "open");
    yj_open(b, '[');
    while (open != NULL && *open != '\0') {
        size_t n = strcspn(open, " ");
        yj_text_n(b, open, n);
        open += n + (open[n] == ' ');
    }
    yj_close(b, ']');
}

static void put_line(struct yw_request *q, const struct yw_shift_line *l) {
    struct yw_buf *b = &q->out;
    yj_open(b, '{');
    yj_put_i64(b, "id", l->id);
    yj_put_text(b, "kind", yw_shift_kind_name(l->kind));
    yj_put_bool(b, "automatic", false);
    yj_put_time(b, "at", l->at);
    put_person(q, "by", l->by);
    put_person(q, "to", l->to);
    yj_put_text(b, "text", l->text);
    yj_key(b, "of");
    l->of != 0 ? yj_i64(b, l->of) : yj_null(b);
    put_open(b, l->open);
    yj_close(b, '}');
}

struct line { /* one of the log: written, or a step of an alarm */
    int64_t at;
    const struct yw_shift_line *written;
    const struct yw_alarm *alarm;
    const struct yw_kept_step *step;
};

static int newest_first(const void *a, const void *b) {
    const struct line *x = a, *y = b;
    return x->at > y->at ? -1 : x->at < y->at;
}

static bool is_news(const struct yw_alarm *a, const struct yw_kept_step *s) {
    switch (s->kind) {
    case YW_STEP_RAISE:
        return !a->past;
    case YW_STEP_ASSIGN:
    case YW_STEP_RETURN:
    case YW_STEP_URGE:
    case YW_STEP_CLOSE:
    case YW_STEP_WITHDRAWN:
    case YW_STEP_REOPEN:
        return true;
    default:
        return false;
    }
}

static size_t gather(struct yw_request *q, const char *unit, const struct yw_shift *s, struct line *out) {
    size_t n = 0;
    for (size_t i = yw_shifts_count(q->web->shifts); i > 0 && n < LINES_MOST; i--) {
        const struct yw_shift_line *l = yw_shifts_at(q->web->shifts, i - 1);
        if (strcmp(l->unit, unit) == 0 && l->at >= s->from && l->at < s->to)
            out[n++] = (struct line){.at = l->at, .written = l};
    }
    for (size_t i = yw_alarms_count(q->web->alarms); i > 0 && n < LINES_MOST; i--) {
        const struct yw_alarm *a = yw_alarms_at(q->web->alarms, i - 1);
        if (unit[0] != '\0' && !yw_unit_within(q->reg, a->state.home, unit) &&
            strcmp(a->state.handler, unit) != 0)
            continue;
        if (!yw_sees_outlet(q->reg, &q->session.user, yw_register_outlet(q->reg, a->episode.outlet)))
            continue;
        for (uint32_t k = 0; k < a->step_n && n < LINES_MOST; k++) {
            const struct yw_kept_step *step = &a->steps[k];
            if (step->at >= s->from && step->at < s->to && is_news(a, step))
                out[n++] = (struct line){.at = step->at, .alarm = a, .step = step};
        }
    }
    qsort(out, n, sizeof *out, newest_first);
    return n;
}

static void put_automatic(struct yw_request *q, const struct line *l) {
    struct yw_buf *b = &q->out;
    char zh[320], en[320];
    const struct yw_word *w = yw_step_word(l->step->kind);
    yw_alarm_text(q->web, l->alarm, q->now, zh, en, sizeof zh);
    yj_open(b, '{');
    yj_key(b, "id");
    yj_null(b);
    yj_put_text(b, "kind", w->name);
    yj_put_bool(b, "automatic", true);
    yj_put_time(b, "at", l->at);
    put_person(q, "by", l->step->by);
    yj_key(b, "to");
    yj_null(b);
    yj_key(b, "text");
    struct yw_buf text;
    yw_buf_init(&text, 2048);
    yw_buf_printf(&text, "%s %s", l->alarm->number, w->zh);
    if (l->step->to_unit[0] != '\0') yw_buf_printf(&text, "%s", yw_unit_name(q->reg, l->step->to_unit));
    yw_buf_printf(&text, "，%s", zh);
    yj_text_n(b, text.data, text.len);
    yw_buf_free(&text);
    yj_put_text(b, "number", l->alarm->number);
    yj_put_text(b, "text_en", en);
    yj_key(b, "of");
    yj_null(b);
    put_open(b, "");
    yj_close(b, '}');
}

/* Who came on duty for that shift: by beginning it, or by taking over; who handed over in it has left. */
static void put_on_duty(struct yw_request *q, const char *unit, const struct yw_shift *s) {
    const struct yw_shifts *book = q->web->shifts;
    size_t first = yw_shifts_count(book);
    while (first > 0 && yw_shifts_at(book, first - 1)->at >= s->from - TAKES_OVER) first--;
    yj_key(&q->out, "on_duty");
    yj_open(&q->out, '[');
    for (size_t i = first; i < yw_shifts_count(book); i++) {
        const struct yw_shift_line *l = yw_shifts_at(book, i);
        bool comes = (l->kind == YW_SHIFT_BEGIN || l->kind == YW_SHIFT_ACCEPT) &&
                     strcmp(l->unit, unit) == 0 && strcmp(l->shift, s->name) == 0;
        bool gone = false, again = false;
        for (size_t k = i + 1; comes && k < yw_shifts_count(book); k++) {
            const struct yw_shift_line *m = yw_shifts_at(book, k);
            if (strcmp(m->unit, unit) != 0) continue;
            gone = gone || (m->kind == YW_SHIFT_ACCEPT && strcmp(m->to, l->by) == 0);
            again = again || ((m->kind == YW_SHIFT_BEGIN || m->kind == YW_SHIFT_ACCEPT) &&
                              strcmp(m->by, l->by) == 0 && strcmp(m->shift, s->name) == 0);
        }
        if (!comes || gone || again) continue;
        yj_open(&q->out, '{');
        put_person(q, "person", l->by);
        yj_put_time(&q->out, "since", l->at);
        yj_close(&q->out, '}');
    }
    yj_close(&q->out, ']');
}

static void put_shift(struct yw_buf *b, const struct yw_shift *s) {
    yj_put_text(b, "shift", s->name);
    yj_put_text(b, "shift_zh", s->night ? "夜班" : "白班");
    yj_put_text(b, "shift_en", s->night ? "night shift" : "day shift");
    yj_put_time(b, "from", s->from);
    yj_put_time(b, "to", s->to);
}

static unsigned put_log(struct yw_request *q, const char *unit, const struct yw_shift *s) {
    struct line *lines = calloc(LINES_MOST, sizeof *lines);
    if (lines == NULL) return yw_problem(q, 500, "internal", "内存不足", "out of memory");
    struct yw_shift before, after;
    struct yw_buf *b = &q->out;
    size_t n = gather(q, unit, s, lines);
    yw_shift_of(q->reg, s->from - 1, &before);
    yw_shift_of(q->reg, s->to, &after);
    yj_open(b, '{');
    yj_put_text_or_null(b, "unit", unit);
    yj_put_text_or_null(b, "unit_zh", yw_unit_name(q->reg, unit));
    put_shift(b, s);
    yj_put_bool(b, "current", q->now >= s->from && q->now < s->to);
    yj_put_text(b, "earlier", before.name);
    yj_put_text_or_null(b, "later", s->to <= q->now ? after.name : "");
    put_on_duty(q, unit, s);
    const struct yw_shift_line *pending = yw_shifts_pending(q->web->shifts, unit);
    yj_key(b, "pending");
    if (pending != NULL) {
        put_line(q, pending);
    } else {
        yj_null(b);
    }
    yj_key(b, "entries");
    yj_open(b, '[');
    for (size_t i = 0; i < n; i++) {
        if (lines[i].written != NULL) {
            put_line(q, lines[i].written);
        } else {
            put_automatic(q, &lines[i]);
        }
    }
    yj_close(b, ']');
    yj_close(b, '}');
    free(lines);
    return 200;
}

/* The unit asked for, or the user's own. False: the problem is written. */
static bool unit_of(struct yw_request *q, const char *wish, char unit[16]) {
    const char *own = yw_user_unit(q->reg, &q->session.user);
    const char *code = wish[0] != '\0' ? wish : own;
    bool known = code[0] == '\0' || yw_register_unit(q->reg, code) != NULL;
    bool reach = own[0] == '\0' ? q->session.user.area[0] == '\0' || code[0] == '\0'
                                : yw_unit_within(q->reg, code, own);
    if (known && reach && yw_copy(unit, 16, code, strlen(code))) return true;
    (void)yw_problem(q, 404, "not_found", "没有找到该机构", "unit: not found");
    return false;
}

YW_HANDLER(yw_get_shifts) {
    char unit[16];
    struct yw_shift s;
    const char *name = yw_query(q, "shift");
    if (!unit_of(q, yw_query(q, "unit"), unit)) return 404;
    yw_shift_of(q->reg, q->now, &s);
    if (name[0] != '\0') {
        int64_t first = yw_policy_of(q->reg, "shift_first_min"),
                second = yw_policy_of(q->reg, "shift_second_min");
        if (!yw_shift_parse(name, first, second, &s))
            return yw_problem(q, 400, "query", "班次形如 20261123-1（白班）、20261123-2（夜班）",
                              "shift: like 20261123-1 (by day) or 20261123-2 (by night)");
    }
    return put_log(q, unit, &s);
}

/* ---- writing ---- */

struct wish {
    char unit[16], to[40], action[16];
    char text[YW_SHIFT_TEXT];
    int64_t of;
};

static bool read_wish(struct yw_request *q, const json_t *o, struct wish *w) {
    memset(w, 0, sizeof *w);
    w->of = json_integer_value(json_object_get(o, "id"));
    return yw_member_text(q, o, "unit", w->unit, sizeof w->unit) &&
           yw_member_text(q, o, "to", w->to, sizeof w->to) &&
           yw_member_text(q, o, "action", w->action, sizeof w->action) &&
           yw_member_text(q, o, "text", w->text, sizeof w->text);
}

static unsigned commit(struct yw_request *q, struct yw_shift_line *l, const struct wish *w, const char *unit,
                       const struct yw_shift *of) {
    struct yw_error err = {0};
    struct yw_shift now;
    l->at = q->now;
    memcpy(l->unit, unit, sizeof l->unit);
    memcpy(l->text, w->text, sizeof l->text);
    memcpy(l->shift, of->name, sizeof l->shift);
    (void)yw_copy(l->by, sizeof l->by, q->session.user.name, strlen(q->session.user.name));
    enum yw_code code = yw_shifts_commit(q->web, l, &err);
    if (code != YW_OK) return yw_problem_from(q, code, &err);
    yw_shift_of(q->reg, q->now, &now);
    return put_log(q, unit, &now);
}

static unsigned begin(struct yw_request *q, const struct wish *w) {
    char unit[16];
    struct yw_shift now;
    struct yw_shift_line l = {.kind = YW_SHIFT_BEGIN};
    if (!unit_of(q, w->unit, unit)) return 404;
    yw_shift_of(q->reg, q->now, &now);
    return commit(q, &l, w, unit, &now);
}

static unsigned enter(struct yw_request *q, const struct wish *w) {
    char unit[16];
    struct yw_shift now;
    struct yw_shift_line l = {.kind = YW_SHIFT_ENTRY};
    if (!unit_of(q, w->unit, unit)) return 404;
    if (w->text[0] == '\0') return yw_problem(q, 422, "text", "请填写内容", "text: say what happened");
    yw_shift_of(q->reg, q->now, &now);
    return commit(q, &l, w, unit, &now);
}

/* What is open on that unit's desk or in its hands. */
static char *open_numbers(const struct yw_request *q, const char *unit) {
    char *text = malloc(OPEN_BYTES + 1);
    size_t at = 0;
    if (text == NULL) return NULL;
    text[0] = '\0';
    for (size_t i = yw_alarms_count(q->web->alarms), listed = 0; i > 0 && listed < YW_SHIFT_OPEN_MAX; i--) {
        const struct yw_alarm *a = yw_alarms_at(q->web->alarms, i - 1);
        bool theirs = unit[0] == '\0' || strcmp(a->state.home, unit) == 0 || strcmp(a->state.unit, unit) == 0;
        if (a->state.stage == YW_STAGE_CLOSED || !theirs) continue;
        int n = snprintf(text + at, OPEN_BYTES + 1 - at, "%s%s", at > 0 ? " " : "", a->number);
        if (n < 0 || (size_t)n > OPEN_BYTES - at) break;
        at += (size_t)n;
        listed++;
    }
    return text;
}

static unsigned offer(struct yw_request *q, const struct wish *w) {
    char unit[16];
    struct yw_user to;
    struct yw_shift now;
    if (!unit_of(q, w->unit, unit)) return 404;
    if (strcmp(w->to, q->session.user.name) == 0)
        return yw_problem(q, 422, "to", "不能交班给自己", "to: not to yourself");
    if (yw_office_user(q->web->office, w->to, &to, NULL) != YW_OK || to.disabled ||
        !yw_acts_for(q->reg, &to, unit))
        return yw_problem(q, 422, "to", "接班人须为本机构的执法人员",
                          "to: an officer who acts for this unit");
    if (yw_shifts_pending(q->web->shifts, unit) != NULL)
        return yw_problem(q, 409, "pending", "已有一次交接班等待确认",
                          "a hand-over waits for confirmation already");
    struct yw_shift_line l = {.kind = YW_SHIFT_OFFER, .open = open_numbers(q, unit)};
    memcpy(l.to, w->to, sizeof l.to);
    yw_shift_of(q->reg, q->now, &now);
    return commit(q, &l, w, unit, &now);
}

static unsigned answer(struct yw_request *q, const struct wish *w, uint8_t kind) {
    char unit[16];
    struct yw_shift s;
    if (!unit_of(q, w->unit, unit)) return 404;
    const struct yw_shift_line *p = yw_shifts_pending(q->web->shifts, unit);
    if (p == NULL || (w->of != 0 && w->of != p->id))
        return yw_problem(q, 409, "pending", "没有等待确认的交接班", "no hand-over waits for confirmation");
    const char *who = kind == YW_SHIFT_CANCEL ? p->by : p->to;
    if (strcmp(who, q->session.user.name) != 0)
        return yw_problem(q, 403, "person",
                          kind == YW_SHIFT_CANCEL ? "只有交班人可以撤回" : "只有接班人可以确认或拒绝",
                          kind == YW_SHIFT_CANCEL ? "only who offered may take it back"
                                                  : "only who is to take over may accept or refuse");
    if (kind == YW_SHIFT_REFUSE && w->text[0] == '\0')
        return yw_problem(q, 422, "text", "请填写拒绝的原因", "text: say why");
    struct yw_shift_line l = {.kind = kind, .of = p->id};
    memcpy(l.to, p->by, sizeof l.to);
    yw_shift_of(q->reg, q->now + (kind == YW_SHIFT_ACCEPT ? TAKES_OVER : 0), &s);
    return commit(q, &l, w, unit, &s);
}

static unsigned hand_over(struct yw_request *q, const struct wish *w) {
    if (strcmp(w->action, "offer") == 0) return offer(q, w);
    if (strcmp(w->action, "accept") == 0) return answer(q, w, YW_SHIFT_ACCEPT);
    if (strcmp(w->action, "refuse") == 0) return answer(q, w, YW_SHIFT_REFUSE);
    if (strcmp(w->action, "cancel") == 0) return answer(q, w, YW_SHIFT_CANCEL);
    return yw_problem(q, 422, "action", "action 须为 offer、accept、refuse 或 cancel",
                      "action: offer, accept, refuse or cancel");
}

static unsigned change(struct yw_request *q, unsigned (*how)(struct yw_request *q, const struct wish *w)) {
    struct wish w;
    json_t *o = yw_body_json(q);
    if (o == NULL) return 400;
    bool good = read_wish(q, o, &w);
    json_decref(o);
    if (!good) return 422;
    q->reg = yw_acts_lock_alone(q->web->acts);
    unsigned status = how(q, &w);
    yw_acts_unlock(q->web->acts);
    return status;
}

YW_HANDLER(yw_post_shift) {
    return change(q, begin);
}

YW_HANDLER(yw_post_shift_entry) {
    return change(q, enter);
}

YW_HANDLER(yw_post_handover) {
    return change(q, hand_over);
}
