/* host_command: `yanwu plant host`, many plants in one process with a control socket. */
#include <stdlib.h>
#include <string.h>

#include "plants/ending.h"

enum { SCENARIO_FILES_MAX = 2000, COPIES_MAX = 10000, PLANTS_MAX = 10000 };

struct asked {
    const char *to, *control, *memory, *speed;
    int64_t start;
    uint32_t days, history, seed, window, copies;
    bool json;
};

static const char more[] =
    "SCENARIO is a scenario file, or a table of plants (.csv) as share/demo/plants.csv is one.\n"
    "The control socket takes lines of JSON and answers with lines: docs/plant-host.md describes them.";

/* ---- plants ---- */

struct plants {
    struct yw_host *host;
    const struct yw_effect_book *book;
    const struct asked *asked;
    int64_t start;
    uint32_t n;
};

/* Copies differ in the last six characters of the MN: their number among all plants of the host; and with it
 * in their seeds. */
static enum yw_code add_scenario(struct plants *p, const char *path, struct yw_error *err) {
    struct yw_host_outlet *o = calloc(1, sizeof *o);
    if (!o) return yw_fail(err, YW_E_NOMEM, "no memory for a plant");
    enum yw_code code = yw_scenario_load(path, p->book, &o->scenario, err);
    o->history = p->asked->history > 0;
    for (uint32_t i = 0; !code && i < p->asked->copies; i++) {
        char *mn = o->scenario.mn;
        size_t n = strlen(mn);
        if (p->asked->copies > 1 && n >= 10) snprintf(mn + n - 6, 7, "%06u", p->n % 1000000);
        o->seed = yw_plant_seed(p->asked->seed, mn);
        code = p->n++ < PLANTS_MAX ? yw_host_add(p->host, o, err)
                                   : yw_fail(err, YW_E_LIMIT, "a host has at most %d plants", PLANTS_MAX);
    }
    free(o);
    return code;
}

static enum yw_code add_table(struct plants *p, const char *path, struct yw_error *err) {
    char folder[4096];
    struct yw_host_outlet *outlets = NULL;
    size_t n = 0;
    enum yw_code code = yw_share_path("scenarios", folder, sizeof folder, err);
    if (!code) code = yw_province_load(path, folder, p->book, p->start, &outlets, &n, err);
    for (size_t i = 0; !code && i < n; i++) {
        outlets[i].history = outlets[i].history && p->asked->history > 0;
        code = p->n++ < PLANTS_MAX ? yw_host_add(p->host, &outlets[i], err)
                                   : yw_fail(err, YW_E_LIMIT, "a host has at most %d plants", PLANTS_MAX);
    }
    free(outlets);
    return code;
}

static enum yw_code add_file(struct plants *p, const char *path, struct yw_error *err) {
    size_t n = strlen(path);
    bool table = n > 4 && strcmp(path + n - 4, ".csv") == 0;
    return table ? add_table(p, path, err) : add_scenario(p, path, err);
}

/* ---- the command ---- */

static enum yw_code open_all(const struct asked *a, char **files, int count, double speed,
                             struct yw_ending *e, const struct yw_effect_book *book, struct yw_error *err) {
    char host[256];
    struct yw_plant_client_options client = {
        .host = host, .window = a->window, .resends = 3, .timeout_us = 10 * YW_SECOND};
    int64_t start = a->start == INT64_MIN ? yw_now() : a->start;
    struct yw_host_options options = {.start = start,
                                      .speed = speed,
                                      .until = a->days ? start + (int64_t)a->days * YW_DAY : 0,
                                      .realtime_history_us = YW_DAY};
    options.ranges[1] = (struct yw_host_range){start - (int64_t)a->history * YW_DAY, start};
    enum yw_code code = yw_parse_address(a->to, host, sizeof host, &client.port, err);
    if (!code) code = yw_host_create(&e->loop, &client, &options, &e->host, err);
    struct plants p = {.host = e->host, .book = book, .asked = a, .start = start};
    for (int i = 0; !code && i < count; i++) code = add_file(&p, files[i], err);
    if (!code && a->memory) code = yw_host_load_file(e->host, a->memory, err);
    if (!code && a->control) code = yw_control_open(&e->loop, a->control, e->host, book, &e->control, err);
    return code;
}

static int run(const struct asked *a, char **files, int count, double speed) {
    struct yw_ending e = {.stop = false, .memory = a->memory, .patient = a->control != NULL};
    struct yw_effect_book *book = NULL;
    struct yw_error err;
    if (yw_book_load(&book, &err)) return yw_plant_fail(&err);
    uv_loop_init(&e.loop);
    enum yw_code code = open_all(a, files, count, speed, &e, book, &err);
    yw_ending_begin(&e);
    if (code) {
        yw_ending_give_up(&e, err.text);
    } else {
        yw_host_start(e.host);
    }
    int status = yw_ending_run(&e, a->json);
    free(book);
    return code == YW_E_USAGE ? 2 : status;
}

int yw_plant_host(int argc, char **argv) {
    struct asked a = {.speed = "1", .start = INT64_MIN, .seed = 1, .window = 8, .copies = 1};
    const struct yw_opt opts[] = {
        {"to", YW_OPT_TEXT, &a.to, "HOST:PORT", "the gateway's device listener"},
        {"control", YW_OPT_TEXT, &a.control, "SOCKET", "listen there for lines of JSON (mode 0600)"},
        {"start", YW_OPT_TIME, &a.start, "TIME", "data time of the beginning (default: now)"},
        {"speed", YW_OPT_TEXT, &a.speed, "X",
         "plant time runs so much faster; 0: as fast as acknowledged (default 1)"},
        {"days", YW_OPT_U32, &a.days, "N", "end after so many days of plant time"},
        {"history", YW_OPT_U32, &a.history, "N",
         "first send so many days before the beginning, newest first"},
        {"seed", YW_OPT_U32, &a.seed, "N", "another seed is another life of the same plants (default 1)"},
        {"copies", YW_OPT_U32, &a.copies, "N",
         "so many plants of each scenario; the last six digits of their MN are their number"},
        {"memory", YW_OPT_TEXT, &a.memory, "FILE", "what hosts have set is kept there from run to run"},
        {"window", YW_OPT_U32, &a.window, "N", "packets of a plant on their way at a time (default 8)"},
        {"json", YW_OPT_FLAG, &a.json, NULL, "print the counts as JSON"},
    };
    const struct yw_command cmd = {"yanwu plant host",
                                   "SCENARIO... --to HOST:PORT [OPTION...]",
                                   "Many simulated plants in one process, with a socket to act upon them.",
                                   more,
                                   opts,
                                   YW_COUNT(opts),
                                   1,
                                   SCENARIO_FILES_MAX};
    int count;
    double speed;
    if (yw_options(&cmd, argc, argv, &count)) return 2;
    yw_log_setup("yanwu-plant", YW_LOG_INFO);
    if (!a.to) return yw_plant_usage("host needs --to HOST:PORT");
    if (!yw_parse_f64(a.speed, strlen(a.speed), &speed) || speed < 0 || speed > YW_HOST_SPEED_MAX)
        return yw_plant_usage("--speed takes a number of 0 (as fast as acknowledged) to 100000");
    if (a.copies < 1 || a.copies > COPIES_MAX) return yw_plant_usage("--copies takes a number of 1 to 10000");
    if (a.history > 366) return yw_plant_usage("--history takes a number of 0 to 366");
    return run(&a, argv + 1, count, speed);
}
