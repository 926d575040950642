/* The line of a command in the acts journal, and the book of those under way. */
#include "web/commands.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

static struct yw_asked some_command(int64_t id, uint32_t device, uint16_t cn) {
    struct yw_asked a = yw_asked_part(id);
    a.device = device;
    a.cn = cn;
    a.version = 2017;
    a.origin = YW_ORIGIN_PERSON;
    a.answer = YW_ANSWER_ONE;
    a.at = id;
    a.valid_until = id + 600 * YW_SECOND;
    memcpy(a.qn, "20261123173000123", 18);
    memcpy(a.key, "get-clock", 10);
    memcpy(a.by, "officer", 8);
    memcpy(a.reason, "“为什么”\n\"", sizeof "“为什么”\n\"");
    memcpy(a.cp, "PolId=w01018", 13);
    return a;
}

static size_t put_line(const struct yw_asked *a, struct yw_buf *b) {
    struct yw_command_line l = {.asked = *a,
                                .mn = "010000A8900016F000169DC0",
                                .st = "32",
                                .cp = a->cp,
                                .upload = 1011,
                                .overtime_s = 10,
                                .recount = 3,
                                .execute_s = 60};
    yw_buf_clear(b);
    assert_true(yw_command_line_put(b, &l));
    return b->len;
}

static void a_line_is_read_as_it_was_written(void **state) {
    (void)state;
    struct yw_buf b;
    yw_buf_init(&b, 1 << 16);
    struct yw_asked a = some_command(1795449600000001, 7, 1011), back;
    a.from = 1795449600 * YW_SECOND;
    a.to = a.from + YW_HOUR;
    put_line(&a, &b);
    assert_true(strncmp(b.data, "{\"command\":{\"id\":1795449600000001,", 34) == 0);
    assert_true(yw_command_line_read(b.data, b.len, &back));
    assert_memory_equal(&a, &back, sizeof a);
    assert_false(yw_command_line_read("{\"act\":\"x\"}", 11, &back));
    assert_false(yw_command_line_read("{\"command\":{}}", 14, &back));
    assert_false(yw_command_line_read("nonsense", 8, &back));
    yw_buf_free(&b);
}

static void a_sealed_area_is_never_shown(void **state) {
    (void)state;
    struct yw_buf b;
    struct yw_asked a = some_command(1795449600000001, 7, 1072), back;
    yw_buf_init(&b, 1 << 16);
    memcpy(a.cp, "sealed:AAAA", 12);
    put_line(&a, &b);
    assert_true(yw_command_line_read(b.data, b.len, &back));
    assert_string_equal(back.cp, "******");
    yw_buf_free(&b);
}

static void ids_grow_a_millisecond_apart_whatever_the_clock_does(void **state) {
    (void)state;
    struct yw_commands *c = yw_commands_create();
    int64_t now = yw_now(), last = 0;
    for (int i = 0; i < 50; i++) {
        int64_t id = yw_commands_next_id(c, i < 25 ? now + i : now - YW_HOUR);
        assert_true(id / 1000 > last / 1000);
        last = id;
        struct yw_asked a = some_command(id, 1, 1011);
        yw_commands_add(c, &a);
    }
    yw_commands_destroy(c);
}

static void a_restart_goes_on_after_the_last_id(void **state) {
    (void)state;
    struct yw_buf b;
    yw_buf_init(&b, 1 << 16);
    struct yw_commands *c = yw_commands_create();
    int64_t now = yw_now();
    struct yw_asked old = some_command(now - 30 * YW_DAY, 5, 1062),
                    fresh = some_command(now + YW_MINUTE, 5, 1062);
    put_line(&old, &b);
    yw_commands_replay(c, b.data, b.len);
    put_line(&fresh, &b);
    yw_commands_replay(c, b.data, b.len);
    yw_commands_replay(c, "{\"command\":{\"id\":", 17);
    yw_commands_replay(c, "{\"act\":\"x\"}", 11);
    assert_true(yw_commands_next_id(c, now) > fresh.id);
    struct yw_commands_count n;
    yw_commands_count(c, 5, 1062, &n);
    assert_int_equal(n.all, 1); /* the old one is the store's alone */
    assert_int_equal(n.of_device, 1);
    assert_int_equal(n.of_cn, 1);
    yw_commands_count(c, 6, 1062, &n);
    assert_int_equal(n.of_device, 0);
    assert_true(yw_commands_has_qn(c, 5, "20261123173000123"));
    assert_false(yw_commands_has_qn(c, 6, "20261123173000123"));
    yw_commands_destroy(c);
    yw_buf_free(&b);
}

static void what_has_ended_leaves_the_book_once_it_was_followed(void **state) {
    (void)state;
    struct yw_commands *c = yw_commands_create();
    int64_t now = yw_now(), ids[4];
    struct yw_asked clock = some_command(now, 5, 1011), interval = some_command(now + 1000, 5, 1062);
    yw_commands_add(c, &clock);
    yw_commands_add(c, &interval);
    struct yw_asked fresh[4];
    assert_int_equal(yw_commands_fresh(c, 5, 0, fresh, 4), 2);
    assert_int_equal(fresh[0].id, interval.id);
    /* No store, and long after: both have lapsed. */
    yw_commands_sweep(c, NULL, now + YW_HOUR);
    assert_int_equal(yw_commands_fresh(c, 5, 0, fresh, 4), 2);
    assert_int_equal(yw_commands_unfollowed(c, 1062, ids, 4), 0);
    yw_commands_sweep(c, NULL, now + 2 * YW_DAY);
    assert_int_equal(yw_commands_fresh(c, 5, 0, fresh, 4), 0);
    yw_commands_destroy(c);
}

static void the_follow_up_in_the_journal_is_known_again(void **state) {
    (void)state;
    struct yw_buf b;
    char act[200];
    yw_buf_init(&b, 1 << 16);
    struct yw_commands *c = yw_commands_create();
    int64_t now = yw_now();
    struct yw_asked a = some_command(now, 5, 1062);
    put_line(&a, &b);
    yw_commands_replay(c, b.data, b.len);
    int n = snprintf(
        act, sizeof act,
        "{\"act\":\"device.set\",\"by\":\"policy:follow\",\"at\":1,\"reason\":\"command %lld: done\","
        "\"id\":5,\"rtd_interval_s\":60}",
        (long long)now);
    yw_commands_replay(c, act, (size_t)n);
    yw_commands_sweep(c, NULL, now);
    struct yw_commands_count count;
    yw_commands_count(c, 5, 1062, &count);
    assert_int_equal(count.all, 1); /* followed, but not known to have ended */
    yw_commands_destroy(c);
    yw_buf_free(&b);
}

static void data_areas_of_others_are_looked_at(void **state) {
    (void)state;
    char longest[YW_COMMAND_CP_MAX + 2];
    memset(longest, 'x', sizeof longest);
    longest[1] = '=';
    longest[YW_COMMAND_CP_MAX + 1] = '\0';
    static const char *const good[] = {"", "a=", "a=1", "PolId=w01018;InfoId=i13004;i13004-Info=168.0",
                                       "a=1,b=2;c=三"};
    static const char *const bad[] = {"a",    "=1",      "a=1;", ";a=1",       "a=1;;b=2", "a=1&&",
                                      "a=1&", "a=1\r\n", "a=\t", "a=\xff\xfe", " ",        "a=1;b"};
    for (size_t i = 0; i < YW_COUNT(good); i++) assert_true(yw_area_is_well_formed(good[i]));
    for (size_t i = 0; i < YW_COUNT(bad); i++) assert_false(yw_area_is_well_formed(bad[i]));
    assert_false(yw_area_is_well_formed(longest));
    longest[YW_COMMAND_CP_MAX] = '\0';
    assert_true(yw_area_is_well_formed(longest));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_line_is_read_as_it_was_written),
        cmocka_unit_test(a_sealed_area_is_never_shown),
        cmocka_unit_test(ids_grow_a_millisecond_apart_whatever_the_clock_does),
        cmocka_unit_test(a_restart_goes_on_after_the_last_id),
        cmocka_unit_test(what_has_ended_leaves_the_book_once_it_was_followed),
        cmocka_unit_test(data_areas_of_others_are_looked_at),
        cmocka_unit_test(the_follow_up_in_the_journal_is_known_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
