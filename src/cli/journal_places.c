/* Finds the journals that a person means by a folder. */
#include "cli/journal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { JOURNALS_MOST = 4096 };

static bool is_folder(const char *path) {
    struct stat st;
    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

static bool join(char *out, const char *a, const char *b) {
    int n = snprintf(out, PATH_MAX, "%s/%s", a, b);
    return n > 0 && n < PATH_MAX;
}

struct search {
    const char *journals, *blocks, *only;
    struct places *out;
    bool failed;
};

static bool add(void *arg, const char *name) {
    struct search *s = arg;
    struct place p = {0};
    if (s->only && strcmp(name, s->only) != 0) return true;
    if (!join(p.folder, s->journals, name) || !is_folder(p.folder)) return true;
    if (!yw_copy(p.name, sizeof p.name, name, strlen(name))) return true;
    p.has_blocks = s->blocks && join(p.blocks, s->blocks, name) && is_folder(p.blocks);
    struct place *items =
        s->out->count < JOURNALS_MOST ? realloc(s->out->items, (s->out->count + 1) * sizeof *items) : NULL;
    s->failed = !items;
    if (!items) return false;
    s->out->items = items;
    s->out->items[s->out->count++] = p;
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(((const struct place *)a)->name, ((const struct place *)b)->name);
}

static enum yw_code find_in_data(const char *journals, const char *blocks, const char *only,
                                 struct places *out, struct yw_error *err) {
    struct search s = {.journals = journals, .blocks = blocks, .only = only, .out = out};
    const struct yw_io *io = yw_io_system();
    int r = io->list(io->ctx, journals, add, &s);
    if (r < 0) return yw_fail_errno(err, -r, "cannot list %s", journals);
    if (s.failed) return yw_fail(err, YW_E_NOMEM, "too many journals in %s", journals);
    if (out->count > 1) qsort(out->items, out->count, sizeof *out->items, by_name);
    if (out->count == 0)
        return only ? yw_fail(err, YW_E_NOT_FOUND, "there is no journal %s in %s", only, journals)
                    : yw_fail(err, YW_E_NOT_FOUND, "there is no journal in %s", journals);
    return YW_OK;
}

/* Blocks of DATA/journal/NAME are in DATA/blocks/NAME. */
static enum yw_code one_folder(const char *path, const char *blocks, struct places *out,
                               struct yw_error *err) {
    out->items = calloc(1, sizeof *out->items);
    if (!out->items) return yw_fail(err, YW_E_NOMEM, "no memory");
    struct place *p = out->items;
    out->count = 1;
    char whole[PATH_MAX];
    if (!realpath(path, whole)) return yw_fail(err, YW_E_NOT_FOUND, "there is no folder %s", path);
    const char *name = strrchr(whole, '/') + 1;
    yw_copy(p->name, sizeof p->name, name, strlen(name));
    yw_copy(p->folder, sizeof p->folder, path, strlen(path));
    char beside[PATH_MAX + 16];
    if (blocks) {
        p->has_blocks = is_folder(blocks) && yw_copy(p->blocks, sizeof p->blocks, blocks, strlen(blocks));
        return p->has_blocks ? YW_OK : yw_fail(err, YW_E_NOT_FOUND, "there is no folder %s", blocks);
    }
    snprintf(beside, sizeof beside, "%s/../../blocks", path);
    p->has_blocks = join(p->blocks, beside, name) && is_folder(p->blocks);
    return YW_OK;
}

enum yw_code places_find(const char *path, const char *only, const char *blocks, struct places *out,
                         struct yw_error *err) {
    *out = (struct places){0};
    char journals[PATH_MAX], beside[PATH_MAX];
    if (!is_folder(path)) return yw_fail(err, YW_E_NOT_FOUND, "there is no folder %s", path);
    if (!join(journals, path, "journal") || !join(beside, path, "blocks"))
        return yw_fail(err, YW_E_LIMIT, "the path %s is too long", path);
    enum yw_code code = is_folder(journals) ? find_in_data(journals, beside, only, out, err)
                                            : one_folder(path, blocks, out, err);
    if (code != YW_OK) places_free(out);
    return code;
}

void places_free(struct places *p) {
    free(p->items);
    *p = (struct places){0};
}

const char *place_blocks(const struct place *p) {
    return p->has_blocks ? p->blocks : NULL;
}

int journal_failed(const struct yw_error *err) {
    fprintf(stderr, "yanwu journal: %s\n", err->text);
    return 1;
}
