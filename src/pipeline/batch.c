#include "pipeline/batch.h"

#include <stdlib.h>
#include <string.h>

enum { TEXT_OF_A_ROW = YW_VALUES_MAX * YW_TEXT_MAX }; /* more than any row can have */

struct yw_batch *yw_batch_create(void) {
    struct yw_batch *b = calloc(1, sizeof *b);
    if (!b) return NULL;
    b->rows = malloc(YW_BATCH_ROWS * sizeof *b->rows);
    b->values = malloc(YW_BATCH_VALUES * sizeof *b->values);
    b->text = malloc(YW_BATCH_TEXT);
    b->waiting = malloc(YW_BATCH_WAITING * sizeof *b->waiting);
    b->asked = malloc(YW_BATCH_ASKED * sizeof *b->asked);
    yw_tally_init(&b->tally, YW_BATCH_TALLY);
    if (b->rows && b->values && b->text && b->waiting && b->asked) return b;
    yw_batch_destroy(b);
    return NULL;
}

void yw_batch_destroy(struct yw_batch *b) {
    if (!b) return;
    free(b->rows);
    free(b->values);
    free(b->text);
    free(b->waiting);
    free(b->asked);
    yw_tally_free(&b->tally);
    free(b);
}

void yw_batch_clear(struct yw_batch *b) {
    b->rows_n = b->values_n = b->text_n = b->waiting_n = b->checkpoints_n = b->asked_n = b->starts_n = 0;
    yw_tally_clear(&b->tally);
    b->packets = 0;
    b->first_arrival = 0;
}

bool yw_batch_is_empty(const struct yw_batch *b) {
    return b->packets == 0;
}

bool yw_batch_is_full(const struct yw_batch *b) {
    return b->rows_n == YW_BATCH_ROWS || b->waiting_n == YW_BATCH_WAITING || b->asked_n == YW_BATCH_ASKED ||
           b->starts_n == YW_BATCH_STARTS || yw_tally_length(&b->tally) >= YW_BATCH_TALLY ||
           YW_BATCH_VALUES - b->values_n < YW_VALUES_MAX || YW_BATCH_TEXT - b->text_n < TEXT_OF_A_ROW;
}

void yw_batch_row(struct yw_batch *b, const struct yw_row *row) {
    struct yw_value *values = b->values + b->values_n;
    memcpy(values, row->values, row->count * sizeof *values);
    for (size_t i = 0; i < row->count; i++) {
        if (!values[i].is_text) continue;
        char *text = b->text + b->text_n;
        if (values[i].text_n > 0) memcpy(text, values[i].text, values[i].text_n);
        b->text_n += values[i].text_n;
        values[i].text = text;
    }
    b->rows[b->rows_n] = *row;
    b->rows[b->rows_n++].values = values;
    b->values_n += row->count;
}

void yw_batch_asked(struct yw_batch *b, const struct yw_asked *a) {
    b->asked[b->asked_n++] = *a;
}

void yw_batch_start(struct yw_batch *b, const struct yw_source *s) {
    b->starts[b->starts_n++] = *s;
}

void yw_batch_waiting(struct yw_batch *b, const struct yw_waiting *w) {
    b->waiting[b->waiting_n++] = *w;
}

void yw_batch_reached(struct yw_batch *b, uint16_t journal, uint64_t position) {
    for (size_t i = 0; i < b->checkpoints_n; i++) {
        if (b->checkpoints[i].journal == journal) {
            b->checkpoints[i].position = position;
            return;
        }
    }
    b->checkpoints[b->checkpoints_n++] = (struct yw_checkpoint){journal, position};
}

static enum yw_code put_tally(const struct yw_tally *t, const struct yw_store_backend *backend,
                              struct yw_store *store, struct yw_error *err) {
    const struct yw_device_fact *facts = t->facts.items;
    const struct yw_device_day *days = t->days.items;
    const struct yw_device_link *links = t->links.items;
    const struct yw_notice *notices = t->notices.items;
    enum yw_code code = YW_OK;
    for (size_t i = 0; code == YW_OK && i < t->facts.n; i++) code = backend->put_fact(store, &facts[i], err);
    for (size_t i = 0; code == YW_OK && i < t->days.n; i++) code = backend->put_clock(store, &days[i], err);
    for (size_t i = 0; code == YW_OK && i < t->links.n; i++) code = backend->put_link(store, &links[i], err);
    for (size_t i = 0; code == YW_OK && i < t->notices.n; i++)
        code = backend->put_notice(store, &notices[i], err);
    return code;
}

enum yw_code yw_batch_commit(const struct yw_batch *b, const struct yw_store_backend *backend,
                             struct yw_store *store, uint64_t *refused, struct yw_error *err) {
    uint64_t not_kept = 0;
    enum yw_code code = backend->begin(store, err);
    if (code != YW_OK) return code;
    for (size_t i = 0; code == YW_OK && i < b->rows_n; i++) {
        code = backend->put(store, &b->rows[i], err);
        if (code == YW_E_RANGE || code == YW_E_LIMIT) {
            not_kept++;
            code = YW_OK;
        }
    }
    for (size_t i = 0; code == YW_OK && i < b->waiting_n; i++)
        code = backend->put_waiting(store, &b->waiting[i], err);
    for (size_t i = 0; code == YW_OK && i < b->starts_n; i++)
        code = backend->put_start(store, &b->starts[i], err);
    for (size_t i = 0; code == YW_OK && i < b->asked_n; i++)
        code = backend->put_command(store, &b->asked[i], err);
    if (code == YW_OK) code = put_tally(&b->tally, backend, store, err);
    if (code == YW_OK) code = backend->commit(store, b->checkpoints, b->checkpoints_n, err);
    if (code == YW_OK)
        *refused += not_kept;
    else
        backend->rollback(store);
    return code;
}
