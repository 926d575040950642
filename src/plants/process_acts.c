/* process_acts: what hosts and people do at a station, as acts at their times. */
#include <math.h>
#include <string.h>

#include "plants/process.h"

struct acting {
    struct yw_station_act *out;
    size_t n;
    int64_t after, until;
    bool first;
};

static bool lasts_on(const struct yw_station_act *a) {
    return a->kind == YW_ACT_SET_PARAMETER || a->kind == YW_ACT_POWER_OFF || a->kind == YW_ACT_POWER_ON;
}

static void take(struct acting *x, const struct yw_station_act *a) {
    bool now = a->time > x->after && a->time <= x->until;
    if (!now && !(x->first && a->time <= x->after && lasts_on(a))) return;
    if (x->n == YW_ACTS_MAX) return;
    size_t at = x->n++;
    for (; at > 0 && x->out[at - 1].time > a->time; at--) x->out[at] = x->out[at - 1];
    x->out[at] = *a;
}

/* The station takes its usual time for each: a minute of gas settles nothing. */
static void take_deed(struct acting *x, const struct yw_deed *d) {
    static const uint8_t kinds[] = {
        [YW_DEED_CALIBRATE] = YW_ACT_CALIBRATE, [YW_DEED_ZERO] = YW_ACT_ZERO_ANALYSER,
        [YW_DEED_SPAN] = YW_ACT_SPAN_ANALYSER,  [YW_DEED_CHECK] = YW_ACT_CHECK,
        [YW_DEED_CLEAN] = YW_ACT_BLOWBACK,      [YW_DEED_SAMPLE] = YW_ACT_SAMPLE,
    };
    struct yw_station_act act = {.time = d->from, .channel = d->factor, .value = NAN};
    if (d->kind <= YW_DEED_SAMPLE) {
        act.kind = kinds[d->kind];
        take(x, &act);
    } else if (d->kind == YW_DEED_ADJUST) {
        act.kind = YW_ACT_SET_PARAMETER;
        act.parameter = YW_PARAMETER_SLOPE, act.value = d->a;
        take(x, &act);
        act.parameter = YW_PARAMETER_INTERCEPT, act.value = d->b;
        take(x, &act);
    }
}

size_t yw_acts_of(const struct yw_scenario *s, int64_t after, int64_t until, bool first,
                  struct yw_station_act out[YW_ACTS_MAX]) {
    struct acting x = {out, 0, after, until, first};
    const struct yw_deeds *d = s->deeds;
    for (uint32_t i = 0; d && i < d->count; i++)
        take_deed(&x, &d->items[(d->next + YW_DEEDS_MAX - d->count + i) % YW_DEEDS_MAX]);
    for (uint32_t i = 0; s->hand && i < s->hand->act_n; i++) take(&x, &s->hand->acts[i]);
    return x.n;
}
