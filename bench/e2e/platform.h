/* platform: a `yanwu serve` of one's own on loopback, with a temporary data folder and N registered devices.
 */
#ifndef BENCH_E2E_PLATFORM_H
#define BENCH_E2E_PLATFORM_H

#include "base/base.h"
#include "gateway/gateway.h"

struct platform {
    char data[512];  /* folder */
    char build[512]; /* where yanwu-serve lies */
    uint32_t workers;
    char only[64]; /* parts to start, "" all that this bench needs */
    int pid, out;
    uint16_t device_port;
    int64_t ready_us; /* from fork to `ready` */
};

/* Makes the folder below $TMPDIR and registers devices 0 .. n-1 (device_mn). */
enum yw_code platform_create(struct platform *p, uint32_t devices, uint32_t workers, struct yw_error *err);
enum yw_code platform_start(struct platform *p, struct yw_error *err);
/* SIGTERM; false if serve did not end well. */
bool platform_stop(struct platform *p);
void platform_remove(struct platform *p); /* the folder too */

void device_mn(uint32_t i, char mn[25]);
/* Sum over the workers of a counter of their live pages. */
uint64_t platform_counter(const struct platform *p, enum yw_gateway_counter counter);
uint64_t platform_committed(const struct platform *p); /* bytes in packet journals */
/* Bytes of memory of one kind ("Pss_Anon:", "Pss:") of all processes whose command line names the data folder
 * or that serve started. */
uint64_t platform_memory(const struct platform *p, const char *program);
/* Bytes below a folder of the data folder. */
uint64_t platform_disk(const struct platform *p, const char *folder);

#endif
