/* influent: reading and looking up. */
#include "plant/works/influent.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const columns[1 + YW_INFLOW_N] = {"t_d", "SI",  "SS",  "XI",  "XS",  "XBH",  "XBA",  "XP",
                                                     "SO",  "SNO", "SNH", "SND", "XND", "SALK", "Q_m3d"};

static enum yw_code read_header(struct yw_csv *csv, int at[1 + YW_INFLOW_N], struct yw_error *err) {
    const char *const *fields;
    size_t count;
    enum yw_code code = yw_csv_row(csv, &fields, &count, err);
    if (code == YW_E_END) return yw_fail(err, YW_E_FORMAT, "the influent is empty");
    if (code) return code;
    for (int k = 0; k < 1 + YW_INFLOW_N; k++) {
        at[k] = -1;
        for (size_t i = 0; i < count; i++)
            if (strcmp(fields[i], columns[k]) == 0) at[k] = (int)i;
        if (at[k] < 0 && k > 0)
            return yw_fail(
                err, YW_E_FORMAT,
                "1: the influent has no column %s; it needs t_d, SI, SS, XI, XS, XBH, XBA, XP, SO, SNO, "
                "SNH, SND, XND, SALK and Q_m3d",
                columns[k]);
    }
    return YW_OK;
}

static enum yw_code read_row(const struct yw_csv *csv, const char *const *fields, size_t count,
                             const int at[1 + YW_INFLOW_N], double row[1 + YW_INFLOW_N],
                             struct yw_error *err) {
    for (int k = 0; k < 1 + YW_INFLOW_N; k++) {
        row[k] = 0;
        if (at[k] < 0) continue;
        bool there = (size_t)at[k] < count;
        if (!there || !yw_parse_f64(fields[at[k]], strlen(fields[at[k]]), &row[k]) || row[k] < 0 ||
            row[k] > 1e7)
            return yw_fail(err, YW_E_FORMAT, "%zu: %s is no number of 0 to 1e7", yw_csv_line(csv),
                           columns[k]);
    }
    if (row[1 + YW_INFLOW_Q] <= 385)
        return yw_fail(err, YW_E_RANGE, "%zu: Q_m3d must be over the 385 m3/d of waste sludge",
                       yw_csv_line(csv));
    return YW_OK;
}

static enum yw_code read_rows(struct yw_csv *csv, struct yw_influent *out, struct yw_error *err) {
    int at[1 + YW_INFLOW_N];
    const char *const *fields;
    size_t count, room = 0;
    enum yw_code code = read_header(csv, at, err);
    if (code) return code;
    while (!(code = yw_csv_row(csv, &fields, &count, err))) {
        if (out->n == YW_INFLUENT_ROWS_MAX)
            return yw_fail(err, YW_E_LIMIT, "the influent has more than %d rows", YW_INFLUENT_ROWS_MAX);
        if (out->n == room) {
            room = room ? 2 * room : 1500;
            void *more = realloc(out->rows, room * sizeof *out->rows);
            if (!more) return yw_fail(err, YW_E_NOMEM, "no memory for the influent");
            out->rows = more;
        }
        if ((code = read_row(csv, fields, count, at, out->rows[out->n], err))) return code;
        if (out->n && (at[0] < 0 || out->rows[out->n][0] <= out->rows[out->n - 1][0]))
            return yw_fail(err, YW_E_FORMAT, "%zu: t_d must grow from row to row", yw_csv_line(csv));
        out->n++;
    }
    if (code != YW_E_END) return code;
    return out->n ? YW_OK : yw_fail(err, YW_E_FORMAT, "the influent has no rows");
}

enum yw_code yw_influent_parse(const char *text, size_t n, struct yw_influent *out, struct yw_error *err) {
    *out = (struct yw_influent){.n = 0};
    struct yw_csv *csv = yw_csv_open(text, n, err);
    if (!csv) return err ? err->code : YW_E_NOMEM;
    enum yw_code code = read_rows(csv, out, err);
    yw_csv_close(csv);
    if (code) yw_influent_free(out);
    return code;
}

void yw_influent_free(struct yw_influent *f) {
    free(f->rows);
    *f = (struct yw_influent){.n = 0};
}

double yw_influent_end(const struct yw_influent *f) {
    return f->n == 1 ? INFINITY : f->rows[f->n - 1][0];
}

void yw_influent_at(const struct yw_influent *f, double t, double inflow[YW_INFLOW_N]) {
    size_t low = 0, high = f->n - 1;
    while (low < high) { /* the last row that is not behind t */
        size_t middle = (low + high + 1) / 2;
        if (f->rows[middle][0] <= t)
            low = middle;
        else
            high = middle - 1;
    }
    const double *a = f->rows[low], *b = low + 1 < f->n ? f->rows[low + 1] : a;
    double part = b != a && t > a[0] ? (t - a[0]) / (b[0] - a[0]) : 0;
    for (int k = 0; k < YW_INFLOW_N; k++) inflow[k] = a[1 + k] + part * (b[1 + k] - a[1 + k]);
}
