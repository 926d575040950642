#include "judge_play.h"

struct play *play_new(uint8_t profile, const char *day, size_t days) {
    struct play *p = calloc(1, sizeof *p);
    struct yw_error err = {0};
    assert_non_null(p);
    assert_true(days <= PLAY_DAYS);
    if (yw_rules_load(&p->rules, &err) != YW_OK) fail_msg("%s", err.text);
    yw_site_init(&p->site, profile);
    yw_copy(p->site.id, sizeof p->site.id, "play", 4);
    p->site.records = YW_PERIOD_HOUR;
    assert_true(yw_time_parse(day, strlen(day), &p->first));
    p->days = days;
    size_t hours = days * 24;
    p->samples = malloc(hours * YW_SITE_FACTORS * sizeof *p->samples);
    p->hours = calloc(hours * YW_SITE_FACTORS, sizeof *p->hours);
    p->blocks = calloc(hours * 12, sizeof *p->blocks);
    p->means = calloc(PLAY_OUT, sizeof *p->means);
    p->verdicts = calloc(PLAY_OUT, sizeof *p->verdicts);
    p->tallies = calloc(PLAY_OUT / 100, sizeof *p->tallies);
    assert_true(p->samples && p->hours && p->blocks && p->means && p->verdicts && p->tallies);
    const struct yw_sample none = {.min = NAN, .max = NAN, .avg = NAN, .zs = NAN, .cou = NAN};
    for (size_t i = 0; i < hours * YW_SITE_FACTORS; i++) p->samples[i] = none;
    return p;
}

void play_free(struct play *p) {
    yw_site_free(&p->site);
    yw_rules_destroy(p->rules);
    free(p->samples);
    free(p->furnace);
    free(p->hours);
    free(p->blocks);
    free(p->means);
    free(p->verdicts);
    free(p->tallies);
    free(p);
}

int64_t play_time(const struct play *p, int day, double hour) {
    return p->first + (day - 1) * YW_DAY + (int64_t)(hour * (double)YW_HOUR);
}

uint8_t play_factor(struct play *p, const char *code) {
    assert_non_null(yw_site_add_factor(&p->site, code));
    return (uint8_t)yw_site_factor(&p->site, code);
}

struct yw_sample *play_at(struct play *p, int day, int hour, uint8_t factor) {
    size_t h = (size_t)((day - 1) * 24 + hour);
    assert_true(h < p->days * 24);
    return &p->samples[h * YW_SITE_FACTORS + factor];
}

void play_set(struct play *p, int day, int from, int to, uint8_t factor, double value) {
    for (int h = from; h < to; h++) play_at(p, day, h, factor)->avg = value;
}

void play_days(struct play *p, int a, int b, uint8_t factor, double value) {
    for (int d = a; d <= b; d++) play_set(p, d, 0, 24, factor, value);
}

void play_furnace(struct play *p, int day, int hour, int a, int b, uint8_t factor, double value) {
    if (!p->furnace) {
        size_t n = p->days * 24 * 12 * YW_SITE_FACTORS;
        p->furnace = malloc(n * sizeof *p->furnace);
        assert_non_null(p->furnace);
        const struct yw_sample none = {.min = NAN, .max = NAN, .avg = NAN, .zs = NAN, .cou = NAN};
        for (size_t i = 0; i < n; i++) p->furnace[i] = none;
        p->has_furnace = true;
        p->site.minute_interval = 5;
    }
    for (int block = a; block < b; block++) {
        size_t at = (size_t)((day - 1) * 24 + hour) * 12 + (size_t)block;
        p->furnace[at * YW_SITE_FACTORS + factor].avg = value;
    }
}

struct yw_site_limit *play_limit(struct play *p, const char *factor, double value, uint8_t period,
                                 uint8_t basis) {
    struct yw_site_limit *l = &p->site.limits[p->site.limit_n++];
    *l = (struct yw_site_limit){.value = value,
                                .value_low = NAN,
                                .share = NAN,
                                .cold_value = NAN,
                                .cold_c = NAN,
                                .period = period,
                                .basis = basis,
                                .confidence = YW_CONF_OFFICIAL,
                                .enabled = true,
                                .valid_from = INT32_MIN,
                                .valid_to = INT32_MAX};
    yw_copy(l->factor, sizeof l->factor, factor, strlen(factor));
    return l;
}

struct yw_mark *play_mark(struct play *p, bool is_condition, uint8_t value, int day, double from, int day_to,
                          double to) {
    p->site.marks = realloc(p->site.marks, (p->site.mark_n + 1) * sizeof *p->site.marks);
    assert_non_null(p->site.marks);
    struct yw_mark *m = &p->site.marks[p->site.mark_n++];
    *m = (struct yw_mark){.id = p->site.mark_n,
                          .version = 1,
                          .from = play_time(p, day, from),
                          .to = play_time(p, day_to, to),
                          .is_condition = is_condition,
                          .value = value,
                          .set_at = play_time(p, day, from)};
    return m;
}

struct yw_check *play_check(struct play *p, const char *factor, uint8_t kind, int day, double hour) {
    p->site.checks = realloc(p->site.checks, (p->site.check_n + 1) * sizeof *p->site.checks);
    assert_non_null(p->site.checks);
    struct yw_check *c = &p->site.checks[p->site.check_n++];
    *c = (struct yw_check){.time = play_time(p, day, hour),
                           .kind = kind,
                           .said = -1,
                           .reading = NAN,
                           .nominal = NAN,
                           .full_scale = NAN};
    yw_copy(c->factor, sizeof c->factor, factor, strlen(factor));
    return c;
}

void play_manual(struct play *p, const char *factor, int day, double hour, double value) {
    p->site.manual = realloc(p->site.manual, (p->site.manual_n + 1) * sizeof *p->site.manual);
    assert_non_null(p->site.manual);
    struct yw_manual *m = &p->site.manual[p->site.manual_n++];
    *m = (struct yw_manual){.time = play_time(p, day, hour), .value = value};
    yw_copy(m->factor, sizeof m->factor, factor, strlen(factor));
}

static void take_mean(void *arg, const struct yw_mean *m) {
    struct play *p = arg;
    if (p->mean_n < PLAY_OUT) p->means[p->mean_n++] = *m;
}

static void take_verdict(void *arg, const struct yw_verdict *v) {
    struct play *p = arg;
    if (p->verdict_n < PLAY_OUT) p->verdicts[p->verdict_n++] = *v;
}

static void take_tally(void *arg, const struct yw_tally_row *t) {
    struct play *p = arg;
    if (p->tally_n < PLAY_OUT / 100) p->tallies[p->tally_n++] = *t;
}

void play_run(struct play *p) {
    struct yw_error err = {0};
    struct yw_judge *j = yw_judge_create(p->rules, &p->site, &err);
    if (!j) fail_msg("%s", err.text);
    size_t hours = p->days * 24, block_n = 0;
    for (size_t h = 0; h < hours; h++) {
        struct yw_sample_record records[13];
        size_t n = 0;
        int64_t t = p->first + (int64_t)h * YW_HOUR;
        records[n++] = (struct yw_sample_record){
            .time = t, .period = YW_PERIOD_HOUR, .samples = &p->samples[h * YW_SITE_FACTORS]};
        for (size_t b = 0; p->has_furnace && b < 12; b++) {
            records[n++] = (struct yw_sample_record){.time = t + (int64_t)b * 5 * YW_MINUTE,
                                                     .period = YW_PERIOD_MINUTE,
                                                     .samples = &p->furnace[(h * 12 + b) * YW_SITE_FACTORS]};
        }
        yw_judge_hour(j, t, records, n, &p->hours[h * p->site.factor_n]);
        block_n += yw_judge_blocks(j, t, records, n, &p->blocks[block_n]);
    }
    const struct yw_judge_sink sink = {
        .arg = p, .mean = take_mean, .verdict = take_verdict, .tally = take_tally};
    p->mean_n = p->verdict_n = p->tally_n = 0;
    int64_t now = p->now != 0 ? p->now : p->first + (int64_t)hours * YW_HOUR;
    enum yw_code code = yw_judge_stretch(j, p->hours, hours, p->blocks, block_n, p->first, now, &sink, &err);
    if (code != YW_OK) fail_msg("%s", err.text);
    yw_judge_destroy(j);
}

const struct yw_mean *play_hour(const struct play *p, int day, int hour, uint8_t factor) {
    return &p->hours[(size_t)((day - 1) * 24 + hour) * p->site.factor_n + factor];
}

const struct yw_mean *play_mean(const struct play *p, uint8_t period, int day, uint8_t factor) {
    for (size_t i = 0; i < p->mean_n; i++) {
        const struct yw_mean *m = &p->means[i];
        if (m->period == period && m->factor == factor && m->from == play_time(p, day, 0)) return m;
    }
    fail_msg("no %s mean of %s from day %d", yw_period_name(period), p->site.factors[factor].code, day);
    return NULL;
}

static bool is_asked(const struct yw_verdict *v, uint8_t kind, int factor, uint8_t period) {
    return v->kind == kind && (factor < 0 || v->factor == factor) && (period == 0 || v->period == period);
}

size_t play_count(const struct play *p, uint8_t kind, int factor, uint8_t period) {
    size_t n = 0;
    for (size_t i = 0; i < p->verdict_n; i++) n += is_asked(&p->verdicts[i], kind, factor, period);
    return n;
}

const struct yw_verdict *play_verdict(const struct play *p, uint8_t kind, int factor, uint8_t period,
                                      size_t i) {
    for (size_t k = 0; k < p->verdict_n; k++) {
        if (is_asked(&p->verdicts[k], kind, factor, period) && i-- == 0) return &p->verdicts[k];
    }
    fail_msg("no such verdict: %s", yw_verdict_word(kind)->name);
    return NULL;
}

bool play_has(const struct yw_mean *m, uint8_t reason) {
    for (uint8_t i = 0; i < m->reason_n; i++) {
        if (m->reasons[i].code == reason) return true;
    }
    return false;
}

bool play_says(const struct yw_verdict *v, uint8_t reason) {
    for (uint8_t i = 0; i < v->reason_n; i++) {
        if (v->reasons[i].code == reason) return true;
    }
    return false;
}

void play_near_(double got, double want, int line) {
    if (isnan(want) ? isnan(got) : fabs(got - want) <= fabs(want) * 1e-9 + 1e-12) return;
    fail_msg("line %d: %.12g, not %.12g", line, got, want);
}
