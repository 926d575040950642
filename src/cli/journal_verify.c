#include "cli/journal.h"

#include <string.h>

struct findings {
    const char *name;
    bool json;
    struct yw_buf list; /* of JSON strings */
};

static void complain(void *arg, const char *sentence) {
    struct findings *f = arg;
    if (!f->json) {
        printf("%s: %s\n", f->name, sentence);
        return;
    }
    if (f->list.len > 0) yw_buf_putc(&f->list, ',');
    yw_buf_json(&f->list, sentence, strlen(sentence));
}

static void print_result(const struct findings *f, bool intact, const struct yw_verify_count *n) {
    unsigned long long records = n->records, bytes = n->bytes, blocks = n->blocks, stored = n->stored_bytes;
    if (!f->json) {
        printf("%s: %s, %llu records, %llu bytes, %llu blocks\n", f->name, intact ? "intact" : "damaged",
               records, bytes, blocks);
        return;
    }
    printf("{\"journal\":\"%s\",\"ok\":%s,\"records\":%llu,\"bytes\":%llu,\"blocks\":%llu,"
           "\"stored_bytes\":%llu,\"findings\":[%s]}\n",
           f->name, intact ? "true" : "false", records, bytes, blocks, stored,
           f->list.len ? f->list.data : "");
}

int journal_verify(int argc, char **argv) {
    bool json = false;
    const char *only = NULL, *blocks = NULL;
    const struct yw_opt opts[] = {
        {"json", YW_OPT_FLAG, &json, NULL, "one JSON object a journal"},
        {"journal", YW_OPT_TEXT, &only, "NAME", "only this journal of a data folder"},
        {"blocks", YW_OPT_TEXT, &blocks, "FOLDER", "where the blocks of a single journal are"},
    };
    const struct yw_command cmd = {
        .name = "yanwu journal verify",
        .usage = "[OPTION...] FOLDER",
        .summary =
            "Reads everything: lengths, checksums, order of arrival, Merkle roots, the chain of blocks, and\n"
            "that blocks and segments agree. Exit status 1 if anything is damaged.",
        .opts = opts,
        .opt_count = YW_COUNT(opts),
        .least = 1,
        .most = 1};
    int count;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    struct places places;
    struct yw_error err = {0};
    if (places_find(argv[1], only, blocks, &places, &err) != YW_OK) return journal_failed(&err);
    int status = 0;
    for (size_t i = 0; i < places.count; i++) {
        const struct place *p = &places.items[i];
        struct findings f = {.name = p->name, .json = json};
        struct yw_verify_count n;
        yw_buf_init(&f.list, 1 << 20); /* what goes beyond is too much for anybody to read */
        enum yw_code code = yw_journal_verify(p->folder, place_blocks(p), &n, complain, &f, &err);
        if (code == YW_OK || code == YW_E_CORRUPT) {
            print_result(&f, code == YW_OK, &n);
            if (code != YW_OK) status = 1;
        } else {
            status = journal_failed(&err);
        }
        yw_buf_free(&f.list);
    }
    places_free(&places);
    return status;
}
