/* stored: asks the store itself, read-only, beside the writing pipeline. */
#include "stored.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipeline/pipeline.h"
#include "store/store.h"

static enum yw_code open_store(const struct platform *p, struct yw_store **out, struct yw_error *err) {
    char place[640];
    snprintf(place, sizeof place, "%s/series", p->data);
    return yw_store_sqlite.open(place, true, out, err);
}

void stored_progress(const struct platform *p, struct stored_progress *out) {
    const struct yw_pipeline_live *live = yw_pipeline_live_open(p->data, NULL);
    *out = (struct stored_progress){.packets = live ? live->counter[YW_PL_ROWS] : 0};
    if (live) yw_pipeline_live_close(live);
}

/* True once the checkpoint of every packet journal is where its gateway has committed. */
static enum yw_code caught_up(const struct platform *p, struct yw_store *s, bool *yes, struct yw_error *err) {
    *yes = true;
    for (uint32_t w = 0; w < p->workers; w++) {
        char path[640];
        snprintf(path, sizeof path, "%s/journal/p%u", p->data, w);
        const struct yw_live *live = yw_live_open(path, err);
        if (!live) return YW_E_NOT_FOUND;
        uint64_t position = 0, committed = live->committed;
        yw_live_close(live);
        enum yw_code code = yw_store_sqlite.checkpoint(s, (uint16_t)w, &position, err);
        if (code) return code;
        if (position < committed) *yes = false;
    }
    return YW_OK;
}

enum yw_code stored_wait(const struct platform *p, uint64_t packets, int64_t most_us, struct yw_error *err) {
    int64_t until = yw_monotonic() + most_us;
    YW_UNUSED(packets);
    for (bool yes = false; yw_monotonic() < until; usleep(20000)) {
        struct yw_store *s;
        enum yw_code code = open_store(p, &s, err);
        if (!code) code = caught_up(p, s, &yes, err);
        if (!code) yw_store_sqlite.close(s);
        if (code || yes) return code;
    }
    return yw_fail(err, YW_E_STATE, "the pipeline did not catch up within %lld s",
                   (long long)(most_us / YW_SECOND));
}

static bool count_row(void *arg, const struct yw_row *row) {
    *(uint64_t *)arg += row->copies;
    return true;
}

enum yw_code stored_count(const struct platform *p, uint32_t outlet, uint64_t *rows, struct yw_error *err) {
    struct yw_store *s;
    enum yw_code code = open_store(p, &s, err);
    *rows = 0;
    if (code) return code;
    code = yw_store_sqlite.rows(s, outlet, YW_KIND_MINUTE, 0, INT64_MAX / 2, count_row, rows, err);
    yw_store_sqlite.close(s);
    return code;
}
