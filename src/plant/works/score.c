/* score: sums over the marks, figures at the end. */
#include "plant/works/score.h"

#include <stdlib.h>
#include <string.h>

static const double LIMIT[YW_SCORE_LIMITS] = {18, 4, 30};

static double solids_within(const struct yw_bsm1 *b, const double *y) { /* kg */
    double mass = 0, layer = b->settler.area * b->settler.height;
    for (int i = 0; i < YW_BSM1_TANKS; i++) mass += yw_asm1_tss(y + i * YW_ASM_N) * b->volume[i];
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) mass += y[YW_BSM1_TSS + j] * layer;
    return mass / 1000;
}

void yw_score_begin(struct yw_score *s, const struct yw_bsm1 *b, const double *y) {
    memset(s, 0, sizeof *s);
    s->inventory = solids_within(b, y);
}

struct weights {
    double tss, cod, tkn, no, bod;
};
static const struct weights ORIGINAL = {2, 1, 20, 20, 2}, UPDATED = {2, 1, 30, 10, 2};

static double pollution(const struct weights *w, const struct yw_asm1 *p, const double x[YW_ASM_N],
                        double bod_share) {
    return w->tss * yw_asm1_tss(x) + w->cod * yw_asm1_cod(x) + w->tkn * yw_asm1_tkn(p, x) +
           w->no * x[YW_ASM_SNO] + w->bod * yw_asm1_bod5(p, x, bod_share);
}

static void add_energy(struct yw_score *s, const struct yw_bsm1 *b, const struct yw_bsm1_acting *a,
                       double span) {
    for (int i = 0; i < YW_BSM1_TANKS; i++) {
        double kla = i == 4 ? a->kla5 : b->kla[i];
        s->air += span * b->so_sat / 1800 * b->volume[i] * kla;
        s->air_original += span * 24 * b->volume[i] / 1333 * (0.0007 * kla * kla + 0.3267 * kla);
        if (kla < 20) s->mixing += span * 24 * 0.005 * b->volume[i];
    }
    s->pumping += span * (0.004 * a->qint + 0.008 * b->qr + 0.05 * b->qw);
    s->pumping_original += span * 0.04 * (a->qint + b->qr + b->qw);
    s->carbon += span * b->carbon / 1000;
}

void yw_score_add(struct yw_score *s, const struct yw_bsm1 *b, double t, double span, const double *y) {
    if (s->samples == YW_SCORE_SAMPLES_MAX) return;
    double out[YW_ASM_N], under[YW_ASM_N], q0 = b->inflow[YW_INFLOW_Q], q = q0 - b->qw;
    struct yw_bsm1_acting a = yw_bsm1_act(b, t, y);
    yw_bsm1_place(y, YW_BSM1_EFFLUENT, out);
    yw_bsm1_place(y, YW_BSM1_UNDERFLOW, under);
    s->span += span, s->volume += span * q;
    for (int k = 0; k < YW_ASM_N; k++) s->load[k] += span * q * out[k];
    s->influent_index += span * q0 / 1000 * pollution(&UPDATED, &b->asm1, b->inflow, 0.65);
    s->index += span * q / 1000 * pollution(&UPDATED, &b->asm1, out, 0.25);
    s->index_original += span * q / 1000 * pollution(&ORIGINAL, &b->asm1, out, 0.25);
    s->wasted += span * b->qw * yw_asm1_tss(under) / 1000;
    s->lost += span * q * yw_asm1_tss(out) / 1000;
    s->sample[YW_SCORE_TN][s->samples] = yw_asm1_tkn(&b->asm1, out) + out[YW_ASM_SNO];
    s->sample[YW_SCORE_NH4][s->samples] = out[YW_ASM_SNH];
    s->sample[YW_SCORE_TSS][s->samples++] = yw_asm1_tss(out);
    add_energy(s, b, &a, span);
}

/* ---- figures ---- */

struct violation {
    double days, percent, events;
};

static struct violation violated(const struct yw_score *s, enum yw_score_limit l) {
    size_t over = 0, events = 0;
    for (size_t i = 0; i < s->samples; i++) {
        bool now = s->sample[l][i] > LIMIT[l], before = i && s->sample[l][i - 1] > LIMIT[l];
        over += now, events += now && !before;
    }
    double share = s->samples ? (double)over / (double)s->samples : 0;
    return (struct violation){share * s->span, share * 100, (double)events};
}

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double percentile95(struct yw_score *s, enum yw_score_limit l) {
    if (!s->samples) return 0;
    double sorted[YW_SCORE_SAMPLES_MAX];
    memcpy(sorted, s->sample[l], s->samples * sizeof *sorted);
    qsort(sorted, s->samples, sizeof *sorted, ascending);
    return sorted[(size_t)((double)s->samples * 0.95)];
}

static void put(struct yw_score_quantity *out, size_t *n, const char *name, double value) {
    out[(*n)++] = (struct yw_score_quantity){name, value};
}

void yw_score_end(struct yw_score *s, const struct yw_bsm1 *b, const double *y,
                  struct yw_score_quantity out[YW_SCORE_QUANTITIES]) {
    static const char *const states[YW_ASM_N] = {"SI_e", "SS_e",  "XI_e",  "XS_e",  "XBH_e", "XBA_e", "XP_e",
                                                 "SO_e", "SNO_e", "SNH_e", "SND_e", "XND_e", "SALK_e"};
    static const char *const limits[YW_SCORE_LIMITS][4] = {
        {"TN_95pct", "TN_viol_days", "TN_viol_pct", "TN_viol_events"},
        {"NH4_95pct", "NH4_viol_days", "NH4_viol_pct", "NH4_viol_events"},
        {"TSS_95pct", "TSS_viol_days", "TSS_viol_pct", "TSS_viol_events"}};
    static const enum yw_score_limit order[] = {YW_SCORE_NH4, YW_SCORE_TN, YW_SCORE_TSS};
    double mean[YW_ASM_N], t = s->span;
    size_t n = 0;
    for (int k = 0; k < YW_ASM_N; k++) put(out, &n, states[k], mean[k] = s->load[k] / s->volume);
    double tkn = yw_asm1_tkn(&b->asm1, mean), growth = solids_within(b, y) - s->inventory;
    double sludge = (s->wasted + growth) / t;
    put(out, &n, "TSS_e", yw_asm1_tss(mean));
    put(out, &n, "Qe", s->volume / t);
    put(out, &n, "TKN_e", tkn);
    put(out, &n, "TN_e", tkn + mean[YW_ASM_SNO]);
    put(out, &n, "COD_e", yw_asm1_cod(mean));
    put(out, &n, "BOD5_e", yw_asm1_bod5(&b->asm1, mean, 0.25));
    put(out, &n, "IQI_updated", s->influent_index / t);
    put(out, &n, "EQI_original", s->index_original / t);
    put(out, &n, "EQI_updated", s->index / t);
    put(out, &n, "sludge_disposal_kgd", sludge);
    put(out, &n, "sludge_total_kgd", sludge + s->lost / t);
    put(out, &n, "aeration_kWhd_original", s->air_original / t);
    put(out, &n, "aeration_kWhd_updated", s->air / t);
    put(out, &n, "pumping_kWhd_original", s->pumping_original / t);
    put(out, &n, "pumping_kWhd_updated", s->pumping / t);
    put(out, &n, "mixing_kWhd", s->mixing / t);
    double rest = 5 * sludge + (3 * s->carbon + s->mixing) / t;
    put(out, &n, "OCI_original", (s->air_original + s->pumping_original) / t + rest);
    put(out, &n, "OCI_updated", (s->air + s->pumping) / t + rest);
    for (size_t i = 0; i < YW_SCORE_LIMITS; i++) put(out, &n, limits[order[i]][0], percentile95(s, order[i]));
    for (int l = 0; l < YW_SCORE_LIMITS; l++) {
        struct violation v = violated(s, (enum yw_score_limit)l);
        put(out, &n, limits[l][1], v.days);
        put(out, &n, limits[l][2], v.percent);
        put(out, &n, limits[l][3], v.events);
    }
}
