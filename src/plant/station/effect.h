/* effect: innocent faults and frauds as data (share/plant/effects.yaml). An effect is a list of deeds, each
 * at its true place in the chain from the source to the upload; an event says when and how strongly it acts.
 * What the data say is phenomena and checks, never how to do it. The figures are those of the exercise. */
#ifndef YW_PLANT_EFFECT_H
#define YW_PLANT_EFFECT_H

#include "base/base.h"
#include "plant/quantity.h"

enum yw_place {                 /* in the order a value meets them */
                YW_AT_SOURCE,   /* an input of the plant: `input` */
                YW_AT_DUCT,     /* the gas or water at the section itself */
                YW_AT_PROBE,    /* what enters the probe or the intake; gas fed at the probe meets it too */
                YW_AT_LINE,     /* heated line, cooler, pump, sample line */
                YW_AT_ANALYSER, /* cell, detector, digestion, its gain and zero; what its own display shows */
                YW_AT_SIGNAL,   /* 4-20 mA or bus between analyser and logger */
                YW_AT_PARAMETER, /* a parameter of station or channel: `parameter` is multiplied by a, plus b
                                  */
                YW_AT_DAS,       /* software of the station computer: what is stored */
                YW_AT_MARK,      /* the data mark */
                YW_AT_UPLOAD,    /* records on their way out */
                YW_AT_CHECK,     /* calibration, standard check: gas, result */
                YW_AT_PAPER,     /* nothing in the data: only evidence */
                YW_PLACE_COUNT
};

enum yw_deed_what {                  /* a, b, c: figures of the deed; strength s (0..1) scales as said */
                    YW_DO_SET_INPUT, /* source: input = usual + s * (a - usual) */
                    YW_DO_MIX, /* share s*a is replaced by `medium` (gas: all dry quantities; water: all but
                                  flow) */
                    YW_DO_REMOVE, /* share s*a of the quantity is lost; b: at b % moisture, in proportion to
                                     the moisture (0: whatever the moisture) */
                    YW_DO_SLOW,   /* response time * (1 + s * (a - 1)) */
                    YW_DO_DELAY,  /* transport delay + s*a seconds */
                    YW_DO_SCALE,  /* value * (1 + s * (a - 1)): noise shrinks with it */
                    YW_DO_ADD,    /* value + s*a */
                    YW_DO_NOISE,  /* noise * (1 + s * (a - 1)) */
                    YW_DO_HOLD,   /* the last value stays; before the analyser: the last sample */
                    YW_DO_BOTTLE, /* the sample is a bottle with a: repeatability stays, and b of the true
                                     movement around a */
                    YW_DO_CLIP,   /* above a: a - b * |noise| */
                    YW_DO_INVENT, /* normal numbers around a with relative sd b (0: a constant); c: the same
                                     numbers wherever c is the same, 0: the outlet's own */
                    YW_DO_REPLAY, /* what was shown a seconds before */
                    YW_DO_COPY,   /* affine copy of another channel: `source` * a + b */
                    YW_DO_SMOOTH, /* low-pass with a seconds */
                    YW_DO_DRIFT,  /* value + s * days * (a * range + b * value), days since the start or since
                                     the last calibration behind it */
                    YW_DO_PULSE,  /* the deeds after it act only a of each b seconds */
                    YW_DO_PARAMETER,   /* parameter * (1 + s*(a-1)) + s*b */
                    YW_DO_MARK,        /* the data mark becomes `mark` */
                    YW_DO_DROP,        /* the record is not sent */
                    YW_DO_LATE,        /* sent a seconds later */
                    YW_DO_CLOCK,       /* times are shifted by a seconds, and by b seconds a day */
                    YW_DO_TWICE,       /* a record comes again b seconds later with its values times a */
                    YW_DO_FALSE_GAS,   /* the bottle used for span holds a times what its label says */
                    YW_DO_FALSE_CHECK, /* the check's result equals the nominal value to the last digit */
                    YW_DO_NO_LOG,      /* parameter changes, logins and alarms do not appear in the log */
                    YW_DO_DOOR,        /* somebody is in the station at the start */
                    YW_DO_CONDITION,   /* `condition` = usual + s * (a - usual); alarms follow from it */
                    YW_DO_EVIDENCE,    /* nothing but what is there to see */
                    YW_DO_COUNT
};
/* What a station shows of itself beside its values. */
enum yw_condition {
    YW_CONDITION_LINE_TEMP,   /* degC */
    YW_CONDITION_COOLER_TEMP, /* degC */
    YW_CONDITION_SAMPLE_FLOW, /* share of the usual flow */
    YW_CONDITION_ROOM_TEMP,   /* degC */
    YW_CONDITION_DIGEST_TEMP, /* degC */
    YW_CONDITION_WATER,       /* 1: water in the sample line */
    YW_CONDITION_FLAME,       /* 0: out */
    YW_CONDITION_REAGENT,     /* share left */
    YW_CONDITION_LAMP,        /* intensity, share of a new one */
    YW_CONDITION_POWER,       /* 0: none */
    YW_CONDITION_COUNT
};
/* What a deed's figure a is measured in (add, bottle, clip, invent). */
enum yw_figure_of {
    YW_OF_UNIT,     /* the quantity's own unit */
    YW_OF_RANGE,    /* share of the channel's range */
    YW_OF_LIMIT,    /* share of its limit; of its range where it has none */
    YW_OF_STANDARD, /* share of its span gas or standard solution */
    YW_OF_COUNT
};
enum yw_medium_mixed { YW_MIX_AIR, YW_MIX_NITROGEN, YW_MIX_TAP, YW_MIX_RIVER, YW_MIX_COUNT };
enum yw_trigger_kind {
    YW_WHEN_ALWAYS,
    YW_WHEN_NIGHT,      /* civil hour in [a, b), over midnight too */
    YW_WHEN_ABOVE,      /* channel's true mean of the last minutes would show above a * limit; ends below b */
    YW_WHEN_INSPECTION, /* from a seconds before to b seconds behind each inspection of the scenario */
    YW_WHEN_NO_INSPECTION,
    YW_WHEN_WEEKEND,
    YW_WHEN_SAMPLING /* while the sampler draws */
};

enum { YW_DEEDS_PER_EFFECT = 8, YW_EFFECTS_MAX = 80, YW_EVENTS_MAX = 48, YW_ACTIVE_MAX = 48 };

struct yw_effect_deed {
    enum yw_place place;
    enum yw_deed_what what;
    uint64_t quantities[2]; /* bit set of yw_quantity (128); all zero: every channel of the station */
    enum yw_quantity source;
    uint8_t medium, mark;             /* yw_medium_mixed, yw_mark */
    uint8_t of, condition, parameter; /* yw_figure_of, yw_condition, yw_parameter */
    char input[24];
    double a, b, c;
};
struct yw_effect {
    char id[8];             /* N01, F35 */
    bool fraud;             /* false: innocent */
    char name[2][80];       /* zh, en */
    char signature[2][320]; /* what the data show */
    char evidence[2][320];  /* what a person can inspect */
    char alike[2][320]; /* what looks alike and is innocent (of an innocent fault: a fraud), and what tells
                           them apart */
    char applies[16];   /* gas, water, both, ambient */
    char source[128], edition[24];
    char confidence[4]; /* S: published case; K: described; V: read; D: our design */
    struct yw_trigger {
        uint8_t kind;
        double a, b;
    } trigger; /* usual one */
    struct yw_effect_deed deeds[YW_DEEDS_PER_EFFECT];
    uint32_t deed_n;
};
struct yw_effect_book {
    struct yw_effect items[YW_EFFECTS_MAX];
    size_t n;
};
/* Reads share/plant/effects.yaml; errors "LINE: what, what to do". */
enum yw_code yw_effects_parse(const char *text, size_t n, struct yw_effect_book *out, struct yw_error *err);
const struct yw_effect *yw_effect_find(const struct yw_effect_book *b, const char *id, size_t n);

struct yw_event { /* of a scenario */
    char id[24];  /* in truth files */
    const struct yw_effect *effect;
    int64_t start, stop;       /* stop 0: never */
    int64_t ramp_us;           /* strength grows and fades so long */
    double strength;           /* 0..1 (over 1 where a scenario means it) */
    uint64_t only[2];          /* quantities it is restricted to; zero: as the effect says */
    struct yw_trigger trigger; /* kind YW_WHEN_ALWAYS unless the scenario or effect says otherwise */
    double a;                  /* replaces deed 0's a where not NAN */
};

struct yw_effect_moment { /* what triggers look at */
    int64_t time;
    const int64_t *inspections; /* times, sorted */
    size_t inspection_n;
    double over; /* largest true value / limit of the station's channels, 0: no limits */
    bool sampling;
};
struct yw_active { /* a deed that acts now */
    const struct yw_effect_deed *deed;
    const struct yw_event *event;
    uint64_t quantities[2];
    double s, a, b, c;
    int64_t since; /* the event's start */
};
struct yw_effects_now {
    struct yw_active items[YW_ACTIVE_MAX];
    size_t n;
};
struct yw_effect_state { /* POD: triggers with hysteresis */
    uint64_t on;         /* bit i: event i's trigger holds */
};
/* Which deeds act at the moment, in the order of places, those of one place in the order of events and of the
 * file. Pure but for the state. Over YW_ACTIVE_MAX the later ones are left out. */
void yw_effects_at(const struct yw_event *events, size_t n, const struct yw_effect_moment *m,
                   struct yw_effect_state *state, struct yw_effects_now *out);
bool yw_active_hits(const struct yw_active *a, enum yw_quantity q);
/* What the deeds at a place do to the stream itself: mix, remove, scale, add, bottle. DUCT, PROBE and LINE.
 * spec: ranges, limits and standards for figures that are shares of them; without it (NULL) such deeds wait.
 */
struct yw_station_spec;
void yw_effects_on_stream(const struct yw_effects_now *now, enum yw_place place,
                          const struct yw_station_spec *spec, struct yw_stream *s);
/* The figure a of an active deed in the quantity's unit; NAN: the station has no such channel or figure. */
double yw_active_figure(const struct yw_active *a, enum yw_quantity q, const struct yw_station_spec *spec);
/* An input of the plant, a condition and a parameter of the station as the deeds leave them; usual or set
 * value where none acts. q: the channel's quantity, YW_Q_COUNT for a parameter of the station. */
double yw_effects_input(const struct yw_effects_now *now, const char *input, double usual);
double yw_effects_condition(const struct yw_effects_now *now, enum yw_condition condition, double usual);
double yw_effects_parameter(const struct yw_effects_now *now, unsigned parameter, enum yw_quantity q,
                            double set);
/* Some deed of this sort acts at the place on the quantity (YW_Q_COUNT: on whichever); NULL: none. */
const struct yw_active *yw_effects_doing(const struct yw_effects_now *now, enum yw_place place,
                                         enum yw_deed_what what, enum yw_quantity q);

#endif
