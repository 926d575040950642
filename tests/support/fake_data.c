#include "fake_data.h"

#include "hj212.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void die(const char *what, const struct yw_error *err) {
    fprintf(stderr, "fake data: %s: %s\n", what, err->text);
    abort();
}

static struct yw_journal *open_journal(const char *data, const char *name) {
    struct yw_journal *j = NULL;
    struct yw_error err = {0};
    struct yw_buf path;
    yw_buf_init(&path, 4096);
    yw_buf_printf(&path, "%s/journal/%s", data, name);
    if (yw_make_dirs(path.data, &err) != YW_OK ||
        yw_journal_open(yw_io_system(), path.data, name, &j, NULL, &err) != YW_OK)
        die(name, &err);
    yw_buf_free(&path);
    return j;
}

static void append(struct yw_journal *j, struct yw_record *r) {
    struct yw_error err = {0};
    if (yw_journal_append(j, r, &err) == YW_OK) return;
    if (yw_journal_commit(j, &err) != YW_OK || yw_journal_append(j, r, &err) != YW_OK) die("append", &err);
}

void fake_act(const char *data, const char *json) {
    struct yw_journal *j = open_journal(data, "acts");
    struct yw_record r = {
        .arrival = FAKE_ACT_AT, .direction = YW_DIR_ACT, .payload = json, .length = (uint32_t)strlen(json)};
    append(j, &r);
    yw_journal_close(j);
}

void fake_mn(uint32_t device, char out[25]) {
    static const char digits[] = "0123456789ABCDEF";
    memcpy(out, "010000A8900016F000000000", 25);
    for (int i = 0; i < 8; i++) out[23 - i] = digits[device >> (4 * i) & 15];
}

void fake_acts(const char *data, uint32_t n) {
    struct yw_buf json;
    char mn[25];
    yw_buf_init(&json, 15 << 20);
    yw_buf_puts(&json, "{\"act\":\"register.put\",\"by\":\"test\",\"at\":1,\"areas\":[{\"code\":\"370000\","
                       "\"parent\":\"\",\"name\":\"test\"}],"
                       "\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":\"works\","
                       "\"short_name\":\"works\",\"area\":\"370000\"}],\"outlets\":[");
    for (uint32_t i = 1; i <= n; i++)
        yw_buf_printf(&json,
                      "%s{\"id\":%u,\"enterprise\":1,\"code\":\"DA%03u\",\"name\":\"stack\",\"kind\":\"air\","
                      "\"st\":\"31\"}",
                      i > 1 ? "," : "", i, i);
    yw_buf_puts(&json, "],\"devices\":[");
    for (uint32_t i = 1; i <= n; i++) {
        fake_mn(i, mn);
        yw_buf_printf(&json,
                      "%s{\"id\":%u,\"outlet\":%u,\"mn\":\"%s\",\"pw\":\"123456\",\"state\":\"admitted\","
                      "\"version\":2017}",
                      i > 1 ? "," : "", i, i, mn);
    }
    yw_buf_puts(&json, "]}");
    fake_act(data, json.data);
    yw_buf_free(&json);
}

size_t fake_packet(uint32_t device, int64_t time, uint64_t salt, char *out, size_t size) {
    static const char *const factors[] = {"a21026", "a21002", "a34013", "a19001", "a01011", "a01012"};
    static const char *const fields[] = {"Min", "Avg", "Max", "Cou"};
    char area[1024], qn[18] = {0}, at[15] = {0}, mn[25];
    hj212_writer w;
    hj212_writer_init(&w, area, sizeof area);
    hj212_print_time(time, false, at);
    hj212_print_time(time + (int64_t)(salt % 1000) * 1000, true, qn);
    hj212_put(&w, NULL, "DataTime", at);
    uint64_t state = salt * 0x9E3779B97F4A7C15u + device;
    for (size_t f = 0; f < YW_COUNT(factors); f++) {
        for (size_t k = 0; k < YW_COUNT(fields); k++) {
            state = state * 6364136223846793005u + 1442695040888963407u;
            hj212_decimal d = {10000 + (int64_t)(state >> 40) % 90000, 2}; /* "123.45" */
            hj212_put_decimal(&w, factors[f], fields[k], d);
        }
        hj212_put(&w, factors[f], "Flag", "N");
    }
    fake_mn(device, mn);
    hj212_message m = {.qn = hj212_text(qn),
                       .st = hj212_text("31"),
                       .cn = hj212_text("2051"),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text(mn),
                       .flag = hj212_text("5"),
                       .cp = hj212_written(&w)};
    return hj212_encode(&m, out, size);
}

static void journal_name(uint16_t number, char out[16]) {
    snprintf(out, 16, "p%u", number);
}

void fake_journal(const char *data, const struct fake_packets *p) {
    char name[16], frame[HJ212_FRAME_MAX];
    struct yw_error err = {0};
    journal_name(p->journal, name);
    struct yw_journal *j = open_journal(data, name);
    for (size_t k = p->from; k < p->to; k++) {
        uint32_t device = p->first + (uint32_t)(k % p->outlets);
        size_t n =
            fake_packet(device, p->start + (int64_t)(k / p->outlets) * YW_MINUTE, k + 1, frame, sizeof frame);
        struct yw_record r = {.arrival = p->arrival + (int64_t)k * p->arrival_step,
                              .direction = YW_DIR_IN,
                              .flags = YW_REC_ADMITTED | YW_REC_ACKED,
                              .register_version = p->register_version,
                              .device = device,
                              .payload = frame,
                              .length = (uint32_t)n};
        append(j, &r);
    }
    if (yw_journal_commit(j, &err) != YW_OK) die("commit", &err);
    yw_journal_close(j);
}

struct yw_journal *fake_writer(const char *data, uint16_t journal) {
    char name[16];
    journal_name(journal, name);
    return open_journal(data, name);
}

void fake_put(struct yw_journal *j, const char *bytes, size_t n, uint32_t flags, uint32_t device,
              uint32_t register_version, int64_t arrival) {
    struct yw_record r = {.arrival = arrival,
                          .direction = YW_DIR_IN,
                          .flags = flags,
                          .device = device,
                          .register_version = register_version,
                          .payload = bytes,
                          .length = (uint32_t)n};
    append(j, &r);
}

uint64_t fake_put_record(struct yw_journal *j, struct yw_record *r) {
    append(j, r);
    return r->position;
}
