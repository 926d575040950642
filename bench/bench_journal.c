/* bench-journal: what a journal costs and gives on this machine's disk, as JSON lines.
 * Usage: bench-journal [--folder DIR] [--runs N]; DIR is made, filled with some 200 MB, and emptied again. */
#include "journal/journal.h"

#include <stdlib.h>
#include <string.h>

enum { RECORDS = 200000, GROUP = 512, COMMITS = 2000, GETS = 2000, RUNS_MOST = 15, PACKET = 1024 };

struct bench {
    const char *folder;
    uint32_t runs;
    char journal[512], blocks[512];
    uint64_t random;
    uint64_t *positions;
    double seen[6][RUNS_MOST];
    struct yw_error err;
};

static uint64_t draw(struct bench *b) {
    uint64_t z = b->random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void check(struct bench *b, enum yw_code code) {
    if (code == YW_OK) return;
    fprintf(stderr, "bench-journal: %s\n", b->err.text);
    exit(1);
}

/* A minute packet of six factors with Min, Avg, Max, Cou and Flag, values all different. */
static uint32_t packet(struct bench *b, char *to, uint32_t serial) {
    static const char *const factors[] = {"a21026", "a21002", "a34013", "a19001", "a01011", "a01012"};
    size_t n = (size_t)snprintf(to, PACKET,
                                "##0700QN=20261123%09u;ST=31;CN=2051;PW=123456;MN=88888%019llu;Flag=5;"
                                "CP=&&DataTime=2026112314%02u00;",
                                serial, (unsigned long long)(draw(b) % 4000), serial / 4000 % 60);
    for (size_t i = 0; i < YW_COUNT(factors); i++) {
        uint64_t v = draw(b) % 10000;
        n +=
            (size_t)snprintf(to + n, PACKET - n, "%s-Min=%.2f,%s-Avg=%.2f,%s-Max=%.2f,%s-Cou=%.3f,%s-Flag=N;",
                             factors[i], (double)v * 0.009, factors[i], (double)v * 0.01, factors[i],
                             (double)v * 0.0113, factors[i], (double)v * 0.0003, factors[i]);
    }
    return (uint32_t)(n + (size_t)snprintf(to + n, PACKET - n, "&&%04X\r\n", (unsigned)(draw(b) & 0xffff)));
}

static void clean(struct bench *b) {
    char command[1200];
    snprintf(command, sizeof command, "rm -rf '%s/journal' '%s/blocks'", b->folder, b->folder);
    if (system(command) != 0) fprintf(stderr, "bench-journal: cannot empty %s\n", b->folder);
}

static int by_value(const void *x, const void *y) {
    double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

static double seconds_since(int64_t start) {
    return (double)(yw_monotonic() - start) / 1e6;
}

static void print(const char *figure, const char *unit, const double *runs, uint32_t n, const char *more) {
    double sorted[RUNS_MOST];
    memcpy(sorted, runs, n * sizeof *runs);
    qsort(sorted, n, sizeof *sorted, by_value);
    printf("{\"bench\":\"journal\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.4g,\"runs\":[", figure,
           unit, n % 2 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2);
    for (uint32_t i = 0; i < n; i++) printf("%s%.4g", i ? "," : "", runs[i]);
    printf("]%s}\n", more);
    fflush(stdout);
}

static struct yw_journal *open_journal(struct bench *b) {
    struct yw_journal *j;
    check(b, yw_journal_open(yw_io_system(), b->journal, "p0", &j, NULL, &b->err));
    return j;
}

static double append(struct bench *b, struct yw_journal *j) {
    char *text = malloc((size_t)GROUP * PACKET);
    uint32_t lengths[GROUP];
    double spent = 0;
    if (!text) exit(1);
    for (uint32_t done = 0; done < RECORDS;) {
        uint32_t n = RECORDS - done < GROUP ? RECORDS - done : GROUP;
        for (uint32_t i = 0; i < n; i++) lengths[i] = packet(b, text + (size_t)i * PACKET, done + i);
        int64_t start = yw_monotonic(); /* making packets is not the journal's work */
        for (uint32_t i = 0; i < n; i++) {
            struct yw_record r = {
                .arrival = start, .domain = YW_DOMAIN_REAL, .payload = text + (size_t)i * PACKET};
            r.length = lengths[i];
            check(b, yw_journal_append(j, &r, &b->err));
            b->positions[done + i] = r.position;
        }
        check(b, yw_journal_commit(j, &b->err));
        spent += seconds_since(start);
        done += n;
    }
    free(text);
    return RECORDS / spent;
}

static void commit_latency(struct bench *b, uint32_t records, const char *name) {
    double p50[RUNS_MOST], p99[RUNS_MOST], each[COMMITS];
    char text[PACKET], figure[64];
    for (uint32_t run = 0; run < b->runs; run++) {
        clean(b);
        struct yw_journal *j = open_journal(b);
        for (uint32_t i = 0; i < COMMITS; i++) {
            for (uint32_t k = 0; k < records; k++) {
                struct yw_record r = {
                    .domain = YW_DOMAIN_REAL, .payload = text, .length = packet(b, text, i)};
                check(b, yw_journal_append(j, &r, &b->err));
            }
            int64_t start = yw_monotonic();
            check(b, yw_journal_commit(j, &b->err));
            each[i] = seconds_since(start) * 1e3;
        }
        yw_journal_close(j);
        qsort(each, COMMITS, sizeof *each, by_value);
        p50[run] = each[COMMITS / 2];
        p99[run] = each[COMMITS - COMMITS / 100 - 1];
    }
    snprintf(figure, sizeof figure, "commit_p50_%s", name);
    print(figure, "ms", p50, b->runs, "");
    snprintf(figure, sizeof figure, "commit_p99_%s", name);
    print(figure, "ms", p99, b->runs, "");
}

static double read_all(struct bench *b, bool blocks) {
    struct yw_reader *reader;
    struct yw_record r;
    uint64_t n = 0;
    check(b, yw_reader_open(b->journal, blocks ? b->blocks : NULL, &reader, &b->err));
    int64_t start = yw_monotonic();
    while (yw_reader_next(reader, &r, &b->err) == YW_OK) n++;
    double spent = seconds_since(start);
    yw_reader_close(reader);
    if (n != RECORDS)
        fprintf(stderr, "bench-journal: read %llu of %d records\n", (unsigned long long)n, RECORDS);
    return (double)n / spent;
}

static double seal(struct bench *b) {
    struct yw_sealer *s;
    bool sealed = true;
    check(b, yw_sealer_open(yw_io_system(), b->journal, b->blocks, &s, &b->err));
    int64_t start = yw_monotonic();
    while (sealed) check(b, yw_sealer_step(s, yw_now() + YW_DAY, &sealed, NULL, &b->err));
    double spent = seconds_since(start);
    double bytes = (double)yw_sealer_position(s);
    yw_sealer_close(s);
    return bytes / 1e6 / spent;
}

static void get_latency(struct bench *b, double *median, double *p99) {
    static double each[GETS];
    struct yw_reader *reader;
    struct yw_record r;
    check(b, yw_reader_open(b->journal, b->blocks, &reader, &b->err));
    for (int i = 0; i < GETS; i++) {
        uint64_t position = b->positions[draw(b) % RECORDS];
        int64_t start = yw_monotonic();
        check(b, yw_reader_get(reader, position, &r, &b->err));
        each[i] = seconds_since(start) * 1e3;
    }
    yw_reader_close(reader);
    qsort(each, GETS, sizeof *each, by_value);
    *median = each[GETS / 2];
    *p99 = each[GETS - GETS / 100 - 1];
}

static void bulk(struct bench *b) {
    struct yw_journal_stat stat = {0};
    for (uint32_t run = 0; run < b->runs; run++) {
        clean(b);
        struct yw_journal *j = open_journal(b);
        b->seen[0][run] = append(b, j);
        b->seen[1][run] = read_all(b, false);
        b->seen[2][run] = seal(b);
        b->seen[3][run] = read_all(b, true);
        get_latency(b, &b->seen[4][run], &b->seen[5][run]);
        yw_journal_close(j);
        check(b, yw_journal_stat(b->journal, b->blocks, &stat, &b->err));
    }
    char more[256];
    double ratio = (double)stat.block_bytes / (double)stat.stored_bytes;
    snprintf(more, sizeof more, ",\"group\":%d,\"record_bytes\":%llu", GROUP,
             (unsigned long long)(stat.bytes / stat.records));
    print("append_and_commit", "records/s", b->seen[0], b->runs, more);
    print("read_segments", "records/s", b->seen[1], b->runs, "");
    print("seal", "MB/s", b->seen[2], b->runs, "");
    print("read_blocks", "records/s", b->seen[3], b->runs, "");
    print("get_from_block_median", "ms", b->seen[4], b->runs, ",\"limit\":5");
    print("get_from_block_p99", "ms", b->seen[5], b->runs, ",\"limit\":5");
    snprintf(more, sizeof more,
             ",\"uncompressed_bytes\":%llu,\"stored_bytes\":%llu,\"bytes_per_record\":%.1f",
             (unsigned long long)stat.block_bytes, (unsigned long long)stat.stored_bytes,
             (double)stat.stored_bytes / (double)stat.records);
    print("compression", "ratio", &ratio, 1, more);
}

int main(int argc, char **argv) {
    struct bench b = {.runs = 5, .random = 212};
    const struct yw_opt opts[] = {
        {"folder", YW_OPT_TEXT, &b.folder, "DIR", "where to work (default: a new folder in TMPDIR or /tmp)"},
        {"runs", YW_OPT_U32, &b.runs, "N", "runs of which the median is taken (default 5)"},
    };
    const struct yw_command cmd = {
        .name = "bench-journal",
        .usage = "[OPTION...]",
        .summary = "Measures appending, committing, reading, sealing and opening packets.",
        .opts = opts,
        .opt_count = YW_COUNT(opts)};
    int count;
    if (yw_options(&cmd, argc, argv, &count) != YW_OK) return 2;
    if (b.runs < 1 || b.runs > RUNS_MOST) {
        fprintf(stderr, "bench-journal: --runs is 1 to %d\n", RUNS_MOST);
        return 2;
    }
    char made[256] = "";
    const char *base = getenv("TMPDIR");
    snprintf(made, sizeof made, "%s/yanwu-bench-journal-XXXXXX", base && strlen(base) < 128 ? base : "/tmp");
    if (!b.folder) b.folder = mkdtemp(made);
    b.positions = calloc(RECORDS, sizeof *b.positions);
    if (!b.folder || !b.positions || strlen(b.folder) > 256) {
        fprintf(stderr, "bench-journal: no folder to work in\n");
        return 1;
    }
    snprintf(b.journal, sizeof b.journal, "%s/journal/p0", b.folder);
    snprintf(b.blocks, sizeof b.blocks, "%s/blocks/p0", b.folder);
    bulk(&b);
    commit_latency(&b, 1, "of_1");
    commit_latency(&b, 64, "of_64");
    clean(&b);
    if (b.folder == made) remove(made);
    free(b.positions);
    return 0;
}
