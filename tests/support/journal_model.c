#include "journal_model.h"

#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

void model_init(struct model *m) {
    m->entries = NULL;
    m->count = m->cap = m->fixed = 0;
}

void model_free(struct model *m) {
    free(m->entries);
    m->entries = NULL;
}

/* Mostly packets, now and then one that is larger than a frame's share, or tiny. */
uint32_t model_payload(struct model *m, uint32_t serial) {
    uint64_t h = yw_hash64(&serial, sizeof serial, 7);
    uint32_t length = 4 + (uint32_t)(h % 900);
    if (h % 61 == 0) length = 4 + (uint32_t)(h >> 20) % 30000;
    if (m->fixed) length = m->fixed;
    for (uint32_t i = 0; i < length; i += 8)
        yw_put_u64(m->payload + i, h + i / 64); /* compresses, but not to nothing */
    yw_put_u32(m->payload, serial);
    return length;
}

enum yw_code model_append(struct model *m, struct yw_journal *j, int64_t arrival, struct yw_error *err) {
    if (m->count == m->cap) {
        m->cap = m->cap ? 2 * m->cap : 256;
        m->entries = realloc(m->entries, m->cap * sizeof *m->entries);
        assert_non_null(m->entries);
    }
    uint32_t serial = m->count;
    struct yw_record r = {.arrival = arrival,
                          .link = serial,
                          .direction = YW_DIR_IN,
                          .domain = YW_DOMAIN_REAL,
                          .bucket = (uint16_t)(serial % 256),
                          .flags = YW_REC_ADMITTED,
                          .device = serial + 1,
                          .payload = m->payload,
                          .length = model_payload(m, serial)};
    enum yw_code code = yw_journal_append(j, &r, err);
    if (code != YW_OK) return code;
    m->entries[m->count++] = (struct model_entry){.position = r.position};
    return YW_OK;
}

void model_done(struct model *m, uint32_t from_serial, uint32_t to_serial) {
    for (uint32_t i = from_serial; i < to_serial; i++) m->entries[i].done = true;
}

uint32_t model_check(struct model *m, const struct yw_record *r) {
    assert_true(r->length >= 4);
    uint32_t serial = yw_get_u32(r->payload);
    assert_true(serial < m->count);
    assert_int_equal(m->entries[serial].position, r->position);
    assert_int_equal(model_payload(m, serial), r->length);
    assert_memory_equal(m->payload, r->payload, r->length);
    assert_int_equal(r->link, serial);
    assert_int_equal(r->device, serial + 1);
    assert_int_equal(r->bucket, serial % 256);
    return serial;
}

uint32_t model_check_all(struct model *m, struct yw_reader *reader) {
    struct yw_record r;
    struct yw_error err = {0};
    uint32_t next = 0, count = 0;
    int64_t arrival = INT64_MIN;
    assert_int_equal(yw_reader_seek(reader, 0, &err), YW_OK);
    enum yw_code code;
    while ((code = yw_reader_next(reader, &r, &err)) == YW_OK) {
        uint32_t serial = model_check(m, &r);
        assert_true(serial >= next);
        for (; next < serial; next++) assert_false(m->entries[next].done);
        next = serial + 1;
        assert_true(r.arrival >= arrival);
        arrival = r.arrival;
        count++;
    }
    if (code != YW_E_END) fail_msg("reading ended with %s: %s", yw_code_name(code), err.text);
    for (; next < m->count; next++) assert_false(m->entries[next].done);
    return count;
}
