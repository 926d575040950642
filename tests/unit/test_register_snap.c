/* register.snap: everybody who is in it is found, nobody else is, and a damaged file is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "register/register.h"

enum { DEVICES = 3000 };

static char folder[64];
static char path[96];

static int make_folder(void **state) {
    YW_UNUSED(state);
    snprintf(folder, sizeof folder, "%s", "/tmp/yanwu-snap-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    snprintf(path, sizeof path, "%s/register.snap", folder);
    return 0;
}

static int remove_folder(void **state) {
    YW_UNUSED(state);
    unlink(path);
    char key[96];
    snprintf(key, sizeof key, "%s/secret.key", folder);
    unlink(key);
    return rmdir(folder);
}

static struct yw_register *sample(void) {
    struct yw_register *r = yw_register_create();
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    yw_buf_puts(&act,
                "{\"act\":\"register.put\",\"enterprises\":[{\"id\":1,\"credit_code\":\"c\",\"name\":\"n\"}],"
                "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"n\",\"kind\":\"air\"}]"
                ",\"devices\":[");
    for (int i = 1; i <= DEVICES; i++) {
        yw_buf_printf(&act, "%s{\"id\":%d,\"mn\":\"88888880000000%d\",\"outlet\":1,\"state\":\"admitted\"%s}",
                      i > 1 ? "," : "", i, i, i % 2 ? ",\"pw\":\"123456\"" : "");
    }
    yw_buf_puts(&act, "]}");
    struct yw_error err = {0};
    if (yw_register_apply(r, act.data, act.len, &err) != YW_OK) fail_msg("%s", err.text);
    yw_buf_free(&act);
    return r;
}

static enum yw_code map(struct yw_snap **s) {
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    enum yw_code code = yw_snap_map(fd, s, NULL);
    close(fd);
    return code;
}

static void everybody_is_found(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = sample();
    struct yw_error err = {0};
    if (yw_snap_write(yw_io_system(), path, r, &err) != YW_OK) fail_msg("%s", err.text);
    struct yw_snap *s = NULL;
    assert_int_equal(map(&s), YW_OK);
    assert_int_equal(yw_snap_version(s), 1);
    assert_int_equal(yw_snap_devices(s), DEVICES);
    for (int i = 1; i <= DEVICES; i++) {
        char mn[32];
        size_t n = (size_t)snprintf(mn, sizeof mn, "88888880000000%d", i);
        const struct yw_snap_device *d = yw_snap_find(s, mn, n);
        assert_non_null(d);
        assert_int_equal(d->id, i);
        assert_int_equal(d->outlet, 1);
        assert_int_equal(d->state, YW_DEVICE_ADMITTED);
        assert_true(yw_snap_password_fits(s, d, "123456", 6));
        assert_int_equal(yw_snap_password_fits(s, d, "123457", 6), i % 2 == 0);
        assert_int_equal(yw_snap_password_fits(s, d, "", 0), i % 2 == 0);
    }
    assert_null(yw_snap_find(s, "88888880000000", 14));
    assert_null(yw_snap_find(s, "", 0));
    assert_null(yw_snap_find(s, "0123456789012345678901234567890123456789", 40));
    yw_snap_unmap(s);
    yw_register_destroy(r);
}

static void passwords_do_not_stand_in_it(void **state) {
    YW_UNUSED(state);
    struct yw_buf file;
    yw_buf_init(&file, 16 << 20);
    assert_int_equal(yw_file_read(path, 16 << 20, &file, NULL), YW_OK);
    assert_null(memmem(file.data, file.len, "123456", 6));
    yw_buf_free(&file);
}

static void damage_is_noticed(void **state) {
    YW_UNUSED(state);
    struct yw_buf file;
    yw_buf_init(&file, 16 << 20);
    assert_int_equal(yw_file_read(path, 16 << 20, &file, NULL), YW_OK);
    for (size_t at = 0; at < file.len; at += at < 64 ? 1 : 4099) {
        int fd = open(path, O_WRONLY);
        char wrong = (char)(file.data[at] ^ 0x10);
        assert_int_equal(pwrite(fd, &wrong, 1, (off_t)at), 1);
        struct yw_snap *s = NULL;
        assert_int_not_equal(map(&s), YW_OK);
        assert_null(s);
        assert_int_equal(pwrite(fd, &file.data[at], 1, (off_t)at), 1);
        close(fd);
    }
    assert_int_equal(truncate(path, (off_t)file.len - 128), 0);
    struct yw_snap *s = NULL;
    assert_int_equal(map(&s), YW_E_CORRUPT);
    assert_int_equal(truncate(path, 10), 0);
    assert_int_equal(map(&s), YW_E_CORRUPT);
    yw_buf_free(&file);
}

static void an_empty_register_has_a_snapshot(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = yw_register_create();
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL), YW_OK);
    struct yw_snap *s = NULL;
    assert_int_equal(map(&s), YW_OK);
    assert_null(yw_snap_find(s, "x", 1));
    yw_snap_unmap(s);
    yw_register_destroy(r);
}

static void the_key_is_made_once(void **state) {
    YW_UNUSED(state);
    uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
    assert_int_equal(yw_secret_load(folder, a, NULL), YW_OK);
    assert_int_equal(yw_secret_load(folder, b, NULL), YW_OK);
    assert_memory_equal(a, b, 32);
    assert_memory_not_equal(a, zero, 32);
    char key[96];
    snprintf(key, sizeof key, "%s/secret.key", folder);
    struct stat st;
    assert_int_equal(stat(key, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(truncate(key, 5), 0);
    assert_int_equal(yw_secret_load(folder, b, NULL), YW_E_CORRUPT);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_found),   cmocka_unit_test(passwords_do_not_stand_in_it),
        cmocka_unit_test(damage_is_noticed),    cmocka_unit_test(an_empty_register_has_a_snapshot),
        cmocka_unit_test(the_key_is_made_once),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
