/* yanwu plant bsm1: the benchmark of waste-water works: steady state as CSV, a week's performance as JSON. */
#include "plants/bsm1_command.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "plant/works/benchmark.h"

enum { INFLUENT_FILE_MAX = 64 << 20 };

static const char *const state_names[YW_ASM_N] = {"SI", "SS",  "XI",  "XS",  "XBH", "XBA", "XP",
                                                  "SO", "SNO", "SNH", "SND", "XND", "SALK"};

static const char more[] =
    "--influent constant prints the steady state as CSV (place,state,value); dry, rain, storm or a file "
    "prints\n"
    "the performance of days 7 to 14 as JSON, after a steady state and 14 days of dry weather (a file: "
    "after\n"
    "14 days of itself).\n\n"
    "The influents of the benchmark do not come with this program: they are free of charge from the IWA "
    "task\n"
    "group on benchmarking (Lund University) and belong to it. influent_dry.csv, influent_rain.csv and\n"
    "influent_storm.csv are looked for in --data, in $YANWU_BSM1, in share/plant/bsm1 and in\n"
    "shared/models/bsm1 beside the project. Columns: t_d (days), SI, SS, XI, XS, XBH, XBA, XP, SO, SNO, "
    "SNH,\n"
    "SND, XND, SALK (g/m3), Q_m3d; the flow runs straight from row to row.";

struct wish {
    const char *influent, *loop, *rtol, *data;
    uint32_t seed;
};

static int usage(const char *what) {
    fprintf(stderr, "yanwu plant bsm1: %s\nSee yanwu plant bsm1 --help.\n", what);
    return 2;
}

static int fail(const struct yw_error *err) {
    fprintf(stderr, "yanwu plant bsm1: %s\n", err->text);
    return 1;
}

/* ---- where the influents lie ---- */

static bool there(char *path, size_t size, const char *folder, const char *rest, const char *name) {
    int n = snprintf(path, size, "%s%sinfluent_%s.csv", folder, rest, name);
    return n > 0 && (size_t)n < size && access(path, R_OK) == 0;
}

/* folder/shared/models/bsm1 in the folder or one of those above it */
static bool beside(char *path, size_t size, char *folder, const char *name) {
    for (;;) {
        if (there(path, size, folder, "/shared/models/bsm1/", name)) return true;
        char *slash = strrchr(folder, '/');
        if (!slash) return false;
        *slash = 0;
    }
}

static enum yw_code find_influent(const struct wish *w, const char *name, char *path, size_t size,
                                  struct yw_error *err) {
    char folder[1024];
    if (w->data) {
        if (there(path, size, w->data, "/", name)) return YW_OK;
        return yw_fail(err, YW_E_NOT_FOUND, "%s has no influent_%s.csv", w->data, name);
    }
    const char *set = getenv("YANWU_BSM1");
    if (set && there(path, size, set, "/", name)) return YW_OK;
    if (!yw_share_path("plant/bsm1", folder, sizeof folder, NULL) && there(path, size, folder, "/", name))
        return YW_OK;
    if (yw_program_folder(folder, sizeof folder) && beside(path, size, folder, name)) return YW_OK;
    if (getcwd(folder, sizeof folder) && beside(path, size, folder, name)) return YW_OK;
    return yw_fail(
        err, YW_E_NOT_FOUND,
        "influent_%s.csv was not found; it belongs to the IWA task group on benchmarking and does not come "
        "with this program. Name its folder with --data (yanwu plant bsm1 --help tells the columns)",
        name);
}

static enum yw_code load_file(const char *path, struct yw_influent *out, struct yw_error *err) {
    struct yw_buf text;
    struct yw_error inner;
    yw_buf_init(&text, INFLUENT_FILE_MAX);
    enum yw_code code = yw_file_read(path, INFLUENT_FILE_MAX - 1, &text, err);
    if (!code && (code = yw_influent_parse(text.data ? text.data : "", text.len, out, &inner)))
        yw_fail(err, code, "%s:%s", path, inner.text);
    yw_buf_free(&text);
    if (!code && yw_influent_end(out) < YW_BENCHMARK_DAYS - 0.1) {
        code = yw_fail(err, YW_E_RANGE, "%s ends at day %.2f; the benchmark needs %d days", path,
                       yw_influent_end(out), YW_BENCHMARK_DAYS);
        yw_influent_free(out);
    }
    return code;
}

static enum yw_code load_named(const struct wish *w, const char *name, struct yw_influent *out,
                               struct yw_error *err) {
    char path[1200];
    enum yw_code code = find_influent(w, name, path, sizeof path, err);
    return code ? code : load_file(path, out, err);
}

/* ---- steady state ---- */

static void line(const char *place, const char *state, double value) {
    printf("%s,%s,%.10g\n", place, state, value);
}

static void print_places(const struct yw_benchmark *b) {
    static const char *const places[YW_BSM1_PLACES] = {"R1", "R2", "R3", "R4", "R5", "underflow", "effluent"};
    const struct yw_asm1 *p = &b->works.asm1;
    double x[YW_ASM_N];
    for (int i = 0; i < YW_BSM1_PLACES; i++) {
        yw_bsm1_place(b->y, i, x);
        for (int k = 0; k < YW_ASM_N; k++) line(places[i], state_names[k], x[k]);
        line(places[i], "TSS", yw_asm1_tss(x));
    }
    line("effluent", "TKN", yw_asm1_tkn(p, x));
    line("effluent", "TN", yw_asm1_tkn(p, x) + x[YW_ASM_SNO]);
    line("effluent", "COD", yw_asm1_cod(x));
    line("effluent", "BOD5", yw_asm1_bod5(p, x, 0.25));
    line("effluent", "Qe", b->works.inflow[YW_INFLOW_Q] - b->works.qw);
}

static int print_steady(const struct yw_benchmark *b) {
    struct yw_bsm1_acting a = yw_bsm1_act(&b->works, 0, b->y);
    printf("place,state,value\n");
    print_places(b);
    for (int j = 0; j < YW_SETTLER_LAYERS; j++) {
        char place[16];
        snprintf(place, sizeof place, "layer%d", j + 1);
        line(place, "TSS", b->y[YW_BSM1_TSS + j]);
        for (int k = 0; k < YW_BSM1_SOLUBLE; k++)
            line(place, state_names[yw_bsm1_soluble[k]], b->y[YW_BSM1_DISSOLVED + j * YW_BSM1_SOLUBLE + k]);
    }
    if (b->works.loop != YW_BSM1_OPEN) {
        line("R5", "KLa", a.kla5);
        line("R1", "Qint", a.qint);
    }
    return 0;
}

/* ---- a week's performance ---- */

static int print_performance(struct yw_benchmark *b) {
    struct yw_score_quantity q[YW_SCORE_QUANTITIES];
    yw_score_end(&b->score, &b->works, b->y, q);
    printf("{\n");
    for (int i = 0; i < YW_SCORE_QUANTITIES; i++)
        printf("  \"%s\": %.10g%s\n", q[i].name, q[i].value, i + 1 < YW_SCORE_QUANTITIES ? "," : "");
    printf("}\n");
    return 0;
}

static bool named(const char *influent) {
    return strcmp(influent, "dry") == 0 || strcmp(influent, "rain") == 0 || strcmp(influent, "storm") == 0;
}

/* The dry weather before: of the benchmark where it lies in --data or beside the file, else the file itself.
 */
static enum yw_code load_before(const struct wish *w, const struct yw_influent *influent,
                                struct yw_influent *out, struct yw_error *err) {
    char folder[1024], path[1200];
    *out = *influent;
    if (strcmp(w->influent, "dry") == 0) return YW_OK;
    if (named(w->influent)) return load_named(w, "dry", out, err);
    if (w->data) return there(path, sizeof path, w->data, "/", "dry") ? load_file(path, out, err) : YW_OK;
    const char *slash = strrchr(w->influent, '/');
    if (!yw_copy(folder, sizeof folder, w->influent, slash ? (size_t)(slash + 1 - w->influent) : 0))
        return YW_OK;
    return there(path, sizeof path, folder, "", "dry") ? load_file(path, out, err) : YW_OK;
}

static int dynamic(const struct wish *w, struct yw_benchmark *b) {
    struct yw_error err;
    struct yw_influent before = {.n = 0}, influent;
    enum yw_code code = named(w->influent) ? load_named(w, w->influent, &influent, &err)
                                           : load_file(w->influent, &influent, &err);
    if (code) return fail(&err);
    code = load_before(w, &influent, &before, &err);
    if (!code) code = yw_benchmark_settle(b, &err);
    if (!code) code = yw_benchmark_run(b, &before, &err);
    if (!code) code = yw_benchmark_run(b, &influent, &err);
    if (before.rows != influent.rows) yw_influent_free(&before);
    yw_influent_free(&influent);
    return code ? fail(&err) : print_performance(b);
}

static bool loop_of(const char *name, enum yw_bsm1_loop *out) {
    static const char *const names[] = {"open", "ideal", "sensors"};
    for (size_t i = 0; i < YW_COUNT(names); i++)
        if (strcmp(name, names[i]) == 0) {
            *out = (enum yw_bsm1_loop)i;
            return true;
        }
    return false;
}

int yw_bsm1_command(int argc, char **argv) {
    struct wish w = {.influent = "constant", .loop = "open", .seed = 1};
    const struct yw_opt opts[] = {
        {"influent", YW_OPT_TEXT, &w.influent, "constant|dry|rain|storm|FILE",
         "what comes in (default constant)"},
        {"loop", YW_OPT_TEXT, &w.loop, "open|ideal|sensors",
         "controllers: none, with perfect or with noisy, slow sensors (default open)"},
        {"rtol", YW_OPT_TEXT, &w.rtol, "X",
         "relative tolerance of the dynamics (default 1e-6, with sensors 1e-5)"},
        {"data", YW_OPT_TEXT, &w.data, "FOLDER", "where influent_dry.csv and its like lie"},
        {"seed", YW_OPT_U32, &w.seed, "N", "of the sensors' noise (default 1)"},
    };
    const struct yw_command cmd = {"yanwu plant bsm1",
                                   "[OPTION...]",
                                   "The benchmark simulation model no. 1.",
                                   more,
                                   opts,
                                   YW_COUNT(opts),
                                   0,
                                   0};
    int count;
    enum yw_bsm1_loop loop;
    struct yw_error err;
    if (yw_options(&cmd, argc, argv, &count)) return 2;
    if (!loop_of(w.loop, &loop)) return usage("--loop takes open, ideal or sensors");
    double rtol = loop == YW_BSM1_SENSORS ? 1e-5 : 1e-6;
    if (w.rtol && (!yw_parse_f64(w.rtol, strlen(w.rtol), &rtol) || rtol < 1e-10 || rtol > 1e-3))
        return usage("--rtol takes a number of 1e-10 to 1e-3");
    bool constant = strcmp(w.influent, "constant") == 0;
    if (constant && loop == YW_BSM1_SENSORS)
        return usage("noisy sensors have no steady state; take open or ideal");
    struct yw_benchmark *b = malloc(sizeof *b);
    if (!b) return usage("out of memory");
    int result;
    if (yw_benchmark_open(loop, rtol, w.seed, b, &err))
        result = fail(&err);
    else if (!constant)
        result = dynamic(&w, b);
    else
        result = yw_benchmark_settle(b, &err) ? fail(&err) : print_steady(b);
    yw_benchmark_close(b);
    free(b);
    return result;
}
