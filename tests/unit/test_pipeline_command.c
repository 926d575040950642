/* Lines of the acts journal that are no acts, and the events of workers, as parts of commands and rows. */
#include "pipeline/fold.h"

#include "command/command.h"
#include "command/dialog.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

static struct yw_value values[YW_VALUES_MAX];
static char text[65536], plain[HJ212_FRAME_MAX];

static struct yw_record record_of(const char *json, enum yw_direction direction) {
    return (struct yw_record){.arrival = 5000,
                              .position = 800,
                              .direction = (uint8_t)direction,
                              .device = 9,
                              .payload = json,
                              .length = (uint32_t)strlen(json)};
}

static enum yw_line line(const char *json, const struct yw_fold_with *with, uint32_t version,
                         struct yw_asked *a, struct yw_folded *out) {
    struct yw_record r = record_of(json, YW_DIR_ACT);
    *out = (struct yw_folded){.values = values, .text = text, .text_size = sizeof text, .plain = plain};
    return yw_fold_line(&r, version, with, a, out);
}

static const char command[] =
    "{\"command\":{\"id\":1795449600000001,\"key\":\"set-clock\",\"cn\":1012,\"device\":1,\"mn\":\"M\","
    "\"st\":\"32\","
    "\"version\":2017,\"flow\":\"request\",\"answer\":\"uploads\",\"upload\":0,\"cp\":\"SystemTime=@now\","
    "\"qn\":\"20261123173000123\",\"from\":11,\"to\":12,\"overtime_s\":10,\"recount\":3,\"execute_s\":60,"
    "\"valid_until\":99,\"encrypt\":false,\"origin\":\"policy\",\"target\":\"t\"},\"by\":\"li\",\"at\":77,"
    "\"reason\":\"drifts\"}";

static void a_command_line_is_read(void **unused) {
    YW_UNUSED(unused);
    static const char acts[] =
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,\"areas\":[{\"code\":\"370000\",\"parent\":\"\","
        "\"name\":\"x\"}],\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":"
        "\"works\",\"short_name\":\"works\",\"area\":\"370000\"}],"
        "\"outlets\":["
        "{\"id\":4,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"o\",\"kind\":\"air\",\"st\":\"31\"}],"
        "\"devices\":["
        "{\"id\":1,\"outlet\":4,\"mn\":\"010000A8900016F000169DC0\",\"pw\":\"123456\",\"state\":\"admitted\","
        "\"version\":2017}]}";
    struct yw_error err = {0};
    struct yw_register *reg = yw_register_create();
    assert_int_equal(yw_register_apply(reg, acts, sizeof acts - 1, &err), YW_OK);
    struct yw_fold_with with = {.reg = reg};
    struct yw_asked a;
    struct yw_folded f;
    assert_int_equal(line(command, &with, 1, &a, &f), YW_LINE_COMMAND);
    assert_int_equal(a.id, INT64_C(1795449600000001));
    assert_int_equal(a.device, 1);
    assert_int_equal(a.outlet, 4);
    assert_int_equal(a.cn, 1012);
    assert_int_equal(a.version, 2017);
    assert_int_equal(a.flow, YW_FLOW_REQUEST);
    assert_int_equal(a.answer, YW_ANSWER_UPLOADS);
    assert_int_equal(a.origin, YW_ORIGIN_POLICY);
    assert_string_equal(a.key, "set-clock");
    assert_string_equal(a.cp, "SystemTime=@now");
    assert_string_equal(a.qn, "20261123173000123");
    assert_string_equal(a.by, "li");
    assert_string_equal(a.reason, "drifts");
    assert_string_equal(a.target, "t");
    assert_int_equal(a.at, 77);
    assert_int_equal(a.valid_until, 99);
    assert_int_equal(a.from, 11);
    assert_int_equal(a.to, 12);
    assert_int_equal(a.qnrtn, -1);
    assert_int_equal(line(command, &with, 0, &a, &f), YW_LINE_COMMAND); /* before the device was there */
    assert_int_equal(a.outlet, 0);
    yw_register_destroy(reg);
}

static void secrets_are_veiled(void **unused) {
    YW_UNUSED(unused);
    static const uint8_t key[32] = {1, 2, 3}, other[32] = {9};
    char sealed[YW_TEXT_SEALED], json[4096];
    struct yw_error err = {0};
    struct yw_asked a;
    struct yw_folded f;
    assert_int_equal(yw_text_seal(key, "command 42", "NewPW=geheim", sealed, sizeof sealed, &err), YW_OK);
    snprintf(
        json, sizeof json,
        "{\"command\":{\"id\":42,\"key\":\"set-password\",\"cn\":1072,\"device\":1,\"cp\":\"%s\"},\"at\":1}",
        sealed);
    struct yw_fold_with with = {.secret = key};
    assert_int_equal(line(json, &with, 0, &a, &f), YW_LINE_COMMAND);
    assert_string_equal(a.cp, "NewPW=******");
    with.secret = other;
    assert_int_equal(line(json, &with, 0, &a, &f), YW_LINE_COMMAND);
    assert_string_equal(a.cp, "******");
    with.secret = NULL;
    assert_int_equal(line(json, &with, 0, &a, &f), YW_LINE_COMMAND);
    assert_string_equal(a.cp, "******");
    snprintf(
        json, sizeof json, /* one that was never sealed is veiled all the same */
        "{\"command\":{\"id\":42,\"key\":\"set-password\",\"cn\":1072,\"cp\":\"NewPW=geheim\"},\"at\":1}");
    assert_int_equal(line(json, &with, 0, &a, &f), YW_LINE_COMMAND);
    assert_string_equal(a.cp, "NewPW=******");
}

static void check_value(size_t i, const char *field, const char *want) {
    char have[1100];
    yw_value_print(&values[i], have, sizeof have);
    assert_string_equal(values[i].factor, "temperature");
    assert_string_equal(values[i].field, field);
    assert_string_equal(have, want);
}

static void a_station_line_is_a_row(void **unused) {
    YW_UNUSED(unused);
    static const struct yw_fold_with nothing;
    struct yw_asked a;
    struct yw_folded f;
    assert_int_equal(
        line("{\"station\":{\"outlet\":17,\"time\":4000,\"kind\":\"temperature\",\"state\":\"fault\","
             "\"value\":\"23.50\",\"unit\":\"degC\",\"text\":\"\xe6\xbc\x94\",\"source\":\"hook:x\"},"
             "\"by\":\"li\",\"at\":5000}",
             &nothing, 1, &a, &f),
        YW_LINE_STATION);
    assert_int_equal(f.row.outlet, 17);
    assert_int_equal(f.row.kind, YW_KIND_STATION);
    assert_int_equal(f.row.time, 4000);
    assert_int_equal(f.row.source.journal, YW_JOURNAL_ACTS);
    assert_int_equal(f.row.source.position, 800);
    assert_int_equal(f.row.source.arrival, 5000);
    assert_int_equal(f.row.count, 6);
    check_value(0, "State", "fault");
    check_value(1, "Value", "23.50");
    assert_false(values[1].is_text);
    check_value(2, "Unit", "degC");
    check_value(3, "Text", "\xe6\xbc\x94");
    check_value(4, "Source", "hook:x");
    check_value(5, "By", "li");
    char json[4096];
    int n = snprintf(json, sizeof json,
                     "{\"station\":{\"outlet\":1,\"time\":1,\"kind\":\"note\",\"value\":\"12x\","
                     "\"text\":\"");
    memset(json + n, 'x', 2000);
    memcpy(json + n + 2000, "\"}}", 4);
    assert_int_equal(line(json, &nothing, 1, &a, &f), YW_LINE_STATION);
    assert_int_equal(f.row.count, 2);
    assert_true(values[0].is_text); /* not a number */
    assert_int_equal(values[1].text_n, YW_TEXT_MAX);
}

static void other_lines_say_nothing(void **unused) {
    YW_UNUSED(unused);
    static const struct yw_fold_with nothing;
    static const char *const lines[] = {
        "",
        "nonsense",
        "[]",
        "{\"clock\":1}",
        "{\"command\":5}",
        "{\"command\":{\"id\":0,\"cn\":1012}}",
        "{\"command\":{\"id\":5,\"cn\":123456}}",
        "{\"command\":{\"id\":-5,\"cn\":1012}}",
        "{\"station\":{\"outlet\":0,\"kind\":\"door\"}}",
        "{\"station\":{\"outlet\":1,\"kind\":\"\"}}",
        "{\"station\":{\"outlet\":1,\"kind\":\"averyveryverylongkind\"}}",
    };
    struct yw_asked a;
    struct yw_folded f;
    for (size_t i = 0; i < YW_COUNT(lines); i++)
        assert_int_equal(line(lines[i], &nothing, 1, &a, &f), YW_LINE_NONE);
}

static enum yw_event event(const char *json, struct yw_asked *a, uint64_t *position) {
    struct yw_record r = record_of(json, YW_DIR_EVENT);
    return yw_fold_event(&r, 3, a, position);
}

static void events_are_parts(void **unused) {
    YW_UNUSED(unused);
    struct yw_asked a;
    uint64_t position = 0;
    assert_int_equal(event("{\"event\":\"start\"}", &a, &position), YW_EVENT_START);
    assert_int_equal(event("{\"event\":\"twin\",\"device\":1}", &a, &position), YW_EVENT_NONE);
    assert_int_equal(event("{\"event\":\"command\",\"id\":5,\"step\":\"dances\"}", &a, &position),
                     YW_EVENT_NONE);
    assert_int_equal(event("nonsense", &a, &position), YW_EVENT_NONE);
    assert_int_equal(event("{\"event\":\"command\",\"id\":5,\"step\":\"sent\",\"attempt\":2,\"until\":900}",
                           &a, &position),
                     YW_EVENT_COMMAND);
    assert_int_equal(a.id, 5);
    assert_int_equal(a.device, 9);
    assert_int_equal(a.attempts, 2);
    assert_int_equal(a.until, 900);
    assert_int_equal(a.sent.position, 800);
    assert_int_equal(a.first.journal, 3);
    assert_int_equal(a.cn, 0);
    assert_int_equal(event("{\"event\":\"command\",\"id\":5,\"step\":\"accepted\",\"qnrtn\":1,\"position\":"
                           "700,\"until\":950}",
                           &a, &position),
                     YW_EVENT_PACKET);
    assert_int_equal(position, 700);
    assert_int_equal(a.qnrtn, 1);
    assert_int_equal(a.until, 950);
    struct yw_record packet = {.arrival = 4990, .position = 700};
    yw_fold_event_packet(&a, &packet, 3, NULL);
    assert_int_equal(a.accepted.arrival, 4990);
    assert_int_equal(a.accepted.position, 700);
    assert_int_equal(a.answer_n, 0);
    assert_int_equal(
        event("{\"event\":\"command\",\"id\":5,\"step\":\"answer\",\"position\":720}", &a, &position),
        YW_EVENT_PACKET);
    hj212_packet p = {.cp = hj212_text("SystemTime=20261107000010")};
    packet.position = 720;
    yw_fold_event_packet(&a, &packet, 3, &p);
    assert_int_equal(a.answer_n, 1);
    assert_int_equal(a.answers[0].position, 720);
    assert_string_equal(a.answer_cp, "SystemTime=20261107000010");
    assert_int_equal(
        event("{\"event\":\"command\",\"id\":5,\"step\":\"end\",\"outcome\":\"no_data\",\"qnrtn\":1,"
              "\"exertn\":100,\"uploads\":3}",
              &a, &position),
        YW_EVENT_COMMAND);
    assert_int_equal(a.outcome, YW_OUTCOME_NO_DATA);
    assert_int_equal(a.exertn, 100);
    assert_int_equal(a.uploads, 3);
    assert_int_equal(a.ended.position, 800);
    assert_int_equal(a.attempts, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_command_line_is_read),  cmocka_unit_test(secrets_are_veiled),
        cmocka_unit_test(a_station_line_is_a_row), cmocka_unit_test(other_lines_say_nothing),
        cmocka_unit_test(events_are_parts),
    };
    return cmocka_run_group_tests_name("pipeline command", tests, NULL, NULL);
}
