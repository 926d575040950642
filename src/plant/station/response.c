/* response: the way from the probe to the cell. Transport delay L pi d^2 / (4 q), then n equal lags with the
 * T90 of the whole: tau = T90 / 2.303 (n = 1), / 3.890 (n = 2), / 11.772 (n = 8). */
#include "plant/station/inside.h"

/* t90 / tau of n equal lags: where 1 - e^-x sum_{k<n} x^k / k! = 0.9 */
static const double T90_PER_TAU[ORDER_MAX + 1] = {0,      2.3026, 3.8897,  5.3223, 6.6808,
                                                  7.9936, 9.2747, 10.5321, 11.7709};

void response_weights(double weight[ORDER_MAX], uint32_t order, double t90_s, double dt_s) {
    double h = t90_s > 0 ? dt_s * T90_PER_TAU[order] / t90_s : 1e3, w = exp(-h);
    for (uint32_t k = 0; k < ORDER_MAX; k++) {
        weight[k] = k < order ? w : 0;
        w *= h / (k + 1);
    }
}

void response_settle(struct channel_state *c, uint32_t order, double x) {
    for (uint32_t k = 0; k < order; k++) c->lag[k] = x;
}

double response_step(struct channel_state *c, const double weight[ORDER_MAX], uint32_t order, double x) {
    /* z_k = lag_k - x obeys z_k' = (z_{k-1} - z_k) / tau: its exact solution over the step */
    for (uint32_t k = order; k-- > 0;) {
        double z = 0;
        for (uint32_t j = 0; j <= k; j++) z += weight[j] * (c->lag[k - j] - x);
        c->lag[k] = x + z;
    }
    return c->lag[order - 1];
}

double line_delay_s(const struct yw_station_spec *spec) {
    double litres = spec->line_m * 0.78539816339744831 * spec->line_mm * spec->line_mm * 1e-3;
    return litres / spec->sample_l_min * 60;
}

/* Makes room for the newest sample. */
void line_push(struct yw_station *s) {
    s->ring_at = (s->ring_at + 1) % RING;
    if (s->ring_n < RING) s->ring_n++;
}

/* What left the line: fed `steps` ago, linear between the samples kept. */
double line_read(const struct yw_station *s, size_t i, double steps) {
    double most = (double)(s->ring_n - 1);
    if (!(steps < most)) steps = most;
    uint32_t back = (uint32_t)steps;
    double part = steps - back;
    double newer = (double)s->ring[(s->ring_at + RING - back) % RING][i];
    if (part <= 0) return newer;
    double older = (double)s->ring[(s->ring_at + RING - back - 1) % RING][i];
    return newer + (older - newer) * part;
}
