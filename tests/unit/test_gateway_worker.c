/* A whole worker inside the test, on a faulty I/O table: a disk that is full, a sync that fails, a clock that
 * jumps. Nothing is answered before it is committed, and service goes on by itself. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "gateway/broker.h"
#include "gateway/gateway.h"
#include "gateway/offer.h"
#include "register/register.h"
#include "scratch.h"

#define MN "010000A8900016F000169DC0"
enum { PATIENCE_MS = 30000 }; /* with what comes; a disk may be slow */

struct world {
    char folder[64];
    struct yw_io io;                     /* the system's, with faults in front */
    _Atomic int write_fault, sync_fault; /* errno to give, 0: none */
    _Atomic unsigned sync_takes_us;
    _Atomic int64_t clock_jump;
    _Atomic uint64_t syncs;
    int listen_fd, push[2];
    struct sockaddr_in address;
    struct yw_gateway *gateway;
    const struct yw_live *live;
    pthread_t thread;
    _Atomic int result;
};

static ssize_t faulty_pwrite(void *ctx, int fd, const void *bytes, size_t n, int64_t offset) {
    struct world *w = ctx;
    int fault = atomic_load(&w->write_fault);
    return fault != 0 ? -fault : yw_io_system()->pwrite(NULL, fd, bytes, n, offset);
}

static int faulty_allocate(void *ctx, int fd, int64_t size) {
    struct world *w = ctx;
    int fault = atomic_load(&w->write_fault);
    return fault != 0 ? -fault : yw_io_system()->allocate(NULL, fd, size);
}

static int faulty_sync(void *ctx, int fd) {
    struct world *w = ctx;
    int fault = atomic_load(&w->sync_fault);
    atomic_fetch_add(&w->syncs, 1);
    usleep(atomic_load(&w->sync_takes_us));
    return fault != 0 ? -fault : yw_io_system()->sync(NULL, fd);
}

static int64_t faulty_now(void *ctx) {
    struct world *w = ctx;
    return yw_io_system()->now(NULL) + atomic_load(&w->clock_jump);
}

static void *serve(void *arg) {
    struct world *w = arg;
    struct yw_error err;
    atomic_store(&w->result, (int)yw_gateway_run(w->gateway, &err));
    return NULL;
}

static void make_snap(const char *path) {
    static const char act[] =
        "{\"act\":\"register.put\",\"by\":\"t\",\"at\":1,"
        "\"enterprises\":[{\"id\":1,\"credit_code\":\"91370000TEST000001\",\"name\":\"works\"}],"
        "\"outlets\":[{\"id\":1,\"enterprise\":1,\"code\":\"DA001\",\"name\":\"stack\",\"kind\":\"air\"}],"
        "\"devices\":[{\"id\":1,\"outlet\":1,\"mn\":\"" MN "\",\"pw\":\"123456\",\"state\":\"admitted\"}]}";
    struct yw_error err;
    struct yw_register *r = yw_register_create();
    assert_int_equal(yw_register_apply(r, act, sizeof act - 1, &err), YW_OK);
    assert_int_equal(yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, &err), YW_OK);
    yw_register_destroy(r);
}

static int set_up(void **state) {
    struct world *w = calloc(1, sizeof *w);
    assert_true(scratch_make(w->folder, sizeof w->folder));
    w->io = *yw_io_system();
    w->io.ctx = w;
    w->io.pwrite = faulty_pwrite;
    w->io.allocate = faulty_allocate;
    w->io.sync = faulty_sync;
    w->io.now = faulty_now;
    w->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    w->address = (struct sockaddr_in){.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof w->address;
    assert_int_equal(bind(w->listen_fd, (struct sockaddr *)&w->address, size), 0);
    assert_int_equal(getsockname(w->listen_fd, (struct sockaddr *)&w->address, &size), 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK, 0, w->push), 0);
    char path[128];
    snprintf(path, sizeof path, "%s/register.snap", w->folder);
    make_snap(path);
    int snap = open(path, O_RDONLY);
    assert_int_equal(yw_broker_send(w->push[0], "s", 1, snap), 0);
    close(snap);
    struct yw_gateway_config c;
    yw_gateway_config_init(&c);
    c.folder = w->folder;
    c.listen_fd = w->listen_fd;
    c.push_fd = w->push[1];
    struct yw_error err;
    assert_int_equal(yw_gateway_open(&c, &w->io, &w->gateway, &err), YW_OK);
    w->live = yw_live_open(w->folder, &err);
    assert_non_null(w->live);
    assert_int_equal(pthread_create(&w->thread, NULL, serve, w), 0);
    *state = w;
    return 0;
}

static int tear_down(void **state) {
    struct world *w = *state;
    yw_gateway_stop(w->gateway);
    pthread_join(w->thread, NULL);
    yw_gateway_close(w->gateway);
    yw_live_close(w->live);
    close(w->push[0]);
    close(w->push[1]);
    int rc = scratch_remove(w->folder);
    free(w);
    return rc;
}

static uint64_t counter(const struct world *w, enum yw_gateway_counter c) {
    return atomic_load(&w->live->counter[c]);
}

/* Counters are set beside the work they count: on a slow machine a moment later than what a device sees. */
static bool reaches(const struct world *w, enum yw_gateway_counter c, uint64_t low, uint64_t high) {
    for (int i = 0; i < 2000 && (counter(w, c) < low || counter(w, c) > high); i++) usleep(5000);
    return counter(w, c) >= low && counter(w, c) <= high;
}

static int link_up(const struct world *w) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(connect(fd, (const struct sockaddr *)&w->address, sizeof w->address), 0);
    return fd;
}

static void send_packet(int fd, int number) {
    char qn[18], frame[512];
    snprintf(qn, sizeof qn, "20260101000000%03u", (unsigned)number % 1000U);
    const hj212_message m = {.qn = hj212_text(qn),
                             .st = hj212_text("31"),
                             .cn = hj212_text("2011"),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(MN),
                             .flag = hj212_text("5"),
                             .cp = hj212_text("DataTime=20260101000000;a21026-Rtd=1.0,a21026-Flag=N")};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_int_equal(send(fd, frame, n, 0), n);
}

/* Answers that come within so many milliseconds, at most `most`. */
static int answers(int fd, int most, int timeout_ms) {
    int count = 0;
    int64_t end = yw_monotonic() + (int64_t)timeout_ms * 1000;
    while (count < most) {
        int64_t left = (end - yw_monotonic()) / 1000;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) <= 0) break;
        char c;
        if (recv(fd, &c, 1, 0) <= 0) break;
        if (c == '\n') count++;
    }
    return count;
}

static void fault_and_back(struct world *w, _Atomic int *fault, int number, uint64_t disk) {
    int a = link_up(w), b = link_up(w);
    send_packet(a, 1);
    assert_int_equal(answers(a, 1, PATIENCE_MS), 1);
    atomic_store(fault, number);
    for (int i = 2; i < 7; i++) send_packet(i % 2 != 0 ? a : b, i);
    assert_int_equal(answers(a, 1, 700), 0);
    assert_int_equal(answers(b, 1, 10), 0);
    assert_true(reaches(w, YW_GW_COMMIT_FAILURES, 2, UINT64_MAX));
    assert_true(reaches(w, YW_GW_DISK, disk, disk));
    assert_true(reaches(w, YW_GW_PENDING, 1, UINT64_MAX));
    assert_int_equal(answers(a, 1, 1), 0);
    assert_true(reaches(w, YW_GW_ACKS, 1, 1));
    atomic_store(fault, 0);
    assert_int_equal(answers(a, 2, PATIENCE_MS), 2);
    assert_int_equal(answers(b, 3, PATIENCE_MS), 3);
    assert_true(reaches(w, YW_GW_DISK, 0, 0));
    assert_true(reaches(w, YW_GW_ACKS, 6, 6));
    close(a);
    close(b);
}

static void test_disk_full(void **state) {
    struct world *w = *state;
    fault_and_back(w, &w->write_fault, ENOSPC, 1);
}

static void test_write_error(void **state) {
    struct world *w = *state;
    fault_and_back(w, &w->write_fault, EIO, 2);
}

static void test_sync_error(void **state) {
    struct world *w = *state;
    fault_and_back(w, &w->sync_fault, EIO, 2);
}

static void test_each_answer_follows_a_sync(void **state) {
    struct world *w = *state;
    int a = link_up(w);
    for (int i = 0; i < 50; i++) {
        uint64_t before = atomic_load(&w->syncs);
        send_packet(a, i);
        assert_int_equal(answers(a, 1, PATIENCE_MS), 1);
        assert_true(atomic_load(&w->syncs) > before);
    }
    close(a);
}

/* The arrival of a record never goes back, whatever the wall clock does; answers and limits do not care. */
static void test_clock_jumps(void **state) {
    struct world *w = *state;
    static const int64_t jumps[] = {0, -3 * YW_DAY, YW_HOUR, -20 * 365 * YW_DAY, 0};
    int a = link_up(w);
    for (size_t i = 0; i < YW_COUNT(jumps); i++) {
        atomic_store(&w->clock_jump, jumps[i]);
        send_packet(a, (int)i);
        assert_int_equal(answers(a, 1, PATIENCE_MS), 1);
    }
    close(a);
    struct yw_reader *r;
    struct yw_error err;
    assert_int_equal(yw_reader_open(w->folder, NULL, &r, &err), YW_OK);
    struct yw_record record;
    int64_t last = 0;
    int in = 0, out = 0;
    assert_int_equal(yw_reader_next(r, &record, &err), YW_OK);
    assert_int_equal(record.direction, YW_DIR_EVENT); /* the worker's life begins */
    assert_memory_equal(record.payload, "{\"event\":\"start\"}", 17);
    while (yw_reader_next(r, &record, &err) == YW_OK) {
        assert_true(record.arrival >= last);
        last = record.arrival;
        in += record.direction == YW_DIR_IN && (record.flags & YW_REC_ACKED) != 0;
        out += record.direction == YW_DIR_OUT;
        assert_int_equal(record.device, 1);
        assert_int_equal(record.register_version, 1);
    }
    yw_reader_close(r);
    assert_int_equal(in, 5);
    assert_int_equal(out, 5);
}

static void stop_and_be_answered(struct world *w, int count) {
    int a = link_up(w);
    for (int i = 0; i < count; i++) send_packet(a, i);
    assert_true(reaches(w, YW_GW_PACKETS, (uint64_t)count, UINT64_MAX));
    yw_gateway_stop(w->gateway);
    assert_int_equal(answers(a, count, PATIENCE_MS), count);
    char c;
    assert_int_equal(recv(a, &c, 1, 0), 0); /* closed in order, not reset */
    close(a);
}

static void test_stop_answers_what_it_holds(void **state) {
    stop_and_be_answered(*state, 200);
}

/* One sync takes longer than links have for their last answers. */
static void test_stop_waits_for_a_slow_disk(void **state) {
    struct world *w = *state;
    atomic_store(&w->sync_takes_us, 2500000);
    stop_and_be_answered(w, 1);
}

/* ---- commands ---- */

static void push(const struct world *w, const void *message, size_t n) {
    assert_int_equal(yw_broker_send(w->push[0], message, n, -1), 0);
}

static bool pulled(const struct world *w, union yw_pull *m, int timeout_ms) {
    for (;;) {
        struct pollfd p = {.fd = w->push[0], .events = POLLIN};
        int fd;
        if (poll(&p, 1, timeout_ms) <= 0) return false;
        ssize_t n = yw_broker_receive(w->push[0], m, sizeof *m, &fd);
        assert_true(n > 0 && yw_pull_ok(m, (size_t)n));
        if (m->kind != YW_PULL_READY && m->kind != YW_PULL_CAME) return true;
    }
}

static int64_t ask(const struct world *w, uint32_t device, const char *hardware) {
    struct yw_push_ask q = {.kind = YW_PUSH_ASK, .device = device, .id = 77};
    snprintf(q.hardware, sizeof q.hardware, "%s", hardware);
    push(w, &q, sizeof q);
    union yw_pull m;
    assert_true(pulled(w, &m, PATIENCE_MS));
    assert_int_equal(m.kind, YW_PULL_HOLDS);
    assert_int_equal(m.holds.id, 77);
    return m.holds.heard;
}

static struct yw_offer new_offer(int64_t id) {
    return (struct yw_offer){.kind = YW_PUSH_OFFER,
                             .flow = YW_FLOW_REQUEST,
                             .answer = YW_ANSWER_NONE,
                             .device = 1,
                             .id = id,
                             .cn = 1012,
                             .overtime_s = 2,
                             .recount = 3,
                             .execute_s = 1,
                             .valid_until = INT64_MAX,
                             .mn = MN,
                             .st = "32",
                             .qn = "20260101000000500",
                             .cp = "SystemTime=20260101000000"};
}

static bool offer(const struct world *w, const struct yw_offer *o) {
    push(w, o, sizeof *o);
    union yw_pull m;
    assert_true(pulled(w, &m, PATIENCE_MS));
    assert_int_equal(m.kind, YW_PULL_TAKEN);
    assert_true(m.taken.id == o->id);
    return m.taken.taken != 0;
}

/* One frame that comes within so many milliseconds; its CN, 0: none. */
static uint16_t frame_cn(int fd, char *frame, size_t size, int timeout_ms) {
    size_t n = 0;
    int64_t end = yw_monotonic() + (int64_t)timeout_ms * 1000;
    while (n + 1 < size && (n < 2 || frame[n - 1] != '\n')) {
        int64_t left = (end - yw_monotonic()) / 1000;
        struct pollfd p = {.fd = fd, .events = POLLIN};
        if (left <= 0 || poll(&p, 1, (int)left) <= 0 || recv(fd, frame + n, 1, 0) <= 0) return 0;
        n++;
    }
    frame[n] = 0;
    hj212_packet p;
    assert_int_equal(hj212_decode(NULL, frame, n, &p).status, HJ212_PACKET);
    assert_true(p.ok);
    return p.command;
}

static void send_text(int fd, const char *cn, const char *mn, const char *flag, const char *cp) {
    char frame[1100];
    const hj212_message m = {.qn = hj212_text("20260101000000500"),
                             .st = hj212_text("91"),
                             .cn = hj212_text(cn),
                             .pw = hj212_text("123456"),
                             .mn = hj212_text(mn),
                             .flag = hj212_text(flag),
                             .cp = hj212_text(cp)};
    size_t n = hj212_encode(&m, frame, sizeof frame);
    assert_int_equal(send(fd, frame, n, 0), n);
}

static int events(const struct world *w, const char *part) {
    struct yw_reader *r;
    struct yw_error err;
    struct yw_record record;
    int count = 0;
    assert_int_equal(yw_reader_open(w->folder, NULL, &r, &err), YW_OK);
    while (yw_reader_next(r, &record, &err) == YW_OK)
        count += record.direction == YW_DIR_EVENT &&
                 memmem(record.payload, record.length, part, strlen(part)) != NULL;
    yw_reader_close(r);
    return count;
}

static int wait_events(const struct world *w, const char *part, int least) {
    for (int i = 0; i < 400 && events(w, part) < least; i++) usleep(50000);
    return events(w, part);
}

static void test_who_holds_a_device(void **state) {
    struct world *w = *state;
    assert_true(ask(w, 1, "") == 0);
    int a = link_up(w);
    send_packet(a, 1);
    assert_int_equal(answers(a, 1, PATIENCE_MS), 1);
    int64_t heard = ask(w, 1, ""), now = yw_now();
    assert_true(heard > now - 5 * YW_SECOND && heard <= now + YW_SECOND);
    assert_true(ask(w, 2, "") == 0);
    close(a);
    for (int i = 0; i < 100 && ask(w, 1, "") != 0; i++) usleep(20000);
    assert_true(ask(w, 1, "") == 0); /* the link is gone */
    const struct yw_offer o = new_offer(1);
    assert_false(offer(w, &o));
    assert_int_equal(events(w, "command"), 0);
}

static void test_one_command_at_a_time(void **state) {
    struct world *w = *state;
    char frame[1100];
    int a = link_up(w);
    send_packet(a, 1);
    assert_int_equal(answers(a, 1, PATIENCE_MS), 1);
    struct yw_offer first = new_offer(1), second = new_offer(2), lapsed = new_offer(3);
    lapsed.valid_until = yw_now() - 1;
    assert_false(offer(w, &lapsed));
    assert_true(offer(w, &first));
    assert_false(offer(w, &second));
    assert_int_equal(frame_cn(a, frame, sizeof frame, PATIENCE_MS), 1012);
    send_text(a, "9011", MN, "4", "QnRtn=1");
    send_text(a, "9012", MN, "4", "ExeRtn=1");
    assert_int_equal(wait_events(w, "\"outcome\":\"done\"", 1), 1);
    assert_true(offer(w, &second));
    assert_int_equal(frame_cn(a, frame, sizeof frame, PATIENCE_MS), 1012);
    assert_int_equal(events(w, "\"step\":\"sent\""), 2);
    close(a);
}

/* Nothing goes out that is not committed, and time does not run against a device that got nothing. */
static void test_commands_wait_for_the_disk(void **state) {
    struct world *w = *state;
    char frame[1100];
    int a = link_up(w);
    send_packet(a, 1);
    assert_int_equal(answers(a, 1, PATIENCE_MS), 1);
    const struct yw_offer o = new_offer(1), other = new_offer(2);
    atomic_store(&w->sync_fault, EIO);
    assert_true(offer(w, &o));
    assert_int_equal(frame_cn(a, frame, sizeof frame, 3000), 0); /* longer than its resend would wait */
    assert_false(offer(w, &other));                              /* a disk that fails takes no more of them */
    atomic_store(&w->sync_fault, 0);
    assert_int_equal(frame_cn(a, frame, sizeof frame, PATIENCE_MS), 1012);
    send_text(a, "9011", MN, "4", "QnRtn=2");
    assert_int_equal(wait_events(w, "\"outcome\":\"refused\"", 1), 1);
    assert_int_equal(events(w, "\"attempt\":1"), 1);
    assert_int_equal(events(w, "\"attempt\":2"), 0);
    close(a);
}

/* Registration (1001) is answered; a command reaches the device by its hardware id and ends by its answers.
 */
static void test_a_device_without_an_mn(void **state) {
    struct world *w = *state;
    char frame[1100];
    int a = link_up(w);
    send_text(a, "1001", "", "9", "i23005-Info=DAS0001;i23006-Info=CPU1");
    assert_int_equal(frame_cn(a, frame, sizeof frame, PATIENCE_MS), 9013);
    assert_true(ask(w, 0, "DAS0001") != 0);
    assert_true(ask(w, 0, "DAS0002") == 0);
    struct yw_offer o = new_offer(1);
    o.device = 0;
    o.cn = 1002;
    o.version = 2025;
    snprintf(o.hardware, sizeof o.hardware, "DAS0001");
    snprintf(o.cp, sizeof o.cp, "i23005-Info=DAS0001");
    assert_true(offer(w, &o));
    assert_int_equal(frame_cn(a, frame, sizeof frame, PATIENCE_MS), 1002);
    assert_non_null(strstr(frame, "MN=" MN));
    assert_non_null(strstr(frame, "Flag=9;"));
    send_text(a, "9011", "", "8", "QnRtn=1");
    send_text(a, "9012", MN, "8", "ExeRtn=1"); /* it has its MN now */
    assert_int_equal(wait_events(w, "\"outcome\":\"done\"", 1), 1);
    assert_true(ask(w, 1, "") != 0);
    close(a);
}

static void test_twins(void **state) {
    struct world *w = *state;
    int a = link_up(w), b = link_up(w);
    for (int i = 1; i < 7; i++) {
        send_packet(i % 2 != 0 ? a : b, i);
        assert_int_equal(answers(i % 2 != 0 ? a : b, 1, PATIENCE_MS), 1);
    }
    assert_int_equal(wait_events(w, "\"event\":\"twin\",\"device\":1", 1), 1);
    assert_true(reaches(w, YW_GW_TWIN_ALARMS, 1, 1) && counter(w, YW_GW_TWIN) == 0);
    send_packet(b, 6);
    assert_int_equal(answers(b, 1, PATIENCE_MS), 1); /* what came before is answered again, and counted */
    assert_true(reaches(w, YW_GW_RESENT, 1, 1));
    close(a);
    close(b);
}

static void test_messages_nobody_sends(void **state) {
    struct world *w = *state;
    struct yw_offer o = new_offer(1);
    o.qn[3] = 'x';
    push(w, &o, sizeof o);
    push(w, "q", 1);
    push(w, "zzz", 3);
    assert_true(ask(w, 1, "") == 0); /* it goes on */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_disk_full, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_write_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_sync_error, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_each_answer_follows_a_sync, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_clock_jumps, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_answers_what_it_holds, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_stop_waits_for_a_slow_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_holds_a_device, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_one_command_at_a_time, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_commands_wait_for_the_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_device_without_an_mn, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_twins, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_messages_nobody_sends, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
