/* Targets come back from their acts as they were made; what is wrong is refused whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <string.h>

#include "register/targets.h"

static const struct yw_act who = {.by = "test", .reason = "for the test", .at = 7};

static enum yw_code apply(struct yw_register *r, const struct yw_buf *b) {
    return yw_register_apply(r, b->data, b->len, NULL);
}

static void put(struct yw_register *r, uint32_t id, const char *to) {
    struct yw_target t = {.id = id,
                          .port = 9212,
                          .tls_verify = true,
                          .overtime_s = 5,
                          .window = 8,
                          .rate = 50,
                          .since = 1234567,
                          .require_ack = true};
    struct yw_target_mn mns[2] = {{id, "MN2", ""}, {id, "MN1", "UP1"}};
    struct yw_buf b;
    memcpy(t.name, "province", 9);
    memcpy(t.host, "host.example", 13);
    memcpy(mns[0].to, to, strlen(to) + 1);
    yw_buf_init(&b, 4096);
    assert_true(yw_act_target_put(&b, &who, &t, mns, 2));
    assert_int_equal(apply(r, &b), YW_OK);
    yw_buf_free(&b);
    const struct yw_target *back = yw_register_target(r, id);
    assert_non_null(back);
    assert_memory_equal(back, &t, sizeof t);
}

static void test_round_trip(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = yw_register_create();
    put(r, 2, "UP2");
    put(r, 1, "UPX");
    put(r, 2, "UP3");
    size_t n;
    assert_int_equal(yw_register_targets(r, &n)[0].id, 1);
    assert_int_equal(n, 2);
    assert_string_equal(yw_register_target_to(r, 2, "MN2"), "UP3");
    assert_string_equal(yw_register_target_to(r, 1, "MN2"), "UPX");
    assert_null(yw_register_target_to(r, 2, "MN3"));
    assert_string_equal(yw_register_target_from(r, 2, "UP1", 3), "MN1");
    assert_null(yw_register_target_from(r, 2, "UPX", 3));
    assert_int_equal(yw_register_next_target(r), 3);
    struct yw_buf b;
    yw_buf_init(&b, 4096);
    assert_true(yw_act_target_drop(&b, &who, 2));
    assert_int_equal(apply(r, &b), YW_OK);
    assert_int_equal(apply(r, &b), YW_E_NOT_FOUND);
    yw_buf_free(&b);
    assert_null(yw_register_target(r, 2));
    assert_null(yw_register_target_to(r, 2, "MN2"));
    assert_string_equal(yw_register_target_to(r, 1, "MN2"), "UPX");
    yw_register_destroy(r);
}

static void test_wrong_targets_change_nothing(void **state) {
    YW_UNUSED(state);
    static const char *const wrong[] = {
        "{\"act\":\"target.put\"}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"x\",\"port\":9212}}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"\",\"host\":\"h\",\"port\":9212}}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"x\",\"host\":\"h\"}}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"x\",\"host\":\"h\",\"port\":70000}}",
        "{\"act\":\"target.put\",\"target\":{\"id\":0,\"name\":\"x\",\"host\":\"h\",\"port\":9212}}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"x\",\"host\":\"h\",\"port\":9212,\"window\":"
        "0}}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"x\",\"host\":\"h\",\"port\":9212,\"tls\":1}"
        "}",
        "{\"act\":\"target.put\",\"target\":{\"id\":1,\"name\":\"x\",\"host\":\"h\",\"port\":9212,"
        "\"rewrite\":[{\"mn\":\"a b\",\"to\":\"c\"}]}}",
    };
    struct yw_register *r = yw_register_create();
    put(r, 1, "UP2");
    for (size_t i = 0; i < YW_COUNT(wrong); i++) {
        struct yw_error err;
        assert_int_not_equal(yw_register_apply(r, wrong[i], strlen(wrong[i]), &err), YW_OK);
        assert_non_null(strstr(err.text, "target"));
        assert_string_equal(yw_register_target(r, 1)->name, "province");
        assert_string_equal(yw_register_target_to(r, 1, "MN2"), "UP2");
    }
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_wrong_targets_change_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
