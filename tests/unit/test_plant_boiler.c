/* A boiler as a whole: what goes in comes out, what is told shows, usual boilers stand where the trade has
 * them. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "plant_boiler.h"

static struct boiler_life b; /* too large for every stack frame */

static void set(enum yw_boiler_input i, double x) {
    b.inputs[i] = x;
}

/* A day full of events: nothing may get lost in it. */
static void eventful(double hours) {
    for (int h = 0; h < hours; h++) {
        double r = yw_noise_unit(yw_noise_bits(77, 1, (uint64_t)h));
        set(YW_BOILER_I_LOAD, h % 11 == 9 ? 0 : 0.3 + 0.8 * r);
        set(YW_BOILER_I_SULPHUR, 0.5 + 2 * r);
        set(YW_BOILER_I_MORE_ASH, h % 3 == 1 ? 1.5 : 1);
        set(YW_BOILER_I_BYPASS, h % 5 == 2 ? 0.3 : h % 17 == 16 ? 1 : 0);
        set(YW_BOILER_I_PUMPS_OFF, h % 4);
        set(YW_BOILER_I_PUMPS_AUTO, h % 2);
        set(YW_BOILER_I_OXIDATION, h % 7 == 3 ? 0 : 1);
        set(YW_BOILER_I_LIMESTONE, h % 6 == 4 ? 0 : 1);
        set(YW_BOILER_I_AMMONIA_AUTO, h % 3 != 2);
        set(YW_BOILER_I_NSR, 1.6 * r);
        set(YW_BOILER_I_CATALYST, 0.3 + 0.7 * r);
        set(YW_BOILER_I_TRAMP, h % 9 == 5 ? 0.5 : 0);
        set(YW_BOILER_I_FIELDS_OFF, h % 8 == 7 ? 3 : 0);
        set(YW_BOILER_I_TORN, h % 6 == 5 ? 0.01 : 0);
        boiler_run(&b, 3600);
    }
}

static double held(const struct yw_boiler *s, enum yw_duct_part p) {
    return s->before[p] * s->before_m3 + s->behind[p] * s->behind_m3;
}

static void balances(enum usual_boiler which, double step_s) {
    boiler_usual(&b, which);
    boiler_begin(&b, 3, step_s);
    struct yw_boiler first = b.state;
    eventful(40);
    const struct yw_boiler *s = &b.state;
    const struct yw_boiler_ledger *l = &s->ledger;
    const struct yw_fgd *f = &s->fgd;
    const double close = 1e-6;

    /* sulphur, kg */
    double so2_held = 1e-6 * (held(s, YW_DUCT_SO2) - held(&first, YW_DUCT_SO2));
    double slurry =
        f->gypsum + f->sulphite - first.fgd.gypsum - first.fgd.sulphite + f->bled_gypsum + f->bled_sulphite;
    double sulphur = l->ash_s + (l->stack_so2 + so2_held + slurry * 0.064066) / 2;
    assert_true(l->coal_s > 0);
    assert_near(sulphur / l->coal_s, 1, close);
    if (b.parameters[YW_BOILER_P_PUMPS] >= 1) {
        assert_true(slurry > 0);
        assert_near(slurry / f->absorbed, 1, close);
        double lime = f->dissolved + f->bled_limestone + f->limestone - first.fgd.limestone;
        assert_near(lime / f->fed, 1, close);
    }
    /* nitrogen, mol */
    const double ppm = 1e-3 / YW_GAS_MOLAR;
    double nox = l->nox_out +
                 (s->behind[YW_DUCT_NOX] - first.behind[YW_DUCT_NOX]) * s->behind_m3 / YW_GAS_NO2_PPM * ppm;
    if (l->nox_in > 0) assert_near((nox + l->nox_reduced) / l->nox_in, 1, close);
    if (l->nh3_in > 0) {
        double slip = l->nh3_out + (s->behind[YW_DUCT_NH3] - first.behind[YW_DUCT_NH3]) * s->behind_m3 /
                                       YW_GAS_NH3_PPM * ppm;
        double stored = 0;
        if (b.parameters[YW_BOILER_P_DENOX] < 1.5)
            stored = yw_scr_stored(&s->scr, b.parameters[YW_BOILER_P_SCR_STORE], s->fire.dry_design) -
                     yw_scr_stored(&first.scr, b.parameters[YW_BOILER_P_SCR_STORE], s->fire.dry_design);
        double gone = l->nox_reduced + l->nh3_burnt + l->nh3_to_ash + l->nh3_to_slurry + slip + stored;
        assert_near(gone / l->nh3_in, 1, close);
    }
    /* ash, kg; water, Nm3 of vapour */
    double ash = l->bottom_ash + l->hopper_ash + l->slurry_ash + l->stack_ash +
                 1e-6 * (held(s, YW_DUCT_ASH) - held(&first, YW_DUCT_ASH));
    assert_near(ash / l->coal_ash, 1, close);
    double water = l->water_out + held(s, YW_DUCT_WATER) - held(&first, YW_DUCT_WATER);
    assert_near(water / (l->water_in + l->water_scrubbed), 1, close);
}

static void nothing_gets_lost(void **unused) {
    (void)unused;
    for (int which = 0; which < USUAL_BOILERS; which++) balances((enum usual_boiler)which, 10);
    balances(POWER_300, 60);
    balances(CFB_220, 1);
}

struct expected {
    enum usual_boiler which;
    double reference, so2[2], nox[2], dust[2], temp[2], o2[2], velocity[2];
};
static void usual_boilers_stand_where_the_trade_has_them(void **unused) {
    (void)unused;
    static const struct expected table[] = {
        {POWER_300, 6, {15, 30}, {34, 46}, {1.5, 5}, {47, 55}, {4.5, 7}, {8, 15}},
        {POWER_600, 6, {15, 30}, {34, 46}, {1.5, 5}, {47, 55}, {4.5, 7}, {8, 15}},
        {CFB_220, 6, {14, 30}, {36, 50}, {2, 7}, {47, 55}, {4.5, 7.5}, {8, 15}},
        {GRATE_35, 9, {90, 200}, {180, 300}, {4, 20}, {45, 55}, {9, 12}, {6, 14}},
        {PULVERISED_75_BARE, 9, {220, 420}, {180, 300}, {10, 80}, {125, 155}, {6, 9}, {8, 15}}};
    for (size_t i = 0; i < YW_COUNT(table); i++) {
        const struct expected *e = &table[i];
        const struct {
            enum yw_quantity q;
            double at;
            const double *within;
        } checks[] = {{YW_Q_SO2, e->reference, e->so2},
                      {YW_Q_NOX, e->reference, e->nox},
                      {YW_Q_DUST, e->reference, e->dust},
                      {YW_Q_TEMP, NAN, e->temp},
                      {YW_Q_O2, NAN, e->o2},
                      {YW_Q_VELOCITY, NAN, e->velocity}};
        boiler_usual(&b, e->which);
        boiler_begin(&b, 5, 30);
        boiler_run(&b, 3600);
        for (size_t k = 0; k < YW_COUNT(checks); k++) {
            double x = boiler_mean(&b, 4 * 3600, checks[k].q, checks[k].at);
            if (x < checks[k].within[0] || x > checks[k].within[1])
                fail_msg("boiler %d: %s is %g", (int)e->which, yw_quantity_name(checks[k].q), x);
        }
    }
}

static void bypass_shows_in_temperature_humidity_and_sulphur_alike(void **unused) {
    (void)unused;
    boiler_usual(&b, POWER_300);
    boiler_begin(&b, 9, 10);
    set(YW_BOILER_I_PUMPS_AUTO, 0);
    boiler_run(&b, 1800);
    struct boiler_life shut = b;
    boiler_run(&shut, 600);
    struct yw_stream before = shut.out;
    double raw = before.v[YW_Q_SO2_IN], hot = b.state.fire.exit_temp;
    set(YW_BOILER_I_BYPASS, 0.1);
    boiler_run(&b, 600);
    const double *v = b.out.v;
    double by_so2 = (v[YW_Q_SO2] - before.v[YW_Q_SO2]) / (raw - before.v[YW_Q_SO2]);
    double by_temp = (v[YW_Q_TEMP] - before.v[YW_Q_TEMP]) / (hot - before.v[YW_Q_TEMP]);
    assert_near(by_so2, 0.1, 0.015);
    assert_near(by_temp, 0.1, 0.015);
    double dry_h2o =
        (1 - shut.state.ledger.water_scrubbed / shut.state.ledger.water_out) * before.v[YW_Q_H2O];
    double by_water = (v[YW_Q_H2O] - before.v[YW_Q_H2O]) / (dry_h2o - before.v[YW_Q_H2O]);
    assert_near(by_water, 0.1, 0.03);
    assert_true(v[YW_Q_BYPASS] == 0.1);
}

static void slurry_set_point_pumps_limestone_and_air(void **unused) {
    (void)unused;
    static const struct {
        enum yw_boiler_input i;
        double value, hours, least; /* SO2 times the undisturbed */
    } cases[] = {{YW_BOILER_I_PH_SET, 5.2, 6, 1.3},
                 {YW_BOILER_I_PUMPS_OFF, 1, 0.3, 1.8},
                 {YW_BOILER_I_LIMESTONE, 0, 6, 1.5},
                 {YW_BOILER_I_OXIDATION, 0, 6, 1.5},
                 {YW_BOILER_I_BLINDING, 0.9, 6, 1.5}};
    for (size_t k = 0; k < YW_COUNT(cases); k++) {
        double so2[2];
        for (int with = 0; with < 2; with++) {
            boiler_usual(&b, POWER_300);
            boiler_begin(&b, 13, 30);
            set(YW_BOILER_I_PUMPS_AUTO, 0);
            boiler_run(&b, 3600);
            if (with) set(cases[k].i, cases[k].value);
            boiler_run(&b, cases[k].hours * 3600);
            so2[with] = boiler_mean(&b, 600, YW_Q_SO2, 6);
        }
        if (so2[1] < cases[k].least * so2[0])
            fail_msg("%s: SO2 %g, before %g", yw_kind_boiler.inputs[cases[k].i].name, so2[1], so2[0]);
    }
}

static void a_controller_goes_by_what_it_sees(void **unused) {
    (void)unused;
    boiler_usual(&b, POWER_300);
    boiler_begin(&b, 4, 10);
    double usual = boiler_mean(&b, 7200, YW_Q_NOX, 6);
    set(YW_BOILER_I_NOX_SEEN, 0.5);
    boiler_run(&b, 7200);
    assert_true(boiler_mean(&b, 7200, YW_Q_NOX, 6) > 1.5 * usual);
    set(YW_BOILER_I_AMMONIA, 0);
    boiler_run(&b, 7200);
    assert_near(boiler_mean(&b, 600, YW_Q_NOX, 6) / b.parameters[YW_BOILER_P_NOX], 1, 0.15);
    assert_true(b.out.v[YW_Q_AMMONIA] == 0);
}

static void air_short_makes_carbon_monoxide_and_less_nox(void **unused) {
    (void)unused;
    boiler_usual(&b, POWER_300);
    boiler_begin(&b, 4, 10);
    double co = boiler_mean(&b, 3600, YW_Q_CO, NAN), nox = boiler_mean(&b, 3600, YW_Q_NOX_IN, NAN);
    set(YW_BOILER_I_O2_SHIFT, -2.5);
    boiler_run(&b, 1800);
    assert_true(boiler_mean(&b, 3600, YW_Q_CO, NAN) > 3 * co);
    assert_true(boiler_mean(&b, 3600, YW_Q_NOX_IN, NAN) < 0.95 * nox);
}

static void fuel_lost_makes_oxygen_rise_and_pressure_fall(void **unused) {
    (void)unused;
    boiler_usual(&b, POWER_300);
    boiler_begin(&b, 4, 5);
    double o2 = boiler_mean(&b, 600, YW_Q_O2, NAN);
    struct yw_stream before = b.out;
    set(YW_BOILER_I_FEEDER, 0.4);
    boiler_run(&b, 60);
    assert_true(boiler_mean(&b, 120, YW_Q_O2, NAN) > o2 + 0.4);
    boiler_run(&b, 1800);
    assert_true(b.out.v[YW_Q_DRUM_PRESSURE] < 0.9 * before.v[YW_Q_DRUM_PRESSURE]);
    assert_true(b.out.v[YW_Q_FUEL] < 0.8 * before.v[YW_Q_FUEL] && b.out.v[YW_Q_LOAD] < 0.75);
}

static void air_let_in_dilutes_everything_alike(void **unused) {
    (void)unused;
    boiler_usual(&b, POWER_300);
    boiler_begin(&b, 4, 10);
    boiler_run(&b, 1200);
    const enum yw_quantity gases[] = {YW_Q_SO2, YW_Q_NOX, YW_Q_CO, YW_Q_CO2, YW_Q_DUST};
    struct yw_stream open, shut;
    struct boiler_life copy = b;
    boiler_run(&b, 120);
    shut = b.out;
    b = copy;
    set(YW_BOILER_I_TRAMP, 0.5);
    set(YW_BOILER_I_AMMONIA_AUTO, 1);
    boiler_run(&b, 120);
    open = b.out;
    double keep = shut.v[YW_Q_FLOW] / open.v[YW_Q_FLOW];
    assert_true(keep < 0.8);
    for (size_t i = 0; i < YW_COUNT(gases); i++)
        assert_near(open.v[gases[i]] / shut.v[gases[i]] / keep, 1, 0.1);
    double converted = yw_gas_at_reference(open.v[YW_Q_CO2], open.v[YW_Q_O2], 6) /
                       yw_gas_at_reference(shut.v[YW_Q_CO2], shut.v[YW_Q_O2], 6);
    assert_near(converted, 1, 0.01);
    assert_true(open.v[YW_Q_TEMP] < shut.v[YW_Q_TEMP] - 3);
}

static void stops_cools_and_starts_again(void **unused) {
    (void)unused;
    boiler_usual(&b, POWER_300);
    boiler_begin(&b, 21, 20);
    set(YW_BOILER_I_LOAD, 0);
    boiler_run(&b, 120);
    assert_true(b.out.v[YW_Q_STAGE] == YW_STAGE_SHUTDOWN && b.out.v[YW_Q_RUNNING] == 0.5);
    boiler_run(&b, 4 * 3600);
    assert_true(b.out.v[YW_Q_STAGE] == YW_STAGE_STOPPED && b.out.v[YW_Q_RUNNING] == 0);
    assert_true(b.out.v[YW_Q_O2] > 20.5 && b.out.v[YW_Q_FUEL] == 0 && b.out.v[YW_Q_PRODUCT] == 0);
    assert_true(b.out.v[YW_Q_VELOCITY] < 1 && b.out.v[YW_Q_FAN_CURRENT] == 0);
    boiler_run(&b, 40 * 3600);
    set(YW_BOILER_I_LOAD, 0.8);
    boiler_run(&b, 3600);
    assert_true(b.out.v[YW_Q_STAGE] == YW_STAGE_STARTUP && b.out.v[YW_Q_FUEL] > 0);
    assert_true(b.out.v[YW_Q_AMMONIA] == 0 && b.out.v[YW_Q_O2] > 8); /* too cold for the catalyst */
    assert_true(b.out.v[YW_Q_SO2_IN] < 500);                         /* oil, no coal yet */
    double hours = 1;
    while (b.out.v[YW_Q_RUNNING] < 1 && hours < 10) {
        boiler_run(&b, 600);
        hours += 1.0 / 6;
    }
    assert_true(hours > 2.5 && hours < 6);
    boiler_run(&b, 3 * 3600);
    assert_near(b.out.v[YW_Q_LOAD], 0.8, 1e-9);
    assert_near(boiler_mean(&b, 3600, YW_Q_NOX, 6), 40, 6);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_gets_lost),
        cmocka_unit_test(usual_boilers_stand_where_the_trade_has_them),
        cmocka_unit_test(bypass_shows_in_temperature_humidity_and_sulphur_alike),
        cmocka_unit_test(slurry_set_point_pumps_limestone_and_air),
        cmocka_unit_test(a_controller_goes_by_what_it_sees),
        cmocka_unit_test(air_short_makes_carbon_monoxide_and_less_nox),
        cmocka_unit_test(fuel_lost_makes_oxygen_rise_and_pressure_fall),
        cmocka_unit_test(air_let_in_dilutes_everything_alike),
        cmocka_unit_test(stops_cools_and_starts_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
