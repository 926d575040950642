/* The client against a server in the same loop: handshake, answers, resends with the same QN, refusal. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "hj212.h"
#include "plants/plants.h"

enum { FRAMES = 40 };

struct scene {
    uv_loop_t loop;
    uv_tcp_t listener, peers[4];
    unsigned peer_count;
    uv_timer_t end;
    struct yw_plant_client *client;
    struct yw_plant_link *link;
    /* how the server behaves */
    const char *domain;    /* NULL: it does not answer the handshake with anything that fits */
    unsigned silent_first; /* so many packets are not answered at first */
    bool drop_once;        /* the first link is dropped after five packets */
    /* how the client behaves */
    bool plain;          /* its packets want no answer */
    unsigned deaf_first; /* so many answers are lost on their way to it */
    /* what the server saw */
    char input[65536];
    size_t n;
    unsigned packets, seen[FRAMES];
    char qn[FRAMES][18];
    bool qn_changed;
    /* what the client saw */
    unsigned next, acked, lost, ups, downs;
    bool refused;
    unsigned again[FRAMES], again_n;
};

static void close_all(struct scene *s) {
    if (uv_is_closing((uv_handle_t *)&s->end)) return;
    uv_close((uv_handle_t *)&s->end, NULL);
    uv_close((uv_handle_t *)&s->listener, NULL);
    for (unsigned i = 0; i < s->peer_count; i++)
        if (!uv_is_closing((uv_handle_t *)&s->peers[i])) uv_close((uv_handle_t *)&s->peers[i], NULL);
    yw_plant_client_close(s->client);
}

static void server_write(uv_stream_t *to, const char *bytes, size_t n) {
    uv_buf_t buf = uv_buf_init((char *)bytes, (unsigned)n);
    assert_int_equal(uv_try_write(to, &buf, 1), (int)n);
}

static void server_packet(struct scene *s, uv_stream_t *from, const hj212_packet *p) {
    char number[4] = "";
    hj212_span time = hj212_cp_field(p->cp, "DataTime"); /* its last two digits number the frame */
    memcpy(number, time.p + 12, 2);
    uint32_t i = 0;
    assert_true(yw_parse_u32(number, 2, FRAMES - 1, &i));
    if (s->seen[i]++ == 0)
        memcpy(s->qn[i], p->qn.p, 17);
    else if (memcmp(s->qn[i], p->qn.p, 17) != 0)
        s->qn_changed = true;
    if (s->packets++ < s->silent_first) return;
    if (s->drop_once && s->packets == 6) {
        s->drop_once = false;
        uv_close((uv_handle_t *)from, NULL);
        return;
    }
    char ack[256];
    server_write(from, ack, hj212_encode_ack(p, ack, sizeof ack));
}

static void server_take(struct scene *s, uv_stream_t *from) {
    size_t at = 0;
    if (s->n > 10 && memcmp(s->input, "YWPLANT 1 ", 10) == 0) {
        char *end = memchr(s->input, '\n', s->n);
        if (!end) return;
        char line[128];
        int n = s->domain ? snprintf(line, sizeof line, "%.*s %s\r\n", (int)(end - s->input - 1), s->input,
                                     s->domain)
                          : snprintf(line, sizeof line, "220 welcome\r\n");
        server_write(from, line, (size_t)n);
        at = (size_t)(end + 1 - s->input);
    }
    while (at < s->n && !uv_is_closing((uv_handle_t *)from)) {
        hj212_packet p;
        hj212_result r = hj212_decode(NULL, s->input + at, s->n - at, &p);
        if (r.status == HJ212_INCOMPLETE) break;
        assert_int_equal(r.status, HJ212_PACKET);
        server_packet(s, from, &p);
        at += r.consumed;
    }
    memmove(s->input, s->input + at, s->n - at);
    s->n -= at;
}

static void on_alloc(uv_handle_t *h, size_t hint, uv_buf_t *buf) {
    struct scene *s = h->data;
    (void)hint;
    *buf = uv_buf_init(s->input + s->n, (unsigned)(sizeof s->input - s->n));
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *buf) {
    struct scene *s = stream->data;
    (void)buf;
    if (n > 0) {
        s->n += (size_t)n;
        server_take(s, stream);
    } else if (n < 0 && !uv_is_closing((uv_handle_t *)stream)) {
        uv_close((uv_handle_t *)stream, NULL);
    }
}

static void on_connection(uv_stream_t *listener, int status) {
    struct scene *s = listener->data;
    assert_int_equal(status, 0);
    assert_true(s->peer_count < YW_COUNT(s->peers));
    uv_tcp_t *peer = &s->peers[s->peer_count++];
    s->n = 0;
    uv_tcp_init(&s->loop, peer);
    peer->data = s;
    uv_accept(listener, (uv_stream_t *)peer);
    uv_read_start((uv_stream_t *)peer, on_alloc, on_read);
}

static bool client_next(void *arg, struct yw_plant_slot *slot) {
    struct scene *s = arg;
    unsigned i;
    if (s->again_n)
        i = s->again[--s->again_n];
    else if (s->next < FRAMES)
        i = s->next++;
    else
        return false;
    struct yw_device_face face = {
        .mn = "595700000000000000000009", .pw = "123456", .st = "31", .version = 2017};
    char area[64];
    snprintf(area, sizeof area, "DataTime=202611230000%02u;a21026-Rtd=1.0", i);
    size_t n = strlen(area);
    struct yw_parcel *p = malloc(sizeof *p + n);
    *p = (struct yw_parcel){.command = 2011, .part = 1, .parts = 1, .length = (uint16_t)n};
    memcpy(p->cp, area, n);
    slot->length =
        yw_frame_write(&face, p, (1763870400000 + i) * 1000, slot->bytes, YW_PLANT_FRAME_MAX, slot->qn);
    slot->tag = (void *)(uintptr_t)i;
    slot->wants_ack = !s->plain;
    free(p);
    return slot->length > 0;
}

static void client_acked(void *arg, struct yw_plant_slot *slot, int64_t took_us) {
    struct scene *s = arg;
    (void)slot;
    assert_true(took_us >= 0);
    if (++s->acked == FRAMES) close_all(s);
}

static void client_lost(void *arg, struct yw_plant_slot *slot) {
    struct scene *s = arg;
    s->lost++;
    s->again[s->again_n++] = (unsigned)(uintptr_t)slot->tag;
}

static void client_state(void *arg, enum yw_plant_link_state state, const char *why) {
    struct scene *s = arg;
    (void)why;
    s->ups += state == YW_PLANT_LINK_UP;
    s->downs += state == YW_PLANT_LINK_DOWN;
    if (state == YW_PLANT_LINK_REFUSED) {
        s->refused = true;
        close_all(s);
    }
}

static bool client_frame(void *arg, const void *bytes, size_t n, uint16_t command) {
    struct scene *s = arg;
    assert_true(n > 12 && memcmp(bytes, "##", 2) == 0);
    assert_int_equal(command, 9014);
    if (s->deaf_first == 0) return true;
    s->deaf_first--;
    return false;
}

static void on_end(uv_timer_t *timer) {
    close_all(timer->data);
}

static void play(struct scene *s, uint32_t window) {
    static const struct yw_plant_link_face face = {.next = client_next,
                                                   .acked = client_acked,
                                                   .lost = client_lost,
                                                   .state = client_state,
                                                   .frame = client_frame};
    uv_loop_init(&s->loop);
    uv_tcp_init(&s->loop, &s->listener);
    s->listener.data = s;
    struct sockaddr_in address;
    uv_ip4_addr("127.0.0.1", 0, &address);
    assert_int_equal(uv_tcp_bind(&s->listener, (struct sockaddr *)&address, 0), 0);
    assert_int_equal(uv_listen((uv_stream_t *)&s->listener, 8, on_connection), 0);
    int size = sizeof address;
    uv_tcp_getsockname(&s->listener, (struct sockaddr *)&address, &size);
    uv_timer_init(&s->loop, &s->end);
    s->end.data = s;
    uv_timer_start(&s->end, on_end, 20000, 0);
    struct yw_plant_client_options o = {.host = "127.0.0.1",
                                        .port = ntohs(address.sin_port),
                                        .window = window,
                                        .timeout_us = 400000,
                                        .resends = 3};
    struct yw_error err = {.text = ""};
    if (yw_plant_client_create(&s->loop, &o, &s->client, &err) ||
        yw_plant_link_open(s->client, &face, s, &s->link, &err))
        fail_msg("%s", err.text);
    uv_run(&s->loop, UV_RUN_DEFAULT);
    yw_plant_client_destroy(s->client);
    assert_int_equal(uv_loop_close(&s->loop), 0);
}

static void test_all_acknowledged_once(void **state) {
    (void)state;
    static const uint32_t windows[] = {1, 4, 32};
    for (size_t i = 0; i < YW_COUNT(windows); i++) {
        struct scene s = {.domain = "demo"};
        play(&s, windows[i]);
        assert_int_equal(s.acked, FRAMES);
        for (unsigned k = 0; k < FRAMES; k++) assert_int_equal(s.seen[k], 1);
        assert_int_equal(s.lost, 0);
    }
}

static void test_overdue_packets_are_sent_again_with_their_qn(void **state) {
    (void)state;
    struct scene s = {.domain = "training", .silent_first = 3};
    play(&s, 4);
    assert_int_equal(s.acked, FRAMES);
    assert_int_equal(s.packets, FRAMES + 3);
    assert_false(s.qn_changed);
    assert_int_equal(s.ups, 1);
}

static void test_a_link_without_answers_is_given_up_and_comes_back(void **state) {
    (void)state;
    struct scene s = {.domain = "demo", .silent_first = 4}; /* first sending and three resends */
    play(&s, 1);
    assert_int_equal(s.acked, FRAMES);
    assert_int_equal(s.lost, 1);
    assert_int_equal(s.ups, 2);
    assert_int_equal(s.seen[0], 5);
}

static void test_a_broken_link_loses_nothing(void **state) {
    (void)state;
    struct scene s = {.domain = "demo", .drop_once = true};
    play(&s, 4);
    assert_int_equal(s.acked, FRAMES);
    assert_true(s.lost > 0 && s.ups == 2);
    for (unsigned k = 0; k < FRAMES; k++) assert_true(s.seen[k] >= 1);
}

static void test_nothing_is_sent_without_the_handshake(void **state) {
    (void)state;
    static const char *const domains[] = {NULL, "real", "demonstration"};
    for (size_t i = 0; i < YW_COUNT(domains); i++) {
        struct scene s = {.domain = domains[i]};
        play(&s, 4);
        assert_true(s.refused);
        assert_int_equal(s.packets, 0);
        assert_int_equal(s.next, 0);
    }
}

static void test_what_wants_no_answer_is_done_once_written(void **state) {
    (void)state;
    struct scene s = {.domain = "demo", .plain = true, .silent_first = 1000};
    play(&s, 4);
    assert_int_equal(s.acked, FRAMES);
    assert_int_equal(s.lost, 0);
    assert_int_equal(s.ups, 1);
}

static void test_an_answer_that_gets_lost_is_waited_for_again(void **state) {
    (void)state;
    struct scene s = {.domain = "demo", .deaf_first = 3};
    play(&s, 4);
    assert_int_equal(s.acked, FRAMES);
    assert_int_equal(s.packets, FRAMES + 3);
    assert_false(s.qn_changed);
}

static void test_addresses(void **state) {
    (void)state;
    char host[64];
    uint16_t port;
    assert_int_equal(yw_parse_address("127.0.0.1:9212", host, sizeof host, &port, NULL), YW_OK);
    assert_string_equal(host, "127.0.0.1");
    assert_int_equal(port, 9212);
    assert_int_equal(yw_parse_address("[::1]:80", host, sizeof host, &port, NULL), YW_OK);
    assert_string_equal(host, "::1");
    static const char *const wrong[] = {"",       "host",       "host:",  ":80",
                                        "host:0", "host:70000", "::1:80", "[]:80"};
    for (size_t i = 0; i < YW_COUNT(wrong); i++)
        assert_int_equal(yw_parse_address(wrong[i], host, sizeof host, &port, NULL), YW_E_USAGE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_acknowledged_once),
        cmocka_unit_test(test_overdue_packets_are_sent_again_with_their_qn),
        cmocka_unit_test(test_a_link_without_answers_is_given_up_and_comes_back),
        cmocka_unit_test(test_a_broken_link_loses_nothing),
        cmocka_unit_test(test_nothing_is_sent_without_the_handshake),
        cmocka_unit_test(test_what_wants_no_answer_is_done_once_written),
        cmocka_unit_test(test_an_answer_that_gets_lost_is_waited_for_again),
        cmocka_unit_test(test_addresses),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
