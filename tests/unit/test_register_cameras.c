/* Cameras as acts: what was written is read, what is wrong changes nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "register/cameras.h"

static enum yw_code apply(struct yw_register *r, const char *json) {
    return yw_register_apply(r, json, strlen(json), NULL);
}

static struct yw_register *with_outlets(void) {
    struct yw_register *r = yw_register_create();
    assert_non_null(r);
    assert_int_equal(
        apply(r,
              "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,\"enterprises\":[{\"id\":1,\"credit_code\":"
              "\"91\",\"name\":\"e\"}],"
              "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"o\",\"kind\":\"air\"},"
              "{\"id\":2,\"enterprise\":1,\"code\":\"DA002\",\"name\":\"p\",\"kind\":\"air\"}]}"),
        YW_OK);
    return r;
}

static enum yw_code put(struct yw_register *r, const struct yw_camera *c) {
    struct yw_buf b;
    struct yw_act a = {.by = "t", .at = 5};
    yw_buf_init(&b, 8 << 10);
    assert_true(yw_act_camera_put(&b, &a, c));
    enum yw_code code = yw_register_apply(r, b.data, b.len, NULL);
    yw_buf_free(&b);
    return code;
}

static void what_was_written_is_read(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_outlets();
    struct yw_camera c = {.id = 7,
                          .outlet = 2,
                          .name = "站房 \"A\"",
                          .kind = "rtsp",
                          .address = "rtsp://10.1.2.3/1",
                          .channel = "1",
                          .snapshot_url = "http://10.1.2.3/s",
                          .link_url = "https://n/{time}",
                          .user = "u",
                          .pw = "sealed:xyz"};
    assert_int_equal(put(r, &c), YW_OK);
    const struct yw_camera *got = yw_register_camera(r, 7), *of[4];
    assert_non_null(got);
    assert_memory_equal(got, &c, sizeof c);
    assert_int_equal(yw_register_next_camera(r), 8);
    assert_int_equal(yw_register_cameras_of(r, 2, of, 4), 1);
    assert_int_equal(yw_register_cameras_of(r, 1, of, 4), 0);
    /* Replaced as a whole, moved, dropped. */
    struct yw_camera bare = {.id = 7, .outlet = 1, .name = "b", .kind = "other"};
    assert_int_equal(put(r, &bare), YW_OK);
    assert_memory_equal(yw_register_camera(r, 7), &bare, sizeof bare);
    assert_int_equal(apply(r, "{\"act\":\"camera.drop\",\"by\":\"t\",\"at\":6,\"id\":7}"), YW_OK);
    assert_null(yw_register_camera(r, 7));
    assert_int_equal(apply(r, "{\"act\":\"camera.drop\",\"by\":\"t\",\"at\":6,\"id\":7}"), YW_E_NOT_FOUND);
    assert_int_equal(apply(r, "{\"act\":\"camera.drop\",\"by\":\"t\",\"at\":6}"), YW_E_NOT_FOUND);
    yw_register_destroy(r);
}

static void what_is_wrong_changes_nothing(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = with_outlets();
    static const char *const wrong[] = {
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":[]}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":0,\"outlet\":1,\"name\":\"a\","
        "\"kind\":\"rtsp\"}}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":1,\"outlet\":9,\"name\":\"a\","
        "\"kind\":\"rtsp\"}}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":1,\"outlet\":1,\"name\":\"\","
        "\"kind\":\"rtsp\"}}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":1,\"outlet\":1,\"name\":\"a\","
        "\"kind\":\"film\"}}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":1,\"outlet\":1,\"name\":\"a\"}}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":1,\"outlet\":1,\"name\":\"a\","
        "\"kind\":\"rtsp\",\"address\":\"a b\"}}",
        "{\"act\":\"camera.put\",\"by\":\"t\",\"at\":1,\"camera\":{\"id\":1,\"outlet\":1,\"name\":\"a\","
        "\"kind\":\"rtsp\",\"address\":5}}",
    };
    for (size_t i = 0; i < YW_COUNT(wrong); i++) assert_int_not_equal(apply(r, wrong[i]), YW_OK);
    assert_null(yw_register_camera(r, 1));
    for (uint32_t i = 1; i <= YW_CAMERAS_OUTLET_MAX; i++) {
        struct yw_camera c = {.id = i, .outlet = 1, .name = "c", .kind = "other"};
        assert_int_equal(put(r, &c), YW_OK);
    }
    struct yw_camera more = {.id = 99, .outlet = 1, .name = "c", .kind = "other"},
                     same = {.id = 3, .outlet = 1, .name = "d", .kind = "other"};
    assert_int_equal(put(r, &more), YW_E_LIMIT);
    assert_int_equal(put(r, &same), YW_OK);
    more.outlet = 2;
    assert_int_equal(put(r, &more), YW_OK);
    more.outlet = 1; /* moving there counts too */
    assert_int_equal(put(r, &more), YW_E_LIMIT);
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_was_written_is_read),
        cmocka_unit_test(what_is_wrong_changes_nothing),
    };
    return cmocka_run_group_tests_name("register cameras", tests, NULL, NULL);
}
