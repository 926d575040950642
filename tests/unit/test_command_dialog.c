/* The course of a command: what the standard says, what devices make of it, and when patience ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "command/command.h"
#include "command/dialog.h"

#define QN    "20160801085857223"
#define OTHER "20160801085857224"
#define T0    INT64_C(1470013137223000)
#define S(n)  (T0 + (n)*YW_SECOND)

static const struct yw_dialog_rule set = {.flow = YW_FLOW_REQUEST,
                                          .answer = YW_ANSWER_NONE,
                                          .cn = 1062,
                                          .overtime_s = 10,
                                          .recount = 3,
                                          .execute_s = 60};
static const struct yw_dialog_rule get = {.flow = YW_FLOW_REQUEST,
                                          .answer = YW_ANSWER_ONE,
                                          .cn = 1061,
                                          .upload = 1061,
                                          .overtime_s = 10,
                                          .recount = 3,
                                          .execute_s = 60};
static const struct yw_dialog_rule notice = {
    .flow = YW_FLOW_NOTICE, .cn = 2012, .overtime_s = 5, .recount = 1, .execute_s = 60};

static struct yw_dialog_rule history(void) { /* 08:00 to 09:00 */
    struct yw_dialog_rule r = get;
    r.answer = YW_ANSWER_UPLOADS, r.cn = r.upload = 2051;
    assert_true(hj212_parse_time(hj212_text("20160801080000"), &r.from));
    assert_true(hj212_parse_time(hj212_text("20160801090000"), &r.to));
    return r;
}

static struct yw_dialog begin(struct yw_dialog_rule r) {
    struct yw_dialog d;
    yw_dialog_start(&d, &r, QN, T0);
    assert_int_equal(d.state, YW_DIALOG_SENT);
    assert_int_equal(d.attempts, 1);
    assert_int_equal(d.due, S(r.overtime_s));
    return d;
}

/* A packet of the device, through the real encoder and decoder. qn NULL: none in the header. */
static enum yw_say hear(struct yw_dialog *d, const char *st, const char *cn, const char *qn, const char *flag,
                        const char *cp, int64_t now) {
    char frame[2048];
    hj212_packet p;
    hj212_message m = {.qn = hj212_text(qn),
                       .st = hj212_text(st),
                       .cn = hj212_text(cn),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text("010000A8900016F000169DC0"),
                       .flag = hj212_text(flag),
                       .cp = hj212_text(cp)};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_int_equal(hj212_decode(NULL, frame, n, &p).status, HJ212_PACKET);
    assert_true(p.ok);
    return yw_dialog_packet(d, &p, now);
}
#define R9011(d, code, now) hear(d, "91", "9011", QN, "4", "QnRtn=" code, now)
#define R9012(d, code, now) hear(d, "91", "9012", QN, "4", "ExeRtn=" code, now)

static void ended(struct yw_dialog *d, enum yw_outcome outcome) {
    assert_int_equal(d->state, YW_DIALOG_ENDED);
    assert_int_equal(d->outcome, outcome);
    assert_true(d->due == INT64_MAX && yw_dialog_until(d) == INT64_MAX);
    struct yw_dialog before = *d; /* and nothing changes it any more */
    assert_int_equal(R9011(d, "1", S(1)), YW_SAY_NOTHING);
    assert_int_equal(R9012(d, "2", S(1)), YW_SAY_NOTHING);
    assert_int_equal(hear(d, "32", "1061", QN, "4", "RtdInterval=30", S(1)), YW_SAY_NOTHING);
    assert_int_equal(yw_dialog_tick(d, INT64_MAX), YW_SAY_NOTHING);
    assert_memory_equal(d, &before, sizeof before);
}

static void request(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    assert_int_equal(yw_dialog_until(&d), S(40));
    assert_int_equal(R9011(&d, "1", S(1)), YW_SAY_ACCEPTED);
    assert_int_equal(d.state, YW_DIALOG_ACCEPTED);
    assert_int_equal(d.due, S(61));
    assert_int_equal(yw_dialog_until(&d), S(61));
    assert_int_equal(R9012(&d, "1", S(2)), YW_SAY_END);
    assert_true(d.qnrtn == 1 && d.exertn == 1 && d.uploads == 0);
    ended(&d, YW_OUTCOME_DONE);
}

static void request_with_answer(void **state) {
    (void)state;
    struct yw_dialog d = begin(get);
    R9011(&d, "1", S(1));
    assert_int_equal(hear(&d, "32", "1061", QN, "4", "RtdInterval=30", S(5)), YW_SAY_ANSWER);
    assert_int_equal(d.due, S(65));
    assert_int_equal(R9012(&d, "1", S(6)), YW_SAY_END);
    assert_int_equal(d.uploads, 1);
    ended(&d, YW_OUTCOME_DONE);
}

static void notices(void **state) {
    (void)state;
    struct yw_dialog d = begin(notice);
    assert_int_equal(hear(&d, "91", "9013", QN, "4", "", S(1)), YW_SAY_END);
    ended(&d, YW_OUTCOME_DONE);
    d = begin(notice); /* some answer a notice as if it were a request */
    assert_int_equal(R9011(&d, "1", S(1)), YW_SAY_END);
    ended(&d, YW_OUTCOME_DONE);
    d = begin(notice);
    assert_int_equal(R9011(&d, "2", S(1)), YW_SAY_END);
    ended(&d, YW_OUTCOME_REFUSED);
    d = begin(notice);
    assert_int_equal(yw_dialog_tick(&d, S(5)), YW_SAY_SEND);
    assert_int_equal(yw_dialog_tick(&d, S(10)), YW_SAY_END);
    ended(&d, YW_OUTCOME_NO_ANSWER);
    d = begin(set); /* 9013 is no answer to a request */
    assert_int_equal(hear(&d, "91", "9013", QN, "4", "", S(1)), YW_SAY_NOTHING);
    assert_int_equal(d.state, YW_DIALOG_SENT);
}

static void return_codes(void **state) {
    (void)state;
    static const struct {
        const char *qnrtn;
        int code;
    } refusals[] = {{"QnRtn=2", 2}, {"QnRtn=9", 9}, {"QnRtn=100", 100}, {"QnRtn=0", 0}, {"QnRtn=no", 100}};
    for (size_t i = 0; i < YW_COUNT(refusals); i++) {
        struct yw_dialog d = begin(set);
        assert_int_equal(hear(&d, "91", "9011", QN, "4", refusals[i].qnrtn, S(1)), YW_SAY_END);
        assert_int_equal(d.qnrtn, refusals[i].code);
        ended(&d, YW_OUTCOME_REFUSED);
    }
    static const struct {
        const char *exertn;
        int code;
        enum yw_outcome outcome;
    } results[] = {{"ExeRtn=1", 1, YW_OUTCOME_DONE},   {"ExeRtn=2", 2, YW_OUTCOME_FAILED},
                   {"ExeRtn=5", 5, YW_OUTCOME_FAILED}, {"ExeRtn=100", 100, YW_OUTCOME_NO_DATA},
                   {"ExeRtn=0", 0, YW_OUTCOME_FAILED}, {"ExeRtn=x", 2, YW_OUTCOME_FAILED},
                   {"ExeRtn=-1", 2, YW_OUTCOME_FAILED}};
    for (size_t i = 0; i < YW_COUNT(results); i++) {
        struct yw_dialog d = begin(set);
        R9011(&d, "1", S(1));
        assert_int_equal(hear(&d, "91", "9012", QN, "4", results[i].exertn, S(2)), YW_SAY_END);
        if (d.exertn != results[i].code) fail_msg("%s: %d", results[i].exertn, d.exertn);
        ended(&d, results[i].outcome);
    }
}

static void history_uploads(void **state) {
    (void)state;
    struct yw_dialog d = begin(history());
    R9011(&d, "1", S(1));
    assert_int_equal(
        hear(&d, "32", "2051", "20160801090101001", "5", "DataTime=20160801080000;w01018-Avg=1", S(2)),
        YW_SAY_ANSWER);
    assert_int_equal(
        hear(&d, "32", "2051", "20160801090101002", "5", "DataTime=20160801090000;w01018-Avg=1", S(50)),
        YW_SAY_ANSWER);
    assert_int_equal(d.due, S(110)); /* counted from the last upload */
    /* of another time, another kind: what the device sends anyway */
    assert_int_equal(
        hear(&d, "32", "2051", "20160801090101003", "5", "DataTime=20160801090100;w01018-Avg=1", S(51)),
        YW_SAY_NOTHING);
    assert_int_equal(
        hear(&d, "32", "2061", "20160801090101003", "5", "DataTime=20160801080000;w01018-Avg=1", S(51)),
        YW_SAY_NOTHING);
    assert_int_equal(hear(&d, "32", "2051", "20160801090101003", "5", "w01018-Avg=1", S(51)), YW_SAY_NOTHING);
    assert_int_equal(d.due, S(110));
    assert_int_equal(yw_dialog_tick(&d, S(110) - 1), YW_SAY_NOTHING);
    struct yw_dialog late = d;
    assert_int_equal(yw_dialog_tick(&late, S(110)), YW_SAY_END);
    ended(&late, YW_OUTCOME_NO_RESULT);
    assert_int_equal(late.uploads, 2);
    assert_int_equal(R9012(&d, "1", S(109)), YW_SAY_END);
    ended(&d, YW_OUTCOME_DONE);
}

static void no_data(void **state) {
    (void)state;
    struct yw_dialog d = begin(history());
    R9011(&d, "1", S(1));
    assert_int_equal(R9012(&d, "100", S(2)), YW_SAY_END);
    ended(&d, YW_OUTCOME_NO_DATA);
}

static void resends(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    for (int i = 1; i <= 3; i++) {
        assert_int_equal(yw_dialog_tick(&d, S(10 * i) - 1), YW_SAY_NOTHING);
        assert_int_equal(yw_dialog_tick(&d, S(10 * i)), YW_SAY_SEND);
        assert_int_equal(d.attempts, 1 + i);
        assert_int_equal(d.due, S(10 * i + 10));
        assert_int_equal(yw_dialog_until(&d), S(40));
        assert_string_equal(d.qn, QN);
    }
    assert_int_equal(yw_dialog_tick(&d, S(39)), YW_SAY_NOTHING);
    struct yw_dialog answered = d;
    assert_int_equal(R9011(&answered, "1", S(39)), YW_SAY_ACCEPTED); /* the last moment serves */
    assert_int_equal(yw_dialog_tick(&d, S(40)), YW_SAY_END);
    assert_int_equal(d.attempts, 4);
    ended(&d, YW_OUTCOME_NO_ANSWER);
    struct yw_dialog_rule once = set;
    once.recount = 0;
    d = begin(once);
    assert_int_equal(yw_dialog_tick(&d, S(10)), YW_SAY_END);
    ended(&d, YW_OUTCOME_NO_ANSWER);
}

static void patience_ends_after_acceptance(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    R9011(&d, "1", S(1));
    assert_int_equal(yw_dialog_tick(&d, S(61) - 1), YW_SAY_NOTHING);
    assert_int_equal(d.attempts, 1); /* what was accepted is never sent again */
    assert_int_equal(yw_dialog_tick(&d, S(61)), YW_SAY_END);
    ended(&d, YW_OUTCOME_NO_RESULT);
}

static void even_of_endless_uploads(void **state) {
    (void)state;
    struct yw_dialog d = begin(history());
    R9011(&d, "1", S(1));
    int64_t now = S(1);
    while (yw_dialog_tick(&d, now) != YW_SAY_END) {
        hear(&d, "32", "2051", OTHER, "4", "DataTime=20160801080000", now);
        now += 50 * YW_SECOND;
        assert_true(now < S(YW_DIALOG_LONGEST_S + 100));
    }
    assert_true(now >= S(YW_DIALOG_LONGEST_S));
    ended(&d, YW_OUTCOME_NO_RESULT);
}

/* ---- what devices do ---- */

static void qn_inside_cp(void **state) { /* 2005 */
    (void)state;
    struct yw_dialog d = begin(get);
    assert_int_equal(hear(&d, "91", "9011", NULL, "0", "QN=" QN ";QnRtn=1", S(1)), YW_SAY_ACCEPTED);
    assert_int_equal(hear(&d, "32", "1061", NULL, "0", "QN=" QN ";RtdInterval=30", S(2)), YW_SAY_ANSWER);
    assert_int_equal(hear(&d, "91", "9012", NULL, "0", "QN=" QN ",ExeRtn=1", S(3)), YW_SAY_END);
    ended(&d, YW_OUTCOME_DONE);
    d = begin(notice); /* a QN of its own in the header, ours in the data area */
    assert_int_equal(hear(&d, "91", "9013", OTHER, "0", "QN=" QN, S(1)), YW_SAY_END);
    ended(&d, YW_OUTCOME_DONE);
}

static void no_qn_and_no_code(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    assert_int_equal(hear(&d, "91", "9011", NULL, "0", "", S(1)), YW_SAY_ACCEPTED);
    assert_int_equal(d.qnrtn, 1);
    assert_int_equal(hear(&d, "32", "9012", NULL, "0", "", S(2)), YW_SAY_END);
    assert_int_equal(d.exertn, 1);
    ended(&d, YW_OUTCOME_DONE);
}

static void of_another_request(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    assert_int_equal(hear(&d, "91", "9011", OTHER, "4", "QnRtn=1", S(1)), YW_SAY_NOTHING);
    assert_int_equal(hear(&d, "91", "9012", OTHER, "4", "ExeRtn=1", S(1)), YW_SAY_NOTHING);
    assert_int_equal(hear(&d, "91", "9011", NULL, "0", "QN=" OTHER ";QnRtn=1", S(1)), YW_SAY_NOTHING);
    assert_int_equal(hear(&d, "91", "9014", QN, "4", "", S(1)), YW_SAY_NOTHING);
    assert_int_equal(d.state, YW_DIALOG_SENT);
    d = begin(notice);
    assert_int_equal(hear(&d, "91", "9013", OTHER, "4", "", S(1)), YW_SAY_NOTHING);
    assert_int_equal(d.state, YW_DIALOG_SENT);
}

static void st_of_the_request_instead_of_91(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    assert_int_equal(hear(&d, "32", "9011", QN, "4", "QnRtn=1", S(1)), YW_SAY_ACCEPTED);
    assert_int_equal(hear(&d, "101", "9012", QN, "4", "ExeRtn=1", S(2)), YW_SAY_END);
    ended(&d, YW_OUTCOME_DONE);
}

static void result_without_acceptance(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    assert_int_equal(R9012(&d, "1", S(1)), YW_SAY_END);
    assert_true(d.qnrtn == -1 && d.exertn == 1);
    ended(&d, YW_OUTCOME_DONE);
}

static void acceptance_repeated(void **state) {
    (void)state;
    struct yw_dialog d = begin(set);
    R9011(&d, "1", S(1));
    assert_int_equal(R9011(&d, "1", S(30)), YW_SAY_NOTHING);
    assert_int_equal(R9011(&d, "2", S(30)), YW_SAY_NOTHING); /* busy: with the first copy */
    assert_true(d.state == YW_DIALOG_ACCEPTED && d.qnrtn == 1 && d.due == S(61));
}

static void answer_before_acceptance(void **state) {
    (void)state;
    struct yw_dialog d = begin(get);
    assert_int_equal(hear(&d, "32", "1061", QN, "4", "RtdInterval=30", S(1)), YW_SAY_ANSWER);
    assert_int_equal(yw_dialog_tick(&d, S(10)), YW_SAY_NOTHING); /* not sent again */
    assert_int_equal(R9011(&d, "1", S(11)), YW_SAY_ACCEPTED);
    assert_int_equal(d.due, S(71));
    assert_int_equal(R9012(&d, "1", S(12)), YW_SAY_END);
    assert_int_equal(d.uploads, 1);
    ended(&d, YW_OUTCOME_DONE);
    d = begin(history()); /* one that happens to lie in the range shows nothing: the request is sent again */
    assert_int_equal(hear(&d, "32", "2051", OTHER, "4", "DataTime=20160801080000", S(1)), YW_SAY_ANSWER);
    assert_int_equal(d.state, YW_DIALOG_SENT);
    assert_int_equal(yw_dialog_tick(&d, S(10)), YW_SAY_SEND);
}

static void one_answer_with_its_own_qn(void **state) {
    (void)state;
    struct yw_dialog d = begin(get);
    R9011(&d, "1", S(1));
    assert_int_equal(hear(&d, "32", "1061", OTHER, "4", "RtdInterval=30", S(2)), YW_SAY_ANSWER);
    struct yw_dialog_rule serial =
        get; /* 3019 also comes by itself, with DataTime, when an instrument changes */
    serial.cn = serial.upload = 3019;
    d = begin(serial);
    assert_int_equal(hear(&d, "32", "3019", OTHER, "5", "DataTime=20160801085857;PolId=w01018", S(2)),
                     YW_SAY_NOTHING);
    assert_int_equal(hear(&d, "32", "3019", OTHER, "5", "PolId=w01018;w01018-SN=1", S(2)), YW_SAY_ANSWER);
    assert_int_equal(hear(&d, "32", "3019", NULL, "1", "DataTime=20160801085857;PolId=w01018", S(2)),
                     YW_SAY_ANSWER);
}

static void uploads_that_follow_are_not_counted(void **state) {
    (void)state;
    struct yw_dialog_rule start = set;
    start.answer = YW_ANSWER_FOLLOWS, start.cn = start.upload = 2011;
    struct yw_dialog d = begin(start);
    assert_int_equal(hear(&d, "32", "2011", OTHER, "5", "DataTime=20160801085857;w01018-Rtd=1", S(1)),
                     YW_SAY_NOTHING);
    assert_int_equal(hear(&d, "32", "2011", QN, "5", "DataTime=20160801085857;w01018-Rtd=1", S(1)),
                     YW_SAY_NOTHING);
    assert_true(d.state == YW_DIALOG_SENT && d.uploads == 0);
}

static void any_information(void **state) { /* 3020 without a range */
    (void)state;
    struct yw_dialog_rule info = history();
    info.cn = info.upload = 3020, info.from = info.to = 0;
    struct yw_dialog d = begin(info);
    R9011(&d, "1", S(1));
    assert_int_equal(hear(&d, "32", "3020", OTHER, "5", "DataTime=20100301145000;i12001-Info=1", S(2)),
                     YW_SAY_ANSWER);
}

static void zero_times_are_taken_as_one_second(void **state) {
    (void)state;
    struct yw_dialog_rule r = set;
    r.overtime_s = r.execute_s = 0;
    struct yw_dialog d;
    yw_dialog_start(&d, &r, QN, T0);
    assert_int_equal(d.due, S(1));
    assert_int_equal(R9011(&d, "1", T0), YW_SAY_ACCEPTED);
    assert_int_equal(d.due, S(1));
}

static void outcome_names(void **state) {
    (void)state;
    uint8_t out = 99;
    for (uint8_t i = YW_OUTCOME_NONE; i <= YW_OUTCOME_NO_RESULT; i++) {
        assert_true(yw_outcome_parse(yw_outcome_name(i), &out));
        assert_int_equal(out, i);
    }
    assert_string_equal(yw_outcome_name(YW_OUTCOME_NO_ANSWER), "no_answer");
    assert_string_equal(yw_outcome_name(200), "none");
    assert_false(yw_outcome_parse("", &out));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(request),
        cmocka_unit_test(request_with_answer),
        cmocka_unit_test(notices),
        cmocka_unit_test(return_codes),
        cmocka_unit_test(history_uploads),
        cmocka_unit_test(no_data),
        cmocka_unit_test(resends),
        cmocka_unit_test(patience_ends_after_acceptance),
        cmocka_unit_test(even_of_endless_uploads),
        cmocka_unit_test(qn_inside_cp),
        cmocka_unit_test(no_qn_and_no_code),
        cmocka_unit_test(of_another_request),
        cmocka_unit_test(st_of_the_request_instead_of_91),
        cmocka_unit_test(result_without_acceptance),
        cmocka_unit_test(acceptance_repeated),
        cmocka_unit_test(answer_before_acceptance),
        cmocka_unit_test(one_answer_with_its_own_qn),
        cmocka_unit_test(uploads_that_follow_are_not_counted),
        cmocka_unit_test(any_information),
        cmocka_unit_test(zero_times_are_taken_as_one_second),
        cmocka_unit_test(outcome_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
