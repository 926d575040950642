/* yanwu plant: simulated outlets and real series, sent to a training gateway or written to CSV. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <uv.h>

#include "plants/feed.h"
#include "plants/plants.h"

enum { CSV_FILE_MAX = 512 << 20 };

struct ending { /* of a run: what the loop's timer looks at */
    uv_loop_t loop;
    uv_timer_t timer;
    uv_signal_t interrupt, terminate;
    struct yw_host *host;
    struct yw_replay_feed *feed;
    int64_t asked, silent_since;
    const char *memory; /* file of what the device keeps; NULL: none */
    bool stop, failed, quiet;
    char why[320];
};

static const char more[] =
    "commands:\n"
    "  run SCENARIO.yaml --to HOST:PORT   live as this outlet on a training or demonstration gateway\n"
    "  run SCENARIO.yaml --csv FILE       write its series, and the truth to FILE.truth.csv\n"
    "  replay FILE.csv --to HOST:PORT     send the rows of a CSV file, digits exactly as they stand\n\n"
    "A plant sends nothing to a gateway that does not answer the training handshake.";

/* ---- the loop ---- */

static void begin_closing(struct ending *e) {
    uv_close((uv_handle_t *)&e->timer, NULL);
    uv_close((uv_handle_t *)&e->interrupt, NULL);
    uv_close((uv_handle_t *)&e->terminate, NULL);
    if (e->host) yw_host_close(e->host);
    if (e->feed) yw_replay_feed_close(e->feed);
}

static void give_up(struct ending *e, const char *why) {
    e->failed = true;
    yw_copy(e->why, sizeof e->why, why, strlen(why));
    begin_closing(e);
}

static void on_signal(uv_signal_t *signal, int number) {
    struct ending *e = signal->data;
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

static bool keep_memory(struct ending *e) {
    struct yw_error err;
    if (!e->memory || !yw_host_save_file(e->host, e->memory, &err)) return true;
    give_up(e, err.text);
    return false;
}

static void on_look(uv_timer_t *timer) {
    struct ending *e = timer->data;
    struct yw_host_state s = {.done = false};
    if (e->host) yw_host_state(e->host, &s);
    if (e->feed) yw_replay_feed_state(e->feed, &s);
    if (!e->quiet && isatty(STDERR_FILENO)) show(&s);
    if (!keep_memory(e)) return;
    if (s.refused) {
        give_up(e, s.why);
    } else if (e->stop || s.done) {
        begin_closing(e);
    } else if (s.up == 0 && s.acked == 0 && yw_monotonic() - e->asked > 10 * YW_SECOND) {
        char text[320];
        snprintf(text, sizeof text, "no link within 10 s: %.200s", s.why[0] ? s.why : "no answer");
        give_up(e, text);
    }
}

static void ending_begin(struct ending *e) {
    e->asked = yw_monotonic();
    uv_timer_init(&e->loop, &e->timer);
    uv_signal_init(&e->loop, &e->interrupt);
    uv_signal_init(&e->loop, &e->terminate);
    e->timer.data = e->interrupt.data = e->terminate.data = e;
    uv_timer_start(&e->timer, on_look, 50, 50);
    uv_signal_start(&e->interrupt, on_signal, SIGINT);
    uv_signal_start(&e->terminate, on_signal, SIGTERM);
}

static int finish(struct ending *e, bool json) {
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
    yw_host_destroy(e->host);
    yw_replay_feed_destroy(e->feed);
    uv_loop_close(&e->loop);
    return e->failed ? 1 : 0;
}

/* ---- run ---- */

struct run_options {
    const char *to, *csv, *kind, *speed, *mn, *pw, *st, *map, *memory;
    int64_t start, step;
    uint32_t days, seed, window;
    bool json;
};

static bool kind_command(const char *kind, uint16_t *command) {
    static const struct {
        const char *name;
        uint16_t command;
    } kinds[] = {{"real", 2011}, {"minute", 2051}, {"hour", 2061}, {"day", 2031}};
    for (size_t i = 0; i < YW_COUNT(kinds); i++)
        if (strcmp(kinds[i].name, kind) == 0) {
            *command = kinds[i].command;
            return true;
        }
    return false;
}

static int fail(const struct yw_error *err) {
    fprintf(stderr, "yanwu plant: %s\n", err->text);
    return err->code == YW_E_USAGE ? 2 : 1;
}

static int usage(const char *what) {
    fprintf(stderr, "yanwu plant: %s\nSee yanwu plant --help.\n", what);
    return 2;
}

/* Fills client from --to; host must hold 256 bytes. */
static enum yw_code to_gateway(const struct run_options *o, char *host,
                               struct yw_plant_client_options *client, struct yw_error *err) {
    *client = (struct yw_plant_client_options){
        .host = host, .window = o->window, .resends = 3, .timeout_us = 10 * YW_SECOND};
    return yw_parse_address(o->to, host, 256, &client->port, err);
}

static int run_live(const struct run_options *o, const struct yw_scenario *s, int64_t start, double speed) {
    struct yw_error err;
    char host[256];
    struct yw_plant_client_options client;
    if (to_gateway(o, host, &client, &err)) return fail(&err);
    struct ending e = {.stop = false};
    uv_loop_init(&e.loop);
    struct yw_host_options options = {
        .start = start, .speed = speed, .until = o->days ? start + (int64_t)o->days * YW_DAY : 0};
    struct yw_host_outlet outlet = {.scenario = *s, .seed = yw_plant_seed(o->seed, s->mn)};
    e.memory = o->memory;
    if (yw_host_create(&e.loop, &client, &options, &e.host, &err) || yw_host_add(e.host, &outlet, &err) ||
        (o->memory && yw_host_load_file(e.host, o->memory, &err)))
        return fail(&err);
    ending_begin(&e);
    yw_host_start(e.host);
    return finish(&e, o->json);
}

static int command_run(const struct run_options *o, const char *path) {
    struct yw_error err;
    struct yw_scenario s;
    if (!o->to == !o->csv) return usage("run takes either --to HOST:PORT or --csv FILE");
    if (yw_scenario_load(path, &s, &err)) return fail(&err);
    double speed;
    if (!yw_parse_f64(o->speed, strlen(o->speed), &speed) || speed < 0 || speed > 100000)
        return usage("--speed takes a number of 0 (as fast as acknowledged) to 100000");
    int64_t step = s.sample_s * YW_SECOND, start = o->start == INT64_MIN ? yw_now() : o->start;
    if (o->to) return run_live(o, &s, start, speed);
    start -= (start + YW_CHINA) % step;
    uint16_t command;
    if (!kind_command(o->kind, &command)) return usage("--kind takes real, minute, hour or day");
    if (!o->days) return usage("--csv needs --days");
    if (yw_series_csv(&s, yw_plant_seed(o->seed, s.mn), start, start + (int64_t)o->days * YW_DAY, command,
                      o->csv, &err))
        return fail(&err);
    return 0;
}

/* ---- replay ---- */

static enum yw_code read_map(const char *path, struct yw_replay_map *map, struct yw_error *err) {
    struct yw_buf text;
    struct yw_error inner;
    yw_buf_init(&text, 64 << 10);
    enum yw_code code = yw_file_read(path, (64 << 10) - 1, &text, err);
    if (!code && (code = yw_replay_map_parse(text.data ? text.data : "", text.len, map, &inner)))
        yw_fail(err, code, "%s: %s", path, inner.text);
    yw_buf_free(&text);
    return code;
}

static int command_replay(const struct run_options *o, const char *path) {
    struct yw_error err, inner;
    struct yw_replay_feed_options feed = {.version = 2017};
    struct yw_replay_map map;
    char host[256];
    struct yw_plant_client_options client;
    if (!o->to) return usage("replay needs --to HOST:PORT");
    if (!kind_command(o->kind, &feed.command)) return usage("--kind takes real, minute, hour or day");
    if (strlen(o->mn) != 24 || strspn(o->mn, "0123456789ABCDEF") != 24 ||
        strncmp(o->mn, YW_PLANT_MN_PREFIX, 4) != 0)
        return usage("--mn takes 24 characters of 0-9 A-F that begin with " YW_PLANT_MN_PREFIX);
    if (strlen(o->pw) != 6 || strpbrk(o->pw, ";=,&")) return usage("--pw takes six characters");
    if (strlen(o->st) != 2 || strpbrk(o->st, ";=,&")) return usage("--st takes two characters");
    if (to_gateway(o, host, &client, &err) || (o->map && read_map(o->map, &map, &err))) return fail(&err);
    feed.mn = o->mn, feed.pw = o->pw, feed.st = o->st;
    struct yw_buf text;
    yw_buf_init(&text, CSV_FILE_MAX);
    if (yw_file_read(path, CSV_FILE_MAX - 1, &text, &err)) return fail(&err);
    struct ending e = {.stop = false};
    uv_loop_init(&e.loop);
    int64_t start = o->start == INT64_MIN ? 0 : o->start;
    enum yw_code code = yw_replay_open(text.data ? text.data : "", text.len, o->map ? &map : NULL, start,
                                       o->start == INT64_MIN ? 0 : o->step * YW_SECOND, &feed.replay, &inner);
    if (code) yw_fail(&err, code, "%s: %s", path, inner.text);
    if (!code) code = yw_replay_feed_create(&e.loop, &client, &feed, &e.feed, &err);
    int result = 1;
    if (code) {
        result = fail(&err);
    } else {
        ending_begin(&e);
        result = finish(&e, o->json);
    }
    yw_replay_close(feed.replay);
    yw_buf_free(&text);
    return result;
}

int main(int argc, char **argv) {
    struct run_options o = {.kind = "hour",
                            .speed = "1",
                            .mn = YW_PLANT_MN_PREFIX "0000000000000000FFFF",
                            .pw = "123456",
                            .st = "31",
                            .start = INT64_MIN,
                            .step = 3600,
                            .seed = 1,
                            .window = 8};
    const struct yw_opt opts[] = {
        {"to", YW_OPT_TEXT, &o.to, "HOST:PORT", "the gateway's device listener"},
        {"csv", YW_OPT_TEXT, &o.csv, "FILE", "write the series there instead of sending it"},
        {"start", YW_OPT_TIME, &o.start, "TIME", "data time of the beginning (default: now)"},
        {"speed", YW_OPT_TEXT, &o.speed, "X",
         "plant time runs so much faster; 0: as fast as acknowledged (default 1)"},
        {"days", YW_OPT_U32, &o.days, "N", "end after so many days of plant time"},
        {"seed", YW_OPT_U32, &o.seed, "N", "another seed is another life of the same plant (default 1)"},
        {"memory", YW_OPT_TEXT, &o.memory, "FILE",
         "run: what hosts have set is kept there from run to run: clock, intervals, password, key"},
        {"kind", YW_OPT_TEXT, &o.kind, "KIND",
         "real, minute, hour or day: of --csv and replay (default hour)"},
        {"step", YW_OPT_SECONDS, &o.step, "SPAN",
         "replay: from row to row where there is no DataTime (default 1h)"},
        {"map", YW_OPT_TEXT, &o.map, "FILE", "replay: YAML that names the factor and field of each column"},
        {"mn", YW_OPT_TEXT, &o.mn, "MN", "replay: sender; begins with " YW_PLANT_MN_PREFIX},
        {"pw", YW_OPT_TEXT, &o.pw, "PW", "replay: its password (default 123456)"},
        {"st", YW_OPT_TEXT, &o.st, "ST", "replay: system code (default 31, an air pollution source)"},
        {"window", YW_OPT_U32, &o.window, "N", "packets on their way at a time (default 8)"},
        {"json", YW_OPT_FLAG, &o.json, NULL, "print the counts as JSON"},
    };
    const struct yw_command cmd = {"yanwu plant",
                                   "COMMAND FILE [OPTION...]",
                                   "Simulated plants for training and demonstration.",
                                   more,
                                   opts,
                                   YW_COUNT(opts),
                                   2,
                                   2};
    int count;
    if (yw_options(&cmd, argc, argv, &count)) return 2;
    yw_log_setup("yanwu-plant", YW_LOG_INFO);
    if (strcmp(argv[1], "run") == 0) return command_run(&o, argv[2]);
    if (strcmp(argv[1], "replay") == 0) return command_replay(&o, argv[2]);
    return usage("the commands are run and replay");
}
