/* The book of alarms: lines read as they were written, numbers given once, keys found again; shifts; and what
 * goes out to robots, gateways and mail. */
#include "web/alarms.h"
#include "web/delivery.h"
#include "web/shifts.h"

#include <arpa/inet.h>
#include <math.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define NOON ((int64_t)1795406400 * YW_SECOND) /* 2026-11-23 12:00 +08:00 */

static struct yw_alarm_entry raised(const char *number, int64_t id, uint32_t outlet) {
    struct yw_alarm_entry e = {.id = id, .has_step = true, .has_episode = true, .converted = true};
    memcpy(e.number, number, strlen(number) + 1);
    e.step = (struct yw_alarm_step){.kind = YW_STEP_RAISE, .at = NOON};
    memcpy(e.step.by, "platform", 9);
    memcpy(e.step.unit, "410100-Z", 9);
    e.episode = (struct yw_episode){.outlet = outlet,
                                    .kind = YW_VERDICT_EXCEEDANCE,
                                    .basis = 1,
                                    .period = 3,
                                    .severity = 2,
                                    .factor = "a21026",
                                    .from = NOON - YW_HOUR,
                                    .to = NOON,
                                    .open = true,
                                    .points = 1,
                                    .worst = 67.4,
                                    .held = 50,
                                    .multiple = 0.348,
                                    .worst_at = NOON - YW_HOUR};
    memcpy(e.verdict, "CP20261123-1-a21026-0", 22);
    memcpy(e.measure, "mg/m3", 6);
    return e;
}

static void replay(struct yw_alarms *a, const struct yw_alarm_entry *e, size_t n) {
    struct yw_buf b;
    yw_buf_init(&b, 1 << 20);
    assert_true(yw_alarm_line_put(&b, e, n));
    yw_alarms_replay(a, b.data, b.len);
    yw_buf_free(&b);
}

static void a_line_is_read_as_it_was_written(void **state) {
    (void)state;
    struct yw_alarm_entry e[2] = {raised("BJ20261123-0147", 147, 7), {.id = 147, .has_step = true}};
    struct yw_alarm_entry *back = calloc(YW_ALARM_MANY, sizeof *back);
    struct yw_buf b;
    size_t n;
    yw_buf_init(&b, 1 << 20);
    memcpy(e[1].number, e[0].number, sizeof e[1].number);
    e[1].step = (struct yw_alarm_step){
        .kind = YW_STEP_NOTE, .at = NOON + 1, .by = "officer", .text = "“引号”\n\"x\""};
    assert_true(yw_alarm_line_put(&b, e, 2));
    assert_true(strncmp(b.data, "{\"alarm\":[", 10) == 0);
    assert_true(yw_alarm_line_read(b.data, b.len, back, &n));
    assert_int_equal(n, 2);
    assert_memory_equal(&back[0].episode, &e[0].episode, sizeof e[0].episode);
    assert_string_equal(back[1].step.text, e[1].step.text);
    assert_false(yw_alarm_line_read("{\"alarm\":{}}", 12, back, &n));
    assert_false(yw_alarm_line_read("{\"alarm\":[{\"id\":1}]}", 20, back, &n));
    assert_false(yw_alarm_line_read("{\"act\":\"x\"}", 11, back, &n));
    free(back);
    yw_buf_free(&b);
}

static void the_book_finds_by_number_and_by_key(void **state) {
    (void)state;
    struct yw_alarms *a = yw_alarms_create();
    for (int64_t i = 1; i <= 300; i++) {
        char number[24];
        snprintf(number, sizeof number, "BJ202611%02d-%04d", i <= 150 ? 23 : 24,
                 (int)(i <= 150 ? i : i - 150));
        struct yw_alarm_entry e = raised(number, i, (uint32_t)(i % 10 + 1));
        replay(a, &e, 1);
    }
    assert_int_equal(yw_alarms_count(a), 300);
    assert_int_equal(yw_alarms_find(a, "BJ20261123-0147")->id, 147);
    assert_int_equal(yw_alarms_find(a, "BJ20261124-0001")->id, 151);
    assert_null(yw_alarms_find(a, "BJ20261125-0001"));
    assert_null(yw_alarms_find(a, "nonsense"));
    struct yw_episode key = raised("BJ20261123-0001", 1, 3).episode;
    size_t n = 0;
    int64_t last = INT64_MAX;
    for (struct yw_alarm *x = yw_alarms_of(a, &key, NULL); x != NULL; x = yw_alarms_of(a, &key, x), n++) {
        assert_true(x->id < last && x->episode.outlet == 3); /* newest first */
        last = x->id;
    }
    assert_int_equal(n, 30);
    /* The same line again, as after a crash in the middle: nothing is there twice. */
    struct yw_alarm_entry again = raised("BJ20261123-0147", 147, 8);
    replay(a, &again, 1);
    assert_int_equal(yw_alarms_count(a), 300);
    yw_alarms_destroy(a);
}

static void steps_are_folded_and_kept(void **state) {
    (void)state;
    struct yw_alarms *a = yw_alarms_create();
    struct yw_alarm_entry e = raised("BJ20261123-0001", 1, 7);
    replay(a, &e, 1);
    struct yw_alarm_entry s = {.id = 1, .has_step = true};
    memcpy(s.number, e.number, sizeof s.number);
    static const uint8_t kinds[] = {YW_STEP_TAKE, YW_STEP_SIGN, YW_STEP_NOTE};
    for (size_t i = 0; i < YW_COUNT(kinds); i++) {
        s.step =
            (struct yw_alarm_step){.kind = kinds[i], .at = NOON, .unit = "410100-Z", .text = "t", .by = "o"};
        replay(a, &s, 1);
    }
    const struct yw_alarm *x = yw_alarms_find(a, "BJ20261123-0001");
    assert_int_equal(x->state.stage, YW_STAGE_DESK);
    assert_int_equal(x->step_n, 3); /* signing was not possible: it is no step */
    for (int i = 0; i < 400; i++) {
        s.step.kind = YW_STEP_NOTE;
        replay(a, &s, 1);
    }
    assert_int_equal(x->step_n, YW_ALARM_STEPS_MAX);
    assert_string_equal(x->steps[YW_ALARM_STEPS_MAX - 1].text, "t");
    /* How the episode goes on. */
    s.has_step = false;
    s.has_episode = true;
    s.episode = e.episode;
    s.episode.open = false;
    s.episode.to += YW_HOUR;
    replay(a, &s, 1);
    assert_false(x->episode.open);
    s.episode.outlet = 9; /* of another key: not this alarm's */
    s.episode.open = true;
    replay(a, &s, 1);
    assert_false(x->episode.open);
    yw_alarms_destroy(a);
}

/* ---- shifts ---- */

static void which_shift(void **state) {
    (void)state;
    struct yw_shift s, t;
    yw_shift_at(NOON, 480, 1200, &s);
    assert_string_equal(s.name, "20261123-1");
    assert_true(s.from == NOON - 4 * YW_HOUR && s.to == NOON + 8 * YW_HOUR && !s.night);
    yw_shift_at(NOON + 8 * YW_HOUR, 480, 1200, &s);
    assert_string_equal(s.name, "20261123-2");
    yw_shift_at(NOON - 5 * YW_HOUR, 480, 1200, &s); /* 07:00: the night shift of the day before */
    assert_string_equal(s.name, "20261122-2");
    assert_true(s.to == NOON - 4 * YW_HOUR && s.to - s.from == 12 * YW_HOUR);
    for (int64_t i = 0; i < 500; i++) { /* each moment lies in its shift, whatever the settings */
        int64_t first = i % 700, second = first + 1 + i % 739, at = NOON + i * 7777 * YW_SECOND;
        yw_shift_at(at, first, second, &s);
        assert_true(s.from <= at && at < s.to);
        assert_true(yw_shift_parse(s.name, first, second, &t));
        assert_true(t.from == s.from && t.to == s.to);
    }
    assert_false(yw_shift_parse("20261123", 480, 1200, &s));
    assert_false(yw_shift_parse("20261123-3", 480, 1200, &s));
    assert_false(yw_shift_parse("20261342-1", 480, 1200, &s));
}

static void shift_line(struct yw_shifts *s, int64_t id, uint8_t kind, int64_t of) {
    struct yw_shift_line l = {.id = id,
                              .kind = kind,
                              .of = of,
                              .at = NOON,
                              .shift = "20261123-1",
                              .unit = "U",
                              .by = "a",
                              .to = "b"};
    char open[] = "BJ20261123-0001 BJ20261123-0002";
    struct yw_buf b;
    if (kind == YW_SHIFT_OFFER) l.open = open;
    yw_buf_init(&b, 4096);
    assert_true(yw_shift_line_put(&b, &l));
    yw_shifts_replay(s, b.data, b.len);
    yw_buf_free(&b);
}

static void a_hand_over_waits_until_it_is_answered(void **state) {
    (void)state;
    struct yw_shifts *s = yw_shifts_create();
    shift_line(s, 1, YW_SHIFT_BEGIN, 0);
    assert_null(yw_shifts_pending(s, "U"));
    shift_line(s, 2, YW_SHIFT_OFFER, 0);
    shift_line(s, 3, YW_SHIFT_ENTRY, 0);
    assert_int_equal(yw_shifts_pending(s, "U")->id, 2);
    assert_string_equal(yw_shifts_pending(s, "U")->open, "BJ20261123-0001 BJ20261123-0002");
    assert_null(yw_shifts_pending(s, "V"));
    shift_line(s, 4, YW_SHIFT_REFUSE, 2);
    assert_null(yw_shifts_pending(s, "U"));
    shift_line(s, 5, YW_SHIFT_OFFER, 0);
    shift_line(s, 5, YW_SHIFT_OFFER, 0); /* the same line again */
    assert_int_equal(yw_shifts_count(s), 5);
    shift_line(s, 6, YW_SHIFT_ACCEPT, 5);
    assert_null(yw_shifts_pending(s, "U"));
    yw_shifts_destroy(s);
}

/* ---- what goes out ---- */

static void robots_get_number_and_link_alone(void **state) {
    (void)state;
    struct yw_delivery_words w = {.number = "BJ20261123-0147",
                                  .link = "https://yanwu.example/alarms/BJ20261123-0147",
                                  .what = "新报警",
                                  .detail = "青岚热电 DA002\nNOx 67.4 / 50",
                                  .domain = ""};
    static const uint8_t robots[] = {YW_CHANNEL_WECOM, YW_CHANNEL_DINGTALK};
    for (size_t i = 0; i < YW_COUNT(robots); i++) {
        struct yw_delivery d = {.channel = robots[i]};
        struct yw_buf b;
        yw_buf_init(&b, 4096);
        yw_delivery_write(&d, &w);
        assert_true(yw_robot_body(&b, d.channel, d.text));
        assert_string_equal(b.data, "{\"msgtype\":\"text\",\"text\":{\"content\":\"BJ20261123-0147 "
                                    "https://yanwu.example/alarms/BJ20261123-0147\"}}");
        yw_buf_free(&b);
    }
    struct yw_delivery sms = {.channel = YW_CHANNEL_SMS};
    yw_delivery_write(&sms, &w);
    assert_null(strstr(sms.text, "青岚")); /* a gateway is a stranger, too */
    assert_non_null(strstr(sms.text, "BJ20261123-0147"));
    struct yw_delivery mail = {.channel = YW_CHANNEL_MAIL};
    w.domain = "演示数据，非官方统计";
    yw_delivery_write(&mail, &w);
    assert_non_null(strstr(mail.text, "青岚热电"));
    assert_non_null(strstr(mail.text, "演示数据"));
    assert_non_null(strstr(mail.text, yw_standing_zh));
}

static void templates_are_escaped(void **state) {
    (void)state;
    struct yw_buf b;
    yw_buf_init(&b, 1024);
    assert_true(yw_template_fill(&b, "{\"to\":\"{phone}\",\"t\":\"{text}\",\"x\":\"{other}\"}", "json",
                                 "13800000000", "BJ", "a\"b\n"));
    assert_string_equal(b.data, "{\"to\":\"13800000000\",\"t\":\"a\\\"b\\n\",\"x\":\"{other}\"}");
    yw_buf_clear(&b);
    assert_true(yw_template_fill(&b, "m={phone}&t={text}", "url", "138", "BJ", "a&b 中"));
    assert_string_equal(b.data, "m=138&t=a%26b%20%E4%B8%AD");
    yw_buf_free(&b);
}

static void mail_is_well_formed(void **state) {
    (void)state;
    struct yw_buf b;
    yw_buf_init(&b, 16 << 10);
    assert_true(
        yw_mail_write(&b, "yanwu@example.cn", "duty@example.cn", "新报警 BJ1", "正文\n第二行", NOON, 5));
    assert_non_null(strstr(b.data, "Date: Mon, 23 Nov 2026 12:00:00 +0800\r\n"));
    assert_non_null(strstr(b.data, "Subject: =?UTF-8?B?"));
    assert_non_null(strstr(b.data, "\r\n\r\n"));
    yw_buf_free(&b);
}

static bool is_public(const char *text) {
    struct sockaddr_in v4 = {.sin_family = AF_INET};
    struct sockaddr_in6 v6 = {.sin6_family = AF_INET6};
    if (inet_pton(AF_INET, text, &v4.sin_addr) == 1) return yw_address_is_public((struct sockaddr *)&v4);
    assert_int_equal(inet_pton(AF_INET6, text, &v6.sin6_addr), 1);
    return yw_address_is_public((struct sockaddr *)&v6);
}

static void addresses(void **state) {
    (void)state;
    static const char *const others[] = {
        "127.0.0.1",  "10.1.2.3", "172.16.0.1",       "172.31.255.255",  "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0",  "224.0.0.1",        "255.255.255.255", "::1",         "fe80::1",
        "fc00::1",    "ff02::1",  "::ffff:127.0.0.1", "::ffff:10.0.0.1", "2001:db8::1", "2002:7f00:1::",
        "::"};
    static const char *const publics[] = {"8.8.8.8",   "172.32.0.1",   "11.0.0.1",
                                          "223.5.5.5", "2400:3200::1", "::ffff:8.8.8.8"};
    for (size_t i = 0; i < YW_COUNT(others); i++) assert_false(is_public(others[i]));
    for (size_t i = 0; i < YW_COUNT(publics); i++) assert_true(is_public(publics[i]));
}

/* ---- settings ---- */

static enum yw_code read_settings(const char *json, const struct yw_delivery_settings *before,
                                  struct yw_delivery_settings *out) {
    struct yw_error err = {0};
    json_t *o = json_loads(json, 0, NULL);
    assert_non_null(o);
    enum yw_code code = yw_delivery_settings_read(o, before, out, &err);
    json_decref(o);
    assert_true(code == YW_OK || err.text[0] != '\0');
    return code;
}

static void settings_keep_their_secrets(void **state) {
    (void)state;
    static const char full[] =
        "{\"base_url\":\"https://y.example/\",\"mail\":{\"enabled\":true,\"url\":\"smtps://"
        "mail.example:465\",\"from\":\"y@example.cn\","
        "\"user\":\"y\",\"password\":\"geheim\",\"to\":[{\"unit\":\"U\",\"address\":\"d@example.cn\","
        "\"least\":2}]},"
        "\"sms\":{\"enabled\":true,\"url\":\"https://gw.example/send?m={phone}\",\"header\":\"X-Key: "
        "abc\",\"to\":[{\"phone\":\"13800000000\"}]},"
        "\"robots\":[{\"name\":\"值班群\",\"kind\":\"wecom\",\"url\":\"https://qy.example/"
        "send?key=topsecret\",\"least\":1}]}";
    struct yw_delivery_settings *a = calloc(3, sizeof *a);
    struct yw_buf kept, shown;
    uint8_t key[32] = {1, 2, 3};
    yw_buf_init(&kept, 1 << 20);
    yw_buf_init(&shown, 1 << 20);
    assert_int_equal(read_settings(full, &a[1], &a[0]), YW_OK);
    assert_string_equal(a[0].base_url, "https://y.example");
    assert_int_equal(a[0].to_n, 3);
    assert_true(yw_delivery_settings_put(&kept, &a[0], key));
    assert_true(yw_delivery_settings_put(&shown, &a[0], NULL));
    static const char *const secrets[] = {"geheim", "abc", "topsecret"};
    for (size_t i = 0; i < YW_COUNT(secrets); i++) {
        assert_null(strstr(kept.data, secrets[i]));
        assert_null(strstr(shown.data, secrets[i]));
    }
    struct yw_error err = {0};
    assert_int_equal(yw_delivery_settings_open(kept.data, kept.len, key, &a[1], &err), YW_OK);
    assert_string_equal(a[1].mail_password, "geheim");
    assert_string_equal(a[1].to[2].url, "https://qy.example/send?key=topsecret");
    /* What is shown can be put back as it is: the secrets stay. */
    assert_int_equal(read_settings(shown.data, &a[1], &a[2]), YW_OK);
    assert_string_equal(a[2].mail_password, "geheim");
    assert_string_equal(a[2].sms_header, "X-Key: abc");
    assert_string_equal(a[2].to[2].url, "https://qy.example/send?key=topsecret");
    key[0]++;
    assert_int_not_equal(yw_delivery_settings_open(kept.data, kept.len, key, &a[1], &err), YW_OK);
    free(a);
    yw_buf_free(&kept);
    yw_buf_free(&shown);
}

static void wrong_settings_are_told(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{\"base_url\":\"ftp://x\"}",
        "{\"mail\":{\"enabled\":true}}",
        "{\"mail\":{\"enabled\":true,\"from\":\"a@b\",\"url\":\"http://x\"}}",
        "{\"mail\":{\"to\":[{\"address\":\"a@b> RCPT TO:<c@d\"}]}}",
        "{\"mail\":{\"to\":[{\"address\":\"a@b\\r\\nc\"}]}}",
        "{\"mail\":{\"to\":[{\"address\":\"a@b\",\"least\":4}]}}",
        "{\"sms\":{\"enabled\":true,\"url\":\"file:///etc/passwd\"}}",
        "{\"sms\":{\"to\":[{\"phone\":\"12;34\"}]}}",
        "{\"sms\":{\"header\":\"no colon\"}}",
        "{\"robots\":[{\"name\":\"x\",\"kind\":\"slack\",\"url\":\"https://x\"}]}",
        "{\"robots\":[{\"name\":\"x\",\"kind\":\"wecom\"}]}",
        "{\"robots\":[{\"name\":\"x\",\"kind\":\"wecom\",\"url\":\"https://u:p@x/\"}]}",
        ("{\"robots\":[{\"name\":\"x\",\"kind\":\"wecom\",\"url\":\"https://x\"},"
         "{\"name\":\"x\",\"kind\":\"dingtalk\",\"url\":\"https://y\"}]}"),
        "{\"robots\":{}}",
        "{\"robots\":[7]}",
    };
    struct yw_delivery_settings *a = calloc(2, sizeof *a);
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        if (read_settings(wrong[i], &a[1], &a[0]) == YW_OK) fail_msg("%s", wrong[i]);
    }
    assert_int_equal(read_settings("{}", &a[1], &a[0]), YW_OK);
    free(a);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_read_as_it_was_written),
        cmocka_unit_test(the_book_finds_by_number_and_by_key),
        cmocka_unit_test(steps_are_folded_and_kept),
        cmocka_unit_test(which_shift),
        cmocka_unit_test(a_hand_over_waits_until_it_is_answered),
        cmocka_unit_test(robots_get_number_and_link_alone),
        cmocka_unit_test(templates_are_escaped),
        cmocka_unit_test(mail_is_well_formed),
        cmocka_unit_test(addresses),
        cmocka_unit_test(settings_keep_their_secrets),
        cmocka_unit_test(wrong_settings_are_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
