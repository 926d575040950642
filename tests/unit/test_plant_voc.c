/* voc: destruction, balances of heat and solvent, switching, faults, carbon. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "flue_life.h"
#include "plant/flue/carbon.h"
#include "plant/flue/rto.h"
#include "plant/flue/workshop.h"

/* Toluene within 0.75 s. */
static void destruction(void **state) {
    (void)state;
    assert_true(fabs(yw_rto_destroyed(650, 0.75) - 0.51) < 0.01);
    assert_true(fabs(yw_rto_destroyed(700, 0.75) - 0.97) < 0.005);
    assert_true(fabs(yw_rto_destroyed(730, 0.75) - 0.9998) < 0.0002);
}

static const struct yw_rto_spec usual = {3, 90, 800, 8.5, 1870, 0.85, 0.35};

static void heat_and_solvent(void **state) {
    (void)state;
    static const double steps[] = {1, 7, 60};
    for (size_t s = 0; s < YW_COUNT(steps); s++)
        for (int beds = 2; beds <= 3; beds++) {
            struct yw_rto_spec spec = usual;
            spec.beds = beds;
            struct yw_rto_in in = {8.5, 22, 3, 1, 0.004, 15, 1};
            struct yw_rto r;
            struct yw_rto_out out;
            int64_t time = FLUE_START;
            yw_rto_begin(&r, &spec, &in, 800, time);
            double heat = yw_rto_heat(&r, &spec), held = r.held, came = 0, burnt = 0, left = 0, given = 0,
                   taken = 0;
            for (int i = 0; i < 3000; i++, time += (int64_t)(steps[s] * 1e6)) {
                in.solvent = 3 + 2.5 * sin(i * 0.07);
                in.wet = i / 400 % 3 == 2 ? 3 : 9;
                in.burner = i / 600 % 4 == 3 ? 0 : 1;
                in.leak = i / 500 % 2 ? 0.05 : 0.004;
                in.purged = i / 200 % 2;
                yw_rto_step(&r, &spec, &in, time, steps[s], &out);
                came += in.solvent * steps[s], burnt += out.destroyed * steps[s], left += out.out * steps[s];
                given += (in.wet * YW_RTO_CP * in.warm + out.burner_kw + out.heat_voc) * steps[s];
                taken += (in.wet * YW_RTO_CP * out.leaves + out.heat_loss_kw) * steps[s];
                assert_true(out.out >= 0 && out.burner_kw >= 0 && r.chamber < 1200 && r.chamber > 20);
            }
            assert_true(fabs((burnt + left + r.held - held) / came - 1) < 1e-9);
            assert_true(fabs((taken + yw_rto_heat(&r, &spec) - heat) / given - 1) < 1e-6);
        }
}

static void recovery(void **state) {
    (void)state;
    struct yw_rto_in in = {8.5, 22, 1, 1, 0, 15, 1};
    struct yw_rto r;
    struct yw_rto_out out;
    yw_rto_begin(&r, &usual, &in, 800, 0);
    double leaves = 0;
    int64_t time = 0;
    for (int i = 0; i < 3600; i++, time += 5000000) {
        yw_rto_step(&r, &usual, &in, time, 5, &out);
        if (i >= 1800) leaves += out.leaves / 1800;
    }
    double share = 1 - (leaves - in.warm) / (r.chamber - in.warm);
    assert_true(fabs(r.chamber - 800) < 5);
    assert_true(share > 0.93 && share < 0.98);
}

/* Two beds push the gas of the dead volume out at every switch; three are purged. */
static void puffs(void **state) {
    (void)state;
    double most[2], mean[2];
    for (int beds = 2; beds <= 3; beds++) {
        struct yw_rto_spec spec = usual;
        struct yw_rto_in in = {8.5, 22, 4, 1, 0.004, 15, 1};
        struct yw_rto r;
        struct yw_rto_out out;
        spec.beds = beds;
        yw_rto_begin(&r, &spec, &in, 800, 0);
        most[beds - 2] = mean[beds - 2] = 0;
        for (int i = 0; i < 720; i++) {
            yw_rto_step(&r, &spec, &in, (int64_t)i * 1000000, 1, &out);
            most[beds - 2] = fmax(most[beds - 2], out.out);
            mean[beds - 2] += out.out / 720;
        }
    }
    assert_true(mean[0] / 4 > 0.004 + 0.8 * 0.35 / 90 && most[0] > 50 * most[1]);
    assert_true(fabs(mean[1] / 4 - 0.004) < 0.001);
}

static void carbon(void **state) {
    (void)state;
    assert_true(yw_carbon_through(0.3, 22) < 0.001 && fabs(yw_carbon_through(1, 22) - 0.5) < 1e-9);
    assert_true(yw_carbon_through(2, 22) > 0.999 && yw_carbon_through(0.9, 45) > yw_carbon_through(0.9, 22));
    struct yw_carbon c = {0};
    double came = 0, left = 0, stays = 0, kept;
    for (int i = 0; i < 20000; i++) {
        struct yw_carbon_in in = {i / 60 % 2 ? 4 : 0.5, i / 10000.0, 25};
        came += in.solvent * 10;
        left += 10 * yw_carbon_step(&c, &in, 10, &kept);
        stays += kept * 10;
    }
    assert_true(fabs((left + stays + c.loose) / came - 1) < 1e-9);
}

static void solvent_of_the_workshop(void **state) {
    (void)state;
    struct yw_workshop w = {0};
    struct yw_workshop_in in = {6, 1, 1, 3};
    double used, busy, sprayed = 0, evaporated = 0, left = 0;
    for (int i = 0; i < 5000; i++) {
        in.work = i / 1000 % 2 ? 0.3 : 1;
        evaporated += 20 * yw_workshop_step(&w, &in, FLUE_START + (int64_t)i * 20000000, 20, &used, &busy);
        sprayed += 20 * used;
        assert_true(busy >= 0 && busy <= 1 + 1e-9);
    }
    for (int i = 0; i < YW_BOOTHS_MAX; i++) left += w.wet[i] + w.drying[i];
    assert_true(fabs((evaporated + left) / sprayed - 1) < 1e-9);
}

static void whole(void **state) {
    (void)state;
    struct flue_life l;
    static const double steps[] = {1, 10, 60};
    for (size_t i = 0; i < YW_COUNT(steps); i++)
        for (uint64_t seed = 1; seed <= 15; seed++)
            for (double kind = 0; kind <= 2; kind++) {
                const struct flue_set set[] = {{"treatment", kind}, {NULL, 0}};
                flue_open(&l, "voc", seed, steps[i], set);
                flue_run(&l, steps[i] < 5 ? 0.5 : 6);
                flue_check_whole(&l);
                if (steps[i] > 5) assert_true(fabs(l.mean[YW_Q_NMHC_IN] / 400 - 1) < 0.2);
                assert_true(kind > 0 || fabs(l.mean[YW_Q_NMHC] - l.mean[YW_Q_NMHC_IN] - 0.3) < 1e-6);
                if (kind == 1) { /* 98 % and more */
                    assert_true(l.mean[YW_Q_NMHC] < 0.02 * l.mean[YW_Q_NMHC_IN]);
                    assert_true(l.low[YW_Q_RTO_TEMP] > 790 && l.high[YW_Q_RTO_TEMP] < 830);
                }
                assert_true(isnan(l.last[YW_Q_RTO_TEMP]) == (kind != 1));
                assert_true(isnan(l.last[YW_Q_CARBON_AGE]) == (kind != 2));
                flue_close(&l);
            }
}

static void faults(void **state) {
    (void)state;
    struct flue_life l;
    flue_open(&l, "voc", 2, 10, NULL);
    flue_run(&l, 2);
    double nmhc = l.mean[YW_Q_NMHC], fence = l.mean[YW_Q_FENCE_NMHC];
    flue_input(&l, "valve_leak", 0.05);
    flue_run(&l, 1);
    assert_true(l.mean[YW_Q_NMHC] > 8 * nmhc && l.mean[YW_Q_RTO_TEMP] > 790);
    flue_input(&l, "valve_leak", 0);
    flue_input(&l, "purge", 0);
    flue_run(&l, 1);
    assert_true(l.mean[YW_Q_NMHC] > 1.5 * nmhc);
    flue_input(&l, "purge", 1);
    flue_input(&l, "capture", 0.5);
    flue_run(&l, 1);
    assert_true(l.mean[YW_Q_FENCE_NMHC] > 1.5 * fence && l.mean[YW_Q_NMHC_IN] < 300);
    flue_input(&l, "capture", 1);
    flue_input(&l, "bypass", 0.3);
    flue_run(&l, 1);
    assert_true(fabs(l.mean[YW_Q_NMHC] / l.mean[YW_Q_NMHC_IN] - 0.3) < 0.02);
    flue_input(&l, "bypass", 0);
    flue_input(&l, "burner", 0); /* the ceramics hold for a while */
    flue_run(&l, 0.25);
    assert_true(l.mean[YW_Q_NMHC] < 8);
    flue_run(&l, 3);
    assert_true(l.last[YW_Q_RTO_TEMP] < 640 && l.last[YW_Q_NMHC] > 100);
    flue_input(&l, "burner", 1);
    flue_run(&l, 2);
    assert_true(l.last[YW_Q_RTO_TEMP] > 790);
    flue_input(&l, "run", 0);
    flue_run(&l, 1);
    assert_true(l.last[YW_Q_RUNNING] < 1 && l.last[YW_Q_FLOW] < 0.3 && l.last[YW_Q_LOAD] == 0);
    flue_close(&l);
}

static void old_carbon(void **state) {
    (void)state;
    const struct flue_set set[] = {{"treatment", 2}, {NULL, 0}};
    struct flue_life l;
    double through[3], spread[3];
    static const double days[] = {10, 45, 100};
    for (int i = 0; i < 3; i++) {
        flue_open(&l, "voc", 2, 30, set);
        flue_input(&l, "carbon_days", days[i]);
        flue_run(&l, 2);
        flue_run(&l, 4);
        assert_true(l.last[YW_Q_CARBON_AGE] == days[i]);
        through[i] = l.mean[YW_Q_NMHC] / l.mean[YW_Q_NMHC_IN];
        spread[i] = (l.high[YW_Q_NMHC] - l.low[YW_Q_NMHC]) / l.mean[YW_Q_NMHC];
        flue_close(&l);
    }
    assert_true(through[0] < 0.05 && fabs(through[1] - 0.5) < 0.06 && through[2] > 0.95);
    assert_true(spread[2] < 0.7 * spread[0]); /* loaded carbon evens peaks out */
}

static void snapshot(void **state) {
    (void)state;
    flue_check_snapshot("voc", 1, "burner", 0);
    flue_check_snapshot("voc", 60, "run", 0);
    assert_true(flue_meeting("voc", 60, YW_Q_NMHC) < 0.01);
    assert_true(flue_meeting("voc", 60, YW_Q_RTO_TEMP) < 0.001);
}

static void any_inputs(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 12; seed++) {
        const struct flue_set set[] = {
            {"treatment", (double)(seed % 3)}, {"beds", seed % 2 ? 2 : 3}, {NULL, 0}};
        flue_shake("voc", seed, seed % 2 ? 60 : 7, set);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(any_inputs),
                                       cmocka_unit_test(destruction),
                                       cmocka_unit_test(heat_and_solvent),
                                       cmocka_unit_test(recovery),
                                       cmocka_unit_test(puffs),
                                       cmocka_unit_test(carbon),
                                       cmocka_unit_test(solvent_of_the_workshop),
                                       cmocka_unit_test(whole),
                                       cmocka_unit_test(faults),
                                       cmocka_unit_test(old_carbon),
                                       cmocka_unit_test(snapshot)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
