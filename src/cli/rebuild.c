/* yanwu rebuild: the series once more from the journals. */
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

int main(int argc, char **argv) {
    int64_t seed = -1;
    const char *seed_text = NULL;
    const char *master = NULL;
    bool pass_over = false;
    const struct yw_opt opts[] = {
        {"shuffle", YW_OPT_TEXT, &seed_text, "SEED",
         "read the journals in a random interleaving; the result is the same"},
        {"master-key", YW_OPT_TEXT, &master, "FILE", "opens encrypted packets (default: DATA.master.key)"},
        {"pass-over-damage", YW_OPT_FLAG, &pass_over, NULL,
         "go on behind damaged places of a journal instead of giving up"},
    };
    const struct yw_command cmd = {
        .name = "yanwu rebuild",
        .usage = "[OPTION...] DATA",
        .summary =
            "Makes the series of a data folder anew from its journals, then puts them in place at once.",
        .more = "yanwu serve must not run on the folder, or run without its pipeline. The old series stay "
                "until the new\n"
                "ones are complete; a rebuild that is cut short changes nothing.\n",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 1,
    };
    int count = 0, percent = -1;
    struct yw_error err = {0};
    yw_log_setup("yanwu rebuild", YW_LOG_INFO);
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
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
