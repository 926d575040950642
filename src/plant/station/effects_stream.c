/* effects_stream: what deeds do to gas and water before an instrument sees them. */
#include <math.h>

#include "plant/station/effect.h"

/* What is mixed in. Air outside: oxygen, a little moisture, no pollutants. Tap and river water are our
 * design: round figures of a drinking water and of a slightly polluted river. */
static const struct {
    enum yw_quantity q;
    double v[YW_MIX_COUNT]; /* air, nitrogen, tap, river; NAN: does not mix */
} media[] = {
    {YW_Q_SO2, {0, 0, NAN, NAN}},          {YW_Q_NO, {0, 0, NAN, NAN}},
    {YW_Q_NO2, {0, 0, NAN, NAN}},          {YW_Q_NOX, {0, 0, NAN, NAN}},
    {YW_Q_CO, {0, 0, NAN, NAN}},           {YW_Q_DUST, {0, 0, NAN, NAN}},
    {YW_Q_HCL, {0, 0, NAN, NAN}},          {YW_Q_HF, {0, 0, NAN, NAN}},
    {YW_Q_NH3, {0, 0, NAN, NAN}},          {YW_Q_NMHC, {0, 0, NAN, NAN}},
    {YW_Q_CH4, {0, 0, NAN, NAN}},          {YW_Q_TOLUENE, {0, 0, NAN, NAN}},
    {YW_Q_O2, {20.9, 0, NAN, NAN}},        {YW_Q_CO2, {0.04, 0, NAN, NAN}},
    {YW_Q_H2O, {1.2, 0, NAN, NAN}},        {YW_Q_TEMP, {20, 20, NAN, NAN}},
    {YW_Q_COD, {NAN, NAN, 2, 14}},         {YW_Q_NH4, {NAN, NAN, 0.05, 0.4}},
    {YW_Q_TN, {NAN, NAN, 1.5, 2.5}},       {YW_Q_TP, {NAN, NAN, 0.02, 0.1}},
    {YW_Q_PH, {NAN, NAN, 7.4, 7.8}},       {YW_Q_SS, {NAN, NAN, 0.5, 20}},
    {YW_Q_TURBIDITY, {NAN, NAN, 0.4, 15}}, {YW_Q_CONDUCTIVITY, {NAN, NAN, 320, 420}},
    {YW_Q_WATER_TEMP, {NAN, NAN, 15, 16}}, {YW_Q_TOC, {NAN, NAN, 1, 4}},
    {YW_Q_BOD5, {NAN, NAN, 0.5, 2}},       {YW_Q_NO3, {NAN, NAN, 1.4, 2}},
    {YW_Q_CHLORINE, {NAN, NAN, 0.3, 0}},   {YW_Q_COLIFORMS, {NAN, NAN, 0, 5000}},
};

static bool named(const struct yw_active *a) {
    return (a->quantities[0] | a->quantities[1]) != 0;
}

/* Share f of what flows past the probe is the medium. In the duct itself the medium also adds to the flow
 * and changes the temperature; a thermometer or a flow meter beside a probe does not notice. */
static void mix(const struct yw_active *a, enum yw_place place, struct yw_stream *s) {
    double f = fmin(fmax(a->s * a->a, 0), 1);
    enum yw_medium_mixed medium = a->deed->medium < YW_MIX_COUNT ? a->deed->medium : YW_MIX_AIR;
    bool all = !named(a);
    for (size_t i = 0; i < sizeof media / sizeof media[0]; i++) {
        enum yw_quantity q = media[i].q;
        double other = media[i].v[medium];
        if (isnan(other) || !yw_active_hits(a, q)) continue;
        if (all && q == YW_Q_TEMP && place != YW_AT_DUCT) continue;
        s->v[q] += f * (other - s->v[q]);
    }
    if (!all || place != YW_AT_DUCT) return;
    double more = 1 / (1 - fmin(f, 0.9));
    bool gas = medium == YW_MIX_AIR || medium == YW_MIX_NITROGEN;
    if (gas) {
        s->v[YW_Q_FLOW] *= more;
        s->v[YW_Q_VELOCITY] *= more;
    } else {
        s->v[YW_Q_WATER_FLOW] *= more;
    }
}

static bool pollutant(enum yw_quantity q) {
    return q < YW_Q_O2 || (q >= YW_Q_COD && q <= YW_Q_TURBIDITY && q != YW_Q_PH) ||
           (q >= YW_Q_TOC && q <= YW_Q_NO3);
}

static double lost(const struct yw_active *a, const struct yw_stream *s) {
    double share = a->s * a->a;
    if (a->b > 0 && !isnan(s->v[YW_Q_H2O])) share *= s->v[YW_Q_H2O] / a->b;
    return fmin(fmax(share, 0), 1);
}

static void on_one(const struct yw_active *a, enum yw_quantity q, const struct yw_station_spec *spec,
                   struct yw_stream *s) {
    double figure = a->a;
    switch (a->deed->what) {
    case YW_DO_REMOVE:
        s->v[q] *= 1 - lost(a, s);
        break;
    case YW_DO_SCALE:
        s->v[q] *= 1 + a->s * (a->a - 1);
        break;
    case YW_DO_ADD:
        figure = yw_active_figure(a, q, spec);
        if (!isnan(figure)) s->v[q] += a->s * figure;
        break;
    case YW_DO_BOTTLE: {
        figure = yw_active_figure(a, q, spec);
        double inside = figure + a->b * (s->v[q] - figure);
        if (!isnan(figure)) s->v[q] += fmin(a->s, 1) * (inside - s->v[q]);
        break;
    }
    default:
        break;
    }
}

/* NOx is NO and NO2, as NO2: what happens to one of them happens to the sum. */
static void follow_nox(const struct yw_active *a, double no, double no2, struct yw_stream *s) {
    if (!named(a) || yw_active_hits(a, YW_Q_NOX)) return;
    double d = 0;
    if (!isnan(no)) d += (s->v[YW_Q_NO] - no) * 46.0 / 30.0;
    if (!isnan(no2)) d += s->v[YW_Q_NO2] - no2;
    if (!isnan(s->v[YW_Q_NOX])) s->v[YW_Q_NOX] = fmax(s->v[YW_Q_NOX] + d, 0);
}

static void on_several(const struct yw_active *a, enum yw_place place, const struct yw_station_spec *spec,
                       struct yw_stream *s) {
    double no = s->v[YW_Q_NO], no2 = s->v[YW_Q_NO2];
    bool all = !named(a);
    for (unsigned word = 0; word < 2; word++) {
        for (uint64_t bits = all ? UINT64_MAX : a->quantities[word]; bits; bits &= bits - 1) {
            unsigned i = word * 64 + (unsigned)__builtin_ctzll(bits);
            if (i >= YW_Q_COUNT) break;
            enum yw_quantity q = (enum yw_quantity)i;
            /* The flow meter of a weir has a level of its own before it: the station's matter. */
            if (isnan(s->v[q]) || (all && !pollutant(q)) || (q == YW_Q_WATER_FLOW && place != YW_AT_DUCT))
                continue;
            on_one(a, q, spec, s);
        }
    }
    follow_nox(a, no, no2, s);
}

void yw_effects_on_stream(const struct yw_effects_now *now, enum yw_place place,
                          const struct yw_station_spec *spec, struct yw_stream *s) {
    for (size_t i = 0; i < now->n; i++) {
        const struct yw_active *a = &now->items[i];
        if (a->deed->place != place) continue;
        switch (a->deed->what) {
        case YW_DO_MIX:
            mix(a, place, s);
            break;
        case YW_DO_REMOVE:
        case YW_DO_SCALE:
        case YW_DO_ADD:
        case YW_DO_BOTTLE:
            on_several(a, place, spec, s);
            break;
        default:
            break;
        }
    }
}
