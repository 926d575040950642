/* rto: regenerative thermal oxidiser. Two or three ceramic beds of five nodes: the gas is warmed by one,
 * burns in the chamber and gives its heat to another; at every switch they change parts (with three, one is
 * purged meanwhile). Destruction of toluene: k = 2.28e13 exp(-56.5 kcal/RT) 1/s (Cooper and Alley). What
 * leaves unburnt: slip of the chamber, leak of the valves, and with unpurged beds the gas in the dead volume
 * at each switch. Heat and solvent are accounted for. */
#ifndef YW_PLANT_FLUE_RTO_H
#define YW_PLANT_FLUE_RTO_H

#include <stdint.h>

enum { YW_RTO_BEDS = 3, YW_RTO_NODES = 5 };

struct yw_rto {                            /* degC */
    double bed[YW_RTO_BEDS][YW_RTO_NODES]; /* node 0 at the cold end */
    double chamber, integral;              /* kW that the burner control has learnt */
    double held;                           /* g of carbon in the dead volume of the bed that takes gas in */
    int64_t turn;                          /* number of the switch */
};
struct yw_rto_spec {
    int beds;                            /* 2, 3 */
    double switch_s, set;                /* s, degC */
    double design;                       /* Nm3/s of wet gas */
    double burner_kw, chamber_s, dead_s; /* chamber: s at design flow and set point; dead: s of design flow */
};
struct yw_rto_in {
    double wet;                   /* Nm3/s through it */
    double warm;                  /* degC of the gas that comes in */
    double solvent;               /* g/s as carbon */
    double burner, leak, outside; /* share in service, share, degC */
    int purged;                   /* 0: the purge does not work */
};
struct yw_rto_out {                /* means over the step */
    double out, destroyed;         /* g/s as carbon */
    double leaves, burner_kw;      /* degC of the gas, heat */
    double heat_voc, heat_loss_kw; /* kW */
};

/* Share of toluene destroyed at a temperature within so many seconds. */
double yw_rto_destroyed(double celsius, double seconds);
void yw_rto_begin(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in,
                  double chamber, int64_t start);
void yw_rto_step(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in, int64_t time,
                 double step_s, struct yw_rto_out *out);
/* kJ in ceramics and chamber over 0 degC. */
double yw_rto_heat(const struct yw_rto *s, const struct yw_rto_spec *spec);

#define YW_RTO_CP         1.33 /* kJ/(Nm3 K) */
#define YW_RTO_SOLVENT_KJ 45.0 /* heat of burning of a gram of carbon of solvent */

#endif
