/* Any bytes as an influent of the benchmark works: what is accepted is finite, ascending, and found again at
 * its marks. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "plant/works/influent.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t n) {
    struct yw_influent f;
    struct yw_error err;
    double in[YW_INFLOW_N];
    if (yw_influent_parse((const char *)bytes, n, &f, &err)) return 0;
    if (f.n == 0 || f.n > YW_INFLUENT_ROWS_MAX) abort();
    for (size_t i = 0; i < f.n; i++) {
        yw_influent_at(&f, f.rows[i][0], in);
        for (int k = 0; k < YW_INFLOW_N; k++)
            if (!isfinite(in[k]) || in[k] < 0 || in[k] > f.rows[i][1 + k] || in[k] < f.rows[i][1 + k])
                abort();
        yw_influent_at(&f, f.rows[i][0] + 0.005, in);
        for (int k = 0; k < YW_INFLOW_N; k++)
            if (!isfinite(in[k])) abort();
    }
    yw_influent_free(&f);
    return 0;
}
