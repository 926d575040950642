/* usual: what a channel and a station are like where a scenario says nothing, and the check of what it says.
 * Ranges, response and sequences follow HJ 75/76 practice for stacks and HJ 353 to 356 practice for water. */
#include <math.h>
#include <string.h>

#include "plant/station/station.h"

struct usual {
    enum yw_quantity quantity;
    enum yw_instrument_type type;
    double range, lowest, t90_s;
    uint32_t order;
    double noise, drift_zero, drift_span; /* shares, as in struct yw_channel */
    double resolution, detection_limit, span_gas;
    int64_t cycle_s;
    double wet_share;
    bool converted, mass;
};

#define GAS(q, range, res, lod, wet)                                                                         \
    {                                                                                                        \
        YW_Q_##q, YW_INSTRUMENT_EXTRACTIVE, range, 0, 60, 2, 0.003, 0.0035, 0.0045, res, lod, (range)*0.8,   \
            0, wet, true, true                                                                               \
    }
#define SIGNAL(q, range, lowest, res)                                                                        \
    { YW_Q_##q, YW_INSTRUMENT_SIGNAL, range, lowest, 1, 1, 0.0005, 0, 0, res, 0, 0, 0, 0, false, false }
#define IN_SITU(q, range, lowest, t90, noise, zero, res)                                                     \
    {                                                                                                        \
        YW_Q_##q, YW_INSTRUMENT_IN_SITU, range, lowest, t90, 1, noise, zero, 0.002, res, 0, 0, 0, 0, false,  \
            false                                                                                            \
    }
#define BATCH(q, range, noise, span, res, lod, cycle)                                                        \
    {                                                                                                        \
        YW_Q_##q, YW_INSTRUMENT_BATCH, range, 0, 1, 1, noise, 0.001, 0.006, res, lod, span, cycle, 0, false, \
            true                                                                                             \
    }
#define IMMERSED(q, range, lowest, noise, zero, res)                                                         \
    {                                                                                                        \
        YW_Q_##q, YW_INSTRUMENT_IMMERSED, range, lowest, 60, 2, noise, zero, 0.002, res, 0, 0, 0, 0, false,  \
            false                                                                                            \
    }

/* Drift: a gas channel's 24 h p95 is half of the permitted 2.5 % of full scale: 1.96 sd = 1.25 %, shared by
 * zero and span at full scale (0.35 % and 0.45 % make 1.1 %). */
static const struct usual table[] = {
    GAS(SO2, 300, 0.01, 0.3, 0.05),
    GAS(NO, 300, 0.01, 0.3, 0),
    GAS(NO2, 100, 0.01, 0.3, 0.02),
    GAS(NOX, 300, 0.01, 0.3, 0),
    GAS(CO, 500, 0.01, 0.5, 0),
    GAS(HCL, 90, 0.01, 0.3, 0.04),
    GAS(HF, 10, 0.01, 0.1, 0.05),
    GAS(NH3, 30, 0.01, 0.1, 0.03),
    {YW_Q_O2, YW_INSTRUMENT_EXTRACTIVE, 25, 0, 30, 2, 0.001, 0.0012, 0.002, 0.01, 0, 20.9, 0, 0, false,
     false},
    {YW_Q_CO2, YW_INSTRUMENT_EXTRACTIVE, 25, 0, 45, 2, 0.002, 0.003, 0.004, 0.01, 0, 16, 0, 0, false, false},
    {YW_Q_NMHC, YW_INSTRUMENT_GC, 200, 0, 5, 1, 0.003, 0.003, 0.006, 0.01, 0.07, 120, 120, 0, false, true},
    {YW_Q_CH4, YW_INSTRUMENT_GC, 100, 0, 5, 1, 0.003, 0.003, 0.006, 0.01, 0.07, 60, 120, 0, false, false},
    {YW_Q_TOLUENE, YW_INSTRUMENT_GC, 100, 0, 5, 1, 0.004, 0.003, 0.006, 0.01, 0.1, 60, 600, 0, false, true},
    {YW_Q_FENCE_NMHC, YW_INSTRUMENT_GC, 20, 0, 5, 1, 0.003, 0.003, 0.006, 0.01, 0.07, 12, 120, 0, false,
     false},
    {YW_Q_DUST, YW_INSTRUMENT_OPTICAL, 50, 0, 20, 1, 0.004, 0.002, 0.004, 0.01, 0.1, 0, 0, 0, true, true},
    {YW_Q_VELOCITY, YW_INSTRUMENT_PITOT, 40, 0, 10, 1, 0.003, 0.0005, 0.002, 0.01, 0, 0, 0, 0, false, false},
    {YW_Q_FLOW, YW_INSTRUMENT_PITOT, 2000, 0, 10, 1, 0, 0, 0, 0.01, 0, 0, 0, 0, false, false},
    IN_SITU(H2O, 40, 0, 90, 0.003, 0.001, 0.01),
    IN_SITU(TEMP, 300, -20, 60, 0.0005, 0.0003, 0.1),
    {YW_Q_PRESSURE, YW_INSTRUMENT_IN_SITU, 5, -5, 5, 1, 0.001, 0.0003, 0.002, 0.001, 0, 0, 0, 0, false,
     false},
    IN_SITU(FURNACE1, 1300, 0, 40, 0.0008, 0.0005, 0.1),
    IN_SITU(FURNACE2, 1300, 0, 40, 0.0008, 0.0005, 0.1),
    IN_SITU(FURNACE3, 1300, 0, 40, 0.0008, 0.0005, 0.1),
    IN_SITU(FURNACE4, 1300, 0, 40, 0.0008, 0.0005, 0.1),
    IN_SITU(FURNACE5, 1300, 0, 40, 0.0008, 0.0005, 0.1),
    IN_SITU(FURNACE6, 1300, 0, 40, 0.0008, 0.0005, 0.1),
    IN_SITU(FURNACE, 1300, 0, 40, 0.0004, 0.0005, 0.1),
    IN_SITU(RTO_TEMP, 1100, 0, 20, 0.0008, 0.0005, 0.1),
    BATCH(COD, 200, 0.03, 100, 0.1, 5, 3600),
    BATCH(NH4, 20, 0.02, 10, 0.001, 0.05, 3600),
    BATCH(TN, 50, 0.03, 25, 0.01, 0.1, 3600),
    BATCH(TP, 2, 0.03, 1, 0.001, 0.01, 3600),
    BATCH(TOC, 100, 0.02, 50, 0.1, 1, 3600),
    BATCH(BOD5, 100, 0.05, 50, 0.1, 1, 7200),
    BATCH(NO3, 40, 0.02, 20, 0.01, 0.05, 3600),
    BATCH(COLIFORMS, 100000, 0.1, 0, 1, 20, 14400),
    IMMERSED(PH, 14, 0, 0.0015, 0.0008, 0.01),
    IMMERSED(SS, 200, 0, 0.005, 0.002, 0.1),
    IMMERSED(TURBIDITY, 100, 0, 0.004, 0.002, 0.01),
    IMMERSED(CONDUCTIVITY, 5000, 0, 0.001, 0.0005, 1),
    IMMERSED(WATER_TEMP, 50, -5, 0.0006, 0.0005, 0.1),
    IMMERSED(CHLORINE, 10, 0, 0.004, 0.003, 0.01),
    IMMERSED(OXYGEN3, 10, 0, 0.005, 0.003, 0.01),
    IMMERSED(OXYGEN4, 10, 0, 0.005, 0.003, 0.01),
    IMMERSED(OXYGEN5, 10, 0, 0.005, 0.003, 0.01),
    IMMERSED(MLSS, 10000, 0, 0.01, 0.002, 1),
    {YW_Q_WATER_FLOW, YW_INSTRUMENT_WEIR, 600, 0, 15, 1, 0.003, 0.0004, 0.001, 0.01, 0, 0, 0, 0, false,
     false},
};

void yw_channel_usual(struct yw_channel *c, enum yw_quantity q, bool water) {
    struct usual u = SIGNAL(LOAD, 1e6, -1e6, 0.001);
    /* inflow of the works is measured like the outfall's flow, its quality by batch analysers */
    enum yw_quantity like = q == YW_Q_INFLOW && water ? YW_Q_WATER_FLOW
                            : q == YW_Q_INFLOW_COD    ? YW_Q_COD
                            : q == YW_Q_INFLOW_NH4    ? YW_Q_NH4
                                                      : q;
    for (size_t i = 0; i < YW_COUNT(table); i++)
        if (table[i].quantity == like) u = table[i];
    *c = (struct yw_channel){.quantity = q,
                             .type = u.type,
                             .range = u.range,
                             .lowest = u.lowest,
                             .t90_s = u.t90_s,
                             .order = u.order,
                             .repeatability = u.noise,
                             .drift_zero = u.drift_zero,
                             .drift_span = u.drift_span,
                             .resolution = u.resolution,
                             .detection_limit = u.detection_limit,
                             .span_gas = u.span_gas,
                             .cycle_s = u.cycle_s,
                             .wet_share = u.wet_share,
                             .below = u.type == YW_INSTRUMENT_BATCH ? YW_BELOW_HALF : YW_BELOW_NOISE,
                             .converted = u.converted,
                             .mass = u.mass};
    if (q == YW_Q_INFLOW_COD) c->range = 1000, c->span_gas = 500;
    if (q == YW_Q_INFLOW_NH4) c->range = 100, c->span_gas = 50;
    if (u.type == YW_INSTRUMENT_SIGNAL) c->repeatability = 0;
}

void yw_station_spec_usual(struct yw_station_spec *s, bool water) {
    *s = (struct yw_station_spec){.water = water,
                                  .version = 2017,
                                  .line_m = 30,
                                  .line_mm = 4,
                                  .sample_l_min = 3,
                                  .line_temp_c = 150,
                                  .cooler_temp_c = 4,
                                  .area_m2 = 12,
                                  .kv = 1.0,
                                  .kp = 0.84,
                                  .reference_o2 = 6,
                                  .pressure_outside_pa = 101325,
                                  .warm_up_s = 1800,
                                  .digest_temp_c = 165,
                                  .digest_min = 15,
                                  .aliquots = 4,
                                  .shows_live_during_calibration = true};
    if (water) {
        s->line_m = 10, s->line_mm = 20, s->sample_l_min = 15;
        s->check = (struct yw_schedule){86400, 2 * 3600, 3600};
        s->water_calibration = (struct yw_schedule){7 * 86400, 3 * 3600, 3600};
    } else {
        s->calibration = (struct yw_schedule){86400, 2 * 3600 + 600, 780};
        s->full_path = (struct yw_schedule){90 * 86400, 10 * 3600, 1200};
        s->blowback = (struct yw_schedule){4 * 3600, 45 * 60, 120};
    }
}

static bool within(double x, double low, double high) {
    return x >= low && x <= high; /* false for NAN */
}

static enum yw_code check_channel(const struct yw_channel *c, struct yw_error *err) {
    if ((unsigned)c->quantity >= YW_Q_COUNT) return yw_fail(err, YW_E_RANGE, "a channel has no quantity");
    const char *name = yw_quantity_name(c->quantity);
    const struct {
        const char *what;
        double x, low, high;
    } figures[] = {
        {"range", c->range, c->lowest + 1e-9, 1e9},
        {"low_range", c->low_range, 0, c->range},
        {"t90", c->t90_s, 0, 3600},
        {"order", c->order, 1, 8},
        {"repeatability", c->repeatability, 0, 0.5},
        {"drift_zero", c->drift_zero, 0, 0.2},
        {"drift_span", c->drift_span, 0, 0.2},
        {"resolution", c->resolution, 1e-9, c->range - c->lowest},
        {"detection_limit", c->detection_limit, 0, c->range},
        {"limit", c->limit, 0, 1e9},
        {"span_gas", c->span_gas, 0, c->range},
        {"cycle", (double)c->cycle_s, 0, 86400},
        {"wet_share", c->wet_share, 0, 1},
    };
    for (size_t i = 0; i < YW_COUNT(figures); i++)
        if (!within(figures[i].x, figures[i].low, figures[i].high))
            return yw_fail(err, YW_E_RANGE, "%s of channel %s: %g is not between %g and %g", figures[i].what,
                           name, figures[i].x, figures[i].low, figures[i].high);
    bool steps = c->type == YW_INSTRUMENT_BATCH || c->type == YW_INSTRUMENT_GC;
    if (steps && c->cycle_s < 1)
        return yw_fail(err, YW_E_RANGE, "channel %s works in cycles: say how long one is", name);
    return YW_OK;
}

enum yw_code yw_station_spec_check(const struct yw_station_spec *s, struct yw_error *err) {
    if (s->channel_n == 0 || s->channel_n > YW_CHANNELS_MAX)
        return yw_fail(err, YW_E_RANGE, "a station has 1 to %d channels, not %u", YW_CHANNELS_MAX,
                       s->channel_n);
    for (size_t i = 0; i < s->channel_n; i++) {
        enum yw_code code = check_channel(&s->channels[i], err);
        if (code) return code;
        for (size_t k = 0; k < i; k++)
            if (s->channels[k].quantity == s->channels[i].quantity)
                return yw_fail(err, YW_E_RANGE, "channel %s stands twice",
                               yw_quantity_name(s->channels[i].quantity));
    }
    const struct {
        const char *what;
        double x, low, high;
    } figures[] = {
        {"line_m", s->line_m, 0, 200},
        {"line_mm", s->line_mm, 0.5, 200},
        {"sample_l_min", s->sample_l_min, 0.1, 1000},
        {"line_temp", s->line_temp_c, 0, 300},
        {"cooler_temp", s->cooler_temp_c, 0, 40},
        {"area", s->area_m2, 0, 2000},
        {"kv", s->kv, 0.1, 3},
        {"kp", s->kp, 0.1, 3},
        {"reference_o2", s->reference_o2, 0, 20},
        {"pressure_outside", s->pressure_outside_pa, 4e4, 1.1e5},
        {"warm_up", (double)s->warm_up_s, 0, 86400},
        {"digest_temp", s->digest_temp_c, 20, 250},
        {"digest_min", s->digest_min, 1, 240},
        {"aliquots", s->aliquots, 1, 60},
    };
    for (size_t i = 0; i < YW_COUNT(figures); i++)
        if (!within(figures[i].x, figures[i].low, figures[i].high))
            return yw_fail(err, YW_E_RANGE, "%s of the station: %g is not between %g and %g", figures[i].what,
                           figures[i].x, figures[i].low, figures[i].high);
    const struct yw_schedule *schedules[] = {&s->calibration, &s->full_path, &s->blowback, &s->check,
                                             &s->water_calibration};
    for (size_t i = 0; i < YW_COUNT(schedules); i++) {
        const struct yw_schedule *p = schedules[i];
        if (p->every_s < 0 || p->at_s < 0 || p->lasts_s < 0 || (p->every_s > 0 && p->lasts_s >= p->every_s))
            return yw_fail(err, YW_E_RANGE, "a sequence of the station lasts longer than its interval");
    }
    return YW_OK;
}

const char *yw_station_parameter_name(enum yw_parameter p) {
    static const char *const names[YW_PARAMETER_COUNT] = {
        "slope", "intercept",    "range",      "kv",          "kp",
        "area",  "reference_o2", "excess_air", "digest_temp", "digest_min"};
    return (unsigned)p < YW_PARAMETER_COUNT ? names[p] : "";
}
