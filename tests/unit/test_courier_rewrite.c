/* What a target gets of a packet, which packets it gets, and what its replies mean. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "courier/replies.h"
#include "courier/rewrite.h"

static char frame[HJ212_FRAME_MAX], out[YW_REPLIES_HELD];

static hj212_packet packet(const char *cn, const char *flag, const char *mn, const char *cp) {
    const hj212_message m = {.qn = hj212_text("20260101120000001"),
                             .st = hj212_text("31"),
                             .cn = hj212_text(cn),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(mn),
                             .flag = hj212_text(flag),
                             .cp = hj212_text(cp)};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    hj212_packet p;
    assert_int_equal(hj212_decode(NULL, frame, n, &p).status, HJ212_PACKET);
    return p;
}

static void test_bytes_stay_where_nothing_changes(void **state) {
    YW_UNUSED(state);
    /* lower-case CRC: the very bytes go on, deviations included */
    hj212_packet p =
        packet("2011", "5", "010000A8900016F000169DC0", "DataTime=20260101120000;a21026-Rtd=1.10");
    frame[p.frame_len - 5] =
        (char)(frame[p.frame_len - 5] >= 'A' ? frame[p.frame_len - 5] + 32 : frame[p.frame_len - 5]);
    hj212_decode(NULL, frame, p.frame_len, &p);
    hj212_span mn;
    size_t n = yw_rewrite(&p, &(struct yw_rewrite){.ask_ack = true}, out, sizeof out, &mn);
    assert_int_equal(n, p.frame_len);
    assert_memory_equal(out, frame, n);
    assert_int_equal(yw_rewrite(&p, &(struct yw_rewrite){0}, out, n - 1, &mn), 0);
}

static void test_mn_and_pw_change_and_nothing_else(void **state) {
    YW_UNUSED(state);
    hj212_packet p = packet("2051", "4", "OLD", "DataTime=20260101120000;a21026-Avg=1.10,a21026-Flag=N"), q;
    hj212_span mn;
    struct yw_rewrite how = {.mn = hj212_text("NEWMN"), .pw = hj212_text("654321"), .ask_ack = true};
    size_t n = yw_rewrite(&p, &how, out, sizeof out, &mn);
    assert_int_equal(hj212_decode(NULL, out, n, &q).status, HJ212_PACKET);
    assert_true(q.ok && q.wants_ack && q.version == 2017);
    assert_true(q.mn.n == 5 && memcmp(q.mn.p, "NEWMN", 5) == 0 && mn.n == 5);
    assert_true(q.pw.n == 6 && memcmp(q.pw.p, "654321", 6) == 0);
    assert_true(q.flag.n == 1 && q.flag.p[0] == '5'); /* the answer is asked for */
    assert_true(q.cp.n == p.cp.n && memcmp(q.cp.p, p.cp.p, p.cp.n) == 0);
    assert_true(q.qn.n == 17 && memcmp(q.qn.p, p.qn.p, 17) == 0);
}

static void test_answers_do_not_ask_for_answers(void **state) {
    YW_UNUSED(state);
    hj212_packet p = packet("9012", "4", "OLD", "ExeRtn=1");
    hj212_span mn;
    size_t n = yw_rewrite(&p, &(struct yw_rewrite){.ask_ack = true}, out, sizeof out, &mn);
    assert_int_equal(n, p.frame_len);
    assert_memory_equal(out, frame, n);
}

static void test_commands(void **state) {
    YW_UNUSED(state);
    struct yw_target t = {.commands = ""};
    assert_true(yw_target_wants_command(&t, 2011) && yw_target_wants_command(&t, 3020));
    assert_false(yw_target_wants_command(&t, 9011) || yw_target_wants_command(&t, 1013));
    struct yw_target few = {.commands = "2051, 2061"};
    assert_true(yw_target_wants_command(&few, 2061));
    assert_false(yw_target_wants_command(&few, 2011) || yw_target_wants_command(&few, 205));
}

static void test_outlets(void **state) {
    YW_UNUSED(state);
    static const char act[] =
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,\"areas\":[{\"code\":\"37\",\"name\":\"p\"},"
        "{\"code\":\"3701\",\"parent\":\"37\",\"name\":\"c\"},{\"code\":\"3702\",\"parent\":\"37\",\"name\":"
        "\"d\"}],"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"A\",\"name\":\"a\",\"area\":\"3701\"},"
        "{\"id\":2,\"credit_code\":\"B\",\"name\":\"b\",\"area\":\"3702\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"x\",\"kind\":\"air\"},"
        "{\"id\":2,\"enterprise\":2,\"code\":\"DA001\",\"name\":\"y\",\"kind\":\"air\"}]}";
    struct yw_register *r = yw_register_create();
    assert_int_equal(yw_register_apply(r, act, sizeof act - 1, NULL), YW_OK);
    struct yw_target all = {0}, city = {.areas = "3701"}, province = {.areas = "99,37"},
                     one = {.outlets = "7, 2"};
    assert_true(yw_target_wants_outlet(r, &all, 1) && !yw_target_wants_outlet(r, &all, 3));
    assert_true(yw_target_wants_outlet(r, &city, 1) && !yw_target_wants_outlet(r, &city, 2));
    assert_true(yw_target_wants_outlet(r, &province, 1) && yw_target_wants_outlet(r, &province, 2));
    assert_true(yw_target_wants_outlet(r, &one, 2) && !yw_target_wants_outlet(r, &one, 1));
    yw_register_destroy(r);
}

static void test_replies(void **state) {
    YW_UNUSED(state);
    struct yw_reply reply;
    hj212_packet p = packet("9014", "4", "MN1", "");
    yw_reply_next(frame, p.frame_len, &reply);
    assert_int_equal(reply.kind, YW_REPLY_ACK);
    assert_true(reply.qn.n == 17 && reply.mn.n == 3 && reply.consumed == p.frame_len);
    yw_reply_next(frame, p.frame_len - 1, &reply);
    assert_int_equal(reply.kind, YW_REPLY_NEED);
    p = packet("2051", "5", "MN1", "BeginTime=20260101000000;EndTime=20260101010000");
    yw_reply_next(frame, p.frame_len, &reply);
    assert_int_equal(reply.kind, YW_REPLY_REQUEST);
    memset(out, '#', YW_REPLIES_HELD); /* never waits for a frame that cannot come */
    yw_reply_next(out, YW_REPLIES_HELD, &reply);
    assert_int_equal(reply.kind, YW_REPLY_SKIP);
    assert_true(reply.consumed > 0);
    /* 2005: QN stands in the data area */
    const char old[] = "ST=91;CN=9014;PW=123456;MN=MN1;Flag=0;CP=&&QN=20260101120000001;CN=2011&&";
    size_t n = (size_t)snprintf(out, sizeof out, "##%04zu%s%04X\r\n", sizeof old - 1, old,
                                hj212_crc(old, sizeof old - 1));
    yw_reply_next(out, n, &reply);
    assert_int_equal(reply.kind, YW_REPLY_ACK);
    assert_int_equal(reply.qn.n, 17);
}

static void test_refusal(void **state) {
    YW_UNUSED(state);
    hj212_packet p = packet("2051", "5", "MN1", "BeginTime=1"), q;
    size_t n = yw_reply_refuse(&p, 4, out, sizeof out);
    assert_int_equal(hj212_decode(NULL, out, n, &q).status, HJ212_PACKET);
    assert_int_equal(q.command, 9011);
    assert_true(q.qn.n == 17 && q.cp.n == 7 && memcmp(q.cp.p, "QnRtn=4", 7) == 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_bytes_stay_where_nothing_changes),
        cmocka_unit_test(test_mn_and_pw_change_and_nothing_else),
        cmocka_unit_test(test_answers_do_not_ask_for_answers),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_outlets),
        cmocka_unit_test(test_replies),
        cmocka_unit_test(test_refusal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
