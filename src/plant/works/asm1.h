/* asm1: the activated sludge model no. 1 (Henze, Grady, Gujer, Marais, Matsuo 1987) as the benchmark
 * simulation model no. 1 states it (Alex et al., Lund University TEIE-7229, 2008): eight processes, thirteen
 * states. Concentrations g/m3 (COD, N, O2; alkalinity mol/m3), rates per day. */
#ifndef YW_PLANT_WORKS_ASM1_H
#define YW_PLANT_WORKS_ASM1_H

enum { /* order of the states, as in every table of the benchmark */
       YW_ASM_SI,
       YW_ASM_SS,
       YW_ASM_XI,
       YW_ASM_XS,
       YW_ASM_XBH,
       YW_ASM_XBA,
       YW_ASM_XP,
       YW_ASM_SO,
       YW_ASM_SNO,
       YW_ASM_SNH,
       YW_ASM_SND,
       YW_ASM_XND,
       YW_ASM_SALK,
       YW_ASM_N,
       YW_ASM_ACTIVE = 9 /* states that rates depend on: all but SI, XI, XP, SALK */
};
/* The active states in the order of a Jacobian's columns. */
extern const int yw_asm1_active[YW_ASM_ACTIVE];

struct yw_asm1 {
    double ya, yh, fp, ixb, ixp;                      /* stoichiometry */
    double muh, ks, koh, kno, bh, etag, etah, kh, kx; /* heterotrophs, hydrolysis */
    double mua, knh, ba, koa, ka;                     /* autotrophs, ammonification */
};
/* Table 5 and 6 of the benchmark's description, 15 degC. */
struct yw_asm1 yw_asm1_benchmark(void);
/* Kinetics at another temperature: exponents of OpenWasteWater (muH, bH, ka 0.069; muA 0.098; bA 0.08; kh, KX
 * 0.11 per kelvin from 15 degC). */
struct yw_asm1 yw_asm1_at(const struct yw_asm1 *p, double celsius);

/* Conversion rates; negative states count as zero within the rates only. */
void yw_asm1_rates(const struct yw_asm1 *p, const double x[YW_ASM_N], double r[YW_ASM_N]);
/* The same and its derivative: jac[c] is the derivative of all rates by the active state c. */
void yw_asm1_jacobian(const struct yw_asm1 *p, const double x[YW_ASM_N], double jac[YW_ASM_ACTIVE][YW_ASM_N]);

/* Sums of the benchmark's section 6. */
static inline double yw_asm1_tss(const double x[YW_ASM_N]) {
    return 0.75 * (x[YW_ASM_XI] + x[YW_ASM_XS] + x[YW_ASM_XBH] + x[YW_ASM_XBA] + x[YW_ASM_XP]);
}
static inline double yw_asm1_cod(const double x[YW_ASM_N]) {
    return x[YW_ASM_SI] + x[YW_ASM_SS] + x[YW_ASM_XI] + x[YW_ASM_XS] + x[YW_ASM_XBH] + x[YW_ASM_XBA] +
           x[YW_ASM_XP];
}
static inline double yw_asm1_tkn(const struct yw_asm1 *p, const double x[YW_ASM_N]) {
    return x[YW_ASM_SNH] + x[YW_ASM_SND] + x[YW_ASM_XND] + p->ixb * (x[YW_ASM_XBH] + x[YW_ASM_XBA]) +
           p->ixp * (x[YW_ASM_XP] + x[YW_ASM_XI]);
}
/* share: 0.25 of an effluent, 0.65 of raw water */
static inline double yw_asm1_bod5(const struct yw_asm1 *p, const double x[YW_ASM_N], double share) {
    return share * (x[YW_ASM_SS] + x[YW_ASM_XS] + (1 - p->fp) * (x[YW_ASM_XBH] + x[YW_ASM_XBA]));
}

#endif
