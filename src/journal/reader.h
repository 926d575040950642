/* reader: what sealing and verifying need of a reader beyond journal.h. Internal to journal/. */
#ifndef YW_JOURNAL_READER_H
#define YW_JOURNAL_READER_H

#include "journal/journal.h"

/* The bytes of the record that yw_reader_next gave last, as they lie in the journal; valid as long as its
 * payload. */
const uint8_t *yw_reader_raw(const struct yw_reader *r, uint64_t *bytes);

#endif
