/* stored: what the pipeline has put into the store, and whether it is what was sent. */
#ifndef BENCH_E2E_STORED_H
#define BENCH_E2E_STORED_H

#include "platform.h"

struct stored_progress {
    uint64_t packets; /* data packets that the pipeline has committed to the store */
};
void stored_progress(const struct platform *p, struct stored_progress *out);
/* Waits until the pipeline has read all that the gateways committed. */
enum yw_code stored_wait(const struct platform *p, uint64_t packets, int64_t most_us, struct yw_error *err);
/* Minute records of an outlet, each counted with its copies: a packet stored twice counts twice. */
enum yw_code stored_count(const struct platform *p, uint32_t outlet, uint64_t *rows, struct yw_error *err);

#endif
