/* yanwu report: prints a document that comes on standard input, or a report of a data folder. The web process
 * starts it for every print: whatever drawing does with somebody's text, it does here, within limits. */
#include "cli/report.h"
#include "cli/report_from.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

enum { CPU_SECONDS_MAX = 120, MEMORY_MAX = 1 << 30 };

static enum yw_code read_all(struct yw_buf *to, struct yw_error *err) {
    char bytes[1 << 16];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
        if (n == 0) return YW_OK;
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return yw_fail_errno(err, errno, "standard input");
        if (!yw_buf_add(to, bytes, (size_t)n))
            return yw_fail(err, YW_E_LIMIT, "the document is larger than %d bytes", YW_DOCUMENT_BYTES_MAX);
    }
}

static enum yw_code write_all(const char *path, const struct yw_buf *b, struct yw_error *err) {
    if (path[0] != '\0' && strcmp(path, "-") != 0)
        return yw_file_replace(yw_io_system(), path, b->data, b->len, err);
    for (size_t done = 0; done < b->len;) {
        ssize_t n = write(STDOUT_FILENO, b->data + done, b->len - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) return yw_fail_errno(err, errno, "standard output");
        done += (size_t)n;
    }
    return YW_OK;
}

static enum yw_code render(const json_t *doc, const char *format, struct yw_buf *out, struct yw_error *err) {
    if (strcmp(format, "pdf") == 0) return yw_report_pdf(doc, out, err);
    if (strcmp(format, "xlsx") == 0) return yw_report_xlsx(doc, out, err);
    char *text = json_dumps(doc, JSON_INDENT(1) | JSON_REAL_PRECISION(15));
    bool kept = text != NULL && yw_buf_puts(out, text) && yw_buf_putc(out, '\n');
    free(text);
    return kept ? YW_OK : yw_fail(err, YW_E_LIMIT, "the report is larger than %d bytes", YW_REPORT_OUT_MAX);
}

int main(int argc, char **argv) {
    const char *data = "", *period = "", *at = "", *area = "", *format = "", *out = "";
    uint32_t outlet = 0;
    bool json = false, english = false;
    struct yw_opt opts[] = {
        {"data", YW_OPT_TEXT, &data, "DIR", "data folder; without it a document is read from standard input"},
        {"outlet", YW_OPT_U32, &outlet, "ID", "report of this outlet instead of the rates"},
        {"area", YW_OPT_TEXT, &area, "CODE", "rates of this area alone"},
        {"period", YW_OPT_TEXT, &period, "PERIOD", "day, month, quarter or year"},
        {"at", YW_OPT_TEXT, &at, "WHEN", "2026-11-23, 2026-11, 2026-Q4 or 2026; the present one without it"},
        {"format", YW_OPT_TEXT, &format, "FORMAT", "json, pdf or xlsx"},
        {"json", YW_OPT_FLAG, &json, NULL, "the same as --format json: what the API answers"},
        {"english", YW_OPT_FLAG, &english, NULL, "print in English"},
        {"out", YW_OPT_TEXT, &out, "FILE", "written there instead of to standard output"},
    };
    struct yw_command command = {
        .name = "yanwu report",
        .usage = "--data DIR [OPTION...]  |  --format pdf|xlsx <DOCUMENT",
        .summary = "Rates and daily to yearly reports as JSON, PDF or .xlsx.",
        .more = "Rates are this platform's own definition and no official statistics; see docs/reports.md.\n",
        .opts = opts,
        .opt_count = YW_COUNT(opts)};
    int count;
    if (yw_options(&command, argc, argv, &count) != YW_OK) return 2;
    if (json || (format[0] == '\0' && data[0] != '\0')) format = "json";
    bool known = strcmp(format, "pdf") == 0 || strcmp(format, "xlsx") == 0 || strcmp(format, "json") == 0;
    if (!known || (json && data[0] == '\0')) {
        fprintf(stderr, "yanwu report: --format is pdf or xlsx; json needs --data\n");
        return 2;
    }
    struct rlimit cpu = {.rlim_cur = CPU_SECONDS_MAX, .rlim_max = CPU_SECONDS_MAX};
    struct rlimit memory = {.rlim_cur = MEMORY_MAX, .rlim_max = MEMORY_MAX};
    (void)setrlimit(RLIMIT_CPU, &cpu);
    if (!YW_SANITIZED) (void)setrlimit(RLIMIT_AS, &memory);
    struct yw_error err = {0};
    struct yw_buf in, made;
    json_t *doc = NULL;
    yw_buf_init(&in, YW_DOCUMENT_BYTES_MAX);
    yw_buf_init(&made, YW_REPORT_OUT_MAX);
    enum yw_code code;
    if (data[0] != '\0') {
        struct yw_report_wish wish = {.data = data,
                                      .period = period,
                                      .at = at,
                                      .area = area,
                                      .outlet = outlet,
                                      .english = english,
                                      .document = strcmp(format, "json") != 0,
                                      .now = yw_now()};
        code = yw_report_from_folder(&wish, &doc, &err);
    } else {
        code = read_all(&in, &err);
        if (code == YW_OK) code = yw_report_document_read(in.data != NULL ? in.data : "", in.len, &doc, &err);
    }
    if (code == YW_OK) code = render(doc, format, &made, &err);
    if (code == YW_OK) code = write_all(out, &made, &err);
    if (code != YW_OK) fprintf(stderr, "yanwu report: %s\n", err.text);
    json_decref(doc);
    yw_buf_free(&in);
    yw_buf_free(&made);
    return code == YW_OK ? 0 : 1;
}
