/* The acts journal: what was committed is there after a restart, what could not be written never counted, one
 * owner at a time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal/journal.h"
#include "web/acts.h"

static char folder[64];
static bool disk_full; /* the table below refuses to write */

static ssize_t full_pwrite(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    const struct yw_io *real = ctx;
    return disk_full ? -ENOSPC : real->pwrite(real->ctx, fd, bytes, n, offset);
}

static int full_sync(void *ctx, int fd) {
    const struct yw_io *real = ctx;
    return disk_full ? -ENOSPC : real->sync(real->ctx, fd);
}

static struct yw_io failing(void) {
    struct yw_io io = *yw_io_system();
    io.ctx = (void *)(uintptr_t)yw_io_system(); /* the real functions do not look at it */
    io.pwrite = full_pwrite;
    io.sync = full_sync;
    return io;
}

static int make_folder(void **state) {
    YW_UNUSED(state);
    snprintf(folder, sizeof folder, "%s", "/tmp/yanwu-acts-XXXXXX");
    return mkdtemp(folder) != NULL ? 0 : -1;
}

static bool remove_file(void *arg, const char *name) {
    char path[200];
    snprintf(path, sizeof path, "%s/%s", (const char *)arg, name);
    (void)unlink(path);
    return true;
}

static int remove_folder(void **state) {
    YW_UNUSED(state);
    char acts[100], journal[100];
    snprintf(acts, sizeof acts, "%s/journal/acts", folder);
    snprintf(journal, sizeof journal, "%s/journal", folder);
    (void)yw_io_system()->list(yw_io_system()->ctx, acts, remove_file, acts);
    return rmdir(acts) + rmdir(journal) + rmdir(folder);
}

static enum yw_code put_area(struct yw_acts *a, const char *code, struct yw_error *err) {
    char act[128];
    int n = snprintf(act, sizeof act, "{\"act\":\"area.put\",\"areas\":[{\"code\":\"%s\",\"name\":\"n\"}]}",
                     code);
    (void)yw_acts_lock_alone(a);
    enum yw_code result = yw_acts_commit(a, act, (size_t)n, err);
    yw_acts_unlock(a);
    return result;
}

static uint32_t version(struct yw_acts *a) {
    uint32_t v = yw_register_version(yw_acts_lock(a));
    yw_acts_unlock(a);
    return v;
}

static void acts_last(void **state) {
    YW_UNUSED(state);
    struct yw_acts *a = NULL;
    struct yw_error err = {0};
    if (yw_acts_open(folder, YW_DOMAIN_REAL, &a, &err) != YW_OK) fail_msg("%s", err.text);
    assert_int_equal(version(a), 0);
    assert_int_equal(put_area(a, "1", &err), YW_OK);
    /* One that the register rejects is in the journal all the same, and counts the same for everybody. */
    assert_int_equal(put_area(a, "no blanks please", &err), YW_E_LIMIT);
    assert_int_equal(put_area(a, "2", &err), YW_OK);
    assert_int_equal(version(a), 3);
    struct yw_acts *second = NULL;
    assert_int_equal(yw_acts_open(folder, YW_DOMAIN_REAL, &second, &err), YW_E_BUSY);
    struct yw_register *r = NULL;
    assert_int_equal(yw_acts_read(folder, &r, &err), YW_OK); /* reading is for everybody */
    assert_int_equal(yw_register_version(r), 3);
    assert_non_null(yw_register_area(r, "2"));
    yw_register_destroy(r);
    yw_acts_close(a);
    assert_int_equal(yw_acts_open(folder, YW_DOMAIN_REAL, &a, &err), YW_OK);
    assert_int_equal(version(a), 3);
    yw_acts_close(a);
}

static void a_full_disk_changes_nothing(void **state) {
    YW_UNUSED(state);
    struct yw_io io = failing();
    struct yw_acts *a = NULL;
    struct yw_error err = {0};
    disk_full = false;
    if (yw_acts_open_on(&io, folder, YW_DOMAIN_REAL, &a, &err) != YW_OK) fail_msg("%s", err.text);
    uint32_t before = version(a);
    disk_full = true;
    assert_int_equal(put_area(a, "3", &err), YW_E_FULL);
    assert_true(err.text[0] != '\0');
    assert_int_equal(version(a), before);
    assert_null(yw_register_area(yw_acts_lock(a), "3"));
    yw_acts_unlock(a);
    disk_full = false;
    assert_int_equal(put_area(a, "4", &err), YW_OK);
    assert_int_equal(version(a), before + 1);
    yw_acts_close(a);
    struct yw_register *r = NULL;
    assert_int_equal(yw_acts_read(folder, &r, &err), YW_OK);
    assert_int_equal(yw_register_version(r), before + 1);
    assert_null(yw_register_area(r, "3"));
    assert_non_null(yw_register_area(r, "4"));
    yw_register_destroy(r);
}

static void count_line(void *arg, const char *json, size_t n) {
    (void)json;
    *(size_t *)arg += n > 0;
}

/* Questions to devices stand in the same journal: they are kept and shown again, and the register does not
 * count them. */
static void notes_are_no_acts(void **state) {
    YW_UNUSED(state);
    static const char line[] = "{\"command\":{\"id\":1795449600000001},\"by\":\"x\"}";
    struct yw_acts *a = NULL;
    struct yw_error err = {0};
    size_t before = 0, after = 0;
    assert_int_equal(yw_acts_open_with(yw_io_system(), folder, YW_DOMAIN_REAL, count_line, &before, &a, &err),
                     YW_OK);
    uint32_t v = version(a);
    (void)yw_acts_lock_alone(a);
    assert_int_equal(yw_acts_note(a, line, sizeof line - 1, &err), YW_OK);
    yw_acts_unlock(a);
    assert_int_equal(version(a), v);
    yw_acts_close(a);
    assert_int_equal(yw_acts_open_with(yw_io_system(), folder, YW_DOMAIN_REAL, count_line, &after, &a, &err),
                     YW_OK);
    assert_int_equal(after, before + 1);
    assert_int_equal(version(a), v);
    yw_acts_close(a);
}

static void nothing_is_made_by_reading(void **state) {
    YW_UNUSED(state);
    struct yw_register *r = NULL;
    char nowhere[100];
    snprintf(nowhere, sizeof nowhere, "%s/nowhere", folder);
    assert_int_equal(yw_acts_read(nowhere, &r, NULL), YW_E_NOT_FOUND);
    assert_null(r);
    assert_int_not_equal(access(nowhere, F_OK), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(acts_last),
        cmocka_unit_test(a_full_disk_changes_nothing),
        cmocka_unit_test(notes_are_no_acts),
        cmocka_unit_test(nothing_is_made_by_reading),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
