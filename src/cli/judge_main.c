/* yanwu judge: the same preliminary verdicts off line: a site file and a table of records in, JSON lines out.
 */
#include "cli/judge_run.h"

#include <string.h>

static enum yw_code read_text(const char *path, size_t max, struct yw_buf *out, struct yw_error *err) {
    yw_buf_init(out, max);
    enum yw_code code = yw_file_read(path, max, out, err);
    if (code != YW_OK) yw_buf_free(out);
    return code;
}

static enum yw_code read_site(const char *path, const struct yw_rules *rules, struct yw_site *site,
                              struct yw_error *err) {
    struct yw_buf text;
    struct yw_error inner = {0};
    enum yw_code code = read_text(path, YW_SITE_TEXT, &text, err);
    if (code != YW_OK) return code;
    code = yw_site_from_yaml(text.data ? text.data : "", text.len, rules, site, &inner);
    /* "site line 3: ..." is "da002.yaml line 3: ..." here */
    bool placed = strncmp(inner.text, "site ", 5) == 0 || strncmp(inner.text, "site:", 5) == 0;
    if (code != YW_OK) yw_fail(err, code, "%s%s%s", path, placed ? "" : ": ", inner.text + (placed ? 4 : 0));
    yw_buf_free(&text);
    return code;
}

static enum yw_code read_data(const char *path, struct yw_site *site, struct judge_data *data,
                              struct yw_error *err) {
    struct yw_buf text;
    enum yw_code code = read_text(path, JUDGE_DATA_MAX, &text, err);
    if (code != YW_OK) return code;
    code = judge_data_read(text.data ? text.data : "", text.len, path, site, data, err);
    yw_buf_free(&text);
    return code;
}

/* Rows of a standard name many factors that an outlet does not have; what is written out by hand is meant. */
static bool is_of_a_standard(const struct yw_rules *rules, const struct yw_site_limit *l) {
    size_t n;
    const struct yw_limit_row *rows = yw_rules_limits(rules, &n);
    for (size_t i = 0; i < n; i++)
        if (strncmp(l->source, rows[i].standard, strlen(rows[i].standard)) == 0) return true;
    return false;
}

/* A slip in a code would leave a limit or a check without effect: that is said. */
static void say_what_has_no_data(const struct yw_rules *rules, const struct yw_site *s) {
    for (size_t i = 0; i < s->limit_n; i++)
        if (yw_site_factor(s, s->limits[i].factor) < 0 && !is_of_a_standard(rules, &s->limits[i]))
            yw_log(YW_LOG_WARN,
                   "limits: no column and no entry of factors for %s; it is held against nothing",
                   s->limits[i].factor);
    for (size_t i = 0; i < s->amount_n; i++)
        if (yw_site_factor(s, s->amounts[i].factor) < 0)
            yw_log(YW_LOG_WARN, "amounts: no column and no entry of factors for %s", s->amounts[i].factor);
    for (size_t i = 0; i < s->check_n; i++)
        if (yw_site_factor(s, s->checks[i].factor) < 0)
            yw_log(YW_LOG_WARN, "checks[%zu]: no column and no entry of factors for %s", i,
                   s->checks[i].factor);
}

/* Site, then data (whose columns belong to the site), then the rules as the site corrects them. */
static enum yw_code judge(const char *site_path, const char *data_path, const char *folder,
                          const struct judge_wish *wish, struct yw_error *err) {
    static struct yw_site site; /* too large for a stack that parsers share */
    struct yw_rules *rules = NULL, *own = NULL;
    struct judge_data data = {.n = 0};
    enum yw_code code = folder ? yw_rules_load_from(folder, &rules, err) : yw_rules_load(&rules, err);
    if (code == YW_OK) code = read_site(site_path, rules, &site, err);
    if (code == YW_OK) {
        code = read_data(data_path, &site, &data, err);
        for (size_t i = 0; i < data.message_n; i++) yw_log(YW_LOG_WARN, "%s", data.messages[i]);
        if (code == YW_OK) say_what_has_no_data(rules, &site);
        if (code == YW_OK) code = yw_site_rules(&site, rules, &own, err);
        if (code == YW_OK) code = judge_run(own, &site, &data, wish, err);
        judge_data_free(&data);
        yw_site_free(&site);
    }
    yw_rules_destroy(own);
    yw_rules_destroy(rules);
    return code;
}

int main(int argc, char **argv) {
    const char *site = NULL, *lines = NULL, *folder = NULL;
    struct judge_wish wish = {.lines = LINE_ALL};
    const struct yw_opt opts[] = {
        {"site", YW_OPT_TEXT, &site, "SITE.yaml",
         "what must be known of the outlet: docs/judge.md, key by key"},
        {"lines", YW_OPT_TEXT, &lines, "hour,day,...", "only these lines; all of them without it"},
        {"rules", YW_OPT_TEXT, &folder, "FOLDER", "rules and limits from there instead of share/rules"},
        {"blocks", YW_OPT_FLAG, &wish.all_blocks, NULL,
         "all five-minute means of a furnace, not only the cold ones"},
        {"compact", YW_OPT_FLAG, &wish.compact, NULL, "leave out members that are null, empty or false"},
    };
    const struct yw_command cmd = {
        .name = "yanwu judge",
        .usage = "--site SITE.yaml [OPTION...] DATA.csv",
        .summary = "Judges records off line: validity, means, limits, and verdicts with their reasons, as "
                   "JSON lines.",
        .more = "DATA.csv: first column DataTime (yyyymmddhhmmss), others HJ 212 names (a21026-Avg, "
                "a21026-Flag).\n"
                "Lines: hour 8h day month quarter year block verdict tally check unit end; docs/judge.md "
                "tells them.\n"
                "Every verdict is preliminary: officers verify it.\n",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 1,
    };
    int count = 0;
    struct yw_error err = {0};
    yw_log_setup("yanwu judge", YW_LOG_INFO);
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    if (!site) {
        yw_log(YW_LOG_ERROR, "--site SITE.yaml is missing; see yanwu judge --help");
        return 2;
    }
    if (lines && !judge_lines_parse(lines, &wish.lines, &err)) {
        yw_log(YW_LOG_ERROR, "%s", err.text);
        return 2;
    }
    if (judge(site, argv[1], folder, &wish, &err) == YW_OK) return 0;
    yw_log(YW_LOG_ERROR, "%s", err.text);
    return 1;
}
