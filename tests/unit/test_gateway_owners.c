/* Which link a device came on last: the last one wins, a link that is gone owns nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/worker.h"

static void test_last_one_wins(void **state) {
    YW_UNUSED(state);
    struct owners *o = owners_create();
    struct link a = {.serial = 1}, b = {.serial = 2};
    assert_null(owners_find(o, 7));
    assert_false(owners_note(o, 7, &a));
    assert_false(owners_note(o, 7, &a));
    assert_ptr_equal(owners_find(o, 7), &a);
    assert_true(owners_note(o, 7, &b));
    assert_ptr_equal(owners_find(o, 7), &b);
    assert_true(owners_note(o, 7, &a));
    owners_destroy(o);
}

static void test_a_link_that_is_gone_owns_nothing(void **state) {
    YW_UNUSED(state);
    struct owners *o = owners_create();
    struct link a = {.serial = 1}, b = {.serial = 2};
    owners_note(o, 7, &a);
    a.serial = 0; /* closed */
    assert_null(owners_find(o, 7));
    a.serial = 3; /* its memory is another link now */
    assert_null(owners_find(o, 7));
    assert_false(owners_note(o, 7, &b)); /* not a move: there was nobody to move from */
    assert_ptr_equal(owners_find(o, 7), &b);
    owners_destroy(o);
}

static void test_many_devices(void **state) {
    YW_UNUSED(state);
    struct owners *o = owners_create();
    static struct link links[100];
    for (uint32_t i = 0; i < 100; i++) links[i].serial = i + 1;
    for (uint32_t d = 1; d <= 20000; d++) owners_note(o, d, &links[d % 100]);
    for (uint32_t d = 1; d <= 20000; d++) assert_ptr_equal(owners_find(o, d), &links[d % 100]);
    assert_null(owners_find(o, 20001));
    owners_destroy(o);
}

static void test_pool_gives_pieces_again(void **state) {
    YW_UNUSED(state);
    struct pool p;
    pool_init(&p, sizeof(struct link), 4, offsetof(struct link, next_free));
    struct link *seen[9];
    for (int i = 0; i < 9; i++) {
        seen[i] = pool_take(&p);
        assert_non_null(seen[i]);
        for (int k = 0; k < i; k++) assert_ptr_not_equal(seen[i], seen[k]);
        seen[i]->serial = (uint64_t)i + 1;
    }
    assert_int_equal(p.used, 9);
    pool_give(&p, seen[3]);
    assert_int_equal(seen[3]->serial, 4); /* still there to be looked at */
    assert_ptr_equal(pool_take(&p), seen[3]);
    pool_free(&p);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_last_one_wins),
        cmocka_unit_test(test_a_link_that_is_gone_owns_nothing),
        cmocka_unit_test(test_many_devices),
        cmocka_unit_test(test_pool_gives_pieces_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
