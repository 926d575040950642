/* The device side of commands that ask for the past, move instruments and samplers, or ask for information:
 * what comes back, and that it acts. */
#include "plants_device.h"

#include <stdlib.h>
#include <string.h>

/* ---- history ---- */

static void test_history_is_what_was_sent(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", NULL, 0);
    struct yw_outlet_run run;
    struct yw_plant_record records[YW_RECORDS_PER_STEP];
    int64_t from = moment("2026-11-19T20:00:00"), to = moment("2026-11-20T02:00:00");
    device_ask(&d, "2061", "BeginTime=20261119200000;EndTime=20261120020000", NULL);
    assert_int_equal(device_exertn(&d), 1);
    assert_int_equal(device_count(&d, 2061), 7); /* both ends are in it */
    yw_outlet_begin(&run, &d.scenario, 7, from - YW_HOUR);
    size_t seen = 0;
    while (run.model.time <= to + YW_HOUR) {
        size_t n = yw_outlet_step(&run, records, NULL);
        for (size_t i = 0; i < n; i++) {
            if (records[i].command != 2061 || records[i].time < from || records[i].time > to) continue;
            int64_t time;
            const struct said *s = &d.said[1 + seen++];
            assert_true(hj212_data_time(&s->packet, &time));
            assert_int_equal(time, records[i].time);
            char text[32];
            snprintf(text, sizeof text, "%.2f", records[i].entries[0].avg);
            assert_true(said_value(s, "a21026", "Avg", text));
            assert_true(s->packet.wants_ack);
            assert_memory_not_equal(s->packet.qn.p, "20261120095959001", 17);
        }
    }
    assert_int_equal(seen, 7);
    device_end(&d);
}

static void test_every_kind_of_history(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", NULL, 0);
    device_done(&d, "2051", "BeginTime=20261120080000;EndTime=20261120085000");
    assert_int_equal(device_count(&d, 2051), 6);
    device_done(&d, "2031", "BeginTime=20261117000000;EndTime=20261119000000");
    assert_int_equal(device_count(&d, 2031), 3);
    device_done(&d, "2041", "BeginTime=20261117000000,EndTime=20261119000000");
    assert_int_equal(device_count(&d, 2041), 3);
    assert_true(said_value(&d.said[1], "SB1", "RT", "24.00"));
    device_done(&d, "2011", "BeginTime=20261120080000;EndTime=20261120081000");
    assert_int_equal(device_count(&d, 2011), 21);
    device_gives(&d, "2061", "BeginTime=20261120230000;EndTime=20261121000000",
                 YW_EXE_NO_DATA); /* in the future */
    device_gives(&d, "2061", "BeginTime=20261120095000;EndTime=20261120100000",
                 YW_EXE_NO_DATA); /* not complete */
    device_gives(&d, "2061", "BeginTime=20261120100000;EndTime=20261120090000", YW_EXE_CONDITION);
    device_gives(&d, "2061", "BeginTime=20261120100000", YW_EXE_CONDITION);
    device_end(&d);
    device_start(&d, "waste-incinerator", "electricity: 15m, conditions: 15m", 0);
    device_done(&d, "2111", "BeginTime=20261120080000;EndTime=20261120085500");
    assert_int_equal(device_count(&d, 2111), 12);
    assert_true(said_value(&d.said[1], "a01901", "Avg", NULL));
    assert_true(d.said[1].packet.backfilled);
    device_done(&d, "2062", "BeginTime=20261117000000;EndTime=20261119000000");
    assert_in_range(device_count(&d, 2062), 1, 3);
    assert_true(said_value(&d.said[1], "a21026", "StandardValue", "150.00"));
    device_gives(&d, "2052", "BeginTime=20261117000000;EndTime=20261119000000", YW_EXE_NO_DATA);
    device_gives(&d, "2013", "BeginTime=20261117000000;EndTime=20261119000000", YW_EXE_NO_DATA);
    device_ask(&d, "2011", "BeginTime=20261120064500;EndTime=20261120084500", &(struct extra){.st = "44"});
    assert_int_equal(device_exertn(&d), 1);
    assert_int_equal(device_count(&d, 2011), 9);
    assert_memory_equal(d.said[1].packet.st.p, "44", 2);
    assert_true(said_value(&d.said[1], "d20105", "Rtd", NULL));
    device_end(&d);
    device_start(&d, "wastewater-works", NULL, 2025);
    device_done(&d, "2013", "BeginTime=20261120000000;EndTime=20261120080000");
    assert_int_equal(device_count(&d, 2013), 5); /* each two hours */
    assert_true(said_value(&d.said[1], "w01018", "SampleTime", "20261120000000"));
    device_end(&d);
    device_start(&d, "noise-station", NULL, 0);
    device_done(&d, "2052", "BeginTime=20261120080000;EndTime=20261120085900");
    assert_int_equal(device_count(&d, 2052), 6);
    assert_true(said_value(&d.said[1], "Leq", "Data", NULL));
    device_end(&d);
}

static void test_split_history_waits_for_each_answer(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "waste-incinerator", NULL, 0);
    device_done(&d, "2051", "BeginTime=20261120080000;EndTime=20261120080500");
    assert_int_equal(device_count(&d, 2051), 4);
    for (int i = 1; i <= 4; i++) {
        assert_true(d.said[i].packet.is_split);
        assert_int_equal(d.said[i].packet.flag_value, 11);
    }
    device_ask(&d, "2051", "BeginTime=20261120000000;EndTime=20261120080000", NULL);
    /* without an answer there is no second one */
    struct yw_responder *r = &d.responder;
    char frame[1200];
    hj212_message m = {.qn = hj212_text("20261120110000000"),
                       .st = hj212_text("31"),
                       .cn = hj212_text("2051"),
                       .pw = hj212_text(d.face.pw),
                       .mn = hj212_text(d.face.mn),
                       .flag = hj212_text("9"),
                       .cp = hj212_text("BeginTime=20261120000000;EndTime=20261120080000")};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    yw_responder_take(r, frame, n, d.now);
    struct yw_parcel *p = yw_responder_next(r, d.now);
    assert_int_equal(p->command, 9011);
    free(p);
    struct yw_parcel *upload = NULL;
    for (int i = 0; i < 20 && !upload; i++) upload = yw_responder_next(r, d.now);
    assert_int_equal(upload->command, 2051);
    assert_null(yw_responder_next(r, d.now + YW_HOUR));
    /* another request meanwhile: parameters are answered, history is busy */
    device_ask(&d, "1061", "", NULL);
    assert_int_equal(device_exertn(&d), 1);
    device_gives(&d, "2061", "BeginTime=20261120000000;EndTime=20261120080000", YW_EXE_BUSY);
    /* the link breaks: nobody waits any more */
    yw_responder_lost(r, upload);
    free(upload);
    assert_false(r->recall.active);
    device_done(&d, "2061", "BeginTime=20261120000000;EndTime=20261120080000");
    device_end(&d);
}

static void test_long_history_is_throttled(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", "rate: 10", 0);
    int64_t began = d.now;
    device_ask(&d, "2051", "BeginTime=20261120000000;EndTime=20261120085000", NULL);
    assert_int_equal(device_exertn(&d), 1);
    assert_int_equal(device_count(&d, 2051), 54); /* ten went at once */
    assert_true(d.now - began >= 4 * YW_SECOND);
    device_end(&d);
}

static void test_losses(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "power-stack", "unsent: {every: 2h, lasts: 1h}, lost: {every: 1d, lasts: 5h}", 0);
    struct yw_plant_record r = {.command = 2051};
    unsigned unsent = 0, lost = 0;
    int64_t due, day = moment("2026-11-19T00:00:00");
    for (int i = 1; i <= 144; i++) {
        r.end = day + i * 10 * YW_MINUTE;
        if (!yw_responder_sends(&d.responder, &r, &due)) unsent++;
        if (!yw_responder_holds(&d.responder, r.end)) lost++;
    }
    assert_in_range(lost, 15, 31);
    assert_true(unsent > lost + 30);
    device_done(&d, "2051", "BeginTime=20261119000000;EndTime=20261119235000");
    assert_int_equal(device_count(&d, 2051), 144 - lost); /* what was only not sent is still there */
    device_end(&d);
}

/* ---- control ---- */

static void marks(const struct device *d, int64_t from, int64_t until, int factor,
                  unsigned seen[YW_MARK_COUNT]) {
    struct yw_model m;
    struct yw_sample s;
    memset(seen, 0, YW_MARK_COUNT * sizeof *seen);
    yw_model_init(&m, &d->scenario, 7, from);
    while (m.time < until) {
        yw_model_step(&m, &s);
        seen[s.mark[factor]]++;
    }
}

static void test_calibration_and_cleaning_show(void **state) {
    (void)state;
    struct device d;
    unsigned seen[YW_MARK_COUNT];
    device_start(&d, "power-stack", NULL, 0);
    device_done(&d, "3011", "PolId=a21026");
    marks(&d, d.now, d.now + 4 * YW_MINUTE, 0, seen);
    assert_int_equal(seen[YW_MARK_C], 48);
    marks(&d, d.now + 4 * YW_MINUTE, d.now + 5 * YW_MINUTE, 0, seen);
    assert_int_equal(seen[YW_MARK_C], 0);
    marks(&d, d.now, d.now + YW_MINUTE, 1, seen); /* the other analyser measures on */
    assert_int_equal(seen[YW_MARK_C], 0);
    device_gives(&d, "3011", "PolId=a01012", YW_EXE_CONDITION); /* a thermometer takes no gas */
    device_gives(&d, "3011", "PolId=w01018", YW_EXE_CONDITION);
    device_done(&d, "3011", "");
    marks(&d, d.now, d.now + YW_MINUTE, 1, seen);
    assert_int_equal(seen[YW_MARK_C], 12);
    device_done(&d, "3013", "PolId=a34013");
    marks(&d, d.now, d.now + YW_MINUTE, 2, seen);
    assert_int_equal(seen[YW_MARK_M], 12);
    device_end(&d);
    device_start(&d, "waste-incinerator", NULL, 0);
    device_done(&d, "3011", "PolId=a21026,CalibrationType=1");
    marks(&d, d.now, d.now + YW_MINUTE, 2, seen);
    assert_int_equal(seen[YW_MARK_C], 12);
    device_gives(&d, "3011", "PolId=a21026,CalibrationType=2", YW_EXE_CONDITION);
    device_done(&d, "3024", "PolId=a21002");
    marks(&d, d.now, d.now + YW_MINUTE, 3, seen);
    assert_int_equal(seen[YW_MARK_C], 12);
    d.now += 3 * YW_MINUTE; /* its result comes by itself, and on request */
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 0);
    assert_int_equal(device_count(&d, 2062), 1);
    assert_true(said_value(&d.said[d.n - 1], "a21002", "ResultType", NULL));
    device_done(&d, "2062", "BeginTime=20261120095900;EndTime=20261120100500");
    assert_true(device_count(&d, 2062) >= 1);
    device_end(&d);
}

static void test_samples(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "wastewater-works", NULL, 2025);
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 0);
    device_done(&d, "3012", "PolId=w01018");
    d.now += 2 * YW_SECOND;
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 0);
    assert_int_equal(device_count(&d, 2011), 1);
    assert_true(said_value(&d.said[0], "w01018", "SampleTime", "20261120100000"));
    device_done(&d, "3015", "");
    assert_true(said_value(device_answer(&d, 3015), NULL, "VaseNo", "1"));
    device_done(&d, "3022", "PolId=w01018");
    d.now += 2 * YW_SECOND;
    yw_responder_tick(&d.responder, d.now);
    device_listen(&d, 0);
    assert_true(said_value(&d.said[0], NULL, "VaseNo", "2"));
    assert_true(d.said[0].packet.wants_ack);
    device_done(&d, "3016", "PolId=w01018;CstartTime=003000;CTime=4");
    device_done(&d, "3017", "PolId=w01018");
    assert_true(said_value(device_answer(&d, 3017), NULL, "CstartTime", "003000"));
    assert_true(said_value(device_answer(&d, 3017), NULL, "CTime", "4"));
    device_gives(&d, "3016", "PolId=w01018;CstartTime=006100;CTime=4", YW_EXE_CONDITION);
    device_done(&d, "3018", "PolId=w01018");
    assert_true(said_value(device_answer(&d, 3018), NULL, "Stime", "40"));
    device_done(&d, "3019", "PolId=w21003");
    assert_true(said_value(device_answer(&d, 3019), "w21003", "SN", NULL));
    device_done(&d, "3014", "PolId=w01018");
    /* the new period acts: values change at half past, each four hours */
    struct yw_model m;
    struct yw_sample s;
    yw_model_init(&m, &d.scenario, 7, d.now);
    double held = -1;
    unsigned changes = 0;
    while (m.time < moment("2026-11-21T00:00:00")) {
        yw_model_step(&m, &s);
        if (held >= 0 && m.held[0] != held) {
            changes++;
            assert_int_equal((s.time + YW_CHINA) % (4 * YW_HOUR), 30 * YW_MINUTE);
        }
        held = m.held[0];
    }
    assert_int_equal(changes, 3);
    device_end(&d);
}

/* ---- information ---- */

static void test_information(void **state) {
    (void)state;
    struct device d;
    device_start(&d, "wastewater-works", "station: 1h, door: {every: 1d, lasts: 1h}", 0);
    static const char *const instrument[] = {"i11001", "i12001", "i12002", "i12003", "i13001",
                                             "i13002", "i13003", "i13004", "i13005", "i13006",
                                             "i13007", "i13008", "i13009"};
    static const char *const others[] = {"i21001", "i22001", "i22002", "i22003", "i22101", "i23001",
                                         "i31001", "i32001", "i33101", "i33102", "i33103", "i33104",
                                         "i33107", "i33200", "i33201", "i33202", "i33400", "I33400"};
    char cp[200];
    for (size_t i = 0; i < YW_COUNT(instrument); i++) {
        snprintf(cp, sizeof cp, "PolId=w01018;InfoId=%s", instrument[i]);
        device_done(&d, "3020", cp);
        assert_true(said_value(device_answer(&d, 3020), instrument[i], "Info", NULL));
        snprintf(cp, sizeof cp, "InfoId=%s", instrument[i]);
        device_gives(&d, "3020", cp, YW_EXE_NO_DATA);
    }
    for (size_t i = 0; i < YW_COUNT(others); i++) {
        snprintf(cp, sizeof cp, "InfoId=%s", others[i]);
        device_done(&d, "3020", cp);
    }
    device_gives(&d, "3020", "InfoId=i33001", YW_EXE_NO_DATA); /* a heated line belongs to a stack */
    device_gives(&d, "3020", "InfoId=i99999", YW_EXE_NO_DATA);
    device_gives(&d, "3020", "PolId=a21026;InfoId=i12001", YW_EXE_CONDITION);
    device_done(&d, "3020", "PolId=w01018;InfoId=i12001,InfoId=i12003");
    assert_true(said_value(device_answer(&d, 3020), "i12003", "Info", "0"));
    device_done(&d, "3020", "InfoId=i31001;BeginTime=20261116000000,EndTime=20261120000000");
    assert_in_range(device_count(&d, 3020), 6, 10); /* the door opens and shuts once a day */
    device_done(&d, "3020", "InfoId=i33101;BeginTime=20261120000000,EndTime=20261120050000");
    assert_int_equal(device_count(&d, 3020), 6);
    device_done(&d, "3021", "PolId=w01018;InfoId=i13004;i13004-Info=168.5");
    device_done(&d, "3020", "PolId=w01018;InfoId=i13004");
    assert_true(said_value(device_answer(&d, 3020), "i13004", "Info", "168.5"));
    device_gives(&d, "3021", "PolId=w01018;InfoId=i13004;i13004-Info=hot", YW_EXE_CONDITION);
    device_gives(&d, "3021", "InfoId=i33101;i33101-Info=20", YW_EXE_CONDITION); /* not to be set */
    /* a slope acts on what the instrument shows */
    device_done(&d, "3021", "PolId=w21003;InfoId=i13008;i13008-Info=2.0");
    struct yw_model m;
    struct yw_sample s;
    yw_model_init(&m, &d.scenario, 7, d.now);
    yw_model_step(&m, &s);
    assert_true(s.shown[1] == 2 * m.held[1]);
    d.face.odd |= YW_ODD_GBK;
    device_done(&d, "3020", "InfoId=i21001");
    assert_false(yw_utf8_valid(d.said[1].packet.cp.p, d.said[1].packet.cp.n));
    device_end(&d);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_history_is_what_was_sent),
        cmocka_unit_test(test_every_kind_of_history),
        cmocka_unit_test(test_split_history_waits_for_each_answer),
        cmocka_unit_test(test_long_history_is_throttled),
        cmocka_unit_test(test_losses),
        cmocka_unit_test(test_calibration_and_cleaning_show),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_information),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
