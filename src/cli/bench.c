/* yanwu bench: runs the programs of bench/ one after another. Each prints JSON lines of its own. */
#include "base/base.h"

#include <errno.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { BENCHES_MAX = 64 };
extern char **environ;

struct found {
    char names[BENCHES_MAX][64];
    size_t count;
};

static bool note_bench(void *arg, const char *name) {
    struct found *f = arg;
    if (strncmp(name, "bench-", 6) != 0 || strpbrk(name, ".") || f->count == BENCHES_MAX) return true;
    yw_copy(f->names[f->count++], sizeof f->names[0], name, strlen(name));
    return true;
}

static int by_name(const void *a, const void *b) {
    return strcmp(a, b);
}

/* Exit code of the bench, 1 if it cannot be started. */
static int run_one(const char *folder, const char *name, char **rest) {
    char path[PATH_MAX + 80];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    char *argv[64] = {path};
    for (size_t i = 0; rest[i] && i < YW_COUNT(argv) - 2; i++) argv[i + 1] = rest[i];
    pid_t pid;
    int e = posix_spawn(&pid, path, NULL, NULL, argv, environ), status;
    if (e) {
        fprintf(stderr, "yanwu bench: cannot start %s: %s\n", path, strerror(e));
        return 1;
    }
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR) return 1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static void list(const struct found *f) {
    printf("usage: yanwu bench [NAME [OPTION...]]\n\nRuns every benchmark, or one; JSON lines on standard "
           "output.\n\n");
    for (size_t i = 0; i < f->count; i++) printf("  %s\n", f->names[i] + 6);
}

/* Benchmarks lie a folder deeper than programs and would look for share/ in the wrong place. */
static void point_at_share(void) {
    static const char known[] = "/rules";
    char path[PATH_MAX];
    if (yw_share_path(known + 1, path, sizeof path, NULL)) return;
    path[strlen(path) - strlen(known)] = '\0';
    setenv("YANWU_SHARE", path, 0);
}

int main(int argc, char **argv) {
    char folder[PATH_MAX], benches[PATH_MAX + 32];
    struct found f = {.count = 0};
    if (!yw_program_folder(folder, sizeof folder)) return 1;
    point_at_share();
    snprintf(benches, sizeof benches, "%s/bench", folder);
    const struct yw_io *io = yw_io_system();
    if (io->list(io->ctx, benches, note_bench, &f) < 0) {
        fprintf(stderr, "yanwu bench: %s is missing; benchmarks are run from a build folder\n", benches);
        return 1;
    }
    qsort(f.names, f.count, sizeof f.names[0], by_name);
    if (argc > 1 && strcmp(argv[1], "--help") == 0) return list(&f), 0;
    int worst = 0;
    bool any = false;
    for (size_t i = 0; i < f.count; i++) {
        if (argc > 1 && strcmp(argv[1], f.names[i] + 6) != 0) continue;
        any = true;
        int code = run_one(benches, f.names[i], argv + (argc > 1 ? 2 : 1));
        if (code > worst) worst = code;
    }
    if (!any) {
        fprintf(stderr, "yanwu bench: there is no benchmark '%s'; --help lists them\n",
                argc > 1 ? argv[1] : "");
        return 2;
    }
    return worst;
}
