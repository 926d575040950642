/* yanwu hj212 probe: plays the host against a field device and reports what it found. */
#include "hj212_cli.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "probe/probe.h"

enum { REPORT_BYTES = 96 << 20 };

static void on_step(void *arg, const char *line) {
    YW_UNUSED(arg);
    fprintf(stderr, "yanwu hj212 probe: %s\n", line);
}

static int write_report(const struct probe *p, const char *path, bool html) {
    struct yw_buf b;
    struct yw_error err;
    yw_buf_init(&b, REPORT_BYTES);
    enum yw_code code = YW_OK;
    if (!(html ? probe_html : probe_json)(p, &b)) {
        code = yw_fail(&err, YW_E_LIMIT, "the report is larger than %d MiB", REPORT_BYTES >> 20);
    } else if (strcmp(path, "-") == 0) {
        fwrite(b.data, 1, b.len, stdout);
    } else {
        code = yw_file_replace(yw_io_system(), path, b.data, b.len, &err);
    }
    yw_buf_free(&b);
    if (code != YW_OK) fprintf(stderr, "yanwu hj212 probe: %s\n", err.text);
    return code == YW_OK ? 0 : 1;
}

/* NAME.html and NAME.json */
static int write_both(const struct probe *p, const char *name) {
    char path[4096];
    int rc = 0;
    for (int html = 0; html < 2; html++) {
        int n = snprintf(path, sizeof path, "%s.%s", name, html ? "html" : "json");
        rc |= n > 0 && (size_t)n < sizeof path ? write_report(p, path, html != 0) : 1;
    }
    return rc;
}

static int test(struct probe *p, const char *both, const char *html, const char *json) {
    struct yw_error err;
    p->bytes = malloc(PROBE_BYTES);
    p->exchanges = calloc(PROBE_EXCHANGES, sizeof *p->exchanges);
    p->results = calloc(yw_probe_rule_n, sizeof *p->results);
    if (p->bytes == NULL || p->exchanges == NULL || p->results == NULL) return 1;
    if (probe_open(p, &err) != YW_OK) {
        fprintf(stderr, "yanwu hj212 probe: %s\n", err.text);
        probe_close(p);
        return 1;
    }
    probe_run(p);
    probe_close(p);
    if (p->mn[0] == 0) {
        fprintf(
            stderr,
            "yanwu hj212 probe: the device sent no packet within %u s: say who it is with --mn, --pw, --st\n",
            p->options.wait_s);
        return 1;
    }
    int rc = both != NULL ? write_both(p, both) : 0;
    if (html != NULL) rc |= write_report(p, html, true);
    if (json != NULL) rc |= write_report(p, json, false);
    struct probe_counts c = probe_count(p);
    fprintf(stderr, "yanwu hj212 probe: %u pass, %u fail, %u notices, %u left out%s\n", c.pass, c.fail,
            c.noticed, c.skipped, p->gone ? "; the device closed the link before the end" : "");
    return rc != 0 || c.fail > 0 ? 1 : 0;
}

int hj212_probe_main(int argc, char **argv) {
    struct probe *p = calloc(1, sizeof *p);
    if (p == NULL) return 1;
    struct probe_options *o = &p->options;
    const char *both = NULL, *html = NULL, *json = NULL;
    struct hj212_keys keys = {.count = 0};
    bool english = false;
    o->wait_s = 180;
    o->overtime_s = 5;
    const struct yw_opt opts[] = {
        {"listen", YW_OPT_FLAG, &o->listen, NULL,
         "wait at ADDRESS for the device instead of connecting to it"},
        {"mn", YW_OPT_TEXT, &o->mn, "MN", "the device's MN (default: as its first packet says)"},
        {"pw", YW_OPT_TEXT, &o->pw, "PW", "its password (default: the same)"},
        {"st", YW_OPT_TEXT, &o->st, "ST", "its system code (default: the same)"},
        {"hj212", YW_OPT_U32, &o->version, "YEAR", "2005, 2017 or 2025 (default: as its Flag says)"},
        {"settings", YW_OPT_FLAG, &o->settings, NULL,
         "also change settings (clock, intervals, password); they are put back"},
        {"equipment", YW_OPT_FLAG, &o->equipment, NULL,
         "also commands that make instruments work (calibration, cleaning, sampling)"},
        {"quick", YW_OPT_FLAG, &o->quick, NULL, "leave out what takes minutes"},
        {"wait", YW_OPT_U32, &o->wait_s, "S", "for the device and its first packet (180)"},
        {"overtime", YW_OPT_U32, &o->overtime_s, "S", "for each answer (5)"},
        {"report", YW_OPT_TEXT, &both, "NAME", "write NAME.html and NAME.json"},
        {"html", YW_OPT_TEXT, &html, "FILE", "write the report for people"},
        {"json", YW_OPT_TEXT, &json, "FILE",
         "write the report for programs ('-': standard output, the default)"},
        {"english", YW_OPT_FLAG, &english, NULL, "the report in English"},
    };
    const struct yw_command cmd = {
        .name = "yanwu hj212 probe",
        .usage = "[OPTION...] HOST[:PORT] | --listen [[HOST:]PORT]",
        .summary = "Tests a field device against HJ 212: frames, commands, refusals, resends.",
        .more = "--key KEY (may stand several times): SM4 keys of a device that encrypts.\n"
                "Exit status: 0 everything held, 1 something did not, 2 wrong use.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 0,
        .most = 1,
    };
    int count = 0;
    if (!hj212_take_keys("probe", &argc, argv, &keys) || yw_options(&cmd, argc, argv, &count) != YW_OK) {
        free(p);
        return 2;
    }
    o->address = count > 0 ? argv[1] : PROBE_PORT;
    o->zh = !english;
    o->key_n = keys.count < 4 ? keys.count : 4;
    memcpy(o->keys, keys.bytes, o->key_n * 16);
    if (count == 0 && !o->listen) {
        fprintf(stderr, "yanwu hj212 probe: name the device's HOST[:PORT], or wait for it with --listen\n");
        free(p);
        return 2;
    }
    if (o->version != 0 && yw_version_bit((uint16_t)o->version) == 0) {
        fprintf(stderr, "yanwu hj212 probe: --hj212 is 2005, 2017 or 2025, not %u\n", o->version);
        free(p);
        return 2;
    }
    if (o->overtime_s == 0 || o->overtime_s > 99) o->overtime_s = 5;
    p->say = on_step;
    if (both == NULL && html == NULL && json == NULL) json = "-";
    int rc = test(p, both, html, json);
    free(p->bytes);
    free(p->exchanges);
    free(p->results);
    free(p);
    return rc;
}
