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
    if (b->rows && b->values && b->text && b->waiting) return b;
    yw_batch_destroy(b);
    return NULL;
}

void yw_batch_destroy(struct yw_batch *b) {
    if (!b) return;
    free(b->rows);
    free(b->values);
    free(b->text);
    free(b->waiting);
    free(b);
}

void yw_batch_clear(struct yw_batch *b) {
    b->rows_n = b->values_n = b->text_n = b->waiting_n = b->checkpoints_n = 0;
    b->packets = 0;
    b->first_arrival = 0;
}

bool yw_batch_is_empty(const struct yw_batch *b) {
    return b->packets == 0;
}

bool yw_batch_is_full(const struct yw_batch *b) {
    return b->rows_n == YW_BATCH_ROWS || b->waiting_n == YW_BATCH_WAITING ||
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
    if (code == YW_OK) code = backend->commit(store, b->checkpoints, b->checkpoints_n, err);
    if (code == YW_OK)
        *refused += not_kept;
    else
        backend->rollback(store);
    return code;
}
