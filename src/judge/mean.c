/* mean: empty means and verdicts, and the short list of reasons that each carries. */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

void yw_mean_init(struct yw_mean *m, uint8_t period, uint8_t factor, int64_t from, int64_t to) {
    *m = (struct yw_mean){.from = from,
                          .to = to,
                          .period = period,
                          .factor = factor,
                          .validity = YW_VALIDITY_NO_DATA,
                          .min = NAN,
                          .max = NAN,
                          .mean = NAN,
                          .raw = NAN,
                          .converted = NAN,
                          .sent = NAN,
                          .sent_converted = NAN,
                          .flow_m3 = NAN,
                          .emission_kg = NAN,
                          .replaced_kg = NAN,
                          .replaced_rule = YW_NO_RULE};
}

static void add_reason(struct yw_reason *list, uint8_t *n, uint8_t code, uint16_t rule, double figure) {
    for (uint8_t i = 0; i < *n; i++)
        if (list[i].code == code) return;
    if (*n == YW_REASONS) return;
    list[(*n)++] = (struct yw_reason){.code = code, .rule = rule, .figure = (float)figure};
}

void yw_mean_reason(struct yw_mean *m, uint8_t code, uint16_t rule, double figure) {
    add_reason(m->reasons, &m->reason_n, code, rule, figure);
}

void yw_mean_reason_must(struct yw_mean *m, uint8_t code, uint16_t rule, double figure) {
    if (m->reason_n == YW_REASONS && !yw_mean_has(m, code)) m->reason_n--;
    yw_mean_reason(m, code, rule, figure);
}

void yw_mean_reason_first(struct yw_mean *m, uint8_t code, uint16_t rule, double figure) {
    uint8_t n = 0;
    for (uint8_t i = 0; i < m->reason_n; i++)
        if (m->reasons[i].code != code) m->reasons[n++] = m->reasons[i];
    if (n == YW_REASONS) n--;
    memmove(m->reasons + 1, m->reasons, n * sizeof m->reasons[0]);
    m->reasons[0] = (struct yw_reason){.code = code, .rule = rule, .figure = (float)figure};
    m->reason_n = (uint8_t)(n + 1);
}

bool yw_mean_has(const struct yw_mean *m, uint8_t code) {
    for (uint8_t i = 0; i < m->reason_n; i++)
        if (m->reasons[i].code == code) return true;
    return false;
}

void yw_verdict_reason(struct yw_verdict *v, uint8_t code, uint16_t rule, double figure) {
    add_reason(v->reasons, &v->reason_n, code, rule, figure);
}

void yw_verdict_init(struct yw_verdict *v, uint8_t kind, uint8_t period, uint8_t factor, int64_t from,
                     int64_t to) {
    *v = (struct yw_verdict){.from = from,
                             .to = to,
                             .kind = kind,
                             .period = period,
                             .factor = factor,
                             .counts = true,
                             .limit = YW_NO_RULE,
                             .rule = YW_NO_RULE,
                             .value = NAN,
                             .held = NAN,
                             .multiple = NAN,
                             .oxygen = NAN,
                             .reference = NAN,
                             .measured = NAN};
}
