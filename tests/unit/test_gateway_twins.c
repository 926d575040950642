/* Two links claim one MN: what is an alarm, who is believed, and what never is one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/twins.h"

enum { A = 1, B = 2, C = 3 };

struct scene {
    struct twin_state s;
    uint8_t policy;
    bool closed[4];
    bool stranger[4]; /* outside the networks of the device */
    int alarms;
};

/* A packet on a link at a second; the verdict. */
static enum twin_verdict packet(struct scene *c, unsigned link, int64_t second) {
    bool tell;
    struct twin_link other;
    unsigned now = (unsigned)c->s.now.serial;
    const struct twin_facts f = {.from = {.serial = link, .heard = second * YW_SECOND},
                                 .policy = c->policy,
                                 .peer_fits = !c->stranger[link],
                                 .now_lives = now != 0 && !c->closed[now],
                                 .from_lives = !c->closed[link]};
    enum twin_verdict v = twins_judge(&c->s, &f, &tell, &other);
    if (tell) {
        c->alarms++;
        assert_int_not_equal(v, TWIN_FINE);
        if (c->policy != TWIN_PEERS) assert_int_not_equal(other.serial, link);
    }
    return v;
}

static void test_one_link(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_ALARM};
    for (int64_t t = 1; t < 1000; t += 5) assert_int_equal(packet(&c, A, t), TWIN_FINE);
    assert_int_equal(c.alarms, 0);
}

static void test_reconnecting_is_no_twin(void **state) {
    YW_UNUSED(state);
    for (uint8_t policy = TWIN_ALARM; policy <= TWIN_PEERS; policy++) {
        struct scene c = {.policy = policy};
        assert_int_equal(packet(&c, A, 1), TWIN_FINE);
        assert_int_equal(packet(&c, B, 2), TWIN_FINE); /* the old link is half open and silent */
        assert_int_equal(packet(&c, B, 3), TWIN_FINE);
        c.closed[B] = true;
        assert_int_equal(packet(&c, C, 4), TWIN_FINE);
        assert_int_equal(packet(&c, B, 4), TWIN_FINE); /* what was still unread on the closed one */
        assert_int_equal(packet(&c, C, 5), TWIN_FINE);
        assert_int_equal(packet(&c, B, 5), TWIN_FINE);
        assert_int_equal(packet(&c, C, 6), TWIN_FINE);
        assert_int_equal(c.s.now.serial, C);
        assert_int_equal(c.alarms, 0);
    }
}

static void test_leftovers_of_a_link_not_known_as_closed_before(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_FIRST};
    packet(&c, A, 1);
    packet(&c, B, 2);
    c.closed[A] = true; /* its close came to light after the new link spoke */
    assert_int_equal(packet(&c, A, 3), TWIN_FINE);
    assert_int_equal(packet(&c, B, 4), TWIN_FINE);
    assert_int_equal(c.alarms, 0);
}

static void test_alternating_is(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_ALARM};
    packet(&c, A, 1);
    assert_int_equal(packet(&c, B, 2), TWIN_FINE);
    assert_int_equal(packet(&c, A, 3), TWIN_SEEN);
    assert_int_equal(c.alarms, 1);
    for (int64_t t = 4; t < 60; t++) assert_int_equal(packet(&c, t % 2 == 0 ? B : A, t), TWIN_SEEN);
    assert_int_equal(c.alarms, 1); /* once a minute */
    assert_int_equal(packet(&c, B, 64), TWIN_SEEN);
    assert_int_equal(c.alarms, 2);
}

/* Hour by hour: a device that goes back once to a link it had given up is no twin; one that goes on so is. */
static void test_slow_alternation(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_ALARM};
    packet(&c, A, 1);
    assert_int_equal(packet(&c, B, 3600), TWIN_FINE);
    assert_int_equal(packet(&c, A, 7200), TWIN_FINE);
    assert_int_equal(packet(&c, A, 10800), TWIN_FINE);
    assert_int_equal(c.alarms, 0);
    assert_int_equal(packet(&c, B, 14400), TWIN_SEEN);
    assert_int_equal(c.alarms, 1);
    struct scene first = {.policy = TWIN_FIRST};
    packet(&first, A, 1);
    packet(&first, B, 3600);
    packet(&first, A, 7200);
    assert_int_equal(packet(&first, B, 10800), TWIN_REFUSED);
    assert_int_equal(packet(&first, A, 14400), TWIN_FINE);
}

static void test_first_keeps_it(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_FIRST};
    packet(&c, A, 1);
    packet(&c, B, 2);
    assert_int_equal(packet(&c, A, 3), TWIN_SEEN);
    for (int64_t t = 4; t < 130; t++) {
        assert_int_equal(packet(&c, B, t), TWIN_REFUSED);
        assert_int_equal(packet(&c, A, t), TWIN_FINE);
        assert_int_equal(packet(&c, C, t), TWIN_REFUSED);
    }
    assert_int_equal(c.alarms, 3);
    c.closed[A] = true;
    assert_int_equal(packet(&c, B, 131), TWIN_FINE); /* nobody holds it any more */
    assert_int_equal(packet(&c, B, 132), TWIN_FINE);
    c.policy = TWIN_ALARM;
    assert_int_equal(packet(&c, C, 133), TWIN_FINE);
}

static void test_a_forger_that_closes_at_once(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_ALARM};
    packet(&c, A, 1);
    c.closed[B] = true; /* it sends one packet and closes */
    packet(&c, B, 2);
    assert_int_equal(packet(&c, A, 3), TWIN_SEEN);
    assert_int_equal(c.alarms, 1);
    assert_int_equal(c.s.now.serial, A);
}

static void test_peers(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_PEERS, .stranger[B] = true};
    assert_int_equal(packet(&c, B, 1), TWIN_REFUSED); /* though nobody else has it */
    assert_int_equal(packet(&c, A, 2), TWIN_FINE);
    assert_int_equal(packet(&c, B, 3), TWIN_REFUSED);
    assert_int_equal(packet(&c, A, 4), TWIN_FINE);
    assert_int_equal(c.alarms, 1);
    assert_int_equal(packet(&c, B, 70), TWIN_REFUSED);
    assert_int_equal(c.alarms, 2);
    c.stranger[A] = true; /* the register changed under a link that had been believed */
    assert_int_equal(packet(&c, A, 71), TWIN_REFUSED);
}

/* ---- another worker ---- */

static void elsewhere(struct scene *c, bool kept, int64_t second) {
    const struct twin_claim claim = {.worker = 1, .kept = kept, .heard = second * YW_SECOND};
    unsigned now = twin_is_elsewhere(&c->s.now) ? 0 : (unsigned)c->s.now.serial;
    twins_elsewhere(&c->s, &claim, now != 0 && !c->closed[now]);
}

/* As packet(), where the present link may be the other worker's. */
static enum twin_verdict packet_there(struct scene *c, unsigned link, int64_t second) {
    bool tell, there = twin_is_elsewhere(&c->s.now);
    struct twin_link other;
    const struct twin_facts f = {.from = {.serial = link, .heard = second * YW_SECOND},
                                 .policy = c->policy,
                                 .peer_fits = true,
                                 .now_lives = there ? !c->s.kept || second * YW_SECOND - c->s.now.heard <
                                                                        TWIN_LEASE_S * YW_SECOND
                                                    : c->s.now.serial != 0 && !c->closed[c->s.now.serial],
                                 .from_lives = !c->closed[link]};
    enum twin_verdict v = twins_judge(&c->s, &f, &tell, &other);
    c->alarms += tell;
    return v;
}

static void test_gone_to_another_worker(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_FIRST};
    elsewhere(&c, false, 1); /* never heard here: nothing to remember */
    assert_int_equal(c.s.now.serial, 0);
    packet_there(&c, A, 2);
    c.closed[A] = true;
    elsewhere(&c, false, 3);
    assert_int_equal(packet_there(&c, A, 4), TWIN_FINE); /* unread leftovers */
    assert_int_equal(packet_there(&c, B, 5), TWIN_FINE); /* and back */
    elsewhere(&c, false, 6);                             /* B is silent, not known as closed */
    assert_int_equal(packet_there(&c, C, 7), TWIN_FINE);
    assert_int_equal(c.alarms, 0);
    assert_int_equal(c.s.now.serial, C);
}

static void test_twin_in_another_worker(void **state) {
    YW_UNUSED(state);
    struct scene c = {.policy = TWIN_FIRST}; /* this worker had it first */
    packet_there(&c, A, 1);
    elsewhere(&c, false, 2);
    assert_int_equal(packet_there(&c, A, 3), TWIN_SEEN);
    assert_true(c.s.kept);
    elsewhere(&c, false, 4); /* the other does not know yet */
    assert_int_equal(c.s.now.serial, A);
    assert_int_equal(packet_there(&c, A, 5), TWIN_FINE);
    struct scene d = {.policy = TWIN_FIRST}; /* the other had it first */
    packet_there(&d, B, 2);
    elsewhere(&d, true, 3);
    for (int64_t t = 4; t < 300; t++) {
        if (t % 20 == 0) elsewhere(&d, true, t);
        assert_int_equal(packet_there(&d, B, t), TWIN_REFUSED);
    }
    assert_int_equal(packet_there(&d, B, 280 + TWIN_LEASE_S), TWIN_FINE); /* it no longer says so */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_link),
        cmocka_unit_test(test_reconnecting_is_no_twin),
        cmocka_unit_test(test_leftovers_of_a_link_not_known_as_closed_before),
        cmocka_unit_test(test_alternating_is),
        cmocka_unit_test(test_slow_alternation),
        cmocka_unit_test(test_first_keeps_it),
        cmocka_unit_test(test_a_forger_that_closes_at_once),
        cmocka_unit_test(test_peers),
        cmocka_unit_test(test_gone_to_another_worker),
        cmocka_unit_test(test_twin_in_another_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
