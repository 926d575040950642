/* What packets show of their device: dialect, clock, link, notices. */
#include "pipeline/fold.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#define NOON (INT64_C(1794024000) * YW_SECOND) /* 2026-11-07 12:00:00 UTC+8 */

static struct yw_value values[YW_VALUES_MAX];
static char text[65536], plain[HJ212_FRAME_MAX];
static char frame[HJ212_FRAME_MAX];

struct packet {
    const char *qn, *cn, *flag, *cp, *rf;
    uint32_t flags;
    uint64_t link;
    int64_t late_us; /* arrival after noon */
};

static void add_bytes(struct yw_tally *t, const struct packet *p, const char *bytes, size_t n,
                      const struct yw_fold_with *with) {
    static uint64_t position;
    struct yw_folded f = {.values = values, .text = text, .text_size = sizeof text, .plain = plain};
    struct yw_record r = {.arrival = NOON + p->late_us,
                          .position = position += 1000,
                          .direction = YW_DIR_IN,
                          .flags = p->flags,
                          .link = p->link,
                          .device = p->flags & YW_REC_UNKNOWN ? 0 : 5,
                          .register_version = 1,
                          .payload = bytes,
                          .length = (uint32_t)n};
    r.peer.addr[10] = r.peer.addr[11] = 0xff;
    memcpy(r.peer.addr + 12, "\x0a\x01\x02\x03", 4);
    r.peer.port = 4242;
    yw_fold_record(&r, 2, with, &f);
    assert_true(yw_fold_device(&r, 2, &f, t));
}

static size_t encode(const struct packet *p) {
    hj212_message m = {.qn = hj212_text(p->qn ? p->qn : "20261107120000000"),
                       .st = hj212_text("31"),
                       .cn = hj212_text(p->cn ? p->cn : "2011"),
                       .pw = hj212_text("123456"),
                       .mn = hj212_text("010000A8900016F000169DC0"),
                       .flag = hj212_text(p->flag ? p->flag : "5"),
                       .cp = hj212_text(p->cp ? p->cp : "DataTime=20261107120000;a21026-Rtd=1")};
    if (p->rf) m.rf = hj212_text(p->rf);
    return hj212_encode(&m, frame, sizeof frame);
}

static void add(struct yw_tally *t, struct packet p) {
    static const struct yw_fold_with nothing;
    if (p.flags == 0) p.flags = YW_REC_ADMITTED;
    add_bytes(t, &p, frame, encode(&p), &nothing);
}

static void dialects_are_counted(void **unused) {
    YW_UNUSED(unused);
    static const struct yw_fold_with nothing;
    struct yw_tally t;
    yw_tally_init(&t, 100);
    add(&t, (struct packet){0});
    add(&t, (struct packet){.flag = "9", .rf = "1"});
    add(&t, (struct packet){.cp = "DataTime=20261107120000;SO2-Rtd=1;NOx-Rtd=2;SO2-Flag=N"});
    struct packet p = {.flags = YW_REC_ADMITTED};
    size_t n = encode(&p);
    add_bytes(&t, &p, frame, n - 2, &nothing); /* without CR LF */
    uint16_t crc = hj212_crc_modbus(frame + 6, n - 12);
    char digits[5];
    snprintf(digits, sizeof digits, "%04x", crc);
    memcpy(frame + n - 6, digits, 4); /* the other CRC, in lower case where it has letters */
    add_bytes(&t, &p, frame, n, &nothing);
    struct yw_device_fact *f = yw_tally_fact(&t, 5, 2);
    assert_int_equal(t.facts.n, 1);
    assert_int_equal(f->packets, 5);
    assert_int_equal(f->version[1], 4);
    assert_int_equal(f->version[2], 1);
    assert_int_equal(f->no_tail, 1);
    assert_int_equal(f->crc_modbus, 1);
    assert_int_equal(f->findings[HJ212_F_TAIL], 1);
    assert_int_equal(f->findings[HJ212_F_CRC_MODBUS], 1);
    assert_int_equal(f->findings[HJ212_F_FACTOR_CODE], 1); /* packets, not findings */
    assert_string_equal(f->names, "NOx,SO2");
    assert_true(f->first.position < f->last.position);
    assert_int_equal(f->encrypted, 0);
    yw_tally_free(&t);
}

static void clocks_come_from_live_uploads(void **unused) {
    YW_UNUSED(unused);
    struct yw_tally t;
    yw_tally_init(&t, 100);
    add(&t, (struct packet){.late_us = 1500 * 1000});
    add(&t, (struct packet){.late_us = -300 * 1000});
    add(&t, (struct packet){.qn = "20251107120000000"});                           /* odd */
    add(&t, (struct packet){.late_us = 7200 * YW_SECOND, .flag = "9", .rf = "1"}); /* backfilled */
    add(&t, (struct packet){.late_us = 7200 * YW_SECOND, .flags = YW_REC_ADMITTED | YW_REC_ASKED});
    add(&t, (struct packet){.late_us = 7200 * YW_SECOND, .cn = "9014", .cp = ""});
    add(&t, (struct packet){.qn = "2026", .late_us = 5000 * 1000});
    struct yw_device_day *d = yw_tally_day(&t, 5, yw_china_day(NOON), 2);
    assert_int_equal(t.days.n, 1);
    assert_int_equal(d->n, 2);
    assert_int_equal(d->odd_n, 1);
    assert_int_equal(d->sum_ms, 1200);
    assert_int_equal(d->min_ms, -300);
    assert_int_equal(d->max_ms, 1500);
    assert_int_equal(d->last_ms, INT64_C(365) * 86400 * 1000);
    yw_tally_free(&t);
}

static void links_are_counted(void **unused) {
    YW_UNUSED(unused);
    struct yw_tally t;
    yw_tally_init(&t, 100);
    add(&t, (struct packet){.link = 8});
    add(&t, (struct packet){.link = 8, .late_us = 9 * YW_SECOND});
    add(&t, (struct packet){.link = 9, .flags = YW_REC_ADMITTED | YW_REC_TWIN});
    add(&t, (struct packet){.link = 7, .flags = YW_REC_BAD_PW}); /* anybody can name an MN */
    add(&t, (struct packet){.link = 7, .flags = YW_REC_UNKNOWN});
    add(&t, (struct packet){.link = 0});
    assert_int_equal(t.links.n, 2);
    struct yw_device_link *l = yw_tally_link(&t, 5, 2, 8, "10.1.2.3:4242");
    assert_int_equal(l->packets, 2);
    assert_int_equal(l->first, NOON);
    assert_int_equal(l->last, NOON + 9 * YW_SECOND);
    l = yw_tally_link(&t, 5, 2, 9, "10.1.2.3:4242");
    assert_int_equal(l->refused, 1);
    assert_int_equal(l->packets, 0);
    assert_int_equal(yw_tally_fact(&t, 5, 2)->packets, 3); /* without the twin's */
    yw_tally_free(&t);
}

static void notices_are_kept(void **unused) {
    YW_UNUSED(unused);
    struct yw_tally t;
    yw_tally_init(&t, 100);
    add(&t, (struct packet){.cn = "1013", .cp = ""});
    add(&t, (struct packet){.cn = "1013", .cp = "", .late_us = 50});
    add(&t, (struct packet){.cn = "1014", .cp = "", .flag = "9"});
    add(&t, (struct packet){.cn = "1013", .cp = "", .flags = YW_REC_UNKNOWN}); /* nobody's */
    add(&t, (struct packet){
                .cn = "1001", .flag = "9", .cp = "i23005-Info=DAS7;i23006-Info=x", .flags = YW_REC_UNKNOWN});
    add(&t, (struct packet){.cn = "1001", .flag = "9", .cp = "i23006-Info=x", .flags = YW_REC_UNKNOWN});
    add(&t, (struct packet){.cn = "1001", .flag = "5", .cp = "i23005-Info=DAS7", .flags = YW_REC_UNKNOWN});
    assert_int_equal(t.notices.n, 3);
    struct yw_notice *n = yw_tally_notice(&t, 5, "", 1013, 2);
    assert_int_equal(n->count, 2);
    assert_string_equal(n->peer, "10.1.2.3:4242");
    assert_int_equal(n->last.arrival, NOON + 50);
    n = yw_tally_notice(&t, 0, "DAS7", 1001, 2);
    assert_int_equal(n->count, 1);
    assert_string_equal(n->cp, "i23005-Info=DAS7;i23006-Info=x");
    yw_tally_free(&t);
}

static void aliases_are_applied_by_version(void **unused) {
    YW_UNUSED(unused);
    static const char *const acts[] = {
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,\"areas\":[{\"code\":\"370000\",\"parent\":\"\","
        "\"name\":\"x\"}],\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":"
        "\"works\",\"short_name\":\"works\",\"area\":\"370000\"}],"
        "\"outlets\":["
        "{\"id\":4,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"o\",\"kind\":\"air\",\"st\":\"31\"}],"
        "\"devices\":["
        "{\"id\":5,\"outlet\":4,\"mn\":\"010000A8900016F000169DC0\",\"pw\":\"123456\",\"state\":\"admitted\","
        "\"version\":2017}]}",
        "{\"act\":\"device.set\",\"by\":\"t\",\"at\":2,\"id\":5,\"aliases\":{\"SO2\":\"a21026\"}}"};
    struct yw_error err = {0};
    struct yw_register *reg = yw_register_create();
    for (size_t i = 0; i < 2; i++)
        assert_int_equal(yw_register_apply(reg, acts[i], strlen(acts[i]), &err), YW_OK);
    const struct yw_fold_with with = {.reg = reg};
    struct packet p = {.cp = "DataTime=20261107120000;SO2-Rtd=1;NOx-Rtd=2"};
    struct yw_record r = {.arrival = NOON, .direction = YW_DIR_IN, .flags = YW_REC_ADMITTED, .device = 5};
    r.payload = frame;
    r.length = (uint32_t)encode(&p);
    for (uint32_t version = 1; version <= 2; version++) {
        struct yw_folded f = {.values = values, .text = text, .text_size = sizeof text, .plain = plain};
        r.register_version = version;
        assert_int_equal(yw_fold_record(&r, 2, &with, &f), YW_FOLD_ROW);
        assert_string_equal(values[0].factor, version == 1 ? "SO2" : "a21026");
        assert_string_equal(values[1].factor, "NOx");
        assert_int_equal(f.aliased, version == 2);
        struct yw_tally t;
        yw_tally_init(&t, 10);
        assert_true(yw_fold_device(&r, 2, &f, &t));
        assert_int_equal(yw_tally_fact(&t, 5, 2)->aliased, version - 1);
        yw_tally_free(&t);
    }
    yw_register_destroy(reg);
}

static void asked_data_are_backfilled_and_twins_are_nothing(void **unused) {
    YW_UNUSED(unused);
    static const struct yw_fold_with nothing;
    struct packet p = {0};
    struct yw_record r = {.arrival = NOON, .direction = YW_DIR_IN, .device = 5, .payload = frame};
    r.length = (uint32_t)encode(&p);
    struct yw_folded f = {.values = values, .text = text, .text_size = sizeof text, .plain = plain};
    r.flags = YW_REC_ADMITTED | YW_REC_ASKED;
    assert_int_equal(yw_fold_record(&r, 2, &nothing, &f), YW_FOLD_ROW);
    assert_int_equal(f.row.flags, YW_ROW_BACKFILLED);
    r.flags = YW_REC_ADMITTED | YW_REC_TWIN;
    assert_int_equal(yw_fold_record(&r, 2, &nothing, &f), YW_FOLD_NOTHING);
    r.flags = YW_REC_ADMITTED;
    r.key_id = 3; /* a key that is not at hand */
    assert_int_equal(yw_fold_record(&r, 2, &nothing, &f), YW_FOLD_LOCKED);
}

static void a_full_tally_says_so(void **unused) {
    YW_UNUSED(unused);
    struct yw_tally t, more;
    yw_tally_init(&t, 3);
    yw_tally_init(&more, 100);
    for (uint32_t i = 0; i < 3; i++) assert_non_null(yw_tally_fact(&t, i, 0));
    assert_null(yw_tally_fact(&t, 3, 0));
    assert_non_null(yw_tally_fact(&t, 2, 0));
    assert_int_equal(yw_tally_length(&t), 3);
    for (uint32_t i = 0; i < 90; i++) yw_tally_fact(&more, i, (uint16_t)(i % 2))->packets = i;
    assert_false(yw_tally_reserve(&t, &more));
    yw_tally_clear(&t);
    t.most = 200;
    for (int i = 0; i < 2; i++) {
        assert_true(yw_tally_reserve(&t, &more));
        assert_true(yw_tally_add(&t, &more));
    }
    assert_int_equal(yw_tally_length(&t), 90);
    assert_int_equal(yw_tally_fact(&t, 89, 1)->packets, 178);
    assert_int_equal(yw_tally_fact(&t, 89, 0)->packets, 0);
    yw_tally_free(&t);
    yw_tally_free(&more);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(dialects_are_counted),
        cmocka_unit_test(clocks_come_from_live_uploads),
        cmocka_unit_test(links_are_counted),
        cmocka_unit_test(notices_are_kept),
        cmocka_unit_test(aliases_are_applied_by_version),
        cmocka_unit_test(asked_data_are_backfilled_and_twins_are_nothing),
        cmocka_unit_test(a_full_tally_says_so),
    };
    return cmocka_run_group_tests_name("pipeline device", tests, NULL, NULL);
}
