/* What is done about a key: when it is sent again, confirmed, given up; how old it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <string.h>

#include "web/keys.h"

static const struct yw_key_rule rule = {.tries = 3, .retry_s = 600};
#define NOW (1000 * YW_HOUR)

static void an_offered_key_is_sent_until_it_is_confirmed(void **state) {
    YW_UNUSED(state);
    static const struct {
        struct yw_key_try t;
        enum yw_key_step step;
    } cases[] = {
        {{0}, YW_KEY_STEP_ASK}, /* the act was written, then the program ended */
        {{.under_way = true, .last = NOW}, YW_KEY_STEP_NONE},
        {{.done = true, .last = NOW}, YW_KEY_STEP_CONFIRM},
        {{.used = true, .under_way = true, .last = NOW}, YW_KEY_STEP_CONFIRM},
        {{.used = true, .sent = 9, .last = NOW}, YW_KEY_STEP_CONFIRM},
        {{.last = NOW - 599 * YW_SECOND}, YW_KEY_STEP_NONE}, /* not sent: the device was on no link */
        {{.last = NOW - 600 * YW_SECOND}, YW_KEY_STEP_ASK},
        {{.sent = 1, .last = NOW - 599 * YW_SECOND}, YW_KEY_STEP_NONE},
        {{.sent = 1, .last = NOW - 600 * YW_SECOND}, YW_KEY_STEP_ASK},
        {{.sent = 2, .last = NOW - 1199 * YW_SECOND}, YW_KEY_STEP_NONE},
        {{.sent = 2, .last = NOW - 1200 * YW_SECOND}, YW_KEY_STEP_ASK},
        {{.sent = 3, .last = 1}, YW_KEY_STEP_GIVE_UP},
        {{.sent = 60, .last = 1}, YW_KEY_STEP_GIVE_UP},
    };
    for (size_t i = 0; i < YW_COUNT(cases); i++) {
        if (yw_key_next(&cases[i].t, &rule, NOW) != cases[i].step) fail_msg("case %zu", i);
    }
    const struct yw_key_rule patient = {.tries = 100, .retry_s = 86400};
    const struct yw_key_try often = {.sent = 99, .last = 1};
    assert_int_equal(yw_key_next(&often, &patient, NOW), YW_KEY_STEP_NONE); /* no overflow of the pause */
}

static void a_key_is_as_old_as_its_creation_says(void **state) {
    YW_UNUSED(state);
    struct yw_device_key k = {.created = "20260101080000000", .at = 5, .confirmed_at = 7};
    int64_t made;
    assert_true(yw_time_parse("2026-01-01T00:00:00Z", 20, &made));
    assert_int_equal(yw_key_age(&k, made + YW_DAY), YW_DAY);
    assert_int_equal(yw_key_age(&k, made - YW_DAY), 0); /* a clock that is ahead */
    k.created[0] = '\0';
    assert_int_equal(yw_key_age(&k, 10), 3);
    k.confirmed_at = 0;
    assert_int_equal(yw_key_age(&k, 10), 5);
    memcpy(k.created, "99999999999999999", 18); /* no date */
    assert_int_equal(yw_key_age(&k, 10), 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_offered_key_is_sent_until_it_is_confirmed),
        cmocka_unit_test(a_key_is_as_old_as_its_creation_says),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
