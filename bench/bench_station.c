/* A station with ten channels of a stack, nothing acting on it: nanoseconds a step, at 5 s and 60 s. Target:
 * 1,500. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plant/station/station.h"

enum { RUNS = 5 };
static const double target = 1500;

static void fill(struct yw_station_spec *spec) {
    static const enum yw_quantity all[] = {YW_Q_SO2,      YW_Q_NOX,  YW_Q_CO,       YW_Q_DUST, YW_Q_O2,
                                           YW_Q_VELOCITY, YW_Q_TEMP, YW_Q_PRESSURE, YW_Q_H2O,  YW_Q_FLOW};
    yw_station_spec_usual(spec, false);
    for (size_t i = 0; i < YW_COUNT(all); i++)
        yw_channel_usual(&spec->channels[spec->channel_n++], all[i], false);
}

static double run(struct yw_station *s, const struct yw_station_spec *spec, double step_s, uint32_t steps) {
    struct yw_stream truth;
    struct yw_readings out;
    yw_stream_clear(&truth);
    truth.v[YW_Q_NO] = 30, truth.v[YW_Q_NO2] = 3, truth.v[YW_Q_NOX] = 49, truth.v[YW_Q_CO] = 40;
    truth.v[YW_Q_O2] = 6, truth.v[YW_Q_CO2] = 13, truth.v[YW_Q_TEMP] = 52, truth.v[YW_Q_PRESSURE] = -0.1;
    truth.v[YW_Q_H2O] = 12, truth.v[YW_Q_VELOCITY] = 13, truth.v[YW_Q_FLOW] = 110;
    int64_t time = 1795536000 * YW_SECOND, step = (int64_t)(step_s * 1e6);
    yw_station_begin(s, spec, 7, time, step_s);
    double sum = 0;
    int64_t before = yw_monotonic();
    for (uint32_t k = 1; k <= steps; k++) {
        truth.v[YW_Q_SO2] = 20 + (k & 15), truth.v[YW_Q_DUST] = 3 + 0.1 * (k & 7);
        yw_station_step(s, &truth, YW_MARK_N, NULL, NULL, 0, time + k * step, &out);
        sum += out.channel[0].stored;
    }
    double ns = (double)(yw_monotonic() - before) * 1e3 / steps;
    if (!(sum > 0)) fprintf(stderr, "bench-station: the analysers showed nothing\n");
    return ns;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

int main(void) {
    struct yw_station_spec spec;
    fill(&spec);
    struct yw_station *s = malloc(yw_station_size());
    if (!s) return 1;
    static const double steps_s[] = {5, 60};
    for (size_t k = 0; k < YW_COUNT(steps_s); k++) {
        double runs[RUNS];
        for (size_t i = 0; i < RUNS; i++) runs[i] = run(s, &spec, steps_s[k], 200000);
        qsort(runs, RUNS, sizeof *runs, compare);
        printf("{\"bench\":\"station\",\"figure\":\"ns_a_step_of_%g_s\",\"unit\":\"ns\",\"median\":%.0f,"
               "\"runs\":[",
               steps_s[k], runs[RUNS / 2]);
        for (size_t i = 0; i < RUNS; i++) printf("%s%.0f", i ? "," : "", runs[i]);
        printf("],\"target\":%.0f,\"ratio\":%.2f}\n", target, target / runs[RUNS / 2]);
    }
    printf("{\"bench\":\"station\",\"figure\":\"state\",\"unit\":\"bytes\",\"median\":%zu,\"runs\":[%zu],"
           "\"target\":65536,\"ratio\":%.2f}\n",
           yw_station_size(), yw_station_size(), 65536.0 / (double)yw_station_size());
    free(s);
    return 0;
}
