/* The broker serves names in one folder and nothing else, whatever it is asked. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "gateway/broker.h"
#include "scratch.h"
#include "supervisor/supervisor.h"

struct world {
    char folder[64], outside[80];
    int ends[2], dir;
    pthread_t thread;
    struct yw_io *io;
};

static void *serve(void *arg) {
    struct world *w = arg;
    while (broker_serve(w->ends[0], w->dir)) continue;
    return NULL;
}

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof *w);
    assert_true(scratch_make(w->folder, sizeof w->folder));
    snprintf(w->outside, sizeof w->outside, "%s/secret", w->folder);
    int fd = open(w->outside, O_WRONLY | O_CREAT, 0600);
    assert_int_equal(write(fd, "secret", 6), 6);
    close(fd);
    char own[80];
    snprintf(own, sizeof own, "%s/own", w->folder);
    assert_int_equal(mkdir(own, 0700), 0);
    w->dir = open(own, O_RDONLY | O_DIRECTORY);
    assert_int_equal(symlinkat("../secret", w->dir, "link"), 0);
    assert_int_equal(mkdirat(w->dir, "folder", 0700), 0);
    assert_int_equal(mkfifoat(w->dir, "pipe", 0600), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, w->ends), 0);
    struct yw_error err;
    w->io = yw_broker_io_create(w->ends[1], &err);
    assert_non_null(w->io);
    pthread_create(&w->thread, NULL, serve, w);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    close(w->ends[1]);
    pthread_join(w->thread, NULL);
    close(w->ends[0]);
    close(w->dir);
    yw_broker_io_destroy(w->io);
    int rc = scratch_remove(w->folder);
    free(w);
    return rc;
}

static void test_names(void **state) {
    YW_UNUSED(state);
    static const char *const good[] = {"live", "00000001.seg", "a", "x_1.y"};
    static const char *const bad[] = {"",  ".",   "..",  ".x",   "a/b", "/etc/passwd",
                                      "A", "a-b", "a b", "\xe4", "a\n"};
    char name[YW_BROKER_NAME_MAX + 1];
    for (size_t i = 0; i < YW_COUNT(good); i++) {
        memset(name, 0, sizeof name);
        memcpy(name, good[i], strlen(good[i]));
        assert_true(yw_broker_name_ok(name));
    }
    for (size_t i = 0; i < YW_COUNT(bad); i++) {
        memset(name, 0, sizeof name);
        memcpy(name, bad[i], strlen(bad[i]));
        assert_false(yw_broker_name_ok(name));
    }
    memset(name, 'a', sizeof name); /* not terminated */
    assert_false(yw_broker_name_ok(name));
}

static void test_files(void **state) {
    struct world *w = *state;
    const struct yw_io *io = w->io;
    int fd = io->open(io->ctx, "p0/00000001.seg", O_RDWR | O_CREAT);
    assert_true(fd >= 0);
    assert_int_equal(io->pwrite(io->ctx, fd, "abc", 3, 0), 3);
    assert_int_equal(io->sync(io->ctx, fd), 0);
    assert_true(io->size(io->ctx, fd) == 3);
    assert_int_equal(io->close(io->ctx, fd), 0);
    assert_int_equal(io->open(io->ctx, "p0/00000001.seg", O_RDWR | O_CREAT | O_EXCL), -EEXIST);
    assert_int_equal(io->open(io->ctx, "p0/00000002.seg", O_RDONLY), -ENOENT);
    assert_int_equal(io->rename(io->ctx, "p0/00000001.seg", "p0/x"), 0);
    assert_int_equal(io->sync_dir(io->ctx, "p0"), 0);
    assert_int_equal(io->remove(io->ctx, "p0/x"), 0);
    assert_int_equal(io->remove(io->ctx, "p0/x"), -ENOENT);
}

static void test_nothing_outside(void **state) {
    struct world *w = *state;
    const struct yw_io *io = w->io;
    assert_int_equal(io->open(io->ctx, "p0/link", O_RDONLY), -ELOOP);
    assert_int_equal(io->open(io->ctx, "p0/folder", O_RDONLY), -EINVAL);
    assert_int_equal(io->open(io->ctx, "..", O_RDONLY), -EACCES);
    assert_int_equal(io->remove(io->ctx, ".."), -EACCES);
    assert_int_equal(io->rename(io->ctx, "live", ".."), -EACCES);
    assert_int_equal(io->open(io->ctx, "live", O_WRONLY | O_CREAT), -EINVAL);
    /* by hand, past the table, which takes the last part of a path */
    struct yw_broker_request r = {.op = YW_BROKER_OPEN, .flags = O_RDONLY};
    memcpy(r.name, "../secret", 9);
    struct yw_broker_answer a;
    int fd;
    assert_int_equal(yw_broker_send(w->ends[1], &r, sizeof r, -1), 0);
    assert_int_equal(yw_broker_receive(w->ends[1], &a, sizeof a, &fd), sizeof a);
    assert_int_equal(a.result, -EACCES);
    assert_int_equal(fd, -1);
    r.op = 99;
    memcpy(r.name, "live", 5);
    assert_int_equal(yw_broker_send(w->ends[1], &r, sizeof r, -1), 0);
    assert_int_equal(yw_broker_receive(w->ends[1], &a, sizeof a, &fd), sizeof a);
    assert_int_equal(a.result, -EINVAL);
}

static void test_truncate_is_not_honoured(void **state) {
    struct world *w = *state;
    const struct yw_io *io = w->io;
    int fd = io->open(io->ctx, "live", O_RDWR | O_CREAT);
    assert_int_equal(io->pwrite(io->ctx, fd, "abc", 3, 0), 3);
    io->close(io->ctx, fd);
    fd = io->open(io->ctx, "live", O_RDWR | O_TRUNC);
    assert_true(io->size(io->ctx, fd) == 3);
    io->close(io->ctx, fd);
}

static bool count_names(void *arg, const char *name) {
    size_t *n = arg;
    if (strncmp(name, "some_rather_long_name_of_a_segment_", 35) == 0) ++*n;
    return true;
}

static void test_long_lists(void **state) {
    struct world *w = *state;
    for (int i = 0; i < 2000; i++) {
        char name[64];
        snprintf(name, sizeof name, "some_rather_long_name_of_a_segment_%d", i);
        close(openat(w->dir, name, O_WRONLY | O_CREAT, 0600));
    }
    size_t n = 0;
    assert_int_equal(w->io->list(w->io->ctx, "p0", count_names, &n), 0);
    assert_int_equal(n, 2000);
}

static void test_a_broken_message_ends_it(void **state) {
    YW_UNUSED(state);
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends), 0);
    int dir = open("/tmp", O_RDONLY | O_DIRECTORY);
    assert_int_equal(send(ends[1], "x", 1, 0), 1);
    assert_false(broker_serve(ends[0], dir));
    close(ends[1]);
    assert_false(broker_serve(ends[0], dir));
    close(ends[0]);
    close(dir);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test_setup_teardown(test_files, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nothing_outside, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_truncate_is_not_honoured, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_long_lists, set_up, tear_down),
        cmocka_unit_test(test_a_broken_message_ends_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
