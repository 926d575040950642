/* Users, sessions and failed attempts, with the clock in hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "web/office.h"

static char folder[64];
static struct yw_office *office;
static const int64_t start = 1800000000 * YW_SECOND;

static int open_office(void **state) {
    YW_UNUSED(state);
    snprintf(folder, sizeof folder, "%s", "/tmp/yanwu-office-XXXXXX");
    if (mkdtemp(folder) == NULL) return -1;
    struct yw_error err;
    if (yw_office_open(folder, &office, &err) != YW_OK) return -1;
    struct yw_user u = {.name = "officer", .role = YW_ROLE_OFFICER, .area = "410100"};
    return yw_office_user_add(office, &u, "right password", start, NULL) == YW_OK ? 0 : -1;
}

static int close_office(void **state) {
    YW_UNUSED(state);
    static const char *const names[] = {"office.db", "office.db-wal", "office.db-shm"};
    yw_office_close(office);
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        char path[96];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        (void)unlink(path);
    }
    return rmdir(folder);
}

static enum yw_code sign_in(const char *name, const char *password, const char *address, int64_t now,
                            char token[YW_TOKEN_TEXT]) {
    struct yw_session s;
    int64_t wait;
    return yw_office_sign_in(office, name, password, address, now, token, &s, &wait, NULL);
}

static void sessions_live_and_end(void **state) {
    YW_UNUSED(state);
    char token[YW_TOKEN_TEXT];
    struct yw_session s, again;
    int64_t wait;
    assert_int_equal(
        yw_office_sign_in(office, "officer", "right password", "::1", start, token, &s, &wait, NULL), YW_OK);
    assert_int_equal(strlen(token), YW_TOKEN_TEXT - 1);
    assert_int_equal(yw_office_session(office, token, start + YW_HOUR, &again, NULL), YW_OK);
    assert_string_equal(again.user.name, "officer");
    assert_string_equal(again.user.area, "410100");
    assert_int_equal(again.user.role, YW_ROLE_OFFICER);
    assert_string_equal(again.csrf, s.csrf);
    /* Used each hour it lives, but not past 12 hours. */
    for (int h = 2; h < 12; h++)
        assert_int_equal(yw_office_session(office, token, start + h * YW_HOUR, &again, NULL), YW_OK);
    assert_int_equal(yw_office_session(office, token, start + 12 * YW_HOUR, &again, NULL), YW_E_DENIED);
    assert_int_equal(sign_in("officer", "right password", "::1", start, token), YW_OK);
    assert_int_equal(yw_office_session(office, token, start + 2 * YW_HOUR, &again, NULL),
                     YW_E_DENIED); /* unused too long */
    token[5] ^= 1;
    assert_int_equal(yw_office_session(office, token, start, &again, NULL), YW_E_DENIED);
    assert_int_equal(yw_office_session(office, "", start, &again, NULL), YW_E_DENIED);
}

static void failures_make_wait(void **state) {
    YW_UNUSED(state);
    char token[YW_TOKEN_TEXT];
    for (int i = 0; i < 5; i++)
        assert_int_equal(sign_in("officer", "wrong", "10.0.0.1", start, token), YW_E_DENIED);
    assert_int_equal(sign_in("officer", "right password", "10.0.0.1", start, token), YW_E_LIMIT);
    /* From elsewhere the owner still gets in, and that does not help whoever guesses. */
    assert_int_equal(sign_in("officer", "right password", "10.0.0.2", start, token), YW_OK);
    assert_int_equal(sign_in("officer", "right password", "10.0.0.1", start, token), YW_E_LIMIT);
    assert_int_equal(sign_in("officer", "right password", "10.0.0.1", start + 16 * YW_MINUTE, token), YW_OK);
    assert_int_equal(sign_in("nobody", "right password", "10.0.0.1", start + 16 * YW_MINUTE, token),
                     YW_E_DENIED);
}

static void wrong_users_are_refused(void **state) {
    YW_UNUSED(state);
    struct yw_error err = {0};
    struct yw_user u = {.name = "officer", .role = YW_ROLE_OFFICER};
    assert_int_equal(yw_office_user_add(office, &u, "12345678", start, &err), YW_E_EXISTS);
    u = (struct yw_user){.name = "platform", .role = YW_ROLE_OFFICER};
    assert_int_equal(yw_office_user_add(office, &u, "12345678", start, &err), YW_E_EXISTS);
    u = (struct yw_user){.name = "a'; DROP TABLE user; --", .role = YW_ROLE_OFFICER};
    assert_int_equal(yw_office_user_add(office, &u, "12345678", start, &err), YW_E_FORMAT);
    u = (struct yw_user){.name = "m", .role = YW_ROLE_MAINTAINER};
    assert_int_equal(yw_office_user_add(office, &u, "12345678", start, &err), YW_E_FORMAT);
    u = (struct yw_user){.name = "m", .role = YW_ROLE_OFFICER};
    assert_int_equal(yw_office_user_add(office, &u, "1234567", start, &err), YW_E_RANGE);
    assert_int_equal(yw_office_password_set(office, "nobody", "12345678", NULL, &err), YW_E_NOT_FOUND);
    assert_int_equal(yw_office_user_change(office, &u, &err), YW_E_NOT_FOUND);
    assert_int_equal(yw_office_user(office, "m", &u, &err), YW_E_NOT_FOUND);
    assert_true(err.text[0] != '\0');
}

static void the_file_is_private_and_holds_no_secret(void **state) {
    YW_UNUSED(state);
    char path[96], token[YW_TOKEN_TEXT];
    assert_int_equal(sign_in("officer", "right password", "10.0.0.9", start, token), YW_OK);
    static const char *const names[] = {"office.db", "office.db-wal"};
    for (size_t i = 0; i < YW_COUNT(names); i++) {
        struct stat st;
        struct yw_buf file;
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        yw_buf_init(&file, 16 << 20);
        assert_int_equal(stat(path, &st), 0);
        assert_int_equal(st.st_mode & 0077, 0);
        assert_int_equal(yw_file_read(path, 16 << 20, &file, NULL), YW_OK);
        assert_null(memmem(file.data, file.len, token, strlen(token)));
        assert_null(memmem(file.data, file.len, "right password", 14));
        yw_buf_free(&file);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sessions_live_and_end),
        cmocka_unit_test(failures_make_wait),
        cmocka_unit_test(wrong_users_are_refused),
        cmocka_unit_test(the_file_is_private_and_holds_no_secret),
    };
    return cmocka_run_group_tests(tests, open_office, close_office);
}
