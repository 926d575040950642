/* A data folder with journals of invented packets, for the tests and the bench of the pipeline. */
#ifndef YW_TEST_FAKE_DATA_H
#define YW_TEST_FAKE_DATA_H

#include "journal/journal.h"

#define FAKE_ACT_AT ((int64_t)1793980800 * YW_SECOND) /* arrival of every act: 2026-11-07 00:00:00 UTC+8 */

struct fake_packets {
    uint16_t journal; /* p0, p1 ... */
    uint32_t outlets; /* packets go round outlets first, first + 1 ... */
    uint32_t first;
    size_t from, to;      /* numbers of the packets: packet k is minute k / outlets of its outlet */
    int64_t start;        /* data time of minute 0 */
    int64_t arrival;      /* of the first packet */
    int64_t arrival_step; /* microseconds to the next */
    uint32_t register_version;
};

/* One enterprise with outlets and admitted devices 1..n (MN: fake_mn), in one act: version 1. */
void fake_acts(const char *data, uint32_t n);
void fake_act(const char *data, const char *json); /* appends one more */
void fake_mn(uint32_t device, char out[25]);
/* Minute data of 638 bytes: six factors with Min, Avg, Max, Cou and Flag, each packet different. */
size_t fake_packet(uint32_t device, int64_t time, uint64_t salt, char *out, size_t size);
void fake_journal(const char *data, const struct fake_packets *p);
/* Records one by one: yw_journal_close commits them. */
struct yw_journal *fake_writer(const char *data, uint16_t journal);
void fake_put(struct yw_journal *j, const char *bytes, size_t n, uint32_t flags, uint32_t device,
              uint32_t register_version, int64_t arrival);
uint64_t fake_put_record(struct yw_journal *j, struct yw_record *r); /* gives its position */

#endif
