/* Asking for missing records: a few outlets a second, newest gap first, one question of a device at a time,
 * patient with those that do not answer. */
#include "web/gaps_policy.h"

#include "web/alerts.h"
#include "web/commands.h"
#include "web/gaps_look.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum {
    CHUNK = 256,
    CHUNKS = 1 << 14,
    LOOKS_MOST = 10,    /* outlets looked at in one call */
    STEPS_MOST = 20000, /* outlets passed over in one call */
    LISTED_MOST = 300,  /* commands of one device that are read */
    VALID_S = 120,      /* the device is on line: the question goes out now or not at all */
    ALERTS_MOST = 200
};
#define TIME_MOST  (50 * YW_SECOND / 1000) /* of one call */
#define AGAIN      (30 * YW_SECOND)
#define AGAIN_NEW  (5 * YW_SECOND) /* nothing has come yet: there is little to read */
#define AGAIN_SOON (2 * YW_SECOND)
#define AGAIN_OLD  (10 * YW_MINUTE)
/* A device that is on line is heard this often, heartbeats counted; three times its interval where that is
 * known. */
#define ONLINE_SPAN  (15 * YW_MINUTE)
#define ONLINE_LEAST (5 * YW_MINUTE)

static const enum yw_kind kinds[] = {YW_KIND_MINUTE, YW_KIND_HOUR, YW_KIND_DAY, YW_KIND_RUNTIME};
enum { KINDS = YW_COUNT(kinds) };
static const int64_t span_most[KINDS] = {6 * YW_HOUR, 7 * YW_DAY, 31 * YW_DAY, 31 * YW_DAY};

struct note { /* of one outlet */
    int64_t again, looked;
    int64_t old_to, old_again; /* the older window that comes next */
    uint32_t count[KINDS][YW_GAP_STATES];
    int64_t lost_from, lost_to; /* the newest run given up */
};
struct yw_gap_book {
    pthread_mutex_t lock;       /* of notes: pages read them */
    struct note *chunk[CHUNKS]; /* by outlet id */
    uint32_t cursor;            /* outlet id behind which the next call goes on */
    int64_t minute;             /* the minute `asked` counts questions of */
    int64_t asked;
};

struct yw_gap_book *yw_gap_book_create(void) {
    struct yw_gap_book *b = calloc(1, sizeof *b);
    if (b != NULL) pthread_mutex_init(&b->lock, NULL);
    return b;
}

void yw_gap_book_destroy(struct yw_gap_book *b) {
    if (b == NULL) return;
    for (size_t i = 0; i < CHUNKS; i++) free(b->chunk[i]);
    pthread_mutex_destroy(&b->lock);
    free(b);
}

static struct note *note_of(struct yw_gap_book *b, uint32_t outlet, bool make) {
    size_t c = outlet / CHUNK;
    if (c >= CHUNKS) return NULL;
    if (b->chunk[c] == NULL && make) b->chunk[c] = calloc(CHUNK, sizeof **b->chunk);
    return b->chunk[c] != NULL ? &b->chunk[c][outlet % CHUNK] : NULL;
}

struct rule {
    int64_t days, old_days, per_hour, per_minute, records;
};

static int64_t within(int64_t v, int64_t least, int64_t most) {
    return v < least ? least : v > most ? most : v;
}

static struct rule rule_of(const struct yw_register *r) {
    return (struct rule){.days = within(yw_register_policy(r, "gap_days", 7), 1, 60),
                         .old_days = within(yw_register_policy(r, "gap_old_days", 60), 0, 400),
                         .per_hour = within(yw_register_policy(r, "gap_per_hour", 30), 0, 3600),
                         .per_minute = within(yw_register_policy(r, "gap_per_minute", 240), 0, 6000),
                         .records = within(yw_register_policy(r, "gap_records", 360), 1, 10000)};
}

/* ---- one outlet ---- */

struct look {
    struct yw_web *web;
    struct yw_store *store;
    int64_t now;
    struct rule rule;
    struct yw_gap_outlet outlet;
    struct note note;
    /* the question that comes next */
    struct yw_gap_run gap;
    enum yw_kind kind;
    uint32_t records;
    bool found, owes;
};

static void note_lost(struct look *l, const struct yw_gaps *g) {
    size_t end = g->n;
    while (end > 0 && g->slots[end - 1].state != YW_GAP_LOST) end--;
    if (end == 0) return;
    size_t begin = end - 1;
    while (begin > 0 && g->slots[begin - 1].state == YW_GAP_LOST) begin--;
    int64_t to = g->first + (int64_t)end * g->step;
    if (to <= l->note.lost_to) return;
    l->note.lost_from = g->first + (int64_t)begin * g->step;
    l->note.lost_to = to;
}

/* All kinds over [from, to): the newest gap becomes the question. `newest`: what is found is noted for pages.
 */
static enum yw_code look_at(struct look *l, int64_t from, int64_t to, bool newest, struct yw_error *err) {
    enum yw_code code = YW_OK;
    if (newest) l->note.lost_from = l->note.lost_to = 0;
    for (size_t k = 0; k < KINDS && code == YW_OK; k++) {
        struct yw_gap_look view;
        code = yw_gap_look(l->web, l->store, &l->outlet, kinds[k], from, to, l->now, &view, err);
        const struct yw_gaps *g = &view.gaps;
        if (newest) memset(l->note.count[k], 0, sizeof l->note.count[k]);
        if (code == YW_OK && g->step != 0) {
            l->owes = l->owes || g->since != INT64_MAX;
            int64_t most = within(span_most[k] / g->step, 1, l->rule.records);
            struct yw_gap_run gap;
            if (newest) {
                yw_gaps_count(g, g->first, g->first + (int64_t)g->n * g->step, l->note.count[k]);
                note_lost(l, g);
            }
            if (yw_gaps_next(g, (uint32_t)most, &gap) && (!l->found || gap.to > l->gap.to)) {
                l->found = true;
                l->gap = gap;
                l->kind = kinds[k];
                l->records = (uint32_t)((gap.to - gap.from) / g->step);
            }
        }
        yw_gap_look_free(&view);
    }
    return code;
}

/* What the device's commands say: is one under way, how many in the last hour, how patient to be. */
struct dealings {
    int64_t now;
    int64_t pause_until; /* after a question that did not reach it, or whose worker died: nobody's fault */
    int64_t failed_at;   /* end of the newest of the failures in a row */
    uint32_t open, hour, failures;
    bool own;  /* the one under way is the policy's */
    bool over; /* an answered question ends the row of failures */
};

/* Newest first. */
static bool count_command(void *arg, const struct yw_asked *a) {
    struct dealings *d = arg;
    enum yw_gap_answer answer = yw_gap_answer_of(a, d->now);
    if (answer == YW_GAP_OPEN) d->open++;
    if (strcmp(a->by, YW_GAPS_BY) != 0) return true;
    if (answer == YW_GAP_OPEN) d->own = true;
    if (a->at > d->now - YW_HOUR) d->hour++;
    if (d->over || answer == YW_GAP_OPEN) return true;
    if (answer == YW_GAP_ANSWERED) {
        d->over = true;
    } else if (answer == YW_GAP_UNANSWERED && a->ended.arrival != 0) {
        if (d->failures++ == 0) d->failed_at = a->ended.arrival;
    } else {
        int64_t last = a->sent.arrival != 0 ? a->sent.arrival : a->valid_until;
        if (last + YW_MINUTE > d->pause_until) d->pause_until = last + YW_MINUTE;
    }
    return true;
}

static enum yw_code dealings_of(struct look *l, uint32_t device, struct dealings *d, struct yw_error *err) {
    *d = (struct dealings){.now = l->now};
    struct yw_asked *fresh = malloc(YW_COMMANDS_OPEN_DEVICE * sizeof *fresh);
    if (fresh == NULL) return yw_fail(err, YW_E_NOMEM, "gaps: out of memory");
    size_t n = yw_commands_fresh(l->web->commands, device, 0, fresh, YW_COMMANDS_OPEN_DEVICE);
    for (size_t i = 0; i < n; i++) (void)count_command(d, &fresh[i]);
    free(fresh);
    struct yw_asked_filter f = {.device = device, .since = l->now - 7 * YW_DAY};
    return yw_store_sqlite.commands(l->store, &f, LISTED_MOST, count_command, d, err);
}

static bool take_last(void *arg, const struct yw_device_link *link) {
    int64_t *last = arg;
    if (link->last > *last) *last = link->last;
    return true;
}

/* The device of the outlet that was heard last and may be asked; 0: none is on line. */
static enum yw_code device_on_line(struct look *l, uint32_t *device, struct yw_error *err) {
    int64_t newest = 0;
    *device = 0;
    for (size_t i = 0; i < l->outlet.device_n; i++) {
        if (!l->outlet.devices[i].ask) continue;
        int64_t last = 0, span = 3 * l->outlet.devices[i].rtd_interval_s * YW_SECOND;
        if (span == 0) span = ONLINE_SPAN;
        if (span < ONLINE_LEAST) span = ONLINE_LEAST;
        uint32_t id = l->outlet.devices[i].id;
        enum yw_code code = yw_store_sqlite.links(l->store, id, l->now - span, take_last, &last, err);
        if (code != YW_OK) return code;
        if (last >= l->now - span && last > newest) {
            newest = last;
            *device = id;
        }
    }
    return YW_OK;
}

static void time14(int64_t time, char out[15]) {
    struct yw_civil c;
    char text[80];
    yw_time_to_civil(time, YW_CHINA, &c);
    snprintf(text, sizeof text, "%04d%02d%02d%02d%02d%02d", c.year, c.month, c.day, c.hour, c.minute,
             c.second);
    (void)yw_copy(out, 15, text, strlen(text));
}

static void put_reason(const struct look *l, char *out, size_t size) {
    static const char *const zh[] = {"分钟数据", "小时数据", "日数据", "日运行时间"};
    static const char *const en[] = {"minute", "hour", "day", "run-time"};
    char from[40], to[40];
    size_t k = 0;
    while (kinds[k] != l->kind) k++;
    yw_time_text(l->gap.from, from);
    yw_time_text(l->gap.to, to);
    from[16] = to[16] = '\0'; /* to the minute */
    from[10] = to[10] = ' ';
    snprintf(out, size, "补取 %s 至 %s 缺失的 %u 条%s / %u %s records of %s to %s are missing", from, to,
             l->records, zh[k], l->records, en[k], from, to);
}

static enum yw_code ask(struct look *l, uint32_t device, struct yw_error *err) {
    char begin[15], end[15], reason[YW_COMMAND_REASON_MOST + 1];
    time14(l->gap.from, begin);
    time14(l->gap.to - YW_SECOND, end);
    put_reason(l, reason, sizeof reason);
    const struct yw_argument args[] = {{"BeginTime", begin}, {"EndTime", end}};
    struct yw_command_request r = {.device = device,
                                   .cn = yw_gap_cn(l->kind),
                                   .args = args,
                                   .arg_n = YW_COUNT(args),
                                   .origin = YW_ORIGIN_POLICY,
                                   .by = YW_GAPS_BY,
                                   .reason = reason,
                                   .valid_s = VALID_S};
    int64_t id;
    return yw_command_ask(l->web, &r, &id, err);
}

/* Asks if it may; gives the time of the next look. */
static enum yw_code ask_if_possible(struct look *l, int64_t *again, struct yw_error *err) {
    struct yw_gap_book *b = l->web->gaps;
    uint32_t device;
    struct dealings d;
    *again = l->now + AGAIN;
    enum yw_code code = device_on_line(l, &device, err);
    if (code != YW_OK) return code;
    if (device == 0) {
        /* Just come on line: links are heard of a little later than data. */
        struct yw_outlet_state s;
        yw_states_get(l->web->states, l->outlet.outlet, &s);
        if (s.last_arrival == 0 || s.last_arrival > l->now - YW_MINUTE) *again = l->now + AGAIN_NEW;
        return YW_OK;
    }
    code = dealings_of(l, device, &d, err);
    if (code != YW_OK) return code;
    if (d.open > 0) {
        if (d.own) *again = l->now + AGAIN_SOON;
        return YW_OK;
    }
    int64_t wait = yw_gaps_patience(d.failures, d.failed_at);
    if (d.pause_until > wait) wait = d.pause_until;
    if (wait > l->now) {
        *again = wait < l->now + AGAIN_OLD ? wait : l->now + AGAIN_OLD;
        return YW_OK;
    }
    if (d.hour >= l->rule.per_hour || b->asked >= l->rule.per_minute) return YW_OK;
    code = ask(l, device, err);
    if (code == YW_OK) {
        b->asked++;
        *again = l->now + AGAIN_SOON;
    } else {
        *again = l->now + AGAIN_OLD;
    }
    return code;
}

static enum yw_code look_further_back(struct look *l, struct yw_error *err) {
    int64_t window = l->rule.days * YW_DAY, oldest = l->now - l->rule.old_days * YW_DAY;
    int64_t newest = l->now - window;
    if (l->note.old_to > newest || l->note.old_to <= oldest) l->note.old_to = newest;
    if (l->note.old_again > l->now || l->note.old_to <= oldest) return YW_OK;
    int64_t from = l->note.old_to - window > oldest ? l->note.old_to - window : oldest;
    enum yw_code code = look_at(l, from, l->note.old_to, false, err);
    l->note.old_again = l->now + AGAIN_OLD;
    if (!l->found) l->note.old_to = from;
    return code;
}

static void serve_outlet(struct look *l) {
    struct yw_error err = {0};
    enum yw_code code = look_at(l, l->now - l->rule.days * YW_DAY, l->now, true, &err);
    int64_t again = l->now + (l->owes ? AGAIN : AGAIN_NEW);
    l->note.looked = l->now;
    bool may = false;
    for (size_t i = 0; i < l->outlet.device_n; i++) may = may || l->outlet.devices[i].ask;
    if (code == YW_OK && may && !l->found) code = look_further_back(l, &err);
    if (code == YW_OK && may && l->found) code = ask_if_possible(l, &again, &err);
    l->note.again = again;
    if (code == YW_OK) return;
    yw_log(YW_LOG_WARN, "gaps of outlet %u: %s", l->outlet.outlet, err.text);
    if (again < l->now + AGAIN_OLD) l->note.again = l->now + AGAIN_OLD;
}

/* ---- rounds ---- */

/* The next outlet behind the cursor that is due and has an admitted device; false: the round is over. */
static bool next_outlet(struct look *l, uint32_t *steps) {
    struct yw_gap_book *b = l->web->gaps;
    const struct yw_register *r = yw_acts_lock(l->web->acts);
    size_t n, low = 0, high;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    for (high = n; low < high;) {
        size_t middle = (low + high) / 2;
        if (o[middle].id > b->cursor) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    bool found = false;
    for (; low < n && !found && *steps < STEPS_MOST; low++, (*steps)++) {
        b->cursor = o[low].id;
        const struct note *note = note_of(b, o[low].id, false);
        if (note != NULL && note->again > l->now) continue;
        yw_gap_outlet_of(r, o[low].id, &l->outlet);
        found = l->outlet.device_n > 0;
    }
    if (!found && low == n) b->cursor = 0;
    l->rule = rule_of(r);
    yw_acts_unlock(l->web->acts);
    return found;
}

void yw_gaps_policy(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct yw_gap_book *b = w->gaps;
    int64_t begun = yw_monotonic();
    uint32_t steps = 0;
    if (b->minute != now / YW_MINUTE) {
        b->minute = now / YW_MINUTE;
        b->asked = 0;
    }
    struct look l = {.web = w, .store = store, .now = now};
    for (int looks = 0; looks < LOOKS_MOST && yw_monotonic() - begun < TIME_MOST; looks++) {
        if (!next_outlet(&l, &steps)) break;
        pthread_mutex_lock(&b->lock);
        struct note *note = note_of(b, l.outlet.outlet, true);
        pthread_mutex_unlock(&b->lock);
        if (note == NULL) continue;
        /* Written by this thread alone. */
        l.note = *note;
        l.found = l.owes = false;
        serve_outlet(&l);
        pthread_mutex_lock(&b->lock);
        *note = l.note;
        pthread_mutex_unlock(&b->lock);
    }
}

/* ---- for pages ---- */

static bool read_note(struct yw_gap_book *b, uint32_t outlet, struct note *out) {
    pthread_mutex_lock(&b->lock);
    const struct note *note = note_of(b, outlet, false);
    bool found = note != NULL && note->looked != 0;
    if (found) *out = *note;
    pthread_mutex_unlock(&b->lock);
    return found;
}

void yw_put_alerts_gaps(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                        const struct yw_user *u, int64_t now) {
    size_t n;
    int given = 0;
    const struct yw_outlet *o = yw_register_outlets(r, &n);
    YW_UNUSED(now);
    for (size_t i = 0; i < n && given < ALERTS_MOST; i++) {
        struct note note;
        if (!read_note(w->gaps, o[i].id, &note) || note.lost_to == 0) continue;
        uint32_t lost = 0;
        for (size_t k = 0; k < KINDS; k++) lost += note.count[k][YW_GAP_LOST];
        char zh[160], en[160], params[160];
        snprintf(zh, sizeof zh, "%u 条数据多次补取未得，已放弃", lost);
        snprintf(en, sizeof en, "%u records were asked for again and again in vain: given up", lost);
        snprintf(params, sizeof params, "{\"records\":%u,\"from\":%lld,\"to\":%lld}", lost,
                 (long long)(note.lost_from / 1000), (long long)(note.lost_to / 1000));
        const struct yw_alert alert = {.code = "gaps_lost",
                                       .severity = YW_WARNING,
                                       .outlet = o[i].id,
                                       .since = note.lost_from,
                                       .text_zh = zh,
                                       .text_en = en,
                                       .params = params};
        given += yw_put_alert(b, r, u, &alert);
    }
}

void yw_put_gaps_summary(struct yw_buf *b, struct yw_web *w, uint32_t outlet) {
    struct note note;
    if (!read_note(w->gaps, outlet, &note)) {
        yj_null(b);
        return;
    }
    yj_open(b, '{');
    for (size_t k = 0; k < KINDS; k++) {
        yj_key(b, yw_kind_name(kinds[k]));
        yj_open(b, '{');
        for (uint8_t s = YW_GAP_RECEIVED; s < YW_GAP_STATES; s++)
            yj_put_i64(b, yw_gap_state_name(s), note.count[k][s]);
        yj_close(b, '}');
    }
    yj_put_time(b, "looked", note.looked);
    yj_close(b, '}');
}
