/* ending: looks at the host or feed each so often, shows how it goes, ends in order. */
#include "plants/ending.h"

#include <string.h>
#include <unistd.h>

int yw_plant_fail(const struct yw_error *err) {
    fprintf(stderr, "yanwu plant: %s\n", err->text);
    return err->code == YW_E_USAGE ? 2 : 1;
}

int yw_plant_usage(const char *what) {
    fprintf(stderr, "yanwu plant: %s\nSee yanwu plant --help.\n", what);
    return 2;
}

static void begin_closing(struct yw_ending *e) {
    uv_close((uv_handle_t *)&e->timer, NULL);
    uv_close((uv_handle_t *)&e->interrupt, NULL);
    uv_close((uv_handle_t *)&e->terminate, NULL);
    if (e->host) yw_host_close(e->host);
    if (e->feed) yw_replay_feed_close(e->feed);
    yw_control_close(e->control);
}

void yw_ending_give_up(struct yw_ending *e, const char *why) {
    e->failed = true;
    yw_copy(e->why, sizeof e->why, why, strlen(why));
    begin_closing(e);
}

static void on_signal(uv_signal_t *signal, int number) {
    struct yw_ending *e = signal->data;
    YW_UNUSED(number);
    e->stop = true;
}

static void show(const struct yw_host_state *s) {
    char now[40];
    yw_time_text(s->now, now);
    fprintf(stderr, "\r%s  up %llu/%llu  sent %llu  acknowledged %llu  waiting %llu  ", now,
            (unsigned long long)s->up, (unsigned long long)s->outlets, (unsigned long long)s->sent,
            (unsigned long long)s->acked, (unsigned long long)s->waiting);
}

static bool keep_memory(struct yw_ending *e) {
    struct yw_error err;
    if (!e->memory || !yw_host_save_file(e->host, e->memory, &err)) return true;
    yw_ending_give_up(e, err.text);
    return false;
}

static void on_look(uv_timer_t *timer) {
    struct yw_ending *e = timer->data;
    struct yw_host_state s = {.done = false};
    if (e->host) yw_host_state(e->host, &s);
    if (e->feed) yw_replay_feed_state(e->feed, &s);
    if (!e->quiet && isatty(STDERR_FILENO)) show(&s);
    if (!keep_memory(e)) return;
    if (s.refused) {
        yw_ending_give_up(e, s.why);
    } else if (e->stop || s.done) {
        begin_closing(e);
    } else if (!e->patient && s.up == 0 && s.acked == 0 && yw_monotonic() - e->asked > 10 * YW_SECOND) {
        char text[320];
        snprintf(text, sizeof text, "no link within 10 s: %.200s", s.why[0] ? s.why : "no answer");
        yw_ending_give_up(e, text);
    }
}

void yw_ending_begin(struct yw_ending *e) {
    e->asked = yw_monotonic();
    uv_timer_init(&e->loop, &e->timer);
    uv_signal_init(&e->loop, &e->interrupt);
    uv_signal_init(&e->loop, &e->terminate);
    e->timer.data = e->interrupt.data = e->terminate.data = e;
    uv_timer_start(&e->timer, on_look, 50, 50);
    uv_signal_start(&e->interrupt, on_signal, SIGINT);
    uv_signal_start(&e->terminate, on_signal, SIGTERM);
}

int yw_ending_run(struct yw_ending *e, bool json) {
    uv_run(&e->loop, UV_RUN_DEFAULT);
    struct yw_host_state s = {.done = false};
    if (e->host) yw_host_state(e->host, &s);
    if (e->feed) yw_replay_feed_state(e->feed, &s);
    if (!e->quiet && isatty(STDERR_FILENO)) fputc('\n', stderr);
    if (e->failed)
        fprintf(stderr, "yanwu plant: %s\n", e->why);
    else if (json)
        printf("{\"sent\":%llu,\"acknowledged\":%llu,\"lost\":%llu,\"dropped\":%llu}\n",
               (unsigned long long)s.sent, (unsigned long long)s.acked, (unsigned long long)s.lost,
               (unsigned long long)s.dropped);
    else
        printf("%llu packets sent, %llu acknowledged\n", (unsigned long long)s.sent,
               (unsigned long long)s.acked);
    yw_control_destroy(e->control);
    yw_host_destroy(e->host);
    yw_replay_feed_destroy(e->feed);
    uv_loop_close(&e->loop);
    return e->failed ? 1 : 0;
}
