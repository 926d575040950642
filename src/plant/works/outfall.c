/* outfall: what stands behind the biology, in formulas simple enough for training. Phosphorus is a surrogate:
 * ASM1 has none. */
#include <math.h>

#include "plant/works/works_int.h"

static const double PHOSPHORUS_PER_AMMONIUM = 0.16; /* of raw sewage, g P per g N */
static const double PHOSPHORUS_IN_SOLIDS = 0.02;    /* g P per g TSS */
static const double UPTAKE = 0.45;                  /* share that leaves with the waste sludge */
static const double PRECIPITATION = 0.28;           /* per mg/L of iron */
static const double CONTACT_S = 1800;               /* chlorine contact at the design flow */
static const double SLUDGE_COLIFORMS = 1e6;         /* per litre behind the settler */
static const double RAW_COLIFORMS = 1e8;

struct water { /* at a place behind the settler */
    double cod, bod, nh4, tn, no3, tp, ss, alkalinity, tracer, coliforms, chlorine;
};

static void mix(struct water *w, const struct water *other, double share) {
    double *a = &w->cod;
    const double *b = &other->cod;
    for (size_t i = 0; i < sizeof *w / sizeof(double); i++) a[i] += share * (b[i] - a[i]);
}

static struct water water_of(const struct yw_asm1 *p, const double x[YW_ASM_N], double bod_share) {
    double tkn = yw_asm1_tkn(p, x);
    return (struct water){.cod = yw_asm1_cod(x),
                          .bod = yw_asm1_bod5(p, x, bod_share),
                          .nh4 = x[YW_ASM_SNH],
                          .no3 = x[YW_ASM_SNO],
                          .tn = tkn + x[YW_ASM_SNO],
                          .ss = yw_asm1_tss(x),
                          .alkalinity = x[YW_ASM_SALK],
                          .tracer = 1};
}

/* The settler's overflow behind the filter. */
static struct water clarified(const struct yw_plant_life *life, const struct yw_works_state *s,
                              const struct yw_bsm1 *b) {
    double x[YW_ASM_N], keeps = life->parameters[YW_WORKS_FILTER_KEEPS] * life->inputs[YW_WORKS_FILTER];
    static const int particles[] = {YW_ASM_XI, YW_ASM_XS, YW_ASM_XBH, YW_ASM_XBA, YW_ASM_XP, YW_ASM_XND};
    yw_bsm1_place(s->y, YW_BSM1_EFFLUENT, x);
    for (size_t i = 0; i < YW_COUNT(particles); i++) x[particles[i]] *= 1 - keeps;
    struct water w = water_of(&b->asm1, x, 0.25);
    w.tp = s->phosphorus + PHOSPHORUS_IN_SOLIDS * w.ss;
    w.coliforms = exp(s->survivors);
    w.chlorine = s->chlorine;
    return w;
}

void yw_works_behind(const struct yw_plant_life *life, const struct yw_bsm1 *b, double span_s,
                     struct yw_works_state *s) {
    double q = b->inflow[YW_INFLOW_Q], volume = 0;
    for (int i = 0; i < YW_BSM1_TANKS; i++) volume += b->volume[i];
    double hold = 1 - exp(-span_s / 86400 * q / (volume + 6000));
    double raw = PHOSPHORUS_PER_AMMONIUM * (b->inflow[YW_ASM_SNH] + b->inflow[YW_ASM_SND]) * (1 - UPTAKE);
    double left = raw * exp(-PRECIPITATION * life->inputs[YW_WORKS_PRECIPITANT]);
    s->phosphorus += hold * (left - s->phosphorus);

    double minutes = CONTACT_S / 60 * 18446 / q, contact = 1 - exp(-span_s / (minutes * 60));
    struct water w = clarified(life, s, b);
    double demand = 0.6 + 0.03 * w.cod + 0.4 * w.nh4 / (1 + w.nh4) + 0.05 * w.ss;
    double dosed = life->inputs[YW_WORKS_CHLORINE] - demand;
    s->chlorine += contact * ((dosed > 0 ? dosed : 0) - s->chlorine);
    /* Collins and Selleck: N/N0 = (0.23 C t)^-3, none below one */
    double ct = 0.23 * s->chlorine * minutes, kill = ct > 1 ? 3 * log(ct) : 0;
    double solids = 1 + w.ss / 20; /* shelter behind particles */
    s->survivors += contact * (log(SLUDGE_COLIFORMS * solids) - kill - s->survivors);
}

static double sludge_level(const double *y, const struct yw_settler *s) {
    double level = 0;
    for (int j = YW_SETTLER_LAYERS - 1; j >= 0; j--) {
        double tss = y[YW_BSM1_TSS + j];
        double full = tss > 2500 ? 1 : (tss - 500) / 2000;
        if (full <= 0) break;
        level += full * s->height;
        if (full < 1) break;
    }
    return level;
}

static void control_room(const struct yw_plant_life *life, const struct yw_works_state *s,
                         const struct yw_bsm1 *b, struct yw_stream *out) {
    double scale = life->parameters[YW_WORKS_DESIGN_FLOW] / 18446;
    struct yw_bsm1_acting a = yw_bsm1_act(b, 0, s->y);
    double air = a.kla5 * b->volume[4];
    for (int i = 0; i < 4; i++) air += b->kla[i] * b->volume[i];
    const double *in = b->inflow;
    double lift = 0.03 * in[YW_INFLOW_Q];
    out->v[YW_Q_INFLOW] = in[YW_INFLOW_Q] * scale / 86.4;
    out->v[YW_Q_INFLOW_COD] = yw_asm1_cod(in);
    out->v[YW_Q_INFLOW_NH4] = in[YW_ASM_SNH];
    for (int i = 0; i < 3; i++) out->v[YW_Q_OXYGEN3 + i] = s->y[(2 + i) * YW_ASM_N + YW_ASM_SO];
    out->v[YW_Q_MLSS] = yw_asm1_tss(s->y + 4 * YW_ASM_N);
    out->v[YW_Q_SLUDGE_LEVEL] = sludge_level(s->y, &b->settler);
    out->v[YW_Q_BLOWER_KW] = 8.0 / 1800 * air / 24 * scale; /* the benchmark's figure, at 15 degC */
    out->v[YW_Q_PUMP_KW] = (0.004 * a.qint + 0.008 * b->qr + 0.05 * b->qw + lift) / 24 * scale;
    out->v[YW_Q_TREATMENT_KW] =
        out->v[YW_Q_BLOWER_KW] + out->v[YW_Q_PUMP_KW] + 10 * scale; /* mixers: 10 kW */
    /* as mg/L of the design flow: kg/h = g/m3 * m3/d / 24000 */
    out->v[YW_Q_DOSING] = (life->inputs[YW_WORKS_CARBON] + life->inputs[YW_WORKS_PRECIPITANT]) *
                          life->parameters[YW_WORKS_DESIGN_FLOW] / 24000;
    out->v[YW_Q_BYPASS] = life->inputs[YW_WORKS_BYPASS];
    out->v[YW_Q_LOAD] = in[YW_INFLOW_Q] / 18446;
    out->v[YW_Q_RUNNING] = life->inputs[YW_WORKS_RUN];
}

void yw_works_outfall(const struct yw_plant_life *life, const struct yw_works_state *s,
                      const struct yw_bsm1 *b, struct yw_stream *out) {
    const double *in = life->inputs;
    struct water w = clarified(life, s, b), raw = water_of(&b->asm1, b->inflow, 0.65);
    /* tap or river water as it would be led in: nearly empty, soft */
    static const struct water clean = {.cod = 4,
                                       .bod = 0.5,
                                       .nh4 = 0.05,
                                       .tn = 1.2,
                                       .no3 = 1,
                                       .tp = 0.02,
                                       .ss = 1,
                                       .alkalinity = 1.6,
                                       .tracer = 0.35,
                                       .coliforms = 20,
                                       .chlorine = 0.05};
    raw.tp = PHOSPHORUS_PER_AMMONIUM * (raw.nh4 + b->inflow[YW_ASM_SND]);
    raw.coliforms = RAW_COLIFORMS;
    mix(&w, &raw, in[YW_WORKS_BYPASS]);
    double flow = (b->inflow[YW_INFLOW_Q] - b->qw) * life->parameters[YW_WORKS_DESIGN_FLOW] / 18446;
    double salt = b->inflow[YW_ASM_SALK] / 7; /* sewage thinned by rain conducts less */
    w.tracer *= 0.4 + 0.6 * salt;
    mix(&w, &clean, in[YW_WORKS_CLEAN_WATER]);
    flow /= 1 - in[YW_WORKS_CLEAN_WATER];
    out->v[YW_Q_COD] = w.cod, out->v[YW_Q_BOD5] = w.bod, out->v[YW_Q_NH4] = w.nh4;
    out->v[YW_Q_TN] = w.tn, out->v[YW_Q_NO3] = w.no3, out->v[YW_Q_TP] = w.tp;
    out->v[YW_Q_SS] = w.ss;
    out->v[YW_Q_TURBIDITY] = 0.3 + 0.45 * w.ss;
    out->v[YW_Q_PH] = 6.38 + log10((w.alkalinity > 0.05 ? w.alkalinity : 0.05) / 0.62);
    out->v[YW_Q_CONDUCTIVITY] = 520 * w.tracer + 80 * w.alkalinity + 9 * w.no3 + 12 * w.nh4;
    out->v[YW_Q_WATER_TEMP] = in[YW_WORKS_WATER_TEMP];
    out->v[YW_Q_WATER_FLOW] = flow / 86.4;
    out->v[YW_Q_TOC] = 1 + 0.33 * w.cod;
    out->v[YW_Q_CHLORINE] = w.chlorine;
    out->v[YW_Q_COLIFORMS] = w.coliforms;
    control_room(life, s, b, out);
}
