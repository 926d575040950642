/* GET /api/alerts: what wants attention about devices, from all parts; and the web's own part of it. */
#include "web/alerts.h"

#include "web/clock.h"
#include "web/keys.h"
#include "web/commands.h"
#include "web/device_detail.h"
#include "web/gaps_policy.h"
#include "web/policies.h"
#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

enum { LINKS_MOST = 40000, LINKS_OF_DEVICE = 32, COMMANDS_MOST = 2000 };
#define TWINS_SPAN    YW_HOUR
#define COMMANDS_SPAN YW_DAY

/* Who contributes. */
static const yw_put_alerts parts[] = {yw_put_alerts_devices, yw_put_alerts_keys, yw_put_alerts_gaps,
                                      yw_put_alerts_targets};

bool yw_put_alert(struct yw_buf *b, const struct yw_register *r, const struct yw_user *u,
                  const struct yw_alert *a) {
    static const char *const severities[] = {"note", "warning", "alarm"};
    const struct yw_outlet *o = a->outlet != 0 ? yw_register_outlet(r, a->outlet) : NULL;
    bool seen = o != NULL ? yw_sees_outlet(r, u, o) : u->role == YW_ROLE_OPERATOR && u->area[0] == '\0';
    if (!seen) return false;
    yj_open(b, '{');
    yj_put_text(b, "code", a->code);
    yj_put_text(b, "severity", severities[a->severity]);
    yj_key(b, "outlet");
    a->outlet != 0 ? yj_i64(b, a->outlet) : yj_null(b);
    yj_key(b, "device");
    a->device != 0 ? yj_i64(b, a->device) : yj_null(b);
    yj_put_time(b, "since", a->since);
    yj_put_text(b, "text_zh", a->text_zh);
    yj_put_text(b, "text_en", a->text_en);
    yj_key(b, "params");
    yw_buf_puts(b, a->params != NULL ? a->params : "{}");
    yj_close(b, '}');
    return true;
}

YW_HANDLER(yw_get_alerts) {
    yj_open(&q->out, '{');
    yj_key(&q->out, "alerts");
    yj_open(&q->out, '[');
    for (size_t i = 0; i < YW_COUNT(parts); i++) parts[i](&q->out, q->web, q->reg, &q->session.user, q->now);
    yj_close(&q->out, ']');
    yj_close(&q->out, '}');
    return 200;
}

/* ---- the web's own ---- */

struct asking {
    struct yw_buf *b;
    struct yw_web *web;
    const struct yw_register *reg;
    const struct yw_user *user;
    struct yw_store *store;
    int64_t now;
    size_t beyond, known; /* clocks */
};

/* Two links that claim one MN at a time. */

static int by_device(const void *a, const void *b) {
    const struct yw_device_link *x = a, *y = b;
    if (x->device != y->device) return x->device < y->device ? -1 : 1;
    return x->last > y->last ? -1 : x->last < y->last;
}

static void put_twin(const struct asking *q, const struct yw_device_link *x, const struct yw_device_link *y,
                     int64_t from, int64_t to) {
    const struct yw_device *d = yw_register_device(q->reg, x->device);
    char zh[240], en[240];
    struct yw_buf params;
    if (d == NULL) return;
    yw_buf_init(&params, 1024);
    yj_open(&params, '{');
    yj_put_text(&params, "mn", d->mn);
    yj_put_text(&params, "peer_a", x->peer);
    yj_put_text(&params, "peer_b", y->peer);
    yj_put_time(&params, "to", to);
    yj_close(&params, '}');
    snprintf(zh, sizeof zh, "MN %s 同时出现在两条连接上（%s 与 %s），可能有人冒用", d->mn, x->peer, y->peer);
    snprintf(en, sizeof en, "MN %s is claimed by two links at a time (%s and %s): one of them may be forged",
             d->mn, x->peer, y->peer);
    yw_put_alert(q->b, q->reg, q->user,
                 &(struct yw_alert){.code = "twins",
                                    .severity = YW_ALARM,
                                    .outlet = d->outlet,
                                    .device = d->id,
                                    .since = from,
                                    .text_zh = zh,
                                    .text_en = en,
                                    .params = params.data});
    yw_buf_free(&params);
}

/* One alert for a device: the newest overlap. */
static void twins_of(const struct asking *q, const struct yw_device_link *l, size_t n) {
    for (size_t i = 0; i < n && i < LINKS_OF_DEVICE; i++) {
        for (size_t k = i + 1; k < n && k < LINKS_OF_DEVICE; k++) {
            int64_t from, to;
            if (!yw_links_overlap(&l[i], &l[k], &from, &to) || to < q->now - TWINS_SPAN) continue;
            put_twin(q, &l[i], &l[k], from, to);
            return;
        }
    }
}

static void put_twins(const struct asking *q) {
    struct yw_links links = {.at = calloc(LINKS_MOST, sizeof *links.at), .max = LINKS_MOST};
    if (links.at == NULL) return;
    (void)yw_store_sqlite.links(q->store, 0, q->now - TWINS_SPAN, yw_links_take, &links, NULL);
    qsort(links.at, links.n, sizeof *links.at, by_device);
    for (size_t i = 0, end; i < links.n; i = end) {
        for (end = i + 1; end < links.n && links.at[end].device == links.at[i].device;) end++;
        twins_of(q, links.at + i, end - i);
    }
    free(links.at);
}

/* Clocks beyond their limit. */

static bool put_clock(void *arg, const struct yw_device_day *day) {
    struct asking *q = arg;
    const struct yw_device *d = yw_register_device(q->reg, day->device);
    struct yw_clock_rule rule;
    char zh[200], en[200], params[160];
    if (d == NULL || d->state != YW_DEVICE_ADMITTED) return true;
    yw_clock_rule_of(q->reg, d, &rule);
    struct yw_skew s = yw_clock_skew(day, 0);
    q->known += s.known;
    if (!yw_clock_beyond(&s, &rule)) return true;
    q->beyond++;
    if (s.odd) {
        snprintf(zh, sizeof zh, "设备 %s 的时钟偏差超过一天", d->mn);
        snprintf(en, sizeof en, "the clock of device %s is off by more than a day", d->mn);
    } else {
        snprintf(zh, sizeof zh, "设备 %s 的时钟%s %lld 秒，超过限度 %lld 秒", d->mn, s.ms > 0 ? "快" : "慢",
                 (long long)((s.ms < 0 ? -s.ms : s.ms) / 1000), (long long)rule.limit_s);
        snprintf(en, sizeof en, "the clock of device %s is %lld s %s, limit %lld s", d->mn,
                 (long long)((s.ms < 0 ? -s.ms : s.ms) / 1000), s.ms > 0 ? "fast" : "slow",
                 (long long)rule.limit_s);
    }
    snprintf(params, sizeof params, "{\"mn\":\"%s\",\"skew_ms\":%lld,\"limit_s\":%lld,\"odd\":%s}", d->mn,
             (long long)s.ms, (long long)rule.limit_s, s.odd ? "true" : "false");
    yw_put_alert(q->b, q->reg, q->user,
                 &(struct yw_alert){.code = "clock",
                                    .severity = YW_WARNING,
                                    .outlet = d->outlet,
                                    .device = d->id,
                                    .since = yw_china_day_start(day->day),
                                    .text_zh = zh,
                                    .text_en = en,
                                    .params = params});
    return true;
}

/* For operators of the whole, since no outlet has to do with it. */
static void put_own_clock(const struct asking *q) {
    char zh[200], en[200];
    if (!yw_clock_is_ours(q->beyond, q->known)) return;
    snprintf(zh, sizeof zh, "%zu 台设备中有 %zu 台时钟超限：请检查平台自身的时钟，在此期间不自动校时",
             q->known, q->beyond);
    snprintf(en, sizeof en,
             "the clocks of %zu of %zu devices are beyond their limits: look at the platform's own clock; "
             "none is set "
             "meanwhile",
             q->beyond, q->known);
    yw_put_alert(
        q->b, q->reg, q->user,
        &(struct yw_alert){.code = "platform_clock", .severity = YW_ALARM, .text_zh = zh, .text_en = en});
}

/* A device of which it is not known whether it took its new password over. */
static void put_passwords(const struct asking *q) {
    size_t n;
    const struct yw_device *d = yw_register_devices(q->reg, &n);
    struct yw_asked *a = malloc(sizeof *a);
    for (size_t i = 0; a != NULL && i < n; i++) {
        if (d[i].pw_next[0] == '\0') continue;
        bool asked = yw_commands_newest(q->web, q->store, d[i].id, YW_CN_SET_PASSWORD, a);
        enum yw_asked_state state = asked ? yw_asked_state(a, q->now) : YW_ASKED_UNKNOWN;
        if (state != YW_ASKED_UNKNOWN && state != YW_ASKED_ENDED) continue;
        char zh[200], en[200];
        snprintf(zh, sizeof zh, "设备 %s 是否已改用新密码尚不清楚，新旧密码暂都接受", d[i].mn);
        snprintf(en, sizeof en,
                 "it is not known whether device %s took its new password over: both are accepted", d[i].mn);
        yw_put_alert(q->b, q->reg, q->user,
                     &(struct yw_alert){.code = "password",
                                        .severity = YW_WARNING,
                                        .outlet = d[i].outlet,
                                        .device = d[i].id,
                                        .since = asked ? a->at : 0,
                                        .text_zh = zh,
                                        .text_en = en});
    }
    free(a);
}

/* Commands of people that were sent and of which nobody knows the end. */
static bool put_unknown(void *arg, const struct yw_asked *a) {
    const struct asking *q = arg;
    const struct yw_device *d = yw_register_device(q->reg, a->device);
    if (a->origin != YW_ORIGIN_PERSON || d == NULL || yw_asked_state(a, q->now) != YW_ASKED_UNKNOWN)
        return true;
    const struct yw_command_spec *s = yw_command_by_key(a->key);
    char zh[240], en[240], params[64];
    snprintf(zh, sizeof zh, "命令“%s”已发往设备 %s，但接入进程中断，是否执行不得而知；不会自动重发",
             s != NULL ? s->zh : a->key, d->mn);
    snprintf(
        en, sizeof en,
        "the command %s went to device %s and the gateway died: nobody knows whether it was carried out; it "
        "is not repeated",
        a->key, d->mn);
    snprintf(params, sizeof params, "{\"command\":%lld}", (long long)a->id);
    yw_put_alert(q->b, q->reg, q->user,
                 &(struct yw_alert){.code = "command_unknown",
                                    .severity = YW_WARNING,
                                    .outlet = a->outlet != 0 ? a->outlet : d->outlet,
                                    .device = d->id,
                                    .since = a->sent.arrival,
                                    .text_zh = zh,
                                    .text_en = en,
                                    .params = params});
    return true;
}

void yw_put_alerts_devices(struct yw_buf *b, struct yw_web *w, const struct yw_register *r,
                           const struct yw_user *u, int64_t now) {
    struct asking q = {.b = b, .web = w, .reg = r, .user = u, .now = now};
    q.store = yw_web_store_take(w, NULL);
    if (q.store == NULL) return;
    put_twins(&q);
    (void)yw_store_sqlite.clocks(q.store, 0, yw_china_day(now), put_clock, &q, NULL);
    put_own_clock(&q);
    put_passwords(&q);
    (void)yw_store_sqlite.commands(q.store, &(struct yw_asked_filter){.since = now - COMMANDS_SPAN},
                                   COMMANDS_MOST, put_unknown, &q, NULL);
    yw_web_store_give(w, q.store, true);
}
