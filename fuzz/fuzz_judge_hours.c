/* Records, marks and checks with anything in them: a mean for each factor whose badness has a reason, the
 * same again when judged again, never a crash. */
#include <math.h>
#include <string.h>

#include "judge/judge.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FACTORS = 6, HOURS = 30, RECORDS = 70, MARKS = 12, CHECKS = 12 };
static const char *const codes[3][FACTORS] = {
    {"a21026", "a19001", "a00000", "a01012", "a01013", "a01014"},
    {"w01018", "w21003", "w00000", "w01001", "w21001", "w01010"},
    {"a34013", "a01901", "a19001", "a21005", "a21024", "a01014"},
};
static const char flags[][3] = {"N", "", "F", "D", "C", "T", "x", "St"};

struct bytes {
    const uint8_t *p;
    size_t n;
};
static uint8_t take(struct bytes *b) {
    if (b->n == 0) return 0;
    b->n--;
    return *b->p++;
}
static double number(struct bytes *b) {
    uint8_t v = take(b);
    switch (v) {
    case 255:
        return NAN;
    case 254:
        return INFINITY;
    case 253:
        return -1e300;
    case 252:
        return 1e300;
    default:
        return v / 4.0 - 3;
    }
}

static const struct yw_rules *rules_once(void) {
    static struct yw_rules *rules;
    struct yw_error err;
    if (!rules && yw_rules_load(&rules, &err) != YW_OK &&
        yw_rules_load_from("share/rules", &rules, &err) != YW_OK)
        __builtin_trap();
    return rules;
}

static void must_have_reasons(const struct yw_mean *m) {
    if (m->reason_n > YW_REASONS || m->validity >= YW_VALIDITY_COUNT || m->marking >= YW_MARKING_COUNT)
        __builtin_trap();
    if (m->validity != YW_VALIDITY_VALID && m->reason_n == 0) __builtin_trap();
    for (uint8_t i = 0; i < m->reason_n; i++)
        if (m->reasons[i].code == YW_REASON_NONE || m->reasons[i].code >= YW_REASON_COUNT) __builtin_trap();
}

static void each_mean(void *arg, const struct yw_mean *m) {
    ++*(size_t *)arg;
    must_have_reasons(m);
}
static void each_verdict(void *arg, const struct yw_verdict *v) {
    ++*(size_t *)arg;
    if (v->reason_n > YW_REASONS || v->kind == YW_VERDICT_NONE || v->kind >= YW_VERDICT_COUNT)
        __builtin_trap();
}
static void each_tally(void *arg, const struct yw_tally_row *t) {
    ++*(size_t *)arg;
    if (t->capture < 0 || t->capture > 1) __builtin_trap();
}

static void fill_site(struct bytes *b, struct yw_site *s, struct yw_mark *marks, struct yw_check *checks,
                      int64_t from) {
    static const uint8_t profiles[] = {YW_PROFILE_FLUE_GAS, YW_PROFILE_WASTE_WATER, YW_PROFILE_INCINERATION};
    size_t kind = take(b) % 3;
    yw_site_init(s, profiles[kind]);
    s->minute_interval = (uint16_t)(take(b) % 61);
    s->reference_oxygen = 11;
    for (size_t f = 0; f < FACTORS; f++) {
        struct yw_site_factor *factor = yw_site_add_factor(s, codes[kind][f]);
        uint8_t bits = take(b);
        factor->wet = bits & 1, factor->actual = bits & 2, factor->ppm = bits & 4;
        factor->method = (uint8_t)(bits >> 3 & 7);
        factor->high = 300;
    }
    s->marks = marks;
    s->mark_n = take(b) % (MARKS + 1);
    for (size_t i = 0; i < s->mark_n; i++) {
        uint8_t bits = take(b);
        int64_t a = from + (take(b) - 20) * 13 * YW_MINUTE;
        marks[i] = (struct yw_mark){.id = take(b) % 5,
                                    .version = take(b),
                                    .from = a,
                                    .to = a + (take(b) - 10) * 7 * YW_MINUTE,
                                    .is_condition = bits & 1,
                                    .automatic = bits & 2,
                                    .withdrawn = bits & 4,
                                    .disputed = bits & 8,
                                    .counts = bits & 16,
                                    .value = take(b),
                                    .factors = take(b),
                                    .set_at = from + take(b) * YW_HOUR};
    }
    s->checks = checks;
    s->check_n = take(b) % (CHECKS + 1);
    for (size_t i = 0; i < s->check_n; i++) {
        struct yw_check *c = &checks[i];
        memset(c, 0, sizeof *c);
        c->time = from + (take(b) - 100) * 17 * YW_MINUTE;
        strncpy(c->factor, codes[kind][take(b) % FACTORS], sizeof c->factor - 1);
        c->kind = (uint8_t)(take(b) % 10);
        c->said = (int8_t)(take(b) % 3 - 1);
        c->reading = number(b), c->nominal = number(b), c->full_scale = number(b);
        c->pair_n = (uint8_t)(take(b) % (YW_CHECK_PAIRS + 4));
        for (size_t k = 0; k < YW_CHECK_PAIRS; k++) c->reference[k] = number(b), c->measured[k] = number(b);
    }
}

static size_t fill_records(struct bytes *b, struct yw_sample_record *records,
                           struct yw_sample (*samples)[FACTORS], int64_t hour) {
    size_t n = 0, most = take(b) % RECORDS;
    int64_t time = hour;
    for (; n < most && b->n > 0; n++) {
        uint8_t step = take(b);
        time += step % 8 * 30 * YW_SECOND;
        if (time >= hour + YW_HOUR) break;
        for (size_t f = 0; f < FACTORS; f++) {
            samples[n][f] =
                (struct yw_sample){.avg = number(b), .zs = NAN, .cou = NAN, .min = NAN, .max = NAN};
            memcpy(samples[n][f].flag, flags[take(b) % YW_COUNT(flags)], 3);
        }
        records[n] = (struct yw_sample_record){
            .time = time, .period = step > 240 ? YW_PERIOD_HOUR : YW_PERIOD_MINUTE, .samples = samples[n]};
    }
    return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static struct yw_site site;
    static struct yw_mark marks[MARKS];
    static struct yw_check checks[CHECKS];
    static struct yw_mean hours[HOURS * FACTORS];
    static struct yw_sample_record records[RECORDS];
    static struct yw_sample samples[RECORDS][FACTORS];
    if (size > 1 << 15) return 0;
    struct bytes b = {.p = data, .n = size};
    struct yw_error err = {0};
    int64_t from = yw_china_day_start(20700);
    fill_site(&b, &site, marks, checks, from);
    struct yw_judge *judge = yw_judge_create(rules_once(), &site, &err);
    if (!judge) __builtin_trap();
    for (size_t h = 0; h < HOURS; h++) {
        size_t n = fill_records(&b, records, samples, from + (int64_t)h * YW_HOUR);
        struct yw_mean blocks[12];
        yw_judge_hour(judge, from + (int64_t)h * YW_HOUR, records, n, hours + h * FACTORS);
        if (yw_judge_blocks(judge, from + (int64_t)h * YW_HOUR, records, n, blocks) > 12) __builtin_trap();
        for (size_t f = 0; f < FACTORS; f++) must_have_reasons(&hours[h * FACTORS + f]);
    }
    size_t first = 0, again = 0;
    struct yw_judge_sink sink = {
        .arg = &first, .mean = each_mean, .verdict = each_verdict, .tally = each_tally};
    int64_t now = from + take(&b) % (HOURS + 9) * YW_HOUR;
    if (yw_judge_stretch(judge, hours, HOURS, NULL, 0, from, now, &sink, &err) != YW_OK) __builtin_trap();
    sink.arg = &again;
    if (yw_judge_stretch(judge, hours, HOURS, NULL, 0, from, now, &sink, &err) != YW_OK) __builtin_trap();
    if (again > first) __builtin_trap(); /* the second time no hour changes any more */
    yw_judge_destroy(judge);
    return 0;
}
