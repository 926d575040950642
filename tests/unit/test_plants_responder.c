/* The device side of commands: what is answered; parameters, keys, registration, memory; any bytes. */
#include "plants_device.h"

#include <stdlib.h>
#include <string.h>

/* ---- answering at all ---- */

static void test_what_is_wrong_is_told(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", "refuses: '1062 3011'", 0);
    static const struct {
        struct extra x;
        const char *cn;
        long want;
    } cases[] = {{{.pw = "000000"}, "1061", 3}, {{.mn = "595700000000000000000009"}, "1061", 4},
                 {{.st = "22"}, "1061", 5},     {{.st = "44"}, "1061", 5},
                 {{.flag = "x"}, "1061", 6},    {{.flag = "253"}, "1061", 6},
                 {{.qn = "2026"}, "1061", 7},   {{.qn = "20261320100000001"}, "1061", 7},
                 {{.pw = NULL}, "1099", 8},     {{.pw = NULL}, "1014", 8},
                 {{.pw = NULL}, "1021", 8},     {{.pw = NULL}, "1062", 2}};
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        device_ask(&d, cases[i].cn, "", &cases[i].x);
        assert_int_equal(d.n, 1);
        assert_int_equal(device_qnrtn(&d), cases[i].want);
    }
    device_ask(&d, "1061", "", &(struct extra){.bad_crc = true});
    assert_int_equal(d.n, 0);
    d.face.odd |= YW_ODD_BAD_CRC;
    device_ask(&d, "1061", "", &(struct extra){.bad_crc = true});
    assert_int_equal(device_qnrtn(&d), 9);
    device_end(&d);
}

static void test_replies_carry_the_request(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", NULL, 0);
    device_done(&d, "1061", "");
    for (size_t i = 0; i < d.n; i++) {
        const hj212_packet *p = &d.said[i].packet;
        assert_memory_equal(p->qn.p, "20261120095959001", 17);
        assert_memory_equal(p->st.p, i == 1 ? "31" : "91", 2);
        assert_int_equal(p->flag_value, 4);
        assert_int_equal(p->findings_total, 0);
    }
    d.face.odd |= YW_ODD_OWN_ST;
    device_done(&d, "1061", "");
    assert_memory_equal(d.said[0].packet.st.p, "31", 2);
    device_end(&d);
}

static void test_a_repeated_request_is_not_done_twice(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "wastewater-works", NULL, 0);
    const struct extra same = {.qn = "20261120120000000"};
    for (int i = 0; i < 3; i++) {
        device_ask(&d, "3015", "", &same);
        assert_int_equal(device_qnrtn(&d), 1);
        assert_int_equal(device_exertn(&d), 1);
        assert_int_equal(d.responder.memory.bottle, 1);
    }
    device_end(&d);
}

static void test_deaf_slow_and_lost_acks(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", "deaf_to: '2051', answers_after: 3s, drops_acks: 0.5", 0);
    device_ask(&d, "2051", "BeginTime=20261120080000;EndTime=20261120090000", NULL);
    assert_int_equal(d.n, 0);
    device_ask(&d, "1061", "", NULL);
    assert_int_equal(d.n, 0);
    device_listen(&d, 4 * YW_SECOND);
    assert_int_equal(d.n, 3);
    unsigned heard = 0;
    hj212_message m = {.qn = hj212_text("20261120100000001"),
                       .st = hj212_text("91"),
                       .cn = hj212_text("9014"),
                       .pw = hj212_text(d.face.pw),
                       .mn = hj212_text(d.face.mn),
                       .flag = hj212_text("4"),
                       .cp = hj212_text("")};
    char frame[256];
    size_t n = hj212_encode(&m, frame, sizeof frame);
    for (int i = 0; i < 1000; i++) heard += yw_responder_take(&d.responder, frame, n, d.now);
    assert_in_range(heard, 400, 600);
    device_end(&d);
}

/* ---- parameters ---- */

static void test_parameters(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", NULL, 0);
    struct yw_memory *m = &d.responder.memory;
    device_done(&d, "1000", "OverTime=7;ReCount=5");
    assert_int_equal(m->overtime_s, 7);
    assert_int_equal(m->recount, 5);
    device_gives(&d, "1000", "OverTime=0;ReCount=5", YW_EXE_CONDITION);
    device_done(&d, "1062", "RtdInterval=60");
    assert_int_equal(d.scenario.realtime_s, 60);
    device_gives(&d, "1062", "RtdInterval=10", YW_EXE_CONDITION);
    device_done(&d, "1061", "");
    assert_true(said_value(device_answer(&d, 1061), NULL, "RtdInterval", "60"));
    device_done(&d, "1064", "MinInterval=5");
    assert_int_equal(d.scenario.minute_s, 300);
    device_gives(&d, "1064", "MinInterval=7", YW_EXE_CONDITION);
    device_done(&d, "1063", "");
    assert_true(said_value(device_answer(&d, 1063), NULL, "MinInterval", "5"));
    device_done(&d, "2011", "");
    device_ask(&d, "2012", "", NULL);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.said[0].packet.command, 9013);
    assert_false(m->realtime_on);
    struct yw_plant_record r = {.command = 2011, .time = d.now, .end = d.now};
    int64_t due;
    assert_false(yw_responder_sends(&d.responder, &r, &due));
    device_done(&d, "2011", "");
    assert_true(yw_responder_sends(&d.responder, &r, &due));
    r.command = 2021;
    device_ask(&d, "2022", "", NULL);
    assert_false(yw_responder_sends(&d.responder, &r, &due));
    device_done(&d, "2021", "");
    assert_true(yw_responder_sends(&d.responder, &r, &due));
    device_end(&d);
}

static void test_clock(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", "clock_offset: -95, clock_drift: 8.64", 0);
    assert_int_equal(yw_responder_clock(&d.responder, d.now), d.now - 95 * YW_SECOND);
    assert_int_equal(yw_responder_clock(&d.responder, d.now + 10000 * YW_SECOND),
                     d.now + 10000 * YW_SECOND - 94 * YW_SECOND);
    device_done(&d, "1011", "");
    assert_true(said_value(device_answer(&d, 1011), NULL, "SystemTime", "20261120095825"));
    device_done(&d, "1012", "SystemTime=20261120100000");
    assert_int_equal(yw_responder_clock(&d.responder, d.now), d.now);
    device_done(&d, "1011", "");
    assert_true(said_value(device_answer(&d, 1011), NULL, "SystemTime", "20261120100000"));
    device_gives(&d, "1012", "SystemTime=20261320100000", YW_EXE_CONDITION);
    device_gives(&d, "1012", "SystemTime=19700101000000", YW_EXE_CONDITION);
    device_gives(&d, "1012", "SystemTime=99991231235959", YW_EXE_CONDITION);
    device_gives(&d, "1012", "PolId=w01018;SystemTime=20261120100000", YW_EXE_CONDITION);
    device_done(&d, "1012",
                "PolId=a21026;SystemTime=20261120110000"); /* the instrument's clock, not the logger's */
    assert_int_equal(yw_responder_clock(&d.responder, d.now), d.now);
    device_done(&d, "1011", "PolId=a21026");
    assert_true(said_value(device_answer(&d, 1011), NULL, "SystemTime", "20261120110000"));
    device_end(&d);
}

static void test_password(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", NULL, 0);
    device_gives(&d, "1072", "NewPW=12345", YW_EXE_CONDITION);
    const char *before = "123456";
    device_ask(&d, "1072", "NewPW=654321", NULL);
    assert_int_equal(device_exertn(&d), 1);
    for (size_t i = 0; i < d.n; i++) assert_memory_equal(d.said[i].packet.pw.p, before, 6);
    assert_string_equal(d.face.pw, "654321");
    /* the host has not heard 9012 and asks again, with the password it knows */
    char qn[18] = "";
    memcpy(qn, d.responder.last_qn, 17);
    device_ask(&d, "1072", "NewPW=654321", &(struct extra){.pw = before, .qn = qn});
    assert_int_equal(device_exertn(&d), 1);
    device_ask(&d, "1061", "", &(struct extra){.pw = before});
    assert_int_equal(device_qnrtn(&d), 3);
    device_done(&d, "1061", "");
    device_end(&d);
}

/* The link breaks before the answers are out: they are not said to the next link, but what was done holds. */
static void test_a_broken_link_takes_answers_with_it(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "waste-incinerator", "answers_after: 5s", 0);
    yw_responder_tick(&d.responder, d.now); /* 2081 waits for its turn */
    device_ask(&d, "1072", "NewPW=654321", NULL);
    yw_responder_hang_up(&d.responder);
    assert_string_equal(d.face.pw, "654321");
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 10 * YW_SECOND);
    assert_int_equal(device_count(&d, 9011) + device_count(&d, 9012), 0);
    device_ask(&d, "1061", "", NULL);
    device_listen(&d, 6 * YW_SECOND);
    assert_int_equal(device_exertn(&d), 1);
    device_end(&d);
}

/* ---- 2005 ---- */

static void test_2005(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", NULL, 2005);
    device_done(&d, "1061", "");
    for (size_t i = 0; i < d.n; i++) { /* QN stands in the data area */
        assert_null(d.said[i].packet.qn.p);
        assert_true(said_value(&d.said[i], NULL, "QN", "20261120095959001"));
        assert_int_equal(d.said[i].packet.flag_value, 0);
    }
    device_done(&d, "1001", "WarnTime=600");
    assert_int_equal(d.responder.memory.warn_s, 600);
    device_gives(&d, "1021", "PolId=a21026", YW_EXE_NO_DATA);
    device_done(&d, "1022", "a21026-LowValue=1.1,a21026-UpValue=9.9;a34013-UpValue=5");
    device_done(&d, "1021", "PolId=a21026");
    assert_true(said_value(device_answer(&d, 1021), "a21026", "UpValue", "9.90"));
    assert_false(said_value(device_answer(&d, 1021), "a34013", "UpValue", NULL));
    device_done(&d, "1021", "");
    assert_true(said_value(device_answer(&d, 1021), "a34013", "UpValue", "5.00"));
    device_gives(&d, "1022", "a99999-UpValue=5", YW_EXE_FAILED); /* 2005 has no code for it */
    device_done(&d, "1032", "AlarmTarget=3882566");
    device_done(&d, "1031", "");
    assert_true(said_value(device_answer(&d, 1031), NULL, "AlarmTarget", "3882566"));
    device_done(&d, "1042", "ReportTime=0130");
    device_done(&d, "1041", "");
    assert_true(said_value(device_answer(&d, 1041), NULL, "ReportTime", "0130"));
    struct yw_plant_record r = {
        .command = 2031, .time = moment("2026-11-19T00:00:00"), .end = moment("2026-11-20T00:00:00")};
    int64_t due;
    assert_true(yw_responder_sends(&d.responder, &r, &due));
    assert_int_equal(due, moment("2026-11-20T01:30:00"));
    device_done(&d, "2071", "BeginTime=20261120060000;EndTime=20261120080000");
    assert_true(device_count(&d, 2071) > 3);
    assert_true(said_value(&d.said[1], "a21026", "Ala", NULL));
    device_done(&d, "3014", "PolId=a21026,CTime=04,CTime=10,CTime=14,CTime=16");
    device_done(&d, "3013", "PolId=a21026");
    device_ask(&d, "1072", "PW=654321", NULL);
    assert_int_equal(device_exertn(&d), 1);
    assert_string_equal(d.face.pw, "654321");
    device_ask(&d, "1063", "", NULL); /* came in 2017; 2005 knows three codes */
    assert_int_equal(device_qnrtn(&d), 2);
    /* an alarm event once a minute mean has been over its limit for the warn time */
    struct yw_plant_record over = {.command = 2051, .time = d.now, .end = d.now + 10 * YW_MINUTE};
    over.entries[0].avg = 100;
    yw_responder_watch(&d.responder, &over, d.now);
    yw_responder_watch(&d.responder, &over, d.now);
    device_listen(&d, 0);
    assert_int_equal(device_count(&d, 2072), 1);
    assert_true(said_value(&d.said[0], "a21026", "Ala", "100.00"));
    device_end(&d);
}

/* ---- 2025 ---- */

static void test_keys(void **state) {
    (void)state;
    static const char *const forms[] = {"", ", dialect: cipher-printed"};
    for (size_t i = 0; i < YW_COUNT(forms); i++) {
        struct device d;
        char logger[200];
        snprintf(logger, sizeof logger,
                 "key: '0000000000000000', key_created: '20260801000000000', key_life: 80d%s", forms[i]);
        device_start(&d, "waste-incinerator", logger, 0);
        yw_responder_tick(&d.responder, d.now); /* 111 days: it asks */
        device_listen(&d, 0);
        assert_int_equal(device_count(&d, 1014), 1);
        for (size_t k = 0; k < d.n; k++)
            if (d.said[k].packet.command == 1014) {
                assert_true(d.said[k].packet.decrypted);
                assert_true(said_value(&d.said[k], NULL, "SKCreateTime", "20260801000000000"));
            }
        device_done(&d, "2061", "BeginTime=20261120000000;EndTime=20261120000000");
        assert_true(d.said[1].packet.decrypted);
        assert_false(d.said[0].packet.decrypted);
        device_gives(&d, "1014", "SKCreateTime=20261120100000000,NewSK=short", YW_EXE_CONDITION);
        assert_memory_equal(d.face.key, "0000000000000000", 16);
        device_done(&d, "1014", "SKCreateTime=20261120100000000,NewSK=abcdefghijklmnop");
        assert_memory_equal(d.face.key, "abcdefghijklmnop", 16);
        device_done(&d, "2061", "BeginTime=20261120000000;EndTime=20261120000000");
        assert_true(d.said[1].packet.decrypted);
        d.now += YW_HOUR; /* young again: it does not ask */
        yw_responder_tick(&d.responder, d.now);
        device_listen(&d, 0);
        assert_int_equal(device_count(&d, 1014), 0);
        device_end(&d);
    }
}

static void test_registration(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "waste-incinerator",
                 "registers: yes, hardware: '6970000000001ABCDEFG1234', cpu: C1, mac1: "
                 "A0B1C2D3E4F5, mac2: A0B1C2D3E4F6, heartbeat: 1m",
                 0);
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 0);
    assert_int_equal(d.n, 1);
    assert_int_equal(d.said[0].packet.command, 1001);
    assert_int_equal(d.said[0].packet.mn.n, 0);
    assert_true(said_value(&d.said[0], "i23005", "Info", "6970000000001ABCDEFG1234"));
    struct yw_plant_record r = {.command = 2051, .time = d.now, .end = d.now};
    int64_t due;
    assert_false(yw_responder_sends(&d.responder, &r, &due));
    const struct extra mn = {.mn = "5957000000000000000000AA"}, real = {.mn = "010000A8900016F000169DC0"};
    device_ask(&d, "1002", "i23005-Info=another", &mn);
    assert_int_equal(device_exertn(&d), 3);
    device_ask(&d, "1002", "i23005-Info=6970000000001ABCDEFG1234", &real);
    assert_int_equal(device_exertn(&d), 3);
    device_ask(&d, "1002", "i23005-Info=6970000000001ABCDEFG1234", &mn);
    assert_int_equal(device_exertn(&d), 1);
    assert_string_equal(d.face.mn, "5957000000000000000000AA");
    assert_true(yw_responder_sends(&d.responder, &r, &due));
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 0);
    assert_int_equal(device_count(&d, 9015), 1);
    device_end(&d);
}

static void test_notices(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "waste-incinerator",
                 "heartbeat: 1m, clock_request: 1h, station: 1h, electricity: 15m, conditions: 15m", 0);
    unsigned seen[10000] = {0};
    for (int64_t end = d.now + 2 * YW_HOUR; d.now < end;) {
        yw_responder_tick(&d.responder, d.now);
        int64_t now = d.now;
        device_listen(&d, 0);
        for (size_t i = 0; i < d.n; i++) seen[d.said[i].packet.command]++;
        d.now = now + YW_SECOND;
    }
    assert_int_equal(seen[2081], 1);
    assert_int_equal(seen[1013], 2);
    assert_int_equal(seen[9015], 120);
    assert_int_equal(seen[3020], 1);
    assert_int_equal(seen[2011], 14);
    device_end(&d);
}

/* ---- memory ---- */

static void test_memory_survives(void **state) {
    (void)state;
    struct device d, e;
    struct yw_buf text;
    struct yw_error err;
    device_start(&d, "waste-incinerator", "key: '0000000000000000', key_created: '20261101000000000'", 0);
    device_done(&d, "1072", "NewPW=654321");
    device_done(&d, "1012", "SystemTime=20261120101000");
    device_done(&d, "1064", "MinInterval=10");
    device_done(&d, "1014", "SKCreateTime=20261120100000000,NewSK=abcdefghijklmnop");
    yw_buf_init(&text, 4096);
    assert_true(yw_memory_save(&d.responder, &text));
    device_start(&e, "waste-incinerator", "key: '0000000000000000', key_created: '20261101000000000'", 0);
    assert_int_equal(yw_memory_load(&e.responder, text.data, text.len, &err), YW_OK);
    assert_string_equal(e.face.pw, "654321");
    assert_int_equal(e.scenario.minute_s, 600);
    assert_memory_equal(e.face.key, "abcdefghijklmnop", 16);
    assert_int_equal(yw_responder_clock(&e.responder, e.now), yw_responder_clock(&d.responder, d.now));
    static const char *const wrong[] = {"mn 5957\nnonsense 1\n", "realtime-s 5\n", "password 1\n",
                                        "minute-s x\n"};
    for (size_t i = 0; i < YW_COUNT(wrong); i++)
        assert_int_not_equal(yw_memory_load(&e.responder, wrong[i], strlen(wrong[i]), &err), YW_OK);
    assert_string_equal(e.face.pw, "654321");
    yw_buf_free(&text);
    device_end(&d);
    device_end(&e);
}

/* ---- anything ---- */

static uint32_t random_next(uint64_t *seed) {
    *seed = *seed * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*seed >> 33);
}

/* Any command with any area, damaged or not: bounded answers, and the device lives on. */
static void test_anything(void **state) {
    (void)state;
    static const char *const pieces[] = {"PolId=",
                                         "a21026",
                                         "BeginTime=",
                                         "20261120080000",
                                         "EndTime=",
                                         ";",
                                         ",",
                                         "&&",
                                         "InfoId=i13008",
                                         "i13008-Info=1e9",
                                         "NewPW=",
                                         "SystemTime=",
                                         "99999999999999",
                                         "=",
                                         "SKCreateTime=20261120100000000",
                                         "NewSK=",
                                         "VaseNo=",
                                         "CTime=3",
                                         "CstartTime=010101",
                                         "-",
                                         "\xff\xfe",
                                         "OverTime=9"};
    static const uint16_t cns[] = {1000, 1001, 1002, 1011, 1012, 1014, 1021, 1022, 1062,
                                   1064, 1072, 2011, 2012, 2013, 2031, 2051, 2061, 2062,
                                   2071, 2111, 3011, 3012, 3016, 3020, 3021, 3024};
    uint64_t seed = 42;
    for (uint32_t version = 2005; version <= 2025; version += version == 2005 ? 12 : 8) {
        struct device d;
        device_start(&d, "voc-workshop", NULL, version);
        d.scenario.sample_s = 60; /* a day is soon lived */
        for (int i = 0; i < 1500; i++) {
            char cp[400] = "", cn[8], frame[2000], qn[32];
            size_t at_ = 0;
            for (uint32_t k = random_next(&seed) % 8; k > 0; k--) {
                const char *piece = pieces[random_next(&seed) % YW_COUNT(pieces)];
                memcpy(cp + at_, piece, strlen(piece));
                at_ += strlen(piece);
            }
            snprintf(cn, sizeof cn, "%u", cns[random_next(&seed) % YW_COUNT(cns)]);
            snprintf(qn, sizeof qn, "20261120%06u%03u", random_next(&seed) % 240000, i % 1000);
            hj212_message m = {.qn = hj212_text(qn),
                               .st = hj212_text(d.face.st),
                               .cn = hj212_text(cn),
                               .pw = hj212_text(d.face.pw),
                               .mn = hj212_text(d.face.mn),
                               .flag = hj212_text(version == 2005   ? "1"
                                                  : version == 2017 ? "5"
                                                                    : "9"),
                               .cp = {cp, (uint32_t)at_}};
            size_t n = hj212_encode(&m, frame, sizeof frame);
            if (random_next(&seed) % 4 == 0) frame[random_next(&seed) % n] = (char)random_next(&seed);
            uint32_t before = d.responder.out.count;
            yw_responder_take(&d.responder, frame, n, d.now);
            assert_true(d.responder.out.count <= before + YW_RESPONDER_PER_FRAME);
            d.n = 0;
            for (int k = 0; k < 40; k++) {
                struct yw_parcel *p = yw_responder_next(&d.responder, d.now);
                if (!p) break;
                yw_responder_acked(&d.responder, p);
                free(p);
            }
            d.now += YW_SECOND;
        }
        device_end(&d);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_wrong_is_told),
        cmocka_unit_test(test_replies_carry_the_request),
        cmocka_unit_test(test_a_repeated_request_is_not_done_twice),
        cmocka_unit_test(test_deaf_slow_and_lost_acks),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_clock),
        cmocka_unit_test(test_password),
        cmocka_unit_test(test_a_broken_link_takes_answers_with_it),
        cmocka_unit_test(test_2005),
        cmocka_unit_test(test_keys),
        cmocka_unit_test(test_registration),
        cmocka_unit_test(test_notices),
        cmocka_unit_test(test_memory_survives),
        cmocka_unit_test(test_anything),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
