/* yanwu rebuild: the series once more from the journals. */
#include "judged/judged.h"
#include "pipeline/pipeline.h"

#include <inttypes.h>
#include <unistd.h>

static void show_progress(void *arg, uint64_t done, uint64_t all) {
    enum { WIDTH = 40 };
    int *last = arg;
    int percent = all > 0 ? (int)(done * 100 / all) : 100;
    if (percent == *last) return;
    *last = percent;
    fprintf(stderr, "\r[");
    for (int i = 0; i < WIDTH; i++) fputc(i < percent * WIDTH / 100 ? '#' : '.', stderr);
    fprintf(stderr, "] %3d %%", percent);
    fflush(stderr);
}

/* ---- yanwu rebuild --judge ---- */

struct comparison {
    bool json;
    uint64_t hours, days, others, changed, newly_said, gone;
    size_t rows;
};

static bool print_difference(void *arg, const struct yw_judged_difference *d) {
    struct comparison *c = arg;
    c->hours += d->hours;
    c->days += d->days;
    c->others += d->others;
    c->changed += d->changed;
    c->newly_said += d->newly_said;
    c->gone += d->gone;
    if (c->json) {
        printf("{\"outlet\":%" PRIu32 ",\"kind\":\"%s\",\"hours\":%" PRIu64 ",\"days\":%" PRIu64
               ",\"others\":%" PRIu64 ",\"changed\":%" PRIu64 ",\"newly_said\":%" PRIu64 ",\"gone\":%" PRIu64
               "}\n",
               d->outlet, d->kind ? yw_verdict_word(d->kind)->name : "means", d->hours, d->days, d->others,
               d->changed, d->newly_said, d->gone);
        return true;
    }
    if (c->rows++ == 0)
        printf("%8s  %-18s %8s %8s %8s %8s %8s %8s\n", "outlet", "what", "hours", "days", "others", "changed",
               "new", "gone");
    printf("%8" PRIu32 "  %-18s %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64 " %8" PRIu64
           "\n",
           d->outlet, d->kind ? yw_verdict_word(d->kind)->name : "means", d->hours, d->days, d->others,
           d->changed, d->newly_said, d->gone);
    return true;
}

static int rejudge(const char *data, bool json) {
    struct comparison c = {.json = json};
    struct yw_error err = {0};
    int percent = -1;
    struct yw_rejudge r = {.data = data};
    if (isatty(STDERR_FILENO)) {
        r.progress = show_progress;
        r.arg = &percent;
    }
    enum yw_code code = yw_rejudge(&r, print_difference, &c, &err);
    if (percent >= 0) fputc('\n', stderr);
    if (code != YW_OK) {
        yw_log(YW_LOG_ERROR, "%s", err.text);
        return 1;
    }
    if (json) {
        printf("{\"outlets\":%" PRIu64 ",\"judged_hours\":%" PRIu64 ",\"records\":%" PRIu64
               ",\"hours\":%" PRIu64 ",\"days\":%" PRIu64 ",\"others\":%" PRIu64 ",\"changed\":%" PRIu64
               ",\"newly_said\":%" PRIu64 ",\"gone\":%" PRIu64 "}\n",
               r.outlets, r.hours, r.records, c.hours, c.days, c.others, c.changed, c.newly_said, c.gone);
        return 0;
    }
    printf("%" PRIu64 " records of %" PRIu64 " outlets judged as %" PRIu64 " hours\n", r.records, r.outlets,
           r.hours);
    printf("changed against before: %" PRIu64 " hours, %" PRIu64 " days, %" PRIu64
           " longer means; verdicts: %" PRIu64 " say it otherwise, %" PRIu64 " newly said, %" PRIu64
           " gone\n",
           c.hours, c.days, c.others, c.changed, c.newly_said, c.gone);
    return 0;
}

int main(int argc, char **argv) {
    int64_t seed = -1;
    const char *seed_text = NULL;
    const char *master = NULL;
    bool pass_over = false, judge = false, json = false;
    const struct yw_opt opts[] = {
        {"shuffle", YW_OPT_TEXT, &seed_text, "SEED",
         "read the journals in a random interleaving; the result is the same"},
        {"master-key", YW_OPT_TEXT, &master, "FILE", "opens encrypted packets (default: DATA.master.key)"},
        {"pass-over-damage", YW_OPT_FLAG, &pass_over, NULL,
         "go on behind damaged places of a journal instead of giving up"},
        {"judge", YW_OPT_FLAG, &judge, NULL,
         "only judge all history anew by the present rules, and say what is not the same"},
        {"json", YW_OPT_FLAG, &json, NULL, "the comparison as JSON lines, the sum last"},
    };
    const struct yw_command cmd = {
        .name = "yanwu rebuild",
        .usage = "[OPTION...] DATA",
        .summary =
            "Makes the series of a data folder anew from its journals, then puts them in place at once.",
        .more = "yanwu serve must not run on the folder, or run without its pipeline. The old series stay "
                "until the new\n"
                "ones are complete; a rebuild that is cut short changes nothing. With --judge the series "
                "stay, and "
                "judge.db is made\n"
                "anew beside the old one, compared with it, and put in its place.\n",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 1,
    };
    int count = 0, percent = -1;
    struct yw_error err = {0};
    yw_log_setup("yanwu rebuild", YW_LOG_INFO);
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    if (judge) {
        if (!seed_text && !pass_over) return rejudge(argv[1], json);
        yw_log(YW_LOG_ERROR, "--judge reads no journals: --shuffle and --pass-over-damage do not go with it");
        return 2;
    }
    if (seed_text) {
        struct yw_buf text;
        yw_buf_init(&text, 64);
        bool good = yw_buf_puts(&text, seed_text) && yw_parse_i64(text.data, text.len, &seed) && seed >= 0;
        yw_buf_free(&text);
        if (!good) {
            yw_log(YW_LOG_ERROR, "--shuffle takes a whole number, not \"%s\"", seed_text);
            return 2;
        }
    }
    struct yw_rebuild r = {.data = argv[1],
                           .master_key = master,
                           .shuffle = seed >= 0,
                           .seed = (uint64_t)seed,
                           .pass_over_damage = pass_over};
    if (isatty(STDERR_FILENO)) {
        r.progress = show_progress;
        r.arg = &percent;
    }
    enum yw_code code = yw_rebuild(&r, &err);
    if (percent >= 0) fputc('\n', stderr);
    if (code != YW_OK) {
        yw_log(YW_LOG_ERROR, "%s", err.text);
        return 1;
    }
    if (r.lost > 0) yw_log(YW_LOG_WARN, "%" PRIu64 " damaged bytes of the journals were passed over", r.lost);
    printf("%" PRIu64 " journal records read, %" PRIu64 " of them rows of the series\n", r.packets, r.rows);
    return 0;
}
