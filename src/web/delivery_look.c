/* What happened to alarms, as notices in the queue. Each event has a name that never changes, and the queue
 * takes each name once: after a restart everything recent is offered again, and nothing goes out twice. */
#include "web/delivery.h"

#include "web/web_int.h"

#include <stdlib.h>
#include <string.h>

#define RECENT YW_DAY /* older events are nobody's news */
enum { AT_A_TIME = 200 };

struct looking {
    struct yw_web *web;
    const struct yw_register *reg;
    struct yw_delivery_settings settings;
    struct yw_stage_limits limits;
    struct yw_delivery d;
    int64_t now;
};

static bool is_on(const struct yw_delivery_settings *s, uint8_t channel) {
    return channel == YW_CHANNEL_MAIL ? s->mail : channel == YW_CHANNEL_SMS ? s->sms : true;
}

static void offer(struct looking *l, const struct yw_alarm *a, const char *event, const char *unit,
                  const char *what) {
    char link[320], zh[320], en[320], detail[800];
    const struct yw_outlet *o = yw_register_outlet(l->reg, a->episode.outlet);
    const struct yw_enterprise *e = o != NULL ? yw_register_enterprise(l->reg, o->enterprise) : NULL;
    snprintf(link, sizeof link, "%s/alarms/%s", l->settings.base_url, a->number);
    yw_alarm_text(l->web, a, l->now, zh, en, sizeof zh);
    snprintf(detail, sizeof detail, "%s %s\n%s", e != NULL ? e->name : "", o != NULL ? o->code : "", zh);
    static const char demo[] = "演示数据，非官方统计", training[] = "演练数据，非真实排放";
    uint8_t domain = l->web->config.domain;
    struct yw_delivery_words words = {.number = a->number,
                                      .link = link,
                                      .what = what,
                                      .detail = detail,
                                      .domain = domain == YW_DOMAIN_DEMO       ? demo
                                                : domain == YW_DOMAIN_TRAINING ? training
                                                                               : ""};
    for (size_t i = 0; i < l->settings.to_n; i++) {
        const struct yw_recipient *to = &l->settings.to[i];
        if (!is_on(&l->settings, to->channel) || a->episode.severity < to->least ||
            (to->unit[0] != '\0' && strcmp(to->unit, unit) != 0))
            continue;
        memset(&l->d, 0, sizeof l->d);
        l->d.channel = to->channel;
        l->d.made = l->d.next = l->now;
        (void)yw_copy(l->d.event, sizeof l->d.event, event, strlen(event));
        memcpy(l->d.target, to->target, sizeof l->d.target);
        yw_delivery_write(&l->d, &words);
        struct yw_error err = {0};
        if (yw_delivery_add(l->web->office, &l->d, &err) != YW_OK)
            yw_log(YW_LOG_ERROR, "delivery: %s", err.text);
    }
}

static void offer_step(struct looking *l, const struct yw_alarm *a, uint32_t i) {
    const struct yw_kept_step *s = &a->steps[i];
    char event[64];
    const char *what = NULL, *unit = a->state.unit;
    if (s->at < l->now - RECENT || s->at < l->settings.since) return;
    switch (s->kind) {
    case YW_STEP_RAISE:
        what = a->past ? NULL : "新报警";
        unit = s->unit;
        break;
    case YW_STEP_ASSIGN:
        what = "交办";
        unit = s->to_unit;
        break;
    case YW_STEP_URGE:
        what = "催办";
        break;
    case YW_STEP_RETURN:
        what = "退回";
        break;
    case YW_STEP_FEEDBACK:
        what = "已反馈";
        unit = a->state.home;
        break;
    default:
        break;
    }
    if (what == NULL) return;
    snprintf(event, sizeof event, "%s step %u", a->number, (unsigned)i);
    offer(l, a, event, unit, what);
}

static void offer_overdue(struct looking *l, const struct yw_alarm *a) {
    char event[64];
    int64_t due = yw_alarm_due(&a->state, &l->limits);
    if (!yw_alarm_overdue(&a->state, &l->limits, l->now) || due < l->now - RECENT || due < l->settings.since)
        return;
    snprintf(event, sizeof event, "%s due %lld", a->number, (long long)a->state.since);
    offer(l, a, event, a->state.unit, "已逾期");
}

/* Only where somebody is to be told at all the book is gone through. */
void yw_delivery_look(struct yw_web *w, bool overdue, int64_t now) {
    struct looking *l = calloc(1, sizeof *l);
    if (l == NULL || w->deliveries == NULL) {
        free(l);
        return;
    }
    l->web = w;
    l->now = now;
    yw_delivery_settings_now(w, &l->settings);
    l->reg = yw_acts_lock(w->acts);
    yw_alarm_limits_of(l->reg, &l->limits);
    size_t n = yw_alarms_count(w->alarms), news = 0;
    for (size_t i = n; i > 0 && l->settings.to_n > 0; i--) {
        struct yw_alarm *a = yw_alarms_at(w->alarms, i - 1);
        for (; a->offered < a->step_n && news < AT_A_TIME; a->offered++, news++) offer_step(l, a, a->offered);
        if (overdue && a->state.stage != YW_STAGE_CLOSED) offer_overdue(l, a);
    }
    yw_acts_unlock(w->acts);
    if (news > 0) yw_delivery_wake(w);
    free(l);
}
