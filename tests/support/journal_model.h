/* journal_model: what tests remember about the records they gave to a journal. A record's payload is made
 * from its serial number alone, so that every record read can be checked to the last byte. */
#ifndef YW_JOURNAL_MODEL_H
#define YW_JOURNAL_MODEL_H

#include "journal/journal.h"

struct model_entry {
    uint64_t position;
    bool done; /* the journal said that it is durable */
};
struct model {
    struct model_entry *entries; /* by serial number */
    uint32_t count, cap;
    uint32_t fixed; /* length of every payload; 0: they differ */
    uint8_t payload[(1 << 16) + 8];
};

void model_init(struct model *m);
void model_free(struct model *m);
/* Appends the record with the next serial number. */
enum yw_code model_append(struct model *m, struct yw_journal *j, int64_t arrival, struct yw_error *err);
/* The record with a given serial number: payload in m->payload. */
uint32_t model_payload(struct model *m, uint32_t serial);
/* Marks all entries whose position lies before `committed` and that were not given up. */
void model_done(struct model *m, uint32_t from_serial, uint32_t to_serial);
/* The serial of a record that was read; aborts the test if it is no record that was ever appended at its
 * position. */
uint32_t model_check(struct model *m, const struct yw_record *r);
/* Reads everything, checks every record, order of serials and arrival, and that nothing `done` is missing.
 * Returns the number of records. */
uint32_t model_check_all(struct model *m, struct yw_reader *reader);

#endif
