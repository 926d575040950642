/* Who is believed, as a pure function; and which answer is due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "gateway/admit.h"
#include "journal/journal.h"
#include "scratch.h"

#define PLAIN_MN   "010000A8900016F000169DC0"
#define WAITING_MN "010000A8900016F000169DC1"
#define OPEN_MN    "010000A8900016F000169DC2"
#define PLANT_MN   "595700000000000000000001"

static struct yw_snap *snap;

static int set_up(void **state) {
    YW_UNUSED(state);
    static const char act[] =
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":\"works\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"stack\",\"kind\":\"air\"}],"
        "\"devices\":[{\"id\":1,\"outlet\":1,\"mn\":\"" PLAIN_MN
        "\",\"pw\":\"123456\",\"state\":\"admitted\"},"
        "{\"id\":2,\"outlet\":1,\"mn\":\"" WAITING_MN "\",\"pw\":\"123456\",\"state\":\"refused\"},"
        "{\"id\":3,\"outlet\":1,\"mn\":\"" OPEN_MN "\",\"pw\":\"\",\"state\":\"admitted\"},"
        "{\"id\":4,\"outlet\":1,\"mn\":\"" PLANT_MN "\",\"pw\":\"123456\",\"state\":\"admitted\"}]}";
    char folder[40], path[64];
    struct yw_error err;
    if (!scratch_make(folder, sizeof folder)) return -1;
    snprintf(path, sizeof path, "%s/register.snap", folder);
    struct yw_register *r = yw_register_create();
    if (yw_register_apply(r, act, sizeof act - 1, &err) != YW_OK) return -1;
    if (yw_snap_write(yw_io_system(), path, r, NULL, &err) != YW_OK) return -1;
    yw_register_destroy(r);
    int fd = open(path, O_RDONLY);
    enum yw_code code = yw_snap_map(fd, &snap, &err);
    close(fd);
    return scratch_remove(folder) == 0 && code == YW_OK ? 0 : -1;
}

static int tear_down(void **state) {
    YW_UNUSED(state);
    yw_snap_unmap(snap);
    return 0;
}

static char frame[1100];

static hj212_packet packet(const char *mn, const char *pw, const char *cn, const char *flag) {
    const hj212_message m = {.qn = hj212_text("20260101000000001"),
                             .st = hj212_text("31"),
                             .cn = hj212_text(cn),
                             .pw = hj212_text(pw),
                             .mn = hj212_text(mn),
                             .flag = hj212_text(flag),
                             .cp = hj212_text("DataTime=20260101000000;a21026-Rtd=1.0,a21026-Flag=N")};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    hj212_packet p;
    assert_int_equal(hj212_decode(NULL, frame, n, &p).status, HJ212_PACKET);
    return p;
}

static struct yw_admission admit(const struct yw_snap *s, bool real, bool plant, const char *mn,
                                 const char *pw) {
    static char plain[HJ212_FRAME_MAX];
    hj212_packet p = packet(mn, pw, "2011", "5");
    struct yw_admission a;
    yw_admit(s, real, plant, &p, plain, &a);
    return a;
}

static void test_believed(void **state) {
    YW_UNUSED(state);
    struct yw_admission a = admit(snap, true, false, PLAIN_MN, "123456");
    assert_int_equal(a.flags, YW_REC_ADMITTED);
    assert_int_equal(a.device, 1);
    assert_int_equal(a.bucket, yw_hash64(PLAIN_MN, 24, 0) & 255);
    assert_int_equal(admit(snap, true, false, OPEN_MN, "anything").flags, YW_REC_ADMITTED);
    assert_int_equal(admit(snap, true, false, PLAIN_MN, "123457").flags, YW_REC_BAD_PW);
    assert_int_equal(admit(snap, true, false, PLAIN_MN, "").flags, YW_REC_BAD_PW);
    assert_int_equal(admit(snap, true, false, WAITING_MN, "123456").flags, YW_REC_UNKNOWN);
    assert_int_equal(admit(snap, true, false, "010000A8900016F000169DCF", "123456").flags, YW_REC_UNKNOWN);
    assert_int_equal(admit(NULL, true, false, PLAIN_MN, "123456").flags, YW_REC_UNKNOWN);
}

static void test_reserved_prefix(void **state) {
    YW_UNUSED(state);
    assert_int_equal(admit(snap, true, false, PLANT_MN, "123456").flags, YW_REC_UNKNOWN);
    assert_int_equal(admit(snap, true, true, PLANT_MN, "123456").flags, YW_REC_UNKNOWN);
    assert_int_equal(admit(snap, false, false, PLANT_MN, "123456").flags, YW_REC_UNKNOWN);
    assert_int_equal(admit(snap, false, true, PLANT_MN, "123456").flags, YW_REC_ADMITTED);
    assert_int_equal(admit(snap, false, true, PLAIN_MN, "123456").flags, YW_REC_ADMITTED);
}

static void test_damaged_frames_prove_nothing(void **state) {
    YW_UNUSED(state);
    static char plain[HJ212_FRAME_MAX];
    hj212_packet p = packet(PLAIN_MN, "123456", "2011", "5");
    p.ok = false;
    struct yw_admission a;
    yw_admit(snap, true, false, &p, plain, &a);
    assert_int_equal(a.flags, YW_REC_BAD_CRC);
    assert_int_equal(a.device, 0);
}

static void answer_is(const char *cn, const char *flag, const char *want) {
    hj212_packet p = packet(PLAIN_MN, "123456", cn, flag), back;
    char out[1100];
    size_t n = yw_admit_answer(&p, out, sizeof out);
    if (want == NULL) {
        assert_int_equal(n, 0);
        return;
    }
    assert_true(n > 0);
    assert_int_equal(hj212_decode(NULL, out, n, &back).status, HJ212_PACKET);
    assert_true(back.ok);
    assert_int_equal(back.cn.n, strlen(want));
    assert_memory_equal(back.cn.p, want, strlen(want));
    assert_memory_equal(back.qn.p, "20260101000000001", 17);
    assert_int_equal(yw_admit_answer(&p, out, 10), 0); /* no room, no half an answer */
}

static void test_answers(void **state) {
    YW_UNUSED(state);
    answer_is("2011", "5", "9014");
    answer_is("2011", "4", NULL);
    answer_is("2051", "9", "9014");
    answer_is("9014", "5", NULL);
    answer_is("9011", "5", NULL);
    answer_is("1013", "5", "9013");
    answer_is("1014", "9", "9013");
    answer_is("1014", "5", "9014");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_believed),
        cmocka_unit_test(test_reserved_prefix),
        cmocka_unit_test(test_damaged_frames_prove_nothing),
        cmocka_unit_test(test_answers),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
