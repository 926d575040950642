/* rto: beds, chamber and switching. Within a step the parts go in pieces of at most PIECE_S that end at the
 * switches; each part is solved exactly for the piece, and the gas takes away just what the ceramics lose. */
#include "plant/flue/rto.h"

#include <math.h>
#include <stdbool.h>

#define PIECE_S     15.0
#define NODE_TAU    140.0 /* s of design flow to turn a node over */
#define CHAMBER_TAU 90.0
#define NTU_NODE    7.5
#define PURGE_SHARE 0.03  /* of the flow, clean air */
#define WALL_LOSS   0.004 /* kW/K for each kW/K of design flow */

double yw_rto_destroyed(double celsius, double seconds) {
    double k = 2.28e13 * exp(-56500 / (1.987 * (celsius + 273.15)));
    return 1 - exp(-k * seconds);
}

static double design_kw_k(const struct yw_rto_spec *spec) {
    return spec->design * YW_RTO_CP;
}

double yw_rto_heat(const struct yw_rto *s, const struct yw_rto_spec *spec) {
    double nodes = 0;
    for (int b = 0; b < spec->beds; b++)
        for (int i = 0; i < YW_RTO_NODES; i++) nodes += s->bed[b][i];
    return design_kw_k(spec) * (NODE_TAU * nodes + CHAMBER_TAU * s->chamber);
}

struct piece {
    double dt, kw_k;    /* s; of the gas */
    double stock, fade; /* kJ/K of a node; what is left of a difference behind it */
};

/* Gas through a bed, upwards (cold end first) or down, to no further than `far`. Between the nodes the
 * ceramics are taken as straight, and the gas runs behind a straight profile by its rise over NTU; so five
 * nodes recover as much heat as a deep bed. What the gas gives the node gets. Returns its temperature behind.
 */
static double through(double *bed, const struct piece *p, bool up, double gas, double far) {
    int first = up ? 0 : YW_RTO_NODES - 1, way = up ? 1 : -1;
    double last = bed[first], edge = last - 0.5 * (bed[first + way] - last);
    if (up ? edge < gas : edge > gas) edge = gas;
    for (int i = 0; i < YW_RTO_NODES; i++) {
        double *node = &bed[first + way * i], here = *node;
        double next = i + 1 < YW_RTO_NODES ? 0.5 * (here + node[way]) : here + 0.5 * (here - last);
        if (i + 1 == YW_RTO_NODES && (up ? next > far : next < far)) next = far;
        double lag = (next - edge) / NTU_NODE;
        double behind = next - lag + (gas - edge + lag) * p->fade;
        *node += (gas - behind) * p->kw_k * p->dt / p->stock;
        gas = behind, edge = next, last = here;
    }
    return gas;
}

struct heat { /* of a piece, kJ */
    double burner, lost;
};

/* The chamber with a burner that pulls towards its set point; returns the mean temperature of what leaves. */
static double chamber(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in,
                      const struct piece *p, double arrives, double voc_kw, struct heat *heat) {
    double stock = CHAMBER_TAU * design_kw_k(spec), wall = WALL_LOSS * design_kw_k(spec);
    double fed = in->wet / (0.15 * spec->design); /* it is shut off when there is hardly any air */
    double most = spec->burner_kw * in->burner * (fed < 1 ? fed * fed : 1), pull = most / 25;
    double vent = s->chamber > spec->set + 60 ? 0.3 * p->kw_k : 0; /* hot gas is let past the beds */
    double give = p->kw_k * arrives + voc_kw + (wall + vent) * in->outside, sum = p->kw_k + wall + vent;
    double base = s->integral < most ? s->integral * in->burner : most;
    double left = exp(-(sum + pull) * p->dt / stock);
    double goal = (give + base + pull * spec->set) / (sum + pull);
    double after = goal + (s->chamber - goal) * left;
    double mean = goal - stock * (after - s->chamber) / p->dt / (sum + pull);
    double burner = base + pull * (spec->set - mean);
    if (burner < 0 || burner > most) { /* at its end: the same without the pull */
        burner = burner < 0 ? 0 : most;
        goal = (give + burner) / sum;
        after = goal + (s->chamber - goal) * exp(-sum * p->dt / stock);
        mean = goal - stock * (after - s->chamber) / p->dt / sum;
    } else {
        s->integral += p->dt / 400 * (burner - s->integral);
    }
    s->chamber = after;
    heat->burner = burner * p->dt;
    heat->lost = (wall + vent) * (mean - in->outside) * p->dt;
    return mean;
}

/* Bed that takes in, gives out, is purged at this turn. */
static int part(const struct yw_rto_spec *spec, int64_t turn, int which) {
    return (int)((turn + which) % spec->beds);
}

void yw_rto_begin(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in, double at,
                  int64_t start) {
    for (int b = 0; b < YW_RTO_BEDS; b++)
        for (int i = 0; i < YW_RTO_NODES; i++)
            s->bed[b][i] = in->warm + (at - in->warm) * (0.5 + i) / YW_RTO_NODES;
    s->chamber = at;
    s->integral = 0.3 * spec->burner_kw;
    s->held = 0;
    s->turn = (int64_t)floor((double)start * 1e-6 / spec->switch_s);
}

/* Solvent of a piece: what fills the dead volume, leaks, slips and burns; g. */
static void solvent(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in, double dt,
                    double expelled, double purged, double *out, double *burnt) {
    double came = in->solvent * dt, room = spec->dead_s * spec->design;
    double full = in->wet > 1e-6 ? in->solvent / in->wet * room : s->held;
    double fills = full - s->held;
    if (fills > came) fills = came;
    s->held += fills;
    double leaks = (came - (fills > 0 ? fills : 0)) * in->leak;
    double seconds = spec->chamber_s * spec->design / (in->wet > 1e-6 ? in->wet : 1e-6) *
                     (spec->set + 273.15) / (s->chamber + 273.15);
    double enters = came - fills - leaks + purged;
    *burnt = enters * yw_rto_destroyed(s->chamber, seconds);
    *out = enters - *burnt + leaks + expelled;
}

static void piece(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in,
                  const struct piece *p, double expelled, double purged, struct yw_rto_out *sum) {
    double out, burnt;
    struct heat heat;
    solvent(s, spec, in, p->dt, expelled, purged, &out, &burnt);
    double hot = through(s->bed[part(spec, s->turn, 0)], p, true, in->warm, s->chamber);
    double mean = chamber(s, spec, in, p, hot, burnt * YW_RTO_SOLVENT_KJ / p->dt, &heat);
    double leaves = through(s->bed[part(spec, s->turn, 1)], p, false, mean, in->warm);
    sum->out += out;
    sum->destroyed += burnt;
    sum->leaves += leaves * p->dt;
    sum->burner_kw += heat.burner;
    sum->heat_voc += burnt * YW_RTO_SOLVENT_KJ;
    sum->heat_loss_kw += heat.lost;
}

void yw_rto_step(struct yw_rto *s, const struct yw_rto_spec *spec, const struct yw_rto_in *in, int64_t time,
                 double step_s, struct yw_rto_out *out) {
    double now = (double)time * 1e-6, end = now + step_s;
    *out = (struct yw_rto_out){0};
    struct piece p = {.kw_k = (in->wet > 1e-6 ? in->wet : 1e-6) * YW_RTO_CP,
                      .stock = NODE_TAU * design_kw_k(spec),
                      .fade = exp(-NTU_NODE)};
    while (end - now > 1e-6) {
        double expelled = 0, purged = 0, next = (double)(s->turn + 1) * spec->switch_s;
        if (now >=
            next - 1e-6) { /* the gas in the bed that took in goes out with the clean one, or is purged */
            s->turn++;
            next += spec->switch_s;
            *(spec->beds == 3 && in->purged ? &purged : &expelled) = s->held;
            s->held = 0;
        }
        double stop = next < end ? next : end;
        p.dt = stop - now;
        if (p.dt > PIECE_S) p.dt = p.dt > 2 * PIECE_S ? PIECE_S : p.dt / 2;
        piece(s, spec, in, &p, expelled, purged, out);
        now += p.dt;
    }
    out->out /= step_s, out->destroyed /= step_s, out->leaves /= step_s;
    out->burner_kw /= step_s, out->heat_voc /= step_s, out->heat_loss_kw /= step_s;
}
