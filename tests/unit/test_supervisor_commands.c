/* Commands on their way from the acts journal to one worker: read, asked about, offered once. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"
#include "register/register.h"
#include "scratch.h"
#include "supervisor/commands.h"

enum { MS = 1000 };

struct wire { /* what went out, last message of each kind and worker */
    int asks[4], offers[4];
    int64_t offered[4];
    bool deaf[4];
    int64_t asked[COMMANDS_ASKING_MOST]; /* ids of the last asks */
};

static bool note(void *arg, uint32_t worker, const void *message, size_t n) {
    struct wire *w = arg;
    union yw_push m;
    memcpy(&m, message, n);
    assert_true(yw_push_ok(&m, n));
    if (w->deaf[worker]) return false;
    if (m.kind == YW_PUSH_ASK) w->asked[w->asks[worker]++ % COMMANDS_ASKING_MOST] = m.ask.id;
    if (m.kind == YW_PUSH_OFFER) {
        w->offers[worker]++;
        w->offered[worker] = m.offer.id;
    }
    return true;
}

static struct yw_offer order(int64_t id, uint32_t device) {
    return (struct yw_offer){.kind = YW_PUSH_OFFER,
                             .id = id,
                             .device = device,
                             .cn = 1012,
                             .overtime_s = 10,
                             .recount = 3,
                             .execute_s = 60,
                             .valid_until = 1000 * YW_SECOND,
                             .mn = "010000A8900016F000169DC0",
                             .st = "31",
                             .qn = "20260101000000001",
                             .cp = "SystemTime=@now"};
}

static void holds(struct commands *c, uint32_t worker, int64_t id, int64_t heard, int64_t now) {
    union yw_pull m = {.holds = {.kind = YW_PULL_HOLDS, .id = id, .heard = heard}};
    commands_hear(c, worker, &m, now);
}

static void taken(struct commands *c, uint32_t worker, int64_t id, bool yes, int64_t now) {
    union yw_pull m = {.taken = {.kind = YW_PULL_TAKEN, .id = id, .taken = yes}};
    commands_hear(c, worker, &m, now);
}

static void test_the_one_heard_last_gets_it(void **state) {
    YW_UNUSED(state);
    struct wire w = {0};
    struct commands *c = commands_create("/nowhere", (struct commands_wire){note, &w}, 0);
    const struct yw_offer o = order(7, 1);
    assert_true(commands_add(c, &o, 1));
    assert_false(commands_add(c, &o, 1)); /* it is there already */
    commands_turn(c, 7, 0, 1);
    assert_true(w.asks[0] == 1 && w.asks[1] == 1 && w.asks[2] == 1);
    holds(c, 0, 7, 500, 1);
    holds(c, 1, 7, 900, 1);
    holds(c, 1, 7, 2000, 1); /* only the first answer of a worker counts */
    commands_turn(c, 7, 1, 1);
    assert_int_equal(w.offers[0] + w.offers[1] + w.offers[2], 0); /* one is still missing */
    holds(c, 2, 7, 0, 1);
    commands_turn(c, 7, 1, 1);
    assert_true(w.offers[0] == 0 && w.offers[1] == 1 && w.offers[2] == 0);
    taken(c, 0, 7, false, 1); /* not its to say */
    commands_turn(c, 7, 2 * YW_SECOND, 1);
    assert_int_equal(w.asks[0], 1);
    taken(c, 1, 7, true, 2 * YW_SECOND);
    assert_int_equal(commands_waiting(c), 0);
    commands_destroy(c);
}

static void test_a_worker_that_does_not_answer(void **state) {
    YW_UNUSED(state);
    struct wire w = {.deaf = {false, false, true, false}};
    struct commands *c = commands_create("/nowhere", (struct commands_wire){note, &w}, 0);
    const struct yw_offer o = order(7, 1);
    commands_add(c, &o, 1);
    commands_turn(c, 7, 0, 1);
    holds(c, 0, 7, 5, 1);
    commands_turn(c, 7, 299 * MS, 1);
    assert_int_equal(w.offers[0], 0);
    commands_turn(c, 7, 300 * MS, 1);
    assert_int_equal(w.offers[0], 1);
    taken(c, 0, 7, false, 300 * MS); /* another command is under way */
    commands_turn(c, 7, 799 * MS, 1);
    assert_int_equal(w.asks[0], 1);
    commands_turn(c, 7, 800 * MS, 1);
    assert_int_equal(w.asks[0], 2);
    commands_destroy(c);
}

static void test_nobody_holds_it(void **state) {
    YW_UNUSED(state);
    struct wire w = {0};
    struct commands *c = commands_create("/nowhere", (struct commands_wire){note, &w}, 0);
    const struct yw_offer o = order(7, 1);
    commands_add(c, &o, 1);
    int64_t now = 0;
    for (int i = 1; i <= 5; i++) {
        commands_turn(c, 1, now, 1);
        assert_int_equal(w.asks[0], i);
        holds(c, 0, 7, 0, now);
        commands_turn(c, 1, now, 1);
        now = commands_due(c);
    }
    assert_true(now == 5 * YW_SECOND);
    commands_turn(c, 0, now, 1); /* no worker runs */
    assert_true(commands_due(c) == now + YW_SECOND);
    commands_turn(c, 1, now + YW_SECOND, 1000 * YW_SECOND); /* its time is over */
    assert_int_equal(commands_waiting(c), 0);
    assert_int_equal(w.asks[0], 5);
    assert_int_equal(w.offers[0], 0);
    commands_destroy(c);
}

static void test_a_worker_dies(void **state) {
    YW_UNUSED(state);
    struct wire w = {0};
    struct commands *c = commands_create("/nowhere", (struct commands_wire){note, &w}, 0);
    struct yw_offer o = order(7, 1);
    commands_add(c, &o, 1);
    commands_turn(c, 3, 0, 1);
    holds(c, 1, 7, 5, 1);
    commands_worker_died(c, 1); /* before it was offered: it may go to another */
    commands_turn(c, 1, 300 * MS, 1);
    assert_int_equal(w.offers[1], 0);
    assert_int_equal(commands_waiting(c), 1);
    commands_turn(c, 3, 2 * YW_SECOND, 1);
    holds(c, 0, 7, 0, 1);
    holds(c, 1, 7, 5, 1);
    commands_turn(c, 3, 2 * YW_SECOND, 1);
    assert_int_equal(w.offers[1], 1);
    commands_worker_died(c, 0);
    assert_int_equal(commands_waiting(c), 1);
    commands_worker_died(c, 1); /* it may have sent it */
    assert_int_equal(commands_waiting(c), 0);
    o.id = 8;
    commands_add(c, &o, 1);
    commands_turn(c, 1, 0, 1);
    holds(c, 0, 8, 5, 1);
    commands_turn(c, 1, 0, 1);
    assert_int_equal(w.offers[0], 1);
    commands_turn(c, 1, 10 * YW_SECOND, 1); /* it lives and says nothing: the same */
    assert_int_equal(commands_waiting(c), 0);
    commands_destroy(c);
}

static void test_one_device_in_order(void **state) {
    YW_UNUSED(state);
    struct wire w = {0};
    struct commands *c = commands_create("/nowhere", (struct commands_wire){note, &w}, 0);
    const struct yw_offer a = order(1, 1), b = order(2, 1), other = order(3, 2);
    commands_add(c, &a, 1);
    commands_add(c, &b, 1);
    commands_add(c, &other, 1);
    commands_turn(c, 1, 0, 1);
    assert_int_equal(w.asks[0], 2); /* the first of each device */
    holds(c, 0, 1, 5, 0);
    holds(c, 0, 3, 5, 0);
    holds(c, 0, 2, 5, 0); /* nobody asked about it */
    commands_turn(c, 1, 0, 1);
    assert_int_equal(w.offers[0], 2);
    taken(c, 0, 1, true, 0);
    taken(c, 0, 3, true, 0);
    commands_turn(c, 1, commands_due(c), 1);
    assert_int_equal(w.asks[0], 3);
    commands_destroy(c);
}

static void test_bounds(void **state) {
    YW_UNUSED(state);
    struct wire w = {0};
    struct commands *c = commands_create("/nowhere", (struct commands_wire){note, &w}, 0);
    for (int i = 1; i <= COMMANDS_MOST; i++) {
        const struct yw_offer o = order(i, (uint32_t)i);
        assert_true(commands_add(c, &o, 1));
    }
    const struct yw_offer more = order(9999, 9999);
    assert_false(commands_add(c, &more, 1));
    commands_turn(c, 1, 0, 1);
    assert_int_equal(w.asks[0], COMMANDS_ASKING_MOST);
    for (int round = 0; round < COMMANDS_MOST / COMMANDS_ASKING_MOST;
         round++) { /* all get through, few at a time */
        for (int i = 0; i < COMMANDS_ASKING_MOST; i++) holds(c, 0, w.asked[i], 5, 0);
        int64_t offered[COMMANDS_ASKING_MOST];
        memcpy(offered, w.asked, sizeof offered);
        commands_turn(c, 1, 0, 1);
        for (int i = 0; i < COMMANDS_ASKING_MOST; i++) taken(c, 0, offered[i], true, 0);
        commands_turn(c, 1, 0, 1);
    }
    assert_int_equal(commands_waiting(c), 0);
    assert_int_equal(w.offers[0], COMMANDS_MOST);
    commands_destroy(c);
}

/* ---- lines ---- */

#define GOOD                                                                                                 \
    "{\"command\":{\"id\":7,\"key\":\"set-clock\",\"cn\":1012,\"device\":12,\"mn\":"                         \
    "\"010000A8900016F000169DC0\","                                                                          \
    "\"st\":\"32\",\"version\":2017,\"flow\":\"request\",\"answer\":\"none\",\"upload\":0,\"cp\":"           \
    "\"SystemTime=@now\","                                                                                   \
    "\"qn\":\"20261123173000123\",\"overtime_s\":10,\"recount\":3,\"execute_s\":60,\"valid_until\":99,"      \
    "\"encrypt\":false,\"origin\":\"person\"},\"by\":\"li\",\"at\":7,\"reason\":\"drift\"}"

static enum yw_code parse(const char *line, struct yw_offer *o) {
    struct yw_error err;
    return command_parse(line, strlen(line), NULL, o, &err);
}

/* The good line with one member changed. */
static enum yw_code with(const char *from, const char *to) {
    char line[2048];
    struct yw_offer o;
    const char *at = strstr(GOOD, from);
    assert_non_null(at);
    snprintf(line, sizeof line, "%.*s%s%s", (int)(at - GOOD), GOOD, to, at + strlen(from));
    return parse(line, &o);
}

static void test_lines(void **state) {
    YW_UNUSED(state);
    struct yw_offer o;
    assert_int_equal(parse(GOOD, &o), YW_OK);
    assert_true(o.id == 7 && o.cn == 1012 && o.device == 12 && o.overtime_s == 10 && o.valid_until == 99);
    assert_string_equal(o.cp, "SystemTime=@now");
    assert_string_equal(o.qn, "20261123173000123");
    assert_int_equal(with("\"device\":12", "\"device\":12,\"hardware\":\"DAS1\""), YW_OK);
    assert_int_equal(with("\"device\":12", "\"hardware\":\"DAS1\""), YW_OK);
    assert_int_equal(with("\"mn\":\"010000A8900016F000169DC0\"", "\"mn\":\"\""), YW_OK);
    assert_int_equal(parse("{\"act\":\"device.admit\"}", &o), YW_E_NOT_FOUND);
    assert_int_equal(parse("{\"station\":{}}", &o), YW_E_NOT_FOUND);
    assert_int_equal(parse("nonsense", &o), YW_E_NOT_FOUND);
    assert_int_equal(parse("", &o), YW_E_NOT_FOUND);
    static const char *const wrong[][2] = {
        {"\"device\":12", "\"device\":0"},
        {"\"device\":12", "\"device\":\"12\""},
        {"\"device\":12", "\"device\":-1"},
        {"\"cn\":1012", "\"cn\":10120"},
        {"\"cn\":1012", "\"cn\":0"},
        {"\"id\":7", "\"id\":0"},
        {"\"id\":7,", ""},
        {"\"id\":7", "\"id\":7.5"},
        {"\"overtime_s\":10", "\"overtime_s\":100"},
        {"\"overtime_s\":10", "\"overtime_s\":0"},
        {"\"recount\":3", "\"recount\":100"},
        {"\"execute_s\":60", "\"execute_s\":0"},
        {"\"valid_until\":99,", ""},
        {"\"flow\":\"request\"", "\"flow\":\"both\""},
        {"\"answer\":\"none\"", "\"answer\":1"},
        {"\"version\":2017", "\"version\":2018"},
        {"\"qn\":\"20261123173000123\"", "\"qn\":\"2026112317300012\""},
        {"\"qn\":\"20261123173000123\"", "\"qn\":\"2026112317300012x\""},
        {"\"st\":\"32\"", "\"st\":\"3;\""},
        {"\"st\":\"32\"", "\"st\":\"3232\""},
        {"\"mn\":\"010000A8900016F000169DC0\"", "\"mn\":\"0100;PW=1\""},
        {"\"mn\":\"010000A8900016F000169DC0\"", "\"mn\":\"0100\\u0000A\""},
        {"SystemTime=@now", "SystemTime=1&&"},
        {"SystemTime=@now", "a\\r\\nb"},
        {"SystemTime=@now", "sealed:AAAA"},
        {"\"encrypt\":false", "\"encrypt\":1"},
        {"\"id\":7", "\"id\":7,\"id\":8"},
    };
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        enum yw_code code = with(wrong[i][0], wrong[i][1]);
        if (code == YW_OK) fail_msg("%s", wrong[i][1]);
    }
    char *longest = malloc(COMMAND_LINE_MAX + 2);
    memset(longest, ' ', COMMAND_LINE_MAX + 2);
    memcpy(longest, GOOD, sizeof GOOD - 1);
    assert_int_equal(command_parse(longest, COMMAND_LINE_MAX, NULL, &o, NULL), YW_OK);
    assert_int_equal(command_parse(longest, COMMAND_LINE_MAX + 1, NULL, &o, NULL), YW_E_NOT_FOUND);
    free(longest);
}

static void test_sealed_data_area(void **state) {
    YW_UNUSED(state);
    uint8_t key[32] = {1}, another[32] = {2};
    char sealed[YW_TEXT_SEALED], line[4096];
    struct yw_offer o;
    assert_int_equal(yw_text_seal(key, "command 7", "NewPW=654321", sealed, sizeof sealed, NULL), YW_OK);
    const char *at = strstr(GOOD, "SystemTime=@now");
    snprintf(line, sizeof line, "%.*s%s%s", (int)(at - GOOD), GOOD, sealed, at + strlen("SystemTime=@now"));
    assert_int_equal(command_parse(line, strlen(line), key, &o, NULL), YW_OK);
    assert_string_equal(o.cp, "NewPW=654321");
    assert_int_not_equal(command_parse(line, strlen(line), another, &o, NULL), YW_OK);
    assert_int_not_equal(command_parse(line, strlen(line), NULL, &o, NULL), YW_OK);
    char *id = strstr(line, "\"id\":7"); /* moved to another command it does not open */
    id[5] = '8';
    assert_int_not_equal(command_parse(line, strlen(line), key, &o, NULL), YW_OK);
}

/* ---- the journal ---- */

static void put(struct yw_journal *j, const char *line) {
    struct yw_record r = {
        .arrival = yw_now(), .direction = YW_DIR_ACT, .payload = line, .length = (uint32_t)strlen(line)};
    assert_int_equal(yw_journal_append(j, &r, NULL), YW_OK);
    assert_int_equal(yw_journal_commit(j, NULL), YW_OK);
}

static void command_line(char *out, size_t size, int id, int64_t until) {
    snprintf(
        out, size,
        "{\"command\":{\"id\":%d,\"cn\":1012,\"device\":1,\"mn\":\"M\",\"st\":\"32\",\"flow\":\"request\","
        "\"answer\":\"none\",\"qn\":\"20261123173000123\",\"valid_until\":%lld}}\n",
        id, (long long)until);
}

/* What stood there before the supervisor began is never offered, whether it saw it then or sees it later. */
static void test_old_lines_are_left(void **state) {
    YW_UNUSED(state);
    char data[64], folder[128], line[512];
    struct wire w = {0};
    assert_true(scratch_make(data, sizeof data));
    snprintf(folder, sizeof folder, "%s/journal/acts", data);
    struct commands *early = commands_create(data, (struct commands_wire){note, &w}, yw_now());
    commands_read(early, yw_now()); /* there is no journal yet */
    assert_int_equal(yw_make_dirs(folder, NULL), YW_OK);
    struct yw_journal *j;
    assert_int_equal(yw_journal_open_sized(yw_io_system(), folder, "acts", 64 << 10, &j, NULL, NULL), YW_OK);
    int64_t until = yw_now() + YW_HOUR;
    command_line(line, sizeof line, 1, until);
    put(j, line);
    commands_read(early, yw_now() + 2 * YW_SECOND);
    assert_int_equal(commands_waiting(early), 1); /* written after it began */
    struct commands *late = commands_create(data, (struct commands_wire){note, &w}, yw_now() + YW_MINUTE);
    put(j, "{\"act\":\"area.put\"}");
    put(j, "{\"command\":{\"id\":\"x\"}}"); /* wrong ones are passed over */
    command_line(line, sizeof line, 2, until);
    put(j, line); /* behind where it began to read, and yet older: the clock says so */
    commands_read(late, yw_now());
    assert_int_equal(commands_waiting(late), 0);
    commands_read(early, yw_now());
    assert_int_equal(commands_waiting(early), 2);
    command_line(line, sizeof line, 3, yw_now() - 1);
    put(j, line); /* lapsed before it was read */
    commands_read(early, yw_now());
    assert_int_equal(commands_waiting(early), 2);
    struct commands *now = commands_create(data, (struct commands_wire){note, &w}, yw_now());
    commands_read(now, yw_now());
    assert_int_equal(commands_waiting(now), 0);
    command_line(line, sizeof line, 4, until);
    put(j, line);
    commands_read(now, yw_now());
    assert_int_equal(commands_waiting(now), 1);
    yw_journal_close(j);
    commands_destroy(early);
    commands_destroy(late);
    commands_destroy(now);
    assert_int_equal(scratch_remove(data), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_one_heard_last_gets_it),
        cmocka_unit_test(test_a_worker_that_does_not_answer),
        cmocka_unit_test(test_nobody_holds_it),
        cmocka_unit_test(test_a_worker_dies),
        cmocka_unit_test(test_one_device_in_order),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_lines),
        cmocka_unit_test(test_sealed_data_area),
        cmocka_unit_test(test_old_lines_are_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
