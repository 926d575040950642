/* A temporary folder of a test's own. */
#ifndef YW_TEST_SCRATCH_H
#define YW_TEST_SCRATCH_H

#include <ftw.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

static inline bool scratch_make(char *path, size_t size) {
    return snprintf(path, size, "/tmp/yanwu-unit-XXXXXX") < (int)size && mkdtemp(path) != NULL;
}

static inline int scratch_drop(const char *path, const struct stat *st, int kind, struct FTW *at) {
    (void)st, (void)kind, (void)at;
    return remove(path);
}

static inline int scratch_remove(const char *path) {
    return nftw(path, scratch_drop, 16, FTW_DEPTH | FTW_PHYS);
}

#endif
