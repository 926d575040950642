/* What factor codes mean, read from share/hj212. */
#include "web/factor_names.h"

#include <stdlib.h>
#include <string.h>

enum { FACTORS_MAX = 4000, FACTORS_BYTES_MAX = 4 << 20 };

static int order_factor(const void *a, const void *b) {
    return strcmp(((const struct yw_factor_name *)a)->code, ((const struct yw_factor_name *)b)->code);
}

static int column(const char *const *fields, size_t n, const char *name) {
    for (size_t i = 0; i < n; i++) {
        if (strcmp(fields[i], name) == 0) return (int)i;
    }
    return -1;
}

static enum yw_code read_factors(struct yw_csv *csv, struct yw_factor_names *f, struct yw_error *err) {
    static const char *const names[] = {"code", "name_zh", "name_en", "unit", "medium", "code_2005"};
    enum { LAST_NEEDED = 4 }; /* of pollutants alone the rest is known */
    int at[YW_COUNT(names)];
    const char *const *fields;
    size_t n;
    enum yw_code code = yw_csv_row(csv, &fields, &n, err);
    for (size_t i = 0; i < YW_COUNT(names) && code == YW_OK; i++) {
        at[i] = column(fields, n, names[i]);
        if (at[i] < 0 && i < LAST_NEEDED)
            code = yw_fail(err, YW_E_FORMAT, "the column %s is missing", names[i]);
    }
    while (code == YW_OK && (code = yw_csv_row(csv, &fields, &n, err)) == YW_OK && f->n + 2 <= FACTORS_MAX) {
        const char *v[YW_COUNT(names)];
        for (size_t i = 0; i < YW_COUNT(names); i++)
            v[i] = at[i] >= 0 && (size_t)at[i] < n ? fields[at[i]] : "";
        /* A factor stands under its present code and, where there is one, its code of 2005. */
        for (int old = 0; old < 2; old++) {
            const char *key = v[old ? 5 : 0];
            struct yw_factor_name *to = &f->at[f->n];
            memset(to, 0, sizeof *to);
            if (key[0] == '\0' || !yw_copy(to->code, sizeof to->code, key, strlen(key))) continue;
            yw_copy(to->name_zh, sizeof to->name_zh, v[1], strlen(v[1]));
            yw_copy(to->name_en, sizeof to->name_en, v[2], strlen(v[2]));
            yw_copy(to->unit, sizeof to->unit, v[3], strlen(v[3]));
            yw_copy(to->medium, sizeof to->medium, v[4], strlen(v[4]));
            f->n++;
        }
    }
    return code == YW_E_END ? YW_OK : code;
}

enum yw_code yw_factor_names_load(struct yw_factor_names *f, const char *share, struct yw_error *err) {
    char path[4096];
    struct yw_buf file;
    yw_buf_init(&file, FACTORS_BYTES_MAX);
    enum yw_code code = yw_share_path(share, path, sizeof path, err);
    if (code == YW_OK) code = yw_file_read(path, FACTORS_BYTES_MAX, &file, err);
    struct yw_csv *csv =
        code == YW_OK ? yw_csv_open(file.data != NULL ? file.data : "", file.len, err) : NULL;
    f->at = calloc(FACTORS_MAX, sizeof *f->at);
    if (code == YW_OK && f->at == NULL) code = yw_fail(err, YW_E_NOMEM, "out of memory");
    if (code == YW_OK) code = csv == NULL ? YW_E_FORMAT : read_factors(csv, f, err);
    if (code == YW_OK) qsort(f->at, f->n, sizeof *f->at, order_factor);
    yw_csv_close(csv);
    yw_buf_free(&file);
    return code;
}

void yw_factor_names_free(struct yw_factor_names *f) {
    free(f->at);
    f->at = NULL;
}

const struct yw_factor_name *yw_factor_name(const struct yw_factor_names *f, const char *code) {
    struct yw_factor_name key = {0};
    if (!yw_copy(key.code, sizeof key.code, code, strlen(code)) || f->n == 0) return NULL;
    return bsearch(&key, f->at, f->n, sizeof key, order_factor);
}
