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
    if (yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, &err) != YW_OK) return -1;
    yw_register_destroy(r);
    int fd = open(path, O_RDONLY);
    enum yw_code code = yw_snap_map(fd, NULL, &snap, &err);
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
    assert_int_equal(a.row->id, 1);
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
    size_t n = yw_admit_answer(&p, NULL, out, sizeof out);
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
    assert_int_equal(yw_admit_answer(&p, NULL, out, 10), 0); /* no room, no half an answer */
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

static struct yw_admission register_with(const char *mn, const char *cn, const char *flag) {
    static char plain[HJ212_FRAME_MAX];
    hj212_packet p = packet(mn, "123456", cn, flag);
    struct yw_admission a;
    yw_admit(snap, true, false, &p, plain, &a);
    return a;
}

/* The one packet of an unknown device that gets an answer: 1001 of 2025 without an MN. */
static void test_registration(void **state) {
    YW_UNUSED(state);
    struct yw_admission a = register_with("", "1001", "9");
    assert_true(a.registration);
    assert_int_equal(a.flags, YW_REC_UNKNOWN);
    assert_null(a.row);
    assert_false(register_with("", "1001", "5").registration);
    assert_false(register_with("", "2011", "9").registration);
    assert_false(register_with("010000A8900016F000169DCF", "1001", "9").registration);
    assert_false(register_with(PLAIN_MN, "1001", "9").registration);
    hj212_packet p = packet("", "123456", "1001", "9"), back;
    char out[1100];
    size_t n = yw_admit_answer(&p, NULL, out, sizeof out);
    assert_int_equal(hj212_decode(NULL, out, n, &back).status, HJ212_PACKET);
    assert_true(back.command == 9013 && back.mn.p != NULL && back.mn.n == 0);
}

static void own_st(const char *cn, const char *flag, const char *want) {
    const struct yw_snap_device row = {.pin_reply = 2}, usual = {.pin_reply = 1};
    hj212_packet p = packet(PLAIN_MN, "123456", cn, flag), back;
    char out[1100], plain[1100];
    size_t n = yw_admit_answer(&p, &row, out, sizeof out);
    assert_int_equal(hj212_decode(NULL, out, n, &back).status, HJ212_PACKET);
    assert_true(back.ok);
    assert_int_equal(back.st.n, 2);
    assert_memory_equal(back.st.p, "31", 2);
    assert_memory_equal(back.cn.p, want, 4);
    /* but for the ST it is the usual answer */
    size_t m = yw_admit_answer(&p, &usual, plain, sizeof plain);
    assert_int_equal(n, m);
    char *st = memmem(plain, m, "ST=91", 5);
    assert_non_null(st);
    memcpy(st, "ST=31", 5);
    assert_memory_equal(out, plain, n - 6);
}

static void test_replies_with_the_devices_own_st(void **state) {
    YW_UNUSED(state);
    own_st("2011", "5", "9014");
    own_st("2011", "1", "9014"); /* 2005: the QN stands in the data area */
    own_st("2011", "9", "9014");
    own_st("1013", "5", "9013");
}

/* ---- encrypted data areas ---- */

static struct yw_snap *with_keys(const struct yw_register *r, const uint8_t *master, const uint8_t *key) {
    char folder[40], path[64];
    struct yw_snap *s = NULL;
    assert_true(scratch_make(folder, sizeof folder));
    snprintf(path, sizeof path, "%s/register.snap", folder);
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, master, NULL, NULL), YW_OK);
    int fd = open(path, O_RDONLY);
    assert_int_equal(yw_snap_map(fd, key, &s, NULL), YW_OK);
    close(fd);
    assert_int_equal(scratch_remove(folder), 0);
    return s;
}

static void put_key(struct yw_register *r, const uint8_t *master, uint32_t id, const char *key,
                    uint8_t state) {
    struct yw_device_key k = {.device = 1, .key_id = id, .state = state, .source = YW_KEY_ROTATED};
    const struct yw_act by = {.by = "t", .at = 1};
    struct yw_buf act;
    yw_buf_init(&act, 4096);
    assert_int_equal(yw_key_seal(master, 1, id, (const uint8_t *)key, k.key, NULL), YW_OK);
    assert_true(yw_act_device_key(&act, &by, &k));
    assert_int_equal(yw_register_apply(r, act.data, act.len, NULL), YW_OK);
    yw_buf_free(&act);
}

static struct yw_admission admit_encrypted(const struct yw_snap *s, const char *mn, const char *key,
                                           const char *cp, hj212_packet *p) {
    static char plain[HJ212_FRAME_MAX];
    struct yw_admission a;
    const hj212_message m = {.qn = hj212_text("20260101000000001"),
                             .st = hj212_text("31"),
                             .cn = hj212_text("2011"),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(mn),
                             .flag = hj212_text("9"),
                             .cp = hj212_text(cp),
                             .key = (const uint8_t *)key};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_int_equal(hj212_decode(NULL, frame, n, p).status, HJ212_PACKET);
    assert_false(p->ok);
    yw_admit(s, true, false, p, plain, &a);
    return a;
}

static void test_the_keys_of_a_device_open_its_packets(void **state) {
    YW_UNUSED(state);
    static const char present[] = "AAAAAAAAAAAAAAAA", offered[] = "BBBBBBBBBBBBBBBB",
                      before[] = "CCCCCCCCCCCCCCCC", retired[] = "DDDDDDDDDDDDDDDD";
    static const char *const areas[] = {"DataTime=20260101000000;a21026-Rtd=1.0,a21026-Flag=N",
                                        "SKCreateTime=20240601085857223", "a01001-Rtd=12.5x"};
    static const char act[] =
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":\"works\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"stack\",\"kind\":\"air\"}],"
        "\"devices\":[{\"id\":1,\"outlet\":1,\"mn\":\"" PLAIN_MN
        "\",\"pw\":\"123456\",\"state\":\"admitted\"},"
        "{\"id\":2,\"outlet\":1,\"mn\":\"" OPEN_MN "\",\"pw\":\"123456\",\"state\":\"admitted\"}]}";
    uint8_t master[32] = {1, 2, 3}, key[32];
    yw_master_snapshot_key(master, key);
    struct yw_register *r = yw_register_create();
    assert_int_equal(yw_register_apply(r, act, sizeof act - 1, NULL), YW_OK);
    put_key(r, master, 1, retired, YW_KEY_RETIRED);
    put_key(r, master, 2, before, YW_KEY_CONFIRMED);
    put_key(r, master, 3, present, YW_KEY_CONFIRMED);
    put_key(r, master, 4, offered, YW_KEY_OFFERED);
    struct yw_snap *s = with_keys(r, master, key), *locked = with_keys(r, master, NULL);
    for (size_t i = 0; i < YW_COUNT(areas); i++) {
        static const struct {
            const char *key;
            uint32_t id;
        } opens[] = {{present, 3}, {offered, 4}, {before, 2}, {retired, 0}, {"EEEEEEEEEEEEEEEE", 0}};
        for (size_t k = 0; k < YW_COUNT(opens); k++) {
            hj212_packet p;
            struct yw_admission a = admit_encrypted(s, PLAIN_MN, opens[k].key, areas[i], &p);
            assert_int_equal(a.key_id, opens[k].id);
            assert_int_equal(a.flags, opens[k].id != 0 ? YW_REC_ADMITTED : YW_REC_BAD_CRC);
            if (opens[k].id != 0) assert_memory_equal(p.cp.p, areas[i], p.cp.n);
            /* Another device's keys open nothing, and neither do keys that the worker cannot open. */
            assert_int_equal(admit_encrypted(s, OPEN_MN, opens[k].key, areas[i], &p).flags, YW_REC_BAD_CRC);
            assert_int_equal(admit_encrypted(locked, PLAIN_MN, opens[k].key, areas[i], &p).flags,
                             YW_REC_BAD_CRC);
        }
    }
    yw_snap_unmap(s);
    yw_snap_unmap(locked);
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_believed),
        cmocka_unit_test(test_reserved_prefix),
        cmocka_unit_test(test_damaged_frames_prove_nothing),
        cmocka_unit_test(test_answers),
        cmocka_unit_test(test_registration),
        cmocka_unit_test(test_the_keys_of_a_device_open_its_packets),
        cmocka_unit_test(test_replies_with_the_devices_own_st),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
