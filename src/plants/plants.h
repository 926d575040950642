/* plants: simulated outlets that speak HJ 212 to a training or demonstration gateway.
 *
 * An outlet is a plant of src/plant behind a station of instruments, with events (faults and frauds) on the
 * way; or, where there is no process model (noise), a statistical model.
 *
 * The pure part (scenario, process, model, means, outlet, parcel, replay) has no sockets, clock or globals:
 * the same scenario, seed and time give the same values. The shell (client, host) sends them over TCP.
 *
 * Times are microseconds since 1970 UTC; civil time of the plants is UTC+8. */
#ifndef YW_PLANTS_H
#define YW_PLANTS_H

#include "base/base.h"
#include "plant/plant.h"
#include "plant/station/station.h"
#include "plants/hand.h"

enum {
    YW_PLANT_FACTORS_MAX = 16,
    YW_PLANT_CP_MAX = 950,             /* bytes of a data area */
    YW_PLANT_FRAME_MAX = 1100,         /* bytes of a frame */
    YW_PLANT_FRAME_PRINTED = 6144,     /* the same with a printed cipher: five characters for a byte */
    YW_PLANT_SCENARIO_MAX = 256 << 10, /* bytes of a scenario file */
    YW_PARAMETERS_MAX = 64,            /* of a kind of plant */
    YW_SCHEDULES_MAX = 24,             /* inputs of a scenario */
    YW_SCENARIO_EVENTS_MAX = 16,
    YW_INSPECTIONS_MAX = 16
};
#define YW_PLANT_MN_PREFIX "5957" /* reserved: a real domain refuses it */

/* ---- scenario: what an outlet is like (share/scenarios) ---- */

enum yw_medium { YW_MEDIUM_AIR, YW_MEDIUM_WATER };

struct yw_plant_factor {
    char code[12];
    char wire[12];   /* the device's own name for it: "011" (2005), "SO2"; "": its code */
    uint32_t digits; /* decimals sent */
    uint32_t cou_digits;
    double mean;       /* at load 1, in the factor's unit */
    double load_power; /* value goes with load^load_power */
    double load_slope; /* and, added, load_slope * (load - 1) */
    double noise;      /* relative standard deviation of the AR(1) noise; absolute where `additive` */
    bool additive;     /* noise and excursions are added (temperature, pH), not multiplied */
    int64_t tau_s;     /* correlation time of the noise */
    double common;     /* -1..1: share of the noise that all factors of the outlet have in common */
    double puff;       /* height of short excursions (relative; absolute where additive) */
    int64_t puff_every_s, puff_lasts_s;
    double low, high;  /* what the instrument can show; above high the mark is T */
    double stopped;    /* shown while the source stands still */
    double start_up;   /* multiple of the value at the beginning of a start-up, 1: none */
    double zero, span; /* shown during a calibration; span 0: not calibrated with gas */
    int64_t batch_s;   /* analyser that gives one value each so often and holds it; 0: continuous */
    bool converted;    /* Zs values by reference oxygen */
    bool mass;         /* Cou in kg from concentration and flow */
    /* of a process: */
    enum yw_quantity from; /* what the instrument looks at; YW_Q_COUNT: statistical */
    double share;          /* of it: a compound that comes along with the one that is modelled */
    uint32_t channel;      /* of the station: its own index; another's where it shares the instrument */
    bool unsent;           /* the world does not see it */
};

struct yw_episode_rule {      /* something that happens once in each `every_s`, at a time the seed chooses */
    int64_t every_s, lasts_s; /* every_s 0: never */
};

/* How the data logger of the outlet behaves (scenario key `logger`, docs/plants.md). */
struct yw_logger_rule {
    uint32_t odd;                                   /* YW_ODD_*: dialect */
    double clock_offset_s, clock_drift_s;           /* at the beginning; gained each day */
    int64_t clock_request_s;                        /* asks for the time (1013) each so often; 0: never */
    int64_t heartbeat_s;                            /* 9015, 2025; 0: none */
    int64_t answer_after_s;                         /* before 9011 and 9013 */
    char refuses[96], deaf_to[96];                  /* CNs with blanks between: QnRtn=2; no answer; "all" */
    double drops_acks;                              /* share of 9014 that does not reach it */
    struct yw_episode_rule unsent, lost;            /* stored, never sent by itself; not even stored */
    int64_t memory_s;                               /* how far back it remembers */
    uint32_t rate;                                  /* uploads a second inside a request */
    uint32_t bottles;                               /* of the sampler */
    int64_t station_s;                              /* 3020 of the station room each so often; 0: none */
    struct yw_episode_rule door;                    /* somebody is in the room */
    int64_t electricity_s, conditions_s;            /* 2011 with ST 44 and 45 each so often, 2025; 0: none */
    char key[17];                                   /* SM4, 16 characters; "": none */
    char key_created[18];                           /* 17 digits */
    int64_t key_life_s;                             /* asks for a new key (1014) at this age; 0: never */
    bool registers;                                 /* has no MN until a host sets one (1001, 1002) */
    char hardware[40], cpu[40], mac1[16], mac2[16]; /* i23005 to i23008 */
};

/* When something of a scenario holds: from start until stop (0: open end), once each `every` at a time the
 * seed chooses (the same for all of one interval and length), or each day at a civil time; of these only one.
 */
struct yw_when {
    int64_t start, stop;
    int64_t every_s, lasts_s;
    int64_t daily_s; /* after midnight, -1: not daily */
};
struct yw_input_rule { /* an input of the plant is so while it holds; later rules win */
    uint8_t input;     /* of yw_plant_inputs */
    double value;
    double curve[24]; /* by hour of the day, times value */
    struct yw_when when;
};
struct yw_event_rule { /* an effect on its true place in the chain */
    struct yw_event event;
    struct yw_when when;
};
struct yw_weather {
    double mean_c, year_c, day_c; /* temperature of the air: mean, swing of the year and of the day */
    struct yw_episode_rule rain;
    double rain_mm_h; /* at its height */
};
struct yw_life_rule {                 /* of a process: the plant and its station */
    const struct yw_plant_kind *kind; /* NULL: statistical */
    double parameters[YW_PARAMETERS_MAX];
    struct yw_station_spec station; /* channel i is factor i */
    struct yw_input_rule inputs[YW_SCHEDULES_MAX];
    size_t input_n;
    struct yw_event_rule events[YW_SCENARIO_EVENTS_MAX];
    size_t event_n;
    int64_t inspections[YW_INSPECTIONS_MAX]; /* sorted */
    size_t inspection_n;
    int64_t inspection_every_s; /* else: in working hours of one day in so many, chosen by the seed */
    struct yw_weather weather;
    uint64_t signals[2]; /* quantities of the control room that the world sees */
};

struct yw_scenario_index { /* where the factors stand that others depend on; -1: not measured */
    int flow, oxygen, temp, pressure, moisture, velocity, furnace;
};

struct yw_scenario {
    char id[40], name[96];
    enum yw_medium medium;
    uint32_t version; /* 2005, 2017 or 2025 */
    char st[4], mn[32], pw[16];
    int64_t sample_s, realtime_s, minute_s; /* minute_s: the minute-data interval in seconds */
    double area_m2;          /* of the stack; flow follows from velocity, 0: flow is a factor like others */
    double reference_oxygen; /* %, 0: no conversion */
    double load[24], weekend[24]; /* by hour of the day, 1 = design */
    double load_noise, load_slow; /* relative: AR(1) noise; drift from day to day */
    int64_t load_tau_s;
    struct yw_episode_rule stop, calibration, blowback, fault, link_loss;
    int64_t start_up_s, shut_down_s;
    char facility[12]; /* "SB1": treatment facility whose state is sent as 2021; "": none */
    struct yw_logger_rule logger;
    const struct yw_deeds *deeds; /* what a host had the instruments do; NULL: nothing */
    const struct yw_hand *hand;   /* what people do at it; NULL: nothing */
    char name_en[96], note[600];  /* note: what is to be seen, for those who choose it */
    uint32_t level;               /* of difficulty, 1 to 5; 0: ordinary operation */
    uint64_t seed;                /* usual one */
    struct yw_life_rule life;
    struct yw_plant_factor factors[YW_PLANT_FACTORS_MAX];
    size_t factor_count;
    struct yw_scenario_index index;
};
/* The effects of share/plant/effects.yaml. The caller frees it; it outlives the scenarios that use it. */
enum yw_code yw_book_load(struct yw_effect_book **out, struct yw_error *err);
/* Reads YAML. What is wrong comes back as "LINE: what, what to do"; nothing is guessed. book NULL: a scenario
 * with events is refused. */
enum yw_code yw_scenario_parse(const char *text, size_t n, const struct yw_effect_book *book,
                               struct yw_scenario *out, struct yw_error *err);
enum yw_code yw_scenario_load(const char *path, const struct yw_effect_book *book, struct yw_scenario *out,
                              struct yw_error *err);
/* Index of the factor, -1: the scenario has none. */
int yw_scenario_factor(const struct yw_scenario *s, const char *code);
/* The names of YW_ODD_* in a text, blanks or commas between; false if one is not known. */
bool yw_dialect_parse(const char *text, uint32_t *odd);
/* How the device names it. */
static inline const char *yw_plant_name(const struct yw_plant_factor *f) {
    return f->wire[0] ? f->wire : f->code;
}

/* ---- deeds: what a host had the instruments do, so that past and present agree about it ---- */

enum yw_deed_kind {
    YW_DEED_CALIBRATE, /* zero gas, then span gas: mark C */
    YW_DEED_ZERO,
    YW_DEED_SPAN,
    YW_DEED_CHECK,  /* standard check of 2025: span gas */
    YW_DEED_CLEAN,  /* cleaning or blowback: mark M */
    YW_DEED_SAMPLE, /* an analyser that works in batches takes one now */
    YW_DEED_PERIOD, /* its batches: one each `a` seconds, the first `b` seconds after midnight */
    YW_DEED_ADJUST  /* shown = a * measured + b */
};
struct yw_deed {
    int64_t from, until;
    uint8_t kind, factor;
    double a, b;
};
enum { YW_DEEDS_MAX = 64 };
struct yw_deeds { /* the newest; over the maximum the oldest are forgotten */
    struct yw_deed items[YW_DEEDS_MAX];
    uint32_t count, next;
};
void yw_deeds_add(struct yw_deeds *d, const struct yw_deed *deed);

/* ---- model: scenario, seed, time -> values ---- */

struct yw_sample { /* what the instruments show at one moment, and the truth behind it */
    int64_t time;
    double load, running; /* running 0..1: 0 stands still, between: starting up or shutting down */
    double flow_m3_s;     /* standard dry gas, or water */
    double truth[YW_PLANT_FACTORS_MAX], shown[YW_PLANT_FACTORS_MAX], converted[YW_PLANT_FACTORS_MAX];
    uint8_t mark[YW_PLANT_FACTORS_MAX]; /* yw_mark */
    uint32_t taken;                     /* bit i: the analyser of factor i took a batch */
};

struct yw_model {
    const struct yw_scenario *scenario;
    uint64_t seed;
    int64_t time;                                                 /* of the next step */
    bool warm;                                                    /* has stepped at least once */
    uint32_t taken;                                               /* of the present step, see yw_sample */
    double load_noise, common, noise[YW_PLANT_FACTORS_MAX];       /* AR(1), variance 1 */
    double load_phi, load_kick;                                   /* their coefficients */
    double phi[YW_PLANT_FACTORS_MAX], kick[YW_PLANT_FACTORS_MAX]; /* their coefficients */
    double held[YW_PLANT_FACTORS_MAX],
        before[YW_PLANT_FACTORS_MAX]; /* batch value; last undisturbed value shown */
};
/* The noise starts YW_MODEL_WARMUP before the civil day of `time` and is stepped up to it, so that every
 * entry point of a day sees the same series. */
#define YW_MODEL_WARMUP (3 * YW_HOUR)
void yw_model_init(struct yw_model *m, const struct yw_scenario *s, uint64_t seed, int64_t time);
void yw_model_step(struct yw_model *m, struct yw_sample *out);
/* True while the rule's episode holds at `time`; *since and *until (may be NULL) are its borders. Pure. */
bool yw_episode(const struct yw_episode_rule *rule, uint64_t seed, uint64_t stream, int64_t time,
                int64_t *since, int64_t *until);
uint64_t yw_plant_seed(uint64_t seed, const char *name); /* a seed of its own for each outlet */

/* ---- records: real-time, minute, hour, day from one series ---- */

struct yw_entry { /* one factor over one period */
    double avg, min, max, cou, zs_avg, zs_min, zs_max;
    uint8_t mark;
};
struct yw_plant_record {
    uint16_t command;       /* 2011, 2051, 2061, 2031, 2021 */
    int64_t time;           /* DataTime */
    int64_t end;            /* when it is complete and can be sent */
    uint8_t facility_state; /* 2021 */
    double hours;           /* 2041: the facility ran */
    struct yw_entry
        entries[YW_PLANT_FACTORS_MAX]; /* in the order of the scenario's factors; 2011 uses avg and zs_avg */
};

struct yw_sum { /* of one factor within a period: of the normal values and of all */
    double weight[2], sum[2], min[2], max[2], zs_sum[2], zs_min[2], zs_max[2], cou;
    uint32_t marks[YW_MARK_COUNT], count;
};
struct yw_period {
    int64_t start;
    double volume_m3;
    struct yw_sum sums[YW_PLANT_FACTORS_MAX];
};
void yw_period_begin(struct yw_period *p, int64_t start);
/* Adds one factor's entry with its weight (samples: 1; water: volume). Flue gas: from 75 % normal values the
 * mean is that of the normal ones and the mark N, else that of all with the commonest mark; water: one
 * abnormal value marks the period. */
void yw_period_add(struct yw_period *p, size_t factor, const struct yw_entry *e, double weight);
void yw_period_entry(const struct yw_period *p, size_t factor, enum yw_medium medium, struct yw_entry *out);

struct yw_process;              /* plant, effects and station of a day (process.c) */
struct yw_outlet_run {          /* an outlet living through one civil day */
    struct yw_model model;      /* of a process: scenario, seed and time alone */
    struct yw_process *process; /* NULL: statistical */
    bool ahead;                 /* the warm-up of the next day is lived beside this one */
    struct yw_process *next;    /* what of it has been lived so far, up to next_model.time */
    struct yw_model next_model;
    struct yw_period minute, hour, day;
    uint8_t facility_state;
    double running_s; /* of the facility, since midnight */
};
enum { YW_RECORDS_PER_STEP = 16 };
/* r need not have been begun before; a run that was begun is ended first with yw_outlet_end. */
void yw_outlet_begin(struct yw_outlet_run *r, const struct yw_scenario *s, uint64_t seed, int64_t time);
/* From now on the next day's warm-up is lived step by step beside this day and not at once at midnight: for
 * many outlets that live in one loop. What comes out is the same. */
void yw_outlet_ahead(struct yw_outlet_run *r);
void yw_outlet_end(struct yw_outlet_run *r); /* frees what it holds; once more does nothing */
/* NULL: all is well. Else why the plant gave up: from then on every value has mark D. */
const char *yw_outlet_failure(const struct yw_outlet_run *r);
/* One sample further without records. */
void yw_outlet_sample(struct yw_outlet_run *r, struct yw_sample *sample);
/* Of the last sample; NULL: statistical. */
const struct yw_readings *yw_outlet_readings(const struct yw_outlet_run *r);
struct yw_station *yw_outlet_station(struct yw_outlet_run *r);
const struct yw_plant *yw_outlet_plant(const struct yw_outlet_run *r);
const struct yw_stream *yw_outlet_truth(const struct yw_outlet_run *r);
const struct yw_effects_now *yw_outlet_effects(const struct yw_outlet_run *r);
/* A snapshot: restored into a run of the same scenario and seed (begun at any time) it goes on as if nothing
 * had been. out is aligned as malloc aligns. load: YW_E_FORMAT if it is none of this outlet. */
size_t yw_outlet_save_size(const struct yw_outlet_run *r);
void yw_outlet_save(const struct yw_outlet_run *r, void *out);
enum yw_code yw_outlet_load(struct yw_outlet_run *r, const void *bytes, size_t n, struct yw_error *err);
/* One sample further; the records completed by it go to out, their number is returned. sample may be NULL. */
size_t yw_outlet_step(struct yw_outlet_run *r, struct yw_plant_record out[YW_RECORDS_PER_STEP],
                      struct yw_sample *sample);

/* ---- parcels: a record as data areas, ready for a frame ---- */

enum { /* deviations that a device shows on the wire, so that findings can be seen */
       YW_ODD_CRC_MODBUS = 1,
       YW_ODD_CRC_LOWER = 2,
       YW_ODD_RESEND = 4,
       YW_ODD_GBK = 8,
       YW_ODD_LEN_CHARS = 16, /* LEN counts characters */
       YW_ODD_NO_TAIL = 32,   /* no CR LF */
       YW_ODD_OWN_ST = 64,    /* replies do not carry ST=91 */
       YW_ODD_QN_HEAD = 128,  /* 2005: replies have their QN in the header */
       YW_ODD_PRINTED = 256,  /* cipher as {0xE4,...} */
       YW_ODD_BAD_CRC = 512,  /* answers a request with a wrong CRC (QnRtn=9) instead of ignoring it */
       YW_ODD_NO_FLAG = 1024  /* 2005: no Flag in the header */
};
struct yw_device_face { /* how the device signs its packets */
    char mn[32], pw[16], st[4];
    uint32_t version, odd;
    int64_t last_qn_ms; /* QN never repeats */
    uint8_t key[16];    /* SM4, for what 2025 encrypts */
    bool has_key;
};
struct yw_parcel {
    struct yw_parcel *next;
    int64_t time, due; /* DataTime; earliest moment to send */
    uint16_t command, part, parts;
    bool backfill;
    bool reply;   /* no answer is expected */
    bool asked;   /* an upload inside a request */
    uint8_t then; /* what the device does once it is on its way: yw_then */
    char qn[18];  /* of the request it belongs to; "": one of its own */
    char st[4];   /* "": the device's */
    uint16_t length;
    char cp[];
};
struct yw_parcel_queue {
    struct yw_parcel *first, **end;
    uint32_t count;
};
void yw_parcel_queue_init(struct yw_parcel_queue *q);
void yw_parcel_queue_put(struct yw_parcel_queue *q, struct yw_parcel *p);
struct yw_parcel *yw_parcel_queue_take(struct yw_parcel_queue *q); /* NULL: empty */
void yw_parcel_queue_free(struct yw_parcel_queue *q);
/* value * 10^digits as it is sent (digits 0 to 6). */
int64_t yw_plant_rounded(double value, uint32_t digits);
/* Calls put for each part (a data area of at most 950 bytes, split between factors). False if put refused. */
bool yw_record_areas(const struct yw_scenario *s, const struct yw_plant_record *r,
                     bool (*put)(void *arg, const char *cp, size_t n, unsigned part, unsigned parts),
                     void *arg);
/* Writes the frame of a data area; returns its length (0: does not fit) and its QN. `now` is what the
 * device's clock shows. */
size_t yw_frame_write(struct yw_device_face *face, const struct yw_parcel *p, int64_t now, char *out,
                      size_t size, char qn[17]);

/* ---- replay: real series as parcels, digits exactly as they stand ---- */

struct yw_replay_rule {                     /* one CSV column */
    char column[64], factor[12], field[16]; /* field "DataTime" with factor "": the time column */
    int32_t shift;                          /* power of ten: the decimal point moves, digits stay */
};
struct yw_replay_map {
    struct yw_replay_rule rules[64];
    size_t count;
};
enum yw_code yw_replay_map_parse(const char *text, size_t n, struct yw_replay_map *out, struct yw_error *err);
struct yw_replay;
/* text must live as long as the replay. map NULL: the header itself names `a21026-Avg`. */
enum yw_code yw_replay_open(const char *text, size_t n, const struct yw_replay_map *map, int64_t start,
                            int64_t step, struct yw_replay **out, struct yw_error *err);
void yw_replay_close(struct yw_replay *r);
/* The next row as a data area; YW_E_END after the last; errors name the line and the column. */
enum yw_code yw_replay_next(struct yw_replay *r, char cp[YW_PLANT_CP_MAX + 1], size_t *n, int64_t *time,
                            struct yw_error *err);
/* Moves the decimal point of a plain decimal: shift_decimal("1020.1", -1) = "102.01". False if it is none. */
bool yw_shift_decimal(const char *text, int shift, char *out, size_t size);

/* ---- client: many links in one libuv loop ---- */

struct uv_loop_s;
struct yw_plant_client;
struct yw_plant_link;

struct yw_plant_slot { /* a frame on its way, filled by next() */
    char *bytes;       /* room for frame_max of the client's options */
    size_t length;
    char qn[17];
    bool wants_ack; /* stays until answered; otherwise it is done once it was written */
    bool twice;     /* sent two times (a device that repeats itself) */
    void *tag;
    int64_t sent; /* monotonic; filled by the client */
    uint32_t tries;
};
enum yw_plant_link_state { YW_PLANT_LINK_DOWN, YW_PLANT_LINK_UP, YW_PLANT_LINK_REFUSED };
struct yw_plant_link_face { /* what a link asks and tells its owner; all called from the loop */
    bool (*next)(void *arg, struct yw_plant_slot *slot); /* false: nothing to send now */
    void (*acked)(void *arg, struct yw_plant_slot *slot, int64_t took_us);
    void (*lost)(void *arg,
                 struct yw_plant_slot *slot); /* link gone or resends used up: send it again later */
    void (*state)(void *arg, enum yw_plant_link_state state, const char *why); /* may be NULL */
    /* Every frame that comes; false: as if it had not come. May be NULL: answers alone count. */
    bool (*frame)(void *arg, const void *bytes, size_t n, uint16_t command);
};
struct yw_plant_client_options {
    const char *host; /* "127.0.0.1" or "[::1]" or a name */
    uint16_t port;
    uint32_t window;    /* unacknowledged packets a link may have, 1..256 */
    int64_t timeout_us; /* 0: 10 s */
    uint32_t resends;   /* 3 in the standard */
    uint32_t sources;   /* spread over source addresses 127.0.0.2 ...; 0: leave it to the system */
    uint32_t frame_max; /* bytes of a frame; 0: YW_PLANT_FRAME_MAX */
};
enum yw_code yw_plant_client_create(struct uv_loop_s *loop, const struct yw_plant_client_options *o,
                                    struct yw_plant_client **out, struct yw_error *err);
/* Begins to connect at once; a link that fails comes back with growing pauses. A gateway that does not pass
 * the training handshake is never sent anything: state REFUSED, and the link stays down. */
enum yw_code yw_plant_link_open(struct yw_plant_client *c, const struct yw_plant_link_face *face, void *arg,
                                struct yw_plant_link **out, struct yw_error *err);
void yw_plant_link_kick(struct yw_plant_link *l); /* there is something to send */
void yw_plant_link_pause(struct yw_plant_link *l,
                         int64_t pause_us); /* drops the link and stays away so long */
/* Time-out and resends of this link from now on. */
void yw_plant_link_patience(struct yw_plant_link *l, int64_t timeout_us, uint32_t resends);
uint32_t yw_plant_link_in_flight(const struct yw_plant_link *l);
const char *yw_plant_client_domain(
    const struct yw_plant_client *c); /* "training", "demo"; "" before the first handshake */
/* Closes every link; the loop must run on until its handles are closed, then destroy. */
void yw_plant_client_close(struct yw_plant_client *c);
void yw_plant_client_destroy(struct yw_plant_client *c);
/* "HOST:PORT", "[v6]:PORT" */
enum yw_code yw_parse_address(const char *text, char *host, size_t size, uint16_t *port,
                              struct yw_error *err);

/* ---- host: outlets living on links ---- */

struct yw_host;
struct yw_host_range { /* history to send, newest day first: records complete within (from, to]; to <= from:
                          none */
    int64_t from, to;
};
struct yw_host_outlet { /* how one outlet takes part */
    struct yw_scenario scenario;
    uint64_t seed;
    int64_t burst_us;    /* live records are kept and sent together each so often; 0: at once */
    int64_t silent_from; /* no record behind this moment is sent; 0: never silent */
    bool history;        /* takes part in the history */
};
struct yw_host_options {
    int64_t start;                  /* plant time at the beginning */
    double speed;                   /* of plant time, 0: as fast as acknowledged */
    int64_t until;                  /* plant time at which the host is done, 0: never */
    struct yw_host_range ranges[2]; /* the first before the second */
    int64_t realtime_history_us;    /* 2011 is sent for so much before the start */
};
struct yw_host_state {
    uint64_t outlets, up, sent, acked, lost, dropped, waiting;
    uint64_t history_total, left[2]; /* outlet-days of both ranges; left to send of each */
    int64_t filled_from;             /* the second range has been acknowledged from here on */
    int64_t now;                     /* plant time */
    bool done, refused;
    char why[320];
};
enum yw_code yw_host_create(struct uv_loop_s *loop, const struct yw_plant_client_options *client,
                            const struct yw_host_options *o, struct yw_host **out, struct yw_error *err);
enum yw_code yw_host_add(struct yw_host *h, const struct yw_host_outlet *outlet, struct yw_error *err);
/* What the devices keep when their power is cut: a section for each, passwords and keys in it. Restored after
 * all were added and before the start; devices without a section begin as built. */
bool yw_host_save(const struct yw_host *h, struct yw_buf *out);
enum yw_code yw_host_restore(struct yw_host *h, const char *text, size_t n, struct yw_error *err);
/* The same from and into a file (0600): written when something has changed. YW_OK where there is none yet. */
enum yw_code yw_host_load_file(struct yw_host *h, const char *path, struct yw_error *err);
enum yw_code yw_host_save_file(struct yw_host *h, const char *path, struct yw_error *err);
void yw_host_start(struct yw_host *h);
/* YW_E_STATE at full speed, where acknowledgements set the pace. */
enum { YW_HOST_SPEED_MAX = 100000 };
enum yw_code yw_host_speed(struct yw_host *h, double speed, struct yw_error *err);
enum yw_code yw_host_freeze(struct yw_host *h, bool frozen, struct yw_error *err);
void yw_host_jump(struct yw_host *h, int64_t now); /* plant time goes on from there */
void yw_host_state(const struct yw_host *h, struct yw_host_state *out);
void yw_host_close(struct yw_host *h); /* then run the loop dry, then destroy */
void yw_host_destroy(struct yw_host *h);

/* ---- a province: many outlets from one table (share/demo/plants.csv) ---- */

enum { YW_PROVINCE_MAX = 512 };
/* Columns mn, pw, scenario, version, size (of stack or works), level (of pollution), special (words with +
 * between: silent, late, waiting, registers, spike, gaps, lost, clock, station, key, old-key, names, and the
 * dialects). Scenarios are read from folder/NAME.yaml. The caller frees *out. */
enum yw_code yw_province_load(const char *table, const char *folder, const struct yw_effect_book *book,
                              int64_t now, struct yw_host_outlet **out, size_t *n, struct yw_error *err);

/* ---- a series as CSV with the truth beside ---- */

/* Writes records of one kind (command 2011, 2051, 2061 or 2031) of [start, start + days) to path and the
 * truth to `truth` (NULL: path with ".truth.csv" in place of ".csv"); events to truth with ".events.json". */
enum yw_code yw_series_csv(const struct yw_scenario *s, uint64_t seed, int64_t start, int64_t end,
                           uint16_t command, const char *path, const char *truth, struct yw_error *err);

#endif
