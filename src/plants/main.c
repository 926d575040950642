/* yanwu plant: simulated outlets and real series, sent to a training gateway or written to CSV. */
#include <stdlib.h>
#include <string.h>

#include "plants/bsm1_command.h"
#include "plants/ending.h"

enum { CSV_FILE_MAX = 512 << 20 };

static const char more[] =
    "commands:\n"
    "  run SCENARIO.yaml --to HOST:PORT   live as this outlet on a training or demonstration gateway\n"
    "  run SCENARIO.yaml --csv FILE       write its series, and the truth to FILE.truth.csv\n"
    "  replay FILE.csv --to HOST:PORT     send the rows of a CSV file, digits exactly as they stand\n"
    "  host SCENARIO.yaml... --to HOST:PORT --control SOCKET\n"
    "                                     many outlets at once, and a socket to look at them and act upon "
    "them;\n"
    "                                     see yanwu plant host --help\n"
    "  bsm1 --influent NAME --loop KIND   the benchmark of waste-water works; see yanwu plant bsm1 --help\n\n"
    "A plant sends nothing to a gateway that does not answer the training handshake.";

/* ---- run ---- */

struct run_options {
    const char *to, *csv, *truth, *kind, *speed, *mn, *pw, *st, *map, *memory;
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
    if (to_gateway(o, host, &client, &err)) return yw_plant_fail(&err);
    struct yw_ending e = {.stop = false};
    uv_loop_init(&e.loop);
    struct yw_host_options options = {
        .start = start, .speed = speed, .until = o->days ? start + (int64_t)o->days * YW_DAY : 0};
    struct yw_host_outlet outlet = {.scenario = *s,
                                    .seed = yw_plant_seed(o->seed ? o->seed : s->seed, s->mn)};
    e.memory = o->memory;
    bool failed = yw_host_create(&e.loop, &client, &options, &e.host, &err) ||
                  yw_host_add(e.host, &outlet, &err) ||
                  (o->memory && yw_host_load_file(e.host, o->memory, &err));
    yw_ending_begin(&e);
    if (failed)
        yw_ending_give_up(&e, err.text);
    else
        yw_host_start(e.host);
    return yw_ending_run(&e, o->json);
}

static int run_scenario(const struct run_options *o, const struct yw_scenario *s) {
    struct yw_error err;
    double speed;
    if (!yw_parse_f64(o->speed, strlen(o->speed), &speed) || speed < 0 || speed > 100000)
        return yw_plant_usage("--speed takes a number of 0 (as fast as acknowledged) to 100000");
    int64_t step = s->sample_s * YW_SECOND, start = o->start == INT64_MIN ? yw_now() : o->start;
    if (o->to) return run_live(o, s, start, speed);
    start -= (start + YW_CHINA) % step;
    uint16_t command;
    if (!kind_command(o->kind, &command)) return yw_plant_usage("--kind takes real, minute, hour or day");
    if (!o->days) return yw_plant_usage("--csv needs --days");
    if (yw_series_csv(s, yw_plant_seed(o->seed ? o->seed : s->seed, s->mn), start,
                      start + (int64_t)o->days * YW_DAY, command, o->csv, o->truth, &err))
        return yw_plant_fail(&err);
    return 0;
}

static int command_run(const struct run_options *o, const char *path) {
    struct yw_error err;
    struct yw_scenario s;
    struct yw_effect_book *book = NULL;
    if (!o->to == !o->csv) return yw_plant_usage("run takes either --to HOST:PORT or --csv FILE");
    if (yw_book_load(&book, &err)) return yw_plant_fail(&err);
    int status = yw_scenario_load(path, book, &s, &err) ? yw_plant_fail(&err) : run_scenario(o, &s);
    free(book);
    return status;
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
    if (!o->to) return yw_plant_usage("replay needs --to HOST:PORT");
    if (!kind_command(o->kind, &feed.command))
        return yw_plant_usage("--kind takes real, minute, hour or day");
    if (strlen(o->mn) != 24 || strspn(o->mn, "0123456789ABCDEF") != 24 ||
        strncmp(o->mn, YW_PLANT_MN_PREFIX, 4) != 0)
        return yw_plant_usage("--mn takes 24 characters of 0-9 A-F that begin with " YW_PLANT_MN_PREFIX);
    if (strlen(o->pw) != 6 || strpbrk(o->pw, ";=,&")) return yw_plant_usage("--pw takes six characters");
    if (strlen(o->st) != 2 || strpbrk(o->st, ";=,&")) return yw_plant_usage("--st takes two characters");
    if (to_gateway(o, host, &client, &err) || (o->map && read_map(o->map, &map, &err)))
        return yw_plant_fail(&err);
    feed.mn = o->mn, feed.pw = o->pw, feed.st = o->st;
    struct yw_buf text;
    yw_buf_init(&text, CSV_FILE_MAX);
    if (yw_file_read(path, CSV_FILE_MAX - 1, &text, &err)) return yw_plant_fail(&err);
    struct yw_ending e = {.stop = false};
    uv_loop_init(&e.loop);
    int64_t start = o->start == INT64_MIN ? 0 : o->start;
    enum yw_code code = yw_replay_open(text.data ? text.data : "", text.len, o->map ? &map : NULL, start,
                                       o->start == INT64_MIN ? 0 : o->step * YW_SECOND, &feed.replay, &inner);
    if (code) yw_fail(&err, code, "%s: %s", path, inner.text);
    if (!code) code = yw_replay_feed_create(&e.loop, &client, &feed, &e.feed, &err);
    int result = 1;
    if (code) {
        result = yw_plant_fail(&err);
    } else {
        yw_ending_begin(&e);
        result = yw_ending_run(&e, o->json);
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
                            .seed = 0,
                            .window = 8};
    const struct yw_opt opts[] = {
        {"to", YW_OPT_TEXT, &o.to, "HOST:PORT", "the gateway's device listener"},
        {"csv", YW_OPT_TEXT, &o.csv, "FILE", "write the series there instead of sending it"},
        {"truth", YW_OPT_TEXT, &o.truth, "FILE",
         "run: the truth beside --csv goes there (default: FILE.truth.csv), what happened to "
         "FILE.events.json"},
        {"start", YW_OPT_TIME, &o.start, "TIME", "data time of the beginning (default: now)"},
        {"speed", YW_OPT_TEXT, &o.speed, "X",
         "plant time runs so much faster; 0: as fast as acknowledged (default 1)"},
        {"days", YW_OPT_U32, &o.days, "N", "end after so many days of plant time"},
        {"seed", YW_OPT_U32, &o.seed, "N",
         "another seed is another life of the same plant (default: the scenario's)"},
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
    if (argc > 1 && strcmp(argv[1], "bsm1") == 0) return yw_bsm1_command(argc - 1, argv + 1);
    if (argc > 1 && strcmp(argv[1], "host") == 0) return yw_plant_host(argc - 1, argv + 1);
    if (yw_options(&cmd, argc, argv, &count)) return 2;
    yw_log_setup("yanwu-plant", YW_LOG_INFO);
    if (strcmp(argv[1], "run") == 0) return command_run(&o, argv[2]);
    if (strcmp(argv[1], "replay") == 0) return command_replay(&o, argv[2]);
    return yw_plant_usage("the commands are run, replay and host");
}
