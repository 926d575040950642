/* yanwu demo: the platform on a data folder of its own with a demonstration province, its plants running. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "demo_platform.h"
#include "plants/plants.h"

enum { PATH_SIZE = 4096, LOOK_MS = 200, WINDOW = 16 };
static const int64_t SAVE_EVERY_US = 30 * YW_SECOND, IN_FLIGHT_US = 2 * YW_MINUTE, NOT_FILLED = 0;

struct demo {
    char data[PATH_SIZE];
    struct demo_state state;
    struct demo_serve serve;
    uv_loop_t loop;
    uv_timer_t timer;
    uv_poll_t output; /* of serve */
    uv_signal_t interrupt, terminate;
    struct yw_host *host;
    struct yw_effect_book *book; /* of the plants' scenarios */
    int64_t began, saved;
    bool ended, failed, shown_filled, terminal;
    char why[320];
};

static int fail(const struct yw_error *err) {
    fprintf(stderr, "yanwu demo: %s\n", err->text);
    return 1;
}

/* ---- the data folder ---- */

static enum yw_code choose_folder(struct demo *d, const char *asked, struct yw_error *err) {
    const char *base = getenv("XDG_DATA_HOME"), *home = getenv("HOME");
    int n;
    if (asked)
        n = snprintf(d->data, sizeof d->data, "%s", asked);
    else if (base && base[0] == '/')
        n = snprintf(d->data, sizeof d->data, "%s/yanwu-demo", base);
    else if (home && home[0] == '/')
        n = snprintf(d->data, sizeof d->data, "%s/.local/share/yanwu-demo", home);
    else
        return yw_fail(err, YW_E_USAGE, "neither XDG_DATA_HOME nor HOME is set: give --data DIR");
    if (n < 0 || (size_t)n > sizeof d->data - 256)
        return yw_fail(err, YW_E_LIMIT, "the data folder's path is too long");
    return YW_OK;
}

static enum yw_code prepare_folder(struct demo *d, bool fresh, uint32_t days, struct yw_error *err) {
    enum yw_code code = demo_state_load(d->data, &d->state, err);
    if (!fresh && code != YW_E_NOT_FOUND && (code || d->state.first != NOT_FILLED)) return code;
    if (fresh || !code) code = demo_wipe(d->data, err); /* also what an earlier start left half filled */
    if (code && code != YW_E_NOT_FOUND) return code;
    if (!demo_is_empty(d->data))
        return yw_fail(err, YW_E_DENIED,
                       "%s holds something that is not a demonstration; give another --data", d->data);
    code = yw_make_dirs(d->data, err);
    /* the mark comes first, so that a folder left half filled is known as the demonstration's own */
    d->state = (struct demo_state){.first = NOT_FILLED};
    if (!code) code = demo_state_save(d->data, &d->state, err);
    if (!code) code = demo_fill(d->data, err);
    if (code) return code;
    int64_t now = yw_now(); /* nothing missed, everything to fill */
    d->state = (struct demo_state){.first = yw_china_day_start(yw_china_day(now)) - (int64_t)days * YW_DAY,
                                   .filled_from = now,
                                   .live_until = now};
    return demo_state_save(d->data, &d->state, err);
}

static void save_state(struct demo *d) {
    struct yw_host_state s;
    struct yw_error err;
    if (!d->host) return;
    yw_host_state(d->host, &s);
    if (s.left[0] == 0 && s.acked > 0) d->state.live_until = s.now - IN_FLIGHT_US;
    if (s.left[1] == 0)
        d->state.filled_from = d->state.first;
    else if (s.filled_from < d->state.filled_from)
        d->state.filled_from = s.filled_from;
    if (demo_state_save(d->data, &d->state, &err)) yw_log(YW_LOG_WARN, "%s", err.text);
    d->saved = yw_monotonic();
}

/* ---- plants ---- */

/* What the devices keep over a restart: a password or key that was set holds on. */
static const char *devices_path(const struct demo *d, char out[PATH_SIZE]) {
    snprintf(out, PATH_SIZE, "%.4000s/demo-devices", d->data);
    return out;
}

static void save_devices(struct demo *d) {
    char path[PATH_SIZE];
    struct yw_error err;
    if (d->host && yw_host_save_file(d->host, devices_path(d, path), &err))
        yw_log(YW_LOG_WARN, "%s", err.text);
}

static enum yw_code start_plants(struct demo *d, struct yw_error *err) {
    char table[PATH_SIZE], folder[PATH_SIZE], host[256];
    struct yw_host_outlet *outlets = NULL;
    size_t n = 0;
    int64_t now = yw_now();
    struct yw_plant_client_options client = {
        .host = host, .window = WINDOW, .resends = 3, .timeout_us = 10 * YW_SECOND};
    struct yw_host_options o = {.start = now, .speed = 1, .realtime_history_us = YW_DAY};
    /* what was missed since the last run comes first, then what is left of the history; both overlap a little
       with what was sent, which the store recognises */
    o.ranges[0] = (struct yw_host_range){d->state.live_until, now};
    o.ranges[1] = (struct yw_host_range){d->state.first, d->state.filled_from};
    enum yw_code code = yw_parse_address(d->serve.device, host, sizeof host, &client.port, err);
    if (!code) code = yw_share_path("demo/plants.csv", table, sizeof table, err);
    if (!code) code = yw_share_path("scenarios", folder, sizeof folder, err);
    if (!code) code = yw_book_load(&d->book, err);
    if (!code) code = yw_province_load(table, folder, d->book, now, &outlets, &n, err);
    if (!code) code = yw_host_create(&d->loop, &client, &o, &d->host, err);
    for (size_t i = 0; !code && i < n; i++) code = yw_host_add(d->host, &outlets[i], err);
    if (!code) code = yw_host_load_file(d->host, devices_path(d, table), err);
    if (!code) yw_host_start(d->host);
    free(outlets);
    return code;
}

/* ---- what people see ---- */

static void greet(const struct demo *d) {
    char path[PATH_SIZE];
    struct yw_buf text;
    printf("演武 演示系统 / Yanwu demonstration\n\n  %s\n\n", d->serve.http);
    snprintf(path, sizeof path, "%.4000s/demo-accounts", d->data);
    yw_buf_init(&text, 64 << 10);
    if (!yw_file_read(path, (64 << 10) - 1, &text, NULL) && text.len)
        printf("账号 accounts (name password role):\n%s\n", text.data);
    yw_buf_free(&text);
    printf("设备 devices: %s    数据 data: %s\n演示数据，非官方统计。Invented data. Ctrl-C ends it.\n",
           d->serve.device, d->data);
    fflush(stdout);
}

static void show_progress(struct demo *d, const struct yw_host_state *s) {
    if (s->left[0] + s->left[1] == 0) {
        if (!d->shown_filled) {
            printf("%s历史数据已补齐 history complete: %llu packets, %.0f s\n", d->terminal ? "\r" : "",
                   (unsigned long long)s->acked, (double)(yw_monotonic() - d->began) / 1e6);
            fflush(stdout);
        }
        d->shown_filled = true;
    } else if (d->terminal) {
        double part = 1 - (double)(s->left[0] + s->left[1]) / (double)s->history_total;
        printf("\r历史数据 history %3.0f %%  on line %llu/%llu  %llu packets ", 100 * part,
               (unsigned long long)s->up, (unsigned long long)s->outlets, (unsigned long long)s->acked);
        fflush(stdout);
    }
}

/* ---- the loop ---- */

static void end(struct demo *d, const char *why) {
    if (d->ended) return;
    d->ended = true;
    if (why) {
        d->failed = true;
        yw_copy(d->why, sizeof d->why, why, strlen(why));
    }
    save_state(d);
    save_devices(d);
    if (d->host) yw_host_close(d->host);
    uv_close((uv_handle_t *)&d->timer, NULL);
    uv_close((uv_handle_t *)&d->output, NULL);
    uv_close((uv_handle_t *)&d->interrupt, NULL);
    uv_close((uv_handle_t *)&d->terminate, NULL);
}

static void on_signal(uv_signal_t *signal, int number) {
    YW_UNUSED(number);
    end(signal->data, NULL);
}

static void on_output(uv_poll_t *poll, int status, int events) {
    struct demo *d = poll->data;
    struct yw_error err;
    YW_UNUSED(status), YW_UNUSED(events);
    bool open = demo_serve_read(&d->serve);
    if (d->serve.ready && !d->host) {
        greet(d);
        if (start_plants(d, &err)) end(d, err.text);
    }
    if (!open) end(d, "yanwu serve ended; its messages stand above");
}

static void on_look(uv_timer_t *timer) {
    struct demo *d = timer->data;
    struct yw_host_state s;
    if (!d->host) return;
    yw_host_state(d->host, &s);
    show_progress(d, &s);
    save_devices(d);
    if (s.refused)
        end(d, s.why);
    else if (yw_monotonic() - d->saved > SAVE_EVERY_US)
        save_state(d);
}

static int run(struct demo *d) {
    uv_loop_init(&d->loop);
    uv_timer_init(&d->loop, &d->timer);
    uv_poll_init(&d->loop, &d->output, d->serve.out);
    uv_signal_init(&d->loop, &d->interrupt);
    uv_signal_init(&d->loop, &d->terminate);
    d->timer.data = d->output.data = d->interrupt.data = d->terminate.data = d;
    uv_timer_start(&d->timer, on_look, LOOK_MS, LOOK_MS);
    uv_poll_start(&d->output, UV_READABLE | UV_DISCONNECT, on_output);
    uv_signal_start(&d->interrupt, on_signal, SIGINT);
    uv_signal_start(&d->terminate, on_signal, SIGTERM);
    d->saved = d->began = yw_monotonic();
    uv_run(&d->loop, UV_RUN_DEFAULT);
    yw_host_destroy(d->host);
    free(d->book);
    uv_loop_close(&d->loop);
    if (!demo_serve_stop(&d->serve)) d->failed = true;
    if (d->why[0]) fprintf(stderr, "yanwu demo: %s\n", d->why);
    return d->failed;
}

int main(int argc, char **argv) {
    struct demo d = {.ended = false, .terminal = isatty(STDOUT_FILENO)};
    const char *data = NULL, *http = "127.0.0.1:8212", *device = "127.0.0.1:9212";
    uint32_t days = 30;
    bool fresh = false;
    const struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &data, "DIR", "data folder (default: $XDG_DATA_HOME/yanwu-demo)"},
        {"http-listen", YW_OPT_TEXT, &http, "ADDR:PORT", "pages (default 127.0.0.1:8212; port 0: any)"},
        {"device-listen", YW_OPT_TEXT, &device, "ADDR:PORT", "devices (default 127.0.0.1:9212; port 0: any)"},
        {"days", YW_OPT_U32, &days, "N", "days of history in a fresh folder (default 30)"},
        {"fresh", YW_OPT_FLAG, &fresh, NULL,
         "begin anew: removes what an earlier demonstration left in the folder"},
    };
    const struct yw_command cmd = {
        "yanwu demo",
        "[OPTION...]",
        "Starts the platform with a demonstration province: 60 simulated outlets and their history.",
        "A second start on the same folder goes on where the first one ended.",
        opts,
        YW_COUNT(opts),
        0,
        0};
    int count;
    struct yw_error err;
    if (yw_options(&cmd, argc, argv, &count)) return 2;
    if (days > 366) return fprintf(stderr, "yanwu demo: --days takes 0 to 366\n"), 2;
    yw_log_setup("yanwu-demo", YW_LOG_INFO);
    signal(SIGPIPE, SIG_IGN);
    if (choose_folder(&d, data, &err) || prepare_folder(&d, fresh, days, &err) ||
        demo_serve_start(&d.serve, d.data, device, http, &err))
        return fail(&err);
    return run(&d);
}
