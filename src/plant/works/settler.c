/* settler: fluxes between the layers. */
#include "plant/works/settler.h"

#include <math.h>

struct yw_settler yw_settler_benchmark(void) {
    return (struct yw_settler){.area = 1500,
                               .height = 0.4,
                               .v0max = 250,
                               .v0 = 474,
                               .rh = 0.000576,
                               .rp = 0.00286,
                               .fns = 0.00228,
                               .threshold = 3000};
}

struct falling { /* of one layer: flux v*X and its derivative by X */
    double flux, slope;
};

static struct falling fall(const struct yw_settler *s, double x, double least) {
    double free_x = x - least;
    if (x <= 0) return (struct falling){0, 0};
    double h = s->v0 * exp(-s->rh * free_x), p = s->v0 * exp(-s->rp * free_x);
    double v = h - p, dv = s->rp * p - s->rh * h;
    if (v < 0) v = dv = 0;
    if (v > s->v0max) v = s->v0max, dv = 0;
    return (struct falling){v * x, v + dv * x};
}

/* Whether the flux between layers j and j+1 is limited by the layer below. */
static int held_below(const struct yw_settler *s, const double *x, const struct falling *f, int j) {
    if (j < YW_SETTLER_FEED && x[j + 1] <= s->threshold) return 0;
    return f[j + 1].flux < f[j].flux;
}

void yw_settler_rates(const struct yw_settler *s, const struct yw_settler_flows *q,
                      const double x[YW_SETTLER_LAYERS], double dx[YW_SETTLER_LAYERS]) {
    struct falling f[YW_SETTLER_LAYERS];
    double up = (q->feed - q->under) / s->area, down = q->under / s->area, z = 1 / s->height, last = 0;
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) f[j] = fall(s, x[j], s->fns * q->solids);
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) {
        double out = 0, bulk;
        if (j + 1 < YW_SETTLER_LAYERS) out = f[held_below(s, x, f, j) ? j + 1 : j].flux;
        if (j < YW_SETTLER_FEED)
            bulk = up * (x[j + 1] - x[j]);
        else if (j == YW_SETTLER_FEED)
            bulk = (up + down) * (q->solids - x[j]);
        else
            bulk = down * (x[j - 1] - x[j]);
        dx[j] = (bulk + last - out) * z;
        last = out;
    }
}

void yw_settler_jacobian(const struct yw_settler *s, const struct yw_settler_flows *q,
                         const double x[YW_SETTLER_LAYERS], double below[YW_SETTLER_LAYERS],
                         double at[YW_SETTLER_LAYERS], double above[YW_SETTLER_LAYERS]) {
    struct falling f[YW_SETTLER_LAYERS];
    double up = (q->feed - q->under) / s->area, down = q->under / s->area, z = 1 / s->height;
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) {
        f[j] = fall(s, x[j], s->fns * q->solids);
        below[j] = j > YW_SETTLER_FEED ? down * z : 0;
        above[j] = j < YW_SETTLER_FEED ? up * z : 0;
        at[j] = -(j < YW_SETTLER_FEED ? up : j > YW_SETTLER_FEED ? down : up + down) * z;
    }
    for (int j = 0; j + 1 < YW_SETTLER_LAYERS; j++) {
        if (held_below(s, x, f, j)) {
            above[j] -= f[j + 1].slope * z;
            at[j + 1] += f[j + 1].slope * z;
        } else {
            at[j] -= f[j].slope * z;
            below[j + 1] += f[j].slope * z;
        }
    }
}
