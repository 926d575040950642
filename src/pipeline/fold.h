/* fold: one journalled packet -> one row for the store, or one tally of an unknown device. Pure. */
#ifndef YW_PIPELINE_FOLD_H
#define YW_PIPELINE_FOLD_H

#include "pipeline/pipeline.h"

enum yw_fold {
    YW_FOLD_NOTHING, /* an answer, an event, garbage: nothing for the store */
    YW_FOLD_ROW,
    YW_FOLD_WAITING,
    YW_FOLD_NOT_DATA,  /* an admitted device's packet that carries no data */
    YW_FOLD_UNREADABLE /* an admitted device's packet that cannot be read, or has no data time */
};

/* Kind of the data that a command uploads, 0: none. */
enum yw_kind yw_fold_kind(unsigned command);

/* What is taken out of a packet lies here: values, and texts that had to be converted. */
struct yw_folded {
    struct yw_row row;
    struct yw_waiting waiting;
    struct yw_value *values; /* room for YW_VALUES_MAX, given by the caller */
    char *text;              /* room for text_size bytes, given by the caller */
    size_t text_size, text_n;
};
/* What a record is to the store. Texts point into the record's payload or out->text. row.outlet is left 0:
 * whose the device was is the register's to say. */
enum yw_fold yw_fold_record(const struct yw_record *record, uint16_t journal, struct yw_folded *out);

#endif
