/* works: what the equations must keep: matter in the reactions, in the tanks, in the settler; derivatives;
 * the blocks' solution. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "plant/noise.h"
#include "plant/works/bsm1.h"

/* A state somewhere about the usual one; never the same twice. */
static void some_state(uint64_t seed, enum yw_bsm1_loop loop, struct yw_bsm1 *b, double y[YW_BSM1_MAX]) {
    *b = yw_bsm1_benchmark();
    b->loop = loop;
    yw_bsm1_first(b, y);
    for (int i = 0; i < YW_BSM1_MAX; i++) y[i] *= 0.5 + yw_noise_unit(yw_noise_bits(seed, 1, (uint64_t)i));
    for (int k = 0; k < YW_INFLOW_N; k++)
        b->inflow[k] *= 0.5 + yw_noise_unit(yw_noise_bits(seed, 2, (uint64_t)k));
}

static double cod_rate(const double r[YW_ASM_N]) {
    return yw_asm1_cod(r);
}

static void test_reactions_keep_matter(void **state) {
    (void)state;
    struct yw_asm1 p = yw_asm1_benchmark();
    for (uint64_t seed = 0; seed < 50; seed++) {
        struct yw_bsm1 b;
        double y[YW_BSM1_MAX], r[YW_ASM_N];
        some_state(seed, YW_BSM1_OPEN, &b, y);
        yw_asm1_rates(&p, y, r);
        double n2 = -(yw_asm1_tkn(&p, r) + r[YW_ASM_SNO]); /* nitrogen that leaves the water */
        double anoxic = -n2 * 2.86 * p.yh / (1 - p.yh);    /* growth on nitrate */
        assert_true(n2 >= 0 && anoxic <= 0);
        /* oxygen demand: COD, less what oxygen, nitrate and nitrogen gas carry */
        double demand = cod_rate(r) - r[YW_ASM_SO] - 4.57 * r[YW_ASM_SNO] - 1.71 * n2;
        assert_true(fabs(demand) <= 1e-9 * (fabs(cod_rate(r)) + fabs(r[YW_ASM_SO])));
    }
}

static void test_cold_is_slower(void **state) {
    (void)state;
    struct yw_asm1 p = yw_asm1_benchmark(), cold = yw_asm1_at(&p, 10), same = yw_asm1_at(&p, 15);
    assert_true(fabs(same.mua - p.mua) < 1e-12 && fabs(same.kx - p.kx) < 1e-12);
    assert_true(fabs(cold.mua / p.mua - exp(-0.49)) < 1e-9);
    assert_true(fabs(cold.muh / p.muh - exp(-0.345)) < 1e-9);
    assert_true(fabs(cold.ba / p.ba - exp(-0.4)) < 1e-9 && fabs(cold.kh / p.kh - exp(-0.55)) < 1e-9);
}

/* Tanks and settler: what comes in, goes out, is made and stays. */
static void test_flows_keep_matter(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct yw_bsm1 b;
        double y[YW_BSM1_MAX], dy[YW_BSM1_MAX], under[YW_ASM_N], out[YW_ASM_N];
        some_state(seed, YW_BSM1_OPEN, &b, y);
        yw_bsm1_rhs(&b, 0, y, dy);
        yw_bsm1_place(y, YW_BSM1_UNDERFLOW, under);
        yw_bsm1_place(y, YW_BSM1_EFFLUENT, out);
        double q0 = b.inflow[YW_INFLOW_Q], feed = q0 + b.qr;
        for (int k = 0; k < YW_ASM_N; k++) {
            double kept = 0, made = 0;
            for (int i = 0; i < YW_BSM1_TANKS; i++) {
                double r[YW_ASM_N];
                yw_asm1_rates(&b.asm1, y + i * YW_ASM_N, r);
                kept += b.volume[i] * dy[i * YW_ASM_N + k];
                made += b.volume[i] * r[k];
                if (k == YW_ASM_SO) made += b.volume[i] * b.kla[i] * (b.so_sat - y[i * YW_ASM_N + k]);
            }
            double in = q0 * b.inflow[k] + b.qr * under[k], gone = feed * y[4 * YW_ASM_N + k];
            assert_true(fabs(in + made - gone - kept) <= 1e-9 * (in + gone + fabs(made) + 1));
        }
        double solids = 0, layer = b.settler.area * b.settler.height;
        for (int j = 0; j < YW_SETTLER_LAYERS; j++) solids += layer * dy[YW_BSM1_TSS + j];
        double in = feed * yw_asm1_tss(y + 4 * YW_ASM_N);
        double gone = (q0 - b.qw) * yw_asm1_tss(out) + (b.qr + b.qw) * yw_asm1_tss(under);
        assert_true(fabs(in - gone - solids) <= 1e-9 * (in + gone));
        for (int k = 0; k < YW_BSM1_SOLUBLE; k++) {
            int s = yw_bsm1_soluble[k];
            double kept = 0;
            for (int j = 0; j < YW_SETTLER_LAYERS; j++)
                kept += layer * dy[YW_BSM1_DISSOLVED + j * YW_BSM1_SOLUBLE + k];
            double flow = feed * y[4 * YW_ASM_N + s] - (q0 - b.qw) * out[s] - (b.qr + b.qw) * under[s];
            assert_true(fabs(flow - kept) <= 1e-9 * (feed * y[4 * YW_ASM_N + s] + 1));
        }
    }
}

static void test_jacobian_is_the_derivative(void **state) {
    (void)state;
    struct yw_asm1 p = yw_asm1_benchmark();
    for (uint64_t seed = 0; seed < 20; seed++) {
        struct yw_bsm1 b;
        double y[YW_BSM1_MAX], jac[YW_ASM_ACTIVE][YW_ASM_N], up[YW_ASM_N], down[YW_ASM_N];
        some_state(seed, YW_BSM1_OPEN, &b, y);
        yw_asm1_jacobian(&p, y, jac);
        for (int c = 0; c < YW_ASM_ACTIVE; c++) {
            double *x = &y[yw_asm1_active[c]], was = *x, h = 1e-5 * was;
            *x = was + h, yw_asm1_rates(&p, y, up);
            *x = was - h, yw_asm1_rates(&p, y, down);
            *x = was;
            for (int k = 0; k < YW_ASM_N; k++) {
                double d = (up[k] - down[k]) / (2 * h),
                       rounding = (fabs(up[k]) + fabs(down[k]) + 1000) * 1e-14 / h;
                assert_true(fabs(d - jac[c][k]) <= 1e-6 * fabs(jac[c][k]) + rounding + 1e-9);
            }
        }
    }
}

/* (I - gamma*J) x is the right side again, J by differences of the equations. The blocks leave out how the
 * solids that never settle follow the feed: nothing at short steps, a tenth at steps of hours. */
static void residual_is_small(enum yw_bsm1_loop loop, uint64_t seed, double gamma, double most) {
    struct yw_bsm1 b;
    struct yw_bsm1_newton m;
    double y[YW_BSM1_MAX], up[YW_BSM1_MAX], down[YW_BSM1_MAX], at[YW_BSM1_MAX], rhs[YW_BSM1_MAX] = {0};
    double x[YW_BSM1_MAX] = {0};
    size_t n = yw_bsm1_size(loop);
    some_state(seed, loop, &b, y);
    for (size_t i = 0; i < n; i++)
        rhs[i] = 1e-3 * (y[i] + 0.01) * (yw_noise_unit(yw_noise_bits(seed, 3, i)) - 0.5);
    yw_bsm1_newton_make(&b, 0, y, gamma, &m);
    yw_bsm1_newton_solve(&m, rhs, x);
    const double h = 1e-2;
    for (size_t i = 0; i < n; i++) at[i] = y[i] + h * x[i];
    yw_bsm1_rhs(&b, 0, at, up);
    for (size_t i = 0; i < n; i++) at[i] = y[i] - h * x[i];
    yw_bsm1_rhs(&b, 0, at, down);
    double off = 0, all = 0;
    for (size_t i = 0; i < n; i++) {
        double r = (x[i] - gamma * (up[i] - down[i]) / (2 * h) - rhs[i]) / (fabs(y[i]) + 0.01);
        off += r * r, all += rhs[i] * rhs[i] / ((fabs(y[i]) + 0.01) * (fabs(y[i]) + 0.01));
    }
    assert_true(sqrt(off / all) < most);
}

static void test_blocks_solve(void **state) {
    (void)state;
    for (uint64_t seed = 0; seed < 10; seed++) {
        residual_is_small(YW_BSM1_OPEN, seed, 1e-5, 1e-4);
        residual_is_small(YW_BSM1_OPEN, seed, 1e-3, 1e-2);
        residual_is_small(YW_BSM1_OPEN, seed, 1e-1, 2e-1);
        residual_is_small(YW_BSM1_IDEAL, seed, 1e-5, 1e-4);
        residual_is_small(YW_BSM1_SENSORS, seed, 1e-6, 1e-5);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_reactions_keep_matter), cmocka_unit_test(test_cold_is_slower),
        cmocka_unit_test(test_flows_keep_matter),     cmocka_unit_test(test_jacobian_is_the_derivative),
        cmocka_unit_test(test_blocks_solve),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
