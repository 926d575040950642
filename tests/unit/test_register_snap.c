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
    if (yw_snap_write(yw_io_system(), path, r, NULL, &err) != YW_OK) fail_msg("%s", err.text);
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
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, NULL), YW_OK);
    struct yw_snap *s = NULL;
    assert_int_equal(map(&s), YW_OK);
    assert_null(yw_snap_find(s, "x", 1));
    yw_snap_unmap(s);
    yw_register_destroy(r);
}

static void the_key_is_made_once(void **state) {
    YW_UNUSED(state);
    uint8_t a[32] = {0}, b[32] = {0}, zero[32] = {0};
    assert_int_equal(yw_secret_find(folder, a, NULL), YW_E_NOT_FOUND);
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

/* ---- sealed passwords ---- */

static const uint8_t our_key[32] = {1, 2, 3}, other_key[32] = {1, 2, 4};

static bool opens(const uint8_t *key, const char *mn, const char *text, const char *expected) {
    char pw[YW_PASSWORD_BYTES];
    return yw_password_open(key, mn, text, pw, sizeof pw, NULL) == YW_OK && strcmp(pw, expected) == 0;
}

static void a_sealed_password_opens_with_its_key_and_mn(void **state) {
    YW_UNUSED(state);
    static const char *const passwords[] = {"123456", "1", "0123456789012345678901234567890"};
    char text[YW_PASSWORD_SEALED], again[YW_PASSWORD_SEALED], pw[YW_PASSWORD_BYTES];
    for (size_t i = 0; i < YW_COUNT(passwords); i++) {
        assert_int_equal(yw_password_seal(our_key, "MN-A", passwords[i], text, sizeof text, NULL), YW_OK);
        assert_true(yw_password_is_sealed(text));
        assert_true(i == 1 || strstr(text, passwords[i]) == NULL);
        assert_true(opens(our_key, "MN-A", text, passwords[i]));
        assert_int_equal(yw_password_open(other_key, "MN-A", text, pw, sizeof pw, NULL), YW_E_CORRUPT);
        assert_int_equal(yw_password_open(our_key, "MN-B", text, pw, sizeof pw, NULL), YW_E_CORRUPT);
        assert_int_equal(yw_password_open(NULL, "MN-A", text, pw, sizeof pw, NULL), YW_E_NOT_FOUND);
        /* The same again gives the same; another MN, password or key does not. */
        (void)yw_password_seal(our_key, "MN-A", passwords[i], again, sizeof again, NULL);
        assert_string_equal(text, again);
        (void)yw_password_seal(our_key, "MN-B", passwords[i], again, sizeof again, NULL);
        assert_string_not_equal(text, again);
        (void)yw_password_seal(other_key, "MN-A", passwords[i], again, sizeof again, NULL);
        assert_string_not_equal(text, again);
        (void)yw_password_seal(our_key, "MN-A", "654321", again, sizeof again, NULL);
        assert_memory_not_equal(text, again, 7 + 32); /* not even the nonce */
    }
    assert_true(opens(NULL, "MN-A", "123456", "123456")); /* in clear */
    assert_true(opens(our_key, "MN-A", "", ""));
}

static void a_damaged_sealed_password_does_not_open(void **state) {
    YW_UNUSED(state);
    char text[YW_PASSWORD_SEALED], pw[YW_PASSWORD_BYTES];
    assert_int_equal(yw_password_seal(our_key, "MN-A", "123456", text, sizeof text, NULL), YW_OK);
    size_t n = strlen(text);
    for (size_t at = strlen("sealed:"); at < n; at++) {
        char kept = text[at];
        text[at] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(yw_password_open(our_key, "MN-A", text, pw, sizeof pw, NULL), YW_E_CORRUPT);
        text[at] = '\0';
        assert_int_equal(yw_password_open(our_key, "MN-A", text, pw, sizeof pw, NULL), YW_E_CORRUPT);
        text[at] = kept;
    }
    memset(text + 7, 'A', sizeof text - 8);
    text[sizeof text - 1] = '\0';
    assert_int_equal(yw_password_open(our_key, "MN-A", text, pw, sizeof pw, NULL), YW_E_CORRUPT);
}

static void what_cannot_be_a_password_is_not_sealed(void **state) {
    YW_UNUSED(state);
    static const char *const wrong[] = {"12 456", "密码", "01234567890123456789012345678901", "sealed:x"};
    char text[YW_PASSWORD_SEALED];
    for (size_t i = 0; i < YW_COUNT(wrong); i++)
        assert_int_equal(yw_password_seal(our_key, "MN-A", wrong[i], text, sizeof text, NULL), YW_E_FORMAT);
    assert_int_equal(yw_password_seal(our_key, "MN-A", "", text, sizeof text, NULL), YW_OK);
    assert_string_equal(text, "");
}

/* Who is let in when the snapshot was written with that key: the right password, a wrong one, the text
 * itself. */
static void expect_fits(const struct yw_register *r, const uint8_t *key, const char *text, bool right) {
    struct yw_snap *s = NULL;
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, key, NULL), YW_OK);
    assert_int_equal(map(&s), YW_OK);
    const struct yw_snap_device *d = yw_snap_find(s, "MN-A", 4);
    assert_non_null(d);
    assert_int_equal(yw_snap_password_fits(s, d, "123456", 6), right);
    assert_false(yw_snap_password_fits(s, d, "123457", 6));
    assert_false(yw_snap_password_fits(s, d, "", 0));
    assert_false(yw_snap_password_fits(s, d, text, strlen(text)));
    yw_snap_unmap(s);
}

static void a_snapshot_opens_sealed_passwords(void **state) {
    YW_UNUSED(state);
    char text[YW_PASSWORD_SEALED];
    assert_int_equal(yw_password_seal(our_key, "MN-A", "123456", text, sizeof text, NULL), YW_OK);
    struct yw_register *r = sample();
    struct yw_act by = {.by = "admin", .at = 1};
    struct yw_buf act;
    yw_buf_init(&act, 1024);
    assert_true(yw_act_device_admit(&act, &by, "MN-A", DEVICES + 1, 1, text));
    assert_int_equal(yw_register_apply(r, act.data, act.len, NULL), YW_OK);
    assert_string_equal(yw_register_device(r, DEVICES + 1)->pw, text);
    expect_fits(r, our_key, text, true);
    expect_fits(r, other_key, text, false);
    expect_fits(r, NULL, text, false);
    assert_int_equal(yw_passwords_locked(r, our_key), 0);
    assert_int_equal(yw_passwords_locked(r, other_key), 1);
    assert_int_equal(yw_passwords_locked(r, NULL), 1);
    yw_buf_clear(&act);
    (void)yw_act_device_admit(&act, &by, "MN-A", DEVICES + 1, 1, "01234567890123456789012345678901");
    assert_int_equal(yw_register_apply(r, act.data, act.len, NULL), YW_E_LIMIT);
    yw_buf_free(&act);
    yw_register_destroy(r);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(everybody_is_found),
        cmocka_unit_test(passwords_do_not_stand_in_it),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(an_empty_register_has_a_snapshot),
        cmocka_unit_test(the_key_is_made_once),
        cmocka_unit_test(a_sealed_password_opens_with_its_key_and_mn),
        cmocka_unit_test(a_damaged_sealed_password_does_not_open),
        cmocka_unit_test(what_cannot_be_a_password_is_not_sealed),
        cmocka_unit_test(a_snapshot_opens_sealed_passwords),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
