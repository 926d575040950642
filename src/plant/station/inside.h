/* inside: the state of a station and what its files share. No pointers but the spec's: a copy is a snapshot.
 */
#ifndef YW_PLANT_STATION_INSIDE_H
#define YW_PLANT_STATION_INSIDE_H

#include <math.h>

#include "plant/noise.h"
#include "plant/station/station.h"

enum { /* streams of a station's noise; the quantity is added */
       STREAM_WHITE = 5000,
       STREAM_OCTAVE = 5128, /* and 5256, 5384 */
       STREAM_ZERO = 5512,
       STREAM_SPAN = 5640,
       STREAM_RESULT = 5768, /* batch results, standards */
       STREAM_INVENTED = 5896
};
enum { RING = 64, MEMORY_MIN = 1442, OCTAVES = 3, ORDER_MAX = 8, SETTINGS = YW_PARAMETER_COUNT };
enum kept { /* places where a value can be held or smoothed */ KEPT_INLET,
            KEPT_DISPLAY,
            KEPT_SIGNAL,
            KEPT_DAS,
            KEPT_COUNT };

struct doing { /* somebody, or the station itself, feeds gas or a standard to a channel */
    int64_t from, until;
    double value; /* NAN: zero and span as the channel has them */
    uint8_t kind; /* yw_station_act_kind */
    bool on, probe, adjust;
};

struct batch {                     /* and GC: what works in cycles */
    double shown, pending, before; /* result on the display; sample being analysed; the one before it */
    double sum, count;             /* aliquots of the composite */
    int64_t pending_from, due, shown_from;
    bool busy, started;
};

struct channel_state {
    double lag[ORDER_MAX];
    double zero[2], span[2], slow[2]; /* at both ends of the present minute */
    double octave[OCTAVES][2];
    int64_t octave_cell[OCTAVES];
    double walk[2], kick[2]; /* zero and span: sum up to the cell, normal number of the cell */
    double rest[2];          /* left over at the last calibration */
    double cell_root;        /* of the cell in days */
    int64_t since, cell_us, walk_n;
    double trim_zero, trim_gain;
    double kept[KEPT_COUNT], before;       /* before: what was stored last while it measured */
    double shown, zero_reading;            /* the display; what it said of zero gas last */
    double slope, intercept, range;        /* parameters of the station computer, as they were set */
    double seen[YW_PARAMETER_PER_CHANNEL]; /* as they are, deeds included */
    struct doing doing;
    struct batch batch;
    bool low_range, refused, warm, over, taken;
};

struct channel_fixed { /* of the spec, worked out once */
    double weight[ORDER_MAX];
    double per_resolution, noise;
    double
        response; /* of a flame to this outlet's mixture, against the gas it is calibrated with: 0.9 to 1.1 */
    uint32_t order;
    bool sampled; /* comes through line and pump */
};

struct yw_station {
    const struct yw_station_spec *spec;
    uint64_t seed;
    double step_s;
    int64_t step_us, begun, minute, minutes_kept;
    double setting[SETTINGS], seen[SETTINGS]; /* parameters of the station: as set, as they are */
    double delay_steps, oxygen_used;          /* what values are converted with */
    struct channel_fixed fixed[YW_CHANNELS_MAX];
    struct channel_state channel[YW_CHANNELS_MAX];
    float ring[RING][YW_CHANNELS_MAX]; /* what went into the line, newest at ring_at */
    uint32_t ring_at, ring_n;
    double line_wobble, room_wobble, droplets;
    int64_t blow_from, blow_until, calm_until, blown; /* blowback: air flows, marks end, last end */
    int64_t warm_until, door_until;
    int16_t oxygen, velocity, temp, pressure, moisture, flow; /* channels, -1: none */
    bool first, off, was_off, door_was_open;
    uint32_t alarms;
    uint32_t acting[YW_PARAMETER_COUNT],
        concealed[YW_PARAMETER_COUNT]; /* channels whose parameter is not as set;
                                          of these, those that no log tells of */
    double aliquot_sum[YW_CHANNELS_MAX];
    double aliquot_count;
    int64_t bottle_from;
    struct bottle {
        int64_t from, to;
        float value[YW_CHANNELS_MAX];
    } retained[YW_RETAINED_MAX];
    uint32_t retained_n;
    struct yw_station_line log[YW_STATION_LOG_MAX];
    uint32_t log_n;
    float result[YW_ACT_COUNT][YW_CHANNELS_MAX];
    uint16_t memory[MEMORY_MIN][YW_CHANNELS_MAX]; /* stored values of past minutes */
};

/* What a step works with. */
struct deed_now {
    const struct yw_active *active;
    uint32_t channels; /* bit set */
};
struct step {
    const struct yw_stream *truth;
    struct yw_stream inlet; /* behind probe and line; valid while `touched` */
    struct yw_stream taken; /* behind the probe: what a bottle of the sampler gets */
    bool touched;
    const struct yw_effects_now *now; /* NULL: none */
    struct deed_now deeds[YW_ACTIVE_MAX];
    size_t deed_n;
    enum yw_mark condition;
    int64_t time;
    double minute_part;
    double delay_steps;
    bool blowing, blown_mark;
    double conditions[YW_CONDITION_COUNT];
    struct yw_readings *out;
};

static inline int64_t civil_cell(int64_t time, int64_t us) {
    int64_t civil = time + YW_CHINA;
    return civil / us - (civil % us < 0);
}
/* A border of civil cells of `us`, `offset` behind the full ones, lies in (time - step, time]. */
static inline bool crosses(const struct yw_station *s, int64_t time, int64_t us, int64_t offset) {
    return civil_cell(time - offset, us) != civil_cell(time - s->step_us - offset, us);
}
/* Nearest multiple of the resolution; adding and taking away 1.5 * 2^52 rounds. */
static inline double rounded(double x, double resolution, double per_resolution) {
    return ((x * per_resolution + 6755399441055744.0) - 6755399441055744.0) * resolution;
}
static inline double between(double x, double low, double high) {
    return x < low ? low : x > high ? high : x;
}

/* ---- response.c ---- */
/* Weights of n equal lags over dt with the whole T90 t90; exact for an input that is constant over dt. */
void response_weights(double weight[ORDER_MAX], uint32_t order, double t90_s, double dt_s);
void response_settle(struct channel_state *c, uint32_t order, double x);
double response_step(struct channel_state *c, const double weight[ORDER_MAX], uint32_t order, double x);
double line_delay_s(const struct yw_station_spec *spec);
void line_push(struct yw_station *s);
double line_read(const struct yw_station *s, size_t i, double steps);

/* ---- wear.c ---- */
int64_t wear_since(const struct yw_station *s, size_t i, int64_t time);
void wear_reset(struct yw_station *s, size_t i, int64_t since);
/* Drift at a moment not before the last calibration: shares of full scale and of the value. */
void wear_at(struct yw_station *s, size_t i, int64_t time, double *zero, double *span);
void wear_minute(struct yw_station *s, int64_t time);

/* ---- measure.c ---- */
void measure_channel(struct yw_station *s, struct step *st, size_t i);
double measure_finish(struct yw_station *s, struct step *st, size_t i, double value, double noise);

/* ---- batch.c ---- */
bool is_batch(const struct yw_station *s, size_t i);
void batch_step(struct yw_station *s, struct step *st, size_t i);
void sampler_step(struct yw_station *s, struct step *st);
double batch_standard(struct yw_station *s, struct step *st, size_t i, double standard);
void retain(struct yw_station *s, int64_t from, int64_t to, const double *value);

/* ---- feed.c ---- */
enum feed { FEED_NONE, FEED_ZERO, FEED_SPAN, FEED_AIR, FEED_PURGE };
enum feed feed_phase(const struct doing *d, int64_t time);
double feed_value(const struct yw_station *s, size_t i, enum feed phase);
void feed_step(struct yw_station *s, struct step *st);
void feed_begin(struct yw_station *s, size_t i, uint8_t kind, int64_t from, int64_t lasts_us, double value,
                bool probe, bool adjust);
void acts_take(struct yw_station *s, struct step *st, const struct yw_station_act *acts, size_t n);
void trim(struct yw_station *s, struct step *st, size_t i, int64_t calibrated);

/* ---- deeds.c ---- */
void deeds_gather(struct yw_station *s, struct step *st);
double deeds_on_inlet(struct yw_station *s, struct step *st, size_t i, double x);
double deeds_on_sample(struct yw_station *s, struct step *st, size_t i, double x);
double deeds_on_value(struct yw_station *s, struct step *st, size_t i, enum yw_place place, double v);
double deeds_factor(const struct step *st, size_t i, enum yw_deed_what what);
double deeds_seconds(const struct step *st, size_t i);
bool deeds_any(const struct step *st, size_t i, enum yw_place place, enum yw_deed_what what);
double deeds_converter(const struct step *st);

/* ---- stored.c ---- */
double stored_factor(const struct yw_station *s, const struct step *st, size_t i);
double parameter_now(const struct yw_station *s, const struct step *st, enum yw_parameter p, size_t i);
void stored_channels(struct yw_station *s, struct step *st);

/* ---- log.c ---- */
void log_line(struct yw_station *s, const struct step *st, int64_t time, enum yw_station_did did,
              size_t channel, bool passed, double before, double after);
/* What gas or a standard showed; the line names the act. */
void log_gas(struct yw_station *s, const struct step *st, int64_t time, size_t i, enum yw_station_did did,
             uint8_t act, bool passed, double before, double after);
void log_parameter(struct yw_station *s, const struct step *st, int64_t time, unsigned parameter,
                   size_t channel, double from, double to);
void log_deeds(struct yw_station *s, struct step *st);
void conditions_step(struct yw_station *s, struct step *st);

#endif
