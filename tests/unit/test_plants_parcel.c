/* Parcels: a record fits the standard's data areas, and a frame says what the record said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hj212.h"
#include "plants/plants.h"

#define assert_near(a, b, eps) assert_true(fabs((a) - (b)) <= (eps))

struct seen {
    struct yw_device_face face;
    const struct yw_scenario *scenario;
    const struct yw_plant_record *record;
    unsigned parts, frames;
    bool factor[YW_PLANT_FACTORS_MAX];
    char last_qn[18];
    bool backfill;
    hj212_packet packet;
    char frame[YW_PLANT_FRAME_MAX];
    size_t length;
};

static void check_values(struct seen *x) {
    hj212_value values[256];
    size_t n = hj212_values(x->packet.cp, values, YW_COUNT(values));
    for (size_t i = 0; i < n; i++) {
        char code[12] = "";
        if (!values[i].item.code.p || values[i].field != HJ212_FIELD_AVG) continue;
        memcpy(code, values[i].item.code.p, values[i].item.code.n < 11 ? values[i].item.code.n : 11);
        int f = yw_scenario_factor(x->scenario, code);
        assert_true(f >= 0);
        assert_false(x->factor[f]);
        x->factor[f] = true;
        double sent = (double)values[i].number.mantissa / pow(10, values[i].number.scale);
        assert_int_equal(values[i].number.scale, x->scenario->factors[f].digits);
        assert_near(sent, x->record->entries[f].avg, 0.5000001 * pow(10, -(double)values[i].number.scale));
    }
}

static bool put(void *arg, const char *cp, size_t n, unsigned part, unsigned parts) {
    struct seen *x = arg;
    struct yw_parcel *p = malloc(sizeof *p + n);
    assert_non_null(p);
    *p = (struct yw_parcel){.command = x->record->command,
                            .part = (uint16_t)part,
                            .parts = (uint16_t)parts,
                            .backfill = x->backfill,
                            .length = (uint16_t)n};
    memcpy(p->cp, cp, n);
    assert_true(n <= YW_PLANT_CP_MAX);
    char qn[18] = "";
    x->length = yw_frame_write(&x->face, p, 1763870400 * YW_SECOND, x->frame, sizeof x->frame, qn);
    assert_true(x->length > 0 && x->length <= 1024 + 12);
    assert_true(strcmp(qn, x->last_qn) > 0); /* one clock, every QN of its own */
    memcpy(x->last_qn, qn, 18);
    hj212_result r = hj212_decode(NULL, x->frame, x->length, &x->packet);
    assert_int_equal(r.status, HJ212_PACKET);
    assert_int_equal(r.consumed, x->length);
    assert_true(x->packet.ok);
    if (!x->face.odd) assert_int_equal(x->packet.findings_total, 0);
    assert_int_equal(x->packet.command, x->record->command);
    assert_int_equal(x->packet.is_split, parts > 1);
    assert_int_equal(x->packet.version, x->face.version);
    assert_true(x->packet.wants_ack);
    check_values(x);
    x->parts = parts;
    x->frames++;
    free(p);
    return true;
}

static void one_scenario(const char *name, unsigned least_parts) {
    char path[4096];
    struct yw_scenario s;
    struct yw_error err = {.text = ""};
    snprintf(path, sizeof path, "%s/scenarios/%s.yaml", getenv("YANWU_SHARE"), name);
    if (yw_scenario_load(path, NULL, &s, &err)) fail_msg("%s", err.text);
    struct yw_outlet_run run;
    struct yw_plant_record r[YW_RECORDS_PER_STEP];
    struct seen x = {.scenario = &s};
    memcpy(x.face.mn, s.mn, sizeof s.mn);
    memcpy(x.face.pw, s.pw, sizeof s.pw);
    memcpy(x.face.st, s.st, sizeof s.st);
    x.face.version = s.version;
    int64_t day = yw_china_day_start(20780);
    unsigned most_parts = 0;
    yw_outlet_begin(&run, &s, 4, day);
    while (run.model.time < day + 6 * YW_HOUR) {
        size_t n = yw_outlet_step(&run, r, NULL);
        for (size_t i = 0; i < n; i++) {
            x.record = &r[i];
            x.frames = 0;
            memset(x.factor, 0, sizeof x.factor);
            assert_true(yw_record_areas(&s, &r[i], put, &x));
            assert_int_equal(x.frames, x.parts);
            for (size_t f = 0; r[i].command == 2051 && f < s.factor_count; f++) assert_true(x.factor[f]);
            if (x.parts > most_parts) most_parts = x.parts;
        }
    }
    assert_true(most_parts >= least_parts);
    yw_outlet_end(&run);
}

static void test_every_scenario_speaks_cleanly(void **state) {
    (void)state;
    one_scenario("power-stack", 1);
    one_scenario("wastewater-works", 1);
    one_scenario("waste-incinerator", 2); /* twelve factors do not fit one packet */
    one_scenario("voc-workshop", 1);
}

static void odd_frame(uint32_t odd, uint32_t version, bool backfill, struct seen *x) {
    static const struct yw_plant_record record = {.command = 2021, .facility_state = 1};
    static struct yw_scenario s;
    memcpy(s.facility, "SB1", 4);
    *x = (struct seen){.scenario = &s, .record = &record, .backfill = backfill};
    memcpy(x->face.mn, "595700000000000000000009", 25);
    memcpy(x->face.pw, "123456", 7);
    memcpy(x->face.st, "31", 3);
    x->face.version = version;
    x->face.odd = odd;
    assert_true(yw_record_areas(&s, &record, put, x));
}

static bool found(const hj212_packet *p, int code) {
    for (size_t i = 0; i < p->findings_total && i < HJ212_FINDINGS_MAX; i++)
        if (p->findings[i].code == code) return true;
    return false;
}

static void test_oddities_are_findings(void **state) {
    (void)state;
    struct seen x;
    odd_frame(YW_ODD_CRC_MODBUS, 2017, false, &x);
    assert_true(x.packet.crc_modbus && found(&x.packet, HJ212_F_CRC_MODBUS));
    /* a CRC without letters looks the same in either case: some data time gives letters */
    odd_frame(YW_ODD_CRC_LOWER, 2017, false, &x);
    bool letters = strpbrk((char[]){x.frame[x.length - 6], x.frame[x.length - 5], x.frame[x.length - 4],
                                    x.frame[x.length - 3], 0},
                           "abcdef") != NULL;
    assert_int_equal(found(&x.packet, HJ212_F_CRC_CASE), letters);
    for (size_t i = x.length - 6; i < x.length - 2; i++) assert_false(x.frame[i] >= 'A' && x.frame[i] <= 'F');
}

static void test_backfill_is_said_by_2025_alone(void **state) {
    (void)state;
    struct seen x;
    odd_frame(0, 2025, true, &x);
    assert_true(x.packet.backfilled);
    odd_frame(0, 2025, false, &x);
    assert_false(x.packet.backfilled);
    odd_frame(0, 2017, true, &x);
    assert_false(x.packet.backfilled);
    assert_null(x.packet.rf.p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_every_scenario_speaks_cleanly),
        cmocka_unit_test(test_oddities_are_findings),
        cmocka_unit_test(test_backfill_is_said_by_2025_alone),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
