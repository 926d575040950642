/* Sets clocks: of devices that ask for it (1013), and of those that are off beyond the limit where the policy
 * is to set them. */
#include "web/clock.h"
#include "web/commands.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

/* SET_MOST: clocks set in one look. If all devices were off, it would more likely be the platform's own
 * clock. */
enum { WISHES_MOST = 1000, LOOK_EVERY_S = 10, KEPT = 20000, SET_MOST = 50 };

struct wishes {
    struct wish {
        uint32_t device;
        int64_t at;
    } at[WISHES_MOST];
    size_t n;
};

static bool take_notice(void *arg, const struct yw_notice *n) {
    struct wishes *w = arg;
    if (n->cn == YW_CN_ASK_CLOCK && n->device != 0)
        w->at[w->n++] = (struct wish){.device = n->device, .at = n->last.arrival};
    return w->n < WISHES_MOST;
}

/* When set-clock was last given, and when that had ended. */
static int64_t last_set(struct yw_web *w, struct yw_store *store, uint32_t device, int64_t *ended) {
    struct yw_asked *a = malloc(sizeof *a);
    int64_t at = 0;
    *ended = 0;
    if (a != NULL && yw_commands_newest(w, store, device, YW_CN_SET_CLOCK, a)) {
        at = a->at;
        *ended = a->ended.arrival;
    }
    free(a);
    return at;
}

static void set_clock(struct yw_web *w, uint32_t device, const char *reason) {
    static const struct yw_argument now = {"SystemTime", "@now"};
    struct yw_error err = {0};
    struct yw_command_request r = {.device = device,
                                   .key = "set-clock",
                                   .args = &now,
                                   .arg_n = 1,
                                   .origin = YW_ORIGIN_POLICY,
                                   .by = "policy:clock",
                                   .reason = reason};
    int64_t id;
    if (yw_command_ask(w, &r, &id, &err) != YW_OK)
        yw_log(YW_LOG_INFO, "clock of device %u: %s", (unsigned)device, err.text);
}

static void answer_wishes(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct wishes *wishes = calloc(1, sizeof *wishes);
    if (wishes == NULL) return;
    (void)yw_store_sqlite.notices(store, now - YW_HOUR, take_notice, wishes, NULL);
    for (size_t i = 0; i < wishes->n; i++) {
        int64_t ended;
        int64_t last = last_set(w, store, wishes->at[i].device, &ended);
        if (yw_clock_wanted(wishes->at[i].at, last, now))
            set_clock(w, wishes->at[i].device, "the device asked for its clock to be set (1013)");
    }
    free(wishes);
}

/* ---- beyond the limit ---- */

void yw_clock_rule_of(const struct yw_register *r, const struct yw_device *d, struct yw_clock_rule *rule) {
    int64_t policy = d->clock_policy != 0 ? d->clock_policy : yw_policy_of(r, "clock_policy");
    rule->set = policy == 2;
    rule->limit_s = d->clock_limit_s != 0 ? d->clock_limit_s : yw_policy_of(r, "clock_limit_s");
    rule->even_odd = yw_policy_of(r, "clock_odd") == 1;
}

struct beyond {
    struct off {
        struct yw_device_day day;
        struct yw_clock_rule rule;
    } at[KEPT];
    size_t n, all, known; /* all: beyond their limit, whatever the policy */
    const struct yw_register *reg;
};

static bool take_day(void *arg, const struct yw_device_day *d) {
    struct beyond *b = arg;
    struct yw_clock_rule rule;
    const struct yw_device *device = yw_register_device(b->reg, d->device);
    if (device == NULL || device->state != YW_DEVICE_ADMITTED) return true;
    yw_clock_rule_of(b->reg, device, &rule);
    struct yw_skew s = yw_clock_skew(d, 0);
    b->known += s.known;
    if (!yw_clock_beyond(&s, &rule)) return true;
    b->all++;
    if (rule.set) b->at[b->n++] = (struct off){.day = *d, .rule = rule};
    return b->n < KEPT;
}

static void set_those_beyond(struct yw_web *w, struct yw_store *store, int64_t now) {
    struct beyond *b = calloc(1, sizeof *b);
    if (b == NULL) return;
    b->reg = yw_acts_lock(w->acts);
    (void)yw_store_sqlite.clocks(store, 0, yw_china_day(now), take_day, b, NULL);
    yw_acts_unlock(w->acts);
    if (yw_clock_is_ours(b->all, b->known)) b->n = 0;
    for (size_t i = 0, given = 0; i < b->n && given < SET_MOST; i++) {
        int64_t ended;
        int64_t last = last_set(w, store, b->at[i].day.device, &ended);
        struct yw_skew s = yw_clock_skew(&b->at[i].day, ended);
        char reason[120];
        if (!yw_clock_should_set(&s, &b->at[i].rule, last, now)) continue;
        if (s.odd) {
            snprintf(reason, sizeof reason, "the clock is off by more than a day");
        } else {
            snprintf(reason, sizeof reason, "the clock is off by %+lld ms, limit %lld s", (long long)s.ms,
                     (long long)b->at[i].rule.limit_s);
        }
        set_clock(w, b->at[i].day.device, reason);
        given++;
    }
    free(b);
}

void yw_clock_policy(struct yw_web *w, struct yw_store *store, int64_t now) {
    answer_wishes(w, store, now);
    if (now / YW_SECOND % LOOK_EVERY_S == 0) set_those_beyond(w, store, now);
}
