/* station: the instruments of one outlet, from the truth at the section to the value with its mark that the
 * station computer stores. Per channel: sampling point, transport delay, response (n lags, T90),
 * cross-sensitivity, drift of zero and span, noise, resolution, detection limit, range, conversion, slope and
 * intercept. Continuous gas analysers with calibration and blowback sequences; batch water analysers with
 * composite sampling, standard checks and retained samples. POD state: a copy is a snapshot. */
#ifndef YW_PLANT_STATION_H
#define YW_PLANT_STATION_H

#include "base/base.h"
#include "plant/station/effect.h"
#include "plant/quantity.h"

enum { YW_CHANNELS_MAX = 16, YW_STATION_LOG_MAX = 64, YW_RETAINED_MAX = 24 };

enum yw_mark { /* data marks, by falling precedence when several hold */
               YW_MARK_F,
               YW_MARK_C,
               YW_MARK_M,
               YW_MARK_D,
               YW_MARK_T,
               YW_MARK_SD,
               YW_MARK_ST,
               YW_MARK_N,
               YW_MARK_COUNT
};
const char *yw_mark_text(enum yw_mark mark); /* "F", "Sd" */

enum yw_instrument_type {                           /* decides which parts of the chain it has */
                          YW_INSTRUMENT_EXTRACTIVE, /* gas through probe, line, cooler: NDIR, UV, CLD, oxygen
                                                       cell */
                          YW_INSTRUMENT_GC,         /* NMHC: step and hold, flame */
                          YW_INSTRUMENT_OPTICAL,    /* dust in the duct */
                          YW_INSTRUMENT_PITOT,      /* velocity: Kv, Kp */
                          YW_INSTRUMENT_IN_SITU,    /* temperature, pressure, moisture, thermocouples */
                          YW_INSTRUMENT_BATCH,      /* COD, NH3-N, TP, TN */
                          YW_INSTRUMENT_IMMERSED,   /* pH, conductivity, turbidity, water temperature */
                          YW_INSTRUMENT_WEIR,       /* level -> flow */
                          YW_INSTRUMENT_SIGNAL      /* a signal of the control room as it is */
};

enum yw_below { YW_BELOW_NOISE, YW_BELOW_ZERO, YW_BELOW_HALF }; /* shown under the detection limit */

struct yw_channel { /* of a station: data, from the scenario; usual values per quantity */
    enum yw_quantity quantity;
    enum yw_instrument_type type;
    double range, low_range; /* full scale; a second, smaller one with hysteresis 80 % / 60 %, 0: none */
    double lowest;           /* below it nothing is shown (-20 degC, 0) */
    double t90_s;
    uint32_t order;                /* of the response, 1..8 */
    double repeatability;          /* noise, sd as a share of full scale (batch: of the value) */
    double drift_zero, drift_span; /* sd per day^0.5, share of full scale / of the value */
    double resolution, detection_limit;
    double limit;     /* permitted value, for triggers and clipping; 0: none */
    double span_gas;  /* in the quantity's unit; 0: is not calibrated with gas or standard */
    int64_t cycle_s;  /* batch and GC: one value each; held in between */
    double wet_share; /* condensing loss at low level and the like, share of the value at 25 % moisture */
    enum yw_below below;
    bool converted, mass;
};

struct yw_schedule { /* once each `every` seconds from a civil offset; 0: never */
    int64_t every_s, at_s, lasts_s;
};

/* Parameters an officer can read and somebody can change: per channel slope, intercept, range, k, b; of the
 * station Kv, Kp, area, reference oxygen, dilution ratio, moisture when set by hand. Names as in
 * yw_station_parameter_name. */
enum yw_parameter {
    YW_PARAMETER_SLOPE, /* per channel from here */
    YW_PARAMETER_INTERCEPT,
    YW_PARAMETER_RANGE, /* of the station computer; the analyser has its own */
    YW_PARAMETER_PER_CHANNEL,
    YW_PARAMETER_KV = YW_PARAMETER_PER_CHANNEL, /* of the station from here */
    YW_PARAMETER_KP,
    YW_PARAMETER_AREA,
    YW_PARAMETER_REFERENCE_O2,
    YW_PARAMETER_EXCESS_AIR, /* 0: by reference oxygen */
    YW_PARAMETER_DIGEST_TEMP,
    YW_PARAMETER_DIGEST_MIN,
    YW_PARAMETER_COUNT
};

struct yw_station_spec {
    bool water;
    uint32_t version; /* 2005, 2017, 2025: which marks there are */
    struct yw_channel channels[YW_CHANNELS_MAX];
    uint32_t channel_n;
    double line_m, line_mm, sample_l_min; /* transport delay */
    double line_temp_c, cooler_temp_c;
    double area_m2, kv, kp, reference_o2;
    double pressure_outside_pa;
    struct yw_schedule calibration, full_path, blowback, check, water_calibration;
    int64_t warm_up_s; /* behind a power loss */
    double digest_temp_c, digest_min;
    uint32_t aliquots; /* of a composite sample, per cycle */
    bool shows_live_during_calibration;
};

enum yw_station_did {              /* operation log; before, after: */
                      YW_DID_ZERO, /* of a calibration: reading, what it was set to (the same: refused); fed
                                      alone or through the whole path: nominal, reading */
                      YW_DID_SPAN,
                      YW_DID_CALIBRATION, /* batch: reading of the standard, what it was set to */
                      YW_DID_CHECK,       /* nominal, result; leak test: 0, share of air in % */
                      YW_DID_BLOWBACK,
                      YW_DID_PARAMETER, /* from, to */
                      YW_DID_LOGIN,
                      YW_DID_DOOR,  /* after 1: opened, 0: shut */
                      YW_DID_POWER, /* after 1: on, 0: off */
                      YW_DID_ALARM, /* before: yw_station_alarm */
                      YW_DID_RANGE  /* full scale from, to */
};
struct yw_station_line {
    int64_t time;
    uint8_t did, channel; /* channel UINT8_MAX: of the station */
    uint8_t parameter; /* YW_DID_PARAMETER: yw_parameter; ZERO to CHECK: yw_station_act_kind it was part of */
    bool passed, hidden; /* hidden: it happened, the log does not have it */
    double before, after;
};
struct yw_retained { /* a bottle of the sampler */
    int64_t from, to;
    double value[YW_CHANNELS_MAX]; /* what a laboratory would find; NAN: not this quantity */
};

/* What somebody does at the station now (host command, exercise); one at a time per channel. */
enum yw_station_act_kind {
    YW_ACT_ZERO_ANALYSER, /* zero gas at the analyser */
    YW_ACT_SPAN_ANALYSER,
    YW_ACT_ZERO_PROBE, /* through the whole path */
    YW_ACT_SPAN_PROBE,
    YW_ACT_CALIBRATE, /* zero, span, adjust */
    YW_ACT_CHECK,     /* standard check with the station's own gas or solution, at the analyser */
    YW_ACT_BLOWBACK,
    YW_ACT_SAMPLE, /* batch: take one now */
    YW_ACT_RETAIN, /* fill a bottle now */
    YW_ACT_AIR,    /* ambient air at the probe */
    YW_ACT_LEAK_TEST,
    YW_ACT_SET_PARAMETER, /* value; logged */
    YW_ACT_POWER_OFF,
    YW_ACT_POWER_ON,
    YW_ACT_COUNT
};
struct yw_station_act {
    int64_t time, lasts_us;           /* 0: usual length */
    uint8_t kind, channel, parameter; /* channel UINT8_MAX: all that fit */
    double value; /* gas or standard in the quantity's unit (NAN: the channel's), parameter's value */
};

struct yw_reading {   /* of one channel at one moment */
    double truth;     /* at the section, in the channel's quantity */
    double analyser;  /* on the analyser's own display */
    double ma;        /* signal, 4-20 */
    double stored;    /* in the station computer, with slope and intercept */
    double converted; /* to reference oxygen; = stored where not converted */
    uint8_t mark;     /* yw_mark */
    bool taken;       /* batch: this is a new result */
    int64_t sampled;  /* batch: when the sampling of what is shown began; else the reading's own time */
};
struct yw_readings {
    int64_t time;
    struct yw_reading channel[YW_CHANNELS_MAX];
    double flow_m3_s; /* dry standard gas, or water, as the station computes it */
    double line_temp_c, cooler_temp_c, sample_l_min, room_temp_c, digest_temp_c;
    uint32_t alarms; /* bit: enum yw_station_alarm */
    bool door_open, power, sampling;
};
enum yw_station_alarm {
    YW_ALARM_LINE_COLD,
    YW_ALARM_COOLER_WARM,
    YW_ALARM_WATER,
    YW_ALARM_FLOW,
    YW_ALARM_FLAME,
    YW_ALARM_REAGENT,
    YW_ALARM_LAMP,
    YW_ALARM_CALIBRATION /* the last one was refused: zero over 5 % or span over 10 % of full scale off */
};

/* Usual values of a channel for its quantity; version decides nothing here. */
void yw_channel_usual(struct yw_channel *c, enum yw_quantity q, bool water);
void yw_station_spec_usual(struct yw_station_spec *s, bool water);
/* YW_E_RANGE names channel and value. */
enum yw_code yw_station_spec_check(const struct yw_station_spec *s, struct yw_error *err);

struct yw_station;
size_t
yw_station_size(void); /* POD: may be copied; spec pointer is the caller's and is set again by attach */
void yw_station_begin(struct yw_station *s, const struct yw_station_spec *spec, uint64_t seed, int64_t start,
                      double step_s);
/* What deeds hold or smooth of these quantities (all zero: of all) is as it was in another life of the
 * station. */
void yw_station_keep(struct yw_station *s, const struct yw_station *then, const uint64_t quantities[2]);
void yw_station_attach(struct yw_station *s, const struct yw_station_spec *spec);
/* One step. condition: YW_MARK_N, ST, SD or F of the source. acts: those with time in (time - step, time];
 * older ones are taken too: a parameter of any age holds from here on, gas whose time is over is not fed.
 * Without power all values are 0 with mark D. */
void yw_station_step(struct yw_station *s, const struct yw_stream *truth, enum yw_mark condition,
                     const struct yw_effects_now *now, const struct yw_station_act *acts, size_t act_n,
                     int64_t time, struct yw_readings *out);
double yw_station_parameter(const struct yw_station *s, enum yw_parameter p, size_t channel);
const char *yw_station_parameter_name(enum yw_parameter p); /* "slope" */
/* The operation log, oldest first. */
size_t yw_station_log(const struct yw_station *s, struct yw_station_line *out, size_t max);
size_t yw_station_retained(const struct yw_station *s, struct yw_retained *out, size_t max);
/* Last result of an act on a channel: what the display showed at its end, NAN: none yet. */
double yw_station_result(const struct yw_station *s, enum yw_station_act_kind kind, size_t channel);

#endif
