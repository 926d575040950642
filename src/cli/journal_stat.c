#include "cli/journal.h"

#include <string.h>

static void print_json(const struct place *p, const struct yw_journal_stat *s) {
    struct yw_buf b;
    char from[40] = "", to[40] = "";
    yw_buf_init(&b, 1 << 16);
    if (s->records > 0) yw_time_text(s->first_arrival, from), yw_time_text(s->last_arrival, to);
    yw_buf_puts(&b, "{\"journal\":");
    yw_buf_json(&b, s->info.name, strnlen(s->info.name, sizeof s->info.name));
    yw_buf_puts(&b, ",\"folder\":");
    yw_buf_json(&b, p->folder, strlen(p->folder));
    yw_buf_puts(&b, ",\"id\":\"");
    yw_buf_hex(&b, s->info.id, sizeof s->info.id);
    yw_buf_printf(&b, "\",\"first\":\"%llu\",\"committed\":\"%llu\",\"sealed\":\"%llu\"",
                  (unsigned long long)s->first, (unsigned long long)s->info.committed,
                  (unsigned long long)s->sealed);
    yw_buf_printf(&b, ",\"records\":%llu,\"bytes\":%llu,\"lost_bytes\":%llu", (unsigned long long)s->records,
                  (unsigned long long)s->bytes, (unsigned long long)s->lost);
    yw_buf_printf(&b, ",\"blocks\":%llu,\"block_bytes\":%llu,\"stored_bytes\":%llu",
                  (unsigned long long)s->blocks, (unsigned long long)s->block_bytes,
                  (unsigned long long)s->stored_bytes);
    if (s->stored_bytes > 0)
        yw_buf_printf(&b, ",\"ratio\":%.3f", (double)s->block_bytes / (double)s->stored_bytes);
    else
        yw_buf_puts(&b, ",\"ratio\":null");
    yw_buf_printf(&b, ",\"segments\":%llu,\"segment_bytes\":%llu", (unsigned long long)s->segments,
                  (unsigned long long)s->segment_bytes);
    if (s->records > 0)
        yw_buf_printf(&b, ",\"first_arrival\":\"%s\",\"last_arrival\":\"%s\"}\n", from, to);
    else
        yw_buf_puts(&b, ",\"first_arrival\":null,\"last_arrival\":null}\n");
    if (b.data) fputs(b.data, stdout);
    yw_buf_free(&b);
}

static void print_row(const struct yw_journal_stat *s) {
    char from[40] = "-", to[40] = "-", ratio[16] = "-";
    if (s->records > 0) yw_time_text(s->first_arrival, from), yw_time_text(s->last_arrival, to);
    from[19] = to[19] = 0; /* seconds are enough for a table */
    if (s->stored_bytes > 0)
        snprintf(ratio, sizeof ratio, "%.2f", (double)s->block_bytes / (double)s->stored_bytes);
    printf("%-8s %12llu %15llu %15llu %8llu %7s %9llu  %-19s  %-19s\n", s->info.name,
           (unsigned long long)s->records, (unsigned long long)s->bytes,
           (unsigned long long)s->info.committed, (unsigned long long)s->blocks, ratio,
           (unsigned long long)s->segments, from, to);
    if (s->lost > 0)
        printf("%-8s %llu bytes cannot be read; see yanwu journal verify\n", "", (unsigned long long)s->lost);
}

int journal_stat(int argc, char **argv) {
    bool json = false;
    const char *only = NULL, *blocks = NULL;
    const struct yw_opt opts[] = {
        {"json", YW_OPT_FLAG, &json, NULL, "one JSON object a journal instead of a table"},
        {"journal", YW_OPT_TEXT, &only, "NAME", "only this journal of a data folder"},
        {"blocks", YW_OPT_TEXT, &blocks, "FOLDER", "where the blocks of a single journal are"},
    };
    const struct yw_command cmd = {.name = "yanwu journal stat",
                                   .usage = "[OPTION...] FOLDER",
                                   .summary = "Tells how much each journal holds, and since when.",
                                   .opts = opts,
                                   .opt_count = YW_COUNT(opts),
                                   .least = 1,
                                   .most = 1};
    int count;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    struct places places;
    struct yw_error err = {0};
    if (places_find(argv[1], only, blocks, &places, &err) != YW_OK) return journal_failed(&err);
    if (!json)
        printf("%-8s %12s %15s %15s %8s %7s %9s  %-19s  %-19s\n", "journal", "records", "bytes", "committed",
               "blocks", "ratio", "segments", "first arrival", "last arrival");
    int status = 0;
    for (size_t i = 0; i < places.count; i++) {
        struct yw_journal_stat stat;
        const struct place *p = &places.items[i];
        if (yw_journal_stat(p->folder, place_blocks(p), &stat, &err) != YW_OK)
            status = journal_failed(&err);
        else if (json)
            print_json(p, &stat);
        else
            print_row(&stat);
    }
    places_free(&places);
    return status;
}
