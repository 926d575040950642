/* gas_hour: what makes an hour of flue gas of its means: NOx as NO2, conversion to reference oxygen with its
 * guards, dry flow at standard state, and the emission of the hour. */
#include <math.h>
#include <string.h>

#include "judge/judge_int.h"

static bool is_valid(const struct yw_mean *m) {
    return m->validity == YW_VALIDITY_VALID;
}

/* Plants that send NO and NO2 apart owe NOx as NO2 all the same. */
static void make_nox(const struct yw_judge *j, struct yw_mean *out) {
    if (j->nox < 0 || j->no < 0 || out[j->nox].validity != YW_VALIDITY_NO_DATA || !is_valid(&out[j->no]))
        return;
    bool has_no2 = j->no2 >= 0;
    if (has_no2 && !is_valid(&out[j->no2])) return;
    struct yw_mean *m = &out[j->nox];
    const struct yw_mean *no = &out[j->no];
    m->mean = yw_gas_nox(no->mean, has_no2 ? out[j->no2].mean : 0);
    m->validity = YW_VALIDITY_VALID;
    m->judged = no->judged;
    m->as_sent = no->as_sent;
    m->valid = no->valid;
    if (has_no2 && out[j->no2].valid < m->valid) m->valid = out[j->no2].valid;
    m->reason_n = 0;
    yw_mean_reason(m, YW_REASON_ENOUGH, no->reasons[0].rule, m->valid);
}

/* Cannot be brought to a dry value at standard state: shown as sent, held against nothing. */
static void note_basis(const struct yw_hour_work *w, struct yw_mean *m) {
    uint8_t reason = w->count[m->factor].basis_reason;
    if (reason == YW_REASON_NONE || isnan(m->mean)) return;
    m->judged = false;
    yw_mean_reason(m, reason, w->figures->rule[YW_FIG_STANDARD_KELVIN], NAN);
}

/* The device's own converted value, where the site gives nothing to convert by. */
static void take_sent_converted(const struct yw_hour_work *w, struct yw_mean *m) {
    const struct yw_count *c = &w->count[m->factor];
    if (c->zs_n > 0)
        m->converted = c->zs_sum / c->zs_n;
    else if (m->as_sent)
        m->converted = m->sent_converted;
    if (!isnan(m->converted)) yw_mean_reason(m, YW_REASON_CONVERTED_AS_SENT, YW_NO_RULE, NAN);
}

static void convert(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out,
                    struct yw_mean *m) {
    if ((j->converts >> m->factor & 1) == 0 || isnan(m->mean)) return;
    if (w->count[m->factor].basis_reason != YW_REASON_NONE) return;
    const struct yw_mean *o2 = j->oxygen >= 0 ? &out[j->oxygen] : NULL;
    uint16_t rule = w->figures->rule[YW_FIG_CONVERT_EPS];
    if (isnan(j->reference_oxygen) || !o2 || w->count[j->oxygen].any_n == 0) {
        take_sent_converted(w, m);
        if (!isnan(m->converted)) return;
        if (w->count[m->factor].zs_top)
            yw_mean_reason(m, YW_REASON_O2_NEAR_AIR, rule, NAN);
        else if (!isnan(j->reference_oxygen))
            yw_mean_reason(m, YW_REASON_NO_O2, rule, NAN);
        return;
    }
    bool has_o2 = is_valid(o2) && w->count[j->oxygen].basis_reason == YW_REASON_NONE;
    uint8_t reason;
    m->converted = yw_gas_convert_air(m->mean, has_o2 ? o2->mean : NAN, j->reference_oxygen,
                                      w->figures->value[YW_FIG_CONVERT_AIR],
                                      w->figures->value[YW_FIG_CONVERT_EPS], j->site->allow_down, &reason);
    if (reason != YW_REASON_NONE) yw_mean_reason(m, reason, rule, has_o2 ? o2->mean : NAN);
}

/* Dry m3 at standard state in that hour; NaN with *reason. */
static double flow_of(const struct yw_judge *j, const struct yw_hour_work *w, const struct yw_mean *out,
                      uint8_t *reason) {
    const struct yw_site *s = j->site;
    *reason = YW_REASON_NO_FLOW;
    double m3_h = NAN;
    bool is_standard_dry = false;
    if (j->gas_flow >= 0 && is_valid(&out[j->gas_flow])) {
        m3_h = out[j->gas_flow].mean * yw_unit_m3_per_h(s->factors[j->gas_flow].unit);
        is_standard_dry = s->flow_is_standard_dry;
    } else if (j->velocity >= 0 && is_valid(&out[j->velocity]) && s->stack_area_m2 > 0) {
        m3_h = 3600 * s->stack_area_m2 * out[j->velocity].mean * s->velocity_k;
    }
    if (!(m3_h >= 0)) return NAN; /* none, or a flow backwards */
    if (is_standard_dry) return m3_h;
    struct yw_gas_aux aux = yw_hour_aux(j, w);
    double scale = yw_gas_flow_scale(w->figures->value[YW_FIG_STANDARD_KELVIN],
                                     w->figures->value[YW_FIG_STANDARD_PA], &aux);
    if (isnan(scale)) *reason = isnan(aux.moisture_pct) ? YW_REASON_NO_MOISTURE : YW_REASON_NO_STATE;
    return m3_h * scale;
}

static void emit(const struct yw_judge *j, const struct yw_hour_work *w, double flow, uint8_t flow_reason,
                 struct yw_mean *m) {
    double kg = yw_unit_kg_per_m3(j->site->factors[m->factor].unit);
    if (j->site->factors[m->factor].ppm) kg = 1e-6; /* its mean is in mg/m3 by now */
    m->flow_m3 = flow;
    if (!is_valid(m) || kg == 0 || w->count[m->factor].basis_reason != YW_REASON_NONE) return;
    if (!isnan(flow))
        m->emission_kg = m->mean * flow * kg;
    else if (j->gas_flow >= 0 || j->velocity >= 0)
        yw_mean_reason(m, flow_reason, YW_NO_RULE, NAN);
}

void yw_gas_hour_finish(const struct yw_judge *j, const struct yw_hour_work *w, struct yw_mean *out) {
    make_nox(j, out);
    uint8_t flow_reason;
    double flow = flow_of(j, w, out, &flow_reason);
    if (j->gas_flow >= 0) out[j->gas_flow].flow_m3 = flow;
    for (size_t f = 0; f < j->site->factor_n; f++) {
        struct yw_mean *m = &out[f];
        note_basis(w, m);
        if (j->site->factors[f].role != YW_ROLE_POLLUTANT) continue;
        convert(j, w, out, m);
        emit(j, w, flow, flow_reason, m);
    }
}
