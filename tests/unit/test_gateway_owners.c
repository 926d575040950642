/* What a worker keeps of the devices it heard; pieces of memory that are used again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "gateway/worker.h"

static void test_a_row_stays_where_it_is(void **state) {
    YW_UNUSED(state);
    struct owners *o = owners_create();
    static struct owner *rows[20001];
    assert_null(owners_find(o, 7));
    for (uint32_t d = 1; d <= 20000; d++) {
        rows[d] = owners_row(o, d);
        assert_non_null(rows[d]);
        assert_int_equal(rows[d]->twin.now.serial, 0); /* a new row is empty */
        rows[d]->twin.now.serial = d;
    }
    for (uint32_t d = 1; d <= 20000; d++) {
        assert_ptr_equal(owners_find(o, d), rows[d]);
        assert_ptr_equal(owners_row(o, d), rows[d]);
        assert_int_equal(rows[d]->twin.now.serial, d);
    }
    assert_null(owners_find(o, 20001));
    owners_destroy(o);
}

static void test_a_link_that_is_gone_does_not_live(void **state) {
    YW_UNUSED(state);
    struct link a = {.serial = 1};
    assert_true(link_lives(&a, 1));
    assert_false(link_lives(NULL, 1));
    a.ending = LINK_ENDING;
    assert_false(link_lives(&a, 1));
    a.ending = LINK_OPEN;
    a.serial = 0; /* closed */
    assert_false(link_lives(&a, 0));
    a.serial = 3; /* its memory is another link now */
    assert_false(link_lives(&a, 1));
}

static hj212_packet registration(const char *cp, char *frame, size_t size) {
    const hj212_message m = {.qn = hj212_text("20260101000000001"),
                             .st = hj212_text("32"),
                             .cn = hj212_text("1001"),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(""),
                             .flag = hj212_text("9"),
                             .cp = hj212_text(cp)};
    hj212_packet p;
    size_t n = hj212_encode(&m, frame, size);
    assert_int_equal(hj212_decode(NULL, frame, n, &p).status, HJ212_PACKET);
    return p;
}

static void test_guests(void **state) {
    YW_UNUSED(state);
    struct guests *t = guests_create();
    struct link a = {.serial = 1}, b = {.serial = 2};
    char frame[1100], cp[100];
    hj212_packet p = registration("i23005-Info=DAS0001;i23006-Info=CPU1", frame, sizeof frame);
    struct guest *first = guests_note(t, &a, &p, 5);
    assert_non_null(first);
    assert_string_equal(first->hardware, "DAS0001");
    assert_ptr_equal(a.guest, first);
    assert_ptr_equal(guests_note(t, &b, &p, 6), first); /* it came again, on another link */
    assert_ptr_equal(first->link, &b);
    assert_string_equal(first->dialect.pw, "123456");
    p = registration("i23006-Info=CPU1", frame, sizeof frame);
    assert_null(guests_note(t, &a, &p, 7)); /* names no data logger */
    p = registration("i23005-Info=", frame, sizeof frame);
    assert_null(guests_note(t, &a, &p, 7));
    /* a flood of ids takes the rows of those nobody speaks to, and of no others */
    first->dialog = (struct dialog *)(void *)&a;
    for (int i = 0; i < 3 * GUESTS_MOST; i++) {
        snprintf(cp, sizeof cp, "i23005-Info=FLOOD%d", i);
        p = registration(cp, frame, sizeof frame);
        assert_non_null(guests_note(t, &a, &p, 8 + i));
    }
    assert_ptr_equal(guests_find(t, "DAS0001"), first);
    assert_null(guests_find(t, "FLOOD0"));
    assert_non_null(guests_find(t, "FLOOD3071"));
    guests_destroy(t);
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
        cmocka_unit_test(test_a_row_stays_where_it_is),
        cmocka_unit_test(test_a_link_that_is_gone_does_not_live),
        cmocka_unit_test(test_guests),
        cmocka_unit_test(test_pool_gives_pieces_again),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
