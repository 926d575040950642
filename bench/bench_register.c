/* The register: how fast a gateway finds a device and checks its password in register.snap (100,000 packets a
 * second want it), and how long a province's ledger takes from its bytes to the register. Prints JSON lines.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "register/ledger.h"

enum { RUNS = 5, ENTERPRISES = 2000, OUTLETS = 2, LOOKUPS = 2000000 };

static int by_value(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void report(const char *figure, const char *unit, double *runs) {
    double sorted[RUNS];
    memcpy(sorted, runs, sizeof sorted);
    qsort(sorted, RUNS, sizeof *sorted, by_value);
    printf("{\"bench\":\"register\",\"figure\":\"%s\",\"unit\":\"%s\",\"median\":%.6g,\"runs\":[", figure,
           unit, sorted[RUNS / 2]);
    for (int i = 0; i < RUNS; i++) printf("%s%.6g", i > 0 ? "," : "", runs[i]);
    printf("]}\n");
}

static double seconds_since(int64_t began) {
    return (double)(yw_monotonic() - began) / (double)YW_SECOND;
}

/* A province as five CSV sheets: 2,000 enterprises, 4,000 outlets and devices, 16,000 factors. */
static void make_ledger(struct yw_buf sheets[4]) {
    static const char *const heads[] = {
        "credit_code,name,permit_to\n", "credit_code,code,name,kind,st,maintainer\n",
        "credit_code,outlet,code,unit,range_high,limit\n", "mn,credit_code,outlet,pw,version\n"};
    static const char *const factors[] = {"a21026", "a21002", "a34013", "a19001"};
    for (int i = 0; i < 4; i++) {
        yw_buf_init(&sheets[i], 16 << 20);
        yw_buf_puts(&sheets[i], heads[i]);
    }
    for (int e = 0; e < ENTERPRISES; e++) {
        yw_buf_printf(&sheets[0], "9141%014d,第%d号排污单位,2029-06-30\n", e, e);
        for (int o = 1; o <= OUTLETS; o++) {
            yw_buf_printf(&sheets[1], "9141%014d,DA%03d,%d-%d号排口,废气,31,运维%d\n", e, o, e, o, e % 20);
            yw_buf_printf(&sheets[3], "%012X%012X,9141%014d,DA%03d,123456,2017\n", e, o, e, o);
            for (size_t f = 0; f < YW_COUNT(factors); f++) {
                yw_buf_printf(&sheets[2], "9141%014d,DA%03d,%s,mg/m3,100,35\n", e, o, factors[f]);
            }
        }
    }
}

static bool import_ledger(const struct yw_buf sheets[4], struct yw_register *r) {
    static const char *const names[] = {"enterprises", "outlets", "factors", "devices"};
    struct yw_book *book = yw_book_create();
    struct yw_error err = {0};
    struct yw_import plan = {0};
    struct yw_buf act;
    yw_buf_init(&act, YW_ACT_MAX);
    enum yw_code code = book == NULL ? YW_E_NOMEM : YW_OK;
    for (int i = 0; i < 4 && code == YW_OK; i++)
        code = yw_book_read(book, sheets[i].data, sheets[i].len, names[i], &err);
    if (code == YW_OK) code = yw_import_plan(r, book, NULL, &plan, &err);
    struct yw_act by = {.by = "bench", .at = 1};
    if (code == YW_OK && !yw_act_register_put(&act, &by, &plan.put))
        code = yw_fail(&err, YW_E_LIMIT, "the act is too long");
    if (code == YW_OK) code = yw_register_apply(r, act.data, act.len, &err);
    if (code != YW_OK) fprintf(stderr, "bench-register: %s\n", err.text);
    yw_buf_free(&act);
    yw_import_free(&plan);
    yw_book_destroy(book);
    return code == YW_OK;
}

static struct yw_snap *snapshot_of(const struct yw_register *r) {
    char folder[] = "/tmp/yanwu-bench-XXXXXX", path[64];
    struct yw_snap *s = NULL;
    struct yw_error err = {0};
    if (mkdtemp(folder) == NULL) return NULL;
    snprintf(path, sizeof path, "%s/register.snap", folder);
    int fd = yw_snap_write(yw_io_system(), path, r, NULL, NULL, NULL, &err) == YW_OK
                 ? open(path, O_RDONLY | O_CLOEXEC)
                 : -1;
    if (fd < 0 || yw_snap_map(fd, NULL, &s, &err) != YW_OK) fprintf(stderr, "bench-register: %s\n", err.text);
    if (fd >= 0) close(fd);
    unlink(path);
    rmdir(folder);
    return s;
}

static double lookups(const struct yw_snap *s) {
    char mn[LOOKUPS / 1000][32];
    for (int i = 0; i < LOOKUPS / 1000; i++)
        snprintf(mn[i], sizeof mn[i], "%012X%012X", i % ENTERPRISES, 1 + i % OUTLETS);
    int64_t began = yw_monotonic();
    size_t fits = 0;
    for (int i = 0; i < LOOKUPS; i++) {
        const struct yw_snap_device *d = yw_snap_find(s, mn[(i * 7) % (LOOKUPS / 1000)], 24);
        fits += d != NULL && yw_snap_password_fits(s, d, "123456", 6);
    }
    return fits == LOOKUPS ? LOOKUPS / seconds_since(began) : 0;
}

int main(void) {
    struct yw_buf sheets[4];
    double import_ms[RUNS], rate[RUNS];
    make_ledger(sheets);
    bool good = true;
    for (int i = 0; i < RUNS && good; i++) {
        struct yw_register *r = yw_register_create();
        int64_t began = yw_monotonic();
        good = r != NULL && import_ledger(sheets, r);
        import_ms[i] = seconds_since(began) * 1000;
        struct yw_snap *s = good ? snapshot_of(r) : NULL;
        rate[i] = s != NULL ? lookups(s) : 0;
        good = good && rate[i] > 0;
        yw_snap_unmap(s);
        yw_register_destroy(r);
    }
    for (int i = 0; i < 4; i++) yw_buf_free(&sheets[i]);
    if (!good) return 1;
    report("import_2000_enterprises_4000_outlets", "ms", import_ms);
    report("snapshot_find_and_password", "per_s", rate);
    return 0;
}
