/* put-acts [--acts-only] DATA: appends the acts on standard input (one JSON object a line) to
 * DATA/journal/acts and writes DATA/register.snap as the pipeline would; --acts-only leaves that to the
 * pipeline that runs. A test's way to admit devices without the web pages. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal/journal.h"
#include "register/register.h"

static int fail(const struct yw_error *err) {
    fprintf(stderr, "put-acts: %s\n", err->text);
    return 1;
}

static enum yw_code append_lines(const char *folder, struct yw_error *err) {
    struct yw_journal *j;
    enum yw_code code = yw_journal_open_sized(yw_io_system(), folder, "acts", 4 << 20, &j, NULL, err);
    if (code != YW_OK) return code;
    char *line = NULL;
    size_t size = 0;
    for (ssize_t n; code == YW_OK && (n = getline(&line, &size, stdin)) > 0;) {
        struct yw_record r = {
            .arrival = yw_now(), .direction = YW_DIR_ACT, .payload = line, .length = (uint32_t)n};
        code = yw_journal_append(j, &r, err);
    }
    free(line);
    if (code == YW_OK) code = yw_journal_commit(j, err);
    yw_journal_close(j);
    return code;
}

static enum yw_code publish(const char *folder, const char *snap, struct yw_error *err) {
    struct yw_register *r = yw_register_create();
    struct yw_reader *acts = NULL;
    enum yw_code code = yw_reader_open(folder, NULL, &acts, err);
    struct yw_record record;
    while (code == YW_OK && (code = yw_reader_next(acts, &record, err)) == YW_OK) {
        struct yw_error act;
        if (yw_register_apply(r, record.payload, record.length, &act) != YW_OK) {
            fprintf(stderr, "put-acts: act refused: %s\n", act.text);
        }
    }
    if (code == YW_E_END) code = yw_snap_write(yw_io_system(), snap, r, NULL, NULL, NULL, err);
    if (acts != NULL) yw_reader_close(acts);
    yw_register_destroy(r);
    return code;
}

int main(int argc, char **argv) {
    char folder[4096], snap[4096];
    struct yw_error err;
    bool acts_only = argc == 3 && strcmp(argv[1], "--acts-only") == 0;
    if (argc != 2 && !acts_only) return 2;
    const char *data = argv[argc - 1];
    snprintf(folder, sizeof folder, "%s/journal/acts", data);
    snprintf(snap, sizeof snap, "%s/register.snap", data);
    if (yw_make_dirs(folder, &err) != YW_OK) return fail(&err);
    if (append_lines(folder, &err) != YW_OK) return fail(&err);
    return acts_only || publish(folder, snap, &err) == YW_OK ? 0 : fail(&err);
}
