/* yanwu device: asks a device for something through the running platform, and shows what is known of it. */
#include "command/command.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum { ANSWER_MAX = 16 << 20, LOOK_MS = 200, STDIN_MOST = 1000 };

struct wish {
    const char *data, *reason;
    int64_t valid_s;
    uint32_t version;
    bool wait, json, list;
    char typed[STDIN_MOST + 2]; /* a value from standard input */
};

static int fail(const char *text) {
    fprintf(stderr, "yanwu device: %s\n", text);
    return 1;
}

/* ---- the platform's socket ---- */

static int connect_to(const char *data) {
    char path[4200];
    snprintf(path, sizeof path, "%s/run", data);
    int folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    snprintf(name.sun_path, sizeof name.sun_path, "/proc/self/fd/%d/acts.sock", folder);
    if (folder < 0 || fd < 0 || connect(fd, (struct sockaddr *)&name, sizeof name) != 0) {
        int why = errno;
        if (why == EACCES || why == EPERM) {
            fprintf(stderr, "yanwu device: %s/acts.sock: only the user the platform runs as may ask\n", path);
        } else {
            fprintf(stderr,
                    "yanwu device: the platform of %s does not run (%s/acts.sock: %s); start yanwu serve\n",
                    data, path, strerror(why));
        }
        if (fd >= 0) close(fd);
        fd = -1;
    }
    if (folder >= 0) close(folder);
    return fd;
}

/* One question, one answer; NULL with a message printed. */
static json_t *ask(int fd, json_t *question) {
    char *text = json_dumps(question, JSON_COMPACT);
    json_decref(question);
    struct yw_buf in;
    yw_buf_init(&in, ANSWER_MAX);
    size_t n = text != NULL ? strlen(text) : 0;
    bool good = n > 0;
    /* Whoever is turned away is told why before he has asked: the answer is read in any case. */
    if (good && send(fd, text, n, MSG_NOSIGNAL) == (ssize_t)n) (void)!send(fd, "\n", 1, MSG_NOSIGNAL);
    free(text);
    while (good && (in.len == 0 || in.data[in.len - 1] != '\n')) {
        char piece[65536];
        ssize_t got = recv(fd, piece, sizeof piece, 0);
        good = got > 0 && yw_buf_add(&in, piece, (size_t)got);
    }
    json_error_t where;
    json_t *o = good ? json_loadb(in.data, in.len, 0, &where) : NULL;
    yw_buf_free(&in);
    if (o == NULL) (void)fail("the platform closed the connection");
    return o;
}

static const char *text_of(const json_t *o, const char *name) {
    const char *v = json_string_value(json_object_get(o, name));
    return v != NULL ? v : "";
}

static bool refused(const json_t *answer) {
    const json_t *e = json_object_get(answer, "error");
    if (e == NULL) return false;
    (void)fail(text_of(e, "text_en"));
    return true;
}

static void print_json(const json_t *o) {
    char *text = json_dumps(o, JSON_COMPACT);
    printf("%s\n", text != NULL ? text : "{}");
    free(text);
}

/* ---- the catalogue ---- */

static void put_versions(char *out, size_t size, uint8_t versions) {
    snprintf(out, size, "%s%s%s", versions & YW_V2005 ? "05 " : "", versions & YW_V2017 ? "17 " : "",
             versions & YW_V2025 ? "25 " : "");
}

static void print_spec(const struct yw_command_spec *s) {
    char versions[16];
    put_versions(versions, sizeof versions, s->versions);
    printf("%-24s %u  %-9s %s, %s\n", s->key, (unsigned)s->cn, versions, s->en, s->zh);
    for (uint8_t i = 0; i < s->param_n; i++) {
        const struct yw_param *p = &s->params[i];
        printf("    %s%s%s  %s", p->name, p->required && p->preset == NULL ? "=" : " (may be left out)",
               p->required && p->preset == NULL ? "..." : "", p->en);
        if (p->choices != NULL) printf(": %s", p->choices);
        if (p->kind == YW_PARAM_NUMBER) printf(", %lld to %lld", (long long)p->least, (long long)p->most);
        if (p->unit != NULL && p->unit[0] != '\0') printf(" %s", p->unit);
        printf("\n");
    }
}

static void put_spec_json(json_t *list, const struct yw_command_spec *s) {
    json_t *params = json_array(), *versions = json_array();
    static const int years[] = {2005, 2017, 2025};
    for (size_t i = 0; i < YW_COUNT(years); i++) {
        if (yw_command_has_version(s, (uint16_t)years[i]))
            json_array_append_new(versions, json_integer(years[i]));
    }
    for (uint8_t i = 0; i < s->param_n; i++) {
        const struct yw_param *p = &s->params[i];
        json_array_append_new(params, json_pack("{s:s,s:b,s:s,s:s}", "name", p->name, "required",
                                                p->required && p->preset == NULL, "zh", p->zh, "en", p->en));
    }
    json_array_append_new(list, json_pack("{s:s,s:i,s:o,s:s,s:s,s:b,s:o}", "key", s->key, "cn", (int)s->cn,
                                          "versions", versions, "zh", s->zh, "en", s->en, "touches",
                                          s->touches, "params", params));
}

static int list_commands(bool json) {
    json_t *list = json_array();
    for (size_t i = 0; i < yw_command_spec_n; i++) {
        const struct yw_command_spec *s = &yw_command_specs[i];
        if (s->machine) continue;
        if (json) {
            put_spec_json(list, s);
        } else {
            print_spec(s);
        }
    }
    if (json) print_json(list);
    json_decref(list);
    return 0;
}

/* ---- a device ---- */

static void print_time(const json_t *o, const char *name, const char *label) {
    char text[40];
    int64_t ms = json_integer_value(json_object_get(o, name));
    if (ms == 0) return;
    yw_time_text(ms * 1000, text);
    printf("%-14s %s\n", label, text);
}

static void print_commands(const json_t *list) {
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *c = json_array_get(list, i);
        char at[40];
        yw_time_text(json_integer_value(json_object_get(c, "at")) * 1000, at);
        const char *outcome = text_of(c, "outcome");
        printf("  %lld  %.19s  %-24s %s%s%s  %s\n", (long long)json_integer_value(json_object_get(c, "id")),
               at, text_of(c, "key"), text_of(c, "state"), outcome[0] != '\0' ? ": " : "", outcome,
               text_of(c, "by"));
    }
}

static void print_device(const json_t *d, const json_t *commands) {
    const json_t *outlet = json_object_get(d, "outlet"), *dialect = json_object_get(d, "dialect"), *v;
    const char *name;
    printf("%-14s %s\n", "mn", text_of(d, "mn"));
    printf("%-14s %s\n", "state", text_of(d, "state"));
    if (json_is_object(outlet))
        printf("%-14s %s %s\n", "outlet", text_of(outlet, "code"), text_of(outlet, "name"));
    int version = (int)json_integer_value(json_object_get(d, "version"));
    if (version != 0) printf("%-14s %d\n", "version", version);
    print_time(d, "last_arrival", "last arrival");
    if (json_is_object(dialect)) {
        printf("%-14s crc %s %s, text %s, len in %s, tail %s\n", "dialect", text_of(dialect, "crc"),
               text_of(dialect, "crc_case"), text_of(dialect, "text"), text_of(dialect, "len"),
               text_of(dialect, "tail"));
    }
    json_object_foreach(json_object_get(d, "aliases"), name, v) {
        printf("%-14s %s is %s\n", "alias", name, json_string_value(v));
    }
    const json_t *days = json_object_get(d, "clock");
    for (size_t i = 0; i < json_array_size(days) && i < 7; i++) {
        const json_t *day = json_array_get(days, i);
        const json_t *mean = json_object_get(day, "mean_ms"), *asked = json_object_get(day, "asked_ms");
        printf("%-14s %s", "clock", text_of(day, "day"));
        if (json_is_integer(mean)) printf("  %+.1f s by uploads", (double)json_integer_value(mean) / 1000);
        if (json_is_integer(asked)) printf("  %+.1f s as asked", (double)json_integer_value(asked) / 1000);
        printf("\n");
    }
    const json_t *findings = json_object_get(d, "findings");
    for (size_t i = 0; i < json_array_size(findings); i++) {
        const json_t *f = json_array_get(findings, i);
        printf("%-14s %lld x %s\n", "finding", (long long)json_integer_value(json_object_get(f, "count")),
               text_of(f, "text"));
    }
    size_t twins = json_array_size(json_object_get(d, "twins"));
    if (twins > 0) printf("%-14s %zu overlaps of links that claim this MN\n", "twins", twins);
    if (json_array_size(commands) > 0) printf("commands\n");
    print_commands(commands);
}

static int show(int fd, const char *mn, bool json) {
    json_t *o = ask(fd, json_pack("{s:s,s:s}", "ask", "device", "mn", mn));
    int status = o == NULL || refused(o) ? 1 : 0;
    if (status == 0 && json) print_json(o);
    if (status == 0 && !json) print_device(json_object_get(o, "device"), json_object_get(o, "commands"));
    json_decref(o);
    return status;
}

/* ---- a command ---- */

static void print_progress(const json_t *c, char *last, size_t size) {
    char line[200];
    const json_t *q = json_object_get(c, "qnrtn");
    int attempts = (int)json_integer_value(json_object_get(c, "attempts"));
    int uploads = (int)json_integer_value(json_object_get(c, "uploads"));
    snprintf(line, sizeof line, "%s", text_of(c, "state"));
    size_t n = strlen(line);
    if (attempts > 1) n += (size_t)snprintf(line + n, sizeof line - n, ", sent %d times", attempts);
    if (uploads > 0 && n < sizeof line)
        n += (size_t)snprintf(line + n, sizeof line - n, ", %d answers", uploads);
    if (json_is_object(q) && json_integer_value(json_object_get(q, "code")) != 1 && n < sizeof line)
        snprintf(line + n, sizeof line - n, ", QnRtn: %s", text_of(q, "en"));
    if (strcmp(line, last) == 0) return;
    fprintf(stderr, "yanwu device: %s\n", line);
    (void)yw_copy(last, size, line, strlen(line));
}

static bool is_final(const char *state) {
    return strcmp(state, "ended") == 0 || strcmp(state, "not_sent") == 0 || strcmp(state, "unknown") == 0;
}

static void print_result(const json_t *c) {
    const json_t *q = json_object_get(c, "qnrtn"), *x = json_object_get(c, "exertn");
    const json_t *answer = json_object_get(c, "answer");
    printf("%-12s %s\n", "state", text_of(c, "state"));
    if (text_of(c, "outcome")[0] != '\0') printf("%-12s %s\n", "outcome", text_of(c, "outcome"));
    if (json_is_object(q)) printf("%-12s %s\n", "QnRtn", text_of(q, "en"));
    if (json_is_object(x)) printf("%-12s %s\n", "ExeRtn", text_of(x, "en"));
    int uploads = (int)json_integer_value(json_object_get(c, "uploads"));
    if (uploads > 0) printf("%-12s %d\n", "uploads", uploads);
    for (size_t i = 0; i < json_array_size(answer); i++) {
        const json_t *item = json_array_get(answer, i);
        printf("%-24s %-20s %s\n", text_of(item, "name"), text_of(item, "value"), text_of(item, "en"));
    }
}

static int wait_for(int fd, int64_t id, bool json) {
    char last[200] = "";
    for (;;) {
        json_t *c = ask(fd, json_pack("{s:s,s:I}", "ask", "state", "id", (json_int_t)id));
        if (c == NULL || refused(c)) {
            json_decref(c);
            return 1;
        }
        print_progress(c, last, sizeof last);
        if (is_final(text_of(c, "state"))) {
            int status = strcmp(text_of(c, "outcome"), "done") == 0 ? 0 : 1;
            if (json) {
                print_json(c);
            } else {
                print_result(c);
            }
            json_decref(c);
            return status;
        }
        json_decref(c);
        nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000L}, NULL);
    }
}

/* "name=value"; a value "-" is one line of standard input, so that passwords need not stand in a command
 * line.
 */
static bool take_argument(struct wish *w, json_t *to, const char *text) {
    const char *equals = strchr(text, '=');
    if (equals == NULL || equals == text) {
        fprintf(stderr, "yanwu device: %s is not name=value\n", text);
        return false;
    }
    const char *value = equals + 1;
    char name[64];
    if (!yw_copy(name, sizeof name, text, (size_t)(equals - text))) return false;
    if (strcmp(value, "-") == 0) {
        if (fgets(w->typed, sizeof w->typed, stdin) == NULL) w->typed[0] = '\0';
        w->typed[strcspn(w->typed, "\r\n")] = '\0';
        value = w->typed;
    }
    return json_object_set_new(to, name, json_string(value)) == 0;
}

static const char *who(char *out, size_t size) {
    const struct passwd *p = getpwuid(geteuid());
    snprintf(out, size, "%.20s@console", p != NULL ? p->pw_name : "somebody");
    return out;
}

static int command(int fd, struct wish *w, int count, char **argv) {
    char by[33];
    uint16_t cn = 0;
    json_t *arguments = json_object();
    for (int i = 3; i <= count; i++) {
        if (take_argument(w, arguments, argv[i])) continue;
        json_decref(arguments);
        return 2;
    }
    json_t *q = json_pack("{s:s,s:s,s:s,s:s,s:s,s:i,s:I,s:o}", "ask", "command", "mn", argv[1], "origin",
                          "person", "by", who(by, sizeof by), "reason", w->reason, "version", (int)w->version,
                          "valid_s", (json_int_t)w->valid_s, "arguments", arguments);
    if (yw_parse_u16(argv[2], strlen(argv[2]), &cn)) {
        json_object_set_new(q, "cn", json_integer(cn));
    } else {
        json_object_set_new(q, "key", json_string(argv[2]));
    }
    json_t *o = ask(fd, q);
    int status = o == NULL || refused(o) ? 1 : 0;
    if (status == 0) {
        int64_t id = json_integer_value(json_object_get(o, "id"));
        if (w->wait) {
            status = wait_for(fd, id, w->json);
        } else if (w->json) {
            print_json(o);
        } else {
            printf("command %lld is under way; --wait shows what becomes of it\n", (long long)id);
        }
    }
    json_decref(o);
    return status;
}

int main(int argc, char **argv) {
    struct wish w = {0};
    struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &w.data, "DIR", "data folder of the running platform"},
        {"reason", YW_OPT_TEXT, &w.reason, "TEXT", "why; needed with a command, recorded"},
        {"wait", YW_OPT_FLAG, &w.wait, NULL, "until the command has ended; progress on standard error"},
        {"valid", YW_OPT_SECONDS, &w.valid_s, "TIME", "how long it waits for the device's link (10m)"},
        {"protocol", YW_OPT_U32, &w.version, "YEAR", "2005, 2017 or 2025 (as the device speaks)"},
        {"json", YW_OPT_FLAG, &w.json, NULL, "JSON instead of a table"},
        {"list-commands", YW_OPT_FLAG, &w.list, NULL, "all commands with their parameters"},
    };
    struct yw_command cmd = {.name = "yanwu device",
                             .usage = "[OPTION...] --data DIR MN [COMMAND [NAME=VALUE...]]",
                             .summary = "Shows what is known of a device, or asks it for something.",
                             .more =
                                 "COMMAND is a key of --list-commands or a CN. A VALUE of - is read from "
                                 "standard input.\nExit status 0: done (without --wait: asked), 1: not done, "
                                 "2: wrong use.",
                             .opts = opts,
                             .opt_count = YW_COUNT(opts),
                             .least = 0,
                             .most = 2 + YW_ARGUMENTS_MAX};
    int count;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    if (w.list) return list_commands(w.json);
    if (count < 1 || w.data == NULL || (count > 1 && (w.reason == NULL || w.reason[0] == '\0'))) {
        fprintf(stderr, "yanwu device: say --data and an MN; with a command --reason as well; see --help\n");
        return 2;
    }
    int fd = connect_to(w.data);
    if (fd < 0) return 1;
    int status = count == 1 ? show(fd, argv[1], w.json) : command(fd, &w, count, argv);
    close(fd);
    return status;
}
