/* The chain of an alarm: ways through it by hand, and what no sequence of steps can do. */
#include "alarm/alarm.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define CITY   "410100-Z"
#define COUNTY "410102-Z"

static struct yw_alarm_step step(uint8_t kind, const char *unit, const char *to, const char *result,
                                 const char *text) {
    struct yw_alarm_step s = {.kind = kind, .at = 1};
    (void)yw_copy(s.unit, sizeof s.unit, unit, strlen(unit));
    (void)yw_copy(s.to_unit, sizeof s.to_unit, to, strlen(to));
    (void)yw_copy(s.result, sizeof s.result, result, strlen(result));
    (void)yw_copy(s.text, sizeof s.text, text, strlen(text));
    return s;
}

/* A letter is a step: r raise, p raise of the past, t take, a assign, s sign, v verify, f feed back, b send
 * back, u urge, c close, o reopen, n note, w withdrawn, m withdrawn by a mark. Capital: by the county. */
static struct yw_alarm_step of_letter(char c) {
    const char *unit = c >= 'A' && c <= 'Z' ? COUNTY : CITY;
    switch (c | 0x20) {
    case 'r':
        return step(YW_STEP_RAISE, unit, "", "", "");
    case 'p':
        return step(YW_STEP_RAISE, unit, "", "past", "");
    case 't':
        return step(YW_STEP_TAKE, unit, "", "", "");
    case 'a':
        return step(YW_STEP_ASSIGN, unit, COUNTY, "", "");
    case 's':
        return step(YW_STEP_SIGN, unit, "", "", "");
    case 'v':
        return step(YW_STEP_VERIFY, unit, "", "exceedance", "现场核实");
    case 'f':
        return step(YW_STEP_FEEDBACK, unit, "", "", "已责令整改");
    case 'b':
        return step(YW_STEP_RETURN, unit, "", "", "退回原因");
    case 'u':
        return step(YW_STEP_URGE, unit, "", "", "");
    case 'c':
        return step(YW_STEP_CLOSE, unit, "", "false-alarm", "");
    case 'o':
        return step(YW_STEP_REOPEN, unit, "", "", "有新情况");
    case 'n':
        return step(YW_STEP_NOTE, unit, "", "", "备注");
    case 'm':
        return step(YW_STEP_WITHDRAWN, unit, "", "marked", "");
    default:
        return step(YW_STEP_WITHDRAWN, unit, "", "", "");
    }
}

/* Each letter must be possible, but for those behind '!', which must not. Then the stage. */
static struct yw_alarm_state walk(const char *letters, uint8_t stage) {
    struct yw_alarm_state s = {0};
    for (const char *p = letters; *p != '\0'; p++) {
        bool must = *p != '!';
        if (!must) p++;
        struct yw_alarm_step x = of_letter(*p);
        struct yw_alarm_state before = s;
        struct yw_step_refusal why = {NULL, NULL};
        bool can = yw_step_allowed(&s, &x, &why);
        if (can != must) print_error("%s at %s\n", letters, p);
        assert_int_equal(can, must);
        assert_true(can || (why.zh != NULL && why.zh[0] != '\0' && why.en[0] != '\0'));
        assert_int_equal(yw_step_apply(&s, &x), must);
        if (!must) assert_memory_equal(&s, &before, sizeof s);
    }
    assert_string_equal(yw_stage_name(s.stage), yw_stage_name(stage));
    return s;
}

static void the_whole_way(void **state) {
    (void)state;
    struct yw_alarm_state s = walk("rtaSVFtc", YW_STAGE_CLOSED);
    assert_string_equal(s.result, "false-alarm");
    assert_string_equal(s.unit, "");
    s = walk("rta", YW_STAGE_ASSIGN);
    assert_string_equal(s.unit, COUNTY);
    assert_string_equal(s.home, CITY);
    s = walk("rtaSVF", YW_STAGE_FEEDBACK);
    assert_string_equal(s.unit, CITY);
    walk("rtc", YW_STAGE_CLOSED); /* nothing in it: closed at the desk */
    walk("rtaSVFc", YW_STAGE_CLOSED);
}

static void ways_back_and_round(void **state) {
    (void)state;
    struct yw_alarm_state s = walk("rtaB", YW_STAGE_DESK); /* not ours */
    assert_true(s.returned && s.handler[0] == '\0');
    assert_string_equal(s.unit, CITY);
    s = walk("rtaSB", YW_STAGE_DESK);
    s = walk("rtaSVFb", YW_STAGE_SIGN); /* not enough: verify again */
    assert_true(s.returned);
    assert_string_equal(s.unit, COUNTY);
    walk("rtaSVFbVFtc", YW_STAGE_CLOSED);
    s = walk("rtaSu", YW_STAGE_SIGN);
    assert_true(s.urged);
    s = walk("rtaSuV", YW_STAGE_VERIFY);
    assert_false(s.urged);
    s = walk("rtaSVFtco", YW_STAGE_DESK);
    assert_string_equal(s.result, "");
    walk("rtaSVFtaSVFtc", YW_STAGE_CLOSED); /* assigned once more after review */
    walk("rtcnonc", YW_STAGE_CLOSED);
}

static void what_is_not_possible(void **state) {
    (void)state;
    walk("!t!a!c!n!wr!r", YW_STAGE_RAISED);
    walk("r!a!S!V!F!b!c!o", YW_STAGE_RAISED);
    walk("r!Tt!t!S!A!C", YW_STAGE_DESK);
    walk("rta!s!V!F!U!c", YW_STAGE_ASSIGN); /* the city does not sign for the county */
    walk("rtaS!S!F!a!v", YW_STAGE_SIGN);
    walk("rtaSV!f!B!c", YW_STAGE_VERIFY);
    walk("rtaSVF!V!C!T!B", YW_STAGE_FEEDBACK);
    walk("rtc!t!a!c!u!w!O", YW_STAGE_CLOSED);
    struct yw_alarm_state s = walk("rt", YW_STAGE_DESK);
    struct yw_alarm_step x = step(YW_STEP_ASSIGN, CITY, "", "", "");
    assert_false(yw_step_allowed(&s, &x, NULL)); /* to whom? */
    x = step(YW_STEP_CLOSE, CITY, "", "past", "");
    assert_false(yw_step_allowed(&s, &x, NULL)); /* only the platform says so */
    x = step(YW_STEP_NOTE, CITY, "", "", "");
    assert_false(yw_step_allowed(&s, &x, NULL));
    x.kind = 99;
    assert_false(yw_step_allowed(&s, &x, NULL));
}

static void verdicts_that_are_gone(void **state) {
    (void)state;
    struct yw_alarm_state s = walk("rw", YW_STAGE_CLOSED); /* nobody had begun */
    assert_string_equal(s.result, "withdrawn");
    s = walk("rtaSw", YW_STAGE_SIGN); /* somebody is at it: it goes on, and is seen */
    assert_true(s.withdrawn);
    s = walk("rm", YW_STAGE_RAISED); /* a polluter's mark closes nothing */
    assert_true(s.withdrawn);
    walk("rmc", YW_STAGE_CLOSED); /* but an officer may, at once */
    s = walk("rwo", YW_STAGE_DESK);
    assert_false(s.withdrawn);
}

static void time_limits(void **state) {
    (void)state;
    struct yw_stage_limits limits = {{0}};
    limits.limit[YW_STAGE_RAISED] = 2 * YW_HOUR;
    limits.limit[YW_STAGE_SIGN] = 3 * YW_DAY;
    struct yw_alarm_state s = {0};
    assert_int_equal(yw_alarm_due(&s, &limits), 0); /* not raised */
    struct yw_alarm_step x = of_letter('r');
    x.at = 100 * YW_HOUR;
    assert_true(yw_step_apply(&s, &x));
    assert_true(yw_alarm_due(&s, &limits) == 102 * YW_HOUR);
    assert_false(yw_alarm_overdue(&s, &limits, 102 * YW_HOUR));
    assert_true(yw_alarm_overdue(&s, &limits, 102 * YW_HOUR + 1));
    x = of_letter('t');
    assert_true(yw_step_apply(&s, &x));
    assert_int_equal(yw_alarm_due(&s, &limits), 0); /* no limit there */
    s = walk("p", YW_STAGE_CLOSED);
    assert_string_equal(s.result, "past");
    assert_int_equal(yw_alarm_due(&s, &limits), 0); /* no storm of deadlines from history */
    walk("po", YW_STAGE_DESK);
    s = walk("rtc", YW_STAGE_CLOSED);
    assert_false(yw_alarm_overdue(&s, &limits, INT64_MAX));
}

/* Any letters in any order: refused ones leave the state, folding passes over them, and a closed alarm is
 * nobody's turn. */
static void what_always_holds(void **state) {
    (void)state;
    uint32_t seed = 7;
    static const char letters[] = "rptasvfbucnowmTASVFBUC";
    for (int round = 0; round < 3000; round++) {
        struct yw_alarm_step steps[40];
        struct yw_alarm_state s = {0}, folded;
        for (size_t i = 0; i < YW_COUNT(steps); i++) {
            seed = seed * 1664525u + 1013904223u;
            steps[i] = of_letter(i == 0 ? 'r' : letters[(seed >> 8) % (sizeof letters - 1)]);
            struct yw_alarm_state before = s;
            bool closed = s.stage == YW_STAGE_CLOSED;
            if (!yw_step_apply(&s, &steps[i])) assert_memory_equal(&s, &before, sizeof s);
            assert_true(s.stage < YW_STAGE_COUNT);
            assert_true((s.stage == YW_STAGE_CLOSED) == (s.unit[0] == '\0'));
            /* Only reopening leads out of the end, and what needs the county never stands at the desk. */
            assert_true(i == 0 || !closed || s.stage == YW_STAGE_CLOSED || steps[i].kind == YW_STEP_REOPEN);
            bool county =
                s.stage == YW_STAGE_ASSIGN || s.stage == YW_STAGE_SIGN || s.stage == YW_STAGE_VERIFY;
            assert_true(!county || strcmp(s.unit, s.handler) == 0);
        }
        yw_alarm_fold(steps, YW_COUNT(steps), &folded);
        assert_memory_equal(&s, &folded, sizeof s);
    }
}

static void words(void **state) {
    (void)state;
    uint8_t kind;
    for (uint8_t k = 0; k < YW_STEP_COUNT; k++) {
        assert_true(yw_step_parse(yw_step_name(k), &kind));
        assert_int_equal(kind, k);
    }
    assert_false(yw_step_parse("", &kind));
    assert_string_equal(yw_stage_word(YW_STAGE_DESK)->zh, "非现场核查");
    assert_string_equal(yw_stage_name(99), "");
    assert_true(yw_result_known("exceedance"));
    assert_false(yw_result_known("withdrawn"));
    assert_null(yw_result_word("?"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_whole_way),
        cmocka_unit_test(ways_back_and_round),
        cmocka_unit_test(what_is_not_possible),
        cmocka_unit_test(verdicts_that_are_gone),
        cmocka_unit_test(time_limits),
        cmocka_unit_test(what_always_holds),
        cmocka_unit_test(words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
