/* load: devices that send distinct 638-byte minute packets (2051, six factors with Cou, Min, Avg, Max and
 * Flag) and time every answer. Frames are made once; a packet is the frame with other digits, QN, DataTime
 * and CRC. */
#ifndef BENCH_E2E_LOAD_H
#define BENCH_E2E_LOAD_H

#include <uv.h>

#include "plants/plants.h"

enum {
    LOAD_FRAME_BYTES = 638,
    LOAD_VALUES = 24 /* numbers in it */,
    LATENCY_BUCKETS = 20000,
    LATENCY_STEP_US = 10
};

struct load_options {
    uint16_t port;
    uint32_t links, window, sources;
    uint32_t first_device;
    double rate;        /* packets a second over all links, 0: as fast as acknowledged */
    int64_t seconds_us; /* from the moment all links are up */
    int64_t first_time; /* data time of each device's first packet */
    bool idle;          /* hold the links, send nothing */
};
struct load_result {
    uint64_t up, sent, acked, lost, resent;
    int64_t took_us;        /* of the sending phase */
    uint64_t acked_in_time; /* acknowledged within the phase */
    uint32_t latency[LATENCY_BUCKETS + 1];
    int64_t latency_max_us;
    char why[320];
};

struct load;
enum yw_code load_create(uv_loop_t *loop, const struct load_options *o, struct load **out,
                         struct yw_error *err);
bool load_all_up(const struct load *l);
void load_go(struct load *l);
bool load_done(const struct load *l); /* time is over and everything sent was answered */
const struct load_result *load_result(const struct load *l);
int64_t load_percentile_us(const struct load_result *r, double part);
uint32_t load_device_sent(const struct load *l,
                          uint32_t link); /* packets of one device, all acknowledged at the end */
void load_close(struct load *l);
void load_destroy(struct load *l);

#endif
