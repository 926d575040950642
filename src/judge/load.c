/* load: the rules of the installation, from share/rules. The one file here that touches the disk. */
#include "judge/rules.h"

#include <stdlib.h>
#include <string.h>

enum { FILES_MAX = 64 };

struct listing {
    char names[FILES_MAX][64];
    size_t n;
    bool full;
};

static bool keep(void *arg, const char *name) {
    struct listing *l = arg;
    size_t n = strlen(name);
    if (name[0] == '.' || n < 6 || strcmp(name + n - 5, ".yaml") != 0) return true;
    if (l->n == FILES_MAX || n >= sizeof l->names[0]) {
        l->full = true;
        return false;
    }
    yw_copy(l->names[l->n++], sizeof l->names[0], name, n);
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Reads FOLDER/name and gives it to one of those that add. */
static enum yw_code add(struct yw_rules *r, const char *folder, const char *name,
                        enum yw_code (*to)(struct yw_rules *, const char *, size_t, const char *,
                                           struct yw_error *),
                        struct yw_error *err) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct yw_buf text;
    yw_buf_init(&text, YW_RULE_FILE_MAX);
    enum yw_code code = yw_file_read(path, YW_RULE_FILE_MAX, &text, err);
    if (code == YW_OK) code = to(r, text.data ? text.data : "", text.len, path, err);
    yw_buf_free(&text);
    return code;
}

enum yw_code yw_rules_load_from(const char *folder, struct yw_rules **out, struct yw_error *err) {
    const struct yw_io *io = yw_io_system();
    struct listing files = {.n = 0};
    *out = NULL;
    int failed = io->list(io->ctx, folder, keep, &files);
    if (failed < 0) return yw_fail_errno(err, -failed, "%s", folder);
    if (files.full)
        return yw_fail(err, YW_E_LIMIT, "%s: more than %d files of rules, or a long name", folder, FILES_MAX);
    if (files.n == 0) return yw_fail(err, YW_E_NOT_FOUND, "%s: no *.yaml; it is no folder of rules", folder);
    qsort(files.names, files.n, sizeof files.names[0], by_name);
    struct yw_rules *r = yw_rules_create();
    if (!r) return yw_fail(err, YW_E_NOMEM, "no memory for the rules");
    enum yw_code code = YW_OK;
    for (size_t i = 0; i < files.n && code == YW_OK; i++)
        code = add(r, folder, files.names[i], yw_rules_add_yaml, err);
    if (code == YW_OK) code = add(r, folder, "limits.csv", yw_rules_add_limits, err);
    if (code == YW_OK) code = add(r, folder, "flags.csv", yw_rules_add_flags, err);
    if (code != YW_OK) {
        yw_rules_destroy(r);
        return code;
    }
    *out = r;
    return YW_OK;
}

enum yw_code yw_rules_load(struct yw_rules **out, struct yw_error *err) {
    char folder[3072];
    *out = NULL;
    enum yw_code code = yw_share_path("rules", folder, sizeof folder, err);
    return code == YW_OK ? yw_rules_load_from(folder, out, err) : code;
}
