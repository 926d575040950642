/* How many packets a second the pipeline takes out of a journal, decodes and puts into a store.
 *
 * A data folder with 1,000 outlets and a journal of distinct 638-byte packets of minute data is made first;
 * what is measured is everything from the journal's bytes to the last commit and sync. The null store shows
 * what reading and decoding alone cost. Prints JSON lines. */
#include "pipeline/run.h"
#include "../tests/support/fake_data.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OUTLETS = 1000, PACKETS = 400000, RUNS = 3, VALUES = 30 };

static void remove_tree(const char *folder) {
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        char path[4096];
        if (strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0) continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        if (unlink(path) != 0) remove_tree(path);
    }
    if (d) closedir(d);
    rmdir(folder);
}

static uint64_t bytes_of(const char *folder) {
    uint64_t bytes = 0;
    DIR *d = opendir(folder);
    for (struct dirent *e; d && (e = readdir(d)) != NULL;) {
        struct stat st;
        if (fstatat(dirfd(d), e->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            bytes += (uint64_t)st.st_blocks * 512;
    }
    if (d) closedir(d);
    return bytes;
}

static int compare(const void *a, const void *b) {
    const double *x = a, *y = b;
    return *x < *y ? -1 : *x > *y;
}

static void print(const char *figure, const char *unit, double *runs, size_t n) {
    double sorted[RUNS];
    memcpy(sorted, runs, n * sizeof *runs);
    qsort(sorted, n, sizeof *sorted, compare);
    printf("{\"bench\":\"pipeline\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.6g,\"runs\":[", figure,
           unit, sorted[n / 2]);
    for (size_t i = 0; i < n; i++) printf("%s%.6g", i ? "," : "", runs[i]);
    printf("]}\n");
    fflush(stdout);
}

static void run(const char *data, const struct yw_store_backend *backend, const char *figure) {
    double rate[RUNS], per_value[RUNS];
    char series[4096];
    snprintf(series, sizeof series, "%s/series", data);
    for (int i = 0; i < RUNS; i++) {
        struct yw_error err = {0};
        const struct yw_pipeline_options o = {.data = data, .backend = backend, .until_idle = true};
        remove_tree(series);
        int64_t begin = yw_monotonic();
        if (yw_pipeline_run(&o, &err) != YW_OK) {
            fprintf(stderr, "bench pipeline: %s\n", err.text);
            exit(1);
        }
        rate[i] = PACKETS * 1e6 / (double)(yw_monotonic() - begin);
        per_value[i] = (double)bytes_of(series) / ((double)PACKETS * VALUES);
    }
    print(figure, "packets/s", rate, RUNS);
    if (backend == &yw_store_sqlite) print("open_bytes_per_value", "bytes", per_value, RUNS);
}

int main(void) {
    const char *tmp = getenv("TMPDIR");
    char data[4096];
    snprintf(data, sizeof data, "%s/yanwu-bench-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(data)) return 1;
    int64_t start = yw_china_day_start(yw_china_day(yw_now()));
    fake_acts(data, OUTLETS);
    fake_journal(data, &(struct fake_packets){.outlets = OUTLETS,
                                              .first = 1,
                                              .to = PACKETS,
                                              .start = start,
                                              .arrival = yw_now(),
                                              .arrival_step = 10,
                                              .register_version = 1});
    run(data, &yw_store_null, "decode_only");
    run(data, &yw_store_sqlite, "into_sqlite");
    remove_tree(data);
    return 0;
}
