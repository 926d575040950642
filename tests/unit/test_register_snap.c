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

static enum yw_code map_with(const uint8_t *key, struct yw_snap **s) {
    int fd = open(path, O_RDONLY);
    assert_true(fd >= 0);
    enum yw_code code = yw_snap_map(fd, key, s, NULL);
    close(fd);
    return code;
}

static enum yw_code map(struct yw_snap **s) {
    return map_with(NULL, s);
}

static void everybody_is_found(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = sample();
    struct yw_error err = {0};
    if (yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, &err) != YW_OK) fail_msg("%s", err.text);
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
    for (size_t at = 0; at < file.len; at += at < 128 ? 1 : 4099) {
        int fd = open(path, O_WRONLY);
        char wrong = (char)(file.data[at] ^ 0x10);
        assert_int_equal(pwrite(fd, &wrong, 1, (off_t)at), 1);
        struct yw_snap *s = NULL;
        assert_int_not_equal(map(&s), YW_OK);
        assert_null(s);
        assert_int_equal(pwrite(fd, &file.data[at], 1, (off_t)at), 1);
        close(fd);
    }
    /* One of an older version is told from a damaged one. */
    int fd = open(path, O_WRONLY);
    struct yw_snap *none = NULL;
    assert_int_equal(pwrite(fd, "YWSNAP01", 8, 0), 8);
    assert_int_equal(map(&none), YW_E_VERSION);
    assert_int_equal(pwrite(fd, file.data, 8, 0), 8);
    close(fd);
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
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, NULL), YW_OK);
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
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, key, NULL, NULL, NULL), YW_OK);
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

static void apply(struct yw_register *r, const char *act) {
    struct yw_error err = {0};
    if (yw_register_apply(r, act, strlen(act), &err) != YW_OK) fail_msg("%s: %s", act, err.text);
}

/* ---- texts ---- */

static void a_sealed_text_opens_for_its_use_alone(void **state) {
    YW_UNUSED(state);
    char text[YW_TEXT_SEAL_MAX + 2], sealed[YW_TEXT_SEALED], out[YW_TEXT_SEAL_MAX + 1];
    for (size_t n = 0; n <= YW_TEXT_SEAL_MAX; n += 125) {
        memset(text, 'x', n);
        text[n] = '\0';
        assert_int_equal(yw_text_seal(our_key, "command 1", text, sealed, sizeof sealed, NULL), YW_OK);
        assert_true(yw_password_is_sealed(sealed));
        assert_int_equal(yw_text_open(our_key, "command 1", sealed, out, sizeof out, NULL), YW_OK);
        assert_string_equal(out, text);
        assert_int_equal(yw_text_open(our_key, "command 2", sealed, out, sizeof out, NULL), YW_E_CORRUPT);
        assert_int_equal(yw_text_open(other_key, "command 1", sealed, out, sizeof out, NULL), YW_E_CORRUPT);
        assert_int_equal(yw_text_open(our_key, "command 1", text, out, sizeof out, NULL), YW_E_CORRUPT);
        if (n > 0) assert_int_equal(yw_text_open(our_key, "command 1", sealed, out, n, NULL), YW_E_CORRUPT);
        sealed[strlen(sealed) - 1] ^= 1;
        assert_int_equal(yw_text_open(our_key, "command 1", sealed, out, sizeof out, NULL), YW_E_CORRUPT);
    }
    memset(text, 'x', YW_TEXT_SEAL_MAX + 1);
    text[YW_TEXT_SEAL_MAX + 1] = '\0';
    assert_int_equal(yw_text_seal(our_key, "command 1", text, sealed, sizeof sealed, NULL), YW_E_LIMIT);
    /* A password's sealed text is no text's, and the other way round. */
    char pw[YW_PASSWORD_SEALED], clear[YW_PASSWORD_BYTES];
    assert_int_equal(yw_password_seal(our_key, "A", "123456", pw, sizeof pw, NULL), YW_OK);
    assert_int_equal(yw_text_open(our_key, "A", pw, out, sizeof out, NULL), YW_E_CORRUPT);
    assert_int_equal(yw_text_seal(our_key, "A", "123456", sealed, sizeof sealed, NULL), YW_OK);
    assert_int_equal(yw_password_open(our_key, "A", sealed, clear, sizeof clear, NULL), YW_E_CORRUPT);
}

/* ---- the master key and the keys of devices ---- */

static void the_master_key_lies_beside_the_folder(void **state) {
    YW_UNUSED(state);
    char at[128], again[128], slash[128];
    uint8_t a[32], b[32];
    struct stat st;
    struct yw_error err = {0};
    assert_int_equal(yw_master_path(folder, "", at, sizeof at, NULL), YW_OK);
    snprintf(slash, sizeof slash, "%s/", folder);
    assert_int_equal(yw_master_path(slash, NULL, again, sizeof again, NULL), YW_OK);
    assert_string_equal(at, again);
    assert_memory_equal(at, folder, strlen(folder));
    assert_string_equal(at + strlen(folder), ".master.key");
    assert_int_equal(yw_master_path(folder, "/elsewhere/m.key", again, sizeof again, NULL), YW_OK);
    assert_string_equal(again, "/elsewhere/m.key");
    assert_int_equal(yw_master_path(folder, "", again, 10, NULL), YW_E_LIMIT);
    assert_int_equal(yw_master_find(at, a, &err), YW_E_NOT_FOUND);
    assert_non_null(strstr(err.text, "backup"));
    assert_int_equal(yw_master_load(at, a, NULL), YW_OK);
    assert_int_equal(yw_master_load(at, b, NULL), YW_OK);
    assert_memory_equal(a, b, 32);
    assert_int_equal(stat(at, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_int_equal(st.st_size, 32);
    assert_int_equal(truncate(at, 31), 0);
    assert_int_equal(yw_master_load(at, a, NULL), YW_E_CORRUPT);
    unlink(at);
}

static void put_key(struct yw_register *r, const uint8_t *master, uint32_t device, uint32_t id,
                    const char *clear, uint8_t key_state) {
    struct yw_buf act;
    const struct yw_act by = {.by = "policy", .at = 1000 + id};
    struct yw_device_key k = {.device = device, .key_id = id, .state = key_state, .source = YW_KEY_ROTATED};
    uint8_t bytes[16];
    yw_buf_init(&act, 4096);
    if (clear != NULL) {
        assert_true(yw_key_parse(clear, strlen(clear), bytes));
        assert_int_equal(yw_key_seal(master, device, id, bytes, k.key, NULL), YW_OK);
        assert_null(strstr(k.key, clear));
    }
    assert_true(yw_act_device_key(&act, &by, &k));
    apply(r, act.data);
    yw_buf_free(&act);
}

static void expect_keys(const struct yw_register *r, const uint8_t *master, const uint8_t *snap_key,
                        const char *const *want, size_t n) {
    struct yw_snap *s = NULL;
    const struct yw_snap_key *keys;
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, master, NULL, NULL), YW_OK);
    assert_int_equal(map_with(snap_key, &s), YW_OK);
    const struct yw_snap_device *d = yw_snap_find(s, "888888800000002", 15);
    assert_non_null(d);
    assert_int_equal(yw_snap_keys(s, d, &keys), n);
    for (size_t i = 0; i < n; i++) {
        assert_int_equal(keys[i].id == 0, want[i] == NULL);
        if (want[i] != NULL) assert_memory_equal(keys[i].key, want[i], 16);
    }
    yw_snap_unmap(s);
}

static void keys_go_through_the_snapshot_sealed(void **state) {
    YW_UNUSED(state);
    static const char a[] = "AAAAAAAAAAAAAAAA", b[] = "BBBBBBBBBBBBBBBB", c[] = "CCCCCCCCCCCCCCCC",
                      e[] = "EEEEEEEEEEEEEEEE";
    uint8_t snap_key[32], wrong[32];
    yw_master_snapshot_key(our_key, snap_key);
    yw_master_snapshot_key(other_key, wrong);
    assert_memory_not_equal(snap_key, our_key, 32);
    struct yw_register *r = sample();
    expect_keys(r, our_key, snap_key, NULL, 0);
    put_key(r, our_key, 2, 1, a, YW_KEY_OFFERED);
    expect_keys(r, our_key, snap_key, (const char *const[]){NULL, a}, 2);
    put_key(r, our_key, 2, 1, NULL, YW_KEY_CONFIRMED);
    put_key(r, our_key, 3, 2, e, YW_KEY_CONFIRMED); /* another device's */
    expect_keys(r, our_key, snap_key, (const char *const[]){a}, 1);
    put_key(r, our_key, 2, 3, b, YW_KEY_OFFERED);
    expect_keys(r, our_key, snap_key, (const char *const[]){a, b}, 2);
    put_key(r, our_key, 2, 3, NULL, YW_KEY_CONFIRMED);
    expect_keys(r, our_key, snap_key, (const char *const[]){b, a}, 2);
    put_key(r, our_key, 2, 4, c, YW_KEY_OFFERED);
    expect_keys(r, our_key, snap_key, (const char *const[]){b, c, a}, 3);
    put_key(r, our_key, 2, 1, NULL, YW_KEY_RETIRED);
    expect_keys(r, our_key, snap_key, (const char *const[]){b, c}, 2);
    /* In clear they stand nowhere in the file. */
    struct yw_buf file;
    yw_buf_init(&file, 16 << 20);
    assert_int_equal(yw_file_read(path, 16 << 20, &file, NULL), YW_OK);
    assert_null(memmem(file.data, file.len, b, 16));
    assert_null(memmem(file.data, file.len, c, 16));
    yw_buf_free(&file);
    /* Without the snapshot key, or with another, everything else works. */
    struct yw_snap *s = NULL;
    const struct yw_snap_key *keys;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(map_with(i == 0 ? NULL : wrong, &s), YW_OK);
        const struct yw_snap_device *d = yw_snap_find(s, "888888800000002", 15);
        assert_int_equal(yw_snap_keys(s, d, &keys), 0);
        assert_int_equal(yw_snap_locked(s), 3);
        assert_true(yw_snap_password_fits(s, d, "x", 1));
        yw_snap_unmap(s);
    }
    /* Without the master key the keys are left out, and counted. */
    size_t left_out = 0;
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, NULL, &left_out, NULL), YW_OK);
    assert_int_equal(left_out, 3);
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, other_key, &left_out, NULL), YW_OK);
    assert_int_equal(left_out, 3);
    expect_keys(r, NULL, snap_key, NULL, 0);
    yw_register_destroy(r);
}

static void old_keys_are_found_for_ever(void **state) {
    YW_UNUSED(state);
    char at[128], clear[17];
    struct yw_error err = {0};
    uint8_t master[32];
    assert_int_equal(yw_master_path(folder, "", at, sizeof at, NULL), YW_OK);
    struct yw_keyring *ring = yw_keyring_create(at);
    assert_non_null(ring);
    struct yw_register *r = sample();
    assert_int_equal(yw_master_load(at, master, &err), YW_OK);
    for (uint32_t id = 1; id <= 200; id++) {
        snprintf(clear, sizeof clear, "key-%012u", id);
        put_key(r, master, 2, id, clear, YW_KEY_CONFIRMED);
    }
    unlink(at);
    assert_null(yw_keyring_key(ring, r, 7));
    assert_non_null(strstr(yw_keyring_why(ring), "master key"));
    assert_int_equal(yw_master_load(at, master, NULL), YW_OK); /* another one */
    assert_null(yw_keyring_key(ring, r, 7));
    assert_non_null(strstr(yw_keyring_why(ring), "does not open"));
    yw_keyring_destroy(ring);
    yw_register_destroy(r);
    /* The right one. */
    r = sample();
    ring = yw_keyring_create(at);
    for (uint32_t id = 1; id <= 200; id++) {
        snprintf(clear, sizeof clear, "key-%012u", id);
        put_key(r, master, 2, id, clear, YW_KEY_CONFIRMED);
    }
    for (uint32_t id = 200; id > 0; id--) {
        snprintf(clear, sizeof clear, "key-%012u", id);
        const uint8_t *key = yw_keyring_key(ring, r, id);
        assert_non_null(key);
        assert_memory_equal(key, clear, 16);
    }
    assert_null(yw_keyring_key(ring, r, 201));
    assert_null(yw_keyring_key(ring, r, 0));
    yw_keyring_destroy(ring);
    yw_register_destroy(r);
    unlink(at);
}

static void a_key_is_16_characters_or_32_digits(void **state) {
    YW_UNUSED(state);
    uint8_t key[16];
    assert_true(yw_key_parse("0000000000000000", 16, key));
    assert_memory_equal(key, "0000000000000000", 16);
    assert_true(yw_key_parse("00112233445566778899aabbCCDDEEFF", 32, key));
    assert_int_equal(key[1], 0x11);
    assert_int_equal(key[15], 0xff);
    assert_false(yw_key_parse("000000000000000", 15, key));
    assert_false(yw_key_parse("0000000 00000000", 16, key));
    assert_false(yw_key_parse("00112233445566778899aabbCCDDEEFG", 32, key));
}

static void a_password_under_change_fits_beside_the_old_one(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = sample();
    struct yw_snap *s = NULL;
    apply(r, "{\"act\":\"device.set\",\"id\":1,\"pw_next\":\"654321\",\"pin_crc\":2,\"twin_policy\":3,"
             "\"recount\":4,\"peers\":\"10.1.0.0/16 2001:db8::/32, 192.0.2.7\"}");
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, NULL), YW_OK);
    assert_int_equal(map(&s), YW_OK);
    const struct yw_snap_device *d = yw_snap_find(s, "888888800000001", 15);
    assert_true(yw_snap_password_fits(s, d, "123456", 6));
    assert_true(yw_snap_password_fits(s, d, "654321", 6));
    assert_false(yw_snap_password_fits(s, d, "", 0));
    assert_int_equal(d->pin_crc, 2);
    assert_int_equal(d->twin_policy, 3);
    assert_int_equal(d->recount, 4);
    uint8_t v4[16] = {[10] = 0xff, [11] = 0xff, [12] = 10, [13] = 1, [14] = 200, [15] = 3};
    assert_true(yw_snap_peer_fits(s, d, v4));
    v4[13] = 2;
    assert_false(yw_snap_peer_fits(s, d, v4));
    memcpy(v4 + 12, (const uint8_t[]){192, 0, 2, 7}, 4);
    assert_true(yw_snap_peer_fits(s, d, v4));
    v4[15] = 8;
    assert_false(yw_snap_peer_fits(s, d, v4));
    assert_true(yw_snap_peer_fits(s, d, (const uint8_t[16]){0x20, 0x01, 0x0d, 0xb8, 9}));
    const struct yw_snap_device *other = yw_snap_find(s, "888888800000003", 15);
    assert_true(yw_snap_peer_fits(s, other, v4));
    assert_false(yw_snap_password_fits(s, other, "654321", 6));
    yw_snap_unmap(s);
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
        cmocka_unit_test(a_sealed_text_opens_for_its_use_alone),
        cmocka_unit_test(the_master_key_lies_beside_the_folder),
        cmocka_unit_test(keys_go_through_the_snapshot_sealed),
        cmocka_unit_test(old_keys_are_found_for_ever),
        cmocka_unit_test(a_key_is_16_characters_or_32_digits),
        cmocka_unit_test(a_password_under_change_fits_beside_the_old_one),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
