/* hour: from the records of one hour to one mean for each factor. Counts minutes as bits, so that what stands
 * for more than a minute, comes twice or is marked in part needs no case of its own. Nothing is allocated. */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

/* ---- counting ---- */

/* The minutes that a record stands for; 0: it is outside the hour. */
static uint64_t minutes_of(const struct yw_judge *j, int64_t hour, int64_t time) {
    if (time < hour || time >= hour + YW_HOUR) return 0;
    unsigned first = (unsigned)((time - hour) / YW_MINUTE), n = j->site->minute_interval;
    if (n == 0) n = 1;
    if (n > YW_MINUTES - first) n = YW_MINUTES - first;
    return ((UINT64_C(1) << n) - 1) << first;
}

static void add_minutes(uint8_t *count, uint64_t minutes) {
    *count = (uint8_t)(*count + yw_minutes(minutes) > UINT8_MAX ? UINT8_MAX : *count + yw_minutes(minutes));
}

static bool is_normal(const char flag[3]) {
    return flag[0] == '\0' || (flag[0] == 'N' && flag[1] == '\0'); /* nearly all */
}

static bool flag_counts(const struct yw_judge *j, const char flag[3]) {
    uint8_t condition, equipment;
    return is_normal(flag) ||
           yw_flag_class(j->rules, j->site->profile, flag, &condition, &equipment) == YW_FLAG_VALID;
}

/* These minutes do not count because of that flag. */
static void note_flag(const struct yw_judge *j, struct yw_count *c, const char flag[3], uint64_t minutes) {
    uint8_t condition, equipment;
    enum yw_flag_class class = yw_flag_class(j->rules, j->site->profile, flag, &condition, &equipment);
    if (class == YW_FLAG_STOPPED) c->stopped |= minutes;
    if (class == YW_FLAG_UNKNOWN) c->unknown |= minutes;
    if (equipment == YW_EQUIP_OVER_RANGE) c->over |= minutes;
    c->flagged |= minutes;
    if (condition != YW_COND_NORMAL) add_minutes(&c->flag_condition[condition], minutes);
    if (equipment != YW_EQUIP_NORMAL) add_minutes(&c->flag_equipment[equipment], minutes);
}

/* The records [a, b) of one minute, as a rule one; real-time ones make up their minute's mean. */
struct minute {
    double value, zs, cou; /* means of the valid ones; NaN: none */
    float min, max;
    bool any, valid;
};

static void one_minute(const struct yw_judge *j, struct yw_hour_work *w, size_t f, size_t a, size_t b,
                       uint64_t minutes, struct minute *m) {
    struct yw_count *c = &w->count[f];
    const char *bad = NULL;
    double sum = 0, zs = 0, cou = 0;
    unsigned n = 0, zs_n = 0, cou_n = 0, all = 0;
    *m = (struct minute){.value = NAN, .zs = NAN, .cou = NAN, .min = NAN, .max = NAN};
    for (size_t i = a; i < b; i++) {
        const struct yw_sample *s = &w->records[i].samples[f];
        if (w->records[i].period == YW_PERIOD_HOUR || !isfinite(s->avg)) continue;
        all++;
        c->any_sum += s->avg;
        c->any_n++;
        if (!flag_counts(j, s->flag)) {
            if (!bad) bad = s->flag;
            continue;
        }
        sum += s->avg;
        n++;
        if (yw_gas_is_top(s->zs))
            c->zs_top = true;
        else if (isfinite(s->zs))
            zs += s->zs, zs_n++;
        if (isfinite(s->cou)) cou += s->cou, cou_n++;
        float low = isfinite(s->min) ? s->min : (float)s->avg,
              high = isfinite(s->max) ? s->max : (float)s->avg;
        m->min = fminf(m->min, low);
        m->max = fmaxf(m->max, high);
    }
    double share = w->figures->value[YW_FIG_MINUTE_SHARE]; /* NaN: one that counts is enough */
    m->any = all > 0;
    m->valid = n > 0 && (all == 1 || isnan(share) || n >= share * all);
    if (bad && !m->valid) note_flag(j, c, bad, minutes);
    if (n == 0) return;
    m->value = sum / n;
    if (zs_n > 0) m->zs = zs / zs_n;
    if (cou_n > 0) m->cou = cou / cou_n;
}

static double known(const struct minute *minute, int factor) {
    return factor >= 0 && minute[factor].valid ? minute[factor].value : NAN;
}

static void add_minute(const struct yw_judge *j, struct yw_hour_work *w, size_t f, const struct minute *m,
                       uint64_t minutes, const struct yw_gas_aux *aux) {
    struct yw_count *c = &w->count[f];
    const struct yw_site_factor *factor = &j->site->factors[f];
    if (!m->any) return;
    c->present |= minutes;
    if (!m->valid || ((c->marked_out | c->control) & minutes) != 0 || (c->valid & minutes) == minutes) return;
    c->valid |= minutes;
    c->n++;
    c->raw_sum += m->value;
    if (!isnan(m->zs)) c->zs_sum += m->zs, c->zs_n++;
    if (!isnan(m->cou)) c->cou_sum += m->cou, c->cou_n++;
    c->min = fminf(c->min, m->min);
    c->max = fmaxf(c->max, m->max);
    if (!factor->wet && !factor->actual && !factor->ppm) {
        c->sum += m->value;
        return;
    }
    uint8_t reason;
    double scale = yw_gas_basis(w->figures, factor, aux, &reason);
    if (isnan(scale)) {
        c->waiting += m->value;
        c->waiting_n++;
    } else {
        c->sum += m->value * scale;
    }
}

static void count_records(const struct yw_judge *j, struct yw_hour_work *w) {
    struct minute minute[YW_SITE_FACTORS];
    size_t factors = j->site->factor_n;
    for (size_t a = 0, b; a < w->record_n; a = b) {
        uint64_t minutes = minutes_of(j, w->hour, w->records[a].time);
        for (b = a + 1; b < w->record_n; b++)
            if (minutes_of(j, w->hour, w->records[b].time) != minutes) break;
        for (size_t i = a; i < b; i++) {
            if (w->records[i].period != YW_PERIOD_HOUR) continue;
            for (size_t f = 0; f < factors; f++) w->count[f].hourly = &w->records[i].samples[f];
        }
        if (minutes == 0) continue;
        for (size_t f = 0; f < factors; f++) one_minute(j, w, f, a, b, minutes, &minute[f]);
        struct yw_gas_aux aux = {.ts_c = known(minute, j->temperature),
                                 .ps_pa = known(minute, j->pressure) * j->pressure_pa,
                                 .ba_pa = j->barometer < 0 ? j->site->barometric_pa
                                                           : known(minute, j->barometer) * j->barometer_pa,
                                 .moisture_pct = known(minute, j->moisture)};
        for (size_t f = 0; f < factors; f++) add_minute(j, w, f, &minute[f], minutes, &aux);
    }
}

/* Valid minutes that make an hour. */
static double minutes_needed(const struct yw_judge *j, const struct yw_hour_work *w, uint16_t *rule) {
    enum yw_figure_id id = yw_profile_is_gas(j->site->profile)      ? YW_FIG_HOUR_MINUTES
                           : j->site->profile == YW_PROFILE_AMBIENT ? YW_FIG_AMBIENT_HOUR_MINUTES
                                                                    : YW_FIG_WATER_HOUR;
    double need = w->figures->value[id];
    *rule = w->figures->rule[id];
    return isnan(need) || need < 1 ? 1 : need; /* water: one measurement makes an hour */
}

/* The device's own hour stands for all its minutes where no finer records came, or where some are missing,
 * too many to make an hour, and nothing was wrong with those that came. So one minute more never harms. */
static void count_as_sent(const struct yw_judge *j, struct yw_hour_work *w, size_t f) {
    struct yw_count *c = &w->count[f];
    uint16_t rule;
    if (!c->hourly || !isfinite(c->hourly->avg)) return;
    bool counts = flag_counts(j, c->hourly->flag);
    if (c->any_n > 0) {
        if (!counts || (c->present & ~c->valid) || yw_minutes(c->valid) >= minutes_needed(j, w, &rule))
            return;
        c->sum = c->waiting = 0;
        c->zs_sum = 0;
        c->n = c->waiting_n = c->zs_n = 0;
    }
    if (!counts) note_flag(j, c, c->hourly->flag, YW_ALL_MINUTES);
    c->as_sent = true;
    c->zs_top = yw_gas_is_top(c->hourly->zs);
    c->any_sum = c->hourly->avg;
    c->any_n = 1;
    c->present = YW_ALL_MINUTES;
    if (!counts) return;
    c->valid = YW_ALL_MINUTES & ~(c->marked_out | c->control);
    if (c->valid == 0) return;
    c->n = 1;
    c->raw_sum = c->hourly->avg;
    c->min = isfinite(c->hourly->min) ? c->hourly->min : NAN;
    c->max = isfinite(c->hourly->max) ? c->hourly->max : NAN;
    const struct yw_site_factor *factor = &j->site->factors[f];
    if (!factor->wet && !factor->actual && !factor->ppm) {
        c->sum = c->raw_sum;
    } else {
        c->waiting = c->raw_sum;
        c->waiting_n = 1;
    }
}

double yw_count_mean(const struct yw_hour_work *w, int factor) {
    if (factor < 0 || w->count[factor].n == 0 || w->count[factor].waiting_n > 0) return NAN;
    return w->count[factor].sum / w->count[factor].n;
}

struct yw_gas_aux yw_hour_aux(const struct yw_judge *j, const struct yw_hour_work *w) {
    return (struct yw_gas_aux){.ts_c = yw_count_mean(w, j->temperature),
                               .ps_pa = yw_count_mean(w, j->pressure) * j->pressure_pa,
                               .ba_pa = j->barometer < 0 ? j->site->barometric_pa
                                                         : yw_count_mean(w, j->barometer) * j->barometer_pa,
                               .moisture_pct = yw_count_mean(w, j->moisture)};
}

/* Minutes without temperature, pressure or moisture of their own take the hour's. */
static void settle_waiting(const struct yw_judge *j, struct yw_hour_work *w) {
    struct yw_gas_aux aux = yw_hour_aux(j, w);
    for (size_t f = 0; f < j->site->factor_n; f++) {
        struct yw_count *c = &w->count[f];
        if (c->waiting_n == 0) continue;
        double scale = yw_gas_basis(w->figures, &j->site->factors[f], &aux, &c->basis_reason);
        if (isnan(scale)) { /* then no minute had it: the mean stays as it was sent */
            c->sum = c->raw_sum;
        } else {
            c->sum += c->waiting * scale;
        }
        c->waiting = 0;
        c->waiting_n = 0;
    }
}

static void count_hour(const struct yw_judge *j, struct yw_hour_work *w,
                       const struct yw_control_hit *control) {
    for (size_t f = 0; f < j->site->factor_n; f++) {
        struct yw_count *c = &w->count[f];
        *c = (struct yw_count){.min = NAN, .max = NAN};
        if (control) c->control = control[f].minutes;
        if (!w->marked || w->marks_ignored) continue;
        c->marked_out = w->marked[f].out;
        c->stopped = w->marked[f].condition[YW_COND_STOPPED];
    }
    count_records(j, w);
    for (size_t f = 0; f < j->site->factor_n; f++) count_as_sent(j, w, f);
    settle_waiting(j, w);
}

/* ---- what the count says ---- */

static void set_values(const struct yw_count *c, struct yw_mean *m) {
    m->as_sent = c->as_sent;
    m->min = c->min;
    m->max = c->max;
    if (c->n > 0) {
        m->mean = c->sum / c->n;
        m->raw = c->raw_sum / c->n;
    } else if (c->any_n > 0) {
        m->raw = c->any_sum / c->any_n; /* nothing valid: what came is still shown */
    }
    if (c->hourly) {
        m->sent = isfinite(c->hourly->avg) ? c->hourly->avg : NAN;
        m->sent_converted = isfinite(c->hourly->zs) && !yw_gas_is_top(c->hourly->zs) ? c->hourly->zs : NAN;
    }
}

static void set_validity(const struct yw_judge *j, const struct yw_hour_work *w, size_t f,
                         struct yw_mean *m) {
    const struct yw_count *c = &w->count[f];
    uint16_t rule;
    double need = minutes_needed(j, w, &rule);
    unsigned valid = yw_minutes(c->valid), stopped = yw_minutes(c->stopped & ~c->valid);
    m->due = YW_MINUTES;
    m->valid = (uint16_t)valid;
    if (valid >= need && c->n > 0) {
        m->validity = YW_VALIDITY_VALID;
        m->judged = true;
        yw_mean_reason(m, YW_REASON_ENOUGH, rule, valid);
    } else if (stopped > 0 && valid + stopped >= need) {
        /* without the stop it could have been a whole hour: nobody's loss of data */
        m->validity = YW_VALIDITY_STOPPED;
        yw_mean_reason(m, YW_REASON_STOPPED, YW_NO_RULE, stopped);
    } else if (c->present == 0) {
        m->validity = YW_VALIDITY_NO_DATA;
        yw_mean_reason(m, YW_REASON_NOT_MEASURED, YW_NO_RULE, YW_MINUTES);
    } else {
        m->validity = YW_VALIDITY_INVALID;
        yw_mean_reason(m, YW_REASON_FEW_MINUTES, rule, valid);
    }
}

static uint8_t most(const uint64_t *bits, const uint8_t *flags, uint8_t n) {
    uint8_t best = 0;
    unsigned minutes = 0;
    for (uint8_t i = 1; i < n; i++) { /* 0 is NORMAL: said only where nothing else is */
        unsigned here = bits ? yw_minutes(bits[i]) : 0;
        if (here == 0) here = flags[i];
        if (here > minutes) best = i, minutes = here;
    }
    return best;
}

/* Axes, marking, and what everybody must see first. */
static void set_marks(const struct yw_hour_work *w, size_t f, struct yw_mean *m) {
    const struct yw_count *c = &w->count[f];
    const struct yw_marked *k = w->marked ? &w->marked[f] : NULL;
    m->condition = most(k ? k->condition : NULL, c->flag_condition, YW_COND_COUNT);
    m->equipment = most(k ? k->equipment : NULL, c->flag_equipment, YW_EQUIP_COUNT);
    m->transient = m->condition == YW_COND_DRYING || m->condition == YW_COND_STARTUP ||
                   m->condition == YW_COND_SHUTDOWN || m->condition == YW_COND_COOLING ||
                   m->condition == YW_COND_BANKED;
    if (!k) return;
    if (k->disputed)
        m->marking = YW_MARKING_DISPUTED;
    else if (k->out)
        m->marking = YW_MARKING_INVALID;
    else if (k->counting)
        m->marking = YW_MARKING_VALID;
    if (k->disputed) yw_mean_reason(m, YW_REASON_DISPUTED, YW_NO_RULE, yw_minutes(k->disputed));
}

/* Which minutes were lost to what, most telling first; as many as there is room for. */
static void add_details(const struct yw_hour_work *w, size_t f, const struct yw_control_hit *control,
                        struct yw_mean *m) {
    const struct yw_count *c = &w->count[f];
    const struct yw_marked *k = w->marked ? &w->marked[f] : NULL;
    uint64_t equipment = 0, condition = 0;
    if (k) {
        for (size_t i = 0; i < YW_EQUIP_COUNT; i++) equipment |= k->equipment[i];
        for (size_t i = 1; i < YW_COND_COUNT; i++)
            if (i != YW_COND_STOPPED) condition |= k->condition[i];
    }
    if (control && control->first)
        yw_mean_reason(m, control->first->reason, control->first->rule, yw_minutes(control->minutes));
    if (c->stopped) yw_mean_reason(m, YW_REASON_STOPPED, YW_NO_RULE, yw_minutes(c->stopped));
    if (equipment) yw_mean_reason(m, YW_REASON_EQUIPMENT_MARK, YW_NO_RULE, yw_minutes(equipment));
    if (c->unknown) yw_mean_reason(m, YW_REASON_UNKNOWN_FLAG, YW_NO_RULE, yw_minutes(c->unknown));
    if (c->over) yw_mean_reason(m, YW_REASON_OVER_RANGE, YW_NO_RULE, yw_minutes(c->over));
    uint64_t other = c->flagged & ~c->unknown & ~c->over & ~c->stopped;
    if (other) yw_mean_reason(m, YW_REASON_FLAGGED, YW_NO_RULE, yw_minutes(other));
    if (m->transient)
        yw_mean_reason(m, YW_REASON_TRANSIENT, YW_NO_RULE, condition ? (double)yw_minutes(condition) : NAN);
    if (condition) yw_mean_reason(m, YW_REASON_CONDITION_MARK, YW_NO_RULE, yw_minutes(condition));
    if (m->as_sent) yw_mean_reason(m, YW_REASON_AS_SENT, YW_NO_RULE, NAN);
    uint64_t missing = YW_ALL_MINUTES & ~c->present & ~c->stopped;
    if (missing) yw_mean_reason(m, YW_REASON_NOT_MEASURED, YW_NO_RULE, yw_minutes(missing));
}

void yw_hour_differs(const struct yw_hour_work *w, double own, double sent, struct yw_mean *m) {
    double most_pct = w->figures->value[YW_FIG_DIFFERS_PERCENT];
    if (!w->figures->on[YW_FIG_DIFFERS_PERCENT] || isnan(most_pct) || isnan(own) || isnan(sent)) return;
    double base = fmax(fabs(own), fabs(sent));
    double pct = base > 0 ? fabs(own - sent) / (fabs(own) > 0 ? fabs(own) : base) * 100 : 0;
    if (pct > most_pct + 1e-9)
        yw_mean_reason(m, YW_REASON_DIFFERS, w->figures->rule[YW_FIG_DIFFERS_PERCENT], pct);
}

static void finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out) {
    if (yw_profile_is_gas(j->site->profile))
        yw_gas_hour_finish(j, w, out);
    else if (j->site->profile == YW_PROFILE_AMBIENT)
        yw_ambient_hour_finish(j, w, out);
    else
        yw_water_hour_finish(j, w, out);
}

bool yw_above_some_limit(const struct yw_judge *j, uint8_t factor, uint8_t period, int32_t day,
                         double measured, double converted) {
    const struct yw_site *s = j->site;
    for (size_t i = 0; i < s->limit_n; i++) {
        const struct yw_site_limit *l = &s->limits[i];
        if (l->period != period || day < l->valid_from || day > l->valid_to) continue;
        if (strcmp(l->factor, s->factors[factor].code) != 0) continue;
        double value = l->converted ? converted : measured;
        if (value > l->value || value < l->value_low) return true;
    }
    return false;
}

/* A mark set after the hour was over, over values that were above a limit: it keeps its effect, and the mean
 * says so. What the values were is asked by counting once more without marks. */
static void note_late(const struct yw_judge *j, struct yw_hour_work *w, const struct yw_control_hit *control,
                      struct yw_mean *out) {
    struct yw_mean bare[YW_SITE_FACTORS];
    w->marks_ignored = true;
    count_hour(j, w, control);
    for (size_t f = 0; f < j->site->factor_n; f++) {
        yw_mean_init(&bare[f], YW_PERIOD_HOUR, (uint8_t)f, w->hour, w->hour + YW_HOUR);
        set_values(&w->count[f], &bare[f]);
        set_validity(j, w, f, &bare[f]);
    }
    finish(j, w, bare);
    for (size_t f = 0; f < j->site->factor_n; f++) {
        if (w->marked[f].late && yw_above_some_limit(j, (uint8_t)f, YW_PERIOD_HOUR, yw_china_day(w->hour),
                                                     bare[f].mean, bare[f].converted))
            yw_mean_reason_must(&out[f], YW_REASON_MARK_LATE, YW_NO_RULE, yw_minutes(w->marked[f].late));
    }
}

void yw_judge_hour(const struct yw_judge *j, int64_t hour, const struct yw_sample_record *records, size_t n,
                   struct yw_mean *out) {
    size_t factors = j->site->factor_n;
    struct yw_marked marked[YW_SITE_FACTORS];
    struct yw_control_hit control[YW_SITE_FACTORS];
    struct yw_hour_work w;
    w.hour = hour;
    w.figures = yw_judge_figures(j, hour);
    w.marked = yw_marks_of_hour(j, hour, marked) ? marked : NULL;
    w.records = records;
    w.record_n = n;
    w.marks_ignored = false;
    const struct yw_control_hit *hits = yw_control_of_hour(j, hour, control) ? control : NULL;
    count_hour(j, &w, hits);
    bool is_late = false;
    for (size_t f = 0; f < factors; f++) {
        struct yw_mean *m = &out[f];
        yw_mean_init(m, YW_PERIOD_HOUR, (uint8_t)f, hour, hour + YW_HOUR);
        set_values(&w.count[f], m);
        set_validity(j, &w, f, m);
        set_marks(&w, f, m);
        is_late |= w.marked && marked[f].late;
    }
    finish(j, &w, out);
    for (size_t f = 0; f < factors; f++) {
        yw_hour_differs(&w, out[f].as_sent ? NAN : out[f].raw, out[f].sent, &out[f]);
        add_details(&w, f, hits ? &hits[f] : NULL, &out[f]);
    }
    if (is_late) note_late(j, &w, hits, out);
}

size_t yw_judge_blocks(const struct yw_judge *j, int64_t hour, const struct yw_sample_record *records,
                       size_t n, struct yw_mean out[12]) {
    if (j->site->profile != YW_PROFILE_INCINERATION) return 0;
    return yw_incineration_blocks(j, hour, records, n, out);
}
