/* log: the operation log, the bottles of the sampler, what the station shows of itself, alarms. */
#include "plant/station/inside.h"

#include <string.h>

#define DOOR_OPEN (30 * YW_MINUTE)

static bool hides(const struct step *st) {
    for (size_t k = 0; st && k < st->deed_n; k++)
        if (st->deeds[k].active->deed->what == YW_DO_NO_LOG) return true;
    return false;
}

void log_line(struct yw_station *s, const struct step *st, int64_t time, enum yw_station_did did,
              size_t channel, bool passed, double before, double after) {
    struct yw_station_line *l = &s->log[s->log_n++ % YW_STATION_LOG_MAX];
    memset(l, 0, sizeof *l);
    l->time = time;
    l->did = (uint8_t)did;
    l->channel = (uint8_t)channel;
    l->passed = passed;
    l->hidden = (did == YW_DID_PARAMETER || did == YW_DID_LOGIN || did == YW_DID_ALARM) && hides(st);
    l->before = before;
    l->after = after;
}

void log_gas(struct yw_station *s, const struct step *st, int64_t time, size_t i, enum yw_station_did did,
             uint8_t act, bool passed, double before, double after) {
    log_line(s, st, time, did, i, passed, before, after);
    s->log[(s->log_n - 1) % YW_STATION_LOG_MAX].parameter = act;
}

void log_parameter(struct yw_station *s, const struct step *st, int64_t time, unsigned parameter,
                   size_t channel, double from, double to) {
    log_line(s, st, time, YW_DID_PARAMETER, channel, true, from, to);
    s->log[(s->log_n - 1) % YW_STATION_LOG_MAX].parameter = (uint8_t)parameter;
}

/* A deed that changes parameters was somebody's work at the keyboard: it stands in the log when it begins and
 * when it ends. */
static void log_changed(struct yw_station *s, struct step *st, unsigned p, size_t i, uint32_t bit,
                        int64_t since) {
    double now = parameter_now(s, st, (enum yw_parameter)p, i);
    double set = parameter_now(s, NULL, (enum yw_parameter)p, i);
    *(p < YW_PARAMETER_PER_CHANNEL ? &s->channel[i].seen[p] : &s->seen[p]) = now;
    bool acts = fabs(now - set) > 1e-3 * fabs(set) + 1e-9, acted = s->acting[p] & bit;
    if (acts == acted) return;
    size_t channel = p < YW_PARAMETER_PER_CHANNEL ? i : UINT8_MAX;
    log_line(s, st, since, YW_DID_LOGIN, UINT8_MAX, true, 0, 0);
    log_parameter(s, st, since, p, channel, acts ? set : now, acts ? now : set);
    /* what was changed unseen is put back unseen */
    if (acts) s->concealed[p] = hides(st) ? s->concealed[p] | bit : s->concealed[p] & ~bit;
    for (uint32_t k = 1; k <= 2; k++)
        s->log[(s->log_n - k) % YW_STATION_LOG_MAX].hidden = (s->concealed[p] & bit) != 0;
    s->acting[p] ^= bit;
}

void log_deeds(struct yw_station *s, struct step *st) {
    uint32_t touched[YW_PARAMETER_COUNT];
    memcpy(touched, s->acting, sizeof touched);
    int64_t since = st->time;
    for (size_t k = 0; k < st->deed_n; k++) {
        const struct yw_active *a = st->deeds[k].active;
        if (a->deed->what == YW_DO_PARAMETER && a->deed->parameter < YW_PARAMETER_COUNT) {
            uint32_t all = a->deed->parameter < YW_PARAMETER_PER_CHANNEL ? st->deeds[k].channels : 1;
            touched[a->deed->parameter] |= all;
            if (s->first && a->since < since) since = a->since; /* it was before this life began */
        }
        int64_t leaves = a->since + DOOR_OPEN;
        if (a->deed->what == YW_DO_DOOR && st->time < leaves && leaves > s->door_until) {
            s->door_until = leaves;
            log_line(s, st, a->since, YW_DID_DOOR, UINT8_MAX, true, 0, 1);
        }
    }
    for (unsigned p = 0; p < YW_PARAMETER_COUNT; p++)
        for (size_t i = 0; touched[p] && i < s->spec->channel_n; i++)
            if (touched[p] >> i & 1) log_changed(s, st, p, i, 1u << i, since);
}

/* What the station shows of itself, and the alarms that follow. */
void conditions_step(struct yw_station *s, struct step *st) {
    struct yw_readings *out = st->out;
    double usual[YW_CONDITION_COUNT] = {
        [YW_CONDITION_LINE_TEMP] = s->spec->line_temp_c + 1.5 * s->line_wobble,
        [YW_CONDITION_COOLER_TEMP] = s->spec->cooler_temp_c + 0.2 * s->room_wobble,
        [YW_CONDITION_SAMPLE_FLOW] = 1,
        [YW_CONDITION_ROOM_TEMP] = 22 + 1.5 * s->room_wobble,
        [YW_CONDITION_DIGEST_TEMP] = s->setting[YW_PARAMETER_DIGEST_TEMP] + 0.3 * s->line_wobble,
        [YW_CONDITION_FLAME] = 1,
        [YW_CONDITION_REAGENT] = 1,
        [YW_CONDITION_LAMP] = 1,
        [YW_CONDITION_POWER] = 1};
    memcpy(st->conditions, usual, sizeof usual);
    double *is = st->conditions;
    uint32_t alarms = 0;
    if (st->deed_n) {
        for (unsigned c = 0; c < YW_CONDITION_COUNT; c++)
            is[c] = yw_effects_condition(st->now, (enum yw_condition)c, usual[c]);
        alarms = (uint32_t)(is[YW_CONDITION_WATER] > 0.5) << YW_ALARM_WATER |
                 (uint32_t)(is[YW_CONDITION_SAMPLE_FLOW] < 0.6) << YW_ALARM_FLOW |
                 (uint32_t)(is[YW_CONDITION_FLAME] < 0.5) << YW_ALARM_FLAME |
                 (uint32_t)(is[YW_CONDITION_REAGENT] < 0.05) << YW_ALARM_REAGENT |
                 (uint32_t)(is[YW_CONDITION_LAMP] < 0.6) << YW_ALARM_LAMP;
        if (!s->spec->water)
            alarms |= (uint32_t)(is[YW_CONDITION_LINE_TEMP] < 120) << YW_ALARM_LINE_COLD |
                      (uint32_t)(is[YW_CONDITION_COOLER_TEMP] > 8) << YW_ALARM_COOLER_WARM;
    }
    for (size_t i = 0; i < s->spec->channel_n; i++)
        alarms |= (uint32_t)s->channel[i].refused << YW_ALARM_CALIBRATION;
    uint32_t fresh = alarms & ~s->alarms;
    for (uint32_t a = 0; fresh; a++, fresh >>= 1)
        if (fresh & 1) log_line(s, st, st->time, YW_DID_ALARM, UINT8_MAX, false, a, 1);
    s->alarms = alarms;
    out->alarms = alarms;
    out->line_temp_c = is[YW_CONDITION_LINE_TEMP];
    out->cooler_temp_c = is[YW_CONDITION_COOLER_TEMP];
    out->sample_l_min = s->spec->sample_l_min * is[YW_CONDITION_SAMPLE_FLOW];
    out->room_temp_c = is[YW_CONDITION_ROOM_TEMP];
    out->digest_temp_c = is[YW_CONDITION_DIGEST_TEMP];
    out->door_open = st->time < s->door_until;
    if (!out->door_open && s->door_was_open) log_line(s, st, st->time, YW_DID_DOOR, UINT8_MAX, true, 1, 0);
    s->door_was_open = out->door_open;
}

size_t yw_station_log(const struct yw_station *s, struct yw_station_line *out, size_t max) {
    size_t n = s->log_n < YW_STATION_LOG_MAX ? s->log_n : YW_STATION_LOG_MAX;
    if (n > max) n = max;
    for (size_t i = 0; i < n; i++) out[i] = s->log[(s->log_n - n + i) % YW_STATION_LOG_MAX];
    return n;
}

void retain(struct yw_station *s, int64_t from, int64_t to, const double *value) {
    struct bottle *r = &s->retained[s->retained_n++ % YW_RETAINED_MAX];
    r->from = from, r->to = to;
    for (size_t i = 0; i < YW_CHANNELS_MAX; i++) {
        bool in_it = i < s->spec->channel_n && (s->spec->channels[i].type == YW_INSTRUMENT_BATCH ||
                                                s->spec->channels[i].type == YW_INSTRUMENT_IMMERSED);
        r->value[i] = in_it ? (float)value[i] : NAN;
    }
}

size_t yw_station_retained(const struct yw_station *s, struct yw_retained *out, size_t max) {
    size_t n = s->retained_n < YW_RETAINED_MAX ? s->retained_n : YW_RETAINED_MAX;
    if (n > max) n = max;
    for (size_t k = 0; k < n; k++) {
        const struct bottle *b = &s->retained[(s->retained_n - n + k) % YW_RETAINED_MAX];
        out[k].from = b->from, out[k].to = b->to;
        for (size_t i = 0; i < YW_CHANNELS_MAX; i++) out[k].value[i] = (double)b->value[i];
    }
    return n;
}

double yw_station_result(const struct yw_station *s, enum yw_station_act_kind kind, size_t channel) {
    if ((unsigned)kind >= YW_ACT_COUNT || channel >= s->spec->channel_n) return NAN;
    return (double)s->result[kind][channel];
}
