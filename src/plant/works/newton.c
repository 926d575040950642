/* newton: the matrix I - gamma*J of the works by blocks, and solving with it. */
#include <math.h>
#include <string.h>

#include "plant/works/bsm1.h"

enum { A = YW_ASM_ACTIVE, B = YW_ASM_ACTIVE + 1, SO_AT = 4 }; /* place of SO among the active states */
static const int particles[6] = {YW_ASM_XI, YW_ASM_XS, YW_ASM_XBH, YW_ASM_XBA, YW_ASM_XP, YW_ASM_XND};
static const int solids[5] = {YW_ASM_XI, YW_ASM_XS, YW_ASM_XBH, YW_ASM_XBA, YW_ASM_XP};

/* ---- a tank's block: LU with row exchanges ---- */

static void factor(double m[B][B], int pivot[B], int n) {
    for (int c = 0; c < n; c++) {
        int best = c;
        for (int r = c + 1; r < n; r++)
            if (fabs(m[r][c]) > fabs(m[best][c])) best = r;
        pivot[c] = best;
        if (best != c)
            for (int k = 0; k < n; k++) {
                double t = m[c][k];
                m[c][k] = m[best][k], m[best][k] = t;
            }
        double inverse = m[c][c] = m[c][c] != 0 ? 1 / m[c][c] : 0;
        for (int r = c + 1; r < n; r++) {
            double f = m[r][c] *= inverse;
            if (f == 0) continue;
            for (int k = c + 1; k < n; k++) m[r][k] -= f * m[c][k];
        }
    }
}

static void back(const double m[B][B], const int pivot[B], int n, double *x) {
    for (int c = 0; c < n; c++) { /* whole rows were exchanged while factoring */
        double t = x[c];
        x[c] = x[pivot[c]], x[pivot[c]] = t;
    }
    for (int r = 1; r < n; r++)
        for (int k = 0; k < r; k++) x[r] -= m[r][k] * x[k];
    for (int r = n - 1; r >= 0; r--) {
        for (int k = r + 1; k < n; k++) x[r] -= m[r][k] * x[k];
        x[r] *= m[r][r];
    }
}

/* ---- making ---- */

static void make_tank(const struct yw_bsm1 *b, const struct yw_bsm1_acting *a, const double *y, int i,
                      struct yw_bsm1_newton *m) {
    struct yw_bsm1_block *k = &m->block[i];
    const double *x = y + i * YW_ASM_N;
    double jac[A][YW_ASM_N], g = m->gamma, air = i == 4 ? a->kla5 : b->kla[i];
    yw_asm1_jacobian(&b->asm1, x, jac);
    for (int r = 0; r < A; r++)
        for (int c = 0; c < A; c++)
            k->lu[r][c] = (r == c ? 1 + m->pass[i] : 0) - g * jac[c][yw_asm1_active[r]];
    for (int c = 0; c < A; c++) k->alkalinity[c] = g * jac[c][YW_ASM_SALK];
    k->lu[SO_AT][SO_AT] += g * air;
    int n = A;
    if (i == 4 && b->loop == YW_BSM1_IDEAL) { /* the controller's integral is the tenth */
        const struct yw_pi *o = &b->oxygen;
        bool free = a->free5 > o->low && a->free5 < o->high;
        double gap = b->so_sat - x[YW_ASM_SO];
        n = B;
        for (int c = 0; c < B; c++) k->lu[A][c] = k->lu[c][A] = 0;
        if (free) k->lu[SO_AT][SO_AT] += g * gap * o->k, k->lu[SO_AT][A] = -g * gap;
        k->lu[A][SO_AT] = g * (o->k / o->ti - (free ? 0 : o->k / o->tt));
        k->lu[A][A] = 1 + (free ? 0 : g / o->tt);
    }
    factor(k->lu, k->pivot, n);
}

static void make_controllers(const struct yw_bsm1 *b, const struct yw_bsm1_acting *a, const double *y,
                             struct yw_bsm1_newton *m) {
    const struct yw_pi *o = &b->oxygen, *n = &b->nitrate;
    double g = m->gamma, minute = 1.0 / 1440;
    bool freeq = a->freeq > n->low && a->freeq<n->high, free5 = a->free5> o->low && a->free5 < o->high;
    m->qint_k = freeq ? n->k : 0;
    m->integral_at = 1 + (freeq ? 0 : g / n->tt);
    m->integral_by_no = -g * (n->k / n->ti - (freeq ? 0 : n->k / n->tt));
    m->kla_k = free5 ? o->k : 0;
    m->oxygen_at = 1 + (free5 ? 0 : g / o->tt);
    m->oxygen_by_so = -g * (o->k / o->ti - (free5 ? 0 : o->k / o->tt));
    m->oxygen_gap = g * (b->so_sat - y[4 * YW_ASM_N + YW_ASM_SO]);
    m->sensor_o = g / (0.257 * minute), m->sensor_n = g / (0.849 * minute),
    m->actuator = g / (4 / 3.89 * minute);
}

static void make_settler(const struct yw_bsm1 *b, double q0, const double *y, struct yw_bsm1_newton *m) {
    const double *feed = y + 4 * YW_ASM_N;
    double layer = b->settler.area * b->settler.height, g = m->gamma;
    struct yw_settler_flows flows = {q0 + b->qr, b->qr + b->qw, yw_asm1_tss(feed)};
    yw_settler_jacobian(&b->settler, &flows, y + YW_BSM1_TSS, m->below, m->at, m->above);
    m->settle_in = g * flows.feed / layer;
    m->up = g * (flows.feed - flows.under) / layer, m->down = g * flows.under / layer;
    double last = 0; /* elimination of the three diagonals */
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) {
        double below = -g * m->below[j], at = 1 - g * m->at[j], above = -g * m->above[j];
        m->below[j] = below;
        m->at[j] = 1 / (at - below * last);
        m->above[j] = last = above * m->at[j];
    }
    double s = flows.solids > 0 ? flows.solids : 1, bottom = y[YW_BSM1_TSS + YW_SETTLER_LAYERS - 1];
    for (int k = 0; k < 6; k++)
        m->share[particles[k]] = bottom / s, m->per_tss[particles[k]] = feed[particles[k]] / s;
    m->thickening = bottom / s;
}

void yw_bsm1_newton_make(const struct yw_bsm1 *b, double t, const double *y, double gamma,
                         struct yw_bsm1_newton *m) {
    struct yw_bsm1_acting a = yw_bsm1_act(b, t, y);
    double q0 = b->inflow[YW_INFLOW_Q] + (t - b->since) * b->slope[YW_INFLOW_Q], q = q0 + a.qint + b->qr;
    m->gamma = gamma, m->loop = b->loop;
    m->fp_bh = gamma * b->asm1.fp * b->asm1.bh, m->fp_ba = gamma * b->asm1.fp * b->asm1.ba;
    m->qint_in = gamma * a.qint / b->volume[0], m->qr_in = gamma * b->qr / b->volume[0];
    m->rounds = gamma * q / b->volume[0] < 0.2 ? 2 : gamma * q / b->volume[0] < 1 ? 6 : 60;
    for (int i = 0; i < YW_BSM1_TANKS; i++) {
        const double *x = y + i * YW_ASM_N, *from = i ? x - YW_ASM_N : y + 4 * YW_ASM_N;
        m->pass[i] = gamma * q / b->volume[i];
        for (int k = 0; k < YW_ASM_N; k++) m->by_qint[i][k] = gamma / b->volume[i] * (from[k] - x[k]);
        make_tank(b, &a, y, i, m);
    }
    make_controllers(b, &a, y, m);
    make_settler(b, q0, y, m);
}

/* ---- solving ---- */

struct round { /* what comes back to tank 1, and what the controllers change */
    double in[YW_ASM_N], qint, kla5;
};

static void solve_tank(const struct yw_bsm1_newton *m, int i, const double *rhs, const struct round *w,
                       double *x) {
    const double *from = i ? x + (i - 1) * YW_ASM_N : w->in;
    double *to = x + i * YW_ASM_N, full[YW_ASM_N], z[B], pass = i ? m->pass[i] : 1;
    bool held = i == 4 && m->loop == YW_BSM1_IDEAL;
    for (int k = 0; k < YW_ASM_N; k++)
        full[k] = rhs[i * YW_ASM_N + k] + pass * from[k] + w->qint * m->by_qint[i][k];
    if (i == 4 && m->loop == YW_BSM1_SENSORS) full[YW_ASM_SO] += m->oxygen_gap * w->kla5;
    for (int c = 0; c < A; c++) z[c] = full[yw_asm1_active[c]];
    if (held) z[A] = rhs[YW_BSM1_OXYGEN_INTEGRAL];
    if (held)
        back(m->block[i].lu, m->block[i].pivot, B, z);
    else
        back(m->block[i].lu, m->block[i].pivot, A, z);
    if (held) x[YW_BSM1_OXYGEN_INTEGRAL] = z[A];
    double alkalinity = full[YW_ASM_SALK], own = 1 / (1 + m->pass[i]);
    for (int c = 0; c < A; c++) {
        to[yw_asm1_active[c]] = z[c];
        alkalinity += m->block[i].alkalinity[c] * z[c];
    }
    to[YW_ASM_SI] = full[YW_ASM_SI] * own;
    to[YW_ASM_XI] = full[YW_ASM_XI] * own;
    to[YW_ASM_XP] = (full[YW_ASM_XP] + m->fp_bh * to[YW_ASM_XBH] + m->fp_ba * to[YW_ASM_XBA]) * own;
    to[YW_ASM_SALK] = alkalinity * own;
}

static void solve_settler(const struct yw_bsm1_newton *m, const double *rhs, double *x) {
    const double *r = rhs + YW_BSM1_TSS, *rd = rhs + YW_BSM1_DISSOLVED, *feed = x + 4 * YW_ASM_N;
    double *s = x + YW_BSM1_TSS, *d = x + YW_BSM1_DISSOLVED, tss = 0;
    for (int k = 0; k < 5; k++) tss += 0.75 * feed[solids[k]];
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) {
        double v = r[j] + (j == YW_SETTLER_FEED ? m->settle_in * tss : 0);
        s[j] = (v - (j ? m->below[j] * s[j - 1] : 0)) * m->at[j];
    }
    for (int j = YW_SETTLER_LAYERS - 2; j >= 0; j--) s[j] -= m->above[j] * s[j + 1];
    double in = 1 / (1 + m->settle_in), up = 1 / (1 + m->up), down = 1 / (1 + m->down);
    enum { N = YW_BSM1_SOLUBLE, F = YW_SETTLER_FEED * N };
    for (int k = 0; k < N; k++) {
        d[F + k] = (rd[F + k] + m->settle_in * feed[yw_bsm1_soluble[k]]) * in;
        for (int j = YW_SETTLER_FEED - 1; j >= 0; j--)
            d[j * N + k] = (rd[j * N + k] + m->up * d[(j + 1) * N + k]) * up;
        for (int j = YW_SETTLER_FEED + 1; j < YW_SETTLER_LAYERS; j++)
            d[j * N + k] = (rd[j * N + k] + m->down * d[(j - 1) * N + k]) * down;
    }
}

static void come_back(const struct yw_bsm1_newton *m, const double *x, struct round *w) {
    const double *feed = x + 4 * YW_ASM_N;
    double tss = 0, under[YW_ASM_N] = {0};
    for (int k = 0; k < 5; k++) tss += 0.75 * feed[solids[k]];
    for (int k = 0; k < YW_BSM1_SOLUBLE; k++)
        under[yw_bsm1_soluble[k]] = x[YW_BSM1_DISSOLVED + (YW_SETTLER_LAYERS - 1) * YW_BSM1_SOLUBLE + k];
    double layer = x[YW_BSM1_TSS + YW_SETTLER_LAYERS - 1] - m->thickening * tss;
    for (int k = 0; k < 6; k++)
        under[particles[k]] = m->share[particles[k]] * feed[particles[k]] + m->per_tss[particles[k]] * layer;
    for (int k = 0; k < YW_ASM_N; k++) w->in[k] = m->qint_in * feed[k] + m->qr_in * under[k];
}

static double chain(const double *rhs, double ratio, double in, double *x, int n) {
    for (int k = 0; k < n; k++) x[k] = in = (rhs[k] + ratio * in) / (1 + ratio);
    return in;
}

static void solve_nitrate(const struct yw_bsm1_newton *m, const double *rhs, double *x, struct round *w) {
    double no = x[YW_ASM_N + YW_ASM_SNO];
    if (m->loop == YW_BSM1_SENSORS)
        no = chain(rhs + YW_BSM1_NITRATE_SENSOR, m->sensor_n, no, x + YW_BSM1_NITRATE_SENSOR, 8);
    double integral = (rhs[YW_BSM1_NITRATE_INTEGRAL] + m->integral_by_no * no) / m->integral_at;
    x[YW_BSM1_NITRATE_INTEGRAL] = integral;
    w->qint = m->qint_k > 0 ? integral - m->qint_k * no : 0;
}

static void solve_oxygen(const struct yw_bsm1_newton *m, const double *rhs, double *x, struct round *w) {
    double so = chain(rhs + YW_BSM1_OXYGEN_SENSOR, m->sensor_o, x[4 * YW_ASM_N + YW_ASM_SO],
                      x + YW_BSM1_OXYGEN_SENSOR, 2);
    double integral = (rhs[YW_BSM1_OXYGEN_INTEGRAL] + m->oxygen_by_so * so) / m->oxygen_at;
    x[YW_BSM1_OXYGEN_INTEGRAL] = integral;
    double asked = m->kla_k > 0 ? integral - m->kla_k * so : 0;
    w->kla5 = chain(rhs + YW_BSM1_ACTUATOR, m->actuator, asked, x + YW_BSM1_ACTUATOR, 2);
}

void yw_bsm1_newton_solve(const struct yw_bsm1_newton *m, const double *rhs, double *x) {
    struct round w = {.qint = 0};
    for (int turn = 0; turn < m->rounds; turn++) {
        double before = w.qint, sum = 0, change = 0, in[YW_ASM_N];
        memcpy(in, w.in, sizeof in);
        for (int i = 0; i < YW_BSM1_TANKS; i++) solve_tank(m, i, rhs, &w, x);
        if (m->loop != YW_BSM1_OPEN) solve_nitrate(m, rhs, x, &w);
        if (m->loop == YW_BSM1_SENSORS) solve_oxygen(m, rhs, x, &w);
        solve_settler(m, rhs, x);
        come_back(m, x, &w);
        if (m->rounds <= 2) continue;
        for (int k = 0; k < YW_ASM_N; k++) change += fabs(w.in[k] - in[k]), sum += fabs(w.in[k]);
        if (change <= 1e-6 * sum && fabs(w.qint - before) <= 1e-6 * fabs(w.qint)) break;
    }
}
