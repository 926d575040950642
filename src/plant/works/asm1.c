/* asm1: rates of the eight processes and their derivatives. */
#include "plant/works/asm1.h"

#include <math.h>

const int yw_asm1_active[YW_ASM_ACTIVE] = {YW_ASM_SS,  YW_ASM_XS,  YW_ASM_XBH, YW_ASM_XBA, YW_ASM_SO,
                                           YW_ASM_SNO, YW_ASM_SNH, YW_ASM_SND, YW_ASM_XND};

struct yw_asm1 yw_asm1_benchmark(void) {
    return (struct yw_asm1){.ya = 0.24,
                            .yh = 0.67,
                            .fp = 0.08,
                            .ixb = 0.08,
                            .ixp = 0.06,
                            .muh = 4,
                            .ks = 10,
                            .koh = 0.2,
                            .kno = 0.5,
                            .bh = 0.3,
                            .etag = 0.8,
                            .etah = 0.8,
                            .kh = 3,
                            .kx = 0.1,
                            .mua = 0.5,
                            .knh = 1,
                            .ba = 0.05,
                            .koa = 0.4,
                            .ka = 0.05};
}

struct yw_asm1 yw_asm1_at(const struct yw_asm1 *p, double celsius) {
    struct yw_asm1 q = *p;
    double d = celsius - 15, h = exp(0.069 * d), s = exp(0.11 * d);
    q.muh *= h, q.bh *= h, q.ka *= h;
    q.mua *= exp(0.098 * d), q.ba *= exp(0.08 * d);
    q.kh *= s, q.kx *= s;
    return q;
}

/* Process rates to conversion rates: the stoichiometric matrix, times rho. */
static void convert(const struct yw_asm1 *p, const double rho[8], double r[YW_ASM_N]) {
    double grown = rho[0] + rho[1], died = rho[3] + rho[4];
    r[YW_ASM_SI] = 0;
    r[YW_ASM_SS] = -grown / p->yh + rho[6];
    r[YW_ASM_XI] = 0;
    r[YW_ASM_XS] = (1 - p->fp) * died - rho[6];
    r[YW_ASM_XBH] = grown - rho[3];
    r[YW_ASM_XBA] = rho[2] - rho[4];
    r[YW_ASM_XP] = p->fp * died;
    r[YW_ASM_SO] = -(1 - p->yh) / p->yh * rho[0] - (4.57 - p->ya) / p->ya * rho[2];
    r[YW_ASM_SNO] = -(1 - p->yh) / (2.86 * p->yh) * rho[1] + rho[2] / p->ya;
    r[YW_ASM_SNH] = -p->ixb * grown - (p->ixb + 1 / p->ya) * rho[2] + rho[5];
    r[YW_ASM_SND] = rho[7] - rho[5];
    r[YW_ASM_XND] = (p->ixb - p->fp * p->ixp) * died - rho[7];
    r[YW_ASM_SALK] = -p->ixb / 14 * grown + (1 - p->yh) / (14 * 2.86 * p->yh) * rho[1] -
                     (p->ixb / 14 + 1 / (7 * p->ya)) * rho[2] + rho[5] / 14;
}

struct terms { /* what rates and derivatives share */
    double ss, xs, xbh, xba, snh, snd, xnd;
    double ms, mo, mn, mnh, moa; /* Monod terms */
    double room;                 /* KX XBH + XS */
    double open;                 /* what hydrolysis may: aerobic + anoxic */
};

static double above_zero(double x) {
    return x > 0 ? x : 0;
}

static struct terms look(const struct yw_asm1 *p, const double x[YW_ASM_N]) {
    struct terms t = {.ss = above_zero(x[YW_ASM_SS]),
                      .xs = above_zero(x[YW_ASM_XS]),
                      .xbh = above_zero(x[YW_ASM_XBH]),
                      .xba = above_zero(x[YW_ASM_XBA]),
                      .snh = above_zero(x[YW_ASM_SNH]),
                      .snd = above_zero(x[YW_ASM_SND]),
                      .xnd = above_zero(x[YW_ASM_XND])};
    double so = above_zero(x[YW_ASM_SO]), sno = above_zero(x[YW_ASM_SNO]);
    t.ms = t.ss / (p->ks + t.ss);
    t.mo = so / (p->koh + so);
    t.mn = sno / (p->kno + sno);
    t.mnh = t.snh / (p->knh + t.snh);
    t.moa = so / (p->koa + so);
    t.room = p->kx * t.xbh + t.xs;
    t.open = t.mo + p->etah * (1 - t.mo) * t.mn;
    return t;
}

void yw_asm1_rates(const struct yw_asm1 *p, const double x[YW_ASM_N], double r[YW_ASM_N]) {
    struct terms t = look(p, x);
    double grow = p->muh * t.ms * t.xbh;
    double per_xs = t.room > 0 ? p->kh * t.xbh / t.room * t.open : 0;
    double rho[8] = {grow * t.mo,
                     grow * (1 - t.mo) * t.mn * p->etag,
                     p->mua * t.mnh * t.moa * t.xba,
                     p->bh * t.xbh,
                     p->ba * t.xba,
                     p->ka * t.snd * t.xbh,
                     per_xs * t.xs,
                     per_xs * t.xnd};
    convert(p, rho, r);
}

void yw_asm1_jacobian(const struct yw_asm1 *p, const double x[YW_ASM_N],
                      double jac[YW_ASM_ACTIVE][YW_ASM_N]) {
    struct terms t = look(p, x);
    double so = above_zero(x[YW_ASM_SO]), sno = above_zero(x[YW_ASM_SNO]);
    double dms = p->ks / ((p->ks + t.ss) * (p->ks + t.ss));
    double dmo = p->koh / ((p->koh + so) * (p->koh + so));
    double dmn = p->kno / ((p->kno + sno) * (p->kno + sno));
    double dmnh = p->knh / ((p->knh + t.snh) * (p->knh + t.snh));
    double dmoa = p->koa / ((p->koa + so) * (p->koa + so));
    double io = 1 - t.mo, room2 = t.room > 0 ? p->kh / (t.room * t.room) : 0;
    double bare = t.room > 0 ? p->kh * t.xbh / t.room : 0; /* hydrolysis per XS where all is open */
    double by_o = dmo * (1 - p->etah * t.mn), by_n = p->etah * io * dmn;
    double rho[YW_ASM_ACTIVE][8] = {
        {p->muh * dms * t.mo * t.xbh, p->muh * dms * io * t.mn * p->etag * t.xbh},
        {[6] = room2 * p->kx * t.xbh * t.xbh * t.open, [7] = -room2 * t.xbh * t.open * t.xnd},
        {p->muh * t.ms * t.mo, p->muh * t.ms * io * t.mn * p->etag, 0, p->bh, 0, p->ka * t.snd,
         room2 * t.xs * t.xs * t.open, room2 * t.xs * t.open * t.xnd},
        {[2] = p->mua * t.mnh * t.moa, [4] = p->ba},
        {p->muh * t.ms * dmo * t.xbh, -p->muh * t.ms * dmo * t.mn * p->etag * t.xbh,
         p->mua * t.mnh * dmoa * t.xba, 0, 0, 0, bare * by_o * t.xs, bare * by_o * t.xnd},
        {[1] = p->muh * t.ms * io * dmn * p->etag * t.xbh,
         [6] = bare * by_n * t.xs,
         [7] = bare * by_n * t.xnd},
        {[2] = p->mua * dmnh * t.moa * t.xba},
        {[5] = p->ka * t.xbh},
        {[7] = bare * t.open}};
    for (int c = 0; c < YW_ASM_ACTIVE; c++) convert(p, rho[c], jac[c]);
}
